package aside_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"tocsin"
	"tocsin/aside"
)

// walk is one history of a report, as seen from outside the package.
type walk struct {
	s      aside.State
	now    time.Time
	flags  int
	inCase bool
	path   []string
}

// step is one thing that can happen in a history. ok is false if it is refused.
type step struct {
	name string
	do   func(w walk) (walk, bool)
}

// TestEveryShortHistoryKeepsThePromises goes through every history of up to five
// steps: commands of everybody, also those decided on what was known one step
// earlier, flags, cases, and time passing.
func TestEveryShortHistoryKeepsThePromises(t *testing.T) {
	seen := map[string]bool{}
	visited := 0
	var visit func(w walk, depth int)
	visit = func(w walk, depth int) {
		b, _ := json.Marshal(w.s.Rounds)
		key := fmt.Sprint(depth, w.now.Unix(), w.flags, w.inCase, string(b))
		if seen[key] {
			return
		}
		seen[key] = true
		visited++
		holdTo(t, w)
		if depth == 0 {
			return
		}
		for _, st := range steps() {
			next, ok := st.do(w)
			if !ok {
				continue
			}
			next.path = append(append([]string(nil), w.path...), st.name)
			follows(t, w, next, st.name)
			visit(next, depth-1)
		}
	}
	visit(walk{now: begin}, 5)
	if visited < 5000 {
		t.Fatalf("only %d states were visited: the test shows nothing", visited)
	}
	t.Logf("%d states", visited)
}

func steps() []step {
	everybody := []tocsin.Actor{ines, sofi, rita, lena, ivan}
	var out []step
	for _, a := range everybody {
		out = append(out,
			step{"propose by " + string(a.ID), func(w walk) (walk, bool) { return w.give(a, aside.Propose{Ground: aside.NoThreat, Why: "x"}) }},
			step{"vague by " + string(a.ID), func(w walk) (walk, bool) { return w.give(a, aside.Propose{Ground: aside.NothingToActOn, Why: "x"}) }},
			step{"confirm by " + string(a.ID), func(w walk) (walk, bool) { return w.give(a, w.confirmation(w.flags)) }},
			step{"take up by " + string(a.ID), func(w walk) (walk, bool) { return w.give(a, aside.TakeUp{Why: "x"}) }},
			step{"late confirmation by " + string(a.ID), func(w walk) (walk, bool) {
				r, ok := w.s.Current()
				if !ok || !a.Has(tocsin.SeniorOfficer, tocsin.Reviewer) {
					return w, false
				}
				return w.tell(aside.Confirmed{Proposal: r.Proposal, Why: "x", By: a.ID, At: w.now}), true // decided before there was a flag or a case
			}})
	}
	return append(out,
		step{"flag", func(w walk) (walk, bool) {
			w.flags++
			return w.tell(aside.Flagged{By: "lena", At: w.now, Why: "x"}), w.flags <= 2
		}},
		step{"case", func(w walk) (walk, bool) { w.inCase = true; return w.tell(aside.InCase{By: "dan", At: w.now}), true }},
		step{"eight days", func(w walk) (walk, bool) { w.now = w.now.Add(8 * 24 * time.Hour); return w, true }})
}

func (w walk) confirmation(flags int) aside.Confirm {
	r, _ := w.s.Current()
	c := aside.Confirm{Proposal: r.Proposal, Why: "x"}
	for f := 1; f <= flags; f++ {
		c.Flags = append(c.Flags, aside.Answer{Flag: f, Why: "x"})
	}
	return c
}

func (w walk) give(by tocsin.Actor, c aside.Command) (walk, bool) {
	f := aside.Facts{Now: w.now, Report: "r1", Name: fmt.Sprint("p", len(w.s.Rounds)), Read: true, InCase: w.inCase, Flags: w.flags}
	e, err := aside.Decide(w.s, by, f, c)
	if err != nil {
		return w, false
	}
	return w.tell(e), true
}

func (w walk) tell(e aside.Event) walk {
	w.s = aside.Apply(w.s, e, aside.Around{Flags: w.flags, InCase: w.inCase})
	return w
}

// holdTo says what must be true of every state.
func holdTo(t *testing.T, w walk) {
	t.Helper()
	stands := w.s.Stands(w.now)
	if stands && w.inCase {
		t.Fatalf("set aside and in a case: %v", w.path)
	}
	for i, r := range w.s.Rounds {
		if c := r.Confirmed; c != nil && (c.By == r.By || c.By == "ines" || c.By == "ivan" || c.By == "" || c.Why == "") {
			t.Fatalf("set aside by %s and %s: %v", r.By, c.By, w.path)
		}
		if r.Ended == nil && i < len(w.s.Rounds)-1 {
			t.Fatalf("two rounds go on: %v", w.path)
		}
	}
	r, open := w.s.Current()
	if stands && len(r.Confirmed.Flags) < w.flags {
		t.Fatalf("set aside with a flag that nobody answered: %v", w.path)
	}
	if stands && r.Ground == aside.NothingToActOn && !w.now.Before(r.Retest) {
		t.Fatalf("set aside past the day of its return: %v", w.path)
	}
	// From every state in which it is away, or is to be, one person alone brings it back at once.
	if open && !w.inCase {
		back, ok := w.give(lena, aside.TakeUp{Why: "x"})
		if !ok || back.s.Stands(back.now) {
			t.Fatalf("it cannot be taken up again: %v", w.path)
		}
	}
}

// follows says what must be true from one state to the next.
func follows(t *testing.T, before, after walk, name string) {
	t.Helper()
	if !before.s.Stands(before.now) && after.s.Stands(after.now) {
		r, _ := before.s.Current()
		if after.s.Stage(after.now) != aside.Aside || r.Proposal == "" || r.Stood() {
			t.Fatalf("%s sets it aside without a proposal: %v", name, after.path)
		}
	}
	if len(after.s.Rounds) < len(before.s.Rounds) {
		t.Fatalf("%s forgets: %v", name, after.path)
	}
}
