package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin/internal/sqlite"
	"tocsin/ledger"
)

// childEnv names the record that this process, started by a test, is to write to
// until it is killed.
const childEnv = "TOCSIN_TEST_CRASH_RECORD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		if err := appendUntilKilled(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1) // it should have been killed
	}
	os.Exit(m.Run())
}

const crashWriters = 4

// appendUntilKilled appends from several goroutines and prints each
// acknowledgement: stream, sequence number and position.
func appendUntilKilled(path string) error {
	db, err := sqlite.Open(path)
	if err != nil {
		return err
	}
	failed := make(chan error, crashWriters)
	for w := range crashWriters {
		go func() { failed <- appendStream(db, fmt.Sprintf("case/%d", w)) }()
	}
	return <-failed
}

func appendStream(db *sqlite.DB, stream string) error {
	ctx := context.Background()
	after := 0
	for _, err := range db.Load(ctx, stream) {
		if err != nil {
			return err
		}
		after++
	}
	for ; ; after++ {
		when := time.UnixMicro(int64(after)).UTC()
		r, err := ledger.NewRecord(ledger.Record{Kind: "e", EventTime: when, EntryTime: when},
			map[string]string{"text": strings.Repeat("x", after%3000)}, zeros)
		if err != nil {
			return err
		}
		id := fmt.Sprintf("%s/%d", stream, after+1)
		position, err := db.Append(ctx, ledger.Batch{Stream: stream, After: after, Records: []ledger.Record{r}, Keys: []string{id},
			Due: []ledger.Due{{ID: stream, Kind: "tick", At: when}}})
		if err != nil {
			return err
		}
		// One write call for the whole line, or a kill could cut it.
		if _, err := fmt.Fprintf(os.Stdout, "%s %d %d\n", stream, after+1, position); err != nil {
			return err
		}
	}
}

func TestAcknowledgedRecordsSurviveKill9(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	rng := rand.New(rand.NewPCG(1, 2))
	total := 0
	var roots []tlog.Tree
	for round := range 20 {
		acknowledged := crash(t, path, 1+rng.IntN(150))
		total += len(acknowledged)
		db := open(t, path)
		if err := db.Check(t.Context()); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		from := int64(0)
		if round > 0 {
			from = roots[round-1].N
		}
		findAcknowledged(t, db, from, acknowledged)
		for _, old := range roots {
			if root, err := ledger.Root(t.Context(), db.Log(), old.N); err != nil || root != old.Hash {
				t.Fatalf("round %d: the log no longer begins with the %d records it had: %v", round, old.N, err)
			}
		}
		size, err := db.Log().Size(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		root, err := ledger.Root(t.Context(), db.Log(), size)
		if err != nil {
			t.Fatal(err)
		}
		roots = append(roots, tlog.Tree{N: size, Hash: root})
		if round%2 == 0 { // otherwise the next child finds what the kill left, unrepaired by us
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		} else {
			t.Cleanup(func() { db.Close() }) // and this one goes on reading while the next child writes
		}
	}
	t.Logf("20 kills; %d of %d records had been acknowledged", total, roots[len(roots)-1].N)
}

// crash starts a child that appends to path, kills it after so many
// acknowledgements, and returns all that it got to print.
func crash(t *testing.T, path string, after int) map[string]int64 {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+path)
	var complaints strings.Builder
	child.Stderr = &complaints
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[string]int64{}
	lines := bufio.NewReader(out)
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var stream string
		var seq, position int64
		if _, err := fmt.Sscanf(line, "%s %d %d\n", &stream, &seq, &position); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		acknowledged[fmt.Sprintf("%s/%d", stream, seq)] = position
		if n == after {
			if err := child.Process.Kill(); err != nil { // SIGKILL, wherever it is
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || len(acknowledged) <= after || complaints.Len() > 0 {
		t.Fatalf("the child ended by itself (%v) after %d acknowledgements: %s", err, len(acknowledged), complaints.String())
	}
	return acknowledged
}

// findAcknowledged looks for the acknowledged records from a position on.
func findAcknowledged(t *testing.T, db *sqlite.DB, from int64, acknowledged map[string]int64) {
	t.Helper()
	found := 0
	for r, err := range db.Since(t.Context(), from) {
		if err != nil {
			t.Fatal(err)
		}
		id := fmt.Sprintf("%s/%d", r.Stream, r.Seq)
		if position, ok := acknowledged[id]; ok {
			if position != r.Position {
				t.Fatalf("%s was acknowledged at %d and is at %d", id, position, r.Position)
			}
			found++
		}
		// Key and record were written together or not at all.
		if stream, seq, held, err := db.Holder(t.Context(), id); stream != r.Stream || seq != r.Seq || !held || err != nil {
			t.Fatalf("%s does not hold its key: %s/%d, %v", id, stream, seq, err)
		}
	}
	if found != len(acknowledged) {
		t.Fatalf("%d records were acknowledged, %d of them are there", len(acknowledged), found)
	}
}
