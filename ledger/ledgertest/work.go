package ledgertest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tocsin/ledger"
)

const hour = time.Hour

func due(id string, after time.Duration) ledger.Due {
	return ledger.Due{ID: id, Kind: "tick", Case: "c-" + id, At: at.Add(after)}
}

// plan appends one record that puts and settles work on a stream of its own.
func plan(t *testing.T, s ledger.Store, stream string, after int, put []ledger.Due, settled ...string) {
	t.Helper()
	must(t, s, ledger.Batch{Stream: stream, After: after, Records: events(t, "planned"), Due: put, Settled: settled})
}

// claim claims for an hour at the suite's moment plus after, and returns the ids.
func claim(t *testing.T, s ledger.Store, worker string, after time.Duration, limit int) []string {
	t.Helper()
	got, err := s.Work().Claim(t.Context(), worker, at.Add(after), at.Add(after+hour), limit)
	if err != nil {
		t.Fatalf("claim: %v", err)
	}
	ids := []string{}
	for _, d := range got {
		ids = append(ids, d.ID)
	}
	return ids
}

func wantIDs(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// wantNext checks Next; a negative after means that there is no work.
func wantNext(t *testing.T, s ledger.Store, after time.Duration) {
	t.Helper()
	next, ok, err := s.Work().Next(t.Context())
	if err != nil || ok != (after >= 0) || ok && !next.Equal(at.Add(after)) {
		t.Errorf("next work is at %s (%v), %v; want %s", next, ok, err, at.Add(after))
	}
}

func workDue(t *testing.T, s ledger.Store) {
	wantIDs(t, "nothing planned", claim(t, s, "w", 0, 10))
	plan(t, s, "case/a", 0, []ledger.Due{due("c", 2*hour), due("b", hour), due("z", 3*hour), due("a", 2*hour)})
	wantNext(t, s, hour)
	wantIDs(t, "too early", claim(t, s, "w", hour-time.Microsecond, 10))
	wantIDs(t, "limit zero", claim(t, s, "w", 5*hour, 0))
	wantIDs(t, "negative limit", claim(t, s, "w", 5*hour, -1))
	wantIDs(t, "at the very moment", claim(t, s, "w", hour, 10), "b")
	got, err := s.Work().Claim(t.Context(), "w2", at.Add(5*hour), at.Add(6*hour), 3)
	if err != nil || len(got) != 3 {
		t.Fatalf("claim: %v, %v", got, err)
	}
	// b's lease has ended meanwhile; it is the oldest and comes first.
	for i, want := range []ledger.Due{due("b", hour), due("a", 2*hour), due("c", 2*hour)} {
		if got[i] != want {
			t.Errorf("item %d is %+v, want %+v", i, got[i], want)
		}
	}
	wantNext(t, s, 3*hour)
	for name, f := range map[string]func() error{
		"no worker":        func() error { _, err := s.Work().Claim(t.Context(), "", at, at.Add(hour), 1); return err },
		"lease of no time": func() error { _, err := s.Work().Claim(t.Context(), "w", at, at, 1); return err },
		"lease backwards":  func() error { _, err := s.Work().Claim(t.Context(), "w", at, at.Add(-hour), 1); return err },
	} {
		if f() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func workReplaced(t *testing.T, s ledger.Store) {
	plan(t, s, "case/a", 0, []ledger.Due{due("a", 0), due("b", 0), due("c", 0)})
	plan(t, s, "case/a", 1, []ledger.Due{{ID: "a", Kind: "send", Case: "other", At: at.Add(2 * hour)}}, "b", "never planned")
	wantIDs(t, "after replacing and settling", claim(t, s, "w", 0, 10), "c")
	wantNext(t, s, hour) // the end of c's lease
	plan(t, s, "case/a", 2, []ledger.Due{due("c", 3*hour)})
	wantNext(t, s, 2*hour)
	if err := s.Work().Release(t.Context(), "w", at, "c"); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "a replaced item is no longer its worker's", claim(t, s, "w", hour, 10))
	got, err := s.Work().Claim(t.Context(), "w", at.Add(2*hour), at.Add(3*hour), 10)
	if err != nil || len(got) != 1 || got[0] != (ledger.Due{ID: "a", Kind: "send", Case: "other", At: at.Add(2 * hour)}) {
		t.Errorf("the replacement is %+v, %v", got, err)
	}
	plan(t, s, "case/a", 3, []ledger.Due{due("a", 4*hour)}, "a") // settled and planned again in one batch
	wantNext(t, s, 3*hour)
	plan(t, s, "case/a", 4, nil, "a", "c")
	wantNext(t, s, -1)
	wantIDs(t, "all settled", claim(t, s, "w", 100*hour, 10))
}

func workLease(t *testing.T, s ledger.Store) {
	plan(t, s, "case/a", 0, []ledger.Due{due("a", 0)})
	wantIDs(t, "first worker", claim(t, s, "w1", 0, 10), "a")
	wantNext(t, s, hour)
	wantIDs(t, "second worker during the lease", claim(t, s, "w2", hour-time.Microsecond, 10))
	wantIDs(t, "first worker again during the lease", claim(t, s, "w1", hour-time.Microsecond, 10))
	wantIDs(t, "second worker at the end of the lease", claim(t, s, "w2", hour, 10), "a")
	if err := s.Work().Release(t.Context(), "w1", at, "a"); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "the first worker cannot release what the second holds", claim(t, s, "w3", hour, 10))
	plan(t, s, "case/a", 1, nil, "a")
	wantNext(t, s, -1)
}

func workRelease(t *testing.T, s ledger.Store) {
	plan(t, s, "case/a", 0, []ledger.Due{due("a", 0), due("b", 0), due("c", 0)})
	wantIDs(t, "claimed", claim(t, s, "w", 0, 10), "a", "b", "c")
	changed := s.Changed()
	if err := s.Work().Release(t.Context(), "w", at.Add(10*time.Minute), "a", "b", "unknown"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
	case <-time.After(time.Minute): // a guard against hanging for ever
		t.Error("nobody is told of released work")
	}
	wantNext(t, s, 10*time.Minute)
	wantIDs(t, "before its time", claim(t, s, "w", 9*time.Minute, 10))
	got, err := s.Work().Claim(t.Context(), "w2", at.Add(10*time.Minute), at.Add(hour), 10)
	if err != nil || len(got) != 2 || got[0] != due("a", 10*time.Minute) {
		t.Errorf("released work is %+v, %v", got, err)
	}
	if err := s.Work().Release(t.Context(), "w", at); err != nil {
		t.Errorf("release of nothing: %v", err)
	}
}

func workPending(t *testing.T, s ledger.Store) {
	pending := func(what string, want ...ledger.Due) {
		t.Helper()
		got, err := s.Work().Pending(t.Context())
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: pending are %+v, %v; want %+v", what, got, err, want)
		}
	}
	pending("nothing planned")
	plan(t, s, "case/a", 0, []ledger.Due{due("c", 0), due("a", 2*hour), due("b", 100*hour)})
	pending("planned, in order of id", due("a", 2*hour), due("b", 100*hour), due("c", 0))
	wantIDs(t, "listing leases nothing", claim(t, s, "w", 0, 10), "c")
	pending("one is leased", due("a", 2*hour), due("b", 100*hour), due("c", 0))
	wantNext(t, s, hour)
	if err := s.Work().Release(t.Context(), "w", at.Add(3*hour), "c"); err != nil {
		t.Fatal(err)
	}
	plan(t, s, "case/a", 1, []ledger.Due{due("b", hour)}, "a")
	pending("settled, replaced and given back", due("b", hour), due("c", 3*hour))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Work().Pending(cancelled); err == nil {
		t.Error("a cancelled listing has no error")
	}
}

func workRace(t *testing.T, s ledger.Store) {
	const items, workers = 120, 8
	var all []ledger.Due
	for i := range items {
		all = append(all, due(fmt.Sprintf("%03d", i), 0))
	}
	plan(t, s, "case/a", 0, all)
	var mu sync.Mutex
	holder := map[string]string{}
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			worker := fmt.Sprint("w", w)
			for {
				got, err := s.Work().Claim(t.Context(), worker, at, at.Add(hour), 7)
				if err != nil {
					t.Errorf("claim: %v", err)
				}
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, d := range got {
					if other, held := holder[d.ID]; held {
						t.Errorf("%s is held by %s and %s", d.ID, other, worker)
					}
					holder[d.ID] = worker
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(holder) != items {
		t.Errorf("%d items were handed out, not %d", len(holder), items)
	}
}
