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
	"tocsin/aside"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/intake"
	"tocsin/marking"
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
	Usual []string     // markings that the field offers
	Ask   *readMarking // the marking cannot be read, and it is asked once what was meant
	Again bool         // a file was given, which a browser does not send twice
}

// readMarking is how a marking is read.
type readMarking struct {
	Written    string
	As         string   // in its canonical form; empty if it cannot be read
	Controlled bool     // release is the originator's
	Meant      []string // what may have been meant, if it cannot be read
}

func markingRead(written string) *readMarking {
	if written == "" {
		return nil
	}
	m := marking.Read(written)
	r := &readMarking{Written: written, Controlled: m.OriginatorControlled()}
	if m.Known() {
		r.As = m.String()
		return r
	}
	r.Meant = marking.Meant(written, 3)
	return r
}

// readAs says, while a marking is being typed, how it is read.
func (c *Console) readAs(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	p := &posted{Values: v.r.PostForm}
	c.render(v, http.StatusOK, "marking", markingRead(p.word("report_marking")))
	return nil
}

// unclear puts a marking that was chosen in place of the one that was typed, and says
// whether the form must ask first: once, about a marking that cannot be read. No
// report is refused for its marking: it can be handed in as it stands.
func unclear(p *posted) *readMarking {
	if meant := p.word("marking_meant"); meant != "" {
		p.Set("report_marking", meant)
	}
	r := markingRead(p.word("report_marking"))
	if r == nil || r.As != "" || p.word("marking_stands") == r.Written {
		return nil
	}
	return r
}

func (c *Console) intake(v *visit) error {
	c.render(v, http.StatusOK, "intake", c.intakePage(v, newKey(), url.Values{}, map[string]string{}))
	return nil
}

func (c *Console) intakePage(v *visit, key string, typed url.Values, faults map[string]string) intakePage {
	return intakePage{Page: c.head(v, "nav.intake"), Key: key, Draft: string(v.by.ID) + "/intake", Typed: typed, Fault: faults, Usual: marking.Usual()}
}

// handIn takes a report: a file if one was given, else what was typed.
func (c *Console) handIn(v *visit) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, c.cfg.Upload+maxForm)
	if err := v.r.ParseMultipartForm(4 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return saidFault(tocsin.TooLarge, "form", v.say.t("error.upload"), v.say.t("error.upload.do", c.cfg.Upload>>20))
	}
	if v.r.MultipartForm != nil {
		defer v.r.MultipartForm.RemoveAll()
	}
	p := &posted{Values: v.r.PostForm, c: c, say: v.say, faults: map[string]string{}}
	ask := unclear(p)
	sub, err := submission(v, p)
	if err != nil {
		return err
	}
	if ask != nil && len(p.faults) == 0 {
		page := c.intakePage(v, cmp.Or(p.Get("key"), newKey()), p.Values, p.faults)
		page.Ask, page.Again = ask, hasFile(v)
		c.render(v, http.StatusUnprocessableEntity, "intake", page)
		return nil
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
		var refused *tocsin.Error
		if errors.As(err, &refused) {
			(&returned{typed: p.Values, faults: p.faults}).marked(v.say, refused, map[string]string{"grading": "grade_source"})
		}
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
	if told != nil {
		for _, name := range []string{"text", "occurred", "grade_source", "language"} { // as they stand on the page
			if fault := p.faults[name]; fault != "" {
				told.Fields = append(told.Fields, wrong{ID: name, Name: v.say.t(intakeLabels[name]), Fault: fault})
			}
		}
	}
	page := c.intakePage(v, cmp.Or(p.Get("key"), newKey()), p.Values, p.faults)
	page.Error = told
	c.render(v, status, "intake", page)
	return nil
}

// intakeLabels are the names of the fields of intake that can be wrong.
var intakeLabels = map[string]string{"text": "intake.text", "occurred": "intake.occurred", "grade_source": "intake.grade_source", "language": "intake.language"}

func hasFile(v *visit) bool {
	return v.r.MultipartForm != nil && len(v.r.MultipartForm.File["file"]) > 0 && v.r.MultipartForm.File["file"][0].Size > 0
}

// errorOf is an error as it stands at a form.
func errorOf(v *visit, err error) *formError {
	v.denied(err)
	var told *tocsin.Error
	switch {
	case !errors.As(err, &told):
	case v.say.has("refused." + told.Code): // where the core's sentence names things by their ids
		return &formError{What: v.say.t("refused." + told.Code), Kept: v.say.t("error.typed_kept"), Do: v.say.t("error.fields.do")}
	default:
		return &formError{What: told.What, Kept: v.say.kept(told.Kept, "error.typed_kept"), Do: told.Do, Core: !errors.Is(err, errSaidHere)}
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
	Items    []unread
	Aside    []unread // set aside by two people
	Held     []tocsin.Quarantined
	More     int
	AsideFar int // set aside, and not listed
	Own      bool
}

// listed bounds a list of reports.
const listed = 200

func (c *Console) reports(v *visit) error {
	p := reportsPage{Page: c.head(v, "nav.reports"), Own: !v.by.Has(caseRoles...)}
	p.Live = true
	var all []unread
	c.seen(v, func(x *view.Index) {
		for _, id := range slices.Backward(x.Order) {
			n := unread{Report: *x.Reports[id]}
			if !p.Own { // a reporter is not told what others made of it
				n.Aside = x.Aside(id).Standing(v.now)
			}
			all = append(all, n)
		}
		for _, q := range slices.Backward(x.Quarantine) {
			if !p.Own || q.By == v.by.ID {
				p.Held = append(p.Held, q)
			}
		}
	})
	if p.Own {
		all = slices.DeleteFunc(all, func(r unread) bool { return r.By != v.by.ID })
	}
	p.Items, p.Aside = asideLines(all)
	p.Items, p.More = c.drawnReports(p.Items)
	p.Aside, p.AsideFar = c.drawnReports(p.Aside)
	c.render(v, http.StatusOK, "reports", p)
	return nil
}

// drawnReports makes as many reports ready to be drawn as a list shows, and says how
// many more there are.
func (c *Console) drawnReports(all []unread) (shown []unread, more int) {
	shown = all[:min(len(all), listed)]
	c.cfg.Engine.Read(func(x *view.Index) {
		for i := range shown {
			n := &shown[i]
			n.Opening, n.Looks, n.Flags = opening(n.Report.Report, 140), slices.Clone(x.Looks[n.ID]), slices.Clone(x.Flags[n.ID])
		}
	})
	return shown, len(all) - len(shown)
}

type reportPage struct {
	Page
	Report   view.Report
	Heading  string // in words
	Parts    []passage
	Looks    []view.Look
	Own      bool // a reporter sees the receipt, and no more
	Packs    []option
	MayOpen  bool
	Title2   string
	Key      string
	Error    *formError
	Cases    []casefile.State
	Flags    []view.Flag
	MayFlag  bool
	Paged    []pageView // who was paged because nobody had read it
	Why      string     // typed for a flag
	Read     time.Time  // when somebody of the watch first looked, for the reporter
	Aside    *aside.Standing
	Kin      []kinView         // set aside, and like this one
	Copies   []tocsin.ReportID // set aside as copies of this one
	Actions  []action
	Closed   []action
	Flagging bool // the form that came back is that of the flag
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
		c.asideOf(v, &p, back)
	}
	p.Parts = cut(rep.Text, nil)
	p.MayOpen = v.by.Has(tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer)
	p.Packs = c.packOptions()
	status := http.StatusOK
	if back != nil {
		p.Title2, p.Why, status = back.typed.Get("title"), back.typed.Get("why"), back.status
		if !slices.ContainsFunc(p.Actions, func(a action) bool { return a.Kind == back.kind }) {
			p.Error = back.err // its form does not stand among the actions
		}
		p.Flagging = back.kind == "flag"
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
