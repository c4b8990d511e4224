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
	cases  map[tocsin.CaseID]posted
	sorted []*Strip
}

type posted struct {
	version int
	strips  []Strip
}

// Strips brings the board up to the index and returns what is owed.
func (b *Board) Strips(x *Index) []*Strip {
	if b.begun && b.at == x.Position {
		return b.sorted
	}
	if b.cases == nil {
		b.cases = map[tocsin.CaseID]posted{}
	}
	moved := false
	for id, version := range x.versions {
		if p, ok := b.cases[id]; ok && p.version == version {
			continue
		}
		moved = true
		p := posted{version: version}
		if s := x.Cases[id]; !s.Closed {
			p.strips = Strips(s)
		}
		b.cases[id] = p
	}
	if moved || !b.begun {
		b.sort(x.CaseOrder)
	}
	b.at, b.begun = x.Position, true
	return b.sorted
}

// sort makes a new list: the old one may still be read.
func (b *Board) sort(order []tocsin.CaseID) {
	sorted := make([]*Strip, 0, len(b.sorted))
	for _, id := range order {
		strips := b.cases[id].strips
		for i := range strips {
			sorted = append(sorted, &strips[i])
		}
	}
	slices.SortStableFunc(sorted, first)
	b.sorted = sorted
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
