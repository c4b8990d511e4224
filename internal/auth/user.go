package auth

import (
	"fmt"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"tocsin"
)

// Local is the actor of what is done on the data directory itself, without a
// token: whoever has the file has the record. No user can have this id.
const Local tocsin.ActorID = "local"

// machineID is the engine's own actor in the record.
const machineID tocsin.ActorID = "tocsin"

// User is a person, or a recipient's system, that can show who it is.
type User struct {
	ID        tocsin.ActorID     `json:"id" doc:"Up to 64 of a-z, 0-9, dot, dash, underscore"`
	Name      string             `json:"name" doc:"The person's name, as colleagues know it"`
	Roles     []tocsin.Role      `json:"roles"`
	Handles   []string           `json:"handles,omitempty" doc:"Origins whose handler this person is; they cannot approve a waiver that protects one of them"`
	Recipient tocsin.RecipientID `json:"recipient,omitempty" doc:"For the role recipient: the entry of the directory whose deliveries it may acknowledge"`
}

// Account is a user with what became of it.
type Account struct {
	User
	Added    time.Time `json:"added"`
	Disabled bool      `json:"disabled,omitempty"`
	SignIn   SignIn    `json:"sign_in,omitzero"`

	// Glass is the role that the person has broken the glass for, while it lasts.
	Glass *Grant `json:"break_glass,omitempty"`
}

// SignIn is how somebody can show who they are, besides tokens.
type SignIn struct {
	Password bool      `json:"password,omitempty"`
	TOTP     bool      `json:"totp,omitempty" doc:"A one-time code by an app"`
	Passkeys int       `json:"passkeys,omitempty"`
	Recovery int       `json:"recovery_codes,omitempty" doc:"Recovery codes that are left"`
	Subjects int       `json:"subjects,omitempty" doc:"Identities at other providers"`
	HeldAt   time.Time `json:"held_at,omitzero" doc:"When so many sign-ins by password last failed that they are slowed down"`
}

// Second reports whether there is a second way besides the password.
func (s SignIn) Second() bool { return s.TOTP || s.Passkeys > 0 || s.Subjects > 0 }

// Actor is the user as casefile has it.
func (u User) Actor() tocsin.Actor {
	return tocsin.Actor{ID: u.ID, Name: u.Name, Roles: slices.Clone(u.Roles), Handles: slices.Clone(u.Handles), Recipient: u.Recipient}
}

// Bounds of a user's fields.
const (
	maxName    = 200 // characters
	maxHandles = 1000
)

// alone are the roles that a person holds without any other. An administrator
// sees no case content and every other role shows some (design section 8). An
// inspector who could also act would inspect their own acts. A recipient's
// system is not staff.
var alone = []tocsin.Role{tocsin.Administrator, tocsin.Inspector, tocsin.RecipientRole}

// Validate says what is wrong with u, as a *tocsin.Error of kind Invalid.
func (u User) Validate() error {
	switch {
	case !tocsin.ValidID(string(u.ID)):
		return tocsin.Fault(tocsin.Invalid, "user_id", "The user has no usable id.", "Use up to 64 of a-z, 0-9, dot, dash, underscore, such as n.haddad.")
	case u.ID == Local || u.ID == machineID:
		return tocsin.Faultf(tocsin.Invalid, "user_id_reserved", "Use another id.", "The id %s stands for the program itself in the record.", u.ID)
	case !readable(u.Name):
		return tocsin.Fault(tocsin.Invalid, "user_name", "The user has no usable name.", fmt.Sprintf("Give the name by which colleagues know this person, in at most %d characters on one line.", maxName))
	case len(u.Handles) > maxHandles || slices.ContainsFunc(u.Handles, func(h string) bool { return !readable(h) }):
		return tocsin.Fault(tocsin.Invalid, "user_handles", "An origin that this user is to handle is empty, too long, or there are too many.", "Write each as the reports name it.")
	}
	return u.validateRoles()
}

func (u User) validateRoles() error {
	if len(u.Roles) == 0 {
		return tocsin.Fault(tocsin.Invalid, "no_role", "The user has no role.", fmt.Sprintf("Give at least one of %v.", tocsin.Roles()))
	}
	for i, r := range u.Roles {
		switch {
		case r == tocsin.Machine:
			return tocsin.Fault(tocsin.Invalid, "role_machine", "The role machine cannot be given.", "The program itself holds it, and nobody else.")
		case !slices.Contains(tocsin.Roles(), r):
			return tocsin.Fault(tocsin.Invalid, "role_unknown", "There is no such role.", fmt.Sprintf("Use some of %v.", tocsin.Roles()))
		case slices.Contains(u.Roles[:i], r):
			return tocsin.Faultf(tocsin.Invalid, "role_twice", "Give each role once.", "The role %s is given twice.", r)
		case slices.Contains(alone, r) && len(u.Roles) > 1:
			return tocsin.Faultf(tocsin.Invalid, "role_alone", "Make two users, for two people.", "The role %s cannot be held together with another: %s.", r, reasonAlone(r))
		}
	}
	recipient := u.Roles[0] == tocsin.RecipientRole
	switch {
	case recipient && !tocsin.ValidID(string(u.Recipient)):
		return tocsin.Fault(tocsin.Invalid, "recipient_missing", "The role recipient needs the recipient it acts for.", "Give the id of the entry in the directory.")
	case !recipient && u.Recipient != "":
		return tocsin.Fault(tocsin.Invalid, "recipient_without_role", "Only the role recipient acts for a recipient.", "Leave the recipient out, or give the role recipient alone.")
	}
	return nil
}

func reasonAlone(r tocsin.Role) string {
	switch r {
	case tocsin.Administrator:
		return "an administrator sees no case content"
	case tocsin.Inspector:
		return "an inspector changes nothing"
	}
	return "a recipient is not staff"
}

// readable reports whether s can be shown on one line: it goes into the record
// for ever and in front of other people.
func readable(s string) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxName && !containsControl(s)
}

func containsControl(s string) bool {
	return slices.ContainsFunc([]rune(s), func(r rune) bool { return !unicode.IsPrint(r) })
}
