package tocsin

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// Digest names bytes by their SHA-256: "sha256:" and 64 hexadecimal digits.
type Digest string

// DigestOf returns the digest of b.
func DigestOf(b []byte) Digest {
	sum := sha256.Sum256(b)
	return Digest("sha256:" + hex.EncodeToString(sum[:]))
}

// Valid reports whether d has the form of a digest.
func (d Digest) Valid() bool {
	h, ok := strings.CutPrefix(string(d), "sha256:")
	if !ok || len(h) != 64 {
		return false
	}
	_, err := hex.DecodeString(h)
	return err == nil
}

// Report is one raw item as received. It is never edited: a correction is a
// new report. The raw bytes are kept beside it under Raw.
type Report struct {
	ID        ReportID  `json:"id"`
	Format    string    `json:"format"`               // "text", "email" or "json"
	Raw       Digest    `json:"raw"`                  // SHA-256 of the bytes as received
	Size      int       `json:"size"`                 // of the raw bytes
	Content   Digest    `json:"content"`              // of the normalised text and of attachments; equal for a re-post in another wrapping
	SourceKey string    `json:"source_key,omitempty"` // the sender's own key: Message-ID, serial; equal for a re-post
	Subject   string    `json:"subject,omitempty"`
	Text      string    `json:"text"` // UTF-8; Spans are byte offsets into it
	Language  string    `json:"language,omitempty"`
	Portions  []Portion `json:"portions"`

	Occurred time.Time `json:"occurred,omitzero"` // when the information was first known to anybody, as stated; zero if not stated
	Entered  time.Time `json:"entered"`           // when it reached this system

	Origin   string  `json:"origin,omitempty"`   // who really knew; empty is "unknown", which corroborates nothing
	Conveyor string  `json:"conveyor,omitempty"` // who passed it on
	Grading  Grading `json:"grading,omitzero"`

	Marking    string `json:"marking,omitempty"`    // banner as written
	Originator string `json:"originator,omitempty"` // the service that owns it, if not us
	Controlled bool   `json:"controlled,omitempty"` // originator control: release needs its consent, or the exigent path

	Attachments []Attachment `json:"attachments,omitempty"`
	Notes       []string     `json:"notes,omitempty"` // what the parser had to assume, such as a guessed charset
}

// FirstKnown is the moment from which clocks run: when anybody first knew,
// else when the report was entered. A stated time after entry is a clock error
// at the sender and does not buy time.
func (r Report) FirstKnown() time.Time {
	if r.Occurred.IsZero() || r.Occurred.After(r.Entered) {
		return r.Entered
	}
	return r.Occurred
}

// Portion is one paragraph of a report's text, with its own marking if it
// carries one in parentheses at the start, such as "(S//NF)".
type Portion struct {
	Start   int    `json:"start"` // byte offset in Text
	End     int    `json:"end"`
	Marking string `json:"marking,omitempty"`
}

// Attachment is a part of an e-mail that is not its text. Its bytes are within
// the raw bytes of the report.
type Attachment struct {
	Name  string `json:"name"`
	Media string `json:"media"` // media type as declared
	Size  int    `json:"size"`
	SHA   Digest `json:"sha256"`
}

// Grading rates source and information independently (Admiralty: A-F, 1-6;
// UK: 1-3, A-E). F and 6 mean "cannot be judged", not "bad". A grade never
// closes a case.
type Grading struct {
	Scheme      string `json:"scheme,omitempty"` // "admiralty" or "3x5x2"
	Source      string `json:"source,omitempty"`
	Information string `json:"information,omitempty"`
}

// Span is a stretch of a report's text, in bytes, with the words themselves so
// that a reader needs no look-up.
type Span struct {
	Report ReportID `json:"report"`
	Start  int      `json:"start"`
	End    int      `json:"end"`
	Quote  string   `json:"quote"`
}

// Quarantined is input that could not become a report. Nothing received is
// dropped: the bytes are kept under Raw and can be looked at.
type Quarantined struct {
	ID      string    `json:"id"`
	Raw     Digest    `json:"raw"`
	Size    int       `json:"size"`
	Media   string    `json:"media,omitempty"` // as declared by the sender
	Reason  string    `json:"reason"`          // why it could not be read
	Do      string    `json:"do,omitempty"`    // what to do about it
	Entered time.Time `json:"entered"`
	By      ActorID   `json:"by"`
}
