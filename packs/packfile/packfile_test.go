package packfile_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"tocsin"
	"tocsin/packs/packfile"
)

type colour string

type inner struct {
	ID   string          `yaml:"id"`
	Wait tocsin.Duration `yaml:"wait"`
	Note string          `yaml:"note,omitempty"`
}

type sheet struct {
	Title  string            `yaml:"title"`
	Count  int               `yaml:"count"`
	Open   bool              `yaml:"open"`
	Colour colour            `yaml:"colour"`
	Steps  []inner           `yaml:"steps"`
	Words  map[colour]string `yaml:"words"`
	Unread string            `yaml:"-"`
}

const good = `# a sheet
title: >
  Two lines
  that fold
count: 3
open: false
colour: red
steps:
  - id: a
    wait: 90m
  - {id: b, wait: 28d, note: "x"}
words:
  red: rot
  blue: blau
`

func read(t testing.TB, text string) *packfile.Files {
	t.Helper()
	files, err := packfile.Read(fstest.MapFS{"p/sheet.yaml": {Data: []byte(text)}}, "p")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func decode(t testing.TB, text string) (sheet, packfile.Doc, error) {
	t.Helper()
	var s sheet
	var p packfile.Problems
	doc := read(t, text).Decode("sheet.yaml", &s, &p, packfile.Words([]colour{"red", "blue"}))
	return s, doc, p.Err("p")
}

func TestAFileThatIsRightIsReadWhole(t *testing.T) {
	s, doc, err := decode(t, good)
	if err != nil {
		t.Fatal(err)
	}
	if s.Title != "Two lines that fold" || s.Count != 3 || s.Open || s.Colour != "red" || len(s.Steps) != 2 ||
		s.Steps[0].Wait.String() != "1h30m" || s.Steps[1].Wait.String() != "28d" || s.Steps[1].Note != "x" || s.Words["blue"] != "blau" {
		t.Errorf("read %+v", s)
	}
	for part, line := range map[string]int{"title": 2, "steps[0]": 9, "steps[0].wait": 10, "steps[1].note": 11, "steps[1].other": 11, "words.blue": 14, "nothing": 1} {
		if got := doc.Line(part); got != line {
			t.Errorf("%s is said to stand on line %d, and is on %d", part, got, line)
		}
	}
}

func TestAFileThatIsWrongIsToldWithItsLine(t *testing.T) {
	for _, c := range []struct{ name, old, now, says string }{
		{"unknown key", "count: 3", "count: 3\ncost: 4", `p/sheet.yaml:6: there is no key "cost" in the file; write one of title, count, open, colour, steps, words`},
		{"a key that is not read", "count: 3", "count: 3\nUnread: x", `there is no key "Unread"`},
		{"missing key", "count: 3\n", "", "p/sheet.yaml:2: the file lacks the key count"},
		{"missing key inside", "    wait: 90m\n", "", "p/sheet.yaml:9: steps[0] lacks the key wait"},
		{"key twice", "open: false", "open: false\nopen: true", "p/sheet.yaml:7: "},
		{"no number", "count: 3", "count: three", "p/sheet.yaml:5: count is not a whole number"},
		{"a negative number", "count: 3", "count: -3", "count is not a whole number"},
		{"a fraction", "count: 3", "count: 3.5", "count is not a whole number"},
		{"no truth", "open: false", "open: maybe", "p/sheet.yaml:6: open is not a yes-or-no value"},
		{"a word outside the list", "colour: red", "colour: green", `p/sheet.yaml:7: "green" is not one of the words that can stand here; write one of red, blue`},
		{"a key outside the list", "blue: blau", "green: grün", `p/sheet.yaml:14: "green" is not one of the words`},
		{"an empty text", "red: rot", `red: " "`, "p/sheet.yaml:13: words.red is empty"},
		{"an empty optional text", `note: "x"`, `note: ""`, "p/sheet.yaml:11: steps[1].note is empty"},
		{"a text that is a truth", "red: rot", "red: true", "put it in quotes"},
		{"a list that is a table", "steps:\n  - id: a\n    wait: 90m\n  - {id: b, wait: 28d, note: \"x\"}", "steps: {a: b}", "steps is not a list"},
		{"a list that is nothing", "steps:\n  - id: a\n    wait: 90m\n  - {id: b, wait: 28d, note: \"x\"}", "steps:", "steps is not a list"},
		{"a table that is a text", "words:\n  red: rot\n  blue: blau", "words: red", "words is not a table"},
		{"a time that is a number", "wait: 90m", "wait: 90", "steps[0].wait is not a text"},
		{"a time that goes back", "wait: 90m", "wait: -90m", `duration "-90m"`},
		{"an alias", "colour: red", "colour: &c red", "colour is not a text"},
		{"a tag", "colour: red", "colour: !!str red", "colour is not a text"},
		{"broken YAML", "colour: red", "colour: [red", "p/sheet.yaml:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatalf("the sheet does not hold %q", c.old)
			}
			_, _, err := decode(t, strings.Replace(good, c.old, c.now, 1))
			if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v\nwant %s", err, c.says)
			}
		})
	}
}

func TestManyProblemsAreCountedAndTheFirstOnesTold(t *testing.T) {
	var p packfile.Problems
	for i := range 30 {
		p.Add("b.yaml", 30-i, "wrong", "right")
	}
	p.Add("a.yaml", 0, "first", "right")
	err := p.Err("p")
	if err == nil || !strings.Contains(err.Error(), "\np/a.yaml:1: first; right\np/b.yaml:1: wrong") || !strings.Contains(err.Error(), "and 19 more") {
		t.Errorf("got %v", err)
	}
	if (&packfile.Problems{}).Err("p") != nil {
		t.Error("no problem is an error")
	}
}

func TestOneKeyOfAFileCanBeReadAlone(t *testing.T) {
	var words map[colour]string
	var p packfile.Problems
	doc := read(t, good).DecodeKey("sheet.yaml", "words", &words, &p)
	if !p.None() || words["red"] != "rot" || doc.Line("words.blue") != 14 {
		t.Errorf("read %v, line %d, %v", words, doc.Line("words.blue"), p.Err("p"))
	}
	read(t, good).DecodeKey("sheet.yaml", "missing", &words, &p)
	read(t, good).Decode("other.yaml", &words, &p)
	err := p.Err("p")
	if err == nil || !strings.Contains(err.Error(), "there is no key missing") || !strings.Contains(err.Error(), "the file is missing") {
		t.Errorf("got %v", err)
	}
}

func TestTheDigestNamesEveryPathAndByte(t *testing.T) {
	digest := func(files fstest.MapFS) tocsin.Digest {
		f, err := packfile.Read(files, "p")
		if err != nil {
			t.Fatal(err)
		}
		return f.Digest()
	}
	seen := []tocsin.Digest{}
	for _, files := range []fstest.MapFS{
		{"p/a.yaml": {Data: []byte("1")}, "p/b.yaml": {Data: []byte("2")}},
		{"p/a.yaml": {Data: []byte("2")}, "p/b.yaml": {Data: []byte("1")}},
		{"p/a.yaml": {Data: []byte("1")}, "p/c.yaml": {Data: []byte("2")}},
		{"p/a.yaml": {Data: []byte("1")}},
		{"p/a.yaml": {Data: []byte("12")}},
	} {
		d := digest(files)
		if !d.Valid() || slices.Contains(seen, d) {
			t.Errorf("%v has the digest %s of another", files, d)
		}
		seen = append(seen, d)
	}
	files := fstest.MapFS{"p/a.yaml": {Data: []byte("1")}, "q/b.yaml": {Data: []byte("2")}}
	if digest(files) != seen[3] {
		t.Error("another pack beside it changed the digest")
	}
}

func TestAFolderThatIsNoPackIsRefused(t *testing.T) {
	many := fstest.MapFS{}
	for i := range packfile.MaxFiles + 1 {
		many["p/"+strings.Repeat("x", i+1)+".yaml"] = &fstest.MapFile{}
	}
	for name, c := range map[string]struct {
		files fstest.MapFS
		kind  tocsin.Kind
	}{
		"too many files": {many, tocsin.Invalid},
		"too large":      {fstest.MapFS{"p/a.yaml": {Data: make([]byte, packfile.MaxFileBytes+1)}}, tocsin.Invalid},
		"not there":      {fstest.MapFS{}, tocsin.NotFound},
		"a device":       {fstest.MapFS{"p/a.yaml": {Mode: fs.ModeDevice}}, tocsin.Invalid},
	} {
		if _, err := packfile.Read(c.files, "p"); tocsin.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLanguagesAreTheFoldersUnderTexts(t *testing.T) {
	f, err := packfile.Read(fstest.MapFS{"p/texts/forms.yaml": {}, "p/texts/fa/a.yaml": {}, "p/texts/en/a.yaml": {}, "p/texts/en/b.yaml": {}}, "p")
	if err != nil || strings.Join(f.Languages(), " ") != "en fa" {
		t.Errorf("%v, %v", f.Languages(), err)
	}
}

func TestAFileOfASetIsReadUnderItsOwnName(t *testing.T) {
	f, err := packfile.Read(fstest.MapFS{
		"p/pack.yaml":          {Data: []byte("name: p\ntexts: {from: [a, b]}\n")},
		"p/texts/en/x.yaml":    {Data: []byte("count: 1\n")},
		"a/texts/en/x.yaml":    {Data: []byte("count: 2\n")},
		"a/texts/fa/y.yaml":    {Data: []byte("count: two\n")},
		"b/texts/fa/y.yaml":    {Data: []byte("count: 3\n")},
		"b/texts/forms.yaml":   {Data: []byte("count: 4\n")},
		"c/texts/en/no.yaml":   {Data: []byte("count: 5\n")},
		"p/texts/en/only.yaml": {Data: []byte("count: 6\n")},
	}, "p")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.Under("texts/"), " "); got != "texts/en/only.yaml texts/en/x.yaml texts/fa/y.yaml texts/forms.yaml" {
		t.Errorf("under texts/: %s", got)
	}
	if strings.Join(f.Languages(), " ") != "en fa" {
		t.Errorf("languages %q", f.Languages())
	}
	type counted struct {
		Count int `yaml:"count"`
	}
	var p packfile.Problems
	var all []int
	for _, layer := range f.Layers("texts/en/x.yaml") {
		var c counted
		layer.Decode("texts/en/x.yaml", &c, &p)
		all = append(all, c.Count)
	}
	if !slices.Equal(all, []int{1, 2}) || len(f.Layers("texts/en/no.yaml")) != 0 {
		t.Errorf("the layers say %v", all)
	}
	var c counted
	if doc := f.Decode("texts/forms.yaml", &c, &p); c.Count != 4 || doc.File != "../b/texts/forms.yaml" || f.Where("texts/forms.yaml") != doc.File || !p.None() {
		t.Errorf("%+v from %s, %v", c, doc.File, p.Err("p"))
	}
	f.Decode("texts/fa/y.yaml", &c, &p) // the first set that has it, and it is wrong
	f.Decode("texts/en/none.yaml", &c, &p)
	err = p.Err("p")
	if err == nil || !strings.Contains(err.Error(), "\na/texts/fa/y.yaml:1: count is not a whole number") || !strings.Contains(err.Error(), "\np/texts/en/none.yaml:1: the file is missing") {
		t.Errorf("got %v", err)
	}
}

// What a hostile pack.yaml names is never read, nor is the parser fed what the
// bytes forbid.
func TestSetsAreOnlyEverFoldersBesideThePack(t *testing.T) {
	for from, says := range map[string]string{
		"[../a]":    "cannot be read",
		"[p]":       "is a pack and not a set",
		"[\"\"]":    "is empty",
		"[gone]":    "there is no set of texts",
		"a":         "is not a list",
		"[a, a]":    "stands twice",
		"[[a]]":     "is not a text",
		"{from: a}": "is not a list",
	} {
		_, err := packfile.Read(fstest.MapFS{"p/pack.yaml": {Data: []byte("name: p\ntexts: {from: " + from + "}\n")}, "a/texts/en/x.yaml": {}}, "p")
		if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "p/pack.yaml:2:") {
			t.Errorf("%s: %v", from, err)
		}
	}
	deep := "texts: {from: [a]}\nx: " + strings.Repeat("[", 2000)
	if f, err := packfile.Read(fstest.MapFS{"p/pack.yaml": {Data: []byte(deep)}, "a/texts/en/x.yaml": {}}, "p"); err != nil || len(f.Languages()) != 0 {
		t.Errorf("a pack.yaml of brackets named a set: %v", err)
	}
}

// FuzzDecode: whatever is not told as a problem is complete, and every problem
// has a line of the file.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{good, "", "title: x", "a: &a [*a]", "? x\n: y", "{", "- - - -", "title: |\n\n", "\"", "steps: [{id: a, wait: 1m}]", "a: !!binary x", "<<: {title: x}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, _, err := decode(t, text)
		if err != nil {
			if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), "p/sheet.yaml:") {
				t.Fatalf("an error without a place: %v", err)
			}
			return
		}
		if strings.TrimSpace(s.Title) == "" || s.Count < 0 || s.Colour != "red" && s.Colour != "blue" || len(s.Steps) == 0 || len(s.Words) == 0 {
			t.Fatalf("%q was read as %+v", text, s)
		}
		for _, step := range s.Steps {
			if step.ID == "" || step.Wait < 0 {
				t.Fatalf("%q was read as %+v", text, s)
			}
		}
	})
}
