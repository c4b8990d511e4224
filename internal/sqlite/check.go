package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin"
	"tocsin/ledger"
)

// Check reads the whole file and reports the first thing that is wrong with it,
// as a *tocsin.Error with code "record_damaged". It changes nothing, and others
// may go on writing meanwhile.
//
// It asks SQLite whether the file is sound; recomputes every hash from the leaves
// and compares records with their leaves (ledger.Audit); and looks whether kept
// keys, attachments and checkpoints fit. It does not verify the signatures of
// checkpoints, for which a key is needed.
func (db *DB) Check(ctx context.Context) error {
	for _, step := range []func(context.Context) error{db.checkFile, db.checkLog, db.checkKeys, db.checkBlobs} {
		if err := step(ctx); err != nil {
			return db.readFault(err)
		}
	}
	return nil
}

// checkFile also fails where SQLite cannot read the file at all.
func (db *DB) checkFile(ctx context.Context) error {
	var verdict string
	err := db.reader.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict)
	switch {
	case code(err) != 0:
		fault := ledger.Damaged("SQLite cannot read the record %s.", db.path)
		fault.Cause = err
		return fault
	case err != nil:
		return err
	case verdict != "ok":
		return ledger.Damaged("SQLite finds the record %s damaged: %s.", db.path, verdict)
	}
	return nil
}

func (db *DB) checkLog(ctx context.Context) error {
	tree, err := ledger.Audit(ctx, db)
	if err != nil {
		return err
	}
	return query(ctx, db.reader, "SELECT size, note FROM checkpoint ORDER BY size", func(rows *sql.Rows) error {
		var size int64
		var note []byte
		if err := rows.Scan(&size, &note); err != nil {
			return err
		}
		c, err := ledger.ReadUnverified(note)
		if err != nil || c.Size != size {
			return ledger.Damaged("The checkpoint kept for size %d is not one.", size)
		}
		if size > tree.N {
			now, err := db.Log().Size(ctx) // it may have grown since the audit began
			if err != nil || size <= now {
				return err
			}
			return ledger.Damaged("A checkpoint was signed at size %d, but the record holds only %d.", size, now)
		}
		root, err := tlog.TreeHash(size, db.Log())
		if err == nil && root != c.Root {
			return ledger.Damaged("The checkpoint signed at size %d is for another record.", size)
		}
		return err
	})
}

func (db *DB) checkKeys(ctx context.Context) error {
	const orphans = `SELECT held.stream, held.seq FROM held LEFT JOIN record USING (stream, seq) WHERE record.position IS NULL LIMIT 1`
	return query(ctx, db.reader, orphans, func(rows *sql.Rows) error {
		var stream string
		var seq int
		if err := rows.Scan(&stream, &seq); err != nil {
			return err
		}
		return ledger.Damaged("A key is held by %s/%d, which is not in the record.", stream, seq)
	})
}

func (db *DB) checkBlobs(ctx context.Context) error {
	// Row by row, so that one attachment at a time is in memory and no
	// transaction lasts.
	const next = "SELECT rowid, digest, bytes FROM blob WHERE rowid > ? ORDER BY rowid LIMIT 1"
	for last := int64(0); ; {
		var digest tocsin.Digest
		var content []byte
		err := db.reader.QueryRowContext(ctx, next, last).Scan(&last, &digest, &content)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if tocsin.DigestOf(content) != digest {
			return ledger.Damaged("The content kept as %s is not what that digest names.", digest)
		}
	}
}

func query(ctx context.Context, db *sql.DB, text string, each func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, text)
	if err != nil {
		return fmt.Errorf("sqlite: check: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
