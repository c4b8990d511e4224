package web

import (
	"context"
	"net/http"

	"tocsin/geo"
)

type (
	placesIn struct {
		Name string `query:"name" maxLength:"200" doc:"The name, in any script; without one there is nothing to find. A region or country beside it narrows the list, such as Springfield, Illinois"`
	}
	placesOut struct {
		Body struct {
			Items  []geo.Place `json:"items" nullable:"false" doc:"Every place of that name that the gazetteer has, the most populous first"`
			Source string      `json:"source" doc:"Whom to name where the places are shown"`
		}
	}
)

func (a *API) places() {
	handle(a, operation{id: "list-places", method: http.MethodGet, path: "/v1/places", tag: "places", summary: "Where places of a name lie",
		doc: "From the gazetteer in the program; nothing is asked of the network. An empty list means that the gazetteer knows no such place, not that there is none.",
		who: caseRoles}, a.listPlaces)
}

func (a *API) listPlaces(_ context.Context, _ call, in *placesIn) (*placesOut, error) {
	out := &placesOut{}
	out.Body.Items, out.Body.Source = filled(geo.Candidates(in.Name)), geo.Attribution
	return out, nil
}
