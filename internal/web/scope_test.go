package web_test

import (
	"net/http"
	"testing"
	"time"

	"tocsin"
	"tocsin/internal/auth"
)

// scopeOf names, for operations of every group, the one scope that lets a token
// through; a token with all the others is refused before anything is read.
var scopeOf = map[string]auth.Scope{
	"list-cases": auth.ScopeRead, "get-case": auth.ScopeRead, "get-report-raw": auth.ScopeRead, "list-deliveries": auth.ScopeRead, "get-checkpoint": auth.ScopeRead,
	"list-flags": auth.ScopeRead, "list-set-aside": auth.ScopeRead, "get-set-aside": auth.ScopeRead, "set-report-aside": auth.ScopeWrite, "confirm-set-aside": auth.ScopeWrite, "take-up-report": auth.ScopeWrite,
	"list-sealed-reads": auth.ScopeRead, "flag-report": auth.ScopeWrite, "list-packs": auth.ScopeRead, "determine": auth.ScopeRead, "preview-guard": auth.ScopeRead, "receive-report": auth.ScopeReport,
	"open-case": auth.ScopeWrite, "attach-report": auth.ScopeWrite, "draft-warning": auth.ScopeWrite, "set-recipient": auth.ScopeWrite, "decide-waiver": auth.ScopeWrite,
	"approve-warning": auth.ScopeRelease, "release-warning": auth.ScopeRelease,
	"confirm-delivery": auth.ScopeDeliver, "acknowledge": auth.ScopeDeliver, "record-service": auth.ScopeDeliver, "record-not-found": auth.ScopeDeliver,
	"list-users": auth.ScopeAdmin, "add-user": auth.ScopeAdmin, "rotate-token": auth.ScopeAdmin, "disable-user": auth.ScopeAdmin,
}

func TestATokenIsGoodForItsScopesAlone(t *testing.T) {
	h, names := furnished(t)
	holders := map[string]tocsin.ActorID{"users": "adam"}
	if _, err := h.users.Add(t.Context(), auth.Local, auth.User{ID: "many", Name: "Many Roles", Roles: []tocsin.Role{tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer,
		tocsin.SeniorOfficer, tocsin.OriginatorLiaison, tocsin.ReleaseOfficer, tocsin.Reviewer, tocsin.Deliverer, tocsin.Reporter}}); err != nil {
		t.Fatal(err)
	}
	token := func(user tocsin.ActorID, scopes ...auth.Scope) string {
		secret, _, err := h.users.MakeToken(t.Context(), "adam", auth.TokenRequest{User: user, Scopes: scopes, Life: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	tried := map[string]bool{}
	for _, op := range described(t, h).operations() {
		scope, ok := scopeOf[op.id]
		if !ok {
			continue
		}
		tried[op.id] = true
		user, there := holders[op.tag]
		if !there {
			user = "many"
		}
		var others []auth.Scope
		for _, s := range auth.Scopes() {
			if s != scope {
				others = append(others, s)
			}
		}
		before := h.size()
		h.tokens["trial"] = token(user, others...)
		h.send("trial", op.method, fill(op.path, names), body(op)).wantProblem(http.StatusForbidden, "scope")
		if h.size() != before+1 { // the token
			t.Errorf("%s: something was written", op.id)
		}
		if op.id == "rotate-token" || op.id == "disable-user" {
			continue // shown elsewhere; here it would end somebody's token
		}
		h.tokens["trial"] = token(user, scope)
		if r := h.send("trial", op.method, fill(op.path, names), body(op)); r.status == http.StatusForbidden || r.status == http.StatusUnauthorized {
			t.Errorf("%s with the scope %s: %d %s", op.id, scope, r.status, r.body)
		}
	}
	for id := range scopeOf {
		if !tried[id] {
			t.Errorf("there is no operation %s", id)
		}
	}
}
