package web

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tocsin/engine"
	"tocsin/internal/auth"
	"tocsin/internal/auth/pace"
	"tocsin/internal/auth/refusals"
	"tocsin/ledger"
)

// Limits bounds what a request may be. A field of zero takes its default.
type Limits struct {
	Report int           // bytes of a report, at most and by default ledger.MaxBlob; what intake will not read of it goes to quarantine
	Body   int           // bytes of any other body; default 1 MiB
	Large  int           // reports over 1 MiB that are taken in at the same time; default 4
	Wait   time.Duration // of such a report for its turn; default 30 s
	Read   time.Duration // for a whole body to arrive; default 2 minutes
	Beat   time.Duration // between comments on a silent event stream; default 15 s
}

func (l Limits) filled() Limits {
	if l.Report <= 0 || l.Report > ledger.MaxBlob {
		l.Report = ledger.MaxBlob
	}
	if l.Body <= 0 {
		l.Body = 1 << 20
	}
	if l.Large <= 0 {
		l.Large = 4
	}
	if l.Wait <= 0 {
		l.Wait = 30 * time.Second
	}
	if l.Read <= 0 {
		l.Read = 2 * time.Minute
	}
	if l.Beat <= 0 {
		l.Beat = 15 * time.Second
	}
	return l
}

// Config is what the interface is built from. Engine, Users and Store are required.
type Config struct {
	Engine  *engine.Engine
	Users   *auth.Users
	Store   ledger.Store
	Packs   []string // names of the packs that the engine has loaded; the default pack if empty
	Version string   // of this program
	Limits  Limits

	Exercise bool // nothing is real, and every script to take along says so

	Log *slog.Logger // never holds case content

	Pace     *pace.Limiter              // of requests; nil: there is no limit
	Refusals *refusals.Log              // of tokens that are not good and roles that are wanting; nil: they are not written
	Address  func(*http.Request) string // where a request comes from; by default the other end of the connection
}

// API is the HTTP interface. It is an http.Handler.
type API struct {
	cfg     Config
	mux     *http.ServeMux
	huma    huma.API
	handler http.Handler
	tail    *tail
	large   chan struct{} // a slot for each large body that is being taken in

	drained   chan struct{} // closed by Drain
	drainOnce sync.Once
}

// New builds the interface.
func New(cfg Config) http.Handler {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Address == nil {
		cfg.Address = farEnd
	}
	cfg.Limits = cfg.Limits.filled()
	a := &API{cfg: cfg, mux: http.NewServeMux(), tail: newTail(cfg.Store), large: make(chan struct{}, cfg.Limits.Large), drained: make(chan struct{})}
	a.huma = humago.New(a.mux, a.humaConfig())
	a.reports()
	a.flags()
	a.asides()
	a.cases()
	a.commands()
	a.warnings()
	a.deliveries()
	a.directory()
	a.places()
	a.packs()
	a.oversight()
	a.search()
	a.users()
	a.record()
	a.stream()
	a.description()
	a.mux.HandleFunc("/", a.elsewhere)
	a.handler = a.guarded(a.mux)
	return a
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Drain ends the event streams, and all that are asked for later, so that a
// server that is shutting down does not wait for them.
func (a *API) Drain() { a.drainOnce.Do(func() { close(a.drained) }) }

// Server is an http.Server for h with limits on how long a client may take. It
// drains h when it is shut down. Event streams set their own deadlines.
func Server(h http.Handler) *http.Server {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       5 * time.Minute,
		WriteTimeout:      5 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	if d, ok := h.(interface{ Drain() }); ok {
		s.RegisterOnShutdown(d.Drain)
	}
	return s
}

const bearer = "bearer" // name of the security scheme in the description

func (a *API) humaConfig() huma.Config {
	c := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "Tocsin", Version: a.cfg.Version, License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
				Description: "The duty to warn, from raw report to acknowledged warning. Every error is an RFC 9457 problem whose members " +
					"code, kept and do say what happened, what was kept and what to do."},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{bearer: {Type: "http", Scheme: "bearer",
					Description: "A token made by an administrator, or by tocsin user add."}},
			},
			Tags: tags,
		},
		Formats:       map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{a.recast},
	}
	c.RejectUnknownQueryParameters = true // a misspelt declaration would otherwise be lost without a word
	return c
}

// description serves the finished OpenAPI description. The library would make it
// at the first request, which two first requests may do at the same time.
func (a *API) description() {
	doc := a.huma.OpenAPI()
	finishSchemas(doc.Components.Schemas)
	asJSON, err := json.Marshal(doc)
	if err == nil {
		var asYAML []byte
		if asYAML, err = doc.YAML(); err == nil {
			a.serveBytes("/v1/openapi.json", "application/openapi+json", asJSON)
			a.serveBytes("/v1/openapi.yaml", "application/openapi+yaml", asYAML)
			return
		}
	}
	panic(fmt.Sprintf("web: the description is made of types that marshal: %v", err))
}

func (a *API) serveBytes(path, media string, b []byte) {
	a.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		_, _ = w.Write(b) // a client that has gone needs no answer
	})
}
