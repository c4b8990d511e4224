package explore

import (
	"slices"

	"tocsin"
	"tocsin/casefile"
)

// holdsEvent holds what single events say against invariants 4 to 9.
func (w *world) holdsEvent(s, next casefile.State, e casefile.Event, by tocsin.Actor) *fault {
	switch e := e.(type) {
	case casefile.FindingsRecorded:
		if v, _ := next.Victim(e.Victim); !slices.Contains(v.Graders, by.ID) {
			return faultf(4, "it is forgotten that %s graded %s", by.ID, e.Victim)
		}
	case casefile.VictimCorrected:
		return corrected(s, next, e)
	case casefile.CaseClosed:
		return unfollowed(s, e)
	case casefile.WarningDrafted:
		x, _ := next.Warning(e.Draft.Warning)
		for _, a := range e.Draft.Authors {
			if !slices.Contains(x.Authors, a) {
				return faultf(5, "it is forgotten that %s wrote %s", a, x.ID)
			}
		}
		if x.Approval != nil {
			return faultf(5, "the approval of %s outlives its words", x.ID)
		}
	case casefile.TransferDeclined:
		if t := s.Transfer; t == nil || (by.ID != t.To && by.ID != t.By && by.ID != s.Owner) {
			return faultf(2, "%s, who was not asked, declines the transfer", by.ID)
		}
	case casefile.WarningApproved:
		return w.approved(s, e, by)
	case casefile.FindingAnswered:
		if x, _ := s.Warning(e.Warning); slices.Contains(x.Authors, by.ID) || !by.Human() {
			return faultf(5, "%s answers the guard for words of their own", by.ID)
		}
	case casefile.TearlineCleared:
		if slices.ContainsFunc(s.Tearlines, func(t casefile.Tearline) bool { return t.Report == e.Report && t.By == by.ID }) || !by.Human() {
			return faultf(5, "%s clears a tearline of their own", by.ID)
		}
	case casefile.WarningReleased:
		return w.released(s, e, by)
	case casefile.DeliveryPlanned:
		return w.planned(s, e)
	case casefile.DeliveryStarted:
		return w.started(s, e)
	case casefile.ClockMissed:
		return w.missed(s, next, e)
	case casefile.WarningEnded:
		x, _ := s.Warning(e.Ended)
		if x.Clearance == nil || !x.Draft.Message.Ends() || x.Draft.Refers != e.Warning {
			return faultf(9, "warning %s ends without a released cancel or all-clear", e.Warning)
		}
	}
	return w.stateWords(s, next, e)
}

// corrected holds a correction to changing what is said of a victim and nothing of
// what was decided, and to keeping what was said before.
func corrected(s, next casefile.State, e casefile.VictimCorrected) *fault {
	v, _ := s.Victim(e.Victim.ID)
	after, _ := next.Victim(e.Victim.ID)
	switch {
	case after.Disposition != v.Disposition || !after.Since.Equal(v.Since) || after.Waiver != v.Waiver || after.Refusal != v.Refusal || after.Handover != v.Handover:
		return faultf(1, "a correction moves the duty towards %s from %s to %s", v.ID, v.Disposition, after.Disposition)
	case after.Determination != v.Determination || len(after.Findings) != len(v.Findings) || len(after.Graders) != len(v.Graders):
		return faultf(4, "a correction takes away what was found about %s", v.ID)
	case len(after.Corrections) != len(v.Corrections)+1 || !after.Corrections[len(v.Corrections)].Was.Describes(v.Victim) || e.Reason == "":
		return faultf(12, "it is forgotten what was said of %s before, or why it was wrong", v.ID)
	}
	return nil
}

// unfollowed holds the closing of a case to naming whatever told somebody that a
// warning has ended and was never acknowledged, and to the closer's own words on it.
func unfollowed(s casefile.State, e casefile.CaseClosed) *fault {
	for _, d := range s.Deliveries {
		x, _ := s.Warning(d.Warning)
		first, _ := s.Warning(x.Draft.Refers)
		left := d.State == casefile.Sent || d.State == casefile.Assigned
		acked := slices.ContainsFunc(s.Deliveries, func(o casefile.Delivery) bool {
			return o.Warning == d.Warning && o.Recipient == d.Recipient && (o.State == casefile.AckedState || o.State == casefile.Acting)
		})
		named := slices.ContainsFunc(e.Unfollowed, func(u casefile.Underway) bool { return u.Key == d.Key && u.State == d.State })
		if left && !acked && first.EndedBy == x.ID && x.ID != "" && (!named || e.OnTheWay == "") {
			return faultf(7, "the case is closed as if %s had been told, and the end of the warning is only %s", d.Recipient, d.State)
		}
	}
	return nil
}

func (w *world) approved(s casefile.State, e casefile.WarningApproved, by tocsin.Actor) *fault {
	x, _ := s.Warning(e.Warning)
	switch {
	case slices.Contains(x.Authors, by.ID):
		return faultf(5, "%s, who wrote some of it, approves %s", by.ID, e.Warning)
	case e.Digest != x.Draft.Digest():
		return faultf(5, "%s is approved for other words than it has", e.Warning)
	case !holds(s, x, by, tocsin.MayApproveWording) && (s.Exigent == nil || !holds(s, x, by, tocsin.MayApproveExigent)):
		return faultf(5, "%s, who does not hold the role, approves %s", by.ID, e.Warning)
	}
	return nil
}

func (w *world) released(s casefile.State, e casefile.WarningReleased, by tocsin.Actor) *fault {
	x, ok := s.Warning(e.Clearance.Warning)
	switch {
	case !ok || x.Approval == nil || slices.Contains(x.Authors, x.Approval.By):
		return faultf(5, "%s is released without the approval of somebody who did not write it", e.Clearance.Warning)
	case e.Clearance.Digest != x.Approval.Digest || e.Clearance.Digest != x.Draft.Digest():
		return faultf(5, "%s is released in other words than were approved", x.ID)
	case !holds(s, x, by, tocsin.MayRelease) || e.Clearance.Released != by.ID:
		return faultf(5, "%s is released by nobody who may", x.ID)
	case !e.Clearance.Expires.After(e.At):
		return faultf(5, "%s is released under a clearance that has ended", x.ID)
	}
	for _, f := range e.Clearance.Cautions {
		if f.Level == tocsin.GuardAsk && !slices.ContainsFunc(x.Answers, func(a casefile.FindingAnswer) bool { return a.Finding == f.ID && a.By == f.AnsweredBy }) {
			return faultf(5, "%s is released, and nobody has answered what the guard asked", x.ID)
		}
	}
	for _, r := range s.Reports {
		asked := slices.ContainsFunc(s.Consents, func(c casefile.Consent) bool { return c.Report == r.ID && c.Granted })
		if r.Controlled && !asked && s.Exigent == nil {
			return faultf(6, "%s is released without the consent of the originator of %s, and not on the exigent path", x.ID, r.ID)
		}
	}
	return nil
}

// holds reports whether the pack that x is written under gives a the power, in the
// edition that the case stands under.
func holds(s casefile.State, x casefile.Warning, a tocsin.Actor, p tocsin.Power) bool {
	for _, t := range s.Packs() {
		if t.Pack == x.Draft.Pack {
			return a.Human() && a.Has(t.Powers[p]...)
		}
	}
	return false
}

func (w *world) planned(s casefile.State, e casefile.DeliveryPlanned) *fault {
	x, _ := s.Warning(e.Warning)
	r, ok := x.Draft.Recipient(e.Recipient)
	if x.Clearance == nil || !ok || e.Rung >= len(r.Ladder) {
		return faultf(5, "a delivery of %s is planned that nobody released", e.Warning)
	}
	r.Ladder = r.Ladder[e.Rung : e.Rung+1]
	if p := r.RouteTouches(s.Threat.ActorGroups); p != "" {
		return faultf(8, "a delivery of %s to %s is planned through %s", e.Warning, e.Recipient, p)
	}
	return nil
}

func (w *world) started(s casefile.State, e casefile.DeliveryStarted) *fault {
	d, ok := s.Delivery(e.Key)
	x, _ := s.Warning(d.Warning)
	switch {
	case !ok || x.Clearance == nil:
		return faultf(5, "a delivery is started that nobody released")
	case !e.At.Before(x.Clearance.Expires):
		return faultf(5, "a delivery of %s is started after the clearance ended", x.ID)
	case w.touches(s, d) != "":
		return faultf(8, "a delivery of %s is started through the threat actor", x.ID)
	case d.State == casefile.Stopped:
		return faultf(5, "a delivery of %s is started that was stopped", x.ID)
	}
	for _, o := range s.Warnings {
		later := o.Clearance != nil && o.ID != x.ID && o.Draft.Refers == root(x) && o.Released.After(x.Released)
		_, same := o.Draft.Recipient(d.Recipient)
		if later && (same || o.Draft.Message.Ends()) {
			return faultf(9, "words of %s leave after %s (%s) was released", x.ID, o.ID, o.Draft.Message)
		}
	}
	return nil
}

// root is the first warning of x's thread.
func root(x casefile.Warning) tocsin.WarningID {
	if x.Draft.Refers == "" {
		return x.ID
	}
	return x.Draft.Refers
}

// missed holds a missed clock to being raised again, and soon.
func (w *world) missed(s, next casefile.State, e casefile.ClockMissed) *fault {
	if e.Next.After(e.At.Add(w.patience(s, e.Target))) || !e.Next.After(e.At) {
		return faultf(1, "the clock %s of %q was missed and will not be raised again in time", e.Clock, e.Target)
	}
	after := casefile.Clocks(next)
	for _, c := range after {
		if c.Name == e.Clock && c.Target == e.Target && c.Next.After(e.Next) {
			return faultf(1, "the clock %s of %q was missed and is not running for its next raise", e.Clock, e.Target)
		}
	}
	for _, c := range casefile.Clocks(s) {
		still := slices.ContainsFunc(after, func(o casefile.Clock) bool { return o.Name == c.Name && o.Target == c.Target })
		if !still {
			return faultf(1, "missing the clock %s of %q stops the clock %s of %q", e.Clock, e.Target, c.Name, c.Target)
		}
	}
	return nil
}

// stateWords holds every change of a delivery's state to the event that alone may
// say so (invariant 7).
func (w *world) stateWords(s, next casefile.State, e casefile.Event) *fault {
	for _, d := range s.Deliveries {
		after, ok := next.Delivery(d.Key)
		if !ok {
			return faultf(7, "a delivery of %s has vanished", d.Warning)
		}
		if after.State != d.State && !says(e, after.State) {
			return faultf(7, "%s makes a delivery of %s that was %s appear as %s", e.Kind(), d.Warning, d.State, after.State)
		}
	}
	return nil
}

func says(e casefile.Event, st casefile.DeliveryState) bool {
	switch e := e.(type) {
	case casefile.DeliveryStarted:
		return st == casefile.Started
	case casefile.DeliveryHanded:
		return st == casefile.DeliveryState(e.Receipt.State)
	case casefile.DeliveryFailed:
		switch {
		case e.Class == "uncertain":
			return st == casefile.Uncertain
		case e.Retry.IsZero():
			return st == casefile.Failed
		}
		return st == casefile.Planned
	case casefile.DeliveryStopped:
		return st == casefile.Stopped
	case casefile.DeliveryConfirmed:
		return st == casefile.Delivered
	case casefile.ServiceRecorded:
		return st == casefile.Delivered && !e.Service.Signed || st == casefile.AckedState && e.Service.Signed
	case casefile.Acknowledged:
		switch e.Answer {
		case tocsin.AckReceived, tocsin.AckUnderstood:
			return st == casefile.AckedState
		case tocsin.AckActing:
			return st == casefile.Acting
		case tocsin.AckRefused:
			return st == casefile.Delivered
		}
	}
	return false
}
