package delivertest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin"
	"tocsin/deliver"
	"tocsin/deliver/delivertest"
	"tocsin/release"
)

// memory is a channel and its receiver in one, without a network: the suite's
// own test piece. fault plants one fault.
type memory struct {
	setup   delivertest.Setup
	fault   string
	reached chan struct{}
	goOn    chan struct{}

	mu       sync.Mutex
	attempts int
	arrived  []delivertest.Arrival
}

func (c *memory) Name() string { return "memory" }

func (c *memory) Send(ctx context.Context, m release.Message) (tocsin.Receipt, error) {
	if err := deliver.Admit(m, "memory"); err != nil && c.fault != "sends what was not cleared" {
		return tocsin.Receipt{}, err
	}
	if ctx.Err() != nil && c.fault != "ignores the end of the context" {
		return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Temporary, Detail: "called off", Cause: ctx.Err()}
	}
	c.mu.Lock()
	c.attempts++
	first := c.attempts == 1
	c.mu.Unlock()
	if f := c.misbehave(ctx, m, first); f != nil {
		return tocsin.Receipt{}, f
	}
	c.keep(m)
	body := m.Body()
	if c.fault == "vouches for other words" {
		body = tocsin.DigestOf(nil)
	}
	return tocsin.Receipt{State: "sent", At: delivertest.Moment.Truncate(time.Microsecond), Body: body, Channel: "memory"}, nil
}

func (c *memory) keep(m release.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := delivertest.Arrival{Key: m.Key(), Subject: m.Text().Subject, Body: m.Text().Body, Payload: []byte(m.Text().Body)}
	switch c.fault {
	case "trims the words":
		a.Body = strings.TrimSpace(a.Body)
	case "names each attempt anew":
		a.Key += tocsin.DeliveryKey(strings.Repeat("x", c.attempts))
	case "stamps each attempt":
		a.Payload = append(a.Payload, byte(c.attempts))
	case "loses some of many":
		if c.attempts == 17 {
			return
		}
	case "sends twice":
		c.arrived = append(c.arrived, a)
	}
	c.arrived = append(c.arrived, a)
}

// misbehave plays the receiver's part; nil means that it takes the message.
func (c *memory) misbehave(ctx context.Context, m release.Message, first bool) *deliver.Failure {
	fail := func(class deliver.Class, detail string) *deliver.Failure {
		return &deliver.Failure{Class: class, Detail: detail}
	}
	switch b := c.setup.Behaviour; {
	case b == delivertest.RefuseForEver && c.fault == "thinks refusals pass":
		return fail(deliver.Temporary, "refused")
	case b == delivertest.RefuseEchoing && c.fault == "repeats what the far side said":
		return fail(deliver.Permanent, "refused: "+m.Text().Body)
	case b == delivertest.RefuseEchoing && c.fault == "shows the credentials":
		return fail(deliver.Permanent, "refused for token-5")
	case b == delivertest.RefuseForEver && c.fault == "gives no reason":
		return fail(deliver.Permanent, "")
	case b == delivertest.RefuseForEver, b == delivertest.RefuseEchoing:
		return fail(deliver.Permanent, "refused")
	case b == delivertest.Absent:
		return fail(deliver.Temporary, "nobody there")
	case b == delivertest.RefuseForNow && first:
		f := fail(deliver.Temporary, "busy")
		if c.fault != "does not hear how long to wait" {
			f.RetryAfter = 300 * time.Second
		}
		return f
	case b == delivertest.AcceptAndDrop && first:
		c.keep(m)
		if c.fault == "thinks lost answers are refusals" {
			return fail(deliver.Temporary, "lost")
		}
		return fail(deliver.Uncertain, "lost")
	case (b == delivertest.ResetBefore || b == delivertest.ResetMidway) && first:
		return fail(deliver.Temporary, "reset")
	case b == delivertest.HangBefore:
		return c.hang(ctx, deliver.Temporary)
	case b == delivertest.HangAfter:
		c.keep(m)
		return c.hang(ctx, deliver.Uncertain)
	case b == delivertest.Slow:
		c.reached <- struct{}{}
		if c.fault != "does not wait" {
			<-c.goOn
		}
	}
	return nil
}

func (c *memory) hang(ctx context.Context, class deliver.Class) *deliver.Failure {
	c.reached <- struct{}{}
	done := ctx.Done()
	if c.fault == "waits on although called off" {
		done = nil
	}
	select {
	case <-done:
		return &deliver.Failure{Class: class, Detail: "called off", Cause: ctx.Err()}
	case <-time.After(c.setup.Patience):
		return &deliver.Failure{Class: class, Detail: "no answer in time"}
	}
}

func harness(fault string) delivertest.Harness {
	limit := time.Duration(0)
	if fault != "" {
		limit = time.Second // it is to fail; the sooner the better
	}
	return delivertest.Harness{Name: "memory", State: "sent", Secrets: []string{"token-5"}, Remote: true, Limit: limit,
		Start: func(_ testing.TB, s delivertest.Setup) delivertest.Far {
			c := &memory{setup: s, fault: fault, reached: make(chan struct{}, 10), goOn: make(chan struct{})}
			return delivertest.Far{Channel: c, Address: "somewhere", Reached: c.reached, Continue: func() { close(c.goOn) },
				Arrived: func() []delivertest.Arrival {
					c.mu.Lock()
					defer c.mu.Unlock()
					return append([]delivertest.Arrival(nil), c.arrived...)
				}}
		}}
}

const planted = "TOCSIN_TEST_PLANTED_FAULT"

// TestSuite passes without a fault. With one it is run by TestTheSuiteCatches,
// as a program of its own, because a test that fails fails the whole run.
func TestSuite(t *testing.T) {
	delivertest.Run(t, harness(os.Getenv(planted)))
}

func TestTheSuiteCatches(t *testing.T) {
	for _, fault := range []string{
		"sends what was not cleared", "ignores the end of the context", "vouches for other words", "trims the words",
		"names each attempt anew", "stamps each attempt", "loses some of many", "sends twice", "thinks refusals pass",
		"repeats what the far side said", "shows the credentials", "gives no reason", "does not hear how long to wait",
		"thinks lost answers are refusals", "does not wait", "waits on although called off",
	} {
		t.Run("a channel that "+fault, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestSuite$")
			cmd.Env = append(os.Environ(), planted+"="+fault)
			if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "--- FAIL: TestSuite/") {
				t.Errorf("the suite passes it: %v\n%s", err, out)
			}
		})
	}
}
