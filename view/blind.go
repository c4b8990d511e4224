package view

import (
	"encoding/json"
	"slices"

	"tocsin"
	"tocsin/casefile"
)

// The second signer of a refusal must not have seen the first grade (design
// section 4, invariant 4). Whoever could be one is therefore not shown findings
// and determinations until they ask for them, and that they asked is recorded
// first. The numbers can be kept from them; what colleagues say in words, in a
// dispute or a review, cannot.

// Blind reports whether by is not to be shown the grades of s: the pack lets them
// sign refusals, and nothing is recorded of their having seen any.
func Blind(s casefile.State, by tocsin.Actor) bool {
	return s.May(by, tocsin.MaySignRefusal) && !slices.Contains(s.SeenGrade, by.ID)
}

// WithoutGrades is s without findings, determinations, and the reasons and
// grades of refusals. It shares nothing that it changes with s.
func WithoutGrades(s casefile.State) casefile.State {
	s.Victims = slices.Clone(s.Victims)
	for i := range s.Victims {
		v := &s.Victims[i]
		v.Findings, v.Standing, v.Further = nil, casefile.Standing{}, make([]casefile.Standing, len(v.Further))
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

// StepsWithoutGrades is steps without what tells a grade: that a refusal could be
// proposed says that the policy owes nothing. That something waits to be affirmed
// or signed tells none.
func StepsWithoutGrades(steps []casefile.Step) []casefile.Step {
	out := slices.Clone(steps)
	for i := range out {
		if st := &out[i]; st.Kind == (casefile.ProposeRefusal{}).Kind() {
			st.Kind, st.Power, st.Why = casefile.RecordFindings{}.Kind(), tocsin.MayAssess, "not yet decided; the findings are with those who made them"
		}
	}
	return out
}

// graded are the events that say what somebody found or what the policy made of
// it, with the fields of each that do not.
var graded = map[string][]string{
	casefile.FindingsRecorded{}.Kind():  {"at", "by", "victim"},
	casefile.Determined{}.Kind():        {"at", "by"},
	casefile.RefusalProposed{}.Kind():   {"at", "by", "victim", "ground"},
	casefile.RefusalSigned{}.Kind():     {"at", "by", "victim"},
	casefile.RefusalOverturned{}.Kind(): {"at", "by", "victim"},
}

// Graded reports whether an event says what somebody found or what the policy
// made of it, so that its line must be kept from whoever is blind.
func Graded(kind string) bool { return graded[kind] != nil }

// Ungraded takes the grades out of an event's fields and says whether there were
// any.
func Ungraded(kind string, fields map[string]json.RawMessage) (map[string]json.RawMessage, bool) {
	keep, ok := graded[kind]
	if !ok {
		return fields, false
	}
	left := map[string]json.RawMessage{}
	for _, name := range keep {
		if v, ok := fields[name]; ok {
			left[name] = v
		}
	}
	return left, true
}
