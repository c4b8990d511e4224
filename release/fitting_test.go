package release

import (
	"slices"
	"strings"
	"testing"
)

// Stretches of days, weekdays and durations are read as what they are, in every
// writing.
func TestStretchesOfDaysAreDates(t *testing.T) {
	for text, want := range map[string]string{
		"10-12 February 2026":           "date 02-10, date 02-12",
		"from 3 to 7 August":            "date 08-03, date 08-07",
		"del 20 al 24 de julio":         "date 07-20, date 07-24",
		"с 11 по 17 мая":                "date 05-11, date 05-17",
		"١٠-١٢ فبراير":                  "date 02-10, date 02-12",
		"w dniach 11-17 maja":           "date 05-11, date 05-17",
		"از ۱۴ تا ۱۶ اسفند ۱۴۰۴":        "date 03-05, date 03-07",
		"the 10-12":                     "date 12-10 10-12",
		"call us (24h)":                 "",
		"at ten to twelve":              "time 710 1430",
		"суботу 3 жовтня":               "weekday 6, date 10-03",
		"he sat in the sun":             "",
		"Sat 3 Oct":                     "weekday 6, date 10-03",
		"5 people on the 7th of August": "number 5, date 08-07",
	} {
		var got []string
		for _, v := range values(read(text), 2026) {
			got = append(got, v.kind+" "+strings.Join(v.keys, " "))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}

// Two words are a pair in either order and with "of the" between, and not across a
// comma or a sentence.
func TestNeighbouringWordsAreAPairInAnyOrder(t *testing.T) {
	pair := func(text string) []uint64 {
		var out []uint64
		d := read(text)
		for i := range d.toks {
			if h, ok := pairAt(d, i); ok {
				out = append(out, h)
			}
		}
		return out
	}
	want := pair("consulate garage")[0]
	for text, same := range map[string]bool{
		"the garage of a consulate":   true,
		"the consulate's garage":      true,
		"the consulate-garage":        true,
		"a consulate, garage":         false,
		"at a consulate. Garage sale": false,
		"garage near a consulate":     false,
	} {
		if slices.Contains(pair(text), want) != same {
			t.Errorf("%s: pair is %v, want %v", text, !same, same)
		}
	}
}

// A word written small is a common noun where its text has capitals, and nothing can be
// said of it where the text has none.
func TestSmallWordsAreNoNames(t *testing.T) {
	d := read("Anna went in. The heron was grey.")
	if !d.small(d.toks[4]) || d.small(d.toks[0]) {
		t.Error("a text with capitals")
	}
	if d := read("anna saw the heron"); d.small(d.toks[3]) {
		t.Error("a text without capitals")
	}
	if d := read("این قدرت است"); d.small(d.toks[1]) {
		t.Error("a script without capitals")
	}
}
