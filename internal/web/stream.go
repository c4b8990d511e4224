package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tocsin"
	"tocsin/ledger"
	"tocsin/view"
)

// StreamEvent is the data of one server-sent event. It says that something
// happened, not what: content is fetched by those who may see it.
type StreamEvent struct {
	Stream    string         `json:"stream" doc:"Such as case/c1 or report/r7"`
	Seq       int            `json:"seq"`
	Kind      string         `json:"kind"`
	Actor     tocsin.ActorID `json:"actor"`
	EntryTime time.Time      `json:"entry_time"`
}

type streamIn struct {
	Last string `header:"Last-Event-ID" maxLength:"20" doc:"Go on after this event; a browser sends it by itself"`
	From string `query:"from" maxLength:"20" doc:"Begin with the event at this position; from now on if absent"`
}

func (a *API) stream() {
	handle(a, operation{id: "stream-events", method: http.MethodGet, path: "/v1/events", tag: "record", summary: "Everything that is recorded, as it happens",
		doc: "Server-sent events: the event name is the kind, the id the position in the record, the data a StreamEvent. None is skipped and none comes twice, " +
			"also over a reconnection with Last-Event-ID. Comments keep a silent connection open.", who: caseRoles}, a.events)
	doc := a.huma.OpenAPI()
	ok := doc.Paths["/v1/events"].Get.Responses["200"]
	ok.Content = map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: "string", Description: "data lines hold a StreamEvent"}}}
}

// batch bounds what is read or written at a time.
const batch = 512

func (a *API) events(ctx context.Context, c call, in *streamIn) (*huma.StreamResponse, error) {
	at, err := a.begin(ctx, in)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(huma.Context) { a.follow(ctx, c, at) }}, nil
}

// begin finds the position of the first event to send.
func (a *API) begin(ctx context.Context, in *streamIn) (int64, error) {
	size, err := a.cfg.Store.Log().Size(ctx)
	if err != nil {
		return 0, err
	}
	at := size
	for _, v := range []struct {
		text string
		plus int64
	}{{in.From, 0}, {in.Last, 1}} { // a browser that reconnects repeats the query: where it was stands in the header
		if v.text == "" {
			continue
		}
		n, err := strconv.ParseInt(v.text, 10, 64)
		if err != nil || n < -1 {
			return 0, tocsin.Fault(tocsin.Invalid, "position", "The position is not a number of the record.", "Send the id of the last event that you have, or nothing.")
		}
		at = max(n+v.plus, 0)
	}
	if at > size {
		return 0, tocsin.Faultf(tocsin.Conflict, "position_ahead", "Begin again without a position, and ask the operator whether the record was restored from a backup.",
			"The record ends at position %d, before the one that you name.", size-1)
	}
	return at, nil
}

// follow writes events until the client goes, the server shuts down or the
// token ends.
func (a *API) follow(ctx context.Context, c call, at int64) {
	conn := http.NewResponseController(c.w)
	_ = conn.SetReadDeadline(time.Time{}) // a stream outlives the deadlines of a request
	c.w.Header().Set("Content-Type", "text/event-stream")
	c.w.Header().Set("X-Accel-Buffering", "no")
	c.w.WriteHeader(http.StatusOK)
	if c.r.Method == http.MethodHead {
		return
	}
	// An id without data sets where a reconnection goes on, before anything happens.
	if a.send(c, conn, fmt.Appendf(nil, "retry: 1000\nid: %d\n\n", at-1)) != nil {
		return
	}
	beat := time.NewTicker(a.cfg.Limits.Beat)
	defer beat.Stop()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		events, next, changed, err := a.tail.after(ctx, at)
		if err != nil {
			if ctx.Err() == nil {
				a.cfg.Log.Error("an event stream ends because the record cannot be read", "cause", err)
			}
			return
		}
		if at = next; len(events) > 0 {
			if a.caughtUp(ctx, at) != nil {
				return
			}
			if lines := a.seenBy(c.by, events); len(lines) > 0 && a.send(c, conn, lines) != nil {
				return
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-a.drained:
			return
		case <-changed:
		case <-poll.C:
		case <-beat.C:
			if _, err := a.authenticate(c.r); err != nil || a.send(c, conn, []byte(": still here\n\n")) != nil {
				return
			}
		}
	}
}

// seenBy joins the events that by may know of. Positions count what is left out:
// how much is recorded in all is no secret, what and when of a sealed case is.
func (a *API) seenBy(by tocsin.Actor, events []rendered) []byte {
	var hides func(string) bool
	a.cfg.Engine.Read(func(x *view.Index) { hides = x.Hides(by) })
	var lines []byte
	for _, e := range events {
		if !hides(e.stream) {
			lines = append(lines, e.line...)
		}
	}
	return lines
}

// caughtUp waits until what the engine shows has come as far as the record, so
// that whoever is told of an event and fetches what it is about finds it there.
func (a *API) caughtUp(ctx context.Context, next int64) error {
	var shown int64
	a.cfg.Engine.Read(func(x *view.Index) { shown = x.Position })
	if shown >= next {
		return nil
	}
	return a.cfg.Engine.Follow(ctx)
}

// writeWithin bounds how long a client may take to accept what is sent to it.
const writeWithin = 30 * time.Second

func (a *API) send(c call, conn *http.ResponseController, b []byte) error {
	_ = conn.SetWriteDeadline(time.Now().Add(writeWithin))
	if _, err := c.w.Write(b); err != nil {
		return err
	}
	return conn.Flush()
}

// rendered is an event as it is sent, with the stream that it is of.
type rendered struct {
	stream string
	line   []byte
}

// tail is the end of the record, rendered once for all who follow it. Whoever
// comes first after a change reads; the others find it done. Nobody has to run
// in the background for that.
type tail struct {
	store ledger.Store

	mu      sync.Mutex
	from    int64           // position of window[0]
	window  []rendered      // the newest last
	changed <-chan struct{} // of the store, taken before the last read
	read    time.Time       // when that was
}

const (
	windowSize = 4096 // events kept at least; twice as many at most
	// pollEvery is how often the record is read without a sign, for what other
	// processes write.
	pollEvery = 500 * time.Millisecond
)

func newTail(s ledger.Store) *tail { return &tail{store: s, from: -1} }

// after returns the rendered events from position at on, at most a batch, the
// position that follows them, and a channel that is closed when there may be more.
func (t *tail) after(ctx context.Context, at int64) (events []rendered, next int64, changed <-chan struct{}, err error) {
	t.mu.Lock()
	if t.from < 0 || at >= t.end() {
		err = t.refresh(ctx)
	}
	from, window, changed := t.from, t.window, t.changed
	t.mu.Unlock()
	if err != nil {
		return nil, at, nil, err
	}
	if at < from {
		events, next, err = render(ctx, t.store, at, batch)
		return events, next, changed, err
	}
	window = window[min(at-from, int64(len(window))):]
	window = window[:min(len(window), batch)]
	return slices.Clone(window), at + int64(len(window)), changed, nil
}

func (t *tail) end() int64 { return t.from + int64(len(t.window)) }

// refresh reads what has been committed since, unless nothing can have been.
func (t *tail) refresh(ctx context.Context) error {
	select {
	case <-t.changed: // nil, before the first read, blocks
	default:
		if t.changed != nil && time.Since(t.read) < pollEvery {
			return nil
		}
	}
	t.changed = nil // a read that breaks off must be made again
	changed := t.store.Changed()
	if time.Since(t.read) > 10*pollEvery { // nobody has followed for a while, or ever
		size, err := t.store.Log().Size(ctx)
		if err != nil {
			return err
		}
		if t.from < 0 || size-t.end() > windowSize {
			t.from, t.window = size, nil
		}
	}
	for r, err := range t.store.Since(ctx, t.end()) {
		if err != nil {
			return err
		}
		line, err := renderOne(r)
		if err != nil {
			return err
		}
		t.window = append(t.window, line)
	}
	if over := len(t.window) - windowSize; over > windowSize {
		t.window, t.from = slices.Clone(t.window[over:]), t.from+int64(over)
	}
	t.changed, t.read = changed, time.Now()
	return nil
}

func render(ctx context.Context, s ledger.Store, at int64, limit int) (events []rendered, next int64, err error) {
	next = at
	for r, err := range s.Since(ctx, at) {
		if err != nil {
			return nil, at, err
		}
		line, err := renderOne(r)
		if err != nil {
			return nil, at, err
		}
		events, next = append(events, line), r.Position+1
		if limit--; limit == 0 {
			break
		}
	}
	return events, next, nil
}

func renderOne(r ledger.Record) (rendered, error) {
	data, err := json.Marshal(StreamEvent{r.Stream, r.Seq, r.Kind, r.Actor, r.EntryTime})
	if err != nil {
		return rendered{}, fmt.Errorf("render event %d: %w", r.Position, err)
	}
	return rendered{r.Stream, fmt.Appendf(nil, "id: %d\nevent: %s\ndata: %s\n\n", r.Position, r.Kind, data)}, nil
}
