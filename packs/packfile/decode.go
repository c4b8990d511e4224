package packfile

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// FillIn begins what a starting pack leaves to its author. A text that still
// holds it is refused, so that nobody runs a duty on a form.
const FillIn = "FILL IN:"

// Enum is a closed list of words for one Go type. Wherever that type occurs, as
// a value or as the key of a map, only these words are accepted.
type Enum struct {
	typ   reflect.Type
	words []string
}

// Words makes the Enum of a string type.
func Words[T ~string](words []T) Enum {
	e := Enum{typ: reflect.TypeFor[T]()}
	for _, w := range words {
		e.words = append(e.words, string(w))
	}
	return e
}

// Doc knows on which line each part of a decoded file stands. Parts are named
// like "rules[2].when.elements.credible".
type Doc struct {
	File  string
	lines map[string]int
}

// Line returns the line of a part, or of the nearest part around it.
func (d Doc) Line(part string) int {
	for part != "" {
		if n, ok := d.lines[part]; ok {
			return n
		}
		part = part[:max(strings.LastIndexAny(part, ".["), 0)]
	}
	return 1
}

// Decode reads one file of the pack into the struct that into points to, adding
// to p whatever is wrong. The yaml tags of the struct say which keys there are;
// a key is required unless its tag says omitempty, and an empty text, list or
// map is refused wherever it stands.
func (f *Files) Decode(file string, into any, p *Problems, enums ...Enum) Doc {
	return f.decode(file, "", into, p, enums)
}

// DecodeKey is Decode for the value of one top-level key; the rest of the file
// is somebody else's to read.
func (f *Files) DecodeKey(file, key string, into any, p *Problems, enums ...Enum) Doc {
	return f.decode(file, key, into, p, enums)
}

func (f *Files) decode(file, key string, into any, p *Problems, enums []Enum) Doc {
	doc := Doc{File: f.Where(file), lines: map[string]int{}}
	layers := f.Layers(file)
	if len(layers) == 0 {
		p.Add(file, 1, "the file is missing", "write it; see an existing pack for its form")
		return doc
	}
	t := layers[0].tree(file)
	if t.what != "" {
		p.Add(doc.File, t.line, t.what, t.write)
		return doc
	}
	body := t.body
	d := decoder{doc: doc, problems: p, enums: enums}
	if key != "" {
		if body = d.valueOf(body, key); body == nil {
			p.Add(doc.File, 1, "there is no key "+key, "write it; see an existing pack for its form")
			return doc
		}
	}
	d.value(body, reflect.ValueOf(into).Elem(), key)
	return doc
}

// tree is a parsed file, or what is wrong with it.
type tree struct {
	body        ast.Node
	line        int
	what, write string
}

// tree parses one of the layer's own files, once.
func (f *Files) tree(file string) tree {
	if t, ok := f.trees[file]; ok {
		return t
	}
	var t tree
	if t.line, t.what, t.write = checkBytes(f.data[file]); t.what == "" {
		t.write = "correct the YAML there"
		t.body, t.line, t.what = parse(f.data[file])
	}
	f.trees[file] = t
	return t
}

// parse returns the one document of data, or the line and nature of what is
// wrong with it.
func parse(data []byte) (body ast.Node, line int, what string) {
	// A parser that panics on some input must not take a service down with it
	// when somebody edits a pack.
	defer func() {
		if r := recover(); r != nil {
			body, line, what = nil, 1, fmt.Sprintf("the YAML cannot be read (%v)", r)
		}
	}()
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		line, what = 1, strings.SplitN(err.Error(), "\n", 2)[0]
		var at yaml.Error
		if errors.As(err, &at) && at.GetToken() != nil {
			line, what = at.GetToken().Position.Line, at.GetMessage()
		}
		return nil, line, what
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, 1, "the file is empty"
	}
	if len(file.Docs) > 1 {
		return nil, lineOf(file.Docs[1].Body), "a second document begins here"
	}
	return file.Docs[0].Body, 0, ""
}

func lineOf(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1
	}
	return n.GetToken().Position.Line
}

type decoder struct {
	doc      Doc
	problems *Problems
	enums    []Enum
}

func (d *decoder) fault(n ast.Node, what, write string) {
	d.problems.Add(d.doc.File, lineOf(n), what, write)
}

// valueOf returns the value of a top-level key.
func (d *decoder) valueOf(body ast.Node, key string) ast.Node {
	if m, ok := body.(*ast.MappingNode); ok {
		for _, kv := range m.Values {
			if keyWord(kv.Key) == key {
				return kv.Value
			}
		}
	}
	return nil
}

// value decodes n into v. Aliases, anchors, tags and merge keys match none of
// the shapes below and are refused: a pack says what it says where it says it.
func (d *decoder) value(n ast.Node, v reflect.Value, part string) {
	if _, seen := d.doc.lines[part]; !seen {
		d.doc.lines[part] = lineOf(n)
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(n, u, part)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, part)
	case reflect.Slice:
		d.list(n, v, part)
	case reflect.Map:
		d.table(n, v, part)
	case reflect.String:
		d.str(n, v, part)
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
			return
		}
		d.fault(n, fmt.Sprintf("%s is not a yes-or-no value", label(part)), "write true or false")
	case reflect.Int:
		d.integer(n, v, part)
	default:
		panic("packfile: no way to read a " + v.Type().String())
	}
}

func (d *decoder) text(n ast.Node, u encoding.TextUnmarshaler, part string) {
	s, ok := n.(*ast.StringNode)
	if !ok {
		d.fault(n, fmt.Sprintf("%s is not a text", label(part)), "write it as text, such as 4h or 28d")
		return
	}
	if strings.Contains(s.Value, FillIn) {
		d.fault(n, fmt.Sprintf("%s was not filled in", label(part)), "write what the words after "+FillIn+" ask for, in place of all of them")
		return
	}
	if err := u.UnmarshalText([]byte(s.Value)); err != nil {
		d.fault(n, fmt.Sprintf("%s: %v", label(part), err), "correct it")
	}
}

func (d *decoder) integer(n ast.Node, v reflect.Value, part string) {
	i, ok := n.(*ast.IntegerNode)
	if ok {
		if u, small := i.Value.(uint64); small && u <= 1<<31 {
			v.SetInt(int64(u))
			return
		}
	}
	d.fault(n, fmt.Sprintf("%s is not a whole number", label(part)), "write a number such as 25")
}

func (d *decoder) str(n ast.Node, v reflect.Value, part string) {
	var s string
	switch x := n.(type) {
	case *ast.StringNode:
		s = x.Value
	case *ast.LiteralNode:
		s = strings.TrimRight(x.Value.Value, "\n ")
	case *ast.NullNode:
	default:
		d.fault(n, fmt.Sprintf("%s is not a text", label(part)), "put it in quotes if these are its words")
		return
	}
	if strings.TrimSpace(s) == "" {
		d.fault(n, fmt.Sprintf("%s is empty", label(part)), "write its words, or take the key out if it is optional")
		return
	}
	if strings.Contains(s, FillIn) {
		d.fault(n, fmt.Sprintf("%s was not filled in", label(part)), "write what the words after "+FillIn+" ask for, in place of all of them")
		return
	}
	d.word(n, v.Type(), s)
	v.SetString(s)
}

// word checks s against the closed list of its type, if the type has one.
func (d *decoder) word(n ast.Node, t reflect.Type, s string) {
	for _, e := range d.enums {
		if e.typ == t && !slices.Contains(e.words, s) {
			d.fault(n, fmt.Sprintf("%q is not one of the words that can stand here", s), "write one of "+strings.Join(e.words, ", "))
		}
	}
}

func (d *decoder) list(n ast.Node, v reflect.Value, part string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok || len(seq.Values) == 0 {
		d.fault(n, fmt.Sprintf("%s is not a list with at least one entry", label(part)), "write the entries with a dash each, or as [a, b]")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, item := range seq.Values {
		d.value(item, v.Index(i), fmt.Sprintf("%s[%d]", part, i))
	}
}

func (d *decoder) table(n ast.Node, v reflect.Value, part string) {
	entries := mapping(n)
	if len(entries) == 0 {
		d.fault(n, fmt.Sprintf("%s is not a table with at least one key", label(part)), "write its keys, one a line, with a colon and a value")
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(entries)))
	for _, kv := range entries {
		word := keyWord(kv.Key)
		d.word(kv.Key, v.Type().Key(), word)
		key := reflect.New(v.Type().Key()).Elem()
		key.SetString(word)
		at := within(part, word)
		d.doc.lines[at] = lineOf(kv.Key)
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(kv.Value, elem, at)
		v.SetMapIndex(key, elem)
	}
}

func (d *decoder) structure(n ast.Node, v reflect.Value, part string) {
	entries := mapping(n)
	if len(entries) == 0 {
		d.fault(n, fmt.Sprintf("%s is not a table with at least one key", label(part)), "write "+strings.Join(keys(v.Type()), ", ")+", one a line, each with a colon and a value")
		return
	}
	seen := map[string]bool{}
	for _, kv := range entries {
		word := keyWord(kv.Key)
		i := fieldOf(v.Type(), word)
		if i < 0 {
			d.fault(kv.Key, fmt.Sprintf("there is no key %q in %s", word, label(part)), "write one of "+strings.Join(keys(v.Type()), ", "))
			continue
		}
		seen[word] = true
		d.doc.lines[within(part, word)] = lineOf(kv.Key)
		d.value(kv.Value, v.Field(i), within(part, word))
	}
	for i := range v.NumField() {
		word, optional := tag(v.Type().Field(i))
		if word != "" && !optional && !seen[word] {
			d.fault(entries[0].Key, fmt.Sprintf("%s lacks the key %s", label(part), word), "write "+word+": and its value")
		}
	}
}

// mapping returns the entries of a table, or nil if n is none.
func mapping(n ast.Node) []*ast.MappingValueNode {
	switch x := n.(type) {
	case *ast.MappingNode:
		return x.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{x}
	}
	return nil
}

func keyWord(k ast.MapKeyNode) string {
	if s, ok := k.(*ast.StringNode); ok {
		return s.Value
	}
	return k.String()
}

// tag reads a field's yaml key; an empty key means that the field is not read.
func tag(f reflect.StructField) (key string, optional bool) {
	key, rest, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if key == "-" {
		return "", true
	}
	return key, rest == "omitempty"
}

func keys(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		if key, _ := tag(t.Field(i)); key != "" {
			out = append(out, key)
		}
	}
	return out
}

func fieldOf(t reflect.Type, key string) int {
	for i := range t.NumField() {
		if k, _ := tag(t.Field(i)); k == key && key != "" {
			return i
		}
	}
	return -1
}

func within(part, key string) string {
	if part == "" {
		return key
	}
	return part + "." + key
}

func label(part string) string {
	if part == "" {
		return "the file"
	}
	return part
}
