package prove

import (
	"fmt"
	"slices"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/explore"
)

// roleSets are all sets of one role and of two, and the machine.
func roleSets() [][]tocsin.Role {
	sets := [][]tocsin.Role{{tocsin.Machine}}
	all := tocsin.Roles()
	for i, a := range all {
		sets = append(sets, []tocsin.Role{a})
		for _, b := range all[i+1:] {
			sets = append(sets, []tocsin.Role{a, b})
		}
	}
	return sets
}

// entitled says by the pack alone whether somebody with these roles holds a power.
// It is written without the functions of casefile that decide the same.
func (p *proof) entitled(set []tocsin.Role, power tocsin.Power) bool {
	if slices.Contains(set, tocsin.Machine) || slices.Contains(set, tocsin.RecipientRole) {
		return false
	}
	return slices.ContainsFunc(p.pack.Terms().Powers[power], func(r tocsin.Role) bool { return slices.Contains(set, r) })
}

// waivers tries, on every ground, everybody as proposer and everybody as decider,
// and holds what is accepted against what the pack and invariant 3 allow.
func (p *proof) waivers() {
	start, err := p.named()
	if err != nil {
		p.broken(Violation{Sort: Unentitled, File: "pack.yaml", Line: 1, What: "no case can be opened: " + err.Error()})
		return
	}
	for _, g := range p.pack.Terms().Grounds {
		p.ground(start, g)
	}
	p.alone(start)
}

func (p *proof) ground(start *stage, g tocsin.Ground) {
	silenced := 0
	for _, set := range roleSets() {
		proposer := tocsin.Actor{ID: "proposer", Roles: set}
		proposed := start.copy()
		got, want := proposed.do(proposer, proposal(g)) == nil, p.entitled(set, tocsin.MayProposeWaiver)
		p.res.Counted.Waivers++
		if got != want {
			p.waiver(g, proposed, fmt.Sprintf("on ground %s somebody who is %s may propose a waiver: %t, and by the pack that is %t", g.ID, roles(set), got, want))
			return
		}
		if !got {
			continue
		}
		for _, other := range roleSets() {
			n, ok := p.deciders(start, proposed, g, set, other)
			if silenced += n; !ok {
				return
			}
		}
	}
	if silenced == 0 {
		p.waiver(g, start, "nobody can approve a waiver on ground "+g.ID)
	}
}

// deciders tries somebody else, a handler of the source, and the proposer, each with
// the roles of the decider.
func (p *proof) deciders(start, proposed *stage, g tocsin.Ground, set, other []tocsin.Role) (silenced int, ok bool) {
	may := p.entitled(other, tocsin.MayApproveWaiver)
	both := slices.Concat(set, other)
	for _, try := range []struct {
		words string
		by    tocsin.Actor
		want  bool
	}{
		{"somebody else who is " + roles(other), tocsin.Actor{ID: "decider", Roles: other}, may},
		{"a handler of the source who is " + roles(other), tocsin.Actor{ID: "decider", Roles: other, Handles: []string{explore.Source}}, may && !g.ProtectsSource},
		{"the proposer, who is " + roles(both), tocsin.Actor{ID: "proposer", Roles: both}, false},
	} {
		at := proposed.copy()
		if try.by.ID == "proposer" {
			at = start.copy()
			if at.do(try.by, proposal(g)) != nil {
				continue
			}
		}
		p.res.Counted.Waivers++
		got := at.do(try.by, approval()) == nil && at.victim().Disposition == casefile.ObligationWaived
		if got != try.want {
			p.waiver(g, at, fmt.Sprintf("on ground %s %s may approve the waiver: %t, and that must be %t", g.ID, try.words, got, try.want))
			return silenced, false
		}
		if got {
			silenced++
		}
	}
	return silenced, true
}

func (p *proof) waiver(g tocsin.Ground, at *stage, what string) {
	v := Violation{Sort: Unentitled, File: "pack.yaml", Line: p.line("ground " + g.ID), What: what, Scenario: p.scenarioOf(what, nil, at.calls)}
	for _, c := range at.calls {
		v.Path = append(v.Path, string(c.m.By.ID)+" "+c.c.Kind())
	}
	p.broken(v)
}

// alone lets one person do everything that leads to a waiver or a refusal, in every
// order, with the machine answering whatever suits. Nobody may end a duty so.
func (p *proof) alone(start *stage) {
	for _, set := range append(roleSets(), staff()) {
		if at := p.endedAlone(start, tocsin.Actor{ID: "alone", Roles: set}); at != nil {
			what := fmt.Sprintf("one person alone, who is %s, makes the duty towards v1 %s", roles(set), at.victim().Disposition)
			v := Violation{Sort: Unentitled, File: "pack.yaml", Line: p.line("powers." + string(tocsin.MayApproveWaiver)), What: what, Scenario: p.scenarioOf(what, nil, at.calls)}
			for _, c := range at.calls {
				v.Path = append(v.Path, string(c.m.By.ID)+" "+c.c.Kind())
			}
			p.broken(v)
			return
		}
	}
}

// endedAlone searches breadth first, so that what it finds is shortest.
func (p *proof) endedAlone(start *stage, who tocsin.Actor) *stage {
	seen := map[string]bool{}
	for queue := []*stage{start}; len(queue) > 0; queue = queue[1:] {
		for _, c := range p.towardsSilence(queue[0]) {
			by := who
			if _, answer := c.(casefile.Determine); answer {
				by = machine()
			}
			next := queue[0].copy()
			p.res.Counted.Waivers++
			if next.do(by, c) != nil {
				continue
			}
			switch v := next.victim(); v.Disposition {
			case casefile.ObligationWaived, casefile.ObligationNotOwed, casefile.ObligationOvertaken, casefile.ObligationDischarged:
				return next
			default:
				if k := position(next.s, v); !seen[k] {
					seen[k] = true
					queue = append(queue, next)
				}
			}
		}
	}
	return nil
}

// towardsSilence are the commands that lead to a waiver or a refusal: on one ground
// that protects a source, and one that does not.
func (p *proof) towardsSilence(g *stage) []casefile.Command {
	t := p.pack.Terms()
	list := []casefile.Command{
		casefile.RecordFindings{Victim: "v1", Findings: graded(t, tocsin.NotMet)},
		g.determined(tocsin.ResultNotOwed), g.determined(tocsin.ResultOwed),
		casefile.AffirmDetermination{Victim: "v1"}, approval(), casefile.DecideWaiver{Victim: "v1", Reason: "exercise"},
		casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseBelow, Reason: "exercise"},
		casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseOvertaken, Reason: "exercise"},
		casefile.SignRefusal{Victim: "v1", Agree: true, Reason: "exercise", Grade: graded(t, tocsin.NotMet)},
		casefile.RecordOutcome{Outcome: casefile.Outcome{What: "occurred"}}, casefile.Discharge{Victim: "v1", Reason: "exercise"},
	}
	seen := map[bool]bool{}
	for _, gr := range t.Grounds {
		if !seen[gr.ProtectsSource] {
			seen[gr.ProtectsSource] = true
			list = append(list, proposal(gr))
		}
	}
	return list
}

// position is what can make a difference to whether a duty can be ended alone.
func position(s casefile.State, v casefile.Victim) string {
	k := fmt.Sprint(v.Disposition, len(v.Findings), v.Stale, v.Affirmed, v.Graders, s.Outcome != nil)
	if v.Determination != nil {
		k += string(v.Determination.Result)
	}
	if v.Waiver != nil {
		k += " waiver " + v.Waiver.Ground + string(v.Waiver.Proposer)
	}
	if v.Refusal != nil {
		k += " refusal " + v.Refusal.Ground + string(v.Refusal.Proposer)
	}
	return k
}
