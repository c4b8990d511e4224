package intake

import (
	"strings"
	"unicode"

	"tocsin"
)

// Portions splits text into its paragraphs: stretches between blank lines, and
// a new one wherever a line begins with a portion marking such as "(S//NF)",
// "(U)" or "(TLP:AMBER)", also after an enumerator ("1. (C) ..."). Marking is
// the text within the parentheses; whether it is a valid one is for package
// marking to say.
//
// The portions are in order, do not overlap, begin and end with something other
// than white space, and hold all of the text that is not white space.
func Portions(text string) []tocsin.Portion {
	var out []tocsin.Portion
	start, end := -1, 0 // of the portion being read; start < 0: none
	marking := ""
	flush := func() {
		if start >= 0 {
			out = append(out, tocsin.Portion{Start: start, End: end, Marking: marking})
		}
		start, marking = -1, ""
	}
	at := 0
	for l := range strings.Lines(text) {
		body := strings.TrimRightFunc(l, unicode.IsSpace)
		lead := len(body) - len(strings.TrimLeftFunc(body, unicode.IsSpace))
		if lead == len(body) {
			flush()
			at += len(l)
			continue
		}
		m := portionMarking(body[lead:])
		if m != "" {
			flush()
		}
		if start < 0 {
			start, marking = at+lead, m
		}
		end = at + len(body)
		at += len(l)
	}
	flush()
	return out
}

// portionMarking returns the marking at the start of a paragraph, or "".
func portionMarking(s string) string {
	if s[0] != '(' {
		head, rest, ok := strings.Cut(s, " ")
		if !ok || !enumerator(head) {
			return ""
		}
		s = strings.TrimLeftFunc(rest, unicode.IsSpace)
	}
	s, ok := strings.CutPrefix(s, "(")
	if !ok {
		return ""
	}
	inner, _, ok := strings.Cut(s, ")")
	if !ok || !markingShape(inner) {
		return ""
	}
	return inner
}

// enumerator reports whether s numbers a paragraph: "1.", "a)", "-", "•".
func enumerator(s string) bool {
	switch s {
	case "-", "*", "•", "–":
		return true
	}
	return len(s) >= 2 && len(s) <= 5 && (s[len(s)-1] == '.' || s[len(s)-1] == ')')
}

// The first words by which a marking is told from an ordinary remark in
// parentheses. Codes count only in capitals. Taking a remark for a marking makes
// the paragraph harder to release; missing a marking could release it, so the
// lists are generous.
var (
	classWords = map[string]bool{"UNCLASSIFIED": true, "CONFIDENTIAL": true, "SECRET": true, "TOP SECRET": true,
		"RESTRICTED": true, "OFFICIAL": true, "OFFICIAL-SENSITIVE": true, "OFFICIAL SENSITIVE": true, "PROTECTED": true}
	classCodes = map[string]bool{"U": true, "C": true, "S": true, "TS": true, "R": true, "CUI": true, "FOUO": true, "LES": true,
		"SBU": true, "O": true, "OS": true, "O-S": true, "NU": true, "NR": true, "NC": true, "NS": true, "CTS": true}
	slashWords = []string{"NF", "NOFORN", "REL", "OC", "ORCON", "SI", "TK", "HCS", "FOUO", "LES", "FGI"}
)

const markingBytes = 200

// markingShape reports whether s reads like a protective marking: U.S. style
// with "//", a single class word or code, a foreign or joint one ("//GBR S"), TLP
// or PAP.
func markingShape(s string) bool {
	if s == "" || len(s) > markingBytes {
		return false
	}
	u := strings.ToUpper(s)
	for _, r := range u {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(" /,-:+&.'", r) {
			return false
		}
	}
	if rest, ok := strings.CutPrefix(u, "TLP:"); ok {
		return strings.TrimSpace(rest) != ""
	}
	if rest, ok := strings.CutPrefix(u, "PAP:"); ok {
		return strings.TrimSpace(rest) != ""
	}
	head, rest, parts := strings.Cut(u, "//")
	if parts {
		head = nation(head)
		return rest != "" && (head == "" || classWords[head] || classCodes[head] || slashed(head))
	}
	return classWords[nation(u)] || u == s && (classCodes[u] || slashed(u))
}

// nation takes a leading "UK", "NATO" or "EU" off a class word.
func nation(s string) string {
	s = strings.TrimSpace(s)
	for _, n := range []string{"UK ", "NATO ", "EU ", "COSMIC "} {
		if rest, ok := strings.CutPrefix(s, n); ok {
			return strings.TrimSpace(rest)
		}
	}
	return s
}

// slashed accepts the common slip of one slash for two, as in "S/NF", but not
// "C/O MR SMITH".
func slashed(u string) bool {
	head, rest, ok := strings.Cut(u, "/")
	if !ok || !classCodes[head] && !classWords[head] {
		return false
	}
	for _, w := range slashWords {
		if after, ok := strings.CutPrefix(rest, w); ok && (after == "" || strings.ContainsAny(after[:1], " /,-")) {
			return true
		}
	}
	return false
}

// banner returns the first line of text if it is nothing but a marking written
// out, such as "SECRET//NOFORN" or "TLP:AMBER". A lone code letter is not.
func banner(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	first = strings.TrimSpace(first)
	if markingShape(first) && (strings.Contains(first, "//") || strings.Contains(first, ":") || !classCodes[first]) {
		return first
	}
	return ""
}
