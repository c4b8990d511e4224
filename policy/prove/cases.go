package prove

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/explore"
)

// plan is one exploration of the case machine under the pack's terms.
type plan struct {
	name   string
	bounds explore.Bounds
	to     []tocsin.Recipient
	rule   *ruleCase
}

// desk has two rungs, mail and then a visit to somebody more senior; guard has one.
func desk() tocsin.Recipient {
	return tocsin.Recipient{ID: "desk", Name: "Duty desk", Kind: tocsin.GovernmentWarning, Languages: []string{"en", "fa"}, Ladder: []tocsin.Rung{
		{Channel: "smtp", Address: "desk@ministry.example", Addressee: "duty desk", Level: 1},
		{Channel: "in_person", Address: "embassy", Addressee: "minister's office", Level: 2}}}
}

func oneRung() tocsin.Recipient {
	r := desk()
	r.Ladder = r.Ladder[:1]
	return r
}

func guard() tocsin.Recipient {
	return tocsin.Recipient{ID: "guard", Name: "Security of the site", Kind: tocsin.ProtectorWarning, Languages: []string{"en", "fa"},
		Ladder: []tocsin.Rung{{Channel: "webhook", Address: "site", Addressee: "control room", Level: 1}}}
}

// front is a recipient whose second rung runs through somebody who may turn out to
// belong to the threat actor. The group is the one that package explore states.
func front() tocsin.Recipient {
	r := desk()
	r.Ladder[1].Via = []tocsin.Party{{Name: "Front Company", Groups: []string{"actor-front"}}}
	return r
}

// plans are small enough to be visited whole in a few seconds, and together give
// every command and let every clock run out. See the package comment.
func (p *proof) plans() []plan {
	all, one := p.grounds()
	list := []plan{
		{name: "two victims, findings and a ground", bounds: explore.Bounds{Victims: 2, Assess: true, Grounds: one}},
		{name: "two victims, every ground", bounds: explore.Bounds{Victims: 2, Grounds: all}},
		{name: "one victim, every ground, refusals", bounds: explore.Bounds{Victims: 1, Assess: true, Grounds: all, Refusals: true, Sample: 16}},
		{name: "hand-overs, reports, closing", bounds: explore.Bounds{Victims: 1, Grounds: one, Handovers: true, Reports: true, Outcome: true, Refusals: true, Closing: true}},
		{name: "transfers, disputes, consent", bounds: explore.Bounds{Victims: 1, Transfers: true, Disputes: true, Consent: true, Closing: true}},
		{name: "exigent path and after-duties", bounds: explore.Bounds{Victims: 1, Alerts: 1, Versions: 1, Attempts: 1, Consent: true, Exigent: true, Silent: true}, to: []tocsin.Recipient{oneRung()}},
		{name: "writers and approvers", bounds: explore.Bounds{Victims: 1, Alerts: 1, Versions: 2, Writers: true, Attempts: 1, Silent: true, Sample: 1}, to: []tocsin.Recipient{oneRung()}},
		{name: "one victim warned and another not", bounds: explore.Bounds{Victims: 2, Alerts: 1, Versions: 1, Attempts: 1, Partial: true}, to: []tocsin.Recipient{oneRung()}},
		{name: "ladder and answers", bounds: explore.Bounds{Victims: 1, Alerts: 1, Versions: 1, Attempts: 1, Manual: true}, to: []tocsin.Recipient{desk()}},
		{name: "a message that follows", bounds: explore.Bounds{Victims: 1, Alerts: 1, Following: 1, Versions: 1, Attempts: 1, Silent: true}, to: []tocsin.Recipient{oneRung()}},
		{name: "a recipient turns out to be the actor's", bounds: explore.Bounds{Victims: 1, Alerts: 1, Versions: 1, Attempts: 1, Turncoat: true, Silent: true}, to: []tocsin.Recipient{front()}},
	}
	for _, r := range p.ruleCases() {
		list = append(list, plan{name: "the rule " + r.rule.ID, bounds: explore.Bounds{Victims: 1, Assess: true, Grounds: one, Refusals: true}, rule: &r})
	}
	if p.o.Deep {
		list = append(list, p.deep(all, one)...)
	}
	return list
}

// deep are wider ones, which take minutes.
func (p *proof) deep(all, one []string) []plan {
	mail, two := []tocsin.Recipient{oneRung()}, []tocsin.Recipient{oneRung(), guard()}
	return []plan{
		{name: "deep: two victims, refusals", bounds: explore.Bounds{Victims: 2, Assess: true, Grounds: one, Refusals: true}},
		{name: "deep: every ground, everything decided", bounds: explore.Bounds{Victims: 1, Assess: true, Grounds: all, Refusals: true, Handovers: true, Reports: true, Outcome: true, Closing: true}},
		{name: "deep: office of two victims", bounds: explore.Bounds{Victims: 2, Grounds: one, Transfers: true, Disputes: true, Consent: true, Closing: true, Outcome: true}},
		{name: "deep: exigent path, attack far off", bounds: explore.Bounds{Victims: 1, Alerts: 1, Versions: 1, Attempts: 1, Consent: true, Exigent: true, Far: true, Closing: true, Outcome: true}, to: mail},
		{name: "deep: parity and waivers", bounds: explore.Bounds{Victims: 2, Grounds: one, Alerts: 1, Versions: 1, Attempts: 1, Partial: true}, to: mail},
		{name: "deep: messages that follow, and answers", bounds: explore.Bounds{Victims: 1, Alerts: 1, Following: 1, Versions: 1, Attempts: 1, Outcome: true, Closing: true}, to: mail},
		{name: "deep: two recipients", bounds: explore.Bounds{Victims: 1, Alerts: 1, Following: 1, Versions: 1, Attempts: 1, Narrow: true, Messages: []tocsin.MessageType{tocsin.AllClear}, Silent: true}, to: two},
	}
}

// grounds lists the ids of all grounds, and one of them: the first that protects a
// source, because it has the most to hold, or else the first.
func (p *proof) grounds() (all, one []string) {
	list := p.pack.Terms().Grounds
	for _, g := range list {
		all = append(all, g.ID)
	}
	if len(all) == 0 {
		return nil, nil
	}
	i := max(slices.IndexFunc(list, func(g tocsin.Ground) bool { return g.ProtectsSource }), 0)
	return all, all[i : i+1]
}

// ruleCases has, for each rule, the first findings that it decides.
func (p *proof) ruleCases() []ruleCase {
	t := p.table
	var out []ruleCase
	for i, r := range t.rules {
		for n := range t.first {
			harm := t.harmFor(n)
			if t.decides(case1{harm, n}) != i {
				continue
			}
			c := ruleCase{rule: r, harm: harm}
			for at, e := range t.elements {
				c.found = append(c.found, tocsin.Finding{Element: e.ID, Value: value(n, at), Reason: "exercise"})
			}
			out = append(out, c)
			break
		}
	}
	return out
}

// cast is package explore's, and a second person wherever only one would hold a power
// that somebody else must hold than whoever did the step before.
func cast(t tocsin.Terms, to []tocsin.Recipient) []tocsin.Actor {
	all := explore.DefaultCast(t, to)
	for _, p := range []tocsin.Power{tocsin.MayOwn, tocsin.MayApproveWording, tocsin.MayApproveExigent, tocsin.MayApproveWaiver, tocsin.MaySignRefusal, tocsin.MayAffirm, tocsin.MaySettle} {
		may := slices.DeleteFunc(slices.Clone(all), func(a tocsin.Actor) bool { return !a.Has(t.Powers[p]...) })
		if len(may) == 1 {
			all = append(all, tocsin.Actor{ID: may[0].ID + "-other", Roles: may[0].Roles})
		}
	}
	return all
}

// explored is what one plan came to.
type explored struct {
	plan  plan
	res   explore.Result
	watch *watch
}

func (p *proof) run(x plan) explored {
	w := newWatch(p.o.Machine, p.pack, x.rule)
	t := p.pack.Terms()
	res := explore.Run(explore.Plan{Name: x.name, Terms: t, Cast: cast(t, x.to), Recipients: x.to, Bounds: x.bounds}, w.machine())
	return explored{x, res, w}
}

// took adds one plan's result, and says whether it holds.
func (p *proof) took(r explored) bool {
	p.res.Counted.States += r.res.States
	p.res.Counted.Transitions += r.res.Transitions
	for c, n := range r.watch.clocks {
		p.res.Clocks[c] += n
	}
	p.res.Plans = append(p.res.Plans, PlanResult{r.plan.name, inWords(r.plan), r.res.States, r.res.Transitions, r.res.Depth, r.res.Whole})
	v := Violation{Sort: Silence, File: "pack.yaml", Line: 1}
	switch {
	case r.res.Violation != nil:
		v.What, v.Path = spoken(r.res.Violation), r.res.Violation.Path
		v.Scenario = p.scenarioOf(v.What, r.plan.to, r.watch.path(len(v.Path)))
		p.blame(&v, r.res.Violation)
	case r.res.Coarse != "":
		v.What = "the exploration is not sound: " + r.res.Coarse
	case !r.res.Whole:
		v.What = "not every state of the plan " + r.plan.name + " was visited"
	default:
		return true
	}
	p.broken(v)
	return false
}

// blame names the sort, and the part of the pack that a violation is about where the
// explorer's words say it.
func (p *proof) blame(v *Violation, x *explore.Violation) {
	switch {
	case x.Invariant == 3:
		v.Sort = Unentitled
	case strings.Contains(x.What, "clock"), strings.Contains(x.What, "raised"):
		v.Sort = DeadClock
	}
	for _, c := range tocsin.ClockNames() {
		if v.Sort == DeadClock && strings.Contains(x.What, "clock "+string(c)+" ") {
			v.Line = p.line("clocks." + string(c))
		}
	}
	for _, g := range p.pack.Terms().Grounds {
		for _, step := range v.Path {
			if v.Sort == Unentitled && strings.Contains(step, "on ground "+g.ID+" ") {
				v.Line = p.line("ground " + g.ID)
			}
		}
	}
}

// clocksRan holds that every clock that the pack can start has run out somewhere: a
// proof about clocks that never ran proves nothing.
func (p *proof) clocksRan() {
	t := p.pack.Terms()
	must := []tocsin.ClockName{tocsin.ClockDetermination, tocsin.ClockAffirmation, tocsin.ClockRefusal, tocsin.ClockConsent, tocsin.ClockFirstDelivery, tocsin.ClockAcknowledge,
		tocsin.ClockTransfer, tocsin.ClockReview, tocsin.ClockParity, tocsin.ClockWindow, tocsin.ClockDispute, casefile.ClockLapse, casefile.ClockClearance, casefile.ClockUntold}
	if len(t.Grounds) > 0 {
		must = append(must, tocsin.ClockWaiver, casefile.ClockWaiverExpiry)
	}
	if len(t.Duties) > 0 {
		must = append(must, tocsin.ClockDuty)
	}
	if slices.ContainsFunc(t.Duties, func(d tocsin.AfterDuty) bool { return d.Hard > 0 }) {
		must = append(must, casefile.ClockDutyHard)
	}
	for _, c := range must {
		if p.res.Clocks[string(c)] == 0 {
			p.broken(Violation{Sort: DeadClock, File: "pack.yaml", Line: p.line("clocks." + string(c)), What: fmt.Sprintf("the clock %s never ran out in any plan, so nothing is proved about it", c)})
		}
	}
}

// inWords says a plan's bounds.
func inWords(x plan) string {
	b := x.bounds
	says := []string{fmt.Sprintf("%d named", b.Victims)}
	number := func(n int, what string) {
		if n > 0 {
			says = append(says, fmt.Sprintf("%s %d", what, n))
		}
	}
	number(len(b.Grounds), "grounds")
	number(b.Alerts, "first warnings")
	number(b.Following, "messages that follow")
	number(b.Versions, "versions")
	number(len(x.to), "recipients")
	rungs := 0
	for _, r := range x.to {
		rungs += len(r.Ladder)
	}
	number(rungs, "rungs")
	number(b.Attempts, "attempts")
	on := map[string]bool{"findings and determinations": b.Assess, "refusals": b.Refusals, "hand-overs": b.Handovers, "further reports": b.Reports, "who writes and who approves": b.Writers,
		"a victim left out": b.Partial, "consent": b.Consent, "exigent path": b.Exigent, "disputes": b.Disputes, "transfers": b.Transfers, "outcome": b.Outcome,
		"closing": b.Closing, "nobody answers": b.Silent, "services and answers by hand": b.Manual, "an attack far off": b.Far, "a recipient of the actor's": b.Turncoat, "a recipient left out": b.Narrow}
	says = append(says, fmt.Sprintf("everybody tries everything in one state of %d", cmp.Or(b.Sample, 64)))
	for _, what := range slices.Sorted(maps.Keys(on)) {
		if on[what] {
			says = append(says, what)
		}
	}
	if x.rule != nil {
		says = append(says, "only the pack's own answers to findings that "+x.rule.rule.ID+" decides")
	} else if b.Assess {
		says = append(says, "any answer of the policy to any findings")
	}
	return strings.Join(says, "; ")
}
