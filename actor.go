package tocsin

import "strings"

// The identifiers. All are opaque, printable, at most 64 characters of
// [a-z0-9._-]; see ValidID.
type (
	ReportID    string
	CaseID      string
	VictimID    string
	WarningID   string
	RecipientID string
	ActorID     string
	DeliveryKey string // names one message to one addressee over one rung; never changes between attempts
)

// Role is what a person may do. Separation between roles is enforced in
// package casefile, not at the edges.
type Role string

// The roles of design section 8, and two that are not staff: a recipient's own
// system, and the machine itself, which may remind, escalate and send but never
// release, refuse or waive.
const (
	Reporter          Role = "reporter"
	IntakeOfficer     Role = "intake_officer"
	Analyst           Role = "analyst"
	DutyOfficer       Role = "duty_officer"
	SeniorOfficer     Role = "senior_officer"
	OriginatorLiaison Role = "originator_liaison"
	ReleaseOfficer    Role = "release_officer"
	Deliverer         Role = "deliverer"
	Reviewer          Role = "reviewer"
	Inspector         Role = "inspector"
	Administrator     Role = "administrator"
	RecipientRole     Role = "recipient"
	Machine           Role = "machine"
)

// Roles lists every role a user can be given, in the order of design section 8.
// Machine is absent: no account holds it.
func Roles() []Role {
	return []Role{Reporter, IntakeOfficer, Analyst, DutyOfficer, SeniorOfficer, OriginatorLiaison,
		ReleaseOfficer, Deliverer, Reviewer, Inspector, Administrator, RecipientRole}
}

// Actor is who acts. Exactly one person, partner system or the machine.
type Actor struct {
	ID        ActorID     `json:"id"`
	Name      string      `json:"name,omitempty"`
	Roles     []Role      `json:"roles"`
	Handles   []string    `json:"handles,omitempty"`   // origins whose handler this person is; see invariant 3
	Recipient RecipientID `json:"recipient,omitempty"` // for RecipientRole: whose acknowledgements it may give
}

// Has reports whether a holds any of the roles.
func (a Actor) Has(roles ...Role) bool {
	for _, r := range roles {
		for _, have := range a.Roles {
			if have == r {
				return true
			}
		}
	}
	return false
}

// Human reports whether a is a named person of the organisation: not the
// machine and not a partner's system.
func (a Actor) Human() bool { return a.ID != "" && !a.Has(Machine) && !a.Has(RecipientRole) }

// Handler reports whether a handles the source named origin, however it is spelt:
// a capital letter must not let a handler approve.
func (a Actor) Handler(origin string) bool {
	for _, h := range a.Handles {
		if h = strings.TrimSpace(h); h != "" && strings.EqualFold(h, strings.TrimSpace(origin)) {
			return true
		}
	}
	return false
}

// ValidID reports whether s may serve as an identifier.
func ValidID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}
