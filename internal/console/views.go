package console

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"tocsin"
	"tocsin/engine"
	"tocsin/view"
)

// floorLook is how somebody looks at the floor: whole, through a saved view, or
// through filters that stand in the address.
type floorLook struct {
	Filter  view.Filter
	View    *view.SavedView // nil for none
	Outside bool            // only what the filter leaves out
	Tabs    []tab
}

// tab leads to a saved view, by click or by key.
type tab struct {
	view.SavedView
	Key       string // a figure; empty behind the ninth
	Here      bool
	Preferred bool
}

// wholeFloor is the view of everything, which nobody can take away.
const wholeFloor = "all"

// On reports whether the floor is narrowed.
func (l floorLook) On() bool { return l.Filter != view.Filter{} }

// More reports whether one of the filters is set that are folded away.
func (l floorLook) More() bool {
	f := l.Filter
	return f.Owner != "" || f.Pack != "" || f.Role != "" || f.Step != "" || f.Place != ""
}

// Query is the filter as it stands in an address and in the form that saves it.
func (l floorLook) Query() string { return filterQuery(l.Filter).Encode() }

// other is the address of what is not on the floor now.
func (l floorLook) other() string {
	q := filterQuery(l.Filter)
	if l.View != nil {
		q = url.Values{"view": {l.View.ID}}
	}
	if !l.Outside {
		q.Set("outside", "1")
	}
	return "/?" + q.Encode()
}

// Whole is the address of everything that is drawn now, however much.
func (l floorLook) Whole() string {
	l.Outside = !l.Outside
	return l.other() + "&all=1"
}

// filterFields are the parts of a filter by their names in an address.
func filterFields(f *view.Filter) map[string]*string {
	return map[string]*string{"q": &f.Text, "show": (*string)(&f.Whose), "owner": (*string)(&f.Owner), "pack": &f.Pack, "role": (*string)(&f.Role),
		"step": &f.Step, "within": &f.Within, "place": &f.Place}
}

func filterQuery(f view.Filter) url.Values {
	q := url.Values{}
	for name, value := range filterFields(&f) {
		if *value != "" {
			q.Set(name, *value)
		}
	}
	return q
}

func readFilter(q url.Values) view.Filter {
	var f view.Filter
	for name, value := range filterFields(&f) {
		*value = strings.TrimSpace(q.Get(name))
	}
	if f.Whose == "late" { // as links said it before there were lengths of time
		f.Whose, f.Within = "", view.Overdue
	}
	return f
}

// look reads from the address how somebody looks at the floor. An address that says
// nothing is the view that they prefer.
func (c *Console) look(v *visit) floorLook {
	q := v.r.URL.Query()
	l := floorLook{Filter: readFilter(q), Outside: q.Get("outside") != ""}
	var all []view.SavedView
	var preferred string
	c.cfg.Engine.Read(func(x *view.Index) { all, preferred = x.Views(v.by.ID), x.Preferred(v.by.ID) })
	chosen := q.Get("view")
	if chosen == "" && !l.On() {
		chosen = preferred
	}
	if i := slices.IndexFunc(all, func(s view.SavedView) bool { return s.ID == chosen }); i >= 0 {
		l.View, l.Filter = &all[i], all[i].Filter
	}
	for i, s := range all {
		t := tab{SavedView: s, Here: l.View != nil && l.View.ID == s.ID, Preferred: s.ID == preferred}
		if i < 9 {
			t.Key = string(rune('1' + i))
		}
		l.Tabs = append(l.Tabs, t)
	}
	return l
}

type viewsPage struct {
	Page
	Yours, Shared []viewLine
	Whole         bool // the whole floor is what this person sees first
	Key           string
	Error         *formError
}

// viewLine is a saved view with what may be done to it.
type viewLine struct {
	tab
	Parts  []filterPart
	Change bool
}

// filterPart is one part of a filter, in words.
type filterPart struct{ Label, Value string }

func (c *Console) views(v *visit) error { return c.showViews(v, nil, http.StatusOK) }

func (c *Console) showViews(v *visit, told *formError, status int) error {
	p := viewsPage{Page: c.head(v, "views.title"), Whole: true, Key: newKey(), Error: told}
	p.Here = "/"
	for _, t := range c.look(v).Tabs {
		line := viewLine{tab: t, Parts: c.filterParts(v, t.Filter), Change: (!t.Shared || v.by.Has(shareRoles...)) && !v.by.Has(tocsin.Inspector)}
		p.Whole = p.Whole && !t.Preferred
		if t.Shared {
			p.Shared = append(p.Shared, line)
		} else {
			p.Yours = append(p.Yours, line)
		}
	}
	c.render(v, status, "views", p)
	return nil
}

// filterParts says a filter in words.
func (c *Console) filterParts(v *visit, f view.Filter) []filterPart {
	var out []filterPart
	add := func(key, value string) {
		if value != "" {
			out = append(out, filterPart{v.say.t(key), value})
		}
	}
	label := func(prefix, value string) string {
		if value == "" {
			return ""
		}
		return v.say.label(prefix, value)
	}
	add("filter.q.short", f.Text)
	add("filter.show", label("whose", string(f.Whose)))
	add("filter.within", label("within", f.Within))
	if f.Owner != "" {
		add("filter.owner", c.named(v.say, f.Owner))
	}
	add("filter.pack", f.Pack)
	add("filter.role", label("role", string(f.Role)))
	add("filter.step", label("act", f.Step))
	add("filter.place", f.Place)
	return out
}

// saveView keeps the floor's filter under a name.
func (c *Console) saveView(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	p := &posted{Values: v.r.PostForm, c: c, say: v.say, faults: map[string]string{}}
	asked, err := url.ParseQuery(p.Get("filter"))
	f := readFilter(asked)
	if err == nil {
		err = f.Valid()
	}
	if err != nil || f == (view.Filter{}) {
		return c.viewRefused(v, "views.no_filter", "views.no_filter.do")
	}
	shelf := view.ShelfOf(v.by.ID)
	if p.has("shared") {
		if !v.by.Has(shareRoles...) {
			return c.viewRefused(v, "views.not_shared", "views.not_shared.do")
		}
		shelf = view.SharedShelf
	}
	saved := view.SavedView{ID: "view-" + strings.TrimPrefix(string(tocsin.DigestOf([]byte(string(v.by.ID)+"/"+p.Get("key")))), "sha256:")[:12], Name: viewName(p), Filter: f}
	var there int
	c.cfg.Engine.Read(func(x *view.Index) { there = len(x.Shelf(shelf)) })
	switch {
	case saved.Name == "":
		return c.viewRefused(v, "views.no_name", "views.no_name.do")
	case there >= view.MaxViews:
		return c.viewRefused(v, "views.too_many", "views.too_many.do")
	}
	if err := c.cfg.Engine.Shelve(v.ctx(), v.by, shelf, view.ViewSaved, saved, p.Get("key")); err != nil {
		return err
	}
	if p.has("prefer") {
		if err := c.cfg.Engine.Shelve(v.ctx(), v.by, view.ShelfOf(v.by.ID), view.ViewPreferred, view.ViewNamed{View: saved.ID}, p.Get("key")); err != nil {
			return err
		}
	}
	c.flash(v, "view_saved", engine.Result{})
	http.Redirect(v.w, v.r, "/?view="+saved.ID, http.StatusSeeOther)
	return nil
}

// viewName is the name that was typed, within bounds and on one line.
func viewName(p *posted) string {
	name := strings.Join(strings.Fields(p.Get("name")), " ")
	for len(name) > view.MaxViewName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}

func (c *Console) viewRefused(v *visit, what, do string) error {
	return c.showViews(v, &formError{What: v.say.t(what), Kept: v.say.t("error.nothing_kept"), Do: v.say.t(do)}, http.StatusUnprocessableEntity)
}

// changeView renames, deletes or prefers a view.
func (c *Console) changeView(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	p := &posted{Values: v.r.PostForm, c: c, say: v.say, faults: map[string]string{}}
	id, own := v.r.PathValue("id"), view.ShelfOf(v.by.ID)
	var all []view.SavedView
	c.cfg.Engine.Read(func(x *view.Index) { all = x.Views(v.by.ID) })
	i := slices.IndexFunc(all, func(s view.SavedView) bool { return s.ID == id })
	if i < 0 && id != wholeFloor {
		return notFound(v, "error.no_view")
	}
	kind, shelf := view.ViewPreferred, own
	var data any = view.ViewNamed{View: id}
	switch do := v.r.PathValue("do"); {
	case do == "prefer" && i < 0:
		data = view.ViewNamed{}
	case do == "prefer":
	case i < 0 || do != "rename" && do != "delete":
		return notFound(v, "error.no_action")
	case all[i].Shared && !v.by.Has(shareRoles...):
		return c.viewRefused(v, "views.not_shared", "views.not_shared.do")
	default:
		if all[i].Shared {
			shelf = view.SharedShelf
		}
		kind = view.ViewDeleted
		if do == "rename" {
			renamed := all[i]
			if renamed.Name = viewName(p); renamed.Name == "" {
				return c.viewRefused(v, "views.no_name", "views.no_name.do")
			}
			kind, data = view.ViewSaved, renamed
		}
	}
	if err := c.cfg.Engine.Shelve(v.ctx(), v.by, shelf, kind, data, p.Get("key")); err != nil {
		return err
	}
	c.flash(v, cmp.Or(map[string]string{view.ViewSaved: "view_renamed"}[kind], kind), engine.Result{})
	http.Redirect(v.w, v.r, "/views", http.StatusSeeOther)
	return nil
}
