package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/sqlite"
)

// buildTocsin builds the real binary once for all tests that start it.
var buildTocsin = sync.OnceValues(func() (string, error) {
	bin := filepath.Join(buildDir, "tocsin")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
})

// buildDir is removed by TestMain.
var buildDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tocsin-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	buildDir = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// TestKilledAtAHundredMomentsItEndsTheSame kills the program with SIGKILL in the
// middle of a scenario, starts it again on the same record until the scenario is
// through, and compares how it ended with a run that nobody disturbed: the same
// obligations and deliveries, and at the far side the same messages under the same
// keys. The demo verifies its record each time before it prints anything.
func TestKilledAtAHundredMomentsItEndsTheSame(t *testing.T) {
	bin, err := buildTocsin()
	if err != nil {
		t.Fatal(err)
	}
	whole, want := undisturbed(t, bin)
	if len(want.arrived) < 5 {
		t.Fatalf("undisturbed, only these arrived: %v", want.arrived)
	}
	moments := 100
	if testing.Short() {
		moments = 12
	}
	var mu sync.Mutex
	landed, again, missed := 0, 0, 0
	var progress []int64 // events in the record at each kill
	var wg sync.WaitGroup
	next := make(chan int)
	for range 2 {
		wg.Go(func() {
			for i := range next {
				// Spread over the run and a little beyond, with some chance in each. A run
				// that was faster than the kill proves nothing; the kill then comes sooner
				// in another one.
				at := time.Duration(1.3 * float64(whole) * (float64(i) + rand.Float64()) / float64(moments))
				dir := t.TempDir()
				for tries := 0; !cut(t, bin, dir, at) && tries < 20; tries++ {
					at, dir = at*3/4, t.TempDir()
					mu.Lock()
					missed++
					mu.Unlock()
				}
				got := written(t, dir)
				twice := i%5 == 0 && cut(t, bin, dir, time.Duration(rand.Int64N(int64(max(whole-at, whole/4))/2)))
				mu.Lock()
				landed++
				progress = append(progress, got)
				if twice {
					again++
				}
				mu.Unlock()
				if got := end(t, bin, dir); !reflect.DeepEqual(got, want) {
					t.Errorf("killed after %v it ended otherwise:\n%s\nand %v arrived, not\n%s\nand %v", at, text(got.demonstration), got.arrived, text(want.demonstration), want.arrived)
				}
			}
		})
	}
	for i := range moments {
		next <- i
	}
	close(next)
	wg.Wait()
	slices.Sort(progress)
	t.Logf("%d runs were killed in their middle, %d of them once more after the restart; %d kills came too late and were repeated sooner (%v undisturbed)", landed, again, missed, whole)
	t.Logf("events written at the kill, from the least to the most: %v", progress)
	if progress[0] == progress[len(progress)-1] {
		t.Error("all kills hit the same place")
	}
}

// written is how many events a killed run had written. It looks at a copy, because
// opening the record itself would do some of what the restart has to do.
func written(t *testing.T, dir string) int64 {
	t.Helper()
	copied := t.TempDir()
	for _, name := range []string{"kerman.db", "kerman.db-wal"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(copied, name), b, 0o600)
		}
		if err != nil {
			t.Error(err)
		}
	}
	db, err := sqlite.Open(filepath.Join(copied, "kerman.db"))
	if err != nil {
		t.Error(err)
		return 0
	}
	defer db.Close()
	n, err := db.Log().Size(t.Context())
	if err != nil {
		t.Error(err)
	}
	return n
}

// undisturbed plays the scenario twice side by side, as those that are killed run,
// and returns how long it takes and how it ends.
func undisturbed(t *testing.T, bin string) (time.Duration, ended) {
	t.Helper()
	began := time.Now()
	var both [2]ended
	var wg sync.WaitGroup
	for i := range both {
		dir := t.TempDir()
		wg.Go(func() { both[i] = end(t, bin, dir) })
	}
	wg.Wait()
	if !reflect.DeepEqual(both[0], both[1]) {
		t.Fatalf("two undisturbed runs end otherwise:\n%s\n%s", text(both[0].demonstration), text(both[1].demonstration))
	}
	return time.Since(began), both[0]
}

// cut starts the demonstration and kills it after a while. It reports whether the
// program was still running.
func cut(t *testing.T, bin, dir string, after time.Duration) bool {
	t.Helper()
	cmd := exec.Command(bin, "demo", "kerman", "--json", "--data", dir)
	if err := cmd.Start(); err != nil {
		t.Error(err)
		return false
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("undisturbed, it failed: %v", err)
		}
		return false
	case <-time.After(after):
	}
	if err := cmd.Process.Kill(); err != nil {
		return false
	}
	<-done
	return true
}

// ended is what must be the same however often a run was interrupted.
type ended struct {
	demonstration          // but for the record's size and root: an attempt of which nobody can say the outcome is made, and recorded, again
	arrived       []string // channel and key of every message that reached the far side, repeats left out
}

// end plays the scenario to its end.
func end(t *testing.T, bin, dir string) ended {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, bin, "demo", "kerman", "--json", "--data", dir)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Errorf("%v\n%s", err, errs.String())
		return ended{}
	}
	var e ended
	if err := json.Unmarshal(out.Bytes(), &e.demonstration); err != nil {
		t.Error(err)
	}
	if !e.Record.Verified || e.Record.Events == 0 || e.Record.Root == "" {
		t.Errorf("the record did not verify: %+v", e.Record)
	}
	e.Record = demoRecord{}
	// What the far side remembers survives the sender's death.
	b, err := os.ReadFile(filepath.Join(dir, "kerman.received"))
	if err != nil {
		t.Error(err)
	}
	for line := range strings.Lines(string(b)) {
		if got, ok := strings.CutPrefix(strings.TrimSpace(line), "got "); ok {
			e.arrived = append(e.arrived, got)
		}
	}
	slices.Sort(e.arrived)
	e.arrived = slices.Compact(e.arrived)
	return e
}

func text(v any) string {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}
