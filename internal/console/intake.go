package console

import (
	"cmp"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/intake"
	"tocsin/paging"
	"tocsin/view"
)

type intakePage struct {
	Page
	Key   string
	Draft string
	Typed url.Values
	Fault map[string]string
	Error *formError
}

func (c *Console) intake(v *visit) error {
	c.render(v, http.StatusOK, "intake", intakePage{Page: c.head(v, "nav.intake"), Key: newKey(), Draft: string(v.by.ID) + "/intake", Typed: url.Values{}, Fault: map[string]string{}})
	return nil
}

// handIn takes a report: a file if one was given, else what was typed.
func (c *Console) handIn(v *visit) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, c.cfg.Upload+maxForm)
	if err := v.r.ParseMultipartForm(4 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return tocsin.Fault(tocsin.TooLarge, "form", v.say.t("error.upload"), v.say.t("error.upload.do", c.cfg.Upload>>20))
	}
	if v.r.MultipartForm != nil {
		defer v.r.MultipartForm.RemoveAll()
	}
	p := &posted{Values: v.r.PostForm, c: c, say: v.say, faults: map[string]string{}}
	sub, err := submission(v, p)
	if err != nil {
		return err
	}
	if len(p.faults) > 0 {
		return c.handInAgain(v, p, &formError{What: v.say.t("error.fields"), Kept: v.say.t("error.typed_kept"), Do: v.say.t("error.fields.do")}, http.StatusUnprocessableEntity)
	}
	o := engine.Options{}
	if key := p.Get("key"); key != "" && len(key) <= 100 {
		o.Idempotency = "console/report/" + key + "/" + string(tocsin.DigestOf(sub.Bytes))
	}
	rec, err := c.cfg.Engine.Receive(v.ctx(), v.by, sub, o)
	if err != nil {
		return c.handInAgain(v, p, errorOf(v, err), statusOf(tocsin.KindOf(err)))
	}
	note := "report"
	if rec.Reposted {
		note = "report_again"
	}
	c.flash(v, note, engine.Result{})
	if !v.by.Has(roles(caseRoles, tocsin.Reporter)...) {
		http.Redirect(v.w, v.r, "/intake", http.StatusSeeOther)
		return nil
	}
	http.Redirect(v.w, v.r, "/reports/"+string(rec.Report.ID), http.StatusSeeOther)
	return nil
}

func (c *Console) handInAgain(v *visit, p *posted, told *formError, status int) error {
	c.render(v, status, "intake", intakePage{Page: c.head(v, "nav.intake"), Key: cmp.Or(p.Get("key"), newKey()), Draft: string(v.by.ID) + "/intake", Typed: p.Values, Fault: p.faults, Error: told})
	return nil
}

// errorOf is an error as it stands at a form.
func errorOf(v *visit, err error) *formError {
	var told *tocsin.Error
	if errors.As(err, &told) {
		return &formError{What: told.What, Kept: cmp.Or(told.Kept, v.say.t("error.typed_kept")), Do: told.Do, Core: true}
	}
	return &formError{What: v.say.t("error.fault"), Kept: v.say.t("error.typed_kept"), Do: v.say.t("error.fault.do")}
}

func submission(v *visit, p *posted) (engine.Submission, error) {
	sub := engine.Submission{Media: "text/plain; charset=utf-8", Bytes: []byte(p.text("text"))}
	file, head, err := v.r.FormFile("file")
	if err == nil {
		defer file.Close()
		if sub.Bytes, err = read(file, head); err != nil {
			return sub, err
		}
		if len(sub.Bytes) > 0 {
			sub.Media = mediaOf(head)
		}
	}
	if len(sub.Bytes) == 0 {
		p.faults["text"] = v.say.t("fault.nothing_to_take")
	}
	sub.Declared = intake.Declared{Subject: p.word("subject_line"), Origin: p.word("origin"), Conveyor: p.word("conveyor"), Marking: p.word("report_marking"),
		Originator: p.word("originator"), Controlled: p.has("controlled"), Occurred: p.moment("occurred"), Language: p.word("language")}
	if s, i := p.word("grade_source"), p.word("grade_info"); s != "" || i != "" {
		sub.Declared.Grading = tocsin.Grading{Scheme: "admiralty", Source: s, Information: i}
	}
	if sub.Declared.Occurred.After(v.now) {
		p.faults["occurred"] = v.say.t("fault.future")
	}
	return sub, nil
}

func read(file multipart.File, head *multipart.FileHeader) ([]byte, error) {
	b := make([]byte, head.Size)
	_, err := io.ReadFull(file, b)
	return b, err
}

// mediaOf is the media type that the browser names. What it does not know it
// calls a stream of bytes; then the bytes speak for themselves.
func mediaOf(head *multipart.FileHeader) string {
	if m := head.Header.Get("Content-Type"); m != "application/octet-stream" {
		return m
	}
	return ""
}

type reportsPage struct {
	Page
	Items []unread
	Held  []tocsin.Quarantined
	More  int
	Own   bool
}

// listed bounds a list of reports.
const listed = 200

func (c *Console) reports(v *visit) error {
	p := reportsPage{Page: c.head(v, "nav.reports"), Own: !v.by.Has(caseRoles...)}
	p.Live = true
	var all []view.Report
	c.seen(v, func(x *view.Index) {
		for _, id := range slices.Backward(x.Order) {
			all = append(all, *x.Reports[id])
		}
		for _, q := range slices.Backward(x.Quarantine) {
			if !p.Own || q.By == v.by.ID {
				p.Held = append(p.Held, q)
			}
		}
	})
	for _, r := range all {
		if p.Own && r.By != v.by.ID {
			continue
		}
		if len(p.Items) == listed {
			p.More++
			continue
		}
		n := unread{Report: r, Opening: opening(r.Report, 140)}
		c.cfg.Engine.Read(func(x *view.Index) { n.Looks, n.Flags = slices.Clone(x.Looks[r.ID]), slices.Clone(x.Flags[r.ID]) })
		p.Items = append(p.Items, n)
	}
	c.render(v, http.StatusOK, "reports", p)
	return nil
}

type reportPage struct {
	Page
	Report  view.Report
	Heading string // in words
	Parts   []passage
	Looks   []view.Look
	Own     bool // a reporter sees the receipt, and no more
	Packs   []option
	MayOpen bool
	Title2  string
	Key     string
	Error   *formError
	Cases   []casefile.State
	Flags   []view.Flag
	MayFlag bool
	Paged   []pageView // who was paged because nobody had read it
	Why     string     // typed for a flag
	Read    time.Time  // when somebody of the watch first looked, for the reporter
}

// flag records that a reader sees a possible duty to warn in somebody's report.
func (c *Console) flag(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	id := tocsin.ReportID(v.r.PathValue("id"))
	if _, err := c.cfg.Engine.ReportAs(v.by, id); err != nil {
		return notFound(v, "error.no_report")
	}
	p := &posted{Values: v.r.PostForm, say: v.say, faults: map[string]string{}}
	why := p.must("why")
	if len(p.faults) > 0 || len(why) > engine.MaxWhy {
		return c.showReport(v, id, &returned{kind: "flag", typed: v.r.PostForm, status: http.StatusUnprocessableEntity,
			err: &formError{What: v.say.t("error.fields"), Kept: v.say.t("error.typed_kept"), Do: v.say.t("flag.hint")}})
	}
	o := engine.Options{}
	if key := p.Get("key"); key != "" && len(key) <= 100 {
		o.Idempotency = "console/flag/" + key + "/" + string(tocsin.DigestOf([]byte(string(id)+"\x00"+why)))
	}
	if _, _, err := c.cfg.Engine.Flag(v.ctx(), v.by, id, why, o); err != nil {
		return c.showReport(v, id, &returned{kind: "flag", typed: v.r.PostForm, err: errorOf(v, err), status: statusOf(tocsin.KindOf(err))})
	}
	c.flash(v, "flag", engine.Result{})
	http.Redirect(v.w, v.r, "/reports/"+string(id), http.StatusSeeOther)
	return nil
}

// looked records that v looks at reports. They can be read although that fails.
func (c *Console) looked(v *visit, ids ...tocsin.ReportID) {
	if err := c.cfg.Engine.Look(v.ctx(), v.by, ids...); err != nil {
		c.cfg.Log.Error("that somebody looked at a report could not be recorded", "error", err)
	}
}

func (c *Console) report(v *visit) error {
	return c.showReport(v, tocsin.ReportID(v.r.PathValue("id")), nil)
}

func (c *Console) showReport(v *visit, id tocsin.ReportID, back *returned) error {
	var rep view.Report
	found := false
	c.seen(v, func(x *view.Index) {
		if r, ok := x.Reports[id]; ok {
			rep, found = *r, true
		}
	})
	if !found {
		return notFound(v, "error.no_report")
	}
	p := reportPage{Page: c.head(v, ""), Report: rep, Own: !v.by.Has(caseRoles...), Key: newKey()}
	// The name of a page stays behind in the browser; the words of a report must not.
	p.Title, p.Heading, p.Here = string(rep.ID), heading(rep.Report), "/reports"
	if p.Own {
		if rep.By != v.by.ID {
			return notFound(v, "error.no_report")
		}
		p.Report.Cases, p.Report.RepeatOf, p.Report.Reposts = nil, "", 0 // what others made of it
		c.cfg.Engine.Read(func(x *view.Index) {
			for _, l := range x.Looks[id] {
				if l.By != v.by.ID && (p.Read.IsZero() || l.At.Before(p.Read)) {
					p.Read = l.At
				}
			}
		})
	} else {
		if err := c.cfg.Engine.ReadReport(v.ctx(), v.by, id); err != nil {
			return err
		}
		c.looked(v, id)
		c.cfg.Engine.Read(func(x *view.Index) { p.Looks, p.Flags = slices.Clone(x.Looks[id]), slices.Clone(x.Flags[id]) })
		p.Paged = c.pagesAbout(v, func(q paging.Page) bool { return q.Report == id })
		p.MayFlag = len(rep.Cases) == 0 && !v.by.Has(tocsin.Inspector)
		for _, k := range rep.Cases {
			if s, err := c.cfg.Engine.CaseAs(v.by, k); err == nil {
				p.Cases = append(p.Cases, s)
			}
		}
	}
	p.Parts = cut(rep.Text, nil)
	p.MayOpen = v.by.Has(tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer)
	p.Packs = c.packOptions()
	status := http.StatusOK
	if back != nil {
		p.Error, p.Title2, p.Why, status = back.err, back.typed.Get("title"), back.typed.Get("why"), back.status
	}
	c.render(v, status, "report", p)
	return nil
}

func (c *Console) packOptions() []option {
	names := c.cfg.Packs
	if len(names) == 0 {
		names = []string{""}
	}
	var out []option
	if p, err := c.cfg.Engine.Pack(""); err == nil { // the default first
		out = append(out, option{p.Ref().Name, p.Terms().Title})
	}
	for _, n := range names {
		p, err := c.cfg.Engine.Pack(n)
		if o := (option{}); err == nil {
			o = option{p.Ref().Name, p.Terms().Title}
			if !slices.Contains(out, o) {
				out = append(out, o)
			}
		}
	}
	return out
}
