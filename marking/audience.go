package marking

import (
	"fmt"
	"slices"
	"strings"
)

// Audience is somebody who might be given a marked text. What is left zero opens
// nothing.
type Audience struct {
	Clearance Marking  // the highest marking it may hold; the zero Marking is "no clearance", not "any"
	Country   string   // ISO 3166-1, alpha-2 or alpha-3; empty is not known
	Own       bool     // it belongs to the organisation that releases
	Consented bool     // the originator has agreed that this text goes to it
	Listed    bool     // it is on the originator's list of recipients (DL ONLY, RECIPIENTS ONLY)
	Standing  Standing // towards the U.S. government (FED ONLY, FEDCON, NOCON)
}

// Standing is what somebody is to the U.S. federal government.
type Standing uint8

// The standings that the CUI dissemination controls tell apart.
const (
	NotKnown   Standing = iota
	Federal             // its employee, or a member of its armed forces
	Contractor          // works for it under a contract
	Outside             // neither, such as a state, tribal or local authority
)

// Refusal is one reason why an audience may not have a text.
type Refusal struct {
	Rule string // the mark, or the kind of mark, that refuses: "NOFORN", "clearance", "SCI"
	Why  string // a full sentence
}

// May reports whether a may have a text marked m. If not, the reason is a
// sentence that names the rule; Refusals has all of them.
//
// What limits nothing may go to anybody, and so may OFFICIAL, the marking of
// ordinary public business in the UK, which is written on letters to citizens.
// Everything else needs a clearance of the same system and level. Controls in a
// clearance do not matter; nationality is taken from Country.
func May(m Marking, a Audience) (bool, string) {
	if r := Refusals(m, a); len(r) > 0 {
		return false, r[0].Why
	}
	return true, ""
}

// Refusals returns every reason why a may not have a text marked m; none if it
// may.
func Refusals(m Marking, a Audience) []Refusal {
	q := &question{Audience: a}
	if !a.Clearance.Known() {
		q.Clearance = Marking{}
	}
	if !m.Known() {
		q.no("unreadable", "The marking is missing or cannot be read, so nobody may have it.")
		return q.refusals
	}
	q.us(m.us)
	q.uk(m.uk)
	for _, f := range m.foreign {
		q.foreign(f)
	}
	q.label("TLP", tlpNames, m.tlp, q.Clearance.tlp)
	q.label("PAP", papNames, m.pap, q.Clearance.pap)
	return q.refusals
}

// question collects the refusals of one audience.
type question struct {
	Audience
	refusals []Refusal
}

func (q *question) no(rule, format string, args ...any) {
	q.refusals = append(q.refusals, Refusal{rule, fmt.Sprintf(format, args...)})
}

func (q *question) us(u us) {
	if u.level == 0 {
		return
	}
	have := q.Clearance.us
	if u.level > max(have.level, usUnclassified) {
		name := usBanners[u.level]
		if u.level == usControlled {
			name += "//" + (u.controls & minor).String()
		}
		q.no("clearance", "%s needs a clearance for it; this audience may hold %s.", name, held(q.Clearance))
	}
	for _, path := range u.sci {
		if !covers(have.sci, path) {
			q.no("SCI", "The compartment %s is not among those that this audience may hold.", path)
		}
	}
	for _, name := range difference(u.sar, have.sar) {
		q.no("SAR", "The special access programme %s is not among those that this audience may hold.", name)
	}
	if !have.atomic.dominates(u.atomic) {
		q.no("AEA", "%s is not among what this audience may hold.", u.atomic.print(false))
	}
	q.controls(u.controls)
	if !u.open() {
		q.country(u.dissem, nil, u.print(false))
	}
}

// controls asks what the dissemination controls say of the person, apart from
// the country.
func (q *question) controls(c control) {
	if own := c & needOwn; own != 0 && !q.Own && !q.Consented {
		q.no(own.String(), "%s keeps it inside the organisation until its originator agrees.", own)
	}
	for _, k := range []struct {
		bit  control
		may  bool
		rule string
	}{
		{fedOnly, q.Standing == Federal, "goes to federal employees only"},
		{fedCon, q.Standing == Federal || q.Standing == Contractor, "goes to federal employees and contractors only"},
		{noCon, q.Standing == Federal || q.Standing == Outside, "does not go to contractors, and this audience is not known to be none"},
		{dlOnly, q.Listed, "goes to those on the distribution list only"},
	} {
		if c&k.bit != 0 && !k.may {
			q.no(k.bit.String(), "%s: it %s.", k.bit, k.rule)
		}
	}
}

// country asks whether the country may have it. Americans may have what stands
// in the U.S. register; owners are those who may besides the list.
func (q *question) country(d dissem, owners []string, mark string) {
	country, ok := Country(q.Country)
	switch {
	case !ok:
		q.no("country", "%s depends on the country of the audience, and %q is not a country that I know.", mark, q.Country)
	case country == "USA":
	case d.has(noforn):
		q.no("NOFORN", "NOFORN: no foreign audience may have it, and this one is of %s.", country)
	case slices.Contains(d.rel, country) || slices.Contains(owners, country):
	case slices.Contains(d.display, country):
		q.no("DISPLAY ONLY", "DISPLAY ONLY: it may be shown to %s but not sent or left there.", country)
	case d.relido:
		q.no("RELIDO", "RELIDO: an information disclosure official must release it to %s first; then write %s into REL TO.", country, country)
	default:
		q.no("REL TO", "It is not marked as releasable to %s; only REL TO would allow that.", country)
	}
}

func (q *question) uk(u uk) {
	have := q.Clearance.uk
	if u.level > max(have.level, ukOfficial) {
		q.no("clearance", "%s needs a clearance for it; this audience may hold %s.", ukNames[u.level], held(q.Clearance))
	}
	if u.strap > have.strap {
		q.no("STRAP", "STRAP %d is not among what this audience may hold.", u.strap)
	}
	for _, w := range difference(u.words, have.words) {
		q.no("code word", "The code word %s is not among those that this audience may hold.", w)
	}
	for _, n := range ukNotes {
		switch {
		case !slices.Contains(u.notes, n.name):
		case n.inside && !q.Own && !q.Consented:
			q.no(n.name, "%s keeps it inside the organisation until its originator agrees.", n.name)
		case n.named && !q.Listed:
			q.no(n.name, "%s: it goes to those whom its originator named.", n.name)
		}
	}
	if u.eyes == nil {
		return
	}
	country, ok := Country(q.Country)
	if !ok || !slices.Contains(u.eyes, country) {
		q.no("EYES ONLY", "The eyes-only caveat does not name the country of this audience (%q).", q.Country)
	}
}

// foreign asks for a clearance of an owner. Which levels of two states match is
// laid down in agreements between them, so that a clearance of another state
// does not count here, with two exceptions: for a JOINT text a clearance of any
// owner, and the British one under its own name.
func (q *question) foreign(f foreign) {
	own, _ := q.Clearance.foreign.of(f.owner)
	level := own.level
	if strings.HasPrefix(f.owner, "JOINT ") {
		for _, o := range f.owners() {
			level = max(level, q.national(o))
		}
	} else {
		level = max(level, q.national(f.owner))
	}
	name := strings.TrimPrefix(foreign{owner: f.owner, level: f.level}.print(false), "//")
	if f.level > level {
		q.no("clearance", "%s needs a clearance for it; this audience may hold %s.", name, held(q.Clearance))
	}
	for _, w := range difference(f.words, own.words) {
		q.no(w, "%s is not among what this audience may hold.", w)
	}
	q.controls(f.controls)
	q.country(f.dissem, f.owners(), name)
}

// national is the level that the clearance gives for one state.
func (q *question) national(country string) nationalLevel {
	f, _ := q.Clearance.foreign.of(country)
	switch {
	case country == "USA" && q.Clearance.us.level >= usConfidential:
		return confidential + nationalLevel(q.Clearance.us.level-usConfidential)
	case country == "GBR" && q.Clearance.uk.level >= ukSecret:
		return max(f.level, secret+nationalLevel(q.Clearance.uk.level-ukSecret))
	}
	return f.level
}

func (q *question) label(rule string, names []string, label, have uint8) {
	if label > max(have, labelClear) {
		q.no(rule, "%s goes only to those who are entered for it; this audience may hold %s.", names[label], held(q.Clearance))
	}
}

func held(m Marking) string {
	if !m.Known() {
		return "only what is unclassified"
	}
	return m.String()
}
