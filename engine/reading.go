package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/ledger"
	"tocsin/view"
)

// MaxWhy is how many bytes the reason for a flag may have.
const MaxWhy = 2000

// readers are the roles that read the reports of others.
var readers = []tocsin.Role{tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer,
	tocsin.OriginatorLiaison, tocsin.ReleaseOfficer, tocsin.Reviewer, tocsin.Inspector}

// Look records that by looks at reports, once for each person and report: an
// inquiry asks who knew what when, and the box of unread reports shows who has
// seen one and left it. Whoever sees only what they handed in themselves does not
// look in this sense. A report may be read although this fails.
func (e *Engine) Look(ctx context.Context, by tocsin.Actor, ids ...tocsin.ReportID) error {
	if !by.Has(readers...) {
		return nil
	}
	m := casefile.Meta{At: e.now(), By: by, Command: e.cfg.IDs.New("command", "")}
	return e.jot(ctx, func(x *view.Index) (all []ledger.Batch, err error) {
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			if x.LookedAt(id, by, m.At) {
				continue
			}
			look, key := lookOf(x, id, m)
			r, err := e.record(view.Looked, look, m, "")
			if err != nil {
				return nil, err
			}
			stream := view.LookPrefix + string(id)
			all = append(all, ledger.Batch{Stream: stream, After: x.Version(stream), Records: []ledger.Record{r}, Keys: []string{key}})
		}
		return all, nil
	})
}

// lookOf is the entry of a look, with the key that makes it the only one of its kind:
// one of a person, one of them as one of the watch, and one more each time that the
// report has come back after it had been set aside.
func lookOf(x *view.Index, id tocsin.ReportID, m casefile.Meta) (view.Look, string) {
	look := view.Look{By: m.By.ID, At: m.At}
	who := string(id) + "/" + string(m.By.ID)
	if !view.KeepsWatch(m.By) {
		return look, "look/" + who
	}
	look.Watch = m.At
	back, _, times := x.Aside(id).CameBack(m.At)
	if times == 0 {
		return look, "watch/" + who
	}
	if look.Watch.Before(back) { // the clock of another process is ahead
		look.Watch = back
	}
	return look, fmt.Sprintf("watch/%s/%d", who, times)
}

// Flag records that by, who reads somebody else's report, sees a possible duty to
// warn in it (T-11). The same words of the same person are one flag; already says
// that it stood before. A report that is set aside is taken up again by it, also by
// words that were said before.
func (e *Engine) Flag(ctx context.Context, by tocsin.Actor, id tocsin.ReportID, why string, o Options) (flag view.Flag, already bool, err error) {
	flag = view.Flag{By: by.ID, At: e.now(), Why: strings.TrimSpace(why)}
	stream := view.FlagPrefix + string(id)
	if o.Idempotency != "" {
		if flag, ok, err := e.flagged(ctx, by, id, o); ok || err != nil {
			return flag, ok, err
		}
	}
	if err := e.mayFlag(by, id, flag.Why); err != nil {
		return flag, false, err
	}
	m := casefile.Meta{At: flag.At, By: by, Command: e.cfg.IDs.New("command", basis(by, o))}
	already = true
	err = e.jot(ctx, func(x *view.Index) ([]ledger.Batch, error) {
		for _, f := range x.Flags[id] {
			// Said again of a report that has been set aside since, the same words are news.
			if f.By == by.ID && f.Why == flag.Why && !x.Aside(id).Stands(m.At) {
				flag = f
				return nil, nil
			}
		}
		already = false
		r, err := e.record(view.Flagged, flag, m, "")
		b := ledger.Batch{Stream: stream, After: x.Version(stream), Records: []ledger.Record{r}}
		if o.Idempotency != "" {
			b.Keys = []string{idempotencyKey(by, o)}
		}
		return []ledger.Batch{b}, err
	})
	return flag, already, err
}

// flagged finds the flag that was set before under this key.
func (e *Engine) flagged(ctx context.Context, by tocsin.Actor, id tocsin.ReportID, o Options) (view.Flag, bool, error) {
	stream, seq, ok, err := e.cfg.Store.Holder(ctx, idempotencyKey(by, o))
	if err != nil || !ok {
		return view.Flag{}, false, err
	}
	if err := e.Follow(ctx); err != nil {
		return view.Flag{}, false, err
	}
	all := e.flagsOf(id)
	if stream != view.FlagPrefix+string(id) || seq > len(all) {
		return view.Flag{}, false, keyReused()
	}
	if _, err := e.ReportAs(by, id); err != nil {
		return view.Flag{}, false, err // it has gone into a case that is sealed from them
	}
	return all[seq-1], true, nil
}

// mayFlag says why by may not flag a report, or nil.
func (e *Engine) mayFlag(by tocsin.Actor, id tocsin.ReportID, why string) error {
	const kept = "Nothing was recorded."
	if !by.Has(readers...) || by.Has(tocsin.Inspector) {
		return tocsin.Fault(tocsin.Forbidden, "no_power", "Your role does not allow flagging a report.", "Tell an intake officer.").Keeping(kept)
	}
	rep, err := e.ReportAs(by, id)
	switch {
	case err != nil:
		return err
	case why == "" || len(why) > MaxWhy:
		return tocsin.Faultf(tocsin.Invalid, "flag_why", "Say it in a sentence or two.", "A flag needs words why, of at most %d bytes.", MaxWhy).At("why").Keeping(kept)
	}
	for _, f := range e.flagsOf(id) {
		if f.By == by.ID && f.Why == why {
			return nil // it stands, whatever has become of the report since
		}
	}
	if len(rep.Cases) > 0 {
		return tocsin.Fault(tocsin.Refused, "taken_up", "The report is in a case already.", "Say there what you see.").Keeping(kept)
	}
	return nil
}

func (e *Engine) flagsOf(id tocsin.ReportID) []view.Flag {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.Clone(e.index.Flags[id])
}

// ReadSealed records that by reads what of a case, if the case is sealed: one entry
// for each person, case, what and hour, so that a page that draws itself anew does
// not flood the record. Unlike a look it must succeed: what cannot be recorded is
// not to be shown. A recipient's own system, which reads what was sent to it and no
// case, is not recorded.
func (e *Engine) ReadSealed(ctx context.Context, by tocsin.Actor, s casefile.State, what string) error {
	if s.Sealed == nil || by.Has(tocsin.RecipientRole) {
		return nil
	}
	m := casefile.Meta{At: e.now(), By: by, Command: e.cfg.IDs.New("command", "")}
	did := view.Read{By: by.ID, At: m.At, What: what}
	stream := view.ReadPrefix + string(s.ID)
	key := strings.Join([]string{"read", string(s.ID), string(by.ID), what, view.ReadHour(m.At).UTC().Format(time.RFC3339)}, "/")
	err := e.jot(ctx, func(x *view.Index) ([]ledger.Batch, error) {
		if x.HasRead(s.ID, did) {
			return nil, nil
		}
		r, err := e.record(view.SealedRead, did, m, "")
		return []ledger.Batch{{Stream: stream, After: x.Version(stream), Records: []ledger.Record{r}, Keys: []string{key}}}, err
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	e.cfg.Log.Error("a read of a sealed case could not be recorded, and was refused", "error", err)
	return tocsin.Fault(tocsin.Unavailable, "read_not_recorded", "That you read this sealed case could not be recorded, so nothing of it is shown.",
		"Try again; if it goes on, tell whoever runs this installation.").Keeping("Nothing was changed.")
}

// ReadReport records that by reads a report that stands in sealed cases alone, in
// each of those that they may know of.
func (e *Engine) ReadReport(ctx context.Context, by tocsin.Actor, id tocsin.ReportID) error {
	rep, err := e.ReportAs(by, id)
	if err != nil {
		return err
	}
	var sealed []casefile.State
	cases := rep.Cases
	e.ReadAs(by, func(x *view.Index) { cases = slices.Clone(x.StandsIn(id)) }) // a copy is read where its original is
	for _, c := range cases {
		s, err := e.Case(c)
		if err != nil {
			return err
		}
		if s.Sealed == nil {
			return nil // anybody who sees cases reads it there
		}
		sealed = append(sealed, s)
	}
	for _, s := range sealed {
		if err := e.ReadSealed(ctx, by, s, view.ReadReport); err != nil {
			return err
		}
	}
	return nil
}

// Shelve records something of the saved views of the floor, on by's own shelf or on the
// one for everybody: kind and data are as view reads them. A key, which a form brings
// along, makes the same form sent twice one record. Whether by may change that shelf is
// for whoever asks.
func (e *Engine) Shelve(ctx context.Context, by tocsin.Actor, shelf, kind string, data any, key string) error {
	m := casefile.Meta{At: e.now(), By: by, Command: e.cfg.IDs.New("command", "")}
	if key == "" {
		key = string(m.Command)
	}
	key = strings.Join([]string{"shelf", string(by.ID), kind, key}, "/")
	return e.jot(ctx, func(x *view.Index) ([]ledger.Batch, error) {
		if _, _, held, err := e.cfg.Store.Holder(ctx, key); held || err != nil {
			return nil, err
		}
		r, err := e.record(kind, data, m, "")
		return []ledger.Batch{{Stream: shelf, After: x.Version(shelf), Records: []ledger.Record{r}, Keys: []string{key}}}, err
	})
}

// jot appends to small streams of their own whatever missing says is not in the
// record yet, in one transaction, until it says that nothing is.
func (e *Engine) jot(ctx context.Context, missing func(*view.Index) ([]ledger.Batch, error)) error {
	var failed error
	for range tries {
		var all []ledger.Batch
		var err error
		e.Read(func(x *view.Index) { all, err = missing(x) })
		switch {
		case err != nil:
			return err
		case len(all) == 0:
			return nil
		case failed != nil:
			return unavailable(failed) // it is not there
		}
		_, err = e.cfg.Store.Append(ctx, all...)
		var held *ledger.HeldError
		if err != nil && !errors.Is(err, ledger.ErrConflict) && !errors.As(err, &held) {
			failed = err // it may have been written: look
		}
		if ferr := e.Follow(context.WithoutCancel(ctx)); ferr != nil || err == nil {
			return ferr
		}
	}
	return tocsin.Fault(tocsin.Unavailable, "busy", "The record is being changed too often just now.", "Try again.").Keeping("Nothing was recorded.")
}
