// Package clocktest is the time that tests stand in.
package clocktest

import (
	"sync"
	"time"
)

// Clock stands still until a test moves it. It is safe for concurrent use, and
// implements engine.Clock and auth.Clock.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// At returns a clock that stands at t.
func At(t time.Time) *Clock { return &Clock{at: t} }

// Now returns where the clock stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Pass moves the clock on by d.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
