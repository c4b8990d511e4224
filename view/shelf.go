package view

import (
	"slices"
	"strings"

	"tocsin"
	"tocsin/ledger"
)

// People keep filters of the floor as saved views, in a small stream of their own,
// so that they are there on every machine; those that are for everybody stand in
// one stream.
const (
	SharedShelf = "views"
	ShelfPrefix = "views/" // and the person
)

// Kinds of records of these streams.
const (
	ViewSaved     = "view_saved"     // a new one, or another name or filter of one that there is
	ViewDeleted   = "view_deleted"   //
	ViewPreferred = "view_preferred" // what the floor shows first, of a person's own or of everybody's
)

// SavedView is a filter under a name.
type SavedView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Filter Filter `json:"filter"`
	Shared bool   `json:"-"`
}

// ViewNamed is the event that deletes or prefers a view. To prefer none is to see the
// whole floor first.
type ViewNamed struct {
	View string `json:"view,omitempty"`
}

// Bounds of what people save.
const (
	MaxViews    = 30 // on one shelf
	MaxViewName = 60 // bytes
)

// shelf are the views of one person, or of everybody.
type shelf struct {
	views     []SavedView // as saved
	preferred string
}

// ShelfOf is the stream of a person's views.
func ShelfOf(by tocsin.ActorID) string { return ShelfPrefix + string(by) }

func (x *Index) foldShelf(r ledger.Record) error {
	s := x.shelves[r.Stream]
	switch r.Kind {
	case ViewSaved:
		var v SavedView
		if err := read(r, &v); err != nil {
			return err
		}
		v.Shared = r.Stream == SharedShelf
		if i := s.find(v.ID); i >= 0 {
			s.views = slices.Clone(s.views)
			s.views[i] = v
		} else {
			s.views = append(slices.Clip(s.views), v)
		}
	case ViewDeleted, ViewPreferred:
		var c ViewNamed
		if err := read(r, &c); err != nil {
			return err
		}
		if r.Kind == ViewPreferred {
			s.preferred = c.View
		} else if i := s.find(c.View); i >= 0 {
			s.views = slices.Delete(slices.Clone(s.views), i, i+1)
		}
	}
	x.shelves[r.Stream] = s
	return nil
}

func (s shelf) find(id string) int {
	return slices.IndexFunc(s.views, func(v SavedView) bool { return v.ID == id })
}

// Shelf lists the views that a stream holds.
func (x *Index) Shelf(stream string) []SavedView { return x.shelves[stream].views }

// Views lists a person's saved views and, behind them, those that are for
// everybody.
func (x *Index) Views(by tocsin.ActorID) []SavedView {
	return slices.Concat(x.shelves[ShelfOf(by)].views, x.shelves[SharedShelf].views)
}

// Preferred is the id of the view that the floor shows a person first; empty for
// the whole floor, as after the view was deleted.
func (x *Index) Preferred(by tocsin.ActorID) string {
	id := x.shelves[ShelfOf(by)].preferred
	if !slices.ContainsFunc(x.Views(by), func(v SavedView) bool { return v.ID == id }) {
		return ""
	}
	return id
}

// hidesShelf reports whether a stream holds the views of somebody else. Their words
// can be of a case that others may not know of.
func hidesShelf(stream string, by tocsin.Actor) bool {
	whose, ok := strings.CutPrefix(stream, ShelfPrefix)
	return ok && whose != string(by.ID) && !by.Has(tocsin.Inspector)
}
