package view

import (
	"time"

	"tocsin"
	"tocsin/ledger"
)

// FlagPrefix names the streams in which readers of a report say that there may be
// a duty to warn in it. They are apart from the report's own stream, because a
// flag is no part of what came in.
const FlagPrefix = "flag/"

// Flagged is the kind of their records.
const Flagged = "report_flagged"

// Flag is somebody's word that a report may oblige us to warn. It stays until the
// report is in a case; nobody takes it back (T-11).
type Flag struct {
	By  tocsin.ActorID `json:"by"`
	At  time.Time      `json:"at"`
	Why string         `json:"why"`
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
	return nil
}
