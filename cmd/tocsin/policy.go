package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tocsin"
	"tocsin/compose"
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

// policyShow prints a pack for a reader who has never seen one: as text, or as one
// page for print.
func (p *program) policyShow(_ context.Context, args []string) error {
	f := p.flags("policy show")
	asJSON := f.Bool("json", false, "print JSON")
	asPage := f.Bool("html", false, "print a page for a browser or a printer: one file, no script")
	rest, err := p.parse(f, args, 1)
	if err != nil {
		return err
	}
	found, err := findPack(rest[0])
	if err != nil {
		return err
	}
	pack, err := found.load()
	if err != nil {
		return err
	}
	if *asJSON {
		return p.print(true, wholePack(pack), nil)
	}
	texts, err := compose.Load(found.files, found.folder)
	if err != nil {
		return err
	}
	s, err := newSheet(pack, texts)
	if err != nil {
		return err
	}
	if *asPage {
		return s.writePage(p.out)
	}
	s.writeText(p.out)
	return nil
}

// shownPack is all of a pack as JSON: its terms, and beside them what has no part
// in them.
type shownPack struct {
	tocsin.Terms
	Threshold    []policy.Element     `json:"threshold"` // the elements with their questions
	Rules        []policy.Rule        `json:"rules"`
	Doubt        policy.Doubt         `json:"doubt"`
	InForce      policy.InForce       `json:"in_force"`
	NoGrounds    *policy.NoGrounds    `json:"no_grounds,omitempty"`
	Grades       *policy.Grades       `json:"grades,omitempty"`
	MustTell     []policy.Tell        `json:"must_tell"`
	ChannelRules []policy.ChannelRule `json:"channel_rules"`
	RecordItems  []policy.RecordItem  `json:"record_items"`
	ReviewPlan   policy.ReviewPlan    `json:"review_plan"`
	Languages    []string             `json:"languages"`
}

func wholePack(pack *policy.Pack) shownPack {
	s := shownPack{Terms: pack.Terms(), Threshold: pack.Elements(), Rules: pack.Rules(), Doubt: pack.DoubtRule(), InForce: pack.LawInForce(),
		MustTell: pack.MustTell(), ChannelRules: pack.ChannelRules(), RecordItems: pack.RecordItems(), ReviewPlan: pack.ReviewPlan(), Languages: pack.Languages()}
	if none, ok := pack.NoGrounds(); ok {
		s.NoGrounds = &none
	}
	if g, ok := pack.Grades(); ok {
		s.Grades = &g
	}
	return s
}

// policyDiff says what would have come out differently: over every combination of
// findings, and with --cases on every stored case too.
func (p *program) policyDiff(ctx context.Context, args []string) error {
	f := p.flags("policy diff")
	r := p.remoteFlags(f)
	cases := f.Bool("cases", false, "ask the second pack about every stored case that is run under the first")
	rest, err := p.parse(f, args, 2)
	if err != nil {
		return err
	}
	var two [2]*policy.Pack
	for i, name := range rest {
		if two[i], err = loadPack(name); err != nil {
			return err
		}
	}
	all := policy.Diff(two[0], two[1])
	if !*cases {
		return p.print(*r.asJSON, all, func(w io.Writer) { printDifferences(w, all) })
	}
	return p.with(ctx, r, func(c *client) error {
		stored, err := c.replayCases(ctx, two[0], two[1], p.err)
		if err != nil {
			return err
		}
		both := struct {
			Differences []policy.Difference `json:"differences"`
			Cases       replay              `json:"cases"`
		}{all, stored}
		return p.print(*r.asJSON, both, func(w io.Writer) {
			fmt.Fprintln(w, "EVERY COMBINATION OF FINDINGS")
			printDifferences(w, all)
			fmt.Fprintln(w)
			stored.print(w)
		})
	})
}

func printDifferences(w io.Writer, all []policy.Difference) {
	for _, d := range all {
		fmt.Fprintln(w, d.Says)
	}
	if len(all) == 0 {
		fmt.Fprintln(w, "nothing would have come out differently")
	}
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
