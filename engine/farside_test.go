package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/scenario"
)

// farSide is a house whose lines are the real channels to real servers on this
// machine, which behave as they are told.
func farSide(t *testing.T, behaviour map[string]string) (*house, *scenario.Loopback) {
	t.Helper()
	clock := &scenario.Clock{}
	clock.To(begin)
	world, err := scenario.NewLoopback(clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	channels, err := world.Channels([]string{"consular-desk", "town-hall"})
	if err != nil {
		t.Fatal(err)
	}
	for at, how := range behaviour {
		var channel, address string
		if _, err := fmt.Sscan(at, &channel, &address); err != nil {
			t.Fatal(err)
		}
		if err := world.Behave(channel, address, how); err != nil {
			t.Fatal(err)
		}
	}
	h := open(t, func(h *house) { h.cfg.Channels, h.clock = channels, clock })
	return h, world
}

// pass lets time pass up to t, stopping at everything that falls due on the way.
func (h *house) passTo(t time.Time) {
	h.t.Helper()
	clock := h.clock.(*scenario.Clock)
	for {
		h.settle()
		at, ok, err := h.NextDue(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		if !ok || at.After(t) {
			clock.To(t)
			return
		}
		clock.To(at)
	}
}

// attempts tells what became of each attempt over one rung, in order, and how long
// after the first each began.
func (h *house) attempts(id tocsin.CaseID, rung int) (outcomes []string, waits []time.Duration) {
	h.t.Helper()
	s := h.state(id)
	var first time.Time
	for _, e := range h.events(id) {
		switch e := e.(type) {
		case casefile.DeliveryStarted:
			if d, _ := s.Delivery(e.Key); d.Rung == rung {
				if first.IsZero() {
					first = e.At
				}
				waits = append(waits, e.At.Sub(first))
			}
		case casefile.DeliveryFailed:
			if d, _ := s.Delivery(e.Key); d.Rung == rung {
				outcomes = append(outcomes, e.Class)
			}
		case casefile.DeliveryHanded:
			if d, _ := s.Delivery(e.Key); d.Rung == rung {
				outcomes = append(outcomes, e.Receipt.State)
			}
		}
	}
	return outcomes, waits
}

func TestTheLadderBearsWhateverTheFarSideDoes(t *testing.T) {
	for _, c := range []struct {
		name, at, how string
		to            tocsin.Recipient
		within        time.Duration
		outcomes      []string // of the first rung; the last repeats
		deliveries    []string
		arrived       map[string]int // keys, by channel
	}{
		{"the mail server refuses: the next rung at once", "smtp night@town.example", "refuses", mayor, 0,
			[]string{"permanent"}, []string{"w1/mayor/1 failed", "w1/mayor/2 delivered"}, map[string]int{"smtp": 0, "webhook": 1}},
		{"the hook refuses: the next rung at once", "webhook consular-desk", "refuses", consul, 0,
			[]string{"permanent"}, []string{"w1/consul/1 failed", "w1/consul/2 sent"}, map[string]int{"smtp": 1, "webhook": 0}},
		{"the mail server greylists: the same rung a little later", "smtp night@town.example", "greylists", mayor, 30 * time.Minute,
			[]string{"temporary", "sent"}, []string{"w1/mayor/1 sent"}, map[string]int{"smtp": 1, "webhook": 0}},
		{"the hook is overloaded: the same rung a little later", "webhook consular-desk", "greylists", consul, 30 * time.Minute,
			[]string{"temporary", "delivered"}, []string{"w1/consul/1 delivered"}, map[string]int{"smtp": 0, "webhook": 1}},
		{"the mail server takes the mail and says nothing: again under the same key", "smtp night@town.example", "drops the answer", mayor, 3 * time.Minute,
			[]string{"uncertain"}, nil, map[string]int{"smtp": 1, "webhook": 0}},
		{"the hook takes the message and breaks off: again under the same key", "webhook consular-desk", "drops the answer", consul, 3 * time.Minute,
			[]string{"uncertain"}, nil, map[string]int{"smtp": 0, "webhook": 1}},
		{"the hook hangs: again, and then the next rung", "webhook consular-desk", "hangs", consul, 5 * time.Hour,
			[]string{"uncertain"}, []string{"w1/consul/1 uncertain", "w1/consul/2 sent"}, map[string]int{"smtp": 1, "webhook": 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, world := farSide(t, map[string]string{c.at: c.how})
			id := h.warned(c.to)
			h.passTo(begin.Add(c.within))
			outcomes, waits := h.attempts(id, 0)
			for i, o := range outcomes {
				if want := c.outcomes[min(i, len(c.outcomes)-1)]; o != want {
					t.Errorf("attempt %d ended as %s, want %s", i+1, o, want)
				}
			}
			if len(outcomes) < len(c.outcomes) || len(waits) != len(outcomes) {
				t.Errorf("there were attempts at %v and outcomes %v", waits, outcomes)
			}
			if c.how != "refuses" && len(waits) < 2 {
				t.Errorf("it was tried once and never again: %v", waits)
			}
			for i := 2; i < len(waits); i++ {
				if waits[i]-waits[i-1] < waits[i-1]-waits[i-2] {
					t.Errorf("the waits between attempts do not grow: %v", waits)
				}
			}
			for channel, want := range c.arrived {
				if got := world.Received(channel); got != want {
					t.Errorf("%d messages arrived over %s, repeats left out; want %d", got, channel, want)
				}
			}
			if c.deliveries != nil {
				wantDeliveries(t, h.state(id), c.deliveries...)
			}
			h.proved()
		})
	}
}

func TestAnUncertainMessageThatIsTakenAtLastIsSentAndKnownAsOne(t *testing.T) {
	h, world := farSide(t, map[string]string{"smtp night@town.example": "drops the answer"})
	id := h.warned(mayor)
	h.settle()
	wantDeliveries(t, h.state(id), "w1/mayor/1 uncertain")
	if err := world.Behave("smtp", "night@town.example", "accepts"); err != nil {
		t.Fatal(err)
	}
	h.passTo(begin.Add(10 * time.Minute))
	wantDeliveries(t, h.state(id), "w1/mayor/1 sent")
	if outcomes, _ := h.attempts(id, 0); !slices.Equal(outcomes, []string{"uncertain", "sent"}) {
		t.Errorf("the attempts ended as %v", outcomes)
	}
	if got := world.Received("smtp"); got != 1 {
		t.Errorf("the receiver knows %d messages", got)
	}
	h.proved()
}

func TestSilenceEscalatesToTheNextRungOverTheRealChannels(t *testing.T) {
	h, world := farSide(t, nil)
	id := h.warned(consul)
	h.passTo(begin.Add(24 * time.Hour))
	wantDeliveries(t, h.state(id), "w1/consul/1 delivered", "w1/consul/2 sent")
	if world.Received("smtp") != 1 || world.Received("webhook") != 1 {
		t.Errorf("arrived are %d and %d", world.Received("smtp"), world.Received("webhook"))
	}
	s := h.state(id)
	i := slices.IndexFunc(of[casefile.ClockMissed](h.events(id)), func(m casefile.ClockMissed) bool {
		return m.Clock == tocsin.ClockAcknowledge && m.Target == string(s.Deliveries[0].Key)
	})
	if i < 0 {
		t.Error("nothing says that the answer did not come in time")
	}
	h.proved()
}
