package prove

import (
	"fmt"
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
)

// teamSize is the largest team that is looked for among all teams, and teamTries how
// many steps are tried in looking; the packs that ship need some hundreds. A pack that
// needs more people is tried with three of each role.
const (
	teamSize  = 5
	teamTries = 50_000
)

// team holds that real people can do what the pack asks: that what two must share
// lies with two roles, and that there is a team, of one role each, that brings every
// sort of case to its end. Whoever opens a case matters to who may take it over, so
// everybody is tried as that too.
func (p *proof) team() {
	t := p.pack.Terms()
	for _, two := range [][2]tocsin.Power{{tocsin.MayProposeWaiver, tocsin.MayApproveWaiver}, {tocsin.MayProposeRefusal, tocsin.MaySignRefusal}, {tocsin.MayDraft, tocsin.MayApproveWording}} {
		all := slices.Concat(t.Powers[two[0]], t.Powers[two[1]])
		slices.Sort(all)
		if all = slices.Compact(all); len(all) == 1 {
			p.oneRole(two, all[0])
		}
	}
	for _, power := range tocsin.Powers() {
		if !slices.ContainsFunc(staff(), func(r tocsin.Role) bool { return slices.Contains(t.Powers[power], r) }) {
			p.broken(Violation{Sort: NoTeam, File: "pack.yaml", Line: p.line("powers." + string(power)), What: fmt.Sprintf("nobody who works on cases can hold the power %q", power)})
		}
	}
	if p.res.Team = p.smallTeam(); len(p.res.Team) > 0 {
		return
	}
	everybody := slices.Repeat(staff(), 3)
	if ok, step := p.manages(everybody); !ok {
		p.broken(Violation{Sort: NoTeam, File: "pack.yaml", Line: p.line("powers"), What: "no team, not even of three people of each role, can bring every case to its end; it stops at: " + step})
		return
	}
	p.res.Team = p.thinned(everybody)
}

// smallTeam is the smallest team of up to teamSize people, or nil.
func (p *proof) smallTeam() []tocsin.Role {
	for size := 1; size <= teamSize; size++ {
		for _, roles := range teams(staff(), size) {
			if ok, _ := p.manages(roles); ok {
				return roles
			}
			if p.res.Counted.Team > teamTries {
				return nil
			}
		}
	}
	return nil
}

// thinned is a team from which nobody more can be spared.
func (p *proof) thinned(team []tocsin.Role) []tocsin.Role {
	for i := len(team) - 1; i >= 0; i-- {
		without := slices.Delete(slices.Clone(team), i, i+1)
		if ok, _ := p.manages(without); ok {
			team = without
		}
	}
	slices.Sort(team)
	return team
}

// oneRole tells of two powers that must lie with two people and lie with one role,
// with a case in which two of one rank silence a warning.
func (p *proof) oneRole(two [2]tocsin.Power, role tocsin.Role) {
	what := fmt.Sprintf("%s and %s both lie with %s and with nobody else, so two of one rank decide among themselves; give one of them to another role", two[0], two[1], role)
	v := Violation{Sort: NoTeam, File: "pack.yaml", Line: p.line("powers." + string(two[1])), What: what}
	if grounds := p.pack.Terms().Grounds; two[1] == tocsin.MayApproveWaiver && len(grounds) > 0 {
		v.Scenario = p.ofOneRank(what, role, grounds[0])
	}
	p.broken(v)
}

// ofOneRank is a waiver among two of one rank.
func (p *proof) ofOneRank(what string, role tocsin.Role, g tocsin.Ground) string {
	t := &told{p: p, now: begin}
	t.head(p.name, what, demonstration)
	first, second := tocsin.Actor{ID: "first", Roles: []tocsin.Role{role}}, tocsin.Actor{ID: "second", Roles: []tocsin.Role{role}}
	at, err := p.named()
	if err != nil || at.do(first, proposal(g)) != nil || at.do(second, approval()) != nil {
		return ""
	}
	t.calls = at.calls
	t.people()
	for _, c := range at.calls {
		t.command(&t.script, c)
	}
	t.line("expect v1 is waived")
	return t.String()
}

// teams are all teams of a size, as lists of roles with repeats.
func teams(roles []tocsin.Role, size int) [][]tocsin.Role {
	if size == 0 {
		return [][]tocsin.Role{nil}
	}
	var out [][]tocsin.Role
	for i, r := range roles {
		for _, rest := range teams(roles[i:], size-1) {
			out = append(out, append([]tocsin.Role{r}, rest...))
		}
	}
	return out
}

// task is one step of a story: the commands that do it, one of which somebody of the
// team must be able to give.
type task struct {
	name    string
	machine bool
	give    func(g *stage, by tocsin.Actor, team []tocsin.Actor) []casefile.Command
}

func plain(name string, c casefile.Command) task {
	return task{name: name, give: func(*stage, tocsin.Actor, []tocsin.Actor) []casefile.Command { return []casefile.Command{c} }}
}

func own(name string, f func(*stage, tocsin.Actor) casefile.Command) task {
	return task{name: name, give: func(g *stage, by tocsin.Actor, _ []tocsin.Actor) []casefile.Command {
		return []casefile.Command{f(g, by)}
	}}
}

// manages plays every story with a team, and says where it stops if it does.
func (p *proof) manages(roles []tocsin.Role) (ok bool, step string) {
	var team []tocsin.Actor
	for i, r := range roles {
		team = append(team, tocsin.Actor{ID: tocsin.ActorID(fmt.Sprintf("%s-%d", r, i+1)), Roles: []tocsin.Role{r}})
	}
	for _, story := range p.stories() {
		far := -1
		for _, who := range team {
			g, err := p.opened(who, story.controlled)
			p.res.Counted.Team++
			if err == nil {
				far = max(far, p.play(g, story.tasks, team, map[string]int{}))
			}
			if far == len(story.tasks) {
				break
			}
		}
		switch {
		case far < 0:
			return false, "opening a case"
		case far < len(story.tasks):
			return false, story.tasks[far].name
		}
	}
	return true, ""
}

// play tries every choice of who does what, and returns how many tasks the furthest
// of them gets done. Choices after which the same people have had to do with the same
// things are one: known has what came of them.
func (p *proof) play(g *stage, tasks []task, team []tocsin.Actor, known map[string]int) int {
	if len(tasks) == 0 {
		return 0
	}
	k := fmt.Sprint(len(tasks), involved(g.s))
	if n, ok := known[k]; ok {
		return n
	}
	n := p.choose(g, tasks, team, known)
	known[k] = n
	return n
}

func (p *proof) choose(g *stage, tasks []task, team []tocsin.Actor, known map[string]int) int {
	who := team
	if tasks[0].machine {
		who = []tocsin.Actor{machine()}
	}
	far := 0
	if tasks[0].machine {
		g = g.copy()
		for _, c := range tasks[0].give(g, who[0], team) {
			_ = g.do(who[0], c) // what the program does by itself is for the explorer to judge
		}
		return 1 + p.play(g, tasks[1:], team, known)
	}
	for _, by := range who {
		for _, c := range tasks[0].give(g, by, team) {
			p.res.Counted.Team++
			next := g.copy()
			if next.do(by, c) != nil {
				continue
			}
			n := 1 + p.play(next, tasks[1:], team, known)
			if n == len(tasks) {
				return n
			}
			far = max(far, n)
		}
	}
	return far
}

// involved lists who has had to do with what, as far as a later rule looks at it.
func involved(s casefile.State) []any {
	who := []any{s.Owner, s.SeenGrade}
	if s.Transfer != nil {
		who = append(who, s.Transfer.To, s.Transfer.By)
	}
	for _, v := range s.Victims {
		who = append(who, v.ID, v.Graders)
		for _, f := range v.Findings {
			who = append(who, f.By)
		}
		if v.Waiver != nil {
			who = append(who, v.Waiver.Proposer)
		}
		if v.Refusal != nil {
			who = append(who, v.Refusal.Proposer)
		}
	}
	for _, w := range s.Warnings {
		who = append(who, w.ID, w.Authors, w.Approval != nil)
	}
	for _, d := range s.Disputes {
		who = append(who, d.By)
	}
	return who
}

type story struct {
	controlled bool
	tasks      []task
}

// stories together need every power.
func (p *proof) stories() []story {
	t := p.pack.Terms()
	soon := tocsin.Threat{Window: tocsin.Window{Earliest: begin.Add(t.Exigent.D() / 2)}}
	victim, find := plain("naming a victim", addVictim("v1")), plain("finding on every element", casefile.RecordFindings{Victim: "v1", Findings: graded(t, tocsin.Met)})
	refuse := story{tasks: []task{victim, plain("finding that nothing is owed", casefile.RecordFindings{Victim: "v1", Findings: graded(t, tocsin.NotMet)}), answer(tocsin.ResultNotOwed),
		plain("proposing a refusal", casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseBelow, Reason: "exercise"}),
		plain("signing a refusal second", casefile.SignRefusal{Victim: "v1", Agree: true, Reason: "exercise", Grade: graded(t, tocsin.NotMet)})}}
	exigent := story{controlled: true, tasks: []task{plain("stating the threat", casefile.StateThreat{Threat: soon}), victim, find, answer(tocsin.ResultOwed),
		plain("asking for consent", casefile.AskConsent{Report: "r1", Question: "exercise"}), plain("opening the exigent path", casefile.InvokeExigent{Reason: "exercise"})}}
	exigent.tasks = append(exigent.tasks, warning(tocsin.Alert, "w1", "")...)
	if slices.ContainsFunc(t.Duties, func(d tocsin.AfterDuty) bool { return d.When == "" }) {
		exigent.tasks = append(exigent.tasks, own("doing an after-duty", func(g *stage, _ tocsin.Actor) casefile.Command {
			id := ""
			if len(g.s.Duties) > 0 {
				id = g.s.Duties[0].ID
			}
			return casefile.DoDuty{Duty: id, Note: "exercise"}
		}))
	}
	all := []story{p.warned(victim, find), refuse, exigent}
	for _, g := range t.Grounds {
		all = append(all, story{tasks: []task{victim, plain("proposing a waiver on ground "+g.ID, proposal(g)), plain("approving a waiver on ground "+g.ID, approval())}})
	}
	return all
}

func answer(r tocsin.DeterminationResult) task {
	return task{name: "determining", machine: true, give: func(g *stage, _ tocsin.Actor, _ []tocsin.Actor) []casefile.Command {
		return []casefile.Command{g.determined(r)}
	}}
}

// warning is a warning from its draft to its release.
func warning(m tocsin.MessageType, id, refers tocsin.WarningID) []task {
	return []task{
		own("drafting a warning", func(g *stage, by tocsin.Actor) casefile.Command { return g.draft(by, m, refers) }),
		own("approving the wording", func(g *stage, _ tocsin.Actor) casefile.Command {
			w, _ := g.s.Warning(id)
			return casefile.ApproveWarning{Warning: id, Digest: w.Digest}
		}),
		own("releasing a warning", func(g *stage, by tocsin.Actor) casefile.Command { return g.clearance(by, id) }),
		{name: "sending", machine: true, give: func(g *stage, _ tocsin.Actor, _ []tocsin.Actor) []casefile.Command {
			var keys []tocsin.DeliveryKey
			for _, d := range g.s.Deliveries {
				if d.Warning == id {
					keys = append(keys, d.Key)
				}
			}
			return []casefile.Command{casefile.StartDeliveries{Keys: keys, Worker: "exercise", Lease: g.now.Add(time.Minute)}}
		}},
		{name: "noting a receipt", machine: true, give: func(g *stage, _ tocsin.Actor, _ []tocsin.Actor) []casefile.Command {
			if len(g.s.Deliveries) == 0 {
				return nil
			}
			d := g.s.Deliveries[len(g.s.Deliveries)-1]
			return []casefile.Command{casefile.RecordAttempt{Key: d.Key, Attempt: d.Attempt, Receipt: &tocsin.Receipt{State: string(casefile.Sent), At: g.now, Channel: d.Channel}}}
		}},
	}
}

// warned is a case from its report to its end.
func (p *proof) warned(victim, find task) story {
	report := casefile.AttachReport{Report: casefile.Report{ID: "r2", Origin: "source-2", FirstKnown: begin, Entered: begin}}
	tasks := []task{plain("attaching a report", report), victim, find, answer(tocsin.ResultOwed), plain("affirming a determination", casefile.AffirmDetermination{Victim: "v1"}),
		plain("raising a dispute", casefile.RaiseDispute{About: "exercise", Position: "exercise"}), plain("settling a dispute", casefile.SettleDispute{Dispute: "d1", Settlement: "exercise"}),
		{name: "offering the case to somebody else", give: func(_ *stage, _ tocsin.Actor, team []tocsin.Actor) []casefile.Command {
			var to []casefile.Command
			for _, a := range team {
				to = append(to, casefile.ProposeTransfer{To: a.ID})
			}
			return to
		}},
		plain("taking the case over", casefile.AnswerTransfer{Accept: true})}
	tasks = append(tasks, warning(tocsin.Alert, "w1", "")...)
	tasks = append(tasks, own("recording an answer", func(g *stage, _ tocsin.Actor) casefile.Command {
		key := tocsin.DeliveryKey("none")
		if len(g.s.Deliveries) > 0 {
			key = g.s.Deliveries[0].Key
		}
		return casefile.Acknowledge{Key: key, Answer: tocsin.AckReceived, Person: "exercise"}
	}), plain("adding a victim", addVictim("v2")), own("deciding a parity question", func(g *stage, _ tocsin.Actor) casefile.Command {
		id := ""
		if len(g.s.Parities) > 0 {
			id = g.s.Parities[0].ID
		}
		return casefile.DecideParity{Parity: id, Decision: "withheld", Reason: "exercise"}
	}), plain("reviewing", casefile.Review{Note: "exercise"}), plain("recording the outcome", casefile.RecordOutcome{Outcome: casefile.Outcome{What: "averted"}}))
	return story{tasks: append(tasks, warning(tocsin.AllClear, "w2", "w1")...)}
}
