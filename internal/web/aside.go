package web

import (
	"context"
	"net/http"
	"time"

	"tocsin"
	"tocsin/aside"
	"tocsin/view"
)

// AsideBody says why a report is to be set aside.
type AsideBody struct {
	Ground aside.Ground    `json:"ground" enum:"not_a_threat,duplicate,test_or_exercise,already_over,nothing_to_act_on"`
	Why    string          `json:"why" minLength:"1" maxLength:"2000" doc:"In your own words, in a sentence or two"`
	Of     tocsin.ReportID `json:"of,omitempty" maxLength:"64" doc:"For a duplicate: the report that is held already"`
	Retest time.Time       `json:"retest,omitzero" doc:"For nothing_to_act_on: when it comes back by itself; in a week if absent, in 31 days at most"`
}

// ConfirmBody is a second person's word.
type ConfirmBody struct {
	Proposal string         `json:"proposal" minLength:"1" maxLength:"64" doc:"The proposal that you saw"`
	Why      string         `json:"why" minLength:"1" maxLength:"2000" doc:"What you looked at, and why you agree"`
	Flags    []aside.Answer `json:"flags,omitempty" maxItems:"200" nullable:"false" doc:"An answer to each flag of the report, by its number from 1 in the order in which they were set"`
}

// TakeUpBody is a word against setting a report aside.
type TakeUpBody struct {
	Why string `json:"why" minLength:"1" maxLength:"2000" doc:"A word is enough"`
}

// AsideAction is something about setting a report aside that you may do, or why not.
type AsideAction struct {
	Do      string `json:"do" enum:"propose,confirm,take_up"`
	Allowed bool   `json:"allowed"`
	Why     string `json:"why,omitempty" doc:"What stands against it"`
}

// AsideView is how a report stands that somebody wanted to set aside.
type AsideView struct {
	Report   tocsin.ReportID `json:"report"`
	SetAside *aside.Standing `json:"set_aside,omitempty" doc:"Absent if nobody ever wanted to set it aside. Its stage is proposed, set_aside, retest_due (back on its day), taken_up, or empty once the report is in a case"`
	Flags    []view.Flag     `json:"flags" nullable:"false" doc:"Those who see a possible duty to warn in it, in the order in which a confirmation answers them"`
	Actions  []AsideAction   `json:"actions" nullable:"false"`
}

type (
	proposeIn struct {
		Keyed
		ID   tocsin.ReportID `path:"id" maxLength:"64" doc:"The report"`
		Body AsideBody
	}
	confirmIn struct {
		Keyed
		ID   tocsin.ReportID `path:"id" maxLength:"64" doc:"The report"`
		Body ConfirmBody
	}
	takeUpIn struct {
		Keyed
		ID   tocsin.ReportID `path:"id" maxLength:"64" doc:"The report"`
		Body TakeUpBody
	}
	asideOut struct {
		Status int
		Body   AsideView
	}
	asideReviewIn struct {
		From  time.Time `query:"from" doc:"Only what was done at this moment or later; a week ago if absent"`
		Until time.Time `query:"until" doc:"Only what was done before this moment"`
	}
	asideReviewOut struct {
		Body struct {
			From  time.Time `json:"from"`
			Until time.Time `json:"until,omitzero"`
			view.AsideReview
		}
	}
)

func (a *API) asides() {
	const silent = "No report is set aside by one person. "
	handle(a, operation{id: "get-set-aside", method: http.MethodGet, path: "/v1/reports/{id}/set-aside", tag: "reports", summary: "How a report stands that somebody wanted to set aside",
		doc: "With who proposed and who confirmed, what came of it before, and what you may do.", who: caseRoles}, a.getAside)
	handle(a, operation{id: "set-report-aside", method: http.MethodPost, path: "/v1/reports/{id}/set-aside", tag: "reports", summary: "Propose to set a report aside",
		doc: silent + "Until somebody else confirms it nothing changes: the report waits where it waited, and whoever is called because of it is called on. " +
			"You must have read it. A proposal takes the place of one before it. A report in a case is not set aside.",
		who: caseRoles, changes: true, status: http.StatusCreated, also: []int{http.StatusOK}}, a.proposeAside)
	handle(a, operation{id: "confirm-set-aside", method: http.MethodPost, path: "/v1/reports/{id}/set-aside/confirm", tag: "reports", summary: "Confirm, as a second person, that a report is set aside",
		doc: silent + "For a senior officer or a reviewer who did not propose it, does not handle its source, and has read it. Where somebody sees a possible duty to warn, " +
			"only a senior officer confirms, and answers every flag. A flag or a case that gets in first leaves the confirmation without effect (409).",
		who: caseRoles, changes: true}, a.confirmAside)
	handle(a, operation{id: "take-up-report", method: http.MethodPost, path: "/v1/reports/{id}/take-up", tag: "reports", summary: "Take a report up again that is, or is to be, set aside",
		doc: "For anybody who may read it, at any time, at once, without a second person. A flag does the same to a report that is set aside, and so does a case.",
		who: caseRoles, changes: true}, a.takeUp)
	handle(a, operation{id: "list-set-aside", method: http.MethodGet, path: "/v1/oversight/set-aside", tag: "oversight", summary: "What was set aside, on which ground, by whom, and what was taken up again",
		doc: "Counts by ground and person within the time, with the reports that they count; and, whenever it was, what was proposed and never confirmed. " +
			"What stands in cases that are sealed from you is neither listed nor counted.", who: caseRoles}, a.listAside)
}

func (a *API) getAside(_ context.Context, c call, in *reportIn) (*asideOut, error) {
	if _, err := a.report(c.by, in.ID); err != nil {
		return nil, err
	}
	body, err := a.asideView(c.by, in.ID)
	return &asideOut{http.StatusOK, body}, err
}

func (a *API) proposeAside(ctx context.Context, c call, in *proposeIn) (*asideOut, error) {
	b := in.Body
	return a.turnAside(ctx, c, in.Keyed, "set-report-aside", in.ID, b, aside.Propose{Ground: b.Ground, Of: b.Of, Why: b.Why, Retest: b.Retest}, http.StatusCreated)
}

func (a *API) confirmAside(ctx context.Context, c call, in *confirmIn) (*asideOut, error) {
	b := in.Body
	return a.turnAside(ctx, c, in.Keyed, "confirm-set-aside", in.ID, b, aside.Confirm{Proposal: b.Proposal, Why: b.Why, Flags: b.Flags}, http.StatusOK)
}

func (a *API) takeUp(ctx context.Context, c call, in *takeUpIn) (*asideOut, error) {
	return a.turnAside(ctx, c, in.Keyed, "take-up-report", in.ID, in.Body, aside.TakeUp{Why: in.Body.Why}, http.StatusOK)
}

func (a *API) turnAside(ctx context.Context, c call, k Keyed, op string, id tocsin.ReportID, body any, cmd aside.Command, status int) (*asideOut, error) {
	if _, err := a.report(c.by, id); err != nil {
		return nil, err
	}
	o, err := k.options(op, id, body)
	if err != nil {
		return nil, err
	}
	_, already, err := a.cfg.Engine.Aside(ctx, c.by, id, cmd, o)
	if err != nil {
		return nil, err
	}
	if already {
		status = http.StatusOK
	}
	after, err := a.asideView(c.by, id)
	return &asideOut{status, after}, err
}

func (a *API) asideView(by tocsin.Actor, id tocsin.ReportID) (AsideView, error) {
	out := AsideView{Report: id, Flags: []view.Flag{}}
	var err error
	if out.SetAside, err = a.cfg.Engine.AsideOf(by, id); err != nil {
		return out, err
	}
	a.cfg.Engine.ReadAs(by, func(x *view.Index) { out.Flags = append(out.Flags, x.Flags[id]...) })
	for _, kind := range []string{aside.ProposeKind, aside.ConfirmKind, aside.TakeUpKind} {
		act := AsideAction{Do: kind, Allowed: true}
		if why := a.cfg.Engine.MayAside(by, id, kind); why != nil {
			act.Allowed, act.Why = false, why.Error()
		}
		out.Actions = append(out.Actions, act)
	}
	return out, nil
}

func (a *API) listAside(_ context.Context, c call, in *asideReviewIn) (*asideReviewOut, error) {
	out := &asideReviewOut{}
	b := &out.Body
	now := a.cfg.Engine.Now()
	if b.From, b.Until = in.From, in.Until; b.From.IsZero() {
		b.From = now.Add(-week)
	}
	until := b.Until
	if until.IsZero() {
		until = now.Add(time.Second) // what is done now counts
	}
	a.cfg.Engine.ReadAs(c.by, func(x *view.Index) { b.AsideReview = x.AsideReview(b.From, until, now) })
	return out, nil
}
