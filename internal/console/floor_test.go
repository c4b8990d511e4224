package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tocsin/casefile"
	"tocsin/internal/console/consoletest"
)

// A warning that is owed is written by many; the same case waits for a senior officer
// to affirm and for the liaison to clear what may be told of the report. Each sees what
// is theirs, by name and with its clock, and the filter for what one may do leaves
// nobody's work out.
func TestTheFloorNamesWhatIsTheViewersOwn(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Case("Witness in the harbour trial", "icd-191", "The source heard an order to kill the witness Marek Zielinski.", "Marek Zielinski", 20*time.Hour)
	h.Do("anna", id, casefile.RecordFindings{Victim: "v1", Findings: h.Findings(id, "met")})
	report := string(stateOf(h, id).Reports[0].ID)
	h.Do("anna", id, casefile.WriteTearline{Report: stateOf(h, id).Reports[0].ID, Words: "A witness may be attacked."})
	affirm, clearance, write := "/cases/"+string(id)+"?do=affirm_determination&amp;target=v1#", "/cases/"+string(id)+"?do=clear_tearline&amp;target="+report+"#", "/cases/"+string(id)+"?do=draft_warning&amp;target=v1#"
	for _, c := range []struct {
		who, button string
		besides     []string // links
		named       []string // without a link
	}{
		{"sofia", write, []string{affirm, clearance}, nil},
		{"lena", clearance, nil, []string{"Write a warning", "Affirm"}},
		{"daniel", write, []string{clearance}, []string{"Affirm"}},
		{"ingrid", "", nil, []string{"Affirm"}},
	} {
		for _, path := range []string{"/", "/?show=mine"} {
			page := signedIn(t, h, c.who).get(path).Body.String()
			strip := between(page, `<li class="strip`, "</li>")
			if c.button == "" && path != "/" {
				if strip != "" {
					t.Errorf("%s has nothing to do, and %s shows %s", c.who, path, strip)
				}
				continue
			}
			button, besides := between(strip, `<div class="next">`, "</div>"), between(strip, `<small class="besides">`, "</small>")
			if c.button != "" && !strings.Contains(button, `<a class="button" id="n-`) || !strings.Contains(button, c.button) {
				t.Errorf("%s at %s is offered %s", c.who, path, button)
			}
			for _, link := range c.besides {
				if !strings.Contains(besides, `<a href="`+link) {
					t.Errorf("%s at %s is told besides: %s", c.who, path, besides)
				}
			}
			for _, name := range c.named {
				if !strings.Contains(besides, name) || strings.Contains(besides, ">"+name) {
					t.Errorf("%s at %s is told besides: %s, and not of %q", c.who, path, besides, name)
				}
			}
		}
	}
	if page := signedIn(t, h, "sofia").get("/cases/" + string(id)).Body.String(); !strings.Contains(between(page, `<section class="next"`, "</section>"), `Also yours: <a href="`+affirm) {
		t.Error("the case does not tell a senior officer that affirming is theirs too")
	}
}

// Words in which nothing is found are not said to be stopped because nobody has approved
// them yet.
func TestTheAuthorOfACleanDraftIsToldWhatIsToCome(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Fill()["drafted"]
	page := signedIn(t, h, "daniel").get("/cases/" + string(id)).Body.String()
	box := between(page, `<div class="guard`, `<ul class="to">`)
	if strings.Contains(box, "Would stop") || !strings.Contains(box, "Finds nothing in these words.") || !strings.Contains(box, "Still to come") || !strings.Contains(box, "Nobody has approved these words.") {
		t.Errorf("the author reads %s", box)
	}
}

// A threat that is stated to have begun moves clocks into the past, which is said.
func TestAThreatThatMayHaveBegunIsSaidToHave(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Fill()["fresh"]
	b, path := signedIn(t, h, "anna"), "/cases/"+string(id)
	form := filledForm(t, b.get(path).Body.String(), path+"/do/state_threat")
	form.Set("earliest", h.Clock.Now().Add(-time.Hour).Format("2006-01-02T15:04"))
	if r := b.post(path+"/do/state_threat", form); r.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", r.Code, r.Body)
	}
	page := b.get(path).Body.String()
	if !strings.Contains(page, `<div class="band alarm" role="status">The threat is stated. As stated it may happen at any moment`) || !strings.Contains(page, `<strong class="late">may happen at any moment</strong>`) {
		t.Error("nobody is told that the clocks have run out")
	}
}
