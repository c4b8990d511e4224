package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/console/consoletest"
)

var toPage = regexp.MustCompile(`href="(/pages/[^"]+)"`)

func TestWhoWasCalledBecauseNobodyReadStandsWithTheReportAndEndsWhenItIsRead(t *testing.T) {
	h := consoletest.Open(t, false)
	id := string(h.Report("gate", "They will burn the mill.", intakeDeclared(1)))
	h.Clock.Pass(10 * time.Minute)
	h.Settle()
	rita := signedIn(t, h, "rita")
	floor := rita.get("/").Body.String()
	m := toPage.FindStringSubmatch(floor)
	if m == nil || !strings.Contains(floor, "somebody on call is being called") {
		t.Fatal("the floor does not say that somebody is being called")
	}
	for _, path := range []string{m[1], "/pages", "/reports/" + id} {
		page := rita.get(path).Body.String()
		if !strings.Contains(page, "sofia&#39;s telephone") || !strings.Contains(page, "· sent") || strings.Contains(page, "delivered to the system") || !strings.Contains(page, "goes on until somebody answers") {
			t.Errorf("%s does not say who was called and what came of it: %s", path, page)
		}
		if strings.Contains(page, "/acknowledge") {
			t.Errorf("%s offers to silence a report that nobody has read", path)
		}
	}
	signedIn(t, h, "ingrid").get("/reports/" + id)
	if page := rita.get(m[1]).Body.String(); !strings.Contains(page, "the report has been read") {
		t.Errorf("after it was read: %s", page)
	}
	if r := signedIn(t, h, "gate").get(m[1]); r.Code != http.StatusForbidden {
		t.Errorf("a reporter sees who is on call: %d", r.Code)
	}
}

func TestTheDutyOfficerTakesOnWhatTheyWereCalledAbout(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Case("Orchard", "icd-191", "Somebody means to kill the gardener of the orchard at dusk.", "The gardener of the orchard", 50*time.Hour)
	path := ""
	for i := 0; path == "" && i < 600; i++ {
		h.Clock.Pass(5 * time.Minute)
		h.Settle()
		if m := toPage.FindStringSubmatch(strings.ReplaceAll(signedIn(t, h, "rita").get("/cases/"+string(id)).Body.String(), `"/pages"`, "")); m != nil {
			path = m[1]
		}
	}
	if path == "" {
		t.Fatal("no clock was raised")
	}
	act := path + "/acknowledge"
	if page := signedIn(t, h, "rita").get(path).Body.String(); strings.Contains(page, act) {
		t.Error("a reviewer is offered what is not theirs")
	}
	if r := signedIn(t, h, "rita").post(act, url.Values{}); r.Code != http.StatusForbidden {
		t.Errorf("a reviewer takes it on: %d", r.Code)
	}
	d := signedIn(t, h, "daniel")
	if page := d.get(path).Body.String(); !strings.Contains(page, act) || !strings.Contains(page, "A missed clock was raised") {
		t.Fatalf("the duty officer cannot take it on: %s", page)
	}
	for range 2 {
		if r := d.post(act, url.Values{}); r.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", r.Code, r.Body)
		}
	}
	if page := d.get(path).Body.String(); !strings.Contains(page, "taken on by Daniel Okoro") || strings.Contains(page, "goes on until") {
		t.Errorf("%s", page)
	}
}

func TestNoPageTellsOfACallAboutASealedCase(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Case("Sealed orchard", "icd-191", "Somebody means to kill the gardener of the orchard at dusk.", "The gardener of the orchard", 50*time.Hour)
	h.Do("daniel", id, casefile.SealCase{People: []tocsin.ActorID{"sofia"}, Reason: "the source is one of ours"})
	inside, outside := signedIn(t, h, "sofia"), signedIn(t, h, "rita")
	var m []string
	for i := 0; m == nil && i < 100; i++ {
		h.Clock.Pass(10 * time.Minute)
		h.Settle()
		m = toPage.FindStringSubmatch(inside.get("/pages").Body.String())
	}
	if m == nil {
		t.Fatal("nobody was called: the test shows nothing")
	}
	for _, path := range []string{"/", "/pages", "/oversight", "/wall"} {
		if page := outside.get(path).Body.String(); strings.Contains(page, m[1]) || strings.Contains(page, "orchard") {
			t.Errorf("%s tells of the call", path)
		}
	}
	for _, path := range []string{m[1], m[1] + "/acknowledge"} {
		ask := outside.get
		if strings.HasSuffix(path, "acknowledge") {
			ask = func(p string) *httptest.ResponseRecorder { return outside.post(p, url.Values{}) }
		}
		never := strings.Replace(path, m[1], "/pages/page-never", 1)
		x, y := ask(path), ask(never)
		if x.Code != http.StatusNotFound || x.Code != y.Code || strings.ReplaceAll(x.Body.String(), path, never) != y.Body.String() {
			t.Errorf("%s answers %d, %s %d, or other words", path, x.Code, never, y.Code)
		}
	}
}
