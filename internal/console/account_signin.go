package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/refusals"
	"tocsin/internal/auth/signin"
)

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

func (c *Console) signIn(v *visit) error {
	p := c.signPage(v, "sign.title")
	p.Next = local(v.r.URL.Query().Get("next"))
	if v.r.URL.Query().Get("left") == leftHere {
		p.Elsewhere = c.cfg.Gate.Elsewhere()
	}
	c.render(v, http.StatusOK, "account-sign-in", p)
	return nil
}

// signInAgain shows the page with what went wrong. What it says is the same for a
// name that nobody has.
func (c *Console) signInAgain(v *visit, problem error, pending string, needs []auth.Method) error {
	p := c.signPage(v, "sign.title")
	f := v.r.PostForm
	p.Next, p.Name, p.Pending = local(f.Get("next")), strings.TrimSpace(f.Get("name")), pending
	p.App, p.Recovery = slices.Contains(needs, auth.ByTOTP), slices.Contains(needs, auth.ByRecovery)
	status := http.StatusOK
	if problem != nil {
		p.Error, status = accountFault(v, problem), accountStatus(v, problem)
	}
	c.render(v, status, "account-sign-in", p)
	return nil
}

func (c *Console) signInPassword(v *visit) error {
	f := v.r.PostForm
	switch {
	case f.Get("problem") != "": // the script's passkey did not open
		return c.signInAgain(v, &tocsin.Error{Kind: tocsin.Forbidden, Code: f.Get("problem")}, "", nil)
	case f.Get("passkey") == "yes":
		http.Redirect(v.w, v.r, c.enteredAt(v, local(f.Get("next"))), http.StatusSeeOther)
		return nil
	}
	step, err := c.cfg.Gate.Password(v.ctx(), c.cfg.Gate.Visitor(v.r), f.Get("name"), f.Get("password"))
	if err != nil || step.Secret == "" {
		return c.signInAgain(v, err, step.Pending, step.Needs)
	}
	return c.entered(v, step, local(f.Get("next")))
}

func (c *Console) signInSecond(v *visit) error {
	f := v.r.PostForm
	step, err := c.cfg.Gate.Second(v.ctx(), c.cfg.Gate.Visitor(v.r), f.Get("pending"), f.Get("code"))
	if err != nil {
		pending := f.Get("pending")
		if told := new(tocsin.Error); errors.As(err, &told) && told.Code == "ceremony" {
			pending = "" // it has to be begun again
		}
		return c.signInAgain(v, err, pending, needed(f))
	}
	return c.entered(v, step, local(f.Get("next")))
}

// entered gives the browser its session and leads on.
func (c *Console) entered(v *visit, step signin.Step, next string) error {
	c.cfg.Gate.SetSession(v.w, step.Secret, step.Session)
	if next == "/" {
		next = c.begins(step.Session)
	}
	http.Redirect(v.w, v.r, next, http.StatusSeeOther)
	return nil
}

// begins is where somebody begins who comes from nowhere.
func (c *Console) begins(s auth.Session) string {
	if s.Restricted {
		return "/account"
	}
	if h := home(s.Actor); h != "" {
		return h
	}
	return "/account"
}

// enteredAt is where a session that a passkey has just opened goes on.
func (c *Console) enteredAt(v *visit, next string) string {
	if next != "/" {
		return next
	}
	s, ok, err := c.accounts.Who(v.r)
	if err != nil || !ok || s.In == nil {
		return c.accounts.SignIn(next)
	}
	return c.begins(*s.In)
}

// signInToken opens a session by token, while nobody can sign in another way.
func (c *Console) signInToken(v *visit) error {
	if !c.accounts.tokensOpen() {
		closed := tocsin.Fault(tocsin.Forbidden, "tokens_closed", "", "")
		c.tokenFailed(v, closed)
		return c.signInAgain(v, closed, "", nil)
	}
	f := v.r.PostForm
	if err := c.accounts.tokens.begin(v.w, v.r, f.Get("name"), f.Get("token")); err != nil {
		c.tokenFailed(v, err)
		return c.signInAgain(v, err, "", nil)
	}
	http.Redirect(v.w, v.r, c.landing(f.Get("token"), local(f.Get("next"))), http.StatusSeeOther)
	return nil
}

// tokenFailed notes a sign-in by token that came to nothing. Whose it was meant to
// be is not written: the name is as it was typed.
func (c *Console) tokenFailed(v *visit, err error) {
	var told *tocsin.Error
	if errors.As(err, &told) && told.Kind == tocsin.Forbidden {
		c.cfg.Refusals.Add(v.now, refusals.Refusal{What: refusals.SignIn, Address: c.address(v.r), Method: "token", Code: told.Code})
	}
}

// leftHere marks the door for somebody who had come through a provider, and is
// signed out here alone.
const leftHere = "here"

func (c *Console) signOut(v *visit) error {
	door := "/sign-in"
	if s, ok, err := c.cfg.Sessions.Who(v.r); err == nil && ok && s.In != nil && slices.Contains(s.In.Methods, auth.ByOIDC) {
		door += "?left=" + leftHere
	}
	c.accounts.tokens.leave(v.w, v.r)
	if err := c.cfg.Gate.SignOut(v.w, v.r); err != nil {
		return err
	}
	// What a browser has kept of the pages goes with the session; drafts stay.
	v.w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(v.w, v.r, door, http.StatusSeeOther)
	return nil
}

// depart sends a browser to a provider. No form can lead there under the policy of
// these pages, so it is a link.
func (c *Console) depart(v *visit) error {
	next := local(v.r.URL.Query().Get("next"))
	c.jar().put(v.w, v.r, nextCookie, next, 10*time.Minute, http.SameSiteLaxMode)
	if err := c.cfg.Gate.Depart(v.w, v.r, v.r.PathValue("provider")); err != nil {
		return c.signInAgain(v, err, "", nil)
	}
	return nil
}

// arrive takes up a browser that comes back from a provider.
func (c *Console) arrive(v *visit) error {
	next := local(c.told(v, nextCookie))
	v.r.PostForm = url.Values{"next": {next}}
	step, err := c.cfg.Gate.Arrive(v.w, v.r, v.r.PathValue("provider"))
	if err != nil || step.Secret == "" {
		return c.signInAgain(v, err, step.Pending, step.Needs)
	}
	return c.entered(v, step, next)
}

// firstPage is a page on which somebody sets their first password.
type firstPage struct {
	Page
	ID, Name string
	Post     string
	Error    *formError
}

// setUp shows the form and changes nothing: a program that follows links must not
// use the link up.
func (c *Console) setUp(v *visit) error {
	if !c.cfg.Gate.SetUpOpen(v.r.PathValue("secret")) {
		return c.noLink(v, "set_up")
	}
	c.render(v, http.StatusOK, "account-set-up", firstPage{Page: c.head(v, "setup.title"), Post: v.r.URL.Path})
	return nil
}

// noLink says of every link that opens nothing the same.
func (c *Console) noLink(v *visit, code string) error {
	f := accountFault(v, tocsin.Fault(tocsin.NotFound, code, "", ""))
	c.render(v, http.StatusNotFound, "problem", problemPage{Page: c.head(v, "error.title"), What: f.What, Kept: v.say.t("error.nothing_kept"), Do: f.Do})
	return nil
}

func (c *Console) setUpDone(v *visit) error {
	f := v.r.PostForm
	id, name := strings.TrimSpace(f.Get("id")), strings.TrimSpace(f.Get("name"))
	err := twice(f)
	var step signin.Step
	if err == nil {
		step, err = c.cfg.Gate.SetUp(v.ctx(), c.cfg.Gate.Visitor(v.r), v.r.PathValue("secret"), tocsin.ActorID(id), name, f.Get("password"))
	}
	switch {
	case err == nil:
		c.note(v, "done.set_up")
		return c.entered(v, step, "/")
	case tocsin.KindOf(err) == tocsin.NotFound:
		return c.noLink(v, "set_up")
	}
	c.render(v, accountStatus(v, err), "account-set-up", firstPage{c.head(v, "setup.title"), id, name, v.r.URL.Path, accountFault(v, err)})
	return nil
}

// twice refuses a new password that was not typed twice alike.
func twice(f url.Values) error {
	if f.Get("password") != f.Get("password_again") {
		return tocsin.Fault(tocsin.Invalid, "password_differs", "The two passwords differ.", "Type the same one twice.")
	}
	return nil
}

// byLink shows the page on which a link lets somebody set their password.
func (c *Console) byLink(v *visit) error {
	_ = c.cfg.Users.Follow(v.ctx()) // a link of a moment ago; without it, the record is as it was
	a, ok := c.cfg.Users.LinkOf(v.r.PathValue("secret"))
	if !ok {
		return c.noLink(v, "link")
	}
	c.render(v, http.StatusOK, "account-link", firstPage{c.head(v, "link.title"), string(a.ID), a.Name, v.r.URL.Path, nil})
	return nil
}

func (c *Console) byLinkDone(v *visit) error {
	a, ok := c.cfg.Users.LinkOf(v.r.PathValue("secret"))
	err := twice(v.r.PostForm)
	if err == nil {
		_, err = c.cfg.Users.SetPasswordByLink(v.ctx(), v.r.PathValue("secret"), v.r.PostForm.Get("password"))
	}
	switch {
	case err == nil:
		c.note(v, "done.link")
		http.Redirect(v.w, v.r, "/sign-in", http.StatusSeeOther)
		return nil
	case !ok || tocsin.KindOf(err) == tocsin.NotFound:
		return c.noLink(v, "link")
	}
	c.render(v, accountStatus(v, err), "account-link", firstPage{c.head(v, "link.title"), string(a.ID), a.Name, v.r.URL.Path, accountFault(v, err)})
	return nil
}

// note leaves a line of the catalogue for the next page.
func (c *Console) note(v *visit, key string) {
	c.jar().put(v.w, v.r, flashCookie, key, time.Minute, http.SameSiteLaxMode)
}
