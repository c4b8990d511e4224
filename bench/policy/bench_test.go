package policy_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"text/tabwriter"
	"time"

	"tocsin"
	"tocsin/policy"
)

// questions are all combinations of answers and recorded harm.
func questions(p *policy.Pack) []question {
	var all []question
	for _, harm := range append([]tocsin.Harm{""}, tocsin.Harms()...) {
		for number := range p.Combinations() {
			q := question{harm, map[string]tocsin.FindingValue{}}
			for _, e := range p.Elements() {
				q.answers[e.ID] = tocsin.FindingValues()[number%4]
				number /= 4
			}
			all = append(all, q)
		}
	}
	return all
}

// others are the questions that differ from q in one answer to one element, open
// answers left out: what has to be asked again to learn what would change the
// answer.
func others(p *policy.Pack, q question) (all []question, changes []tocsin.Change) {
	for _, e := range p.Elements() {
		for _, to := range []tocsin.FindingValue{tocsin.Met, tocsin.Doubtful, tocsin.NotMet} {
			if to == q.answers[e.ID] {
				continue
			}
			other := question{q.harm, maps.Clone(q.answers)}
			other.answers[e.ID] = to
			all = append(all, other)
			changes = append(changes, tocsin.Change{Element: e.ID, From: q.answers[e.ID], To: to})
		}
	}
	return all, changes
}

func resultOf(p *policy.Pack) map[string]tocsin.DeterminationResult {
	results := map[string]tocsin.DeterminationResult{}
	for _, r := range p.Rules() {
		results[r.ID] = r.Result
	}
	return results
}

func TestAllGiveTheSameRuleForEveryCombination(t *testing.T) {
	p := icd191(t)
	all := questions(p)
	if len(all) != 8*1024 {
		t.Fatalf("%d combinations", len(all))
	}
	for _, e := range engines(t) {
		decided := map[string]int{}
		for _, q := range all {
			want := p.Determine("v1", q.harm, findings(p, q)).Rule
			got := e.prepare(q)()
			decided[got]++
			if got != want {
				t.Fatalf("%s: %v with the harm %q is %s, not %s", e.name, q.answers, q.harm, got, want)
			}
		}
		if len(decided) != len(p.Rules()) {
			t.Errorf("%s: only %v were tried", e.name, decided)
		}
	}
}

// TestAskingAgainFindsTheSameChanges holds "with changes" to what Determine says,
// so that the two are the same work.
func TestAskingAgainFindsTheSameChanges(t *testing.T) {
	p := icd191(t)
	results := resultOf(p)
	for _, e := range engines(t)[1:] {
		found := 0
		for i, q := range questions(p) {
			if i%37 != 0 {
				continue
			}
			d := p.Determine("v1", q.harm, findings(p, q))
			var got []tocsin.Change
			asked, changes := others(p, q)
			for j, other := range asked {
				if r := results[e.prepare(other)()]; r != d.Result {
					changes[j].Result = r
					got = append(got, changes[j])
				}
			}
			found += len(got)
			if !slices.Equal(byName(got), byName(d.Changes)) {
				t.Fatalf("%s: %v with %q: %v, not %v", e.name, q.answers, q.harm, got, d.Changes)
			}
		}
		if found == 0 {
			t.Errorf("%s: no change was found", e.name)
		}
	}
}

func byName(list []tocsin.Change) []string {
	var out []string
	for _, c := range list {
		out = append(out, fmt.Sprint(c))
	}
	slices.Sort(out)
	return out
}

// measured is one line of the table.
type measured struct {
	name  string
	ns    float64
	ratio float64
}

var table []measured

var sink string

// BenchmarkDetermination measures one determination at a time on one core, over a
// spread of all questions. x-tocsin is the ratio to tocsin just before and after,
// whose determination comes with findings, changes and explanation: "rule" is the
// name of the rule alone, "with_changes" asks again for every other answer.
func BenchmarkDetermination(b *testing.B) {
	p := icd191(b)
	var spread []question
	for i, q := range questions(p) {
		if i%61 == 0 { // 61 shares no factor with the powers of two that the values repeat in
			spread = append(spread, q)
		}
	}
	ours := determinations(p, spread)
	run := func(name string, work []func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before := ours()
			i := 0
			for b.Loop() {
				work[i%len(work)]()
				i++
			}
			ns := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			ratio := ns / ((before + ours()) / 2)
			b.ReportMetric(1e9/ns, "per-s-and-core")
			b.ReportMetric(ratio, "x-tocsin")
			table = append(table, measured{b.Name(), ns, ratio})
		})
	}
	for _, e := range engines(b) {
		var rule, changes []func()
		for _, q := range spread {
			one := e.prepare(q)
			rule = append(rule, func() { sink = one() })
			again := []func() string{one}
			asked, _ := others(p, q)
			for _, other := range asked {
				again = append(again, e.prepare(other))
			}
			changes = append(changes, func() {
				for _, f := range again {
					sink = f()
				}
			})
		}
		if e.name == "tocsin" {
			run("tocsin/whole", rule)
			continue
		}
		run(e.name+"/rule", rule)
		run(e.name+"/with_changes", changes)
	}
}

// determinations measures tocsin itself, in nanoseconds each. It is called just
// before and just after each of the others, because a machine that others use too
// is not equally fast for as long as a benchmark takes.
func determinations(p *policy.Pack, spread []question) func() float64 {
	const rounds = 100_000
	var given [][]tocsin.Finding
	for _, q := range spread {
		given = append(given, findings(p, q))
	}
	return func() float64 {
		start := time.Now()
		for i := range rounds {
			at := i % len(spread)
			sink = p.Determine("v1", spread[at].harm, given[at]).Rule
		}
		return float64(time.Since(start).Nanoseconds()) / rounds
	}
}

// BenchmarkAllCores measures whole determinations on all cores at once.
func BenchmarkAllCores(b *testing.B) {
	p := icd191(b)
	q := questions(p)
	b.RunParallel(func(pb *testing.PB) {
		given := findings(p, q[1234])
		for pb.Next() {
			p.Determine("v1", q[1234].harm, given)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "per-s")
}

// TestMain prints what was measured as a table.
func TestMain(m *testing.M) {
	code := m.Run()
	if len(table) > 0 {
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(w, "\tns each\tper s and core\tratio to tocsin\t")
		for _, x := range table {
			fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.1f\t\n", x.name, x.ns, 1e9/x.ns, x.ratio)
		}
		w.Flush()
	}
	os.Exit(code)
}
