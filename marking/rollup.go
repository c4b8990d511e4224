package marking

import (
	"fmt"
	"iter"
	"strings"
)

// RollUp returns the banner of a text with these portions by the published
// rules, of which Combine is the greater part. Where any portion is a U.S. one it
// does two things more. Classified foreign portions become a U.S. classification
// with FGI and the owner (RESTRICTED becomes CONFIDENTIAL); those with caveats of
// their own, such as ATOMAL, also stay beside it. And where some portion names
// countries (REL TO, DISPLAY ONLY) but no country may have all of them, the
// banner is NOFORN (ISM-ID-00521).
//
// Memory does not grow with the number of portions. With no portions, or one
// that is not Known, the result is not Known.
func RollUp(portions iter.Seq[Marking]) Marking {
	var sum Marking
	first, american, lists := true, false, false
	for p := range portions {
		if first {
			sum, first = p, false
		} else {
			sum = Combine(sum, p)
		}
		american = american || p.us.level != 0
		lists = lists || len(p.us.rel) > 0 || len(p.us.display) > 0
		for _, f := range p.foreign {
			lists = lists || len(f.rel) > 0 || len(f.display) > 0 || strings.HasPrefix(f.owner, "JOINT ")
		}
	}
	if !sum.Known() {
		return sum
	}
	if american {
		sum = sum.american(false)
	}
	if u := sum.us; lists && u.level != 0 && !u.open() && len(u.rel) == 0 && len(u.display) == 0 {
		u.controls |= noforn
		sum.us = u.normal()
	}
	return sum.tidy()
}

// american turns foreign parts into what a U.S. banner says of them. What a
// foreign state calls unclassified is not public; it goes into a classified
// banner only, and stays beside any other.
func (m Marking) american(classified bool) Marking {
	for _, f := range m.foreign {
		if f.level >= restricted {
			m.us = m.us.join(f.american())
		}
	}
	classified = classified || m.us.level >= usConfidential
	var rest foreigns
	for _, f := range m.foreign {
		if f.level == unclassified && classified {
			m.us = m.us.join(f.american())
		}
		if f.level == unclassified && !classified || len(f.words) > 0 {
			rest = append(rest, f)
		}
	}
	m.foreign = rest
	return m
}

func (f foreign) american() us {
	u := us{level: usControlled, dissem: f.dissem}
	if f.level >= restricted {
		u.level = usConfidential + usLevel(max(f.level, confidential)-confidential)
	}
	switch f.owner {
	case "FGI":
		u.fgiHidden = true
	case "NATO":
		u.fgi = []string{"NATO"}
		u.rel = nil // its list goes beyond NATO, and a U.S. list does not name NATO
	default:
		u.fgi = difference(f.owners(), []string{"USA"})
		if len(u.rel) > 0 || strings.HasPrefix(f.owner, "JOINT ") {
			u.rel = union(u.rel, u.fgi)
		}
	}
	return u.normal()
}

// Finding is something wrong with a marking or a banner.
type Finding struct {
	Rule    string // the published rule: "ISM-ID-00067", "32 CFR 2001.21(b)"
	Portion int    // which portion shows it first, counted from 0; -1 if none does
	Mark    string // the mark that is missing or too much
	Over    bool   // the banner says more than its portions; a compilation may justify that
	What    string // a full sentence
	Do      string // what to write
}

// CheckBanner compares a banner with the portions below it and names what is
// wrong, each mark once. A banner without findings is right.
func CheckBanner(banner Marking, portions iter.Seq[Marking]) []Finding {
	c := &bannerCheck{banner: banner, seen: map[string]bool{}}
	if !banner.Known() {
		c.add("32 CFR 2001.21", "", false, "The banner is missing or cannot be read.", "Write the banner again.")
		return c.findings
	}
	var sum Marking
	n := 0
	for p := range portions {
		c.portion, n = n, n+1
		switch {
		case !p.Known():
			c.add("32 CFR 2001.21(c)", "portion mark", false, fmt.Sprintf("The mark of portion %d is missing or cannot be read.", n), "Mark the portion again.")
		case n > 1:
			sum = Combine(sum, p)
			c.under(p)
		default:
			sum = p
			c.under(p)
		}
	}
	c.portion = -1
	if n > 0 && sum.Known() {
		c.over(sum)
	}
	return c.findings
}

type bannerCheck struct {
	banner   Marking
	portion  int
	seen     map[string]bool
	findings []Finding
}

func (c *bannerCheck) add(rule, mark string, over bool, what, do string) {
	if key := rule + "\x00" + mark; !c.seen[key] && len(c.seen) < mostMarks*mostOwners {
		c.seen[key] = true
		c.findings = append(c.findings, Finding{rule, c.portion, mark, over, what, do})
	}
}

// lacks notes that the banner does not say what the portion says.
func (c *bannerCheck) lacks(yes bool, rule, mark string) {
	if yes {
		c.add(rule, mark, false, fmt.Sprintf("Portion %d is %s and the banner is not.", c.portion+1, mark), "Write "+mark+" into the banner.")
	}
}

func (c *bannerCheck) under(p Marking) {
	b := c.banner
	if b.us.level != 0 {
		p = p.american(b.us.level >= usConfidential)
	}
	c.underUS(b.us, p.us)
	c.lacks(!b.uk.dominates(p.uk), "Government Security Classifications", p.uk.print())
	for _, f := range p.foreign {
		c.lacks(!b.foreign.dominates(foreigns{f}), "32 CFR 2001.54", f.print(false))
	}
	c.lacks(p.tlp > max(b.tlp, labelClear), "TLP 2.0", tlpNames[p.tlp])
	c.lacks(p.pap > max(b.pap, labelClear), "PAP", papNames[p.pap])
}

// controlRules are the rules by which a control goes up into the banner.
var controlRules = []struct {
	bits control
	rule string
}{
	{fouo, "ISM-ID-00066"}, {orcon, "ISM-ID-00067"}, {imcon, "ISM-ID-00068"}, {noforn, "ISM-ID-00070"}, {propin, "ISM-ID-00071"},
	{dodUCNI, "ISM-ID-00078"}, {doeUCNI, "ISM-ID-00079"}, {dsen, "ISM-ID-00080"}, {fisa, "ISM-ID-00081"}, {limdis, "ISM-ID-00084"},
	{exdis, "ISM-ID-00085"}, {nodis, "ISM-ID-00086"}, {sbu, "ISM-ID-00105"}, {les, "ISM-ID-00145"}, {rsen, "ISM-ID-00165"}, {ssi, "ISM-ID-00373"},
	{orconUSGov, "ISM-ID-00302"},
	{fedOnly | fedCon | noCon | dlOnly | attorneyClient | attorneyWork | deliberative, "32 CFR 2002.16"},
}

func (c *bannerCheck) underUS(b, p us) {
	if p.level == 0 || p.public() {
		return
	}
	levelRule := "32 CFR 2001.21(b)"
	if p.level == usCUI {
		levelRule = "32 CFR 2002.20(b)"
	}
	c.lacks(p.level > b.level && p.level >= usCUI, levelRule, usBanners[p.level])
	for _, path := range p.sci {
		c.lacks(!covers(b.sci, path), "ISM-ID-00343", path)
	}
	for _, name := range difference(p.sar, b.sar) {
		c.lacks(true, "ISM-ID-00347", "SAR-"+name)
	}
	c.lacks(p.atomic.kind > b.atomic.kind, [...]string{"", "ISM-ID-00298", "ISM-ID-00075", "ISM-ID-00072"}[p.atomic.kind], atomicNames[p.atomic.kind])
	c.lacks(p.atomic.cnwdi && !b.atomic.cnwdi, "ISM-ID-00073", "RD-CNWDI")
	for _, n := range difference(p.atomic.sigma, b.atomic.sigma) {
		c.lacks(true, [...]string{"", "", "ISM-ID-00077", "ISM-ID-00074"}[p.atomic.kind], atomic{kind: p.atomic.kind, sigma: []string{n}}.print(false))
	}
	c.lacks(p.fgiHidden && !b.fgiHidden, "ISM-ID-00065", "FGI")
	for _, owner := range difference(p.fgi, b.fgi) {
		c.lacks(!b.fgiHidden, "ISM-ID-00064", "FGI "+owner)
	}
	for _, category := range difference(p.cui, b.cui) {
		rule := "ISM-ID-00502"
		if strings.HasPrefix(category, "SP-") {
			rule = "ISM-ID-00503"
		}
		c.lacks(true, rule, category)
	}
	missing := p.controls &^ b.standing()
	if b.controls&^(minor|noforn) != 0 || len(b.cui) > 0 {
		missing &^= fouo // any other control takes its place (ISM-ID-00066, 00327, 00328)
	}
	if b.level >= usConfidential {
		missing &^= limdis // stands on unclassified text only (ISM-ID-00084, 00346)
	}
	for _, r := range controlRules {
		if m := missing & r.bits; m != 0 {
			c.lacks(true, r.rule, m.String())
		}
	}
	if !p.open() {
		c.underLists(b.dissem, p.dissem)
	}
}

// underLists finds countries that the banner lets in and the portion does not.
func (c *bannerCheck) underLists(b, p dissem) {
	if p.has(noforn) {
		return // has been told if the banner is not
	}
	if len(b.rel) > 0 && len(p.rel) == 0 {
		c.add("ISM-ID-00088", "REL TO", false, fmt.Sprintf("Portion %d names no country, so the banner cannot be REL TO.", c.portion+1), "Write NOFORN into the banner in place of the list.")
	} else if extra := difference(b.rel, p.rel); len(extra) > 0 {
		c.add("ISM-ID-00318", "REL TO", false, fmt.Sprintf("The banner is releasable to %s and portion %d is not.", strings.Join(extra, ", "), c.portion+1), "Keep in the banner only the countries that all portions name.")
	}
	if extra := difference(b.display, union(p.rel, p.display)); len(extra) > 0 {
		c.add("ISM-ID-00320", "DISPLAY ONLY", false, fmt.Sprintf("The banner may be shown to %s and portion %d may not.", strings.Join(extra, ", "), c.portion+1), "Keep in the banner only the countries that all portions name.")
	}
	if b.relido && !p.relido {
		c.add("ISM register: RELIDO", "RELIDO", false, fmt.Sprintf("Portion %d is not RELIDO, so the banner cannot be.", c.portion+1), "Take RELIDO out of the banner.")
	}
	if len(p.rel) > 0 && !b.has(noforn) && len(b.rel) == 0 && len(b.display) == 0 {
		c.add("ISM-ID-00521", "REL TO", false, fmt.Sprintf("Portion %d is REL TO, and the banner says nothing about foreign release.", c.portion+1), "Write REL TO with the countries that all portions name, or NOFORN if there is none.")
	}
}

// over finds what the banner says and no portion does.
func (c *bannerCheck) over(sum Marking) {
	tooMuch := func(yes bool, rule, mark string) {
		if yes {
			c.add(rule, mark, true, fmt.Sprintf("The banner is %s and no portion is.", mark), "Take "+mark+" out of the banner, or say why the compilation needs it.")
		}
	}
	b := c.banner
	s := sum.american(b.us.level >= usConfidential).us
	tooMuch(b.us.level > s.level && b.us.level >= usCUI && s.level != 0, "32 CFR 2001.21(b)", usBanners[b.us.level])
	for _, path := range b.us.sci {
		tooMuch(!covers(s.sci, path), "ISM-ID-00343", path)
	}
	for _, name := range difference(b.us.sar, s.sar) {
		tooMuch(true, "ISM-ID-00347", "SAR-"+name)
	}
	extra := b.us.controls &^ (s.standing() | noforn)
	for _, r := range controlRules {
		if m := extra & r.bits; m != 0 {
			tooMuch(true, r.rule, m.String())
		}
	}
	// NOFORN is right where the portions leave no country.
	tooMuch(b.us.has(noforn) && !s.has(noforn) && len(s.rel)+len(s.display) > 0, "ISM-ID-00070", "NOFORN")
	if missing := difference(s.rel, b.us.rel); len(missing) > 0 && len(b.us.rel) > 0 {
		c.add("ISM-ID-00318", "REL TO "+strings.Join(missing, ", "), true, fmt.Sprintf("All portions are releasable to %s and the banner is not.", strings.Join(missing, ", ")), "Add them to the banner, or say why the compilation needs the shorter list.")
	}
	tooMuch(b.uk.level > max(sum.uk.level, ukOfficial), "Government Security Classifications", ukNames[b.uk.level])
	tooMuch(b.tlp > max(sum.tlp, labelClear), "TLP 2.0", tlpNames[b.tlp])
	tooMuch(b.pap > max(sum.pap, labelClear), "PAP", papNames[b.pap])
}
