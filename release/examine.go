package release

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin"
)

// Passage is a text to be examined, with its language (BCP 47; empty is not known).
type Passage struct {
	Language string
	Text     string
}

// Answer is a named person's word on one ask.
type Answer struct {
	Finding string // tocsin.GuardFinding.ID
	By      tocsin.ActorID
	Words   string
}

// Examined is what the guard has to say about the words of one text.
type Examined struct {
	Findings []tocsin.GuardFinding
	Trace    []Traced   // sentence by sentence: what supports it
	Exposure []Exposure // fact by fact: who knows it
}

// examiner is one run over one text.
type examiner struct {
	p        *Prepared
	lang     string
	d        *document
	gloss    *glossary // of the text's language, if it is not English and there is one
	lower    string    // the text, for the patterns' strings
	x        *spread
	vals     []value
	figured  []string // token -> the kind of value that it is part of
	advised  []int8   // sentence -> 0 not asked, 1 no, 2 yes: see advice
	harms    []int8   // the same for harmful
	findings []tocsin.GuardFinding
	pointed  [][]int // sentence -> findings of the softer rules about it: see doubts
}

// Examine looks at the words of one text as a warning of the prepared case. It is
// the part of Check that needs no approval and no recipients, and Check calls it
// for every text. Findings stand in the order of their places; those about no
// place come last. The time is linear in the text for a given case.
func (p *Prepared) Examine(t Passage) Examined {
	out, _ := p.examine(t)
	return out
}

func (p *Prepared) examine(t Passage) (Examined, []Weighed) {
	e := &examiner{p: p, lang: t.Language, d: read(t.Text)}
	e.gloss = glossaryOf(e.d, t.Language)
	e.lower = loweredASCII(t.Text)
	e.x = spreadOf(e.d)
	e.vals = values(e.d, p.base)
	e.figured = make([]string, len(e.d.toks))
	for _, v := range e.vals {
		for i := v.tok; i < len(e.d.toks) && int(e.d.toks[i].at) < v.end; i++ {
			e.figured[i] = v.kind
		}
	}
	e.advised, e.harms = make([]int8, len(e.d.sents)+1), make([]int8, len(e.d.sents)+1)
	for _, check := range []func(){e.invisible, e.protected, e.metadata, e.collection, e.links, e.copies, e.rare, e.statements, e.fits, e.minimum} {
		check()
	}
	out := Examined{Trace: e.trace(), Exposure: e.exposure()}
	e.unsupported(out.Trace)
	weighed := e.weigh()
	e.doubts(weighed)
	out.Findings = e.sorted()
	return out, weighed
}

// find adds a finding about the words between two bytes; at == end is about no
// place. Words that somebody judged releasable weigh less: a judgement that is on
// record is not asked for again where nothing but likeness speaks against it.
func (e *examiner) find(level tocsin.GuardLevel, check, rule string, at, end int, what, why, do string) {
	words := e.d.text[at:end]
	switch kind, _, _ := strings.Cut(rule, "/"); kind {
	case "copy", "rare", "support", "setting", "link":
		least := 0.0
		if rule == "copy/retold" && level == tocsin.GuardAsk {
			least = 0.8 // such a doubt rests on uncommon words; the common ones are of the form of every warning
		}
		if !e.p.isJudged(e.d, at, end) && !(kind != "link" && e.tellingJudged(at, end, least)) {
			break
		}
		if wholeName[rule] && level == tocsin.GuardAsk && e.p.q.Setting != nil {
			break // whoever wrote the fact judged it, and a second person looks at the name
		}
		if level = lowered(level); e.p.q.Setting == nil {
			level = tocsin.GuardNote
		}
	case "collection":
		if level == tocsin.GuardAsk && e.p.isJudged(e.d, at, end) {
			level = tocsin.GuardNote
		}
	}
	f := tocsin.GuardFinding{Check: check, Rule: rule, Level: level, Blocks: level == tocsin.GuardBlock, What: what, Why: why, Do: do, Start: at, End: end, ID: findingID(rule, cmp.Or(words, what))}
	e.findings = append(e.findings, f)
}

// wholeName are the rules for names that stand as restricted reports have them. One word
// is asked about rather than refused (see namesOne), and never less.
var wholeName = set("rare/name/exact rare/name/inflected rare/name/transliterated")

// findingID names a finding by its rule and the folded words concerned.
func findingID(rule, words string) string {
	folded := runesOf(fold(words, false))
	return string(tocsin.DigestOf([]byte(rule + "\x00" + cmp.Or(folded, words))))[len("sha256:"):][:16]
}

// sorted puts the findings in order, drops repeats, and of several of one check
// about the same words keeps the heaviest.
func (e *examiner) sorted() []tocsin.GuardFinding {
	weight := map[tocsin.GuardLevel]int{tocsin.GuardBlock: 0, tocsin.GuardAsk: 1, tocsin.GuardNote: 2}
	fs := e.findings
	slices.SortStableFunc(fs, func(a, b tocsin.GuardFinding) int {
		return cmp.Or(cmp.Compare(b2i(a.Start == a.End), b2i(b.Start == b.End)), cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End), cmp.Compare(weight[a.Level], weight[b.Level]), strings.Compare(a.Rule, b.Rule))
	})
	widest := map[string]tocsin.GuardFinding{} // per check: the last that covers most
	var out []tocsin.GuardFinding
	for _, f := range fs {
		w, ok := widest[f.Check+string(f.Level)]
		if ok && f.Start < f.End && w.End >= f.End && w.Start <= f.Start {
			continue
		}
		if heavier, ok := widest[f.Check+string(tocsin.GuardBlock)]; ok && f.Level != tocsin.GuardBlock && f.Start < f.End && heavier.End >= f.End {
			continue
		}
		out = append(out, f)
		if f.Start < f.End {
			widest[f.Check+string(f.Level)] = f
		}
	}
	return out
}

// remembered answers a question about the sentence at a byte once, because a sentence
// may have no end.
func (e *examiner) remembered(answers []int8, at int, ask func(sentence) bool) bool {
	i := min(firstFrom(e.d, at), len(e.d.toks)-1)
	if i < 0 {
		return false
	}
	n := e.d.toks[i].sent
	if answers[n] == 0 {
		answers[n] = int8(1 + b2i(ask(e.d.sents[n])))
	}
	return answers[n] == 2
}

// sentenceAt is the sentence around a byte.
func (e *examiner) sentenceAt(at int) sentence {
	i := firstFrom(e.d, at)
	if i == len(e.d.toks) {
		i--
	}
	if i < 0 {
		return sentence{}
	}
	return e.d.sents[e.d.toks[i].sent]
}

// isJudged reports whether the words stand in something judged releasable.
func (p *Prepared) isJudged(d *document, at, end int) bool {
	if p.judged == "" {
		return false
	}
	var b strings.Builder
	b.WriteByte(' ')
	for i := firstFrom(d, at); i < len(d.toks) && int(d.toks[i].at) < end; i++ {
		b.WriteString(d.toks[i].word + " ")
	}
	return b.Len() > 1 && strings.Contains(p.judged, b.String())
}

// tellingJudged reports whether every word heavier than least between two bytes that a
// restricted part could have lent stands in something judged releasable.
func (e *examiner) tellingJudged(at, end int, least float64) bool {
	if e.p.judged == "" {
		return false
	}
	for i := firstFrom(e.d, at); i < len(e.d.toks) && int(e.d.toks[i].at) < end; i++ {
		t := e.d.toks[i]
		if w := e.p.weight(t); w > 0 && w >= least && len(e.p.stems[t.stem]) > 0 && !strings.Contains(e.p.judged, " "+t.word+" ") {
			return false
		}
	}
	return true
}

// judgedWords folds the facts of a draft that somebody judged releasable.
func judgedWords(facts []tocsin.Fact) string {
	var b strings.Builder
	for _, f := range facts {
		if !f.Releasable {
			continue
		}
		for _, l := range sortedKeys(f.Values) {
			b.WriteString("\x00 ")
			for _, t := range read(f.Values[l]).toks {
				b.WriteString(t.word + " ")
			}
		}
	}
	return b.String()
}

// protected looks for the terms in every disguise.
func (e *examiner) protected() {
	views := decodings(e.d)
	for _, s := range e.scanners() {
		e.plainly(s)
		l := s.looseOf()
		l.search(e.x, func(g guess) { e.guessed(s, g) })
		for _, r := range letterRows(e.x, l.few) {
			l.spelt(string(r.letters), r.least, func(term int32, from, to int) {
				e.term(s.terms[term], acrosticType, r.at[from], r.end[to-1], true)
			})
		}
		for _, v := range views {
			e.decoded(s, l, v)
		}
	}
	e.derivations()
	e.initial()
	for _, m := range codeRuns(e.d.text, 40) {
		if unreadableBlob(e.d.text[m[0]:m[1]]) {
			e.find(tocsin.GuardAsk, "term", "term/blob", m[0], m[1], "A long code that no reader can read stands here.", "Nobody can say what it gives away.", "Take it out.")
		}
	}
}

// scanners are the lists of terms: of the case, of the organisation, and the names
// that only restricted words hold.
func (e *examiner) scanners() []*Scanner {
	s := []*Scanner{e.p.terms, e.p.names}
	if l := e.p.q.Lexicon; l != nil {
		s = append(s, l)
	}
	return s
}

func (e *examiner) plainly(s *Scanner) {
	for _, h := range s.Scan(e.d.text) {
		level := true
		if h.Term.Kind == restrictedName {
			i := firstFrom(e.d, h.Start)
			level = e.d.toks[i].is(capital) || strings.Contains(h.Term.Text, " ")
			if titles[e.d.toks[i].word] && int(e.d.toks[i].end) >= h.End || e.p.allWordsAllowed(e.d, h.Start, h.End) || e.d.small(e.d.toks[i]) && !strings.ContainsAny(h.Term.Text, " 0123456789") {
				continue // written small it is the common noun of which the name is made
			}
		}
		if behindTheReport(h.Term.Kind) && len(read(h.Term.Text).toks) > 0 && newLooseTerm(h.Term).plain {
			level = false
		}
		if e.ordinary(h) {
			continue
		}
		e.term(h.Term, exactly, h.Start, h.End, (level || e.entered(h.Term)) && !e.coincides(h.Term, h.Start, h.End))
	}
}

// coincides reports whether a name of one word stands written small in a text that
// uses capitals: "the needle" may be Needle, and is more often a needle. So may a name
// that only restricted parts hold, as the first word of a sentence.
func (e *examiner) coincides(t Term, at, end int) bool {
	i := firstFrom(e.d, at)
	if i+1 < len(e.d.toks) && int(e.d.toks[i+1].at) < end || strings.ContainsAny(t.Text, "0123456789") {
		return false
	}
	first, _ := utf8.DecodeRuneInString(t.Text)
	return unicode.IsUpper(first) && e.d.small(e.d.toks[i]) || t.Kind == restrictedName && e.d.toks[i].is(opens)
}

// ordinary reports whether a term written as one word with a hyphen, out of common
// words alone, stands as those words apart and without an article: "walk in twos" is
// no "walk-in", "a walk in" is.
func (e *examiner) ordinary(h Hit) bool {
	i := firstFrom(e.d, h.Start)
	if !strings.Contains(h.Term.Text, "-") || i+1 >= len(e.d.toks) || e.d.gap(i) != " " {
		return false
	}
	for k := i; k < len(e.d.toks) && int(e.d.toks[k].at) < h.End; k++ {
		if !e.d.toks[k].plain() {
			return false
		}
	}
	return i == 0 || !determining[e.d.toks[i-1].word]
}

// determining words say that a noun follows.
var determining = set("a an the our their his her its this that one another no any some former first second")

// entered reports whether somebody entered the term as protected, rather than the
// guard having drawn it from the reports.
func (e *examiner) entered(t Term) bool {
	return slices.Contains(e.p.q.Protected, t) || t.Kind == "collection"
}

func behindTheReport(kind string) bool {
	return kind == "origin" || kind == "conveyor" || kind == "originator" || kind == "place"
}

func newLooseTerm(t Term) disguised {
	l := newLoose([]Term{t})
	if len(l.terms) == 0 {
		return disguised{plain: true}
	}
	return l.terms[0]
}

func (e *examiner) guessed(s *Scanner, g guess) {
	at, end := int(e.d.toks[g.first].at), int(e.d.toks[g.last].end)
	t := s.terms[g.term]
	if g.how == initialled && g.last > g.first && len(e.x.roman[g.first]) == 1 {
		if e.p.initials[joined(e.x.roman[g.first:g.last+1])] {
			return
		}
	} else if e.p.allWordsAllowed(e.d, at, end) && g.how != backwards && g.how != shifted {
		return
	}
	if g.first == g.last && e.p.skeletons[e.x.skelA[g.first]] && (g.how == transcribed || g.how == inflectedly) {
		return
	}
	if t.Kind == restrictedName && e.d.small(e.d.toks[g.first]) && g.how != backwards && g.how != shifted && g.how != lookedAlike {
		return
	}
	if g.how == partly || g.how == initialled || t.Kind == restrictedName && g.first == g.last && (g.how == transcribed || g.how == inflectedly) {
		if w := e.d.toks[g.first].word; publicNames[w] {
			return
		}
	}
	e.term(t, g.how, at, end, g.sure && !e.byChance(t, g))
}

// byChance reports whether a disguise is more likely the words that it looks like: small
// words, inflected or in another order, or a name that opens a sentence.
func (e *examiner) byChance(t Term, g guess) bool {
	first, last := e.d.toks[g.first], e.d.toks[g.last]
	small := e.d.small(first) && e.d.small(last)
	return small && (g.how == inflectedly && g.first == g.last || g.how == reordered) || t.Kind == restrictedName && g.first == g.last && (first.is(opens) || titles[first.word])
}

func joined(words []string) string { return strings.Join(words, "") }

// initial finds a person named by one letter with a point, "not R., your brother's
// wife": a letter that stands where a name would, and is not the first of a longer
// one.
func (e *examiner) initial() {
	for i, t := range e.d.toks {
		if !t.is(capital) || int(t.end-t.at) > 2 || e.x.roman[i] == "" || !strings.HasPrefix(e.d.text[t.end:], ".") {
			continue
		}
		next, before := e.d.gap(i), e.d.gap(i-1)
		apart := strings.HasPrefix(next, ".,") || strings.HasPrefix(next, ".)") || strings.HasPrefix(next, ".;") || strings.HasPrefix(next, ".:") || next == ". " && i+1 < len(e.d.toks) && !e.d.toks[i+1].is(capital)
		if !apart || i > 0 && (!stopWords[e.d.toks[i-1].word] && !strings.ContainsAny(before, "(,:;") || len(e.x.roman[i-1]) == 1) {
			continue
		}
		if c := e.x.roman[i][:1]; e.p.people[c] && !e.p.initials[c] {
			e.find(tocsin.GuardAsk, "term", string(initialled), int(t.at), int(t.end), "A protected person may be named here by one letter.", "Whoever knows the person reads the name.", "Leave the letter out.")
		}
	}
}

func (e *examiner) decoded(s *Scanner, l *loose, v decoded) {
	for _, h := range s.Scan(v.text) {
		e.term(h.Term, encodedly, v.at, v.end, true)
		return
	}
	found := false
	l.spelt(strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, v.text), 5, func(term int32, _, _ int) {
		if !found {
			e.term(s.terms[term], encodedly, v.at, v.end, true)
			found = true
		}
	})
	if !found {
		l.search(spreadOf(read(v.text)), func(g guess) {
			if !found && g.sure && g.how != partly {
				found = true
				e.term(s.terms[g.term], encodedly, v.at, v.end, true)
			}
		})
	}
}

// term reports a protected term, never its letters.
func (e *examiner) term(t Term, how technique, at, end int, sure bool) {
	level := tocsin.GuardBlock
	if !sure || t.Kind == restrictedName && !namesOne(t.Text, how) {
		level = tocsin.GuardAsk
	}
	if t.Kind == restrictedName {
		e.find(level, "rare", "rare/name"+strings.TrimPrefix(string(how), "term"), at, end, "A name stands here that only restricted reports hold"+disguiseNote(how)+".",
			"Whoever gave the name to the reports can be looked for among those who knew it.", "Leave the name out, or say what kind of person, place or thing it is.")
		return
	}
	verb := "A protected term stands here"
	if !sure {
		verb = "A protected term may stand here"
	}
	e.find(level, "term", string(how), at, end, fmt.Sprintf("%s%s (%s).", verb, disguiseNote(how), kindOf(t)), "It leads to the source, the method or the partner behind the warning.",
		"Say it without this word. If it is not protected in this case, whoever keeps the terms can remove it.")
}

// namesOne reports whether a name that only restricted reports hold stands so in a text
// that it is no accident. One word may be a town, a make or a people that advice names
// as well: the reports say nothing of which words are secret, only which sentences.
func namesOne(name string, how technique) bool {
	switch how {
	case encodedly:
		return true
	case exactly, transcribed, inflectedly:
		return strings.ContainsAny(name, " -")
	}
	return false
}

func disguiseNote(how technique) string {
	return map[technique]string{transcribed: ", in another spelling or script", inflectedly: ", inflected", reordered: ", its words in another order", misspelt: ", with a letter wrong",
		backwards: ", written backwards", shifted: ", its letters moved along the alphabet", lookedAlike: ", in letters that look alike", initialled: ", as initials", partly: ", in part",
		encodedly: ", in a code", acrosticType: ", in the first or last letters"}[how]
}

// maxHidden bounds the hidden characters that are named one by one: a text with so
// many is typed again, and looking for each can mean reading to the end.
const maxHidden = 50

// invisible looks for what no reader sees (see hygiene.go), for letters of two
// scripts in one word, and for letters dressed up.
//
// Limits: a joiner is taken as meant where its script needs joiners.
func (e *examiner) invisible() {
	f := field{text: e.d.text}
	if b := badByte(f.text); b >= 0 {
		e.find(tocsin.GuardBlock, "content", "hidden/bytes", b, b+1, "There is a byte that is not text (not UTF-8).", "What a recipient's program makes of it, nobody knows.", "Type the passage again.")
		f.text = f.text[:b]
	}
	for at, n := 0, 0; at < len(f.text) && n < maxHidden; n++ {
		rest := field{text: f.text[at:]}
		i, r := hiddenRune(rest)
		if i < 0 {
			break
		}
		size := len(string(r))
		e.find(tocsin.GuardBlock, "content", "hidden/character", at+i, at+i+size, fmt.Sprintf("There is a character that does not show, or should not stand here (U+%04X).", r), "Unseen characters can carry words, or make a text read in another order than its letters.", "Remove it: type the passage again, or paste it as plain text.")
		at += i + size
	}
	for _, t := range e.d.toks {
		switch {
		case t.is(twoScripts):
			e.find(tocsin.GuardAsk, "content", "hidden/scripts", int(t.at), int(t.end), "Letters of two scripts stand in one word.", "A word so written is not found by anybody who looks for it.", "Type the word again in one script.")
		case dressed(e.d.text[t.at:t.end]):
			e.find(tocsin.GuardAsk, "content", "hidden/letters", int(t.at), int(t.end), "Unusual letters stand here (full width, mathematical, boxed, or under many signs).", "Many programs do not show or search them.", "Type the word in ordinary letters.")
		}
	}
	for _, m := range leftoversIn(e.d.text) {
		if e.d.text[m[0]:m[1]] != "TODO" {
			e.find(tocsin.GuardBlock, "content", "hidden/leftover", m[0], m[1], "A placeholder was left in the words.", "The reader cannot act on it.", "Fill it in or take it out.")
		}
	}
}

// dressed reports whether a word is made of compatibility letters, or bears more
// than two combining marks on a Latin letter.
func dressed(w string) bool {
	marks := 0
	for _, r := range w {
		switch {
		case r >= 0x1d400 && r <= 0x1d7ff, r >= 0xff21 && r <= 0xff5a, r >= 0x1f110 && r <= 0x1f1ff, r >= 0x24b6 && r <= 0x24e9, r >= 0x2460 && r <= 0x24b5:
			return true
		case r >= 0x300 && r <= 0x36f:
			marks++
		}
	}
	return marks > 2
}
