package main

import (
	"context"
	"fmt"
	"io"
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

func showPack(w io.Writer, pack *policy.Pack) {
	t := pack.Terms()
	fmt.Fprintf(w, "%s\n%s %s, %s\n\nTHE TESTS\n", t.Title, t.Pack.Name, t.Pack.Version, t.Pack.Digest)
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
	fmt.Fprintln(w, "\nGROUNDS FOR NOT WARNING ONE VICTIM")
	for _, g := range t.Grounds {
		fmt.Fprintf(w, "\n(%s) %s\n    at most %s; %s [%s]\n", g.ID, g.Title, g.Validity, g.Clause, g.Basis)
		for _, q := range g.Evidence {
			fmt.Fprintf(w, "    %-20s %s\n", q.ID, q.Question)
		}
	}
	fmt.Fprintln(w, "\nCLOCKS")
	for _, name := range tocsin.ClockNames() {
		c := t.Clocks[name]
		fmt.Fprintf(w, "    %-16s %-6s %3d%%  %s [%s]\n", name, c.After, c.Percent, c.Clause, c.Basis)
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
