package geo

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"tocsin/spelling"
)

// shortNames are names of countries that people write and dictionaries leave out.
var shortNames = map[string]string{"usa": "US", "u s": "US", "u s a": "US", "america": "US", "uk": "GB", "u k": "GB", "great britain": "GB", "britain": "GB",
	"england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "uae": "AE", "ivory coast": "CI", "burma": "MM", "turkey": "TR",
	"czech republic": "CZ", "holland": "NL", "drc": "CD", "dr congo": "CD", "palestine": "PS", "gaza strip": "PS", "west bank": "PS",
	"turkiye": "TR", "eswatini": "SZ", "north macedonia": "MK", "cabo verde": "CV", "hong kong": "HK", "macau": "MO", "macao": "MO", "bosnia": "BA", "east timor": "TL",
	"vatican": "VA", "holy see": "VA", "viet nam": "VN", "russian federation": "RU", "syrian arab republic": "SY", "islamic republic of iran": "IR",
	"iran islamic republic of": "IR", "republic of korea": "KR"}

// assigned are the codes of ISO 3166-1 alpha-2 that stand for a country or
// territory today, and XK, which is in use for Kosovo.
var assigned = sync.OnceValue(func() []string {
	var out []string
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			r, err := language.ParseRegion(string([]rune{a, b}))
			code := string([]rune{a, b})
			// Reserved and withdrawn codes (EU, EZ, SU) have no number of the United
			// Nations, or no name.
			if err == nil && r.IsCountry() && r.Canonicalize() == r && r.String() == code && r.M49() != 0 && CountryName(language.English, code) != code {
				out = append(out, code)
			}
		}
	}
	return out
})

// Countries lists the codes of all countries and territories (ISO 3166-1 alpha-2,
// and XK for Kosovo), sorted.
func Countries() []string { return slices.Clone(assigned()) }

// CountryCode is the code of a country that somebody wrote as a code of ISO 3166-1
// (IR, irn) or by an English or German name in any spelling that Fold takes for the
// same (Iran, IRAN, Türkei, UK); "" if it is none.
func CountryCode(written string) string {
	code := strings.ToUpper(strings.TrimSpace(written))
	if _, ok := slices.BinarySearch(assigned(), code); ok {
		return code
	}
	if named := CountryNamed(written); named != "" {
		return named
	}
	if r, err := language.ParseRegion(code); err == nil && len(code) == 3 && r.ISO3() == code {
		if _, ok := slices.BinarySearch(assigned(), r.String()); ok {
			return r.String()
		}
	}
	return ""
}

// CountriesLike lists the codes of the countries whose names are nearest to what
// somebody wrote, the likeliest first, at most n; none if no name is near.
func CountriesLike(written string, n int) []string {
	var out []string
	for _, name := range spelling.Nearest(Fold(written), slices.Sorted(maps.Keys(countries())), 4*n) {
		if code := countries()[name]; len(out) < n && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}

// countries are the names of all countries, folded.
var countries = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, code := range assigned() {
		for _, tag := range []language.Tag{language.English, language.German} {
			name := CountryName(tag, code)
			out[Fold(name)] = code
			out[Fold(strings.NewReplacer("&", "and", " und ", " and ").Replace(name))] = code
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
