// Package view folds records into what screens and queries read: the cases as
// they stand, the reports, the quarantine and the directory.
//
// An Index is a pure fold. It can be thrown away and rebuilt from the ledger at
// any time and comes out the same; verify does exactly that. Records may be given
// more than once or by two followers at the same time: a record that is already
// folded is passed over.
package view

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/aside"
	"tocsin/casefile"
	"tocsin/directory"
	"tocsin/ledger"
	"tocsin/paging"
)

// Stream names.
const (
	CasePrefix       = "case/"
	ReportPrefix     = "report/"
	QuarantinePrefix = "quarantine/"
)

// Kinds of records outside cases.
const (
	ReportReceived = "report_received"
	ReportReposted = "report_reposted"
	Quarantined    = "quarantined"
)

// Received is the event of a report's arrival.
type Received struct {
	Report   tocsin.Report   `json:"report"`
	RepeatOf tocsin.ReportID `json:"repeat_of,omitempty"` // the first report with the same content
}

// Reposted says that a report came again under the same key with the same
// content. Nothing new was learnt; that it came again is kept.
type Reposted struct {
	Conveyor string        `json:"conveyor,omitempty"`
	Raw      tocsin.Digest `json:"raw"`
}

// Held is the event of an item that could not be read.
type Held struct {
	Item tocsin.Quarantined `json:"item"`
}

// Report is a report with what the index knows about it.
type Report struct {
	tocsin.Report
	RepeatOf tocsin.ReportID `json:"repeat_of,omitempty"`
	Cases    []tocsin.CaseID `json:"cases,omitempty"`
	Reposts  int             `json:"reposts,omitempty"`
	By       tocsin.ActorID  `json:"-"`                   // who handed it in
	SetAside *aside.Standing `json:"set_aside,omitempty"` // nil in the index, where it has no time; see Index.Aside
	nth      int             // in Index.Order
}

// Index is the fold. It is not safe for concurrent use; its owner locks.
type Index struct {
	Position   int64 // of the next record to fold
	Cases      map[tocsin.CaseID]casefile.State
	CaseOrder  []tocsin.CaseID // as opened
	Reports    map[tocsin.ReportID]*Report
	Order      []tocsin.ReportID // as received
	Quarantine []tocsin.Quarantined
	Book       directory.Book
	Looks      map[tocsin.ReportID][]Look // who has looked at a report, in that order
	Flags      map[tocsin.ReportID][]Flag // who has said that a report may oblige us to warn
	reads      map[tocsin.CaseID][]Read   // who has read in a sealed case: see Reads, which says who is told
	pages      pages
	seqs       map[string]int
	versions   map[tocsin.CaseID]int                 // of each case: State.Version
	sealed     map[tocsin.CaseID]bool                // the cases that are sealed from somebody
	handed     map[tocsin.ActorID][]tocsin.ReportID  // who handed what in
	loose      []tocsin.ReportID                     // in no case and not set aside, as received
	repeats    map[tocsin.ReportID][]tocsin.ReportID // of each report, those with the same content that came later
	asides     asides
	searched   searched
	shelves    map[string]shelf // by stream
}

// New returns an empty index.
func New() *Index {
	return &Index{Cases: map[tocsin.CaseID]casefile.State{}, Reports: map[tocsin.ReportID]*Report{},
		Looks: map[tocsin.ReportID][]Look{}, Flags: map[tocsin.ReportID][]Flag{}, reads: map[tocsin.CaseID][]Read{},
		pages: pages{all: map[paging.ID]paging.Page{}, last: map[string][]paging.ID{}}, seqs: map[string]int{}, versions: map[tocsin.CaseID]int{},
		sealed: map[tocsin.CaseID]bool{}, handed: map[tocsin.ActorID][]tocsin.ReportID{}, shelves: map[string]shelf{},
		repeats: map[tocsin.ReportID][]tocsin.ReportID{}, asides: newAsides()}
}

// Version is the number of records folded of a stream.
func (x *Index) Version(stream string) int { return x.seqs[stream] }

// Fold takes in one record. It passes over a record that it has seen, and refuses
// one that would leave a gap in its stream, because a state with a gap is wrong.
func (x *Index) Fold(r ledger.Record) error {
	have := x.seqs[r.Stream]
	if r.Seq <= have {
		return nil
	}
	if r.Seq != have+1 {
		return fmt.Errorf("view: stream %s: record %d follows %d", r.Stream, r.Seq, have)
	}
	if err := x.fold(r); err != nil {
		return fmt.Errorf("view: stream %s, record %d: %w", r.Stream, r.Seq, err)
	}
	x.seqs[r.Stream] = r.Seq
	return nil
}

func (x *Index) fold(r ledger.Record) error {
	switch {
	case strings.HasPrefix(r.Stream, CasePrefix):
		return x.foldCase(r)
	case strings.HasPrefix(r.Stream, ReportPrefix):
		return x.foldReport(r)
	case strings.HasPrefix(r.Stream, QuarantinePrefix):
		var h Held
		if err := read(r, &h); err != nil {
			return err
		}
		x.Quarantine = append(x.Quarantine, h.Item)
	case strings.HasPrefix(r.Stream, LookPrefix):
		return x.foldLook(r, tocsin.ReportID(strings.TrimPrefix(r.Stream, LookPrefix)))
	case strings.HasPrefix(r.Stream, FlagPrefix):
		return x.foldFlag(r, tocsin.ReportID(strings.TrimPrefix(r.Stream, FlagPrefix)))
	case strings.HasPrefix(r.Stream, aside.Prefix):
		return x.foldAside(r, tocsin.ReportID(strings.TrimPrefix(r.Stream, aside.Prefix)))
	case strings.HasPrefix(r.Stream, ReadPrefix):
		return x.foldRead(r)
	case strings.HasPrefix(r.Stream, paging.Prefix):
		return x.foldPage(r)
	case r.Stream == SharedShelf, strings.HasPrefix(r.Stream, ShelfPrefix):
		return x.foldShelf(r)
	case r.Stream == directory.Stream:
		var s directory.Set
		if err := read(r, &s); err != nil {
			return err
		}
		was, err := x.Book.Find(s.Recipient.ID)
		if x.Book.Apply(s); err == nil {
			x.searched.swap(recipientItem(was), recipientItem(s.Recipient))
		} else {
			x.searched.put(recipientItem(s.Recipient))
		}
	}
	return nil
}

func (x *Index) foldCase(r ledger.Record) error {
	e, err := Event(r)
	if err != nil {
		return err
	}
	id := tocsin.CaseID(strings.TrimPrefix(r.Stream, CasePrefix))
	before, known := x.Cases[id]
	after := casefile.Apply(before, e)
	x.Cases[id], x.versions[id] = after, after.Version
	if !known {
		x.CaseOrder = append(x.CaseOrder, id)
	}
	x.follow(before, after)
	switch e := e.(type) {
	case casefile.ReportAttached:
		if rep := x.Reports[e.Report.ID]; rep != nil {
			if len(rep.Cases) == 0 {
				x.loose = without(x.loose, rep.ID)
			}
			rep.Cases = append(rep.Cases, id)
			x.turnAside(rep.ID, aside.InCase{By: r.Actor, At: r.EventTime})
			x.showReport(rep.ID)
		}
	case casefile.ClockMissed:
		if e.Raised != "" {
			x.pages.raises = append(x.pages.raises, Raise{id, e.Raised, e.At})
		}
	}
	return nil
}

func (x *Index) foldReport(r ledger.Record) error {
	id := tocsin.ReportID(strings.TrimPrefix(r.Stream, ReportPrefix))
	switch r.Kind {
	case ReportReceived:
		var e Received
		if err := read(r, &e); err != nil {
			return err
		}
		x.Reports[id] = &Report{Report: e.Report, RepeatOf: e.RepeatOf, By: r.Actor, nth: len(x.Order)}
		if e.RepeatOf != "" {
			x.repeats[e.RepeatOf] = append(slices.Clone(x.repeats[e.RepeatOf]), id)
		}
		x.Order = append(x.Order, id)
		x.loose = append(x.loose, id)
		x.handed[r.Actor] = append(x.handed[r.Actor], id)
		x.showReport(id)
	case ReportReposted:
		if rep := x.Reports[id]; rep != nil {
			rep.Reposts++
		}
	default:
		return fmt.Errorf("unknown kind %q", r.Kind)
	}
	return nil
}

// Event decodes the event of a case's record.
func Event(r ledger.Record) (casefile.Event, error) {
	b, err := json.Marshal(r.Fields)
	if err != nil {
		return nil, err
	}
	return casefile.DecodeEvent(r.Kind, b)
}

func read(r ledger.Record, into any) error {
	b, err := json.Marshal(r.Fields)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

// Summary is one line of the watch floor's queue.
type Summary struct {
	ID       tocsin.CaseID   `json:"id"`
	Title    string          `json:"title"`
	Owner    tocsin.ActorID  `json:"owner"`
	Opened   time.Time       `json:"opened"`
	Closed   bool            `json:"closed"`
	Version  int             `json:"version"`
	Victims  []VictimLine    `json:"victims"`
	Next     *casefile.Step  `json:"next,omitempty"`  // most urgent thing a person owes
	Clock    *casefile.Clock `json:"clock,omitempty"` // running clock that is due first
	Overdue  int             `json:"overdue"`         // clocks that have been missed
	Attack   time.Time       `json:"attack,omitzero"`
	Warnings int             `json:"warnings"` // released
	Pack     tocsin.PackRef  `json:"pack"`
}

// VictimLine is one intended victim in a Summary.
type VictimLine struct {
	ID          tocsin.VictimID      `json:"id"`
	Name        string               `json:"name"`
	Disposition casefile.Disposition `json:"disposition"`
	How         string               `json:"how,omitempty"`
}

// Summarise makes a case's line as it stands at now.
func Summarise(s casefile.State, now time.Time) Summary {
	sum := Summary{ID: s.ID, Title: s.Title, Owner: s.Owner, Opened: s.Opened, Closed: s.Closed, Version: s.Version, Attack: s.Attack(), Pack: s.Terms.Pack}
	for _, v := range s.Victims {
		sum.Victims = append(sum.Victims, VictimLine{v.ID, v.Name, v.Disposition, v.How})
	}
	if st, ok := casefile.MostUrgent(s); ok {
		sum.Next = &st
	}
	for _, c := range casefile.Clocks(s) {
		if c.Overdue(now) {
			sum.Overdue++
		}
		if sum.Clock == nil || c.Due.Before(sum.Clock.Due) {
			sum.Clock = &c
		}
	}
	for _, w := range s.Warnings {
		if w.Clearance != nil {
			sum.Warnings++
		}
	}
	return sum
}
