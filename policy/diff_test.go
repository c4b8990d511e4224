package policy_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"tocsin"
	"tocsin/packs"
	"tocsin/policy"
)

func builtin(t testing.TB, name string) *policy.Pack {
	t.Helper()
	p, err := policy.Load(packs.FS(), name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func changed(t testing.TB, old, now string) *policy.Pack {
	t.Helper()
	p, err := policy.Load(edited(t, "pack.yaml", old, now), "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPackDoesNotDifferFromItself(t *testing.T) {
	for _, name := range packs.Names() {
		if d := policy.Diff(builtin(t, name), builtin(t, name)); len(d) != 0 {
			t.Errorf("%s: %v", name, d)
		}
	}
	// A comment changes the digest and nothing that comes out.
	if d := policy.Diff(load(t), changed(t, "# HOW TO READ THIS.", "# HOW TO READ IT.")); len(d) != 0 {
		t.Errorf("%v", d)
	}
}

func TestAChangedRuleIsOneDifferenceWithItsCountAndAnExample(t *testing.T) {
	b := changed(t, "result: doubtful\n    route: advisory", "result: doubtful\n    route: victim")
	d := policy.Diff(load(t), b)
	if len(d) != 1 || d[0].From.Rule != "not-impending" || d[0].From.Route != "advisory" || d[0].To.Route != "victim" {
		t.Fatalf("%+v", d)
	}
	// credible and harm are not answered with no and impending is: 3*3*4*4 = 144 of
	// the answers. With one of the three listed harms recorded a harm of not met
	// counts as doubtful, which makes it 192; with none recorded it stays 144.
	if d[0].Combinations != 144+3*192 || d[0].Of != 8*1024 || len(d[0].Harms) != 4 {
		t.Errorf("%d of %d combinations, with the harms %q", d[0].Combinations, d[0].Of, d[0].Harms)
	}
	ex := d[0].Example
	if a, b := load(t).Determine("v", ex.Harm, ex.Findings), b.Determine("v", ex.Harm, ex.Findings); a.Rule != d[0].From.Rule || b.Route != d[0].To.Route {
		t.Errorf("the example %v comes out as %s and %s", ex, a.Rule, b.Route)
	}
	if !strings.Contains(d[0].Says, "720 of 8192 combinations: doubtful by way of victim (rule not-impending) instead of doubtful by way of advisory (rule not-impending), such as credible met,") {
		t.Errorf("says %q", d[0].Says)
	}
}

func TestWhatMovesTowardsSilenceStandsFirst(t *testing.T) {
	b := changed(t, "result: doubtful\n    route: advisory", "result: not_owed\n    route: none")
	d := policy.Diff(b, load(t))
	if len(d) != 1 || d[0].From.Result != tocsin.ResultNotOwed {
		t.Fatalf("%+v", d)
	}
	d = policy.Diff(builtin(t, "icd-191"), builtin(t, "dsa-18"))
	last := -2
	for _, x := range d {
		if x.Clock != "" {
			break
		}
		rank := map[tocsin.DeterminationResult]int{tocsin.ResultNotOwed: 0, tocsin.ResultDoubtful: 1, tocsin.ResultOwed: 2}
		towards := rank[x.To.Result] - rank[x.From.Result]
		if towards < last {
			t.Errorf("%s stands after what moves towards warning", x.Says)
		}
		last = towards
	}
	if last < 0 || len(d) > 100 {
		t.Errorf("%d differences, the last moves by %d", len(d), last)
	}
}

func TestAChangedClockIsToldOnce(t *testing.T) {
	d := policy.Diff(load(t), changed(t, "acknowledgement: {after: 30m, percent: 10, floor: 5m, serious: 4h", "acknowledgement: {after: 20m, percent: 10, floor: 5m, serious: 4h"))
	if len(d) != 1 || d[0].Clock != tocsin.ClockAcknowledge || d[0].FromClock.After.String() != "30m" || d[0].ToClock.After.String() != "20m" ||
		d[0].Says != "The clock acknowledgement is 20m, at most 10 percent of the time left but not below 5m, or 4h if the attack is not within 1d instead of 30m, at most 10 percent of the time left but not below 5m, or 4h if the attack is not within 1d." {
		t.Errorf("%+v", d)
	}
	// What counts as imminent changes only the clocks that ask for it.
	if d = policy.Diff(load(t), changed(t, "imminent: 24h", "imminent: 48h")); len(d) != 1 || d[0].Clock != tocsin.ClockAcknowledge {
		t.Errorf("%+v", d)
	}
	if d = policy.Diff(load(t), changed(t, "then: [3d, 7d, 28d]", "then: [3d, 28d]")); len(d) != 1 || d[0].Clock != tocsin.ClockReview {
		t.Errorf("%+v", d)
	}
}

// The oracle asks both packs everything, as slowly as can be. The two share one
// element; of the others each answers its own.
func TestDiffCountsEveryCombinationOfTwoPacks(t *testing.T) {
	a, b := builtin(t, "rcmp"), builtin(t, "ngo-security")
	var union []string
	of := map[*policy.Pack][]string{}
	for _, p := range []*policy.Pack{a, b} {
		for _, e := range p.Elements() {
			of[p] = append(of[p], e.ID)
			if !slices.Contains(union, e.ID) {
				union = append(union, e.ID)
			}
		}
	}
	if len(union) != 7 {
		t.Fatalf("the two ask for %q", union)
	}
	want, total := map[[2]string]int{}, 0
	for _, harm := range []tocsin.Harm{"", tocsin.Killing, tocsin.UnlawfulDetention, tocsin.PropertyDamage} {
		for n := range 1 << (2 * len(union)) {
			total++
			ask := func(p *policy.Pack) tocsin.Determination {
				var findings []tocsin.Finding
				for i, id := range union {
					if slices.Contains(of[p], id) {
						findings = append(findings, tocsin.Finding{Element: id, Value: tocsin.FindingValues()[n>>(2*i)&3]})
					}
				}
				return p.Determine("v", harm, findings)
			}
			if x, y := ask(a), ask(b); x.Result != y.Result || x.Route != y.Route {
				times := map[tocsin.Harm]int{"": 1, tocsin.Killing: 3, tocsin.UnlawfulDetention: 3, tocsin.PropertyDamage: 1}[harm]
				want[[2]string{x.Rule, y.Rule}] += times // the other harms are listed by the same packs
			}
		}
	}
	got := map[[2]string]int{}
	for _, d := range policy.Diff(a, b) {
		if d.Clock == "" {
			got[[2]string{d.From.Rule, d.To.Rule}] = d.Combinations
			if d.Of != total/4*8 {
				t.Fatalf("%d combinations, and there are %d", d.Of, total/4*8)
			}
		}
	}
	if len(got) == 0 || len(got) != len(want) {
		t.Errorf("%d groups, want %d", len(got), len(want))
	}
	for rules, n := range want {
		if got[rules] != n {
			t.Errorf("%v: %d combinations, want %d", rules, got[rules], n)
		}
	}
}

func TestAStartingPackDoesNotLoadBeforeItIsFilledInAndDoesAfterwards(t *testing.T) {
	blank := regexp.MustCompile(`"FILL IN:[^"]*"`)
	files, err := policy.New("harbour-watch")
	if err != nil || len(files) != 2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	raw, filled := copyOf(t), copyOf(t)
	for _, f := range files {
		text := string(f.Data)
		raw["harbour-watch/"+f.Path] = &fstest.MapFile{Data: f.Data}
		text = strings.Replace(text, `home: "FILL IN: the country of the organisation, two capital letters"`, "home: NO", 1)
		filled["harbour-watch/"+f.Path] = &fstest.MapFile{Data: []byte(blank.ReplaceAllString(text, `"our own words"`))}
	}
	_, err = policy.Load(raw, "harbour-watch")
	if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), "title was not filled in; write what the words after FILL IN: ask for") {
		t.Errorf("unfilled: %v", err)
	}
	p, err := policy.Load(filled, "harbour-watch")
	if err != nil {
		t.Fatal(err)
	}
	if err := policy.RunTests(p); err != nil {
		t.Error(err)
	}
	if p.Ref().Name != "harbour-watch" || len(p.Languages()) < 2 {
		t.Errorf("%v in %q", p.Ref(), p.Languages())
	}
	if n := strings.Count(string(files[0].Data), "\n#"); n < 60 {
		t.Errorf("only %d lines of comment", n)
	}
	for _, name := range []string{"", "Harbour Watch", "../x", ".hidden", "texts-mine"} {
		if _, err := policy.New(name); !errors.Is(err, tocsin.Invalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func BenchmarkDiff(b *testing.B) {
	x, y := builtin(b, "icd-191"), builtin(b, "no-double-standard")
	combinations := 0
	for b.Loop() {
		combinations = policy.Diff(x, y)[0].Of
	}
	b.ReportMetric(float64(combinations), "combinations")
}
