package casefile_test

import (
	"slices"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

func steps(s casefile.State) []string {
	var out []string
	for _, x := range casefile.Exceptions(s) {
		out = append(out, x.Kind+" "+x.Step+" "+x.Target)
	}
	return out
}

func (w *watch) excepts(want ...string) {
	w.t.Helper()
	got := steps(w.s)
	for _, x := range want {
		if !slices.Contains(got, x) {
			w.t.Errorf("the exception report lacks %q: %v", x, got)
		}
	}
}

// T-13: a report lists every case that skipped or overran a step, and nobody has
// to own up to it.
func TestTheExceptionReportListsWhatWasSkippedAndWhatRanOver(t *testing.T) {
	w := controlled(t)
	if got := casefile.Exceptions(w.s); len(got) != 0 {
		t.Fatalf("a fresh case has exceptions: %+v", got)
	}
	w.victim("v1")
	w.pass(100 * time.Hour)
	w.excepts("overran determination v1")
	w.do(dina, casefile.InvokeExigent{Reason: "minutes are left"})
	id := w.out(about("v1"), casefiletest.Guard())
	w.excepts("skipped coordination "+string(id), "skipped determination v1")
	w.receipt(w.key(id, "guard", 0), casefile.Delivered)
	w.pass(4 * time.Hour)
	w.do(dina, casefile.Discharge{Victim: "v1", Reason: "every rung was tried"})
	w.excepts("skipped acknowledgement v1")
	all := casefile.Exceptions(w.s)
	if !slices.IsSortedFunc(all, func(a, b casefile.Exception) int { return a.At.Compare(b.At) }) {
		t.Errorf("not in the order of time: %+v", all)
	}
	if !slices.ContainsFunc(all, func(x casefile.Exception) bool {
		return x.Step == "determination" && x.Kind == casefile.Overran && !x.Open
	}) {
		t.Errorf("the determination's clock is said to run still: %+v", all)
	}
}

func TestAWarningThatNobodySeniorAffirmedIsAnException(t *testing.T) {
	w := owed(t, "v1")
	id := w.out(about("v1"), casefiletest.Guard())
	w.excepts("skipped affirmation v1")
	if w.do(sara, casefile.AffirmDetermination{Victim: "v1"}); slices.Contains(steps(w.s), "skipped affirmation v1") {
		t.Errorf("affirmed, and still listed for %s", id)
	}
}

func TestWhatThePackWantsOnRecordIsAnsweredAtClosing(t *testing.T) {
	w := notOwed(t)
	w.do(ana, refuse("v1"))
	w.do(rex, sign(t, "v1", true, no, yes, yes, yes, yes))
	w.refused(dina, casefile.CloseCase{Reason: "r", Records: map[string]string{"moon": "full"}}, tocsin.Invalid, "record_item")
	items := w.s.Terms.Records
	w.do(dina, casefile.CloseCase{Reason: "below the threshold", Records: map[string]string{items[0]: "event 4"}})
	if slices.Contains(steps(w.s), "skipped record "+items[0]) {
		t.Error("what was answered is listed")
	}
	for _, item := range items[1:] {
		w.excepts("skipped record " + item)
	}
}
