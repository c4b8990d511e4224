package view

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/ledger"
	"tocsin/paging"
)

// Raise is that a missed clock of a case was raised to a role.
type Raise struct {
	Case tocsin.CaseID
	Role tocsin.Role
	At   time.Time
}

// pages is what the index knows of who was paged.
type pages struct {
	all    map[paging.ID]paging.Page
	order  []paging.ID            // as opened
	last   map[string][]paging.ID // by what they are about: see subject
	unread paging.ID              // the newest about an unread report
	raises []Raise                // in the order of the record
}

// subject is what a page is about, as a key.
func subject(o paging.Opened) string {
	if o.Cause == paging.Unread {
		return ReportPrefix + string(o.Report)
	}
	return CasePrefix + string(o.Case) + "/" + string(o.To)
}

func (x *Index) foldPage(r ledger.Record) error {
	b, err := json.Marshal(r.Fields)
	if err != nil {
		return err
	}
	e, err := paging.Decode(r.Kind, b)
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	id := paging.ID(strings.TrimPrefix(r.Stream, paging.Prefix))
	p, known := x.pages.all[id]
	p.ID = id
	p = p.Apply(e)
	x.pages.all[id] = p
	if known {
		return nil
	}
	x.pages.order = append(x.pages.order, id)
	key := subject(p.Opened)
	x.pages.last[key] = append(x.pages.last[key], id)
	if p.Cause == paging.Unread {
		x.pages.unread = id
	}
	return nil
}

// Page returns a page.
func (x *Index) Page(id paging.ID) (paging.Page, bool) {
	p, ok := x.pages.all[id]
	return p, ok
}

// PagesAbout lists the pages with the cause, report or case, and ladder of o, the
// oldest first.
func (x *Index) PagesAbout(o paging.Opened) []paging.Page {
	var out []paging.Page
	for _, id := range x.pages.last[subject(o)] {
		out = append(out, x.pages.all[id])
	}
	return out
}

// UnreadPage is the newest page about a report that nobody has read.
func (x *Index) UnreadPage() (paging.Page, bool) { return x.Page(x.pages.unread) }

// Raises lists the raised clocks from the nth on, oldest first.
func (x *Index) Raises(n int) []Raise {
	return slices.Clone(x.pages.raises[min(n, len(x.pages.raises)):])
}

// Answered says why nothing waits any more for what a page is about, or "": somebody
// of the watch has read the report since it came in or came back, it is set aside or
// in a case, or no clock is missed at that level.
func (x *Index) Answered(o paging.Opened) string {
	switch {
	case o.Cause == paging.Raised:
		s := x.Cases[o.Case]
		if !slices.Contains(s.RaisedTo(), tocsin.Role(o.To)) {
			return "answered"
		}
	case x.ReadSinceBack(o.Report, o.At):
		return "read"
	case x.asides.all[o.Report].Stands(o.At):
		return "set_aside"
	default:
		if r := x.Reports[o.Report]; r == nil || len(r.Cases) > 0 {
			return "taken_up"
		}
	}
	return ""
}

// Pages lists those pages that by may know of, the newest first: of reports and
// cases that are not hidden from them.
func (x *Index) Pages(by tocsin.Actor) []paging.Page {
	hides := x.hiddenStreams(by)
	var out []paging.Page
	for _, id := range slices.Backward(x.pages.order) {
		if !hides[paging.Prefix+string(id)] {
			out = append(out, x.pages.all[id])
		}
	}
	return out
}

// LivePages lists the pages whose notices go on, the oldest first.
func (x *Index) LivePages() []paging.ID {
	var out []paging.ID
	for _, id := range x.pages.order {
		if x.pages.all[id].Live() {
			out = append(out, id)
		}
	}
	return out
}
