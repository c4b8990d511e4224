package casefile_test

import (
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

func refuse(v tocsin.VictimID) casefile.ProposeRefusal {
	return casefile.ProposeRefusal{Victim: v, Ground: casefile.RefuseBelow, Reason: "It is a hoax that was traced."}
}

func sign(t *testing.T, v tocsin.VictimID, agree bool, values ...tocsin.FindingValue) casefile.SignRefusal {
	t.Helper()
	return casefile.SignRefusal{Victim: v, Agree: agree, Reason: "I looked for myself.", Grade: findings(t, values...)}
}

func TestNotOwedStaysOpenUntilTwoPeopleSign(t *testing.T) {
	w := notOwed(t)
	w.disposition("v1", casefile.ObligationOpen)
	is(t, "the step", casefile.Owed(w.s).Kind, "propose_refusal")
	w.do(ana, refuse("v1"))
	w.disposition("v1", casefile.ObligationOpen)
	is(t, "the step", casefile.Owed(w.s).Kind, "sign_refusal")
	is(t, "clock", w.clock(tocsin.ClockRefusal, "v1").Due, w.now.Add(2*time.Hour))
	is(t, "the determination's clock", w.runs(tocsin.ClockDetermination, "v1"), false)
	w.refused(dina, casefile.CloseCase{Reason: "hoax"}, tocsin.Refused, "not_closable")
	w.do(rex, sign(t, "v1", true, no, yes, yes, yes, yes))
	w.disposition("v1", casefile.ObligationNotOwed)
	r := w.v("v1").Refusal
	if r.Proposer != ana.ID || r.Signer != rex.ID || len(r.Grade) != 5 || r.Grade[0].By != rex.ID {
		t.Errorf("the record of the refusal is not whole: %+v", r)
	}
	w.refused(rex, sign(t, "v1", true, no, yes, yes, yes, yes), tocsin.Refused, "no_refusal")
	w.refused(ana, refuse("v1"), tocsin.Refused, "obligation_ended")
	w.do(dina, casefile.CloseCase{Reason: "hoax"})
}

func TestARefusalRestsOnThePolicyOrOnTheOutcome(t *testing.T) {
	w := notOwed(t)
	w.refused(ana, casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseBelow}, tocsin.Invalid, "reason_missing")
	w.refused(ana, casefile.ProposeRefusal{Victim: "v1", Ground: "boredom", Reason: "r"}, tocsin.Invalid, "refusal_ground")
	w.refused(ana, casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseOvertaken, Reason: "r"}, tocsin.Refused, "no_outcome")
	w.refused(rex, refuse("v1"), tocsin.Forbidden, "no_power")
	w.refused(machine, refuse("v1"), tocsin.Forbidden, "not_a_machine")
	w.do(ana, refuse("v1"))
	w.refused(bea, refuse("v1"), tocsin.Refused, "refusal_pending")

	v := owed(t, "v1")
	v.refused(ana, refuse("v1"), tocsin.Refused, "not_below_threshold")
	v.outcome("did_not_occur")
	v.refused(ana, refuse("v1"), tocsin.Refused, "not_below_threshold") // the outcome is another ground
	v.do(ana, casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseOvertaken, Reason: "the day has passed"})
	v.do(rex, casefile.SignRefusal{Victim: "v1", Agree: true, Reason: "the day has passed"}) // nothing to grade
	v.disposition("v1", casefile.ObligationOvertaken)
}

func TestAnOutcomeThatANewReportThrowsInDoubtOvertakesNothing(t *testing.T) {
	w := owed(t, "v1")
	w.outcome("did_not_occur")
	w.do(rae, casefile.AttachReport{Report: casefile.Report{ID: "r2", RepeatOf: "r1"}})
	w.do(ana, casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseOvertaken, Reason: "the day has passed"})
	want(t, w.do(rae, casefile.AttachReport{Report: report("r3")}), "report_attached", "refusal_ended")
	w.refused(ana, casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseOvertaken, Reason: "r"}, tocsin.Refused, "not_below_threshold")
}

func TestTheSecondSignerIsSomebodyElseWhoHasNotSeenTheFirstGrade(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(w *watch)
		by   tocsin.Actor
		kind tocsin.Kind
		code string
	}{
		{"the proposer", func(w *watch) { w.do(sara, refuse("v1")) }, sara, tocsin.Forbidden, "signer_is_proposer"},
		{"somebody who has looked at the findings", func(w *watch) { w.do(rex, casefile.SeeGrade{}); w.do(ana, refuse("v1")) }, rex, tocsin.Forbidden, "signer_has_seen_grade"},
		{"somebody who looked after it was proposed", func(w *watch) { w.do(ana, refuse("v1")); w.do(rex, casefile.SeeGrade{}) }, rex, tocsin.Forbidden, "signer_has_seen_grade"},
		{"somebody who made one of the findings", func(w *watch) {
			w.do(sara, casefile.RecordFindings{Victim: "v1", Findings: findings(w.t, no, yes, yes, yes, yes)[:1]})
			w.determine("v1")
			w.do(ana, refuse("v1"))
		}, sara, tocsin.Forbidden, "signer_has_seen_grade"},
		{"somebody whose finding was replaced since", func(w *watch) {
			w.do(sara, casefile.RecordFindings{Victim: "v1", Findings: findings(w.t, no, yes, yes, yes, yes)[:1]})
			w.grade("v1", no, yes, yes, yes, yes)
			w.do(ana, refuse("v1"))
		}, sara, tocsin.Forbidden, "signer_has_seen_grade"},
		{"somebody who affirmed the grade", func(w *watch) {
			w.do(sara, casefile.AffirmDetermination{Victim: "v1"})
			w.do(ana, refuse("v1"))
		}, sara, tocsin.Forbidden, "signer_has_seen_grade"},
		{"somebody who proposed the refusal that was overturned", func(w *watch) {
			w.do(sara, refuse("v1"))
			w.do(rex, sign(w.t, "v1", false, yes, yes, yes, yes, yes))
			w.do(ana, refuse("v1"))
		}, sara, tocsin.Forbidden, "signer_has_seen_grade"},
		{"an analyst", func(w *watch) { w.do(ana, refuse("v1")) }, bea, tocsin.Forbidden, "no_power"},
		{"the machine", func(w *watch) { w.do(ana, refuse("v1")) }, machine, tocsin.Forbidden, "not_a_machine"},
		{"before anybody has signed first", func(*watch) {}, rex, tocsin.Refused, "no_refusal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := notOwed(t)
			c.set(w)
			w.refused(c.by, sign(t, "v1", true, no, yes, yes, yes, yes), c.kind, c.code)
			w.refused(c.by, sign(t, "v1", false, yes, yes, yes, yes, yes), c.kind, c.code)
		})
	}
}

func TestWhoHasSeenTheGradeIsNotedOnce(t *testing.T) {
	w := begin(t)
	want(t, w.do(rex, casefile.SeeGrade{}), "grade_seen")
	w.refused(rex, casefile.SeeGrade{}, tocsin.Refused, "grade_seen")
	w.refused(machine, casefile.SeeGrade{}, tocsin.Forbidden, "not_a_person")
	w.refused(ours, casefile.SeeGrade{}, tocsin.Forbidden, "not_a_person")
	w.do(ines, casefile.SeeGrade{}) // an inspector reads all
}

func TestTheSecondSignerGradesForThemselves(t *testing.T) {
	w := notOwed(t)
	w.do(ana, refuse("v1"))
	whole := sign(t, "v1", true, no, yes, yes, yes, yes)
	with := func(f func(*casefile.SignRefusal)) casefile.SignRefusal { c := whole; f(&c); return c }
	asked := func(pack tocsin.PackRef, v tocsin.VictimID, result tocsin.DeterminationResult, rests ...tocsin.Finding) []tocsin.Determination {
		return []tocsin.Determination{{Victim: v, Pack: pack, Result: result, Rests: rests, Because: "as the pack says"}}
	}
	self := w.s.Terms.Pack
	for _, c := range []struct {
		name string
		cmd  casefile.SignRefusal
		kind tocsin.Kind
		code string
	}{
		{"without a reason", with(func(c *casefile.SignRefusal) { c.Reason = "" }), tocsin.Invalid, "reason_missing"},
		{"without a grade", with(func(c *casefile.SignRefusal) { c.Grade = nil }), tocsin.Invalid, "grade_incomplete"},
		{"with one element missing", with(func(c *casefile.SignRefusal) { c.Grade = c.Grade[:4] }), tocsin.Invalid, "grade_incomplete"},
		{"with an element twice", with(func(c *casefile.SignRefusal) { c.Grade = append(c.Grade[:4:4], c.Grade[0]) }), tocsin.Invalid, "finding_twice"},
		{"with a finding without a reason", with(func(c *casefile.SignRefusal) {
			c.Grade = findings(t, no, yes, yes, yes, yes)
			c.Grade[1].Reason = ""
		}), tocsin.Invalid, "reason_missing"},
		{"agreeing while every element is met", sign(t, "v1", true, yes, yes, yes, yes, yes), tocsin.Invalid, "grade_contradicts"},
		{"agreeing while one is in doubt", sign(t, "v1", true, maybe, yes, yes, yes, yes), tocsin.Invalid, "grade_contradicts"},
		{"agreeing without having answered", sign(t, "v1", true, blank, blank, blank, blank, blank), tocsin.Invalid, "grade_contradicts"},
		{"agreeing while the policy owes a warning on this grade", with(func(c *casefile.SignRefusal) {
			c.Determinations = asked(self, "v1", tocsin.ResultDoubtful, c.Grade...)
		}), tocsin.Invalid, "grade_contradicts"},
		{"with a determination of another grade", with(func(c *casefile.SignRefusal) {
			c.Determinations = asked(self, "v1", tocsin.ResultNotOwed, findings(t, no, no, yes, yes, yes)...)
		}), tocsin.Conflict, "findings_changed"},
		{"with a determination of another victim", with(func(c *casefile.SignRefusal) {
			c.Determinations = asked(self, "v2", tocsin.ResultNotOwed, c.Grade...)
		}), tocsin.Conflict, "findings_changed"},
		{"with a determination of another pack", with(func(c *casefile.SignRefusal) {
			c.Determinations = asked(tocsin.PackRef{Name: "other"}, "v1", tocsin.ResultNotOwed, c.Grade...)
		}), tocsin.Conflict, "findings_changed"},
	} {
		t.Run(c.name, func(t *testing.T) { w.refused(rex, c.cmd, c.kind, c.code) })
	}
	d := pack(t).Determine("v1", w.s.Threat.Harm, whole.Grade)
	w.do(rex, with(func(c *casefile.SignRefusal) { c.Determinations = []tocsin.Determination{d} }))
	w.disposition("v1", casefile.ObligationNotOwed)
}

func TestThePolicyIsAskedAboutTheSecondGradeToo(t *testing.T) {
	w := notOwed(t)
	w.do(ana, refuse("v1"))
	c := sign(t, "v1", true, yes, yes, no, yes, yes) // "not impending" is a no, and still falls towards warning
	d := pack(t).Determine("v1", w.s.Threat.Harm, c.Grade)
	c.Determinations = []tocsin.Determination{d}
	w.refused(rex, c, tocsin.Invalid, "grade_contradicts")
	c.Agree = false
	want(t, w.do(rex, c), "refusal_overturned")
	w.disposition("v1", casefile.ObligationOwed)
}

func TestASecondSignersNoMakesTheWarningOwed(t *testing.T) {
	w := notOwed(t)
	w.do(ana, refuse("v1"))
	want(t, w.do(rex, sign(t, "v1", false, yes, maybe, yes, yes, yes)), "refusal_overturned")
	w.disposition("v1", casefile.ObligationOwed)
	is(t, "refusal", w.v("v1").Refusal == nil, true)
	is(t, "first delivery", w.clock(tocsin.ClockFirstDelivery, "v1").Due, w.now.Add(time.Hour))
}

func TestARefusalThatNobodySignsFallsToOwed(t *testing.T) {
	w := notOwed(t)
	w.do(ana, refuse("v1"))
	w.pass(2*time.Hour - time.Second)
	w.disposition("v1", casefile.ObligationOpen)
	got := w.pass(time.Second)
	is(t, "fell", one[casefile.FellToOwed](t, got).Clock, tocsin.ClockRefusal)
	w.disposition("v1", casefile.ObligationOwed)
	w.refused(rex, sign(t, "v1", true, no, yes, yes, yes, yes), tocsin.Refused, "no_refusal")
}

func TestASignedRefusalOfADutyThatWasOwedDoesNotRestartItsClockWhenItFails(t *testing.T) {
	w := owed(t, "v1")
	since := w.v("v1").Since
	w.wait(10 * time.Minute)
	w.grade("v1", no, yes, yes, yes, yes)
	w.do(ana, refuse("v1"))
	w.disposition("v1", casefile.ObligationOwed)
	w.do(rex, sign(t, "v1", false, yes, yes, yes, yes, yes))
	is(t, "owed since", w.v("v1").Since, since)
}

func TestNewInformationEndsARefusal(t *testing.T) {
	for _, c := range []struct {
		name string
		by   tocsin.Actor
		cmd  casefile.Command
		ends bool
	}{
		{"a new report", rae, casefile.AttachReport{Report: report("r2")}, true},
		{"a new finding on this victim", bea, casefile.RecordFindings{Victim: "v1", Findings: []tocsin.Finding{{Element: "credible", Value: yes, Reason: "a second origin"}}}, true},
		{"another place", ana, casefile.StateThreat{Threat: tocsin.Threat{Harm: tocsin.Killing, Place: tocsin.Claim{Text: "Tehran"}}}, true},
		{"the same threat in more detail of evidence", ana, casefile.StateThreat{Threat: tocsin.Threat{Harm: tocsin.Killing, Actor: tocsin.Claim{Text: "ISIS-K", Evidence: []tocsin.Span{{Report: "r1"}}}, Place: tocsin.Claim{Text: "Kerman"}}}, false},
		{"a repeat of an old report", rae, casefile.AttachReport{Report: casefile.Report{ID: "r2", RepeatOf: "r1"}}, false},
		{"a repeat of a report that nobody has seen", rae, casefile.AttachReport{Report: casefile.Report{ID: "r2", RepeatOf: "r9"}}, true},
		{"a finding on another victim", bea, casefile.RecordFindings{Victim: "v2", Findings: []tocsin.Finding{{Element: "credible", Value: yes, Reason: "r"}}}, false},
		{"a new locator", ana, casefile.RecordLocator{Victim: "v1", Locator: "+98"}, false},
	} {
		for _, signed := range []bool{false, true} {
			name := c.name + ", while it waits"
			if signed {
				name = c.name + ", after it was signed"
			}
			t.Run(name, func(t *testing.T) {
				w := notOwed(t)
				w.victim("v2")
				w.do(ana, refuse("v1"))
				stays := casefile.ObligationOpen
				if signed {
					w.do(rex, sign(t, "v1", true, no, yes, yes, yes, yes))
					stays = casefile.ObligationNotOwed
				}
				got := w.do(c.by, c.cmd)
				is(t, "ended", has(got, "refusal_ended"), c.ends)
				if c.ends {
					stays = casefile.ObligationOwed
				}
				w.disposition("v1", stays)
			})
		}
	}
}

func TestOneVictimsRefusalIsOneVictims(t *testing.T) {
	w := notOwed(t)
	w.victim("v2")
	w.do(ana, refuse("v1"))
	w.do(rex, sign(t, "v1", true, no, yes, yes, yes, yes))
	w.disposition("v2", casefile.ObligationOpen)
	w.refused(ana, refuse("v2"), tocsin.Refused, "not_below_threshold")
	w.refused(dina, casefile.CloseCase{Reason: "hoax"}, tocsin.Refused, "not_closable")
	w.pass(4 * time.Hour)
	w.disposition("v2", casefile.ObligationOwed)
	w.disposition("v1", casefile.ObligationNotOwed)
	w.out(about("v2"), casefiletest.Desk())
}

func TestADecisionOfOneKindEndsTheProposalsOfAnother(t *testing.T) {
	w := notOwed(t)
	w.do(ana, refuse("v1"))
	w.do(dina, casefile.OfferHandover{Victim: "v1", To: "Police", Reason: "r"})
	w.waive("v1", "f")
	w.refused(rex, sign(t, "v1", true, no, yes, yes, yes, yes), tocsin.Refused, "no_refusal")
	w.refused(dina, casefile.AnswerHandover{Victim: "v1", Accepted: true, Person: "p"}, tocsin.Refused, "no_handover")
	w.do(ana, casefile.RecordLocator{Victim: "v1", Locator: "a cousin"})
	w.disposition("v1", casefile.ObligationOwed)
	w.refused(rex, sign(t, "v1", true, no, yes, yes, yes, yes), tocsin.Refused, "no_refusal") // and none of them comes back

	v := notOwed(t)
	v.do(ana, refuse("v1"))
	v.do(bea, waiver(v.s, "v1", "c"))
	v.do(rex, sign(t, "v1", true, no, yes, yes, yes, yes))
	v.refused(sara, casefile.DecideWaiver{Victim: "v1", Approve: true, Reason: "r"}, tocsin.Refused, "no_waiver")
}

func TestARecordOutOfOrderLowersNothing(t *testing.T) {
	w := owed(t, "v1")
	head := casefile.Head{At: w.now, By: sara.ID}
	for _, e := range []casefile.Event{
		casefile.WaiverApproved{Head: head, Victim: "v1", Reason: "no proposal stands"},
		casefile.RefusalSigned{Head: head, Victim: "v1", Reason: "no proposal stands"},
		casefile.HandoverAccepted{Head: head, Victim: "v1", Person: "nobody offered"},
	} {
		s := casefile.Apply(w.s, e)
		if v, _ := s.Victim("v1"); v.Disposition != casefile.ObligationOwed {
			t.Errorf("%s without what it rests on made the obligation %s", e.Kind(), v.Disposition)
		}
	}
}
