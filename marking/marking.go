package marking

import "strings"

// Marking is one protective marking, of one or several systems that all apply.
// Make it with Parse, ParsePortion, Read, Combine or RollUp. The zero Marking is
// the one that is missing.
type Marking struct {
	us      us
	uk      uk
	foreign foreigns
	tlp     uint8 // index into tlpNames; 0 is none
	pap     uint8 // index into papNames; 0 is none
	public  bool

	// Set by Read: part of it was not understood, or contradicts itself. The
	// fields above then hold what was understood.
	lost    bool
	text    []string // what was written; sorted
	unknown []string // the marks in it that were not understood; sorted
}

// Known reports whether m was fully read from a marking. The zero Marking is not
// known, and neither is one that Read could not fully understand.
func (m Marking) Known() bool { return !m.lost && m.some() }

// some reports whether anything was understood.
func (m Marking) some() bool {
	return m.us.level != 0 || m.uk.level != 0 || m.foreign != nil || m.tlp != 0 || m.pap != 0 || m.public
}

// Unknown returns the marks that were not understood, or that contradict others,
// as they were written, sorted; nil if there are none. At most 16 are kept.
func (m Marking) Unknown() []string { return append([]string(nil), m.unknown...) }

// AtLeast returns what was understood of a marking that is not Known, where a
// list of countries with a mistake names nobody. It serves to show and to sort;
// it never says who may have the text. Of a known marking it is the marking
// itself.
func (m Marking) AtLeast() Marking {
	m.lost, m.text, m.unknown = false, nil, nil
	return m.tidy()
}

// tidy drops a part that limits nothing where there is another one, so that
// markings which mean the same print the same. Of several parts that all limit
// nothing the first of UNCLASSIFIED, TLP:CLEAR, PAP:CLEAR and PUBLIC stays.
func (m Marking) tidy() Marking {
	limited := m.us.level != 0 && !m.us.public() || m.uk.level != 0 || m.foreign != nil || m.tlp > labelClear || m.pap > labelClear
	if m.us.public() && limited {
		m.us = us{}
	}
	if m.tlp == labelClear && (limited || m.us.level != 0) {
		m.tlp = 0
	}
	if m.pap == labelClear && (limited || m.us.level != 0 || m.tlp != 0) {
		m.pap = 0
	}
	m.public = m.public && !limited && m.us.level == 0 && m.tlp == 0 && m.pap == 0
	return m
}

// Public reports whether m limits nothing: UNCLASSIFIED without controls,
// TLP:CLEAR, PAP:CLEAR or PUBLIC.
func (m Marking) Public() bool {
	return m.Known() && (m.us.level == 0 || m.us.public()) && m.uk.level == 0 && m.foreign == nil && m.tlp <= labelClear && m.pap <= labelClear
}

// OriginatorControlled reports whether the marking itself keeps release in the
// hands of the originator (ORCON, ORCON-USGOV), or cannot be read.
func (m Marking) OriginatorControlled() bool {
	if !m.Known() || m.us.has(orcon|orconUSGov) {
		return true
	}
	for _, f := range m.foreign {
		if f.has(orcon | orconUSGov) {
			return true
		}
	}
	return false
}

// String returns the canonical banner: Parse(m.String()) is m. Of a marking that
// is not Known it returns what was written, which is empty for the zero Marking.
func (m Marking) String() string { return m.print(false) }

// Portion returns the canonical portion mark in parentheses, with REL TO lists
// in full. It is empty for the zero Marking.
func (m Marking) Portion() string {
	s := m.print(true)
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

func (m Marking) print(portion bool) string {
	if m.lost {
		return strings.Join(m.text, " & ")
	}
	var parts []string
	if m.us.level != 0 {
		parts = append(parts, m.us.print(portion))
	}
	if m.uk.level != 0 {
		parts = append(parts, m.uk.print())
	}
	for _, f := range m.foreign {
		parts = append(parts, f.print(portion))
	}
	if m.tlp != 0 {
		parts = append(parts, tlpNames[m.tlp])
	}
	if m.pap != 0 {
		parts = append(parts, papNames[m.pap])
	}
	if m.public {
		parts = append(parts, "PUBLIC")
	}
	return strings.Join(parts, " & ")
}

// Equal reports whether a and b are the same marking.
func (m Marking) Equal(b Marking) bool {
	return m.Known() == b.Known() && m.String() == b.String() && (!m.lost || m.AtLeast().String() == b.AtLeast().String())
}
