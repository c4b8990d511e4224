package release

import (
	"math"
	"slices"
	"strings"
	"testing"

	"tocsin"
)

func TestNumbersInWords(t *testing.T) {
	for words, want := range map[string]int64{
		"ochenta y cinco mil": 85000, "quatre-vingt-dix": 90, "soixante et onze": 71, "fünfundachtzig": 85, "ashirin da biyar": 25, "ishirini na tano": 25,
		"двадцать пять": 25, "одинадцятеро": 11, "خمسة وعشرون": 25, "بیست و پنج": 25, "yirmi beş": 25, "two hundred and twelve": 212, "doscientos doce": 212, "elf thousand": 0,
		"twenty-five thousand": 25000, "دو هزار": 2000,
	} {
		d := read(words)
		n, j := numberAt(d, 0)
		if want == 0 {
			if j != 0 && j == len(d.toks) {
				t.Errorf("%q is read as %d", words, n)
			}
			continue
		}
		if n != want || j != len(d.toks) {
			t.Errorf("%q is read as %d in %d of %d words; it is %d", words, n, j, len(d.toks), want)
		}
	}
}

func TestQuantitiesAreOneInEveryUnit(t *testing.T) {
	for _, same := range [][]string{
		{"1.6 kilograms", "three and a half pounds", "1600 grams"}, {"25 litres", "lita ashirin da biyar" /* the unit stands first: not read */, "six and a half gallons"},
		{"10 km", "six miles"}, {"03-12N", "3 degrees 12 minutes north", "3°12' N"},
	} {
		var first []quantity
		for i, text := range same {
			qs := quantities(read(text))
			if i == 0 {
				first = qs
			}
			if strings.HasPrefix(text, "lita") {
				continue
			}
			if len(qs) != 1 || len(first) != 1 || !qs[0].near(first[0]) {
				t.Errorf("%q is %v; %q is %v", text, qs, same[0], first)
			}
		}
	}
	if qs := quantities(read("3 degrees of freedom, 12 minutes late, 40 people")); len(qs) != 0 {
		t.Errorf("read as quantities: %v", qs)
	}
}

// A case of one secret meeting, for an audience that may have the second portion.
func meetingCase() *Prepared {
	secret, open := "Seven students sat at the bench; the wrestler of Directorate Palisade keeps 1.6 kilograms there.", "A group plans to attack the ferry at Norholm on Friday with a bomb."
	return Prepare(Question{Strict: true, Setting: &Setting{Place: "Norholm", Victims: []Protected{{Name: "passengers of the ferry"}}}, Home: "GB", Protected: []Term{{Text: "Directorate Palisade", Kind: "agency"}},
		Draft:        tocsin.Draft{Marking: "TLP:CLEAR", Kind: tocsin.PublicWarning, Recipients: []tocsin.Recipient{{ID: "r", Jurisdiction: "GB", Relation: "neutral"}}},
		Contributing: []Source{{Report: "r1", Marking: "TLP:RED", Text: secret + open, Portions: []tocsin.Portion{{Start: 0, End: len(secret), Marking: "TLP:RED"}, {Start: len(secret), End: len(secret) + len(open), Marking: "TLP:CLEAR"}}}}})
}

func TestStatementsThatPointAtPeople(t *testing.T) {
	p := meetingCase()
	for text, rule := range map[string]string{
		"A group plans to attack the ferry. There are six people in the circle.":                "collection/number",
		"We believe a girl who juggles.":                                                        "collection/person",
		"It was they who met on Thursday over soup. They drank on Thursday over soup.":          "collection/when",
		"A group plans to attack Grantbury.":                                                    "setting/name",
		"A group plans to attack members of the county planning board.":                         "setting/people",
		"A group plans to attack with three and a half pounds of it.":                           "rare/quantity",
		"The Palisadiens see a danger for the ferry.":                                           "term/inflected",
		"Two officers will stay with you. Call anybody who can help you. Leave by Friday.":      "",
		"People who guard the ferry should look out. A group plans to attack it on Friday.":     "",
		"A group plans to attack the ferry at Norholm on Friday. Please leave 40 people there.": "",
	} {
		var asked []string
		for _, f := range p.Examine(Passage{Language: "en", Text: text}).Findings {
			if f.Level != tocsin.GuardNote {
				asked = append(asked, f.Rule)
			}
			if f.Rule == "support/doubt" && strings.Contains(f.What, "how many people there are") {
				asked = append(asked, "collection/number") // a softer rule's words, in the doubt's question
			}
		}
		if rule == "" {
			for _, r := range []string{"collection/number", "collection/person", "collection/when", "setting/name", "setting/people", "rare/quantity", "support/strange"} {
				if slices.Contains(asked, r) {
					t.Errorf("%q: asked for %s", text, r)
				}
			}
		} else if !slices.Contains(asked, rule) {
			t.Errorf("%q: %s is not asked, only %v", text, rule, asked)
		}
	}
}

func FuzzQuantities(f *testing.F) {
	for _, s := range []string{"3 degrees 12 minutes north", "half a", "03-12N 005-40E", "1.", "3°", "و", "ochenta y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, q := range quantities(read(s)) {
			if q.at < 0 || q.end > len(s) || q.at >= q.end || math.IsNaN(q.n) {
				t.Errorf("%q: %+v", s, q)
			}
		}
	})
}
