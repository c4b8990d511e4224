package console

import (
	"fmt"
	"html/template"
	"strings"

	"tocsin"
	"tocsin/casefile"
)

// The core says in English why a step is owed, what stands against closing, and how
// a duty ended. Those sentences are the program's own, and fixed but for the names
// in them, so the catalogue has them in every language, by what stands between the
// names. What a pack or a person wrote stays as it is, and is marked as such.

// sentences are the sentences of the core, taken apart at the names.
var sentences = takenApart()

type coreSentence struct {
	key   string
	parts []string // what stands before, between and after the names
}

func takenApart() []coreSentence {
	var out []coreSentence
	for _, e := range catalogue {
		if strings.HasPrefix(e.key, "said.") {
			out = append(out, coreSentence{e.key, strings.Split(e.en, "%s")})
		}
	}
	return out
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

// said puts a sentence of the core into the language of the page. ok is false if
// the catalogue does not have it, and the text is then English still.
func (w words) said(text string) (out string, ok bool) {
	if text == "" || w.lang() == "en" {
		return text, true
	}
	for _, s := range sentences {
		if names, ok := s.names(text); ok {
			if strings.HasPrefix(s.key, "said.exception.clock") {
				names[0] = w.label("clock", strings.ReplaceAll(fmt.Sprint(names[0]), " ", "_"))
			}
			return w.t(s.key, names...), true
		}
	}
	return text, false
}

// core writes a sentence of the core, marked as English where it stays that.
func (w words) core(text string) template.HTML {
	out, ok := w.said(text)
	if ok {
		return template.HTML(esc(out)) //nolint:gosec // escaped
	}
	return template.HTML(`<span lang="en">` + esc(out) + `</span>`) //nolint:gosec // escaped
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
