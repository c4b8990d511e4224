package verify

import (
	"context"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/ledger"
	"tocsin/paging"
	"tocsin/view"
)

// slack is how much later than a clock its work may be queued: a worker that could
// do nothing looks again after a moment.
const slack = time.Minute

// rounds is how often cases that are being worked on are looked at again. One that
// is still moving then is watched, if any is.
const rounds = 5

// work checks that whatever a case still waits for has work queued that will look
// at it in time, and that no other work is queued: a clock that nobody watches is
// a silence.
//
// Queue and record are read one after the other, so a case on which somebody acts
// in between proves nothing; it is looked at again in the next round.
func (p *proof) work(ctx context.Context) error {
	left := slices.Clone(p.index.CaseOrder)
	for round := 0; round < rounds && (len(left) > 0 || round == 0); round++ {
		if _, err := p.follow(ctx); err != nil || p.index == nil {
			return err
		}
		pending, err := p.store.Work().Pending(ctx)
		if err != nil {
			return err
		}
		settled := map[tocsin.CaseID]casefile.State{}
		for _, id := range left {
			settled[id] = p.index.Cases[id]
		}
		touched, err := p.follow(ctx)
		if err != nil || p.index == nil {
			return err
		}
		for id := range touched {
			delete(settled, id)
		}
		p.compare(settled, pending, round == 0 && len(touched) == 0)
		left = slices.DeleteFunc(left, func(id tocsin.CaseID) bool { return !touched[id] })
	}
	return nil
}

// follow folds what has been written by now and says which cases it touched. It
// goes no further, because somebody may write as fast as it reads.
func (p *proof) follow(ctx context.Context) (map[tocsin.CaseID]bool, error) {
	size, err := p.store.Log().Size(ctx)
	if err != nil {
		return nil, err
	}
	touched := map[tocsin.CaseID]bool{}
	for rec, err := range p.store.Since(ctx, p.index.Position) {
		if err != nil {
			return nil, err
		}
		if rec.Position >= size {
			break
		}
		if err := p.index.Fold(rec); err != nil {
			p.fault("replay: %v", err)
			p.index = nil
			return nil, nil
		}
		p.index.Position = rec.Position + 1
		if id, ok := strings.CutPrefix(rec.Stream, view.CasePrefix); ok {
			touched[tocsin.CaseID(id)] = true
		}
	}
	return touched, nil
}

// compare holds the queue against what the cases owe. quiet says that nothing was
// written meanwhile, so that work of cases that are not among them can be judged.
func (p *proof) compare(cases map[tocsin.CaseID]casefile.State, pending []ledger.Due, quiet bool) {
	queued := map[string]ledger.Due{}
	for _, d := range pending {
		queued[d.ID] = d
	}
	for _, id := range p.index.CaseOrder {
		s, ok := cases[id]
		if !ok {
			continue
		}
		for _, want := range owed(s) {
			have, ok := queued[want.ID]
			delete(queued, want.ID)
			switch {
			case !ok:
				p.fault("work: case %s waits for %s at %s, and nothing is queued", id, want.ID, want.At.Format(time.RFC3339))
			case have.Kind != want.Kind || have.Case != want.Case || have.At.After(want.At):
				p.fault("work: %s of case %s is queued as a %s of case %q for %s; it is owed at %s", want.ID, id, have.Kind, have.Case, have.At.Format(time.RFC3339), want.At.Format(time.RFC3339))
			default:
				p.Pending++
			}
		}
	}
	for _, id := range p.index.LivePages() {
		want := paging.Prefix + string(id)
		if _, ok := queued[want]; !ok && quiet {
			p.fault("work: page %s goes on, and nothing is queued", id)
		}
		delete(queued, want)
	}
	for _, d := range pending {
		_, known := cases[tocsin.CaseID(d.Case)]
		if _, extra := queued[d.ID]; extra && (known || quiet) {
			p.fault("work: %s is queued for case %q, which does not owe it", d.ID, d.Case)
		}
	}
}

// owed lists the work that a case must have queued, each with the time at which it
// must be looked at, at the latest.
func owed(s casefile.State) []ledger.Due {
	var out []ledger.Due
	due := func(kind, id string, at time.Time) {
		out = append(out, ledger.Due{ID: kind + "/" + id, Kind: kind, Case: string(s.ID), At: at})
	}
	clocks := casefile.Clocks(s)
	determine := !s.Closed && slices.ContainsFunc(s.Victims, s.NeedsDetermination)
	switch {
	case len(clocks) > 0:
		due("tick", string(s.ID), latest(clocks[0].Next, s.Now).Add(slack))
	case determine:
		due("tick", string(s.ID), never)
	}
	for _, d := range s.Deliveries {
		// What must not leave, or not any more, has no work of its own: the case's
		// next clock gives it up, and that clock is looked at above.
		if at, open := s.SendAt(d); open {
			due("send", string(d.Key), at)
		}
	}
	return out
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
