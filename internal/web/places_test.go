package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tocsin/geo"
)

func TestThePlacesOfANameAreListed(t *testing.T) {
	h := open(t, setup{})
	for name, least := range map[string]int{"Springfield": 20, "Springfield, Illinois": 1, "کرمان": 1, "nowhere at all": 0, "": 0} {
		var got struct {
			Items  []geo.Place `json:"items"`
			Source string      `json:"source"`
		}
		r := h.send("anna", "GET", "/v1/places?name="+url.QueryEscape(name), nil).want(http.StatusOK)
		if err := json.Unmarshal(r.body, &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Items) < least || least == 0 && (got.Items == nil || len(got.Items) > 0) || got.Source == "" {
			t.Errorf("%s: %s", name, r.body)
		}
		for _, p := range got.Items {
			if p.Name == "" || p.Country == "" || p.Lat == 0 || p.Lon == 0 {
				t.Errorf("%s: %+v", name, p)
			}
		}
	}
	h.send("anna", "GET", "/v1/places?name="+strings.Repeat("x", 201), nil).wantProblem(http.StatusUnprocessableEntity, "request_form")
}
