package release

import (
	"fmt"
	"slices"

	"tocsin"
)

// Near-copies of restricted words: runs of stemmed words that stand in a restricted
// part and in no releasable one, and stretches that share so many telling words
// with one restricted part that they retell it, in whatever order. Synonyms of a
// small closed list and numbers in words or digits count as the same word; words of
// grammar, and all that releasable parts and the case say, count nothing; common
// words count little.
//
// Limits: a retelling that shares neither words nor listed synonyms is not found,
// nor one in another language. Words that stand in more than maxPostings parts are
// common in the case and tell none of them apart.

const (
	stretchWords = 24 // content words of a sliding window, beside the sentences
	copyWhy      = "Whoever knows the report, or told it, recognises it; and its marking keeps it from these readers."
	copyDo       = "Say it in other words, from what is releasable, or ask for this portion to be released."
)

func (e *examiner) copies() {
	e.runs()
	score := newScore(e.p)
	for _, s := range e.d.sents {
		e.retold(score, s.first, s.last)
	}
	for i := 0; i < len(e.x.content); i += stretchWords / 2 {
		j := min(i+stretchWords, len(e.x.content))
		if j-i > 4 {
			e.retold(score, e.x.content[i], e.x.content[j-1]+1)
		}
		if j == len(e.x.content) {
			break
		}
	}
}

// runs finds words in a row.
func (e *examiner) runs() {
	hashes := runsOf(e.d)
	for i := 0; i < len(hashes); i++ {
		if len(e.p.runs[hashes[i]]) == 0 {
			continue
		}
		j := i
		for j+1 < len(hashes) && len(e.p.runs[hashes[j+1]]) > 0 {
			j++
		}
		e.run(i, j+runWords, e.p.runs[hashes[i]][0])
		i = j
	}
}

// run weighs a run of tokens that stands in part.
func (e *examiner) run(first, last int, part int32) {
	n, weight, telling := last-first, 0.0, 0
	for i := first; i < last; i++ {
		w := e.p.weight(e.d.toks[i])
		weight += w
		if e.everyday(e.d.toks[i]) {
			weight -= w - 0.35
			continue
		}
		telling += b2i(w >= 1)
	}
	level := tocsin.GuardNote
	switch {
	case n >= 7 && weight >= 1 || n >= 5 && telling >= 2 || n >= QuoteWords && weight > 0:
		level = tocsin.GuardBlock
	case weight >= 0.9 || telling >= 1:
		level = tocsin.GuardAsk
	default:
		return
	}
	at, end := int(e.d.toks[first].at), int(e.d.toks[last-1].end)
	e.find(level, "marking", "copy/run", at, end, fmt.Sprintf("%d words in a row are those of %s.", n, e.p.called(part)), copyWhy, copyDo)
}

// weight is how much a word tells when two texts share it.
func (p *Prepared) weight(t token) float64 {
	switch {
	case stopWords[t.word] || p.allowed[t.stem] || p.allowed[t.word]:
		return 0
	case t.plain():
		return 0.35
	case t.is(numeral):
		return 0.8
	}
	return 1
}

// called names a part for an officer who may see that it exists.
func (p *Prepared) called(i int32) string {
	part := p.parts[i]
	if part.source < 0 {
		return "the case"
	}
	name := string(p.q.Contributing[part.source].Report)
	switch {
	case part.kind == theSource:
		return "what is on record about the source of report " + name
	case part.stamp.withheld:
		return fmt.Sprintf("report %s, portion %d (its originator has not agreed to this portion)", name, part.number)
	case part.stamp.marked && part.stamp.marks.Known():
		return fmt.Sprintf("report %s, portion %d (%s)", name, part.number, part.stamp.marks)
	}
	return fmt.Sprintf("report %s, portion %d", name, part.number)
}

// score counts what a stretch shares with each part.
type score struct {
	weight  []float64
	telling []int
	shared  []int
	touched []int32
}

func newScore(p *Prepared) *score {
	n := len(p.parts)
	return &score{make([]float64, n), make([]int, n), make([]int, n), nil}
}

func (s *score) clear() {
	for _, i := range s.touched {
		s.weight[i], s.telling[i], s.shared[i] = 0, 0, 0
	}
	s.touched = s.touched[:0]
}

// retold asks whether tokens first to last-1 retell one restricted part.
func (e *examiner) retold(s *score, first, last int) {
	defer s.clear()
	total := 0.0
	seen := make(map[string]bool, last-first)
	for i := first; i < last; i++ {
		t := e.d.toks[i]
		if seen[t.stem] || stopWords[t.word] {
			continue
		}
		seen[t.stem] = true
		w := e.p.weight(t)
		total += max(w, 0.35)
		list := e.p.stems[t.stem]
		if w == 0 || len(list) > maxPostings {
			continue
		}
		daily := w >= 0.8 && e.everyday(t)
		for _, p := range list {
			if !e.p.parts[p].restricted {
				continue
			}
			if s.shared[p] == 0 {
				s.touched = append(s.touched, p)
			}
			s.weight[p] += w
			s.shared[p]++
			s.telling[p] += b2i(w >= 0.8 && !daily)
		}
	}
	best := int32(-1)
	for _, p := range s.touched {
		if best < 0 || s.weight[p] > s.weight[best] {
			best = p
		}
	}
	if best >= 0 {
		e.retelling(s, best, total, first, last)
	}
}

func (e *examiner) retelling(s *score, best int32, total float64, first, last int) {
	w, telling, shared := s.weight[best], s.telling[best], s.shared[best]
	level := tocsin.GuardNote
	switch {
	case telling >= 3 && w >= 3.5 && w >= 0.35*total, telling >= 2 && shared >= 6 && w >= 0.5*total:
		level = tocsin.GuardBlock
	case telling >= 2 && w >= 0.2*total, telling >= 1 && shared >= 3, shared >= 5 && w >= 0.4*total, shared >= 4 && w >= 0.5*total, shared >= 3 && w >= 0.7*total:
		level = tocsin.GuardAsk
	default:
		return
	}
	lo, hi := -1, 0
	for i := first; i < last; i++ {
		if e.p.weight(e.d.toks[i]) > 0 && slices.Contains(e.p.stems[e.d.toks[i].stem], best) {
			if lo < 0 {
				lo = i
			}
			hi = i
		}
	}
	e.find(level, "marking", "copy/retold", int(e.d.toks[lo].at), int(e.d.toks[hi].end), fmt.Sprintf("This retells %s: %d of its words stand here, and in nothing that may be said.", e.p.called(best), shared), copyWhy, copyDo)
}
