package casefile_test

import (
	"math"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
)

var illinois = tocsin.Whereabouts{Words: "Springfield", Name: "Springfield", Country: "US", Region: "Illinois", Lat: 39.802, Lon: -89.644}

func located(all ...tocsin.Whereabouts) casefile.StateThreat {
	h := threat(time.Time{})
	h.Place, h.Whereabouts = tocsin.Claim{Text: "Springfield"}, all
	return casefile.StateThreat{Threat: h}
}

// To say which Springfield is meant adds no information about the threat, and
// undoes nothing. To say that it was another is another threat.
func TestWhereAPlaceLiesCanBeSaidAndIsNewsOnlyIfItWasSaidOtherwise(t *testing.T) {
	w := notOwed(t)
	h := w.s.Threat
	h.Place = tocsin.Claim{Text: "Springfield"}
	w.do(ana, casefile.StateThreat{Threat: h})
	w.do(dina, casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseBelow, Reason: "nothing is specific"})
	said := h
	said.Whereabouts = []tocsin.Whereabouts{illinois}
	want(t, w.do(ana, casefile.StateThreat{Threat: said}), "threat_stated")
	is(t, "who said so", w.s.Threat.Whereabouts[0].By, ana.ID)
	want(t, w.do(dina, casefile.StateThreat{Threat: said}), "threat_stated")
	is(t, "who said so first", w.s.Threat.Whereabouts[0].By, ana.ID)
	if w.v("v1").Refusal == nil {
		t.Fatal("to say which place is meant ended a refusal")
	}
	other := said
	other.Whereabouts = []tocsin.Whereabouts{{Words: "Springfield", Name: "Springfield", Country: "US", Region: "Massachusetts", Lat: 42.101, Lon: -72.59}}
	if got := w.do(sara, casefile.StateThreat{Threat: other}); !has(got, "refusal_ended") {
		t.Errorf("a refusal that was about another Springfield stands: %v", kinds(got))
	}
	is(t, "who said otherwise", w.s.Threat.Whereabouts[0].By, sara.ID)
}

func TestAChoiceThatIsTakenBackIsNews(t *testing.T) {
	w := notOwed(t)
	h := w.s.Threat
	h.Place, h.Whereabouts = tocsin.Claim{Text: "Springfield"}, []tocsin.Whereabouts{illinois}
	w.do(ana, casefile.StateThreat{Threat: h})
	w.do(dina, casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseBelow, Reason: "nothing is specific"})
	h.Whereabouts = nil
	if got := w.do(ana, casefile.StateThreat{Threat: h}); !has(got, "refusal_ended") {
		t.Errorf("got %v", kinds(got))
	}
}

func TestWhereaboutsThatSayNothingAreRefused(t *testing.T) {
	change := func(f func(*tocsin.Whereabouts)) casefile.StateThreat { x := illinois; f(&x); return located(x) }
	for name, c := range map[string]struct {
		cmd  casefile.Command
		code string
	}{
		"without words":      {change(func(x *tocsin.Whereabouts) { x.Words = "" }), "whereabouts_without_words"},
		"without a name":     {change(func(x *tocsin.Whereabouts) { x.Name = "" }), "whereabouts_without_name"},
		"a place and none":   {change(func(x *tocsin.Whereabouts) { x.None = true }), "whereabouts_and_none"},
		"off the globe":      {change(func(x *tocsin.Whereabouts) { x.Lat = 91 }), "coordinates"},
		"no number":          {change(func(x *tocsin.Whereabouts) { x.Lon = math.NaN() }), "coordinates"},
		"a country's name":   {change(func(x *tocsin.Whereabouts) { x.Country = "Iran" }), "country"},
		"of no victim":       {change(func(x *tocsin.Whereabouts) { x.Victim = "v9" }), "whereabouts_victim"},
		"two for the same":   {located(illinois, illinois), "whereabouts_twice"},
		"two of two victims": {located(illinois, tocsin.Whereabouts{Victim: "v1", Words: "Springfield", None: true}, tocsin.Whereabouts{Victim: "v9", Words: "x", None: true}), "whereabouts_victim"},
	} {
		t.Run(name, func(t *testing.T) { owed(t, "v1").refused(ana, c.cmd, tocsin.Invalid, c.code) })
	}
	w := owed(t, "v1")
	w.do(ana, located(illinois, tocsin.Whereabouts{Victim: "v1", Words: "Springfield", None: true}))
	w.refused(rae, located(illinois), tocsin.Forbidden, "no_power")
}
