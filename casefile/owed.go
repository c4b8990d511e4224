package casefile

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tocsin"
)

// Step is something that a case still owes.
type Step struct {
	Kind    string       `json:"kind"`             // the command that does it, or "send" or "wait"
	Target  string       `json:"target,omitempty"` //
	Machine bool         `json:"machine"`          // the engine does it by itself
	Power   tocsin.Power `json:"power,omitempty"`  // else: who may
	Due     time.Time    `json:"due,omitzero"`     // the clock that runs for it, if one does
	Why     string       `json:"why"`
}

// Owed is what the case owes next: the first of Outstanding. A closed case with
// nothing running owes a Step of kind "nothing".
func Owed(s State) Step {
	all := Outstanding(s)
	if len(all) == 0 {
		return Step{Kind: "nothing", Machine: true, Why: "the case is closed"}
	}
	return all[0]
}

// Outstanding lists everything that a case owes. What the machine can do at once
// comes first; the rest is in the order of a case's life, the most urgent first
// within a stage. An open case always owes something.
func Outstanding(s State) []Step {
	o := &owing{s: s, clocks: Clocks(s)}
	if !s.Closed {
		o.machine()
		for _, v := range s.Victims {
			o.victim(v)
		}
		o.warnings()
		o.office()
		o.ending()
	}
	return o.steps
}

type owing struct {
	s      State
	clocks []Clock
	steps  []Step
}

func (o *owing) add(st Step) { o.steps = append(o.steps, st) }

func (o *owing) due(name tocsin.ClockName, target string) time.Time {
	for _, c := range o.clocks {
		if c.Name == name && c.Target == target {
			return c.Due
		}
	}
	return time.Time{}
}

func (o *owing) machine() {
	for _, v := range o.s.Victims {
		if o.s.NeedsDetermination(v) {
			o.add(Step{Kind: "determine", Target: string(v.ID), Machine: true, Why: "findings have changed"})
		}
	}
	for _, d := range o.s.Deliveries {
		if o.s.inFlight(d) && (d.State == Planned || d.State == Started || d.State == Uncertain) && o.s.barred(d) == "" {
			at := d.NotBefore
			if d.State == Started {
				at = d.Lease
			}
			o.add(Step{Kind: "send", Target: string(d.Key), Machine: true, Due: at, Why: "over " + d.Channel + " to " + d.Addressee})
		}
	}
}

func (o *owing) victim(v Victim) {
	id := string(v.ID)
	if v.Disposition.Ended() {
		return
	}
	if v.Waiver != nil {
		o.add(Step{Kind: "decide_waiver", Target: id, Power: tocsin.MayApproveWaiver, Due: o.due(tocsin.ClockWaiver, id), Why: "a waiver is proposed for " + v.Name})
	}
	if v.Refusal != nil && (v.Refusal.Ground != RefuseBelow || o.s.refusable(v)) { // else the policy is asked again first
		o.add(Step{Kind: "sign_refusal", Target: id, Power: tocsin.MaySignRefusal, Due: o.due(tocsin.ClockRefusal, id), Why: "a refusal for " + v.Name + " waits for a second signer"})
	}
	if v.Handover != nil {
		o.add(Step{Kind: "answer_handover", Target: id, Power: tocsin.MayClose, Due: o.firstClock(v), Why: v.Handover.To + " has been asked to take the duty towards " + v.Name + "; until somebody there accepts, it is ours"})
	}
	if len(o.s.Further) == 0 && v.Determination != nil && !v.Stale && v.Determination.Route == tocsin.RouteOtherPack {
		o.add(Step{Kind: "join_pack", Power: tocsin.MayAssess, Due: o.firstClock(v), Why: o.s.Terms.Pack.Name + " does not cover " + v.Name + ", and says that another pack must be looked for"})
	}
	switch {
	case v.Disposition == ObligationOpen && v.Refusal == nil && o.s.refusable(v):
		o.add(Step{Kind: "propose_refusal", Target: id, Power: tocsin.MayProposeRefusal, Due: o.due(tocsin.ClockDetermination, id), Why: "below the threshold: two people must sign, or the warning is owed"})
	case v.Disposition == ObligationOpen && v.Refusal == nil:
		o.add(Step{Kind: "record_findings", Target: id, Power: tocsin.MayAssess, Due: o.due(tocsin.ClockDetermination, id), Why: "not determined: " + v.Name})
	case v.Disposition == ObligationOwed:
		o.owed(v)
	}
}

func (o *owing) owed(v Victim) {
	id := string(v.ID)
	if slices.ContainsFunc(o.s.Under(v), func(u Under) bool { return u.Standing.affirmable() }) {
		o.add(Step{Kind: "affirm_determination", Target: id, Power: tocsin.MayAffirm, Due: o.due(tocsin.ClockAffirmation, id), Why: "a senior officer affirms or waives"})
	}
	tried, flying, last := o.s.progress(v)
	missing := o.s.untold(v, func(w Warning, d Delivery) bool { return o.s.stands(w) && (!d.FirstTry.IsZero() || o.s.inFlight(d)) })
	if flying && len(missing) == 0 {
		return // the deliveries have steps of their own
	}
	if mayDischarge(o.s, v) == nil {
		o.add(Step{Kind: "discharge", Target: id, Power: tocsin.MayClose, Due: o.due(tocsin.ClockAcknowledge, id), Why: "every rung has been tried and nobody has acknowledged the warning of " + v.Name})
	}
	written := slices.ContainsFunc(o.s.Warnings, func(w Warning) bool {
		return w.Clearance == nil && w.Returned == "" && slices.Contains(w.Draft.Victims, v.ID)
	})
	switch {
	case written: // the draft has a step of its own
	case tried:
		o.add(Step{Kind: "draft_warning", Target: id, Power: tocsin.MayDraft, Due: o.due(tocsin.ClockAcknowledge, id), Why: "the warning of " + v.Name + " has run out of rungs: send it again, over other channels or to somebody more senior"})
	case v.Afresh > 0 && !o.s.spokenTo(v):
		o.add(Step{Kind: "draft_warning", Target: id, Power: tocsin.MayDraft, Due: o.due(tocsin.ClockFirstDelivery, id), Why: "the danger to " + v.Name + " is graver than what was told: warn again"})
	case flying || !last.IsZero():
		m := missing[0]
		o.add(Step{Kind: "draft_warning", Target: id, Power: tocsin.MayDraft, Due: o.due(tocsin.ClockFirstDelivery, id),
			Why: "others must be told about " + v.Name + " too, by a warning of kind " + kindNames(m.kinds) + ": " + m.rule.Because})
	case o.s.covered(v.ID):
		o.add(Step{Kind: "draft_warning", Target: id, Power: tocsin.MayDraft, Due: o.due(tocsin.ClockFirstDelivery, id), Why: "the warning of " + v.Name + " was released and never left: send it again"})
	case slices.ContainsFunc(o.s.Warnings, func(w Warning) bool { return w.Returned != "" && o.firstFor(w, v.ID) }): // what was sent back is owed as this is
	default:
		o.add(Step{Kind: "draft_warning", Target: id, Power: tocsin.MayDraft, Due: o.due(tocsin.ClockFirstDelivery, id), Why: "a warning is owed to " + v.Name})
	}
}

// firstClock is the earliest clock that runs for v itself.
func (o *owing) firstClock(v Victim) time.Time {
	for _, c := range o.clocks {
		if c.Target == string(v.ID) {
			return c.Due
		}
	}
	return time.Time{}
}

func (o *owing) warnings() {
	for _, w := range o.s.Warnings {
		id := string(w.ID)
		switch {
		case w.Live():
			o.live(w)
		case w.Clearance != nil:
		case w.Returned != "":
			o.add(Step{Kind: "draft_warning", Target: id, Power: tocsin.MayDraft, Due: o.firstDue(w), Why: "sent back: " + w.Returned})
		case w.Approval == nil:
			power := tocsin.MayApproveWording
			if o.s.Exigent != nil {
				power = tocsin.MayApproveExigent
			}
			o.add(Step{Kind: "approve_warning", Target: id, Power: power, Due: o.firstDue(w), Why: "somebody who did not write it must approve it"})
		case len(w.Asked()) > 0:
			o.add(Step{Kind: "answer_finding", Target: id, Power: tocsin.MayRelease, Due: o.firstDue(w), Why: askedWhy(w.Asked())})
		default:
			o.add(Step{Kind: "release_warning", Target: id, Power: tocsin.MayRelease, Due: o.firstDue(w), Why: unreleasedWhy(w)})
		}
	}
	for _, d := range o.s.Deliveries {
		k := string(d.Key)
		switch {
		case d.State == Assigned:
			o.add(Step{Kind: "record_service", Target: k, Power: tocsin.MayDeliver, Due: o.due(tocsin.ClockAcknowledge, k), Why: "tell " + d.Addressee + " in person"})
		case o.s.unreached(d):
			o.add(Step{Kind: "confirm_delivery", Target: k, Power: tocsin.MayDeliver, Due: o.due(ClockUntold, k), Why: d.Addressee + " was warned and has not been told that it is over: reach them in another way, or record that it cannot be done"})
		case (d.State == Sent || d.State == Delivered) && o.s.awaits(d):
			o.add(Step{Kind: "acknowledge", Target: k, Power: tocsin.MayDeliver, Due: o.due(tocsin.ClockAcknowledge, k), Why: fmt.Sprintf("%s, no answer from %s yet", d.State, d.Addressee)})
		}
	}
}

func askedWhy(open []tocsin.GuardFinding) string {
	if len(open) == 1 {
		return "the guard asks: " + open[0].What
	}
	return fmt.Sprintf("the guard asks %d questions, the first: %s", len(open), open[0].What)
}

func unreleasedWhy(w Warning) string {
	stopped := slices.IndexFunc(w.Refused, func(f tocsin.GuardFinding) bool { return f.Blocks })
	switch {
	case stopped >= 0:
		return "approved; the guard stopped the last try: " + w.Refused[stopped].What
	case len(w.Refused) > 0:
		return "approved, and what the guard asked is answered: release it"
	}
	return "approved, not released"
}

func (o *owing) live(w Warning) {
	id := string(w.ID)
	following := slices.ContainsFunc(o.s.Warnings, func(x Warning) bool {
		return x.Draft.Refers == w.ID && x.Clearance == nil && x.Returned == ""
	})
	if w.Untold && !following {
		o.add(Step{Kind: "draft_warning", Target: id, Power: tocsin.MayDraft, Due: o.due(ClockUntold, id), Why: "extended: those who were warned must be told"})
	}
	if due := o.due(tocsin.ClockWindow, id); !due.IsZero() {
		o.add(Step{Kind: "extend_window", Target: id, Power: tocsin.MayRelease, Due: due, Why: "the window ends: extend, update or withdraw"})
	}
}

// firstDue is the earliest first-delivery clock of those a draft is about.
func (o *owing) firstDue(w Warning) time.Time {
	var first time.Time
	for _, v := range w.Draft.Victims {
		if d := o.due(tocsin.ClockFirstDelivery, string(v)); !d.IsZero() && (first.IsZero() || d.Before(first)) {
			first = d
		}
	}
	return first
}

// firstFor reports whether a warning that has not gone out is a first one about v.
func (o *owing) firstFor(w Warning, v tocsin.VictimID) bool {
	return w.Clearance == nil && w.Draft.Message == tocsin.Alert && slices.Contains(w.Draft.Victims, v)
}

func (o *owing) office() {
	if t := o.s.Transfer; t != nil {
		o.add(Step{Kind: "answer_transfer", Target: "", Power: tocsin.MayOwn, Due: o.due(tocsin.ClockTransfer, string(t.To)), Why: string(t.To) + " has been asked to take the case"})
	}
	for _, r := range o.s.unconsented() {
		kind, why := "ask_consent", "report "+string(r)+" is under originator control"
		if c, ok := o.s.consent(string(r)); ok && c.Answered.IsZero() {
			kind = "answer_consent"
		} else if ok {
			why += " and was refused: ask for less"
		}
		o.add(Step{Kind: kind, Target: string(r), Power: tocsin.MayAskConsent, Due: o.due(tocsin.ClockConsent, string(r)), Why: why})
	}
	for _, t := range o.s.Tearlines {
		if t.ClearedBy == "" {
			o.add(Step{Kind: "clear_tearline", Target: string(t.Report), Power: tocsin.MayAskConsent, Why: "somebody who did not write the tearline of report " + string(t.Report) + " must clear it before it counts as releasable"})
		}
	}
	if len(o.s.unconsented()) > 0 && o.wantsExigent() {
		o.add(Step{Kind: "invoke_exigent", Power: tocsin.MayInvokeExigent, Due: o.earliest(tocsin.ClockFirstDelivery), Why: "a warning is owed and there is no consent: warn first, coordinate after"})
	}
	for _, p := range o.s.Parities {
		if p.Decided.IsZero() {
			o.add(Step{Kind: "decide_parity", Target: p.ID, Power: tocsin.MayDecideParity, Due: o.due(tocsin.ClockParity, p.ID), Why: "others were told; " + string(p.Victim) + " was not"})
		}
	}
	for _, d := range o.s.Duties {
		if d.Done.IsZero() {
			o.add(Step{Kind: "do_duty", Target: d.ID, Power: tocsin.MayAskConsent, Due: d.Soft, Why: d.Title})
		}
	}
	for _, d := range o.s.Disputes {
		if d.Settled.IsZero() {
			o.add(Step{Kind: "settle_dispute", Target: d.ID, Power: tocsin.MaySettle, Due: o.due(tocsin.ClockDispute, d.ID), Why: d.About})
		}
	}
}

// wantsExigent reports whether a warning is owed and the exigent path may be opened.
func (o *owing) wantsExigent() bool {
	owed := slices.ContainsFunc(o.s.Victims, func(v Victim) bool { return v.Disposition == ObligationOwed })
	return owed && exigentOpen(o.s, tocsin.Actor{}, "") == nil
}

// earliest is the first due time of the clocks with a name.
func (o *owing) earliest(name tocsin.ClockName) time.Time {
	var first time.Time
	for _, c := range o.clocks {
		if c.Name == name && (first.IsZero() || c.Due.Before(first)) {
			first = c.Due
		}
	}
	return first
}

func (o *owing) ending() {
	if len(o.s.Victims) == 0 {
		o.add(Step{Kind: "add_victim", Power: tocsin.MayAssess, Due: o.due(tocsin.ClockDetermination, ""), Why: "nobody is named as intended victim"})
	}
	released := slices.ContainsFunc(o.s.Warnings, func(w Warning) bool { return w.Clearance != nil })
	if released && o.s.Outcome == nil {
		o.add(Step{Kind: "record_outcome", Power: tocsin.MayClose, Why: "nothing is recorded of what happened in the end"})
	}
	o.add(Step{Kind: "review", Power: tocsin.MayReview, Due: o.due(tocsin.ClockReview, ""), Why: "look at the case again, and say what follows"})
	if len(Obstacles(o.s)) == 0 {
		o.add(Step{Kind: "close_case", Power: tocsin.MayClose, Why: "nothing stands against closing"})
	}
}

// Obstacles lists what stands against closing the case.
func Obstacles(s State) []string {
	var why []string
	if len(s.Victims) == 0 {
		why = append(why, "no intended victim is named, not even as unidentified")
	}
	for _, v := range s.Victims {
		if !v.Disposition.Ended() {
			why = append(why, fmt.Sprintf("the obligation towards %s is %s", v.Name, v.Disposition))
		}
	}
	for _, w := range s.Warnings {
		switch {
		case w.Live():
			why = append(why, fmt.Sprintf("warning %s still stands: withdraw it or give the all-clear", w.ID))
		case w.Clearance != nil && s.unsent(w):
			why = append(why, fmt.Sprintf("%s has not gone out on every channel that was used", w.ID))
		}
	}
	if slices.ContainsFunc(s.Warnings, func(w Warning) bool { return w.Clearance != nil }) && s.Outcome == nil {
		why = append(why, "no outcome is recorded")
	}
	count := func(n int, what string) {
		if n > 0 {
			why = append(why, fmt.Sprintf("%d %s", n, what))
		}
	}
	count(pending(s.Duties, func(d Duty) bool { return d.Done.IsZero() }), "after-duties are open")
	count(pending(s.Parities, func(p Parity) bool { return p.Decided.IsZero() }), "parity questions are undecided")
	count(pending(s.Disputes, func(d Dispute) bool { return d.Settled.IsZero() }), "disputes are unsettled")
	if s.Transfer != nil {
		why = append(why, "a transfer waits for an answer")
	}
	return why
}

// unsent reports whether a message that ends a warning has yet to leave on some
// channel, or has failed to reach somebody who was warned (T-14).
func (s State) unsent(w Warning) bool {
	return w.Draft.Message.Ends() && slices.ContainsFunc(s.Deliveries, func(d Delivery) bool {
		return d.Warning == w.ID && (s.unreached(d) || (s.inFlight(d) && !d.handed()))
	})
}

func pending[T any](list []T, open func(T) bool) int {
	n := 0
	for _, x := range list {
		if open(x) {
			n++
		}
	}
	return n
}

// NextDue is the earliest moment at which the machine has something to do: a
// clock to raise or a message to send. ok is false if there is nothing.
func NextDue(s State) (at time.Time, ok bool) {
	earlier := func(t time.Time) {
		if !t.IsZero() && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	if all := Clocks(s); len(all) > 0 {
		earlier(all[0].Next)
	}
	for _, d := range s.Deliveries {
		if send, due := s.SendAt(d); due {
			earlier(send)
		}
	}
	return at, ok
}

// byUrgency orders steps by due time, those without one last.
func byUrgency(a, b Step) int {
	if a.Due.IsZero() != b.Due.IsZero() {
		if a.Due.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Compare(a.Due.UnixNano(), b.Due.UnixNano())
}

// MostUrgent is the outstanding human step with the earliest clock.
func MostUrgent(s State) (Step, bool) {
	var human []Step
	for _, st := range Outstanding(s) {
		if !st.Machine {
			human = append(human, st)
		}
	}
	if len(human) == 0 {
		return Step{}, false
	}
	return slices.MinFunc(human, byUrgency), true
}
