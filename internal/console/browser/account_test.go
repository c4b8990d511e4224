package browser_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"tocsin/internal/auth"
	"tocsin/internal/console"
	"tocsin/internal/console/consoletest"
)

// door opens a window on a house with a gate, on this machine's own name.
func door(t *testing.T, change ...func(*console.Config)) *screen {
	t.Helper()
	if chromium() == "" {
		t.Skip("no Chromium is installed")
	}
	h := consoletest.Open(t, false, change...)
	s := &screen{t: t, h: h, cases: h.Fill(), shots: os.Getenv("SCREENSHOTS")}
	if s.shots == "" {
		s.shots = t.TempDir()
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.Console.ServeHTTP(w, r) }))
	s.url = "http://localhost:" + strings.TrimPrefix(server.Listener.Addr().String(), "127.0.0.1:")
	h.Door(s.url)
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(h.Console.Drain)
	s.window()
	return s
}

// window opens a browser.
func (s *screen) window() {
	s.t.Helper()
	ctx, cancel := chromedp.NewContext(launched(s.t))
	s.t.Cleanup(cancel)
	s.ctx, cancel = context.WithTimeout(ctx, 10*time.Minute)
	s.t.Cleanup(cancel)
	s.begin()
}

// authenticator gives the browser a key of its own, as one that is built in.
func (s *screen) authenticator() {
	s.t.Helper()
	s.run(webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}).Do(ctx)
		return err
	}))
}

func (s *screen) enter(who, password string) {
	s.t.Helper()
	s.run(chromedp.Navigate(s.url+"/sign-in"), chromedp.WaitReady("#name"), chromedp.SendKeys("#name", who), chromedp.SendKeys("#password", password), chromedp.Submit("#password"), chromedp.WaitReady(".tools .who"))
}

func (s *screen) out() {
	s.t.Helper()
	s.run(chromedp.Click(`details.me > summary`), chromedp.Click(`form[action="/sign-out"] button`), chromedp.WaitReady("#name"))
}

func (s *screen) has(what string) bool {
	s.t.Helper()
	return strings.Contains(s.text(`document.body.innerText`), what)
}

func TestFromAnEmptyInstallationToASecondWay(t *testing.T) {
	s := door(t)
	if err := s.h.Users.Disable(t.Context(), auth.Local, "adam"); err != nil {
		t.Fatal(err)
	}
	link, ok := s.h.Gate.SetUpLink()
	if !ok {
		t.Fatal("there is no link")
	}
	s.run(chromedp.Navigate(link), chromedp.WaitReady("#id"))
	s.shoot("set-up")
	s.run(chromedp.SendKeys("#id", "n.haddad"), chromedp.SendKeys("#name", "Nadia Haddad"), chromedp.SendKeys("#password", consoletest.Phrase), chromedp.SendKeys("#password_again", consoletest.Phrase),
		chromedp.Submit("#password_again"), chromedp.WaitReady(".tools .who"))
	if !s.has("The administrator is made and signed in") {
		t.Error("the page does not say that it is done")
	}
	s.visit("/account/codes")
	s.shoot("codes")
	seed := strings.ReplaceAll(s.text(`document.querySelector(".secret").textContent`), " ", "")
	code := func() string {
		c, err := totp.GenerateCode(seed, s.h.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	s.run(chromedp.SendKeys("#code", code()), chromedp.Submit("#code"), chromedp.WaitReady(".recovery"))
	s.shoot("recovery")
	if n := s.text(`String(document.querySelectorAll(".recovery code").length)`); n != "10" {
		t.Errorf("%s recovery codes", n)
	}
	s.visit("/admin")
	s.visit("/account")
	s.out()
	s.run(chromedp.NavigateBack())
	s.until("the back button leads to the door", `document.querySelector("#name") !== null && !document.body.innerText.includes("Nadia")`)
	s.h.Clock.Pass(time.Minute)
	s.run(chromedp.Navigate(s.url+"/sign-in"), chromedp.WaitReady("#name"), chromedp.SendKeys("#name", "n.haddad"), chromedp.SendKeys("#password", consoletest.Phrase), chromedp.Submit("#password"), chromedp.WaitReady("#code"))
	s.shoot("second")
	s.run(chromedp.SendKeys("#code", "000000"), chromedp.Submit("#code"), chromedp.WaitReady(".formerror"), chromedp.SendKeys("#code", code()), chromedp.Submit("#code"), chromedp.WaitReady(".tools .who"))
	if got := s.text(`location.pathname`); got != "/admin" {
		t.Errorf("somebody who administers begins at %s", got)
	}
	s.complaints()
}

func TestAPasskeyOpensTheDoorAndTheLock(t *testing.T) {
	s := door(t)
	s.h.Password("daniel")
	s.authenticator()
	s.enter("daniel", consoletest.Phrase)
	s.visit("/account")
	s.run(chromedp.SendKeys("#passkey-name", "the key in this machine"), chromedp.Click("#add-passkey button"))
	s.until("the passkey is listed", `document.body.innerText.includes("the key in this machine")`)
	s.shoot("account")
	s.out()
	s.run(chromedp.WaitVisible("[data-passkey-go]"), chromedp.Click("[data-passkey-go]"), chromedp.WaitReady(".tools .who"))
	if got := s.text(`location.pathname`); got != "/" {
		t.Errorf("a duty officer begins at %s", got)
	}
	s.h.Clock.Pass(16 * time.Minute)
	s.visit("/cases")
	if s.has("Amara Diallo") || !s.has("Daniel Okoro") {
		t.Error("the lock shows a case, or not whose it is")
	}
	s.run(chromedp.WaitVisible("[data-passkey-go]"), chromedp.Click("[data-passkey-go]"), chromedp.WaitReady(".tools .who"))
	if got := s.text(`location.pathname`); got != "/cases" {
		t.Errorf("the lock leads to %s", got)
	}
	s.visit("/account")
	s.run(chromedp.Click(`form[action="/account/passkeys/remove"] button`))
	s.until("the passkey has gone", `document.body.innerText.includes("The passkey is removed.")`)
	s.out()
	s.run(chromedp.WaitVisible("[data-passkey-go]"), chromedp.Click("[data-passkey-go]"), chromedp.WaitReady(".formerror"))
	if !s.has("The passkey could not be verified") {
		t.Error("a passkey that was removed is not refused in plain words")
	}
	s.complaints()
}

func TestTheLockKeepsWhatWasTyped(t *testing.T) {
	for _, scripts := range []bool{true, false} {
		s := door(t)
		s.h.Password("daniel")
		if !scripts {
			s.run(emulation.SetScriptExecutionDisabled(true))
		}
		s.enter("daniel", consoletest.Phrase)
		path := "/cases/" + string(s.cases["fresh"])
		s.run(chromedp.Navigate(s.url+path+"?do=raise_dispute&target="), chromedp.WaitReady(`#do-raise_dispute- textarea[name="position"]`),
			chromedp.SendKeys(`#do-raise_dispute- [name="about"]`, "the street"), chromedp.SendKeys(`#do-raise_dispute- [name="position"]`, "It is another one, by the harbour."))
		s.h.Clock.Pass(16 * time.Minute)
		// The button pressed twice at once: one form is under way.
		s.run(chromedp.Click(`#do-raise_dispute- .go button`), chromedp.WaitVisible(".lock #password"))
		s.shoot("lock")
		if s.has("Diallo") {
			t.Error("the lock shows the case")
		}
		s.run(chromedp.SendKeys("#password", consoletest.Phrase), chromedp.Submit("#password"), chromedp.WaitReady(`#do-raise_dispute- [name="position"]`))
		var typed string
		s.run(chromedp.Value(`#do-raise_dispute- [name="position"]`, &typed))
		if typed != "It is another one, by the harbour." {
			t.Errorf("scripts %v: %q is left", scripts, typed)
		}
		s.shoot("again")
		if c, _ := s.h.Engine.Case(s.cases["fresh"]); len(c.Disputes) != 0 {
			t.Error("the proof did it")
		}
		s.run(chromedp.Click(`#do-raise_dispute- .go button`), chromedp.WaitReady(`.band.done`))
		if c, _ := s.h.Engine.Case(s.cases["fresh"]); len(c.Disputes) != 1 {
			t.Errorf("scripts %v: %d disputes", scripts, len(c.Disputes))
		}
		s.complaints()
	}
}

func TestAnOpenPageLocksByItselfAndGivesNothingAway(t *testing.T) {
	s := door(t, func(c *console.Config) { c.Beat = 200 * time.Millisecond })
	s.h.Password("daniel")
	s.enter("daniel", consoletest.Phrase)
	s.visit("/")
	s.until("the page hears the server", `document.querySelector("time.clock").textContent.length === 8`)
	s.h.Clock.Pass(16 * time.Minute)
	s.until("the lock stands in its place", `document.querySelector(".lock") !== null && !document.body.innerText.includes("Diallo")`)
}

func TestACookieThatIsUsedElsewhereLocks(t *testing.T) {
	s := door(t)
	s.h.Password("daniel")
	s.enter("daniel", consoletest.Phrase)
	var cookies []*network.Cookie
	s.run(chromedp.ActionFunc(func(ctx context.Context) (err error) { cookies, err = network.GetCookies().Do(ctx); return err }))
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
	r.RemoteAddr = net.JoinHostPort("203.0.113.9", "4711")
	r.Header.Set("User-Agent", s.text("navigator.userAgent"))
	carried := 0
	for _, c := range cookies {
		if strings.Contains(c.Name, "session") {
			carried++
			if !c.HTTPOnly {
				t.Errorf("a script can read %s", c.Name)
			}
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	w := httptest.NewRecorder()
	s.h.Console.ServeHTTP(w, r)
	if carried != 1 || w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "Diallo") {
		t.Fatalf("%d cookies; a stolen one gets %d", carried, w.Code)
	}
	s.visit("/")
	if !s.has("another network") {
		t.Error("its owner is not told why the session is locked")
	}
	s.run(chromedp.SendKeys("#password", consoletest.Phrase), chromedp.Submit("#password"), chromedp.WaitReady(".tools .who"))
	w = httptest.NewRecorder()
	s.h.Console.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		t.Errorf("the stolen cookie is still good for %d", w.Code)
	}
}

func TestAFormFromAnotherSiteDoesNothing(t *testing.T) {
	s := door(t)
	s.h.Password("adam")
	s.enter("adam", consoletest.Phrase)
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<form id="f" method="post" action="` + s.url + `/admin/people/anna/disable"><input name="sure" value="yes"></form><script>document.getElementById("f").submit()</script>`))
	}))
	t.Cleanup(evil.Close)
	s.run(chromedp.Navigate(evil.URL), chromedp.WaitReady("article.problem"))
	if a, _ := s.h.Users.Account("anna"); a.Disabled {
		t.Error("a form from another site ended an account")
	}
}

func TestEveryPageOfAccountsIsAccessible(t *testing.T) {
	s := door(t, func(c *console.Config) { c.Exercise = true })
	source, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"adam", "daniel", "rita"} {
		s.h.Password(who)
	}
	if _, err := s.h.Users.BreakGlass(t.Context(), "daniel", "release_officer", time.Hour, "The release officer does not answer; the window opens tonight."); err != nil {
		t.Fatal(err)
	}
	s.h.Clock.Pass(2 * time.Hour)
	if _, err := s.h.Users.BreakGlass(t.Context(), "daniel", "analyst", 2*time.Hour, "Nobody else is on the floor, and the report must be assessed."); err != nil {
		t.Fatal(err)
	}
	s.visit("/sign-in")
	looks := func(prefix string, pages map[string]string) {
		t.Helper()
		for _, theme := range []string{"light", "dark"} {
			s.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}))
			for name, path := range pages {
				s.visit(path)
				s.axe(prefix+name+" "+theme, string(source))
				s.shoot(prefix + name + "-" + theme)
			}
		}
	}
	looks("", map[string]string{"sign-in": "/sign-in"})
	s.enter("adam", consoletest.Phrase)
	looks("admin-", map[string]string{"people": "/admin", "person": "/admin/people/daniel", "sessions": "/admin/sessions", "tokens": "/admin/tokens?user=anna#make", "powers": "/admin/powers",
		"history": "/admin/history", "account": "/account", "codes": "/account/codes"})
	s.visit("/admin/people/anna")
	s.run(chromedp.Evaluate(`document.querySelector('form[action$="/link"]').submit()`, nil), chromedp.WaitReady("#secret"))
	s.axe("link shown once", string(source))
	s.run(chromedp.Click("[data-copies] button"))
	s.until("it is copied, or marked to be copied", `document.querySelector("[data-copies] [role=status]").textContent !== "" && (navigator.clipboard || getSelection().toString().includes("/link/"))`)
	s.shoot("admin-once")
	secret := regexp.MustCompile(`/link/\S+`).FindString(s.text(`document.querySelector("#secret").textContent`))
	s.out()
	looks("", map[string]string{"set-password": secret})
	s.enter("rita", consoletest.Phrase)
	looks("rita-", map[string]string{"glass": "/glass", "floor": "/"})
	s.h.Clock.Pass(16 * time.Minute)
	looks("rita-", map[string]string{"lock": "/cases"})
	s.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true))
	s.visit("/cases")
	s.shoot("lock-phone")
	s.run(chromedp.SendKeys("#password", consoletest.Phrase), chromedp.Submit("#password"), chromedp.WaitReady(".tools .who"))
	for _, path := range []string{"/account", "/glass"} {
		s.visit(path)
		s.axe(path+" phone", string(source))
		s.shoot(strings.Trim(path, "/") + "-phone")
		if wide := s.text(`String(document.documentElement.scrollWidth > innerWidth + 1)`); wide == "true" {
			t.Errorf("%s is wider than a phone", path)
		}
	}
	s.complaints()
}

// complaints fails if a page has complained.
func (s *screen) complaints() {
	s.t.Helper()
	if len(s.said) > 0 {
		s.t.Errorf("the pages complain: %q", s.said)
	}
}
