// Package ledgertest is what every ledger.Store must do, as a test.
//
// A store's own test calls Run, and RunDurable too if the store survives its
// process. What the store does beyond the contract it tests itself.
package ledgertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin"
	"tocsin/ledger"
)

// Run runs the suite. open returns an empty store, a new one at each call; the
// suite closes it.
func Run(t *testing.T, open func(t *testing.T) ledger.Store) {
	runAll(t, cases(), func(t *testing.T, run func(*testing.T, ledger.Store)) {
		s := open(t)
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
		run(t, s)
	})
}

// RunDurable runs what only a store can pass that survives its process. open
// opens the store kept in dir, which is empty at first; the suite closes it and
// opens it again.
func RunDurable(t *testing.T, open func(t *testing.T, dir string) ledger.Store) {
	runAll(t, durableCases(), func(t *testing.T, run func(*testing.T, func() ledger.Store)) {
		dir := t.TempDir()
		var last ledger.Store
		shut := func() {
			if last != nil {
				if err := last.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}
		}
		t.Cleanup(shut)
		run(t, func() ledger.Store {
			shut()
			last = open(t, dir)
			return last
		})
	})
}

type scenario[F any] struct {
	name string
	run  F
}

// runAll runs the scenarios and fails if none ran: a filter or an edit that
// leaves nothing to check must not look like success.
func runAll[F any](t *testing.T, all []scenario[F], with func(*testing.T, F)) {
	t.Helper()
	ran := 0
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			ran++
			with(t, c.run)
		})
	}
	if ran == 0 {
		t.Fatal("ledgertest: no case ran")
	}
}

func cases() []scenario[func(*testing.T, ledger.Store)] {
	return []scenario[func(*testing.T, ledger.Store)]{
		{"an empty record has nothing and says so", emptyStore},
		{"what was appended is loaded, in order and unchanged", appendAndLoad},
		{"positions and sequence numbers have no gaps", gapless},
		{"a stream that moved on is a conflict", conflict},
		{"several batches are written together or not at all", atomicity},
		{"a batch sees the batches before it", batchesInSequence},
		{"a key is held for ever", keysHeld},
		{"attachments are kept whole", blobs},
		{"a malformed batch is refused", malformed},
		{"a batch without records keeps the stream's number", emptyBatch},
		{"large events are kept, too large ones refused", bigFields},
		{"every script and every awkward value survives", unicode},
		{"times keep their microseconds", timePrecision},
		{"changing what was loaded changes nothing kept", isolation},
		{"a cancelled append writes nothing", cancelled},
		{"reading stops where the reader stops", stopReading},
		{"readers may write while they read", appendWhileReading},
		{"of officers racing on one case exactly one wins", racing},
		{"a reader who follows sees everything once, in order", tailing},
		{"the log's root is that of the leaves, after every append", rootFromScratch},
		{"later logs prove that they contain earlier ones", proofs},
		{"the log is served as tiles", tiles},
		{"the newest checkpoint is kept", checkpoints},
		{"an audit finds the record whole", audit},
		{"work is handed out when it is due, oldest first", workDue},
		{"settled work is gone, replaced work is due anew", workReplaced},
		{"a lease that ends makes the work due again", workLease},
		{"a released item is due when the worker says", workRelease},
		{"all work is listed, leased or not, and stays as it is", workPending},
		{"two workers never hold the same item", workRace},
		{"any sequence of steps agrees with the store in memory", agreesWithMemory},
		{"after close nothing is written", closed},
	}
}

// at is the fixed moment that the suite counts from.
var at = time.Date(2024, 1, 3, 11, 20, 0, 0, time.UTC)

// Event makes a record with one salt for each field of data, the same for the
// same seed.
func event(t testing.TB, kind string, data any) ledger.Record {
	t.Helper()
	r, err := ledger.NewRecord(ledger.Record{Kind: kind, EventTime: at, EntryTime: at.Add(time.Minute), Actor: "u1", Command: "c-" + kind,
		Pack: tocsin.DigestOf([]byte("pack"))}, data, rand.NewChaCha8([32]byte([]byte(fmt.Sprintf("%-32.32s", kind)))))
	if err != nil {
		t.Fatalf("make record %s: %v", kind, err)
	}
	return r
}

type note struct {
	Text string `json:"text"`
	Who  string `json:"who,omitempty"`
}

func events(t testing.TB, kinds ...string) []ledger.Record {
	out := make([]ledger.Record, len(kinds))
	for i, k := range kinds {
		out[i] = event(t, k, note{Text: "text of " + k})
	}
	return out
}

func must(t testing.TB, s ledger.Store, batches ...ledger.Batch) int64 {
	t.Helper()
	pos, err := s.Append(t.Context(), batches...)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return pos
}

func collect(t testing.TB, seq iter.Seq2[ledger.Record, error]) []ledger.Record {
	t.Helper()
	var out []ledger.Record
	for r, err := range seq {
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		out = append(out, r)
	}
	return out
}

func size(t testing.TB, s ledger.Store) int64 {
	t.Helper()
	n, err := s.Log().Size(t.Context())
	if err != nil {
		t.Fatalf("size: %v", err)
	}
	return n
}

// same reports the first difference between the record that was appended and the
// one that was read.
func same(t testing.TB, want, got ledger.Record) {
	t.Helper()
	switch {
	case got.Kind != want.Kind, got.Actor != want.Actor, got.Command != want.Command, got.Pack != want.Pack:
		t.Fatalf("%s/%d: envelope is %+v, appended was %+v", got.Stream, got.Seq, got, want)
	case !got.EventTime.Equal(tocsin.Instant(want.EventTime)), !got.EntryTime.Equal(tocsin.Instant(want.EntryTime)):
		t.Fatalf("%s/%d: times are %s, %s; appended were %s, %s", got.Stream, got.Seq, got.EventTime, got.EntryTime, want.EventTime, want.EntryTime)
	case !maps.Equal(got.Salts, want.Salts):
		t.Fatalf("%s/%d: salts are %v, appended were %v", got.Stream, got.Seq, got.Salts, want.Salts)
	case !maps.EqualFunc(got.Fields, want.Fields, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }):
		t.Fatalf("%s/%d: fields are %.300s, appended were %.300s", got.Stream, got.Seq, got.Fields, want.Fields)
	}
	leaf, err := got.LeafBytes()
	if err != nil || !bytes.Equal(leaf, got.Leaf) {
		t.Fatalf("%s/%d: leaf is\n%s\nits record gives (%v)\n%s", got.Stream, got.Seq, got.Leaf, err, leaf)
	}
}

func emptyStore(t *testing.T, s ledger.Store) {
	if got := collect(t, s.Load(t.Context(), "case/unknown")); len(got) != 0 {
		t.Errorf("an unknown stream has %d records", len(got))
	}
	if got := collect(t, s.Since(t.Context(), 0)); len(got) != 0 {
		t.Errorf("an empty record has %d records", len(got))
	}
	if n := size(t, s); n != 0 {
		t.Errorf("size is %d", n)
	}
	if root, err := ledger.Root(t.Context(), s.Log(), 0); err != nil || root.String() != "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" {
		t.Errorf("root of nothing is %s, %v", root, err) // RFC 6962 section 2.1: the hash of the empty string
	}
	if note, err := s.Log().Checkpoint(t.Context()); note != nil || err != nil {
		t.Errorf("checkpoint is %q, %v", note, err)
	}
	if _, ok, err := s.Work().Next(t.Context()); ok || err != nil {
		t.Errorf("there is work: %v, %v", ok, err)
	}
	if _, _, ok, err := s.Holder(t.Context(), "k"); ok || err != nil {
		t.Errorf("a key is held: %v, %v", ok, err)
	}
	if _, err := s.Log().ReadHashes([]int64{0}); err == nil {
		t.Error("a hash that does not exist was read")
	}
	if pos, err := s.Append(t.Context()); pos != -1 || err != nil {
		t.Errorf("append of nothing: %d, %v", pos, err)
	}
}

func appendAndLoad(t *testing.T, s ledger.Store) {
	first := events(t, "case_opened", "report_attached")
	second := []ledger.Record{event(t, "finding_made", struct {
		Element string   `json:"element"`
		Reports []string `json:"reports"`
		Note    *note    `json:"note"`
	}{"specific", []string{"r1", "r2"}, nil}), event(t, "case_closed", struct{}{})}
	if pos := must(t, s, ledger.Batch{Stream: "case/a", Records: first}); pos != 1 {
		t.Errorf("position is %d, not 1", pos)
	}
	must(t, s, ledger.Batch{Stream: "case/b", Records: events(t, "other")})
	if pos := must(t, s, ledger.Batch{Stream: "case/a", After: 2, Records: second}); pos != 4 {
		t.Errorf("position is %d, not 4", pos)
	}
	got := collect(t, s.Load(t.Context(), "case/a"))
	want := append(first, second...)
	if len(got) != len(want) {
		t.Fatalf("loaded %d records, not %d", len(got), len(want))
	}
	for i, r := range got {
		same(t, want[i], r)
		if r.Stream != "case/a" || r.Seq != i+1 || r.Position != []int64{0, 1, 3, 4}[i] {
			t.Errorf("record %d is %s/%d at %d", i, r.Stream, r.Seq, r.Position)
		}
	}
	if later := collect(t, s.Since(t.Context(), 3)); len(later) != 2 || later[0].Position != 3 || later[0].Seq != 3 {
		t.Errorf("since 3: %+v", later)
	}
	if beyond := collect(t, s.Since(t.Context(), 5)); len(beyond) != 0 {
		t.Errorf("since the end: %d records", len(beyond))
	}
	if all := collect(t, s.Since(t.Context(), -7)); len(all) != 5 {
		t.Errorf("since before the beginning: %d records", len(all))
	}
}

func gapless(t *testing.T, s ledger.Store) {
	versions := map[string]int{}
	total := 0
	for i := range 120 {
		stream := fmt.Sprintf("case/%d", i%7)
		n := i % 4 // some batches hold no record at all
		must(t, s, ledger.Batch{Stream: stream, After: versions[stream], Records: events(t, []string{"a", "b", "c"}[:n]...)})
		versions[stream] += n
		total += n
		if _, err := s.Append(t.Context(), ledger.Batch{Stream: stream, After: versions[stream] + 1, Records: events(t, "gap")}); !errors.Is(err, ledger.ErrConflict) {
			t.Fatalf("a batch that would leave a gap: %v", err)
		}
	}
	seqs := map[string]int{}
	for i, r := range collect(t, s.Since(t.Context(), 0)) {
		seqs[r.Stream]++
		if r.Position != int64(i) || r.Seq != seqs[r.Stream] {
			t.Fatalf("record %d is %s/%d at %d", i, r.Stream, r.Seq, r.Position)
		}
		total--
	}
	if total != 0 {
		t.Fatalf("%d records are missing", total)
	}
}

func conflict(t *testing.T, s ledger.Store) {
	must(t, s, ledger.Batch{Stream: "case/a", Records: events(t, "one", "two")})
	for _, after := range []int{0, 1, 3, 99} {
		pos, err := s.Append(t.Context(), ledger.Batch{Stream: "case/a", After: after, Records: events(t, "late"),
			Keys: []string{"late"}, Due: []ledger.Due{{ID: "late", Kind: "tick", At: at}}})
		if !errors.Is(err, ledger.ErrConflict) || pos != -1 {
			t.Errorf("after %d: %d, %v", after, pos, err)
		}
	}
	untouched(t, s, 2, "late", "late")
	must(t, s, ledger.Batch{Stream: "case/a", After: 2, Records: events(t, "three")})
}

// untouched checks that a refused append left no trace.
func untouched(t *testing.T, s ledger.Store, records int64, key, dueID string) {
	t.Helper()
	if n := size(t, s); n != records {
		t.Errorf("the log has %d leaves, not %d", n, records)
	}
	if got := collect(t, s.Since(t.Context(), 0)); int64(len(got)) != records {
		t.Errorf("there are %d records, not %d", len(got), records)
	}
	if stream, _, held, err := s.Holder(t.Context(), key); held || err != nil {
		t.Errorf("key %q is held by %s, %v", key, stream, err)
	}
	due, err := s.Work().Claim(t.Context(), "looker", at.Add(1000*time.Hour), at.Add(1001*time.Hour), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range due {
		if d.ID == dueID {
			t.Errorf("work %q was written", dueID)
		}
		if err := s.Work().Release(t.Context(), "looker", d.At, d.ID); err != nil {
			t.Fatal(err)
		}
	}
}

func atomicity(t *testing.T, s ledger.Store) {
	must(t, s, ledger.Batch{Stream: "case/a", Records: events(t, "one"), Keys: []string{"taken"}})
	blob := ledger.Blob{Digest: tocsin.DigestOf([]byte("lost")), Bytes: []byte("lost")}
	good := ledger.Batch{Stream: "case/b", Records: events(t, "opened", "next"), Keys: []string{"fresh"},
		Blobs: []ledger.Blob{blob}, Due: []ledger.Due{{ID: "tick/b", Kind: "tick", At: at}}}
	bad := map[string]ledger.Batch{
		"conflict":               {Stream: "case/a", After: 0, Records: events(t, "stale")},
		"held key":               {Stream: "case/c", Records: events(t, "opened"), Keys: []string{"free", "taken"}},
		"key of the first batch": {Stream: "case/c", Records: events(t, "opened"), Keys: []string{"fresh"}},
	}
	for name, b := range bad {
		if _, err := s.Append(t.Context(), good, b); err == nil {
			t.Fatalf("%s: appended", name)
		}
		untouched(t, s, 1, "fresh", "tick/b")
		if _, err := s.Blob(t.Context(), blob.Digest); !errors.Is(err, tocsin.NotFound) {
			t.Errorf("%s: the first batch's blob: %v", name, err)
		}
		if got := collect(t, s.Load(t.Context(), "case/b")); len(got) != 0 {
			t.Errorf("%s: the first batch wrote %d records", name, len(got))
		}
	}
	if pos := must(t, s, good, ledger.Batch{Stream: "case/a", After: 1, Records: events(t, "two")}); pos != 3 {
		t.Errorf("position is %d, not 3", pos)
	}
	if got := collect(t, s.Since(t.Context(), 0)); len(got) != 4 || got[1].Stream != "case/b" || got[3].Stream != "case/a" {
		t.Errorf("after the good append: %d records", len(got))
	}
}

func batchesInSequence(t *testing.T, s ledger.Store) {
	must(t, s,
		ledger.Batch{Stream: "case/a", Records: events(t, "one", "two"), Due: []ledger.Due{{ID: "x", Kind: "tick", At: at}}},
		ledger.Batch{Stream: "case/a", After: 2, Records: events(t, "three"), Settled: []string{"x"}})
	if got := collect(t, s.Load(t.Context(), "case/a")); len(got) != 3 || got[2].Seq != 3 {
		t.Errorf("loaded %d records", len(got))
	}
	if _, ok, _ := s.Work().Next(t.Context()); ok {
		t.Error("the second batch did not settle the first one's work")
	}
	_, err := s.Append(t.Context(), ledger.Batch{Stream: "case/b", Records: events(t, "one")},
		ledger.Batch{Stream: "case/b", After: 0, Records: events(t, "one")})
	if !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("two batches after the same version: %v", err)
	}
}

func keysHeld(t *testing.T, s ledger.Store) {
	awkward := []string{"mail:<a@b>", "nul\x00byte", "not \xff UTF-8", "ترجمه", "a' OR 1=1 --"}
	must(t, s, ledger.Batch{Stream: "intake", Records: events(t, "received", "joined"), Keys: append([]string{"k", "k"}, awkward...)})
	must(t, s, ledger.Batch{Stream: "intake", After: 2, Records: events(t, "received"), Keys: []string{"K"}})
	for _, key := range append([]string{"k"}, awkward...) {
		stream, seq, held, err := s.Holder(t.Context(), key)
		if stream != "intake" || seq != 1 || !held || err != nil {
			t.Errorf("holder of %q: %s/%d %v, %v", key, stream, seq, held, err)
		}
		for _, claimer := range []ledger.Batch{
			{Stream: "intake", After: 3, Records: events(t, "again")},
			{Stream: "case/x", Records: events(t, "again")},
		} {
			claimer.Keys = []string{"other", key}
			_, err = s.Append(t.Context(), claimer)
			var h *ledger.HeldError
			if !errors.As(err, &h) || *h != (ledger.HeldError{Key: key, Stream: "intake", Seq: 1}) {
				t.Errorf("%s claims %q: %v", claimer.Stream, key, err)
			}
		}
	}
	if _, seq, held, _ := s.Holder(t.Context(), "K"); seq != 3 || !held {
		t.Errorf("holder of K: %d %v", seq, held)
	}
	untouched(t, s, 3, "other", "")
}

func blobs(t *testing.T, s ledger.Store) {
	contents := [][]byte{{}, []byte("a"), bytes.Repeat([]byte{0, 0xff, '\n'}, 1<<18)}
	var all []ledger.Blob
	for _, c := range contents {
		all = append(all, ledger.Blob{Digest: tocsin.DigestOf(c), Bytes: c})
	}
	must(t, s, ledger.Batch{Stream: "intake", Records: events(t, "received"), Blobs: all})
	must(t, s, ledger.Batch{Stream: "intake", After: 1, Records: events(t, "received"), Blobs: all[1:]}) // a re-post brings the same bytes
	for _, b := range all {
		got, err := s.Blob(t.Context(), b.Digest)
		if err != nil || !bytes.Equal(got, b.Bytes) {
			t.Errorf("blob of %d bytes: %d bytes, %v", len(b.Bytes), len(got), err)
		}
	}
	for _, d := range []tocsin.Digest{tocsin.DigestOf([]byte("never")), "", "sha256:zz"} {
		if _, err := s.Blob(t.Context(), d); !errors.Is(err, tocsin.NotFound) {
			t.Errorf("blob %q: %v", d, err)
		}
	}
}

func malformed(t *testing.T, s ledger.Store) {
	unsalted := event(t, "unsalted", note{Text: "x"})
	unsalted.Salts = nil
	invalid := event(t, "invalid", note{Text: "x"})
	invalid.Fields = map[string]json.RawMessage{"text": json.RawMessage(`{"open":`)}
	late := event(t, "late", nil)
	late.EventTime = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, b := range map[string]ledger.Batch{
		"no stream":            {Records: events(t, "x")},
		"stream not UTF-8":     {Stream: "case/\xff", Records: events(t, "x")},
		"negative version":     {Stream: "case/a", After: -1, Records: events(t, "x")},
		"no kind":              {Stream: "case/a", Records: []ledger.Record{{EventTime: at, EntryTime: at}}},
		"field without salt":   {Stream: "case/a", Records: []ledger.Record{unsalted}},
		"field is not JSON":    {Stream: "case/a", Records: []ledger.Record{invalid}},
		"year 10000":           {Stream: "case/a", Records: []ledger.Record{late}},
		"empty key":            {Stream: "case/a", Records: events(t, "x"), Keys: []string{""}},
		"long key":             {Stream: "case/a", Records: events(t, "x"), Keys: []string{string(make([]byte, 1025))}},
		"key without record":   {Stream: "case/a", Keys: []string{"k"}},
		"blob of another name": {Stream: "case/a", Records: events(t, "x"), Blobs: []ledger.Blob{{Digest: tocsin.DigestOf(nil), Bytes: []byte("x")}}},
		"work without id":      {Stream: "case/a", Records: events(t, "x"), Due: []ledger.Due{{Kind: "tick", At: at}}},
		"work without kind":    {Stream: "case/a", Records: events(t, "x"), Due: []ledger.Due{{ID: "x", At: at}}},
	} {
		if _, err := s.Append(t.Context(), ledger.Batch{Stream: "case/ok", Records: events(t, "ok")}, b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	untouched(t, s, 0, "k", "x")
}

func emptyBatch(t *testing.T, s ledger.Store) {
	must(t, s, ledger.Batch{Stream: "case/a", Records: events(t, "one")})
	b := ledger.Blob{Digest: tocsin.DigestOf([]byte("b")), Bytes: []byte("b")}
	pos, err := s.Append(t.Context(), ledger.Batch{Stream: "case/a", After: 1, Blobs: []ledger.Blob{b}, Due: []ledger.Due{{ID: "d", Kind: "tick", At: at}}})
	if pos != -1 || err != nil {
		t.Fatalf("batch without records: %d, %v", pos, err)
	}
	if _, err := s.Append(t.Context(), ledger.Batch{Stream: "case/a", After: 0, Settled: []string{"d"}}); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("batch without records for a version gone by: %v", err)
	}
	if _, err := s.Blob(t.Context(), b.Digest); err != nil {
		t.Error(err)
	}
	if next, ok, err := s.Work().Next(t.Context()); !ok || !next.Equal(at) || err != nil {
		t.Errorf("next work: %s %v, %v", next, ok, err)
	}
	must(t, s, ledger.Batch{Stream: "case/a", After: 1, Records: events(t, "two")})
}

func bigFields(t *testing.T, s ledger.Store) {
	big := event(t, "big", note{Text: string(bytes.Repeat([]byte("warn "), 1<<19))}) // 2.5 MiB
	for i := range 3 {
		must(t, s, ledger.Batch{Stream: "case/a", After: i, Records: []ledger.Record{big}})
	}
	for _, r := range collect(t, s.Load(t.Context(), "case/a")) {
		same(t, big, r)
	}
	many := map[string]int{}
	for i := range 1000 {
		many[fmt.Sprintf("field%d", i)] = i
	}
	wide := event(t, "wide", many)
	must(t, s, ledger.Batch{Stream: "case/b", Records: []ledger.Record{wide}})
	same(t, wide, collect(t, s.Load(t.Context(), "case/b"))[0])

	huge := event(t, "huge", note{Text: "x"})
	huge.Fields["text"] = append(append([]byte{'"'}, bytes.Repeat([]byte("a"), ledger.MaxData)...), '"')
	if _, err := s.Append(t.Context(), ledger.Batch{Stream: "case/c", Records: []ledger.Record{huge}}); !errors.Is(err, tocsin.TooLarge) {
		t.Errorf("an event over the limit: %v", err)
	}
}

func unicode(t *testing.T, s ledger.Store) {
	values := map[string]any{
		"persian": "هشدار: به مراسم نروید", "emoji": "🚨\u200d", "html": `<a href="x">&amp;</a>`, "lines": "a\r\n\tb\u2028c\u2029d",
		"nul": "a\x00b", "quote": `say "no" \ 'yes'`, "empty": "", "null": nil, "big number": json.Number("12345678901234567890.1234567890"),
		"nested": map[string]any{"list": []any{1, "<", nil, true}, "object": map[string]any{}}, "feld_ü": "ü", "true": true,
	}
	r := event(t, "ärger", values)
	r.Actor, r.Command = "u<&>\x00\"ش", "c\n\u2028"
	must(t, s, ledger.Batch{Stream: "case/ك 💥'\"", Records: []ledger.Record{r}})
	got := collect(t, s.Load(t.Context(), "case/ك 💥'\""))
	if len(got) != 1 {
		t.Fatalf("loaded %d records", len(got))
	}
	same(t, r, got[0])
	for name, want := range values {
		raw, _ := json.Marshal(want)
		var a, b any
		if err := errors.Join(json.Unmarshal(raw, &a), json.Unmarshal(got[0].Fields[name], &b)); err != nil || fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s: %v came back as %v, %v", name, a, b, err)
		}
	}
}

func timePrecision(t *testing.T, s ledger.Store) {
	tehran := time.FixedZone("+03:30", 3*3600+1800)
	times := []time.Time{
		{}, at.Add(123456 * time.Microsecond), at.Add(999999999 * time.Nanosecond), at.In(tehran).Add(time.Microsecond),
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Now(),
	}
	for i, when := range times {
		r := event(t, "timed", nil)
		r.EventTime, r.EntryTime = when, when
		must(t, s, ledger.Batch{Stream: "case/a", After: i, Records: []ledger.Record{r},
			Due: []ledger.Due{{ID: fmt.Sprintf("due/%d", i), Kind: "tick", Case: "a", At: when}}})
	}
	for i, r := range collect(t, s.Load(t.Context(), "case/a")) {
		if want := tocsin.Instant(times[i]); r.EventTime != want || r.EntryTime != want {
			t.Errorf("%s came back as %s and %s", times[i], r.EventTime, r.EntryTime)
		}
	}
	got, err := s.Work().Claim(t.Context(), "w", time.Date(9999, 12, 31, 23, 59, 59, 999999500, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), 100)
	if err != nil || len(got) != len(times) {
		t.Fatalf("claimed %d, %v", len(got), err)
	}
	for _, d := range got {
		var i int
		fmt.Sscanf(d.ID, "due/%d", &i)
		if d.At != tocsin.Instant(times[i]) {
			t.Errorf("work due at %s came back as %s", times[i], d.At)
		}
	}
}

func isolation(t *testing.T, s ledger.Store) {
	want := event(t, "one", note{Text: "as recorded", Who: "u1"})
	mine := event(t, "one", note{Text: "as recorded", Who: "u1"})
	content := []byte("content")
	must(t, s, ledger.Batch{Stream: "case/a", Records: []ledger.Record{mine}, Blobs: []ledger.Blob{{Digest: tocsin.DigestOf(content), Bytes: content}}})
	spoil := func(r ledger.Record) {
		copy(r.Fields["text"], `"forged....."`)
		r.Fields["new"] = json.RawMessage("1")
		delete(r.Fields, "who")
		r.Salts["text"] = ""
		for i := range r.Leaf {
			r.Leaf[i] = 'x'
		}
	}
	spoil(mine)
	copy(content, "spoiled")
	for range 2 {
		got := collect(t, s.Load(t.Context(), "case/a"))[0]
		same(t, want, got)
		spoil(got)
		blob, err := s.Blob(t.Context(), tocsin.DigestOf([]byte("content")))
		if err != nil || string(blob) != "content" {
			t.Fatalf("blob is %q, %v", blob, err)
		}
		copy(blob, "spoiled")
	}
}

func cancelled(t *testing.T, s ledger.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Append(ctx, ledger.Batch{Stream: "case/a", Records: events(t, "one"), Keys: []string{"k"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("append: %v", err)
	}
	untouched(t, s, 0, "k", "")
	must(t, s, ledger.Batch{Stream: "case/a", Records: events(t, "one")})
	failed := false
	for _, err := range s.Since(ctx, 0) {
		failed = errors.Is(err, context.Canceled)
	}
	if !failed {
		t.Error("reading under a cancelled context succeeded")
	}
}

func stopReading(t *testing.T, s ledger.Store) {
	for i := range 600 { // more than a store is likely to read at once
		must(t, s, ledger.Batch{Stream: "case/a", After: i, Records: events(t, "e")})
	}
	for _, stop := range []int{1, 5, 599} {
		n := 0
		for _, err := range s.Since(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == stop {
				break
			}
		}
		if n != stop {
			t.Errorf("stopped after %d, not %d", n, stop)
		}
	}
	for name, seq := range map[string]iter.Seq2[ledger.Record, error]{"load": s.Load(t.Context(), "case/a"), "since": s.Since(t.Context(), 0)} {
		for i, r := range collect(t, seq) {
			if r.Seq != i+1 {
				t.Fatalf("%s: record %d is %d", name, i, r.Seq)
			}
		}
		if n := len(collect(t, seq)); n != 600 {
			t.Errorf("%s again: %d records, not 600", name, n)
		}
	}
}

func appendWhileReading(t *testing.T, s ledger.Store) {
	must(t, s, ledger.Batch{Stream: "case/a", Records: events(t, "one", "two", "three")})
	n := 0
	for r, err := range s.Load(t.Context(), "case/a") {
		if err != nil {
			t.Fatal(err)
		}
		must(t, s, ledger.Batch{Stream: fmt.Sprintf("copy/%d", r.Seq), Records: events(t, "copied")})
		n++
	}
	if n != 3 || size(t, s) != 6 {
		t.Errorf("read %d, size %d", n, size(t, s))
	}
}

func racing(t *testing.T, s ledger.Store) {
	const officers, rounds = 8, 20
	for round := range rounds {
		results := make(chan error, officers)
		for i := range officers {
			b := ledger.Batch{Stream: "case/a", After: round, Records: events(t, fmt.Sprintf("by_%d", i))}
			go func() {
				_, err := s.Append(t.Context(), b)
				results <- err
			}()
		}
		won := 0
		for range officers {
			switch err := <-results; {
			case err == nil:
				won++
			case !errors.Is(err, ledger.ErrConflict):
				t.Errorf("round %d: %v", round, err)
			}
		}
		if won != 1 {
			t.Fatalf("round %d: %d won", round, won)
		}
	}
	if got := collect(t, s.Load(t.Context(), "case/a")); len(got) != rounds {
		t.Errorf("%d records, not %d", len(got), rounds)
	}
}

func tailing(t *testing.T, s ledger.Store) {
	const writers, each = 8, 60
	records := events(t, "a", "b")
	var group sync.WaitGroup
	defer group.Wait() // also when this goroutine gives up: the writers use t
	for w := range writers {
		group.Go(func() {
			stream := fmt.Sprintf("case/%d", w)
			for i := range each {
				if _, err := s.Append(t.Context(), ledger.Batch{Stream: stream, After: 2 * i, Records: records}); err != nil {
					t.Errorf("%s: %v", stream, err)
					return
				}
			}
		})
	}
	seqs := map[string]int{}
	next, total := int64(0), int64(writers*each*2)
	for next < total {
		changed := s.Changed()
		for r, err := range s.Since(t.Context(), next) {
			if err != nil {
				t.Fatal(err)
			}
			seqs[r.Stream]++
			if r.Position != next || r.Seq != seqs[r.Stream] {
				t.Fatalf("at %d came %s/%d of position %d", next, r.Stream, r.Seq, r.Position)
			}
			next++
		}
		if next == total {
			break
		}
		select {
		case <-changed:
		case <-time.After(time.Minute): // a guard against hanging for ever, not a measurement
			t.Fatalf("no word of new records after position %d", next)
		}
	}
	if n := size(t, s); n != total {
		t.Errorf("size is %d, not %d", n, total)
	}
}

// scratch recomputes a log from leaves alone, with nothing of ours.
func scratch(t *testing.T, leaves [][]byte) (tlog.Hash, []tlog.Hash) {
	t.Helper()
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = stored[x]
		}
		return out, nil
	})
	for n, leaf := range leaves {
		h, err := tlog.StoredHashes(int64(n), leaf, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, h...)
	}
	root, err := tlog.TreeHash(int64(len(leaves)), reader)
	if err != nil {
		t.Fatal(err)
	}
	return root, stored
}

func rootFromScratch(t *testing.T, s ledger.Store) {
	var leaves [][]byte
	for i := range 40 {
		stream := fmt.Sprintf("case/%d", i%3)
		kinds := []string{"a", "b", "c", "d", "e"}[:1+i%5]
		must(t, s, ledger.Batch{Stream: stream, After: len(collect(t, s.Load(t.Context(), stream))), Records: events(t, kinds...)})
		for _, r := range collect(t, s.Since(t.Context(), int64(len(leaves)))) {
			leaves = append(leaves, r.Leaf)
		}
		want, stored := scratch(t, leaves)
		got, err := ledger.Root(t.Context(), s.Log(), int64(len(leaves)))
		if err != nil || got != want {
			t.Fatalf("root at %d is %s, %v; the leaves give %s", len(leaves), got, err, want)
		}
		all := make([]int64, len(stored))
		for x := range all {
			all[x] = int64(len(stored) - 1 - x) // any order may be asked for
		}
		hashes, err := s.Log().ReadHashes(all)
		slices.Reverse(hashes)
		if err != nil || !slices.Equal(hashes, stored) {
			t.Fatalf("stored hashes at %d differ, %v", len(leaves), err)
		}
	}
	if _, err := ledger.Root(t.Context(), s.Log(), int64(len(leaves)+1)); !errors.Is(err, tocsin.NotFound) {
		t.Errorf("root of a size not reached: %v", err)
	}
}

func proofs(t *testing.T, s ledger.Store) {
	const n = 33
	var roots []tlog.Hash
	for i := range n {
		must(t, s, ledger.Batch{Stream: "case/a", After: i, Records: events(t, fmt.Sprint("e", i))})
		root, err := ledger.Root(t.Context(), s.Log(), int64(i+1))
		if err != nil {
			t.Fatal(err)
		}
		roots = append(roots, root)
	}
	records := collect(t, s.Since(t.Context(), 0))
	for size := int64(1); size <= n; size++ {
		root := roots[size-1]
		for old := int64(1); old <= size; old++ {
			p, err := ledger.ProveConsistency(t.Context(), s.Log(), old, size)
			if err != nil || tlog.CheckTree(p, size, root, old, roots[old-1]) != nil {
				t.Fatalf("consistency of %d with %d: %v", size, old, err)
			}
			if old < size && tlog.CheckTree(p, size, root, old, root) == nil {
				t.Fatalf("consistency of %d with %d holds for a wrong root", size, old)
			}
		}
		for position := range size {
			p, err := ledger.ProveInclusion(t.Context(), s.Log(), position, size)
			if err != nil || tlog.CheckRecord(p, size, root, position, tlog.RecordHash(records[position].Leaf)) != nil {
				t.Fatalf("inclusion of %d in %d: %v", position, size, err)
			}
		}
	}
	for name, f := range map[string]func() error{
		"inclusion beyond the size":  func() error { _, err := ledger.ProveInclusion(t.Context(), s.Log(), 5, 5); return err },
		"inclusion beyond the log":   func() error { _, err := ledger.ProveInclusion(t.Context(), s.Log(), 5, n+1); return err },
		"inclusion before the log":   func() error { _, err := ledger.ProveInclusion(t.Context(), s.Log(), -1, 5); return err },
		"consistency of reversed":    func() error { _, err := ledger.ProveConsistency(t.Context(), s.Log(), 6, 5); return err },
		"consistency with nothing":   func() error { _, err := ledger.ProveConsistency(t.Context(), s.Log(), 0, 5); return err },
		"consistency beyond the log": func() error { _, err := ledger.ProveConsistency(t.Context(), s.Log(), 1, n+1); return err },
	} {
		if tocsin.KindOf(f()) == "" {
			t.Errorf("%s: %v", name, f())
		}
	}
}

func tiles(t *testing.T, s ledger.Store) {
	const n = 2*256 + 7
	for i := range n/32 + 1 {
		var batch []ledger.Record
		for j := range min(32, n-32*i) {
			batch = append(batch, event(t, fmt.Sprint("e", 32*i+j), nil))
		}
		must(t, s, ledger.Batch{Stream: "case/a", After: 32 * i, Records: batch})
	}
	root, err := ledger.Root(t.Context(), s.Log(), n)
	if err != nil {
		t.Fatal(err)
	}
	// A reader of tiles needs nothing but tiles to prove what is in the log.
	reader := tlog.TileHashReader(tlog.Tree{N: n, Hash: root}, tileReader{t, s})
	for i, r := range collect(t, s.Since(t.Context(), 0)) {
		if i%97 != 0 {
			continue
		}
		p, err := tlog.ProveRecord(n, int64(i), reader)
		if err != nil || tlog.CheckRecord(p, n, root, int64(i), tlog.RecordHash(r.Leaf)) != nil {
			t.Fatalf("inclusion of %d by tiles: %v", i, err)
		}
	}
	for _, path := range []string{"tile/0/000", "tile/0/002.p/7", "tile/1/000.p/2", "tile/entries/002.p/7", "tile/entries/001"} {
		tile, err := ledger.ParseTilePath(path)
		if err != nil || ledger.TilePath(tile) != path {
			t.Fatalf("%s reads as %v, %v", path, tile, err)
		}
		if data, err := readTile(t, s, tile); err != nil || len(data) == 0 {
			t.Errorf("%s: %d bytes, %v", path, len(data), err)
		}
	}
	for _, path := range []string{"tile/0/002.p/8", "tile/0/002", "tile/0/003", "tile/1/000.p/3", "tile/1/000", "tile/2/000.p/1", "tile/7/000",
		"tile/entries/002.p/8", "tile/0/x001/000"} {
		tile, err := ledger.ParseTilePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readTile(t, s, tile); !errors.Is(err, tocsin.NotFound) {
			t.Errorf("%s, which the log has not reached: %v", path, err)
		}
	}
}

func readTile(t *testing.T, s ledger.Store, tile tlog.Tile) ([]byte, error) {
	if tile.L < 0 {
		return ledger.EntryBundle(t.Context(), s, tile)
	}
	return ledger.Tile(t.Context(), s.Log(), tile)
}

type tileReader struct {
	t *testing.T
	s ledger.Store
}

func (r tileReader) Height() int { return ledger.TileHeight }

func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range tiles {
		data, err := readTile(r.t, r.s, tile)
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func (r tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

func checkpoints(t *testing.T, s ledger.Store) {
	must(t, s, ledger.Batch{Stream: "case/a", Records: events(t, "one", "two", "three")})
	put := func(size int64, note string) error { return s.Log().PutCheckpoint(t.Context(), size, []byte(note)) }
	for _, c := range []struct {
		size       int64
		note, want string
	}{
		{0, "none", "none"}, {2, "two", "two"}, {1, "one, late", "two"}, {3, "three", "three"}, {3, "three, cosigned", "three, cosigned"},
	} {
		if err := put(c.size, c.note); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Log().Checkpoint(t.Context()); string(got) != c.want || err != nil {
			t.Errorf("after %q the newest is %q, %v", c.note, got, err)
		}
	}
	for _, size := range []int64{-1, 4} {
		if err := put(size, "wrong"); !errors.Is(err, tocsin.Invalid) {
			t.Errorf("checkpoint for %d: %v", size, err)
		}
	}
	if n := size(t, s); n != 3 {
		t.Errorf("checkpoints changed the log's size to %d", n)
	}
}

func audit(t *testing.T, s ledger.Store) {
	for i := range 700 {
		must(t, s, ledger.Batch{Stream: fmt.Sprintf("case/%d", i%5), After: i / 5, Records: events(t, "e")})
	}
	tree, err := ledger.Audit(t.Context(), s)
	if err != nil || tree.N != 700 {
		t.Fatalf("audit: %d, %v", tree.N, err)
	}
	if root, _ := ledger.Root(t.Context(), s.Log(), 700); root != tree.Hash {
		t.Errorf("audit computes %s, the log says %s", tree.Hash, root)
	}
}

func closed(t *testing.T, s ledger.Store) {
	must(t, s, ledger.Batch{Stream: "case/a", Records: events(t, "one")})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), ledger.Batch{Stream: "case/a", After: 1, Records: events(t, "two")}); !errors.Is(err, tocsin.Unavailable) {
		t.Errorf("append after close: %v", err)
	}
	if _, err := s.Work().Claim(t.Context(), "w", at, at.Add(1), 1); err == nil {
		t.Error("claim after close succeeded")
	}
	if err := s.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
}
