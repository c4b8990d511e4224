package signin_test

import (
	"bufio"
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/signin"
	"tocsin/internal/clocktest"
)

// fake is a provider in this process that says what a test wants it to say: the
// real one next door never says anything wrong.
type fake struct {
	*httptest.Server
	t     testing.TB
	clock *clocktest.Clock
	key   *rsa.PrivateKey
	other *rsa.PrivateKey

	asked  url.Values           // of the last authorisation request
	end    string               // where people sign out
	claims func(map[string]any) // changes what it says
	sign   func([]byte) string  // in place of its own key
	proved bool                 // the verifier fitted the challenge
}

func newFake(t testing.TB, clock *clocktest.Clock) *fake {
	f := &fake{t: t, clock: clock}
	var err error
	if f.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if f.other, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"end_session_endpoint": f.end, "issuer": f.URL, "authorization_endpoint": f.URL + "/auth", "token_endpoint": f.URL + "/token", "jwks_uri": f.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &f.key.PublicKey, KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("/token", f.token)
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) token(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	f.proved = base64.RawURLEncoding.EncodeToString(sum[:]) == f.asked.Get("code_challenge") && f.asked.Get("code_challenge_method") == "S256"
	now := f.clock.Now()
	claims := map[string]any{"iss": f.URL, "sub": "77", "aud": "tocsin", "nonce": f.asked.Get("nonce"), "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "auth_time": now.Unix()}
	if f.claims != nil {
		f.claims(claims)
	}
	b, _ := json.Marshal(claims)
	sign := f.sign
	if sign == nil {
		sign = f.signed(f.key)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": sign(b)})
}

func (f *fake) signed(key *rsa.PrivateKey) func([]byte) string {
	return func(b []byte) string {
		s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
		if err != nil {
			f.t.Fatal(err)
		}
		o, err := s.Sign(b)
		if err != nil {
			f.t.Fatal(err)
		}
		out, _ := o.CompactSerialize()
		return out
	}
}

func withProvider(t testing.TB, change func(*signin.Provider)) (*house, *fake) {
	t.Helper()
	clock := clocktest.At(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	f := newFake(t, clock)
	h := opened(t, func(c *signin.Config) {
		p := signin.Provider{ID: "ours", Name: "Our sign-in", Issuer: f.URL, ClientID: "tocsin", ClientSecret: "s"}
		if change != nil {
			change(&p)
		}
		c.Providers = []signin.Provider{p}
	})
	h.with("anna", tocsin.Analyst, phrase)
	if err := h.users.LinkSubject(t.Context(), "adam", "anna", auth.Subject{Issuer: f.URL, Subject: "77"}); err != nil {
		t.Fatal(err)
	}
	return h, f
}

// through begins a sign-in, and comes back with what the provider answers.
func (h *house) through(f *fake, v signin.Visitor, change func(url.Values)) (signin.Step, error) {
	h.t.Helper()
	where, pending, err := h.BeginOIDC(h.t.Context(), v, "ours")
	if err != nil {
		h.t.Fatal(err)
	}
	u, err := url.Parse(where)
	if err != nil {
		h.t.Fatal(err)
	}
	f.asked = u.Query()
	back := url.Values{"state": {f.asked.Get("state")}, "code": {"c"}}
	if change != nil {
		change(back)
	}
	return h.FinishOIDC(h.t.Context(), v, "ours", pending, back)
}

func TestALinkedSubjectGetsIn(t *testing.T) {
	h, f := withProvider(t, nil)
	step, err := h.through(f, office, nil)
	if err != nil || step.Session.User != "anna" || !step.Session.Fresh(time.Minute) || !f.proved {
		t.Fatalf("%+v %v, proved %v", step, err, f.proved)
	}
}

func TestWhatAProviderSaysIsVerified(t *testing.T) {
	h, f := withProvider(t, nil)
	for name, change := range map[string]func(map[string]any){
		"another nonce":          func(c map[string]any) { c["nonce"] = "x" },
		"no nonce":               func(c map[string]any) { delete(c, "nonce") },
		"another audience":       func(c map[string]any) { c["aud"] = "somebody" },
		"several, not for us":    func(c map[string]any) { c["aud"] = []string{"tocsin", "somebody"} },
		"given to somebody else": func(c map[string]any) { c["azp"] = "somebody" },
		"another issuer":         func(c map[string]any) { c["iss"] = "https://id.example" },
		"expired":                func(c map[string]any) { c["exp"] = h.clock.Now().Add(-time.Hour).Unix() },
		"not yet":                func(c map[string]any) { c["nbf"] = h.clock.Now().Add(time.Hour).Unix() },
		"no subject":             func(c map[string]any) { delete(c, "sub") },
	} {
		f.claims = change
		step, err := h.through(f, office, nil)
		if err == nil {
			t.Errorf("%s: %+v", name, step)
			continue
		}
		wantCode(t, err, tocsin.Forbidden, "provider_answer")
	}
	f.claims = nil
	for name, sign := range map[string]func([]byte) string{
		"another key": f.signed(f.other),
		"no signature": func(b []byte) string {
			return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(b) + "."
		},
		"nothing": func([]byte) string { return "" },
	} {
		f.sign = sign
		if step, err := h.through(f, office, nil); err == nil {
			t.Errorf("%s: %+v", name, step)
		}
	}
	f.sign = nil
	f.claims = func(c map[string]any) { c["sub"] = "78" }
	_, err := h.through(f, office, nil)
	wantCode(t, err, tocsin.Forbidden, "subject_unknown")
	if !strings.Contains(err.Error(), `"78"`) {
		t.Error("the person is not told what to tell the administrator")
	}
}

func TestAnAnswerThatWasNotAskedForIsRefused(t *testing.T) {
	h, f := withProvider(t, nil)
	for name, change := range map[string]func(url.Values){
		"another state": func(v url.Values) { v.Set("state", "x") }, "no state": func(v url.Values) { v.Del("state") }, "no code": func(v url.Values) { v.Del("code") },
		"an error": func(v url.Values) { v.Set("error", "access_denied") }, "another issuer": func(v url.Values) { v.Set("iss", "https://id.example") },
	} {
		if _, err := h.through(f, office, change); tocsin.KindOf(err) != tocsin.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	where, pending, err := h.BeginOIDC(t.Context(), office, "ours")
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(where)
	f.asked = u.Query()
	back := url.Values{"state": {f.asked.Get("state")}, "code": {"c"}}
	for _, used := range []bool{false, true} {
		_, err := h.FinishOIDC(t.Context(), office, "ours", pending, back)
		if used {
			wantCode(t, err, tocsin.Forbidden, "used_before")
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if len(f.asked.Get("state")) < 26 || f.asked.Get("nonce") == f.asked.Get("state") {
		t.Errorf("%v", f.asked)
	}
	_, _, err = h.BeginOIDC(t.Context(), office, "theirs")
	wantCode(t, err, tocsin.NotFound, "provider")
	f.Close()
	other := opened(t, func(c *signin.Config) {
		c.Providers = []signin.Provider{{ID: "ours", Name: "Our sign-in", Issuer: f.URL, ClientID: "tocsin"}}
	})
	_, _, err = other.BeginOIDC(t.Context(), office, "ours")
	wantCode(t, err, tocsin.Unavailable, "provider_unreachable")
}

func TestTheMorningsSignOnIsNotFresh(t *testing.T) {
	h, f := withProvider(t, nil)
	old := func(c map[string]any) { c["auth_time"] = h.clock.Now().Add(-3 * time.Hour).Unix() }
	f.claims = old
	step, err := h.through(f, office, nil)
	if err != nil || step.Session.Fresh(time.Hour) || !step.Session.Fresh(4*time.Hour) {
		t.Fatalf("%+v %v", step.Session, err)
	}
	// Who is asked again must have been asked.
	v := office
	v.Session = step.Secret
	_, err = h.through(f, v, nil)
	wantCode(t, err, tocsin.Forbidden, "provider_not_fresh")
	if f.asked.Get("prompt") != "login" || f.asked.Get("max_age") != "0" {
		t.Errorf("%v", f.asked)
	}
	f.claims = nil
	if step, err = h.through(f, v, nil); err != nil || !step.Session.Fresh(time.Minute) {
		t.Fatalf("%+v %v", step.Session, err)
	}
	f.claims = func(c map[string]any) { delete(c, "auth_time") }
	if step, err = h.through(f, office, nil); err != nil || step.Session.Fresh(100*time.Hour) {
		t.Errorf("a time that nobody stated counts as fresh: %+v %v", step.Session, err)
	}
}

func TestAProviderThatAsksForNoSecondWayDoesNotReplaceOne(t *testing.T) {
	h, f := withProvider(t, nil)
	secret := h.secondary("anna")
	h.clock.Pass(time.Minute)
	step, err := h.through(f, office, nil)
	if err != nil || step.Secret != "" || len(step.Needs) == 0 {
		t.Fatalf("%+v %v", step, err)
	}
	if done, err := h.Second(t.Context(), office, step.Pending, h.code(secret)); err != nil || done.Session.User != "anna" {
		t.Fatalf("%+v %v", done, err)
	}
	h, f = withProvider(t, func(p *signin.Provider) { p.Second = true })
	h.secondary("anna")
	if step, err := h.through(f, office, nil); err != nil || step.Secret == "" {
		t.Errorf("%+v %v", step, err)
	}
}

func FuzzFinishOIDC(f *testing.F) {
	h, _ := withProvider(f, nil)
	where, pending, err := h.BeginOIDC(f.Context(), office, "ours")
	if err != nil {
		f.Fatal(err)
	}
	u, _ := url.Parse(where)
	f.Add(pending, "state=x&code=y")
	f.Add(pending, "error=a&state="+u.Query().Get("state"))
	f.Add("", "")
	f.Fuzz(func(t *testing.T, pending, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		if step, err := h.FinishOIDC(t.Context(), office, "ours", pending, q); err == nil {
			t.Errorf("%q %q lets in %+v", pending, query, step)
		}
	})
}

// providerDir is where the provider of testdata/oidc is installed as its lock file
// says: in the user's cache, so that it is fetched once and no tree of somebody
// else's files lies in ours.
func providerDir(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	sum := sha256.New()
	for _, name := range []string{".npmrc", "package.json", "package-lock.json", "provider.mjs"} {
		if files[name], err = os.ReadFile(filepath.Join("..", "testdata", "oidc", name)); err != nil {
			t.Fatal(err)
		}
		sum.Write(files[name])
	}
	dir := filepath.Join(cache, "tocsin-test", hex.EncodeToString(sum.Sum(nil)[:12]))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "fetch-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(fresh)
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(fresh, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts")
	cmd.Dir = fresh
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the OpenID provider for this test could not be fetched: run it once where there is a network: %v\n%s", err, out)
	}
	if err := os.Rename(fresh, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	return dir
}

// realProvider starts the certified provider of testdata/oidc.
func realProvider(t *testing.T, redirect string) (issuer string) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed: the sign-in against a real OpenID provider was not tried")
	}
	dir := providerDir(t)
	cmd := exec.Command("node", "provider.mjs", redirect)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if issuer, ok := strings.CutPrefix(lines.Text(), "issuer "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return issuer
		}
	}
	t.Fatal("the provider did not start")
	return ""
}

// systemClock is the machine's: the real provider has no other.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

var action = regexp.MustCompile(`action="([^"]+)"`)

func TestSigningInThroughARealProvider(t *testing.T) {
	var gate http.Handler
	console := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { gate.ServeHTTP(w, r) }))
	defer console.Close()
	origin := strings.Replace(console.URL, "127.0.0.1", "localhost", 1)
	issuer := realProvider(t, origin+"/sign-in/oidc-callback/real")
	h := opened(t, func(c *signin.Config) {
		c.Clock, c.Origin, c.Landing = systemClock{}, origin, "/landed"
		c.Providers = []signin.Provider{{ID: "real", Name: "The real one", Issuer: issuer, ClientID: "tocsin", ClientSecret: "a secret of the test"}}
	})
	h.clock.Pass(time.Since(h.clock.Now()))
	mux := http.NewServeMux()
	mux.Handle("/", h.Handler())
	mux.HandleFunc("GET /landed", func(w http.ResponseWriter, r *http.Request) {
		s, err := h.Session(w, r)
		if err != nil {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = io.WriteString(w, "landed as "+string(s.User))
	})
	gate = mux
	h.with("anna", tocsin.Analyst, "")
	if err := h.users.LinkSubject(t.Context(), "adam", "anna", auth.Subject{Issuer: issuer, Subject: "anna.at.work"}); err != nil {
		t.Fatal(err)
	}
	for login, want := range map[string]string{"anna.at.work": "landed as anna", "bert.at.work": "bert.at.work"} {
		if got := walk(t, origin+"/sign-in/oidc/real", login); !strings.Contains(got, want) {
			t.Errorf("%s arrives at: %s", login, got)
		}
	}
}

// walk is a browser: it follows where it is sent, types the name, agrees, and
// returns the last page.
func walk(t *testing.T, start, login string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	r, err := browser.Get(start)
	for range 5 {
		if err != nil {
			t.Fatal(err)
		}
		b, rerr := io.ReadAll(r.Body)
		r.Body.Close()
		if rerr != nil {
			t.Fatal(rerr)
		}
		form := action.FindSubmatch(b)
		if form == nil {
			return string(b)
		}
		at, perr := r.Request.URL.Parse(string(form[1]))
		if perr != nil {
			t.Fatal(perr)
		}
		fields := url.Values{"prompt": {"consent"}}
		if strings.Contains(string(b), `name="login"`) {
			fields = url.Values{"prompt": {"login"}, "login": {login}, "password": {cmp.Or(login, "x")}}
		}
		r, err = browser.PostForm(at.String(), fields)
	}
	t.Fatal("the provider does not let go")
	return ""
}

func TestWhereToSignOutElsewhereIsWhatTheProviderPublishes(t *testing.T) {
	for end, want := range map[string]string{
		"https://id.example.org/logout?realm=a": "https://id.example.org/logout?client_id=tocsin&realm=a",
		"http://127.0.0.1:7/logout":             "http://127.0.0.1:7/logout?client_id=tocsin", // the provider of this test is on plain HTTP itself
		"":                                      "",
		"javascript:alert(1)":                   "",
		"/logout":                               "",
	} {
		h, f := withProvider(t, nil)
		f.end = end
		if got := h.Elsewhere(); len(got) != 1 || got[0].Name != "Our sign-in" || got[0].End != "" {
			t.Errorf("before the provider was asked: %+v", got)
		}
		if _, _, err := h.BeginOIDC(t.Context(), office, "ours"); err != nil {
			t.Fatal(err)
		}
		if got := h.Elsewhere(); len(got) != 1 || got[0].End != want {
			t.Errorf("%q: %+v, want %q", end, got, want)
		}
	}
}
