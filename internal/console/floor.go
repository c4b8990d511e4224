package console

import (
	"cmp"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/aside"
	"tocsin/casefile"
	"tocsin/paging"
	"tocsin/view"
)

// stripView is one strip of the floor as it is drawn. Everything is words already,
// and stands at the top of the struct: a page has a hundred of them, and asking a
// template to call and to look into embedded structs is most of the time it takes.
type stripView struct {
	Case    tocsin.CaseID
	Title   string
	Named   string // the victims
	Due     bool   // there is a clock
	Left    template.HTML
	Late    bool
	Soon    bool // less than a quarter of the clock is left
	Clock   string
	Raised  string
	Disps   []dispView
	Exigent bool
	Why     template.HTML
	Its     template.HTML // time left for the step that is shown, where another clock runs out before
	Waits   string
	More    []moreView // what else presses
	Owner   string
	Machine bool
	Mine    bool // the viewer may do the step
	Key     string
	Href    string // to the step
	Act     string // label of the step
}

// moreView is a further step on a strip.
type moreView struct {
	Label string
	Left  template.HTML // of its clock, if it has one
	Href  string        // to the step, where the viewer may do it
}

type dispView struct {
	Disposition casefile.Disposition
	Label       string
}

type floorPage struct {
	Page
	Strips  []stripView
	Unread  unreadBox
	Confirm []confirmView // proposals to set a report aside
	Waits   int           // how many there are
	More    int           // of them, not drawn
	Late    int
	Total   int // before filters
	Look    floorLook
	Owners  []tocsin.ActorID
	Packs   []string
	Steps   []string
	Roles   []tocsin.Role
	Within  []string
	Quiet   bool        // nothing at all is owed
	Begin   []beginning // what there is to be done on a floor where nothing is owed
	NoMatch bool
	Below   int // strips that are not drawn, all with more time left than those that are
	Hidden  hidden
	Key     string
	Saves   bool // the viewer may save views
	Share   bool // and for everybody
	Error   *formError
	Calls   []pageView // who is being called now, for the wall: why and for how long, and nothing of a case
}

// hidden is what is owed and not on the floor as somebody has narrowed it. It is
// always said, with a link: a view must never make a duty invisible.
type hidden struct {
	Count int
	Late  int
	Due   time.Time // of the soonest; zero if none of them has a clock
	Href  string
}

// unreadBox is what came in and is in no case. Nobody can make it go away by
// looking: it shows who has looked, and counts up (T-10).
type unreadBox struct {
	Items []unread
	More  int
	Late  int // of all, those past the time by which somebody must have taken them up
	Total int
}

type unread struct {
	view.Report
	Opening string
	Looks   []view.Look
	Flags   []view.Flag // who has said that there may be a duty to warn in it
	Since   time.Time   // it waits: since it came in, or came back
	Late    bool
	Aside   *aside.Standing
	Paged   paging.ID // the page about it that goes on, if somebody was paged
}

// takeUpWithin is how long a report may be in no case before the box says that it
// is late. Packs have no clock for it, because no case exists yet.
const takeUpWithin = 15 * time.Minute

// drawn is how many strips a page draws unless all are asked for. What is below is
// said, and everything is counted.
const drawn = 100

// shownUnread bounds the box; how many more there are is said.
const shownUnread = 12

// seen gives f the index as v may see it. Those who see no cases are shown what they
// handed in themselves, whatever became of it.
func (c *Console) seen(v *visit, f func(*view.Index)) {
	if v.by.Has(caseRoles...) {
		c.cfg.Engine.ReadAs(v.by, f)
		return
	}
	c.cfg.Engine.Read(f)
}

func (c *Console) states(v *visit, wanted func(casefile.State) bool) []casefile.State {
	var out []casefile.State
	c.cfg.Engine.ReadAs(v.by, func(x *view.Index) {
		for _, id := range x.CaseOrder {
			if s := x.Cases[id]; wanted(s) {
				out = append(out, s)
			}
		}
	})
	return out
}

// Came reports whether a report has come back after somebody wanted to set it aside.
func (u unread) Came() bool {
	return u.Aside != nil && (u.Aside.Stage == aside.Back || u.Aside.Stage == aside.Retested)
}

// unread makes the box. Flagged reports, and those that have come back after they had
// been set aside, stand on top and are all shown; of the others those that have
// waited longest, up to at items in all.
func (c *Console) unread(v *visit, at int) unreadBox {
	var box unreadBox
	var others []unread
	c.cfg.Engine.Read(func(x *view.Index) {
		state := x.AsideAs(v.by)
		for _, r := range x.Unassessed(v.now) {
			since := x.WaitsSince(r.ID, v.now)
			late := v.now.Sub(since) > takeUpWithin
			box.Total++
			if late {
				box.Late++
			}
			flags := x.Flags[r.ID]
			u := unread{Report: *r, Flags: slices.Clone(flags), Since: since, Late: late, Aside: state(r.ID).Standing(v.now)}
			if len(flags) == 0 && !u.Came() && len(others) >= at {
				continue
			}
			u.Opening, u.Looks, u.Paged = opening(r.Report, 110), slices.Clone(x.Looks[r.ID]), livePage(x, r.ID)
			if len(flags) > 0 || u.Came() {
				box.Items = append(box.Items, u)
			} else {
				others = append(others, u)
			}
		}
	})
	room := min(max(at-len(box.Items), 0), len(others))
	box.Items = append(box.Items, others[:room]...)
	box.More = box.Total - len(box.Items)
	return box
}

func livePage(x *view.Index, id tocsin.ReportID) paging.ID {
	for _, p := range x.PagesAbout(paging.Opened{Cause: paging.Unread, Report: id}) {
		if p.Live() && x.Answered(p.Opened) == "" {
			return p.ID
		}
	}
	return ""
}

// board is the floor kept up to date between visits, as v may see it, with what
// strips there are on it. What is given must not be written to.
func (c *Console) board(v *visit) ([]*view.Strip, []view.Trait) {
	c.boardMu.Lock()
	defer c.boardMu.Unlock()
	var all []*view.Strip
	var traits []view.Trait
	c.cfg.Engine.Read(func(x *view.Index) {
		all, traits = c.kept.Strips(x), c.kept.Traits()
		sealed := x.SealedFrom(v.by)
		graded := slices.ContainsFunc(traits, func(t view.Trait) bool { return t.Step == (casefile.ProposeRefusal{}).Kind() })
		if len(sealed) == 0 && !graded {
			return
		}
		all = slices.DeleteFunc(slices.Clone(all), func(s *view.Strip) bool { return sealed[s.Case] })
		for i, s := range all {
			if s.Graded() && view.Blind(x.Cases[s.Case], v.by) {
				all[i] = s.WithoutGrades(x.Cases[s.Case])
			}
		}
		traits = traitsOf(all)
	})
	return all, traits
}

func traitsOf(all []*view.Strip) []view.Trait {
	seen := map[view.Trait]bool{}
	for _, s := range all {
		for _, t := range view.TraitsOf(s) {
			seen[t] = true
		}
	}
	return slices.Collect(maps.Keys(seen))
}

// drawnStrip makes a strip ready to be drawn for v.
func (c *Console) drawnStrip(v *visit, s *view.Strip) stripView {
	step, more, mine := s.For(v.by)
	n := stripView{Case: s.Case, Title: s.Title, Named: s.Names(), Due: !s.Due.IsZero(), Left: c.counter(s.Due, "left"), Late: s.Overdue(v.now), Exigent: s.Exigent,
		Why: v.say.core(step.Why), Owner: c.named(v.say, s.Owner), Machine: step.Machine, Mine: mine,
		Key: string(s.Case) + "-" + s.Step.Kind + "-" + s.Step.Target, Href: stepHref(s.Case, step.Step), Act: v.say.label("act", step.Kind)}
	if n.Due && !s.Anchor.IsZero() && !n.Late {
		n.Soon = s.Due.Sub(v.now) < s.Due.Sub(s.Anchor)/4
	}
	if s.Clock != "" {
		n.Clock = v.say.label("clock", string(s.Clock))
	}
	if s.Count > 1 {
		n.Raised = v.say.t("raised", s.Count)
	}
	for _, l := range s.Victims {
		n.Disps = append(n.Disps, dispView{l.Disposition, v.say.label("disposition", string(l.Disposition))})
	}
	if !step.Due.IsZero() && !step.Due.Equal(s.Due) {
		n.Its = c.counter(step.Due, "left")
	}
	waits := v.say.roles(step.Waits)
	if n.Machine {
		waits = v.say.t("machine")
	}
	n.Waits = v.say.t("waits", waits)
	for _, o := range more {
		if !casefile.LongRun(o.Kind) || o.Due.Equal(s.Due) {
			n.More = append(n.More, c.drawnMore(v, s.Case, o))
		}
	}
	return n
}

func (c *Console) drawnMore(v *visit, id tocsin.CaseID, o view.Owed) moreView {
	n := moreView{Label: v.say.label("act", o.Kind)}
	if v.say.has("await." + o.Kind) {
		n.Label = v.say.t("await." + o.Kind)
	}
	if !o.Due.IsZero() {
		n.Left = c.counter(o.Due, "left")
	}
	if v.by.Has(o.Waits...) && !v.by.Has(tocsin.Inspector) {
		n.Label, n.Href = v.say.label("act", o.Kind), stepHref(id, o.Step)
	}
	if o.Kind == (casefile.DoDuty{}).Kind() { // there may be several
		n.Label += ": " + o.Why
	}
	return n
}

// stepHref leads to the form that does a step.
func stepHref(id tocsin.CaseID, st casefile.Step) string {
	target, at := st.Target, st.Target
	if sp, _ := specOf(st.Kind); sp.about == "" {
		at = ""
		if st.Kind != (casefile.DraftWarning{}).Kind() { // what is written may begin at a warning
			target = ""
		}
	}
	return "/cases/" + string(id) + "?do=" + st.Kind + "&target=" + url.QueryEscape(target) + "#" + landsAt(st.Kind, at)
}

// landsAt is where on its page somebody comes to who is to act: at the form; but at
// the head of the words where these are to be read before anything is pressed.
func landsAt(kind, target string) string {
	switch kind {
	case casefile.ApproveWarning{}.Kind(), casefile.ReturnWarning{}.Kind(), casefile.ReleaseWarning{}.Kind():
		return "words-" + target
	}
	return "do-" + kind + "-" + target
}

// front leads everybody to where they begin: those who see cases stay, on the floor.
func (c *Console) front(v *visit) error {
	if v.by.Has(caseRoles...) {
		return c.floor(v)
	}
	http.Redirect(v.w, v.r, home(v.by), http.StatusSeeOther)
	return nil
}

func (c *Console) floor(v *visit) error {
	p := floorPage{Page: c.head(v, "nav.floor"), Look: c.look(v), Within: view.Withins(), Key: newKey(), Saves: !v.by.Has(tocsin.Inspector), Share: v.by.Has(shareRoles...)}
	admits, err := p.Look.Filter.Sieve(v.by, v.now, c.staffed)
	if err != nil { // shown whole: what cannot be read hides nothing
		p.Error = accountFault(v, err)
		admits = func(*view.Strip) bool { return true }
	}
	all, traits := c.board(v)
	p.Total, p.Late, p.Quiet = len(all), view.Late(all, v.now), len(all) == 0
	limit := drawn
	if v.r.URL.Query().Get("all") != "" {
		limit = len(all)
	}
	if !p.Look.On() && !p.Look.Outside { // nothing is left out, so nothing below the page need be looked at
		shown := min(limit, len(all))
		p.Below, all = len(all)-shown, all[:shown]
	}
	for _, s := range all {
		switch {
		case admits(s) == p.Look.Outside:
			p.Hidden.add(s, v.now)
		case len(p.Strips) < limit:
			p.Strips = append(p.Strips, c.drawnStrip(v, s))
		default:
			p.Below++
		}
	}
	p.Hidden.Href = p.Look.other()
	p.choices(traits)
	p.Unread = c.unread(v, shownUnread)
	p.Confirm = c.toConfirm(v)
	p.Waits = len(p.Confirm)
	p.Confirm = p.Confirm[:min(p.Waits, shownConfirms)]
	p.More = p.Waits - len(p.Confirm)
	p.Badge, p.Live = p.Late+p.Unread.Late, true
	if p.Quiet {
		p.Begin = c.beginnings(v, p.Unread.Total)
	}
	p.NoMatch = !p.Quiet && len(p.Strips) == 0
	c.render(v, http.StatusOK, "floor", p)
	return nil
}

// beginning is a first step on an empty floor.
type beginning struct{ Href, Key string }

// beginnings are the first steps that v may take: a new installation has nobody whom
// it could warn, and nothing that it could warn of.
func (c *Console) beginnings(v *visit, unread int) []beginning {
	if v.by.Has(tocsin.Inspector) {
		return nil
	}
	var out []beginning
	nobody := false
	c.cfg.Engine.Read(func(x *view.Index) { nobody = len(x.Book.All()) == 0 })
	if nobody && v.by.Has(directoryRoles...) {
		out = append(out, beginning{"/directory", "begin.directory"})
	}
	if unread > 0 {
		out = append(out, beginning{"/reports", "begin.reports"})
	}
	return append(out, beginning{"/intake", "begin.intake"})
}

// add counts a strip that is not on the floor. They come the least time first.
func (h *hidden) add(s *view.Strip, now time.Time) {
	if h.Count == 0 {
		h.Due = s.Due
	}
	h.Count++
	if s.Overdue(now) {
		h.Late++
	}
}

// choices are what a filter can choose from: what there is on the whole floor, and
// what is chosen although nothing of it is left.
func (p *floorPage) choices(traits []view.Trait) {
	f, roles := p.Look.Filter, slices.Clone(actingRoles)
	choose(&p.Owners, f.Owner)
	choose(&p.Packs, f.Pack)
	choose(&p.Steps, f.Step)
	choose(&roles, f.Role)
	for _, t := range traits {
		choose(&p.Owners, t.Owner)
		choose(&p.Packs, t.Pack)
		choose(&p.Steps, t.Step)
	}
	slices.Sort(p.Owners)
	slices.Sort(p.Packs)
	slices.Sort(p.Steps)
	p.Roles = slices.DeleteFunc(tocsin.Roles(), func(r tocsin.Role) bool { return !slices.Contains(roles, r) })
}

// actingRoles are those that a pack lets act on a case.
var actingRoles = []tocsin.Role{tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer, tocsin.OriginatorLiaison, tocsin.ReleaseOfficer,
	tocsin.Deliverer, tocsin.Reviewer}

// choose enters a choice once.
func choose[T ~string](list *[]T, x T) {
	if x != "" && !slices.Contains(*list, x) {
		*list = append(*list, x)
	}
}

// staffed reports whether somebody has an account in force.
func (c *Console) staffed(id tocsin.ActorID) bool {
	if c.cfg.People == nil {
		return true
	}
	_, ok := c.cfg.People(id)
	return ok
}

// wallStrips is how many strips a wall display shows.
const wallStrips = 14

func (c *Console) wall(v *visit) error {
	all, _ := c.board(v)
	p := floorPage{Page: c.head(v, "wall.title"), Total: len(all), Late: view.Late(all, v.now), Quiet: len(all) == 0}
	for _, s := range all[:min(wallStrips, len(all))] {
		p.Strips = append(p.Strips, c.drawnStrip(v, s))
	}
	p.Unread = c.unread(v, 4)
	p.Calls = slices.DeleteFunc(c.pagesAbout(v, paging.Page.Live), func(q pageView) bool { return !q.Waits })
	p.Badge, p.Live, p.Bare = p.Late+p.Unread.Late, true, true
	c.render(v, http.StatusOK, "wall", p)
	return nil
}

// caseLine is one case in the list of all.
type caseLine struct {
	view.Summary
	Late bool
}

func (c *Console) allCases(v *visit) error {
	q := strings.ToLower(strings.TrimSpace(v.r.URL.Query().Get("q")))
	p := struct {
		Page
		Q     string
		Cases []caseLine
	}{Page: c.head(v, "cases.title"), Q: v.r.URL.Query().Get("q")}
	for _, s := range c.states(v, func(casefile.State) bool { return true }) {
		sum := view.Summarise(s, v.now)
		if view.Blind(s, v.by) {
			sum.Victims = view.Summarise(view.WithoutGrades(s), v.now).Victims
		}
		text := strings.ToLower(s.Title + " " + string(s.ID))
		for _, l := range sum.Victims {
			text += " " + strings.ToLower(l.Name)
		}
		if strings.Contains(text, q) {
			p.Cases = append(p.Cases, caseLine{sum, sum.Overdue > 0 && !sum.Closed})
		}
	}
	slices.Reverse(p.Cases)
	p.Live = true
	c.render(v, http.StatusOK, "cases", p)
	return nil
}

// heading names a report in words: its subject, else its first words.
func heading(r tocsin.Report) string {
	if s := strings.TrimSpace(r.Subject); s != "" {
		return s
	}
	words := strings.Fields(r.Text)
	out := ""
	for i, w := range words {
		if i > 0 && len(out)+len(w) > 70 {
			return out + " …"
		}
		out = strings.TrimSpace(out + " " + w)
	}
	if runes := []rune(out); len(runes) > 90 { // one word without end
		return string(runes[:90]) + "…"
	}
	return cmp.Or(out, string(r.ID))
}

// opening is the first words of a report, for a list.
func opening(r tocsin.Report, n int) string {
	text := strings.Join(strings.Fields(r.Subject+" "+r.Text), " ")
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return text
}
