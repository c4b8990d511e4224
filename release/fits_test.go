package release

import (
	"strings"
	"testing"
	"time"

	"tocsin"
)

// A case of five days in November, of which one report was come by at noon and one at
// seven minutes past four.
func novemberCase(t *testing.T) *Prepared {
	t.Helper()
	at := func(s string) time.Time {
		x, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	secret, open := "A quarrel over a boat lies behind it.", "A group plans to attack the ferry at Norholm with a bomb."
	return Prepare(Question{Strict: true, Now: at("2027-11-08T08:00:00Z"), Home: "GB",
		Setting: &Setting{Place: "Norholm", Victims: []Protected{{Name: "passengers of the ferry"}}, Window: tocsin.Window{Earliest: at("2027-11-10T06:00:00Z"), Latest: at("2027-11-14T20:00:00Z")}},
		Draft:   tocsin.Draft{Marking: "TLP:CLEAR", Kind: tocsin.PublicWarning, Recipients: []tocsin.Recipient{{ID: "r", Jurisdiction: "GB", Relation: "neutral"}}},
		Contributing: []Source{
			{Report: "r1", Marking: "TLP:RED", Text: secret + open, Collected: Collected{At: at("2027-11-03T12:00:00Z")}, Portions: []tocsin.Portion{{Start: 0, End: len(secret), Marking: "TLP:RED"}, {Start: len(secret), End: len(secret) + len(open), Marking: "TLP:CLEAR"}}},
			{Report: "r2", Marking: "TLP:RED", Text: "They spoke of it again.", Collected: Collected{At: at("2027-11-04T04:07:00Z")}}}})
}

// levels are the levels at which a rule speaks of a text.
func levels(p *Prepared, language, text, rule string) string {
	var out []string
	for _, f := range p.Examine(Passage{Language: language, Text: text}).Findings {
		if f.Rule == rule {
			out = append(out, string(f.Level))
		}
	}
	return strings.Join(out, " ")
}

func TestWhatFitsTheCaseAndWhatDoesNot(t *testing.T) {
	p := novemberCase(t)
	for _, c := range []struct{ name, language, text, rule, want string }{
		{"the danger ends too soon", "en", "They plan to bomb the ferry from 10 November until the evening of Friday 12 November 2027.", "setting/end", "ask"},
		{"the danger ends when the case says", "en", "They plan to bomb the ferry from 10 November until the evening of Sunday 14 November 2027.", "setting/end", ""},
		{"something else ends before", "en", "The office is closed until 12 November 2027.", "setting/end", ""},
		{"days in a row with a stretch of weekdays", "en", "The ferry at Norholm may be bombed on 10, 11, 12, 13, 14 November 2027 (Wed–Sun).", "setting/weekday", ""},
		{"a wrong weekday", "en", "The ferry at Norholm may be bombed on Monday 10 November 2027.", "setting/weekday", "block"},
		{"a letter of an alphabet is no city", "en", "Our sign is Kilo Lima Mike, and the ferry at Norholm may be bombed.", "setting/place", ""},
		{"a city that is not the case's", "en", "The ferry at Lima may be bombed.", "setting/place", "block"},
		{"German writes nouns with a capital", "de", "Es gibt Menschen, die mit Benzin in Flaschen auf die Fähre in Norholm werfen wollen, und wir bitten Sie, in dieser Nacht nicht zu fahren und die Polizei zu rufen.", "setting/name", ""},
		{"a judge whose sentence has ended is not called Good", "en", "This is the office of the judge. Good evening to the passengers of the ferry at Norholm.", "setting/person", ""},
		{"noon is when a report was come by", "en", "Something was said of the ferry at noon.", "rare/collected time", "ask"},
		{"advice may say noon", "en", "Please call us before noon.", "rare/collected time", "note"},
		{"an odd minute is when a report was come by", "en", "Please call us at 4:07.", "rare/collected time", "block"},
		{"a letter says to whom it goes", "en", "To: the harbour office\nThe ferry at Norholm may be bombed.", "metadata/property", "note"},
		{"a file says who saved it", "en", "The ferry at Norholm may be bombed. Last saved by hcrane", "metadata/residue", "block"},
		{"a mark for what may be done", "en", "The ferry at Norholm may be bombed (PAP:RED, do not act).", "metadata/mark", "block"},
		{"something comes apart from the letter", "en", "The ferry at Norholm may be bombed; the recording goes to you by separate mail.", "link/attachment", "ask"},
	} {
		if got := levels(p, c.language, c.text, c.rule); got != c.want {
			t.Errorf("%s: %s speaks of %q at %q, not at %q", c.name, c.rule, c.text, got, c.want)
		}
	}
}
