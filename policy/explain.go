package policy

import (
	"fmt"
	"slices"
	"strings"

	"tocsin"
)

// sayings are the lines of every possible explanation, made once at loading, so
// that a determination only puts them in order.
type sayings struct {
	found  [MaxElements][values]string   // what was found on an element
	misses [][MaxElements][values]string // rule -> element -> value: why the rule does not apply
	none   []string                      // rule -> no element has one of the values that it looks for
	fits   []string                      // rule -> it decides
	ends   []string                      // rule -> what that means
}

func (p *Pack) compose() sayings {
	s := sayings{misses: make([][MaxElements][values]string, len(p.rules))}
	for i, e := range p.elements {
		for v := range values {
			s.found[i][v] = fmt.Sprintf("%s: %s.", e.Title, valueWords[v])
		}
		s.found[i][vUnknown] = fmt.Sprintf("%s: unknown. Nobody has answered this yet, which is not an answer of no.", e.Title)
	}
	for at, r := range p.rules {
		for i, e := range p.elements {
			for v := range values {
				s.misses[at][i][v] = fmt.Sprintf("Rule %s does not apply: %s is %s, and the rule needs %s.", r.ID, e.ID, valueWords[v], wordsIn(p.compiled[at].allowed[i]))
			}
		}
		s.none = append(s.none, fmt.Sprintf("Rule %s does not apply: no test is %s.", r.ID, wordsIn(p.compiled[at].any)))
		s.fits = append(s.fits, fmt.Sprintf("Rule %s applies (%s; %s). %s", r.ID, r.Clause, r.Basis, r.Because))
		s.ends = append(s.ends, ending(r))
	}
	return s
}

func ending(r Rule) string {
	switch r.Result {
	case tocsin.ResultOwed:
		return fmt.Sprintf("Result: owed. Form of warning: %s.", r.Route)
	case tocsin.ResultDoubtful:
		return fmt.Sprintf("Result: doubtful, which falls towards warning. Form of warning: %s.", r.Route)
	}
	return fmt.Sprintf("Result: not owed under this policy. Next: %s. Ending the case on it takes a reason and a second signer.", r.Route)
}

func wordsIn(set uint8) string {
	var words []string
	for v := range values {
		if set&(1<<v) != 0 {
			words = append(words, valueWords[v])
		}
	}
	if len(words) == 0 {
		return "a value that there is not"
	}
	return strings.Join(words, " or ")
}

// explain tells every step: what was found, what the recorded harm made of it,
// each rule that did not apply and why, the rule that did, and what it means.
func (p *Pack) explain(harm tocsin.Harm, given, counted combination, decided int) []string {
	lines := make([]string, 0, len(p.elements)+decided+3)
	for i := range p.elements {
		lines = append(lines, p.said.found[i][given[i]])
	}
	if given != counted || harm != "" && !slices.Contains(p.terms.Harms, harm) {
		lines = append(lines, p.harmLine(harm, given[p.harmAt]))
	}
	for at := range decided {
		if i := p.compiled[at].unmet(counted, len(p.elements)); i < len(p.elements) {
			lines = append(lines, p.said.misses[at][i][counted[i]])
		} else {
			lines = append(lines, p.said.none[at])
		}
	}
	return append(lines, p.said.fits[decided], p.said.ends[decided])
}

func (p *Pack) harmLine(harm tocsin.Harm, found uint8) string {
	id := p.elements[p.harmAt].ID
	switch {
	case harm == "":
		return fmt.Sprintf("The finding on %s is met, but the threat is recorded without a harm, so it counts as doubtful. Record which harm it is.", id)
	case !slices.Contains(p.terms.Harms, harm):
		return fmt.Sprintf("The threat is recorded as %s, which is not among the harms of this pack, so %s counts as not met whatever was found. If people may be killed, hurt or taken, correct the recorded harm; otherwise look for the policy that covers it.", harm, id)
	}
	return fmt.Sprintf("The finding on %s is %s, but the threat is recorded as %s, which is among the harms of this pack. The two contradict each other, so it counts as doubtful until one of them is corrected.", id, valueWords[found], harm)
}
