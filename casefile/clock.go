package casefile

import (
	"cmp"
	"slices"
	"time"

	"tocsin"
)

// Clocks that follow from the case itself and not from a pack's table.
const (
	ClockWaiverExpiry tocsin.ClockName = "waiver_expiry" // a waiver's end; missed: the obligation is owed again
	ClockLapse        tocsin.ClockName = "window_lapse"  // a warning's end; missed: extended by default (T-16)
	ClockClearance    tocsin.ClockName = "clearance_end" // a clearance's end; missed: what has not left is stopped and raised
	ClockDutyHard     tocsin.ClockName = "duty_hard"     // an after-duty's latest moment; missed: raised to a senior officer at once
	ClockUntold       tocsin.ClockName = "untold"        // an extension, or the end of a warning, that somebody who was warned has not been told
)

// Clock is one running deadline.
type Clock struct {
	Name   tocsin.ClockName `json:"name"`
	Target string           `json:"target,omitempty"` // victim, report, warning, delivery, duty ... it runs for
	Anchor time.Time        `json:"anchor"`
	Due    time.Time        `json:"due"`
	Next   time.Time        `json:"next"`  // when it will be raised (again); Due if it has not been missed
	Count  int              `json:"count"` // how often it has been raised
}

// Overdue reports whether the clock has been missed at now.
func (c Clock) Overdue(now time.Time) bool { return !c.Due.After(now) }

// clocks collects the running clocks of a state.
type clocks struct {
	s   *State
	all []Clock
}

func (k *clocks) rule(name tocsin.ClockName, target string, anchor time.Time) {
	k.at(name, target, anchor, k.s.due(name, anchor))
}

func (k *clocks) at(name tocsin.ClockName, target string, anchor, due time.Time) {
	c := Clock{Name: name, Target: target, Anchor: anchor, Due: due, Next: due}
	for _, m := range k.s.Missed {
		if m.Clock == name && m.Target == target && m.Anchor.Equal(anchor) {
			c.Due, c.Next, c.Count = m.Due, m.Next, m.Count
		}
	}
	k.all = append(k.all, c)
}

// Clocks lists the running clocks of s, the earliest to be raised first. A clock
// runs for as long as what it waits for has not happened: a clock that was missed
// is still there, with the time at which it will be raised again.
//
// Nothing pauses a clock: no dispute, no pending consent, no absent approver.
func Clocks(s State) []Clock {
	k := &clocks{s: &s}
	for _, v := range s.Victims {
		k.victim(v)
	}
	if !s.Closed {
		k.deliveries()
		k.warnings()
		k.office()
	}
	slices.SortFunc(k.all, func(a, b Clock) int {
		return cmp.Or(a.Next.Compare(b.Next), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Target, b.Target))
	})
	return k.all
}

func (k *clocks) victim(v Victim) {
	id := string(v.ID)
	if v.Waiver != nil && v.Disposition == ObligationWaived {
		k.at(ClockWaiverExpiry, id, v.Waiver.Approved, v.Waiver.Expires) // also on a closed case
	}
	if k.s.Closed || v.Disposition.Ended() {
		return
	}
	if v.Waiver != nil {
		k.rule(tocsin.ClockWaiver, id, v.Waiver.Proposed)
	}
	switch {
	case v.Refusal != nil:
		k.rule(tocsin.ClockRefusal, id, v.Refusal.Proposed)
	case v.Disposition == ObligationOpen:
		k.rule(tocsin.ClockDetermination, id, v.KnownSince)
	}
	if v.Disposition != ObligationOwed {
		return
	}
	if at := k.s.unaffirmed(v); !at.IsZero() {
		k.rule(tocsin.ClockAffirmation, id, at)
	}
	// Whatever is in flight has a clock of its own (deliveries).
	tried, flying, last := k.s.progress(v)
	switch {
	case !tried:
		k.rule(tocsin.ClockFirstDelivery, id, v.Since)
	case !flying:
		k.at(tocsin.ClockAcknowledge, id, last, last) // the ladder is spent: somebody has to think
	}
}

// unaffirmed is when the earliest answer came that a senior officer has not
// affirmed; zero if there is none.
func (s State) unaffirmed(v Victim) time.Time {
	var first time.Time
	for _, u := range s.Under(v) {
		if st := u.Standing; st.Determination != nil && st.Affirmed == "" && (first.IsZero() || st.DeterminedAt.Before(first)) {
			first = st.DeterminedAt
		}
	}
	return first
}

// progress says how far the live warnings that cover v have come: whether a
// delivery has been tried to everybody who must be told, whether one is still in
// flight, and when the last thing happened.
func (s State) progress(v Victim) (tried, flying bool, last time.Time) {
	tried = len(s.untold(v, func(w Warning, d Delivery) bool { return s.stands(w) && !d.FirstTry.IsZero() })) == 0
	for _, d := range s.Deliveries {
		w, _ := s.Warning(d.Warning)
		if !w.covers(v.ID) || !s.stands(w) {
			continue
		}
		flying = flying || s.inFlight(d)
		for _, at := range []time.Time{d.FirstTry, d.Handed, d.Delivered, d.Answered} {
			if at.After(last) {
				last = at
			}
		}
	}
	return tried, flying, last
}

func (k *clocks) deliveries() {
	for _, d := range k.s.Deliveries {
		switch {
		case (d.State == Sent || d.State == Assigned || d.State == Delivered) && k.s.awaits(d):
			k.rule(tocsin.ClockAcknowledge, string(d.Key), d.Handed)
		case d.State == Planned || d.State == Started || (d.State == Uncertain && !d.NotBefore.IsZero()):
			k.sending(d)
		case k.s.unreached(d):
			w, _ := k.s.Warning(d.Warning)
			k.at(ClockUntold, string(d.Key), w.Released, k.s.due(tocsin.ClockFirstDelivery, w.Released))
		}
	}
}

// sending runs the clocks of a delivery that has yet to leave. They count from the
// plan or from the first try, and neither a lease nor a wait before the next try
// puts them off: a rung that goes on failing is left for the next one as a silent
// one is.
func (k *clocks) sending(d Delivery) {
	key, from := string(d.Key), d.NotBefore
	if !d.FirstTry.IsZero() {
		from = d.FirstTry
		if k.s.awaits(d) {
			k.rule(tocsin.ClockAcknowledge, key, from)
		}
	}
	k.rule(tocsin.ClockFirstDelivery, key, from)
	w, _ := k.s.Warning(d.Warning)
	if w.Clearance == nil {
		return
	}
	ends := w.Clearance.Expires
	if k.s.barred(d) != "" {
		ends = w.Clearance.At
	}
	if d.State == Started && d.Lease.After(ends) {
		ends = d.Lease // whoever has it may still say what happened
	}
	k.at(ClockClearance, key, w.Clearance.At, ends)
}

func (k *clocks) warnings() {
	for _, w := range k.s.Warnings {
		if !w.Live() || w.Until.IsZero() {
			continue
		}
		lead := among(*k.s, func(t tocsin.Terms) time.Duration { return t.Clocks[tocsin.ClockWindow].After.D() }, longer)
		k.at(tocsin.ClockWindow, string(w.ID), w.Until, w.Until.Add(-lead))
		k.at(ClockLapse, string(w.ID), w.Until, w.Until)
		if w.Untold {
			k.at(ClockUntold, string(w.ID), w.Extended, k.s.due(tocsin.ClockFirstDelivery, w.Extended))
		}
	}
	for _, p := range k.s.Parities {
		if p.Decided.IsZero() {
			k.rule(tocsin.ClockParity, p.ID, p.Opened)
		}
	}
	for _, d := range k.s.Duties {
		if !d.Done.IsZero() {
			continue
		}
		k.at(tocsin.ClockDuty, d.ID, d.Created, d.Soft)
		if !d.Hard.IsZero() {
			k.at(ClockDutyHard, d.ID, d.Created, d.Hard)
		}
	}
}

func (k *clocks) office() {
	if t := k.s.Transfer; t != nil {
		k.rule(tocsin.ClockTransfer, string(t.To), t.At)
	}
	for _, c := range k.s.Consents {
		if c.Answered.IsZero() {
			k.rule(tocsin.ClockConsent, string(c.Report), c.Asked)
		}
	}
	for _, d := range k.s.Disputes {
		if d.Settled.IsZero() {
			k.rule(tocsin.ClockDispute, d.ID, d.At)
		}
	}
	if k.s.Version == 0 {
		return
	}
	if len(k.s.Victims) == 0 {
		// Nobody is named, so no obligation has a clock: this one asks who is meant.
		k.rule(tocsin.ClockDetermination, "", k.s.FirstKnown)
	}
	k.at(tocsin.ClockReview, "", k.s.LastReview, k.s.LastReview.Add(k.s.reviewInterval()))
}

// reviewInterval is the pack's first interval, then the following ones in turn,
// the last repeating.
func (s State) reviewInterval() time.Duration {
	return among(s, func(t tocsin.Terms) time.Duration {
		r := t.Clocks[tocsin.ClockReview]
		if s.Reviews == 0 || len(r.Then) == 0 {
			return r.After.D()
		}
		return r.Then[min(s.Reviews, len(r.Then))-1].D()
	}, shorter)
}

// extension is by how much a window that would lapse undecided is extended.
func (s State) extension() time.Duration {
	return among(s, func(t tocsin.Terms) time.Duration { return t.Extension.D() }, longer)
}

// decide of Tick misses every clock that is due, in order, each with what follows
// from it. Each miss moves its clock into the future or stops it, so this ends.
func (c Tick) decide(t *turn) error {
	for range 10_000 {
		all := Clocks(t.s)
		if len(all) == 0 || all[0].Next.After(t.m.At) {
			return nil
		}
		t.miss(all[0])
	}
	return tocsin.Fault(tocsin.Refused, "clocks", "The clocks of this case do not come to rest.", "This is a fault of the program: report it.")
}

// levels is to whom a missed clock is raised, in turn.
var levels = []tocsin.Role{"", tocsin.DutyOfficer, tocsin.SeniorOfficer}

// RaisedTo lists the roles to which clocks that are still missed have been raised,
// the most senior last. The owner, to whom every clock is raised first, is not one.
func (s State) RaisedTo() []tocsin.Role {
	level := 0
	for _, c := range Clocks(s) {
		at := min(c.Count, len(levels)) - 1
		if c.Name == ClockDutyHard && c.Count > 0 {
			at = len(levels) - 1
		}
		level = max(level, at)
	}
	return levels[1 : level+1]
}

// repeat is the shortest interval at which a clock is raised again: a pack that
// set it to nothing must not stop time.
const repeat = time.Minute

// The longest that a missed clock is silent.
const (
	patience     = 24 * time.Hour
	lifePatience = 4 * time.Hour // where the clock is one of an obligation, or of a delivery for one
)

// raisedAgain is how long after a miss the clock is raised again: the pack's
// interval while it climbs to the most senior, then twice as long each time up to
// patience, so that a case that waits for months does not drown those that
// cannot wait. It never stops, and while a life is owed a warning it never waits
// longer than a tenth of what is left to the attack.
func (s State) raisedAgain(c Clock) time.Duration {
	first := max(among(s, func(t tocsin.Terms) time.Duration { return t.Clocks[tocsin.ClockRepeat].After.D() }, shorter), repeat)
	wait := first << min(max(c.Count+1-len(levels), 0), 16)
	most := patience
	_, owed := s.Victim(tocsin.VictimID(c.Target))
	if _, sending := s.Delivery(tocsin.DeliveryKey(c.Target)); owed || sending {
		most = lifePatience
		if left := s.Attack().Sub(s.Now); left > 0 {
			most = min(most, left/10)
		}
	}
	return max(min(wait, most), first)
}

func (t *turn) miss(c Clock) {
	again := t.s.raisedAgain(c)
	level := min(c.Count, len(levels)-1)
	if c.Name == ClockDutyHard {
		level = len(levels) - 1
	}
	t.emit(ClockMissed{t.head(), c.Name, c.Target, c.Anchor, c.Due, c.Count + 1, levels[level], tocsin.Instant(t.m.At.Add(again))})
	t.afterMiss(c)
}

// afterMiss is what follows from a missed clock besides that it is raised. All of
// it falls towards warning.
func (t *turn) afterMiss(c Clock) {
	victim := tocsin.VictimID(c.Target)
	switch c.Name {
	case tocsin.ClockDetermination:
		if victim == "" {
			return // nobody is named yet
		}
		t.emit(FellToOwed{t.head(), victim, c.Name, "nobody determined in time that no warning is owed"})
	case tocsin.ClockRefusal:
		t.emit(FellToOwed{t.head(), victim, c.Name, "nobody signed the refusal in time"})
	case tocsin.ClockWaiver:
		t.emit(WaiverDenied{t.head(), victim, "nobody decided it in time", true})
	case ClockWaiverExpiry:
		t.reopen("the waiver for " + c.Target + " expired")
		t.emit(WaiverEnded{t.head(), victim, "the waiver expired"})
	case tocsin.ClockAcknowledge:
		if _, ok := t.s.Delivery(tocsin.DeliveryKey(c.Target)); ok {
			t.escalate(tocsin.DeliveryKey(c.Target), "no acknowledgement in time")
		}
	case ClockClearance:
		t.unsendable(tocsin.DeliveryKey(c.Target))
	case ClockLapse:
		until := t.m.At
		if w, _ := t.s.Warning(tocsin.WarningID(c.Target)); w.Until.After(until) {
			until = w.Until
		}
		until = until.Add(max(t.s.extension(), repeat))
		t.emit(WindowExtended{t.head(), tocsin.WarningID(c.Target), until, "nobody decided before the window ended", true})
	}
}

// unsendable gives up a delivery whose clearance has ended, or that must not leave
// any more and of which its sender never said what happened.
func (t *turn) unsendable(k tocsin.DeliveryKey) {
	d, _ := t.s.Delivery(k)
	w, _ := t.s.Warning(d.Warning)
	why := cmp.Or(t.s.barred(d), "the clearance ended before it could be sent")
	if w.Draft.Message.Ends() && t.s.routeTouches(d) == "" {
		// Somebody who was warned has not been told that it is over: that stays open.
		t.emit(DeliveryFailed{t.head(), k, d.Attempt, classPermanent, why, time.Time{}})
		return
	}
	t.emit(DeliveryStopped{t.head(), k, why})
}
