package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/signin"
)

// freshFor is how lately somebody must have shown who they are before a grave act
// and before a change of an account, where people sign in by account.
const freshFor = 15 * time.Minute

// Accounts is Sessions over a signin.Gate: the sessions of accounts. As long as
// nobody has a password, a passkey or an identity elsewhere, tokens open the
// door as they did before there were accounts; from then on no token does.
type Accounts struct {
	gate   *signin.Gate
	users  *auth.Users
	tokens *Tokens
}

var _ Sessions = (*Accounts)(nil)

func newAccounts(gate *signin.Gate, users *auth.Users, now func() time.Time) *Accounts {
	t := NewTokens(users, now)
	t.secure = gate.Secure()
	return &Accounts{gate, users, t}
}

// tokensOpen reports whether tokens still open the console.
func (a *Accounts) tokensOpen() bool { return !a.users.SignsIn() }

// Who implements Sessions. A session that is locked, or good only for setting up
// a second way, comes back as such, with nobody's roles.
func (a *Accounts) Who(r *http.Request) (Session, bool, error) {
	at := a.gate.Visitor(r)
	find := a.users.Resume
	if byItself(r) {
		find = a.users.Glance
	}
	s, err := find(r.Context(), at.Session, auth.PlaceOf(at.Address, at.Agent))
	switch {
	case err == nil:
		if s.Actor.ID == "" {
			s.Actor, _ = a.users.Find(s.User)
			s.Actor.Roles = nil
		}
		return Session{Actor: s.Actor, Proved: s.Authenticated, In: &s}, true, nil
	case tocsin.KindOf(err) != tocsin.Forbidden:
		return Session{}, false, err
	case a.tokensOpen():
		return a.tokens.Who(r)
	}
	return Session{}, false, nil
}

// byItself reports whether a page makes this request and not its person: then it
// keeps no session awake. The wall is looked at and never touched, so its own
// requests count as use; it locks with the end of the session alone.
func byItself(r *http.Request) bool {
	switch {
	case r.URL.Path == "/wall" || r.URL.Path == "/live" && r.URL.Query().Has("stands"):
		return false
	}
	return r.URL.Path == "/live" || r.Header.Get("HX-Request") == "true"
}

// SignIn implements Sessions.
func (a *Accounts) SignIn(next string) string { return "/sign-in?next=" + url.QueryEscape(next) }

// SignOut implements Sessions.
func (a *Accounts) SignOut() string { return "/sign-out" }

// accountRoutes are the pages of signing in, of one's own account, and of
// administration. What the protocols of passkeys need is the gate's.
func (c *Console) accountRoutes() {
	for _, path := range []string{"/sign-in/passkey/begin", "/sign-in/passkey/finish", "/account/passkey/begin", "/account/passkey/finish"} {
		c.mux.Handle("POST "+path, c.cfg.Gate.Handler())
	}
	c.open("GET /sign-in", c.signIn)
	c.open("POST /sign-in", c.signInPassword)
	c.open("POST /sign-in/second", c.signInSecond)
	c.open("POST /sign-in/token", c.signInToken)
	c.open("GET /sign-in/oidc/{provider}", c.depart)
	c.open("GET /sign-in/oidc-callback/{provider}", c.arrive)
	c.open("POST /sign-out", c.signOut)
	c.open("POST /prove", c.proving)
	c.open("GET /set-up/{secret}", c.setUp)
	c.open("POST /set-up/{secret}", c.setUpDone)
	c.open("GET /link/{secret}", c.byLink)
	c.open("POST /link/{secret}", c.byLinkDone)
	c.ownRoutes()
	c.adminRoutes()
	c.glassRoutes()
}

// open registers a page that needs nobody to be signed in.
func (c *Console) open(pattern string, f func(*visit) error) {
	c.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := c.visit(w, r)
		// Addresses here hold secrets, and what comes back from a provider does.
		w.Header().Set("Referrer-Policy", "no-referrer")
		// The door itself always opens: a passkey, which nobody can guess, gets through it whatever floods.
		if pattern != "GET /sign-in" && c.strangerHurries(v) {
			return
		}
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, 4*maxForm)
			if err := r.ParseForm(); err != nil {
				c.fail(v, saidFault(tocsin.Invalid, "form", v.say.t("error.form"), v.say.t("error.form.do")))
				return
			}
		}
		if err := f(v); err != nil {
			c.fail(v, err)
		}
	})
}

// sameSite refuses what another site makes a browser send.
func (c *Console) sameSite(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.cfg.Gate.Check(r) != nil {
			c.forged(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// arrived deals with a session that needs something before its page: the person
// again, another secret, or a second way to sign in. It reports whether to go on.
func (c *Console) arrived(v *visit) bool {
	if v.held = v.r.PostForm.Get("held") == "yes"; v.held {
		v.r.PostForm.Del("held")
	}
	s := v.seen.In
	switch {
	case s == nil:
		return true
	case s.Locked != "":
		c.locked(v)
		return false
	case s.Restricted && !strings.HasPrefix(v.r.URL.Path, "/account"):
		http.Redirect(v.w, v.r, "/account", http.StatusSeeOther)
		return false
	case s.Renew && !byItself(v.r):
		// The rights have changed: requests that are under way still find the old secret.
		if next, err := c.cfg.Gate.Session(v.w, v.r); err == nil {
			v.seen.In = &next
		}
	}
	return true
}

// locked shows the lock in place of the page, at the page's own address.
func (c *Console) locked(v *visit) {
	if v.r.URL.Path == "/live" {
		sayLocked(v)
		return
	}
	if byItself(v.r) {
		v.w.Header().Set("HX-Refresh", "true")
		v.w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if v.r.Method == http.MethodPost && v.r.PostForm == nil {
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, c.cfg.Upload+maxForm)
		if err := v.r.ParseMultipartForm(4 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
			c.fail(v, saidFault(tocsin.Invalid, "form", v.say.t("error.form"), v.say.t("error.form.do")))
			return
		}
		if v.r.MultipartForm != nil {
			defer v.r.MultipartForm.RemoveAll()
		}
	}
	c.prove(v, v.seen.In.Locked)
}

// sayLocked tells an open page that listens again, such as after a machine has
// slept, to give way to the lock or to the door.
func sayLocked(v *visit) {
	v.w.Header().Set("Content-Type", "text/event-stream")
	_, _ = v.w.Write([]byte("event: locked\ndata: gone\n\n")) // a page that has gone needs no answer
}

// Why somebody is asked again who they are, beside the locks of package auth.
const (
	whyGrave   = "grave"
	whyAccount = "account"
)

// proofNeeded is the error of a page that needs its person to show again who
// they are.
type proofNeeded struct{ why string }

func (*proofNeeded) Error() string { return "console: this person has to show again who they are" }

// freshly is nil for somebody who has shown lately who they are.
func freshly(v *visit) error {
	if v.seen.In != nil && v.seen.In.Fresh(freshFor) {
		return nil
	}
	return &proofNeeded{whyAccount}
}

// waiting is a form that was sent by somebody who has to show first who they are.
// The browser carries it; it is shown again and not done: whoever left it for
// the next to confirm must not have it done by a proof that was meant for the lock.
type held struct {
	Next string // address of the page to go on with
	Post string // address to which the form was sent; empty: there was none
	Kept string // its fields
}

// heldOf is what a request was about. Passwords and files are not carried.
func heldOf(v *visit) held {
	if v.r.Method != http.MethodPost {
		return held{Next: v.r.URL.RequestURI()}
	}
	return held{Next: "/", Post: v.r.URL.RequestURI(), Kept: carried(v.r.PostForm).Encode()}
}

// carried is what a page may carry of a form that was sent: all but secrets.
func carried(form url.Values) url.Values {
	kept := url.Values{}
	for name, values := range form {
		if !strings.Contains(name, "password") && name != "code" && name != "token" {
			kept[name] = values
		}
	}
	return kept
}

// signPage is a page on which somebody shows who they are.
type signPage struct {
	Page
	held
	Why       string
	Name      string // as typed
	Person    string // who is asked again
	Pending   string // the first way was shown, and a second is needed
	App       bool   // by an app
	Recovery  bool   // by a recovery code
	Passkey   bool
	Password  bool
	Providers []signin.Provider
	Elsewhere []signin.Elsewhere // where they may still be signed in
	Tokens    bool               // tokens still open the door
	Error     *formError
}

func (c *Console) signPage(v *visit, title string) signPage {
	return signPage{Page: c.head(v, title), Passkey: true, Password: true, Providers: c.cfg.Gate.Providers(), Tokens: c.accounts.tokensOpen()}
}

// prove asks the person of a session to show again who they are.
func (c *Console) prove(v *visit, why string) { c.proof(v, why, heldOf(v), "", nil, nil) }

func (c *Console) proof(v *visit, why string, h held, pending string, needs []auth.Method, problem error) {
	s := v.seen.In
	v.by = tocsin.Actor{} // no navigation, and nothing of a case, stands on a lock
	p := c.signPage(v, "prove.title")
	if s.Locked != "" {
		p.Title = v.say.t("lock.title")
	}
	a, _ := c.cfg.Users.Account(s.User)
	p.held, p.Why, p.Person, p.Pending = h, why, a.Name, pending
	p.Passkey, p.Password = a.SignIn.Passkeys > 0, a.SignIn.Password
	p.App, p.Recovery = slices.Contains(needs, auth.ByTOTP), slices.Contains(needs, auth.ByRecovery)
	if a.SignIn.Subjects == 0 {
		p.Providers = nil
	}
	status := http.StatusUnauthorized
	if problem != nil {
		p.Error = accountFault(v, problem)
		status = accountStatus(v, problem)
	}
	c.render(v, status, "account-prove", p)
}

// proving takes what somebody shows who is asked again, and goes on where they were.
func (c *Console) proving(v *visit) error {
	at := c.cfg.Gate.Visitor(v.r)
	s, err := c.cfg.Users.Resume(v.ctx(), at.Session, auth.PlaceOf(at.Address, at.Agent))
	if err != nil {
		c.unknown(v)
		return nil
	}
	v.seen = Session{In: &s}
	f := v.r.PostForm
	h := held{Next: local(f.Get("next")), Post: f.Get("post"), Kept: f.Get("kept")}
	if code := f.Get("problem"); code != "" { // the script's passkey did not open
		c.proof(v, f.Get("why"), h, "", nil, &tocsin.Error{Kind: tocsin.Forbidden, Code: code})
		return nil
	}
	if f.Get("passkey") == "yes" && s.Locked == "" && s.Fresh(freshFor) {
		return c.goOn(v, h, at.Session)
	}
	step, err := c.shown(v, at, string(s.User))
	switch {
	case err != nil:
		c.proof(v, f.Get("why"), h, f.Get("pending"), needed(f), err)
		return nil
	case step.Secret == "":
		c.proof(v, f.Get("why"), h, step.Pending, step.Needs, nil)
		return nil
	}
	c.cfg.Gate.SetSession(v.w, step.Secret, step.Session)
	return c.goOn(v, h, step.Secret)
}

// shown takes a password, or the second way after it.
func (c *Console) shown(v *visit, at signin.Visitor, name string) (signin.Step, error) {
	f := v.r.PostForm
	if pending := f.Get("pending"); pending != "" {
		return c.cfg.Gate.Second(v.ctx(), at, pending, f.Get("code"))
	}
	return c.cfg.Gate.Password(v.ctx(), at, name, f.Get("password"))
}

// needed are the second ways that a form already asked for.
func needed(f url.Values) []auth.Method {
	var out []auth.Method
	for _, m := range []auth.Method{auth.ByTOTP, auth.ByRecovery} {
		if f.Get("needs."+string(m)) != "" {
			out = append(out, m)
		}
	}
	return out
}

// goOn leads somebody who has shown who they are back to where they were: to a
// page, or to the form that they had sent, with what they had typed.
func (c *Console) goOn(v *visit, h held, secret string) error {
	kept, err := url.ParseQuery(h.Kept)
	to, perr := url.ParseRequestURI(h.Post)
	if h.Post == "" || local(h.Post) != h.Post || err != nil || perr != nil {
		http.Redirect(v.w, v.r, h.Next, http.StatusSeeOther)
		return nil
	}
	kept.Set("held", "yes")
	r := c.cfg.Gate.Carrying(v.r, secret)
	r.URL, r.RequestURI, r.Pattern = to, h.Post, ""
	r.PostForm, r.Form, r.MultipartForm = kept, kept, nil
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	c.mux.ServeHTTP(v.w, r)
	return nil
}

// again shows a form that waited for its person, with what they had typed. It is
// not done: that takes one more press.
func (c *Console) again(v *visit) error {
	told := &formError{What: v.say.t("again.what"), Kept: v.say.t("again.kept"), Do: v.say.t("again.do"), Calm: true}
	back := &returned{kind: v.r.PathValue("kind"), target: v.r.PostForm.Get("target"), typed: v.r.PostForm, faults: map[string]string{}, err: told, status: http.StatusOK}
	path := v.r.URL.Path
	switch {
	case strings.HasPrefix(path, "/cases/"):
		return c.showCase(v, back)
	case strings.HasPrefix(path, "/deliveries/"):
		return c.showDelivery(v, back)
	case strings.HasPrefix(path, "/reports/") && back.kind != "":
		return c.showReport(v, tocsin.ReportID(v.r.PathValue("id")), back)
	case path == "/intake":
		return c.handInAgain(v, &posted{Values: v.r.PostForm, c: c, say: v.say, faults: map[string]string{}}, told, http.StatusOK)
	}
	c.formAgain(v, v.r.PostForm, told, "again.title", http.StatusOK)
	return nil
}

// accountFault is an error of accounts in the person's language, where the
// catalogue has it by its code.
func accountFault(v *visit, err error) *formError {
	var told *tocsin.Error
	if !errors.As(err, &told) || !v.say.has("problem."+told.Code) {
		f := errorOf(v, err)
		f.Kept = v.say.t("error.nothing_kept")
		return f
	}
	if !strings.HasPrefix(v.r.URL.Path, "/account") { // on one's own page it is a sign-in, which the gate notes
		v.denied(err)
	}
	var wait signin.Wait
	if errors.As(err, &wait) {
		return &formError{What: v.say.t("problem.slow_down", span(time.Duration(wait))), Do: v.say.t("problem.slow_down.do")}
	}
	return &formError{What: v.say.t("problem." + told.Code), Do: v.say.t("problem." + told.Code + ".do")}
}

// accountStatus is the status of a page with such an error on it.
func accountStatus(v *visit, err error) int {
	var wait signin.Wait
	if errors.As(err, &wait) {
		v.w.Header().Set("Retry-After", seconds(time.Duration(wait)))
		return http.StatusTooManyRequests
	}
	return statusOf(tocsin.KindOf(err))
}
