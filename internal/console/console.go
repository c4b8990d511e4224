package console

import (
	"cmp"
	"context"
	"errors"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tocsin"
	"tocsin/engine"
	"tocsin/internal/auth"
	"tocsin/internal/auth/pace"
	"tocsin/internal/auth/refusals"
	"tocsin/internal/auth/signin"
	"tocsin/ledger"
	"tocsin/view"
)

// Config is what a console is built from. Engine, Store and either Sessions or
// Users are required.
type Config struct {
	Engine   *engine.Engine
	Store    ledger.Store
	Sessions Sessions                                  // how people sign in; over the tokens of Users if nil
	Users    *auth.Users                               // for the sessions above
	Gate     *signin.Gate                              // where people sign in to their accounts; Sessions is then its, and Users is required
	Exercise bool                                      // nothing here is real, and every page says so
	People   func(tocsin.ActorID) (tocsin.Actor, bool) // names people; Users.Find if nil
	Packs    []string                                  // names of the packs that the engine has loaded; the default pack if empty
	Verifier note.Verifier                             // opens checkpoints; nil: signatures are not looked at
	Upload   int64                                     // bytes of an uploaded report, at most; default 25 MiB
	Fresh    time.Duration                             // how long ago a person may have proved who they are, for the gravest acts; default 12 h with tokens, 15 min with a Gate
	Beat     time.Duration                             // between signs of life to an open page; default 15 s
	Version  string
	Log      *slog.Logger  // never holds case content
	Pace     *pace.Limiter // of requests; nil: there is no limit
	Refusals *refusals.Log // of roles that are wanting and forms from elsewhere; nil: they are not written
}

// Console serves the pages. It is an http.Handler.
type Console struct {
	cfg       Config
	mux       *http.ServeMux
	handler   http.Handler
	templates map[string]*template.Template // by language
	static    assets
	accounts  *Accounts  // nil without a Gate
	envelope  envelope   // of what people search for
	recent    recent     // cases that were looked at last
	boardMu   sync.Mutex // of kept
	kept      view.Board
	verifying sync.Mutex // one proof of the record at a time

	drained   chan struct{}
	drainOnce sync.Once
}

// New builds the console.
func New(cfg Config) *Console {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Upload = cmp.Or(cfg.Upload, 25<<20)
	if cfg.Gate != nil {
		cfg.Fresh = cmp.Or(cfg.Fresh, freshFor)
	}
	cfg.Fresh = cmp.Or(cfg.Fresh, shift)
	cfg.Beat = cmp.Or(cfg.Beat, 15*time.Second)
	c := &Console{cfg: cfg, mux: http.NewServeMux(), static: loadAssets(), drained: make(chan struct{}), envelope: newEnvelope()}
	if c.cfg.People == nil && cfg.Users != nil {
		c.cfg.People = cfg.Users.Find
	}
	if cfg.Gate != nil {
		c.accounts = newAccounts(cfg.Gate, cfg.Users, cfg.Engine.Now)
		c.cfg.Sessions = c.accounts
	}
	if c.cfg.Sessions == nil {
		t := NewTokens(cfg.Users, cfg.Engine.Now)
		c.cfg.Sessions = t
		c.signing(t)
	}
	c.templates = c.loadTemplates()
	c.routes()
	forged := http.NewCrossOriginProtection()
	forged.SetDenyHandler(http.HandlerFunc(c.forged))
	c.handler = c.guarded(forged.Handler(c.mux))
	if c.accounts != nil {
		c.accountRoutes()
		c.handler = c.guarded(c.sameSite(c.mux))
	}
	return c
}

// ServeHTTP implements http.Handler.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }

// Drain ends the open pages' streams, so that a server that is shutting down does
// not wait for them.
func (c *Console) Drain() { c.drainOnce.Do(func() { close(c.drained) }) }

func (c *Console) routes() {
	c.mux.HandleFunc("GET /static/{file}", c.serveStatic)
	c.mux.HandleFunc("POST /preferences", c.preferences)
	c.page("GET /{$}", staffRoles, c.front)
	c.page("GET /wall", caseRoles, c.wall)
	c.page("GET /live", staffRoles, c.live)
	c.page("GET /search", searchRoles, c.found)
	c.page("POST /search", searchRoles, c.seek)
	c.page("GET /views", caseRoles, c.views)
	c.page("POST /views", caseRoles, c.saveView)
	c.page("POST /views/{id}/{do}", caseRoles, c.changeView)
	c.page("GET /cases/{id}", caseRoles, c.casePage)
	c.page("POST /cases/{id}/do/{kind}", caseRoles, c.act)
	c.page("GET /cases/{id}/news", caseRoles, c.news)
	c.page("POST /cases", caseRoles, c.openCase)
	c.page("GET /cases", caseRoles, c.allCases)
	c.page("GET /intake", handInRoles, c.intake)
	c.page("POST /intake", handInRoles, c.handIn)
	c.page("POST /intake/marking", handInRoles, c.readAs)
	c.page("GET /reports", roles(caseRoles, tocsin.Reporter), c.reports)
	c.page("GET /reports/{id}", roles(caseRoles, tocsin.Reporter), c.report)
	c.page("POST /reports/{id}/flag", caseRoles, c.flag)
	c.page("POST /reports/{id}/aside/{kind}", caseRoles, c.turnAside)
	c.page("GET /pages", caseRoles, c.pages)
	c.page("GET /pages/{id}", caseRoles, c.pageOf)
	c.page("POST /pages/{id}/acknowledge", caseRoles, c.takePage)
	c.page("GET /deliveries", deliveryRoles, c.deliveries)
	c.page("GET /deliveries/{key}", deliveryRoles, c.delivery)
	c.page("POST /deliveries/{key}/do/{kind}", deliveryRoles, c.actOnDelivery)
	c.page("GET /directory", caseRoles, c.directory)
	c.page("GET /directory/{id}", caseRoles, c.recipient)
	c.page("POST /directory", directoryRoles, c.setRecipient)
	c.page("GET /policies", staffRoles, c.policies)
	c.page("GET /policies/{name}", staffRoles, c.policyPage)
	c.page("GET /record", recordRoles, c.record)
	c.page("POST /record/verify", recordRoles, c.verify)
	c.page("GET /oversight", caseRoles, c.oversight)
	c.page("GET /keys", nil, c.keys)
	c.mux.HandleFunc("/", c.elsewhere)
}

// visit is one request by somebody who is signed in.
type visit struct {
	w     http.ResponseWriter
	r     *http.Request
	by    tocsin.Actor
	seen  Session
	say   words
	now   time.Time
	held  bool   // a form that waited for its person: it is shown again, and not done
	begun *begun // the page whose head has gone out

	refusals *refusals.Log
}

func (c *Console) visit(w http.ResponseWriter, r *http.Request) *visit {
	return &visit{w: w, r: r, say: c.wordsFor(r), now: c.cfg.Engine.Now(), refusals: c.cfg.Refusals}
}

// denied notes that somebody who is known asked for what they have no right to.
// What is not there for them counts: it may be there for others.
func (v *visit) denied(err error) {
	var told *tocsin.Error
	if v.by.ID == "" || !errors.As(err, &told) || told.Kind != tocsin.Forbidden && told.Kind != tocsin.NotFound {
		return
	}
	v.refusals.Add(v.now, refusals.Refusal{What: refusals.Role, User: v.by.ID, Route: v.r.Pattern, Code: told.Code})
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// page registers a page that only the roles named see; nil is everybody who is
// signed in. An error that it returns becomes the page that says so.
func (c *Console) page(pattern string, who []tocsin.Role, f func(*visit) error) {
	c.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := c.visit(w, r)
		s, ok, err := c.cfg.Sessions.Who(r)
		if err != nil {
			c.fail(v, err)
			return
		}
		if !ok {
			if !c.strangerHurries(v) {
				c.unknown(v)
			}
			return
		}
		v.by, v.seen = s.Actor, s
		wait := c.hurry(v)
		if c.accounts != nil && !c.arrived(v) {
			return
		}
		if who != nil && !v.by.Has(who...) {
			c.fail(v, saidFault(tocsin.Forbidden, "no_access", v.say.t("error.no_access"), v.say.t("error.no_access.do", v.say.roles(v.by.Roles))))
			return
		}
		if who != nil && r.Method == http.MethodPost && v.by.Has(tocsin.Inspector) && r.URL.Path != "/record/verify" && r.URL.Path != "/search" {
			c.fail(v, saidFault(tocsin.Forbidden, "inspector_changes_nothing", v.say.t("error.inspector"), v.say.t("error.inspector.do")))
			return
		}
		do := f
		switch {
		case wait > 0:
			do = func(v *visit) error { return c.tooFast(v, wait) }
		case v.held:
			do = c.again
		}
		if err := do(v); err != nil {
			c.fail(v, err)
		}
	})
}

// unknown sends whoever is not signed in to sign in, and back where they were.
func (c *Console) unknown(v *visit) {
	next := v.r.URL.RequestURI()
	if v.r.Method != http.MethodGet {
		// What was typed must survive: the page is still in the browser behind this one.
		c.render(v, http.StatusUnauthorized, "problem", problemPage{Page: c.head(v, "error.signed_out.title"), What: v.say.t("error.signed_out"),
			Kept: v.say.t("error.signed_out.kept"), Do: v.say.t("error.signed_out.do"), SignIn: c.cfg.Sessions.SignIn("/")})
		return
	}
	if v.r.URL.Path == "/live" && c.accounts != nil {
		sayLocked(v)
		return
	}
	if v.r.URL.Path == "/live" {
		http.Error(v.w, "", http.StatusUnauthorized)
		return
	}
	http.Redirect(v.w, v.r, c.cfg.Sessions.SignIn(next), http.StatusSeeOther)
}

// problemPage is an error as a page: what happened, what was kept, what to do.
type problemPage struct {
	Page
	What, Kept, Do string
	Core           bool // the words are the core's
	SignIn         string
}

// fail shows an error. Words of the core are said in the language of the page, or marked as
// English; what is no error for people is logged under a number and not shown.
func (c *Console) fail(v *visit, err error) {
	p := problemPage{Page: c.head(v, "error.title"), Core: true}
	status := http.StatusInternalServerError
	var told *tocsin.Error
	var need *proofNeeded
	switch {
	case errors.As(err, &need):
		c.prove(v, need.why)
		return
	case errors.As(err, &told):
		v.denied(err)
		p.What, p.Kept, p.Do = told.What, told.Kept, told.Do
		status, p.Core = statusOf(told.Kind), !errors.Is(err, errSaidHere)
	default:
		c.cfg.Log.Error("fault of the program", "method", v.r.Method, "route", v.r.Pattern, "error", err)
		p.What, p.Kept, p.Do, p.Core = v.say.t("error.fault"), v.say.t("error.fault.kept"), v.say.t("error.fault.do"), false
	}
	p.Kept = v.say.kept(p.Kept, "error.nothing_kept")
	c.render(v, status, "problem", p)
}

func statusOf(k tocsin.Kind) int {
	switch k {
	case tocsin.Invalid:
		return http.StatusUnprocessableEntity
	case tocsin.Forbidden:
		return http.StatusForbidden
	case tocsin.NotFound:
		return http.StatusNotFound
	case tocsin.Refused, tocsin.Conflict:
		return http.StatusConflict
	case tocsin.TooLarge:
		return http.StatusRequestEntityTooLarge
	case tocsin.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// policyHeader lets a page load nothing but what this server serves, and run
// nothing that stands in the page itself.
const policyHeader = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (c *Console) guarded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", policyHeader)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "same-origin")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		head.Set("Cache-Control", "no-store")
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // net/http compares it in the same way
				panic(cause)
			}
			c.cfg.Log.Error("panic", "route", r.Pattern, "cause", cause, "stack", string(debug.Stack()))
			panic(http.ErrAbortHandler) // a page that breaks off must not look whole
		}()
		h.ServeHTTP(w, r)
	})
}

// forged answers a form that another site sent.
func (c *Console) forged(w http.ResponseWriter, r *http.Request) {
	v := c.visit(w, r)
	_, route := c.mux.Handler(r) // the path itself may be a link that is a secret
	c.cfg.Refusals.Add(v.now, refusals.Refusal{What: refusals.Forged, Address: c.address(r), Route: route})
	c.render(v, http.StatusForbidden, "problem", problemPage{Page: c.head(v, "error.title"), What: v.say.t("error.forged"),
		Kept: v.say.t("error.nothing_kept"), Do: v.say.t("error.forged.do")})
}

func (c *Console) elsewhere(w http.ResponseWriter, r *http.Request) {
	v := c.visit(w, r)
	if c.strangerHurries(v) {
		return
	}
	if s, ok, err := c.cfg.Sessions.Who(r); err == nil && ok {
		v.by, v.seen = s.Actor, s
	}
	c.render(v, http.StatusNotFound, "problem", problemPage{Page: c.head(v, "error.title"), What: v.say.t("error.nowhere"),
		Kept: v.say.t("error.nothing_kept"), Do: v.say.t("error.nowhere.do")})
}

// address is where a request comes from, as it is counted.
func (c *Console) address(r *http.Request) string {
	if c.cfg.Gate != nil {
		return c.cfg.Gate.Visitor(r).AddressKey()
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// errSaidHere marks an error whose words are in the language of the page already.
var errSaidHere = errors.New("console: said in the language of the page")

func saidFault(kind tocsin.Kind, code, what, do string) *tocsin.Error {
	e := tocsin.Fault(kind, code, what, do)
	e.Cause = errSaidHere
	return e
}

func notFound(v *visit, key string) error {
	return saidFault(tocsin.NotFound, "not_found", v.say.t(key), v.say.t("error.not_found.do"))
}

// local keeps a path that a request named within this site.
func local(next string) string {
	if strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "//") && !strings.ContainsAny(next, "\\\r\n") {
		return next
	}
	return "/"
}
