package prove

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/explore"
)

// begin is when every example begins. The moment means nothing.
var begin = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

const stamp = "2006-01-02 15:04"

// script writes a scenario in the language of package internal/scenario.
type script struct{ strings.Builder }

func (b *script) line(format string, a ...any) { fmt.Fprintf(b, format+"\n", a...) }

func (b *script) field(key, words string) {
	b.line("    %s: %s", key, strings.Join(strings.Fields(words), " "))
}

// regression is said of a scenario that expects what ought to come; demonstration of
// one that shows what can come and ought not to.
const (
	regression    = "It stops where what it expects does not come, and plays to its end once that is corrected."
	demonstration = "It plays to its end, and that is the fault."
)

// head begins a scenario: what it shows, when, and under which pack.
func (b *script) head(pack, what, how string) {
	b.line("# A counterexample. %s", how)
	b.line("# %s", strings.Join(strings.Fields(what), " "))
	b.line("title: A counterexample under %s\n\nat %s\npack %s", pack, begin.Format(stamp), pack)
}

// report enters a report and does not say more than an exercise needs.
func (b *script) report(who, id, origin, controlled string) {
	b.line("%s reports %s", who, id)
	b.field("origin", origin)
	b.field("conveyor", "conveyor")
	if controlled != "" {
		b.field("controlled", controlled)
	}
	b.line("    text: |\n        Exercise report %s.", id)
}

func (b *script) names(who string, v tocsin.Victim) {
	b.line("%s names victim %s", who, v.ID)
	b.field("name", v.Name)
	b.field("kind", string(v.Kind))
	b.field("identity", string(v.Identity))
}

func (b *script) findings(found []tocsin.Finding) {
	for _, f := range found {
		b.field(f.Element, string(f.Value)+", exercise")
	}
}

// staff are the roles of somebody who may do whatever one person may do.
func staff() []tocsin.Role {
	return slices.DeleteFunc(tocsin.Roles(), func(r tocsin.Role) bool {
		return r == tocsin.Inspector || r == tocsin.Administrator || r == tocsin.RecipientRole
	})
}

func roles(list []tocsin.Role) string {
	var words []string
	for _, r := range list {
		words = append(words, string(r))
	}
	return strings.Join(words, " ")
}

// scenario is each combination as a case of its own, in which a warning must be owed.
func (t *table) scenario(cases []case1, what string) string {
	var b script
	b.head(t.name, what, regression)
	b.line("person officer is %s", roles(staff()))
	for i, c := range cases {
		b.line("")
		b.report("officer", fmt.Sprintf("r%d", i+1), fmt.Sprintf("source-%d", i+1), "")
		b.line("officer opens case-%d with r%d", i+1, i+1)
		b.field("title", fmt.Sprintf("Exercise %d", i+1))
		if c.harm != "" {
			b.line("officer states the threat")
			b.field("harm", string(c.harm))
		}
		b.names("officer", tocsin.Victim{ID: "v1", Kind: tocsin.Person, Name: fmt.Sprintf("Person %d", i+1), Identity: tocsin.Named})
		b.line("officer finds on v1")
		for e := range t.elements {
			b.field(t.elements[e].ID, string(value(c.n, e))+", exercise")
		}
		b.line("expect v1 is owed")
	}
	return b.String()
}

// call is one command as the explorer gave it.
type call struct {
	s casefile.State
	m casefile.Meta
	c casefile.Command
}

// told turns the commands that lead to a violation into a scenario. Each expectation
// is what the case machine as it is shipped makes of the same commands: a machine
// that breaks an invariant stops at one of them.
type told struct {
	script
	p     *proof
	to    []tocsin.Recipient
	calls []call
	at    int       // which of them is told
	now   time.Time // in the scenario
	sound casefile.State

	// Of whom time may have made something else on the way: on the path one clock runs
	// out, and in the scenario everything does that is due by then.
	unsure map[tocsin.VictimID]bool
}

// scenarioOf writes the scenario of a path, or "" where it cannot be told.
func (p *proof) scenarioOf(what string, to []tocsin.Recipient, calls []call) string {
	if len(calls) == 0 || p.texts == nil {
		return ""
	}
	t := &told{p: p, to: to, calls: calls, now: begin, unsure: map[tocsin.VictimID]bool{}}
	t.head(p.name, what, regression)
	t.people()
	for _, r := range to {
		t.recipient(r)
	}
	for i, c := range calls {
		t.at = i
		t.step(c, i == len(calls)-1)
	}
	for _, v := range t.sound.Victims {
		if !t.unsure[v.ID] && (v.Disposition != casefile.ObligationOpen || t.now.Equal(begin)) {
			t.line("expect %s is %s", v.ID, v.Disposition)
		}
	}
	state := "open"
	if t.sound.Closed {
		state = "closed"
	}
	t.line("expect case %s", state)
	return t.String()
}

func (t *told) people() {
	seen := map[tocsin.ActorID]bool{}
	for _, c := range t.calls {
		a := c.m.By
		if a.Human() && !seen[a.ID] {
			handling := ""
			if len(a.Handles) > 0 {
				handling = " handling " + strings.Join(a.Handles, " ")
			}
			t.line("person %s is %s%s", a.ID, roles(a.Roles), handling)
		}
		seen[a.ID] = true
	}
	t.line("person telephone is %s", roles(t.p.pack.Terms().Powers[tocsin.MayDeliver]))
	t.line("person registry is %s", roles(t.p.pack.Terms().Powers[tocsin.MayReceive]))
}

func (t *told) recipient(r tocsin.Recipient) {
	t.line("recipient %s", r.ID)
	t.field("name", r.Name)
	t.field("kind", string(r.Kind))
	t.field("languages", strings.Join(t.p.texts.Languages(), " "))
	for _, g := range r.Ladder {
		via := ""
		for _, p := range g.Via {
			via += fmt.Sprintf(" via %q", p.Name)
			for _, in := range p.Groups {
				via += " in " + in
			}
		}
		t.line("    rung: %s %q to %q level %d%s", g.Channel, g.Address, g.Addressee, g.Level, via)
	}
	for i, g := range r.Ladder {
		if how := t.behaves(r.ID, i); how != "" {
			t.line("receiver %s %q %s", g.Channel, g.Address, how)
		}
	}
}

// behaves is how the far side must take a rung for what the path says of it.
func (t *told) behaves(r tocsin.RecipientID, rung int) string {
	for _, c := range t.calls {
		try, ok := c.c.(casefile.RecordAttempt)
		d, _ := c.s.Delivery(try.Key)
		if !ok || d.Recipient != r || d.Rung != rung || d.Channel == "in_person" {
			continue
		}
		switch try.Class {
		case "permanent":
			return "refuses"
		case "temporary":
			return "greylists"
		case "uncertain":
			return "drops the answer"
		}
	}
	return ""
}

// step tells one command and plays it on the machine as it is shipped.
func (t *told) step(c call, last bool) {
	if tick, ok := c.c.(casefile.Tick); ok {
		t.passes(c)
		t.play(c, tick)
		return
	}
	var one script
	t.command(&one, c)
	err := t.play(c, c.c)
	told, isFault := err.(*tocsin.Error)
	switch words := one.String(); {
	case !c.m.By.Human() && !strings.HasPrefix(words, "#") && !isAnswer(c.c):
		t.line("# given by a program, which no scenario can do: %s", strings.Join(strings.Fields(words), " "))
	case err == nil || !isFault || strings.HasPrefix(words, "#"):
		t.WriteString(words)
	case last:
		t.line("refused %s: %s", told.Code, strings.TrimSuffix(words, "\n"))
	default:
		t.line("# refused here: %s", strings.Join(strings.Fields(words), " "))
	}
}

// isAnswer reports whether c is what a recipient's own system may give, and a person
// gives for it in a scenario.
func isAnswer(c casefile.Command) bool {
	_, ok := c.(casefile.Acknowledge)
	return ok
}

func (t *told) play(c call, command casefile.Command) error {
	s := t.sound
	if _, ok := command.(casefile.Tick); ok {
		s.Missed = c.s.Missed
	}
	events, err := casefile.Decide(s, c.m, command)
	if err != nil {
		return err
	}
	for _, e := range events {
		t.sound = casefile.Apply(t.sound, e)
	}
	return nil
}

// passes lets enough time pass for the clock that runs out there to have run out,
// by the pack's own lengths. Others may run out on the way.
func (t *told) passes(c call) {
	for _, m := range c.s.Missed {
		if m.Next.After(c.m.At) {
			continue
		}
		for _, v := range t.sound.Victims {
			t.unsure[v.ID] = t.unsure[v.ID] || v.Disposition == casefile.ObligationWaived
		}
		span := t.length(m)
		t.now = t.now.Add(span)
		t.line("# the clock %s runs out\nafter %s", strings.ReplaceAll(string(m.Clock), "_", " "), tocsin.Duration(span))
		if _, victim := c.s.Victim(tocsin.VictimID(m.Target)); victim && m.Count == 0 && slices.Contains(tocsin.ClockNames(), m.Clock) {
			t.line("expect missed %s %s", m.Clock, m.Target)
		}
	}
}

func (t *told) length(m casefile.Missed) time.Duration {
	terms := t.p.pack.Terms()
	if m.Count > 0 {
		return 24 * time.Hour
	}
	switch m.Clock {
	case casefile.ClockWaiverExpiry:
		v, _ := t.sound.Victim(tocsin.VictimID(m.Target))
		if v.Waiver != nil {
			g, _ := terms.Ground(v.Waiver.Ground)
			return g.Validity.D()
		}
	case casefile.ClockLapse:
		return valid
	case casefile.ClockUntold:
		return terms.Due(tocsin.ClockFirstDelivery, t.now, time.Time{}).Sub(t.now)
	case casefile.ClockClearance:
		return terms.Clocks[tocsin.ClockClearanceValid].After.D()
	case tocsin.ClockDuty, casefile.ClockDutyHard:
		return 31 * 24 * time.Hour
	}
	if d := terms.Due(m.Clock, t.now, time.Time{}).Sub(t.now); d > 0 {
		return d
	}
	return time.Hour
}

// valid is how long a warning of an example holds.
const valid = 48 * time.Hour

// command writes the line for one command, with its fields. What the program does by
// itself, and what a scenario has no word for, becomes a note.
func (t *told) command(b *script, c call) {
	who := string(c.m.By.ID)
	switch x := c.c.(type) {
	case casefile.OpenCase:
		r := x.Reports[0]
		controlled := ""
		if r.Controlled {
			controlled = r.Originator
		}
		b.report("registry", string(r.ID), r.Origin, controlled)
		b.line("%s opens exercise with %s", who, r.ID)
		b.field("title", x.Title)
	case casefile.AttachReport:
		b.report("registry", string(x.Report.ID), "source-"+string(x.Report.ID), "")
		b.line("%s attaches %s", who, x.Report.ID)
	case casefile.StateThreat:
		t.threat(b, who, x.Threat)
	case casefile.AddVictim:
		b.names(who, x.Victim)
	case casefile.CorrectVictim:
		b.line("%s corrects victim %s", who, x.Victim.ID)
		b.field("place", x.Victim.Place)
		b.field("reason", x.Reason)
	case casefile.RecordFindings:
		found, harm := t.deciding(x)
		if harm != "" {
			b.line("%s states the threat", who)
			b.field("harm", string(harm))
		}
		b.line("%s finds on %s", who, x.Victim)
		b.findings(found)
	case casefile.AffirmDetermination:
		b.line("%s affirms %s", who, x.Victim)
	case casefile.ProposeWaiver:
		b.line("%s proposes waiver for %s", who, x.Victim)
		b.field("ground", x.Ground)
		for _, id := range slices.Sorted(maps.Keys(x.Evidence)) {
			b.field("evidence "+id, x.Evidence[id])
		}
		b.field("alternatives", x.Alternatives)
		b.field("reason", x.Reason)
	case casefile.DecideWaiver:
		word := map[bool]string{true: "approves", false: "denies"}[x.Approve]
		b.line("%s %s waiver for %s", who, word, x.Victim)
		b.field("reason", x.Reason)
	case casefile.ProposeRefusal:
		b.line("%s proposes refusal for %s", who, x.Victim)
		b.field("ground", x.Ground)
		b.field("reason", x.Reason)
	case casefile.SignRefusal:
		word := map[bool]string{true: "signs", false: "overturns"}[x.Agree]
		b.line("%s %s refusal for %s", who, word, x.Victim)
		b.field("reason", x.Reason)
		b.findings(t.second(x))
	default:
		t.later(b, who, c)
	}
}

// deciding is what must be found, and which harm recorded, for the pack to give the
// answer that comes next on the path: most plans let any answer come to any findings.
func (t *told) deciding(x casefile.RecordFindings) ([]tocsin.Finding, tocsin.Harm) {
	for _, c := range t.calls[t.at:] {
		d, ok := c.c.(casefile.Determine)
		if !ok || d.Determination.Victim != x.Victim || d.Determination.Rule != "exercise" || len(x.Findings) < len(d.Determination.Rests) {
			continue
		}
		if r, ok := t.ruled(d.Determination.Result); ok {
			return r.found, r.harm
		}
	}
	return x.Findings, ""
}

// second is a second signer's grade by which the pack too says that nothing is owed.
func (t *told) second(x casefile.SignRefusal) []tocsin.Finding {
	if r, ok := t.ruled(tocsin.ResultNotOwed); ok && len(x.Determinations) == 0 && x.Agree && len(x.Grade) > 0 {
		return r.found
	}
	return x.Grade
}

func (t *told) ruled(result tocsin.DeterminationResult) (ruleCase, bool) {
	for _, r := range t.p.ruleCases() {
		if r.rule.Result == result {
			return r, true
		}
	}
	return ruleCase{}, false
}

// later writes the commands of the office and of a warning's life.
func (t *told) later(b *script, who string, c call) {
	switch x := c.c.(type) {
	case casefile.ProposeTransfer:
		b.line("%s offers the case to %s", who, x.To)
	case casefile.AnswerTransfer:
		b.line("%s %s the case", who, map[bool]string{true: "takes", false: "declines"}[x.Accept])
	case casefile.AskConsent:
		b.line("%s asks consent for %s", who, x.Report)
		b.field("question", x.Question)
	case casefile.AnswerConsent:
		b.line("%s records consent for %s %s", who, x.Report, map[bool]string{true: "granted", false: "refused"}[x.Granted])
		b.field("person", x.Person)
	case casefile.RaiseDispute:
		b.line("%s disputes %s", who, x.About)
		b.field("position", x.Position)
	case casefile.SettleDispute:
		b.line("%s settles %s", who, x.Dispute)
		b.field("settlement", x.Settlement)
	case casefile.InvokeExigent:
		b.line("%s opens the exigent path", who)
		b.field("reason", x.Reason)
	case casefile.DoDuty:
		b.line("%s does duty %s", who, x.Duty)
		b.field("note", x.Note)
	case casefile.DraftWarning:
		t.draft(b, who, x.Draft)
	case casefile.ApproveWarning:
		b.line("%s approves %s", who, x.Warning)
	case casefile.ReturnWarning:
		b.line("%s sends back %s", who, x.Warning)
		b.field("reason", x.Reason)
	case casefile.ReleaseWarning:
		if x.Clearance == nil {
			b.line("# the guard stops %s once", x.Warning)
			return
		}
		b.line("%s releases %s", who, x.Warning)
	case casefile.ExtendWindow:
		b.line("%s extends %s until %s", who, x.Warning, t.now.Add(4*valid).Format(stamp))
		b.field("reason", x.Reason)
	case casefile.DecideParity:
		b.line("%s decides parity %s %s", who, x.Parity, x.Decision)
		b.field("reason", x.Reason)
	case casefile.Review:
		b.line("%s reviews", who)
		b.field("note", x.Note)
	case casefile.RecordOutcome:
		b.line("%s records outcome %s", who, x.Outcome.What)
		b.field("note", "exercise")
	case casefile.Discharge:
		b.line("%s discharges %s", who, x.Victim)
		b.field("reason", x.Reason)
	case casefile.ReopenCase:
		b.line("%s reopens the case", who)
		b.field("reason", x.Reason)
	case casefile.SeeGrade:
		b.line("%s looks at the findings", who)
	case casefile.RecordLocator:
		b.line("%s notes a way to reach %s", who, x.Victim)
		b.field("locator", x.Locator)
	case casefile.OfferHandover:
		b.line("%s offers the duty towards %s to %s", who, x.Victim, x.To)
		b.field("reason", x.Reason)
	case casefile.AnswerHandover:
		b.line("%s records that the duty towards %s is %s", who, x.Victim, map[bool]string{true: "taken", false: "declined"}[x.Accepted])
		if x.Accepted {
			b.field("person", x.Person)
		} else {
			b.field("reason", x.Reason)
		}
	case casefile.CloseCase:
		b.line("%s closes the case", who)
		b.field("reason", x.Reason)
		b.field("on the way", x.OnTheWay)
	default:
		t.delivery(b, who, c)
	}
}

// delivery writes what people record of deliveries, and notes the rest.
func (t *told) delivery(b *script, who string, c call) {
	on := func(k tocsin.DeliveryKey) string {
		d, _ := c.s.Delivery(k)
		return fmt.Sprintf("%s %%s %s over %s", d.Warning, d.Recipient, d.Channel)
	}
	switch x := c.c.(type) {
	case casefile.Acknowledge:
		if c.m.By.Has(tocsin.RecipientRole) {
			who = "telephone"
		}
		b.line("%s records %s for %s", who, x.Answer, fmt.Sprintf(on(x.Key), "from"))
		b.field("person", x.Person)
	case casefile.ConfirmDelivery:
		b.line("%s confirms %s", who, fmt.Sprintf(on(x.Key), "to"))
		b.field("how", x.How)
	case casefile.RecordService:
		b.line("%s serves %s", who, fmt.Sprintf(on(x.Key), "to"))
		b.field("person", x.Service.Person)
		b.field("place", x.Service.Place)
		b.field("signed", map[bool]string{true: "yes", false: "refused"}[x.Service.Signed])
	case casefile.RecordNotFound:
		b.line("%s finds nobody for %s", who, fmt.Sprintf(on(x.Key), "to"))
		b.field("reason", x.Reason)
		b.field("final", map[bool]string{true: "yes", false: "no"}[x.Final])
	case casefile.Determine:
		b.line("# the policy answers for %s: %s", x.Determination.Victim, x.Determination.Result)
	case casefile.StartDeliveries, casefile.RecordAttempt:
		b.line("# the program sends, and records what came of it")
	default:
		b.line("# %s: %s (a scenario has no words for it)", who, strings.ReplaceAll(c.c.Kind(), "_", " "))
	}
}

func (t *told) threat(b *script, who string, h tocsin.Threat) {
	b.line("%s states the threat", who)
	if h.Harm != "" {
		b.field("harm", string(h.Harm))
	}
	if len(h.ActorGroups) > 0 {
		b.field("groups", strings.Join(h.ActorGroups, "; "))
	}
	if h.Window.Known() {
		b.field("from", h.Window.Start().Format(stamp))
	}
}

// draft writes a draft with an exercise's words on every item that must be said.
func (t *told) draft(b *script, who string, d tocsin.Draft) {
	b.line("%s drafts %s", who, d.Warning)
	b.field("kind", string(d.Kind))
	if d.Message != tocsin.Alert {
		b.field("message", string(d.Message))
		b.field("refers", string(d.Refers))
	}
	var about, to []string
	for _, v := range d.Victims {
		about = append(about, string(v))
	}
	for _, r := range d.Recipients {
		to = append(to, string(r.ID))
	}
	b.field("covers", strings.Join(about, " "))
	b.field("to", strings.Join(to, " "))
	b.field("marking", "UNCLASSIFIED")
	b.field("valid", t.now.Add(valid).Format(stamp))
	for _, item := range t.p.texts.Says(d.Kind, d.Message) {
		if !item.Required {
			continue
		}
		for _, l := range t.p.texts.Languages() {
			b.field("fact "+item.ID+" "+l, fmt.Sprintf("Exercise %s %d.", item.ID, d.Version))
		}
	}
}

// what a violation of the explorer says, in one line.
func spoken(v *explore.Violation) string {
	if own, ok := strings.CutPrefix(v.What, "Apply panics: "+ownFault); ok {
		return own
	}
	if v.Invariant == 0 {
		return v.What
	}
	return fmt.Sprintf("%s (invariant %d)", v.What, v.Invariant)
}
