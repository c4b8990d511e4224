// Package compose turns releasable facts into the exact words of a warning, in
// each language asked for, from the texts of a policy pack.
//
// Start with Load, then Texts.Compose. The texts are a closed form: fixed
// sentences, and a fixed set of places where a value stands. Nothing is
// guessed and nothing is left open. A missing value is an error that names every
// missing item and language at once; a stated gap becomes an honest sentence of
// the pack; a fact that nobody judged releasable is refused.
//
// What the package promises: equal requests give equal drafts, byte for byte;
// each fact's words stand in the body exactly once, in the pack's order; what is
// not a fact, a reference, a marking or a time is a sentence of the pack. What
// it refuses to do: judge whether words betray a source (package release), or
// write any words of its own.
package compose

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"tocsin"
	"tocsin/packs/packfile"
)

// The lines of a warning that are the program's own. They stand among a form's
// items and are no content items of the pack.
const (
	lineReference = "reference" // the number to quote
	lineValidity  = "validity"  // from when until when the words hold
	lineHandling  = "handling"  // the marking
	itemConfident = "confidence"
)

func messageTypes() []tocsin.MessageType {
	return []tocsin.MessageType{tocsin.Alert, tocsin.Update, tocsin.Cancel, tocsin.AllClear}
}

// direction of writing.
type direction string

const (
	leftToRight direction = "ltr"
	rightToLeft direction = "rtl"
)

// form is one row of texts/forms.yaml: what some kinds of warning say at some
// moments of their life.
type form struct {
	Kinds     []tocsin.WarningKind `yaml:"kinds"`
	Messages  []tocsin.MessageType `yaml:"messages"`
	Says      []string             `yaml:"says"`
	Needs     []string             `yaml:"needs,omitempty"`
	LeavesOut map[string]string    `yaml:"leaves_out,omitempty"`
}

type formsFile struct {
	Forms []form `yaml:"forms"`
}

// occasion is a kind of warning at a moment of its life.
type occasion struct {
	kind    tocsin.WarningKind
	message tocsin.MessageType
}

// Texts are the texts of one pack. They never change after Load and are safe
// for concurrent use.
type Texts struct {
	pack      tocsin.PackRef
	content   []tocsin.ContentItem
	forms     map[occasion]form
	languages []string
	words     map[string]*language
}

// Load reads the texts of the pack in the folder name of fsys: the content
// items of pack.yaml, texts/forms.yaml, and for each language words.yaml,
// items.yaml if there is one, and a file for each kind of warning. Where the pack
// takes texts from sets, forms.yaml and words.yaml are those of the first that
// has them; of the others, each heading and each item is the pack's own if it has
// it, else that of the first set that has it.
//
// It reads strictly and renders every kind at every moment in every language; its
// error is Invalid and tells every mistake with file, line and what to write, or
// NotFound if there is no such folder.
func Load(fsys fs.FS, name string) (*Texts, error) {
	files, err := packfile.Read(fsys, name)
	if err != nil {
		return nil, err
	}
	var problems packfile.Problems
	t := &Texts{forms: map[occasion]form{}, languages: files.Languages(), words: map[string]*language{}}
	t.pack = tocsin.PackRef{Name: name, Digest: files.Digest()}
	files.DecodeKey("pack.yaml", "version", &t.pack.Version, &problems)
	files.DecodeKey("pack.yaml", "content", &t.content, &problems)
	if err := problems.Err(name); err != nil {
		return nil, err // without the content items nothing in texts can be judged
	}
	t.loadForms(files, &problems)
	if len(t.languages) == 0 {
		problems.Add("texts/", 1, "the pack speaks no language", "write texts/en/ with words.yaml and a file for each kind of warning")
	}
	for _, l := range t.languages {
		t.words[l] = t.loadLanguage(files, l, &problems)
	}
	if problems.None() {
		t.rehearse(files, &problems)
	}
	if err := problems.Err(name); err != nil {
		return nil, err
	}
	return t, nil
}

// Ref names the pack whose texts these are.
func (t *Texts) Ref() tocsin.PackRef { return t.pack }

// Languages lists the languages (BCP 47) that the texts are in, sorted.
func (t *Texts) Languages() []string { return slices.Clone(t.languages) }

// Says lists the content items that a warning of a kind says at a moment of its
// life, in order, with Required set for those that need a fact or a gap there.
func (t *Texts) Says(kind tocsin.WarningKind, message tocsin.MessageType) []tocsin.ContentItem {
	f := t.forms[occasion{kind, message}]
	var items []tocsin.ContentItem
	for _, id := range f.Says {
		if i := t.item(id); i >= 0 {
			item := t.content[i]
			item.Required = item.Required || slices.Contains(f.Needs, id)
			items = append(items, item)
		}
	}
	return items
}

// item returns the position of a content item, or -1.
func (t *Texts) item(id string) int {
	return slices.IndexFunc(t.content, func(c tocsin.ContentItem) bool { return c.ID == id })
}

func (t *Texts) loadForms(files *packfile.Files, problems *packfile.Problems) {
	var f formsFile
	doc := files.Decode("texts/forms.yaml", &f, problems, packfile.Words(tocsin.WarningKinds()), packfile.Words(messageTypes()))
	for i, row := range f.Forms {
		part := fmt.Sprintf("forms[%d]", i)
		fault := func(key, write, what string, args ...any) {
			problems.Add(doc.File, doc.Line(part+key), fmt.Sprintf(what, args...), write)
		}
		t.checkForm(row, fault)
		for _, k := range row.Kinds {
			for _, m := range row.Messages {
				if _, twice := t.forms[occasion{k, m}]; twice {
					fault("", "keep one", "the form of %s %s stands twice", k, m)
				}
				t.forms[occasion{k, m}] = row
			}
		}
	}
	for _, k := range tocsin.WarningKinds() {
		for _, m := range messageTypes() {
			if _, ok := t.forms[occasion{k, m}]; !ok && len(f.Forms) > 0 {
				problems.Add(doc.File, 1, fmt.Sprintf("there is no form for %s %s", k, m), "add them to a row of forms")
			}
		}
	}
}

func (t *Texts) checkForm(f form, fault func(key, write, what string, args ...any)) {
	seen := map[string]bool{}
	for i, id := range f.Says {
		own := id == lineReference || id == lineValidity || id == lineHandling
		if !own && t.item(id) < 0 {
			fault(fmt.Sprintf(".says[%d]", i), "name a content item of pack.yaml, or reference, validity, handling", "%q is no content item", id)
		}
		if seen[id] {
			fault(fmt.Sprintf(".says[%d]", i), "keep one", "%q stands twice", id)
		}
		seen[id] = true
	}
	if !seen[lineReference] || f.Says[len(f.Says)-1] != lineHandling {
		fault(".says", "add reference, and handling at the end", "every warning says the reference, and the handling last")
	}
	for _, m := range f.Messages {
		if !m.Ends() && !seen[lineValidity] {
			fault(".says", "add validity", "a message that stands says from when until when")
		}
	}
	for _, id := range f.Needs {
		if !seen[id] {
			fault(".needs", "add it to says, or take it out", "the form needs %q and does not say it", id)
		}
	}
	for id := range f.LeavesOut {
		if t.item(id) < 0 || seen[id] {
			fault(".leaves_out."+id, "take it out of one of the two, or correct the name", "%q is said, or is no content item", id)
		}
	}
	for _, c := range t.content {
		if _, out := f.LeavesOut[c.ID]; c.Required && !seen[c.ID] && !out {
			fault(".says", "add it to says, or to leaves_out with the reason", "the pack requires %q and the form does not say it", c.ID)
		}
	}
}

// wordsFile is texts/<language>/words.yaml.
type wordsFile struct {
	Language    string    `yaml:"language"`
	Name        string    `yaml:"name"`
	Direction   direction `yaml:"direction"`
	Bullet      string    `yaml:"bullet"`
	Digits      string    `yaml:"digits"`
	Months      []string  `yaml:"months"`
	SolarMonths []string  `yaml:"solar_months,omitempty"` // of the Solar Hijri calendar, for a moment that uses it
	Moment      string    `yaml:"moment"`
	Reference   string    `yaml:"reference"`
	Validity    struct {
		Both  string `yaml:"both"`
		Until string `yaml:"until"`
	} `yaml:"validity"`
	Handling string               `yaml:"handling"`
	Doubt    string               `yaml:"doubt"`
	Items    map[string]itemWords `yaml:"items"`
}

// itemWords are a language's words for one content item.
type itemWords struct {
	Label    string `yaml:"label"`
	Gap      string `yaml:"gap,omitempty"`
	Standard string `yaml:"standard,omitempty"`
}

type heading struct {
	Subject string `yaml:"subject"`
	Opening string `yaml:"opening"`
}

// kindFile is texts/<language>/<kind>.yaml. A moment that it leaves out is taken
// from the next set that has it.
type kindFile struct {
	Alert    heading              `yaml:"alert,omitempty"`
	Update   heading              `yaml:"update,omitempty"`
	Cancel   heading              `yaml:"cancel,omitempty"`
	AllClear heading              `yaml:"all_clear,omitempty"`
	Items    map[string]itemWords `yaml:"items,omitempty"`
}

// itemsFile is texts/<language>/items.yaml: words in place of, or besides, those
// of words.yaml.
type itemsFile struct {
	Items map[string]itemWords `yaml:"items"`
}

func (k kindFile) heading(m tocsin.MessageType) (heading, string) {
	switch m {
	case tocsin.Update:
		return k.Update, "update"
	case tocsin.Cancel:
		return k.Cancel, "cancel"
	case tocsin.AllClear:
		return k.AllClear, "all_clear"
	}
	return k.Alert, "alert"
}

// language is everything that the texts can say in one language.
type language struct {
	code          string
	rtl           bool
	bullet        string
	digits        []rune
	months, solar []string
	moment        template
	reference     template
	from, until   template
	handling      template
	doubt         string
	items         map[tocsin.WarningKind]map[string]item
	headings      map[occasion]letterhead
}

type item struct {
	label    string
	gap      string
	standard template
}

type letterhead struct{ subject, opening template }

// reader reads one file of a language, adding a problem for each text that
// does not fit its place.
type reader struct {
	doc      packfile.Doc
	problems *packfile.Problems
	rtl      bool
}

func (r reader) fault(part, write, what string, args ...any) {
	r.problems.Add(r.doc.File, r.doc.Line(part), fmt.Sprintf(what, args...), write)
}

// template reads a text that may hold the fields, and must hold those of them
// that are listed in must.
func (r reader) template(part, text string, fields []string, must ...string) template {
	t, wrong := parseTemplate(text, fields)
	if wrong != "" {
		r.fault(part, "write one of the fields "+strings.Join(fields, " ")+", or no braces", "%s", wrong)
	}
	for _, f := range must {
		if !t.has(f) {
			r.fault(part, "put {"+f+"} where it belongs", "the text does not hold {%s}", f)
		}
	}
	r.direction(part, text)
	return t
}

// plain reads a text that holds no field.
func (r reader) plain(part, text string) string {
	r.template(part, text, nil)
	return text
}

// direction refuses a text that would run the wrong way: in a right-to-left
// language a line whose first letter is not of that direction is laid out from
// the left, and a stray Latin word is a piece of another language's template.
func (r reader) direction(part, text string) {
	if !r.rtl || text == "" {
		return
	}
	if part != "moment" && !startsRightToLeft(text) { // a moment only ever stands within a line
		r.fault(part, "begin it with a word of the language", "the text does not begin in the direction of its language")
	}
	if word := latinWord(text); word != "" {
		r.fault(part, "translate it, or spell it in the letters of the language", "the word %q is in Latin letters", word)
	}
}

func (t *Texts) loadLanguage(files *packfile.Files, code string, problems *packfile.Problems) *language {
	var w wordsFile
	file := "texts/" + code + "/words.yaml"
	r := reader{doc: files.Decode(file, &w, problems, packfile.Words([]direction{leftToRight, rightToLeft})), problems: problems, rtl: w.Direction == rightToLeft}
	l := &language{
		code: code, rtl: r.rtl, bullet: w.Bullet, digits: []rune(w.Digits), months: w.Months, solar: w.SolarMonths, doubt: r.plain("doubt", w.Doubt),
		moment:    r.template("moment", w.Moment, momentFields, "day", "month", "year", "hour", "minute"),
		reference: r.template("reference", w.Reference, []string{"reference"}, "reference"),
		from:      r.template("validity.both", w.Validity.Both, []string{"from", "until"}, "from", "until"),
		until:     r.template("validity.until", w.Validity.Until, []string{"until"}, "until"),
		handling:  r.template("handling", w.Handling, []string{"marking"}, "marking"),
		items:     map[tocsin.WarningKind]map[string]item{}, headings: map[occasion]letterhead{},
	}
	r.calendar(code, w, l.moment)
	general := r.items(t, w.Items)
	more := "texts/" + code + "/items.yaml"
	for _, layer := range slices.Backward(files.Layers(more)) {
		var f itemsFile
		maps.Copy(general, reader{doc: layer.Decode(more, &f, problems), problems: problems, rtl: l.rtl}.items(t, f.Items))
	}
	for _, c := range t.content {
		if _, ok := general[c.ID]; !ok {
			r.fault("items", "add it with label and gap", "there are no words for the item %q", c.ID)
		}
	}
	known := []string{file, more, "texts/" + code + "/collection_words.yaml"} // the last is for package policy
	for _, k := range tocsin.WarningKinds() {
		known = append(known, t.loadKind(files, l, k, general, problems))
	}
	for _, path := range files.Under("texts/" + code + "/") {
		if !slices.Contains(known, path) {
			problems.Add(files.Where(path), 1, "no kind of warning has this name", "rename it after a kind of warning, or take it out")
		}
	}
	return l
}

func (r reader) calendar(code string, w wordsFile, moment template) {
	if w.Language != code {
		r.fault("language", "write "+code, "the file is in the folder of %q and says that it is %q", code, w.Language)
	}
	if utf8.RuneCountInString(w.Digits) != 10 {
		r.fault("digits", "write the ten digits from nought to nine", "there are not ten digits")
	}
	if len(w.Months) != 12 {
		r.fault("months", "write twelve", "there are %d months", len(w.Months))
	}
	solar := moment.has("solar_day") || moment.has("solar_month") || moment.has("solar_year")
	if solar && len(w.SolarMonths) != 12 || !solar && len(w.SolarMonths) > 0 {
		r.fault("solar_months", "write twelve if the moment uses them, otherwise none", "there are %d months of the solar calendar", len(w.SolarMonths))
	}
}

func (r reader) items(t *Texts, words map[string]itemWords) map[string]item {
	out := map[string]item{}
	for id, w := range words {
		part := "items." + id
		if t.item(id) < 0 {
			r.fault(part, "name a content item of pack.yaml", "%q is no content item", id)
		}
		if (w.Gap == "") == (w.Standard == "") {
			r.fault(part, "write a gap for an item that may be missing, or a standard text that is always said", "the item %q needs one of gap and standard", id)
		}
		out[id] = item{label: r.plain(part+".label", w.Label), gap: r.plain(part+".gap", w.Gap),
			standard: r.template(part+".standard", w.Standard, []string{"reference"})}
	}
	return out
}

// loadKind reads the words for one kind of warning and returns the file's path.
// It reads the sets from the last to the first and the pack's own file after
// them, so that what comes first in the pack's order stands in the end.
func (t *Texts) loadKind(files *packfile.Files, l *language, k tocsin.WarningKind, general map[string]item, problems *packfile.Problems) string {
	path := "texts/" + l.code + "/" + string(k) + ".yaml"
	l.items[k] = maps.Clone(general)
	layers := files.Layers(path)
	if len(layers) == 0 {
		files.Decode(path, &kindFile{}, problems) // tells that it is missing
		return path
	}
	for _, layer := range slices.Backward(layers) {
		var f kindFile
		r := reader{doc: layer.Decode(path, &f, problems), problems: problems, rtl: l.rtl}
		maps.Copy(l.items[k], r.items(t, f.Items))
		for _, m := range messageTypes() {
			if h, part := f.heading(m); h != (heading{}) {
				l.headings[occasion{k, m}] = r.letterhead(m, h, part)
			}
		}
	}
	for _, m := range messageTypes() {
		if _, ok := l.headings[occasion{k, m}]; !ok {
			_, part := kindFile{}.heading(m)
			problems.Add(files.Where(path), 1, "the file lacks the key "+part, "write "+part+": with its subject and opening")
		}
	}
	return path
}

func (r reader) letterhead(m tocsin.MessageType, h heading, part string) letterhead {
	head := letterhead{subject: r.template(part+".subject", h.Subject, []string{"reference"}, "reference")}
	if m == tocsin.Alert {
		head.opening = r.template(part+".opening", h.Opening, []string{"reference"})
	} else {
		// A message about an earlier one is of no use to somebody who cannot
		// tell which.
		head.opening = r.template(part+".opening", h.Opening, []string{"reference", "first"}, "first")
	}
	return head
}
