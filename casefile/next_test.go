package casefile_test

import (
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

// stands compares what somebody is shown first with what the test expects.
func stands(t *testing.T, who, what string, got *casefile.Step, want string) {
	t.Helper()
	is := ""
	if got != nil {
		is = got.Kind
	}
	if is != want {
		t.Errorf("%s: %s is %q, not %q", who, what, is, want)
	}
}

func TestWhatSomebodyCanDoThemselvesComesFirst(t *testing.T) {
	w := owed(t, "v1")
	id := w.drafted(about("v1"), casefiletest.Desk())
	for _, c := range []struct {
		who        string
		mine, wait string
	}{
		{"sara", "approve_warning", ""}, // both are hers; the first delivery is due sooner
		{"rolf", "approve_warning", "affirm_determination"},
		{"rex", "", "approve_warning"}, // a review that is far off is not what is to be done now
	} {
		for _, a := range everybody() {
			if string(a.ID) != c.who {
				continue
			}
			got := casefile.Next(w.s, a)
			stands(t, c.who, "their own", got.Mine, c.mine)
			stands(t, c.who, "what is waited for", got.Wait, c.wait)
		}
	}
	w.do(sara, casefile.AffirmDetermination{Victim: "v1"})
	w.release(id)
	stands(t, "dina, who has released", "her own", casefile.Next(w.s, dina).Mine, "")
	stands(t, "dina, who has released", "what is waited for", casefile.Next(w.s, dina).Wait, "send")
	k := w.key(id, casefiletest.Desk().ID, 0)
	w.receipt(k, casefile.Sent)
	got := casefile.Next(w.s, rex)
	stands(t, "once it is sent", "what is waited for", got.Wait, "acknowledge")
	if got.Wait != nil && got.Wait.Due.IsZero() {
		t.Error("nobody is told by when an answer is due")
	}
	stands(t, "whoever delivers", "their own", casefile.Next(w.s, del).Mine, "acknowledge")
}

func TestAReviewPressesOnceItIsDueAndWhereNothingElseDoes(t *testing.T) {
	w := notOwed(t)
	w.do(ana, refuse("v1"))
	w.do(sara, sign(t, "v1", true, no, yes, yes, yes, yes))
	stands(t, "rex, with nothing else to be done", "his own", casefile.Next(w.s, rex).Mine, "review")
	due := w.clock(tocsin.ClockReview, "").Due
	w.pass(due.Sub(w.now))
	stands(t, "rex, when it is due", "his own", casefile.Next(w.s, rex).Mine, "review")
}

// Where everything is done, Next leads to recording what came of it and to closing, and
// not to one more look in a month.
func TestWhatEndsACaseComesBeforeTheNextReview(t *testing.T) {
	w := owed(t, "v1")
	id := w.out(about("v1"), casefiletest.Guard())
	w.receipt(w.key(id, "guard", 0), casefile.Sent)
	w.do(del, casefile.Acknowledge{Key: w.key(id, "guard", 0), Answer: tocsin.AckReceived, Person: "the desk"})
	stands(t, "while the warning stands", "dina's own", casefile.Next(w.s, dina).Mine, "review")
	end := w.follow(tocsin.AllClear, id, about("v1"), casefiletest.Guard())
	w.receipt(w.key(end, "guard", 0), casefile.Sent)
	w.do(del, casefile.Acknowledge{Key: w.key(end, "guard", 0), Answer: tocsin.AckReceived, Person: "the desk"})
	stands(t, "once it is over", "dina's own", casefile.Next(w.s, dina).Mine, "record_outcome")
	w.outcome("averted")
	stands(t, "once that is recorded", "dina's own", casefile.Next(w.s, dina).Mine, "close_case")
}

func TestAWaiverIsNoReasonToClose(t *testing.T) {
	w := owed(t, "v1")
	w.waive("v1", "a")
	w.disposition("v1", casefile.ObligationWaived)
	stands(t, "after a waiver", "dina's own", casefile.Next(w.s, dina).Mine, "review")
	w.outcome("did_not_occur")
	stands(t, "once it is known what came of it", "dina's own", casefile.Next(w.s, dina).Mine, "close_case")
}
