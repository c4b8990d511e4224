package verify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	_ "modernc.org/sqlite"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/internal/scenario"
	"tocsin/internal/sqlite"
	"tocsin/ledger"
	"tocsin/ledger/memory"
	"tocsin/scenarios"
	"tocsin/verify"
	"tocsin/view"
)

// told plays a scenario on a store and returns the engine that did.
func told(t testing.TB, store ledger.Store, name string) *engine.Engine {
	t.Helper()
	s, err := scenario.Load(scenarios.FS(), name)
	if err != nil {
		t.Fatal(err)
	}
	r, world, err := scenario.Stage(context.Background(), s, store, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	if err := r.Run(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	return r.Engine
}

// written is the file of a record with a signed checkpoint over all of it, made
// once, and the verifier of the signature.
var written = sync.OnceValues(func() ([]byte, note.Verifier) {
	t := fatal{}
	dir, err := os.MkdirTemp("", "verify")
	t.check(err)
	defer os.RemoveAll(dir)
	db, err := sqlite.Open(filepath.Join(dir, "record.db"))
	t.check(err)
	told(t, db, "omagh")
	_, err = told(t, db, "omagh").Receive(context.Background(), tocsin.Actor{ID: "gate", Roles: []tocsin.Role{tocsin.Reporter}},
		engine.Submission{Media: "application/json", Bytes: []byte(`{"text":`)}, engine.Options{})
	if tocsin.KindOf(err) != tocsin.Invalid {
		t.check(fmt.Errorf("unreadable bytes: %w", err))
	}
	verifier := sign(t, db)
	t.check(db.Close())
	b, err := os.ReadFile(filepath.Join(dir, "record.db"))
	t.check(err)
	return b, verifier
})

// fatal stands in for a test where there is none yet.
type fatal struct{ testing.TB }

func (fatal) Helper() {}
func (f fatal) Fatal(args ...any) {
	panic(fmt.Sprint(args...))
}
func (f fatal) check(err error) {
	if err != nil {
		panic(err)
	}
}

func sign(t testing.TB, store ledger.Store) note.Verifier {
	ctx := context.Background()
	skey, vkey, err := ledger.NewKey("warning.example.org", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	size, err := store.Log().Size(ctx)
	if err != nil {
		t.Fatal(err)
	}
	root, err := ledger.Root(ctx, store.Log(), size)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := ledger.SignCheckpoint("warning.example.org", size, root, signer)
	if err == nil {
		err = store.Log().PutCheckpoint(ctx, size, signed)
	}
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

// copied is a record of its own with everything that written holds.
func copied(t *testing.T) (path string, verifier note.Verifier) {
	t.Helper()
	b, verifier := written()
	path = filepath.Join(t.TempDir(), "record.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, verifier
}

func proof(t *testing.T, path string, verifier note.Verifier) verify.Report {
	t.Helper()
	db, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := verify.Ledger(t.Context(), db, verifier, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestARecordThatNobodyTouchedVerifies(t *testing.T) {
	path, verifier := copied(t)
	r := proof(t, path, verifier)
	if !r.Verified || len(r.Faults) != 0 || r.Cases != 1 || r.Contents != 2 || r.Pending == 0 || r.Checkpoint != fmt.Sprint(r.Events) || r.Events < 20 {
		t.Errorf("%+v", r)
	}
	if without := proof(t, path, nil); !without.Verified || without.Checkpoint != "none" {
		t.Errorf("without a verifier: %+v", without)
	}
}

func TestEveryScenarioLeavesARecordThatVerifies(t *testing.T) {
	names, err := scenario.Names(scenarios.FS())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		store := memory.Open()
		e := told(t, store, name)
		e.Read(func(x *view.Index) {
			if r, err := verify.Ledger(t.Context(), store, nil, x); err != nil || !r.Verified {
				t.Errorf("%s: %v, %v", name, r.Faults, err)
			}
		})
	}
}

// loosen takes the triggers away that keep an honest program from changing the
// record. Somebody who has the file can do that.
const loosen = "DROP TRIGGER record_stays; DROP TRIGGER record_is_unchanged; "

func TestWhateverIsDoneToTheFileIsFound(t *testing.T) {
	for _, c := range []struct{ name, sql, fault string }{
		{"a word of an event is changed", loosen + `UPDATE record SET data = CAST(replace(CAST(data AS TEXT), 'owed', 'open') AS BLOB) WHERE kind = 'determined'`, "log: "},
		{"another person has done it", loosen + `UPDATE record SET actor = 'mallory' WHERE kind = 'warning_released'`, "log: "},
		{"it was at another time", loosen + `UPDATE record SET entry_time = entry_time - 3600000000 WHERE kind = 'warning_released'`, "log: "},
		{"another kind of event", loosen + `UPDATE record SET kind = 'grade_seen' WHERE kind = 'report_attached'`, "log: "},
		{"a leaf is changed with its event", loosen + `UPDATE record SET actor = 'mallory', leaf = CAST(replace(CAST(leaf AS TEXT), actor, 'mallory') AS BLOB) WHERE position = 5`, "log: "},
		{"a stored hash is changed", loosen + `UPDATE record SET hashes = zeroblob(length(hashes)) WHERE position = 5`, "log: "},
		{"an event is taken out", loosen + `DELETE FROM record WHERE position = 5`, "log: "},
		{"two events change places", loosen + `UPDATE record SET position = -1 WHERE position = 5; UPDATE record SET position = 5 WHERE position = 6; UPDATE record SET position = 6 WHERE position = -1`, "log: "},
		{"the end is cut off", loosen + `DELETE FROM record WHERE position > (SELECT max(position) - 4 FROM record)`, "the record was cut short"},
		{"the signature on the checkpoint is another's", `UPDATE checkpoint SET note = CAST(replace(CAST(note AS TEXT), char(10) || '— ', char(10) || '— x') AS BLOB)`, "checkpoint: "},
		{"all fields of an event are withheld", loosen + `UPDATE record SET data = CAST('[]' AS BLOB) WHERE kind = 'warning_approved'`, "fields are withheld"},
		{"the bytes of a report are changed", `UPDATE blob SET bytes = CAST(CAST(bytes AS TEXT) || '.' AS BLOB)`, "are not those that came"},
		{"the bytes of a report are gone", `DELETE FROM blob WHERE digest = (SELECT min(digest) FROM blob)`, "are gone"},
		{"the clock of a case is not watched any more", `DELETE FROM due WHERE kind = 'tick'`, "nothing is queued"},
		{"the clock of a case is watched too late", `UPDATE due SET at = at + 3600000000 WHERE kind = 'tick'`, "it is owed at"},
		{"the clock of a case is watched for another", `UPDATE due SET case_id = 'other' WHERE kind = 'tick'`, "of case \"other\""},
		{"work is queued that nobody owes", `INSERT INTO due (id, kind, case_id, at) VALUES ('send/0123', 'send', 'omagh', 0)`, "does not owe it"},
		{"work is queued for no case", `INSERT INTO due (id, kind, case_id, at) VALUES ('tick/none', 'tick', 'none', 0)`, "does not owe it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path, verifier := copied(t)
			raw, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			before := dump(t, raw)
			if _, err := raw.Exec(c.sql); err != nil {
				t.Fatal(err)
			}
			if bytes.Equal(dump(t, raw), before) {
				t.Fatal("the statement changed nothing, so there is nothing to find")
			}
			if err := raw.Close(); err != nil {
				t.Fatal(err)
			}
			r := proof(t, path, verifier)
			if r.Verified || !slices.ContainsFunc(r.Faults, func(f string) bool { return strings.Contains(f, c.fault) }) {
				t.Errorf("it verifies: %v, with the faults %q; want one that says %q", r.Verified, r.Faults, c.fault)
			}
		})
	}
}

// dump is everything in the file, for comparison.
func dump(t *testing.T, db *sql.DB) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, q := range []string{"SELECT position || stream || seq || kind || entry_time || actor || hex(leaf) || hex(hashes) || hex(data) FROM record ORDER BY position",
		"SELECT digest || hex(bytes) FROM blob ORDER BY digest", "SELECT id || kind || case_id || at FROM due ORDER BY id", "SELECT size || hex(note) FROM checkpoint ORDER BY size"} {
		rows, err := db.Query(q)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&out, line)
		}
		if err := errors(rows); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func errors(rows *sql.Rows) error {
	if err := rows.Err(); err != nil {
		return err
	}
	return rows.Close()
}

func TestARecordCutOffAndWrittenAnewIsNotTheOneThatWasSigned(t *testing.T) {
	path, verifier := copied(t)
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	// What came from outside last is taken out; other things are put in its place.
	if _, err := raw.Exec(loosen + `DELETE FROM record WHERE position = (SELECT max(position) FROM record);
		DROP TRIGGER held_for_ever; DELETE FROM held WHERE stream NOT IN (SELECT stream FROM record)`); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	item := tocsin.Quarantined{ID: "item-x", Raw: tocsin.DigestOf(nil), Entered: time.Now().UTC()}
	rec, err := ledger.NewRecord(ledger.Record{Kind: view.Quarantined, EventTime: item.Entered, EntryTime: item.Entered, Actor: "mallory", Command: "c"}, view.Held{Item: item}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Append(t.Context(), ledger.Batch{Stream: "quarantine/item-x", Records: []ledger.Record{rec}, Blobs: []ledger.Blob{{Digest: item.Raw}}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	r := proof(t, path, verifier)
	if r.Verified || len(r.Faults) != 1 || !strings.Contains(r.Faults[0], "the record was rewritten") {
		t.Errorf("%+v", r)
	}
}

func TestAScreenThatShowsOtherThanTheRecordIsFound(t *testing.T) {
	for name, change := range map[string]func(*view.Index){
		"another owner": func(x *view.Index) {
			for id, s := range x.Cases {
				s.Owner = "mallory"
				x.Cases[id] = s
			}
		},
		"a case left out":    func(x *view.Index) { clear(x.Cases) },
		"a case not listed":  func(x *view.Index) { x.CaseOrder = nil },
		"a report changed":   func(x *view.Index) { x.Reports[x.Order[0]].Text = "nothing" },
		"a report left out":  func(x *view.Index) { x.Order = nil },
		"a report added":     func(x *view.Index) { x.Reports["more"] = &view.Report{} },
		"an item hidden":     func(x *view.Index) { x.Quarantine = []tocsin.Quarantined{{ID: "x"}} },
		"another recipient":  func(x *view.Index) { r := x.Book.All()[0]; r.Name = "x"; x.Book.Apply(setTo(r)) },
		"it lags behind":     nil,
		"it is as it should": nil,
	} {
		store := memory.Open()
		e := told(t, store, "exigent")
		e.Read(func(x *view.Index) {
			wrong := change != nil
			switch {
			case wrong:
				change(x)
			case name == "it lags behind": // which is no fault: it shows what was true then
				x = folded(t, store, x.Position-5)
			}
			r, err := verify.Ledger(t.Context(), store, nil, x)
			found := slices.ContainsFunc(r.Faults, func(f string) bool { return strings.HasPrefix(f, "views: ") })
			if err != nil || r.Verified == wrong || found != wrong {
				t.Errorf("%s: %v, %v", name, r.Faults, err)
			}
		})
	}
}

func folded(t *testing.T, store ledger.Store, to int64) *view.Index {
	t.Helper()
	x := view.New()
	for rec, err := range store.Since(t.Context(), 0) {
		if err == nil && rec.Position < to {
			err = x.Fold(rec)
			x.Position = rec.Position + 1
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return x
}

func TestAProofWhileOthersWriteFindsNoFault(t *testing.T) {
	store := memory.Open()
	e := told(t, store, "omagh")
	var id tocsin.CaseID
	e.Read(func(x *view.Index) { id = x.CaseOrder[0] })
	stop, stopped := make(chan struct{}), make(chan int)
	go func() {
		written := 0
		defer func() { stopped <- written }()
		for ; written < 500; written++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := e.Do(t.Context(), tocsin.Actor{ID: "dora", Roles: []tocsin.Role{tocsin.DutyOfficer}}, id, casefile.Review{Note: "read"}, engine.Options{}); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for range 10 {
		if r, err := verify.Ledger(t.Context(), store, nil, nil); err != nil || !r.Verified {
			t.Errorf("%v, %v", r.Faults, err)
		}
	}
	close(stop)
	if written := <-stopped; written < 10 {
		t.Errorf("only %d commands were given meanwhile", written)
	}
}
