package console

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/view"
)

// machineID is the engine's own actor in the record.
const machineID tocsin.ActorID = "tocsin"

const maxForm = 2 << 20 // bytes of a form that is not an upload

// returned is a form that came back with an error, to be shown again with what
// was typed.
type returned struct {
	kind, target string
	typed        url.Values
	faults       map[string]string
	err          *formError
	status       int
}

// marked marks the fields that the core's error is about. names are those fields
// that are called otherwise than the core calls them.
func (b *returned) marked(say words, told *tocsin.Error, names map[string]string) {
	for _, at := range told.Fields {
		name := fieldAt(at, names, b.typed)
		if b.faults[name] != "" {
			continue
		}
		b.faults[name] = say.t("fault.wrong")
		if strings.TrimSpace(b.typed.Get(name)) == "" {
			b.faults[name] = say.t("fault.required")
		}
	}
}

// parsed reads the fields of a form.
func (c *Console) parsed(v *visit) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		return saidFault(tocsin.Invalid, "form", v.say.t("error.form"), v.say.t("error.form.do"))
	}
	return nil
}

// act gives the command of a form on the page of a case.
func (c *Console) act(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	s, err := c.caseOf(v, tocsin.CaseID(v.r.PathValue("id")))
	if err != nil {
		return err
	}
	back, res, err := c.given(v, s, v.r.PathValue("kind"))
	switch {
	case err != nil:
		return err
	case back != nil:
		return c.showCase(v, back)
	}
	c.flash(v, v.r.PathValue("kind"), res)
	http.Redirect(v.w, v.r, "/cases/"+string(s.ID), http.StatusSeeOther)
	return nil
}

// given does what a form asks for. back is not nil if it is to be shown again.
func (c *Console) given(v *visit, s casefile.State, kind string) (back *returned, res engine.Result, err error) {
	sp, ok := specOf(kind)
	if !ok {
		return nil, res, notFound(v, "error.no_action")
	}
	p := &posted{Values: v.r.PostForm, c: c, s: s, target: v.r.PostForm.Get("target"), blind: view.Blind(s, v.by), say: v.say, faults: map[string]string{}}
	back = &returned{kind: kind, target: p.target, typed: p.Values, faults: p.faults}
	if sp.grave {
		switch told, err := c.unproved(v, "/cases/"+string(s.ID)); {
		case err != nil:
			return nil, res, err
		case told != nil:
			back.status, back.err = http.StatusForbidden, told
			return back, res, nil
		}
	}
	o, err := options(sp, p)
	if err != nil {
		return nil, res, err
	}
	for range 3 {
		res, err = sp.do(v.ctx(), c, v, p, o)
		if !c.onlyMachine(v, s.ID, &o, err) {
			break
		}
	}
	switch {
	case len(p.faults) > 0:
		back.status = http.StatusUnprocessableEntity
		back.err = &formError{What: v.say.t("error.fields"), Kept: v.say.t("error.typed_kept"), Do: v.say.t("error.fields.do")}
		return back, res, nil
	case err != nil:
		return c.refused(v, s, back, o.IfMatch, err)
	}
	return nil, res, nil
}

// unproved says that v has not shown for a while who they are, which a grave step
// asks for: as an error that has them prove it, or, where sessions are tokens, as
// words on the form. next is where the form stands.
func (c *Console) unproved(v *visit, next string) (*formError, error) {
	switch {
	case v.seen.In != nil && !v.seen.In.Fresh(c.cfg.Fresh):
		return nil, &proofNeeded{whyGrave}
	case v.seen.In == nil && v.now.Sub(v.seen.Proved) > c.cfg.Fresh && !v.seen.Proved.IsZero():
		return &formError{What: v.say.t("error.not_fresh"), Kept: v.say.t("error.typed_kept"), Do: v.say.t("error.not_fresh.do"), SignIn: c.cfg.Sessions.SignIn(next)}, nil
	}
	return nil, nil
}

// options binds the form's key to what is asked, so that the same form pressed
// twice is done once, and a form that was changed after an error is another.
func options(sp spec, p *posted) (engine.Options, error) {
	content := url.Values{}
	for name, values := range p.Values {
		if name != "version" && name != "key" {
			content[name] = values
		}
	}
	b, err := json.Marshal([]any{sp.kind, p.s.ID, p.target, content})
	if err != nil {
		return engine.Options{}, err
	}
	o := engine.Options{}
	if key := p.Get("key"); key != "" && len(key) <= 100 {
		o.Idempotency = "console/" + key + "/" + string(tocsin.DigestOf(b))
	}
	if n, err := strconv.Atoi(p.Get("version")); err == nil && n > 0 {
		o.IfMatch = n
	}
	return o, nil
}

// onlyMachine reports whether a command was refused because the case moved on,
// and all that happened since was the program's own doing, such as that a message
// was sent. That is no reason to stop a person: the command is given again as of
// now. What a form approves it names by digest, so that no words slip in.
func (c *Console) onlyMachine(v *visit, id tocsin.CaseID, o *engine.Options, err error) bool {
	var told *tocsin.Error
	if !errors.As(err, &told) || told.Code != "case_moved_on" {
		return false
	}
	s, cerr := c.cfg.Engine.CaseAs(v.by, id)
	if cerr != nil {
		return false
	}
	for r, err := range c.cfg.Store.Load(v.ctx(), view.CasePrefix+string(id)) {
		if err != nil || (r.Seq > o.IfMatch && r.Actor != machineID) {
			return false
		}
	}
	o.IfMatch = s.Version
	return true
}

func (c *Console) refused(v *visit, s casefile.State, back *returned, saw int, err error) (*returned, engine.Result, error) {
	var told *tocsin.Error
	if !errors.As(err, &told) {
		return nil, engine.Result{}, err
	}
	v.denied(err)
	back.status = statusOf(told.Kind)
	back.err = errorOf(v, err)
	sp, _ := specOf(back.kind)
	back.marked(v.say, told, sp.names)
	if told.Code == "case_moved_on" {
		since, err := c.since(v, s, saw)
		if err != nil {
			return nil, engine.Result{}, err
		}
		back.err = &formError{What: v.say.t("error.stale"), Kept: v.say.t("error.typed_kept"), Do: v.say.t("error.stale.do"), Since: since}
	}
	if back.kind == (casefile.AnswerFinding{}).Kind() && (told.Code == "finding" || told.Code == "nothing_asked") {
		back.err = &formError{What: v.say.t("question.moved"), Kept: v.say.t("error.typed_kept"), Do: v.say.t("question.moved.do")}
	}
	return back, engine.Result{}, nil
}

// since lists what happened to a case after a version.
func (c *Console) since(v *visit, s casefile.State, version int) ([]line, error) {
	all, err := c.lines(v, s)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(l line) bool { return l.Seq <= version }), nil
}

// news says what has happened to a case since the page that asks was made.
func (c *Console) news(v *visit) error {
	s, err := c.opened(v)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(v.r.URL.Query().Get("version"))
	if err != nil {
		return notFound(v, "error.no_case")
	}
	since, err := c.since(v, s, version)
	if err != nil {
		return err
	}
	c.render(v, http.StatusOK, "news", struct {
		ID    tocsin.CaseID
		Since []line
	}{s.ID, since})
	return nil
}

// newKey makes the key by which a form that is sent twice is known.
func newKey() string { return rand.Text() }

// flash leaves a note for the next page of what was done.
func (c *Console) flash(v *visit, kind string, res engine.Result) {
	note := "done." + kind
	open := false // questions of the guard that this form left open
	for _, e := range res.Events {
		switch e := e.(type) {
		case casefile.ReleaseRefused:
			if note = "guard_asks"; slices.ContainsFunc(e.Findings, func(f tocsin.GuardFinding) bool { return f.Blocks }) {
				note = "guard_refused"
			}
		case casefile.RefusalOverturned:
			note = "refusal_overturned"
		case casefile.ThreatStated:
			if from := e.Threat.Window.Earliest; !from.IsZero() && !from.After(v.now) {
				note = "threat_begun"
			}
		case casefile.FindingAnswered:
			if w, _ := res.State.Warning(e.Warning); len(w.Asked()) > 0 {
				note, open = "question.left", true
			}
		}
	}
	c.jar().put(v.w, v.r, flashCookie, note, time.Minute, http.SameSiteStrictMode)
	if d := v.r.PostForm.Get("draft"); d != "" && !open { // what was typed about an open question is not forgotten
		c.jar().put(v.w, v.r, draftCookie, d, time.Minute, http.SameSiteStrictMode)
	}
}

// told takes the note that the page before left.
func (c *Console) told(v *visit, name string) string { return c.jar().take(v.w, v.r, name) }

// actions makes the forms that v may use on a case, and explains the others. Only
// those about is of are made; target narrows them to one thing.
func (c *Console) actions(a *asking, about, target, post string, back *returned, next *casefile.Step) (open, closed []action) {
	targets := targetsOf(a.s, about)
	if target != "" {
		targets = slices.DeleteFunc(targets, func(t string) bool { return t != target })
	}
	for _, sp := range specs {
		if sp.about != about {
			continue
		}
		for _, t := range targets {
			act := action{Kind: sp.kind, Target: t, ID: "do-" + sp.kind + "-" + t, Lands: landsAt(sp.kind, t), Post: post + sp.kind, Label: a.v.say.t("act." + sp.kind), Grave: sp.grave}
			if !slices.Contains(a.may, casefile.Action{Kind: sp.kind, Target: t}) {
				act.Why = a.why(sp, t)
				closed = append(closed, act)
				continue
			}
			open = append(open, c.filled(a, act, sp, back, next))
		}
	}
	return open, closed
}

// filled makes the form of one action.
func (c *Console) filled(a *asking, act action, sp spec, back *returned, next *casefile.Step) action {
	b := *a
	b.target = act.Target
	act.Key, act.Version = newKey(), a.s.Version
	act.Say = a.v.say.t("act." + sp.kind + ".say")
	act.Main = next != nil && stepIs(*next, act)
	q := a.v.r.URL.Query()
	act.Open = q.Get("do") == act.Kind && (q.Get("target") == act.Target || act.Target == "")
	about := act.Target // what is typed is kept with what it is about
	if _, ok := a.s.Warning(tocsin.WarningID(q.Get("target"))); act.Open && act.Target == "" && ok {
		about = strings.Trim(q.Get("target")+"-"+q.Get("message"), "-")
	}
	act.Draft = string(a.v.by.ID) + "/" + string(a.s.ID) + "/" + act.Kind + "/" + about
	if back != nil && back.kind == act.Kind && back.target == act.Target {
		b.typed, b.faults, act.Error, act.Open = back.typed, back.faults, back.err, true
		if k := back.typed.Get("key"); k != "" {
			act.Key = k
		}
	}
	if len(a.may) > manyActions && !act.Open && !act.Main {
		act.Link = "?do=" + act.Kind + "&target=" + url.QueryEscape(act.Target) + "#" + act.ID
		return act
	}
	act.Sets = b.dressed(sp.sets(&b), act.ID)
	act.Error = act.Error.telling(act.Sets)
	if sp.quotes {
		act.Source = a.source
	}
	return act
}

// manyActions is how many actions a case may offer before only those that are
// asked for come with their forms: a case with many victims has hundreds.
const manyActions = 60

// stepIs reports whether an action does a step.
func stepIs(st casefile.Step, act action) bool {
	sp, _ := specOf(act.Kind)
	return st.Kind == act.Kind && (sp.about == "" || st.Target == act.Target)
}
