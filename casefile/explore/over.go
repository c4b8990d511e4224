package explore

import (
	"slices"

	"tocsin"
	"tocsin/casefile"
)

// holdsOver holds a whole command, from the state before to the state after,
// against the invariants that no single event shows.
func (w *world) holdsOver(s, next casefile.State, m *move, events []casefile.Event) *fault {
	if f := w.nothingPutOff(s, next, m); f != nil {
		return f
	}
	switch c := m.command.(type) {
	case casefile.Determine:
		return worse(s, next, c.Determination)
	case casefile.ReleaseWarning:
		if x, ok := next.Warning(c.Warning); ok && x.Clearance != nil {
			return w.carried(s, next, x)
		}
	case casefile.Acknowledge:
		if c.Answer == tocsin.WillAnswerLater && (len(events) != 1 || len(casefile.Clocks(s)) != len(casefile.Clocks(next))) {
			return faultf(7, "a promise to answer later changes something")
		}
	case casefile.Tick:
		if m.clock != nil {
			return w.raised(s, next, m, events)
		}
	case casefile.AttachReport:
		for _, v := range next.Victims {
			fresh := c.Report.RepeatOf == ""
			lowered := v.Disposition == casefile.ObligationNotOwed || v.Disposition == casefile.ObligationOvertaken || v.Disposition == casefile.ObligationTransferred
			if fresh && (lowered || v.Refusal != nil) {
				return faultf(4, "a new report leaves the refusal or hand-over of %s standing", v.ID)
			}
		}
		if c.Report.RepeatOf != "" && len(events) != 1 {
			return faultf(11, "a report that repeats one origin changes something")
		}
	case casefile.CloseCase:
		return closed(s, next)
	case casefile.JoinPack, casefile.AdoptTerms:
		return retested(next)
	}
	return nil
}

// worse holds an answer that now leads to the victim, after one that led to an
// advisory, to leaving no duty discharged by what was said before.
func worse(s, next casefile.State, d tocsin.Determination) *fault {
	v, _ := s.Victim(d.Victim)
	after, _ := next.Victim(d.Victim)
	if v.Determination == nil || v.Determination.Route != tocsin.RouteAdvisory || d.Route != tocsin.RouteVictim || d.Pack != s.Terms.Pack {
		return nil
	}
	if after.Disposition == casefile.ObligationDischarged {
		return faultf(1, "an advisory discharges the duty towards %s, who must now be warned themselves", v.ID)
	}
	return nil
}

// retested holds a case under other terms to owing anew whatever had been decided
// under the old ones, and to releasing no words that were approved under them.
func retested(next casefile.State) *fault {
	for _, v := range next.Victims {
		if v.Waiver != nil || v.Refusal != nil || v.Disposition == casefile.ObligationTransferred {
			return faultf(1, "the case stands under other terms, and the duty towards %s is still %s", v.ID, v.Disposition)
		}
	}
	for _, x := range next.Warnings {
		known := slices.ContainsFunc(next.Packs(), func(t tocsin.Terms) bool { return t.Pack == x.Draft.Pack })
		if x.Clearance == nil && x.Returned == "" && !known {
			return faultf(5, "the draft %s waits for release under terms that the case has left", x.ID)
		}
	}
	return nil
}

// carried holds a release to where its words must go: an after-duty for each that
// the exigent path postponed (6), and every channel that was used, for whatever
// follows a first warning (9).
func (w *world) carried(s, next casefile.State, x casefile.Warning) *fault {
	if s.Exigent != nil && !x.Draft.Message.Ends() {
		for _, t := range s.Packs() {
			for _, d := range t.Duties {
				made := slices.ContainsFunc(next.Duties, func(o casefile.Duty) bool { return o.Warning == x.ID && o.Title == d.Title })
				if !made && d.When == "" {
					return faultf(6, "the exigent release of %s does not create the duty %q", x.ID, d.Title)
				}
			}
		}
	}
	if first, _ := next.Warning(x.Draft.Refers); x.Draft.Message.Ends() && first.EndedBy != x.ID {
		return faultf(9, "%s (%s) is released and %s still stands", x.ID, x.Draft.Message, first.ID)
	}
	for _, d := range s.Deliveries {
		old, _ := s.Warning(d.Warning)
		same := x.Draft.Refers != "" && (old.ID == x.Draft.Refers || old.Draft.Refers == x.Draft.Refers)
		if !same || d.FirstTry.IsZero() || d.State == casefile.Failed || w.touches(s, d) != "" {
			continue
		}
		goes := slices.ContainsFunc(next.Deliveries, func(o casefile.Delivery) bool {
			return o.Warning == x.ID && o.Recipient == d.Recipient && o.Channel == d.Channel && o.Addressee == d.Addressee
		})
		if !goes {
			return faultf(9, "%s (%s) does not go to %s over %s, where the warning went", x.ID, x.Draft.Message, d.Recipient, d.Channel)
		}
	}
	return nil
}

// raised holds a clock that ran out to having been raised, and to quieting nothing.
func (w *world) raised(s, next casefile.State, m *move, events []casefile.Event) *fault {
	if !slices.ContainsFunc(events, func(e casefile.Event) bool {
		c, ok := e.(casefile.ClockMissed)
		return ok && c.Clock == m.clock.Name && c.Target == m.clock.Target
	}) {
		return faultf(1, "the clock %s of %q runs out and nothing is raised", m.clock.Name, m.clock.Target)
	}
	for i, v := range next.Victims {
		if v.Disposition != s.Victims[i].Disposition && v.Disposition != casefile.ObligationOwed {
			return faultf(1, "the mere passing of time makes %s %s", v.ID, v.Disposition)
		}
	}
	after := casefile.Clocks(next)
	for _, c := range w.running {
		own := c.Name == m.clock.Name && c.Target == m.clock.Target
		late := slices.ContainsFunc(after, func(o casefile.Clock) bool { return o.Name == c.Name && o.Target == c.Target && o.Next.After(c.Next) })
		if _, victim := s.Victim(tocsin.VictimID(c.Target)); victim && !own && late {
			return faultf(1, "as the clock %s of %q runs out, the clock %s of %q is put off", m.clock.Name, m.clock.Target, c.Name, c.Target)
		}
	}
	if next.Closed && !s.Closed {
		return faultf(1, "the mere passing of time closes the case")
	}
	switch m.clock.Name {
	case tocsin.ClockAcknowledge:
		return w.climbs(s, next, m)
	case casefile.ClockLapse:
		x, _ := s.Warning(tocsin.WarningID(m.clock.Target))
		if after, _ := next.Warning(x.ID); !after.Until.After(x.Until) || !after.Untold {
			return faultf(9, "the window of %s lapses, and it is not extended", x.ID)
		}
	}
	return nil
}

// climbs holds silence on one rung to leading to another, as long as the ladder has
// one that is clean (invariant 7).
func (w *world) climbs(s, next casefile.State, m *move) *fault {
	d, ok := s.Delivery(keyOf(m.clock.Target))
	if !ok {
		return nil // the ladder as a whole is spent
	}
	x, _ := s.Warning(d.Warning)
	r, _ := x.Draft.Recipient(d.Recipient)
	for i := d.Rung + 1; i < len(r.Ladder); i++ {
		rung := r
		rung.Ladder = r.Ladder[i : i+1]
		tried := slices.ContainsFunc(next.Deliveries, func(o casefile.Delivery) bool {
			return o.Warning == d.Warning && o.Recipient == d.Recipient && o.Rung == i
		})
		if rung.RouteTouches(s.Threat.ActorGroups) == "" && !tried {
			return faultf(7, "%s is silent on %s, and %s is not tried", d.Recipient, d.Channel, r.Ladder[i].Channel)
		}
	}
	return nil
}

// putsNothingOff are the commands after which every clock of every obligation and
// every warning must run as it ran before: a dispute, a question, an absent
// approver or a proposal stops nothing.
var putsNothingOff = map[string]bool{
	"raise_dispute": true, "settle_dispute": true, "ask_consent": true, "answer_consent": true, "propose_transfer": true,
	"answer_transfer": true, "invoke_exigent": true, "see_grade": true, "review": true, "propose_waiver": true, "offer_handover": true,
	"record_outcome": true, "draft_warning": true, "approve_warning": true, "return_warning": true, "do_duty": true, "protect_terms": true,
	"record_locator": true, "answer_finding": true, "write_tearline": true, "clear_tearline": true, "seal_case": true, "unseal_case": true,
}

// aboutOne are the commands about one victim: the clocks of the others run on.
var aboutOne = map[string]bool{
	"decide_waiver": true, "propose_refusal": true, "sign_refusal": true, "answer_handover": true, "record_findings": true,
	"determine": true, "affirm_determination": true, "discharge": true,
}

var vital = []tocsin.ClockName{tocsin.ClockDetermination, tocsin.ClockRefusal, tocsin.ClockFirstDelivery, tocsin.ClockAcknowledge,
	tocsin.ClockWindow, casefile.ClockLapse, casefile.ClockWaiverExpiry, casefile.ClockUntold}

func (w *world) nothingPutOff(s, next casefile.State, m *move) *fault {
	kind := m.command.Kind()
	if !putsNothingOff[kind] && !aboutOne[kind] {
		return nil
	}
	after := casefile.Clocks(next)
	for _, c := range w.running {
		if !slices.Contains(vital, c.Name) || (aboutOne[kind] && c.Target == m.target && !w.owedBefore(s, next, c)) {
			continue
		}
		if kind == "record_locator" && c.Name == casefile.ClockWaiverExpiry && c.Target == m.target {
			continue // it may end the waiver itself
		}
		i := slices.IndexFunc(after, func(o casefile.Clock) bool { return o.Name == c.Name && o.Target == c.Target })
		if i < 0 || after[i].Next.After(c.Next) {
			return faultf(1, "%s stops or puts off the clock %s of %q", kind, c.Name, c.Target)
		}
	}
	return nil
}

// owedBefore reports whether c presses for a first delivery that was owed before and
// is owed still: not even a decision about that very victim may put it off.
func (w *world) owedBefore(s, next casefile.State, c casefile.Clock) bool {
	v, _ := s.Victim(tocsin.VictimID(c.Target))
	after, ok := next.Victim(v.ID)
	return ok && c.Name == tocsin.ClockFirstDelivery && v.Disposition == casefile.ObligationOwed && after.Disposition == casefile.ObligationOwed
}

func closed(s, next casefile.State) *fault {
	for _, v := range next.Victims {
		if !v.Disposition.Ended() {
			return faultf(1, "the case is closed while the duty towards %s is %s", v.ID, v.Disposition)
		}
	}
	for _, x := range s.Warnings {
		if x.Live() {
			return faultf(9, "the case is closed while warning %s stands", x.ID)
		}
	}
	for _, d := range s.Duties {
		if d.Done.IsZero() {
			return faultf(6, "the case is closed while the after-duty %s is open", d.ID)
		}
	}
	for _, p := range s.Parities {
		if p.Decided.IsZero() {
			return faultf(10, "the case is closed while a parity question about %s is open", p.Victim)
		}
	}
	switch {
	case len(s.Victims) == 0:
		return faultf(2, "the case is closed without naming a victim")
	case s.Transfer != nil:
		return faultf(2, "the case is closed while it waits for a new owner")
	}
	for _, d := range s.Deliveries {
		if x, _ := s.Warning(d.Warning); x.Draft.Message.Ends() && untold(s, d) {
			return faultf(9, "the case is closed and %s has not been told of %s (%s)", d.Recipient, x.ID, x.Draft.Message)
		}
	}
	return nil
}

// untold reports whether nobody knows that d, or another rung of its message, has
// left for the recipient, and nobody has given it up either.
func untold(s casefile.State, d casefile.Delivery) bool {
	left := []casefile.DeliveryState{casefile.Sent, casefile.Assigned, casefile.Delivered, casefile.AckedState, casefile.Acting}
	return d.State != casefile.Stopped && !slices.ContainsFunc(s.Deliveries, func(o casefile.Delivery) bool {
		return o.Warning == d.Warning && o.Recipient == d.Recipient && slices.Contains(left, o.State)
	})
}
