package view

import (
	"cmp"
	"slices"

	"tocsin"
)

// Board is the watch floor kept up to date: the strips of every open case, what
// runs out first at the top, as Floor lists them. Strips of a case are made again
// only when the case has moved on. It is not safe for concurrent use; its owner
// locks, and must not write to what Strips returns.
type Board struct {
	at     int64 // Position of the index that it was last brought up to
	begun  bool
	cases  map[tocsin.CaseID]int // version that the strips are of
	sorted []*Strip
}

// Strips brings the board up to the index and returns what is owed.
func (b *Board) Strips(x *Index) []*Strip {
	if b.begun && b.at == x.Position {
		return b.sorted
	}
	if b.cases == nil {
		b.cases = map[tocsin.CaseID]int{}
	}
	moved := map[tocsin.CaseID]bool{}
	var fresh []*Strip
	for id, version := range x.versions {
		if was, ok := b.cases[id]; ok && was == version {
			continue
		}
		moved[id], b.cases[id] = true, version
		if s := x.Cases[id]; !s.Closed {
			strips := Strips(s)
			for i := range strips {
				fresh = append(fresh, &strips[i])
			}
		}
	}
	if len(moved) > 0 {
		b.merge(moved, fresh)
	}
	b.at, b.begun = x.Position, true
	return b.sorted
}

// merge makes a new list: the old one may still be read.
func (b *Board) merge(moved map[tocsin.CaseID]bool, fresh []*Strip) {
	slices.SortStableFunc(fresh, first)
	sorted := make([]*Strip, 0, len(b.sorted)+len(fresh))
	for _, s := range b.sorted {
		if moved[s.Case] {
			continue
		}
		for len(fresh) > 0 && first(fresh[0], s) < 0 {
			sorted, fresh = append(sorted, fresh[0]), fresh[1:]
		}
		sorted = append(sorted, s)
	}
	b.sorted = append(sorted, fresh...)
}

// first orders strips: what runs out first at the top, what has no clock last.
func first(a, b *Strip) int {
	if a.Due.IsZero() != b.Due.IsZero() {
		if a.Due.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Case, b.Case))
}
