package marking

import "strings"

// atomic is what a marking says under the Atomic Energy Act: the kind of
// information, weapon design information, and the SIGMA categories.
type atomic struct {
	kind  atomicKind
	cnwdi bool     // critical nuclear weapon design information; only with RD
	sigma []string // two digits each: "14"; only with RD or FRD
}

// atomicKind: a higher kind takes the place of a lower one (ISM-ID-00075, 00298,
// 00321).
type atomicKind uint8

const (
	tfni atomicKind = iota + 1
	frd
	rd
)

var atomicNames = [...]string{"", "TFNI", "FRD", "RD"}

var atomicTitles = map[string]string{
	"RESTRICTED DATA":                             "RD",
	"FORMERLY RESTRICTED DATA":                    "FRD",
	"TRANSCLASSIFIED FOREIGN NUCLEAR INFORMATION": "TFNI",
	"RD-N": "RD-CNWDI",
	"RESTRICTED DATA-CRITICAL NUCLEAR WEAPON DESIGN INFORMATION": "RD-CNWDI",
}

func atomicHead(s string) bool {
	for _, prefix := range []string{"RD", "FRD", "TFNI", "CNWDI", "RESTRICTED DATA", "FORMERLY ", "TRANSCLASSIFIED "} {
		if rest, ok := strings.CutPrefix(s, prefix); ok && (rest == "" || strings.ContainsRune("-/ ", rune(rest[0])) || prefix[len(prefix)-1] == ' ') {
			return true
		}
	}
	return false
}

// atomic reads a segment such as "RD-CNWDI-SIGMA 14 15".
func (p *parser) atomic(t token) atomic {
	var a atomic
	for mark := range t.split("/") {
		if full, ok := atomicTitles[mark.text]; ok {
			mark.text = full // only its place is used below
		}
		for part := range mark.split("-") {
			p.atomicPart(&a, t, part)
		}
	}
	if a.cnwdi && a.kind != rd {
		p.fault(t, "Write RD-CNWDI.", "CNWDI stands only with RD.") // ISM-ID-00185
	}
	if len(a.sigma) > 0 && a.kind < frd {
		p.fault(t, "Write RD-SIGMA or FRD-SIGMA and the numbers.", "SIGMA stands only with RD or FRD.") // ISM-ID-00183, 00184
	}
	return a
}

func (p *parser) atomicPart(a *atomic, whole, part token) {
	for kind, name := range atomicNames {
		if part.text == name && name != "" {
			if a.kind != 0 && a.kind != atomicKind(kind) {
				p.fault(whole, "Keep the highest of RD, FRD and TFNI.", "RD, FRD and TFNI exclude each other.") // ISM-ID-00321
			}
			a.kind = max(a.kind, atomicKind(kind))
			return
		}
	}
	numbers, ok := part.after("SIGMA ")
	if !ok {
		numbers, ok = part.after("SG ")
	}
	list := numbers.words("")
	for _, n := range list {
		ok = ok && codeWord(n.text, 1, 2) && strings.Trim(n.text, "0123456789") == "" && strings.Trim(n.text, "0") != ""
	}
	switch {
	case part.text == "CNWDI":
		a.cnwdi = true
	case ok && len(list) > 0:
		for _, n := range list {
			a.sigma = union(a.sigma, []string{("0" + n.text)[len(n.text)-1:]})
		}
	default:
		p.fault(whole, "Use RD, RD-CNWDI, RD-SIGMA 14, FRD, FRD-SIGMA 14 or TFNI.", "%.40q is not an atomic energy marking that I know.", whole.text)
	}
}

func (a atomic) print(portion bool) string {
	s := atomicNames[a.kind]
	if a.cnwdi {
		s += "-CNWDI"
	}
	word := "-SIGMA"
	if portion {
		word = "-SG"
	}
	for i, n := range a.sigma {
		if i == 0 {
			s += word
		}
		s += " " + strings.TrimPrefix(n, "0")
	}
	return s
}

// join keeps the SIGMA categories also where FRD gives way to RD, although
// ISM-ID-00077 would let them go: whoever may have RD need not have that one.
func (a atomic) join(b atomic) atomic {
	return atomic{max(a.kind, b.kind), a.cnwdi || b.cnwdi, union(a.sigma, b.sigma)}
}

func (a atomic) dominates(b atomic) bool {
	return a.kind >= b.kind && (a.cnwdi || !b.cnwdi) && subset(b.sigma, a.sigma)
}
