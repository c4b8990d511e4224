package casefile_test

import (
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

func TestAFindingNamesAnElementAValueAndAReason(t *testing.T) {
	w := begin(t)
	w.victim("v1")
	f := func(element string, v tocsin.FindingValue, reason string) tocsin.Finding {
		return tocsin.Finding{Element: element, Value: v, Reason: reason}
	}
	for _, c := range []struct {
		name string
		all  []tocsin.Finding
		code string
	}{
		{"none", nil, "no_findings"},
		{"an element of no pack", []tocsin.Finding{f("probable", yes, "r")}, "element"},
		{"a value of no list", []tocsin.Finding{f("credible", "perhaps", "r")}, "finding_value"},
		{"an element twice", []tocsin.Finding{f("credible", yes, "r"), f("credible", no, "r")}, "finding_twice"},
		{"no reason", []tocsin.Finding{f("credible", yes, "r"), f("harm", no, "")}, "reason_missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.refused(ana, casefile.RecordFindings{Victim: "v1", Findings: c.all}, tocsin.Invalid, c.code)
		})
	}
	w.refused(ana, casefile.RecordFindings{Victim: "v9", Findings: []tocsin.Finding{f("harm", yes, "r")}}, tocsin.NotFound, "target")
	w.refused(rex, casefile.RecordFindings{Victim: "v1", Findings: []tocsin.Finding{f("harm", yes, "r")}}, tocsin.Forbidden, "no_power")
	w.do(ana, casefile.RecordFindings{Victim: "v1", Findings: []tocsin.Finding{f("harm", blank, "")}}) // "nobody knows" needs no reason
	w.do(bea, casefile.RecordFindings{Victim: "v1", Findings: []tocsin.Finding{{Element: "harm", Value: yes, Reason: "r", By: "somebody-else"}}})
	got := w.v("v1").Findings
	if len(got) != 1 || got[0].By != bea.ID || !got[0].At.Equal(w.now) {
		t.Errorf("the newest finding does not stand alone, or under another name: %+v", got)
	}
}

func TestADeterminationRaisesAndNeverLowers(t *testing.T) {
	w := begin(t)
	w.victim("v1")
	w.grade("v1", no, yes, yes, yes, yes)
	w.disposition("v1", casefile.ObligationOpen) // "not owed" by policy alone ends nothing
	w.grade("v1", maybe, yes, yes, yes, yes)
	w.disposition("v1", casefile.ObligationOwed) // doubt falls towards warning
	since := w.v("v1").Since
	w.wait(time.Minute)
	w.grade("v1", no, no, no, no, no)
	w.disposition("v1", casefile.ObligationOwed)
	is(t, "owed since", w.v("v1").Since, since)
	is(t, "the policy now says", w.v("v1").Determination.Result, tocsin.ResultNotOwed)
}

func TestAStaleDeterminationIsNotRecorded(t *testing.T) {
	w := begin(t)
	w.victim("v1")
	w.refused(machine, casefile.Determine{Determination: w.policy("v1")}, tocsin.Refused, "nothing_to_determine")
	w.do(ana, casefile.RecordFindings{Victim: "v1", Findings: findings(t, no, yes, yes, yes, yes)[:4]})
	w.refused(machine, casefile.Determine{Determination: w.policy("v1")}, tocsin.Refused, "nothing_to_determine") // one element has not been looked at
	w.do(ana, casefile.RecordFindings{Victim: "v1", Findings: findings(t, no, yes, yes, yes, yes)})
	old := w.policy("v1")
	w.do(ana, casefile.RecordFindings{Victim: "v1", Findings: findings(t, yes, yes, yes, yes, yes)})
	w.refused(machine, casefile.Determine{Determination: old}, tocsin.Conflict, "findings_changed")

	other := w.policy("v1")
	other.Pack.Digest = tocsin.DigestOf([]byte("edited"))
	w.refused(machine, casefile.Determine{Determination: other}, tocsin.Refused, "other_pack")
	made := w.policy("v1")
	made.Rests = append(made.Rests, tocsin.Finding{Element: "invented", Value: no})
	w.refused(machine, casefile.Determine{Determination: made}, tocsin.Conflict, "findings_changed")
	w.refused(sara, casefile.Determine{Determination: w.policy("v1")}, tocsin.Forbidden, "machine_only")
	w.determine("v1")
	w.disposition("v1", casefile.ObligationOwed)
	w.refused(machine, casefile.Determine{Determination: w.policy("v1")}, tocsin.Refused, "nothing_to_determine")
}

func TestAffirmingIsForASeniorOfficerWhoFoundNothingOfIt(t *testing.T) {
	w := begin(t)
	w.victim("v1")
	w.refused(sara, casefile.AffirmDetermination{Victim: "v1"}, tocsin.Refused, "nothing_to_affirm")
	w.do(sara, casefile.RecordFindings{Victim: "v1", Findings: findings(t, yes, yes, yes, yes, yes)[:1]})
	w.do(ana, casefile.RecordFindings{Victim: "v1", Findings: findings(t, yes, yes, yes, yes, yes)[1:]})
	w.refused(selma, casefile.AffirmDetermination{Victim: "v1"}, tocsin.Refused, "nothing_to_affirm")
	w.determine("v1")
	is(t, "clock", w.clock(tocsin.ClockAffirmation, "v1").Due, w.now.Add(2*time.Hour))
	w.refused(sara, casefile.AffirmDetermination{Victim: "v1"}, tocsin.Forbidden, "affirms_own")
	w.refused(dina, casefile.AffirmDetermination{Victim: "v1"}, tocsin.Forbidden, "no_power")
	w.refused(machine, casefile.AffirmDetermination{Victim: "v1"}, tocsin.Forbidden, "not_a_machine")
	w.do(selma, casefile.AffirmDetermination{Victim: "v1"})
	is(t, "the clock has stopped", w.runs(tocsin.ClockAffirmation, "v1"), false)
	w.refused(selma, casefile.AffirmDetermination{Victim: "v1"}, tocsin.Refused, "nothing_to_affirm")
	w.grade("v1", maybe, yes, yes, yes, yes)
	is(t, "a new determination needs a new word", w.v("v1").Affirmed, "")
}

func TestAnAffirmationThatNeverComesIsRaisedAndTheWarningGoesOn(t *testing.T) {
	w := owed(t, "v1")
	is(t, "the first step", casefile.Owed(w.s).Kind, "affirm_determination")
	got := w.pass(2 * time.Hour)
	is(t, "raised", has(got, "clock_missed"), true)
	w.disposition("v1", casefile.ObligationOwed)
	w.out(about("v1"), casefiletest.Desk()) // nobody waits for it
}

func TestWhatNobodyDeterminesFallsToOwed(t *testing.T) {
	for _, c := range []struct {
		name   string
		attack time.Duration
		due    time.Duration
		set    func(w *watch)
	}{
		{"nobody has looked", 0, 4 * time.Hour, func(*watch) {}},
		{"one element is unanswered", 0, 4 * time.Hour, func(w *watch) {
			w.do(ana, casefile.RecordFindings{Victim: "v1", Findings: findings(w.t, no, no, no, no, no)[:4]})
		}},
		{"the policy says not owed and nobody signs anything", 0, 4 * time.Hour, func(w *watch) { w.grade("v1", no, yes, yes, yes, yes) }},
		{"an attack in eight hours shortens it to a quarter", 8 * time.Hour, 2 * time.Hour, func(*watch) {}},
		{"an attack in ten minutes leaves ten minutes", 10 * time.Minute, 10 * time.Minute, func(*watch) {}},
		{"an attack that is past leaves the floor", -time.Hour, 10 * time.Minute, func(*watch) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := begin(t)
			if c.attack != 0 {
				w.do(ana, casefile.StateThreat{Threat: threat(w.now.Add(c.attack)), Past: true})
			}
			w.victim("v1")
			c.set(w)
			is(t, "clock", w.clock(tocsin.ClockDetermination, "v1").Due, w.now.Add(c.due))
			if has(w.pass(c.due-time.Microsecond), "fell_to_owed") {
				t.Fatal("it fell too early")
			}
			w.disposition("v1", casefile.ObligationOpen)
			is(t, "fell", one[casefile.FellToOwed](t, w.pass(time.Microsecond)).Clock, tocsin.ClockDetermination)
			w.disposition("v1", casefile.ObligationOwed)
			is(t, "a warning is owed from now", w.clock(tocsin.ClockFirstDelivery, "v1").Anchor, w.now)
		})
	}
}
