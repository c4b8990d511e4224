// Package ledger is the append-only record: the Store contract, the form of a
// record and of its leaf in the Merkle log, and the checkpoint.
//
// Start with Store; NewRecord makes what goes into it. A record is one event of one stream; records of a stream
// are numbered from 1 without gaps, and all records of a store have a position
// from 0 without gaps in the order in which they were committed. The position
// is the index of the record's leaf in the Merkle log, which is in the
// tlog-tiles form (C2SP tlog-tiles; RFC 6962 hashing) and is written in the
// same transaction as the record.
//
// Root, ProveInclusion, ProveConsistency and Tile read the log; SignCheckpoint
// and OpenCheckpoint sign its head; Audit recomputes all of it. Whoever
// implements Store starts with Prepare, Admit and Frontier, and ends with
// ledger/ledgertest.
//
// The package refuses to know what an event means: its data is opaque fields. It
// has no clock and no source of randomness: times and salts come in as values.
package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin"
)

// ErrConflict says that the stream has moved on since it was read. Nothing was
// written. Load again, decide again.
var ErrConflict = errors.New("ledger: the stream has moved on")

// HeldError says that a batch claimed a key that an earlier record holds.
// Nothing was written.
type HeldError struct {
	Key    string // the key claimed
	Stream string // who holds it
	Seq    int    // first record of the batch that claimed it
}

// Error names the key and its holder.
func (e *HeldError) Error() string {
	return fmt.Sprintf("ledger: key %q is held by %s/%d", e.Key, e.Stream, e.Seq)
}

// Record is one event: the envelope, which goes into the leaf as it is, and the
// data fields, of which the leaf holds only salted digests (see LeafBytes). A
// record whose content was redacted or expunged lacks some or all of its fields;
// CheckLeaf still accepts it and says how many are missing.
type Record struct {
	Position  int64                      `json:"position"` // set by the store
	Stream    string                     `json:"stream"`   // "case/<id>", "intake", "directory", "users"
	Seq       int                        `json:"seq"`      // from 1 within the stream; set by the store
	Kind      string                     `json:"kind"`
	EventTime time.Time                  `json:"event_time"` // when it happened, as stated
	EntryTime time.Time                  `json:"entry_time"` // when it was entered here
	Actor     tocsin.ActorID             `json:"actor"`
	Command   string                     `json:"command"`        // id of the command it came from
	Pack      tocsin.Digest              `json:"pack,omitempty"` // pack it rests on
	Fields    map[string]json.RawMessage `json:"fields"`         // the event's data, one entry per top-level field
	Salts     map[string]string          `json:"salts"`          // one for each field: 16 random bytes in base64url
	Leaf      []byte                     `json:"-"`              // bytes whose hash is in the log; set by the store, returned by Load and Since
}

// Blob is bytes kept whole beside the records, named by their digest.
type Blob struct {
	Digest tocsin.Digest
	Bytes  []byte
}

// Due is work that falls due at a time. A later batch with the same ID replaces
// it and ends any lease on it; Settled removes it. A batch that does both to one
// ID settles first, so that the work is due again.
type Due struct {
	ID   string    // unique; "tick/<case>", "send/<delivery key>" or "page/<page>"
	Kind string    // "tick", "send" or "page"
	Case string    // the case it belongs to; for a page, its stream
	At   time.Time // not before
}

// Batch is written whole or not at all, to one stream. It may have no records,
// if all it does is to keep blobs or to change due work; then it claims no keys.
type Batch struct {
	Stream  string
	After   int // version of the stream that was read: the Seq of its last record, 0 if it does not exist
	Records []Record
	Keys    []string // claimed for ever, at most 1024 bytes each; a batch that claims a held key is refused with *HeldError
	Blobs   []Blob
	Due     []Due
	Settled []string // ids of due work that these records make unnecessary; unknown ids are passed over
}

// Store keeps records. Every implementation passes ledger/ledgertest.
//
// A store is safe for concurrent use. The database's clock is never used.
type Store interface {
	// Append writes all batches in one transaction and returns when they are on
	// the disk. A batch sees those before it as written. It returns the position
	// of the last record written, -1 if the batches hold no record. ErrConflict
	// if any stream has moved on, *HeldError if any key is held; then nothing
	// was written, nor is it after an error of kind tocsin.Unavailable or
	// tocsin.TooLarge, or if ctx was done before Append was called. Any other
	// error leaves it open whether the batches were written: the caller loads
	// and looks (commands carry ids for that).
	Append(ctx context.Context, batches ...Batch) (int64, error)

	// Load yields the records of a stream in order. An unknown stream yields none.
	Load(ctx context.Context, stream string) iter.Seq2[Record, error]

	// Since yields every committed record with a position of at least from, in
	// order of position, each once, and ends at the last. It never skips.
	Since(ctx context.Context, from int64) iter.Seq2[Record, error]

	// Holder returns the stream and first Seq of the batch that claimed key; ok
	// is false if nobody holds it.
	Holder(ctx context.Context, key string) (stream string, seq int, ok bool, err error)

	// Blob returns the bytes named by d, or an error of kind tocsin.NotFound.
	Blob(ctx context.Context, d tocsin.Digest) ([]byte, error)

	// Log returns the Merkle log over all records.
	Log() Log

	// Work returns the queue of due work.
	Work() Work

	// Changed returns a channel that is closed when the next Append, or Release
	// of due work, is committed through this store. Take it before reading, wait
	// on it after. Commits of other processes on the same database may not be
	// seen, so a reader who shares it also polls.
	Changed() <-chan struct{}

	Close() error
}

// Log reads the Merkle log: hashes as tlog.HashReader, the number of leaves, and
// the signed checkpoints.
type Log interface {
	// Size is the number of leaves committed.
	Size(ctx context.Context) (int64, error)
	// ReadHashes returns the hashes at the given tlog stored-hash indexes, as
	// tlog.HashReader does.
	ReadHashes(indexes []int64) ([]tlog.Hash, error)
	// PutCheckpoint keeps a signed checkpoint (a C2SP signed note) for a size
	// that the log has reached. One kept before for the same size is replaced,
	// as by the same checkpoint with a witness's signature added.
	PutCheckpoint(ctx context.Context, size int64, note []byte) error
	// Checkpoint returns the checkpoint kept for the largest size, nil if there
	// is none.
	Checkpoint(ctx context.Context) (note []byte, err error)
}

// Work hands out due work under leases. A lease that ends without the work
// being settled makes the work due again: that is how work survives a crash.
type Work interface {
	// Claim leases up to limit items that are due at now and not leased, to
	// worker until until, oldest first. A lease ends at until: at that very
	// moment the item can be claimed again. until must be after now.
	Claim(ctx context.Context, worker string, now, until time.Time, limit int) ([]Due, error)
	// Release gives back items this worker has leased, due again at at. Items
	// that were settled, replaced or leased by another worker since are left
	// alone.
	Release(ctx context.Context, worker string, at time.Time, ids ...string) error
	// Next returns the earliest time at which Claim could return something if
	// nothing changes: the due time of unleased work or the end of a lease,
	// whichever comes first. ok is false if there is no work at all.
	Next(ctx context.Context) (at time.Time, ok bool, err error)
	// Pending lists all work there is, leased or not, by ID, and changes nothing.
	// It is for a proof that what is owed will be done, not for doing it.
	Pending(ctx context.Context) ([]Due, error)
}
