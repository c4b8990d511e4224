package prove

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"tocsin"
	"tocsin/casefile/explore"
	"tocsin/compose"
	"tocsin/packs/packfile"
	"tocsin/policy"
)

// The sorts of violation.
const (
	NotLoaded   = "load"     // the loader refuses the pack
	NoRule      = "total"    // a combination without an answer, or with two
	DeadRule    = "dead"     // a rule that decides nothing
	Shadowed    = "shadowed" // a rule of which one other rule takes everything
	Overlap     = "overlap"  // two rules with different results fit, and the pack does not say which goes first
	NotMonotone = "monotone" // more support for the threat leads to less warning
	Silence     = "silence"  // an invariant of the case is broken
	Unentitled  = "waiver"   // somebody who may not can end an obligation, or nobody may
	NoTeam      = "team"     // a power, or a separation of duties, that no real people can fill
	DeadClock   = "clock"    // a clock that leads nowhere
	Unsaid      = "text"     // words that cannot be written
)

// Violation is one thing that does not hold.
type Violation struct {
	Sort string `json:"sort"`
	What string `json:"what"`
	File string `json:"file,omitempty"` // relative to the pack's folder
	Line int    `json:"line,omitempty"`

	Path     []string `json:"path,omitempty"`     // how a case comes to it, step by step
	Test     string   `json:"test,omitempty"`     // the example as a file for the pack's tests/
	Scenario string   `json:"scenario,omitempty"` // the example as a scenario; it stops where it breaks what it expects, and plays to its end once that is corrected
}

// Counted is what was gone through, by sort.
type Counted struct {
	Findings    int `json:"findings"`    // combinations of finding values and recorded harm
	Pairs       int `json:"pairs"`       // of combinations that differ in one thing
	Waivers     int `json:"waivers"`     // ways to propose and decide a waiver, and steps of one person alone
	Team        int `json:"team"`        // people tried for a step
	Silences    int `json:"silences"`    // clocks let run out by the pack's own lengths
	Words       int `json:"words"`       // texts written
	States      int `json:"states"`      // of the case machine
	Transitions int `json:"transitions"` // between them
}

// All is the sum.
func (c Counted) All() int {
	return c.Findings + c.Pairs + c.Waivers + c.Team + c.Silences + c.Words + c.States + c.Transitions
}

// PlanResult is one exploration of the case machine.
type PlanResult struct {
	Name        string `json:"name"`
	Bounds      string `json:"bounds"` // in words
	States      int    `json:"states"`
	Transitions int    `json:"transitions"`
	Depth       int    `json:"depth"`
	Whole       bool   `json:"whole"` // everything within the bounds was visited
}

// Result is what came of proving one pack.
type Result struct {
	Name         string         `json:"name"`
	Version      string         `json:"version,omitempty"`
	Digest       tocsin.Digest  `json:"digest"`
	Proved       bool           `json:"proved"`
	Combinations int            `json:"combinations"` // Counted.All
	Counted      Counted        `json:"counted"`
	Plans        []PlanResult   `json:"plans"`
	Clocks       map[string]int `json:"clocks"` // how often each clock ran out
	Team         []tocsin.Role  `json:"team"`   // a team, one role each, that can do all of it: the smallest, or one of more than five from which nobody can be spared
	Violations   []Violation    `json:"violations"`
	MS           int64          `json:"ms"` // left to the caller, who has a clock
}

// Options say how to prove.
type Options struct {
	Deep    bool                   // the wider plans too; takes minutes
	Machine explore.Machine        // zero: package casefile; a test plants faults here
	Workers int                    // plans explored at the same time; zero is two
	keep    func(plan string) bool // a test's choice of plans; nil is all of them

	Say func(string) // told what has been done, a line at a time, one call at a time; may be nil
}

// proof is one pack being proved.
type proof struct {
	name  string
	fsys  fs.FS
	o     Options
	res   Result
	table *table // nil if the rules could not be read
	lines map[string]int
	pack  *policy.Pack
	texts *compose.Texts
}

// Pack proves the pack in the folder name of fsys. The case machine is explored only
// under a pack that holds so far, and no further than the first plan that does not. The error is NotFound or Invalid
// where there is no folder to read; whatever is wrong inside of it is a violation.
func Pack(fsys fs.FS, name string, o Options) (Result, error) {
	files, err := packfile.Read(fsys, name)
	if err != nil && len(packfile.ProblemsIn(err)) == 0 {
		return Result{}, err
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	p := &proof{name: name, fsys: fsys, o: o, res: Result{Name: name, Violations: []Violation{}, Plans: []PlanResult{}, Clocks: map[string]int{}, Team: []tocsin.Role{}}}
	if err != nil {
		p.refused(err)
		return p.finish(), nil
	}
	p.res.Digest = files.Digest()
	p.readTable(files)
	if p.table != nil {
		p.table.prove(p)
	}
	if !p.load() {
		return p.finish(), nil
	}
	p.say("rules", p.res.Counted.Findings)
	for _, part := range []struct {
		name string
		run  func()
	}{{"answers", p.answers}, {"words", p.words}, {"team", p.team}, {"waivers", p.waivers}, {"silences", p.silences}} {
		before := p.res.Counted.All()
		part.run()
		p.say(part.name, p.res.Counted.All()-before)
	}
	if len(p.res.Violations) == 0 {
		p.explore()
	}
	return p.finish(), nil
}

func (p *proof) say(what string, n int) { p.o.Say(fmt.Sprintf("%s: %s, %d", p.name, what, n)) }

func (p *proof) finish() Result {
	p.res.Combinations = p.res.Counted.All()
	p.res.Proved = len(p.res.Violations) == 0
	return p.res
}

func (p *proof) broken(v Violation) { p.res.Violations = append(p.res.Violations, v) }

// line is the line of a part of pack.yaml, such as "powers.approve_waiver".
func (p *proof) line(part string) int {
	for part != "" {
		if n, ok := p.lines[part]; ok {
			return n
		}
		part = part[:max(strings.LastIndexAny(part, ".["), 0)]
	}
	return 1
}

// load loads the pack and its words. What the loader says of rules has been said
// already, with an example, where the rules could be read.
func (p *proof) load() bool {
	var err, errText error
	p.pack, err = policy.Load(p.fsys, p.name)
	p.texts, errText = compose.Load(p.fsys, p.name)
	if err := errors.Join(err, errText); err != nil {
		p.refused(err)
	}
	if err == nil {
		p.res.Version = p.pack.Ref().Version
		if err := policy.RunTests(p.pack); err != nil {
			p.broken(Violation{Sort: NoRule, What: err.Error(), File: "tests/", Line: 1})
		}
	}
	return err == nil && errText == nil
}

// refused turns a loader's error into violations, one for each problem.
func (p *proof) refused(err error) {
	var told []Violation
	for _, e := range split(err) {
		for _, one := range packfile.ProblemsIn(e) {
			told = append(told, Violation{Sort: NotLoaded, What: one.What + "; " + one.Write, File: one.File, Line: one.Line})
		}
		if len(packfile.ProblemsIn(e)) == 0 {
			told = append(told, Violation{Sort: NotLoaded, What: e.Error()})
		}
	}
	for _, v := range told {
		known := func(o Violation) bool {
			return o.File == v.File && (o.Line == v.Line && o.Sort != NotLoaded || strings.HasPrefix(v.What, o.What))
		}
		if !slices.ContainsFunc(p.res.Violations, known) {
			p.broken(v)
		}
	}
}

// split takes a joined error apart.
func split(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && len(packfile.ProblemsIn(err)) > 0 {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, split(e)...)
		}
		return all
	}
	return []error{err}
}

// explore runs the plans, some at a time, and takes their results in order.
func (p *proof) explore() {
	plans := slices.DeleteFunc(p.plans(), func(x plan) bool { return p.o.keep != nil && !p.o.keep(x.name) })
	results := make([]explored, len(plans))
	next := make(chan int)
	var wg sync.WaitGroup
	var one sync.Mutex
	broken := false
	for range cmp.Or(p.o.Workers, 2) {
		wg.Go(func() {
			for i := range next {
				results[i] = p.run(plans[i])
				one.Lock()
				broken = broken || results[i].res.Violation != nil
				p.say(plans[i].name, results[i].res.States+results[i].res.Transitions)
				one.Unlock()
			}
		})
	}
	for i := range plans {
		one.Lock()
		stop := broken
		one.Unlock()
		if stop {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	for _, r := range results {
		if r.watch == nil || !p.took(r) {
			return // so that equal packs give equal results, whichever worker is faster
		}
	}
	if p.o.keep == nil {
		p.clocksRan()
	}
}
