package release

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Words are compared in a folded form, because whoever hides a word, or merely
// types it another way, changes its bytes and not its reading: compatibility
// forms, case, accents and vowel signs, invisible characters, Arabic and Persian
// letter variants, digits of any script. What cannot be folded to one form (a
// Cyrillic letter that looks Latin, a 1 for an l) becomes an alternative reading
// of its place.

// class says what one character of a text is to the folder.
type class uint8

const (
	separates class = iota // ends a word
	vanishes               // nothing: neither part of a word nor its end
	spells                 // part of a word
	stands                 // a word of its own: scripts that put no space between words
)

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
			case asciiFold[c] != 0:
				add(rune(asciiFold[c]), i, i+1, c >= 'A' && c <= 'Z')
			case symbols && signReadings[c] != "" && insideWord(text, i):
				add(rune(c), i, i+1, false)
			case !asciiVanishes(c):
				open = false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		runes, cl := foldRune(r, size, buf[:0])
		if cl == separates || cl == stands {
			open = false
		}
		for _, f := range runes {
			add(f, i, i+size, unicode.IsUpper(r))
		}
		if cl == stands {
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

// asciiFold maps letters and digits to their lower case; everything else is 0.
var asciiFold = func() (t [utf8.RuneSelf]byte) {
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

// asciiVanishes reports whether c is a control character that shows nothing.
func asciiVanishes(c byte) bool {
	return c < ' ' && c != '\t' && c != '\n' && c != '\v' && c != '\f' && c != '\r' || c == 0x7f
}

// insideWord reports whether a letter or digit stands on both sides of byte i.
func insideWord(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i+1:])
	return i > 0 && i+1 < len(text) && wordRune(before) && wordRune(after)
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// common holds the fold of everything below U+0700 (Latin, Greek, Cyrillic,
// Hebrew, Arabic), which a text asks for again and again.
var common = func() (t [0x700]struct {
	runes [2]rune
	n     uint8
	class class
}) {
	for r := rune(utf8.RuneSelf); int(r) < len(t); r++ {
		runes, cl := foldAny(r, nil)
		t[r].n, t[r].class = uint8(copy(t[r].runes[:], runes)), cl
	}
	return t
}()

// foldRune appends the folded form of r, which took size bytes, to buf.
func foldRune(r rune, size int, buf []rune) ([]rune, class) {
	switch {
	case r == utf8.RuneError && size == 1:
		return buf, vanishes
	case int(r) < len(common):
		e := &common[r]
		return append(buf, e.runes[:e.n]...), e.class
	}
	return foldAny(r, buf)
}

func foldAny(r rune, buf []rune) ([]rune, class) {
	if vanishing(r) {
		return buf, vanishes
	}
	if boxed := boxedLetter(r); boxed != 0 {
		return append(buf, boxed), spells
	}
	n := len(buf)
	for _, d := range decompose(r) {
		if !vanishing(d) && (wordRune(d) || unicode.IsMark(d)) {
			buf = appendPlain(buf, d)
		}
	}
	switch {
	case len(buf) == n:
		return buf, separates
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return buf, stands
	}
	return buf, spells
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
		return append(buf, rune(asciiFold[r]))
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
