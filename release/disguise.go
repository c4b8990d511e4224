package release

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// A disguised term is one whose letters are not those that were entered. Each
// disguise has a key that does not change under it, and the keys of all terms
// stand in one sorted table behind a small filter; a text is asked window by
// window (up to windowWords words), so that its cost hardly depends on the number
// of terms:
//
//   - another script or romanisation, and inflection: the skeletons of the words;
//   - words in another order, or with one between: the sum of their keys;
//   - a letter wrong, missing, too many, or swapped: the untouched half;
//   - letters backwards, or moved along the alphabet (rot13 and the other 24):
//     the hash of the reverse, and of the differences;
//   - rn for m and vv for w: the hash after both are joined;
//   - initials, and one telling word out of several.
//
// Every hit is compared with the term again. What is short or could be an ordinary
// word is a doubt (sure is false) and not a finding of fact.
//
// Limits: translations of a term are not found, nor two wrong letters, nor a wrong
// letter in a term with digits. In a list of more than fewTerms terms, initials
// and telling words are not looked for: they would be found everywhere.

const (
	windowWords = 6
	fewTerms    = 5000
	maxBucket   = 512 // terms compared per key: a bound on time where thousands share a half
)

type technique string

const (
	exactly      technique = "term/exact"
	transcribed  technique = "term/transliterated"
	inflectedly  technique = "term/inflected"
	reordered    technique = "term/reordered"
	misspelt     technique = "term/misspelt"
	backwards    technique = "term/backwards"
	shifted      technique = "term/shifted"
	lookedAlike  technique = "term/lookalike"
	initialled   technique = "term/initials"
	partly       technique = "term/part"
	encodedly    technique = "term/encoded"
	acrosticType technique = "term/acrostic"
)

const (
	tagSkeleton uint64 = iota + 1
	tagStem
	tagBag
	tagBagSkeleton
	tagBackwards
	tagWordsBackwards
	tagShift
	tagGlyph
	tagAcronym
	tagHead
	tagTail
	tagPart
	tagLetters
	tagExpanded
)

// disguised is one term as the keys see it.
type disguised struct {
	term    int32
	words   []string // romanised, without words of grammar
	letters string   // all words together
	foreign bool
	named   bool // written with a capital, or in a script that has none
	row     int  // its words, those of grammar too
	plain   bool // nothing but common words
	part    bool // one telling word of a term of several
	person  bool // the name of one
}

type keyed struct {
	key  uint64
	term int32 // index into loose.terms
}

// loose is the table of one list of terms.
type loose struct {
	terms  []disguised
	table  []keyed
	filter []uint64
	few    bool
}

// looseOf builds the table of a scanner when it is first asked for.
func (s *Scanner) looseOf() *loose {
	s.once.Do(func() { s.loose = newLoose(s.terms) })
	return s.loose
}

// lateTables is embedded in Scanner.
type lateTables struct {
	once  sync.Once
	loose *loose
}

func newLoose(terms []Term) *loose {
	l := &loose{few: len(terms) <= fewTerms}
	for i, t := range terms {
		if t.Kind == "collection" {
			continue // words of a language, whose disguises are other words of it
		}
		l.enter(int32(i), t)
	}
	slices.SortFunc(l.table, func(a, b keyed) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.term, b.term)) })
	l.table = slices.Compact(l.table)
	size := 1024
	for size < len(l.table)/4 {
		size *= 2
	}
	l.filter = make([]uint64, size)
	for _, k := range l.table {
		l.filter[k.key>>6&uint64(size-1)] |= 1 << (k.key & 63)
	}
	return l
}

func (l *loose) has(key uint64) bool {
	return l.filter[key>>6&uint64(len(l.filter)-1)]&(1<<(key&63)) != 0
}

// under returns the terms with a key.
func (l *loose) under(key uint64) []keyed {
	if !l.has(key) {
		return nil
	}
	i, _ := slices.BinarySearchFunc(l.table, key, func(k keyed, key uint64) int { return cmp.Compare(k.key, key) })
	j := i
	for j < len(l.table) && l.table[j].key == key && j-i < maxBucket {
		j++
	}
	return l.table[i:j]
}

func (l *loose) enter(index int32, t Term) {
	d := read(t.Text)
	e := disguised{term: index, plain: true, row: len(d.toks)}
	var letters strings.Builder
	for _, tok := range d.toks {
		if stopWords[tok.word] && len(d.toks) > 1 && len(tok.word) > 1 {
			continue
		}
		r := romanised(tok.word)
		if r == "" {
			continue
		}
		e.words = append(e.words, r)
		letters.WriteString(r)
		e.foreign = e.foreign || tok.is(foreign)
		e.named = e.named || !d.lowercase(tok)
		e.plain = e.plain && tok.plain()
	}
	e.letters = letters.String()
	if len(e.letters) < 3 || len(e.words) == 0 {
		return
	}
	id := int32(len(l.terms))
	l.terms = append(l.terms, e)
	l.keys(e, t, d, func(key uint64) { l.table = append(l.table, keyed{key, id}) })
	if l.few {
		l.parts(index, t, d)
	}
}

// keys gives every key of a term to put.
func (l *loose) keys(e disguised, t Term, d *document, put func(uint64)) {
	n := len(e.letters)
	var a, b, s chain
	var bag, bagSkeleton uint64
	for _, w := range e.words {
		a.text(skeleton(w, false))
		b.text(skeleton(w, true))
		s.text(skeleton(bare(w), false))
		bag += hashText(w)
		bagSkeleton += hashText(skeleton(w, false))
	}
	least := 3
	if l.few && n >= 4 && len(e.words) == 1 && !e.plain && shortNames[t.Kind] {
		least = 2
	}
	if !l.few {
		least = 7
	}
	for _, c := range []chain{a, b} {
		if c.n >= least {
			put(tagged(tagSkeleton, c.sum))
			put(tagged(tagStem, c.sum)) // what the text's ending hides, the term may not have
		}
	}
	if s.n >= max(3, least) {
		put(tagged(tagStem, s.sum))
	}
	if k := len(e.words); k >= 2 && k <= 5 {
		put(tagged(tagBag+uint64(k)<<8, bag))
		if l.few || a.n >= least {
			put(tagged(tagBagSkeleton+uint64(k)<<8, bagSkeleton))
		}
	}
	if n >= 5 {
		put(tagged(tagBackwards, hashText(reversed(e.letters))))
		put(tagged(tagWordsBackwards, hashText(wordsReversed(e.words))))
		put(tagged(tagGlyph, hashText(wordGlyphs(e.words))))
		put(tagged(tagLetters, hashText(e.letters)))
	}
	if n >= 6+4*b2i(!l.few) && !hasDigit(e.letters) {
		put(tagged(tagShift, hashText(differences(e.letters))))
		h := (n - 1) / 2
		put(tagged(tagHead+uint64(n)<<8, hashText(e.letters[:h])))
		put(tagged(tagTail+uint64(n)<<8, hashText(e.letters[n-h:])))
	}
	if l.few {
		l.shortKeys(d, put)
	}
}

func (l *loose) shortKeys(d *document, put func(uint64)) {
	capitals := 0
	var initials, all strings.Builder
	for _, tok := range d.toks {
		all.WriteByte(romanised(tok.word + "x")[0])
		if tok.is(capital) {
			capitals++
		}
		if !stopWords[tok.word] {
			initials.WriteByte(romanised(tok.word + "x")[0])
		}
	}
	if len(d.toks) == 1 && d.toks[0].is(shouted) && len(d.toks[0].word) <= 6 {
		put(tagged(tagExpanded, hashText(romanised(d.toks[0].word))))
	}
	if capitals >= 2 && len(d.toks) <= 7 && len(d.toks) >= 2 {
		put(tagged(tagAcronym, hashText(initials.String())))
		put(tagged(tagAcronym, hashText(all.String())))
	}
}

// parts enters the telling words of a name of several words as terms of their own.
func (l *loose) parts(index int32, t Term, d *document) {
	switch t.Kind {
	case "person", "source", "origin", "conveyor", "handler", "codename", "cover", "place", "method", "agency", "partner", "originator":
	default:
		return
	}
	if len(d.toks) < 2 {
		return
	}
	for _, tok := range d.toks {
		w := romanised(tok.word)
		if len(w) < 4 || tok.plain() || hasDigit(w) || d.lowercase(tok) && t.Kind != "method" || publicNames[tok.word] {
			continue // a word written small in a name of several is a common noun: "the clerk in the firm"
		}
		e := disguised{term: index, words: []string{w}, letters: w, foreign: tok.is(foreign), named: !d.lowercase(tok), part: true, person: t.Kind == "person" || t.Kind == "source" || t.Kind == "handler"}
		id := int32(len(l.terms))
		l.terms = append(l.terms, e)
		put := func(key uint64) { l.table = append(l.table, keyed{key, id}) }
		put(tagged(tagPart, hashText(w)))
		l.keys(e, t, read(tok.word), put)
	}
}

// shortNames are the kinds of which a name with two consonants is looked for by
// its sound.
var shortNames = map[string]bool{"person": true, "source": true, "codename": true, "cover": true, "handler": true, "origin": true}

// chain hashes letters as they come.
type chain struct {
	sum uint64
	n   int
}

const chainPrime = 0x9e3779b97f4a7c15

func (c *chain) text(s string) {
	for i := range len(s) {
		c.sum = c.sum*chainPrime + uint64(s[i]) + 1
	}
	c.n += len(s)
}

func hashText(s string) uint64 {
	var c chain
	c.text(s)
	return c.sum
}

func tagged(tag, sum uint64) uint64 {
	h := sum ^ tag*0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>29
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

func wordsReversed(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(reversed(w))
	}
	return b.String()
}

var bigrams = strings.NewReplacer("rn", "m", "nn", "m", "vv", "w", "uu", "w", "cl", "d", "ii", "u", "0", "o", "1", "l", "i", "l", "5", "s")

func glyphs(s string) string { return bigrams.Replace(s) }

func wordGlyphs(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(glyphs(w))
	}
	return b.String()
}

// differences are the steps from each letter to the next, which a shift of the
// alphabet does not change.
func differences(s string) string {
	b := make([]byte, 0, len(s))
	for i := 1; i < len(s); i++ {
		b = append(b, byte((int(s[i])-int(s[i-1])+26)%26)+1)
	}
	return string(b)
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// sums are the hashes of all beginnings of a text of letters.
type sums struct{ h, p []uint64 }

func sumsOf(s string) sums {
	x := sums{make([]uint64, len(s)+1), make([]uint64, len(s)+1)}
	x.p[0] = 1
	for i := range len(s) {
		x.h[i+1] = x.h[i]*chainPrime + uint64(s[i]) + 1
		x.p[i+1] = x.p[i] * chainPrime
	}
	return x
}

func (x sums) of(i, j int) uint64 { return x.h[j] - x.h[i]*x.p[j-i] }

// spread is a document as the keys see it. It is made once and asked by several
// tables.
type spread struct {
	d                   *document
	roman               []string
	skelA, skelB, skelS []string
	letters             string
	at                  []int // token -> first letter; one more at the end
	forward, diff       sums
	glyphs              sums  // each word with its look-alikes joined
	glyphAt             []int // as at, for glyphs
	wordSum, skelSum    []uint64
	content             []int // tokens that are no words of grammar
	gloss               func() *glossary
}

// everyday reports whether all of tokens i to j are common words of the language that
// the document is in, such as the Persian for men: one that has the three consonants of
// a name written in Latin letters is not that name.
func (x *spread) everyday(i, j int) bool {
	g := x.gloss()
	for k := i; k <= j; k++ {
		if g == nil || g.means(x.d.toks[k].word) == nil {
			return false
		}
	}
	return true
}

func spreadOf(d *document) *spread {
	n := len(d.toks)
	x := &spread{d: d, gloss: sync.OnceValue(func() *glossary { return glossaryOf(d, "") }), roman: make([]string, n), skelA: make([]string, n), skelB: make([]string, n), skelS: make([]string, n), at: make([]int, n+1), glyphAt: make([]int, n+1), wordSum: make([]uint64, n), skelSum: make([]uint64, n)}
	var letters, alike strings.Builder
	for i, t := range d.toks {
		r := romanised(t.word)
		x.roman[i] = r
		x.skelA[i], x.skelB[i], x.skelS[i] = skeleton(r, false), skeleton(r, true), skeleton(bare(r), false)
		x.at[i] = letters.Len()
		letters.WriteString(r)
		x.glyphAt[i] = alike.Len()
		alike.WriteString(glyphs(r))
		x.wordSum[i], x.skelSum[i] = hashText(r), hashText(x.skelA[i])
		if !stopWords[t.word] {
			x.content = append(x.content, i)
		}
	}
	x.at[n] = letters.Len()
	x.letters = letters.String()
	x.glyphAt[n] = alike.Len()
	x.forward, x.glyphs = sumsOf(x.letters), sumsOf(alike.String())
	x.diff = sumsOf("\x00" + differences(x.letters))
	return x
}

// guess is a place where a term may stand in disguise: tokens first to last,
// inclusive.
type guess struct {
	term        int32
	first, last int
	how         technique
	sure        bool
}

// search asks the table for every window of the document.
func (l *loose) search(x *spread, emit func(guess)) {
	if len(l.terms) == 0 {
		return
	}
	for i := range x.d.toks {
		l.windows(x, i, emit)
	}
	for c := range x.content {
		l.bags(x, c, emit)
	}
}

func (l *loose) windows(x *spread, i int, emit func(guess)) {
	var a, b, s, initials chain
	named := x.d.toks[i].is(capital)
	for j := i; j < min(i+windowWords, len(x.d.toks)); j++ {
		if x.d.toks[j].is(capital) && x.roman[j] != "" {
			initials.text(x.roman[j][:1])
		} else if !stopWords[x.d.toks[j].word] {
			named = false
		}
		if named && initials.n >= 3 && l.few {
			l.try(x, tagged(tagExpanded, initials.sum), i, j, initialled, emit)
		}
		a.text(x.skelA[j])
		b.text(x.skelB[j])
		s.text(x.skelS[j])
		lo, hi := x.at[i], x.at[j+1]
		m := hi - lo
		if a.n >= 2 || b.n >= 2 {
			l.try(x, tagged(tagSkeleton, a.sum), i, j, transcribed, emit)
			if b.sum != a.sum {
				l.try(x, tagged(tagSkeleton, b.sum), i, j, transcribed, emit)
			}
			l.try(x, tagged(tagStem, s.sum), i, j, inflectedly, emit)
		}
		if m >= 5 && m <= 60 {
			l.try(x, tagged(tagBackwards, x.forward.of(lo, hi)), i, j, backwards, emit)
			l.try(x, tagged(tagWordsBackwards, x.forward.of(lo, hi)), i, j, backwards, emit)
			l.try(x, tagged(tagGlyph, x.glyphs.of(x.glyphAt[i], x.glyphAt[j+1])), i, j, lookedAlike, emit)
			l.try(x, tagged(tagShift, x.diff.of(lo+1, hi)), i, j, shifted, emit)
			l.typos(x, i, j, lo, hi, emit)
		}
		if l.few && m >= 2 && m <= 7 && (i == j && x.d.toks[i].is(shouted) || j > i && m == j-i+1) {
			l.try(x, tagged(tagAcronym, x.forward.of(lo, hi)), i, j, initialled, emit)
		}
	}
	if lo, hi := x.at[i], x.at[i+1]; l.few && hi-lo >= 4 {
		l.try(x, tagged(tagPart, x.forward.of(lo, hi)), i, i, partly, emit)
	}
}

// typos asks for terms of nearly the length of a window that share a half with it.
func (l *loose) typos(x *spread, i, j, lo, hi int, emit func(guess)) {
	for n := hi - lo - 1; n <= hi-lo+1; n++ {
		h := (n - 1) / 2
		if n < 6 || h > hi-lo {
			continue
		}
		l.try(x, tagged(tagHead+uint64(n)<<8, x.forward.of(lo, lo+h)), i, j, misspelt, emit)
		l.try(x, tagged(tagTail+uint64(n)<<8, x.forward.of(hi-h, hi)), i, j, misspelt, emit)
	}
}

// bags asks for terms whose words stand here in any order, also with one word
// more among them.
func (l *loose) bags(x *spread, c int, emit func(guess)) {
	var sum, skel uint64
	for k := 1; k <= 6 && c+k <= len(x.content); k++ {
		last := x.content[c+k-1]
		if last-x.content[c] > 8 {
			return
		}
		sum += x.wordSum[last]
		skel += x.skelSum[last]
		if k >= 2 {
			l.try(x, tagged(tagBag+uint64(k)<<8, sum), x.content[c], last, reordered, emit)
			l.try(x, tagged(tagBagSkeleton+uint64(k)<<8, skel), x.content[c], last, reordered, emit)
		}
		for skip := 1; skip < k-1; skip++ {
			w := x.content[c+skip]
			l.try(x, tagged(tagBag+uint64(k-1)<<8, sum-x.wordSum[w]), x.content[c], last, reordered, emit)
			l.try(x, tagged(tagBagSkeleton+uint64(k-1)<<8, skel-x.skelSum[w]), x.content[c], last, reordered, emit)
		}
	}
}

// try compares the terms under a key with tokens i to j.
func (l *loose) try(x *spread, key uint64, i, j int, how technique, emit func(guess)) {
	for _, k := range l.under(key) {
		e := &l.terms[k.term]
		if ok, sure := e.fits(x, i, j, how); ok {
			if e.part {
				how, sure = partly, false
			}
			emit(guess{e.term, i, j, how, sure})
		}
	}
}

// fits compares a term with tokens i to j, and says whether it is more than a
// likeness.
func (e *disguised) fits(x *spread, i, j int, how technique) (ok, sure bool) {
	text := x.letters[x.at[i]:x.at[j+1]]
	n := len(e.letters)
	foreignHere, plainHere := false, true
	for k := i; k <= j; k++ {
		foreignHere = foreignHere || x.d.toks[k].is(foreign)
		plainHere = plainHere && x.d.toks[k].plain()
	}
	if e.named && e.common(x, i, j) && (e.part || e.foreign != foreignHere && (how == transcribed || how == inflectedly)) {
		return false, false
	}
	switch how {
	case transcribed, inflectedly:
		if foreignHere && !e.foreign && len(skeleton(e.letters, false)) < 4 && x.everyday(i, j) {
			return false, false
		}
		return e.sounds(text, foreignHere, plainHere, how)
	case reordered:
		return e.sameWords(x, i, j), !e.plain && n >= 6
	case misspelt:
		d := distance(text, e.letters, 1)
		return d == 1 && !hasDigit(text) && !plainHere, n >= 8
	case backwards:
		return text == reversed(e.letters) || text == wordsReversed(e.words), n >= 6 && !plainHere
	case shifted:
		return text != e.letters && differences(text) == differences(e.letters), n >= 7
	case lookedAlike:
		return text != e.letters && wordGlyphs(x.roman[i:j+1]) == wordGlyphs(e.words), !plainHere
	case initialled:
		if e.row <= 1 {
			return x.d.toks[i].is(capital) && j > i+1, false
		}
		return x.d.toks[i].is(capital) && (i == j || x.d.toks[j].is(capital)), j-i >= 3 || len(text) >= 4
	case partly:
		return !plainHere && text == e.letters, false
	}
	return false, false
}

// common reports whether one of tokens i to j is written small in a text that uses
// capitals: then it is no part of a name, in whatever script the name was entered.
func (e *disguised) common(x *spread, i, j int) bool {
	for k := i; k <= j; k++ {
		if x.d.small(x.d.toks[k]) && unvowelled(x.roman[k]) != x.roman[k] {
			return true // without vowels it is no word, but a name made short
		}
	}
	return false
}

// sounds judges a term with the same skeleton.
func (e *disguised) sounds(text string, foreignHere, plainHere bool, how technique) (ok, sure bool) {
	n := min(len(e.letters), len(text))
	if n == 0 {
		return false, false
	}
	skeletal := len(skeleton(text, false))
	if hasDigit(e.letters) && digitsOf(e.letters) != digitsOf(text) {
		return false, false
	}
	if skeletal < 3 {
		near := distance(vowelled(strings.ReplaceAll(text, "w", "u")), vowelled(strings.ReplaceAll(e.letters, "w", "u")), 1)
		return n >= 4 && near <= b2i(e.foreign != foreignHere) && (foreignHere || !plainHere), false
	}
	if e.part && !e.person && e.foreign != foreignHere && skeletal < 4 {
		return false, false // "Delta" has the sounds of a Persian "state"
	}
	if e.foreign != foreignHere {
		return text != "" && n >= 3 && (n >= 4 || skeletal >= 3), skeletal >= 4 && !(e.plain && len(e.words) == 1)
	}
	if text == e.letters {
		return n >= 5, !e.plain && n >= 6
	}
	if n < 5 && len(text) < 4 || plainHere {
		return false, false
	}
	common := 0
	for common < n && text[common] == e.letters[common] {
		common++
	}
	if how == inflectedly && common >= 4 && common*10 >= n*6 && max(len(text), len(e.letters))-common <= 4 {
		return true, n >= 6 && common >= 5
	}
	if unvowelled(text) == text && text == unvowelled(e.letters) {
		return true, len(text) >= 6
	}
	if !sameOnset(text[0], e.letters[0]) {
		return false, false
	}
	d := distance(vowelled(text), vowelled(e.letters), max(1, len(e.letters)/4))
	return d <= max(1, len(e.letters)/4), len(e.letters) >= 9 && d <= len(e.letters)/5
}

// vowelled joins the vowels that romanisations of one name exchange, and doubled
// letters.
func vowelled(s string) string {
	s = vowels.Replace(s)
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		if i == 0 || s[i] != s[i-1] {
			b = append(b, s[i])
		}
	}
	return string(b)
}

func unvowelled(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("aeiou", r) {
			return -1
		}
		return r
	}, s)
}

// sameOnset reports whether two names may begin with the same sound.
func sameOnset(a, b byte) bool {
	for _, g := range []string{"ckqx", "jgy", "szx", "fp", "vwb", "iey", "ou", "ae", "hk"} {
		if strings.IndexByte(g, a) >= 0 && strings.IndexByte(g, b) >= 0 {
			return true
		}
	}
	return a == b
}

var vowels = strings.NewReplacer("ee", "i", "ie", "i", "ei", "i", "ey", "i", "ai", "i", "ay", "i", "oo", "u", "ou", "u", "aw", "u", "ow", "u", "aa", "a", "y", "i", "e", "i", "o", "u")

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// sameWords reports whether every word of the term stands among tokens i to j, in
// its letters or its sound.
func (e *disguised) sameWords(x *spread, i, j int) bool {
	for _, w := range e.words {
		found := false
		for k := i; k <= j && !found; k++ {
			found = x.roman[k] == w || len(x.skelA[k]) >= 3 && x.skelA[k] == skeleton(w, false) &&
				(x.d.toks[k].is(foreign) != e.foreign || distance(x.roman[k], w, 2) <= 2)
		}
		if !found {
			return false
		}
	}
	return true
}

// spelt returns the terms whose letters stand in a sequence of letters, with the
// place of each, from least letters up.
func (l *loose) spelt(seq string, least int, emit func(term int32, from, to int)) {
	if len(seq) < least || len(l.terms) == 0 {
		return
	}
	x := sumsOf(seq)
	for i := 0; i+least <= len(seq); i++ {
		for j := i + least; j <= min(i+40, len(seq)); j++ {
			for _, k := range l.under(tagged(tagLetters, x.of(i, j))) {
				if e := &l.terms[k.term]; e.letters == seq[i:j] {
					emit(e.term, i, j)
				}
			}
		}
	}
}

// firstLetter is the first romanised letter of a word, or 0.
func firstLetter(roman string) byte {
	if roman == "" || roman[0] >= utf8.RuneSelf {
		return 0
	}
	return roman[0]
}

// restrictedName is the kind of a name that only restricted words hold.
const restrictedName = "restricted name"
