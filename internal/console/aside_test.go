package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/aside"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/internal/console/consoletest"
)

var proposalOf = regexp.MustCompile(`name="proposal" value="([^"]+)"`)

func asideForm(ground string) url.Values {
	return url.Values{"ground": {ground}, "aside_why": {"an advertisement"}, "key": {"k1"}}
}

func TestAReportIsSetAsideOnItsPageByTwoPeopleAndTakenUpByOne(t *testing.T) {
	h := consoletest.Open(t, false)
	id := string(h.Report("gate", "Shoes, half the price.", intakeDeclared(1)))
	if _, _, err := h.Engine.Flag(t.Context(), h.Person("rui"), tocsin.ReportID(id), "the shop is a front", engine.Options{}); err != nil {
		t.Fatal(err)
	}
	at := "/reports/" + id
	ingrid, sofia, rita, ivan, gate := signedIn(t, h, "ingrid"), signedIn(t, h, "sofia"), signedIn(t, h, "rita"), signedIn(t, h, "ivan"), signedIn(t, h, "gate")
	if r := ingrid.post(at+"/aside/propose", asideForm("not_a_threat")); r.Code != http.StatusConflict || !strings.Contains(r.Body.String(), "You have not read the report.") || !strings.Contains(r.Body.String(), "an advertisement") {
		t.Fatalf("unread: %d", r.Code)
	}
	for ground, form := range map[string]url.Values{"": {"aside_why": {"x"}}, "duplicate": {"ground": {"duplicate"}, "aside_why": {"x"}}, "why": {"ground": {"already_over"}}, "retest": {"ground": {"nothing_to_act_on"}, "aside_why": {"x"}, "retest": {"soon"}}} {
		if r := ingrid.post(at+"/aside/propose", form); r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body.String(), `class="fault"`) {
			t.Errorf("%s: %d", ground, r.Code)
		}
	}
	both := asideForm("not_a_threat")
	both.Set("of", "report-never") // typed before the ground was changed
	for range 2 {
		if r := ingrid.post(at+"/aside/propose", both); r.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", r.Code, r.Body)
		}
	}
	page := ingrid.get(at).Body.String()
	if !strings.Contains(page, "Proposed to be set aside") || strings.Contains(page, "do-confirm") && !strings.Contains(page, "disabled") || strings.Count(page, "Proposed by") != 1 {
		t.Errorf("proposed: %s", page)
	}
	floor := sofia.get("/").Body.String()
	if !strings.Contains(floor, "1 report waits for a second person") || !strings.Contains(floor, at+"?do=confirm#do-confirm") || !strings.Contains(floor, "1 report waits to be taken up") {
		t.Errorf("the floor: %s", floor)
	}
	if floor := ingrid.get("/").Body.String(); strings.Contains(floor, "?do=confirm") || !strings.Contains(floor, "waits for a second person") {
		t.Error("whoever proposed it is asked to confirm it, or is not told that it waits")
	}
	m := proposalOf.FindStringSubmatch(sofia.get(at).Body.String())
	if m == nil {
		t.Fatal("the senior officer is offered no form")
	}
	yes := url.Values{"proposal": {m[1]}, "confirm_why": {"read it"}, "key": {"k2"}}
	for who, want := range map[*browser]int{ingrid: http.StatusForbidden, rita: http.StatusForbidden, ivan: http.StatusForbidden, gate: http.StatusForbidden, sofia: http.StatusConflict} {
		who.get(at)
		if r := who.post(at+"/aside/confirm", yes); r.Code != want {
			t.Errorf("%d, want %d: %s", r.Code, want, r.Body)
		}
	}
	yes.Set("flag.1", "the shop was visited")
	if r := sofia.post(at+"/aside/confirm", yes); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if floor := sofia.get("/").Body.String(); strings.Contains(floor, "wait for a second") || strings.Contains(floor, id) {
		t.Error("it still waits on the floor")
	}
	for who, b := range map[string]*browser{"sofia": sofia, "rita": rita, "ivan": ivan} {
		list := b.get("/reports").Body.String()
		if _, below, ok := strings.Cut(list, `id="list-aside"`); !ok || !strings.Contains(below, id) || !strings.Contains(below, "Ingrid Aune") || !strings.Contains(below, "Sofia Marchetti") || !strings.Contains(below, "Not a threat") {
			t.Errorf("%s does not find it under a heading of its own: %s", who, list)
		}
	}
	for _, path := range []string{at, "/reports"} {
		if page := gate.get(path).Body.String(); strings.Contains(page, "et aside") || strings.Contains(page, "Sofia") {
			t.Errorf("whoever handed it in is told what others made of it: %s", page)
		}
	}
	if page := ivan.get(at).Body.String(); strings.Contains(page, "/aside/") {
		t.Error("an inspector is offered what they may not do")
	}
	if r := rita.post(at+"/aside/take_up", url.Values{"take_up_why": {"not so sure"}}); r.Code != http.StatusSeeOther {
		t.Errorf("%d %s", r.Code, r.Body)
	}
	if floor := sofia.get("/").Body.String(); !strings.Contains(floor, "Taken up again") || !strings.Contains(floor, "not so sure") {
		t.Error("the floor does not say that it came back")
	}
	over := ivan.get("/oversight").Body.String()
	for _, want := range []string{"Taken up again: 1", "not so sure", "the shop was visited"} {
		if !strings.Contains(over, want) {
			t.Errorf("oversight does not say %q", want)
		}
	}
	if r := rita.post(at+"/aside/forget", url.Values{}); r.Code != http.StatusNotFound {
		t.Errorf("what there is no form for: %d", r.Code)
	}
}

func TestTheFloorSaysThatNobodyConfirmedInTime(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Report("gate", "Shoes, half the price.", intakeDeclared(1))
	ingrid, sofia := signedIn(t, h, "ingrid"), signedIn(t, h, "sofia")
	ingrid.get("/reports/" + string(id))
	ingrid.post("/reports/"+string(id)+"/aside/propose", asideForm("nothing_to_act_on"))
	late := regexp.MustCompile(`(?s)class="confirms".*?<li class="strip late">`)
	if late.MatchString(sofia.get("/").Body.String()) {
		t.Error("it is late at once")
	}
	h.Clock.Pass(aside.ConfirmWithin + time.Second)
	if !late.MatchString(sofia.get("/").Body.String()) {
		t.Error("it is not late after its time")
	}
	sofia.get("/reports/" + string(id))
	m := proposalOf.FindStringSubmatch(sofia.get("/reports/" + string(id)).Body.String())
	if r := sofia.post("/reports/"+string(id)+"/aside/confirm", url.Values{"proposal": {m[1]}, "confirm_why": {"so it is"}}); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	h.Clock.Pass(aside.RetestAfter)
	if floor := signedIn(t, h, "sofia").get("/").Body.String(); !strings.Contains(floor, "Back on its day") {
		t.Error("on its day it is not on the floor")
	}
}

// Who may not know of a sealed case is told on no page that a report repeats one of it.
func TestNoPageTellsThatAReportRepeatsASealedOne(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Case("Sealed orchard", "icd-191", "Somebody means to kill the gardener of the orchard at dusk.", "The gardener of the orchard", 5*time.Hour)
	s, err := h.Engine.Case(id)
	if err != nil {
		t.Fatal(err)
	}
	of := s.Reports[0].ID
	copied, proposed := h.Report("gate", "The gardener, dusk: a COPY-ONE.", intakeDeclared(1)), h.Report("gate", "The gardener, dusk: COPY-TWO.", intakeDeclared(2))
	for _, r := range []tocsin.ReportID{copied, proposed} {
		ingrid, sofia := signedIn(t, h, "ingrid"), signedIn(t, h, "sofia")
		ingrid.get("/reports/" + string(r))
		form := url.Values{"ground": {"duplicate"}, "of": {string(of)}, "aside_why": {"WORD-FOR-WORD"}}
		if got := ingrid.post("/reports/"+string(r)+"/aside/propose", form); got.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", got.Code, got.Body)
		}
		if r == copied {
			m := proposalOf.FindStringSubmatch(sofia.get("/reports/" + string(r)).Body.String())
			sofia.post("/reports/"+string(r)+"/aside/confirm", url.Values{"proposal": {m[1]}, "confirm_why": {"so it is"}})
		}
	}
	h.Do("daniel", id, casefile.SealCase{People: []tocsin.ActorID{"sofia"}, Reason: "the source is one of ours"})
	outside, inside := signedIn(t, h, "rita"), signedIn(t, h, "sofia")
	shown := 0
	for _, path := range []string{"/", "/reports", "/oversight", "/wall", "/reports/" + string(proposed)} {
		page := outside.get(path).Body.String()
		for _, secret := range []string{string(of), "COPY-ONE", "WORD-FOR-WORD", "1 report waits for a second person"} {
			if strings.Contains(page, secret) {
				t.Errorf("%s tells of %q", path, secret)
			}
			if strings.Contains(inside.get(path).Body.String(), secret) {
				shown++
			}
		}
	}
	if shown < 4 {
		t.Errorf("to whoever knows it shows %d times: the test shows nothing", shown)
	}
	if r := outside.get("/reports/" + string(copied)); r.Code != http.StatusNotFound {
		t.Errorf("the copy: %d", r.Code)
	}
	if page := outside.get("/").Body.String(); !strings.Contains(page, "COPY-TWO") {
		t.Error("a seal hides what waits")
	}
}
