package web_test

import (
	"net/http"
	"slices"
	"testing"

	"tocsin"
	"tocsin/internal/web"
)

// questioned is a case about whose warning the guard has asked, at a try of rolf's to
// release it, and the ids of its questions.
func (h *house) questioned() (tocsin.CaseID, []string) {
	h.t.Helper()
	id := h.opened()
	h.send("rolf", "PUT", "/v1/recipients/town", town).want(http.StatusOK)
	body := "An attack on the weekly market may kill many people on Friday 6 March 2026.\n\nClose the market or search those who enter. A map is attached, and so is a second attachment.\n" +
		"The plan and the names are in the annex at https://town.example/market.\n\nCall the watch at any hour on extension 1; we will pass on whatever else we learn."
	a := into[web.Answer](h.send("anna", "POST", "/v1/cases/"+string(id)+"/warnings", draft(map[string]any{"texts": []any{map[string]any{"language": "en", "subject": "Danger at the market", "body": body}}})).want(http.StatusCreated))
	h.approve(id, "w1", a)
	a = h.command("rolf", id, "warnings/w1/release", nil)
	var asked []string
	for _, f := range a.Findings {
		if f.Blocks {
			h.t.Fatalf("the guard refuses: %+v", f)
		}
		if f.Level == tocsin.GuardAsk {
			asked = append(asked, f.ID)
		}
	}
	if len(asked) < 2 {
		h.t.Fatalf("the guard asks %d questions: %+v", len(asked), a.Findings)
	}
	return id, asked
}

func TestSeveralQuestionsOfTheGuardAreAnsweredInOneCall(t *testing.T) {
	h := open(t, setup{})
	id, asked := h.questioned()
	path := "/v1/cases/" + string(id) + "/answer-finding"
	reply := func(finding, words string) map[string]any {
		return map[string]any{"finding": finding, "words": words}
	}
	of := func(all ...any) map[string]any { return map[string]any{"warning": "w1", "answers": all} }
	before := h.size()
	h.send("rolf", "POST", path, of(reply(asked[0], "I have opened it."), reply("gone", "It is general advice."))).wantProblem(http.StatusUnprocessableEntity, "finding")
	h.send("rolf", "POST", path, of(reply(asked[0], "I have opened it."), reply(asked[1], " "))).wantProblem(http.StatusUnprocessableEntity, "reason_missing")
	h.send("rolf", "POST", path, of()).wantProblem(http.StatusUnprocessableEntity, "no_answer")
	h.send("anna", "POST", path, of(reply(asked[0], "mine"))).wantProblem(http.StatusForbidden, "no_power")
	if h.size() != before {
		t.Fatal("half an act was recorded")
	}
	var all []any
	for _, q := range asked {
		all = append(all, reply(q, "I have opened it, and it gives nothing away."))
	}
	key := []string{"Idempotency-Key", "answers-1"}
	a := h.command("rolf", id, "answer-finding", of(all...), key...)
	if len(a.Events) != len(asked) || slices.ContainsFunc(a.Events, func(e web.Event) bool { return e.Kind != "finding_answered" || e.Command != a.Events[0].Command }) {
		t.Errorf("%d answers were recorded as %s", len(asked), kinds(a.Events))
	}
	size := h.size()
	if again := h.command("rolf", id, "answer-finding", of(all...), key...); !again.Replayed || len(again.Events) != len(asked) || h.size() != size {
		t.Errorf("sent again it is %+v", again)
	}
	if a = h.command("rolf", id, "warnings/w1/release", nil); a.Released == nil || !*a.Released {
		t.Errorf("it is not released: %+v", a.Findings)
	}
}

func TestOneQuestionIsAnsweredAsItAlwaysWas(t *testing.T) {
	h := open(t, setup{})
	id, asked := h.questioned()
	a := h.command("rolf", id, "answer-finding", map[string]any{"warning": "w1", "finding": asked[0], "words": "I have opened it."})
	if kinds(a.Events) != "finding_answered" {
		t.Errorf("one answer is recorded as %s", kinds(a.Events))
	}
}
