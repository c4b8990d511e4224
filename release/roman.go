package release

import (
	"strings"
	"unicode/utf8"
)

// Names travel between scripts in many spellings. They are compared by their
// skeleton: letters romanised one by one, vowels and the semi-vowels dropped, and
// sounds that romanisations exchange (k, q, g, gh; s, z; kh, h) joined.
//
// Limits: two skeletons that agree may be two names; the callers ask for length,
// and within one script also for nearness of the letters. Tone, stress and
// logographic scripts are not romanised.

// letterSounds romanises one folded letter.
var letterSounds = func() map[rune]string {
	m := make(map[rune]string)
	for _, pairs := range []string{
		"а=a б=b в=v г=g д=d е=e ж=zh з=z и=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=sh ы=y э=e ю=yu я=ya і=i є=e ґ=g ј=y љ=l њ=n ћ=c ђ=dj џ=j қ=k ғ=gh ұ=u ү=u ө=o һ=h ә=a ң=n",
		"α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=ks ο=o π=p ρ=r σ=s τ=t υ=y φ=f χ=kh ψ=ps ω=o",
		"ا=a ب=b پ=p ت=t ث=s ج=j چ=ch ح=h خ=kh د=d ذ=z ر=r ز=z ژ=zh س=s ش=sh ص=s ض=z ط=t ظ=z غ=gh ف=f ق=q ک=k گ=g ل=l م=m ن=n و=w ه=h ی=y ڤ=v ټ=t ډ=d ړ=r ښ=sh ګ=g ڼ=n",
		"ב=b ג=g ד=d ה=h ו=w ז=z ח=h ט=t י=y כ=k ך=k ל=l מ=m ם=m נ=n ן=n ס=s פ=p ף=f צ=ts ץ=ts ק=k ר=r ש=sh ת=t",
		"ა=a ბ=b გ=g დ=d ე=e ვ=v ზ=z თ=t ი=i კ=k ლ=l მ=m ნ=n ო=o პ=p რ=r ს=s ტ=t უ=u ფ=p ქ=k ღ=gh ყ=q შ=sh ჩ=ch ც=ts ძ=dz წ=ts ჭ=ch ხ=kh ჯ=j ჰ=h",
	} {
		for pair := range strings.FieldsSeq(pairs) {
			r, n := utf8.DecodeRuneInString(pair)
			m[r] = pair[n+1:]
		}
	}
	return m
}()

var greekPairs = strings.NewReplacer("μπ", "b", "ντ", "d", "γκ", "g", "ου", "u", "αυ", "av", "ευ", "ev", "τζ", "j")

// romanised writes a folded word in Latin letters and digits.
func romanised(w string) string {
	ascii := true
	for i := range len(w) {
		ascii = ascii && w[i] < utf8.RuneSelf
	}
	if ascii {
		return w
	}
	w = greekPairs.Replace(w)
	var b strings.Builder
	for _, r := range w {
		switch s, ok := letterSounds[r]; {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case ok:
			b.WriteString(s)
		}
	}
	return b.String()
}

// skeleton returns the consonants of a romanised word. With waw, w counts as the
// consonant v, without it as a vowel: Arabic and Hebrew write both with one letter.
func skeleton(roman string, waw bool) string {
	b := make([]byte, 0, len(roman))
	put := func(c byte) {
		if n := len(b); n == 0 || b[n-1] != c {
			b = append(b, c)
		}
	}
	for i := 0; i < len(roman); i++ {
		c, next := roman[i], byte(0)
		if i+1 < len(roman) {
			next = roman[i+1]
		}
		switch {
		case c == 's' && next == 'c' && i+2 < len(roman) && roman[i+2] == 'h':
			put('S')
			i += 2
		case (c == 's' || c == 'c') && next == 'h':
			put("SC"[b2i(c == 'c')])
			i++
		case c == 't' && next == 's' || c == 't' && next == 'z':
			put('s')
			i++
		case c == 'z' && next == 'h', c == 'd' && (next == 'j' || next == 'z'):
			put('j')
			i++
		case c == 'k' && next == 'h':
			put('h')
			i++
		case c == 'g' && next == 'h':
			put('k')
			i++
		case c == 'p' && next == 'h':
			put('f')
			i++
		case c == 't' && next == 'h':
			put('t')
			i++
		case c == 'x':
			put('k')
			put('s')
		case c == 'q' || c == 'g' || c == 'k':
			put('k')
		case c == 'c':
			put("ks"[b2i(next == 'e' || next == 'i' || next == 'y')])
		case c == 'z':
			put('s')
		case c == 'w' && waw:
			put('v')
		case strings.IndexByte("aeiouyw", c) >= 0:
		case c == 'h' && i+1 == len(roman): // often written and not said
		default:
			put(c)
		}
	}
	return string(b)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// endings are inflections of Slavic, German, Latin and Turkish names, romanised,
// longest first.
var endings = []string{"skogo", "skomu", "skoy", "skim", "ami", "ogo", "emu", "omu", "ymi", "ing", "lar", "ler", "dan", "den", "nin", "nun", "ova", "oy", "om", "em", "ov", "ev", "ah",
	"akh", "am", "im", "ym", "ej", "ey", "en", "er", "es", "ed", "in", "un", "us", "is", "os", "as", "da", "de", "ya", "ye", "iu", "ju", "yu", "s", "a", "e", "i", "o", "u", "y", "n"}

// bare takes one ending off a romanised word of five letters or more, leaving four.
func bare(roman string) string {
	for _, e := range endings {
		if len(roman)-len(e) >= 4 && strings.HasSuffix(roman, e) {
			return roman[:len(roman)-len(e)]
		}
	}
	return roman
}

// distance is the edit distance of two short strings, a swap of neighbours
// counting one, or limit+1 if it is more than limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := b2i(a[i-1] != b[j-1])
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > limit {
			return limit + 1
		}
		before, prev, row = prev, row, before
	}
	return min(prev[len(b)], limit+1)
}
