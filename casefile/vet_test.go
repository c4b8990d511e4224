package casefile_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tocsin/casefile"
)

// machineKinds are the commands that no person gives.
var machineKinds = []string{"determine", "start_deliveries", "record_attempt", "tick"}

// plain are fields whose name says all there is to say.
var plain = []string{"title", "threat", "terms", "victim", "findings", "approve", "agree", "ground", "reason", "to", "accept", "report",
	"question", "granted", "limits", "about", "position", "dispute", "settlement", "duty", "note", "warning", "until", "delivery", "how",
	"service", "answer", "accepted", "reference", "parity", "decision", "outcome"}

// source is command.go as text: the kinds that its Kind methods return, and the
// command types with their comments and fields.
func source(t *testing.T) (kinds map[string]string, types map[string]*ast.TypeSpec, said map[string]string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "command.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	kinds, types, said = map[string]string{}, map[string]*ast.TypeSpec{}, map[string]string{}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == "Kind" {
				lit := d.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit)
				kinds[d.Recv.List[0].Type.(*ast.Ident).Name] = strings.Trim(lit.Value, `"`)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if ts, ok := s.(*ast.TypeSpec); ok {
					types[ts.Name.Name], said[ts.Name.Name] = ts, ts.Doc.Text()
				}
			}
		}
	}
	return kinds, types, said
}

func TestEveryCommandHasARuleAndEveryRuleACommand(t *testing.T) {
	kinds, _, _ := source(t)
	if len(kinds) < 40 {
		t.Fatalf("only %d commands were found in the source", len(kinds))
	}
	ruled := append(casefile.CommandKinds(), machineKinds...)
	for name, k := range kinds {
		if !slices.Contains(ruled, k) {
			t.Errorf("command %s (%s) has no rule: nobody can give it", name, k)
		}
	}
	for _, k := range ruled {
		found := 0
		for _, have := range kinds {
			if have == k {
				found++
			}
		}
		if found != 1 {
			t.Errorf("rule %s belongs to %d commands", k, found)
		}
	}
}

func TestEveryFieldOfACommandIsNamedAndExplained(t *testing.T) {
	kinds, types, said := source(t)
	for name := range kinds {
		if !strings.HasPrefix(said[name], name+" ") {
			t.Errorf("command %s has no comment of its own", name)
		}
		for _, f := range types[name].Type.(*ast.StructType).Fields.List {
			field := name + "." + f.Names[0].Name
			if f.Tag == nil {
				t.Errorf("%s has no name in JSON; give it one, or \"-\" if the engine fills it in", field)
				continue
			}
			tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
			key, _, _ := strings.Cut(tag.Get("json"), ",")
			switch {
			case key == "":
				t.Errorf("%s has no name in JSON", field)
			case key != "-" && key != strings.ToLower(key):
				t.Errorf("%s is called %q in JSON: lower case and underscores", field, key)
			case key != "-" && tag.Get("doc") == "" && !slices.Contains(plain, key):
				t.Errorf("%s (%q) is not explained: give it a doc tag", field, key)
			}
		}
	}
}
