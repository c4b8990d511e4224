package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tocsin"
	"tocsin/packs"
	"tocsin/policy"
)

// policyList lists the built-in packs; it needs no record.
func (p *program) policyList(_ context.Context, args []string) error {
	f := p.flags("policy list")
	asJSON := f.Bool("json", false, "print JSON")
	if _, err := p.parse(f, args, 0); err != nil {
		return err
	}
	var all []tocsin.Terms
	for _, name := range packs.Names() {
		pack, err := policy.Load(packs.FS(), name)
		if err != nil {
			return err
		}
		all = append(all, pack.Terms())
	}
	return p.print(*asJSON, all, func(w io.Writer) {
		for _, t := range all {
			fmt.Fprintf(w, "%-24s %-8s %s\n    %s\n", t.Pack.Name, t.Pack.Version, t.Title, t.Pack.Digest)
		}
	})
}

// policyShow prints a pack for a reader: every rule with its legal reference, and
// whether that is sourced or to be confirmed.
func (p *program) policyShow(_ context.Context, args []string) error {
	f := p.flags("policy show")
	asJSON := f.Bool("json", false, "print JSON")
	rest, err := p.parse(f, args, 1)
	if err != nil {
		return err
	}
	pack, err := policy.Load(packs.FS(), rest[0])
	if err != nil {
		return err
	}
	return p.print(*asJSON, pack.Terms(), func(w io.Writer) { showPack(w, pack) })
}

// showPack prints the pack in the order in which a case meets it.
func showPack(w io.Writer, pack *policy.Pack) {
	t := pack.Terms()
	law := pack.LawInForce()
	fmt.Fprintf(w, "%s\n%s %s, %s\nin force %s to %s; %s [%s]\n", t.Title, t.Pack.Name, t.Pack.Version, t.Pack.Digest,
		cmp.Or(law.From.String(), "(not known)"), cmp.Or(law.Until.String(), "(not set)"), law.Clause, law.Basis)
	showThreshold(w, pack)
	showGrounds(w, pack)
	showDuties(w, pack)
	showOffice(w, pack)
}

func showThreshold(w io.Writer, pack *policy.Pack) {
	fmt.Fprintln(w, "\nTHE TESTS")
	for _, e := range pack.Elements() {
		fmt.Fprintf(w, "\n%s: %s\n    %s [%s]\n", e.Title, e.Meaning, e.Clause, e.Basis)
		for _, q := range e.Questions {
			fmt.Fprintf(w, "    ask    %s\n", q)
		}
		for _, trap := range e.Traps {
			fmt.Fprintf(w, "    beware %s\n", trap)
		}
	}
	fmt.Fprintln(w, "\nTHE RULES, the first that fits decides")
	for _, r := range pack.Rules() {
		fmt.Fprintf(w, "\n%s: %s, %s\n    %s\n    %s [%s]\n", r.ID, r.Result, r.Route, strings.TrimSpace(r.Because), r.Clause, r.Basis)
	}
	if g, ok := pack.Grades(); ok {
		fmt.Fprintf(w, "\n%s\n    %s\n    %s [%s]\n", strings.ToUpper(g.Title), g.Guides, g.Clause, g.Basis)
		for _, x := range g.Scale {
			fmt.Fprintf(w, "    %-10s %s\n", x.ID, x.Meaning)
		}
	}
}

func showGrounds(w io.Writer, pack *policy.Pack) {
	fmt.Fprintln(w, "\nGROUNDS FOR NOT WARNING ONE VICTIM")
	if none, ok := pack.NoGrounds(); ok {
		fmt.Fprintf(w, "    none: %s\n    %s [%s]\n", none.Because, none.Clause, none.Basis)
	}
	for _, g := range pack.Terms().Grounds {
		fmt.Fprintf(w, "\n(%s) %s\n    at most %s; %s [%s]\n", g.ID, g.Title, g.Validity, g.Clause, g.Basis)
		for _, q := range g.Evidence {
			fmt.Fprintf(w, "    %-20s %s\n", q.ID, q.Question)
		}
	}
}

func showDuties(w io.Writer, pack *policy.Pack) {
	t := pack.Terms()
	fmt.Fprintln(w, "\nWHO MUST BE TOLD (not yet enforced: see docs/pack-format.md)")
	for _, x := range pack.MustTell() {
		fmt.Fprintf(w, "    any of %v: %s\n        %s [%s]\n", x.AnyOf, x.Because, x.Clause, x.Basis)
	}
	for _, x := range pack.ChannelRules() {
		fmt.Fprintf(w, "    channels of %v: require %v, allow %v, forbid %v\n        %s; %s [%s]\n", x.Kinds, x.Require, x.Allow, x.Forbid, x.Because, x.Clause, x.Basis)
	}
	fmt.Fprintln(w, "\nDUTIES AFTER AN EXIGENT WARNING")
	for _, d := range t.Duties {
		fmt.Fprintf(w, "    %-20s by %s, at the latest %s: %s\n        %s [%s]\n", d.ID, d.Soft, d.Hard, d.Title, d.Clause, d.Basis)
	}
	fmt.Fprintln(w, "\nWHOM TO BRING IN")
	for _, c := range t.Coordination {
		fmt.Fprintf(w, "    %-20s %s: %s\n        %s [%s]\n", c.When, c.With, c.Duty, c.Clause, c.Basis)
	}
}

func showOffice(w io.Writer, pack *policy.Pack) {
	t := pack.Terms()
	fmt.Fprintln(w, "\nCLOCKS")
	for _, name := range tocsin.ClockNames() {
		c := t.Clocks[name]
		fmt.Fprintf(w, "    %-16s %-6s %3d%%  %s [%s]\n", name, c.After, c.Percent, c.Clause, c.Basis)
	}
	plan := pack.ReviewPlan()
	fmt.Fprintf(w, "\nREVIEWS come sooner on: %s\n", strings.Join(plan.Triggers, "; "))
	for _, q := range plan.Asks {
		fmt.Fprintf(w, "    ask    %s\n", q)
	}
	fmt.Fprintln(w, "\nWHAT THE RECORD MUST HOLD")
	for _, x := range pack.RecordItems() {
		fmt.Fprintf(w, "    %s [%s]\n", x.Title, x.Basis)
	}
	fmt.Fprintln(w, "\nWHO MAY")
	for _, power := range tocsin.Powers() {
		var names []string
		for _, r := range t.Powers[power] {
			names = append(names, string(r))
		}
		slices.Sort(names)
		fmt.Fprintf(w, "    %-16s %s\n", power, strings.Join(names, ", "))
	}
}

// policyDiff says what would have come out differently.
func (p *program) policyDiff(_ context.Context, args []string) error {
	f := p.flags("policy diff")
	asJSON := f.Bool("json", false, "print JSON")
	rest, err := p.parse(f, args, 2)
	if err != nil {
		return err
	}
	var two [2]*policy.Pack
	for i, name := range rest {
		if two[i], err = policy.Load(packs.FS(), name); err != nil {
			return err
		}
	}
	all := policy.Diff(two[0], two[1])
	return p.print(*asJSON, all, func(w io.Writer) {
		for _, d := range all {
			fmt.Fprintln(w, d.Says)
		}
		if len(all) == 0 {
			fmt.Fprintln(w, "nothing would have come out differently")
		}
	})
}

// policyNew writes a commented starting pack into a folder of its name.
func (p *program) policyNew(_ context.Context, args []string) error {
	f := p.flags("policy new")
	rest, err := p.parse(f, args, 1)
	if err != nil {
		return err
	}
	files, err := policy.New(rest[0])
	if err != nil {
		return err
	}
	if err := os.Mkdir(rest[0], 0o755); err != nil {
		return tocsin.Faultf(tocsin.Invalid, "folder", "Choose another name, or move the folder away: nothing there is overwritten.", "The folder %s cannot be made.", rest[0])
	}
	for _, file := range files {
		to := filepath.Join(rest[0], filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, file.Data, 0o644); err != nil {
			return err
		}
		fmt.Fprintln(p.out, to)
	}
	return nil
}
