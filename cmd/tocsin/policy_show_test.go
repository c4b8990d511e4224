package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tocsin"
	"tocsin/packs"
	"tocsin/policy"
)

// element is one element of a page, with the text within it.
type element struct {
	name string
	attr map[string]string
	text string
	up   *element
}

// readPage reads a page strictly: every element that is opened is closed.
func readPage(t *testing.T, page string) []*element {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	var all []*element
	var here *element
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			here = &element{name: x.Name.Local, attr: map[string]string{}, up: here}
			for _, a := range x.Attr {
				here.attr[a.Name.Local] = a.Value
			}
			all = append(all, here)
		case xml.CharData:
			for e := here; e != nil; e = e.up {
				e.text += string(x)
			}
		case xml.EndElement:
			here = here.up
		}
	}
	return all
}

func showPage(t *testing.T, pack string) (string, []*element) {
	t.Helper()
	got := desk{t: t}.run("", "policy", "show", pack, "--html")
	if got.code != 0 {
		t.Fatal(got.err)
	}
	return got.out, readPage(t, got.out)
}

func TestThePageOfEveryPackIsWholeAndAccessible(t *testing.T) {
	for _, name := range packs.Names() {
		page, all := showPage(t, name)
		if !strings.HasPrefix(page, "<!DOCTYPE html>\n") {
			t.Errorf("%s: it does not begin as a page", name)
		}
		ids := map[string]bool{}
		level := 0
		for _, e := range all {
			if id := e.attr["id"]; id != "" {
				if ids[id] {
					t.Errorf("%s: the id %s stands twice", name, id)
				}
				ids[id] = true
			}
			if h, err := strconv.Atoi(strings.TrimPrefix(e.name, "h")); err == nil && len(e.name) == 2 {
				if h > level+1 || strings.TrimSpace(e.text) == "" {
					t.Errorf("%s: the heading %q of level %d follows one of level %d", name, e.text, h, level)
				}
				level = h
			}
			switch {
			case e.name == "script" || e.name == "link" || e.name == "img" || e.attr["src"] != "" || e.attr["onclick"] != "" || e.attr["style"] != "":
				t.Errorf("%s: it has %s %v", name, e.name, e.attr)
			case e.name == "th" && e.attr["scope"] == "":
				t.Errorf("%s: the heading %q says not for what", name, e.text)
			case e.name == "section" && e.attr["aria-labelledby"] == "":
				t.Errorf("%s: the section %s has no name", name, e.attr["id"])
			}
		}
		for _, want := range []string{"html lang=en", "title ", "main ", "nav ", "caption ", "h1 "} {
			tag, attr, _ := strings.Cut(want, " ")
			if !slices.ContainsFunc(all, func(e *element) bool { return e.name == tag && (attr == "" || "lang="+e.attr["lang"] == attr) }) {
				t.Errorf("%s: there is no %s", name, want)
			}
		}
		tables, captions, links := 0, 0, 0
		for _, e := range all {
			switch e.name {
			case "table":
				tables++
			case "caption":
				captions++
			case "a":
				links++
				if !ids[strings.TrimPrefix(e.attr["href"], "#")] {
					t.Errorf("%s: %q leads nowhere", name, e.attr["href"])
				}
			}
		}
		if tables < 5 || captions != tables || links < 10 {
			t.Errorf("%s: %d tables with %d captions, %d links", name, tables, captions, links)
		}
		if strings.Contains(page, "@import") || strings.Contains(page, "url(") || !strings.Contains(page, "@media print") {
			t.Errorf("%s: the style takes something from elsewhere, or has nothing for print", name)
		}
	}
}

// TestThePageLeavesNothingOfAPackOut compares facts, not prose.
func TestThePageLeavesNothingOfAPackOut(t *testing.T) {
	for _, name := range packs.Names() {
		pack, err := policy.Load(packs.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		_, all := showPage(t, name)
		body := strings.Join(strings.Fields(all[0].text), " ")
		text := strings.Join(strings.Fields(desk{t: t}.run("", "policy", "show", name).out), " ")
		facts := factsOf(pack)
		if len(facts) < 80 {
			t.Fatalf("%s: only %d facts", name, len(facts))
		}
		for _, fact := range facts {
			fact = strings.Join(strings.Fields(fact), " ")
			if !strings.Contains(body, fact) {
				t.Errorf("%s: the page does not say %q", name, fact)
			}
			if !strings.Contains(text, fact) {
				t.Errorf("%s: the text does not say %q", name, fact)
			}
		}
		open, marks := 0, 0
		for _, e := range all {
			if e.name == "strong" && strings.Contains(e.attr["class"], "open") {
				marks++
			}
		}
		each(pack, func(_, basis string) {
			if basis == policy.ToBeConfirmed {
				open++
			}
		})
		if marks != open {
			t.Errorf("%s: %d marks for %d statements that are to be confirmed", name, marks, open)
		}
	}
}

// each visits the clause and basis of everything that a pack states.
func each(pack *policy.Pack, visit func(clause, basis string)) {
	t := pack.Terms()
	visit(pack.LawInForce().Clause, pack.LawInForce().Basis)
	visit(pack.DoubtRule().Clause, pack.DoubtRule().Basis)
	visit(pack.ReviewPlan().Clause, pack.ReviewPlan().Basis)
	for _, x := range pack.Elements() {
		visit(x.Clause, x.Basis)
	}
	for _, x := range pack.Rules() {
		visit(x.Clause, x.Basis)
	}
	for _, x := range t.Grounds {
		visit(x.Clause, x.Basis)
	}
	for _, x := range pack.MustTell() {
		visit(x.Clause, x.Basis)
	}
	for _, x := range pack.ChannelRules() {
		visit(x.Clause, x.Basis)
	}
	for _, x := range t.Duties {
		visit(x.Clause, x.Basis)
	}
	for _, x := range t.Coordination {
		visit(x.Clause, x.Basis)
	}
	for _, x := range pack.RecordItems() {
		visit(x.Clause, x.Basis)
	}
	for _, x := range t.Clocks {
		visit(x.Clause, x.Basis)
	}
	if g, ok := pack.Grades(); ok {
		visit(g.Clause, g.Basis)
	}
	if n, ok := pack.NoGrounds(); ok {
		visit(n.Clause, n.Basis)
	}
}

// factsOf lists what a reader must find.
func factsOf(pack *policy.Pack) []string {
	t := pack.Terms()
	facts := []string{t.Title, string(t.Pack.Digest), pack.DoubtRule().Because}
	each(pack, func(clause, _ string) { facts = append(facts, clause) })
	for _, e := range pack.Elements() {
		facts = append(append(append(facts, e.Title, e.Meaning), e.Questions...), e.Traps...)
	}
	for _, r := range pack.Rules() {
		facts = append(facts, r.Because)
	}
	for _, g := range t.Grounds {
		facts = append(facts, g.Title)
		for _, q := range g.Evidence {
			facts = append(facts, q.Question)
		}
	}
	for _, d := range t.Duties {
		facts = append(facts, d.Title)
	}
	for _, c := range t.Coordination {
		facts = append(facts, c.With, c.Duty)
	}
	for _, c := range t.Content {
		facts = append(facts, c.Title)
	}
	for _, r := range pack.RecordItems() {
		facts = append(facts, r.Title)
	}
	for _, x := range pack.MustTell() {
		facts = append(facts, x.Because)
	}
	if g, ok := pack.Grades(); ok {
		for _, x := range g.Scale {
			facts = append(facts, x.Title, x.Meaning, x.Does)
		}
	}
	return append(append(facts, pack.ReviewPlan().Triggers...), pack.ReviewPlan().Asks...)
}

func TestTheDirectiveReadsAsALawyerWouldCheckIt(t *testing.T) {
	text := strings.Join(strings.Fields(desk{t: t}.run("", "policy", "show", "icd-191").out), " ")
	for _, want := range []string{
		"in force since 21 July 2015; no end is set",
		"killing - serious bodily injury - kidnapping",
		"3. If every test is met: A warning is owed.",
		"If at least one test is in doubt, and no test is answered with “not met” or “not answered yet”: In doubt, which falls towards warning",
		"Only numbers 1 and 2 lead to no warning.",
		"4 hours after first knowledge of the threat to the victim; sooner if the attack is near: a quarter of the time left, but never less than 10 minutes.",
		"30 minutes after the hand-over of the warning; 4 hours if the time of the attack is unknown or more than 24 hours off",
		"24 hours after the last review; then after 3 days, 7 days, 28 days",
		"(The answer “no” defeats the ground.)",
		"lasts at most 2 days",
		"Nobody who handles a source of the case may approve it.",
		"Due: 3 days after the warning, and in no event later than 30 days.",
		"[sourced] 32 CFR 2001.52",
		"[sourced in part] ICD 191, core sentence of the duty (section number to be confirmed)",
		"[TO BE CONFIRMED] ICD 191, doubt rule",
		"Approve a waiver: senior officer",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

func TestTheWordsCoverEveryClosedList(t *testing.T) {
	same := func(list string, have, want []string) {
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) {
			t.Errorf("%s: there are words for %v, and the list is %v", list, have, want)
		}
	}
	same("answers", strung(slices.Collect(maps.Keys(answerWords))), strung(tocsin.FindingValues()))
	same("harms", strung(slices.Collect(maps.Keys(harmWords))), strung(tocsin.Harms()))
	same("powers", strung(slices.Collect(maps.Keys(powerWords))), strung(tocsin.Powers()))
	same("clocks", strung(slices.Collect(maps.Keys(clockStories))), strung(tocsin.ClockNames()))
	same("kinds", strung(slices.Collect(maps.Keys(kindWords))), strung(tocsin.WarningKinds()))
	same("parties", strung(slices.Collect(maps.Keys(partyWords))), strung(policy.Parties()))
	same("channels", strung(slices.Collect(maps.Keys(channelWords))), strung(policy.Channels()))
}

func strung[S ~string](list []S) []string {
	var out []string
	for _, x := range list {
		out = append(out, string(x))
	}
	return out
}

func TestAClockIsSaidInWords(t *testing.T) {
	hour := tocsin.Duration(3600e9)
	for want, r := range map[string]tocsin.ClockRule{
		"24 hours after the question; sooner if the attack is near: half of the time left.": {After: 24 * hour, Percent: 50},
		"2 days after the question.": {After: 48 * hour},
		"90 minutes after the question; 4 hours if the time of the attack is unknown or more than 24 hours off.":                {After: hour * 3 / 2, Serious: 4 * hour},
		"1 hour after the question; sooner if the attack is near: 15 percent of the time left, but never less than 10 minutes.": {After: hour, Percent: 15, Floor: hour / 6},
	} {
		if got := timeAllowed(tocsin.ClockConsent, r, 24*hour); got != want {
			t.Errorf("it says %q and not %q", got, want)
		}
	}
}

func TestAPackInAFolderIsShownAndTestedLikeABuiltInOne(t *testing.T) {
	dir := changedPack(t, nil)
	d := desk{t: t}
	a, b := d.run("", "policy", "show", "icd-191"), d.run("", "policy", "show", dir)
	if a.code != 0 || a.out != b.out {
		t.Errorf("the copy is shown otherwise: %s", b.err)
	}
	if got := d.run("", "policy", "test", dir); got.code != 0 || !strings.Contains(got.out, "tests pass") {
		t.Errorf("%+v", got)
	}
	for _, command := range []string{"show", "test"} {
		if got := d.run("", "policy", command, t.TempDir()); got.code != 1 || !strings.Contains(got.err, "neither a built-in policy pack nor a folder") {
			t.Errorf("%s: %+v", command, got)
		}
	}
	var whole struct {
		Pack      tocsin.PackRef
		Elements  []string
		Threshold []struct{ Questions []string }
		Rules     []struct{ Basis string }
	}
	if err := json.Unmarshal([]byte(d.run("", "policy", "show", dir, "--json").out), &whole); err != nil || len(whole.Threshold) != 5 || len(whole.Elements) != 5 || len(whole.Rules) != 8 || len(whole.Threshold[0].Questions) == 0 {
		t.Errorf("%v, %s", err, fmt.Sprint(whole))
	}
}
