package release

import "strings"

// ScanSlowly is the obvious twin of Scan: it tries every term at every place.
func (s *Scanner) ScanSlowly(text string) []Hit {
	return s.hits(views(text), func(gs []glyph, emit func(match)) {
		for t, term := range s.terms {
			want := []rune(Folded(term.Text))
			for i := range gs {
				if len(want) == 0 || gs[i].edge&(begins|behindClit) == 0 || i+len(want) > len(gs) {
					continue
				}
				equal := true
				for j, r := range want {
					g := gs[i+j]
					equal = equal && (g.r == r || strings.ContainsRune(g.alts, r))
				}
				if equal {
					emit(match{int32(t), i, i + len(want) - 1})
				}
			}
		}
	})
}

// Folded is the folded form of a text, without its separations.
func Folded(text string) string { return runesOf(fold(text, false)) }

// FoldedWords is the text as the search for copies sees it: its words, each
// followed by a slash.
func FoldedWords(text string) string {
	var b strings.Builder
	for i, g := range fold(text, false) {
		if i > 0 && g.edge&first != 0 {
			b.WriteByte('/')
		}
		b.WriteRune(g.r)
	}
	return b.String() + "/"
}

// WordCount is the number of words the search for copies counts.
func WordCount(text string) int { return len(wordsOf(text)) }
