package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tocsin/casefile"
	"tocsin/internal/scenario"
	"tocsin/internal/sqlite"
	"tocsin/scenarios"
	"tocsin/verify"
	"tocsin/view"
)

// demonstration is the one object that demo --json prints.
type demonstration struct {
	Scenario string        `json:"scenario"`
	Cases    []demoCase    `json:"cases"`
	Warnings []demoWarning `json:"warnings"`
	Reports  int           `json:"reports"`
	Origins  int           `json:"origins"`
	Record   demoRecord    `json:"record"`
}

type demoCase struct {
	ID      string            `json:"id"`
	Title   string            `json:"title"`
	Closed  bool              `json:"closed"`
	Victims []view.VictimLine `json:"victims"`
}

type demoWarning struct {
	Kind       string         `json:"kind"`
	Message    string         `json:"message"`
	Language   string         `json:"language"`
	Deliveries []demoDelivery `json:"deliveries"`
}

type demoDelivery struct {
	Channel   string `json:"channel"`
	Recipient string `json:"recipient"`
	Addressee string `json:"addressee"`
	State     string `json:"state"`
}

type demoRecord struct {
	Events   int64  `json:"events"`
	Root     string `json:"root"`
	Verified bool   `json:"verified"`
}

// demo plays a scenario: the real engine on a real SQLite file, with real SMTP
// and HTTP receivers on this machine, in the scenario's own time.
func (p *program) demo(ctx context.Context, args []string) error {
	f := p.flags("demo")
	asJSON := f.Bool("json", false, "print one JSON object instead of the story")
	data := f.String("data", "", "keep the record in this directory; an interrupted scenario goes on there")
	dir := f.String("packs", "", "folder that holds further packs, one folder each, for a scenario that names one")
	rest, err := p.parse(f, args, -1)
	if err != nil {
		return err
	}
	name := "kerman"
	if len(rest) > 0 {
		name = rest[0]
	}
	s, err := readScenario(name)
	if err != nil {
		return err
	}
	set, err := readPacks(*dir)
	if err != nil {
		return err
	}
	keep := *data
	if keep == "" {
		if keep, err = os.MkdirTemp("", "tocsin-demo-"); err != nil {
			return err
		}
		defer os.RemoveAll(keep)
	} else if err := os.MkdirAll(keep, 0o700); err != nil {
		return err
	}
	db, err := sqlite.Open(filepath.Join(keep, s.Name+".db"))
	if err != nil {
		return err
	}
	defer db.Close()
	story := p.out
	if *asJSON {
		story = io.Discard
	}
	d, err := p.play(ctx, s, set, db, story)
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(p.out).Encode(d)
	}
	p.epilogue(d)
	return nil
}

// readScenario reads a scenario of this program by name, or any from a file.
func readScenario(name string) (scenario.Script, error) {
	if strings.HasSuffix(name, ".txt") {
		return scenario.Load(os.DirFS(filepath.Dir(name)), strings.TrimSuffix(filepath.Base(name), ".txt"))
	}
	s, err := scenario.Load(scenarios.FS(), name)
	if err != nil {
		names, _ := scenario.Names(scenarios.FS())
		return s, fmt.Errorf("%w; there are %v, and a scenario of your own is named as FILE.txt", err, names)
	}
	return s, nil
}

func (p *program) play(ctx context.Context, s scenario.Script, set packSet, db *sqlite.DB, story io.Writer) (demonstration, error) {
	d := demonstration{Scenario: s.Name}
	for _, h := range s.Header {
		fmt.Fprintf(story, "# %s\n", h)
	}
	r, world, err := scenario.StageWith(ctx, s, set.fs, db, story)
	if err != nil {
		return d, err
	}
	defer world.Close()
	if err := world.Remember(strings.TrimSuffix(db.Path(), ".db") + ".received"); err != nil {
		return d, err
	}
	if err := r.Run(ctx, s); err != nil {
		return d, err
	}
	var proof verify.Report
	r.Engine.Read(func(x *view.Index) {
		d.Reports = len(x.Order)
		for _, id := range x.CaseOrder {
			d.add(r, x.Cases[id])
		}
		proof, err = verify.Ledger(ctx, db, nil, x)
	})
	if err != nil {
		return d, err
	}
	d.Record = demoRecord{proof.Events, proof.Root, proof.Verified}
	for _, fault := range proof.Faults {
		fmt.Fprintln(p.err, "error:", fault)
	}
	if !proof.Verified {
		return d, errNotVerified
	}
	return d, nil
}

func (d *demonstration) add(r *scenario.Runner, s casefile.State) {
	c := demoCase{ID: string(s.ID), Title: s.Title, Closed: s.Closed}
	for _, v := range s.Victims {
		c.Victims = append(c.Victims, view.VictimLine{ID: v.ID, Name: v.Name, Disposition: v.Disposition, How: v.How})
	}
	d.Cases = append(d.Cases, c)
	d.Origins += scenario.Origins(r.Engine, s).Independent
	for _, w := range s.Warnings {
		dw := demoWarning{Kind: string(w.Draft.Kind), Message: string(w.Draft.Message), Language: w.Draft.Texts[0].Language}
		for _, x := range s.Deliveries {
			if x.Warning == w.ID {
				dw.Deliveries = append(dw.Deliveries, demoDelivery{x.Channel, string(x.Recipient), x.Addressee, string(x.State)})
			}
		}
		d.Warnings = append(d.Warnings, dw)
	}
}

// epilogue says in a few lines how the story ended.
func (p *program) epilogue(d demonstration) {
	fmt.Fprintln(p.out, "\nHow it ended")
	for _, c := range d.Cases {
		for _, v := range c.Victims {
			fmt.Fprintf(p.out, "  %-50s %s (%s)\n", v.Name, v.Disposition, v.How)
		}
	}
	for _, w := range d.Warnings {
		fmt.Fprintf(p.out, "  %s, %s, in %s\n", w.Kind, w.Message, w.Language)
		for _, x := range w.Deliveries {
			fmt.Fprintf(p.out, "      %-10s %-46s %s\n", x.Channel, x.Addressee, x.State)
		}
	}
	fmt.Fprintf(p.out, "  %d reports, %d independent origins\n", d.Reports, d.Origins)
	fmt.Fprintf(p.out, "  record: %d events, root %s, verified\n", d.Record.Events, d.Record.Root)
}
