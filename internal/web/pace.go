package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tocsin"
	"tocsin/internal/auth/refusals"
)

// tooFast counts a request, and is the answer to it if it is one too many. by is
// nobody if its token is not good: then the address is counted.
func (a *API) tooFast(r *http.Request, by tocsin.Actor, op operation) *Problem {
	now, n := a.cfg.Engine.Now(), refusals.Refusal{What: refusals.TooFast}
	var wait time.Duration
	if by.ID != "" {
		wait = a.cfg.Pace.Person(now, string(by.ID), op.changes)
		n.User, n.Route = by.ID, r.Pattern
	} else if a.cfg.Pace != nil {
		n.Address = a.cfg.Address(r)
		wait = a.cfg.Pace.Stranger(now, n.Address)
	}
	if wait <= 0 {
		return nil
	}
	if a.exigent(r, by, op) {
		n.Code = "let_through"
		a.cfg.Refusals.Add(now, n)
		return nil
	}
	a.cfg.Refusals.Add(now, n)
	seconds := int((wait + time.Second - 1) / time.Second)
	return newProblem(http.StatusTooManyRequests, "too_fast", "More requests have come than this server takes from one side.", nothingKept,
		fmt.Sprintf("Wait %d seconds, and send it again; under the same Idempotency-Key, if it has one.", seconds)).with("Retry-After", strconv.Itoa(seconds))
}

// exigent reports whether a request is about a case whose exigent path is open, or
// opens it: then there is no time to wait for a limit.
func (a *API) exigent(r *http.Request, by tocsin.Actor, op operation) bool {
	if by.ID == "" || !strings.HasPrefix(op.path, "/v1/cases/{id}") {
		return false
	}
	s, err := a.cfg.Engine.CaseAs(by, tocsin.CaseID(r.PathValue("id")))
	return err == nil && (s.Exigent != nil || op.id == "invoke-exigent")
}
