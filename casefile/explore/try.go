package explore

import (
	"fmt"
	"time"

	"tocsin"
	"tocsin/casefile"
)

func keyOf(t string) tocsin.DeliveryKey { return tocsin.DeliveryKey(t) }

// panicked is a Decide that did not come back. It is a violation, never a refusal.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// try gives a move's command.
func (w *world) try(s casefile.State, m *move) (events []casefile.Event, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked{p}
		}
	}()
	if m.clock != nil {
		s.Missed = only(m.running, *m.clock, m.at)
	}
	return w.machine.Decide(s, casefile.Meta{At: m.at, By: w.Cast[m.actor], Command: "exercise"}, m.command)
}

// only sets the clocks so that c has run out at now and no other has: whatever the
// lengths that the pack sets, this may be the order.
func only(all []casefile.Clock, c casefile.Clock, now time.Time) []casefile.Missed {
	out := make([]casefile.Missed, 0, len(all))
	for _, o := range all {
		next := now.Add(time.Hour)
		if o.Name == c.Name && o.Target == c.Target {
			next = now
		}
		out = append(out, casefile.Missed{Clock: o.Name, Target: o.Target, Anchor: o.Anchor, Due: o.Due, Count: o.Count, Next: next})
	}
	return out
}

// follow applies the events one by one, each held against the invariants, and then
// the command as a whole.
func (w *world) follow(s casefile.State, m *move, events []casefile.Event) (next casefile.State, f *fault) {
	defer func() {
		if p := recover(); p != nil {
			f = faultf(0, "Apply panics: %v", p)
		}
	}()
	next = s
	for _, e := range events {
		before := next
		next = w.machine.Apply(next, e)
		if f := w.holdsAcross(before, next, e, m); f != nil {
			return next, f
		}
	}
	return next, w.holdsOver(s, next, m, events)
}
