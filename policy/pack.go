// Package policy turns a pack and the findings on one intended victim into a
// determination: owed, doubtful or not owed, with the rule, its legal reference
// and basis, every step of the reasoning, and the answers that would change it.
//
// Start with Load, then Pack.Determine. A pack is data (see package packs) and
// its rules are a small closed form: conditions over elements that each have
// four values. Load therefore does not sample; it goes through every
// combination of answers and refuses a pack that leaves one without a rule or
// holds a rule that can never decide.
//
// What the package promises: a determination is a pure function of the pack, the
// recorded harm and the findings, whatever their order; a missing finding is
// unknown, never no; what cannot be evaluated is doubtful, never not owed. What
// it refuses to do: decide anything. It advises package casefile, where people
// affirm, waive and refuse.
package policy

import (
	"slices"

	"tocsin"
)

// The routes: the form of warning to which a rule leads.
const (
	RouteVictim    = tocsin.RouteVictim
	RouteAdvisory  = tocsin.RouteAdvisory
	RouteGeneral   = tocsin.RouteGeneral
	RouteOtherPack = tocsin.RouteOtherPack
	RouteNone      = tocsin.RouteNone
)

// The bases: how sure it is that the clause says what the pack says.
const (
	Sourced       = "sourced"
	ToBeConfirmed = "to be confirmed"
)

// MaxElements bounds the combinations that Load explores to 4^8.
const MaxElements = 8

// Element is one test of a pack's threshold, with what an officer is asked and
// the mistakes that are shown beside the question.
type Element struct {
	ID        string   `json:"id" yaml:"id"`
	Title     string   `json:"title" yaml:"title"`
	Meaning   string   `json:"meaning" yaml:"meaning"`
	Questions []string `json:"questions" yaml:"questions"`
	Traps     []string `json:"traps" yaml:"traps"`
	Clause    string   `json:"clause" yaml:"clause"`
	Basis     string   `json:"basis" yaml:"basis"`
}

// Condition is what a rule needs. Every part that is given must hold; at least
// one part is given. There is nothing else in the form, no negation, nesting
// or arithmetic, so that all of it can be explored.
type Condition struct {
	Elements map[string][]tocsin.FindingValue `json:"elements,omitempty" yaml:"elements,omitempty"` // each named element has one of its values
	Others   []tocsin.FindingValue            `json:"others,omitempty" yaml:"others,omitempty"`     // every element not named has one of these
	All      []tocsin.FindingValue            `json:"all,omitempty" yaml:"all,omitempty"`           // every element has one of these
	Any      []tocsin.FindingValue            `json:"any,omitempty" yaml:"any,omitempty"`           // at least one element has one of these
	None     []tocsin.FindingValue            `json:"none,omitempty" yaml:"none,omitempty"`         // no element has one of these
}

// Rule is one row of the pack's decision table. The first rule whose condition
// holds decides.
type Rule struct {
	ID      string                     `json:"id" yaml:"id"`
	Clause  string                     `json:"clause" yaml:"clause"`
	Basis   string                     `json:"basis" yaml:"basis"`
	Because string                     `json:"because" yaml:"because"`
	When    Condition                  `json:"when" yaml:"when"`
	Result  tocsin.DeterminationResult `json:"result" yaml:"result"`
	Route   string                     `json:"route" yaml:"route"`

	// Before names the rules further down that lead to another result and fit some
	// of what this one fits: there this one goes before them. The order of the rules
	// would decide it anyway; written here, it was meant.
	Before []string `json:"before,omitempty" yaml:"before,omitempty"`
}

// Doubt is the pack's doubt rule. It also decides where the rules could not be
// evaluated.
type Doubt struct {
	Clause  string `json:"clause" yaml:"clause"`
	Basis   string `json:"basis" yaml:"basis"`
	Because string `json:"because" yaml:"because"`
}

// Pack is a loaded policy pack. It never changes after Load and is safe for
// concurrent use. Callers must not change what its methods return.
type Pack struct {
	form       form // what is shown and has no part in a determination
	terms      tocsin.Terms
	elements   []Element
	rules      []Rule
	doubt      Doubt
	harmAt     int // position of the element that asks for the harm
	collection map[string][]string
	languages  []string
	tests      []Test

	position map[string]int // element id -> position
	compiled []compiled     // one for each rule
	table    []uint8        // combination -> position of the deciding rule
	said     sayings
}

// Ref names the pack by the digest of all its files.
func (p *Pack) Ref() tocsin.PackRef { return p.terms.Pack }

// Terms are the operational terms that a case is run under.
func (p *Pack) Terms() tocsin.Terms { return p.terms }

// Elements lists the elements in the order in which they are asked.
func (p *Pack) Elements() []Element { return slices.Clone(p.elements) }

// Rules lists the rules, first match first.
func (p *Pack) Rules() []Rule { return slices.Clone(p.rules) }

// DoubtRule returns the pack's doubt rule.
func (p *Pack) DoubtRule() Doubt { return p.doubt }

// Tests lists the pack's own tests in the order of files and lines.
func (p *Pack) Tests() []Test { return slices.Clone(p.tests) }

// Languages lists the languages that the pack has texts in, sorted.
func (p *Pack) Languages() []string { return slices.Clone(p.languages) }

// CollectionWords lists the words of a language (BCP 47) that betray how
// something was learned, for the release guard. It is nil for a language that
// the pack does not speak.
func (p *Pack) CollectionWords(language string) []string {
	return slices.Clone(p.collection[language])
}

// Combinations is how many combinations of finding values the pack has, all of
// which Load went through.
func (p *Pack) Combinations() int { return len(p.table) }
