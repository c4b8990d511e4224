// Package guardcase reads a case from one JSON file, so that the guard can be
// asked from outside the system. The format is described in docs/guard.md.
//
// Read is strict: an unknown key, a key given twice, a wrong type or a word that is
// none of those allowed is an error that names its path. Nothing is guessed, for
// what a reader leaves out the guard cannot protect.
package guardcase

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"tocsin"
	"tocsin/marking"
	"tocsin/release"
)

// Format is the value of the key "format".
const Format = "tocsin-guard-case/1"

// MaxSize is the largest file that is read, in bytes.
const MaxSize = 50 << 20

// maxDepth is deeper than any case nests.
const maxDepth = 16

// Case is a case as the file gives it.
type Case struct {
	Title    string
	Home     string
	Now      time.Time // zero if the file leaves it to the clock
	Setting  release.Setting
	Groups   []string
	Reports  []release.Source
	Terms    []release.Term
	Audience tocsin.Recipient
	Address  string
	Channel  string
	Kind     tocsin.WarningKind
	Marking  string
	Language string
	Window   tocsin.Window
	Content  []tocsin.ContentItem
	Exigent  bool
}

// Question is the question that the guard is asked about words of this case at a
// moment. It has no approval and nobody who releases: it is for Examine, Prepare
// and release.Words.
func (c Case) Question(now time.Time) release.Question {
	if !c.Now.IsZero() {
		now = c.Now
	}
	return release.Question{
		Draft: tocsin.Draft{Kind: c.Kind, Message: tocsin.Alert, Marking: c.Marking, Window: c.Window, Recipients: []tocsin.Recipient{c.Audience}},
		Home:  c.Home, Exigent: c.Exigent, Contributing: c.Reports, ActorGroups: c.Groups, Content: c.Content, Protected: c.Terms,
		Setting: &c.Setting, Strict: true, Now: now,
	}
}

// Read reads a case. Errors are of kind Invalid and name the path of the fault,
// such as reports[2].portions[0].marking.
func Read(data []byte) (Case, error) {
	if len(data) > MaxSize {
		return Case{}, tocsin.Faultf(tocsin.Invalid, "guard_case_too_large", "Give the guard fewer reports at a time.", "The case file has %d bytes; %d is the most.", len(data), MaxSize)
	}
	if !utf8.Valid(data) {
		return Case{}, fault("", "it is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	root, err := tree(dec, "", 0)
	if err != nil {
		return Case{}, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return Case{}, fault("", "something follows the object")
	}
	r := &reader{}
	c := r.readCase(root)
	return c, r.err
}

func fault(path, what string) error {
	if path == "" {
		path = "the file"
	}
	return tocsin.Faultf(tocsin.Invalid, "guard_case", "Correct the case file; docs/guard.md describes it.", "The case file cannot be used: %s: %s.", path, what)
}

// object is a JSON object with its keys in order.
type object struct {
	keys   []string
	values map[string]any
}

// tree reads one value, refusing keys given twice.
func tree(dec *json.Decoder, path string, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fault(path, "it nests too deep")
	}
	tok, err := dec.Token()
	if err != nil {
		return nil, fault(path, "it is not JSON ("+err.Error()+")")
	}
	switch tok {
	case json.Delim('{'):
		return readObject(dec, path, depth)
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := tree(dec, fmt.Sprintf("%s[%d]", path, len(list)), depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, closing(dec, path)
	}
	return tok, nil
}

func readObject(dec *json.Decoder, path string, depth int) (any, error) {
	o := object{values: map[string]any{}}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, fault(path, "it is not JSON ("+err.Error()+")")
		}
		key, _ := tok.(string)
		at := join(path, key)
		if _, twice := o.values[key]; twice {
			return nil, fault(at, "the key is given twice")
		}
		v, err := tree(dec, at, depth+1)
		if err != nil {
			return nil, err
		}
		o.keys, o.values[key] = append(o.keys, key), v
	}
	return o, closing(dec, path)
}

func closing(dec *json.Decoder, path string) error {
	if _, err := dec.Token(); err != nil {
		return fault(path, "it is not JSON ("+err.Error()+")")
	}
	return nil
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// reader takes values out of a tree and keeps the first fault.
type reader struct{ err error }

func (r *reader) fail(path, what string) {
	if r.err == nil {
		r.err = fault(path, what)
	}
}

// open takes an object and refuses keys that are not among those named.
func (r *reader) open(v any, path string, keys ...string) object {
	o, ok := v.(object)
	if !ok {
		if v != nil {
			r.fail(path, "an object is wanted")
		}
		return object{}
	}
	for _, k := range o.keys {
		if !slices.Contains(keys, k) {
			r.fail(join(path, k), "the key is unknown")
		}
	}
	return o
}

func (r *reader) text(o object, path, key string, required bool) string {
	v, ok := o.values[key]
	if !ok {
		if required {
			r.fail(join(path, key), "it is missing")
		}
		return ""
	}
	s, ok := v.(string)
	if !ok {
		r.fail(join(path, key), "a text is wanted")
	}
	if ok && required && s == "" {
		r.fail(join(path, key), "it is empty")
	}
	return s
}

func (r *reader) flag(o object, path, key string) bool {
	v, ok := o.values[key]
	if !ok {
		return false
	}
	b, ok := v.(bool)
	if !ok {
		r.fail(join(path, key), "true or false is wanted")
	}
	return b
}

func (r *reader) moment(o object, path, key string) time.Time {
	s := r.text(o, path, key, false)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1900 || t.Year() > 9000 {
		r.fail(join(path, key), "a time such as 2026-03-01T03:00:00Z is wanted")
	}
	return t
}

func (r *reader) list(o object, path, key string) []any {
	v, ok := o.values[key]
	if !ok {
		return nil
	}
	l, ok := v.([]any)
	if !ok {
		r.fail(join(path, key), "a list is wanted")
	}
	return l
}

func (r *reader) texts(o object, path, key string) []string {
	var out []string
	for i, v := range r.list(o, path, key) {
		s, ok := v.(string)
		if !ok {
			r.fail(fmt.Sprintf("%s[%d]", join(path, key), i), "a text is wanted")
		}
		out = append(out, s)
	}
	return out
}

func (r *reader) oneOf(o object, path, key, otherwise string, words ...string) string {
	s := r.text(o, path, key, otherwise == "")
	if s == "" {
		return otherwise
	}
	if !slices.Contains(words, s) {
		r.fail(join(path, key), fmt.Sprintf("%q is none of %v", s, words))
	}
	return s
}

func (r *reader) window(o object, path string) tocsin.Window {
	at := join(path, "window")
	w := r.open(o.values["window"], at, "earliest", "latest")
	out := tocsin.Window{Earliest: r.moment(w, at, "earliest"), Latest: r.moment(w, at, "latest")}
	if !out.Latest.IsZero() && out.Latest.Before(out.Earliest) {
		r.fail(at, "it ends before it begins")
	}
	return out
}

func (r *reader) readCase(root any) Case {
	if _, ok := root.(object); !ok {
		r.fail("", "an object is wanted")
		return Case{}
	}
	o := r.open(root, "", "format", "title", "home", "now", "threat", "victims", "reports", "protected", "audience", "warning", "exigent")
	if f := r.text(o, "", "format", true); f != Format {
		r.fail("format", fmt.Sprintf("%q is wanted", Format))
	}
	c := Case{Title: r.text(o, "", "title", false), Home: r.text(o, "", "home", false), Now: r.moment(o, "", "now"), Exigent: r.flag(o, "", "exigent")}
	if _, ok := marking.Country(c.Home); c.Home != "" && !ok {
		r.fail("home", "a country of ISO 3166-1 alpha-2 is wanted")
	}
	r.threat(o, &c)
	r.victims(o, &c)
	r.reports(o, &c)
	r.protected(o, &c)
	r.audience(o, &c)
	r.warning(o, &c)
	return c
}

func (r *reader) threat(o object, c *Case) {
	t := r.open(o.values["threat"], "threat", "actor", "actor_groups", "place", "place_names", "window", "means")
	c.Groups = r.texts(t, "threat", "actor_groups")
	c.Setting = release.Setting{Actor: r.text(t, "threat", "actor", false), Place: r.text(t, "threat", "place", false), PlaceNames: r.texts(t, "threat", "place_names"),
		Means: r.text(t, "threat", "means", false), Window: r.window(t, "threat")}
}

func (r *reader) victims(o object, c *Case) {
	for i, v := range r.list(o, "", "victims") {
		path := fmt.Sprintf("victims[%d]", i)
		w := r.open(v, path, "id", "name", "names", "place")
		r.text(w, path, "id", false)
		c.Setting.Victims = append(c.Setting.Victims, release.Protected{Name: r.text(w, path, "name", true), Names: r.texts(w, path, "names"), Place: r.text(w, path, "place", false)})
	}
}

func (r *reader) reports(o object, c *Case) {
	for i, v := range r.list(o, "", "reports") {
		path := fmt.Sprintf("reports[%d]", i)
		p := r.open(v, path, "id", "marking", "origin", "conveyor", "originator", "controlled", "consent", "collected", "portions", "tearline")
		s := release.Source{Report: tocsin.ReportID(r.text(p, path, "id", true)), Marking: r.text(p, path, "marking", false), Origin: r.text(p, path, "origin", false),
			Conveyor: r.text(p, path, "conveyor", false), Originator: r.text(p, path, "originator", false), Controlled: r.flag(p, path, "controlled"),
			Consent:  release.Consent(r.oneOf(p, path, "consent", "none", "none", "asked", "granted", "refused")),
			Tearline: r.text(p, path, "tearline", false)}
		at := join(path, "collected")
		k := r.open(p.values["collected"], at, "at", "place", "how")
		s.Collected = release.Collected{At: r.moment(k, at, "at"), Place: r.text(k, at, "place", false), How: r.text(k, at, "how", false)}
		for j, v := range r.list(p, path, "portions") {
			r.portion(&s, v, fmt.Sprintf("%s.portions[%d]", path, j))
		}
		c.Reports = append(c.Reports, s)
	}
}

// portion appends one portion to the text of a report.
func (r *reader) portion(s *release.Source, v any, path string) {
	o := r.open(v, path, "marking", "text")
	mark, text := r.text(o, path, "marking", false), r.text(o, path, "text", true)
	if s.Text != "" {
		s.Text += "\n"
	}
	s.Portions = append(s.Portions, tocsin.Portion{Start: len(s.Text), End: len(s.Text) + len(text), Marking: mark})
	s.Text += text
}

func (r *reader) protected(o object, c *Case) {
	for i, v := range r.list(o, "", "protected") {
		path := fmt.Sprintf("protected[%d]", i)
		p := r.open(v, path, "text", "kind", "why")
		c.Terms = append(c.Terms, release.Term{Text: r.text(p, path, "text", true), Why: r.text(p, path, "why", false),
			Kind: r.oneOf(p, path, "kind", "", "codename", "source", "method", "agency", "partner", "person", "place", "cover")})
	}
}

var kinds = []string{"victim", "protector", "government", "facility", "public", "disruption", "advisory"}

// relations are those of the file as the system's recipients have them.
var relations = map[string]string{"own": "own", "partner": "ally", "foreign": "neutral", "adversary": "adversary", "public": "neutral"}

func (r *reader) audience(o object, c *Case) {
	if _, ok := o.values["audience"]; !ok {
		r.fail("audience", "it is missing")
	}
	a := r.open(o.values["audience"], "audience", "name", "kind", "country", "relation", "release", "groups", "channel", "address")
	c.Audience = tocsin.Recipient{ID: "audience", Name: r.text(a, "audience", "name", true), Kind: tocsin.WarningKind(r.oneOf(a, "audience", "kind", "", kinds...)),
		Jurisdiction: r.text(a, "audience", "country", false), Relation: relations[r.oneOf(a, "audience", "relation", "public", "own", "partner", "foreign", "adversary", "public")],
		Clearance: r.text(a, "audience", "release", false), Groups: r.texts(a, "audience", "groups")}
	if c.Audience.Clearance == "none" {
		c.Audience.Clearance = ""
	}
	if m := c.Audience.Clearance; m != "" && !marking.Read(m).Known() {
		r.fail("audience.release", "the marking cannot be read")
	}
	c.Channel, c.Address = r.text(a, "audience", "channel", false), r.text(a, "audience", "address", false)
}

// items are the content items that a case can require.
var items = []string{"what", "where", "when", "do", "call", "who", "victim", "harm", "do_now", "contact", "affected", "confidence", "do_not", "verify", "authorities"}

func (r *reader) warning(o object, c *Case) {
	w := r.open(o.values["warning"], "warning", "kind", "marking", "language", "window", "content")
	c.Kind = tocsin.WarningKind(r.oneOf(w, "warning", "kind", string(c.Audience.Kind), kinds...))
	c.Marking, c.Language, c.Window = cmp.Or(r.text(w, "warning", "marking", false), "UNCLASSIFIED"), r.text(w, "warning", "language", false), r.window(w, "warning")
	for i, id := range r.texts(w, "warning", "content") {
		if !slices.Contains(items, id) {
			r.fail(fmt.Sprintf("warning.content[%d]", i), fmt.Sprintf("%q is none of %v", id, items))
		}
		c.Content = append(c.Content, tocsin.ContentItem{ID: id, Title: id, Required: true})
	}
}
