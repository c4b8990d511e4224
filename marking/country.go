package marking

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Country returns the ISO 3166-1 alpha-3 code ("trigraph") of a country given by
// its alpha-2 or alpha-3 code, in any case. UK is taken for GB.
func Country(code string) (string, bool) {
	if len(code) != 2 && len(code) != 3 {
		return "", false
	}
	for _, c := range []byte(code) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return "", false
		}
	}
	r, err := language.ParseRegion(strings.ToUpper(code))
	if err != nil || !r.IsCountry() {
		return "", false
	}
	iso := r.Canonicalize().ISO3()
	if iso == "ZZZ" {
		return "", false
	}
	return iso, true
}

// groups are the tetragraphs that stand for several countries. NATO is left out
// of release lists on purpose: its membership changes, and a list that was right
// when it was written must not grow by itself.
var groups = map[string][]string{
	"ACGU": {"AUS", "CAN", "GBR", "USA"},
	"FVEY": {"AUS", "CAN", "GBR", "NZL", "USA"},
	"TEYE": {"AUS", "GBR", "USA"},
}

// countryList turns codes and groups into sorted trigraphs without repeats.
func countryList(codes []string) ([]string, error) {
	var list []string
	for _, code := range codes {
		if g, ok := groups[code]; ok {
			list = union(list, g)
			continue
		}
		c, ok := Country(code)
		if !ok {
			return nil, unreadable("Use the three letters of ISO 3166, such as GBR, or one of the groups ACGU, FVEY and TEYE; write out the members of any other group.", "%q is not a country that I know.", code)
		}
		list = union(list, []string{c})
	}
	if len(list) == 0 {
		return nil, unreadable("Write the countries out, such as REL TO USA, GBR.", "a list of countries is empty.")
	}
	return list, nil
}

// The sets of a marking are sorted slices without repeats; nil and empty are
// the same set, and union and the others return nil for it so that markings
// compare by their printed form.

func union(a, b []string) []string {
	c := append(slices.Clone(a), b...)
	slices.Sort(c)
	return emptyIsNil(slices.Compact(c))
}

func intersection(a, b []string) []string {
	return only(a, func(s string) bool { return slices.Contains(b, s) })
}

func difference(a, b []string) []string {
	return only(a, func(s string) bool { return !slices.Contains(b, s) })
}

func subset(a, b []string) bool { return len(difference(a, b)) == 0 }

func only(a []string, keep func(string) bool) []string {
	var c []string
	for _, s := range a {
		if keep(s) {
			c = append(c, s)
		}
	}
	return c
}

func emptyIsNil(a []string) []string {
	if len(a) == 0 {
		return nil
	}
	return a
}
