package provenance

// sets keeps numbers 0..n-1 in disjoint sets; sets[i] leads towards the
// smallest member of the set of i, which stands for the set.
type sets []int

func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// find returns the smallest member of the set of i.
func (s sets) find(i int) int {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

// union makes one set of two and reports whether they were two.
func (s sets) union(a, b int) bool {
	a, b = s.find(a), s.find(b)
	s[max(a, b)] = min(a, b)
	return a != b
}
