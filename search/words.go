package search

import (
	"strings"
	"unicode/utf8"

	"tocsin/spelling"
)

// maxWord bounds a word, in bytes of its folded form: what is longer, such as a
// picture in letters, is found by its beginning.
const maxWord = 64

// Folded is a text as it is searched: its words, folded, a space before and after
// each, and a line for each field, so that words in a row are of one field.
type Folded string

// Fold makes the folded form of a text in several fields.
func Fold(fields ...string) Folded {
	var b strings.Builder
	for _, f := range fields {
		some := false
		eachWord(f, func(word []byte, _, _ int) {
			b.WriteByte(' ')
			b.Write(word)
			some = true
		})
		if some {
			b.WriteString(" \n")
		}
	}
	return Folded(b.String())
}

// eachWord cuts a text into folded words, with their place in it. The word is good
// until f returns.
func eachWord(text string, f func(word []byte, at, end int)) {
	var word [maxWord]byte
	n, at, end, full := 0, 0, 0, false
	flush := func() {
		if n > 0 {
			f(word[:n], at, end)
			n, full = 0, false
		}
	}
	add := func(r rune, from, to int) {
		if n == 0 {
			at = from
		}
		end = to
		if full = full || n+utf8.UTFMax > len(word); !full {
			n += utf8.EncodeRune(word[n:], r)
		}
	}
	var buf [8]rune
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if folded := spelling.ASCII[c]; folded != 0 {
				add(rune(folded), i, i+1)
			} else if !spelling.ASCIIVanishes(c) {
				flush()
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		runes, class := spelling.Fold(r, size, buf[:0])
		if class == spelling.Separates || class == spelling.Stands {
			flush()
		}
		for _, x := range runes {
			add(x, i, i+size)
		}
		if class == spelling.Stands {
			flush()
		}
		i += size
	}
	flush()
}
