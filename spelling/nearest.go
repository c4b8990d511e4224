package spelling

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest lists those of the words that a writer of written may have meant, the
// likeliest first, at most n: words that it begins, and words that differ from it
// in few keystrokes (a letter wrong, missing, too many, or two swapped), the fewer
// the shorter it is. Words and written are compared as they are: fold both first
// where case and accents say nothing. None is a good answer: a guess that is far
// off would be taken for advice.
func Nearest(written string, words []string, n int) []string {
	type near struct {
		word string
		far  int
	}
	var found []near
	most := allowance(written)
	for _, w := range words {
		switch far := Distance(written, w); {
		case far <= most:
			found = append(found, near{w, far})
		case len([]rune(written)) >= 2 && strings.HasPrefix(w, written):
			found = append(found, near{w, most + 1}) // begun and not finished
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.word, b.word)) })
	var out []string
	for _, f := range found {
		if len(out) < n && !slices.Contains(out, f.word) {
			out = append(out, f.word)
		}
	}
	return out
}

// allowance is how many keystrokes a word of that length may be off by.
func allowance(s string) int {
	switch n := len([]rune(s)); {
	case n < 3:
		return 0
	case n < 6:
		return 1
	case n < 12:
		return 2
	}
	return 3
}

// Distance counts the keystrokes between two words: a letter put in, taken out or
// replaced, or two neighbours swapped, is one (optimal string alignment).
func Distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
