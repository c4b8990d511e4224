package view

import (
	"cmp"
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
)

// Count is one line of a tally.
type Count struct {
	Name string
	N    int
}

// Tally is what oversight asks of all cases at once (domain notes 6 and 7.9). It
// holds numbers and no content.
type Tally struct {
	Cases, Open  int
	Victims      []Count         // by disposition, every disposition
	Warnings     []Count         // released, by kind
	Deliveries   []Count         // by state
	Missed       []Count         // clocks that ran out, by name; each run of a clock once
	Overdue      int             // clocks that are past now
	Exigent      int             // cases on the exigent path
	Unanswered   int             // warnings that reached somebody and that nobody acknowledged
	Disputes     int             // unsettled
	Consents     int             // asked and not answered
	FirstTry     []time.Duration // from first knowledge of a victim's case to the first attempt to warn, shortest first
	Acknowledged []time.Duration // from first knowledge to the first acknowledgement, shortest first
}

// TallyOf counts over states at now.
func TallyOf(states []casefile.State, now time.Time) Tally {
	t := Tally{}
	disposition, kinds, deliveries, missed := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, s := range states {
		t.Cases++
		if !s.Closed {
			t.Open++
		}
		if s.Exigent != nil {
			t.Exigent++
		}
		for _, v := range s.Victims {
			disposition[string(v.Disposition)]++
		}
		for _, w := range s.Warnings {
			if w.Clearance != nil {
				kinds[string(w.Draft.Kind)]++
				t.timeWarning(s, w)
			}
		}
		for _, d := range s.Deliveries {
			deliveries[string(d.State)]++
		}
		for _, m := range s.Missed {
			missed[string(m.Clock)]++
		}
		for _, c := range casefile.Clocks(s) {
			if c.Overdue(now) {
				t.Overdue++
			}
		}
		t.Disputes += pending(s.Disputes, func(d casefile.Dispute) bool { return d.Settled.IsZero() })
		t.Consents += pending(s.Consents, func(c casefile.Consent) bool { return c.Answered.IsZero() })
	}
	for _, d := range []casefile.Disposition{casefile.ObligationOpen, casefile.ObligationOwed, casefile.ObligationDischarged, casefile.ObligationWaived,
		casefile.ObligationNotOwed, casefile.ObligationTransferred, casefile.ObligationOvertaken} {
		t.Victims = append(t.Victims, Count{string(d), disposition[string(d)]})
	}
	t.Warnings, t.Deliveries, t.Missed = Most(kinds), Most(deliveries), Most(missed)
	slices.Sort(t.FirstTry)
	slices.Sort(t.Acknowledged)
	return t
}

func (t *Tally) timeWarning(s casefile.State, w casefile.Warning) {
	if w.Draft.Message != tocsin.Alert {
		return
	}
	var tried, acked time.Time
	reached := false
	for _, d := range s.Deliveries {
		if d.Warning != w.ID {
			continue
		}
		reached = reached || d.Reached()
		tried = earlier(tried, d.FirstTry)
		if d.Answer.Acknowledges() {
			acked = earlier(acked, d.Answered)
		}
	}
	if !tried.IsZero() {
		t.FirstTry = append(t.FirstTry, tried.Sub(s.FirstKnown))
	}
	if !acked.IsZero() {
		t.Acknowledged = append(t.Acknowledged, acked.Sub(s.FirstKnown))
	} else if reached {
		t.Unanswered++
	}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func pending[T any](list []T, open func(T) bool) int {
	n := 0
	for _, x := range list {
		if open(x) {
			n++
		}
	}
	return n
}

// Most lists counts, the largest first.
func Most(m map[string]int) []Count {
	var out []Count
	for name, n := range m {
		out = append(out, Count{name, n})
	}
	slices.SortFunc(out, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	return out
}

// Median is the middle of sorted durations, zero of none.
func Median(sorted []time.Duration) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)-1)/2]
}
