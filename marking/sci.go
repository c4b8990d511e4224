package marking

import (
	"slices"
	"strings"
)

// A compartment is kept as one path: "SI", "SI-G" or "SI-G ABCD". A path implies
// every shorter one, so that a holder of SI-G also holds SI.

func sciRoot(seg string) string {
	if i := strings.IndexAny(seg, "-/ "); i >= 0 {
		return seg[:i]
	}
	return seg
}

// addSCI reads a segment such as "SI-G ABCD DEFG-M/TK".
func (u *us) addSCI(seg string) error {
	for system := range strings.SplitSeq(seg, "/") {
		parts := strings.Split(strings.TrimSpace(system), "-")
		if !slices.Contains(sciSystems, parts[0]) {
			return notACompartment(system)
		}
		u.sci = union(u.sci, parts[:1])
		for _, comp := range parts[1:] {
			words := strings.Fields(comp)
			if len(words) == 0 {
				return notACompartment(system)
			}
			for i, w := range words {
				if !codeWord(w, 1, 8) {
					return notACompartment(system)
				}
				path := parts[0] + "-" + words[0]
				if i > 0 {
					path += " " + w
				}
				u.sci = union(u.sci, []string{path})
			}
		}
	}
	return nil
}

func notACompartment(s string) error {
	return unreadable("Write control systems with / between them, compartments behind -, sub-compartments behind a space (SI-G ABCD/TK), and // before the controls.", "%q is not an SCI control system that I know.", s)
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

// dropImplied removes every path that another one implies.
func dropImplied(paths []string) []string {
	return only(paths, func(p string) bool {
		return !covers(difference(paths, []string{p}), p)
	})
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
