package view

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"tocsin"
	"tocsin/aside"
)

// AsideCount is how often something was done on a ground, or by a person: Proposed
// and Confirmed; TakenUp counts what had been set aside and was not left there.
type AsideCount struct {
	Name      string `json:"name"`
	Proposed  int    `json:"proposed"`
	Confirmed int    `json:"confirmed"`
	TakenUp   int    `json:"taken_up"`
}

// Who is the person that a count is of.
func (c AsideCount) Who() tocsin.ActorID { return tocsin.ActorID(c.Name) }

// AsideLine is one round of setting a report aside.
type AsideLine struct {
	Report  tocsin.ReportID `json:"report"`
	Opening string          `json:"opening"` // its subject, or its first words
	Entered time.Time       `json:"entered"`
	aside.Round
}

// AsideReview is what an inspector asks: what was ignored, on whose word, and whether
// that was right. Counts and lists are of the same rounds, so that a count tells
// nothing that the lists do not.
type AsideReview struct {
	Standing int          `json:"standing"`  // reports that are set aside now
	Grounds  []AsideCount `json:"grounds"`   // every ground, in the order of the list
	People   []AsideCount `json:"people"`    // whoever did most first; what was taken up counts for both who had set it aside
	Waiting  []AsideLine  `json:"waiting"`   // proposed and never confirmed, whenever; the oldest first
	Back     []AsideLine  `json:"back"`      // set aside until a day that has come, and not looked after since; the oldest first
	TakenUp  []AsideLine  `json:"taken_up"`  // brought back within the time by a word, a flag or a case; the newest first
	Aside    []AsideLine  `json:"set_aside"` // set aside within the time, and still; the newest first
}

// AsideReview reviews what happened from a moment until another. Of an index as
// somebody may see it, it is what they may know.
func (x *Index) AsideReview(from, until, now time.Time) AsideReview {
	r := AsideReview{Grounds: []AsideCount{}, People: []AsideCount{}, Waiting: []AsideLine{}, Back: []AsideLine{}, TakenUp: []AsideLine{}, Aside: []AsideLine{}}
	within := func(t time.Time) bool { return !t.Before(from) && t.Before(until) }
	grounds, people := map[string]*AsideCount{}, map[string]*AsideCount{}
	for _, rep := range x.everAside() {
		s := x.asides.all[rep.ID]
		for i, round := range s.Rounds {
			countRound(grounds, people, round, within)
			line := AsideLine{rep.ID, rep.opening(), rep.Entered, round}
			r.list(line, s.Stage(now), i == len(s.Rounds)-1, within)
		}
		if s.Stands(now) {
			r.Standing++
		}
	}
	for _, g := range aside.Grounds() {
		r.Grounds = append(r.Grounds, *counted(grounds, string(g)))
	}
	for _, name := range slices.Sorted(maps.Keys(people)) {
		r.People = append(r.People, *people[name])
	}
	slices.SortStableFunc(r.People, func(a, b AsideCount) int { return cmp.Compare(b.Proposed+b.Confirmed, a.Proposed+a.Confirmed) })
	slices.SortFunc(r.Waiting, func(a, b AsideLine) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Report, b.Report)) })
	slices.SortFunc(r.Back, func(a, b AsideLine) int { return cmp.Or(a.Retest.Compare(b.Retest), cmp.Compare(a.Report, b.Report)) })
	slices.SortFunc(r.TakenUp, func(a, b AsideLine) int {
		return cmp.Or(b.Ended.At.Compare(a.Ended.At), cmp.Compare(a.Report, b.Report))
	})
	slices.SortFunc(r.Aside, func(a, b AsideLine) int {
		return cmp.Or(b.Confirmed.At.Compare(a.Confirmed.At), cmp.Compare(a.Report, b.Report))
	})
	return r
}

// everAside lists the reports that somebody ever wanted to set aside, as received.
func (x *Index) everAside() []*Report {
	var out []*Report
	for id := range x.asides.all {
		if rep := x.Reports[id]; rep != nil {
			out = append(out, rep)
		}
	}
	slices.SortFunc(out, func(a, b *Report) int { return cmp.Compare(a.nth, b.nth) })
	return out
}

// list enters a round where it belongs. stage is where its report stands; last says
// that this round is why.
func (r *AsideReview) list(line AsideLine, stage aside.Stage, last bool, within func(time.Time) bool) {
	switch {
	case line.Ended != nil:
		if line.Ended.How != aside.ByProposal && within(line.Ended.At) {
			r.TakenUp = append(r.TakenUp, line)
		}
	case last && stage == aside.Waiting:
		r.Waiting = append(r.Waiting, line)
	case last && stage == aside.Retested:
		r.Back = append(r.Back, line)
	case last && stage == aside.Aside && within(line.Confirmed.At):
		r.Aside = append(r.Aside, line)
	}
}

func counted(all map[string]*AsideCount, name string) *AsideCount {
	if all[name] == nil {
		all[name] = &AsideCount{Name: name}
	}
	return all[name]
}

// countRound counts what happened in a round within a time.
func countRound(grounds, people map[string]*AsideCount, r aside.Round, within func(time.Time) bool) {
	if within(r.At) {
		counted(grounds, string(r.Ground)).Proposed++
		counted(people, string(r.By)).Proposed++
	}
	if c := r.Confirmed; c != nil {
		if within(c.At) {
			counted(grounds, string(r.Ground)).Confirmed++
			counted(people, string(c.By)).Confirmed++
		}
		if e := r.Ended; e != nil && e.How != aside.ByProposal && within(e.At) {
			counted(grounds, string(r.Ground)).TakenUp++
			counted(people, string(r.By)).TakenUp++
			counted(people, string(c.By)).TakenUp++
		}
	}
}

func (r *Report) opening() string { return cmp.Or(r.Subject, firstRunes(r.Text, titleRunes)) }
