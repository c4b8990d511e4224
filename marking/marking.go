package marking

import (
	"strings"

	"tocsin"
)

// MaxLength is the longest marking that is read, in bytes. The longest real
// banners, with a REL TO list of every country, stay below it.
const MaxLength = 4096

// Marking is one protective marking, of one or several systems that all apply.
// Make it with Parse, ParsePortion, Read or Combine. The zero Marking is the one
// that could not be read.
type Marking struct {
	us  us
	uk  uk
	tlp tlp
}

// Parse reads a banner line or a portion mark (with or without its parentheses).
// Case and extra white space do not matter. Anything it does not fully
// understand is an error of kind Invalid that says what to write; the caller
// then has the zero Marking.
func Parse(s string) (Marking, error) { return parse(s, Marking{}) }

// ParsePortion reads the mark of one portion of a text under the given banner.
// It differs from Parse in one thing: a bare "REL" stands for the banner's REL
// TO list, as it does in practice.
func ParsePortion(s string, banner Marking) (Marking, error) { return parse(s, banner) }

// Read is Parse for those who must go on: what cannot be read becomes the zero
// Marking, the most restrictive.
func Read(s string) Marking {
	m, err := Parse(s)
	if err != nil {
		return Marking{}
	}
	return m
}

func parse(s string, banner Marking) (Marking, error) {
	if len(s) > MaxLength {
		return Marking{}, tocsin.Faultf(tocsin.Invalid, "marking_too_long", "Write one banner line or portion mark.", "The marking is %d bytes long; %d is the most.", len(s), MaxLength)
	}
	clean := strings.Join(strings.Fields(upper(dashes.Replace(s))), " ")
	if inner, ok := strings.CutPrefix(clean, "("); ok && strings.HasSuffix(inner, ")") {
		clean = strings.TrimSpace(strings.TrimSuffix(inner, ")"))
	}
	if clean == "" {
		return Marking{}, tocsin.Fault(tocsin.Invalid, "marking_missing", "There is no marking.", "Write one, such as UNCLASSIFIED, SECRET//NOFORN, OFFICIAL-SENSITIVE or TLP:AMBER.")
	}
	if i := strings.IndexFunc(clean, func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 {
		return Marking{}, unreadable("Write it again in plain capital letters.", "it holds a character that no marking has, behind %q.", clean[:i])
	}
	var m Marking
	for part := range strings.SplitSeq(clean, " & ") {
		if err := m.add(strings.TrimSpace(part), banner); err != nil {
			return Marking{}, err
		}
	}
	return m.tidy(), nil
}

// upper raises ASCII letters only: strings.ToUpper would turn look-alikes such
// as the long s into letters.
func upper(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

var dashes = strings.NewReplacer("–", "-", "—", "-", "‑", "-", "\u00a0", " ")

// add reads one system's part into m.
func (m *Marking) add(part string, banner Marking) error {
	var err error
	switch {
	case strings.HasPrefix(part, "TLP"):
		if m.tlp != 0 {
			return twice(part, "TLP")
		}
		m.tlp, err = parseTLP(part)
	case strings.HasPrefix(part, "UK ") || strings.HasPrefix(part, "OFFICIAL") || strings.HasSuffix(part, " EYES ONLY"):
		if m.uk.level != 0 {
			return twice(part, "UK")
		}
		m.uk, err = parseUK(part)
	default:
		if m.us.level != 0 {
			return twice(part, "U.S.")
		}
		m.us, err = parseUS(part, banner.us)
	}
	return err
}

func twice(part, system string) error {
	return unreadable("Write one marking of each system, joined by \" & \".", "%q is a second %s marking.", part, system)
}

func unreadable(do, format string, args ...any) *tocsin.Error {
	return tocsin.Faultf(tocsin.Invalid, "marking_unreadable", do, "The marking cannot be read: "+format, args...)
}

// tidy drops a part that limits nothing where another part does limit, so that
// markings which mean the same print the same. UNCLASSIFIED beside TLP:CLEAR
// stays as UNCLASSIFIED.
func (m Marking) tidy() Marking {
	if m.tlp == tlpClear && (m.us.level != 0 || m.uk.level != 0) {
		m.tlp = 0
	}
	if m.us.public() && (m.uk.level != 0 || m.tlp != 0) {
		m.us = us{}
	}
	return m
}

// Known reports whether m was read from a marking. The zero Marking is not known.
func (m Marking) Known() bool { return m.us.level != 0 || m.uk.level != 0 || m.tlp != 0 }

// Public reports whether m limits nothing: UNCLASSIFIED without controls, or
// TLP:CLEAR.
func (m Marking) Public() bool {
	return m.Known() && (m.us.level == 0 || m.us.public()) && m.uk.level == 0 && m.tlp <= tlpClear
}

// OriginatorControlled reports whether the marking itself keeps release in the
// hands of the originator (ORCON, ORCON-USGOV), or cannot be read.
func (m Marking) OriginatorControlled() bool {
	return !m.Known() || m.us.controls&(orcon|orconUSGov) != 0
}

// String returns the canonical banner: Parse(m.String()) is m. It is empty for
// the zero Marking.
func (m Marking) String() string { return m.print(false) }

// Portion returns the canonical portion mark in parentheses, with REL TO lists
// in full. It is empty for the zero Marking.
func (m Marking) Portion() string {
	if !m.Known() {
		return ""
	}
	return "(" + m.print(true) + ")"
}

func (m Marking) print(portion bool) string {
	var parts []string
	if m.us.level != 0 {
		parts = append(parts, m.us.print(portion))
	}
	if m.uk.level != 0 {
		parts = append(parts, m.uk.print())
	}
	if m.tlp != 0 {
		parts = append(parts, m.tlp.String())
	}
	return strings.Join(parts, " & ")
}

// Equal reports whether a and b are the same marking.
func (m Marking) Equal(b Marking) bool { return m.String() == b.String() }
