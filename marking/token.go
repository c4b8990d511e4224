package marking

import (
	"iter"
	"strings"
	"unicode/utf8"
)

// token is a piece of a cleaned marking; at is where it begins in there.
type token struct {
	text string
	at   int
}

func (t token) slice(from, to int) token { return token{t.text[from:to], t.at + from} }

func (t token) from(i int) token { return t.slice(i, len(t.text)) }

func (t token) trim() token {
	left := len(t.text) - len(strings.TrimLeft(t.text, " "))
	return token{strings.TrimSpace(t.text), t.at + left}
}

// split yields the pieces between separators, without the space around them.
func (t token) split(sep string) iter.Seq[token] {
	return func(yield func(token) bool) {
		for rest := t; ; {
			i := strings.Index(rest.text, sep)
			if i < 0 {
				yield(rest.trim())
				return
			}
			if !yield(rest.slice(0, i).trim()) {
				return
			}
			rest = rest.from(i + len(sep))
		}
	}
}

// words are the pieces between spaces, and between any of the bytes in also.
func (t token) words(also string) []token {
	var words []token
	start := -1
	for i := 0; i <= len(t.text); i++ {
		gap := i == len(t.text) || t.text[i] == ' ' || strings.IndexByte(also, t.text[i]) >= 0
		if gap && start >= 0 {
			words = append(words, t.slice(start, i))
			start = -1
		} else if !gap && start < 0 {
			start = i
		}
	}
	return words
}

// after cuts prefix off, and the space behind it.
func (t token) after(prefix string) (token, bool) {
	if !strings.HasPrefix(t.text, prefix) {
		return t, false
	}
	return t.from(len(prefix)).trim(), true
}

// cleaned is a marking in capital letters with single spaces, and for each of
// its bytes the place in what was written.
type cleaned struct {
	token
	origin []int32 // one longer than text: the last entry is the end
}

// clean prepares what was written for reading. It stops at the first character
// that no marking has and returns its place, or -1. Capitals are made of ASCII
// letters only: strings.ToUpper would turn look-alikes such as the long s into
// letters.
func clean(s string) (cleaned, int) {
	text := make([]byte, 0, len(s))
	origin := make([]int32, 0, len(s)+1)
	gap := false
	for i, r := range s {
		switch r {
		case ' ', '\t', '\n', '\r', '\v', '\f', 0x85, 0xa0:
			gap = len(text) > 0
			continue
		case '–', '—', '‑':
			r = '-'
		}
		if r < ' ' || r > '~' {
			return cleaned{}, i
		}
		if gap {
			text, origin = append(text, ' '), append(origin, int32(i-1))
			gap = false
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		text, origin = append(text, byte(r)), append(origin, int32(i))
	}
	c := cleaned{token{string(text), 0}, append(origin, int32(len(s)))}
	if n := len(c.text); n >= 2 && c.text[0] == '(' && c.text[n-1] == ')' {
		c.token = c.slice(1, n-1).trim()
	}
	return c, -1
}

// place is where t stands in s, of which c was made.
func (c cleaned) place(s string, t token) Place {
	at := int(c.origin[t.at])
	end := int(c.origin[t.at+len(t.text)])
	if len(t.text) > 0 { // up to the end of the last character, not to the next one
		last := int(c.origin[t.at+len(t.text)-1])
		_, n := utf8.DecodeRuneInString(s[last:])
		end = last + n
	}
	return newPlace(s, at, end)
}
