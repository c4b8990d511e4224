package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/internal/channel/inperson"
	"tocsin/internal/channel/loopback"
)

func TestAnExerciseHasNoChannelThatLeadsOut(t *testing.T) {
	set, err := config{Exercise: true}.channels(time.Now)
	if err != nil || len(set) != 3 {
		t.Fatalf("%v %v", set, err)
	}
	for name, c := range set {
		switch c.(type) {
		case *inperson.Channel, *loopback.Channel:
		default:
			t.Errorf("%s is a %T", name, c)
		}
	}
	for name, c := range map[string]config{
		"mail":     {Exercise: true, SMTP: &smtpConfig{Host: "mail.example.org", Security: "starttls", From: "watch@example.org"}},
		"webhooks": {Exercise: true, Webhooks: map[string]hookConfig{"desk": {URL: "https://desk.example.org", SecretFile: "none"}}},
	} {
		if set, err := c.channels(time.Now); tocsin.KindOf(err) != tocsin.Invalid || set != nil {
			t.Errorf("an exercise with %s: %v, %v", name, set, err)
		}
	}
}

func TestARecordIsAnExerciseOrNoneForEver(t *testing.T) {
	dir := t.TempDir()
	drill := filepath.Join(dir, "drill.yaml")
	if err := os.WriteFile(drill, []byte("exercise: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	serve := func(data string, args ...string) (string, int) {
		got := desk{t: t, data: data}.run("", append([]string{"serve", "--data", data, "--listen", "nowhere"}, args...)...)
		return got.err, got.code
	}
	// It gets as far as the address, which is none: what was refused was refused before.
	for _, step := range []struct {
		args []string
		want string
	}{{[]string{"--config", drill}, "nowhere"}, {nil, "is that of an exercise"}, {[]string{"--config", drill}, "nowhere"}} {
		if said, code := serve(filepath.Join(dir, "drilled"), step.args...); code == 0 || !strings.Contains(said, step.want) {
			t.Errorf("%v: %d %s", step.args, code, said)
		}
	}
	d := desk{t: t, data: filepath.Join(dir, "real")}
	ida := d.as("ida", "intake_officer")
	s := start(t, d.data)
	s.must(ida.token, "POST", "/v1/reports", "Gunmen will attack the clinic in Elm Street tonight.", nil)
	if err := s.end(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if said, code := serve(d.data, "--config", drill); code == 0 || !strings.Contains(said, "no exercise") {
		t.Errorf("a real record is served as an exercise: %d %s", code, said)
	}
}
