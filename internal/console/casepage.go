package console

import (
	"cmp"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/ledger"
	"tocsin/paging"
	"tocsin/view"
)

// line is one line of a timeline.
type line struct {
	Seq    int
	At     time.Time
	By     tocsin.ActorID
	Kind   string
	Said   view.Sentence
	Hidden bool // a grade, kept from somebody who may still be the second signer
	Loud   bool // a missed clock, or a guard that refused
}

type casePage struct {
	Page
	S           casefile.State
	Packs       []packView
	Sentence    []sentencePart
	AnyMoment   bool // the stated time of the threat has come
	Blind       bool
	Late        int
	Next        *casefile.Step
	NextOpen    *action              // the form that does it, if it is the viewer's to do
	Stopped     *tocsin.GuardFinding // why the words that would be approved or released next cannot go out
	Rewrites    string               // what Next is called, if it begins at a warning: a new version, or what follows it
	Exigent     *action              // the exigent path, if the viewer may open it
	NextWaits   []tocsin.Role
	Waits       bool           // Next is somebody else's, or the program's
	Also        []moreView     // what else presses that is the viewer's
	Beside      *casefile.Step // what others are waited for meanwhile
	BesideWaits []tocsin.Role
	NextWhy     template.HTML
	Clocks      []clockView
	Used        string // share of the time to the attack that was used
	Obstacles   []string
	Victims     []victimView
	Reports     []reportView
	Further     int           // reports whose words are not drawn unless asked for
	Others      template.HTML // an item for each of those
	Warnings    []warningView
	Actions     []action // about the case itself
	Closed      []action
	Duties      []dutyView
	Parities    []parityView
	Disputes    []disputeView
	Lines       int
	Timeline    template.HTML // an item for each of the lines
	Plot        template.HTML
	Map         mapView
	Known       []knowing
	Paged       []pageView  // who was paged because a clock was missed
	Reads       []view.Read // who read it while it was sealed, if that is the viewer's to see
	Outstanding []casefile.Step
	Error       *formError // of a form that can no longer be shown on the page
}

// NoActions is what a template gives where nothing is to be explained.
func (casePage) NoActions() []action { return nil }

// sentencePart is a part of the threat: a name, and its words or that they are
// not known.
type sentencePart struct {
	Key  string
	Text string
	Core bool
}

// reportLine is a report of which only a line is drawn.
// markup is made by hand where a page has hundreds of lines of one kind: a template
// takes ten times as long for each. Whatever is not a constant goes through text.
type markup struct{ b strings.Builder }

func (m *markup) tag(constant string)  { m.b.WriteString(constant) }
func (m *markup) made(h template.HTML) { m.b.WriteString(string(h)) }
func (m *markup) text(s string)        { template.HTMLEscape(&m.b, []byte(s)) }
func (m *markup) html() template.HTML  { return template.HTML(m.b.String()) } //nolint:gosec // of constants and of what was escaped

// drawnLines are the items of the timeline.
func (c *Console) drawnLines(say words, lines []line) template.HTML {
	who := map[tocsin.ActorID]string{}
	var m markup
	for _, l := range lines {
		if _, ok := who[l.By]; !ok {
			who[l.By] = c.named(say, l.By)
		}
		if m.tag("<li"); l.Loud {
			m.tag(` class="loud"`)
		}
		m.tag(">")
		m.made(dayTag(l.At))
		m.tag(` <span class="by">`)
		m.text(who[l.By])
		m.tag("</span> ")
		if l.Hidden {
			m.text(say.label("event", l.Kind))
			m.tag(" <em>")
			m.text(say.t("hidden"))
			m.tag("</em></li>")
			continue
		}
		m.made(say.told(l.Said))
		m.tag("</li>")
	}
	return m.html()
}

// drawnFurther are the items of the list of reports whose words are not drawn.
func drawnFurther(say words, further []reportLine) template.HTML {
	var m markup
	for _, r := range further {
		m.tag(`<li><a href="/reports/`)
		m.text(string(r.ID))
		m.tag(`">`)
		m.text(string(r.ID))
		m.tag("</a> ")
		m.made(dayTag(r.FirstKnown))
		m.text(" " + r.Subject + " ")
		m.tag("<small>")
		m.text(say.t("report.origin") + " " + cmp.Or(r.Origin, say.t("unknown")))
		if r.RepeatOf != "" {
			m.text(" · " + say.t("report.repeats", r.RepeatOf))
		}
		if r.Marking != "" {
			m.tag(` · <span class="marking" lang="en">`)
			m.text(r.Marking)
			m.tag("</span>")
		}
		if r.Tear {
			m.text(" · " + say.t("tear.title"))
		}
		m.tag(`</small> <a href="?reports=all&amp;target=`)
		m.text(string(r.ID))
		m.tag("#report-")
		m.text(string(r.ID))
		m.tag(`">`)
		m.text(say.t("case.further.here"))
		m.tag("</a></li>")
	}
	return m.html()
}

type reportLine struct {
	casefile.Report
	Tear bool
}

type clockView struct {
	casefile.Clock
	Named string // what it runs for
}

// clocksOf names what each clock runs for.
func clocksOf(s casefile.State) []clockView {
	var out []clockView
	for _, ck := range casefile.Clocks(s) {
		n := clockView{ck, ck.Target}
		if v, ok := s.Victim(tocsin.VictimID(ck.Target)); ok {
			n.Named = v.Name
		} else if d, ok := s.Delivery(tocsin.DeliveryKey(ck.Target)); ok {
			n.Named = string(d.Warning) + ", " + d.Addressee
		} else if i := slices.IndexFunc(s.Duties, func(d casefile.Duty) bool { return d.ID == ck.Target }); i >= 0 {
			n.Named = s.Duties[i].Title
		}
		out = append(out, n)
	}
	return out
}

type victimView struct {
	casefile.Victim
	Ended     bool
	Clock     *casefile.Clock
	Standings []standingView
	Claims    []claimView // what a waiver rests on
	Untold    string      // who must still be told, in the core's words
	Actions   []action
	Closed    []action
	Protected []string
}

type elementView struct {
	ID, Title string
	Own       bool // Title is the pack's, in its language
	Finding   tocsin.Finding
	Mark      int // number of the element, by which its words are marked in the reports
}

type reportView struct {
	casefile.Report
	Full    view.Report
	Heading string
	Parts   []passage
	Looks   []view.Look
	Consent *casefile.Consent
	Tear    *casefile.Tearline
	Writing []action // what may be done about the tearline
	Actions []action
	Closed  []action
}

type deliveryView struct {
	casefile.Delivery
	Message tocsin.MessageType
	Name    string
	Address string
	Due     time.Time
	Late    bool
	Steps   []stage
	Actions []action
	Closed  []action
}

// stage is one of the four facts of a delivery: sent, delivered, acknowledged,
// acted on. Each is shown by itself, because none follows from another.
type stage struct {
	Key  string
	At   time.Time
	Done bool
}

type dutyView struct {
	casefile.Duty
	Late    bool
	Actions []action
	Closed  []action
}

type parityView struct {
	casefile.Parity
	Name    string
	Actions []action
	Closed  []action
}

type disputeView struct {
	casefile.Dispute
	Actions []action
	Closed  []action
}

// knowing is what one person is recorded to have seen.
type knowing struct {
	By      tocsin.ActorID
	Reports []tocsin.ReportID
	First   time.Time
	Grade   bool
}

// caseOf returns a case that v may see.
func (c *Console) caseOf(v *visit, id tocsin.CaseID) (casefile.State, error) {
	s, err := c.cfg.Engine.CaseAs(v.by, id)
	if err != nil {
		return s, notFound(v, "error.no_case")
	}
	return s, nil
}

// opened returns a case that v may see, after it has been recorded that they read
// it if it is sealed.
func (c *Console) opened(v *visit) (casefile.State, error) {
	s, err := c.caseOf(v, tocsin.CaseID(v.r.PathValue("id")))
	if err != nil {
		return s, err
	}
	return s, c.cfg.Engine.ReadSealed(v.ctx(), v.by, s, view.ReadCase)
}

func (c *Console) casePage(v *visit) error { return c.showCase(v, nil) }

func (c *Console) showCase(v *visit, back *returned) error {
	s, err := c.opened(v)
	if err != nil {
		return err
	}
	p := casePage{Page: c.head(v, ""), S: s, Blind: view.Blind(s, v.by), Obstacles: casefile.Obstacles(s), Clocks: clocksOf(s)}
	if p.Blind {
		p.S = view.WithoutGrades(s)
	}
	p.Title, p.Watch, p.Live, p.Here = s.Title, s.Version, true, "/"
	if back == nil {
		c.begin(v, &p.Page)
	}
	for _, ck := range p.Clocks {
		if ck.Overdue(v.now) {
			p.Late++
		}
	}
	owed := casefile.Outstanding(s)
	if p.Blind {
		owed = view.StepsWithoutGrades(owed)
	}
	for _, st := range owed {
		if !st.Machine {
			p.Outstanding = append(p.Outstanding, st)
		}
	}
	record, err := c.events(v.ctx(), s)
	if err != nil {
		return err
	}
	lines := linesOf(s, v.by, record)
	p.Lines, p.Timeline = len(lines), c.drawnLines(v.say, lines)
	p.Sentence = sentence(v, p.S.Threat)
	when := p.S.Threat.Window
	p.AnyMoment = !s.Closed && s.Outcome == nil && !when.Earliest.IsZero() && !when.Earliest.After(v.now) && (when.Latest.IsZero() || when.Latest.After(v.now))
	shown, further := drawnReports(v, s, evidence(p.S), back)
	p.Further, p.Others = len(further), drawnFurther(v.say, further)
	c.looked(v, shown...)
	status := http.StatusOK
	if back != nil { // before the parts: the form takes the error from the page where it is still there
		status = cmp.Or(back.status, http.StatusConflict)
		p.Error = back.err
	}
	c.parts(v, s, &p, back, record, shown)
	p.Used = used(v.say, s)
	p.Plot = timeline(v.say, p.S, lines, v.now)
	p.Known = c.knowing(s)
	c.cfg.Engine.Read(func(x *view.Index) { p.Reads = x.Reads(s, v.by) })
	p.Paged = c.pagesAbout(v, func(q paging.Page) bool { return q.Case == s.ID })
	c.render(v, status, "case", p)
	return nil
}

// parts fills in everything on the page that has forms.
func (c *Console) parts(v *visit, s casefile.State, p *casePage, back *returned, record []happened, shown []tocsin.ReportID) {
	a := c.asking(v, s)
	a.shown, a.blind = p.S, p.Blind
	a.source = c.sourceOf(p.S, shown)
	events := eventsOf(record)
	for _, w := range slices.Backward(p.S.Warnings) {
		p.Warnings = append(p.Warnings, c.warningView(v, p.S, w, events))
	}
	p.ahead(a, s)
	post := "/cases/" + string(p.S.ID) + "/do/"
	on := func(about, target string) (open, closed []action) {
		open, closed = c.actions(a, about, target, post, back, p.Next)
		for i := range open {
			if open[i].Main {
				p.NextOpen = &open[i]
			}
		}
		return open, closed
	}
	p.Actions, p.Closed = on("", "")
	if i := slices.IndexFunc(p.Actions, func(x action) bool { return x.Kind == casefile.InvokeExigent{}.Kind() }); i >= 0 {
		p.Exigent = &p.Actions[i]
	}
	for _, n := range c.packViews(s) {
		if n.Other.Name != "" {
			n.Actions, n.Closed = on("pack", n.Ref.Name)
		}
		p.Packs = append(p.Packs, n)
	}
	p.Map = a.mapOf()
	still := untold(s)
	for _, x := range p.S.Victims {
		n := c.victimView(a, x)
		n.Untold = still[x.ID]
		n.Actions, n.Closed = on("victim", string(x.ID))
		p.Victims = append(p.Victims, n)
	}
	for _, r := range p.S.Reports {
		if !slices.Contains(shown, r.ID) {
			continue
		}
		n := c.reportView(a, p, r)
		n.Actions, n.Closed = on("report", string(r.ID))
		n.Writing, n.Actions = apart(n.Actions, casefile.WriteTearline{}.Kind(), casefile.ClearTearline{}.Kind())
		p.Reports = append(p.Reports, n)
	}
	for i := range p.Warnings {
		n := &p.Warnings[i]
		n.Actions, n.Closed = on("warning", string(n.ID))
		n.questions(a, back, events)
		n.verdicts(v.say)
		n.MayWrite = slices.Contains(a.may, casefile.Action{Kind: casefile.DraftWarning{}.Kind()})
		for i := range n.Deliveries {
			d := &n.Deliveries[i]
			d.Actions, d.Closed = on("delivery", string(d.Key))
		}
		n.Folded = n.Clearance != nil && (n.EndedBy != "" || n.Draft.Message != tocsin.Alert) && !wanted(*n)
	}
	p.owed(v, on)
	if p.Next != nil && p.NextOpen == nil && !v.say.has("await."+p.Next.Kind) {
		if sp, ok := specOf(p.Next.Kind); ok {
			p.NextWhy = a.why(sp, p.Next.Target)
		}
	}
	if back != nil && slices.ContainsFunc(p.everyAction(), func(x action) bool { return x.Error != nil }) {
		p.Error = nil // it stands at its form
	}
}

// ahead fills in what comes next: the viewer's own, and what is waited for.
func (p *casePage) ahead(a *asking, s casefile.State) {
	s.Now = latest(a.v.now, s.Now)
	next := casefile.Next(s, a.v.by)
	for _, st := range []*casefile.Step{next.Mine, next.Wait} {
		if st != nil && p.Blind {
			*st = view.StepsWithoutGrades([]casefile.Step{*st})[0]
		}
	}
	p.Next, p.Beside = next.Mine, next.Wait
	if next.Mine == nil {
		p.Next, p.Beside, p.Waits = next.Wait, nil, next.Wait != nil
	}
	p.mend(a)
	also := next.Also
	if p.Blind {
		also = view.StepsWithoutGrades(also)
	}
	for _, st := range also {
		p.Also = append(p.Also, a.c.drawnMore(a.v, s.ID, view.Owed{Step: st, Waits: p.S.Terms.Powers[st.Power]}))
	}
	if p.Next != nil {
		p.NextWaits = p.S.Terms.Powers[p.Next.Power]
	}
	if p.Beside != nil {
		p.BesideWaits = p.S.Terms.Powers[p.Beside.Power]
	}
}

// mend turns from words that the guard would stop: instead of approving or releasing
// them, whoever would approve sends them back, and whoever may write begins a new version.
// What the guard holds against them that no words can mend, such as that nobody has
// approved, is left to its own step.
func (p *casePage) mend(a *asking) {
	if p.Next == nil {
		return
	}
	approves := p.Next.Kind == (casefile.ApproveWarning{}).Kind()
	i := slices.IndexFunc(p.Warnings, func(n warningView) bool {
		return string(n.ID) == p.Next.Target && n.Clearance == nil
	})
	if i >= 0 && p.Warnings[i].Returned == "" && (approves || p.Next.Kind == (casefile.ReleaseWarning{}).Kind()) {
		p.Stopped = p.Warnings[i].stoppedWords()
	}
	if p.Stopped != nil {
		write, sendBack := casefile.Action{Kind: casefile.DraftWarning{}.Kind()}, casefile.Action{Kind: casefile.ReturnWarning{}.Kind(), Target: p.Next.Target}
		next := casefile.Step{Kind: write.Kind, Target: p.Next.Target, Power: tocsin.MayDraft, Due: p.Next.Due}
		if slices.Contains(a.may, sendBack) && (approves && !p.Waits || !slices.Contains(a.may, write)) {
			next.Kind, next.Power = sendBack.Kind, p.Next.Power
		}
		p.Waits = next.Kind == write.Kind && !slices.Contains(a.may, write)
		p.Next = &next
	}
	if w, ok := p.S.Warning(tocsin.WarningID(p.Next.Target)); ok && !p.Waits && p.Next.Kind == (casefile.DraftWarning{}).Kind() {
		if p.Rewrites = a.v.say.t("warning.anew"); w.Clearance != nil {
			p.Rewrites = a.v.say.t("follow.update")
		}
	}
}

// owed fills in what the case owes beside its warnings: duties, parities and
// disputes.
func (p *casePage) owed(v *visit, on func(about, target string) (open, closed []action)) {
	for _, d := range p.S.Duties {
		n := dutyView{Duty: d, Late: d.Done.IsZero() && !d.Soft.After(v.now)}
		n.Actions, n.Closed = on("duty", d.ID)
		p.Duties = append(p.Duties, n)
	}
	for _, d := range p.S.Parities {
		victim, _ := p.S.Victim(d.Victim)
		n := parityView{Parity: d, Name: victim.Name}
		n.Actions, n.Closed = on("parity", d.ID)
		p.Parities = append(p.Parities, n)
	}
	for _, d := range p.S.Disputes {
		n := disputeView{Dispute: d}
		n.Actions, n.Closed = on("dispute", d.ID)
		p.Disputes = append(p.Disputes, n)
	}
}

// wanted reports whether something about a warning is to be done now.
func wanted(n warningView) bool {
	open := func(x action) bool { return x.Open || x.Main }
	return slices.ContainsFunc(n.Actions, open) || n.Asking != nil || slices.ContainsFunc(n.Deliveries, func(d deliveryView) bool { return slices.ContainsFunc(d.Actions, open) })
}

// everyAction lists all open forms of a page.
func (p *casePage) everyAction() []action {
	all := slices.Clone(p.Actions)
	for _, x := range p.Victims {
		all = append(all, x.Actions...)
	}
	for _, x := range p.Packs {
		all = append(all, x.Actions...)
	}
	for _, x := range p.Reports {
		all = append(append(all, x.Actions...), x.Writing...)
	}
	for _, x := range p.Warnings {
		all = append(all, x.Actions...)
		if x.Asking != nil {
			all = append(all, x.Asking.action)
		}
		for _, d := range x.Deliveries {
			all = append(all, d.Actions...)
		}
	}
	for _, x := range p.Duties {
		all = append(all, x.Actions...)
	}
	for _, x := range p.Parities {
		all = append(all, x.Actions...)
	}
	for _, x := range p.Disputes {
		all = append(all, x.Actions...)
	}
	return all
}

// sentence is the threat in the order in which one says it.
func sentence(v *visit, t tocsin.Threat) []sentencePart {
	harm := ""
	if t.Harm != "" {
		harm = v.say.label("harm", string(t.Harm))
	}
	out := []sentencePart{{Key: "threat.harm", Text: harm}, {"threat.target", t.Target.Text, true}, {"threat.place", t.Place.Text, true},
		{"threat.actor", t.Actor.Text, true}, {"threat.means", t.Means.Text, true}}
	return out
}

func (c *Console) victimView(a *asking, x casefile.Victim) victimView {
	n := victimView{Victim: x, Ended: x.Disposition.Ended()}
	for _, ck := range casefile.Clocks(a.s) {
		if ck.Target == string(x.ID) && (n.Clock == nil || ck.Due.Before(n.Clock.Due)) {
			n.Clock = &ck
		}
	}
	n.Standings, n.Claims = a.standings(x), claims(a.s, x.Waiver)
	for _, id := range x.Protectors {
		name := string(id)
		for _, r := range a.book {
			if r.ID == id {
				name = r.Name
			}
		}
		n.Protected = append(n.Protected, name)
	}
	return n
}

func (c *Console) reportView(a *asking, p *casePage, r casefile.Report) reportView {
	n := reportView{Report: r, Heading: cmp.Or(r.Subject, string(r.ID))}
	if full, err := c.cfg.Engine.Report(r.ID); err == nil {
		n.Full, n.Heading = full, heading(full.Report)
		n.Parts = named(passages(full.Text, r.ID, p.S), a)
	}
	c.cfg.Engine.Read(func(x *view.Index) { n.Looks = slices.Clone(x.Looks[r.ID]) })
	for _, x := range p.S.Consents {
		if x.Report == r.ID {
			n.Consent = &x
		}
	}
	for _, x := range p.S.Tearlines {
		if x.Report == r.ID {
			n.Tear = &x
		}
	}
	return n
}

func deliveryOf(s casefile.State, w casefile.Warning, d casefile.Delivery, now time.Time) deliveryView {
	r, _ := w.Draft.Recipient(d.Recipient)
	n := deliveryView{Delivery: d, Message: w.Draft.Message, Name: cmp.Or(r.Name, string(d.Recipient))}
	if d.Rung >= 0 && d.Rung < len(r.Ladder) {
		n.Address = r.Ladder[d.Rung].Address
	}
	for _, ck := range casefile.Clocks(s) {
		if ck.Target == string(d.Key) {
			n.Due, n.Late = ck.Due, ck.Overdue(now)
		}
	}
	acked := d.Answer.Acknowledges() || d.State == casefile.AckedState || d.State == casefile.Acting
	n.Steps = []stage{{"stage.sent", d.Handed, !d.Handed.IsZero()}, {"stage.delivered", d.Delivered, !d.Delivered.IsZero()},
		{"stage.acknowledged", d.Answered, acked}, {"stage.acting", d.Answered, d.State == casefile.Acting}}
	return n
}

// happened is one event of a case with its envelope.
type happened struct {
	ledger.Record
	event casefile.Event
}

func eventsOf(all []happened) []casefile.Event {
	out := make([]casefile.Event, len(all))
	for i, h := range all {
		out[i] = h.event
	}
	return out
}

// linesOf are the events of a case, oldest first, each in one plain line.
func linesOf(s casefile.State, by tocsin.Actor, record []happened) []line {
	hide := view.Blind(s, by)
	out := make([]line, 0, len(record))
	for _, r := range record {
		l := line{Seq: r.Seq, At: r.EventTime, By: r.Actor, Kind: r.Kind}
		l.Loud = r.Kind == casefile.ClockMissed{}.Kind() || r.Kind == casefile.ReleaseRefused{}.Kind()
		if l.Hidden = hide && view.Graded(r.Kind); !l.Hidden {
			l.Said = view.Told(s, r.event)
		}
		out = append(out, l)
	}
	return out
}

// lines are the lines of a case.
func (c *Console) lines(v *visit, s casefile.State) ([]line, error) {
	record, err := c.events(v.ctx(), s)
	if err != nil {
		return nil, err
	}
	return linesOf(s, v.by, record), nil
}

// wholeReports is how many reports of a case are drawn with their words, beside
// those that a finding, the threat, or the viewer asks for.
const wholeReports = 10

// drawnReports chooses the reports whose words a page shows: those that evidence
// points into, those that an address or a form names, and the newest. The others
// get a line, so that a case with hundreds stays readable. spans are the evidence
// that the viewer may see.
func drawnReports(v *visit, s casefile.State, spans []tocsin.Span, back *returned) (shown []tocsin.ReportID, further []reportLine) {
	named := map[tocsin.ReportID]bool{tocsin.ReportID(v.r.URL.Query().Get("target")): true}
	if back != nil {
		named[tocsin.ReportID(back.target)] = true
	}
	if st, ok := casefile.MostUrgent(s); ok {
		named[tocsin.ReportID(st.Target)] = true
	}
	for _, span := range spans {
		named[span.Report] = true
	}
	tear := map[tocsin.ReportID]bool{}
	for _, t := range s.Tearlines {
		tear[t.Report] = true
	}
	whole := v.r.URL.Query().Get("reports") == "all"
	for i, r := range s.Reports {
		if whole || named[r.ID] || i >= len(s.Reports)-wholeReports {
			shown = append(shown, r.ID)
		} else {
			further = append(further, reportLine{r, tear[r.ID]})
		}
	}
	return shown, further
}

// evidence lists every span that the threat and the findings of a case rest on.
func evidence(s casefile.State) []tocsin.Span {
	t := s.Threat
	all := slices.Concat(t.Actor.Evidence, t.Target.Evidence, t.Place.Evidence, t.Means.Evidence)
	for _, v := range s.Victims {
		for _, f := range v.Findings {
			all = append(all, f.Evidence...)
		}
	}
	return all
}

// apart takes the actions of some kinds out of a list.
func apart(all []action, kinds ...string) (taken, left []action) {
	for _, x := range all {
		if slices.Contains(kinds, x.Kind) {
			taken = append(taken, x)
		} else {
			left = append(left, x)
		}
	}
	return taken, left
}

// knowing says who is recorded to have seen what.
func (c *Console) knowing(s casefile.State) []knowing {
	by := map[tocsin.ActorID]*knowing{}
	at := func(id tocsin.ActorID) *knowing {
		if by[id] == nil {
			by[id] = &knowing{By: id}
		}
		return by[id]
	}
	c.cfg.Engine.Read(func(x *view.Index) {
		for _, r := range s.Reports {
			for _, l := range x.Looks[r.ID] {
				k := at(l.By)
				k.Reports = append(k.Reports, r.ID)
				if k.First.IsZero() || l.At.Before(k.First) {
					k.First = l.At
				}
			}
		}
	})
	for _, id := range s.SeenGrade {
		at(id).Grade = true
	}
	for _, v := range s.Victims {
		for _, id := range v.Graders {
			at(id).Grade = true
		}
	}
	var out []knowing
	for _, k := range by {
		out = append(out, *k)
	}
	slices.SortFunc(out, func(a, b knowing) int { return cmp.Compare(a.By, b.By) })
	return out
}

// openCase opens a case with a report.
func (c *Console) openCase(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	id := tocsin.ReportID(v.r.PostForm.Get("report"))
	title := v.r.PostForm.Get("title")
	o := engine.Options{}
	if key := v.r.PostForm.Get("key"); key != "" && len(key) <= 100 {
		o.Idempotency = "console/open/" + key + "/" + string(tocsin.DigestOf([]byte(string(id)+"\x00"+title)))
	}
	res, err := c.cfg.Engine.Open(v.ctx(), v.by, title, v.r.PostForm.Get("pack"), []tocsin.ReportID{id}, o)
	if err != nil {
		return c.showReport(v, id, &returned{kind: "open_case", typed: v.r.PostForm, err: errorOf(v, err), status: statusOf(tocsin.KindOf(err))})
	}
	c.flash(v, "open_case", res)
	http.Redirect(v.w, v.r, "/cases/"+string(res.State.ID), http.StatusSeeOther)
	return nil
}
