package release

import (
	_ "embed"
	"math"
	"strconv"
	"strings"

	"tocsin"
)

// Doubt is the question about a sentence that nothing else has stopped: does it stand
// on something that may be said, or is it advice, or does it tell what somebody knows?
// Retellings in wholly other words share nothing with what they retell. But a sentence
// that leaks is made like one: it tells of others and of what was done or is known,
// where a warning speaks to its reader, in words that nothing releasable holds.
//
// So each sentence is weighed by its cues: how many of its words the case may say, how
// many only restricted parts hold, whom it speaks of, in what mood, and what the softer
// rules noted about it. The weights are in doubt_weights.txt. They were fitted by
// release/guardcase/fit on the cases of testdata/redteam; docs/guard.md says what that is
// worth on others. A doubt asks; it never blocks, and a person who knows the case answers it.
//
// Texts in other languages are weighed by what their words mean (glossed.go).
//
// Limits: a leak that is made like advice ("spend your officers on the later evening")
// has no cue, and neither has one that lies in a reader's knowledge alone. What is told of
// those who warn ("our friends across the water have read his letters") is weighed too
// lightly, because honest warnings speak of them in every other sentence. A sentence of
// flowery advice has cues and leaks nothing. In a language of which there is no list of
// words, texts are weighed as if they were English, which asks about most of them.

// Cue is one thing that a sentence shows, and how much of it. Names beginning with
// "word:", "first:" or "rule:" are of one word, of the first word, of one softer rule.
type Cue struct {
	Name  string
	Value float64
}

// Weighed is one sentence with its cues. Its doubt is the sum of their weights: the
// logarithm of the odds that it gives something restricted away, with as many leaks as
// honest sentences before.
type Weighed struct {
	Start, End int // bytes of the text
	Doubt      float64
	Cues       []Cue
}

// Weigh tells what Examine makes of the sentences of a text, for whoever fits the
// weights or wants to see why something was asked.
func (p *Prepared) Weigh(t Passage) []Weighed {
	_, w := p.examine(t)
	return w
}

// askFrom is the doubt from which a sentence is asked about: even odds, were there as
// many leaks as honest sentences. Advice to which no softer rule points is given more
// room (askAdvice, and askBidding where it begins with what to do), a sentence to which
// one does less (askPointed), and one to which two do, or that reads like a retelling,
// hardly any (askTwice): a short sentence has few cues. docs/guard.md says what they cost.
const (
	askFrom    = 0
	askAdvice  = 0.8
	askBidding = 1.6
	askPointed = -0.8
	askTwice   = -2.5
)

//go:generate go run ./guardcase/fit -write doubt_weights.txt testdata/redteam
//go:embed doubt_weights.txt
var doubtWeights string

var weights = func() map[string]float64 {
	m := map[string]float64{}
	for line := range strings.Lines(doubtWeights) {
		name, w, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		f, err := strconv.ParseFloat(w, 64)
		if err != nil {
			panic("release: doubt_weights.txt: " + err.Error()) // a fault of the build
		}
		m[name] = f
	}
	return m
}()

// softRules are the rules that see likeness, or a form that honest warnings have too:
// each is right so seldom that asking at every sight of it would teach people not to
// read questions. What they ask about is a cue, and noted; what they refuse stays refused.
var softRules = set("rare/word rare/phrase support/restricted collection/word collection/quoted copy/retold collection/number")

// sense is what a token is worth to the comparison: its English stems (its own, or those
// of its meanings), and what is known of them.
type sense struct {
	stems               []string
	stop, common        bool // carries no content; is a word of daily life
	sayable, restricted bool // something that may be said holds it; only restricted parts do
}

func (e *examiner) senses() []sense {
	g := e.gloss
	out := make([]sense, len(e.d.toks))
	for i, t := range e.d.toks {
		s := sense{stems: []string{t.stem}, stop: stopWords[t.word], common: t.plain(), sayable: e.p.mayBeSaid(t)}
		if g != nil && !t.is(numeral) {
			s = g.sense(t, s, e.p)
		}
		s.restricted = !s.stop && !s.sayable && e.p.keptStem(s.stems)
		out[i] = s
	}
	for _, v := range e.vals {
		for i := v.tok; i < len(out) && int(e.d.toks[i].at) < v.end && e.vouched(v); i++ {
			out[i].sayable, out[i].restricted = true, false
		}
	}
	return out
}

// vouched reports whether something that may be said gives a figure, or the case's
// window does.
func (e *examiner) vouched(v value) bool {
	for _, k := range v.keys {
		if e.p.openKeys[v.kind+":"+k] {
			return true
		}
	}
	return v.kind == aDate && (e.inWindow(v) || e.inLocalDays(v)) || v.kind == aWeekday && e.dayInWindow(v) || v.kind == aPhone
}

// sense gives a token of another language the worth of what it means.
func (g *glossary) sense(t token, s sense, p *Prepared) sense {
	means := g.means(t.word)
	if means == nil {
		return s
	}
	s.stems, s.stop, s.common = nil, false, false
	for _, m := range means {
		stem := stemOf(m)
		s.stems = append(s.stems, stem)
		s.stop = s.stop || stopWords[m]
		s.common = s.common || stopWords[m] || plainWords[stem] || plainWords[plainStem(m)]
		s.sayable = s.sayable || p.allowed[stem] || p.allowed[m] || p.glossOpen[stem]
	}
	return s
}

func (p *Prepared) mayBeSaid(t token) bool {
	return p.allowed[t.stem] || p.allowed[t.word] || p.glossOpen[t.stem]
}

// keptStem reports whether a restricted part holds one of the stems.
func (p *Prepared) keptStem(stems []string) bool {
	for _, s := range stems {
		if p.glossKept[s] {
			return true
		}
		for _, i := range p.stems[s] {
			if p.parts[i].restricted {
				return true
			}
		}
	}
	return false
}

// glossParts enters what the parts in other languages mean.
func (p *Prepared) glossParts() {
	p.glossOpen, p.glossKept = map[string]bool{}, map[string]bool{}
	for i, d := range p.docs {
		g := glossaryOf(d, "")
		if g == nil || len(d.toks) < 4 {
			continue
		}
		into := p.glossOpen
		if p.parts[i].restricted {
			into = p.glossKept
		}
		for _, t := range d.toks {
			for _, m := range g.means(t.word) {
				into[stemOf(m)] = true
			}
		}
	}
}

// weigh weighs every sentence of the text, with what the rules have found so far.
func (e *examiner) weigh() []Weighed {
	if e.p.q.Setting == nil || !e.p.secrets {
		return nil
	}
	e.pointed = e.pointers()
	senses := e.senses()
	out := make([]Weighed, 0, len(e.d.sents))
	for n, s := range e.d.sents {
		w := Weighed{Start: s.at, End: s.end}
		if s.first < s.last {
			w.Cues = e.ruleCues(n, e.cues(s, senses))
		}
		w.Doubt = weights["bias"]
		for _, c := range w.Cues {
			w.Doubt += weights[c.Name] * c.Value
		}
		out = append(out, w)
	}
	return out
}

// tallied counts the words of one sentence.
type tallied struct {
	words, content, sayable, strange, uncommon, restricted, telling, names, figures, run float64
}

func (e *examiner) tally(s sentence, senses []sense) tallied {
	var n tallied
	run := 0.0
	for i := s.first; i < s.last; i++ {
		t, x := e.d.toks[i], senses[i]
		n.words++
		switch {
		case t.is(numeral):
			n.figures++
			continue
		case x.stop:
			continue
		}
		n.content++
		if x.sayable {
			n.sayable++
			run = 0
			continue
		}
		n.strange++
		run++
		n.run = max(n.run, run)
		n.uncommon += float64(b2i(!x.common))
		n.restricted += float64(b2i(x.restricted))
		n.telling += float64(b2i(x.restricted && !x.common))
		n.names += float64(b2i(t.is(capital) && i > s.first))
	}
	return n
}

func (e *examiner) cues(s sentence, senses []sense) []Cue {
	c := e.tally(s, senses)
	is := func(b bool) float64 { return float64(b2i(b)) }
	out := []Cue{{"words", math.Log1p(c.words)}, {"content", math.Log1p(c.content)}, {"sayable", math.Log1p(c.sayable)}, {"strange", math.Log1p(c.strange)},
		{"strange-share", c.strange / (c.content + 1)}, {"strange-0", is(c.strange == 0)}, {"strange-3", is(c.strange >= 3)}, {"strange-5", is(c.strange >= 5)}, {"strange-run", c.run},
		{"uncommon", c.uncommon}, {"restricted", math.Log1p(c.restricted)}, {"restricted-share", c.restricted / (c.content + 1)}, {"telling", c.telling}, {"names", c.names},
		{"figures", is(c.figures > 0)}, {"advice", is(e.advice(s.at) || e.bids(s, senses))}, {"bare", is(s.first < s.last && e.bare(s.first))}, {"danger", is(e.harmful(s.at))}, {"short", is(c.words < 5)},
		{"question", is(strings.HasPrefix(e.d.text[s.end:], "?"))},
		{"quoted", is(strings.ContainsAny(e.d.text[s.at:s.end], "\"“”„«"))}}
	out = append(out, e.manner(s, senses)...)
	seen := map[string]bool{}
	for i := s.first; i < s.last; i++ {
		for _, stem := range senses[i].stems {
			for _, name := range []string{"word:" + stem, "first:" + stem} {
				if i > s.first && name[0] == 'f' || seen[name] {
					continue
				}
				seen[name] = true
				out = append(out, Cue{name, 1})
			}
		}
	}
	return out
}

// spokenTo, spokenOf, naysaid and gone are stems of words for the reader, for others, of
// no, and of what was.
var (
	spokenTo = stemmed("you your yours yourself yourselves")
	spokenOf = stemmed("he she they him his her their them who whose")
	naysaid  = stemmed("not no never nobody nothing without")
	gone     = stemmed("was were had did said told came went saw heard")
)

func stemmed(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[stemOf(w)] = true
	}
	return m
}

// manner tells how a sentence speaks: to whom and of whom, in what tense, how chopped,
// and how many of the names in it may be said.
func (e *examiner) manner(s sentence, senses []sense) []Cue {
	var to, of, no, past, ed, ing, names, anchors float64
	for i := s.first; i < s.last; i++ {
		t, x := e.d.toks[i], senses[i]
		for _, stem := range x.stems {
			to, of = to+float64(b2i(spokenTo[stem])), of+float64(b2i(spokenOf[stem]))
			no, past = no+float64(b2i(naysaid[stem])), past+float64(b2i(gone[stem]))
		}
		if e.gloss == nil {
			ed, ing = ed+float64(b2i(strings.HasSuffix(t.word, "ed"))), ing+float64(b2i(strings.HasSuffix(t.word, "ing")))
		}
		if i > s.first && t.is(capital) {
			names++
			anchors += float64(b2i(x.sayable))
		}
	}
	text := e.d.text[s.at:s.end]
	return []Cue{{"to-reader", to}, {"of-others", of}, {"to-reader-alone", float64(b2i(to > 0 && of == 0))}, {"of-others-alone", float64(b2i(of > 0 && to == 0))},
		{"denied", no}, {"past", past}, {"ed", math.Log1p(ed)}, {"ing", math.Log1p(ing)}, {"capitals", names}, {"anchors", anchors}, {"anchored", anchors / float64(s.last-s.first+1)},
		{"commas", math.Log1p(float64(strings.Count(text, ",")))}, {"breaks", float64(strings.Count(text, ";") + strings.Count(text, ":"))},
		{"dashes", float64(strings.Count(text, "–") + strings.Count(text, "—"))}, {"length", float64(len(text)) / 100}}
}

// bids reports whether a sentence in another language speaks to its reader or begins
// with what to do.
func (e *examiner) bids(s sentence, senses []sense) bool {
	if englishText(e.d) {
		return false
	}
	for _, x := range senses[s.first:s.last] {
		for _, stem := range x.stems {
			if stem == "you" || stem == "your" || stem == "pleas" {
				return true
			}
		}
	}
	return beginsLike(e.d.toks[s.first].word, foreignNeeds["do"])
}

// pointers are, for each sentence, the findings by which a softer rule asks about words
// of it.
func (e *examiner) pointers() [][]int {
	out := make([][]int, len(e.d.sents))
	for i, f := range e.findings {
		if f.Level != tocsin.GuardAsk || !softRules[f.Rule] || f.Start == f.End {
			continue
		}
		last := -1
		for k := firstFrom(e.d, f.Start); k < len(e.d.toks) && int(e.d.toks[k].at) < f.End; k++ {
			if n := int(e.d.toks[k].sent); n != last {
				out[n] = append(out[n], i)
				last = n
			}
		}
	}
	return out
}

// ruleCues adds what the softer rules have seen in sentence n.
func (e *examiner) ruleCues(n int, cues []Cue) []Cue {
	seen := map[string]bool{}
	for _, i := range e.pointed[n] {
		if rule := e.findings[i].Rule; !seen[rule] {
			seen[rule] = true
			cues = append(cues, Cue{"rule:" + rule, 1})
		}
	}
	return cues
}

// doubts asks about the sentences that are weighed heavily, once for each, and takes
// the softer rules' own questions back: they stand beside it as notes.
func (e *examiner) doubts(weighed []Weighed) {
	if weighed == nil {
		return
	}
	for i, f := range e.findings {
		if f.Level == tocsin.GuardAsk && softRules[f.Rule] {
			e.findings[i].Level = tocsin.GuardNote
		}
	}
	for n, w := range weighed {
		if w.Doubt < e.askedFrom(n, w) {
			continue
		}
		what, why, do := e.doubted(n)
		e.find(tocsin.GuardAsk, "support", "support/doubt", w.Start, w.End, what, why, do)
	}
}

// askedFrom is the doubt from which sentence n is asked about.
func (e *examiner) askedFrom(n int, w Weighed) float64 {
	pointers, retold, advice := 0, false, false
	for _, c := range w.Cues {
		advice = advice || c.Name == "advice" && c.Value > 0
		if rule, ok := strings.CutPrefix(c.Name, "rule:"); ok {
			pointers++
			retold = retold || rule == "copy/retold"
		}
	}
	s := e.d.sents[n]
	switch {
	case pointers > 1 || retold:
		return askTwice
	case pointers > 0:
		return askPointed
	case s.first < s.last && e.bare(s.first):
		return askBidding
	case advice:
		return askAdvice
	}
	return askFrom
}

// doubted says what the doubt about sentence n rests on, why it matters and what helps:
// in the words of the first softer rule that points to it, if one does.
func (e *examiner) doubted(n int) (what, why, remedy string) {
	what, remedy = "Nothing that may be said seems to carry this sentence.", "Say which releasable part it rests on, or that it is advice, or leave it out."
	if len(e.pointed[n]) == 0 {
		return what, "What nobody released and somebody knows is what was restricted, also in other words.", remedy
	}
	f := e.findings[e.pointed[n][0]]
	return what + " " + f.What, f.Why, f.Do + " Or say which releasable part the sentence rests on."
}
