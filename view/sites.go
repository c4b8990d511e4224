package view

import (
	"slices"
	"strings"

	"tocsin"
	"tocsin/casefile"
	"tocsin/geo"
)

// Chosen is the standing of a place of which a person said where it lies.
const Chosen geo.Standing = "chosen"

// Missing is the standing of a victim of whom no place is recorded.
const Missing geo.Standing = "missing"

// Site is one place of a case: that of the threat, or of a victim. There is one
// for every victim, known or not, so that who draws them can say whom the drawing
// leaves out.
type Site struct {
	Victim tocsin.VictimID // empty: the place of the threat
	Name   string          // the victim's
	Full   string          // all the words that the case has for the place
	geo.Reading
	By       tocsin.ActorID // who chose, where somebody did
	Excluded bool           // somebody said that none of the candidates is meant
	// Claimed is the country that the case gives for the victim, if the place lies in
	// another.
	Claimed string
}

// Placed reports whether the site has a point on the earth.
func (s Site) Placed() bool {
	return s.Standing == Chosen || s.Standing == geo.Given || s.Standing == geo.Assumed
}

// Sites are the places of a case, the threat's first. What no person has said is a
// suggestion of package geo, and marked so.
func Sites(s casefile.State) []Site {
	var known []string // where the case says that its victims are
	for _, v := range s.Victims {
		if c := Country(v.Jurisdiction); c != "" && !slices.Contains(known, c) {
			known = append(known, c)
		}
	}
	var out []Site
	var threat *geo.Place
	if words := s.Threat.Place.Text; words != "" {
		out = sitesOf(s.Threat, Site{Full: words}, geo.About{Countries: known})
		if len(out) == 1 && out[0].Placed() {
			threat = &out[0].Place
		}
	}
	for _, v := range s.Victims {
		about := geo.About{Threat: threat}
		if c := Country(v.Jurisdiction); c != "" {
			about.Countries = []string{c}
		}
		site := Site{Victim: v.ID, Name: v.Name, Full: v.Place}
		if v.Place == "" {
			site.Reading = geo.Reading{Standing: Missing, Country: Country(v.Jurisdiction)}
			out = append(out, site)
			continue
		}
		for _, x := range sitesOf(s.Threat, site, about) {
			if c := Country(v.Jurisdiction); x.Placed() && c != "" && c != x.Country {
				x.Claimed = c
			}
			out = append(out, x)
		}
	}
	return out
}

// sitesOf reads one text, and puts what a person said before what it reads.
func sitesOf(t tocsin.Threat, site Site, about geo.About) []Site {
	var out []Site
	for _, r := range geo.Read(site.Full, about) {
		x := site
		x.Reading = r
		if w, ok := t.WhereaboutsOf(x.Victim, r.Words); ok {
			x.By, x.Excluded, x.Ground = w.By, w.None, ""
			if w.None {
				x.Standing, x.Place, x.Country = geo.Open, geo.Place{}, ""
			} else {
				x.Standing, x.Country = Chosen, w.Country
				x.Place = geo.Place{Name: w.Name, Country: w.Country, Region: w.Region, Point: geo.Point{Lat: w.Lat, Lon: w.Lon}}
			}
		}
		out = append(out, x)
	}
	return out
}

// Country is the country of a jurisdiction, which may name a part of it (US-CA).
// What was written down before codes were asked for is read as it was meant, so that
// "IRAN" in an old record is no other country than IR. What is no country at all
// stands as it is: nothing lies there, and whoever looks sees why.
func Country(jurisdiction string) string {
	if code := geo.CountryCode(jurisdiction); code != "" {
		return code
	}
	code, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(jurisdiction)), "-")
	return code
}

// Reach is one country in which a case has somebody to tell or to protect.
type Reach struct {
	Country    string
	Recipients []tocsin.Recipient // of the case: named by its warnings, or protecting a victim
	Victims    []tocsin.VictimID  // of whom the case says that they are under its jurisdiction
}

// Reaches lists the countries of a case by code. Recipients of a warning are
// shown as they stood when it was written.
func Reaches(s casefile.State, book []tocsin.Recipient) []Reach {
	in := map[string]*Reach{}
	at := func(code string) *Reach {
		if in[code] == nil {
			in[code] = &Reach{Country: code}
		}
		return in[code]
	}
	told := func(r tocsin.Recipient) {
		if code := Country(r.Jurisdiction); code != "" {
			x := at(code)
			if !slices.ContainsFunc(x.Recipients, func(o tocsin.Recipient) bool { return o.ID == r.ID }) {
				x.Recipients = append(x.Recipients, r)
			}
		}
	}
	for _, w := range s.Warnings {
		for _, r := range w.Draft.Recipients {
			told(r)
		}
	}
	for _, v := range s.Victims {
		if code := Country(v.Jurisdiction); code != "" {
			at(code).Victims = append(at(code).Victims, v.ID)
		}
		for _, r := range book {
			if slices.Contains(v.Protectors, r.ID) {
				told(r)
			}
		}
	}
	var out []Reach
	for _, x := range in {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b Reach) int { return strings.Compare(a.Country, b.Country) })
	return out
}

// Authority is an entry of the directory in whose jurisdiction a place lies.
type Authority struct {
	tocsin.Recipient
	Through string // the party of the threat actor that its route runs through; it must not be used then
}

// Authorities lists who has jurisdiction in a country, as the directory has it.
func Authorities(country string, book []tocsin.Recipient, groups []string) []Authority {
	var out []Authority
	for _, r := range book {
		if country != "" && Country(r.Jurisdiction) == country {
			out = append(out, Authority{r, r.RouteTouches(groups)})
		}
	}
	return out
}
