package engine

import (
	"context"
	"errors"

	"tocsin"
	"tocsin/aside"
	"tocsin/casefile"
	"tocsin/ledger"
	"tocsin/view"
)

// Aside gives one command about setting a report aside, and returns how the report
// stands after it. already says that the same request was made before, under the same
// key. The error for a report that by may not know of is that for one that never was.
// A flag or a case that gets in first is not silenced: then a confirmation is on
// record, has no effect, and is answered with a conflict.
func (e *Engine) Aside(ctx context.Context, by tocsin.Actor, id tocsin.ReportID, c aside.Command, o Options) (st *aside.Standing, already bool, err error) {
	if !by.Has(readers...) {
		return nil, false, tocsin.Fault(tocsin.Forbidden, "no_power", "Your role does not allow this.", "Tell an intake officer.").Keeping("Nothing was recorded.")
	}
	m := casefile.Meta{At: e.now(), By: by, Command: e.cfg.IDs.New("command", basis(by, o))}
	for range tries {
		if o.Idempotency != "" {
			if st, ok, err := e.turned(ctx, by, id, o); ok || err != nil {
				return st, ok, err
			}
		}
		event, b, err := e.turn(by, id, c, m)
		if err != nil {
			return nil, false, err
		}
		if o.Idempotency != "" {
			b.Keys = []string{idempotencyKey(by, o)}
		}
		err = e.append(ctx, b)
		var held *ledger.HeldError
		switch {
		case err == nil:
			st, err := e.took(by, id, event)
			return st, false, err
		case !errors.Is(err, ledger.ErrConflict) && !errors.As(err, &held):
			return nil, false, unavailable(err)
		}
		if err := e.Follow(ctx); err != nil {
			return nil, false, err
		}
	}
	return nil, false, tocsin.Fault(tocsin.Unavailable, "busy", "The record is being changed too often just now.", "Try again.").Keeping("Nothing was recorded.")
}

// turn decides a command on what is known now, and makes its record. It is decided as
// its giver may see the report: somebody from whom a report is sealed must not learn
// from an answer that another repeats it.
func (e *Engine) turn(by tocsin.Actor, id tocsin.ReportID, c aside.Command, m casefile.Meta) (event aside.Event, b ledger.Batch, err error) {
	name := e.cfg.IDs.New("proposal", "")
	e.Read(func(x *view.Index) {
		seen := x.As(by)
		if seen.Reports[id] == nil {
			err = noSuchReport(id)
			return
		}
		f := asideFacts(seen, by, id, m)
		f.Name = name
		if p, ok := c.(aside.Propose); ok && p.Of != "" {
			f.Of = original(seen, x, id, p.Of)
		}
		event, err = aside.Decide(seen.Aside(id), by, f, c)
		b.Stream = aside.Prefix + string(id)
		b.After = x.Version(b.Stream)
	})
	if err != nil {
		return nil, b, err
	}
	r, err := e.record(aside.Kind(event), event, m, "")
	b.Records = []ledger.Record{r}
	return event, b, err
}

// asideFacts is what a decision about a report has to know, as by may see it.
func asideFacts(seen *view.Index, by tocsin.Actor, id tocsin.ReportID, m casefile.Meta) aside.Facts {
	rep := seen.Reports[id]
	return aside.Facts{Now: m.At, Report: id, Read: seen.LookedAt(id, by, m.At), Handles: by.Handler(rep.Origin) || by.Handler(rep.Conveyor), InCase: len(rep.Cases) > 0,
		Twin: seen.Twin(id), Flags: len(seen.Flags[id]), KeepWatch: view.KeepsWatch(by)}
}

// original is what is known of the report that another is said to repeat.
func original(seen, x *view.Index, id, of tocsin.ReportID) aside.Original {
	if seen.Reports[of] == nil {
		return aside.Original{}
	}
	known := aside.Original{Known: true, Loops: x.Loops(id, of)}
	if in := x.StandsIn(of); len(in) > 0 {
		known.Sealed = true
		for _, c := range in {
			known.Sealed = known.Sealed && x.Cases[c].Sealed != nil
		}
	}
	return known
}

// turned finds how a report stood after the command that was given before under this
// key: as it stands now, because that is what its giver acts on.
func (e *Engine) turned(ctx context.Context, by tocsin.Actor, id tocsin.ReportID, o Options) (*aside.Standing, bool, error) {
	stream, _, ok, err := e.cfg.Store.Holder(ctx, idempotencyKey(by, o))
	if err != nil || !ok {
		return nil, false, err
	}
	if stream != aside.Prefix+string(id) {
		return nil, false, keyReused()
	}
	if err := e.Follow(ctx); err != nil {
		return nil, false, err
	}
	st, err := e.AsideOf(by, id)
	return st, true, err
}

// took is how a report stands after an event; a conflict if that came too late.
func (e *Engine) took(by tocsin.Actor, id tocsin.ReportID, event aside.Event) (*aside.Standing, error) {
	var now aside.State
	e.Read(func(x *view.Index) { now = x.Aside(id) })
	if c, ok := event.(aside.Confirmed); ok {
		held := false
		for _, r := range now.Rounds {
			held = held || r.Proposal == c.Proposal && r.Confirmed != nil && r.Confirmed.By == c.By
		}
		if !held {
			return nil, tocsin.Fault(tocsin.Conflict, "came_too_late", "A flag, a case or another word about this report got in before your confirmation, which therefore has no effect.",
				"Look at the report again.").Keeping("That you confirmed is on record. The report is not set aside.")
		}
	}
	return e.AsideOf(by, id)
}

// AsideOf is how a report stands that somebody wanted to set aside, as by may see it;
// nil if nobody ever did.
func (e *Engine) AsideOf(by tocsin.Actor, id tocsin.ReportID) (st *aside.Standing, err error) {
	now := e.now()
	e.ReadAs(by, func(x *view.Index) {
		if x.Reports[id] == nil {
			err = noSuchReport(id)
			return
		}
		st = x.Aside(id).Standing(now)
	})
	return st, err
}

// MayAside says why by may not give a command about setting a report aside, by its
// kind, or nil: the same answers as Aside gives.
func (e *Engine) MayAside(by tocsin.Actor, id tocsin.ReportID, kind string) (err error) {
	m := casefile.Meta{At: e.now(), By: by}
	e.ReadAs(by, func(x *view.Index) {
		if x.Reports[id] == nil {
			err = noSuchReport(id)
			return
		}
		err = aside.Explain(x.Aside(id), by, asideFacts(x, by, id, m), kind)
	})
	return err
}
