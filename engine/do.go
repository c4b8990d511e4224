package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/directory"
	"tocsin/ledger"
	"tocsin/view"
)

// Options go with a command.
type Options struct {
	Idempotency string // the caller's key: the same actor and key get the first answer again
	IfMatch     int    // version of the case that the caller saw; 0: any
}

// Result is the answer to a command.
type Result struct {
	State    casefile.State
	Events   []casefile.Event
	Replayed bool // this is the answer to an earlier command with the same key
}

// tries bounds how often a command is decided again because the case moved on
// meanwhile. Every conflict means that somebody else got on, so this is plenty.
const tries = 50

// Do gives one command on one case. The events are on the disk when it returns
// without an error. It then runs what the machine owes at once (see walk); if that
// fails it stays owed, and is no error of the command.
func (e *Engine) Do(ctx context.Context, by tocsin.Actor, id tocsin.CaseID, c casefile.Command, o Options) (Result, error) {
	res, err := e.do(ctx, by, id, c, o)
	if err != nil || res.Replayed {
		return res, err
	}
	return e.walk(ctx, id, res), nil
}

func (e *Engine) do(ctx context.Context, by tocsin.Actor, id tocsin.CaseID, c casefile.Command, o Options) (Result, error) {
	defer e.lock(id)()
	command := e.cfg.IDs.New("command", basis(by, o))
	for range tries {
		res, err := e.once(ctx, by, id, c, o, command)
		switch {
		case errors.Is(err, ledger.ErrConflict):
			if err := e.Follow(ctx); err != nil {
				return Result{}, err
			}
		case err != nil:
			return e.settled(ctx, id, by, o, command, err)
		default:
			return res, nil
		}
	}
	return Result{}, tocsin.Fault(tocsin.Unavailable, "busy", "The case is being changed too often just now.", "Try again.").Keeping("Nothing was recorded.")
}

func basis(by tocsin.Actor, o Options) string {
	if o.Idempotency == "" {
		return ""
	}
	return string(by.ID) + "/" + o.Idempotency
}

func (e *Engine) once(ctx context.Context, by tocsin.Actor, id tocsin.CaseID, c casefile.Command, o Options, command string) (Result, error) {
	if o.Idempotency != "" {
		if res, ok, err := e.replay(ctx, by, o); ok || err != nil {
			return res, err
		}
	}
	e.mu.RLock()
	s := e.index.Cases[id]
	e.mu.RUnlock()
	if o.IfMatch != 0 && o.IfMatch != s.Version {
		return Result{}, tocsin.Faultf(tocsin.Conflict, "case_moved_on", "Look at the case again, then give the command again if it still applies.",
			"The case is at version %d; you saw version %d.", s.Version, o.IfMatch).Keeping("Nothing was recorded.")
	}
	m := casefile.Meta{At: e.now(), By: by, Command: command}
	c, err := e.informed(s, by, c)
	if err != nil {
		return Result{}, err
	}
	events, err := casefile.Decide(s, m, c)
	if err != nil {
		return Result{}, err
	}
	if len(events) == 0 {
		return Result{State: s}, nil
	}
	after := s
	for _, ev := range events {
		after = casefile.Apply(after, ev)
	}
	batch, err := e.batch(id, s, after, m, events)
	if err != nil {
		return Result{}, err
	}
	if o.Idempotency != "" {
		batch.Keys = append(batch.Keys, idempotencyKey(by, o))
	}
	last, err := e.cfg.Store.Append(ctx, batch)
	if err != nil {
		return Result{}, err
	}
	if err := e.advance(context.WithoutCancel(ctx), batch, last); err != nil {
		// It is written, so it is no error of the command; the index catches up.
		e.cfg.Log.Error("the record was written but cannot be read", "error", err)
	}
	return Result{State: after, Events: events}, nil
}

func idempotencyKey(by tocsin.Actor, o Options) string { return "idem/" + basis(by, o) }

// replay answers a command that was given before under the same key. A key is the
// name of one request: the caller who gives it to another kind of request is told,
// because an old answer would hide that the new request was not done.
func (e *Engine) replay(ctx context.Context, by tocsin.Actor, o Options) (Result, bool, error) {
	stream, seq, ok, err := e.cfg.Store.Holder(ctx, idempotencyKey(by, o))
	if err != nil || !ok {
		return Result{}, false, err
	}
	id, ok := caseOf(stream)
	if !ok {
		return Result{}, false, keyReused()
	}
	res := Result{Replayed: true}
	command := ""
	for r, err := range e.cfg.Store.Load(ctx, stream) {
		if err != nil {
			return Result{}, false, err
		}
		if r.Seq == seq {
			command = r.Command
		}
		if r.Seq < seq || r.Command != command {
			continue
		}
		if ev, err := view.Event(r); err == nil {
			res.Events = append(res.Events, ev)
		}
	}
	if err := e.Follow(ctx); err != nil {
		return Result{}, false, err
	}
	res.State, err = e.Case(id)
	return res, true, err
}

// Answered reports whether a command or report is recorded under the actor's key.
func (e *Engine) Answered(ctx context.Context, by tocsin.Actor, o Options) (bool, error) {
	_, _, ok, err := e.cfg.Store.Holder(ctx, idempotencyKey(by, o))
	return ok && o.Idempotency != "", err
}

func keyReused() error {
	return tocsin.Fault(tocsin.Conflict, "key_reused", "This idempotency key stands for another request of yours.", "Give each request a key of its own.").Keeping("Nothing was recorded.")
}

func caseOf(stream string) (tocsin.CaseID, bool) {
	id, ok := cutPrefix(stream, view.CasePrefix)
	return tocsin.CaseID(id), ok
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || s[:len(prefix)] != prefix {
		return "", false
	}
	return s[len(prefix):], true
}

// settled finds out what became of an append that ended in an error which does
// not say: if the command's records are there, it succeeded.
func (e *Engine) settled(ctx context.Context, id tocsin.CaseID, by tocsin.Actor, o Options, command string, cause error) (Result, error) {
	var told *tocsin.Error
	var held *ledger.HeldError
	if errors.As(cause, &told) {
		return Result{}, cause // decided, not failed
	}
	if errors.As(cause, &held) && o.Idempotency != "" {
		if res, ok, err := e.replay(ctx, by, o); ok || err != nil {
			return res, err
		}
	}
	ctx = context.WithoutCancel(ctx) // a caller who has gone must not keep us from finding out
	if err := e.Follow(ctx); err == nil {
		var res Result
		for r, err := range e.cfg.Store.Load(ctx, view.CasePrefix+string(id)) {
			if err != nil {
				break
			}
			if r.Command == command {
				if ev, err := view.Event(r); err == nil {
					res.Events = append(res.Events, ev)
				}
			}
		}
		if len(res.Events) > 0 {
			res.State, err = e.Case(id)
			return res, err
		}
	}
	return Result{}, unavailable(cause)
}

// informed adds to a command what a person cannot bring along: the terms that a
// case is to be put under, the policies' answers to a second signer's own grade,
// and the guard's answer to a release. Whatever the caller put there is replaced,
// so that no way into the engine leads around the guard.
func (e *Engine) informed(s casefile.State, by tocsin.Actor, c casefile.Command) (casefile.Command, error) {
	switch c := c.(type) {
	case casefile.ReleaseWarning:
		return e.guarded(s, by, c)
	case casefile.JoinPack:
		p, err := e.inForce(c.Pack)
		c.Terms = p.terms()
		return c, err
	case casefile.AdoptTerms:
		p, err := e.inForce(c.Pack)
		c.Terms = p.terms()
		return c, err
	case casefile.AddVictim:
		var err error
		c.Victim.Jurisdiction, err = directory.Country(c.Victim.Jurisdiction)
		return c, kept(err, "The case stays as it was.")
	case casefile.CorrectVictim:
		var err error
		c.Victim.Jurisdiction, err = directory.Country(c.Victim.Jurisdiction)
		return c, kept(err, "The victim stays as it was.")
	case casefile.SignRefusal:
		v, _ := s.Victim(c.Victim)
		for _, u := range s.Under(v) {
			if p, ok := e.edition(u.Terms.Pack); ok {
				c.Determinations = append(c.Determinations, p.policy.Determine(c.Victim, s.Threat.Harm, u.Found(c.Grade)))
			}
		}
		return c, nil
	}
	return c, nil
}

// kept says what was kept of a command that is refused before it is decided.
func kept(err error, what string) error {
	var told *tocsin.Error
	if errors.As(err, &told) {
		return told.Keeping(what)
	}
	return err
}

// batch turns events into records, with the work that they make due.
func (e *Engine) batch(id tocsin.CaseID, before, after casefile.State, m casefile.Meta, events []casefile.Event) (ledger.Batch, error) {
	b := ledger.Batch{Stream: view.CasePrefix + string(id), After: before.Version}
	for _, ev := range events {
		r, err := e.record(ev.Kind(), ev, m, after.Terms.Pack.Digest)
		if err != nil {
			return b, err
		}
		b.Records = append(b.Records, r)
	}
	b.Due, b.Settled = dueWork(before, after, events)
	return b, nil
}

func (e *Engine) record(kind string, data any, m casefile.Meta, pack tocsin.Digest) (ledger.Record, error) {
	return ledger.NewRecord(ledger.Record{Kind: kind, EventTime: m.At, EntryTime: m.At, Actor: m.By.ID, Command: m.Command, Pack: pack}, data, e.cfg.Salts)
}

// Identifiers of due work.
const (
	tickKind = "tick"
	sendKind = "send"
)

func tickID(id tocsin.CaseID) string     { return tickKind + "/" + string(id) }
func sendID(k tocsin.DeliveryKey) string { return sendKind + "/" + string(k) }

// dueWork says what falls due after a change: one tick for the case at its next
// clock, and one item for each message that may have to be sent. It is written
// with the events that cause it. Deliveries are only ever added at the end, which
// is what lets it compare them by position: a case may have thousands.
func dueWork(before, after casefile.State, events []casefile.Event) (due []ledger.Due, settled []string) {
	if at, ok := tickAt(after); ok {
		due = append(due, ledger.Due{ID: tickID(after.ID), Kind: tickKind, Case: string(after.ID), At: at})
	} else {
		settled = append(settled, tickID(after.ID))
	}
	alone := !slices.ContainsFunc(events, reaches)
	for i, d := range after.Deliveries {
		var old casefile.Delivery
		if i < len(before.Deliveries) {
			old = before.Deliveries[i]
		}
		if alone && d == old {
			continue
		}
		at, open := after.SendAt(d)
		was, wasOpen := before.SendAt(old)
		switch {
		case open && (!wasOpen || !at.Equal(was)):
			due = append(due, ledger.Due{ID: sendID(d.Key), Kind: sendKind, Case: string(after.ID), At: at})
		case !open && wasOpen:
			settled = append(settled, sendID(d.Key))
		}
	}
	return due, settled
}

// reaches reports whether an event may change when other messages than its own
// are to be sent. What a worker records while it sends does not; and to ask the
// case about each of a thousand messages after each of them takes time.
func reaches(e casefile.Event) bool {
	switch e.(type) {
	case casefile.DeliveryStarted, casefile.DeliveryHanded, casefile.DeliveryFailed:
		return false
	}
	return true
}

// tickAt is when the machine must look at the case again: at once if a stage is
// owed, else at the next clock.
func tickAt(s casefile.State) (time.Time, bool) {
	if slices.ContainsFunc(s.Victims, s.NeedsDetermination) && !s.Closed {
		return s.Now, true
	}
	all := casefile.Clocks(s)
	if len(all) == 0 {
		return time.Time{}, false
	}
	return all[0].Next, true
}

// machine is the engine as an actor. It reminds, escalates and sends; it never
// releases, refuses or waives.
func (e *Engine) machine() tocsin.Actor {
	return tocsin.Actor{ID: "tocsin", Name: "Tocsin", Roles: []tocsin.Role{tocsin.Machine}}
}

// walk runs the stages that the case owes and that the machine may run by itself,
// until a person or the clock is next. It is the same path after a crash: a stage
// that was not recorded is simply still owed, and the case's tick is due for it.
func (e *Engine) walk(ctx context.Context, id tocsin.CaseID, res Result) Result {
	for range tries {
		if !slices.ContainsFunc(res.State.Victims, res.State.NeedsDetermination) {
			return res // most commands owe no stage; to list all that is owed takes longer than to do it
		}
		step := casefile.Owed(res.State)
		if !step.Machine || step.Kind != "determine" {
			return res
		}
		d, ok := e.determination(res.State)
		if !ok {
			return res
		}
		next, err := e.do(ctx, e.machine(), id, casefile.Determine{Determination: d}, Options{})
		switch {
		case tocsin.KindOf(err) == tocsin.Conflict, tocsin.KindOf(err) == tocsin.Refused, tocsin.KindOf(err) == tocsin.NotFound:
			return res // the case moved on meanwhile; whoever moved it walks
		case err != nil:
			e.cfg.Log.Error("a determination could not be recorded; it is still due", "case", id, "error", err)
			return res
		}
		res.State, res.Events = next.State, append(res.Events, next.Events...)
	}
	return res
}

// determination is the next answer that a loaded pack owes a case. Where the pack
// is not loaded in the edition of the case there is none: that falls towards a
// person, because the clocks run on, and never towards silence.
func (e *Engine) determination(s casefile.State) (tocsin.Determination, bool) {
	for _, v := range s.Victims {
		for _, u := range s.Under(v) {
			if !s.Asks(v, u) {
				continue
			}
			if p, ok := e.edition(u.Terms.Pack); ok {
				return p.policy.Determine(v.ID, s.Threat.Harm, u.Found(v.Findings)), true
			}
			if _, told := e.unpacked.LoadOrStore(string(s.ID)+"/"+u.Terms.Pack.Name, true); !told {
				e.cfg.Log.Error("a pack of a case is not loaded; its clocks run on. Load it, or have a senior officer adopt the edition that is", "case", s.ID, "pack", u.Terms.Pack.Name, "digest", u.Terms.Pack.Digest)
			}
		}
	}
	return tocsin.Determination{}, false
}
