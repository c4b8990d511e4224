package compose

import (
	"maps"
	"slices"
	"strings"

	"tocsin"
)

// Standing lists the words that a warning of a kind says at a moment of its life
// whatever the case, in all languages: headings, labels and standing advice. They
// tell nothing about a case, which is what package release has to know.
func (t *Texts) Standing(kind tocsin.WarningKind, message tocsin.MessageType) []string {
	at := occasion{kind, message}
	var out []string
	for _, code := range t.languages {
		l := t.words[code]
		say := func(parts ...template) {
			for _, p := range parts {
				out = append(out, p.words())
			}
		}
		head := l.headings[at]
		say(head.subject, head.opening, l.reference, l.from, l.until, l.handling)
		out = append(out, l.doubt)
		for _, id := range slices.Sorted(maps.Keys(l.items[kind])) {
			i := l.items[kind][id]
			say(i.standard)
			out = append(out, i.label, i.gap)
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return strings.TrimSpace(s) == "" })
}

// words are the words of a template without its values.
func (t template) words() string {
	var b strings.Builder
	for i := 0; i < len(t); i += 2 {
		b.WriteString(t[i])
		b.WriteString(" ")
	}
	return b.String()
}
