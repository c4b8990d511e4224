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
// the watch (T-10). Again is their newest as one of the watch after the report had
// been set aside and come back.
type Look struct {
	By    tocsin.ActorID `json:"by"`
	At    time.Time      `json:"at"`
	Watch time.Time      `json:"watch,omitzero"`
	Again time.Time      `json:"-"`
}

// watch are the roles that take reports up.
var watch = []tocsin.Role{tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer}

// KeepsWatch reports whether a look of by's is one of the watch.
func KeepsWatch(by tocsin.Actor) bool { return by.Has(watch...) }

// LookedAt reports whether a look of by's at a report adds nothing to the record at
// a moment: they have looked before, as one of the watch if they are, and then since
// the report last came back.
func (x *Index) LookedAt(id tocsin.ReportID, by tocsin.Actor, at time.Time) bool {
	i := x.lookOf(id, by.ID)
	if i < 0 || !KeepsWatch(by) {
		return i >= 0
	}
	l := x.Looks[id][i]
	back, _, _ := x.asides.all[id].CameBack(at)
	return !l.Watch.IsZero() && (back.IsZero() || l.since(back))
}

// since reports whether there was a look as one of the watch at a moment or later.
func (l Look) since(at time.Time) bool {
	return !l.Watch.IsZero() && !l.Watch.Before(at) || !l.Again.IsZero() && !l.Again.Before(at)
}

func (x *Index) lookOf(id tocsin.ReportID, by tocsin.ActorID) int {
	return slices.IndexFunc(x.Looks[id], func(l Look) bool { return l.By == by })
}

// ReadSinceBack reports whether somebody of the watch has looked at a report since it
// came in or, if it was set aside and came back up to a moment, since then.
func (x *Index) ReadSinceBack(id tocsin.ReportID, at time.Time) bool {
	back, watch, _ := x.asides.all[id].CameBack(at)
	if back.IsZero() {
		return !x.ReadByWatch(id).IsZero()
	}
	return watch || slices.ContainsFunc(x.Looks[id], func(l Look) bool { return l.since(back) })
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
	case l.Watch.IsZero():
	default:
		x.Looks[id] = slices.Clone(x.Looks[id]) // who reads may hold the list
		if was := &x.Looks[id][i]; was.Watch.IsZero() {
			was.Watch = l.Watch // they have joined the watch since
		} else {
			was.Again = l.Watch // the report had come back
		}
	}
	return nil
}
