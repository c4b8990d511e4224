package marking

import (
	"slices"
	"strings"
)

// usRules are the published rules for a single U.S. marking that Parse does not
// insist on, because real texts break them and must still be guarded.
var usRules = []struct {
	rule, mark string
	broken     func(us) bool
	do         string
}{
	{"ISM-ID-00028", "ORCON", func(u us) bool { return u.has(orcon) && u.level < usConfidential }, "ORCON stands on classified text only."},
	{"ISM-ID-00044", "SI-G", func(u us) bool { return covers(u.sci, "SI-G") && u.level < usTopSecret }, "Classify SI-G as TOP SECRET."},
	{"ISM-ID-00045", "SI-G", func(u us) bool { return covers(u.sci, "SI-G") && !u.has(orcon) }, "Add ORCON to SI-G."},
	{"ISM-ID-00047", "TK", func(u us) bool { return covers(u.sci, "TK") && u.level < usSecret }, "Classify TK as SECRET or TOP SECRET."},
	{"ISM-ID-00048", "HCS", func(u us) bool { return covers(u.sci, "HCS") && u.level < usSecret }, "Classify HCS as SECRET or TOP SECRET."},
	{"ISM-ID-00049", "HCS", func(u us) bool { return covers(u.sci, "HCS") && !u.has(noforn) }, "Add NOFORN to HCS."},
	{"ISM-ID-00107", "IMCON", func(u us) bool { return u.has(imcon) && u.level < usSecret }, "IMCON stands with SECRET or TOP SECRET."},
	{"ISM-ID-00164", "RSEN", func(u us) bool { return u.has(rsen) && u.level < usSecret }, "RSEN stands with SECRET or TOP SECRET."},
	{"ISM-ID-00169", "RELIDO", func(u us) bool { return u.relido && len(u.display) > 0 }, "Write RELIDO or DISPLAY ONLY, not both."},
	{"ISM-ID-00173", "SIGMA", func(u us) bool { return len(u.atomic.sigma) > 0 && u.level < usSecret }, "SIGMA stands with SECRET or TOP SECRET."},
	{"ISM-ID-00175", "RD-CNWDI", func(u us) bool { return u.atomic.cnwdi && u.level < usSecret }, "CNWDI stands with SECRET or TOP SECRET."},
	{"ISM-ID-00242", "RSV", func(u us) bool { return covers(u.sci, "RSV") && u.level < usSecret }, "Classify RSV as SECRET or TOP SECRET."},
	{"ISM-ID-00243", "RSV", func(u us) bool { return slices.Contains(u.sci, "RSV") }, "Name the compartment of RSV."},
	{"ISM-ID-00313", "NODIS", func(u us) bool { return u.has(nodis) && !u.has(noforn) }, "Add NOFORN to NODIS."},
	{"ISM-ID-00314", "EXDIS", func(u us) bool { return u.has(exdis) && !u.has(noforn) }, "Add NOFORN to EXDIS."},
	{"ISM-ID-00325", "RELIDO", func(u us) bool { return u.relido && u.has(orcon) }, "The originator decides on ORCON text; take RELIDO out."},
	{"ISM-ID-00327", "FOUO", func(u us) bool { return u.has(fouo) && u.controls&^(minor|noforn) != 0 }, "Leave FOUO out beside another control."},
	{"ISM-ID-00335", "HCS-O", func(u us) bool { return covers(u.sci, "HCS-O") && !u.has(orcon) }, "Add ORCON to HCS-O."},
	{"ISM-ID-00336", "HCS-P", func(u us) bool {
		return slices.ContainsFunc(u.sci, func(p string) bool { return strings.HasPrefix(p, "HCS-P ") }) && !u.has(orcon)
	}, "Add ORCON to a sub-compartment of HCS-P."},
	{"ISM-ID-00341", "ORCON-USGOV", func(u us) bool { return covers(u.sci, "SI-G") && u.has(orconUSGov) }, "Write ORCON with SI-G, not ORCON-USGOV."},
	{"ISM-ID-00346", "LIMDIS", func(u us) bool { return u.has(limdis) && u.level >= usConfidential }, "LIMDIS stands on unclassified text only."},
}

// Check returns the published rules that a single marking breaks though it can
// be read. It does not look at other portions; CheckBanner does.
func Check(m Marking) []Finding {
	var found []Finding
	add := func(rule, mark, do string) {
		found = append(found, Finding{Rule: rule, Portion: -1, Mark: mark, What: "The marking " + m.String() + " breaks " + rule + ".", Do: do})
	}
	if m.us.level != 0 {
		for _, r := range usRules {
			if r.broken(m.us) {
				add(r.rule, r.mark, r.do)
			}
		}
	}
	for _, f := range m.foreign {
		if f.relido {
			add("ISM-ID-00124", "RELIDO", "Take RELIDO out; it stands on U.S. text only.")
		}
		if f.owner == "NATO" && slices.Contains(f.words, "BOHEMIA") && f.level != topSecret {
			add("ISM register: NATO", "BOHEMIA", "BOHEMIA stands with COSMIC TOP SECRET.")
		}
		if f.owner == "NATO" && slices.Contains(f.words, "ATOMAL") && f.level < confidential {
			add("ISM register: NATO", "ATOMAL", "ATOMAL stands with NATO CONFIDENTIAL and higher.")
		}
		if f.owner != "NATO" && strings.HasPrefix(f.owner, "JOINT ") && !subset(difference(f.owners(), []string{"USA"}), f.rel) {
			add("ISM register: JOINT", "REL TO", "Write REL TO with all owners.")
		}
	}
	return found
}
