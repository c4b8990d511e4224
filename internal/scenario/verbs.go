package scenario

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/intake"
	"tocsin/view"
)

// verb is one thing that a step can say.
type verb struct {
	pattern string
	run     func(*Runner, context.Context, args) error
}

// args is what a step gave to its verb.
type args struct {
	words  []string // captured by the pattern
	fields []Field
}

func (a args) get(key string) string {
	for _, f := range a.fields {
		if f.Key == key {
			return f.Value
		}
	}
	return ""
}

// under collects the fields "key name: value" by name.
func (a args) under(key string) map[string]string {
	out := map[string]string{}
	for _, f := range a.fields {
		if name, ok := strings.CutPrefix(f.Key, key+" "); ok {
			out[name] = f.Value
		}
	}
	return out
}

func (a args) list(key string) []string {
	var out []string
	for _, p := range strings.Split(a.get(key), ";") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func (a args) only(keys ...string) error {
	for _, f := range a.fields {
		head, _, _ := strings.Cut(f.Key, " ")
		if !slices.Contains(keys, head) {
			return fmt.Errorf("line %d: there is no field %q here; there are %v", f.Line, f.Key, keys)
		}
	}
	return nil
}

// verbs is the language. The order matters only between patterns that fit the
// same line.
var verbs = []verb{
	{"at DATE TIME", (*Runner).at},
	{"after SPAN", (*Runner).after},
	{"say ...", (*Runner).say},
	{"pack NAME", (*Runner).pack},
	{"person ID is ...", (*Runner).person},
	{"recipient ID", (*Runner).recipient},
	{"receiver CHANNEL ADDRESS ...", (*Runner).receiver},

	{"WHO reports REPORT", (*Runner).reports},
	{"WHO opens CASE with ...", (*Runner).opens},
	{"WHO attaches REPORT", (*Runner).attaches},
	{"WHO joins pack PACK", do(func(a args) casefile.Command { return casefile.JoinPack{Pack: a.words[1], Reason: a.get("reason")} })},
	{"WHO adopts pack PACK", do(func(a args) casefile.Command { return casefile.AdoptTerms{Pack: a.words[1], Reason: a.get("reason")} })},
	{"WHO states the threat", (*Runner).threat},
	{"WHO protects ...", (*Runner).protects},
	{"WHO names victim VICTIM", (*Runner).victim},
	{"WHO corrects victim VICTIM", (*Runner).correction},
	{"WHO finds on VICTIM", (*Runner).finds},
	{"WHO affirms VICTIM", do(func(a args) casefile.Command {
		return casefile.AffirmDetermination{Victim: tocsin.VictimID(a.words[1])}
	})},
	{"WHO proposes waiver for VICTIM", (*Runner).proposesWaiver},
	{"WHO approves waiver for VICTIM", do(func(a args) casefile.Command {
		return casefile.DecideWaiver{Victim: tocsin.VictimID(a.words[1]), Approve: true, Reason: a.get("reason")}
	})},
	{"WHO denies waiver for VICTIM", do(func(a args) casefile.Command {
		return casefile.DecideWaiver{Victim: tocsin.VictimID(a.words[1]), Reason: a.get("reason")}
	})},
	{"WHO proposes refusal for VICTIM", do(func(a args) casefile.Command {
		return casefile.ProposeRefusal{Victim: tocsin.VictimID(a.words[1]), Ground: a.get("ground"), Reason: a.get("reason")}
	})},
	{"WHO signs refusal for VICTIM", (*Runner).signsRefusal},
	{"WHO overturns refusal for VICTIM", (*Runner).signsRefusal},
	{"WHO asks consent for REPORT", (*Runner).asksConsent},
	{"WHO records consent for REPORT ANSWER", do(func(a args) casefile.Command {
		return casefile.AnswerConsent{Report: tocsin.ReportID(a.words[1]), Granted: a.words[2] == "granted", Limits: a.get("limits"), Person: a.get("person")}
	})},
	{"WHO disputes ...", do(func(a args) casefile.Command {
		return casefile.RaiseDispute{About: strings.Join(a.words[1:], " "), Position: a.get("position")}
	})},
	{"WHO settles DISPUTE", do(func(a args) casefile.Command {
		return casefile.SettleDispute{Dispute: a.words[1], Settlement: a.get("settlement")}
	})},
	{"WHO offers the case to OTHER", do(func(a args) casefile.Command {
		return casefile.ProposeTransfer{To: tocsin.ActorID(a.words[1]), Reason: a.get("reason")}
	})},
	{"WHO takes the case", do(func(args) casefile.Command { return casefile.AnswerTransfer{Accept: true} })},
	{"WHO declines the case", do(func(a args) casefile.Command { return casefile.AnswerTransfer{Reason: a.get("reason")} })},
	{"WHO opens the exigent path", do(func(a args) casefile.Command { return casefile.InvokeExigent{Reason: a.get("reason")} })},
	{"WHO does duty DUTY", do(func(a args) casefile.Command { return casefile.DoDuty{Duty: a.words[1], Note: a.get("note")} })},
	{"WHO drafts WARNING", (*Runner).drafts},
	{"WHO approves WARNING", (*Runner).approves},
	{"WHO sends back WARNING", do(func(a args) casefile.Command {
		return casefile.ReturnWarning{Warning: tocsin.WarningID(a.words[1]), Reason: a.get("reason")}
	})},
	{"WHO releases WARNING", (*Runner).releases},
	{"WHO answers FINDING about WARNING", (*Runner).answersFinding},
	{"WHO writes tearline of REPORT", do(func(a args) casefile.Command {
		return casefile.WriteTearline{Report: tocsin.ReportID(a.words[1]), Words: a.get("words")}
	})},
	{"WHO clears tearline of REPORT", (*Runner).clearsTearline},
	{"WHO extends WARNING until DATE TIME", (*Runner).extends},
	{"WHO confirms WARNING to RECIPIENT over CHANNEL", onDelivery(func(a args, k tocsin.DeliveryKey) casefile.Command {
		return casefile.ConfirmDelivery{Key: k, How: a.get("how")}
	})},
	{"WHO serves WARNING to RECIPIENT over CHANNEL", (*Runner).serves},
	{"WHO finds nobody for WARNING to RECIPIENT over CHANNEL", onDelivery(func(a args, k tocsin.DeliveryKey) casefile.Command {
		return casefile.RecordNotFound{Key: k, Reason: a.get("reason"), Final: a.get("final") == "yes"}
	})},
	{"WHO records ANSWER for WARNING from RECIPIENT over CHANNEL", (*Runner).answers},
	{"WHO discharges VICTIM", do(func(a args) casefile.Command {
		return casefile.Discharge{Victim: tocsin.VictimID(a.words[1]), Reason: a.get("reason")}
	})},
	{"WHO decides parity PARITY DECISION", do(func(a args) casefile.Command {
		return casefile.DecideParity{Parity: a.words[1], Decision: a.words[2], Reason: a.get("reason")}
	})},
	{"WHO seals the case to ...", do(func(a args) casefile.Command {
		c := casefile.SealCase{Reason: a.get("reason")}
		for _, p := range a.words[1:] {
			c.People = append(c.People, tocsin.ActorID(p))
		}
		return c
	})},
	{"WHO opens the seal", do(func(a args) casefile.Command { return casefile.UnsealCase{Reason: a.get("reason")} })},
	{"WHO reviews", do(func(a args) casefile.Command { return casefile.Review{Note: a.get("note")} })},
	{"WHO records outcome WHAT", do(func(a args) casefile.Command {
		return casefile.RecordOutcome{Outcome: casefile.Outcome{What: a.words[1], Response: a.get("response"), Note: a.get("note")}}
	})},
	{"WHO closes the case", do(func(a args) casefile.Command {
		return casefile.CloseCase{Reason: a.get("reason"), OnTheWay: a.get("on the way"), Records: a.under("record")}
	})},
	{"WHO reopens the case", do(func(a args) casefile.Command { return casefile.ReopenCase{Reason: a.get("reason")} })},
	{"WHO looks at the findings", do(func(args) casefile.Command { return casefile.SeeGrade{} })},
	{"WHO notes a way to reach VICTIM", do(func(a args) casefile.Command {
		return casefile.RecordLocator{Victim: tocsin.VictimID(a.words[1]), Locator: a.get("locator")}
	})},
	{"WHO offers the duty towards VICTIM to ...", do(func(a args) casefile.Command {
		return casefile.OfferHandover{Victim: tocsin.VictimID(a.words[1]), To: strings.Join(a.words[2:], " "), Reason: a.get("reason")}
	})},
	{"WHO records that the duty towards VICTIM is ANSWER", do(func(a args) casefile.Command {
		return casefile.AnswerHandover{Victim: tocsin.VictimID(a.words[1]), Accepted: a.words[2] == "taken", Person: a.get("person"), Reason: a.get("reason")}
	})},

	{"expect VICTIM is DISPOSITION", (*Runner).expectVictim},
	{"expect VICTIM by HOW", (*Runner).expectHow},
	{"expect VICTIM under PACK RESULT ROUTE", (*Runner).expectUnder},
	{"expect exception STEP TARGET", (*Runner).expectException},
	{"expect no exception STEP TARGET", (*Runner).expectNoException},
	{"expect clock CLOCK TARGET due DATE TIME", (*Runner).expectClock},
	{"expect owed COMMAND", (*Runner).expectOwed},
	{"expect event KIND", (*Runner).expectEvent},
	{"expect no event KIND", (*Runner).expectNoEvent},
	{"expect missed CLOCK TARGET", (*Runner).expectMissed},
	{"expect origins NUMBER", (*Runner).expectOrigins},
	{"expect WARNING to RECIPIENT over CHANNEL STATE", (*Runner).expectDelivery},
	{"expect received NUMBER over CHANNEL", (*Runner).expectReceived},
	{"expect guard CHECK against WARNING", (*Runner).expectGuard},
	{"expect guard asks RULE about WARNING", (*Runner).expectAsked},
	{"expect version NUMBER of WARNING changes PART", (*Runner).expectChange},
	{"expect WHO may COMMAND TARGET", (*Runner).expectMay},
	{"expect WHO may not COMMAND TARGET", (*Runner).expectMayNot},
	{"expect owner WHO", (*Runner).expectOwner},
	{"expect case STATE", (*Runner).expectCase},
	{"expect duty DUTY due DATE TIME", (*Runner).expectDuty},
}

// do makes a verb of a command that needs nothing but the step.
func do(command func(args) casefile.Command) func(*Runner, context.Context, args) error {
	return func(r *Runner, ctx context.Context, a args) error {
		who, err := r.who(a.words[0])
		if err != nil {
			return err
		}
		return r.give(ctx, who, command(a))
	}
}

// onDelivery makes a verb "WHO does something with WARNING to RECIPIENT over CHANNEL".
func onDelivery(command func(args, tocsin.DeliveryKey) casefile.Command) func(*Runner, context.Context, args) error {
	return func(r *Runner, ctx context.Context, a args) error {
		who, err := r.who(a.words[0])
		if err != nil {
			return err
		}
		n := len(a.words)
		d, err := r.delivery(a.words[n-3], a.words[n-2], a.words[n-1])
		if err != nil {
			return err
		}
		return r.give(ctx, who, command(a, d.Key))
	}
}

func (r *Runner) give(ctx context.Context, who tocsin.Actor, c casefile.Command) error {
	_, err := r.Engine.Do(ctx, who, r.caseID, c, r.options())
	return err
}

func (r *Runner) at(ctx context.Context, a args) error {
	t, err := moment(a.words[0], a.words[1])
	if err != nil {
		return err
	}
	return r.advance(ctx, t)
}

func (r *Runner) after(ctx context.Context, a args) error {
	var d tocsin.Duration
	if err := d.UnmarshalText([]byte(a.words[0])); err != nil {
		return err
	}
	return r.advance(ctx, r.reached.Add(d.D()))
}

func moment(date, clock string) (time.Time, error) {
	t, err := time.Parse("2006-01-02 15:04", date+" "+clock)
	if err != nil {
		return t, fmt.Errorf("write the time as 2023-12-28 09:10 (UTC)")
	}
	return t, nil
}

func (r *Runner) say(_ context.Context, a args) error {
	r.tell("\n  %s\n", strings.Join(a.words, " "))
	return nil
}

func (r *Runner) pack(_ context.Context, a args) error {
	_, err := r.Engine.Pack(a.words[0])
	r.packName = a.words[0]
	return err
}

// person: "person ann is senior_officer" or "person ann is duty_officer handling origin-3".
func (r *Runner) person(_ context.Context, a args) error {
	actor := tocsin.Actor{ID: tocsin.ActorID(a.words[0]), Name: a.words[0]}
	words := a.words[1:]
	for i, w := range words {
		if w == "handling" {
			actor.Handles = words[i+1:]
			break
		}
		role := tocsin.Role(w)
		if !slices.Contains(tocsin.Roles(), role) {
			return fmt.Errorf("%q is not a role", w)
		}
		actor.Roles = append(actor.Roles, role)
	}
	r.people[actor.ID] = actor
	return nil
}

func (r *Runner) recipient(ctx context.Context, a args) error {
	if err := a.only("name", "kind", "jurisdiction", "relation", "languages", "groups", "clearance", "verify", "rung"); err != nil {
		return err
	}
	rc := tocsin.Recipient{ID: tocsin.RecipientID(a.words[0]), Name: a.get("name"), Kind: tocsin.WarningKind(a.get("kind")), Jurisdiction: a.get("jurisdiction"),
		Relation: a.get("relation"), Languages: strings.Fields(a.get("languages")), Groups: a.list("groups"), Clearance: a.get("clearance"), Verify: a.get("verify")}
	for _, f := range a.fields {
		if f.Key != "rung" {
			continue
		}
		g, err := rung(f.Value)
		if err != nil {
			return fmt.Errorf("line %d: %w", f.Line, err)
		}
		rc.Ladder = append(rc.Ladder, g)
	}
	var known tocsin.Recipient
	r.Engine.Read(func(x *view.Index) { known, _ = x.Book.Find(rc.ID) })
	if reflect.DeepEqual(known, rc) {
		return nil // entered by a run that was killed
	}
	_, err := r.Engine.SetRecipient(ctx, r.director(), rc)
	return err
}

// rung: "webhook swiss-post to "duty desk" level 1 via "Protecting power" in group-x".
func rung(text string) (tocsin.Rung, error) {
	words, err := split(text)
	if err != nil {
		return tocsin.Rung{}, err
	}
	if len(words) < 4 || words[2] != "to" {
		return tocsin.Rung{}, fmt.Errorf(`write a rung as CHANNEL ADDRESS to "ADDRESSEE" level 1 via "PARTY" in GROUP`)
	}
	g := tocsin.Rung{Channel: words[0], Address: words[1], Addressee: words[3], Level: 1}
	for i := 4; i+1 < len(words); i += 2 {
		switch words[i] {
		case "level":
			if _, err := fmt.Sscan(words[i+1], &g.Level); err != nil {
				return g, fmt.Errorf("level %q is not a number", words[i+1])
			}
		case "via":
			g.Via = append(g.Via, tocsin.Party{Name: words[i+1]})
		case "in":
			if len(g.Via) == 0 {
				return g, fmt.Errorf("name the party before the group it is in")
			}
			p := &g.Via[len(g.Via)-1]
			p.Groups = append(p.Groups, words[i+1])
		default:
			return g, fmt.Errorf("%q is not a part of a rung", words[i])
		}
	}
	return g, nil
}

func (r *Runner) receiver(_ context.Context, a args) error {
	return r.World.Behave(a.words[0], a.words[1], strings.Join(a.words[2:], " "))
}

func (r *Runner) reports(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	if err := a.only("as", "key", "subject", "origin", "conveyor", "marking", "controlled", "occurred", "grading", "language", "text"); err != nil {
		return err
	}
	d := intake.Declared{SourceKey: a.get("key"), Subject: a.get("subject"), Origin: a.get("origin"), Conveyor: a.get("conveyor"), Marking: a.get("marking"),
		Language: a.get("language"), Originator: a.get("controlled"), Controlled: a.get("controlled") != ""}
	if o := a.get("occurred"); o != "" {
		date, clock, _ := strings.Cut(o, " ")
		if d.Occurred, err = moment(date, clock); err != nil {
			return err
		}
	}
	if g := a.get("grading"); len(g) == 2 {
		d.Grading = tocsin.Grading{Scheme: "admiralty", Source: g[:1], Information: g[1:]}
	}
	media := "text/plain"
	if as := a.get("as"); as != "" {
		media = as
	}
	_, err = r.Engine.Receive(ctx, who, engine.Submission{Media: media, Bytes: []byte(a.get("text") + "\n"), Declared: d}, r.named(a.words[1]))
	return err
}

func (r *Runner) opens(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	var ids []tocsin.ReportID
	for _, w := range a.words[2:] {
		ids = append(ids, tocsin.ReportID(w))
	}
	r.caseID = tocsin.CaseID(a.words[1])
	_, err = r.Engine.Open(ctx, who, a.get("title"), r.packName, ids, r.named(a.words[1]))
	return err
}

func (r *Runner) attaches(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	_, err = r.Engine.Attach(ctx, who, r.caseID, tocsin.ReportID(a.words[1]), r.options())
	return err
}

func (r *Runner) threat(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	if err := a.only("actor", "groups", "harm", "target", "place", "means", "from", "until", "past"); err != nil {
		return err
	}
	t := tocsin.Threat{ActorGroups: a.list("groups"), Harm: tocsin.Harm(a.get("harm"))}
	claims := map[string]*tocsin.Claim{"actor": &t.Actor, "target": &t.Target, "place": &t.Place, "means": &t.Means}
	for key, c := range claims {
		if *c, err = r.claim(a.get(key)); err != nil {
			return err
		}
	}
	for key, p := range map[string]*time.Time{"from": &t.Window.Earliest, "until": &t.Window.Latest} {
		if v := a.get(key); v != "" {
			date, clock, _ := strings.Cut(v, " ")
			if *p, err = moment(date, clock); err != nil {
				return err
			}
		}
	}
	return r.give(ctx, who, casefile.StateThreat{Threat: t, Past: a.get("past") == "yes"})
}

// claim: `an affiliate of the group, from r1 "the words in the report"`.
func (r *Runner) claim(text string) (tocsin.Claim, error) {
	said, spans, err := r.evidence(text)
	return tocsin.Claim{Text: said, Evidence: spans}, err
}

// evidence cuts `words, from r1 "quote"` into the words and the span they rest on.
func (r *Runner) evidence(text string) (string, []tocsin.Span, error) {
	said, from, ok := strings.Cut(text, ", from ")
	if !ok {
		return text, nil, nil
	}
	words, err := split(from)
	if err != nil {
		return "", nil, err
	}
	if len(words) != 2 {
		return "", nil, fmt.Errorf(`write the evidence as: WORDS, from REPORT "QUOTE"`)
	}
	rep, err := r.Engine.Report(tocsin.ReportID(words[0]))
	if err != nil {
		return "", nil, err
	}
	i := strings.Index(rep.Text, words[1])
	if i < 0 {
		return "", nil, fmt.Errorf("report %s does not say %q", words[0], words[1])
	}
	return said, []tocsin.Span{{Report: rep.ID, Start: i, End: i + len(words[1]), Quote: words[1]}}, nil
}

func (r *Runner) protects(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	return r.give(ctx, who, casefile.ProtectTerms{Words: a.words[1:]})
}

func (r *Runner) victim(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	if err := a.only("name", "kind", "identity", "place", "jurisdiction", "safety", "known"); err != nil {
		return err
	}
	c := casefile.AddVictim{Victim: tocsin.Victim{ID: tocsin.VictimID(a.words[1]), Name: a.get("name"), Kind: tocsin.VictimKind(a.get("kind")),
		Identity: tocsin.IdentityState(a.get("identity")), Place: a.get("place"), Jurisdiction: a.get("jurisdiction"), Safety: a.get("safety")}}
	if v := a.get("known"); v != "" {
		date, clock, _ := strings.Cut(v, " ")
		if c.KnownSince, err = moment(date, clock); err != nil {
			return err
		}
	}
	return r.give(ctx, who, c)
}

// correction changes what a step names of a victim and leaves the rest as it is.
func (r *Runner) correction(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	if err := a.only("name", "kind", "identity", "place", "jurisdiction", "safety", "reason"); err != nil {
		return err
	}
	v, _ := r.state().Victim(tocsin.VictimID(a.words[1]))
	c := casefile.CorrectVictim{Victim: v.Victim, Reason: a.get("reason")}
	c.Victim.ID = tocsin.VictimID(a.words[1]) // the case says so if there is none
	for _, f := range a.fields {
		switch f.Key {
		case "name":
			c.Victim.Name = f.Value
		case "kind":
			c.Victim.Kind = tocsin.VictimKind(f.Value)
		case "identity":
			c.Victim.Identity = tocsin.IdentityState(f.Value)
		case "place":
			c.Victim.Place = f.Value
		case "jurisdiction":
			c.Victim.Jurisdiction = f.Value
		case "safety":
			c.Victim.Safety = f.Value
		}
	}
	return r.give(ctx, who, c)
}

// findings reads fields such as `credible: met, two origins agree, from r1 "..."`.
func (r *Runner) findings(a args, skip ...string) ([]tocsin.Finding, error) {
	var out []tocsin.Finding
	for _, f := range a.fields {
		if slices.Contains(skip, f.Key) {
			continue
		}
		value, reason, _ := strings.Cut(f.Value, ", ")
		said, spans, err := r.evidence(reason)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", f.Line, err)
		}
		out = append(out, tocsin.Finding{Element: f.Key, Value: tocsin.FindingValue(value), Reason: said, Evidence: spans})
	}
	return out, nil
}

func (r *Runner) finds(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	found, err := r.findings(a)
	if err != nil {
		return err
	}
	return r.give(ctx, who, casefile.RecordFindings{Victim: tocsin.VictimID(a.words[1]), Findings: found})
}

func (r *Runner) signsRefusal(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	grade, err := r.findings(a, "reason")
	if err != nil {
		return err
	}
	return r.give(ctx, who, casefile.SignRefusal{Victim: tocsin.VictimID(a.words[1]), Agree: r.step.Words[1] == "signs", Reason: a.get("reason"), Grade: grade})
}

// asksConsent reads `portions: 1 3`, counted from 1 as the guard counts them; without
// it the question is about the whole report.
func (r *Runner) asksConsent(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	if err := a.only("question", "portions"); err != nil {
		return err
	}
	c := casefile.AskConsent{Report: tocsin.ReportID(a.words[1]), Question: a.get("question")}
	for _, n := range strings.Fields(a.get("portions")) {
		i, err := strconv.Atoi(n)
		if err != nil || i < 1 {
			return fmt.Errorf("portions are numbers from 1; %q is none", n)
		}
		c.Portions = append(c.Portions, i-1)
	}
	return r.give(ctx, who, c)
}

func (r *Runner) proposesWaiver(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	if err := a.only("ground", "evidence", "alternatives", "reason", "under"); err != nil {
		return err
	}
	c := casefile.ProposeWaiver{Victim: tocsin.VictimID(a.words[1]), Ground: a.get("ground"), Alternatives: a.get("alternatives"), Reason: a.get("reason"), Evidence: a.under("evidence")}
	for _, t := range r.state().Further {
		if ground := a.get("under " + t.Pack.Name + " ground"); ground != "" {
			c.Further = append(c.Further, casefile.Claim{Pack: t.Pack.Name, Ground: ground, Evidence: a.under("under " + t.Pack.Name + " evidence"), Alternatives: a.get("under " + t.Pack.Name + " alternatives")})
		}
	}
	return r.give(ctx, who, c)
}

func (r *Runner) drafts(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	if err := a.only("pack", "kind", "message", "refers", "covers", "to", "marking", "valid", "fact", "gap", "text"); err != nil {
		return err
	}
	req := engine.DraftRequest{Pack: a.get("pack"), Kind: tocsin.WarningKind(a.get("kind")), Message: tocsin.MessageType(a.get("message")), Refers: tocsin.WarningID(a.get("refers")), Marking: a.get("marking")}
	if w, ok := r.state().Warning(tocsin.WarningID(a.words[1])); ok && w.Clearance == nil {
		req.Warning = w.ID
	}
	for _, v := range strings.Fields(a.get("covers")) {
		req.Victims = append(req.Victims, tocsin.VictimID(v))
	}
	for _, v := range strings.Fields(a.get("to")) {
		req.Recipients = append(req.Recipients, tocsin.RecipientID(v))
	}
	if v := a.get("valid"); v != "" {
		date, clock, _ := strings.Cut(v, " ")
		req.Window.Earliest = r.reached
		if req.Window.Latest, err = moment(date, clock); err != nil {
			return err
		}
	}
	for _, f := range a.fields {
		words := strings.Fields(f.Key)
		switch {
		case words[0] == "fact" && len(words) == 3:
			if err := addFact(&req, r, words[1], words[2], f); err != nil {
				return err
			}
		case words[0] == "gap" && len(words) == 2:
			req.Gaps = append(req.Gaps, tocsin.Gap{Item: words[1], Reason: f.Value})
		case words[0] == "text" && len(words) == 2:
			subject, body, _ := strings.Cut(f.Value, "\n")
			req.Texts = append(req.Texts, tocsin.Text{Language: words[1], Subject: subject, Body: body})
		}
	}
	_, err = r.Engine.Draft(ctx, who, r.caseID, req, r.options())
	return err
}

// addFact reads `fact where en: at the shrine, from r1 "..."`. Every fact of a
// scenario has been judged releasable by whoever drafts.
func addFact(req *engine.DraftRequest, r *Runner, item, language string, f Field) error {
	said, spans, err := r.evidence(f.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", f.Line, err)
	}
	for i := range req.Facts {
		if req.Facts[i].Item == item {
			req.Facts[i].Values[language] = said
			return nil
		}
	}
	req.Facts = append(req.Facts, tocsin.Fact{Item: item, Values: map[string]string{language: said}, Evidence: spans, Releasable: true})
	return nil
}

func (r *Runner) approves(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	id := tocsin.WarningID(a.words[1])
	w, _ := r.state().Warning(id)
	return r.give(ctx, who, casefile.ApproveWarning{Warning: id, Digest: w.Digest, Note: a.get("note")})
}

// answersFinding answers, in one act, all open questions of the guard that a rule of
// this name asked, such as "rare" or "rare/number".
func (r *Runner) answersFinding(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	w, _ := r.state().Warning(tocsin.WarningID(a.words[2]))
	var asked []string
	var replies []casefile.Reply
	for _, f := range w.Refused {
		if f.Level != tocsin.GuardAsk {
			continue
		}
		asked = append(asked, f.Rule)
		if f.Check != a.words[1] && f.Rule != a.words[1] {
			continue
		}
		replies = append(replies, casefile.Reply{Finding: f.ID, Words: a.get("words")})
	}
	if len(replies) == 0 {
		return fmt.Errorf("the guard asked nothing by rule %q about %s; it asked by %v", a.words[1], a.words[2], asked)
	}
	return r.give(ctx, who, casefile.AnswerFinding{Warning: w.ID, Answers: replies})
}

func (r *Runner) clearsTearline(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	for _, t := range r.state().Tearlines {
		if string(t.Report) == a.words[1] {
			return r.give(ctx, who, casefile.ClearTearline{Report: t.Report, Digest: t.Digest})
		}
	}
	return fmt.Errorf("report %s has no tearline", a.words[1])
}

func (r *Runner) releases(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	return r.give(ctx, who, casefile.ReleaseWarning{Warning: tocsin.WarningID(a.words[1]), ReverseTest: a.get("reverse test")})
}

func (r *Runner) extends(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	until, err := moment(a.words[2], a.words[3])
	if err != nil {
		return err
	}
	return r.give(ctx, who, casefile.ExtendWindow{Warning: tocsin.WarningID(a.words[1]), Until: until, Reason: a.get("reason")})
}

func (r *Runner) serves(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	if err := a.only("person", "place", "words", "present", "interpreter", "signed", "answer", "response"); err != nil {
		return err
	}
	d, err := r.delivery(a.words[1], a.words[2], a.words[3])
	if err != nil {
		return err
	}
	return r.give(ctx, who, casefile.RecordService{Key: d.Key, Service: tocsin.Service{Person: a.get("person"), Place: a.get("place"), At: r.reached, Words: a.get("words"),
		Present: a.list("present"), Interpreter: a.get("interpreter"), Signed: a.get("signed") == "yes", RefusedSign: a.get("signed") == "refused", Response: a.get("response"), Answer: tocsin.AckKind(a.get("answer"))}})
}

func (r *Runner) answers(ctx context.Context, a args) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	d, err := r.delivery(a.words[2], a.words[3], a.words[4])
	if err != nil {
		return err
	}
	return r.give(ctx, who, casefile.Acknowledge{Key: d.Key, Answer: tocsin.AckKind(a.words[1]), Person: a.get("person"), Words: a.get("words")})
}
