package casefile_test

import (
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

func TestATransferCompletesOnlyWhenThePersonAskedAccepts(t *testing.T) {
	w := begin(t)
	w.refused(dina, casefile.AnswerTransfer{Accept: true}, tocsin.Refused, "no_transfer")
	w.refused(bea, casefile.ProposeTransfer{To: dina.ID}, tocsin.Forbidden, "not_owner")
	w.refused(machine, casefile.ProposeTransfer{To: dina.ID}, tocsin.Forbidden, "not_owner")
	w.refused(ana, casefile.ProposeTransfer{To: ana.ID}, tocsin.Invalid, "transfer_to")
	w.refused(ana, casefile.ProposeTransfer{To: "Dina D."}, tocsin.Invalid, "transfer_to")
	w.do(ana, casefile.ProposeTransfer{To: dina.ID, Reason: "end of shift"})
	is(t, "owner", w.s.Owner, ana.ID)
	w.refused(sara, casefile.ProposeTransfer{To: dov.ID}, tocsin.Refused, "transfer_pending")
	w.refused(dov, casefile.AnswerTransfer{Accept: true}, tocsin.Forbidden, "not_transferee")
	w.refused(dov, casefile.AnswerTransfer{Reason: "no"}, tocsin.Forbidden, "not_transferee")
	w.refused(ana, casefile.AnswerTransfer{Accept: true}, tocsin.Forbidden, "not_transferee")
	w.refused(dina, casefile.AnswerTransfer{}, tocsin.Invalid, "reason_missing")
	w.do(dina, casefile.AnswerTransfer{Accept: true})
	is(t, "owner", w.s.Owner, dina.ID)
	w.refused(dina, casefile.AnswerTransfer{Accept: true}, tocsin.Refused, "no_transfer")
}

func TestATransferThatIsDeclinedTakenBackOrIgnoredLeavesTheOwner(t *testing.T) {
	w := begin(t)
	w.do(sara, casefile.ProposeTransfer{To: dina.ID}) // a senior officer may move a case
	want(t, w.do(dina, casefile.AnswerTransfer{Reason: "I have four"}), "transfer_declined")
	is(t, "owner", w.s.Owner, ana.ID)

	w.do(sara, casefile.ProposeTransfer{To: dina.ID})
	w.do(sara, casefile.AnswerTransfer{Reason: "taken back by whoever asked"})
	w.do(sara, casefile.ProposeTransfer{To: dina.ID})
	w.do(ana, casefile.AnswerTransfer{Reason: "taken back by the owner"})

	w.do(ana, casefile.ProposeTransfer{To: "nobody-home"})
	is(t, "clock", w.clock(tocsin.ClockTransfer, "nobody-home").Due, w.now.Add(30*time.Minute))
	want(t, w.pass(30*time.Minute), "clock_missed")
	is(t, "owner", w.s.Owner, ana.ID)
	is(t, "still asked", w.s.Transfer.To, tocsin.ActorID("nobody-home"))
	w.do(ana, casefile.AnswerTransfer{Reason: "they are on leave"})

	w.do(ana, casefile.ProposeTransfer{To: rolf.ID})
	w.refused(rolf, casefile.AnswerTransfer{Accept: true}, tocsin.Forbidden, "no_power") // a release officer cannot own a case
}

func TestAHandOverEndsTheDutyOnlyWhenANamedPersonThereHasTakenIt(t *testing.T) {
	w := owed(t, "v1")
	w.refused(dina, casefile.OfferHandover{Victim: "v1", Reason: "r"}, tocsin.Invalid, "handover_to")
	w.refused(dina, casefile.OfferHandover{Victim: "v1", To: "Police"}, tocsin.Invalid, "reason_missing")
	w.refused(ana, casefile.OfferHandover{Victim: "v1", To: "Police", Reason: "r"}, tocsin.Forbidden, "no_power")
	w.refused(machine, casefile.AnswerHandover{Victim: "v1", Accepted: true, Person: "p"}, tocsin.Forbidden, "not_a_machine")
	w.refused(dina, casefile.AnswerHandover{Victim: "v1", Accepted: true, Person: "Insp. Ng"}, tocsin.Refused, "no_handover")
	due := w.clock(tocsin.ClockFirstDelivery, "v1").Due
	w.do(dina, casefile.OfferHandover{Victim: "v1", To: "Police", Reason: "they protect her"})
	w.disposition("v1", casefile.ObligationOwed)
	is(t, "an offer stops no clock", w.clock(tocsin.ClockFirstDelivery, "v1").Due, due)
	is(t, "somebody is asked for the answer", w.step("answer_handover", "v1"), true)
	w.refused(dina, casefile.OfferHandover{Victim: "v1", To: "Army", Reason: "r"}, tocsin.Refused, "handover_pending")
	w.refused(dina, casefile.AnswerHandover{Victim: "v1"}, tocsin.Invalid, "reason_missing")
	w.refused(dina, casefile.AnswerHandover{Victim: "v1", Accepted: true}, tocsin.Invalid, "person_missing")
	w.do(dina, casefile.AnswerHandover{Victim: "v1", Reason: "not their district"})
	w.disposition("v1", casefile.ObligationOwed)

	w.handedOver("v1")
	w.disposition("v1", casefile.ObligationTransferred)
	is(t, "who took it", w.v("v1").Handover.Person, "Insp. Ng")
	w.refused(dina, casefile.AnswerHandover{Victim: "v1", Reason: "sorry"}, tocsin.Refused, "no_handover")
	w.refused(dina, casefile.OfferHandover{Victim: "v1", To: "Army", Reason: "r"}, tocsin.Refused, "handover_pending")
	want(t, w.do(rae, casefile.AttachReport{Report: report("r2")}), "report_attached", "became_owed") // whoever took it does not know this
	w.disposition("v1", casefile.ObligationOwed)
	is(t, "the old hand-over is over", w.v("v1").Handover == nil, true)
}

func TestAHandOverThatWaitsIsAskedAboutEvenWhileTheWarningIsOnItsWay(t *testing.T) {
	w := owed(t, "v1")
	w.do(selma, casefile.AffirmDetermination{Victim: "v1"})
	k := w.key(w.out(about("v1"), casefiletest.Desk()), "desk", 0)
	w.receipt(k, casefile.Sent)
	w.do(dina, casefile.OfferHandover{Victim: "v1", To: "Police", Reason: "they are nearer"})
	is(t, "asked for", w.step("answer_handover", "v1"), true)
	w.do(ours, casefile.Acknowledge{Key: k, Answer: tocsin.AckReceived})
	w.refused(dina, casefile.AnswerHandover{Victim: "v1", Accepted: true, Person: "p"}, tocsin.Refused, "no_handover") // too late: they are warned
}

func TestOnlyAControlledReportNeedsItsOriginatorsConsent(t *testing.T) {
	w := controlled(t)
	w.do(rae, casefile.AttachReport{Report: casefile.Report{ID: "r2", Origin: "press"}})
	w.refused(lia, casefile.AskConsent{Report: "r2", Question: "q"}, tocsin.Refused, "not_controlled")
	w.refused(lia, casefile.AskConsent{Report: "r9", Question: "q"}, tocsin.NotFound, "target")
	w.refused(lia, casefile.AskConsent{Report: "r1"}, tocsin.Invalid, "question_missing")
	w.refused(rolf, casefile.AskConsent{Report: "r1", Question: "q"}, tocsin.Forbidden, "no_power")
	w.refused(lia, casefile.AnswerConsent{Report: "r1", Granted: true, Person: "p"}, tocsin.Refused, "consent_not_asked")
	is(t, "it is owed", w.step("ask_consent", "r1"), true)

	w.do(lia, casefile.AskConsent{Report: "r1", Question: "May place and day go to the ministry?"})
	is(t, "of whom", w.s.Consents[0].Of, "Partner service")
	is(t, "clock", w.clock(tocsin.ClockConsent, "r1").Due, w.now.Add(time.Hour))
	w.refused(lia, casefile.AskConsent{Report: "r1", Question: "again?"}, tocsin.Refused, "consent_asked")
	w.refused(lia, casefile.AnswerConsent{Report: "r1", Granted: true}, tocsin.Invalid, "person_missing")
	w.do(lia, casefile.AnswerConsent{Report: "r1", Person: "Mr Grey"}) // refused
	w.refused(lia, casefile.AnswerConsent{Report: "r1", Granted: true, Person: "Mr Grey"}, tocsin.Refused, "consent_not_asked")
	is(t, "a no is not the end", w.step("ask_consent", "r1"), true)

	w.do(lia, casefile.AskConsent{Report: "r1", Question: "The day only?"})
	w.do(lia, casefile.AnswerConsent{Report: "r1", Granted: true, Limits: "the day only", Person: "Mr Grey"})
	w.refused(lia, casefile.AskConsent{Report: "r1", Question: "more?"}, tocsin.Refused, "consent_asked")
	is(t, "nothing is owed to them", w.step("ask_consent", "r1"), false)
}

func TestNothingLeavesWithoutConsentButByTheExigentPath(t *testing.T) {
	w := controlled(t)
	w.owes("v1")
	id := w.drafted(about("v1"), casefiletest.Desk())
	w.approve(rolf, id)
	release := func() casefile.Command {
		return casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(dina, id)}
	}
	w.refused(dina, release(), tocsin.Refused, "no_consent") // nobody asked
	w.do(lia, casefile.AskConsent{Report: "r1", Question: "q"})
	w.refused(dina, release(), tocsin.Refused, "no_consent") // not answered
	w.do(lia, casefile.AnswerConsent{Report: "r1", Person: "Mr Grey"})
	w.refused(dina, release(), tocsin.Refused, "no_consent") // refused
	is(t, "the exigent path is offered", w.step("invoke_exigent", ""), true)
	w.do(dina, casefile.InvokeExigent{Reason: "the day is unknown and may be today"})
	w.do(dina, release())
	is(t, "the postponed duties", len(w.s.Duties), 3)
}

func TestAConsentThatIsNotAnsweredInTimeOpensTheExigentPath(t *testing.T) {
	w := controlled(t)
	w.do(ana, casefile.StateThreat{Threat: threat(w.now.Add(10 * 24 * time.Hour))})
	w.owes("v1")
	w.do(lia, casefile.AskConsent{Report: "r1", Question: "q"})
	w.refused(dina, casefile.InvokeExigent{Reason: "r"}, tocsin.Refused, "not_exigent")
	is(t, "not yet offered", w.step("invoke_exigent", ""), false)
	w.pass(time.Hour)
	is(t, "offered", w.step("invoke_exigent", ""), true)
	w.do(dina, casefile.InvokeExigent{Reason: "no answer in an hour"})
}

func TestADisputeIsSettledBySomebodyElseAndStopsNoClock(t *testing.T) {
	w := owed(t, "v1")
	w.refused(lia, casefile.RaiseDispute{About: "the wording"}, tocsin.Invalid, "dispute_incomplete")
	w.refused(lia, casefile.RaiseDispute{Position: "too much"}, tocsin.Invalid, "dispute_incomplete")
	w.refused(del, casefile.RaiseDispute{About: "a", Position: "p"}, tocsin.Forbidden, "no_power")
	before := map[string]time.Time{}
	for _, c := range casefile.Clocks(w.s) {
		before[string(c.Name)+c.Target] = c.Due
	}
	w.do(sara, casefile.RaiseDispute{About: "credibility", Position: "it is a hoax"})
	for _, c := range casefile.Clocks(w.s) {
		if due, ok := before[string(c.Name)+c.Target]; ok && !due.Equal(c.Due) {
			t.Errorf("the dispute moved %s from %v to %v", c.Name, due, c.Due)
		}
		delete(before, string(c.Name)+c.Target)
	}
	is(t, "clocks that the dispute stopped", len(before), 0)
	is(t, "its own clock", w.clock(tocsin.ClockDispute, "d1").Due, w.now.Add(4*time.Hour))
	w.refused(sara, casefile.SettleDispute{Dispute: "d1", Settlement: "I am right"}, tocsin.Forbidden, "settles_own")
	w.refused(dina, casefile.SettleDispute{Dispute: "d1", Settlement: "s"}, tocsin.Forbidden, "no_power")
	w.refused(selma, casefile.SettleDispute{Dispute: "d1"}, tocsin.Invalid, "reason_missing")
	w.refused(selma, casefile.SettleDispute{Dispute: "d2", Settlement: "s"}, tocsin.NotFound, "target")
	w.out(about("v1"), casefiletest.Desk()) // and nothing waits for it
	w.do(selma, casefile.SettleDispute{Dispute: "d1", Settlement: "doubt falls towards warning"})
	w.refused(selma, casefile.SettleDispute{Dispute: "d1", Settlement: "s"}, tocsin.Refused, "dispute_settled")
	w.do(lia, casefile.RaiseDispute{About: "the channel", Position: "not by mail"})
	is(t, "the next dispute", w.s.Disputes[1].ID, "d2")
	w.do(selma, casefile.SettleDispute{Dispute: "d2", Settlement: "by hand"}) // one that was settled does not bar another
}

func TestTheExigentPathIsForTooLittleTime(t *testing.T) {
	for _, c := range []struct {
		name   string
		attack time.Duration // 0: unknown
		open   bool
	}{
		{"nobody knows when", 0, true},
		{"tomorrow", 24 * time.Hour, false},
		{"just over the limit", 6*time.Hour + time.Second, false},
		{"at the limit", 6 * time.Hour, true},
		{"in an hour", time.Hour, true},
		{"it has begun", -time.Minute, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := begin(t)
			if c.attack != 0 {
				w.do(ana, casefile.StateThreat{Threat: threat(w.now.Add(c.attack)), Past: true})
			}
			w.refused(ana, casefile.InvokeExigent{Reason: "r"}, tocsin.Forbidden, "no_power")
			w.refused(machine, casefile.InvokeExigent{Reason: "r"}, tocsin.Forbidden, "not_a_machine")
			if !c.open {
				w.refused(dina, casefile.InvokeExigent{Reason: "r"}, tocsin.Refused, "not_exigent")
				w.wait(c.attack - 6*time.Hour) // time runs out without any event
				w.do(dina, casefile.InvokeExigent{Reason: "now it is near"})
				return
			}
			w.refused(dina, casefile.InvokeExigent{}, tocsin.Invalid, "reason_missing")
			w.do(dina, casefile.InvokeExigent{Reason: "no time"})
			w.refused(dov, casefile.InvokeExigent{Reason: "r"}, tocsin.Refused, "exigent_already")
		})
	}
}

func TestAFirstDeliveryThatIsOverdueOpensTheExigentPath(t *testing.T) {
	w := begin(t)
	w.do(ana, casefile.StateThreat{Threat: threat(w.now.Add(10 * 24 * time.Hour))})
	w.owes("v1")
	w.refused(dina, casefile.InvokeExigent{Reason: "r"}, tocsin.Refused, "not_exigent")
	w.pass(time.Hour)
	w.do(dina, casefile.InvokeExigent{Reason: "an hour has gone and nothing has left"})
}

func TestTheExigentPathWidensWhoMayApproveButNeverToTheAuthor(t *testing.T) {
	w := owed(t, "v1")
	id := w.drafted(about("v1"), casefiletest.Desk())
	digest := w.warning(id).Digest
	w.refused(ivo, casefile.ApproveWarning{Warning: id, Digest: digest}, tocsin.Forbidden, "no_power")
	w.refused(ivo, casefile.ReturnWarning{Warning: id, Reason: "r"}, tocsin.Forbidden, "no_power")
	w.do(dina, casefile.InvokeExigent{Reason: "no time"})
	w.refused(ana, casefile.ApproveWarning{Warning: id, Digest: digest}, tocsin.Forbidden, "approver_is_author")
	w.refused(del, casefile.ApproveWarning{Warning: id, Digest: digest}, tocsin.Forbidden, "no_power")
	w.refused(machine, casefile.ApproveWarning{Warning: id, Digest: digest}, tocsin.Forbidden, "not_a_machine")
	w.do(ivo, casefile.ApproveWarning{Warning: id, Digest: digest})
	w.do(dina, casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(dina, id)})
}

func TestAnExigentReleaseCreatesTheDutiesThatItPostponed(t *testing.T) {
	for _, c := range []struct {
		name string
		w    func(*testing.T) *watch
		want []string
	}{
		{"with an originator to tell", controlled, []string{"originator_notice-w1", "coordinator_notice-w1", "full_record-w1"}},
		{"without", begin, []string{"coordinator_notice-w1", "full_record-w1"}},
		{"with an originator who agreed", func(t *testing.T) *watch {
			w := controlled(t)
			w.do(lia, casefile.AskConsent{Report: "r1", Question: "q"})
			w.do(lia, casefile.AnswerConsent{Report: "r1", Granted: true, Person: "Mr Grey"})
			return w
		}, []string{"coordinator_notice-w1", "full_record-w1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := c.w(t)
			w.owes("v1")
			w.do(dina, casefile.InvokeExigent{Reason: "no time"})
			is(t, "nothing is postponed before something is released", len(w.s.Duties), 0)
			id := w.out(about("v1"), casefiletest.Desk())
			var got []string
			for _, d := range w.s.Duties {
				got = append(got, d.ID)
				is(t, "it is owed", w.step("do_duty", d.ID), true)
			}
			if len(got) != len(c.want) {
				t.Fatalf("duties %v, not %v", got, c.want)
			}
			for i := range got {
				is(t, "duty", got[i], c.want[i])
			}
			w.receipt(w.key(id, "desk", 0), casefile.Sent)
			w.follow(tocsin.AllClear, id, about("v1"), casefiletest.Desk())
			is(t, "an all-clear postpones nothing", len(w.s.Duties), len(c.want))
		})
	}
}

func TestAnAfterDutyHasASoftAndAHardEndAndIsDoneWithANote(t *testing.T) {
	w := controlled(t)
	w.owes("v1")
	w.do(dina, casefile.InvokeExigent{Reason: "no time"})
	w.out(about("v1"), casefiletest.Desk())
	released := w.now
	is(t, "soft", w.clock(tocsin.ClockDuty, "originator_notice-w1").Due, released.Add(72*time.Hour))
	is(t, "hard", w.clock(casefile.ClockDutyHard, "originator_notice-w1").Due, released.Add(30*24*time.Hour))
	is(t, "one without a hard end", w.runs(casefile.ClockDutyHard, "full_record-w1"), false)
	w.refused(lia, casefile.DoDuty{Duty: "originator_notice-w1"}, tocsin.Invalid, "note_missing")
	w.refused(lia, casefile.DoDuty{Duty: "tea-w1", Note: "n"}, tocsin.NotFound, "target")
	w.refused(del, casefile.DoDuty{Duty: "full_record-w1", Note: "n"}, tocsin.Forbidden, "no_power")
	w.do(dina, casefile.DoDuty{Duty: "full_record-w1", Note: "written and filed"})
	w.refused(dina, casefile.DoDuty{Duty: "full_record-w1", Note: "again"}, tocsin.Refused, "duty_done")
	w.now = released.Add(30 * 24 * time.Hour)
	raised := tocsin.Role("")
	for _, e := range w.do(machine, casefile.Tick{}) {
		if m, ok := e.(casefile.ClockMissed); ok && m.Clock == casefile.ClockDutyHard {
			raised = m.Raised
		}
	}
	is(t, "the hard end is raised at once to", raised, tocsin.SeniorOfficer)
	w.do(dina, casefile.SealCase{People: []tocsin.ActorID{dina.ID, lia.ID}, Reason: "the source is one of ours"})
	is(t, "to whom a seal does not hide it", w.s.Visible(selma), true)
	is(t, "an analyst", w.s.Visible(bea), false)
	w.do(lia, casefile.DoDuty{Duty: "originator_notice-w1", Note: "told by secure line"})
	is(t, "stopped", w.runs(casefile.ClockDutyHard, "originator_notice-w1"), false)
}
