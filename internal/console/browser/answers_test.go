package browser_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tocsin"
	"tocsin/internal/console/consoletest"
)

// down goes to the nth choice below the one that has the focus.
func down(n int) chromedp.Action {
	var out chromedp.Tasks
	for range n {
		out = append(out, chromedp.KeyEvent(kb.ArrowDown))
	}
	return out
}

// focused waits until a question's choice, or another element, has the focus.
func (s *screen) focused(what, js string) {
	s.t.Helper()
	s.until(what+" has the focus", fmt.Sprintf(`document.activeElement.matches(%q)`, js))
}

func TestAnOfficerAnswersTheGuardInOneActByKeyboard(t *testing.T) {
	s := open(t, false)
	axe := axeSource(t)
	id, w := s.h.Questions()
	path := "/cases/" + string(id)
	s.signIn("rui")
	s.seen("answers", path, axe)
	s.inGermanOnAPhone(path, axe)
	s.visit(path)
	s.run(chromedp.KeyEvent("n"))
	s.focused("the first question", `.question:nth-child(1) input[type=radio]:checked`)
	s.run(down(3), chromedp.KeyEvent(kb.Tab))
	s.focused("what the first answer needs", `.question:nth-child(1) textarea`)
	s.run(chromedp.KeyEvent("The Post wrote of it on 3 December."), chromedp.KeyEvent(kb.Tab), down(1), chromedp.KeyEvent(kb.Tab+kb.Tab))
	s.focused("the third question", `.question:nth-child(3) input[type=radio]`)
	s.run(chromedp.KeyEvent(kb.Tab))
	s.focused("the fourth question", `.question:nth-child(4) input[type=radio]`)
	s.run(down(1), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent("Rui Teixeira: a portrait from the court's file."))
	s.until("it is counted what is answered here", `document.querySelector("[data-tally] b").textContent === "3" && !document.querySelector("[data-tally]").hidden`)
	for _, theme := range []string{"light", "dark"} {
		s.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}))
		s.axe("answers chosen "+theme, axe)
		s.part(".asking", "answers-chosen-"+theme)
	}
	s.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true))
	s.axe("answers chosen phone", axe)
	s.part(".asking", "answers-chosen-phone")
	s.run(emulation.ClearDeviceMetricsOverride(), emulation.SetEmulatedMedia())
	s.run(chromedp.KeyEvent(kb.Tab))
	s.focused("the button", `.asking .go button`)
	s.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitReady(".band.asks"))
	if said := s.text(`document.querySelector(".band.asks").textContent + document.querySelector(".asking h4").textContent`); !strings.Contains(said, "still waits") || !strings.Contains(said, "one question") {
		t.Errorf("the page says %q", said)
	}
	state, _ := s.h.Engine.Case(id)
	if warning, _ := state.Warning(w); len(warning.Answers) != 3 || len(warning.Asked()) != 1 {
		t.Fatalf("answered: %+v", warning.Answers)
	}
	s.axe("answers left", axe)
	s.part("article.warning", "answers-left")
	s.goesOnAfterTheTextChanged(path, axe)
	state, _ = s.h.Engine.Case(id)
	if warning, _ := state.Warning(w); len(warning.Answers) != 4 || warning.Answers[3].Words != "He gave his name for it, and it was in print." {
		t.Errorf("answered: %+v", warning.Answers)
	}
	if len(s.said) > 0 {
		t.Errorf("the pages complain: %q", s.said)
	}
}

// inGermanOnAPhone looks at the questions where words are long and there is little room.
func (s *screen) inGermanOnAPhone(path, axe string) {
	s.t.Helper()
	s.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true), emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}}))
	s.visit(path)
	s.run(chromedp.Click(`details.me > summary`), chromedp.Click(`button[name=lang][value=de]`), chromedp.WaitReady(`html[lang=de] .asking`))
	s.drawn()
	s.run(chromedp.Evaluate(`document.querySelector(".told").scrollIntoView({block: "center"})`, nil), chromedp.Click(`.told > summary`), chromedp.Click(`.question:nth-child(2) input[value=report]`, chromedp.NodeVisible))
	s.until("what may be said can be read", `document.querySelector(".told").open`)
	s.until("a tap chooses", `document.querySelector(".question:nth-child(2) input[value=report]").checked`)
	s.until("the bar of the next thing is out of the way", `getComputedStyle(document.querySelector("section.next [data-next]")).visibility === "hidden"`)
	s.axe("answers in German", axe)
	s.part(".asking", "answers-german-phone")
	if wide := s.text(`String(document.documentElement.scrollWidth > innerWidth + 1)`); wide == "true" {
		s.t.Error("the questions are wider than a phone")
	}
	s.run(chromedp.Click(`.question:nth-child(2) input[value=""]`), chromedp.Click(`details.me > summary`), chromedp.Click(`button[name=lang][value=en]`), chromedp.WaitReady(`html[lang=en] .asking`), emulation.ClearDeviceMetricsOverride())
}

// goesOnAfterTheTextChanged answers the last question while its words are rewritten, and
// then the one that is asked about the new words.
func (s *screen) goesOnAfterTheTextChanged(path, axe string) {
	s.t.Helper()
	state, err := s.h.Engine.Case(tocsin.CaseID(strings.TrimPrefix(path, "/cases/")))
	if err != nil {
		s.t.Fatal(err)
	}
	id, w := state.ID, state.Warnings[0].ID
	s.drawn()
	s.run(chromedp.KeyEvent("n"))
	s.focused("the question that is left", `.question:nth-child(1) input[type=radio]:checked`)
	s.run(chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent("He gave his name for it."))
	s.h.Reword(id, w, strings.Replace(consoletest.Doubted, "His brother told", "His sister told", 1))
	s.run(chromedp.KeyEvent(kb.Tab+kb.Enter), chromedp.WaitReady(".asking .gone"))
	if said := s.text(`document.querySelector(".asking").textContent`); !strings.Contains(said, "He gave his name for it.") || !strings.Contains(said, "no longer stand") {
		s.t.Errorf("the page says %q", said)
	}
	s.axe("answers gone", axe)
	s.part("article.warning", "answers-gone")
	s.h.Asks(id, w)
	s.visit(path)
	s.run(chromedp.KeyEvent("n"))
	s.focused("the question about the new words", `.question:nth-child(1) input[type=radio]:checked`)
	s.run(chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Tab+kb.Enter), chromedp.KeyEvent(kb.Tab+kb.Enter), chromedp.WaitReady(".asking .fault"))
	s.focused("what is missing", `.question:nth-child(1) textarea[aria-invalid=true]`)
	s.axe("answers wrong", axe)
	s.part("article.warning", "answers-wrong")
	s.run(chromedp.KeyEvent("He gave his name for it, and it was in print."), chromedp.KeyEvent(kb.Tab+kb.Enter), chromedp.WaitReady(".band.done"))
	if n := s.text(`String(document.querySelectorAll(".asking").length)`); n != "0" {
		s.t.Error("something is still asked")
	}
	if next := s.text(`document.querySelector("[data-next]").textContent`); !strings.Contains(next, "Release") {
		s.t.Errorf("the next thing is %q", next)
	}
}
