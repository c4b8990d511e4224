package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tocsin"
)

const problemType = "application/problem+json"

// Problem is an RFC 9457 problem: the form of every error answer.
type Problem struct {
	Type       string       `json:"type" doc:"A URN that ends in the code"`
	Title      string       `json:"title" doc:"What kind of problem it is; the same for every occurrence"`
	Status     int          `json:"status" doc:"The HTTP status"`
	Detail     string       `json:"detail" doc:"What happened"`
	Instance   string       `json:"instance,omitempty" doc:"For a fault of the program: the id under which it stands in the log"`
	Code       string       `json:"code" doc:"A stable word for programs"`
	Kept       string       `json:"kept,omitempty" doc:"What was kept"`
	Do         string       `json:"do,omitempty" doc:"What to do next"`
	Quarantine string       `json:"quarantine,omitempty" doc:"For a report that could not be read: where it is kept"`
	Errors     []FieldError `json:"errors,omitempty" doc:"What is wrong, and where, if it is a part of the request"`

	header http.Header
}

// FieldError says what is wrong with one part of a request. It never repeats
// what was sent.
type FieldError struct {
	Where string `json:"where" doc:"Such as body.victim.name or query.limit"`
	What  string `json:"what"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemType }

const nothingKept = "Nothing was recorded."

// maxDetail bounds a sentence, in bytes.
const maxDetail = 2000

// quoted matches what the inner packages quote in a sentence: a value that was
// sent, which may be the very name that must not be in a log or a proxy.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

func newProblem(status int, code, detail, kept, do string) *Problem {
	detail = quoted.ReplaceAllLiteralString(detail, `"…"`)
	if len(detail) > maxDetail {
		detail = strings.ToValidUTF8(detail[:maxDetail], "") + "…"
	}
	return &Problem{Type: "urn:tocsin:problem:" + code, Title: titleOf(status), Status: status, Detail: detail, Code: code, Kept: kept, Do: do}
}

func (p *Problem) with(name, value string) *Problem {
	if p.header == nil {
		p.header = http.Header{}
	}
	p.header.Set(name, value)
	return p
}

func titleOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "The request could not be read"
	case http.StatusUnauthorized:
		return "A token is needed"
	case http.StatusForbidden:
		return "This person may not do this"
	case http.StatusConflict:
		return "This step is not allowed now"
	case http.StatusPreconditionFailed:
		return "The case has moved on"
	case http.StatusUnprocessableEntity:
		return "The input is wrong"
	case http.StatusServiceUnavailable:
		return "Not possible just now"
	case http.StatusInternalServerError:
		return "A fault of the program"
	}
	return http.StatusText(status)
}

// statusOf is the one place where kinds of errors become statuses; see the
// package comment.
func statusOf(e *tocsin.Error) int {
	switch e.Kind {
	case tocsin.Invalid:
		return http.StatusUnprocessableEntity
	case tocsin.Forbidden:
		return http.StatusForbidden
	case tocsin.Refused:
		return http.StatusConflict
	case tocsin.NotFound:
		return http.StatusNotFound
	case tocsin.Conflict:
		if e.Code == "case_moved_on" {
			return http.StatusPreconditionFailed
		}
		return http.StatusConflict
	case tocsin.TooLarge:
		return http.StatusRequestEntityTooLarge
	case tocsin.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// problem turns any error into the form in which it is answered. What is not
// meant for a person goes to the log and not to the client.
func (a *API) problem(r *http.Request, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var told *tocsin.Error
	switch {
	case errors.As(err, &told) && statusOf(told) != http.StatusInternalServerError:
		p = newProblem(statusOf(told), told.Code, told.What, told.Kept, told.Do)
		if r.Method != http.MethodGet {
			p.Errors = wrongParts(told.Fields, p.Detail)
		}
		if p.Kept == "" && told.Kind != tocsin.Unavailable && r.Method != http.MethodGet {
			p.Kept = nothingKept // an error of these kinds means that nothing happened
		}
		if told.Kind == tocsin.Unavailable {
			p.with("Retry-After", "1")
			a.cfg.Log.Error("request not served", "code", told.Code, "method", r.Method, "route", r.Pattern, "cause", told.Cause)
		}
		return p
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return newProblem(http.StatusServiceUnavailable, "interrupted", "The request was interrupted.", "It is not known whether anything was recorded.",
			"Look first, or send it again under the same Idempotency-Key.").with("Retry-After", "1")
	}
	return a.fault(r, "error", err)
}

// fault is the bland answer to what should not happen.
func (a *API) fault(r *http.Request, attr string, cause any) *Problem {
	id := strings.ToLower(rand.Text()[:12])
	a.cfg.Log.Error("fault of the program", "id", id, "method", r.Method, "route", r.Pattern, attr, fmt.Sprint(cause))
	p := newProblem(http.StatusInternalServerError, "fault", "The program failed on this request.", "It is not known whether anything was recorded.",
		"Look first. If it goes on, give the operator the id "+id+": it stands in the log.")
	p.Instance = "urn:tocsin:fault:" + id
	return p
}

// write answers with p outside of the library's own path.
func (p *Problem) write(w http.ResponseWriter) {
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(p) // a client that has gone needs no answer
}

// recast turns the library's own errors into Problems. The library's carry the
// values that they refuse; these do not.
func (a *API) recast(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		return newProblem(m.Status, "body_too_large", fmt.Sprintf("The body is larger than %d bytes.", a.cfg.Limits.Body), nothingKept, "Send less at a time."), nil
	case http.StatusUnsupportedMediaType:
		return newProblem(m.Status, "media_type", "The body is not of a media type that this operation takes.", nothingKept, "Send application/json."), nil
	case http.StatusRequestTimeout:
		return newProblem(m.Status, "too_slow", "The body did not arrive in time.", nothingKept, "Send it again."), nil
	case http.StatusBadRequest:
		p := newProblem(m.Status, "malformed", "The body is not what this operation takes.", nothingKept, "Send one JSON object as /v1/openapi.json describes it.")
		p.Errors = fieldErrors(m.Errors)
		return p, nil
	case http.StatusUnprocessableEntity:
		p := newProblem(m.Status, "request_form", "The request does not have the form that this operation takes.", nothingKept, "Correct what errors names; /v1/openapi.json describes the form.")
		p.Errors = fieldErrors(m.Errors)
		return p, nil
	}
	return newProblem(m.Status, "request_failed", "The request could not be read to its end.", nothingKept, "Send it again."), nil
}

const maxFieldErrors = 20

func fieldErrors(details []*huma.ErrorDetail) []FieldError {
	var out []FieldError
	for _, d := range details {
		if d == nil {
			continue
		}
		out = append(out, FieldError{Where: plainPath(d.Location), What: plainMessage(d.Message)})
		if len(out) == maxFieldErrors {
			break
		}
	}
	slices.SortStableFunc(out, func(x, y FieldError) int { return strings.Compare(x.Where, y.Where) })
	return out
}

// wrongParts says of an error which parts of the body it is about. A name that may be
// content is left out; the error itself stands in the detail in any case.
func wrongParts(fields []string, what string) []FieldError {
	var out []FieldError
	for _, f := range fields {
		if at := plainPath("body." + f); at == "body."+f && len(out) < maxFieldErrors {
			out = append(out, FieldError{Where: at, What: what})
		}
	}
	return out
}

// plainPath keeps the path to a field. A path may hold a name that was sent and
// is not one of ours, which may be content as well as a slip of the pen; a name
// that is not in the form of ours is left out.
func plainPath(s string) string {
	where, rest, _ := strings.Cut(s, ".")
	switch {
	case !slices.Contains([]string{"body", "query", "header", "path"}, where):
		return "body"
	case where == "header" || (len(rest) <= 120 && !strings.ContainsFunc(rest, notOurs)):
		return s // headers are looked up by our own names only
	}
	return where + ".(a name that does not exist here)"
}

func notOurs(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("._[]", r)
}

// plainMessage lets through the library's fixed sentences and our own, and
// nothing that quotes what was sent.
func plainMessage(s string) string {
	for _, start := range []string{"expected ", "required ", "unexpected property", "unknown query parameter", "invalid integer", "invalid boolean", "invalid date/time", "not ", "a field "} {
		if strings.HasPrefix(s, start) {
			s, _, _ = strings.Cut(s, ": ")
			return s
		}
	}
	return "it could not be read"
}

// guarded puts around h what holds for every answer: nothing is cached, no type
// is guessed, and a panic is a fault of the program, not an empty answer.
func (a *API) guarded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Cache-Control", "no-store")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		seen := &answer{ResponseWriter: w}
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it in the same way
				panic(v)
			}
			a.cfg.Log.Error("panic", "stack", string(debug.Stack()))
			p := a.fault(r, "panic", v)
			if seen.begun {
				panic(http.ErrAbortHandler) // an answer that breaks off must not look whole
			}
			p.write(w)
		}()
		h.ServeHTTP(seen, r)
	})
}

// answer notes whether an answer has begun.
type answer struct {
	http.ResponseWriter
	begun bool
}

func (w *answer) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *answer) Write(b []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *answer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// elsewhere answers for paths and methods that do not exist.
func (a *API) elsewhere(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/v1/") {
		if _, err := a.authenticate(r); err != nil {
			a.denied(r, "", err)
			a.problem(r, err).write(w)
			return
		}
	}
	var allow []string
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe := *r
		probe.Method = m
		if _, pattern := a.mux.Handler(&probe); pattern != "/" {
			allow = append(allow, m)
		}
	}
	if len(allow) > 0 {
		newProblem(http.StatusMethodNotAllowed, "method", "This path does not take that method.", nothingKept, "Use "+strings.Join(allow, " or ")+".").
			with("Allow", strings.Join(allow, ", ")).write(w)
		return
	}
	newProblem(http.StatusNotFound, "path", "There is nothing at this path.", nothingKept, "See /v1/openapi.json for what there is.").write(w)
}
