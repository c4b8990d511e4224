package web_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"tocsin"
	"tocsin/internal/web"
)

func TestAnEntryAndAVictimTakeNamesAndAnswerWithCodes(t *testing.T) {
	h := open(t, setup{})
	desk := maps.Clone(town)
	desk["jurisdiction"], desk["languages"] = "Iran", []any{"Persian", "en"}
	got := into[tocsin.Recipient](h.send("dora", "PUT", "/v1/recipients/town", desk).want(http.StatusOK))
	if got.Jurisdiction != "IR" || strings.Join(got.Languages, " ") != "fa en" {
		t.Errorf("got %q and %q", got.Jurisdiction, got.Languages)
	}
	desk["jurisdiction"] = "Irann"
	r := h.send("dora", "PUT", "/v1/recipients/town", desk)
	r.wantProblem(http.StatusUnprocessableEntity, "country")
	if body := string(r.body); !strings.Contains(body, "Iran (IR)") || strings.Contains(body, "Irann") {
		t.Errorf("the answer names no candidate, or repeats what was refused: %s", body)
	}
	id := h.opened()
	said := map[string]any{"id": "v1", "kind": "class", "name": "People at the market", "identity": "class_only", "jurisdiction": "Deutschland"}
	h.send("rolf", "POST", "/v1/cases/"+string(id)+"/correct-victim", map[string]any{"victim": said, "reason": "x"}).wantProblem(http.StatusForbidden, "no_power")
	h.send("anna", "POST", "/v1/cases/"+string(id)+"/correct-victim", map[string]any{"victim": said, "reason": ""}).wantProblem(http.StatusUnprocessableEntity, "reason_missing")
	a := h.command("anna", id, "correct-victim", map[string]any{"victim": said, "reason": "It is across the river."})
	if a.Events[0].Kind != "victim_corrected" {
		t.Errorf("got %+v", a.Events)
	}
	v, _ := into[web.CaseView](h.send("anna", "GET", "/v1/cases/"+string(id), nil).want(http.StatusOK)).State.Victim("v1")
	if v.Jurisdiction != "DE" || len(v.Corrections) != 1 || v.Corrections[0].Was.Jurisdiction != "FR" || v.Corrections[0].By != "anna" {
		t.Errorf("got %+v", v)
	}
}
