package ledgertest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/ledger"
	"tocsin/ledger/memory"
)

// agreesWithMemory runs random steps on the store and on the store in memory,
// which is short enough to be checked by reading, and compares every answer. All
// runs share the store and differ in a prefix of their names, because opening a
// durable store for each would take most of the time. The log's size then differs
// by an offset.
func agreesWithMemory(t *testing.T, s ledger.Store) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		p := &pair{t: rt, tt: t, real: s, twin: memory.Open(), prefix: fmt.Sprintf("run%d/", run), base: size(t, s)}
		// Work left by an earlier run would be handed out in this one.
		left, err := s.Work().Claim(t.Context(), "sweeper", at.Add(9000*hour), at.Add(9001*hour), 1000)
		if err != nil {
			rt.Fatal(err)
		}
		var ids []string
		for _, d := range left {
			ids = append(ids, d.ID)
		}
		must(t, s, ledger.Batch{Stream: p.prefix + "sweep", Settled: ids})
		rt.Repeat(map[string]func(*rapid.T){"append": p.append, "claim": p.claim, "release": p.release, "": p.compare})
	})
}

type pair struct {
	t      *rapid.T
	tt     *testing.T
	real   ledger.Store
	twin   *memory.Store
	prefix string
	base   int64 // position of the run's first record in the real store
	seen   int64 // records of the run compared so far
	now    time.Duration
}

func (p *pair) stream(t *rapid.T) string {
	return p.prefix + rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "stream")
}

func (p *pair) id(t *rapid.T) string {
	return p.prefix + rapid.SampledFrom([]string{"u", "v", "w", "x"}).Draw(t, "id")
}

func (p *pair) batch(t *rapid.T) ledger.Batch {
	b := ledger.Batch{Stream: p.stream(t)}
	for range p.twin.Load(p.tt.Context(), b.Stream) {
		b.After++
	}
	if rapid.IntRange(0, 9).Draw(t, "stale") == 0 {
		b.After = rapid.IntRange(0, 5).Draw(t, "after")
	}
	kinds := rapid.SliceOfN(rapid.SampledFrom([]string{"p", "q"}), 0, 3).Draw(t, "kinds")
	b.Records = events(p.tt, kinds...)
	if len(b.Records) > 0 && rapid.Bool().Draw(t, "claims a key") {
		b.Keys = []string{p.prefix + rapid.StringMatching(`[a-f]`).Draw(t, "key")}
	}
	for range rapid.IntRange(0, 2).Draw(t, "due") {
		b.Due = append(b.Due, ledger.Due{ID: p.id(t), Kind: "tick", Case: "c", At: at.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "at")) * hour)})
	}
	if rapid.Bool().Draw(t, "settles") {
		b.Settled = []string{p.id(t)}
	}
	return b
}

func (p *pair) append(t *rapid.T) {
	batches := []ledger.Batch{p.batch(t)}
	if rapid.Bool().Draw(t, "two batches") {
		batches = append(batches, p.batch(t))
	}
	want, wantErr := p.twin.Append(p.tt.Context(), batches...)
	got, gotErr := p.real.Append(p.tt.Context(), batches...)
	if want >= 0 {
		want += p.base
	}
	var held, twinHeld *ledger.HeldError
	if got != want || (gotErr == nil) != (wantErr == nil) ||
		errors.Is(gotErr, ledger.ErrConflict) != errors.Is(wantErr, ledger.ErrConflict) ||
		errors.As(gotErr, &held) != errors.As(wantErr, &twinHeld) || held != nil && *held != *twinHeld {
		t.Fatalf("append: %d, %v; the twin: %d, %v", got, gotErr, want, wantErr)
	}
}

func (p *pair) claim(t *rapid.T) {
	p.now += time.Duration(rapid.IntRange(0, 2).Draw(t, "hours")) * hour
	worker := rapid.SampledFrom([]string{"w1", "w2"}).Draw(t, "worker")
	until := at.Add(p.now + time.Duration(rapid.IntRange(1, 3).Draw(t, "lease"))*hour)
	limit := rapid.IntRange(0, 3).Draw(t, "limit")
	want, wantErr := p.twin.Work().Claim(p.tt.Context(), worker, at.Add(p.now), until, limit)
	got, gotErr := p.real.Work().Claim(p.tt.Context(), worker, at.Add(p.now), until, limit)
	if !slices.Equal(got, want) || gotErr != nil || wantErr != nil {
		t.Fatalf("claim: %v, %v; the twin: %v, %v", got, gotErr, want, wantErr)
	}
}

func (p *pair) release(t *rapid.T) {
	worker, id := rapid.SampledFrom([]string{"w1", "w2"}).Draw(t, "worker"), p.id(t)
	when := at.Add(p.now + time.Duration(rapid.IntRange(0, 2).Draw(t, "hours"))*hour)
	if err := errors.Join(p.twin.Work().Release(p.tt.Context(), worker, when, id), p.real.Work().Release(p.tt.Context(), worker, when, id)); err != nil {
		t.Fatal(err)
	}
}

// compare runs after every step.
func (p *pair) compare(t *rapid.T) {
	want, got := collect(p.tt, p.twin.Since(p.tt.Context(), p.seen)), collect(p.tt, p.real.Since(p.tt.Context(), p.base+p.seen))
	if len(got) != len(want) {
		t.Fatalf("%d records; the twin has %d", len(got), len(want))
	}
	for i := range want {
		if got[i].Position != p.base+want[i].Position || !bytes.Equal(got[i].Leaf, want[i].Leaf) {
			t.Fatalf("record %d is %s at %d; the twin has %s", i, got[i].Leaf, got[i].Position, want[i].Leaf)
		}
	}
	p.seen += int64(len(want))
	wantAt, wantOK, _ := p.twin.Work().Next(p.tt.Context())
	gotAt, gotOK, err := p.real.Work().Next(p.tt.Context())
	if gotOK != wantOK || !gotAt.Equal(wantAt) || err != nil {
		t.Fatalf("next work: %s %v, %v; the twin: %s %v", gotAt, gotOK, err, wantAt, wantOK)
	}
}
