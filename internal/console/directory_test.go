package console_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tocsin"
	"tocsin/internal/console/consoletest"
	"tocsin/view"
)

func entered(h *consoletest.House, id tocsin.RecipientID) (r tocsin.Recipient) {
	h.Engine.Read(func(x *view.Index) { r, _ = x.Book.Find(id) })
	return r
}

func TestSomebodyIsEnteredAndChangedByForm(t *testing.T) {
	h := consoletest.Open(t, false)
	b := signedIn(t, h, "daniel")
	form := formOf(t, b.get("/directory").Body.String(), "/directory", "")
	formWith(form, "recipient_id", "lyon.police", "recipient_name", "Lyon police", "recipient_kind", "protector", "languages", "fr\nen", "jurisdiction", "fr", "relation", "ally",
		"rung_channel.1", "smtp", "rung_address.1", "desk@lyon.example", "rung_addressee.1", "duty desk", "rung_channel.2", "in_person", "rung_address.2", "Quai 1",
		"rung_addressee.2", "prefect", "rung_level.2", "2", "rung_via.2", "The consulate: foreign-office, Union 8")
	if r := b.post("/directory", form); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	r := entered(h, "lyon.police")
	if r.Jurisdiction != "FR" || len(r.Ladder) != 2 || r.Ladder[0].Level != 1 || r.Ladder[1].Level != 2 || len(r.Ladder[1].Via) != 1 || r.RouteTouches([]string{"union 8"}) == "" {
		t.Fatalf("%+v", r)
	}
	first := formOf(t, b.get("/directory/lyon.police").Body.String(), "/directory", "")
	fill := func() {
		formWith(first, "recipient_name", "Police of Lyon", "recipient_kind", "protector", "languages", "fr", "rung_channel.1", "smtp", "rung_address.1", "new@lyon.example", "rung_addressee.1", "duty desk")
	}
	fill()
	if r := b.post("/directory", first); r.Code != http.StatusSeeOther || entered(h, "lyon.police").Name != "Police of Lyon" || len(entered(h, "lyon.police").Ladder) != 1 {
		t.Fatalf("%d %+v", r.Code, entered(h, "lyon.police"))
	}
	formWith(first, "recipient_name", "FROM AN OLD PAGE")
	again := b.post("/directory", first)
	if again.Code != http.StatusConflict || !strings.Contains(again.Body.String(), "FROM AN OLD PAGE") || entered(h, "lyon.police").Name != "Police of Lyon" {
		t.Fatalf("an old page overwrites a newer entry: %d", again.Code)
	}
	second := formOf(t, again.Body.String(), "/directory", "")
	first.Set("was", second.Get("was"))
	if r := b.post("/directory", first); r.Code != http.StatusSeeOther {
		t.Errorf("%d %s", r.Code, r.Body)
	}
}

func TestAnEntryWithoutAWayIsSentBackWithWhatWasTyped(t *testing.T) {
	h := consoletest.Open(t, false)
	h.Fill()
	b := signedIn(t, h, "ingrid")
	form := formOf(t, b.get("/directory").Body.String(), "/directory", "")
	formWith(form, "recipient_id", "No Spaces", "recipient_name", "KEPT NAME", "recipient_kind", "protector", "languages", "en", "rung_address.3", "KEPT PLACE")
	r := b.post("/directory", form)
	if page := r.Body.String(); r.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "KEPT NAME") || !strings.Contains(page, "KEPT PLACE") || strings.Count(page, "aria-invalid") < 3 {
		t.Fatalf("%d %s", r.Code, page)
	}
	formWith(form, "recipient_id", "town", "rung_address.3", "", "rung_channel.1", "smtp", "rung_address.1", "a@b.example", "rung_addressee.1", "x")
	if r := b.post("/directory", form); r.Code != http.StatusUnprocessableEntity || entered(h, "town").Name != consoletest.Town.Name {
		t.Errorf("a new entry takes the place of one that is there: %d", r.Code)
	}
	formWith(form, "recipient_id", "mistyped", "rung_address.1", "reza at example")
	if r := b.post("/directory", form); r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body.String(), `&#34;reza at example&#34; is not an e-mail address.`) || !slices.Equal(marks(r.Body.String()), []string{"rung_address.1"}) {
		t.Errorf("an address that no mail can be sent to: %d, marked %q", r.Code, marks(r.Body.String()))
	}
	if r := signedIn(t, h, "rita").post("/directory", form); r.Code != http.StatusForbidden {
		t.Errorf("a reviewer changes the directory: %d", r.Code)
	}
}

func TestAFlaggedReportStandsOnTopOfTheBoxUntilItIsInACase(t *testing.T) {
	h := consoletest.Open(t, false)
	h.Fill()
	b := signedIn(t, h, "rita")
	page := b.get("/").Body.String()
	ids := regexp.MustCompile(`<a href="/reports/([^"]+)">`).FindAllStringSubmatch(page, -1)
	if len(ids) < 2 {
		t.Fatal("the box holds too little")
	}
	last := ids[len(ids)-1][1]
	path := "/reports/" + last + "/flag"
	form := formOf(t, b.get("/reports/"+last).Body.String(), path, "")
	if r := b.post(path, form); r.Code != http.StatusUnprocessableEntity {
		t.Errorf("a flag without a reason: %d", r.Code)
	}
	form.Set("why", "The children can be found by anybody.")
	for range 2 {
		if r := b.post(path, form); r.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", r.Code, r.Body)
		}
	}
	page = signedIn(t, h, "daniel").get("/").Body.String()
	if first := regexp.MustCompile(`<a href="/reports/([^"]+)">`).FindStringSubmatch(page); first[1] != last || strings.Count(page, "The children can be found by anybody.") != 1 || !strings.Contains(page, "Rita Holm") {
		t.Errorf("the flagged report is not on top, or not once, or not by whom: %v", first)
	}
	if r := signedIn(t, h, "gate").post(path, form); r.Code != http.StatusForbidden {
		t.Errorf("somebody who reads no reports of others flags one: %d", r.Code)
	}
	if r := b.post("/record/verify", nil); !strings.Contains(r.Body.String(), "proof good") {
		t.Error("the record with flags in it does not verify")
	}
}

func TestAReporterSeesThatTheWatchHasRead(t *testing.T) {
	h := consoletest.Open(t, false)
	id := string(h.Report("gate", "They will burn the mill.", intakeDeclared(1)))
	b := signedIn(t, h, "gate")
	if page := b.get("/reports/" + id).Body.String(); !strings.Contains(page, "Not read by the watch yet") {
		t.Error("the receipt does not say that nobody has read it")
	}
	if r := signedIn(t, h, "daniel").get("/reports/" + id); r.Code != http.StatusOK {
		t.Fatal(r.Code)
	}
	if page := b.get("/reports/" + id).Body.String(); !strings.Contains(page, "Read by the watch") || strings.Contains(page, "Okoro") {
		t.Error("the receipt does not say that it was read, or says by whom")
	}
}

func TestOversightListsWhatWasSkippedOrOverranInATime(t *testing.T) {
	h := consoletest.Open(t, true)
	h.Fill()
	b := signedIn(t, h, "ivan")
	page := b.get("/oversight").Body.String()
	for _, want := range []string{"still open", "ran out and was raised", `class="times"`, "Acknowledgement", `name="from" value="2024-01-01 `} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	all := func(query string) int {
		return strings.Count(b.get("/oversight?"+query).Body.String(), `<li class="x-`)
	}
	if week, ever, none := all(""), all("from=2020-01-01T00:00"), all("from=2020-01-01T00:00&until=2020-02-01T00:00"); week == 0 || ever <= week || none != 0 {
		t.Errorf("%d in the week, %d ever, %d before anything", week, ever, none)
	}
	if page := b.get("/oversight?from=rubbish").Body.String(); !strings.Contains(page, "in UTC and 24 hours.") {
		t.Error("a time that cannot be read is passed over in silence")
	}
}
