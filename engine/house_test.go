package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/deliver"
	"tocsin/engine"
	"tocsin/intake"
	"tocsin/ledger"
	"tocsin/ledger/memory"
	"tocsin/packs"
	"tocsin/release"
	"tocsin/verify"
	"tocsin/view"
)

// The people of these tests.
var (
	gate = tocsin.Actor{ID: "gate", Name: "Gate", Roles: []tocsin.Role{tocsin.Reporter}}
	anna = tocsin.Actor{ID: "anna", Name: "Anna", Roles: []tocsin.Role{tocsin.Analyst}}
	dan  = tocsin.Actor{ID: "dan", Name: "Dan", Roles: []tocsin.Role{tocsin.DutyOfficer}}
	sofi = tocsin.Actor{ID: "sofi", Name: "Sofi", Roles: []tocsin.Role{tocsin.SeniorOfficer}}
	rui  = tocsin.Actor{ID: "rui", Name: "Rui", Roles: []tocsin.Role{tocsin.ReleaseOfficer}}
	paul = tocsin.Actor{ID: "paul", Name: "Paul", Roles: []tocsin.Role{tocsin.Deliverer}}
)

func people(id tocsin.ActorID) (tocsin.Actor, bool) {
	for _, a := range []tocsin.Actor{gate, anna, dan, sofi, rui, paul} {
		if a.ID == id {
			return a, true
		}
	}
	return tocsin.Actor{}, false
}

const lease = time.Minute

var begin = time.Date(2026, time.March, 4, 5, 0, 0, 0, time.UTC)

// hand is a clock that moves only when it is told to, also back.
type hand struct{ now atomic.Int64 }

func clockAt(t time.Time) *hand {
	h := &hand{}
	h.set(t)
	return h
}

func (h *hand) Now() time.Time       { return time.UnixMicro(h.now.Load()) }
func (h *hand) set(t time.Time)      { h.now.Store(t.UnixMicro()) }
func (h *hand) pass(d time.Duration) { h.now.Add(d.Microseconds()) }

// numbers names things case-1, command-2 and so on, over all engines of a test.
type numbers struct{ n atomic.Int64 }

func (n *numbers) New(kind, _ string) string { return fmt.Sprintf("%s-%d", kind, n.n.Add(1)) }

// sent is one message that a channel was given.
type sent struct {
	key       tocsin.DeliveryKey
	recipient tocsin.RecipientID
	address   string
	words     tocsin.Digest
}

// line is a channel that does what a script says and remembers what it was given.
type line struct {
	name string
	does func(ctx context.Context, m release.Message, try int) (tocsin.Receipt, error) // nil: takes everything

	mu  sync.Mutex
	all []sent
}

func (l *line) Name() string { return l.name }

func (l *line) Send(ctx context.Context, m release.Message) (tocsin.Receipt, error) {
	l.mu.Lock()
	l.all = append(l.all, sent{m.Key(), m.Recipient().ID, m.Rung().Address, m.Body()})
	try := 0
	for _, s := range l.all {
		if s.key == m.Key() {
			try++
		}
	}
	l.mu.Unlock()
	if l.does != nil {
		return l.does(ctx, m, try)
	}
	return taken(m), nil
}

func (l *line) sends() []sent {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.all)
}

func taken(m release.Message) tocsin.Receipt {
	return tocsin.Receipt{State: "sent", Body: m.Body(), Channel: m.Rung().Channel}
}

// house is an organisation: a store, a clock, two lines out, and an engine.
type house struct {
	t     testing.TB
	store ledger.Store
	clock engine.Clock
	hand  *hand // the same clock, if it is moved by hand
	ids   *numbers
	post  *line // "smtp"
	hook  *line // "webhook"
	log   *safeBuffer
	cfg   engine.Config
	packs *engine.Engine // has the packs loaded that every engine of the house uses
	*engine.Engine
}

// safeBuffer collects the log of an engine with several goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// builtIn is an engine with the built-in packs.
var builtIn = sync.OnceValue(func() *engine.Engine { return withPacks(packs.FS()) })

func withPacks(fsys fs.FS) *engine.Engine {
	e, err := engine.New(context.Background(), engine.Config{Store: memory.Open(), Packs: fsys, Default: "icd-191", Clock: clockAt(begin), IDs: &numbers{}}, "icd-191")
	if err != nil {
		panic(err)
	}
	return e
}

func open(t testing.TB, change ...func(*house)) *house {
	t.Helper()
	c := clockAt(begin)
	h := &house{t: t, store: memory.Open(), clock: c, hand: c, ids: &numbers{}, post: &line{name: "smtp"}, hook: &line{name: "webhook"}, log: &safeBuffer{}, packs: builtIn()}
	h.cfg = engine.Config{Default: "icd-191", People: people, Worker: "w1", Lease: lease}
	for _, f := range change {
		f(h)
	}
	h.restart()
	return h
}

// restart gives the house a new engine on the same store, as after a crash.
func (h *house) restart() {
	h.t.Helper()
	h.Engine = h.second(h.cfg.Worker)
}

// second is another engine on the same store: another process.
func (h *house) second(worker string) *engine.Engine {
	h.t.Helper()
	cfg := h.cfg
	cfg.Store, cfg.Clock, cfg.IDs, cfg.Worker = h.store, h.clock, h.ids, worker
	cfg.Log = slog.New(slog.NewTextHandler(h.log, nil))
	var err error
	if cfg.Channels == nil {
		if cfg.Channels, err = deliver.NewSet(h.post, h.hook); err != nil {
			h.t.Fatal(err)
		}
	}
	e, err := engine.Again(h.t.Context(), cfg, h.packs)
	if err != nil {
		h.t.Fatal(err)
	}
	return e
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (h *house) settle() {
	h.t.Helper()
	if err := h.Settle(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) do(by tocsin.Actor, id tocsin.CaseID, c casefile.Command) engine.Result {
	h.t.Helper()
	return must(h.Do(h.t.Context(), by, id, c, engine.Options{}))(h.t)
}

func (h *house) state(id tocsin.CaseID) casefile.State {
	h.t.Helper()
	return must(h.Case(id))(h.t)
}

// events are those of a case, as the store has them.
func (h *house) events(id tocsin.CaseID) []casefile.Event {
	h.t.Helper()
	var out []casefile.Event
	for r, err := range h.store.Load(h.t.Context(), view.CasePrefix+string(id)) {
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, must(view.Event(r))(h.t))
	}
	return out
}

func of[E casefile.Event](all []casefile.Event) []E {
	var out []E
	for _, e := range all {
		if x, ok := e.(E); ok {
			out = append(out, x)
		}
	}
	return out
}

// proved demands that the record verifies, with the index as it is shown and the
// due work as it is queued.
func (h *house) proved() {
	h.t.Helper()
	h.Read(func(x *view.Index) {
		r, err := verify.Ledger(h.t.Context(), h.store, nil, x)
		if err != nil || !r.Verified {
			h.t.Errorf("the record does not verify: %v %v", r.Faults, err)
		}
	})
}

// consul takes messages over the hook first, over the post if nobody answers.
var consul = tocsin.Recipient{ID: "consul", Name: "Consular network", Kind: tocsin.PublicWarning, Languages: []string{"en"}, Ladder: []tocsin.Rung{
	{Channel: "webhook", Address: "consular-desk", Addressee: "duty consul", Level: 1},
	{Channel: "smtp", Address: "head@consulate.example", Addressee: "head of the consular section", Level: 2}}}

// mayor is reached by post only.
var mayor = tocsin.Recipient{ID: "mayor", Name: "Town hall", Kind: tocsin.PublicWarning, Languages: []string{"en"}, Ladder: []tocsin.Rung{
	{Channel: "smtp", Address: "night@town.example", Addressee: "night desk", Level: 1},
	{Channel: "webhook", Address: "town-hall", Addressee: "mayor", Level: 2}}}

func submission(text string) engine.Submission {
	return engine.Submission{Media: "text/plain", Bytes: []byte(text), Declared: intake.Declared{Origin: "caller-7", Conveyor: "switchboard"}}
}

const rumour = "Two men have received explosives and will attack the Friday market in Qasr on 6 March.\n"

// threat is the one of all these tests.
var threat = casefile.StateThreat{Threat: tocsin.Threat{Harm: tocsin.Harms()[0], Actor: tocsin.Claim{Text: "two men"},
	Window: tocsin.Window{Earliest: begin.Add(48 * time.Hour), Latest: begin.Add(54 * time.Hour)}}}

var crowd = casefile.AddVictim{Victim: tocsin.Victim{ID: "v1", Name: "People at the market", Kind: "class", Identity: "class_only", Place: "Qasr"}}

func findings(v tocsin.VictimID) casefile.RecordFindings {
	c := casefile.RecordFindings{Victim: v}
	for _, e := range []string{"credible", "specific", "impending", "harm", "directed"} {
		c.Findings = append(c.Findings, tocsin.Finding{Element: e, Value: tocsin.Met, Reason: "the caller was there"})
	}
	return c
}

func wording(to ...tocsin.RecipientID) engine.DraftRequest {
	r := engine.DraftRequest{Kind: tocsin.PublicWarning, Victims: []tocsin.VictimID{"v1"}, Recipients: to, Marking: "UNCLASSIFIED",
		Window: tocsin.Window{Earliest: begin, Latest: begin.Add(72 * time.Hour)}}
	for item, words := range map[string]string{"harm": "A possible attack.", "when": "On Friday.", "where": "The market.", "affected": "Everybody there.",
		"do_now": "Stay away.", "contact": "The duty desk, at any hour.", "authorities": "The police are informed."} {
		r.Facts = append(r.Facts, tocsin.Fact{Item: item, Values: map[string]string{"en": words}, Releasable: true})
	}
	slices.SortFunc(r.Facts, func(a, b tocsin.Fact) int { return bytes.Compare([]byte(a.Item), []byte(b.Item)) })
	return r
}

// owed opens a case in which a warning is owed to v1, and enters the recipients.
func (h *house) owed(text string, to ...tocsin.Recipient) tocsin.CaseID {
	h.t.Helper()
	ctx := h.t.Context()
	rep := must(h.Receive(ctx, gate, submission(text), engine.Options{}))(h.t).Report
	for _, r := range to {
		if _, err := h.SetRecipient(ctx, dan, r); err != nil {
			h.t.Fatal(err)
		}
	}
	id := must(h.Open(ctx, dan, "The market", "", []tocsin.ReportID{rep.ID}, engine.Options{}))(h.t).State.ID
	h.do(anna, id, threat)
	h.do(anna, id, crowd)
	h.do(anna, id, findings("v1"))
	return id
}

// approved drafts a warning to the recipients and has it approved.
func (h *house) approved(id tocsin.CaseID, r engine.DraftRequest) tocsin.WarningID {
	h.t.Helper()
	res := must(h.Draft(h.t.Context(), anna, id, r, engine.Options{}))(h.t)
	w := res.State.Warnings[len(res.State.Warnings)-1]
	h.do(rui, id, casefile.ApproveWarning{Warning: w.ID, Digest: w.Digest})
	return w.ID
}

// release releases it; nothing is sent yet.
func (h *house) release(id tocsin.CaseID, w tocsin.WarningID) {
	h.t.Helper()
	res := must(h.Release(h.t.Context(), rui, id, w, engine.Options{}))(h.t)
	if got, _ := res.State.Warning(w); got.Clearance == nil {
		h.t.Fatalf("the guard refuses: %v", got.Refused)
	}
}

// warned is owed, approved and released.
func (h *house) warned(to ...tocsin.Recipient) tocsin.CaseID {
	h.t.Helper()
	id := h.owed(rumour, to...)
	h.release(id, h.approved(id, wording(ids(to)...)))
	return id
}

func ids(to []tocsin.Recipient) []tocsin.RecipientID {
	var out []tocsin.RecipientID
	for _, r := range to {
		out = append(out, r.ID)
	}
	return out
}

// deliveries are the states of a case's deliveries, in the order of planning.
func deliveries(s casefile.State) []string {
	var out []string
	for _, d := range s.Deliveries {
		out = append(out, fmt.Sprintf("%s/%s/%d %s", d.Warning, d.Recipient, d.Rung+1, d.State))
	}
	return out
}

func wantDeliveries(t testing.TB, s casefile.State, want ...string) {
	t.Helper()
	if got := deliveries(s); !slices.Equal(got, want) {
		t.Errorf("the deliveries are %v, want %v", got, want)
	}
}
