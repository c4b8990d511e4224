package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is the real program, serving.
type server struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	said *bytes.Buffer // on its standard error; whole once it has ended
	done chan error
}

// start starts it on a port of its own choice and waits until it says where.
func start(t *testing.T, data string, args ...string) *server {
	t.Helper()
	bin, err := buildTocsin()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, said: &bytes.Buffer{}, done: make(chan error, 1)}
	s.cmd = exec.Command(bin, append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, args...)...)
	errs, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() }) // fails if it has ended, as it should have
	where := make(chan string, 1)
	go func() {
		serves := regexp.MustCompile(`serves (http://\S+),`)
		lines := bufio.NewScanner(errs)
		for lines.Scan() {
			fmt.Fprintln(s.said, lines.Text())
			if m := serves.FindStringSubmatch(lines.Text()); m != nil {
				where <- m[1]
			}
		}
		close(where)
		s.done <- s.cmd.Wait()
	}()
	var ok bool
	if s.url, ok = <-where; !ok {
		t.Fatalf("it ends instead of serving: %v\n%s", <-s.done, s.said)
	}
	return s
}

// end sends it a signal and waits for it.
func (s *server) end(sig os.Signal) error {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Error(err)
	}
	select {
	case err := <-s.done:
		return err
	case <-time.After(30 * time.Second): // a guard against hanging for ever
		s.t.Fatalf("it does not end on %v\n%s", sig, s.said)
		return nil
	}
}

// ask makes a request and reads the answer into out, unless that is nil.
func (s *server) ask(token, method, path, key string, in, out any) (status int, err error) {
	var body []byte
	switch b := in.(type) {
	case nil:
	case string:
		body = []byte(b)
	default:
		if body, err = json.Marshal(in); err != nil {
			return 0, err
		}
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	if _, text := in.(string); text {
		req.Header.Set("Content-Type", "text/plain")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode >= 300 {
		return resp.StatusCode, fmt.Errorf("%s %s: %d %s", method, path, resp.StatusCode, b)
	}
	if out == nil {
		return resp.StatusCode, nil
	}
	return resp.StatusCode, json.Unmarshal(b, out)
}

func (s *server) must(token, method, path string, in, out any) {
	s.t.Helper()
	if _, err := s.ask(token, method, path, "", in, out); err != nil {
		s.t.Fatal(err)
	}
}

type object = map[string]any

// receiver is a web hook that remembers the keys it was given.
type receiver struct {
	*httptest.Server
	keys chan string
}

func receives(t *testing.T, dir string) (r receiver, config string) {
	t.Helper()
	r = receiver{keys: make(chan string, 100)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.keys <- req.Header.Get("webhook-id")
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(r.Close)
	secret, config := filepath.Join(dir, "secret"), filepath.Join(dir, "tocsin.yaml")
	for path, text := range map[string]string{secret: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n",
		config: "webhooks:\n  desk: {url: " + r.URL + ", secret_file: " + secret + ", allow_private: true}\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return r, config
}

func TestTheServerTakesAReportToItsWarningAndForgetsNothing(t *testing.T) {
	data := filepath.Join(t.TempDir(), "record")
	far, config := receives(t, t.TempDir())
	s := start(t, data, "--config", config)
	// The accounts are made beside the running server, as it says itself.
	d := desk{t: t, data: data}
	ida, anna, rui, paul := d.as("ida", "intake_officer").token, d.as("anna", "analyst").token, d.as("rui", "release_officer").token, d.as("paul", "deliverer").token
	var got struct{ ID, Case string }
	s.must(ida, "POST", "/v1/reports?origin=caller-17", "Gunmen will attack the clinic in Elm Street tonight.", &got)
	s.must(ida, "POST", "/v1/cases", object{"title": "Clinic", "reports": []string{got.ID}}, &got)
	at := "/v1/cases/" + got.Case
	s.must(anna, "POST", at+"/add-victim", object{"victim": object{"id": "v1", "name": "Staff", "kind": "group", "identity": "class_only"}}, nil)
	var findings []object
	for _, e := range []string{"credible", "specific", "impending", "harm", "directed"} {
		findings = append(findings, object{"element": e, "value": "met", "reason": "the caller was there"})
	}
	s.must(anna, "POST", at+"/record-findings", object{"victim": "v1", "findings": findings}, nil)
	s.must(ida, "PUT", "/v1/recipients/desk", object{"id": "desk", "name": "Clinic", "kind": "protector", "languages": []string{"en"},
		"ladder": []object{{"channel": "webhook", "address": "desk", "addressee": "head of security", "level": 1}}}, nil)
	fact := func(item, words string) object {
		return object{"item": item, "values": object{"en": words}, "releasable": true}
	}
	s.must(anna, "POST", at+"/warnings", object{"kind": "protector", "victims": []string{"v1"}, "recipients": []string{"desk"}, "marking": "UNCLASSIFIED", "valid_for": "2d",
		"facts": []object{fact("harm", "Gunmen may attack."), fact("when", "Tonight."), fact("where", "The clinic."), fact("do_now", "Lock the doors."),
			fact("contact", "555 0100."), fact("authorities", "Police are on the way.")}}, nil)
	state := func() (c struct {
		State struct {
			Version    int
			Warnings   []struct{ Digest string }
			Victims    []struct{ Disposition string }
			Deliveries []struct{ Key, State string }
		}
	}) {
		t.Helper()
		s.must(rui, "GET", at, nil, &c)
		return c
	}
	s.must(rui, "POST", at+"/approve-warning", object{"warning": "w1", "digest": state().State.Warnings[0].Digest}, nil)
	s.must(rui, "POST", at+"/warnings/w1/release", object{}, nil)
	key := <-far.keys // sent by the running server, without being asked
	// Delivered, and recorded as such: it asks again until it is, because the answer
	// to the receiver and the record of it are two things.
	for deadline := time.Now().Add(20 * time.Second); state().State.Deliveries[0].State != "delivered"; {
		if time.Now().After(deadline) {
			t.Fatalf("the delivery is %+v", state().State.Deliveries)
		}
	}
	s.must(paul, "POST", at+"/acknowledge", object{"delivery": key, "answer": "acting", "person": "head of security"}, nil)
	before := state()
	if before.State.Victims[0].Disposition != "discharged" || before.State.Deliveries[0].Key != key {
		t.Errorf("the case is %+v", before)
	}
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("on SIGTERM it ends with %v\n%s", err, s.said)
	}
	s = start(t, data, "--config", config)
	if after := state(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("after a restart the case is %+v, not %+v", after, before)
	}
	if err := s.end(syscall.SIGKILL); err == nil {
		t.Error("it was killed and ends well")
	}
	var proof struct {
		Verified   bool
		Checkpoint string
	}
	if err := json.Unmarshal([]byte(d.must("", "record", "verify", "--json")), &proof); err != nil || !proof.Verified || proof.Checkpoint == "none" {
		t.Errorf("%+v, %v", proof, err)
	}
	if n := len(far.keys); n != 0 {
		t.Errorf("%d more messages were sent", n)
	}
}

// calls are reports handed in by many at once, each under a key of its own.
type calls struct {
	mu           sync.Mutex
	made         int
	acknowledged map[string]string // key -> report
}

func (c *calls) next() (key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	return fmt.Sprint("call-", c.made)
}

func (c *calls) answer(key, id string) (acknowledged int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acknowledged[key] = id
	return len(c.acknowledged)
}

func (s *server) call(token, key string) (id string, err error) {
	var got struct{ ID string }
	_, err = s.ask(token, "POST", "/v1/reports", key, "This is "+key, &got)
	return got.ID, err
}

// TestAServerKilledWhileItWritesLosesNothingThatItAcknowledged lets many hand in
// reports while the server is killed, in several of its lives, and then hands all
// of them in again under the keys they had.
func TestAServerKilledWhileItWritesLosesNothingThatItAcknowledged(t *testing.T) {
	data := t.TempDir()
	d := desk{t: t, data: data}
	token := d.as("ida", "intake_officer").token
	lives := 6
	if testing.Short() {
		lives = 2
	}
	c := &calls{acknowledged: map[string]string{}}
	for range lives {
		s := start(t, data)
		killAt := len(c.acknowledged) + 20 + rand.IntN(150)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for {
					key := c.next()
					id, err := s.call(token, key)
					if err != nil {
						return // nobody answers any more
					}
					if c.answer(key, id) == killAt {
						_ = s.cmd.Process.Kill() // while the others wait for their answers
					}
				}
			})
		}
		wg.Wait()
		<-s.done
	}
	s := start(t, data)
	unanswered := 0
	for n := range c.made {
		key := fmt.Sprint("call-", n+1)
		id, err := s.call(token, key)
		if err != nil {
			t.Fatal(err)
		}
		switch first, ok := c.acknowledged[key]; {
		case !ok:
			unanswered++
		case first != id:
			t.Errorf("%s was acknowledged as %s and is now %s", key, first, id)
		}
		c.answer(key, id)
	}
	listed := s.listed(token)
	for key, id := range c.acknowledged {
		if !listed[id] {
			t.Errorf("%s, acknowledged as %s, is not listed", key, id)
		}
	}
	if len(listed) != c.made || unanswered == 0 {
		t.Errorf("of %d calls, %d unanswered when the server was killed, %d reports are listed", c.made, unanswered, len(listed))
	}
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("on SIGTERM it ends with %v\n%s", err, s.said)
	}
	if out := d.must("", "record", "verify"); !strings.Contains(out, "verified:") {
		t.Errorf("%s", out)
	}
	t.Logf("%d calls in %d lives of the server; %d had not been answered when it was killed", c.made, lives, unanswered)
}

func (s *server) listed(token string) map[string]bool {
	s.t.Helper()
	all := map[string]bool{}
	for next := "/v1/reports?limit=200"; next != ""; {
		var page struct {
			Items []struct{ ID string }
			Next  string
		}
		s.must(token, "GET", next, nil, &page)
		for _, r := range page.Items {
			all[r.ID] = true
		}
		if next = ""; page.Next != "" {
			next = "/v1/reports?limit=200&cursor=" + page.Next
		}
	}
	return all
}
