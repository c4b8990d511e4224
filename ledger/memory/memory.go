// Package memory is a ledger.Store in memory, for tests: it keeps the contract
// to the letter, forgets everything when the process ends, and can break writes
// on purpose.
//
// Open makes one. FailAppend breaks an Append in the two ways in which a real
// one breaks, so that a caller can be shown to survive both: not written, and
// written but reported as failed.
package memory

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin"
	"tocsin/ledger"
)

// Fault is what an Append does wrong.
type Fault int

// The faults. None leaves the Append alone.
const (
	None       Fault = iota
	NotWritten       // the error is true: nothing was written
	Written          // the batches were written, and the error says they were not
)

// ErrFault is the error of an Append broken on purpose. As with a real failure it
// does not tell whether the batches were written.
var ErrFault = errors.New("memory: broken on purpose; whether it was written is open")

var _ ledger.Store = (*Store)(nil)

// Store is a ledger.Store in memory.
type Store struct {
	mu          sync.Mutex
	closed      bool
	appends     int
	fault       func(n int) Fault
	records     []ledger.Record
	streams     map[string][]int64 // positions, in order of Seq
	hashes      []tlog.Hash        // by tlog stored-hash index
	edge        ledger.Frontier
	keys        map[string]held
	blobs       map[tocsin.Digest][]byte
	due         map[string]*item
	checkpoints map[int64][]byte
	changed     chan struct{}
}

type held struct {
	stream string
	seq    int
}

type item struct {
	ledger.Due
	worker string // "" if not leased
	until  time.Time
}

// ready is when the item can be claimed.
func (it *item) ready() time.Time {
	if it.worker != "" {
		return it.until
	}
	return it.At
}

// Open returns an empty store.
func Open() *Store {
	return &Store{streams: map[string][]int64{}, keys: map[string]held{}, blobs: map[tocsin.Digest][]byte{},
		due: map[string]*item{}, checkpoints: map[int64][]byte{}, changed: make(chan struct{})}
}

// FailAppend makes hook decide the fault of each later Append; n counts them
// from 1. A nil hook breaks nothing. Appends that would be refused anyway are
// counted but not broken.
func (s *Store) FailAppend(hook func(n int) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.appends, s.fault = 0, hook
}

// Append implements ledger.Store.
func (s *Store) Append(ctx context.Context, batches ...ledger.Batch) (int64, error) {
	prepared, err := ledger.Prepare(batches)
	if err != nil {
		return -1, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return -1, err
	}
	s.appends++
	if err := ledger.Admit(prepared, s.version, s.holder); err != nil {
		return -1, err
	}
	fault := None
	if s.fault != nil {
		fault = s.fault(s.appends)
	}
	if fault == NotWritten {
		return -1, ErrFault
	}
	last := int64(-1)
	for _, b := range prepared {
		if s.write(b); len(b.Records) > 0 {
			last = s.edge.Size() - 1
		}
	}
	s.notify()
	if fault == Written {
		return -1, ErrFault
	}
	return last, nil
}

// usable must be called with mu held.
func (s *Store) usable(ctx context.Context) error {
	if s.closed {
		return ledger.Closed()
	}
	return ctx.Err()
}

func (s *Store) version(stream string) (int, error) { return len(s.streams[stream]), nil }

func (s *Store) holder(key string) (string, int, bool, error) {
	h, ok := s.keys[key]
	return h.stream, h.seq, ok, nil
}

func (s *Store) write(b ledger.Batch) {
	for _, r := range b.Records {
		r.Position = s.edge.Size()
		s.hashes = append(s.hashes, s.edge.Add(r.Leaf)...)
		s.records = append(s.records, r)
		s.streams[b.Stream] = append(s.streams[b.Stream], r.Position)
	}
	for _, key := range b.Keys {
		s.keys[key] = held{b.Stream, b.After + 1}
	}
	for _, blob := range b.Blobs {
		s.blobs[blob.Digest] = blob.Bytes
	}
	for _, id := range b.Settled {
		delete(s.due, id)
	}
	for _, d := range b.Due {
		s.due[d.ID] = &item{Due: d}
	}
}

// notify must be called with mu held, after the change is visible.
func (s *Store) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Load implements ledger.Store.
func (s *Store) Load(ctx context.Context, stream string) iter.Seq2[ledger.Record, error] {
	return s.each(ctx, func(i int) (ledger.Record, bool) {
		if positions := s.streams[stream]; i < len(positions) {
			return s.records[positions[i]], true
		}
		return ledger.Record{}, false
	})
}

// Since implements ledger.Store.
func (s *Store) Since(ctx context.Context, from int64) iter.Seq2[ledger.Record, error] {
	from = max(from, 0)
	return s.each(ctx, func(i int) (ledger.Record, bool) {
		if from+int64(i) < int64(len(s.records)) {
			return s.records[from+int64(i)], true
		}
		return ledger.Record{}, false
	})
}

// each yields what at returns for 0, 1, 2 and so on. The lock is not held while
// the caller works, so that it can append in the loop.
func (s *Store) each(ctx context.Context, at func(i int) (ledger.Record, bool)) iter.Seq2[ledger.Record, error] {
	next := func(i int) (ledger.Record, bool, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := s.usable(ctx); err != nil {
			return ledger.Record{}, false, err
		}
		r, ok := at(i)
		return r, ok, nil
	}
	return func(yield func(ledger.Record, error) bool) {
		for i := 0; ; i++ {
			r, ok, err := next(i)
			if err != nil {
				yield(ledger.Record{}, err)
				return
			}
			if !ok || !yield(clone(r), nil) {
				return
			}
		}
	}
}

// clone keeps a caller's changes to what it was given out of the store.
func clone(r ledger.Record) ledger.Record {
	fields := make(map[string]json.RawMessage, len(r.Fields))
	for name, value := range r.Fields {
		fields[name] = bytes.Clone(value)
	}
	r.Fields, r.Salts, r.Leaf = fields, maps.Clone(r.Salts), bytes.Clone(r.Leaf)
	return r
}

// Holder implements ledger.Store.
func (s *Store) Holder(ctx context.Context, key string) (stream string, seq int, ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return "", 0, false, err
	}
	return s.holder(key)
}

// Blob implements ledger.Store.
func (s *Store) Blob(ctx context.Context, d tocsin.Digest) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	b, ok := s.blobs[d]
	if !ok {
		return nil, ledger.NoBlob(d)
	}
	return bytes.Clone(b), nil
}

// Log implements ledger.Store.
func (s *Store) Log() ledger.Log { return log{s} }

// Work implements ledger.Store.
func (s *Store) Work() ledger.Work { return work{s} }

// Changed implements ledger.Store.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// Close implements ledger.Store. What was written cannot be read afterwards.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

type log struct{ s *Store }

func (l log) Size(ctx context.Context) (int64, error) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.s.edge.Size(), l.s.usable(ctx)
}

func (l log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(l.s.hashes)) {
			return nil, fmt.Errorf("memory: no hash at index %d", index)
		}
		out[i] = l.s.hashes[index]
	}
	return out, nil
}

func (l log) PutCheckpoint(ctx context.Context, size int64, note []byte) error {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if err := l.s.usable(ctx); err != nil {
		return err
	}
	if err := ledger.CheckReached(size, l.s.edge.Size()); err != nil {
		return err
	}
	l.s.checkpoints[size] = bytes.Clone(note)
	return nil
}

func (l log) Checkpoint(ctx context.Context) ([]byte, error) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if err := l.s.usable(ctx); err != nil || len(l.s.checkpoints) == 0 {
		return nil, err
	}
	return bytes.Clone(l.s.checkpoints[slices.Max(slices.Collect(maps.Keys(l.s.checkpoints)))]), nil
}

type work struct{ s *Store }

func (w work) Claim(ctx context.Context, worker string, now, until time.Time, limit int) ([]ledger.Due, error) {
	if err := ledger.CheckLease(worker, now, until); err != nil {
		return nil, err
	}
	now, until = tocsin.Instant(now), tocsin.Instant(until)
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if err := w.s.usable(ctx); err != nil {
		return nil, err
	}
	var ready []*item
	for _, it := range w.s.due {
		if !it.At.After(now) && !it.ready().After(now) {
			ready = append(ready, it)
		}
	}
	slices.SortFunc(ready, func(a, b *item) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	var out []ledger.Due
	for _, it := range ready[:min(max(limit, 0), len(ready))] {
		it.worker, it.until = worker, until
		out = append(out, it.Due)
	}
	return out, nil
}

func (w work) Release(ctx context.Context, worker string, at time.Time, ids ...string) error {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if err := w.s.usable(ctx); err != nil {
		return err
	}
	for _, id := range ids {
		if it := w.s.due[id]; it != nil && worker != "" && it.worker == worker {
			it.worker, it.At = "", tocsin.Instant(at)
		}
	}
	w.s.notify()
	return nil
}

func (w work) Next(ctx context.Context) (at time.Time, ok bool, err error) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if err := w.s.usable(ctx); err != nil {
		return time.Time{}, false, err
	}
	for _, it := range w.s.due {
		if t := it.ready(); !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	return at, ok, nil
}

func (w work) Pending(ctx context.Context) ([]ledger.Due, error) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if err := w.s.usable(ctx); err != nil {
		return nil, err
	}
	var all []ledger.Due
	for _, id := range slices.Sorted(maps.Keys(w.s.due)) {
		all = append(all, w.s.due[id].Due)
	}
	return all, nil
}
