package view

import (
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/ledger"
)

// ReadPrefix names the streams that say who has read in a sealed case. They are
// apart from the case's own stream, because to read changes nothing in it.
const ReadPrefix = "read/"

// SealedRead is the kind of their records.
const SealedRead = "sealed_read"

// What of a sealed case was read.
const (
	ReadCase     = "case"     // the case as it stands, with its timeline on the page
	ReadTimeline = "timeline" // its events
	ReadWords    = "words"    // a warning's versions, or what the guard finds in them
	ReadDelivery = "delivery" // a message on its way, or the script to take along
	ReadReport   = "report"   // a report that stands in sealed cases alone
)

// Read is that somebody read in a sealed case. What they read of the same again
// within the same hour of the clock is the same Read (ADR 0020).
type Read struct {
	By   tocsin.ActorID `json:"by"`
	At   time.Time      `json:"at"`
	What string         `json:"what"`
}

// ReadHour is the hour within which one person's reads of one thing are one.
func ReadHour(at time.Time) time.Time { return at.Truncate(time.Hour) }

// HasRead reports whether a read of a case is on record already.
func (x *Index) HasRead(id tocsin.CaseID, r Read) bool {
	for _, o := range slices.Backward(x.reads[id]) {
		if o.At.Before(ReadHour(r.At)) {
			return false
		}
		if o.By == r.By && o.What == r.What && ReadHour(o.At).Equal(ReadHour(r.At)) {
			return true
		}
	}
	return false
}

// Reads lists who has read in a case while it was sealed, the oldest first, if by
// is among those to whom that is shown: its owner, a senior officer who may know of
// it, and an inspector.
func (x *Index) Reads(s casefile.State, by tocsin.Actor) []Read {
	if !s.Visible(by) || s.Owner != by.ID && !by.Has(tocsin.SeniorOfficer, tocsin.Inspector) {
		return nil
	}
	return slices.Clone(x.reads[s.ID])
}

func (x *Index) foldRead(r ledger.Record) error {
	if r.Kind != SealedRead {
		return nil
	}
	var e Read
	if err := read(r, &e); err != nil {
		return err
	}
	id := tocsin.CaseID(strings.TrimPrefix(r.Stream, ReadPrefix))
	x.reads[id] = append(x.reads[id], e)
	return nil
}

// CaseReads are the reads of one sealed case.
type CaseReads struct {
	Case  tocsin.CaseID  `json:"case"`
	Title string         `json:"title"`
	Owner tocsin.ActorID `json:"owner"`
	Reads []Read         `json:"reads" nullable:"false"`
}

// ReadsWithin lists the reads of sealed cases from one moment to before another,
// of the cases whose reads are shown to by (oversight query 17).
func (x *Index) ReadsWithin(by tocsin.Actor, from, until time.Time) []CaseReads {
	var out []CaseReads
	for _, id := range x.CaseOrder {
		s := x.Cases[id]
		var within []Read
		for _, r := range x.Reads(s, by) {
			if !r.At.Before(from) && (until.IsZero() || r.At.Before(until)) {
				within = append(within, r)
			}
		}
		if len(within) > 0 {
			out = append(out, CaseReads{id, s.Title, s.Owner, within})
		}
	}
	return out
}
