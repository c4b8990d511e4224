package geo

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Standing says how it is known where a named place lies.
type Standing string

// The standings.
const (
	Given   Standing = "given"   // the words hold coordinates
	Assumed Standing = "assumed" // one candidate fits, or outweighs all others together
	Open    Standing = "open"    // candidates are listed, and a person has to choose
	Area    Standing = "area"    // the words name a country or a region and no place in it
	Unknown Standing = "unknown" // nothing in the words is known
)

// Ground says what an assumption rests on.
type Ground string

// The grounds.
const (
	OnlyOne     Ground = "only_one"   // no other place has that name
	InWords     Ground = "in_words"   // the words name the country or region
	InCase      Ground = "in_case"    // the case says the country
	NearThreat  Ground = "as_threat"  // it is the place of the threat
	OfWeight    Ground = "of_weight"  // it outweighs all others together
	OutsideCase Ground = "outside"    // not an assumption: no candidate lies where the case says
	TooSmall    Ground = "too_small"  // not an assumption: one small place has that name, and words often do by chance
	SeveralFit  Ground = "several"    // not an assumption
	NamesArea   Ground = "names_area" // not an assumption
)

// Reading is what can be said of one place that words name.
type Reading struct {
	Words      string // the part of the words that it is read from
	Standing   Standing
	Ground     Ground
	Place      Place // where Given or Assumed; of a given one only the point and the country are known
	Country    string
	Candidates []Place // all places of that name that fit what is known, the most populous first
}

// About is what is known of a place beside its name.
type About struct {
	Countries []string // it lies in one of these; nil if nobody said
	Threat    *Place   // where the threat itself is, once that is known
}

const (
	// outweighs is how many times more people must live in a candidate than in all
	// others together for it to be assumed. London in England outweighs those in
	// Ontario and Ohio some twenty times, and is asked about.
	outweighs = 25
	// wellKnown is how many must live in the only place of a name for it to be
	// assumed where nothing else speaks for it.
	wellKnown = 15_000
)

// Read says what places words name, such as "Kerman, the cemetery and the roads to
// it", and where they lie, as far as that is plain. It always answers: what it
// cannot read is Unknown.
func Read(words string, about About) []Reading {
	words = strings.TrimSpace(words)
	if points := Points(words); len(points) > 0 {
		var out []Reading
		for _, p := range points {
			code, _ := CountryAt(p)
			out = append(out, Reading{Words: p.String(), Standing: Given, Country: code, Place: Place{Country: code, Point: p}})
		}
		return out
	}
	mentions, areas := mentionsIn(words)
	if len(mentions) == 0 {
		if len(areas.countries) == 0 {
			return []Reading{{Words: words, Standing: Unknown}}
		}
		return []Reading{{Words: words, Standing: Area, Ground: NamesArea, Country: single(areas.countries)}}
	}
	var out []Reading
	for _, m := range mentions {
		out = append(out, m.judged(about))
	}
	return out
}

func single(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return ""
}

// mention is a part of words that names a place, and what stands beside it.
type mention struct {
	words string
	all   []Place
	fit   []Place // those of all that lie where the words say; nil if the words say nothing
}

// areas are countries and regions that words name.
type areas struct {
	countries []string
	regions   []region
}

func (a areas) hold(p Place) bool {
	return slices.Contains(a.countries, p.Country) && len(a.regions) == 0 ||
		slices.ContainsFunc(a.regions, func(r region) bool { return r.country == p.Country && r.name == p.Region })
}

// areasNamed are the countries and regions that a part of the words may name.
func areasNamed(part string) areas {
	if code := CountryNamed(part); code != "" {
		return areas{countries: []string{code}}
	}
	var a areas
	for _, r := range regionsNamed()[bareRegion(part)] {
		a.regions = append(a.regions, r)
		if !slices.Contains(a.countries, r.country) {
			a.countries = append(a.countries, r.country)
		}
	}
	return a
}

// mentionsIn finds the places that words name. A country or region beside a place
// says which one is meant; a name that could be either belongs to the place before
// it if that lies there, so that Brooklyn, New York is one place and not two.
func mentionsIn(words string) (mentions []mention, alone areas) {
	var before areas
	for _, part := range parts(words) {
		named, found := areasNamed(part), Find(part)
		if last := len(mentions) - 1; last >= 0 && len(named.countries) > 0 {
			from := mentions[last].fit
			if from == nil {
				from = mentions[last].all
			}
			if fit := within(from, named); len(fit) > 0 || len(found) == 0 {
				mentions[last].fit, mentions[last].words = fit, mentions[last].words+", "+part
				continue
			}
		}
		switch {
		case len(found) == 0 || CountryNamed(part) != "" && len(within(found, named)) == 0:
			before.countries, before.regions = append(before.countries, named.countries...), append(before.regions, named.regions...)
		case len(before.countries) > 0:
			mentions = append(mentions, mention{part, found, within(found, before)})
		case CountryNamed(part) != "":
			mentions = append(mentions, mention{part, within(found, named), nil})
		default:
			mentions = append(mentions, mention{words: part, all: found})
		}
	}
	return mentions, before
}

// within lists the places that lie in the areas; it is not nil.
func within(places []Place, a areas) []Place {
	out := []Place{}
	for _, p := range places {
		if a.hold(p) {
			out = append(out, p)
		}
	}
	return out
}

// judged says which of its places a mention means, if that is plain.
func (m mention) judged(about About) Reading {
	r := Reading{Words: m.words, Standing: Open, Ground: SeveralFit, Candidates: m.all}
	ground := Ground("")
	if m.fit != nil {
		if len(m.fit) == 0 {
			r.Ground = OutsideCase
			return r
		}
		r.Candidates, ground = m.fit, InWords
	}
	if about.Countries != nil {
		fit := within(r.Candidates, areas{countries: about.Countries})
		if len(fit) == 0 {
			r.Ground = OutsideCase
			return r
		}
		if ground == "" {
			ground = InCase
		}
		r.Candidates = fit
	}
	if t := about.Threat; t != nil && slices.ContainsFunc(r.Candidates, func(p Place) bool { return p.Name == t.Name && p.Point == t.Point }) {
		return r.assumed(*t, NearThreat)
	}
	first, rest := r.Candidates[0], 0
	for _, p := range r.Candidates[1:] {
		rest += max(p.Population, 1)
	}
	switch {
	case CountryNamed(m.words) != "": // Mexico is a country before it is a city
		r.Ground = NamesArea
	case len(r.Candidates) == 1 && ground != "":
		return r.assumed(first, ground)
	case len(r.Candidates) == 1 && first.Population < wellKnown:
		r.Ground = TooSmall
	case len(r.Candidates) == 1:
		return r.assumed(first, OnlyOne)
	case first.Population >= wellKnown && first.Population >= outweighs*rest:
		return r.assumed(first, OfWeight)
	}
	return r
}

func (r Reading) assumed(p Place, ground Ground) Reading {
	r.Standing, r.Ground, r.Place, r.Country = Assumed, ground, p, p.Country
	return r
}

// joining are words that stand between names of places, in English and German.
var joining = map[string]bool{"in": true, "near": true, "at": true, "of": true, "outside": true, "around": true, "to": true, "from": true, "by": true, "and": true, "or": true,
	"between": true, "towards": true, "und": true, "oder": true, "bei": true, "nahe": true, "nach": true, "von": true, "aus": true, "im": true, "am": true, "zu": true, "zwischen": true}

// leading are words that stand before a name and are no part of it.
var leading = map[string]bool{"the": true, "der": true, "die": true, "das": true, "den": true, "dem": true, "city": true, "town": true, "village": true, "stadt": true, "dorf": true,
	"downtown": true, "central": true, "greater": true, "northern": true, "southern": true, "eastern": true, "western": true}

// longest is how many parts of some words are looked at: more is a report and not
// the name of a place.
const longest = 40

// parts are the pieces of words that may be names: what stands between commas and
// the like if the gazetteer knows it as a whole, otherwise what stands between
// words such as "in" and "and" and begins as a name does.
func parts(words string) []string {
	var out []string
	split := func(r rune) bool { return strings.ContainsRune(",;:()[]{}/|·–—\n\t\"“”„«»", r) }
	for part := range strings.FieldsFuncSeq(words, split) {
		if len(out) >= longest {
			break
		}
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if known(part) {
			out = append(out, part)
			continue
		}
		var piece []string
		flush := func() {
			for len(piece) > 0 && leading[piece[0]] {
				piece = piece[1:]
			}
			if name := strings.Trim(strings.Join(piece, " "), " .!?"); named(name) && len(out) < longest {
				out = append(out, name)
			}
			piece = nil
		}
		for w := range strings.FieldsSeq(part) {
			if joining[w] {
				flush()
				continue
			}
			piece = append(piece, w)
		}
		flush()
	}
	return out
}

func known(part string) bool {
	return len(areasNamed(part).countries) > 0 || len(Find(part)) > 0
}

// named reports whether s begins as a name does: with a capital, or in a script
// that has none.
func named(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) && !unicode.IsLower(r)
}

// Candidates lists the places that words may mean: all of that name, or, where
// none has it whole, those that Read finds in the words.
func Candidates(words string) []Place {
	if all := Find(words); len(all) > 0 {
		return all
	}
	var out []Place
	for _, r := range Read(words, About{}) {
		for _, p := range r.Candidates {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}
