// Package sqlite keeps the record in one SQLite file: a ledger.Store.
//
// Open is where to start. Events, attachments, due work, the Merkle log and its
// checkpoints live in that one file, so that one backup holds all of them and
// none can be newer than another. While the record is open, what was committed
// last is in a second file beside it, ending in "-wal". So a backup is taken with
// the command "VACUUM INTO 'file'" or SQLite's backup interface, at any time; or
// by copying the file after Close, which leaves no second one. Copying the open
// file alone loses what was acknowledged last.
//
// All writing is done by one goroutine, first come, first served. It takes all
// requests that wait and commits them in one transaction, so that one flush to
// the disk answers many callers (group commit). Reading goes through a pool of
// connections that cannot write, in pages, so that no reader holds a transaction
// for long: a long one would keep the write-ahead log from being reused.
//
// Another process may write to the same file. The writer then finds the log
// longer than it left it and goes on from there; Changed does not tell of such
// commits, so readers in that situation poll.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"tocsin"
	"tocsin/ledger"
)

var _ ledger.Store = (*DB)(nil)

// DB is the record in one SQLite file. It is safe for concurrent use.
type DB struct {
	path    string
	reader  *sql.DB
	read    statements
	writer  *writer
	queue   chan *request
	closing chan struct{} // closed by Close: no new requests
	stopped chan struct{} // closed by the writer when the last request is answered
	close   func() error

	mu      sync.Mutex
	changed chan struct{}
}

// Option changes how a record is opened.
type Option func(*options)

type options struct {
	busy    time.Duration
	readers int
	group   int
}

// BusyTimeout is how long a write waits for another process that is writing to
// the same file; 10 s if not given.
func BusyTimeout(d time.Duration) Option { return func(o *options) { o.busy = d } }

// Readers is how many reads can go on at once; 8 if not given.
func Readers(n int) Option { return func(o *options) { o.readers = max(n, 1) } }

// Group is how many requests are committed together at most; 256 if not given.
func Group(n int) Option { return func(o *options) { o.group = max(n, 1) } }

// Open opens the record at path and creates it if there is no file, readable by
// this user only. The directory must exist.
//
// A file that is not a Tocsin record, or one written by a newer Tocsin, is refused
// with a *tocsin.Error and left as it is.
func Open(path string, opts ...Option) (*DB, error) {
	o := options{busy: 10 * time.Second, readers: 8, group: 256}
	for _, opt := range opts {
		opt(&o)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: path: %w", err)
	}
	if err := createFile(path); err != nil {
		return nil, err
	}
	ctx := context.Background()
	writing, err := sql.Open("sqlite", source(path, o, "foreign_keys(1)", "cache_size(-16384)"))
	if err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	conn, err := prepareFile(ctx, writing, path)
	if err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	w := &writer{conn: conn, group: o.group}
	if err := w.stmts.prepare(ctx, conn, writeSQL); err != nil {
		return nil, errors.Join(err, conn.Close(), writing.Close())
	}
	reading, err := sql.Open("sqlite", source(path, o, "query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open %s: %w", path, err), conn.Close(), writing.Close())
	}
	reading.SetMaxOpenConns(o.readers)
	reading.SetMaxIdleConns(o.readers)
	db := &DB{path: path, reader: reading, writer: w, queue: make(chan *request, o.group), closing: make(chan struct{}),
		stopped: make(chan struct{}), changed: make(chan struct{})}
	db.close = sync.OnceValue(func() error {
		close(db.closing)
		<-db.stopped
		// Readers first: the last connection to close folds the write-ahead log
		// into the file, and only the writer may write.
		return errors.Join(reading.Close(), w.stmts.close(), conn.Close(), writing.Close())
	})
	if err := db.read.prepare(ctx, reading, readSQL); err != nil {
		return nil, errors.Join(err, reading.Close(), conn.Close(), writing.Close())
	}
	go w.run(db)
	return db, nil
}

// Path is the absolute path of the file.
func (db *DB) Path() string { return db.path }

// Close answers what is waiting to be written, then closes the file.
func (db *DB) Close() error { return db.close() }

// source is the data source name. The path is escaped, because SQLite reads a
// query and a fragment in it.
func source(path string, o options, pragmas ...string) string {
	q := url.Values{"mode": {"rw"}}
	// synchronous FULL flushes the write-ahead log at every commit; fullfsync
	// makes that flush reach the disk where the system's fsync does not (macOS).
	all := append([]string{"synchronous(FULL)", "fullfsync(1)", "trusted_schema(0)"}, pragmas...)
	q["_pragma"] = append([]string{"busy_timeout(" + strconv.FormatInt(o.busy.Milliseconds(), 10) + ")"}, all...)
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// createFile makes an empty file, if there is none, before SQLite does: with
// SQLite's own, everybody on the machine could read it.
func createFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		fault := tocsin.Faultf(tocsin.Unavailable, "record_not_created", "Check that the directory exists and may be written to.",
			"The record %s cannot be created.", path)
		fault.Cause = err
		return fault
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("sqlite: create %s: %w", path, err)
	}
	// Without this a power failure may forget the file's name, and with it
	// everything acknowledged since.
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("sqlite: sync directory: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// prepareFile opens the writing connection, checks that the file is ours, and
// creates the tables in an empty one. A file that is refused is not written to.
func prepareFile(ctx context.Context, writing *sql.DB, path string) (*sql.Conn, error) {
	conn, err := writing.Conn(ctx)
	if err != nil {
		return nil, openFault(path, err)
	}
	fresh, err := identify(ctx, conn, path)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	var mode string
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode=WAL").Scan(&mode); err != nil || mode != "wal" {
		err = openFault(path, fmt.Errorf("write-ahead log: mode %q, %w", mode, err))
		return nil, errors.Join(err, conn.Close())
	}
	if fresh {
		if err := create(ctx, conn, path); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// identify reports whether the file is empty, and refuses one that is not ours.
func identify(ctx context.Context, conn *sql.Conn, path string) (fresh bool, err error) {
	var objects, application, version int
	for query, to := range map[string]*int{"SELECT count(*) FROM sqlite_master": &objects,
		"PRAGMA application_id": &application, "PRAGMA user_version": &version} {
		if err := conn.QueryRowContext(ctx, query).Scan(to); err != nil {
			return false, openFault(path, err)
		}
	}
	switch {
	case objects == 0 && application == 0 && version == 0:
		return true, nil
	case application != applicationID:
		return false, notARecord(path)
	case version > schemaVersion:
		return false, tocsin.Faultf(tocsin.Invalid, "record_newer", "Use the newer program, or restore a backup made before the upgrade.",
			"The record %s has form %d; this program knows forms up to %d.", path, version, schemaVersion).Keeping("The file was not changed.")
	case version < 1:
		return false, ledger.Damaged("The record %s carries no version of its form.", path)
	}
	return false, nil
}

// create makes the tables. Another process may be doing the same, so it looks
// again once it holds the write lock.
func create(ctx context.Context, conn *sql.Conn, path string) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return openFault(path, err)
	}
	fresh, err := identify(ctx, conn, path)
	if err == nil && fresh {
		_, err = conn.ExecContext(ctx, fmt.Sprintf("%s; PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT", schema, applicationID, schemaVersion))
		if err == nil {
			return nil
		}
		err = openFault(path, err)
	}
	_, rollback := conn.ExecContext(ctx, "ROLLBACK")
	return errors.Join(err, rollback)
}

// openFault says to a person why the file could not be opened.
func openFault(path string, err error) error {
	var fault *tocsin.Error
	switch code(err) {
	case sqlite3.SQLITE_NOTADB:
		fault = notARecord(path)
	case sqlite3.SQLITE_BUSY:
		fault = tocsin.Faultf(tocsin.Unavailable, "record_busy", "Stop the other program, or try again.", "Another program holds the record %s.", path)
	case sqlite3.SQLITE_CORRUPT:
		fault = ledger.Damaged("The record %s cannot be read.", path)
	default:
		fault = tocsin.Faultf(tocsin.Unavailable, "record_not_opened", "Check that the file and its directory may be read and written by this user.",
			"The record %s cannot be opened.", path)
	}
	fault.Cause = err
	return fault
}

func notARecord(path string) *tocsin.Error {
	return tocsin.Faultf(tocsin.Invalid, "not_a_record", "Name the record's file, or a new one.",
		"The file %s is not a Tocsin record.", path).Keeping("The file was not changed.")
}

// code is the primary SQLite result code of err, 0 if it has none.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
