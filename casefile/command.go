package casefile

import (
	"time"

	"tocsin"
)

// Meta is what Decide needs to know about a command besides the command: when it
// is given, by whom, and under which id. All three are values; the clock was
// read once, at the edge.
type Meta struct {
	At      time.Time
	By      tocsin.Actor
	Command string
}

// Command is something that somebody wants done to a case.
type Command interface {
	Kind() string
	target() string // victim, warning, delivery ... that it is about; "" for the case itself
	decide(*turn) error
}

// The commands. Fields that the engine fills in (identifiers, the policy's
// answer, the guard's clearance) are not read from requests.
type (
	// OpenCase begins a case with at least one report. The opener owns it.
	OpenCase struct {
		Case    tocsin.CaseID `json:"-"`
		Title   string        `json:"title" doc:"What the case is called on the watch floor"`
		Terms   tocsin.Terms  `json:"-"`
		Reports []Report      `json:"-"`
	}
	// JoinPack puts the case under a further policy pack as well. It only ever adds
	// duties.
	JoinPack struct {
		Pack   string       `json:"pack" doc:"Name of the pack"`
		Reason string       `json:"reason"`
		Terms  tocsin.Terms `json:"-"`
	}
	// AdoptTerms takes up another edition of a pack that the case stands under.
	AdoptTerms struct {
		Pack   string       `json:"pack" doc:"Name of the pack"`
		Reason string       `json:"reason"`
		Terms  tocsin.Terms `json:"-"`
	}
	// AttachReport joins a further report.
	AttachReport struct {
		Report Report `json:"-"`
	}
	// StateThreat sets what is held to be coming.
	StateThreat struct {
		Threat tocsin.Threat `json:"threat"`
		Past   bool          `json:"past,omitempty" doc:"Set to confirm a time of attack that has already passed"`
	}
	// ProtectTerms adds words that no warning of this case may contain.
	ProtectTerms struct {
		Words []string `json:"terms"`
	}
	// AddVictim names an intended victim.
	AddVictim struct {
		Victim     tocsin.Victim `json:"victim"`
		KnownSince time.Time     `json:"known_since,omitzero" doc:"When it was first known that this victim is meant, if later than the first report"`
	}
	// CorrectVictim replaces what is said of a victim. Its details are given whole,
	// under the id that it has; what was said before stays in the record. It is for
	// somebody who was described wrongly: somebody else is another victim.
	CorrectVictim struct {
		Victim tocsin.Victim `json:"victim" doc:"All details as they are right, with the id of the victim"`
		Reason string        `json:"reason" doc:"What was wrong, and how it is known"`
	}
	// RecordFindings sets one or more findings for one victim.
	RecordFindings struct {
		Victim   tocsin.VictimID  `json:"victim"`
		Findings []tocsin.Finding `json:"findings"`
	}
	// RecordLocator notes a new way to reach a victim. A waiver whose ground was
	// that there is none ends.
	RecordLocator struct {
		Victim  tocsin.VictimID `json:"victim"`
		Locator string          `json:"locator" doc:"The address, number, account or intermediary that came up"`
	}
	// SeeGrade records that the actor looks at findings.
	SeeGrade struct{}
	// Determine records the policy's answer. The machine gives it.
	Determine struct {
		Determination tocsin.Determination `json:"-"`
	}
	// AffirmDetermination is a senior officer's word on it.
	AffirmDetermination struct {
		Victim tocsin.VictimID `json:"victim"`
	}
	// ProposeWaiver proposes not to warn one victim.
	ProposeWaiver struct {
		Victim       tocsin.VictimID   `json:"victim"`
		Ground       string            `json:"ground"`
		Evidence     map[string]string `json:"evidence" doc:"An answer to each question of the ground"`
		Alternatives string            `json:"alternatives,omitempty" doc:"What was tried instead of silence, and why it failed"`
		Reason       string            `json:"reason"`
		Further      []Claim           `json:"further,omitempty" doc:"Where the case stands under several packs: the ground under each of the others"`
		Expires      time.Time         `json:"expires,omitzero" doc:"At most the ground's validity from now; that if absent"`
	}
	// DecideWaiver approves or denies it.
	DecideWaiver struct {
		Victim  tocsin.VictimID `json:"victim"`
		Approve bool            `json:"approve"`
		Reason  string          `json:"reason"`
	}
	// ProposeRefusal is the first signature under "no duty is owed".
	ProposeRefusal struct {
		Victim tocsin.VictimID `json:"victim"`
		Ground string          `json:"ground" enum:"below_threshold,overtaken"`
		Reason string          `json:"reason"`
	}
	// SignRefusal is the blind second signer's answer, with findings of their own.
	SignRefusal struct {
		Victim tocsin.VictimID  `json:"victim"`
		Agree  bool             `json:"agree"`
		Reason string           `json:"reason"`
		Grade  []tocsin.Finding `json:"grade" doc:"The signer's own finding on every element, made without seeing the first"`
		// Determinations are the packs' answers to Grade, if whoever gives the
		// command asked for them. They then govern: a signer whose own grade owes a
		// warning cannot agree that none is owed.
		Determinations []tocsin.Determination `json:"-"`
	}
	// OfferHandover offers one obligation to another organisation.
	OfferHandover struct {
		Victim tocsin.VictimID `json:"victim"`
		To     string          `json:"to"`
		Reason string          `json:"reason"`
	}
	// AnswerHandover records that organisation's answer.
	AnswerHandover struct {
		Victim    tocsin.VictimID `json:"victim"`
		Accepted  bool            `json:"accepted"`
		Person    string          `json:"person" doc:"Who there answered, by name"`
		Reference string          `json:"reference,omitempty"`
		Reason    string          `json:"reason,omitempty"`
	}
	// ProposeTransfer asks somebody to become the owner.
	ProposeTransfer struct {
		To     tocsin.ActorID `json:"to"`
		Reason string         `json:"reason,omitempty"`
	}
	// AnswerTransfer is that person's answer. The owner, or whoever proposed it,
	// can also take the offer back: Accept is then false.
	AnswerTransfer struct {
		Accept bool   `json:"accept"`
		Reason string `json:"reason,omitempty"`
	}
	// AskConsent asks the originator of a controlled report.
	AskConsent struct {
		Report   tocsin.ReportID `json:"report"`
		Portions []int           `json:"portions,omitempty" doc:"Which portions of the report, counted from 0; all of it if absent"`
		Question string          `json:"question"`
	}
	// AnswerConsent records its answer.
	AnswerConsent struct {
		Report  tocsin.ReportID `json:"report"`
		Granted bool            `json:"granted"`
		Limits  string          `json:"limits,omitempty"`
		Person  string          `json:"person" doc:"Who answered for the originator"`
	}
	// RaiseDispute records a disagreement.
	RaiseDispute struct {
		About    string `json:"about"`
		Position string `json:"position"`
	}
	// SettleDispute ends one.
	SettleDispute struct {
		Dispute    string `json:"dispute"`
		Settlement string `json:"settlement"`
	}
	// InvokeExigent opens the exigent path.
	InvokeExigent struct {
		Reason string `json:"reason"`
	}
	// DoDuty discharges an after-duty.
	DoDuty struct {
		Duty string `json:"duty"`
		Note string `json:"note"`
	}
	// DraftWarning records words and recipients. The engine composes them.
	DraftWarning struct {
		Draft tocsin.Draft `json:"-"`
	}
	// ApproveWarning approves the version with exactly this digest.
	ApproveWarning struct {
		Warning tocsin.WarningID `json:"warning"`
		Digest  tocsin.Digest    `json:"digest" doc:"Digest of the version that was read; another version needs another approval"`
		Note    string           `json:"note,omitempty"`
	}
	// ReturnWarning sends a version back to its author.
	ReturnWarning struct {
		Warning tocsin.WarningID `json:"warning"`
		Reason  string           `json:"reason"`
	}
	// ReleaseWarning uses the guard's answer: either a clearance or findings.
	ReleaseWarning struct {
		Warning tocsin.WarningID `json:"warning"`
		// ReverseTest is the releaser's answer to the question that protects sources.
		// It is needed where a report of the case is under originator control, unless
		// the path is exigent or the message only ends a warning.
		ReverseTest string                `json:"reverse_test,omitempty" doc:"If the threat actor reads this, how many people could have been the source? As you judge from what the guard shows."`
		Clearance   *tocsin.Clearance     `json:"-"`
		Findings    []tocsin.GuardFinding `json:"-"`
	}
	// AnswerFinding answers for what the guard asked about when a warning was last to
	// be released: for one question by Finding and Words, for several by Answers, or
	// both. Each question needs words of its own. All of them are recorded, in this
	// order, or none.
	AnswerFinding struct {
		Warning tocsin.WarningID `json:"warning"`
		Finding string           `json:"finding,omitempty" doc:"The finding's id, where only one is answered"`
		Words   string           `json:"words,omitempty" doc:"Why the words it asks about may go out as they are"`
		Answers []Reply          `json:"answers,omitempty" maxItems:"500" doc:"Several answers at once: all of them are recorded, or none"`
	}
	// WriteTearline writes, beside a report, what of it may be told.
	WriteTearline struct {
		Report tocsin.ReportID `json:"report"`
		Words  string          `json:"words" doc:"The releasable part, without sources and methods"`
	}
	// ClearTearline says that exactly these words give no source or method away.
	ClearTearline struct {
		Report tocsin.ReportID `json:"report"`
		Digest tocsin.Digest   `json:"digest" doc:"Digest of the words that were read"`
	}
	// ExtendWindow keeps a warning valid for longer; recipients must then be told.
	ExtendWindow struct {
		Warning tocsin.WarningID `json:"warning"`
		Until   time.Time        `json:"until"`
		Reason  string           `json:"reason"`
	}
	// StartDeliveries records the intent to send. The machine gives it.
	StartDeliveries struct {
		Keys   []tocsin.DeliveryKey `json:"-"`
		Worker string               `json:"-"`
		Lease  time.Time            `json:"-"` // until when nobody else may try
	}
	// RecordAttempt records what a channel said. The machine gives it.
	RecordAttempt struct {
		Key     tocsin.DeliveryKey `json:"-"`
		Attempt int                `json:"-"`
		Receipt *tocsin.Receipt    `json:"-"`
		Class   string             `json:"-"` // of the failure, where there is no receipt
		Detail  string             `json:"-"`
		Retry   tocsin.Duration    `json:"-"` // asked for by the far side
	}
	// ConfirmDelivery records how it is known that the words arrived.
	ConfirmDelivery struct {
		Key tocsin.DeliveryKey `json:"delivery"`
		How string             `json:"how"`
	}
	// RecordService records a warning given in person.
	RecordService struct {
		Key     tocsin.DeliveryKey `json:"delivery"`
		Service tocsin.Service     `json:"service"`
	}
	// RecordNotFound records an attempt in person that did not reach anybody, or
	// that a recipient whom the end of a warning did not reach cannot be reached.
	RecordNotFound struct {
		Key    tocsin.DeliveryKey `json:"delivery"`
		Reason string             `json:"reason"`
		Final  bool               `json:"final,omitempty" doc:"There is no point in going again"`
	}
	// Acknowledge records an answer of the recipient.
	Acknowledge struct {
		Key    tocsin.DeliveryKey `json:"delivery"`
		Answer tocsin.AckKind     `json:"answer" enum:"received,understood,acting,refused,will_answer_later"`
		Person string             `json:"person,omitempty" doc:"Who answered, by name or post"`
		Words  string             `json:"words,omitempty" doc:"What they said"`
	}
	// Discharge ends an obligation whose warning was delivered and never acknowledged.
	Discharge struct {
		Victim tocsin.VictimID `json:"victim"`
		Reason string          `json:"reason"`
	}
	// DecideParity answers a parity question.
	DecideParity struct {
		Parity   string `json:"parity"`
		Decision string `json:"decision" enum:"warn,not_exposed,already_warned,withheld"`
		Reason   string `json:"reason"`
	}
	// Review records a review.
	Review struct {
		Note string `json:"note"`
	}
	// RecordOutcome records what happened.
	RecordOutcome struct {
		Outcome Outcome `json:"outcome"`
	}
	// SealCase makes the case known to named people only, or changes who they are.
	SealCase struct {
		People []tocsin.ActorID `json:"people" doc:"Everybody who works on it, by id; the owner always knows"`
		Reason string           `json:"reason"`
	}
	// UnsealCase makes a sealed case known to all who see cases.
	UnsealCase struct {
		Reason string `json:"reason"`
	}
	// CloseCase closes the case. Where messages are still on the way (see OnTheWay),
	// the closer says so in words.
	CloseCase struct {
		Reason   string            `json:"reason"`
		OnTheWay string            `json:"on_the_way,omitempty" doc:"Needed where a message has been sent and is not known to have arrived: that you know, and why nobody need follow it any further"`
		Records  map[string]string `json:"records,omitempty" doc:"For each item that the packs want on record: where it stands. What is left out is listed for oversight."`
	}
	// ReopenCase opens it again.
	ReopenCase struct {
		Reason string `json:"reason"`
	}
	// Tick says that time has passed. The machine gives it.
	Tick struct{}
)

// Kinds of commands, as the API and Allowed have them.
func (OpenCase) Kind() string            { return "open_case" }
func (JoinPack) Kind() string            { return "join_pack" }
func (AdoptTerms) Kind() string          { return "adopt_terms" }
func (AttachReport) Kind() string        { return "attach_report" }
func (StateThreat) Kind() string         { return "state_threat" }
func (ProtectTerms) Kind() string        { return "protect_terms" }
func (AddVictim) Kind() string           { return "add_victim" }
func (CorrectVictim) Kind() string       { return "correct_victim" }
func (RecordFindings) Kind() string      { return "record_findings" }
func (RecordLocator) Kind() string       { return "record_locator" }
func (SeeGrade) Kind() string            { return "see_grade" }
func (Determine) Kind() string           { return "determine" }
func (AffirmDetermination) Kind() string { return "affirm_determination" }
func (ProposeWaiver) Kind() string       { return "propose_waiver" }
func (DecideWaiver) Kind() string        { return "decide_waiver" }
func (ProposeRefusal) Kind() string      { return "propose_refusal" }
func (SignRefusal) Kind() string         { return "sign_refusal" }
func (OfferHandover) Kind() string       { return "offer_handover" }
func (AnswerHandover) Kind() string      { return "answer_handover" }
func (ProposeTransfer) Kind() string     { return "propose_transfer" }
func (AnswerTransfer) Kind() string      { return "answer_transfer" }
func (AskConsent) Kind() string          { return "ask_consent" }
func (AnswerConsent) Kind() string       { return "answer_consent" }
func (RaiseDispute) Kind() string        { return "raise_dispute" }
func (SettleDispute) Kind() string       { return "settle_dispute" }
func (InvokeExigent) Kind() string       { return "invoke_exigent" }
func (DoDuty) Kind() string              { return "do_duty" }
func (DraftWarning) Kind() string        { return "draft_warning" }
func (ApproveWarning) Kind() string      { return "approve_warning" }
func (ReturnWarning) Kind() string       { return "return_warning" }
func (ReleaseWarning) Kind() string      { return "release_warning" }
func (AnswerFinding) Kind() string       { return "answer_finding" }
func (WriteTearline) Kind() string       { return "write_tearline" }
func (ClearTearline) Kind() string       { return "clear_tearline" }
func (ExtendWindow) Kind() string        { return "extend_window" }
func (StartDeliveries) Kind() string     { return "start_deliveries" }
func (RecordAttempt) Kind() string       { return "record_attempt" }
func (ConfirmDelivery) Kind() string     { return "confirm_delivery" }
func (RecordService) Kind() string       { return "record_service" }
func (RecordNotFound) Kind() string      { return "record_not_found" }
func (Acknowledge) Kind() string         { return "acknowledge" }
func (Discharge) Kind() string           { return "discharge" }
func (DecideParity) Kind() string        { return "decide_parity" }
func (Review) Kind() string              { return "review" }
func (RecordOutcome) Kind() string       { return "record_outcome" }
func (SealCase) Kind() string            { return "seal_case" }
func (UnsealCase) Kind() string          { return "unseal_case" }
func (CloseCase) Kind() string           { return "close_case" }
func (ReopenCase) Kind() string          { return "reopen_case" }
func (Tick) Kind() string                { return "tick" }

func (OpenCase) target() string              { return "" }
func (JoinPack) target() string              { return "" }
func (c AdoptTerms) target() string          { return c.Pack }
func (AttachReport) target() string          { return "" }
func (StateThreat) target() string           { return "" }
func (ProtectTerms) target() string          { return "" }
func (AddVictim) target() string             { return "" }
func (c CorrectVictim) target() string       { return string(c.Victim.ID) }
func (c RecordFindings) target() string      { return string(c.Victim) }
func (c RecordLocator) target() string       { return string(c.Victim) }
func (SeeGrade) target() string              { return "" }
func (c Determine) target() string           { return string(c.Determination.Victim) }
func (c AffirmDetermination) target() string { return string(c.Victim) }
func (c ProposeWaiver) target() string       { return string(c.Victim) }
func (c DecideWaiver) target() string        { return string(c.Victim) }
func (c ProposeRefusal) target() string      { return string(c.Victim) }
func (c SignRefusal) target() string         { return string(c.Victim) }
func (c OfferHandover) target() string       { return string(c.Victim) }
func (c AnswerHandover) target() string      { return string(c.Victim) }
func (ProposeTransfer) target() string       { return "" }
func (AnswerTransfer) target() string        { return "" }
func (c AskConsent) target() string          { return string(c.Report) }
func (c AnswerConsent) target() string       { return string(c.Report) }
func (RaiseDispute) target() string          { return "" }
func (c SettleDispute) target() string       { return c.Dispute }
func (InvokeExigent) target() string         { return "" }
func (c DoDuty) target() string              { return c.Duty }
func (DraftWarning) target() string          { return "" }
func (c ApproveWarning) target() string      { return string(c.Warning) }
func (c ReturnWarning) target() string       { return string(c.Warning) }
func (c ReleaseWarning) target() string      { return string(c.Warning) }
func (c AnswerFinding) target() string       { return string(c.Warning) }
func (c WriteTearline) target() string       { return string(c.Report) }
func (c ClearTearline) target() string       { return string(c.Report) }
func (c ExtendWindow) target() string        { return string(c.Warning) }
func (StartDeliveries) target() string       { return "" }
func (RecordAttempt) target() string         { return "" }
func (c ConfirmDelivery) target() string     { return string(c.Key) }
func (c RecordService) target() string       { return string(c.Key) }
func (c RecordNotFound) target() string      { return string(c.Key) }
func (c Acknowledge) target() string         { return string(c.Key) }
func (c Discharge) target() string           { return string(c.Victim) }
func (c DecideParity) target() string        { return c.Parity }
func (Review) target() string                { return "" }
func (RecordOutcome) target() string         { return "" }
func (CloseCase) target() string             { return "" }
func (SealCase) target() string              { return "" }
func (UnsealCase) target() string            { return "" }
func (ReopenCase) target() string            { return "" }
func (Tick) target() string                  { return "" }
