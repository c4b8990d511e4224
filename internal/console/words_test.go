package console

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/geo"
	"tocsin/view"
)

func source(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v, %v", pattern, names, err)
	}
	var b strings.Builder
	for _, n := range names {
		if strings.HasSuffix(n, "_test.go") || strings.HasPrefix(n, "catalogue") {
			continue
		}
		c, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(c)
	}
	return b.String()
}

func TestEveryStringIsInTheCatalogueInBothLanguages(t *testing.T) {
	verbs := regexp.MustCompile(`%(\[\d\])?[a-z]`)
	seen := map[string]bool{}
	for _, e := range catalogue {
		if seen[e.key] {
			t.Errorf("%s stands there twice", e.key)
		}
		seen[e.key] = true
		if strings.TrimSpace(e.en) == "" || strings.TrimSpace(e.de) == "" {
			t.Errorf("%s is not said in both languages", e.key)
		}
		for _, form := range [][2]string{{e.en, e.de}} {
			en, de := verbs.FindAllString(strings.ReplaceAll(form[0], "||", " "), -1), verbs.FindAllString(strings.ReplaceAll(form[1], "||", " "), -1)
			slices.Sort(en)
			slices.Sort(de)
			if !slices.Equal(slices.Compact(en), slices.Compact(de)) || strings.Contains(e.en, "||") != strings.Contains(e.de, "||") {
				t.Errorf("%s takes other arguments in the other language: %v, %v", e.key, en, de)
			}
		}
	}
	used := regexp.MustCompile(`(?:\bt |\.t\(|notFound\(v, |head\(v, )"([a-z_.]+)"`)
	n := 0
	for _, m := range used.FindAllStringSubmatch(source(t, "templates/*.html")+source(t, "*.go"), -1) {
		n++
		if !seen[m[1]] && !strings.HasSuffix(m[1], ".") {
			t.Errorf("%s is not in the catalogue", m[1])
		}
	}
	if n < 250 {
		t.Errorf("only %d strings are used", n)
	}
}

func TestNoStringOfTheCatalogueIsUnused(t *testing.T) {
	text := source(t, "templates/*.html") + source(t, "*.go")
	families := []string{"act", "done", "field", "choice", "role", "disposition", "finding", "result", "refusal", "harm", "victim", "identity", "kind", "message",
		"relation", "channel", "state", "answer", "parity", "outcome", "response", "clock", "power", "event", "threat", "problem", "method", "lock", "scope", "hist", "level", "step", "exception", "ground", "placed", "unplaced", "read", "pagecause", "pageto", "pagestate", "pagewhy", "whose", "within", "hit", "searched", "reason"}
	for _, e := range catalogue {
		family, _, _ := strings.Cut(e.key, ".")
		if !strings.Contains(text, `"`+e.key+`"`) && !slices.Contains(families, family) {
			t.Errorf("%s is used nowhere", e.key)
		}
	}
}

func TestTemplatesAndScriptsHoldNoWordsOfTheirOwn(t *testing.T) {
	html := source(t, "templates/*.html")
	html = regexp.MustCompile(`(?s)\{\{.*?\}\}`).ReplaceAllString(html, "")
	for _, m := range regexp.MustCompile(`(?:title|placeholder|aria-label|alt|label)="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if regexp.MustCompile(`[A-Za-z]{2}`).MatchString(m[1]) {
			t.Errorf("the attribute %q holds words", m[0])
		}
	}
	html = regexp.MustCompile(`(?s)<kbd>.*?</kbd>|<[^>]*>|required aria-invalid="true" aria-describedby="-hint"`).ReplaceAllString(html, "\n")
	for _, l := range strings.Split(html, "\n") {
		if l = strings.TrimSpace(l); regexp.MustCompile(`[A-Za-z]{2}`).MatchString(l) && !slices.Contains([]string{"Tocsin", "UTC"}, strings.TrimLeft(l, "() ·")) {
			t.Errorf("a template says %q by itself", l)
		}
	}
	js := regexp.MustCompile(`(?m)//.*$|/\*.*?\*/`).ReplaceAllString(source(t, "static/console.js"), "")
	for _, m := range regexp.MustCompile(`"([^"\n]*)"`).FindAllStringSubmatch(js, -1) {
		if regexp.MustCompile(`[A-Z][a-z]+ [a-z]+ [a-z]+`).MatchString(m[1]) {
			t.Errorf("the script says %q by itself", m[1])
		}
	}
}

func TestEveryValueOfAClosedListHasAName(t *testing.T) {
	n := 0
	check := func(prefix, value string) {
		n++
		if !keyed[prefix+"."+value] {
			t.Errorf("%s.%s has no name", prefix, value)
		}
	}
	for _, x := range tocsin.Roles() {
		check("role", string(x))
	}
	for _, x := range tocsin.Powers() {
		check("power", string(x))
	}
	for _, x := range tocsin.ClockNames() {
		check("clock", string(x))
	}
	for _, x := range []tocsin.ClockName{casefile.ClockWaiverExpiry, casefile.ClockLapse, casefile.ClockClearance, casefile.ClockDutyHard, casefile.ClockUntold} {
		check("clock", string(x))
	}
	for _, x := range tocsin.Harms() {
		check("harm", string(x))
	}
	for _, x := range tocsin.VictimKinds() {
		check("victim", string(x))
	}
	for _, x := range tocsin.WarningKinds() {
		check("kind", string(x))
	}
	for _, x := range tocsin.FindingValues() {
		check("finding", string(x))
	}
	for _, x := range []casefile.DeliveryState{casefile.Planned, casefile.Started, casefile.Sent, casefile.Assigned, casefile.Delivered, casefile.AckedState, casefile.Acting, casefile.Uncertain, casefile.Failed, casefile.Stopped} {
		check("state", string(x))
	}
	for _, x := range []geo.Ground{geo.OnlyOne, geo.InWords, geo.InCase, geo.NearThreat, geo.OfWeight} {
		check("ground", string(x))
	}
	for _, x := range []geo.Ground{geo.OutsideCase, geo.TooSmall, geo.SeveralFit, geo.NamesArea} {
		check("unplaced", string(x))
	}
	for _, x := range []geo.Standing{geo.Unknown, geo.Area, view.Missing} {
		check("unplaced", string(x))
	}
	for _, x := range []geo.Standing{geo.Given, geo.Assumed, view.Chosen} {
		check("placed", string(x))
	}
	for _, all := range reasons {
		for _, r := range append(all, ownWords) {
			check("reason", r.key)
			if r != ownWords {
				check("reason", r.key+".words")
			}
			if r.needs != needsNothing {
				check("reason", r.key+".ask")
			}
		}
	}
	for _, sp := range specs {
		for _, prefix := range []string{"act", "done"} {
			check(prefix, sp.kind)
		}
		check("act", sp.kind+".say")
	}
	if n < 120 {
		t.Errorf("only %d values", n)
	}
}

// Every command that a person may give has a form. The sieve is casefile's own
// table: it refuses a kind it does not know, and a machine's kind as such.
func TestEveryCommandOfPeopleHasAForm(t *testing.T) {
	src, err := os.ReadFile("../../casefile/allowed.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := regexp.MustCompile(`\{kind: "([a-z_]+)"(, machine: true)?`).FindAllStringSubmatch(string(src), -1)
	if len(kinds) < 40 {
		t.Fatalf("only %d kinds", len(kinds))
	}
	for _, m := range kinds {
		_, ok := specOf(m[1])
		if m[1] == "open_case" { // it has a form on the page of a report
			continue
		}
		if ok == (m[2] != "") {
			t.Errorf("%s: form %v, machine %v", m[1], ok, m[2] != "")
		}
	}
	for _, sp := range specs {
		if got := sp.blank("x").Kind(); got != sp.kind {
			t.Errorf("the form of %s makes a %s", sp.kind, got)
		}
	}
}

func TestHtmxIsTheOneThatWasRead(t *testing.T) {
	b, err := os.ReadFile("static/htmx.min.js")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("static/README.md")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	if !strings.Contains(string(readme), hex.EncodeToString(sum[:])) {
		t.Error("static/htmx.min.js is not the file that static/README.md names")
	}
}

func TestPassagesLoseNothingOfTheText(t *testing.T) {
	text := "Two men will attack the Friday market."
	for name, spans := range map[string][]marked{
		"none":        nil,
		"one":         {{0, 7, mark{"threat", "actor", ""}}},
		"overlapping": {{0, 12, mark{"threat", "actor", ""}}, {8, 20, mark{"finding", "credible", "met"}}, {8, 20, mark{"finding", "credible", "met"}}},
		"whole":       {{0, len(text), mark{"finding", "harm", "met"}}},
	} {
		var b strings.Builder
		for _, p := range cut(text, spans) {
			b.WriteString(p.Text)
		}
		if b.String() != text {
			t.Errorf("%s: %q", name, b.String())
		}
	}
	if got := passages(text, "r", casefile.State{Threat: tocsin.Threat{Actor: tocsin.Claim{Evidence: []tocsin.Span{{Report: "r", Start: 5, End: 500}, {Report: "r", Start: 0, End: 7, Quote: "other words"}}}}}); len(got) != 1 || got[0].Marks != nil {
		t.Errorf("spans that do not fit are marked: %+v", got)
	}
}
