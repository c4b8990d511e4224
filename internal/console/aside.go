package console

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/aside"
	"tocsin/engine"
	"tocsin/view"
)

// kinView is a report that was set aside and is like the one that is shown.
type kinView struct {
	ID      tocsin.ReportID
	Opening string
	Content bool
	Ground  aside.Ground
	Why     string
}

// shownKin bounds the reports beside one that are like it.
const shownKin = 5

// asideOf puts on a report's page what was said about setting it aside, and what the
// viewer may do.
func (c *Console) asideOf(v *visit, p *reportPage, back *returned) {
	id := p.Report.ID
	c.cfg.Engine.ReadAs(v.by, func(x *view.Index) {
		p.Aside, p.Copies = x.Aside(id).Standing(v.now), x.Copies(id)
		for _, k := range x.Akin(id, v.now) {
			if len(p.Kin) == shownKin {
				break
			}
			r, _ := x.Aside(k.Report).Current()
			p.Kin = append(p.Kin, kinView{k.Report, opening(x.Reports[k.Report].Report, 110), k.Content, r.Ground, r.Why})
		}
	})
	waits := p.Aside != nil && p.Aside.Stage == aside.Waiting
	away := p.Away()
	for _, kind := range []string{aside.ConfirmKind, aside.TakeUpKind, aside.ProposeKind} {
		open := p.Aside != nil && p.Aside.Ended == nil // there is something to confirm, or to take up again
		if kind == aside.ConfirmKind && !waits || kind == aside.TakeUpKind && !open || kind == aside.ProposeKind && (away || v.by.Has(tocsin.Inspector)) {
			continue // to say that there is nothing to do helps nobody
		}
		act := action{Kind: kind, ID: "do-" + kind, Post: "/reports/" + string(id) + "/aside/" + kind, Label: v.say.t("act." + kind), Say: v.say.t("act." + kind + ".say"),
			Key: newKey(), Draft: string(v.by.ID) + "/aside/" + kind + "/" + string(id), Grave: kind == aside.ConfirmKind}
		if kind == aside.ProposeKind && waits {
			act.Label = v.say.t("act.propose_anew")
		}
		if why := c.cfg.Engine.MayAside(v.by, id, kind); why != nil {
			act.Why = v.say.refused(why)
			p.Closed = append(p.Closed, act)
			continue
		}
		act.Main = kind == aside.ConfirmKind || away
		act.Open = act.Main || v.r.URL.Query().Get("do") == kind
		a := &asking{c: c, v: v}
		if back != nil && back.kind == kind {
			a.typed, a.faults, act.Error, act.Open = back.typed, back.faults, back.err, true
			act.Key = cmp.Or(back.typed.Get("key"), act.Key)
		}
		act.Sets = a.dressed(a.asideFields(kind, p), act.ID)
		p.Actions = append(p.Actions, act)
	}
}

// asideFields is what a form about setting a report aside asks for.
func (a *asking) asideFields(kind string, p *reportPage) []fieldset {
	switch kind {
	case aside.ConfirmKind:
		sets := one(field{Type: "hidden", Name: "proposal", Value: p.Aside.Proposal})
		if len(p.Flags) > 0 {
			flags := fieldset{Legend: a.v.say.t("aside.legend.flags"), Note: a.v.say.t("aside.note.flags")}
			for i, f := range p.Flags {
				flags.Fields = append(flags.Fields, field{Type: "area", Name: flagField(i + 1), Label: a.v.say.t("aside.flag", a.c.named(a.v.say, f.By), f.Why), Required: true})
			}
			sets = append(sets, flags)
		}
		return append(sets, one(a.area("confirm_why").required())...)
	case aside.TakeUpKind:
		return one(a.area("take_up_why").required())
	}
	ground := field{Type: "radio", Name: "ground", Label: a.v.say.t("field.asideground"), Required: true}
	for _, g := range aside.Grounds() {
		ground.Options = append(ground.Options, option{string(g), a.v.say.label("asidesay", string(g))})
	}
	return one(ground, a.text("of").holding(string(p.Report.RepeatOf)), a.when("retest", time.Time{}), a.area("aside_why").required())
}

func flagField(n int) string { return fmt.Sprintf("flag.%d", n) }

// Away reports whether the report is set aside.
func (p reportPage) Away() bool { return p.Aside != nil && p.Aside.Stage == aside.Aside }

// Offered reports whether something else than to open a case is what waits to be
// done.
func (p reportPage) Offered() bool {
	return slices.ContainsFunc(p.Actions, func(a action) bool { return a.Main || a.Open }) || p.Away()
}

// turnAside does what a form about setting a report aside asks for.
func (c *Console) turnAside(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	id, kind := tocsin.ReportID(v.r.PathValue("id")), v.r.PathValue("kind")
	if _, err := c.cfg.Engine.ReportAs(v.by, id); err != nil {
		return notFound(v, "error.no_report")
	}
	p := &posted{Values: v.r.PostForm, say: v.say, faults: map[string]string{}}
	cmd := asideCommand(p, kind)
	if cmd == nil {
		return notFound(v, "error.no_action")
	}
	back := &returned{kind: kind, typed: p.Values, faults: p.faults, status: http.StatusUnprocessableEntity}
	if kind == aside.ConfirmKind {
		switch told, err := c.unproved(v, "/reports/"+string(id)); {
		case err != nil:
			return err
		case told != nil:
			back.err, back.status = told, http.StatusForbidden
			return c.showReport(v, id, back)
		}
	}
	if len(p.faults) > 0 {
		back.err = &formError{What: v.say.t("error.fields"), Kept: v.say.t("error.typed_kept"), Do: v.say.t("error.fields.do")}
		return c.showReport(v, id, back)
	}
	if _, _, err := c.cfg.Engine.Aside(v.ctx(), v.by, id, cmd, asideOptions(p, id, kind)); err != nil {
		back.err, back.status = errorOf(v, err), statusOf(tocsin.KindOf(err))
		return c.showReport(v, id, back)
	}
	c.flash(v, "aside_"+kind, engine.Result{})
	http.Redirect(v.w, v.r, "/reports/"+string(id), http.StatusSeeOther)
	return nil
}

// asideCommand reads a form; nil if there is no such form.
func asideCommand(p *posted, kind string) aside.Command {
	switch kind {
	case aside.ProposeKind:
		cmd := aside.Propose{Ground: aside.Ground(p.must("ground")), Why: p.must("aside_why")}
		switch cmd.Ground { // the other fields are out of sight
		case aside.Duplicate:
			cmd.Of = tocsin.ReportID(strings.ToLower(strings.TrimSpace(p.must("of"))))
		case aside.NothingToActOn:
			cmd.Retest = p.moment("retest")
		}
		return cmd
	case aside.ConfirmKind:
		cmd := aside.Confirm{Proposal: p.word("proposal"), Why: p.must("confirm_why")}
		for n := 1; p.Has(flagField(n)); n++ {
			cmd.Flags = append(cmd.Flags, aside.Answer{Flag: n, Why: p.must(flagField(n))})
		}
		return cmd
	case aside.TakeUpKind:
		return aside.TakeUp{Why: p.must("take_up_why")}
	}
	return nil
}

// asideOptions binds a form's key to what it asks for.
func asideOptions(p *posted, id tocsin.ReportID, kind string) engine.Options {
	key := p.Get("key")
	if key == "" || len(key) > 100 {
		return engine.Options{}
	}
	content := url.Values{}
	for name, values := range p.Values {
		if name != "key" && name != "draft" && name != "version" {
			content[name] = values
		}
	}
	return engine.Options{Idempotency: "console/aside/" + key + "/" + string(tocsin.DigestOf([]byte(string(id)+"\x00"+kind+"\x00"+content.Encode())))}
}

// asideLines are the reports of a list that are set aside, as drawn.
func asideLines(all []unread) (waiting, away []unread) {
	for _, r := range all {
		if s := r.Aside; s != nil && s.Stage == aside.Aside {
			away = append(away, r)
		} else {
			waiting = append(waiting, r)
		}
	}
	return waiting, away
}

// confirmView is one proposal to set a report aside, on the floor.
type confirmView struct {
	ID      tocsin.ReportID
	Opening string
	Round   aside.Round
	Due     time.Time
	Late    bool
	Flags   int
	Mine    bool // the viewer may confirm it, once they have read it
}

// shownConfirms bounds the proposals on the floor; how many more there are is said.
const shownConfirms = 12

// toConfirm makes the strips of the reports that wait for a second person, the one
// that has waited longest first.
func (c *Console) toConfirm(v *visit) (out []confirmView) {
	c.cfg.Engine.Read(func(x *view.Index) {
		state := x.AsideAs(v.by)
		for _, r := range x.Unassessed(v.now) {
			s := state(r.ID)
			round, _ := s.Current()
			if s.Stage(v.now) != aside.Waiting {
				continue
			}
			due := round.At.Add(aside.ConfirmWithin)
			facts := aside.Facts{Now: v.now, Read: true, Flags: len(x.Flags[r.ID]), Handles: v.by.Handler(r.Origin) || v.by.Handler(r.Conveyor)}
			out = append(out, confirmView{r.ID, opening(r.Report, 110), round, due, v.now.After(due), facts.Flags, aside.Explain(s, v.by, facts, aside.ConfirmKind) == nil})
		}
	})
	slices.SortStableFunc(out, func(a, b confirmView) int { return a.Round.At.Compare(b.Round.At) })
	return out
}
