package marking

import (
	"slices"
	"strings"
)

// A compartment is kept as one path: "SI", "SI-G" or "SI-G ABCD". A path implies
// every shorter one, so that a holder of SI-G also holds SI.

var sciSystems = []string{"BUR", "HCS", "KDK", "RSV", "SI", "TK"}

func sciRoot(seg string) string {
	if i := strings.IndexAny(seg, "-/ "); i >= 0 {
		return seg[:i]
	}
	return seg
}

// sci reads a segment such as "SI-G ABCD DEFG-M/TK" into paths.
func (p *parser) sci(t token) []string {
	var paths []string
	for system := range t.split("/") {
		var name string
		for part := range system.split("-") {
			if name == "" {
				name = part.text
				paths = append(paths, name)
				if !slices.Contains(sciSystems, name) {
					p.notACompartment(system)
					return nil
				}
				continue
			}
			words := part.words("")
			if len(words) == 0 {
				p.notACompartment(system)
				return nil
			}
			for i, w := range words {
				if !codeWord(w.text, 1, 8) {
					p.notACompartment(system)
					return nil
				}
				path := name + "-" + words[0].text
				if i > 0 {
					path += " " + w.text
				}
				paths = append(paths, path)
			}
		}
	}
	return paths
}

func (p *parser) notACompartment(t token) {
	p.fault(t, "Write control systems with / between them, compartments behind -, sub-compartments behind a space (SI-G ABCD/TK), and // before the controls.", "%.40q is not an SCI control system that I know.", t.text)
}

// covers reports whether a set of paths holds path or a longer one.
func covers(have []string, path string) bool {
	for _, h := range have {
		if h == path || strings.HasPrefix(h, path+"-") || strings.HasPrefix(h, path+" ") {
			return true
		}
	}
	return false
}

func coversAll(have, paths []string) bool {
	for _, p := range paths {
		if !covers(have, p) {
			return false
		}
	}
	return true
}

// dropImplied removes every path that another one implies. Paths arrive sorted,
// and since a space sorts before a hyphen and both before letters and digits, a
// path that implies another follows it at once but for other such paths.
func dropImplied(paths []string) []string {
	drop := func(i int) bool { return i+1 < len(paths) && covers(paths[i+1:i+2], paths[i]) }
	var keep []string
	for i, p := range paths {
		if !drop(i) {
			keep = append(keep, p)
		}
	}
	if len(keep) == len(paths) {
		return paths
	}
	return keep
}

// printSCI is the inverse of addSCI. Paths arrive sorted, so that those of one
// system, and of one compartment, stand together.
func printSCI(paths []string) string {
	var b strings.Builder
	var system, comp string
	for _, p := range paths {
		s, rest, _ := strings.Cut(p, "-")
		c, sub, _ := strings.Cut(rest, " ")
		switch {
		case s != system && b.Len() > 0:
			b.WriteString("/" + s)
		case s != system:
			b.WriteString(s)
		}
		if c != "" && (s != system || c != comp) {
			b.WriteString("-" + c)
		}
		if sub != "" {
			b.WriteString(" " + sub)
		}
		system, comp = s, c
	}
	return b.String()
}
