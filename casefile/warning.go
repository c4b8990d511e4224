package casefile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin"
)

func nextID(prefix string, have int) string { return fmt.Sprintf("%s%d", prefix, have+1) }

// NextWarning is the id that the next new warning of s will have.
func (s State) NextWarning() tocsin.WarningID {
	return tocsin.WarningID(nextID("w", len(s.Warnings)))
}

func (c DraftWarning) decide(t *turn) error {
	d := c.Draft
	if err := t.checkDraft(d); err != nil {
		return err
	}
	if w, ok := t.s.Warning(d.Warning); ok {
		if w.Clearance != nil {
			return tocsin.Faultf(tocsin.Refused, "already_released", "Draft an update that refers to it.", "Warning %s has been released; its words cannot change.", d.Warning)
		}
		if d.Version != w.Draft.Version+1 {
			return tocsin.Faultf(tocsin.Conflict, "draft_version", "Look at the newest version and edit that.", "Warning %s is at version %d.", d.Warning, w.Draft.Version)
		}
	} else if d.Warning != t.s.NextWarning() || d.Version != 1 {
		return tocsin.Faultf(tocsin.Conflict, "draft_version", "Draft it again.", "The next new warning of this case is %s, version 1.", t.s.NextWarning())
	}
	t.emit(WarningDrafted{t.head(), d, d.Digest()})
	return nil
}

func (t *turn) checkDraft(d tocsin.Draft) error {
	switch {
	case !slices.Contains(tocsin.WarningKinds(), d.Kind):
		return tocsin.Faultf(tocsin.Invalid, "warning_kind", "Use victim, protector, government, facility, public, disruption or advisory.", "%q is not a kind of warning.", d.Kind).At("kind")
	case !slices.Contains([]tocsin.MessageType{tocsin.Alert, tocsin.Update, tocsin.Cancel, tocsin.AllClear}, d.Message):
		return tocsin.Faultf(tocsin.Invalid, "message_type", "Use alert, update, cancel or all_clear.", "%q is not a type of message.", d.Message).At("message")
	case d.Case != t.s.ID || !t.s.runs(d.Pack):
		return tocsin.Fault(tocsin.Refused, "other_case", "The draft belongs to another case or pack.", "Draft it again for this case.")
	case !slices.Contains(d.Authors, t.m.By.ID):
		return tocsin.Fault(tocsin.Invalid, "author_missing", "The draft does not name you as an author.", "This is a fault of the program: report it.")
	case len(d.Texts) == 0:
		return tocsin.Fault(tocsin.Invalid, "no_text", "The draft has no words.", "Write it in at least one language of each recipient.")
	case len(d.Recipients) == 0:
		return tocsin.Fault(tocsin.Invalid, "no_recipient", "The draft goes to nobody.", "Name at least one recipient. If there is truly no way to reach anybody, that is a waiver ground and a senior officer decides it.").At("recipients")
	case len(d.Victims) == 0:
		return tocsin.Fault(tocsin.Invalid, "no_victim", "The draft is about nobody.", "Name the intended victims it covers.").At("victims")
	}
	for _, v := range d.Victims {
		if _, ok := t.s.Victim(v); !ok {
			return tocsin.Faultf(tocsin.NotFound, "victim", "Add the victim first.", "This case has no victim %s.", v).At("victims")
		}
	}
	for i, r := range d.Recipients {
		if err := r.Validate(); err != nil {
			return tocsin.Within("recipients", err)
		}
		if slices.ContainsFunc(d.Recipients[:i], func(o tocsin.Recipient) bool { return o.ID == r.ID }) {
			return tocsin.Faultf(tocsin.Invalid, "recipient_twice", "Name each recipient once, with all its rungs.", "Recipient %s is named twice.", r.ID).At("recipients")
		}
	}
	if err := t.checkRoutes(d); err != nil {
		return err
	}
	return t.checkReference(d)
}

// checkRoutes keeps words off every route that touches the threat actor. A notice
// to the suspect is the one message that goes there.
func (t *turn) checkRoutes(d tocsin.Draft) error {
	if d.Kind == tocsin.DisruptionNotice {
		return nil
	}
	for _, r := range d.Recipients {
		if p := r.RouteTouches(t.s.Threat.ActorGroups); p != "" {
			return tocsin.Faultf(tocsin.Refused, "route_through_actor", "Choose a recipient and a route that the threat actor does not control.",
				"The way to %s runs through %s, which belongs to the threat actor.", r.Name, p).At("recipients")
		}
	}
	return nil
}

// routeTouches names the party of d's own rung that belongs to the threat actor,
// as the threat is stated now, or "".
func (s State) routeTouches(d Delivery) string {
	if len(s.Threat.ActorGroups) == 0 {
		return ""
	}
	w, _ := s.Warning(d.Warning)
	r, ok := w.Draft.Recipient(d.Recipient)
	if !ok || d.Rung >= len(r.Ladder) || w.Draft.Kind == tocsin.DisruptionNotice {
		return ""
	}
	return s.rungTouches(r, d.Rung)
}

func (s State) rungTouches(r tocsin.Recipient, rung int) string {
	r.Ladder = r.Ladder[rung : rung+1]
	return r.RouteTouches(s.Threat.ActorGroups)
}

func (t *turn) checkReference(d tocsin.Draft) error {
	if d.Message == tocsin.Alert {
		if d.Refers != "" {
			return tocsin.Fault(tocsin.Invalid, "alert_refers", "A first warning refers to no other.", "Draft an update, a cancel or an all-clear.").At("refers")
		}
		return nil
	}
	first, ok := t.s.Warning(d.Refers)
	if !ok || !first.Live() {
		return tocsin.Faultf(tocsin.Refused, "nothing_to_follow", "Draft a new warning.", "Warning %q is not out, or has been ended.", d.Refers).At("refers")
	}
	if (d.Kind == tocsin.DisruptionNotice) != (first.Draft.Kind == tocsin.DisruptionNotice) {
		return tocsin.Faultf(tocsin.Refused, "kind_changed", "Keep a notice to the suspect and a warning apart: draft a new one.",
			"Warning %s is of kind %s; what follows it cannot be of kind %s.", first.ID, first.Draft.Kind, d.Kind).At("kind")
	}
	// Invariant 9: an update, a withdrawal and an all-clear go out on every
	// channel that was used.
	for _, u := range t.s.used(d.Refers) {
		r, ok := d.Recipient(u.Recipient)
		if !ok || rungIndex(r, t.s.rung(u)) < 0 {
			return tocsin.Faultf(tocsin.Refused, "channel_left_out", "Send it to everybody who was told, on every channel that was used.",
				"%s was told over %s (%s), and this message leaves that out.", u.Recipient, u.Channel, u.Addressee).At("recipients")
		}
	}
	return nil
}

// used lists the deliveries by which the words of a warning, or of its updates,
// have left or may have left: one for each recipient and rung. A route that turned
// out to be the actor's is not among them; nothing more goes there.
func (s State) used(w tocsin.WarningID) []Delivery {
	var out []Delivery
	for _, d := range s.Deliveries {
		if d.FirstTry.IsZero() || d.State == Failed || !slices.Contains(s.thread(w), d.Warning) || s.routeTouches(d) != "" {
			continue
		}
		if !slices.ContainsFunc(out, func(o Delivery) bool {
			a, b := s.rung(o), s.rung(d)
			return o.Recipient == d.Recipient && a.Channel == b.Channel && a.Address == b.Address && a.Addressee == b.Addressee
		}) {
			out = append(out, d)
		}
	}
	return out
}

// rung is the rung of d as it stood in the draft that d carries.
func (s State) rung(d Delivery) tocsin.Rung {
	w, _ := s.Warning(d.Warning)
	if r, ok := w.Draft.Recipient(d.Recipient); ok && d.Rung < len(r.Ladder) {
		return r.Ladder[d.Rung]
	}
	return tocsin.Rung{Channel: d.Channel, Addressee: d.Addressee, Level: d.Level}
}

// rungIndex finds the rung of r by which whoever was reached over g is reached: the
// very same, or the same channel to the same addressee at an address that has been
// corrected since. It is -1 if there is none.
func rungIndex(r tocsin.Recipient, g tocsin.Rung) int {
	same := slices.IndexFunc(r.Ladder, func(o tocsin.Rung) bool {
		return o.Channel == g.Channel && o.Address == g.Address && o.Addressee == g.Addressee
	})
	if same >= 0 {
		return same
	}
	return slices.IndexFunc(r.Ladder, func(o tocsin.Rung) bool { return o.Channel == g.Channel && o.Addressee == g.Addressee })
}

func (c ApproveWarning) decide(t *turn) error {
	w, _ := t.s.Warning(c.Warning)
	if c.Digest != w.Digest {
		return tocsin.Faultf(tocsin.Conflict, "text_changed", "Read the newest version and approve that.",
			"The words or recipients of %s have changed since you read them: it is now version %d, %s.", w.ID, w.Draft.Version, w.Digest).Keeping("Nothing was approved.")
	}
	t.emit(WarningApproved{t.head(), c.Warning, w.Draft.Version, w.Digest, c.Note})
	return nil
}

func (c ReturnWarning) decide(t *turn) error {
	if err := needReason(c.Reason, "Sending a draft back"); err != nil {
		return err
	}
	w, _ := t.s.Warning(c.Warning)
	t.emit(WarningReturned{t.head(), c.Warning, w.Draft.Version, c.Reason})
	return nil
}

func (c ReleaseWarning) decide(t *turn) error {
	w, _ := t.s.Warning(c.Warning)
	if c.Clearance == nil {
		if len(c.Findings) == 0 {
			return tocsin.Fault(tocsin.Refused, "no_clearance", "The guard has not looked at this warning.", "This is a fault of the program: report it.")
		}
		t.emit(ReleaseRefused{t.head(), w.ID, w.Draft.Version, c.Findings})
		return nil
	}
	if err := t.checkClearance(w, *c.Clearance); err != nil {
		return err
	}
	if strings.TrimSpace(c.ReverseTest) == "" && t.s.NeedsReverseTest(w) {
		return tocsin.Faultf(tocsin.Invalid, "reverse_test", "Look at what the guard shows of who knows each fact, and answer in a sentence.",
			"Before %s is released: if the threat actor reads it, how many people could have been the source?", w.ID).At("reverse_test")
	}
	t.emit(WarningReleased{t.head(), *c.Clearance, c.ReverseTest})
	t.follow(w)
	t.plan(w)
	if !w.Draft.Message.Ends() {
		t.postponed(w)
	}
	return nil
}

// Asked lists what the guard asked at the last try to release w and nobody has
// answered.
func (w Warning) Asked() []tocsin.GuardFinding {
	var open []tocsin.GuardFinding
	for _, f := range w.Refused {
		if f.Level == tocsin.GuardAsk && !slices.ContainsFunc(w.Answers, func(a FindingAnswer) bool { return a.Finding == f.ID }) {
			open = append(open, f)
		}
	}
	return open
}

// Reply answers one question of the guard, in words.
type Reply struct {
	Finding string `json:"finding" doc:"The finding's id"`
	Words   string `json:"words" doc:"Why the words it asks about may go out as they are"`
}

// replies are all answers of a command, in the order in which they were given.
func (c AnswerFinding) replies() []Reply {
	if c.Finding == "" && c.Words == "" {
		return c.Answers
	}
	return append([]Reply{{c.Finding, c.Words}}, c.Answers...)
}

// decide takes all answers or none: what somebody said about one question may lean on
// what they said about the next, and a record of half an act is a record of another.
func (c AnswerFinding) decide(t *turn) error {
	w, _ := t.s.Warning(c.Warning)
	all := c.replies()
	if len(all) == 0 {
		return tocsin.Fault(tocsin.Invalid, "no_answer", "No question of the guard is answered.", "Answer at least one, by its id and in words.")
	}
	asked := w.Asked()
	var gone []string
	for i, r := range all {
		if slices.ContainsFunc(all[:i], func(o Reply) bool { return o.Finding == r.Finding }) {
			return tocsin.Faultf(tocsin.Invalid, "answered_twice", "Answer each question once.", "The question %q about %s is answered twice.", r.Finding, w.ID).Keeping("Nothing was recorded.")
		}
		if !slices.ContainsFunc(asked, func(f tocsin.GuardFinding) bool { return f.ID == r.Finding }) {
			gone = append(gone, strconv.Quote(r.Finding))
		}
	}
	if len(gone) > 0 {
		return tocsin.Faultf(tocsin.Invalid, "finding", "Use the ids of the guard's questions about the present words.",
			"The guard has not asked %s about these words of %s, or it has been answered.", strings.Join(gone, ", "), w.ID).Keeping("None of the answers was recorded.")
	}
	for _, r := range all {
		if err := needReason(r.Words, "The answer to question "+strconv.Quote(r.Finding)); err != nil {
			return err
		}
		t.emit(FindingAnswered{t.head(), c.Warning, w.Draft.Version, r.Finding, r.Words})
	}
	return nil
}

func (c WriteTearline) decide(t *turn) error {
	if err := needWords("words", c.Words, "A tearline"); err != nil {
		return err
	}
	t.emit(TearlineWritten{t.head(), c.Report, c.Words, tocsin.DigestOf([]byte(c.Words))})
	return nil
}

func (c ClearTearline) decide(t *turn) error {
	i := slices.IndexFunc(t.s.Tearlines, func(x Tearline) bool { return x.Report == c.Report })
	if t.s.Tearlines[i].Digest != c.Digest {
		return tocsin.Faultf(tocsin.Conflict, "other_words", "Read the tearline as it is now.", "The tearline of report %s has other words than those you read.", c.Report)
	}
	t.emit(TearlineCleared{t.head(), c.Report, c.Digest})
	return nil
}

// unanswered reports whether a clearance rests on an answer that the case does not
// have.
func (w Warning) unanswered(f tocsin.GuardFinding) bool {
	if f.Level != tocsin.GuardAsk && f.AnsweredBy == "" {
		return false
	}
	return !slices.ContainsFunc(w.Answers, func(a FindingAnswer) bool { return a.Finding == f.ID && a.By == f.AnsweredBy })
}

// NeedsReverseTest reports whether whoever releases w must say how many people
// could have been the source: a report of the case is under originator control,
// and there is time to think.
func (s State) NeedsReverseTest(w Warning) bool {
	return s.Exigent == nil && !w.Draft.Message.Ends() && slices.ContainsFunc(s.Reports, func(r Report) bool { return r.Controlled })
}

// checkClearance holds the guard's answer against the case once more: this is
// the last gate before the record says "released".
func (t *turn) checkClearance(w Warning, c tocsin.Clearance) error {
	switch {
	case c.Warning != w.ID || c.Version != w.Draft.Version || c.Digest != w.Digest || c.Pack != w.Draft.Pack || !t.s.runs(c.Pack):
		return tocsin.Fault(tocsin.Conflict, "clearance_for_other_text", "The clearance is for other words, recipients or terms.", "Release the newest version.")
	case c.Released != t.m.By.ID:
		return tocsin.Fault(tocsin.Refused, "clearance_for_other_person", "The clearance names another person.", "Release it yourself.")
	case !c.Expires.After(t.m.At):
		return tocsin.Fault(tocsin.Refused, "clearance_expired", "The clearance has ended.", "Release it again.")
	case len(t.s.unconsented()) > 0 && t.s.Exigent == nil:
		return tocsin.Faultf(tocsin.Refused, "no_consent", "Get the originator's consent, or have a duty officer invoke the exigent path.",
			"Reports %v are under originator control and their originator has not agreed.", t.s.unconsented())
	case slices.ContainsFunc(c.Cautions, func(f tocsin.GuardFinding) bool { return f.Blocks }):
		return tocsin.Fault(tocsin.Refused, "clearance_blocked", "The clearance carries a finding that stops the release.", "This is a fault of the program: report it.")
	}
	if i := slices.IndexFunc(c.Cautions, w.unanswered); i >= 0 {
		return tocsin.Faultf(tocsin.Refused, "finding_unanswered", "Answer it first, as somebody who did not write the warning.", "The guard asks about this warning: %s", c.Cautions[i].What)
	}
	// The threat may have been restated, and the warning that this one follows may
	// have ended, since it was drafted.
	if err := t.checkRoutes(w.Draft); err != nil {
		return err
	}
	return t.checkReference(w.Draft)
}

// follow does to the first warning what an update, cancel or all-clear does: words
// that have not left yet are out of date and must not leave. An update stops them
// for those it goes to; for others the old words are still better than none.
func (t *turn) follow(w Warning) {
	first := w.Draft.Refers
	if first == "" {
		return
	}
	if w.Draft.Message.Ends() {
		t.emit(WarningEnded{t.head(), first, w.ID})
	}
	for _, d := range t.s.Deliveries {
		if (d.State == Planned || d.State == Uncertain) && slices.Contains(t.s.thread(first), d.Warning) && t.s.superseded(d) {
			t.emit(DeliveryStopped{t.head(), d.Key, "replaced by " + string(w.ID)})
		}
	}
}

// plan owes the first rung to every recipient of a first warning, and every rung
// that was used to every recipient of what follows it.
func (t *turn) plan(w Warning) {
	used := []Delivery{}
	if w.Draft.Refers != "" {
		used = t.s.used(w.Draft.Refers)
	}
	for _, r := range w.Draft.Recipients {
		planned := false
		for _, u := range used {
			if u.Recipient != r.ID {
				continue
			}
			if i := rungIndex(r, t.s.rung(u)); !t.s.hasRung(w.ID, r.ID, i) {
				t.planRung(w, r, i)
			}
			planned = true
		}
		if !planned && !w.Draft.Message.Ends() {
			t.planRung(w, r, 0)
		}
	}
}

func (t *turn) planRung(w Warning, r tocsin.Recipient, i int) {
	g := r.Ladder[i]
	t.emit(DeliveryPlanned{t.head(), Key(t.s.ID, w.ID, w.Draft.Version, r.ID, i), w.ID, r.ID, i, g.Channel, g.Addressee, g.Level})
}

// Key names one message of one warning to one recipient over one rung. It says
// nothing about the case to somebody who sees it in a mail header.
func Key(c tocsin.CaseID, w tocsin.WarningID, version int, r tocsin.RecipientID, rung int) tocsin.DeliveryKey {
	d := tocsin.DigestOf(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%s\x00%d", c, w, version, r, rung))
	return tocsin.DeliveryKey(d[len("sha256:") : len("sha256:")+32])
}

// postponed creates the after-duties of an exigent release (invariant 6; 32 CFR
// 2001.52 for the notice to the originator).
func (t *turn) postponed(w Warning) {
	if t.s.Exigent == nil {
		return
	}
	controlled := len(t.s.unconsented()) > 0
	for i, terms := range t.s.Packs() {
		for _, d := range terms.Duties {
			if d.When == "controlled" && !controlled {
				continue
			}
			duty := Duty{ID: d.ID + "-" + string(w.ID), Title: d.Title, Clause: d.Clause, Warning: w.ID, Created: t.m.At, Soft: t.m.At.Add(d.Soft.D())}
			if i > 0 {
				duty.ID = terms.Pack.Name + "-" + duty.ID // two packs may postpone a duty of one name
			}
			if d.Hard > 0 {
				duty.Hard = t.m.At.Add(d.Hard.D())
			}
			t.emit(DutyCreated{t.head(), duty})
		}
	}
}

// parity opens a question for each victim that a standing warning leaves out and
// no other covers (invariant 10; 7 FAM 052; T-07): at release, when a victim is
// named later, and when an obligation that had ended is owed again.
func (t *turn) parity() {
	for _, w := range t.s.Warnings {
		if !w.Live() {
			continue
		}
		for _, v := range t.s.Victims {
			exposed := v.Disposition == ObligationOpen || v.Disposition == ObligationOwed || v.Disposition == ObligationWaived
			if exposed && !t.s.covered(v.ID) && !t.s.asked(w.ID, v.ID) {
				t.emit(ParityOpened{t.head(), nextID("p", len(t.s.Parities)), w.ID, v.ID})
			}
		}
	}
}

// asked reports whether the parity question on v about w has been opened, ever.
func (s State) asked(w tocsin.WarningID, v tocsin.VictimID) bool {
	return slices.ContainsFunc(s.Parities, func(p Parity) bool { return p.Warning == w && p.Victim == v })
}

func (c ExtendWindow) decide(t *turn) error {
	if err := needReason(c.Reason, "An extension"); err != nil {
		return err
	}
	w, _ := t.s.Warning(c.Warning)
	until := tocsin.Instant(c.Until)
	if !until.After(t.m.At) || !until.After(w.Until) {
		return tocsin.Faultf(tocsin.Invalid, "extension", "Give a later moment, or withdraw the warning.", "Warning %s already stands until %s.", w.ID, w.Until.Format(time.RFC3339)).At("until")
	}
	t.emit(WindowExtended{t.head(), c.Warning, until, c.Reason, false})
	return nil
}
