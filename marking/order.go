package marking

// Dominates reports whether a restricts at least as much as b in every respect:
// a text marked a may hold words marked b. Two markings of different systems do
// not dominate each other, with one exception: what limits nothing
// (UNCLASSIFIED, TLP:CLEAR, PUBLIC) is dominated by all. A marking that is not
// Known dominates all and is dominated only by such.
//
// It is reflexive and transitive; known markings that dominate each other are
// equal, except that UNCLASSIFIED, TLP:CLEAR, PAP:CLEAR and PUBLIC are names for
// no limit.
func Dominates(a, b Marking) bool {
	switch {
	case !a.Known():
		return true
	case !b.Known():
		return false
	case b.Public():
		return true
	}
	return a.us.dominates(b.us) && a.uk.dominates(b.uk) && a.foreign.dominates(b.foreign) &&
		(b.tlp <= labelClear || a.tlp >= b.tlp) && (b.pap <= labelClear || a.pap >= b.pap)
}

// Combine returns the least marking that dominates both: what a text must carry
// that holds words marked a and words marked b. The level is the higher one,
// compartments and controls are united, and lists of countries (REL TO, DISPLAY
// ONLY, eyes only) keep only what both name; NOFORN removes them. Where no
// country is left the result names none, and none may have it. Markings of
// different systems both stay, joined by " & ": there is no official table that
// turns one system into another, so neither is dropped. (RollUp knows the rules
// for a U.S. banner over foreign portions.) If either is not Known, neither is
// the result, and AtLeast joins what was understood. The same holds where more
// than 64 marks of one kind come together, which no real text has.
func Combine(a, b Marking) Marking {
	c := a.join(b)
	if !a.Known() || !b.Known() {
		c.lost, c.text, c.unknown = true, few(a.text, b.text), few(a.unknown, b.unknown)
	}
	if !c.lost {
		return c.tidy()
	}
	return c
}

// join unites what was understood of m and b.
func (m Marking) join(b Marking) Marking {
	c := Marking{
		us: m.us.join(b.us), uk: m.uk.join(b.uk), foreign: m.foreign.join(b.foreign),
		tlp: max(m.tlp, b.tlp), pap: max(m.pap, b.pap), public: m.public || b.public,
	}
	for _, set := range []*[]string{&c.us.sci, &c.us.sar, &c.us.cui, &c.uk.words} {
		var over bool
		*set, over = crowded(*set)
		c.lost = c.lost || over
	}
	if len(c.foreign) > mostOwners {
		c.foreign, c.lost = c.foreign[:mostOwners], true
	}
	return c
}

func (u us) dominates(b us) bool {
	if b.level == 0 || b.public() {
		return true
	}
	return u.level >= b.level && coversAll(u.sci, b.sci) && subset(b.sar, u.sar) && u.atomic.dominates(b.atomic) && subset(b.cui, u.cui) &&
		(u.fgiHidden || !b.fgiHidden && subset(b.fgi, u.fgi)) &&
		b.controls&^u.standing() == 0 &&
		(b.open() || !u.open() && u.dissem.dominates(b.dissem))
}

// standing is the controls of u, said or implied, and those that give way to its
// level.
func (u us) standing() control {
	c := u.controls | u.controls.implied()
	if u.level >= usCUI {
		c |= underCUI
	}
	if u.level >= usConfidential {
		c |= minor
	}
	return c
}

// dominates compares who abroad may have a text. NOFORN is above everything,
// then come the lists: a shorter one above a longer one, and a text without any
// list is a list of nobody. Controls are compared elsewhere.
func (d dissem) dominates(b dissem) bool {
	switch {
	case d.has(noforn):
		return true
	case b.has(noforn):
		return false
	}
	return subset(d.rel, b.rel) && subset(union(d.rel, d.display), union(b.rel, b.display)) && (!d.relido || b.relido)
}

// join is the least that dominates both.
func (d dissem) join(b dissem) dissem {
	return dissem{
		controls: d.controls | b.controls,
		rel:      intersection(d.rel, b.rel),
		display:  intersection(union(d.rel, d.display), union(b.rel, b.display)),
		relido:   d.relido && b.relido,
	}.normal()
}

func (u us) join(b us) us {
	switch {
	case u.level == 0:
		return b
	case b.level == 0:
		return u
	}
	c := us{
		level:     max(u.level, b.level),
		sci:       union(u.sci, b.sci),
		sar:       union(u.sar, b.sar),
		atomic:    u.atomic.join(b.atomic),
		fgi:       union(u.fgi, b.fgi),
		fgiHidden: u.fgiHidden || b.fgiHidden,
		cui:       union(u.cui, b.cui),
	}
	switch {
	case u.open():
		c.dissem = b.dissem
		c.controls |= u.controls
	case b.open():
		c.dissem = u.dissem
		c.controls |= b.controls
	default:
		c.dissem = u.dissem.join(b.dissem)
	}
	return c.normal()
}
