package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"tocsin"
	"tocsin/ledger"
)

// Work implements ledger.Store.
func (db *DB) Work() ledger.Work { return work{db} }

type work struct{ db *DB }

// Claim looks with a reading connection first: workers ask far more often than
// there is something to do, and an idle record should not be written to.
func (w work) Claim(ctx context.Context, worker string, now, until time.Time, limit int) ([]ledger.Due, error) {
	if err := ledger.CheckLease(worker, now, until); err != nil {
		return nil, err
	}
	nowMicro, untilMicro := tocsin.Instant(now).UnixMicro(), tocsin.Instant(until).UnixMicro()
	var one int
	switch err := w.db.read[anyDue].QueryRowContext(ctx, nowMicro).Scan(&one); {
	case limit <= 0 || errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, w.db.readFault(err)
	}
	var claimed []ledger.Due
	err := w.db.write(ctx, 0, false, func(t *txn) (err error) {
		if claimed, err = t.due(nowMicro, limit); err != nil {
			return err
		}
		for _, d := range claimed {
			if err := t.exec(lease, worker, untilMicro, d.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

func (t *txn) due(now int64, limit int) ([]ledger.Due, error) {
	rows, err := t.stmts[dueNow].QueryContext(t.ctx, now, limit)
	if err != nil {
		return nil, t.check(err)
	}
	out, err := scanDue(rows)
	return out, t.check(err)
}

func scanDue(rows *sql.Rows) ([]ledger.Due, error) {
	defer rows.Close()
	var out []ledger.Due
	for rows.Next() {
		var d ledger.Due
		var at int64
		if err := rows.Scan(&d.ID, &d.Kind, &d.Case, &at); err != nil {
			return nil, err
		}
		d.At = time.UnixMicro(at).UTC()
		out = append(out, d)
	}
	return out, rows.Err()
}

func (w work) Release(ctx context.Context, worker string, at time.Time, ids ...string) error {
	return w.db.write(ctx, 0, true, func(t *txn) error {
		for _, id := range ids {
			if err := t.exec(release, tocsin.Instant(at).UnixMicro(), id, worker); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w work) Next(ctx context.Context) (at time.Time, ok bool, err error) {
	var micro int64
	switch err := w.db.read[nextDue].QueryRowContext(ctx).Scan(&micro); {
	case errors.Is(err, sql.ErrNoRows):
		return time.Time{}, false, nil
	case err != nil:
		return time.Time{}, false, w.db.readFault(err)
	}
	return time.UnixMicro(micro).UTC(), true, nil
}

// Pending reads one snapshot of the queue.
func (w work) Pending(ctx context.Context) ([]ledger.Due, error) {
	rows, err := w.db.read[allDue].QueryContext(ctx)
	if err != nil {
		return nil, w.db.readFault(err)
	}
	all, err := scanDue(rows)
	if err != nil {
		return nil, w.db.readFault(err)
	}
	return all, nil
}
