package explore

import (
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
)

// anybody holds every role and has had to do with nothing: if even this person may
// not take a step that the case owes, nobody may.
var anybody = tocsin.Actor{ID: "anybody", Roles: tocsin.Roles()[:len(tocsin.Roles())-1]}

// holdsIn holds one state against the invariants.
func (w *world) holdsIn(s casefile.State) *fault {
	if s.Version == 0 {
		return nil
	}
	if s.Owner == "" {
		return faultf(2, "the case has no owner")
	}
	clocks := casefile.Clocks(s)
	for _, v := range s.Victims {
		if f := w.obligation(s, v, clocks); f != nil {
			return f
		}
	}
	for _, x := range s.Warnings {
		if f := w.standing(s, x, clocks); f != nil {
			return f
		}
	}
	if s.Closed {
		return nil
	}
	for _, d := range s.Disputes {
		if d.Settled.IsZero() && !running(clocks, tocsin.ClockDispute, d.ID) {
			return faultf(1, "dispute %s has no clock", d.ID)
		}
	}
	if f := w.hidden(s, clocks); f != nil {
		return f
	}
	return w.steps(s)
}

// hidden holds a sealed case to its owner being able to open it, and to being
// seen by those to whom a missed clock of it has been raised.
func (w *world) hidden(s casefile.State, clocks []casefile.Clock) *fault {
	if s.Sealed == nil {
		return nil
	}
	owner := w.Cast[w.index[s.Owner]]
	if !slices.Contains(casefile.Allowed(s, owner), casefile.Action{Kind: "unseal_case"}) {
		return faultf(12, "the owner of a sealed case cannot open it")
	}
	for _, c := range clocks {
		for raised, role := range map[int]tocsin.Role{2: tocsin.DutyOfficer, 3: tocsin.SeniorOfficer} {
			if c.Count >= raised && !s.Visible(tocsin.Actor{ID: "newcomer", Roles: []tocsin.Role{role}}) {
				return faultf(1, "the clock %s of %q has been raised to the %s, who cannot see the case", c.Name, c.Target, role)
			}
		}
	}
	return nil
}

func running(clocks []casefile.Clock, name tocsin.ClockName, target string) bool {
	return slices.ContainsFunc(clocks, func(c casefile.Clock) bool { return c.Name == name && c.Target == target })
}

// obligation holds the duty towards one victim to having either somebody who ended
// it or a clock that runs.
func (w *world) obligation(s casefile.State, v casefile.Victim, clocks []casefile.Clock) *fault {
	switch v.Disposition {
	case casefile.ObligationOpen, casefile.ObligationOwed:
		if s.Closed {
			return faultf(1, "the case is closed and the duty towards %s is %s", v.ID, v.Disposition)
		}
		if !slices.ContainsFunc(clocks, func(c casefile.Clock) bool { return presses(s, v, c) }) {
			return faultf(1, "no clock runs for the duty towards %s, which is %s", v.ID, v.Disposition)
		}
	case casefile.ObligationWaived:
		if v.Waiver == nil || v.Waiver.Approver == "" || v.Waiver.Approver == v.Waiver.Proposer || v.Waiver.Expires.IsZero() {
			return faultf(3, "%s is waived without a waiver that two people stand for and that ends", v.ID)
		}
		if !running(clocks, casefile.ClockWaiverExpiry, string(v.ID)) {
			return faultf(3, "the waiver for %s never ends", v.ID)
		}
	case casefile.ObligationNotOwed, casefile.ObligationOvertaken:
		if v.Refusal == nil || v.Refusal.Signer == "" || v.Refusal.Signer == v.Refusal.Proposer {
			return faultf(4, "the duty towards %s is %s without two signers", v.ID, v.Disposition)
		}
	case casefile.ObligationTransferred:
		if v.Handover == nil || v.Handover.Person == "" {
			return faultf(2, "the duty towards %s was handed to nobody in particular", v.ID)
		}
	case casefile.ObligationDischarged:
		if !slices.ContainsFunc(s.Deliveries, func(d casefile.Delivery) bool { return w.counts(s, d, v) }) {
			return faultf(1, "%s counts as warned, and no words that count have reached anybody", v.ID)
		}
		if m := w.unheard(s, v, false); m != "" {
			return faultf(1, "%s counts as warned, and nobody has been told of whom the pack says: %s", v.ID, m)
		}
	}
	return nil
}

// presses reports whether c is a clock that presses for the duty towards v.
func presses(s casefile.State, v casefile.Victim, c casefile.Clock) bool {
	if c.Target == string(v.ID) {
		return c.Name == tocsin.ClockDetermination || c.Name == tocsin.ClockRefusal || c.Name == tocsin.ClockFirstDelivery || c.Name == tocsin.ClockAcknowledge
	}
	d, ok := s.Delivery(keyOf(c.Target))
	if !ok || (c.Name != tocsin.ClockAcknowledge && c.Name != tocsin.ClockFirstDelivery) {
		return false
	}
	x, _ := s.Warning(d.Warning)
	return slices.Contains(x.Draft.Victims, v.ID)
}

// counts reports whether d has brought words about v to somebody who is not the
// threat actor's, and they have not been taken back.
func (w *world) counts(s casefile.State, d casefile.Delivery, v casefile.Victim) bool {
	x, _ := s.Warning(d.Warning)
	if x.Order < v.Afresh {
		return false // it spoke of a lesser danger
	}
	ends := x.Draft.Message.Ends()
	if x.Draft.Refers != "" {
		first, _ := s.Warning(x.Draft.Refers)
		x.EndedBy = first.EndedBy
	}
	end, _ := s.Warning(x.EndedBy)
	taken := end.Draft.Message == tocsin.Cancel && (s.Outcome == nil || s.OutcomeStale)
	return d.Reached() && !ends && !taken && slices.Contains(x.Draft.Victims, v.ID) && w.touches(s, d) == ""
}

// standing holds a released warning to its clocks (9) and to the parity questions
// that it raises (10).
func (w *world) standing(s casefile.State, x casefile.Warning, clocks []casefile.Clock) *fault {
	if !x.Live() {
		return nil
	}
	if s.Closed {
		return faultf(9, "the case is closed while warning %s stands", x.ID)
	}
	if !running(clocks, tocsin.ClockWindow, string(x.ID)) || !running(clocks, casefile.ClockLapse, string(x.ID)) {
		return faultf(9, "the window of %s may lapse by itself", x.ID)
	}
	if x.Untold && !running(clocks, casefile.ClockUntold, string(x.ID)) {
		return faultf(9, "nothing presses for telling those who were warned that %s was extended", x.ID)
	}
	for _, v := range s.Victims {
		exposed := v.Disposition == casefile.ObligationOpen || v.Disposition == casefile.ObligationOwed || v.Disposition == casefile.ObligationWaived
		if !exposed || spokenFor(s, v.ID) {
			continue
		}
		i := slices.IndexFunc(s.Parities, func(p casefile.Parity) bool { return p.Warning == x.ID && p.Victim == v.ID })
		if i < 0 {
			return faultf(10, "%s was told and %s was not, and nobody is asked whether that is right", x.ID, v.ID)
		}
		if p := s.Parities[i]; p.Decided.IsZero() && !running(clocks, tocsin.ClockParity, p.ID) {
			return faultf(10, "the parity question about %s has no clock", v.ID)
		}
	}
	return nil
}

// spokenFor reports whether some warning that has been released and not ended, or
// an update to one, is about v.
func spokenFor(s casefile.State, v tocsin.VictimID) bool {
	return slices.ContainsFunc(s.Warnings, func(x casefile.Warning) bool {
		first := x
		if x.Draft.Refers != "" {
			first, _ = s.Warning(x.Draft.Refers)
		}
		return x.Clearance != nil && !x.Draft.Message.Ends() && first.EndedBy == "" && slices.Contains(x.Draft.Victims, v)
	})
}

// steps holds an open case to owing something, and every step that it owes to
// being one that somebody may take.
func (w *world) steps(s casefile.State) *fault {
	all := casefile.Outstanding(s)
	if len(all) == 0 {
		return faultf(1, "the case is open and owes nothing")
	}
	open := s
	open.Sealed = nil // whoever knows of a sealed case can let more people know: see hidden
	may := casefile.Allowed(open, anybody)
	owes := map[string]bool{}
	for _, st := range all {
		owes[st.Target] = true
		if st.Machine || st.Kind == "answer_transfer" {
			continue
		}
		if len(w.holders[st.Power]) == 0 {
			return faultf(1, "the case owes %s, and nobody holds the power %q", st.Kind, st.Power)
		}
		target := st.Target
		if st.Kind == "draft_warning" {
			target = "" // for whom is said, whoever may draft may draft anything
		}
		if !slices.Contains(may, casefile.Action{Kind: st.Kind, Target: target}) {
			return faultf(1, "the case owes %s %s (%s), and nobody may do it", st.Kind, st.Target, st.Why)
		}
	}
	return w.everyDutyHasAStep(s, owes)
}

// everyDutyHasAStep holds each open obligation to being named in what the case
// owes: by its own step, by a draft that covers it, or by a delivery of one.
func (w *world) everyDutyHasAStep(s casefile.State, owes map[string]bool) *fault {
	for _, v := range s.Victims {
		if v.Disposition.Ended() || owes[string(v.ID)] {
			continue
		}
		named := slices.ContainsFunc(s.Warnings, func(x casefile.Warning) bool {
			return x.Clearance == nil && owes[string(x.ID)] && slices.Contains(x.Draft.Victims, v.ID)
		}) || slices.ContainsFunc(s.Deliveries, func(d casefile.Delivery) bool {
			x, _ := s.Warning(d.Warning)
			return owes[string(d.Key)] && slices.Contains(x.Draft.Victims, v.ID)
		})
		if !named {
			return faultf(1, "the duty towards %s is %s and no step of it is owed", v.ID, v.Disposition)
		}
	}
	return nil
}

// comesToRest lets twenty years pass at once. Everything that was open must have
// been raised, and must still be open afterwards.
func (w *world) comesToRest(s casefile.State) *fault {
	if s.Version == 0 {
		return nil
	}
	m := move{actor: w.robot, at: far.Add(10 * 365 * 24 * time.Hour), command: casefile.Tick{}, words: "lets twenty years pass"}
	events, err := w.try(s, &m)
	if err != nil {
		return faultf(1, "time cannot pass: %v", err)
	}
	next, f := w.follow(s, &m, events)
	if f != nil {
		return f
	}
	for i, v := range s.Victims {
		after := next.Victims[i].Disposition
		waiting := v.Disposition == casefile.ObligationOpen || v.Disposition == casefile.ObligationOwed || v.Disposition == casefile.ObligationWaived
		if waiting && after != casefile.ObligationOwed {
			return faultf(1, "after twenty years of silence %s, which was %s, is %s", v.ID, v.Disposition, after)
		}
		raised := slices.ContainsFunc(events, func(e casefile.Event) bool {
			c, ok := e.(casefile.ClockMissed)
			return ok && (presses(s, v, casefile.Clock{Name: c.Clock, Target: c.Target}) || c.Clock == casefile.ClockWaiverExpiry && c.Target == string(v.ID))
		})
		if waiting && !raised {
			return faultf(1, "after twenty years of silence nothing has been raised about %s", v.ID)
		}
	}
	return w.holdsIn(next)
}

// agreement holds what Allowed lists against what Decide accepts, in one state.
type agreement struct {
	w       *world
	s       casefile.State
	allowed map[int][]casefile.Action
	done    map[int]map[casefile.Action]bool
}

func newAgreement(w *world, s casefile.State) *agreement {
	return &agreement{w: w, s: s, allowed: map[int][]casefile.Action{}, done: map[int]map[casefile.Action]bool{}}
}

func (a *agreement) accepted(m *move) *fault {
	if m.clock != nil {
		return nil
	}
	list, ok := a.allowed[m.actor]
	if !ok {
		list = casefile.Allowed(a.s, a.w.Cast[m.actor])
		a.allowed[m.actor] = list
		a.done[m.actor] = map[casefile.Action]bool{}
	}
	act := casefile.Action{Kind: m.command.Kind(), Target: m.target}
	a.done[m.actor][act] = true
	if !slices.Contains(list, act) {
		return faultf(0, "%s %s by %s is accepted and not listed as allowed", act.Kind, act.Target, a.w.Cast[m.actor].ID)
	}
	return nil
}

// missing names an action that is listed and that no command of its kind carries out.
func (a *agreement) missing() *fault {
	for actor, list := range a.allowed {
		for _, act := range list {
			if !a.done[actor][act] && !a.w.unexplored(a.s, act.Kind) {
				return faultf(0, "%s %s is listed as allowed for %s, and no such command is accepted", act.Kind, act.Target, a.w.Cast[actor].ID)
			}
		}
	}
	return nil
}

// unexplored are the kinds that this plan does not give, or not in every state in
// which they are legal.
func (w *world) unexplored(s casefile.State, kind string) bool {
	b := w.Bounds
	switch kind {
	case "tick", "start_deliveries", "record_attempt":
		return true // legality lies in the keys they name
	case "attach_report", "add_victim", "state_threat", "draft_warning", "record_findings", "propose_waiver", "determine", "open_case", "join_pack", "adopt_terms", "write_tearline", "seal_case", "unseal_case":
		return true // given within bounds only
	case "answer_finding", "clear_tearline":
		return !b.Guard
	case "propose_refusal", "sign_refusal":
		return !b.Refusals
	case "offer_handover", "answer_handover":
		return !b.Handovers
	case "propose_transfer", "answer_transfer":
		return !b.Transfers
	case "ask_consent", "answer_consent":
		return !b.Consent
	case "invoke_exigent":
		return !b.Exigent
	case "raise_dispute":
		return true // one at a time
	case "settle_dispute":
		return !b.Disputes
	case "record_outcome":
		return !b.Outcome
	case "reopen_case":
		return !b.Closing
	case "release_warning":
		return len(s.Reports) > 0 && b.Turncoat // a route may have become the actor's since
	}
	return false
}
