package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/compose"
	"tocsin/policy"
)

// sheet is a pack as it is shown to somebody who has never seen one. The text and
// the page are both made from it, so that they say the same.
type sheet struct {
	Title    string
	Ref      tocsin.PackRef
	Sections []section
}

type section struct {
	ID, Title string
	Passages  []passage
}

// passage is one thing a sheet says; the parts that it has are shown in this order.
type passage struct {
	Heading  string
	Says     string
	Lead     string // before the list
	List     []string
	Numbered bool
	Table    *grid
	Words    *tocsin.Text // the words of a warning, shown as they are
	Rests    *rests
}

// grid is a table. The first cell of a row is its heading.
type grid struct {
	Caption string
	Head    []string
	Rows    [][]string
	Rests   []*rests // one for each row, in a last column; nil: there is none
}

// rests is on what something in a pack rests.
type rests struct{ Clause, Basis string }

// Open reports whether somebody entitled to must still confirm it.
func (r *rests) Open() bool { return r.Basis != policy.Sourced }

// InPart reports whether a text was seen and yet something about it, such as the
// number of a section, is to be confirmed.
func (r *rests) InPart() bool { return !r.Open() && strings.Contains(r.Clause, policy.ToBeConfirmed) }

func on(clause, basis string) *rests { return &rests{clause, basis} }

// newSheet tells a pack in the order in which a reader asks: what it is, whom it
// protects, when a warning is owed, who may decide otherwise, how fast, in which
// words, and what nobody has confirmed yet.
func newSheet(pack *policy.Pack, texts *compose.Texts) (sheet, error) {
	s := sheet{Title: pack.Terms().Title, Ref: pack.Ref()}
	words, err := wordsOf(texts)
	if err != nil {
		return sheet{}, err
	}
	body := []section{
		protects(pack), shortTest(pack), tests(pack), rulesOf(pack), grades(pack), groundsOf(pack), told(pack), powersOf(pack), clocksOf(pack),
		exigentOf(pack), coordinationOf(pack), channelsOf(pack), contentOf(pack), recordsOf(pack), reviewsOf(pack),
	}
	body = slices.DeleteFunc(body, func(x section) bool { return len(x.Passages) == 0 })
	s.Sections = append(s.Sections, about(pack, body))
	s.Sections = append(s.Sections, body...)
	s.Sections = append(s.Sections, enforced(), openPoints(s.Sections), words)
	return s, nil
}

// foundations are all the rests of a section, with what they are the basis of.
func (x section) foundations(visit func(of string, r *rests)) {
	under := x.Title
	for _, p := range x.Passages {
		under = cmp.Or(p.Heading, under)
		if p.Rests != nil {
			visit(under, p.Rests)
		}
		if p.Table == nil {
			continue
		}
		for i, r := range p.Table.Rests {
			visit(p.Table.Rows[i][0], r)
		}
	}
}

func about(pack *policy.Pack, rest []section) section {
	law := pack.LawInForce()
	sourced, part, open := 0, 0, 0
	count := func(_ string, r *rests) {
		switch {
		case r.Open():
			open++
		case r.InPart():
			part++
		default:
			sourced++
		}
	}
	says := section{ID: "about", Title: "What this policy is"}
	says.Passages = []passage{
		{Says: "This policy says when people who are about to be harmed must be warned, who may decide otherwise, how fast it must go, and what must be written down. " +
			"The program decides nothing of this by itself; it holds people to what stands here. The organisation's own country has the code " + pack.Terms().Home + "."},
		{Says: inForceWords(law), Rests: on(law.Clause, law.Basis)},
	}
	says.foundations(count)
	for _, x := range rest {
		x.foundations(count)
	}
	says.Passages = append(says.Passages,
		passage{Lead: "Each part says on what it rests:", List: []string{
			"SOURCED: a public text or an official document was seen that says so.",
			"SOURCED IN PART: such a text was seen, and something in the reference, such as the number of a section, is to be confirmed.",
			"TO BE CONFIRMED: it is believed to be so, or it is the choice of whoever wrote this policy. Somebody entitled to should confirm or change it before anybody relies on it.",
		}},
		passage{Says: fmt.Sprintf("Of %s, %d are SOURCED, %d are SOURCED IN PART and %d are TO BE CONFIRMED. “What somebody must still confirm” lists the last two.",
			counted(sourced+part+open, "statement"), sourced, part, open)})
	return says
}

func inForceWords(law policy.InForce) string {
	day := func(d policy.Date) string {
		t, err := time.Parse(time.DateOnly, d.String())
		if err != nil {
			return d.String()
		}
		return t.Format("2 January 2006")
	}
	from, until := "It is not known here since when the law that this policy speaks for is in force", "no end is set"
	if !law.From.IsZero() {
		from = "The law that this policy speaks for is in force since " + day(law.From)
	}
	if !law.Until.IsZero() {
		until = "its last day is " + day(law.Until)
	}
	return from + "; " + until + "."
}

func protects(pack *policy.Pack) section {
	covered := pack.Terms().Harms
	var other []tocsin.Harm
	for _, h := range tocsin.Harms() {
		if !slices.Contains(covered, h) {
			other = append(other, h)
		}
	}
	p := []passage{
		{Says: "The duty runs to each intended victim by itself: a person, a group, a class of people, an institution, a business, a structure or a place. What is decided about one of them decides nothing about another."},
		{Lead: "It covers these harms:", List: inWords(harmWords, covered)},
	}
	if len(other) > 0 {
		p = append(p, passage{Says: sentence("It does not cover " + listed(inWords(harmWords, other), "or") + ", unless one of the harms above comes of it")})
	}
	return section{"protects", "Whom it protects, and from what", append(p, passage{
		Lead: "The harm that is recorded for the threat is held against the test that asks for the harm:",
		List: []string{
			"A harm that is not covered: the test counts as not met, and the case goes on to look for another policy.",
			"No harm recorded: a finding that the test is met counts as in doubt, until somebody records which harm it is.",
			"A covered harm, and yet a finding that the test is not met: the two contradict each other, and it counts as in doubt until somebody corrects one of them.",
		}})}
}

func shortTest(pack *policy.Pack) section {
	var titles, order, silent []string
	for _, e := range pack.Elements() {
		titles = append(titles, "“"+e.Title+"”")
	}
	for i, r := range pack.Rules() {
		order = append(order, fmt.Sprintf("If %s: %s", conditionWords(r.When, pack.Elements()), outcomeWords(r)))
		if r.Result == tocsin.ResultNotOwed {
			silent = append(silent, fmt.Sprint(i+1))
		}
	}
	d := pack.DoubtRule()
	return section{"test", "The test in short", []passage{
		{Says: fmt.Sprintf("For each intended victim an officer answers %s: %s.", counted(len(titles), "test"), listed(titles, "and"))},
		{Table: &grid{Caption: "The four answers to a test", Head: []string{"Answer", "What it means"}, Rows: [][]string{
			{"Met", "It is so."}, {"In doubt", "Somebody looked and cannot tell."}, {"Not met", "Somebody looked and it is not so."},
			{"Not answered yet", "Nobody has said. This is not an answer of no, and no reason for silence."}}}},
		{Lead: "These are read from the top, and the first that fits decides:", List: order, Numbered: true},
		{Says: silenceWords(silent)},
		{Heading: "The doubt rule", Says: strings.Join(strings.Fields(d.Because), " ") + " It also decides where the rules cannot be applied at all, for example to an answer nobody can read.", Rests: on(d.Clause, d.Basis)},
		{Says: fmt.Sprintf("All %d combinations of answers have been gone through: each fits a rule, and no rule is without effect.", pack.Combinations())},
	}}
}

// outcomeWords says what a rule leads to.
func outcomeWords(r policy.Rule) string {
	return resultWords[r.Result] + " " + cmp.Or(routeWords[r.Route], sentence("Form: "+plain(r.Route)))
}

// silenceWords says which rules lead to no warning, and what that takes.
func silenceWords(rules []string) string {
	if len(rules) == 0 {
		return "No rule leads to no warning."
	}
	which := "Only number " + rules[0] + " leads"
	if len(rules) > 1 {
		which = "Only numbers " + listed(rules, "and") + " lead"
	}
	return which + " to no warning. Even then, ending the case takes a written reason and a second signer who has not seen the first answers."
}

func tests(pack *policy.Pack) section {
	s := section{ID: "tests", Title: "The tests, one by one"}
	for _, e := range pack.Elements() {
		s.Passages = append(s.Passages,
			passage{Heading: e.Title, Says: e.Meaning, Rests: on(e.Clause, e.Basis)},
			passage{Lead: "Ask:", List: e.Questions},
			passage{Lead: "Beware of these mistakes:", List: e.Traps})
	}
	return s
}

func rulesOf(pack *policy.Pack) section {
	s := section{ID: "rules", Title: "The rules, in their order"}
	s.Passages = []passage{{Says: "They are read from the top, and the first that fits decides. A later rule counts only where none before it fits."}}
	for i, r := range pack.Rules() {
		s.Passages = append(s.Passages, passage{
			Heading: fmt.Sprintf("Rule %d: %s", i+1, plain(r.ID)),
			Says:    fmt.Sprintf("If %s: %s", conditionWords(r.When, pack.Elements()), outcomeWords(r)),
		}, passage{Says: "Why: " + sentence(r.Because), Rests: on(r.Clause, r.Basis)})
	}
	return s
}

func grades(pack *policy.Pack) section {
	g, ok := pack.Grades()
	if !ok {
		return section{}
	}
	t := grid{Caption: g.Title, Head: []string{"Grade", "Meaning", "What is expected"}}
	for _, x := range g.Scale {
		t.Rows = append(t.Rows, []string{x.Title, x.Meaning, x.Does})
	}
	return section{"grades", "The grade, which guides and never decides", []passage{{Says: g.Guides, Table: &t, Rests: on(g.Clause, g.Basis)}}}
}

func groundsOf(pack *policy.Pack) section {
	s := section{ID: "grounds", Title: "Grounds for not warning one victim"}
	t := pack.Terms()
	if none, ok := pack.NoGrounds(); ok {
		s.Passages = []passage{{Says: "There are none. " + sentence(none.Because), Rests: on(none.Clause, none.Basis)}}
		return s
	}
	s.Passages = []passage{{Says: fmt.Sprintf("A ground allows silence towards one victim; it never commands it and never covers a second victim. Who may propose it: %s. Who may approve it: %s, and never the person who proposed it. Every question must be answered, and what is decided ends by itself.",
		roleWords(t.Powers[tocsin.MayProposeWaiver]), roleWords(t.Powers[tocsin.MayApproveWaiver]))}}
	for _, g := range t.Grounds {
		var ask []string
		for _, q := range g.Evidence {
			line := q.Question
			if bad, ok := g.Excludes[q.ID]; ok {
				line += fmt.Sprintf(" (The answer “%s” defeats the ground.)", bad)
			}
			ask = append(ask, line)
		}
		s.Passages = append(s.Passages,
			passage{Heading: fmt.Sprintf("Ground (%s): %s", plain(g.ID), g.Title), Rests: on(g.Clause, g.Basis)},
			passage{Lead: "What must be answered:", List: ask, Numbered: true},
			passage{Says: groundLimits(g)})
	}
	return s
}

// groundLimits says how a waiver on the ground is bounded.
func groundLimits(g tocsin.Ground) string {
	says := "What was tried in place of silence need not be stated."
	if g.Alternatives {
		says = "What was tried in place of silence must be stated."
	}
	says += fmt.Sprintf(" A waiver on this ground lasts at most %s, and then a warning is owed again.", long(g.Validity))
	if len(g.Retest) > 0 {
		says += " " + sentence("It ends before that when "+listed(inWords(retestWords, g.Retest), "or"))
	}
	if g.ProtectsSource {
		says += " Nobody who handles a source of the case may approve it."
	}
	return says
}

func told(pack *policy.Pack) section {
	s := section{ID: "told", Title: "Who must be told"}
	for _, x := range pack.MustTell() {
		where := "Wherever a warning is due"
		if len(x.Routes) > 0 {
			where = "Only where the form of warning is " + listed(x.Routes, "or")
		}
		s.Passages = append(s.Passages, passage{Says: fmt.Sprintf("%s: %s. %s", where, listed(inWords(partyWords, x.AnyOf), "or"), sentence(x.Because)), Rests: on(x.Clause, x.Basis)})
	}
	if len(s.Passages) > 1 {
		s.Passages = append([]passage{{Says: "Each of the following must be told; one does not stand in for another."}}, s.Passages...)
	}
	return s
}

func roleWords(roles []tocsin.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = plain(string(r))
	}
	slices.Sort(names)
	return listed(names, "or")
}

func powersOf(pack *policy.Pack) section {
	t := grid{Caption: "Who may do what", Head: []string{"Act", "Roles"}}
	for _, p := range tocsin.Powers() {
		t.Rows = append(t.Rows, []string{inWords(powerWords, []tocsin.Power{p})[0], roleWords(pack.Terms().Powers[p])})
	}
	return section{"powers", "Who may do what, and who may not", []passage{{Table: &t}, {
		Lead: "The program keeps these apart under every policy, whatever stands above:",
		List: []string{
			"Nobody approves a waiver that they proposed, and nobody who handles a source approves a waiver that protects it.",
			"Nobody signs a refusal who has seen the first answers.",
			"Nobody approves words that they wrote, on the exigent path either.",
			"Nobody settles a dispute that they raised.",
			"No machine releases, refuses or waives.",
			"Inspectors and administrators hold none of these powers.",
		}}}}
}

func clocksOf(pack *policy.Pack) section {
	terms := pack.Terms()
	t := grid{Caption: "The clocks", Head: []string{"Clock", "Time allowed", "It stops when", "If it is missed"}}
	for _, name := range tocsin.ClockNames() {
		c, story := terms.Clocks[name], clockStories[name]
		t.Rows = append(t.Rows, []string{cmp.Or(story.title, plain(string(name))), timeAllowed(name, c, terms.Imminent), sentence(story.until), sentence(story.missed)})
		t.Rests = append(t.Rests, on(c.Clause, c.Basis))
	}
	return section{"clocks", "How long it may take", []passage{
		{Says: "Nothing stops a clock but the thing that it waits for: no dispute, no open question, no absent officer. A missed clock is raised to the owner, then to a duty officer, then to a senior officer."},
		{Table: &t},
		{Says: fmt.Sprintf("One way of reaching somebody is tried %s; the pause before the second try is %s and doubles each time. A warning whose time would end without a decision is extended by %s.",
			times(terms.MaxAttempts), long(terms.Backoff), long(terms.Extension))},
	}}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("up to %d times", n)
}

func exigentOf(pack *policy.Pack) section {
	terms := pack.Terms()
	t := grid{Caption: "Duties that an exigent warning creates", Head: []string{"Duty", "Due", "When it arises"}}
	for _, d := range terms.Duties {
		due := long(d.Soft) + " after the warning"
		if d.Hard > 0 {
			due += ", and in no event later than " + long(d.Hard)
		}
		when := "Always"
		if d.When == "controlled" {
			when = "Where information under its originator's control was used without consent"
		}
		t.Rows = append(t.Rows, []string{d.Title, sentence(due), when + "."})
		t.Rests = append(t.Rests, on(d.Clause, d.Basis))
	}
	return section{"exigent", "When there is too little time", []passage{
		{Says: fmt.Sprintf("With less than %s left, the exigent path may be opened (by %s): the warning goes first, and coordination comes afterwards. The guard, the second pair of eyes on the words, and the record stay.",
			long(terms.Exigent), roleWords(terms.Powers[tocsin.MayInvokeExigent]))},
		{Table: &t}}}
}

func coordinationOf(pack *policy.Pack) section {
	t := grid{Caption: "Whom to bring in", Head: []string{"When", "Whom", "What to do"}}
	for _, c := range pack.Terms().Coordination {
		t.Rows = append(t.Rows, []string{inWords(whereWords, []string{c.When})[0], c.With, sentence(c.Duty)})
		t.Rests = append(t.Rests, on(c.Clause, c.Basis))
	}
	return section{"coordination", "Whom to bring in", []passage{{Says: "None of this stops a clock.", Table: &t}}}
}

func channelsOf(pack *policy.Pack) section {
	s := section{ID: "channels", Title: "By which channels"}
	for _, c := range pack.ChannelRules() {
		var parts []string
		for _, x := range []struct {
			says string
			list []policy.Channel
			and  string
		}{{"one of the ways must be ", c.Require, "or"}, {"nothing else may be used than ", c.Allow, "or"}, {"never to be used: ", c.Forbid, "or"}} {
			if len(x.list) > 0 {
				parts = append(parts, x.says+listed(inWords(channelWords, x.list), x.and))
			}
		}
		s.Passages = append(s.Passages, passage{
			Says:  sentence(listed(inWords(kindWords, c.Kinds), "or")+": "+strings.Join(parts, "; ")) + " " + sentence(c.Because),
			Rests: on(c.Clause, c.Basis)})
	}
	return s
}

func contentOf(pack *policy.Pack) section {
	t := grid{Caption: "What a warning says, in this order", Head: []string{"Item", "Must it be said?"}}
	for _, c := range pack.Terms().Content {
		must := "If it is known and may be said."
		if c.Required {
			must = "Yes; to leave it out needs a stated reason, which is recorded."
		}
		t.Rows = append(t.Rows, []string{c.Title, must})
	}
	return section{"content", "What a warning says", []passage{{Table: &t}}}
}

// wordsOf composes the first message of every kind with a mark for each fact, so
// that a reader sees the words as they would go out.
func wordsOf(texts *compose.Texts) (section, error) {
	s := section{ID: "words", Title: "The words"}
	s.Passages = []passage{{Says: "These are the first messages of each kind, written by the program itself. What stands in square brackets is filled in by an officer; the date is an example. The languages are " + listed(texts.Languages(), "and") + "; the page (--html) has all of them."}}
	for _, k := range tocsin.WarningKinds() {
		r := compose.Request{Warning: "w1", Version: 1, Case: "case", Kind: k, Message: tocsin.Alert, Reference: "[…]", Marking: "[…]",
			Window: tocsin.Window{Latest: time.Date(2030, 1, 2, 18, 0, 0, 0, time.UTC)}}
		for _, c := range texts.Says(k, tocsin.Alert) {
			f := tocsin.Fact{Item: c.ID, Values: map[string]string{}, Releasable: true}
			for _, l := range texts.Languages() {
				f.Values[l] = "[…]"
			}
			r.Facts = append(r.Facts, f)
		}
		r.Victims = []tocsin.Victim{{ID: "v1", Kind: tocsin.Person, Name: "N", Identity: tocsin.Named}}
		r.Recipients = []tocsin.Recipient{{ID: "r1", Kind: k, Name: "R", Languages: texts.Languages(), Ladder: []tocsin.Rung{{Channel: "in_person", Address: "a", Addressee: "a", Level: 1}}}}
		r.Languages, r.Authors = texts.Languages(), []tocsin.ActorID{"reader"}
		d, err := texts.Compose(r)
		if err != nil {
			return section{}, fmt.Errorf("the words of a %s warning: %w", k, err)
		}
		for i, text := range d.Texts {
			p := passage{Words: &text}
			if i == 0 {
				p.Heading = strings.ToUpper(kindWords[k][:1]) + kindWords[k][1:]
			}
			s.Passages = append(s.Passages, p)
		}
	}
	return s, nil
}

func recordsOf(pack *policy.Pack) section {
	t := grid{Caption: "What the record must hold", Head: []string{"Item"}}
	for _, x := range pack.RecordItems() {
		t.Rows = append(t.Rows, []string{x.Title})
		t.Rests = append(t.Rests, on(x.Clause, x.Basis))
	}
	return section{"records", "What the record must hold before a case closes", []passage{{Table: &t}}}
}

func reviewsOf(pack *policy.Pack) section {
	plan := pack.ReviewPlan()
	return section{"reviews", "Reviews, and what opens a case again", []passage{
		{Says: "How far apart reviews are stands under the clocks."},
		{Lead: "A review comes sooner on any of these:", List: plan.Triggers, Rests: on(plan.Clause, plan.Basis)},
		{Lead: "Every review answers:", List: plan.Asks},
		{Lead: "What reopens a decision, under every policy:", List: []string{
			"A waiver that runs out, or whose ground falls away, makes the warning owed again.",
			"A report that joins a closed case opens the case again.",
			"A changed finding makes the determination stale: it must be made again.",
		}}}}
}

// enforced says what the program holds a case to and what it only shows.
func enforced() section {
	return section{"enforced", "What the program holds people to", []passage{
		{Says: "A case is run under the tests, harms, rules, grounds, powers, clocks, exigent duties, content items, channels and those who must be told, as above; the program does not let anybody pass them by. No case is opened under a law that has ended."},
		{Says: "A case can be closed without pointing to each record item; what was not pointed to stands in the exception report."},
		{Says: "It shows the rest for people to read, and does not hold a case to it: grades, coordination and the review plan. docs/pack-format.md says so in detail."},
	}}
}

// openPoints lists what is to be confirmed, each clause once.
func openPoints(all []section) section {
	var order []string
	parts := map[string][]string{}
	for _, x := range all {
		x.foundations(func(of string, r *rests) {
			if !r.Open() && !r.InPart() {
				return
			}
			if r.InPart() {
				of += " (in part)"
			}
			if _, seen := parts[r.Clause]; !seen {
				order = append(order, r.Clause)
			}
			parts[r.Clause] = append(parts[r.Clause], of)
		})
	}
	s := section{ID: "open", Title: "What somebody must still confirm"}
	if len(order) == 0 {
		s.Passages = []passage{{Says: "Nothing: every statement above is sourced."}}
		return s
	}
	t := grid{Caption: "Statements to be confirmed, by what they are said to rest on", Head: []string{"Said to rest on", "What stands on it"}}
	for _, clause := range order {
		t.Rows = append(t.Rows, []string{clause, strings.Join(parts[clause], "; ")})
	}
	s.Passages = []passage{{Says: "Strike out what has been confirmed, with the source and a signature.", Table: &t}}
	return s
}
