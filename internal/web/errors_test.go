package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin"
	"tocsin/intake"
	"tocsin/internal/web"
	"tocsin/ledger/memory"
)

// canary is in every value that a request should not see again.
const canary = "CANARY-VALUE"

func TestEveryErrorIsAProblemAndNoneRepeatsWhatWasSent(t *testing.T) {
	h := open(t, setup{})
	id := h.opened()
	at := "/v1/cases/" + string(id)
	deep := strings.Repeat(`{"a":`, 20_000) + `"` + canary + `"` + strings.Repeat("}", 20_000)
	for _, c := range []struct {
		name, as, method, path string
		body                   any
		head                   []string
		status                 int
		code                   string
	}{
		{"no token", "", "GET", "/v1/cases", nil, nil, 401, "no_token"},
		{"another scheme", "", "GET", "/v1/cases", nil, []string{"Authorization", "Basic " + canary}, 401, "no_token"},
		{"an unknown token", "", "GET", "/v1/cases", nil, []string{"Authorization", "Bearer " + canary}, 401, "token"},
		{"no such path", "dora", "GET", "/v1/" + canary, nil, nil, 404, "path"},
		{"no such path outside", "", "GET", "/" + canary, nil, nil, 404, "path"},
		{"no such path, no token", "", "GET", "/v1/" + canary, nil, nil, 401, "no_token"},
		{"wrong method", "dora", "DELETE", "/v1/cases", nil, nil, 405, "method"},
		{"no such case", "dora", "GET", "/v1/cases/" + canary, nil, nil, 404, "case"},
		{"no such case to write to", "dora", "POST", "/v1/cases/" + canary + "/review", map[string]any{"note": "x"}, []string{"If-Match", `"3"`}, 404, "case"},
		{"no such report", "dora", "GET", "/v1/reports/" + canary, nil, nil, 404, "report"},
		{"no such report's bytes", "dora", "GET", "/v1/reports/" + canary + "/raw", nil, nil, 404, "report"},
		{"no such item", "dora", "GET", "/v1/quarantine/" + canary, nil, nil, 404, "item"},
		{"no such delivery", "dora", "GET", "/v1/deliveries/" + canary, nil, nil, 404, "delivery"},
		{"no such recipient", "dora", "GET", "/v1/recipients/" + canary, nil, nil, 404, "recipient"},
		{"no such warning", "dora", "POST", at + "/warnings/w7/release", nil, nil, 404, "target"},
		{"not JSON", "dora", "POST", at + "/review", []byte(`{"note": ` + canary), []string{"Content-Type", "application/json"}, 400, "malformed"},
		{"JSON that breaks off", "dora", "POST", at + "/review", []byte(`{"note": "` + canary), []string{"Content-Type", "application/json"}, 400, "malformed"},
		{"two JSON values", "dora", "POST", at + "/review", []byte(`{"note":"x"} {"note":"` + canary + `"}`), []string{"Content-Type", "application/json"}, 400, "malformed"},
		{"JSON too deep", "dora", "POST", at + "/review", []byte(deep), []string{"Content-Type", "application/json"}, 400, "malformed"},
		{"not UTF-8", "dora", "POST", at + "/review", []byte("{\"note\":\"" + canary + "\xff\"}"), []string{"Content-Type", "application/json"}, 400, "malformed"},
		{"no body", "dora", "POST", at + "/review", nil, nil, 400, "malformed"},
		{"an array", "dora", "POST", at + "/review", []any{canary}, nil, 422, "request_form"},
		{"a missing field", "dora", "POST", at + "/review", map[string]any{}, nil, 422, "request_form"},
		{"a field of the wrong type", "dora", "POST", at + "/review", map[string]any{"note": []any{canary}}, nil, 422, "request_form"},
		{"a field too many", "dora", "POST", at + "/review", map[string]any{"note": "x", "nope": canary}, nil, 422, "request_form"},
		{"a name that is content", "dora", "POST", at + "/review", map[string]any{"note": "x", canary + " is the agent's name": 1}, nil, 422, "request_form"},
		{"a decision that is left out", "dora", "POST", at + "/answer-transfer", map[string]any{"reason": canary}, nil, 422, "request_form"},
		{"a kind that does not exist", "anna", "POST", at + "/add-victim", map[string]any{"victim": map[string]any{"id": "v2", "kind": canary, "name": "N", "identity": "named"}}, nil, 422, "request_form"},
		{"a harm that does not exist", "anna", "POST", at + "/state-threat", map[string]any{"threat": map[string]any{"harm": canary}}, nil, 422, "request_form"},
		{"a finding that does not exist", "anna", "POST", at + "/record-findings", map[string]any{"victim": "v1", "findings": []any{map[string]any{"element": "credible", "value": canary}}}, nil, 422, "request_form"},
		{"a time that is none", "anna", "POST", at + "/state-threat", map[string]any{"threat": map[string]any{"window": map[string]any{"latest": canary}}}, nil, 422, "request_form"},
		{"an impossible time", "anna", "POST", at + "/state-threat", map[string]any{"threat": map[string]any{"window": map[string]any{"latest": "2026-02-31T00:00:00Z"}}}, nil, 422, "request_form"},
		{"a victim without a name", "anna", "POST", at + "/add-victim", map[string]any{"victim": map[string]any{"id": "v2", "kind": "person", "name": "", "identity": "named"}}, nil, 422, "victim_without_name"},
		{"an attack in the past", "anna", "POST", at + "/state-threat", map[string]any{"threat": map[string]any{"window": map[string]any{"latest": "2020-01-01T00:00:00Z"}}}, nil, 422, "attack_in_the_past"},
		{"an element that does not exist", "anna", "POST", at + "/record-findings", map[string]any{"victim": "v1", "findings": []any{map[string]any{"element": canary, "value": "met", "reason": "x"}}}, nil, 422, "element"},
		{"a victim that does not exist", "anna", "POST", at + "/record-findings", map[string]any{"victim": canary, "findings": []any{}}, nil, 404, "target"},
		{"a ground that does not exist", "anna", "POST", at + "/propose-waiver", map[string]any{"victim": "v1", "ground": canary + ` with "quotes\\"`, "evidence": map[string]any{}, "reason": "x"}, nil, 422, "ground"},
		{"a delivery that does not exist", "dele", "POST", at + "/acknowledge", map[string]any{"delivery": canary, "answer": "received"}, nil, 404, "target"},
		{"a ladder without rungs", "rolf", "PUT", "/v1/recipients/town", map[string]any{"id": "town", "name": "T", "kind": "protector", "languages": []any{"en"}, "ladder": []any{}}, nil, 422, "ladder_without_rungs"},
		{"two ids", "rolf", "PUT", "/v1/recipients/town", map[string]any{"id": "other", "name": "T", "kind": "protector", "languages": []any{"en"}, "ladder": []any{}}, nil, 422, "recipient_id"},
		{"an unknown query", "dora", "GET", "/v1/cases?" + canary + "=1", nil, nil, 422, "request_form"},
		{"a number that is none", "dora", "GET", "/v1/cases?limit=" + canary, nil, nil, 422, "request_form"},
		{"a number too large", "dora", "GET", "/v1/cases?limit=100000", nil, nil, 422, "request_form"},
		{"a cursor of another list", "dora", "GET", "/v1/cases?cursor=" + canary, nil, nil, 422, "cursor"},
		{"a position that is none", "dora", "GET", "/v1/events?from=" + canary, nil, nil, 422, "position"},
		{"a position ahead of the record", "dora", "GET", "/v1/events?from=999999", nil, nil, 409, "position_ahead"},
		{"another media type", "dora", "POST", at + "/review", []byte("note=" + canary), []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "media_type"},
		{"a body too large", "dora", "POST", at + "/review", map[string]any{"note": strings.Repeat(canary, 100_000)}, nil, 413, "body_too_large"},
		{"If-Match that is no version", "dora", "POST", at + "/review", map[string]any{"note": "x"}, []string{"If-Match", `"` + canary + `"`}, 400, "if_match"},
		{"a weak If-Match", "dora", "POST", at + "/review", map[string]any{"note": "x"}, []string{"If-Match", `W/"4"`}, 400, "if_match"},
		{"a key with a space", "dora", "POST", at + "/review", map[string]any{"note": "x"}, []string{"Idempotency-Key", canary + " 1"}, 422, "request_form"},
		{"a key that is too long", "dora", "POST", at + "/review", map[string]any{"note": "x"}, []string{"Idempotency-Key", strings.Repeat("k", 201)}, 422, "request_form"},
		{"an unknown pack", "dora", "POST", "/v1/cases", map[string]any{"title": "T", "pack": "none", "reports": []any{"report-1"}}, nil, 404, "pack"},
		{"a case without a report", "dora", "POST", "/v1/cases", map[string]any{"title": "T", "reports": []any{}}, nil, 422, "request_form"},
		{"a case with no such report", "dora", "POST", "/v1/cases", map[string]any{"title": "T", "reports": []any{"report-9"}}, nil, 404, "report"},
		{"a step that is not allowed now", "dora", "POST", at + "/reopen-case", map[string]any{"reason": canary}, nil, 409, "not_closed"},
		{"a step for somebody else", "ines", "POST", at + "/decide-waiver", map[string]any{"victim": "v1", "approve": true, "reason": canary}, nil, 403, "no_power"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.t = t
			before := h.size()
			r := h.send(c.as, c.method, c.path, c.body, c.head...)
			p := r.wantProblem(c.status, c.code)
			if strings.Contains(string(r.body), canary) {
				t.Errorf("the answer repeats what was sent: %s", r.body)
			}
			if c.method != "GET" && c.status != 404 && p.Kept == "" {
				t.Errorf("the answer does not say what was kept: %s", r.body)
			}
			if c.code == "request_form" && (len(p.Errors) == 0 || p.Errors[0].Where == "") {
				t.Errorf("the answer does not say where: %s", r.body)
			}
			if h.size() != before {
				t.Error("something was recorded")
			}
		})
	}
	h.t = t
	if strings.Contains(h.log.String(), canary) {
		t.Error("the log repeats what was sent")
	}
	if got := h.send("dora", "DELETE", "/v1/cases", nil).header.Get("Allow"); got != "GET, HEAD, POST" {
		t.Errorf("Allow: %q", got)
	}
	if got := h.send("", "GET", "/v1/cases", nil).header.Get("WWW-Authenticate"); got != `Bearer realm="tocsin"` {
		t.Errorf("WWW-Authenticate: %q", got)
	}
}

func TestAReportThatCannotBeReadIsKeptAndSaysWhere(t *testing.T) {
	h := open(t, setup{intake: intake.Limits{Bytes: 10_000}})
	for _, c := range []struct {
		name, media string
		body        []byte
		status      int
	}{
		{"JSON that breaks off", "application/json", []byte(`{"text": "they will`), 422},
		{"JSON too deep", "text/json", []byte(strings.Repeat("[", 1000) + strings.Repeat("]", 1000)), 413},
		{"larger than intake reads", "text/plain", bytes.Repeat([]byte("word "), 4000), 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.t = t
			key := []string{"Content-Type", c.media, "Idempotency-Key", "q-" + c.media}
			r := h.send("rosa", "POST", "/v1/reports", c.body, key...)
			p := r.wantAnyProblem()
			if r.status != c.status || p.Quarantine == "" || !strings.Contains(p.Kept, p.Quarantine) || r.header.Get("Location") != "/v1/quarantine/"+p.Quarantine {
				t.Fatalf("status %d, %+v", r.status, p)
			}
			again := h.send("rosa", "POST", "/v1/reports", c.body, key...).wantAnyProblem()
			if again.Quarantine != p.Quarantine {
				t.Errorf("sent again it is kept again, as %s", again.Quarantine)
			}
			item := into[tocsin.Quarantined](h.send("rosa", "GET", "/v1/quarantine/"+p.Quarantine, nil).want(http.StatusOK))
			if item.Size != len(c.body) || item.Reason == "" || item.By != "rosa" || item.Raw != tocsin.DigestOf(c.body) {
				t.Errorf("the item: %+v", item)
			}
			if raw := h.send("anna", "GET", "/v1/quarantine/"+p.Quarantine+"/raw", nil).want(http.StatusOK); !bytes.Equal(raw.body, c.body) {
				t.Error("the bytes are not those that were sent")
			}
			h.send("remo", "GET", "/v1/quarantine/"+p.Quarantine, nil).wantProblem(http.StatusNotFound, "item")
		})
	}
	h.t = t
	if list := into[web.Page[tocsin.Quarantined]](h.send("anna", "GET", "/v1/quarantine", nil).want(http.StatusOK)); len(list.Items) != 3 {
		t.Errorf("%d items in quarantine, want 3", len(list.Items))
	}
}

// zeros is a body of n bytes that takes no memory.
type zeros struct{ n int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.n == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.n)
	clear(p[:n])
	z.n -= n
	return int(n), nil
}

func TestAHundredMegabytesAreRefusedAndNothingIsKept(t *testing.T) {
	h := open(t, setup{})
	polite := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	defer polite.CloseIdleConnections()
	for _, name := range []string{"with its length", "in chunks", "asked for first"} {
		t.Run(name, func(t *testing.T) {
			before := h.size()
			sent := &zeros{100 << 20}
			req, err := http.NewRequestWithContext(t.Context(), "POST", h.server.URL+"/v1/reports", sent)
			if err != nil {
				t.Fatal(err)
			}
			client := h.server.Client()
			if name != "in chunks" {
				req.ContentLength = 100 << 20
			}
			if name == "asked for first" {
				req.Header.Set("Expect", "100-continue")
				client = polite
			}
			req.Header.Set("Authorization", "Bearer "+h.tokens["ines"])
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			p := reply{t, res.StatusCode, res.Header, b}.wantProblem(http.StatusRequestEntityTooLarge, "body_too_large")
			if p.Kept != "Nothing of it was kept." || p.Quarantine != "" || h.size() != before {
				t.Errorf("the answer: %+v", p)
			}
			if left := sent.n; name == "asked for first" && left != 100<<20 {
				t.Errorf("%d bytes were sent all the same", 100<<20-left)
			}
		})
	}
	h.report("ines", "Afterwards the house still takes reports.")
}

func TestAReportThatBreaksOffIsNotTakenForWhole(t *testing.T) {
	h := open(t, setup{})
	before := h.size()
	conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	head := "POST /v1/reports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + h.tokens["ines"] + "\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n"
	if _, err := conn.Write([]byte(head + "They will attack at")); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(answer), "400 Bad Request") || !strings.Contains(string(answer), "body_incomplete") {
		t.Errorf("the answer: %s", answer)
	}
	if h.size() != before {
		t.Error("half a report was recorded")
	}
}

func TestAReportThatDoesNotArriveInTimeIsNotWaitedFor(t *testing.T) {
	h := open(t, setup{limits: web.Limits{Read: 50 * time.Millisecond}})
	r, w := io.Pipe()
	defer w.Close()
	go func() { _, _ = w.Write([]byte("They will")) }()
	h.send("ines", "POST", "/v1/reports", r).wantProblem(http.StatusRequestTimeout, "too_slow")
}

func TestIfMatchHoldsACommandToWhatWasSeen(t *testing.T) {
	h := open(t, setup{})
	id := h.opened()
	seen := h.send("dora", "GET", "/v1/cases/"+string(id), nil).want(http.StatusOK).header.Get("ETag")
	a := h.command("dora", id, "review", map[string]any{"note": "first"}, "If-Match", seen)
	h.send("anna", "POST", "/v1/cases/"+string(id)+"/review", map[string]any{"note": "second"}, "If-Match", seen).wantProblem(http.StatusPreconditionFailed, "case_moved_on")
	b := h.command("anna", id, "review", map[string]any{"note": "second, having looked"}, "If-Match", `"`+jsonOf(a.Version)+`"`)
	h.command("anna", id, "review", map[string]any{"note": "with a bare number"}, "If-Match", jsonOf(b.Version))
	h.command("anna", id, "review", map[string]any{"note": "whatever the version"}, "If-Match", "*")
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v) // numbers marshal
	return string(b)
}

func TestOfTwoRacingCommandsOneWinsAndTheOtherIsTold(t *testing.T) {
	h := open(t, setup{})
	id := h.opened()
	version := jsonOf(h.caseView("dora", id, "").State.Version)
	const racers = 8
	answers := make([]reply, racers)
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() {
			answers[i] = h.send([]string{"dora", "anna"}[i%2], "POST", "/v1/cases/"+string(id)+"/propose-transfer", map[string]any{"to": "sven"}, "If-Match", version)
		})
	}
	wg.Wait()
	won := 0
	for _, r := range answers {
		switch r.status {
		case http.StatusOK:
			won++
		case http.StatusPreconditionFailed:
			r.wantProblem(http.StatusPreconditionFailed, "case_moved_on")
		case http.StatusForbidden:
			r.wantProblem(http.StatusForbidden, "not_owner")
		default:
			t.Errorf("status %d: %s", r.status, r.body)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d racing commands won, want 1", won, racers)
	}
	if v := h.caseView("dora", id, ""); jsonOf(v.State.Version-1) != version {
		t.Errorf("the case went from %s to %d", version, v.State.Version)
	}
}

func TestARecordThatCannotBeWrittenSaysTryAgain(t *testing.T) {
	store := memory.Open()
	h := open(t, setup{store: store})
	id := h.opened()
	store.FailAppend(func(int) memory.Fault { return memory.NotWritten })
	r := h.send("dora", "POST", "/v1/cases/"+string(id)+"/review", map[string]any{"note": "x"})
	p := r.wantProblem(http.StatusServiceUnavailable, "not_written")
	if r.header.Get("Retry-After") == "" || p.Kept == "" || strings.Contains(string(r.body), memory.ErrFault.Error()) {
		t.Errorf("the answer: %v %s", r.header, r.body)
	}
	if !strings.Contains(h.log.String(), memory.ErrFault.Error()) {
		t.Error("the log does not say why")
	}
	r = h.send("ines", "POST", "/v1/reports", []byte("Words."))
	r.wantProblem(http.StatusServiceUnavailable, "not_written")
	store.FailAppend(func(int) memory.Fault { return memory.Written })
	h.command("dora", id, "review", map[string]any{"note": "written, though it was said that it was not"})
}

func TestAPanicIsABlandAnswerWithAnIDInTheLog(t *testing.T) {
	h := open(t, setup{})
	log := &logged{}
	api := web.New(web.Config{Users: h.users, Store: h.store, Log: slogTo(log)}) // without an engine every use of it panics
	rec := httptest.NewRecorder()
	req := httptest.NewRequest("GET", "/v1/cases", nil)
	req.Header.Set("Authorization", "Bearer "+h.tokens["dora"])
	api.ServeHTTP(rec, req)
	p := reply{t, rec.Code, rec.Header(), rec.Body.Bytes()}.wantProblem(http.StatusInternalServerError, "fault")
	id := strings.TrimPrefix(p.Instance, "urn:tocsin:fault:")
	if id == "" || !strings.Contains(log.String(), id) || !strings.Contains(log.String(), "nil pointer") {
		t.Errorf("the log does not hold %q: %s", p.Instance, log)
	}
	if strings.Contains(rec.Body.String(), "nil pointer") || strings.Contains(rec.Body.String(), ".go") {
		t.Errorf("the answer tells of the inside: %s", rec.Body)
	}
}

func TestAnAnswerThatHasBegunBreaksOffRatherThanEndWrongly(t *testing.T) {
	h := open(t, setup{})
	req := httptest.NewRequest("GET", "/v1/health", nil)
	defer func() {
		if v := recover(); !errors.Is(v.(error), http.ErrAbortHandler) {
			t.Errorf("got %v, want http.ErrAbortHandler", v)
		}
	}()
	h.api.ServeHTTP(&torn{httptest.NewRecorder()}, req)
	t.Error("the answer was not broken off")
}

// torn is a writer that fails as a program error would, after the head.
type torn struct{ *httptest.ResponseRecorder }

func (w *torn) Write([]byte) (int, error) { panic("torn") }

func TestLargeReportsAreTakenInAFewAtATime(t *testing.T) {
	h := open(t, setup{limits: web.Limits{Large: 1, Wait: 20 * time.Millisecond}})
	r, w := io.Pipe()
	first := make(chan reply, 1)
	go func() {
		req, _ := http.NewRequest("POST", h.server.URL+"/v1/reports", r) // the address is sound
		req.Header.Set("Authorization", "Bearer "+h.tokens["ines"])
		res, err := h.server.Client().Do(req)
		if err != nil {
			first <- reply{}
			return
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body) // an answer that breaks off is told by its status
		first <- reply{t, res.StatusCode, res.Header, b}
	}()
	if _, err := w.Write([]byte("The first of a long report, ")); err != nil {
		t.Fatal(err)
	}
	busy := false
	for !busy {
		select {
		case <-first:
			t.Fatal("the first large report was never in the way of a second")
		default:
		}
		// A reader of unknown length counts as large; a small report is never in the way.
		second := h.send("anna", "POST", "/v1/reports", struct{ io.Reader }{strings.NewReader("Another long report.")})
		if busy = second.status == http.StatusServiceUnavailable; busy {
			second.wantProblem(http.StatusServiceUnavailable, "busy")
			h.report("ines", "A short one, meanwhile.")
		}
	}
	if _, err := w.Write([]byte("and its end.")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	(<-first).want(http.StatusCreated)
}

func TestAnErrorAboutAPartOfTheBodyNamesIt(t *testing.T) {
	h := open(t, setup{})
	at := "/v1/cases/" + string(h.opened())
	p := h.send("anna", "POST", at+"/add-victim", map[string]any{"victim": map[string]any{"id": "v2", "kind": "person", "name": "", "identity": "named"}}).wantProblem(422, "victim_without_name")
	if len(p.Errors) != 1 || p.Errors[0].Where != "body.victim.name" || p.Errors[0].What != p.Detail {
		t.Errorf("the answer names %+v", p.Errors)
	}
	if p := h.send("dora", "POST", at+"/reopen-case", map[string]any{"reason": "x"}).wantProblem(409, "not_closed"); len(p.Errors) != 0 {
		t.Errorf("what is about no part names %+v", p.Errors)
	}
}
