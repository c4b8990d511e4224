package browser_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tocsin"
	"tocsin/casefile"
	"tocsin/view"
)

// hand does what a person does at a page: with a mouse, or with the keyboard alone.
type hand interface {
	press(selector string)         // a button, a link, a summary
	fill(selector, text string)    // a field, in place of what stands in it
	choose(selector, value string) // an entry of a list
	tick(selector string)          // a box
	open(action, target string)    // the form of an action on the page
	submit(action, target string)  // and its button
	field(action, target, name string) string
}

type common struct{ *screen }

func (c common) field(action, target, name string) string {
	return fmt.Sprintf(`[id="do-%s-%s"] [name="%s"]`, action, target, name)
}

// mouse points and clicks, and types into what it has clicked.
type mouse struct{ common }

func (m mouse) press(sel string) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.ctx, 25*time.Second)
	defer cancel()
	for { // a part of the page that is drawn anew takes the element with it; a person aims again
		err := chromedp.Run(ctx, chromedp.ScrollIntoView(sel), chromedp.Click(sel))
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "Could not find node") {
			m.t.Fatalf("%s: %v", sel, err)
		}
	}
}

func (m mouse) fill(sel, text string) {
	m.t.Helper()
	m.press(sel)
	m.run(chromedp.KeyEvent("a", chromedp.KeyModifiers(2)), chromedp.KeyEvent(kb.Backspace), chromedp.SendKeys(sel, text))
}

func (m mouse) choose(sel, value string) {
	m.t.Helper()
	m.run(chromedp.SetValue(sel, value)) // a list that opens is drawn by the system, outside the page
}

func (m mouse) tick(sel string) { m.t.Helper(); m.press(sel) }

// door is what opens a form: its own heading, or the button of the one next thing,
// which stands above and is then the only one.
func (c common) door(form string) string {
	c.t.Helper()
	if c.text(fmt.Sprintf(`String(document.querySelector('%s > summary').checkVisibility())`, form)) == "true" {
		return form + " > summary"
	}
	return "section.next [data-next]"
}

func (m mouse) open(action, target string) {
	m.t.Helper()
	id := fmt.Sprintf(`[id="do-%s-%s"]`, action, target)
	if m.text(fmt.Sprintf(`String(document.querySelector('%s').open)`, id)) != "true" {
		m.press(m.door(id))
	}
}

func (m mouse) submit(action, target string) {
	m.t.Helper()
	m.leave(func() { m.press(fmt.Sprintf(`[id="do-%s-%s"] .go button`, action, target)) })
}

// keys reaches everything with the tabulator, and never touches the page.
type keys struct{ common }

func (k keys) reach(sel string) {
	k.t.Helper()
	at := `(() => { const want = document.querySelector(` + "`" + sel + "`" + `), is = document.activeElement; return !want ? "missing" : want === is ? "here" : (want.compareDocumentPosition(is) & Node.DOCUMENT_POSITION_FOLLOWING) ? "above" : "below"; })()`
	for range 900 {
		switch where := k.text(at); where {
		case "here":
			return
		case "above":
			k.run(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(8)))
		case "below":
			k.run(chromedp.KeyEvent(kb.Tab))
		default:
			k.t.Fatalf("%s is not on the page", sel)
		}
	}
	k.t.Fatalf("the tabulator does not come to %s", sel)
}

func (k keys) press(sel string) { k.t.Helper(); k.reach(sel); k.run(chromedp.KeyEvent(kb.Enter)) }

func (k keys) fill(sel, text string) {
	k.t.Helper()
	k.reach(sel)
	k.run(chromedp.KeyEvent("a", chromedp.KeyModifiers(2)), chromedp.KeyEvent(kb.Backspace), chromedp.KeyEvent(text))
}

func (k keys) choose(sel, value string) {
	k.t.Helper()
	k.reach(sel)
	var at, want int
	k.run(chromedp.Evaluate(fmt.Sprintf("document.querySelector(`%s`).selectedIndex", sel), &at),
		chromedp.Evaluate(fmt.Sprintf("[...document.querySelector(`%s`).options].findIndex(o => o.value === `%s`)", sel, value), &want))
	for ; at < want; at++ {
		k.run(chromedp.KeyEvent(kb.ArrowDown))
	}
	for ; at > want; at-- {
		k.run(chromedp.KeyEvent(kb.ArrowUp))
	}
}

func (k keys) tick(sel string) { k.t.Helper(); k.reach(sel); k.run(chromedp.KeyEvent(" ")) }

func (k keys) open(action, target string) {
	k.t.Helper()
	id := fmt.Sprintf(`[id="do-%s-%s"]`, action, target)
	if k.text(fmt.Sprintf(`String(document.querySelector('%s').open)`, id)) != "true" {
		k.press(k.door(id))
	}
}

func (k keys) submit(action, target string) {
	k.t.Helper()
	k.leave(func() { k.press(fmt.Sprintf(`[id="do-%s-%s"] .go button`, action, target)) })
}

// leave does what leads to another page, and waits for that.
func (s *screen) leave(do func()) {
	s.t.Helper()
	s.run(chromedp.Evaluate(`window.stays = true`, nil))
	do()
	s.until("another page comes", `!window.stays && !!document.querySelector("main")`)
}

// kerman plays the story from the first report to the silence of the warned, by
// one pair of hands for everybody.
func kerman(t *testing.T, s *screen, h hand) {
	h2 := func(who, path string) { t.Helper(); s.signIn(who); s.visit(path) }
	says := func(want string) {
		t.Helper()
		if done := s.text(`document.querySelector(".band.done") ? document.querySelector(".band.done").textContent : document.querySelector("main").textContent.slice(0, 900)`); !strings.Contains(done, want) {
			s.shoot("story-" + want[:4])
			t.Fatalf("the page says %q, not %q", done, want)
		}
	}
	h2("gate", "/intake")
	h.fill("#text", "An affiliate of ISIS-K intends to set off bombs among the crowd at the commemoration in Kerman around 3 January.")
	h.fill("#origin", "technical-7")
	s.leave(func() { h.press("article.intake .go button") })
	says("The report is in.")
	s.signIn("ingrid")
	s.leave(func() { h.press(`.unread a[href*="/reports/"]`) })
	h.fill("#title", "Bombs at a commemoration in the south")
	s.leave(func() { h.press("#open-case .go button") })
	says("The case is open")
	path := s.text(`location.pathname`)
	id := tocsin.CaseID(strings.TrimPrefix(path, "/cases/"))
	act := func(who, kind, target, done string, fill func(f func(name string) string)) {
		t.Helper()
		h2(who, path)
		h.open(kind, target)
		if fill != nil {
			fill(func(name string) string { return h.field(kind, target, name) })
		}
		h.submit(kind, target)
		says(done)
	}
	act("anna", "state_threat", "", "The threat is stated.", func(f func(string) string) {
		h.choose(f("harm"), "killing")
		h.fill(f("threat_target"), "people at the commemoration")
		h.fill(f("quote.threat_target"), "the crowd at the commemoration")
		h.fill(f("threat_place"), "Kerman, the cemetery and the roads to it")
		h.fill(f("actor_groups"), "iskp-finance")
	})
	act("anna", "add_victim", "", "The intended victim is named.", func(f func(string) string) {
		h.fill(f("name"), "Civilians at the commemoration")
		h.choose(f("victim_kind"), "class")
		h.choose(f("identity"), "class_only")
		h.fill(f("jurisdiction"), "ir")
	})
	act("anna", "record_findings", "v1", "The findings are recorded.", func(f func(string) string) {
		for _, e := range []string{"credible", "specific", "impending", "harm", "directed"} {
			h.choose(f("value."+e), "met")
			h.fill(f("reason."+e), "See the report.")
		}
		h.fill(f("quote.directed"), "among the crowd at the commemoration")
	})
	act("sofia", "see_grade", "", "It is recorded that you look.", nil)
	act("sofia", "affirm_determination", "v1", "The determination is affirmed.", nil)
	h2("daniel", "/directory")
	form := `[id="do-recipient-"]`
	if s.text(`String(document.querySelector('[id="do-recipient-"]').open)`) != "true" {
		h.press(form + " > summary")
	}
	for name, text := range map[string]string{"recipient_id": "state-y", "recipient_name": "Government of the threatened country", "languages": "fa", "jurisdiction": "IR",
		"rung_address.1": "duty@third-state.example", "rung_addressee.1": "a third state's service"} {
		h.fill(fmt.Sprintf(`%s [name="%s"]`, form, name), text)
	}
	h.choose(form+` [name="recipient_kind"]`, "government")
	h.choose(form+` [name="relation"]`, "adversary_no_relations")
	h.choose(form+` [name="rung_channel.1"]`, "smtp")
	h.press(fmt.Sprintf(`%s details:nth-of-type(1) > summary`, form))
	h.choose(form+` [name="rung_channel.2"]`, "in_person")
	h.fill(form+` [name="rung_address.2"]`, "Mission to the United Nations")
	h.fill(form+` [name="rung_addressee.2"]`, "head of mission")
	h.fill(form+` [name="rung_level.2"]`, "2")
	s.leave(func() { h.press(form + " .go button") })
	says("The directory has the entry.")
	act("daniel", "draft_warning", "", "The draft is written.", func(f func(string) string) {
		h.choose(f("kind"), "government")
		h.tick(`[id="do-draft_warning-"] [name="recipients"][value="state-y"]`)
		h.fill(f("marking"), "UNCLASSIFIED")
		h.press(`[id="do-draft_warning-"] details:has([name="fact.harm.fa"]) > summary`)
		for item, words := range map[string]string{"harm": "بمب\u200cگذاری در میان مردم.", "when": "نزدیک به ۱۳ دی.", "where": "کرمان، آرامگاه و راه\u200cهای آن.", "do_now": "مراسم را به تأخیر بیندازید.",
			"contact": "افسر نگهبان، در هر ساعت.", "authorities": "هر چه بیشتر بدانیم می\u200cگوییم."} {
			h.fill(f("fact."+item+".fa"), words)
		}
		h.tick(f("releasable"))
	})
	if got := s.text(`getComputedStyle(document.querySelector("#warning-w1 .letter[lang=fa]")).direction`); got != "rtl" {
		t.Errorf("the Persian warning runs %s", got)
	}
	act("sofia", "approve_warning", "w1", "These words are approved.", nil)
	act("rui", "release_warning", "w1", "Released.", nil)
	settle := func(d time.Duration) {
		t.Helper()
		s.h.Clock.Pass(d)
		if err := s.h.Engine.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	settle(0)
	settle(5 * time.Hour)
	var key string
	state, _ := s.h.Engine.Case(id)
	for _, d := range state.Deliveries {
		if d.Channel == "in_person" && d.State == casefile.Assigned {
			key = string(d.Key)
		}
	}
	if key == "" {
		t.Fatalf("silence does not lead to the next rung: %+v", state.Deliveries)
	}
	h2("paul", "/deliveries")
	s.leave(func() { h.press(`a[href="/deliveries/` + key + `"]`) })
	h.open("record_service", key)
	h.fill(h.field("record_service", key, "told"), "the head of mission")
	h.fill(h.field("record_service", key, "place"), "the mission's door")
	h.choose(h.field("record_service", key, "how_answered"), "none")
	h.fill(h.field("record_service", key, "response"), "He took the paper and said nothing.")
	h.submit("record_service", key)
	says("told in person")
	state, _ = s.h.Engine.Case(id)
	if d, _ := state.Delivery(tocsin.DeliveryKey(key)); d.Service == nil || d.Service.Person != "the head of mission" {
		t.Errorf("the delivery is %+v", d)
	}
	h.open("acknowledge", key)
	h.choose(h.field("acknowledge", key, "answer"), "acting")
	h.fill(h.field("acknowledge", key, "person"), "the head of mission")
	h.fill(h.field("acknowledge", key, "words"), "They have moved the ceremony.")
	h.submit("acknowledge", key)
	says("Their answer is recorded.")

	h2("daniel", path)
	s.leave(func() { h.press(`#warning-w1 a[href*="message=all_clear"]`) })
	f := func(name string) string { return h.field("draft_warning", "", name) }
	h.press(`[id="do-draft_warning-"] details:has([name="fact.changed.fa"]) > summary`)
	for item, words := range map[string]string{"changed": "عاملان در بازداشت\u200cاند.", "do_now": "اقدام دیگری لازم نیست.", "authorities": "هر چه بیشتر بدانیم می\u200cگوییم."} {
		h.fill(f("fact."+item+".fa"), words)
	}
	h.tick(f("releasable"))
	h.submit("draft_warning", "")
	says("The draft is written.")
	act("sofia", "approve_warning", "w2", "These words are approved.", nil)
	act("rui", "release_warning", "w2", "Released.", nil)
	settle(0)
	state, _ = s.h.Engine.Case(id)
	for _, d := range state.Deliveries {
		if d.Warning == "w2" && d.State == casefile.Assigned {
			h2("paul", "/deliveries/"+string(d.Key))
			h.open("record_service", string(d.Key))
			h.fill(h.field("record_service", string(d.Key), "told"), "the head of mission")
			h.fill(h.field("record_service", string(d.Key), "place"), "the mission's door")
			h.choose(h.field("record_service", string(d.Key), "how_answered"), "received")
			h.submit("record_service", string(d.Key))
			says("told in person")
		}
	}
	act("daniel", "record_outcome", "", "The outcome is recorded.", func(f func(string) string) {
		h.choose(f("what"), "averted")
		h.fill(f("note"), "They were arrested on the road.")
	})
	if next := s.text(`document.querySelector("section.next").textContent`); !strings.Contains(next, "Close") {
		t.Errorf("nobody is led to closing: %s", next)
	}
	act("daniel", "close_case", "", "The case is closed.", func(f func(string) string) {
		h.fill(f("reason"), "It is over, and everybody has been told.")
		if s.text(`String(!!document.querySelector('[name="on_the_way"]'))`) == "true" {
			h.fill(f("on_the_way"), "The mail was sent; the mission has it by hand.")
		}
	})
	state, _ = s.h.Engine.Case(id)
	if !state.Closed {
		t.Fatalf("the case is not closed: %v", casefile.Obstacles(state))
	}
	h2("rita", "/record")
	s.leave(func() { h.press(`form[action="/record/verify"] button`) })
	if proof := s.text(`document.querySelector(".proof").textContent`); !strings.Contains(proof, "Verified") {
		t.Errorf("the record: %s", proof)
	}
	s.shoot("story-end")
}

func TestTheStoryByClicks(t *testing.T) {
	s := open(t, false, empty)
	kerman(t, s, mouse{common{s}})
	s.noComplaint()
}

func TestTheStoryByKeyboard(t *testing.T) {
	s := open(t, false, empty)
	kerman(t, s, keys{common{s}})
	s.noComplaint()
}

func (s *screen) noComplaint() {
	s.t.Helper()
	if len(s.said) > 0 {
		s.t.Errorf("the pages complain: %q", s.said)
	}
}

// A case that is sealed from somebody who has it open leaves their screen.
func TestACaseThatIsSealedDoesNotStayOnTheScreensOfOthers(t *testing.T) {
	s := open(t, false)
	s.signIn("anna")
	id := s.cases["fresh"]
	s.visit("/cases/" + string(id))
	s.h.Do("sofia", id, casefile.SealCase{People: []tocsin.ActorID{"sofia", "daniel"}, Reason: "A colleague is suspected."})
	s.until("the case is gone", `!document.body.textContent.includes("Diallo") && !!document.querySelector(".problem")`)
	s.signIn("daniel")
	s.visit("/cases/" + string(id))
	if said := s.text(`document.querySelector(".sealed").textContent`); !strings.Contains(said, "known to") || !strings.Contains(said, "Sofia") {
		t.Errorf("those who know of it read %q", said)
	}
}

func TestTwoOfficersOnOneCase(t *testing.T) {
	s := open(t, false)
	s.signIn("anna")
	path := "/cases/" + string(s.cases["fresh"])
	s.visit(path)
	h := mouse{common{s}}
	h.open("raise_dispute", "")
	h.fill(h.field("raise_dispute", "", "about"), "the street")
	h.fill(h.field("raise_dispute", "", "position"), "It is another one.")
	other := s.another()
	other.signIn("daniel")
	other.visit(path)
	o := mouse{common{other}}
	o.open("record_locator", "v1")
	o.fill(o.field("record_locator", "v1", "locator"), "+44 20 7946 0000")
	o.submit("record_locator", "v1")
	s.until("the first officer is told that something has happened", `document.querySelector("#news").textContent.includes("way to reach")`)
	s.shoot("two-officers")
	if got := s.text(`document.querySelector('[id="do-raise_dispute-"] [name=position]').value`); got != "It is another one." {
		t.Errorf("what was being typed is %q", got)
	}
	h.submit("raise_dispute", "")
	s.until("the form comes back with what has changed", `document.querySelector('.formerror .since') !== null && document.querySelector('[id="do-raise_dispute-"] [name=position]').value === "It is another one."`)
	h.submit("raise_dispute", "")
	if state, _ := s.h.Engine.Case(s.cases["fresh"]); len(state.Disputes) != 1 {
		t.Errorf("%d disputes", len(state.Disputes))
	}
}

func TestTheConnectionIsLostAndComesBack(t *testing.T) {
	s := open(t, false)
	s.signIn("daniel")
	s.visit("/")
	s.until("the page hears the server", `document.querySelector("time.clock").textContent.length === 8`)
	s.cut()
	s.until("the banner stands", `!document.querySelector("#lost").hidden && document.body.classList.contains("stale")`)
	s.h.Case("While nobody heard", "icd-191", "Somebody means to kill the pilot before the strike.", "The pilot", 5*time.Hour)
	s.mend()
	s.until("the banner goes and the board moves on", `document.querySelector("#lost").hidden && document.body.textContent.includes("The pilot")`)
}

func TestASessionThatEndsWhileSomebodyWritesLosesNothing(t *testing.T) {
	s := open(t, false)
	s.signIn("anna")
	path := "/cases/" + string(s.cases["fresh"])
	s.visit(path)
	h := mouse{common{s}}
	h.open("write_tearline", string(s.report("fresh")))
	h.fill(h.field("write_tearline", string(s.report("fresh")), "tearline"), "A judge may be attacked.")
	s.run(network.ClearBrowserCookies())
	h.submit("write_tearline", string(s.report("fresh")))
	s.until("the page says that nothing was done", `document.querySelector("article.problem") !== null`)
	s.signIn("anna")
	s.visit(path)
	s.until("what was written is there", fmt.Sprintf("document.querySelector(`%s`).value === 'A judge may be attacked.'", h.field("write_tearline", string(s.report("fresh")), "tearline")))
	h.open("write_tearline", string(s.report("fresh")))
	h.submit("write_tearline", string(s.report("fresh")))
	if state, _ := s.h.Engine.Case(s.cases["fresh"]); len(state.Tearlines) != 1 {
		t.Error("and it cannot be handed in")
	}
}

func TestWhatACallerSaysSurvivesThatThePageIsKilled(t *testing.T) {
	s := open(t, false)
	s.signIn("ingrid")
	tab := s.tab()
	tab.visit("/intake")
	tab.run(chromedp.SendKeys("#text", "He says the van is white and"))
	tab.until("the draft is kept", `document.querySelector("[data-saved]").textContent !== ""`)
	dying, cancel := context.WithTimeout(tab.ctx, 2*time.Second)
	defer cancel()
	_ = chromedp.Run(dying, page.Crash()) // it cannot answer any more
	s.visit("/intake")
	if got := s.text(`document.querySelector("#text").value`); got != "He says the van is white and" {
		t.Errorf("%q is left", got)
	}
	s.shoot("draft-back")
}

func TestADutyOfficerOpensTheExigentPathWithOneThumb(t *testing.T) {
	s := open(t, false)
	s.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true))
	s.signIn("daniel")
	id := s.h.Case("A man with a knife on tram 7", "icd-191", "A passenger says that the man beside him means to stab the driver at the last stop.", "The driver of tram 7", time.Hour)
	s.visit("/cases/" + string(id))
	s.shoot("exigent-phone-1")
	s.run(chromedp.Click(".hurry a"))
	s.until("the form is open and in sight", `(() => { const d = document.querySelector('[id="do-invoke_exigent-"]'), r = d.querySelector("textarea").getBoundingClientRect(); return d.open && r.top > 0 && r.bottom < innerHeight; })()`)
	s.run(chromedp.KeyEvent("He is on his way there now."))
	s.shoot("exigent-phone-2")
	small := s.text(`JSON.stringify([...document.querySelectorAll('[id="do-invoke_exigent-"] button, [id="do-invoke_exigent-"] summary')].filter(b => b.getBoundingClientRect().height < 44).map(b => b.textContent))`)
	if small != "[]" {
		t.Errorf("too small for a thumb: %s", small)
	}
	s.leave(func() { s.run(chromedp.Click(`[id="do-invoke_exigent-"] .go button`)) })
	if state, _ := s.h.Engine.Case(id); state.Exigent == nil {
		t.Error("the path is not open")
	}
}

func TestADelivererServesInPersonWithOneThumb(t *testing.T) {
	s := open(t, false)
	s.h.Clock.Pass(6 * time.Hour)
	if err := s.h.Engine.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true))
	s.signIn("paul")
	s.visit("/deliveries")
	s.shoot("tasks-phone")
	s.leave(func() { s.run(chromedp.Click("table.ladder tbody th a")) })
	s.shoot("task-phone")
	if wide := s.text(`String(document.documentElement.scrollWidth > innerWidth + 1)`); wide == "true" {
		t.Error("the task is wider than a phone")
	}
	if at := s.text(`String(document.querySelector("a.button[data-open]").getBoundingClientRect().bottom < innerHeight && document.querySelector(".take").getBoundingClientRect().top < innerHeight)`); at != "true" {
		t.Error("what to take along, and what to do with it, is not in sight")
	}
	s.run(chromedp.Click("a.button[data-open]"))
	s.until("the form is in sight", `(() => { const r = document.querySelector('[id^="do-record_service-"] input[name=told]').getBoundingClientRect(); return r.top > 0 && r.bottom < innerHeight; })()`)
	form := `[id^="do-record_service-"] `
	s.run(chromedp.SendKeys(form+`[name=told]`, "the chief constable"), chromedp.SendKeys(form+`[name=place]`, "the town hall"), chromedp.SetValue(form+`[name=how_answered]`, "understood"))
	s.leave(func() { s.run(chromedp.Click(form + `.go button`)) })
	s.shoot("task-told-phone")
	state, _ := s.h.Engine.Case(s.cases["sent"])
	if !slices.ContainsFunc(state.Deliveries, func(d casefile.Delivery) bool {
		return d.Channel == "in_person" && d.Answer == tocsin.AckUnderstood && d.AnswerBy == "the chief constable"
	}) {
		t.Errorf("it is not recorded: %+v", state.Deliveries)
	}
}

func (s *screen) report(name string) tocsin.ReportID {
	s.t.Helper()
	var id tocsin.ReportID
	s.h.Engine.Read(func(x *view.Index) { id = x.Cases[s.cases[name]].Reports[0].ID })
	return id
}
