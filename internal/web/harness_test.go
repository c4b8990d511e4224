package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tocsin"
	"tocsin/deliver"
	"tocsin/engine"
	"tocsin/intake"
	"tocsin/internal/auth"
	"tocsin/internal/auth/pace"
	"tocsin/internal/auth/refusals"
	"tocsin/internal/channel/inperson"
	"tocsin/internal/clocktest"
	"tocsin/internal/web"
	"tocsin/ledger"
	"tocsin/ledger/memory"
	"tocsin/packs"
	"tocsin/release"
)

// counted names things case-1, case-2, and by their basis where there is one.
type counted struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *counted) New(kind, basis string) string {
	if basis != "" {
		sum := sha256.Sum256([]byte(kind + "\x00" + basis))
		return kind + "-" + hex.EncodeToString(sum[:8])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[kind]++
	return fmt.Sprintf("%s-%d", kind, c.n[kind])
}

// post is a mail channel that takes everything.
type post struct {
	mu    sync.Mutex
	clock *clocktest.Clock
	taken []release.Message
}

func (p *post) Name() string { return "smtp" }

func (p *post) Send(_ context.Context, m release.Message) (tocsin.Receipt, error) {
	if err := deliver.Admit(m, p.Name()); err != nil {
		return tocsin.Receipt{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken = append(p.taken, m)
	return tocsin.Receipt{State: "sent", At: p.clock.Now(), Body: m.Body(), Channel: p.Name()}, nil
}

// logged collects the log.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// house is a whole installation behind HTTP, with a clock of its own.
type house struct {
	t      testing.TB
	clock  *clocktest.Clock
	store  ledger.Store
	engine *engine.Engine
	users  *auth.Users
	api    http.Handler
	server *httptest.Server
	post   *post
	log    *logged
	tokens map[string]string
}

type setup struct {
	store  ledger.Store
	limits web.Limits
	intake intake.Limits
	pace   *pace.Limiter
	real   bool // the machine's own clock
}

// staff are the people of the house. Two hold each role that needs two.
var staff = []auth.User{
	{ID: "ines", Name: "Ines Intake", Roles: []tocsin.Role{tocsin.IntakeOfficer}},
	{ID: "anna", Name: "Anna Analyst", Roles: []tocsin.Role{tocsin.Analyst}},
	{ID: "dora", Name: "Dora Duty", Roles: []tocsin.Role{tocsin.DutyOfficer}},
	{ID: "sven", Name: "Sven Senior", Roles: []tocsin.Role{tocsin.SeniorOfficer}},
	{ID: "lena", Name: "Lena Liaison", Roles: []tocsin.Role{tocsin.OriginatorLiaison}},
	{ID: "rolf", Name: "Rolf Release", Roles: []tocsin.Role{tocsin.ReleaseOfficer}},
	{ID: "dele", Name: "Dele Deliverer", Roles: []tocsin.Role{tocsin.Deliverer}},
	{ID: "rita", Name: "Rita Reviewer", Roles: []tocsin.Role{tocsin.Reviewer}},
	{ID: "rudi", Name: "Rudi Reviewer", Roles: []tocsin.Role{tocsin.Reviewer}},
	{ID: "ivan", Name: "Ivan Inspector", Roles: []tocsin.Role{tocsin.Inspector}},
	{ID: "adam", Name: "Adam Administrator", Roles: []tocsin.Role{tocsin.Administrator}},
	{ID: "rosa", Name: "Rosa Reporter", Roles: []tocsin.Role{tocsin.Reporter}},
	{ID: "remo", Name: "Remo Reporter", Roles: []tocsin.Role{tocsin.Reporter}},
	{ID: "town.system", Name: "The town's system", Roles: []tocsin.Role{tocsin.RecipientRole}, Recipient: "town"},
	{ID: "other.system", Name: "Another system", Roles: []tocsin.Role{tocsin.RecipientRole}, Recipient: "other"},
}

func open(t testing.TB, s setup) *house {
	t.Helper()
	if s.store == nil {
		s.store = memory.Open()
	}
	h := &house{t: t, store: s.store, clock: clocktest.At(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)), log: &logged{}, tokens: map[string]string{}}
	h.post = &post{clock: h.clock}
	log := slogTo(h.log)
	var clock engine.Clock = h.clock
	if s.real {
		clock = engine.SystemClock{}
	}
	var err error
	if h.users, err = auth.Open(t.Context(), s.store, clock); err != nil {
		t.Fatal(err)
	}
	channels, err := deliver.NewSet(h.post, inperson.New(h.clock.Now))
	if err != nil {
		t.Fatal(err)
	}
	h.engine, err = engine.New(t.Context(), engine.Config{Store: s.store, Packs: packs.FS(), Default: "icd-191", Clock: clock, IDs: &counted{n: map[string]int{}},
		Channels: channels, Limits: s.intake, People: h.users.Find, Log: log}, "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range staff {
		if h.tokens[string(u.ID)], err = h.users.Add(t.Context(), auth.Local, u); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.engine.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.api = web.New(web.Config{Engine: h.engine, Users: h.users, Store: s.store, Packs: []string{"icd-191"}, Version: "test", Limits: s.limits, Log: log, Refusals: refusals.New(log), Pace: s.pace})
	h.server = httptest.NewUnstartedServer(h.api)
	h.server.Config = web.Server(h.api)
	h.server.Config.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelError)
	h.server.Start()
	t.Cleanup(func() {
		h.api.(interface{ Drain() }).Drain()
		h.server.Close()
	})
	return h
}

type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// send makes a request as somebody; as "" it carries no token. body may be nil,
// bytes, a reader, or anything that marshals. more are header names and values.
func (h *house) send(as, method, path string, body any, more ...string) reply {
	h.t.Helper()
	var r io.Reader
	media := ""
	switch b := body.(type) {
	case nil:
	case []byte:
		r = bytes.NewReader(b)
	case io.Reader:
		r = b
	default:
		enc, err := json.Marshal(b)
		if err != nil {
			h.t.Fatal(err)
		}
		r, media = bytes.NewReader(enc), "application/json"
	}
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.server.URL+path, r)
	if err != nil {
		h.t.Fatal(err)
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	if as != "" {
		req.Header.Set("Authorization", "Bearer "+h.tokens[as])
	}
	for i := 0; i < len(more); i += 2 {
		req.Header.Set(more[i], more[i+1])
	}
	res, err := h.server.Client().Do(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	return reply{h.t, res.StatusCode, res.Header, b}
}

func (r reply) want(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

func into[T any](r reply) T {
	r.t.Helper()
	var v T
	if err := json.Unmarshal(r.body, &v); err != nil {
		r.t.Fatalf("%v in %s", err, r.body)
	}
	return v
}

// wantProblem requires a whole RFC 9457 problem of that status and code.
func (r reply) wantProblem(status int, code string) web.Problem {
	r.t.Helper()
	p := r.wantAnyProblem()
	if r.status != status || p.Code != code {
		r.t.Fatalf("status %d, code %q; want %d, %q: %s", r.status, p.Code, status, code, r.body)
	}
	return p
}

func (r reply) wantAnyProblem() web.Problem {
	r.t.Helper()
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Fatalf("status %d comes as %q: %s", r.status, got, r.body)
	}
	p := into[web.Problem](r)
	if p.Status != r.status || p.Title == "" || p.Detail == "" || p.Do == "" || p.Type != "urn:tocsin:problem:"+p.Code || p.Code == "" {
		r.t.Fatalf("the problem is not whole: %s", r.body)
	}
	return p
}

const reportText = "Two men will attack the Friday market in the town with a bomb. CANARY-REPORT"

func (h *house) report(as, text string) web.Received {
	h.t.Helper()
	return into[web.Received](h.send(as, "POST", "/v1/reports?origin=ORCHID&marking=UNCLASSIFIED", []byte(text), "Content-Type", "text/plain").want(http.StatusCreated))
}

// case with a threat and a victim, opened by dora.
func (h *house) opened() tocsin.CaseID {
	h.t.Helper()
	rep := h.report("ines", reportText)
	a := into[web.Answer](h.send("dora", "POST", "/v1/cases", map[string]any{"title": "Market CANARY-TITLE", "reports": []any{rep.ID}}).want(http.StatusCreated))
	h.command("anna", a.Case, "state-threat", map[string]any{"threat": map[string]any{"harm": "killing", "actor": map[string]any{"text": "two men CANARY-THREAT"},
		"target": map[string]any{"text": "the Friday market"}, "window": map[string]any{"earliest": "2026-03-06T06:00:00Z", "latest": "2026-03-06T18:00:00Z"}}})
	h.command("anna", a.Case, "add-victim", map[string]any{"victim": map[string]any{"id": "v1", "kind": "class", "name": "People at the market CANARY-VICTIM", "identity": "class_only", "jurisdiction": "FR"}})
	return a.Case
}

func (h *house) command(as string, id tocsin.CaseID, op string, body any, more ...string) web.Answer {
	h.t.Helper()
	return into[web.Answer](h.send(as, "POST", "/v1/cases/"+string(id)+"/"+op, body, more...).want(http.StatusOK))
}

func findings(value string) []map[string]any {
	var out []map[string]any
	for _, e := range []string{"credible", "specific", "impending", "harm", "directed"} {
		v := "met"
		if e == "credible" {
			v = value
		}
		out = append(out, map[string]any{"element": e, "value": v, "reason": "CANARY-FINDING on " + e})
	}
	return out
}

var town = map[string]any{"id": "town", "name": "The town", "kind": "protector", "languages": []any{"en"}, "ladder": []any{
	map[string]any{"channel": "smtp", "address": "desk@town.example", "addressee": "duty desk", "level": 1},
	map[string]any{"channel": "in_person", "address": "town hall", "addressee": "the mayor", "level": 2}}}

func fact(item, words string) map[string]any {
	return map[string]any{"item": item, "values": map[string]any{"en": words}, "releasable": true}
}

func draft(more map[string]any) map[string]any {
	d := map[string]any{"kind": "protector", "victims": []any{"v1"}, "recipients": []any{"town"}, "marking": "UNCLASSIFIED",
		"window": map[string]any{"earliest": "2026-03-04T12:00:00Z", "latest": "2026-03-07T00:00:00Z"},
		"facts": []any{fact("harm", "An attack that could kill many people."), fact("when", "On Friday 6 March 2026, by day."), fact("where", "At the weekly market."),
			fact("do_now", "Close the market or search those who enter."), fact("contact", "The watch, at any hour, on extension 1."),
			fact("authorities", "We will pass on whatever else we learn.")}}
	for k, v := range more {
		d[k] = v
	}
	return d
}

// released walks a case to the first warning that has been sent to the town.
func (h *house) released() tocsin.CaseID {
	h.t.Helper()
	id := h.opened()
	h.command("anna", id, "record-findings", map[string]any{"victim": "v1", "findings": findings("met")})
	h.send("rolf", "PUT", "/v1/recipients/town", town).want(http.StatusOK)
	a := into[web.Answer](h.send("anna", "POST", "/v1/cases/"+string(id)+"/warnings", draft(nil)).want(http.StatusCreated))
	h.approve(id, "w1", a)
	if a = h.command("rolf", id, "warnings/w1/release", nil); a.Released == nil || !*a.Released {
		h.t.Fatalf("the guard refuses: %+v", a.Findings)
	}
	h.settle()
	return id
}

// approve approves the draft in a as sven.
func (h *house) approve(id tocsin.CaseID, w string, a web.Answer) {
	h.t.Helper()
	var digest string
	for _, e := range a.Events {
		if e.Kind == "warning_drafted" {
			if err := json.Unmarshal(e.Data["digest"], &digest); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	h.command("sven", id, "approve-warning", map[string]any{"warning": w, "digest": digest})
}

func (h *house) settle() {
	h.t.Helper()
	if err := h.engine.Settle(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) waiting(as string) []web.Delivery {
	h.t.Helper()
	return into[struct{ Items []web.Delivery }](h.send(as, "GET", "/v1/deliveries", nil).want(http.StatusOK)).Items
}

func (h *house) caseView(as string, id tocsin.CaseID, query string) web.CaseView {
	h.t.Helper()
	return into[web.CaseView](h.send(as, "GET", "/v1/cases/"+string(id)+query, nil).want(http.StatusOK))
}

// size is how many records there are.
func (h *house) size() int64 {
	h.t.Helper()
	n, err := h.store.Log().Size(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func kinds(events []web.Event) string {
	var out []string
	for _, e := range events {
		out = append(out, e.Kind)
	}
	return strings.Join(out, " ")
}

// checkpointed signs the record as it stands.
func (h *house) checkpointed() []byte {
	h.t.Helper()
	skey, _, err := ledger.NewKey("watch.example/record", rand.Reader)
	if err != nil {
		h.t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		h.t.Fatal(err)
	}
	n := h.size()
	root, err := ledger.Root(h.t.Context(), h.store.Log(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	signed, err := ledger.SignCheckpoint("watch.example/record", n, root, signer)
	if err == nil {
		err = h.store.Log().PutCheckpoint(h.t.Context(), n, signed)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return signed
}

func slogTo(l *logged) *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }
