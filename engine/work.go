package engine

import (
	"context"
	"sync"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/deliver"
	"tocsin/ledger"
	"tocsin/release"
)

// batchSize is how much due work one claim takes. A claim's items are leased
// together, so it must be small against what a lease allows to be sent.
const batchSize = 64

// poll is how often the worker looks for work that another process has written,
// of which this one hears nothing.
const poll = time.Second

// Run does due work until ctx ends: it raises clocks and sends messages. Any
// number of processes may run it on one store.
func (e *Engine) Run(ctx context.Context) error {
	for {
		changed := e.cfg.Store.Changed()
		if err := e.Follow(ctx); err != nil {
			return err
		}
		n, err := e.work(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			e.cfg.Log.Error("due work could not be done; trying again", "error", err)
		}
		if n > 0 && err == nil {
			continue
		}
		if err := e.idle(ctx, changed); err != nil {
			return nil
		}
	}
}

func (e *Engine) idle(ctx context.Context, changed <-chan struct{}) error {
	wait := poll
	if at, ok, err := e.cfg.Store.Work().Next(ctx); err == nil && ok {
		wait = min(max(at.Sub(e.now()), time.Millisecond), poll)
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-changed:
	case <-t.C:
	}
	return nil
}

// Settle does everything that is due now, and what falls due at once because of
// it, and returns. Scenarios and tests call it instead of Run.
func (e *Engine) Settle(ctx context.Context) error {
	for {
		n, err := e.work(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}

// NextDue is when work falls due next; ok is false if there is none.
func (e *Engine) NextDue(ctx context.Context) (time.Time, bool, error) {
	return e.cfg.Store.Work().Next(ctx)
}

// work claims one batch and does it. It returns how many items it claimed.
func (e *Engine) work(ctx context.Context) (int, error) {
	now := e.now()
	items, err := e.cfg.Store.Work().Claim(ctx, e.cfg.Worker, now, now.Add(e.cfg.Lease), batchSize)
	if err != nil || len(items) == 0 {
		return 0, err
	}
	byCase := map[tocsin.CaseID][]ledger.Due{}
	var order []tocsin.CaseID
	for _, it := range items {
		id := tocsin.CaseID(it.Case)
		if byCase[id] == nil {
			order = append(order, id)
		}
		byCase[id] = append(byCase[id], it)
	}
	// Cases side by side, so that one that hangs on a dead server does not hold
	// up an urgent warning of another.
	errs := make([]error, len(order))
	var wg sync.WaitGroup
	slots := make(chan struct{}, e.cfg.Parallel)
	for i, id := range order {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			errs[i] = e.workCase(ctx, id, byCase[id])
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return len(items), err
		}
	}
	return len(items), nil
}

func (e *Engine) workCase(ctx context.Context, id tocsin.CaseID, items []ledger.Due) error {
	var keys []tocsin.DeliveryKey
	for _, it := range items {
		if it.Kind == sendKind {
			k, _ := cutPrefix(it.ID, sendKind+"/")
			keys = append(keys, tocsin.DeliveryKey(k))
			continue
		}
		if err := e.tick(ctx, id, it); err != nil {
			return err
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return e.send(ctx, id, keys)
}

// tick raises what is due. If nothing was, the item is put back to the time at
// which something will be: the append that moved the clock may have lost a race
// against this claim.
func (e *Engine) tick(ctx context.Context, id tocsin.CaseID, it ledger.Due) error {
	res, err := e.Do(ctx, e.machine(), id, casefile.Tick{}, Options{})
	if err != nil {
		return err
	}
	if len(res.Events) > 0 {
		return nil
	}
	if res, err = e.walk(ctx, id, res); err != nil || len(res.Events) > 0 {
		return err
	}
	at, ok := tickAt(res.State)
	if !ok || !at.After(e.now()) {
		at = e.now().Add(poll)
	}
	return e.cfg.Store.Work().Release(ctx, e.cfg.Worker, at, it.ID)
}

// send records the intent for all keys in one append, hands the messages over
// side by side, and records each outcome. Another worker's start, a cancel or an
// acknowledgement that got in first makes Sendable false: nothing is sent.
func (e *Engine) send(ctx context.Context, id tocsin.CaseID, keys []tocsin.DeliveryKey) error {
	s, err := e.Case(id)
	if err != nil {
		return err
	}
	now := e.now()
	var mine []tocsin.DeliveryKey
	for _, k := range keys {
		if d, ok := s.Delivery(k); ok && s.Sendable(d, now) {
			mine = append(mine, k)
		} else if err := e.cfg.Store.Work().Release(ctx, e.cfg.Worker, now.Add(poll), sendID(k)); err != nil {
			return err
		}
	}
	if len(mine) == 0 {
		return nil
	}
	lease := now.Add(e.cfg.Lease)
	res, err := e.Do(ctx, e.machine(), id, casefile.StartDeliveries{Keys: mine, Worker: e.cfg.Worker, Lease: lease}, Options{})
	if tocsin.KindOf(err) == tocsin.Conflict {
		return nil // something got in first; what is still due is claimed again
	}
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, len(mine))
	slots := make(chan struct{}, e.cfg.Parallel)
	for i, k := range mine {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			errs[i] = e.attempt(ctx, id, res.State, k)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// attempt hands one message over and records what the channel said. If the
// outcome cannot be recorded, the start without an outcome stays, and the attempt
// is repeated under the same key when its lease ends.
func (e *Engine) attempt(ctx context.Context, id tocsin.CaseID, s casefile.State, k tocsin.DeliveryKey) error {
	d, _ := s.Delivery(k)
	c := casefile.RecordAttempt{Key: k, Attempt: d.Attempt}
	receipt, err := e.hand(ctx, s, d)
	if err == nil {
		c.Receipt = &receipt
	} else {
		f := deliver.AsFailure(err)
		c.Class, c.Detail, c.Retry = string(f.Class), f.Detail, tocsin.Duration(f.RetryAfter)
	}
	_, err = e.Do(context.WithoutCancel(ctx), e.machine(), id, c, Options{})
	if tocsin.KindOf(err) == tocsin.Conflict {
		return nil // an acknowledgement overtook the receipt
	}
	return err
}

func (e *Engine) hand(ctx context.Context, s casefile.State, d casefile.Delivery) (tocsin.Receipt, error) {
	w, _ := s.Warning(d.Warning)
	cleared, err := release.Reopen(*w.Clearance, w.Draft, e.now())
	if err != nil {
		return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Permanent, Detail: err.Error(), Cause: err}
	}
	m, err := cleared.Message(d.Key, d.Recipient, d.Rung, e.now())
	if err != nil {
		return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Permanent, Detail: err.Error(), Cause: err}
	}
	// Stop trying before the lease ends, so that nobody else starts meanwhile.
	ctx, cancel := context.WithTimeout(ctx, e.cfg.Lease*3/4)
	defer cancel()
	r, err := e.cfg.Channels.Send(ctx, m)
	r.At = e.now()
	return r, err
}
