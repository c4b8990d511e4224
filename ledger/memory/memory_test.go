package memory_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tocsin/ledger"
	"tocsin/ledger/ledgertest"
	"tocsin/ledger/memory"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledger.Store { return memory.Open() })
}

func record(t *testing.T, kind string) ledger.Record {
	t.Helper()
	when := time.Date(2024, 1, 3, 0, 0, 0, 0, time.UTC)
	r, err := ledger.NewRecord(ledger.Record{Kind: kind, EventTime: when, EntryTime: when}, nil, rand.NewChaCha8([32]byte{}))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnAppendBreaksInBothWays(t *testing.T) {
	for _, c := range []struct {
		fault  memory.Fault
		stored int64
	}{{memory.NotWritten, 1}, {memory.Written, 2}} {
		s := memory.Open()
		s.FailAppend(func(n int) memory.Fault {
			if n == 2 {
				return c.fault
			}
			return memory.None
		})
		appendOne := func(after int) error {
			_, err := s.Append(t.Context(), ledger.Batch{Stream: "case/a", After: after, Records: []ledger.Record{record(t, fmt.Sprint("e", after))}})
			return err
		}
		if err := appendOne(0); err != nil {
			t.Fatal(err)
		}
		changed := s.Changed()
		if err := appendOne(1); !errors.Is(err, memory.ErrFault) {
			t.Errorf("fault %d: %v", c.fault, err)
		}
		if n, _ := s.Log().Size(t.Context()); n != c.stored {
			t.Errorf("fault %d: %d records, want %d", c.fault, n, c.stored)
		}
		select {
		case <-changed:
			if c.fault == memory.NotWritten {
				t.Error("readers were told of a write that was not")
			}
		default:
			if c.fault == memory.Written {
				t.Error("readers were not told of a write that was")
			}
		}
		// Whoever looks and tries again ends at the same record in both cases.
		if err := appendOne(int(c.stored)); err != nil {
			t.Errorf("fault %d: the next append: %v", c.fault, err)
		}
		if _, err := ledger.Audit(t.Context(), s); err != nil {
			t.Errorf("fault %d: %v", c.fault, err)
		}
	}
}

func TestARefusedAppendIsNotBroken(t *testing.T) {
	s := memory.Open()
	s.FailAppend(func(int) memory.Fault { return memory.Written })
	_, err := s.Append(t.Context(), ledger.Batch{Stream: "case/a", After: 7, Records: []ledger.Record{record(t, "e")}})
	if !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("got %v, want a conflict", err)
	}
	s.FailAppend(nil)
	if _, err := s.Append(t.Context(), ledger.Batch{Stream: "case/a", Records: []ledger.Record{record(t, "e")}}); err != nil {
		t.Errorf("after the hook was taken away: %v", err)
	}
}
