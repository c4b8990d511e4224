package casefile

import (
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin"
)

// A waiver is a decision not to warn one victim (ICD 191 E.3 in that pack). It
// needs a ground, an answer to each of the ground's questions, the alternatives
// where the ground asks for them, somebody else to approve it, and an expiry.
// It touches the obligation of its own victim and no other.

func (c ProposeWaiver) decide(t *turn) error {
	if err := t.checkClaims(c); err != nil {
		return err
	}
	if err := needReason(c.Reason, "A waiver"); err != nil {
		return err
	}
	expires := tocsin.Instant(c.Expires)
	w := Waiver{Ground: c.Ground, Evidence: maps.Clone(c.Evidence), Alternatives: c.Alternatives, Reason: c.Reason, Further: slices.Clone(c.Further)}
	latest := t.m.At.Add(validity(t.s.grounds(&w)))
	if expires.IsZero() {
		expires = latest
	}
	if !expires.After(t.m.At) || expires.After(latest) {
		return tocsin.Faultf(tocsin.Invalid, "waiver_expiry", "Give a moment in between, or none.", "A waiver on ground %s ends between now and %s.", c.Ground, latest.Format(time.RFC3339)).At("expires")
	}
	w.Proposer, w.Proposed, w.Expires = t.m.By.ID, t.m.At, expires
	t.emit(WaiverProposed{t.head(), c.Victim, w})
	return nil
}

// checkClaims asks for a ground under each pack of the case. Only a further pack
// whose newest answer is that nothing is owed needs none.
func (t *turn) checkClaims(c ProposeWaiver) error {
	claims := append([]Claim{{t.s.Terms.Pack.Name, c.Ground, c.Evidence, c.Alternatives}}, c.Further...)
	for i, cl := range claims {
		terms, ok := t.s.Pack(cl.Pack)
		if !ok || slices.ContainsFunc(claims[:i], func(o Claim) bool { return o.Pack == cl.Pack }) {
			return tocsin.Faultf(tocsin.Invalid, "claim_pack", "Give one ground for each pack of the case.", "%q is no further pack of this case, or is named twice.", cl.Pack)
		}
		g, ok := terms.Ground(cl.Ground)
		if !ok {
			return cl.within(i, tocsin.Faultf(tocsin.Invalid, "ground", "Use a ground of the pack.", "%q is not a ground of %s.", cl.Ground, cl.Pack).At("ground"))
		}
		if err := checkGround(g, cl); err != nil {
			return cl.within(i, err)
		}
	}
	if v, _ := t.s.Victim(c.Victim); !t.s.claimed(v, &Waiver{Further: c.Further}) {
		return tocsin.Faultf(tocsin.Invalid, "claim_missing", "Give a ground under each of them; one that knows no grounds allows no silence.",
			"The case stands under %s, and the waiver names no ground under each of them.", t.s.packNames())
	}
	return nil
}

// grounds are what a waiver rests on, under every pack.
func (s State) grounds(w *Waiver) []tocsin.Ground {
	g, _ := s.Terms.Ground(w.Ground)
	all := []tocsin.Ground{g}
	for _, c := range w.Further {
		t, _ := s.Pack(c.Pack)
		g, _ := t.Ground(c.Ground)
		all = append(all, g)
	}
	return all
}

// validity is the shortest for which any of the grounds holds.
func validity(grounds []tocsin.Ground) time.Duration {
	shortest := grounds[0].Validity.D()
	for _, g := range grounds[1:] {
		shortest = min(shortest, g.Validity.D())
	}
	return shortest
}

// within says where the i-th claim of a waiver stands in it: the first is the
// waiver's own.
func (c Claim) within(i int, err error) error {
	if i == 0 {
		return err
	}
	return tocsin.Within("further."+c.Pack, err)
}

func checkGround(g tocsin.Ground, c Claim) error {
	var missing, at []string
	for _, q := range g.Evidence {
		answer := strings.TrimSpace(c.Evidence[q.ID])
		if answer == "" {
			missing, at = append(missing, q.ID+" ("+q.Question+")"), append(at, "evidence."+q.ID)
		}
		bad, yesOrNo := g.Excludes[q.ID]
		// "No, but ..." must not pass for a yes.
		if yesOrNo && answer != "" && !strings.EqualFold(answer, "yes") && !strings.EqualFold(answer, "no") {
			return tocsin.Faultf(tocsin.Invalid, "answer_yes_or_no", "Answer yes or no, and give the rest as the reason.", "Ground %s turns on %s.", g.ID, q.ID).At("evidence." + q.ID)
		}
		if yesOrNo && strings.EqualFold(answer, bad) {
			return tocsin.Faultf(tocsin.Refused, "ground_defeated", "Warn this victim, or propose another ground if one truly fits.",
				"Ground %s does not fit: %s is %q.", g.ID, q.ID, answer).At("evidence." + q.ID)
		}
	}
	if len(missing) > 0 {
		return tocsin.Faultf(tocsin.Invalid, "evidence_missing", "Answer each of them.", "Ground %s needs: %s.", g.ID, strings.Join(missing, "; ")).At(at...)
	}
	for _, id := range slices.Sorted(maps.Keys(c.Evidence)) {
		if !slices.ContainsFunc(g.Evidence, func(q tocsin.EvidenceItem) bool { return q.ID == id }) {
			return tocsin.Faultf(tocsin.Invalid, "evidence_unknown", "Take it out, or move it into the reason.", "Ground %s does not ask for %q.", g.ID, id).At("evidence." + id)
		}
	}
	if g.Alternatives && strings.TrimSpace(c.Alternatives) == "" {
		return tocsin.Faultf(tocsin.Invalid, "alternatives_missing", "Say what was tried instead of silence, such as a vaguer text or another channel, and why it failed.",
			"Ground %s needs the alternatives that were tried.", g.ID).At("alternatives")
	}
	return nil
}

func (c DecideWaiver) decide(t *turn) error {
	if err := needReason(c.Reason, "A decision on a waiver"); err != nil {
		return err
	}
	if c.Approve {
		if v, _ := t.s.Victim(c.Victim); !v.Waiver.Expires.After(t.m.At) {
			return tocsin.Faultf(tocsin.Refused, "waiver_expired", "Deny it; if the ground still fits, have it proposed again.", "The waiver for %s was proposed until %s, and that has passed.",
				c.Victim, v.Waiver.Expires.Format(time.RFC3339))
		}
		t.emit(WaiverApproved{t.head(), c.Victim, c.Reason})
	} else {
		t.emit(WaiverDenied{t.head(), c.Victim, c.Reason, false})
	}
	return nil
}

func mayDecideWaiver(s State, a tocsin.Actor, v Victim) error {
	if v.Waiver.Proposer == a.ID {
		return tocsin.Fault(tocsin.Forbidden, "approver_is_proposer", "You proposed this waiver.", "Somebody else with the role must decide it.")
	}
	handles := slices.ContainsFunc(s.Reports, func(r Report) bool { return a.Handler(r.Origin) || a.Handler(r.Conveyor) })
	for _, g := range s.grounds(v.Waiver) {
		if g.ProtectsSource && handles {
			return tocsin.Faultf(tocsin.Forbidden, "handler_of_source", "Somebody who handles none of this case's sources must decide it.", "You handle a source of this case, and ground %s protects sources.", g.ID)
		}
	}
	return nil
}

// A refusal says that no duty is owed. It needs a reason and a second signer who
// has not seen the first grade and grades for themselves (PSNI 2019: one
// assessor, no second look). A hand-over ends an obligation here only when a
// named person elsewhere has taken it.

func (c ProposeRefusal) decide(t *turn) error {
	v, _ := t.s.Victim(c.Victim)
	switch {
	case c.Ground == RefuseBelow && !t.s.refusable(v):
		return tocsin.Fault(tocsin.Refused, "not_below_threshold", "The policy does not say that this obligation is below the threshold.",
			"Record findings on every element first. A grade alone never closes a case.").At("ground")
	case c.Ground == RefuseOvertaken && !t.s.outcomeKnown():
		return tocsin.Fault(tocsin.Refused, "no_outcome", "Nothing is recorded that would have overtaken the duty, or a report has come in since.", "Record the outcome first.").At("ground")
	case c.Ground != RefuseBelow && c.Ground != RefuseOvertaken:
		return tocsin.Faultf(tocsin.Invalid, "refusal_ground", "Use below_threshold or overtaken.", "%q is not a ground of refusal.", c.Ground).At("ground")
	}
	if err := needReason(c.Reason, "A refusal"); err != nil {
		return err
	}
	t.emit(RefusalProposed{t.head(), c.Victim, c.Ground, c.Reason})
	return nil
}

// refusable reports whether the newest answer for v under every pack is "not owed".
func (s State) refusable(v Victim) bool {
	return !slices.ContainsFunc(s.Under(v), func(u Under) bool { return !u.Standing.notOwed() })
}

func (c SignRefusal) decide(t *turn) error {
	v, _ := t.s.Victim(c.Victim)
	if err := needReason(c.Reason, "A second signature"); err != nil {
		return err
	}
	grade := slices.Clone(c.Grade)
	for i := range grade {
		if err := t.checkFinding(grade[i], grade[:i]); err != nil {
			return tocsin.Within("grade", err)
		}
		grade[i].By, grade[i].At = t.m.By.ID, t.m.At
	}
	if v.Refusal.Ground == RefuseBelow && len(grade) < len(t.s.Elements()) {
		return tocsin.Faultf(tocsin.Invalid, "grade_incomplete", "Give your own finding on each, from the reports, without the first assessor's.",
			"The second signer grades every element: %v.", t.s.Elements()).At(ungraded(t.s.Elements(), grade)...)
	}
	if err := t.checkSecond(c, grade, v.Refusal.Ground); err != nil {
		return err
	}
	if c.Agree && v.Refusal.Ground == RefuseBelow && !slices.ContainsFunc(grade, func(f tocsin.Finding) bool { return f.Value == tocsin.NotMet }) {
		return tocsin.Fault(tocsin.Invalid, "grade_contradicts", "You agree that nothing is owed, but by your own findings no element fails.", "Disagree, or look at your findings again.")
	}
	if c.Agree {
		t.emit(RefusalSigned{t.head(), c.Victim, c.Reason, grade})
	} else {
		t.emit(RefusalOverturned{t.head(), c.Victim, c.Reason, grade})
	}
	return nil
}

// ungraded are the parts of a second grade that are missing.
func ungraded(elements []string, grade []tocsin.Finding) []string {
	var out []string
	for _, e := range elements {
		if !slices.ContainsFunc(grade, func(f tocsin.Finding) bool { return f.Element == e }) {
			out = append(out, "grade."+e+".value")
		}
	}
	return out
}

// checkSecond holds the answers of the policies to the second grade, where they
// were asked for, against what the signer says.
func (t *turn) checkSecond(c SignRefusal, grade []tocsin.Finding, ground string) error {
	v, _ := t.s.Victim(c.Victim)
	all := t.s.Under(v)
	for _, d := range c.Determinations {
		at := slices.IndexFunc(all, func(u Under) bool { return u.Terms.Pack == d.Pack })
		if at < 0 || d.Victim != c.Victim || changed(d.Rests, all[at].Found(grade)) != "" {
			return tocsin.Fault(tocsin.Conflict, "findings_changed", "The policy was asked about another grade than this one.", "Sign again.")
		}
		if c.Agree && ground == RefuseBelow && d.Result != tocsin.ResultNotOwed {
			return tocsin.Faultf(tocsin.Invalid, "grade_contradicts", "Disagree, or look at your findings again.",
				"You agree that nothing is owed, but by your own findings %s says %s: %s", d.Pack.Name, d.Result, d.Because)
		}
	}
	return nil
}

func maySignRefusal(s State, a tocsin.Actor, v Victim) error {
	switch {
	case v.Refusal.Proposer == a.ID:
		return tocsin.Fault(tocsin.Forbidden, "signer_is_proposer", "You signed this refusal first.", "A second person must sign it.")
	case slices.Contains(s.SeenGrade, a.ID), graded(v, a.ID):
		return tocsin.Fault(tocsin.Forbidden, "signer_has_seen_grade", "You have seen the first grade.", "Somebody who has not must sign.")
	}
	return nil
}

// graded reports whether a has ever had to do with the grade of v.
func graded(v Victim, a tocsin.ActorID) bool { return slices.Contains(v.Graders, a) }

func (c OfferHandover) decide(t *turn) error {
	if c.To == "" {
		return tocsin.Fault(tocsin.Invalid, "handover_to", "The hand-over goes to nobody.", "Name the organisation.").At("to")
	}
	if err := needReason(c.Reason, "A hand-over"); err != nil {
		return err
	}
	t.emit(HandoverOffered{t.head(), c.Victim, c.To, c.Reason})
	return nil
}

func (c AnswerHandover) decide(t *turn) error {
	if !c.Accepted {
		if err := needReason(c.Reason, "A declined hand-over"); err != nil {
			return err
		}
		t.emit(HandoverDeclined{t.head(), c.Victim, c.Reason})
		return nil
	}
	if c.Person == "" {
		return tocsin.Fault(tocsin.Invalid, "person_missing", "Nobody there is named as having accepted.", "An organisation does not accept; a person does. Name them.").At("person")
	}
	t.emit(HandoverAccepted{t.head(), c.Victim, c.Person, c.Reference})
	return nil
}
