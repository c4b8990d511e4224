package explore_test

import (
	"encoding/json"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
	"tocsin/casefile/explore"

	"pgregory.net/rapid"
)

// everything is a case in which anything may happen; too large to explore whole.
func everything() explore.Plan {
	return plan("everything", explore.Bounds{Victims: 2, Assess: true, Grounds: []string{"c", "d"}, Refusals: true, Handovers: true, Reports: true,
		Findings: true, Alerts: 2, Following: 2, Versions: 2, Writers: true, Partial: true, Attempts: 3, Consent: true, Exigent: true, Disputes: true,
		Transfers: true, Turncoat: true, Outcome: true, Closing: true, Manual: true}, turncoat(), casefiletest.Guard())
}

func TestWhateverHappensInRealTimeReplaysToTheSameCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, s, v := explore.Walk(everything(), explore.Machine{}, 60, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "move") })
		if v != nil {
			t.Fatal(v)
		}
		var again casefile.State
		for _, e := range events {
			b, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			back, err := casefile.DecodeEvent(e.Kind(), b)
			if err != nil {
				t.Fatal(err)
			}
			again = casefile.Apply(again, back)
		}
		if got, want := asText(t, again), asText(t, s); got != want {
			t.Fatalf("the record replays to\n%s\nnot to\n%s", got, want)
		}
	})
}

func TestOfSilenceAloneEveryObligationIsRaisedForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.IntRange(2, 40).Draw(t, "steps")
		_, s, v := explore.Walk(everything(), explore.Machine{}, steps, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "move") })
		if v != nil {
			t.Fatal(v)
		}
		if s.Version == 0 {
			t.Skip("no case was opened")
		}
		machine := tocsin.Actor{ID: "tocsin", Roles: []tocsin.Role{tocsin.Machine}}
		raised := map[string]int{}
		open := map[tocsin.VictimID]bool{}
		for _, v := range s.Victims {
			open[v.ID] = !v.Disposition.Ended()
		}
		for range 200 { // nobody does anything but the clock
			at, ok := casefile.NextDue(s)
			if !ok {
				break
			}
			if at.Before(s.Now) {
				at = s.Now
			}
			if n := len(casefile.Clocks(s)); n > 0 && casefile.Clocks(s)[0].Next.After(at) {
				at = casefile.Clocks(s)[0].Next // no worker sends either
			}
			events, err := casefile.Decide(s, casefile.Meta{At: at, By: machine}, casefile.Tick{})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				s = casefile.Apply(s, e)
				if m, ok := e.(casefile.ClockMissed); ok {
					raised[m.Target]++
				}
			}
		}
		for _, v := range s.Victims {
			if open[v.ID] && v.Disposition != casefile.ObligationOwed {
				t.Fatalf("silence has made the duty towards %s %s", v.ID, v.Disposition)
			}
			n := raised[string(v.ID)]
			for _, d := range s.Deliveries {
				n += raised[string(d.Key)]
			}
			if open[v.ID] && n < 2 {
				t.Fatalf("in all that silence the duty towards %s was raised %d times", v.ID, n)
			}
		}
	})
}

func asText(t *rapid.T, s casefile.State) string {
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
