package verify

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"tocsin"
	"tocsin/ledger"
	"tocsin/view"
)

// proof is a Report in the making.
type proof struct {
	*Report
	store ledger.Store
	index *view.Index // folded by replay; nil once a record could not be folded
}

// replay folds every record through the case machine, with nothing of what the
// running program has in memory, and holds each against what may follow what.
func (p *proof) replay(ctx context.Context) error {
	for rec, err := range p.store.Since(ctx, 0) {
		if err != nil {
			return err
		}
		if rec.Position >= p.Events {
			return nil // written since the log was read
		}
		if err := p.take(ctx, rec); err != nil {
			return err
		}
		if p.index == nil {
			return nil
		}
	}
	return nil
}

func (p *proof) take(ctx context.Context, rec ledger.Record) error {
	// A leaf allows fields to be withheld, and an event without one of its fields
	// would be folded as if it had never said so. This program withholds none.
	if n, err := ledger.CheckLeaf(rec.Leaf, rec); err != nil || n > 0 {
		p.fault("replay: %s record %d: %d fields are withheld", rec.Stream, rec.Seq, n)
		p.index = nil
		return nil
	}
	id, isCase := strings.CutPrefix(rec.Stream, view.CasePrefix)
	before := p.index.Cases[tocsin.CaseID(id)]
	if err := p.index.Fold(rec); err != nil {
		p.fault("replay: %v", err)
		p.index = nil
		return nil
	}
	p.index.Position = rec.Position + 1
	if isCase {
		e, err := view.Event(rec)
		if err != nil {
			return err // it has just been folded
		}
		for _, why := range wrong(rec, e, before, p.index.Cases[tocsin.CaseID(id)]) {
			p.fault("replay: %s record %d (%s): %s", rec.Stream, rec.Seq, rec.Kind, why)
		}
		return nil
	}
	return p.content(ctx, rec)
}

// content reads again what came from outside and compares it with its digest.
func (p *proof) content(ctx context.Context, rec ledger.Record) error {
	digest, size, ok, err := named(rec)
	if err != nil || !ok {
		return err
	}
	b, err := p.store.Blob(ctx, digest)
	switch {
	case errors.Is(err, tocsin.NotFound):
		p.fault("content: the bytes of %s record %d, %s, are gone", rec.Stream, rec.Seq, digest)
		return nil
	case err != nil:
		return err
	case tocsin.DigestOf(b) != digest || (size >= 0 && len(b) != size):
		p.fault("content: the bytes of %s record %d are not those that came, %s", rec.Stream, rec.Seq, digest)
		return nil
	}
	p.Contents++
	return nil
}

// named is the content that a record outside cases names, if it is of a kind that
// does. size is -1 where the record does not say.
func named(rec ledger.Record) (d tocsin.Digest, size int, ok bool, err error) {
	switch rec.Kind {
	case view.ReportReceived:
		var e view.Received
		err = read(rec, &e)
		return e.Report.Raw, e.Report.Size, true, err
	case view.ReportReposted:
		var e view.Reposted
		err = read(rec, &e)
		return e.Raw, -1, true, err
	case view.Quarantined:
		var e view.Held
		err = read(rec, &e)
		return e.Item.Raw, e.Item.Size, true, err
	}
	return "", 0, false, nil
}

func read(rec ledger.Record, into any) error {
	b, err := json.Marshal(rec.Fields)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}
