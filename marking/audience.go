package marking

import (
	"fmt"
	"slices"
	"strings"
)

// Audience is somebody who might be given a marked text.
type Audience struct {
	Clearance Marking // the highest marking it may hold; the zero Marking is "no clearance", not "any"
	Country   string  // ISO 3166-1, alpha-2 or alpha-3; empty is not known
	Own       bool    // it belongs to the organisation that releases
	Consented bool    // the originator has agreed that this text goes to it
}

// May reports whether a may have a text marked m. If not, the reason is a
// sentence that names the rule.
//
// What limits nothing may go to anybody, and so may OFFICIAL, the marking of
// ordinary public business in the UK, which is written on letters to citizens.
// Everything else needs a clearance of the same system and level. Controls in a
// clearance do not matter; nationality is taken from Country.
func May(m Marking, a Audience) (bool, string) {
	if !m.Known() {
		return false, "The marking is missing or cannot be read, so nobody may have it."
	}
	for _, reason := range []string{m.us.refuses(a), m.uk.refuses(a), m.tlp.refuses(a)} {
		if reason != "" {
			return false, reason
		}
	}
	return true, ""
}

func (u us) refuses(a Audience) string {
	if u.level == 0 {
		return ""
	}
	have := a.Clearance.us
	if u.level > max(have.level, usUnclassified) {
		return fmt.Sprintf("%s needs a clearance for it; this audience may hold %s.", usBanners[u.level], held(a.Clearance))
	}
	for _, path := range u.sci {
		if !covers(have.sci, path) {
			return fmt.Sprintf("The compartment %s is not among those that this audience may hold.", path)
		}
	}
	if missing := difference(u.sar, have.sar); len(missing) > 0 {
		return fmt.Sprintf("The special access programme %s is not among those that this audience may hold.", missing[0])
	}
	if c := u.controls & needOwn; c != 0 && !a.Own && !a.Consented {
		return fmt.Sprintf("%s keeps it inside the organisation until its originator agrees.", (us{controls: c}).controlNames())
	}
	return u.refusesCountry(a)
}

func (u us) controlNames() string {
	return strings.Trim(u.printControls(false, false)+"/"+u.printControls(false, true), "/")
}

func (u us) refusesCountry(a Audience) string {
	if u.open() {
		return ""
	}
	country, ok := Country(a.Country)
	switch {
	case !ok:
		return fmt.Sprintf("%s depends on the country of the audience, and %q is not a country that I know.", u.print(false), a.Country)
	case country == "USA" || slices.Contains(u.rel, country):
		return ""
	case u.has(noforn):
		return fmt.Sprintf("NOFORN: no foreign audience may have it, and this one is of %s.", country)
	case slices.Contains(u.display, country):
		return fmt.Sprintf("DISPLAY ONLY: it may be shown to %s but not sent or left there.", country)
	case u.relido:
		return fmt.Sprintf("RELIDO: an information disclosure official must release it to %s first; then write %s into REL TO.", country, country)
	}
	return fmt.Sprintf("It is not marked as releasable to %s; only REL TO would allow that.", country)
}

func (u uk) refuses(a Audience) string {
	if u.level > max(a.Clearance.uk.level, ukOfficial) {
		return fmt.Sprintf("%s needs a clearance for it; this audience may hold %s.", ukNames[u.level], held(a.Clearance))
	}
	if u.eyes == nil {
		return ""
	}
	country, ok := Country(a.Country)
	if !ok || !slices.Contains(u.eyes, country) {
		return fmt.Sprintf("The eyes-only caveat does not name the country of this audience (%q).", a.Country)
	}
	return ""
}

func (t tlp) refuses(a Audience) string {
	if t > max(a.Clearance.tlp, tlpClear) {
		return fmt.Sprintf("%s goes only to those who are entered for it; this audience may hold %s.", t, held(a.Clearance))
	}
	return ""
}

func held(m Marking) string {
	if !m.Known() {
		return "only what is unclassified"
	}
	return m.String()
}
