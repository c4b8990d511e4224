package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tocsin"
	"tocsin/internal/sqlite"
	"tocsin/ledger"
	"tocsin/ledger/ledgertest"
)

func open(t testing.TB, path string, opts ...sqlite.Option) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func fresh(t testing.TB, opts ...sqlite.Option) *sqlite.DB {
	t.Helper()
	db := open(t, filepath.Join(t.TempDir(), "record.db"), opts...)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

func TestSQLiteKeepsTheContract(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledger.Store { return open(t, filepath.Join(t.TempDir(), "record.db")) })
}

func TestSQLiteKeepsTheContractWithoutGroups(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledger.Store {
		return open(t, filepath.Join(t.TempDir(), "record.db"), sqlite.Group(1), sqlite.Readers(1))
	})
}

func TestSQLiteSurvivesARestart(t *testing.T) {
	ledgertest.RunDurable(t, func(t *testing.T, dir string) ledger.Store { return open(t, filepath.Join(dir, "record.db")) })
}

// another opens the file as some other program would.
func another(t testing.TB, path string) *sql.Conn {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(conn.Close(), pool.Close()) })
	return conn
}

func run(t testing.TB, conn *sql.Conn, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := conn.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// zeros stands in for a source of salts where nothing is to be hidden.
var zeros io.Reader = zeroReader{}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func record(t testing.TB, kind string) ledger.Record {
	t.Helper()
	when := time.Date(2024, 1, 3, 11, 20, 0, 0, time.UTC)
	r, err := ledger.NewRecord(ledger.Record{Kind: kind, EventTime: when, EntryTime: when, Actor: "u1", Command: "c1"},
		map[string]string{"text": "text of " + kind, "who": "u1"}, zeros)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func appendOne(t testing.TB, db *sqlite.DB, stream string, after int, kind string) {
	t.Helper()
	if _, err := db.Append(t.Context(), ledger.Batch{Stream: stream, After: after, Records: []ledger.Record{record(t, kind)}}); err != nil {
		t.Fatal(err)
	}
}

func kinds(t testing.TB, seq iter.Seq2[ledger.Record, error]) string {
	t.Helper()
	var out []string
	for r, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.Kind)
	}
	return strings.Join(out, " ")
}

// waiting returns when n requests wait for the writer. The wait is for another
// goroutine, not for a time.
func waiting(t testing.TB, db *sqlite.DB, n int) {
	t.Helper()
	for db.Waiting() != n {
		if t.Context().Err() != nil {
			t.Fatal("the test was stopped while it waited")
		}
		runtime.Gosched()
	}
}

func TestDurabilityIsSwitchedOn(t *testing.T) {
	db := fresh(t)
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1", "fullfsync": "1", "busy_timeout": "10000"} {
		if got, err := db.OnWriter(t.Context(), "PRAGMA "+pragma); got != want || err != nil {
			t.Errorf("%s is %s, %v; want %s", pragma, got, err, want)
		}
	}
}

func TestOnlyARecordIsOpened(t *testing.T) {
	other := func(statements ...string) func(*testing.T, string) {
		return func(t *testing.T, path string) { run(t, another(t, path), statements...) }
	}
	for _, c := range []struct {
		name, code string
		make       func(t *testing.T, path string)
	}{
		{"a letter", "not_a_record", func(t *testing.T, path string) {
			if err := os.WriteFile(path, bytes.Repeat([]byte("Dear Sir, "), 200), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"somebody else's database", "not_a_record", other("CREATE TABLE customers (name TEXT)")},
		{"somebody else's empty database", "not_a_record", other("PRAGMA application_id=7", "PRAGMA user_version=1")},
		{"a record of a newer program", "record_newer", other("CREATE TABLE record (x)", "PRAGMA application_id=1415803758", "PRAGMA user_version=2")},
		{"a record without a version", "record_damaged", other("CREATE TABLE record (x)", "PRAGMA application_id=1415803758")},
		{"a directory", "record_not_opened", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			db, err := sqlite.Open(path)
			var fault *tocsin.Error
			if !errors.As(err, &fault) || fault.Code != c.code || fault.Do == "" {
				t.Fatalf("got %v, %v; want code %s", db, err, c.code)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
	_, err := sqlite.Open(filepath.Join(t.TempDir(), "missing", "record.db"))
	if tocsin.KindOf(err) != tocsin.Unavailable {
		t.Errorf("a directory that does not exist: %v", err)
	}
}

func TestTheFileIsPrivateAndNamedAsAsked(t *testing.T) {
	for _, name := range []string{"record.db", "a?b=c&mode=memory#d%20e.db", "گزارش ۱.db", ":memory:", "it's \"ours\"; DROP"} {
		path := filepath.Join(t.TempDir(), name)
		db := open(t, path)
		appendOne(t, db, "case/a", 0, "e")
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s: mode is %o", name, mode)
		}
		if wal, err := os.Stat(path + "-wal"); err != nil || wal.Mode().Perm() != 0o600 {
			t.Errorf("%s: write-ahead log: %v, %v", name, wal, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		left, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(left) != 1 {
			t.Errorf("%s: after closing there is %v, %v; want the one file", name, left, err)
		}
		again := open(t, path)
		if got := kinds(t, again.Since(t.Context(), 0)); got != "e" || again.Path() != path {
			t.Errorf("%s: reopened %s with %q", name, again.Path(), got)
		}
		again.Close()
	}
}

func TestTwoProgramsWriteToOneRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	programs := []*sqlite.DB{open(t, path), open(t, path)}
	const each = 100
	batches := make([][]ledger.Batch, len(programs))
	for p := range programs {
		for i := range each {
			batches[p] = append(batches[p], ledger.Batch{Stream: fmt.Sprintf("case/%d", p), After: i, Records: []ledger.Record{record(t, "e")}})
		}
	}
	var group sync.WaitGroup
	for p, db := range programs {
		group.Go(func() {
			for _, b := range batches[p] {
				if _, err := db.Append(t.Context(), b); err != nil {
					t.Errorf("program %d: %v", p, err)
				}
			}
		})
	}
	group.Wait()
	for _, db := range programs {
		if tree, err := ledger.Audit(t.Context(), db); err != nil || tree.N != 2*each {
			t.Errorf("%d records, %v", tree.N, err)
		}
	}
	// A conflict between programs is found like one within a program.
	appendOne(t, programs[0], "case/c", 0, "first")
	_, err := programs[1].Append(t.Context(), ledger.Batch{Stream: "case/c", Records: []ledger.Record{record(t, "second")}})
	if !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("got %v, want a conflict", err)
	}
	for _, db := range programs {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// pile has one goroutine append each batch, in order, while the writer is held,
// then frees the writer and returns the outcomes.
func pile(t testing.TB, db *sqlite.DB, batches ...ledger.Batch) []error {
	t.Helper()
	free := db.Hold()
	outcomes := make([]error, len(batches))
	var group sync.WaitGroup
	for i, b := range batches {
		group.Go(func() { _, outcomes[i] = db.Append(t.Context(), b) })
		waiting(t, db, i+1)
	}
	free()
	group.Wait()
	return outcomes
}

func one(t testing.TB, stream string, after int, kind string) ledger.Batch {
	return ledger.Batch{Stream: stream, After: after, Records: []ledger.Record{record(t, kind)}}
}

func TestRequestsAreWrittenInTheOrderTheyCame(t *testing.T) {
	db := fresh(t, sqlite.Group(7))
	var batches []ledger.Batch
	var want []string
	for i := range 7 {
		batches = append(batches, one(t, fmt.Sprintf("case/%d", i), 0, fmt.Sprintf("e%d", i)))
		want = append(want, fmt.Sprintf("e%d", i))
	}
	if err := errors.Join(pile(t, db, batches...)...); err != nil {
		t.Fatal(err)
	}
	if got := kinds(t, db.Since(t.Context(), 0)); got != strings.Join(want, " ") {
		t.Errorf("written in the order %s", got)
	}
}

func TestARefusalDoesNotSpoilItsGroup(t *testing.T) {
	db := fresh(t)
	keyed := func(b ledger.Batch) ledger.Batch { b.Keys = []string{"k"}; return b }
	outcomes := pile(t, db, one(t, "case/a", 0, "a1"), one(t, "case/a", 0, "stale"), keyed(one(t, "case/b", 0, "b1")),
		keyed(one(t, "case/c", 0, "held")), one(t, "case/a", 1, "a2"), one(t, "case/d", 3, "gap"), one(t, "case/d", 0, "d1"))
	var held *ledger.HeldError
	for i, want := range []func(error) bool{isNil, isConflict, isNil, func(err error) bool { return errors.As(err, &held) }, isNil, isConflict, isNil} {
		if !want(outcomes[i]) {
			t.Errorf("request %d: %v", i, outcomes[i])
		}
	}
	if got := kinds(t, db.Since(t.Context(), 0)); got != "a1 b1 a2 d1" {
		t.Errorf("written: %s", got)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func isNil(err error) bool      { return err == nil }
func isConflict(err error) bool { return errors.Is(err, ledger.ErrConflict) }

func TestAFailureDoesNotSpoilItsGroup(t *testing.T) {
	db := fresh(t)
	run(t, another(t, db.Path()), `CREATE TRIGGER fail BEFORE INSERT ON record WHEN NEW.kind = 'poison' BEGIN SELECT RAISE(ABORT, 'planted'); END`)
	two := one(t, "case/p", 0, "innocent")
	two.Records = append(two.Records, record(t, "poison"))
	changed := db.Changed()
	outcomes := pile(t, db, one(t, "case/a", 0, "a1"), two, one(t, "case/a", 1, "a2"), one(t, "case/p", 0, "p1"))
	var fault *tocsin.Error
	if !errors.As(outcomes[1], &fault) || fault.Kind != tocsin.Unavailable || fault.Kept != "Nothing was written." {
		t.Errorf("the failing request: %v", outcomes[1])
	}
	if err := errors.Join(outcomes[0], outcomes[2], outcomes[3]); err != nil {
		t.Errorf("the others: %v", err)
	}
	<-changed
	if got := kinds(t, db.Since(t.Context(), 0)); got != "a1 a2 p1" {
		t.Errorf("written: %s", got)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A commit that fails leaves it open whether it was written, and must not be
// reported as anything else. The log goes on from what is in the file.
func TestAFailedCommitIsUncertain(t *testing.T) {
	db := fresh(t)
	run(t, another(t, db.Path()), "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
		"CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)",
		"CREATE TRIGGER fail AFTER INSERT ON record WHEN NEW.kind = 'poison' BEGIN INSERT INTO child VALUES (1); END")
	appendOne(t, db, "case/a", 0, "a1")
	changed := db.Changed()
	for i, err := range pile(t, db, one(t, "case/b", 0, "b1"), one(t, "case/c", 0, "poison")) {
		if err == nil || tocsin.KindOf(err) != "" || isConflict(err) {
			t.Errorf("request %d of the failed commit: %v", i, err)
		}
	}
	select {
	case <-changed:
		t.Error("readers were told of a commit that failed")
	default:
	}
	appendOne(t, db, "case/b", 0, "b1")
	if got := kinds(t, db.Since(t.Context(), 0)); got != "a1 b1" {
		t.Errorf("written: %s", got)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAFullDiskIsSaidAndSurvived(t *testing.T) {
	db := fresh(t)
	appendOne(t, db, "case/a", 0, "a1")
	if _, err := db.OnWriter(t.Context(), "PRAGMA max_page_count=1"); err != nil { // the size it has now
		t.Fatal(err)
	}
	big := one(t, "case/b", 0, "big")
	big.Records[0].Fields["text"] = json.RawMessage(`"` + strings.Repeat("x", 1<<20) + `"`)
	_, err := db.Append(t.Context(), big)
	var fault *tocsin.Error
	if !errors.As(err, &fault) || fault.Code != "disk_full" || fault.Kept != "Nothing was written." {
		t.Fatalf("got %v, want disk_full", err)
	}
	if _, err := db.OnWriter(t.Context(), "PRAGMA max_page_count=1000000"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Append(t.Context(), big); err != nil {
		t.Errorf("after room was made: %v", err)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAnotherProgramHoldsTheRecord(t *testing.T) {
	db := fresh(t, sqlite.BusyTimeout(20*time.Millisecond))
	conn := another(t, db.Path())
	run(t, conn, "BEGIN IMMEDIATE")
	_, err := db.Append(t.Context(), one(t, "case/a", 0, "a1"))
	var fault *tocsin.Error
	if !errors.As(err, &fault) || fault.Code != "record_busy" {
		t.Errorf("got %v, want record_busy", err)
	}
	if got := kinds(t, db.Since(t.Context(), 0)); got != "" {
		t.Errorf("written: %s", got)
	}
	run(t, conn, "ROLLBACK")
	appendOne(t, db, "case/a", 0, "a1")
}

func TestAWaitingRequestCanBeWithdrawn(t *testing.T) {
	db := fresh(t)
	free := db.Hold()
	ctx, cancel := context.WithCancel(t.Context())
	outcome := make(chan error, 1)
	b := one(t, "case/a", 0, "a1")
	go func() {
		_, err := db.Append(ctx, b)
		outcome <- err
	}()
	waiting(t, db, 1)
	cancel()
	if err := <-outcome; !errors.Is(err, context.Canceled) { // while the writer is still held
		t.Errorf("got %v", err)
	}
	free()
	appendOne(t, db, "case/b", 0, "b1")
	if got := kinds(t, db.Since(t.Context(), 0)); got != "b1" {
		t.Errorf("written: %s", got)
	}
}

func TestCloseAnswersWhatWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	db := open(t, path)
	free := db.Hold()
	outcomes := make(chan error, 5)
	for i := range 5 {
		b := one(t, fmt.Sprintf("case/%d", i), 0, "e")
		go func() {
			_, err := db.Append(context.Background(), b)
			outcomes <- err
		}()
		waiting(t, db, i+1)
	}
	closed := make(chan error, 1)
	go func() { closed <- db.Close() }()
	free()
	written := 0
	for range 5 {
		if err := <-outcomes; err == nil {
			written++
		} else if !errors.Is(err, tocsin.Unavailable) {
			t.Errorf("a request that waited: %v", err)
		}
	}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	again := open(t, path)
	defer again.Close()
	if n, _ := again.Log().Size(t.Context()); n != int64(written) || written != 5 {
		t.Errorf("%d of 5 that waited were acknowledged, %d are there", written, n)
	}
	for _, err := range []error{second(db.Log().Size(t.Context())), second(db.Blob(t.Context(), "x")), second(db.Log().ReadHashes([]int64{0}))} {
		if !errors.Is(err, tocsin.Unavailable) {
			t.Errorf("reading after close: %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A reader that stops halfway, as a slow client does, must not keep the
// write-ahead log from being folded into the file.
func TestASlowReaderHoldsNothing(t *testing.T) {
	db := fresh(t)
	for i := range 300 {
		appendOne(t, db, "case/a", i, "e")
	}
	next, stop := iter.Pull2(db.Since(t.Context(), 0))
	defer stop()
	for range 10 {
		if _, err, ok := next(); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	var busy, logged, moved int
	if err := another(t, db.Path()).QueryRowContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &logged, &moved); err != nil || busy != 0 {
		t.Errorf("the reader is in the way: %d, %v", busy, err)
	}
	n := 10
	for _, err, ok := next(); ok; _, err, ok = next() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 300 {
		t.Errorf("the slow reader saw %d records", n)
	}
}

func TestARecordIsNotChangedByMistake(t *testing.T) {
	db := fresh(t)
	b := one(t, "case/a", 0, "e")
	b.Keys = []string{"k"}
	if _, err := db.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	conn := another(t, db.Path())
	for _, s := range []string{"DELETE FROM record", "UPDATE record SET kind = 'x'", "UPDATE record SET leaf = x'00'", "UPDATE record SET hashes = x'00'",
		"UPDATE record SET position = 7", "DELETE FROM held", "UPDATE held SET stream = 'x'"} {
		if _, err := conn.ExecContext(t.Context(), s); err == nil {
			t.Errorf("%s was carried out", s)
		}
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// populated is a record with everything in it that Check looks at.
func populated(t *testing.T) *sqlite.DB {
	t.Helper()
	db := fresh(t)
	content := []byte("raw report")
	for i := range 40 {
		b := one(t, fmt.Sprintf("case/%d", i%3), i/3, fmt.Sprintf("e%d", i))
		b.Keys = []string{fmt.Sprintf("key %d", i)}
		b.Blobs = []ledger.Blob{{Digest: tocsin.DigestOf(content), Bytes: content}}
		if _, err := db.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	skey, _, err := ledger.NewKey("test.example/record", zeros)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{0, 7, 40} {
		root, err := ledger.Root(t.Context(), db.Log(), size)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := ledger.SignCheckpoint("test.example/record", size, root, signer)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Log().PutCheckpoint(t.Context(), size, signed); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func TestCheckFindsWhatWasTamperedWith(t *testing.T) {
	const free = "DROP TRIGGER record_stays; DROP TRIGGER record_is_unchanged; DROP TRIGGER held_for_ever; DROP TRIGGER held_by_the_first"
	for name, s := range map[string]string{
		"a field's value":                   `UPDATE record SET data = CAST(replace(CAST(data AS TEXT), 'text of e7', 'text of E7') AS BLOB) WHERE position = 7`,
		"a field's salt":                    `UPDATE record SET data = CAST(replace(CAST(data AS TEXT), '["AAA', '["BBB') AS BLOB) WHERE position = 7`,
		"data that is not JSON":             `UPDATE record SET data = x'5b5b' WHERE position = 7`,
		"data that is something else":       `UPDATE record SET data = CAST('[["a"]]' AS BLOB) WHERE position = 7`,
		"the actor, in the row":             `UPDATE record SET actor = 'u2' WHERE position = 7`,
		"the time, in the row":              `UPDATE record SET entry_time = entry_time - 1000000 WHERE position = 7`,
		"the actor, in row and leaf":        `UPDATE record SET actor = 'u2', leaf = CAST(replace(CAST(leaf AS TEXT), '"actor":"u1"', '"actor":"u2"') AS BLOB) WHERE position = 7`,
		"a leaf that is not one":            `UPDATE record SET leaf = x'7b7d' WHERE position = 7`,
		"a hash":                            `UPDATE record SET hashes = zeroblob(32) WHERE position = 8`,
		"an inner hash":                     `UPDATE record SET hashes = CAST(substr(hashes, 1, 32) || zeroblob(length(hashes) - 32) AS BLOB) WHERE position = 15`,
		"hashes cut off":                    `UPDATE record SET hashes = substr(hashes, 1, 32) WHERE position = 15`,
		"no hashes at the end":              `UPDATE record SET hashes = x'' WHERE position = 39`,
		"a record taken out":                `DELETE FROM held WHERE stream = 'case/1' AND seq = 3; DELETE FROM record WHERE position = 7`,
		"the first record taken out":        `DELETE FROM held WHERE stream = 'case/0' AND seq = 1; DELETE FROM record WHERE position = 0`,
		"the last record, which was signed": `DELETE FROM held WHERE stream = 'case/0' AND seq = 14; DELETE FROM record WHERE position = 39`,
		"two records exchanged":             `UPDATE record SET position = -1 WHERE position = 7; UPDATE record SET position = 7 WHERE position = 8; UPDATE record SET position = 8 WHERE position = -1`,
		"a key whose holder is gone":        `UPDATE held SET stream = 'case/gone' WHERE key = CAST('key 7' AS BLOB)`,
		"an attachment":                     `UPDATE blob SET bytes = CAST('raw rEport' AS BLOB)`,
		"an old signed root":                `UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 40) WHERE size = 7`,
		"a checkpoint that is not one":      `UPDATE checkpoint SET note = x'00' WHERE size = 7`,
		"a checkpoint of another record":    `UPDATE checkpoint SET note = CAST(replace(CAST(note AS TEXT), char(10) || '40' || char(10), char(10) || '40' || char(10) || 'AAAA') AS BLOB) WHERE size = 40`,
		"a record slipped in":               `INSERT INTO record SELECT 40, 'case/9', 1, kind, event_time, entry_time, actor, command, pack, hashes, leaf, data FROM record WHERE position = 39`,
	} {
		t.Run(name, func(t *testing.T) {
			db := populated(t)
			if err := db.Check(t.Context()); err != nil {
				t.Fatalf("before: %v", err)
			}
			run(t, another(t, db.Path()), free, s)
			err := db.Check(t.Context())
			var fault *tocsin.Error
			if !errors.As(err, &fault) || fault.Code != "record_damaged" {
				t.Errorf("got %v, want record_damaged", err)
			}
		})
	}
}

func TestCheckFindsATornFile(t *testing.T) {
	db := populated(t)
	path := filepath.Join(t.TempDir(), "torn.db")
	run(t, another(t, db.Path()), "VACUUM INTO '"+path+"'")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, _ := f.Stat()
	for page := int64(3); page < info.Size()/4096; page += 3 { // not the first: then it is no database at all
		if _, err := f.WriteAt(bytes.Repeat([]byte{0xaa}, 512), page*4096); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	torn, err := sqlite.Open(path)
	if err == nil {
		defer torn.Close()
		err = torn.Check(t.Context())
	}
	var fault *tocsin.Error
	if !errors.As(err, &fault) || fault.Code != "record_damaged" {
		t.Errorf("got %v, want record_damaged", err)
	}
}

func TestExpungedContentLeavesEveryProofWhole(t *testing.T) {
	db := populated(t)
	before, err := ledger.Root(t.Context(), db.Log(), 40)
	if err != nil {
		t.Fatal(err)
	}
	run(t, another(t, db.Path()), "UPDATE record SET data = CAST('[]' AS BLOB) WHERE stream = 'case/1'")
	if err := db.Check(t.Context()); err != nil {
		t.Errorf("after expunging: %v", err)
	}
	if after, _ := ledger.Root(t.Context(), db.Log(), 40); after != before {
		t.Errorf("the root changed from %s to %s", before, after)
	}
	for r, err := range db.Load(t.Context(), "case/1") {
		if err != nil {
			t.Fatal(err)
		}
		if n, err := ledger.CheckLeaf(r.Leaf, r); n != 2 || err != nil {
			t.Errorf("record %d: %d fields undisclosed, %v", r.Seq, n, err)
		}
		p, err := ledger.ProveInclusion(t.Context(), db.Log(), r.Position, 40)
		if err != nil || tlog.CheckRecord(p, 40, before, r.Position, tlog.RecordHash(r.Leaf)) != nil {
			t.Errorf("record %d cannot be proved: %v", r.Seq, err)
		}
	}
}

func TestABackupOfTheOpenRecordIsWhole(t *testing.T) {
	db := populated(t)
	path := filepath.Join(t.TempDir(), "backup.db")
	run(t, another(t, db.Path()), "VACUUM INTO '"+path+"'")
	backup := open(t, path)
	defer backup.Close()
	if err := backup.Check(t.Context()); err != nil {
		t.Error(err)
	}
	want, _ := ledger.Audit(t.Context(), db)
	if got, err := ledger.Audit(t.Context(), backup); got != want || err != nil {
		t.Errorf("the backup is %v, %v; the record %v", got, err, want)
	}
	appendOne(t, backup, "case/new", 0, "goes on")
}
