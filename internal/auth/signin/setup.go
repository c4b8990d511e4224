package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"tocsin"
	"tocsin/internal/auth"
)

// setUp is the one link by which the first administrator is made. It is kept in
// memory alone: it survives nothing, and a new start prints a new one.
type setUp struct {
	mu      sync.Mutex
	hash    [sha256.Size]byte
	expires time.Time // zero: there is no link
}

// SetUpLife is how long a set-up link is good for.
const SetUpLife = time.Hour

// SetUpLink makes the link by which the first administrator is made, and ends the
// one there was. ok is false if there is an administrator already. It is printed
// where only whoever runs the machine reads it, and nowhere else.
func (g *Gate) SetUpLink() (link string, ok bool) {
	if g.cfg.Users.Administered() {
		return "", false
	}
	var b [32]byte
	rand.Read(b[:]) //nolint:errcheck // documented never to return an error
	secret := base64.RawURLEncoding.EncodeToString(b[:])
	g.setUp.mu.Lock()
	defer g.setUp.mu.Unlock()
	g.setUp.hash, g.setUp.expires = sha256.Sum256([]byte(secret)), g.now().Add(SetUpLife)
	return g.originText() + pathSetUp + secret, true
}

// SetUpOpen reports whether secret is that of the set-up link, and good. Asking
// uses nothing up.
func (g *Gate) SetUpOpen(secret string) bool { return g.opens(secret, false) }

// opens reports whether secret is that of the link, and used up by nobody. With
// take it is used up; the caller gives it back if nothing came of it.
func (g *Gate) opens(secret string, take bool) bool {
	g.setUp.mu.Lock()
	defer g.setUp.mu.Unlock()
	sum := sha256.Sum256([]byte(secret))
	fits := subtle.ConstantTimeCompare(sum[:], g.setUp.hash[:]) == 1
	if !fits || g.setUp.expires.IsZero() || !g.now().Before(g.setUp.expires) || g.cfg.Users.Administered() {
		return false
	}
	if take {
		g.setUp.expires = time.Time{}
	}
	return true
}

func (g *Gate) giveBack(expires time.Time) {
	g.setUp.mu.Lock()
	defer g.setUp.mu.Unlock()
	g.setUp.expires = expires
}

func noLink() error {
	return tocsin.Fault(tocsin.NotFound, "set_up", "This link is not good, or no longer.", "Start the program again: while there is no administrator it prints a new one.")
}

// SetUp makes the first administrator and signs them in. The link is used up by
// that, and by nothing else: a password that is refused can be tried again.
func (g *Gate) SetUp(ctx context.Context, v Visitor, secret string, id tocsin.ActorID, name, plain string) (step Step, err error) {
	defer func() { g.failed(v, auth.BySetUp, "", err) }()
	g.setUp.mu.Lock()
	expires := g.setUp.expires
	g.setUp.mu.Unlock()
	if !g.opens(secret, true) {
		return Step{}, noLink()
	}
	if err := g.cfg.Users.SetUp(ctx, auth.User{ID: id, Name: name, Roles: []tocsin.Role{tocsin.Administrator}}, plain); err != nil {
		g.giveBack(expires)
		return Step{}, err
	}
	return g.enter(ctx, v, auth.Entry{User: id, Methods: []auth.Method{auth.BySetUp, auth.ByPassword}, Restricted: g.cfg.RequireSecond})
}

var setUpPage = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Set up {{.Name}}</title></head>
<body><main><h1>Set up {{.Name}}</h1>
{{if .Done}}<p role="status">The administrator {{.ID}} is made and signed in. This link is used up.</p>
{{else}}{{with .Fault}}<p role="alert"><strong>{{.What}}</strong> {{.Do}}</p>{{end}}
<p>You make the first administrator: the person who gives accounts to others. An administrator sees no case.</p>
<form method="post">
<p><label>Id, up to 64 of a-z, 0-9, dot, dash, underscore<br><input name="id" required maxlength="64" autocomplete="username" autocapitalize="none" value="{{.ID}}"></label></p>
<p><label>Name, as colleagues know it<br><input name="name" required maxlength="200" autocomplete="name" value="{{.Person}}"></label></p>
<p><label>Password, 12 characters or more<br><input name="password" type="password" required autocomplete="new-password"></label></p>
<p><button>Make the administrator</button></p>
</form>{{end}}
</main></body></html>
`))

type setUpView struct {
	Name, ID, Person string
	Done             bool
	Fault            *tocsin.Error
}

// setUpGet shows the form and changes nothing: a program that follows links must
// not use the link up.
func (g *Gate) setUpGet(w http.ResponseWriter, r *http.Request) {
	if !g.opens(r.PathValue("secret"), false) {
		fail(w, noLink())
		return
	}
	g.page(w, http.StatusOK, setUpView{Name: g.cfg.Name})
}

func (g *Gate) setUpPost(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxAnswer)
	view := setUpView{Name: g.cfg.Name, ID: strings.TrimSpace(r.PostFormValue("id")), Person: strings.TrimSpace(r.PostFormValue("name"))}
	step, err := g.SetUp(r.Context(), g.Visitor(r), r.PathValue("secret"), tocsin.ActorID(view.ID), view.Person, r.PostFormValue("password"))
	if err == nil {
		g.SetSession(w, step.Secret, step.Session)
		view.Done = true
		g.page(w, http.StatusOK, view)
		return
	}
	told := asFault(err)
	if told.Kind != tocsin.Invalid {
		fail(w, told)
		return
	}
	view.Fault = told
	g.page(w, http.StatusUnprocessableEntity, view)
}

func (g *Gate) page(w http.ResponseWriter, status int, view setUpView) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	quiet(h)
	w.WriteHeader(status)
	_ = setUpPage.Execute(w, view) // the client may be gone
}
