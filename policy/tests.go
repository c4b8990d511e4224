package policy

import (
	"errors"
	"fmt"
	"slices"

	"tocsin"
	"tocsin/packs/packfile"
)

// Test is one of a pack's own tests: findings, and what must come of them. A
// lawyer writes it; an element left out is unknown.
type Test struct {
	Name     string                         `json:"name" yaml:"name"`
	Harm     tocsin.Harm                    `json:"harm,omitempty" yaml:"harm,omitempty"` // as recorded for the threat; left out: not recorded
	Findings map[string]tocsin.FindingValue `json:"findings,omitempty" yaml:"findings,omitempty"`
	Result   tocsin.DeterminationResult     `json:"result" yaml:"result"`
	Rule     string                         `json:"rule" yaml:"rule"`
	Route    string                         `json:"route" yaml:"route"`

	File string `json:"file" yaml:"-"` // within the pack
	Line int    `json:"line" yaml:"-"`
}

type testFile struct {
	Tests []Test `yaml:"tests"`
}

func readTests(files *packfile.Files, problems *packfile.Problems) []Test {
	var all []Test
	for _, path := range files.Under("tests/") {
		var f testFile
		doc := files.Decode(path, &f, problems, closed()...)
		for i, t := range f.Tests {
			t.File, t.Line = path, doc.Line(fmt.Sprintf("tests[%d]", i))
			all = append(all, t)
		}
	}
	return all
}

// adopt takes over the tests, adding a problem where there is none, where one
// speaks of something that the pack does not have, or where a rule is not
// decided in any.
func (p *Pack) adopt(tests []Test, problems *packfile.Problems) {
	if len(tests) == 0 {
		problems.Add("tests/", 1, "the pack has no tests", "write tests/<name>.yaml with findings and the result, rule and route that must come of them")
		return
	}
	names, tried := map[string]bool{}, map[string]bool{}
	for _, t := range tests {
		if names[t.Name] {
			problems.Add(t.File, t.Line, fmt.Sprintf("the name %q stands twice", t.Name), "give each test its own name")
		}
		names[t.Name], tried[t.Rule] = true, true
		if !slices.ContainsFunc(p.rules, func(r Rule) bool { return r.ID == t.Rule }) {
			problems.Add(t.File, t.Line, fmt.Sprintf("%q is not a rule of this pack", t.Rule), "name the rule that must decide")
		}
		for element := range t.Findings {
			if _, ok := p.position[element]; !ok {
				problems.Add(t.File, t.Line, fmt.Sprintf("%q is not an element of this pack", element), "name an element")
			}
		}
	}
	for _, r := range p.rules {
		if !tried[r.ID] {
			problems.Add("tests/", 1, fmt.Sprintf("no test is decided by the rule %s", r.ID), "write one, so that a change to the rule is noticed")
		}
	}
	p.tests = tests
}

// RunTests runs the pack's own tests and returns nil, or one error that joins
// an Invalid error for each test that came out otherwise.
func RunTests(p *Pack) error {
	var failures []error
	for _, t := range p.tests {
		if err := p.run(t); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

func (p *Pack) run(t Test) error {
	var findings []tocsin.Finding
	for _, e := range p.elements {
		if v, ok := t.Findings[e.ID]; ok {
			findings = append(findings, tocsin.Finding{Element: e.ID, Value: v})
		}
	}
	d := p.Determine("victim", t.Harm, findings)
	if d.Result == t.Result && d.Rule == t.Rule && d.Route == t.Route {
		return nil
	}
	return tocsin.Faultf(tocsin.Invalid, "pack_test", "Correct the rules, or the test if it asks for the wrong thing.",
		"%s/%s:%d: %q should be %s by rule %s with route %s, and is %s by rule %s with route %s.",
		p.terms.Pack.Name, t.File, t.Line, t.Name, t.Result, t.Rule, t.Route, d.Result, d.Rule, d.Route)
}
