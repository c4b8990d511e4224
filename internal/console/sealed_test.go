package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/console/consoletest"
	"tocsin/ledger/memory"
)

// To somebody who does not know of it there is no sealed case on any page.
func TestNoPageTellsOfASealedCase(t *testing.T) {
	h := consoletest.Open(t, true)
	cases := h.Fill()
	id := h.Case("Sealed orchard", "icd-191", "Somebody means to kill the gardener of the orchard at dusk.", "The gardener of the orchard", 5*time.Hour)
	s, err := h.Engine.Case(id)
	if err != nil {
		t.Fatal(err)
	}
	report := string(s.Reports[0].ID)
	threat := s.Threat
	threat.Place = tocsin.Claim{Text: "Rafsanjan"}
	h.Do("anna", id, casefile.StateThreat{Threat: threat})
	if m := section(t, signedIn(t, h, "sofia"), id); !strings.Contains(m, "Kerman, Iran") {
		t.Fatal("the case has no map before it is sealed")
	}
	h.Do(string(s.Owner), id, casefile.SealCase{People: []tocsin.ActorID{"sofia"}, Reason: "the source is one of ours"})
	cases["story"] = "kerman"
	outside := ""
	for _, u := range consoletest.Staff {
		if u.ID != s.Owner && u.ID != "sofia" && len(u.Roles) == 1 && u.Roles[0] == tocsin.ReleaseOfficer {
			outside = string(u.ID)
		}
	}
	if outside == "" {
		t.Fatal("nobody stands outside")
	}
	for _, who := range []string{"sofia", string(s.Owner), "ivan"} { // their reads are on record
		for _, path := range []string{"/cases/" + string(id), "/reports/" + report} {
			if r := signedIn(t, h, who).get(path); r.Code != http.StatusOK {
				t.Fatalf("%s asks for %s: %d", who, path, r.Code)
			}
		}
	}
	b, inside := signedIn(t, h, outside), signedIn(t, h, "sofia")
	seen, shown := 0, 0
	for _, path := range everyPath(h, cases) {
		if strings.Contains(path, string(id)) || strings.Contains(path, report) {
			continue
		}
		for _, secret := range []string{"Sealed orchard", "gardener of the orchard", "Rafsanjan", string(id), `"/cases/` + string(id), `"/reports/` + report + `"`} {
			if strings.Contains(b.get(path).Body.String(), secret) {
				t.Errorf("%s tells %s of %q", path, outside, secret)
			}
			if strings.Contains(inside.get(path).Body.String(), secret) {
				shown++
			}
		}
		seen++
	}
	if seen < 20 || shown < 3 {
		t.Fatalf("%d pages were looked at, and the case shows on %d of those who know: the test shows nothing", seen, shown)
	}
	for real, never := range map[string]string{"/cases/" + string(id): "/cases/case-never", "/reports/" + report: "/reports/report-never"} {
		x, y := b.get(real), b.get(never)
		if x.Code != y.Code || strings.ReplaceAll(x.Body.String(), real, never) != y.Body.String() {
			t.Errorf("%s answers %d and %s %d, or other words", real, x.Code, never, y.Code)
		}
	}
}

func TestReadsOfASealedCaseStandOnItsPageForItsOwnerASeniorOfficerAndAnInspector(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Case("Sealed orchard", "icd-191", "Somebody means to kill the gardener of the orchard at dusk.", "The gardener of the orchard", 5*time.Hour)
	h.Do("daniel", id, casefile.SealCase{People: []tocsin.ActorID{"sofia", "anna"}, Reason: "the source is one of ours"})
	s, err := h.Engine.Case(id)
	if err != nil {
		t.Fatal(err)
	}
	anna := signedIn(t, h, "anna")
	path := "/cases/" + string(id)
	for range 3 { // the page, what it asks for by itself, and the report
		for _, p := range []string{path, path + "/news?version=1", "/reports/" + string(s.Reports[0].ID)} {
			if r := anna.get(p); r.Code != http.StatusOK {
				t.Fatalf("%s: %d", p, r.Code)
			}
		}
	}
	read := regexp.MustCompile(`<strong>Anna Lind</strong> (the case|a report)</li>`)
	for who, want := range map[string]int{"daniel": 2, "sofia": 2, "ivan": 2, "anna": 0} {
		b := signedIn(t, h, who)
		for _, p := range []string{path, "/oversight"} {
			if got := read.FindAllString(b.get(p).Body.String(), -1); len(got) != want {
				t.Errorf("%s shows %s %d reads of Anna's, want %d: %v", p, who, len(got), want, got)
			}
		}
	}
}

func TestAPageOfASealedCaseIsRefusedIfThatItIsReadCannotBeRecorded(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Case("Sealed orchard", "icd-191", "Somebody means to kill the gardener of the orchard at dusk.", "The gardener of the orchard", 5*time.Hour)
	h.Do("daniel", id, casefile.SealCase{People: []tocsin.ActorID{"sofia"}, Reason: "the source is one of ours"})
	s, err := h.Engine.Case(id)
	if err != nil {
		t.Fatal(err)
	}
	b := signedIn(t, h, "sofia")
	h.Store.(*memory.Store).FailAppend(func(int) memory.Fault { return memory.NotWritten })
	for _, p := range []string{"/cases/" + string(id), "/cases/" + string(id) + "/news?version=1", "/reports/" + string(s.Reports[0].ID)} {
		if r := b.get(p); r.Code != http.StatusServiceUnavailable || strings.Contains(r.Body.String(), "gardener") || !strings.Contains(r.Body.String(), "could not be recorded") {
			t.Errorf("%s: %d %s", p, r.Code, r.Body)
		}
	}
}
