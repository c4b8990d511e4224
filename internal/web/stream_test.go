package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/web"
	"tocsin/ledger"
)

// stream is an event stream that somebody follows.
type stream struct {
	t      testing.TB
	res    *http.Response
	cancel context.CancelFunc
	lines  *bufio.Scanner
	last   string // id of the last event, as a browser keeps it
}

type streamed struct {
	id   int64
	kind string
	data web.StreamEvent
}

func (h *house) follow(as, query string, head ...string) *stream {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", h.server.URL+"/v1/events"+query, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.tokens[as])
	for i := 0; i < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	res, err := h.server.Client().Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { cancel(); res.Body.Close() })
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		h.t.Fatalf("status %d, %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	s := &stream{t: h.t, res: res, cancel: cancel, lines: bufio.NewScanner(res.Body)}
	for s.lines.Scan() && s.lines.Text() != "" { // the head, which sets the last id without an event
		if id, ok := strings.CutPrefix(s.lines.Text(), "id: "); ok {
			s.last = id
		}
	}
	return s
}

// next reads one event as the specification of server-sent events says.
func (s *stream) next() (streamed, error) {
	var e streamed
	for s.lines.Scan() {
		line := s.lines.Text()
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case line == "" && e.kind != "":
			return e, nil
		case strings.HasPrefix(line, ":") || line == "":
		case name == "id":
			s.last = value
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return e, err
			}
			e.id = n
		case name == "event":
			e.kind = value
		case name == "data":
			if err := json.Unmarshal([]byte(value), &e.data); err != nil {
				return e, err
			}
		default:
			return e, fmt.Errorf("line %q", line)
		}
	}
	if err := s.lines.Err(); err != nil {
		return e, err
	}
	return e, io.EOF
}

// toEnd reads until the server ends the stream, and returns how if not cleanly.
func (s *stream) toEnd() error {
	for {
		if _, err := s.next(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

func TestEveryRecordIsStreamedOnceAndInOrder(t *testing.T) {
	h := open(t, setup{})
	const writers, each = 6, 15
	want := h.size() + writers*each
	followers := make([]*stream, 4)
	for i := range followers {
		followers[i] = h.follow("dora", "?from=0")
	}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				h.send("ines", "POST", "/v1/reports", fmt.Appendf(nil, "Report %d of writer %d.", i, w)).want(http.StatusCreated)
			}
		})
	}
	for i, s := range followers {
		wg.Go(func() {
			for at := range want {
				e, err := s.next()
				if err != nil || e.id != at || e.kind != e.data.Kind || e.data.Stream == "" || e.data.Seq < 1 || e.data.Actor == "" || e.data.EntryTime.IsZero() {
					t.Errorf("follower %d at %d: %+v, %v", i, at, e, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestAStreamGoesOnWhereItBrokeOff(t *testing.T) {
	h := open(t, setup{})
	before := h.size()
	s := h.follow("dora", "")
	if s.last != strconv.FormatInt(before-1, 10) {
		t.Fatalf("a new stream begins after %s, want %d", s.last, before-1)
	}
	var got []int64
	for i := range 40 {
		h.report("ines", fmt.Sprintf("Report %d.", i))
		if i%3 == 0 { // broken off, now and then before anything of it was read
			s.cancel()
			h.report("ines", fmt.Sprintf("Meanwhile %d.", i))
			s = h.follow("dora", "?from=0", "Last-Event-ID", s.last)
		}
		e, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.id)
	}
	for s.last != strconv.FormatInt(h.size()-1, 10) {
		e, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.id)
	}
	for i, id := range got {
		if id != before+int64(i) {
			t.Fatalf("event %d has id %d, want %d", i, id, before+int64(i))
		}
	}
	if len(got) != 54 {
		t.Errorf("%d events, want 54", len(got))
	}
}

func TestAStreamReachesBackBeyondWhatIsKeptInMemory(t *testing.T) {
	h := open(t, setup{})
	live := h.follow("dora", "")
	const many = 9000 // more than the window holds
	after := 0
	for range many / 500 {
		var b ledger.Batch
		b.Stream, b.After = "exercise", after
		for range 500 {
			b.Records = append(b.Records, ledger.Record{Kind: "noted", EventTime: h.clock.Now(), EntryTime: h.clock.Now(), Actor: "dora", Command: "c"})
		}
		if _, err := h.store.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		after += 500
		for range 500 {
			if _, err := live.next(); err != nil {
				t.Fatal(err)
			}
		}
	}
	late := h.follow("dora", "?from=0")
	for at := range h.size() {
		e, err := late.next()
		if err != nil || e.id != at {
			t.Fatalf("at %d: %+v, %v", at, e, err)
		}
	}
}

func TestWhoIsToldOfAnEventFindsWhatItIsAbout(t *testing.T) {
	h := open(t, setup{})
	s := h.follow("dora", "")
	const writers, each = 4, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				h.send("ines", "POST", "/v1/reports", fmt.Appendf(nil, "Report %d of writer %d.", i, w)).want(http.StatusCreated)
			}
		})
	}
	for found := 0; found < writers*each; {
		e, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(e.data.Stream, "report/") {
			continue // that dora looked at one
		}
		found++
		h.send("dora", "GET", "/v1/"+strings.Replace(e.data.Stream, "report/", "reports/", 1), nil).want(http.StatusOK)
	}
	wg.Wait()
}

func TestAStreamTellsNoContent(t *testing.T) {
	h := open(t, setup{})
	h.released()
	s := h.follow("rita", "?from=0")
	for range h.size() {
		e, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if b, err := json.Marshal(e.data); err != nil || strings.Contains(string(b), "CANARY") {
			t.Fatalf("%s, %v", b, err)
		}
	}
}

func TestAShutdownEndsStreamsCleanly(t *testing.T) {
	h := open(t, setup{})
	s := h.follow("dora", "")
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		done <- h.server.Config.Shutdown(ctx)
	}()
	if err := s.toEnd(); err != nil {
		t.Errorf("the stream ends with %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("the shutdown ends with %v", err)
	}
}

func TestAClientThatGoesLeavesNothingBehind(t *testing.T) {
	h := open(t, setup{})
	gone := make(chan struct{}, 1)
	inner := h.server.Config.Handler
	h.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r)
		if r.URL.Path == "/v1/events" {
			gone <- struct{}{}
		}
	})
	s := h.follow("dora", "")
	s.cancel()
	<-gone
}

func TestASilentStreamIsKeptOpen(t *testing.T) {
	h := open(t, setup{limits: web.Limits{Beat: time.Millisecond}})
	s := h.follow("dora", "")
	for s.lines.Scan() {
		if s.lines.Text() == ": still here" {
			return
		}
	}
	t.Error("a silent stream says nothing")
}

func TestAnotherProcessesRecordsAreStreamedToo(t *testing.T) {
	h := open(t, setup{})
	deaf := httptest.NewServer(web.New(web.Config{Engine: h.engine, Users: h.users, Store: silent{h.store}}))
	defer deaf.Close()
	here := *h
	here.server = deaf
	s := here.follow("dora", "")
	defer s.cancel()
	h.report("ines", "Written where the other cannot hear it.")
	if e, err := s.next(); err != nil || e.kind != "report_received" {
		t.Errorf("%+v, %v", e, err)
	}
}

// silent is a store that does not tell of changes, as one in another process.
type silent struct{ ledger.Store }

func (silent) Changed() <-chan struct{} { return make(chan struct{}) }
