package paging

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"tocsin"
	"tocsin/deliver"
)

// ID names a page. It is the reference that a notice carries.
type ID string

// Prefix names the streams of pages, and their due work.
const Prefix = "page/"

// Cause is why somebody is paged.
type Cause string

// The causes.
const (
	Unread Cause = "unread" // nobody of the watch has looked at a report
	Raised Cause = "raised" // a missed clock of a case has been raised to a role
)

// Kinds of the events of a page.
const (
	OpenedKind       = "page_opened"
	StartedKind      = "page_started"
	HandedKind       = "page_handed"
	FailedKind       = "page_failed"
	AcknowledgedKind = "page_acknowledged"
	EndedKind        = "page_ended"
)

type (
	// Opened begins a page. Report or Case is what it is about, and is never sent.
	Opened struct {
		Cause  Cause           `json:"cause"`
		Report tocsin.ReportID `json:"report,omitempty"`
		Case   tocsin.CaseID   `json:"case,omitempty"`
		To     Ladder          `json:"to"`
		Since  time.Time       `json:"since"` // when the report came in, or the clock was raised
		First  time.Time       `json:"first"` // when the first notice goes out, at the earliest
		At     time.Time       `json:"at"`
	}
	// Started is the intent to send one notice, before it is sent.
	Started struct {
		Send   Send      `json:"send"`
		Worker string    `json:"worker"`
		At     time.Time `json:"at"`
	}
	// Handed is what came of an attempt that a pager took.
	Handed struct {
		Key     tocsin.DeliveryKey `json:"key"`
		Attempt int                `json:"attempt"`
		Receipt tocsin.Receipt     `json:"receipt"`
	}
	// Failed is what came of an attempt that it did not take, or of which nobody knows.
	Failed struct {
		Key     tocsin.DeliveryKey `json:"key"`
		Attempt int                `json:"attempt"`
		Class   deliver.Class      `json:"class"`
		Detail  string             `json:"detail"`
		Retry   time.Time          `json:"retry,omitzero"`
		At      time.Time          `json:"at"`
	}
	// Acknowledged says that somebody with the power has taken it on.
	Acknowledged struct {
		By tocsin.ActorID `json:"by"`
		At time.Time      `json:"at"`
	}
	// Ended says that what the page was about waits no more.
	Ended struct {
		Why string    `json:"why"`
		At  time.Time `json:"at"`
	}
)

// State is what became of a notice. Sent is not delivered.
type State string

// The states.
const (
	Sending   State = "started"
	Sent      State = "sent"      // taken on the way by somebody else's system
	Delivered State = "delivered" // taken by the system at the address; nobody is known to have read it
	NotSent   State = "failed"
	Uncertain State = "uncertain" // it may have gone; it is repeated under the same key
)

// Send is one notice to one rung, with all that its bytes are made of.
type Send struct {
	Key     tocsin.DeliveryKey `json:"key"`
	Number  int                `json:"number"` // among those of the page, from 0
	Rung    Rung               `json:"rung"`
	Waited  int                `json:"waited"` // minutes, as the notice says
	Origin  string             `json:"origin"`
	First   time.Time          `json:"first"` // when it was first tried
	Attempt int                `json:"attempt"`
	Lease   time.Time          `json:"lease"`

	State  State         `json:"-"`
	Class  deliver.Class `json:"-"`
	Detail string        `json:"-"`
	Retry  time.Time     `json:"-"`
	At     time.Time     `json:"-"` // of the outcome
}

// Page is one page as it stands.
type Page struct {
	ID ID
	Opened
	Sends []Send
	Acked Acknowledged
	Over  Ended
}

// Live reports whether notices of a page go on.
func (p Page) Live() bool { return p.Over.At.IsZero() && p.Acked.At.IsZero() }

// Quiet is when a page went quiet; zero if it has not.
func (p Page) Quiet() time.Time {
	if !p.Acked.At.IsZero() {
		return p.Acked.At
	}
	return p.Over.At
}

// Apply folds one event, as Decode gives it, into a page. It is total.
func (p Page) Apply(event any) Page {
	p.Sends = slices.Clone(p.Sends)
	switch e := event.(type) {
	case Opened:
		p.Opened = e
	case Started:
		e.Send.State, e.Send.At = Sending, e.At
		if i := p.at(e.Send.Key); i >= 0 {
			p.Sends[i] = e.Send
		} else {
			p.Sends = append(p.Sends, e.Send)
		}
	case Handed:
		if i := p.at(e.Key); i >= 0 {
			s := &p.Sends[i]
			s.State, s.Class, s.Detail, s.At = State(e.Receipt.State), "", e.Receipt.Detail, e.Receipt.At
		}
	case Failed:
		if i := p.at(e.Key); i >= 0 && p.Sends[i].Attempt == e.Attempt {
			s := &p.Sends[i]
			s.State, s.Class, s.Detail, s.Retry, s.At = NotSent, e.Class, e.Detail, e.Retry, e.At
			if e.Class == deliver.Uncertain {
				s.State = Uncertain
			}
		}
	case Acknowledged:
		p.Acked = e
	case Ended:
		p.Over = e
	}
	return p
}

func (p Page) at(key tocsin.DeliveryKey) int {
	return slices.IndexFunc(p.Sends, func(s Send) bool { return s.Key == key })
}

// Next says which notice is to go out next, and when. One that was tried and did
// not go, or may not have gone, is tried again under the same key until the next
// rung's turn comes. After the last rung the first follows again: silence never
// ends a page.
func (p Page) Next(plan Plan, now time.Time) (Send, time.Time) {
	n := len(p.Sends)
	if n == 0 {
		return p.send(plan, 0, now), p.First
	}
	last := p.Sends[n-1]
	again := last
	again.Attempt++
	rungs := max(len(plan.Ladders[p.To]), 1)
	leave := last.First.Add(plan.wait((n - 1) / rungs))
	switch {
	case last.State == Sending:
		return again, last.Lease // whoever has it may still say what happened
	case last.Class == deliver.Permanent && n%rungs != 0:
		leave = last.At // this address takes none: the next one at once
	case (last.State == Uncertain || last.Class == deliver.Temporary) && last.Retry.Before(leave):
		return again, last.Retry
	}
	return p.send(plan, n, now), leave
}

func (p Page) send(plan Plan, n int, now time.Time) Send {
	ladder := plan.Ladders[p.To]
	s := Send{Key: key(p.ID, n), Number: n, Waited: int(now.Sub(p.Since) / time.Minute), Origin: plan.Origin, First: now, Attempt: 1}
	if len(ladder) > 0 {
		s.Rung = ladder[n%len(ladder)]
	}
	return s
}

// key is the same for every attempt to send one notice, and tells nothing.
func key(id ID, n int) tocsin.DeliveryKey {
	sum := sha256.Sum256(fmt.Appendf(nil, "page/%s/%d", id, n))
	return tocsin.DeliveryKey(hex.EncodeToString(sum[:16]))
}
