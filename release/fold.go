package release

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin/spelling"
)

// Words are compared in the folded form of package spelling, because whoever hides a
// word, or merely types it another way, changes its bytes and not its reading. What
// cannot be folded to one form (a Cyrillic letter that looks Latin, a 1 for an l)
// becomes an alternative reading of its place.

// glyph is one character of the folded text.
type glyph struct {
	r       rune
	at, end int32  // bytes of the original text
	word    int32  // number of the word it belongs to
	alts    string // other readings
	upper   bool
	edge    edge
}

// edge says where a term may begin and end.
type edge uint8

const (
	begins     edge = 1 << iota // the first of a word, or behind a change such as "opNighthawk7"
	ends                        // the last of a word, or before such a change
	first                       // the first of a word
	last                        // the last of a word
	behindClit                  // behind an Arabic article or particle written onto the word
)

// fold returns the folded text. With symbols, signs such as @ and $ that stand
// between letters are read as the letters they look like; without, they separate
// words. A scan needs both, because "desk@post" is two words and "n@than" is one.
func fold(text string, symbols bool) []glyph {
	gs := make([]glyph, 0, len(text))
	word, open := int32(-1), false
	add := func(r rune, at, end int, upper bool) {
		if !open {
			word++
			open = true
		}
		gs = append(gs, glyph{r: r, at: int32(at), end: int32(end), word: word, upper: upper})
	}
	var buf [8]rune
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			switch {
			case spelling.ASCII[c] != 0:
				add(rune(spelling.ASCII[c]), i, i+1, c >= 'A' && c <= 'Z')
			case symbols && signReadings[c] != "" && insideWord(text, i):
				add(rune(c), i, i+1, false)
			case !spelling.ASCIIVanishes(c):
				open = false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		runes, cl := spelling.Fold(r, size, buf[:0])
		if cl == spelling.Separates || cl == spelling.Stands {
			open = false
		}
		for _, f := range runes {
			add(f, i, i+size, unicode.IsUpper(r))
		}
		if cl == spelling.Stands {
			open = false
		}
		i += size
	}
	for i := 0; i < len(gs); {
		j := i + 1
		for j < len(gs) && gs[j].word == gs[i].word {
			j++
		}
		readWord(gs[i:j])
		i = j
	}
	return gs
}

// insideWord reports whether a letter or digit stands on both sides of byte i.
func insideWord(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i+1:])
	return i > 0 && i+1 < len(text) && spelling.Spells(before) && spelling.Spells(after)
}

// readWord sets the edges and alternative readings of one word.
func readWord(w []glyph) {
	w[0].edge |= begins | first
	w[len(w)-1].edge |= ends | last
	var letters, digits, latin, foreign, lower bool
	run := 0 // lower-case letters up to here
	for i := range w {
		d := w[i].r >= '0' && w[i].r <= '9'
		digits, letters = digits || d, letters || !d
		if w[i].r < utf8.RuneSelf && !d {
			latin = true
		} else if !d {
			foreign = true
		}
		if i > 0 {
			wasDigit := w[i-1].r >= '0' && w[i-1].r <= '9'
			// Four letters first, so that McDonald and MacArthur stay one word.
			if d != wasDigit || w[i].upper && run >= 4 {
				w[i-1].edge |= ends
				w[i].edge |= begins
			}
		}
		if w[i].upper || d {
			run = 0
		} else {
			run++
			lower = true
		}
	}
	leet := letters && digits && !measure(w)
	for i := range w {
		w[i].alts = readings(w, i, leet, latin && foreign, lower)
	}
	if w[0].r >= utf8.RuneSelf && unicode.Is(unicode.Arabic, w[0].r) {
		markClitics(w)
	}
}

// readings returns what else the character at i may be meant to be read as, in a
// word with digits among its letters (leet), letters of several scripts (mixed),
// or small letters (lower).
func readings(w []glyph, i int, leet, mixed, lower bool) string {
	r := w[i].r
	switch {
	case r >= '0' && r <= '9':
		if leet {
			return digitReadings[r-'0']
		}
		return ""
	case r >= utf8.RuneSelf:
		return lookAlikes[r]
	case r < 'a' || r > 'z':
		return signReadings[byte(r)]
	}
	s := ""
	if mixed {
		s = lookAlikes[r]
	}
	if leet {
		s += letterDigits[r-'a']
	}
	switch { // capital I and small l are one stroke in most faces
	case r == 'i' && w[i].upper && lower:
		s += "l"
	case r == 'l' && !w[i].upper && (i > 0 && w[i-1].upper || i+1 < len(w) && w[i+1].upper):
		s += "i"
	}
	return s
}

// measure reports whether a word is a number with its unit, such as 7am, which
// nobody reads as "tam".
func measure(w []glyph) bool {
	i := 0
	for i < len(w) && w[i].r >= '0' && w[i].r <= '9' {
		i++
	}
	if i == 0 || i == len(w) {
		return false
	}
	switch runesOf(w[i:]) {
	case "am", "pm", "st", "nd", "rd", "th", "h", "hrs", "z", "m", "km", "kg", "g", "s", "min", "d", "e", "er", "o":
		return true
	}
	return false
}

func runesOf(w []glyph) string {
	var b strings.Builder
	for _, g := range w {
		b.WriteRune(g.r)
	}
	return b.String()
}

// clitics are the Arabic article and particles written onto the next word.
var clitics = []string{"وال", "بال", "فال", "کال", "ال", "لل", "و", "ف", "ب", "ک", "ل"}

func markClitics(w []glyph) {
	word := runesOf(w)
	for _, c := range clitics {
		if n := utf8.RuneCountInString(c); strings.HasPrefix(word, c) && n < len(w) {
			w[n].edge |= behindClit
		}
	}
}

// inflected reports whether what is left of a word behind glyph j is an ending
// that does not make another word of it.
func inflected(gs []glyph, j int) bool {
	k := j + 1
	for k < len(gs) && gs[k].word == gs[j].word && k-j <= 5 {
		k++
	}
	if k < len(gs) && gs[k].word == gs[j].word {
		return false
	}
	switch runesOf(gs[j+1 : k]) {
	case "s", "es", "ed", "ing", "ها", "های", "هایی", "ات", "ین", "ون":
		return true
	case "d":
		return gs[j].r == 'e'
	}
	return false
}
