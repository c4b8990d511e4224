package directory_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tocsin"
	"tocsin/directory"
	"tocsin/geo"
)

func TestACountryIsTakenByItsCodeAndByItsName(t *testing.T) {
	for written, want := range map[string]string{"IR": "IR", " ir ": "IR", "IRN": "IR", "Iran": "IR", "IRAN": "IR", "iran": "IR", "UK": "GB", "United Kingdom": "GB", "Deutschland": "DE",
		"Türkei": "TR", "Turkey": "TR", "Türkiye": "TR", "Kosovo": "XK", "XK": "XK", "us-ca": "US-CA", "GB-NIR": "GB-NIR", "": "", "Côte d’Ivoire": "CI", "Ivory Coast": "CI", "Vereinigte Staaten": "US"} {
		if got, err := directory.Country(written); got != want || err != nil {
			t.Errorf("%q: got %q, %v; want %q", written, got, err, want)
		}
	}
}

func TestEveryCountryIsFoundByItsOwnCodeAndThereAreAllOfThem(t *testing.T) {
	all := geo.Countries()
	if len(all) != 250 { // 249 of ISO 3166-1, and Kosovo
		t.Errorf("there are %d countries", len(all))
	}
	for _, code := range all {
		if got, err := directory.Country(code); got != code || err != nil {
			t.Errorf("%s: got %q, %v", code, got, err)
		}
	}
}

func TestWhatIsNoCountryIsRefusedWithTheNearest(t *testing.T) {
	for written, near := range map[string]string{"Irann": "Iran (IR)", "IRNA": "Iran (IR)", "Germny": "Germany (DE)", "ZZ": "", "Atlantis": "", "EU": "", "EZ": "", "XX": "", "US-CALIFORNIA": "", "Q": ""} {
		_, err := directory.Country(written)
		var told *tocsin.Error
		if !errors.As(err, &told) || told.Code != "country" || told.Kind != tocsin.Invalid {
			t.Errorf("%q: got %v", written, err)
			continue
		}
		if !strings.Contains(told.Do, near) || near == "" && strings.Contains(told.Do, "Did you mean") {
			t.Errorf("%q: %s", written, told.Do)
		}
	}
}

func TestALanguageIsTakenByItsCodeAndByItsName(t *testing.T) {
	for written, want := range map[string]string{"fa": "fa", "FA": "fa", "fas": "fa", "pes": "fa", "nb": "nb", "Persian": "fa", "persisch": "fa", "Farsi": "fa", "فارسی": "fa", "English": "en", "Deutsch": "de",
		"German": "de", "Dari": "fa-AF", "pt-br": "pt-BR", "zh-hans": "zh-Hans", "Kurdish": "ku", "Pashto": "ps", "Arabic": "ar"} {
		if got, err := directory.Language(written); got != want || err != nil {
			t.Errorf("%q: got %q, %v; want %q", written, got, err, want)
		}
	}
}

func TestWhatIsNoLanguageIsRefusedWithTheNearest(t *testing.T) {
	for written, near := range map[string]string{"Persan": "Persian (fa)", "Englsh": "English (en)", "Klingonese": "", "": "", "xx": "", "und": "", "persians please": ""} {
		_, err := directory.Language(written)
		var told *tocsin.Error
		if !errors.As(err, &told) || told.Code != "language" {
			t.Errorf("%q: got %v", written, err)
			continue
		}
		if !strings.Contains(told.Do, near) || near == "" && strings.Contains(told.Do, "Did you mean") {
			t.Errorf("%q: %s", written, told.Do)
		}
	}
}

func TestAnEntryIsTakenInWithCodesAndEachLanguageOnce(t *testing.T) {
	r := entry("desk", tocsin.GovernmentWarning).Recipient
	r.Jurisdiction, r.Languages = "Iran", []string{"Persian", "fa", "English"}
	got, err := directory.Admitted(r)
	if err != nil || got.Jurisdiction != "IR" || !slices.Equal(got.Languages, []string{"fa", "en"}) {
		t.Fatalf("got %q %v, %v", got.Jurisdiction, got.Languages, err)
	}
	if len(directory.Astray(got)) != 0 || !slices.Equal(directory.Astray(r), []string{"Iran", "Persian", "English"}) {
		t.Errorf("astray: %v and %v", directory.Astray(got), directory.Astray(r))
	}
	r.Languages = nil
	if _, err := directory.Admitted(r); err == nil {
		t.Error("an entry without a language was taken in")
	}
}
