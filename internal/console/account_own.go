package console

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"tocsin"
	"tocsin/internal/auth"
)

// ownRoutes are the pages of one's own account. They are everybody's who has one.
func (c *Console) ownRoutes() {
	c.own("GET /account", c.account)
	c.own("POST /account/password", c.changePassword)
	c.own("POST /account/passkeys/remove", c.removePasskey)
	c.own("POST /account/passkeys/failed", c.passkeyFailed)
	c.own("GET /account/codes", c.codes)
	c.own("POST /account/codes", c.confirmCodes)
	c.own("POST /account/codes/remove", c.removeCodes)
	c.own("POST /account/recovery", c.newRecovery)
	c.own("POST /account/sessions/end", c.endSession)
	c.own("POST /account/sessions/end-others", c.endOthers)
}

// own registers a page for whoever has come through the gate. A session that
// stands on a token has no account behind it that could be changed.
func (c *Console) own(pattern string, f func(*visit) error) {
	c.page(pattern, nil, func(v *visit) error {
		if v.seen.In == nil {
			return saidFault(tocsin.Forbidden, "token_session", v.say.t("problem.token_session"), v.say.t("problem.token_session.do"))
		}
		if v.r.Method == http.MethodPost {
			if err := c.parsed(v); err != nil {
				return err
			}
		}
		return f(v)
	})
}

// keyView is a passkey as its person sees it.
type keyView struct {
	auth.Passkey
	Ref string
}

type sessionView struct {
	auth.Session
	This bool
}

type accountPage struct {
	Page
	A          auth.Account
	Keys       []keyView
	Sessions   []sessionView
	Fresh      bool
	Restricted bool
	Error      *formError
	At         string // part of the page that Error is about
}

func (c *Console) account(v *visit) error {
	// The ways to sign in are shown to be changed, and that takes a fresh proof.
	if v.r.URL.Query().Get("change") != "" {
		if err := freshly(v); err != nil {
			return err
		}
	}
	if code := v.r.URL.Query().Get("problem"); code != "" && v.say.has("problem."+code) {
		return c.showAccount(v, "passkeys", &tocsin.Error{Kind: tocsin.Forbidden, Code: code})
	}
	return c.showAccount(v, "", nil)
}

func (c *Console) showAccount(v *visit, at string, problem error) error {
	s := *v.seen.In
	p := accountPage{Page: c.head(v, "account.title"), Fresh: s.Fresh(freshFor), Restricted: s.Restricted, At: at}
	p.Here, p.Path = "/account", "/account"
	p.A, _ = c.cfg.Users.Account(s.User)
	for _, k := range c.cfg.Users.Passkeys(s.User) {
		p.Keys = append(p.Keys, keyView{k, base64.RawURLEncoding.EncodeToString(k.ID)})
	}
	for _, o := range c.cfg.Users.Sessions(s.User) {
		p.Sessions = append(p.Sessions, sessionView{o, o.Ref == s.Ref})
	}
	status := http.StatusOK
	if problem != nil {
		p.Error, status = accountFault(v, problem), accountStatus(v, problem)
	}
	c.render(v, status, "account", p)
	return nil
}

// done leads to a page with a line about what was done.
func (c *Console) done(v *visit, to, key string) error {
	c.note(v, key)
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// changePassword asks for the password there is, besides a fresh session: whoever
// sits down at an open screen knows neither.
func (c *Console) changePassword(v *visit) error {
	if err := freshly(v); err != nil {
		return err
	}
	f, at, id := v.r.PostForm, c.cfg.Gate.Visitor(v.r), v.seen.In.User
	err := twice(f)
	if a, _ := c.cfg.Users.Account(id); err == nil && a.SignIn.Password {
		err = c.cfg.Gate.Confirm(v.ctx(), at, id, f.Get("password_now"))
	}
	if err == nil {
		err = c.cfg.Users.SetPassword(v.ctx(), id, id, f.Get("password"), at.Session)
	}
	if err != nil {
		return c.showAccount(v, "password", err)
	}
	return c.done(v, "/account", "done.password")
}

func (c *Console) removePasskey(v *visit) error {
	if err := freshly(v); err != nil {
		return err
	}
	id, err := base64.RawURLEncoding.DecodeString(v.r.PostForm.Get("key"))
	if err == nil {
		err = c.cfg.Users.RemovePasskey(v.ctx(), v.seen.In.User, v.seen.In.User, id)
	}
	if err != nil {
		return c.showAccount(v, "passkeys", err)
	}
	return c.done(v, "/account", "done.passkey_removed")
}

// passkeyFailed says in the person's language what the script met with.
func (c *Console) passkeyFailed(v *visit) error {
	code := v.r.PostForm.Get("problem")
	if code == "reauthenticate" { // it has become too old while the page was open
		http.Redirect(v.w, v.r, "/account?change=passkeys", http.StatusSeeOther)
		return nil
	}
	return c.showAccount(v, "passkeys", &tocsin.Error{Kind: tocsin.Forbidden, Code: code})
}

// codesPage is the page on which one-time codes are set up.
type codesPage struct {
	Page
	Picture template.HTML
	Secret  string
	URI     template.URL // otpauth, made here
	Pending string
	Error   *formError
}

func (c *Console) codes(v *visit) error {
	if err := freshly(v); err != nil {
		return err
	}
	uri, pending, err := c.cfg.Gate.BeginTOTP(*v.seen.In)
	if err != nil {
		return err
	}
	return c.showCodes(v, uri, pending, nil)
}

func (c *Console) showCodes(v *visit, uri, pending string, problem error) error {
	picture, err := qrCode(uri, v.say.t("codes.picture"))
	if err != nil {
		return err
	}
	u, err := url.Parse(uri)
	if err != nil {
		return err
	}
	p := codesPage{Page: c.head(v, "codes.title"), Picture: picture, Secret: spaced(u.Query().Get("secret")), URI: template.URL(uri), Pending: pending} //nolint:gosec // the gate has made it
	p.Here, p.Path = "/account", "/account/codes"
	status := http.StatusOK
	if problem != nil {
		p.Error, status = accountFault(v, problem), accountStatus(v, problem)
	}
	c.render(v, status, "account-codes", p)
	return nil
}

// spaced parts a secret into groups of four, to be typed off a screen.
func spaced(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// qrCode draws a QR code as one path on a white ground, with the quiet zone of
// four modules that ISO/IEC 18004 asks for. It is white in every theme, for
// cameras want dark on light.
func qrCode(text, label string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("console: QR code: %w", err)
	}
	const quiet = 4
	n := code.Bounds().Dx()
	var path strings.Builder
	for y := range n {
		for x := 0; x < n; {
			run := 0
			for ; x+run < n && dark(code, x+run, y); run++ {
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
			}
			x += run + 1
		}
	}
	side := n + 2*quiet
	return template.HTML(fmt.Sprintf(`<svg class="qr" viewBox="0 0 %d %d" role="img" aria-label="%s" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="%s"/></svg>`, //nolint:gosec // numbers, and a label that is escaped
		side, side, template.HTMLEscapeString(label), side, side, path.String())), nil
}

func dark(code barcode.Barcode, x, y int) bool {
	r, _, _, _ := code.At(x, y).RGBA()
	return r == 0
}

func (c *Console) confirmCodes(v *visit) error {
	f, s := v.r.PostForm, *v.seen.In
	step, err := c.cfg.Gate.FinishTOTP(v.ctx(), c.cfg.Gate.Visitor(v.r), s, f.Get("pending"), f.Get("code"))
	if err != nil {
		if ferr := freshly(v); ferr != nil {
			return ferr
		}
		uri, aerr := c.cfg.Gate.TOTPAgain(s, f.Get("pending"))
		if aerr != nil {
			return c.showAccount(v, "codes", aerr)
		}
		return c.showCodes(v, uri, f.Get("pending"), err)
	}
	c.cfg.Gate.SetSession(v.w, step.Secret, step.Session)
	v.by = step.Session.Actor
	return c.showRecovery(v, s.User)
}

// showRecovery makes recovery codes and shows them, this once.
func (c *Console) showRecovery(v *visit, id tocsin.ActorID) error {
	codes, err := c.cfg.Users.NewRecoveryCodes(v.ctx(), id, id)
	if err != nil {
		return err
	}
	p := struct {
		Page
		Codes []string
	}{c.head(v, "recovery.title"), codes}
	p.Here, p.Path = "/account", "/account"
	c.render(v, http.StatusOK, "account-recovery", p)
	return nil
}

func (c *Console) newRecovery(v *visit) error {
	if err := freshly(v); err != nil {
		return err
	}
	if a, _ := c.cfg.Users.Account(v.seen.In.User); !a.SignIn.TOTP {
		return c.showAccount(v, "codes", tocsin.Fault(tocsin.Refused, "no_codes", "There are no one-time codes that these could stand in for.", "Set up one-time codes first."))
	}
	return c.showRecovery(v, v.seen.In.User)
}

func (c *Console) removeCodes(v *visit) error {
	if err := freshly(v); err != nil {
		return err
	}
	id := v.seen.In.User
	if err := c.cfg.Users.RemoveTOTP(v.ctx(), id, id); err != nil {
		return c.showAccount(v, "codes", err)
	}
	return c.done(v, "/account", "done.codes_removed")
}

// endSession ends one of the person's own sessions.
func (c *Console) endSession(v *visit) error {
	ref := v.r.PostForm.Get("ref")
	if err := freshly(v); err != nil {
		return err
	}
	for _, s := range c.cfg.Users.Sessions(v.seen.In.User) {
		if s.Ref == ref {
			if err := c.cfg.Users.EndSession(v.ctx(), v.seen.In.User, ref, "ended by their person"); err != nil {
				return err
			}
			return c.done(v, "/account", "done.session_ended")
		}
	}
	return c.showAccount(v, "sessions", tocsin.Fault(tocsin.NotFound, "no_session", "There is no such session.", "Look at the list of sessions."))
}

func (c *Console) endOthers(v *visit) error {
	if err := freshly(v); err != nil {
		return err
	}
	for _, s := range c.cfg.Users.Sessions(v.seen.In.User) {
		if s.Ref == v.seen.In.Ref {
			continue
		}
		if err := c.cfg.Users.EndSession(v.ctx(), v.seen.In.User, s.Ref, "ended by their person"); err != nil && tocsin.KindOf(err) != tocsin.NotFound {
			return err
		}
	}
	return c.done(v, "/account", "done.session_ended")
}

// standing adds to a page what somebody must not overlook: that nothing is real,
// that the line can be read, that they hold a role for a while, or owe a review.
func (c *Console) standing(v *visit, p *Page) {
	p.Exercise = c.cfg.Exercise
	if c.accounts == nil {
		return
	}
	p.Plain = !c.cfg.Gate.Secure()
	if v.by.ID == "" {
		if n := ""; v.r.Method == http.MethodGet {
			if n = c.told(v, flashCookie); v.say.has(n) {
				p.Done = v.say.t(n)
			}
		}
		return
	}
	p.Account = v.seen.In != nil
	if a, ok := c.cfg.Users.Account(v.by.ID); ok {
		p.Glass = a.Glass
	}
	p.Owed = len(c.cfg.Users.ReviewsOwedBy(v.by.ID))
}
