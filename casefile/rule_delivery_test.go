package casefile_test

import (
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

// ministry is a released warning about v1 to the desk: mail, then a visit.
func ministry(t *testing.T) (*watch, tocsin.DeliveryKey, tocsin.DeliveryKey) {
	t.Helper()
	w := owed(t, "v1")
	id := w.out(about("v1"), casefiletest.Desk())
	return w, w.key(id, "desk", 0), w.key(id, "desk", 1)
}

// task is a warning whose mail was silent, so that it is now to be given in person.
func task(t *testing.T) (*watch, tocsin.DeliveryKey) {
	t.Helper()
	w, mail, visit := ministry(t)
	w.receipt(mail, casefile.Sent)
	w.pass(4 * time.Hour)
	w.receipt(visit, casefile.Assigned)
	return w, visit
}

func TestAReleasePlansTheFirstRungOfEachRecipientOnly(t *testing.T) {
	w := owed(t, "v1")
	id := w.drafted(about("v1"), casefiletest.Desk(), casefiletest.Guard())
	want(t, w.release(id), "warning_released", "delivery_planned", "delivery_planned")
	for _, to := range []tocsin.RecipientID{"desk", "guard"} {
		d := w.delivery(w.key(id, to, 0))
		is(t, "state", d.State, casefile.Planned)
		is(t, "the machine owes it", w.step("send", string(d.Key)), true)
	}
	if _, ok := w.s.Delivery(w.key(id, "desk", 1)); ok {
		t.Error("the second rung was planned before the first was tried")
	}
	is(t, "released but not begun", w.runs(tocsin.ClockFirstDelivery, "v1"), true)
}

func TestTheKeyOfAMessageIsItsOwn(t *testing.T) {
	seen := map[tocsin.DeliveryKey]bool{}
	add := func(k tocsin.DeliveryKey) {
		if seen[k] || !tocsin.ValidID(string(k)) {
			t.Errorf("key %s is used twice, or is no identifier", k)
		}
		seen[k] = true
	}
	add(casefile.Key("c1", "w1", 1, "desk", 0))
	add(casefile.Key("c2", "w1", 1, "desk", 0))
	add(casefile.Key("c1", "w2", 1, "desk", 0))
	add(casefile.Key("c1", "w1", 2, "desk", 0))
	add(casefile.Key("c1", "w1", 1, "guard", 0))
	add(casefile.Key("c1", "w1", 1, "desk", 1))
	add(casefile.Key("c1", "w11", 1, "desk", 0))
	if !seen[casefile.Key("c1", "w1", 1, "desk", 0)] {
		t.Error("the key changed between two attempts")
	}
}

func TestADeliveryIsStartedOnlyWhenItIsItsTurn(t *testing.T) {
	w, mail, visit := ministry(t)
	bad := func(f func(*casefile.StartDeliveries)) casefile.StartDeliveries {
		c := w.starting(mail)
		f(&c)
		return c
	}
	w.refused(machine, bad(func(c *casefile.StartDeliveries) { c.Keys = nil }), tocsin.Invalid, "lease")
	w.refused(machine, bad(func(c *casefile.StartDeliveries) { c.Worker = "" }), tocsin.Invalid, "lease")
	w.refused(machine, bad(func(c *casefile.StartDeliveries) { c.Lease = w.now }), tocsin.Invalid, "lease")
	w.refused(machine, w.starting("no-such-key"), tocsin.NotFound, "delivery")
	w.refused(machine, w.starting(visit), tocsin.NotFound, "delivery") // not planned yet
	w.refused(machine, w.starting(mail, mail), tocsin.Conflict, "not_sendable")
	w.refused(dina, w.starting(mail), tocsin.Forbidden, "machine_only")
	w.start(mail)
	is(t, "the first try stops the first-delivery clock", w.runs(tocsin.ClockFirstDelivery, "v1"), false)
	w.refused(machine, w.starting(mail), tocsin.Conflict, "not_sendable") // another worker has it
	w.do(machine, casefile.RecordAttempt{Key: mail, Attempt: 1, Receipt: taken(casefile.Sent)})
	w.refused(machine, w.starting(mail), tocsin.Conflict, "not_sendable") // it is sent
}

func TestALeaseThatRunsOutLetsAnotherWorkerTryUnderTheSameKey(t *testing.T) {
	w, mail, _ := ministry(t)
	w.start(mail)
	w.wait(lease - time.Microsecond)
	w.refused(machine, w.starting(mail), tocsin.Conflict, "not_sendable")
	w.wait(time.Microsecond)
	got := w.do(machine, w.starting(mail))
	want(t, got, "delivery_failed", "delivery_started")
	is(t, "nobody knows of the first", one[casefile.DeliveryFailed](t, got).Class, "uncertain")
	is(t, "second attempt", w.delivery(mail).Attempt, 2)
	is(t, "same key", one[casefile.DeliveryStarted](t, got).Key, mail)
	w.do(machine, casefile.RecordAttempt{Key: mail, Attempt: 1, Receipt: taken(casefile.Sent)}) // the first did go, and its receipt counts
	w.state(mail, casefile.Sent)
	w.refused(machine, casefile.RecordAttempt{Key: mail, Attempt: 2, Class: "temporary"}, tocsin.Conflict, "attempt_over")
	w.refused(machine, casefile.RecordAttempt{Key: mail, Attempt: 2, Receipt: taken(casefile.Sent)}, tocsin.Conflict, "attempt_over")
}

func TestALateReceiptIsAFactAndALateFailureIsNot(t *testing.T) {
	w, mail, visit := ministry(t)
	w.start(mail)
	w.refused(machine, casefile.RecordAttempt{Key: mail, Attempt: 2, Receipt: taken(casefile.Sent)}, tocsin.Conflict, "attempt_over")
	w.refused(machine, casefile.RecordAttempt{Key: mail, Attempt: 0, Receipt: taken(casefile.Sent)}, tocsin.Conflict, "attempt_over")
	w.refused(machine, casefile.RecordAttempt{Key: "none", Attempt: 1, Receipt: taken(casefile.Sent)}, tocsin.NotFound, "delivery")
	w.refused(dina, casefile.RecordAttempt{Key: mail, Attempt: 1, Receipt: taken(casefile.Sent)}, tocsin.Forbidden, "machine_only")
	w.fails(mail, "permanent", 0)
	w.state(mail, casefile.Failed)
	w.state(visit, casefile.Planned)
	w.refused(machine, casefile.RecordAttempt{Key: mail, Attempt: 1, Class: "temporary"}, tocsin.Conflict, "attempt_over")
	w.do(machine, casefile.RecordAttempt{Key: mail, Attempt: 1, Receipt: taken(casefile.Delivered)})
	w.state(mail, casefile.Delivered)
}

func TestATemporaryFailureIsTriedAgainAfterALongerAndLongerWait(t *testing.T) {
	w, mail, visit := ministry(t)
	for i, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
		w.start(mail)
		got := w.fails(mail, "temporary", 0)
		is(t, "attempt", one[casefile.DeliveryFailed](t, got).Attempt, i+1)
		is(t, "again", one[casefile.DeliveryFailed](t, got).Retry, w.now.Add(wait))
		w.state(mail, casefile.Planned)
		w.wait(wait - time.Microsecond)
		w.refused(machine, w.starting(mail), tocsin.Conflict, "not_sendable")
		w.wait(time.Microsecond)
	}
	w.start(mail)
	got := w.fails(mail, "temporary", 0)
	want(t, got, "delivery_failed", "delivery_escalated", "delivery_planned") // the fourth try was the last of this rung
	w.state(mail, casefile.Failed)
	w.state(visit, casefile.Planned)
}

func TestAFarSideMayAskForMoreTimeButNotForMoreThanSilenceGets(t *testing.T) {
	for _, c := range []struct {
		name       string
		asked, got time.Duration
	}{
		{"less than our own wait", time.Second, time.Minute},
		{"an hour", time.Hour, time.Hour},
		{"a week", 7 * 24 * time.Hour, 4 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, mail, _ := ministry(t)
			w.start(mail)
			is(t, "again", one[casefile.DeliveryFailed](t, w.fails(mail, "temporary", c.asked)).Retry, w.now.Add(c.got))
		})
	}
}

func TestAnUncertainAttemptIsRepeatedUnderTheSameKey(t *testing.T) {
	w, mail, visit := ministry(t)
	for range 3 {
		w.start(mail)
		w.fails(mail, "uncertain", 0)
		w.state(mail, casefile.Uncertain)
		w.wait(4 * time.Minute)
	}
	w.start(mail)
	is(t, "attempts", w.delivery(mail).Attempt, 4)
	w.fails(mail, "uncertain", 0)
	w.state(mail, casefile.Uncertain) // it may have gone, and is not repeated any more
	w.state(visit, casefile.Planned)
	w.refused(machine, w.starting(mail), tocsin.Conflict, "not_sendable")
	w.do(del, casefile.ConfirmDelivery{Key: mail, How: "the desk read it out over the telephone"})
	w.state(mail, casefile.Delivered)
}

func TestALadderThatIsSpentIsRaisedAndTheDutyStaysOwed(t *testing.T) {
	w, mail, visit := ministry(t)
	w.start(mail)
	w.fails(mail, "permanent", 0)
	w.start(visit)
	got := w.fails(visit, "permanent", 0)
	is(t, "exhausted", one[casefile.DeliveryEscalated](t, got).Exhausted, true)
	w.disposition("v1", casefile.ObligationOwed)
	is(t, "somebody has to think", w.step("draft_warning", "v1"), true)
	want(t, w.pass(0), "clock_missed")
	w.refused(dina, casefile.Discharge{Victim: "v1", Reason: "we tried"}, tocsin.Refused, "not_delivered")
	w.out(about("v1"), casefiletest.Guard()) // again, to somebody else
}

func TestSilenceGoesToTheNextRungAndAHigherAddressee(t *testing.T) {
	for _, c := range []struct {
		name   string
		attack time.Duration
		after  time.Duration
	}{
		{"an attack that nobody can date", 0, 4 * time.Hour},
		{"an attack tomorrow", 20 * time.Hour, 30 * time.Minute},
		{"an attack in two hours", 2 * time.Hour, 12 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := begin(t)
			if c.attack != 0 {
				w.do(ana, casefile.StateThreat{Threat: threat(w.now.Add(c.attack))})
			}
			w.owes("v1")
			id := w.out(about("v1"), casefiletest.Desk())
			w.receipt(w.key(id, "desk", 0), casefile.Sent)
			if has(w.pass(c.after-time.Microsecond), "delivery_escalated") {
				t.Fatal("escalated too early")
			}
			w.pass(time.Microsecond)
			w.state(w.key(id, "desk", 0), casefile.Sent) // sent is still what it is
			next := w.delivery(w.key(id, "desk", 1))
			is(t, "channel", next.Channel, "in_person")
			is(t, "level", next.Level, 2)
		})
	}
}

func TestARungThatGoesOnFailingIsLeftLikeASilentOne(t *testing.T) {
	w, mail, visit := ministry(t)
	w.start(mail)
	w.fails(mail, "temporary", 4*time.Hour)
	w.pass(4 * time.Hour)
	w.state(visit, casefile.Planned)
	w.state(mail, casefile.Planned) // and the rung itself is still tried
	is(t, "not escalated twice", has(w.pass(4*time.Hour), "delivery_escalated"), false)
}

func TestAPromiseIsNotAnAcknowledgement(t *testing.T) {
	w, mail, visit := ministry(t)
	w.receipt(mail, casefile.Delivered)
	want(t, w.do(ours, casefile.Acknowledge{Key: mail, Answer: tocsin.WillAnswerLater, Words: "in writing, tomorrow"}), "acknowledged")
	w.state(mail, casefile.Delivered)
	w.disposition("v1", casefile.ObligationOwed)
	w.pass(4 * time.Hour) // and the ladder goes on
	w.state(visit, casefile.Planned)
}

func TestEachAnswerIsShownAsWhatItIs(t *testing.T) {
	for _, c := range []struct {
		answer      tocsin.AckKind
		state       casefile.DeliveryState
		disposition casefile.Disposition
		escalates   bool
	}{
		{tocsin.AckReceived, casefile.AckedState, casefile.ObligationDischarged, false},
		{tocsin.AckUnderstood, casefile.AckedState, casefile.ObligationDischarged, false},
		{tocsin.AckActing, casefile.Acting, casefile.ObligationDischarged, false},
		{tocsin.AckRefused, casefile.Delivered, casefile.ObligationOwed, true},
		{tocsin.WillAnswerLater, casefile.Sent, casefile.ObligationOwed, false},
	} {
		t.Run(string(c.answer), func(t *testing.T) {
			w, mail, _ := ministry(t)
			w.receipt(mail, casefile.Sent)
			got := w.do(del, casefile.Acknowledge{Key: mail, Answer: c.answer, Person: "Col. Rahimi"})
			w.state(mail, c.state)
			w.disposition("v1", c.disposition)
			is(t, "next rung", has(got, "delivery_planned"), c.escalates)
			is(t, "answer", w.delivery(mail).Answer, c.answer)
		})
	}
}

func TestALaterAnswerDoesNotTakeAnEarlierOneBack(t *testing.T) {
	w, mail, _ := ministry(t)
	w.receipt(mail, casefile.Sent)
	w.do(ours, casefile.Acknowledge{Key: mail, Answer: tocsin.AckActing})
	w.do(ours, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived})
	w.state(mail, casefile.Acting)
	w.do(ours, casefile.Acknowledge{Key: mail, Answer: tocsin.AckRefused})
	w.state(mail, casefile.Acting)
	w.disposition("v1", casefile.ObligationDischarged)
}

func TestWhoMayRecordAnAnswer(t *testing.T) {
	w, mail, _ := ministry(t)
	w.refused(del, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived, Person: "p"}, tocsin.Refused, "not_sent")
	w.receipt(mail, casefile.Sent)
	w.refused(theirs, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived}, tocsin.Forbidden, "no_power")
	w.refused(machine, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived, Person: "p"}, tocsin.Forbidden, "not_a_machine")
	w.refused(ana, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived, Person: "p"}, tocsin.Forbidden, "no_power")
	w.refused(del, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived}, tocsin.Invalid, "person_missing")
	w.refused(del, casefile.Acknowledge{Key: mail, Answer: "maybe", Person: "p"}, tocsin.Invalid, "answer")
	w.refused(ours, casefile.Acknowledge{Key: "none", Answer: tocsin.AckReceived}, tocsin.NotFound, "target")
	w.do(ours, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived}) // their own system needs no name
	w.disposition("v1", casefile.ObligationDischarged)
	is(t, "how", w.v("v1").How, casefile.HowAcknowledged)
}

func TestAnAcknowledgementStopsTheOtherRungsToThisRecipientOnly(t *testing.T) {
	w := owed(t, "v1")
	id := w.out(about("v1"), casefiletest.Desk(), casefiletest.Guard())
	mail, visit, site := w.key(id, "desk", 0), w.key(id, "desk", 1), w.key(id, "guard", 0)
	w.receipt(mail, casefile.Sent)
	w.pass(4 * time.Hour)
	w.state(visit, casefile.Planned)
	got := w.do(ours, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived})
	want(t, got, "acknowledged", "delivery_stopped", "obligation_discharged")
	w.state(visit, casefile.Stopped)
	w.state(site, casefile.Planned) // the other recipient is still told
	w.start(site)
	w.refused(machine, w.starting(visit), tocsin.Conflict, "not_sendable")
}

func TestAnAcknowledgementDischargesOnlyThoseWhomTheWarningCovers(t *testing.T) {
	w := owed(t, "v1", "v2", "v3")
	w.waive("v3", "c")
	id := w.out(about("v1", "v3"), casefiletest.Desk())
	w.receipt(w.key(id, "desk", 0), casefile.Sent)
	w.do(ours, casefile.Acknowledge{Key: w.key(id, "desk", 0), Answer: tocsin.AckReceived})
	w.disposition("v1", casefile.ObligationDischarged)
	w.disposition("v2", casefile.ObligationOwed)
	w.disposition("v3", casefile.ObligationWaived)
}

func TestAWarningGivenInPersonIsRecordedWhole(t *testing.T) {
	w, visit := task(t)
	whole := tocsin.Service{Person: "Col. Rahimi", Place: "side door", At: w.now, Words: "as the script", Present: []string{"del"}}
	with := func(f func(*tocsin.Service)) casefile.RecordService {
		s := whole
		f(&s)
		return casefile.RecordService{Key: visit, Service: s}
	}
	for _, c := range []struct {
		name string
		cmd  casefile.RecordService
		code string
	}{
		{"nobody", with(func(s *tocsin.Service) { s.Person = "" }), "service_incomplete"},
		{"nowhere", with(func(s *tocsin.Service) { s.Place = "" }), "service_incomplete"},
		{"at no time", with(func(s *tocsin.Service) { s.At = time.Time{} }), "service_incomplete"},
		{"tomorrow", with(func(s *tocsin.Service) { s.At = w.now.Add(time.Second) }), "service_in_the_future"},
		{"signed and refused", with(func(s *tocsin.Service) { s.Signed, s.RefusedSign = true, true }), "signed_and_refused"},
		{"signed for what was refused", with(func(s *tocsin.Service) { s.Signed, s.Answer = true, tocsin.AckRefused }), "signed_and_refused_it"},
		{"answered something else", with(func(s *tocsin.Service) { s.Answer = "shrugged" }), "answer"},
	} {
		t.Run(c.name, func(t *testing.T) { w.refused(del, c.cmd, tocsin.Invalid, c.code) })
	}
	w.refused(ana, casefile.RecordService{Key: visit, Service: whole}, tocsin.Forbidden, "no_power")
	w.refused(machine, casefile.RecordService{Key: visit, Service: whole}, tocsin.Forbidden, "not_a_machine")
	w.refused(del, casefile.RecordService{Key: w.s.Deliveries[0].Key, Service: whole}, tocsin.Refused, "not_assigned") // that one went by mail

	want(t, w.do(del, with(func(s *tocsin.Service) { s.RefusedSign = true })), "service_recorded")
	w.state(visit, casefile.Delivered) // told, and not acknowledged
	w.disposition("v1", casefile.ObligationOwed)
	is(t, "kept", w.delivery(visit).Service.RefusedSign, true)
	w.refused(del, casefile.RecordService{Key: visit, Service: whole}, tocsin.Refused, "not_assigned")
}

func TestASignatureIsAnAcknowledgement(t *testing.T) {
	w, visit := task(t)
	got := w.do(del, casefile.RecordService{Key: visit, Service: tocsin.Service{Person: "Col. Rahimi", Place: "side door", At: w.now, Signed: true}})
	want(t, got, "service_recorded", "obligation_discharged")
	w.state(visit, casefile.AckedState)
}

// What somebody answers who is told in person counts as it does on any other way.
func TestAnAnswerGivenInPersonIsRecordedWithTheService(t *testing.T) {
	for answer, c := range map[tocsin.AckKind]struct {
		events []string
		state  casefile.DeliveryState
		duty   casefile.Disposition
	}{
		tocsin.AckUnderstood:   {[]string{"service_recorded", "acknowledged", "obligation_discharged"}, casefile.AckedState, casefile.ObligationDischarged},
		tocsin.AckActing:       {[]string{"service_recorded", "acknowledged", "obligation_discharged"}, casefile.Acting, casefile.ObligationDischarged},
		tocsin.WillAnswerLater: {[]string{"service_recorded", "acknowledged"}, casefile.Delivered, casefile.ObligationOwed}, // a promise changes nothing (T-08)
		tocsin.AckRefused:      {[]string{"service_recorded", "acknowledged", "delivery_escalated"}, casefile.Delivered, casefile.ObligationOwed},
	} {
		t.Run(string(answer), func(t *testing.T) {
			w, visit := task(t)
			want(t, w.do(del, casefile.RecordService{Key: visit, Service: tocsin.Service{Person: "Col. Rahimi", Place: "side door", At: w.now, Answer: answer, Response: "we have seen it"}}), c.events...)
			w.state(visit, c.state)
			w.disposition("v1", c.duty)
			d := w.delivery(visit)
			if d.Answer != answer || d.AnswerBy != "Col. Rahimi" || d.Said != "we have seen it" {
				t.Errorf("the delivery is %+v", d)
			}
		})
	}
	w, visit := task(t)
	got := w.do(del, casefile.RecordService{Key: visit, Service: tocsin.Service{Person: "Col. Rahimi", Place: "side door", At: w.now, Signed: true, Answer: tocsin.WillAnswerLater}})
	want(t, got, "service_recorded", "obligation_discharged", "acknowledged")
	w.state(visit, casefile.AckedState) // the signature stands
}

func TestNobodyAtHome(t *testing.T) {
	w, visit := task(t)
	w.refused(del, casefile.RecordNotFound{Key: visit}, tocsin.Invalid, "reason_missing")
	w.refused(ana, casefile.RecordNotFound{Key: visit, Reason: "r"}, tocsin.Forbidden, "no_power")
	want(t, w.do(del, casefile.RecordNotFound{Key: visit, Reason: "the door stayed shut"}), "delivery_failed")
	w.state(visit, casefile.Planned) // the task comes again
	w.wait(time.Minute)
	w.receipt(visit, casefile.Assigned)
	got := w.do(del, casefile.RecordNotFound{Key: visit, Reason: "the house is gone", Final: true})
	is(t, "exhausted", one[casefile.DeliveryEscalated](t, got).Exhausted, true)
	w.state(visit, casefile.Failed)
	w.refused(del, casefile.RecordNotFound{Key: visit, Reason: "r"}, tocsin.Refused, "not_assigned")
}

func TestHowItIsKnownThatTheWordsArrived(t *testing.T) {
	w, mail, _ := ministry(t)
	w.refused(del, casefile.ConfirmDelivery{Key: mail, How: "h"}, tocsin.Refused, "not_confirmable")
	w.receipt(mail, casefile.Sent)
	w.refused(del, casefile.ConfirmDelivery{Key: mail}, tocsin.Invalid, "reason_missing")
	w.refused(machine, casefile.ConfirmDelivery{Key: mail, How: "h"}, tocsin.Forbidden, "not_a_machine")
	w.do(del, casefile.ConfirmDelivery{Key: mail, How: "the desk rang back and quoted T-1"})
	w.state(mail, casefile.Delivered)
	w.disposition("v1", casefile.ObligationOwed) // delivered is not acknowledged
	w.refused(del, casefile.ConfirmDelivery{Key: mail, How: "again"}, tocsin.Refused, "not_confirmable")
}

func TestADutyIsDischargedWithoutAnAnswerOnlyAtTheEndOfTheLadder(t *testing.T) {
	w, mail, visit := ministry(t)
	discharge := casefile.Discharge{Victim: "v1", Reason: "every way was tried"}
	w.refused(dina, discharge, tocsin.Refused, "not_delivered") // nothing has left
	w.receipt(mail, casefile.Sent)
	w.refused(dina, discharge, tocsin.Refused, "not_delivered") // sent is not delivered
	w.do(del, casefile.ConfirmDelivery{Key: mail, How: "seen on their screen"})
	w.refused(dina, discharge, tocsin.Refused, "ladder_not_exhausted")
	w.pass(4 * time.Hour)
	w.refused(dina, discharge, tocsin.Refused, "ladder_not_exhausted") // the visit has begun
	w.receipt(visit, casefile.Assigned)
	w.do(del, casefile.RecordNotFound{Key: visit, Reason: "shut for good", Final: true})
	w.refused(dina, casefile.Discharge{Victim: "v1"}, tocsin.Invalid, "reason_missing")
	w.refused(ana, discharge, tocsin.Forbidden, "no_power")
	w.refused(machine, discharge, tocsin.Forbidden, "not_a_machine")
	is(t, "it is offered", w.step("discharge", "v1"), true)
	w.do(dina, discharge)
	w.disposition("v1", casefile.ObligationDischarged)
	is(t, "how (T-17)", w.v("v1").How, casefile.HowUnacknowledged)
	w.refused(dina, discharge, tocsin.Refused, "obligation_ended")
}

func TestAnOutcomeEndsTheWaitForTheLadder(t *testing.T) {
	w, mail, _ := ministry(t)
	w.receipt(mail, casefile.Delivered)
	w.outcome("occurred")
	w.do(dina, casefile.Discharge{Victim: "v1", Reason: "the attack has happened"})
	is(t, "how", w.v("v1").How, casefile.HowUnacknowledged)

	v, mail, _ := ministry(t)
	v.receipt(mail, casefile.Sent)
	v.outcome("occurred")
	v.refused(dina, casefile.Discharge{Victim: "v1", Reason: "r"}, tocsin.Refused, "not_delivered") // an outcome warns nobody
	v.do(del, casefile.ConfirmDelivery{Key: mail, How: "h"})
	v.do(rae, casefile.AttachReport{Report: report("r2")})
	v.refused(dina, casefile.Discharge{Victim: "v1", Reason: "r"}, tocsin.Refused, "ladder_not_exhausted") // and one in doubt ends no wait
}

func TestAnAnswerAfterTheDutyWasReopenedCountsAsAnAnswer(t *testing.T) {
	w, mail, _ := ministry(t)
	w.receipt(mail, casefile.Sent)
	w.do(ours, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived})
	first := w.s.Warnings[0].ID
	w.follow(tocsin.AllClear, first, about("v1"), casefiletest.Desk())
	want(t, w.do(rae, casefile.AttachReport{Report: report("r2")}), "report_attached", "became_owed") // the danger is back, and the warning is over
	w.do(dina, casefile.Discharge{Victim: "v1", Reason: "the new report is of the same day"})
	is(t, "how", w.v("v1").How, casefile.HowAcknowledged)
}

func TestADutyDischargedByWordsThatAreTakenBackIsOwedAgain(t *testing.T) {
	w, mail, _ := ministry(t)
	w.receipt(mail, casefile.Sent)
	w.do(ours, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived})
	w.disposition("v1", casefile.ObligationDischarged)
	w.follow(tocsin.Cancel, "w1", about("v1"), casefiletest.Desk())
	w.disposition("v1", casefile.ObligationOwed)

	v, mail, _ := ministry(t)
	v.receipt(mail, casefile.Sent)
	v.do(ours, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived})
	v.follow(tocsin.AllClear, "w1", about("v1"), casefiletest.Desk())
	v.disposition("v1", casefile.ObligationDischarged) // an all-clear says that it was right
}

func TestARecipientWhoTurnsOutToBeTheActorsWasNeverWarned(t *testing.T) {
	w := owed(t, "v1")
	desk := casefiletest.Desk()
	desk.Ladder[0].Via = []tocsin.Party{{Name: "Orient Trading", Groups: []string{"orient"}}}
	id := w.out(about("v1"), desk)
	mail, visit := w.key(id, "desk", 0), w.key(id, "desk", 1)
	w.receipt(mail, casefile.Sent)
	w.do(ours, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived})
	w.disposition("v1", casefile.ObligationDischarged)
	h := threat(time.Time{})
	h.ActorGroups = append(h.ActorGroups, "Orient")
	w.do(ana, casefile.StateThreat{Threat: h})
	w.disposition("v1", casefile.ObligationOwed)
	w.state(visit, casefile.Planned) // the clean rung is tried

	v := owed(t, "v1")
	id = v.out(about("v1"), desk)
	v.do(ana, casefile.StateThreat{Threat: h})
	v.state(v.key(id, "desk", 0), casefile.Stopped) // what has not left does not leave
	v.state(v.key(id, "desk", 1), casefile.Planned)
}

func TestAnAnswerByWayOfTheActorOrToWordsTakenBackDischargesNothing(t *testing.T) {
	w := owed(t, "v1")
	desk := casefiletest.Desk()
	desk.Ladder[0].Via = []tocsin.Party{{Name: "Orient Trading", Groups: []string{"orient"}}}
	mail := w.key(w.out(about("v1"), desk), "desk", 0)
	w.receipt(mail, casefile.Sent)
	h := threat(time.Time{})
	h.ActorGroups = append(h.ActorGroups, "ORIENT")
	want(t, w.do(ana, casefile.StateThreat{Threat: h}), "threat_stated", "delivery_escalated", "delivery_planned") // the clean rung
	want(t, w.do(ours, casefile.Acknowledge{Key: mail, Answer: tocsin.AckReceived}), "acknowledged")               // and stops no other rung
	w.disposition("v1", casefile.ObligationOwed)
	w.state(w.key("w1", "desk", 1), casefile.Planned)

	v, mail, _ := ministry(t)
	v.receipt(mail, casefile.Sent)
	v.follow(tocsin.Cancel, "w1", about("v1"), casefiletest.Desk())
	want(t, v.do(ours, casefile.Acknowledge{Key: mail, Answer: tocsin.AckActing}), "acknowledged")
	v.disposition("v1", casefile.ObligationOwed)
	v.refused(dina, casefile.Discharge{Victim: "v1", Reason: "they answered"}, tocsin.Refused, "not_delivered")
}

func TestAClearanceThatEndsStopsWhatHasNotLeft(t *testing.T) {
	w, mail, _ := ministry(t)
	w.wait(24 * time.Hour)
	w.refused(machine, w.starting(mail), tocsin.Conflict, "not_sendable")
	got := w.do(machine, casefile.Tick{})
	is(t, "stopped", has(got, "delivery_stopped"), true)
	w.state(mail, casefile.Stopped)
	w.disposition("v1", casefile.ObligationOwed)
	is(t, "a new draft is owed", w.step("draft_warning", "v1"), true)
}

func TestAnUpdateGoesToEveryRungThatWasUsedAndReplacesWhatHasNotLeft(t *testing.T) {
	w := owed(t, "v1")
	first := w.out(about("v1"), casefiletest.Desk(), casefiletest.Guard())
	w.receipt(w.key(first, "desk", 0), casefile.Sent)
	w.pass(4 * time.Hour)
	w.receipt(w.key(first, "desk", 1), casefile.Assigned)
	id := w.follow(tocsin.Update, first, about("v1"), casefiletest.Desk(), casefiletest.Guard())
	w.state(w.key(first, "guard", 0), casefile.Stopped) // old words that had not left
	w.state(w.key(id, "desk", 0), casefile.Planned)
	w.state(w.key(id, "desk", 1), casefile.Planned)
	w.state(w.key(id, "guard", 0), casefile.Planned)
	w.receipt(w.key(id, "desk", 0), casefile.Sent)
	w.do(ours, casefile.Acknowledge{Key: w.key(id, "desk", 0), Answer: tocsin.AckReceived})
	w.disposition("v1", casefile.ObligationDischarged)
	w.state(w.key(id, "desk", 1), casefile.Planned) // an update is owed on every channel that was used
	is(t, "the first still stands", w.warning(first).Live(), true)
}

func TestACancelThatLandsFirstStopsWhatHasNotLeft(t *testing.T) {
	w := owed(t, "v1")
	first := w.out(about("v1"), casefiletest.Desk(), casefiletest.Guard())
	w.receipt(w.key(first, "guard", 0), casefile.Sent)
	id := w.follow(tocsin.Cancel, first, about("v1"), casefiletest.Guard())
	w.state(w.key(first, "desk", 0), casefile.Stopped)
	w.refused(machine, w.starting(w.key(first, "desk", 0)), tocsin.Conflict, "not_sendable")
	w.state(w.key(id, "guard", 0), casefile.Planned)
	is(t, "ended by", w.warning(first).EndedBy, id)
	w.pass(4 * time.Hour)
	if _, ok := w.s.Delivery(w.key(first, "desk", 1)); ok {
		t.Error("a warning that was withdrawn went to the next rung")
	}
}

func TestAnEndThatCannotBeHandedOverIsTriedOnTheNextRungAndThenAskedAbout(t *testing.T) {
	w := owed(t, "v1")
	first := w.out(about("v1"), casefiletest.Guard())
	w.receipt(w.key(first, "guard", 0), casefile.Sent)
	w.do(theirsFor("guard"), casefile.Acknowledge{Key: w.key(first, "guard", 0), Answer: tocsin.AckReceived})
	w.outcome("did_not_occur")
	clear := w.follow(tocsin.AllClear, first, about("v1"), casefiletest.Guard())
	k := w.key(clear, "guard", 0)
	w.start(k)
	w.fails(k, "permanent", 0)
	w.refused(dina, casefile.CloseCase{Reason: "done"}, tocsin.Refused, "not_closable")
	is(t, "somebody must tell them", w.step("confirm_delivery", string(k)), true)
	is(t, "on a clock", w.runs(casefile.ClockUntold, string(k)), true)
	w.refused(del, casefile.RecordNotFound{Key: k}, tocsin.Invalid, "reason_missing")
	w.do(del, casefile.ConfirmDelivery{Key: k, How: "told by telephone"})
	is(t, "told", w.runs(casefile.ClockUntold, string(k)), false)
	w.do(dina, casefile.CloseCase{Reason: "done"})
}

func TestSomebodyWhomTheAllClearCannotReachIsWrittenOff(t *testing.T) {
	w := owed(t, "v1")
	first := w.out(about("v1"), casefiletest.Guard())
	w.receipt(w.key(first, "guard", 0), casefile.Delivered)
	clear := w.follow(tocsin.AllClear, first, about("v1"), casefiletest.Guard())
	k := w.key(clear, "guard", 0)
	w.pass(24 * time.Hour) // the clearance ends before it could be sent
	w.state(k, casefile.Failed)
	want(t, w.do(del, casefile.RecordNotFound{Key: k, Reason: "the firm was wound up"}), "delivery_stopped")
	is(t, "asked no more", w.step("confirm_delivery", string(k)), false)
}

func TestWordsThatWereReplacedWhileTheyWereInHandGoNoFurther(t *testing.T) {
	for _, m := range []tocsin.MessageType{tocsin.Update, tocsin.AllClear} {
		t.Run(string(m), func(t *testing.T) {
			w, mail, visit := ministry(t)
			w.start(mail)
			w.follow(m, "w1", about("v1"), casefiletest.Desk()) // a worker has the old words, so this goes there too
			w.state(mail, casefile.Started)
			want(t, w.fails(mail, "permanent", 0), "delivery_failed")
			if _, ok := w.s.Delivery(visit); ok {
				t.Error("old words went to the next rung")
			}

			w, mail, _ = ministry(t)
			w.start(mail)
			w.follow(m, "w1", about("v1"), casefiletest.Desk())
			w.wait(lease)
			w.refused(machine, w.starting(mail), tocsin.Conflict, "not_sendable")
			is(t, "given up when the lease ends", has(w.do(machine, casefile.Tick{}), "delivery_stopped"), true)
			w.state(mail, casefile.Stopped)
			w.do(machine, casefile.RecordAttempt{Key: mail, Attempt: 1, Receipt: taken(casefile.Sent)}) // it had gone after all
			w.state(mail, casefile.Sent)
			w.pass(24 * time.Hour)
			w.state(mail, casefile.Sent)
		})
	}
}

func TestAnAllClearThatArrivedOnOneChannelIsNotEscalatedOnAnother(t *testing.T) {
	w, mail, visit := ministry(t)
	w.receipt(mail, casefile.Sent)
	w.pass(4 * time.Hour)
	w.receipt(visit, casefile.Assigned)
	end := w.follow(tocsin.AllClear, "w1", about("v1"), casefiletest.Desk())
	w.start(w.key(end, "desk", 0))
	want(t, w.fails(w.key(end, "desk", 0), "permanent", 0), "delivery_failed", "delivery_escalated") // the visit is planned already
	w.receipt(w.key(end, "desk", 1), casefile.Sent)
	is(t, "somebody told them", w.runs(casefile.ClockUntold, string(w.key(end, "desk", 0))), false)

	v, mail, _ := ministry(t)
	v.receipt(mail, casefile.Sent)
	v.pass(4 * time.Hour)
	v.receipt(v.key("w1", "desk", 1), casefile.Assigned)
	end = v.follow(tocsin.AllClear, "w1", about("v1"), casefiletest.Desk())
	v.receipt(v.key(end, "desk", 1), casefile.Sent)
	v.start(v.key(end, "desk", 0))
	want(t, v.fails(v.key(end, "desk", 0), "permanent", 0), "delivery_failed")
	v.refused(del, casefile.ConfirmDelivery{Key: "none", How: "h"}, tocsin.NotFound, "target")
}

func TestAClosedCaseWhoseSenderNeverCameBackWaitsForNothing(t *testing.T) {
	w := owed(t, "v1")
	id := w.out(about("v1"), casefiletest.Guard())
	w.start(w.key(id, "guard", 0))
	w.handedOver("v1")
	w.outcome("averted")
	end := w.follow(tocsin.AllClear, id, about("v1"), casefiletest.Guard())
	w.receipt(w.key(end, "guard", 0), casefile.Sent)
	w.do(dina, casefile.CloseCase{Reason: "done", OnTheWay: "the all-clear was sent"})
	if at, ok := casefile.NextDue(w.s); ok {
		t.Errorf("the machine would wake at %v, and at every moment after", at)
	}
	w.do(machine, casefile.RecordAttempt{Key: w.key(id, "guard", 0), Attempt: 1, Receipt: taken(casefile.Sent)}) // and still listens
	w.state(w.key(id, "guard", 0), casefile.Sent)
}

func theirsFor(r tocsin.RecipientID) tocsin.Actor {
	return tocsin.Actor{ID: "their-system", Roles: []tocsin.Role{tocsin.RecipientRole}, Recipient: r}
}
