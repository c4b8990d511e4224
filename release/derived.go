package release

import "strings"

// Words derived from a protected one: the people of a directorate ("Palisadiens"), the
// adjective of a place, with whatever ending a language has for them. A protected word
// of derivedLetters letters or more is known by its beginning without its last vowel.
//
// Limits: only what begins with that, so changes inside the word are not found here; a
// shorter word begins too many others.

const (
	derivedLetters = 6
	longestEnding  = 7
)

// derivable are the beginnings of the uncommon words of the terms.
func (p *Prepared) derivable(terms []Term) {
	p.derived, p.derivedKin = map[string]Term{}, map[string]bool{}
	for _, t := range terms {
		for _, w := range read(t.Text).toks {
			root := strings.TrimRight(w.word, "aeiouy")
			if len(w.word) < derivedLetters || len(root) < derivedLetters-1 || w.plain() || w.is(numeral|mixed) || publicNames[w.word] || plainThings[plainStem(w.word)] || p.allowed[w.word] || !w.is(capital|foreign) {
				continue
			}
			p.derived[root] = t
			for _, other := range read(t.Text).toks {
				if root := strings.TrimRight(other.word, "aeiouy"); len(root) >= 4 && !other.plain() && other.word != w.word {
					p.derivedKin[root] = true
				}
			}
		}
	}
}

// derivations asks about words that begin as a protected one does.
func (e *examiner) derivations() {
	for i, t := range e.d.toks {
		if len(t.word) <= derivedLetters || t.plain() || publicNames[t.word] || e.p.allowed[t.word] || e.d.small(t) && !t.is(foreign) && e.lonely(i) {
			continue
		}
		for n := max(derivedLetters-1, len(t.word)-longestEnding); n < len(t.word); n++ {
			if term, ok := e.p.derived[t.word[:n]]; ok {
				e.term(term, inflectedly, int(t.at), int(t.end), false)
				break
			}
		}
	}
}

// lonely reports whether no word beside token i is of a protected term either: then a
// word written small is a common one.
func (e *examiner) lonely(i int) bool {
	for _, k := range []int{i - 1, i + 1} {
		if k < 0 || k >= len(e.d.toks) {
			continue
		}
		w := e.d.toks[k].word
		for n := 4; n <= len(w); n++ {
			if _, ok := e.p.derived[w[:n]]; ok || e.p.derivedKin[w[:n]] {
				return false
			}
		}
	}
	return true
}
