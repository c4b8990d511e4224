package console_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tocsin/internal/console/consoletest"
)

// hostile breaks out of a text, an attribute in either quotes, a script and a
// style, wherever it is put in as it stands.
const hostile = `x</title></textarea></script><script>alert(1)</script>"onload="alert(1)" 'onerror='alert(1)' <img src=x onerror=alert(1)> javascript:alert(1)`

// inert requires that a page holds no element and no attribute that runs anything.
func inert(t *testing.T, path, body string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		src := ""
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") && (a.Key == "href" || a.Key == "action" || a.Key == "src"):
				t.Errorf("%s: <%s> has %s=%q", path, n.Data, a.Key, a.Val)
			case a.Key == "src":
				src = a.Val
			}
		}
		switch n.Data {
		case "script":
			if !strings.HasPrefix(src, "/static/") || n.FirstChild != nil {
				t.Errorf("%s: a script of its own", path)
			}
		case "img", "iframe", "object", "embed", "style":
			t.Errorf("%s: <%s>", path, n.Data)
		}
	}
}

func TestNothingThatSomebodyTypesRuns(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	for _, who := range []string{"anna", "sofia", "lena", "rita"} {
		b := signedIn(t, h, who)
		for _, name := range []string{"found", "drafted", "sent"} {
			id := cases[name]
			fillEverything(t, b, "/cases/"+string(id))
			r := b.get("/cases/" + string(id) + "?do=" + url.QueryEscape(hostile) + "&target=" + url.QueryEscape(hostile))
			inert(t, name, r.Body.String())
		}
	}
	b := signedIn(t, h, "daniel")
	for _, form := range []url.Values{{"text": {hostile}, "origin": {hostile}, "conveyor": {hostile}, "report_marking": {hostile}, "originator": {hostile}, "subject_line": {hostile}, "key": {"k"}},
		{"text": {""}, "origin": {hostile}, "conveyor": {hostile}, "report_marking": {hostile}, "originator": {hostile}, "subject_line": {hostile}, "language": {hostile}}} {
		r := b.post("/intake", form)
		inert(t, "/intake", r.Body.String())
	}
	inert(t, "/sign-in", b.post("/sign-in", url.Values{"name": {hostile}, "token": {hostile}, "next": {hostile}}).Body.String())
	stored := 0
	for _, p := range append(everyPath(h, cases), "/?q="+url.QueryEscape(hostile), "/cases?q="+url.QueryEscape(hostile), "/sign-in?next="+url.QueryEscape(hostile)) {
		body := b.get(p).Body.String()
		inert(t, p, body)
		stored += strings.Count(body, "alert(1)")
	}
	if stored < 100 {
		t.Errorf("the hostile words stand in the pages only %d times: the test does not reach the fields", stored)
	}
}

var forms = regexp.MustCompile(`(?s)<form method="post" action="(/cases/[^"]+/do/[a-z_]+)".*?</form>`)

// fillEverything sends every form of a page with the hostile words in each field.
func fillEverything(t *testing.T, b *browser, path string) {
	t.Helper()
	found := forms.FindAllStringSubmatch(b.get(path).Body.String(), -1)
	for _, m := range found {
		if strings.Contains(m[1], "release_warning") || strings.Contains(m[1], "close_case") {
			continue
		}
		form := url.Values{}
		for _, f := range regexp.MustCompile(`<(input|textarea|select)[^>]*name="([^"]+)"[^>]*>`).FindAllStringSubmatch(m[0], -1) {
			form.Set(f[2], hostile)
			if v := regexp.MustCompile(`value="([^"]*)"`).FindStringSubmatch(f[0]); v != nil && (strings.Contains(f[0], `type="hidden"`) || strings.Contains(f[0], `type="radio"`) || strings.Contains(f[0], `type="checkbox"`)) {
				form.Set(f[2], v[1])
			}
			if strings.Contains(f[0], `class="moment"`) {
				form.Set(f[2], "2024-01-09T12:00")
			}
		}
		for _, s := range regexp.MustCompile(`(?s)<select[^>]*name="([^"]+)".*?</select>`).FindAllStringSubmatch(m[0], -1) {
			if o := regexp.MustCompile(`<option value="([^"]+)"`).FindStringSubmatch(s[0]); o != nil {
				form.Set(s[1], o[1])
			}
		}
		for name := range form {
			if strings.HasPrefix(name, "quote.") {
				form.Set(name, "")
			}
		}
		form.Del("version")
		r := b.post(m[1], form)
		if r.Code >= 500 {
			t.Errorf("%s: %d", m[1], r.Code)
		}
		inert(t, m[1], r.Body.String())
	}
}
