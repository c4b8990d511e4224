package view_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/view"
)

func placed(place string, said []tocsin.Whereabouts, victims ...tocsin.Victim) casefile.State {
	s := casefile.Apply(casefile.State{}, opened("c1"))
	s = casefile.Apply(s, casefile.ThreatStated{Head: casefile.Head{At: at, By: "ida"}, Threat: tocsin.Threat{Place: tocsin.Claim{Text: place}, Whereabouts: said}})
	for i, v := range victims {
		v.ID = tocsin.VictimID(fmt.Sprintf("v%d", i+1))
		s = casefile.Apply(s, casefile.VictimAdded{Head: casefile.Head{At: at, By: "ida"}, Victim: v, KnownSince: at})
	}
	return s
}

func told(sites []view.Site) string {
	var out []string
	for _, x := range sites {
		line := fmt.Sprintf("%s %s %s %s", x.Victim, x.Words, x.Standing, x.Ground)
		if x.Placed() {
			line += " " + x.Place.String()
		}
		if x.Claimed != "" {
			line += " not " + x.Claimed
		}
		out = append(out, strings.TrimSpace(line))
	}
	return strings.Join(out, "\n")
}

// Whoever is left out of a drawing must be known to whoever draws.
func TestEveryVictimHasASite(t *testing.T) {
	s := placed("Kerman, the cemetery", nil, tocsin.Victim{Place: "Kerman", Jurisdiction: "IR"}, tocsin.Victim{Jurisdiction: "IR"},
		tocsin.Victim{Place: "the covered market"}, tocsin.Victim{Place: "30.25N 57.1E", Jurisdiction: "TR"})
	want := `Kerman assumed in_case Kerman, IR
v1 Kerman assumed as_threat Kerman, IR
v2  missing
v3 the covered market unknown
v4 30.2500° N, 57.1000° E given  , IR not TR`
	if got := told(view.Sites(s)); got != want {
		t.Errorf("got\n%s\nnot\n%s", got, want)
	}
}

func TestWhatAPersonSaidGoesBeforeWhatIsAssumed(t *testing.T) {
	said := []tocsin.Whereabouts{{Words: "Springfield", Name: "Springfield", Country: "US", Region: "Illinois", Lat: 39.802, Lon: -89.644, By: "ida"},
		{Victim: "v2", Words: "Kerman", None: true, By: "ida"}}
	sites := view.Sites(placed("Springfield", said, tocsin.Victim{Place: "Springfield"}, tocsin.Victim{Place: "Kerman"}))
	want := `Springfield chosen  Springfield, Illinois, US
v1 Springfield assumed as_threat Springfield, Illinois, US
v2 Kerman open`
	if got := told(sites); got != want {
		t.Errorf("got\n%s\nnot\n%s", got, want)
	}
	if !sites[2].Excluded || sites[2].By != "ida" || sites[0].By != "ida" {
		t.Errorf("it is not said who: %+v", sites)
	}
}

func TestTheCountriesOfACaseAreThoseOfItsVictimsAndOfWhoIsTold(t *testing.T) {
	book := []tocsin.Recipient{{ID: "desk", Name: "Desk", Jurisdiction: "us-ca"}, {ID: "else", Jurisdiction: "FR"}}
	s := placed("", nil, tocsin.Victim{Jurisdiction: "IR", Protectors: []tocsin.RecipientID{"desk"}})
	s.Warnings = []casefile.Warning{{Draft: tocsin.Draft{Recipients: []tocsin.Recipient{{ID: "m", Jurisdiction: "CH"}, {ID: "m", Jurisdiction: "CH"}}}}}
	var got []string
	for _, r := range view.Reaches(s, book) {
		got = append(got, fmt.Sprintf("%s %d %d", r.Country, len(r.Recipients), len(r.Victims)))
	}
	if !slices.Equal(got, []string{"CH 1 0", "IR 0 1", "US 1 0"}) {
		t.Errorf("got %v", got)
	}
}

func TestAnAuthorityWhoseRouteRunsThroughTheActorIsMarked(t *testing.T) {
	book := []tocsin.Recipient{{ID: "a", Jurisdiction: "IR"}, {ID: "b", Jurisdiction: "IR", Groups: []string{"iskp"}}, {ID: "c", Jurisdiction: "US"}, {ID: "d"}}
	got := view.Authorities("IR", book, []string{"iskp"})
	if len(got) != 2 || got[0].Through != "" || got[1].Through == "" {
		t.Errorf("got %+v", got)
	}
	if none := view.Authorities("", book, nil); none != nil {
		t.Errorf("nowhere is under %v", none)
	}
}

func TestTheTimelineSaysWhereAPlaceIsSaidToLie(t *testing.T) {
	e := casefile.ThreatStated{Threat: tocsin.Threat{Place: tocsin.Claim{Text: "Springfield"}, Whereabouts: []tocsin.Whereabouts{
		{Words: "Springfield", Name: "Springfield", Region: "Illinois", Country: "US"}, {Victim: "v1", Words: "Salem", None: true}}}}
	if got, want := view.Line(casefile.State{}, e), `threat stated: Springfield, "Springfield" is Springfield, Illinois, US, "Salem" is none of the places of that name`; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}
