package view

import (
	"slices"

	"tocsin"
	"tocsin/casefile"
)

// The second signer of a refusal must not have seen the first grade (design
// section 4, invariant 4). Whoever could be one is therefore not shown findings
// and determinations until they ask for them, and that they asked is recorded
// first.

// Blind reports whether by is not to be shown the grades of s: the pack lets them
// sign refusals, and nothing is recorded of their having seen any.
func Blind(s casefile.State, by tocsin.Actor) bool {
	return s.May(by, tocsin.MaySignRefusal) && !slices.Contains(s.SeenGrade, by.ID)
}

// WithoutGrades is s without findings, determinations under any of its packs, and
// the reasons and grades of refusals. It shares nothing that it changes with s.
func WithoutGrades(s casefile.State) casefile.State {
	s.Victims = slices.Clone(s.Victims)
	for i := range s.Victims {
		v := &s.Victims[i]
		v.Findings, v.Standing, v.Further = nil, casefile.Standing{}, nil
		if v.Refusal != nil {
			r := *v.Refusal
			r.Reason, r.Grade = "", nil
			v.Refusal = &r
		}
		if v.Disposition == casefile.ObligationNotOwed || v.Disposition == casefile.ObligationOvertaken {
			v.How = "" // the reason of the refusal
		}
	}
	return s
}

// Graded reports whether an event says what somebody found or what the policy
// made of it, so that its line must be kept from whoever is blind.
func Graded(kind string) bool {
	switch kind {
	case casefile.FindingsRecorded{}.Kind(), casefile.Determined{}.Kind(), casefile.RefusalProposed{}.Kind(),
		casefile.RefusalSigned{}.Kind(), casefile.RefusalOverturned{}.Kind():
		return true
	}
	return false
}
