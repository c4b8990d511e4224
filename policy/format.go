package policy

import (
	"fmt"
	"slices"
	"time"

	"tocsin"
)

// Date is a day of the calendar, written 2015-07-21. The zero value is no day.
type Date struct{ day time.Time }

// UnmarshalText reads a date; its error says how to write one.
func (d *Date) UnmarshalText(b []byte) error {
	day, err := time.Parse(time.DateOnly, string(b))
	if err != nil {
		return fmt.Errorf("%q is not a day; write it as 2015-07-21", b)
	}
	d.day = day
	return nil
}

// MarshalText writes the date as it is read.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// IsZero reports whether d is no day.
func (d Date) IsZero() bool { return d.day.IsZero() }

// String writes the date as it is read; no day is "".
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.day.Format(time.DateOnly)
}

// InForce says from which day to which day, both included, the law that a pack
// speaks for was in force. A day that is absent is not known, or not set.
type InForce struct {
	From   Date   `json:"from,omitzero" yaml:"from,omitempty"`
	Until  Date   `json:"until,omitzero" yaml:"until,omitempty"`
	Clause string `json:"clause" yaml:"clause"`
	Basis  string `json:"basis" yaml:"basis"`
}

// Party is somebody who must be told. The list is closed.
type Party string

// The parties.
const (
	PartyVictim     Party = "victim"
	PartyGuardian   Party = "guardian"   // of a child, or of somebody who cannot look after themselves
	PartyProtector  Party = "protector"  // whoever is responsible for protecting the victim
	PartyPolice     Party = "police"     // a law enforcement agency
	PartyGovernment Party = "government" // a government or one of its entities
	PartyAuthority  Party = "authority"  // the authority that the law names as competent
	PartyFacility   Party = "facility"   // those who run the place
	PartySegment    Party = "segment"    // the part of a community that is in danger
	PartyCommunity  Party = "community"  // all of a community
	PartyPublic     Party = "public"
	PartyOriginator Party = "originator" // whose information it is; never a warning
)

// Parties lists every party.
func Parties() []Party {
	return []Party{PartyVictim, PartyGuardian, PartyProtector, PartyPolice, PartyGovernment, PartyAuthority, PartyFacility,
		PartySegment, PartyCommunity, PartyPublic, PartyOriginator}
}

// Kind is the kind of warning that tells p, or "" for the originator, who is told
// of a warning and not warned.
func (p Party) Kind() tocsin.WarningKind {
	switch p {
	case PartyVictim:
		return tocsin.VictimWarning
	case PartyGuardian, PartyProtector:
		return tocsin.ProtectorWarning
	case PartyPolice, PartyGovernment, PartyAuthority:
		return tocsin.GovernmentWarning
	case PartyFacility:
		return tocsin.FacilityWarning
	case PartySegment, PartyCommunity, PartyPublic:
		return tocsin.PublicWarning
	}
	return ""
}

// kinds are the kinds of warning by which t can be satisfied: none for an entry
// that only an originator satisfies, because no warning goes there. An advisory
// tells a protector.
func (t Tell) kinds() []tocsin.WarningKind {
	var kinds []tocsin.WarningKind
	for _, party := range t.AnyOf {
		k := party.Kind()
		if k == "" || slices.Contains(kinds, k) {
			continue
		}
		kinds = append(kinds, k)
		if k == tocsin.ProtectorWarning {
			kinds = append(kinds, tocsin.Advisory)
		}
	}
	return kinds
}

// mustTell brings the entries into the form in which a case is held to them.
func mustTell(entries []Tell) []tocsin.MustTell {
	var out []tocsin.MustTell
	for _, t := range entries {
		if kinds := t.kinds(); len(kinds) > 0 {
			out = append(out, tocsin.MustTell{ID: t.ID, Kinds: kinds, Routes: t.Routes, Because: t.Because, Clause: t.Clause, Basis: t.Basis})
		}
	}
	return out
}

// Tell is one of those who must be told: any of AnyOf will do for this entry, and
// each entry of a pack must be satisfied. Victim and police are two entries where
// both must hear (Cal. Civ. Code 43.92), victim or protector one where either may.
type Tell struct {
	ID      string   `json:"id" yaml:"id"`
	AnyOf   []Party  `json:"any_of" yaml:"any_of"`
	Routes  []string `json:"routes,omitempty" yaml:"routes,omitempty"` // only where a determination leads to one of these; empty: wherever a warning is due
	Because string   `json:"because" yaml:"because"`
	Clause  string   `json:"clause" yaml:"clause"`
	Basis   string   `json:"basis" yaml:"basis"`
}

// Channel is a way to reach somebody, as a pack speaks of it.
type Channel = tocsin.Channel

// Channels lists the channels that a pack can speak of. in_person, smtp and
// webhook are those that the program can use.
func Channels() []Channel {
	return []Channel{"in_person", "smtp", "webhook", "phone", "letter", "sms", "platform_notice", "public_alert"}
}

// ChannelRule says by which channels some kinds of warning go.
type ChannelRule = tocsin.ChannelRule

// Grades is a scale that guides an officer. It never decides: no rule can speak
// of a grade.
type Grades struct {
	Title  string  `json:"title" yaml:"title"`
	Guides string  `json:"guides" yaml:"guides"` // what the scale is for and what it is not for
	Scale  []Grade `json:"scale" yaml:"scale"`   // highest first
	Clause string  `json:"clause" yaml:"clause"`
	Basis  string  `json:"basis" yaml:"basis"`
}

// Grade is one step of a scale.
type Grade struct {
	ID      string `json:"id" yaml:"id"`
	Title   string `json:"title" yaml:"title"`
	Meaning string `json:"meaning" yaml:"meaning"`
	Does    string `json:"does" yaml:"does"` // what is expected at this grade
}

// ReviewPlan says what brings a review forward and what it answers. How far
// apart reviews are is in the clock named review.
type ReviewPlan struct {
	Triggers []string `json:"triggers" yaml:"triggers"`
	Asks     []string `json:"asks" yaml:"asks"`
	Clause   string   `json:"clause" yaml:"clause"`
	Basis    string   `json:"basis" yaml:"basis"`
}

// RecordItem is one thing that the record must hold before a case closes.
type RecordItem struct {
	ID     string `json:"id" yaml:"id"`
	Title  string `json:"title" yaml:"title"`
	Clause string `json:"clause" yaml:"clause"`
	Basis  string `json:"basis" yaml:"basis"`
}

// NoGrounds stands in place of grounds in a pack whose law knows none.
type NoGrounds struct {
	Because string `json:"because" yaml:"because"`
	Clause  string `json:"clause" yaml:"clause"`
	Basis   string `json:"basis" yaml:"basis"`
}

// LawInForce says when the law that the pack speaks for was in force.
func (p *Pack) LawInForce() InForce { return p.form.InForce }

// InForce reports whether the law that the pack speaks for was in force on the
// day of t in universal time. A day that is not known keeps no pack out: doubt
// about the law is no reason for silence.
func (p *Pack) InForce(t time.Time) bool {
	day := t.UTC().Truncate(24 * time.Hour)
	in := p.form.InForce
	return !day.Before(in.From.day) && (in.Until.IsZero() || !day.After(in.Until.day))
}

// Repealed reports whether the law that the pack speaks for had ended before the
// day of t in universal time. A law that is not yet in force may be followed early.
func (p *Pack) Repealed(t time.Time) bool {
	until := p.form.InForce.Until
	return !until.IsZero() && t.UTC().Truncate(24*time.Hour).After(until.day)
}

// MustTell lists those who must be told, each entry by somebody. Terms has them
// as kinds of warning; package casefile discharges no obligation before each of
// them has been told.
func (p *Pack) MustTell() []Tell { return slices.Clone(p.form.MustTell) }

// ChannelRules lists what the pack says on channels. The guard holds every
// release against them.
func (p *Pack) ChannelRules() []ChannelRule { return slices.Clone(p.form.Channels) }

// Grades returns the scale that guides an officer; ok is false if the pack has
// none.
func (p *Pack) Grades() (scale Grades, ok bool) { return p.form.Grades, p.form.Grades.Title != "" }

// ReviewPlan says what brings a review forward and what it answers.
func (p *Pack) ReviewPlan() ReviewPlan { return p.form.ReviewPlan }

// RecordItems lists what the record must hold before a case closes. Terms has
// their ids.
func (p *Pack) RecordItems() []RecordItem { return slices.Clone(p.form.Records) }

// NoGrounds says why the pack has no grounds for a waiver; ok is false if it has
// some.
func (p *Pack) NoGrounds() (why NoGrounds, ok bool) {
	return p.form.NoGrounds, p.form.NoGrounds.Because != ""
}
