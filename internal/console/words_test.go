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
	"time"

	"tocsin"
	"tocsin/aside"
	"tocsin/casefile"
	"tocsin/geo"
	"tocsin/packs"
	"tocsin/policy"
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
		"relation", "channel", "state", "answer", "parity", "outcome", "response", "clock", "power", "event", "threat", "problem", "method", "lock", "scope", "hist", "level", "step", "exception", "ground", "placed", "unplaced", "read", "pagecause", "pageto", "pagestate", "pagewhy", "whose", "within", "hit", "searched", "asideground", "asidesay", "asidestage", "asidehow", "refused", "await", "said", "element", "grade_source", "grade_info", "duty", "detail", "reason", "told", "failure", "named", "check", "service", "follow"}
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
		if x != tocsin.Machine {
			check("duty", string(x))
		}
	}
	for _, x := range aside.Grounds() {
		check("asideground", string(x))
		check("asidesay", string(x))
	}
	for _, x := range []aside.Stage{aside.Waiting, aside.Aside, aside.Retested, aside.Back} {
		check("asidestage", string(x))
	}
	for _, x := range []string{aside.ByWord, aside.ByFlag, aside.ByCase, aside.ByProposal} {
		check("asidehow", x)
	}
	for _, x := range tocsin.Powers() {
		check("power", string(x))
		if got := wordsIn("en").label("power", string(x)); got != x.Words() {
			t.Errorf("the power %s is called %q in the console and %q in a refusal", x, got, x.Words())
		}
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

// The core's sentences are taken from its source: one that is added or changed
// there must be said here too.
func TestEverySentenceOfTheCoreIsSaidInGerman(t *testing.T) {
	src, err := os.ReadFile("../../casefile/owed.go")
	if err != nil {
		t.Fatal(err)
	}
	de, n := wordsIn("de"), 0
	for _, m := range regexp.MustCompile(`Why:\s*(.+?)\}\)?\n|why = append\(why, (.+)\)\n|return ("[^"\n]*".*)\n`).FindAllStringSubmatch(string(src), -1) {
		code := m[1] + m[2] + m[3]
		if !strings.Contains(code, `"`) {
			continue // other people's words: the title of a duty, what a dispute is about
		}
		text := ""
		for _, part := range regexp.MustCompile(`"([^"]*)"|\+ ([a-zA-Z]|string\()`).FindAllStringSubmatch(strings.TrimPrefix(code, "string"), -1) {
			if text += part[1]; part[2] != "" && strings.HasPrefix(part[0], "+") {
				text += "Mara"
			}
		}
		if !strings.HasPrefix(code, `"`) && !strings.HasPrefix(code, "fmt") {
			text = "Mara" + text // it begins with a name
		}
		for _, filled := range fills(text) {
			n++
			if said, ok := de.said(filled); !ok || said == filled {
				t.Errorf("%q has no German words", filled)
			}
		}
	}
	if n < 35 {
		t.Errorf("only %d sentences were found", n)
	}
	if got, _ := de.said("somebody wrote this"); got != "somebody wrote this" {
		t.Errorf("other people's words became %q", got)
	}
	if got, _ := de.said("not determined: Family at 12 Mill Lane"); got != "nicht festgestellt: Family at 12 Mill Lane" {
		t.Errorf("%q", got)
	}
}

// fills fills a format of the core as it may be filled.
func fills(text string) []string {
	switch {
	case strings.HasPrefix(text, "%s, no answer"):
		return []string{strings.Replace(strings.Replace(text, "%s", "sent", 1), "%s", "Mara", 1), strings.Replace(strings.Replace(text, "%s", "delivered", 1), "%s", "Mara", 1)}
	case strings.HasSuffix(text, " is %s"):
		text = strings.Replace(text, "%s", "Mara", 1)
		return []string{strings.Replace(text, "%s", "open", 1), strings.Replace(text, "%s", "owed", 1)}
	case text == "%d %s":
		return []string{"2 after-duties are open", "1 parity questions are undecided", "3 disputes are unsettled"}
	}
	return []string{strings.ReplaceAll(text, "%s", "Mara")}
}

func TestWhatTheBuiltInPacksAskHasAGermanName(t *testing.T) {
	de, n := wordsIn("de"), 0
	for _, name := range packs.Names() {
		pack, err := policy.Load(packs.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range pack.Elements() {
			n++
			if got, own := de.asked(e.Title); own || got == e.Title {
				t.Errorf("%s asks for %q, which has no German name", name, e.Title)
			}
			if got, own := wordsIn("en").asked(e.Title); own || got != e.Title {
				t.Errorf("%s asks for %q, and the page says %q", name, e.Title, got)
			}
		}
		for _, item := range pack.Terms().Content {
			if got, own := de.asked(item.Title); own || got == item.Title {
				t.Errorf("%s wants %q said, which has no German name", name, item.Title)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d elements", n)
	}
	if got, own := de.asked("Something of one's own"); !own || got != "Something of one's own" {
		t.Errorf("the element of an organisation's own pack is called %q", got)
	}
}

func TestATimeIsReadAsPeopleWriteIt(t *testing.T) {
	want := time.Date(2026, 1, 3, 14, 5, 0, 0, time.UTC)
	for _, text := range []string{"2026-01-03 14:05", " 2026-01-03  14:05Z ", "2026-01-03T14:05", "2026-01-03T14:05:00Z", "2026-01-03T16:05:00+02:00", "2026-01-03, 14:05 UTC", "2026-01-03 1405Z",
		"03.01.2026 14:05", "3.1.2026 14:05", "3 Jan 2026 14:05", "3 January 2026, 14:05", "031405Z JAN 26", "031405 jan 26"} {
		if got, ok := readMoment(text); !ok || !got.Equal(want) {
			t.Errorf("%q is read as %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "14:05", "2026-01-03", "01/03/2026 14:05", "3/1/26 2:05 PM", "2026-13-03 14:05", "2026-02-30 14:05", "2026-01-03 25:05", "yesterday"} {
		if got, ok := readMoment(text); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestCountsAreSaidWithTheRightNumber(t *testing.T) {
	for _, x := range []struct{ lang, key, want string }{{"en", "count.cases", "1 case"}, {"de", "count.cases", "1 Fall"}, {"en", "map.shown_all", "The one place of the case is on the map."},
		{"en", "map.assumed", "For one of them the position is assumed."}} {
		if got := wordsIn(x.lang).t(x.key, 1); got != x.want {
			t.Errorf("%s: %q", x.key, got)
		}
	}
	if got := wordsIn("en").t("map.shown", 1, 2); got != "1 of the case's 2 places is on the map." {
		t.Error(got)
	}
	for d, want := range map[time.Duration]string{300 * time.Millisecond: "less than a second", time.Second: "1 second", 90 * time.Second: "90 seconds"} {
		if got := wordsIn("en").lasted(d); got != want {
			t.Errorf("%v: %q", d, got)
		}
	}
}

func TestAReportIsCalledByItsSubjectOrItsFirstWords(t *testing.T) {
	long := strings.Repeat("word ", 40)
	for want, r := range map[string]tocsin.Report{
		"councillor":        {ID: "r", Subject: " councillor ", Text: "E-mail to the front desk"},
		"Two men will come": {ID: "r", Text: " Two men\nwill come "},
		"r":                 {ID: "r"},
		strings.TrimSpace(strings.Repeat("word ", 14)) + " …": {ID: "r", Text: long},
		strings.Repeat("ü", 90) + "…":                         {ID: "r", Text: strings.Repeat("ü", 300)},
	} {
		if got := heading(r); got != want {
			t.Errorf("%q, not %q", got, want)
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
		"one":         {{0, 7, mark{Kind: "threat", Name: "actor", Value: ""}}},
		"overlapping": {{0, 12, mark{Kind: "threat", Name: "actor", Value: ""}}, {8, 20, mark{Kind: "finding", Name: "credible", Value: "met"}}, {8, 20, mark{Kind: "finding", Name: "credible", Value: "met"}}},
		"whole":       {{0, len(text), mark{Kind: "finding", Name: "harm", Value: "met"}}},
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
