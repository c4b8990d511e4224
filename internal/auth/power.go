package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tocsin"
)

// Right is one power under a pack: the roles to which the pack gives it, and the
// people who have one of them at this moment.
type Right struct {
	Power  tocsin.Power     `json:"power"`
	Roles  []tocsin.Role    `json:"roles"`
	People []tocsin.ActorID `json:"people"`
	// Glass are those of People who have it only by breaking the glass.
	Glass []tocsin.ActorID `json:"by_breaking_glass,omitempty"`
}

// WhoMay says who can do what under a pack's terms, one entry for each power in
// the order of tocsin.Powers. A right that nobody has is listed without people:
// that is what a watch floor needs to see before the night begins.
//
// It says what roles allow. That the same person may not propose and approve, and
// the like, is decided in package casefile for each case.
func (u *Users) WhoMay(terms tocsin.Terms) []Right {
	f, now := u.now.Load(), tocsin.Instant(u.clock.Now())
	ids := sortedKeys(f.accounts)
	var out []Right
	for _, p := range tocsin.Powers() {
		r := Right{Power: p, Roles: slices.Clone(terms.Powers[p]), People: []tocsin.ActorID{}}
		for _, id := range ids {
			if f.accounts[id].Disabled || !f.actor(id, now).Has(r.Roles...) {
				continue
			}
			r.People = append(r.People, id)
			if !f.accounts[id].Actor().Has(r.Roles...) {
				r.Glass = append(r.Glass, id)
			}
		}
		out = append(out, r)
	}
	return out
}

// PowersOf lists what a pack gives to a role, in the order of tocsin.Powers.
func PowersOf(terms tocsin.Terms, role tocsin.Role) []tocsin.Power {
	var out []tocsin.Power
	for _, p := range tocsin.Powers() {
		if slices.Contains(terms.Powers[p], role) {
			out = append(out, p)
		}
	}
	return out
}

// Event is one entry of the record of administration, without anything secret.
type Event struct {
	Position int64                      `json:"position"` // in the record, where it can be proved
	At       time.Time                  `json:"at"`
	By       tocsin.ActorID             `json:"by"`
	Kind     string                     `json:"kind"`
	Data     map[string]json.RawMessage `json:"data"`
}

// secret are the fields that are not shown: they are sealed or hashed, and nobody
// who looks at a list needs them.
var secret = []string{"sealed", "hashes", "hash", "token_hash", "handle", "used"}

// History is the record of administration, oldest first: every change of
// accounts, roles, tokens, ways to sign in and broken glass. Who signed in when
// is in Sessions, for as long as sessions last, and in the record's own streams.
func (u *Users) History(ctx context.Context) ([]Event, error) {
	var out []Event
	for r, err := range u.store.Load(ctx, Stream) {
		if err != nil {
			return nil, fmt.Errorf("auth: history: %w", err)
		}
		e := Event{r.Position, r.EntryTime, r.Actor, r.Kind, map[string]json.RawMessage{}}
		for name, value := range r.Fields {
			if !slices.Contains(secret, name) {
				e.Data[name] = value
			}
		}
		out = append(out, e)
	}
	return out, nil
}
