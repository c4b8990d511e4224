package view

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/aside"
	"tocsin/ledger"
)

// asides is what the index knows of reports that somebody wanted to set aside.
type asides struct {
	all      map[tocsin.ReportID]aside.State
	standing map[tocsin.ReportID]bool // set aside, until somebody or a day brings them back
	retests  []tocsin.ReportID        // of standing, those that come back on a day
	returned []tocsin.ReportID        // brought back by somebody, in that order
	copies   map[tocsin.ReportID][]tocsin.ReportID
	origins  map[string][]tocsin.ReportID // standing, by where they come from
}

func newAsides() asides {
	return asides{all: map[tocsin.ReportID]aside.State{}, standing: map[tocsin.ReportID]bool{}, copies: map[tocsin.ReportID][]tocsin.ReportID{}, origins: map[string][]tocsin.ReportID{}}
}

func (x *Index) foldAside(r ledger.Record, id tocsin.ReportID) error {
	b, err := json.Marshal(r.Fields)
	if err != nil {
		return err
	}
	e, by, err := aside.Decode(r.Kind, b)
	switch {
	case err != nil:
		return err
	case by != "" && by != r.Actor:
		return fmt.Errorf("the record is %s's, and says that %s did it", r.Actor, by)
	case x.Reports[id] == nil:
		return fmt.Errorf("there is no report %s", id)
	}
	x.turnAside(id, e)
	return nil
}

// turnAside folds an event into what is known of a report's setting aside, and
// moves the report to where it now belongs.
func (x *Index) turnAside(id tocsin.ReportID, e aside.Event) {
	rep, before := x.Reports[id], x.asides.all[id]
	if rep == nil || (aside.Kind(e) == "" && len(before.Rounds) == 0) {
		return
	}
	r, _ := before.Current()
	after := aside.Apply(before, e, aside.Around{Flags: len(x.Flags[id]), InCase: len(rep.Cases) > 0, Loops: x.loops(id, r.Of)})
	x.asides.all[id] = after
	now, _ := after.Current()
	switch stood, stands := x.asides.standing[id], now.Stood(); {
	case stands && !stood:
		x.layAside(rep, now)
	case stood && !stands:
		x.bringBack(rep, r)
	}
}

// layAside takes a report out of those that wait.
func (x *Index) layAside(rep *Report, r aside.Round) {
	a, id := &x.asides, rep.ID
	a.standing[id] = true
	x.loose = without(x.loose, id)
	if !r.Retest.IsZero() {
		a.retests = append(slices.Clone(a.retests), id)
	}
	if r.Of != "" {
		a.copies[r.Of] = append(slices.Clone(a.copies[r.Of]), id)
	}
	if o := originKey(rep.Origin); o != "" {
		a.origins[o] = append(slices.Clone(a.origins[o]), id)
	}
	x.showReport(id)
}

// bringBack undoes layAside.
func (x *Index) bringBack(rep *Report, r aside.Round) {
	a, id := &x.asides, rep.ID
	delete(a.standing, id)
	a.retests = without(a.retests, id)
	if r.Of != "" {
		a.copies[r.Of] = without(a.copies[r.Of], id)
	}
	if o := originKey(rep.Origin); o != "" {
		a.origins[o] = without(a.origins[o], id)
	}
	if len(rep.Cases) == 0 {
		at, _ := slices.BinarySearchFunc(x.loose, rep.nth, func(l tocsin.ReportID, nth int) int { return x.Reports[l].nth - nth })
		x.loose = slices.Insert(slices.Clone(x.loose), at, id)
		a.returned = append(a.returned, id)
	}
	x.showReport(id)
}

// without leaves who holds the list with what they hold.
func without(list []tocsin.ReportID, id tocsin.ReportID) []tocsin.ReportID {
	return slices.DeleteFunc(slices.Clone(list), func(o tocsin.ReportID) bool { return o == id })
}

func originKey(origin string) string { return strings.ToLower(strings.TrimSpace(origin)) }

// loops reports whether to set id aside as a copy of of would come round to itself.
func (x *Index) loops(id, of tocsin.ReportID) bool {
	for at := of; at != ""; at = x.asides.all[at].CopyOf() {
		if at == id {
			return true
		}
	}
	return false
}

// Loops reports whether a report is itself set aside as a copy of id, over however
// many others.
func (x *Index) Loops(id, of tocsin.ReportID) bool { return x.loops(id, of) }

// Aside is what has been said about setting a report aside.
func (x *Index) Aside(id tocsin.ReportID) aside.State { return x.asides.all[id] }

// original is the report in whose place a report stands: the one that it is set
// aside as a copy of, over however many others; itself if it is no copy.
func (x *Index) original(id tocsin.ReportID) tocsin.ReportID {
	for {
		of := x.asides.all[id].CopyOf()
		if of == "" || x.Reports[of] == nil {
			return id
		}
		id = of
	}
}

// StandsIn lists the cases that a report stands in: its own, or, of one that is set
// aside as a copy, those of the report that it repeats. Who may not know of that
// report may not know of its copy either, which has the same words.
func (x *Index) StandsIn(id tocsin.ReportID) []tocsin.CaseID {
	if r := x.Reports[x.original(id)]; r != nil {
		return r.Cases
	}
	return nil
}

// Unassessed lists the reports that wait to be taken up, the oldest first: those in
// no case that nobody has set aside, or whose day has come. Looking at one does not
// take it off the list: only a case does, or two people (T-10). No seal hides one of
// them. They are the index's own; whoever keeps one copies it.
func (x *Index) Unassessed(now time.Time) []*Report {
	out := make([]*Report, len(x.loose))
	for i, id := range x.loose {
		out[i] = x.Reports[id]
	}
	due := x.RetestsDue(now)
	for _, id := range due {
		out = append(out, x.Reports[id])
	}
	if len(due) > 0 {
		slices.SortFunc(out, func(a, b *Report) int { return a.nth - b.nth })
	}
	return out
}

// RetestsDue lists the reports that were set aside until a day that has come.
func (x *Index) RetestsDue(now time.Time) []tocsin.ReportID {
	var due []tocsin.ReportID
	for _, id := range x.asides.retests {
		if x.asides.all[id].Stage(now) == aside.Retested {
			due = append(due, id)
		}
	}
	return due
}

// Returned lists the reports that somebody brought back after they had been set
// aside, from the nth on, in that order.
func (x *Index) Returned(n int) []tocsin.ReportID {
	all := x.asides.returned
	return slices.Clone(all[min(n, len(all)):])
}

// WaitsSince is since when a report waits to be taken up, at a moment: since it came
// in, or since it last came back.
func (x *Index) WaitsSince(id tocsin.ReportID, at time.Time) time.Time {
	if back, _, _ := x.asides.all[id].CameBack(at); !back.IsZero() {
		return back
	}
	if r := x.Reports[id]; r != nil {
		return r.Entered
	}
	return time.Time{}
}

// Twin is a report with the same content as id that is in a case; "" if there is
// none.
func (x *Index) Twin(id tocsin.ReportID) tocsin.ReportID {
	r := x.Reports[id]
	if r == nil {
		return ""
	}
	first := id
	if r.RepeatOf != "" {
		first = r.RepeatOf
	}
	for _, o := range append([]tocsin.ReportID{first}, x.repeats[first]...) {
		if other := x.Reports[o]; o != id && other != nil && len(other.Cases) > 0 {
			return o
		}
	}
	return ""
}

// Kin is a report that was set aside and has something in common with another.
type Kin struct {
	Report  tocsin.ReportID
	Content bool // the same words; else the same origin
}

// Akin lists the reports that are set aside and have the words or the origin of
// another, the newest first: two may say together what neither said alone (domain
// notes F4 and F9).
func (x *Index) Akin(id tocsin.ReportID, now time.Time) []Kin {
	r := x.Reports[id]
	if r == nil {
		return nil
	}
	first := id
	if r.RepeatOf != "" {
		first = r.RepeatOf
	}
	var out []Kin
	add := func(o tocsin.ReportID, content bool) {
		if x.Reports[o] != nil && o != id && x.asides.all[o].Stands(now) && !slices.ContainsFunc(out, func(k Kin) bool { return k.Report == o }) {
			out = append(out, Kin{o, content})
		}
	}
	for _, o := range append([]tocsin.ReportID{first}, x.repeats[first]...) {
		add(o, true)
	}
	for _, o := range x.asides.origins[originKey(r.Origin)] {
		add(o, false)
	}
	slices.SortFunc(out, func(a, b Kin) int { return x.Reports[b.Report].nth - x.Reports[a.Report].nth })
	return out
}

// Copies lists the reports that are set aside as copies of another.
func (x *Index) Copies(id tocsin.ReportID) []tocsin.ReportID {
	return slices.DeleteFunc(slices.Clone(x.asides.copies[id]), func(o tocsin.ReportID) bool { return x.Reports[o] == nil })
}

// seenBy is what is left of a for somebody from whom reports are gone: nothing of
// those, and no word that another repeats one of them.
func (a asides) seenBy(gone map[tocsin.ReportID]bool) asides {
	if len(gone) == 0 {
		return a
	}
	a.all = maps.Clone(a.all)
	for id, s := range a.all {
		switch s := s.Without(func(of tocsin.ReportID) bool { return gone[of] }); {
		case gone[id], len(s.Rounds) == 0:
			delete(a.all, id)
		default:
			a.all[id] = s
		}
	}
	return a
}

// touches lists the reports of whose setting aside a round names one that is gone.
func (a asides) touches(gone map[tocsin.ReportID]bool) []tocsin.ReportID {
	var out []tocsin.ReportID
	for id, s := range a.all {
		if gone[id] || slices.ContainsFunc(s.Rounds, func(r aside.Round) bool { return gone[r.Of] }) {
			out = append(out, id)
		}
	}
	return out
}

// AsideAs is what by may know of setting a report aside. The same as of the index
// as by may see it, without the work of making that.
func (x *Index) AsideAs(by tocsin.Actor) func(tocsin.ReportID) aside.State {
	gone := x.goneFrom(x.SealedFrom(by))
	return func(id tocsin.ReportID) aside.State {
		if gone[id] {
			return aside.State{}
		}
		return x.asides.all[id].Without(func(of tocsin.ReportID) bool { return gone[of] })
	}
}
