package marking

import (
	"slices"
	"strings"
)

// foreign is a marking of another state, of several states together (JOINT), of
// NATO, or of a state that is concealed (FGI), as the U.S. register writes it:
// behind a leading double slash. Level 0 is none.
type foreign struct {
	owner string // "GBR", "NATO", "FGI", or "JOINT CAN GBR USA", sorted
	level nationalLevel
	words []string // of NATO: ATOMAL, BALK, BOHEMIA
	dissem
}

type nationalLevel uint8

const (
	unclassified nationalLevel = iota + 1
	restricted
	confidential
	secret
	topSecret
)

var (
	nationalBanners  = [...]string{"", "UNCLASSIFIED", "RESTRICTED", "CONFIDENTIAL", "SECRET", "TOP SECRET"}
	nationalPortions = [...]string{"", "U", "R", "C", "S", "TS"}
	natoBanners      = [...]string{"", "NATO UNCLASSIFIED", "NATO RESTRICTED", "NATO CONFIDENTIAL", "NATO SECRET", "COSMIC TOP SECRET"}
	natoPortions     = [...]string{"", "NU", "NR", "NC", "NS", "CTS"}
	natoWords        = []string{"ATOMAL", "BALK", "BOHEMIA"}
)

// natoShort are the portion marks of NATO. They need the leading double slash,
// because NC and NS are short for other things too.
var natoShort = map[string]struct {
	level nationalLevel
	word  string
}{
	"NU": {unclassified, ""}, "NR": {restricted, ""}, "NC": {confidential, ""}, "NS": {secret, ""}, "CTS": {topSecret, ""},
	"NCA": {confidential, "ATOMAL"}, "NSAT": {secret, "ATOMAL"}, "CTSA": {topSecret, "ATOMAL"},
	"CTS-B": {topSecret, "BOHEMIA"}, "CTS-BALK": {topSecret, "BALK"},
}

func foreignHead(s string) bool {
	for _, head := range []string{"//", "NATO ", "COSMIC TOP SECRET", "JOINT "} {
		if strings.HasPrefix(s, head) {
			return true
		}
	}
	return false
}

// owners are the states whose people may have it without a list.
func (f foreign) owners() []string {
	if joint, ok := strings.CutPrefix(f.owner, "JOINT "); ok {
		return strings.Fields(joint)
	}
	switch f.owner {
	case "NATO":
		return nato
	case "FGI":
		return nil
	}
	return []string{f.owner}
}

// foreign reads "//GBR SECRET//REL TO USA, GBR". The result has level 0 where
// the classification cannot be read.
func (p *parser) foreign(t token) foreign {
	t, _ = t.after("//")
	r := &dissemReader{parser: p, rel: p.banner.us.rel}
	var f foreign
	for seg := range t.split("//") {
		if f.level == 0 {
			if f = r.head(seg); f.level == 0 {
				return f
			}
			continue
		}
		if strings.HasSuffix(seg.text, " EYES ONLY") {
			f.mark(r, seg)
			continue
		}
		for c := range seg.split("/") {
			f.mark(r, c)
		}
	}
	if r.noforn.text != "" && strings.HasPrefix(f.owner, "JOINT ") {
		r.fault(r.noforn, "Name the owners in REL TO.", "NOFORN would exclude those who own a JOINT text.")
	}
	f.dissem = r.finish()
	return f
}

// head reads the part with the owner and the classification.
func (r *dissemReader) head(t token) foreign {
	if short, ok := natoShort[t.text]; ok {
		f := foreign{owner: "NATO", level: short.level}
		if short.word != "" {
			f.words = []string{short.word}
		}
		return f
	}
	if strings.HasPrefix(t.text, "NATO ") || strings.HasPrefix(t.text, "COSMIC ") {
		return r.nato(t)
	}
	if rest, ok := t.after("JOINT "); ok {
		return r.joint(rest)
	}
	if owner, rest, ok := strings.Cut(t.text, " "); ok {
		level := levelNamed(rest)
		country, known := Country(owner)
		if owner == "FGI" {
			country, known = owner, true
		}
		if known && level != 0 && country != "USA" {
			return foreign{owner: country, level: level}
		}
	}
	r.fault(t, "Write the owner's three letters and the classification, such as //GBR SECRET, //JOINT SECRET GBR USA or //NATO SECRET; a U.S. text has no // at the beginning.", "%.40q is not a foreign classification that I know.", t.text)
	return foreign{}
}

func levelNamed(s string) nationalLevel {
	for l := unclassified; l <= topSecret; l++ {
		if s == nationalBanners[l] || s == nationalPortions[l] {
			return l
		}
	}
	return 0
}

// nato reads "NATO SECRET ATOMAL" and "NATO SECRET RELEASABLE TO AUS".
func (r *dissemReader) nato(t token) foreign {
	f := foreign{owner: "NATO"}
	for l := topSecret; l >= unclassified && f.level == 0; l-- {
		rest, ok := t.after(natoBanners[l])
		if !ok {
			continue
		}
		f.level = l
		rest, _ = rest.after("-")
		for rest.text != "" {
			word, _, _ := strings.Cut(rest.text, " ")
			if !slices.Contains(natoWords, word) {
				f.mark(r, rest)
				break
			}
			f.words = union(f.words, []string{word})
			rest = rest.from(len(word)).trim()
		}
	}
	if f.level == 0 {
		r.fault(t, "Use COSMIC TOP SECRET, NATO SECRET, NATO CONFIDENTIAL, NATO RESTRICTED or NATO UNCLASSIFIED.", "%.40q is not a classification of NATO.", t.text)
	}
	return f
}

// joint reads "SECRET CAN GBR USA", what stands behind JOINT.
func (r *dissemReader) joint(t token) foreign {
	for l := topSecret; l >= unclassified; l-- {
		for _, name := range []string{nationalBanners[l], nationalPortions[l]} {
			list, ok := t.after(name + " ")
			if !ok {
				continue
			}
			owners := r.countries(list, list.words(","))
			if len(owners) == 1 {
				r.fault(list, "Name all owners, such as //JOINT SECRET GBR USA.", "JOINT names one owner only.")
			}
			if len(owners) < 2 {
				return foreign{}
			}
			return foreign{owner: "JOINT " + strings.Join(owners, " "), level: l}
		}
	}
	r.fault(t, "Write //JOINT SECRET and the owners, such as //JOINT SECRET GBR USA.", "JOINT needs a classification and its owners.")
	return foreign{}
}

// mark reads one mark behind the classification.
func (f *foreign) mark(r *dissemReader, t token) {
	list, releasable := t.after("RELEASABLE TO ")
	if !releasable && f.owner == "NATO" {
		list, releasable = t.after("REL TO ")
	}
	switch {
	case releasable && f.owner == "NATO": // to these besides the members
		r.d.rel, r.foreignList = union(r.d.rel, difference(r.countries(list, list.words(",")), []string{"USA"})), t
	case f.owner == "NATO" && slices.Contains(natoWords, t.text):
		f.words = union(f.words, []string{t.text})
	case controlNames[t.text]&minor == 0 && r.control(t):
	case levelNamed(t.text) != 0:
		r.fault(t, "Write one classification; the highest one if several texts are put together.", "%s is a second classification.", t.text)
		f.level = max(f.level, levelNamed(t.text))
	default:
		r.fault(t, "Use ORCON, NOFORN, PROPIN, REL TO USA, ..., DISPLAY ONLY ..., or with NATO ATOMAL, BALK and BOHEMIA.", "%.40q is not a control that I know.", t.text)
	}
}

func (f foreign) print(portion bool) string {
	names := nationalBanners
	if portion {
		names = nationalPortions
	}
	head := f.owner + " " + names[f.level]
	if joint, ok := strings.CutPrefix(f.owner, "JOINT "); ok {
		head = "JOINT " + names[f.level] + " " + joint
	}
	switch {
	case f.owner == "NATO" && portion:
		head = natoPortions[f.level]
	case f.owner == "NATO":
		head = natoBanners[f.level]
	}
	s := "//" + head
	controls, other := f.dissem.print(portion)
	for _, seg := range []string{strings.Join(f.words, "/"), controls, other} {
		if seg != "" {
			s += "//" + seg
		}
	}
	return s
}

func (f foreign) dominates(b foreign) bool {
	return f.level >= b.level && subset(b.words, f.words) &&
		b.controls&^(f.controls|f.controls.implied()) == 0 && f.dissem.dominates(b.dissem)
}

// foreigns are the foreign markings of one text, one of each owner, sorted by it.
type foreigns []foreign

// mostOwners is how many foreign markings stand side by side.
const mostOwners = 8

func (s foreigns) of(owner string) (foreign, bool) {
	i, ok := slices.BinarySearchFunc(s, owner, func(f foreign, owner string) int { return strings.Compare(f.owner, owner) })
	if !ok {
		return foreign{}, false
	}
	return s[i], true
}

func (s foreigns) join(b foreigns) foreigns {
	if len(b) == 0 {
		return s
	}
	joined := slices.Clone(s)
	for _, f := range b {
		i, ok := slices.BinarySearchFunc(joined, f.owner, func(f foreign, owner string) int { return strings.Compare(f.owner, owner) })
		if !ok {
			joined = slices.Insert(joined, i, f)
			continue
		}
		a := joined[i]
		joined[i] = foreign{f.owner, max(a.level, f.level), union(a.words, f.words), a.dissem.join(f.dissem)}
	}
	return joined
}

func (s foreigns) dominates(b foreigns) bool {
	for _, f := range b {
		if a, ok := s.of(f.owner); !ok || !a.dominates(f) {
			return false
		}
	}
	return true
}
