package release

import (
	"fmt"
	"unicode/utf8"

	"tocsin/marking"
	"tocsin/spelling"
)

// QuoteWords is the number of words in a row that make a verbatim copy. Shorter
// runs are place names and set phrases.
const QuoteWords = 8

// wordAt is one folded word of a text. Equal words have equal sums; unequal ones
// differ but for one chance in 2^64, and then the guard errs on the safe side.
type wordAt struct {
	sum     uint64
	at, end int
}

const (
	fnvBasis = 14695981039346656037
	fnvPrime = 1099511628211
)

// wordsOf splits a text into words as fold does, without the readings that only
// a search for terms needs.
func wordsOf(text string) []wordAt {
	words := make([]wordAt, 0, len(text)/5)
	open := false
	add := func(r rune, at, end int) {
		if !open {
			words = append(words, wordAt{sum: fnvBasis, at: at})
			open = true
		}
		w := &words[len(words)-1]
		w.sum, w.end = (w.sum^uint64(r))*fnvPrime, end
	}
	var buf [8]rune
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if f := spelling.ASCII[c]; f != 0 {
				add(rune(f), i, i+1)
			} else if !spelling.ASCIIVanishes(c) {
				open = false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		runes, cl := spelling.Fold(r, size, buf[:0])
		open = open && cl != spelling.Separates && cl != spelling.Stands
		for _, f := range runes {
			add(f, i, i+size)
		}
		open = open && cl != spelling.Stands
		i += size
	}
	return words
}

// runSum mixes the sums of QuoteWords words in their order.
func runSum(words []wordAt) uint64 {
	h := uint64(fnvBasis)
	for _, w := range words[:QuoteWords] {
		h = (h ^ w.sum) * fnvPrime
		h ^= h >> 29
	}
	return h
}

// stamp is a marking, or none: words without a marking are not words whose
// marking cannot be read.
type stamp struct {
	marks    marking.Marking
	marked   bool
	withheld bool // its originator has not agreed to it
}

// with returns the stamp of words that bear a and words that bear b.
func (a stamp) with(b stamp) stamp {
	switch {
	case !a.marked:
		return b
	case !b.marked:
		return a
	}
	return stamp{marking.Combine(a.marks, b.marks), true, a.withheld || b.withheld}
}

// copied is a stretch of a draft that stands word for word in a source.
type copied struct {
	field      int // index into the fields looked at
	start, end int // bytes of the field
	stamp      stamp
}

// quotes finds what the fields copy word for word from a source.
type quotes struct {
	words [][]wordAt // of each field
	runs  [][]uint64 // of each field: the run that begins at each word
	known map[uint64]bool
	read  map[[2]string]stamp // markings that were read already
}

func newQuotes(fields []field) *quotes {
	q := &quotes{known: make(map[uint64]bool), read: make(map[[2]string]stamp)}
	for _, f := range fields {
		words := wordsOf(f.text)
		var runs []uint64
		for j := 0; j+QuoteWords <= len(words); j++ {
			h := runSum(words[j:])
			runs = append(runs, h)
			q.known[h] = true
		}
		q.words, q.runs = append(q.words, words), append(q.runs, runs)
	}
	return q
}

// from returns the copies from one source in the order of the fields, runs that
// touch joined. A run bears the markings of every portion it comes from; where
// the same words stand in the source several times, of all of them.
func (q *quotes) from(s Source) []copied {
	if len(q.known) == 0 {
		return nil
	}
	lent := make(map[uint64]stamp)
	words := wordsOf(s.Text)
	for j := 0; j+QuoteWords <= len(words); j++ {
		if h := runSum(words[j:]); q.known[h] {
			lent[h] = lent[h].with(q.stampOf(s, words[j].at, words[j+QuoteWords-1].end))
		}
	}
	if len(lent) == 0 {
		return nil
	}
	var found []copied
	for i, runs := range q.runs {
		for j, h := range runs {
			st, ok := lent[h]
			if !ok {
				continue
			}
			c := copied{i, q.words[i][j].at, q.words[i][j+QuoteWords-1].end, st}
			if n := len(found); n > 0 && found[n-1].field == i && found[n-1].end >= c.start {
				c.start, c.stamp = found[n-1].start, c.stamp.with(found[n-1].stamp)
				found = found[:n-1]
			}
			found = append(found, c)
		}
	}
	return found
}

// stampOf returns the marking of the words of s between two bytes: those of the
// portions they touch, and the banner's where a portion has none or there are no
// portions.
func (q *quotes) stampOf(s Source, start, end int) stamp {
	var st stamp
	touched := false
	for _, p := range s.Portions {
		if p.Start < end && start < p.End {
			touched, st = true, st.with(q.portion(s.Marking, p.Marking))
		}
	}
	if !touched {
		return q.portion(s.Marking, "")
	}
	return st
}

func (q *quotes) portion(banner, mark string) stamp {
	if banner == "" && mark == "" {
		return stamp{}
	}
	id := [2]string{banner, mark}
	st, ok := q.read[id]
	if !ok {
		st = stamp{marking.Read(banner), true, mark == Withheld}
		if mark != "" {
			st.marks, _ = marking.ParsePortion(mark, st.marks)
		}
		q.read[id] = st
	}
	return st
}

// Withheld is the marking of a portion to which the originator of a report has not
// agreed, where they agreed to others. It is none of any scheme, so nobody may have
// the portion.
const Withheld = "WITHHELD BY ITS ORIGINATOR"

// checkQuotes refuses words that a report of a higher marking lends.
func (g *guard) checkQuotes() {
	fields := g.spoken()
	q := newQuotes(fields)
	lenders := g.q.Prepared.lenders(g.q, q)
	for i, s := range g.q.Contributing {
		if lenders != nil && !lenders[i] {
			continue
		}
		for _, c := range q.from(s) {
			where := fields[c.field].where(c.start, c.end)
			switch {
			case !c.stamp.marked:
				g.caution("marking", where, fmt.Sprintf("These words are copied from report %s, which has no marking.", s.Report),
					"Make sure that nobody can tell from them who reported it.")
			case c.stamp.withheld:
				g.block("marking", where, fmt.Sprintf("These words are copied from report %s: its originator has not agreed to this portion.", s.Report),
					"Say it in other words, from what is releasable, or ask the originator for this portion.")
			case !marking.Dominates(g.mark, c.stamp.marks):
				g.block("marking", where, fmt.Sprintf("These words are copied from report %s, where they are marked %s; the warning is marked %s.", s.Report, shown(c.stamp.marks), shown(g.mark)),
					"Say it in other words, from what is releasable, or mark the warning as high as the report.")
			}
		}
	}
}

// quotable says in which sources each run of QuoteWords words stands.
func quotable(sources []Source) map[uint64][]int32 {
	m := make(map[uint64][]int32)
	for i, s := range sources {
		words := wordsOf(s.Text)
		for j := 0; j+QuoteWords <= len(words); j++ {
			h := runSum(words[j:])
			if list := m[h]; len(list) == 0 || list[len(list)-1] != int32(i) {
				m[h] = append(list, int32(i))
			}
		}
	}
	return m
}

// lenders are the sources that hold a run of the fields; nil if p was not prepared
// for the question, and then any may.
func (p *Prepared) lenders(question Question, q *quotes) map[int]bool {
	if !p.Fits(question) {
		return nil
	}
	found := make(map[int]bool)
	for h := range q.known {
		for _, i := range p.quotable[h] {
			found[int(i)] = true
		}
	}
	return found
}

func shown(m marking.Marking) string {
	if !m.Known() {
		return "in a way that cannot be read"
	}
	return m.String()
}
