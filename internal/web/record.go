package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Health says that the program is there and can read its record.
type Health struct {
	Status  string `json:"status" enum:"ok"`
	Version string `json:"version"`
}

type (
	checkpointOut struct {
		Type string `header:"Content-Type"`
		Body []byte
	}
	healthOut struct{ Body Health }
)

func (a *API) record() {
	handle(a, operation{id: "get-checkpoint", method: http.MethodGet, path: "/v1/checkpoint", tag: "record", summary: "The newest signed head of the record",
		doc: "A signed note in the form of C2SP tlog-checkpoint.", who: allRoles}, a.checkpoint)
	huma.Register(a.huma, huma.Operation{OperationID: "get-health", Method: http.MethodGet, Path: "/v1/health", Tags: []string{"record"}, Summary: "Is it there?",
		Description: "Needs no token, and tells nothing but this.", Security: []map[string][]string{},
		Responses: map[string]*huma.Response{"default": problemResponse()}, Middlewares: huma.Middlewares{a.anonymous}}, a.health)
}

// anonymous lets a request without a token through.
func (a *API) anonymous(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	next(huma.WithValue(ctx, callKey{}, call{w: w, r: r}))
}

func (a *API) checkpoint(ctx context.Context, _ call, _ *struct{}) (*checkpointOut, error) {
	b, err := a.cfg.Store.Log().Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, newProblem(http.StatusNotFound, "checkpoint", "No checkpoint has been made yet.", "", "Ask again later, or have the operator set up a signing key.")
	}
	return &checkpointOut{"text/plain; charset=utf-8", b}, nil
}

func (a *API) health(ctx context.Context, _ *struct{}) (*healthOut, error) {
	if _, err := a.cfg.Store.Log().Size(ctx); err != nil {
		a.cfg.Log.Error("the record cannot be read", "cause", err)
		return nil, newProblem(http.StatusServiceUnavailable, "record_unreadable", "The record cannot be read.", "", "See the runbook.").with("Retry-After", "5")
	}
	return &healthOut{Health{"ok", a.cfg.Version}}, nil
}
