package marking

import "slices"

// The sets of a marking are sorted slices without repeats that are never changed
// in place; nil and empty are the same set, and the functions here return nil
// for it.

// mostMarks is how many marks of one open-ended kind (compartments, programmes,
// categories, code words) a marking holds. Real ones hold a handful. A text with
// more is taken for one that could not be read.
const mostMarks = 64

func union(a, b []string) []string {
	switch {
	case len(a) == 0:
		return emptyIsNil(b)
	case len(b) == 0 || subset(b, a):
		return a
	}
	c := append(slices.Clone(a), b...)
	slices.Sort(c)
	return slices.Compact(c)
}

// sorted makes a set of what a reader has collected.
func sorted(a []string) []string {
	slices.Sort(a)
	return emptyIsNil(slices.Compact(a))
}

// few is union for what is only shown: of a long list the first 16 stay.
func few(a, b []string) []string {
	c := union(a, b)
	return c[:min(len(c), 16)]
}

func intersection(a, b []string) []string {
	return only(a, func(s string) bool { return slices.Contains(b, s) })
}

func difference(a, b []string) []string {
	if len(b) == 0 {
		return emptyIsNil(a)
	}
	return only(a, func(s string) bool { return !slices.Contains(b, s) })
}

func subset(a, b []string) bool {
	for _, s := range a {
		if !slices.Contains(b, s) {
			return false
		}
	}
	return true
}

func only(a []string, keep func(string) bool) []string {
	var c []string
	for _, s := range a {
		if keep(s) {
			c = append(c, s)
		}
	}
	return c
}

func emptyIsNil(a []string) []string {
	if len(a) == 0 {
		return nil
	}
	return a
}

// crowded reports whether a set has grown beyond what a marking holds, and
// returns its first elements. Which ones stay does not depend on the order in
// which sets were united.
func crowded(set []string) ([]string, bool) {
	if len(set) <= mostMarks {
		return set, false
	}
	return set[:mostMarks], true
}
