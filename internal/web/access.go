package web

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/refusals"
)

// Who may see what (design section 8). Who may do what to a case is decided in
// package casefile; these lists only keep content from those who have no
// business with it.
var (
	// caseRoles see cases, reports and the directory whole.
	caseRoles = []tocsin.Role{tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer,
		tocsin.OriginatorLiaison, tocsin.ReleaseOfficer, tocsin.Reviewer, tocsin.Inspector}

	// reportRoles see reports: reporters their own.
	reportRoles = append(slices.Clone(caseRoles), tocsin.Reporter)

	// sendRoles hand reports in.
	sendRoles = append(slices.Clone(reportRoles), tocsin.Deliverer)

	// deliveryRoles see deliveries: a recipient its own.
	deliveryRoles = append(slices.Clone(caseRoles), tocsin.Deliverer, tocsin.RecipientRole)

	// attachRoles join a report to a case, which a reporter may do without seeing the case.
	attachRoles = reportRoles

	// adminRoles manage users.
	adminRoles = []tocsin.Role{tocsin.Administrator}

	// staffRoles see what is no secret within the organisation, such as the packs.
	staffRoles = append(slices.Clone(sendRoles), tocsin.Administrator)

	// allRoles are everybody with a token.
	allRoles = tocsin.Roles()
)

// readsCases reports whether by may see a case whole.
func readsCases(by tocsin.Actor) bool { return by.Has(caseRoles...) }

// call is one request: who makes it, and the request itself for the few
// operations that need more of it than their typed input.
type call struct {
	by tocsin.Actor
	w  http.ResponseWriter
	r  *http.Request
}

type callKey struct{}

// authenticate says who makes the request, from its bearer token.
func (a *API) authenticate(r *http.Request) (auth.Principal, error) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return auth.Principal{}, unauthenticated("no_token", "The request carries no token.", `Bearer realm="tocsin"`)
	}
	by, err := a.cfg.Users.Identify(strings.TrimSpace(token))
	if tocsin.KindOf(err) == tocsin.Forbidden {
		return auth.Principal{}, unauthenticated("token", "The token is not valid.", `Bearer realm="tocsin", error="invalid_token"`)
	}
	return by, err
}

// farEnd is the host at the other end of the connection.
func farEnd(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// denied notes that a request was refused for who makes it, or for what they may
// not do. What is not there for somebody counts: it may be there for others.
func (a *API) denied(r *http.Request, by tocsin.ActorID, err error) {
	n := refusals.Refusal{What: refusals.Role, User: by, Route: r.Pattern}
	var p *Problem
	var told *tocsin.Error
	switch {
	case errors.As(err, &p) && p.Status == http.StatusUnauthorized:
		n.What, n.Code = refusals.Token, p.Code
	case errors.As(err, &told) && (told.Kind == tocsin.Forbidden || told.Kind == tocsin.NotFound):
		n.Code = told.Code
	default:
		return
	}
	if by == "" {
		n.Address, n.Route = a.cfg.Address(r), ""
	}
	a.cfg.Refusals.Add(a.cfg.Engine.Now(), n)
}

func unauthenticated(code, what, challenge string) *Problem {
	return newProblem(http.StatusUnauthorized, code, what, nothingKept, "Send a token that is in force in the header Authorization: Bearer; an administrator makes one.").
		with("WWW-Authenticate", challenge)
}

// admits says why by may not call an operation, or nil. It is asked before
// anything of the request but its head is read.
func (op operation) admits(by tocsin.Actor) error {
	switch {
	case op.changes && by.Has(tocsin.Inspector):
		return tocsin.Fault(tocsin.Forbidden, "inspector_changes_nothing", "An inspector reads all and changes nothing.", "Ask the owner of the case.").Keeping(nothingKept)
	case !by.Has(op.who...):
		return tocsin.Faultf(tocsin.Forbidden, "no_access", "Ask somebody who has one of the roles that do.", "Your role does not give access to this (%s).", roleNames(by.Roles)).Keeping(nothingKept)
	}
	return nil
}

// scope is what a token must be good for to call an operation.
func (op operation) scope() auth.Scope {
	switch {
	case op.tag == "users":
		return auth.ScopeAdmin
	case !op.changes:
		return auth.ScopeRead
	case op.id == "receive-report":
		return auth.ScopeReport
	case slices.Contains(releases, op.id):
		return auth.ScopeRelease
	case slices.Contains(delivers, op.id):
		return auth.ScopeDeliver
	}
	return auth.ScopeWrite
}

// Operations whose tokens are told apart from those for other work on a case: by
// the first, words go out; the second are those of a deliverer or a recipient's
// system.
var (
	releases = []string{"approve-warning", "release-warning"}
	delivers = []string{"confirm-delivery", "record-service", "record-not-found", "acknowledge"}
)

func roleNames(roles []tocsin.Role) string {
	var names []string
	for _, r := range roles {
		names = append(names, strings.ReplaceAll(string(r), "_", " "))
	}
	return strings.Join(names, ", ")
}

// notFound is the one answer for what does not exist and for what this person
// may not know to exist.
func notFound(what string) error {
	return tocsin.Fault(tocsin.NotFound, what, fmt.Sprintf("There is no such %s that you may see.", what), "Look at the list of those you may see.")
}
