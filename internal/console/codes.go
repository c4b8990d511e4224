package console

import (
	"slices"
	"strings"

	"tocsin/directory"
	"tocsin/geo"
)

// What people type for a country or a language is taken by code or by name, and kept
// as the code. What is neither comes back to its field with what may have been meant.

// country asks for a country, and offers all of them by name.
func (a *asking) country(name, value string) field {
	f := a.text(name).holding(value)
	for _, code := range geo.Countries() {
		f.List = append(f.List, option{code, geo.CountryName(a.v.say.tag, code)})
	}
	slices.SortFunc(f.List, func(x, y option) int { return strings.Compare(geo.Fold(x.Label), geo.Fold(y.Label)) })
	return f
}

// country reads one: its code, or "" with a fault at the field.
func (p *posted) country(name string) string {
	typed := p.word(name)
	code, err := directory.Country(typed)
	if err == nil {
		return code
	}
	p.faults[name] = p.say.t("fault.country", typed)
	if near := geo.CountriesLike(typed, 3); len(near) > 0 {
		var said []string
		for _, c := range near {
			said = append(said, geo.CountryName(p.say.tag, c)+" ("+c+")")
		}
		p.faults[name] = p.say.t("fault.country.near", typed, strings.Join(said, ", "))
	}
	return ""
}

// languages reads one language a line, the preferred first, each once.
func (p *posted) languages(name string) []string {
	var out []string
	for _, typed := range p.lines(name) {
		code, err := directory.Language(typed)
		if err != nil {
			p.faults[name] = p.say.t("fault.language", typed)
			if near := directory.LanguagesLike(typed); len(near) > 0 {
				p.faults[name] = p.say.t("fault.language.near", typed, strings.Join(near, ", "))
			}
			continue
		}
		if !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	if len(out) == 0 && p.faults[name] == "" {
		p.faults[name] = p.say.t("fault.required")
	}
	return out
}

// spoken are the languages that the loaded policies have texts in: a warning to
// somebody whose first language is another has to be written by hand and delivered
// with an interpreter.
func (c *Console) spoken(say words) string {
	var codes []string
	for _, name := range c.cfg.Packs {
		p, err := c.cfg.Engine.Pack(name)
		if err != nil {
			continue // one that is no longer loaded speaks nothing
		}
		for _, l := range p.Languages() {
			if !slices.Contains(codes, l) {
				codes = append(codes, l)
			}
		}
	}
	slices.Sort(codes)
	var out []string
	for _, l := range codes {
		out = append(out, say.language(l)+" ("+l+")")
	}
	return strings.Join(out, ", ")
}
