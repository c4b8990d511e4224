package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/deliver"
	"tocsin/engine"
	"tocsin/ledger"
	"tocsin/release"
	"tocsin/view"
)

// watched is a store that lets a test act at the moment before an append.
type watched struct {
	ledger.Store
	before func(batches []ledger.Batch)
}

func (w *watched) Append(ctx context.Context, batches ...ledger.Batch) (int64, error) {
	if w.before != nil {
		w.before(batches)
	}
	return w.Store.Append(ctx, batches...)
}

// beforeStart makes the house's engine call f once, just before it writes down
// that it is about to send.
func (h *house) beforeStart(f func()) {
	w := &watched{Store: h.store}
	w.before = func(batches []ledger.Batch) {
		if w.before != nil && batches[0].Records[0].Kind == (casefile.DeliveryStarted{}).Kind() {
			w.before = nil
			f()
		}
	}
	plain := h.store
	h.store = w
	h.restart()
	h.store = plain
}

var machine = tocsin.Actor{ID: "tocsin", Name: "Tocsin", Roles: []tocsin.Role{tocsin.Machine}}

// takenBack withdraws w1 through e, which may be another process than the house's.
func (h *house) takenBack(e *engine.Engine, id tocsin.CaseID) {
	ctx := h.t.Context()
	r := wording("consul")
	r.Message, r.Refers = tocsin.Cancel, "w1"
	r.Facts = slices.DeleteFunc(r.Facts, func(f tocsin.Fact) bool {
		return slices.Contains([]string{"affected", "harm", "when", "where"}, f.Item)
	})
	r.Facts = append(r.Facts, tocsin.Fact{Item: "changed", Values: map[string]string{"en": "The warning is withdrawn."}, Releasable: true})
	res := must(e.Draft(ctx, anna, id, r, engine.Options{}))(h.t)
	w := res.State.Warnings[len(res.State.Warnings)-1]
	must(e.Do(ctx, rui, id, casefile.ApproveWarning{Warning: w.ID, Digest: w.Digest}, engine.Options{}))(h.t)
	res = must(e.Release(ctx, rui, id, w.ID, engine.Options{}))(h.t)
	if got, _ := res.State.Warning(w.ID); got.Clearance == nil {
		h.t.Fatalf("the guard refuses the withdrawal: %v", got.Refused)
	}
}

func TestAWarningTakenBackBeforeItLeavesIsNeverSent(t *testing.T) {
	for name, race := range map[string]bool{"between the plan and the worker": false, "between the worker's look and its first word": true} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			id := h.warned(consul)
			raced := !race
			if race {
				other := h.second("w2")
				h.beforeStart(func() { raced = true; h.takenBack(other, id) })
			} else {
				h.takenBack(h.Engine, id)
			}
			h.settle()
			if !raced {
				t.Fatal("the race did not come about")
			}
			wantDeliveries(t, h.state(id), "w1/consul/1 stopped")
			if got := append(h.hook.sends(), h.post.sends()...); len(got) != 0 {
				t.Errorf("%d messages were sent: %v", len(got), got)
			}
			if s := of[casefile.DeliveryStarted](h.events(id)); len(s) != 0 {
				t.Errorf("the record says that sending began: %v", s)
			}
			h.proved()
		})
	}
}

func TestWhatOneWorkerHasTakenDoesNotHoldTheOthersBack(t *testing.T) {
	h := open(t)
	id := h.warned(consul, mayor)
	first := h.state(id).Deliveries[0]
	other := h.second("w2")
	h.beforeStart(func() {
		must(other.Do(t.Context(), machine, id, casefile.StartDeliveries{Keys: []tocsin.DeliveryKey{first.Key}, Worker: "w2", Lease: begin.Add(lease)}, engine.Options{}))(t)
	})
	h.settle()
	wantDeliveries(t, h.state(id), "w1/consul/1 started", "w1/mayor/1 sent")
	if got := h.hook.sends(); len(got) != 0 {
		t.Errorf("what the other worker had taken was sent as well: %v", got)
	}
	h.proved()
}

func TestAWorkerThatHangsPastItsLeaseMayStillSayWhatHappened(t *testing.T) {
	h := open(t)
	hanging, letGo := make(chan struct{}), make(chan struct{})
	h.hook.does = func(_ context.Context, m release.Message, try int) (tocsin.Receipt, error) {
		if try == 1 {
			close(hanging)
			<-letGo // and does not listen to its context
			return taken(m), nil
		}
		return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Uncertain, Detail: "no answer"}
	}
	id := h.warned(consul)
	slow := make(chan error)
	go func() { slow <- h.Settle(t.Context()) }()
	<-hanging
	other := h.second("w2")
	if err := other.Settle(t.Context()); err != nil || len(h.hook.sends()) != 1 {
		t.Fatalf("within the lease another worker sends %d times, %v", len(h.hook.sends()), err)
	}
	h.hand.pass(lease)
	if err := other.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(letGo)
	if err := <-slow; err != nil {
		t.Fatal(err)
	}
	sends := h.hook.sends()
	if len(sends) != 2 || sends[0] != sends[1] {
		t.Errorf("sent were %v; want the same message twice under one key", sends)
	}
	wantDeliveries(t, h.state(id), "w1/consul/1 sent")
	events := h.events(id)
	if s, f, r := of[casefile.DeliveryStarted](events), of[casefile.DeliveryFailed](events), of[casefile.DeliveryHanded](events); len(s) != 2 || s[0].Worker == s[1].Worker ||
		len(f) != 2 || f[0].Class != "uncertain" || len(r) != 1 || r[0].Attempt != 1 {
		t.Errorf("recorded are starts %v, failures %v, receipts %v", s, f, r)
	}
	h.proved()
}

func TestAnAnswerThatComesWhileTheNextRungIsBeingTriedEndsTheLadder(t *testing.T) {
	h := open(t)
	id := h.warned(consul)
	h.settle()
	// Nobody answers in time, and the next rung's server hangs past its lease.
	due := func(name tocsin.ClockName) time.Time {
		for _, c := range casefile.Clocks(h.state(id)) {
			if c.Name == name {
				return c.Due
			}
		}
		t.Fatalf("no clock %s runs", name)
		return time.Time{}
	}
	h.hand.set(due(tocsin.ClockAcknowledge))
	hanging, letGo := make(chan struct{}), make(chan struct{})
	h.post.does = func(_ context.Context, m release.Message, _ int) (tocsin.Receipt, error) {
		close(hanging)
		<-letGo
		return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Uncertain, Detail: "no answer"}
	}
	slow := make(chan error)
	go func() { slow <- h.Settle(t.Context()) }()
	<-hanging
	wantDeliveries(t, h.state(id), "w1/consul/1 sent", "w1/consul/2 started")
	h.do(paul, id, casefile.Acknowledge{Key: h.state(id).Deliveries[0].Key, Answer: tocsin.AckActing, Person: "duty consul"})
	h.proved()
	h.hand.pass(lease)
	other := h.second("w2")
	if err := other.Settle(t.Context()); err != nil {
		t.Error(err)
	}
	close(letGo)
	if err := <-slow; err != nil {
		t.Error(err)
	}
	h.settle()
	if n := len(h.post.sends()); n != 1 {
		t.Errorf("after the answer the next rung was tried %d times", n)
	}
	if v, _ := h.state(id).Victim("v1"); v.Disposition != casefile.ObligationDischarged {
		t.Errorf("the obligation is %s", v.Disposition)
	}
	must(0, h.Follow(t.Context()))(t)
	h.proved()
}

func TestAReceiptForOtherWordsIsNotCalledSent(t *testing.T) {
	h := open(t)
	h.hook.does = func(_ context.Context, m release.Message, _ int) (tocsin.Receipt, error) {
		r := taken(m)
		r.Body = tocsin.DigestOf([]byte("something else"))
		return r, nil
	}
	id := h.warned(consul)
	h.settle()
	wantDeliveries(t, h.state(id), "w1/consul/1 uncertain")
	if r := of[casefile.DeliveryHanded](h.events(id)); len(r) != 0 {
		t.Errorf("a receipt is recorded: %v", r)
	}
	h.proved()
}

func TestAChannelThatBreaksTakesNoOtherWarningWithIt(t *testing.T) {
	h := open(t)
	h.hook.does = func(context.Context, release.Message, int) (tocsin.Receipt, error) { panic("index out of range") }
	id := h.warned(consul, mayor)
	h.settle()
	wantDeliveries(t, h.state(id), "w1/consul/1 uncertain", "w1/mayor/1 sent")
	if !strings.Contains(h.log.String(), "a channel broke") {
		t.Errorf("nobody is told: %s", h.log)
	}
	h.proved()
}

func TestAChannelThatIsNotThereLeadsToTheNextRung(t *testing.T) {
	h := open(t, func(h *house) { h.cfg.Channels = deliver.Set{"smtp": h.post} })
	id := h.warned(consul)
	h.settle()
	wantDeliveries(t, h.state(id), "w1/consul/1 failed", "w1/consul/2 sent")
	h.proved()
}

// bubble is the time inside a synctest bubble, counted from begin.
type bubble struct{ from time.Time }

func (b bubble) Now() time.Time { return begin.Add(time.Since(b.from)) }

func inBubble(h *house) { h.clock = bubble{time.Now()} }

func TestADeadServerDoesNotHoldUpAnUrgentWarningOfAnotherCase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, inBubble, func(h *house) { h.cfg.Parallel = 2 })
		h.post.does = func(ctx context.Context, _ release.Message, _ int) (tocsin.Receipt, error) {
			<-ctx.Done() // a server that takes the connection and never answers
			return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Uncertain, Detail: "no answer came in time", Cause: ctx.Err()}
		}
		sent := make(chan time.Time, 1)
		h.hook.does = func(_ context.Context, m release.Message, _ int) (tocsin.Receipt, error) {
			sent <- h.clock.Now()
			return taken(m), nil
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.Run(ctx) }()
		const dead = 40 // far more than places in one case
		for range dead {
			h.warned(mayor)
		}
		synctest.Wait()
		if n := len(h.post.sends()); n != dead {
			t.Fatalf("%d of %d messages hang", n, dead)
		}
		urgent := h.warned(consul)
		released := h.clock.Now()
		select {
		case at := <-sent:
			if took := at.Sub(released); took > 10*time.Millisecond {
				t.Errorf("the urgent warning left %s after its release", took)
			}
		case <-time.After(lease):
			t.Error("the urgent warning has not left")
		}
		synctest.Wait()
		wantDeliveries(t, h.state(urgent), "w1/consul/1 sent")
		// The dead server's own cases are not forgotten: the attempt ends within its
		// lease, and is repeated or passed on.
		time.Sleep(lease)
		synctest.Wait()
		for _, id := range order(h) {
			if id != urgent && len(of[casefile.DeliveryFailed](h.events(id))) == 0 {
				t.Errorf("case %s: nothing says that the attempt came to nothing", id)
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the worker ends with %v", err)
		}
		h.proved()
	})
}

func order(h *house) (ids []tocsin.CaseID) {
	h.Read(func(x *view.Index) { ids = slices.Clone(x.CaseOrder) })
	return ids
}

func TestManyMessagesOfOneCaseAreStartedOnlyAsTheyCanBeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, inBubble, func(h *house) { h.cfg.Parallel = 3 })
		var mu sync.Mutex
		now, most := 0, 0
		h.post.does = func(ctx context.Context, m release.Message, _ int) (tocsin.Receipt, error) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(20 * time.Second) // a third of a lease: in one go, most would start after theirs has ended
			mu.Lock()
			now--
			mu.Unlock()
			return taken(m), ctx.Err()
		}
		var many []tocsin.Recipient
		for i := range 20 {
			r := mayor
			r.ID = tocsin.RecipientID(fmt.Sprintf("town-%02d", i))
			many = append(many, r)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.Run(ctx) }()
		id := h.warned(many...)
		time.Sleep(10 * lease)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if most != 3 {
			t.Errorf("%d messages were being sent at once", most)
		}
		handed := map[tocsin.DeliveryKey]int{}
		for _, s := range h.post.sends() {
			handed[s.key]++
		}
		for k, n := range handed {
			if n > 1 {
				t.Errorf("message %s was sent %d times", k, n)
			}
		}
		for _, d := range deliveries(h.state(id)) {
			if !strings.HasSuffix(d, "/1 sent") {
				t.Errorf("delivery %s", d)
			}
		}
		if len(handed) != len(many) {
			t.Errorf("%d of %d messages were sent", len(handed), len(many))
		}
		h.proved()
	})
}

func TestTwoProcessesOnOneRecordSendEachMessageOnce(t *testing.T) {
	h := open(t)
	var cases []tocsin.CaseID
	for range 12 {
		cases = append(cases, h.warned(consul, mayor))
	}
	engines := []*engine.Engine{h.Engine, h.second("w2"), h.second("w3")}
	var wg sync.WaitGroup
	for range 4 { // more than once each, because whoever comes late must find nothing
		for _, e := range engines {
			wg.Go(func() {
				if err := e.Settle(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	times := map[tocsin.DeliveryKey]int{}
	for _, s := range append(h.hook.sends(), h.post.sends()...) {
		times[s.key]++
	}
	for k, n := range times {
		if n != 1 {
			t.Errorf("message %s was sent %d times", k, n)
		}
	}
	if len(times) != 2*len(cases) {
		t.Errorf("%d of %d messages were sent", len(times), 2*len(cases))
	}
	for _, e := range engines {
		if err := e.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.Engine = e
		h.proved()
	}
}

func TestWorkThatFailsIsTriedAgainSoonAndNotOnlyWhenItsLeaseEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, inBubble)
		w := &watched{Store: h.store}
		h.store = w
		h.restart()
		id := h.warned(consul)
		failures := 2
		broken := errors.New("the disk does not answer")
		w.Store = failing{w.Store, func(b ledger.Batch) error {
			if len(b.Records) > 0 && b.Records[0].Kind == (casefile.DeliveryStarted{}).Kind() && failures > 0 {
				failures--
				return broken
			}
			return nil
		}}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.Run(ctx) }()
		time.Sleep(5 * time.Second)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		wantDeliveries(t, h.state(id), "w1/consul/1 sent")
		if failures != 0 || !strings.Contains(h.log.String(), "trying again") {
			t.Errorf("%d failures are left; the log says %s", failures, h.log)
		}
	})
}

// failing refuses some appends, without having written them.
type failing struct {
	ledger.Store
	refuses func(ledger.Batch) error
}

func (f failing) Append(ctx context.Context, batches ...ledger.Batch) (int64, error) {
	if err := f.refuses(batches[0]); err != nil {
		return -1, err
	}
	return f.Store.Append(ctx, batches...)
}
