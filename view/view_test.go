package view_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/directory"
	"tocsin/ledger"
	"tocsin/view"
)

var at = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

func record(t *testing.T, stream string, seq int, kind string, data any) ledger.Record {
	t.Helper()
	r, err := ledger.NewRecord(ledger.Record{Stream: stream, Kind: kind, EventTime: at, EntryTime: at, Actor: "ida", Command: "c"}, data, bytes.NewReader(make([]byte, 1024)))
	if err != nil {
		t.Fatal(err)
	}
	r.Seq = seq
	return r
}

// events are the goldens of casefile: one of every kind there is.
func events(t *testing.T) []casefile.Event {
	t.Helper()
	var out []casefile.Event
	for _, kind := range casefile.Kinds() {
		b, err := os.ReadFile(filepath.Join("..", "casefile", "testdata", "events", kind+".1.json"))
		if err != nil {
			t.Fatal(err)
		}
		e, err := casefile.DecodeEvent(kind, b)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	if len(out) == 0 {
		t.Fatal("there are no events")
	}
	return out
}

func TestEveryEventIsSaidInAPlainLine(t *testing.T) {
	for _, e := range events(t) {
		got := view.Line(casefile.State{}, e)
		if got == "" || got == e.Kind() || strings.Contains(got, "%!") || strings.Contains(got, "\n") {
			t.Errorf("%s is said as %q", e.Kind(), got)
		}
	}
}

func TestWhatTheGuardFoundInManyPlacesIsSaidOnce(t *testing.T) {
	f := tocsin.GuardFinding{Check: "term", Blocks: true, What: "A protected term stands here."}
	got := view.Line(casefile.State{}, casefile.ReleaseRefused{Warning: "w1", Findings: []tocsin.GuardFinding{f, f, {Check: "consent", Blocks: true, What: "No consent."}, {Check: "route", What: "A caution."}}})
	if strings.Count(got, "protected term") != 1 || !strings.Contains(got, "No consent.") || strings.Contains(got, "caution") {
		t.Errorf("it is said as %q", got)
	}
}

func opened(id tocsin.CaseID) casefile.CaseOpened {
	return casefile.CaseOpened{Head: casefile.Head{At: at, By: "ida"}, Case: id, Title: "Clinic", Owner: "ida"}
}

func joined(r tocsin.ReportID) casefile.ReportAttached {
	return casefile.ReportAttached{Head: casefile.Head{At: at, By: "ida"}, Report: casefile.Report{ID: r, FirstKnown: at, Entered: at}}
}

func TestRecordsFoldIntoCasesReportsQuarantineAndDirectory(t *testing.T) {
	x := view.New()
	rc := tocsin.Recipient{ID: "clinic", Name: "Clinic", Kind: tocsin.ProtectorWarning}
	for _, r := range []ledger.Record{
		record(t, "report/r1", 1, view.ReportReceived, view.Received{Report: tocsin.Report{ID: "r1", Text: "words", Entered: at}}),
		record(t, "report/r1", 2, view.ReportReposted, view.Reposted{Conveyor: "again"}),
		record(t, "quarantine/q1", 1, view.Quarantined, view.Held{Item: tocsin.Quarantined{ID: "q1", Reason: "unreadable"}}),
		record(t, directory.Stream, 1, directory.Kind, directory.Set{Recipient: rc}),
		record(t, "case/c1", 1, "case_opened", opened("c1")),
		record(t, "case/c1", 2, "report_attached", joined("r1")),
		record(t, "users", 1, "user_added", map[string]string{"id": "ida"}),
	} {
		if err := x.Fold(r); err != nil {
			t.Fatal(err)
		}
	}
	rep := x.Reports["r1"]
	if rep == nil || rep.Reposts != 1 || !reflect.DeepEqual(rep.Cases, []tocsin.CaseID{"c1"}) {
		t.Errorf("the report is shown as %+v", rep)
	}
	if len(x.Quarantine) != 1 || x.Quarantine[0].ID != "q1" {
		t.Errorf("quarantine is shown as %v", x.Quarantine)
	}
	if got, err := x.Book.Find("clinic"); err != nil || got.Name != "Clinic" {
		t.Errorf("the directory has %v, %v", got, err)
	}
	if s := x.Cases["c1"]; s.Owner != "ida" || s.Version != 2 || x.Version("case/c1") != 2 {
		t.Errorf("the case is at version %d", s.Version)
	}
}

func TestARecordIsFoldedOnceAndAGapIsRefused(t *testing.T) {
	x := view.New()
	first, second := record(t, "case/c1", 1, "case_opened", opened("c1")), record(t, "case/c1", 2, "report_attached", joined("r1"))
	if err := x.Fold(second); err == nil {
		t.Fatal("a case was begun in its middle")
	}
	for _, r := range []ledger.Record{first, second, second, first} {
		if err := x.Fold(r); err != nil {
			t.Fatal(err)
		}
	}
	if s := x.Cases["c1"]; s.Version != 2 || len(s.Reports) != 1 {
		t.Errorf("what came twice was folded twice: version %d, %d reports", s.Version, len(s.Reports))
	}
	if err := x.Fold(record(t, "case/c1", 3, "case_dissolved", struct{}{})); err == nil {
		t.Error("a kind that nobody knows was folded")
	}
	if x.Version("case/c1") != 2 {
		t.Error("what was refused was counted")
	}
}

func TestASummarySaysWhatIsMostUrgentAndWhatIsLate(t *testing.T) {
	s := casefile.Apply(casefile.State{}, opened("c1"))
	s.Terms.Clocks = map[tocsin.ClockName]tocsin.ClockRule{
		tocsin.ClockDetermination: {After: tocsin.Duration(4 * time.Hour)}, tocsin.ClockReview: {After: tocsin.Duration(24 * time.Hour)}}
	s = casefile.Apply(s, joined("r1"))
	s = casefile.Apply(s, casefile.VictimAdded{Head: casefile.Head{At: at, By: "ida"}, Victim: tocsin.Victim{ID: "v1", Name: "Mara"}, KnownSince: at})
	early, late := view.Summarise(s, at.Add(time.Hour)), view.Summarise(s, at.Add(5*time.Hour))
	if early.Overdue != 0 || late.Overdue != 1 {
		t.Errorf("overdue: %d after an hour, %d after five", early.Overdue, late.Overdue)
	}
	if early.Next == nil || early.Next.Kind != "record_findings" || early.Clock == nil || !early.Clock.Due.Equal(at.Add(4*time.Hour)) {
		t.Errorf("next %+v, clock %+v", early.Next, early.Clock)
	}
	if len(early.Victims) != 1 || early.Victims[0].Disposition != casefile.ObligationOpen {
		t.Errorf("victims %+v", early.Victims)
	}
	if _, err := json.Marshal(late); err != nil {
		t.Error(err)
	}
}

func TestAStepThatTellsAGradeIsNotShownToAPossibleSecondSigner(t *testing.T) {
	steps := []casefile.Step{{Kind: "propose_refusal", Target: "v1", Power: tocsin.MayProposeRefusal, Why: "below the threshold"}, {Kind: "sign_refusal", Target: "v2"}}
	got := view.StepsWithoutGrades(steps)
	if got[0].Kind != "record_findings" || strings.Contains(got[0].Why, "threshold") || got[1] != steps[1] || steps[0].Kind != "propose_refusal" {
		t.Errorf("shown: %+v", got)
	}
}
