package ledgertest_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin/ledger"
	"tocsin/ledger/ledgertest"
	"tocsin/ledger/memory"
)

// faulty is the store in memory with one fault planted. A suite that does not
// find it would let a real store pass with it.
type faulty struct {
	*memory.Store
	fault string
	lent  atomic.Bool // work was handed out without a lease; once, or the workers would never finish
}

// plants lists the faults, each with the case that must find it.
var plants = map[string]string{
	"none":                                  "",
	"skips a record":                        "a_reader_who_follows_sees_everything_once,_in_order",
	"writes over a conflict":                "of_officers_racing_on_one_case_exactly_one_wins",
	"writes batch by batch":                 "several_batches_are_written_together_or_not_at_all",
	"forgets keys":                          "a_key_is_held_for_ever",
	"forgets blobs":                         "attachments_are_kept_whole",
	"keeps milliseconds":                    "times_keep_their_microseconds",
	"keeps local time":                      "times_keep_their_microseconds",
	"loses a field":                         "what_was_appended_is_loaded,_in_order_and_unchanged",
	"changes a leaf":                        "the_log's_root_is_that_of_the_leaves,_after_every_append",
	"one wrong hash":                        "the_log's_root_is_that_of_the_leaves,_after_every_append",
	"writes though cancelled":               "a_cancelled_append_writes_nothing",
	"hands out work without a lease":        "two_workers_never_hold_the_same_item",
	"hands out work early":                  "work_is_handed_out_when_it_is_due,_oldest_first",
	"lists work that is due and no other":   "all_work_is_listed,_leased_or_not,_and_stays_as_it_is",
	"lets anybody release":                  "a_lease_that_ends_makes_the_work_due_again",
	"keeps the last checkpoint, not newest": "the_newest_checkpoint_is_kept",
	"reports an old position":               "what_was_appended_is_loaded,_in_order_and_unchanged",
}

const plantEnv = "TOCSIN_TEST_PLANT"

// TestPlanted is run by the test below in a process of its own, where it may fail.
func TestPlanted(t *testing.T) {
	fault := os.Getenv(plantEnv)
	if fault == "" {
		t.Skip("runs only in a child process")
	}
	ledgertest.Run(t, func(*testing.T) ledger.Store { return &faulty{Store: memory.Open(), fault: fault} })
}

func child(t *testing.T, fault, run string) (output string, failed bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run="+run, "-test.timeout=90s", "-rapid.nofailfile")
	cmd.Env = append(os.Environ(), plantEnv+"="+fault)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), err != nil
}

func TestTheSuiteFindsPlantedFaults(t *testing.T) {
	for fault, finder := range plants {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			out, failed := child(t, fault, "^TestPlanted$/^"+regexp.QuoteMeta(finder)) // all cases where there is nothing to find
			if failed != (finder != "") {
				t.Fatalf("failed is %v:\n%.2000s", failed, out)
			}
			if finder != "" && !strings.Contains(out, "--- FAIL: TestPlanted/"+finder+" ") {
				t.Errorf("%q did not find it:\n%.2000s", finder, out)
			}
		})
	}
}

func TestASuiteWithoutCasesFails(t *testing.T) {
	out, failed := child(t, "none", "^TestPlanted$/^no such case$")
	if !failed || !strings.Contains(out, "no case ran") {
		t.Errorf("failed is %v:\n%s", failed, out)
	}
}

func (s *faulty) Append(ctx context.Context, batches ...ledger.Batch) (int64, error) {
	switch s.fault {
	case "writes though cancelled":
		ctx = context.WithoutCancel(ctx)
	case "forgets keys", "forgets blobs":
		for i := range batches {
			if s.fault == "forgets keys" {
				batches[i].Keys = nil
			} else {
				batches[i].Blobs = nil
			}
		}
	case "writes batch by batch":
		last := int64(-1)
		for _, b := range batches {
			var err error
			if last, err = s.Store.Append(ctx, b); err != nil {
				return -1, err
			}
		}
		return last, nil
	}
	position, err := s.Store.Append(ctx, batches...)
	for s.fault == "writes over a conflict" && errors.Is(err, ledger.ErrConflict) && len(batches) == 1 {
		batches[0].After = 0
		for range s.Store.Load(ctx, batches[0].Stream) {
			batches[0].After++
		}
		position, err = s.Store.Append(ctx, batches...)
	}
	if s.fault == "reports an old position" && position > 0 {
		position--
	}
	return position, err
}

func (s *faulty) Load(ctx context.Context, stream string) iter.Seq2[ledger.Record, error] {
	return s.spoil(s.Store.Load(ctx, stream))
}

func (s *faulty) Since(ctx context.Context, from int64) iter.Seq2[ledger.Record, error] {
	return s.spoil(s.Store.Since(ctx, from))
}

func (s *faulty) spoil(records iter.Seq2[ledger.Record, error]) iter.Seq2[ledger.Record, error] {
	return func(yield func(ledger.Record, error) bool) {
		for r, err := range records {
			switch s.fault {
			case "skips a record":
				if r.Position == 333 {
					continue
				}
			case "keeps milliseconds":
				r.EventTime = r.EventTime.Truncate(time.Millisecond)
			case "keeps local time":
				r.EventTime = r.EventTime.In(time.FixedZone("here", 3600))
			case "loses a field":
				delete(r.Fields, "text")
				delete(r.Salts, "text")
			case "changes a leaf":
				if r.Position == 30 {
					r.Leaf = append(r.Leaf, ' ')
				}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func (s *faulty) Log() ledger.Log { return &faultyLog{s.Store.Log(), s} }

func (s *faulty) Work() ledger.Work { return faultyWork{s.Store.Work(), s} }

type faultyLog struct {
	ledger.Log
	s *faulty
}

func (l *faultyLog) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes, err := l.Log.ReadHashes(indexes)
	for i, x := range indexes {
		if l.s.fault == "one wrong hash" && x == 14 && err == nil {
			hashes[i][0] ^= 1
		}
	}
	return hashes, err
}

func (l *faultyLog) PutCheckpoint(ctx context.Context, size int64, note []byte) error {
	if l.s.fault == "keeps the last checkpoint, not newest" && size >= 0 {
		if n, err := l.Size(ctx); err == nil && size <= n {
			size = n
		}
	}
	return l.Log.PutCheckpoint(ctx, size, note)
}

type faultyWork struct {
	ledger.Work
	s *faulty
}

func (w faultyWork) Claim(ctx context.Context, worker string, now, until time.Time, limit int) ([]ledger.Due, error) {
	if w.s.fault == "hands out work early" {
		now = now.Add(time.Second)
	}
	got, err := w.Work.Claim(ctx, worker, now, until, limit)
	if w.s.fault == "hands out work without a lease" && len(got) > 0 && got[0].ID == "000" && !w.s.lent.Swap(true) {
		err = w.Work.Release(ctx, worker, got[0].At, got[0].ID)
	}
	return got, err
}

func (w faultyWork) Release(ctx context.Context, worker string, at time.Time, ids ...string) error {
	if w.s.fault == "lets anybody release" {
		for _, other := range []string{"w1", "w2", "w3"} {
			if err := w.Work.Release(ctx, other, at, ids...); err != nil {
				return err
			}
		}
		return nil
	}
	return w.Work.Release(ctx, worker, at, ids...)
}

func (w faultyWork) Pending(ctx context.Context) ([]ledger.Due, error) {
	all, err := w.Work.Pending(ctx)
	if w.s.fault == "lists work that is due and no other" && len(all) > 1 {
		all = all[:1]
	}
	return all, err
}
