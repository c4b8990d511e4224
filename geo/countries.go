package geo

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// shortNames are names of countries that people write and dictionaries leave out.
var shortNames = map[string]string{"usa": "US", "u s": "US", "u s a": "US", "america": "US", "uk": "GB", "u k": "GB", "great britain": "GB", "britain": "GB",
	"england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "uae": "AE", "ivory coast": "CI", "burma": "MM", "turkey": "TR",
	"czech republic": "CZ", "holland": "NL", "drc": "CD", "dr congo": "CD", "palestine": "PS", "gaza strip": "PS", "west bank": "PS"}

// countries are the names of all countries that the gazetteer has, folded.
var countries = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, r := range world().regions {
		for _, tag := range []language.Tag{language.English, language.German} {
			out[Fold(CountryName(tag, r.country))] = r.country
		}
	}
	for name, code := range shortNames {
		out[name] = code
	}
	return out
})

// CountryNamed is the code of the country of that English or German name, or "".
func CountryNamed(name string) string { return countries()[Fold(name)] }

// CountryName is the name of a country in a language, or its code where that
// language has no name for it.
func CountryName(tag language.Tag, code string) string {
	if r, err := language.ParseRegion(code); err == nil {
		if n := display.Regions(tag).Name(r); n != "" {
			return n
		}
	}
	return code
}

// regionWords are words that stand beside the name of a region and are no part of
// it.
var regionWords = map[string]bool{"province": true, "state": true, "region": true, "governorate": true, "oblast": true, "county": true, "prefecture": true,
	"provinz": true, "bundesland": true, "of": true}

// bareRegion is a region's name without such words.
func bareRegion(name string) string {
	var out []string
	for w := range strings.FieldsSeq(Fold(name)) {
		if !regionWords[w] {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

// regionsNamed are the regions, as country and name, that a word may mean: by name,
// or by the postal code of a state of the United States.
var regionsNamed = sync.OnceValue(func() map[string][]region {
	out := map[string][]region{}
	for _, r := range world().regions {
		if r.name != "" {
			key := bareRegion(r.name)
			out[key] = append(out[key], r)
		}
		if r.country == "US" {
			key := Fold(r.code)
			out[key] = append(out[key], r)
		}
	}
	return out
})
