package signin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/refusals"
	"tocsin/internal/auth/throttle"
)

// Config is what a Gate is built from. Users, Key, Clock and Origin are required.
type Config struct {
	Users  *auth.Users
	Key    *auth.Key // the one that Users has
	Clock  auth.Clock
	Origin string // where browsers find the console, such as https://tocsin.example.org

	Name          string         // of this installation, shown by authenticators; default "Tocsin"
	RequireSecond bool           // a password alone gives a session that is good only for setting up a second way
	Proxies       []netip.Prefix // whose X-Forwarded-For is believed
	Providers     []Provider
	HTTP          *http.Client  // for the providers; default one with a timeout of 10 seconds
	Log           *slog.Logger  // never holds a secret
	Refusals      *refusals.Log // of sign-ins that failed; nil: they are not written

	// Landing is where browsers are sent after a sign-in through a provider;
	// default "/".
	Landing string
}

// Limits on guessing.
var (
	byAccount  = throttle.Rule{Free: 5, First: time.Second, Most: 15 * time.Minute, Forget: time.Hour, Keys: 100_000}
	byStranger = throttle.Rule{Free: 5, First: time.Second, Most: 15 * time.Minute, Forget: time.Hour, Keys: 5_000}
	byAddress  = throttle.Rule{Free: 30, First: time.Second, Most: 5 * time.Minute, Forget: 10 * time.Minute, Keys: 5_000}
)

// Gate lets people in. It is safe for concurrent use.
type Gate struct {
	cfg       Config
	origin    *url.URL
	secure    bool // whether cookies travel over TLS alone
	passkeys  *webauthn.WebAuthn
	providers map[string]*provider
	cross     *http.CrossOriginProtection
	setUp     setUp

	accounts  *throttle.Table // by account and, where it is known there, network
	strangers *throttle.Table // by names that nobody has
	addresses *throttle.Table
}

// New builds a Gate. An origin that is not https is refused unless it is this
// machine itself, and then said aloud.
func New(cfg Config) (*Gate, error) {
	cfg.Name, cfg.Landing = cmp.Or(cfg.Name, "Tocsin"), cmp.Or(cfg.Landing, "/")
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Timeout: 10 * time.Second}
	}
	origin, err := parseOrigin(cfg.Origin)
	if err != nil {
		return nil, err
	}
	g := &Gate{cfg: cfg, origin: origin, secure: origin.Scheme == "https", providers: map[string]*provider{},
		cross: http.NewCrossOriginProtection(), accounts: throttle.NewTable(byAccount), strangers: throttle.NewTable(byStranger), addresses: throttle.NewTable(byAddress)}
	if !g.secure {
		cfg.Log.Warn("INSECURE: the console is served over plain HTTP; cookies are not protected, and only browsers on this machine may use it", "origin", cfg.Origin)
	}
	if err := g.cross.AddTrustedOrigin(g.originText()); err != nil {
		return nil, fmt.Errorf("signin: origin: %w", err)
	}
	g.passkeys, err = webauthn.New(&webauthn.Config{RPID: origin.Hostname(), RPDisplayName: cfg.Name, RPOrigins: []string{g.originText()},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired}})
	if err != nil {
		return nil, fmt.Errorf("signin: passkeys: %w", err)
	}
	for _, p := range cfg.Providers {
		if err := g.addProvider(p); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// parseOrigin reads the address of the console: scheme, host and port alone.
func parseOrigin(s string) (*url.URL, error) {
	bad := tocsin.Faultf(tocsin.Invalid, "origin", "Give it as https://host, without a path. Plain http is for localhost alone.", "The console's address %q cannot be used.", s)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, bad
	}
	host := u.Hostname()
	loopback := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback) {
		return nil, bad
	}
	if net.ParseIP(host) != nil { // no authenticator is bound to a bare address
		return nil, bad
	}
	u.Path = ""
	return u, nil
}

func (g *Gate) originText() string { return g.origin.Scheme + "://" + g.origin.Host }

func (g *Gate) now() time.Time { return tocsin.Instant(g.cfg.Clock.Now()) }

// Visitor is where a request comes from.
type Visitor struct {
	Address netip.Addr
	Agent   string
	Session string // secret of the session it carries, if any
}

func (v Visitor) place() auth.Place { return auth.PlaceOf(v.Address, v.Agent) }

// AddressKey is the address as it is counted: an IPv6 customer has 2^64 of them.
func (v Visitor) AddressKey() string {
	a := v.Address.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// Visitor reads where a request comes from. X-Forwarded-For counts only from a
// trusted proxy, and of it only the last entry that no trusted proxy wrote.
func (g *Gate) Visitor(r *http.Request) Visitor {
	return Visitor{Address: clientAddress(r.RemoteAddr, r.Header.Values("X-Forwarded-For"), g.cfg.Proxies), Agent: r.UserAgent(), Session: g.secret(r)}
}

func clientAddress(remote string, forwarded []string, proxies []netip.Prefix) netip.Addr {
	at := parseAddress(remote)
	trusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	entries := strings.Split(strings.Join(forwarded, ","), ",")
	for len(entries) > 0 && at.IsValid() && trusted(at) {
		next := parseAddress(strings.TrimSpace(entries[len(entries)-1]))
		entries = entries[:len(entries)-1]
		if !next.IsValid() {
			break
		}
		at = next
	}
	return at
}

// parseAddress reads an address with or without a port.
func parseAddress(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

// Names of the cookies. The prefix __Host- makes a browser refuse one that did not
// come over TLS from exactly this host (RFC 6265bis, 4.1.3.2).
const (
	sessionCookie  = "tocsin-session"
	ceremonyCookie = "tocsin-ceremony"
	hostPrefix     = "__Host-"
)

func (g *Gate) cookie(name, value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: g.secure, SameSite: http.SameSiteLaxMode}
	if g.secure {
		c.Name = hostPrefix + name
	}
	c.MaxAge = int(life.Seconds())
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

// read returns the value of one of our cookies. Two of one name mean that
// somebody has planted one: then there is none.
func (g *Gate) read(r *http.Request, name string) string {
	if g.secure {
		name = hostPrefix + name
	}
	all := r.CookiesNamed(name)
	if len(all) != 1 || len(all[0].Value) > 8192 {
		return ""
	}
	return all[0].Value
}

func (g *Gate) secret(r *http.Request) string { return g.read(r, sessionCookie) }

// SetSession gives the browser the session's secret.
func (g *Gate) SetSession(w http.ResponseWriter, secret string, s auth.Session) {
	http.SetCookie(w, g.cookie(sessionCookie, secret, s.Ends.Sub(g.now())))
}

// Session finds who makes a request. A session whose person's rights have changed
// is given a new secret. The error is of kind Forbidden and code "session" if
// nobody is signed in; a session that is locked comes back as such, with no
// roles, and the page asks the person to show again who they are.
func (g *Gate) Session(w http.ResponseWriter, r *http.Request) (auth.Session, error) {
	v := g.Visitor(r)
	s, err := g.cfg.Users.Resume(r.Context(), v.Session, v.place())
	if err != nil || !s.Renew {
		return s, err
	}
	secret, next, err := g.cfg.Users.RenewSession(r.Context(), v.Session, false)
	if err != nil {
		return s, nil // another request has renewed it, or it will be next time
	}
	g.SetSession(w, secret, next)
	return next, nil
}

// SignOut ends the session of a request and takes the cookie away.
func (g *Gate) SignOut(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, g.cookie(sessionCookie, "", 0))
	return g.cfg.Users.SignOut(r.Context(), g.secret(r))
}

// Check says why a request may be one that another site makes a browser send, or nil.
func (g *Gate) Check(r *http.Request) error {
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
	if !safe && g.secret(r) != "" && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
		return tocsin.Fault(tocsin.Forbidden, "origin_unknown", "The browser does not say which page this comes from.", "Use a browser of the last years.")
	}
	if err := g.cross.Check(r); err != nil {
		f := tocsin.Fault(tocsin.Forbidden, "cross_origin", "This came from a page of another site.", "Open the console by its own address.")
		f.Cause = err
		return f
	}
	return nil
}

// Protect refuses requests that another site makes a browser send.
func (g *Gate) Protect(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.Check(r); err != nil {
			fail(w, err)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Secure reports whether browsers reach the console over TLS, also where a proxy
// ends it: then cookies are for TLS alone.
func (g *Gate) Secure() bool { return g.secure }

// OverTLS wraps everything that is served under the origin: where browsers come
// over TLS, every answer tells them to come no other way from now on (RFC 6797).
func (g *Gate) OverTLS(h http.Handler) http.Handler {
	if !g.secure {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		h.ServeHTTP(w, r)
	})
}

// Origin is where browsers find the console, such as https://tocsin.example.org.
func (g *Gate) Origin() string { return g.originText() }

// Carrying is a copy of r that carries another session, as if the browser had
// come back with the cookie that it is being given.
func (g *Gate) Carrying(r *http.Request, secret string) *http.Request {
	c := r.Clone(r.Context())
	c.Header.Del("Cookie")
	ours := g.cookie(sessionCookie, secret, time.Hour).Name
	for _, k := range r.Cookies() {
		if k.Name != ours {
			c.AddCookie(k)
		}
	}
	c.AddCookie(&http.Cookie{Name: ours, Value: secret})
	return c
}

// Step is how far somebody has come.
type Step struct {
	Session auth.Session
	Secret  string // for SetSession; empty if something is still needed
	Pending string // carried to Second, such as in a hidden field; empty if nothing is needed
	Needs   []auth.Method
}

// carried is what the browser carries between two halves, sealed.
type carried[T any] struct {
	At   time.Time `json:"at"`
	Data T         `json:"data"`
}

// ceremonyLife is how long somebody has for the second half.
const ceremonyLife = 5 * time.Minute

func carry[T any](g *Gate, purpose string, data T) (string, error) {
	b, err := json.Marshal(carried[T]{g.now(), data})
	if err != nil {
		return "", fmt.Errorf("signin: %s: %w", purpose, err)
	}
	return g.cfg.Key.Seal("carried "+purpose, "", b), nil
}

func uncarry[T any](g *Gate, purpose, sealed string) (T, error) {
	var c carried[T]
	over := tocsin.Fault(tocsin.Forbidden, "ceremony", "The sign-in took too long, or was begun elsewhere.", "Begin again.")
	if len(sealed) > 8192 {
		return c.Data, over
	}
	b, err := g.cfg.Key.Open("carried "+purpose, "", sealed)
	if err != nil || json.Unmarshal(b, &c) != nil {
		var none T
		return none, over
	}
	if age := g.now().Sub(c.At); age < 0 || age > ceremonyLife {
		var none T
		return none, over
	}
	return c.Data, nil
}

// failed notes a sign-in that came to nothing, for whatever it was refused. A name
// that nobody has is not written: it may be a password that was typed in the
// wrong place.
func (g *Gate) failed(v Visitor, how auth.Method, id tocsin.ActorID, err error) {
	var told *tocsin.Error
	if !errors.As(err, &told) || told.Kind != tocsin.Forbidden && told.Kind != tocsin.NotFound && told.Code != "slow_down" {
		return // it went well, or the question was not answered, which is logged elsewhere
	}
	if _, known := g.cfg.Users.Account(id); !known {
		id = ""
	}
	g.cfg.Refusals.Add(g.now(), refusals.Refusal{What: refusals.SignIn, User: id, Address: v.AddressKey(), Method: string(how), Code: told.Code})
}

// enter begins, unlocks or confirms a session.
func (g *Gate) enter(ctx context.Context, v Visitor, e auth.Entry) (Step, error) {
	e.Place, e.Current = v.place(), v.Session
	secret, s, err := g.cfg.Users.Enter(ctx, e)
	if err != nil {
		return Step{}, err
	}
	return Step{Session: s, Secret: secret}, nil
}
