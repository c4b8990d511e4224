package sqlite

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin/ledger"
)

// Append implements ledger.Store. Hashing and encoding are done here, on the
// caller's goroutine: what the writer does it does for everybody.
func (db *DB) Append(ctx context.Context, batches ...ledger.Batch) (int64, error) {
	prepared, err := ledger.Prepare(batches)
	if err != nil {
		return -1, err
	}
	data, size := encode(prepared)
	last := int64(-1)
	err = db.write(ctx, size, true, func(t *txn) error {
		if err := ledger.Admit(prepared, t.version, t.holder); err != nil {
			return err
		}
		for i, b := range prepared {
			if err := t.writeBatch(b, data[i]); err != nil {
				return err
			}
		}
		last = t.edge.Size() - 1
		return nil
	})
	if err != nil || !holdsRecords(prepared) {
		return -1, err
	}
	return last, nil
}

func holdsRecords(batches []ledger.Batch) bool {
	for _, b := range batches {
		if len(b.Records) > 0 {
			return true
		}
	}
	return false
}

// encode returns the data of each record of each batch, and the size of what is
// to be written.
func encode(batches []ledger.Batch) (data [][][]byte, size int) {
	data = make([][][]byte, len(batches))
	for i, b := range batches {
		data[i] = make([][]byte, len(b.Records))
		for j, r := range b.Records {
			data[i][j] = ledger.EncodeData(r)
			size += len(data[i][j]) + len(r.Leaf)
		}
		for _, blob := range b.Blobs {
			size += len(blob.Bytes)
		}
	}
	return data, size
}

func (t *txn) writeBatch(b ledger.Batch, data [][]byte) error {
	for i, r := range b.Records {
		position := t.edge.Size()
		hashes := make([]byte, 0, 2*tlog.HashSize) // two on average
		for _, h := range t.edge.Add(r.Leaf) {
			hashes = append(hashes, h[:]...)
		}
		if err := t.exec(insertRecord, position, r.Stream, r.Seq, r.Kind, r.EventTime.UnixMicro(), r.EntryTime.UnixMicro(),
			string(r.Actor), r.Command, string(r.Pack), r.Leaf, data[i], hashes); err != nil {
			return err
		}
	}
	for _, key := range b.Keys {
		if err := t.exec(insertKey, []byte(key), b.Stream, b.After+1); err != nil {
			return err
		}
	}
	for _, blob := range b.Blobs {
		content := blob.Bytes
		if content == nil {
			content = []byte{} // nil would be NULL
		}
		if err := t.exec(insertBlob, string(blob.Digest), content); err != nil {
			return err
		}
	}
	for _, id := range b.Settled {
		if err := t.exec(settle, id); err != nil {
			return err
		}
	}
	for _, d := range b.Due {
		if err := t.exec(putDue, d.ID, d.Kind, d.Case, d.At.UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}
