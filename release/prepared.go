package release

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin"
	"tocsin/marking"
)

// Setting is what the case itself says, and a warning may repeat: whom it
// protects, where, when, from what. It tells the guard right from wrong as well:
// another place than these is another case's.
type Setting struct {
	Actor      string
	Place      string
	PlaceNames []string // the same place in other words and scripts
	Window     tocsin.Window
	Means      string
	Victims    []Protected
	Sayable    []string // further words that may be said: standing advice, the releasing office
}

// Protected is one intended victim as a warning may name them.
type Protected struct {
	Name  string
	Names []string // other spellings
	Place string
}

// Collected is when, where and how a report was come by. None of it ever leaves.
type Collected struct {
	At    time.Time
	Place string
	How   string
}

// part is one stretch of a report with a marking of its own, or something else of
// the case that is compared with the words.
type part struct {
	source     int // index into the sources; -1 is the case itself
	number     int // of the portion, from 1; 0 is a tearline or the case
	kind       string
	text       string
	restricted bool
	stamp      stamp
}

// The kinds of part.
const (
	aPortion  = "portion"
	aTearline = "tearline"
	theCase   = "case"
	theSource = "source" // origin, conveyor and collection: never released
)

// Prepared is a case made ready for the guard: what may be said, what may not, and
// where each word and figure of it stands. It is safe for use by several goroutines.
// Its cost is linear in the reports; use it again for every text of the case to the
// same audience.
type Prepared struct {
	q         Question
	key       string
	parts     []part
	docs      []*document
	secrets   bool // something is kept from the audience
	base      int  // year
	reference string
	marks     map[string]bool

	allowed        map[string]bool // stems that releasable parts hold
	allowedRun     map[uint64]bool // runs of four words that they hold
	skeletons      map[string]bool // of names that may be said
	openKeys       map[string]bool // values that they state
	openMonths     map[string]bool // months of dates that they state
	derived        map[string]Term // by the beginnings of protected words
	derivedKin     map[string]bool // beginnings of the other words of such a term
	openQuantities []quantity
	keptQuantities []placedQuantity
	openPeople     map[int64]bool       // numbers of people that they state
	initials       map[string]bool      // of names that may be said, and each first letter of one
	people         map[string]bool      // first letters of protected persons
	placeKinds     map[string]bool      // kinds of place of which the case names one
	occasions      map[string]bool      // stems of occasions that may be said
	victims        map[string]bool      // names of the victims and their skeletons; nil if one has none
	families       map[string]int32     // beginnings of uncommon words that only restricted parts hold
	counted        map[string][]counted // numbers that only restricted parts state, with what they number
	pairs          map[uint64]int32     // neighbouring words that only a restricted part has: the part
	openPairs      map[uint64]bool
	openWords      []byte // the folded words of what may be said, in their order
	stems          map[string][]int32
	runs           map[uint64][]int32
	values         map[string][]int32
	places         *Scanner // names of the case's place
	terms          *Scanner
	names          *Scanner // that only restricted parts hold
	quotable       map[uint64][]int32
	glossOpen      map[string]bool // stems of what parts in other languages mean, that may be said
	glossKept      map[string]bool // and that only restricted ones hold
	judged         string          // folded words that somebody judged releasable
}

const maxPostings = 64 // parts remembered per word: what stands in more is common in the case

// Prepare makes a case ready. Of the question it uses the reports, the terms, the
// setting, and the audience and marking of the draft.
func Prepare(q Question) *Prepared {
	p := &Prepared{q: ownedBy(q), key: audienceKey(q), allowed: map[string]bool{}, allowedRun: map[uint64]bool{}, skeletons: map[string]bool{}, openKeys: map[string]bool{}, openMonths: map[string]bool{}, openPeople: map[int64]bool{}, initials: map[string]bool{}, people: map[string]bool{}, pairs: map[uint64]int32{}, families: map[string]int32{}, counted: map[string][]counted{}, openPairs: map[uint64]bool{},
		stems: map[string][]int32{}, runs: map[uint64][]int32{}, values: map[string][]int32{}, base: q.Now.Year(), reference: q.Draft.Reference, marks: map[string]bool{}}
	p.judged = judgedWords(q.Draft.Facts)
	p.collect()
	for i := range p.parts {
		p.docs = append(p.docs, read(p.parts[i].text))
	}
	for i := range p.parts {
		if !p.parts[i].restricted {
			p.open(p.docs[i])
		}
	}
	for i := range p.parts {
		p.index(int32(i))
		p.indexQuantities(int32(i), p.docs[i])
	}
	for _, t := range p.q.Protected {
		if t.Kind == "person" || t.Kind == "source" {
			if d := read(t.Text); len(d.toks) > 0 && d.toks[0].is(capital) {
				p.people[romanised(d.toks[0].word + "x")[:1]] = true
			}
		}
	}
	p.glossParts()
	p.quotable = quotable(q.Contributing)
	p.nameTerms()
	p.terms = NewScanner(p.caseTerms())
	p.terms.looseOf()
	p.derivable(p.q.Protected)
	p.placeNames()
	return p
}

// ownedBy copies what the preparation depends on: whoever asks may change theirs, and
// must then not be given what was prepared from the old.
func ownedBy(q Question) Question {
	q.Protected = slices.Clone(q.Protected)
	q.Contributing = slices.Clone(q.Contributing)
	for i := range q.Contributing {
		q.Contributing[i].Portions = slices.Clone(q.Contributing[i].Portions)
	}
	if q.Setting != nil {
		s := *q.Setting
		s.PlaceNames, s.Victims, s.Sayable = slices.Clone(s.PlaceNames), slices.Clone(s.Victims), slices.Clone(s.Sayable)
		q.Setting = &s
	}
	q.Draft.Recipients, q.Draft.Facts, q.Content = slices.Clone(q.Draft.Recipients), nil, slices.Clone(q.Content)
	q.Prepared, q.Answers = nil, nil
	return q
}

func (s *Setting) equal(o *Setting) bool {
	if s == nil || o == nil {
		return s == o
	}
	return s.Actor == o.Actor && s.Place == o.Place && s.Means == o.Means && s.Window == o.Window && slices.Equal(s.PlaceNames, o.PlaceNames) && slices.Equal(s.Sayable, o.Sayable) &&
		slices.EqualFunc(s.Victims, o.Victims, func(a, b Protected) bool {
			return a.Name == b.Name && a.Place == b.Place && slices.Equal(a.Names, b.Names)
		})
}

// audienceKey says for whom a question was prepared.
func audienceKey(q Question) string {
	var b strings.Builder
	b.WriteString(q.Draft.Marking + "\x00" + q.Home + "\x00" + q.Draft.Reference + strconv.FormatBool(q.Exigent) + strconv.FormatBool(q.Strict) +
		string(q.Draft.Kind) + "\x00" + string(q.Draft.Message))
	for _, t := range []time.Time{q.Draft.Window.Earliest, q.Draft.Window.Latest, q.Now.Truncate(24 * time.Hour)} {
		b.WriteString("\x00" + strconv.FormatInt(t.Unix(), 10))
	}
	for _, r := range q.Draft.Recipients {
		b.WriteString("\x00" + r.Jurisdiction + "\x01" + r.Relation + "\x01" + r.Clearance + "\x01" + r.Name)
	}
	for _, f := range q.Draft.Facts {
		if f.Releasable {
			for _, l := range sortedKeys(f.Values) {
				b.WriteString("\x02" + f.Values[l])
			}
		}
	}
	return b.String()
}

// Fits reports whether p was prepared from the reports and terms of q for the same
// audience, and so may stand for what Prepare would make of it. It takes some
// microseconds: strings that are the same in memory compare at once. A nil p fits nothing.
func (p *Prepared) Fits(q Question) bool {
	return p != nil && p.q.Setting.equal(q.Setting) && p.q.Lexicon == q.Lexicon && slices.Equal(p.q.Content, q.Content) && p.key == audienceKey(q) &&
		slices.Equal(p.q.Protected, q.Protected) &&
		slices.EqualFunc(p.q.Contributing, q.Contributing, func(a, b Source) bool {
			return a.Report == b.Report && a.Marking == b.Marking && a.Text == b.Text && a.Origin == b.Origin && a.Conveyor == b.Conveyor && a.Tearline == b.Tearline &&
				a.Originator == b.Originator && a.Controlled == b.Controlled && a.Consent == b.Consent && a.Collected == b.Collected && slices.Equal(a.Portions, b.Portions)
		})
}

// audiences are the recipients as markings see them.
func audiences(q Question) []marking.Audience {
	var as []marking.Audience
	for _, r := range q.Draft.Recipients {
		a := marking.Audience{Country: r.Jurisdiction, Own: r.Relation == "own", Consented: consentGiven(q.Contributing) || q.Exigent}
		if a.Own && q.Home != "" {
			a.Country = q.Home
		}
		if r.Clearance != "" {
			a.Clearance = marking.Read(r.Clearance)
		}
		as = append(as, a)
	}
	return as
}

var leadMark = regexp.MustCompile(`^\s*\([A-Z][A-Za-z0-9 /,:+&-]{0,200}\)\s*`)

// collect cuts the reports into parts and says which of them the audience may have.
func (p *Prepared) collect() {
	q := p.q
	as, mark := audiences(q), marking.Read(q.Draft.Marking)
	stamps := &quotes{read: map[[2]string]stamp{}}
	for i, s := range q.Contributing {
		held := !q.Exigent && controlled(s) && s.Consent != ConsentGranted // its originator has not let it go
		add := func(text, banner, portion string, number int) {
			st := stamps.portion(banner, portion)
			p.parts = append(p.parts, part{source: i, number: number, kind: aPortion, text: text, stamp: st, restricted: held || kept(st, as, mark, q.Strict)})
		}
		at := 0
		portions := slices.Clone(s.Portions)
		slices.SortFunc(portions, func(a, b tocsin.Portion) int { return a.Start - b.Start })
		for n, o := range portions {
			start, end := min(max(o.Start, at), len(s.Text)), min(max(o.End, at), len(s.Text))
			if strings.TrimSpace(s.Text[at:start]) != "" {
				add(s.Text[at:start], s.Marking, "", n+1)
			}
			text := s.Text[start:end]
			add(text[len(leadMark.FindString(text)):], s.Marking, o.Marking, n+1)
			at = end
		}
		if strings.TrimSpace(s.Text[at:]) != "" {
			add(s.Text[at:], s.Marking, "", len(portions)+1)
		}
		if s.Tearline != "" {
			p.parts = append(p.parts, part{source: i, kind: aTearline, text: s.Tearline})
		}
		for _, text := range []string{s.Origin, s.Conveyor, s.Collected.Place, s.Collected.How} {
			if text != "" {
				p.parts = append(p.parts, part{source: i, kind: theSource, text: text, restricted: true})
			}
		}
	}
	for _, text := range p.sayable() {
		p.parts = append(p.parts, part{source: -1, kind: theCase, text: text})
	}
	for _, part := range p.parts {
		p.secrets = p.secrets || part.restricted && part.kind == aPortion
	}
}

// kept reports whether what bears a stamp is kept from the readers. strict is for
// a case that stands by itself: there, what has no marking is the most
// restrictive, and the audience alone decides. Inside the system the warning's own
// marking counts too.
func kept(st stamp, as []marking.Audience, mark marking.Marking, strict bool) bool {
	if !st.marked {
		return strict
	}
	for _, a := range as {
		if ok, _ := marking.May(st.marks, a); !ok || strict && !a.Own && beyond(st.marks, a.Clearance) {
			return true
		}
	}
	return !strict && !marking.Dominates(mark, st.marks)
}

// beyond reports whether an unclassified marking has a control (LES, FOUO and the like)
// that what an audience may have does not: such words are on the same level and are
// still not for everybody.
func beyond(m, release marking.Marking) bool {
	return strings.HasPrefix(m.String(), "UNCLASSIFIED//") && !marking.Dominates(release, m)
}

// sayable are the words of the case that any warning of it may use.
func (p *Prepared) sayable() []string {
	var texts []string
	q := p.q
	for _, r := range q.Draft.Recipients {
		texts = append(texts, r.Name)
	}
	texts = append(texts, q.Draft.Reference)
	s := q.Setting
	if s == nil {
		return texts
	}
	texts = append(texts, s.Actor, s.Place, s.Means)
	texts = append(texts, s.PlaceNames...)
	texts = append(texts, s.Sayable...)
	for _, v := range s.Victims {
		texts = append(texts, v.Name, v.Place)
		texts = append(texts, v.Names...)
	}
	return slices.DeleteFunc(texts, func(s string) bool { return strings.TrimSpace(s) == "" })
}

// open enters what a releasable part says into what may be said.
func (p *Prepared) open(d *document) {
	for _, t := range d.toks {
		p.allowed[t.stem] = true
		p.allowed[t.word] = true
		if t.is(capital | foreign) {
			if r := romanised(t.word); len(r) >= 3 {
				p.skeletons[skeleton(r, false)] = true
				p.skeletons[skeleton(r, true)] = true
			}
		}
	}
	for _, h := range runsOf(d) {
		p.allowedRun[h] = true
	}
	for i := range d.toks {
		if h, ok := pairAt(d, i); ok {
			p.openPairs[h] = true
		}
	}
	p.openInitials(d)
	p.openWords = append(p.openWords, ' ')
	for _, t := range d.toks {
		p.openWords = append(append(p.openWords, t.word...), ' ')
	}
	for _, v := range values(d, p.base) {
		if nounBehind(d, v) == "people" {
			p.openPeople[v.n] = true
		}
		for _, k := range v.keys {
			p.openKeys[v.kind+":"+k] = true
			if v.kind == aDate {
				p.openMonths[k[:2]] = true
			}
		}
	}
}

// openInitials enters the first letters of names that may be said: those of each row
// of capitalised words, and of each word of it.
func (p *Prepared) openInitials(d *document) {
	for i := range d.toks {
		row := ""
		for j := i; j < min(i+5, len(d.toks)) && d.toks[j].is(capital|foreign); j++ {
			r := romanised(d.toks[j].word)
			if r == "" {
				break
			}
			row += r[:1]
			if len(row) > 1 || !d.toks[j].plain() && !d.toks[j].is(opens) {
				p.initials[row] = true
			}
		}
	}
}

// pairAt hashes token i with its neighbour, in either order, if both have content:
// next to each other, or with nothing but "of" or "of the" between ("the garage of a
// consulate" is "the consulate garage").
func pairAt(d *document, i int) (uint64, bool) {
	t := d.toks[i]
	if stopWords[t.word] || t.is(numeral) || len(t.word) < 3 {
		return 0, false
	}
	j := i + 1
	if j < len(d.toks) && d.toks[j].word == "s" && strings.Contains("'’", d.gap(i)) {
		j++ // "the brother's wife" is "the wife of the brother"
	} else if j < len(d.toks) && linking[d.toks[j].word] {
		j++
		if j < len(d.toks) && articles[d.toks[j].word] || j < len(d.toks) && (d.toks[j].word == "a" || d.toks[j].word == "an") {
			j++
		}
	}
	if j > i+1 && j+1 < len(d.toks) && ranking[d.toks[j].word] {
		j++
	}
	if j >= len(d.toks) || d.toks[j].sent != t.sent || j == i+1 && d.gap(i) != " " && d.gap(i) != "-" {
		return 0, false
	}
	u := d.toks[j]
	if stopWords[u.word] || u.is(numeral) || len(u.word) < 3 || u.stem == t.stem {
		return 0, false
	}
	return hashText(t.stem) + hashText(u.stem), true
}

// ranking words stand before a noun and leave it the same person or thing.
var ranking = set("eldest elder oldest older younger youngest big little first second third new old former late")

// linking words make one noun of two.
var linking = set("of de del des du di von der с за")

// runWords is the length of the runs by which copies are found.
const runWords = 4

// runsOf hashes every run of runWords words.
func runsOf(d *document) []uint64 {
	if len(d.toks) < runWords {
		return nil
	}
	out := make([]uint64, 0, len(d.toks))
	for i := 0; i+runWords <= len(d.toks); i++ {
		var c chain
		for _, t := range d.toks[i : i+runWords] {
			c.text(t.stem)
			c.text(" ")
		}
		out = append(out, c.sum)
	}
	return out
}

// index enters where the words, runs and figures of a part stand.
func (p *Prepared) index(i int32) {
	d := p.docs[i]
	post := func(list []int32) []int32 {
		if n := len(list); n > maxPostings || n > 0 && list[n-1] == i {
			return list
		}
		return append(list, i)
	}
	for _, t := range d.toks {
		if !stopWords[t.word] {
			p.stems[t.stem] = post(p.stems[t.stem])
		}
	}
	if p.parts[i].restricted {
		p.indexPairs(i, d)
		if p.parts[i].kind == aPortion {
			p.indexFamilies(i, d)
		}
		for _, h := range runsOf(d) {
			if !p.allowedRun[h] {
				p.runs[h] = post(p.runs[h])
			}
		}
	}
	for _, v := range values(d, p.base) {
		for _, k := range v.keys {
			p.values[v.kind+":"+k] = post(p.values[v.kind+":"+k])
		}
		if noun := nounBehind(d, v); noun != "" {
			k := v.kind + ":" + v.keys[0] + ":" + noun
			p.values[k] = post(p.values[k])
		}
	}
}

// counted is a number of things, and where it stands.
type counted struct {
	n    int64
	part int32
}

// familyLetters is the length of the beginning by which "therapy" and "therapist" are
// one word.
const familyLetters = 6

// indexFamilies enters the beginnings of uncommon words, and the counted numbers, of a
// restricted part.
func (p *Prepared) indexFamilies(i int32, d *document) {
	for _, t := range d.toks {
		if len(t.word) > familyLetters && !t.is(numeral|mixed) && t.word[0] < 0x80 && !t.plain() && !plainThings[plainStem(t.word)] && !publicNames[t.word] && !p.allowed[t.stem] && !p.allowed[t.word] {
			p.families[t.word[:familyLetters]] = i
		}
	}
	for _, v := range values(d, p.base) {
		if noun := nounBehind(d, v); noun != "" && v.n >= 20 {
			if list := p.counted[noun]; len(list) < maxPostings {
				p.counted[noun] = append(list, counted{v.n, i})
			}
		}
	}
}

// indexPairs enters the neighbouring words that no releasable part has as neighbours,
// if at least one of the two is in none.
func (p *Prepared) indexPairs(i int32, d *document) {
	for k := range d.toks {
		h, ok := pairAt(d, k)
		if _, taken := p.pairs[h]; ok && !taken && !p.openPairs[h] {
			p.pairs[h] = i
		}
	}
}

// crowds are words for people, which count as one noun behind a number.
var crowds = stems("people person man men woman women member individual attacker gunman gunmen other fighter militant operative youth boy guest participant attendee suspect associate brother")

// nounBehind is the stem of what a number counts.
func nounBehind(d *document, v value) string {
	if v.kind != aNumber {
		return ""
	}
	for j := firstFrom(d, v.end); j < len(d.toks) && j <= v.tok+4 && d.toks[j].sent == d.toks[v.tok].sent; j++ {
		if t := d.toks[j]; !stopWords[t.word] {
			if crowds[plainStem(t.word)] {
				return "people"
			}
			return t.stem
		}
	}
	if j := firstFrom(d, v.end); j+1 < len(d.toks) && d.toks[j].word == "of" {
		return "people"
	}
	return ""
}

// caseTerms are the terms of the case with the names behind the reports.
func (p *Prepared) caseTerms() []Term {
	terms := slices.Clone(p.q.Protected)
	for _, s := range p.q.Contributing {
		for _, t := range []Term{{Text: s.Origin, Kind: "origin"}, {Text: s.Conveyor, Kind: "conveyor"}, {Text: s.Collected.Place, Kind: "place"}} {
			if p.worthProtecting(t) {
				terms = append(terms, t)
			}
		}
		if t := (Term{Text: s.Originator, Kind: "originator"}); p.q.Strict && p.worthProtecting(t) {
			terms = append(terms, t)
		}
	}
	return terms
}

// worthProtecting reports whether a name behind a report says more than ordinary
// words or what may be said anyway.
func (p *Prepared) worthProtecting(t Term) bool {
	d := read(t.Text)
	plain, content := true, 0
	for _, tok := range d.toks {
		if !stopWords[tok.word] {
			content++
			plain = plain && (tok.plain() || p.allowed[tok.stem])
		}
	}
	return content > 0 && (!plain || content >= 2) && !p.saysAll(d)
}

// saysAll reports whether every word of d may be said.
func (p *Prepared) saysAll(d *document) bool {
	for _, t := range d.toks {
		if !stopWords[t.word] && !p.allowed[t.stem] && !p.allowed[t.word] {
			return false
		}
	}
	return len(d.toks) > 0
}

func (p *Prepared) allowedText(s string) bool { return p.saysAll(read(s)) }

// restrictedText reports whether all words of s stand in one restricted part.
func (p *Prepared) restrictedText(s string) bool {
	count := map[int32]int{}
	d := read(s)
	for _, t := range d.toks {
		for _, i := range p.stems[t.stem] {
			if p.parts[i].restricted {
				count[i]++
			}
		}
	}
	for _, n := range count {
		if n == len(d.toks) {
			return true
		}
	}
	return false
}

// allWordsAllowed reports whether the words between two bytes may all be said.
func (p *Prepared) allWordsAllowed(d *document, at, end int) bool {
	any := false
	for i := firstFrom(d, at); i < len(d.toks) && int(d.toks[i].at) < end; i++ {
		t := d.toks[i]
		any = true
		if !stopWords[t.word] && !p.allowed[t.stem] && !p.allowed[t.word] {
			return false
		}
	}
	return any
}

// inTheOpen reports whether the words between two bytes stand in a row in something
// that may be said.
func (p *Prepared) inTheOpen(d *document, at, end int) bool {
	row := []byte{' '}
	for i := firstFrom(d, at); i < len(d.toks) && int(d.toks[i].at) < end; i++ {
		row = append(append(row, d.toks[i].word...), ' ')
	}
	return len(row) > 1 && bytes.Contains(p.openWords, row)
}

// ownMark reports whether a mark in the text is no higher than the warning's own.
func (p *Prepared) ownMark(s string) bool {
	own := marking.Read(p.q.Draft.Marking)
	m, err := marking.ParsePortion(s, own)
	return err == nil && marking.Dominates(own, m)
}

// nameTerms finds the names that only restricted parts hold: capitalised words,
// never written small in the case, and rows of them.
func (p *Prepared) nameTerms() {
	small, inner := map[string]bool{}, map[string]bool{}
	for _, d := range p.docs {
		for _, t := range d.toks {
			switch {
			case !t.is(capital) && !t.is(foreign):
				small[t.word] = true
			case !t.is(opens):
				inner[t.word] = true
			}
		}
	}
	seen := map[string]bool{}
	var terms []Term
	add := func(text string) {
		if !seen[text] && len(text) >= 3 {
			seen[text] = true
			terms = append(terms, Term{Text: text, Kind: restrictedName})
		}
	}
	name := func(t token) bool {
		return t.is(capital) && !t.is(mixed|numeral|foreign) && !small[t.word] && !stopWords[t.word] && !weekdayWord(t.word) && months[t.word] == 0 && (!t.plain() || !t.is(opens)) && !(t.is(opens) && t.plain())
	}
	for i, part := range p.parts {
		if !part.restricted || part.kind != aPortion {
			continue
		}
		d := p.docs[i]
		for j := 0; j < len(d.toks); j++ {
			if !name(d.toks[j]) {
				continue
			}
			k := j + 1
			for k < len(d.toks) && name(d.toks[k]) && d.gap(k-1) == " " {
				k++
			}
			fresh := false
			for _, t := range d.toks[j:k] {
				open := p.allowed[t.word] || p.skeletons[skeleton(t.word, false)] && len(skeleton(t.word, false)) >= 3
				fresh = fresh || !open
				if !open && !t.plain() && !publicNames[t.word] && (!t.is(opens) || inner[t.word] || k > j+1) {
					add(d.text[t.at:t.end])
				}
			}
			if fresh && k > j+1 {
				add(d.words(j, k))
			}
			j = k - 1
		}
	}
	p.names = NewScanner(terms)
	p.names.looseOf()
}

// publicNames are names of countries, peoples, faiths and world organisations,
// which point to nobody.
var publicNames = set(`iran iranian iraq iraqi syria syrian turkey turkish russia russian america american britain british england english france french germany german israel israeli
 palestine palestinian gaza lebanon lebanese egypt egyptian jordan saudi arabia arab arabic persian kurdish kurd afghanistan afghan pakistan pakistani india indian china chinese europe european africa african asia asian
 ukraine ukrainian poland polish spain spanish italy italian mexico mexican colombia colombian brazil brazilian kenya kenyan nigeria nigerian somalia somali sudan sudanese ethiopia ethiopian yemen yemeni qatar kuwait emirates
 muslim christian jewish shia sunni islam islamic catholic hindu sikh god united nations states kingdom republic un eu us usa uk nato interpol europol government ministry police state city north south east west dutch netherlands belgium belgian
 swiss switzerland austria austrian sweden swedish norway norwegian denmark danish finland finnish greece greek canada canadian australia australian japan japanese mali malian niger chad haiti haitian internet facebook whatsapp telegram google sim gmt utc gps id tv
 christmas xmas easter ramadan eid ashura nowruz diwali hanukkah thanksgiving passover advent lent
 insp sgt det supt cmdr capt lieut sen rep hon rev esq ltd inc corp co gmbh sa dept div hq jr sr phd md ref tel fax
 oficina buro bureau office servicio service dienst servis hizmet unidad grupo group gruppe groupe casa haus maison ev hotel calle rue strasse sokak mesa desk banco bank parque park plaza platz place club centro zentrum centre merkez
 служба група группа отдел бюро дом дім відділ центр улица вулиця государство держава دولت حکومت قدرت وزارت اداره دفتر سازمان گروه خانه خیابان شهر مکتب منظمه جماعه مرکز بیت شارع مدینه شرکه شرکت بانک امید نور`)

func (p *Prepared) placeNames() {
	var terms []Term
	if s := p.q.Setting; s != nil {
		for _, n := range append([]string{s.Place}, s.PlaceNames...) {
			terms = append(terms, Term{Text: n})
			for _, t := range read(n).toks {
				if t.is(capital|foreign) && !stopWords[t.word] && len(t.word) >= 3 && !t.plain() {
					terms = append(terms, Term{Text: t.word})
				}
			}
		}
		for _, v := range s.Victims {
			if v.Place != "" {
				terms = append(terms, Term{Text: v.Place})
			}
		}
	}
	p.places = NewScanner(terms)
	p.fitting()
}

// fitting enters what the text is compared with: kinds of place, occasions, victims.
func (p *Prepared) fitting() {
	s := p.q.Setting
	if s == nil {
		return
	}
	p.placeKinds, p.occasions = map[string]bool{}, map[string]bool{}
	for i, part := range p.parts {
		if part.restricted {
			continue
		}
		for _, t := range p.docs[i].toks {
			if placeTypes[t.word] && t.is(capital) {
				p.placeKinds[t.word] = true
			}
			if stem := plainStem(t.word); events[stem] {
				p.occasions[stem] = true
			}
		}
	}
	p.victims = map[string]bool{}
	for _, v := range s.Victims {
		named := false
		for _, n := range append([]string{v.Name}, v.Names...) {
			for _, t := range read(n).toks {
				if t.is(capital|foreign) && len(t.word) >= 3 && !stopWords[t.word] {
					r := romanised(t.word)
					for _, k := range []string{t.word, skeleton(r, false), skeleton(r, true), skeleton(bare(r), false)} {
						if len(k) >= 3 {
							p.victims[k] = true
						}
					}
					named = named || t.is(capital) && !t.plain()
				}
			}
		}
		if !named {
			p.victims = nil // a victim without a name: any text may mean them
			return
		}
	}
	if len(s.Victims) == 0 {
		p.victims = nil
	}
}

// Releasable is a stretch of a report that the readers of a warning may have.
type Releasable struct {
	Report  tocsin.ReportID
	Portion int    // from 1; 0 is a tearline that somebody has cleared
	Text    string // as the guard compares it: without the portion's mark
}

// Releasable lists what of the reports may be said to the audience that p was made
// for, in their order: what an answer to the guard can point at. Words of the case
// itself, such as a victim's name, are not among it.
func (p *Prepared) Releasable() []Releasable {
	var out []Releasable
	for _, x := range p.parts {
		if x.source >= 0 && !x.restricted && strings.TrimSpace(x.text) != "" {
			out = append(out, Releasable{p.q.Contributing[x.source].Report, x.number, strings.TrimSpace(x.text)})
		}
	}
	return out
}
