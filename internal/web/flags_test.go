package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/web"
	"tocsin/view"
)

// lookers are those who are recorded to have looked at a report.
func (h *house) lookers(id tocsin.ReportID) []tocsin.ActorID {
	var out []tocsin.ActorID
	h.engine.Read(func(x *view.Index) {
		for _, l := range x.Looks[id] {
			out = append(out, l.By)
		}
	})
	return out
}

func TestWhoReadsAReportThroughTheInterfaceIsRecordedAndWhoListsIsNot(t *testing.T) {
	h := open(t, setup{})
	id := h.report("ines", "They will burn the mill. "+strings.Repeat("Nobody knows which of them. ", 40)+"CANARY-END").ID
	mine := h.report("rosa", "They will burn the barn.").ID
	list := h.send("anna", "GET", "/v1/reports", nil).want(http.StatusOK)
	if who := h.lookers(id); len(who) != 0 || strings.Contains(string(list.body), "CANARY-END") || !strings.Contains(string(list.body), "They will burn the mill.") {
		t.Fatalf("a list: looked at by %v, %s", who, list.body)
	}
	for range 2 {
		h.send("anna", "GET", "/v1/reports/"+string(id), nil).want(http.StatusOK)
		h.send("rita", "GET", "/v1/reports/"+string(id)+"/raw", nil).want(http.StatusOK)
	}
	if who := h.lookers(id); !slices.Equal(who, []tocsin.ActorID{"anna", "rita"}) {
		t.Errorf("looked at by %v; want anna and rita", who)
	}
	h.send("rosa", "GET", "/v1/reports/"+string(mine), nil).want(http.StatusOK)
	h.send("rosa", "GET", "/v1/reports/"+string(id), nil).wantProblem(http.StatusNotFound, "report")
	if who := h.lookers(mine); len(who) != 0 {
		t.Errorf("a reporter who reads their own receipt has looked: %v", who)
	}
}

func TestAFlagOverTheInterfaceSaysWhatBecameOfItAndNothingOfTheCase(t *testing.T) {
	h := open(t, setup{})
	id := h.report("ines", "They will burn the mill.").ID
	path := "/v1/reports/" + string(id) + "/flags"
	key := []string{"Idempotency-Key", "k1"}
	words := map[string]any{"why": "The miller can be found by anybody."}
	first := into[web.Flagged](h.send("rita", "POST", path, words, key...).want(http.StatusCreated))
	if again := into[web.Flagged](h.send("rita", "POST", path, words, key...).want(http.StatusOK)); again != first || first.Taken || first.Report != id {
		t.Errorf("%+v, and again %+v", first, again)
	}
	h.send("rita", "POST", path, map[string]any{}, key...).wantAnyProblem()
	h.send("rosa", "POST", path, words).wantProblem(http.StatusForbidden, "no_access")
	flags := func(who string) []web.Flagged {
		return into[web.Page[web.Flagged]](h.send(who, "GET", "/v1/flags", nil).want(http.StatusOK)).Items
	}
	if got := flags("rita"); len(got) != 1 || got[0] != first {
		t.Errorf("hers: %+v", got)
	}
	if got := flags("rudi"); len(got) != 0 {
		t.Errorf("somebody else's: %+v", got)
	}
	a := into[web.Answer](h.send("dora", "POST", "/v1/cases", map[string]any{"title": "Mill CANARY-TITLE", "reports": []any{id}}).want(http.StatusCreated))
	r := h.send("rita", "GET", "/v1/flags", nil).want(http.StatusOK)
	if got := flags("rita"); len(got) != 1 || !got[0].Taken || strings.Contains(string(r.body), "CANARY") || strings.Contains(string(r.body), string(a.Case)) {
		t.Errorf("once it is in a case: %s", r.body)
	}
	h.send("rita", "POST", path, map[string]any{"why": "something else"}).wantProblem(http.StatusConflict, "taken_up")
	h.command("dora", a.Case, "seal-case", casefile.SealCase{People: []tocsin.ActorID{"dora"}, Reason: "the source is one of ours"})
	if got := flags("rita"); len(got) != 0 {
		t.Errorf("the case is sealed from her, and her flag tells of it: %+v", got)
	}
	h.send("rita", "POST", path, words, key...).wantProblem(http.StatusNotFound, "report")
}
