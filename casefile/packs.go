package casefile

import (
	"slices"
	"strings"
	"time"

	"tocsin"
)

// A case may stand under several packs at once: a victim in one country and a
// platform in another. Each gives its own determination for each victim. There is
// still one obligation per victim: it is owed as soon as one pack says so, ends in
// silence only where every pack allows that, and runs on the strictest clock. A
// pack that has joined stays (docs/adr, several packs).

// Standing is where one victim stands under one pack.
type Standing struct {
	Determination *tocsin.Determination `json:"determination,omitempty"`
	DeterminedAt  time.Time             `json:"determined_at,omitzero"`
	Stale         bool                  `json:"stale,omitempty"` // findings, harm or terms have changed since the determination
	Affirmed      tocsin.ActorID        `json:"affirmed,omitempty"`
}

// notOwed reports whether the pack's newest answer is that nothing is owed.
func (st Standing) notOwed() bool {
	return st.Determination != nil && !st.Stale && st.Determination.Result == tocsin.ResultNotOwed
}

// Under is one pack of a case with a victim's standing under it.
type Under struct {
	Terms    tocsin.Terms
	Standing Standing
	first    bool
}

// Element is the name under which a case keeps findings on an element of the pack:
// the element's own for the pack that the case was opened under, with the pack's
// name before it for the others. Packs ask different questions under one name.
func (u Under) Element(id string) string { return elementName(u.Terms.Pack.Name, id, u.first) }

func elementName(pack, id string, first bool) string {
	if first {
		return id
	}
	return pack + "/" + id
}

// Found returns those of the findings that are on the pack's own elements, under
// the pack's own names: what its policy is asked about.
func (u Under) Found(findings []tocsin.Finding) []tocsin.Finding {
	var own []tocsin.Finding
	for _, f := range findings {
		for _, e := range u.Terms.Elements {
			if f.Element == u.Element(e) {
				f.Element = e
				own = append(own, f)
			}
		}
	}
	return own
}

// Packs lists the terms that the case stands under, the one it was opened under
// first.
func (s State) Packs() []tocsin.Terms { return append([]tocsin.Terms{s.Terms}, s.Further...) }

// Pack returns the terms of one of the case's packs by the pack's name.
func (s State) Pack(name string) (tocsin.Terms, bool) {
	if name == s.Terms.Pack.Name {
		return s.Terms, true
	}
	i := slices.IndexFunc(s.Further, func(t tocsin.Terms) bool { return t.Pack.Name == name })
	if i < 0 {
		return tocsin.Terms{}, false
	}
	return s.Further[i], true
}

// runs reports whether the case stands under exactly this edition of a pack.
func (s State) runs(p tocsin.PackRef) bool {
	t, ok := s.Pack(p.Name)
	return ok && t.Pack == p
}

// Under lists v's standing under each pack of the case, in the order of Packs.
func (s State) Under(v Victim) []Under {
	all := make([]Under, 0, 1+len(s.Further))
	all = append(all, Under{s.Terms, v.Standing, true})
	for i, t := range s.Further {
		u := Under{Terms: t}
		if i < len(v.Further) {
			u.Standing = v.Further[i]
		}
		all = append(all, u)
	}
	return all
}

// Elements lists the names of all elements of all packs of the case.
func (s State) Elements() []string {
	all := slices.Clone(s.Terms.Elements)
	for _, t := range s.Further {
		for _, e := range t.Elements {
			all = append(all, elementName(t.Pack.Name, e, false))
		}
	}
	return all
}

// underEvery are the powers that a person must hold under every pack of a case:
// their use can end a duty without a warning.
var underEvery = []tocsin.Power{tocsin.MayAffirm, tocsin.MayProposeWaiver, tocsin.MayApproveWaiver, tocsin.MayProposeRefusal, tocsin.MaySignRefusal,
	tocsin.MayDecideParity, tocsin.MayClose}

// May reports whether the case's packs give a the power: every one of them where
// its use can end a duty in silence, any of them otherwise. What lets words out
// (approve, release) is held against the pack they are written under: see MayUnder.
func (s State) May(a tocsin.Actor, p tocsin.Power) bool {
	if !a.Human() {
		return false
	}
	every := slices.Contains(underEvery, p)
	for _, t := range s.Further {
		if has := a.Has(t.Powers[p]...); has != every {
			return has
		}
	}
	return a.Has(s.Terms.Powers[p]...)
}

// MayUnder reports whether the pack of the given name gives a the power.
func (s State) MayUnder(pack string, a tocsin.Actor, p tocsin.Power) bool {
	t, ok := s.Pack(pack)
	return ok && a.Human() && a.Has(t.Powers[p]...)
}

// due is when a clock that started at anchor runs out: by the strictest pack.
func (s State) due(name tocsin.ClockName, anchor time.Time) time.Time {
	first := s.Terms.Due(name, anchor, s.Attack())
	for _, t := range s.Further {
		if d := t.Due(name, anchor, s.Attack()); d.Before(first) {
			first = d
		}
	}
	return first
}

// among returns the best value of the case's packs: better says whether its first
// argument is to be preferred.
func among[T any](s State, value func(tocsin.Terms) T, better func(a, b T) bool) T {
	best := value(s.Terms)
	for _, t := range s.Further {
		if v := value(t); better(v, best) {
			best = v
		}
	}
	return best
}

func shorter(a, b time.Duration) bool { return a < b }
func longer(a, b time.Duration) bool  { return a > b }

// imposed is what makes an obligation a duty to tell somebody in particular: the
// kinds of warning of which one must reach its recipient. No kinds is any kind.
type imposed struct {
	rule  tocsin.MustTell
	kinds []tocsin.WarningKind
}

func (i imposed) by(w Warning) bool {
	return len(i.kinds) == 0 || slices.Contains(i.kinds, w.Draft.Kind)
}

// mustTell lists what the packs impose for v: somebody at least, and each entry
// that applies where the pack's answer leads. A pack that has not answered leads
// to the victim; one that says that nothing is owed imposes nothing.
func (s State) mustTell(v Victim) []imposed {
	var all []imposed
	for _, u := range s.Under(v) {
		if len(u.Terms.MustTell) == 0 || u.Standing.notOwed() {
			continue
		}
		route := tocsin.RouteVictim
		if d := u.Standing.Determination; d != nil && d.Route != "" {
			route = d.Route
		}
		for _, m := range u.Terms.MustTell {
			if len(m.Routes) == 0 || slices.Contains(m.Routes, route) {
				all = append(all, imposed{m, m.Kinds})
			}
		}
	}
	if len(all) == 0 {
		all = append(all, imposed{})
	}
	return all
}

// untold lists what is still imposed for v once the warnings count of which some
// delivery is as wanted.
func (s State) untold(v Victim, wanted func(Warning, Delivery) bool) []imposed {
	var open []imposed
	for _, must := range s.mustTell(v) {
		told := slices.ContainsFunc(s.Deliveries, func(d Delivery) bool {
			w, _ := s.Warning(d.Warning)
			return w.covers(v.ID) && w.Order >= v.Afresh && must.by(w) && wanted(w, d)
		})
		if !told {
			open = append(open, must)
		}
	}
	return open
}

// answeredFor is what untold counts where an acknowledgement is wanted.
func (s State) answeredFor(w Warning, d Delivery) bool {
	return s.reaches(w, d) && (d.State == AckedState || d.State == Acting)
}

// claimed reports whether a waiver on these claims speaks for v under every pack:
// each has a ground of its own, or its newest answer is that nothing is owed.
func (s State) claimed(v Victim, w *Waiver) bool {
	for _, u := range s.Under(v)[1:] {
		if !u.Standing.notOwed() && !slices.ContainsFunc(w.Further, func(c Claim) bool { return c.Pack == u.Terms.Pack.Name }) {
			return false
		}
	}
	return true
}

func (c JoinPack) decide(t *turn) error {
	if err := needReason(c.Reason, "Taking up a further pack"); err != nil {
		return err
	}
	if _, ok := t.s.Pack(c.Terms.Pack.Name); ok {
		return tocsin.Faultf(tocsin.Refused, "pack_joined", "Nothing needs to be done. If a new edition of it is to be taken up, adopt it.", "The case already stands under %s.", c.Terms.Pack.Name).At("pack")
	}
	t.emit(TermsAdopted{t.head(), c.Terms, c.Reason})
	t.retest("the case also stands under " + c.Terms.Pack.Name)
	return nil
}

func (c AdoptTerms) decide(t *turn) error {
	if err := needReason(c.Reason, "Taking up a new edition of a pack"); err != nil {
		return err
	}
	switch old, ok := t.s.Pack(c.Terms.Pack.Name); {
	case !ok || c.Terms.Pack.Name != c.Pack:
		return tocsin.Fault(tocsin.Invalid, "other_pack", "The terms are of another pack.", "This is a fault of the program: report it.")
	case old.Pack == c.Terms.Pack:
		return tocsin.Faultf(tocsin.Refused, "terms_current", "Nothing needs to be done.", "The case already stands under this edition of %s.", c.Pack)
	}
	t.emit(TermsAdopted{t.head(), c.Terms, c.Reason})
	for _, w := range t.s.Warnings {
		if w.Clearance == nil && w.Returned == "" && w.Draft.Pack.Name == c.Pack {
			t.emit(WarningReturned{t.head(), w.ID, w.Draft.Version, "a new edition of " + c.Pack + " was taken up: draft it again under that"})
		}
	}
	t.retest("a new edition of " + c.Pack + " was taken up")
	return nil
}

// spokenTo reports whether a warning that counts for v has been released.
func (s State) spokenTo(v Victim) bool {
	return slices.ContainsFunc(s.Warnings, func(w Warning) bool { return w.covers(v.ID) && w.Order >= v.Afresh })
}

// graver reports whether one route calls for more than another: a general warning
// or an advisory does not tell somebody that they are about to be killed.
func graver(route, than string) bool {
	weight := map[string]int{tocsin.RouteNone: 0, tocsin.RouteOtherPack: 0, tocsin.RouteAdvisory: 1, tocsin.RouteGeneral: 1, tocsin.RouteVictim: 2}
	return weight[route] > weight[than]
}

// retest ends everything by which anybody was to be left unwarned: it was decided
// under other terms.
func (t *turn) retest(why string) {
	t.newInformation(why, "", nil)
	for _, v := range t.s.Victims {
		if v.Waiver != nil {
			t.emit(WaiverEnded{t.head(), v.ID, why})
		}
	}
}

func (e TermsAdopted) apply(s *State) {
	s.Victims = slices.Clone(s.Victims)
	name := e.Terms.Pack.Name
	if name == s.Terms.Pack.Name {
		s.Terms = e.Terms
		for i := range s.Victims {
			s.Victims[i].Stale = s.Victims[i].Stale || s.Victims[i].Determination != nil
		}
		return
	}
	at := slices.IndexFunc(s.Further, func(t tocsin.Terms) bool { return t.Pack.Name == name })
	s.Further = slices.Clone(s.Further)
	if at < 0 {
		s.Further = append(s.Further, e.Terms)
	} else {
		s.Further[at] = e.Terms
	}
	for i := range s.Victims {
		v := &s.Victims[i]
		v.Further = slices.Clone(v.Further)
		if at < 0 {
			v.Further = append(v.Further, Standing{})
		} else {
			v.Further[at].Stale = v.Further[at].Stale || v.Further[at].Determination != nil
		}
	}
}

// editStandings gives f each standing of v to change, with the name of its pack.
func (s *State) editStandings(v *Victim, f func(pack string, st *Standing)) {
	f(s.Terms.Pack.Name, &v.Standing)
	v.Further = slices.Clone(v.Further)
	for i := range v.Further {
		f(s.Further[i].Pack.Name, &v.Further[i])
	}
}

// stale notes that findings have changed for those packs that they are on.
func (s *State) stale(v *Victim, found []tocsin.Finding) {
	on := func(elements []string, pack string, first bool) bool {
		return slices.ContainsFunc(found, func(f tocsin.Finding) bool {
			return slices.ContainsFunc(elements, func(e string) bool { return f.Element == elementName(pack, e, first) })
		})
	}
	v.Stale = v.Stale || on(s.Terms.Elements, s.Terms.Pack.Name, true)
	v.Further = slices.Clone(v.Further)
	for i, t := range s.Further {
		v.Further[i].Stale = v.Further[i].Stale || on(t.Elements, t.Pack.Name, false)
	}
}

// affirmable reports whether a senior officer's word on it is awaited.
func (st Standing) affirmable() bool {
	return st.Determination != nil && !st.Stale && st.Affirmed == ""
}

func packNames(s State) []string {
	return ids(s.Packs(), func(t tocsin.Terms) string { return t.Pack.Name })
}

func (s State) packNames() string { return strings.Join(packNames(s), " and ") }

func kindNames(kinds []tocsin.WarningKind) string {
	return strings.Join(ids(kinds, func(k tocsin.WarningKind) string { return string(k) }), " or ")
}
