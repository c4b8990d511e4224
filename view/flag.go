package view

import (
	"cmp"
	"slices"
	"time"

	"tocsin"
	"tocsin/aside"
	"tocsin/ledger"
)

// FlagPrefix names the streams in which readers of a report say that there may be
// a duty to warn in it. They are apart from the report's own stream, because a
// flag is no part of what came in.
const FlagPrefix = "flag/"

// Flagged is the kind of their records.
const Flagged = "report_flagged"

// Flag is somebody's word that a report may oblige us to warn. It stays until the
// report is in a case; nobody takes it back. Whoever sets the report aside answers
// it; set on a report that is set aside, it takes the report up again (T-11).
type Flag struct {
	By  tocsin.ActorID `json:"by"`
	At  time.Time      `json:"at"`
	Why string         `json:"why"`
}

// FlaggedReport is a flag with the report that it is of.
type FlaggedReport struct {
	Report tocsin.ReportID
	Flag
}

// FlagsBy lists the flags of one person, the newest first.
func (x *Index) FlagsBy(by tocsin.ActorID) []FlaggedReport {
	var out []FlaggedReport
	for id, all := range x.Flags {
		for _, f := range all {
			if f.By == by {
				out = append(out, FlaggedReport{id, f})
			}
		}
	}
	slices.SortFunc(out, func(a, b FlaggedReport) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Report, b.Report), cmp.Compare(a.Why, b.Why))
	})
	return out
}

func (x *Index) foldFlag(r ledger.Record, id tocsin.ReportID) error {
	if r.Kind != Flagged {
		return nil
	}
	var f Flag
	if err := read(r, &f); err != nil {
		return err
	}
	x.Flags[id] = append(x.Flags[id], f)
	x.turnAside(id, aside.Flagged{Why: f.Why, By: f.By, At: f.At})
	return nil
}
