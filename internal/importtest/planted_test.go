package importtest_test

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// planted makes a package at path from the text of one file, which is given a
// package comment where it has none.
func planted(t *testing.T, path, file, text string) pkg {
	t.Helper()
	p := pkg{path: path, fset: token.NewFileSet()}
	f, err := parser.ParseFile(p.fset, file, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("planted source: %v", err)
	}
	p.name = f.Name.Name
	p.sources = []source{{name: file, file: f}}
	return p
}

func importing(name string, paths ...string) string {
	s := "// Package " + name + " is planted.\npackage " + name + "\n"
	for _, p := range paths {
		s += "import _ \"" + p + "\"\n"
	}
	return s
}

func TestAPlantedViolationIsSeen(t *testing.T) {
	for _, c := range []struct{ what, path, file, text, want string }{
		{"a package without a rule", "gossip", "gossip.go", importing("gossip"), "no row in the import rules"},
		{"a package without a rule below one with a rule", "intake/ocr", "ocr.go", importing("ocr"), "no row in the import rules"},
		{"a stage imports another", "intake", "intake.go", importing("intake", "tocsin/marking"), "imports tocsin/marking"},
		{"a stage imports the case", "policy", "policy.go", importing("policy", "tocsin/casefile"), "imports tocsin/casefile"},
		{"a stage imports the ledger", "compose", "compose.go", importing("compose", "tocsin/ledger"), "imports tocsin/ledger"},
		{"the guard imports wording", "release", "release.go", importing("release", "tocsin/compose"), "imports tocsin/compose"},
		{"the case imports a stage", "casefile", "casefile.go", importing("casefile", "tocsin/policy"), "imports tocsin/policy"},
		{"the nouns import one of ours", "", "tocsin.go", importing("tocsin", "tocsin/marking"), "imports tocsin/marking"},
		{"the nouns import another module", "", "tocsin.go", importing("tocsin", "golang.org/x/text/cases"), "imports golang.org/x/text/cases"},
		{"a stage imports a module that is not its own", "intake", "intake.go", importing("intake", "github.com/goccy/go-yaml"), "imports github.com/goccy/go-yaml"},
		{"a module whose name only begins like a listed one", "intake", "intake.go", importing("intake", "golang.org/x/textile"), "imports golang.org/x/textile"},
		{"the engine imports an adapter", "engine", "engine.go", importing("engine", "tocsin/internal/sqlite"), "imports tocsin/internal/sqlite"},
		{"the engine imports technology", "engine", "engine.go", importing("engine", "net/http"), "imports net/http"},
		{"the engine imports a database", "engine", "engine.go", importing("engine", "modernc.org/sqlite"), "imports modernc.org/sqlite"},
		{"a channel imports the case", "internal/channel/fax", "fax.go", importing("fax", "tocsin/casefile"), "imports tocsin/casefile"},
		{"an adapter imports another", "internal/web", "web.go", importing("web", "tocsin/internal/sqlite"), "imports tocsin/internal/sqlite"},
		{"the product imports a test kit", "internal/sqlite", "sqlite.go", importing("sqlite", "tocsin/ledger/ledgertest"), "imports tocsin/ledger/ledgertest"},
		{"the product imports testing", "internal/web", "web.go", importing("web", "testing"), "imports testing"},
		{"a pure package reads a file", "provenance", "provenance.go", importing("provenance", "os"), "imports os"},
		{"a pure package runs a program", "provenance", "provenance.go", importing("provenance", "os/exec"), "imports os/exec"},
		{"a pure package speaks to the network", "marking", "marking.go", importing("marking", "net/url"), "imports net/url"},
		{"a pure package knows a database", "view", "view.go", importing("view", "database/sql"), "imports database/sql"},
		{"a pure package logs", "casefile", "casefile.go", importing("casefile", "log/slog"), "imports log/slog"},
		{"a pure package takes a context", "directory", "directory.go", importing("directory", "context"), "imports context"},
		{"a pure package rolls dice", "release", "release.go", importing("release", "math/rand/v2"), "imports math/rand/v2"},
		{"a pure package draws a secret", "release", "release.go", importing("release", "crypto/rand"), "imports crypto/rand"},
		{"the ledger draws its own salts", "ledger", "ledger.go", importing("ledger", "crypto/rand"), "imports crypto/rand"},
		{"C code", "engine", "engine.go", importing("engine", "C"), "imports C"},
		{"a dot import", "release", "release.go", "// Package release is planted.\npackage release\nimport . \"strings\"\n", "with a dot"},
		{"a pure package reads the clock", "casefile", "casefile.go",
			"// Package casefile is planted.\npackage casefile\nimport \"time\"\nfunc f() time.Time { return time.Now() }\n", "uses time.Now"},
		{"a pure package keeps the clock as a value", "casefile", "casefile.go",
			"// Package casefile is planted.\npackage casefile\nimport \"time\"\nvar now = time.Now\n", "uses time.Now"},
		{"a pure package reads the clock under another name", "view", "view.go",
			"// Package view is planted.\npackage view\nimport t \"time\"\nvar since = t.Since(t.Time{})\n", "uses time.Since"},
		{"a pure package waits", "policy", "policy.go",
			"// Package policy is planted.\npackage policy\nimport \"time\"\nvar c = time.After(time.Second)\n", "uses time.After"},
		{"a pure package uses the machine's time zone", "compose", "compose.go",
			"// Package compose is planted.\npackage compose\nimport \"time\"\nvar z = time.Local\n", "uses time.Local"},
		{"a delivery contract with a clock", "deliver", "deliver.go",
			"// Package deliver is planted.\npackage deliver\nimport \"time\"\nvar c = time.Tick(1)\n", "uses time.Tick"},
		{"a package called util", "internal/util", "text.go", importing("util"), `has "util" in its name`},
		{"a package in a folder called common", "internal/common/text", "text.go", importing("text"), `has "common" in its name`},
		{"a file called types", "casefile", "types.go", importing("casefile"), "has a file types.go"},
		{"a file called helper among the words of its name", "engine", "retry_helper.go", importing("engine"), "has a file retry_helper.go"},
		{"no package comment", "marking", "marking.go", "package marking\n", "has 0 package comments"},
		{"a package comment about something else", "marking", "marking.go", "// Marks.\npackage marking\n", "does not begin with"},
		{"a command whose comment is not about it", "cmd/tocsin", "main.go", "// Package main runs.\npackage main\n", `does not begin with "Command tocsin "`},
		{"a function without a comment", "marking", "marking.go", importing("marking") + "func Do() {}\n", "func Do has no comment"},
		{"a method that an interface asks for", "marking", "marking.go", importing("marking") + "// E is.\ntype E struct{}\nfunc (e *E) Error() string { return \"\" }\n", "method E.Error has no comment"},
		{"a method of a generic type", "marking", "marking.go", importing("marking") + "// E is.\ntype E[T any] struct{}\nfunc (E[T]) Do() {}\n", "method E.Do has no comment"},
		{"a type without a comment", "marking", "marking.go", importing("marking") + "type Mark struct{}\n", "type Mark has no comment"},
		{"a struct that leans on its group's comment", "marking", "marking.go", importing("marking") + "// Marks.\ntype (\nMark struct{}\n)\n", "type Mark has no comment"},
		{"a constant without a comment", "marking", "marking.go", importing("marking") + "const Most = 1\n", "Most has no comment"},
		{"a variable without a comment", "marking", "marking.go", importing("marking") + "var (\nMost = 1\n)\n", "Most has no comment"},
		{"a run of methods that has been broken", "marking", "marking.go",
			importing("marking") + "// A is.\ntype A struct{}\n// Do does.\nfunc (A) Do() {}\n\nfunc (*A) Undo() {}\n", "method A.Undo has no comment"},
	} {
		t.Run(c.what, func(t *testing.T) {
			faults := check(planted(t, c.path, c.file, c.text))
			for _, f := range faults {
				if strings.Contains(f, c.want) {
					return
				}
			}
			t.Errorf("not seen; the rules said %q, which lacks %q", faults, c.want)
		})
	}
}

func TestWhatIsAllowedIsNotReported(t *testing.T) {
	for _, c := range []struct{ what, path, file, text string }{
		{"the guard asks marking", "release", "release.go", importing("release", "tocsin", "tocsin/marking", "strings")},
		{"the pack reader serves policy", "policy", "policy.go", importing("policy", "tocsin/packs/packfile", "io/fs")},
		{"a pure package computes with times", "casefile", "casefile.go",
			"// Package casefile is planted.\npackage casefile\nimport \"time\"\nvar day = time.Date(2024, time.January, 3, 0, 0, 0, 0, time.UTC).Add(time.Hour)\n"},
		{"a method called After of a value", "casefile", "casefile.go",
			"// Package casefile is planted.\npackage casefile\nimport \"time\"\nfunc late(a, b time.Time) bool { return a.After(b) }\n"},
		{"the engine owns the clock", "engine", "engine.go",
			"// Package engine is planted.\npackage engine\nimport (\n\"context\"\n\"crypto/rand\"\n\"log/slog\"\n\"time\"\n)\nvar _, _, _, _ = time.Now, context.Background, rand.Reader, slog.New\n"},
		{"an adapter touches the world", "internal/sqlite", "sqlite.go", importing("sqlite", "tocsin/ledger", "os", "database/sql", "modernc.org/sqlite")},
		{"a group of ids under one comment", "", "ids.go", "// Package tocsin is planted.\npackage tocsin\n// The ids.\ntype (\nA string\nB string\n)\n"},
		{"one comment over a run of one method", "casefile", "kinds.go",
			importing("casefile") + "// A is.\ntype A struct{}\n// B is.\ntype B struct{}\n// Kind names it.\nfunc (A) Kind() string { return \"a\" }\nfunc (B) Kind() string { return \"b\" }\n"},
		{"a command", "cmd/tocsin", "main.go", "// Command tocsin is planted.\npackage main\nfunc main() {}\n"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if faults := check(planted(t, c.path, c.file, c.text)); len(faults) > 0 {
				t.Errorf("reported: %q", faults)
			}
		})
	}
}
