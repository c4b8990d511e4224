package browser_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func axeSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// seen checks a page by day, by night and on a phone, and takes its picture.
func (s *screen) seen(name, path, axe string) {
	s.t.Helper()
	for _, theme := range []string{"light", "dark"} {
		s.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}))
		s.visit(path)
		s.axe(name+" "+theme, axe)
		s.shoot(name + "-" + theme)
	}
	s.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true))
	s.visit(path)
	s.axe(name+" phone", axe)
	s.shoot(name + "-phone")
	if wide := s.text(`String(document.documentElement.scrollWidth > innerWidth + 1)`); wide == "true" {
		s.t.Errorf("%s is wider than a phone", name)
	}
	s.run(emulation.ClearDeviceMetricsOverride())
}

// typed is what somebody types into the box that has the focus. The key that led
// there arrives as a letter too, because the protocol sends it apart from the key.
func (s *screen) typed(words string) chromedp.Action {
	return chromedp.Tasks{chromedp.Evaluate(`document.activeElement.value = ""`, nil), chromedp.KeyEvent(words + kb.Enter)}
}

func TestASearchIsOneKeyAndItsHitsOneClickAway(t *testing.T) {
	s := open(t, true)
	axe := axeSource(t)
	s.signIn("daniel")
	s.visit("/reports")
	s.run(chromedp.KeyEvent("/"))
	s.until("the box has the focus", `document.activeElement.matches("[data-search]")`)
	s.run(s.typed("HARBOUR witness"), chromedp.WaitReady("article.found .hits"))
	s.drawn()
	address := s.text(`location.href`)
	if strings.Contains(strings.ToLower(address+s.text(`document.title`)), "harbour") {
		t.Errorf("the words stand in the address or the title: %s", address)
	}
	if n := s.text(`String(document.querySelectorAll("mark.found").length)`); n == "0" {
		t.Error("nothing is marked")
	}
	first := s.text(`document.querySelector(".hits a").textContent`)
	s.run(chromedp.Evaluate(`document.activeElement.blur()`, nil), chromedp.KeyEvent("j"))
	s.until("the first hit has the focus", `document.activeElement === document.querySelector(".hits a")`)
	s.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitReady("article.case"))
	if title := s.text(`document.querySelector("h1").textContent`); !strings.Contains(title, "Witness in the harbour trial") {
		t.Errorf("%q leads to %q", first, title)
	}
	s.run(chromedp.Evaluate(`history.back()`, nil))
	s.until("going back shows the same hits", fmt.Sprintf(`location.href === %q && document.querySelector(".hits a") && document.querySelector(".hits a").textContent === %q`, address, first))
	s.run(chromedp.Reload(), chromedp.WaitReady("article.found .hits"))
	results := strings.TrimPrefix(address, s.url)
	s.seen("search", results, axe)
	s.seen("search-empty", "/search", axe)
	s.visit("/")
	s.run(chromedp.KeyEvent("/"), s.typed("کرمان"), chromedp.WaitReady("article.found .hits"))
	s.seen("search-persian", strings.TrimPrefix(s.text(`location.href`), s.url), axe)
	s.visit("/")
	s.run(chromedp.KeyEvent("/"), s.typed("..."), chromedp.WaitReady(".formerror"))
	s.axe("a search that cannot be made", axe)
	s.shoot("search-refused")
	if len(s.said) > 0 {
		t.Errorf("the pages complain: %q", s.said)
	}
}

func TestASavedViewIsOneKeyAwayAndSaysWhatItHides(t *testing.T) {
	s := open(t, true)
	axe := axeSource(t)
	s.signIn("daniel")
	s.visit("/")
	all := s.text(`String(document.querySelectorAll(".strip").length)`)
	s.run(chromedp.SetValue(`select[name="within"]`, "4h"), chromedp.WaitReady(".act.save"))
	hidden := s.text(`document.querySelector(".band.outside").textContent`)
	if !strings.Contains(hidden, "more outside this view") || !strings.Contains(hidden, "the next due in") {
		t.Fatalf("the floor says %q", hidden)
	}
	s.seen("floor-filtered", "/?within=4h&q=a&place=gb", axe)
	s.visit("/?within=4h")
	s.run(chromedp.Click(".act.save > summary"), chromedp.SendKeys("#view-name", "Next hours"), chromedp.Click(`.act.save input[name="prefer"]`), chromedp.Submit("#view-name"),
		chromedp.WaitReady(`[data-view="1"][aria-current]`))
	s.seen("floor-view", "/", axe)
	s.run(chromedp.KeyEvent("?"))
	s.until("the list of keys names them", `document.querySelector("#keys").open && document.querySelector("#keys").textContent.includes("saved views")`)
	s.run(chromedp.KeyEvent("\x1b"), chromedp.KeyEvent("0"))
	s.until("everything is shown", fmt.Sprintf(`document.querySelectorAll(".strip").length === %s && !document.querySelector(".band.outside")`, all))
	s.run(chromedp.KeyEvent("1"))
	s.until("the view is shown", `document.querySelector(".band.outside") && document.querySelector('[data-view="1"][aria-current]')`)
	n := s.text(`document.querySelector(".band.outside strong").textContent.match(/\d+/)[0]`)
	s.h.Case("A new threat", "icd-191", "Somebody means to kill the harbour master before the spring.", "The harbour master", 900*60*60*1e9)
	s.until("what comes in meanwhile is on the floor or said to be outside", fmt.Sprintf(`document.body.textContent.includes("The harbour master") || document.querySelector(".band.outside strong").textContent.match(/\d+/)[0] > %s`, n))
	s.run(chromedp.Click(".band.outside a"), chromedp.WaitReady(".strip"))
	s.until("what is outside is shown", `document.querySelector("#board .band").textContent.includes("Next hours") && document.querySelectorAll(".strip").length > 0`)
	s.axe("floor-outside", axe)
	s.shoot("floor-outside")
	s.seen("views", "/views", axe)
	s.visit("/views")
	s.run(chromedp.SetValue(`.deeds input[name="name"]`, "Before tomorrow"), chromedp.Submit(`.deeds input[name="name"]`), chromedp.WaitReady(".band.done"))
	if body := s.text(`document.body.textContent`); !strings.Contains(body, "Before tomorrow") || strings.Contains(body, "Next hours") {
		t.Error("the view is not renamed")
	}
	if len(s.said) > 0 {
		t.Errorf("the pages complain: %q", s.said)
	}
}
