package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/mod/sumdb/tlog"
	sqlite3 "modernc.org/sqlite/lib"

	"tocsin"
	"tocsin/ledger"
)

// maxGroupBytes ends a group early, so that a large attachment does not pile up
// with others in one transaction.
const maxGroupBytes = 8 << 20

// A request waits in the queue until the writer takes it. From then on it will be
// answered, and its caller can no longer withdraw it.
type request struct {
	do     func(*txn) error
	bytes  int
	wakes  bool // readers are told when it is committed
	state  atomic.Int32
	answer chan error // buffered: the writer never waits for a caller
}

const (
	queued int32 = iota
	taken
	withdrawn
)

// write hands do to the writer and returns when it is on the disk or refused. do
// checks before it writes: if it returns an error it has written nothing. It may
// be run more than once, each time in a new transaction.
//
// A context that ends while the request waits withdraws it, and nothing is
// written. Once the request is taken, write waits for the outcome, which is close
// and which the caller would have to find out anyway.
func (db *DB) write(ctx context.Context, bytes int, wakes bool, do func(*txn) error) error {
	req := &request{do: do, bytes: bytes, wakes: wakes, answer: make(chan error, 1)}
	select {
	case <-db.closing:
		return ledger.Closed()
	default:
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case db.queue <- req:
	case <-db.closing:
		return ledger.Closed()
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-req.answer:
		return err
	case <-ctx.Done():
		if req.state.CompareAndSwap(queued, withdrawn) {
			return ctx.Err()
		}
	case <-db.stopped:
	}
	select {
	case err := <-req.answer:
		return err
	case <-db.stopped:
	}
	select {
	case err := <-req.answer: // answered just before the writer stopped
		return err
	default:
		return ledger.Closed() // queued just after
	}
}

// notify tells whoever waits on Changed.
func (db *DB) notify() {
	db.mu.Lock()
	defer db.mu.Unlock()
	close(db.changed)
	db.changed = make(chan struct{})
}

// Changed implements ledger.Store. It does not tell of what another process
// commits to the same file.
func (db *DB) Changed() <-chan struct{} {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.changed
}

// writer owns the one connection that writes.
type writer struct {
	conn  *sql.Conn
	stmts statements
	group int
	edge  ledger.Frontier // of the log as this writer left it; checked in each transaction
}

func (w *writer) run(db *DB) {
	defer close(db.stopped)
	for {
		select {
		case req := <-db.queue:
			w.commit(db, w.gather(db.queue, req))
			continue
		case <-db.closing:
		}
		for { // what was queued before Close is still answered
			select {
			case req := <-db.queue:
				w.commit(db, w.gather(db.queue, req))
			default:
				return
			}
		}
	}
}

// gather takes first and what waits behind it, in order, up to the limits. It does
// not wait for more: the group grows by itself while the group before it is being
// committed.
func (w *writer) gather(queue <-chan *request, first *request) []*request {
	var group []*request
	bytes := 0
	for req := first; ; {
		if req.state.CompareAndSwap(queued, taken) {
			group = append(group, req)
			bytes += req.bytes
		}
		if len(group) >= w.group || bytes >= maxGroupBytes {
			return group
		}
		select {
		case req = <-queue:
		default:
			return group
		}
	}
}

// commit runs the group in one transaction and answers each request of it.
func (w *writer) commit(db *DB, group []*request) {
	if len(group) == 0 {
		return
	}
	answers, spoiled, err := w.transact(group)
	if spoiled && len(group) > 1 {
		// Nothing was written. One request of the group cannot be, and the others
		// must not suffer for it, so each gets a transaction of its own.
		for _, req := range group {
			w.commit(db, []*request{req})
		}
		return
	}
	wake := false
	for i, req := range group {
		wake = wake || err == nil && answers[i] == nil && req.wakes
	}
	if wake {
		db.notify()
	}
	for i, req := range group {
		if err != nil {
			req.answer <- err
		} else {
			req.answer <- answers[i]
		}
	}
}

// transact runs the group in one transaction. If err is nil it is on the disk,
// except for those requests that were refused. If not, then nothing was written,
// unless err says that the commit itself failed; spoiled means that a single
// request may be to blame.
func (w *writer) transact(group []*request) (answers []error, spoiled bool, err error) {
	ctx := context.Background() // a caller's context must not end the transaction of the others
	if _, err := w.stmts[begin].ExecContext(ctx); err != nil {
		return nil, false, notWritten(err)
	}
	t := &txn{ctx: ctx, stmts: &w.stmts, edge: w.edge}
	if err := t.refresh(); err != nil {
		w.rollback(ctx)
		return nil, false, notWritten(err)
	}
	answers = make([]error, len(group))
	for i, req := range group {
		answers[i] = req.do(t)
		if t.broken != nil {
			w.rollback(ctx)
			return nil, true, notWritten(t.broken)
		}
	}
	// The commit point: after this returns nil the group survives a power failure.
	if _, err := w.stmts[commit].ExecContext(ctx); err != nil {
		// Part of the group may have reached the disk. The edge is read again in
		// the next transaction, so a log that did grow is continued, not forked.
		w.rollback(ctx)
		return nil, false, fmt.Errorf("sqlite: commit; whether it was written is open: %w", err)
	}
	w.edge = t.edge
	return answers, false, nil
}

// rollback ends a failed transaction. Its error tells nothing new: after some
// failures SQLite has rolled back by itself, and if the transaction is still open
// the next begin fails.
func (w *writer) rollback(ctx context.Context) { _, _ = w.stmts[rollback].ExecContext(ctx) }

// notWritten is the error for a person of a transaction that did not come about.
func notWritten(err error) error {
	var fault *tocsin.Error
	switch {
	case errors.As(err, &fault): // says it already, such as that the file is damaged
		return err
	case code(err) == sqlite3.SQLITE_BUSY:
		fault = tocsin.Fault(tocsin.Unavailable, "record_busy", "Another program is writing to the record and does not finish.", "Stop it, or try again.")
	case code(err) == sqlite3.SQLITE_FULL:
		fault = tocsin.Fault(tocsin.Unavailable, "disk_full", "The disk that holds the record is full.", "Make room and try again.")
	default:
		fault = tocsin.Fault(tocsin.Unavailable, "record_not_written", "The record could not be written.", "Try again; if it keeps failing, check the disk.")
	}
	fault = fault.Keeping("Nothing was written.")
	fault.Cause = err
	return fault
}

// txn is a transaction in progress, as the requests of a group see it.
type txn struct {
	ctx    context.Context
	stmts  *statements
	edge   ledger.Frontier
	broken error // the first database error; the transaction cannot be committed
}

// refresh makes sure that the edge is that of the log in the file. Between our
// transactions another process may have written to it.
func (t *txn) refresh() error {
	size, last, err := readTip(t.stmts[tip].QueryRowContext(t.ctx))
	if err != nil {
		return err
	}
	if known, ok := t.edge.Last(); size == t.edge.Size() && (!ok || known == last) {
		return nil
	}
	t.edge, err = ledger.ReadFrontier(size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		return readHashes(t.ctx, t.stmts[hashesAt], indexes)
	}))
	return err
}

// exec runs a statement that writes.
func (t *txn) exec(n statement, args ...any) error {
	_, err := t.stmts[n].ExecContext(t.ctx, args...)
	return t.check(err)
}

// check marks the transaction as broken by err.
func (t *txn) check(err error) error {
	if err != nil && t.broken == nil {
		t.broken = err
	}
	return err
}

func (t *txn) version(stream string) (int, error) {
	var seq int
	err := t.stmts[version].QueryRowContext(t.ctx, stream).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return seq, t.check(err)
}

func (t *txn) holder(key string) (string, int, bool, error) {
	stream, seq, held, err := readHolder(t.stmts[holder].QueryRowContext(t.ctx, []byte(key)))
	return stream, seq, held, t.check(err)
}
