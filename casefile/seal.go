package casefile

import (
	"slices"
	"time"

	"tocsin"
)

// A case can be sealed to named people. To everybody else it is then as if there
// were none (invariant 12). A seal hides a case and never stops it: its clocks run
// on, and a clock that is missed opens the case to those to whom it is raised, so
// that no duty is silenced by there being nobody left who can see it (docs/adr,
// sealed cases).

// Seal is to whom a case is known.
type Seal struct {
	By     tocsin.ActorID   `json:"by"`
	At     time.Time        `json:"at"`
	People []tocsin.ActorID `json:"people"`
	Reason string           `json:"reason"`
}

// Visible reports whether a may know that there is this case: it is not sealed, a
// is one of the people named, its owner or whoever is asked to take it, an
// inspector, the program itself, or somebody to whose level a missed clock has been
// raised.
func (s State) Visible(a tocsin.Actor) bool {
	switch {
	case s.Sealed == nil, a.Has(tocsin.Machine, tocsin.Inspector):
		return true
	case a.ID == s.Owner, s.Transfer != nil && a.ID == s.Transfer.To, slices.Contains(s.Sealed.People, a.ID):
		return true
	}
	return a.Has(s.RaisedTo()...)
}

func (c SealCase) decide(t *turn) error {
	if err := needReason(c.Reason, "Sealing a case"); err != nil {
		return err
	}
	people := slices.Clone(c.People)
	slices.Sort(people)
	people = slices.Compact(people)
	for _, p := range people {
		if !tocsin.ValidID(string(p)) {
			return tocsin.Faultf(tocsin.Invalid, "seal_person", "Name people by their ids.", "%q is nobody's id.", p).At("people")
		}
	}
	if len(people) == 0 {
		return tocsin.Fault(tocsin.Invalid, "seal_nobody", "The case would be sealed to nobody.", "Name everybody who works on it: whoever assesses, affirms, approves, releases and delivers.").At("people")
	}
	t.emit(CaseSealed{t.head(), people, c.Reason})
	return nil
}

func (c UnsealCase) decide(t *turn) error {
	if err := needReason(c.Reason, "Opening a sealed case"); err != nil {
		return err
	}
	t.emit(CaseUnsealed{t.head(), c.Reason})
	return nil
}

func (e CaseSealed) apply(s *State) {
	s.Sealed = &Seal{By: e.By, At: e.At, People: e.People, Reason: e.Reason}
}

func (e CaseUnsealed) apply(s *State) { s.Sealed = nil }

func isSealed(s State, _ tocsin.Actor, _ string) error {
	if s.Sealed == nil {
		return refusedf("not_sealed", "Nothing needs to be done.", "The case is not sealed.")
	}
	return nil
}
