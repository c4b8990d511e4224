package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/view"
)

// Event is one event of a case.
type Event struct {
	Position int64                      `json:"position,omitempty" doc:"In the whole record"`
	Seq      int                        `json:"seq,omitempty" doc:"Within the case, from 1"`
	Kind     string                     `json:"kind"`
	At       time.Time                  `json:"at" doc:"When it happened, as stated"`
	Entered  time.Time                  `json:"entered,omitzero" doc:"When it was entered"`
	By       tocsin.ActorID             `json:"by"`
	Command  string                     `json:"command,omitempty" doc:"The command it came from"`
	Data     map[string]json.RawMessage `json:"data"`
	Hidden   bool                       `json:"hidden,omitempty" doc:"Grades are left out, because you may still be asked to sign as the second signer"`
}

// Answer is what comes of a command.
type Answer struct {
	Case     tocsin.CaseID         `json:"case"`
	Version  int                   `json:"version" doc:"Of the case now; for If-Match"`
	Replayed bool                  `json:"replayed,omitempty" doc:"The command was given before under this key, and this is what came of it"`
	Events   []Event               `json:"events" nullable:"false" doc:"What was recorded"`
	Allowed  []casefile.Action     `json:"allowed" nullable:"false" doc:"What you may do now"`
	Summary  *view.Summary         `json:"summary,omitempty"`
	Released *bool                 `json:"released,omitempty" doc:"For a release: whether the guard let it out"`
	Findings []tocsin.GuardFinding `json:"findings,omitempty" doc:"For a release: what the guard found"`
}

// CaseView is a case as it stands.
type CaseView struct {
	State        casefile.State    `json:"state"`
	Summary      view.Summary      `json:"summary"`
	Clocks       []casefile.Clock  `json:"clocks" nullable:"false" doc:"What runs out when, the earliest first"`
	Outstanding  []casefile.Step   `json:"outstanding" nullable:"false" doc:"What the case still owes"`
	Obstacles    []string          `json:"obstacles" nullable:"false" doc:"What stands against closing it"`
	Allowed      []casefile.Action `json:"allowed" nullable:"false" doc:"What you may do now"`
	Editions     []tocsin.PackRef  `json:"editions,omitempty" doc:"Packs of the case that are loaded in another edition than the case stands under; adopt-terms takes one up"`
	GradesHidden bool              `json:"grades_hidden" doc:"Findings and determinations are left out, because you may still be asked to sign as the second signer; grades=show shows them, and records that you have seen them"`
}

// Grades asks for what a possible second signer is not shown.
type Grades struct {
	Grades string `query:"grades" enum:"show" doc:"Show findings and determinations to somebody who could be a second signer. That they have seen them is recorded first, and they can then not sign."`
}

// OpenBody opens a case.
type OpenBody struct {
	Title   string            `json:"title" doc:"What the case is called on the watch floor"`
	Pack    string            `json:"pack,omitempty" maxLength:"64" doc:"The policy; the default if absent"`
	Reports []tocsin.ReportID `json:"reports" minItems:"1" maxItems:"1000" nullable:"false"`
}

// AttachBody joins a report.
type AttachBody struct {
	Report tocsin.ReportID `json:"report"`
}

// Timeline is a stretch of a case's events.
type Timeline struct {
	Items   []Event `json:"items" nullable:"false"`
	Version int     `json:"version" doc:"Of the case; there is more while the last seq is below it"`
}

type (
	openIn struct {
		Keyed
		Body OpenBody
	}
	attachIn struct {
		CaseWrite
		Body AttachBody
	}
	answerOut struct {
		Status   int
		Location string `header:"Location"`
		ETag     string `header:"ETag"`
		Body     Answer
	}
	casesIn struct {
		Paged
		State string `query:"state" enum:"open,closed,all" default:"open"`
		Order string `query:"order" enum:"opened,urgent" default:"opened" doc:"opened: newest first, with cursors. urgent: those that run out first, without cursors, because that order changes by the minute"`
	}
	caseIn struct {
		OneCase
		Grades
	}
	caseOut struct {
		ETag string `header:"ETag"`
		Body CaseView
	}
	eventsIn struct {
		OneCase
		Grades
		After int `query:"after" minimum:"0" doc:"Begin after the event with this seq"`
		Limit int `query:"limit" minimum:"1" maximum:"1000" default:"500"`
	}
	eventsOut struct {
		ETag string `header:"ETag"`
		Body Timeline
	}
)

func (a *API) cases() {
	handle(a, operation{id: "open-case", method: http.MethodPost, path: "/v1/cases", tag: "cases", summary: "Open a case with one or more reports",
		who: caseRoles, changes: true, status: http.StatusCreated, also: []int{http.StatusOK}}, a.openCase)
	handle(a, operation{id: "list-cases", method: http.MethodGet, path: "/v1/cases", tag: "cases", summary: "The queue", who: caseRoles}, a.listCases)
	handle(a, operation{id: "get-case", method: http.MethodGet, path: "/v1/cases/{id}", tag: "cases", summary: "A case as it stands", who: caseRoles}, a.getCase)
	handle(a, operation{id: "list-case-events", method: http.MethodGet, path: "/v1/cases/{id}/events", tag: "cases", summary: "The timeline, oldest first", who: caseRoles}, a.caseEvents)
	handle(a, operation{id: "attach-report", method: http.MethodPost, path: "/v1/cases/{id}/reports", tag: "cases", summary: "Join a further report to a case",
		who: attachRoles, changes: true}, a.attachReport)
}

func (a *API) openCase(ctx context.Context, c call, in *openIn) (*answerOut, error) {
	o, err := in.options("open-case", in.Body)
	if err != nil {
		return nil, err
	}
	res, err := a.cfg.Engine.Open(ctx, c.by, in.Body.Title, in.Body.Pack, in.Body.Reports, o)
	out, err := a.answer(c.by, "", res, err)
	if err != nil {
		return nil, err
	}
	out.Location = "/v1/cases/" + string(out.Body.Case)
	if !res.Replayed {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (a *API) attachReport(ctx context.Context, c call, in *attachIn) (*answerOut, error) {
	o, err := a.about(c.by, in.CaseWrite, "attach-report", in.Body)
	if err != nil {
		return nil, err
	}
	if _, err := a.report(c.by, in.Body.Report); err != nil {
		return nil, err // a reporter joins what they handed in, not what they guess
	}
	res, err := a.cfg.Engine.Attach(ctx, c.by, in.ID, in.Body.Report, o)
	return a.answer(c.by, "", res, err)
}

// about makes the options of a write to a case, which must exist: the engine
// would otherwise answer a stale version before a missing case.
func (a *API) about(by tocsin.Actor, w CaseWrite, op string, content any) (engine.Options, error) {
	if _, err := a.state(by, w.ID); err != nil {
		return engine.Options{}, err
	}
	return w.options(op, content)
}

// state returns a case that by may know of. A recipient's system, which sees no
// case, acts on what was sent to it from any.
func (a *API) state(by tocsin.Actor, id tocsin.CaseID) (casefile.State, error) {
	s, err := a.cfg.Engine.Case(id)
	if err != nil || !s.Visible(by) && !by.Has(tocsin.RecipientRole) {
		return casefile.State{}, notFound("case")
	}
	return s, nil
}

// read returns a case that by may know of, after it has been recorded that they
// read in it if it is sealed.
func (a *API) read(ctx context.Context, by tocsin.Actor, id tocsin.CaseID, what string) (casefile.State, error) {
	s, err := a.state(by, id)
	if err != nil {
		return s, err
	}
	return s, a.cfg.Engine.ReadSealed(ctx, by, s, what)
}

// answer says what came of a command, to somebody who may see the case: all of
// it; to others: what they themselves did to target.
func (a *API) answer(by tocsin.Actor, target string, res engine.Result, err error) (*answerOut, error) {
	if err != nil {
		return nil, err
	}
	s := res.State
	out := &answerOut{Status: http.StatusOK, ETag: etag(s.Version), Body: Answer{Case: s.ID, Version: s.Version, Replayed: res.Replayed, Events: []Event{}, Allowed: []casefile.Action{}}}
	whole := readsCases(by)
	for _, act := range casefile.Allowed(s, by) {
		if whole || (target != "" && act.Target == target) {
			out.Body.Allowed = append(out.Body.Allowed, act)
		}
	}
	if whole {
		sum := a.summary(s, by)
		out.Body.Summary = &sum
	}
	for _, e := range res.Events {
		ev, err := eventOf(e, view.Blind(s, by))
		if err != nil {
			return nil, err
		}
		if whole || concerns(ev, by, target) {
			out.Body.Events = append(out.Body.Events, ev)
		}
	}
	return out, nil
}

// concerns reports whether an event is by's own and about target.
func concerns(e Event, by tocsin.Actor, target string) bool {
	var key string
	_ = json.Unmarshal(e.Data["key"], &key) // an event without a key is about no delivery
	return e.By == by.ID && target != "" && key == target
}

func eventOf(e casefile.Event, hide bool) (Event, error) {
	ev := Event{Kind: e.Kind(), At: e.Stamp().At, By: e.Stamp().By}
	b, err := json.Marshal(e)
	if err == nil {
		err = json.Unmarshal(b, &ev.Data)
	}
	if err != nil {
		return ev, fmt.Errorf("event %s: %w", ev.Kind, err)
	}
	if hide {
		ev.Data, ev.Hidden = view.Ungraded(ev.Kind, ev.Data)
	}
	return ev, nil
}

func (a *API) summary(s casefile.State, by tocsin.Actor) view.Summary {
	if view.Blind(s, by) {
		sum := view.Summarise(s, a.cfg.Engine.Now())
		if sum.Next != nil {
			sum.Next = &view.StepsWithoutGrades([]casefile.Step{*sum.Next})[0]
		}
		sum.Victims = view.Summarise(view.WithoutGrades(s), a.cfg.Engine.Now()).Victims
		return sum
	}
	return view.Summarise(s, a.cfg.Engine.Now())
}

func (a *API) listCases(_ context.Context, c call, in *casesIn) (*PageOf[view.Summary], error) {
	wanted := func(s casefile.State) bool { return in.State == "all" || s.Closed == (in.State == "closed") }
	out := &PageOf[view.Summary]{Body: Page[view.Summary]{Items: []view.Summary{}}}
	var states Page[casefile.State]
	var err error
	// States are values: they are taken under the lock and worked on outside.
	a.cfg.Engine.ReadAs(c.by, func(x *view.Index) {
		p := in.Paged
		if in.Order == "urgent" {
			p = Paged{Limit: len(x.CaseOrder)}
		}
		states, err = page(p, len(x.CaseOrder), func(i int) (casefile.State, bool) {
			s := x.Cases[x.CaseOrder[i]]
			return s, wanted(s)
		})
	})
	if err != nil {
		return nil, err
	}
	for _, s := range states.Items {
		out.Body.Items = append(out.Body.Items, a.summary(s, c.by))
	}
	out.Body.Next = states.Next
	if in.Order == "urgent" {
		slices.SortStableFunc(out.Body.Items, byUrgency)
		out.Body.Items = out.Body.Items[:min(len(out.Body.Items), in.Limit)]
	}
	return out, nil
}

// byUrgency puts first what runs out first; what has no clock goes last.
func byUrgency(x, y view.Summary) int {
	due := func(s view.Summary) int64 {
		if s.Clock == nil {
			return 1<<63 - 1
		}
		return s.Clock.Due.UnixMicro()
	}
	return cmp.Compare(due(x), due(y))
}

// gradesFor returns a case and whether its grades are kept from by. If by asks for
// them, that is recorded before they are shown.
func (a *API) gradesFor(ctx context.Context, by tocsin.Actor, id tocsin.CaseID, g Grades, what string) (casefile.State, bool, error) {
	s, err := a.read(ctx, by, id, what)
	if err != nil || !view.Blind(s, by) || g.Grades == "" {
		return s, err == nil && view.Blind(s, by), err
	}
	res, err := a.cfg.Engine.Do(ctx, by, id, casefile.SeeGrade{}, engine.Options{})
	var told *tocsin.Error
	if errors.As(err, &told) && told.Code == "grade_seen" {
		s, err = a.state(by, id) // another request of the same person was first
		return s, false, err
	}
	return res.State, false, err
}

func (a *API) getCase(ctx context.Context, c call, in *caseIn) (*caseOut, error) {
	s, hide, err := a.gradesFor(ctx, c.by, in.ID, in.Grades, view.ReadCase)
	if err != nil {
		return nil, err
	}
	v := CaseView{State: s, Summary: a.summary(s, c.by), Clocks: filled(casefile.Clocks(s)), Outstanding: filled(casefile.Outstanding(s)),
		Obstacles: filled(casefile.Obstacles(s)), Allowed: filled(casefile.Allowed(s, c.by)), Editions: a.cfg.Engine.Editions(s), GradesHidden: hide}
	if hide {
		v.State, v.Outstanding = view.WithoutGrades(s), view.StepsWithoutGrades(v.Outstanding)
	}
	return &caseOut{etag(s.Version), v}, nil
}

// filled makes an empty list of a nil one, which JSON would show as null.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (a *API) caseEvents(ctx context.Context, c call, in *eventsIn) (*eventsOut, error) {
	s, hide, err := a.gradesFor(ctx, c.by, in.ID, in.Grades, view.ReadTimeline)
	if err != nil {
		return nil, err
	}
	out := &eventsOut{ETag: etag(s.Version)}
	out.Body.Version, out.Body.Items = s.Version, []Event{}
	for r, err := range a.cfg.Store.Load(ctx, view.CasePrefix+string(in.ID)) {
		if err != nil {
			return nil, err
		}
		if r.Seq <= in.After {
			continue
		}
		if len(out.Body.Items) == in.Limit || r.Seq > s.Version {
			break // what came after s was looked at may hold what hide was not asked about
		}
		ev := Event{Position: r.Position, Seq: r.Seq, Kind: r.Kind, At: r.EventTime, Entered: r.EntryTime, By: r.Actor, Command: r.Command, Data: r.Fields}
		if hide {
			ev.Data, ev.Hidden = view.Ungraded(r.Kind, r.Fields)
		}
		out.Body.Items = append(out.Body.Items, ev)
	}
	return out, nil
}
