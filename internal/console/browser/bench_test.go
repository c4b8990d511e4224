package browser_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"tocsin/casefile"
)

// BenchmarkFloorInChromium opens the watch floor with 10,000 open duties on it: when a
// person sees it, and when they can use it, from the click.
func BenchmarkFloorInChromium(b *testing.B) {
	s := open(b, false, empty)
	s.h.Crowd(2500)
	s.signIn("daniel")
	loads(b, s, "/")
}

// BenchmarkCaseInChromium opens a case with 200 reports, 12 victims and a draft.
func BenchmarkCaseInChromium(b *testing.B) {
	s := open(b, false, empty)
	id := s.h.Large()
	s.signIn("daniel")
	loads(b, s, "/cases/"+string(id))
}

// loads measures as the browser does: the first words on the screen, and the end of the
// scripts, after which everything answers. The limit is the page of the keys, which is
// the frame of every page and little more.
func loads(b *testing.B, s *screen, path string) {
	var seen, usable, limit []float64
	for b.Loop() {
		first, scripts := s.timed(path)
		seen, usable = append(seen, first), append(usable, scripts)
		_, scripts = s.timed("/keys")
		limit = append(limit, scripts)
	}
	report(b, "seen", seen)
	report(b, "usable", usable)
	slices.Sort(limit)
	b.ReportMetric(usable[len(usable)/2]/limit[len(limit)/2], "times-limit")
}

// timed opens a page and returns, in milliseconds from the click, when it was first drawn
// and when its scripts had run.
func (s *screen) timed(path string) (first, scripts float64) {
	s.t.Helper()
	s.visit(path)
	var at []float64
	s.run(chromedp.Evaluate(`[performance.getEntriesByName("first-contentful-paint")[0].startTime, performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd]`, &at))
	return at[0], at[1]
}

// report gives the middle and the worst of a hundred.
func report(b *testing.B, what string, took []float64) {
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], what+"-p50-ms")
	b.ReportMetric(took[len(took)*99/100], what+"-p99-ms")
}

// BenchmarkEventToScreen measures from the moment at which a command of a colleague is
// recorded to the frame in which the open page of the case says so, if nothing happened
// shortly before: a page asks at once, and then not again before its pace has passed.
func BenchmarkEventToScreen(b *testing.B) {
	s := open(b, false)
	id := s.cases["found"]
	s.signIn("daniel")
	s.visit("/cases/" + string(id))
	var took, limit []float64
	for i := 0; b.Loop(); i++ {
		s.run(awaited(`new Promise(done => setTimeout(() => done(0), 1000 * Number(document.body.dataset.pace || 1) + 200))`, new(float64)))
		drawn := make(chan float64, 1)
		s.run(chromedp.Evaluate(`window.moved = new Promise(done => new MutationObserver((_, o) => { o.disconnect(); requestAnimationFrame(() => done(Date.now())); }).observe(document.querySelector("#news"), { childList: true, subtree: true })); 0`, nil))
		go func() {
			var at float64
			s.run(awaited(`window.moved`, &at))
			drawn <- at
		}()
		s.h.Do("anna", id, casefile.RaiseDispute{About: "the place", Position: fmt.Sprint(i)})
		recorded := time.Now()
		took = append(took, <-drawn-float64(recorded.UnixMicro())/1000)
		var bare float64 // the page's own question for what is new
		s.run(awaited(`(async () => { const from = performance.now(); await (await fetch(document.querySelector("#news").getAttribute("hx-get"))).text(); return performance.now() - from; })()`, &bare))
		limit = append(limit, bare)
	}
	report(b, "visible", took)
	slices.Sort(limit)
	b.ReportMetric(took[len(took)/2]/limit[len(limit)/2], "times-limit")
}

// awaited evaluates a promise.
func awaited(js string, answer *float64) chromedp.Action {
	return chromedp.Evaluate(js, answer, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) })
}
