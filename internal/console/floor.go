package console

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/paging"
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
	Filter  floorFilter
	Owners  []tocsin.ActorID
	Packs   []string
	Quiet   bool // nothing at all is owed
	NoMatch bool
	Below   int // strips that are not drawn, all with more time left than those that are
}

type floorFilter struct {
	Q, Owner, Pack, Show string
}

func (f floorFilter) on() bool { return f.Q != "" || f.Owner != "" || f.Pack != "" || f.Show != "" }

// On reports whether the floor is narrowed.
func (f floorFilter) On() bool { return f.on() }

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
			u := unread{Report: *r, Opening: opening(r.Report, 110), Looks: slices.Clone(x.Looks[r.ID]), Flags: slices.Clone(flags), Late: late, Paged: livePage(x, r.ID)}
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

func livePage(x *view.Index, id tocsin.ReportID) paging.ID {
	for _, p := range x.PagesAbout(paging.Opened{Cause: paging.Unread, Report: id}) {
		if p.Live() && x.Answered(p.Opened) == "" {
			return p.ID
		}
	}
	return ""
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
				told := *s
				told.Step = view.StepsWithoutGrades([]casefile.Step{s.Step})[0]
				all[i] = &told
			}
		}
	})
	return all
}

// drawnStrip makes a strip ready to be drawn for v.
func (c *Console) drawnStrip(v *visit, s *view.Strip) stripView {
	n := stripView{Strip: *s, Late: s.Overdue(v.now), Mine: mine(v, s), Own: s.Owner == v.by.ID,
		Act: v.say.label("act", s.Step.Kind), Href: stepHref(s.Case, s.Step), Named: named(s)}
	if !s.Due.IsZero() && !s.Anchor.IsZero() && !n.Late {
		n.Soon = s.Due.Sub(v.now) < s.Due.Sub(s.Anchor)/4
	}
	return n
}

func mine(v *visit, s *view.Strip) bool {
	return !s.Step.Machine && v.by.Has(s.Waits...) && !v.by.Has(tocsin.Inspector)
}

func named(s *view.Strip) string {
	var names []string
	for _, l := range s.Victims {
		names = append(names, l.Name)
	}
	return strings.Join(names, "; ")
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
	q := v.r.URL.Query()
	p := floorPage{Page: c.head(v, "nav.floor"), Filter: floorFilter{q.Get("q"), q.Get("owner"), q.Get("pack"), q.Get("show")}}
	all := c.board(v)
	p.Total, p.Quiet = len(all), len(all) == 0
	owners, packs, whole := map[tocsin.ActorID]bool{}, map[string]bool{}, q.Get("all") != ""
	for i, s := range all {
		if s.Overdue(v.now) {
			p.Late++
		}
		if i == 0 || s.Owner != all[i-1].Owner || s.Pack != all[i-1].Pack {
			owners[s.Owner], packs[s.Pack] = true, true
		}
		switch {
		case !p.Filter.admits(v, s):
		case whole || len(p.Strips) < drawn:
			p.Strips = append(p.Strips, c.drawnStrip(v, s))
		default:
			p.Below++
		}
	}
	p.Owners, p.Packs = slices.Sorted(maps.Keys(owners)), slices.Sorted(maps.Keys(packs))
	p.Unread = c.unread(v, shownUnread)
	p.Badge, p.Live = p.Late+p.Unread.Late, true
	p.NoMatch = !p.Quiet && len(p.Strips) == 0
	c.render(v, http.StatusOK, "floor", p)
	return nil
}

func (f floorFilter) admits(v *visit, s *view.Strip) bool {
	switch {
	case f.Owner != "" && string(s.Owner) != f.Owner, f.Pack != "" && s.Pack != f.Pack,
		f.Show == "mine" && !mine(v, s), f.Show == "own" && s.Owner != v.by.ID, f.Show == "late" && !s.Overdue(v.now):
		return false
	}
	if f.Q == "" {
		return true
	}
	text := strings.ToLower(strings.Join([]string{s.Title, string(s.Case), named(s), s.Step.Why, string(s.Owner)}, " "))
	for _, w := range strings.Fields(strings.ToLower(f.Q)) {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
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
