package compose

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// template is a text with places for values: words and fields by turns, the
// words at even positions.
type template []string

// parseTemplate splits text at its {fields}. A brace that is no field is a
// mistake, which is described in wrong.
func parseTemplate(text string, fields []string) (t template, wrong string) {
	for {
		before, rest, open := strings.Cut(text, "{")
		if strings.Contains(before, "}") {
			return nil, "a brace is closed that was not opened"
		}
		t = append(t, before)
		if !open {
			return t, ""
		}
		field, after, closed := strings.Cut(rest, "}")
		if !closed || !slices.Contains(fields, field) {
			name, _, _ := strings.Cut(field, " ")
			return nil, fmt.Sprintf("{%s} is no field that can stand here", name)
		}
		t, text = append(t, field), after
	}
}

func (t template) has(field string) bool {
	for i := 1; i < len(t); i += 2 {
		if t[i] == field {
			return true
		}
	}
	return false
}

// fill puts the values in. Values are not looked at again, so braces in a value
// stay what they are.
func (t template) fill(values map[string]string) string {
	var b strings.Builder
	for i, s := range t {
		if i%2 == 1 {
			s = values[s]
		}
		b.WriteString(s)
	}
	return b.String()
}

// The isolates of the Unicode bidirectional algorithm: what stands between them
// takes its own direction and does not disturb the line around it.
const (
	isolateStart = "\u2068"
	isolateEnd   = "\u2069"
)

// isolate wraps a value that may run against the text around it.
func isolate(value string, rtlText bool) string {
	if rtlText || strings.ContainsFunc(value, runsRightToLeft) {
		return isolateStart + value + isolateEnd
	}
	return value
}

func runsRightToLeft(r rune) bool {
	p, _ := bidi.LookupRune(r)
	return p.Class() == bidi.R || p.Class() == bidi.AL
}

// startsRightToLeft reports whether the first letter of a line that decides its
// direction (rule P2) runs from the right. Isolated values do not count.
func startsRightToLeft(line string) bool {
	depth := 0
	for _, r := range line {
		switch r {
		case '\u2066', '\u2067', '\u2068':
			depth++
			continue
		case '\u2069':
			depth--
			continue
		}
		if depth > 0 {
			continue
		}
		switch p, _ := bidi.LookupRune(r); p.Class() {
		case bidi.R, bidi.AL:
			return true
		case bidi.L:
			return false
		}
	}
	return false
}

// latinWord returns the first Latin word of a template outside its fields.
func latinWord(text string) string {
	var words strings.Builder
	depth := 0
	for _, r := range text {
		switch {
		case r == '{':
			depth++
		case r == '}':
			depth--
		case depth == 0 && unicode.Is(unicode.Latin, r):
			words.WriteRune(r)
			continue
		}
		if words.Len() > 0 {
			return words.String()
		}
	}
	return words.String()
}

// unprintable returns the first rune that a value must not hold: control
// characters and line breaks, which could forge a part of the warning, and
// invisible format characters, which could turn its words round or hide them
// from the guard. The joiners that Persian and other scripts need are allowed.
func unprintable(s string) (rune, bool) {
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~', r == '\u200c', r == '\u200d':
		case r == unicode.ReplacementChar, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp):
			return r, true
		}
	}
	return 0, false
}
