package console

import (
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/policy"
	"tocsin/view"
)

// field is one input of a form.
type field struct {
	Name     string
	Label    string
	Hint     string
	Type     string // text, area, select, radio, check, checks, time, hidden
	Value    string
	Chosen   map[string]bool // for checks
	Options  []option
	List     []option // offered while typing; other words are taken too
	Required bool
	Wanted   bool   // the policy wants it; there are other ways to satisfy it
	Core     bool   // Label is of the pack, in its language
	Theirs   bool   // and the labels of Options are
	Lang     string // of the words to be typed
	Fault    string // what is wrong with what was typed
	ID       string

	Elsewhere string // where more to choose from is entered
}

type option struct{ Value, Label string }

// fieldset is a group of fields; Folded ones open on demand.
type fieldset struct {
	Legend   string
	Note     string
	Core     bool // Legend is the pack's, in its language
	CoreNote bool // and Note is
	Folded   bool
	Items    []string // what it is about, a line each
	Look     string   // where to look before one answers
	Fields   []field
}

// asking is what the fields of a form are made from.
type asking struct {
	c      *Console
	v      *visit
	s      casefile.State // as it is: what may be done is asked of this
	shown  casefile.State // as this person may see it
	blind  bool           // the two differ
	target string
	packs  map[string]*policy.Pack // those of the case that are loaded, by name
	may    []casefile.Action       // what the viewer may do now
	book   []tocsin.Recipient
	typed  url.Values        // what was typed before, nil on a fresh form
	faults map[string]string // by name
	source *reading          // what forms that ask for quotes quote from
}

// spec is one row of the table of forms: what a person is asked for a command,
// and how the answers become it.
type spec struct {
	kind   string
	about  string // victim, report, warning, delivery, duty, dispute, parity; "" is the case
	quotes bool   // asks for words of the reports, which then stand beside it
	grave  bool   // asks that the person has proved who they are not long ago
	blank  func(target string) casefile.Command
	sets   func(a *asking) []fieldset
	read   func(p *posted) casefile.Command
	names  map[string]string // fields that are called otherwise than their part of the command
	// give is used in place of read where the engine runs stages around a command.
	give func(c *Console, v *visit, p *posted, o engine.Options) (engine.Result, error)
}

// posted is a form that came back.
type posted struct {
	url.Values
	c      *Console
	s      casefile.State
	target string
	blind  bool // findings are kept from whoever sent it
	say    words
	faults map[string]string
}

func (p *posted) victim() tocsin.VictimID      { return tocsin.VictimID(p.target) }
func (p *posted) report() tocsin.ReportID      { return tocsin.ReportID(p.target) }
func (p *posted) warning() tocsin.WarningID    { return tocsin.WarningID(p.target) }
func (p *posted) delivery() tocsin.DeliveryKey { return tocsin.DeliveryKey(p.target) }

// word is a field without the space around it.
func (p *posted) word(name string) string { return strings.TrimSpace(p.Get(name)) }

// text is a field as typed, with line ends as people mean them.
func (p *posted) text(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(p.Get(name), "\r\n", "\n"))
}

// must is text that cannot be left out.
func (p *posted) must(name string) string {
	t := p.text(name)
	if t == "" {
		p.faults[name] = p.say.t("fault.required")
	}
	return t
}

// lines are the non-empty lines of a field.
func (p *posted) lines(name string) []string {
	var out []string
	for l := range strings.Lines(p.text(name)) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// yes reads a choice between two that has no default.
func (p *posted) yes(name string) bool {
	v := p.word(name)
	if v != "yes" && v != "no" {
		p.faults[name] = p.say.t("fault.choose")
	}
	return v == "yes"
}

// spans finds each line of a field in the reports of the case. Words that stand
// in none of them are no evidence.
func (p *posted) spans(name string) []tocsin.Span {
	var out []tocsin.Span
	for _, quote := range p.lines(name) {
		quote = strings.Trim(quote, "\"“”„«» ")
		span, ok := p.find(quote)
		if !ok {
			p.faults[name] = p.say.t("fault.quote", quote)
			continue
		}
		out = append(out, span)
	}
	return out
}

func (p *posted) find(quote string) (tocsin.Span, bool) {
	if quote == "" {
		return tocsin.Span{}, false
	}
	for _, r := range p.s.Reports {
		rep, err := p.c.cfg.Engine.Report(r.ID)
		if err != nil {
			continue
		}
		if at := strings.Index(rep.Text, quote); at >= 0 {
			return tocsin.Span{Report: r.ID, Start: at, End: at + len(quote), Quote: quote}, true
		}
	}
	return tocsin.Span{}, false
}

// findings reads one finding for each element that was given a value.
func (p *posted) findings() []tocsin.Finding {
	var out []tocsin.Finding
	for _, e := range p.s.Elements() {
		value := tocsin.FindingValue(p.word("value." + e))
		switch {
		case value == "" && p.word("reason."+e)+p.word("quote."+e) != "":
			p.faults["value."+e] = p.say.t("fault.no_value") // what was written must not be dropped in silence
			continue
		case value == "":
			continue
		case !slices.Contains(tocsin.FindingValues(), value):
			p.faults["value."+e] = p.say.t("fault.choose")
		case value != tocsin.Unknown: // the case refuses one at a time; here all of them are marked at once
			p.must("reason." + e)
		}
		out = append(out, tocsin.Finding{Element: e, Value: value, Reason: p.text("reason." + e), Evidence: p.spans("quote." + e)})
	}
	return out
}

// The constructors of fields. Labels stand in the catalogue under field.NAME.

func (a *asking) field(typ, name string) field {
	f := field{Type: typ, Name: name, Label: a.v.say.t("field." + name)}
	if a.v.say.has("field." + name + ".hint") {
		f.Hint = a.v.say.t("field." + name + ".hint")
	}
	return f
}

func (a *asking) text(name string) field { return a.field("text", name) }
func (a *asking) area(name string) field { return a.field("area", name) }
func (a *asking) when(name string, at time.Time) field {
	f := a.field("time", name)
	f.Hint = strings.TrimSpace(f.Hint + " " + a.v.say.t("when.hint", a.v.now.UTC().Format(timeForm)))
	if !at.IsZero() {
		f.Value = at.UTC().Format(timeForm)
	}
	return f
}

func (a *asking) check(name string, on bool) field {
	f := a.field("check", name)
	f.Chosen = map[string]bool{"yes": on}
	return f
}

// choice is a decision between two, with nothing chosen beforehand.
func (a *asking) choice(name string) field {
	f := a.field("radio", name)
	f.Options = []option{{"yes", a.v.say.t("choice." + name + ".yes")}, {"no", a.v.say.t("choice." + name + ".no")}}
	f.Required = true
	return f
}

func pick[T ~string](a *asking, name, prefix string, values []T, now T) field {
	f := a.field("select", name)
	f.Value = string(now)
	for _, v := range values {
		f.Options = append(f.Options, option{string(v), a.v.say.label(prefix, string(v))})
	}
	return f
}

func (f field) required() field            { f.Required = true; return f }
func (f field) holding(value string) field { f.Value = value; return f }

func one(fields ...field) []fieldset { return []fieldset{{Fields: fields}} }

func fields(f func(a *asking) []field) func(*asking) []fieldset {
	return func(a *asking) []fieldset { return one(f(a)...) }
}

func nothing(*asking) []fieldset { return nil }

// just asks for one text.
func just(name string) func(*asking) []fieldset {
	return fields(func(a *asking) []field { return []field{a.area(name).required()} })
}

// dressed puts what was typed, and what is wrong with it, into fields.
func (a *asking) dressed(sets []fieldset, id string) []fieldset {
	for i := range sets {
		for j := range sets[i].Fields {
			f := &sets[i].Fields[j]
			f.ID = id + "-" + f.Name
			f.Fault = a.faults[f.Name]
			// What is wrong, or what somebody has typed, is never out of sight.
			sets[i].Folded = sets[i].Folded && f.Fault == "" && strings.TrimSpace(a.typed.Get(f.Name)) == ""
			if a.typed == nil {
				continue
			}
			f.Value = a.typed.Get(f.Name)
			if f.Type == "check" || f.Type == "checks" {
				f.Chosen = map[string]bool{}
				for _, v := range a.typed[f.Name] {
					f.Chosen[v] = true
				}
			}
		}
	}
	return sets
}

// action is one thing that may be done, or may not, on a page.
type action struct {
	Kind    string
	Target  string
	ID      string
	Lands   string // where one comes to who is sent to it
	Post    string // address
	Label   string
	Say     string
	Sets    []fieldset
	Key     string // idempotency
	Version int
	Draft   string // under which the browser keeps what is typed
	Open    bool
	Main    bool   // the one next thing
	Link    string // where the form is to be had, if it does not stand on this page
	Grave   bool
	Why     template.HTML // not empty: it is not open, for this reason
	Error   *formError
	Done    string
	Verdict *verdict // of the guard, on the words that the form is about
	Source  *reading // the words that it quotes from, beside it
}

// verdict is what the guard says of words, beside the button that sends them on.
type verdict struct{ Text, Class string }

// formError is why a form came back.
type formError struct {
	What, Kept, Do string
	Core           bool
	Calm           bool    // nothing is wrong: it only waits
	Fields         []wrong // what is to be corrected, in the order of the form
	Since          []line  // what has happened since the page was made
	SignIn         string
}

// wrong is one field of a form that came back: where it is, and what is the matter.
type wrong struct {
	ID, Name, Fault string
	Core            bool // Name is of the pack
}

// wrongs lists the fields of a form that are marked, each under the name of its
// section where the section has one.
func wrongs(sets []fieldset) []wrong {
	var out []wrong
	for _, set := range sets {
		for _, f := range set.Fields {
			if f.Fault == "" {
				continue
			}
			w := wrong{ID: f.ID, Name: f.Label, Fault: f.Fault, Core: f.Core}
			if set.Legend != "" {
				w.Name = set.Legend + " · " + f.Label
			}
			out = append(out, w)
		}
	}
	return out
}

// telling is an error with the fields of its form in it.
func (e *formError) telling(sets []fieldset) *formError {
	if e == nil {
		return nil
	}
	with := *e
	with.Fields = wrongs(sets)
	return &with
}

// why says what stands against a command, in the words of the core. What would
// give a grade away to somebody who may still be the second signer is not said.
func (a *asking) why(sp spec, target string) template.HTML {
	if a.blind && (sp.kind == "propose_refusal" || sp.kind == "affirm_determination") {
		return template.HTML(esc(a.v.say.t("why.blind"))) //nolint:gosec // escaped
	}
	m := casefile.Meta{At: latest(a.v.now, a.s.Now), By: a.v.by, Command: "question"}
	if _, err := casefile.Decide(a.s, m, sp.blank(target)); err != nil {
		return a.v.say.refused(err)
	}
	return ""
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// targetsOf lists what a spec could be about in a case.
func targetsOf(s casefile.State, about string) []string {
	var out []string
	switch about {
	case "":
		return []string{""}
	case "victim":
		for _, v := range s.Victims {
			out = append(out, string(v.ID))
		}
	case "report":
		for _, r := range s.Reports {
			out = append(out, string(r.ID))
		}
	case "warning":
		for _, w := range s.Warnings {
			out = append(out, string(w.ID))
		}
	case "delivery":
		for _, d := range s.Deliveries {
			out = append(out, string(d.Key))
		}
	case "duty":
		for _, d := range s.Duties {
			out = append(out, d.ID)
		}
	case "pack":
		for _, t := range s.Packs() {
			out = append(out, t.Pack.Name)
		}
	case "dispute":
		for _, d := range s.Disputes {
			out = append(out, d.ID)
		}
	case "parity":
		for _, p := range s.Parities {
			out = append(out, p.ID)
		}
	}
	return out
}

func specOf(kind string) (spec, bool) {
	i := slices.IndexFunc(specs, func(sp spec) bool { return sp.kind == kind })
	if i < 0 {
		return spec{}, false
	}
	return specs[i], true
}

// element finds what a loaded pack says of an element, by the name under which the
// case keeps findings on it, and which pack that is.
func (a *asking) element(name string) (policy.Element, string, bool) {
	for _, u := range a.s.Under(casefile.Victim{}) {
		for _, id := range u.Terms.Elements {
			if u.Element(id) == name {
				e, ok := elementOf(a.packs[u.Terms.Pack.Name], id)
				return e, u.Terms.Pack.Name, ok
			}
		}
	}
	return policy.Element{}, "", false
}

// asking gathers what forms on a case are made from.
func (c *Console) asking(v *visit, s casefile.State) *asking {
	a := &asking{c: c, v: v, s: s, shown: s, packs: map[string]*policy.Pack{}}
	for _, t := range s.Packs() {
		if p, err := c.cfg.Engine.Pack(t.Pack.Name); err == nil { // a pack that is no longer loaded asks nothing
			a.packs[t.Pack.Name] = p
		}
	}
	c.cfg.Engine.Read(func(x *view.Index) { a.book = x.Book.All() })
	now := s
	now.Now = latest(v.now, s.Now)
	a.may = casefile.Allowed(now, v.by)
	return a
}
