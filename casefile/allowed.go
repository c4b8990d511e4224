package casefile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin"
)

// Action is something that an actor may do now. Kind is a command's Kind.
type Action struct {
	Kind   string `json:"kind"`
	Target string `json:"target,omitempty"`
}

// rule says who may give a command, and in which states of its target.
type rule struct {
	kind    string
	power   tocsin.Power
	machine bool                                               // only the machine gives it
	closed  bool                                               // also on a closed case
	who     func(s State, a tocsin.Actor, target string) error // instead of power
	targets func(s State) []string
	legal   func(s State, a tocsin.Actor, target string) error
}

// Allowed lists what a may do now, in the order of a case's life. Decide accepts
// a command only if its kind and target are listed here, and for each action
// listed there is a command that it accepts. "Now" is s.Now, the time of the last
// event; a caller that holds a later time sets it first, because the exigent path
// opens as time runs out.
func Allowed(s State, a tocsin.Actor) []Action {
	var out []Action
	for _, r := range rules {
		targets := []string{""}
		if r.targets != nil {
			targets = r.targets(s)
		}
		for _, t := range targets {
			if r.permits(s, a, t) == nil {
				out = append(out, Action{r.kind, t})
			}
		}
	}
	return out
}

func permitted(s State, a tocsin.Actor, kind, target string) error {
	i := slices.IndexFunc(rules, func(r rule) bool { return r.kind == kind })
	if i < 0 {
		return tocsin.Faultf(tocsin.Invalid, "unknown_command", "See the list of commands.", "There is no command %q.", kind)
	}
	r := rules[i]
	if !s.knownTo(a) {
		return noCase() // before anything that would tell it from none
	}
	if s.Version > 0 && r.targets != nil && !slices.Contains(r.targets(s), target) {
		return tocsin.Faultf(tocsin.NotFound, "target", "Look at the case as it is now.", "This case has no %q to %s.", target, strings.ReplaceAll(kind, "_", " "))
	}
	return r.permits(s, a, target)
}

func (r rule) permits(s State, a tocsin.Actor, target string) error {
	if (s.Version == 0) != (r.kind == "open_case") || !s.knownTo(a) {
		return noCase()
	}
	switch {
	case r.machine:
		if !a.Has(tocsin.Machine) {
			return tocsin.Fault(tocsin.Forbidden, "machine_only", "Only the program itself records this.", "Nothing needs to be done: it happens by itself.")
		}
	case r.who != nil:
		if err := r.who(s, a, target); err != nil {
			return err
		}
	case s.Version > 0 && !s.May(a, r.power):
		return noPower(s, a, r.power)
	}
	if s.Closed && !r.closed {
		return tocsin.Fault(tocsin.Refused, "case_closed", "The case is closed.", "Reopen it first.")
	}
	if r.legal == nil {
		return nil
	}
	return r.legal(s, a, target)
}

func noCase() error {
	return tocsin.Fault(tocsin.NotFound, "case", "There is no such case.", "Look at the list of cases.")
}

// knownTo is Visible for commands: a recipient's system acts on what was sent to it
// and sees nothing else of a case anyway.
func (s State) knownTo(a tocsin.Actor) bool { return s.Visible(a) || a.Has(tocsin.RecipientRole) }

func noPower(s State, a tocsin.Actor, p tocsin.Power) error {
	if a.Has(tocsin.Machine) {
		return tocsin.Fault(tocsin.Forbidden, "not_a_machine", "A person must do this.", "The machine never releases, refuses or waives.")
	}
	lacks := s.Terms
	if a.Has(lacks.Powers[p]...) {
		lacks = s.Further[slices.IndexFunc(s.Further, func(t tocsin.Terms) bool { return !a.Has(t.Powers[p]...) })]
	}
	return tocsin.Faultf(tocsin.Forbidden, "no_power", fmt.Sprintf("Ask somebody who is %s.", join(lacks.Powers[p])),
		"Your role does not allow this under %s: %s.", lacks.Pack.Name, p.Words())
}

func join(roles []tocsin.Role) string {
	var names []string
	for _, r := range roles {
		names = append(names, strings.ReplaceAll(string(r), "_", " "))
	}
	return strings.Join(names, " or ")
}

func refusedf(code, do, format string, args ...any) error {
	return tocsin.Faultf(tocsin.Refused, code, do, format, args...)
}

// rules is the table that Decide and Allowed share.
var rules = []rule{
	{kind: "open_case", who: anyOfficer},
	{kind: "join_pack", power: tocsin.MayAssess, closed: true},
	{kind: "adopt_terms", power: tocsin.MayAffirm, closed: true, targets: packNames},
	{kind: "attach_report", power: tocsin.MayReceive, closed: true},
	{kind: "state_threat", power: tocsin.MayAssess},
	{kind: "protect_terms", power: tocsin.MayAssess},
	{kind: "add_victim", power: tocsin.MayAssess, closed: true},
	{kind: "correct_victim", power: tocsin.MayAssess, closed: true, targets: victims},
	{kind: "record_findings", power: tocsin.MayAssess, closed: true, targets: victims, legal: onVictim(nil)},
	{kind: "record_locator", power: tocsin.MayAssess, closed: true, targets: victims},
	{kind: "see_grade", who: anyOfficer, closed: true, legal: notSeen},
	{kind: "determine", machine: true, targets: victims, legal: onVictim(determinable)},
	{kind: "affirm_determination", power: tocsin.MayAffirm, targets: victims, legal: onVictim(affirmable)},
	{kind: "propose_waiver", power: tocsin.MayProposeWaiver, targets: victims, legal: onVictim(waivable)},
	{kind: "decide_waiver", power: tocsin.MayApproveWaiver, targets: victims, legal: onVictim(decidable)},
	{kind: "propose_refusal", power: tocsin.MayProposeRefusal, targets: victims, legal: onVictim(refusalProposable)},
	{kind: "sign_refusal", power: tocsin.MaySignRefusal, targets: victims, legal: onVictim(signable)},
	{kind: "offer_handover", power: tocsin.MayClose, targets: victims, legal: onVictim(offerable)},
	{kind: "answer_handover", power: tocsin.MayClose, targets: victims, legal: onVictim(handoverOpen)},
	{kind: "propose_transfer", who: ownerOrSenior, legal: noTransfer},
	{kind: "answer_transfer", who: transferee},
	{kind: "ask_consent", power: tocsin.MayAskConsent, targets: reports, legal: consentAskable},
	{kind: "answer_consent", power: tocsin.MayAskConsent, targets: reports, legal: consentPending},
	{kind: "raise_dispute", power: tocsin.MayDispute},
	{kind: "settle_dispute", power: tocsin.MaySettle, targets: disputes, legal: settleable},
	{kind: "invoke_exigent", power: tocsin.MayInvokeExigent, legal: exigentOpen},
	{kind: "write_tearline", power: tocsin.MayDraft, targets: reports},
	{kind: "clear_tearline", power: tocsin.MayAskConsent, targets: reports, legal: clearable},
	{kind: "draft_warning", power: tocsin.MayDraft, legal: hasVictim},
	{kind: "approve_warning", who: approver, targets: warnings, legal: onWarning(approvable)},
	{kind: "return_warning", who: approver, targets: warnings, legal: onWarning(returnable)},
	{kind: "release_warning", who: releaser, targets: warnings, legal: onWarning(releasable)},
	{kind: "answer_finding", who: releaser, targets: warnings, legal: onWarning(answerable)},
	{kind: "extend_window", who: releaser, targets: warnings, legal: onWarning(extendable)},
	{kind: "start_deliveries", machine: true, closed: true},
	{kind: "record_attempt", machine: true, closed: true},
	{kind: "confirm_delivery", power: tocsin.MayDeliver, targets: deliveries, legal: onDelivery(confirmable)},
	{kind: "record_service", power: tocsin.MayDeliver, targets: deliveries, legal: onDelivery(servable)},
	{kind: "record_not_found", power: tocsin.MayDeliver, targets: deliveries, legal: onDelivery(servable)},
	{kind: "acknowledge", who: acknowledger, targets: deliveries, closed: true, legal: onDelivery(acknowledgeable)},
	{kind: "discharge", power: tocsin.MayClose, targets: victims, legal: onVictim(dischargeable)},
	{kind: "do_duty", power: tocsin.MayAskConsent, targets: duties, legal: dutyOpen},
	{kind: "decide_parity", power: tocsin.MayDecideParity, targets: parities, legal: parityOpen},
	{kind: "review", power: tocsin.MayReview},
	{kind: "record_outcome", power: tocsin.MayClose},
	{kind: "seal_case", who: ownerOrSenior, closed: true},
	{kind: "unseal_case", who: ownerOrSenior, closed: true, legal: isSealed},
	{kind: "close_case", power: tocsin.MayClose, legal: closable},
	{kind: "reopen_case", power: tocsin.MayReview, closed: true, legal: isClosed},
	{kind: "tick", machine: true, closed: true},
}

func ids[T any](list []T, id func(T) string) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = id(x)
	}
	return out
}

func victims(s State) []string  { return ids(s.Victims, func(v Victim) string { return string(v.ID) }) }
func reports(s State) []string  { return ids(s.Reports, func(r Report) string { return string(r.ID) }) }
func disputes(s State) []string { return ids(s.Disputes, func(d Dispute) string { return d.ID }) }
func warnings(s State) []string {
	return ids(s.Warnings, func(w Warning) string { return string(w.ID) })
}
func deliveries(s State) []string {
	return ids(s.Deliveries, func(d Delivery) string { return string(d.Key) })
}
func duties(s State) []string   { return ids(s.Duties, func(d Duty) string { return d.ID }) }
func parities(s State) []string { return ids(s.Parities, func(p Parity) string { return p.ID }) }

func onVictim(f func(State, tocsin.Actor, Victim) error) func(State, tocsin.Actor, string) error {
	return func(s State, a tocsin.Actor, target string) error {
		v, ok := s.Victim(tocsin.VictimID(target))
		if !ok || f == nil {
			return nil // permitted has refused an unknown target already
		}
		return f(s, a, v)
	}
}

func onWarning(f func(State, tocsin.Actor, Warning) error) func(State, tocsin.Actor, string) error {
	return func(s State, a tocsin.Actor, target string) error {
		w, _ := s.Warning(tocsin.WarningID(target))
		return f(s, a, w)
	}
}

func onDelivery(f func(State, Delivery) error) func(State, tocsin.Actor, string) error {
	return func(s State, _ tocsin.Actor, target string) error {
		d, _ := s.Delivery(tocsin.DeliveryKey(target))
		return f(s, d)
	}
}

// Who may, where it is not simply a power.

func anyOfficer(s State, a tocsin.Actor, _ string) error {
	if !a.Human() || len(a.Roles) == 0 {
		return tocsin.Fault(tocsin.Forbidden, "not_a_person", "A person must do this.", "Give the command as one of the organisation's people.")
	}
	if s.Version == 0 && !a.Has(tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer) {
		return tocsin.Fault(tocsin.Forbidden, "no_power", "Your role does not allow opening a case.", "Enter the report; an intake, duty or senior officer or an analyst opens the case.")
	}
	return nil
}

func ownerOrSenior(s State, a tocsin.Actor, _ string) error {
	if a.Human() && (a.ID == s.Owner || a.Has(tocsin.DutyOfficer, tocsin.SeniorOfficer)) {
		return nil
	}
	return tocsin.Faultf(tocsin.Forbidden, "not_owner", "Ask the owner, a duty officer or a senior officer.", "The case belongs to %s.", s.Owner)
}

// transferee lets the person asked answer, and the owner or whoever asked take the
// offer back: an offer to somebody who never answers must not block the next.
func transferee(s State, a tocsin.Actor, _ string) error {
	switch {
	case s.Transfer == nil:
		return refusedf("no_transfer", "Nothing needs to be done.", "Nobody has been asked to take this case.")
	case a.Human() && (a.ID == s.Owner || a.ID == s.Transfer.By):
		return nil
	case a.ID != s.Transfer.To:
		return tocsin.Faultf(tocsin.Forbidden, "not_transferee", "Only that person can answer.", "The case was offered to %s.", s.Transfer.To)
	case !s.May(a, tocsin.MayOwn):
		return noPower(s, a, tocsin.MayOwn)
	}
	return nil
}

// approver widens the circle on the exigent path: two people always, the rank
// relaxed (docs/adr on the exigent path).
func approver(s State, a tocsin.Actor, target string) error {
	w, _ := s.Warning(tocsin.WarningID(target))
	under := w.Draft.Pack.Name
	if s.MayUnder(under, a, tocsin.MayApproveWording) || (s.Exigent != nil && s.MayUnder(under, a, tocsin.MayApproveExigent)) {
		return nil
	}
	return noPower(s, a, tocsin.MayApproveWording)
}

// releaser holds whoever lets words out against the pack they are written under.
func releaser(s State, a tocsin.Actor, target string) error {
	if w, _ := s.Warning(tocsin.WarningID(target)); s.MayUnder(w.Draft.Pack.Name, a, tocsin.MayRelease) {
		return nil
	}
	return noPower(s, a, tocsin.MayRelease)
}

func acknowledger(s State, a tocsin.Actor, target string) error {
	d, ok := s.Delivery(tocsin.DeliveryKey(target))
	if ok && a.Has(tocsin.RecipientRole) && a.Recipient == d.Recipient {
		return nil
	}
	if !s.May(a, tocsin.MayDeliver) {
		return noPower(s, a, tocsin.MayDeliver)
	}
	return nil
}

// In which states.

func notSeen(s State, a tocsin.Actor, _ string) error {
	if slices.Contains(s.SeenGrade, a.ID) {
		return refusedf("grade_seen", "Nothing needs to be done.", "It is already recorded that you have seen the findings.")
	}
	return nil
}

func determinable(s State, _ tocsin.Actor, v Victim) error {
	if !s.NeedsDetermination(v) {
		return refusedf("nothing_to_determine", "Record findings first.", "There is nothing new to determine for %s.", v.ID)
	}
	return nil
}

// Asks reports whether the policy of one pack should be asked about v: findings
// have changed, and every element has been looked at or the duty is already owed.
func (s State) Asks(v Victim, u Under) bool {
	return u.Standing.Stale && (v.Disposition == ObligationOwed || u.Standing.Determination != nil || len(u.Found(v.Findings)) >= len(u.Terms.Elements))
}

// NeedsDetermination reports whether the policy of some pack should be asked about v.
func (s State) NeedsDetermination(v Victim) bool {
	return slices.ContainsFunc(s.Under(v), func(u Under) bool { return s.Asks(v, u) })
}

func affirmable(s State, a tocsin.Actor, v Victim) error {
	switch {
	case !slices.ContainsFunc(s.Under(v), func(u Under) bool { return u.Standing.affirmable() }):
		return refusedf("nothing_to_affirm", "Nothing needs to be done.", "There is no determination for %s that waits for affirmation.", v.ID)
	case slices.ContainsFunc(v.Findings, func(f tocsin.Finding) bool { return f.By == a.ID }):
		return tocsin.Fault(tocsin.Forbidden, "affirms_own", "Some of these findings are yours.", "Somebody else must affirm the determination.")
	}
	return nil
}

func undecided(v Victim) error {
	if v.Disposition.Ended() {
		return refusedf("obligation_ended", "Nothing needs to be done.", "The obligation towards %s has ended: %s.", v.Name, v.Disposition)
	}
	return nil
}

func waivable(_ State, _ tocsin.Actor, v Victim) error {
	if v.Waiver != nil && v.Disposition != ObligationWaived {
		return refusedf("waiver_pending", "Decide that one first.", "A waiver for %s is already proposed.", v.Name)
	}
	return undecided(v)
}

func decidable(s State, a tocsin.Actor, v Victim) error {
	if v.Waiver == nil || v.Waiver.Approver != "" {
		return refusedf("no_waiver", "Nothing needs to be done.", "No waiver for %s waits for a decision.", v.Name)
	}
	return mayDecideWaiver(s, a, v)
}

func refusalProposable(s State, _ tocsin.Actor, v Victim) error {
	if err := undecided(v); err != nil {
		return err
	}
	switch {
	case v.Refusal != nil:
		return refusedf("refusal_pending", "A second signer must answer it.", "A refusal for %s is already proposed.", v.Name)
	case !s.refusable(v) && !s.outcomeKnown():
		return refusedf("not_below_threshold", "Record findings on every element first. A grade alone never closes a case.",
			"The policy does not say that the obligation towards %s is below the threshold.", v.Name)
	}
	return nil
}

func signable(s State, a tocsin.Actor, v Victim) error {
	switch {
	case v.Refusal == nil || v.Refusal.Signer != "":
		return refusedf("no_refusal", "Nothing needs to be done.", "No refusal for %s waits for a second signer.", v.Name)
	case v.Refusal.Ground == RefuseBelow && !s.refusable(v):
		return refusedf("findings_changed", "Determine again.", "The findings on %s have changed since the refusal was proposed.", v.Name)
	}
	return maySignRefusal(s, a, v)
}

func offerable(_ State, _ tocsin.Actor, v Victim) error {
	if v.Handover != nil {
		return refusedf("handover_pending", "Record its answer first.", "The obligation towards %s has already been offered to %s.", v.Name, v.Handover.To)
	}
	return undecided(v)
}

func handoverOpen(_ State, _ tocsin.Actor, v Victim) error {
	if v.Handover == nil || !v.Handover.Accepted.IsZero() || v.Disposition.Ended() {
		return refusedf("no_handover", "Nothing needs to be done.", "No hand-over for %s waits for an answer.", v.Name)
	}
	return nil
}

func dischargeable(s State, _ tocsin.Actor, v Victim) error {
	if err := undecided(v); err != nil {
		return err
	}
	return mayDischarge(s, v)
}

func noTransfer(s State, _ tocsin.Actor, _ string) error {
	if s.Transfer != nil {
		return refusedf("transfer_pending", "Wait for the answer, or take the offer back by declining it.", "The case has already been offered to %s.", s.Transfer.To)
	}
	return nil
}

func (s State) consent(r string) (Consent, bool) {
	i := slices.IndexFunc(s.Consents, func(c Consent) bool { return string(c.Report) == r })
	if i < 0 {
		return Consent{}, false
	}
	return s.Consents[i], true
}

func consentAskable(s State, _ tocsin.Actor, target string) error {
	i := slices.IndexFunc(s.Reports, func(r Report) bool { return string(r.ID) == target })
	if i < 0 || !s.Reports[i].Controlled {
		return refusedf("not_controlled", "Nothing needs to be asked.", "Report %s is not under originator control.", target)
	}
	if c, ok := s.consent(target); ok && (c.Answered.IsZero() || c.Granted) {
		return refusedf("consent_asked", "Nothing needs to be done.", "The originator of %s has already been asked.", target)
	}
	return nil
}

func consentPending(s State, _ tocsin.Actor, target string) error {
	if c, ok := s.consent(target); !ok || !c.Answered.IsZero() {
		return refusedf("consent_not_asked", "Ask first.", "No question about %s waits for an answer.", target)
	}
	return nil
}

func settleable(s State, a tocsin.Actor, target string) error {
	for _, d := range s.Disputes {
		if d.ID != target {
			continue
		}
		if !d.Settled.IsZero() {
			return refusedf("dispute_settled", "Nothing needs to be done.", "Dispute %s has been settled.", target)
		}
		if d.By == a.ID {
			return tocsin.Fault(tocsin.Forbidden, "settles_own", "You raised this dispute.", "Somebody else must settle it.")
		}
	}
	return nil
}

// exigentOpen allows the exigent path where the attack is near, where its time is
// not known (doubt about the time falls towards warning), and where the time that
// the pack gives for coordinating first has run out (domain notes 7.5).
func exigentOpen(s State, _ tocsin.Actor, _ string) error {
	if s.Exigent != nil {
		return refusedf("exigent_already", "Nothing needs to be done.", "The exigent path is already open.")
	}
	attack := s.Attack()
	left := among(s, func(t tocsin.Terms) time.Duration { return t.Exigent.D() }, longer)
	if !attack.IsZero() && attack.Sub(s.Now) > left && !coordinationFailed(s) {
		return refusedf("not_exigent", "Coordinate first. The path opens when less time is left, or when the time of the attack is not known.",
			"The attack is stated for %s; the exigent path is for less than %s.", attack.Format(time.RFC3339), tocsin.Duration(left))
	}
	return nil
}

// coordinationFailed reports whether an originator let its clock run out, a first
// delivery is overdue, or somebody who was warned has waited too long to be told of
// what has changed since.
func coordinationFailed(s State) bool {
	return slices.ContainsFunc(Clocks(s), func(c Clock) bool {
		return c.Count > 0 && (c.Name == tocsin.ClockConsent || c.Name == tocsin.ClockFirstDelivery || c.Name == ClockUntold)
	})
}

func hasVictim(s State, _ tocsin.Actor, _ string) error {
	if len(s.Victims) == 0 {
		return refusedf("no_victim", "Name the intended victim first, even as unidentified.", "Nobody is named whom a warning could be about.")
	}
	return nil
}

func unreleased(w Warning) error {
	switch {
	case w.Clearance != nil:
		return refusedf("already_released", "Draft an update that refers to it.", "Warning %s has been released.", w.ID)
	case w.Returned != "":
		return refusedf("draft_returned", "Draft a new version.", "Warning %s was sent back: %s", w.ID, w.Returned)
	}
	return nil
}

func approvable(_ State, a tocsin.Actor, w Warning) error {
	if err := unreleased(w); err != nil {
		return err
	}
	switch {
	case w.Approval != nil:
		return refusedf("already_approved", "Release it.", "This version of %s is already approved.", w.ID)
	case slices.Contains(w.Authors, a.ID):
		return tocsin.Fault(tocsin.Forbidden, "approver_is_author", "You wrote some of this warning.", "Somebody who wrote none of it, in any version, must approve it.")
	}
	return nil
}

func returnable(_ State, _ tocsin.Actor, w Warning) error { return unreleased(w) }

func releasable(_ State, _ tocsin.Actor, w Warning) error {
	if err := unreleased(w); err != nil {
		return err
	}
	if w.Approval == nil || w.Approval.Digest != w.Digest {
		return refusedf("not_approved", "Somebody who did not write it must approve it first.", "This version of %s is not approved.", w.ID)
	}
	return nil
}

// answerable asks for somebody who did not write the words: a question of the guard
// is answered by a second pair of eyes.
func answerable(_ State, a tocsin.Actor, w Warning) error {
	if err := unreleased(w); err != nil {
		return err
	}
	switch {
	case len(w.Asked()) == 0:
		return refusedf("nothing_asked", "Release it, and answer what the guard asks then.", "The guard has asked nothing about this version of %s that waits for an answer.", w.ID)
	case slices.Contains(w.Authors, a.ID):
		return tocsin.Fault(tocsin.Forbidden, "answers_own", "You wrote some of this warning.", "Somebody who wrote none of it must answer what the guard asks.")
	}
	return nil
}

func clearable(s State, a tocsin.Actor, target string) error {
	for _, t := range s.Tearlines {
		if string(t.Report) != target || t.ClearedBy != "" {
			continue
		}
		if t.By == a.ID {
			return tocsin.Fault(tocsin.Forbidden, "clears_own", "You wrote this tearline.", "Somebody else must read it against the report and clear it.")
		}
		return nil
	}
	return refusedf("no_tearline", "Write it first.", "No tearline of report %s waits to be cleared.", target)
}

func extendable(_ State, _ tocsin.Actor, w Warning) error {
	if !w.Live() {
		return refusedf("not_out", "Nothing needs to be done.", "Warning %s is not out, or has been ended.", w.ID)
	}
	return nil
}

func confirmable(s State, d Delivery) error {
	tried := !d.FirstTry.IsZero() && !d.Reached()
	if !tried && !s.unreached(d) {
		return refusedf("not_confirmable", "Look at the delivery as it is now.", "Delivery %s is %s.", d.Key, d.State)
	}
	return nil
}

func servable(s State, d Delivery) error {
	if d.State != Assigned && !s.unreached(d) {
		return refusedf("not_assigned", "Look at the delivery as it is now.", "Delivery %s is not a task that waits to be done; it is %s.", d.Key, d.State)
	}
	return nil
}

func acknowledgeable(_ State, d Delivery) error {
	if d.FirstTry.IsZero() {
		return refusedf("not_sent", "Look at the delivery as it is now.", "Delivery %s has not been tried, so there is nothing to acknowledge.", d.Key)
	}
	return nil
}

func dutyOpen(s State, _ tocsin.Actor, target string) error {
	for _, d := range s.Duties {
		if d.ID == target && !d.Done.IsZero() {
			return refusedf("duty_done", "Nothing needs to be done.", "Duty %s has been done.", target)
		}
	}
	return nil
}

func parityOpen(s State, _ tocsin.Actor, target string) error {
	for _, p := range s.Parities {
		if p.ID == target && !p.Decided.IsZero() {
			return refusedf("parity_decided", "Nothing needs to be done.", "Parity question %s has been decided.", target)
		}
	}
	return nil
}

func isClosed(s State, _ tocsin.Actor, _ string) error {
	if !s.Closed {
		return refusedf("not_closed", "Nothing needs to be done.", "The case is open.")
	}
	return nil
}

// closable says everything that stands against closing, at once.
func closable(s State, _ tocsin.Actor, _ string) error {
	if why := Obstacles(s); len(why) > 0 {
		return refusedf("not_closable", "Deal with each of these first.", "The case cannot be closed: %s.", strings.Join(why, "; "))
	}
	return nil
}
