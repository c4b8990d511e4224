package auth

import (
	"fmt"
	"slices"
	"time"

	"tocsin"
)

// Scope is a part of what its holder may do that a token is good for. A token
// never gives more than the roles of its holder do.
type Scope string

// The scopes. Every operation of the API needs exactly one.
const (
	ScopeRead    Scope = "read"    // see cases, reports, deliveries, the directory, packs, the record
	ScopeReport  Scope = "report"  // hand in reports
	ScopeWrite   Scope = "write"   // commands on cases, drafts, the directory
	ScopeDeliver Scope = "deliver" // say what became of a delivery
	ScopeRelease Scope = "release" // approve and release words
	ScopeAdmin   Scope = "admin"   // accounts
)

// Scopes lists every scope.
func Scopes() []Scope {
	return []Scope{ScopeRead, ScopeReport, ScopeWrite, ScopeDeliver, ScopeRelease, ScopeAdmin}
}

// Token is a bearer token as others may know it: all but the secret.
type Token struct {
	ID      string         `json:"id"`
	User    tocsin.ActorID `json:"user"`
	Name    string         `json:"name,omitempty" doc:"What it is for"`
	Scopes  []Scope        `json:"scopes,omitempty" doc:"What it is good for; everything its holder may do if absent"`
	Made    time.Time      `json:"made"`
	Expires time.Time      `json:"expires,omitzero" doc:"Absent: it does not expire"`
	Used    time.Time      `json:"used,omitzero" doc:"Last use, to the day"`
}

// Principal is who makes a request, and with what.
type Principal struct {
	Actor tocsin.Actor
	Token Token
}

// Covers reports whether the token is good for scope. A token without scopes,
// as all were before there were any, is good for all.
func (t Token) Covers(s Scope) bool { return len(t.Scopes) == 0 || slices.Contains(t.Scopes, s) }

// Admits says why a request with this token may not do what needs scope, or nil.
func (p Principal) Admits(s Scope) error {
	if p.Token.Covers(s) {
		return nil
	}
	return tocsin.Faultf(tocsin.Forbidden, "scope", "Use a token with that scope, or have an administrator make one.", "The token is good for %v, and this needs %s.", p.Token.Scopes, s)
}

// TokenRequest asks for a token.
type TokenRequest struct {
	User   tocsin.ActorID
	Name   string // what it is for, on one line; may be empty
	Scopes []Scope
	Life   time.Duration // until it expires; at most MaxTokenLife
}

// MaxTokenLife is the longest life of a token that is made with scopes.
const MaxTokenLife = 366 * 24 * time.Hour

func (r TokenRequest) validate() error {
	switch {
	case len(r.Scopes) == 0:
		return tocsin.Fault(tocsin.Invalid, "scope_missing", "The token has no scope.", fmt.Sprintf("Give at least one of %v.", Scopes()))
	case r.Life <= 0 || r.Life > MaxTokenLife:
		return tocsin.Faultf(tocsin.Invalid, "token_life", "Give a time such as 90d, at most 366d.", "A token cannot live for %s.", r.Life)
	case r.Name != "" && !readable(r.Name):
		return tocsin.Faultf(tocsin.Invalid, "token_name", "Say on one line what it is for.", "The token has no usable name.")
	}
	for i, s := range r.Scopes {
		if !slices.Contains(Scopes(), s) || slices.Contains(r.Scopes[:i], s) {
			return tocsin.Faultf(tocsin.Invalid, "scope_unknown", fmt.Sprintf("Use some of %v, each once.", Scopes()), "The scope %q is not one, or is given twice.", s)
		}
	}
	return nil
}
