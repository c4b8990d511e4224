package console

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/view"
)

// stripView is one strip of the floor as it is drawn.
type stripView struct {
	view.Strip
	Late  bool
	Soon  bool   // less than a quarter of the clock is left
	Mine  bool   // the viewer may do the step
	Own   bool   // the viewer owns the case
	Href  string // to the step
	Act   string // label of the step
	Named string // the victims
}

type floorPage struct {
	Page
	Strips  []stripView
	Unread  unreadBox
	Late    int
	Total   int // before filters
	Look    floorLook
	Owners  []tocsin.ActorID
	Packs   []string
	Steps   []string
	Roles   []tocsin.Role
	Within  []string
	Quiet   bool // nothing at all is owed
	NoMatch bool
	Below   int // strips that are not drawn, all with more time left than those that are
	Hidden  hidden
	Key     string
	Saves   bool // the viewer may save views
	Share   bool // and for everybody
	Error   *formError
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
	Late    bool
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

// unread makes the box. Flagged reports stand on top and are all shown; of the
// others the oldest, up to at items in all.
func (c *Console) unread(v *visit, at int) unreadBox {
	var box unreadBox
	var others []unread
	c.cfg.Engine.ReadAs(v.by, func(x *view.Index) {
		for _, r := range x.Unassessed() {
			late := v.now.Sub(r.Entered) > takeUpWithin
			box.Total++
			if late {
				box.Late++
			}
			flags := x.Flags[r.ID]
			if len(flags) == 0 && len(others) >= at {
				continue
			}
			u := unread{Report: *r, Opening: opening(r.Report, 110), Looks: slices.Clone(x.Looks[r.ID]), Flags: slices.Clone(flags), Late: late}
			if len(flags) > 0 {
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

// board is the floor kept up to date between visits, as v may see it.
func (c *Console) board(v *visit) []*view.Strip {
	c.boardMu.Lock()
	defer c.boardMu.Unlock()
	var all []*view.Strip
	c.cfg.Engine.Read(func(x *view.Index) {
		hides := x.Hides(v.by)
		all = slices.DeleteFunc(slices.Clone(c.kept.Strips(x)), func(s *view.Strip) bool { return hides(view.CasePrefix + string(s.Case)) })
		for i, s := range all {
			if s.Step.Kind == (casefile.ProposeRefusal{}).Kind() && view.Blind(x.Cases[s.Case], v.by) {
				all[i] = s.WithoutGrades(x.Cases[s.Case])
			}
		}
	})
	return all
}

// drawnStrip makes a strip ready to be drawn for v.
func (c *Console) drawnStrip(v *visit, s *view.Strip) stripView {
	n := stripView{Strip: *s, Late: s.Overdue(v.now), Mine: s.DoneBy(v.by), Own: s.Owner == v.by.ID,
		Act: v.say.label("act", s.Step.Kind), Href: stepHref(s.Case, s.Step), Named: s.Names()}
	if !s.Due.IsZero() && !s.Anchor.IsZero() && !n.Late {
		n.Soon = s.Due.Sub(v.now) < s.Due.Sub(s.Anchor)/4
	}
	return n
}

// stepHref leads to the form that does a step.
func stepHref(id tocsin.CaseID, st casefile.Step) string {
	target := ""
	if sp, _ := specOf(st.Kind); sp.about != "" {
		target = st.Target
	}
	return "/cases/" + string(id) + "?do=" + st.Kind + "&target=" + target + "#do-" + st.Kind + "-" + target
}

func (c *Console) floor(v *visit) error {
	p := floorPage{Page: c.head(v, "nav.floor"), Look: c.look(v), Within: view.Withins(), Key: newKey(), Saves: !v.by.Has(tocsin.Inspector), Share: v.by.Has(shareRoles...)}
	admits, err := p.Look.Filter.Sieve(v.by, v.now, c.staffed)
	if err != nil { // shown whole: what cannot be read hides nothing
		p.Error = accountFault(v, err)
		admits = func(*view.Strip) bool { return true }
	}
	all, whole := c.board(v), v.r.URL.Query().Get("all") != ""
	p.Total, p.Quiet = len(all), len(all) == 0
	for _, s := range all {
		if s.Overdue(v.now) {
			p.Late++
		}
		switch {
		case admits(s) == p.Look.Outside:
			p.Hidden.add(s, v.now)
		case whole || len(p.Strips) < drawn:
			p.Strips = append(p.Strips, c.drawnStrip(v, s))
		default:
			p.Below++
		}
	}
	p.Hidden.Href = p.Look.other()
	p.choices(all)
	p.Unread = c.unread(v, shownUnread)
	p.Badge, p.Live = p.Late+p.Unread.Late, true
	p.NoMatch = !p.Quiet && len(p.Strips) == 0
	c.render(v, http.StatusOK, "floor", p)
	return nil
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

// choices are what a filter can choose from: what there is on the whole floor.
func (p *floorPage) choices(all []*view.Strip) {
	owners, packs, steps, roles := map[tocsin.ActorID]bool{}, map[string]bool{}, map[string]bool{}, map[tocsin.Role]bool{}
	var last *view.Strip
	for _, s := range all {
		if last != nil && s.Owner == last.Owner && s.Pack == last.Pack && s.Step.Kind == last.Step.Kind {
			continue // strips of one kind stand together, and mostly say the same
		}
		last = s
		owners[s.Owner], packs[s.Pack], steps[s.Step.Kind] = true, true, true
		if !s.Step.Machine {
			for _, r := range s.Waits {
				roles[r] = true
			}
		}
	}
	f := p.Look.Filter
	for _, chosen := range []struct {
		set bool
		add func()
	}{{f.Owner != "", func() { owners[f.Owner] = true }}, {f.Pack != "", func() { packs[f.Pack] = true }}, {f.Step != "", func() { steps[f.Step] = true }}, {f.Role != "", func() { roles[f.Role] = true }}} {
		if chosen.set { // a choice stays in its list although nothing of it is left
			chosen.add()
		}
	}
	p.Owners, p.Packs, p.Steps = slices.Sorted(maps.Keys(owners)), slices.Sorted(maps.Keys(packs)), slices.Sorted(maps.Keys(steps))
	p.Roles = slices.DeleteFunc(tocsin.Roles(), func(r tocsin.Role) bool { return !roles[r] })
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
	all := c.board(v)
	p := floorPage{Page: c.head(v, "wall.title"), Total: len(all), Quiet: len(all) == 0}
	for i, s := range all {
		if s.Overdue(v.now) {
			p.Late++
		}
		if i < wallStrips {
			p.Strips = append(p.Strips, c.drawnStrip(v, s))
		}
	}
	p.Unread = c.unread(v, 4)
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

// opening is the first words of a report, for a list.
func opening(r tocsin.Report, n int) string {
	text := strings.Join(strings.Fields(r.Subject+" "+r.Text), " ")
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return text
}
