package release

import "strings"

// Letters that a reader may string together: the first and last letters of lines,
// the first letters of sentences and of words, and capitals inside words. A term of
// five letters or more is looked for in each; in the initials of words from six up,
// and with a long list of terms from more, because chance would find shorter ones.
//
// Limits: every second letter, or the second letter of each line, is not read.

type letterRow struct {
	letters []byte
	at, end []int // bytes of the word or line of each letter
	least   int
}

func letterRows(x *spread, few bool) []letterRow {
	d := x.d
	lines, tails, sents, words, inner := letterRow{least: 5}, letterRow{least: 5}, letterRow{least: 5}, letterRow{least: 6}, letterRow{least: 5}
	if !few {
		lines.least, tails.least, sents.least, words.least, inner.least = 7, 7, 7, 9, 7
	}
	grow := func(r *letterRow, c byte, t token) {
		if c != 0 {
			r.letters = append(r.letters, c)
			r.at, r.end = append(r.at, int(t.at)), append(r.end, int(t.end))
		}
	}
	spelled, lastLetter := letterRow{least: 5}, 0
	for i, t := range d.toks {
		c := firstLetter(x.roman[i])
		if t.is(capital) && len(x.roman[i]) == 1 { // "G for gate, R, I for ice": letters said one by one
			if i-lastLetter > 4 && len(spelled.letters) > 0 {
				grow(&spelled, '.', t) // a gap that no term crosses
			}
			grow(&spelled, c, t)
			lastLetter = i
		}
		if i == 0 || strings.Contains(d.gap(i-1), "\n") {
			grow(&lines, c, t)
		}
		if i+1 == len(d.toks) || strings.Contains(d.gap(i), "\n") {
			if n := len(x.roman[i]); n > 0 {
				grow(&tails, x.roman[i][n-1], t)
			}
		}
		if t.is(opens) {
			grow(&sents, c, t)
		}
		if c != 0 {
			words.letters = append(words.letters, c)
			words.at, words.end = append(words.at, int(t.at)), append(words.end, int(t.end))
		}
		if !t.is(shouted) && !t.is(foreign) {
			for k := int(t.at) + 1; k < int(t.end); k++ {
				if b := d.text[k]; b >= 'A' && b <= 'Z' {
					grow(&inner, b+'a'-'A', t)
				}
			}
		}
	}
	return []letterRow{lines, tails, sents, words, inner, spelled}
}
