package web_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/internal/web"
)

func TestAWatchOfficerWalksAReportToAnAcknowledgedWarning(t *testing.T) {
	h := open(t, setup{})
	id := h.released()

	v := h.caseView("dora", id, "")
	if v.GradesHidden || len(v.State.Victims) != 1 || v.State.Victims[0].Disposition != "owed" || len(v.State.Victims[0].Findings) != 5 {
		t.Fatalf("the case shows %+v", v.State.Victims)
	}
	if len(v.Clocks) == 0 || len(v.Outstanding) == 0 || len(v.Allowed) == 0 || len(v.Obstacles) == 0 || v.Summary.Warnings != 1 {
		t.Errorf("the case view is not whole: %+v", v)
	}
	if len(h.post.taken) != 1 || !strings.Contains(h.post.taken[0].Text().Body, "Close the market") {
		t.Fatalf("the post took %d messages", len(h.post.taken))
	}

	waits := h.waiting("dele")
	if len(waits) != 1 || waits[0].State != "sent" || waits[0].Waits != "acknowledge" || waits[0].Due.IsZero() || waits[0].Text.Body == "" || waits[0].Address != "desk@town.example" {
		t.Fatalf("waiting: %+v", waits)
	}

	// Nobody answers: the next rung is a task in person, with its page.
	h.clock.Pass(5 * time.Hour)
	h.settle()
	var task web.Delivery
	for _, d := range h.waiting("dele") {
		if d.Channel == "in_person" {
			task = d
		}
	}
	if task.State != "assigned" || task.Waits != "record_service" || !strings.Contains(task.Script, "TO BE GIVEN IN PERSON") || !strings.Contains(task.Script, "Close the market") {
		t.Fatalf("the task: %+v", task)
	}
	a := h.command("dele", id, "record-service", map[string]any{"delivery": task.Key, "service": map[string]any{"person": "the mayor", "place": "town hall", "at": h.clock.Now(), "refused_sign": true}})
	if kinds(a.Events) != "service_recorded" || a.Summary != nil {
		t.Errorf("a deliverer is answered with %+v", a)
	}
	a = h.command("town.system", id, "acknowledge", map[string]any{"delivery": waits[0].Key, "answer": "acting", "words": "market closed"})
	if kinds(a.Events) != "acknowledged" {
		t.Errorf("the recipient is answered with %s", kinds(a.Events))
	}
	if v := h.caseView("dora", id, ""); v.State.Victims[0].Disposition != "discharged" || v.State.Victims[0].How != "acknowledged" {
		t.Fatalf("after the acknowledgement: %+v", v.State.Victims[0])
	}

	h.clock.Pass(48 * time.Hour)
	h.settle()
	h.command("dora", id, "record-outcome", map[string]any{"outcome": map[string]any{"what": "averted", "response": "acted", "note": "arrested on the way"}})
	h.send("dora", "POST", "/v1/cases/"+string(id)+"/close-case", map[string]any{"reason": "over"}).wantProblem(http.StatusConflict, "not_closable")

	clear := draft(map[string]any{"message": "all_clear", "refers": "w1", "window": map[string]any{"earliest": h.clock.Now(), "latest": h.clock.Now().Add(24 * time.Hour)}, "facts": []any{fact("changed", "The danger has passed."), fact("do_now", "Nothing more."),
		fact("contact", "The watch, on extension 1."), fact("authorities", "We will tell you if that changes.")}})
	drafted := into[web.Answer](h.send("anna", "POST", "/v1/cases/"+string(id)+"/warnings", clear).want(http.StatusCreated))
	h.approve(id, "w2", drafted)
	if a := h.command("rolf", id, "warnings/w2/release", nil); !*a.Released {
		t.Fatalf("the all-clear is refused: %+v", a.Findings)
	}
	h.settle()
	for _, d := range h.waiting("dele") {
		if d.Waits == "record_service" {
			h.command("dele", id, "record-service", map[string]any{"delivery": d.Key, "service": map[string]any{"person": "the mayor", "place": "town hall", "at": h.clock.Now(), "signed": true}})
		}
	}
	if a := h.command("dora", id, "close-case", map[string]any{"reason": "outcome recorded, all-clear given"}); !strings.Contains(kinds(a.Events), "case_closed") || !a.Summary.Closed {
		t.Errorf("closing: %s", kinds(a.Events))
	}
	closed := into[web.Page[struct{ ID tocsin.CaseID }]](h.send("ivan", "GET", "/v1/cases?state=closed", nil).want(http.StatusOK))
	if len(closed.Items) != 1 || closed.Items[0].ID != id {
		t.Errorf("closed cases: %+v", closed)
	}
}

func TestTheTimelineIsTheWholeRecordOfACase(t *testing.T) {
	h := open(t, setup{})
	id := h.released()
	v := h.caseView("ivan", id, "")
	var all []web.Event
	type timeline struct {
		Items   []web.Event
		Version int
	}
	for {
		after := 0
		if len(all) > 0 {
			after = all[len(all)-1].Seq
		}
		p := into[timeline](h.send("ivan", "GET", "/v1/cases/"+string(id)+"/events?limit=3&after="+strconv.Itoa(after), nil).want(http.StatusOK))
		all = append(all, p.Items...)
		if p.Version != v.State.Version {
			t.Fatalf("the timeline is of version %d, the case of %d", p.Version, v.State.Version)
		}
		if len(p.Items) == 0 || all[len(all)-1].Seq == p.Version {
			break
		}
	}
	if len(all) != v.State.Version || all[0].Kind != "case_opened" {
		t.Fatalf("%d events of %d: %s", len(all), v.State.Version, kinds(all))
	}
	for i, e := range all {
		if e.Seq != i+1 || e.By == "" || e.At.IsZero() || e.Command == "" || len(e.Data) == 0 || e.Hidden {
			t.Errorf("event %d: %+v", i+1, e)
		}
	}
}

func TestAGuardsRefusalIsAnAnswerAndIsRecorded(t *testing.T) {
	h := open(t, setup{})
	id := h.opened()
	h.command("anna", id, "record-findings", map[string]any{"victim": "v1", "findings": findings("met")})
	h.command("anna", id, "protect-terms", map[string]any{"terms": []any{"weekly market"}})
	h.send("rolf", "PUT", "/v1/recipients/town", town).want(http.StatusOK)
	a := into[web.Answer](h.send("anna", "POST", "/v1/cases/"+string(id)+"/warnings", draft(nil)).want(http.StatusCreated))
	preview := into[web.GuardAnswer](h.send("rolf", "GET", "/v1/cases/"+string(id)+"/warnings/w1/guard", nil).want(http.StatusOK))
	if preview.Clear || len(preview.Findings) == 0 {
		t.Fatalf("the guard sees nothing: %+v", preview)
	}
	before := h.size()
	h.send("rolf", "POST", "/v1/cases/"+string(id)+"/warnings/w1/release", nil).wantProblem(http.StatusConflict, "not_approved")
	if h.size() != before {
		t.Error("a step that is not allowed was recorded")
	}
	h.approve(id, "w1", a)
	a = h.command("rolf", id, "warnings/w1/release", nil)
	if a.Released == nil || *a.Released || len(a.Findings) == 0 || kinds(a.Events) != "release_refused" {
		t.Fatalf("the answer: %+v", a)
	}
	h.settle()
	if len(h.post.taken) != 0 {
		t.Error("words went out that the guard refused")
	}
	h.send("rolf", "GET", "/v1/cases/"+string(id)+"/warnings/w9/guard", nil).wantProblem(http.StatusNotFound, "warning")
}

func TestAReportComesTwice(t *testing.T) {
	h := open(t, setup{})
	const path = "/v1/reports?source_key=mail-7&origin=ORCHID"
	first := h.send("ines", "POST", path, []byte("The same words."), "Content-Type", "text/plain").want(http.StatusCreated)
	if got := first.header.Get("Location"); got != "/v1/reports/"+string(into[web.Received](first).ID) {
		t.Errorf("Location %q", got)
	}
	again := into[web.Received](h.send("anna", "POST", path, []byte("The same words."), "Content-Type", "text/plain").want(http.StatusOK))
	if !again.Reposted || again.ID != into[web.Received](first).ID {
		t.Errorf("the re-post: %+v", again)
	}
	other := into[web.Received](h.send("anna", "POST", "/v1/reports?source_key=mail-8", []byte("The same words."), "Content-Type", "text/plain").want(http.StatusCreated))
	if other.RepeatOf != again.ID {
		t.Errorf("the same words under another key repeat %q", other.RepeatOf)
	}
	list := into[web.Page[struct {
		ID      tocsin.ReportID
		Reposts int
	}]](h.send("anna", "GET", "/v1/reports", nil).want(http.StatusOK))
	if len(list.Items) != 2 || list.Items[0].ID != other.ID || list.Items[1].Reposts != 1 {
		t.Errorf("the list, newest first: %+v", list)
	}
}

func TestAKeyedRequestIsDoneOnceAndAnsweredAlike(t *testing.T) {
	h := open(t, setup{})
	key := []string{"Idempotency-Key", "retry-1"}
	send := func() reply {
		h.clock.Pass(time.Second)
		return h.send("ines", "POST", "/v1/reports?origin=ORCHID", []byte("Words."), append(key, "Content-Type", "text/plain")...)
	}
	first, n := into[web.Received](send().want(http.StatusCreated)), h.size()
	second := into[web.Received](send().want(http.StatusOK))
	if second.ID != first.ID || h.size() != n {
		t.Fatalf("the same request made %s and %s", first.ID, second.ID)
	}
	otherWords := into[web.Received](h.send("ines", "POST", "/v1/reports?origin=ORCHID", []byte("Other words."), append(key, "Content-Type", "text/plain")...).want(http.StatusCreated))
	if otherWords.ID == first.ID {
		t.Fatal("other words under a used key vanished")
	}

	open := map[string]any{"title": "Case", "reports": []any{first.ID}}
	a := into[web.Answer](h.send("dora", "POST", "/v1/cases", open, key...).want(http.StatusCreated))
	n = h.size()
	b := into[web.Answer](h.send("dora", "POST", "/v1/cases", open, key...).want(http.StatusOK))
	if a.Case != b.Case || !b.Replayed || h.size() != n || kinds(a.Events) != kinds(b.Events) {
		t.Fatalf("opened twice: %+v, %+v", a, b)
	}
	review := map[string]any{"note": "looked at it"}
	h.command("dora", a.Case, "review", review, key...)
	n = h.size()
	if r := h.command("dora", a.Case, "review", review, key...); !r.Replayed || kinds(r.Events) != "reviewed" || h.size() != n {
		t.Errorf("reviewed twice: %+v", r)
	}
	if r := h.command("dora", a.Case, "review", map[string]any{"note": "looked at it again"}, key...); r.Replayed {
		t.Error("another review under the same key was taken for the first")
	}
	if r := h.command("anna", a.Case, "review", review, key...); r.Replayed {
		t.Error("another person's review under the same key was taken for the first")
	}
}

func TestPagesHoldEveryReportOnceWhateverComesInMeanwhile(t *testing.T) {
	h := open(t, setup{})
	sent := map[tocsin.ReportID]int{}
	for i := range 23 {
		sent[h.report("ines", "Report number "+strconv.Itoa(i)).ID] = 0
	}
	type list = web.Page[struct{ ID tocsin.ReportID }]
	cursor := ""
	for range 100 {
		p := into[list](h.send("anna", "GET", "/v1/reports?limit=5"+cursor, nil).want(http.StatusOK))
		for _, r := range p.Items {
			sent[r.ID]++
		}
		h.report("ines", "Meanwhile, after "+cursor)
		if p.Next == "" {
			break
		}
		cursor = "&cursor=" + p.Next
	}
	for id, n := range sent {
		if n != 1 {
			t.Errorf("%s is on %d pages", id, n)
		}
	}
	if len(sent) != 23 {
		t.Errorf("%d reports on the pages, want 23", len(sent))
	}
	h.send("anna", "GET", "/v1/reports?cursor=before-4711", nil).wantProblem(http.StatusUnprocessableEntity, "cursor")
	h.send("anna", "GET", "/v1/reports?cursor=x", nil).wantProblem(http.StatusUnprocessableEntity, "cursor")
}

func TestTheQueueShowsFirstWhatRunsOutFirst(t *testing.T) {
	h := open(t, setup{})
	calm := h.opened()
	h.clock.Pass(time.Minute)
	rep := h.report("ines", "Another report altogether.")
	a := into[web.Answer](h.send("dora", "POST", "/v1/cases", map[string]any{"title": "Without a victim", "reports": []any{rep.ID}}).want(http.StatusCreated))
	type list = web.Page[struct{ ID tocsin.CaseID }]
	opened := into[list](h.send("dora", "GET", "/v1/cases", nil).want(http.StatusOK))
	urgent := into[list](h.send("dora", "GET", "/v1/cases?order=urgent", nil).want(http.StatusOK))
	if len(opened.Items) != 2 || opened.Items[0].ID != a.Case {
		t.Errorf("newest first: %+v", opened)
	}
	if len(urgent.Items) != 2 || urgent.Items[0].ID != calm || urgent.Next != "" {
		t.Errorf("most urgent first: %+v", urgent)
	}
	if one := into[list](h.send("dora", "GET", "/v1/cases?limit=1", nil).want(http.StatusOK)); one.Next == "" || len(one.Items) != 1 {
		t.Errorf("one of two: %+v", one)
	}
}

func TestTheBytesComeBackAsTheyCame(t *testing.T) {
	h := open(t, setup{})
	raw := []byte("From: a@b.example\r\nSubject: <script>alert(1)</script>\r\n\r\nIt is planned for Friday.\r\n")
	rep := into[web.Received](h.send("ines", "POST", "/v1/reports", raw, "Content-Type", "message/rfc822").want(http.StatusCreated))
	got := h.send("anna", "GET", "/v1/reports/"+string(rep.ID)+"/raw", nil).want(http.StatusOK)
	if string(got.body) != string(raw) {
		t.Errorf("got %q", got.body)
	}
	for name, want := range map[string]string{"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff",
		"Content-Disposition": `attachment; filename="` + string(rep.ID) + `.bin"`, "Cache-Control": "no-store"} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), want)
		}
	}
}

func TestAPolicyAnswersWithoutARecord(t *testing.T) {
	h := open(t, setup{})
	before := h.size()
	packs := into[struct{ Items []web.PackLine }](h.send("adam", "GET", "/v1/packs", nil).want(http.StatusOK))
	if len(packs.Items) != 1 || packs.Items[0].Ref.Name != "icd-191" {
		t.Fatalf("packs: %+v", packs)
	}
	p := into[web.Pack](h.send("anna", "GET", "/v1/packs/icd-191", nil).want(http.StatusOK))
	if len(p.Elements) != 5 || len(p.Rules) == 0 || len(p.Terms.Grounds) != 6 || len(p.Languages) < 2 {
		t.Errorf("the pack: %d elements, %d rules, %d grounds", len(p.Elements), len(p.Rules), len(p.Terms.Grounds))
	}
	d := into[struct{ Determination tocsin.Determination }](h.send("ivan", "POST", "/v1/packs/icd-191/determine", map[string]any{"harm": "killing", "findings": findings("doubtful")}).want(http.StatusOK))
	if d.Determination.Result == tocsin.ResultNotOwed || len(d.Determination.Rests) != 5 || d.Determination.Clause == "" {
		t.Errorf("the answer: %+v", d)
	}
	h.send("anna", "GET", "/v1/packs/none", nil).wantProblem(http.StatusNotFound, "pack")
	if h.size() != before {
		t.Error("asking was recorded")
	}
}

func TestAnAdministratorMakesUsersAndEndsThem(t *testing.T) {
	h := open(t, setup{})
	made := into[web.Token](h.send("adam", "POST", "/v1/users", map[string]any{"id": "nora", "name": "Nora New", "roles": []any{"analyst"}}).want(http.StatusCreated))
	h.tokens["nora"] = made.Token
	h.send("nora", "GET", "/v1/cases", nil).want(http.StatusOK)
	rotated := into[web.Token](h.send("adam", "POST", "/v1/users/nora/token", nil).want(http.StatusOK))
	h.send("nora", "GET", "/v1/cases", nil).wantProblem(http.StatusUnauthorized, "token")
	h.tokens["nora"] = rotated.Token
	h.send("nora", "GET", "/v1/cases", nil).want(http.StatusOK)
	all := h.send("adam", "POST", "/v1/users/nora/disable", nil).want(http.StatusOK)
	if !strings.Contains(string(all.body), `"disabled":true`) || strings.Contains(string(all.body), "tocsin_") || strings.Contains(string(all.body), "sha256:") {
		t.Errorf("the list: %s", all.body)
	}
	h.send("nora", "GET", "/v1/cases", nil).wantProblem(http.StatusUnauthorized, "token")
	h.send("adam", "POST", "/v1/users", map[string]any{"id": "nora", "name": "Nora Again", "roles": []any{"analyst"}}).wantProblem(http.StatusConflict, "user_exists")
	h.send("adam", "POST", "/v1/users", map[string]any{"id": "x", "name": "X", "roles": []any{"administrator", "analyst"}}).wantProblem(http.StatusUnprocessableEntity, "role_alone")
	h.send("adam", "POST", "/v1/users/nobody/token", nil).wantProblem(http.StatusNotFound, "user")
}

func TestTheSignedHeadOfTheRecordIsServedAsItIs(t *testing.T) {
	h := open(t, setup{})
	h.send("ivan", "GET", "/v1/checkpoint", nil).wantProblem(http.StatusNotFound, "checkpoint")
	signed := h.checkpointed()
	if got := h.send("adam", "GET", "/v1/checkpoint", nil).want(http.StatusOK); string(got.body) != string(signed) {
		t.Errorf("got %q, want %q", got.body, signed)
	}
}

func TestHealthNeedsNoTokenAndTellsNothing(t *testing.T) {
	h := open(t, setup{})
	got := h.send("", "GET", "/v1/health", nil).want(http.StatusOK)
	if strings.TrimSpace(string(got.body)) != `{"status":"ok","version":"test"}` {
		t.Errorf("got %s", got.body)
	}
	h.store.Close()
	h.send("", "GET", "/v1/health", nil).wantProblem(http.StatusServiceUnavailable, "record_unreadable")
}
