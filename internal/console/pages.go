package console

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/channel/inperson"
	"tocsin/ledger"
	"tocsin/policy"
	"tocsin/verify"
	"tocsin/view"
)

type boardLine struct {
	deliveryView
	Case      tocsin.CaseID
	CaseTitle string // empty for those who do not see cases
	Waits     string // kind of the step that somebody owes
}

type boardPage struct {
	Page
	Waiting []boardLine
	Others  []boardLine
	More    int
	Whole   bool // the viewer sees cases
}

const boardLines = 300

func (c *Console) deliveries(v *visit) error {
	p := boardPage{Page: c.head(v, "nav.deliveries"), Whole: v.by.Has(caseRoles...)}
	p.Live = true
	for _, s := range c.states(v, func(s casefile.State) bool { return len(s.Deliveries) > 0 }) {
		waits := view.Waiting(s)
		for _, d := range s.Deliveries {
			w, _ := s.Warning(d.Warning)
			n := boardLine{deliveryView: deliveryOf(s, w, d, v.now), Case: s.ID}
			if p.Whole {
				n.CaseTitle = s.Title
			}
			if st, ok := waits[d.Key]; ok {
				n.Waits = st.Kind
				n.Due = st.Due
				p.Waiting = append(p.Waiting, n)
			} else if p.Whole {
				p.Others = append(p.Others, n)
			}
		}
	}
	slices.SortStableFunc(p.Waiting, func(a, b boardLine) int {
		if a.Due.IsZero() != b.Due.IsZero() {
			return cmp.Compare(b.Due.Unix(), a.Due.Unix())
		}
		return a.Due.Compare(b.Due)
	})
	slices.SortStableFunc(p.Others, func(a, b boardLine) int { return last(b.Delivery).Compare(last(a.Delivery)) })
	if p.More = len(p.Others) - boardLines; p.More > 0 {
		p.Others = p.Others[:boardLines]
	}
	for _, w := range p.Waiting {
		if w.Late {
			p.Badge++
		}
	}
	c.render(v, http.StatusOK, "deliveries", p)
	return nil
}

// last is when the newest thing happened to a delivery.
func last(d casefile.Delivery) time.Time {
	at := d.FirstTry
	for _, t := range []time.Time{d.Handed, d.Delivered, d.Answered} {
		at = latest(at, t)
	}
	return at
}

type deliveryPage struct {
	Page
	D         deliveryView
	W         casefile.Warning
	Case      tocsin.CaseID
	CaseTitle string
	Whole     bool // the viewer sees the case
	Text      tocsin.Text
	Copy      *tocsin.Text // the words in the reader's language, if Text is in another
	Care      []tocsin.Care
	Verify    string
	Task      *inperson.Script // to take along, once the task is handed over
	Actions   []action
	Closed    []action
	Error     *formError
}

// deliveryAt finds a delivery of any case.
func (c *Console) deliveryAt(v *visit, key tocsin.DeliveryKey) (casefile.State, casefile.Delivery, error) {
	for _, s := range c.states(v, func(s casefile.State) bool { return len(s.Deliveries) > 0 }) {
		if d, ok := s.Delivery(key); ok {
			return s, d, nil
		}
	}
	return casefile.State{}, casefile.Delivery{}, notFound(v, "error.no_delivery")
}

func (c *Console) delivery(v *visit) error { return c.showDelivery(v, nil) }

func (c *Console) showDelivery(v *visit, back *returned) error {
	s, d, err := c.deliveryAt(v, tocsin.DeliveryKey(v.r.PathValue("key")))
	if err != nil {
		return err
	}
	if err := c.cfg.Engine.ReadSealed(v.ctx(), v.by, s, view.ReadDelivery); err != nil {
		return err
	}
	w, _ := s.Warning(d.Warning)
	r, _ := w.Draft.Recipient(d.Recipient)
	p := deliveryPage{Page: c.head(v, ""), D: deliveryOf(s, w, d, v.now), W: w, Case: s.ID, CaseTitle: s.Title, Whole: v.by.Has(caseRoles...), Verify: r.Verify}
	p.Title, p.Here, p.Live, p.Watch = p.D.Name, "/deliveries", true, s.Version
	p.Text, _ = w.Draft.Text(r)
	if i := slices.IndexFunc(w.Draft.Texts, func(t tocsin.Text) bool { return t.Language == v.say.lang() }); i >= 0 && p.Text.Language != v.say.lang() {
		p.Copy = &w.Draft.Texts[i]
	} else if i = slices.IndexFunc(w.Draft.Texts, func(t tocsin.Text) bool { return t.Language == "en" }); i >= 0 && p.Text.Language != "en" && p.Text.Language != v.say.lang() {
		p.Copy = &w.Draft.Texts[i]
	}
	p.Care = s.Care(w)
	if d.Channel == inperson.Name {
		p.Task = c.task(w, d, p.Care)
	}
	p.Actions, p.Closed = c.actions(c.asking(v, s), "delivery", string(d.Key), "/deliveries/"+string(d.Key)+"/do/", back, nil)
	for i := range p.Actions {
		next := view.Waiting(s)[d.Key].Kind == p.Actions[i].Kind
		p.Actions[i].Open, p.Actions[i].Main = p.Actions[i].Open || next, next
	}
	slices.SortStableFunc(p.Actions, func(a, b action) int { // the one next thing first
		if a.Main == b.Main {
			return 0
		} else if a.Main {
			return -1
		}
		return 1
	})
	status := http.StatusOK
	if back != nil {
		status = cmp.Or(back.status, http.StatusConflict)
		if !slices.ContainsFunc(p.Actions, func(x action) bool { return x.Error != nil }) {
			p.Error = back.err
		}
	}
	c.render(v, status, "delivery", p)
	return nil
}

// task is what a deliverer takes along, once the task is handed over.
func (c *Console) task(w casefile.Warning, d casefile.Delivery, care []tocsin.Care) *inperson.Script {
	if w.Clearance == nil || d.Handed.IsZero() {
		return nil
	}
	s, err := inperson.ScriptFor(*w.Clearance, w.Draft, d.Key, d.Recipient, d.Rung, care)
	if err != nil {
		c.cfg.Log.Error("no script could be made for a task in person", "delivery", d.Key, "cause", err)
		return nil
	}
	s.Exercise = c.cfg.Exercise
	return &s
}

// actOnDelivery gives a command about one delivery, for those who do not see the
// case behind it.
func (c *Console) actOnDelivery(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	s, d, err := c.deliveryAt(v, tocsin.DeliveryKey(v.r.PathValue("key")))
	if err != nil {
		return err
	}
	sp, ok := specOf(v.r.PathValue("kind"))
	if !ok || sp.about != "delivery" {
		return notFound(v, "error.no_action")
	}
	v.r.PostForm.Set("target", string(d.Key)) // the address says which
	back, res, err := c.given(v, s, sp.kind)
	switch {
	case err != nil:
		return err
	case back != nil:
		if !v.by.Has(caseRoles...) && back.err != nil {
			back.err.Since = nil // lines of a case that this person does not see
		}
		return c.showDelivery(v, back)
	}
	c.flash(v, sp.kind, res)
	http.Redirect(v.w, v.r, "/deliveries/"+string(d.Key), http.StatusSeeOther)
	return nil
}

func (c *Console) policies(v *visit) error {
	p := struct {
		Page
		Packs []*policy.Pack
	}{Page: c.head(v, "nav.policies")}
	for _, o := range c.packOptions() {
		if pack, err := c.cfg.Engine.Pack(o.Value); err == nil {
			p.Packs = append(p.Packs, pack)
		}
	}
	c.render(v, http.StatusOK, "policies", p)
	return nil
}

type clockRow struct {
	Name tocsin.ClockName
	tocsin.ClockRule
}

type powerRow struct {
	Power tocsin.Power
	Roles []tocsin.Role
}

func (c *Console) policyPage(v *visit) error {
	pack, err := c.cfg.Engine.Pack(v.r.PathValue("name"))
	if err != nil {
		return notFound(v, "error.no_pack")
	}
	p := struct {
		Page
		P      *policy.Pack
		T      tocsin.Terms
		Clocks []clockRow
		Powers []powerRow
	}{Page: c.head(v, ""), P: pack, T: pack.Terms()}
	p.Title, p.Here = pack.Terms().Title, "/policies"
	for _, n := range tocsin.ClockNames() {
		if r, ok := p.T.Clocks[n]; ok {
			p.Clocks = append(p.Clocks, clockRow{n, r})
		}
	}
	for _, n := range tocsin.Powers() {
		p.Powers = append(p.Powers, powerRow{n, p.T.Powers[n]})
	}
	c.render(v, http.StatusOK, "policy", p)
	return nil
}

type recordPage struct {
	Page
	Size       int64
	Checkpoint string
	Signed     int64 // size that the checkpoint covers, -1 if there is none
	Proof      *verify.Report
	Took       time.Duration
}

func (c *Console) recordPage(v *visit) (recordPage, error) {
	p := recordPage{Page: c.head(v, "nav.record"), Signed: -1}
	var err error
	if p.Size, err = c.cfg.Store.Log().Size(v.ctx()); err != nil {
		return p, err
	}
	b, err := c.cfg.Store.Log().Checkpoint(v.ctx())
	if err != nil {
		return p, err
	}
	p.Checkpoint = string(b)
	if b != nil {
		if cp, err := ledger.ReadUnverified(b); err == nil {
			p.Signed = cp.Size
		}
	}
	return p, nil
}

func (c *Console) record(v *visit) error {
	p, err := c.recordPage(v)
	if err != nil {
		return err
	}
	c.render(v, http.StatusOK, "record", p)
	return nil
}

// verify proves the record while the page waits, one proof at a time.
func (c *Console) verify(v *visit) error {
	if !c.verifying.TryLock() {
		return saidFault(tocsin.Unavailable, "busy", v.say.t("error.verifying"), v.say.t("error.verifying.do"))
	}
	defer c.verifying.Unlock()
	p, err := c.recordPage(v)
	if err != nil {
		return err
	}
	begun := time.Now()
	proof, err := verify.Ledger(v.ctx(), c.cfg.Store, c.cfg.Verifier, nil)
	if err != nil {
		return err
	}
	p.Proof, p.Took = &proof, time.Since(begun)
	c.render(v, http.StatusOK, "record", p)
	return nil
}

func (c *Console) keys(v *visit) error {
	c.render(v, http.StatusOK, "keys", struct{ Page }{c.head(v, "keys.title")})
	return nil
}

// signing mounts the pages of sessions over tokens.
func (c *Console) signing(t *Tokens) {
	type signPage struct {
		Page
		Next, Name string
		Error      *formError
	}
	c.mux.HandleFunc("GET /sign-in", func(w http.ResponseWriter, r *http.Request) {
		v := c.visit(w, r)
		c.render(v, http.StatusOK, "sign-in", signPage{Page: c.head(v, "sign.title"), Next: local(r.URL.Query().Get("next"))})
	})
	c.mux.HandleFunc("POST /sign-in", func(w http.ResponseWriter, r *http.Request) {
		v := c.visit(w, r)
		if err := c.parsed(v); err != nil {
			c.fail(v, err)
			return
		}
		name, next := r.PostForm.Get("name"), local(r.PostForm.Get("next"))
		err := t.begin(w, r, name, r.PostForm.Get("token"))
		if err == nil {
			http.Redirect(w, r, c.landing(r.PostForm.Get("token"), next), http.StatusSeeOther)
			return
		}
		c.tokenFailed(v, err)
		p := signPage{Page: c.head(v, "sign.title"), Next: next, Name: name, Error: &formError{What: v.say.t("sign.wrong"), Kept: v.say.t("sign.wrong.kept"), Do: v.say.t("sign.wrong.do")}}
		if tocsin.KindOf(err) != tocsin.Forbidden {
			p.Error = errorOf(v, err)
		}
		c.render(v, http.StatusForbidden, "sign-in", p)
	})
	c.mux.HandleFunc("POST /sign-out", func(w http.ResponseWriter, r *http.Request) {
		t.leave(w, r)
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	})
}

// landing is where somebody goes on who has just signed in: where they were, or
// the first page that is theirs.
func (c *Console) landing(token, next string) string {
	if next != "/" {
		return next
	}
	by, err := c.cfg.Users.Authenticate(token)
	if h := home(by); err == nil && h != "" {
		return h
	}
	return next
}
