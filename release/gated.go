package release

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// Patterns are slow, and nearly every text holds none of what they look for. So
// each pattern is first taken apart: any match of it must hold one of a few plain
// strings, and the pattern runs only around the places where one of them stands.
// One pass over the text finds those for all patterns at once.
//
// A pattern must match within reachOf bytes of such a place. Where a match must hold
// words of other lists as well, the pattern runs only if one of each stands there too.

const reachOf = 240

// gated is a list of patterns behind one table of strings. An alternation counts as
// so many patterns, each with strings of its own.
type gated struct {
	res   []*regexp.Regexp      // as given
	parts []alternative         // their alternatives
	long  map[[3]byte][]literal // by the first three bytes
	short [256][]literal        // those of one or two bytes, by the first
}

type alternative struct {
	re   *regexp.Regexp
	of   int        // index into res
	also [][]string // lists in lower case: a match holds one string of each
}

type literal struct {
	text string
	part int
}

func gate(res ...*regexp.Regexp) *gated {
	g := &gated{res: res, long: make(map[[3]byte][]literal)}
	for i, re := range res {
		for _, a := range alternatives(re.String()) {
			g.add(regexp.MustCompile(a), i)
		}
	}
	return g
}

// add enters one alternative. A pattern for which no string stands is a mistake of
// whoever wrote it, because it would run over every text.
func (g *gated) add(re *regexp.Regexp, of int) {
	tree, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		panic("release: a pattern that compiled parses: " + err.Error())
	}
	tree = tree.Simplify()
	lits := required(tree)
	if len(lits) == 0 || shortest(lits) == 0 {
		panic("release: no string stands for the pattern " + re.String())
	}
	n := len(g.parts)
	g.parts = append(g.parts, alternative{re, of, others(tree)})
	for _, l := range lits {
		if len(l) < 3 {
			g.short[l[0]] = append(g.short[l[0]], literal{l, n})
			continue
		}
		k := [3]byte{l[0], l[1], l[2]}
		g.long[k] = append(g.long[k], literal{l, n})
	}
}

// alternatives takes a pattern apart at the bars outside of all groups, or inside of
// the one group that is the whole pattern between its word edges.
func alternatives(pattern string) []string {
	flags := ""
	if strings.HasPrefix(pattern, "(?i)") || strings.HasPrefix(pattern, "(?im)") {
		n := strings.IndexByte(pattern, ')') + 1
		flags, pattern = pattern[:n], pattern[n:]
	}
	before, after := "", ""
	if inner, ok := strings.CutPrefix(pattern, `\b(?:`); ok && strings.HasSuffix(inner, `)\b`) && !strings.HasSuffix(inner, `\)\b`) {
		if parts := bars(inner[:len(inner)-3]); parts != nil {
			pattern, before, after = inner[:len(inner)-3], `\b(?:`, `)\b`
		}
	}
	parts := bars(pattern)
	if parts == nil {
		parts = []string{pattern}
	}
	for i := range parts {
		parts[i] = flags + before + parts[i] + after
	}
	return parts
}

// bars splits a pattern at its outermost bars; nil if its groups do not close.
func bars(pattern string) []string {
	var parts []string
	depth, class, from := 0, false, 0
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return nil
			}
		case c == '|' && depth == 0:
			parts, from = append(parts, pattern[from:i]), i+1
		}
	}
	return append(parts, pattern[from:])
}

// required returns strings, in lower case, of which every match holds one; none if
// there are no such strings.
func required(re *syntax.Regexp) []string {
	if all := exact(re); all != nil {
		return all
	}
	switch re.Op {
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
		return requiredOf(re.Sub)
	}
	return nil
}

// requiredOf chooses the best of the parts of a sequence.
func requiredOf(subs []*syntax.Regexp) []string {
	all := requiredAll(subs)
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// others returns the lists of a pattern beside the one that it is found by, as far as
// it is quicker to look for them than to try the pattern. Only ASCII is put in lower
// case before the text is looked through, so a list with other letters is not used.
func others(tree *syntax.Regexp) [][]string {
	if tree.Op != syntax.OpConcat || exact(tree) != nil {
		return nil
	}
	var out [][]string
	for _, lits := range requiredAll(tree.Sub)[1:] {
		if len(lits) <= 16 && shortest(lits) > 1 && !slices.ContainsFunc(lits, beyondASCII) {
			out = append(out, lits)
		}
	}
	return out
}

// requiredAll lists the strings that the parts of a sequence need, the best list
// first, neighbours that are plain strings taken together.
func requiredAll(subs []*syntax.Regexp) [][]string {
	var lists [][]string
	var run []string
	offer := func(lits []string) {
		if len(lits) > 0 && shortest(lits) > 0 {
			lists = append(lists, lits)
		}
	}
	for _, sub := range subs {
		all := exact(sub)
		if all == nil {
			offer(run)
			run = nil
			offer(required(sub))
			continue
		}
		if run != nil && len(run)*len(all) <= 256 {
			run = product(run, all)
		} else {
			offer(run)
			run = all
		}
	}
	offer(run)
	slices.SortStableFunc(lists, func(a, b []string) int {
		switch {
		case better(a, b):
			return -1
		case better(b, a):
			return 1
		}
		return 0
	})
	return lists
}

// exact returns all strings that an expression matches, if they are few.
func exact(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{strings.ToLower(string(re.Rune))}
	case syntax.OpEmptyMatch, syntax.OpWordBoundary, syntax.OpBeginLine, syntax.OpBeginText, syntax.OpEndLine, syntax.OpEndText:
		return []string{""}
	case syntax.OpCapture:
		return exact(re.Sub[0])
	case syntax.OpQuest:
		if all := exact(re.Sub[0]); all != nil {
			return append([]string{""}, all...)
		}
	case syntax.OpCharClass:
		return exactClass(re.Rune)
	case syntax.OpConcat:
		all := []string{""}
		for _, sub := range re.Sub {
			x := exact(sub)
			if x == nil || len(x)*len(all) > 256 {
				return nil
			}
			all = product(all, x)
		}
		return all
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			x := exact(sub)
			if x == nil || len(all)+len(x) > 256 {
				return nil
			}
			all = append(all, x...)
		}
		return all
	}
	return nil
}

func exactClass(pairs []rune) []string {
	var all []string
	for i := 0; i+1 < len(pairs); i += 2 {
		for r := pairs[i]; r <= pairs[i+1]; r++ {
			if s := strings.ToLower(string(r)); !slices.Contains(all, s) {
				all = append(all, s)
			}
			if len(all) > 6 {
				return nil
			}
		}
	}
	return all
}

func product(a, b []string) []string {
	var all []string
	for _, x := range a {
		for _, y := range b {
			all = append(all, x+y)
		}
	}
	return all
}

// better prefers a list whose shortest string is longer, then the shorter list.
func better(a, b []string) bool {
	x, y := min(shortest(a), 5), min(shortest(b), 5)
	if x != y {
		return x > y
	}
	return len(a) < len(b)
}

func beyondASCII(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

func shortest(list []string) int {
	n := len(list[0])
	for _, s := range list {
		n = min(n, len(s))
	}
	return n
}

// each calls found for every match of every pattern, by pattern and place. A match
// of two alternatives is called twice.
func (g *gated) each(text, lower string, found func(re int, at, end int)) {
	windows := make(map[int][][2]int)
	for i := range len(lower) {
		for _, l := range g.short[lower[i]] {
			if strings.HasPrefix(lower[i:], l.text) {
				windows[l.part] = widen(windows[l.part], text, i-reachOf, i+reachOf)
			}
		}
		if i+3 > len(lower) {
			continue
		}
		for _, l := range g.long[[3]byte{lower[i], lower[i+1], lower[i+2]}] {
			if strings.HasPrefix(lower[i:], l.text) {
				windows[l.part] = widen(windows[l.part], text, i-reachOf, i+reachOf)
			}
		}
	}
	for i, part := range g.parts {
		for _, w := range windows[i] {
			if !part.mayMatch(lower[w[0]:w[1]]) {
				continue
			}
			for _, m := range part.re.FindAllStringIndex(text[w[0]:w[1]], -1) {
				found(part.of, w[0]+m[0], w[0]+m[1])
			}
		}
	}
}

// mayMatch reports whether a stretch in lower case holds a string of each list.
func (a alternative) mayMatch(stretch string) bool {
	for _, list := range a.also {
		if !slices.ContainsFunc(list, func(s string) bool { return strings.Contains(stretch, s) }) {
			return false
		}
	}
	return true
}

// widen adds a window to a list in order, at the ends of words, joined with the one
// before if they touch. A word of more than longWord bytes is cut, because looking
// for its ends again and again would be quadratic in it.
func widen(list [][2]int, text string, from, to int) [][2]int {
	from, to = max(from, 0), min(to, len(text))
	if n := len(list); n > 0 && list[n-1][1] >= to {
		return list
	}
	for n := 0; n < longWord && from > 0 && !blank(text[from-1]); n++ {
		from--
	}
	for n := 0; n < longWord && to < len(text) && !blank(text[to]); n++ {
		to++
	}
	if n := len(list); n > 0 && list[n-1][1] >= from {
		list[n-1][1] = max(list[n-1][1], to)
		return list
	}
	return append(list, [2]int{from, to})
}

const longWord = 128

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
