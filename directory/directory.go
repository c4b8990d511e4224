// Package directory is who can be warned and how: the recipients, their
// relations, languages and ladders.
//
// A Book is a value folded from the "directory" stream of the ledger, so that
// who could be reached on a given day can be shown later. A warning does not
// read the book when it is sent: a draft carries its recipients as they stood
// when it was written, and the approval binds them.
package directory

import (
	"cmp"
	"slices"

	"tocsin"
)

// Stream is the ledger stream that a book is folded from.
const Stream = "directory"

// Kind is the kind of the one event of that stream.
const Kind = "recipient_set"

// Set is the event that enters a recipient or replaces its entry.
type Set struct {
	Recipient tocsin.Recipient `json:"recipient"`
}

// Book is the directory. The zero value is empty and ready to use.
type Book struct {
	entries map[tocsin.RecipientID]tocsin.Recipient
}

// Apply enters or replaces one recipient.
func (b *Book) Apply(e Set) {
	if b.entries == nil {
		b.entries = map[tocsin.RecipientID]tocsin.Recipient{}
	}
	b.entries[e.Recipient.ID] = e.Recipient
}

// Find returns the recipient with the given id, or an error of kind NotFound.
func (b *Book) Find(id tocsin.RecipientID) (tocsin.Recipient, error) {
	r, ok := b.entries[id]
	if !ok {
		return tocsin.Recipient{}, tocsin.Faultf(tocsin.NotFound, "recipient", "Enter it in the directory first, with at least one way to reach it.", "The directory has no recipient %q.", id)
	}
	return r, nil
}

// All lists the recipients by id.
func (b *Book) All() []tocsin.Recipient {
	var all []tocsin.Recipient
	for _, r := range b.entries {
		all = append(all, r)
	}
	slices.SortFunc(all, func(x, y tocsin.Recipient) int { return cmp.Compare(x.ID, y.ID) })
	return all
}

// Safe lists the recipients of a kind whose every route keeps clear of the
// groups, by id: the ones that may be offered when the threat actor is known.
func (b *Book) Safe(kind tocsin.WarningKind, groups []string) []tocsin.Recipient {
	return slices.DeleteFunc(b.All(), func(r tocsin.Recipient) bool { return r.Kind != kind || r.RouteTouches(groups) != "" })
}
