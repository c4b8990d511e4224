package prove

import (
	"fmt"
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
)

// ticks is how often clocks are let run out from each beginning.
const ticks = 40

// silences lets nothing happen but time, by the pack's own lengths of clocks, from
// several moments of a case, with the attack unknown, near, and far off. The duty
// must be raised again and again, must be owed in the end, and time must go on. The
// explorer leaves lengths out; this does not.
func (p *proof) silences() {
	t := p.pack.Terms()
	for _, attack := range []time.Duration{0, t.Exigent.D() / 2, t.Imminent.D() / 2, 100 * 24 * time.Hour} {
		for _, moment := range p.moments() {
			g, err := p.named()
			if err == nil && attack > 0 {
				err = g.do(clerk(), casefile.StateThreat{Threat: tocsin.Threat{Window: tocsin.Window{Earliest: begin.Add(attack)}}})
			}
			for _, s := range moment.steps {
				if err == nil {
					err = s(g)
				}
			}
			if err == nil {
				err = p.silent(g)
			}
			if err != nil {
				what := fmt.Sprintf("%s, with the attack %s: %v", moment.name, far(attack), err)
				p.broken(Violation{Sort: DeadClock, File: "pack.yaml", Line: p.line("clocks"), What: what, Scenario: p.scenarioOf(what, []tocsin.Recipient{oneRung()}, g.calls)})
				return
			}
		}
	}
}

func far(attack time.Duration) string {
	if attack == 0 {
		return "at an unknown time"
	}
	return "in " + tocsin.Duration(attack).String()
}

type moment struct {
	name  string
	steps []func(*stage) error
}

// moments are where a case may be left alone.
func (p *proof) moments() []moment {
	t := p.pack.Terms()
	by := func(id string, c func(g *stage, by tocsin.Actor) casefile.Command) func(*stage) error {
		who := tocsin.Actor{ID: tocsin.ActorID(id), Roles: staff()}
		return func(g *stage) error { return g.do(who, c(g, who)) }
	}
	give := func(id string, c casefile.Command) func(*stage) error {
		return by(id, func(*stage, tocsin.Actor) casefile.Command { return c })
	}
	answered := func(r tocsin.DeterminationResult) func(*stage) error {
		return func(g *stage) error { return g.do(machine(), g.determined(r)) }
	}
	found := func(v tocsin.FindingValue) func(*stage) error {
		return give("first", casefile.RecordFindings{Victim: "v1", Findings: graded(t, v)})
	}
	all := []moment{
		{"a victim is named", nil},
		{"a warning is owed", []func(*stage) error{found(tocsin.Met), answered(tocsin.ResultOwed)}},
		{"a refusal is proposed", []func(*stage) error{found(tocsin.NotMet), answered(tocsin.ResultNotOwed), give("first", casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseBelow, Reason: "exercise"})}},
		{"a warning is released", []func(*stage) error{
			by("first", func(g *stage, by tocsin.Actor) casefile.Command { return g.draft(by, tocsin.Alert, "") }),
			by("second", func(g *stage, _ tocsin.Actor) casefile.Command {
				return casefile.ApproveWarning{Warning: "w1", Digest: g.s.Warnings[0].Digest}
			}),
			by("first", func(g *stage, by tocsin.Actor) casefile.Command { return g.clearance(by, "w1") })}},
	}
	for _, g := range t.Grounds {
		all = append(all, moment{"a waiver on ground " + g.ID + " is proposed", []func(*stage) error{give("first", proposal(g))}},
			moment{"a waiver on ground " + g.ID + " is approved", []func(*stage) error{give("first", proposal(g)), give("second", approval())}})
	}
	return all
}

// silent lets clocks run out. What it does is not kept among the calls, so that a
// counterexample is only how the case came there.
func (p *proof) silent(g *stage) error {
	calls := g.calls
	defer func() { g.calls = calls }()
	began := g.now
	for range ticks {
		all := casefile.Clocks(g.s)
		if len(all) == 0 {
			return fmt.Errorf("no clock runs")
		}
		g.now = tocsin.Instant(all[0].Next)
		if g.now.Before(g.s.Now) {
			g.now = g.s.Now
		}
		if err := g.do(machine(), casefile.Tick{}); err != nil {
			return fmt.Errorf("time cannot pass: %w", err)
		}
		p.res.Counted.Silences++
	}
	// A waiver's end is raised once and starts the clock of the duty itself.
	again := slices.ContainsFunc(g.s.Missed, func(m casefile.Missed) bool {
		_, sending := g.s.Delivery(tocsin.DeliveryKey(m.Target))
		return m.Count > 1 && (m.Target == "v1" || sending)
	})
	switch v := g.victim(); {
	case v.Disposition != casefile.ObligationOwed:
		return fmt.Errorf("after %d clocks have run out the duty is %s", ticks, v.Disposition)
	case !again:
		return fmt.Errorf("after %d clocks have run out nothing has been raised twice about the duty", ticks)
	case !g.now.After(began.Add(time.Hour)):
		return fmt.Errorf("%d clocks run out within %s: nobody can follow that", ticks, g.now.Sub(began))
	case g.now.After(began.AddDate(2, 0, 0)):
		return fmt.Errorf("%d clocks take %s to run out", ticks, tocsin.Duration(g.now.Sub(began)))
	}
	return nil
}
