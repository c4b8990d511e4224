package prove

import (
	"fmt"
	"slices"
	"strings"

	"tocsin"
	"tocsin/packs/packfile"
	"tocsin/policy"
)

// table is a pack's rules, read here and not by package policy: the judge must not
// be the accused. Rules are fitted to findings value by value, as they are written.
type table struct {
	name     string
	elements []policy.Element
	rules    []policy.Rule
	listed   []tocsin.Harm
	harmAt   int
	line     func(rule int) int // -1: of all rules
	first    []int              // combination -> the rule that decides, or -1
}

// values are those of a finding; a combination is a number in base 4 whose digit i
// is the value of element i.
var values = tocsin.FindingValues()

// support orders the values by how much they say for the threat.
var support = map[tocsin.FindingValue]int{tocsin.Met: 2, tocsin.Doubtful: 1, tocsin.Unknown: 1, tocsin.NotMet: 0}

// nearness orders the results by how near they are to warning.
var nearness = map[tocsin.DeterminationResult]int{tocsin.ResultOwed: 2, tocsin.ResultDoubtful: 1, tocsin.ResultNotOwed: 0}

// readTable reads what the table is made of. Where that fails, the loader will say
// why, and there is no table.
func (p *proof) readTable(files *packfile.Files) {
	var problems packfile.Problems
	t := &table{name: p.name}
	var harms struct {
		Element string        `yaml:"element"`
		Listed  []tocsin.Harm `yaml:"listed"`
	}
	var powers map[tocsin.Power][]tocsin.Role
	var clocks map[tocsin.ClockName]tocsin.ClockRule
	var grounds []tocsin.Ground
	p.lines = map[string]int{}
	files.DecodeKey("pack.yaml", "elements", &t.elements, &problems)
	rules := files.DecodeKey("pack.yaml", "rules", &t.rules, &problems, packfile.Words(tocsin.FindingValues()), packfile.Words([]tocsin.DeterminationResult{tocsin.ResultOwed, tocsin.ResultDoubtful, tocsin.ResultNotOwed}))
	files.DecodeKey("pack.yaml", "harms", &harms, &problems)
	var lenient packfile.Problems // these are read for their lines only
	inPowers := files.DecodeKey("pack.yaml", "powers", &powers, &lenient)
	inClocks := files.DecodeKey("pack.yaml", "clocks", &clocks, &lenient)
	inGrounds := files.DecodeKey("pack.yaml", "grounds", &grounds, &lenient)
	for _, pw := range tocsin.Powers() {
		p.lines["powers."+string(pw)] = inPowers.Line("powers." + string(pw))
	}
	for _, c := range tocsin.ClockNames() {
		p.lines["clocks."+string(c)] = inClocks.Line("clocks." + string(c))
	}
	for i, g := range grounds {
		p.lines["ground "+g.ID] = inGrounds.Line(fmt.Sprintf("grounds[%d]", i))
	}
	t.harmAt = slices.IndexFunc(t.elements, func(e policy.Element) bool { return e.ID == harms.Element })
	t.listed = harms.Listed
	t.line = func(rule int) int { return rules.Line(strings.TrimSuffix(fmt.Sprintf("rules[%d]", rule), "[-1]")) }
	if problems.None() && t.harmAt >= 0 && len(t.elements) <= policy.MaxElements {
		p.table = t
	}
}

func (t *table) size() int {
	n := 1
	for range t.elements {
		n *= len(values)
	}
	return n
}

// value of element i in combination n.
func value(n, i int) tocsin.FindingValue { return values[n>>(2*i)&3] }

// with is combination n with another value for element i.
func with(n, i int, v tocsin.FindingValue) int {
	return n&^(3<<(2*i)) | slices.Index(values, v)<<(2*i)
}

// fits reads a rule's condition as it is written.
func (t *table) fits(r policy.Rule, n int) bool {
	some := len(r.When.Any) == 0
	for i, e := range t.elements {
		v := value(n, i)
		own, named := r.When.Elements[e.ID]
		switch {
		case named && !slices.Contains(own, v),
			!named && len(r.When.Others) > 0 && !slices.Contains(r.When.Others, v),
			len(r.When.All) > 0 && !slices.Contains(r.When.All, v),
			slices.Contains(r.When.None, v):
			return false
		}
		some = some || slices.Contains(r.When.Any, v)
	}
	return some
}

// counted is combination n as the recorded harm makes it count.
func (t *table) counted(n int, harm tocsin.Harm) int {
	found := value(n, t.harmAt)
	switch {
	case harm != "" && !slices.Contains(t.listed, harm):
		return with(n, t.harmAt, tocsin.NotMet)
	case harm == "" && found == tocsin.Met, harm != "" && found == tocsin.NotMet:
		return with(n, t.harmAt, tocsin.Doubtful)
	}
	return n
}

// harms are those that combinations are taken with: every one and none, or, for a
// pack of many elements, one of each sort.
func (t *table) harms() []tocsin.Harm {
	if len(t.elements) <= 6 {
		return append([]tocsin.Harm{""}, tocsin.Harms()...)
	}
	sorts := []tocsin.Harm{"", t.listed[0]}
	if i := slices.IndexFunc(tocsin.Harms(), func(h tocsin.Harm) bool { return !slices.Contains(t.listed, h) }); i >= 0 {
		sorts = append(sorts, tocsin.Harms()[i])
	}
	return sorts
}

// prove goes through every combination and notes who decides it, who else fits, and
// which rules decide nothing.
func (t *table) prove(p *proof) {
	t.first = make([]int, t.size())
	decides := make([]int, len(t.rules))
	fitted := make([]int, len(t.rules))        // how many combinations it fits
	example := make([]int, len(t.rules))       // one of them
	under := make([]map[int]int, len(t.rules)) // of those, how many an earlier rule fits too
	meet := map[[2]int]int{}                   // two rules -> the first combination that one decides and the other fits too
	open, none := 0, -1
	for n := range t.first {
		t.first[n] = -1
		var fit []int
		for i, r := range t.rules {
			if t.fits(r, n) {
				fit = append(fit, i)
			}
		}
		if len(fit) == 0 {
			if open++; none < 0 {
				none = n
			}
			continue
		}
		t.first[n] = fit[0]
		decides[fit[0]]++
		for at, j := range fit {
			if fitted[j]++; fitted[j] == 1 {
				example[j], under[j] = n, map[int]int{}
			}
			for _, i := range fit[:at] {
				under[j][i]++
			}
			if _, ok := meet[[2]int{fit[0], j}]; !ok {
				meet[[2]int{fit[0], j}] = n
			}
		}
	}
	p.res.Counted.Findings += len(t.first)
	if open > 0 {
		p.broken(Violation{Sort: NoRule, File: "pack.yaml", Line: t.line(-1), What: fmt.Sprintf("no rule fits when %s (and %d more combinations)", t.tell(none), open-1),
			Test: t.tests(t.test("no rule fits", "", none, tocsin.ResultDoubtful, "a-rule-to-be-written", "victim"))})
	}
	for j := range t.rules {
		t.dead(p, j, decides[j], fitted[j], example[j], under[j])
	}
	t.overlaps(p, meet, decides)
	if open == 0 {
		t.monotone(p)
	}
}

func (t *table) dead(p *proof, j, decides, fitted, example int, under map[int]int) {
	if decides > 0 {
		return
	}
	r := t.rules[j]
	v := Violation{Sort: DeadRule, File: "pack.yaml", Line: t.line(j), What: fmt.Sprintf("the rule %s decides nothing: it fits no combination", r.ID)}
	if fitted > 0 {
		v.What = fmt.Sprintf("the rule %s decides nothing: earlier rules take each of the %d combinations that it fits", r.ID, fitted)
		v.Test = t.tests(t.test("what the rule "+r.ID+" is meant for", "", example, r.Result, r.ID, r.Route))
	}
	for i, n := range under {
		if n == fitted {
			v.Sort = Shadowed
			v.What = fmt.Sprintf("the rule %s decides nothing: the rule %s stands before it and takes all of the %d combinations that it fits", r.ID, t.rules[i].ID, fitted)
		}
	}
	p.broken(v)
}

func (t *table) overlaps(p *proof, meet map[[2]int]int, decides []int) {
	for i, a := range t.rules {
		for j, b := range t.rules {
			n, both := meet[[2]int{i, j}]
			if !both || a.Result == b.Result || slices.Contains(a.Before, b.ID) || decides[j] == 0 {
				continue
			}
			x := Violation{Sort: Overlap, File: "pack.yaml", Line: t.line(i),
				What: fmt.Sprintf("the rules %s (%s) and %s (%s) both fit when %s, and the pack does not say which goes first; if %s shall, write before: [%s] in it", a.ID, a.Result, b.ID, b.Result, t.tell(n), a.ID, b.ID)}
			harm := t.harmFor(n)
			first := t.rules[t.first[t.counted(n, harm)]]
			x.Test = t.tests(t.test("which of two rules goes first", harm, n, first.Result, first.ID, first.Route))
			if first.Result == tocsin.ResultNotOwed {
				x.Scenario = t.scenario([]case1{{harm, n}}, "Two rules fit and the one that goes first says that no warning is owed. The pack does not say that it was meant.")
			}
			p.broken(x)
		}
	}
}

// harmFor is a recorded harm with which combination n counts as it stands.
func (t *table) harmFor(n int) tocsin.Harm {
	for _, h := range []tocsin.Harm{t.listed[0], ""} {
		if t.counted(n, h) == n {
			return h
		}
	}
	return ""
}

// monotone compares every two combinations that differ in one element, or in the
// harm alone. One example is told of each two rules.
func (t *table) monotone(p *proof) {
	told := map[[2]int]bool{}
	compare := func(weak, strong case1) {
		p.res.Counted.Pairs++
		a, b := t.decides(weak), t.decides(strong)
		if nearness[t.rules[b].Result] >= nearness[t.rules[a].Result] || told[[2]int{a, b}] {
			return
		}
		told[[2]int{a, b}] = true
		p.broken(t.lessWarning(weak, strong))
	}
	harms := t.harms()
	for n := range t.first {
		for _, h := range harms {
			for i := range t.elements {
				for _, v := range values {
					if support[v] > support[value(n, i)] {
						compare(case1{h, n}, case1{h, with(n, i, v)})
					}
				}
			}
		}
		for _, h := range harms {
			switch {
			case h == "":
			case slices.Contains(t.listed, h):
				compare(case1{"", n}, case1{h, n})
			default:
				compare(case1{h, n}, case1{"", n})
			}
		}
	}
}

// case1 is one combination with a recorded harm.
type case1 struct {
	harm tocsin.Harm
	n    int
}

func (t *table) decides(c case1) int { return t.first[t.counted(c.n, c.harm)] }

func (t *table) lessWarning(weak, strong case1) Violation {
	a, b := t.rules[t.decides(weak)], t.rules[t.decides(strong)]
	v := Violation{Sort: NotMonotone, File: "pack.yaml", Line: t.line(t.decides(strong)),
		What: fmt.Sprintf("more support for the threat leads to less warning: %s is %s by the rule %s, and %s is %s by the rule %s",
			t.tellCase(weak), a.Result, a.ID, t.tellCase(strong), b.Result, b.ID),
		Test: t.tests(t.test("less support for the threat", weak.harm, weak.n, a.Result, a.ID, a.Route), t.test("more support, and less warning", strong.harm, strong.n, b.Result, b.ID, b.Route))}
	if b.Result == tocsin.ResultNotOwed {
		v.Scenario = t.scenario([]case1{weak, strong}, "What is known of the second person says more for the threat, and the pack owes that person no warning.")
	}
	return v
}

func (t *table) tellCase(c case1) string {
	if c.harm == "" {
		return t.tell(c.n) + " with no recorded harm"
	}
	return t.tell(c.n) + " with the recorded harm " + string(c.harm)
}

func (t *table) tell(n int) string {
	var parts []string
	for i, e := range t.elements {
		parts = append(parts, e.ID+" is "+strings.ReplaceAll(string(value(n, i)), "_", " "))
	}
	return strings.Join(parts, ", ")
}

// test is one entry of a file of tests.
func (t *table) test(name string, harm tocsin.Harm, n int, result tocsin.DeterminationResult, rule, route string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  - name: %s\n", name)
	if harm != "" {
		fmt.Fprintf(&b, "    harm: %s\n", harm)
	}
	var found []string
	for i, e := range t.elements {
		found = append(found, e.ID+": "+string(value(n, i)))
	}
	fmt.Fprintf(&b, "    findings: {%s}\n    result: %s\n    rule: %s\n    route: %s\n", strings.Join(found, ", "), result, rule, route)
	return b.String()
}

func (t *table) tests(entries ...string) string { return "tests:\n" + strings.Join(entries, "") }

// answers asks the loaded pack for every combination and compares with the table.
func (p *proof) answers() {
	t := p.table
	for n := range t.first {
		var found []tocsin.Finding
		for i, e := range t.elements {
			found = append(found, tocsin.Finding{Element: e.ID, Value: value(n, i)})
		}
		for _, h := range t.harms() {
			p.res.Counted.Findings++
			d := p.pack.Determine("v1", h, found)
			r := t.rules[t.decides(case1{h, n})]
			if d.Rule != r.ID || d.Result != r.Result || d.Route != r.Route || len(d.Failed) > 0 {
				p.broken(Violation{Sort: NoRule, File: "pack.yaml", Line: t.line(t.decides(case1{h, n})), What: fmt.Sprintf("for %s the rules as written say %s by %s, and the pack answers %s by %s", t.tellCase(case1{h, n}), r.Result, r.ID, d.Result, d.Rule),
					Test: t.tests(t.test("what the rules say", h, n, r.Result, r.ID, r.Route))})
				return
			}
		}
	}
}
