package browser_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// choose selects words in the reading beside an open form, as somebody does by mouse.
const chooseWords = `(() => { const words = document.querySelector(".act[open] [data-words]"), n = words.firstChild, from = n.data.indexOf(WORDS);
	const r = document.createRange(); r.setStart(n, from); r.setEnd(n, from + WORDS.length);
	const s = getSelection(); s.removeAllRanges(); s.addRange(r); return from >= 0; })()`

func (s *screen) choose(words string) {
	s.t.Helper()
	s.until("the words can be selected", "(WORDS => "+chooseWords+")("+`"`+words+`"`+")")
}

func TestWordsOfAReportAreQuotedByButtonAndByKey(t *testing.T) {
	s := open(t, false)
	s.signIn("anna")
	s.visit("/cases/" + string(s.cases["fresh"]) + "?do=record_findings&target=v1#do-record_findings-v1")
	s.until("the script is there", `!document.querySelector(".act[open] [data-quoting]").hidden`)
	s.run(chromedp.Click(`[id="do-record_findings-v1-quote.specific"]`))
	s.until("it is said where the words go", `document.querySelector(".act[open] [data-into]").textContent === "Specific"`)
	s.choose("He named the car and the street")
	s.run(chromedp.Click(".act[open] [data-quote]"))
	s.until("the button puts them there", `document.getElementById("do-record_findings-v1-quote.specific").value === "He named the car and the street"`)
	s.choose("before the verdict on Thursday")
	s.run(chromedp.Focus(".act[open] .reading"), chromedp.KeyEvent("q"))
	s.until("the key puts them on a line of their own", `document.getElementById("do-record_findings-v1-quote.specific").value === "He named the car and the street\nbefore the verdict on Thursday"`)
	s.run(chromedp.SetValue(`[name="value.specific"]`, "met", chromedp.ByQuery), chromedp.SetValue(`[name="reason.specific"]`, "car and street", chromedp.ByQuery), chromedp.Submit(`[id="do-record_findings-v1-quote.specific"]`), chromedp.WaitReady("article.case"))
	s.until("both are recorded as evidence", `[...document.querySelectorAll(".findings q")].map(q => q.textContent).join("|") === "He named the car and the street|before the verdict on Thursday"`)
	s.visit("/cases/" + string(s.cases["fresh"]) + "?do=state_threat&target=#do-state_threat-")
	s.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true))
	s.until("on a telephone the words stand below the form", `document.querySelector(".act[open] .source").getBoundingClientRect().top >= document.querySelector(".act[open] form").getBoundingClientRect().bottom`)
	s.fits("quoting", 390, 100)
}

func TestTheContentsOfACaseStayInSightAndSayWhereOneIs(t *testing.T) {
	s := open(t, false)
	s.signIn("daniel")
	for _, width := range []int64{1280, 390} {
		s.run(emulation.SetDeviceMetricsOverride(width, 844, 1, width < 600))
		s.visit("/cases/" + string(s.cases["sent"]))
		s.run(chromedp.Focus(`.toc a[href="#map"]`), chromedp.KeyEvent("\r"))
		s.until("the map is on the screen and the contents above it", `(() => { const m = document.querySelector("#map").getBoundingClientRect(), c = document.querySelector(".toc").getBoundingClientRect(); return m.top >= c.bottom - 2 && m.top < innerHeight / 2 && c.top >= -1; })()`)
		s.until("the contents mark it", `document.querySelector('.toc a[href="#map"]').getAttribute("aria-current") === "true"`)
	}
}

func TestHandInIsOnTheFirstScreenOfADesk(t *testing.T) {
	s := open(t, false)
	for _, who := range []string{"ingrid", "gate"} {
		s.signIn(who)
		s.run(emulation.SetDeviceMetricsOverride(1280, 800, 1, false))
		s.visit("/intake")
		s.until("the button is on the screen", `document.querySelector(".intake .go button").getBoundingClientRect().bottom <= innerHeight`)
		s.fits("intake", 1280, 56)
	}
}
