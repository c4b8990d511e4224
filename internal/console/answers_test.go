package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/console/consoletest"
)

// answering is rui before the guard's questions about a warning.
type answering struct {
	*browser
	id   tocsin.CaseID
	w    tocsin.WarningID
	path string
	ask  []tocsin.GuardFinding // in the order of the text
}

func questioned(t *testing.T) *answering {
	t.Helper()
	h := consoletest.Open(t, false)
	id, w := h.Questions()
	a := &answering{browser: signedIn(t, h, "rui"), id: id, w: w, path: "/cases/" + string(id)}
	a.ask = a.warning().Asked()
	if len(a.ask) != 4 {
		t.Fatalf("the guard asks %+v", a.ask)
	}
	return a
}

func (a *answering) warning() casefile.Warning {
	a.t.Helper()
	s, err := a.h.Engine.Case(a.id)
	if err != nil {
		a.t.Fatal(err)
	}
	w, _ := s.Warning(a.w)
	return w
}

func (a *answering) page() string { return a.get(a.path).Body.String() }

func (a *answering) form(page string) url.Values {
	return formOf(a.t, page, a.path+"/do/answer_finding", string(a.w))
}

// reply chooses an answer to question i, with words of one's own.
func (a *answering) reply(f url.Values, i int, reason, words string) {
	f.Set("reply."+a.ask[i].ID, reason)
	f.Set("why."+a.ask[i].ID, words)
}

func (a *answering) send(f url.Values) (int, string) {
	a.t.Helper()
	r := a.post(a.path+"/do/answer_finding", f)
	return r.Code, r.Body.String()
}

func TestSeveralQuestionsAreAnsweredInOneActAndTheRestStaysOpen(t *testing.T) {
	a := questioned(t)
	page := a.page()
	for _, want := range []string{"The guard asks 4 questions", `<mark class="g-ask">A witness was shot at the same court in the winter of last year</mark>.</blockquote>`,
		`<blockquote class="quoted" lang="en"><mark class="g-ask">His brother told</mark> the evening paper that men had watched the house since spring.</blockquote>`, "It is general advice", consoletest.DoubtedTearline} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	f := a.form(page)
	a.reply(f, 0, "public", "The Post wrote of it on 3 December.")
	a.reply(f, 1, "advice", "")
	a.reply(f, 3, "looked", "Rui Teixeira; a portrait from the court's own file.")
	for range 2 { // pressed twice it is done once
		if code, body := a.send(f); code != http.StatusSeeOther {
			t.Fatalf("%d %s", code, body)
		}
	}
	w := a.warning()
	want := []string{"This is known to the public. The Post wrote of it on 3 December.", "This is general advice and says nothing that anybody reported.",
		"This was opened and looked at, and it gives nothing away. Rui Teixeira; a portrait from the court's own file."}
	if len(w.Answers) != len(want) || len(w.Asked()) != 1 || w.Asked()[0].ID != a.ask[2].ID {
		t.Fatalf("%d answers, open: %+v", len(w.Answers), w.Asked())
	}
	for i, x := range w.Answers {
		if x.By != "rui" || x.Words != want[i] {
			t.Errorf("the record says %q by %s", x.Words, x.By)
		}
	}
	page = a.page()
	if !strings.Contains(page, "What you left open still waits for an answer.") || !strings.Contains(page, "The guard asks one question") || !strings.Contains(page, want[0]) {
		t.Error("the next page does not say what was answered and what is open")
	}
	f = a.form(page)
	a.reply(f, 2, "own", "He said it on the evening news himself.")
	if code, _ := a.send(f); code != http.StatusSeeOther {
		t.Fatalf("%d", code)
	}
	if page = a.page(); !strings.Contains(page, "nothing is left open") || strings.Contains(page, `class="asking"`) {
		t.Error("the next page does not say that nothing is open")
	}
	a.h.Do("rui", a.id, casefile.ReleaseWarning{Warning: a.w})
	if a.warning().Clearance == nil {
		t.Error("the guard still asks")
	}
}

func TestAnAnswerIsRecordedInTheLanguageOfWhoeverGivesIt(t *testing.T) {
	a := questioned(t)
	a.cookies["tocsin_lang"] = "de"
	f := a.form(a.page())
	a.reply(f, 1, "advice", "")
	a.reply(f, 0, "report", "Dort im ersten Satz.")
	f.Set("where."+a.ask[0].ID, string(a.report()))
	if code, body := a.send(f); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, body)
	}
	w := a.warning()
	if want := "Das steht in dem, was aus der Meldung " + string(a.report()) + " (Witness in the harbour trial) gesagt werden darf. Dort im ersten Satz."; w.Answers[0].Words != want {
		t.Errorf("the record says %q", w.Answers[0].Words)
	}
	if w.Answers[1].Words != "Das ist allgemeiner Rat und sagt nichts, was jemand gemeldet hat." {
		t.Errorf("the record says %q", w.Answers[1].Words)
	}
}

func (a *answering) report() tocsin.ReportID {
	a.t.Helper()
	s, err := a.h.Engine.Case(a.id)
	if err != nil {
		a.t.Fatal(err)
	}
	return s.Reports[0].ID
}

func TestAnAnswerWithoutWhatItNeedsComesBackWithAllThatWasTyped(t *testing.T) {
	a := questioned(t)
	f := a.form(a.page())
	if code, body := a.send(with(f, "reply."+a.ask[0].ID, "")); code != http.StatusUnprocessableEntity || !strings.Contains(body, "Nothing was chosen.") {
		t.Errorf("an empty form: %d", code)
	}
	for name, change := range map[string]func(url.Values){
		"no words where it is known":    func(f url.Values) { a.reply(f, 0, "public", " ") },
		"no words of one's own":         func(f url.Values) { a.reply(f, 0, "own", "") },
		"no report":                     func(f url.Values) { a.reply(f, 0, "report", "In it.") },
		"a report that is kept":         func(f url.Values) { a.reply(f, 0, "report", "In it."); f.Set("where."+a.ask[0].ID, "report-other") },
		"a reason that does not fit":    func(f url.Values) { a.reply(f, 0, "looked", "I have.") },
		"a reason that there is not":    func(f url.Values) { a.reply(f, 0, "all", "yes") },
		"a reason of another's keyword": func(f url.Values) { a.reply(f, 3, "advice", "") },
	} {
		f := a.form(a.page())
		a.reply(f, 1, "advice", "TYPED AT THE SECOND")
		a.reply(f, 2, "", "TYPED AND LEFT OPEN")
		change(f)
		code, body := a.send(f)
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, `class="fault"`) || strings.Count(body, "TYPED AT THE SECOND") != 1 || strings.Count(body, "TYPED AND LEFT OPEN") != 1 {
			t.Errorf("%s: %d, or what was typed is lost", name, code)
		}
	}
	if n := len(a.warning().Answers); n != 0 {
		t.Errorf("%d answers were recorded", n)
	}
}

func with(f url.Values, name, value string) url.Values {
	f.Set(name, value)
	return f
}

func TestWhenTheTextChangedItIsSaidWhichQuestionsNoLongerStand(t *testing.T) {
	a := questioned(t)
	f := a.form(a.page())
	a.reply(f, 0, "public", "MY FIRST")
	a.reply(f, 1, "own", "MY SECOND")
	a.h.Reword(a.id, a.w, strings.Replace(consoletest.Doubted, "He may travel by boat or by road, whichever is quicker.\n", "", 1))
	code, body := a.send(f)
	for _, want := range []string{"MY FIRST", "MY SECOND", "No longer asked", "The question comes back when its release is tried", "these words no longer stand in it", "Nothing waits for your answer now.", "He may travel by boat or by road", "version 2"} {
		if code != http.StatusConflict || !strings.Contains(body, want) {
			t.Errorf("%d, and the page does not say %q", code, want)
		}
	}
	a.h.Asks(a.id, a.w)
	code, body = a.send(f) // the page of the first version, once more
	if code != http.StatusConflict || strings.Count(body, "MY FIRST") != 1 || strings.Count(body, "MY SECOND") != 1 || strings.Count(body, "No longer asked") != 1 {
		t.Errorf("%d, or what was typed is lost or shown twice", code)
	}
	again := a.form(body)
	a.reply(again, 0, "public", "MY FIRST")
	if code, body := a.send(again); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, body)
	}
	if w := a.warning(); len(w.Answers) != 1 || w.Answers[0].Finding != a.ask[0].ID {
		t.Errorf("the answers are %+v", w.Answers)
	}
}

func TestOfTwoTabsTheSecondSaysWhatTheFirstAnswered(t *testing.T) {
	a := questioned(t)
	one, two := a.form(a.page()), a.form(a.page())
	a.reply(one, 0, "public", "In the Post.")
	if code, _ := a.send(one); code != http.StatusSeeOther {
		t.Fatalf("%d", code)
	}
	a.reply(two, 0, "own", "SECOND TAB, FIRST QUESTION")
	a.reply(two, 1, "own", "SECOND TAB, SECOND QUESTION")
	code, body := a.send(two)
	for _, want := range []string{"SECOND TAB, FIRST QUESTION", "SECOND TAB, SECOND QUESTION", "No longer asked", "Answered by Rui Teixeira:", "In the Post."} {
		if code != http.StatusConflict || !strings.Contains(body, want) {
			t.Errorf("%d, and the page does not say %q", code, want)
		}
	}
	two = a.form(body)
	two.Set("version", "0") // as if nobody compared versions: the ids alone hold
	a.reply(two, 0, "own", "SECOND TAB, FIRST QUESTION")
	a.reply(two, 1, "own", "SECOND TAB, SECOND QUESTION")
	if code, body = a.send(two); code != http.StatusConflict && code != http.StatusUnprocessableEntity || !strings.Contains(body, "no longer asks this as you saw it") {
		t.Errorf("%d: an answer was taken for a question that is answered", code)
	}
	if n := len(a.warning().Answers); n != 1 {
		t.Errorf("%d answers", n)
	}
}

func TestOneProofIsEnoughForAllAnswersOfAnActAndLosesNone(t *testing.T) {
	h := behind(t)
	id, w := h.Questions()
	a := &answering{browser: in(t, h, "rui"), id: id, w: w, path: "/cases/" + string(id)}
	a.ask = a.warning().Asked()
	a.get(a.path)
	for range 2 { // awake, but no longer fresh
		h.Clock.Pass(10 * time.Minute)
		a.get(a.path)
	}
	f := a.form(a.page())
	a.reply(f, 0, "public", "FIRST KEPT")
	a.reply(f, 1, "own", "SECOND KEPT")
	a.reply(f, 2, "", "OPEN AND KEPT")
	code, body := a.send(f)
	if code != http.StatusUnauthorized {
		t.Fatalf("%d %s", code, body)
	}
	code, body = a.proves(body)
	if code != http.StatusOK || len(a.warning().Answers) != 0 || !regexp.MustCompile(`value="public"[^>]* checked`).MatchString(body) {
		t.Fatalf("%d, %d answers", code, len(a.warning().Answers))
	}
	for _, want := range []string{"FIRST KEPT", "SECOND KEPT", "OPEN AND KEPT"} {
		if strings.Count(body, want) != 1 {
			t.Errorf("%s is lost or shown twice", want)
		}
	}
	f = a.form(body)
	a.reply(f, 0, "public", "FIRST KEPT")
	a.reply(f, 1, "own", "SECOND KEPT")
	if code, body := a.send(f); code != http.StatusSeeOther || len(a.warning().Answers) != 2 {
		t.Errorf("%d %s", code, body)
	}
}

func TestWhoeverWroteTheWordsSeesTheQuestionsAndNoForm(t *testing.T) {
	a := questioned(t)
	for _, who := range []string{"daniel", "anna", "ivan"} {
		page := signedIn(t, a.h, who).get(a.path).Body.String()
		if strings.Contains(page, `class="asking"`) || !strings.Contains(page, "Nothing that may be said seems to carry this sentence.") {
			t.Errorf("%s is shown a form, or no question", who)
		}
	}
}
