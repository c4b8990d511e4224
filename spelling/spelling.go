// Package spelling says which character a reader takes another for: compatibility
// forms, case, accents and vowel signs, invisible characters, Arabic and Persian
// letter variants, digits of any script. Whoever types a word another way changes
// its bytes and not its reading.
//
// Fold gives one form for each character, so that two texts that read the same
// compare equal. Letters that merely look alike, such as a Cyrillic and a Latin a,
// stay apart: which of them is meant, only a reader of the whole word can say.
package spelling

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Class says what one character of a text is to the folder.
type Class uint8

// The classes.
const (
	Separates Class = iota // ends a word
	Vanishes               // nothing: neither part of a word nor its end
	Spelling               // part of a word
	Stands                 // a word of its own: scripts that put no space between words
)

// ASCII maps letters and digits to their lower case; everything else is 0.
var ASCII = func() (t [utf8.RuneSelf]byte) {
	for c := range byte(utf8.RuneSelf) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			t[c] = c
		case c >= 'A' && c <= 'Z':
			t[c] = c + 'a' - 'A'
		}
	}
	return t
}()

// ASCIIVanishes reports whether c is a control character that shows nothing.
func ASCIIVanishes(c byte) bool {
	return c < ' ' && c != '\t' && c != '\n' && c != '\v' && c != '\f' && c != '\r' || c == 0x7f
}

// Spells reports whether r is a letter or a number.
func Spells(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// common holds the fold of everything below U+0700 (Latin, Greek, Cyrillic,
// Hebrew, Arabic), which a text asks for again and again.
var common = func() (t [0x700]struct {
	runes [2]rune
	n     uint8
	class Class
}) {
	for r := rune(utf8.RuneSelf); int(r) < len(t); r++ {
		runes, cl := foldAny(r, nil)
		t[r].n, t[r].class = uint8(copy(t[r].runes[:], runes)), cl
	}
	return t
}()

// Fold appends the folded form of r, which took size bytes, to buf.
func Fold(r rune, size int, buf []rune) ([]rune, Class) {
	switch {
	case r == utf8.RuneError && size == 1:
		return buf, Vanishes
	case int(r) < len(common):
		e := &common[r]
		return append(buf, e.runes[:e.n]...), e.class
	}
	return foldAny(r, buf)
}

func foldAny(r rune, buf []rune) ([]rune, Class) {
	if vanishing(r) {
		return buf, Vanishes
	}
	if boxed := boxedLetter(r); boxed != 0 {
		return append(buf, boxed), Spelling
	}
	n := len(buf)
	for _, d := range decompose(r) {
		if !vanishing(d) && (Spells(d) || unicode.IsMark(d)) {
			buf = appendPlain(buf, d)
		}
	}
	switch {
	case len(buf) == n:
		return buf, Separates
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return buf, Stands
	}
	return buf, Spelling
}

// decompose returns the compatibility decomposition. Composed Hangul is the one
// case that norm's Properties leave out.
func decompose(r rune) string {
	var b [utf8.UTFMax]byte
	n := utf8.EncodeRune(b[:], r)
	if d := norm.NFKD.Properties(b[:n]).Decomposition(); d != nil {
		return string(d)
	}
	if r >= 0xac00 && r <= 0xd7a3 {
		return norm.NFKD.String(string(r))
	}
	return string(r)
}

// vanishing reports whether r shows nothing of its own, or only changes how a
// letter is voiced. Vowel signs of Indic scripts are not among them: there they
// spell.
func vanishing(r rune) bool {
	switch {
	case r == 0x0640 || r == 0x0621: // Arabic tatweel; a hamza alone, which many leave out
		return true
	case r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 || r == 0x2065: // fillers
		return true
	case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Me, r):
		return true
	case r >= 0x80 && r < 0xa0 && r != 0x85:
		return true
	}
	return unicode.Is(unicode.Mn, r) && unicode.In(r, unicode.Inherited, unicode.Common, unicode.Latin, unicode.Greek,
		unicode.Cyrillic, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Mongolian)
}

// boxedLetter returns the letter of the enclosed alphabets that have no
// decomposition: circled and squared in reverse, and flags spelt by letters.
func boxedLetter(r rune) rune {
	for _, start := range [...]rune{0x1f150, 0x1f170, 0x1f1e6} {
		if r >= start && r < start+26 {
			return 'a' + r - start
		}
	}
	return 0
}

func appendPlain(buf []rune, r rune) []rune {
	if r < utf8.RuneSelf {
		return append(buf, rune(ASCII[r]))
	}
	r = unicode.ToLower(r)
	if s, ok := plainForms[r]; ok {
		return append(buf, []rune(s)...)
	}
	if unicode.Is(unicode.Nd, r) {
		return append(buf, digitOf(r))
	}
	return append(buf, r)
}

// plainForms are the letters that people exchange without a second thought and
// that Unicode does not decompose.
var plainForms = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ŧ': "t",
	'ς': "σ", 'ё': "е",
	'ي': "ی", 'ى': "ی", 'ې': "ی", 'ے': "ی", 'ۍ': "ی",
	'ك': "ک", 'ڪ': "ک", 'ګ': "گ",
	'ة': "ه", 'ە': "ه", 'ہ': "ه", 'ھ': "ه", 'ۃ': "ه",
	'ٱ': "ا", 'ٲ': "ا", 'ٳ': "ا",
}

// digitOf returns the ASCII digit of a decimal digit of any script, whose digits
// stand in runs of ten.
func digitOf(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	return r
}
