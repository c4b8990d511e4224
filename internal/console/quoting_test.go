package console_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin/internal/console/consoletest"
)

// Evidence is quoted exactly. What is quoted stands beside the form that asks for it,
// bare of marks, so that it can be copied without a script.
func TestFormsThatAskForQuotesHaveTheWordsOfTheReportsBesideThem(t *testing.T) {
	h := consoletest.Open(t, false)
	words := "Two men have rented a flat across from the journalist Leila Haddad and bought a silenced pistol. They speak of \"finishing it\" this week."
	id := h.Case("Lyon", "icd-191", words, "Leila Haddad", 30*time.Hour)
	page := signedIn(t, h, "anna").get("/cases/" + string(id)).Body.String()
	for _, kind := range []string{"state_threat", "record_findings"} {
		form := regexp.MustCompile(`(?s)<details class="act[^"]*" id="do-` + kind + `-.*?</details></div></details>`).FindString(page)
		m := regexp.MustCompile(`(?s)data-words>(.*?)</div>`).FindStringSubmatch(form)
		if m == nil || html.UnescapeString(m[1]) != words {
			t.Errorf("%s has %q beside it", kind, m)
		}
	}
	if n := strings.Count(page, "data-words>"); n != 2 {
		t.Errorf("the words stand beside %d forms", n)
	}
}

func TestTheWallSaysWhoHasLookedAndWhoIsCalledAndNoWordOfAReport(t *testing.T) {
	h := consoletest.Open(t, false)
	h.Fill()
	h.Settle()
	page := signedIn(t, h, "daniel").get("/wall").Body.String()
	waiting := strings.Join(regexp.MustCompile(`(?s)<section class="waiting.*?</section>`).FindAllString(page, -1), "")
	for _, want := range []string{"2 reports wait to be taken up", "nobody has looked", "late: tell the supervisor", "Somebody is being called", "Nobody has read a report", "<strong>supervisor</strong>", "called once,"} {
		if !strings.Contains(waiting, want) {
			t.Errorf("the wall lacks %q", want)
		}
	}
	for _, not := range []string{"midwife", "councillor", "brother-in-law", "href="} {
		if strings.Contains(waiting, not) {
			t.Errorf("the wall says %q", not)
		}
	}
}

func TestADeliverySaysWhichCaseItIsOfToThoseWhoSeeCases(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Fill()["sent"]
	s, _ := h.Engine.Case(id)
	path := "/deliveries/" + string(s.Deliveries[0].Key)
	link := `<a href="/cases/` + string(id)
	for _, p := range []string{path, "/deliveries"} {
		if page := signedIn(t, h, "daniel").get(p).Body.String(); !strings.Contains(page, link) || !strings.Contains(page, s.Title) {
			t.Errorf("%s does not lead to its case", p)
		}
		if page := signedIn(t, h, "paul").get(p).Body.String(); strings.Contains(page, link) || strings.Contains(page, s.Title) {
			t.Errorf("%s tells somebody who sees no cases of its case", p)
		}
	}
}

func TestTheCasePageIsGermanWhereTheWordsAreTheProgramsOwn(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	b := signedIn(t, h, "daniel")
	b.cookies["tocsin_lang"] = "de"
	page := b.get("/cases/" + string(cases["found"])).Body.String()
	for _, want := range []string{"Glaubhaft</th>", "Gegen jemanden gerichtet</th>", `<span class="tag">Bevorstehend</span>`, "Leila Haddad ist eine Warnung geschuldet", "die Warnung gegenüber Leila Haddad ist geschuldet"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{">Credible<", "a warning is owed to", ">impending<", "<li>the obligation towards"} {
		if strings.Contains(page, not) {
			t.Errorf("the page still says %q", not)
		}
	}
	if !strings.Contains(page, `<span lang="en">All five tests are met.`) {
		t.Error("the words of the pack are not marked as English")
	}
}

func TestTheContentsOfACaseLeadToItsParts(t *testing.T) {
	h := consoletest.Open(t, true)
	page := signedIn(t, h, "daniel").get("/cases/kerman").Body.String()
	toc := regexp.MustCompile(`(?s)<nav class="toc".*?</nav>`).FindString(page)
	links := regexp.MustCompile(`href="#([a-z]+)"`).FindAllStringSubmatch(toc, -1)
	if len(links) < 7 {
		t.Fatalf("%d links in %q", len(links), toc)
	}
	for _, m := range links {
		if strings.Count(page, ` id="`+m[1]+`"`) != 1 {
			t.Errorf("#%s leads nowhere, or to two places", m[1])
		}
	}
}

func TestAReportsNumberIsSmallAndItsHeadingIsWords(t *testing.T) {
	h := consoletest.Open(t, false)
	id := string(h.Report("gate", "A man at the station said he would stab the guard.", intakeDeclared(1)))
	page := signedIn(t, h, "daniel").get("/reports/" + id).Body.String()
	if !regexp.MustCompile(`<h1[^>]*>A man at the station said he would stab the guard\.</h1>`).MatchString(page) || !strings.Contains(page, `<span class="code">`+id+`</span>`) {
		t.Error("the heading is not the words of the report")
	}
	if title := regexp.MustCompile(`<title>.*?</title>`).FindString(page); strings.Contains(title, "stab") {
		t.Errorf("the words of a report stay behind in the browser as %s", title)
	}
}

func TestTimesAreAskedForIn24HoursAndReadAsTyped(t *testing.T) {
	h := consoletest.Open(t, false)
	b := signedIn(t, h, "ingrid")
	page := b.get("/intake").Body.String()
	if strings.Contains(page, "datetime-local") || !strings.Contains(page, "Such as 2024-01-08 02:40, in UTC and 24 hours.") {
		t.Error("the form does not say how to write a time")
	}
	if !strings.Contains(page, `<option value="B">B – usually reliable</option>`) || !strings.Contains(page, `<option value="2">2 – probably true</option>`) {
		t.Error("the grades are not explained")
	}
	form := formOf(t, strings.Replace(page, ` enctype="multipart/form-data"`, "", 1), "/intake", "")
	form.Set("text", "They mean to kill the ferryman.")
	form.Set("occurred", "07.01.2024 23:15")
	form.Set("grade_source", "B")
	form.Set("grade_info", "2")
	r := b.post("/intake", form)
	if r.Code != http.StatusSeeOther {
		t.Fatal(r.Code, r.Body)
	}
	if page := b.get(r.Header().Get("Location")).Body.String(); !strings.Contains(page, "2024-01-07 23:15Z") || !strings.Contains(page, "B2 · usually reliable · probably true") {
		t.Error("the time or the grade did not arrive")
	}
}
