package console

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tocsin"
)

// faultsOf are the sentences that a package refuses with: the literals among the arguments
// of what makes its errors. The kind and the code are not shown to people.
func faultsOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", dir, err)
	}
	var out []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				out = append(out, spoken(t, call, filepath.Base(dir) == "aside")...)
			}
			return true
		})
	}
	return out
}

// spoken are the sentences of one call; own says that the package makes its errors by a
// name of its own.
func spoken(t *testing.T, call *ast.CallExpr, own bool) []string {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	from, ok := map[string]int{"Fault": 2, "Faultf": 2, "refusedf": 1, "invalid": 1, "fault": 2, "named": 2, "Keeping": 0}[name]
	if !ok || (name == "fault" || name == "named") && !own {
		return nil
	}
	to := from + 2 // what, and what to do
	if name == "Keeping" {
		to = 1
	}
	var out []string
	for _, arg := range call.Args[min(from, len(call.Args)):min(to, len(call.Args))] {
		if text := filledIn(t, arg); strings.ContainsAny(text, "abcdefghijklmnopqrstuvwxyz") && strings.ReplaceAll(text, "Mara", "") != "" {
			out = append(out, text)
		}
	}
	return out
}

var verb = regexp.MustCompile(`%[a-zA-Z]`)

// filledIn is a sentence with a name in every gap: a literal, a format, or a sum of
// literals and what is not known before it is said.
func filledIn(t *testing.T, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		return verb.ReplaceAllStringFunc(text, func(v string) string {
			if v == "%q" {
				return `"Mara"`
			}
			return "Mara"
		})
	case *ast.BinaryExpr:
		return filledIn(t, e.X) + filledIn(t, e.Y)
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" {
			return filledIn(t, e.Args[0])
		}
	}
	return "Mara"
}

func TestWhatTheCoreRefusesIsSaidInGerman(t *testing.T) {
	de := wordsIn("de")
	for dir, least := range map[string]int{"casefile": 250, "compose": 50, "engine": 60, "aside": 40} {
		said := faultsOf(t, "../../"+dir)
		if len(said) < least {
			t.Errorf("only %d sentences were found in %s", len(said), dir)
		}
		for _, text := range said {
			text = strings.Replace(text, "Mara Ask for", "The pack has texts in Mara. Ask for", 1)
			text = strings.Replace(text, "Mara If one of them", "The pack has texts in Mara. If one of them", 1)
			if got, ok := de.said(text); !ok || got == text || strings.Contains(got, "%!") {
				t.Errorf("%s: %q is said as %q", dir, text, got)
			}
		}
	}
}

func TestASentenceIsFoundByItsOwnWords(t *testing.T) {
	de := wordsIn("de")
	seen := map[string]string{}
	for _, e := range slices.Concat(termWords, toldWords, faultWords, guardWords) {
		if !strings.HasPrefix(e.key, "said.") {
			continue
		}
		if was, twice := seen[e.en]; twice {
			t.Errorf("%s and %s are the same sentence: %q", was, e.key, e.en)
		}
		seen[e.en] = e.key
		names := make([]any, strings.Count(e.en, "%s"))
		text := e.en
		for i := range names {
			names[i] = "Mara" + strconv.Itoa(i)
			text = strings.Replace(text, "%s", names[i].(string), 1)
		}
		got, _ := de.said(text)
		if want := de.t(e.key, names...); got != want {
			t.Errorf("%q is said as %q, not as %q", text, got, want)
		}
	}
}

func TestARefusalIsSaidWithItsTermsAndItsList(t *testing.T) {
	de := wordsIn("de")
	for en, want := range map[string]string{
		"Ask somebody who is duty officer or senior officer.":                                             "Bitten Sie jemanden mit einer dieser Rollen: Diensthabende, Leitung.",
		"Your role does not allow this under icd-191: approve words.":                                     "Ihre Rolle erlaubt das nach icd-191 nicht: Wortlaut billigen.",
		"Delivery c1/w1/desk/0 is not a task that waits to be done; it is sent.":                          "Die Zustellung c1/w1/desk/0 ist kein Auftrag, der zu erledigen ist; ihr Stand: gesendet.",
		"The case cannot be closed: no outcome is recorded; the obligation towards Leila Haddad is owed.": "Der Fall kann nicht geschlossen werden: ",
		"An extension needs a reason.":                                                                    "Verlängerung: Es fehlt der Grund.",
	} {
		got, ok := de.said(en)
		if !ok || !strings.HasPrefix(got, want) {
			t.Errorf("%q is said as %q", en, got)
		}
	}
	err := tocsin.Fault(tocsin.Refused, "case_closed", "The case is closed.", "Reopen <it> first.")
	if got := string(de.refused(err)); got != `Der Fall ist geschlossen. <span lang="en">Reopen &lt;it&gt; first.</span>` {
		t.Error(got)
	}
}

// capital is how a sentence of the guard looks in its source.
var capital = regexp.MustCompile(`^(?:[A-Z][a-z]|%s|%d)[^\n]* [^\n]*[.:]\s?$`)

func TestWhatTheGuardFindsIsSaidInGerman(t *testing.T) {
	de, n := wordsIn("de"), 0
	files, err := filepath.Glob("../../release/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "vocabulary.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(x ast.Node) bool {
			lit, ok := x.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if text == "%s%s (%s)." { // its beginnings are below
				return true
			}
			if err != nil || !capital.MatchString(strings.TrimPrefix(text, " ")) || strings.Contains(text, "(?") {
				return true
			}
			n++
			filled := filledIn(t, lit)
			if strings.HasSuffix(text, ": ") {
				filled += "Mara"
				if text != "The warning's marking: " {
					filled += "."
				}
			}
			if got, ok := de.said(strings.TrimSpace(filled)); !ok || got == filled || strings.Contains(got, "%!") {
				t.Errorf("%s: %q is said as %q", filepath.Base(file), filled, got)
			}
			return true
		})
	}
	if n < 240 {
		t.Errorf("only %d sentences were found", n)
	}
	for en, want := range map[string]string{
		"The text does not say: what to do.":                                                     "Der Text sagt nicht: was zu tun ist.",
		"The warning does not say: Whom to call at any hour.":                                    "Die Warnung sagt nicht: Wer jederzeit anzurufen ist.",
		"A protected term stands here, inflected (origin).":                                      "Hier steht ein geschütztes Wort, gebeugt (Herkunft).",
		"This time stands only in report r1, portion 2 (SECRET).":                                "Diese Angabe (Uhrzeit) steht nur in Meldung r1, Abschnitt 2 (SECRET).",
		"Report r3 is under originator control, and consent is none. A sentence may rest on it.": "Die Meldung r3 steht unter Herkunftsvorbehalt, Stand der Zustimmung: keine. Ein Satz beruht vielleicht darauf.",
	} {
		if got, _ := de.said(en); got != want {
			t.Errorf("%q is said as %q", en, got)
		}
	}
}
