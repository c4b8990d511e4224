package ledgertest

import (
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin"
	"tocsin/ledger"
)

func durableCases() []scenario[func(*testing.T, func() ledger.Store)] {
	return []scenario[func(*testing.T, func() ledger.Store)]{
		{"everything is there after a restart", restart},
		{"the log goes on where it stopped, whatever its size", restartAtEverySize},
		{"opening and closing changes nothing", reopenOnly},
	}
}

func restart(t *testing.T, open func() ledger.Store) {
	s := open()
	blob := ledger.Blob{Digest: tocsin.DigestOf([]byte("raw")), Bytes: []byte("raw")}
	one := event(t, "one", note{Text: "متن", Who: "<u>"})
	must(t, s, ledger.Batch{Stream: "case/a", Records: []ledger.Record{one}, Keys: []string{"k"}, Blobs: []ledger.Blob{blob},
		Due: []ledger.Due{due("leased", 0), due("free", 2*hour), due("gone", 0)}})
	must(t, s, ledger.Batch{Stream: "case/b", Records: events(t, "two"), Settled: []string{"gone"}})
	wantIDs(t, "before the restart", claim(t, s, "w1", 0, 10), "leased")
	if err := s.Log().PutCheckpoint(t.Context(), 2, []byte("signed")); err != nil {
		t.Fatal(err)
	}
	root, err := ledger.Root(t.Context(), s.Log(), 2)
	if err != nil {
		t.Fatal(err)
	}

	s = open()
	same(t, one, collect(t, s.Load(t.Context(), "case/a"))[0])
	if stream, seq, held, err := s.Holder(t.Context(), "k"); stream != "case/a" || seq != 1 || !held || err != nil {
		t.Errorf("holder: %s/%d %v, %v", stream, seq, held, err)
	}
	if b, err := s.Blob(t.Context(), blob.Digest); string(b) != "raw" || err != nil {
		t.Errorf("blob: %q, %v", b, err)
	}
	if n, err := s.Log().Checkpoint(t.Context()); string(n) != "signed" || err != nil {
		t.Errorf("checkpoint: %q, %v", n, err)
	}
	if again, err := ledger.Root(t.Context(), s.Log(), 2); again != root || err != nil {
		t.Errorf("root was %s, is %s, %v", root, again, err)
	}
	// A restart must not hand a second worker what the first may still be doing.
	wantIDs(t, "during the lease", claim(t, s, "w2", hour-1000, 10))
	wantIDs(t, "after the lease", claim(t, s, "w2", hour, 10), "leased")
	if _, err := s.Append(t.Context(), ledger.Batch{Stream: "case/b", Records: events(t, "stale")}); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("stale append after the restart: %v", err)
	}
	if pos := must(t, s, ledger.Batch{Stream: "case/b", After: 1, Records: events(t, "three")}); pos != 2 {
		t.Errorf("position after the restart is %d, not 2", pos)
	}
}

func restartAtEverySize(t *testing.T, open func() ledger.Store) {
	var roots []tlog.Hash
	for n := range 20 {
		s := open()
		for old, root := range roots {
			p, err := ledger.ProveConsistency(t.Context(), s.Log(), int64(old+1), int64(n))
			if err != nil || tlog.CheckTree(p, int64(n), roots[n-1], int64(old+1), root) != nil {
				t.Fatalf("size %d after a restart does not contain size %d: %v", n, old+1, err)
			}
		}
		must(t, s, ledger.Batch{Stream: "case/a", After: n, Records: events(t, fmt.Sprint("e", n))})
		tree, err := ledger.Audit(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		roots = append(roots, tree.Hash)
	}
}

func reopenOnly(t *testing.T, open func() ledger.Store) {
	must(t, open(), ledger.Batch{Stream: "case/a", Records: events(t, "one")})
	for range 3 {
		s := open()
		if n := size(t, s); n != 1 {
			t.Fatalf("size is %d", n)
		}
	}
}
