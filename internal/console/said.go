package console

import (
	"errors"
	"html/template"
	"slices"
	"strings"

	"tocsin"
	"tocsin/casefile"
)

// The core says in English why a step is owed, what stands against closing, and how
// a duty ended. Those sentences are the program's own, and fixed but for the names
// in them, so the catalogue has them in every language, by what stands between the
// names. What a pack or a person wrote stays as it is, and is marked as such.

// sentences are the sentences of the core, taken apart at the names, by their first
// word; those that begin with a name are under "". Of two that fit a text the one with
// more words of its own is meant.
var sentences = takenApart()

type coreSentence struct {
	key   string
	parts []string // what stands before, between and after the names
}

func takenApart() map[string][]coreSentence {
	out := map[string][]coreSentence{}
	for _, e := range catalogue {
		if strings.HasPrefix(e.key, "said.") {
			s := coreSentence{e.key, strings.Split(e.en, "%s")}
			first := firstWord(s.parts[0])
			if len(s.parts) > 1 && first == s.parts[0] { // the word may go on with the name
				first = ""
			}
			out[first] = append(out[first], s)
		}
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b coreSentence) int { return len(strings.Join(b.parts, "")) - len(strings.Join(a.parts, "")) })
	}
	return out
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

// terms are the program's own terms as the core puts them into a sentence, and the keys
// of their labels.
var terms = func() map[string]string {
	out := map[string]string{}
	for _, e := range catalogue {
		switch family, code, _ := strings.Cut(e.key, "."); family {
		case "named", "element":
			out[e.en] = e.key
		case "state", "disposition", "role", "clock", "kind", "message":
			out[strings.ReplaceAll(code, "_", " ")] = e.key
		}
	}
	return out
}()

// named puts a name that is a term of the program, or a list of such, into the language
// of the page. Other names stay.
func (w words) named(name string) string {
	var out []string
	for _, part := range splitList(name) {
		key, ok := terms[part]
		if !ok {
			return w.namedList(name)
		}
		out = append(out, w.t(key))
	}
	return strings.Join(out, ", ")
}

// splitList takes a list of terms apart; one term is a list too.
func splitList(name string) []string {
	if _, ok := terms[name]; ok {
		return []string{name}
	}
	return strings.FieldsFunc(strings.ReplaceAll(name, " or ", "\x00"), func(r rune) bool { return r == 0 })
}

// namedList is a name that is a list of sentences of the core, such as what stands
// against closing a case, or a part of a report.
func (w words) namedList(name string) string {
	if strings.HasPrefix(name, "report ") || strings.HasPrefix(name, "what is on record ") {
		said, _ := w.sentence(name, false)
		return said
	}
	list := strings.Split(name, "; ")
	for i, part := range list {
		said, ok := w.said(part)
		if !ok || len(list) == 1 {
			return name
		}
		list[i] = said
	}
	return strings.Join(list, "; ")
}

// names finds in a text the names that a sentence leaves open.
func (s coreSentence) names(text string) ([]any, bool) {
	rest, ok := strings.CutPrefix(text, s.parts[0])
	if !ok {
		return nil, false
	}
	var names []any
	for i, part := range s.parts[1:] {
		at := strings.Index(rest, part)
		if i == len(s.parts)-2 { // the last part ends the text
			if !strings.HasSuffix(rest, part) {
				return nil, false
			}
			at = len(rest) - len(part)
		}
		if at < 1 {
			return nil, false
		}
		names, rest = append(names, rest[:at]), rest[at+len(part):]
	}
	return names, rest == ""
}

// said puts what the core says into the language of the page. ok is false if the
// catalogue does not have it, or not all of it, and the text is then English still.
func (w words) said(text string) (out string, ok bool) {
	if text == "" || w.lang() == "en" {
		return text, true
	}
	parts := apartAtStops(text)
	if said, ok := w.sentence(text, len(parts) > 1); ok {
		return said, true
	}
	for i, part := range parts {
		said, ok := w.sentence(part, false)
		if !ok { // a name may be words of several sentences
			return w.sentence(text, false)
		}
		parts[i] = said
	}
	return strings.Join(parts, " "), true
}

// sentence is said for one entry of the catalogue; short asks that no name in it goes over
// the end of a sentence.
func (w words) sentence(text string, short bool) (out string, ok bool) {
	for _, first := range []string{firstWord(text), ""} {
		for _, s := range sentences[first] {
			names, ok := s.names(text)
			if ok && !(short && slices.ContainsFunc(names, func(n any) bool { return len(apartAtStops(n.(string))) > 1 })) {
				for i := range names {
					names[i] = w.named(names[i].(string))
				}
				return w.t(s.key, names...), true
			}
		}
	}
	return text, false
}

// apartAtStops takes a text apart into its sentences.
func apartAtStops(text string) []string {
	var out []string
	from := 0
	for i := 0; i+2 < len(text); i++ {
		if next := text[i+2]; strings.IndexByte(".?!", text[i]) >= 0 && text[i+1] == ' ' && (next >= 'A' && next <= 'Z' || next == '"') {
			out, from = append(out, text[from:i+1]), i+2
		}
	}
	return append(out, text[from:])
}

// core writes a sentence of the core, marked as English where it stays that.
func (w words) core(text string) template.HTML {
	out, ok := w.said(text)
	if ok {
		return template.HTML(esc(out)) //nolint:gosec // escaped
	}
	return template.HTML(`<span lang="en">` + esc(out) + `</span>`) //nolint:gosec // escaped
}

// refused is what an error of the core says: what happened, and what to do next.
func (w words) refused(err error) template.HTML {
	var e *tocsin.Error
	if !errors.As(err, &e) {
		return w.core(err.Error())
	}
	out := string(w.core(e.What))
	if e.Do != "" {
		out += " " + string(w.core(e.Do))
	}
	return template.HTML(out) //nolint:gosec // of parts that are escaped
}

// kept is what an error of the core says was kept, or what is kept in any case.
func (w words) kept(text, otherwise string) string {
	if text == "" {
		return w.t(otherwise)
	}
	out, _ := w.said(text)
	return out
}

// how says how a duty towards a victim ended: in the core's words, or those of the
// person who signed.
func (w words) how(v casefile.Victim) template.HTML {
	if v.Disposition == casefile.ObligationDischarged {
		return w.core(v.How)
	}
	out, _ := w.said(v.How)
	return template.HTML(esc(out)) //nolint:gosec // escaped
}

// asked names what a pack asks. Packs name it in one language; the names of the
// packs that come with the program are in the catalogue. own reports whether the
// name is still the pack's.
func (w words) asked(title string) (name string, own bool) {
	if key := "element." + slug(title); keyed[key] {
		return w.t(key), false
	}
	return title, true
}

// slug is a title as part of a key.
func slug(title string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, strings.ToLower(title))
}

// grade says in words what an Admiralty grade means, and any other as it stands.
func (w words) grade(g tocsin.Grading) string {
	out := g.Source + g.Information
	if g.Scheme != "" && g.Scheme != "admiralty" {
		return g.Scheme + " " + out
	}
	for _, x := range []struct{ list, value string }{{"grade_source", g.Source}, {"grade_info", g.Information}} {
		if keyed[x.list+"."+x.value] {
			out += " · " + w.t(x.list+"."+x.value)
		}
	}
	return out
}
