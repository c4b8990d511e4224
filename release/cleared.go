// Package release is the guard. It alone makes a Cleared, and only what comes
// out of a Cleared can be sent.
//
// Check looks at a draft and answers with a Cleared or with the findings that
// stop it. Reopen turns a recorded clearance back into a Cleared after a
// restart. There is no third way: the fields are unexported, and the zero
// values are refused by every method.
package release

import (
	"time"

	"tocsin"
)

// Cleared is a draft that the guard has cleared.
type Cleared struct {
	draft     tocsin.Draft
	clearance tocsin.Clearance
}

// Message is one cleared message to one addressee over one rung. Only
// Cleared.Message makes one.
type Message struct {
	key       tocsin.DeliveryKey
	recipient tocsin.Recipient
	rung      tocsin.Rung
	text      tocsin.Text
	draft     tocsin.Draft
	clearance tocsin.Clearance
}

// Clearance returns the record of the clearing.
func (c Cleared) Clearance() tocsin.Clearance { return cloneClearance(c.clearance) }

// Message returns the message to recipient over the rung with the given index
// (from 0). It is an error of kind Refused if c is the zero value, has expired
// at now, or does not name that recipient and rung.
func (c Cleared) Message(key tocsin.DeliveryKey, recipient tocsin.RecipientID, rung int, now time.Time) (Message, error) {
	if c.clearance.Digest == "" {
		return Message{}, tocsin.Fault(tocsin.Refused, "not_cleared", "The warning has not been cleared by the guard.", "Release it first.")
	}
	if !now.Before(c.clearance.Expires) {
		return Message{}, expired(c.clearance)
	}
	r, ok := c.draft.Recipient(recipient)
	if !ok || rung < 0 || rung >= len(r.Ladder) {
		return Message{}, tocsin.Faultf(tocsin.Refused, "recipient_not_cleared", "Add the recipient to a new version of the warning and release that.", "Recipient %s, rung %d is not in what was cleared.", recipient, rung+1)
	}
	t, ok := c.draft.Text(r)
	if !ok {
		return Message{}, tocsin.Faultf(tocsin.Refused, "no_language", "Write the warning in one of the recipient's languages.", "Nothing was cleared in a language of %s.", recipient)
	}
	if key == "" {
		return Message{}, tocsin.Fault(tocsin.Refused, "delivery_without_key", "The message has no delivery key, so a repeat could not be recognised.", "This is a fault of the program: report it.")
	}
	return Message{key: key, recipient: r, rung: r.Ladder[rung], text: t, draft: c.draft, clearance: c.clearance}, nil
}

// Valid reports whether m came out of a Cleared.
func (m Message) Valid() bool { return m.clearance.Digest != "" && m.key != "" }

// Key names the message; it is the same for every attempt.
func (m Message) Key() tocsin.DeliveryKey { return m.key }

// Rung is the channel and address.
func (m Message) Rung() tocsin.Rung { return cloneRung(m.rung) }

// Recipient is who is to be warned.
func (m Message) Recipient() tocsin.Recipient { return cloneRecipient(m.recipient) }

// Text is the exact words. A channel hands over these bytes and no others.
func (m Message) Text() tocsin.Text { return m.text }

// Body is the digest of the words, which a channel's receipt must repeat.
func (m Message) Body() tocsin.Digest { return BodyDigest(m.text) }

// Marking is the marking of the words.
func (m Message) Marking() string { return m.draft.Marking }

// Reference is what the recipient quotes when calling back.
func (m Message) Reference() string { return m.draft.Reference }

// Type is alert, update, cancel or all-clear.
func (m Message) Type() tocsin.MessageType { return m.draft.Message }

// Kind is whom the warning speaks to.
func (m Message) Kind() tocsin.WarningKind { return m.draft.Kind }

// Window is the validity of the words.
func (m Message) Window() tocsin.Window { return m.draft.Window }

// Cleared is when the guard cleared the message, which a channel uses where a
// format wants a date, so that a repeat is the same to the byte.
func (m Message) Cleared() time.Time { return m.clearance.At }

// BodyDigest is the digest of a text's subject and body.
func BodyDigest(t tocsin.Text) tocsin.Digest {
	return tocsin.DigestOf([]byte(t.Language + "\x00" + t.Subject + "\x00" + t.Body))
}
