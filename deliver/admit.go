package deliver

import (
	"tocsin"
	"tocsin/release"
)

// MaxKey is the longest delivery key, in bytes, that every channel can carry.
const MaxKey = 128

// Admit refuses what no channel may send: a message that the guard did not
// make, one for another channel, and a key that cannot be carried in a header.
// That the words are UTF-8 is the guard's check, not repeated here. channel is
// the caller's own name. Every Send begins with it. A refusal is a *Failure of
// class Permanent whose cause is a *tocsin.Error.
func Admit(m release.Message, channel string) error {
	switch {
	case !m.Valid():
		return Refusal(tocsin.Fault(tocsin.Refused, "not_cleared", "Nothing was sent: the message has not been cleared by the guard.", "Release the warning first."))
	case m.Rung().Channel != channel:
		return Refusal(tocsin.Faultf(tocsin.Invalid, "wrong_channel", "Send it over the channel that its rung names.",
			"Nothing was sent: the message is for channel %q, not %q.", m.Rung().Channel, channel))
	case !carriable(string(m.Key())):
		return Refusal(tocsin.Faultf(tocsin.Invalid, "delivery_key", "Use up to 128 visible ASCII characters.",
			"Nothing was sent: the delivery key %.40q cannot be carried to the receiver.", m.Key()))
	}
	return nil
}

// Refusal is the Failure for something that the channel itself will not send,
// now or later.
func Refusal(e *tocsin.Error) *Failure {
	return &Failure{Class: Permanent, Detail: e.Error(), Cause: e}
}

func carriable(key string) bool {
	if key == "" || len(key) > MaxKey {
		return false
	}
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
