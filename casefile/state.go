package casefile

import (
	"slices"
	"time"

	"tocsin"
)

// Disposition is where the duty towards one victim stands.
type Disposition string

// The dispositions. ObligationOpen and ObligationOwed are the two that still ask for work; the
// others are ends, and every one of them can be reopened: an end stands only as
// long as what it rests on.
const (
	ObligationOpen        Disposition = "open"        // not yet determined
	ObligationOwed        Disposition = "owed"        // a warning is owed
	ObligationDischarged  Disposition = "discharged"  // warned; see Victim.How
	ObligationWaived      Disposition = "waived"      // an approved waiver stands, until it expires
	ObligationNotOwed     Disposition = "not_owed"    // refused, with two signers
	ObligationTransferred Disposition = "transferred" // accepted by a named person of another organisation
	ObligationOvertaken   Disposition = "overtaken"   // events ended it, with two signers
)

// Ended reports whether the disposition is an end.
func (d Disposition) Ended() bool { return d != ObligationOpen && d != ObligationOwed }

// How a discharged obligation was discharged.
const (
	HowAcknowledged   = "acknowledged"
	HowUnacknowledged = "delivered, unacknowledged" // T-17; never to be reported as acknowledged
)

// State is everything about one case. It is a value: Apply returns a new one and
// never writes to what an old one points at.
type State struct {
	ID       tocsin.CaseID  `json:"id"`
	Version  int            `json:"version"` // number of events applied
	Title    string         `json:"title"`
	Terms    tocsin.Terms   `json:"terms"`             // of the pack that the case was opened under
	Further  []tocsin.Terms `json:"further,omitempty"` // of the packs that joined later; see Packs
	Opened   time.Time      `json:"opened"`
	Now      time.Time      `json:"now"` // time of the last event
	Owner    tocsin.ActorID `json:"owner"`
	Transfer *Transfer      `json:"transfer,omitempty"`
	Sealed   *Seal          `json:"sealed,omitempty"` // known to some people only

	Reports    []Report         `json:"reports"`
	FirstKnown time.Time        `json:"first_known,omitzero"` // earliest moment at which anybody knew
	Threat     tocsin.Threat    `json:"threat"`
	Protected  []string         `json:"protected,omitempty"` // cover terms and other words that must not go out
	Victims    []Victim         `json:"victims"`
	SeenGrade  []tocsin.ActorID `json:"seen_grade,omitempty"` // who has seen findings and so cannot be a second signer

	Consents []Consent `json:"consents,omitempty"`
	Disputes []Dispute `json:"disputes,omitempty"`
	Exigent  *Exigent  `json:"exigent,omitempty"`
	Duties   []Duty    `json:"duties,omitempty"`

	Tearlines []Tearline `json:"tearlines,omitempty"` // at most one of each report

	Parities []Parity `json:"parities,omitempty"`

	Warnings   []Warning  `json:"warnings,omitempty"`
	Deliveries []Delivery `json:"deliveries,omitempty"`

	LastReview time.Time `json:"last_review,omitzero"`
	Reviews    int       `json:"reviews"`
	Missed     []Missed  `json:"missed,omitempty"` // newest miss of each clock; Clocks says which of them still run
	Outcome    *Outcome  `json:"outcome,omitempty"`
	// OutcomeStale says that a report has come in since the outcome was recorded:
	// nothing may rest on it until somebody records it again.
	OutcomeStale bool `json:"outcome_stale,omitempty"`
	Closed       bool `json:"closed"`
	// OnRecord says, as of the last closing, where the record holds what the packs
	// want on it.
	OnRecord map[string]string `json:"on_record,omitempty"`
	// Unfollowed is what was on the way when the case was closed, not known to have
	// arrived; ClosedOver is what the closer said of it. Empty on an open case.
	Unfollowed []Underway `json:"unfollowed,omitempty"`
	ClosedOver string     `json:"closed_over,omitempty"`
}

// Report is what a case keeps of a report; the text stays with intake.
type Report struct {
	ID         tocsin.ReportID `json:"id"`
	Subject    string          `json:"subject,omitempty"`
	Origin     string          `json:"origin,omitempty"`
	Conveyor   string          `json:"conveyor,omitempty"`
	Marking    string          `json:"marking,omitempty"`
	Originator string          `json:"originator,omitempty"`
	Controlled bool            `json:"controlled,omitempty"`
	FirstKnown time.Time       `json:"first_known"`
	Entered    time.Time       `json:"entered"`
	RepeatOf   tocsin.ReportID `json:"repeat_of,omitempty"` // says nothing that this earlier report did not say
}

// Victim is one intended victim with the obligation towards it.
type Victim struct {
	tocsin.Victim
	KnownSince  time.Time        `json:"known_since"` // from when its clocks run
	Disposition Disposition      `json:"disposition"`
	Since       time.Time        `json:"since"` // when the disposition was reached
	How         string           `json:"how,omitempty"`
	Afresh      int              `json:"afresh,omitempty"`   // State.Version at which the danger became a graver one: only words released later count
	Findings    []tocsin.Finding `json:"findings,omitempty"` // the newest for each element
	Standing                     // under the pack that the case was opened under
	Further     []Standing       `json:"further,omitempty"`  // under each of State.Further, in its order
	Graders     []tocsin.ActorID `json:"graders,omitempty"`  // whoever found, affirmed or refused anything here, ever: none of them is a blind second signer
	Locators    []string         `json:"locators,omitempty"` // addresses, numbers and intermediaries that came up
	Waiver      *Waiver          `json:"waiver,omitempty"`
	Refusal     *Refusal         `json:"refusal,omitempty"`
	Handover    *Handover        `json:"handover,omitempty"`
	Corrections []Correction     `json:"corrections,omitempty"` // what was said of it before, the oldest first
	Corrected   int              `json:"corrected,omitempty"`   // State.Version at which it was last described otherwise
	CorrectedAt time.Time        `json:"corrected_at,omitzero"` // when that was
}

// Correction is what was said of a victim before somebody corrected it.
type Correction struct {
	Was    tocsin.Victim  `json:"was"`
	By     tocsin.ActorID `json:"by"` // who corrected it
	At     time.Time      `json:"at"`
	Reason string         `json:"reason"`
}

// Waiver is a decision not to warn one victim, or the proposal of one.
type Waiver struct {
	Ground       string            `json:"ground"`
	Evidence     map[string]string `json:"evidence"`
	Alternatives string            `json:"alternatives,omitempty"`
	Reason       string            `json:"reason"`
	Proposer     tocsin.ActorID    `json:"proposer"`
	Proposed     time.Time         `json:"proposed"`
	Expires      time.Time         `json:"expires"`
	Further      []Claim           `json:"further,omitempty"`  // the grounds under further packs of the case
	Approver     tocsin.ActorID    `json:"approver,omitempty"` // empty while proposed
	Approved     time.Time         `json:"approved,omitzero"`
}

// Claim is what a waiver rests on under one further pack of the case: a ground of
// that pack, its questions answered.
type Claim struct {
	Pack         string            `json:"pack"`
	Ground       string            `json:"ground"`
	Evidence     map[string]string `json:"evidence"`
	Alternatives string            `json:"alternatives,omitempty"`
}

// Refusal is a decision that no duty is owed, or the proposal of one.
type Refusal struct {
	Ground   string           `json:"ground"` // RefuseBelow or RefuseOvertaken
	Reason   string           `json:"reason"`
	Proposer tocsin.ActorID   `json:"proposer"`
	Proposed time.Time        `json:"proposed"`
	Signer   tocsin.ActorID   `json:"signer,omitempty"` // empty while proposed
	Signed   time.Time        `json:"signed,omitzero"`
	Grade    []tocsin.Finding `json:"grade,omitempty"` // the second signer's own findings
}

// Grounds of a refusal.
const (
	RefuseBelow     = "below_threshold"
	RefuseOvertaken = "overtaken"
)

// Handover passes an obligation to another organisation; it ends here only when
// a named person there has accepted it.
type Handover struct {
	To       string         `json:"to"`
	Reason   string         `json:"reason"`
	Offered  time.Time      `json:"offered"`
	By       tocsin.ActorID `json:"by"`
	Person   string         `json:"person,omitempty"` // who accepted
	Accepted time.Time      `json:"accepted,omitzero"`
}

// Transfer is a change of owner that waits for acceptance.
type Transfer struct {
	To     tocsin.ActorID `json:"to"`
	By     tocsin.ActorID `json:"by"`
	At     time.Time      `json:"at"`
	Reason string         `json:"reason,omitempty"`
}

// Tearline is the releasable part of a report, written without sources and
// methods. It counts as releasable once somebody other than its author has cleared
// exactly these words.
type Tearline struct {
	Report    tocsin.ReportID `json:"report"`
	Words     string          `json:"words"`
	Digest    tocsin.Digest   `json:"digest"`
	By        tocsin.ActorID  `json:"by"`
	At        time.Time       `json:"at"`
	ClearedBy tocsin.ActorID  `json:"cleared_by,omitempty"`
	Cleared   time.Time       `json:"cleared,omitzero"`
}

// FindingAnswer is a named person's answer to something that the guard asked.
type FindingAnswer struct {
	Finding string         `json:"finding"` // the finding's id, which names its rule and the words concerned
	By      tocsin.ActorID `json:"by"`
	At      time.Time      `json:"at"`
	Words   string         `json:"words"`
}

// Consent is what an originator was asked and answered about one report.
type Consent struct {
	Report   tocsin.ReportID `json:"report"`
	Portions []int           `json:"portions,omitempty"` // which of the report's portions; none is all of them
	Of       string          `json:"of"`
	Question string          `json:"question"`
	Asked    time.Time       `json:"asked"`
	Answered time.Time       `json:"answered,omitzero"`
	Granted  bool            `json:"granted"`
	Limits   string          `json:"limits,omitempty"` // what was granted, where not everything
	Person   string          `json:"person,omitempty"`
}

// Dispute is a disagreement. It never stops a clock.
type Dispute struct {
	ID         string         `json:"id"`
	About      string         `json:"about"`
	Position   string         `json:"position"`
	By         tocsin.ActorID `json:"by"`
	At         time.Time      `json:"at"`
	Settled    time.Time      `json:"settled,omitzero"`
	Settlement string         `json:"settlement,omitempty"`
	SettledBy  tocsin.ActorID `json:"settled_by,omitempty"`
}

// Exigent says that a duty officer found too little time for prior coordination.
type Exigent struct {
	By     tocsin.ActorID `json:"by"`
	At     time.Time      `json:"at"`
	Reason string         `json:"reason"`
}

// Duty is an after-duty that an exigent release created.
type Duty struct {
	ID      string           `json:"id"`
	Title   string           `json:"title"`
	Clause  string           `json:"clause"`
	Warning tocsin.WarningID `json:"warning"`
	Created time.Time        `json:"created"`
	Soft    time.Time        `json:"soft"`
	Hard    time.Time        `json:"hard,omitzero"`
	Done    time.Time        `json:"done,omitzero"`
	By      tocsin.ActorID   `json:"by,omitempty"`
	Note    string           `json:"note,omitempty"`
}

// Parity is the question, opened when one audience was told, whether a victim
// that the warning left out must be told too (invariant 10, T-07).
type Parity struct {
	ID       string           `json:"id"`
	Warning  tocsin.WarningID `json:"warning"`
	Victim   tocsin.VictimID  `json:"victim"`
	Opened   time.Time        `json:"opened"`
	Decided  time.Time        `json:"decided,omitzero"`
	Decision string           `json:"decision,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	By       tocsin.ActorID   `json:"by,omitempty"`
}

// Warning is one warning through its versions.
type Warning struct {
	ID        tocsin.WarningID      `json:"id"`
	Draft     tocsin.Draft          `json:"draft"` // newest version
	Digest    tocsin.Digest         `json:"digest"`
	Authors   []tocsin.ActorID      `json:"authors"` // of every version: none of them may approve any version
	Approval  *tocsin.Approval      `json:"approval,omitempty"`
	Drafted   int                   `json:"drafted,omitempty"`  // State.Version at which the newest version was written
	Returned  string                `json:"returned,omitempty"` // why the newest version was sent back
	Refused   []tocsin.GuardFinding `json:"refused,omitempty"`  // what stopped the last try to release the newest version
	Answers   []FindingAnswer       `json:"answers,omitempty"`  // to what the guard asked, of any version: a finding's id holds for as long as its words do
	Clearance *tocsin.Clearance     `json:"clearance,omitempty"`
	Released  time.Time             `json:"released,omitzero"`
	// ReverseTest is how many people could have been the source, as the releaser judged.
	ReverseTest string           `json:"reverse_test,omitempty"`
	Order       int              `json:"order,omitempty"`    // State.Version at release: tells an earlier release from a later one
	Until       time.Time        `json:"until,omitzero"`     // end of validity, after updates and extensions; set on every released warning
	Untold      bool             `json:"untold,omitempty"`   // extended, and recipients have not been told yet
	Extended    time.Time        `json:"extended,omitzero"`  // when that was
	EndedBy     tocsin.WarningID `json:"ended_by,omitempty"` // the cancel or all-clear
}

// Live reports whether the warning is out and has not been ended. Messages that
// only end another are never live.
func (w Warning) Live() bool {
	return w.Clearance != nil && w.EndedBy == "" && w.Draft.Message == tocsin.Alert
}

// DeliveryState is where one delivery stands. Each is a different fact.
type DeliveryState string

// The delivery states.
const (
	Planned    DeliveryState = "planned"
	Started    DeliveryState = "started" // intent recorded; nobody knows yet
	Sent       DeliveryState = "sent"    // the next hop took it
	Assigned   DeliveryState = "assigned"
	Delivered  DeliveryState = "delivered" // it is with the recipient
	AckedState DeliveryState = "acknowledged"
	Acting     DeliveryState = "acting"
	Uncertain  DeliveryState = "uncertain" // it may have gone; repeated under the same key
	Failed     DeliveryState = "failed"
	Stopped    DeliveryState = "stopped" // not to be sent any more
)

// Delivery is one message to one addressee over one rung, with its attempts.
type Delivery struct {
	Key       tocsin.DeliveryKey `json:"key"`
	Warning   tocsin.WarningID   `json:"warning"`
	Recipient tocsin.RecipientID `json:"recipient"`
	Rung      int                `json:"rung"` // index in the recipient's ladder
	Channel   string             `json:"channel"`
	Addressee string             `json:"addressee"`
	Level     int                `json:"level"`
	State     DeliveryState      `json:"state"`
	Attempt   int                `json:"attempt"`
	NotBefore time.Time          `json:"not_before"`
	Lease     time.Time          `json:"lease,omitzero"`
	Worker    string             `json:"worker,omitempty"`
	FirstTry  time.Time          `json:"first_try,omitzero"`
	Handed    time.Time          `json:"handed,omitzero"` // sent, assigned or delivered
	Delivered time.Time          `json:"delivered,omitzero"`
	Answer    tocsin.AckKind     `json:"answer,omitempty"` // newest answer of any kind
	Answered  time.Time          `json:"answered,omitzero"`
	AnswerBy  string             `json:"answer_by,omitempty"` // who gave that answer, as it was told
	Said      string             `json:"said,omitempty"`      // their words
	Detail    string             `json:"detail,omitempty"`
	Raised    bool               `json:"raised,omitempty"` // the next rung has been tried because this one was silent or failed
	Service   *tocsin.Service    `json:"service,omitempty"`
}

// Care lists what must be heeded by whoever contacts the victims of a warning.
func (s State) Care(w Warning) []tocsin.Care {
	var out []tocsin.Care
	for _, id := range w.Draft.Victims {
		if v, _ := s.Victim(id); v.Safety != "" {
			out = append(out, tocsin.Care{Victim: id, Name: v.Name, Words: v.Safety})
		}
	}
	return out
}

// handed reports whether the words have left for the addressee.
func (d Delivery) handed() bool {
	switch d.State {
	case Sent, Delivered, Assigned, AckedState, Acting:
		return true
	}
	return false
}

// Reached reports whether the words are with the recipient.
func (d Delivery) Reached() bool {
	return d.State == Delivered || d.State == AckedState || d.State == Acting
}

// Missed is a clock that ran out, how often it has been raised, and when it is
// raised next.
type Missed struct {
	Clock  tocsin.ClockName `json:"clock"`
	Target string           `json:"target"`
	Anchor time.Time        `json:"anchor"` // tells one run of a clock from the next
	Due    time.Time        `json:"due"`    // when it ran out
	Count  int              `json:"count"`
	Next   time.Time        `json:"next"`
}

// Outcome is what happened in the end, and what the recipient did with the
// warning.
type Outcome struct {
	What     string         `json:"what"` // "occurred", "averted", "did_not_occur", "unrelated"
	At       time.Time      `json:"at,omitzero"`
	Response string         `json:"response,omitempty"` // "acted", "ignored", "published", "accused", "attacked_elsewhere", "arrested_innocents", "none"
	Note     string         `json:"note"`
	By       tocsin.ActorID `json:"by"`
}

// Attack is the stated or estimated earliest time of the attack, zero if unknown.
func (s State) Attack() time.Time { return s.Threat.Window.Start() }

// Victim returns the victim with the given id.
func (s State) Victim(id tocsin.VictimID) (Victim, bool) {
	i := slices.IndexFunc(s.Victims, func(v Victim) bool { return v.ID == id })
	if i < 0 {
		return Victim{}, false
	}
	return s.Victims[i], true
}

// Warning returns the warning with the given id.
func (s State) Warning(id tocsin.WarningID) (Warning, bool) {
	i := slices.IndexFunc(s.Warnings, func(w Warning) bool { return w.ID == id })
	if i < 0 {
		return Warning{}, false
	}
	return s.Warnings[i], true
}

// Delivery returns the delivery with the given key.
func (s State) Delivery(k tocsin.DeliveryKey) (Delivery, bool) {
	i := slices.IndexFunc(s.Deliveries, func(d Delivery) bool { return d.Key == k })
	if i < 0 {
		return Delivery{}, false
	}
	return s.Deliveries[i], true
}

// root is the first warning of w's thread: w itself, or the one that it refers to.
func (s State) root(w Warning) Warning {
	if w.Draft.Refers == "" {
		return w
	}
	first, _ := s.Warning(w.Draft.Refers)
	return first
}

// stands reports whether w is out and its thread has not been ended.
func (s State) stands(w Warning) bool { return w.Clearance != nil && s.root(w).EndedBy == "" }

// withdrawn reports whether w was taken back as wrong, with nothing known of what
// happened that would make that moot. Such words discharge nothing. An all-clear
// is another matter: it says that the warning was right and the danger is over.
func (s State) withdrawn(w Warning) bool {
	end, ok := s.Warning(s.root(w).EndedBy)
	return ok && end.Draft.Message == tocsin.Cancel && !s.outcomeKnown()
}

// outcomeKnown reports whether an outcome is recorded and no report has come in since.
func (s State) outcomeKnown() bool { return s.Outcome != nil && !s.OutcomeStale }

// covered reports whether a warning that stands speaks for v.
func (s State) covered(v tocsin.VictimID) bool {
	return slices.ContainsFunc(s.Warnings, func(w Warning) bool { return w.covers(v) && s.stands(w) })
}

// reaches reports whether d has brought the words of w to somebody who is not the
// threat actor's, in a way that may discharge an obligation.
func (s State) reaches(w Warning, d Delivery) bool {
	return d.Warning == w.ID && d.Reached() && !s.withdrawn(w) && s.routeTouches(d) == ""
}

// warned reports whether words that cover v have reached everybody who must be
// told, and count.
func (s State) warned(v Victim) bool { return len(s.untold(v, s.reaches)) == 0 }

// repeats reports whether r says nothing that an earlier report of this case did
// not say. A claim to repeat a report that the case has never seen does not count.
func (s State) repeats(r Report) bool {
	return r.RepeatOf != "" && slices.ContainsFunc(s.Reports, func(o Report) bool { return o.ID == r.RepeatOf })
}

// thread returns the warning w and every message that refers to it.
func (s State) thread(w tocsin.WarningID) []tocsin.WarningID {
	ids := []tocsin.WarningID{w}
	for _, x := range s.Warnings {
		if x.Draft.Refers == w {
			ids = append(ids, x.ID)
		}
	}
	return ids
}

// covers reports whether an alert that covers v has been released and is of a
// kind that speaks for the victim. A disruption notice speaks to the suspect.
func (w Warning) covers(v tocsin.VictimID) bool {
	return w.Clearance != nil && !w.Draft.Message.Ends() && w.Draft.Kind != tocsin.DisruptionNotice && slices.Contains(w.Draft.Victims, v)
}

// unconsented lists the controlled reports whose originator has not agreed.
func (s State) unconsented() []tocsin.ReportID {
	var out []tocsin.ReportID
	for _, r := range s.Reports {
		if r.Controlled && !slices.ContainsFunc(s.Consents, func(c Consent) bool { return c.Report == r.ID && c.Granted && !c.Answered.IsZero() }) {
			out = append(out, r.ID)
		}
	}
	return out
}
