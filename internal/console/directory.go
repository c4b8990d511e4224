package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tocsin"
	"tocsin/engine"
	"tocsin/view"
)

type directoryPage struct {
	Page
	All    []tocsin.Recipient
	One    *tocsin.Recipient // the entry that is to be changed, on its own page
	Form   *action           // nil if the viewer may not change the directory
	Change bool              // the viewer may change entries
}

func (c *Console) directory(v *visit) error { return c.showDirectory(v, nil) }

func (c *Console) showDirectory(v *visit, back *returned) error {
	p := directoryPage{Page: c.head(v, "nav.directory"), Change: v.by.Has(directoryRoles...) && !v.by.Has(tocsin.Inspector)}
	p.Here = "/directory"
	c.cfg.Engine.Read(func(x *view.Index) { p.All = x.Book.All() })
	if p.Change {
		p.Form = c.recipientForm(v, tocsin.Recipient{}, back)
		p.Form.Open = p.Form.Open || len(p.All) == 0
	}
	c.render(v, statusAfter(back), "directory", p)
	return nil
}

func statusAfter(back *returned) int {
	if back != nil {
		return back.status
	}
	return http.StatusOK
}

func (c *Console) recipient(v *visit) error {
	return c.showRecipient(v, tocsin.RecipientID(v.r.PathValue("id")), nil)
}

func (c *Console) showRecipient(v *visit, id tocsin.RecipientID, back *returned) error {
	r, ok := c.entry(id)
	if !ok {
		return notFound(v, "error.no_recipient")
	}
	p := directoryPage{Page: c.head(v, ""), One: &r, Change: v.by.Has(directoryRoles...) && !v.by.Has(tocsin.Inspector)}
	p.Title, p.Here = r.Name, "/directory"
	if p.Change {
		p.Form = c.recipientForm(v, r, back)
		p.Form.Open = true
	}
	c.render(v, statusAfter(back), "recipient", p)
	return nil
}

func (c *Console) entry(id tocsin.RecipientID) (r tocsin.Recipient, ok bool) {
	c.cfg.Engine.Read(func(x *view.Index) {
		var err error
		r, err = x.Book.Find(id)
		ok = err == nil
	})
	return r, ok
}

// relations are those that the directory knows.
var relations = []string{"own", "ally", "neutral", "adversary", "adversary_no_relations"}

// channels are those that a rung may name.
var channels = []string{"smtp", "webhook", "in_person"}

// spareRungs is how many empty rungs a form has beside those that there are.
const spareRungs = 2

// recipientForm asks for an entry: r as it stands, or a new one.
func (c *Console) recipientForm(v *visit, r tocsin.Recipient, back *returned) *action {
	a := &asking{c: c, v: v}
	id := a.text("recipient_id").required()
	if r.ID != "" {
		id = field{Type: "hidden", Name: "recipient_id", Value: string(r.ID)}
	}
	sets := one(id, a.text("recipient_name").required().holding(r.Name), pick(a, "recipient_kind", "kind", tocsin.WarningKinds(), r.Kind).required(),
		a.languageLines(r), a.country("jurisdiction", r.Jurisdiction), pick(a, "relation", "relation", relations, r.Relation),
		a.area("groups").holding(strings.Join(r.Groups, "\n")), a.text("clearance").holding(r.Clearance), a.area("verify").holding(r.Verify),
		field{Type: "hidden", Name: "was", Value: entryDigest(r)})
	sets = append(sets, fieldset{Legend: v.say.t("directory.rungs"), Note: v.say.t("directory.rungs.note")})
	for i := range rungsAsked(r, back) {
		g := tocsin.Rung{}
		if i < len(r.Ladder) {
			g = r.Ladder[i]
		}
		sets = append(sets, a.rungSet(i+1, g))
	}
	x := &action{Kind: "recipient", ID: "do-recipient-" + string(r.ID), Post: "/directory", Label: v.say.t("directory.new"), Say: v.say.t("directory.say"), Key: newKey(),
		Draft: string(v.by.ID) + "/recipient/" + string(r.ID), Open: back != nil}
	if r.ID != "" {
		x.Label = v.say.t("directory.set")
	}
	if back != nil {
		a.typed, a.faults, x.Error = back.typed, back.faults, back.err
	}
	x.Sets = a.dressed(sets, x.ID)
	x.Error = x.Error.telling(x.Sets)
	if back != nil { // what it is compared with is how the entry stands now
		setHidden(x.Sets, "was", entryDigest(r))
	}
	return x
}

// languageLines asks for the languages of an entry, and says which the policies speak.
func (a *asking) languageLines(r tocsin.Recipient) field {
	f := a.area("languages").required().holding(strings.Join(r.Languages, "\n"))
	if has := a.c.spoken(a.v.say); has != "" {
		f.Hint += " " + a.v.say.t("directory.spoken", has)
	}
	return f
}

func setHidden(sets []fieldset, name, value string) {
	for i := range sets {
		for j := range sets[i].Fields {
			if sets[i].Fields[j].Name == name {
				sets[i].Fields[j].Value = value
			}
		}
	}
}

// rungsAsked is how many rungs a form has: as many as were typed, or spare ones.
func rungsAsked(r tocsin.Recipient, back *returned) int {
	n := len(r.Ladder) + spareRungs
	if back != nil {
		for i := n + 1; i <= maxRungs; i++ {
			if back.typed.Has(fmt.Sprintf("rung_channel.%d", i)) || back.typed.Has(fmt.Sprintf("rung_address.%d", i)) {
				n = i
			}
		}
	}
	return min(n, maxRungs)
}

// maxRungs bounds the rungs that a form takes.
const maxRungs = 40

func (a *asking) rungSet(n int, g tocsin.Rung) fieldset {
	known := slices.Clone(channels)
	if g.Channel != "" && !slices.Contains(known, g.Channel) {
		known = append(known, g.Channel)
	}
	var via []string
	for _, p := range g.Via {
		line := p.Name
		if len(p.Groups) > 0 {
			line += ": " + strings.Join(p.Groups, ", ")
		}
		via = append(via, line)
	}
	level := ""
	if g.Level > 0 {
		level = strconv.Itoa(g.Level)
	}
	set := fieldset{Legend: a.v.say.t("directory.rung", n), Folded: g.Channel == "" && n > 1,
		Fields: []field{pick(a, "rung_channel", "channel", known, g.Channel), a.text("rung_address").holding(g.Address), a.text("rung_addressee").holding(g.Addressee),
			a.text("rung_level").holding(level), a.area("rung_via").holding(strings.Join(via, "\n"))}}
	for i := range set.Fields {
		set.Fields[i].Name += "." + strconv.Itoa(n)
	}
	return set
}

// entryDigest names an entry as it stands, so that a form made from an older one
// is noticed.
func entryDigest(r tocsin.Recipient) string {
	if r.ID == "" {
		return ""
	}
	b, err := json.Marshal(r)
	if err != nil {
		return "" // strings and numbers always marshal
	}
	return string(tocsin.DigestOf(b))
}

// setRecipient enters somebody, or changes an entry.
func (c *Console) setRecipient(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	p := &posted{Values: v.r.PostForm, c: c, say: v.say, faults: map[string]string{}}
	r := readRecipient(p)
	was := p.Get("was")
	now, exists := c.entry(r.ID)
	again := func(told *formError, status int) error {
		back := &returned{kind: "recipient", typed: url.Values(p.Values), faults: p.faults, err: told, status: status}
		if was != "" && exists {
			return c.showRecipient(v, r.ID, back)
		}
		return c.showDirectory(v, back)
	}
	if was == "" && exists {
		p.faults["recipient_id"] = v.say.t("fault.taken")
	}
	if len(p.faults) > 0 {
		return again(&formError{What: v.say.t("error.fields"), Kept: v.say.t("error.typed_kept"), Do: v.say.t("error.fields.do")}, http.StatusUnprocessableEntity)
	}
	if exists && was != entryDigest(now) {
		return again(&formError{What: v.say.t("directory.changed"), Kept: v.say.t("error.typed_kept"), Do: v.say.t("directory.changed.do")}, http.StatusConflict)
	}
	if _, err := c.cfg.Engine.SetRecipient(v.ctx(), v.by, r); err != nil {
		var told *tocsin.Error
		if errors.As(err, &told) {
			(&returned{typed: p.Values, faults: p.faults}).marked(v.say, told, recipientFields)
		}
		return again(errorOf(v, err), statusOf(tocsin.KindOf(err)))
	}
	c.flash(v, "recipient", engine.Result{})
	http.Redirect(v.w, v.r, "/directory#r-"+string(r.ID), http.StatusSeeOther)
	return nil
}

// recipientFields are the fields of the form by the parts of an entry.
var recipientFields = map[string]string{"id": "recipient_id", "name": "recipient_name", "kind": "recipient_kind", "ladder": "rung_channel.1"}

func readRecipient(p *posted) tocsin.Recipient {
	r := tocsin.Recipient{ID: tocsin.RecipientID(p.must("recipient_id")), Name: p.must("recipient_name"), Kind: tocsin.WarningKind(p.must("recipient_kind")),
		Jurisdiction: p.country("jurisdiction"), Relation: p.word("relation"), Languages: p.languages("languages"), Groups: p.lines("groups"),
		Clearance: p.word("clearance"), Verify: p.text("verify")}
	if r.ID != "" && !tocsin.ValidID(string(r.ID)) {
		p.faults["recipient_id"] = p.say.t("fault.id")
	}
	for n := 1; n <= maxRungs; n++ {
		if g, ok := readRung(p, "."+strconv.Itoa(n)); ok {
			r.Ladder = append(r.Ladder, g)
		}
	}
	if len(r.Ladder) == 0 && p.faults["rung_address.1"] == "" {
		p.faults["rung_channel.1"] = p.say.t("fault.required")
	}
	return r
}

// readRung reads one rung; one without channel and address is not meant.
func readRung(p *posted, n string) (tocsin.Rung, bool) {
	g := tocsin.Rung{Channel: p.word("rung_channel" + n), Address: p.word("rung_address" + n), Addressee: p.word("rung_addressee" + n), Level: 1}
	if g.Channel == "" && g.Address == "" && g.Addressee == "" {
		return g, false
	}
	for name, value := range map[string]string{"rung_channel": g.Channel, "rung_address": g.Address, "rung_addressee": g.Addressee} {
		if value == "" {
			p.faults[name+n] = p.say.t("fault.required")
		}
	}
	if level := p.word("rung_level" + n); level != "" {
		var err error
		if g.Level, err = strconv.Atoi(level); err != nil || g.Level < 1 {
			p.faults["rung_level"+n] = p.say.t("fault.level")
		}
	}
	for _, line := range p.lines("rung_via" + n) {
		name, groups, _ := strings.Cut(line, ":")
		party := tocsin.Party{Name: strings.TrimSpace(name)}
		for group := range strings.SplitSeq(groups, ",") {
			if group = strings.TrimSpace(group); group != "" {
				party.Groups = append(party.Groups, group)
			}
		}
		g.Via = append(g.Via, party)
	}
	return g, true
}
