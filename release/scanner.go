package release

import (
	"cmp"
	"slices"
	"strings"
)

// Term is something that a warning must not say.
type Term struct {
	Text string `json:"text"`
	Kind string `json:"kind"`          // "origin", "conveyor", "handler", "collection", "cover", "originator" or "report text"
	Why  string `json:"why,omitempty"` // for those entitled to know; the guard never prints it
}

// Hit is one place where a text says a term.
type Hit struct {
	Term       Term
	Start, End int // bytes of the text as given
}

// Scanner finds many terms in a text at once. It is safe for use by several
// goroutines, and its cost depends on the text, hardly on the number of terms.
//
// A term is found as whole words: in any case, script variant or spacing, across
// line breaks, punctuation and hyphens, written together or apart (from five
// letters up; shorter ones only if spelt out letter by letter), with invisible
// characters, look-alike letters of other scripts, or digits and signs for
// letters inside, with a plural or -ed behind it and an Arabic article before it
// (from four letters up). What is disguised further is found by Examine: see
// disguise.go. Translations are not found.
type Scanner struct {
	terms  []Term
	shapes []shape
	nodes  []node
	byKey  [][]int32 // terms of each key
	blank  []Term
	lateTables
}

// shape is what a hit has to be checked against beside its letters.
type shape struct{ letters, words int32 }

// node is one branch of a radix tree over folded terms. The children of a node
// stand together, ordered by the first rune of their labels.
type node struct {
	label    []rune
	child, n int32
	key      int32 // index into byKey, or -1
}

// key is one folded term with the terms that fold to it.
type key struct {
	runes []rune
	terms []int32
}

// NewScanner prepares to find terms. The order of the terms does not matter.
// Those without any letter or digit cannot be found; see Unscannable.
func NewScanner(terms []Term) *Scanner {
	s := &Scanner{terms: slices.Clone(terms), shapes: make([]shape, len(terms))}
	var keys []key
	for i, t := range s.terms {
		gs := fold(t.Text, false)
		if len(gs) == 0 {
			s.blank = append(s.blank, t)
			continue
		}
		s.shapes[i] = shape{int32(len(gs)), gs[len(gs)-1].word + 1}
		k := key{make([]rune, len(gs)), []int32{int32(i)}}
		for j, g := range gs {
			k.runes[j] = g.r
		}
		keys = append(keys, k)
	}
	slices.SortStableFunc(keys, func(a, b key) int { return slices.Compare(a.runes, b.runes) })
	s.build(merged(keys))
	return s
}

// merged joins equal neighbours.
func merged(keys []key) []key {
	out := keys[:0]
	for _, k := range keys {
		if n := len(out); n > 0 && slices.Equal(out[n-1].runes, k.runes) {
			out[n-1].terms = append(out[n-1].terms, k.terms...)
			continue
		}
		out = append(out, k)
	}
	return out
}

// build lays the tree out breadth first, so that children stand together. keys
// are sorted and distinct.
func (s *Scanner) build(keys []key) {
	type span struct{ lo, hi, depth int }
	s.nodes = append(s.nodes, node{key: -1})
	todo := []span{{0, len(keys), 0}}
	for at := 0; at < len(todo); at++ {
		sp, depth := todo[at], todo[at].depth
		if at > 0 {
			a, b := keys[sp.lo].runes, keys[sp.hi-1].runes
			for depth < len(a) && depth < len(b) && a[depth] == b[depth] {
				depth++
			}
			s.nodes[at].label = a[sp.depth:depth]
		}
		lo := sp.lo
		if lo < sp.hi && len(keys[lo].runes) == depth {
			s.nodes[at].key = int32(len(s.byKey))
			s.byKey = append(s.byKey, keys[lo].terms)
			lo++
		}
		s.nodes[at].child = int32(len(s.nodes))
		for lo < sp.hi {
			hi := lo + 1
			for hi < sp.hi && keys[hi].runes[depth] == keys[lo].runes[depth] {
				hi++
			}
			s.nodes = append(s.nodes, node{key: -1})
			todo = append(todo, span{lo, hi, depth})
			lo = hi
		}
		s.nodes[at].n = int32(len(s.nodes)) - s.nodes[at].child
	}
}

// Unscannable returns the terms that hold no letter or digit and so are never
// found.
func (s *Scanner) Unscannable() []Term { return slices.Clone(s.blank) }

// Scan returns every place where text says a term, by start, end, and the order
// in which the terms were given. Places may overlap.
func (s *Scanner) Scan(text string) []Hit {
	return s.hits(views(text), s.matches)
}

// views returns the readings of text that have to be searched.
func views(text string) [][]glyph {
	v := [][]glyph{fold(text, false)}
	if strings.ContainsFunc(text, func(r rune) bool { return r < 0x80 && signReadings[r] != "" }) {
		v = append(v, fold(text, true))
	}
	return v
}

// match is a term between two glyphs, both inclusive.
type match struct {
	term        int32
	first, last int
}

// hits turns the matches in all views into distinct, ordered hits.
func (s *Scanner) hits(views [][]glyph, find func([]glyph, func(match))) []Hit {
	type place struct{ start, end, term int32 }
	var places []place
	for _, gs := range views {
		find(gs, func(m match) {
			if s.stands(gs, m) {
				places = append(places, place{gs[m.first].at, gs[m.last].end, m.term})
			}
		})
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.term, b.term))
	})
	var hits []Hit
	for _, p := range slices.Compact(places) {
		hits = append(hits, Hit{s.terms[p.term], int(p.start), int(p.end)})
	}
	return hits
}

// matches walks the tree from every place where a word may begin.
func (s *Scanner) matches(gs []glyph, emit func(match)) {
	for i := range gs {
		if gs[i].edge&(begins|behindClit) != 0 {
			s.walk(gs, i, i, 0, 0, emit)
		}
	}
}

// walk goes on from glyph i, of a match that began at start, having read off
// runes of the label of node n.
func (s *Scanner) walk(gs []glyph, start, i int, n int32, off int, emit func(match)) {
	nd := &s.nodes[n]
	if off == len(nd.label) && nd.key >= 0 {
		for _, t := range s.byKey[nd.key] {
			emit(match{t, start, i - 1})
		}
	}
	if i == len(gs) {
		return
	}
	s.step(gs, start, i, nd, n, off, gs[i].r, emit)
	for _, r := range gs[i].alts {
		s.step(gs, start, i, nd, n, off, r, emit)
	}
}

func (s *Scanner) step(gs []glyph, start, i int, nd *node, n int32, off int, r rune, emit func(match)) {
	if off < len(nd.label) {
		if nd.label[off] == r {
			s.walk(gs, start, i+1, n, off+1, emit)
		}
		return
	}
	lo, hi := nd.child, nd.child+nd.n
	for lo < hi {
		mid := (lo + hi) / 2
		switch c := s.nodes[mid].label[0]; {
		case c == r:
			s.walk(gs, start, i+1, mid, 1, emit)
			return
		case c < r:
			lo = mid + 1
		default:
			hi = mid
		}
	}
}

// The letters from which a term may be inflected, and from which it may be
// written together or apart in another way than it was given. Below, ordinary
// words would be found: "the o..." is no Theo.
const (
	inflectFrom = 4
	joinFrom    = 5
)

// stands reports whether the letters found are also words.
func (s *Scanner) stands(gs []glyph, m match) bool {
	n := m.last - m.first + 1
	if gs[m.first].edge&begins == 0 && n < inflectFrom {
		return false
	}
	if gs[m.last].edge&ends == 0 && (n < inflectFrom || !inflected(gs, m.last)) {
		return false
	}
	words := gs[m.last].word - gs[m.first].word + 1
	return n >= joinFrom || words == 1 || words == s.shapes[m.term].words || words == int32(n)
}
