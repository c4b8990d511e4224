package browser_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tocsin"
	"tocsin/aside"
	"tocsin/engine"
	"tocsin/intake"
)

// laid sets a report aside, by ingrid and sofia.
func (s *screen) laid(id tocsin.ReportID, p aside.Propose) {
	s.t.Helper()
	st := s.proposed("ingrid", id, p)
	s.looked("sofia", id)
	if _, _, err := s.h.Engine.Aside(s.t.Context(), s.h.Person("sofia"), id, aside.Confirm{Proposal: st.Proposal, Why: "Read it; I agree."}, engine.Options{}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screen) proposed(by string, id tocsin.ReportID, p aside.Propose) *aside.Standing {
	s.t.Helper()
	s.looked(by, id)
	st, _, err := s.h.Engine.Aside(s.t.Context(), s.h.Person(by), id, p, engine.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

func (s *screen) looked(by string, id tocsin.ReportID) {
	s.t.Helper()
	if err := s.h.Engine.Look(s.t.Context(), s.h.Person(by), id); err != nil {
		s.t.Fatal(err)
	}
}

// TestASecondPersonSetsAReportAsideAndAnybodyTakesItUp walks the console by its keys.
func TestASecondPersonSetsAReportAsideAndAnybodyTakesItUp(t *testing.T) {
	s := open(t, false)
	axe := axeSource(t)
	report := func(by, text, origin string) tocsin.ReportID {
		return s.h.Report(by, text, intake.Declared{Origin: origin})
	}
	old := report("gate", "He says he will do it, he says so every week. He gives no name and no place.", "caller-12")
	line := report("gate", "This is the weekly test of the line from the embassy. Please ignore.", "")
	shop := report("gate", "Shoes! Half the price until Sunday, in every shop of the chain.", "mail-shot")
	s.laid(old, aside.Propose{Ground: aside.NothingToActOn, Why: "No name, no place, and the same words every week."})
	s.laid(line, aside.Propose{Ground: aside.Exercise, Why: "The weekly test."})
	s.h.Clock.Pass(25 * time.Minute)
	again := report("gate", "The same caller: now he has bought a knife, and he speaks of the midwife.", "caller-12")
	front := report("gate", "Hats! A second one for nothing.", "mail-shot")
	s.laid(front, aside.Propose{Ground: aside.NoThreat, Why: "An advertisement."})
	if _, _, err := s.h.Engine.Aside(t.Context(), s.h.Person("lena"), front, aside.TakeUp{Why: "The shop is watched: it may be a front."}, engine.Options{}); err != nil {
		t.Fatal(err)
	}

	s.signIn("ingrid")
	s.visit("/reports/" + string(shop))
	s.run(chromedp.Click("#do-propose > summary"))
	if hidden := s.text(`String(getComputedStyle(document.querySelector("#do-propose-of").closest(".field")).display === "none" && getComputedStyle(document.querySelector("#do-propose-retest").closest(".field")).display === "none")`); hidden != "true" {
		t.Error("the form asks for what the ground does not need")
	}
	s.run(chromedp.Click(`#do-propose [value="duplicate"]`))
	s.until("a duplicate names a report", `getComputedStyle(document.querySelector("#do-propose-of").closest(".field")).display !== "none"`)
	s.run(chromedp.Click(`#do-propose [value="not_a_threat"]`), chromedp.SendKeys("#do-propose-aside_why", "An advertisement for shoes, sent to everybody."))
	s.axe("the form", axe)
	s.shoot("aside-form")
	s.run(chromedp.Submit("#do-propose-aside_why"), chromedp.WaitReady(".a-proposed"))
	if _, _, err := s.h.Engine.Flag(t.Context(), s.h.Person("rui"), shop, "This chain belongs to the gang of the harbour trial.", engine.Options{}); err != nil {
		t.Fatal(err)
	}
	s.seen("aside-proposed", "/reports/"+string(shop), axe)
	s.seen("aside-akin", "/reports/"+string(again), axe)

	s.signIn("sofia")
	s.seen("aside-floor", "/", axe)
	s.visit("/")
	s.run(chromedp.KeyEvent("j"))
	s.until("the proposal is what comes first", `document.activeElement === document.querySelector(".confirms .victim")`)
	s.run(chromedp.KeyEvent("n"), chromedp.WaitReady("#do-confirm[open]"))
	s.until("the form has the focus", `document.activeElement.matches("#do-confirm textarea")`)
	s.seen("aside-confirm", "/reports/"+string(shop)+"?do=confirm#do-confirm", axe)
	s.visit("/")
	s.visit("/reports/" + string(shop) + "?do=confirm#do-confirm")
	s.until("the form has the focus", `document.activeElement.matches("#do-confirm textarea")`)
	s.run(chromedp.KeyEvent("The trial's prosecutor was asked: the chain has been sold since."), chromedp.KeyEvent(kb.Tab),
		chromedp.KeyEvent("Read it whole. It sells shoes."), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter), chromedp.WaitReady(".a-set_aside"))
	s.seen("aside-stands", "/reports/"+string(shop), axe)
	s.seen("aside-list", "/reports", axe)
	s.visit("/")
	if s.text(`String(document.querySelectorAll(".confirms").length)`) != "0" {
		t.Error("it still waits for a second person")
	}

	s.signIn("rita")
	s.proposed("anna", again, aside.Propose{Ground: aside.NothingToActOn, Why: "The same caller as ever."})
	s.visit("/reports/" + string(shop))
	s.run(chromedp.SendKeys("#do-take_up-take_up_why", "I want to know who bought the chain."), chromedp.Submit("#do-take_up-take_up_why"), chromedp.WaitReady(".a-taken_up"))
	s.seen("aside-back", "/reports/"+string(shop), axe)
	s.h.Clock.Pass(70 * time.Minute)
	s.seen("aside-floor-late", "/", axe)
	s.signIn("ivan")
	s.seen("aside-oversight", "/oversight", axe)
	s.visit("/reports/" + string(again))
	if strings.Contains(s.text(`document.body.innerHTML`), "/aside/") {
		t.Error("an inspector is offered what they may not do")
	}
	if len(s.said) > 0 {
		t.Errorf("the pages complain: %q", s.said)
	}
}
