package paging

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tocsin"
	"tocsin/deliver"
)

// Pager is one way to call one of the organisation's own people. A channel that
// carries warnings may be one too; what it is given here is another type, and it
// sends a release.Message nowhere but in deliver.Channel.Send.
//
// Page hands the notice's exact words over under the notice's key, which it carries
// to the receiver so that a repeat can be recognised. Errors are *deliver.Failure.
// It honours ctx and is safe for concurrent use.
type Pager interface {
	Name() string // the Rung.Channel it serves
	Page(ctx context.Context, to Rung, n Notice) (tocsin.Receipt, error)
}

// Set is the pagers of an installation by name.
type Set map[string]Pager

// Has reports whether there is a pager of that name.
func (s Set) Has(channel string) bool { _, ok := s[channel]; return ok }

// Page hands a notice to the pager that its rung names. Any error is a
// *deliver.Failure.
func (s Set) Page(ctx context.Context, to Rung, n Notice) (tocsin.Receipt, error) {
	p, ok := s[to.Channel]
	if !ok {
		return tocsin.Receipt{}, deliver.Refusal(tocsin.Faultf(tocsin.Invalid, "channel_not_configured", "Correct paging in the configuration.", "There is no channel %q here.", to.Channel))
	}
	if !n.Valid() {
		return tocsin.Receipt{}, deliver.Refusal(tocsin.Fault(tocsin.Invalid, "no_notice", "Nothing was sent: this is no notice of a page.", "This is a fault of the program: report it."))
	}
	r, err := p.Page(ctx, to, n)
	switch {
	case err != nil:
		return tocsin.Receipt{}, deliver.AsFailure(err)
	case State(r.State) != Sent && State(r.State) != Delivered:
		return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Uncertain, Detail: "the channel " + to.Channel + " does not say what it did; have the administrator look at it"}
	}
	return r, nil
}

// Notice is what goes out: that something waits, since when, and where to look.
// Nothing else fits into it. Only Page.Notice makes one.
type Notice struct {
	key    tocsin.DeliveryKey
	page   ID
	cause  Cause
	to     Ladder
	waited int
	at     time.Time
	origin string
}

// Notice is what s of the page says: always the same, whenever it is repeated.
func (p Page) Notice(s Send) (Notice, error) {
	n := Notice{s.Key, p.ID, p.Cause, p.To, max(s.Waited, 0), s.First, strings.TrimSuffix(s.Origin, "/")}
	if !n.Valid() {
		return Notice{}, tocsin.Fault(tocsin.Invalid, "no_notice", "No notice can be made of this page.", "Set access.origin to where the console is found.")
	}
	return n, nil
}

// Valid reports whether every part of n is of the closed form that it must have.
func (n Notice) Valid() bool {
	cause := n.cause == Unread || n.cause == Raised
	to := n.to == Duty || n.to == Senior || n.to == Supervisor
	return cause && to && tocsin.ValidID(string(n.page)) && tocsin.ValidID(string(n.key)) && originOK(n.origin)
}

// Key names the notice; it is the same for every attempt.
func (n Notice) Key() tocsin.DeliveryKey { return n.key }

// Page is the reference that every notice of one page carries.
func (n Notice) Page() ID { return n.page }

// Cause is why somebody is paged.
func (n Notice) Cause() Cause { return n.cause }

// To is the ladder that the address stands on.
func (n Notice) To() Ladder { return n.to }

// At is when the notice was first tried, which a channel uses where a format wants
// a date.
func (n Notice) At() time.Time { return n.at }

// Waited is how many minutes the notice says.
func (n Notice) Waited() int { return n.waited }

// Link leads to the page in the console, which shows who may see it what waits.
func (n Notice) Link() string { return n.origin + "/pages/" + string(n.page) }

// Text is the exact words.
func (n Notice) Text() tocsin.Text {
	what, was := n.unread()
	if n.cause == Raised {
		what, was = n.raised()
	}
	return tocsin.Text{Language: "en", Subject: "Tocsin: " + what + " [" + string(n.page) + "]",
		Body: what + "; open the console.\n" + n.Link() + "\n\n" + was + "; bitte die Oberfläche öffnen.\n"}
}

// unread is the sentence in English and German.
func (n Notice) unread() (string, string) {
	return "One report has been unread for " + count(n.waited, "minute", "minutes"), "Eine Meldung ist seit " + count(n.waited, "Minute", "Minuten") + " ungelesen"
}

func (n Notice) raised() (string, string) {
	ago, vor := count(n.waited, "minute", "minutes")+" ago", "vor "+count(n.waited, "Minute", "Minuten")
	if n.waited == 0 {
		ago, vor = "just now", "soeben"
	}
	to := map[Ladder][2]string{Duty: {"the duty officer", "den Diensthabenden"}, Senior: {"the senior officer", "der Leitung"}, Supervisor: {"the supervisor", "der Aufsicht"}}[n.to]
	return "A missed clock was raised to " + to[0] + " " + ago, "Eine versäumte Frist wurde " + vor + " " + to[1] + " gemeldet"
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
