package view

import (
	"slices"
	"time"

	"tocsin"
	"tocsin/ledger"
)

// LookPrefix names the streams that say who has looked at a report. They are
// apart from the report's own stream, because a look is no part of what came in.
const LookPrefix = "look/"

// Looked is the kind of their records.
const Looked = "report_looked"

// Look is one person's first look at a report. Watch is their first while they held
// a role that takes reports up, zero if there was none: only that is a reading by
// the watch (T-10).
type Look struct {
	By    tocsin.ActorID `json:"by"`
	At    time.Time      `json:"at"`
	Watch time.Time      `json:"watch,omitzero"`
}

// watch are the roles that take reports up.
var watch = []tocsin.Role{tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer}

// KeepsWatch reports whether a look of by's is one of the watch.
func KeepsWatch(by tocsin.Actor) bool { return by.Has(watch...) }

// LookedAt reports whether a look of by's at a report adds nothing to the record:
// they have looked before, and as one of the watch if they are.
func (x *Index) LookedAt(id tocsin.ReportID, by tocsin.Actor) bool {
	i := x.lookOf(id, by.ID)
	return i >= 0 && (!x.Looks[id][i].Watch.IsZero() || !KeepsWatch(by))
}

func (x *Index) lookOf(id tocsin.ReportID, by tocsin.ActorID) int {
	return slices.IndexFunc(x.Looks[id], func(l Look) bool { return l.By == by })
}

// ReadByWatch is when somebody of the watch first looked at a report; zero if
// nobody has.
func (x *Index) ReadByWatch(id tocsin.ReportID) time.Time {
	var first time.Time
	for _, l := range x.Looks[id] {
		if !l.Watch.IsZero() && (first.IsZero() || l.Watch.Before(first)) {
			first = l.Watch
		}
	}
	return first
}

func (x *Index) foldLook(r ledger.Record, id tocsin.ReportID) error {
	if r.Kind != Looked {
		return nil
	}
	var l Look
	if err := read(r, &l); err != nil {
		return err
	}
	i := x.lookOf(id, l.By)
	switch {
	case i < 0:
		x.Looks[id] = append(x.Looks[id], l)
	case x.Looks[id][i].Watch.IsZero(): // they have joined the watch since
		x.Looks[id] = slices.Clone(x.Looks[id]) // who reads may hold the list
		x.Looks[id][i].Watch = l.Watch
	}
	return nil
}

// Unassessed lists the reports that are in no case, the oldest first. Looking at
// one does not take it off the list: only a case does (T-10). No seal hides one of
// them. They are the index's own; whoever keeps one copies it.
func (x *Index) Unassessed() []*Report {
	out := make([]*Report, len(x.loose))
	for i, id := range x.loose {
		out[i] = x.Reports[id]
	}
	return out
}
