package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/auth"
	"tocsin/internal/auth/refusals"
)

// changes reports whether a request is one that changes something.
func changes(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

// hurry counts the request of whoever is signed in, and returns how long they
// would have to wait.
func (c *Console) hurry(v *visit) time.Duration {
	wait := c.cfg.Pace.Person(v.now, string(v.by.ID), changes(v.r))
	if wait <= 0 {
		return 0
	}
	n := refusals.Refusal{What: refusals.TooFast, User: v.by.ID, Route: v.r.Pattern}
	if c.exigent(v) {
		n.Code, wait = "let_through", 0
	}
	c.cfg.Refusals.Add(v.now, n)
	return wait
}

// exigent reports whether a request is about a case whose exigent path is open, or
// opens it: then there is no time to wait for a limit.
func (c *Console) exigent(v *visit) bool {
	if !strings.HasPrefix(v.r.URL.Path, "/cases/") {
		return false
	}
	s, err := c.cfg.Engine.CaseAs(v.by, tocsin.CaseID(v.r.PathValue("id")))
	return err == nil && (s.Exigent != nil || v.r.PathValue("kind") == casefile.InvokeExigent{}.Kind())
}

// strangerHurries counts a request of whom nobody knows yet, and answers it if it
// is one too many. Somebody who has a session is counted as themselves: others at
// the same address must not keep them from showing again who they are.
func (c *Console) strangerHurries(v *visit) bool {
	if c.cfg.Pace == nil {
		return false
	}
	if c.cfg.Gate != nil {
		at := c.cfg.Gate.Visitor(v.r)
		if s, err := c.cfg.Users.Glance(v.ctx(), at.Session, auth.PlaceOf(at.Address, at.Agent)); err == nil {
			wait := c.cfg.Pace.Person(v.now, string(s.User), changes(v.r))
			if wait > 0 {
				c.cfg.Refusals.Add(v.now, refusals.Refusal{What: refusals.TooFast, User: s.User, Route: v.r.Pattern})
				c.tooFastPage(v, wait, "pace.what")
			}
			return wait > 0
		}
	}
	address := c.address(v.r)
	wait := c.cfg.Pace.Stranger(v.now, address)
	if wait > 0 {
		c.cfg.Refusals.Add(v.now, refusals.Refusal{What: refusals.TooFast, Address: address})
		c.tooFastPage(v, wait, "pace.stranger")
	}
	return wait > 0
}

// tooFast answers one request too many of somebody who is signed in and may make
// it. A form comes back with what was typed, to be pressed again.
func (c *Console) tooFast(v *visit, wait time.Duration) error {
	if v.r.Method != http.MethodPost || v.r.Header.Get("HX-Request") == "true" {
		c.tooFastPage(v, wait, "pace.what")
		return nil
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, c.cfg.Upload+maxForm)
	if err := v.r.ParseMultipartForm(4 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return saidFault(tocsin.Invalid, "form", v.say.t("error.form"), v.say.t("error.form.do"))
	}
	if v.r.MultipartForm != nil {
		defer v.r.MultipartForm.RemoveAll()
	}
	retryAfter(v.w, wait)
	typed := carried(v.r.PostForm)
	told := &formError{What: v.say.t("pace.what"), Kept: v.say.t("pace.typed"), Do: v.say.t("pace.press", secondsOf(wait))}
	if v.r.URL.Path == "/intake" { // a file has to be chosen again
		return c.handInAgain(v, &posted{Values: typed, c: c, say: v.say, faults: map[string]string{}}, told, http.StatusTooManyRequests)
	}
	c.formAgain(v, typed, told, "pace.title", http.StatusTooManyRequests)
	return nil
}

// formAgain shows what was typed, and carries it, to be sent to where it was going.
func (c *Console) formAgain(v *visit, typed url.Values, told *formError, title string, status int) {
	shown := url.Values{}
	for name, values := range typed {
		if v.say.has("field." + name) {
			shown[name] = values
		}
	}
	c.render(v, status, "account-again", struct {
		Page
		Post         string
		Typed, Shown url.Values
		Error        *formError
	}{c.head(v, title), v.r.URL.RequestURI(), typed, shown, told})
}

// tooFastPage says so on a page of its own; of whoever asked for a part of a page,
// or for the line to it, in a few words that the page's script understands.
func (c *Console) tooFastPage(v *visit, wait time.Duration, what string) {
	retryAfter(v.w, wait)
	if byItself(v.r) {
		http.Error(v.w, v.say.t(what), http.StatusTooManyRequests)
		return
	}
	kept := "error.nothing_kept"
	if changes(v.r) {
		kept = "error.signed_out.kept"
	}
	p := problemPage{Page: c.head(v, "pace.title"), What: v.say.t(what), Kept: v.say.t(kept), Do: v.say.t("pace.wait", secondsOf(wait))}
	if v.by.ID == "" {
		p.SignIn = c.cfg.Sessions.SignIn("/")
	}
	c.render(v, http.StatusTooManyRequests, "problem", p)
}

// secondsOf is a wait in seconds, at least one.
func secondsOf(wait time.Duration) int { return int((wait + time.Second - 1) / time.Second) }

func retryAfter(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(secondsOf(wait)))
}
