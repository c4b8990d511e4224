package console_test

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/internal/console"
	"tocsin/internal/console/consoletest"
)

// browser is somebody at a browser: cookies, and the headers that browsers send.
type browser struct {
	t       *testing.T
	h       *consoletest.House
	cookies map[string]string
	header  map[string]string
}

func signedIn(t *testing.T, h *consoletest.House, who string) *browser {
	t.Helper()
	b := &browser{t, h, map[string]string{}, map[string]string{"Sec-Fetch-Site": "same-origin"}}
	r := b.post("/sign-in", url.Values{"name": {who}, "token": {h.Tokens[who]}})
	if r.Code != http.StatusSeeOther || b.cookies["tocsin_session"] == "" {
		t.Fatalf("%s is not signed in: %d %s", who, r.Code, r.Body)
	}
	return b
}

func (b *browser) do(method, path string, body io.Reader, media string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, body)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	for k, v := range b.header {
		r.Header.Set(k, v)
	}
	for k, v := range b.cookies {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	w := httptest.NewRecorder()
	b.h.Console.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return w
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.do("GET", path, nil, "")
}

func (b *browser) post(path string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.do("POST", path, strings.NewReader(form.Encode()), "application/x-www-form-urlencoded")
}

// formOf reads the hidden fields of the form that posts to action about target.
func formOf(t *testing.T, page, action, target string) url.Values {
	t.Helper()
	for _, form := range regexp.MustCompile(`(?s)<form method="post" action="`+regexp.QuoteMeta(action)+`".*?</form>`).FindAllString(page, -1) {
		out := url.Values{}
		for _, m := range regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)">`).FindAllStringSubmatch(form, -1) {
			out.Set(m[1], html.UnescapeString(m[2]))
		}
		if out.Get("target") == target {
			return out
		}
	}
	t.Fatalf("there is no form for %s about %q", action, target)
	return nil
}

func everyPath(h *consoletest.House, cases map[string]tocsin.CaseID) []string {
	paths := []string{"/", "/wall", "/cases", "/intake", "/reports", "/pages", "/pages/none", "/deliveries", "/directory", "/policies", "/policies/icd-191", "/record", "/oversight", "/keys", "/search", "/views", "/?q=zzz&outside=1", "/?within=3d&show=mine",
		"/cases/none", "/reports/none", "/deliveries/none", "/policies/none", "/nowhere"}
	for _, id := range cases {
		paths = append(paths, "/cases/"+string(id), "/cases/"+string(id)+"/news?version=1")
		s, _ := h.Engine.Case(id)
		for _, r := range s.Reports {
			paths = append(paths, "/reports/"+string(r.ID))
		}
		for _, d := range s.Deliveries {
			paths = append(paths, "/deliveries/"+string(d.Key))
		}
	}
	slices.Sort(paths)
	return paths
}

func TestEveryPageAnswersEveryRole(t *testing.T) {
	h := consoletest.Open(t, true)
	cases := h.Fill()
	cases["story"] = "kerman"
	if _, err := h.Engine.Case("kerman"); err != nil {
		t.Fatal(err)
	}
	paths := everyPath(h, cases)
	if len(paths) < 30 {
		t.Fatalf("only %d pages", len(paths))
	}
	for _, u := range consoletest.Staff {
		b := signedIn(t, h, string(u.ID))
		for _, lang := range []string{"en", "de"} {
			b.cookies["tocsin_lang"] = lang
			for _, p := range paths {
				r := b.get(p)
				if r.Code == http.StatusSeeOther && (p == "/" || strings.HasPrefix(p, "/?")) { // whoever sees no cases begins elsewhere
					r = b.get(r.Header().Get("Location"))
				}
				if r.Code != http.StatusOK && r.Code != http.StatusForbidden && r.Code != http.StatusNotFound {
					t.Errorf("%s asks for %s in %s: %d\n%s", u.ID, p, lang, r.Code, h.Log)
				}
				if page := r.Body.String(); !strings.Contains(p, "/news") && (strings.Count(page, "<main ") != 1 || strings.Count(page, `class="mast"`) > 1) {
					t.Errorf("%s asks for %s in %s: the page has not one head and one content", u.ID, p, lang)
				}
				head := r.Header()
				if csp := head.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
					t.Errorf("%s: policy %q", p, csp)
				}
				if head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Cache-Control") != "no-store" {
					t.Errorf("%s: headers %v", p, head)
				}
				if body := r.Body.String(); strings.Contains(body, "%!") || strings.Contains(body, "ZgotmplZ") {
					t.Errorf("%s asks for %s in %s: a string is filled wrongly", u.ID, p, lang)
				}
			}
		}
	}
}

func TestWhoMayNotSeeCasesSeesNothingOfThem(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	for _, who := range []string{"gate", "paul", "adam", "state.system"} {
		b := signedIn(t, h, who)
		for _, p := range []string{"/", "/wall", "/cases", "/cases/" + string(cases["fresh"]), "/directory", "/oversight", "/cases/none"} {
			r := b.get(p)
			elsewhere := p == "/" && r.Code == http.StatusSeeOther && who != "state.system"
			if r.Code != http.StatusForbidden && !elsewhere || strings.Contains(r.Body.String(), "Diallo") {
				t.Errorf("%s gets %d for %s", who, r.Code, p)
			}
		}
	}
	s, _ := h.Engine.Case(cases["fresh"])
	if r := signedIn(t, h, "gate").get("/reports/" + string(s.Reports[0].ID)); r.Code != http.StatusNotFound {
		t.Errorf("a reporter reads somebody else's report: %d", r.Code)
	}
	if r := signedIn(t, h, "paul").get("/deliveries"); r.Code != http.StatusOK || strings.Contains(r.Body.String(), "Synagogue") {
		t.Errorf("a deliverer sees the title of a case, or nothing at all: %d", r.Code)
	}
}

func TestNobodySeesAnythingWithoutSigningIn(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	b := &browser{t, h, map[string]string{}, nil}
	for _, p := range everyPath(h, cases) {
		r := b.get(p)
		if r.Code != http.StatusSeeOther && r.Code != http.StatusNotFound || strings.Contains(r.Body.String(), "Diallo") {
			t.Errorf("%s: %d", p, r.Code)
		}
	}
	for _, form := range []url.Values{{"name": {"daniel"}, "token": {"tocsin_wrong"}}, {"name": {"sofia"}, "token": {h.Tokens["daniel"]}}, {}} {
		if r := b.post("/sign-in", form); r.Code != http.StatusForbidden || b.cookies["tocsin_session"] != "" {
			t.Errorf("%v is let in: %d", form, r.Code)
		}
	}
	if r := b.get("/sign-in?next=//elsewhere.example/"); strings.Contains(r.Body.String(), "elsewhere.example\"") {
		t.Error("the page leads to another site")
	}
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	b := signedIn(t, h, "sofia")
	page := b.get("/cases/" + string(cases["found"])).Body.String()
	action := "/cases/" + string(cases["found"]) + "/do/affirm_determination"
	form := formOf(t, page, action, "v1")
	for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}} {
		b.header = header
		if r := b.post(action, form); r.Code != http.StatusForbidden {
			t.Errorf("%v: %d", header, r.Code)
		}
	}
	if s, _ := h.Engine.Case(cases["found"]); s.Victims[0].Affirmed != "" {
		t.Error("it was done all the same")
	}
}

func TestPressedTwiceItIsDoneOnce(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	b := signedIn(t, h, "daniel")
	path := "/cases/" + string(cases["fresh"])
	form := formOf(t, b.get(path).Body.String(), path+"/do/raise_dispute", "")
	form.Set("about", "the street")
	form.Set("position", "It is another one.")
	for range 2 {
		if r := b.post(path+"/do/raise_dispute", form); r.Code != http.StatusSeeOther || r.Header().Get("Location") != path {
			t.Fatalf("%d %s", r.Code, r.Body)
		}
	}
	if s, _ := h.Engine.Case(cases["fresh"]); len(s.Disputes) != 1 {
		t.Errorf("%d disputes", len(s.Disputes))
	}
	if r := b.get(path); !strings.Contains(r.Body.String(), "Your disagreement is recorded.") {
		t.Error("the next page does not say what was done")
	}
	if r := b.get(path); strings.Contains(r.Body.String(), "Your disagreement is recorded.") {
		t.Error("it says so for ever")
	}
}

func TestAStalePageTellsWhatHasChangedAndKeepsWhatWasTyped(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	b := signedIn(t, h, "daniel")
	path := "/cases/" + string(cases["fresh"])
	form := formOf(t, b.get(path).Body.String(), path+"/do/raise_dispute", "")
	form.Set("about", "the street")
	form.Set("position", "WHAT I TYPED")
	c := signedIn(t, h, "anna")
	other := formOf(t, c.get(path).Body.String(), path+"/do/record_locator", "v1")
	other.Set("locator", "+44 20 7946 0000")
	if r := c.post(path+"/do/record_locator", other); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	r := b.post(path+"/do/raise_dispute", form)
	page := r.Body.String()
	if r.Code != http.StatusConflict || !strings.Contains(page, "WHAT I TYPED") || !strings.Contains(page, "a new way to reach v1 is known") {
		t.Fatalf("%d %s", r.Code, page)
	}
	again := formOf(t, page, path+"/do/raise_dispute", "")
	again.Set("about", "the street")
	again.Set("position", "WHAT I TYPED")
	if r := b.post(path+"/do/raise_dispute", again); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
}

func TestWhatTheProgramDidMeanwhileStopsNobody(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	b := signedIn(t, h, "daniel")
	path := "/cases/" + string(cases["sent"])
	form := formOf(t, b.get(path).Body.String(), path+"/do/raise_dispute", "")
	before, _ := h.Engine.Case(cases["sent"])
	h.Clock.Pass(10 * time.Hour)
	if err := h.Engine.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after, _ := h.Engine.Case(cases["sent"]); after.Version == before.Version {
		t.Fatal("nothing happened meanwhile")
	}
	form.Set("about", "the channel")
	form.Set("position", "Too slow.")
	if r := signedIn(t, h, "daniel").post(path+"/do/raise_dispute", form); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
}

func TestAnErrorKeepsWhatWasTypedAndSaysWhereItIs(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	b := signedIn(t, h, "anna")
	path := "/cases/" + string(cases["fresh"])
	form := formOf(t, b.get(path).Body.String(), path+"/do/record_findings", "v1")
	form.Set("value.credible", "met")
	form.Set("reason.credible", "KEPT REASON")
	form.Set("quote.credible", "words that nobody wrote")
	r := b.post(path+"/do/record_findings", form)
	page := r.Body.String()
	if r.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "KEPT REASON") || !strings.Contains(page, "aria-invalid") || !strings.Contains(page, "stand in no report") {
		t.Fatalf("%d %s", r.Code, page)
	}
	form.Set("quote.credible", "to be shot before the verdict")
	if r := b.post(path+"/do/record_findings", form); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if page := b.get(path).Body.String(); !regexp.MustCompile(`<mark[^>]*>.*to be shot before the verdict</mark>`).MatchString(page) {
		t.Error("the words behind the finding are not marked in the report")
	}
}

func TestASecondSignerDoesNotSeeTheFirstGrade(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	path := "/cases/" + string(cases["found"])
	b := signedIn(t, h, "rita")
	page := b.get(path).Body.String()
	if strings.Contains(page, "As the report has it; see the words.") || !strings.Contains(page, "Findings are kept from you.") {
		t.Error("the reviewer sees the findings")
	}
	form := formOf(t, page, path+"/do/see_grade", "")
	if r := b.post(path+"/do/see_grade", form); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if s, _ := h.Engine.Case(cases["found"]); !slices.Contains(s.SeenGrade, "rita") {
		t.Error("that they look is not recorded")
	}
	if page := b.get(path).Body.String(); !strings.Contains(page, "As the report has it; see the words.") {
		t.Error("the findings are still kept back")
	}
}

func TestAReportLeavesTheBoxByACaseAndNotByALook(t *testing.T) {
	h := consoletest.Open(t, false)
	h.Fill()
	b := signedIn(t, h, "daniel")
	page := b.get("/").Body.String()
	m := regexp.MustCompile(`href="/reports/([^"]+)">A woman who`).FindStringSubmatch(page)
	if m == nil || !strings.Contains(page, "nobody has looked") {
		t.Fatal("the report is not in the box")
	}
	if r := b.get("/reports/" + m[1]); r.Code != http.StatusOK {
		t.Fatal(r.Code)
	}
	if r := b.get("/reports/" + m[1]); r.Code != http.StatusOK {
		t.Fatal(r.Code)
	}
	page = signedIn(t, h, "sofia").get("/").Body.String()
	if !strings.Contains(page, m[1]) || !strings.Contains(page, "Looked at by Daniel Okoro") {
		t.Error("a look took it away, or is not shown")
	}
	n := 0
	for _, err := range h.Store.Load(t.Context(), "look/"+m[1]) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("one look is recorded %d times", n)
	}
	if r := b.post("/cases", url.Values{"report": {m[1]}, "title": {"Midwife on Harbour Street"}, "pack": {"icd-191"}, "key": {"k1"}}); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if page := b.get("/").Body.String(); strings.Contains(page, "/reports/"+m[1]) {
		t.Error("it is in a case and still in the box")
	}
	if r := b.post("/record/verify", nil); r.Code != http.StatusOK || !strings.Contains(r.Body.String(), "proof good") {
		t.Errorf("the record with looks in it does not verify: %s", r.Body)
	}
}

func TestWhatIsHandedInIsKeptWhole(t *testing.T) {
	h := consoletest.Open(t, false)
	b := signedIn(t, h, "gate")
	r := b.post("/intake", url.Values{"text": {"They will burn the mill on Friday."}, "key": {"a"}, "occurred": {"2024-01-08T01:00"}})
	if r.Code != http.StatusSeeOther || !strings.HasPrefix(r.Header().Get("Location"), "/reports/") {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if page := b.get(r.Header().Get("Location")).Body.String(); !strings.Contains(page, "burn the mill") || !strings.Contains(page, "your receipt") {
		t.Error("the reporter has no receipt")
	}
	if r := b.post("/intake", url.Values{"text": {""}, "origin": {"KEPT ORIGIN"}}); r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body.String(), "KEPT ORIGIN") {
		t.Errorf("%d %s", r.Code, r.Body)
	}
	mail := "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nb\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.eml\"\r\nContent-Type: message/rfc822\r\n\r\n" +
		"From: a@b.example\r\nSubject: threat\r\nMessage-ID: <1@b.example>\r\n\r\nThey know where she lives.\r\n--x--\r\n"
	r = b.do("POST", "/intake", strings.NewReader(mail), "multipart/form-data; boundary=x")
	if r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if page := b.get(r.Header().Get("Location")).Body.String(); !strings.Contains(page, "They know where she lives.") || !strings.Contains(page, "email") {
		t.Error("the mail was not read as one")
	}
}

func TestAnInspectorChangesNothing(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	b := signedIn(t, h, "ivan")
	path := "/cases/" + string(cases["fresh"])
	if page := b.get(path).Body.String(); strings.Contains(page, `action="`+path+`/do/state_threat"`) || !strings.Contains(page, "disabled") {
		t.Error("forms are offered to an inspector, or the others do not explain themselves")
	}
	if r := b.post(path+"/do/raise_dispute", url.Values{"about": {"x"}, "position": {"y"}}); r.Code != http.StatusForbidden {
		t.Errorf("%d", r.Code)
	}
	if r := b.post("/record/verify", nil); r.Code != http.StatusOK {
		t.Errorf("an inspector may verify: %d", r.Code)
	}
}

func TestAGraveActAsksForAFreshProof(t *testing.T) {
	h := consoletest.Open(t, false, func(c *console.Config) { c.Fresh = time.Hour })
	cases := h.Fill()
	b := signedIn(t, h, "daniel")
	h.Clock.Pass(2 * time.Hour)
	path := "/cases/" + string(cases["drafted"])
	form := formOf(t, b.get(path).Body.String(), path+"/do/raise_dispute", "")
	form.Set("reason", "KEPT REASON")
	r := b.post(path+"/do/invoke_exigent", form)
	if s, _ := h.Engine.Case(cases["drafted"]); s.Exigent != nil || r.Code != http.StatusForbidden || !strings.Contains(r.Body.String(), "Sign in again") {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if r := b.post(path+"/do/raise_dispute", formWith(form, "about", "a", "position", "b")); r.Code != http.StatusSeeOther {
		t.Errorf("what is not grave asks for it too: %d", r.Code)
	}
	h.Clock.Pass(11 * time.Hour)
	if r := b.get("/"); r.Code != http.StatusSeeOther {
		t.Errorf("the session outlives the shift: %d", r.Code)
	}
}

func formWith(form url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}
