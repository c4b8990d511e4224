package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"tocsin"
	"tocsin/engine"
	"tocsin/ledger"
	"tocsin/view"
)

// looks records who has looked at which report, once for each person, and who has
// flagged one: an inquiry asks who knew what when, and the box of unread reports
// shows who has seen one and left it.
type looks struct {
	engine *engine.Engine
	store  ledger.Store
	log    *slog.Logger
}

// note records that by looks at a report, unless that stands in the record. A
// report may be read although it could not be noted; whoever asked is told that.
func (l looks) note(ctx context.Context, by tocsin.Actor, id tocsin.ReportID) error {
	at := l.engine.Now()
	return l.add(ctx, view.LookPrefix+string(id), view.Looked, by, view.Look{By: by.ID, At: at}, "look/"+string(id)+"/"+string(by.ID),
		func(x *view.Index) bool { return x.LookedAt(id, by.ID) })
}

// flag records that by sees a possible duty to warn in a report. The same form
// sent twice is one flag.
func (l looks) flag(ctx context.Context, by tocsin.Actor, id tocsin.ReportID, why, key string) error {
	at := l.engine.Now()
	return l.add(ctx, view.FlagPrefix+string(id), view.Flagged, by, view.Flag{By: by.ID, At: at, Why: why}, "flag/"+string(id)+"/"+key,
		func(x *view.Index) bool {
			return slices.ContainsFunc(x.Flags[id], func(f view.Flag) bool { return f.By == by.ID && f.Why == why })
		})
}

// shelve records something of a person's saved views of the floor, or of those that
// are for everybody. The same form sent twice is one record.
func (l looks) shelve(ctx context.Context, by tocsin.Actor, shelf, kind string, data any, key string) error {
	return l.add(ctx, shelf, kind, by, data, "shelf/"+string(by.ID)+"/"+kind+"/"+cmp.Or(key, newKey()), func(*view.Index) bool { return false })
}

// add appends one record to a small stream of its own, unless it is done already.
func (l looks) add(ctx context.Context, stream, kind string, by tocsin.Actor, data any, key string, done func(*view.Index) bool) error {
	at := l.engine.Now()
	r, err := ledger.NewRecord(ledger.Record{Kind: kind, EventTime: at, EntryTime: at, Actor: by.ID, Command: "mark-" + strings.ToLower(rand.Text())}, data, rand.Reader)
	if err != nil {
		return err
	}
	for range 20 {
		var seen bool
		var version int
		l.engine.Read(func(x *view.Index) { seen, version = done(x), x.Version(stream) })
		if seen {
			return nil
		}
		_, err = l.store.Append(ctx, ledger.Batch{Stream: stream, After: version, Records: []ledger.Record{r}, Keys: []string{key}})
		var held *ledger.HeldError
		if err != nil && !errors.Is(err, ledger.ErrConflict) && !errors.As(err, &held) {
			return err
		}
		if stale := l.engine.Follow(ctx); stale != nil || err == nil || held != nil { // whoever holds the key has done it
			return stale
		}
	}
	return err
}

// atOnce is how many looks are written at the same time; a store commits them
// together.
const atOnce = 8

// noteAll records that by looks at reports. What could not be noted is logged: a
// report can be read all the same.
func (l looks) noteAll(ctx context.Context, by tocsin.Actor, ids []tocsin.ReportID) {
	var fresh []tocsin.ReportID
	l.engine.Read(func(x *view.Index) {
		for _, id := range ids {
			if !x.LookedAt(id, by.ID) {
				fresh = append(fresh, id)
			}
		}
	})
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for _, id := range fresh {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if err := l.note(ctx, by, id); err != nil {
				l.log.Error("that somebody looked at a report could not be recorded", "error", err)
			}
		})
	}
	all.Wait()
}
