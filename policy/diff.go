package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tocsin"
)

// Outcome is what a pack makes of one combination.
type Outcome struct {
	Rule   string                     `json:"rule"`
	Result tocsin.DeterminationResult `json:"result"`
	Route  string                     `json:"route"`
}

// Example is one case that two packs answer differently. An element that only
// one of them has is answered too; the other does not ask for it.
type Example struct {
	Harm     tocsin.Harm      `json:"harm,omitempty"` // as recorded for the threat
	Findings []tocsin.Finding `json:"findings"`
}

// Difference is one way in which two packs differ: either an outcome, grouped by
// the two rules that decide, or one clock.
type Difference struct {
	From         Outcome       `json:"from,omitzero"`
	To           Outcome       `json:"to,omitzero"`
	Combinations int           `json:"combinations,omitempty"` // of answers and recorded harms, that come out so
	Of           int           `json:"of,omitempty"`           // that there are
	Harms        []tocsin.Harm `json:"harms,omitempty"`        // recorded harms with which it happens; "" is none recorded
	Example      *Example      `json:"example,omitempty"`      // the one with the most support for the threat

	Clock     tocsin.ClockName  `json:"clock,omitempty"`
	FromClock *tocsin.ClockRule `json:"from_clock,omitempty"`
	ToClock   *tocsin.ClockRule `json:"to_clock,omitempty"`
	Says      string            `json:"says"` // one line for a reader
}

// Diff compares two packs over every combination of findings and recorded harm,
// and over every clock. Elements are matched by id; each pack sees the findings
// on its own elements. What the one decides differently from the other in result
// or route is grouped by the two rules, those that move away from warning first,
// then by how many combinations they concern. Differences in words, grounds and
// powers are not looked for. It is exact: the combinations are counted and not
// sampled.
func Diff(a, b *Pack) []Difference {
	groups := map[[2]uint8]*Difference{}
	total := 0
	for _, harm := range append([]tocsin.Harm{""}, tocsin.Harms()...) {
		common := shared(a, b)
		ofA, ofB := a.tally(harm, common, 0), b.tally(harm, common, 1)
		for at := range ofA {
			for i, x := range ofA[at] {
				for j, y := range ofB[at] {
					total += x.times * y.times
					if x.times*y.times > 0 && a.outcome(i).differs(b.outcome(j)) {
						group(groups, [2]uint8{uint8(i), uint8(j)}, a, b, harm, x, y)
					}
				}
			}
		}
	}
	var out []Difference
	for _, d := range groups {
		d.Of = total
		d.Says = fmt.Sprintf("%d of %d combinations: %s instead of %s, such as %s.", d.Combinations, d.Of, d.To, d.From, d.Example)
		out = append(out, *d)
	}
	slices.SortFunc(out, func(x, y Difference) int {
		return cmp.Or(cmp.Compare(x.towards(), y.towards()), cmp.Compare(y.Combinations, x.Combinations),
			cmp.Compare(x.From.Rule, y.From.Rule), cmp.Compare(x.To.Rule, y.To.Rule))
	})
	return append(out, clockDifferences(a, b)...)
}

func (p *Pack) outcome(rule int) Outcome {
	r := p.rules[rule]
	return Outcome{Rule: r.ID, Result: r.Result, Route: r.Route}
}

func (o Outcome) differs(other Outcome) bool {
	return o.Result != other.Result || o.Route != other.Route
}

// String tells the outcome in words.
func (o Outcome) String() string {
	return fmt.Sprintf("%s by way of %s (rule %s)", strings.ReplaceAll(string(o.Result), "_", " "), o.Route, o.Rule)
}

// towards is how far the outcome moves towards warning; below nought it moves
// towards silence.
func (d Difference) towards() int { return rank(d.To.Result) - rank(d.From.Result) }

// shared lists the positions of the elements that both packs have.
func shared(a, b *Pack) (common [][2]int) {
	for i, e := range a.elements {
		if j, ok := b.position[e.ID]; ok {
			common = append(common, [2]int{i, j})
		}
	}
	return common
}

// share counts the combinations of one pack that one rule decides, among those
// with the same answers on the common elements.
type share struct {
	times int
	first int // number of the first such combination
}

// tally goes through every combination of p's answers and counts, for each
// combination of answers on the common elements, which rule decides how often.
func (p *Pack) tally(harm tocsin.Harm, common [][2]int, side int) [][]share {
	size := 1
	for range common {
		size *= values
	}
	out := make([][]share, size)
	for i := range out {
		out[i] = make([]share, len(p.rules))
	}
	n, counting := len(p.elements), p.counting(harm)
	for number := range p.table {
		c := combinationOf(number, n)
		at := 0
		for i := len(common) - 1; i >= 0; i-- {
			at = at*values + int(c[common[i][side]])
		}
		s := &out[at][p.table[p.count(counting, c).number(n)]]
		if s.times == 0 {
			s.first = number
		}
		s.times++
	}
	return out
}

func group(groups map[[2]uint8]*Difference, key [2]uint8, a, b *Pack, harm tocsin.Harm, x, y share) {
	d := groups[key]
	if d == nil {
		d = &Difference{From: a.outcome(int(key[0])), To: b.outcome(int(key[1])), Example: &Example{Harm: harm, Findings: answers(a, b, x.first, y.first)}}
		groups[key] = d
	}
	d.Combinations += x.times * y.times
	if !slices.Contains(d.Harms, harm) {
		d.Harms = append(d.Harms, harm)
	}
}

// answers puts a combination of each pack together, which agree on what they
// share.
func answers(a, b *Pack, ofA, ofB int) []tocsin.Finding {
	words := tocsin.FindingValues()
	var out []tocsin.Finding
	c := combinationOf(ofA, len(a.elements))
	for i, e := range a.elements {
		out = append(out, tocsin.Finding{Element: e.ID, Value: words[c[i]]})
	}
	c = combinationOf(ofB, len(b.elements))
	for i, e := range b.elements {
		if _, both := a.position[e.ID]; !both {
			out = append(out, tocsin.Finding{Element: e.ID, Value: words[c[i]]})
		}
	}
	return out
}

// String tells the answers in words, and the recorded harm.
func (e *Example) String() string {
	var parts []string
	for _, f := range e.Findings {
		n, _ := valueNumber(f.Value)
		parts = append(parts, f.Element+" "+valueWords[n])
	}
	harm := "no recorded harm"
	if e.Harm != "" {
		harm = "the recorded harm " + string(e.Harm)
	}
	return strings.Join(parts, ", ") + " with " + harm
}

func clockDifferences(a, b *Pack) []Difference {
	var out []Difference
	for _, name := range tocsin.ClockNames() {
		x, y := a.terms.Clocks[name], b.terms.Clocks[name]
		from, to := clockWords(x, a.terms.Imminent), clockWords(y, b.terms.Imminent)
		if from != to {
			out = append(out, Difference{Clock: name, FromClock: &x, ToClock: &y, Says: fmt.Sprintf("The clock %s is %s instead of %s.", name, to, from)})
		}
	}
	return out
}

// clockWords says all of a clock that decides when it runs out.
func clockWords(r tocsin.ClockRule, imminent tocsin.Duration) string {
	says := r.After.String()
	if r.Percent > 0 {
		says += fmt.Sprintf(", at most %d percent of the time left", r.Percent)
		if r.Floor > 0 {
			says += fmt.Sprintf(" but not below %s", r.Floor)
		}
	}
	if r.Serious > 0 {
		says += fmt.Sprintf(", or %s if the attack is not within %s", r.Serious, imminent)
	}
	for i, d := range r.Then {
		if i == 0 {
			says += ", then "
		} else {
			says += ", "
		}
		says += d.String()
	}
	return says
}
