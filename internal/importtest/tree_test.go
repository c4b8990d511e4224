package importtest_test

import (
	"encoding/json"
	"errors"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// listed is what go list says of a package.
type listed struct {
	ImportPath, Dir, Name             string
	GoFiles, CgoFiles, IgnoredGoFiles []string
	TestGoFiles, XTestGoFiles         []string
}

// tree lists every package of the module with its sources. Files for other
// systems are looked at too, so that a rule cannot be broken where the tests do
// not run; a file that is never built is not.
func tree(t *testing.T) []pkg {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Name,GoFiles,CgoFiles,IgnoredGoFiles,TestGoFiles,XTestGoFiles", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l listed
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		pkgs = append(pkgs, load(t, l))
	}
	return pkgs
}

func load(t *testing.T, l listed) pkg {
	t.Helper()
	below, ok := inside(l.ImportPath)
	if !ok {
		t.Fatalf("go list names %s, which is not in module %s", l.ImportPath, module)
	}
	p := pkg{path: below, name: l.Name, fset: token.NewFileSet(), tests: slices.Concat(l.TestGoFiles, l.XTestGoFiles)}
	for _, name := range slices.Concat(l.GoFiles, l.CgoFiles, l.IgnoredGoFiles) {
		f, err := parser.ParseFile(p.fset, filepath.Join(l.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("parse: %v", err)
			continue
		}
		never := false
		for _, g := range f.Comments {
			for _, line := range g.List {
				x, err := constraint.Parse(line.Text)
				never = never || err == nil && (x.String() == "never" || x.String() == "ignore")
			}
		}
		if !never && !strings.HasSuffix(name, "_test.go") {
			p.sources = append(p.sources, source{name: name, file: f})
		}
	}
	return p
}

func TestEveryPackageKeepsToItsPlaceInTheTree(t *testing.T) {
	pkgs := tree(t)
	// The stages and the core. If these are not found, nothing was looked at.
	for _, must := range []string{"", "intake", "policy", "release", "casefile", "ledger", "engine", "cmd/tocsin"} {
		if !slices.ContainsFunc(pkgs, func(p pkg) bool { return p.path == must && len(p.sources) > 0 }) {
			t.Errorf("go list did not find package %q, or found nothing in it", must)
		}
	}
	for _, p := range pkgs {
		for _, fault := range check(p) {
			t.Error(fault)
		}
	}
	t.Logf("%d packages held to %d rules", len(pkgs), len(rules))
}

func TestEveryImportRuleHasAPackage(t *testing.T) {
	pkgs := tree(t)
	for i, r := range rules {
		if !slices.ContainsFunc(pkgs, func(p pkg) bool {
			return slices.IndexFunc(rules, func(r row) bool { return matches(r.who, p.path) }) == i
		}) {
			t.Errorf("no package is decided by the rule for %q: it is dead, or an earlier one takes its packages", r.who)
		}
	}
}
