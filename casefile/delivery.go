package casefile

import (
	"slices"
	"time"

	"tocsin"
)

// Failure classes, as package deliver has them.
const (
	classTemporary = "temporary"
	classPermanent = "permanent"
	classUncertain = "uncertain"
)

// SendAt says from when on the machine should try d: when its time comes, or when
// the lease of whoever started it runs out. ok is false for a delivery that is not
// to be tried (any more): it has an outcome, its words must not leave, or its
// clearance ends before that. Due work is planned by this and by nothing else.
func (s State) SendAt(d Delivery) (at time.Time, ok bool) {
	w, found := s.Warning(d.Warning)
	if !found || w.Clearance == nil || s.barred(d) != "" {
		return time.Time{}, false
	}
	switch d.State {
	case Planned, Uncertain:
		at = d.NotBefore
	case Started:
		at = d.Lease
	}
	return at, !at.IsZero() && at.Before(w.Clearance.Expires)
}

// Sendable reports whether the machine should try d at now.
func (s State) Sendable(d Delivery, now time.Time) bool {
	at, ok := s.SendAt(d)
	if !ok || at.After(now) {
		return false
	}
	w, _ := s.Warning(d.Warning)
	return w.Clearance.Expires.After(now)
}

// barred says why the words of d must not leave, or not leave again, or "".
func (s State) barred(d Delivery) string {
	w, _ := s.Warning(d.Warning)
	switch {
	case s.superseded(d):
		return "later words have been released"
	case s.routeTouches(d) != "":
		return "the route runs through the threat actor"
	case w.Draft.Message == tocsin.Alert && s.answered(d.Warning, d.Recipient):
		return "the recipient has acknowledged it"
	}
	return ""
}

// superseded reports whether later words of the same thread have been released to
// the same recipient, or the thread has been ended.
func (s State) superseded(d Delivery) bool {
	w, _ := s.Warning(d.Warning)
	first := s.root(w)
	if first.EndedBy != "" {
		return first.EndedBy != w.ID
	}
	return slices.ContainsFunc(s.Warnings, func(x Warning) bool {
		if x.Clearance == nil || x.Order <= w.Order || s.root(x).ID != first.ID {
			return false
		}
		_, same := x.Draft.Recipient(d.Recipient)
		return same
	})
}

func (c StartDeliveries) decide(t *turn) error {
	if !c.Lease.After(t.m.At) || c.Worker == "" || len(c.Keys) == 0 {
		return tocsin.Fault(tocsin.Invalid, "lease", "A delivery needs a worker and a lease that ends in the future.", "This is a fault of the program: report it.")
	}
	for _, k := range c.Keys {
		d, ok := t.s.Delivery(k)
		if !ok {
			return noDelivery(k)
		}
		if !t.s.Sendable(d, t.m.At) {
			return tocsin.Faultf(tocsin.Conflict, "not_sendable", "Nothing needs to be done: somebody else has it, or it was stopped.", "Delivery %s is %s.", k, d.State)
		}
		if d.State == Started {
			// Whoever started it never said how it ended. It may have gone.
			t.emit(DeliveryFailed{t.head(), k, d.Attempt, classUncertain, "the sender stopped before it could say what happened", t.m.At})
		}
		t.emit(DeliveryStarted{t.head(), k, d.Attempt + 1, c.Worker, tocsin.Instant(c.Lease)})
	}
	return nil
}

func (c RecordAttempt) decide(t *turn) error {
	d, ok := t.s.Delivery(c.Key)
	if !ok {
		return noDelivery(c.Key)
	}
	// A receipt that comes after the lease ran out, or after the delivery was
	// stopped, is still a fact; a late failure says nothing.
	late := c.Receipt != nil && 0 < c.Attempt && c.Attempt <= d.Attempt && !d.handed()
	if !late && (d.State != Started || d.Attempt != c.Attempt) {
		return tocsin.Faultf(tocsin.Conflict, "attempt_over", "Nothing needs to be done.", "Attempt %d of delivery %s is over.", c.Attempt, c.Key)
	}
	if c.Receipt != nil {
		t.emit(DeliveryHanded{t.head(), c.Key, c.Attempt, *c.Receipt})
		return nil
	}
	t.fail(d, c)
	return nil
}

func noDelivery(k tocsin.DeliveryKey) error {
	return tocsin.Faultf(tocsin.NotFound, "delivery", "Look at the case's deliveries.", "There is no delivery %q.", k)
}

// fail decides what a failed attempt leads to: the same rung again after a
// back-off, or the next rung at once. An uncertain attempt is repeated under the
// same key, so that the receiver can tell. The far side may ask for a longer wait,
// but for no longer than silence is waited for: a server must not be able to put
// a warning off by asking.
func (t *turn) fail(d Delivery, c RecordAttempt) {
	retry := time.Time{}
	attempts := among(t.s, func(t tocsin.Terms) int { return t.MaxAttempts }, func(a, b int) bool { return a > b })
	if c.Class != classPermanent && d.Attempt < attempts && t.s.barred(d) == "" {
		backoff := among(t.s, func(t tocsin.Terms) time.Duration { return t.Backoff.D() }, shorter)
		wait := max(backoff, 0) << min(max(d.Attempt-1, 0), 16)
		patience := t.s.due(tocsin.ClockAcknowledge, t.m.At).Sub(t.m.At)
		retry = tocsin.Instant(t.m.At.Add(max(wait, min(c.Retry.D(), patience))))
	}
	t.emit(DeliveryFailed{t.head(), c.Key, d.Attempt, c.Class, c.Detail, retry})
	if retry.IsZero() {
		t.escalate(c.Key, "attempt failed: "+c.Detail)
	}
}

// escalate leaves a rung for the next one, which may be another channel or a
// higher addressee (T-08). A message that ends a warning asks for no answer, but
// one that could not be handed over tries the next rung too (T-14).
func (t *turn) escalate(k tocsin.DeliveryKey, why string) {
	d, _ := t.s.Delivery(k)
	w, _ := t.s.Warning(d.Warning)
	switch {
	case d.Raised, t.s.superseded(d):
		return
	case w.Draft.Message.Ends() && t.s.told(d.Warning, d.Recipient):
		return
	case !w.Draft.Message.Ends() && t.s.answered(d.Warning, d.Recipient):
		return
	}
	r, _ := w.Draft.Recipient(d.Recipient)
	next := d.Rung + 1
	for next < len(r.Ladder) && (t.s.hasRung(d.Warning, d.Recipient, next) || t.s.rungTouches(r, next) != "") {
		next++
	}
	exhausted := next >= len(r.Ladder) || !w.Clearance.Expires.After(t.m.At)
	t.emit(DeliveryEscalated{t.head(), k, why, exhausted})
	if !exhausted {
		t.planRung(w, r, next)
	}
}

func (s State) hasRung(w tocsin.WarningID, r tocsin.RecipientID, rung int) bool {
	return slices.ContainsFunc(s.Deliveries, func(d Delivery) bool { return d.Warning == w && d.Recipient == r && d.Rung == rung })
}

// answered reports whether the recipient has acknowledged the warning. A later "we
// will see" or "we refuse" does not take that back. An answer by way of the threat
// actor is nobody's: it silences no other rung (invariants 7 and 8).
func (s State) answered(w tocsin.WarningID, r tocsin.RecipientID) bool {
	// By index, and the state first: this is asked of every delivery of a case, which
	// may have thousands, and most have no answer.
	for i := range s.Deliveries {
		d := &s.Deliveries[i]
		if (d.State == AckedState || d.State == Acting) && d.Warning == w && d.Recipient == r && s.routeTouches(*d) == "" {
			return true
		}
	}
	return false
}

// told reports whether the words of w have left for r over some rung.
func (s State) told(w tocsin.WarningID, r tocsin.RecipientID) bool {
	return slices.ContainsFunc(s.Deliveries, func(d Delivery) bool { return d.Warning == w && d.Recipient == r && d.handed() })
}

// unreached reports whether d should have told somebody that a warning has ended,
// has been given up by the machine, and nothing else told them. A person must
// reach them in another way, or say that it cannot be done (T-14).
func (s State) unreached(d Delivery) bool {
	w, _ := s.Warning(d.Warning)
	gaveUp := d.State == Failed || (d.State == Uncertain && d.NotBefore.IsZero())
	return gaveUp && w.Draft.Message.Ends() && !s.told(d.Warning, d.Recipient)
}

func (c ConfirmDelivery) decide(t *turn) error {
	if err := needWords("how", c.How, "How it is known that the words arrived"); err != nil {
		return err
	}
	t.emit(DeliveryConfirmed{t.head(), c.Key, c.How})
	return nil
}

func (c RecordService) decide(t *turn) error {
	sv := c.Service
	sv.At = tocsin.Instant(sv.At)
	switch {
	case sv.Person == "" || sv.Place == "" || sv.At.IsZero():
		return tocsin.Fault(tocsin.Invalid, "service_incomplete", "The record of service lacks the person, the place or the time.", "Give all three.").
			At(absent(map[string]bool{"service.person": sv.Person == "", "service.place": sv.Place == "", "service.at": sv.At.IsZero()})...)
	case sv.At.After(t.m.At):
		return tocsin.Fault(tocsin.Invalid, "service_in_the_future", "The service lies in the future.", "Give the time at which the words were given.").At("service.at")
	case sv.Signed && sv.RefusedSign:
		return tocsin.Fault(tocsin.Invalid, "signed_and_refused", "They cannot have signed and refused to sign.", "Give one of the two.").At("service.signed", "service.refused_sign")
	case sv.Signed && sv.Answer == tocsin.AckRefused:
		return tocsin.Fault(tocsin.Invalid, "signed_and_refused_it", "They cannot have signed for the warning and refused it.", "Take the signature away, or choose another answer.").At("service.signed", "service.answer")
	case sv.Answer != "" && !sv.Answer.Known():
		return noAnswer(sv.Answer).At("service.answer")
	}
	t.emit(ServiceRecorded{t.head(), c.Key, sv})
	if sv.Signed {
		t.acknowledged(c.Key)
	}
	if sv.Answer != "" {
		t.answer(Acknowledge{Key: c.Key, Answer: sv.Answer, Person: sv.Person, Words: sv.Response})
	}
	return nil
}

func (c RecordNotFound) decide(t *turn) error {
	if err := needReason(c.Reason, "An attempt that reached nobody"); err != nil {
		return err
	}
	d, _ := t.s.Delivery(c.Key)
	if d.State != Assigned {
		t.emit(DeliveryStopped{t.head(), c.Key, c.Reason})
		return nil
	}
	class := classTemporary
	if c.Final {
		class = classPermanent
	}
	t.fail(d, RecordAttempt{Key: c.Key, Class: class, Detail: c.Reason})
	return nil
}

func (c Acknowledge) decide(t *turn) error {
	if !c.Answer.Known() {
		return noAnswer(c.Answer).At("answer")
	}
	if c.Person == "" && t.m.By.Human() {
		return tocsin.Fault(tocsin.Invalid, "person_missing", "Nobody is named as having answered.", "Name who answered, by name or by post. An organisation does not acknowledge; a person does.").At("person")
	}
	t.answer(c)
	return nil
}

// answer records an answer, with what follows from it.
func (t *turn) answer(c Acknowledge) {
	t.emit(Acknowledged{t.head(), c.Key, c.Answer, c.Person, c.Words})
	switch {
	case c.Answer.Acknowledges():
		t.acknowledged(c.Key)
	case c.Answer == tocsin.AckRefused:
		t.escalate(c.Key, "the recipient refused it")
	}
}

func noAnswer(k tocsin.AckKind) *tocsin.Error {
	return tocsin.Faultf(tocsin.Invalid, "answer", "Use received, understood, acting, refused or will_answer_later.", "%q is not an answer.", k)
}

// acknowledged ends the ladder to this recipient and discharges the obligations
// that the warning covers.
func (t *turn) acknowledged(k tocsin.DeliveryKey) {
	d, _ := t.s.Delivery(k)
	w, _ := t.s.Warning(d.Warning)
	if !t.s.reaches(w, d) {
		return // an answer that comes by way of the actor, or to words taken back, ends nothing
	}
	for _, o := range t.s.Deliveries {
		// What follows a first warning goes out on every channel that was used, even
		// to somebody who has already answered on one of them.
		rest := o.State == Planned || (o.State == Uncertain && !o.NotBefore.IsZero())
		if rest && o.Warning == d.Warning && o.Recipient == d.Recipient && o.Key != k && w.Draft.Message == tocsin.Alert {
			t.emit(DeliveryStopped{t.head(), o.Key, "acknowledged on " + d.Channel})
		}
	}
	for _, v := range t.s.Victims {
		if w.covers(v.ID) && !v.Disposition.Ended() && len(t.s.untold(v, t.s.answeredFor)) == 0 {
			t.emit(DischargeRecorded{t.head(), v.ID, w.ID, HowAcknowledged, ""})
		}
	}
}

func (c Discharge) decide(t *turn) error {
	if err := needReason(c.Reason, "Discharging without an acknowledgement"); err != nil {
		return err
	}
	var by tocsin.WarningID
	v, _ := t.s.Victim(c.Victim)
	for _, d := range t.s.Deliveries {
		w, _ := t.s.Warning(d.Warning)
		if w.covers(c.Victim) && w.Order >= v.Afresh && t.s.reaches(w, d) && (by == "" || t.s.answeredFor(w, d)) {
			by = w.ID
		}
	}
	how := HowUnacknowledged
	if len(t.s.untold(v, t.s.answeredFor)) == 0 {
		how = HowAcknowledged // it was acknowledged, and then became owed again
	}
	t.emit(DischargeRecorded{t.head(), c.Victim, by, how, c.Reason})
	return nil
}

// mayDischarge says when an obligation may be ended without an acknowledgement:
// the words are with a recipient, and either every rung has been tried or the
// outcome is known.
func mayDischarge(s State, v Victim) error {
	trying := slices.ContainsFunc(s.Deliveries, func(d Delivery) bool {
		w, _ := s.Warning(d.Warning)
		return w.covers(v.ID) && s.stands(w) && s.inFlight(d)
	})
	switch open := s.untold(v, s.reaches); {
	case len(open) > 0 && s.reachedAnybody(v):
		m := open[0].rule
		return tocsin.Faultf(tocsin.Refused, "must_tell", "Warn them too, and confirm that it arrived.", "Not everybody has been told about %s who must be: it still takes a warning of kind %s. %s (%s)",
			v.Name, kindNames(m.Kinds), m.Because, m.Clause)
	case len(open) > 0:
		return tocsin.Fault(tocsin.Refused, "not_delivered", "No warning that covers this victim has been delivered.", "Sent is not delivered: confirm the delivery first, or go on trying.")
	case trying && !s.outcomeKnown():
		return tocsin.Fault(tocsin.Refused, "ladder_not_exhausted", "There are channels and addressees that have not been tried to the end.", "Wait for the ladder, or record the outcome if it is known.")
	}
	return nil
}

func (s State) reachedAnybody(v Victim) bool {
	return slices.ContainsFunc(s.Deliveries, func(d Delivery) bool {
		w, _ := s.Warning(d.Warning)
		return w.covers(v.ID) && w.Order >= v.Afresh && s.reaches(w, d)
	})
}

// inFlight reports whether something may still come of d by itself: an attempt,
// an answer, or the next rung when its clock runs out. Words that must not leave
// any more do not count, even if somebody has them in hand.
func (s State) inFlight(d Delivery) bool {
	switch d.State {
	case Planned, Started:
		return s.barred(d) == ""
	case Uncertain:
		return !d.NotBefore.IsZero() && s.barred(d) == ""
	case Sent, Assigned, Delivered:
		return s.awaits(d)
	}
	return false
}

// awaits reports whether an answer to d is still being waited for on its clock.
func (s State) awaits(d Delivery) bool {
	w, _ := s.Warning(d.Warning)
	return !w.Draft.Message.Ends() && s.stands(w) && !d.Raised && !s.answered(d.Warning, d.Recipient) && !s.superseded(d)
}
