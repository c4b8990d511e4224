package web_test

import (
	"net/http"
	"sort"
	"strings"
	"testing"
	"time"

	"tocsin/internal/web"
	"tocsin/view"
)

// furnished is a house with something behind every path of the description, and
// what to put into each path.
func furnished(t *testing.T) (*house, map[string]string) {
	h := open(t, setup{})
	id := h.released()
	held := h.send("ines", "POST", "/v1/reports", []byte(`{"CANARY-HELD`), "Content-Type", "application/json").wantProblem(http.StatusUnprocessableEntity, "json_syntax").Quarantine
	h.checkpointed()
	return h, map[string]string{"/v1/reports/{id}": "report-1", "/v1/quarantine/{id}": held, "/v1/cases/{id}": string(id), "{warning}": "w1",
		"/v1/deliveries/{key}": string(h.waiting("dele")[0].Key), "/v1/recipients/{id}": "town", "/v1/packs/{name}": "icd-191", "/v1/users/{id}": "remo"}
}

// fill puts real names into a path of the description.
func fill(path string, names map[string]string) string {
	var prefixes []string
	for p := range names {
		prefixes = append(prefixes, p)
	}
	sort.Strings(prefixes)
	for _, p := range prefixes {
		if strings.HasPrefix(p, "/") && strings.HasPrefix(path, p) {
			path = p[:strings.Index(p, "{")] + names[p] + strings.TrimPrefix(path, p)
		}
	}
	return strings.ReplaceAll(path, "{warning}", names["{warning}"])
}

// noChange are the operations that are not GET and change nothing.
var noChange = map[string]bool{"determine": true, "search-unlogged": true}

func TestEveryOperationRefusesARequestWithoutAToken(t *testing.T) {
	h, names := furnished(t)
	before := h.size()
	n := 0
	for _, op := range described(t, h).operations() {
		if op.id == "get-health" {
			continue
		}
		n++
		r := h.send("", op.method, fill(op.path, names), nil)
		r.wantProblem(http.StatusUnauthorized, "no_token")
		if r.header.Get("WWW-Authenticate") == "" || strings.Contains(string(r.body), "CANARY") {
			t.Errorf("%s: %v %s", op.id, r.header, r.body)
		}
	}
	if n < 50 || h.size() != before {
		t.Errorf("%d operations, %d records more", n, h.size()-before)
	}
}

func TestAnInspectorReadsAllAndChangesNothing(t *testing.T) {
	h, names := furnished(t)
	before := h.size()
	reads, writes := 0, 0
	for _, op := range described(t, h).operations() {
		path := fill(op.path, names)
		switch {
		case op.tag == "users":
			h.send("ivan", op.method, path, nil).wantAnyProblem()
		case op.id == "stream-events":
		case op.method == "GET":
			reads++
			if op.id == "search" {
				path += "?q=market"
			}
			h.send("ivan", op.method, path, nil).want(http.StatusOK)
		case !noChange[op.id]:
			writes++
			h.send("ivan", op.method, path, map[string]any{}).wantProblem(http.StatusForbidden, "inspector_changes_nothing")
		}
	}
	if reads < 15 || writes < 35 {
		t.Errorf("only %d reads and %d writes were tried", reads, writes)
	}
	h.send("ivan", "GET", "/v1/cases/"+names["/v1/cases/{id}"]+"?grades=show", nil).want(http.StatusOK)
	for r, err := range h.store.Since(t.Context(), before) {
		if err != nil || r.Actor != "ivan" || r.Kind != view.Looked {
			t.Errorf("an inspector has changed the record: %s %s by %s, %v", r.Stream, r.Kind, r.Actor, err)
		}
	}
}

// outsiders may not see cases. What each of them gets is listed here, and
// nothing else is served to them.
var outsiders = map[string][]string{
	"adam":        {"list-packs", "get-pack", "determine", "list-users", "add-user", "rotate-token", "disable-user", "get-checkpoint", "get-health"},
	"dele":        {"receive-report", "search", "search-unlogged", "list-deliveries", "get-delivery", "confirm-delivery", "record-service", "record-not-found", "acknowledge", "list-packs", "get-pack", "determine", "get-checkpoint", "get-health"},
	"remo":        {"receive-report", "search", "search-unlogged", "get-report", "get-report-raw", "get-quarantine-item", "get-quarantine-item-raw", "attach-report", "list-packs", "get-pack", "determine", "get-checkpoint", "get-health"},
	"town.system": {"search", "search-unlogged", "list-deliveries", "get-delivery", "acknowledge", "get-checkpoint", "get-health"},
}

func TestWhoHasNoBusinessWithCasesSeesNothingOfThem(t *testing.T) {
	h, names := furnished(t)
	operations := described(t, h).operations()
	for who, served := range outsiders {
		t.Run(who, func(t *testing.T) {
			h.t = t
			before := h.size()
			got := map[string]bool{}
			for _, op := range operations {
				if who == "adam" && (op.id == "rotate-token" || op.id == "disable-user") {
					got[op.id] = true // shown elsewhere; here it would end somebody's token
					continue
				}
				r := h.send(who, op.method, fill(op.path, names), body(op))
				if strings.Contains(string(r.body), "CANARY") {
					t.Errorf("%s shows %s", op.id, r.body)
				}
				if r.status != http.StatusForbidden {
					got[op.id] = true
				}
			}
			for _, id := range served {
				if !got[id] {
					t.Errorf("%s is refused", id)
				}
				delete(got, id)
			}
			for id := range got {
				t.Errorf("%s is served", id)
			}
			if added := h.size() - before; who != "adam" && added != 0 && (added != 1 || who == "town.system") {
				t.Errorf("%d records were added", added)
			}
		})
	}
}

// body is what to send to an operation that takes a body: not enough for any
// command, and for a report some words.
func body(op describedOp) any {
	switch {
	case op.method == "GET":
		return nil
	case op.id == "receive-report":
		return []byte("A few words.")
	}
	return map[string]any{}
}

func TestAReporterSeesTheirOwnReportsAndNoMore(t *testing.T) {
	h := open(t, setup{})
	const path = "/v1/reports?source_key=k1&origin=ORCHID"
	full := into[web.Received](h.send("anna", "POST", path+"&conveyor=CANARY-CONVEYOR", []byte("They will do it on Friday."), "Content-Type", "text/plain").want(http.StatusCreated))
	mine := h.report("rosa", "What I have heard.")
	h.send("rosa", "GET", "/v1/reports/"+string(mine.ID), nil).want(http.StatusOK)
	h.send("rosa", "GET", "/v1/reports/"+string(mine.ID)+"/raw", nil).want(http.StatusOK)
	h.send("remo", "GET", "/v1/reports/"+string(mine.ID), nil).wantProblem(http.StatusNotFound, "report")
	h.send("rosa", "GET", "/v1/reports/"+string(full.ID), nil).wantProblem(http.StatusNotFound, "report")

	// Sending what somebody else has sent tells a reporter only that it is there.
	r := h.send("rosa", "POST", path, []byte("They will do it on Friday."), "Content-Type", "text/plain").want(http.StatusOK)
	if got := into[web.Received](r); got.ID != full.ID || got.Origin != "" || got.Text != "" || strings.Contains(string(r.body), "CANARY") {
		t.Errorf("the answer: %s", r.body)
	}

	id := h.opened()
	a := into[web.Answer](h.send("rosa", "POST", "/v1/cases/"+string(id)+"/reports", map[string]any{"report": mine.ID}).want(http.StatusOK))
	if len(a.Events) != 0 || len(a.Allowed) != 0 || a.Summary != nil {
		t.Errorf("a reporter who joins a report is shown %+v", a)
	}
	h.send("rosa", "POST", "/v1/cases/"+string(id)+"/reports", map[string]any{"report": full.ID}).wantProblem(http.StatusNotFound, "report")
}

// How to come to a victim safely is for whoever goes there, and never for a recipient:
// somebody else may read what reaches them.
func TestCareIsShownToADelivererAndToNoRecipient(t *testing.T) {
	h := open(t, setup{})
	id := h.released()
	v := h.caseView("anna", id, "").State.Victims[0].Victim
	v.Safety = "His brother answers the telephone."
	h.command("anna", id, "correct-victim", map[string]any{"victim": v, "reason": "The caller said so."})
	h.clock.Pass(5 * time.Hour)
	h.settle()
	tasks := 0
	for _, d := range h.waiting("dele") {
		if len(d.Care) != 1 || d.Care[0].Words != v.Safety {
			t.Errorf("a deliverer is shown %+v", d.Care)
		}
		if d.Script != "" {
			tasks++
			if !strings.Contains(d.Script, v.Safety) {
				t.Errorf("the sheet to take along is\n%s", d.Script)
			}
		}
	}
	if tasks == 0 {
		t.Error("nothing waits to be given in person")
	}
	for _, d := range h.waiting("town.system") {
		if len(d.Care) > 0 || strings.Contains(d.Script, v.Safety) {
			t.Errorf("a recipient's system is shown %+v and\n%s", d.Care, d.Script)
		}
	}
}

func TestARecipientsSystemSeesAndAnswersItsOwnDeliveriesOnly(t *testing.T) {
	h := open(t, setup{})
	id := h.released()
	at := "/v1/cases/" + string(id) + "/acknowledge"
	own := h.waiting("town.system")
	if len(own) != 1 || own[0].Text.Body == "" || own[0].Recipient != "town" {
		t.Fatalf("the town sees %+v", own)
	}
	if others := h.waiting("other.system"); len(others) != 0 {
		t.Fatalf("another recipient sees %+v", others)
	}
	ack := map[string]any{"delivery": own[0].Key, "answer": "received"}
	h.send("other.system", "GET", "/v1/deliveries/"+string(own[0].Key), nil).wantProblem(http.StatusNotFound, "delivery")
	there := h.send("other.system", "POST", at, ack).wantProblem(http.StatusNotFound, "delivery")
	nowhere := h.send("other.system", "POST", "/v1/cases/none/acknowledge", ack).wantProblem(http.StatusNotFound, "delivery")
	if there.Detail != nowhere.Detail || there.Do != nowhere.Do {
		t.Error("the answers tell a case that exists from one that does not")
	}
	h.send("town.system", "POST", at, ack).want(http.StatusOK)
	if again := h.waiting("town.system"); len(again) != 1 || again[0].State != "acknowledged" {
		t.Errorf("after its answer the town sees %+v", again)
	}
	if left := h.waiting("dele"); len(left) != 0 {
		t.Errorf("after the answer these still wait: %+v", left)
	}
	// What a GET does is shown, never done: a scanner that follows links acknowledges nothing.
	before := h.size()
	h.send("town.system", "GET", at, nil).wantProblem(http.StatusMethodNotAllowed, "method")
	if h.size() != before {
		t.Error("a GET was recorded")
	}
}

func TestTheSecondSignerIsBlindUntilTheyAskAndThatIsRecorded(t *testing.T) {
	h := open(t, setup{})
	id := h.opened()
	path := "/v1/cases/" + string(id)
	h.command("anna", id, "record-findings", map[string]any{"victim": "v1", "findings": findings("not_met")})
	h.command("anna", id, "propose-refusal", map[string]any{"victim": "v1", "ground": "below_threshold", "reason": "CANARY-FINDING: I do not believe it"})

	for _, where := range []string{"", "/events"} {
		r := h.send("rita", "GET", path+where, nil).want(http.StatusOK)
		if strings.Contains(string(r.body), "CANARY-FINDING") || strings.Contains(string(r.body), "not_met") {
			t.Errorf("the possible second signer is shown the grade at %q: %s", where, r.body)
		}
		if !strings.Contains(string(h.send("dora", "GET", path+where, nil).want(http.StatusOK).body), "CANARY-FINDING") {
			t.Errorf("a duty officer, who signs no refusals, is not shown the findings at %q", where)
		}
	}
	v := h.caseView("rita", id, "")
	if !v.GradesHidden || v.State.Victims[0].Refusal == nil {
		t.Errorf("a possible second signer must see that a refusal waits: %+v", v.State.Victims[0])
	}
	r := h.send("rita", "POST", path+"/review", map[string]any{"note": "looked"}).want(http.StatusOK)
	if strings.Contains(string(r.body), "CANARY-FINDING") {
		t.Errorf("the answer to a command shows the grade: %s", r.body)
	}

	// rudi asks to see. It is recorded before it is shown, and he cannot sign.
	before := h.size()
	if v := h.caseView("rudi", id, "?grades=show"); v.GradesHidden || len(v.State.Victims[0].Findings) != 5 {
		t.Errorf("having asked, rudi sees %+v", v.State.Victims[0])
	}
	h.caseView("rudi", id, "?grades=show")
	if h.size() != before+1 {
		t.Errorf("%d records for having seen the grade, want 1", h.size()-before)
	}
	sign := map[string]any{"victim": "v1", "agree": true, "reason": "neither do I", "grade": findings("not_met")}
	h.send("rudi", "POST", path+"/sign-refusal", sign).wantProblem(http.StatusForbidden, "signer_has_seen_grade")
	a := h.command("rita", id, "sign-refusal", sign)
	if a.Summary.Victims[0].Disposition != "not_owed" {
		t.Errorf("after the second signature: %+v", a.Summary.Victims)
	}
	h.send("sven", "POST", path+"/see-grade", nil).want(http.StatusOK)
	h.send("sven", "POST", path+"/see-grade", nil).wantProblem(http.StatusConflict, "grade_seen")
	if v := h.caseView("sven", id, ""); v.GradesHidden {
		t.Error("sven has said that he looks, and is not shown")
	}
}

func TestAnEndedTokenEndsAnEventStream(t *testing.T) {
	h := open(t, setup{limits: web.Limits{Beat: 5 * time.Millisecond}})
	s := h.follow("dora", "")
	if _, err := h.users.Rotate(t.Context(), "adam", "dora"); err != nil {
		t.Fatal(err)
	}
	if err := s.toEnd(); err != nil {
		t.Errorf("the stream ends with %v", err)
	}
}
