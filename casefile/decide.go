package casefile

import (
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin"
)

// Decide says what follows from a command: the events, or why not.
//
// Errors are *tocsin.Error: Forbidden where another person might, Refused where
// the case's state does not allow it, Invalid where the command itself is wrong,
// NotFound where its target does not exist. An error means that nothing happens.
// A guard's refusal is not an error but a fact, and comes back as an event.
func Decide(s State, m Meta, c Command) ([]Event, error) {
	if m.At.IsZero() || m.At != tocsin.Instant(m.At) {
		return nil, tocsin.Fault(tocsin.Invalid, "time", "The command has no usable time.", "This is a fault of the program: report it.")
	}
	if m.At.Before(s.Now) {
		return nil, tocsin.Faultf(tocsin.Refused, "clock_behind", "Set this machine's clock right (see the runbook), then give the command again.",
			"This machine's clock says %s, but the case already has an event of %s.", m.At.Format(time.RFC3339), s.Now.Format(time.RFC3339)).
			Keeping("Nothing was recorded and nothing was lost.")
	}
	s.Now = m.At // what depends on the time left depends on the time now, not of the last event
	if err := permitted(s, m.By, c.Kind(), c.target()); err != nil {
		return nil, err
	}
	t := &turn{s: s, m: m}
	if err := c.decide(t); err != nil {
		return nil, err
	}
	t.settle()
	return t.events, nil
}

// turn collects the events of one command, each applied at once, so that what
// follows sees what went before.
type turn struct {
	s      State
	m      Meta
	events []Event
}

func (t *turn) emit(e Event) {
	t.events = append(t.events, e)
	t.s = Apply(t.s, e)
}

func (t *turn) head() Head { return Head{At: t.m.At, By: t.m.By.ID} }

func (t *turn) reopen(why string) {
	if t.s.Closed {
		t.emit(CaseReopened{t.head(), why})
	}
}

// settle is the last step of every command. An end stands only as long as what it
// rests on: an obligation that was discharged by words since taken back, or given
// to somebody who turns out to be the actor's, is owed again. And whoever a
// standing warning leaves out gets a parity question (invariant 10).
func (t *turn) settle() {
	for _, v := range t.s.Victims {
		if v.Disposition == ObligationDischarged && !t.s.warned(v) {
			why := "the words by which " + v.Name + " was warned no longer count"
			t.reopen(why)
			t.emit(BecameOwed{t.head(), v.ID, why, false})
		}
	}
	t.parity()
}

// newInformation reopens whatever rested on there being none: a closed case,
// refusals, hand-overs, discharges by a warning that has been ended, and waivers
// whose ground says so (invariant 3). A pending proposal falls too, because it was
// made on what was known before. An accepted hand-over falls because whoever took
// it does not know what is new.
func (t *turn) newInformation(why, retest string, only func(Victim) bool) {
	t.reopen(why)
	for _, v := range t.s.Victims {
		if only != nil && !only(v) {
			continue
		}
		t.retestWaiver(v, why, retest)
		switch {
		case v.Refusal != nil:
			t.emit(RefusalEnded{t.head(), v.ID, why})
		case v.Disposition == ObligationTransferred, v.Disposition == ObligationDischarged && !t.s.covered(v.ID):
			t.emit(BecameOwed{t.head(), v.ID, why, false})
		}
	}
}

func (t *turn) retestWaiver(v Victim, why, retest string) {
	if v.Waiver == nil {
		return
	}
	switch {
	case v.Waiver.Approver == "":
		t.emit(WaiverDenied{t.head(), v.ID, why, true})
	case slices.ContainsFunc(t.s.grounds(v.Waiver), func(g tocsin.Ground) bool { return slices.Contains(g.Retest, retest) }):
		t.reopen(why)
		t.emit(WaiverEnded{t.head(), v.ID, why})
	}
}

// retests that a ground may name.
const (
	retestReport  = "new_report"
	retestLocator = "new_locator"
	retestFinding = "new_finding"
)

func needReason(reason, what string) error { return needWords("reason", reason, what) }

// needWords is needReason for a part of the command that has another name.
func needWords(field, words, what string) error {
	if strings.TrimSpace(words) == "" {
		return tocsin.Faultf(tocsin.Invalid, "reason_missing", "Write the reason in a sentence: an inspector will ask for it.", "%s needs a reason.", what).At(field)
	}
	return nil
}

func (c OpenCase) decide(t *turn) error {
	switch {
	case !tocsin.ValidID(string(c.Case)):
		return tocsin.Fault(tocsin.Invalid, "case_id", "The case has no usable id.", "This is a fault of the program: report it.")
	case c.Title == "":
		return tocsin.Fault(tocsin.Invalid, "title_missing", "The case has no title.", "Give it one that will be recognised at 3 a.m. without naming a source.").At("title")
	case len(c.Reports) == 0:
		return tocsin.Fault(tocsin.Invalid, "no_report", "A case begins with a report.", "Enter the report first, then open the case with it.")
	}
	for i, r := range c.Reports {
		if !tocsin.ValidID(string(r.ID)) || slices.ContainsFunc(c.Reports[:i], func(o Report) bool { return o.ID == r.ID }) {
			return tocsin.Faultf(tocsin.Invalid, "report_twice", "Give each report once.", "Report %q is given twice, or is none.", r.ID)
		}
	}
	t.emit(CaseOpened{t.head(), c.Case, c.Title, c.Terms, t.m.By.ID})
	for _, r := range c.Reports {
		t.emit(ReportAttached{t.head(), t.dated(r)})
	}
	return nil
}

// dated gives r the times from which clocks run: a report that was never dated, or
// is dated after now, counts from when it was entered, at the latest from now.
func (t *turn) dated(r Report) Report {
	r.FirstKnown, r.Entered = tocsin.Instant(r.FirstKnown), tocsin.Instant(r.Entered)
	if r.Entered.IsZero() || r.Entered.After(t.m.At) {
		r.Entered = t.m.At
	}
	if r.FirstKnown.IsZero() || r.FirstKnown.After(r.Entered) {
		r.FirstKnown = r.Entered
	}
	return r
}

func (c AttachReport) decide(t *turn) error {
	if slices.ContainsFunc(t.s.Reports, func(r Report) bool { return r.ID == c.Report.ID }) {
		return tocsin.Faultf(tocsin.Refused, "already_attached", "Nothing needs to be done.", "Report %s is already in this case.", c.Report.ID)
	}
	repeats := t.s.repeats(c.Report)
	t.emit(ReportAttached{t.head(), t.dated(c.Report)})
	if !repeats {
		t.newInformation("report "+string(c.Report.ID)+" came in", retestReport, nil)
	}
	return nil
}

func (c StateThreat) decide(t *turn) error {
	if err := c.Threat.Window.Validate(); err != nil {
		return tocsin.Within("threat.window", err)
	}
	if h := c.Threat.Harm; h != "" && !slices.Contains(tocsin.Harms(), h) {
		return tocsin.Faultf(tocsin.Invalid, "harm", "Use one of the harms of the list.", "%q is not a kind of harm.", h).At("threat.harm")
	}
	if last := c.Threat.Window.Latest; !last.IsZero() && last.Before(t.m.At) && !c.Past {
		return tocsin.Faultf(tocsin.Invalid, "attack_in_the_past",
			"If it has happened, record the outcome. If the time is only a guess, leave the latest time empty. If it is really so, confirm it with past.",
			"The stated time of the attack, %s, has passed.", last.Format(time.RFC3339)).At("threat.window.latest").Keeping("The threat stays as it was.")
	}
	next := c.Threat
	next.Window = tocsin.Window{Earliest: tocsin.Instant(next.Window.Earliest), Latest: tocsin.Instant(next.Window.Latest)}
	next.Whereabouts = slices.Clone(next.Whereabouts)
	if err := t.placed(next.Whereabouts); err != nil {
		return err
	}
	was, is := substance(t.s.Threat), substance(next)
	moved := elsewhere(t.s.Threat, next)
	t.emit(ThreatStated{t.head(), next})
	if was != is || moved {
		t.newInformation("the threat was restated", retestFinding, nil)
	}
	t.leaveRoutes()
	return nil
}

// placed checks what is said about where places lie, and puts down who said it:
// whoever gives the command, unless it was said before.
func (t *turn) placed(all []tocsin.Whereabouts) error {
	for i, w := range all {
		if err := w.Validate(); err != nil {
			return err
		}
		if _, ok := t.s.Victim(w.Victim); !ok && w.Victim != "" {
			return tocsin.Faultf(tocsin.Invalid, "whereabouts_victim", "Use the id of a victim of this case, or none for the place of the threat.", "This case has no victim %q.", w.Victim)
		}
		if slices.ContainsFunc(all[:i], func(o tocsin.Whereabouts) bool { return o.Victim == w.Victim && o.Words == w.Words }) {
			return tocsin.Faultf(tocsin.Invalid, "whereabouts_twice", "Say once where it lies.", "For %q two places are given.", w.Words)
		}
		before, had := t.s.Threat.WhereaboutsOf(w.Victim, w.Words)
		if w.By = before.By; !had || w != before {
			w.By = t.m.By.ID
		}
		all[i] = w
	}
	return nil
}

// elsewhere reports whether a place is no longer said to lie where it was. That is
// another threat: warnings and refusals were decided about the former place. To
// say for the first time where it lies is not, since the words were there.
func elsewhere(was, is tocsin.Threat) bool {
	return slices.ContainsFunc(was.Whereabouts, func(a tocsin.Whereabouts) bool { return !slices.Contains(is.Whereabouts, a) })
}

// said is what a threat says, without the evidence for it.
type said struct {
	harm                        tocsin.Harm
	actor, target, place, means string
	earliest, latest            time.Time
}

func substance(h tocsin.Threat) said {
	return said{h.Harm, h.Actor.Text, h.Target.Text, h.Place.Text, h.Means.Text, h.Window.Earliest, h.Window.Latest}
}

// leaveRoutes gives up every route that, as the threat is now stated, runs through
// the actor or somebody it controls: what has not left is stopped, and the next
// clean rung is tried (invariant 8).
func (t *turn) leaveRoutes() {
	for _, d := range t.s.Deliveries {
		party := t.s.routeTouches(d)
		if party == "" {
			continue
		}
		why := "the route runs through " + party + ", which belongs to the threat actor"
		if d.State == Planned || d.State == Uncertain {
			t.emit(DeliveryStopped{t.head(), d.Key, why})
		}
		if w, _ := t.s.Warning(d.Warning); t.s.stands(w) {
			t.escalate(d.Key, why)
		}
	}
}

func (c ProtectTerms) decide(t *turn) error {
	var fresh []string
	for _, w := range c.Words {
		if w != "" && !slices.Contains(t.s.Protected, w) && !slices.Contains(fresh, w) {
			fresh = append(fresh, w)
		}
	}
	if len(fresh) == 0 {
		return tocsin.Fault(tocsin.Invalid, "no_terms", "There is no new term among these.", "Give at least one word or name that must not leave.").At("terms")
	}
	t.emit(TermsProtected{t.head(), fresh})
	return nil
}

func (c AddVictim) decide(t *turn) error {
	if err := c.Victim.Validate(); err != nil {
		return tocsin.Within("victim", err)
	}
	if keyShaped(c.Victim.ID) {
		return tocsin.Fault(tocsin.Invalid, "victim_id", "The victim's id has the form of a delivery key.", "Use a short id, such as v1.")
	}
	if _, ok := t.s.Victim(c.Victim.ID); ok {
		return tocsin.Faultf(tocsin.Refused, "victim_exists", "Use another id, or work with the victim that is there.", "This case already has a victim %s.", c.Victim.ID)
	}
	since := tocsin.Instant(c.KnownSince)
	if since.IsZero() {
		since = t.s.FirstKnown
	}
	if since.Before(t.s.FirstKnown) || since.After(t.m.At) {
		return tocsin.Fault(tocsin.Invalid, "known_since", "The victim cannot have been known before the first report or after now.", "Leave the time out to count from the first report.").At("known_since")
	}
	t.reopen("victim " + string(c.Victim.ID) + " was added")
	t.emit(VictimAdded{t.head(), c.Victim, since})
	return nil
}

func (c CorrectVictim) decide(t *turn) error {
	was, _ := t.s.Victim(c.Victim.ID)
	if err := c.Victim.Validate(); err != nil {
		return err
	}
	if err := needReason(c.Reason, "A correction"); err != nil {
		return err
	}
	same := c.Victim.Describes(was.Victim)
	if same && c.Victim.Safety == was.Safety && slices.Equal(c.Victim.Protectors, was.Protectors) {
		return tocsin.Faultf(tocsin.Invalid, "nothing_corrected", "Change what is wrong. The details are given whole: what is left out is taken away.", "Victim %s is described in just that way already.", was.ID).
			Keeping("The victim stays as it was.")
	}
	if !same {
		t.reopen("victim " + string(was.ID) + " was corrected")
	}
	t.emit(VictimCorrected{t.head(), c.Victim, was.Victim, c.Reason})
	return nil
}

// keyShaped reports whether id could be a delivery key. Clocks are told apart by
// name and target, so a victim must not be able to pass for a delivery.
func keyShaped(id tocsin.VictimID) bool {
	return tocsin.Digest("sha256:" + id + id).Valid()
}

func (c RecordLocator) decide(t *turn) error {
	if c.Locator == "" {
		return tocsin.Fault(tocsin.Invalid, "locator_missing", "No way to reach the victim is named.", "Give the address, number, account or intermediary that came up.").At("locator")
	}
	t.emit(LocatorRecorded{t.head(), c.Victim, c.Locator})
	v, _ := t.s.Victim(c.Victim)
	t.retestWaiver(v, "a new way to reach "+v.Name+" came up", retestLocator)
	return nil
}

func (c RecordFindings) decide(t *turn) error {
	if len(c.Findings) == 0 {
		return tocsin.Fault(tocsin.Invalid, "no_findings", "There is no finding.", "Give a value and a reason for at least one element.")
	}
	found := slices.Clone(c.Findings)
	for i := range found {
		if err := t.checkFinding(found[i], found[:i]); err != nil {
			return tocsin.Within("findings", err)
		}
		found[i].By, found[i].At = t.m.By.ID, t.m.At
	}
	t.emit(FindingsRecorded{t.head(), c.Victim, found})
	t.newInformation("new findings", retestFinding, func(v Victim) bool { return v.ID == c.Victim })
	return nil
}

func (t *turn) checkFinding(f tocsin.Finding, before []tocsin.Finding) error {
	switch {
	case !slices.Contains(t.s.Elements(), f.Element):
		return tocsin.Faultf(tocsin.Invalid, "element", "Use one of the case's elements.", "%q is not an element of %s; they are %v.", f.Element, t.s.packNames(), t.s.Elements())
	case !slices.Contains(tocsin.FindingValues(), f.Value):
		return tocsin.Faultf(tocsin.Invalid, "finding_value", "Use met, doubtful, not_met or unknown.", "%q is not a finding.", f.Value).At(f.Element + ".value")
	case slices.ContainsFunc(before, func(g tocsin.Finding) bool { return g.Element == f.Element }):
		return tocsin.Faultf(tocsin.Invalid, "finding_twice", "Give each element once.", "Element %s is given twice.", f.Element).At(f.Element + ".value")
	case f.Value != tocsin.Unknown:
		return needWords(f.Element+".reason", f.Reason, "The finding on "+f.Element)
	}
	return nil
}

func (c SeeGrade) decide(t *turn) error {
	t.emit(GradeSeen{t.head()})
	return nil
}

func (c Determine) decide(t *turn) error {
	d := c.Determination
	v, _ := t.s.Victim(d.Victim)
	all := t.s.Under(v)
	at := slices.IndexFunc(all, func(u Under) bool { return u.Terms.Pack == d.Pack })
	if at < 0 {
		return tocsin.Faultf(tocsin.Refused, "other_pack", "Determine under a pack that the case stands under.", "The determination rests on %s %s.", d.Pack.Name, d.Pack.Digest)
	}
	if len(d.Rests) < len(all[at].Terms.Elements) {
		return tocsin.Fault(tocsin.Conflict, "rests_incomplete", "The determination does not say what it rests on.", "Determine again.")
	}
	if f := changed(d.Rests, all[at].Found(v.Findings)); f != "" {
		return tocsin.Faultf(tocsin.Conflict, "findings_changed", "Determine again.", "The finding on %s has changed since.", f)
	}
	before := all[at].Standing.Determination
	t.emit(Determined{t.head(), d})
	if before != nil && d.Result != tocsin.ResultNotOwed && graver(d.Route, before.Route) && t.s.spokenTo(v) {
		why := d.Pack.Name + " now leads to warning " + v.Name + " of a graver danger than was told"
		t.reopen(why)
		t.emit(BecameOwed{t.head(), v.ID, why, true})
	}
	v, _ = t.s.Victim(v.ID)
	if v.Refusal != nil && v.Refusal.Ground == RefuseBelow && d.Result != tocsin.ResultNotOwed {
		// Findings that change end a refusal at once. This is for an answer that was
		// asked for again for another reason, such as that the victim was corrected.
		t.emit(RefusalEnded{t.head(), v.ID, d.Pack.Name + " no longer says that nothing is owed"})
	}
	if v.Waiver == nil || t.s.claimed(v, v.Waiver) {
		return nil
	}
	why := d.Pack.Name + " now says that a warning is owed, and the waiver has no ground under it"
	if v.Waiver.Approver == "" {
		t.emit(WaiverDenied{t.head(), v.ID, why, true})
		return nil
	}
	t.reopen(why)
	t.emit(WaiverEnded{t.head(), v.ID, why})
	return nil
}

// changed names a finding that an answer rests on and that is not what was found,
// or "".
func changed(rests, found []tocsin.Finding) string {
	for _, f := range rests {
		i := slices.IndexFunc(found, func(g tocsin.Finding) bool { return g.Element == f.Element })
		if (i < 0 && f.Value != tocsin.Unknown) || (i >= 0 && found[i].Value != f.Value) {
			return f.Element
		}
	}
	return ""
}

func (c AffirmDetermination) decide(t *turn) error {
	t.emit(DeterminationAffirmed{t.head(), c.Victim})
	return nil
}

func (c ProposeTransfer) decide(t *turn) error {
	if !tocsin.ValidID(string(c.To)) || c.To == t.s.Owner {
		return tocsin.Fault(tocsin.Invalid, "transfer_to", "The case needs somebody else to go to.", "Name the person who shall take it.").At("to")
	}
	t.emit(TransferProposed{t.head(), c.To, c.Reason})
	return nil
}

func (c AnswerTransfer) decide(t *turn) error {
	if c.Accept {
		if t.m.By.ID != t.s.Transfer.To {
			return tocsin.Faultf(tocsin.Forbidden, "not_transferee", "Only that person can accept; you can take the offer back by declining it.", "The case was offered to %s.", t.s.Transfer.To)
		}
		t.emit(TransferAccepted{t.head()})
		return nil
	}
	if err := needReason(c.Reason, "Declining a transfer"); err != nil {
		return err
	}
	t.emit(TransferDeclined{t.head(), c.Reason})
	return nil
}

func (c AskConsent) decide(t *turn) error {
	i := slices.IndexFunc(t.s.Reports, func(r Report) bool { return r.ID == c.Report })
	if c.Question == "" {
		return tocsin.Fault(tocsin.Invalid, "question_missing", "The originator was not asked anything.", "Write what you want to release, and to whom.").At("question")
	}
	for _, p := range c.Portions {
		if p < 0 {
			return tocsin.Fault(tocsin.Invalid, "portion", "A report has no portion before its first.", "Count the portions from 0.")
		}
	}
	t.emit(ConsentAsked{t.head(), c.Report, slices.Clone(c.Portions), t.s.Reports[i].Originator, c.Question})
	return nil
}

func (c AnswerConsent) decide(t *turn) error {
	if c.Person == "" {
		return tocsin.Fault(tocsin.Invalid, "person_missing", "Nobody is named as having answered.", "Name who answered for the originator.").At("person")
	}
	t.emit(ConsentAnswered{t.head(), c.Report, c.Granted, c.Limits, c.Person})
	return nil
}

func (c RaiseDispute) decide(t *turn) error {
	if c.About == "" || c.Position == "" {
		return tocsin.Fault(tocsin.Invalid, "dispute_incomplete", "The dispute does not say what it is about, or what is held.", "Give both, in a sentence each.").
			At(absent(map[string]bool{"about": c.About == "", "position": c.Position == ""})...)
	}
	t.emit(DisputeRaised{t.head(), nextID("d", len(t.s.Disputes)), c.About, c.Position})
	return nil
}

// absent names what is missing, in order.
func absent(is map[string]bool) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(is)), func(name string) bool { return !is[name] })
}

func (c SettleDispute) decide(t *turn) error {
	if err := needWords("settlement", c.Settlement, "Settling a dispute"); err != nil {
		return err
	}
	t.emit(DisputeSettled{t.head(), c.Dispute, c.Settlement})
	return nil
}

func (c InvokeExigent) decide(t *turn) error {
	if err := needReason(c.Reason, "The exigent path"); err != nil {
		return err
	}
	t.emit(ExigentInvoked{t.head(), c.Reason})
	return nil
}

func (c DoDuty) decide(t *turn) error {
	if c.Note == "" {
		return tocsin.Fault(tocsin.Invalid, "note_missing", "The duty is not discharged by a click.", "Write what was done, with whom, and when.").At("note")
	}
	t.emit(DutyDone{t.head(), c.Duty, c.Note})
	return nil
}

func (c DecideParity) decide(t *turn) error {
	if !slices.Contains([]string{"warn", "not_exposed", "already_warned", "withheld"}, c.Decision) {
		return tocsin.Faultf(tocsin.Invalid, "parity_decision", "Use warn, not_exposed, already_warned or withheld.", "%q is not an answer to a parity question.", c.Decision).At("decision")
	}
	if err := needReason(c.Reason, "A parity decision"); err != nil {
		return err
	}
	t.emit(ParityDecided{t.head(), c.Parity, c.Decision, c.Reason})
	if c.Decision == "warn" {
		t.warnAfterAll(c.Parity)
	}
	return nil
}

// warnAfterAll carries out the decision that a victim who was left out is to be
// warned: it ends whatever allowed silence.
func (t *turn) warnAfterAll(parity string) {
	i := slices.IndexFunc(t.s.Parities, func(p Parity) bool { return p.ID == parity })
	v, _ := t.s.Victim(t.s.Parities[i].Victim)
	why := "parity: " + v.Name + " is to be warned too"
	switch v.Disposition {
	case ObligationWaived:
		t.emit(WaiverEnded{t.head(), v.ID, why})
	case ObligationOpen, ObligationNotOwed, ObligationOvertaken, ObligationTransferred:
		t.emit(BecameOwed{t.head(), v.ID, why, false})
	}
}

func (c Review) decide(t *turn) error {
	if err := needWords("note", c.Note, "A review"); err != nil {
		return err
	}
	t.emit(Reviewed{t.head(), c.Note})
	return nil
}

func (c RecordOutcome) decide(t *turn) error {
	o := c.Outcome
	if !slices.Contains([]string{"occurred", "averted", "did_not_occur", "unrelated"}, o.What) {
		return tocsin.Faultf(tocsin.Invalid, "outcome", "Use occurred, averted, did_not_occur or unrelated.", "%q is not an outcome.", o.What).At("outcome.what")
	}
	if o.At.After(t.m.At) {
		return tocsin.Fault(tocsin.Invalid, "outcome_in_the_future", "The outcome lies in the future.", "Give the time at which it happened.").At("outcome.at")
	}
	o.At, o.By = tocsin.Instant(o.At), t.m.By.ID
	t.emit(OutcomeRecorded{t.head(), o})
	return nil
}

func (c CloseCase) decide(t *turn) error {
	if err := needReason(c.Reason, "Closing a case"); err != nil {
		return err
	}
	under := OnTheWay(t.s)
	if len(under) > 0 && strings.TrimSpace(c.OnTheWay) == "" {
		return tocsin.Faultf(tocsin.Invalid, "on_the_way", "Confirm the deliveries, or say in words (on_the_way) that you know and why nobody need follow them.",
			"Nobody knows whether this has arrived, and after closing nobody follows it: %s.", strings.Join(ids(under, Underway.String), "; ")).Keeping("The case stays open.")
	}
	for _, item := range slices.Sorted(maps.Keys(c.Records)) {
		if !slices.ContainsFunc(t.s.Packs(), func(p tocsin.Terms) bool { return slices.Contains(p.Records, item) }) {
			return tocsin.Faultf(tocsin.Invalid, "record_item", "Use the items of the case's packs.", "%q is nothing that %s wants on record.", item, t.s.packNames()).At("records." + item)
		}
	}
	t.emit(CaseClosed{t.head(), c.Reason, maps.Clone(c.Records), strings.TrimSpace(c.OnTheWay), under})
	return nil
}

func (c ReopenCase) decide(t *turn) error {
	if err := needReason(c.Reason, "Reopening a case"); err != nil {
		return err
	}
	t.emit(CaseReopened{t.head(), c.Reason})
	return nil
}
