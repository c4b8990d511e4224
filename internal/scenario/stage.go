package scenario

import (
	"context"
	"io"
	"io/fs"
	"slices"
	"time"

	"tocsin"
	"tocsin/engine"
	"tocsin/ledger"
	"tocsin/packs"
)

// leaseTime is how long an attempt to send may take, in the story's time.
const leaseTime = time.Minute

// worker names the engine of a scenario in its leases.
const worker = "scenario"

// Stage is StageWith over the built-in packs.
func Stage(ctx context.Context, s Script, store ledger.Store, out io.Writer) (*Runner, *Loopback, error) {
	return StageWith(ctx, s, packs.FS(), store, out)
}

// StageWith sets a scenario up on a store: the real engine and channels, a clock of
// the story's own, and receivers on this machine. The packs that the scenario names
// are read from fsys. The caller closes the world.
func StageWith(ctx context.Context, s Script, fsys fs.FS, store ledger.Store, out io.Writer) (*Runner, *Loopback, error) {
	clock := &Clock{}
	world, err := NewLoopback(clock)
	if err != nil {
		return nil, nil, err
	}
	channels, err := world.Channels(endpoints(s))
	if err != nil {
		world.Close()
		return nil, nil, err
	}
	used := packsOf(s)
	r := &Runner{Clock: clock, World: world, Out: out}
	r.Engine, err = engine.New(ctx, engine.Config{Store: store, Packs: fsys, Default: used[0], Clock: clock, IDs: &IDs{}, Channels: channels,
		Worker: worker, Lease: leaseTime, People: func(id tocsin.ActorID) (tocsin.Actor, bool) { return r.Person(id) }}, used...)
	if err != nil {
		world.Close()
		return nil, nil, err
	}
	return r, world, nil
}

// endpoints are the names that the script's rungs use for webhooks.
func endpoints(s Script) []string {
	var names []string
	for _, st := range s.Steps {
		for _, f := range st.Fields {
			if g, err := rung(f.Value); st.Words[0] == "recipient" && f.Key == "rung" && err == nil && g.Channel == "webhook" {
				names = append(names, g.Address)
			}
		}
	}
	return names
}

// packsOf are the packs that the script names; icd-191 if it names none.
func packsOf(s Script) []string {
	var names []string
	for _, st := range s.Steps {
		if got, ok := match("pack NAME", st.Words); ok && !slices.Contains(names, got[0]) {
			names = append(names, got[0])
		}
	}
	if len(names) == 0 {
		names = []string{"icd-191"}
	}
	return names
}
