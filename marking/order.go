package marking

import "slices"

// Dominates reports whether a restricts at least as much as b in every respect:
// a text marked a may hold words marked b. Two markings of different systems do
// not dominate each other, with one exception: what limits nothing
// (UNCLASSIFIED, TLP:CLEAR) is dominated by all. The zero Marking dominates all
// and is dominated only by itself.
//
// It is reflexive and transitive; markings that dominate each other are equal,
// except that UNCLASSIFIED and TLP:CLEAR are two names for no limit.
func Dominates(a, b Marking) bool {
	switch {
	case !a.Known():
		return true
	case !b.Known():
		return false
	case b.Public():
		return true
	}
	return a.us.dominates(b.us) && a.uk.dominates(b.uk) && (b.tlp <= tlpClear || a.tlp >= b.tlp)
}

// Combine returns the least marking that dominates both: what a text must carry
// that holds words marked a and words marked b. The level is the higher one,
// compartments and controls are united, and lists of countries (REL TO, DISPLAY
// ONLY, eyes only) keep only what both name; NOFORN removes them. Where no
// country is left the result names none, and none may have it. Markings of
// different systems both stay, joined by " & ": there is no official table that
// turns one system into another, so neither is dropped. With the zero Marking
// the result is zero.
func Combine(a, b Marking) Marking {
	if !a.Known() || !b.Known() {
		return Marking{}
	}
	m := Marking{us: a.us.combine(b.us), uk: a.uk.combine(b.uk), tlp: max(a.tlp, b.tlp)}
	return m.tidy()
}

func (u us) dominates(b us) bool {
	if b.level == 0 || b.public() {
		return true
	}
	for _, path := range b.sci {
		if !covers(u.sci, path) {
			return false
		}
	}
	controls := u.controls
	if u.has(orcon) {
		controls |= orconUSGov
	}
	return u.level >= b.level &&
		subset(b.sar, u.sar) && subset(b.cui, u.cui) &&
		(u.fgiHidden || !b.fgiHidden && subset(b.fgi, u.fgi)) &&
		b.controls&^controls == 0 &&
		u.dominatesCountries(b)
}

// dominatesCountries compares who abroad may have a text. NOFORN is above
// everything, then come the lists (a shorter one above a longer one; a
// classified text without any list is a list of nobody), and unclassified text,
// which all may have, is below.
func (u us) dominatesCountries(b us) bool {
	switch {
	case b.open() || u.has(noforn):
		return true
	case u.open() || b.has(noforn):
		return false
	}
	return subset(u.rel, b.rel) && subset(union(u.rel, u.display), union(b.rel, b.display)) && (!u.relido || b.relido)
}

func (u us) combine(b us) us {
	switch {
	case u.level == 0:
		return b.clone()
	case b.level == 0:
		return u.clone()
	}
	c := us{
		level:     max(u.level, b.level),
		sci:       union(u.sci, b.sci),
		sar:       union(u.sar, b.sar),
		fgi:       union(u.fgi, b.fgi),
		fgiHidden: u.fgiHidden || b.fgiHidden,
		cui:       union(u.cui, b.cui),
		controls:  u.controls | b.controls,
	}
	switch {
	case c.has(noforn):
	case u.open():
		c.rel, c.display, c.relido = slices.Clone(b.rel), slices.Clone(b.display), b.relido
	case b.open():
		c.rel, c.display, c.relido = slices.Clone(u.rel), slices.Clone(u.display), u.relido
	default:
		c.rel = intersection(u.rel, b.rel)
		c.display = intersection(union(u.rel, u.display), union(b.rel, b.display))
		c.relido = u.relido && b.relido
	}
	return c.normal()
}

func (u us) clone() us {
	for _, list := range []*[]string{&u.sci, &u.sar, &u.fgi, &u.cui, &u.rel, &u.display} {
		*list = slices.Clone(*list)
	}
	return u
}
