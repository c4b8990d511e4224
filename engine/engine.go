// Package engine walks a case: load, ask what is owed, run that stage, decide,
// append, repeat. It owns the clock and the identifiers, and is the only place
// where stages, casefile and ledger meet.
//
// Start with New, then Do for every command on a case. Receive takes reports in,
// Draft and Release run the stages around a warning, Run (or, in scenarios,
// Settle) does what falls due. An Engine keeps nothing that it could not fold
// again from the ledger.
//
// What it promises: an answer without an error means that the events are on the
// disk; intent is recorded before anything is sent and the outcome after; a crash
// at any point leaves due work that the next Run takes up under the same keys.
package engine

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/mod/sumdb/note"

	"tocsin"
	"tocsin/casefile"
	"tocsin/compose"
	"tocsin/deliver"
	"tocsin/intake"
	"tocsin/ledger"
	"tocsin/paging"
	"tocsin/policy"
	"tocsin/release"
	"tocsin/view"
)

// Clock tells the time. It is read once for each command.
type Clock interface{ Now() time.Time }

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now implements Clock.
func (SystemClock) Now() time.Time { return time.Now() }

// IDs names new things.
type IDs interface {
	// New returns an identifier, valid by tocsin.ValidID. kind is "case",
	// "report", "item", "page", "proposal" or "command". basis identifies the request: an
	// implementation that must give the same name to the same request after a
	// restart derives the name from it; it is empty for a request without an
	// idempotency key.
	New(kind, basis string) string
}

// Config is what an Engine is built from. Store, Packs and Clock are required.
type Config struct {
	Store    ledger.Store
	Packs    fs.FS  // policy packs; see package packs
	Default  string // pack of a case opened without naming one
	Clock    Clock
	IDs      IDs
	Channels deliver.Set             // by Rung.Channel
	Address  func(tocsin.Rung) error // Invalid, if nothing can be sent to a rung's address as it is written; nil: nobody looks
	Pagers   paging.Set              // by paging.Rung.Channel
	OnCall   *paging.Plan            // who is paged, and when; nil: nobody
	Limits   intake.Limits
	People   func(tocsin.ActorID) (tocsin.Actor, bool) // accounts, for the guard
	Worker   string                                    // names this process in leases
	Lease    time.Duration                             // how long one attempt to send may take; default 60 s
	Parallel int                                       // messages of one case sent at once; default 16
	Signer   note.Signer                               // signs checkpoints; nil: none are made
	Origin   string                                    // checkpoint origin line
	Salts    io.Reader                                 // default crypto/rand
	Log      *slog.Logger                              // talk for the operator; never holds case content
}

// Engine runs cases. It is safe for concurrent use.
type Engine struct {
	cfg   Config
	packs map[string]loaded

	mu    sync.RWMutex // guards index and wake
	index *view.Index
	wake  chan struct{} // closed and replaced when the index moves on

	desksMu  sync.Mutex
	desks    map[tocsin.CaseID]*desk
	unpacked sync.Map // cases of which it was said that their pack is not loaded
	watch    onCall
	readied  *lru.Cache[readied, *release.Prepared] // what the guard was last made ready with
}

// readied names a warning for which the guard was made ready.
type readied struct {
	in      tocsin.CaseID
	warning tocsin.WarningID
}

// readiedAtMost bounds the memory of what is made ready: some 17 MB for a case of 200
// long reports, and a tenth of that for most.
const readiedAtMost = 32

type loaded struct {
	policy  *policy.Pack
	texts   *compose.Texts
	lexicon *release.Scanner // words of the pack that betray how something is known
}

func (l loaded) terms() tocsin.Terms {
	if l.policy == nil {
		return tocsin.Terms{}
	}
	return l.policy.Terms()
}

// filled gives what was left out its default.
func (cfg Config) filled() Config {
	if cfg.Lease == 0 {
		cfg.Lease = time.Minute
	}
	if cfg.Parallel == 0 {
		cfg.Parallel = 16
	}
	if cfg.Salts == nil {
		cfg.Salts = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Worker == "" {
		cfg.Worker = "tocsin"
	}
	if cfg.Limits == (intake.Limits{}) {
		cfg.Limits = intake.DefaultLimits()
	}
	return cfg
}

// New loads the packs and folds the ledger. It refuses to start on a pack that
// does not load or a record that does not fold.
func New(ctx context.Context, cfg Config, packs ...string) (*Engine, error) {
	all := map[string]loaded{}
	for _, name := range packs {
		p, err := policy.Load(cfg.Packs, name)
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
		t, err := compose.Load(cfg.Packs, name)
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
		all[name] = loaded{p, t, lexicon(p)}
	}
	if _, ok := all[cfg.Default]; !ok {
		return nil, fmt.Errorf("the default pack %q is not among %v", cfg.Default, packs)
	}
	return start(ctx, cfg, all)
}

func start(ctx context.Context, cfg Config, packs map[string]loaded) (*Engine, error) {
	ready, err := lru.New[readied, *release.Prepared](readiedAtMost)
	if err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg.filled(), packs: packs, index: view.New(), desks: map[tocsin.CaseID]*desk{}, wake: make(chan struct{}), readied: ready}
	return e, e.Follow(ctx)
}

func lexicon(p *policy.Pack) *release.Scanner {
	var terms []release.Term
	for _, language := range p.Languages() {
		for _, w := range p.CollectionWords(language) {
			terms = append(terms, release.Term{Text: w, Kind: "collection", Why: "says how something is known"})
		}
	}
	return release.NewScanner(terms)
}

// Pack returns a loaded pack by name; the empty name is the default.
func (e *Engine) Pack(name string) (*policy.Pack, error) {
	p, err := e.pack(name)
	return p.policy, err
}

func (e *Engine) pack(name string) (loaded, error) {
	if name == "" {
		name = e.cfg.Default
	}
	p, ok := e.packs[name]
	if !ok {
		return loaded{}, tocsin.Faultf(tocsin.NotFound, "pack", "See policy list for those that are.", "No policy pack %q is loaded.", name)
	}
	return p, nil
}

// edition returns a loaded pack if it is exactly the one named.
func (e *Engine) edition(ref tocsin.PackRef) (loaded, bool) {
	p, ok := e.packs[ref.Name]
	return p, ok && p.policy.Ref() == ref
}

// inForce returns a loaded pack, unless its law is known to have ended.
func (e *Engine) inForce(name string) (loaded, error) {
	p, err := e.pack(name)
	if err == nil && p.policy.Repealed(e.now()) {
		in := p.policy.LawInForce()
		return loaded{}, tocsin.Faultf(tocsin.Refused, "repealed", "Use the pack of the law that is in force; see policy list.",
			"The law behind pack %s ended on %s (%s).", p.policy.Ref().Name, in.Until, in.Clause).Keeping("Nothing was recorded; reports stay where they are.")
	}
	return p, err
}

// Editions lists those packs of a case that are loaded in another edition than the
// case stands under. A senior officer can adopt that edition.
func (e *Engine) Editions(s casefile.State) []tocsin.PackRef {
	var other []tocsin.PackRef
	for _, t := range s.Packs() {
		if p, ok := e.packs[t.Pack.Name]; ok && p.policy.Ref() != t.Pack {
			other = append(other, p.policy.Ref())
		}
	}
	return other
}

func (e *Engine) now() time.Time { return tocsin.Instant(e.cfg.Clock.Now()) }

// Follow folds what the ledger has beyond the index: what another process has
// written, or everything at the start.
func (e *Engine) Follow(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	moved := false
	for r, err := range e.cfg.Store.Since(ctx, e.index.Position) {
		if err != nil {
			return err
		}
		if err := e.index.Fold(r); err != nil {
			return err
		}
		e.index.Position = r.Position + 1
		moved = true
	}
	if moved {
		e.moved()
	}
	return nil
}

// moved must be called with mu held.
func (e *Engine) moved() {
	close(e.wake)
	e.wake = make(chan struct{})
}

// advance folds what this engine has just written up to position last, without
// reading it back, if nobody else wrote in between; else it follows.
func (e *Engine) advance(ctx context.Context, b ledger.Batch, last int64) error {
	e.mu.Lock()
	if e.index.Position != last-int64(len(b.Records))+1 {
		e.mu.Unlock()
		return e.Follow(ctx)
	}
	defer e.mu.Unlock()
	for i, r := range b.Records {
		r.Stream, r.Seq, r.Position = b.Stream, b.After+1+i, e.index.Position
		if err := e.index.Fold(r); err != nil {
			return err
		}
		e.index.Position++
	}
	e.moved()
	return nil
}

// Read gives f the index under a read lock. f must not keep what it is given
// beyond values.
func (e *Engine) Read(f func(*view.Index)) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	f(e.index)
}

// Now is the engine's time, for those who compute what is overdue.
func (e *Engine) Now() time.Time { return e.now() }

// Store is the ledger the engine writes to.
func (e *Engine) Store() ledger.Store { return e.cfg.Store }

// Case returns a case as it stands.
func (e *Engine) Case(id tocsin.CaseID) (casefile.State, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	s, ok := e.index.Cases[id]
	if !ok {
		return casefile.State{}, noSuchCase(id)
	}
	return s, nil
}

// CaseAs returns a case as it stands, if by may know of it. The error for a case
// that is sealed from them is that for one that does not exist.
func (e *Engine) CaseAs(by tocsin.Actor, id tocsin.CaseID) (casefile.State, error) {
	s, err := e.Case(id)
	if err == nil && !s.Visible(by) {
		return casefile.State{}, noSuchCase(id)
	}
	return s, err
}

// ReportAs returns a report, if by may know of it: it stands in no case, or in one
// that is not sealed from them.
func (e *Engine) ReportAs(by tocsin.Actor, id tocsin.ReportID) (view.Report, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	r, ok := e.index.As(by).Reports[id]
	if !ok {
		return view.Report{}, noSuchReport(id)
	}
	return *r, nil
}

// ReadAs gives f the index as by may see it, under a read lock. f must not keep
// what it is given beyond values.
func (e *Engine) ReadAs(by tocsin.Actor, f func(*view.Index)) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	f(e.index.As(by))
}

func noSuchCase(id tocsin.CaseID) error {
	return tocsin.Faultf(tocsin.NotFound, "case", "Look at the list of cases.", "There is no case %q that you may see.", id)
}

func noSuchReport(id tocsin.ReportID) error {
	return tocsin.Faultf(tocsin.NotFound, "report", "Look at the list of reports.", "There is no report %q that you may see.", id)
}

// Report returns a report.
func (e *Engine) Report(id tocsin.ReportID) (view.Report, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	r, ok := e.index.Reports[id]
	if !ok {
		return view.Report{}, noSuchReport(id)
	}
	return *r, nil
}

// desk is where work on one case is done within this process. It is there only
// while somebody uses it.
type desk struct {
	sync.Mutex               // held while a command is decided and written
	sending    chan struct{} // one token for each message being sent
	users      int           // guarded by Engine.desksMu
}

func (e *Engine) desk(id tocsin.CaseID) (*desk, func()) {
	e.desksMu.Lock()
	defer e.desksMu.Unlock()
	d := e.desks[id]
	if d == nil {
		d = &desk{sending: make(chan struct{}, e.cfg.Parallel)}
		e.desks[id] = d
	}
	d.users++
	return d, func() {
		e.desksMu.Lock()
		defer e.desksMu.Unlock()
		if d.users--; d.users == 0 {
			delete(e.desks, id)
		}
	}
}

// lock serialises the commands on one case within this process, so that they do
// not race each other into conflicts. Another process is kept off by the
// expected version of the append.
func (e *Engine) lock(id tocsin.CaseID) func() {
	d, leave := e.desk(id)
	d.Lock()
	return func() {
		d.Unlock()
		leave()
	}
}
