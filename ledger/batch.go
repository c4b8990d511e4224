package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin"
)

// MaxBlob is the size of the largest blob, in bytes.
const MaxBlob = 64 << 20

// Prepare is a store's first step in Append: it refuses malformed batches and
// returns copies in which every record has its stream, sequence number and leaf,
// times have the precision that is kept, and a key appears once. Nothing in the
// result is shared with the caller. It needs no lock: the sequence numbers follow
// from After, and Admit decides later whether After still holds.
func Prepare(batches []Batch) ([]Batch, error) {
	out := make([]Batch, len(batches))
	for i, b := range batches {
		p, err := b.prepared()
		if err != nil {
			return nil, err
		}
		out[i] = p
	}
	return out, nil
}

func (b Batch) prepared() (Batch, error) {
	if b.Stream == "" || len(b.Stream) > 256 || !utf8.ValidString(b.Stream) || b.After < 0 {
		return Batch{}, fmt.Errorf("ledger: batch for stream %q after %d", b.Stream, b.After)
	}
	if len(b.Keys) > 0 && len(b.Records) == 0 {
		return Batch{}, fmt.Errorf("ledger: batch for %s claims keys without a record to hold them", b.Stream)
	}
	records := make([]Record, len(b.Records))
	for i, r := range b.Records {
		r.Stream, r.Seq, r.Position = b.Stream, b.After+1+i, 0
		sealed, err := r.sealed()
		if err != nil {
			return Batch{}, err
		}
		records[i] = sealed
	}
	b.Records = records
	b.Keys = slices.Clone(b.Keys)
	slices.Sort(b.Keys)
	b.Keys = slices.Compact(b.Keys)
	if len(b.Keys) > 0 && (b.Keys[0] == "" || slices.ContainsFunc(b.Keys, func(k string) bool { return len(k) > 1024 })) {
		return Batch{}, fmt.Errorf("ledger: batch for %s claims a key that is empty or longer than 1024 bytes", b.Stream)
	}
	blobs := make([]Blob, len(b.Blobs))
	for i, blob := range b.Blobs {
		if err := blob.check(); err != nil {
			return Batch{}, err
		}
		blobs[i] = Blob{blob.Digest, bytes.Clone(blob.Bytes)}
	}
	b.Blobs = blobs
	b.Due = slices.Clone(b.Due)
	for i, d := range b.Due {
		if d.ID == "" || d.Kind == "" || !utf8.ValidString(d.ID+d.Kind+d.Case) {
			return Batch{}, fmt.Errorf("ledger: due work %q of kind %q", d.ID, d.Kind)
		}
		b.Due[i].At = tocsin.Instant(d.At)
	}
	b.Settled = slices.Clone(b.Settled)
	return b, nil
}

func (b Blob) check() error {
	if len(b.Bytes) > MaxBlob {
		return tocsin.Faultf(tocsin.TooLarge, "blob_too_large", "Send it in parts.",
			"The content has %d bytes; the record keeps at most %d in one piece.", len(b.Bytes), MaxBlob)
	}
	if b.Digest != tocsin.DigestOf(b.Bytes) {
		return fmt.Errorf("ledger: blob is not what its digest %s names", b.Digest)
	}
	return nil
}

// Admit is a store's second step in Append, inside its transaction and before it
// writes anything: it returns an error that is ErrConflict, or a *HeldError, or
// what version or holder returned, and nil if the prepared batches may be written.
// A batch sees those before it in the same Append as written.
func Admit(batches []Batch, version func(stream string) (int, error),
	holder func(key string) (stream string, seq int, held bool, err error)) error {
	versions := map[string]int{}
	claimed := map[string]*HeldError{}
	for _, b := range batches {
		at, seen := versions[b.Stream]
		if !seen {
			var err error
			if at, err = version(b.Stream); err != nil {
				return fmt.Errorf("version of %s: %w", b.Stream, err)
			}
		}
		if at != b.After {
			return fmt.Errorf("%w: %s is at %d, the batch is for after %d", ErrConflict, b.Stream, at, b.After)
		}
		versions[b.Stream] = at + len(b.Records)
		for _, key := range b.Keys {
			if h := claimed[key]; h != nil {
				return h
			}
			stream, seq, held, err := holder(key)
			if err != nil {
				return fmt.Errorf("holder of a key: %w", err)
			}
			if held {
				return &HeldError{Key: key, Stream: stream, Seq: seq}
			}
			claimed[key] = &HeldError{Key: key, Stream: b.Stream, Seq: b.After + 1}
		}
	}
	return nil
}

// CheckLease refuses a lease that could not be held: without a worker, or one
// that ends before it begins.
func CheckLease(worker string, now, until time.Time) error {
	if worker == "" || !utf8.ValidString(worker) {
		return errors.New("ledger: a lease needs a worker")
	}
	if !tocsin.Instant(until).After(tocsin.Instant(now)) {
		return fmt.Errorf("ledger: a lease from %s to %s is none", now.Format(time.RFC3339), until.Format(time.RFC3339))
	}
	return nil
}

// Audit reads the whole record and recomputes it from the leaves: positions and
// sequence numbers without gaps, every record what its leaf says, every stored
// hash of the log what the leaves give. It returns the tree it computed. The
// first thing that is wrong ends it, as a *tocsin.Error with code
// "record_damaged".
//
// It reads what is committed when it starts, and changes nothing.
func Audit(ctx context.Context, s Store) (tlog.Tree, error) {
	size, err := s.Log().Size(ctx)
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("ledger: audit: %w", err)
	}
	a := audit{log: s.Log(), versions: map[string]int{}}
	for r, err := range s.Since(ctx, 0) {
		if err != nil {
			return tlog.Tree{}, fmt.Errorf("ledger: audit: %w", err)
		}
		if a.edge.Size() == size {
			break
		}
		if err := a.record(r); err != nil {
			return tlog.Tree{}, err
		}
	}
	if a.edge.Size() != size {
		return tlog.Tree{}, Damaged("The log has %d leaves but only %d records can be read.", size, a.edge.Size())
	}
	if err := a.compare(); err != nil {
		return tlog.Tree{}, err
	}
	return tlog.Tree{N: size, Hash: a.edge.Root()}, nil
}

type audit struct {
	log      Log
	edge     Frontier
	versions map[string]int
	hashes   []tlog.Hash // recomputed and not yet compared
	from     int64       // stored-hash index of hashes[0]
}

func (a *audit) record(r Record) error {
	if r.Position != a.edge.Size() {
		return Damaged("Position %d follows position %d.", r.Position, a.edge.Size()-1)
	}
	if r.Seq != a.versions[r.Stream]+1 {
		return Damaged("Stream %s goes from %d to %d at position %d.", r.Stream, a.versions[r.Stream], r.Seq, r.Position)
	}
	a.versions[r.Stream] = r.Seq
	if _, err := CheckLeaf(r.Leaf, r); err != nil {
		return Damaged("The record at position %d is not what its leaf says: %v.", r.Position, err)
	}
	a.hashes = append(a.hashes, a.edge.Add(r.Leaf)...)
	if len(a.hashes) >= 1024 {
		return a.compare()
	}
	return nil
}

func (a *audit) compare() error {
	indexes := make([]int64, len(a.hashes))
	for i := range indexes {
		indexes[i] = a.from + int64(i)
	}
	stored, err := a.log.ReadHashes(indexes)
	if err != nil {
		return Damaged("The log's hashes %d to %d cannot be read: %v.", a.from, a.from+int64(len(indexes))-1, err)
	}
	for i, h := range a.hashes {
		if stored[i] != h {
			position, _ := HashHome(indexes[i])
			return Damaged("The log's hash at position %d is not that of its leaves.", position)
		}
	}
	a.from += int64(len(a.hashes))
	a.hashes = a.hashes[:0]
	return nil
}

// Damaged is the error of a record that is not what it was when it was written.
func Damaged(format string, args ...any) *tocsin.Error {
	return tocsin.Faultf(tocsin.Invalid, "record_damaged",
		"Stop writing, keep this copy as evidence, and restore the last backup whose check succeeds.", format, args...)
}

// NoBlob is the error of a store that does not have the blob d.
func NoBlob(d tocsin.Digest) *tocsin.Error {
	return tocsin.Faultf(tocsin.NotFound, "no_such_content", "Check the digest; content that was expunged does not come back.",
		"The record holds no content with the digest %s.", d)
}

// CheckReached refuses a checkpoint for a size that a log of have leaves has not
// reached.
func CheckReached(size, have int64) error {
	if size < 0 || size > have {
		return tocsin.Faultf(tocsin.Invalid, "checkpoint_ahead", "Sign the size that the record has now.",
			"A checkpoint for %d entries cannot be kept: the record holds %d.", size, have)
	}
	return nil
}

// Closed is the error of a store after Close.
func Closed() *tocsin.Error {
	return tocsin.Fault(tocsin.Unavailable, "record_closed", "The record is closed.", "Open it again.").Keeping("Nothing was written.")
}
