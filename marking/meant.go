package marking

import (
	"slices"
	"strings"
	"sync"

	"tocsin/spelling"
)

// usual are the markings that a form offers: those in daily use in each system that
// is known here. Others are taken too.
var usual = []string{"UNCLASSIFIED", "CUI", "CONFIDENTIAL", "CONFIDENTIAL//NOFORN", "SECRET", "SECRET//NOFORN", "SECRET//ORCON", "SECRET//ORCON/NOFORN",
	"SECRET//REL TO USA, AUS, CAN, GBR, NZL", "TOP SECRET", "TOP SECRET//NOFORN", "TOP SECRET//ORCON/NOFORN", "TOP SECRET//SI//NOFORN",
	"OFFICIAL", "OFFICIAL-SENSITIVE", "UK SECRET", "UK TOP SECRET", "//NATO RESTRICTED", "//NATO CONFIDENTIAL", "//NATO SECRET",
	"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED", "PAP:GREEN", "PAP:AMBER", "PAP:RED", "PUBLIC"}

// Usual lists the markings in daily use, each in its canonical form, for a form to
// offer. It is no list of what is allowed.
func Usual() []string { return slices.Clone(usual) }

// longestGuess bounds the markings of which Meant guesses what was meant.
const longestGuess = 200

// Meant lists the markings that a writer may have meant by one that cannot be read,
// the likeliest first, at most n, each in its canonical form; none if it can be read,
// or if nothing is near. They are there to ask a person. Nothing may be marked by
// them without being asked: a guess may be a lower marking than the one meant.
func Meant(written string, n int) []string {
	c, bad := clean(written)
	if bad >= 0 || c.text == "" || len(c.text) > longestGuess || Read(written).Known() {
		return nil
	}
	var out []string
	for _, guess := range append(respelt(c.text), spelling.Nearest(c.text, usual, n)...) {
		m := Read(guess)
		if said := m.String(); m.Known() && len(out) < n && !slices.Contains(out, said) {
			out = append(out, said)
		}
	}
	return out
}

// respelt is a marking with each word that no marking has put right, in every way
// for one of them and in the likeliest for the others.
func respelt(text string) []string {
	words, apart := pieces(text)
	best := slices.Clone(words)
	var others []string
	for i, w := range words {
		if slices.Contains(vocabulary(), w) {
			continue
		}
		near := spelling.Nearest(w, vocabulary(), 3)
		if len(near) == 0 {
			continue // a country, a code word: only a person can say
		}
		best[i] = near[0]
		for _, other := range near[1:] {
			changed := slices.Clone(words)
			changed[i] = other
			others = append(others, joined(changed, apart))
		}
	}
	return append([]string{joined(best, apart)}, others...)
}

// pieces takes a marking apart into its words and what stands after each.
func pieces(text string) (words, apart []string) {
	for text != "" {
		end := strings.IndexFunc(text, between)
		if end < 0 {
			end = len(text)
		}
		next := strings.IndexFunc(text[end:], func(r rune) bool { return !between(r) })
		if next < 0 {
			next = len(text) - end
		}
		words, apart, text = append(words, text[:end]), append(apart, text[end:end+next]), text[end+next:]
	}
	return words, apart
}

func between(r rune) bool { return strings.ContainsRune(" /,&()", r) }

func joined(words, apart []string) string {
	var b strings.Builder
	for i, w := range words {
		b.WriteString(w)
		b.WriteString(apart[i])
	}
	return b.String()
}

// vocabulary are the words of which the usual markings and the controls are made,
// sorted. Words of two letters are left out: too much is near them.
var vocabulary = sync.OnceValue(func() []string {
	var out []string
	add := func(text string) {
		words, _ := pieces(text)
		for _, w := range words {
			if len(w) > 2 {
				out = append(out, w)
			}
		}
	}
	for _, m := range usual {
		add(m)
	}
	for name := range controlNames {
		add(name)
	}
	slices.Sort(out)
	return slices.Compact(out)
})
