package view

import (
	"time"

	"tocsin"
	"tocsin/ledger"
)

// LookPrefix names the streams that say who has looked at a report. They are
// apart from the report's own stream, because a look is no part of what came in.
const LookPrefix = "look/"

// Looked is the kind of their records.
const Looked = "report_looked"

// Look is one person's first look at a report.
type Look struct {
	By tocsin.ActorID `json:"by"`
	At time.Time      `json:"at"`
}

// LookedAt reports whether by is among those who have looked at a report.
func (x *Index) LookedAt(id tocsin.ReportID, by tocsin.ActorID) bool {
	for _, l := range x.Looks[id] {
		if l.By == by {
			return true
		}
	}
	return false
}

func (x *Index) foldLook(r ledger.Record, id tocsin.ReportID) {
	if r.Kind == Looked && !x.LookedAt(id, r.Actor) {
		x.Looks[id] = append(x.Looks[id], Look{r.Actor, r.EventTime})
	}
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
