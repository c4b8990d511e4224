package web

import (
	"context"
	"net/http"

	"tocsin"
	"tocsin/search"
	"tocsin/view"
)

// SearchQuery is what is searched for.
type SearchQuery struct {
	Q      string       `json:"q" query:"q" required:"true" doc:"Words, or their beginnings; all of them must be there. Between double quotes they stand in a row. At most 400 bytes and 12 words"`
	Kind   view.HitKind `json:"kind,omitempty" query:"kind" required:"false" enum:"case,warning,report,delivery,recipient" doc:"Only what is of this kind"`
	Limit  int          `json:"limit,omitempty" query:"limit" required:"false" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
	Cursor string       `json:"cursor,omitempty" query:"cursor" required:"false" maxLength:"300" doc:"Where the page before ended: its member next"`
	_      struct{}     `additionalProperties:"false"`
}

// SearchPage is one page of what was found.
type SearchPage struct {
	Page[view.Hit]
	Counts map[view.HitKind]int `json:"counts" doc:"How much was found of each kind, whatever kind was asked for"`
}

type (
	searchIn     struct{ SearchQuery }
	searchPostIn struct{ Body SearchQuery }
	searchOut    struct{ Body SearchPage }
)

// searchRoles find something: what is theirs, at least.
var searchRoles = append(append([]tocsin.Role{}, deliveryRoles...), tocsin.Reporter)

func (a *API) search() {
	const doc = "The newest first. Letters are folded: case, accents, Arabic and Persian forms. You find what you may see: reporters what they handed in, deliverers " +
		"what waits to be delivered, a recipient's system what has gone to it."
	handle(a, operation{id: "search", method: http.MethodGet, path: "/v1/search", tag: "search", summary: "Search reports, cases, warnings, deliveries and the directory",
		doc: doc + " The words stand in the address, which what lies between may log; POST keeps them out of it.", who: searchRoles},
		func(_ context.Context, c call, in *searchIn) (*searchOut, error) { return a.found(c, in.SearchQuery) })
	handle(a, operation{id: "search-unlogged", method: http.MethodPost, path: "/v1/search", tag: "search", summary: "Search, with the words in the body",
		doc: doc + " It changes nothing.", who: searchRoles},
		func(_ context.Context, c call, in *searchPostIn) (*searchOut, error) { return a.found(c, in.Body) })
}

func (a *API) found(c call, in SearchQuery) (*searchOut, error) {
	q, err := search.Parse(in.Q)
	if err != nil {
		return nil, err
	}
	out := &searchOut{}
	a.cfg.Engine.Read(func(x *view.Index) {
		f := x.Find(q, view.Seeker{By: c.by, Whole: readsCases(c.by)})
		out.Body.Counts = f.Counts()
		out.Body.Items, out.Body.Next, err = f.Page(in.Kind, in.Cursor, in.Limit)
	})
	if out.Body.Items == nil {
		out.Body.Items = []view.Hit{}
	}
	return out, err
}
