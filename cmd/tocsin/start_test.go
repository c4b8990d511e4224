package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin/paging"
)

// caller is somebody at a terminal whose commands go to a server, and whose waits
// pass at once.
func caller(url string, pause func(waited time.Duration)) (*program, *bytes.Buffer) {
	var errs bytes.Buffer
	waited := time.Duration(0)
	p := &program{in: strings.NewReader(""), out: &bytes.Buffer{}, err: &errs,
		env:   func(k string) string { return map[string]string{"TOCSIN_URL": url, "TOCSIN_TOKEN": "t"}[k] },
		pause: func(_ context.Context, d time.Duration) { waited += d; pause(waited) }}
	return p, &errs
}

func TestACommandWaitsForAServerOnThisMachineThatIsStarting(t *testing.T) {
	addr := unusedAddress(t)
	var srv http.Server
	srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(`{"items": []}`)) })
	t.Cleanup(func() { _ = srv.Close() })
	started := false
	p, errs := caller("http://"+addr, func(waited time.Duration) {
		if waited < time.Second || started {
			return
		}
		started = true
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Error(err)
			return
		}
		go func() { _ = srv.Serve(l) }()
	})
	if code := p.run(t.Context(), []string{"case", "list"}); code != 0 || !started {
		t.Errorf("exit %d\n%s", code, errs)
	}
	if n := strings.Count(errs.String(), "waiting for it"); n != 1 {
		t.Errorf("it says %d times that it waits:\n%s", n, errs)
	}
}

func TestACommandGivesUpOnAServerThatNeverComesAndAtOnceOnOneElsewhere(t *testing.T) {
	var waited time.Duration
	p, errs := caller("http://"+unusedAddress(t), func(d time.Duration) { waited = d })
	if code := p.run(t.Context(), []string{"case", "list"}); code != 1 || !strings.Contains(errs.String(), "does not answer.") {
		t.Errorf("exit %d\n%s", code, errs)
	}
	if waited < patience-time.Second || waited > patience+time.Second {
		t.Errorf("it waited %s", waited)
	}
	if p.starting(t.Context(), "http://tocsin.example.org", 0) || p.starting(t.Context(), "http://192.0.2.1:8080", 0) {
		t.Error("it waits for a server on another machine")
	}
}

func TestWithoutATokenTheHintFitsWhetherThereAreUsers(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	if got := d.run("", "case", "list", "--data", d.data); !strings.Contains(got.err, "Make a user with") {
		t.Errorf("nobody is there yet: %s", got.err)
	}
	d.as("anna", "analyst")
	got := d.run("", "case", "list", "--data", d.data)
	if strings.Contains(got.err, "Make a user") || !strings.Contains(got.err, "tocsin user token ID") || got.code != 1 {
		t.Errorf("somebody is there: %s", got.err)
	}
}

func TestARecordIsVerifiedByTheConfigurationThatServeHas(t *testing.T) {
	d := desk{t: t, data: filepath.Join(t.TempDir(), "record")}
	d.as("anna", "analyst")
	path := filepath.Join(t.TempDir(), "tocsin.yaml")
	text := "data: " + d.data + "\nsmtp:\n  host: mail.example\n  password_file: /nowhere/to/be/read\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := d.run("", "record", "verify", "--config", path); got.code != 0 || !strings.Contains(got.out, "verified:") {
		t.Errorf("exit %d\n%s%s", got.code, got.out, got.err)
	}
	if got := d.run("", "record", "verify", "--config", path, "--data", t.TempDir()); got.code != 1 || !strings.Contains(got.err, "There is no record in") {
		t.Errorf("--data does not go before the configuration: exit %d\n%s", got.code, got.err)
	}
}

func TestTheConsoleIsWhereTheRunbookSaysAndPagesLeadThere(t *testing.T) {
	for listen, want := range map[string]string{"127.0.0.1:8080": "http://localhost:8080", "localhost:9": "http://localhost:9", "[::1]:80": "http://localhost:80",
		"0.0.0.0:8080": "", ":8080": "", "192.0.2.7:8080": "", "127.0.0.1:0": "", "nonsense": ""} {
		if got := (config{Listen: listen}).origin(); got != want {
			t.Errorf("listening at %s: got %q, want %q", listen, got, want)
		}
		if got := (config{Listen: listen, Access: accessConfig{Origin: "https://tocsin.example.org"}}).origin(); got != "https://tocsin.example.org" {
			t.Errorf("listening at %s: what the configuration says is not taken: %q", listen, got)
		}
	}
	at := []callConfig{{Channel: "webhook", Address: "pager"}}
	c := config{Listen: "127.0.0.1:8080", Webhooks: map[string]hookConfig{"pager": {}}, Paging: &pagingConfig{Duty: at, Senior: at, Supervisor: at}}
	plan, err := c.onCall(paging.Set{"webhook": nil})
	if err != nil || plan.Origin != "http://localhost:8080" {
		t.Errorf("paging on this machine alone: %v", err)
	}
}
