package console

import (
	"net/http"
	"slices"

	"tocsin"
	"tocsin/engine"
	"tocsin/paging"
	"tocsin/view"
)

// pageView is one page of somebody on call as it is drawn.
type pageView struct {
	paging.Page
	Title   string // of the case
	Why     string // why nothing waits any more, if nothing does
	Waits   bool   // its notices go on
	MayTake bool
}

// listedPages bounds the list of pages.
const listedPages = 200

// pagesAbout lists the pages that v may know of and that wanted picks, the newest
// first.
func (c *Console) pagesAbout(v *visit, wanted func(paging.Page) bool) []pageView {
	var out []pageView
	c.cfg.Engine.Read(func(x *view.Index) {
		for _, p := range x.Pages(v.by) {
			if !wanted(p) {
				continue
			}
			n := pageView{Page: p, Why: p.Over.Why, MayTake: engine.MayAcknowledge(v.by, p)}
			if n.Why == "" {
				n.Why = x.Answered(p.Opened)
			}
			n.Waits = p.Live() && n.Why == ""
			n.Title = x.Cases[p.Case].Title
			out = append(out, n)
		}
	})
	return out
}

func (c *Console) pages(v *visit) error {
	p := struct {
		Page
		Items []pageView
		More  int
	}{Page: c.head(v, "pages.title")}
	p.Items = c.pagesAbout(v, func(paging.Page) bool { return true })
	slices.SortStableFunc(p.Items, func(a, b pageView) int { // what waits stands on top
		switch {
		case a.Waits == b.Waits:
			return 0
		case a.Waits:
			return -1
		}
		return 1
	})
	if p.More = len(p.Items) - listedPages; p.More > 0 {
		p.Items = p.Items[:listedPages]
	}
	p.Live = true
	c.render(v, http.StatusOK, "pages", p)
	return nil
}

func (c *Console) pageOf(v *visit) error { return c.showPage(v, nil, http.StatusOK) }

func (c *Console) showPage(v *visit, told *formError, status int) error {
	id := paging.ID(v.r.PathValue("id"))
	found := c.pagesAbout(v, func(p paging.Page) bool { return p.ID == id })
	if len(found) == 0 {
		return notFound(v, "error.no_page")
	}
	p := struct {
		Page
		P     pageView
		Error *formError
	}{Page: c.head(v, "pages.title"), P: found[0], Error: told}
	p.Live = true
	c.render(v, status, "page", p)
	return nil
}

// takePage acknowledges a page.
func (c *Console) takePage(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	id := paging.ID(v.r.PathValue("id"))
	_, err := c.cfg.Engine.AcknowledgePage(v.ctx(), v.by, id)
	switch {
	case tocsin.KindOf(err) == tocsin.NotFound:
		return notFound(v, "error.no_page")
	case err != nil:
		return c.showPage(v, errorOf(v, err), statusOf(tocsin.KindOf(err)))
	}
	c.flash(v, "page", engine.Result{})
	http.Redirect(v.w, v.r, "/pages/"+string(id), http.StatusSeeOther)
	return nil
}
