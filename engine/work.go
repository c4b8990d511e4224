package engine

import (
	"context"
	"errors"
	"fmt"
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

// inFlight bounds the claims of cases that Run works on at once. It is far above
// what a working installation has, because a case that waits for a dead server
// holds its place for most of a lease, and an urgent one must not wait for it.
const inFlight = 512

// poll is how often the worker looks for work that another process has written,
// of which this one hears nothing, and how long it waits before it tries again
// what failed.
const poll = time.Second

// Run does due work until ctx ends: it raises clocks and sends messages. Any
// number of processes may run it on one store. It returns an error only if the
// record cannot be read; then nothing that it would do could be relied on.
func (e *Engine) Run(ctx context.Context) error {
	var flying sync.WaitGroup
	defer flying.Wait()
	room := make(chan struct{}, inFlight)
	for ctx.Err() == nil {
		changed := e.cfg.Store.Changed()
		if err := e.Follow(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if err := e.openPages(ctx); err != nil && ctx.Err() == nil {
			e.cfg.Log.Error("somebody is to be paged and cannot be; trying again", "error", err)
		}
		claimed, err := e.claim(ctx)
		if err != nil && ctx.Err() == nil {
			e.cfg.Log.Error("due work could not be claimed; trying again", "error", err)
		}
		for _, w := range claimed {
			select {
			case room <- struct{}{}:
			case <-ctx.Done():
				return nil // its lease ends by itself
			}
			// Not waited for, so that a case that hangs on a dead server does not
			// hold up an urgent warning of another.
			flying.Go(func() {
				defer func() { <-room }()
				if err := e.workCase(ctx, w); err != nil {
					e.postpone(ctx, w, err)
				}
			})
		}
		if len(claimed) == 0 {
			e.idle(ctx, changed)
		}
	}
	return nil
}

// idle returns when there may be something to do.
func (e *Engine) idle(ctx context.Context, changed <-chan struct{}) {
	wait := poll
	if at, ok, err := e.cfg.Store.Work().Next(ctx); err == nil && ok {
		wait = min(max(at.Sub(e.now()), time.Millisecond), poll)
	}
	pause(ctx, changed, wait)
}

func pause(ctx context.Context, until <-chan struct{}, longest time.Duration) {
	t := time.NewTimer(longest)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-until:
	case <-t.C:
	}
}

// postpone gives work that failed back after a moment, so that it does not wait
// for the end of its lease.
func (e *Engine) postpone(ctx context.Context, w caseWork, cause error) {
	if ctx.Err() == nil {
		e.cfg.Log.Error("due work of a case failed; trying again", "case", w.id, "error", cause)
	}
	pause(ctx, nil, poll)
	if err := e.giveBack(ctx, w); err != nil {
		e.cfg.Log.Error("due work could not be given back; it is due again when its lease ends", "case", w.id, "error", err)
	}
}

// giveBack ends the leases on w. What was done, or has been planned anew, is no
// longer leased and is left alone.
func (e *Engine) giveBack(ctx context.Context, w caseWork) error {
	var errs []error
	for _, it := range w.items {
		errs = append(errs, e.cfg.Store.Work().Release(context.WithoutCancel(ctx), e.cfg.Worker, it.At, it.ID))
	}
	return errors.Join(errs...)
}

// Settle does everything that is due now, and what falls due at once because of
// it, and returns. Scenarios and tests call it instead of Run.
func (e *Engine) Settle(ctx context.Context) error {
	for {
		if err := e.openPages(ctx); err != nil {
			return err
		}
		claimed, err := e.claim(ctx)
		if err != nil || len(claimed) == 0 {
			return err
		}
		errs := make([]error, len(claimed))
		var wg sync.WaitGroup
		for i, w := range claimed {
			wg.Go(func() {
				if err := e.workCase(ctx, w); err != nil {
					errs[i] = errors.Join(err, e.giveBack(ctx, w))
				}
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
}

// NextDue is when work falls due next; ok is false if there is none.
func (e *Engine) NextDue(ctx context.Context) (time.Time, bool, error) {
	return e.cfg.Store.Work().Next(ctx)
}

// caseWork is what has been claimed for one case, or for one page, whose id then is
// that of its stream.
type caseWork struct {
	id    tocsin.CaseID
	items []ledger.Due
}

// claim leases a batch of due work. It comes by case, in the order in which it
// fell due.
func (e *Engine) claim(ctx context.Context) ([]caseWork, error) {
	now := e.now()
	items, err := e.cfg.Store.Work().Claim(ctx, e.cfg.Worker, now, now.Add(e.cfg.Lease), batchSize)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	// It may be the work of a case that another process has just opened or changed.
	if err := e.Follow(ctx); err != nil {
		return nil, err
	}
	var out []caseWork
	at := map[tocsin.CaseID]int{}
	for _, it := range items {
		id := tocsin.CaseID(it.Case)
		i, ok := at[id]
		if !ok {
			i, at[id] = len(out), len(out)
			out = append(out, caseWork{id: id})
		}
		out[i].items = append(out[i].items, it)
	}
	return out, nil
}

// workCase raises clocks first: what they stop is then not sent. One that cannot
// be raised does not keep messages back.
func (e *Engine) workCase(ctx context.Context, w caseWork) error {
	var keys []tocsin.DeliveryKey
	var errs []error
	for _, it := range w.items {
		switch it.Kind {
		case sendKind:
			k, _ := cutPrefix(it.ID, sendKind+"/")
			keys = append(keys, tocsin.DeliveryKey(k))
			continue
		case pageKind:
			errs = append(errs, e.workPage(ctx, it))
			continue
		}
		errs = append(errs, e.tick(ctx, w.id, it))
	}
	if len(keys) > 0 {
		errs = append(errs, e.send(ctx, w.id, keys))
	}
	return errors.Join(errs...)
}

// tick raises what is due. If nothing was, the item is put back to the time at
// which something will be; a stage that is owed and cannot be run, because the
// case's pack is not loaded, is tried again soon, so that clocks are not late.
func (e *Engine) tick(ctx context.Context, id tocsin.CaseID, it ledger.Due) error {
	res, err := e.Do(ctx, e.machine(), id, casefile.Tick{}, Options{})
	if err != nil || len(res.Events) > 0 {
		return err
	}
	at, ok := tickAt(res.State)
	if !ok || !at.After(e.now()) {
		at = e.now().Add(poll)
	}
	return e.cfg.Store.Work().Release(ctx, e.cfg.Worker, at, it.ID)
}

// send records the intent to send, hands the messages over side by side, and
// records each outcome. No more are started than can be sent at once: a start
// without an outcome means that the message may be out, so none may stand while
// its message still waits for its turn.
func (e *Engine) send(ctx context.Context, id tocsin.CaseID, keys []tocsin.DeliveryKey) error {
	d, leave := e.desk(id)
	defer leave()
	var mu sync.Mutex
	var errs []error
	failed := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	}
	var wg sync.WaitGroup
	for len(keys) > 0 {
		n := d.places(ctx, len(keys))
		if n == 0 {
			break // ctx has ended
		}
		started, s, err := e.start(ctx, id, keys[:n])
		if err != nil {
			failed(err)
		}
		d.free(n - len(started))
		for _, k := range started {
			wg.Go(func() {
				defer d.free(1)
				if err := e.attempt(ctx, id, s, k); err != nil {
					failed(err)
				}
			})
		}
		keys = keys[n:]
	}
	wg.Wait()
	return errors.Join(errs...)
}

// places waits for a place to send from and takes as many as are free, at most n.
func (d *desk) places(ctx context.Context, n int) int {
	select {
	case d.sending <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	for taken := 1; taken < n; taken++ {
		select {
		case d.sending <- struct{}{}:
		default:
			return taken
		}
	}
	return n
}

func (d *desk) free(n int) {
	for range n {
		<-d.sending
	}
}

// start records the intent for those of the keys that may be sent, in one append.
// Another worker's start, a cancel or an acknowledgement that got in first makes
// Sendable false: nothing is sent under that key, and the others go on.
func (e *Engine) start(ctx context.Context, id tocsin.CaseID, keys []tocsin.DeliveryKey) ([]tocsin.DeliveryKey, casefile.State, error) {
	for range tries {
		s, err := e.Case(id)
		if err != nil {
			return nil, s, err
		}
		now := e.now()
		var mine []tocsin.DeliveryKey
		for _, k := range keys {
			if d, ok := s.Delivery(k); ok && s.Sendable(d, now) {
				mine = append(mine, k)
			}
		}
		if len(mine) == 0 {
			return nil, s, nil
		}
		res, err := e.Do(ctx, e.machine(), id, casefile.StartDeliveries{Keys: mine, Worker: e.cfg.Worker, Lease: now.Add(e.cfg.Lease)}, Options{})
		switch {
		case err == nil:
			return mine, res.State, nil
		case tocsin.KindOf(err) != tocsin.Conflict:
			return nil, s, err
		}
	}
	return nil, casefile.State{}, fmt.Errorf("start deliveries of %s: the case is being changed too often", id)
}

// recordTries is how often the outcome of an attempt is given to a store that
// does not take it. What happened at the far side cannot be found out again.
const recordTries = 3

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
	for range recordTries {
		_, err = e.Do(context.WithoutCancel(ctx), e.machine(), id, c, Options{})
		if tocsin.KindOf(err) != tocsin.Unavailable {
			break
		}
	}
	if tocsin.KindOf(err) == tocsin.Conflict {
		return nil // an acknowledgement, or a later attempt, overtook it
	}
	return err
}

func (e *Engine) hand(ctx context.Context, s casefile.State, d casefile.Delivery) (r tocsin.Receipt, err error) {
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
	// A channel that panics would otherwise take the process with it, and again at
	// each restart, and no other warning would leave.
	defer func() {
		if p := recover(); p != nil {
			e.cfg.Log.Error("a channel broke", "channel", d.Channel, "panic", fmt.Sprintf("%T", p))
			err = &deliver.Failure{Class: deliver.Uncertain, Detail: "the channel " + d.Channel + " broke while it was sending; have the administrator look at it"}
		}
	}()
	r, err = e.cfg.Channels.Send(ctx, m)
	r.At = e.now()
	return r, err
}
