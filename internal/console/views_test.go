package console_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/auth"
	"tocsin/internal/console/consoletest"
	"tocsin/view"
)

// strips counts the strips of a page, and reads how many it says that it hides.
func strips(t *testing.T, page string) (shown, hidden, total int) {
	t.Helper()
	shown = strings.Count(page, `<li class="strip`)
	if m := regexp.MustCompile(`<strong>(\d+) more outside this view</strong>`).FindStringSubmatch(page); m != nil {
		hidden, _ = strconv.Atoi(m[1])
	}
	m := regexp.MustCompile(`<strong>(\d+) dut(?:y|ies) open`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the floor does not say how much is owed: %s", page)
	}
	total, _ = strconv.Atoi(m[1])
	return shown, hidden, total
}

func TestEveryFilterSaysWhatItHides(t *testing.T) {
	h := consoletest.Open(t, true)
	h.Fill()
	id := h.Case("A gate at night", "uk-threat-to-life", "Someone will be killed at the gate of the mill.", "The miller", 3*time.Hour)
	h.Do("anna", id, casefile.AddVictim{Victim: tocsin.Victim{ID: "v2", Kind: tocsin.Person, Name: "His sister", Identity: tocsin.Named, Place: "Kraków, Old Town", Jurisdiction: "PL"}})
	b := signedIn(t, h, "sofia")
	_, _, all := strips(t, b.get("/").Body.String())
	narrowed := 0
	for _, query := range []string{"q=miller", "q=MILL+sister", "show=mine", "show=own", "show=unowned", "within=overdue", "within=4h", "within=3d", "owner=daniel", "pack=uk-threat-to-life",
		"role=analyst", "role=senior_officer", "step=record_findings", "step=affirm_determination", "place=krakow", "place=GB", "show=late",
		"pack=uk-threat-to-life&place=old+town", "role=analyst&within=3d&q=miller", "q=nothing-of-this"} {
		page := b.get("/?" + query).Body.String()
		shown, hidden, total := strips(t, page)
		if shown+hidden != total || total != all {
			t.Errorf("%s shows %d and says that it hides %d of %d", query, shown, hidden, total)
		}
		if hidden > 0 && shown > 0 {
			narrowed++
		}
		if hidden == 0 {
			continue
		}
		m := regexp.MustCompile(`<p class="band outside[^"]*"><a href="([^"]+)">`).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("%s: no link to what it hides", query)
		}
		outside := b.get(html.UnescapeString(m[1])).Body.String()
		if n := strings.Count(outside, `<li class="strip`); n != hidden {
			t.Errorf("%s: the link leads to %d strips, and it hides %d", query, n, hidden)
		}
	}
	if narrowed < 10 {
		t.Errorf("only %d filters let some through and hide some", narrowed)
	}
	if page := b.get("/?q=krakow&place=krak").Body.String(); strings.Contains(page, "The miller") {
		t.Error("the words of a filter are looked for in places")
	}
	if page := b.get("/?q=%3F").Body.String(); strings.Count(page, `<li class="strip`) != all || !strings.Contains(page, "no word in the search") {
		t.Error("a filter that cannot be read hides something, or nobody is told")
	}
}

func TestACaseWhoseOwnerHasLeftIsFoundAsUnowned(t *testing.T) {
	h := consoletest.Open(t, false)
	h.Fill()
	b := signedIn(t, h, "sofia")
	if shown, _, _ := strips(t, b.get("/?show=unowned").Body.String()); shown != 0 {
		t.Fatalf("%d strips are unowned while everybody is there", shown)
	}
	if err := h.Users.Disable(t.Context(), auth.Local, "daniel"); err != nil {
		t.Fatal(err)
	}
	if shown, hidden, _ := strips(t, b.get("/?show=unowned").Body.String()); shown == 0 || hidden != 0 {
		t.Errorf("%d strips are unowned after the owner has left, %d are not", shown, hidden)
	}
}

func TestASavedViewIsThereOnEveryMachineAndHidesNothingSilently(t *testing.T) {
	h := consoletest.Open(t, false)
	h.Fill()
	b := signedIn(t, h, "anna")
	page := b.get("/?pack=uk-threat-to-life&role=analyst").Body.String()
	form := formOf(t, page, "/views", "")
	form.Set("name", "Leeds  tonight")
	form.Set("prefer", "yes")
	r := b.post("/views", form)
	if r.Code != http.StatusSeeOther || !strings.HasPrefix(r.Header().Get("Location"), "/?view=view-") {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	size := h.Store.Log()
	before, _ := size.Size(t.Context())
	if again := b.post("/views", form); again.Code != http.StatusSeeOther {
		t.Errorf("pressed twice: %d", again.Code)
	}
	if after, _ := size.Size(t.Context()); after != before {
		t.Errorf("pressed twice it is saved twice")
	}
	elsewhere := signedIn(t, h, "anna")
	page = elsewhere.get("/").Body.String()
	shown, hidden, total := strips(t, page)
	if !strings.Contains(page, "Leeds tonight") || !strings.Contains(page, `data-view="1" aria-current="true"`) || shown == 0 || hidden == 0 || shown+hidden != total {
		t.Errorf("the view that is shown first shows %d, hides %d of %d", shown, hidden, total)
	}
	if shown, hidden, total := strips(t, elsewhere.get("/?view=all").Body.String()); shown != total || hidden != 0 {
		t.Errorf("everything shows %d of %d", shown, total)
	}
	if page := signedIn(t, h, "rui").get("/").Body.String(); strings.Contains(page, "Leeds tonight") {
		t.Error("somebody else sees it")
	}
	id := strings.TrimPrefix(r.Header().Get("Location"), "/?view=")
	manage := b.get("/views").Body.String()
	if r := b.post("/views/"+id+"/rename", formWith(formOf(t, manage, "/views/"+id+"/rename", ""), "name", "Yorkshire")); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if page := b.get("/").Body.String(); !strings.Contains(page, "Yorkshire") || strings.Contains(page, "Leeds tonight") {
		t.Error("it has not been renamed")
	}
	b.post("/views/all/prefer", url.Values{"key": {"k7"}})
	if _, hidden, _ := strips(t, b.get("/").Body.String()); hidden != 0 {
		t.Error("everything was preferred, and something is hidden")
	}
	b.post("/views/"+id+"/prefer", url.Values{"key": {"k8"}})
	b.post("/views/"+id+"/delete", url.Values{"key": {"k9"}})
	if page := b.get("/").Body.String(); strings.Contains(page, "Yorkshire") {
		t.Error("it has not been deleted")
	} else if _, hidden, _ := strips(t, page); hidden != 0 {
		t.Error("a view that was deleted hides something")
	}
}

func TestAViewForEverybodyIsForThoseWithTheRoleToMake(t *testing.T) {
	h := consoletest.Open(t, false)
	h.Fill()
	form := url.Values{"filter": {"within=4h&show=mine"}, "name": {"Handover"}, "shared": {"yes"}, "key": {"k1"}}
	if r := signedIn(t, h, "anna").post("/views", form); r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body.String(), "duty officers") {
		t.Errorf("an analyst shares a view: %d", r.Code)
	}
	daniel, anna := signedIn(t, h, "daniel"), signedIn(t, h, "anna")
	r := daniel.post("/views", form)
	if r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	id := strings.TrimPrefix(r.Header().Get("Location"), "/?view=")
	if page := anna.get("/").Body.String(); !strings.Contains(page, "Handover") {
		t.Error("an analyst does not see what is for everybody")
	}
	for _, do := range []string{"rename", "delete"} {
		if r := anna.post("/views/"+id+"/"+do, url.Values{"name": {"Mine"}, "key": {"k"}}); r.Code != http.StatusUnprocessableEntity {
			t.Errorf("an analyst may %s it: %d", do, r.Code)
		}
	}
	if r := anna.post("/views/"+id+"/prefer", url.Values{"key": {"k"}}); r.Code != http.StatusSeeOther {
		t.Errorf("an analyst may not prefer it: %d", r.Code)
	}
	if r := signedIn(t, h, "sofia").post("/views/"+id+"/delete", url.Values{"key": {"k"}}); r.Code != http.StatusSeeOther {
		t.Errorf("another officer may not delete it: %d", r.Code)
	}
	for name, bad := range map[string]url.Values{"no name": {"filter": {"q=x"}, "name": {" "}}, "no filter": {"name": {"x"}, "filter": {""}}, "a filter that nobody can read": {"name": {"x"}, "filter": {"within=soon"}}} {
		if r := daniel.post("/views", bad); r.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, r.Code)
		}
	}
	if r := signedIn(t, h, "ivan").post("/views", form); r.Code != http.StatusForbidden {
		t.Errorf("an inspector saves a view: %d", r.Code)
	}
	if r := daniel.post("/views/view-none/delete", nil); r.Code != http.StatusNotFound {
		t.Errorf("a view that is none: %d", r.Code)
	}
	for i := range view.MaxViews {
		daniel.post("/views", url.Values{"filter": {"q=x"}, "name": {"View " + strconv.Itoa(i)}, "key": {"many" + strconv.Itoa(i)}})
	}
	if r := daniel.post("/views", url.Values{"filter": {"q=x"}, "name": {"One more"}, "key": {"more"}}); r.Code != http.StatusUnprocessableEntity {
		t.Errorf("there is no end of views: %d", r.Code)
	}
}

// The words of a view can be of a case that others do not know of, so its records
// are of its person alone; and it stands in the record, so that the index can be
// made again.
func TestAPersonsViewsAreTheirsInTheRecordToo(t *testing.T) {
	h := consoletest.Open(t, false)
	h.Fill()
	anna := h.Person("anna")
	length := func(who string) (n int64) {
		h.Engine.Read(func(x *view.Index) { n = x.Length(h.Person(who)) })
		return n
	}
	before := length("rui")
	signedIn(t, h, "anna").post("/views", url.Values{"filter": {"q=gardener"}, "name": {"The gardener"}, "key": {"k1"}, "prefer": {"yes"}})
	stream := view.ShelfOf(anna.ID)
	h.Engine.Read(func(x *view.Index) {
		for who, want := range map[string]bool{"anna": false, "ivan": false, "rui": true, "sofia": true, "adam": true} {
			if x.Hides(h.Person(who))(stream) != want {
				t.Errorf("%s is kept from %s: %v", stream, who, !want)
			}
		}
	})
	if after := length("rui"); after != before {
		t.Errorf("somebody else's page moves when a view is saved")
	}
	fresh := view.New()
	for r, err := range h.Store.Since(t.Context(), 0) {
		if err == nil {
			err = fresh.Fold(r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if views := fresh.Views("anna"); len(views) != 1 || views[0].Name != "The gardener" || fresh.Preferred("anna") != views[0].ID {
		t.Errorf("folded again: %+v", views)
	}
}

// A filter tells somebody who may still be the second signer nothing of a grade.
func TestAFilterTellsNoGrade(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	id := cases["fresh"]
	h.Do("anna", id, casefile.RecordFindings{Victim: "v1", Findings: h.Findings(id, tocsin.NotMet)})
	knows, blind := signedIn(t, h, "anna"), signedIn(t, h, "sofia")
	if page := knows.get("/?step=propose_refusal").Body.String(); !strings.Contains(page, "Diallo") {
		t.Fatal("nothing can be refused here: the test shows nothing")
	}
	for _, query := range []string{"step=propose_refusal", "q=refusal+diallo", "q=threshold+diallo"} {
		if shown, _, _ := strips(t, blind.get("/?"+query).Body.String()); shown != 0 {
			t.Errorf("%s tells the grade", query)
		}
	}
}
