package intake

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Normal returns the form in which two texts are compared for being the same:
// Unicode NFKC, case folded, zero-width and control characters removed, the
// "> " of quoted replies and forwards stripped from line starts, white space
// collapsed. A signature at the end stays, since it may say who knew.
//
// Normal(Normal(s)) == Normal(s).
func Normal(text string) string {
	// Removing a character can bring two others together that compose, and
	// folding can undo composition; two rounds settle all known cases.
	for range 4 {
		next := normalOnce(text)
		if next == text {
			break
		}
		text = next
	}
	return text
}

func normalOnce(text string) string {
	s := strings.ToLower(text)
	if !ascii(text) {
		s = norm.NFKC.String(strings.ToValidUTF8(text, "\uFFFD"))
		s = cases.Fold().String(s)
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u0085', r == '\u2028', r == '\u2029', r == '\r', r == '\v', r == '\f':
			return '\n'
		case unicode.IsControl(r) && !unicode.IsSpace(r), invisible(r):
			return -1
		}
		return r
	}, s)
	var words []string
	for l := range strings.Lines(s) {
		words = append(words, strings.Fields(strings.TrimLeftFunc(l, quotes))...)
	}
	return norm.NFKC.String(strings.Join(words, " "))
}

// ascii reports whether s needs no Unicode: for such text lower case is the
// folded form and composition changes nothing, at a fraction of the time.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func quotes(r rune) bool { return r == '>' || unicode.IsSpace(r) }

// invisible reports whether r takes no room and carries no sound: format
// characters (zero-width space and joiners, direction marks, soft hyphen),
// variation selectors, fillers and the combining grapheme joiner. A text can be
// made to differ byte by byte with these while a reader sees the same words.
func invisible(r rune) bool {
	return r >= 0xAD && (unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) ||
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r))
}
