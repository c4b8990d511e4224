package browser_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"tocsin"
)

// inSight reports whether the top of an element stands in the window.
func inSight(sel string) string {
	return fmt.Sprintf("(() => { const e = document.querySelector(`%s`), r = e && e.getBoundingClientRect(); return r && r.top >= 0 && r.top < innerHeight - 20; })()", sel)
}

// persian reads no English, so that a warning to it lacks words.
var persian = tocsin.Recipient{ID: "provincial-guard", Name: "Provincial guard", Kind: tocsin.ProtectorWarning, Jurisdiction: "AF", Relation: "neutral", Languages: []string{"fa"},
	Ladder: []tocsin.Rung{{Channel: "smtp", Address: "desk@guard.example", Addressee: "desk", Level: 1}}}

func TestAWarningThatWasRefusedIsStillThereAfterAWayAround(t *testing.T) {
	s := open(t, false)
	if _, err := s.h.Engine.SetRecipient(t.Context(), s.h.Person("daniel"), persian); err != nil {
		t.Fatal(err)
	}
	s.signIn("daniel")
	path := "/cases/" + string(s.cases["found"])
	s.visit(path)
	h := mouse{common{s}}
	h.open("draft_warning", "")
	at := func(name string) string { return h.field("draft_warning", "", name) }
	h.choose(at("kind"), "protector")
	h.tick(`[id="do-draft_warning-"] [name="recipients"][value="provincial-guard"]`)
	h.fill(at("marking"), "UNCLASSIFIED")
	h.fill(at("fact.do_now.en"), "Leave the flat by the yard.")
	h.press(`[id="do-draft_warning-"] details.set:has([name="fact.where.fa"]) > summary`)
	h.fill(at("fact.where.fa"), "در خانه")
	h.submit("draft_warning", "")
	s.until("the refusal is in the window, with the head of its form", `document.querySelectorAll(".formerror").length === 1 && `+inSight("#do-draft_warning- .formerror")+` && `+inSight("#do-draft_warning- > summary"))
	s.until("and is what is read out", `document.activeElement.classList.contains("formerror")`)
	s.shoot("refused")
	h.press(`.formerror [data-field$="releasable"]`)
	s.until("its links lead to the fields", `document.activeElement.name === "releasable" && `+inSight("#do-draft_warning-\\-releasable, #do-draft_warning- [name=releasable]"))
	s.visit("/directory")
	s.visit("/reports")
	s.visit(path)
	s.until("everything is there", fmt.Sprintf("document.querySelector(`%s`).value === 'Leave the flat by the yard.' && document.querySelector(`%s`).value === 'در خانه' && document.querySelector(`%s`).value === 'UNCLASSIFIED' && document.querySelector(`%s`).value === 'protector' && document.querySelector(`%s`).checked",
		at("fact.do_now.en"), at("fact.where.fa"), at("marking"), at("kind"), `[id="do-draft_warning-"] [name="recipients"][value="provincial-guard"]`))
	s.until("and no section that holds words is closed", fmt.Sprintf("document.querySelector(`%s`).closest('details.set').open", at("fact.where.fa")))
	s.axeNow("a draft that is back")
}

// axeNow runs the accessibility checks on the page as it is.
func (s *screen) axeNow(name string) {
	s.t.Helper()
	source, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		s.t.Fatal(err)
	}
	s.axe(name, string(source))
}

func TestAReportThatWasRefusedIsStillThereAfterAWayAround(t *testing.T) {
	s := open(t, false)
	s.signIn("ingrid")
	s.visit("/intake")
	s.run(chromedp.SendKeys("#text", "The caller says there is a bomb at"), chromedp.SendKeys("#language", "no such language!"), chromedp.Submit("#text"))
	s.until("it is refused, and said so", `document.activeElement.classList.contains("formerror") && document.querySelector("#language").getAttribute("aria-invalid") === "true"`)
	s.axeNow("a report that was refused")
	s.visit("/reports")
	s.visit("/intake")
	if got := s.text(`document.querySelector("#text").value`); got != "The caller says there is a bomb at" {
		t.Fatalf("%q is left", got)
	}
	s.run(chromedp.SetValue("#language", "en"), chromedp.Submit("#text"), chromedp.WaitReady("article.report"))
	s.visit("/intake")
	if got := s.text(`document.querySelector("#text").value + document.querySelector("#language").value`); got != "" {
		t.Errorf("%q is still there after it was handed in", got)
	}
}

func TestATallFormIsEnteredAtItsHead(t *testing.T) {
	s := open(t, false)
	for _, size := range [][2]int64{{1400, 800}, {390, 844}} {
		s.run(emulation.SetDeviceMetricsOverride(size[0], size[1], 1, size[0] < 500))
		s.signIn("anna")
		s.visit("/cases/" + string(s.cases["fresh"]))
		s.run(chromedp.Click("[data-next]"))
		s.until("the form of the next step stands at the top of the window", inSight("#do-record_findings-v1 > summary")+` && `+inSight("#do-record_findings-v1 select"))
		s.until("with the focus on its first field", `document.activeElement.name === "value.credible"`)
		s.shoot(fmt.Sprintf("next-%d", size[0]))
		h := mouse{common{s}}
		h.choose(h.field("record_findings", "v1", "value.directed"), "met")
		h.submit("record_findings", "v1")
		s.until("so does what was refused", inSight("#do-record_findings-v1 .formerror")+` && document.activeElement.classList.contains("formerror")`)
		if told := s.text(`document.querySelector(".formerror").textContent`); !strings.Contains(told, "Directed at somebody") {
			t.Errorf("the message is %q", told)
		}
		s.shoot(fmt.Sprintf("refused-findings-%d", size[0]))
	}
}

func TestWhoIsToApproveWordsSeesTheWordsFirst(t *testing.T) {
	s := open(t, false)
	for _, size := range [][2]int64{{1400, 800}, {390, 844}} {
		s.run(emulation.SetDeviceMetricsOverride(size[0], size[1], 1, size[0] < 500))
		s.signIn("sofia")
		id := string(s.cases["drafted"])
		s.visit("/cases/" + id + "?do=approve_warning&target=w1#words-w1")
		s.until("the heading of the warning stands at the top of the window", inSight("#words-w1")+` && document.activeElement.matches("#words-w1")`)
		s.until("the form is open", `document.querySelector("#do-approve_warning-w1").open`)
		s.until("and the guard's verdict stands beside its button", `(() => { const b = document.querySelector("#do-approve_warning-w1 .go button").getBoundingClientRect(), v = document.querySelector("#do-approve_warning-w1 .verdict").getBoundingClientRect(); return Math.abs(b.top - v.top) < 120; })()`)
		s.axeNow("a warning to be approved")
		s.shoot(fmt.Sprintf("approve-%d", size[0]))
		if wide := s.text(`String(document.documentElement.scrollWidth > innerWidth + 1)`); wide == "true" {
			t.Errorf("the page is wider than a window of %d", size[0])
		}
	}
}

func TestAnEmptyFloorIsReadableAndSaysWhereToBegin(t *testing.T) {
	s := open(t, false, empty)
	s.signIn("daniel")
	s.visit("/")
	s.axeNow("an empty floor")
	s.shoot("floor-empty")
	s.run(chromedp.Click(`.begin a[href="/directory"]`), chromedp.WaitReady("#do-recipient-"))
}
