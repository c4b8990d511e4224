package provenance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"tocsin"
)

const (
	run      = 5   // words that must follow each other to count as shared
	minWords = 12  // shorter texts say too little to tell quoting from chance
	share    = 0.6 // of its runs that one text must share to be a repetition
)

// pair is two reports, a older than b, that share words.
type pair struct {
	a, b         int
	shared       int // runs that both have
	sizeA, sizeB int // runs that each has
}

// same reports whether each is for the most part in the other.
func (p pair) same() bool {
	return float64(p.shared) >= share*float64(max(p.sizeA, p.sizeB))
}

// quoted reports whether the shorter is for the most part in the longer.
func (p pair) quoted() bool {
	return float64(p.shared) >= share*float64(min(p.sizeA, p.sizeB))
}

func (p pair) long() int {
	if p.sizeA > p.sizeB {
		return p.a
	}
	return p.b
}

func (p pair) short() int { return p.a + p.b - p.long() }

// words is the least number of words shared: fewer stretches would need as many.
func (p pair) words() int { return p.shared + run - 1 }

func (p pair) reason() string { return fmt.Sprintf("shares at least %d words", p.words()) }

func byIndex(p, q pair) int { return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b)) }

// overlaps finds every pair of reports that share at least minWords words in
// runs. Time grows with the number of places where runs are shared, not with the
// number of pairs; a copy of an older report adds no such places.
func overlaps(reports []tocsin.Report) []pair {
	ids := &numbering{word: map[string]int32{}, run: map[[run]int32]int32{}}
	sizes := make([]int, len(reports))
	holders := map[int32][]int{}            // run -> the older reports that have it
	models := map[tocsin.Digest][][]int32{} // content -> the runs of those that have it
	var out []pair
	for i, r := range reports {
		runs := ids.runs(r.Text)
		same := func(m []int32) bool { return slices.Equal(m, runs) }
		if r.Content != "" && slices.ContainsFunc(models[r.Content], same) {
			continue // joined by its content, and shares with others what its model shares
		}
		models[r.Content] = append(models[r.Content], runs)
		sizes[i] = len(runs)
		shared := map[int]int{}
		for _, n := range runs {
			for _, j := range holders[n] {
				shared[j]++
			}
			holders[n] = append(holders[n], i)
		}
		for j, n := range shared {
			if n >= minWords-run+1 {
				out = append(out, pair{a: j, b: i, shared: n, sizeA: sizes[j], sizeB: sizes[i]})
			}
		}
	}
	slices.SortFunc(out, byIndex)
	return out
}

// numbering gives words and runs numbers, so that equal ones are found without
// the risk that two different ones look equal.
type numbering struct {
	word map[string]int32
	run  map[[run]int32]int32
}

// runs returns the different runs of words in text.
func (n *numbering) runs(text string) []int32 {
	var last [run]int32
	var out []int32
	for i, w := range words(text) {
		id, ok := n.word[w]
		if !ok {
			id = int32(len(n.word))
			n.word[w] = id
		}
		copy(last[:], last[1:])
		last[run-1] = id
		if i < run-1 {
			continue
		}
		r, ok := n.run[last]
		if !ok {
			r = int32(len(n.run))
			n.run[last] = r
		}
		out = append(out, r)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// words splits text into what is compared: runs of letters, marks and digits
// without regard to case, punctuation and invisible characters. In scripts that
// write no spaces each character is a word.
func words(text string) []string {
	text = strings.ToLower(norm.NFKC.String(text))
	text = strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII && unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) }) {
		start := 0
		for i, r := range w {
			if r < 0x0E00 || !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
				continue
			}
			if start < i {
				out = append(out, w[start:i])
			}
			start = i + len(string(r))
			out = append(out, w[i:start])
		}
		if start < len(w) {
			out = append(out, w[start:])
		}
	}
	return out
}

// unknownOrigins are ways of writing that the origin is not known. Two
// anonymous callers are neither the same person nor two.
var unknownOrigins = map[string]bool{"unknown": true, "not known": true, "n/a": true, "na": true, "none": true, "unk": true, "tbd": true,
	"anonymous": true, "anon": true, "unidentified": true, "-": true, "?": true, "??": true, "origin unknown": true, "unknown origin": true}

// normalOrigin is the form in which declared origins are compared; "" is unknown.
func normalOrigin(s string) string {
	s = strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(s))), " ")
	if s = strings.Trim(s, ".,;"); unknownOrigins[s] {
		return ""
	}
	return s
}
