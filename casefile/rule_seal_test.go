package casefile_test

import (
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
)

func sealed(t *testing.T) *watch {
	t.Helper()
	w := owed(t, "v1")
	w.refused(rolf, casefile.SealCase{People: []tocsin.ActorID{"rolf"}, Reason: "r"}, tocsin.Forbidden, "not_owner")
	w.refused(ana, casefile.SealCase{Reason: "r"}, tocsin.Invalid, "seal_nobody")
	w.refused(ana, casefile.SealCase{People: []tocsin.ActorID{"a b"}, Reason: "r"}, tocsin.Invalid, "seal_person")
	w.refused(ana, casefile.SealCase{People: []tocsin.ActorID{"rolf"}}, tocsin.Invalid, "reason_missing")
	w.do(ana, casefile.SealCase{People: []tocsin.ActorID{"rolf", "sara", "rolf"}, Reason: "the source is one of ours"})
	is(t, "people who know", len(w.s.Sealed.People), 2)
	return w
}

// To whoever does not know of it, a sealed case is no case: the same refusal, to
// the letter, as for a case that was never opened.
func TestASealedCaseIsNoCaseToThoseWhoDoNotKnowOfIt(t *testing.T) {
	w := sealed(t)
	none := floor(t)
	for _, a := range []tocsin.Actor{bea, dina, selma, lia, rae, adam} {
		hidden := w.refused(a, casefile.Review{Note: "n"}, tocsin.NotFound, "case")
		_, err := casefile.Decide(none.s, none.meta(a), casefile.Review{Note: "n"})
		if told := humane(t, err); told.What != hidden.What || told.Do != hidden.Do {
			t.Errorf("%s can tell a sealed case (%q) from none (%q)", a.ID, hidden.What, told.What)
		}
		w.refused(a, casefile.AffirmDetermination{Victim: "v1"}, tocsin.NotFound, "case")
		w.refused(a, casefile.AffirmDetermination{Victim: "v9"}, tocsin.NotFound, "case")
		if n := len(casefile.Allowed(w.s, a)); n > 0 {
			t.Errorf("%s is offered %d actions", a.ID, n)
		}
	}
	for _, a := range []tocsin.Actor{ana, rolf, sara, ines, machine} {
		is(t, string(a.ID)+" sees it", w.s.Visible(a), true)
	}
}

func TestAMissedClockOpensASealedCaseToThoseToWhomItIsRaised(t *testing.T) {
	w := sealed(t)
	is(t, "at first", w.s.Visible(dina), false)
	w.pass(12 * time.Hour)
	w.pass(12 * time.Hour)
	is(t, "the duty officer, once raised", w.s.Visible(dina), true)
	w.pass(12 * time.Hour)
	is(t, "the senior officer, once raised", w.s.Visible(selma), true)
	is(t, "an analyst", w.s.Visible(bea), false)
}

func TestWhoIsAskedToTakeASealedCaseSeesIt(t *testing.T) {
	w := sealed(t)
	w.do(ana, casefile.ProposeTransfer{To: dov.ID})
	w.do(dov, casefile.AnswerTransfer{Accept: true})
	is(t, "the owner before, who was not named", w.s.Visible(ana), false)
	w.do(dov, casefile.UnsealCase{Reason: "nothing to hide any more"})
	w.refused(dov, casefile.UnsealCase{Reason: "again"}, tocsin.Refused, "not_sealed")
	is(t, "everybody", w.s.Visible(bea), true)
}
