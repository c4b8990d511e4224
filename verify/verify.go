// Package verify proves a record: that the log holds exactly the records and no
// other, that every record opens to what its leaf commits to, that what came from
// outside is kept as it came, that the case machine accepts the events in their
// order and could have made them, and that what the screens show and what the
// worker still has to do follow from them.
//
// Ledger is the proof of a live store. It trusts nothing that the program keeps
// beside the records.
package verify

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"

	"golang.org/x/mod/sumdb/note"

	"tocsin/ledger"
	"tocsin/view"
)

// Report is the outcome of a proof.
type Report struct {
	Events     int64    `json:"events"`
	Root       string   `json:"root"` // base64 of the Merkle root over all events
	Cases      int      `json:"cases"`
	Contents   int      `json:"contents"`   // reports and quarantined items whose bytes were read again
	Pending    int      `json:"pending"`    // pieces of work that the cases owe and that are queued
	Checkpoint string   `json:"checkpoint"` // "none", or the size that the newest signed checkpoint covers
	Verified   bool     `json:"verified"`
	Faults     []string `json:"faults,omitempty"`
}

// maxFaults bounds the list: a record that is wrong throughout is no more wrong
// for saying so a million times.
const maxFaults = 100

func (r *Report) fault(format string, args ...any) {
	switch {
	case len(r.Faults) < maxFaults:
		r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
	case len(r.Faults) == maxFaults:
		r.Faults = append(r.Faults, "there are more faults than are listed")
	}
}

// Ledger proves a live store. verifier opens its checkpoint; without one the
// checkpoint is not looked at and the report says "none". shown is the index that
// the program shows from, or nil; it is compared with one folded anew up to the
// same position. Others may go on writing meanwhile; what they write after the
// proof has begun is not part of it. The error is of reading, not of proof: faults
// are in the report.
func Ledger(ctx context.Context, store ledger.Store, verifier note.Verifier, shown *view.Index) (Report, error) {
	var r Report
	tree, err := ledger.Audit(ctx, store)
	if err != nil {
		r.fault("log: %v", err)
		return r, ctx.Err()
	}
	r.Events, r.Root = tree.N, base64.StdEncoding.EncodeToString(tree.Hash[:])
	if err := r.checkpoint(ctx, store, verifier); err != nil {
		return r, err
	}
	p := &proof{Report: &r, store: store, index: view.New()}
	if err := p.replay(ctx); err != nil {
		return r, err
	}
	if p.index != nil {
		r.Cases = len(p.index.Cases)
		if err := p.work(ctx); err != nil {
			return r, err
		}
	}
	if shown != nil && p.index != nil {
		if err := r.views(ctx, store, shown); err != nil {
			return r, err
		}
	}
	r.Verified = len(r.Faults) == 0
	return r, nil
}

// checkpoint holds the newest signed checkpoint against the log as it is now: a
// log that was cut short or rewritten since cannot have that root at that size.
func (r *Report) checkpoint(ctx context.Context, store ledger.Store, verifier note.Verifier) error {
	signed, err := store.Log().Checkpoint(ctx)
	if err != nil {
		return err
	}
	r.Checkpoint = "none"
	if signed == nil || verifier == nil {
		return nil
	}
	cp, err := ledger.OpenCheckpoint(signed, verifier)
	if err != nil {
		r.fault("checkpoint: %v", err)
		return nil
	}
	r.Checkpoint = fmt.Sprint(cp.Size)
	size, err := store.Log().Size(ctx)
	if err != nil {
		return err
	}
	if cp.Size > size {
		r.fault("checkpoint: it covers %d events, but the record has only %d: the record was cut short", cp.Size, size)
		return nil
	}
	root, err := ledger.Root(ctx, store.Log(), cp.Size)
	if err != nil {
		return err
	}
	if root != cp.Root {
		r.fault("checkpoint: the first %d events are not those that were signed: the record was rewritten", cp.Size)
	}
	return nil
}

// views folds the record again up to where shown stands and compares.
func (r *Report) views(ctx context.Context, store ledger.Store, shown *view.Index) error {
	x := view.New()
	for rec, err := range store.Since(ctx, 0) {
		if err != nil {
			return err
		}
		if rec.Position >= shown.Position {
			break
		}
		if err := x.Fold(rec); err != nil {
			r.fault("views: %v", err)
			return nil
		}
	}
	for _, id := range x.CaseOrder {
		if !reflect.DeepEqual(x.Cases[id], shown.Cases[id]) {
			r.fault("views: case %s is shown otherwise than the record has it", id)
		}
	}
	for _, id := range x.Order {
		if !reflect.DeepEqual(x.Reports[id], shown.Reports[id]) {
			r.fault("views: report %s is shown otherwise than the record has it", id)
		}
	}
	same := len(x.Cases) == len(shown.Cases) && reflect.DeepEqual(x.CaseOrder, shown.CaseOrder) &&
		len(x.Reports) == len(shown.Reports) && reflect.DeepEqual(x.Order, shown.Order) &&
		reflect.DeepEqual(x.Quarantine, shown.Quarantine) && reflect.DeepEqual(x.Book.All(), shown.Book.All())
	if !same {
		r.fault("views: the lists of cases, reports, quarantined items or recipients differ from the record")
	}
	return nil
}

// ErrNotVerified says that a proof found faults.
var ErrNotVerified = errors.New("the record does not verify")
