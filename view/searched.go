package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/search"
)

// HitKind says what something that was found is.
type HitKind string

// The kinds of things that are searched.
const (
	CaseHit      HitKind = "case"
	WarningHit   HitKind = "warning"
	ReportHit    HitKind = "report"
	DeliveryHit  HitKind = "delivery"
	RecipientHit HitKind = "recipient"
)

// HitKinds lists every kind, in the order in which they are shown.
func HitKinds() []HitKind {
	return []HitKind{CaseHit, WarningHit, ReportHit, DeliveryHit, RecipientHit}
}

// Ref names one thing that is searched.
type Ref struct {
	Kind HitKind
	Case tocsin.CaseID // of a case, a warning, a delivery
	ID   string        // of a warning, a report, a delivery, a recipient
}

// Field is one named text of a thing.
type Field struct{ Name, Text string }

// item is a thing with what is searched of it.
type item struct {
	ref    Ref
	at     time.Time // things of the same kind are shown newest first
	fields []Field
}

func (i item) texts() []string {
	out := make([]string, len(i.fields))
	for n, f := range i.fields {
		out[n] = f.Text
	}
	return out
}

// searched is what is searched of everything that is sealed from nobody. A sealed
// case is not in it, nor are the reports that stand in sealed cases alone: whoever
// may not know of them searches what would be there if they had never been, with the
// work that this takes. Those who know of a sealed case have it read for them.
type searched struct {
	index  search.Index
	slots  map[Ref]search.Slot
	places []place // by slot
}

// place is where a text stands in the order of what is found.
type place struct {
	at  int64 // in microseconds
	ref Ref
}

// compare orders the newest first, and what is equally new by name.
func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(o.at, p.at), cmp.Compare(p.ref.Case, o.ref.Case), cmp.Compare(rank(p.ref.Kind), rank(o.ref.Kind)), cmp.Compare(p.ref.ID, o.ref.ID))
}

func rank(k HitKind) int { return slices.Index(HitKinds(), k) }

func placeOf(i item) place {
	at := int64(0)
	if !i.at.IsZero() {
		at = i.at.UnixMicro()
	}
	return place{at, i.ref}
}

func (s *searched) put(i item) {
	if _, ok := s.slots[i.ref]; ok {
		return
	}
	if s.slots == nil {
		s.slots = map[Ref]search.Slot{}
	}
	s.slots[i.ref] = s.index.Add(i.texts()...)
	s.places = append(s.places, placeOf(i))
}

func (s *searched) drop(i item) {
	if slot, ok := s.slots[i.ref]; ok {
		s.index.Remove(slot, i.texts()...)
		delete(s.slots, i.ref)
		s.places[slot] = place{}
	}
}

// swap puts what a thing says now in place of what it said.
func (s *searched) swap(was, is item) {
	if was.ref == is.ref && slices.Equal(was.fields, is.fields) {
		return
	}
	s.drop(was)
	s.put(is)
}

// follow takes in what an event has changed of a case.
func (x *Index) follow(before, after casefile.State) {
	known, open := before.Version > 0 && before.Sealed == nil, after.Sealed == nil
	if after.Sealed != nil {
		x.sealed[after.ID] = true
	} else {
		delete(x.sealed, after.ID)
	}
	switch {
	case known && open:
		x.searched.swap(caseItem(before), caseItem(after))
		for i, w := range after.Warnings {
			if i >= len(before.Warnings) {
				x.searched.put(warningItem(after, w))
			} else if was := before.Warnings[i]; was.Digest != w.Digest {
				x.searched.swap(warningItem(before, was), warningItem(after, w))
			}
		}
		for i, d := range after.Deliveries {
			if i >= len(before.Deliveries) {
				x.searched.put(deliveryItem(after, d))
			} else if was := before.Deliveries[i]; was.Said != d.Said || was.AnswerBy != d.AnswerBy {
				x.searched.swap(deliveryItem(before, was), deliveryItem(after, d))
			}
		}
	case known:
		eachItem(before, x.searched.drop)
	case open:
		eachItem(after, x.searched.put)
	}
	if known != open {
		for _, r := range after.Reports {
			x.showReport(r.ID)
		}
	}
}

// showReport puts a report where it belongs, and the copies of it that are set
// aside: among what is searched, unless it stands in sealed cases alone.
func (x *Index) showReport(id tocsin.ReportID) {
	r := x.Reports[id]
	if r == nil {
		return
	}
	if x.onlyIn(x.original(id), x.sealed) {
		x.searched.drop(reportItem(r))
	} else {
		x.searched.put(reportItem(r))
	}
	for _, o := range x.asides.copies[id] {
		x.showReport(o)
	}
}

func eachItem(s casefile.State, f func(item)) {
	f(caseItem(s))
	for _, w := range s.Warnings {
		f(warningItem(s, w))
	}
	for _, d := range s.Deliveries {
		f(deliveryItem(s, d))
	}
}

func reportItem(r *Report) item {
	fields := []Field{{"subject", r.Subject}, {"text", r.Text}, {"id", string(r.ID)}, {"origin", r.Origin}, {"conveyor", r.Conveyor}, {"originator", r.Originator}, {"source_key", r.SourceKey}}
	for _, a := range r.Attachments {
		fields = append(fields, Field{"attachment", a.Name})
	}
	return item{Ref{Kind: ReportHit, ID: string(r.ID)}, r.Entered, said(fields)}
}

// said leaves out what is empty.
func said(fields []Field) []Field {
	return slices.DeleteFunc(fields, func(f Field) bool { return f.Text == "" })
}

// caseItem is what is searched of a case: nothing that tells a grade.
func caseItem(s casefile.State) item {
	t := s.Threat
	fields := []Field{{"title", s.Title}, {"id", string(s.ID)}, {"actor", t.Actor.Text}, {"actor", strings.Join(t.ActorGroups, ", ")}, {"target", t.Target.Text}, {"place", t.Place.Text}, {"means", t.Means.Text}}
	for _, v := range s.Victims {
		fields = append(fields, Field{"victim", v.Name}, Field{"place", v.Place}, Field{"place", v.Jurisdiction})
		for _, l := range v.Locators {
			fields = append(fields, Field{"locator", l})
		}
	}
	return item{Ref{CaseHit, s.ID, ""}, s.Opened, said(fields)}
}

func warningItem(s casefile.State, w casefile.Warning) item {
	fields := []Field{{"reference", w.Draft.Reference}}
	for _, t := range w.Draft.Texts {
		fields = append(fields, Field{"subject", t.Subject}, Field{"text", t.Body})
	}
	return item{Ref{WarningHit, s.ID, string(w.ID)}, s.Opened, said(fields)}
}

// deliveryItem is what is searched of a delivery. Its words are those of the
// warning, and found there.
func deliveryItem(s casefile.State, d casefile.Delivery) item {
	w, _ := s.Warning(d.Warning)
	r, _ := w.Draft.Recipient(d.Recipient)
	fields := []Field{{"recipient", r.Name}, {"addressee", d.Addressee}, {"reference", w.Draft.Reference}, {"key", string(d.Key)}, {"channel", d.Channel},
		{"answered_by", d.AnswerBy}, {"answer", d.Said}}
	if d.Rung >= 0 && d.Rung < len(r.Ladder) {
		fields = append(fields, Field{"address", r.Ladder[d.Rung].Address})
	}
	return item{Ref{DeliveryHit, s.ID, string(d.Key)}, s.Opened, said(fields)}
}

// outgoing is a delivery for those who see nothing of the case but what goes out.
func outgoing(s casefile.State, d casefile.Delivery) item {
	i := deliveryItem(s, d)
	w, _ := s.Warning(d.Warning)
	r, _ := w.Draft.Recipient(d.Recipient)
	t, _ := w.Draft.Text(r)
	i.fields = said(append(i.fields, Field{"subject", t.Subject}, Field{"text", t.Body}))
	return i
}

func recipientItem(r tocsin.Recipient) item {
	fields := []Field{{"recipient", r.Name}, {"id", string(r.ID)}, {"place", r.Jurisdiction}, {"groups", strings.Join(r.Groups, ", ")}}
	for _, g := range r.Ladder {
		fields = append(fields, Field{"addressee", g.Addressee}, Field{"address", g.Address})
		for _, p := range g.Via {
			fields = append(fields, Field{"via", p.Name})
		}
	}
	return item{ref: Ref{Kind: RecipientHit, ID: string(r.ID)}, fields: said(fields)}
}
