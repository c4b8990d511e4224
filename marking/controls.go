package marking

import (
	"slices"
	"strings"
)

// control is a set of dissemination controls that only ever restrict.
type control uint32

const (
	fouo control = 1 << iota
	rsen
	orcon
	orconUSGov
	imcon
	noforn
	propin
	dsen
	fisa
	fedOnly
	fedCon
	noCon
	dlOnly
	attorneyClient
	attorneyWork
	deliberative
	dodUCNI
	doeUCNI
	limdis
	exdis
	nodis
	sbu
	les
	ssi
)

// group is where in a marking a control is printed. Groups of one segment follow
// each other with "/" between them.
type group uint8

const (
	legacy group = iota + 1 // behind the classification, in a segment of its own
	atomicInfo
	beforeLists // before REL TO
	afterLists  // behind RELIDO
	ofCUI       // limited dissemination controls, before DISPLAY ONLY
	nonIC       // behind the others, in a segment of its own
)

// usControls is in the order in which the register and the CUI registry print
// them. names are further ways of writing one.
var usControls = []struct {
	bit             control
	in              group
	banner, portion string
	names           []string
}{
	{fouo, legacy, "FOUO", "FOUO", []string{"FOR OFFICIAL USE ONLY"}},
	{dodUCNI, atomicInfo, "DOD UCNI", "DCNI", []string{"DOD UNCLASSIFIED CONTROLLED NUCLEAR INFORMATION"}},
	{doeUCNI, atomicInfo, "DOE UCNI", "UCNI", []string{"DOE UNCLASSIFIED CONTROLLED NUCLEAR INFORMATION"}},
	{rsen, beforeLists, "RSEN", "RS", []string{"RISK SENSITIVE"}},
	{orcon, beforeLists, "ORCON", "OC", []string{"ORIGINATOR CONTROLLED"}},
	{orconUSGov, beforeLists, "ORCON-USGOV", "OC-USGOV", []string{"ORIGINATOR CONTROLLED-USGOV"}},
	{imcon, beforeLists, "IMCON", "IMC", []string{"CONTROLLED IMAGERY"}},
	{noforn, beforeLists, "NOFORN", "NF", []string{"NOT RELEASABLE TO FOREIGN NATIONALS"}},
	{propin, beforeLists, "PROPIN", "PR", []string{"CAUTION-PROPRIETARY INFORMATION INVOLVED"}},
	{dsen, afterLists, "DSEN", "DSEN", []string{"DEA SENSITIVE"}},
	{fisa, afterLists, "FISA", "FISA", []string{"FOREIGN INTELLIGENCE SURVEILLANCE ACT"}},
	{fedOnly, ofCUI, "FED ONLY", "FED ONLY", []string{"FEDERAL EMPLOYEES ONLY"}},
	{fedCon, ofCUI, "FEDCON", "FEDCON", []string{"FEDERAL EMPLOYEES AND CONTRACTORS ONLY"}},
	{noCon, ofCUI, "NOCON", "NOCON", []string{"NO DISSEMINATION TO CONTRACTORS"}},
	{dlOnly, ofCUI, "DL ONLY", "DL ONLY", []string{"DISSEMINATION LIST CONTROLLED"}},
	{attorneyClient, ofCUI, "ATTORNEY-CLIENT", "AC", nil},
	{attorneyWork, ofCUI, "ATTORNEY-WP", "AWP", []string{"ATTORNEY-WORK PRODUCT"}},
	{deliberative, ofCUI, "DELIB", "DELIB", []string{"DELIBERATIVE PROCESS"}},
	{limdis, nonIC, "LIMDIS", "DS", []string{"LIMITED DISTRIBUTION"}},
	{exdis, nonIC, "EXDIS", "XD", []string{"EXCLUSIVE DISTRIBUTION"}},
	{nodis, nonIC, "NODIS", "ND", []string{"NO DISTRIBUTION"}},
	{sbu, nonIC, "SBU", "SBU", []string{"SENSITIVE BUT UNCLASSIFIED"}},
	{les, nonIC, "LES", "LES", []string{"LAW ENFORCEMENT SENSITIVE"}},
	{ssi, nonIC, "SSI", "SSI", []string{"SENSITIVE SECURITY INFORMATION"}},
}

// controlNames maps every way of writing a control to it.
var controlNames = func() map[string]control {
	m := map[string]control{
		"SBU-NF": sbu | noforn, "SBU NOFORN": sbu | noforn,
		"LES-NF": les | noforn, "LES NOFORN": les | noforn,
	}
	for _, k := range usControls {
		for _, name := range append(k.names, k.banner, k.portion) {
			m[name] = k.bit
		}
	}
	return m
}()

// needOwn are the controls that keep a text within the organisation unless the
// originator has agreed to this release.
const needOwn = rsen | orcon | orconUSGov | imcon | propin | dsen | fisa | attorneyClient | attorneyWork | deliberative |
	limdis | exdis | nodis | les | ssi

// minor are the controls of unclassified text only. A classification says more
// than they do and takes their place (ISM-ID-00066, 00078, 00079, 00105); CUI
// takes that of the first two.
const (
	minor       = fouo | sbu | dodUCNI | doeUCNI
	underCUI    = fouo | sbu
	onlyOutside = dodUCNI | doeUCNI // and contradicts one that is written beside it (ISM-ID-00181)
)

// implied is what c says without saying it: the weaker controls that a stronger
// one includes. Federal employees are the only ones that are both in FEDCON and
// no contractors. (ISM-ID-00085, 00105, 00302, 00328; 32 CFR 2002.16)
func (c control) implied() control {
	var more control
	for _, k := range []struct{ whole, parts control }{
		{orcon, orconUSGov}, {fedOnly, fedCon | noCon}, {nodis, exdis}, {sbu, fouo},
	} {
		if c&k.whole != 0 {
			more |= k.parts
		}
	}
	return more
}

// tidy leaves out what is implied.
func (c control) tidy() control {
	if c&fedCon != 0 && c&noCon != 0 {
		c |= fedOnly
	}
	return c &^ c.implied()
}

func (c control) print(in group, portion bool) []string {
	var names []string
	for _, k := range usControls {
		switch {
		case k.in != in || c&k.bit == 0:
		case portion:
			names = append(names, k.portion)
		default:
			names = append(names, k.banner)
		}
	}
	return names
}

// String names all controls of c as a banner does.
func (c control) String() string {
	var names []string
	for in := legacy; in <= nonIC; in++ {
		names = append(names, c.print(in, false)...)
	}
	return strings.Join(names, "/")
}

// dissem is what a marking says about passing on.
type dissem struct {
	controls control
	rel      []string // REL TO, without USA, which is always in it
	display  []string // DISPLAY ONLY: may be shown but not given; never one of rel
	relido   bool     // an information disclosure official may release it further
}

func (d dissem) has(c control) bool { return d.controls&c != 0 }

// lists reports whether it says who abroad may have it, or who may decide that.
func (d dissem) lists() bool { return len(d.rel) > 0 || len(d.display) > 0 || d.relido }

// normal removes what other parts already say, and lets NOFORN win over lists,
// which in a written marking is a contradiction that has been told.
func (d dissem) normal() dissem {
	d.controls = d.controls.tidy()
	if d.has(noforn) {
		d.rel, d.display, d.relido = nil, nil, false
	}
	d.display = difference(d.display, d.rel)
	return d
}

// print returns the segment of the controls and that of those that are not of
// the intelligence community; either may be empty.
func (d dissem) print(portion bool) (string, string) {
	names := d.controls.print(beforeLists, portion)
	if len(d.rel) > 0 {
		names = append(names, "REL TO USA, "+strings.Join(d.rel, ", "))
	}
	if d.relido {
		names = append(names, "RELIDO")
	}
	names = append(names, d.controls.print(afterLists, portion)...)
	names = append(names, d.controls.print(ofCUI, portion)...)
	if len(d.display) > 0 {
		names = append(names, "DISPLAY ONLY "+strings.Join(d.display, ", "))
	}
	return strings.Join(names, "/"), strings.Join(d.controls.print(nonIC, portion), "/")
}

// dissemReader reads the controls of one marking into d. It keeps where NOFORN
// and the lists stand, to tell of a contradiction.
type dissemReader struct {
	*parser
	d           dissem
	noforn      token
	foreignList token
	eyes        token    // EYES ONLY, the old form of REL TO among five states
	rel         []string // what a bare REL stands for
}

// control reads one control or list and reports whether it was one.
func (r *dissemReader) control(t token) bool {
	if c := controlNames[t.text]; c != 0 {
		r.d.controls |= c
		if c&noforn != 0 {
			r.noforn = t
		}
		return true
	}
	list, isRel := t.after("REL TO ")
	shown, isDisplay := t.after("DISPLAY ONLY ")
	eyes, isEyes := strings.CutSuffix(t.text, " EYES ONLY")
	switch {
	case isRel:
		r.releasable(t, r.countries(list, list.words(",")))
	case isEyes:
		r.eyesOnly(t, t.slice(0, len(eyes)))
	case t.text == "REL" || t.text == "EYES":
		if len(r.rel) == 0 {
			r.fault(t, "Write the list, such as REL TO USA, GBR.", "%s stands alone and the banner has no REL TO list.", t.text)
		}
		r.d.rel, r.foreignList = union(r.d.rel, r.rel), t
		if t.text == "EYES" {
			r.eyes = t
		}
	case isDisplay:
		r.d.display, r.foreignList = union(r.d.display, difference(r.countries(shown, shown.words(",")), []string{"USA"})), t
	case t.text == "RELIDO":
		r.d.relido, r.foreignList = true, t
	default:
		return false
	}
	return true
}

// eyesOnly reads "USA/GBR EYES ONLY" as the list that took its place, REL TO
// (ISM-ID-00090, 00345).
func (r *dissemReader) eyesOnly(t, list token) {
	r.eyes = t
	states := r.countries(list, list.words("/,"))
	if !strings.HasPrefix(list.text, "USA/") || !subset(states, groups["FVEY"]) {
		r.fault(t, "Write REL TO USA and the countries.", "a U.S. EYES ONLY list begins with USA and names AUS, CAN, GBR and NZL at most.")
		states = nil
	}
	r.releasable(t, states)
}

func (r *dissemReader) releasable(t token, list []string) {
	foreign := difference(list, []string{"USA"})
	switch {
	case list == nil: // has been told
	case !slices.Contains(list, "USA"):
		r.fault(t, "Begin the list with USA, such as REL TO USA, GBR.", "REL TO leaves out USA.")
	case len(foreign) == 0:
		r.fault(t, "Write NOFORN, or add the countries.", "REL TO names no country but USA.")
	case len(r.d.rel) > 0:
		r.fault(t, "Write one REL TO list.", "there are two REL TO lists.")
		foreign = intersection(r.d.rel, foreign)
	}
	r.d.rel, r.foreignList = foreign, t
}

// finish tells of the contradiction between NOFORN and a list.
func (r *dissemReader) finish() dissem {
	if r.noforn.text != "" && r.foreignList.text != "" {
		later := r.foreignList
		if r.noforn.at > later.at {
			later = r.noforn
		}
		r.fault(later, "Keep NOFORN, or remove it and keep the list.", "NOFORN excludes REL TO, RELIDO and DISPLAY ONLY.")
	}
	return r.d.normal()
}
