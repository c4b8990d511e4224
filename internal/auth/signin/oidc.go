package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tocsin"
	"tocsin/internal/auth"
)

// Provider is an OpenID provider whose word counts for who somebody is, never for
// what they may do: its subject is linked to an account by an administrator.
type Provider struct {
	ID           string // in our paths: a-z, 0-9, dash
	Name         string // on the button
	Issuer       string
	ClientID     string
	ClientSecret string
	Second       bool // it asks for a second way itself, so that we need not
}

type provider struct {
	Provider
	mu    sync.Mutex
	known *oidc.Provider // nil until it was reached
}

var providerID = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

func (g *Gate) addProvider(p Provider) error {
	issuer, err := url.Parse(p.Issuer)
	plain := err == nil && issuer.Scheme == "http" && (issuer.Hostname() == "localhost" || issuer.Hostname() == "127.0.0.1")
	if err != nil || !providerID.MatchString(p.ID) || p.ClientID == "" || issuer.Scheme != "https" && !plain || g.providers[p.ID] != nil {
		return tocsin.Faultf(tocsin.Invalid, "provider", "It needs an id of its own, an https issuer and a client id.", "The sign-in provider %q cannot be used.", p.ID)
	}
	if plain {
		g.cfg.Log.Warn("INSECURE: a sign-in provider is reached over plain HTTP", "issuer", p.Issuer)
	}
	g.providers[p.ID] = &provider{Provider: p}
	return nil
}

// Providers lists the providers for a page's buttons, by id.
func (g *Gate) Providers() []Provider {
	var out []Provider
	for _, p := range g.cfg.Providers {
		p.ClientSecret = ""
		out = append(out, p)
	}
	return out
}

// Elsewhere is a provider at which somebody who has signed out here may still be
// signed in.
type Elsewhere struct {
	Name string // on the button
	End  string // where to sign out there; empty if the provider does not publish it
}

// Elsewhere lists the providers with where to sign out there (OpenID Connect
// RP-Initiated Logout, section 2). A session here keeps no token of the provider,
// so that the person goes there by a press of their own, and says so there.
func (g *Gate) Elsewhere() []Elsewhere {
	var out []Elsewhere
	for _, p := range g.cfg.Providers {
		out = append(out, Elsewhere{p.Name, g.providers[p.ID].end()})
	}
	return out
}

// end is where people sign out at the provider, as far as is known without asking it.
func (p *provider) end() string {
	if !p.mu.TryLock() { // it is being asked, which may take long
		return ""
	}
	defer p.mu.Unlock()
	if p.known == nil {
		return ""
	}
	var published struct {
		End string `json:"end_session_endpoint"`
	}
	if err := p.known.Claims(&published); err != nil {
		return ""
	}
	issuer, err1 := url.Parse(p.Issuer)
	end, err2 := url.Parse(published.End)
	if err1 != nil || err2 != nil || end.Host == "" || end.Scheme != "https" && end.Scheme != issuer.Scheme {
		return ""
	}
	q := end.Query()
	q.Set("client_id", p.ClientID)
	end.RawQuery = q.Encode()
	return end.String()
}

// discovered reads the provider's metadata once it can be reached. A provider that
// is down when the program starts must not keep it from starting.
func (g *Gate) discovered(ctx context.Context, p *provider) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known != nil {
		return p.known, nil
	}
	// The key set that is fetched later keeps this context: it must not end with the request.
	known, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), g.cfg.HTTP), p.Issuer)
	if err != nil {
		f := tocsin.Faultf(tocsin.Unavailable, "provider_unreachable", "Try again, or sign in another way.", "%s cannot be reached, or does not answer as it should.", p.Name)
		f.Cause = err
		return nil, f
	}
	p.known = known
	return known, nil
}

func (g *Gate) oauth(p *provider, known *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: known.Endpoint(),
		RedirectURL: g.originText() + pathOIDCCallback + p.ID, Scopes: []string{oidc.ScopeOpenID}}
}

// pendingOIDC is a sign-in that is at the provider.
type pendingOIDC struct {
	Provider string `json:"provider"`
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Again    bool   `json:"again,omitempty"` // somebody who is signed in was asked to show it again
}

const purposeOIDC = "oidc"

// BeginOIDC begins a sign-in through a provider. The browser goes to where, and
// carries pending in its cookie. Somebody who is signed in already, or whose
// session is locked, is asked by the provider to show anew who they are.
func (g *Gate) BeginOIDC(ctx context.Context, v Visitor, id string) (where, pending string, err error) {
	p, ok := g.providers[id]
	if !ok {
		return "", "", tocsin.Fault(tocsin.NotFound, "provider", "There is no such sign-in provider.", "Go back and choose another way.")
	}
	known, err := g.discovered(ctx, p)
	if err != nil {
		return "", "", err
	}
	_, serr := g.cfg.Users.Resume(ctx, v.Session, v.place())
	c := pendingOIDC{id, rand.Text(), rand.Text(), oauth2.GenerateVerifier(), serr == nil}
	opts := []oauth2.AuthCodeOption{oidc.Nonce(c.Nonce), oauth2.S256ChallengeOption(c.Verifier)}
	if c.Again {
		opts = append(opts, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	if pending, err = carry(g, purposeOIDC, c); err != nil {
		return "", "", err
	}
	return g.oauth(p, known).AuthCodeURL(c.State, opts...), pending, nil
}

func same(a, b string) bool { return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// FinishOIDC signs in whoever the provider sends back, if their subject is linked
// to an account. query is that of the callback.
func (g *Gate) FinishOIDC(ctx context.Context, v Visitor, id, pending string, query url.Values) (step Step, err error) {
	var user tocsin.ActorID
	defer func() { g.failed(v, auth.ByOIDC, user, err) }()
	c, err := uncarry[pendingOIDC](g, purposeOIDC, pending)
	if err != nil {
		return Step{}, err
	}
	p, ok := g.providers[id]
	if !ok || c.Provider != id || !same(c.State, query.Get("state")) {
		return Step{}, tocsin.Fault(tocsin.Forbidden, "ceremony", "This answer belongs to another sign-in.", "Begin again.")
	}
	known, err := g.discovered(ctx, p)
	if err != nil {
		return Step{}, err
	}
	// RFC 9207: an answer that names its issuer must name the one that was asked.
	if iss := query.Get("iss"); iss != "" && iss != p.Issuer || query.Get("error") != "" || query.Get("code") == "" {
		return Step{}, tocsin.Faultf(tocsin.Forbidden, "provider_refused", "Try again there, or sign in another way.", "%s did not let you in.", p.Name)
	}
	token, claims, err := g.redeem(ctx, p, known, c, query.Get("code"))
	if err != nil {
		return Step{}, err
	}
	user, ok = g.cfg.Users.BySubject(auth.Subject{Issuer: token.Issuer, Subject: token.Subject})
	if !ok {
		return Step{}, tocsin.Faultf(tocsin.Forbidden, "subject_unknown", "Give an administrator that subject, so that they can link it to your account.",
			"%s knows you as %q, and no account here is linked to that.", p.Name, token.Subject)
	}
	return g.arrived(ctx, v, p, user, c, claims)
}

// theirClaims are the claims of an ID token that package oidc does not read.
type theirClaims struct {
	AuthTime int64  `json:"auth_time"`
	Azp      string `json:"azp"`
}

// redeem exchanges the code and verifies the ID token (OpenID Connect Core,
// section 3.1.3.7).
func (g *Gate) redeem(ctx context.Context, p *provider, known *oidc.Provider, c pendingOIDC, code string) (*oidc.IDToken, theirClaims, error) {
	var claims theirClaims
	bad := func(cause error) error {
		f := tocsin.Faultf(tocsin.Forbidden, "provider_answer", "Begin again. If it goes on, tell an administrator.", "What %s said could not be verified.", p.Name)
		f.Cause = cause
		return f
	}
	ctx = oidc.ClientContext(ctx, g.cfg.HTTP)
	answer, err := g.oauth(p, known).Exchange(ctx, code, oauth2.VerifierOption(c.Verifier))
	if err != nil {
		return nil, claims, bad(err)
	}
	raw, _ := answer.Extra("id_token").(string)
	token, err := known.Verifier(&oidc.Config{ClientID: p.ClientID, Now: g.cfg.Clock.Now}).Verify(ctx, raw)
	if err != nil {
		return nil, claims, bad(err)
	}
	if err := token.Claims(&claims); err != nil {
		return nil, claims, bad(err)
	}
	several := len(token.Audience) > 1 || claims.Azp != ""
	if !same(c.Nonce, token.Nonce) || several && claims.Azp != p.ClientID || token.Subject == "" || !slices.Contains(token.Audience, p.ClientID) {
		return nil, claims, bad(nil)
	}
	return token, claims, nil
}

// arrived decides what a verified sign-in at a provider is worth. When the person
// showed who they are is what the provider says it is: a single sign-on of this
// morning is not fresh.
func (g *Gate) arrived(ctx context.Context, v Visitor, p *provider, user tocsin.ActorID, c pendingOIDC, claims theirClaims) (Step, error) {
	e := auth.Entry{User: user, Methods: []auth.Method{auth.ByOIDC}, Once: []string{"oidc/" + c.State}}
	if claims.AuthTime > 0 {
		e.Authenticated = time.Unix(claims.AuthTime, 0)
	} else {
		e.Unstamped = true
	}
	if c.Again && (claims.AuthTime == 0 || g.now().Sub(e.Authenticated) > ceremonyLife) {
		return Step{}, tocsin.Faultf(tocsin.Forbidden, "provider_not_fresh", "Sign out there and try again, or use a passkey.", "%s did not ask you again who you are.", p.Name)
	}
	a, _ := g.cfg.Users.Account(user)
	if !p.Second && (a.SignIn.TOTP || a.SignIn.Recovery > 0) {
		return g.askSecond(user, v, e.Methods, a.SignIn)
	}
	if e.Restricted = !p.Second && g.cfg.RequireSecond; e.Restricted && a.SignIn.Passkeys > 0 {
		return Step{}, passkeyNeeded()
	}
	return g.enter(ctx, v, e)
}

// redirectBack sends a browser on after the callback.
func (g *Gate) redirectBack(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, g.cfg.Landing, http.StatusSeeOther)
}
