package hygiene_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tocsin/casefile"
	"tocsin/packs"
)

const root = "../.."

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// files lists the files of the tree that fit, folders that are not ours left out.
func files(t *testing.T, fits func(path string) bool) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "bin"):
			return filepath.SkipDir
		case !d.IsDir():
			if rel, err := filepath.Rel(root, path); err == nil && fits(filepath.ToSlash(rel)) {
				found = append(found, filepath.ToSlash(rel))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("no file was found, so nothing was checked")
	}
	return found
}

var link = regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)

func TestEveryLinkInADocumentLeadsSomewhere(t *testing.T) {
	links := 0
	for _, doc := range files(t, func(p string) bool { return strings.HasSuffix(p, ".md") }) {
		for _, m := range link.FindAllStringSubmatch(read(t, doc), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(doc), m[1])); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", doc, m[1])
			}
		}
	}
	if links == 0 {
		t.Error("no link was found in any document")
	}
}

var row = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|")

func TestTheWalkNamesEveryKindOfEventAndNoOther(t *testing.T) {
	_, table, ok := strings.Cut(read(t, "docs/walk.md"), "## Every kind of event")
	if !ok {
		t.Fatal("docs/walk.md has no section on every kind of event")
	}
	var told []string
	for _, m := range row.FindAllStringSubmatch(table, -1) {
		told = append(told, m[1])
	}
	for _, k := range casefile.Kinds() {
		if !slices.Contains(told, k) {
			t.Errorf("docs/walk.md does not say what appends %s", k)
		}
	}
	for i, k := range told {
		if !slices.Contains(casefile.Kinds(), k) {
			t.Errorf("docs/walk.md speaks of the event %s, which there is not", k)
		}
		if slices.Contains(told[:i], k) {
			t.Errorf("docs/walk.md has %s twice", k)
		}
	}
}

// packKeys are the yaml keys that the readers of packs know, from their sources:
// every struct tag, wherever it stands.
func packKeys(t *testing.T) []string {
	t.Helper()
	var keys []string
	for _, path := range files(t, func(p string) bool {
		dir := filepath.Dir(p)
		return strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go") && slices.Contains([]string{".", "policy", "compose"}, dir)
	}) {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if field, ok := n.(*ast.Field); ok && field.Tag != nil {
				key, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("yaml"), ",")
				if key != "" && key != "-" && !slices.Contains(keys, key) {
					keys = append(keys, key)
				}
			}
			return true
		})
	}
	return keys
}

func TestThePackFormatNamesEveryKeyThatIsRead(t *testing.T) {
	doc := read(t, "docs/pack-format.md")
	keys := packKeys(t)
	if len(keys) < 50 {
		t.Fatalf("only %d keys were found in the readers of packs", len(keys))
	}
	for _, k := range keys {
		if !regexp.MustCompile(`(^|[^a-z_])` + k + `([^a-z_]|$)`).MatchString(doc) {
			t.Errorf("docs/pack-format.md does not mention the key %s", k)
		}
	}
}

func TestTheRunbookNamesEveryKeyOfTheConfiguration(t *testing.T) {
	doc := read(t, "docs/runbook.md")
	tag := regexp.MustCompile(`yaml:"([a-z_]+)"`)
	found := tag.FindAllStringSubmatch(read(t, "cmd/tocsin/config.go"), -1)
	if len(found) < 10 {
		t.Fatalf("only %d keys were found in cmd/tocsin/config.go", len(found))
	}
	for _, m := range found {
		if !regexp.MustCompile("`[a-zA-Z.]*\\b"+m[1]+"`").MatchString(doc) && !strings.Contains(doc, "\n"+m[1]+":\n") {
			t.Errorf("docs/runbook.md does not mention the key %s", m[1])
		}
	}
}

// commandLine finds "tocsin WORD" where a document gives a command to type.
var commandLine = regexp.MustCompile("(?m)(?:^    |`|^\\$ |tocsin-check |cmd/)tocsin ([a-z]+)(?: ([a-z]+(?:-[a-z]+)*))?")

func TestEveryCommandInTheDocumentsExists(t *testing.T) {
	main := read(t, "cmd/tocsin/main.go")
	named := regexp.MustCompile(`\{"([a-z]+(?: [a-z]+(?:-[a-z]+)*)?)", "`).FindAllStringSubmatch(main, -1)
	if len(named) < 10 {
		t.Fatalf("only %d commands were found in cmd/tocsin/main.go", len(named))
	}
	exists := func(first, second string) bool {
		return slices.ContainsFunc(named, func(m []string) bool {
			one, two, ok := strings.Cut(m[1], " ")
			return one == first && (!ok || two == second)
		})
	}
	seen := 0
	for _, doc := range files(t, func(p string) bool { return strings.HasSuffix(p, ".md") }) {
		for _, m := range commandLine.FindAllStringSubmatch(read(t, doc), -1) {
			seen++
			if !exists(m[1], m[2]) {
				t.Errorf("%s: there is no command %q", doc, strings.TrimSpace(m[1]+" "+m[2]))
			}
		}
	}
	if seen == 0 {
		t.Error("no command was found in any document")
	}
}

var decision = regexp.MustCompile(`^docs/adr/(\d{4})-[a-z0-9-]+\.md$`)

func TestDecisionsAreNumberedWithoutGapsAndSayWhatTheyCost(t *testing.T) {
	index := read(t, "docs/adr/README.md")
	all := files(t, decision.MatchString)
	slices.Sort(all)
	for i, path := range all {
		number, text := fmt.Sprintf("%04d", i+1), read(t, path)
		if decision.FindStringSubmatch(path)[1] != number {
			t.Errorf("%s: the number after the one before is %s", path, number)
		}
		for _, must := range []string{"# " + number + " ", "\nStatus: ", "\n## Decision\n", "\n## What we gave up\n", "\n## What would change our mind\n"} {
			if !strings.Contains(text, must) {
				t.Errorf("%s lacks %q", path, strings.TrimSpace(must))
			}
		}
		title, _, _ := strings.Cut(strings.TrimPrefix(text, "# "+number+" "), "\n")
		if !strings.Contains(index, "["+number+"]("+filepath.Base(path)+") | "+title+" |") {
			t.Errorf("docs/adr/README.md does not list %s as %q", number, title)
		}
	}
}

func TestTheChangelogSpeaksOfWhatIsNotReleased(t *testing.T) {
	text := read(t, "CHANGELOG.md")
	for _, must := range []string{"\n## [Unreleased]\n", "\n- **Warning:** "} {
		if !strings.Contains(text, must) {
			t.Errorf("CHANGELOG.md lacks %q", strings.TrimSpace(must))
		}
	}
	for _, name := range packs.Names() {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("CHANGELOG.md does not name the pack %s", name)
		}
	}
}

func TestEveryTargetThatIsSpokenOfIsInTheMakefile(t *testing.T) {
	makefile := read(t, "Makefile")
	target := regexp.MustCompile("`make ([a-z]+)")
	seen := 0
	for _, doc := range files(t, func(p string) bool { return strings.HasSuffix(p, ".md") }) {
		for _, m := range target.FindAllStringSubmatch(read(t, doc), -1) {
			seen++
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s: there is no target %s in the Makefile", doc, m[1])
			}
		}
	}
	if seen == 0 {
		t.Error("no target was found in any document")
	}
	for _, must := range []string{"run", "test", "check", "bench", "fuzz", "help"} {
		if !strings.Contains(makefile, "\n"+must+":") {
			t.Errorf("the Makefile lacks the target %s", must)
		}
	}
}

func TestTextFilesAreUTF8WithPlainLineEnds(t *testing.T) {
	texts := files(t, func(p string) bool {
		if strings.Contains(p, "/testdata/") {
			return false // may be wrong on purpose
		}
		return slices.Contains([]string{".go", ".md", ".yaml", ".mod"}, filepath.Ext(p)) || strings.HasPrefix(p, "scenarios/") || p == "Makefile" || p == ".ci/run"
	})
	for _, path := range texts {
		text := read(t, path)
		switch {
		case strings.Contains(text, "\r"):
			t.Errorf("%s has carriage returns", path)
		case !strings.HasSuffix(text, "\n"):
			t.Errorf("%s does not end in a line feed", path)
		case strings.ToValidUTF8(text, "") != text:
			t.Errorf("%s is not UTF-8", path)
		}
	}
}

func TestTheContinuousIntegrationRunsTheTestCommand(t *testing.T) {
	info, err := os.Stat(filepath.Join(root, ".ci/run"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode()&0o111 == 0 {
		t.Error(".ci/run cannot be executed")
	}
	if !strings.Contains(read(t, ".ci/run"), "\nmake test ") {
		t.Error(".ci/run does not call make test")
	}
}
