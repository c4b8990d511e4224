package tocsin

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// WarningKind is whom a warning speaks to.
type WarningKind string

// The kinds of warning.
const (
	VictimWarning     WarningKind = "victim"
	ProtectorWarning  WarningKind = "protector"
	GovernmentWarning WarningKind = "government"
	FacilityWarning   WarningKind = "facility"
	PublicWarning     WarningKind = "public"
	DisruptionNotice  WarningKind = "disruption" // to the suspect; discharges no duty to a victim
	Advisory          WarningKind = "advisory"   // serious, not imminent
)

// WarningKinds lists every kind.
func WarningKinds() []WarningKind {
	return []WarningKind{VictimWarning, ProtectorWarning, GovernmentWarning, FacilityWarning, PublicWarning, DisruptionNotice, Advisory}
}

// MessageType is where a message stands in a warning's life (after CAP 1.2
// msgType: Alert, Update, Cancel; all-clear is told apart from a withdrawal).
type MessageType string

// The message types.
const (
	Alert    MessageType = "alert"
	Update   MessageType = "update"
	Cancel   MessageType = "cancel"    // the warning was wrong or no longer stands
	AllClear MessageType = "all_clear" // the danger has passed
)

// Ends reports whether the message ends the warning it refers to.
func (m MessageType) Ends() bool { return m == Cancel || m == AllClear }

// Fact is one thing a warning may say: a content item of the pack, with its
// words in each language and the report spans behind it.
type Fact struct {
	Item       string            `json:"item"`   // ContentItem.ID
	Values     map[string]string `json:"values"` // language (BCP 47) -> words
	Evidence   []Span            `json:"evidence,omitempty"`
	Releasable bool              `json:"releasable"` // somebody judged it free of sources and methods
}

// Gap is a content item that a warning leaves out, with the reason (T-21).
type Gap struct {
	Item   string `json:"item"`
	Reason string `json:"reason"`
}

// Text is the exact words in one language.
type Text struct {
	Language string `json:"language"` // BCP 47
	Subject  string `json:"subject"`
	Body     string `json:"body"`
}

// Party is somebody a message passes through or ends at.
type Party struct {
	Name   string   `json:"name"`
	Groups []string `json:"groups,omitempty"` // organisations it belongs to or is controlled by
}

// Rung is one step of a ladder: one channel to one addressee.
type Rung struct {
	Channel   string  `json:"channel"`   // "smtp", "webhook", "in_person"
	Address   string  `json:"address"`   // mailbox, configured webhook name, or place
	Addressee string  `json:"addressee"` // who is reached here: "duty desk", "minister's office"
	Level     int     `json:"level"`     // 1 is the first addressee; higher is more senior
	Via       []Party `json:"via,omitempty"`
}

// Recipient is somebody who can be warned, as the directory has them.
type Recipient struct {
	ID           RecipientID `json:"id"`
	Name         string      `json:"name"`
	Kind         WarningKind `json:"kind"` // the kind of warning they receive
	Jurisdiction string      `json:"jurisdiction,omitempty" doc:"The country: ISO 3166-1 alpha-2 such as IR, or its name in English or German, which is kept as the code"`
	Relation     string      `json:"relation,omitempty"` // "own", "ally", "neutral", "adversary", "adversary_no_relations"
	Languages    []string    `json:"languages" doc:"In order of preference: BCP 47 such as fa, or a name in English or German, which is kept as the code"`
	Groups       []string    `json:"groups,omitempty"`
	Clearance    string      `json:"clearance,omitempty"` // highest marking it may hold; empty is unclassified only
	Ladder       []Rung      `json:"ladder"`
	Verify       string      `json:"verify,omitempty"` // how this recipient checks that a message is ours
}

// Validate says what is missing from r.
func (r Recipient) Validate() error {
	switch {
	case !ValidID(string(r.ID)):
		return Fault(Invalid, "recipient_id", "The recipient has no usable id.", "Use up to 64 of a-z, 0-9, dot, dash, underscore.").At("id")
	case r.Name == "":
		return Faultf(Invalid, "recipient_name", "Give the name by which an officer knows them.", "Recipient %s has no name.", r.ID).At("name")
	case !oneOf(r.Kind, WarningKinds()):
		return Faultf(Invalid, "recipient_kind", "Use victim, protector, government, facility, public, disruption or advisory.", "%q is not a kind of warning.", r.Kind).At("kind")
	case len(r.Languages) == 0:
		return Faultf(Invalid, "recipient_language", "Give at least one, such as en or fa.", "Recipient %s has no language.", r.ID).At("languages")
	case len(r.Ladder) == 0:
		return Faultf(Invalid, "ladder_without_rungs", "Give at least one rung: a channel and an address. If there is truly no way to reach them, that is ground (f), and is decided by a senior officer.",
			"Recipient %s has a ladder without rungs.", r.ID).At("ladder")
	}
	for i, g := range r.Ladder {
		if g.Channel == "" || g.Address == "" {
			return Faultf(Invalid, "rung_incomplete", "Give a channel (smtp, webhook, in_person) and an address.", "Rung %d of recipient %s has no channel or no address.", i+1, r.ID).At(fmt.Sprintf("ladder.%d", i+1))
		}
	}
	return nil
}

// RouteTouches names the first party of r, or of its ladder, that belongs to one
// of the groups, and is "" only if none does. It is the test of invariant 8: no
// route runs through the threat actor or somebody it controls. Groups are
// compared without regard to case and surrounding space.
func (r Recipient) RouteTouches(groups []string) string {
	if touches(r.Groups, groups) {
		return cmp.Or(strings.TrimSpace(r.Name), string(r.ID), "the recipient")
	}
	for _, g := range r.Ladder {
		for _, p := range g.Via {
			if touches(p.Groups, groups) {
				return cmp.Or(strings.TrimSpace(p.Name), "a party without a name")
			}
		}
	}
	return ""
}

func touches(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x = strings.TrimSpace(x); x != "" && strings.EqualFold(x, strings.TrimSpace(y)) {
				return true
			}
		}
	}
	return false
}

// Draft is the exact words for exact recipients, before release.
type Draft struct {
	Warning    WarningID   `json:"warning"`
	Version    int         `json:"version"` // 1, 2, ... within the warning; an edit makes a new version
	Case       CaseID      `json:"case"`
	Kind       WarningKind `json:"kind"`
	Message    MessageType `json:"message"`
	Refers     WarningID   `json:"refers,omitempty"` // the warning an update, cancel or all-clear is about
	Victims    []VictimID  `json:"victims"`          // whom it is about
	Marking    string      `json:"marking"`
	Window     Window      `json:"window"`    // validity of the words
	Reference  string      `json:"reference"` // what a recipient quotes when calling back
	Texts      []Text      `json:"texts"`
	Recipients []Recipient `json:"recipients"` // as they stood when the draft was made
	Gaps       []Gap       `json:"gaps,omitempty"`
	Facts      []Fact      `json:"facts,omitempty"` // what the words were made from
	Pack       PackRef     `json:"pack"`
	Authors    []ActorID   `json:"authors"` // everybody who wrote any of it; not part of the digest
}

// Digest binds an approval and a clearance: any change of words, recipients,
// rungs, window, marking, kind or victims changes it. Authors are left out
// because who wrote a text does not change what is sent.
func (d Draft) Digest() Digest {
	d.Authors = nil
	b, err := json.Marshal(d)
	if err != nil {
		panic("tocsin: a draft holds only values that marshal: " + err.Error())
	}
	return DigestOf(b)
}

// Text returns the words in the recipient's most preferred language that the
// draft has.
func (d Draft) Text(r Recipient) (Text, bool) {
	for _, l := range r.Languages {
		for _, t := range d.Texts {
			if t.Language == l {
				return t, true
			}
		}
	}
	return Text{}, false
}

// RightToLeft reports whether a language reads from right to left. It goes by the
// language and a script subtag where there is one
// (BCP 47): az-Arab reads the other way from az.
func RightToLeft(tag string) bool {
	parts := strings.Split(strings.ToLower(tag), "-")
	for _, p := range parts[1:] {
		if len(p) == 4 && p[0] >= 'a' {
			return slices.Contains([]string{"arab", "hebr", "syrc", "thaa", "nkoo", "adlm", "rohg"}, p)
		}
	}
	return slices.Contains([]string{"ar", "fa", "he", "iw", "ur", "ps", "prs", "ckb", "sd", "ug", "dv", "yi", "syr", "arc", "bal", "ks", "pnb", "azb", "nqo"}, parts[0])
}

// Recipient returns the recipient with the given id.
func (d Draft) Recipient(id RecipientID) (Recipient, bool) {
	for _, r := range d.Recipients {
		if r.ID == id {
			return r, true
		}
	}
	return Recipient{}, false
}

// Approval is one person's word that exactly these bytes may go to exactly
// these recipients.
type Approval struct {
	By     ActorID   `json:"by"`
	At     time.Time `json:"at"`
	Digest Digest    `json:"digest"`
	Note   string    `json:"note,omitempty"`
}

// GuardLevel is how much a finding of the guard weighs.
type GuardLevel string

// The levels of a finding.
const (
	GuardBlock GuardLevel = "block" // the words must change
	GuardAsk   GuardLevel = "ask"   // a named person must answer for it first, and the answer is recorded
	GuardNote  GuardLevel = "note"  // recorded, stops nothing
)

// GuardFinding is one reason why the guard refuses or asks, or a caution that it
// recorded. It never holds a protected term.
type GuardFinding struct {
	Check  string `json:"check"`  // "marking", "term", "approval", "window", "recipient", "digest", "consent", "content", "route", "copy", "rare", "collection", "metadata", "setting", "link", "support", "channel"
	Blocks bool   `json:"blocks"` // true if and only if Level is block
	What   string `json:"what"`
	Do     string `json:"do,omitempty"`
	Where  string `json:"where,omitempty"` // language and byte offset of the words concerned

	Level GuardLevel `json:"level,omitempty"`
	Rule  string     `json:"rule,omitempty"`  // the technique that found it, such as "term/transliterated"
	Why   string     `json:"why,omitempty"`   // why it matters
	Start int        `json:"start,omitempty"` // bytes of the text examined; both 0 if it is about no place in it
	End   int        `json:"end,omitempty"`
	ID    string     `json:"id,omitempty"` // of rule and words: stays the same when other words are edited

	AnsweredBy ActorID `json:"answered_by,omitempty"` // of an ask: who answered for it
	Answer     string  `json:"answer,omitempty"`      // and in which words
}

// Clearance is the guard's record that a draft may go out. It is a fact in the
// ledger; only package release can turn it back into something sendable.
type Clearance struct {
	Warning  WarningID      `json:"warning"`
	Version  int            `json:"version"`
	Digest   Digest         `json:"digest"`
	Pack     PackRef        `json:"pack"`
	At       time.Time      `json:"at"`
	Expires  time.Time      `json:"expires"`
	Released ActorID        `json:"released_by"`
	Exigent  bool           `json:"exigent,omitempty"`
	Cautions []GuardFinding `json:"cautions,omitempty"`
}

// Receipt is what a channel says happened to one attempt.
type Receipt struct {
	State   string    `json:"state"` // "sent": the next hop took it; "delivered": the recipient's own system took it; "assigned": a person has the task
	At      time.Time `json:"at"`
	Remote  string    `json:"remote,omitempty"` // the far side's own reference
	Detail  string    `json:"detail,omitempty"`
	Body    Digest    `json:"body"` // digest of the words handed over, compared with what was cleared
	Channel string    `json:"channel"`
}

// Service is the record of a warning given in person.
type Service struct {
	Person      string    `json:"person"` // who was told
	Place       string    `json:"place"`
	At          time.Time `json:"at"`
	Words       string    `json:"words"` // the words given, if other than the script
	Present     []string  `json:"present,omitempty"`
	Interpreter string    `json:"interpreter,omitempty"`
	Signed      bool      `json:"signed"`
	RefusedSign bool      `json:"refused_sign,omitempty"`
	Response    string    `json:"response,omitempty"`
	// Answer is how the person answered, "" if they gave no answer. To have been told
	// is not to have acknowledged: with neither an answer nor a signature the ladder goes on.
	Answer AckKind `json:"answer,omitempty"`
}

// AckKind is what a recipient answered.
type AckKind string

// The answers. WillAnswerLater is a promise, not an acknowledgement: the ladder
// goes on (T-08).
const (
	AckReceived     AckKind = "received"
	AckUnderstood   AckKind = "understood"
	AckActing       AckKind = "acting"
	AckRefused      AckKind = "refused"
	WillAnswerLater AckKind = "will_answer_later"
)

// AckKinds lists every answer.
func AckKinds() []AckKind {
	return []AckKind{AckReceived, AckUnderstood, AckActing, AckRefused, WillAnswerLater}
}

// Known reports whether the answer is one of those that there are.
func (k AckKind) Known() bool { return slices.Contains(AckKinds(), k) }

// Acknowledges reports whether the answer is an acknowledgement.
func (k AckKind) Acknowledges() bool {
	return k == AckReceived || k == AckUnderstood || k == AckActing
}
