package console

import (
	"cmp"
	"slices"

	"tocsin"
	"tocsin/casefile"
	"tocsin/policy"
)

// packView is one policy that a case stands under.
type packView struct {
	Ref     tocsin.PackRef
	Title   string
	Loaded  bool           // in this edition, so that its page tells what holds here
	Known   bool           // in some edition, so that there is a page
	Other   tocsin.PackRef // the edition that is loaded instead; its digest is empty if none is
	Actions []action
	Closed  []action
}

// standingView is where a victim stands under one policy of the case.
type standingView struct {
	casefile.Standing
	Pack     tocsin.PackRef
	Title    string
	Elements []elementView
	Next     []deciding
}

// deciding is a question that decides, by the name of what it is about.
type deciding struct {
	policy.Question
	Name string
	Own  bool // the name is the pack's, in its language
}

// claimView is what a waiver rests on under one policy.
type claimView struct {
	Pack         string
	Ground       tocsin.Ground
	Answers      []answerView
	Alternatives string
}

type answerView struct{ Question, Answer string }

func (c *Console) packViews(s casefile.State) []packView {
	other := c.cfg.Engine.Editions(s)
	var out []packView
	for _, t := range s.Packs() {
		n := packView{Ref: t.Pack, Title: t.Title}
		if p, err := c.cfg.Engine.Pack(t.Pack.Name); err == nil {
			n.Known, n.Loaded = true, p.Ref() == t.Pack
		}
		if i := slices.IndexFunc(other, func(r tocsin.PackRef) bool { return r.Name == t.Pack.Name }); i >= 0 {
			n.Other = other[i]
		}
		out = append(out, n)
	}
	return out
}

// standings lists where a victim stands under each policy of the case. Elements
// are numbered through, as their words are marked in the reports.
func (a *asking) standings(x casefile.Victim) []standingView {
	var out []standingView
	mark := 0
	for _, u := range a.s.Under(x) {
		n := standingView{Standing: u.Standing, Pack: u.Terms.Pack, Title: u.Terms.Title}
		pack := a.packs[u.Terms.Pack.Name]
		for _, id := range u.Terms.Elements {
			mark++
			e := elementView{ID: u.Element(id), Title: id, Mark: mark, Finding: tocsin.Finding{Element: u.Element(id), Value: tocsin.Unknown}}
			if pe, ok := elementOf(pack, id); ok {
				e.Title, e.Own = a.v.say.asked(pe.Title)
			}
			if i := slices.IndexFunc(x.Findings, func(f tocsin.Finding) bool { return f.Element == e.ID }); i >= 0 {
				e.Finding = x.Findings[i]
			}
			n.Elements = append(n.Elements, e)
		}
		if pack != nil && !x.Disposition.Ended() {
			for _, q := range pack.Next(a.s.Threat.Harm, u.Found(x.Findings)) {
				name, own := a.v.say.asked(q.Title)
				n.Next = append(n.Next, deciding{q, name, own})
			}
		}
		out = append(out, n)
	}
	return out
}

func elementOf(p *policy.Pack, id string) (policy.Element, bool) {
	if p == nil {
		return policy.Element{}, false
	}
	all := p.Elements()
	i := slices.IndexFunc(all, func(e policy.Element) bool { return e.ID == id })
	if i < 0 {
		return policy.Element{}, false
	}
	return all[i], true
}

// claims lists what a waiver rests on, by policy.
func claims(s casefile.State, w *casefile.Waiver) []claimView {
	if w == nil {
		return nil
	}
	first := casefile.Claim{Pack: s.Terms.Pack.Name, Ground: w.Ground, Evidence: w.Evidence, Alternatives: w.Alternatives}
	var out []claimView
	for _, c := range append([]casefile.Claim{first}, w.Further...) {
		t, _ := s.Pack(c.Pack)
		g, ok := t.Ground(c.Ground)
		if !ok {
			g = tocsin.Ground{ID: c.Ground, Title: c.Ground}
		}
		n := claimView{Pack: c.Pack, Ground: g, Alternatives: c.Alternatives}
		asked := map[string]bool{}
		for _, e := range g.Evidence {
			asked[e.ID] = true
			n.Answers = append(n.Answers, answerView{e.Question, c.Evidence[e.ID]})
		}
		for _, id := range sortedKeys(c.Evidence) {
			if !asked[id] { // of an earlier edition of the ground
				n.Answers = append(n.Answers, answerView{id, c.Evidence[id]})
			}
		}
		out = append(out, n)
	}
	return out
}

func sortedKeys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// untold says who must still be told about each victim, in the core's words.
func untold(s casefile.State) map[tocsin.VictimID]string {
	out := map[tocsin.VictimID]string{}
	for _, st := range casefile.Outstanding(s) {
		if st.Kind == (casefile.DraftWarning{}).Kind() {
			out[tocsin.VictimID(st.Target)] = st.Why
		}
	}
	return out
}

// recordFields asks, for each item that the policies want on record, where it
// stands.
func recordFields(a *asking) []fieldset {
	out := append(one(a.area("reason").required()), a.underwayFields()...)
	asked := map[string]bool{}
	for _, t := range a.s.Packs() {
		set := fieldset{Legend: a.v.say.t("close.records", t.Title), Note: a.v.say.t("close.records.note")}
		for _, id := range t.Records {
			if asked[id] {
				continue
			}
			asked[id] = true
			set.Fields = append(set.Fields, field{Type: "text", Name: "record." + id, Label: a.recordTitle(t, id), Core: true, Value: cmp.Or(a.s.OnRecord[id], a.inRecord(id))})
		}
		if len(set.Fields) > 0 {
			out = append(out, set)
		}
	}
	return out
}

// recorded are the events by which the record of a case itself holds what packs want on
// record, for the items that it can hold.
var recorded = map[string][]string{
	"determination":                 {casefile.Determined{}.Kind(), casefile.DeterminationAffirmed{}.Kind()},
	"waiver_or_refusal_with_reason": {casefile.WaiverProposed{}.Kind(), casefile.WaiverApproved{}.Kind(), casefile.WaiverDenied{}.Kind(), casefile.RefusalProposed{}.Kind(), casefile.RefusalSigned{}.Kind(), casefile.RefusalOverturned{}.Kind()},
	"warning_words":                 {casefile.WarningDrafted{}.Kind(), casefile.WarningReleased{}.Kind()},
	"delivery_attempts":             {casefile.DeliveryStarted{}.Kind(), casefile.DeliveryHanded{}.Kind(), casefile.DeliveryFailed{}.Kind()},
	"acknowledgement_or_silence":    {casefile.Acknowledged{}.Kind(), casefile.ServiceRecorded{}.Kind(), casefile.DeliveryEscalated{}.Kind()},
	"coordination":                  {casefile.ConsentAsked{}.Kind(), casefile.ConsentAnswered{}.Kind(), casefile.HandoverOffered{}.Kind(), casefile.HandoverAccepted{}.Kind(), casefile.HandoverDeclined{}.Kind()},
	"after_duties":                  {casefile.DutyCreated{}.Kind(), casefile.DutyDone{}.Kind()},
	"outcome":                       {casefile.OutcomeRecorded{}.Kind()},
	"service":                       {casefile.ServiceRecorded{}.Kind()},
	"disposition_of_every_victim":   {casefile.DischargeRecorded{}.Kind(), casefile.WaiverApproved{}.Kind(), casefile.RefusalSigned{}.Kind(), casefile.HandoverAccepted{}.Kind(), casefile.OutcomeRecorded{}.Kind()},
}

// inRecord says how often the record of the case holds an item, for the closer to read
// and to correct; nothing of an item that only somebody can know of.
func (a *asking) inRecord(item string) string {
	kinds, ok := recorded[item]
	if !ok {
		return ""
	}
	record, err := a.c.events(a.v.ctx(), a.s)
	if err != nil {
		return "" // the page says so where it shows them
	}
	n := 0
	for _, r := range record {
		if slices.Contains(kinds, r.Kind) {
			n++
		}
	}
	if n == 0 {
		return a.v.say.t("close.none_here")
	}
	return a.v.say.t("close.here", n)
}

// underwayFields names what has left and is not known to have arrived, says that
// closing ends the following of it, and asks the closer for words on it.
func (a *asking) underwayFields() []fieldset {
	under := casefile.OnTheWay(a.s)
	if len(under) == 0 {
		return nil
	}
	set := fieldset{Legend: a.v.say.t("close.underway", len(under)), Note: a.v.say.t("close.underway.note"), Fields: []field{a.area("on_the_way").required()}}
	for _, u := range under {
		set.Items = append(set.Items, a.v.say.t("close.underway.item", string(u.Warning), a.v.say.label("message", string(u.Message)), u.Addressee,
			a.v.say.label("channel", u.Channel), a.v.say.label("state", string(u.State))))
	}
	return []fieldset{set}
}

// affirmFields asks whoever has not seen the findings for their word that they
// affirm without having seen them. The second signer of a refusal must be blind;
// whoever affirms must not be, and cannot sign second afterwards in either case. So
// looking first costs nothing, and the form says so.
func affirmFields(a *asking) []fieldset {
	if !a.blind {
		return nil
	}
	blind := a.check("unseen", false).required()
	return []fieldset{{Legend: a.v.say.t("affirm.blind"), Note: a.v.say.t("affirm.blind.say"), Fields: []field{blind}, Look: a.look()}}
}

// look is the address of the form by which the findings are opened, if it is the
// viewer's to use.
func (a *asking) look() string {
	if !slices.Contains(a.may, casefile.Action{Kind: casefile.SeeGrade{}.Kind()}) {
		return ""
	}
	return "?do=see_grade#do-see_grade-"
}

func readAffirmation(p *posted) casefile.Command {
	if p.blind && !p.has("unseen") {
		p.faults["unseen"] = p.say.t("fault.unseen")
	}
	return casefile.AffirmDetermination{Victim: p.victim()}
}

func (a *asking) recordTitle(t tocsin.Terms, id string) string {
	if p := a.packs[t.Pack.Name]; p != nil {
		for _, r := range p.RecordItems() {
			if r.ID == id {
				return r.Title
			}
		}
	}
	return id
}

func readClose(p *posted) casefile.Command {
	c := casefile.CloseCase{Reason: p.must("reason"), OnTheWay: p.text("on_the_way"), Records: map[string]string{}}
	for _, t := range p.s.Packs() {
		for _, id := range t.Records {
			if where := p.text("record." + id); where != "" {
				c.Records[id] = where
			}
		}
	}
	return c
}
