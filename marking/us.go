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
	atomic    atomic
	fgi       []string // countries, or NATO, whose information it holds
	fgiHidden bool     // foreign government information whose country is itself concealed; fgi is then nil
	cui       []string // categories of controlled unclassified information: "SP-CTI"
	dissem
}

type usLevel uint8

// usControlled is no classification on paper: it is what FOUO, SBU and the like
// make of unclassified text. They limit it and give way to every classification.
const (
	usUnclassified usLevel = iota + 1
	usControlled
	usCUI
	usConfidential
	usSecret
	usTopSecret
)

var usBanners = [...]string{"", "UNCLASSIFIED", "UNCLASSIFIED", "CUI", "CONFIDENTIAL", "SECRET", "TOP SECRET"}
var usPortions = [...]string{"", "U", "U", "CUI", "C", "S", "TS"}

// open reports whether no rule limits the countries that may have it.
func (u us) open() bool { return u.level == usUnclassified && !u.has(noforn) }

// public reports whether u limits nothing at all.
func (u us) public() bool {
	return u.level == usUnclassified && u.controls == 0 && len(u.fgi) == 0 && !u.fgiHidden
}

// usReader reads one U.S. marking into u.
type usReader struct {
	dissemReader
	u      us
	inCUI  bool
	needC  token // the first mark that needs a classification
	ucni   token
	listed token // the first list of countries
}

func (p *parser) us(t token) us {
	r := &usReader{dissemReader: dissemReader{parser: p, rel: p.banner.us.rel}}
	first := true
	for seg := range t.split("//") {
		switch {
		case first:
			first = false
			if r.u.level = usLevelOf(seg.text); r.u.level == 0 {
				p.notALevel(seg)
				return us{}
			}
			r.inCUI = r.u.level == usCUI
		case seg.text == "CUI" && !r.inCUI:
			r.inCUI = true
			r.u.level = max(r.u.level, usCUI)
		default:
			r.segment(seg)
		}
	}
	r.u.dissem = r.finish()
	r.check()
	r.u.sci, r.u.sar, r.u.cui = sorted(r.u.sci), sorted(r.u.sar), sorted(r.u.cui)
	return r.u.normal()
}

func usLevelOf(s string) usLevel {
	for l := usUnclassified; l <= usTopSecret; l++ {
		if l != usControlled && (s == usBanners[l] || s == usPortions[l]) {
			return l
		}
	}
	if s == "CONTROLLED" {
		return usCUI
	}
	return 0
}

// notALevel guesses what was meant, because the commonest mistakes are few.
func (p *parser) notALevel(t token) {
	do := "Begin with UNCLASSIFIED, CUI, CONFIDENTIAL, SECRET or TOP SECRET (U, CUI, C, S, TS in a portion), OFFICIAL, UK SECRET, NATO SECRET, //GBR SECRET, or TLP: and a colour."
	_, isNATO := natoShort[t.text]
	switch {
	case controlNames[t.text]&minor != 0:
		do = "Write UNCLASSIFIED//" + t.text + ", or CUI for new text."
	case controlNames[t.text] != 0:
		do = "Write the classification first, such as SECRET//" + t.text + "."
	case slices.Contains(tlpNames, "TLP:"+t.text) || t.text == "WHITE":
		do = "Write TLP:" + t.text + "."
	case t.text == "NONE" || t.text == "UNMARKED":
		do = "Write UNCLASSIFIED, TLP:CLEAR or PUBLIC."
	case isNATO:
		do = "Write //" + t.text + " for the NATO classification."
	}
	p.fault(t, do, "%.40q is not a classification.", t.text)
}

func (r *usReader) segment(t token) {
	classified := true
	switch {
	case t.text == "":
		r.fault(t, "Put one // between segments and none at the end.", "there is an empty segment.")
		return
	case t.text == "FGI" || strings.HasPrefix(t.text, "FGI "):
		r.fgi(t.words("")[1:])
		return
	case strings.HasPrefix(t.text, "SAR-") || strings.HasPrefix(t.text, "SPECIAL ACCESS REQUIRED-"):
		r.sar(t)
	case slices.Contains(sciSystems, sciRoot(t.text)):
		r.u.sci = append(r.u.sci, r.sci(t)...)
	case atomicHead(t.text):
		r.u.atomic = r.u.atomic.join(r.atomic(t))
	default:
		classified = false
	}
	switch {
	case classified && r.needC.text == "":
		r.needC = t
	case classified:
	case strings.HasSuffix(t.text, " EYES ONLY"):
		r.mark(t)
	default:
		for c := range t.split("/") {
			r.mark(c)
		}
	}
}

// mark reads one dissemination control, or a category where CUI stands before it.
func (r *usReader) mark(t token) {
	switch {
	case r.inCUI && (t.text == "UCNI" || t.text == "DCNI"): // categories of the same names
		r.u.cui = append(r.u.cui, t.text)
	case r.control(t):
		if controlNames[t.text]&onlyOutside != 0 {
			r.ucni = t
		}
		if r.foreignList == t && r.listed.text == "" {
			r.listed = t
		}
	case r.inCUI && cuiCategory(t.text):
		r.u.cui = append(r.u.cui, t.text)
	case usLevelOf(t.text) != 0:
		r.fault(t, "Write one classification; the highest one if several texts are put together.", "%s is a second classification.", t.text)
		r.u.level = max(r.u.level, usLevelOf(t.text))
	default:
		r.fault(t, "Use ORCON, IMCON, NOFORN, PROPIN, REL TO USA, ..., RELIDO, DISPLAY ONLY ..., or their portion marks.", "%.40q is not a control that I know.", t.text)
	}
}

func (r *usReader) fgi(codes []token) {
	r.u.fgiHidden = r.u.fgiHidden || len(codes) == 0
	for _, code := range codes {
		list := []string{code.text}
		if code.text != "NATO" {
			list = r.countries(code, []token{code})
		}
		r.u.fgi = union(r.u.fgi, list)
	}
}

var sarSeparators = strings.NewReplacer(" ", "", "-", "")

func (r *usReader) sar(t token) {
	names := t.from(strings.IndexByte(t.text, '-') + 1)
	for name := range names.split("/") {
		if rest, ok := name.after("SAR-"); ok {
			name = rest
		}
		if !codeWord(sarSeparators.Replace(name.text), 1, 40) || len(name.text) > 48 || controlNames[name.text] != 0 {
			r.fault(name, "Write SAR- and the programme's name or letters, such as SAR-BP.", "%.40q does not name a special access programme.", name.text)
			continue
		}
		r.u.sar = append(r.u.sar, name.text)
	}
}

// check tells of contradictions with the classification. Each rule keeps every
// marking that Combine can make, so that Parse reads it back.
func (r *usReader) check() {
	switch {
	case r.u.level == usUnclassified && r.u.controls&minor == 0 && r.u.lists():
		r.fault(r.listed, "Write UNCLASSIFIED alone, or CUI with the list.", "UNCLASSIFIED is not limited to countries, so REL TO, RELIDO and DISPLAY ONLY say nothing.")
	case r.u.level < usConfidential && r.needC.text != "":
		r.fault(r.needC, "Give the classification, such as SECRET//SI.", "a compartment, special access programme or RESTRICTED DATA needs a classification.")
	case r.u.level < usConfidential && r.eyes.text != "": // ISM-ID-00028
		r.fault(r.eyes, "Write REL TO USA and the countries.", "EYES ONLY stands on classified text only.")
	case r.u.level >= usConfidential && r.ucni.text != "":
		r.fault(r.ucni, "Leave it out, or mark the portion UNCLASSIFIED//"+r.ucni.text+".", "%s stands on unclassified text only.", r.ucni.text)
	}
}

// normal removes what other parts of u already say.
func (u us) normal() us {
	u.dissem = u.dissem.normal()
	if u.fgiHidden {
		u.fgi = nil
	}
	switch {
	case u.level >= usConfidential:
		u.controls &^= minor
	case u.level == usCUI:
		u.controls &^= underCUI
	case u.controls&minor != 0:
		u.level = usControlled
	}
	u.sci = dropImplied(u.sci)
	return u
}

// print writes the segments in the order of the register.
func (u us) print(portion bool) string {
	head := usBanners[u.level]
	if portion {
		head = usPortions[u.level]
	}
	segments := []string{head}
	add := func(s string) {
		if s != "" {
			segments = append(segments, s)
		}
	}
	add(strings.Join(u.controls.print(legacy, portion), "/"))
	add(printSCI(u.sci))
	if len(u.sar) > 0 {
		add("SAR-" + strings.Join(u.sar, "/"))
	}
	add(u.atomic.print(portion))
	// Under CUI the short names are categories.
	add(strings.Join(u.controls.print(atomicInfo, portion && u.level != usCUI), "/"))
	if len(u.fgi) > 0 || u.fgiHidden {
		add(strings.Join(append([]string{"FGI"}, u.fgi...), " "))
	}
	if len(u.cui) > 0 && u.level != usCUI {
		add("CUI")
	}
	add(strings.Join(u.cui, "/"))
	controls, other := u.dissem.print(portion)
	add(controls)
	add(other)
	return strings.Join(segments, "//")
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
