package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/intake"
	"tocsin/internal/console/consoletest"
)

func TestAnEmptyFloorSaysWhereToBeginAndIsNotQuietBesideReportsThatWait(t *testing.T) {
	h := consoletest.Open(t, false)
	b := signedIn(t, h, "daniel")
	page := b.get("/").Body.String()
	begin := between(page, `<section class="begin"`, "</section>")
	if !strings.Contains(page, "It is quiet.") || !strings.Contains(begin, `href="/directory"`) || !strings.Contains(begin, `href="/intake"`) || strings.Contains(begin, `href="/reports"`) {
		t.Errorf("a new installation begins with %s", begin)
	}
	h.Report("ingrid", "A caller says that the mill will burn.", intake.Declared{})
	for _, path := range []string{"/", "/wall"} {
		if page := b.get(path).Body.String(); strings.Contains(page, "It is quiet.") || !strings.Contains(page, "wait to be taken up") {
			t.Errorf("%s is said to be quiet while a report waits", path)
		}
	}
	if begin := between(b.get("/").Body.String(), `<section class="begin"`, "</section>"); !strings.Contains(begin, `href="/reports"`) {
		t.Errorf("the report that waits is not among the first steps: %s", begin)
	}
	if page := signedIn(t, h, "ivan").get("/").Body.String(); strings.Contains(page, `class="begin"`) {
		t.Error("an inspector is told to begin with something that they may not do")
	}
}

func TestTheKeyOfAViewDoesNotReadAsACount(t *testing.T) {
	h := consoletest.Open(t, false)
	page := signedIn(t, h, "daniel").get("/").Body.String()
	tab := between(page, `data-view="0"`, "</a>")
	if !strings.Contains(tab, `aria-keyshortcuts="0"`) || !regexp.MustCompile(`>Everything <kbd [^>]*aria-hidden="true">0</kbd>$`).MatchString(tab) {
		t.Errorf("the tab is %s", tab)
	}
}

func TestADelivererBeginsAtTheDeliveries(t *testing.T) {
	h := consoletest.Open(t, false)
	for who, want := range map[string]string{"paul": "/deliveries", "gate": "/intake", "daniel": "/", "adam": "/admin"} {
		b := signedIn(t, h, who)
		if r := b.get("/sign-in"); r.Code == http.StatusSeeOther && r.Header().Get("Location") != want {
			t.Errorf("%s, who is signed in, is sent to %s", who, r.Header().Get("Location"))
		}
		delete(b.cookies, "tocsin_session")
		r := b.post("/sign-in", map[string][]string{"name": {who}, "token": {h.Tokens[who]}, "next": {"/"}})
		if got := r.Header().Get("Location"); got != want {
			t.Errorf("%s begins at %s, not at %s", who, got, want)
		}
	}
}

func TestWhoCanHandInAReportIsListed(t *testing.T) {
	h := behind(t)
	page := in(t, h, "adam").get("/admin/powers").Body.String()
	if row := between(page, `<tr><th scope="row">hand in a report</th>`, "</tr>"); !strings.Contains(row, "deliverer") || !strings.Contains(row, "Paul Weber") || strings.Contains(row, "Ivan Petrov") {
		t.Errorf("who hands in reports: %s", row)
	}
	if role := between(page, "<dt>deliverer</dt>", "</div>"); !strings.Contains(role, "hand in a report, ") {
		t.Errorf("a deliverer can %s", role)
	}
}

func TestWhoSetsAPasswordIsToldTheNameThatItBelongsTo(t *testing.T) {
	h := behind(t)
	admin := in(t, h, "adam")
	page := admin.get("/admin/people/anna").Body.String()
	once := admin.post("/admin/people/anna/link", hidden(t, page, "/admin/people/anna/link")).Body.String()
	if !strings.Contains(once, `<dd class="code">anna</dd>`) || !strings.Contains(once, `data-copies="secret"`) {
		t.Errorf("whoever hands the link on is not told the user name, or cannot copy it: %s", between(once, "<article", "</article>"))
	}
	link := regexp.MustCompile(`https://tocsin.example.org(/link/[^<]+)<`).FindStringSubmatch(once)
	if link == nil {
		t.Fatal("there is no link")
	}
	set := at(t, h, office).get(link[1]).Body.String()
	if !strings.Contains(set, `value="anna" autocomplete="username" readonly`) {
		t.Errorf("whoever sets the password does not see their user name: %s", between(set, "<form", "</form>"))
	}
}

func TestNextIsWhatTheViewerCanDoAndThenWhatIsWaitedFor(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	id := cases["drafted"]
	s, _ := h.Engine.Case(id)
	w := s.Warnings[0]
	h.Do("sofia", id, casefile.ApproveWarning{Warning: w.ID, Digest: w.Digest})
	next := func(who string) string {
		return between(signedIn(t, h, who).get("/cases/"+string(id)).Body.String(), `<section class="next"`, "</section>")
	}
	if got := next("rui"); !strings.Contains(got, "do=release_warning") || !strings.Contains(got, `#words-`+string(w.ID)) {
		t.Errorf("the release officer is shown %s", got)
	}
	if got := next("rita"); !strings.Contains(got, "Waited for") || strings.Contains(got, "Record a review") {
		t.Errorf("the reviewer is shown %s", got)
	}
	if _, err := h.Engine.Release(t.Context(), h.Person("rui"), id, w.ID, engine.Options{}); err != nil {
		t.Fatal(err)
	}
	h.Settle()
	for who, want := range map[string]string{"rui": "Record their answer", "anna": "An answer from them", "rita": "An answer from them"} {
		if got := next(who); !strings.Contains(got, "<strong>"+want+"</strong>") || !strings.Contains(got, `class="count left"`) || strings.Contains(got, "Record a review") {
			t.Errorf("after the release %s is shown %s", who, got)
		}
	}
}

func TestWhoApprovesWordsComesToTheirHeadAndTheVerdictIsBesideTheButton(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	id := string(cases["drafted"])
	b := signedIn(t, h, "sofia")
	link := regexp.MustCompile(`href="(/cases/` + id + `\?do=approve_warning[^"]*)"`).FindStringSubmatch(b.get("/").Body.String())
	if link == nil || !strings.HasSuffix(link[1], "#words-w1") {
		t.Fatalf("the floor leads to %q", link)
	}
	page := b.get(strings.ReplaceAll(strings.TrimSuffix(link[1], "#words-w1"), "&amp;", "&")).Body.String()
	form := between(page, `id="do-approve_warning-w1" open>`, "</details>")
	if !regexp.MustCompile(`</button> <span class="verdict[^"]*">The guard: `).MatchString(form) {
		t.Errorf("the form ends with %s", between(form, `<p class="go">`, "</form>"))
	}
	if strings.Contains(form, "Would stop these words") {
		t.Error("whoever is about to approve is told that the words are stopped because nobody has approved them")
	}
}

func TestTheFormOfAWarningSaysWhatThePolicyWantsAndFillsInWhatIsReleasable(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	form := func(id tocsin.CaseID) string {
		return between(signedIn(t, h, "daniel").get("/cases/"+string(id)).Body.String(), `id="do-draft_warning-"`, "</form>")
	}
	fact := func(form, item string) string {
		return between(form, `-fact.`+item+`.en">`, "</p>")
	}
	fresh := form(cases["found"])
	for item, wanted := range map[string]bool{"harm": true, "when": true, "where": true, "do_now": true, "contact": true, "authorities": true, "likelihood": false} {
		if got := fact(fresh, item); strings.Contains(got, "(needed") != wanted || strings.Contains(got, " required") {
			t.Errorf("%s: %s", item, got)
		}
		if got := fact(fresh, item); !strings.Contains(got, "></textarea>") {
			t.Errorf("%s is filled in from words that nobody has judged releasable: %s", item, got)
		}
	}
	s, _ := h.Engine.Case(cases["found"])
	tear := func(words string) {
		h.Do("anna", cases["found"], casefile.WriteTearline{Report: s.Reports[0].ID, Words: words})
		if got := fact(form(cases["found"]), "where"); !strings.Contains(got, "></textarea>") {
			t.Errorf("the place is filled in from a tearline that nobody has cleared: %s", got)
		}
		now, _ := h.Engine.Case(cases["found"])
		h.Do("lena", cases["found"], casefile.ClearTearline{Report: s.Reports[0].ID, Digest: now.Tearlines[0].Digest})
	}
	tear("A journalist may be attacked at home or at work this week.")
	told := form(cases["found"])
	if got := fact(told, "where"); !strings.Contains(got, ">at home or at work</textarea>") || !strings.Contains(got, "cleared tearline") {
		t.Errorf("the place that may be told is not filled in: %s", got)
	}
	if got := fact(told, "actor"); !strings.Contains(got, "></textarea>") {
		t.Errorf("the actor, whom the tearline does not name, is filled in: %s", got)
	}
	if got := fact(form(cases["sent"]), "do_now"); !strings.Contains(got, ">Move the person and their family to a safe place.</textarea>") {
		t.Errorf("what was judged releasable for an approved warning is not filled in: %s", got)
	}
	if got := fact(form(cases["drafted"]), "do_now"); !strings.Contains(got, "></textarea>") {
		t.Errorf("the words of a draft that nobody has approved are filled in: %s", got)
	}
}
