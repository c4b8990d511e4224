package verify

import (
	"fmt"
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/ledger"
	"tocsin/release"
)

// machine is the actor under whose name the program itself acts. No account may
// have it.
const machine tocsin.ActorID = "tocsin"

// wrong looks for what no honest program can have written, whoever did. It is a
// second, smaller statement of the rules that package casefile enforces when a
// command is given, and shares no code with it: a fault there must not hide here.
func wrong(rec ledger.Record, e casefile.Event, before, after casefile.State) []string {
	var why []string
	add := func(bad bool, format string, args ...any) {
		if bad {
			why = append(why, fmt.Sprintf(format, args...))
		}
	}
	_, opens := e.(casefile.CaseOpened)
	add(opens != (rec.Seq == 1), "a case is opened by its first record and by no other")
	h := e.Stamp()
	add(h.By != rec.Actor || !h.At.Equal(rec.EntryTime), "the envelope names another person or time than the event")
	add(rec.Pack != after.Terms.Pack.Digest, "it rests on another pack than the case")
	add(h.At.Before(before.Now), "it is older than what it follows")
	add(after.Owner == "", "the case has no owner")
	add(h.By == machine && slices.Contains(human, e.Kind()), "the machine did what only a person may do")
	add(h.By != machine && slices.Contains(machines, e.Kind()), "a person is recorded as having done what only the machine does")
	if s := step(e, before); s != "" {
		why = append(why, s)
	}
	return append(why, standing(after)...)
}

// human are the kinds that only people bring about (invariant 5), machines those
// that only the program does.
var (
	human = []string{casefile.CaseOpened{}.Kind(), casefile.WaiverProposed{}.Kind(), casefile.WaiverApproved{}.Kind(), casefile.RefusalProposed{}.Kind(),
		casefile.RefusalSigned{}.Kind(), casefile.HandoverAccepted{}.Kind(), casefile.TransferAccepted{}.Kind(), casefile.ExigentInvoked{}.Kind(),
		casefile.WarningDrafted{}.Kind(), casefile.WarningApproved{}.Kind(), casefile.WarningReleased{}.Kind(), casefile.DischargeRecorded{}.Kind(),
		casefile.ParityDecided{}.Kind(), casefile.OutcomeRecorded{}.Kind(), casefile.CaseClosed{}.Kind(), casefile.Acknowledged{}.Kind()}
	machines = []string{casefile.Determined{}.Kind(), casefile.DeliveryStarted{}.Kind(), casefile.DeliveryHanded{}.Kind(), casefile.ClockMissed{}.Kind()}
)

// step says why e cannot follow s, or "".
func step(e casefile.Event, s casefile.State) string {
	switch e := e.(type) {
	case casefile.WaiverApproved, casefile.RefusalSigned, casefile.HandoverAccepted, casefile.DischargeRecorded:
		return ends(e, s)
	case casefile.WarningApproved, casefile.WarningReleased:
		return releases(e, s)
	case casefile.DeliveryPlanned, casefile.DeliveryStarted, casefile.DeliveryHanded, casefile.Acknowledged, casefile.ServiceRecorded, casefile.DeliveryConfirmed:
		return delivers(e, s)
	case casefile.TransferAccepted:
		if s.Transfer == nil || s.Transfer.To != e.By {
			return "nobody offered the case to " + string(e.By)
		}
	case casefile.CaseClosed:
		if open := casefile.Obstacles(s); len(open) > 0 {
			return "the case was closed although " + open[0]
		}
	}
	return ""
}

// ends is step for what ends an obligation.
func ends(e casefile.Event, s casefile.State) string {
	switch e := e.(type) {
	case casefile.WaiverApproved:
		v, _ := s.Victim(e.Victim)
		return waiver(v, e, s)
	case casefile.RefusalSigned:
		v, _ := s.Victim(e.Victim)
		switch {
		case v.Refusal == nil:
			return "no refusal was proposed for " + string(e.Victim)
		case v.Refusal.Proposer == e.By || slices.Contains(v.Graders, e.By) || slices.Contains(s.SeenGrade, e.By):
			return "the second signer of the refusal for " + string(e.Victim) + " had seen the first grade"
		case v.Refusal.Reason == "" || e.Reason == "":
			return "the refusal for " + string(e.Victim) + " gives no reason"
		}
	case casefile.HandoverAccepted:
		if v, _ := s.Victim(e.Victim); v.Handover == nil || e.Person == "" {
			return "nobody took over the obligation towards " + string(e.Victim)
		}
	case casefile.DischargeRecorded:
		w, _ := s.Warning(e.Warning)
		reached := slices.ContainsFunc(s.Deliveries, func(d casefile.Delivery) bool { return d.Warning == e.Warning && d.Reached() })
		if w.Clearance == nil || !slices.Contains(w.Draft.Victims, e.Victim) || !reached {
			return "no warning that covers " + string(e.Victim) + " has been delivered"
		}
	}
	return ""
}

func waiver(v casefile.Victim, e casefile.WaiverApproved, s casefile.State) string {
	w := v.Waiver
	if w == nil || w.Approver != "" {
		return "no waiver was proposed for " + string(e.Victim)
	}
	if why := claim(v, e, s.Terms, casefile.Claim{Ground: w.Ground, Evidence: w.Evidence, Alternatives: w.Alternatives}); why != "" {
		return why
	}
	for i, terms := range s.Further {
		at := slices.IndexFunc(w.Further, func(c casefile.Claim) bool { return c.Pack == terms.Pack.Name })
		if at >= 0 {
			if why := claim(v, e, terms, w.Further[at]); why != "" {
				return why
			}
			continue
		}
		if d := v.Further[i].Determination; d == nil || v.Further[i].Stale || d.Result != tocsin.ResultNotOwed {
			return "the waiver for " + string(e.Victim) + " rests on no ground of " + terms.Pack.Name
		}
	}
	return ""
}

// claim says what is wrong with what a waiver rests on under one pack, or "".
func claim(v casefile.Victim, e casefile.WaiverApproved, terms tocsin.Terms, c casefile.Claim) string {
	w := v.Waiver
	g, known := terms.Ground(c.Ground)
	switch {
	case w.Proposer == e.By:
		return "the waiver for " + string(e.Victim) + " was approved by whoever proposed it"
	case !known || (g.Alternatives && c.Alternatives == ""):
		return "the waiver for " + string(e.Victim) + " rests on no ground of the pack, or tried no alternative"
	case w.Expires.IsZero() || w.Expires.After(w.Proposed.Add(g.Validity.D())):
		return "the waiver for " + string(e.Victim) + " stands for longer than its ground allows"
	}
	for _, q := range g.Evidence {
		if c.Evidence[q.ID] == "" {
			return "the waiver for " + string(e.Victim) + " leaves a question of its ground unanswered: " + q.ID
		}
	}
	return ""
}

// releases is step for what lets words out.
func releases(e casefile.Event, s casefile.State) string {
	switch e := e.(type) {
	case casefile.WarningApproved:
		w, _ := s.Warning(e.Warning)
		switch {
		case e.Digest != w.Draft.Digest():
			return "other words than those of " + string(e.Warning) + " were approved"
		case slices.Contains(w.Authors, e.By):
			return string(e.Warning) + " was approved by one of its authors"
		}
	case casefile.WarningReleased:
		c := e.Clearance
		w, _ := s.Warning(c.Warning)
		switch {
		case w.Approval == nil || w.Approval.Digest != c.Digest || c.Digest != w.Draft.Digest() || c.Version != w.Draft.Version:
			return string(c.Warning) + " was released with other words than were approved and cleared"
		case c.Released != e.By:
			return string(c.Warning) + " was released by somebody else than the clearance says"
		case !c.Expires.After(e.At):
			return string(c.Warning) + " was released after its clearance had ended"
		}
	}
	return ""
}

// delivers is step for what happens to one message.
func delivers(e casefile.Event, s casefile.State) string {
	switch e := e.(type) {
	case casefile.DeliveryPlanned:
		w, _ := s.Warning(e.Warning)
		r, ok := w.Draft.Recipient(e.Recipient)
		if w.Clearance == nil || !ok || e.Rung < 0 || e.Rung >= len(r.Ladder) {
			return "a message was planned that was not cleared"
		}
		if e.Key != casefile.Key(s.ID, e.Warning, w.Draft.Version, e.Recipient, e.Rung) {
			return "a message was planned under a key that is not its own"
		}
	case casefile.DeliveryStarted:
		return starts(e, s)
	case casefile.DeliveryHanded:
		return handed(e, s)
	case casefile.Acknowledged:
		return tried(e.Key, s)
	case casefile.ServiceRecorded:
		return tried(e.Key, s)
	case casefile.DeliveryConfirmed:
		return tried(e.Key, s)
	}
	return ""
}

func tried(k tocsin.DeliveryKey, s casefile.State) string {
	d, ok := s.Delivery(k)
	w, _ := s.Warning(d.Warning)
	if !ok || (d.FirstTry.IsZero() && !w.Draft.Message.Ends()) {
		return "message " + string(k) + " was answered before anybody tried to send it"
	}
	return ""
}

func starts(e casefile.DeliveryStarted, s casefile.State) string {
	d, _ := s.Delivery(e.Key)
	w, _ := s.Warning(d.Warning)
	switch {
	case d.State != casefile.Planned && d.State != casefile.Uncertain:
		return fmt.Sprintf("message %s was sent although it was %s", e.Key, d.State)
	case w.Clearance == nil || !w.Clearance.Expires.After(e.At):
		return "message " + string(e.Key) + " was sent without a clearance that stood"
	case e.Attempt != d.Attempt+1:
		return fmt.Sprintf("attempt %d on message %s follows attempt %d", e.Attempt, e.Key, d.Attempt)
	case e.Worker == "" || !e.Lease.After(e.At):
		return "message " + string(e.Key) + " was started without a lease"
	}
	return ""
}

func handed(e casefile.DeliveryHanded, s casefile.State) string {
	d, _ := s.Delivery(e.Key)
	w, _ := s.Warning(d.Warning)
	r, _ := w.Draft.Recipient(d.Recipient)
	text, _ := w.Draft.Text(r)
	switch {
	case e.Attempt < 1 || e.Attempt > d.Attempt:
		return "message " + string(e.Key) + " has a receipt for an attempt that was never started"
	case e.Receipt.Body != release.BodyDigest(text):
		return "the receipt of message " + string(e.Key) + " is for other words than were cleared"
	}
	return ""
}

// standing looks at a state as it stands, whatever led to it.
func standing(s casefile.State) []string {
	var why []string
	for _, v := range s.Victims {
		if v.Disposition == casefile.ObligationWaived && (v.Waiver == nil || v.Waiver.Approver == "" || v.Waiver.Approver == v.Waiver.Proposer) {
			why = append(why, "victim "+string(v.ID)+" is waived without a second person")
		}
		refused := v.Disposition == casefile.ObligationNotOwed || v.Disposition == casefile.ObligationOvertaken
		if refused && (v.Refusal == nil || v.Refusal.Signer == "" || v.Refusal.Signer == v.Refusal.Proposer) {
			why = append(why, "victim "+string(v.ID)+" is refused without a second signer")
		}
	}
	for _, w := range s.Warnings {
		if w.Clearance != nil && (w.Clearance.Digest != w.Draft.Digest() || w.Approval == nil || w.Approval.Digest != w.Clearance.Digest) {
			why = append(why, "warning "+string(w.ID)+" was released with other words than were approved and cleared")
		}
	}
	return why
}

// never is a time that no clock of a case reaches.
var never = time.Unix(1<<40, 0)
