package release

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Patterns are slow, and nearly every text holds none of what they look for. So
// each pattern is first taken apart: any match of it must hold one of a few plain
// strings, and the pattern runs only around the places where one of them stands.
// One pass over the text finds those for all patterns at once.
//
// A pattern must match within reachOf bytes of such a place.

const reachOf = 360

// gated is a list of patterns behind one table of strings.
type gated struct {
	res     []*regexp.Regexp
	open    []int                 // patterns that no string stands for: they always run
	strings map[[3]byte][]literal // by the first three bytes
}

type literal struct {
	text string
	re   int
}

func gate(res ...*regexp.Regexp) *gated {
	g := &gated{res: res, strings: make(map[[3]byte][]literal)}
	for i, re := range res {
		tree, err := syntax.Parse(re.String(), syntax.Perl)
		if err != nil {
			panic("release: a pattern that compiled parses: " + err.Error())
		}
		lits := required(tree.Simplify())
		if len(lits) == 0 || slices.ContainsFunc(lits, func(s string) bool { return len(s) < 3 }) {
			g.open = append(g.open, i)
			continue
		}
		for _, l := range lits {
			k := [3]byte{l[0], l[1], l[2]}
			g.strings[k] = append(g.strings[k], literal{l, i})
		}
	}
	return g
}

// required returns strings, in lower case, of which every match holds one; none if
// there are no such strings.
func required(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{strings.ToLower(string(re.Rune))}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			lits := required(sub)
			if len(lits) == 0 {
				return nil
			}
			all = append(all, lits...)
		}
		return all
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if lits := required(sub); len(lits) > 0 && (best == nil || better(lits, best)) {
				best = lits
			}
		}
		return best
	}
	return nil
}

// better prefers a list whose shortest string is longer, then the shorter list.
func better(a, b []string) bool {
	x, y := shortest(a), shortest(b)
	if min(x, 3) != min(y, 3) {
		return x > y
	}
	return len(a) < len(b)
}

func shortest(list []string) int {
	n := len(list[0])
	for _, s := range list {
		n = min(n, len(s))
	}
	return n
}

// each calls found for every match of every pattern, by pattern and place.
func (g *gated) each(text, lower string, found func(re int, at, end int)) {
	for _, i := range g.open {
		for _, m := range g.res[i].FindAllStringIndex(text, -1) {
			found(i, m[0], m[1])
		}
	}
	windows := make([][][2]int, len(g.res))
	for i := 0; i+3 <= len(lower); i++ {
		for _, l := range g.strings[[3]byte{lower[i], lower[i+1], lower[i+2]}] {
			if strings.HasPrefix(lower[i:], l.text) {
				windows[l.re] = widen(windows[l.re], text, i-reachOf, i+reachOf)
			}
		}
	}
	for i, list := range windows {
		for _, w := range list {
			for _, m := range g.res[i].FindAllStringIndex(text[w[0]:w[1]], -1) {
				found(i, w[0]+m[0], w[0]+m[1])
			}
		}
	}
}

// widen adds a window to a list in order, at the ends of words, joined with the one
// before if they touch.
func widen(list [][2]int, text string, from, to int) [][2]int {
	from, to = max(from, 0), min(to, len(text))
	for from > 0 && !blank(text[from-1]) {
		from--
	}
	for to < len(text) && !blank(text[to]) {
		to++
	}
	if n := len(list); n > 0 && list[n-1][1] >= from {
		list[n-1][1] = max(list[n-1][1], to)
		return list
	}
	return append(list, [2]int{from, to})
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// lowered is the text in lower case where that is one byte for one; it is only
// looked through for strings of patterns.
func loweredASCII(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// around returns the stretches of a text within reach of a byte that want accepts.
func around(text string, reach int, want func(c byte) bool) [][2]int {
	var list [][2]int
	for i := range len(text) {
		if want(text[i]) {
			list = widen(list, text, i-reach, i+reach)
		}
	}
	return list
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
