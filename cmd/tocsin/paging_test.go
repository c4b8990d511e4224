package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/internal/channel/loopback"
	"tocsin/paging"
)

const onCallText = `paging:
  unread: 1s
  duty_officer: [{channel: webhook, address: pager, person: the duty telephone}]
  senior_officer: [{channel: webhook, address: pager}]
  supervisor: [{channel: webhook, address: pager}]
access: {origin: "https://tocsin.example.org"}
`

// The real server, over a real connection: nobody reads a report, and the
// supervisor's telephone is told that, and nothing else.
func TestAServerPagesWhenNobodyReads(t *testing.T) {
	data, dir := filepath.Join(t.TempDir(), "record"), t.TempDir()
	came := make(chan string, 100)
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		came <- string(b)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(far.Close)
	secret, config := filepath.Join(dir, "secret"), filepath.Join(dir, "tocsin.yaml")
	for path, text := range map[string]string{secret: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n",
		config: "webhooks:\n  pager: {url: " + far.URL + ", secret_file: " + secret + ", allow_private: true}\n" + onCallText} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, data, "--config", config)
	rosa := desk{t: t, data: data}.as("rosa", "reporter").token
	s.must(rosa, "POST", "/v1/reports", "Gunmen will attack the clinic in Elm Street tonight.", nil)
	select {
	case body := <-came:
		if !strings.Contains(body, `"type":"page.unread"`) || !strings.Contains(body, "https://tocsin.example.org/pages/page-") || strings.Contains(body, "clinic") || strings.Contains(body, "report-") {
			t.Errorf("the telephone is told %s", body)
		}
	case <-time.After(time.Minute): // a guard against hanging for ever
		t.Fatalf("nobody is paged\n%s", s.said)
	}
	if err := s.end(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if got := (desk{t: t, data: data}).run("", "record", "verify", "--data", data); got.code != 0 {
		t.Errorf("the record does not verify: %s %s", got.out, got.err)
	}
}

func TestAnExercisePagesNobodyReal(t *testing.T) {
	c := config{Exercise: true, Access: accessConfig{Origin: "https://drill.example.org"}, Paging: &pagingConfig{Duty: []callConfig{{Channel: "webhook", Address: "pager"}},
		Senior: []callConfig{{Channel: "smtp", Address: "senior@example.org"}}, Supervisor: []callConfig{{Channel: "webhook", Address: "pager"}}}}
	set, err := c.channels(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	all := pagers(set)
	if plan, err := c.onCall(all); err != nil || plan.Unread != 10*time.Minute || plan.Next != 5*time.Minute {
		t.Fatalf("%+v %v", plan, err)
	}
	for name, p := range all {
		if _, ok := p.(*loopback.Channel); !ok {
			t.Errorf("%s is a %T", name, p)
		}
	}
}

func TestAConfigurationThatWouldPageNobodyIsRefused(t *testing.T) {
	whole := func() config {
		at := []callConfig{{Channel: "webhook", Address: "pager"}}
		return config{Webhooks: map[string]hookConfig{"pager": {}}, Access: accessConfig{Origin: "https://tocsin.example.org"}, Paging: &pagingConfig{Duty: at, Senior: at, Supervisor: at}}
	}
	has := paging.Set{"webhook": nil, "smtp": nil}
	if _, err := whole().onCall(has); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*config){
		"no console":               func(c *config) { c.Access.Origin = "" },
		"no supervisor":            func(c *config) { c.Paging.Supervisor = nil },
		"a webhook that is not":    func(c *config) { c.Paging.Duty = []callConfig{{Channel: "webhook", Address: "other"}} },
		"a mailbox that is none":   func(c *config) { c.Paging.Duty = []callConfig{{Channel: "smtp", Address: "pager"}} },
		"in person":                func(c *config) { c.Paging.Duty = []callConfig{{Channel: "in_person", Address: "room 1"}} },
		"a clock that is no clock": func(c *config) { c.Paging.Unread = "soon" },
		"a clock of nothing":       func(c *config) { c.Paging.Next = "0s" },
	} {
		c := whole()
		change(&c)
		if plan, err := c.onCall(has); tocsin.KindOf(err) != tocsin.Invalid || (plan != nil && name == "a clock that is no clock") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if plan, err := (config{}).onCall(has); plan != nil || err != nil {
		t.Errorf("without paging: %v %v", plan, err)
	}
}
