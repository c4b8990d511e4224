package casefile_test

import (
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

func TestTellingOneAudienceOpensTheQuestionOfTheOthers(t *testing.T) {
	w := owed(t, "v1", "v2", "v3", "v4")
	w.waive("v2", "c")
	w.handedOver("v3")
	got := w.release(w.drafted(about("v1"), casefiletest.Desk()))
	asked := map[tocsin.VictimID]bool{}
	for _, e := range got {
		if p, ok := e.(casefile.ParityOpened); ok {
			asked[p.Victim] = true
		}
	}
	if len(asked) != 2 || !asked["v2"] || !asked["v4"] {
		t.Fatalf("asked about %v, not about v2 (waived) and v4 (owed)", asked)
	}
	is(t, "clock", w.clock(tocsin.ClockParity, "p1").Due, w.now.Add(4*time.Hour))
	w.victim("v5") // named later
	is(t, "asked about the newcomer", w.s.Parities[2].Victim, tocsin.VictimID("v5"))
	w.pass(time.Minute)
	is(t, "asked once", len(w.s.Parities), 3)
	w.do(rae, casefile.AttachReport{Report: report("r2")}) // the hand-over of v3 ends
	is(t, "asked when a duty comes back", w.s.Parities[3].Victim, tocsin.VictimID("v3"))
}

func TestAParityQuestionIsAnsweredOnceWithAReason(t *testing.T) {
	w := owed(t, "v1", "v2")
	w.out(about("v1"), casefiletest.Desk())
	w.refused(dina, casefile.DecideParity{Parity: "p1", Decision: "later", Reason: "r"}, tocsin.Invalid, "parity_decision")
	w.refused(dina, casefile.DecideParity{Parity: "p1", Decision: "withheld"}, tocsin.Invalid, "reason_missing")
	w.refused(dina, casefile.DecideParity{Parity: "p9", Decision: "warn", Reason: "r"}, tocsin.NotFound, "target")
	w.refused(ana, casefile.DecideParity{Parity: "p1", Decision: "warn", Reason: "r"}, tocsin.Forbidden, "no_power")
	w.refused(machine, casefile.DecideParity{Parity: "p1", Decision: "withheld", Reason: "r"}, tocsin.Forbidden, "not_a_machine")
	due := w.clock(tocsin.ClockFirstDelivery, "v2").Due
	w.do(rolf, casefile.DecideParity{Parity: "p1", Decision: "withheld", Reason: "their own service tells them"})
	w.refused(dina, casefile.DecideParity{Parity: "p1", Decision: "warn", Reason: "r"}, tocsin.Refused, "parity_decided")
	w.disposition("v2", casefile.ObligationOwed) // an answer here ends no duty
	is(t, "nor its clock", w.clock(tocsin.ClockFirstDelivery, "v2").Due, due)
}

func TestToWarnTooMakesTheDutyOwedWhateverEndedIt(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(w *watch)
		want string
	}{
		{"undetermined", func(*watch) {}, "became_owed"},
		{"waived", func(w *watch) { w.waive("v2", "c") }, "waiver_ended"},
		{"handed over since", func(w *watch) { w.handedOver("v2") }, "became_owed"},
		{"not owed since", func(w *watch) {
			w.grade("v2", no, yes, yes, yes, yes)
			w.do(ana, refuse("v2"))
			w.do(rex, sign(w.t, "v2", true, no, yes, yes, yes, yes))
		}, "became_owed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := owed(t, "v1")
			w.victim("v2")
			w.out(about("v1"), casefiletest.Desk())
			c.set(w)
			want(t, w.do(dina, casefile.DecideParity{Parity: "p1", Decision: "warn", Reason: "they stand in the same crowd"}), "parity_decided", c.want)
			w.disposition("v2", casefile.ObligationOwed)
			is(t, "first delivery", w.clock(tocsin.ClockFirstDelivery, "v2").Anchor, w.now)
		})
	}
}

func TestAWarningsWindowIsRaisedAheadAndExtendedAtItsEnd(t *testing.T) {
	w := owed(t, "v1")
	id := w.out(about("v1"), casefiletest.Desk())
	k := w.key(id, "desk", 0)
	w.receipt(k, casefile.Sent)
	w.do(ours, casefile.Acknowledge{Key: k, Answer: tocsin.AckReceived})
	until := w.warning(id).Until
	is(t, "raised two hours ahead", w.clock(tocsin.ClockWindow, string(id)).Due, until.Add(-2*time.Hour))
	w.pass(46 * time.Hour)
	is(t, "not yet extended", w.warning(id).Until, until)
	is(t, "somebody is asked", w.step("extend_window", string(id)), true)
	w.now = until
	extended := one[casefile.WindowExtended](t, w.do(machine, casefile.Tick{}))
	is(t, "by default", extended.Default, true)
	is(t, "until", extended.Until, until.Add(24*time.Hour))
	is(t, "they must be told", w.step("draft_warning", string(id)), true)
	is(t, "on a clock", w.runs(casefile.ClockUntold, string(id)), true)
	w.pass(24 * time.Hour)
	is(t, "and again", w.warning(id).Until, until.Add(48*time.Hour))

	w.follow(tocsin.Update, id, about("v1"), casefiletest.Desk())
	is(t, "told", w.runs(casefile.ClockUntold, string(id)), false)
	is(t, "the update sets the end", w.warning(id).Until, w.now.Add(48*time.Hour))
	w.follow(tocsin.AllClear, id, about("v1"), casefiletest.Desk())
	is(t, "an ended warning has no window", w.runs(tocsin.ClockWindow, string(id)) || w.runs(casefile.ClockLapse, string(id)), false)
}

func TestWordsWithoutAnEndStillNeedSomebodyToDecide(t *testing.T) {
	w := owed(t, "v1")
	d := w.draft(ana, about("v1"), casefiletest.Desk())
	d.Window = tocsin.Window{}
	w.do(ana, casefile.DraftWarning{Draft: d})
	w.release(d.Warning)
	is(t, "until", w.warning(d.Warning).Until, w.now.Add(24*time.Hour))
	is(t, "lapses", w.runs(casefile.ClockLapse, "w1"), true)
}

func TestAWindowIsExtendedToALaterMomentOnly(t *testing.T) {
	w := owed(t, "v1")
	id := w.drafted(about("v1"), casefiletest.Desk())
	extend := func(d time.Duration) casefile.ExtendWindow {
		return casefile.ExtendWindow{Warning: id, Until: w.now.Add(d), Reason: "the threat stands"}
	}
	w.refused(dina, extend(72*time.Hour), tocsin.Refused, "not_out")
	w.release(id)
	w.refused(dina, casefile.ExtendWindow{Warning: id, Until: w.now.Add(72 * time.Hour)}, tocsin.Invalid, "reason_missing")
	w.refused(dina, extend(47*time.Hour), tocsin.Invalid, "extension")
	w.refused(dina, extend(0), tocsin.Invalid, "extension")
	w.refused(ana, extend(72*time.Hour), tocsin.Forbidden, "no_power")
	w.refused(machine, extend(72*time.Hour), tocsin.Forbidden, "not_a_machine")
	is(t, "default", one[casefile.WindowExtended](t, w.do(dina, extend(72*time.Hour))).Default, false)
	is(t, "until", w.warning(id).Until, w.now.Add(72*time.Hour))
	w.receipt(w.key(id, "desk", 0), casefile.Sent)
	w.follow(tocsin.Cancel, id, about("v1"), casefiletest.Desk())
	w.refused(dina, extend(100*time.Hour), tocsin.Refused, "not_out")
}

func TestReviewsComeAfterADayThreeDaysAWeekAndThenEveryFourWeeks(t *testing.T) {
	w := owed(t, "v1")
	w.handedOver("v1")
	w.refused(dina, casefile.Review{}, tocsin.Invalid, "reason_missing")
	w.refused(del, casefile.Review{Note: "n"}, tocsin.Forbidden, "no_power")
	w.refused(machine, casefile.Review{Note: "n"}, tocsin.Forbidden, "not_a_machine")
	for _, days := range []int{1, 3, 7, 28, 28, 28} {
		is(t, "next review", w.clock(tocsin.ClockReview, "").Due, w.s.LastReview.Add(time.Duration(days)*24*time.Hour))
		w.now = w.clock(tocsin.ClockReview, "").Due
		is(t, "raised", has(w.do(machine, casefile.Tick{}), "clock_missed"), true)
		w.do(rex, casefile.Review{Note: "still there"})
	}

	terms := casefiletest.Terms()
	terms.Clocks[tocsin.ClockReview] = tocsin.ClockRule{After: tocsin.Duration(time.Hour)}
	v := beginWith(t, terms, casefile.Report{ID: "r1"})
	for range 3 {
		is(t, "a pack without following intervals", v.clock(tocsin.ClockReview, "").Due, v.now.Add(time.Hour))
		v.wait(time.Hour)
		v.do(rex, casefile.Review{Note: "n"})
	}
}

func TestAnOutcomeIsOneOfFourAndNotInTheFuture(t *testing.T) {
	w := begin(t)
	w.refused(dina, casefile.RecordOutcome{Outcome: casefile.Outcome{What: "fine"}}, tocsin.Invalid, "outcome")
	w.refused(dina, casefile.RecordOutcome{Outcome: casefile.Outcome{What: "averted", At: w.now.Add(time.Second)}}, tocsin.Invalid, "outcome_in_the_future")
	w.refused(ana, casefile.RecordOutcome{Outcome: casefile.Outcome{What: "averted"}}, tocsin.Forbidden, "no_power")
	w.refused(machine, casefile.RecordOutcome{Outcome: casefile.Outcome{What: "averted"}}, tocsin.Forbidden, "not_a_machine")
	for _, what := range []string{"occurred", "averted", "did_not_occur", "unrelated"} {
		w.outcome(what)
		is(t, "recorded by", w.s.Outcome.By, dina.ID)
	}
	w.do(rae, casefile.AttachReport{Report: report("r2")})
	is(t, "a report throws it in doubt", w.s.OutcomeStale, true)
	w.outcome("unrelated")
	is(t, "until somebody records it again", w.s.OutcomeStale, false)
}

func TestEachThingThatStandsAgainstClosingIsNamed(t *testing.T) {
	done := func(t *testing.T) *watch { // everything but the all-clear
		w := owed(t, "v1")
		id := w.out(about("v1"), casefiletest.Desk())
		w.receipt(w.key(id, "desk", 0), casefile.Sent)
		w.do(ours, casefile.Acknowledge{Key: w.key(id, "desk", 0), Answer: tocsin.AckReceived})
		w.outcome("averted")
		return w
	}
	over := func(t *testing.T) *watch { // nothing is left
		w := done(t)
		id := w.follow(tocsin.AllClear, "w1", about("v1"), casefiletest.Desk())
		w.receipt(w.key(id, "desk", 0), casefile.Sent)
		return w
	}
	for _, c := range []struct {
		name string
		w    func(*testing.T) *watch
		why  string
	}{
		{"nobody is named", begin, "no intended victim"},
		{"a duty is open", func(t *testing.T) *watch { w := begin(t); w.victim("v1"); return w }, "is open"},
		{"a duty is owed", func(t *testing.T) *watch { return owed(t, "v1") }, "is owed"},
		{"a warning stands", done, "still stands"},
		{"an all-clear has not left", func(t *testing.T) *watch {
			w := done(t)
			w.follow(tocsin.AllClear, "w1", about("v1"), casefiletest.Desk())
			return w
		}, "has not gone out on every channel"},
		{"no outcome", func(t *testing.T) *watch {
			w := over(t)
			w.s.Outcome = nil
			return w
		}, "no outcome"},
		{"an after-duty", func(t *testing.T) *watch {
			w := owed(t, "v1")
			w.do(dina, casefile.InvokeExigent{Reason: "no time"})
			w.out(about("v1"), casefiletest.Desk())
			return w
		}, "2 after-duties"},
		{"a parity question", func(t *testing.T) *watch {
			w := owed(t, "v1", "v2")
			w.out(about("v1"), casefiletest.Desk())
			return w
		}, "1 parity questions"},
		{"a dispute", func(t *testing.T) *watch {
			w := over(t)
			w.do(lia, casefile.RaiseDispute{About: "the words", Position: "too many"})
			return w
		}, "1 disputes"},
		{"a transfer", func(t *testing.T) *watch { w := over(t); w.do(ana, casefile.ProposeTransfer{To: dina.ID}); return w }, "a transfer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := c.w(t)
			e := w.refused(dina, casefile.CloseCase{Reason: "r"}, tocsin.Refused, "not_closable")
			if !strings.Contains(e.What, c.why) || !strings.Contains(strings.Join(casefile.Obstacles(w.s), ";"), c.why) {
				t.Errorf("%q is not among: %s", c.why, e.What)
			}
			is(t, "closing is not offered", w.step("close_case", ""), false)
		})
	}
	w := over(t)
	is(t, "closing is offered", w.step("close_case", ""), true)
	w.refused(dina, casefile.CloseCase{}, tocsin.Invalid, "reason_missing")
	w.refused(ana, casefile.CloseCase{Reason: "r"}, tocsin.Forbidden, "no_power")
	w.refused(machine, casefile.CloseCase{Reason: "r"}, tocsin.Forbidden, "not_a_machine")
	w.do(dina, casefile.CloseCase{Reason: "all is done", OnTheWay: "sent, and the desk reads its mail"})
	is(t, "nothing is owed", len(casefile.Outstanding(w.s)), 0)
	if _, ok := casefile.NextDue(w.s); ok {
		t.Error("a closed case without a waiver still waits for something")
	}
	if st, ok := casefile.MostUrgent(w.s); ok {
		t.Errorf("a closed case asks somebody to %s", st.Kind)
	}
}

func TestAnAnswerAfterClosingIsStillAFact(t *testing.T) {
	w := owed(t, "v1")
	id := w.out(about("v1"), casefiletest.Desk())
	k := w.key(id, "desk", 0)
	w.receipt(k, casefile.Delivered)
	w.outcome("averted")
	w.do(dina, casefile.Discharge{Victim: "v1", Reason: "it is over"})
	end := w.follow(tocsin.AllClear, id, about("v1"), casefiletest.Desk())
	w.receipt(w.key(end, "desk", 0), casefile.Sent)
	w.do(dina, casefile.CloseCase{Reason: "done", OnTheWay: "the desk never answers"})
	want(t, w.do(ours, casefile.Acknowledge{Key: k, Answer: tocsin.AckReceived, Words: "thank you"}), "acknowledged") // T-24
	w.state(k, casefile.AckedState)
	is(t, "closed", w.s.Closed, true)
}
