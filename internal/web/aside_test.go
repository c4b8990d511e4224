package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/aside"
	"tocsin/casefile"
	"tocsin/internal/web"
	"tocsin/view"
)

// looked lets people read a report.
func (h *house) looked(id tocsin.ReportID, who ...string) {
	h.t.Helper()
	for _, w := range who {
		h.send(w, "GET", "/v1/reports/"+string(id), nil).want(http.StatusOK)
	}
}

// laid sets a report aside, by ines and sven.
func (h *house) laid(id tocsin.ReportID, body map[string]any) web.AsideView {
	h.t.Helper()
	h.looked(id, "ines", "sven")
	at := "/v1/reports/" + string(id) + "/set-aside"
	p := into[web.AsideView](h.send("ines", "POST", at, body).want(http.StatusCreated))
	return into[web.AsideView](h.send("sven", "POST", at+"/confirm", map[string]any{"proposal": p.SetAside.Proposal, "why": "read it"}).want(http.StatusOK))
}

var spam = map[string]any{"ground": "not_a_threat", "why": "an advertisement for shoes"}

func (h *house) listed(who, state string) string {
	h.t.Helper()
	var ids []string
	for _, r := range into[web.Page[view.Report]](h.send(who, "GET", "/v1/reports?state="+state, nil).want(http.StatusOK)).Items {
		ids = append(ids, string(r.ID))
	}
	return strings.Join(ids, " ")
}

func TestAReportIsSetAsideOverTheInterfaceByTwoPeopleAndTakenUpByOne(t *testing.T) {
	h := open(t, setup{})
	mill, shoes := h.report("ines", "They will burn the mill.").ID, h.report("rosa", "Shoes, half the price.").ID
	at := "/v1/reports/" + string(shoes)
	h.send("ines", "POST", at+"/set-aside", spam).wantProblem(http.StatusConflict, "not_read")
	h.looked(shoes, "ines", "sven", "rita")
	key := []string{"Idempotency-Key", "k1"}
	p := into[web.AsideView](h.send("ines", "POST", at+"/set-aside", spam, key...).want(http.StatusCreated))
	if again := into[web.AsideView](h.send("ines", "POST", at+"/set-aside", spam, key...).want(http.StatusOK)); again.SetAside.Proposal != p.SetAside.Proposal || p.SetAside.Stage != aside.Waiting || p.SetAside.By != "ines" {
		t.Errorf("%+v, and again %+v", p.SetAside, again.SetAside)
	}
	if got := h.listed("anna", "proposed") + "/" + h.listed("anna", "waiting") + "/" + h.listed("anna", "set_aside"); got != string(shoes)+"/"+string(shoes)+" "+string(mill)+"/" {
		t.Errorf("proposed, waiting, set aside: %s", got)
	}
	confirm := map[string]any{"proposal": p.SetAside.Proposal, "why": "shoes"}
	h.send("ines", "POST", at+"/set-aside/confirm", confirm).wantProblem(http.StatusForbidden, "no_power")
	h.send("dora", "POST", at+"/set-aside/confirm", confirm).wantProblem(http.StatusForbidden, "no_power")
	h.send("rosa", "POST", at+"/set-aside/confirm", confirm).wantProblem(http.StatusForbidden, "no_access")
	h.send("ivan", "POST", at+"/set-aside/confirm", confirm).wantProblem(http.StatusForbidden, "inspector_changes_nothing")
	h.send("sven", "POST", at+"/set-aside/confirm", map[string]any{"proposal": "another", "why": "shoes"}).wantProblem(http.StatusConflict, "proposal_moved_on")
	done := into[web.AsideView](h.send("sven", "POST", at+"/set-aside/confirm", confirm).want(http.StatusOK))
	if done.SetAside.Stage != aside.Aside || done.SetAside.Confirmed.By != "sven" || done.Actions[0].Allowed || done.Actions[0].Why == "" || done.Actions[1].Allowed || !done.Actions[2].Allowed {
		t.Errorf("%+v", done)
	}
	if got := h.listed("anna", "set_aside") + "/" + h.listed("anna", "waiting"); got != string(shoes)+"/"+string(mill) {
		t.Errorf("set aside, waiting: %s", got)
	}
	if r := h.send("anna", "POST", "/v1/search", map[string]any{"q": "shoes"}).want(http.StatusOK); !strings.Contains(string(r.body), `"set_aside":true`) {
		t.Errorf("the search does not find it, or does not say: %s", r.body)
	}
	for _, r := range []reply{h.send("rosa", "GET", at, nil), h.send("rosa", "POST", "/v1/search", map[string]any{"q": "shoes"})} {
		if r.want(http.StatusOK); strings.Contains(string(r.body), "set_aside") || !strings.Contains(string(r.body), "Shoes") {
			t.Errorf("whoever handed it in is told what others made of it: %s", r.body)
		}
	}
	back := into[web.AsideView](h.send("rolf", "POST", at+"/take-up", map[string]any{"why": "a front"}).want(http.StatusOK))
	if back.SetAside.Stage != aside.Back || back.SetAside.Ended.By != "rolf" {
		t.Errorf("%+v", back.SetAside)
	}
	if one := into[view.Report](h.send("anna", "GET", at, nil).want(http.StatusOK)); one.SetAside == nil || one.SetAside.Stage != aside.Back {
		t.Errorf("the report says %+v", one.SetAside)
	}
}

func TestAFlaggersStatusSaysThatTheReportWasSetAside(t *testing.T) {
	h := open(t, setup{})
	id := h.report("ines", "They will burn the mill.").ID
	at := "/v1/reports/" + string(id)
	h.send("rolf", "POST", at+"/flags", map[string]any{"why": "The miller can be found."}).want(http.StatusCreated)
	h.looked(id, "ines", "sven", "rita")
	p := into[web.AsideView](h.send("ines", "POST", at+"/set-aside", map[string]any{"ground": "already_over", "why": "it was last year"}).want(http.StatusCreated))
	if len(p.Flags) != 1 || p.Flags[0].By != "rolf" {
		t.Fatalf("%+v", p.Flags)
	}
	confirm := map[string]any{"proposal": p.SetAside.Proposal, "why": "asked the miller"}
	h.send("rita", "POST", at+"/set-aside/confirm", confirm).wantProblem(http.StatusForbidden, "flagged")
	h.send("sven", "POST", at+"/set-aside/confirm", confirm).wantProblem(http.StatusConflict, "flag_unanswered")
	confirm["flags"] = []any{map[string]any{"flag": 1, "why": "He is well, and the mill burnt down last year."}}
	h.send("sven", "POST", at+"/set-aside/confirm", confirm).want(http.StatusOK)
	mine := func() web.Flagged {
		return into[web.Page[web.Flagged]](h.send("rolf", "GET", "/v1/flags", nil).want(http.StatusOK)).Items[0]
	}
	if f := mine(); !f.Aside || f.Taken {
		t.Errorf("%+v", f)
	}
	h.send("rita", "POST", at+"/flags", map[string]any{"why": "It has been built again."}).want(http.StatusCreated)
	if f := mine(); f.Aside {
		t.Errorf("another flag has taken it up: %+v", f)
	}
}

func TestOversightCountsAndListsWhatWasSetAside(t *testing.T) {
	h := open(t, setup{})
	a, b, c := h.report("ines", "Shoes.").ID, h.report("ines", "Hats.").ID, h.report("ines", "Somebody, somewhere.").ID
	h.laid(a, spam)
	h.laid(b, spam)
	h.laid(c, map[string]any{"ground": "nothing_to_act_on", "why": "nobody, nowhere"})
	d := h.report("ines", "A test of the line.").ID
	h.looked(d, "anna")
	h.send("anna", "POST", "/v1/reports/"+string(d)+"/set-aside", map[string]any{"ground": "test_or_exercise", "why": "the weekly test"}).want(http.StatusCreated)
	h.send("rita", "POST", "/v1/reports/"+string(b)+"/take-up", map[string]any{"why": "hats of a gang"}).want(http.StatusOK)
	type review struct{ view.AsideReview }
	ask := func(query string) view.AsideReview {
		return into[review](h.send("ivan", "GET", "/v1/oversight/set-aside"+query, nil).want(http.StatusOK)).AsideReview
	}
	r := ask("")
	if r.Standing != 2 || r.Grounds[0] != (view.AsideCount{Name: "not_a_threat", Proposed: 2, Confirmed: 2, TakenUp: 1}) || len(r.Grounds) != 5 {
		t.Errorf("counts: %d %+v", r.Standing, r.Grounds)
	}
	if len(r.People) != 3 || r.People[0] != (view.AsideCount{Name: "ines", Proposed: 3, TakenUp: 1}) || r.People[1] != (view.AsideCount{Name: "sven", Confirmed: 3, TakenUp: 1}) {
		t.Errorf("people: %+v", r.People)
	}
	if len(r.Waiting) != 1 || r.Waiting[0].Report != d || len(r.TakenUp) != 1 || r.TakenUp[0].Ended.Why != "hats of a gang" || len(r.Aside) != 2 || len(r.Back) != 0 {
		t.Errorf("lists: %+v", r)
	}
	h.clock.Pass(8 * 24 * time.Hour)
	r = ask("")
	if r.Standing != 1 || r.Grounds[0].Proposed != 0 || len(r.People) != 0 || len(r.Waiting) != 1 || len(r.Back) != 1 || r.Back[0].Report != c || len(r.TakenUp) != 0 {
		t.Errorf("a week later: %+v", r)
	}
	if r = ask("?from=2000-01-01T00:00:00Z"); len(r.TakenUp) != 1 || len(r.Aside) != 1 {
		t.Errorf("from the beginning: %+v", r)
	}
}

// What stands in a case that is sealed from somebody is neither counted nor listed
// for them, and no word about setting it aside differs from one about no report.
func TestSettingAsideTellsNothingOfASealedCase(t *testing.T) {
	h := open(t, setup{})
	was, plain := h.report("ines", "Shoes CANARY.").ID, h.report("ines", "Hats.").ID
	h.laid(was, spam)
	h.laid(plain, spam)
	before := string(h.send("anna", "GET", "/v1/oversight/set-aside", nil).want(http.StatusOK).body)
	a := into[web.Answer](h.send("dora", "POST", "/v1/cases", map[string]any{"title": "Shoes", "reports": []any{was}}).want(http.StatusCreated))
	copied := h.report("ines", "Shoes CANARY, once more.").ID
	h.laid(copied, map[string]any{"ground": "duplicate", "of": was, "why": "the same"})
	h.command("dora", a.Case, "seal-case", casefile.SealCase{People: []tocsin.ActorID{"dora"}, Reason: "the source is one of ours"})
	after := h.send("anna", "GET", "/v1/oversight/set-aside", nil).want(http.StatusOK)
	if strings.Contains(string(after.body), "CANARY") || strings.Contains(string(after.body), string(was)) || strings.Contains(string(after.body), string(copied)) || string(after.body) == before {
		t.Errorf("%s", after.body)
	}
	var r view.AsideReview
	if r = into[view.AsideReview](after); r.Standing != 1 || r.Grounds[0].Proposed != 1 || r.Grounds[1].Proposed != 0 || len(r.TakenUp) != 0 {
		t.Errorf("the counts tell of it: %+v", r)
	}
	if in := into[view.AsideReview](h.send("dora", "GET", "/v1/oversight/set-aside", nil).want(http.StatusOK)); in.Standing != 2 || len(in.TakenUp) != 1 {
		t.Errorf("whoever knows of it sees %+v: the test shows nothing", in)
	}
	for _, id := range []tocsin.ReportID{was, copied} {
		for path, body := range map[string]any{"": nil, "/set-aside": spam, "/set-aside/confirm": map[string]any{"proposal": "p", "why": "x"}, "/take-up": map[string]any{"why": "x"}} {
			method := "POST"
			if body == nil {
				method, path = "GET", "/set-aside"
			}
			for _, who := range []string{"anna", "rita", "rolf"} {
				real, never := h.send(who, method, "/v1/reports/"+string(id)+path, body), h.send(who, method, "/v1/reports/report-never"+path, body)
				if real.status != never.status || string(real.body) != string(never.body) || real.status != http.StatusNotFound {
					t.Errorf("%s %s by %s: %d %s, about none %d %s", method, path, who, real.status, real.body, never.status, never.body)
				}
			}
		}
	}
}
