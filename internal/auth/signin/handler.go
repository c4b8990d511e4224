package signin

import (
	"encoding/json"
	"errors"
	"net/http"

	"tocsin"
)

// Paths of what the protocols need. The console serves pages of its own.
const (
	pathPasskeyBegin   = "/sign-in/passkey/begin"
	pathPasskeyFinish  = "/sign-in/passkey/finish"
	pathRegisterBegin  = "/account/passkey/begin"
	pathRegisterFinish = "/account/passkey/finish"
	pathOIDC           = "/sign-in/oidc/"
	pathOIDCCallback   = "/sign-in/oidc-callback/"
	pathSetUp          = "/set-up/"
)

// Paths lists the patterns that Handler serves, for the mux that it is put into.
func Paths() []string {
	return []string{pathPasskeyBegin, pathPasskeyFinish, pathRegisterBegin, pathRegisterFinish, pathOIDC, pathOIDCCallback, pathSetUp}
}

// Handler serves what the protocols need:
//
//	POST /sign-in/passkey/begin     -> options for navigator.credentials.get
//	POST /sign-in/passkey/finish    the authenticator's answer -> {"user"}, and the session's cookie
//	POST /account/passkey/begin     -> options for navigator.credentials.create; needs a fresh session
//	POST /account/passkey/finish?name=N  the authenticator's answer
//	GET  /sign-in/oidc/{provider}   -> to the provider
//	GET  /sign-in/oidc-callback/{provider}  from the provider -> Landing, or a problem
//	GET, POST /set-up/{secret}      the first administrator
//
// Errors are RFC 9457 problems with the members code and do. A sign-in that needs
// a second way answers {"pending", "needs"}; after a callback, with status 200
// and in place of the redirection.
func (g *Gate) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+pathPasskeyBegin, g.loginBegin)
	mux.HandleFunc("POST "+pathPasskeyFinish, g.loginFinish)
	mux.HandleFunc("POST "+pathRegisterBegin, g.registerBegin)
	mux.HandleFunc("POST "+pathRegisterFinish, g.registerFinish)
	mux.HandleFunc("GET "+pathOIDC+"{provider}", g.oidcBegin)
	mux.HandleFunc("GET "+pathOIDCCallback+"{provider}", g.oidcFinish)
	mux.HandleFunc("GET "+pathSetUp+"{secret}", g.setUpGet)
	mux.HandleFunc("POST "+pathSetUp+"{secret}", g.setUpPost)
	return g.Protect(mux)
}

func (g *Gate) loginBegin(w http.ResponseWriter, _ *http.Request) {
	options, pending, err := g.BeginLogin()
	g.begun(w, options, pending, err)
}

func (g *Gate) registerBegin(w http.ResponseWriter, r *http.Request) {
	s, err := g.Session(w, r)
	if err != nil {
		fail(w, err)
		return
	}
	options, pending, err := g.BeginPasskey(s)
	g.begun(w, options, pending, err)
}

func (g *Gate) begun(w http.ResponseWriter, options any, pending string, err error) {
	if err != nil {
		fail(w, err)
		return
	}
	http.SetCookie(w, g.cookie(ceremonyCookie, pending, ceremonyLife))
	answer(w, http.StatusOK, options)
}

func (g *Gate) loginFinish(w http.ResponseWriter, r *http.Request) {
	step, err := g.FinishLogin(r.Context(), g.Visitor(r), g.ceremony(w, r), r.Body)
	g.finished(w, step, err)
}

func (g *Gate) registerFinish(w http.ResponseWriter, r *http.Request) {
	// Not Session, which might renew the secret that FinishPasskey renews.
	v := g.Visitor(r)
	s, err := g.cfg.Users.Resume(r.Context(), v.Session, v.place())
	if err != nil {
		fail(w, err)
		return
	}
	step, err := g.FinishPasskey(r.Context(), v, s, g.ceremony(w, r), r.URL.Query().Get("name"), r.Body)
	g.finished(w, step, err)
}

func (g *Gate) oidcBegin(w http.ResponseWriter, r *http.Request) {
	if err := g.Depart(w, r, r.PathValue("provider")); err != nil {
		fail(w, err)
	}
}

// Depart sends a browser to a provider. Nothing is written if it returns an error.
func (g *Gate) Depart(w http.ResponseWriter, r *http.Request, provider string) error {
	where, pending, err := g.BeginOIDC(r.Context(), g.Visitor(r), provider)
	if err != nil {
		return err
	}
	http.SetCookie(w, g.cookie(ceremonyCookie, pending, ceremonyLife))
	quiet(w.Header())
	http.Redirect(w, r, where, http.StatusSeeOther)
	return nil
}

// Arrive takes up a browser that a provider sends back, for a page that shows
// itself what comes of it. The session's cookie is the caller's to set.
func (g *Gate) Arrive(w http.ResponseWriter, r *http.Request, provider string) (Step, error) {
	return g.FinishOIDC(r.Context(), g.Visitor(r), provider, g.ceremony(w, r), r.URL.Query())
}

func (g *Gate) oidcFinish(w http.ResponseWriter, r *http.Request) {
	step, err := g.Arrive(w, r, r.PathValue("provider"))
	if err != nil || step.Secret == "" {
		g.finished(w, step, err)
		return
	}
	g.SetSession(w, step.Secret, step.Session)
	quiet(w.Header())
	g.redirectBack(w, r)
}

// ceremony reads what the browser carries, and takes it away: whatever comes of
// this, it has been shown.
func (g *Gate) ceremony(w http.ResponseWriter, r *http.Request) string {
	http.SetCookie(w, g.cookie(ceremonyCookie, "", 0))
	return g.read(r, ceremonyCookie)
}

// arrival is the answer to a sign-in.
type arrival struct {
	User       tocsin.ActorID `json:"user,omitempty"`
	Restricted bool           `json:"restricted,omitempty"`
	Pending    string         `json:"pending,omitempty"`
	Needs      any            `json:"needs,omitempty"`
}

func (g *Gate) finished(w http.ResponseWriter, step Step, err error) {
	switch {
	case err != nil:
		fail(w, err)
	case step.Secret == "":
		answer(w, http.StatusOK, arrival{Pending: step.Pending, Needs: step.Needs})
	default:
		g.SetSession(w, step.Secret, step.Session)
		answer(w, http.StatusOK, arrival{User: step.Session.User, Restricted: step.Session.Restricted})
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	quiet(w.Header())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}

// quiet keeps an answer out of caches and its address out of the next page's hands.
func quiet(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

var statuses = map[tocsin.Kind]int{tocsin.Invalid: http.StatusUnprocessableEntity, tocsin.Forbidden: http.StatusForbidden, tocsin.Refused: http.StatusConflict,
	tocsin.NotFound: http.StatusNotFound, tocsin.Conflict: http.StatusConflict, tocsin.TooLarge: http.StatusRequestEntityTooLarge, tocsin.Unavailable: http.StatusServiceUnavailable}

// asFault is what a person is told. The text of an internal fault is not shown.
func asFault(err error) *tocsin.Error {
	var told *tocsin.Error
	if errors.As(err, &told) {
		return told
	}
	return tocsin.Fault(tocsin.Unavailable, "internal", "Something went wrong here.", "Try again; if it goes on, tell an administrator.")
}

func fail(w http.ResponseWriter, err error) {
	told := asFault(err)
	status := statuses[told.Kind]
	if told.Code == "slow_down" {
		status = http.StatusTooManyRequests
	}
	quiet(w.Header())
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "title": http.StatusText(status), "detail": told.What, "code": told.Code, "do": told.Do})
}
