package console_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tocsin/internal/console/consoletest"
	"tocsin/view"
)

func reportsOf(h *consoletest.House) (all []view.Report) {
	h.Engine.Read(func(x *view.Index) {
		for _, id := range x.Order {
			all = append(all, *x.Reports[id])
		}
	})
	return all
}

// A mistyped marking cannot be taken back, so it is asked about once before the
// report is handed in; and no report is refused for its marking.
func TestAMarkingThatCannotBeReadIsAskedAboutBeforeTheReportIsHandedIn(t *testing.T) {
	h := consoletest.Open(t, false)
	b := signedIn(t, h, "ingrid")
	if page := b.get("/intake").Body.String(); !strings.Contains(page, `list="report_marking-list"`) || !strings.Contains(page, `<option value="SECRET//NOFORN">`) {
		t.Error("the form offers no usual markings")
	}
	typed := url.Values{"text": {"They will burn the mill on Friday."}, "key": {"k1"}, "report_marking": {"SECRT"}, "origin": {"KEPT ORIGIN"}}
	r := b.post("/intake", typed)
	page := html.UnescapeString(r.Body.String())
	for _, want := range []string{"The marking “SECRT” cannot be read.", "Hand in as SECRET<", "Hand in as it stands", "KEPT ORIGIN", "They will burn the mill on Friday."} {
		if !strings.Contains(page, want) {
			t.Errorf("the question lacks %q", want)
		}
	}
	if len(reportsOf(h)) != 0 || r.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d: handed in before it was asked", r.Code)
	}
	if strings.Index(page, "Hand in as it stands") > strings.Index(page, "Hand in as SECRET<") {
		t.Error("the key Enter takes the guess, and not the marking as it stands")
	}
	typed.Set("marking_meant", "SECRET")
	if r := b.post("/intake", typed); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if all := reportsOf(h); len(all) != 1 || all[0].Marking != "SECRET" || all[0].Controlled {
		t.Errorf("got %+v", all)
	}
	as := url.Values{"text": {"They will burn the barn on Monday."}, "key": {"k2"}, "report_marking": {"WALRUS"}}
	if page := b.post("/intake", as).Body.String(); strings.Contains(page, "marking_meant") || !strings.Contains(page, "marking_stands") {
		t.Error("something is offered for what is near nothing, or the report cannot be handed in as it stands")
	}
	as.Set("marking_stands", "WALRUS")
	if r := b.post("/intake", as); r.Code != http.StatusSeeOther {
		t.Fatalf("%d: a report is refused for its marking", r.Code)
	}
	if all := reportsOf(h); len(all) != 2 || all[1].Marking != "WALRUS" || !all[1].Controlled {
		t.Errorf("got %+v", all[len(all)-1])
	}
}

func TestAnAnswerAboutOneMarkingIsNoneAboutAnother(t *testing.T) {
	h := consoletest.Open(t, false)
	b := signedIn(t, h, "ingrid")
	r := b.post("/intake", url.Values{"text": {"They will burn the mill."}, "key": {"k"}, "report_marking": {"SECRTE//NOFRON"}, "marking_stands": {"SECRT"}})
	if r.Code != http.StatusUnprocessableEntity || len(reportsOf(h)) != 0 {
		t.Errorf("%d: what was said of another marking is taken for this one", r.Code)
	}
}

func TestWhileAMarkingIsTypedItIsShownAsItIsRead(t *testing.T) {
	h := consoletest.Open(t, false)
	b := signedIn(t, h, "gate") // a reporter too
	for typed, want := range map[string]string{"secret//nf": "Read as SECRET//NOFORN.", "SECRET//ORCON": "Its owner must agree", "SECRT": "Did you mean", "<b>x": "This cannot be read"} {
		r := b.post("/intake/marking", url.Values{"report_marking": {typed}})
		if page := r.Body.String(); r.Code != http.StatusOK || !strings.Contains(page, want) || strings.Contains(page, "<b>") {
			t.Errorf("%q: %d %s", typed, r.Code, page)
		}
	}
	if r := b.post("/intake/marking", url.Values{}); r.Code != http.StatusOK || strings.TrimSpace(r.Body.String()) != "" {
		t.Errorf("of no marking something is said: %d %s", r.Code, r.Body)
	}
}
