package console

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tocsin/view"
)

// given are the string literals that are the first argument of calls of a function in a
// file, or the last of a composite literal of a type.
func given(t *testing.T, file string, want *regexp.Regexp) []string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		if name, ok := call.Fun.(*ast.Ident); ok && want.MatchString(name.Name) {
			if lit, ok := call.Args[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, text)
			}
		}
		return true
	})
	return out
}

func TestEveryLineOfATimelineIsToldInGerman(t *testing.T) {
	all, de := given(t, "../../view/line.go", regexp.MustCompile(`^say$`)), wordsIn("de")
	if len(all) < 75 {
		t.Fatalf("only %d sentences were found", len(all))
	}
	for _, form := range all {
		s := view.Sentence{Form: form}
		for range strings.Count(form, "%s") {
			s.Names = append(s.Names, view.Name{Text: "Mara & Co"})
		}
		words := strings.ContainsAny(strings.ReplaceAll(form, "%s", ""), "abcdefghijklmnopqrstuvwxyz")
		if got := string(de.told(s)); strings.Contains(got, `lang="en"`) || words && got == esc(s.String()) || strings.Contains(got, "Mara & Co") || strings.Contains(got, "%!") {
			t.Errorf("%q is told as %q", form, got)
		}
		if got := string(wordsIn("en").told(s)); got != esc(s.String()) {
			t.Errorf("the English of %q is told as %q", form, got)
		}
	}
	for _, e := range catalogue {
		if strings.HasPrefix(e.key, "told.") && e.en != "%s" && !slices.Contains(all, e.en) {
			t.Errorf("%s is told of nothing: %q", e.key, e.en)
		}
		if strings.HasPrefix(e.key, "told.") && (strings.ContainsAny(e.de, "<>&") || strings.Count(e.en, "%s") != strings.Count(e.de, "%s")) {
			t.Errorf("%s cannot be put on a page as it is: %q", e.key, e.de)
		}
	}
}

// What the core gives as its reason is recorded in English; each of its reasons, and each
// exception, has a German form.
func TestTheCoresReasonsAndExceptionsAreSaidInGerman(t *testing.T) {
	de, n := wordsIn("de"), 0
	for file, pattern := range map[string]string{
		"clock.go":      `victim, (?:c\.Name, )?("[^"]+")|until, ("[^"]+")|cmp\.Or\(t\.s\.barred\(d\), ("[^"]+")\)|reopen\((".+)\)\n|escalate\([^\n]*?, (".+)\)\n`,
		"decide.go":     `why := ([^\n]*".+)\n|reopen\((".+)\)\n|newInformation\((".+), retest|v\.ID, (d\.Pack\.Name \+ ".+)\}\)\n`,
		"delivery.go":   `return ("[a-z][^"\n]+")\n|escalate\([^\n]*?, (".+)\)\n|o\.Key, (".+)\}\)\n`,
		"warning.go":    `d\.Key, (".+)\}\)\n`,
		"exceptions.go": `fmt\.Sprintf\(("[^"]+ was raised %s")|x\.skipped\([^\n]*?(?:true|false|Ended\(\)), ("[^"]+")`,
	} {
		src, err := os.ReadFile("../../casefile/" + file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(pattern).FindAllStringSubmatch(string(src), -1)
		if len(found) == 0 {
			t.Errorf("%s gives no reasons", file)
		}
		for _, m := range found {
			code := strings.Join(m[1:], "")
			text := regexp.MustCompile(`"([^"]*)"`).ReplaceAllString(code, "\x00$1\x00")
			filled := ""
			for i, part := range strings.Split(text, "\x00") {
				if i%2 == 1 {
					filled += strings.Replace(part, "raised %s", "raised 3 times", 1)
				} else if strings.TrimSpace(part) != "" {
					filled += "Mara"
				}
			}
			filled = strings.ReplaceAll(filled, "%s", "Mara")
			if n++; filled == "" {
				t.Fatalf("%s: nothing was found in %q", file, code)
			}
			if said, ok := de.said(filled); !ok || said == filled {
				t.Errorf("%s: %q has no German words", file, filled)
			}
		}
	}
	for _, text := range []string{"the guard asks 3 questions, the first: Nobody can say what it gives away.", "the sender stopped before it could say what happened", "a new edition of icd-191 was taken up",
		"a new edition of icd-191 was taken up: draft it again under that", "the case also stands under psni"} {
		if said, ok := de.said(text); !ok || said == text {
			t.Errorf("%q has no German words", text)
		}
	}
	if n < 30 {
		t.Errorf("only %d reasons were found", n)
	}
	if got, _ := de.said("the clock first delivery for Judge Diallo ran out and was raised 3 times"); got != "die Frist „erste Zustellung“ für Judge Diallo lief ab und wurde 3-mal gemeldet" {
		t.Errorf("a clock that somebody's duty missed is told as %q", got)
	}
	if got, _ := de.said("the clock first delivery ran out and was raised once"); got != "die Frist „erste Zustellung“ lief ab und wurde einmal gemeldet" {
		t.Errorf("%q", got)
	}
}
