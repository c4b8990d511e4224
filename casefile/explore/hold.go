package explore

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
)

// The invariants, each written without the functions of casefile that keep it, as
// far as that can be.

// fault is one broken invariant.
type fault struct {
	invariant int
	what      string
}

func faultf(invariant int, format string, args ...any) *fault {
	return &fault{invariant, fmt.Sprintf(format, args...)}
}

// holdsAcross holds one event, and the states before and after it, against the
// invariants.
func (w *world) holdsAcross(s, next casefile.State, e casefile.Event, m *move) *fault {
	by := w.Cast[m.actor]
	if by.Has(tocsin.Machine) && forPeople(e) {
		return faultf(5, "the machine recorded %s", e.Kind())
	}
	if len(next.Victims) < len(s.Victims) {
		return faultf(2, "a victim has vanished")
	}
	for i, v := range s.Victims {
		after := next.Victims[i]
		if after.ID != v.ID {
			return faultf(2, "victim %s has vanished", v.ID)
		}
		if after.Disposition != v.Disposition {
			if f := w.disposed(s, next, v, after, e, by); f != nil {
				return f
			}
		}
		if about := subject(e); about != "" && about != v.ID && !untouched(v, after) {
			return faultf(3, "%s about %s also changes %s", e.Kind(), about, v.ID)
		}
	}
	if _, taken := e.(casefile.TransferAccepted); taken && next.Owner != by.ID {
		return faultf(2, "%s takes the case over, and it stays with %s", by.ID, next.Owner)
	}
	if next.Owner != s.Owner {
		if f := ownedBy(s, next, e, by); f != nil {
			return f
		}
	}
	return w.holdsEvent(s, next, e, by)
}

// forPeople are the events that no machine may record: releases, refusals, waivers,
// hand-overs, outcomes and endings.
func forPeople(e casefile.Event) bool {
	switch e.(type) {
	case casefile.VictimCorrected, casefile.WarningReleased, casefile.WarningApproved, casefile.WarningDrafted, casefile.WaiverProposed, casefile.WaiverApproved,
		casefile.RefusalProposed, casefile.RefusalSigned, casefile.HandoverOffered, casefile.HandoverAccepted, casefile.TransferAccepted,
		casefile.OutcomeRecorded, casefile.CaseClosed, casefile.DischargeRecorded, casefile.ExigentInvoked, casefile.ConsentAnswered:
		return true
	}
	return false
}

// subject is the one victim that an event is about, or "".
func subject(e casefile.Event) tocsin.VictimID {
	switch e := e.(type) {
	case casefile.VictimCorrected:
		return e.Victim.ID
	case casefile.FindingsRecorded:
		return e.Victim
	case casefile.Determined:
		return e.Determination.Victim
	case casefile.DeterminationAffirmed:
		return e.Victim
	case casefile.FellToOwed:
		return e.Victim
	case casefile.BecameOwed:
		return e.Victim
	case casefile.LocatorRecorded:
		return e.Victim
	case casefile.WaiverProposed:
		return e.Victim
	case casefile.WaiverApproved:
		return e.Victim
	case casefile.WaiverDenied:
		return e.Victim
	case casefile.WaiverEnded:
		return e.Victim
	case casefile.RefusalProposed:
		return e.Victim
	case casefile.RefusalSigned:
		return e.Victim
	case casefile.RefusalOverturned:
		return e.Victim
	case casefile.RefusalEnded:
		return e.Victim
	case casefile.HandoverOffered:
		return e.Victim
	case casefile.HandoverAccepted:
		return e.Victim
	case casefile.HandoverDeclined:
		return e.Victim
	case casefile.DischargeRecorded:
		return e.Victim
	}
	return ""
}

// untouched reports whether a and b are the same victim in the same position.
func untouched(a, b casefile.Victim) bool {
	return a.Disposition == b.Disposition && a.Since.Equal(b.Since) && a.KnownSince.Equal(b.KnownSince) && a.How == b.How &&
		a.Waiver == b.Waiver && a.Refusal == b.Refusal && a.Handover == b.Handover && a.Determination == b.Determination &&
		a.DeterminedAt.Equal(b.DeterminedAt) && a.Stale == b.Stale && a.Affirmed == b.Affirmed && len(a.Findings) == len(b.Findings) &&
		slices.Equal(a.Further, b.Further)
}

// disposed says whether an obligation may change in this way (invariants 1, 3, 4).
func (w *world) disposed(s, next casefile.State, v, after casefile.Victim, e casefile.Event, by tocsin.Actor) *fault {
	if after.Disposition == casefile.ObligationOwed {
		return nil // towards warning, always allowed
	}
	if v.Disposition.Ended() {
		return faultf(1, "%s goes from %s to %s without being owed in between", v.ID, v.Disposition, after.Disposition)
	}
	switch after.Disposition {
	case casefile.ObligationWaived:
		return w.waived(s, v, e, by)
	case casefile.ObligationNotOwed, casefile.ObligationOvertaken:
		return w.refused(s, v, after, e, by)
	case casefile.ObligationTransferred:
		h, ok := e.(casefile.HandoverAccepted)
		if !ok || h.Person == "" || v.Handover == nil || !by.Human() {
			return faultf(1, "the duty towards %s passes to somebody else without a named person there who takes it", v.ID)
		}
		return nil
	case casefile.ObligationDischarged:
		return w.discharged(s, v, after, e, by)
	}
	return faultf(1, "%s goes from %s to %s", v.ID, v.Disposition, after.Disposition)
}

func (w *world) waived(s casefile.State, v casefile.Victim, e casefile.Event, by tocsin.Actor) *fault {
	if _, ok := e.(casefile.WaiverApproved); !ok || v.Waiver == nil {
		return faultf(1, "%s is waived by %s, without a waiver", v.ID, e.Kind())
	}
	if v.Waiver.Proposer == by.ID {
		return faultf(3, "%s approves their own waiver for %s", by.ID, v.ID)
	}
	first := casefile.Claim{Pack: s.Terms.Pack.Name, Ground: v.Waiver.Ground, Evidence: v.Waiver.Evidence, Alternatives: v.Waiver.Alternatives}
	for i, t := range s.Packs() {
		if !by.Has(t.Powers[tocsin.MayApproveWaiver]...) {
			return faultf(3, "%s, who does not hold the role under %s, approves the waiver for %s", by.ID, t.Pack.Name, v.ID)
		}
		claims := append([]casefile.Claim{first}, v.Waiver.Further...)
		at := slices.IndexFunc(claims, func(c casefile.Claim) bool { return c.Pack == t.Pack.Name })
		switch {
		case at >= 0:
			if f := claimed(s, t, v, claims[at], by); f != nil {
				return f
			}
		case i == 0 || !denied(v.Further[i-1]):
			return faultf(3, "%s is waived on no ground of %s, which does not say that nothing is owed", v.ID, t.Pack.Name)
		}
	}
	return nil
}

// denied reports whether a pack's newest answer is that nothing is owed.
func denied(st casefile.Standing) bool {
	return st.Determination != nil && !st.Stale && st.Determination.Result == tocsin.ResultNotOwed
}

// claimed holds what a waiver rests on under one pack against that pack.
func claimed(s casefile.State, t tocsin.Terms, v casefile.Victim, c casefile.Claim, by tocsin.Actor) *fault {
	g, ok := t.Ground(c.Ground)
	switch {
	case !ok:
		return faultf(3, "%s is waived on no ground of %s", v.ID, t.Pack.Name)
	case g.ProtectsSource && by.Handler(Source):
		return faultf(3, "%s handles the source that the waiver for %s protects", by.ID, v.ID)
	case !v.Waiver.Expires.After(s.Now) || v.Waiver.Expires.After(v.Waiver.Proposed.Add(g.Validity.D())):
		return faultf(3, "the waiver for %s has no usable expiry", v.ID)
	case g.Alternatives && c.Alternatives == "":
		return faultf(3, "the waiver for %s does not say what else was tried", v.ID)
	}
	for _, q := range g.Evidence {
		if c.Evidence[q.ID] == "" || c.Evidence[q.ID] == g.Excludes[q.ID] {
			return faultf(3, "the waiver for %s does not answer %s", v.ID, q.ID)
		}
	}
	return nil
}

func (w *world) refused(s casefile.State, v, after casefile.Victim, e casefile.Event, by tocsin.Actor) *fault {
	signed, ok := e.(casefile.RefusalSigned)
	switch {
	case !ok || v.Refusal == nil || after.Refusal == nil:
		return faultf(4, "the duty towards %s is refused by %s, without two signatures", v.ID, e.Kind())
	case v.Refusal.Proposer == by.ID || v.Refusal.Proposer == "":
		return faultf(4, "%s signs twice under the refusal for %s", by.ID, v.ID)
	case !s.May(by, tocsin.MaySignRefusal):
		return faultf(4, "%s, who does not hold the role, signs the refusal for %s", by.ID, v.ID)
	case slices.Contains(s.SeenGrade, by.ID) || slices.Contains(v.Graders, by.ID):
		return faultf(4, "%s has seen the first grade of %s and signs second", by.ID, v.ID)
	case after.Disposition == casefile.ObligationOvertaken && (s.Outcome == nil || s.OutcomeStale):
		return faultf(1, "%s is overtaken, and nothing is known of what happened", v.ID)
	case after.Disposition == casefile.ObligationNotOwed && slices.ContainsFunc(append([]casefile.Standing{v.Standing}, v.Further...), func(st casefile.Standing) bool { return !denied(st) }):
		return faultf(1, "the duty towards %s is refused, and some pack does not say that none is owed", v.ID)
	case after.Disposition == casefile.ObligationNotOwed && len(signed.Grade) < len(s.Elements()):
		return faultf(4, "the second signer for %s has not graded for themselves", v.ID)
	}
	return nil
}

func (w *world) discharged(s casefile.State, v, after casefile.Victim, e casefile.Event, by tocsin.Actor) *fault {
	d, ok := e.(casefile.DischargeRecorded)
	if !ok {
		return faultf(1, "%s is discharged by %s", v.ID, e.Kind())
	}
	x, _ := s.Warning(d.Warning)
	if x.Clearance == nil || !slices.Contains(x.Draft.Victims, v.ID) || x.Draft.Message.Ends() || x.Draft.Kind == tocsin.DisruptionNotice {
		return faultf(1, "%s is discharged by %s, which is no warning of theirs", v.ID, d.Warning)
	}
	reached, acked := false, false
	for _, o := range s.Deliveries {
		if o.Warning == x.ID && o.Reached() && w.touches(s, o) == "" {
			reached = true
			acked = acked || o.State == casefile.AckedState || o.State == casefile.Acting
		}
	}
	if m := w.unheard(s, v, after.How == casefile.HowAcknowledged); m != "" {
		return faultf(1, "%s is discharged, and nobody has been told of whom the pack says: %s", v.ID, m)
	}
	switch {
	case !reached:
		return faultf(1, "%s is discharged by words that reached nobody", v.ID)
	case after.How == casefile.HowAcknowledged && !acked:
		return faultf(7, "%s is shown as acknowledged, and nobody acknowledged", v.ID)
	case after.How != casefile.HowAcknowledged && (d.Reason == "" || !s.May(by, tocsin.MayClose)):
		return faultf(1, "%s is discharged without an acknowledgement, by nobody who may, or without a reason", v.ID)
	case after.How != casefile.HowAcknowledged && (s.Outcome == nil || s.OutcomeStale):
		return w.spent(s, x, v)
	}
	return nil
}

// unheard names an entry of those who must be told about v that no warning has
// satisfied, or none that was acknowledged; "" if there is none.
func (w *world) unheard(s casefile.State, v casefile.Victim, acked bool) string {
	for i, t := range s.Packs() {
		st := append([]casefile.Standing{v.Standing}, v.Further...)[i]
		for _, m := range t.MustTell {
			route := tocsin.RouteVictim
			if st.Determination != nil && st.Determination.Route != "" {
				route = st.Determination.Route
			}
			if denied(st) || len(m.Routes) > 0 && !slices.Contains(m.Routes, route) {
				continue
			}
			heard := slices.ContainsFunc(s.Deliveries, func(d casefile.Delivery) bool {
				x, _ := s.Warning(d.Warning)
				answered := d.State == casefile.AckedState || d.State == casefile.Acting
				return w.counts(s, d, v) && slices.Contains(m.Kinds, x.Draft.Kind) && (answered || !acked)
			})
			if !heard {
				return m.ID
			}
		}
	}
	return ""
}

// spent holds a discharge without an acknowledgement to every rung having been
// tried: as long as one may still be answered, silence proves nothing.
func (w *world) spent(s casefile.State, x casefile.Warning, v casefile.Victim) *fault {
	followed := slices.ContainsFunc(s.Warnings, func(o casefile.Warning) bool { return o.Clearance != nil && o.Draft.Refers == root(x) })
	for _, d := range s.Deliveries {
		if d.Warning != x.ID || d.Raised || followed || w.touches(s, d) != "" {
			continue
		}
		waits := d.State == casefile.Planned || d.State == casefile.Sent || d.State == casefile.Assigned || d.State == casefile.Delivered
		answered := slices.ContainsFunc(s.Deliveries, func(o casefile.Delivery) bool {
			return o.Warning == d.Warning && o.Recipient == d.Recipient && (o.State == casefile.AckedState || o.State == casefile.Acting)
		})
		if waits && !answered {
			return faultf(1, "%s is discharged while an answer from %s may still come", v.ID, d.Recipient)
		}
	}
	return nil
}

// touches names the actor's party on a delivery's rung.
func (w *world) touches(s casefile.State, d casefile.Delivery) string {
	r := w.Recipients[w.recipient(d.Recipient)]
	r.Ladder = r.Ladder[d.Rung : d.Rung+1]
	return r.RouteTouches(s.Threat.ActorGroups)
}

func ownedBy(s, next casefile.State, e casefile.Event, by tocsin.Actor) *fault {
	switch e.(type) {
	case casefile.CaseOpened:
		if s.Version == 0 && next.Owner == by.ID {
			return nil
		}
	case casefile.TransferAccepted:
		if s.Transfer != nil && s.Transfer.To == by.ID && next.Owner == by.ID {
			return nil
		}
	}
	return faultf(2, "the owner changes from %s to %s by %s of %s", s.Owner, next.Owner, e.Kind(), by.ID)
}

// speaks says whether an error is one that a person can act on.
func speaks(err error) *fault {
	var p panicked
	if errors.As(err, &p) {
		return faultf(0, "Decide panics: %v", p.value)
	}
	var told *tocsin.Error
	if !errors.As(err, &told) || told.What == "" || told.Do == "" || told.Code == "" {
		return faultf(0, "an error does not say what happened and what to do: %v", err)
	}
	return nil
}

// patience is the longest time after which a missed clock must be raised again:
// four hours where a life hangs on it, else a day; or the pack's own interval,
// where that is longer.
func (w *world) patience(s casefile.State, target string) time.Duration {
	most := 24 * time.Hour
	_, owed := s.Victim(tocsin.VictimID(target))
	if _, sending := s.Delivery(keyOf(target)); owed || sending {
		most = 4 * time.Hour
	}
	return max(w.Terms.Clocks[tocsin.ClockRepeat].After.D(), most)
}
