package console

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"tocsin"
	"tocsin/internal/auth"
)

// Session is who is signed in.
type Session struct {
	Actor  tocsin.Actor
	Proved time.Time // when this person last showed who they are, by whatever means

	In *auth.Session // the account's session; nil where tokens stand in for one
}

// Sessions says who makes a request. The console asks nothing else of however
// people sign in.
type Sessions interface {
	// Who returns the session of a request; ok is false if nobody is signed in.
	// The error is for when that cannot be told now.
	Who(r *http.Request) (s Session, ok bool, err error)
	// SignIn is the address of the page at which to sign in, or to prove again who
	// one is; next is the path at which to go on.
	SignIn(next string) string
	// SignOut is the address to which a form is posted that ends the session.
	SignOut() string
}

// Tokens is Sessions over the tokens of package auth: a person gives their name
// and their token once, and a cookie stands for both until the shift is over. It
// serves its own two addresses; the console mounts them.
type Tokens struct {
	users *auth.Users
	now   func() time.Time

	secure bool // browsers come over TLS, wherever it ends

	mu   sync.Mutex
	open map[[32]byte]opened // by the hash of the cookie's value
}

type opened struct {
	token string
	at    time.Time
}

const (
	cookieName = "tocsin_session"
	shift      = 12 * time.Hour
	maxOpen    = 20_000 // sessions kept at a time; the oldest go first
)

// NewTokens makes sessions over users. now tells the time.
func NewTokens(users *auth.Users, now func() time.Time) *Tokens {
	return &Tokens{users: users, now: now, open: map[[32]byte]opened{}}
}

func (t *Tokens) jar() jar { return jar{t.secure} }

// Who implements Sessions. The token behind the cookie is looked at every time,
// so that a person who was disabled is out at once.
func (t *Tokens) Who(r *http.Request) (Session, bool, error) {
	value := t.jar().read(r, cookieName)
	if value == "" {
		return Session{}, false, nil
	}
	key := sha256.Sum256([]byte(value))
	t.mu.Lock()
	o, ok := t.open[key]
	t.mu.Unlock()
	if !ok || t.now().Sub(o.at) > shift {
		return Session{}, false, nil
	}
	by, err := t.users.Authenticate(o.token)
	if tocsin.KindOf(err) == tocsin.Forbidden {
		t.end(key)
		return Session{}, false, nil
	}
	return Session{Actor: by, Proved: o.at}, err == nil, err
}

// SignIn implements Sessions.
func (t *Tokens) SignIn(next string) string { return "/sign-in?next=" + url.QueryEscape(next) }

// SignOut implements Sessions.
func (t *Tokens) SignOut() string { return "/sign-out" }

// begin opens a session for whoever holds token under that name.
func (t *Tokens) begin(w http.ResponseWriter, r *http.Request, name, token string) error {
	by, err := t.users.Authenticate(strings.TrimSpace(token))
	if err == nil && string(by.ID) != strings.TrimSpace(name) {
		err = tocsin.Fault(tocsin.Forbidden, "token", "", "")
	}
	if err != nil {
		return err
	}
	value := rand.Text()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.prune()
	t.open[sha256.Sum256([]byte(value))] = opened{strings.TrimSpace(token), t.now()}
	t.jar().put(w, r, cookieName, value, shift, http.SameSiteStrictMode)
	return nil
}

// prune must be called with mu held.
func (t *Tokens) prune() {
	var oldest [32]byte
	first := t.now()
	for k, o := range t.open {
		if t.now().Sub(o.at) > shift {
			delete(t.open, k)
		} else if !o.at.After(first) {
			oldest, first = k, o.at
		}
	}
	if len(t.open) >= maxOpen {
		delete(t.open, oldest)
	}
}

func (t *Tokens) end(key [32]byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, key)
}

// leave ends the session of a request.
func (t *Tokens) leave(w http.ResponseWriter, r *http.Request) {
	if value := t.jar().read(r, cookieName); value != "" {
		t.end(sha256.Sum256([]byte(value)))
	}
	t.jar().drop(w, r, cookieName)
}
