package geo

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// spelled are letters that Unicode does not take apart, as people without them on
// their keyboard write them, and letters that look alike in two orthographies.
var spelled = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ħ", "h", "ı", "i", "ŋ", "n",
	"ي", "ی", "ى", "ی", "ك", "ک", "ة", "ه", "ـ", "", "ς", "σ")

// silent are marks that some write and others leave out: "Sana'a" is "Sanaa".
const silent = "'’‘`´ʿʾʼʻ\u200b\u200c\u200d\u2060"

// Fold is a name in the form in which names are compared: without regard to case,
// accents, vowel points, apostrophes, and how it is punctuated. Scripts stay apart.
func Fold(name string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(strings.ToLower(spelled.Replace(strings.ToLower(name)))) {
		switch {
		case pointing(r) || strings.ContainsRune(silent, r):
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		default:
			space = true
		}
	}
	return norm.NFC.String(spelled.Replace(b.String()))
}

// pointing reports whether r is an accent or a vowel point. The vowel signs of
// Indic scripts are letters in all but name, and stay.
func pointing(r rune) bool {
	return r >= 0x300 && r <= 0x36f || r >= 0x591 && r <= 0x5c7 || r >= 0x64b && r <= 0x65f || r == 0x670
}
