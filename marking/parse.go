package marking

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tocsin"
)

// MaxLength is the longest marking that is read, in bytes. Whatever Combine can
// make stays below it.
const MaxLength = 32 << 10

// mostFaults is how many mistakes of one marking are told. The first decides.
const mostFaults = 16

// Parse reads a banner line or a portion mark (with or without its parentheses).
// Case and extra white space do not matter. Anything it does not fully
// understand, or that contradicts the rest, is an error of kind Invalid that
// says at which character it stands (see PlaceOf) and what to write; the caller
// then has the zero Marking.
func Parse(s string) (Marking, error) { return ParsePortion(s, Marking{}) }

// ParsePortion reads the mark of one portion of a text under the given banner.
// It differs from Parse in one thing: a bare "REL" (or "EYES") stands for the
// banner's REL TO list, as it does in practice.
func ParsePortion(s string, banner Marking) (Marking, error) {
	m, faults := Inspect(s, banner)
	if len(faults) > 0 {
		return Marking{}, faults[0]
	}
	return m, nil
}

// Read is Parse for those who must go on. What cannot be fully read becomes a
// Marking that is not Known: the most restrictive, which nobody may have. It
// still prints as it was written, Unknown says what was not understood, and
// AtLeast what was.
func Read(s string) Marking {
	m, _ := Inspect(s, Marking{})
	return m
}

// Inspect reads a marking under a banner (the zero Marking if there is none) as
// Read does and returns all that is wrong with it, up to 16 mistakes. Where marks
// contradict each other, AtLeast holds the more restrictive one.
func Inspect(s string, banner Marking) (Marking, []*tocsin.Error) {
	if len(s) > MaxLength {
		return lost(s), []*tocsin.Error{tocsin.Faultf(tocsin.Invalid, "marking_too_long", "Write one banner line or portion mark.", "The marking is %d bytes long; %d is the most.", len(s), MaxLength)}
	}
	c, bad := clean(s)
	switch {
	case bad >= 0:
		_, n := utf8.DecodeRuneInString(s[bad:])
		return lost(s), []*tocsin.Error{refusal(newPlace(s, bad, bad+n), "Write it again in plain capital letters.", "there is a character that no marking has.")}
	case c.text == "":
		e := tocsin.Fault(tocsin.Invalid, "marking_missing", "There is no marking.", "Write one, such as UNCLASSIFIED, SECRET//NOFORN, OFFICIAL-SENSITIVE or TLP:AMBER.")
		e.Cause = newPlace(s, 0, 0)
		return lost(s), []*tocsin.Error{e}
	}
	p := &parser{source: s, cleaned: c, banner: banner}
	for part := range c.split(" & ") {
		for _, one := range part.labels() {
			p.part(one)
		}
	}
	if p.m.lost {
		p.fault(c.token, "Mark smaller portions.", "it has more than %d marks of one kind, or of more than %d owners.", mostMarks, mostOwners)
	}
	if len(p.faults) == 0 {
		return p.m.tidy(), nil
	}
	p.m.lost, p.m.text, p.m.unknown = true, lost(s).text, p.unknown
	return p.m, p.faults
}

// lost is what was written, none of it understood.
func lost(s string) Marking {
	w := written(s)
	if w == "" {
		return Marking{}
	}
	return Marking{lost: true, text: []string{w}, unknown: []string{w}}
}

// parser reads one marking. It goes on behind a mistake, so that all are found.
type parser struct {
	source string
	cleaned
	banner  Marking
	m       Marking
	faults  []*tocsin.Error
	unknown []string
}

// fault notes that t cannot be read. format goes on after the place.
func (p *parser) fault(t token, do, format string, args ...any) {
	if len(p.faults) == mostFaults {
		return
	}
	at := p.place(p.source, t)
	p.faults = append(p.faults, refusal(at, do, fmt.Sprintf(format, args...)))
	if w := written(p.source[at.Offset : at.Offset+at.Length]); w != "" {
		p.unknown = few(p.unknown, []string{w})
	}
}

// part reads the marking of one system. A second one of the same system is a
// contradiction; the two are combined, so that the more restrictive stands.
func (p *parser) part(t token) {
	var m Marking
	var name string
	switch {
	case strings.HasPrefix(t.text, "TLP"):
		name, m.tlp = "TLP", p.label(t, tlpNames)
	case strings.HasPrefix(t.text, "PAP"):
		name, m.pap = "PAP", p.label(t, papNames)
	case t.text == "PUBLIC":
		name, m.public = "PUBLIC", true
	case foreignHead(t.text):
		f := p.foreign(t)
		name, m.foreign = f.owner, foreigns{f}
		if f.level == 0 {
			return
		}
	case ukHead(t.text):
		name, m.uk = "UK", p.uk(t)
	default:
		name, m.us = "U.S.", p.us(t)
	}
	if !m.Known() {
		return
	}
	if p.m.holds(m) {
		p.fault(t, "Write one marking of each system, joined by \" & \".", "%.40q is a second %s marking.", t.text, name)
	}
	crowded := p.m.lost
	p.m = p.m.join(m)
	p.m.lost = p.m.lost || crowded
}

// holds reports whether m already has a marking of the one system of which b is.
func (m Marking) holds(b Marking) bool {
	switch {
	case b.us.level != 0:
		return m.us.level != 0
	case b.uk.level != 0:
		return m.uk.level != 0
	case b.foreign != nil:
		_, ok := m.foreign.of(b.foreign[0].owner)
		return ok
	}
	return b.tlp != 0 && m.tlp != 0 || b.pap != 0 && m.pap != 0 || b.public && m.public
}
