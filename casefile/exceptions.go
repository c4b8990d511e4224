package casefile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin"
)

// Exception is a step that a case skipped, or took longer over than its clock
// allows. It is a fact for oversight, not a reproach: the exigent path skips steps
// by design (domain notes T-13).
type Exception struct {
	Kind   string    `json:"kind"`             // Overran or Skipped
	Step   string    `json:"step"`             // a clock's name, or the step that was left out
	Target string    `json:"target,omitempty"` // the victim, warning, delivery ... concerned
	At     time.Time `json:"at"`               // when it was overdue, or left out
	What   string    `json:"what"`             // in a sentence
	Open   bool      `json:"open,omitempty"`   // it is still outstanding
}

// The kinds of exceptions.
const (
	Overran = "overran"
	Skipped = "skipped"
)

// Exceptions lists every step that the case skipped or overran, the earliest
// first. It is computed from the state alone, so that nobody has to admit to one.
func Exceptions(s State) []Exception {
	x := &exceptions{s: s}
	running := Clocks(s)
	for _, m := range s.Missed {
		open := slices.ContainsFunc(running, func(c Clock) bool { return c.Name == m.Clock && c.Target == m.Target && c.Anchor.Equal(m.Anchor) })
		x.add(Exception{Overran, string(m.Clock), m.Target, m.Due, x.overran(m), open})
	}
	for _, w := range s.Warnings {
		x.warning(w)
	}
	for _, v := range s.Victims {
		x.victim(v)
	}
	x.records()
	slices.SortStableFunc(x.all, func(a, b Exception) int { return a.At.Compare(b.At) })
	return x.all
}

// overran tells a missed clock, and whom it ran for.
func (x *exceptions) overran(m Missed) string {
	whom := ""
	if v, ok := x.s.Victim(tocsin.VictimID(m.Target)); ok {
		whom = v.Name
	} else if d, ok := x.s.Delivery(tocsin.DeliveryKey(m.Target)); ok {
		whom = d.Addressee
	}
	if whom == "" {
		return fmt.Sprintf("the clock %s ran out and was raised %s", plain(string(m.Clock)), times(m.Count))
	}
	return fmt.Sprintf("the clock %s for %s ran out and was raised %s", plain(string(m.Clock)), whom, times(m.Count))
}

type exceptions struct {
	s   State
	all []Exception
}

func (x *exceptions) add(e Exception) { x.all = append(x.all, e) }

func (x *exceptions) skipped(step, target string, at time.Time, open bool, format string, args ...any) {
	x.add(Exception{Skipped, step, target, at, fmt.Sprintf(format, args...), open})
}

func (x *exceptions) warning(w Warning) {
	if w.Clearance == nil || w.Draft.Message.Ends() {
		return
	}
	if w.Clearance.Exigent {
		x.skipped("coordination", string(w.ID), w.Released, false, "%s was released on the exigent path by %s: %s", w.ID, w.Clearance.Released, x.s.Exigent.Reason)
	}
	for _, v := range x.s.Victims {
		if w.Draft.Message != tocsin.Alert || !slices.Contains(w.Draft.Victims, v.ID) {
			continue
		}
		for _, u := range x.s.Under(v) {
			switch st := u.Standing; {
			case st.Determination == nil:
				x.skipped("determination", string(v.ID), w.Released, !v.Disposition.Ended(), "%s was released before %s was determined for %s", w.ID, u.Terms.Pack.Name, v.Name)
			case st.Affirmed == "":
				x.skipped("affirmation", string(v.ID), w.Released, !v.Disposition.Ended(), "no senior officer affirmed what %s says about %s before %s was released", u.Terms.Pack.Name, v.Name, w.ID)
			}
		}
	}
}

func (x *exceptions) victim(v Victim) {
	switch {
	case v.Disposition == ObligationDischarged && v.How != HowAcknowledged:
		x.skipped("acknowledgement", string(v.ID), v.Since, false, "the duty towards %s was discharged without an acknowledgement", v.Name)
	case v.Disposition == ObligationOvertaken && !x.s.covered(v.ID):
		x.skipped("warning", string(v.ID), v.Since, false, "events overtook the duty towards %s", v.Name)
	}
}

// records lists what was no longer followed when the case closed, and asks for each item that a pack wants on record before a case closes.
func (x *exceptions) records() {
	if !x.s.Closed {
		return
	}
	for _, u := range x.s.Unfollowed {
		x.skipped("acknowledgement", string(u.Key), x.s.Now, false, "the case was closed while %s: %s", u, x.s.ClosedOver)
	}
	for _, t := range x.s.Packs() {
		for _, item := range t.Records {
			if x.s.OnRecord[item] == "" {
				x.skipped("record", item, x.s.Now, true, "the case was closed without saying where the record holds %s (%s)", plain(item), t.Pack.Name)
			}
		}
	}
}

func plain(s string) string { return strings.ReplaceAll(s, "_", " ") }

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
