package explore

import (
	"tocsin"
	"tocsin/casefile"
)

// Walk takes one way through p, step by step, in the order in which things really
// happen under the pack's own lengths of clocks: pick chooses among n moves, and
// one of them is that time passes until the machine next has something to do. It
// answers with the events, the state they lead to, and the first violation.
//
// Run leaves time out and visits everything; Walk keeps time and visits what pick
// chooses. Between them they cover each other's blind side.
func Walk(p Plan, m Machine, steps int, pick func(n int) int) ([]casefile.Event, casefile.State, *Violation) {
	w := newWorld(p, m)
	var s casefile.State
	var all []casefile.Event
	var path []string
	for range steps {
		moves := w.timely(s)
		var ok []move
		var led [][]casefile.Event
		for i := range moves {
			events, err := w.try(s, &moves[i])
			if f := speaks(err); err != nil && f != nil {
				return all, s, &Violation{f.invariant, f.what, append(path, w.line(s, &moves[i], nil))}
			}
			if err == nil && len(events) > 0 {
				ok, led = append(ok, moves[i]), append(led, events)
			}
		}
		if len(ok) == 0 {
			break
		}
		n := pick(len(ok))
		path = append(path, w.line(s, &ok[n], led[n]))
		next, f := w.follow(s, &ok[n], led[n])
		if f == nil {
			f = w.holdsIn(next)
		}
		if f != nil {
			return all, next, &Violation{f.invariant, f.what, path}
		}
		s, all = next, append(all, led[n]...)
	}
	return all, s, nil
}

// timely lists the moves without those of single clocks, and the passing of time.
func (w *world) timely(s casefile.State) []move {
	var out []move
	for _, m := range w.moves(s, false, nil) {
		if m.clock == nil {
			out = append(out, m)
		}
	}
	if due, ok := casefile.NextDue(s); ok && s.Version > 0 {
		at := tocsin.Instant(due)
		if at.Before(s.Now) {
			at = s.Now
		}
		out = append(out, move{actor: w.robot, at: at, command: casefile.Tick{}, words: "lets time pass"})
	}
	return out
}
