package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tocsin/internal/auth/pace"
)

func TestAFloodOfRequestsIsHeldByWhomeverItIsMade(t *testing.T) {
	h := open(t, setup{pace: pace.New(pace.Limits{Person: pace.Rate{PerSecond: 1, Burst: 6}, Address: pace.Rate{PerSecond: 1, Burst: 3}})})
	held := func(as, method, path string, body any) reply {
		t.Helper()
		for range 20 {
			if r := h.send(as, method, path, body); r.status == http.StatusTooManyRequests {
				return r
			}
		}
		t.Fatalf("%s %s as %q has no limit", method, path, as)
		return reply{}
	}
	r := held("anna", "GET", "/v1/cases", nil)
	p := r.wantAnyProblem()
	if p.Code != "too_fast" || p.Kept == "" || !strings.Contains(p.Do, "Wait 1 seconds") || r.header.Get("Retry-After") != "1" {
		t.Errorf("%+v %v", p, r.header)
	}
	if r := h.send("ines", "GET", "/v1/cases", nil); r.status != http.StatusOK {
		t.Errorf("another person is held too: %d", r.status)
	}
	// Reading has not used up what may be changed: a gateway that looks too often still hands its reports in.
	if r := h.send("anna", "POST", "/v1/reports", []byte("They will do it on Friday."), "Content-Type", "text/plain"); r.status != http.StatusCreated && r.status != http.StatusOK {
		t.Errorf("a report: %d %s", r.status, r.body)
	}
	h.tokens["mallory"] = "tocsin_guessed-guessed-guessed-guessed-guessed0"
	if p := held("mallory", "GET", "/v1/cases", nil).wantAnyProblem(); p.Code != "too_fast" {
		t.Errorf("%+v", p)
	}
	if r := h.send("dora", "GET", "/v1/cases", nil); r.status != http.StatusOK {
		t.Errorf("somebody with a token, at the address of a flood: %d", r.status)
	}
	h.clock.Pass(time.Second)
	if r := h.send("anna", "GET", "/v1/cases", nil); r.status != http.StatusOK {
		t.Errorf("after the wait that was told: %d", r.status)
	}
	if log := h.log.String(); !strings.Contains(log, "what=too_fast user=anna") || !strings.Contains(log, "what=too_fast address=127.0.0.1") {
		t.Errorf("nobody is told: %s", log)
	}
}

func TestNoLimitStopsTheExigentPathOfTheInterface(t *testing.T) {
	h := open(t, setup{pace: pace.New(pace.Limits{Person: pace.Rate{PerSecond: 1, Burst: 30}})})
	id := h.opened()
	h.clock.Pass(42 * time.Hour) // the attack is near
	spend := func() {
		t.Helper()
		for range 100 {
			if h.send("dora", "POST", "/v1/cases/case-none/raise-dispute", map[string]string{"about": "a", "position": "b"}).status == http.StatusTooManyRequests {
				return
			}
		}
		t.Fatal("there is no limit")
	}
	spend()
	if r := h.send("dora", "POST", "/v1/cases/"+string(id)+"/raise-dispute", map[string]string{"about": "a", "position": "b"}); r.status != http.StatusTooManyRequests {
		t.Fatalf("another act: %d %s", r.status, r.body)
	}
	if r := h.send("dora", "POST", "/v1/cases/"+string(id)+"/invoke-exigent", map[string]string{"reason": "no time"}); r.status == http.StatusTooManyRequests {
		t.Fatalf("the exigent path: %d %s", r.status, r.body)
	}
	if s, _ := h.engine.Case(id); s.Exigent == nil {
		t.Fatal("the exigent path is not open")
	}
	if r := h.send("dora", "POST", "/v1/cases/"+string(id)+"/raise-dispute", map[string]string{"about": "a", "position": "b"}); r.status == http.StatusTooManyRequests {
		t.Errorf("an act under it: %d", r.status)
	}
	if log := h.log.String(); !strings.Contains(log, "code=let_through") {
		t.Errorf("that it was let through is not written: %s", log)
	}
}
