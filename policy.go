package tocsin

import "time"

// PackRef names a policy pack by name, version and the digest of all its files.
// It stands in every event that rests on the pack.
type PackRef struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  Digest `json:"digest"`
}

// FindingValue is the state of one element for one victim.
type FindingValue string

// The finding values. Unknown (nobody has said) is not Doubtful (somebody
// looked and cannot tell), and neither is NotMet.
const (
	Met      FindingValue = "met"
	Doubtful FindingValue = "doubtful"
	NotMet   FindingValue = "not_met"
	Unknown  FindingValue = "unknown"
)

// FindingValues lists the values from strongest to weakest support, then unknown.
func FindingValues() []FindingValue { return []FindingValue{Met, Doubtful, NotMet, Unknown} }

// Finding is what somebody found on one element for one victim.
type Finding struct {
	Element  string       `json:"element"`
	Value    FindingValue `json:"value"`
	Reason   string       `json:"reason,omitempty"`
	Evidence []Span       `json:"evidence,omitempty"`
	By       ActorID      `json:"by,omitempty"`
	At       time.Time    `json:"at,omitzero"`
}

// DeterminationResult is what the policy makes of the findings for one victim.
type DeterminationResult string

// The results. Undetermined (doubtful) falls towards Owed: it is told apart so
// that a reader sees that the doubt rule was used.
const (
	ResultOwed     DeterminationResult = "owed"
	ResultDoubtful DeterminationResult = "doubtful"
	ResultNotOwed  DeterminationResult = "not_owed"
)

// Determination is the policy's answer for one victim with its full reason.
// Equal findings under one pack give an equal value, in the same order.
type Determination struct {
	Victim      VictimID            `json:"victim"`
	Pack        PackRef             `json:"pack"`
	Result      DeterminationResult `json:"result"`
	Rule        string              `json:"rule"`              // the rule that decided
	Clause      string              `json:"clause"`            // its legal reference
	Basis       string              `json:"basis,omitempty"`   // "sourced" or "to be confirmed"
	Because     string              `json:"because"`           // the rule in plain words
	Route       string              `json:"route"`             // one of the routes
	Rests       []Finding           `json:"rests"`             // one for each element of the pack, in the pack's order
	Changes     []Change            `json:"changes,omitempty"` // findings that would change the result, most decisive first
	Failed      []string            `json:"failed,omitempty"`  // rules that could not be evaluated; any entry forces Doubtful
	Explanation []string            `json:"explanation"`       // one line for each step of the reasoning
}

// The routes: the form of warning to which a rule of a pack leads.
const (
	RouteVictim    = "victim"     // the victim, or those responsible for protecting the victim
	RouteAdvisory  = "advisory"   // serious, not impending: protectors, and a dated review
	RouteGeneral   = "general"    // a place, a class of people or the public
	RouteOtherPack = "other_pack" // outside this pack; another must be looked for
	RouteNone      = "none"       // nothing to send; only ever with not_owed
)

// Change says that another value of one element would change the result.
type Change struct {
	Element string              `json:"element"`
	From    FindingValue        `json:"from"`
	To      FindingValue        `json:"to"`
	Result  DeterminationResult `json:"result"`
}

// Power is a right that a pack gives to roles.
type Power string

// The powers. A pack must assign every one of them.
const (
	MayReceive        Power = "receive"         // attach reports, open cases
	MayAssess         Power = "assess"          // threat, victims, findings
	MayOwn            Power = "own"             // hold a case, accept a transfer
	MayAffirm         Power = "affirm"          // affirm a determination
	MayProposeWaiver  Power = "propose_waiver"  //
	MayApproveWaiver  Power = "approve_waiver"  // never the proposer, never the protected source's handler
	MayProposeRefusal Power = "propose_refusal" //
	MaySignRefusal    Power = "sign_refusal"    // second signer, blind to the first grade
	MayAskConsent     Power = "ask_consent"     // of an originator, and record the answer
	MayDispute        Power = "dispute"         //
	MaySettle         Power = "settle"          // settle a dispute
	MayInvokeExigent  Power = "invoke_exigent"  //
	MayDraft          Power = "draft"           // write a warning
	MayApproveWording Power = "approve_wording" // never an author of it
	MayApproveExigent Power = "approve_exigent" // who may approve wording on the exigent path; still never an author
	MayRelease        Power = "release"         //
	MayDeliver        Power = "deliver"         // serve in person, record what a recipient did
	MayReview         Power = "review"          //
	MayDecideParity   Power = "decide_parity"   //
	MayClose          Power = "close"           // outcome, discharge, closing
)

// Powers lists every power.
func Powers() []Power {
	return []Power{MayReceive, MayAssess, MayOwn, MayAffirm, MayProposeWaiver, MayApproveWaiver, MayProposeRefusal,
		MaySignRefusal, MayAskConsent, MayDispute, MaySettle, MayInvokeExigent, MayDraft, MayApproveWording,
		MayApproveExigent, MayRelease, MayDeliver, MayReview, MayDecideParity, MayClose}
}

// Words says a power as people do. Refusals, the console and what a pack prints say
// the same.
func (p Power) Words() string {
	if w, ok := powerWords[p]; ok {
		return w
	}
	return string(p)
}

var powerWords = map[Power]string{MayReceive: "receive reports", MayAssess: "assess", MayOwn: "own a case", MayAffirm: "affirm determinations",
	MayProposeWaiver: "propose a waiver", MayApproveWaiver: "approve a waiver", MayProposeRefusal: "sign a refusal first", MaySignRefusal: "sign a refusal second",
	MayAskConsent: "ask originators", MayDispute: "dispute", MaySettle: "settle disputes", MayInvokeExigent: "open the exigent path", MayDraft: "write warnings",
	MayApproveWording: "approve words", MayApproveExigent: "approve words on the exigent path", MayRelease: "release warnings", MayDeliver: "deliver warnings",
	MayReview: "review cases", MayDecideParity: "decide who else is told", MayClose: "close cases"}

// Ground is one of a pack's grounds for not warning one victim.
type Ground struct {
	ID             string            `json:"id" yaml:"id"`
	Title          string            `json:"title" yaml:"title"`
	Clause         string            `json:"clause" yaml:"clause"`
	Basis          string            `json:"basis" yaml:"basis"`                                         // "sourced" or "to be confirmed"
	Evidence       []EvidenceItem    `json:"evidence" yaml:"evidence"`                                   // each must be answered
	Alternatives   bool              `json:"alternatives" yaml:"alternatives"`                           // alternatives tried must be stated
	Validity       Duration          `json:"validity" yaml:"validity"`                                   // longest; the waiver lapses then
	ProtectsSource bool              `json:"protects_source,omitempty" yaml:"protects_source,omitempty"` // approver must not handle a source of the case
	Retest         []string          `json:"retest,omitempty" yaml:"retest,omitempty"`                   // what reopens it besides expiry: "new_report", "new_locator", "new_finding"
	Excludes       map[string]string `json:"excludes,omitempty" yaml:"excludes,omitempty"`               // evidence answer that defeats the ground: item -> value
}

// EvidenceItem is one question that a ground's proposer must answer.
type EvidenceItem struct {
	ID       string `json:"id" yaml:"id"`
	Question string `json:"question" yaml:"question"`
}

// ClockName names a clock. The list is closed; a pack sets their lengths.
type ClockName string

// The clocks (domain notes 7.5).
const (
	ClockDetermination  ClockName = "determination"   // first knowledge -> determination; missed: falls to owed
	ClockAffirmation    ClockName = "affirmation"     // determination -> senior affirms; missed: raised, warning goes on
	ClockWaiver         ClockName = "waiver_decision" // proposal -> decision; missed: the proposal lapses
	ClockRefusal        ClockName = "second_signer"   // refusal proposed -> second signer; missed: falls to owed
	ClockConsent        ClockName = "consent"         // consent asked -> answered; missed: exigent path is offered
	ClockFirstDelivery  ClockName = "first_delivery"  // owed -> first delivery started
	ClockAcknowledge    ClockName = "acknowledgement" // sent -> acknowledged; missed: next rung
	ClockTransfer       ClockName = "transfer"        // transfer proposed -> accepted; missed: raised, owner stays
	ClockReview         ClockName = "review"          // last review -> next
	ClockParity         ClockName = "parity"          // parity opened -> decided
	ClockWindow         ClockName = "window"          // before a warning's window ends; missed: extended by default and raised
	ClockDuty           ClockName = "duty"            // after-duty of the exigent path
	ClockDispute        ClockName = "dispute"         // dispute -> next level
	ClockRepeat         ClockName = "repeat"          // how often a missed clock is raised again
	ClockClearanceValid ClockName = "clearance"       // how long a clearance may be used
)

// ClockNames lists every clock a pack must set.
func ClockNames() []ClockName {
	return []ClockName{ClockDetermination, ClockAffirmation, ClockWaiver, ClockRefusal, ClockConsent, ClockFirstDelivery,
		ClockAcknowledge, ClockTransfer, ClockReview, ClockParity, ClockWindow, ClockDispute, ClockRepeat, ClockClearanceValid}
}

// ClockRule sets one clock. The due time is the earliest of anchor+After,
// anchor+Percent% of the time left to the stated attack, and never later than
// anchor+Outer where Outer is set.
type ClockRule struct {
	After   Duration   `json:"after" yaml:"after"`
	Percent int        `json:"percent,omitempty" yaml:"percent,omitempty"` // of the time from anchor to the attack; 0 is "not used"
	Floor   Duration   `json:"floor,omitzero" yaml:"floor,omitempty"`      // the percentage never shortens below this
	Serious Duration   `json:"serious,omitzero" yaml:"serious,omitempty"`  // used instead of After when the attack is farther off than Imminent
	Then    []Duration `json:"then,omitempty" yaml:"then,omitempty"`       // following intervals, the last repeating (reviews)
	Clause  string     `json:"clause" yaml:"clause"`
	Basis   string     `json:"basis" yaml:"basis"`
}

// Due computes when a clock that started at anchor runs out, given the stated
// time of the attack (zero if unknown). It is never before anchor.
func (r ClockRule) Due(anchor, attack time.Time, imminent Duration) time.Time {
	after := r.After.D()
	if r.Serious > 0 && (attack.IsZero() || attack.Sub(anchor) > imminent.D()) {
		after = r.Serious.D()
	}
	due := anchor.Add(after)
	if r.Percent > 0 && !attack.IsZero() {
		left := attack.Sub(anchor)
		share := max(left*time.Duration(r.Percent)/100, r.Floor.D())
		if d := anchor.Add(share); d.Before(due) {
			due = d
		}
	}
	if due.Before(anchor) {
		due = anchor
	}
	return Instant(due)
}

// AfterDuty is a duty that the exigent path postpones and so creates.
type AfterDuty struct {
	ID     string   `json:"id" yaml:"id"`
	Title  string   `json:"title" yaml:"title"`
	Soft   Duration `json:"soft" yaml:"soft"`                     // due
	Hard   Duration `json:"hard,omitzero" yaml:"hard,omitempty"`  // latest in any event
	When   string   `json:"when,omitempty" yaml:"when,omitempty"` // "controlled": only where a controlled report was used; empty: always
	Clause string   `json:"clause" yaml:"clause"`
	Basis  string   `json:"basis" yaml:"basis"`
}

// ContentItem is one thing a good warning says (domain notes 7.7). A required
// item that is absent needs a stated reason (assertion T-21).
type ContentItem struct {
	ID       string `json:"id" yaml:"id"`
	Title    string `json:"title" yaml:"title"`
	Required bool   `json:"required" yaml:"required"`
}

// Coordination says whom to bring in, by where the victim is.
type Coordination struct {
	ID     string `json:"id" yaml:"id"`
	When   string `json:"when" yaml:"when"` // "home", "abroad", "foreign_government", "controlled"
	With   string `json:"with" yaml:"with"`
	Duty   string `json:"duty" yaml:"duty"`
	Clause string `json:"clause" yaml:"clause"`
	Basis  string `json:"basis" yaml:"basis"`
}

// MustTell is one of those who must be told before an obligation can be
// discharged: a warning of any of Kinds will do for this entry, and each entry
// must be satisfied. Victim and police are two entries where both must hear
// (Cal. Civ. Code 43.92), victim or protector one where either may.
type MustTell struct {
	ID      string        `json:"id"`
	Kinds   []WarningKind `json:"kinds"`
	Routes  []string      `json:"routes,omitempty"` // only where a determination leads to one of these; empty: wherever a warning is due
	Because string        `json:"because"`
	Clause  string        `json:"clause"`
	Basis   string        `json:"basis"`
}

// ChannelRule says by which channels some kinds of warning go.
type ChannelRule struct {
	ID      string        `json:"id" yaml:"id"`
	Kinds   []WarningKind `json:"kinds" yaml:"kinds"`
	Require []Channel     `json:"require,omitempty" yaml:"require,omitempty"` // at least one of these is among those used
	Allow   []Channel     `json:"allow,omitempty" yaml:"allow,omitempty"`     // no other is used
	Forbid  []Channel     `json:"forbid,omitempty" yaml:"forbid,omitempty"`   // none of these is used
	Because string        `json:"because" yaml:"because"`
	Clause  string        `json:"clause" yaml:"clause"`
	Basis   string        `json:"basis" yaml:"basis"`
}

// Channel is a way to reach somebody, as a pack speaks of it. in_person, smtp
// and webhook are those that the program can use.
type Channel string

// Terms are the operational terms of a pack that a case is run under. They are
// recorded when the case opens, so that replay never reads a pack.
type Terms struct {
	Pack         PackRef                 `json:"pack"`
	Title        string                  `json:"title"`
	Home         string                  `json:"home"` // ISO 3166-1 alpha-2 of the organisation's own country
	Elements     []string                `json:"elements"`
	Harms        []Harm                  `json:"harms"`
	Grounds      []Ground                `json:"grounds"`
	Powers       map[Power][]Role        `json:"powers"`
	Clocks       map[ClockName]ClockRule `json:"clocks"`
	Imminent     Duration                `json:"imminent"` // an attack nearer than this is imminent
	Exigent      Duration                `json:"exigent"`  // time left below which coordination may be skipped
	Duties       []AfterDuty             `json:"duties"`
	Coordination []Coordination          `json:"coordination"`
	Content      []ContentItem           `json:"content"`
	MustTell     []MustTell              `json:"must_tell,omitempty"`
	Channels     []ChannelRule           `json:"channels,omitempty"`
	Records      []string                `json:"records"` // what the record must hold before a case closes
	MaxAttempts  int                     `json:"max_attempts"`
	Backoff      Duration                `json:"backoff"`   // before the second attempt; doubled each time
	Extension    Duration                `json:"extension"` // by which a window that would lapse undecided is extended
}

// Ground returns the ground with the given id.
func (t Terms) Ground(id string) (Ground, bool) {
	for _, g := range t.Grounds {
		if g.ID == id {
			return g, true
		}
	}
	return Ground{}, false
}

// Due computes the due time of a named clock.
func (t Terms) Due(name ClockName, anchor, attack time.Time) time.Time {
	return t.Clocks[name].Due(anchor, attack, t.Imminent)
}
