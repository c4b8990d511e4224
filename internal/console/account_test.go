package console_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/signin"
	"tocsin/internal/console"
	"tocsin/internal/console/consoletest"
)

const sessionName = "__Host-tocsin-session"

// behind is a house whose console is reached through a proxy that ends TLS.
func behind(t *testing.T, change ...func(*signin.Config)) *consoletest.House {
	t.Helper()
	h := consoletest.Open(t, false)
	h.Door("https://tocsin.example.org", append(change, func(c *signin.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")} })...)
	return h
}

// at is somebody's browser at an address.
func at(t *testing.T, h *consoletest.House, address string) *browser {
	return &browser{t, h, map[string]string{}, map[string]string{"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": address, "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}}
}

const office = "198.51.100.7"

// in signs somebody in by password.
func in(t *testing.T, h *consoletest.House, who string) *browser {
	t.Helper()
	if a, _ := h.Users.Account(tocsin.ActorID(who)); !a.SignIn.Password {
		h.Password(who)
	}
	b := at(t, h, office)
	if r := b.post("/sign-in", url.Values{"name": {who}, "password": {consoletest.Phrase}, "next": {"/"}}); r.Code != http.StatusSeeOther || b.cookies[sessionName] == "" {
		t.Fatalf("%s is not signed in: %d %s", who, r.Code, r.Body)
	}
	return b
}

var hiddenFields = regexp.MustCompile(`<input type="hidden" name="([a-z_.]+)" value="([^"]*)"`)

// hidden are the hidden fields of the form that posts to action.
func hidden(t *testing.T, page, action string) url.Values {
	t.Helper()
	form := regexp.MustCompile(`(?s)<form method="post" action="` + regexp.QuoteMeta(action) + `".*?</form>`).FindString(page)
	if form == "" {
		t.Fatalf("there is no form for %s in %s", action, page)
	}
	out := url.Values{}
	for _, m := range hiddenFields.FindAllStringSubmatch(form, -1) {
		out.Set(m[1], html.UnescapeString(m[2]))
	}
	return out
}

// proves answers a page that asks somebody again who they are.
func (b *browser) proves(page string) (code int, body string) {
	b.t.Helper()
	f := hidden(b.t, page, "/prove")
	f.Set("password", consoletest.Phrase)
	r := b.post("/prove", f)
	return r.Code, r.Body.String()
}

func TestTheFirstAdministratorIsMadeByTheLink(t *testing.T) {
	h := consoletest.Open(t, false)
	if err := h.Users.Disable(t.Context(), auth.Local, "adam"); err != nil {
		t.Fatal(err)
	}
	h.Door("https://tocsin.example.org")
	link, ok := h.Gate.SetUpLink()
	if !ok {
		t.Fatal("there is no link")
	}
	path := strings.TrimPrefix(link, "https://tocsin.example.org")
	b := at(t, h, office)
	for range 3 { // looking uses nothing up
		if r := b.get(path); r.Code != http.StatusOK || r.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Fatalf("%d %v", r.Code, r.Header())
		}
	}
	form := url.Values{"id": {"n.haddad"}, "name": {"Nadia Haddad"}, "password": {"password1234"}, "password_again": {"password1234"}}
	if r := b.post(path, form); r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body.String(), `value="Nadia Haddad"`) || strings.Contains(r.Body.String(), "password1234") {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	form.Set("password", consoletest.Phrase)
	if r := b.post(path, form); r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body.String(), "differ") {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	form.Set("password_again", consoletest.Phrase)
	if r := b.post(path, form); r.Code != http.StatusSeeOther || r.Header().Get("Location") != "/admin" {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if r := b.get("/admin"); r.Code != http.StatusOK || !strings.Contains(r.Body.String(), "Nadia Haddad") {
		t.Errorf("%d", r.Code)
	}
	if r := at(t, h, office).get(path); r.Code != http.StatusNotFound {
		t.Errorf("the link is good again: %d", r.Code)
	}
}

func TestAnUnknownNameIsAnsweredAsAWrongPassword(t *testing.T) {
	h := behind(t)
	h.Password("anna")
	answer := func(name string) string {
		r := at(t, h, office).post("/sign-in", url.Values{"name": {name}, "password": {"not the one it is"}})
		if r.Code != http.StatusForbidden {
			t.Errorf("%s: %d", name, r.Code)
		}
		return strings.ReplaceAll(r.Body.String(), `value="`+name+`"`, "")
	}
	if a, b, c := answer("anna"), answer("nobody.at.all"), answer("sofia"); a != b || b != c {
		t.Error("the answers tell who has an account, or a password")
	}
}

func TestTooManyAttemptsAreToldInPlainWords(t *testing.T) {
	h := behind(t)
	in(t, h, "anna") // so that the office is where she is at home
	b := at(t, h, "203.0.113.9")
	b.cookies["__Host-tocsin_lang"] = "de"
	for range 7 {
		r := b.post("/sign-in", url.Values{"name": {"anna"}, "password": {"not the one it is"}})
		if r.Code == http.StatusForbidden {
			continue
		}
		if r.Code != http.StatusTooManyRequests || r.Header().Get("Retry-After") == "" || !strings.Contains(r.Body.String(), "Zu viele falsche Versuche") || !strings.Contains(r.Body.String(), `value="anna"`) {
			t.Fatalf("%d %s", r.Code, r.Body)
		}
		in(t, h, "anna") // at home she is let in all the same
		return
	}
	t.Error("seven wrong attempts are not slowed down")
}

func TestASessionThatEndedIsNotBroughtBackByTheBackButton(t *testing.T) {
	h := behind(t)
	cases := h.Fill()
	b := in(t, h, "daniel")
	path := "/cases/" + string(cases["fresh"])
	r := b.get(path)
	if r.Code != http.StatusOK || r.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", r.Code, r.Header())
	}
	stolen := b.cookies[sessionName]
	form := formOf(t, r.Body.String(), path+"/do/raise_dispute", "")
	if r := b.post("/sign-out", nil); r.Code != http.StatusSeeOther || b.cookies[sessionName] != "" {
		t.Fatalf("%d", r.Code)
	}
	for _, cookie := range []string{"", stolen} {
		b.cookies[sessionName] = cookie
		if r := b.get(path); r.Code != http.StatusSeeOther || strings.Contains(r.Body.String(), "Diallo") {
			t.Errorf("%d %s", r.Code, r.Body)
		}
		if r := b.post(path+"/do/raise_dispute", formWith(form, "about", "a", "position", "b")); r.Code != http.StatusUnauthorized {
			t.Errorf("%d", r.Code)
		}
	}
	if s, _ := h.Engine.Case(cases["fresh"]); len(s.Disputes) != 0 {
		t.Error("it was done all the same")
	}
}

func TestALockedScreenReturnsToTheFormWithWhatWasTyped(t *testing.T) {
	for name, lock := range map[string]func(*consoletest.House, *browser){
		"idle":    func(h *consoletest.House, _ *browser) { h.Clock.Pass(16 * time.Minute) },
		"network": func(_ *consoletest.House, b *browser) { b.header["X-Forwarded-For"] = "203.0.113.50" },
		"agent":   func(_ *consoletest.House, b *browser) { b.header["User-Agent"] = "Mozilla/5.0 (Windows) Firefox/140.0" },
	} {
		h := behind(t)
		cases := h.Fill()
		b := in(t, h, "daniel")
		path := "/cases/" + string(cases["fresh"])
		form := formOf(t, b.get(path).Body.String(), path+"/do/raise_dispute", "")
		formWith(form, "about", "the street", "position", "WHAT I TYPED <b>& \"so\"")
		lock(h, b)
		if r := b.get(path); r.Code != http.StatusUnauthorized || strings.Contains(r.Body.String(), "Diallo") || !strings.Contains(r.Body.String(), "Daniel Okoro") {
			t.Fatalf("%s: %d %s", name, r.Code, r.Body)
		}
		r := b.post(path+"/do/raise_dispute", form)
		if r.Code != http.StatusUnauthorized || strings.Contains(r.Body.String(), "Diallo") {
			t.Fatalf("%s: %d %s", name, r.Code, r.Body)
		}
		f := hidden(t, r.Body.String(), "/prove")
		f.Set("password", "not the one it is")
		if r = b.post("/prove", f); r.Code != http.StatusForbidden {
			t.Fatalf("%s: %d", name, r.Code)
		}
		code, page := b.proves(r.Body.String())
		if code != http.StatusOK || !strings.Contains(page, "WHAT I TYPED &lt;b&gt;&amp; &#34;so&#34;") || !strings.Contains(page, "nothing has been done yet") {
			t.Fatalf("%s: %d %s", name, code, page)
		}
		if s, _ := h.Engine.Case(cases["fresh"]); len(s.Disputes) != 0 {
			t.Errorf("%s: the proof did what the form asked for", name)
		}
		again := formOf(t, page, path+"/do/raise_dispute", "")
		if r := b.post(path+"/do/raise_dispute", formWith(again, "about", "the street", "position", "WHAT I TYPED")); r.Code != http.StatusSeeOther {
			t.Errorf("%s: %d %v %s", name, r.Code, again, regexp.MustCompile(`(?s)<h1>.*?</h1>|<div class="formerror.*?</div>`).FindAllString(r.Body.String(), -1))
		}
		if s, _ := h.Engine.Case(cases["fresh"]); len(s.Disputes) != 1 {
			t.Errorf("%s: %d disputes", name, len(s.Disputes))
		}
	}
}

func TestAReportThatWasTypedSurvivesTheLock(t *testing.T) {
	h := behind(t)
	b := in(t, h, "gate")
	h.Clock.Pass(16 * time.Minute)
	r := b.do("POST", "/intake", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nThey will burn the mill.\r\n--x--\r\n"), "multipart/form-data; boundary=x")
	if r.Code != http.StatusUnauthorized {
		t.Fatal(r.Code)
	}
	if code, page := b.proves(r.Body.String()); code != http.StatusOK || !regexp.MustCompile(`<textarea[^>]*>They will burn the mill\.`).MatchString(page) {
		t.Errorf("%d %s", code, page)
	}
}

func TestAnOpenPageKeepsNoSessionAwakeButTheWallStands(t *testing.T) {
	for header, want := range map[string]int{"": http.StatusOK, "true": http.StatusUnauthorized} {
		h := behind(t)
		b := in(t, h, "daniel")
		for range 4 {
			h.Clock.Pass(5 * time.Minute)
			b.header["HX-Request"] = header
			b.get("/")
		}
		delete(b.header, "HX-Request")
		if r := b.get("/"); r.Code != want {
			t.Errorf("HX-Request %q: %d", header, r.Code)
		}
	}
	h := behind(t)
	b := in(t, h, "daniel")
	for range 4 {
		h.Clock.Pass(10 * time.Minute)
		b.header["HX-Request"] = "true"
		if r := b.get("/wall"); r.Code != http.StatusOK {
			t.Fatalf("the wall locks: %d", r.Code)
		}
	}
}

func TestAGraveActAsksWhoItIsAndTheProofDoesNotDoIt(t *testing.T) {
	h := behind(t)
	cases := h.Fill()
	b := in(t, h, "sofia")
	path := "/cases/" + string(cases["drafted"])
	b.get(path)
	for range 2 { // awake, but no longer fresh
		h.Clock.Pass(10 * time.Minute)
		b.get(path)
	}
	act := path + "/do/approve_warning"
	form := formOf(t, b.get(path).Body.String(), act, "w1")
	form.Set("note", "KEPT NOTE")
	r := b.post(act, form)
	if r.Code != http.StatusUnauthorized || !strings.Contains(r.Body.String(), "grave") {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	approvals := func() int {
		s, _ := h.Engine.Case(cases["drafted"])
		if s.Warnings[0].Approval != nil {
			return 1
		}
		return 0
	}
	code, page := b.proves(r.Body.String())
	if code != http.StatusOK || approvals() != 0 || !strings.Contains(page, "KEPT NOTE") {
		t.Fatalf("%d, %d approvals, %s", code, approvals(), page)
	}
	again := formOf(t, page, act, "w1")
	again.Set("note", "KEPT NOTE")
	for range 2 { // pressed twice it is done once
		if r := b.post(act, again); r.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", r.Code, r.Body)
		}
	}
	if approvals() != 1 {
		t.Errorf("%d approvals after it was pressed again", approvals())
	}
}

func TestTokensOpenTheConsoleOnlyUntilSomebodyHasAPassword(t *testing.T) {
	h := behind(t)
	b := at(t, h, office)
	if r := b.get("/sign-in"); !strings.Contains(r.Body.String(), "only as long as nobody here has a password") {
		t.Fatal("the page does not say how long tokens will do")
	}
	if r := b.post("/sign-in/token", url.Values{"name": {"daniel"}, "token": {h.Tokens["daniel"]}}); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if r := b.get("/"); r.Code != http.StatusOK {
		t.Fatal(r.Code)
	}
	if r := b.get("/account"); r.Code != http.StatusForbidden {
		t.Errorf("a token's session changes an account: %d", r.Code)
	}
	h.Password("adam")
	if r := b.get("/"); r.Code != http.StatusSeeOther {
		t.Errorf("a token's session outlives that: %d", r.Code)
	}
	if r := b.post("/sign-in/token", url.Values{"name": {"daniel"}, "token": {h.Tokens["daniel"]}}); r.Code != http.StatusForbidden || b.cookies["__Host-tocsin_session"] != "" && b.get("/").Code == http.StatusOK {
		t.Errorf("%d", r.Code)
	}
	if r := b.get("/sign-in"); strings.Contains(r.Body.String(), `name="token"`) {
		t.Error("the page still offers it")
	}
}

// enrols sets up one-time codes and returns the seed and the recovery codes.
func (b *browser) enrols() (seed string, codes []string) {
	b.t.Helper()
	page := b.get("/account/codes").Body.String()
	m := regexp.MustCompile(`secret=([A-Z2-7]+)`).FindStringSubmatch(page)
	if m == nil || !strings.Contains(page, `<svg class="qr"`) {
		b.t.Fatalf("no secret: %s", page)
	}
	form := hidden(b.t, page, "/account/codes")
	form.Set("code", "000000")
	wrong := b.post("/account/codes", form)
	if wrong.Code != http.StatusForbidden || !strings.Contains(wrong.Body.String(), m[1]) {
		b.t.Fatalf("a wrong code: %d, and the secret has changed or gone", wrong.Code)
	}
	form.Set("code", b.code(m[1]))
	r := b.post("/account/codes", form)
	for _, c := range regexp.MustCompile(`<code>([a-z0-9-]+)</code>`).FindAllStringSubmatch(r.Body.String(), -1) {
		codes = append(codes, c[1])
	}
	if r.Code != http.StatusOK || len(codes) != 10 {
		b.t.Fatalf("%d %s", r.Code, r.Body)
	}
	return m[1], codes
}

func (b *browser) code(seed string) string {
	b.t.Helper()
	code, err := totp.GenerateCode(seed, b.h.Clock.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

func TestOneTimeCodesAreSetUpAndAskedFor(t *testing.T) {
	h := behind(t)
	b := in(t, h, "anna")
	seed, recovery := b.enrols()
	if r := b.get("/account"); r.Code != http.StatusOK || strings.Contains(r.Body.String(), recovery[0]) {
		t.Errorf("%d, or the codes are shown again", r.Code)
	}
	h.Clock.Pass(time.Minute)
	first := func(b *browser) url.Values {
		r := b.post("/sign-in", url.Values{"name": {"anna"}, "password": {consoletest.Phrase}, "next": {"/reports"}})
		if r.Code != http.StatusOK || b.cookies[sessionName] != "" {
			t.Fatalf("a password alone lets in: %d", r.Code)
		}
		return hidden(t, r.Body.String(), "/sign-in/second")
	}
	c := at(t, h, office)
	form, code := first(c), c.code(seed)
	form.Set("code", "123456")
	if r := c.post("/sign-in/second", form); r.Code != http.StatusForbidden || !strings.Contains(r.Body.String(), "The code does not fit") {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	form.Set("code", code)
	if r := c.post("/sign-in/second", form); r.Code != http.StatusSeeOther || r.Header().Get("Location") != "/reports" {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	d := at(t, h, office)
	form = first(d)
	form.Set("code", code)
	if r := d.post("/sign-in/second", form); r.Code != http.StatusForbidden || d.cookies[sessionName] != "" {
		t.Errorf("a code is good twice: %d", r.Code)
	}
	for i, want := range []int{http.StatusSeeOther, http.StatusForbidden} {
		e := at(t, h, office)
		form = first(e)
		form.Set("code", strings.ToUpper(recovery[0]))
		if r := e.post("/sign-in/second", form); r.Code != want {
			t.Errorf("recovery code, time %d: %d", i+1, r.Code)
		}
	}
}

func TestWhereASecondWayIsRequiredAPasswordAloneSetsOneUpAndNoMore(t *testing.T) {
	h := behind(t, func(c *signin.Config) { c.RequireSecond = true })
	cases := h.Fill()
	b := in(t, h, "daniel")
	for _, p := range []string{"/", "/cases/" + string(cases["fresh"]), "/policies", "/glass"} {
		if r := b.get(p); r.Code != http.StatusSeeOther || r.Header().Get("Location") != "/account" {
			t.Errorf("%s: %d", p, r.Code)
		}
	}
	if r := b.get("/account"); !strings.Contains(r.Body.String(), "A password alone is not enough here") {
		t.Error("the page does not say why")
	}
	b.enrols()
	if r := b.get("/"); r.Code != http.StatusOK {
		t.Errorf("after that: %d", r.Code)
	}
}

func TestAPasswordIsChangedByWhoeverKnowsItAndIsFresh(t *testing.T) {
	h := behind(t)
	b, other := in(t, h, "anna"), in(t, h, "anna")
	form := url.Values{"password_now": {"not the one it is"}, "password": {"seven green kettles at noon"}, "password_again": {"seven green kettles at noon"}}
	if r := b.post("/account/password", form); r.Code != http.StatusForbidden {
		t.Fatalf("%d", r.Code)
	}
	form.Set("password_now", consoletest.Phrase)
	if r := b.post("/account/password", form); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if r := b.get("/account"); r.Code != http.StatusOK || !strings.Contains(r.Body.String(), "Your password is changed") {
		t.Errorf("%d", r.Code)
	}
	if r := other.get("/"); r.Code != http.StatusSeeOther {
		t.Errorf("the other session goes on: %d", r.Code)
	}
	for range 2 {
		h.Clock.Pass(10 * time.Minute)
		b.get("/account")
	}
	for _, path := range []string{"/account/password", "/account/codes/remove", "/account/recovery", "/account/passkeys/remove", "/account/sessions/end-others"} {
		if r := b.post(path, form); r.Code != http.StatusUnauthorized || strings.Contains(r.Body.String(), "kettles") {
			t.Errorf("%s without a fresh proof: %d, or it carries a password", path, r.Code)
		}
	}
}

func TestAPersonEndsTheirOwnSessionsAndNobodyElses(t *testing.T) {
	h := behind(t)
	b, other, sofia := in(t, h, "anna"), in(t, h, "anna"), in(t, h, "sofia")
	theirs := h.Users.Sessions("sofia")[0].Ref
	if r := b.post("/account/sessions/end", url.Values{"ref": {theirs}}); r.Code != http.StatusNotFound {
		t.Errorf("%d", r.Code)
	}
	if r := b.post("/account/sessions/end-others", nil); r.Code != http.StatusSeeOther {
		t.Fatal(r.Code)
	}
	for who, want := range map[*browser]int{b: http.StatusOK, other: http.StatusSeeOther, sofia: http.StatusOK} {
		if r := who.get("/"); r.Code != want {
			t.Errorf("%d, want %d", r.Code, want)
		}
	}
}

func TestOnlyAdministratorsAdministerAndTheySeeNoCase(t *testing.T) {
	h := behind(t)
	cases := h.Fill()
	adam := in(t, h, "adam")
	pages := []string{"/admin", "/admin/people/anna", "/admin/sessions", "/admin/tokens", "/admin/powers", "/admin/powers?pack=uk-threat-to-life", "/admin/history", "/glass", "/account"}
	for _, p := range pages {
		if r := adam.get(p); r.Code != http.StatusOK || strings.Contains(r.Body.String(), "Diallo") {
			t.Errorf("%s: %d", p, r.Code)
		}
	}
	if r := adam.get("/cases/" + string(cases["fresh"])); r.Code != http.StatusForbidden {
		t.Errorf("an administrator sees a case: %d", r.Code)
	}
	for _, who := range []string{"gate", "daniel", "sofia", "rita", "ivan"} {
		b := in(t, h, who)
		for _, p := range pages {
			if strings.HasPrefix(p, "/admin") {
				if r := b.get(p); r.Code != http.StatusForbidden {
					t.Errorf("%s gets %s: %d", who, p, r.Code)
				}
			}
		}
		for _, p := range []string{"/admin/people", "/admin/people/anna/roles", "/admin/people/anna/link", "/admin/people/anna/forget", "/admin/people/anna/disable", "/admin/sessions/end", "/admin/tokens", "/admin/tokens/revoke"} {
			if r := b.post(p, url.Values{"user": {"anna"}, "sure": {"yes"}}); r.Code != http.StatusForbidden {
				t.Errorf("%s posts to %s: %d", who, p, r.Code)
			}
		}
	}
}

func TestAnAdministratorAddsSomebodyByALinkThatIsGoodOnce(t *testing.T) {
	h := behind(t)
	adam := in(t, h, "adam")
	r := adam.post("/admin/people", url.Values{"id": {"mi"}, "name": {"Mariko Ito"}, "role": {"administrator", "analyst"}})
	if r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body.String(), `value="Mariko Ito"`) {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	r = adam.post("/admin/people", url.Values{"id": {"mi"}, "name": {"Mariko Ito"}, "role": {"analyst"}, "handles": {"human-17\r\nhuman-18\r\n"}})
	m := regexp.MustCompile(`https://tocsin\.example\.org(/link/[A-Za-z0-9_-]+)`).FindStringSubmatch(r.Body.String())
	if r.Code != http.StatusOK || m == nil {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if a, _ := h.Users.Account("mi"); len(a.Handles) != 2 {
		t.Errorf("%+v", a)
	}
	b := at(t, h, office)
	if r := b.get(m[1]); r.Code != http.StatusOK || !strings.Contains(r.Body.String(), "Mariko Ito") {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	form := url.Values{"password": {consoletest.Phrase}, "password_again": {consoletest.Phrase}}
	if r := b.post(m[1], form); r.Code != http.StatusSeeOther || b.cookies[sessionName] != "" {
		t.Fatalf("%d %s: or the link itself signs in", r.Code, r.Body)
	}
	if r := b.post(m[1], form); r.Code != http.StatusNotFound {
		t.Errorf("the link is good twice: %d", r.Code)
	}
	in(t, h, "mi")
	var old string
	for i := range 2 { // a new link ends the old one
		r := adam.post("/admin/people/mi/link", nil)
		link := regexp.MustCompile(`/link/[A-Za-z0-9_-]+`).FindString(r.Body.String())
		if i == 1 && at(t, h, office).get(old).Code != http.StatusNotFound {
			t.Error("the older link is still good")
		}
		old = link
	}
	h.Clock.Pass(auth.LinkLife)
	if r := at(t, h, office).get(old); r.Code != http.StatusNotFound {
		t.Errorf("the link outlives its time: %d", r.Code)
	}
}

func TestALinkDoesNotLeadAroundTheSecondWay(t *testing.T) {
	h := behind(t)
	in(t, h, "anna").enrols()
	secret, _, err := h.Users.MakeLink(t.Context(), "adam", "anna")
	if err != nil {
		t.Fatal(err)
	}
	b := at(t, h, office)
	if r := b.post("/link/"+secret, url.Values{"password": {"seven green kettles at noon"}, "password_again": {"seven green kettles at noon"}}); r.Code != http.StatusSeeOther {
		t.Fatal(r.Code)
	}
	if r := b.post("/sign-in", url.Values{"name": {"anna"}, "password": {"seven green kettles at noon"}}); r.Code != http.StatusOK || b.cookies[sessionName] != "" || !strings.Contains(r.Body.String(), "/sign-in/second") {
		t.Errorf("%d %s", r.Code, r.Body)
	}
}

func TestRolesTokensAndTheEndOfAnAccountCountAtOnce(t *testing.T) {
	h := behind(t)
	adam, anna := in(t, h, "adam"), in(t, h, "anna")
	if r := adam.post("/admin/people/anna/roles", url.Values{"role": {"reporter"}, "why": {"moved to the gate"}}); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	before := anna.cookies[sessionName]
	if r := anna.get("/cases"); r.Code != http.StatusForbidden || anna.cookies[sessionName] == before {
		t.Errorf("%d, or the secret is the same as before", r.Code)
	}
	r := adam.post("/admin/tokens", url.Values{"user": {"anna"}, "scope": {"report"}, "days": {"7"}, "name": {"the gate's mailbox"}})
	secret := regexp.MustCompile(`tocsin_[A-Za-z0-9_-]{43}`).FindString(r.Body.String())
	p, err := h.Users.Identify(secret)
	if err != nil || p.Actor.ID != "anna" || p.Token.Covers(auth.ScopeRead) || !p.Token.Expires.Equal(h.Clock.Now().Add(7*24*time.Hour)) {
		t.Fatalf("%d %+v %v", r.Code, p, err)
	}
	if strings.Contains(adam.get("/admin/tokens").Body.String(), secret) {
		t.Error("the token is shown again")
	}
	if r := adam.post("/admin/tokens/revoke", url.Values{"user": {"anna"}, "token": {p.Token.ID}}); r.Code != http.StatusSeeOther {
		t.Fatal(r.Code)
	}
	if _, err := h.Users.Identify(secret); err == nil {
		t.Error("a revoked token is good")
	}
	if r := adam.post("/admin/people/anna/disable", nil); r.Code != http.StatusUnprocessableEntity {
		t.Errorf("without the tick: %d", r.Code)
	}
	if r := adam.post("/admin/people/anna/disable", url.Values{"sure": {"yes"}}); r.Code != http.StatusSeeOther {
		t.Fatal(r.Code)
	}
	if r := anna.get("/reports"); r.Code != http.StatusSeeOther {
		t.Errorf("%d", r.Code)
	}
	for _, act := range []string{"roles", "disable", "forget"} {
		if r := adam.post("/admin/people/adam/"+act, url.Values{"role": {"reporter"}, "why": {"x"}, "sure": {"yes"}}); r.Code != http.StatusConflict {
			t.Errorf("an administrator locks the door behind themselves by %s: %d", act, r.Code)
		}
	}
	if page := adam.get("/admin/history").Body.String(); strings.Contains(page, "roles: [") || !strings.Contains(page, "roles: reporter") ||
		!regexp.MustCompile(`good for: handing in reports · name: the gate&#39;s mailbox · .*expires: \d{4}-\d\d-\d\d \d\d:\d\dZ`).MatchString(page) {
		t.Error("the history shows values where it could say words")
	}
	if page := adam.get("/admin").Body.String(); !strings.Contains(page, "tells people in person, and sees only what goes out") || strings.Count(page, `<a href="/admin/powers">`) < 2 {
		t.Error("the roles are not explained where they are ticked")
	}
	if page := adam.get("/admin/history").Body.String(); !strings.Contains(page, "moved to the gate") || strings.Contains(page, "sha256:") || regexp.MustCompile(`v1\.[\w-]{20}`).MatchString(page) {
		t.Error("the history lacks a reason, or shows what is sealed")
	}
}

func TestBreakingTheGlassIsSeenAndReviewed(t *testing.T) {
	h := behind(t)
	cases := h.Fill()
	daniel, rita := in(t, h, "daniel"), in(t, h, "rita")
	if r := daniel.post("/glass", url.Values{"role": {"release_officer"}, "hours": {"2"}, "reason": {"short"}}); r.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if r := daniel.post("/glass", url.Values{"role": {"release_officer"}, "hours": {"2"}, "reason": {"The release officer does not answer; the window opens tonight."}}); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	page := daniel.get("/cases/" + string(cases["fresh"])).Body.String()
	if !strings.Contains(page, "Taken for a while: release officer") {
		t.Error("the page does not say which role is held")
	}
	id := h.Users.Grants()[0].ID
	if r := rita.post("/glass/"+id+"/end", nil); r.Code != http.StatusNotFound {
		t.Errorf("a reviewer ends it: %d", r.Code)
	}
	if r := daniel.post("/glass/"+id+"/end", nil); r.Code != http.StatusSeeOther {
		t.Fatal(r.Code)
	}
	h.Clock.Pass(time.Second)
	if page := rita.get("/").Body.String(); !strings.Contains(page, "1 use of break-glass waits for your review") {
		t.Error("the reviewer's pages do not say that a review is owed")
	}
	if page := daniel.get("/").Body.String(); strings.Contains(page, "waits for your review") {
		t.Error("who broke it is asked to review it")
	}
	if r := daniel.post("/glass/"+id+"/review", url.Values{"justified": {"yes"}, "note": {"It was right to do so."}}); r.Code != http.StatusForbidden {
		t.Errorf("they review their own: %d", r.Code)
	}
	if r := rita.post("/glass/"+id+"/review", url.Values{"note": {"One warning was released."}}); r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body.String(), "One warning was released.") {
		t.Errorf("%d", r.Code)
	}
	if r := rita.post("/glass/"+id+"/review", url.Values{"justified": {"no"}, "note": {"One warning was released."}}); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if page := rita.get("/").Body.String(); strings.Contains(page, "waits for your review") {
		t.Error("the banner stays")
	}
}

func TestAccountsRefuseFormsFromElsewhere(t *testing.T) {
	h := behind(t)
	adam := in(t, h, "adam")
	for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}, {}} {
		adam.header = header
		adam.header["X-Forwarded-For"], adam.header["User-Agent"] = office, "Mozilla/5.0 (X11; Linux) Firefox/140.0"
		for _, path := range []string{"/admin/people/anna/disable", "/account/password", "/prove", "/sign-out", "/account/passkey/begin", "/glass"} {
			if r := adam.post(path, url.Values{"sure": {"yes"}}); r.Code != http.StatusForbidden {
				t.Errorf("%v %s: %d", header, path, r.Code)
			}
		}
	}
	if a, _ := h.Users.Account("anna"); a.Disabled {
		t.Error("it was done all the same")
	}
}

func TestRefusalsOfTheConsoleAreWrittenWithoutWhatWasTyped(t *testing.T) {
	h := behind(t)
	cases := h.Fill()
	var id string
	for _, c := range cases {
		id = string(c)
		break
	}
	h.Log.Reset()
	stranger := at(t, h, "203.0.113.9")
	stranger.header["Sec-Fetch-Site"] = "cross-site"
	for range 100 {
		stranger.post("/link/a-secret-link", url.Values{"password": {"typed elsewhere"}})
	}
	stranger.header["Sec-Fetch-Site"] = "same-origin"
	stranger.post("/sign-in/token", url.Values{"name": {"my password by mistake"}, "token": {"tocsin_wrong"}})
	adam, paul, rui := in(t, h, "adam"), in(t, h, "paul"), in(t, h, "rui")
	adam.get("/cases/" + id)
	paul.get("/admin")
	rui.get("/cases/case-that-is-sealed")
	f := url.Values{"reason": {"typed as a reason"}, "key": {"k"}}
	for range 30 {
		rui.post("/cases/"+id+"/do/invoke_exigent", f)
	}
	all := h.Log.String()
	for _, want := range []string{
		"msg=refused what=forged address=203.0.113.9 route=\"POST /link/{secret}\" times=1",
		"what=sign_in address=203.0.113.9 method=token code=token",
		"what=role user=adam route=\"GET /cases/{id}\" code=no_access",
		"what=role user=paul route=\"GET /admin\" code=no_access",
		"what=role user=rui route=\"GET /cases/{id}\" code=not_found",
		"what=role user=rui route=\"POST /cases/{id}/do/{kind}\" code=no_power times=1",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	if n := strings.Count(all, "msg=refused"); n != 6 {
		t.Errorf("%d lines", n)
	}
	for _, secret := range []string{"a-secret-link", "typed", "by mistake", "tocsin_wrong", id, "case-that-is-sealed"} {
		if strings.Contains(all, secret) {
			t.Errorf("the log repeats %q", secret)
		}
	}
	if t.Failed() {
		t.Log(all)
	}
}

func TestCookiesAreForTLSAloneBehindAProxyAndPlainHTTPIsSaidAloud(t *testing.T) {
	h := behind(t)
	h.Password("anna")
	r := at(t, h, office).post("/sign-in", url.Values{"name": {"anna"}, "password": {consoletest.Phrase}})
	n := 0
	for _, c := range r.Result().Cookies() {
		n++
		if !c.Secure || !c.HttpOnly || c.SameSite == http.SameSiteNoneMode || c.SameSite == http.SameSiteDefaultMode {
			t.Errorf("%v", c)
		}
	}
	if n == 0 {
		t.Errorf("no cookie, %v", r.Header())
	}
	h.Door("http://localhost:8080")
	b := at(t, h, office)
	if page := b.get("/sign-in").Body.String(); !strings.Contains(page, "Not encrypted.") {
		t.Error("the sign-in page does not say that the line can be read")
	}
	if r := b.post("/sign-in", url.Values{"name": {"anna"}, "password": {consoletest.Phrase}}); r.Code != http.StatusSeeOther {
		t.Fatal(r.Code)
	}
	if page := b.get("/").Body.String(); !strings.Contains(page, "Not encrypted.") {
		t.Error("the floor does not say that the line can be read")
	}
}

// TestEveryCookieBelongsToThisHostAloneAlsoWhenItIsTakenAway looks at every cookie
// that the console sets or takes away, whatever it is for.
func TestEveryCookieBelongsToThisHostAloneAlsoWhenItIsTakenAway(t *testing.T) {
	h := behind(t, func(c *signin.Config) {
		c.Providers = []signin.Provider{{ID: "house", Name: "House sign-in", Issuer: "http://127.0.0.1:1", ClientID: "tocsin"}}
	})
	seen := map[string]bool{}
	look := func(r *httptest.ResponseRecorder) {
		t.Helper()
		for _, c := range r.Result().Cookies() {
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode && c.SameSite != http.SameSiteStrictMode {
				t.Errorf("%v", c)
			}
			seen[fmt.Sprintf("%s %t", strings.TrimPrefix(c.Name, "__Host-"), c.MaxAge < 0)] = true
		}
	}
	b := at(t, h, office)
	look(b.post("/sign-in/token", url.Values{"name": {"daniel"}, "token": {h.Tokens["daniel"]}}))
	look(b.post("/sign-out", nil))
	look(b.post("/preferences", url.Values{"theme": {"dark"}, "lang": {"de"}, "next": {"/sign-in"}}))
	if page := b.get("/sign-in").Body.String(); !strings.Contains(page, `<html lang="de"`) || !strings.Contains(page, `data-theme="dark"`) {
		t.Errorf("language and look are not kept: %.300s", page)
	}
	look(b.get("/sign-in/oidc/house?next=/cases"))
	look(b.get("/sign-in/oidc-callback/house?code=x&state=y"))
	b = in(t, h, "anna")
	look(b.post("/account/password", url.Values{"password_now": {consoletest.Phrase}, "password": {"seven green kettles at noon"}, "password_again": {"seven green kettles at noon"}}))
	r := b.get("/account")
	if !strings.Contains(r.Body.String(), "Ihr Passwort ist geändert") && !strings.Contains(r.Body.String(), "Your password is changed") {
		t.Error("what was done is not told on the next page")
	}
	look(r)
	for _, want := range []string{"tocsin_session false", "tocsin_session true", "tocsin_theme false", "tocsin_lang false", "tocsin_next false", "tocsin_next true", "tocsin-session true", "tocsin-ceremony true", "tocsin_done false", "tocsin_done true"} {
		if !seen[want] {
			t.Errorf("%s was not seen, so it was not looked at", want)
		}
	}
	// A cookie that a neighbouring host has planted has no such name.
	b.cookies["tocsin_theme"], b.cookies["__Host-tocsin_theme"] = "light", "dark"
	if page := b.get("/account").Body.String(); !strings.Contains(page, `data-theme="dark"`) {
		t.Error("a planted cookie counts")
	}
}

func TestAnExerciseIsUnmistakable(t *testing.T) {
	h := consoletest.Open(t, false, func(c *console.Config) { c.Exercise = true })
	cases := h.Fill()
	h.Clock.Pass(4 * time.Hour) // until the ladder comes to the rung in person
	if err := h.Engine.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Door("https://tocsin.example.org")
	scripts := 0
	for lang, word := range map[string]string{"en": "EXERCISE", "de": "ÜBUNG"} {
		b := in(t, h, "daniel")
		b.cookies["__Host-tocsin_lang"] = lang
		for _, p := range append(everyPath(h, cases), "/account", "/glass", "/sign-in", "/link/none", "/set-up/none") {
			page := b.get(p).Body.String()
			if strings.Contains(p, "/news") {
				continue // a part of a page
			}
			if !strings.Contains(page, "<title>"+word+" · ") || !strings.Contains(page, `<aside class="exercise"`) {
				t.Errorf("%s in %s does not say that it is an exercise", p, lang)
			}
			if m := regexp.MustCompile(`(?s)<section class="take"(.*?)</section>`).FindStringSubmatch(page); m != nil && strings.HasPrefix(p, "/deliveries/") {
				scripts++
				if strings.Count(m[1], `<p class="drill"><strong>`+word) != 2 {
					t.Errorf("the script does not: %s", m[1])
				}
			}
		}
	}
	if scripts == 0 {
		t.Error("no script was printed, so none was checked")
	}
}

func TestEveryPageOfAccountsAnswersInBothLanguages(t *testing.T) {
	h := behind(t)
	h.Fill()
	daniel := in(t, h, "daniel")
	if r := daniel.post("/glass", url.Values{"role": {"analyst"}, "hours": {"1"}, "reason": {"Nobody else is here tonight " + hostile}}); r.Code != http.StatusSeeOther {
		t.Fatal(r.Code)
	}
	adam := in(t, h, "adam")
	adam.post("/admin/tokens", url.Values{"user": {"anna"}, "scope": {"read"}, "days": {"7"}, "name": {hostile}})
	adam.post("/admin/people", url.Values{"id": {"hostile"}, "name": {hostile}, "role": {"analyst"}})
	n := 0
	for _, b := range []*browser{daniel, adam} {
		for _, lang := range []string{"en", "de"} {
			b.cookies["__Host-tocsin_lang"] = lang
			for _, p := range []string{"/account", "/account/codes", "/glass", "/sign-in", "/admin", "/admin/people/anna", "/admin/people/hostile", "/admin/sessions", "/admin/tokens", "/admin/powers", "/admin/history"} {
				r := b.get(p)
				body := r.Body.String()
				if r.Code != http.StatusOK && (r.Code != http.StatusForbidden || b == adam) {
					t.Errorf("%s: %d %s", p, r.Code, h.Log)
				}
				if strings.Contains(body, "%!") || strings.Contains(body, "ZgotmplZ") || strings.Contains(r.Header().Get("Content-Security-Policy"), "unsafe") || r.Header().Get("Cache-Control") != "no-store" {
					t.Errorf("%s in %s: a string is filled wrongly, or a header is missing", p, lang)
				}
				inert(t, p, body)
				n += strings.Count(body, "alert(1)")
			}
		}
	}
	for _, form := range []url.Values{{"name": {hostile}, "password": {hostile}, "next": {hostile}}, {"problem": {hostile}, "name": {hostile}, "next": {"//elsewhere.example"}}} {
		r := at(t, h, office).post("/sign-in", form)
		inert(t, "/sign-in", r.Body.String())
		if strings.Contains(r.Body.String(), "elsewhere.example") {
			t.Error("the page leads to another site")
		}
	}
	if n < 4 {
		t.Errorf("the hostile words stand in the pages only %d times", n)
	}
}

func TestAProofLeadsNowhereElse(t *testing.T) {
	h := behind(t)
	for i, post := range []string{"https://elsewhere.example/x", "//elsewhere.example/x", "/\\elsewhere", "/admin/people/anna/disable"} {
		b := in(t, h, "daniel")
		r := b.post("/prove", url.Values{"password": {consoletest.Phrase}, "next": {"//elsewhere.example"}, "post": {post}, "kept": {"sure=yes"}})
		if to := r.Header().Get("Location"); strings.Contains(to, "elsewhere") || i == 3 && r.Code != http.StatusForbidden {
			t.Errorf("%s: %d to %s", post, r.Code, to)
		}
	}
	if a, _ := h.Users.Account("anna"); a.Disabled {
		t.Error("a proof has done what was carried")
	}
	adam := in(t, h, "adam")
	r := adam.post("/prove", url.Values{"password": {consoletest.Phrase}, "post": {"/admin/people/anna/disable"}, "kept": {"sure=yes"}})
	if a, _ := h.Users.Account("anna"); a.Disabled || r.Code != http.StatusOK || !strings.Contains(r.Body.String(), "nothing has been done yet") {
		t.Errorf("%d %v", r.Code, fmt.Sprint(a.Disabled))
	}
}

func TestAProviderThatCannotBeReachedIsToldInPlainWords(t *testing.T) {
	h := behind(t, func(c *signin.Config) {
		c.Providers = []signin.Provider{{ID: "house", Name: "House sign-in", Issuer: "http://127.0.0.1:1", ClientID: "tocsin"}}
	})
	b := at(t, h, office)
	b.cookies["__Host-tocsin_lang"] = "de"
	if page := b.get("/sign-in?next=/cases").Body.String(); !strings.Contains(page, `href="/sign-in/oidc/house?next=%2fcases"`) || !strings.Contains(page, "Mit House sign-in anmelden") {
		t.Errorf("the page offers no way there: %s", page)
	}
	if r := b.get("/sign-in/oidc/house?next=/cases"); r.Code != http.StatusServiceUnavailable || !strings.Contains(r.Body.String(), "nicht erreichbar") {
		t.Errorf("%d %s", r.Code, r.Body)
	}
	for _, path := range []string{"/sign-in/oidc/none", "/sign-in/oidc-callback/house?code=x&state=y", "/sign-in/oidc-callback/house?error=access_denied"} {
		r := b.get(path)
		if r.Code < 400 || b.cookies[sessionName] != "" || !strings.Contains(r.Header().Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %v", path, r.Code, r.Header())
		}
	}
}

func TestSigningOutSaysThatTheProviderDoesNotKnow(t *testing.T) {
	var issuer string
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"authorization_endpoint":%q,"token_endpoint":%q,"jwks_uri":%q,"end_session_endpoint":%q}`, issuer, issuer+"/auth", issuer+"/token", issuer+"/keys", issuer+"/logout")
	}))
	t.Cleanup(far.Close)
	issuer = far.URL
	h := behind(t, func(c *signin.Config) {
		c.Providers = []signin.Provider{{ID: "house", Name: "House sign-in", Issuer: issuer, ClientID: "tocsin"}, {ID: "other", Name: "Other sign-in", Issuer: "http://127.0.0.1:1", ClientID: "tocsin"}}
	})
	b := at(t, h, office)
	if r := b.get("/sign-in/oidc/house?next=/"); r.Code != http.StatusSeeOther { // the provider is asked what it publishes
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	place := auth.PlaceOf(netip.MustParseAddr(office), b.header["User-Agent"])
	secret, _, err := h.Users.Enter(t.Context(), auth.Entry{User: "anna", Methods: []auth.Method{auth.ByOIDC}, Place: place})
	if err != nil {
		t.Fatal(err)
	}
	b.cookies[sessionName] = secret
	r := b.post("/sign-out", nil)
	if r.Code != http.StatusSeeOther || b.cookies[sessionName] != "" {
		t.Fatalf("%d %v", r.Code, b.cookies)
	}
	page := b.get(r.Header().Get("Location")).Body.String()
	for _, want := range []string{"signed out here, and here alone", `href="` + issuer + `/logout?client_id=tocsin"`, "Sign out of House sign-in", "Sign out of Other sign-in on its own page."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q: %.3000s", want, page)
		}
	}
	// Who came by password is told nothing of it.
	b = in(t, h, "anna")
	if r := b.post("/sign-out", nil); r.Header().Get("Location") != "/sign-in" {
		t.Errorf("leads to %s", r.Header().Get("Location"))
	}
	if page := b.get("/sign-in").Body.String(); strings.Contains(page, "here alone") {
		t.Error("the door says so to everybody")
	}
}

func TestAPageThatListensToALockedSessionIsToldToGiveWay(t *testing.T) {
	h := behind(t)
	b := in(t, h, "daniel")
	h.Clock.Pass(16 * time.Minute)
	listens := func() {
		t.Helper()
		r := b.get("/live")
		if r.Code != http.StatusOK || r.Header().Get("Content-Type") != "text/event-stream" || !strings.Contains(r.Body.String(), "event: locked") || strings.Contains(r.Body.String(), "moved") {
			t.Errorf("%d %s", r.Code, r.Body)
		}
	}
	listens()
	if r := b.post("/sign-out", nil); r.Code != http.StatusSeeOther {
		t.Fatal(r.Code)
	}
	listens()
	b = in(t, h, "daniel")
	h.Clock.Pass(16 * time.Minute)
	b.header["HX-Request"] = "true"
	if r := b.get("/"); r.Code != http.StatusUnauthorized || r.Header().Get("HX-Refresh") != "true" || r.Body.Len() != 0 {
		t.Errorf("%d %v %s", r.Code, r.Header(), r.Body)
	}
}

func TestAPasskeyThatWasBegunTooLateLeadsToTheProof(t *testing.T) {
	h := behind(t)
	b := in(t, h, "anna")
	for range 2 {
		h.Clock.Pass(10 * time.Minute)
		b.get("/account")
	}
	r := b.post("/account/passkeys/failed", url.Values{"problem": {"reauthenticate"}, "passkey_name": {"ring"}})
	if r.Code != http.StatusSeeOther || r.Header().Get("Location") != "/account?change=passkeys" {
		t.Fatalf("%d %v", r.Code, r.Header())
	}
	r = b.get(r.Header().Get("Location"))
	if r.Code != http.StatusUnauthorized {
		t.Fatal(r.Code)
	}
	if f := hidden(t, r.Body.String(), "/prove"); f.Get("next") != "/account?change=passkeys" {
		t.Errorf("%v", f)
	}
	f := hidden(t, r.Body.String(), "/prove")
	f.Set("password", consoletest.Phrase)
	if r := b.post("/prove", f); r.Code != http.StatusSeeOther || r.Header().Get("Location") != "/account?change=passkeys" {
		t.Fatalf("%d %v", r.Code, r.Header())
	}
	if r := b.get("/account?change=passkeys"); r.Code != http.StatusOK || !strings.Contains(r.Body.String(), `id="passkey-name"`) {
		t.Errorf("%d", r.Code)
	}
}
