package web_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// description is the served OpenAPI description as a client reads it.
type description struct {
	t   testing.TB
	doc map[string]any
}

type describedOp struct {
	id, method, path, tag string
	op                    map[string]any
}

func described(t testing.TB, h *house) description {
	t.Helper()
	return description{t, into[map[string]any](h.send("", "GET", "/v1/openapi.json", nil).want(http.StatusOK))}
}

func (d description) operations() []describedOp {
	d.t.Helper()
	var out []describedOp
	for path, item := range d.doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			o := op.(map[string]any)
			out = append(out, describedOp{o["operationId"].(string), strings.ToUpper(method), path, o["tags"].([]any)[0].(string), o})
		}
	}
	if len(out) < 50 {
		d.t.Fatalf("the description has only %d operations", len(out))
	}
	slices.SortFunc(out, func(a, b describedOp) int { return strings.Compare(a.id, b.id) })
	return out
}

// at follows a reference within the description.
func (d description) at(ref string) any {
	var v any = d.doc
	for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[part]
	}
	return v
}

func TestTheDescriptionIsWholeOpenAPI31(t *testing.T) {
	h := open(t, setup{})
	d := described(t, h)
	if v := d.doc["openapi"].(string); !strings.HasPrefix(v, "3.1.") {
		t.Errorf("version %s", v)
	}
	info := d.doc["info"].(map[string]any)
	if info["title"] == "" || info["version"] != "test" {
		t.Errorf("info: %v", info)
	}
	if d.at("#/components/securitySchemes/bearer") == nil || d.at("#/components/schemas/Problem") == nil || strings.Contains(fmt.Sprint(d.doc["components"]), "ErrorModel") {
		t.Error("components are missing, or not ours")
	}
	seen := map[string]bool{}
	for _, op := range d.operations() {
		if seen[op.id] || !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(op.id) {
			t.Errorf("operation id %q", op.id)
		}
		seen[op.id] = true
		d.checkOperation(op)
	}
	d.checkRefs("", d.doc)
}

func (d description) checkOperation(op describedOp) {
	d.t.Helper()
	if op.op["summary"] == nil || op.op["responses"] == nil {
		d.t.Errorf("%s has no summary or no responses", op.id)
	}
	var declared []string
	params, _ := op.op["parameters"].([]any)
	for _, p := range params {
		m := p.(map[string]any)
		if m["schema"] == nil || m["name"] == "" || !slices.Contains([]any{"path", "query", "header"}, m["in"]) {
			d.t.Errorf("%s: parameter %v", op.id, m)
		}
		if m["in"] == "path" {
			if m["required"] != true {
				d.t.Errorf("%s: path parameter %v is not required", op.id, m["name"])
			}
			declared = append(declared, "{"+m["name"].(string)+"}")
		}
	}
	inPath := regexp.MustCompile(`\{[a-z]+\}`).FindAllString(op.path, -1)
	slices.Sort(inPath)
	slices.Sort(declared)
	if !slices.Equal(inPath, declared) {
		d.t.Errorf("%s: path has %v, parameters %v", op.id, inPath, declared)
	}
	responses := op.op["responses"].(map[string]any)
	good := 0
	for status, r := range responses {
		if n, err := strconv.Atoi(status); (err != nil && status != "default") || r.(map[string]any)["description"] == "" {
			d.t.Errorf("%s: response %s", op.id, status)
		} else if n >= 200 && n < 300 {
			good++
		}
	}
	problem, _ := responses["default"].(map[string]any)
	content, _ := problem["content"].(map[string]any)
	if good == 0 || content["application/problem+json"] == nil {
		d.t.Errorf("%s: responses %v", op.id, responses)
	}
	security, _ := op.op["security"].([]any)
	if (len(security) > 0) == (op.id == "get-health") {
		d.t.Errorf("%s: security %v", op.id, op.op["security"])
	}
	if op.method == "GET" && op.op["requestBody"] != nil {
		d.t.Errorf("%s takes a body", op.id)
	}
}

// checkRefs follows every reference, and refuses addresses of other hosts.
func (d description) checkRefs(at string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if k == "$ref" {
				if ref, ok := x.(string); !ok || !strings.HasPrefix(ref, "#/") || d.at(ref) == nil {
					d.t.Errorf("%s: reference %v leads nowhere", at, x)
				}
			}
			d.checkRefs(at+"/"+k, x)
		}
	case []any:
		for i, x := range v {
			d.checkRefs(at+"/"+strconv.Itoa(i), x)
		}
	case string:
		if strings.Contains(v, "://") {
			d.t.Errorf("%s names another host: %s", at, v)
		}
	}
}

func TestTheDescriptionIsTheSameInYAML(t *testing.T) {
	h := open(t, setup{})
	r := h.send("", "GET", "/v1/openapi.yaml", nil).want(http.StatusOK)
	var fromYAML any
	if err := yaml.Unmarshal(r.body, &fromYAML); err != nil {
		t.Fatal(err)
	}
	a, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(described(t, h).doc)
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Errorf("the two descriptions differ: %d and %d bytes", len(a), len(b))
	}
}

// ownPath are the commands that have operations of their own, because the engine
// composes them; machineOnly those that no person gives.
var (
	ownPath     = map[string]string{"open_case": "open-case", "attach_report": "attach-report", "draft_warning": "draft-warning", "release_warning": "release-warning"}
	machineOnly = []string{"determine", "start_deliveries", "record_attempt", "tick"}
)

func TestEveryCommandOfAPersonHasAnOperation(t *testing.T) {
	h := open(t, setup{})
	ops := map[string]describedOp{}
	for _, op := range described(t, h).operations() {
		ops[op.id] = op
	}
	commands := commandKinds(t)
	if len(commands) < 35 {
		t.Fatalf("only %d commands were found", len(commands))
	}
	for _, kind := range commands {
		id := strings.ReplaceAll(kind, "_", "-")
		op, ok := ops[id]
		switch {
		case slices.Contains(machineOnly, kind):
			if ok && op.tag == "commands" {
				t.Errorf("%s can be given by a person", kind)
			}
			continue
		case ownPath[kind] != "":
			op, ok = ops[ownPath[kind]]
		case ok && (op.path != "/v1/cases/{id}/"+id || op.tag != "commands"):
			t.Errorf("%s is at %s", kind, op.path)
		}
		if !ok || op.method != "POST" {
			t.Errorf("the command %s has no operation", kind)
		}
	}
}

// commandKinds reads the kinds of commands from the source of package casefile,
// so that a command added there and forgotten here is found.
func commandKinds(t *testing.T) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../../casefile/command.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, decl := range f.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Name.Name != "Kind" || fn.Recv == nil {
			continue
		}
		kind, err := strconv.Unquote(fn.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, kind)
	}
	return kinds
}

func TestTheDescriptionSaysWhichValuesAreTaken(t *testing.T) {
	h := open(t, setup{})
	d := described(t, h)
	for ref, want := range map[string]string{
		"#/components/schemas/Victim/properties/kind":             "person",
		"#/components/schemas/Threat/properties/harm":             "killing",
		"#/components/schemas/Finding/properties/value":           "doubtful",
		"#/components/schemas/AuthUser/properties/roles/items":    "duty_officer",
		"#/components/schemas/Recipient/properties/kind":          "protector",
		"#/components/schemas/EngineDraftRequest/properties/kind": "government",
	} {
		s, _ := d.at(ref).(map[string]any)
		values, _ := s["enum"].([]any)
		if !slices.Contains(values, any(want)) || slices.Contains(values, any("machine")) {
			t.Errorf("%s takes %v", ref, values)
		}
	}
}
