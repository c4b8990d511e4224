package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/policy"
	"tocsin/view"
)

// explainedCase is why a case stands where it does, victim by victim. Its JSON is
// an interface: a field keeps its meaning.
type explainedCase struct {
	Case    tocsin.CaseID     `json:"case"`
	Title   string            `json:"title"`
	Version int               `json:"version"`
	Pack    tocsin.PackRef    `json:"pack"`   // under which the case is run
	Loaded  tocsin.PackRef    `json:"loaded"` // of that name, as loaded now; without a digest if none is
	Victims []explainedVictim `json:"victims"`
	Next    *casefile.Step    `json:"next,omitempty"` // most urgent thing a person owes in the whole case
}

// explainedVictim is why one obligation stands where it does.
type explainedVictim struct {
	ID           tocsin.VictimID       `json:"id"`
	Name         string                `json:"name"`
	Disposition  casefile.Disposition  `json:"disposition"`
	How          string                `json:"how,omitempty"`
	Recorded     *tocsin.Determination `json:"recorded,omitempty"`
	DeterminedAt time.Time             `json:"determined_at,omitzero"`
	Affirmed     tocsin.ActorID        `json:"affirmed,omitempty"`
	Stale        bool                  `json:"stale"`              // findings have changed since
	Findings     []tocsin.Finding      `json:"findings"`           // one for each element of the pack, as they stand now
	Now          *tocsin.Determination `json:"now,omitempty"`      // what the pack makes of those, if it is loaded as the case has it
	AskNext      []ask                 `json:"ask_next"`           // open elements, the one most likely to decide first; empty if the pack is not loaded
	Clock        *governingClock       `json:"clock,omitempty"`    // the one that runs out first
	WaitsFor     []casefile.Step       `json:"waits_for"`          // what is owed towards this victim, the most urgent first
	Titles       map[string]string     `json:"titles,omitempty"`   // element -> title
	Obligation   bool                  `json:"obligation_running"` // it has not ended
}

// ask is a question worth putting, with what its answer alone would do.
type ask struct {
	policy.Question
	Alone []tocsin.Change `json:"alone"` // empty: it decides only together with other answers
}

type governingClock struct {
	casefile.Clock
	Missed bool      `json:"missed"`
	Asked  time.Time `json:"asked"` // when it was looked at
	Rule   string    `json:"rule,omitempty"`
	Clause string    `json:"clause,omitempty"`
	Basis  string    `json:"basis,omitempty"`
}

// wholeCase is what GET /v1/cases/{id} answers, as far as explain and diff need it.
type wholeCase struct {
	State        casefile.State   `json:"state"`
	Summary      view.Summary     `json:"summary"`
	Clocks       []casefile.Clock `json:"clocks"`
	Outstanding  []casefile.Step  `json:"outstanding"`
	GradesHidden bool             `json:"grades_hidden"`
}

// readCase gets a case. With grades it asks for findings although the asker could
// then no longer be a second signer.
func (c *client) readCase(ctx context.Context, id string, grades bool) (wholeCase, error) {
	at := path("cases", id)
	if grades {
		at += "?grades=show"
	}
	var got wholeCase
	b, err := c.call(ctx, http.MethodGet, at, "", nil)
	if err != nil {
		return got, err
	}
	return got, json.Unmarshal(b, &got)
}

// loadedPack is what GET /v1/packs/{name} answers, as far as it is needed.
type loadedPack struct {
	Ref      tocsin.PackRef   `json:"ref"`
	Elements []policy.Element `json:"elements"`
}

// readPack gets the pack of that name that the server has loaded. That there is
// none is an answer: the zero value.
func (c *client) readPack(ctx context.Context, name string) (loadedPack, error) {
	var got loadedPack
	b, err := c.call(ctx, http.MethodGet, path("packs", name), "", nil)
	if told, ok := err.(*tocsin.Error); ok && told.Code == "pack" {
		return got, nil
	}
	if err != nil {
		return got, err
	}
	return got, json.Unmarshal(b, &got)
}

// askPack puts findings to a loaded pack. Nothing is recorded.
func (c *client) askPack(ctx context.Context, name string, harm tocsin.Harm, findings []tocsin.Finding) (tocsin.Determination, []policy.Question, error) {
	var got struct {
		Determination tocsin.Determination `json:"determination"`
		Next          []policy.Question    `json:"next"`
	}
	if findings == nil {
		findings = []tocsin.Finding{}
	}
	body, err := json.Marshal(map[string]any{"harm": harm, "findings": findings})
	if err != nil {
		return got.Determination, nil, err
	}
	b, err := c.call(ctx, http.MethodPost, path("packs", name, "determine"), "application/json", body)
	if err != nil {
		return got.Determination, nil, err
	}
	err = json.Unmarshal(b, &got)
	return got.Determination, got.Next, err
}

// policyExplain says for each victim of a case what the policy answered and why,
// what to ask next, and what the case waits for.
func (p *program) policyExplain(ctx context.Context, args []string) error {
	f := p.flags("policy explain")
	r := p.remoteFlags(f)
	victim := f.String("victim", "", "only this victim")
	grades := f.Bool("grades", false, "show findings even if you could then no longer be a second signer")
	rest, err := p.parse(f, args, 1)
	if err != nil {
		return err
	}
	return p.with(ctx, r, func(c *client) error {
		x, err := c.explain(ctx, rest[0], *victim, *grades, time.Now())
		if err != nil {
			return err
		}
		if *r.asJSON {
			e := json.NewEncoder(p.out)
			e.SetIndent("", "  ")
			return e.Encode(x)
		}
		x.print(p.out)
		return nil
	})
}

func (c *client) explain(ctx context.Context, id, only string, grades bool, now time.Time) (explainedCase, error) {
	got, err := c.readCase(ctx, id, grades)
	if err != nil {
		return explainedCase{}, err
	}
	if got.GradesHidden {
		return explainedCase{}, tocsin.Fault(tocsin.Refused, "grades_hidden", "You may still be asked to be the second signer of a refusal in this case, so its findings are not shown to you.",
			"To see them all the same, repeat with --grades: that you have seen them is recorded, and you can then not sign.")
	}
	s := got.State
	pack, err := c.readPack(ctx, s.Terms.Pack.Name)
	if err != nil {
		return explainedCase{}, err
	}
	x := explainedCase{Case: s.ID, Title: s.Title, Version: s.Version, Pack: s.Terms.Pack, Loaded: pack.Ref, Victims: []explainedVictim{}, Next: got.Summary.Next}
	for _, v := range s.Victims {
		if only != "" && string(v.ID) != only {
			continue
		}
		e := explainVictim(got, v, now)
		if x.Pack == x.Loaded {
			if err := c.askAbout(ctx, &e, pack, s.Threat.Harm, v.Findings); err != nil {
				return explainedCase{}, err
			}
		}
		x.Victims = append(x.Victims, e)
	}
	if len(x.Victims) == 0 && only != "" {
		return explainedCase{}, tocsin.Faultf(tocsin.NotFound, "victim", "See case show for those there are.", "This case has no victim %q.", only)
	}
	return x, nil
}

// askAbout adds what only the pack can say.
func (c *client) askAbout(ctx context.Context, e *explainedVictim, pack loadedPack, harm tocsin.Harm, findings []tocsin.Finding) error {
	d, next, err := c.askPack(ctx, pack.Ref.Name, harm, findings)
	if err != nil {
		return err
	}
	d.Victim = e.ID
	e.Now, e.Findings, e.Titles = &d, d.Rests, map[string]string{}
	for _, el := range pack.Elements {
		e.Titles[el.ID] = el.Title
	}
	for _, q := range next {
		a := ask{Question: q, Alone: []tocsin.Change{}}
		for _, ch := range d.Changes {
			if ch.Element == q.Element {
				a.Alone = append(a.Alone, ch)
			}
		}
		e.AskNext = append(e.AskNext, a)
	}
	return nil
}

// explainVictim is what the case by itself says of one victim.
func explainVictim(got wholeCase, v casefile.Victim, now time.Time) explainedVictim {
	e := explainedVictim{ID: v.ID, Name: v.Name, Disposition: v.Disposition, How: v.How, Recorded: v.Determination, DeterminedAt: v.DeterminedAt,
		Affirmed: v.Affirmed, Stale: v.Stale, Findings: []tocsin.Finding{}, AskNext: []ask{}, WaitsFor: []casefile.Step{}, Obligation: !v.Disposition.Ended()}
	for _, id := range got.State.Terms.Elements {
		i := slices.IndexFunc(v.Findings, func(f tocsin.Finding) bool { return f.Element == id })
		if i < 0 {
			e.Findings = append(e.Findings, tocsin.Finding{Element: id, Value: tocsin.Unknown})
			continue
		}
		e.Findings = append(e.Findings, v.Findings[i])
	}
	ours := concerns(got.State, v.ID)
	for _, c := range got.Clocks {
		if slices.Contains(ours, c.Target) && (e.Clock == nil || c.Due.Before(e.Clock.Due)) {
			e.Clock = governing(got.State.Terms, c, now)
		}
	}
	for _, st := range got.Outstanding {
		if slices.Contains(ours, st.Target) {
			e.WaitsFor = append(e.WaitsFor, st)
		}
	}
	slices.SortStableFunc(e.WaitsFor, func(a, b casefile.Step) int {
		switch { // what no clock runs for goes last
		case a.Due.IsZero() == b.Due.IsZero():
			return a.Due.Compare(b.Due)
		case a.Due.IsZero():
			return 1
		}
		return -1
	})
	return e
}

// concerns lists the targets of steps and clocks that are about one victim: the
// victim, the warnings that cover it, and their deliveries.
func concerns(s casefile.State, id tocsin.VictimID) []string {
	ours := []string{string(id)}
	for _, w := range s.Warnings {
		if !slices.Contains(w.Draft.Victims, id) {
			continue
		}
		ours = append(ours, string(w.ID))
		for _, d := range s.Deliveries {
			if d.Warning == w.ID {
				ours = append(ours, string(d.Key))
			}
		}
	}
	return ours
}

func governing(t tocsin.Terms, c casefile.Clock, now time.Time) *governingClock {
	g := &governingClock{Clock: c, Missed: c.Overdue(now), Asked: tocsin.Instant(now)}
	if rule, ok := t.Clocks[c.Name]; ok {
		g.Rule, g.Clause, g.Basis = timeAllowed(c.Name, rule, t.Imminent), rule.Clause, rule.Basis
	}
	return g
}

func (x explainedCase) print(w io.Writer) {
	fmt.Fprintf(w, "%s  %s\nunder %s %s\n", x.Case, x.Title, x.Pack.Name, x.Pack.Version)
	if x.Pack != x.Loaded {
		wrap(w, "", "NOTE: the pack that is loaded now is not the one under which this case was opened. What follows is what was recorded; what to ask next cannot be said.")
	}
	for _, v := range x.Victims {
		v.print(w)
	}
	fmt.Fprintln(w, "\nTHE CASE AS A WHOLE WAITS FOR")
	if x.Next == nil {
		fmt.Fprintln(w, "  nothing that a person owes")
		return
	}
	printStep(w, *x.Next)
}

// print tells first what a tired reader must act on: the answer, the clock, what is
// owed and what to ask. The reasons follow.
func (v explainedVictim) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n%s  %s\n", strings.Repeat("=", lineWidth), v.ID, v.Name)
	wrap(w, "", strings.TrimSpace(fmt.Sprintf("The obligation is %s. %s", strings.ToUpper(plain(string(v.Disposition))), sentence(v.How))))
	v.printAnswer(w)
	v.printClock(w)
	if len(v.WaitsFor) > 0 {
		fmt.Fprintln(w, "\nTOWARDS THIS VICTIM IS OWED")
		for _, st := range v.WaitsFor {
			printStep(w, st)
		}
	}
	v.printNext(w)
	v.printFindings(w)
	v.printChanges(w)
	if d := v.shown(); d != nil {
		fmt.Fprintln(w, "\nSTEP BY STEP")
		for i, line := range d.Explanation {
			wrap(w, fmt.Sprintf("%3d. ", i+1), line)
		}
	}
}

// shown is the determination that a reader is told of: the recorded one while it
// stands, else what the pack would answer now.
func (v explainedVictim) shown() *tocsin.Determination {
	if v.Recorded != nil && (!v.Stale || v.Now == nil) {
		return v.Recorded
	}
	return v.Now
}

func (v explainedVictim) printAnswer(w io.Writer) {
	fmt.Fprintln(w, "\nWHAT THE POLICY ANSWERS")
	d := v.shown()
	switch {
	case d == nil:
		fmt.Fprintln(w, "  Nothing is determined yet.")
		return
	case v.Recorded == nil:
		fmt.Fprintln(w, "  NOT RECORDED YET. Asked now, it would answer:")
	case v.Stale && v.Now != nil:
		fmt.Fprintf(w, "  STALE: findings have changed since %s (%s). Asked now, it would answer:\n", v.DeterminedAt.Format(moment), plain(string(v.Recorded.Result)))
	case v.Stale:
		fmt.Fprintln(w, "  STALE: findings have changed since.")
	}
	fmt.Fprintf(w, "  %s\n", strings.ToUpper(plain(string(d.Result))))
	wrap(w, "  ", resultWords[d.Result]+" "+routeWords[d.Route])
	wrap(w, "  ", "Rule "+d.Rule+": "+d.Because)
	wrap(w, "  ", on(d.Clause, d.Basis).String())
	for _, failed := range d.Failed {
		wrap(w, "  ", "COULD NOT BE EVALUATED: "+failed)
	}
	if d == v.Recorded {
		by := "nobody yet"
		if v.Affirmed != "" {
			by = string(v.Affirmed)
		}
		fmt.Fprintf(w, "  determined %s, affirmed by %s\n", v.DeterminedAt.Format(moment), by)
	}
}

const moment = "2 Jan 2006 15:04Z"

func (v explainedVictim) printFindings(w io.Writer) {
	fmt.Fprintln(w, "\nWHAT IT RESTS ON")
	for _, f := range v.Findings {
		who := ""
		if f.By != "" {
			who = fmt.Sprintf(", %s, %s", f.By, f.At.Format(moment))
		}
		fmt.Fprintf(w, "  %-9s %s%s\n", strings.ToUpper(plain(string(f.Value))), cmp.Or(v.Titles[f.Element], f.Element), who)
		switch {
		case f.Value == tocsin.Unknown && f.By == "":
			fmt.Fprintln(w, "            nobody has answered this yet; that is not an answer of no")
		case f.Reason == "":
			fmt.Fprintln(w, "            no reason was given")
		}
		wrap(w, "            ", f.Reason)
		for _, span := range f.Evidence {
			wrap(w, "            ", fmt.Sprintf("“%s” (%s)", strings.TrimSpace(span.Quote), span.Report))
		}
	}
}

func (v explainedVictim) printNext(w io.Writer) {
	if len(v.AskNext) == 0 {
		if open := v.unanswered(); v.Now != nil && len(open) > 0 {
			fmt.Fprintln(w)
			wrap(w, "", "Not answered yet: "+listed(open, "and")+". No way to answer them changes the result.")
		}
		return
	}
	fmt.Fprintln(w, "\nASK THIS NEXT, the one most likely to decide first")
	for i, a := range v.AskNext {
		fmt.Fprintf(w, "%3d. %s (now %s)\n", i+1, a.Title, answerWords[a.From])
		for _, c := range a.Alone {
			wrap(w, "       ", fmt.Sprintf("If it is %s: %s", answerWords[c.To], lower(resultWords[c.Result])))
		}
		if len(a.Alone) == 0 {
			wrap(w, "       ", fmt.Sprintf("By itself it changes nothing; with the other open answers it decides in %d of %d ways.", a.Matters, a.Of))
		}
		if i > 0 {
			continue // one thing at a time; --json has the questions of all
		}
		for _, q := range a.Questions {
			wrap(w, "       - ", q)
		}
	}
}

func (v explainedVictim) unanswered() []string {
	var open []string
	for _, f := range v.Findings {
		if f.Value == tocsin.Unknown {
			open = append(open, cmp.Or(v.Titles[f.Element], f.Element))
		}
	}
	return open
}

// printChanges tells the settled answers that would change the result; the open
// ones stand under what to ask next.
func (v explainedVictim) printChanges(w io.Writer) {
	d := v.shown()
	if d == nil {
		return
	}
	asked := func(element string) bool {
		return slices.ContainsFunc(v.AskNext, func(a ask) bool { return a.Element == element })
	}
	first := true
	for _, c := range d.Changes {
		if asked(c.Element) {
			continue
		}
		if first {
			fmt.Fprintln(w, "\nWHAT ELSE WOULD CHANGE THE ANSWER")
			first = false
		}
		wrap(w, "  - ", fmt.Sprintf("%s, found %s: were it %s: %s", cmp.Or(v.Titles[c.Element], c.Element), answerWords[c.From], answerWords[c.To], lower(resultWords[c.Result])))
	}
}

func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func (v explainedVictim) printClock(w io.Writer) {
	fmt.Fprintln(w, "\nTHE CLOCK THAT GOVERNS")
	c := v.Clock
	if c == nil {
		fmt.Fprintln(w, "  none runs for this victim")
		return
	}
	left := c.Due.Sub(c.Asked)
	state := "runs out in " + roughly(left)
	if c.Missed {
		state = "MISSED " + roughly(-left) + " ago"
	}
	fmt.Fprintf(w, "  %s: due %s, %s\n", cmp.Or(clockStories[c.Name].title, plain(string(c.Name))), c.Due.Format(moment), state)
	wrap(w, "  ", c.Rule)
	if story := clockStories[c.Name]; story.missed != "" {
		wrap(w, "  ", "If it is missed: "+sentence(story.missed))
	}
	if c.Clause != "" {
		wrap(w, "  ", on(c.Clause, c.Basis).String())
	}
}

// roughly rounds a time left to what a reader can use.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return counted(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return counted(int(d/(24*time.Hour)), "day")
}

func printStep(w io.Writer, st casefile.Step) {
	who := "the program itself"
	if !st.Machine {
		who = "somebody who may: " + lower(cmp.Or(powerWords[st.Power], plain(string(st.Power))))
	}
	wrap(w, "  - ", strings.TrimSpace(fmt.Sprintf("%s %s%s. %s", plain(st.Kind), st.Target, due(st.Due), sentence(st.Why)))+" By "+who+".")
}
