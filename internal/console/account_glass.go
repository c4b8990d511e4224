package console

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"tocsin"
	"tocsin/internal/auth"
)

// glassRoles see who has broken the glass: whoever may take a role so, may review
// it, or looks after accounts.
var glassRoles = roles(sendRoles, tocsin.Administrator)

func (c *Console) glassRoutes() {
	c.page("GET /glass", glassRoles, c.glass)
	c.page("POST /glass", glassRoles, c.breakGlass)
	c.page("POST /glass/{id}/end", glassRoles, c.endGlass)
	c.page("POST /glass/{id}/review", glassRoles, c.reviewGlass)
}

type grantView struct {
	auth.Grant
	Lasts bool
	Late  bool
	Mine  bool
	Asked bool // this person may review it now
	Ends  bool // this person may end it
	Key   string
	Error *formError
	Note  string
	Found string
}

type glassPage struct {
	Page
	Grants  []grantView
	Roles   []option // that this person may take
	Hours   []option
	Role    string
	Last    string
	Reason  string
	Error   *formError
	MayTake bool
}

func (c *Console) glass(v *visit) error { return c.showGlass(v, "", nil) }

// showGlass shows every breaking of the glass, the newest first, and what this
// person may do about it. about is the grant that problem is about.
func (c *Console) showGlass(v *visit, about string, problem error) error {
	p := glassPage{Page: c.head(v, "glass.title"), Hours: hours(v), Last: "2"}
	p.Here, p.Path = "/glass", "/glass"
	status := http.StatusOK
	var fault *formError
	if problem != nil {
		fault, status = accountFault(v, problem), accountStatus(v, problem)
		p.Role, p.Last, p.Reason = v.r.PostForm.Get("role"), v.r.PostForm.Get("hours"), v.r.PostForm.Get("reason")
	}
	owed := c.cfg.Users.ReviewsOwedBy(v.by.ID)
	for _, g := range slices.Backward(c.cfg.Users.Grants()) {
		n := grantView{Grant: g, Lasts: v.now.Before(g.Until), Mine: g.User == v.by.ID}
		n.Late = !n.Lasts && g.Review == nil && v.now.After(g.ReviewDue())
		n.Ends = n.Lasts && (n.Mine || v.by.Has(tocsin.Administrator))
		n.Asked = slices.ContainsFunc(owed, func(o auth.Grant) bool { return o.ID == g.ID })
		if about == g.ID {
			n.Error, n.Note, n.Found = fault, v.r.PostForm.Get("note"), v.r.PostForm.Get("justified")
		}
		p.Grants = append(p.Grants, n)
	}
	if about == "" {
		p.Error = fault
	}
	p.Roles = c.takeable(v)
	p.MayTake = len(p.Roles) > 0 && p.Glass == nil
	c.render(v, status, "account-glass", p)
	return nil
}

func hours(v *visit) []option {
	var out []option
	for _, n := range []int{1, 2, 4, 8, 12} {
		out = append(out, option{strconv.Itoa(n), v.say.t("glass.hours", n)})
	}
	return out
}

// takeable are the roles that stand beside those that somebody has.
func (c *Console) takeable(v *visit) []option {
	a, ok := c.cfg.Users.Account(v.by.ID)
	if !ok {
		return nil
	}
	var out []option
	for _, r := range tocsin.Roles() {
		both := a.User
		both.Roles = append(slices.Clone(a.Roles), r)
		if both.Validate() == nil {
			out = append(out, option{string(r), v.say.label("role", string(r))})
		}
	}
	return out
}

func (c *Console) breakGlass(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	if err := freshly(v); err != nil {
		return err
	}
	f := v.r.PostForm
	n, err := strconv.Atoi(f.Get("hours"))
	if err != nil || n < 1 || n > 12 {
		n = 0 // refused as no time
	}
	if _, err := c.cfg.Users.BreakGlass(v.ctx(), v.by.ID, tocsin.Role(f.Get("role")), time.Duration(n)*time.Hour, tidy(f.Get("reason"))); err != nil {
		return c.showGlass(v, "", err)
	}
	return c.done(v, "/glass", "done.glass")
}

func (c *Console) endGlass(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	id := v.r.PathValue("id")
	i := slices.IndexFunc(c.cfg.Users.Grants(), func(g auth.Grant) bool {
		return g.ID == id && (g.User == v.by.ID || v.by.Has(tocsin.Administrator))
	})
	if i < 0 {
		return notFound(v, "error.no_grant")
	}
	if err := c.cfg.Users.EndGlass(v.ctx(), v.by.ID, id); err != nil {
		return c.showGlass(v, id, err)
	}
	return c.done(v, "/glass", "done.glass_ended")
}

func (c *Console) reviewGlass(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	if err := freshly(v); err != nil {
		return err
	}
	f, id := v.r.PostForm, v.r.PathValue("id")
	found := f.Get("justified")
	if found != "yes" && found != "no" {
		return c.showGlass(v, id, tocsin.Fault(tocsin.Invalid, "finding", "The finding is missing.", "Choose one."))
	}
	if err := c.cfg.Users.ReviewGlass(v.ctx(), v.by.ID, id, found == "yes", tidy(f.Get("note"))); err != nil {
		return c.showGlass(v, id, err)
	}
	return c.done(v, "/glass", "done.glass_reviewed")
}
