package main

import (
	"encoding/json"
	"strings"
	"testing"

	"tocsin/geo"
)

func TestAPlaceIsLookedUpWithoutARecord(t *testing.T) {
	d := desk{t: t}
	for _, c := range []struct {
		args      []string
		code      int
		out, talk string
	}{
		{[]string{"place", "Springfield,", "Illinois"}, 0, "39.8020° N, 89.6440° W", "GeoNames"},
		{[]string{"place", "Nowhere At All"}, 0, "", "knows no place called"},
		{[]string{"place", "30.28N 57.08E"}, 0, "", "is in Iran"},
		{[]string{"place"}, 2, "", "usage: tocsin place NAME"},
	} {
		got := d.run("", c.args...)
		if got.code != c.code || !strings.Contains(got.out, c.out) || !strings.Contains(got.err, c.talk) || c.out == "" && got.out != "" {
			t.Errorf("%v: %+v", c.args, got)
		}
	}
	var all []geo.Place
	if got := d.run("", "place", "Springfield", "--json"); json.Unmarshal([]byte(got.out), &all) != nil || len(all) < 20 {
		t.Errorf("%+v", got)
	}
	if got := d.run("", "place", "Nowhere At All", "--json"); strings.TrimSpace(got.out) != "[]" {
		t.Errorf("%q", got.out)
	}
}
