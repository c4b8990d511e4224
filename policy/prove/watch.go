package prove

import (
	"slices"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/explore"
	"tocsin/policy"
)

// ownFault begins what is said of an invariant that is held here and not in package
// explore. The explorer calls a panic in Apply a violation and finds its shortest path.
const ownFault = "prove: "

// kept is how many of the last commands a watch keeps: more than the longest path.
const kept = 256

// watch stands between the explorer and the case machine. It keeps the last
// commands, counts the clocks that run out, asks the pack itself where a plan is
// about one of its rules, and holds what is the pack's own affair.
type watch struct {
	m      explore.Machine
	pack   *policy.Pack
	rule   *ruleCase // nil: any answer of the policy may come to any findings
	last   []call
	clocks map[string]int
}

// ruleCase is findings that one rule decides, and the recorded harm.
type ruleCase struct {
	rule  policy.Rule
	harm  tocsin.Harm
	found []tocsin.Finding
}

func newWatch(m explore.Machine, pack *policy.Pack, rule *ruleCase) *watch {
	if m.Decide == nil {
		m.Decide = casefile.Decide
	}
	if m.Apply == nil {
		m.Apply = casefile.Apply
	}
	return &watch{m: m, pack: pack, rule: rule, clocks: map[string]int{}}
}

func (w *watch) machine() explore.Machine { return explore.Machine{Decide: w.decide, Apply: w.apply} }

func (w *watch) decide(s casefile.State, m casefile.Meta, c casefile.Command) ([]casefile.Event, error) {
	if w.rule != nil {
		var err error
		if c, err = w.real(s, c); err != nil {
			return nil, err
		}
	}
	if len(w.last) == kept {
		w.last = append(w.last[:0], w.last[kept/2:]...)
	}
	w.last = append(w.last, call{s, m, c})
	events, err := w.m.Decide(s, m, c)
	if _, opened := c.(casefile.OpenCase); opened && err == nil && w.rule != nil && w.rule.harm != "" {
		events = append(events, casefile.ThreatStated{Head: casefile.Head{At: m.At, By: m.By.ID}, Threat: tocsin.Threat{Harm: w.rule.harm}})
	}
	return events, err
}

// real puts the rule's findings in place of the explorer's, and the pack's own
// answer in place of any.
func (w *watch) real(s casefile.State, c casefile.Command) (casefile.Command, error) {
	switch x := c.(type) {
	case casefile.RecordFindings:
		if len(x.Findings) == len(w.rule.found) {
			x.Findings = w.rule.found
		}
		return x, nil
	case casefile.Determine:
		v, _ := s.Victim(x.Determination.Victim)
		d := w.pack.Determine(v.ID, s.Threat.Harm, v.Findings)
		if d.Result != x.Determination.Result {
			return nil, tocsin.Faultf(tocsin.Conflict, "not_the_policys", "Ask the policy.", "The policy says %s.", d.Result)
		}
		x.Determination = d
		return x, nil
	case casefile.SignRefusal:
		if len(x.Determinations) == 0 {
			x.Determinations = []tocsin.Determination{w.pack.Determine(x.Victim, s.Threat.Harm, x.Grade)}
		}
		return x, nil
	}
	return c, nil
}

func (w *watch) apply(s casefile.State, e casefile.Event) casefile.State {
	next := w.m.Apply(s, e)
	switch e := e.(type) {
	case casefile.ClockMissed:
		w.clocks[string(e.Clock)]++
	case casefile.VictimAdded:
		undisturbed(s, next)
	case casefile.Determined:
		v, _ := next.Victim(e.Determination.Victim)
		if e.Determination.Result != tocsin.ResultNotOwed && v.Disposition == casefile.ObligationOpen {
			panic(ownFault + "the policy answers " + string(e.Determination.Result) + ", and the duty towards " + string(v.ID) + " is not owed")
		}
	case casefile.RefusalSigned:
		v, _ := s.Victim(e.Victim)
		if after, _ := next.Victim(e.Victim); w.rule != nil && after.Disposition == casefile.ObligationNotOwed &&
			w.pack.Determine(v.ID, s.Threat.Harm, v.Findings).Result != tocsin.ResultNotOwed {
			panic(ownFault + "the duty towards " + string(v.ID) + " is refused, and by the pack's own rules it is not below the threshold")
		}
	}
	return next
}

// undisturbed holds that another victim takes nothing from those that there are: no
// duty is lowered, no warning ends, no delivery is stopped.
func undisturbed(s, next casefile.State) {
	for i, v := range s.Victims {
		if after := next.Victims[i]; after.ID != v.ID || after.Disposition != v.Disposition {
			panic(ownFault + "naming another victim makes the duty towards " + string(v.ID) + ", which was " + string(v.Disposition) + ", " + string(after.Disposition))
		}
	}
	same := slices.EqualFunc(s.Warnings, next.Warnings, func(a, b casefile.Warning) bool {
		return a.ID == b.ID && a.EndedBy == b.EndedBy && a.Returned == b.Returned && (a.Clearance == nil) == (b.Clearance == nil)
	}) && slices.EqualFunc(s.Deliveries, next.Deliveries, func(a, b casefile.Delivery) bool { return a.Key == b.Key && a.State == b.State })
	if !same {
		panic(ownFault + "naming another victim takes back a warning of those that there are")
	}
}

// path is the last n commands, if they begin a case.
func (w *watch) path(n int) []call {
	if n == 0 || n > len(w.last) {
		return nil
	}
	path := slices.Clone(w.last[len(w.last)-n:])
	if _, opens := path[0].c.(casefile.OpenCase); !opens {
		return nil
	}
	return path
}
