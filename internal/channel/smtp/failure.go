package smtp

import (
	"context"
	"errors"
	"fmt"
	"os"

	"tocsin/deliver"
	"tocsin/release"
)

// stopped is a dialogue that did not end in acceptance: where it stopped, and
// either the server's reply or the error that left us without one.
type stopped struct {
	at     string // "connecting", "STARTTLS", "AUTH", "MAIL FROM", "RCPT TO", "DATA", "the message"
	reply  reply
	err    error
	dotted bool   // the final dot had been handed to the connection: the server may have everything
	never  string // why this server cannot take this mail at all; then there is neither reply nor error
}

func (s *stopped) Error() string {
	switch {
	case s.never != "":
		return s.never
	case s.err != nil:
		return s.at + ": " + s.err.Error()
	}
	return s.at + ": " + s.reply.status()
}

func (s *stopped) Unwrap() error { return s.err }

// class is what the stop says about the message. A reply with a code is an
// answer even to the final dot: the server says that it did not take the mail.
func (s *stopped) class() deliver.Class {
	switch {
	case s.never != "", s.err == nil && s.reply.code/100 == 5:
		return deliver.Permanent
	case s.err == nil && s.reply.code/100 == 4:
		return deliver.Temporary
	case s.dotted:
		return deliver.Uncertain
	}
	return deliver.Temporary
}

// unused reports whether the connection, not the mail, was at fault before any
// of the mail was sent. 421 says that the server is closing (RFC 5321 section 3.8).
func (s *stopped) unused() bool {
	return !s.dotted && s.never == "" && (s.err != nil || s.reply.code == 421)
}

// failure turns what happened into what an officer reads. secrets must not
// appear in it.
func failure(err error, server string, m release.Message, secrets []string) *deliver.Failure {
	var s *stopped
	if !errors.As(err, &s) {
		return &deliver.Failure{Class: deliver.Temporary, Detail: "nothing was sent: " + err.Error(), Cause: err}
	}
	f := &deliver.Failure{Class: s.class(), Cause: s}
	said := ""
	if t := deliver.Quote(s.reply.text(), m, secrets...); t != "" {
		said = fmt.Sprintf(", saying %q", t)
	}
	switch {
	case s.never != "":
		f.Detail = "nothing was sent: " + s.never
	case f.Class == deliver.Uncertain:
		f.Detail = fmt.Sprintf("the whole mail was given to %s, and then %s; it may have been taken. A repeat carries the same Message-ID", server, lost(s.err))
	case s.err != nil:
		f.Detail = fmt.Sprintf("nothing was sent: at %s with %s, %s", s.at, server, lost(s.err))
	case f.Class == deliver.Permanent:
		f.Detail = fmt.Sprintf("%s refused for good at %s (%s)%s", server, s.at, s.reply.status(), said)
	case s.reply.greylisted():
		f.Detail = fmt.Sprintf("%s is greylisting and will take the mail later; it put it off at %s (%s)%s", server, s.at, s.reply.status(), said)
	default:
		f.Detail = fmt.Sprintf("%s put the mail off at %s (%s)%s", server, s.at, s.reply.status(), said)
	}
	f.RetryAfter = s.reply.retryAfter()
	return f
}

// lost words an error for an officer.
func lost(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "the attempt was called off"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer came in time"
	case errors.Is(err, errReply):
		return "what came back was not an answer of a mail server"
	}
	return "the connection failed: " + err.Error()
}
