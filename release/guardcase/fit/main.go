// Command fit finds the weights of the guard's doubt (release/doubt.go) from the
// red-team cases.
//
//	go run ./release/guardcase/fit [-folds 5] [-write FILE] DIR...
//
// Each DIR holds cases in the form of release/testdata/redteam. Without -write it only
// measures: the cases are dealt into folds, each fold is weighed by weights fitted on
// the others, and a line is printed for each doubt from which the guard could ask. The
// same cases give the same weights to the last digit.
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tocsin/release"
	"tocsin/release/guardcase"
)

func main() {
	folds := flag.Int("folds", 0, "deal the cases into so many folds and measure")
	write := flag.String("write", "", "write the weights, fitted on all cases, to this file")
	flag.Parse()
	if flag.NArg() == 0 || *folds == 0 && *write == "" {
		fmt.Fprintln(os.Stderr, "usage: fit [-folds N] [-write FILE] DIR...")
		os.Exit(2)
	}
	if err := run(flag.Args(), *folds, *write); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(dirs []string, folds int, write string) error {
	var all []example
	for _, dir := range dirs {
		more, err := load(dir)
		if err != nil {
			return err
		}
		all = append(all, more...)
	}
	if len(all) == 0 {
		return fmt.Errorf("no case was found in %s", strings.Join(dirs, ", "))
	}
	if folds > 1 {
		measure(all, folds)
	}
	if write == "" {
		return nil
	}
	return os.WriteFile(write, []byte(printed(fit(all))), 0o644)
}

// example is one sentence of one text of one case.
type example struct {
	kase, text string
	cues       []release.Cue
	leaks      bool // it holds the words that leak
	honest     bool // the whole text may go out
	told       bool // what leaks is told in words: the others are for the rules to find
}

// told are the techniques in which a statement gives something away. The rest of the
// corpus hides words, forgets marks or errs, which the guard finds by rule.
var told = []string{"near-copy", "quotation", "reordered-paraphrase", "rare-phrase", "rare-place", "rare-name", "rare-number", "rare-time", "unsupported-restricted", "above-release",
	"access-clue", "circle-count", "collection-verb", "collection-time-place", "partner-name"}

type truth struct{ Technique, Words string }

func load(dir string) ([]example, error) {
	files, err := filepath.Glob(dir + "/*/case.json")
	if err != nil {
		return nil, err
	}
	var all []example
	for _, file := range files {
		more, err := loadCase(filepath.Dir(file))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, more...)
	}
	return all, nil
}

func loadCase(dir string) ([]example, error) {
	c, err := readCase(dir)
	if err != nil {
		return nil, err
	}
	truths := map[string]truth{}
	raw, err := os.ReadFile(dir + "/leaks/truth.json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &truths); err != nil {
		return nil, err
	}
	p := prepared(c)
	texts, err := filepath.Glob(dir + "/*/*.txt")
	if err != nil {
		return nil, err
	}
	var all []example
	for _, name := range texts {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		t, leaks := truths[filepath.Base(name)]
		if leaks != (filepath.Base(filepath.Dir(name)) == "leaks") {
			return nil, fmt.Errorf("%s: leaks/truth.json and the folder do not agree", name)
		}
		all = append(all, examples(dir, name, string(text), p.Weigh(release.Passage{Language: c.Language, Text: string(text)}), t, leaks)...)
	}
	return all, nil
}

func readCase(dir string) (guardcase.Case, error) {
	raw, err := os.ReadFile(dir + "/case.json")
	if err != nil {
		return guardcase.Case{}, err
	}
	return guardcase.Read(raw)
}

func prepared(c guardcase.Case) *release.Prepared {
	q := c.Question(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	q.Strict = true
	return release.Prepare(q)
}

func examples(dir, name, text string, weighed []release.Weighed, t truth, leaks bool) []example {
	at := strings.Index(text, t.Words)
	var all []example
	for _, w := range weighed {
		all = append(all, example{kase: filepath.Base(dir), text: name, cues: w.Cues, honest: !leaks, told: slices.Contains(told, t.Technique),
			leaks: leaks && t.Words != "" && w.Start < at+len(t.Words) && at < w.End})
	}
	return all
}

// Fitting: logistic regression, leaks and others weighing the same in all, with a
// penalty on the squares. A cue that fewer than fewestCases cases show says more of
// them than of leaks, and is left out.
const (
	fewestCases = 10
	penalty     = 12.0
	rounds      = 600
)

type model struct {
	weights map[string]float64
	bias    float64
}

func (m model) doubt(cues []release.Cue) float64 {
	d := m.bias
	for _, c := range cues {
		d += m.weights[c.Name] * c.Value
	}
	return d
}

// cue is a column of the fit: its scale brings every column to a like size.
type cue struct {
	name        string
	mean, scale float64
}

func columns(of []example) []cue {
	cases := map[string]map[string]bool{}
	sum, squares := map[string]float64{}, map[string]float64{}
	for _, x := range of {
		for _, c := range x.cues {
			if cases[c.Name] == nil {
				cases[c.Name] = map[string]bool{}
			}
			cases[c.Name][x.kase] = true
			sum[c.Name] += c.Value
			squares[c.Name] += c.Value * c.Value
		}
	}
	var cols []cue
	n := float64(len(of))
	for name, in := range cases {
		mean := sum[name] / n
		if sd := math.Sqrt(max(0, squares[name]/n-mean*mean)); len(in) >= fewestCases && sd > 1e-6 {
			if strings.Contains(name, ":") {
				mean, sd = 0, 1 // words and rules are there or not
			}
			cols = append(cols, cue{name, mean, sd})
		}
	}
	slices.SortFunc(cols, func(a, b cue) int { return cmp.Compare(a.name, b.name) })
	return cols
}

// row is an example by its columns.
type row struct {
	at     []int
	value  []float64
	leaks  float64
	weight float64
}

func rows(of []example, cols []cue) []row {
	index := map[string]int{}
	for i, c := range cols {
		index[c.name] = i
	}
	var out []row
	leaks := 0.0
	for _, x := range of {
		if x.leaks && !x.told {
			continue
		}
		var r row
		for _, c := range x.cues {
			if i, ok := index[c.Name]; ok {
				r.at, r.value = append(r.at, i), append(r.value, (c.Value-cols[i].mean)/cols[i].scale)
			}
		}
		if x.leaks {
			r.leaks = 1
			leaks++
		}
		out = append(out, r)
	}
	n := float64(len(out))
	for i := range out {
		out[i].weight = n / (2 * (n - leaks))
		if out[i].leaks == 1 {
			out[i].weight = n / (2 * leaks)
		}
	}
	return out
}

// fit minimises the loss by gradients with momentum, each column at its own pace.
func fit(of []example) model {
	cols := columns(of)
	data := rows(of, cols)
	k := len(cols)
	w, grad, pace, moved := make([]float64, k+1), make([]float64, k+1), make([]float64, k+1), make([]float64, k+1)
	for _, r := range data {
		pace[k] += r.weight / 4
		for j, i := range r.at {
			pace[i] += r.weight * r.value[j] * r.value[j] / 4
		}
	}
	for round := range rounds {
		clear(grad)
		for _, r := range data {
			z := w[k]
			for j, i := range r.at {
				z += w[i] * r.value[j]
			}
			g := r.weight * (1/(1+math.Exp(-z)) - r.leaks)
			grad[k] += g
			for j, i := range r.at {
				grad[i] += g * r.value[j]
			}
		}
		momentum := min(0.9, float64(round)/20)
		for i := range w {
			g := grad[i]
			if i < k {
				g += penalty * w[i]
			}
			moved[i] = momentum*moved[i] - 0.05*g/(pace[i]+penalty)
			w[i] += moved[i]
		}
	}
	m := model{weights: map[string]float64{}, bias: w[k]}
	for i, c := range cols {
		m.weights[c.name] = w[i] / c.scale
		m.bias -= w[i] * c.mean / c.scale
	}
	return m
}

// printed is a model as release/doubt_weights.txt.
func printed(m model) string {
	var b strings.Builder
	b.WriteString("# The weights of release/doubt.go. Written by release/guardcase/fit: do not edit.\n")
	fmt.Fprintf(&b, "bias %.3f\n", m.bias)
	var names []string
	for name := range m.weights {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if w := fmt.Sprintf("%.3f", m.weights[name]); strings.Trim(w, "-0.") != "" {
			fmt.Fprintf(&b, "%s %s\n", name, w)
		}
	}
	return b.String()
}

// measure weighs each fold by the others and prints what asking from a doubt catches.
func measure(all []example, folds int) {
	var names []string
	for _, x := range all {
		names = append(names, x.kase)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	leak, honest := map[string]float64{}, map[string]float64{}
	for f := range folds {
		var train, test []example
		for _, x := range all {
			if i, _ := slices.BinarySearch(names, x.kase); i%folds == f {
				test = append(test, x)
			} else {
				train = append(train, x)
			}
		}
		m := fit(train)
		for _, x := range test {
			switch d := m.doubt(x.cues); {
			case x.honest:
				higher(honest, x.text, d)
			case x.leaks && x.told:
				higher(leak, x.text, d)
			}
		}
		fmt.Fprintf(os.Stderr, "fold %d of %d\n", f+1, folds)
	}
	fmt.Printf("%d texts whose words tell something, %d honest texts\n", len(leak), len(honest))
	for _, from := range []float64{-0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3} {
		fmt.Printf("asking from %4.1f: %.3f of the leaks, %.3f of the honest texts\n", from, above(leak, from), above(honest, from))
	}
}

func higher(m map[string]float64, k string, d float64) {
	if old, ok := m[k]; !ok || d > old {
		m[k] = d
	}
}

func above(m map[string]float64, from float64) float64 {
	n := 0
	for _, d := range m {
		if d >= from {
			n++
		}
	}
	return float64(n) / float64(max(1, len(m)))
}
