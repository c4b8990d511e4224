package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tocsin"
)

// failedRule stands in Determination.Rule where no rule could be evaluated.
const failedRule = "not-evaluated"

// Determine gives the pack's answer for one victim, from the harm recorded for
// the threat ("" if none is) and the findings on the victim, in any order. It is
// pure: equal arguments give an equal value.
//
// An element without a finding is unknown. A finding on an element that the
// pack does not have, a value outside the four, two findings on one element, or
// a harm outside the closed list cannot be evaluated: the answer is then
// doubtful, with Failed saying why, and never not owed.
//
// The recorded harm counts too. Outside the pack's harms, the harm element
// counts as not met (domain table 1.11a row 5). Not recorded, a finding of met
// counts as doubtful. Inside the pack's harms, a finding of not met contradicts
// it and counts as doubtful.
func (p *Pack) Determine(victim tocsin.VictimID, harm tocsin.Harm, findings []tocsin.Finding) tocsin.Determination {
	rests, given, failed := p.gather(harm, findings)
	if len(failed) > 0 {
		return p.undecided(victim, rests, failed)
	}
	counting := p.counting(harm)
	counted := p.count(counting, given)
	at := p.table[counted.number(len(p.elements))]
	rule := &p.rules[at]
	return tocsin.Determination{
		Victim: victim, Pack: p.terms.Pack,
		Result: rule.Result, Rule: rule.ID, Clause: rule.Clause, Basis: rule.Basis, Because: rule.Because, Route: rule.Route,
		Rests:       rests,
		Changes:     p.changes(counting, given, rule.Result),
		Explanation: p.explain(harm, given, counted, int(at)),
	}
}

// gather puts the findings in the pack's order, fills in what is missing, and
// says what cannot be evaluated.
func (p *Pack) gather(harm tocsin.Harm, findings []tocsin.Finding) (rests []tocsin.Finding, given combination, failed []string) {
	rests = make([]tocsin.Finding, len(p.elements))
	var times [MaxElements]int
	for _, f := range findings {
		at, ok := p.position[f.Element]
		if !ok {
			failed = append(failed, fmt.Sprintf("A finding is on %q, which is no element of this pack.", f.Element))
			continue
		}
		if times[at]++; times[at] == 1 {
			rests[at] = f
		}
	}
	for i, e := range p.elements {
		switch n, ok := valueNumber(rests[i].Value); {
		case times[i] == 0:
			rests[i] = tocsin.Finding{Element: e.ID, Value: tocsin.Unknown}
			given[i] = vUnknown
		case times[i] > 1:
			// Which of them came first says nothing about which is right.
			rests[i] = tocsin.Finding{Element: e.ID, Value: tocsin.Unknown}
			failed = append(failed, fmt.Sprintf("There are %d findings on %s: %s.", times[i], e.ID, valuesOn(e.ID, findings)))
		case !ok:
			failed = append(failed, fmt.Sprintf("The finding on %s has the value %q, which is none of met, doubtful, not_met, unknown.", e.ID, rests[i].Value))
		default:
			given[i] = n
		}
	}
	if harm != "" && !slices.Contains(tocsin.Harms(), harm) {
		failed = append(failed, fmt.Sprintf("The recorded harm %q is none of the closed list.", harm))
	}
	slices.Sort(failed)
	return rests, given, failed
}

func valuesOn(element string, findings []tocsin.Finding) string {
	var said []string
	for _, f := range findings {
		if f.Element == element {
			said = append(said, fmt.Sprintf("%q", f.Value))
		}
	}
	slices.Sort(said)
	return strings.Join(said, ", ")
}

// undecided is the answer where the rules could not be applied: doubt, by the
// pack's doubt rule, towards warning.
func (p *Pack) undecided(victim tocsin.VictimID, rests []tocsin.Finding, failed []string) tocsin.Determination {
	explanation := append(slices.Clone(failed),
		"The rules could not be applied to this, so it counts as doubtful and falls towards warning. Correct what is named above and determine again.")
	return tocsin.Determination{
		Victim: victim, Pack: p.terms.Pack,
		Result: tocsin.ResultDoubtful, Rule: failedRule, Clause: p.doubt.Clause, Basis: p.doubt.Basis, Because: p.doubt.Because, Route: RouteVictim,
		Rests: rests, Failed: failed, Explanation: explanation,
	}
}

// counting says what each value found for the harm element counts as, given the
// recorded harm.
func (p *Pack) counting(harm tocsin.Harm) [values]uint8 {
	switch {
	case harm == "":
		return [values]uint8{vMet: vDoubtful, vDoubtful: vDoubtful, vNotMet: vNotMet, vUnknown: vUnknown}
	case !slices.Contains(p.terms.Harms, harm):
		// Whatever was found: were it only for some values, an answer that
		// supports the threat more could lead to less warning.
		return [values]uint8{vNotMet, vNotMet, vNotMet, vNotMet}
	}
	return [values]uint8{vMet: vMet, vDoubtful: vDoubtful, vNotMet: vDoubtful, vUnknown: vUnknown}
}

// count applies the recorded harm to the value found for the harm element.
func (p *Pack) count(counting [values]uint8, given combination) combination {
	given[p.harmAt] = counting[given[p.harmAt]]
	return given
}

// candidate is a change with what it is ranked by.
type candidate struct {
	tocsin.Change
	certain  bool // the value it starts from was somebody's definite answer
	sway     int  // how many answers to this element change the result
	distance int  // how far apart the two results are
}

// changes lists every single answer that would change the result, most decisive
// first: open questions before settled ones; then the element more of whose
// answers matter; then the bigger step; then towards warning; then in the
// pack's order.
func (p *Pack) changes(counting [values]uint8, given combination, result tocsin.DeterminationResult) []tocsin.Change {
	var room [MaxElements * (values - 2)]candidate
	found := room[:0]
	words := tocsin.FindingValues()
	for i := range p.elements {
		first := len(found)
		for to := uint8(vMet); to <= vNotMet; to++ {
			other := given
			other[i] = to
			r := p.result(p.count(counting, other))
			if to == given[i] || r == result {
				continue
			}
			found = append(found, candidate{
				Change:   tocsin.Change{Element: p.elements[i].ID, From: words[given[i]], To: words[to], Result: r},
				certain:  given[i] == vMet || given[i] == vNotMet,
				distance: max(rank(r)-rank(result), rank(result)-rank(r)),
			})
		}
		for j := first; j < len(found); j++ {
			found[j].sway = len(found) - first
		}
	}
	if len(found) == 0 {
		return nil
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Or(boolOrder(a.certain, b.certain), cmp.Compare(b.sway, a.sway), cmp.Compare(b.distance, a.distance), cmp.Compare(rank(b.Result), rank(a.Result)))
	})
	out := make([]tocsin.Change, len(found))
	for i, c := range found {
		out[i] = c.Change
	}
	return out
}

func (p *Pack) result(c combination) tocsin.DeterminationResult {
	return p.compiled[p.table[c.number(len(p.elements))]].result
}

// rank orders the results by how near they are to warning.
func rank(r tocsin.DeterminationResult) int {
	switch r {
	case tocsin.ResultOwed:
		return 2
	case tocsin.ResultDoubtful:
		return 1
	}
	return 0
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// Question is an element worth asking about next.
type Question struct {
	Element   string              `json:"element"`
	Title     string              `json:"title"`
	From      tocsin.FindingValue `json:"from"` // unknown or doubtful
	Questions []string            `json:"questions"`
	Matters   int                 `json:"matters"` // ways to answer the other open elements in which this answer decides something
	Of        int                 `json:"of"`      // ways there are
}

// Next lists the open elements (unknown or doubtful), the one most likely to
// decide the result first. An element's weight is the number of ways to answer
// all other open elements in which its own answer still makes a difference; ties
// stay in the pack's order. An element that can make none is left out. Findings
// that cannot be evaluated give no questions: correct them first.
func (p *Pack) Next(harm tocsin.Harm, findings []tocsin.Finding) []Question {
	rests, given, failed := p.gather(harm, findings)
	if len(failed) > 0 {
		return nil
	}
	counting := p.counting(harm)
	var open []int
	for i := range p.elements {
		if given[i] == vUnknown || given[i] == vDoubtful {
			open = append(open, i)
		}
	}
	var asks []Question
	for _, i := range open {
		matters, of := p.weigh(counting, given, i, open)
		if matters > 0 {
			e := p.elements[i]
			asks = append(asks, Question{Element: e.ID, Title: e.Title, From: rests[i].Value, Questions: e.Questions, Matters: matters, Of: of})
		}
	}
	slices.SortStableFunc(asks, func(a, b Question) int { return cmp.Compare(b.Matters, a.Matters) })
	return asks
}

// weigh goes through every way to answer the open elements other than at.
func (p *Pack) weigh(counting [values]uint8, given combination, at int, open []int) (matters, of int) {
	const answers = vUnknown // met, doubtful, not met
	of = 1
	for range len(open) - 1 {
		of *= answers
	}
	for way := range of {
		rest := way
		for _, i := range open {
			if i != at {
				given[i] = uint8(rest % answers)
				rest /= answers
			}
		}
		var seen [answers]tocsin.DeterminationResult
		for v := range seen {
			given[at] = uint8(v)
			seen[v] = p.result(p.count(counting, given))
		}
		if seen[vMet] != seen[vDoubtful] || seen[vDoubtful] != seen[vNotMet] {
			matters++
		}
	}
	return matters, of
}
