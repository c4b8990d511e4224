package casefile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

func TestAMissedClockIsRaisedToTheOwnerTheDutyOfficerTheSeniorAndNeverStops(t *testing.T) {
	w := owed(t, "v1")
	w.do(selma, casefile.AffirmDetermination{Victim: "v1"})
	w.wait(time.Hour)
	for i, c := range []struct {
		to    tocsin.Role
		again time.Duration
	}{
		{"", 30 * time.Minute}, {tocsin.DutyOfficer, 30 * time.Minute}, {tocsin.SeniorOfficer, 30 * time.Minute},
		// The most senior knows: from here on it is rarer, and never rarer than this.
		{tocsin.SeniorOfficer, time.Hour}, {tocsin.SeniorOfficer, 2 * time.Hour}, {tocsin.SeniorOfficer, 4 * time.Hour}, {tocsin.SeniorOfficer, 4 * time.Hour}, {tocsin.SeniorOfficer, 4 * time.Hour},
	} {
		m := one[casefile.ClockMissed](t, w.do(machine, casefile.Tick{}))
		is(t, "clock", m.Clock, tocsin.ClockFirstDelivery)
		is(t, "raised to", m.Raised, c.to)
		is(t, "time", m.Count, i+1)
		is(t, "next", m.Next, w.now.Add(c.again))
		is(t, "due stays", w.clock(tocsin.ClockFirstDelivery, "v1").Due, casefiletest.Start.Add(time.Hour))
		want(t, w.do(machine, casefile.Tick{})) // once at a time
		w.wait(c.again - time.Microsecond)
		want(t, w.do(machine, casefile.Tick{}))
		w.wait(time.Microsecond)
	}
}

func TestAnAttackThatIsNearIsRaisedMoreOften(t *testing.T) {
	w := begin(t)
	attack := w.now.Add(20 * time.Hour)
	w.do(ana, casefile.StateThreat{Threat: threat(attack)})
	w.owes("v1")
	w.do(selma, casefile.AffirmDetermination{Victim: "v1"})
	raised := 0
	for w.now.Before(attack) {
		w.now = w.clock(tocsin.ClockFirstDelivery, "v1").Next
		for _, e := range w.do(machine, casefile.Tick{}) {
			m, ok := e.(casefile.ClockMissed)
			if !ok || m.Clock != tocsin.ClockFirstDelivery {
				continue
			}
			raised++
			if longest := max(attack.Sub(w.now)/10, 30*time.Minute); w.now.Before(attack) && m.Next.Sub(w.now) > longest {
				t.Errorf("with %v left nobody is told again for %v", attack.Sub(w.now), m.Next.Sub(w.now))
			}
		}
	}
	if raised < 10 {
		t.Errorf("raised %d times before the attack", raised)
	}
}

func TestATickThatComesLateMissesNothing(t *testing.T) {
	w := begin(t)
	w.victim("v1")
	got := w.pass(30 * 24 * time.Hour) // the machine was off for a month
	is(t, "fell", has(got, "fell_to_owed"), true)
	w.disposition("v1", casefile.ObligationOwed)
	want(t, w.do(machine, casefile.Tick{})) // and comes to rest
	for _, by := range []tocsin.Actor{ana, dina, sara, adam, ours} {
		w.refused(by, casefile.Tick{}, tocsin.Forbidden, "machine_only")
	}
}

func TestAPackWithoutLengthsDoesNotStopTime(t *testing.T) {
	terms := pack(t).Terms()
	terms.Clocks, terms.Extension, terms.Backoff, terms.MaxAttempts = nil, 0, 0, 0
	w := beginWith(t, terms, casefile.Report{ID: "r1"})
	w.victim("v1")
	w.pass(0)
	w.disposition("v1", casefile.ObligationOwed)
	id := w.drafted(about("v1"), casefiletest.Desk())
	w.approve(rolf, id)
	c := w.clearance(dina, id)
	c.Expires = w.now.Add(time.Hour)
	w.do(dina, casefile.ReleaseWarning{Warning: id, Clearance: c})
	for range 5 {
		w.pass(time.Hour)
		want(t, w.do(machine, casefile.Tick{}))
	}
}

func TestTheNextThingDueIsTheEarliestClockOrMessage(t *testing.T) {
	due := func(w *watch) time.Time {
		t.Helper()
		at, ok := casefile.NextDue(w.s)
		if !ok {
			t.Fatal("nothing is due")
		}
		return at
	}
	if _, ok := casefile.NextDue(casefile.State{}); ok {
		t.Error("a case that does not exist has something due")
	}
	w := begin(t)
	w.victim("v1")
	is(t, "the determination", due(w), w.now.Add(4*time.Hour))
	w.grade("v1", yes, yes, yes, yes, yes)
	is(t, "the first delivery", due(w), w.now.Add(time.Hour))
	id := w.out(about("v1"), casefiletest.Desk())
	is(t, "the message", due(w), w.now)
	k := w.key(id, "desk", 0)
	w.start(k)
	is(t, "the lease", due(w), w.now.Add(lease))
	w.fails(k, "temporary", 0)
	is(t, "the next try", due(w), w.now.Add(time.Minute))
	w.wait(time.Minute)
	w.receipt(k, casefile.Sent)
	is(t, "the affirmation", due(w), casefiletest.Start.Add(2*time.Hour))
	w.do(selma, casefile.AffirmDetermination{Victim: "v1"})
	is(t, "the answer", due(w), w.now.Add(4*time.Hour))

	c := closed(t)
	is(t, "a closed case: the waiver's end", due(c), c.v("v2").Waiver.Expires)
}

// Every moment that NextDue names is one at which the machine finds something to
// do; otherwise it would wake for ever, or sleep through.
func TestTheMachineNeverWakesForNothing(t *testing.T) {
	for name, w := range rich(t) {
		t.Run(name, func(t *testing.T) {
			w.t = t
			for range 40 {
				at, ok := casefile.NextDue(w.s)
				if !ok {
					return
				}
				if at.After(w.now) {
					w.now = at
				}
				before := w.s.Version
				for _, d := range w.s.Deliveries {
					if w.s.Sendable(d, w.now) {
						w.receipt(d.Key, casefile.Sent)
					}
				}
				w.do(machine, casefile.Tick{})
				if w.s.Version == before {
					t.Fatalf("woken at %v for nothing", w.now)
				}
			}
		})
	}
}

func TestTheMostUrgentStepIsThePersonsWithTheEarliestClock(t *testing.T) {
	w := owed(t, "v1")
	st, ok := casefile.MostUrgent(w.s)
	if !ok || st.Kind != "draft_warning" || !st.Due.Equal(w.now.Add(time.Hour)) {
		t.Errorf("the most urgent is %+v", st)
	}
	w.do(lia, casefile.RaiseDispute{About: "a", Position: "p"})
	w.do(ana, casefile.ProposeTransfer{To: dina.ID})
	w.out(about("v1"), casefiletest.Desk()) // what came of it has no clock, and comes last
	st, _ = casefile.MostUrgent(w.s)
	is(t, "the transfer's half hour", st.Kind, "answer_transfer")
	is(t, "nobody", func() bool { _, ok := casefile.MostUrgent(casefile.State{Closed: true}); return ok }(), false)
}

func TestWhatIsOwedNamesStepsThatSomebodyMayTake(t *testing.T) {
	for name, w := range rich(t) {
		t.Run(name, func(t *testing.T) {
			for _, st := range casefile.Outstanding(w.s) {
				if st.Machine {
					continue
				}
				open := w.s
				open.Sealed = nil // whoever knows of a sealed case can let more people know
				if !slices.ContainsFunc(append(everybody(), strangers()...), func(a tocsin.Actor) bool {
					return slices.ContainsFunc(casefile.Allowed(open, a), func(x casefile.Action) bool {
						// A draft is owed for somebody and given for the whole case.
						return x.Kind == st.Kind && (x.Target == st.Target || st.Kind == "draft_warning")
					})
				}) {
					t.Errorf("%s %q is owed (%s) and nobody may do it", st.Kind, st.Target, st.Why)
				}
			}
		})
	}
}

// What a case owes in each situation, and by when from now. The order is that of a
// case's life, and what the machine can do stands first.
func TestWhatACaseOwesInEachSituation(t *testing.T) {
	const affirm, draft, outcome, review = "affirm_determination v1 2h0m0s", "draft_warning v1 1h0m0s", "record_outcome -", "review 24h0m0s"
	late := []string{"affirm_determination v1 -2h0m0s", "extend_window w1 42h0m0s", outcome, "review 20h0m0s"}
	owes := map[string][]string{
		"opened":                           {"add_victim 4h0m0s", review},
		"a victim named":                   {"record_findings v1 4h0m0s", review},
		"findings not determined":          {"determine v1 -", "record_findings v1 4h0m0s", review},
		"owed and open":                    {affirm, draft, "record_findings v2 4h0m0s", review},
		"attack far off":                   {affirm, draft, review},
		"waiver proposed":                  {"decide_waiver v1 2h0m0s", affirm, draft, "affirm_determination v2 2h0m0s", "draft_warning v2 1h0m0s", review},
		"waived":                           {"affirm_determination v2 2h0m0s", "draft_warning v2 1h0m0s", review},
		"not owed":                         {"propose_refusal v1 4h0m0s", review},
		"refusal proposed":                 {"sign_refusal v1 2h0m0s", review},
		"refused":                          {review, "close_case -"},
		"refused by the outcome":           {"sign_refusal v1 2h0m0s", affirm, draft, review},
		"office work":                      {"answer_handover v1 1h0m0s", affirm, draft, "answer_transfer 30m0s", "answer_consent r1 1h0m0s", "invoke_exigent 1h0m0s", "settle_dispute d1 4h0m0s", review},
		"consent refused":                  {affirm, draft, "ask_consent r1 -", "invoke_exigent 1h0m0s", review},
		"drafted":                          {affirm, "affirm_determination v2 2h0m0s", "draft_warning v2 1h0m0s", "approve_warning w1 1h0m0s", review},
		"drafted on the exigent path":      {affirm, "approve_warning w1 1h0m0s", review},
		"approved":                         {affirm, "release_warning w1 1h0m0s", review},
		"returned":                         {affirm, "draft_warning w1 1h0m0s", review},
		"released, with a parity question": {"send desk/0 0s", "send guard/0 0s", affirm, "affirm_determination v2 2h0m0s", "draft_warning v2 1h0m0s", "extend_window w1 46h0m0s", "decide_parity p1 4h0m0s", outcome, review},
		"exigent, with duties":             {"send desk/0 2m0s", affirm, "extend_window w1 46h0m0s", "ask_consent r1 -", "do_duty originator_notice-w1 72h0m0s", "do_duty coordinator_notice-w1 1h0m0s", outcome, review},
		"sealed":                           {affirm, draft, review},
		"asked by the guard":               {affirm, "answer_finding w1 1h0m0s", "clear_tearline r1 -", review},
		"sent":                             {affirm, "extend_window w1 46h0m0s", "acknowledge desk/0 4h0m0s", outcome, review},
		"assigned":                         {late[0], late[1], "record_service desk/1 4h0m0s", late[2], late[3]},
		"acknowledged":                     {"extend_window w1 46h0m0s", outcome, review},
		"delivered, ladder spent":          {late[0], "discharge v1 -4h0m0s", "draft_warning v1 -4h0m0s", late[1], late[2], late[3]},
		"all-clear that reached nobody":    {affirm, "discharge v1 -", draft, "confirm_delivery guard/0 1h0m0s", outcome, review},
		"closed":                           nil,
	}
	for name, w := range rich(t) {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, st := range casefile.Outstanding(w.s) {
				got = append(got, w.said(st))
			}
			if want, ok := owes[name]; !ok || !slices.Equal(got, want) {
				t.Errorf("owes %q, not %q", got, want)
			}
		})
	}
}

// said is a step as kind, target and time left.
func (w *watch) said(st casefile.Step) string {
	out := st.Kind
	if d, ok := w.s.Delivery(tocsin.DeliveryKey(st.Target)); ok {
		out += fmt.Sprintf(" %s/%d", d.Recipient, d.Rung)
	} else if st.Target != "" {
		out += " " + st.Target
	}
	if st.Due.IsZero() {
		return out + " -"
	}
	return out + " " + st.Due.Sub(w.now).String()
}

func TestAWarningThatNeverLeftIsOwedAgainAndSaysSo(t *testing.T) {
	w := owed(t, "v1")
	w.out(about("v1"), casefiletest.Desk())
	w.pass(24 * time.Hour) // the clearance ended before anything was tried
	i := slices.IndexFunc(casefile.Outstanding(w.s), func(st casefile.Step) bool { return st.Kind == "draft_warning" })
	if i < 0 {
		t.Fatal("nobody is asked to write it again")
	}
	st := casefile.Outstanding(w.s)[i]
	if !strings.Contains(st.Why, "never left") || !st.Due.Equal(casefiletest.Start.Add(time.Hour)) {
		t.Errorf("it does not say that the first never left, or by when it was owed: %+v", st)
	}
}

func TestADraftIsDueByTheEarliestOfThoseItIsAbout(t *testing.T) {
	w := owed(t, "v1")
	w.wait(20 * time.Minute)
	w.owes("v2")
	w.drafted(about("v2", "v1"), casefiletest.Desk())
	for _, st := range casefile.Outstanding(w.s) {
		if st.Kind == "approve_warning" {
			is(t, "due", st.Due, casefiletest.Start.Add(time.Hour))
			return
		}
	}
	t.Error("nobody is asked to approve it")
}

// strangers are people who have had nothing to do with any case here.
func strangers() []tocsin.Actor {
	return []tocsin.Actor{officer("new-senior", tocsin.SeniorOfficer), officer("new-reviewer", tocsin.Reviewer), officer("new-release", tocsin.ReleaseOfficer)}
}
