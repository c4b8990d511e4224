package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tocsin"
	"tocsin/aside"
	"tocsin/engine"
	"tocsin/intake"
	"tocsin/ledger"
	"tocsin/view"
)

// Declared is what the sender of a report says beside its bytes.
type Declared struct {
	SourceKey  string    `query:"source_key" maxLength:"1000" doc:"Your own key of the report, such as a serial or Message-ID; the same key with the same content is a re-post"`
	Subject    string    `query:"subject" maxLength:"1000"`
	Language   string    `query:"language" maxLength:"35" doc:"BCP 47"`
	Origin     string    `query:"origin" maxLength:"200" doc:"Who really knew"`
	Conveyor   string    `query:"conveyor" maxLength:"200" doc:"Who passed it on"`
	Marking    string    `query:"marking" maxLength:"400" doc:"Protective marking, as written"`
	Originator string    `query:"originator" maxLength:"200" doc:"The service that owns it, if not this organisation"`
	Controlled bool      `query:"controlled" doc:"Release needs the originator's consent"`
	Occurred   time.Time `query:"occurred" doc:"When anybody first knew (RFC 3339)"`
	Scheme     string    `query:"grading_scheme" enum:"admiralty,3x5x2" doc:"Scheme of the two gradings"`
	Source     string    `query:"grading_source" maxLength:"8" doc:"Grading of the source"`
	Info       string    `query:"grading_information" maxLength:"8" doc:"Grading of the information"`
}

func (d Declared) intake() intake.Declared {
	return intake.Declared{SourceKey: d.SourceKey, Subject: d.Subject, Language: d.Language, Origin: d.Origin, Conveyor: d.Conveyor,
		Marking: d.Marking, Originator: d.Originator, Controlled: d.Controlled, Occurred: d.Occurred,
		Grading: tocsin.Grading{Scheme: d.Scheme, Source: d.Source, Information: d.Info}}
}

// Received is the answer to a report. Somebody who may not see other people's
// reports gets the receipt alone: if it came before, it is theirs.
type Received struct {
	view.Report
	Reposted bool `json:"reposted,omitempty" doc:"It came before, under the same key and with the same content"`
}

type (
	receiveIn struct {
		Keyed
		Declared
	}
	receiveOut struct {
		Status   int
		Location string `header:"Location"`
		Body     Received
	}
	reportIn struct {
		ID tocsin.ReportID `path:"id" maxLength:"64" doc:"The report"`
	}
	reportOut struct{ Body view.Report }
	reportsIn struct {
		Paged
		State string `query:"state" enum:"waiting,proposed,set_aside,in_case" doc:"Only those that wait to be taken up (with those that somebody wants to set aside), that somebody wants to set aside, that are set aside, or that are in a case"`
	}
	heldIn struct {
		ID string `path:"id" maxLength:"64" doc:"The item"`
	}
	heldOut struct{ Body tocsin.Quarantined }
	rawOut  struct {
		Type        string `header:"Content-Type"`
		Disposition string `header:"Content-Disposition"`
		Policy      string `header:"Content-Security-Policy"`
		Body        []byte
	}
)

// anyBytes describes a body whose form is for intake to find out.
func anyBytes() *huma.RequestBody {
	binary := func() *huma.MediaType { return &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}} }
	return &huma.RequestBody{Required: true, Description: "The report as it is. Without a media type the bytes speak for themselves.",
		Content: map[string]*huma.MediaType{"text/plain": binary(), "message/rfc822": binary(), "text/html": binary(), "application/octet-stream": binary(),
			"application/json": {}}}
}

func (a *API) reports() {
	op := operation{id: "receive-report", method: http.MethodPost, path: "/v1/reports", tag: "reports", summary: "Hand in a report",
		doc: "Takes one raw report: plain text, an e-mail, HTML, JSON, or anything else. The bytes are kept whole. What cannot be read is kept " +
			"in quarantine, and the answer (422, or 413 over intake's limits) says under which id. Over the limit of this interface nothing is kept (413).",
		who: sendRoles, changes: true, status: http.StatusCreated, also: []int{http.StatusOK}, body: anyBytes()}
	handle(a, op, a.receive)
	handle(a, operation{id: "list-reports", method: http.MethodGet, path: "/v1/reports", tag: "reports", summary: "List reports, newest first",
		doc: "Each with the beginning of its text, and how it stands if somebody wanted to set it aside. To read one is to look at it, and is recorded.", who: caseRoles}, a.listReports)
	handle(a, operation{id: "get-report", method: http.MethodGet, path: "/v1/reports/{id}", tag: "reports", summary: "One report",
		doc: "Reporters see what they have handed in. That anybody else has looked is recorded, once for each person.", who: reportRoles}, a.getReport)
	handle(a, operation{id: "get-report-raw", method: http.MethodGet, path: "/v1/reports/{id}/raw", tag: "reports", summary: "The bytes as they were received",
		doc: "Recorded as a look, as the report itself.", who: reportRoles}, a.getReportRaw)
	handle(a, operation{id: "list-quarantine", method: http.MethodGet, path: "/v1/quarantine", tag: "reports", summary: "List what could not be read, newest first", who: caseRoles}, a.listHeld)
	handle(a, operation{id: "get-quarantine-item", method: http.MethodGet, path: "/v1/quarantine/{id}", tag: "reports", summary: "One item that could not be read", who: reportRoles}, a.getHeld)
	handle(a, operation{id: "get-quarantine-item-raw", method: http.MethodGet, path: "/v1/quarantine/{id}/raw", tag: "reports", summary: "Its bytes as they were received", who: reportRoles}, a.getHeldRaw)
}

func (a *API) receive(ctx context.Context, c call, in *receiveIn) (*receiveOut, error) {
	body, err := a.readBody(ctx, c)
	if err != nil {
		return nil, err
	}
	media := c.r.Header.Get("Content-Type")
	o, err := in.Keyed.options("receive-report", in.Declared, media, tocsin.DigestOf(body))
	if err != nil {
		return nil, err
	}
	begun := a.cfg.Engine.Now()
	rec, err := a.cfg.Engine.Receive(ctx, c.by, engine.Submission{Media: media, Bytes: body, Declared: in.Declared.intake()}, o)
	if err != nil || rec.Held != "" {
		return nil, a.held(c, rec, err)
	}
	out := &receiveOut{Status: http.StatusCreated, Location: "/v1/reports/" + string(rec.Report.ID), Body: Received{rec.Report, rec.Reposted}}
	if rec.Reposted || rec.Report.Entered.Before(begun) {
		out.Status = http.StatusOK // it was here before this request
	}
	if !readsCases(c.by) {
		out.Body.Report = receipt(rec.Report)
	}
	return out, nil
}

// receipt is a report without what others have said or made of it.
func receipt(r view.Report) view.Report {
	return view.Report{Report: tocsin.Report{ID: r.ID, Format: r.Format, Raw: r.Raw, Size: r.Size, Content: r.Content, Portions: []tocsin.Portion{}, Entered: r.Entered}}
}

// held adds to an error of intake where the bytes are. A request that is made
// again is answered like the first time, from the record.
func (a *API) held(c call, rec engine.Receipt, err error) error {
	if rec.Held == "" {
		return err
	}
	if err == nil {
		item, ok := a.quarantined(rec.Held)
		if !ok {
			return notFound("item")
		}
		err = tocsin.Fault(tocsin.Invalid, "unreadable", item.Reason, item.Do).Keeping("All of it was kept, unread, in quarantine as " + item.ID + ".")
	}
	p := a.problem(c.r, err)
	p.Quarantine = rec.Held
	return p.with("Location", "/v1/quarantine/"+rec.Held)
}

// small is the size up to which a body is taken in without waiting for a slot.
const small = 1 << 20

// readBody takes in a report's bytes. Large ones are taken in a few at a time,
// because each is held in memory whole until it is on the disk.
func (a *API) readBody(ctx context.Context, c call) ([]byte, error) {
	limit, size := int64(a.cfg.Limits.Report), c.r.ContentLength
	conn := http.NewResponseController(c.w)
	_ = conn.SetReadDeadline(time.Now().Add(a.cfg.Limits.Read)) // a writer without a connection has no slow client
	defer conn.SetReadDeadline(time.Time{})                     // else the connection would be given up while the report is being written down
	if size > limit {
		if c.r.Header.Get("Expect") == "" {
			spill(c.r.Body)
		}
		return nil, bodyTooLarge(limit)
	}
	if size < 0 || size > small {
		select {
		case a.large <- struct{}{}:
			defer func() { <-a.large }()
		case <-time.After(a.cfg.Limits.Wait):
			return nil, tocsin.Fault(tocsin.Unavailable, "busy", "Too many large reports are being taken in just now.", "Send it again in a moment, or the text alone.").Keeping("Nothing was kept.")
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	body, err := readAll(http.MaxBytesReader(c.w, c.r.Body, limit), size)
	var over *http.MaxBytesError
	var slow interface{ Timeout() bool }
	switch {
	case err == nil:
		return body, nil
	case errors.As(err, &over):
		spill(c.r.Body)
		return nil, bodyTooLarge(limit)
	case errors.As(err, &slow) && slow.Timeout():
		return nil, newProblem(http.StatusRequestTimeout, "too_slow", "The report did not arrive in time.", "Nothing was kept.", "Send it again, or the text alone.")
	}
	return nil, newProblem(http.StatusBadRequest, "body_incomplete", "The report broke off before its end.", "Nothing was kept.", "Send it again.")
}

// spill lets a client that has begun to send too much come to an end, within
// bounds: most do not look for an answer before, and would find the connection
// broken instead of being told why.
func spill(r io.Reader) { _, _ = io.CopyN(io.Discard, r, 4*ledger.MaxBlob) }

// readAll reads r to its end, in one piece of memory if the size is known.
func readAll(r io.Reader, size int64) ([]byte, error) {
	if size < 0 {
		return io.ReadAll(r)
	}
	b := make([]byte, size)
	n, err := io.ReadFull(r, b)
	return b[:n], err
}

func bodyTooLarge(limit int64) error {
	return tocsin.Faultf(tocsin.TooLarge, "body_too_large", "Send the text alone or in parts, or have the limit raised; more than 64 MiB in one piece the record does not hold.",
		"The report is larger than %d bytes.", limit).Keeping("Nothing of it was kept.")
}

func (a *API) listReports(_ context.Context, c call, in *reportsIn) (out *PageOf[view.Report], err error) {
	out = &PageOf[view.Report]{}
	now := a.cfg.Engine.Now()
	a.cfg.Engine.ReadAs(c.by, func(x *view.Index) {
		out.Body, err = page(in.Paged, len(x.Order), func(i int) (view.Report, bool) {
			r := *x.Reports[x.Order[i]]
			s := x.Aside(r.ID)
			r.SetAside = s.Standing(now)
			return beginning(r), in.State == "" || in.State == stateOf(r, s.Stage(now)) || in.State == "waiting" && stateOf(r, s.Stage(now)) == "proposed"
		})
	})
	return out, err
}

// stateOf says where a report stands, in the words of the list.
func stateOf(r view.Report, s aside.Stage) string {
	switch {
	case len(r.Cases) > 0:
		return "in_case"
	case s == aside.Aside:
		return "set_aside"
	case s == aside.Waiting:
		return "proposed"
	}
	return "waiting"
}

// listedRunes is how much of a report's text a list shows.
const listedRunes = 200

// beginning is a report as a list shows it: who reads the whole of it must have
// asked for it, so that a look is one.
func beginning(r view.Report) view.Report {
	if text := []rune(r.Text); len(text) > listedRunes {
		r.Text = string(text[:listedRunes]) + "…"
	}
	r.Portions = []tocsin.Portion{}
	return r
}

// opened records that by reads a report of somebody else's. It can be read although
// the look is not recorded, unless it stands in sealed cases alone.
func (a *API) opened(ctx context.Context, by tocsin.Actor, id tocsin.ReportID) error {
	if !readsCases(by) {
		return nil
	}
	if err := a.cfg.Engine.ReadReport(ctx, by, id); err != nil {
		return err
	}
	if err := a.cfg.Engine.Look(ctx, by, id); err != nil {
		a.cfg.Log.Error("that somebody looked at a report could not be recorded", "error", err)
	}
	return nil
}

// report returns a report that by may see: reporters see what they handed in.
func (a *API) report(by tocsin.Actor, id tocsin.ReportID) (view.Report, error) {
	if readsCases(by) {
		rep, err := a.cfg.Engine.ReportAs(by, id)
		if err != nil {
			return rep, notFound("report")
		}
		return rep, nil
	}
	rep, err := a.cfg.Engine.Report(id)
	if err != nil || rep.By != by.ID {
		return view.Report{}, notFound("report")
	}
	rep.Cases, rep.RepeatOf, rep.Reposts = nil, "", 0 // what others made of it
	return rep, nil
}

func (a *API) getReport(ctx context.Context, c call, in *reportIn) (*reportOut, error) {
	rep, err := a.report(c.by, in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.opened(ctx, c.by, in.ID); err != nil {
		return nil, err
	}
	if readsCases(c.by) { // a reporter is not told what others made of it
		rep.SetAside, err = a.cfg.Engine.AsideOf(c.by, in.ID)
	}
	return &reportOut{rep}, err
}

func (a *API) getReportRaw(ctx context.Context, c call, in *reportIn) (*rawOut, error) {
	rep, err := a.report(c.by, in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.opened(ctx, c.by, in.ID); err != nil {
		return nil, err
	}
	return a.raw(ctx, rep.Raw, string(rep.ID))
}

// raw answers with bytes from outside, which a browser must neither run nor
// show: they are what somebody hostile may have sent.
func (a *API) raw(ctx context.Context, d tocsin.Digest, name string) (*rawOut, error) {
	b, err := a.cfg.Store.Blob(ctx, d)
	if err != nil {
		return nil, err
	}
	return &rawOut{Type: "application/octet-stream", Disposition: fmt.Sprintf("attachment; filename=%q", name+".bin"), Policy: "default-src 'none'; sandbox", Body: b}, nil
}

func (a *API) listHeld(_ context.Context, _ call, in *Paged) (out *PageOf[tocsin.Quarantined], err error) {
	out = &PageOf[tocsin.Quarantined]{}
	a.cfg.Engine.Read(func(x *view.Index) {
		out.Body, err = page(*in, len(x.Quarantine), func(i int) (tocsin.Quarantined, bool) { return x.Quarantine[i], true })
	})
	return out, err
}

func (a *API) quarantined(id string) (item tocsin.Quarantined, ok bool) {
	a.cfg.Engine.Read(func(x *view.Index) {
		if i := slices.IndexFunc(x.Quarantine, func(q tocsin.Quarantined) bool { return q.ID == id }); i >= 0 {
			item, ok = x.Quarantine[i], true
		}
	})
	return item, ok
}

func (a *API) heldFor(by tocsin.Actor, id string) (tocsin.Quarantined, error) {
	item, ok := a.quarantined(id)
	if !ok || (!readsCases(by) && item.By != by.ID) {
		return tocsin.Quarantined{}, notFound("item")
	}
	return item, nil
}

func (a *API) getHeld(_ context.Context, c call, in *heldIn) (*heldOut, error) {
	item, err := a.heldFor(c.by, in.ID)
	return &heldOut{item}, err
}

func (a *API) getHeldRaw(ctx context.Context, c call, in *heldIn) (*rawOut, error) {
	item, err := a.heldFor(c.by, in.ID)
	if err != nil {
		return nil, err
	}
	return a.raw(ctx, item.Raw, item.ID)
}
