package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"
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
// through, and compares how it ended with a run that nobody disturbed. The demo
// verifies its record each time before it prints anything.
func TestKilledAtAHundredMomentsItEndsTheSame(t *testing.T) {
	bin, err := buildTocsin()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	want := ending(t, bin, t.TempDir())
	whole := time.Since(began)
	moments := 100
	if testing.Short() {
		moments = 12
	}
	var mu sync.Mutex
	killed := 0
	var wg sync.WaitGroup
	next := make(chan int)
	for range 2 {
		wg.Go(func() {
			for i := range next {
				dir := t.TempDir()
				// Spread over the run, with a little chance in each; a kill before the
				// start or after the end proves nothing and is not counted.
				at := time.Duration(float64(whole) * (float64(i) + rand.Float64()) / float64(moments))
				if cut(t, bin, dir, at) {
					mu.Lock()
					killed++
					mu.Unlock()
				}
				if got := ending(t, bin, dir); !reflect.DeepEqual(got, want) {
					t.Errorf("killed after %v it ended otherwise:\n%s\nnot\n%s", at, text(got), text(want))
				}
			}
		})
	}
	for i := range moments {
		next <- i
	}
	close(next)
	wg.Wait()
	t.Logf("%d of %d kills came while the scenario ran (%v undisturbed)", killed, moments, whole)
	if killed < moments/2 {
		t.Errorf("only %d of %d kills came while the scenario ran", killed, moments)
	}
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

// ending plays the scenario to its end and returns what must be the same however
// often it was interrupted: everything but the record's size and root, because an
// attempt that nobody can say the outcome of is made, and recorded, again.
func ending(t *testing.T, bin, dir string) demonstration {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, bin, "demo", "kerman", "--json", "--data", dir)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	var d demonstration
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if !d.Record.Verified || d.Record.Events == 0 || d.Record.Root == "" {
		t.Errorf("the record did not verify: %+v", d.Record)
	}
	d.Record = demoRecord{}
	return d
}

func text(v any) string {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}
