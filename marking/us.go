package marking

import (
	"slices"
	"strings"
)

// us is a U.S. marking; level 0 is none. All lists are sorted sets.
type us struct {
	level     usLevel
	sci       []string // control systems with compartment and sub-compartment: "SI", "SI-G", "SI-G ABCD"; never one that another implies
	sar       []string // special access programmes, by nickname or code
	fgi       []string // countries whose information it holds
	fgiHidden bool     // foreign government information whose country is itself concealed; fgi is then nil
	cui       []string // categories of controlled unclassified information: "SP-CTI"
	controls  control
	rel       []string // REL TO, without USA, which is always in it
	display   []string // DISPLAY ONLY: may be shown but not given; never one of rel
	relido    bool     // an information disclosure official may release it further
}

type usLevel uint8

// FOUO is a control on paper. It stands here as a level because it limits
// unclassified text only and gives way to CUI and to every classification.
const (
	usUnclassified usLevel = iota + 1
	usFOUO
	usCUI
	usConfidential
	usSecret
	usTopSecret
)

var usBanners = [...]string{"", "UNCLASSIFIED", "UNCLASSIFIED//FOUO", "CUI", "CONFIDENTIAL", "SECRET", "TOP SECRET"}
var usPortions = [...]string{"", "U", "U//FOUO", "CUI", "C", "S", "TS"}

// control is a set of dissemination controls that only ever restrict.
type control uint16

const (
	rsen control = 1 << iota
	orcon
	orconUSGov
	imcon
	noforn
	propin
	limdis
	exdis
	nodis
	les
)

// usControls is in the order in which the register prints them. The last four
// are not controls of the intelligence community and stand behind their own
// double slash.
var usControls = []struct {
	bit             control
	banner, portion string
	title           string
	other           bool
}{
	{rsen, "RSEN", "RS", "RISK SENSITIVE", false},
	{orcon, "ORCON", "OC", "ORIGINATOR CONTROLLED", false},
	{orconUSGov, "ORCON-USGOV", "OC-USGOV", "ORIGINATOR CONTROLLED-USGOV", false},
	{imcon, "IMCON", "IMC", "CONTROLLED IMAGERY", false},
	{noforn, "NOFORN", "NF", "NOT RELEASABLE TO FOREIGN NATIONALS", false},
	{propin, "PROPIN", "PR", "CAUTION-PROPRIETARY INFORMATION INVOLVED", false},
	{limdis, "LIMDIS", "DS", "LIMITED DISTRIBUTION", true},
	{exdis, "EXDIS", "XD", "EXCLUSIVE DISTRIBUTION", true},
	{nodis, "NODIS", "ND", "NO DISTRIBUTION", true},
	{les, "LES", "LES", "LAW ENFORCEMENT SENSITIVE", true},
}

// needOwn are the controls that keep a text within the organisation unless the
// originator has agreed to this release.
const needOwn = rsen | orcon | orconUSGov | imcon | propin | limdis | exdis | nodis | les

var sciSystems = []string{"BUR", "HCS", "KDK", "RSV", "SI", "TK"}

func (u us) has(c control) bool { return u.controls&c != 0 }

// open reports whether no rule limits the countries that may have it.
func (u us) open() bool { return u.level == usUnclassified && !u.has(noforn) }

// public reports whether u limits nothing at all.
func (u us) public() bool {
	return u.level == usUnclassified && u.controls == 0 && len(u.fgi) == 0 && !u.fgiHidden
}

func parseUS(s string, banner us) (us, error) {
	segments := strings.Split(s, "//")
	for i := range segments {
		segments[i] = strings.TrimSpace(segments[i])
	}
	u := us{level: usLevelOf(segments[0])}
	if u.level == 0 {
		return us{}, notALevel(segments[0])
	}
	inCUI := u.level == usCUI
	for _, seg := range segments[1:] {
		if seg == "CUI" && !inCUI {
			inCUI = true
			u.level = max(u.level, usCUI)
			continue
		}
		if err := u.addSegment(seg, inCUI, banner); err != nil {
			return us{}, err
		}
	}
	return u.normal(), u.check()
}

func usLevelOf(s string) usLevel {
	for l := usUnclassified; l <= usTopSecret; l++ {
		if l != usFOUO && (s == usBanners[l] || s == usPortions[l]) {
			return l
		}
	}
	if s == "CONTROLLED" {
		return usCUI
	}
	return 0
}

// notALevel guesses what was meant, because the commonest mistakes are few.
func notALevel(s string) error {
	do := "Begin with UNCLASSIFIED, CUI, CONFIDENTIAL, SECRET or TOP SECRET (U, CUI, C, S, TS in a portion), OFFICIAL, UK SECRET, or TLP: and a colour."
	switch s {
	case "FOUO", "FOR OFFICIAL USE ONLY":
		do = "Write UNCLASSIFIED//FOUO, or CUI for new text."
	case "NOFORN", "ORCON", "NF", "OC":
		do = "Write the classification first, such as SECRET//" + s + "."
	case "RED", "AMBER", "AMBER+STRICT", "GREEN", "CLEAR", "WHITE":
		do = "Write TLP:" + s + "."
	case "PUBLIC", "NONE", "UNMARKED":
		do = "Write UNCLASSIFIED, or TLP:CLEAR."
	case "":
		do = "Markings of other states (//GBR SECRET) are not read; write their U.S. equivalent with an FGI segment."
	}
	return unreadable(do, "%q is not a classification.", s)
}

func (u *us) addSegment(seg string, inCUI bool, banner us) error {
	switch {
	case seg == "":
		return unreadable("Put one // between segments and none at the end.", "there is an empty segment.")
	case seg == "FGI" || strings.HasPrefix(seg, "FGI "):
		return u.addFGI(strings.Fields(seg)[1:])
	case strings.HasPrefix(seg, "SAR-") || strings.HasPrefix(seg, "SPECIAL ACCESS REQUIRED-"):
		return u.addSAR(seg)
	case slices.Contains(sciSystems, sciRoot(seg)):
		return u.addSCI(seg)
	}
	for c := range strings.SplitSeq(seg, "/") {
		if err := u.addControl(strings.TrimSpace(c), inCUI, banner); err != nil {
			return err
		}
	}
	return nil
}

func (u *us) addFGI(codes []string) error {
	if len(codes) == 0 {
		u.fgiHidden = true
		return nil
	}
	for _, code := range codes {
		if code == "NATO" {
			u.fgi = union(u.fgi, []string{code})
			continue
		}
		c, err := countryList([]string{code})
		if err != nil {
			return err
		}
		u.fgi = union(u.fgi, c)
	}
	return nil
}

func (u *us) addSAR(seg string) error {
	_, names, _ := strings.Cut(seg, "-")
	for name := range strings.SplitSeq(names, "/") {
		name = strings.TrimPrefix(strings.TrimSpace(name), "SAR-")
		if !codeWord(strings.ReplaceAll(name, " ", ""), 1, 40) || controlNamed(name) != 0 {
			return unreadable("Write SAR- and the programme's name or letters, such as SAR-BP.", "%q does not name a special access programme.", name)
		}
		u.sar = union(u.sar, []string{name})
	}
	return nil
}

func controlNamed(s string) control {
	for _, k := range usControls {
		if s == k.banner || s == k.portion || s == k.title {
			return k.bit
		}
	}
	return 0
}

// addControl reads one dissemination control, or a category where CUI stands
// before it.
func (u *us) addControl(c string, inCUI bool, banner us) error {
	if bit := controlNamed(c); bit != 0 {
		u.controls |= bit
		return nil
	}
	list, isRel := strings.CutPrefix(c, "REL TO ")
	shown, isDisplay := strings.CutPrefix(c, "DISPLAY ONLY ")
	switch {
	case c == "FOUO" || c == "FOR OFFICIAL USE ONLY":
		u.level = max(u.level, usFOUO)
	case c == "RELIDO":
		u.relido = true
	case c == "REL":
		if len(banner.rel) == 0 {
			return unreadable("Write the list, such as REL TO USA, GBR.", "REL stands alone and the banner has no REL TO list.")
		}
		u.rel = union(u.rel, banner.rel)
	case isRel:
		return u.addRel(list)
	case isDisplay:
		countries, err := countryList(splitList(shown))
		if err != nil {
			return err
		}
		u.display = union(u.display, difference(countries, []string{"USA"}))
	case inCUI && cuiCategory(c):
		u.cui = union(u.cui, []string{c})
	default:
		return unreadable("Use ORCON, IMCON, NOFORN, PROPIN, REL TO USA, ..., RELIDO, DISPLAY ONLY ..., or their portion marks.", "%q is not a control that I know.", c)
	}
	return nil
}

func (u *us) addRel(list string) error {
	countries, err := countryList(splitList(list))
	if err != nil {
		return err
	}
	if !slices.Contains(countries, "USA") {
		return unreadable("Begin the list with USA, such as REL TO USA, GBR.", "REL TO leaves out USA.")
	}
	foreign := difference(countries, []string{"USA"})
	if len(foreign) == 0 {
		return unreadable("Write NOFORN, or add the countries.", "REL TO names no country but USA.")
	}
	if len(u.rel) > 0 {
		return unreadable("Write one REL TO list.", "there are two REL TO lists.")
	}
	u.rel = foreign
	return nil
}

func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// normal removes what other parts of u already say.
func (u us) normal() us {
	if u.has(orcon) {
		u.controls &^= orconUSGov
	}
	if u.fgiHidden {
		u.fgi = nil
	}
	u.display = difference(u.display, u.rel)
	u.sci = dropImplied(u.sci)
	return u
}

// check refuses contradictions. Each rule keeps every marking that Combine can
// make printable, so that Parse reads it back.
func (u us) check() error {
	foreign := len(u.rel) > 0 || len(u.display) > 0 || u.relido
	switch {
	case u.has(noforn) && foreign:
		return unreadable("Keep NOFORN, or remove it and keep the list.", "NOFORN excludes REL TO, RELIDO and DISPLAY ONLY.")
	case u.level == usUnclassified && foreign:
		return unreadable("Write UNCLASSIFIED alone, or CUI with the list.", "UNCLASSIFIED is not limited to countries, so REL TO, RELIDO and DISPLAY ONLY say nothing.")
	case u.level < usConfidential && (len(u.sci) > 0 || len(u.sar) > 0):
		return unreadable("Give the classification, such as SECRET//SI.", "a compartment or special access programme needs a classification.")
	}
	return nil
}

// print writes the segments in the order of the register.
func (u us) print(portion bool) string {
	segments := []string{usBanners[u.level]}
	if portion {
		segments[0] = usPortions[u.level]
	}
	if len(u.sci) > 0 {
		segments = append(segments, printSCI(u.sci))
	}
	if len(u.sar) > 0 {
		segments = append(segments, "SAR-"+strings.Join(u.sar, "/"))
	}
	if len(u.fgi) > 0 || u.fgiHidden {
		segments = append(segments, strings.Join(append([]string{"FGI"}, u.fgi...), " "))
	}
	if len(u.cui) > 0 {
		if u.level != usCUI {
			segments = append(segments, "CUI")
		}
		segments = append(segments, strings.Join(u.cui, "/"))
	}
	for _, other := range []bool{false, true} {
		if s := u.printControls(portion, other); s != "" {
			segments = append(segments, s)
		}
	}
	return strings.Join(segments, "//")
}

func (u us) printControls(portion, other bool) string {
	var names []string
	for _, k := range usControls {
		switch {
		case k.other != other || !u.has(k.bit):
		case portion:
			names = append(names, k.portion)
		default:
			names = append(names, k.banner)
		}
	}
	if other {
		return strings.Join(names, "/")
	}
	if len(u.rel) > 0 {
		names = append(names, "REL TO USA, "+strings.Join(u.rel, ", "))
	}
	if u.relido {
		names = append(names, "RELIDO")
	}
	if len(u.display) > 0 {
		names = append(names, "DISPLAY ONLY "+strings.Join(u.display, ", "))
	}
	return strings.Join(names, "/")
}

// codeWord reports whether s is min to max capital letters and digits.
func codeWord(s string, min, max int) bool {
	if len(s) < min || len(s) > max {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// cuiCategory reports whether s has the form of a category: a short word, with
// SP- in front of a specified one, and no word that begins another segment.
func cuiCategory(s string) bool {
	return codeWord(strings.TrimPrefix(s, "SP-"), 2, 8) && s != "CUI" && s != "FGI" && !slices.Contains(sciSystems, s)
}
