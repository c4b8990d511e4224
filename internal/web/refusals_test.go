package web_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestRefusalsOfTheInterfaceAreWrittenWithoutWhatWasAskedFor(t *testing.T) {
	h := open(t, setup{})
	id := h.opened()
	h.tokens["mallory"] = "tocsin_guessed-guessed-guessed-guessed-guessed0"
	for range 200 {
		if r := h.send("mallory", "GET", "/v1/cases", nil); r.status != http.StatusUnauthorized {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	h.send("", "GET", "/v1/nowhere", nil)
	h.send("adam", "GET", "/v1/cases/"+string(id), nil)                                // no case content
	h.send("ivan", "POST", "/v1/cases/"+string(id)+"/close-case", map[string]string{}) // changes nothing
	h.send("rosa", "GET", "/v1/reports/report-secret", nil)                            // is not there, for her or for anybody
	h.send("anna", "POST", "/v1/cases/"+string(id)+"/invoke-exigent", map[string]any{"reason": "no time"})
	all := h.log.String()
	for _, want := range []string{
		"msg=refused what=token address=127.0.0.1 code=token times=1",
		"what=token address=127.0.0.1 code=no_token",
		"what=role user=adam route=\"GET /v1/cases/{id}\" code=no_access",
		"what=role user=ivan route=\"POST /v1/cases/{id}/",
		"what=role user=rosa route=\"GET /v1/reports/{id}\" code=report",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	if n := strings.Count(all, "what=token"); n != 2 {
		t.Errorf("two hundred guesses are %d lines", n)
	}
	for _, secret := range []string{"guessed", "report-secret", string(id), "no time"} {
		if strings.Contains(all, secret) {
			t.Errorf("the log repeats %q", secret)
		}
	}
	if t.Failed() {
		t.Log(all)
	}
}
