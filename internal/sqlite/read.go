package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin"
	"tocsin/ledger"
)

// A page is what one read takes at most. Bytes are counted as well as records,
// because an event may be as large as ledger.MaxData.
const (
	pageRecords = 256
	pageBytes   = 4 << 20
)

// Load implements ledger.Store.
func (db *DB) Load(ctx context.Context, stream string) iter.Seq2[ledger.Record, error] {
	return db.pages(ctx, func(last ledger.Record) (*sql.Rows, error) {
		return db.read[load].QueryContext(ctx, stream, last.Seq, pageRecords)
	}, ledger.Record{})
}

// Since implements ledger.Store.
func (db *DB) Since(ctx context.Context, from int64) iter.Seq2[ledger.Record, error] {
	return db.pages(ctx, func(last ledger.Record) (*sql.Rows, error) {
		return db.read[since].QueryContext(ctx, last.Position+1, pageRecords)
	}, ledger.Record{Position: max(from, 0) - 1})
}

// pages yields the records of query(first), then of query(last record yielded),
// until a page is not full. No connection is held while the caller works.
func (db *DB) pages(ctx context.Context, query func(last ledger.Record) (*sql.Rows, error), first ledger.Record) iter.Seq2[ledger.Record, error] {
	return func(yield func(ledger.Record, error) bool) {
		for last := first; ; {
			rows, err := query(last)
			if err != nil {
				yield(ledger.Record{}, db.readFault(err))
				return
			}
			page, more, err := readPage(rows)
			if err != nil {
				yield(ledger.Record{}, db.readFault(err))
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
			if !more {
				return
			}
			last = page[len(page)-1]
			if err := ctx.Err(); err != nil {
				yield(ledger.Record{}, err)
				return
			}
		}
	}
}

func readPage(rows *sql.Rows) (page []ledger.Record, more bool, err error) {
	defer rows.Close()
	bytes := 0
	for bytes < pageBytes && rows.Next() {
		r, size, err := scanRecord(rows)
		if err != nil {
			return nil, false, err
		}
		page = append(page, r)
		bytes += size
	}
	return page, bytes >= pageBytes || len(page) == pageRecords, rows.Err()
}

func scanRecord(rows *sql.Rows) (r ledger.Record, size int, err error) {
	var event, entry int64
	var data []byte
	if err := rows.Scan(&r.Position, &r.Stream, &r.Seq, &r.Kind, &event, &entry, &r.Actor, &r.Command, &r.Pack, &r.Leaf, &data); err != nil {
		return ledger.Record{}, 0, err
	}
	r.EventTime, r.EntryTime = time.UnixMicro(event).UTC(), time.UnixMicro(entry).UTC()
	if r.Fields, r.Salts, err = ledger.DecodeData(data); err != nil {
		return ledger.Record{}, 0, ledger.Damaged("The data at position %d cannot be read.", r.Position)
	}
	return r, len(r.Leaf) + len(data), nil
}

// readFault turns the error of a read on a closed record into ledger.Closed.
func (db *DB) readFault(err error) error {
	select {
	case <-db.closing:
		return ledger.Closed()
	default:
		var fault *tocsin.Error
		if errors.As(err, &fault) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return fmt.Errorf("sqlite: read: %w", err)
	}
}

// Holder implements ledger.Store.
func (db *DB) Holder(ctx context.Context, key string) (stream string, seq int, ok bool, err error) {
	stream, seq, ok, err = readHolder(db.read[holder].QueryRowContext(ctx, []byte(key)))
	if err != nil {
		return "", 0, false, db.readFault(err)
	}
	return stream, seq, ok, nil
}

func readHolder(row *sql.Row) (stream string, seq int, held bool, err error) {
	switch err := row.Scan(&stream, &seq); {
	case errors.Is(err, sql.ErrNoRows):
		return "", 0, false, nil
	case err != nil:
		return "", 0, false, err
	}
	return stream, seq, true, nil
}

// Blob implements ledger.Store.
func (db *DB) Blob(ctx context.Context, d tocsin.Digest) ([]byte, error) {
	content := []byte{}
	switch err := db.read[blobOf].QueryRowContext(ctx, string(d)).Scan(&content); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, ledger.NoBlob(d)
	case err != nil:
		return nil, db.readFault(err)
	}
	return content, nil
}

// Log implements ledger.Store.
func (db *DB) Log() ledger.Log { return log{db} }

type log struct{ db *DB }

func (l log) Size(ctx context.Context) (int64, error) {
	size, _, err := readTip(l.db.read[tip].QueryRowContext(ctx))
	if err != nil {
		return 0, l.db.readFault(err)
	}
	return size, nil
}

// readTip returns the log's size and the last hash stored in it, which is that of
// the last subtree completed.
func readTip(row *sql.Row) (size int64, last tlog.Hash, err error) {
	var position int64
	var hashes []byte
	switch err := row.Scan(&position, &hashes); {
	case errors.Is(err, sql.ErrNoRows):
		return 0, tlog.Hash{}, nil
	case err != nil:
		return 0, tlog.Hash{}, err
	case len(hashes) < tlog.HashSize:
		return 0, tlog.Hash{}, ledger.Damaged("The record at position %d has no hashes.", position)
	}
	return position + 1, tlog.Hash(hashes[len(hashes)-tlog.HashSize:]), nil
}

func (l log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes, err := readHashes(context.Background(), l.db.read[hashesAt], indexes)
	if err != nil {
		return nil, l.db.readFault(err)
	}
	return hashes, nil
}

// readHashes reads hashes from the rows of the records that completed them (see
// ledger.HashHome). Neighbours often come from the same row.
func readHashes(ctx context.Context, stmt *sql.Stmt, indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	at := int64(-1)
	var row []byte
	for i, index := range indexes {
		if index < 0 {
			return nil, fmt.Errorf("no hash has index %d", index)
		}
		position, slot := ledger.HashHome(index)
		if position != at {
			if err := stmt.QueryRowContext(ctx, position).Scan(&row); err != nil {
				return nil, fmt.Errorf("hash at index %d: %w", index, err)
			}
			at = position
		}
		if len(row) < (slot+1)*tlog.HashSize {
			return nil, ledger.Damaged("The record at position %d lacks a hash.", position)
		}
		out[i] = tlog.Hash(row[slot*tlog.HashSize : (slot+1)*tlog.HashSize])
	}
	return out, nil
}

func (l log) PutCheckpoint(ctx context.Context, size int64, note []byte) error {
	return l.db.write(ctx, len(note), false, func(t *txn) error {
		if err := ledger.CheckReached(size, t.edge.Size()); err != nil {
			return err
		}
		return t.exec(putCheckpoint, size, note)
	})
}

func (l log) Checkpoint(ctx context.Context) ([]byte, error) {
	var note []byte
	err := l.db.read[newestCheckpoint].QueryRowContext(ctx).Scan(&note)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, l.db.readFault(err)
	}
	return note, nil
}
