package signin_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/signin"
)

// ask sends a request to a handler as a browser at the office does.
func ask(h http.Handler, method, path, body string, change func(*http.Request)) *http.Response {
	r := httptest.NewRequest(method, "https://tocsin.example.org"+path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.7:4711"
	r.Header.Set("User-Agent", office.Agent)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func cookie(r *http.Response, name string) *http.Cookie {
	for _, c := range r.Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func carrying(cookies ...*http.Cookie) func(*http.Request) {
	return func(r *http.Request) {
		for _, c := range cookies {
			r.AddCookie(c)
		}
	}
}

func TestTheCookieIsOneThatOnlyWeGetBack(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	step := h.in(office, "anna")
	w := httptest.NewRecorder()
	h.SetSession(w, step.Secret, step.Session)
	c := w.Result().Cookies()[0]
	if c.Name != "__Host-tocsin-session" || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 12*60*60 {
		t.Errorf("%s", c)
	}
	session := func(change func(*http.Request)) error {
		var err error
		ask(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, err = h.Session(w, r) }), "GET", "/", "", change)
		return err
	}
	if err := session(carrying(c)); err != nil {
		t.Error(err)
	}
	planted := &http.Cookie{Name: c.Name, Value: "tocsin-session_x"}
	plain := &http.Cookie{Name: "tocsin-session", Value: c.Value}
	for name, change := range map[string]func(*http.Request){"none": nil, "two of one name": carrying(c, planted), "without the prefix": carrying(plain), "huge": carrying(&http.Cookie{Name: c.Name, Value: strings.Repeat("A", 10_000)})} {
		if err := session(change); tocsin.KindOf(err) != tocsin.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := ask(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _ = h.SignOut(w, r) }), "POST", "/", "", carrying(c))
	if gone := cookie(r, c.Name); gone == nil || gone.MaxAge >= 0 || session(carrying(c)) == nil {
		t.Errorf("signed out: %v", gone)
	}
}

func TestPlainHTTPIsForThisMachineAloneAndSaidAloud(t *testing.T) {
	for origin, good := range map[string]bool{"https://tocsin.example.org": true, "https://tocsin.example.org:8443/": true, "http://localhost:8080": true, "http://x.localhost": true,
		"http://tocsin.example.org": false, "http://192.0.2.1": false, "https://192.0.2.1": false, "http://127.0.0.1:80": false, "tocsin.example.org": false, "": false, "https://": false,
		"https://u:p@x.org": false, "https://x.org/path": false, "https://x.org?q": false, "ftp://localhost": false, "http://localhost.evil.org": false, "https://x.org#f": false} {
		var log strings.Builder
		base := opened(t)
		g, err := signin.New(signin.Config{Users: base.users, Key: base.key, Clock: base.clock, Origin: origin, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if (err == nil) != good {
			t.Errorf("%q: %v", origin, err)
			continue
		}
		if err != nil {
			wantCode(t, err, tocsin.Invalid, "origin")
			continue
		}
		if loud := strings.Contains(log.String(), "INSECURE"); loud != strings.HasPrefix(origin, "http:") {
			t.Errorf("%q: the log says %q", origin, log.String())
		}
		w := httptest.NewRecorder()
		g.SetSession(w, "x", auth.Session{Ends: base.clock.Now().Add(time.Hour)})
		if c := w.Result().Cookies()[0]; c.Secure != strings.HasPrefix(origin, "https:") || c.Secure != strings.HasPrefix(c.Name, "__Host-") || !c.HttpOnly {
			t.Errorf("%q: %s", origin, c)
		}
	}
}

func TestAnotherSiteCannotActThroughTheBrowser(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	step := h.in(office, "anna")
	mine := &http.Cookie{Name: "__Host-tocsin-session", Value: step.Secret}
	acted := 0
	guarded := h.Protect(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { acted++ }))
	for _, c := range []struct {
		method, site, origin string
		cookie, passes       bool
	}{
		{"POST", "same-origin", "https://tocsin.example.org", true, true},
		{"POST", "none", "", true, true},
		{"POST", "cross-site", "https://evil.example", true, false},
		{"POST", "same-site", "https://evil.example.org", true, false},
		{"POST", "", "https://evil.example", true, false},
		{"POST", "", "null", true, false},
		{"POST", "", "https://tocsin.example.org", true, true},
		{"POST", "", "", true, false}, // the gap that the library leaves
		{"POST", "", "", false, true}, // a program with a token
		{"DELETE", "cross-site", "", true, false},
		{"GET", "cross-site", "", true, true}, // a link in a message; it changes nothing
	} {
		before := acted
		r := ask(guarded, c.method, "/", "", func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			if c.site != "" {
				r.Header.Set("Sec-Fetch-Site", c.site)
			}
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			if c.cookie {
				r.AddCookie(mine)
			}
		})
		if (acted > before) != c.passes || !c.passes && r.StatusCode != http.StatusForbidden {
			t.Errorf("%+v: %d", c, r.StatusCode)
		}
	}
}

func TestOtherRightsGiveTheBrowserAnotherCookie(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	mine := &http.Cookie{Name: "__Host-tocsin-session", Value: h.in(office, "anna").Secret}
	if err := h.users.SetRoles(t.Context(), "adam", "anna", []tocsin.Role{tocsin.DutyOfficer}, nil, "", "promoted"); err != nil {
		t.Fatal(err)
	}
	var s auth.Session
	r := ask(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s, _ = h.Session(w, r) }), "GET", "/", "", carrying(mine))
	if c := cookie(r, mine.Name); c == nil || c.Value == mine.Value || !s.Actor.Has(tocsin.DutyOfficer) || s.Renew {
		t.Errorf("%v %+v", c, s)
	}
}

func TestPasskeysOverHTTP(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	door := h.Handler()
	r := ask(door, "POST", "/account/passkey/begin", "", nil)
	if r.StatusCode != http.StatusForbidden || r.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(text(t, r), `"code":"session"`) {
		t.Errorf("without a session: %d %v", r.StatusCode, r.Header)
	}
	mine := &http.Cookie{Name: "__Host-tocsin-session", Value: h.in(office, "anna").Secret}
	r = ask(door, "POST", "/account/passkey/begin", "", carrying(mine))
	options, err := virtualwebauthn.ParseAttestationOptions(text(t, r))
	if err != nil {
		t.Fatal(err)
	}
	a := newAuthenticator(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(options.UserID)})
	answer := virtualwebauthn.CreateAttestationResponse(party, a.Authenticator, a.key, *options)
	r = ask(door, "POST", "/account/passkey/finish?name=my+key", answer, carrying(mine, cookie(r, "__Host-tocsin-ceremony")))
	if c := cookie(r, mine.Name); r.StatusCode != http.StatusOK || c == nil || c.Value == mine.Value || len(h.users.Passkeys("anna")) != 1 {
		t.Fatalf("%d %s", r.StatusCode, text(t, r))
	}
	r = ask(door, "POST", "/sign-in/passkey/begin", "", nil)
	ceremony := cookie(r, "__Host-tocsin-ceremony")
	asked, err := virtualwebauthn.ParseAssertionOptions(text(t, r))
	if err != nil || ceremony == nil || r.Header.Get("Cache-Control") != "no-store" {
		t.Fatal(err, r.Header)
	}
	a.key.Counter++
	answer = virtualwebauthn.CreateAssertionResponse(party, a.Authenticator, a.key, *asked)
	r = ask(door, "POST", "/sign-in/passkey/finish", answer, carrying(ceremony))
	var got struct{ User string }
	if err := json.Unmarshal([]byte(text(t, r)), &got); err != nil || got.User != "anna" || cookie(r, mine.Name) == nil || cookie(r, ceremony.Name).MaxAge >= 0 {
		t.Errorf("%d %+v %v", r.StatusCode, got, r.Header)
	}
	r = ask(door, "POST", "/sign-in/passkey/finish", answer, nil)
	if r.StatusCode != http.StatusForbidden || cookie(r, mine.Name) != nil {
		t.Errorf("without the ceremony: %d", r.StatusCode)
	}
	r = ask(door, "POST", "/sign-in/passkey/finish", answer, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	if r.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %d", r.StatusCode)
	}
}

func TestTheSetUpLinkMakesOneAdministratorWithinAnHour(t *testing.T) {
	h := opened(t)
	door := h.Handler()
	link, ok := h.SetUpLink()
	if !ok || !strings.HasPrefix(link, "https://tocsin.example.org/set-up/") {
		t.Fatalf("%q %v", link, ok)
	}
	path := strings.TrimPrefix(link, "https://tocsin.example.org")
	post := func(path, password string) *http.Response {
		form := url.Values{"id": {"ada"}, "name": {"Ada <b>"}, "password": {password}}
		return ask(door, "POST", path, form.Encode(), func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
	}
	for range 3 { // whatever follows links does not use it up
		r := ask(door, "GET", path, "", nil)
		if r.StatusCode != http.StatusOK || !strings.Contains(r.Header.Get("Content-Security-Policy"), "default-src 'none'") || r.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Fatalf("%d %v", r.StatusCode, r.Header)
		}
	}
	for _, wrong := range []string{"/set-up/x", "/set-up/" + strings.Repeat("A", 43), path + "x"} {
		if r := ask(door, "GET", wrong, "", nil); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", wrong, r.StatusCode)
		}
		if r := post(wrong, phrase); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", wrong, r.StatusCode)
		}
	}
	r := post(path, "password1234")
	if page := text(t, r); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, `role="alert"`) || strings.Contains(page, "password1234") || strings.Contains(page, "<b>") {
		t.Errorf("%d %s", r.StatusCode, page)
	}
	newer, _ := h.SetUpLink()
	if r := post(path, phrase); r.StatusCode != http.StatusNotFound {
		t.Errorf("the link before is good: %d", r.StatusCode)
	}
	path = strings.TrimPrefix(newer, "https://tocsin.example.org")
	r = post(path, phrase)
	if r.StatusCode != http.StatusOK || cookie(r, "__Host-tocsin-session") == nil || !h.users.Administered() {
		t.Fatalf("%d %s", r.StatusCode, text(t, r))
	}
	if r := post(path, phrase); r.StatusCode != http.StatusNotFound {
		t.Errorf("the link is good twice: %d", r.StatusCode)
	}
	if _, ok := h.SetUpLink(); ok {
		t.Error("there is an administrator, and another link")
	}
	h.in(office, "ada")
}

func TestTheSetUpLinkIsOverAfterAnHour(t *testing.T) {
	h := opened(t)
	link, _ := h.SetUpLink()
	secret := link[strings.LastIndex(link, "/")+1:]
	h.clock.Pass(time.Hour)
	_, err := h.SetUp(t.Context(), office, secret, "ada", "Ada", phrase)
	wantCode(t, err, tocsin.NotFound, "set_up")
	link, _ = h.SetUpLink()
	h.clock.Pass(time.Hour - time.Second)
	if _, err := h.SetUp(t.Context(), office, link[strings.LastIndex(link, "/")+1:], "ada", "Ada", phrase); err != nil {
		t.Error(err)
	}
}

func TestWhereARequestComesFrom(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"192.0.2.7:80", nil, "192.0.2.7"},
		{"192.0.2.7:80", []string{"203.0.113.1"}, "192.0.2.7"}, // nobody trusts it
		{"10.1.1.1:80", []string{"203.0.113.1"}, "203.0.113.1"},
		{"10.1.1.1:80", []string{"127.0.0.1, 203.0.113.1"}, "203.0.113.1"}, // the first entry is the client's own
		{"10.1.1.1:80", []string{"9.9.9.9, 203.0.113.1, 10.2.2.2"}, "203.0.113.1"},
		{"10.1.1.1:80", []string{"203.0.113.1", "10.2.2.2"}, "203.0.113.1"},
		{"10.1.1.1:80", []string{"203.0.113.1, nonsense"}, "10.1.1.1"},
		{"10.1.1.1:80", nil, "10.1.1.1"},
		{"[fd00::1]:80", []string{"[2001:db8::5]:99"}, "2001:db8::5"},
		{"[::ffff:10.1.1.1]:80", []string{"::ffff:203.0.113.1"}, "203.0.113.1"},
		{"10.1.1.1:80", []string{"10.3.3.3"}, "10.3.3.3"},
	} {
		if got := signin.ClientAddress(c.remote, c.forwarded, proxies); got.String() != c.want {
			t.Errorf("%s through %v is %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
	if got := signin.ClientAddress("", []string{"203.0.113.1"}, proxies); got.IsValid() {
		t.Errorf("nowhere is %s", got)
	}
}

func FuzzClientAddress(f *testing.F) {
	f.Add("10.1.1.1:80", "127.0.0.1, 203.0.113.1")
	f.Add("", ",,,")
	f.Add("[::1%eth0]:1", "::ffff:1.2.3.4")
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, remote, forwarded string) {
		got := signin.ClientAddress(remote, []string{forwarded}, proxies)
		direct := signin.ClientAddress(remote, nil, nil)
		if direct.IsValid() && !proxies[0].Contains(direct) && got != direct {
			t.Errorf("%q with %q is %s", remote, forwarded, got)
		}
		if got.Is4In6() || got.Zone() != "" {
			t.Errorf("%s has two forms", got)
		}
	})
}

func FuzzCookies(f *testing.F) {
	h := opened(f)
	h.with("anna", tocsin.Analyst, phrase)
	step := h.in(office, "anna")
	f.Add("__Host-tocsin-session=" + step.Secret + "x")
	f.Add("__Host-tocsin-session=; __Host-tocsin-session=x")
	f.Add("\x00")
	f.Fuzz(func(t *testing.T, header string) {
		ask(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s, err := h.Session(w, r); err == nil && !strings.Contains(header, step.Secret) {
				t.Errorf("%q is %+v", header, s)
			}
		}), "GET", "/", "", func(r *http.Request) { r.Header.Set("Cookie", header) })
	})
}
