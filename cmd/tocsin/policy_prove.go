package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/packs"
	"tocsin/policy"
	"tocsin/policy/prove"
)

// provedFile is where policy prove --write writes the list of the built-in packs
// that are proved, within the source tree; package packs embeds it.
const provedFile = "packs/proved.json"

// provedPack is one line of that list.
type provedPack struct {
	Name    string        `json:"name"`
	Version string        `json:"version"`
	Digest  tocsin.Digest `json:"digest"`
}

// policyProve proves packs, and tells what does not hold with an example of it.
func (p *program) policyProve(_ context.Context, args []string) error {
	f := p.flags("policy prove")
	asJSON := f.Bool("json", false, "print JSON: a list with one object for each pack")
	all := f.Bool("all", false, "prove every built-in pack, and those of --packs")
	deep := f.Bool("deep", false, "explore the wider plans too; takes minutes")
	dir := f.String("packs", "", "folder that holds further packs, one folder each")
	save := f.String("save", "", "write each example into this folder, as a scenario or a pack test")
	write := f.Bool("write", false, "with --all, in the source tree: write "+provedFile)
	rest, err := p.parse(f, args, -1)
	if err != nil {
		return err
	}
	if *all == (len(rest) > 0) || *write && (!*all || *dir != "") {
		return p.wrong(f, "name one pack or more, or --all; --write goes with --all and without --packs")
	}
	set, err := readPacks(*dir)
	if err != nil {
		return err
	}
	if *all {
		rest = set.names
	}
	results, err := p.proveAll(set, rest, prove.Options{Deep: *deep})
	if err != nil {
		return err
	}
	if err := saveExamples(*save, results); err != nil {
		return err
	}
	err = p.print(*asJSON, results, func(w io.Writer) {
		for _, r := range results {
			showProof(w, r, !*all, set.dir)
		}
	})
	violated := slices.ContainsFunc(results, func(r prove.Result) bool { return !r.Proved })
	switch {
	case err != nil:
		return err
	case violated:
		return tocsin.Fault(tocsin.Refused, "not_proved", "Not every pack is proved.", "Each violation is told above, with its place and an example; correct the pack and prove it again.")
	case *write:
		return writeProved(results)
	}
	return nil
}

// proveAll proves packs one after the other and tells on standard error what has
// been done.
func (p *program) proveAll(set packSet, names []string, o prove.Options) ([]prove.Result, error) {
	// The explorer makes much that is soon gone; collecting it less often halves the time.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var results []prove.Result
	for _, name := range names {
		began := time.Now()
		o.Say = func(line string) { fmt.Fprintf(p.err, "%6.1fs  %s\n", time.Since(began).Seconds(), line) }
		r, err := prove.Pack(set.fs, name, o)
		if err != nil {
			return nil, err
		}
		r.MS = time.Since(began).Milliseconds()
		results = append(results, r)
	}
	return results, nil
}

// showProof prints one result for a reader; bounds are what it is proved within.
func showProof(w io.Writer, r prove.Result, bounds bool, dir string) {
	word := "proved"
	if !r.Proved {
		word = fmt.Sprintf("NOT PROVED, %d violations", len(r.Violations))
	}
	fmt.Fprintf(w, "%-24s %s: %d combinations in %.1f s  %s\n", r.Name, word, r.Combinations, float64(r.MS)/1000, r.Digest)
	if bounds && len(r.Plans) > 0 {
		c := r.Counted
		fmt.Fprintf(w, "    whole:   %d combinations of findings and harm, %d pairs of them, %d ways to a waiver, %d texts\n", c.Findings, c.Pairs, c.Waivers, c.Words)
		fmt.Fprintf(w, "    bounded: %d states and %d transitions of the case machine, %d clocks by their own length\n", c.States, c.Transitions, c.Silences)
		for _, x := range r.Plans {
			fmt.Fprintf(w, "        %6d states %7d transitions  %s: %s\n", x.States, x.Transitions, x.Name, x.Bounds)
		}
		var team []string
		for _, role := range r.Team {
			team = append(team, string(role))
		}
		fmt.Fprintf(w, "    team that can do all of it: %s\n", strings.Join(team, ", "))
	}
	for _, v := range r.Violations {
		showViolation(w, r.Name, v, dir)
	}
}

func showViolation(w io.Writer, pack string, v prove.Violation, dir string) {
	fmt.Fprintf(w, "\n  VIOLATED (%s)  %s\n    %s\n", v.Sort, placeOf(pack, v), v.What)
	for i, step := range v.Path {
		fmt.Fprintf(w, "      %2d. %s\n", i+1, step)
	}
	if v.Test != "" {
		fmt.Fprintf(w, "    the example as a pack test:\n%s", indented(v.Test))
	}
	if v.Scenario != "" {
		with := ""
		if dir != "" {
			with = " --packs " + dir
		}
		fmt.Fprintf(w, "    the example as a scenario; save it and play it with: tocsin demo FILE.txt%s\n%s", with, indented(v.Scenario))
	}
}

func placeOf(pack string, v prove.Violation) string {
	if beside, ok := strings.CutPrefix(v.File, "../"); ok {
		return fmt.Sprintf("%s:%d", beside, v.Line)
	}
	return fmt.Sprintf("%s/%s:%d", pack, v.File, v.Line)
}

func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("        " + line)
	}
	return b.String()
}

// saveExamples writes PACK-SORT-N.txt, or .yaml for a pack test.
func saveExamples(dir string, results []prove.Result) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var err error
	for _, r := range results {
		for i, v := range r.Violations {
			for end, text := range map[string]string{".txt": v.Scenario, ".yaml": v.Test} {
				if text != "" {
					err = errors.Join(err, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%s-%d%s", r.Name, v.Sort, i+1, end)), []byte(text), 0o644))
				}
			}
		}
	}
	return err
}

func writeProved(results []prove.Result) error {
	var b bytes.Buffer
	if err := encodeProved(&b, results); err != nil {
		return err
	}
	if err := os.WriteFile(provedFile, b.Bytes(), 0o644); err != nil {
		f := tocsin.Fault(tocsin.Invalid, "source_tree", "The list could not be written.", "Give the command at the root of the source tree.")
		f.Cause = err
		return f
	}
	return nil
}

func encodeProved(w io.Writer, results []prove.Result) error {
	var list []provedPack
	for _, r := range results {
		list = append(list, provedPack{r.Name, r.Version, r.Digest})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

// provedDigests is the list of the built-in packs that were proved when this program
// was made.
func provedDigests() (map[tocsin.Digest]bool, error) {
	var list []provedPack
	if err := json.Unmarshal(packs.Proved(), &list); err != nil {
		return nil, err
	}
	digests := map[tocsin.Digest]bool{}
	for _, one := range list {
		digests[one.Digest] = true
	}
	return digests, nil
}

// onlyProved refuses a set of packs of which one is neither on the list nor proved
// now. A server that runs a duty on a pack with a hole in it would keep the hole.
func (p *program) onlyProved(set packSet) error {
	listed, err := provedDigests()
	if err != nil {
		return err
	}
	for _, name := range set.names {
		pack, err := policy.Load(set.fs, name)
		if err == nil && listed[pack.Ref().Digest] {
			continue
		}
		if !slices.Contains(set.own, name) {
			return errors.Join(err, tocsin.Faultf(tocsin.Refused, "pack_not_proved", "This is a fault of how the program was made. To see what is wrong: tocsin policy prove "+name,
				"The built-in pack %s is not on the list of packs that were proved.", name))
		}
		fmt.Fprintf(p.err, "The pack %s of %s is proved before it is used.\n", name, set.dir)
		results, err := p.proveAll(set, []string{name}, prove.Options{})
		if err != nil {
			return err
		}
		if r := results[0]; !r.Proved {
			v := r.Violations[0]
			return tocsin.Faultf(tocsin.Refused, "pack_not_proved", fmt.Sprintf("To see all of it with examples: tocsin policy prove %s --packs %s", name, set.dir),
				"The pack %s is not proved, and a duty is not run on it. The first of %d violations (%s), %s: %s", name, len(r.Violations), v.Sort, placeOf(name, v), v.What).
				Keeping("The server was not started.")
		}
	}
	return nil
}
