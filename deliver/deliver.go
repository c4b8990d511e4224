// Package deliver is the Channel contract: one way to hand one cleared message
// to somebody, and what can be said afterwards.
//
// A channel takes a release.Message, which only the guard can make, and answers
// with a receipt or with a *Failure. It never decides whether, to whom or how
// often to send: that is the ladder's, in package casefile.
package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tocsin"
	"tocsin/release"
)

// Channel is one way to reach somebody. Every implementation passes
// deliver/delivertest.
//
// Send hands over the message's exact words under the message's key, which it
// carries to the receiver so that a repeat can be recognised. It returns a
// receipt whose Body is the digest of the words it really handed over. Any
// error is a *Failure. It honours ctx and is safe for concurrent use.
type Channel interface {
	Name() string // the Rung.Channel it serves
	Send(ctx context.Context, m release.Message) (tocsin.Receipt, error)
}

// Class says what a failed attempt means.
type Class string

// The classes.
const (
	Temporary Class = "temporary" // certainly not handed over; the same rung may work later
	Permanent Class = "permanent" // certainly not handed over, and never will be on this rung
	Uncertain Class = "uncertain" // it may have been handed over; repeat under the same key
)

// Failure is an attempt that did not end in a receipt.
type Failure struct {
	Class      Class
	Detail     string        // for an officer; never holds the warning's words
	RetryAfter time.Duration // as asked by the far side; 0 if it said nothing
	Cause      error
}

// Error names the class and the detail.
func (f *Failure) Error() string { return fmt.Sprintf("%s failure: %s", f.Class, f.Detail) }

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// AsFailure classifies err: a *Failure as it is, anything else as Uncertain,
// because an error that nobody classified says nothing about what the far side did.
func AsFailure(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Class: Uncertain, Detail: err.Error(), Cause: err}
}
