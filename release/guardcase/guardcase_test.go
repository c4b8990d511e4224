package guardcase_test

import (
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/release"
	"tocsin/release/guardcase"
)

const least = `{"format":"tocsin-guard-case/1","audience":{"name":"A","kind":"victim"}}`

func TestTheLeastCaseHasItsDefaults(t *testing.T) {
	c, err := guardcase.Read([]byte(least))
	if err != nil {
		t.Fatal(err)
	}
	if c.Kind != tocsin.VictimWarning || c.Marking != "UNCLASSIFIED" || c.Audience.Clearance != "" || c.Exigent {
		t.Errorf("%+v", c)
	}
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	if q := c.Question(now); !q.Now.Equal(now) || !q.Strict {
		t.Errorf("question: %+v", q)
	}
}

func TestAFaultIsNamedByItsPath(t *testing.T) {
	audience := `"audience":{"name":"A","kind":"victim"}`
	for in, path := range map[string]string{
		``:   "not JSON",
		`[]`: "an object is wanted",
		`{"format":"tocsin-guard-case/2",` + audience + `}`:                                "format:",
		`{"format":"tocsin-guard-case/1"}`:                                                 "audience: it is missing",
		least + `{}`:                                                                       "follows the object",
		`{"format":"tocsin-guard-case/1",` + audience + `,"extra":1}`:                      "extra: the key is unknown",
		`{"format":"tocsin-guard-case/1",` + audience + `,"exigent":true,"exigent":false}`: "exigent: the key is given twice",
		`{"format":"tocsin-guard-case/1",` + audience + `,"now":"tomorrow"}`:               "now: a time",
		`{"format":"tocsin-guard-case/1",` + audience + `,"home":"XX"}`:                    "home: a country",
		`{"format":"tocsin-guard-case/1",` + audience + `,"threat":{"window":{"earliest":"2030-01-02T00:00:00Z","latest":"2030-01-01T00:00:00Z"}}}`: "threat.window: it ends",
		`{"format":"tocsin-guard-case/1",` + audience + `,"victims":[{"id":"v"}]}`:                                                                  "victims[0].name: it is missing",
		`{"format":"tocsin-guard-case/1",` + audience + `,"reports":[{"id":"r"},{"id":"s","consent":"maybe"}]}`:                                     "reports[1].consent:",
		`{"format":"tocsin-guard-case/1",` + audience + `,"reports":[{"id":"r","portions":[{"text":5}]}]}`:                                          "reports[0].portions[0].text: a text",
		`{"format":"tocsin-guard-case/1",` + audience + `,"protected":[{"text":"x","kind":"secret"}]}`:                                              "protected[0].kind:",
		`{"format":"tocsin-guard-case/1","audience":{"name":"A","kind":"victim","release":"HUSH"}}`:                                                 "audience.release:",
		`{"format":"tocsin-guard-case/1",` + audience + `,"warning":{"content":["what","why"]}}`:                                                    "warning.content[1]:",
		`{"format":"tocsin-guard-case/1",` + audience + `,"threat":` + strings.Repeat(`[`, 40) + strings.Repeat(`]`, 40) + `}`:                      "nests too deep",
	} {
		_, err := guardcase.Read([]byte(in))
		if err == nil || !strings.Contains(err.Error(), path) || tocsin.KindOf(err) != tocsin.Invalid {
			t.Errorf("%s: %v, want %q", in, err, path)
		}
	}
	if _, err := guardcase.Read(make([]byte, guardcase.MaxSize+1)); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("too large: %v", err)
	}
}

// Originator control without consent blocks, unless it is exigent.
func TestConsentCountsOutsideTheSystemToo(t *testing.T) {
	for exigent, want := range map[string]string{"false": "block", "true": "pass"} {
		c, err := guardcase.Read([]byte(`{"format":"tocsin-guard-case/1","audience":{"name":"A","kind":"victim"},"reports":[{"id":"r","marking":"U","controlled":true,"portions":[{"marking":"U","text":"A fire is planned at the mill."}]}],"exigent":` + exigent + `}`))
		if err != nil {
			t.Fatal(err)
		}
		out := release.Words(c.Question(base), release.Passage{Language: "en", Text: "A fire is planned at the mill. Leave it."})
		if got := release.Verdict(out.Findings); got != want {
			t.Errorf("exigent %s: %s, want %s: %s", exigent, got, want, told(out.Findings))
		}
	}
}

// A text that plainly rests on a report without its originator's consent is stopped; where
// it may rest on it, a person is asked; where it does not, that is noted.
func TestWhatMayRestOnAReportWithoutConsentIsAskedAbout(t *testing.T) {
	c, err := guardcase.Read([]byte(`{"format":"tocsin-guard-case/1","audience":{"name":"A","kind":"victim","release":"UNCLASSIFIED"},
		"reports":[{"id":"r1","marking":"UNCLASSIFIED","portions":[{"marking":"U","text":"A fire is planned at the mill on Friday."}]},
		{"id":"r2","marking":"UNCLASSIFIED","controlled":true,"consent":"refused","portions":[{"marking":"U","text":"Paraffin and firelighters were stacked below the granary hoist."}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]tocsin.GuardLevel{
		"A fire is planned at the mill on Friday. Paraffin and firelighters were stacked below the granary hoist.": tocsin.GuardBlock,
		"A fire is planned at the mill on Friday. The granary was chosen.":                                         tocsin.GuardAsk,
		"A fire is planned at the mill on Friday. Leave it by noon.":                                               tocsin.GuardNote,
	} {
		got := tocsin.GuardLevel("")
		for _, f := range release.Words(c.Question(base), release.Passage{Language: "en", Text: text}).Findings {
			if f.Check == "consent" {
				got = f.Level
			}
		}
		if got != want {
			t.Errorf("%q: consent is %q, want %q", text, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(least, "A text.")
	f.Add(`{"format":"tocsin-guard-case/1","audience":{"name":"A","kind":"victim"},"protected":[{"text":"Nighthawk","kind":"cover"}],"reports":[{"id":"r","marking":"SECRET","portions":[{"text":"half past two in 3 March, 0230Z"}]}]}`, "N1ghthawk at 14:30 on 3/3")
	f.Add(`{"format":1}`, "\xff%%&#;=3D")
	f.Fuzz(func(t *testing.T, in, text string) {
		c, err := guardcase.Read([]byte(in))
		if err != nil {
			if tocsin.KindOf(err) != tocsin.Invalid {
				t.Fatalf("error %v", err)
			}
			return
		}
		out := release.Words(c.Question(base), release.Passage{Language: c.Language, Text: text})
		for _, f := range out.Findings {
			if f.Start < 0 || f.Start > f.End || f.End > len(text) || f.ID == "" || f.What == "" || f.Blocks != (f.Level == tocsin.GuardBlock) {
				t.Fatalf("finding %+v of %q", f, text)
			}
		}
	})
}
