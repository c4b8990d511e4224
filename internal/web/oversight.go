package web

import (
	"context"
	"net/http"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/view"
)

// CaseExceptions is one case in the exception report.
type CaseExceptions struct {
	Case       tocsin.CaseID        `json:"case"`
	Title      string               `json:"title"`
	Owner      tocsin.ActorID       `json:"owner"`
	Closed     bool                 `json:"closed"`
	Exceptions []casefile.Exception `json:"exceptions" nullable:"false"`
}

type (
	exceptionsIn struct {
		From  time.Time `query:"from" doc:"Only what was overdue, or left out, at this moment or later; a week ago if absent"`
		Until time.Time `query:"until" doc:"Only what was overdue, or left out, before this moment"`
	}
	exceptionsOut struct {
		Body struct {
			From  time.Time        `json:"from"`
			Until time.Time        `json:"until,omitzero"`
			Cases int              `json:"cases" doc:"How many cases there are in all"`
			Items []CaseExceptions `json:"items" nullable:"false"`
		}
	}
)

func (a *API) oversight() {
	handle(a, operation{id: "list-exceptions", method: http.MethodGet, path: "/v1/oversight/exceptions", tag: "oversight",
		summary: "Every case that skipped or overran a step",
		doc:     "Computed from the record alone: clocks that ran out, and steps that were left out, with when and why. What happened before the time asked for and is still open is listed too.",
		who:     caseRoles}, a.listExceptions)
	handle(a, operation{id: "list-sealed-reads", method: http.MethodGet, path: "/v1/oversight/sealed-reads", tag: "oversight",
		summary: "Who read in sealed cases, what and when",
		doc: "Of the cases that you own; as a senior officer of those that you may know of; as an inspector of all. One entry for each person, case, " +
			"thing read and hour of the clock. A list or board that shows a line of a case is no read.",
		who: caseRoles}, a.listSealedReads)
}

type (
	readsIn struct {
		From  time.Time `query:"from" doc:"Only what was read at this moment or later; a week ago if absent"`
		Until time.Time `query:"until" doc:"Only what was read before this moment"`
	}
	readsOut struct {
		Body struct {
			From  time.Time        `json:"from"`
			Until time.Time        `json:"until,omitzero"`
			Items []view.CaseReads `json:"items" nullable:"false"`
		}
	}
)

func (a *API) listSealedReads(_ context.Context, c call, in *readsIn) (*readsOut, error) {
	out := &readsOut{}
	b := &out.Body
	if b.From, b.Until = in.From, in.Until; b.From.IsZero() {
		b.From = a.cfg.Engine.Now().Add(-week)
	}
	a.cfg.Engine.Read(func(x *view.Index) { b.Items = filled(x.ReadsWithin(c.by, b.From, b.Until)) })
	return out, nil
}

// week is how far back the exception report goes unless asked otherwise.
const week = 7 * 24 * time.Hour

func (a *API) listExceptions(_ context.Context, c call, in *exceptionsIn) (*exceptionsOut, error) {
	out := &exceptionsOut{}
	b := &out.Body
	if b.From, b.Until = in.From, in.Until; b.From.IsZero() {
		b.From = a.cfg.Engine.Now().Add(-week)
	}
	b.Items = []CaseExceptions{}
	var all []casefile.State
	a.cfg.Engine.Read(func(x *view.Index) { b.Cases = len(x.CaseOrder) }) // sealed cases count
	a.cfg.Engine.ReadAs(c.by, func(x *view.Index) {
		for _, id := range x.CaseOrder {
			all = append(all, x.Cases[id])
		}
	})
	for _, s := range all {
		var within []casefile.Exception
		for _, x := range casefile.Exceptions(s) {
			if (x.Open || !x.At.Before(b.From)) && (b.Until.IsZero() || x.At.Before(b.Until)) {
				within = append(within, x)
			}
		}
		if len(within) > 0 {
			b.Items = append(b.Items, CaseExceptions{s.ID, s.Title, s.Owner, s.Closed, within})
		}
	}
	return out, nil
}
