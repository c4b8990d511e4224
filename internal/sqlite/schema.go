package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

const (
	applicationID = 0x5463736e // "Tcsn", so that file(1) and we can tell the file from others
	schemaVersion = 1
)

// schema is form 1. Times are microseconds since 1970, UTC.
//
// A record's row carries the hashes it adds to the Merkle log (its own, then one
// for each subtree it completes): log and record cannot come apart, and the log
// costs no rows of its own. Small columns stand before large ones, because SQLite
// reads a row from the front.
//
// The triggers are no protection against somebody with the file; the log is. They
// keep a mistake in a program from changing what a leaf vouches for. data, the
// fields with their salts as ledger.EncodeData writes them, may change: that is
// how content is expunged.
const schema = `
CREATE TABLE record (
	position   INTEGER PRIMARY KEY,
	stream     TEXT    NOT NULL,
	seq        INTEGER NOT NULL,
	kind       TEXT    NOT NULL,
	event_time INTEGER NOT NULL,
	entry_time INTEGER NOT NULL,
	actor      TEXT    NOT NULL,
	command    TEXT    NOT NULL,
	pack       TEXT    NOT NULL,
	hashes     BLOB    NOT NULL,
	leaf       BLOB    NOT NULL,
	data       BLOB    NOT NULL,
	UNIQUE (stream, seq)
) STRICT;
CREATE TRIGGER record_stays BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
CREATE TRIGGER record_is_unchanged BEFORE UPDATE OF position, stream, seq, kind, event_time, entry_time, actor, command, pack, hashes, leaf ON record
BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;

CREATE TABLE held (
	key    BLOB    PRIMARY KEY,
	stream TEXT    NOT NULL,
	seq    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER held_for_ever BEFORE DELETE ON held
BEGIN SELECT RAISE(ABORT, 'a key is held for ever'); END;
CREATE TRIGGER held_by_the_first BEFORE UPDATE ON held
BEGIN SELECT RAISE(ABORT, 'a key is held for ever'); END;

CREATE TABLE blob (
	digest TEXT NOT NULL UNIQUE,
	bytes  BLOB NOT NULL
) STRICT;

CREATE TABLE due (
	id      TEXT    PRIMARY KEY,
	kind    TEXT    NOT NULL,
	case_id TEXT    NOT NULL,
	at      INTEGER NOT NULL,
	worker  TEXT,
	until   INTEGER,
	CHECK ((worker IS NULL) = (until IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX due_at ON due (at, id);
CREATE INDEX due_leased ON due (until) WHERE until IS NOT NULL;

CREATE TABLE checkpoint (
	size INTEGER PRIMARY KEY,
	note BLOB NOT NULL
) STRICT`

// The statements, by what they do.
type statement int

const (
	begin statement = iota
	commit
	rollback
	tip
	hashesAt
	version
	holder
	insertRecord
	insertKey
	insertBlob
	settle
	putDue
	dueNow
	lease
	release
	putCheckpoint
	load
	since
	blobOf
	newestCheckpoint
	anyDue
	nextDue
	allDue
	statementCount
)

const columns = "position, stream, seq, kind, event_time, entry_time, actor, command, pack, leaf, data"

// Oldest first by the time it was due, not by when it became free: an item whose
// worker died has waited longest. Leased items at the front are passed over one
// by one; there are never more of them than workers hold.
const dueCondition = " FROM due WHERE at <= ?1 AND (until IS NULL OR until <= ?1)"

var writeSQL = map[statement]string{
	begin:         "BEGIN IMMEDIATE",
	commit:        "COMMIT",
	rollback:      "ROLLBACK",
	tip:           "SELECT position, hashes FROM record ORDER BY position DESC LIMIT 1",
	hashesAt:      "SELECT hashes FROM record WHERE position = ?",
	version:       "SELECT seq FROM record WHERE stream = ? ORDER BY seq DESC LIMIT 1",
	holder:        "SELECT stream, seq FROM held WHERE key = ?",
	insertRecord:  "INSERT INTO record (" + columns + ", hashes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	insertKey:     "INSERT INTO held (key, stream, seq) VALUES (?, ?, ?)",
	insertBlob:    "INSERT INTO blob (digest, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING",
	settle:        "DELETE FROM due WHERE id = ?",
	putDue:        "INSERT INTO due (id, kind, case_id, at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, case_id = excluded.case_id, at = excluded.at, worker = NULL, until = NULL",
	dueNow:        "SELECT id, kind, case_id, at" + dueCondition + " ORDER BY at, id LIMIT ?2",
	lease:         "UPDATE due SET worker = ?, until = ? WHERE id = ?",
	release:       "UPDATE due SET worker = NULL, until = NULL, at = ? WHERE id = ? AND worker = ?",
	putCheckpoint: "INSERT INTO checkpoint (size, note) VALUES (?, ?) ON CONFLICT (size) DO UPDATE SET note = excluded.note",
}

var readSQL = map[statement]string{
	tip:              writeSQL[tip],
	hashesAt:         writeSQL[hashesAt],
	holder:           writeSQL[holder],
	load:             "SELECT " + columns + " FROM record WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?",
	since:            "SELECT " + columns + " FROM record WHERE position >= ? ORDER BY position LIMIT ?",
	blobOf:           "SELECT bytes FROM blob WHERE digest = ?",
	newestCheckpoint: "SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1",
	allDue:           "SELECT id, kind, case_id, at FROM due ORDER BY id",
	anyDue:           "SELECT 1" + dueCondition + " LIMIT 1",
	nextDue: "SELECT * FROM (SELECT at FROM due WHERE until IS NULL ORDER BY at LIMIT 1)" +
		" UNION ALL SELECT * FROM (SELECT until FROM due WHERE until IS NOT NULL ORDER BY until LIMIT 1) ORDER BY 1 LIMIT 1",
}

// statements are prepared once: parsing SQL takes longer than running it.
type statements [statementCount]*sql.Stmt

func (s *statements) prepare(ctx context.Context, p interface {
	PrepareContext(context.Context, string) (*sql.Stmt, error)
}, texts map[statement]string) error {
	for n, text := range texts {
		stmt, err := p.PrepareContext(ctx, text)
		if err != nil {
			return fmt.Errorf("sqlite: prepare %q: %w", text, err)
		}
		s[n] = stmt
	}
	return nil
}

func (s *statements) close() error {
	var errs []error
	for _, stmt := range s {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}
