package console

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"sync"

	"tocsin"
	"tocsin/engine"
	"tocsin/ledger"
	"tocsin/view"
)

// looks records who has looked at which report, once for each person: an inquiry
// asks who knew what when, and the box of unread reports shows who has seen one
// and left it.
type looks struct {
	engine *engine.Engine
	store  ledger.Store
	log    *slog.Logger
}

// note records that by looks at a report, unless that stands in the record. A
// report may be read although it could not be noted; whoever asked is told that.
func (l looks) note(ctx context.Context, by tocsin.Actor, id tocsin.ReportID) error {
	stream := view.LookPrefix + string(id)
	at := l.engine.Now()
	r, err := ledger.NewRecord(ledger.Record{Kind: view.Looked, EventTime: at, EntryTime: at, Actor: by.ID, Command: "look-" + strings.ToLower(rand.Text())}, view.Look{By: by.ID, At: at}, rand.Reader)
	if err != nil {
		return err
	}
	for range 20 {
		var seen bool
		var version int
		l.engine.Read(func(x *view.Index) { seen, version = x.LookedAt(id, by.ID), x.Version(stream) })
		if seen {
			return nil
		}
		_, err = l.store.Append(ctx, ledger.Batch{Stream: stream, After: version, Records: []ledger.Record{r}, Keys: []string{"look/" + string(id) + "/" + string(by.ID)}})
		var held *ledger.HeldError
		if err != nil && !errors.Is(err, ledger.ErrConflict) && !errors.As(err, &held) {
			return err
		}
		if err := l.engine.Follow(ctx); err != nil {
			return err
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
