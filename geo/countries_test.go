package geo_test

import (
	"slices"
	"testing"

	"tocsin/geo"
)

func TestNoCodeIsAnotherCountrysName(t *testing.T) {
	for _, code := range geo.Countries() {
		if got := geo.CountryCode(code); got != code {
			t.Errorf("%s is read as %q", code, got)
		}
	}
}

func TestACountryIsReadByItsNameHoweverItIsTyped(t *testing.T) {
	for written, want := range map[string]string{"IRAN": "IR", "Bosnia and Herzegovina": "BA", "Bosnien und Herzegowina": "BA", "usa": "US", "GBR": "GB", "EU": "", "Persia": ""} {
		if got := geo.CountryCode(written); got != want {
			t.Errorf("%q: got %q, want %q", written, got, want)
		}
	}
}

func TestTheNearestCountriesAreNamedOnce(t *testing.T) {
	got := geo.CountriesLike("Germani", 3)
	if !slices.Contains(got, "DE") || len(got) > 3 {
		t.Errorf("got %v", got)
	}
	if got := geo.CountriesLike("Middle-earth", 3); got != nil {
		t.Errorf("got %v", got)
	}
}
