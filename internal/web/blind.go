package web

import (
	"encoding/json"
	"slices"

	"tocsin"
	"tocsin/casefile"
)

// The second signer of a refusal must not have seen the first grade (design
// section 4, invariant 4). So whoever could be one is not shown findings and
// determinations until they ask for them, and that they asked is recorded first.
// The edge can keep the numbers from them; what colleagues say in words, in a
// dispute or a review, it cannot.

// blind reports whether by is not to be shown the grades of s: the pack lets them
// sign refusals, and nothing is recorded of their having seen any.
func blind(s casefile.State, by tocsin.Actor) bool {
	return s.May(by, tocsin.MaySignRefusal) && !slices.Contains(s.SeenGrade, by.ID)
}

// withoutGrades is s without findings, determinations, and the reasons and
// grades of refusals. It shares nothing that it changes with s.
func withoutGrades(s casefile.State) casefile.State {
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

// graded are the events that carry grades, with the fields of each that do not.
var graded = map[string][]string{
	casefile.FindingsRecorded{}.Kind():  {"at", "by", "victim"},
	casefile.Determined{}.Kind():        {"at", "by"},
	casefile.RefusalProposed{}.Kind():   {"at", "by", "victim", "ground"},
	casefile.RefusalSigned{}.Kind():     {"at", "by", "victim"},
	casefile.RefusalOverturned{}.Kind(): {"at", "by", "victim"},
}

// ungraded takes the grades out of an event's fields and says whether there
// were any.
func ungraded(kind string, fields map[string]json.RawMessage) (map[string]json.RawMessage, bool) {
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
