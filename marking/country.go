package marking

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// trigraphs holds all countries by their capital codes, because looking one up
// is most of the work of reading a list.
var trigraphs = sync.OnceValue(func() map[string]string {
	known := map[string]string{}
	for a := byte('A'); a <= 'Z'; a++ {
		for b := byte('A'); b <= 'Z'; b++ {
			two := string([]byte{a, b})
			if three, ok := iso3166(two); ok {
				known[two], known[three] = three, three
			}
		}
	}
	return known
})

func country(code string) (string, bool) {
	if c, ok := trigraphs()[code]; ok {
		return c, true
	}
	return iso3166(code) // a former or a second code
}

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
	return country(strings.ToUpper(code))
}

func iso3166(code string) (string, bool) {
	r, err := language.ParseRegion(code)
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

// nato is the membership of the Alliance since March 2024. Like the list of
// groups it is never used to widen a list of countries: it only says of which
// countries somebody must be who is entered for NATO information.
var nato = []string{
	"ALB", "BEL", "BGR", "CAN", "CZE", "DEU", "DNK", "ESP", "EST", "FIN", "FRA", "GBR", "GRC", "HRV", "HUN", "ISL",
	"ITA", "LTU", "LUX", "LVA", "MKD", "MNE", "NLD", "NOR", "POL", "PRT", "ROU", "SVK", "SVN", "SWE", "TUR", "USA",
}

// countries turns codes and groups into sorted trigraphs without repeats. A list
// with a mistake is nil.
func (p *parser) countries(list token, codes []token) []string {
	var out []string
	good := true
	for _, code := range codes {
		if g, ok := groups[code.text]; ok {
			out = union(out, g)
			continue
		}
		c, ok := Country(code.text)
		if !ok {
			good = false
			p.fault(code, "Use the three letters of ISO 3166, such as GBR, or one of the groups ACGU, FVEY and TEYE; write out the members of any other group.", "%.40q is not a country that I know.", code.text)
			continue
		}
		out = union(out, []string{c})
	}
	if len(codes) == 0 {
		p.fault(list, "Write the countries out, such as REL TO USA, GBR.", "a list of countries is empty.")
	}
	if !good {
		return nil
	}
	return out
}
