// Package loopback is the channel of an exercise: it stands where a real channel
// would, takes every message that the guard has cleared, and sends nothing.
//
// A ladder runs over it as over the channel whose name it has, so that an exercise
// is played with the directory as it is. Nobody at the other end ever answers, so
// silence escalates as it would.
package loopback

import (
	"context"
	"time"

	"tocsin"
	"tocsin/deliver"
	"tocsin/paging"
	"tocsin/release"
)

// Channel is one channel of an exercise. It is safe for concurrent use.
type Channel struct {
	name string
	now  func() time.Time
}

var (
	_ deliver.Channel = (*Channel)(nil)
	_ paging.Pager    = (*Channel)(nil)
)

// New makes a channel that stands for the one called name; now is the clock of
// its receipts.
func New(name string, now func() time.Time) *Channel { return &Channel{name, now} }

// Name is the name of the channel that it stands for.
func (c *Channel) Name() string { return c.name }

// Send takes m and keeps it from leaving. The receipt's state is "sent", and its
// detail says that this is an exercise.
func (c *Channel) Send(ctx context.Context, m release.Message) (tocsin.Receipt, error) {
	if err := deliver.Admit(m, c.name); err != nil {
		return tocsin.Receipt{}, err
	}
	if err := ctx.Err(); err != nil {
		return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Temporary, Detail: "nothing was taken: the attempt was called off", Cause: err}
	}
	return tocsin.Receipt{State: "sent", At: tocsin.Instant(c.now()), Remote: "exercise " + string(m.Key()), Detail: "EXERCISE: nothing left this machine",
		Body: m.Body(), Channel: c.name}, nil
}

// Page takes a notice and keeps it from leaving, as Send does with a message.
func (c *Channel) Page(ctx context.Context, _ paging.Rung, n paging.Notice) (tocsin.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Temporary, Detail: "nothing was taken: the attempt was called off", Cause: err}
	}
	return tocsin.Receipt{State: "sent", At: tocsin.Instant(c.now()), Remote: "exercise " + string(n.Key()), Detail: "EXERCISE: nothing left this machine",
		Body: release.BodyDigest(n.Text()), Channel: c.name}, nil
}
