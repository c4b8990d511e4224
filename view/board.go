package view

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"tocsin"
)

// Board is the watch floor kept up to date: the strips of every open case, what
// runs out first at the top, as Floor lists them. Strips of a case are made again
// only when the case has moved on, and none of the others is touched: there can be
// ten thousand, and looking at each is most of what a page would cost. It is not safe
// for concurrent use; its owner locks, and must not write to what Strips returns.
type Board struct {
	at     int64 // Position of the index that it was last brought up to
	begun  bool
	cases  map[tocsin.CaseID]int      // version that the strips are of
	of     map[tocsin.CaseID][]*Strip // the strips of each case
	sorted []*Strip
	traits map[Trait]int // how many strips there are of each
}

// Trait is what strips can be chosen by: those of one are alike in it.
type Trait struct {
	Owner tocsin.ActorID
	Pack  string
	Step  string // kind of the step
}

// TraitsOf lists a strip's traits, one for each step that is outstanding.
func TraitsOf(s *Strip) []Trait {
	out := []Trait{{s.Owner, s.Pack, s.Step.Kind}}
	for _, o := range s.More {
		out = append(out, Trait{s.Owner, s.Pack, o.Kind})
	}
	return out
}

// Strips brings the board up to the index and returns what is owed.
func (b *Board) Strips(x *Index) []*Strip {
	if b.begun && b.at == x.Position {
		return b.sorted
	}
	if b.cases == nil {
		b.cases, b.of, b.traits = map[tocsin.CaseID]int{}, map[tocsin.CaseID][]*Strip{}, map[Trait]int{}
	}
	var moved []tocsin.CaseID
	var fresh []*Strip
	for id, version := range x.versions {
		if was, ok := b.cases[id]; ok && was == version {
			continue
		}
		b.cases[id] = version
		moved = append(moved, id)
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
func (b *Board) merge(moved []tocsin.CaseID, fresh []*Strip) {
	var gone []int
	for _, id := range moved {
		for _, s := range b.of[id] {
			gone = append(gone, b.find(s))
			for _, t := range TraitsOf(s) {
				if b.traits[t]--; b.traits[t] == 0 {
					delete(b.traits, t)
				}
			}
		}
		delete(b.of, id)
	}
	slices.Sort(gone)
	slices.SortStableFunc(fresh, first)
	sorted := make([]*Strip, 0, len(b.sorted)-len(gone)+len(fresh))
	from := 0
	for _, at := range gone {
		sorted = append(sorted, b.sorted[from:at]...)
		from = at + 1
	}
	b.sorted = append(sorted, b.sorted[from:]...)
	for _, s := range fresh {
		b.of[s.Case] = append(b.of[s.Case], s)
		for _, t := range TraitsOf(s) {
			b.traits[t]++
		}
	}
	b.insert(fresh)
}

// insert enters strips in their order, with one pass over what is moved along.
func (b *Board) insert(fresh []*Strip) {
	from := len(b.sorted)
	b.sorted = append(b.sorted, fresh...)
	for i := len(fresh) - 1; i >= 0; i-- {
		at := sort.Search(from, func(j int) bool { return first(fresh[i], b.sorted[j]) < 0 })
		copy(b.sorted[at+i+1:], b.sorted[at:from])
		b.sorted[at+i], from = fresh[i], at
	}
}

// find tells where a strip stands.
func (b *Board) find(s *Strip) int {
	at := sort.Search(len(b.sorted), func(j int) bool { return first(b.sorted[j], s) >= 0 })
	for b.sorted[at] != s {
		at++ // strips of one case that are due at the same time
	}
	return at
}

// Traits lists what strips there are, in no order.
func (b *Board) Traits() []Trait {
	out := make([]Trait, 0, len(b.traits))
	for t := range b.traits {
		out = append(out, t)
	}
	return out
}

// Late counts the strips whose clock has run out at now. They stand at the top.
func Late(strips []*Strip, now time.Time) int {
	return sort.Search(len(strips), func(i int) bool { return !strips[i].Overdue(now) })
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
