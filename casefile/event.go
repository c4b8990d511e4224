package casefile

import (
	"slices"
	"time"

	"tocsin"
)

// Event is one fact about a case. Kinds are short strings and never change
// their meaning; a new meaning is a new kind. Every kind has a golden file in
// testdata/events that is never edited.
type Event interface {
	Kind() string
	// When and who: the same for all events of one command.
	Stamp() Head
	apply(*State)
}

// Head is the part that every event has.
type Head struct {
	At time.Time      `json:"at"`
	By tocsin.ActorID `json:"by"`
}

// Stamp returns the head.
func (h Head) Stamp() Head { return h }

// Apply returns the state after the event. It is total over the events of this
// package and shares no memory that it writes to with s.
func Apply(s State, e Event) State {
	e.apply(&s)
	s.Version++
	s.Now = e.Stamp().At
	return s
}

// The events, in the order of a case's life.
type (
	// CaseOpened begins a case under the terms of one pack.
	CaseOpened struct {
		Head
		Case  tocsin.CaseID  `json:"case"`
		Title string         `json:"title"`
		Terms tocsin.Terms   `json:"terms"`
		Owner tocsin.ActorID `json:"owner"`
	}
	// TermsAdopted puts the case under a further pack, or under another edition of
	// one that it stands under.
	TermsAdopted struct {
		Head
		Terms  tocsin.Terms `json:"terms"`
		Reason string       `json:"reason"`
	}
	// ReportAttached joins a report to the case.
	ReportAttached struct {
		Head
		Report Report `json:"report"`
	}
	// ThreatStated replaces what is held to be coming.
	ThreatStated struct {
		Head
		Threat tocsin.Threat `json:"threat"`
	}
	// TermsProtected adds words that must not leave.
	TermsProtected struct {
		Head
		Terms []string `json:"terms"`
	}
	// VictimAdded opens an obligation.
	VictimAdded struct {
		Head
		Victim     tocsin.Victim `json:"victim"`
		KnownSince time.Time     `json:"known_since"`
	}
	// VictimCorrected replaces what is said of a victim. Was is what was said before.
	VictimCorrected struct {
		Head
		Victim tocsin.Victim `json:"victim"`
		Was    tocsin.Victim `json:"was"`
		Reason string        `json:"reason"`
	}
	// FindingsRecorded sets findings for one victim.
	FindingsRecorded struct {
		Head
		Victim   tocsin.VictimID  `json:"victim"`
		Findings []tocsin.Finding `json:"findings"`
	}
	// GradeSeen says that this person has seen findings, and so cannot be the
	// blind second signer of a refusal.
	GradeSeen struct{ Head }
	// Determined is the policy's answer for one victim.
	Determined struct {
		Head
		Determination tocsin.Determination `json:"determination"`
	}
	// DeterminationAffirmed is a senior officer's word on it.
	DeterminationAffirmed struct {
		Head
		Victim tocsin.VictimID `json:"victim"`
	}
	// FellToOwed says that the obligation became owed because something that
	// could have lowered it did not happen in time.
	FellToOwed struct {
		Head
		Victim tocsin.VictimID  `json:"victim"`
		Clock  tocsin.ClockName `json:"clock"`
		Why    string           `json:"why"`
	}
	// WaiverProposed opens a waiver; it changes no disposition.
	WaiverProposed struct {
		Head
		Victim tocsin.VictimID `json:"victim"`
		Waiver Waiver          `json:"waiver"`
	}
	// WaiverApproved ends one obligation until the waiver expires.
	WaiverApproved struct {
		Head
		Victim tocsin.VictimID `json:"victim"`
		Reason string          `json:"reason"`
	}
	// WaiverDenied turns a proposal down, or lets it lapse undecided.
	WaiverDenied struct {
		Head
		Victim tocsin.VictimID `json:"victim"`
		Reason string          `json:"reason"`
		Lapsed bool            `json:"lapsed,omitempty"`
	}
	// WaiverEnded reopens an obligation whose waiver expired or was overtaken by
	// new information.
	WaiverEnded struct {
		Head
		Victim tocsin.VictimID `json:"victim"`
		Why    string          `json:"why"`
	}
	// RefusalProposed is the first signature under "no duty is owed".
	RefusalProposed struct {
		Head
		Victim tocsin.VictimID `json:"victim"`
		Ground string          `json:"ground"`
		Reason string          `json:"reason"`
	}
	// RefusalSigned is the second, by somebody who had not seen the first grade.
	RefusalSigned struct {
		Head
		Victim tocsin.VictimID  `json:"victim"`
		Reason string           `json:"reason"`
		Grade  []tocsin.Finding `json:"grade"`
	}
	// RefusalOverturned is a second signer's no; the obligation is owed.
	RefusalOverturned struct {
		Head
		Victim tocsin.VictimID  `json:"victim"`
		Reason string           `json:"reason"`
		Grade  []tocsin.Finding `json:"grade"`
	}
	// RefusalEnded makes an obligation owed whose refusal, signed or proposed, was
	// overtaken by new information.
	RefusalEnded struct {
		Head
		Victim tocsin.VictimID `json:"victim"`
		Why    string          `json:"why"`
	}
	// BecameOwed says that what an obligation was ended by no longer stands, or
	// that somebody decided to warn after all.
	BecameOwed struct {
		Head
		Victim tocsin.VictimID `json:"victim"`
		Why    string          `json:"why"`
		// Afresh says that words released before do not count any more: they spoke
		// of a lesser danger.
		Afresh bool `json:"afresh,omitempty"`
	}
	// LocatorRecorded is a new way to reach a victim: an address, a number, an
	// account, an intermediary.
	LocatorRecorded struct {
		Head
		Victim  tocsin.VictimID `json:"victim"`
		Locator string          `json:"locator"`
	}
	// HandoverOffered offers the obligation to another organisation.
	HandoverOffered struct {
		Head
		Victim tocsin.VictimID `json:"victim"`
		To     string          `json:"to"`
		Reason string          `json:"reason"`
	}
	// HandoverAccepted says who there took it.
	HandoverAccepted struct {
		Head
		Victim    tocsin.VictimID `json:"victim"`
		Person    string          `json:"person"`
		Reference string          `json:"reference,omitempty"`
	}
	// HandoverDeclined says that they did not.
	HandoverDeclined struct {
		Head
		Victim tocsin.VictimID `json:"victim"`
		Reason string          `json:"reason"`
	}
	// TransferProposed asks somebody to take the case.
	TransferProposed struct {
		Head
		To     tocsin.ActorID `json:"to"`
		Reason string         `json:"reason,omitempty"`
	}
	// TransferAccepted makes By the owner.
	TransferAccepted struct{ Head }
	// TransferDeclined leaves the owner as it was.
	TransferDeclined struct {
		Head
		Reason string `json:"reason"`
	}
	// ConsentAsked asks an originator for release.
	ConsentAsked struct {
		Head
		Report   tocsin.ReportID `json:"report"`
		Portions []int           `json:"portions,omitempty"`
		Of       string          `json:"of"`
		Question string          `json:"question"`
	}
	// ConsentAnswered is its answer.
	ConsentAnswered struct {
		Head
		Report  tocsin.ReportID `json:"report"`
		Granted bool            `json:"granted"`
		Limits  string          `json:"limits,omitempty"`
		Person  string          `json:"person"`
	}
	// DisputeRaised records a disagreement; nothing waits for it.
	DisputeRaised struct {
		Head
		Dispute  string `json:"dispute"`
		About    string `json:"about"`
		Position string `json:"position"`
	}
	// DisputeSettled ends it.
	DisputeSettled struct {
		Head
		Dispute    string `json:"dispute"`
		Settlement string `json:"settlement"`
	}
	// ExigentInvoked opens the exigent path.
	ExigentInvoked struct {
		Head
		Reason string `json:"reason"`
	}
	// DutyCreated is a duty that the exigent path postponed.
	DutyCreated struct {
		Head
		Duty Duty `json:"duty"`
	}
	// DutyDone discharges it.
	DutyDone struct {
		Head
		Duty string `json:"duty"`
		Note string `json:"note"`
	}
	// WarningDrafted is a version of a warning's words and recipients.
	WarningDrafted struct {
		Head
		Draft  tocsin.Draft  `json:"draft"`
		Digest tocsin.Digest `json:"digest"`
	}
	// WarningApproved binds an approval to a digest.
	WarningApproved struct {
		Head
		Warning tocsin.WarningID `json:"warning"`
		Version int              `json:"version"`
		Digest  tocsin.Digest    `json:"digest"`
		Note    string           `json:"note,omitempty"`
	}
	// WarningReturned sends a version back to its author with a reason.
	WarningReturned struct {
		Head
		Warning tocsin.WarningID `json:"warning"`
		Version int              `json:"version"`
		Reason  string           `json:"reason"`
	}
	// ReleaseRefused is the guard's no, with every finding.
	ReleaseRefused struct {
		Head
		Warning  tocsin.WarningID      `json:"warning"`
		Version  int                   `json:"version"`
		Findings []tocsin.GuardFinding `json:"findings"`
	}
	// FindingAnswered is a named person's answer to something that the guard asked.
	// Somebody who answers several questions in one act leaves one for each, under
	// one command.
	FindingAnswered struct {
		Head
		Warning tocsin.WarningID `json:"warning"`
		Version int              `json:"version"`
		Finding string           `json:"finding"`
		Words   string           `json:"words"`
	}
	// TearlineWritten is what of a report may be told, as somebody proposes it.
	TearlineWritten struct {
		Head
		Report tocsin.ReportID `json:"report"`
		Words  string          `json:"words"`
		Digest tocsin.Digest   `json:"digest"`
	}
	// TearlineCleared says that somebody else found nothing of sources and methods
	// in exactly these words.
	TearlineCleared struct {
		Head
		Report tocsin.ReportID `json:"report"`
		Digest tocsin.Digest   `json:"digest"`
	}
	// WarningReleased is the guard's yes, used by a named person.
	WarningReleased struct {
		Head
		Clearance   tocsin.Clearance `json:"clearance"`
		ReverseTest string           `json:"reverse_test,omitempty"` // how many people could have been the source, as the releaser judged
	}
	// DeliveryPlanned owes one message to one addressee over one rung.
	DeliveryPlanned struct {
		Head
		Key       tocsin.DeliveryKey `json:"key"`
		Warning   tocsin.WarningID   `json:"warning"`
		Recipient tocsin.RecipientID `json:"recipient"`
		Rung      int                `json:"rung"`
		Channel   string             `json:"channel"`
		Addressee string             `json:"addressee"`
		Level     int                `json:"level"`
	}
	// DeliveryStarted is the intent, recorded before the act.
	DeliveryStarted struct {
		Head
		Key     tocsin.DeliveryKey `json:"key"`
		Attempt int                `json:"attempt"`
		Worker  string             `json:"worker"`
		Lease   time.Time          `json:"lease"`
	}
	// DeliveryHanded is the channel's receipt.
	DeliveryHanded struct {
		Head
		Key     tocsin.DeliveryKey `json:"key"`
		Attempt int                `json:"attempt"`
		Receipt tocsin.Receipt     `json:"receipt"`
	}
	// DeliveryFailed is an attempt without a receipt. Class is deliver's: temporary,
	// permanent or uncertain. Retry is zero when this rung is given up.
	DeliveryFailed struct {
		Head
		Key     tocsin.DeliveryKey `json:"key"`
		Attempt int                `json:"attempt"`
		Class   string             `json:"class"`
		Detail  string             `json:"detail"`
		Retry   time.Time          `json:"retry,omitzero"`
	}
	// DeliveryConfirmed says how it is known that the words are with the recipient.
	DeliveryConfirmed struct {
		Head
		Key tocsin.DeliveryKey `json:"key"`
		How string             `json:"how"`
	}
	// ServiceRecorded is a warning given in person.
	ServiceRecorded struct {
		Head
		Key     tocsin.DeliveryKey `json:"key"`
		Service tocsin.Service     `json:"service"`
	}
	// Acknowledged is an answer of the recipient, of any kind.
	Acknowledged struct {
		Head
		Key    tocsin.DeliveryKey `json:"key"`
		Answer tocsin.AckKind     `json:"answer"`
		Person string             `json:"person,omitempty"`
		Words  string             `json:"words,omitempty"`
	}
	// DeliveryEscalated leaves a silent or failed rung for the next one; a
	// DeliveryPlanned follows unless Exhausted.
	DeliveryEscalated struct {
		Head
		Key       tocsin.DeliveryKey `json:"key"`
		Why       string             `json:"why"`
		Exhausted bool               `json:"exhausted,omitempty"`
	}
	// DeliveryStopped says that a planned or failed delivery will not be tried again.
	DeliveryStopped struct {
		Head
		Key tocsin.DeliveryKey `json:"key"`
		Why string             `json:"why"`
	}
	// DischargeRecorded ends an obligation by a warning.
	DischargeRecorded struct {
		Head
		Victim  tocsin.VictimID  `json:"victim"`
		Warning tocsin.WarningID `json:"warning"`
		How     string           `json:"how"`
		Reason  string           `json:"reason,omitempty"`
	}
	// ParityOpened asks whether a victim left out of a warning must be told too.
	ParityOpened struct {
		Head
		Parity  string           `json:"parity"`
		Warning tocsin.WarningID `json:"warning"`
		Victim  tocsin.VictimID  `json:"victim"`
	}
	// ParityDecided answers it.
	ParityDecided struct {
		Head
		Parity   string `json:"parity"`
		Decision string `json:"decision"`
		Reason   string `json:"reason"`
	}
	// WindowExtended keeps a warning valid. Default means that nobody decided.
	WindowExtended struct {
		Head
		Warning tocsin.WarningID `json:"warning"`
		Until   time.Time        `json:"until"`
		Reason  string           `json:"reason"`
		Default bool             `json:"default,omitempty"`
	}
	// WarningEnded says which cancel or all-clear ended a warning.
	WarningEnded struct {
		Head
		Warning tocsin.WarningID `json:"warning"`
		Ended   tocsin.WarningID `json:"ended_by"`
	}
	// Reviewed restarts the review clock.
	Reviewed struct {
		Head
		Note string `json:"note"`
	}
	// OutcomeRecorded is what happened in the end.
	OutcomeRecorded struct {
		Head
		Outcome Outcome `json:"outcome"`
	}
	// ClockMissed says that a clock ran out, and to whom that was raised.
	ClockMissed struct {
		Head
		Clock  tocsin.ClockName `json:"clock"`
		Target string           `json:"target"`
		Anchor time.Time        `json:"anchor"`
		Due    time.Time        `json:"due"`
		Count  int              `json:"count"`
		Raised tocsin.Role      `json:"raised"` // "" is the owner
		Next   time.Time        `json:"next"`
	}
	// CaseSealed makes the case known to these people only.
	CaseSealed struct {
		Head
		People []tocsin.ActorID `json:"people"`
		Reason string           `json:"reason"`
	}
	// CaseUnsealed makes it known again to all who see cases.
	CaseUnsealed struct {
		Head
		Reason string `json:"reason"`
	}
	// CaseClosed ends the work. Records says where the record holds what the packs
	// want on it. Unfollowed is what was on the way, not known to have arrived, and
	// OnTheWay what the closer said of it.
	CaseClosed struct {
		Head
		Reason     string            `json:"reason"`
		Records    map[string]string `json:"records,omitempty"`
		OnTheWay   string            `json:"on_the_way,omitempty"`
		Unfollowed []Underway        `json:"unfollowed,omitempty"`
	}
	// CaseReopened begins it again.
	CaseReopened struct {
		Head
		Why string `json:"why"`
	}
)

// Kinds of events, as the ledger has them.
func (CaseOpened) Kind() string            { return "case_opened" }
func (TermsAdopted) Kind() string          { return "terms_adopted" }
func (ReportAttached) Kind() string        { return "report_attached" }
func (ThreatStated) Kind() string          { return "threat_stated" }
func (TermsProtected) Kind() string        { return "terms_protected" }
func (VictimAdded) Kind() string           { return "victim_added" }
func (VictimCorrected) Kind() string       { return "victim_corrected" }
func (FindingsRecorded) Kind() string      { return "findings_recorded" }
func (GradeSeen) Kind() string             { return "grade_seen" }
func (Determined) Kind() string            { return "determined" }
func (DeterminationAffirmed) Kind() string { return "determination_affirmed" }
func (FellToOwed) Kind() string            { return "fell_to_owed" }
func (WaiverProposed) Kind() string        { return "waiver_proposed" }
func (WaiverApproved) Kind() string        { return "waiver_approved" }
func (WaiverDenied) Kind() string          { return "waiver_denied" }
func (WaiverEnded) Kind() string           { return "waiver_ended" }
func (RefusalProposed) Kind() string       { return "refusal_proposed" }
func (RefusalSigned) Kind() string         { return "refusal_signed" }
func (RefusalOverturned) Kind() string     { return "refusal_overturned" }
func (RefusalEnded) Kind() string          { return "refusal_ended" }
func (BecameOwed) Kind() string            { return "became_owed" }
func (LocatorRecorded) Kind() string       { return "locator_recorded" }
func (HandoverOffered) Kind() string       { return "handover_offered" }
func (HandoverAccepted) Kind() string      { return "handover_accepted" }
func (HandoverDeclined) Kind() string      { return "handover_declined" }
func (TransferProposed) Kind() string      { return "transfer_proposed" }
func (TransferAccepted) Kind() string      { return "transfer_accepted" }
func (TransferDeclined) Kind() string      { return "transfer_declined" }
func (ConsentAsked) Kind() string          { return "consent_asked" }
func (ConsentAnswered) Kind() string       { return "consent_answered" }
func (DisputeRaised) Kind() string         { return "dispute_raised" }
func (DisputeSettled) Kind() string        { return "dispute_settled" }
func (ExigentInvoked) Kind() string        { return "exigent_invoked" }
func (DutyCreated) Kind() string           { return "duty_created" }
func (DutyDone) Kind() string              { return "duty_done" }
func (WarningDrafted) Kind() string        { return "warning_drafted" }
func (WarningApproved) Kind() string       { return "warning_approved" }
func (WarningReturned) Kind() string       { return "warning_returned" }
func (ReleaseRefused) Kind() string        { return "release_refused" }
func (FindingAnswered) Kind() string       { return "finding_answered" }
func (TearlineWritten) Kind() string       { return "tearline_written" }
func (TearlineCleared) Kind() string       { return "tearline_cleared" }
func (WarningReleased) Kind() string       { return "warning_released" }
func (DeliveryPlanned) Kind() string       { return "delivery_planned" }
func (DeliveryStarted) Kind() string       { return "delivery_started" }
func (DeliveryHanded) Kind() string        { return "delivery_handed" }
func (DeliveryFailed) Kind() string        { return "delivery_failed" }
func (DeliveryConfirmed) Kind() string     { return "delivery_confirmed" }
func (ServiceRecorded) Kind() string       { return "service_recorded" }
func (Acknowledged) Kind() string          { return "acknowledged" }
func (DeliveryEscalated) Kind() string     { return "delivery_escalated" }
func (DeliveryStopped) Kind() string       { return "delivery_stopped" }
func (DischargeRecorded) Kind() string     { return "obligation_discharged" }
func (ParityOpened) Kind() string          { return "parity_opened" }
func (ParityDecided) Kind() string         { return "parity_decided" }
func (WindowExtended) Kind() string        { return "window_extended" }
func (WarningEnded) Kind() string          { return "warning_ended" }
func (Reviewed) Kind() string              { return "reviewed" }
func (OutcomeRecorded) Kind() string       { return "outcome_recorded" }
func (ClockMissed) Kind() string           { return "clock_missed" }
func (CaseSealed) Kind() string            { return "case_sealed" }
func (CaseUnsealed) Kind() string          { return "case_unsealed" }
func (CaseClosed) Kind() string            { return "case_closed" }
func (CaseReopened) Kind() string          { return "case_reopened" }

func (e CaseOpened) apply(s *State) {
	s.ID, s.Title, s.Terms, s.Owner, s.Opened = e.Case, e.Title, e.Terms, e.Owner, e.At
	s.LastReview = e.At
}

func (e ReportAttached) apply(s *State) {
	if s.Outcome != nil && !s.repeats(e.Report) {
		s.OutcomeStale = true
	}
	s.Reports = append(slices.Clip(s.Reports), e.Report)
	before := s.FirstKnown
	if !before.IsZero() && !e.Report.FirstKnown.Before(before) {
		return
	}
	s.FirstKnown = e.Report.FirstKnown
	// A victim known from the first report on is known from the earliest on.
	s.Victims = slices.Clone(s.Victims)
	for i := range s.Victims {
		if s.Victims[i].KnownSince.Equal(before) {
			s.Victims[i].KnownSince = s.FirstKnown
		}
	}
}

func (e ThreatStated) apply(s *State) {
	harm := s.Threat.Harm != e.Threat.Harm
	s.Threat = e.Threat
	if !harm {
		return
	}
	// The policy's answer rests on the harm too.
	s.Victims = slices.Clone(s.Victims)
	for i := range s.Victims {
		s.editStandings(&s.Victims[i], func(_ string, st *Standing) { st.Stale = st.Stale || st.Determination != nil })
	}
}

func (e TermsProtected) apply(s *State) { s.Protected = append(slices.Clip(s.Protected), e.Terms...) }

func (e VictimAdded) apply(s *State) {
	s.Victims = append(slices.Clip(s.Victims), Victim{Victim: e.Victim, KnownSince: e.KnownSince, Disposition: ObligationOpen, Since: e.At, Further: make([]Standing, len(s.Further))})
}

// A correction moves no disposition and takes nothing away. What the policy was
// asked about somebody who was described otherwise must be asked again.
func (e VictimCorrected) apply(s *State) {
	material := !e.Victim.Describes(e.Was)
	s.editVictim(e.Victim.ID, func(v *Victim) {
		v.Victim = e.Victim
		v.Corrections = append(slices.Clip(v.Corrections), Correction{Was: e.Was, By: e.By, At: e.At, Reason: e.Reason})
		if !material {
			return
		}
		v.Corrected, v.CorrectedAt = s.Version, e.At
		s.editStandings(v, func(_ string, st *Standing) { st.Stale = st.Stale || st.Determination != nil })
	})
}

func (e FindingsRecorded) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) {
		v.Findings = slices.Clone(v.Findings)
		for _, f := range e.Findings {
			i := slices.IndexFunc(v.Findings, func(g tocsin.Finding) bool { return g.Element == f.Element })
			if i < 0 {
				v.Findings = append(v.Findings, f)
			} else {
				v.Findings[i] = f
			}
		}
		s.stale(v, e.Findings)
		v.saw(e.By)
	})
}

func (e GradeSeen) apply(s *State) { s.SeenGrade = append(slices.Clip(s.SeenGrade), e.By) }

func (e Determined) apply(s *State) {
	s.editVictim(e.Determination.Victim, func(v *Victim) {
		d := e.Determination
		s.editStandings(v, func(pack string, st *Standing) {
			if pack == d.Pack.Name {
				*st = Standing{Determination: &d, DeterminedAt: e.At}
			}
		})
		// A determination raises and never lowers: only people lower.
		if v.Disposition == ObligationOpen && d.Result != tocsin.ResultNotOwed {
			v.to(ObligationOwed, e.At, "")
		}
	})
}

func (e DeterminationAffirmed) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) {
		s.editStandings(v, func(_ string, st *Standing) {
			if st.affirmable() {
				st.Affirmed = e.By
			}
		})
		v.saw(e.By)
	})
}

func (e FellToOwed) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) { v.Refusal = nil; v.to(ObligationOwed, e.At, "") })
}

func (e WaiverProposed) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) { w := e.Waiver; v.Waiver = &w })
}

func (e WaiverApproved) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) {
		if v.Waiver == nil {
			return // a record out of order lowers nothing
		}
		w := *v.Waiver
		w.Approver, w.Approved = e.By, e.At
		v.Waiver = &w
		v.to(ObligationWaived, e.At, "ground "+w.Ground)
	})
}

func (e WaiverDenied) apply(s *State) { s.editVictim(e.Victim, func(v *Victim) { v.Waiver = nil }) }

func (e WaiverEnded) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) { v.Waiver = nil; v.to(ObligationOwed, e.At, "") })
}

func (e RefusalProposed) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) {
		v.Refusal = &Refusal{Ground: e.Ground, Reason: e.Reason, Proposer: e.By, Proposed: e.At}
		v.saw(e.By)
	})
}

func (e RefusalSigned) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) {
		if v.Refusal == nil {
			return
		}
		r := *v.Refusal
		r.Signer, r.Signed, r.Grade = e.By, e.At, e.Grade
		v.Refusal = &r
		if r.Ground == RefuseOvertaken {
			v.to(ObligationOvertaken, e.At, r.Reason)
		} else {
			v.to(ObligationNotOwed, e.At, r.Reason)
		}
	})
}

func (e RefusalOverturned) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) { v.Refusal = nil; v.to(ObligationOwed, e.At, "") })
}

func (e RefusalEnded) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) { v.Refusal = nil; v.to(ObligationOwed, e.At, "") })
}

func (e BecameOwed) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) {
		if v.to(ObligationOwed, e.At, ""); e.Afresh {
			v.Afresh = s.Version
		}
	})
}

func (e LocatorRecorded) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) { v.Locators = append(slices.Clip(v.Locators), e.Locator) })
}

func (e HandoverOffered) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) {
		v.Handover = &Handover{To: e.To, Reason: e.Reason, Offered: e.At, By: e.By}
	})
}

func (e HandoverAccepted) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) {
		if v.Handover == nil {
			return
		}
		h := *v.Handover
		h.Person, h.Accepted = e.Person, e.At
		v.Handover = &h
		v.to(ObligationTransferred, e.At, h.To+", "+h.Person)
	})
}

func (e HandoverDeclined) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) { v.Handover = nil })
}

func (e TransferProposed) apply(s *State) {
	s.Transfer = &Transfer{To: e.To, By: e.By, At: e.At, Reason: e.Reason}
}
func (e TransferAccepted) apply(s *State) { s.Owner, s.Transfer = e.By, nil }
func (e TransferDeclined) apply(s *State) { s.Transfer = nil }

func (e ConsentAsked) apply(s *State) {
	c := Consent{Report: e.Report, Portions: e.Portions, Of: e.Of, Question: e.Question, Asked: e.At}
	s.Consents = slices.Clone(s.Consents)
	for i := range s.Consents {
		if s.Consents[i].Report == e.Report {
			s.Consents[i] = c
			return
		}
	}
	s.Consents = append(s.Consents, c)
}

func (e ConsentAnswered) apply(s *State) {
	s.Consents = slices.Clone(s.Consents)
	for i := range s.Consents {
		if c := &s.Consents[i]; c.Report == e.Report {
			c.Answered, c.Granted, c.Limits, c.Person = e.At, e.Granted, e.Limits, e.Person
		}
	}
}

func (e DisputeRaised) apply(s *State) {
	s.Disputes = append(slices.Clip(s.Disputes), Dispute{ID: e.Dispute, About: e.About, Position: e.Position, By: e.By, At: e.At})
}

func (e DisputeSettled) apply(s *State) {
	s.Disputes = slices.Clone(s.Disputes)
	for i := range s.Disputes {
		if d := &s.Disputes[i]; d.ID == e.Dispute {
			d.Settled, d.Settlement, d.SettledBy = e.At, e.Settlement, e.By
		}
	}
}

func (e ExigentInvoked) apply(s *State) { s.Exigent = &Exigent{By: e.By, At: e.At, Reason: e.Reason} }
func (e DutyCreated) apply(s *State)    { s.Duties = append(slices.Clip(s.Duties), e.Duty) }

func (e DutyDone) apply(s *State) {
	s.Duties = slices.Clone(s.Duties)
	for i := range s.Duties {
		if d := &s.Duties[i]; d.ID == e.Duty {
			d.Done, d.By, d.Note = e.At, e.By, e.Note
		}
	}
}

func (e WarningDrafted) apply(s *State) {
	if _, ok := s.Warning(e.Draft.Warning); !ok {
		s.Warnings = append(slices.Clip(s.Warnings), Warning{ID: e.Draft.Warning})
	}
	s.editWarning(e.Draft.Warning, func(w *Warning) {
		w.Draft, w.Digest, w.Drafted = e.Draft, e.Digest, s.Version
		w.Approval, w.Returned, w.Refused = nil, "", nil
		w.Authors = slices.Clone(w.Authors)
		for _, a := range e.Draft.Authors {
			if !slices.Contains(w.Authors, a) {
				w.Authors = append(w.Authors, a)
			}
		}
	})
}

func (e WarningApproved) apply(s *State) {
	s.editWarning(e.Warning, func(w *Warning) {
		w.Approval = &tocsin.Approval{By: e.By, At: e.At, Digest: e.Digest, Note: e.Note}
	})
}

func (e WarningReturned) apply(s *State) {
	s.editWarning(e.Warning, func(w *Warning) { w.Returned, w.Approval = e.Reason, nil })
}

func (e ReleaseRefused) apply(s *State) {
	s.editWarning(e.Warning, func(w *Warning) { w.Refused = e.Findings })
}

func (e FindingAnswered) apply(s *State) {
	s.editWarning(e.Warning, func(w *Warning) {
		w.Answers = slices.DeleteFunc(slices.Clone(w.Answers), func(a FindingAnswer) bool { return a.Finding == e.Finding })
		w.Answers = append(w.Answers, FindingAnswer{Finding: e.Finding, By: e.By, At: e.At, Words: e.Words})
	})
}

func (e TearlineWritten) apply(s *State) {
	s.Tearlines = slices.DeleteFunc(slices.Clone(s.Tearlines), func(t Tearline) bool { return t.Report == e.Report })
	s.Tearlines = append(s.Tearlines, Tearline{Report: e.Report, Words: e.Words, Digest: e.Digest, By: e.By, At: e.At})
}

func (e TearlineCleared) apply(s *State) {
	s.Tearlines = slices.Clone(s.Tearlines)
	for i := range s.Tearlines {
		if t := &s.Tearlines[i]; t.Report == e.Report && t.Digest == e.Digest {
			t.ClearedBy, t.Cleared = e.By, e.At
		}
	}
}

func (e WarningReleased) apply(s *State) {
	s.editWarning(e.Clearance.Warning, func(w *Warning) {
		c := e.Clearance
		w.Clearance, w.Released, w.Refused, w.ReverseTest = &c, e.At, nil, e.ReverseTest
		w.Order, w.Until = s.Version, w.Draft.Window.Latest
		if w.Until.IsZero() {
			// Words that do not say until when they stand still need somebody to
			// decide (invariant 9).
			w.Until = e.At.Add(max(s.extension(), repeat))
		}
	})
	w, _ := s.Warning(e.Clearance.Warning)
	if w.Draft.Message == tocsin.Update {
		s.editWarning(w.Draft.Refers, func(first *Warning) {
			first.Until, first.Untold = w.Until, false
		})
	}
}

func (e DeliveryPlanned) apply(s *State) {
	s.Deliveries = append(slices.Clip(s.Deliveries), Delivery{Key: e.Key, Warning: e.Warning, Recipient: e.Recipient, Rung: e.Rung,
		Channel: e.Channel, Addressee: e.Addressee, Level: e.Level, State: Planned, NotBefore: e.At})
}

func (e DeliveryStarted) apply(s *State) {
	s.editDelivery(e.Key, func(d *Delivery) {
		d.State, d.Attempt, d.Worker, d.Lease = Started, e.Attempt, e.Worker, e.Lease
		if d.FirstTry.IsZero() {
			d.FirstTry = e.At
		}
	})
}

func (e DeliveryHanded) apply(s *State) {
	s.editDelivery(e.Key, func(d *Delivery) {
		d.Handed, d.Lease, d.Detail = e.At, time.Time{}, e.Receipt.Detail
		switch e.Receipt.State {
		case string(Delivered):
			d.State, d.Delivered = Delivered, e.At
		case string(Assigned):
			d.State = Assigned
		default:
			d.State = Sent
		}
	})
}

func (e DeliveryFailed) apply(s *State) {
	s.editDelivery(e.Key, func(d *Delivery) {
		d.Lease, d.Detail, d.NotBefore = time.Time{}, e.Detail, e.Retry
		switch {
		case e.Class == classUncertain:
			d.State = Uncertain
		case e.Retry.IsZero():
			d.State = Failed
		default:
			d.State = Planned
		}
	})
}

func (e DeliveryConfirmed) apply(s *State) {
	s.editDelivery(e.Key, func(d *Delivery) { d.reach(e.At); d.Detail = e.How })
}

func (e ServiceRecorded) apply(s *State) {
	s.editDelivery(e.Key, func(d *Delivery) {
		sv := e.Service
		d.Service = &sv
		d.reach(e.At)
		if sv.Signed {
			d.State, d.Answer, d.Answered, d.AnswerBy, d.Said = AckedState, tocsin.AckReceived, e.At, sv.Person, sv.Response
		}
	})
}

func (e Acknowledged) apply(s *State) {
	s.editDelivery(e.Key, func(d *Delivery) {
		d.Answer, d.Answered, d.AnswerBy, d.Said = e.Answer, e.At, e.Person, e.Words
		if e.Answer == tocsin.WillAnswerLater {
			return // a promise changes nothing (T-08)
		}
		d.reach(e.At)
		switch e.Answer {
		case tocsin.AckActing:
			d.State = Acting
		case tocsin.AckReceived, tocsin.AckUnderstood:
			if d.State != Acting {
				d.State = AckedState
			}
		}
	})
}

func (e DeliveryEscalated) apply(s *State) {
	s.editDelivery(e.Key, func(d *Delivery) { d.Raised = true })
}

func (e DeliveryStopped) apply(s *State) {
	s.editDelivery(e.Key, func(d *Delivery) { d.State, d.Detail, d.Lease = Stopped, e.Why, time.Time{} })
}

func (e DischargeRecorded) apply(s *State) {
	s.editVictim(e.Victim, func(v *Victim) { v.to(ObligationDischarged, e.At, e.How) })
}

func (e ParityOpened) apply(s *State) {
	s.Parities = append(slices.Clip(s.Parities), Parity{ID: e.Parity, Warning: e.Warning, Victim: e.Victim, Opened: e.At})
}

func (e ParityDecided) apply(s *State) {
	s.Parities = slices.Clone(s.Parities)
	for i := range s.Parities {
		if p := &s.Parities[i]; p.ID == e.Parity {
			p.Decided, p.Decision, p.Reason, p.By = e.At, e.Decision, e.Reason, e.By
		}
	}
}

func (e WindowExtended) apply(s *State) {
	s.editWarning(e.Warning, func(w *Warning) { w.Until, w.Untold, w.Extended = e.Until, true, e.At })
}

func (e WarningEnded) apply(s *State) {
	s.editWarning(e.Warning, func(w *Warning) { w.EndedBy = e.Ended })
}

func (e Reviewed) apply(s *State) { s.LastReview, s.Reviews = e.At, s.Reviews+1 }

func (e OutcomeRecorded) apply(s *State) {
	o := e.Outcome
	s.Outcome, s.OutcomeStale = &o, false
}

func (e ClockMissed) apply(s *State) {
	m := Missed{Clock: e.Clock, Target: e.Target, Anchor: e.Anchor, Due: e.Due, Count: e.Count, Next: e.Next}
	s.Missed = slices.Clone(s.Missed)
	for i := range s.Missed {
		if s.Missed[i].Clock == e.Clock && s.Missed[i].Target == e.Target {
			s.Missed[i] = m
			return
		}
	}
	s.Missed = append(s.Missed, m)
}

func (e CaseClosed) apply(s *State) {
	s.Closed, s.OnRecord, s.Unfollowed, s.ClosedOver = true, e.Records, e.Unfollowed, e.OnTheWay
}

// A reopened case is a new case to whoever reviews it: the first interval again.
func (e CaseReopened) apply(s *State) {
	s.Closed, s.LastReview, s.Reviews = false, e.At, 0
	s.Unfollowed, s.ClosedOver = nil, ""
}

// saw notes that a has had to do with the grade of v.
func (v *Victim) saw(a tocsin.ActorID) {
	if !slices.Contains(v.Graders, a) {
		v.Graders = append(slices.Clip(v.Graders), a)
	}
}

// to changes the disposition. Since moves only if it really changes: a refusal
// that fails must not start the clock of an obligation that was owed already anew.
func (v *Victim) to(d Disposition, at time.Time, how string) {
	if v.Disposition != d {
		v.Since = at
	}
	v.Disposition, v.How = d, how
	if v.Waiver != nil && d != ObligationWaived && (d.Ended() || v.Waiver.Approver != "") {
		v.Waiver = nil
	}
	if v.Refusal != nil && d != ObligationNotOwed && d != ObligationOvertaken && (d.Ended() || v.Refusal.Signer != "") {
		v.Refusal = nil
	}
	if v.Handover != nil && d != ObligationTransferred && (d.Ended() || !v.Handover.Accepted.IsZero()) {
		v.Handover = nil
	}
}

func (d *Delivery) reach(at time.Time) {
	if !d.Reached() {
		d.State = Delivered
	}
	if d.Delivered.IsZero() {
		d.Delivered = at
	}
	if d.Handed.IsZero() {
		d.Handed = at
	}
	d.Lease = time.Time{}
}

// The three edits below clone before they write, which is what makes an old
// State safe to keep.

func (s *State) editVictim(id tocsin.VictimID, f func(*Victim)) {
	s.Victims = slices.Clone(s.Victims)
	for i := range s.Victims {
		if s.Victims[i].ID == id {
			f(&s.Victims[i])
		}
	}
}

func (s *State) editWarning(id tocsin.WarningID, f func(*Warning)) {
	s.Warnings = slices.Clone(s.Warnings)
	for i := range s.Warnings {
		if s.Warnings[i].ID == id {
			f(&s.Warnings[i])
		}
	}
}

func (s *State) editDelivery(k tocsin.DeliveryKey, f func(*Delivery)) {
	s.Deliveries = slices.Clone(s.Deliveries)
	for i := range s.Deliveries {
		if s.Deliveries[i].Key == k {
			f(&s.Deliveries[i])
		}
	}
}
