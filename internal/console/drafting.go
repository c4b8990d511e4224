package console

import (
	"cmp"
	"slices"
	"strings"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/view"
)

// outset is where the writing of a warning begins: at nothing, at the newest version
// of one that has not gone out, or at one that has, and that an update or an end follows.
type outset struct {
	engine.DraftRequest
	Of tocsin.WarningID // the warning in question; "" begins at nothing
}

// outset finds the warning that the address of a form to write one names, or that the
// form named which has come back.
func (a *asking) outset() outset {
	q := a.v.r.URL.Query()
	about, message := q.Get("target"), tocsin.MessageType(q.Get("message"))
	if a.typed != nil {
		about, message = cmp.Or(a.typed.Get("new_version_of"), a.typed.Get("refers")), tocsin.MessageType(a.typed.Get("message"))
	} else if q.Get("do") != (casefile.DraftWarning{}).Kind() {
		about, message = "", ""
	}
	if !slices.Contains(followers, message) {
		message = ""
	}
	fresh := outset{DraftRequest: engine.DraftRequest{Message: cmp.Or(message, tocsin.Alert), ValidFor: "36h"}}
	w, ok := a.s.Warning(tocsin.WarningID(about))
	if !ok {
		return fresh
	}
	r, err := a.c.cfg.Engine.Again(a.v.by, a.s.ID, w.ID)
	if err != nil {
		return fresh
	}
	r.ValidFor = "36h"
	if long := r.Window.Latest.Sub(r.Window.Earliest); !r.Window.Earliest.IsZero() && long > 0 {
		r.ValidFor = tocsin.Duration(long).String()
	}
	if w.Clearance != nil {
		r = engine.DraftRequest{Pack: r.Pack, Kind: r.Kind, Message: cmp.Or(message, tocsin.Update), Refers: cmp.Or(r.Refers, w.ID), Victims: r.Victims,
			Recipients: r.Recipients, Marking: r.Marking, ValidFor: r.ValidFor}
	}
	return outset{r, w.ID}
}

// followers are the messages that follow a warning that is out.
var followers = []tocsin.MessageType{tocsin.Update, tocsin.Cancel, tocsin.AllClear}

// again reports whether a version of its own is begun at.
func (b outset) again() bool { return b.Warning != "" }

// fact is what the last version says on an item in a language.
func (b outset) fact(item, lang string) string {
	i := slices.IndexFunc(b.Facts, func(f tocsin.Fact) bool { return f.Item == item })
	if i < 0 {
		return ""
	}
	return b.Facts[i].Values[lang]
}

// gap is why the last version leaves an item out.
func (b outset) gap(item string) string {
	i := slices.IndexFunc(b.Gaps, func(g tocsin.Gap) bool { return g.Item == item })
	if i < 0 {
		return ""
	}
	return b.Gaps[i].Reason
}

// own is what the author of the last version wrote in place of the composed words.
func (b outset) own(lang string) tocsin.Text {
	i := slices.IndexFunc(b.Texts, func(t tocsin.Text) bool { return t.Language == lang })
	if i < 0 {
		return tocsin.Text{}
	}
	return b.Texts[i]
}

// draftFields asks for whom, about whom, and what may be said of each item that
// the pack wants said, in every first language of the directory.
func draftFields(a *asking) []fieldset {
	b := a.outset()
	out, items := one(a.envelope(b)...), a.c.cfg.Engine.Content(a.s, b.Message)
	switch {
	case b.again():
		out[0].Legend = a.v.say.t("draft.version", string(b.Warning), a.v.say.label("message", string(b.Message)))
	case b.Message != tocsin.Alert:
		out[0].Legend = a.v.say.t("draft.follows", string(b.Refers), a.v.say.label("message", string(b.Message)))
	}
	for i, lang := range a.languages() {
		set := fieldset{Legend: a.v.say.t("draft.facts", a.v.say.language(lang)), Note: a.v.say.t("draft.facts.note"), Folded: i > 0}
		for _, item := range items {
			f := a.factField(item, lang)
			switch {
			case b.again():
				f.Value, f.Hint = b.fact(item.ID, lang), ""
			case b.Message.Ends() && !slices.Contains(lasting, item.ID):
				f.Value, f.Hint = "", "" // what was to be done while there was danger is not said of its end
			}
			set.Folded = set.Folded && (!b.again() || f.Value == "")
			set.Fields = append(set.Fields, f)
		}
		out = append(out, set)
	}
	gaps := fieldset{Legend: a.v.say.t("draft.gaps"), Note: a.v.say.t("draft.gaps.note"), Folded: true}
	for _, item := range items {
		why := b.gap(item.ID)
		gaps.Folded = gaps.Folded && why == ""
		f := field{Type: "text", Name: "gap." + item.ID, Value: why}
		f.Label, f.Core = a.v.say.asked(item.Title)
		gaps.Fields = append(gaps.Fields, f)
	}
	own := fieldset{Legend: a.v.say.t("draft.own"), Note: a.v.say.t("draft.own.note"), Folded: true}
	for _, lang := range a.languages() {
		words := b.own(lang)
		own.Folded = own.Folded && words.Body == ""
		subject, body := a.text("subject").holding(words.Subject), a.area("body").holding(words.Body)
		subject.Name, body.Name = "subject."+lang, "body."+lang
		subject.Label, body.Label = subject.Label+" ("+lang+")", body.Label+" ("+lang+")"
		subject.Lang, body.Lang = lang, lang
		own.Fields = append(own.Fields, subject, body)
	}
	return append(out, gaps, own, fieldset{Fields: []field{a.check("releasable", false).required()}})
}

// envelope asks for all of a warning but its words.
func (a *asking) envelope(b outset) []field {
	victims, recipients := a.field("checks", "victims").required(), a.field("checks", "recipients").required()
	recipients.Elsewhere = "/directory"
	victims.Chosen, recipients.Chosen = map[string]bool{}, map[string]bool{}
	for _, v := range a.s.Victims {
		victims.Options = append(victims.Options, option{string(v.ID), v.Name})
		victims.Chosen[string(v.ID)] = slices.Contains(b.Victims, v.ID) || b.Of == "" && v.Disposition == casefile.ObligationOwed
	}
	for _, r := range a.book {
		recipients.Options = append(recipients.Options, option{string(r.ID), r.Name + " (" + strings.Join(r.Languages, ", ") + ")"})
		recipients.Chosen[string(r.ID)] = slices.Contains(b.Recipients, r.ID)
	}
	first := []field{{Type: "hidden", Name: "message", Value: string(b.Message)}, {Type: "hidden", Name: "new_version_of", Value: string(b.Warning)}}
	if b.Message != tocsin.Alert {
		first = append(first, a.refers(b))
	}
	first = append(first, pick(a, "kind", "kind", tocsin.WarningKinds(), b.Kind).required())
	if len(a.s.Further) > 0 {
		under := a.field("select", "under").holding(cmp.Or(b.Pack, a.s.Terms.Pack.Name))
		for _, t := range a.s.Packs() {
			under.Options = append(under.Options, option{t.Pack.Name, t.Title})
		}
		under.Theirs = true
		first = append(first, under)
	}
	first = append(first, victims, recipients, a.text("marking").required().holding(b.Marking))
	if b.Message.Ends() { // its words do not say until when they hold; only how long they may be sent
		return append(first, field{Type: "hidden", Name: "valid_for", Value: cmp.Or(b.ValidFor, "36h")})
	}
	return append(first, a.text("valid_for").holding(b.ValidFor))
}

// refers asks which warning a message is about that follows one.
func (a *asking) refers(b outset) field {
	f := a.field("select", "refers").required().holding(string(b.Refers))
	for _, w := range a.s.Warnings {
		if w.Clearance != nil && w.Draft.Message == tocsin.Alert {
			f.Options = append(f.Options, option{string(w.ID), a.v.say.t("warning.named", string(w.ID), a.v.say.label("kind", string(w.Draft.Kind)))})
		}
	}
	return f
}

// lasting are the items that are as true of the end of a danger as of the danger: whom
// to call, and how to know that it is they.
var lasting = []string{"contact", "verify"}

// languages are the first languages of those in the directory, English first.
func (a *asking) languages() []string { return languagesOf(a.book) }

func languagesOf(book []tocsin.Recipient) []string {
	out := []string{"en"}
	for _, r := range book {
		if len(r.Languages) > 0 && !slices.Contains(out, r.Languages[0]) {
			out = append(out, r.Languages[0])
		}
	}
	slices.Sort(out[1:])
	return out
}

func giveDraft(c *Console, v *visit, p *posted, o engine.Options) (engine.Result, error) {
	var book []tocsin.Recipient
	c.cfg.Engine.Read(func(x *view.Index) { book = x.Book.All() })
	r := engine.DraftRequest{Pack: p.word("under"), Warning: tocsin.WarningID(p.word("new_version_of")), Kind: tocsin.WarningKind(p.must("kind")),
		Message: tocsin.MessageType(cmp.Or(p.word("message"), string(tocsin.Alert))), Refers: tocsin.WarningID(p.word("refers")), Marking: p.must("marking"), ValidFor: p.word("valid_for")}
	for _, id := range p.Values["victims"] {
		r.Victims = append(r.Victims, tocsin.VictimID(id))
	}
	for _, id := range p.Values["recipients"] {
		r.Recipients = append(r.Recipients, tocsin.RecipientID(id))
	}
	for _, name := range []string{"victims", "recipients"} {
		if len(p.Values[name]) == 0 {
			p.faults[name] = p.say.t("fault.choose")
		}
	}
	releasable := p.has("releasable")
	for _, item := range c.cfg.Engine.Content(p.s, r.Message) {
		f := tocsin.Fact{Item: item.ID, Values: map[string]string{}, Releasable: releasable}
		for _, lang := range languagesOf(book) {
			if t := p.text("fact." + item.ID + "." + lang); t != "" {
				f.Values[lang] = t
			}
		}
		if len(f.Values) > 0 {
			r.Facts = append(r.Facts, f)
		} else if why := p.text("gap." + item.ID); why != "" {
			r.Gaps = append(r.Gaps, tocsin.Gap{Item: item.ID, Reason: why})
		}
	}
	for _, lang := range languagesOf(book) {
		if body := p.text("body." + lang); body != "" {
			r.Texts = append(r.Texts, tocsin.Text{Language: lang, Subject: p.text("subject." + lang), Body: body})
		}
	}
	if len(r.Facts) > 0 && !releasable {
		p.faults["releasable"] = p.say.t("fault.releasable")
	}
	if len(p.faults) > 0 {
		return engine.Result{}, nil
	}
	return c.cfg.Engine.Draft(v.ctx(), v.by, p.s.ID, r, o)
}
