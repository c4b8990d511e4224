package release

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin"
)

// checkHygiene refuses what no reader was meant to see: leftovers of a template,
// bytes that are not text, characters that show nothing. A text is looked at
// once; the place of its first fault is enough to mend it.
func (g *guard) checkHygiene() {
	for _, f := range everything(g.q.Draft) {
		if at := badByte(f.text); at >= 0 {
			g.block("content", f.where(at, at+1), "There is a byte that is not text (not UTF-8).", "Type the passage again.")
			continue
		}
		if at, r := hiddenRune(f); at >= 0 && !f.kept {
			g.block("content", f.where(at, at+utf8.RuneLen(r)), fmt.Sprintf("There is a character that does not show, or should not stand here (U+%04X).", r),
				"Remove it: type the passage again, or paste it as plain text.")
		}
	}
	for _, f := range append(texts(g.q.Draft), field{name: "reference", text: g.q.Draft.Reference}) {
		if at, end := leftover(f); at >= 0 {
			g.block("content", f.where(at, end), "A placeholder was left in the words.", "Fill it in or take it out.")
		}
	}
}

// badByte returns the place of the first byte that is not UTF-8, or -1.
func badByte(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// hiddenRune returns the first character that shows nothing or misleads, or -1.
// Allowed are line breaks in a text of several lines, joiners behind letters of
// a script that needs them, the bidirectional marks, and balanced isolates.
// Embeddings and overrides are not: isolates replace them, and overrides make a
// text read in another order than its bytes.
func hiddenRune(f field) (int, rune) {
	var before rune
	opened, depth, opener := -1, 0, rune(0)
	for i, r := range f.text {
		switch {
		case r == '\n' || r == '\t':
			if f.line {
				return i, r
			}
			if r == '\n' && depth > 0 {
				return opened, opener
			}
		case r == '\r':
			if f.line || !strings.HasPrefix(f.text[i:], "\r\n") {
				return i, r
			}
		case r == 0x200c || r == 0x200d: // joiners
			if !joins(before) {
				return i, r
			}
		case r == 0x200e || r == 0x200f || r == 0x061c: // marks
		case r >= 0x2066 && r <= 0x2068:
			if depth == 0 {
				opened, opener = i, r
			}
			depth++
		case r == 0x2069:
			if depth == 0 {
				return i, r
			}
			depth--
		case hides(r):
			return i, r
		}
		if !unicode.Is(unicode.Mn, r) { // a joiner may follow a vowel sign
			before = r
		}
	}
	if depth > 0 {
		return opened, opener
	}
	return -1, 0
}

// joins reports whether a joiner may stand behind r.
func joins(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
		unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
		unicode.Khmer, unicode.Myanmar, unicode.Tibetan)
}

// hides reports whether r never belongs into a warning: controls, invisible and
// format characters, fillers, variation selectors, private use, characters that
// Unicode has not given a meaning, and the mark of lost text.
func hides(r rune) bool {
	switch {
	case r >= ' ' && r < 0x7f:
		return false
	case r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 || r == 0x034f || r == utf8.RuneError:
		return true
	case unicode.Is(unicode.Variation_Selector, r):
		return true
	}
	return !unicode.IsGraphic(r)
}

// leftovers are what templates and hurried writers leave behind. TODO and TBD
// count in capitals only.
var leftovers = regexp.MustCompile(`\{\{|\}\}|\$\{|<no value>|<nil>|%![a-zA-Z]?\(|\[(?i:insert|fill in|name|date|place)\b|\b(?:TODO|FIXME|TBD)\b|(?i:lorem ipsum)`)

var leftoverGate = gate(leftovers)

// leftoversIn returns the places of all of them, in order.
func leftoversIn(text string) [][2]int {
	var out [][2]int
	leftoverGate.each(text, loweredASCII(text), func(_, at, end int) { out = append(out, [2]int{at, end}) })
	slices.SortFunc(out, func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) })
	return out
}

// leftover returns the place of the first placeholder, or -1. In Spanish,
// Portuguese and Galician "todo" is a word, which a heading may set in capitals.
func leftover(f field) (int, int) {
	lang, _, _ := strings.Cut(strings.ToLower(f.lang), "-")
	for _, at := range leftoversIn(f.text) {
		if f.text[at[0]:at[1]] == "TODO" && (lang == "es" || lang == "pt" || lang == "gl") {
			continue
		}
		return at[0], at[1]
	}
	return -1, -1
}

func languages(d tocsin.Draft) []string {
	var ls []string
	for _, t := range d.Texts {
		ls = append(ls, t.Language)
	}
	return ls
}
