package casefile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// decoders knows every kind of event ever written. A kind is never removed and
// never changes its meaning.
var decoders = map[string]func([]byte) (Event, error){}

func register[E Event]() {
	var zero E
	decoders[zero.Kind()] = func(b []byte) (Event, error) {
		var e E
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			return nil, fmt.Errorf("event %s: %w", e.Kind(), err)
		}
		return e, nil
	}
}

func init() {
	register[CaseOpened]()
	register[TermsAdopted]()
	register[ReportAttached]()
	register[ThreatStated]()
	register[TermsProtected]()
	register[VictimAdded]()
	register[VictimCorrected]()
	register[FindingsRecorded]()
	register[GradeSeen]()
	register[Determined]()
	register[DeterminationAffirmed]()
	register[FellToOwed]()
	register[WaiverProposed]()
	register[WaiverApproved]()
	register[WaiverDenied]()
	register[WaiverEnded]()
	register[RefusalProposed]()
	register[RefusalSigned]()
	register[RefusalOverturned]()
	register[RefusalEnded]()
	register[BecameOwed]()
	register[LocatorRecorded]()
	register[HandoverOffered]()
	register[HandoverAccepted]()
	register[HandoverDeclined]()
	register[TransferProposed]()
	register[TransferAccepted]()
	register[TransferDeclined]()
	register[ConsentAsked]()
	register[ConsentAnswered]()
	register[DisputeRaised]()
	register[DisputeSettled]()
	register[ExigentInvoked]()
	register[DutyCreated]()
	register[DutyDone]()
	register[WarningDrafted]()
	register[WarningApproved]()
	register[WarningReturned]()
	register[ReleaseRefused]()
	register[FindingAnswered]()
	register[TearlineWritten]()
	register[TearlineCleared]()
	register[WarningReleased]()
	register[DeliveryPlanned]()
	register[DeliveryStarted]()
	register[DeliveryHanded]()
	register[DeliveryFailed]()
	register[DeliveryConfirmed]()
	register[ServiceRecorded]()
	register[Acknowledged]()
	register[DeliveryEscalated]()
	register[DeliveryStopped]()
	register[DischargeRecorded]()
	register[ParityOpened]()
	register[ParityDecided]()
	register[WindowExtended]()
	register[WarningEnded]()
	register[Reviewed]()
	register[OutcomeRecorded]()
	register[ClockMissed]()
	register[CaseSealed]()
	register[CaseUnsealed]()
	register[CaseClosed]()
	register[CaseReopened]()
}

// Kinds lists every kind of event, sorted.
func Kinds() []string {
	var out []string
	for k := range decoders {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// DecodeEvent reads an event from its kind and its JSON data. An unknown kind or
// field is an error: a record that this program does not understand must not be
// folded into a state that claims to be whole.
func DecodeEvent(kind string, data []byte) (Event, error) {
	f, ok := decoders[kind]
	if !ok {
		return nil, fmt.Errorf("unknown event kind %q: was this record written by a newer version?", kind)
	}
	return f(data)
}
