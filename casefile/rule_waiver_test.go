package casefile_test

import (
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

func TestAWaiverNeedsAGroundItsEvidenceAlternativesAReasonAndAnEnd(t *testing.T) {
	w := owed(t, "v1")
	with := func(ground string, f func(*casefile.ProposeWaiver)) casefile.ProposeWaiver {
		c := waiver(w.s, "v1", ground)
		f(&c)
		return c
	}
	for _, c := range []struct {
		name string
		cmd  casefile.ProposeWaiver
		kind tocsin.Kind
		code string
	}{
		{"a ground of no pack", with("c", func(c *casefile.ProposeWaiver) { c.Ground = "z" }), tocsin.Invalid, "ground"},
		{"no evidence", with("c", func(c *casefile.ProposeWaiver) { c.Evidence = nil }), tocsin.Invalid, "evidence_missing"},
		{"one question unanswered", with("c", func(c *casefile.ProposeWaiver) { c.Evidence["others_near"] = " " }), tocsin.Invalid, "evidence_missing"},
		{"evidence nobody asked for", with("c", func(c *casefile.ProposeWaiver) { c.Evidence["hunch"] = "yes" }), tocsin.Invalid, "evidence_unknown"},
		{"(c): not this person but the crowd", with("c", func(c *casefile.ProposeWaiver) { c.Evidence["this_person"] = " No " }), tocsin.Refused, "ground_defeated"},
		{"(c): an answer that is neither yes nor no", with("c", func(c *casefile.ProposeWaiver) { c.Evidence["this_person"] = "no, but they cheered" }), tocsin.Invalid, "answer_yes_or_no"},
		{"a reason of spaces", with("c", func(c *casefile.ProposeWaiver) { c.Reason = "   " }), tocsin.Invalid, "reason_missing"},
		{"(b): with a civilian role", with("b", func(c *casefile.ProposeWaiver) { c.Evidence["civilian_role"] = "yes" }), tocsin.Refused, "ground_defeated"},
		{"(d): no clean wording was tried", with("d", func(c *casefile.ProposeWaiver) { c.Evidence["sanitised_tried"] = "no" }), tocsin.Refused, "ground_defeated"},
		{"(e): the partner was not asked", with("e", func(c *casefile.ProposeWaiver) { c.Evidence["partner_asked"] = "NO" }), tocsin.Refused, "ground_defeated"},
		{"(a): they know of something else", with("a", func(c *casefile.ProposeWaiver) { c.Evidence["same_threat"] = "no" }), tocsin.Refused, "ground_defeated"},
		{"(f): the protectors were not tried", with("f", func(c *casefile.ProposeWaiver) { c.Evidence["protectors_tried"] = "no" }), tocsin.Refused, "ground_defeated"},
		{"no alternatives", with("d", func(c *casefile.ProposeWaiver) { c.Alternatives = "  " }), tocsin.Invalid, "alternatives_missing"},
		{"no reason", with("c", func(c *casefile.ProposeWaiver) { c.Reason = "" }), tocsin.Invalid, "reason_missing"},
		{"an end that is past", with("c", func(c *casefile.ProposeWaiver) { c.Expires = w.now }), tocsin.Invalid, "waiver_expiry"},
		{"longer than the ground allows", with("c", func(c *casefile.ProposeWaiver) { c.Expires = w.now.Add(72*time.Hour + time.Second) }), tocsin.Invalid, "waiver_expiry"},
	} {
		t.Run(c.name, func(t *testing.T) { w.refused(ana, c.cmd, c.kind, c.code) })
	}
	w.refused(ivo, waiver(w.s, "v1", "c"), tocsin.Forbidden, "no_power")
	w.refused(machine, waiver(w.s, "v1", "c"), tocsin.Forbidden, "not_a_machine")
	w.refused(ana, waiver(w.s, "v9", "c"), tocsin.NotFound, "target")
	w.refused(sara, casefile.DecideWaiver{Victim: "v1", Approve: true, Reason: "r"}, tocsin.Refused, "no_waiver")
	w.do(ana, with("c", func(c *casefile.ProposeWaiver) { c.Expires = w.now.Add(72 * time.Hour) }))
	w.refused(bea, waiver(w.s, "v1", "d"), tocsin.Refused, "waiver_pending")
	w.disposition("v1", casefile.ObligationOwed) // a proposal changes nothing
}

func TestEveryGroundOfThePackCanBeMadeOutAndEndsByItself(t *testing.T) {
	grounds := pack(t).Terms().Grounds
	if len(grounds) != 6 {
		t.Fatalf("%d grounds, not six", len(grounds))
	}
	for _, g := range grounds {
		t.Run(g.ID, func(t *testing.T) {
			w := owed(t, "v1")
			w.do(ana, waiver(w.s, "v1", g.ID))
			is(t, "ends", w.v("v1").Waiver.Expires, w.now.Add(g.Validity.D()))
			w.do(sara, casefile.DecideWaiver{Victim: "v1", Approve: true, Reason: "it fits"})
			w.disposition("v1", casefile.ObligationWaived)
			w.refused(bea, waiver(w.s, "v1", g.ID), tocsin.Refused, "obligation_ended")
			w.pass(g.Validity.D() - time.Second)
			w.disposition("v1", casefile.ObligationWaived)
			is(t, "ended", has(w.pass(time.Second), "waiver_ended"), true)
			w.disposition("v1", casefile.ObligationOwed)
		})
	}
}

func TestAWaiverIsDecidedByASeniorOfficerWhoDidNotProposeIt(t *testing.T) {
	handler := tocsin.Actor{ID: "hana", Roles: []tocsin.Role{tocsin.SeniorOfficer}, Handles: []string{"kestrel"}}
	conveys := tocsin.Actor{ID: "hugo", Roles: []tocsin.Role{tocsin.SeniorOfficer}, Handles: []string{"courier"}}
	other := tocsin.Actor{ID: "olga", Roles: []tocsin.Role{tocsin.SeniorOfficer}, Handles: []string{"heron", ""}}
	both := tocsin.Actor{ID: "bo", Roles: []tocsin.Role{tocsin.Analyst, tocsin.SeniorOfficer}}
	for _, c := range []struct {
		name, ground string
		proposer, by tocsin.Actor
		code         string
	}{
		{"the proposer, though senior", "c", sara, sara, "approver_is_proposer"},
		{"the proposer with two roles", "c", both, both, "approver_is_proposer"},
		{"a duty officer", "c", ana, dina, "no_power"},
		{"an inspector", "c", ana, ines, "no_power"},
		{"an administrator", "c", ana, adam, "no_power"},
		{"the machine", "c", ana, machine, "not_a_machine"},
		{"the source's handler on a ground that protects sources", "d", ana, handler, "handler_of_source"},
		{"whoever handles the conveyor", "d", ana, conveys, "handler_of_source"},
		{"the handler on the partner's ground", "e", ana, handler, "handler_of_source"},
		{"the handler on another ground", "c", ana, handler, ""},
		{"the handler of a source that is not in this case", "d", ana, other, ""},
		{"a second senior officer", "d", sara, selma, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := beginWith(t, pack(t).Terms(), casefile.Report{ID: "r1", Origin: "kestrel", Conveyor: "courier"}, casefile.Report{ID: "r2"})
			w.owes("v1")
			w.do(c.proposer, waiver(w.s, "v1", c.ground))
			decision := casefile.DecideWaiver{Victim: "v1", Approve: true, Reason: "it fits"}
			if c.code != "" {
				w.refused(c.by, decision, tocsin.Forbidden, c.code)
				decision.Approve = false
				w.refused(c.by, decision, tocsin.Forbidden, c.code)
				return
			}
			w.do(c.by, decision)
			is(t, "approver", w.v("v1").Waiver.Approver, c.by.ID)
		})
	}
}

func TestAReportThatBringsInTheApproversOwnSourceBarsThemToo(t *testing.T) {
	handler := tocsin.Actor{ID: "hana", Roles: []tocsin.Role{tocsin.SeniorOfficer}, Handles: []string{"heron"}}
	w := owed(t, "v1")
	w.do(rae, casefile.AttachReport{Report: casefile.Report{ID: "r2", Origin: "heron"}})
	w.do(ana, waiver(w.s, "v1", "d"))
	w.refused(handler, casefile.DecideWaiver{Victim: "v1", Approve: true, Reason: "r"}, tocsin.Forbidden, "handler_of_source")
}

func TestAWaiverThatIsDeniedOrLapsesLeavesTheDutyAsItWas(t *testing.T) {
	w := owed(t, "v1")
	since := w.v("v1").Since
	w.do(ana, waiver(w.s, "v1", "c"))
	w.refused(sara, casefile.DecideWaiver{Victim: "v1"}, tocsin.Invalid, "reason_missing")
	is(t, "lapsed", one[casefile.WaiverDenied](t, w.do(sara, casefile.DecideWaiver{Victim: "v1", Reason: "too thin"})).Lapsed, false)
	w.disposition("v1", casefile.ObligationOwed)

	w.wait(time.Minute)
	w.do(ana, waiver(w.s, "v1", "d")) // it can be proposed again
	is(t, "clock", w.clock(tocsin.ClockWaiver, "v1").Due, w.now.Add(2*time.Hour))
	var lapsed bool
	for _, e := range w.pass(2 * time.Hour) {
		if d, ok := e.(casefile.WaiverDenied); ok {
			lapsed = d.Lapsed
		}
	}
	is(t, "lapsed", lapsed, true)
	w.disposition("v1", casefile.ObligationOwed)
	is(t, "owed since", w.v("v1").Since, since)
	w.refused(sara, casefile.DecideWaiver{Victim: "v1", Approve: true, Reason: "late"}, tocsin.Refused, "no_waiver")
}

func TestAProposalWhoseEndHasPassedCannotBeApproved(t *testing.T) {
	w := owed(t, "v1")
	c := waiver(w.s, "v1", "c")
	c.Expires = w.now.Add(time.Hour)
	w.do(ana, c)
	w.wait(time.Hour)
	w.refused(sara, casefile.DecideWaiver{Victim: "v1", Approve: true, Reason: "r"}, tocsin.Refused, "waiver_expired")
	w.do(sara, casefile.DecideWaiver{Victim: "v1", Reason: "too late"})
}

func TestAPendingWaiverStopsNoClock(t *testing.T) {
	w := owed(t, "v1")
	due := w.clock(tocsin.ClockFirstDelivery, "v1").Due
	w.do(ana, waiver(w.s, "v1", "c"))
	is(t, "first delivery", w.clock(tocsin.ClockFirstDelivery, "v1").Due, due)
	w.out(about("v1"), casefiletest.Desk()) // and the warning may go out

	open := begin(t)
	open.victim("v1")
	open.do(ana, waiver(open.s, "v1", "c"))
	open.do(sara, casefile.DecideWaiver{Victim: "v1", Approve: true, Reason: "before any finding"})
	open.disposition("v1", casefile.ObligationWaived)
}

func TestWhatReopensAWaiver(t *testing.T) {
	h := threat(time.Time{})
	h.Place.Text = "Tehran"
	report := casefile.AttachReport{Report: casefile.Report{ID: "r2", Origin: "heron"}}
	finding := func(v tocsin.VictimID) casefile.Command {
		return casefile.RecordFindings{Victim: v, Findings: []tocsin.Finding{{Element: "harm", Value: maybe, Reason: "unclear now"}}}
	}
	locator := func(v tocsin.VictimID) casefile.Command {
		return casefile.RecordLocator{Victim: v, Locator: "a cousin"}
	}
	for _, c := range []struct {
		name, ground string
		by           tocsin.Actor
		cmd          casefile.Command
		reopens      bool
	}{
		{"a new report", "c", rae, report, true},
		{"a repeat of an old report", "c", rae, casefile.AttachReport{Report: casefile.Report{ID: "r2", RepeatOf: "r1"}}, false},
		{"a new finding", "c", ana, finding("v1"), true},
		{"a finding on another victim", "c", ana, finding("v2"), false},
		{"a restated threat", "c", ana, casefile.StateThreat{Threat: h}, true},
		{"a new locator, where there was no way to warn", "f", ana, locator("v1"), true},
		{"a new locator, where sources are protected", "d", ana, locator("v1"), true},
		{"a new locator, where the victim is a terrorist", "c", ana, locator("v1"), false},
		{"a locator of another victim", "f", ana, locator("v2"), false},
		{"a dispute", "c", lia, casefile.RaiseDispute{About: "the ground", Position: "it does not fit"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := owed(t, "v1", "v2")
			w.waive("v1", c.ground)
			got := w.do(c.by, c.cmd)
			is(t, "reopened", has(got, "waiver_ended"), c.reopens)
			if c.reopens {
				w.disposition("v1", casefile.ObligationOwed)
			} else {
				w.disposition("v1", casefile.ObligationWaived)
			}

			p := owed(t, "v1", "v2")
			p.do(ana, waiver(p.s, "v1", c.ground))
			got = p.do(c.by, c.cmd)
			// A proposal was made on what was known then, whatever its ground says.
			falls := c.reopens || (c.cmd.Kind() == "record_locator" && c.ground == "c")
			is(t, "the proposal falls", has(got, "waiver_denied"), falls)
		})
	}
}

func TestAWaiverTouchesOnlyItsVictim(t *testing.T) {
	w := owed(t, "v1", "v2")
	other := w.v("v2")
	w.waive("v1", "c")
	w.disposition("v2", casefile.ObligationOwed)
	is(t, "since", w.v("v2").Since, other.Since)
	is(t, "waiver", w.v("v2").Waiver == nil, true)
	if !w.runs(tocsin.ClockFirstDelivery, "v2") || w.runs(tocsin.ClockFirstDelivery, "v1") {
		t.Error("the wrong clock stopped")
	}
	w.refused(sara, casefile.DecideWaiver{Victim: "v2", Approve: true, Reason: "r"}, tocsin.Refused, "no_waiver")
	id := w.out(about("v2"), casefiletest.Desk())
	w.receipt(w.key(id, "desk", 0), casefile.Sent)
	w.do(ours, casefile.Acknowledge{Key: w.key(id, "desk", 0), Answer: tocsin.AckReceived})
	w.disposition("v2", casefile.ObligationDischarged)
	w.disposition("v1", casefile.ObligationWaived) // being left out opens a parity question instead
	is(t, "parity", w.s.Parities[0].Victim, tocsin.VictimID("v1"))
}
