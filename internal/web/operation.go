package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tocsin"
	"tocsin/engine"
)

// operation is what is known of an operation besides its types.
type operation struct {
	id      string // stable for ever: clients are generated from it
	method  string
	path    string
	tag     string
	summary string
	doc     string
	who     []tocsin.Role // who gets as far as the handler
	changes bool          // it changes something, so an inspector does not
	status  int           // of success; 0 is 200
	also    []int         // further statuses of success, with the same content
	body    *huma.RequestBody
}

var tags = []*huma.Tag{
	{Name: "reports", Description: "Raw reports as received, and what could not be read."},
	{Name: "cases", Description: "Cases: everything about one threat."},
	{Name: "commands", Description: "What people do to a case. A command is accepted exactly when the case lists it as allowed for you."},
	{Name: "warnings", Description: "Words, guard and release."},
	{Name: "deliveries", Description: "What is going out, and who waits for whom."},
	{Name: "directory", Description: "Who can be warned, and how."},
	{Name: "places", Description: "Where places lie."},
	{Name: "oversight", Description: "What cases skipped, overran and took, computed from the record."},
	{Name: "search", Description: "Words, wherever they stand."},
	{Name: "packs", Description: "The policies."},
	{Name: "users", Description: "Who there is. For administrators."},
	{Name: "record", Description: "The append-only record, and its events as they happen."},
}

// handle registers an operation: nobody reaches f without a token whose roles
// the operation admits, and every error comes out as a Problem.
func handle[I, O any](a *API, op operation, f func(context.Context, call, *I) (*O, error)) {
	if op.status == 0 {
		op.status = http.StatusOK
	}
	h := huma.Operation{OperationID: op.id, Method: op.method, Path: op.path, Tags: []string{op.tag}, Summary: op.summary, Description: op.doc,
		DefaultStatus: op.status, MaxBodyBytes: int64(a.cfg.Limits.Body) + 1, BodyReadTimeout: a.cfg.Limits.Read, RequestBody: op.body,
		Middlewares: huma.Middlewares{a.admit(op)}, Security: []map[string][]string{{bearer: {}}},
		Responses: map[string]*huma.Response{"default": problemResponse()}}
	huma.Register(a.huma, h, func(ctx context.Context, in *I) (*O, error) {
		c := ctx.Value(callKey{}).(call) // admit has put it there
		out, err := f(ctx, c, in)
		if err != nil {
			a.denied(c.r, c.by.ID, err)
			return nil, a.problem(c.r, err)
		}
		return out, nil
	})
	for _, status := range op.also {
		h.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: h.Responses[strconv.Itoa(op.status)].Content}
	}
}

// admit authenticates and checks access before the body is read.
func (a *API) admit(op operation) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		by, err := a.authenticate(r)
		if err == nil {
			err = op.admits(by.Actor)
		}
		if err == nil {
			err = by.Admits(op.scope())
		}
		if slow := a.tooFast(r, by.Actor, op); slow != nil {
			slow.write(w)
			return
		}
		if err != nil {
			a.denied(r, by.Actor.ID, err)
			a.problem(r, err).write(w)
			return
		}
		next(huma.WithValue(ctx, callKey{}, call{by.Actor, w, r}))
	}
}

// Keyed is the input of writes that can be repeated.
type Keyed struct {
	Key string `header:"Idempotency-Key" maxLength:"200" pattern:"^[!-~]*$" patternDescription:"visible ASCII characters" doc:"Makes the write repeatable: the same content under the same key is done once"`
}

// OneCase names the case of a request.
type OneCase struct {
	ID tocsin.CaseID `path:"id" maxLength:"64" doc:"The case"`
}

// CaseWrite is the input of writes to a case.
type CaseWrite struct {
	OneCase
	Keyed
	Match string `header:"If-Match" maxLength:"40" doc:"Version of the case that you saw, as its ETag or as a number; it is refused with 412 if the case has moved on"`
}

// options binds an idempotency key to what is asked for. The engine answers a
// key that it knows with the first result, so a key that a client uses twice for
// different things would make the second vanish; bound to the content, the
// second is what it is, another command.
func (k Keyed) options(op string, content ...any) (engine.Options, error) {
	if k.Key == "" {
		return engine.Options{}, nil
	}
	b, err := json.Marshal(append([]any{op}, content...))
	if err != nil {
		return engine.Options{}, fmt.Errorf("bind idempotency key: %w", err)
	}
	return engine.Options{Idempotency: k.Key + "/" + string(tocsin.DigestOf(b))}, nil
}

func (w CaseWrite) options(op string, content any) (engine.Options, error) {
	o, err := w.Keyed.options(op, w.ID, content)
	if err != nil {
		return o, err
	}
	o.IfMatch, err = version(w.Match)
	return o, err
}

// etag is the entity tag of a version of a case.
func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// version reads If-Match: one entity tag, a bare number, or an asterisk, which
// is any version. Weak tags never match (RFC 9110, 13.1.1) and are refused.
func version(match string) (int, error) {
	if match == "" || match == "*" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.Trim(match, `"`))
	if err != nil || n < 1 || (match != etag(n) && match != strconv.Itoa(n)) {
		return 0, newProblem(http.StatusBadRequest, "if_match", "The header If-Match is not a version of a case.", nothingKept, `Send the ETag of the case as you saw it, such as "7", or leave the header out.`)
	}
	return n, nil
}

// Paged is the input of lists.
type Paged struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
	Cursor string `query:"cursor" maxLength:"64" doc:"Where the page before ended: its member next"`
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last"`
}

// PageOf is the answer of a list.
type PageOf[T any] struct{ Body Page[T] }

// cursors count from the beginning of lists that only grow at their end, so they
// stay good whatever comes in meanwhile.
const cursorPrefix = "before-"

// start is the index below which the page begins in a list of n items that is
// shown newest first.
func (p Paged) start(n int) (int, error) {
	if p.Cursor == "" {
		return n, nil
	}
	at, err := strconv.Atoi(strings.TrimPrefix(p.Cursor, cursorPrefix))
	if err != nil || !strings.HasPrefix(p.Cursor, cursorPrefix) || at < 0 || at > n {
		return 0, tocsin.Fault(tocsin.Invalid, "cursor", "The cursor is not one of this list.", "Begin again without a cursor.")
	}
	return at, nil
}

// page collects a page newest first: item(i) gives the item with index i, or
// false if it is not wanted.
func page[T any](p Paged, n int, item func(i int) (T, bool)) (Page[T], error) {
	out := Page[T]{Items: []T{}}
	at, err := p.start(n)
	if err != nil {
		return out, err
	}
	for at > 0 && len(out.Items) < p.Limit {
		at--
		if x, ok := item(at); ok {
			out.Items = append(out.Items, x)
		}
	}
	if at > 0 {
		out.Next = cursorPrefix + strconv.Itoa(at)
	}
	return out, nil
}
