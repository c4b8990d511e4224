package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestTheReadmeDoesWhatItSays runs the README's shell blocks as they stand, with
// only the build and the port replaced.
func TestTheReadmeDoesWhatItSays(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 4 {
		t.Fatalf("the README has %d shell blocks; where did the others go?", len(blocks))
	}
	dir, addr := t.TempDir(), unusedAddress(t)
	built, err := buildTocsin()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "bin"), 0o700), os.Symlink(built, filepath.Join(dir, "bin", "tocsin"))); err != nil {
		t.Fatal(err)
	}
	script := "set -eu\n"
	for _, b := range blocks {
		script += b[1]
	}
	for from, to := range map[string]string{
		"make build && ": "",
		// A command waits for the server by itself (TestACommandWaitsForAServerOnThisMachineThatIsStarting),
		// but not for as long as a machine that is busy with tests may take to prove the packs.
		"tocsin serve &": "tocsin serve --listen " + addr + " >serve.log 2>&1 & SERVER=$!; trap 'kill $SERVER' EXIT; until curl -s http://" + addr + "/v1/health >/dev/null; do :; done;",
		// A reader is slower than the server; this script may not be.
		"tocsin delivery list               #": "until tocsin delivery list | grep -q 'IN PERSON'; do :; done; tocsin delivery list #",
		"TOCSIN_URL=http://127.0.0.1:8080":     "TOCSIN_URL=http://" + addr,
	} {
		if !strings.Contains(script, from) {
			t.Fatalf("the README no longer has %q", from)
		}
		script = strings.ReplaceAll(script, from, to)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir, cmd.WaitDelay = dir, time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"determination for v1: owed", "released; the server sends it now", "WARNING, TO BE GIVEN IN PERSON", "told in person: head of security",
		"discharged: acknowledged", "verified: the log holds", `"kind":"reviewed"`, `"disposition":"discharged"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the README's commands did not print %q", want)
		}
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
}

func unusedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
