package console_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/auth/pace"
	"tocsin/internal/auth/signin"
	"tocsin/internal/console"
	"tocsin/internal/console/consoletest"
)

// paced is a house whose limits a test can come up to.
func paced(t *testing.T) *consoletest.House {
	t.Helper()
	h := consoletest.Open(t, false, func(c *console.Config) {
		c.Pace = pace.New(pace.Limits{Person: pace.Rate{PerSecond: 1, Burst: 8}, Address: pace.Rate{PerSecond: 1, Burst: 4}})
	})
	h.Door("https://tocsin.example.org", func(c *signin.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")} })
	return h
}

// until asks until the answer is that it is too fast.
func (b *browser) until(method, path string, form url.Values) (page string) {
	b.t.Helper()
	for range 20 {
		r := b.do(method, path, strings.NewReader(form.Encode()), "application/x-www-form-urlencoded")
		if r.Code == http.StatusTooManyRequests {
			if r.Header().Get("Retry-After") != "1" {
				b.t.Errorf("Retry-After is %q", r.Header().Get("Retry-After"))
			}
			return r.Body.String()
		}
	}
	b.t.Fatalf("%s %s has no limit", method, path)
	return ""
}

func TestAFloodInSomebodysNameIsHeldAndWhatTheyTypeSurvives(t *testing.T) {
	h := paced(t)
	cases := h.Fill()
	b := in(t, h, "daniel")
	path := "/cases/" + string(cases["fresh"])
	act := path + "/do/raise_dispute"
	form := formOf(t, b.get(path).Body.String(), act, "")
	form.Set("about", "the street")
	form.Set("position", "WHAT I TYPED")

	if page := b.until("GET", "/cases", nil); !strings.Contains(page, "More requests have come from your account") || !strings.Contains(page, "Wait 1 second,") {
		t.Errorf("the page does not say what happened and what to do: %s", page)
	}
	b.header["HX-Request"] = "true"
	if r := b.get(path + "/news?version=1"); r.Code != http.StatusTooManyRequests || strings.Contains(r.Body.String(), "<html") || r.Header().Get("Retry-After") != "1" {
		t.Errorf("a part of a page: %d %s", r.Code, r.Body)
	}
	delete(b.header, "HX-Request")
	// A page that asks for itself without end keeps nobody from acting.
	if r := b.post(path+"/do/raise_dispute", url.Values{}); r.Code == http.StatusTooManyRequests {
		t.Fatal("what was read has used up what may be done")
	}
	b.until("POST", act, url.Values{"target": {""}})
	r := b.post(act, form)
	page := r.Body.String()
	if r.Code != http.StatusTooManyRequests || !strings.Contains(page, "WHAT I TYPED") || !strings.Contains(page, "press again") {
		t.Fatalf("%d %s", r.Code, page)
	}
	if s, _ := h.Engine.Case(cases["fresh"]); len(s.Disputes) != 0 {
		t.Error("it was done all the same")
	}
	h.Clock.Pass(time.Second)
	if r := b.post(act, formOf(t, page, act, "")); r.Code != http.StatusSeeOther {
		t.Fatalf("pressed again: %d %s", r.Code, r.Body)
	}
	if s, _ := h.Engine.Case(cases["fresh"]); len(s.Disputes) != 1 || s.Disputes[0].Position != "WHAT I TYPED" {
		t.Errorf("%+v", s.Disputes)
	}
	b.until("POST", "/preferences", url.Values{})
	if r := b.post("/intake", url.Values{"text": {"A REPORT I TYPED"}}); r.Code != http.StatusTooManyRequests || !strings.Contains(r.Body.String(), "A REPORT I TYPED</textarea>") {
		t.Errorf("a report: %d %s", r.Code, r.Body)
	}
	if r := b.post("/account/password", url.Values{"password_now": {consoletest.Phrase}, "password": {"seven green kettles at noon"}}); r.Code != http.StatusTooManyRequests || strings.Contains(r.Body.String(), "kettles") || strings.Contains(r.Body.String(), consoletest.Phrase) {
		t.Errorf("the page carries a password: %d", r.Code)
	}
	if r := in(t, h, "anna").get("/cases"); r.Code != http.StatusOK {
		t.Errorf("a colleague is held too: %d", r.Code)
	}
	if log := h.Log.String(); !strings.Contains(log, "what=too_fast user=daniel") {
		t.Errorf("nobody is told: %s", log)
	}
}

func TestNoLimitStopsTheExigentPath(t *testing.T) {
	h := paced(t)
	id := h.Case("An hour away", "icd-191", "The caller says that the car has left and that Judge Amara Diallo is dead within the hour, before the verdict is read out.", "Judge Amara Diallo", time.Hour)
	h.Do("anna", id, casefile.RecordFindings{Victim: "v1", Findings: h.Findings(id, tocsin.Met)})
	b := in(t, h, "daniel")
	path := "/cases/" + string(id)
	form := formOf(t, b.get(path).Body.String(), path+"/do/invoke_exigent", "")
	form.Set("reason", "they are on their way")
	b.until("GET", "/cases", nil)
	b.until("POST", path+"/do/raise_dispute", url.Values{})
	if r := b.post(path+"/do/invoke_exigent", form); r.Code != http.StatusSeeOther {
		t.Fatalf("the exigent path: %d %s", r.Code, r.Body)
	}
	if r := b.get(path); r.Code != http.StatusOK {
		t.Errorf("the page of the case: %d", r.Code)
	}
	if r := b.post(path+"/do/raise_dispute", url.Values{}); r.Code == http.StatusTooManyRequests {
		t.Error("an act under it is held")
	}
	if r := b.get("/cases"); r.Code != http.StatusTooManyRequests {
		t.Errorf("other pages: %d", r.Code)
	}
	if log := h.Log.String(); !strings.Contains(log, "code=let_through") {
		t.Errorf("that it was let through is not written: %s", log)
	}
}

func TestAFloodFromOneAddressLeavesTheDoorOpenForAPasskeyAndForThoseInside(t *testing.T) {
	h := paced(t)
	inside := in(t, h, "daniel")
	stranger := at(t, h, office)
	if page := stranger.until("GET", "/link/guessed", nil); !strings.Contains(page, "from your network") || !strings.Contains(page, `href="/sign-in`) {
		t.Errorf("%s", page)
	}
	if r := stranger.post("/sign-in", url.Values{"name": {"anna"}, "password": {"typed"}}); r.Code != http.StatusTooManyRequests || strings.Contains(r.Body.String(), `value="typed"`) {
		t.Errorf("%d", r.Code)
	}
	for range 10 {
		if r := stranger.get("/sign-in"); r.Code != http.StatusOK {
			t.Fatalf("the door itself: %d", r.Code)
		}
		if r := stranger.post("/sign-in/passkey/begin", nil); r.Code != http.StatusOK {
			t.Fatalf("a passkey: %d", r.Code)
		}
	}
	if r := inside.get("/cases"); r.Code != http.StatusOK {
		t.Errorf("somebody who is signed in at that address: %d", r.Code)
	}
	if r := inside.post("/prove", url.Values{"password": {consoletest.Phrase}, "next": {"/"}}); r.Code == http.StatusTooManyRequests {
		t.Error("somebody who is signed in cannot show again who they are")
	}
	if r := at(t, h, "203.0.113.50").get("/link/guessed"); r.Code != http.StatusNotFound {
		t.Errorf("another address: %d", r.Code)
	}
}
