package console

import (
	"html/template"
	"strings"

	"tocsin/view"
)

// What an event of a case was is told in sentences of fixed words, which the catalogue
// has in every language under the key "told.", found by the English form. The program's
// own terms in them get their label; names, and what people wrote, stay as they are.

// forms are the keys of the sentences by their English form.
var forms = func() map[string]string {
	out := map[string]string{}
	for _, e := range catalogue {
		if strings.HasPrefix(e.key, "told.") {
			out[e.en] = e.key
		}
	}
	return out
}()

// told is a sentence in the language of the page. What the catalogue does not have is
// English, and is marked so.
func (w words) told(s view.Sentence) template.HTML {
	return template.HTML(w.tell(s, esc, func(text string) string { return `<span lang="en">` + esc(text) + `</span>` })) //nolint:gosec // all of it is escaped
}

// toldPlain is told without markup, for where there can be none.
func (w words) toldPlain(s view.Sentence) string {
	same := func(text string) string { return text }
	return w.tell(s, same, same)
}

// tell puts a sentence together: plain makes of a name, and english of what is left in
// English, what goes onto the page. The strings of the catalogue have nothing to escape.
func (w words) tell(s view.Sentence, plain, english func(string) string) string {
	if w.lang() == "en" {
		return plain(s.String())
	}
	key, ok := forms[s.Form]
	if !ok {
		return english(s.String())
	}
	names := make([]any, len(s.Names))
	for i, n := range s.Names {
		names[i] = w.tellName(n, plain, english)
	}
	return w.t(key, names...)
}

func (w words) tellName(n view.Name, plain, english func(string) string) string {
	switch {
	case len(n.Parts) > 0:
		parts := make([]string, len(n.Parts))
		for i, p := range n.Parts {
			parts[i] = w.tell(p, plain, english)
		}
		return strings.Join(parts, ", ")
	case n.Of != "" && w.has(n.Of+"."+n.Code):
		label := w.label(n.Of, n.Code)
		if n.Text == strings.ToUpper(n.Text) {
			label = strings.ToUpper(label)
		}
		return plain(label)
	case n.Core || n.Maybe:
		said, ok := w.said(n.Text)
		if !ok && n.Core {
			return english(said)
		}
		return plain(said)
	}
	return plain(n.Text)
}
