package casefile_test

import (
	"strings"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

// correct describes v1 as it stands, changed.
func (w *watch) correct(change func(*tocsin.Victim)) casefile.CorrectVictim {
	v := w.v("v1").Victim
	change(&v)
	return casefile.CorrectVictim{Victim: v, Reason: "the caller was asked again"}
}

func toIran(v *tocsin.Victim) { v.Jurisdiction = "IR" }

func TestACorrectionKeepsWhatWasSaidBeforeAndWhoCorrectedIt(t *testing.T) {
	w := begin(t)
	w.victim("v1")
	was := w.v("v1").Victim
	want(t, w.do(bea, w.correct(toIran)), "victim_corrected")
	want(t, w.do(ana, w.correct(func(v *tocsin.Victim) { v.Name = "Attendees of the ceremony" })), "victim_corrected")
	v := w.v("v1")
	is(t, "the country", v.Jurisdiction, "IR")
	is(t, "what was said is kept", len(v.Corrections), 2)
	is(t, "the name before", v.Corrections[1].Was.Name, was.Name)
	is(t, "the country before", v.Corrections[0].Was.Jurisdiction, "")
	is(t, "who", v.Corrections[0].By, bea.ID)
	is(t, "why", v.Corrections[0].Reason, "the caller was asked again")
}

func TestACorrectionMovesNoDispositionAndStopsNoClock(t *testing.T) {
	for name, w := range map[string]*watch{"owed": owed(t, "v1"), "below the threshold": notOwed(t)} {
		t.Run(name, func(t *testing.T) {
			before, clocks := w.v("v1"), len(casefile.Clocks(w.s))
			w.do(ana, w.correct(toIran))
			is(t, "the disposition", w.v("v1").Disposition, before.Disposition)
			is(t, "since", w.v("v1").Since, before.Since)
			is(t, "clocks", len(casefile.Clocks(w.s)), clocks)
			is(t, "the findings", len(w.v("v1").Findings), len(before.Findings))
		})
	}
	w := notOwed(t)
	w.do(dina, casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseBelow, Reason: "nothing is credible"})
	w.do(selma, sign(t, "v1", true, no, yes, yes, yes, yes))
	want(t, w.do(ana, w.correct(toIran)), "victim_corrected")
	w.disposition("v1", casefile.ObligationNotOwed)
	is(t, "whoever refused decided about somebody described otherwise", w.v("v1").OutdatedEnd(), true)
	if w.v("v1").Refusal == nil {
		t.Error("a correction took a refusal away")
	}
}

func TestWhatThePolicyAnsweredAboutSomebodyDescribedOtherwiseIsAskedAgain(t *testing.T) {
	w := owed(t, "v1")
	w.do(sara, casefile.AffirmDetermination{Victim: "v1"})
	w.do(ana, w.correct(func(v *tocsin.Victim) { v.Safety = "the phone is shared" }))
	is(t, "how to reach them changes no answer", w.v("v1").Stale, false)
	is(t, "nor makes the end an older one", w.v("v1").Corrected, 0)
	w.do(ana, w.correct(toIran))
	is(t, "the machine asks again", w.step("determine", "v1"), true)
	w.determine("v1")
	is(t, "the senior officer affirms what she has not affirmed", w.step("affirm_determination", "v1"), true)
	w.disposition("v1", casefile.ObligationOwed)
}

func TestWordsWrittenBeforeACorrectionAreMarkedAndThoseWrittenAfterAreNot(t *testing.T) {
	w := owed(t, "v1", "v2")
	id := w.drafted(about("v1", "v2"), casefiletest.Desk())
	other := w.drafted(about("v2"), casefiletest.Desk())
	outdated := func(id tocsin.WarningID) int { x, _ := w.s.Warning(id); return len(w.s.Outdated(x)) }
	is(t, "as written", outdated(id), 0)
	w.do(ana, w.correct(toIran))
	is(t, "after the correction", outdated(id), 1)
	is(t, "words about somebody else", outdated(other), 0)
	d := w.draft(ana, about("v1", "v2"), casefiletest.Desk())
	d.Warning, d.Version = id, 2
	w.do(ana, casefile.DraftWarning{Draft: d})
	is(t, "a new version", outdated(id), 0)
}

func TestAClosedCaseIsOpenedAgainByACorrectionThatMattersAndByNoOther(t *testing.T) {
	w := notOwed(t)
	w.do(dina, casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseBelow, Reason: "nothing is credible"})
	w.do(selma, sign(t, "v1", true, no, yes, yes, yes, yes))
	w.do(dina, casefile.CloseCase{Reason: "hoax"})
	want(t, w.do(ana, w.correct(func(v *tocsin.Victim) { v.Safety = "the phone is shared" })), "victim_corrected")
	is(t, "closed", w.s.Closed, true)
	want(t, w.do(ana, w.correct(toIran)), "case_reopened", "victim_corrected")
}

func TestWhoMayNameAVictimMayCorrectItWithAReasonAndNobodyElse(t *testing.T) {
	w := owed(t, "v1")
	right := w.correct(toIran)
	for _, a := range everybody() {
		_, err := casefile.Decide(w.s, w.meta(a), right)
		_, names := casefile.Decide(w.s, w.meta(a), casefile.AddVictim{Victim: tocsin.Victim{ID: "v9", Kind: tocsin.Person, Name: "n", Identity: tocsin.Named}})
		if (err == nil) != (names == nil) {
			t.Errorf("%s may name a victim: %v, and correct one: %v", a.ID, names == nil, err == nil)
		}
	}
	w.refused(rae, right, tocsin.Forbidden, "no_power")
	w.refused(machine, right, tocsin.Forbidden, "not_a_machine")
	without := right
	without.Reason = " "
	w.refused(ana, without, tocsin.Invalid, "reason_missing")
	w.refused(ana, w.correct(func(v *tocsin.Victim) {}), tocsin.Invalid, "nothing_corrected")
	w.refused(ana, w.correct(func(v *tocsin.Victim) { v.Name = "" }), tocsin.Invalid, "victim_without_name")
	w.refused(ana, w.correct(func(v *tocsin.Victim) { v.ID = "v9" }), tocsin.NotFound, "target")
	e := w.refused(ana, w.correct(func(v *tocsin.Victim) { v.Jurisdiction = "IRAN" }), tocsin.Invalid, "country")
	if !strings.Contains(e.What, "IRAN") {
		t.Errorf("got %s", e.What)
	}
	w.refused(ana, casefile.AddVictim{Victim: tocsin.Victim{ID: "v9", Kind: tocsin.Person, Name: "n", Identity: tocsin.Named, Jurisdiction: "Iran"}}, tocsin.Invalid, "country")
	w.do(ana, w.correct(func(v *tocsin.Victim) { v.Jurisdiction = "US-CA" }))
}

// A withdrawal that was sent is not one that arrived: whoever closes the case over
// it says so, and the record names what nobody follows any more.
func TestACaseIsClosedOverWhatIsStillOnTheWayOnlyInWords(t *testing.T) {
	w := owed(t, "v1")
	id := w.out(about("v1"), casefiletest.Desk())
	w.receipt(w.key(id, "desk", 0), casefile.Delivered)
	w.outcome("averted")
	w.do(dina, casefile.Discharge{Victim: "v1", Reason: "it is over"})
	end := w.follow(tocsin.Cancel, id, about("v1"), casefiletest.Desk())
	k := w.key(end, "desk", 0)
	w.refused(dina, casefile.CloseCase{Reason: "done", OnTheWay: "known"}, tocsin.Refused, "not_closable") // it has not even left
	w.receipt(k, casefile.Sent)
	e := w.refused(dina, casefile.CloseCase{Reason: "done", OnTheWay: " "}, tocsin.Invalid, "on_the_way")
	for _, says := range []string{"duty desk", "sent", "not delivered", string(end)} {
		if !strings.Contains(e.What, says) {
			t.Errorf("%q is not in: %s", says, e.What)
		}
	}
	got := w.do(dina, casefile.CloseCase{Reason: "done", OnTheWay: "The desk has never answered anything."})
	closed := got[0].(casefile.CaseClosed)
	is(t, "what is recorded", len(closed.Unfollowed), 1)
	is(t, "of which delivery", closed.Unfollowed[0].Key, k)
	is(t, "sent and no more", closed.Unfollowed[0].State, casefile.Sent)
	is(t, "in which words", w.s.ClosedOver, "The desk has never answered anything.")
	oversight := false
	for _, x := range casefile.Exceptions(w.s) {
		oversight = oversight || x.Step == "acknowledgement" && x.Target == string(k)
	}
	is(t, "oversight sees it", oversight, true)
	w.do(ours, casefile.Acknowledge{Key: k, Answer: tocsin.AckReceived}) // a late answer is still a fact
	w.do(rex, casefile.ReopenCase{Reason: "asked to"})
	is(t, "an open case has left nothing unfollowed", len(w.s.Unfollowed), 0)
	w.do(dina, casefile.CloseCase{Reason: "done"})
}

func TestNothingIsAskedAboutAnEndThatHasArrivedOrBeenAcknowledged(t *testing.T) {
	for name, settle := range map[string]func(w *watch, k tocsin.DeliveryKey){
		"confirmed": func(w *watch, k tocsin.DeliveryKey) { w.do(del, casefile.ConfirmDelivery{Key: k, How: "by telephone"}) },
		"acknowledged": func(w *watch, k tocsin.DeliveryKey) {
			w.do(ours, casefile.Acknowledge{Key: k, Answer: tocsin.AckReceived})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := owed(t, "v1")
			id := w.out(about("v1"), casefiletest.Desk())
			w.receipt(w.key(id, "desk", 0), casefile.Delivered)
			w.outcome("averted")
			w.do(dina, casefile.Discharge{Victim: "v1", Reason: "it is over"})
			end := w.follow(tocsin.AllClear, id, about("v1"), casefiletest.Desk())
			w.receipt(w.key(end, "desk", 0), casefile.Sent)
			settle(w, w.key(end, "desk", 0))
			want(t, w.do(dina, casefile.CloseCase{Reason: "done"}), "case_closed")
		})
	}
}

// The machine asks the policy again after a correction. Until it has, a refusal
// below the threshold waits; if the policy answers otherwise, it falls.
func TestARefusalWaitsForThePolicyToBeAskedAgainAndFallsIfItAnswersOtherwise(t *testing.T) {
	w := notOwed(t)
	w.do(dina, casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseBelow, Reason: "nothing is credible"})
	w.do(ana, w.correct(toIran))
	is(t, "nobody is asked to sign", w.step("sign_refusal", "v1"), false)
	w.determine("v1")
	is(t, "now somebody is", w.step("sign_refusal", "v1"), true)
	w.do(selma, sign(t, "v1", true, no, yes, yes, yes, yes))
	w.do(ana, w.correct(func(v *tocsin.Victim) { v.Place = "Kerman" }))
	d := w.policy("v1")
	d.Result = tocsin.ResultDoubtful
	want(t, w.do(machine, casefile.Determine{Determination: d}), "determined", "refusal_ended")
	w.disposition("v1", casefile.ObligationOwed)
}
