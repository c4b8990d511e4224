package casefile

import (
	"fmt"
	"slices"

	"tocsin"
)

// Underway is a message that has left and of which nobody knows that it arrived:
// sent is not delivered, and a task is not a visit.
type Underway struct {
	Key       tocsin.DeliveryKey `json:"delivery"`
	Warning   tocsin.WarningID   `json:"warning"`
	Message   tocsin.MessageType `json:"message"`
	Addressee string             `json:"addressee"`
	Channel   string             `json:"channel"`
	State     DeliveryState      `json:"state"` // sent, assigned or uncertain
}

// String tells it in a line.
func (u Underway) String() string {
	return fmt.Sprintf("%s (%s) to %s over %s is %s, not delivered and not acknowledged", u.Warning, u.Message, u.Addressee, u.Channel, u.State)
}

// OnTheWay lists what closing the case would leave unfollowed: the newest message
// of each thread, on every way on which it has left and is not known to have
// arrived, to recipients who have not acknowledged it. A message that ends a
// warning asks for no answer and has no clock once it has left, so that nothing
// else says that nobody knows whether it came.
//
// A case that has something on the way can be closed, since a withdrawal is often
// never answered, but only by somebody who says so: see CloseCase. What has yet to
// leave, or reached nobody, stands against closing altogether: see Obstacles.
func OnTheWay(s State) []Underway {
	var out []Underway
	for _, d := range s.Deliveries {
		left := d.State == Sent || d.State == Assigned || d.State == Uncertain
		if !left || s.superseded(d) || s.answered(d.Warning, d.Recipient) {
			continue
		}
		w, _ := s.Warning(d.Warning)
		out = append(out, Underway{d.Key, d.Warning, w.Draft.Message, d.Addressee, d.Channel, d.State})
	}
	return out
}

// Outdated lists the victims of w who have been described otherwise since its
// newest version was written: the words speak of them as they were described then.
func (s State) Outdated(w Warning) []tocsin.VictimID {
	var out []tocsin.VictimID
	for _, v := range s.Victims {
		if v.Corrected > w.Drafted && slices.Contains(w.Draft.Victims, v.ID) {
			out = append(out, v.ID)
		}
	}
	return out
}

// OutdatedEnd reports whether the duty towards v was ended before it was last
// described otherwise: whoever ended it decided about the former description.
func (v Victim) OutdatedEnd() bool {
	return v.Disposition.Ended() && v.Corrected > 0 && !v.CorrectedAt.Before(v.Since)
}
