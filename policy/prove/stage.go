package prove

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/explore"
)

// stage is a case that this package plays itself, step by step, on the machine that
// is being proved. A copy is a case of its own from there on.
type stage struct {
	m     explore.Machine
	s     casefile.State
	now   time.Time
	calls []call
}

// clerk prepares a case and has nothing to do with what is tried on it afterwards.
func clerk() tocsin.Actor { return tocsin.Actor{ID: "clerk", Roles: staff()} }

func machine() tocsin.Actor { return tocsin.Actor{ID: "tocsin", Roles: []tocsin.Role{tocsin.Machine}} }

// stage opens a case with one report, from a source that somebody may handle.
func (p *proof) stage() *stage {
	w := newWatch(p.o.Machine, p.pack, nil)
	return &stage{m: w.m, now: begin}
}

func (p *proof) opened(by tocsin.Actor, controlled bool) (*stage, error) {
	g := p.stage()
	r := casefile.Report{ID: "r1", Subject: "exercise", Origin: explore.Source, Conveyor: "conveyor", Originator: "partner", Controlled: controlled, FirstKnown: begin, Entered: begin}
	return g, g.do(by, casefile.OpenCase{Case: "exercise", Title: "Exercise", Terms: p.pack.Terms(), Reports: []casefile.Report{r}})
}

// named is an opened case with one victim.
func (p *proof) named() (*stage, error) {
	g, err := p.opened(clerk(), false)
	if err == nil {
		err = g.do(clerk(), addVictim("v1"))
	}
	return g, err
}

func addVictim(id tocsin.VictimID) casefile.Command {
	return casefile.AddVictim{Victim: tocsin.Victim{ID: id, Kind: tocsin.Person, Name: "Victim " + string(id), Identity: tocsin.Named}}
}

// copy branches the case.
func (g *stage) copy() *stage {
	c := *g
	c.calls = slices.Clip(g.calls)
	return &c
}

// do gives a command. A machine that panics is one that refuses, for whoever asks
// what it accepts; the explorer tells of panics.
func (g *stage) do(by tocsin.Actor, c casefile.Command) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("the case machine panics: %v", x)
		}
	}()
	m := casefile.Meta{At: g.now, By: by, Command: "exercise"}
	events, err := g.m.Decide(g.s, m, c)
	if err != nil {
		return err
	}
	g.calls = append(g.calls, call{g.s, m, c})
	for _, e := range events {
		g.s = g.m.Apply(g.s, e)
	}
	return nil
}

func (g *stage) victim() casefile.Victim {
	v, _ := g.s.Victim("v1")
	return v
}

// graded is one value for every element.
func graded(t tocsin.Terms, v tocsin.FindingValue) []tocsin.Finding {
	var out []tocsin.Finding
	for _, e := range t.Elements {
		out = append(out, tocsin.Finding{Element: e, Value: v, Reason: "exercise"})
	}
	return out
}

// determined is an answer of the policy, any answer, to what was found.
func (g *stage) determined(r tocsin.DeterminationResult) casefile.Command {
	d := tocsin.Determination{Victim: "v1", Pack: g.s.Terms.Pack, Result: r, Rule: "exercise"}
	for _, e := range g.s.Terms.Elements {
		rests := tocsin.Finding{Element: e, Value: tocsin.Unknown}
		for _, f := range g.victim().Findings {
			if f.Element == e {
				rests = f
			}
		}
		d.Rests = append(d.Rests, rests)
	}
	return casefile.Determine{Determination: d}
}

// proposal answers every question of a ground, none in the way that defeats it.
func proposal(g tocsin.Ground) casefile.ProposeWaiver {
	c := casefile.ProposeWaiver{Victim: "v1", Ground: g.ID, Alternatives: "exercise", Reason: "exercise", Evidence: map[string]string{}}
	for _, q := range g.Evidence {
		switch bad, yesOrNo := g.Excludes[q.ID]; {
		case !yesOrNo:
			c.Evidence[q.ID] = "exercise"
		case strings.EqualFold(bad, "no"):
			c.Evidence[q.ID] = "yes"
		default:
			c.Evidence[q.ID] = "no"
		}
	}
	return c
}

func approval() casefile.Command {
	return casefile.DecideWaiver{Victim: "v1", Approve: true, Reason: "exercise"}
}

// released is a draft for the desk and the clearance that the guard would give it.
func (g *stage) draft(by tocsin.Actor, m tocsin.MessageType, refers tocsin.WarningID) casefile.Command {
	return casefile.DraftWarning{Draft: tocsin.Draft{Warning: g.s.NextWarning(), Version: 1, Case: g.s.ID, Kind: tocsin.VictimWarning, Message: m, Refers: refers, Victims: []tocsin.VictimID{"v1"},
		Window: tocsin.Window{Latest: g.now.AddDate(1, 0, 0)}, Texts: []tocsin.Text{{Language: "en", Subject: "exercise", Body: "exercise"}}, Recipients: []tocsin.Recipient{oneRung()},
		Pack: g.s.Terms.Pack, Authors: []tocsin.ActorID{by.ID}}}
}

func (g *stage) clearance(by tocsin.Actor, id tocsin.WarningID) casefile.Command {
	w, _ := g.s.Warning(id)
	return casefile.ReleaseWarning{Warning: id, Clearance: &tocsin.Clearance{Warning: id, Version: w.Draft.Version, Digest: w.Digest, Pack: g.s.Terms.Pack, At: g.now,
		Expires: g.now.Add(g.s.Terms.Clocks[tocsin.ClockClearanceValid].After.D()), Released: by.ID, Exigent: g.s.Exigent != nil}}
}
