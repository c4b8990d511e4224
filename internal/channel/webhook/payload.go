package webhook

import (
	"encoding/json"
	"time"

	"tocsin"
	"tocsin/release"
)

// Payload is the body of the request. It depends on the message alone, so a
// repeat has the same bytes.
//
// The directory's name and groups for the recipient are not in it: they are the
// organisation's own words about somebody, and were not cleared for anybody.
type Payload struct {
	Type      string             `json:"type"`      // "warning.alert", "warning.update", "warning.cancel", "warning.all_clear"
	Timestamp time.Time          `json:"timestamp"` // when the words were cleared, not when they were sent
	Key       tocsin.DeliveryKey `json:"key"`       // as in webhook-id
	Reference string             `json:"reference"` // to quote when calling back
	Kind      tocsin.WarningKind `json:"kind"`      // whom the warning speaks to
	Recipient tocsin.RecipientID `json:"recipient"` // an intermediary hands on to
	Marking   string             `json:"marking"`   // how the words may be handled
	Language  string             `json:"language"`  // BCP 47
	Subject   string             `json:"subject"`
	Body      string             `json:"body"`
	Window    tocsin.Window      `json:"window"` // validity of the words; an absent end is unknown, not unlimited
}

// Words are the warning's words.
func (p Payload) Words() tocsin.Text {
	return tocsin.Text{Language: p.Language, Subject: p.Subject, Body: p.Body}
}

// encode returns the request's body and the digest of the words read back from it.
func encode(m release.Message) ([]byte, tocsin.Digest, error) {
	t := m.Text()
	body, err := json.Marshal(Payload{
		Type:      "warning." + string(m.Type()),
		Timestamp: m.Cleared().UTC(),
		Key:       m.Key(),
		Reference: m.Reference(),
		Kind:      m.Kind(),
		Recipient: m.Recipient().ID,
		Marking:   m.Marking(),
		Language:  t.Language,
		Subject:   t.Subject,
		Body:      t.Body,
		Window:    m.Window(),
	})
	if err != nil {
		return nil, "", err
	}
	var back Payload
	if err := json.Unmarshal(body, &back); err != nil {
		return nil, "", err
	}
	return body, release.BodyDigest(back.Words()), nil
}
