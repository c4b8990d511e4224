package view

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/search"
)

// Seeker is who searches.
type Seeker struct {
	By    tocsin.Actor
	Whole bool // sees cases; others find what is theirs
}

// Found is what a seeker's query has found. It is good for as long as the lock is
// held under which it was made.
type Found struct {
	x      *Index
	q      search.Query
	set    search.Set // of the index
	places []place    // of what was read for the seeker
	items  map[Ref]item
	whole  bool // Seeker.Whole
}

// Find searches everything that a seeker may see: with it the sealed cases that they
// know of; a reporter what they handed in; a deliverer what waits to be delivered; a
// recipient's system what has gone to it.
func (x *Index) Find(q search.Query, who Seeker) *Found {
	f := &Found{x: x, q: q, items: map[Ref]item{}, whole: who.Whole}
	if who.Whole {
		f.set = x.searched.index.Find(q)
	}
	x.readFor(who, func(i item) {
		if _, twice := f.items[i.ref]; !twice && q.In(search.Fold(i.texts()...)) {
			f.items[i.ref] = i
			f.places = append(f.places, placeOf(i))
		}
	})
	return f
}

// readFor gives f what a seeker may see beside the index.
func (x *Index) readFor(who Seeker, f func(item)) {
	if who.Whole {
		for id := range x.sealed {
			if s := x.Cases[id]; s.Visible(who.By) {
				eachItem(s, f)
				for _, r := range s.Reports {
					x.readHidden(r.ID, f)
				}
			}
		}
		return
	}
	if who.By.Has(tocsin.Reporter) {
		for _, id := range x.handed[who.By.ID] {
			f(reportItem(x.Reports[id]))
		}
	}
	deliverer, system := who.By.Has(tocsin.Deliverer), who.By.Has(tocsin.RecipientRole)
	if !deliverer && !system {
		return
	}
	for _, id := range x.CaseOrder {
		s := x.Cases[id]
		if len(s.Deliveries) == 0 || !system && !s.Visible(who.By) {
			continue
		}
		waits := Waiting(s)
		for _, d := range s.Deliveries {
			if _, waited := waits[d.Key]; deliverer && waited && !system || system && d.Recipient == who.By.Recipient && !d.FirstTry.IsZero() {
				f(outgoing(s, d))
			}
		}
	}
}

// readHidden gives f a report that is not among what is searched, and its copies.
func (x *Index) readHidden(id tocsin.ReportID, f func(item)) {
	rep := x.Reports[id]
	if rep == nil {
		return
	}
	if _, open := x.searched.slots[Ref{Kind: ReportHit, ID: string(id)}]; !open {
		f(reportItem(rep))
	}
	for _, o := range x.asides.copies[id] {
		x.readHidden(o, f)
	}
}

// Waiting lists the deliveries of a case that wait for somebody, with what is owed.
func Waiting(s casefile.State) map[tocsin.DeliveryKey]casefile.Step {
	out := map[tocsin.DeliveryKey]casefile.Step{}
	for _, st := range casefile.Outstanding(s) {
		switch st.Kind {
		case casefile.RecordService{}.Kind(), casefile.Acknowledge{}.Kind(), casefile.ConfirmDelivery{}.Kind():
			out[tocsin.DeliveryKey(st.Target)] = st
		}
	}
	return out
}

// all lists the places of everything that was found, mostly the newest first.
func (f *Found) all(yield func(place) bool) {
	for _, p := range f.places {
		if !yield(p) {
			return
		}
	}
	for slot := range f.set.Backward {
		if !yield(f.x.searched.places[slot]) {
			return
		}
	}
}

// Counts is how much of each kind was found.
func (f *Found) Counts() map[HitKind]int {
	out := map[HitKind]int{}
	for p := range f.all {
		out[p.ref.Kind]++
	}
	return out
}

// Hit is one thing that was found.
type Hit struct {
	Kind     HitKind            `json:"kind"`
	Case     tocsin.CaseID      `json:"case,omitempty"`
	Report   tocsin.ReportID    `json:"report,omitempty"`
	Warning  tocsin.WarningID   `json:"warning,omitempty"`
	Delivery tocsin.DeliveryKey `json:"delivery,omitempty"`

	Recipient tocsin.RecipientID `json:"recipient,omitempty"`
	Title     string             `json:"title"`
	At        time.Time          `json:"at,omitzero"` // when the report was entered, the case opened, the warning released, the delivery first tried
	Marking   string             `json:"marking,omitempty"`
	SetAside  bool               `json:"set_aside,omitempty"` // of a report: two people have set it aside
	Passages  []Passage          `json:"passages"`
}

// Passage is a stretch of a field in which something was found.
type Passage struct {
	Field  string         `json:"field"`
	Pieces []search.Piece `json:"pieces"` // joined, the stretch
}

// Page lists at most limit of what was found, of one kind or of all if that is
// empty, the newest first, from behind the hit that after names. next names the last
// of the page if there are more.
func (f *Found) Page(kind HitKind, after string, limit int) (hits []Hit, next string, err error) {
	var behind *place
	if after != "" {
		p, ok := readCursor(after)
		if !ok {
			return nil, "", tocsin.Fault(tocsin.Invalid, "cursor", "The cursor is not one of a search.", "Begin again without a cursor.")
		}
		behind = &p
	}
	var best []place
	for p := range f.all {
		if kind != "" && p.ref.Kind != kind || behind != nil && p.compare(*behind) <= 0 {
			continue
		}
		if len(best) > limit && p.compare(best[limit]) >= 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, p, place.compare)
		if best = slices.Insert(best, at, p); len(best) > limit+1 {
			best = best[:limit+1]
		}
	}
	for _, p := range best[:min(limit, len(best))] {
		hits = append(hits, f.hit(p.ref))
	}
	if len(best) > limit {
		next = best[limit-1].cursor()
	}
	return hits, next, nil
}

// cursor names a place by what whoever was shown it knows already.
func (p place) cursor() string {
	return fmt.Sprintf("%x~%s~%s~%s", p.at, p.ref.Kind, p.ref.Case, p.ref.ID)
}

func readCursor(s string) (place, bool) {
	parts := strings.Split(s, "~")
	if len(parts) != 4 {
		return place{}, false
	}
	at, err := strconv.ParseInt(parts[0], 16, 64)
	ref := Ref{HitKind(parts[1]), tocsin.CaseID(parts[2]), parts[3]}
	return place{at, ref}, err == nil && rank(ref.Kind) >= 0
}

// Lengths of what is shown of a hit.
const (
	passageBytes  = 220
	titleRunes    = 110
	shownPassages = 3
)

func (f *Found) hit(ref Ref) Hit {
	i, ok := f.items[ref]
	h := Hit{Kind: ref.Kind, Case: ref.Case, Passages: []Passage{}}
	s := f.x.Cases[ref.Case]
	switch ref.Kind {
	case CaseHit:
		h.Title, h.At = s.Title, s.Opened
		if !ok {
			i = caseItem(s)
		}
	case WarningHit:
		w, _ := s.Warning(tocsin.WarningID(ref.ID))
		h.Warning, h.Title, h.At, h.Marking = w.ID, s.Title, w.Released, w.Draft.Marking
		if len(w.Draft.Texts) > 0 {
			h.Title = w.Draft.Texts[0].Subject
		}
		if !ok {
			i = warningItem(s, w)
		}
	case ReportHit:
		r := f.x.Reports[tocsin.ReportID(ref.ID)]
		h.SetAside = f.whole && f.x.asides.standing[r.ID] // a reporter is not told what others made of it
		h.Report, h.Title, h.At, h.Marking = r.ID, cmp.Or(r.Subject, firstRunes(r.Text, titleRunes)), r.Entered, r.Marking
		if !ok {
			i = reportItem(r)
		}
	case DeliveryHit:
		d, _ := s.Delivery(tocsin.DeliveryKey(ref.ID))
		w, _ := s.Warning(d.Warning)
		r, _ := w.Draft.Recipient(d.Recipient)
		h.Delivery, h.Title, h.At, h.Marking = d.Key, strings.Join(slices.Compact([]string{d.Addressee, r.Name}), ", "), d.FirstTry, w.Draft.Marking
		if !ok {
			i = deliveryItem(s, d)
		}
	case RecipientHit:
		r, _ := f.x.Book.Find(tocsin.RecipientID(ref.ID))
		h.Recipient, h.Title = r.ID, r.Name
		i = recipientItem(r)
	}
	h.passages(f.q, i.fields)
	return h
}

func (h *Hit) passages(q search.Query, fields []Field) {
	for _, f := range fields {
		if p := q.Passage(f.Text, passageBytes); p != nil && len(h.Passages) < shownPassages {
			h.Passages = append(h.Passages, Passage{f.Name, p})
		}
	}
}

func firstRunes(text string, n int) string {
	r := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(text[:min(len(text), 8*n)], "")), " "))
	if len(r) > n {
		return string(r[:n]) + "…"
	}
	return string(r)
}

// Searched lists the words of what is sealed from nobody, in order.
func (x *Index) Searched() iter.Seq[string] { return x.searched.index.Words() }
