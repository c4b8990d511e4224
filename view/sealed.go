package view

import (
	"maps"
	"slices"

	"tocsin"
	"tocsin/aside"
	"tocsin/casefile"
	"tocsin/paging"
)

// SealedFrom lists the cases that are sealed from by; nil if there is none.
func (x *Index) SealedFrom(by tocsin.Actor) map[tocsin.CaseID]bool {
	var hidden map[tocsin.CaseID]bool
	for id := range x.sealed {
		if s := x.Cases[id]; !s.Visible(by) {
			if hidden == nil {
				hidden = map[tocsin.CaseID]bool{}
			}
			hidden[id] = true
		}
	}
	return hidden
}

// As is the index as one person may see it: without the cases that are sealed from
// them, without the reports that stand in no other case, and without a trace of
// either in what is left. Where nothing is hidden it is x itself. It must be used
// under the lock that x is used under, and not kept.
func (x *Index) As(by tocsin.Actor) *Index {
	hidden := x.SealedFrom(by)
	if hidden == nil {
		return x
	}
	seen := *x
	isHidden := func(id tocsin.CaseID) bool { return hidden[id] }
	seen.Cases = maps.Clone(x.Cases)
	maps.DeleteFunc(seen.Cases, func(id tocsin.CaseID, _ casefile.State) bool { return hidden[id] })
	seen.CaseOrder = slices.DeleteFunc(slices.Clone(x.CaseOrder), isHidden)
	seen.Reports = make(map[tocsin.ReportID]*Report, len(x.Reports))
	gone := x.goneFrom(hidden)
	for id, r := range x.Reports {
		if gone[id] {
			continue
		}
		known := *r
		known.Cases = slices.DeleteFunc(slices.Clone(r.Cases), isHidden)
		if gone[known.RepeatOf] {
			known.RepeatOf = "" // what it repeats is not there for this reader
		}
		seen.Reports[id] = &known
	}
	seen.Order = slices.DeleteFunc(slices.Clone(x.Order), func(id tocsin.ReportID) bool { return gone[id] })
	seen.asides = x.asides.seenBy(gone)
	seen.Looks, seen.Flags = maps.Clone(x.Looks), maps.Clone(x.Flags)
	for id := range gone {
		delete(seen.Looks, id)
		delete(seen.Flags, id)
	}
	return &seen
}

// goneFrom lists the reports that stand in hidden cases and in no other, with those
// that are set aside as copies of one of them.
func (x *Index) goneFrom(hidden map[tocsin.CaseID]bool) map[tocsin.ReportID]bool {
	gone := map[tocsin.ReportID]bool{}
	for c := range hidden {
		for _, r := range x.Cases[c].Reports {
			if x.onlyIn(r.ID, hidden) {
				x.goes(r.ID, gone)
			}
		}
	}
	return gone
}

// goes enters a report and its copies.
func (x *Index) goes(id tocsin.ReportID, gone map[tocsin.ReportID]bool) {
	gone[id] = true
	for _, o := range x.asides.copies[id] {
		x.goes(o, gone)
	}
}

// onlyIn reports whether a report stands in cases, and only in those listed.
func (x *Index) onlyIn(id tocsin.ReportID, cases map[tocsin.CaseID]bool) bool {
	r := x.Reports[id]
	return r != nil && len(r.Cases) > 0 && !slices.ContainsFunc(r.Cases, func(c tocsin.CaseID) bool { return !cases[c] })
}

// Hides says which streams of the record are hidden from by. The answer may be
// kept, and is as of now.
func (x *Index) Hides(by tocsin.Actor) func(stream string) bool {
	streams := x.hiddenStreams(by)
	return func(stream string) bool { return streams[stream] || hidesShelf(stream, by) }
}

// Length is how many records there are that by may know of: it grows when, and
// only when, something happens that they may see.
func (x *Index) Length(by tocsin.Actor) int64 {
	n := x.Position
	for stream := range x.hiddenStreams(by) {
		n -= int64(x.seqs[stream])
	}
	for stream := range x.shelves {
		if hidesShelf(stream, by) {
			n -= int64(x.seqs[stream])
		}
	}
	return n
}

func (x *Index) hiddenStreams(by tocsin.Actor) map[string]bool {
	hidden := x.SealedFrom(by)
	streams := map[string]bool{}
	for id := range x.reads {
		if x.Reads(x.Cases[id], by) == nil {
			streams[ReadPrefix+string(id)] = true // also from those who know of the case
		}
	}
	if hidden == nil {
		return streams
	}
	for id := range hidden {
		streams[CasePrefix+string(id)] = true
	}
	gone := x.goneFrom(hidden)
	for id, p := range x.pages.all {
		if hidden[p.Case] || gone[p.Report] {
			streams[paging.Prefix+string(id)] = true
		}
	}
	for id := range gone {
		for _, prefix := range []string{ReportPrefix, LookPrefix, FlagPrefix} {
			streams[prefix+string(id)] = true
		}
	}
	for _, id := range x.asides.touches(gone) {
		streams[aside.Prefix+string(id)] = true
	}
	return streams
}
