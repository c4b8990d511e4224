package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"tocsin"
	"tocsin/internal/console/consoletest"
	"tocsin/view"
)

func chromium() string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && name != "" {
			return path
		}
	}
	return ""
}

// screen is a browser window on a house.
type screen struct {
	t     testing.TB
	ctx   context.Context
	h     *consoletest.House
	url   string
	cases map[string]tocsin.CaseID
	shots string
	said  []string                   // what the page complained of
	lost  *atomic.Bool               // the server answers nobody
	hasty *atomic.Pointer[chan bool] // if there is one, parts of pages are refused as asked for too soon, and it is told
	bare  bool
	web   *httptest.Server
}

// empty leaves the house without cases.
func empty(s *screen) { s.bare = true }

func open(t testing.TB, story bool, change ...func(*screen)) *screen {
	t.Helper()
	if chromium() == "" {
		t.Skip("no Chromium is installed")
	}
	h := consoletest.Open(t, story)
	s := &screen{t: t, h: h, shots: os.Getenv("SCREENSHOTS"), lost: &atomic.Bool{}, hasty: &atomic.Pointer[chan bool]{}}
	for _, f := range change {
		f(s)
	}
	if !s.bare {
		s.cases = h.Fill()
	}
	if s.shots == "" {
		s.shots = t.TempDir()
	}
	s.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.lost.Load() {
			panic(http.ErrAbortHandler) // the line is cut
		}
		if refused := s.hasty.Load(); refused != nil && r.Header.Get("HX-Request") != "" {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too soon", http.StatusTooManyRequests)
			*refused <- true
			return
		}
		h.Console.ServeHTTP(w, r)
	}))
	t.Cleanup(s.web.Close)
	t.Cleanup(h.Console.Drain)
	s.url = s.web.URL
	ctx, cancel := chromedp.NewContext(launched(t))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(cancel)
	s.ctx = ctx
	s.begin()
	s.run(chromedp.Navigate(s.url+"/sign-in"), chromedp.WaitReady("#name"))
	return s
}

// begin opens the page. It is not under the time of a single step, the end of
// which would close it.
func (s *screen) begin() {
	s.t.Helper()
	s.listen()
	if err := chromedp.Run(s.ctx); err != nil {
		s.t.Fatal(err)
	}
}

// cut breaks the line to the server and lets nobody through; mend lets them.
func (s *screen) cut() {
	s.lost.Store(true)
	s.web.CloseClientConnections()
}

func (s *screen) mend() { s.lost.Store(false) }

// another is a second person's browser; tab is a second page of the same one.
func (s *screen) another() *screen { return s.beside(launched(s.t)) }
func (s *screen) tab() *screen     { return s.beside(s.ctx) }

func (s *screen) beside(where context.Context) *screen {
	s.t.Helper()
	o := *s
	o.said = nil
	ctx, cancel := chromedp.NewContext(where)
	s.t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 10*time.Minute)
	s.t.Cleanup(cancel)
	o.ctx = ctx
	o.begin()
	return &o
}

// launched is where a browser of its own runs.
func launched(t testing.TB) context.Context {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium()), chromedp.NoSandbox, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1400, 1000))
	alloc, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	return alloc
}

// listen keeps what the pages complain of.
func (s *screen) listen() {
	chromedp.ListenTarget(s.ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			s.said = append(s.said, e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError {
				s.said = append(s.said, fmt.Sprint(e.Args))
			}
		}
	})
}

func (s *screen) run(actions ...chromedp.Action) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 2*time.Minute) // else an element that never comes is waited for
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screen) signIn(who string) {
	s.t.Helper()
	s.run(network.ClearBrowserCookies(), chromedp.Navigate(s.url+"/sign-in"), chromedp.SendKeys("#name", who), chromedp.SendKeys("#token", s.h.Tokens[who]),
		chromedp.Submit("#token"), chromedp.WaitReady(".tools .who"))
}

func (s *screen) visit(path string) {
	s.t.Helper()
	s.run(chromedp.Navigate(s.url+path), chromedp.WaitReady("main"))
	s.drawn()
}

// drawn waits until the page has been drawn and its scripts listen: what is pressed before
// is lost, as it would be on a person who types ahead of the page.
func (s *screen) drawn() { s.t.Helper(); s.until("the page is drawn", "true") }

func (s *screen) text(js string) string {
	s.t.Helper()
	var out string
	s.run(chromedp.Evaluate(js, &out))
	return out
}

// until waits for an expression to hold, as the browser sees it. It asks anew each time: a
// question left in the page is lost with a page that gives way to another, or that waits in
// the browser's cache and neither draws a frame nor runs a timer. A page that is still
// coming holds nothing yet. One that stands behind another is never painted.
func (s *screen) until(what, js string) {
	s.t.Helper()
	var err error
	for range 900 {
		var holds bool
		if err = s.ask(`document.readyState === "complete" && (document.hidden || performance.getEntriesByType("paint").length > 0) && !!(`+js+`)`, &holds); err == nil && holds {
			return
		}
		select {
		case <-s.ctx.Done():
			s.t.Fatalf("%s: %v", what, s.ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	s.shoot("stuck")
	s.t.Fatalf("%s did not come true: %v", what, err)
}

// ask evaluates an expression, and gives up soon where the page does not answer.
func (s *screen) ask(js string, answer any) error {
	ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate(js, answer))
}

func (s *screen) shoot(name string) {
	s.t.Helper()
	var b []byte
	err := chromedp.Run(s.ctx, chromedp.FullScreenshot(&b, 100))
	for range 20 { // a page that has just come may not be drawn yet
		if err == nil || !strings.Contains(err.Error(), "0 width") {
			break
		}
		s.run(chromedp.WaitVisible("main"))
		err = chromedp.Run(s.ctx, chromedp.FullScreenshot(&b, 100))
	}
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.shots, name+".png"), b, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// axe runs the accessibility checks of WCAG 2.2 AA on the page, from its top: a bar that
// stays in sight lies over something at any other place, until one scrolls on.
func (s *screen) axe(name, source string) {
	s.t.Helper()
	var found string
	s.run(chromedp.Evaluate(`scrollTo({top: 0, behavior: "instant"})`, nil), chromedp.Evaluate(source, nil), chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 4).map(n => n.html.slice(0, 200) + " | " + (n.any[0] ? n.any[0].message : ""))}))))`,
		&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	var list []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal([]byte(found), &list); err != nil {
		s.t.Fatal(err)
	}
	for _, v := range list {
		s.t.Errorf("%s: %s (%s)\n\t%s", name, v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
	}
}

// everyPage are the pages of a house in which something has happened, for somebody
// who sees them all.
func (s *screen) everyPage() map[string]string {
	s.t.Helper()
	s.signIn("daniel")
	sent, _ := s.h.Engine.Case(s.cases["sent"])
	s.h.Settle() // nobody has read two reports for long enough
	paged := ""
	s.h.Engine.Read(func(x *view.Index) {
		for _, p := range x.LivePages() {
			paged = "/pages/" + string(p)
		}
	})
	if paged == "" {
		s.t.Fatal("nobody was called")
	}
	return map[string]string{"floor": "/", "wall": "/wall", "cases": "/cases", "case-fresh": "/cases/" + string(s.cases["fresh"]), "case-found": "/cases/" + string(s.cases["found"]),
		"case-drafted": "/cases/" + string(s.cases["drafted"]), "case-sent": "/cases/" + string(s.cases["sent"]), "case-story": "/cases/kerman",
		"case-both": "/cases/" + string(s.cases["both"]), "recipient": "/directory/town", "case-form": "/cases/" + string(s.cases["found"]) + "?do=draft_warning&target=#do-draft_warning-", "case-anew": "/cases/" + string(s.cases["both"]) + "?do=draft_warning&target=w1#do-draft_warning-", "intake": "/intake", "reports": "/reports",
		"report": "/reports/" + string(sent.Reports[0].ID), "deliveries": "/deliveries", "delivery": "/deliveries/" + string(sent.Deliveries[0].Key), "directory": "/directory",
		"policies": "/policies", "policy": "/policies/icd-191", "record": "/record", "oversight": "/oversight", "pages": "/pages", "page": paged, "keys": "/keys", "problem": "/nowhere"}
}

func TestEveryPageIsAccessible(t *testing.T) {
	s, axe := open(t, true), axeSource(t)
	s.axe("sign-in", axe)
	s.shoot("sign-in")
	pages := s.everyPage()
	for _, theme := range []string{"light", "dark"} {
		s.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}))
		for name, path := range pages {
			s.visit(path)
			s.axe(name+" "+theme, axe)
			s.shoot(name + "-" + theme)
		}
	}
	if len(s.said) > 0 {
		t.Errorf("the pages complain: %q", s.said)
	}
}

func TestEveryPageFitsATelephone(t *testing.T) {
	s, axe := open(t, true), axeSource(t)
	pages := s.everyPage()
	s.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true))
	for name, path := range pages {
		s.visit(path)
		s.shoot(name + "-phone")
		s.fits(name, 390, 100)
		if slices.Contains([]string{"floor", "case-sent", "case-both", "intake", "delivery", "deliveries", "recipient", "oversight", "report", "wall"}, name) {
			s.axe(name+" phone", axe)
		}
	}
	if len(s.said) > 0 {
		t.Errorf("the pages complain: %q", s.said)
	}
}

// fits holds a page to the width of the screen: neither the page nor a table in it
// is wider, and the head leaves the screen to what it is for.
func (s *screen) fits(name string, width, head int) {
	s.t.Helper()
	for _, what := range strings.Fields(s.text(fmt.Sprintf(`[Math.max(document.documentElement.scrollWidth, innerWidth) > %d ? "page" : "",
		...[...document.querySelectorAll("main table")].filter(t => t.checkVisibility() && t.scrollWidth > t.parentElement.clientWidth + 1).map(() => "table")].join(" ")`, width+1))) {
		s.t.Errorf("%s: the %s is wider than a screen of %d", name, what, width)
	}
	var high int
	s.run(chromedp.Evaluate(`Math.round(document.querySelector(".mast") ? document.querySelector(".mast").getBoundingClientRect().height : 0)`, &high))
	if high > head {
		s.t.Errorf("%s: the head is %d pixels high", name, high)
	}
}

func TestOnADeskTheHeadIsOneRow(t *testing.T) {
	s := open(t, false)
	for _, lang := range []string{"en", "de"} {
		s.signIn("sofia")
		s.run(network.SetCookie("tocsin_lang", lang).WithURL(s.url), emulation.SetDeviceMetricsOverride(1280, 800, 1, false))
		for _, path := range []string{"/", "/oversight", "/intake"} {
			s.visit(path)
			s.fits(path+" in "+lang, 1280, 56)
		}
	}
}

func TestOnATelephoneTheOpenPlaceIsInView(t *testing.T) {
	s := open(t, false)
	s.signIn("sofia")
	s.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true))
	s.visit("/oversight") // the last of the row
	s.until("the open place is brought into view", `(() => { const r = document.querySelector(".places a[aria-current]").getBoundingClientRect(); return r.left >= 0 && r.right <= innerWidth; })()`)
	s.run(chromedp.Click(".me > summary"))
	s.until("the menu opens inside the screen", `(() => { const r = document.querySelector(".me > div").getBoundingClientRect(); return r.left >= 0 && r.right <= innerWidth && r.height > 0; })()`)
	s.run(chromedp.KeyEvent("\x1b"))
	s.until("and closes", `!document.querySelector(".me").open`)
}

func TestTheFloorMovesByItself(t *testing.T) {
	s := open(t, false)
	s.signIn("daniel")
	s.visit("/")
	s.until("the clocks count", `(() => { const c = document.querySelector("time.count"); if (!window.was) { window.was = c.textContent; } return window.was !== c.textContent; })()`)
	s.h.Case("A new threat", "icd-191", "Somebody means to kill the harbour master before the strike.", "The harbour master", 5*time.Hour)
	s.until("the new case stands on the board", `document.body.textContent.includes("The harbour master")`)
}

func TestAPartOfAPageThatWasAskedForTooSoonComesByItself(t *testing.T) {
	s := open(t, false)
	s.signIn("daniel")
	s.visit("/")
	s.until("the page hears the server", `document.querySelector("time.clock").textContent.length === 8`)
	refused := make(chan bool, 100)
	s.hasty.Store(&refused)
	s.h.Case("A new threat", "icd-191", "Somebody means to kill the harbour master before the strike.", "The harbour master", 5*time.Hour)
	for range 5 { // more often than what has happened makes it ask
		select {
		case <-refused:
		case <-s.ctx.Done():
			t.Fatal("the page has given up")
		}
	}
	s.hasty.Store(nil)
	s.until("the new case stands on the board", `document.body.textContent.includes("The harbour master")`)
}

func TestALostConnectionIsSaid(t *testing.T) {
	s := open(t, false)
	s.signIn("daniel")
	s.visit("/")
	s.until("the page hears the server", `document.querySelector("time.clock").textContent.length === 8`)
	s.h.Console.Drain() // every stream ends, and every new one at once
	s.run(network.EmulateNetworkConditions(true, 0, 0, 0))
	s.until("the banner stands", `!document.querySelector("#lost").hidden && document.body.classList.contains("stale")`)
	s.shoot("lost")
}

func TestWhatIsTypedSurvivesTheBrowser(t *testing.T) {
	s := open(t, false)
	s.signIn("ingrid")
	s.visit("/intake")
	s.run(chromedp.SendKeys("#text", "The caller says there is a bomb at"))
	s.until("the draft is kept", `document.querySelector("[data-saved]").textContent !== ""`)
	s.visit("/reports")
	s.visit("/intake")
	if got := s.text(`document.querySelector("#text").value`); got != "The caller says there is a bomb at" {
		t.Errorf("%q is left", got)
	}
	s.run(chromedp.Submit("#text"), chromedp.WaitReady("article.report"))
	s.visit("/intake")
	if got := s.text(`document.querySelector("#text").value`); got != "" {
		t.Errorf("%q is still there after it was handed in", got)
	}
}

func TestTheKeyboardIsEnough(t *testing.T) {
	s := open(t, false)
	s.signIn("daniel")
	s.visit("/")
	s.run(chromedp.KeyEvent("?"))
	s.until("the list of keys opens", `document.querySelector("#keys").open`)
	s.run(chromedp.KeyEvent("\x1b"))
	s.until("and closes", `!document.querySelector("#keys").open`)
	s.run(chromedp.KeyEvent("j"))
	s.until("the first strip has the focus", `document.activeElement.classList.contains("victim")`)
	s.run(chromedp.KeyEvent("n"), chromedp.WaitReady("article.case .act[open] form"))
	s.drawn()
	s.run(chromedp.KeyEvent("\x1b"), chromedp.Evaluate(`document.activeElement.blur()`, nil), chromedp.KeyEvent("g"), chromedp.KeyEvent("i"),
		chromedp.WaitReady("article.intake"))
}

func TestWithoutScriptsAReportBecomesACase(t *testing.T) {
	s := open(t, false)
	s.run(emulation.SetScriptExecutionDisabled(true))
	s.signIn("daniel")
	s.visit("/intake")
	s.run(chromedp.SendKeys("#text", "They mean to kill the ferryman."), chromedp.Click(".go button"), chromedp.WaitReady("article.report"),
		chromedp.SendKeys("#title", "The ferryman"), chromedp.Click("#open-case button"), chromedp.WaitReady("article.case"))
	var title string
	s.run(chromedp.Text("h1", &title))
	if title != "The ferryman" {
		t.Errorf("the page is %q", title)
	}
}
