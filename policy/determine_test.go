package policy_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/packs"
	"tocsin/policy"
)

func load(t testing.TB) *policy.Pack {
	t.Helper()
	p, err := policy.Load(packs.FS(), "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// findings in the order of the pack: credible, specific, impending, harm,
// directed; "" leaves one out.
func findings(values ...tocsin.FindingValue) []tocsin.Finding {
	var out []tocsin.Finding
	for i, e := range []string{"credible", "specific", "impending", "harm", "directed"} {
		if values[i] != "" {
			out = append(out, tocsin.Finding{Element: e, Value: values[i], Reason: "because of " + e})
		}
	}
	return out
}

const (
	yes = tocsin.Met
	dbt = tocsin.Doubtful
	no  = tocsin.NotMet
	unk = tocsin.Unknown
)

// twin is the decision table of the domain notes (1.11a) written as slowly and
// plainly as it can be, with no look at the pack.
func twin(harm tocsin.Harm, v map[string]tocsin.FindingValue) (tocsin.DeterminationResult, string) {
	listed := harm == tocsin.Killing || harm == tocsin.SeriousBodilyInjury || harm == tocsin.Kidnapping
	h := v["harm"]
	if harm == "" && h == yes {
		h = dbt
	}
	if harm != "" && !listed {
		h = no
	}
	if listed && h == no {
		h = dbt
	}
	switch {
	case h == no: // row 5
		return tocsin.ResultNotOwed, "other_pack"
	case v["credible"] == no: // row 9
		return tocsin.ResultNotOwed, "none"
	case v["impending"] == no: // row 8
		return tocsin.ResultDoubtful, "advisory"
	case v["specific"] == no, v["directed"] == no: // rows 7 and 6
		return tocsin.ResultDoubtful, "general"
	case v["credible"] == yes && v["specific"] == yes && v["impending"] == yes && h == yes && v["directed"] == yes: // row 1
		return tocsin.ResultOwed, "victim"
	}
	return tocsin.ResultDoubtful, "victim" // row 3, and what nobody has answered
}

// everyCombination calls f for every harm with every combination of values.
func everyCombination(t testing.TB, f func(harm tocsin.Harm, v []tocsin.FindingValue)) {
	t.Helper()
	seen := 0
	all := tocsin.FindingValues()
	for _, harm := range append([]tocsin.Harm{""}, tocsin.Harms()...) {
		for n := range 1024 {
			v := make([]tocsin.FindingValue, 5)
			for i, rest := 0, n; i < 5; i, rest = i+1, rest/4 {
				v[i] = all[rest%4]
			}
			f(harm, v)
			seen++
		}
	}
	if seen != 8*1024 {
		t.Fatalf("went through %d combinations", seen)
	}
}

func byName(v []tocsin.FindingValue) map[string]tocsin.FindingValue {
	return map[string]tocsin.FindingValue{"credible": v[0], "specific": v[1], "impending": v[2], "harm": v[3], "directed": v[4]}
}

func TestEveryCombinationOfAnswersComesOutAsTheDecisionTableSays(t *testing.T) {
	p := load(t)
	everyCombination(t, func(harm tocsin.Harm, v []tocsin.FindingValue) {
		d := p.Determine("v1", harm, findings(v...))
		result, route := twin(harm, byName(v))
		if d.Result != result || d.Route != route {
			t.Fatalf("harm %q, %v: got %s/%s by %s, the table says %s/%s", harm, v, d.Result, d.Route, d.Rule, result, route)
		}
		if d.Clause == "" || d.Basis == "" || d.Because == "" || len(d.Rests) != 5 || d.Failed != nil {
			t.Fatalf("harm %q, %v: the reason is not complete: %+v", harm, v, d)
		}
		if last := d.Explanation[len(d.Explanation)-2]; !strings.HasPrefix(last, "Rule "+d.Rule+" applies (") {
			t.Fatalf("harm %q, %v: the explanation does not end with the rule that decided: %q", harm, v, d.Explanation)
		}
	})
}

// support says whether b supports the threat at least as much as a. Unknown and
// doubtful are both between not met and met, and neither is above the other.
func support(a, b tocsin.FindingValue) bool {
	return a == b || a == no || b == yes
}

var nearness = map[tocsin.DeterminationResult]int{tocsin.ResultNotOwed: 0, tocsin.ResultDoubtful: 1, tocsin.ResultOwed: 2}

func TestMoreSupportForAThreatNeverLeadsFurtherFromWarning(t *testing.T) {
	p := load(t)
	steps := 0
	everyCombination(t, func(harm tocsin.Harm, v []tocsin.FindingValue) {
		before := p.Determine("v1", harm, findings(v...))
		for i := range v {
			for _, to := range tocsin.FindingValues() {
				if to == v[i] || !support(v[i], to) {
					continue
				}
				more := slices.Clone(v)
				more[i] = to
				after := p.Determine("v1", harm, findings(more...))
				steps++
				if nearness[after.Result] < nearness[before.Result] {
					t.Fatalf("harm %q: %v is %s, and with more support %v is %s", harm, v, before.Result, more, after.Result)
				}
			}
		}
	})
	if steps == 0 {
		t.Fatal("nothing was compared")
	}
}

func TestOnlyCredibilityAndTheListOfHarmsCanEndInNoWarning(t *testing.T) {
	p := load(t)
	everyCombination(t, func(harm tocsin.Harm, v []tocsin.FindingValue) {
		d := p.Determine("v1", harm, findings(v...))
		if d.Result == tocsin.ResultNotOwed && d.Rule != "not-credible" && d.Rule != "harm-outside-list" {
			t.Fatalf("harm %q, %v: not owed by %s", harm, v, d.Rule)
		}
		if d.Result != tocsin.ResultNotOwed && d.Route == policy.RouteNone {
			t.Fatalf("harm %q, %v: %s and yet nothing to send", harm, v, d.Result)
		}
	})
}

func TestTheRecordedHarmAndTheFindingOnIt(t *testing.T) {
	p := load(t)
	for _, c := range []struct {
		name  string
		harm  tocsin.Harm
		found tocsin.FindingValue
		want  tocsin.DeterminationResult
		route string
		says  string
	}{
		{"a listed harm was found, the threat says property", tocsin.PropertyDamage, yes, tocsin.ResultNotOwed, "other_pack", "not among the harms of this pack"},
		{"the harm was not asked for, the threat says property", tocsin.PropertyDamage, "", tocsin.ResultNotOwed, "other_pack", "not among the harms of this pack"},
		{"no listed harm was found, the threat says property", tocsin.PropertyDamage, no, tocsin.ResultNotOwed, "other_pack", "not among the harms of this pack"},
		{"a listed harm was found, the threat names none", "", yes, tocsin.ResultDoubtful, "victim", "recorded without a harm"},
		{"no listed harm was found, the threat names none", "", no, tocsin.ResultNotOwed, "other_pack", ""},
		{"no listed harm was found, the threat says killing", tocsin.Killing, no, tocsin.ResultDoubtful, "victim", "contradict each other"},
		{"the harm was not asked for, the threat says killing", tocsin.Killing, "", tocsin.ResultDoubtful, "victim", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := p.Determine("v1", c.harm, findings(yes, yes, yes, c.found, yes))
			if d.Result != c.want || d.Route != c.route {
				t.Errorf("got %s/%s, want %s/%s", d.Result, d.Route, c.want, c.route)
			}
			told := strings.Join(d.Explanation, "\n")
			if c.says != "" && !strings.Contains(told, c.says) || c.says == "" && strings.Contains(told, "The threat is recorded") {
				t.Errorf("the explanation should say %q:\n%s", c.says, told)
			}
		})
	}
}

func TestWhatCannotBeEvaluatedFallsTowardsWarning(t *testing.T) {
	p := load(t)
	refusal := findings(no, no, no, no, no)
	for _, c := range []struct {
		name  string
		harm  tocsin.Harm
		given []tocsin.Finding
		says  string
	}{
		{"an element that the pack does not have", "", append(slices.Clone(refusal), tocsin.Finding{Element: "plausible", Value: no}), `"plausible"`},
		{"a value that there is not", "", append(slices.Clone(refusal[1:]), tocsin.Finding{Element: "credible", Value: "no"}), `"no"`},
		{"an empty value", "", append(slices.Clone(refusal[1:]), tocsin.Finding{Element: "credible"}), `credible has the value ""`},
		{"two findings that differ", "", append(slices.Clone(refusal), tocsin.Finding{Element: "credible", Value: yes}), `2 findings on credible: "met", "not_met"`},
		{"two findings that agree", "", append(slices.Clone(refusal), refusal[0]), "2 findings on credible"},
		{"a harm that there is not", "arson", refusal, `"arson"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := p.Determine("v1", c.harm, c.given)
			if d.Result != tocsin.ResultDoubtful || d.Route != policy.RouteVictim || len(d.Failed) != 1 || !strings.Contains(d.Failed[0], c.says) {
				t.Errorf("got %s/%s, failed %q", d.Result, d.Route, d.Failed)
			}
			if len(d.Rests) != 5 || d.Clause == "" || d.Because == "" || d.Rule == "" || !slices.Contains(d.Explanation, d.Failed[0]) {
				t.Errorf("the reason is not complete: %+v", d)
			}
			if next := p.Next(c.harm, c.given); next != nil {
				t.Errorf("asks %v although the findings must be corrected first", next)
			}
		})
	}
}

func TestAnyInputAtAllIsAnsweredTheSameWayInAnyOrder(t *testing.T) {
	p := load(t)
	finding := rapid.Custom(func(t *rapid.T) tocsin.Finding {
		return tocsin.Finding{
			Element: rapid.SampledFrom([]string{"credible", "specific", "impending", "harm", "directed", "", "other"}).Draw(t, "element"),
			Value:   rapid.SampledFrom([]tocsin.FindingValue{yes, dbt, no, unk, "", "maybe"}).Draw(t, "value"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.SliceOfN(finding, 0, 8).Draw(t, "findings")
		harm := rapid.SampledFrom(append([]tocsin.Harm{"", "arson"}, tocsin.Harms()...)).Draw(t, "harm")
		before := slices.Clone(given)
		d := p.Determine("v1", harm, given)
		if !reflect.DeepEqual(before, given) {
			t.Fatal("the findings were changed")
		}
		if other := p.Determine("v1", harm, rapid.Permutation(given).Draw(t, "other order")); !reflect.DeepEqual(d, other) {
			t.Fatalf("the order matters:\n%+v\n%+v", d, other)
		}
		if len(d.Failed) > 0 && d.Result != tocsin.ResultDoubtful {
			t.Fatalf("could not be evaluated and came out %s", d.Result)
		}
		clean := harm != "arson"
		seen := map[string]bool{}
		for _, f := range given {
			clean = clean && !seen[f.Element] && f.Element != "" && f.Element != "other" && slices.Contains(tocsin.FindingValues(), f.Value)
			seen[f.Element] = true
		}
		if clean != (len(d.Failed) == 0) {
			t.Fatalf("clean is %v and failed is %q", clean, d.Failed)
		}
	})
}

func TestChangesAreExactlyTheAnswersThatChangeTheResult(t *testing.T) {
	p := load(t)
	everyCombination(t, func(harm tocsin.Harm, v []tocsin.FindingValue) {
		d := p.Determine("v1", harm, findings(v...))
		claimed := map[tocsin.Change]bool{}
		settled := false
		for _, c := range d.Changes {
			claimed[c] = true
			certain := c.From == yes || c.From == no
			if settled && !certain {
				t.Fatalf("harm %q, %v: a settled question stands before an open one: %v", harm, v, d.Changes)
			}
			settled = settled || certain
		}
		want := 0
		for i, e := range p.Elements() {
			for _, to := range []tocsin.FindingValue{yes, dbt, no} {
				other := slices.Clone(v)
				other[i] = to
				r := p.Determine("v1", harm, findings(other...)).Result
				if to == v[i] || r == d.Result {
					continue
				}
				want++
				if !claimed[tocsin.Change{Element: e.ID, From: v[i], To: to, Result: r}] {
					t.Fatalf("harm %q, %v: %s to %s gives %s, which is not among %v", harm, v, e.ID, to, r, d.Changes)
				}
			}
		}
		if want != len(d.Changes) {
			t.Fatalf("harm %q, %v: %d changes, claimed %v", harm, v, want, d.Changes)
		}
	})
}

func TestTheMostDecisiveOpenQuestionIsAskedFirst(t *testing.T) {
	p := load(t)
	d := p.Determine("v1", tocsin.Killing, findings(dbt, unk, yes, yes, yes))
	// Specific cannot change the result while credible is in doubt; credible can
	// end the case.
	if len(d.Changes) == 0 || d.Changes[0].Element != "credible" || d.Changes[0].To != no {
		t.Errorf("changes: %v", d.Changes)
	}
	var order []string
	for _, q := range p.Next(tocsin.Killing, findings(dbt, unk, yes, yes, yes)) {
		order = append(order, q.Element)
		if len(q.Questions) == 0 || q.Matters < 1 || q.Matters > q.Of {
			t.Errorf("%+v", q)
		}
	}
	if !slices.Equal(order, []string{"credible", "specific"}) {
		t.Errorf("asks %v", order)
	}
	if next := p.Next(tocsin.PropertyDamage, findings(unk, unk, unk, unk, unk)); next != nil {
		t.Errorf("the recorded harm has decided, and still it asks %v", next)
	}
	if next := p.Next(tocsin.Killing, findings(yes, yes, yes, yes, yes)); next != nil {
		t.Errorf("everything is answered, and still it asks %v", next)
	}
}

func TestADeterminationKeepsWhatTheOfficerFound(t *testing.T) {
	given := findings(yes, dbt, yes, yes, yes)
	given[1].Evidence = []tocsin.Span{{Report: "r1", Start: 3, End: 7, Quote: "town"}}
	given[1].By = "a.analyst"
	d := load(t).Determine("v7", tocsin.Killing, given)
	if d.Victim != "v7" || !reflect.DeepEqual(d.Rests, given) {
		t.Errorf("rests on %+v", d.Rests)
	}
}

func TestChangingAReturnedDeterminationDoesNotChangeTheNext(t *testing.T) {
	p := load(t)
	first := p.Determine("v1", tocsin.Killing, findings(unk, yes, yes, yes, yes))
	want := p.Determine("v1", tocsin.Killing, findings(unk, yes, yes, yes, yes))
	first.Explanation[0], first.Changes[0].Element, first.Rests[0].Value = "x", "x", "x"
	if got := p.Determine("v1", tocsin.Killing, findings(unk, yes, yes, yes, yes)); !reflect.DeepEqual(got, want) {
		t.Error("determinations share memory")
	}
}

func TestOnePackDetermineInParallel(t *testing.T) {
	p := load(t)
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 500 {
				p.Determine("v1", tocsin.Killing, findings(unk, yes, dbt, yes, yes))
			}
		})
	}
}

func TestRunTestsNamesTheTestThatCameOutOtherwise(t *testing.T) {
	fs := edited(t, "tests/kerman.yaml", "result: owed\n    rule: all-met\n    route: victim", "result: not_owed\n    rule: not-credible\n    route: none")
	p, err := policy.Load(fs, "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	err = policy.RunTests(p)
	if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), "icd-191/tests/kerman.yaml:5") || !strings.Contains(err.Error(), "the civilians in the crowd") {
		t.Errorf("got %v", err)
	}
	if err := policy.RunTests(load(t)); err != nil {
		t.Errorf("the pack as shipped: %v", err)
	}
}
