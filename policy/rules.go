package policy

import (
	"fmt"
	"slices"
	"strings"

	"tocsin"
	"tocsin/packs/packfile"
)

// The values of a combination are numbered in the order of
// tocsin.FindingValues, so that a combination is a number in base 4 whose digit
// i is the value of element i.
const (
	vMet = iota
	vDoubtful
	vNotMet
	vUnknown
	values
)

// The words for the values in explanations, in the same order.
var valueWords = [values]string{"met", "doubtful", "not met", "unknown"}

func valueNumber(v tocsin.FindingValue) (uint8, bool) {
	i := slices.Index(tocsin.FindingValues(), v)
	return uint8(max(i, 0)), i >= 0
}

// combination is the value of each element, by position.
type combination [MaxElements]uint8

func (c combination) number(elements int) int {
	n := 0
	for i := elements - 1; i >= 0; i-- {
		n = n*values + int(c[i])
	}
	return n
}

func combinationOf(number, elements int) combination {
	var c combination
	for i := range elements {
		c[i] = uint8(number % values)
		number /= values
	}
	return c
}

// compiled is a rule's condition as sets of values, one bit a value. The parts
// elements, others, all and none all say which values an element may have, so
// they fold into one set for each element; any stays apart.
type compiled struct {
	allowed [MaxElements]uint8
	any     uint8 // 0: not used
	result  tocsin.DeterminationResult
}

func set(list []tocsin.FindingValue) uint8 {
	var s uint8
	for _, v := range list {
		n, _ := valueNumber(v)
		s |= 1 << n
	}
	return s
}

const every uint8 = 1<<values - 1

func compileRule(r Rule, elements []Element) compiled {
	c := compiled{any: set(r.When.Any), result: r.Result}
	for i, e := range elements {
		allowed := every &^ set(r.When.None)
		if len(r.When.All) > 0 {
			allowed &= set(r.When.All)
		}
		if own, named := r.When.Elements[e.ID]; named {
			allowed &= set(own)
		} else if len(r.When.Others) > 0 {
			allowed &= set(r.When.Others)
		}
		c.allowed[i] = allowed
	}
	return c
}

// unmet returns the position of the first element that keeps the rule from
// applying, or elements if it is the "any" part, or -1 if the rule applies.
func (r *compiled) unmet(c combination, elements int) int {
	some := r.any == 0
	for i := range elements {
		bit := uint8(1) << c[i]
		if r.allowed[i]&bit == 0 {
			return i
		}
		some = some || r.any&bit != 0
	}
	if !some {
		return elements
	}
	return -1
}

// compile goes through every combination of answers, notes the rule that
// decides it, and adds a problem where there is none or where a rule decides
// nothing.
func (p *Pack) compile(doc packfile.Doc, problems *packfile.Problems) {
	n := len(p.elements)
	for _, r := range p.rules {
		p.compiled = append(p.compiled, compileRule(r, p.elements))
	}
	total := 1
	for range n {
		total *= values
	}
	p.table = make([]uint8, total)
	decides := make([]bool, len(p.rules))
	open, example := 0, combination{}
	for number := range total {
		c := combinationOf(number, n)
		at := slices.IndexFunc(p.compiled, func(r compiled) bool { return r.unmet(c, n) < 0 })
		if at < 0 {
			if open == 0 {
				example = c
			}
			open++
			continue
		}
		p.table[number], decides[at] = uint8(at), true
	}
	if open > 0 {
		problems.Add(doc.File, doc.Line("rules"), fmt.Sprintf("no rule fits when %s (and %d more combinations)", p.tell(example), open-1),
			"add a last rule that leads to doubtful, such as when: {all: [met, doubtful, not_met, unknown]}")
	}
	for i, r := range p.rules {
		if !decides[i] {
			problems.Add(doc.File, doc.Line(fmt.Sprintf("rules[%d]", i)), fmt.Sprintf("the rule %s can never decide: %s", r.ID, p.takers(i)),
				"move it up, correct its condition, or take it out")
		}
		for j, id := range r.Before {
			if !p.meet(i, slices.IndexFunc(p.rules, func(o Rule) bool { return o.ID == id })) {
				problems.Add(doc.File, doc.Line(fmt.Sprintf("rules[%d].before[%d]", i, j)), fmt.Sprintf("no combination fits both %s and %s, so neither has to go before the other", r.ID, id), "take it out")
			}
		}
	}
	p.said = p.compose()
}

// meet reports whether some combination fits both rules.
func (p *Pack) meet(i, j int) bool {
	n := len(p.elements)
	for number := range p.table {
		c := combinationOf(number, n)
		if p.compiled[i].unmet(c, n) < 0 && p.compiled[j].unmet(c, n) < 0 {
			return true
		}
	}
	return false
}

// takers says which rules take every combination that the rule at fits.
func (p *Pack) takers(at int) string {
	n := len(p.elements)
	var ids []string
	for number, first := range p.table {
		if p.compiled[at].unmet(combinationOf(number, n), n) < 0 && !slices.Contains(ids, p.rules[first].ID) {
			ids = append(ids, p.rules[first].ID)
		}
	}
	if len(ids) == 0 {
		return "it fits no combination"
	}
	return "earlier rules take every combination that it fits (" + strings.Join(ids, ", ") + ")"
}

func (p *Pack) tell(c combination) string {
	var parts []string
	for i, e := range p.elements {
		parts = append(parts, e.ID+" is "+valueWords[c[i]])
	}
	return strings.Join(parts, ", ")
}
