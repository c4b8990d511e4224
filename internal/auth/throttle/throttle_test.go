package throttle_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/internal/auth/throttle"
)

var rule = throttle.Rule{Free: 3, First: time.Second, Most: time.Minute, Forget: time.Hour, Keys: 100}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestTheWaitDoublesUpToALimit(t *testing.T) {
	table := throttle.NewTable(rule)
	for range 3 {
		table.Take(noon, "k")
	}
	for i, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute} {
		if wait := table.Take(noon.Add(time.Duration(i)*time.Minute), "k"); wait != 0 {
			t.Fatalf("failure %d: %s", i, wait)
		}
		if got := table.Wait(noon.Add(time.Duration(i)*time.Minute), "k"); got != want {
			t.Errorf("after %d failures beyond the free ones: wait %s, want %s", i+1, got, want)
		}
	}
}

func TestHammeringMakesNoWaitLonger(t *testing.T) {
	table := throttle.NewTable(rule)
	for range 4 {
		table.Take(noon, "k")
	}
	for range 1000 {
		if table.Take(noon, "k") != time.Second {
			t.Fatal("an attempt during the wait has changed it")
		}
	}
	if wait := table.Take(noon.Add(time.Second), "k"); wait != 0 {
		t.Errorf("after the wait there is another of %s", wait)
	}
}

func TestFailuresAreForgottenWithTime(t *testing.T) {
	table := throttle.NewTable(rule)
	for range 4 {
		table.Take(noon, "k")
	}
	if table.Wait(noon.Add(time.Second), "k") != 0 {
		t.Fatal("the wait does not end")
	}
	table.Take(noon.Add(2*time.Hour), "k") // two forgotten, one more: three
	if w := table.Wait(noon.Add(2*time.Hour), "k"); w != 0 {
		t.Errorf("a failure of two hours ago still counts: %s", w)
	}
}

func TestASuccessIsNoFailure(t *testing.T) {
	table := throttle.NewTable(rule)
	for range 1000 {
		if table.Take(noon, "k") != 0 {
			t.Fatal("somebody who always succeeds has to wait")
		}
		table.Forgive("k")
	}
	if table.Len() != 0 {
		t.Error("a key without failures is remembered")
	}
	for range 5 {
		table.Take(noon, "k")
	}
	table.Clear("k")
	if table.Wait(noon, "k") != 0 || table.Len() != 0 {
		t.Error("what was cleared is remembered")
	}
	table.Forgive("never seen")
}

func TestAThousandAtTheSameMomentAreNotOne(t *testing.T) {
	table := throttle.NewTable(rule)
	var let atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if table.Take(noon, "k") == 0 {
				let.Add(1)
			}
		})
	}
	wg.Wait()
	if let.Load() != 4 { // three free, and the one whose failure begins the waiting
		t.Errorf("%d of 100 got through, want 4", let.Load())
	}
}

func TestMemoryIsBoundedAndTheOldestGoesFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := throttle.NewTable(rule)
		at := noon
		for i := range rapid.IntRange(1, 400).Draw(t, "attempts") {
			at = at.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "pause")) * time.Second)
			key := fmt.Sprint(rapid.IntRange(0, 200).Draw(t, "key"))
			table.Take(at, key)
			if table.Len() > rule.Keys {
				t.Fatalf("%d keys after %d attempts", table.Len(), i+1)
			}
		}
	})
	table := throttle.NewTable(rule)
	for range 4 {
		table.Take(noon, "old")
	}
	for i := range rule.Keys - 1 {
		table.Take(noon.Add(time.Millisecond), fmt.Sprint(i))
	}
	if table.Wait(noon.Add(time.Millisecond), "old") == 0 {
		t.Error("a key is forgotten although there is room")
	}
	table.Take(noon.Add(time.Millisecond), "one more")
	if table.Wait(noon.Add(time.Millisecond), "old") != 0 || table.Len() != rule.Keys {
		t.Error("the oldest key is not the one that went")
	}
}
