package hygiene_test

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
)

// logged finds the message and level of every line that the program logs: a call
// of Error, Warn, Info or Debug on something that is called a log.
func logged(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, path := range files(t, func(p string) bool { return strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go") }) {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			level, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Error", "Warn", "Info", "Debug"}, level.Sel.Name) {
				return true
			}
			name := ""
			switch on := level.X.(type) {
			case *ast.SelectorExpr:
				name = on.Sel.Name
			case *ast.Ident:
				name = on.Name
			}
			if !slices.Contains([]string{"log", "Log", "slog"}, name) {
				return true
			}
			text, ok := call.Args[0].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s logs a message that is no constant", path)
				return true
			}
			message, err := strconv.Unquote(text.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[message] = strings.ToUpper(level.Sel.Name)
			return true
		})
	}
	return found
}

func TestTheListOfLogLinesIsWhatTheProgramLogs(t *testing.T) {
	doc := read(t, "docs/log.md")
	_, table, ok := strings.Cut(doc, "## Every other line")
	if !ok {
		t.Fatal("docs/log.md has no list of lines")
	}
	told := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([A-Z]+) \\| \\S").FindAllStringSubmatch(table, -1) {
		told[m[1]] = m[2]
	}
	lines := logged(t)
	if len(lines) < 15 {
		t.Fatalf("only %d lines were found in the code", len(lines))
	}
	for message, level := range lines {
		if told[message] != level {
			t.Errorf("docs/log.md does not list %q at level %s", message, level)
		}
	}
	for message := range told {
		if lines[message] == "" {
			t.Errorf("docs/log.md lists %q, which nothing logs", message)
		}
	}
}

func TestTheListOfRefusalsIsWhatIsRefused(t *testing.T) {
	doc := read(t, "docs/log.md")
	kinds := regexp.MustCompile(`(?m)^\s+\w+\s+What = "([a-z_]+)"`).FindAllStringSubmatch(read(t, "internal/auth/refusals/refusals.go"), -1)
	if len(kinds) < 5 {
		t.Fatalf("only %d kinds of refusals were found", len(kinds))
	}
	for _, m := range kinds {
		if !strings.Contains(doc, "\n| `"+m[1]+"` | ") {
			t.Errorf("docs/log.md does not say what the refusal %s is", m[1])
		}
	}
}
