// Package inperson is service of a warning by a person: the channel of last
// resort and, for a threat to one life, often the first choice.
//
// Sending makes a task, not a delivery. The receipt's state is "assigned";
// that the warning was given is a fact only when a deliverer records it as a
// tocsin.Service. The package does no input or output: the task's queue and
// page belong to the console, which shows ScriptOf(m).
package inperson

import (
	"context"
	"fmt"
	"time"

	"tocsin"
	"tocsin/deliver"
	"tocsin/release"
)

// Name is the rung's channel that this package serves.
const Name = "in_person"

// Channel is the in-person channel. It is safe for concurrent use.
type Channel struct{ now func() time.Time }

var _ deliver.Channel = (*Channel)(nil)

// New makes the channel; now is the clock of its receipts, time.Now if nil.
func New(now func() time.Time) *Channel {
	if now == nil {
		now = time.Now
	}
	return &Channel{now: now}
}

// Name is "in_person".
func (c *Channel) Name() string { return Name }

// Send makes m a task for the deliverers. The receipt's Remote is the key,
// under which the task is found and a repeat of it is the same task.
func (c *Channel) Send(ctx context.Context, m release.Message) (tocsin.Receipt, error) {
	s, err := ScriptOf(m)
	if err != nil {
		return tocsin.Receipt{}, err
	}
	if err := ctx.Err(); err != nil {
		return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Temporary, Detail: "no task was made: the attempt was called off", Cause: err}
	}
	return tocsin.Receipt{
		State:   "assigned",
		At:      tocsin.Instant(c.now()),
		Remote:  string(s.Key),
		Detail:  fmt.Sprintf("service in person at %s is a task for the deliverers", s.Place),
		Body:    release.BodyDigest(s.Words),
		Channel: Name,
	}, nil
}
