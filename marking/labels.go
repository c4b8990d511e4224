package marking

import "strings"

// The labels of the Traffic Light Protocol 2.0 (FIRST) say how far a text may be
// passed on, those of the Permissible Actions Protocol how visibly it may be
// acted on. A higher index allows less.
var (
	tlpNames = []string{"", "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"}
	papNames = []string{"", "PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED"}
)

// labelClear is the label of both protocols that limits nothing.
const labelClear = 1

// label reads one of names. WHITE is the name of CLEAR in the first versions,
// and one space after the colon does no harm. Without a colon it is no label:
// "TLPRED" is a typing error, not RED.
func (p *parser) label(t token, names []string) uint8 {
	prefix := names[labelClear][:len("TLP:")]
	colour, ok := t.after(prefix)
	if colour.text == "WHITE" {
		colour.text = "CLEAR"
	}
	for i := labelClear; ok && i < len(names); i++ {
		if names[i] == prefix+colour.text {
			return uint8(i)
		}
	}
	p.fault(t, "Use "+strings.Join(names[1:len(names)-1], ", ")+" or "+names[len(names)-1]+".", "%.40q is not a label of %s.", t.text, prefix[:3])
	return 0
}

// labels parts a TLP and a PAP label that stand side by side, with a space or slashes
// between them, as those who use both write them: "TLP:AMBER PAP:GREEN".
func (t token) labels() []token {
	if !strings.HasPrefix(t.text, "TLP") && !strings.HasPrefix(t.text, "PAP") {
		return []token{t}
	}
	for i := 1; i+len("/TLP:") <= len(t.text); i++ {
		if c := t.text[i]; c != ' ' && c != '/' {
			continue
		}
		if next := t.text[i+1:]; strings.HasPrefix(next, "TLP:") || strings.HasPrefix(next, "PAP:") {
			first := t.slice(0, len(strings.TrimRight(t.text[:i], " /")))
			return append([]token{first}, t.from(i+1).labels()...)
		}
	}
	return []token{t}
}
