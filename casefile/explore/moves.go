package explore

import (
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
)

// move is one thing that somebody may try, or one clock that runs out.
type move struct {
	actor   int
	at      time.Time
	command casefile.Command
	target  string
	words   string           // what is done, for a reader
	clock   *casefile.Clock  // the clock that runs out, for a tick
	running []casefile.Clock // and those that do not
}

// gen lists the moves from one state. full adds every actor to every command and
// the contents that Decide must refuse.
type gen struct {
	w    *world
	s    casefile.State
	full bool
	out  []move
}

func (w *world) moves(s casefile.State, full bool, into []move) []move {
	g := gen{w: w, s: s, full: full, out: into[:0]}
	if s.Version == 0 {
		g.open()
		return g.out
	}
	g.packs()
	g.reports()
	g.threat()
	for _, v := range s.Victims {
		g.findings(v)
		g.waiver(v)
		g.refusal(v)
		g.handover(v)
		g.discharge(v)
	}
	g.office()
	g.seals()
	g.tearlines()
	g.drafts()
	for _, x := range s.Warnings {
		g.wording(x)
		g.release(x)
	}
	for _, d := range s.Deliveries {
		g.sending(d)
		g.answers(d)
	}
	g.ending()
	g.clocks()
	return g.out
}

// by gives a command to each of the actors, or to the whole cast.
func (g *gen) by(actors []int, target, words string, c casefile.Command) {
	if g.full {
		actors = g.w.all
	}
	for _, a := range actors {
		g.out = append(g.out, move{actor: a, at: g.s.Now, command: c, target: target, words: words})
	}
}

// one gives a command to one holder of p: who gives it leaves no trace.
func (g *gen) one(p tocsin.Power, target, words string, c casefile.Command) {
	if h := g.w.holders[p]; len(h) > 0 {
		g.by(h[:1], target, words, c)
	}
}

// wrong gives a command that must be refused, whoever gives it.
func (g *gen) wrong(target, words string, c casefile.Command) { g.by(g.w.all, target, words, c) }

// machine gives a command to the machine, at a time.
func (g *gen) machine(at time.Time, target, words string, c casefile.Command) {
	actors := []int{g.w.robot}
	if g.full {
		actors = g.w.all
	}
	for _, a := range actors {
		g.out = append(g.out, move{actor: a, at: at, command: c, target: target, words: words})
	}
}

func report(id tocsin.ReportID, controlled bool) casefile.Report {
	return casefile.Report{ID: id, Subject: "exercise", Origin: Source, Conveyor: "conveyor", Originator: "partner", Controlled: controlled, FirstKnown: start, Entered: start}
}

func (g *gen) open() {
	r := []casefile.Report{report("r1", g.w.Bounds.Consent)}
	actors := g.w.holders[tocsin.MayOwn]
	actors = actors[:min(1, len(actors))]
	if g.full {
		actors = g.w.all
	}
	for _, a := range actors {
		g.out = append(g.out, move{actor: a, at: start, words: "opens the case with a report",
			command: casefile.OpenCase{Case: "case", Title: "Exercise", Terms: g.w.Terms, Reports: r}})
	}
}

// edition is another edition of the same terms.
func edition(t tocsin.Terms) tocsin.Terms {
	t.Pack.Version, t.Pack.Digest = "next", tocsin.DigestOf([]byte("next"))
	return t
}

func (g *gen) packs() {
	if joined := len(g.s.Further); joined < len(g.w.Further) {
		t := g.w.Further[joined]
		g.one(tocsin.MayAssess, "", "puts the case also under "+t.Pack.Name, casefile.JoinPack{Pack: t.Pack.Name, Reason: "exercise", Terms: t})
	}
	if g.w.Bounds.Editions && g.s.Terms.Pack == g.w.Terms.Pack {
		g.one(tocsin.MayAffirm, g.s.Terms.Pack.Name, "takes up a new edition of", casefile.AdoptTerms{Pack: g.s.Terms.Pack.Name, Reason: "exercise", Terms: edition(g.w.Terms)})
	}
	if g.full {
		g.wrong(g.s.Terms.Pack.Name, "takes up the edition that the case has, of", casefile.AdoptTerms{Pack: g.s.Terms.Pack.Name, Reason: "exercise", Terms: g.s.Terms})
		g.wrong("", "puts the case under its own pack again", casefile.JoinPack{Pack: g.s.Terms.Pack.Name, Reason: "exercise", Terms: g.s.Terms})
	}
}

func id(prefix string, n int) string {
	return prefix + string(rune('1'+n%9)) + string(rune('a'+n/9%26)) + string(rune('a'+n/234))
}

func (g *gen) reports() {
	b := g.w.Bounds
	if b.Reports {
		g.one(tocsin.MayReceive, "", "attaches a new report", casefile.AttachReport{Report: report(tocsin.ReportID(id("n", len(g.s.Reports))), false)})
		again := report(tocsin.ReportID(id("q", len(g.s.Reports))), false)
		again.RepeatOf = "r1"
		g.one(tocsin.MayReceive, "", "attaches a repeat of the first report", casefile.AttachReport{Report: again})
	}
	if len(g.s.Victims) < b.Victims {
		n := tocsin.VictimID("v" + string(rune('1'+len(g.s.Victims))))
		g.one(tocsin.MayAssess, "", "names a victim", casefile.AddVictim{Victim: tocsin.Victim{ID: n, Kind: tocsin.Person, Name: "Victim " + string(n), Identity: tocsin.Named}})
	}
	if g.full {
		g.one(tocsin.MayAssess, "", "names a victim without a name", casefile.AddVictim{Victim: tocsin.Victim{ID: "v9", Kind: tocsin.Person, Identity: tocsin.Named}})
		g.one(tocsin.MayReceive, "", "attaches the first report again", casefile.AttachReport{Report: report("r1", false)})
		g.one(tocsin.MayAssess, "", "protects a word", casefile.ProtectTerms{Words: []string{id("word", len(g.s.Protected))}})
	}
}

func (g *gen) threat() {
	b := g.w.Bounds
	next := g.s.Threat
	if b.Far && !next.Window.Known() {
		next.Window = tocsin.Window{Earliest: far}
		g.one(tocsin.MayAssess, "", "states a time of attack that is far off", casefile.StateThreat{Threat: next})
	}
	next = g.s.Threat
	if b.Findings && next.Harm == "" && len(g.w.Terms.Harms) > 0 {
		next.Harm = g.w.Terms.Harms[0]
		g.one(tocsin.MayAssess, "", "states the harm", casefile.StateThreat{Threat: next})
	}
	next = g.s.Threat
	if b.Turncoat && len(next.ActorGroups) == 0 {
		next.ActorGroups = []string{actorGroup}
		g.one(tocsin.MayAssess, "", "states that "+actorGroup+" belongs to the threat actor", casefile.StateThreat{Threat: next})
	}
}

// graded is a finding on each of the elements, or on the first only.
func graded(elements []string, v tocsin.FindingValue, part bool) []tocsin.Finding {
	var out []tocsin.Finding
	for _, e := range elements {
		out = append(out, tocsin.Finding{Element: e, Value: v, Reason: "exercise"})
		if part {
			break
		}
	}
	return out
}

func (g *gen) findings(v casefile.Victim) {
	t := string(v.ID)
	if !g.w.Bounds.Assess && !g.full {
		return
	}
	for _, u := range g.s.Under(v) {
		g.under(v, u)
	}
	if g.w.Bounds.Findings || g.full {
		right := v.Victim
		if right.Place = "exercise"; v.Place == right.Place {
			right.Place = "elsewhere" // there and back: nothing looks at which place it is
		}
		g.one(tocsin.MayAssess, t, "corrects the place of", casefile.CorrectVictim{Victim: right, Reason: "exercise"})
	}
	g.by(g.w.classes(tocsin.MayAffirm, g.w.signers), t, "affirms the determination for", casefile.AffirmDetermination{Victim: v.ID})
	if g.full {
		g.one(tocsin.MayAssess, t, "records a new way to reach", casefile.RecordLocator{Victim: v.ID, Locator: "exercise"})
		g.wrong(t, "corrects nothing about", casefile.CorrectVictim{Victim: v.Victim, Reason: "exercise"})
		g.wrong(t, "corrects away the name of", casefile.CorrectVictim{Victim: tocsin.Victim{ID: v.ID, Kind: v.Kind, Identity: v.Identity}, Reason: "exercise"})
		g.wrong(t, "finds on an element that does not exist for", casefile.RecordFindings{Victim: v.ID, Findings: []tocsin.Finding{{Element: "none", Value: tocsin.Met}}})
	}
}

// under grades v under one pack of the case and has its policy answer.
func (g *gen) under(v casefile.Victim, u casefile.Under) {
	t := string(v.ID)
	var elements []string
	for _, e := range u.Terms.Elements {
		elements = append(elements, u.Element(e))
	}
	if found := u.Found(v.Findings); g.w.Bounds.Findings || len(found) == 0 {
		for _, a := range g.w.classes(tocsin.MayAssess, g.w.signers|g.w.affirmers) {
			g.by([]int{a}, t, "finds on every element of "+u.Terms.Pack.Name+" for", casefile.RecordFindings{Victim: v.ID, Findings: graded(elements, tocsin.NotMet, false)})
			if g.w.Bounds.Findings {
				g.by([]int{a}, t, "finds on one element of "+u.Terms.Pack.Name+" for", casefile.RecordFindings{Victim: v.ID, Findings: graded(elements, tocsin.Met, true)})
			}
		}
	}
	for _, r := range []tocsin.DeterminationResult{tocsin.ResultOwed, tocsin.ResultDoubtful, tocsin.ResultNotOwed} {
		d := determination(u.Terms, v.ID, r, u.Found(v.Findings))
		routes := []string{""}
		if g.w.Bounds.Routes && r == tocsin.ResultOwed {
			routes = []string{tocsin.RouteAdvisory, tocsin.RouteVictim}
		}
		for _, d.Route = range routes {
			g.machine(g.s.Now, t, "records the answer of "+u.Terms.Pack.Name+", "+string(r)+" "+d.Route+", for", casefile.Determine{Determination: d})
		}
	}
}

// determination is an answer of the policy, any answer, to the findings: what the
// pack would really say is not this package's business.
func determination(t tocsin.Terms, v tocsin.VictimID, r tocsin.DeterminationResult, found []tocsin.Finding) tocsin.Determination {
	d := tocsin.Determination{Victim: v, Pack: t.Pack, Result: r, Rule: "exercise"}
	for _, e := range t.Elements {
		rests := tocsin.Finding{Element: e, Value: tocsin.Unknown}
		for _, f := range found {
			if f.Element == e {
				rests = f
			}
		}
		d.Rests = append(d.Rests, rests)
	}
	return d
}

func (g *gen) waiver(v casefile.Victim) {
	t := string(v.ID)
	for _, id := range g.w.Bounds.Grounds {
		gr, _ := g.w.Terms.Ground(id)
		right := casefile.ProposeWaiver{Victim: v.ID, Ground: id, Evidence: answers(gr), Alternatives: "exercise", Reason: "exercise"}
		g.by(g.w.classes(tocsin.MayProposeWaiver, g.w.approvers), t, "proposes a waiver on ground "+id+" for", right)
		if further := g.claims(id); len(further) > 0 {
			whole := right
			whole.Further = further
			g.by(g.w.classes(tocsin.MayProposeWaiver, g.w.approvers), t, "proposes a waiver on ground "+id+" of every pack for", whole)
		}
		if !g.full {
			continue
		}
		bare, long := right, right
		bare.Evidence = nil
		long.Expires = far
		g.wrong(t, "proposes a waiver without evidence for", bare)
		g.wrong(t, "proposes a waiver for ten years for", long)
		for q, bad := range gr.Excludes {
			beaten := right
			beaten.Evidence = answers(gr)
			beaten.Evidence[q] = bad
			g.wrong(t, "proposes a waiver whose ground is defeated for", beaten)
		}
	}
	if v.Waiver != nil || g.full {
		g.by(g.w.holders[tocsin.MayApproveWaiver], t, "approves the waiver for", casefile.DecideWaiver{Victim: v.ID, Approve: true, Reason: "exercise"})
		g.one(tocsin.MayApproveWaiver, t, "denies the waiver for", casefile.DecideWaiver{Victim: v.ID, Reason: "exercise"})
	}
}

// claims are what a waiver on a ground of this name claims under each further pack
// of the case.
func (g *gen) claims(ground string) []casefile.Claim {
	var out []casefile.Claim
	for _, t := range g.s.Further {
		gr, _ := t.Ground(ground)
		out = append(out, casefile.Claim{Pack: t.Pack.Name, Ground: ground, Evidence: answers(gr), Alternatives: "exercise"})
	}
	return out
}

// answers answers every question of a ground, none in the way that defeats it.
func answers(gr tocsin.Ground) map[string]string {
	out := map[string]string{}
	for _, q := range gr.Evidence {
		switch bad, yesOrNo := gr.Excludes[q.ID]; {
		case !yesOrNo:
			out[q.ID] = "exercise"
		case strings.EqualFold(bad, "no"):
			out[q.ID] = "yes"
		default:
			out[q.ID] = "no"
		}
	}
	return out
}

func (g *gen) refusal(v casefile.Victim) {
	if !g.w.Bounds.Refusals {
		return
	}
	t := string(v.ID)
	for _, a := range g.w.classes(tocsin.MayProposeRefusal, g.w.signers) {
		g.by([]int{a}, t, "refuses as below the threshold", casefile.ProposeRefusal{Victim: v.ID, Ground: casefile.RefuseBelow, Reason: "exercise"})
		if g.w.Bounds.Outcome || g.full {
			g.by([]int{a}, t, "refuses as overtaken", casefile.ProposeRefusal{Victim: v.ID, Ground: casefile.RefuseOvertaken, Reason: "exercise"})
		}
	}
	if v.Refusal == nil && !g.full {
		return
	}
	right := casefile.SignRefusal{Victim: v.ID, Agree: true, Reason: "exercise", Grade: graded(g.s.Elements(), tocsin.NotMet, false)}
	g.by(g.w.holders[tocsin.MaySignRefusal], t, "signs second the refusal for", right)
	no := right
	no.Agree = false
	g.by(g.w.holders[tocsin.MaySignRefusal], t, "does not sign the refusal for", no)
	if g.full {
		part, other, asked := right, right, right
		part.Grade = graded(g.s.Elements(), tocsin.NotMet, true)
		other.Grade = graded(g.s.Elements(), tocsin.Met, false)
		d := determination(g.s.Terms, v.ID, tocsin.ResultDoubtful, right.Grade)
		asked.Determinations = []tocsin.Determination{d}
		g.wrong(t, "signs with half a grade for", part)
		g.wrong(t, "signs against their own grade for", other)
		g.wrong(t, "signs what by their own grade is doubtful for", asked)
	}
}

func (g *gen) handover(v casefile.Victim) {
	if !g.w.Bounds.Handovers {
		return
	}
	t := string(v.ID)
	g.one(tocsin.MayClose, t, "offers to another organisation the duty towards", casefile.OfferHandover{Victim: v.ID, To: "police", Reason: "exercise"})
	if v.Handover != nil || g.full {
		g.one(tocsin.MayClose, t, "records that a named person there takes over", casefile.AnswerHandover{Victim: v.ID, Accepted: true, Person: "Inspector Vale"})
		g.one(tocsin.MayClose, t, "records that they do not take over", casefile.AnswerHandover{Victim: v.ID, Reason: "exercise"})
	}
	if g.full {
		g.wrong(t, "records that nobody in particular takes over", casefile.AnswerHandover{Victim: v.ID, Accepted: true})
	}
}

func (g *gen) office() {
	b := g.w.Bounds
	if b.Refusals || g.full {
		g.by(g.w.holders[tocsin.MaySignRefusal][:1], "", "looks at the findings", casefile.SeeGrade{})
	}
	if b.Transfers {
		g.transfer()
	}
	if b.Consent {
		for _, r := range g.s.Reports {
			t := string(r.ID)
			g.one(tocsin.MayAskConsent, t, "asks the originator about", casefile.AskConsent{Report: r.ID, Question: "exercise"})
			g.one(tocsin.MayAskConsent, t, "records consent to", casefile.AnswerConsent{Report: r.ID, Granted: true, Person: "Ms Originator"})
			g.one(tocsin.MayAskConsent, t, "records that consent is refused to", casefile.AnswerConsent{Report: r.ID, Person: "Ms Originator"})
		}
	}
	if b.Exigent {
		g.one(tocsin.MayInvokeExigent, "", "opens the exigent path", casefile.InvokeExigent{Reason: "exercise"})
	}
	if b.Disputes {
		open := 0
		for _, d := range g.s.Disputes {
			if d.Settled.IsZero() {
				open++
				g.by(g.w.holders[tocsin.MaySettle], d.ID, "settles dispute", casefile.SettleDispute{Dispute: d.ID, Settlement: "exercise"})
			}
		}
		if open == 0 {
			g.by(g.w.classes(tocsin.MayDispute, g.w.settlers), "", "raises a dispute", casefile.RaiseDispute{About: "exercise", Position: "exercise"})
		}
	}
	for _, d := range g.s.Duties {
		g.one(tocsin.MayAskConsent, d.ID, "does the after-duty", casefile.DoDuty{Duty: d.ID, Note: "exercise"})
	}
	for _, q := range g.s.Parities {
		for _, say := range []string{"warn", "withheld"} {
			g.one(tocsin.MayDecideParity, q.ID, "decides parity ("+say+")", casefile.DecideParity{Parity: q.ID, Decision: say, Reason: "exercise"})
		}
	}
	if g.full {
		g.one(tocsin.MayReview, "", "reviews the case", casefile.Review{Note: "exercise"})
	}
}

func (g *gen) seals() {
	if !g.w.Bounds.Seals && !g.full {
		return
	}
	owner := g.w.index[g.s.Owner]
	few := []tocsin.ActorID{"analyst", "senior_officer"}
	g.by([]int{owner}, "", "seals the case to few", casefile.SealCase{People: few, Reason: "exercise"})
	g.by([]int{owner}, "", "opens the seal", casefile.UnsealCase{Reason: "exercise"})
	if g.full {
		g.wrong("", "seals the case to nobody", casefile.SealCase{Reason: "exercise"})
	}
}

func (g *gen) transfer() {
	owner := g.w.index[g.s.Owner]
	senior := g.w.holders[tocsin.MayOwn][len(g.w.holders[tocsin.MayOwn])-1]
	for _, to := range []int{g.w.holders[tocsin.MayOwn][0], g.w.holders[tocsin.MayOwn][1], 0} {
		a := g.w.Cast[to]
		g.by([]int{owner, senior}, "", "offers the case to "+string(a.ID), casefile.ProposeTransfer{To: a.ID})
	}
	if g.s.Transfer != nil || g.full {
		g.by(g.w.all, "", "takes the case over", casefile.AnswerTransfer{Accept: true})
		g.by(g.w.all, "", "declines or takes back the transfer", casefile.AnswerTransfer{Reason: "exercise"})
	}
}

func (g *gen) ending() {
	b := g.w.Bounds
	if b.Outcome {
		g.one(tocsin.MayClose, "", "records the outcome", casefile.RecordOutcome{Outcome: casefile.Outcome{What: "occurred"}})
	}
	if b.Closing || g.full {
		g.one(tocsin.MayClose, "", "closes the case", casefile.CloseCase{Reason: "exercise", OnTheWay: "exercise"})
	}
	if g.full {
		g.one(tocsin.MayClose, "", "closes the case without a word on what is on the way", casefile.CloseCase{Reason: "exercise"})
	}
	if b.Closing {
		g.one(tocsin.MayReview, "", "reopens the case", casefile.ReopenCase{Reason: "exercise"})
	}
}

// clocks lets each running clock be the next to run out.
func (g *gen) clocks() {
	g.w.running = casefile.Clocks(g.s)
	for _, c := range g.w.running {
		g.out = append(g.out, move{actor: g.w.robot, at: g.s.Now.Add(time.Minute), command: casefile.Tick{}, words: "the clock runs out: ", clock: &c, running: g.w.running})
	}
}
