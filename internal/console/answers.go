package console

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/release"
)

// Answering the guard. One form holds every question that is open about a warning. For
// each, a person chooses a reason that fits what is asked, or writes their own; nothing
// is chosen beforehand, and what is left open stays open. The reason goes into the
// record as a full sentence in the language of whoever answers: it is what an inspector
// reads, so the form shows it before it is sent.

// reason is an answer that fits some of the guard's questions. Its name stands in the
// catalogue under reason.KEY, its sentence under reason.KEY.words, and what must be
// added to it under reason.KEY.ask.
type reason struct {
	key   string
	needs need
}

// need is what a reason is nothing without.
type need string

const (
	needsNothing need = "nothing"
	needsWords   need = "words"
	needsReport  need = "report"
)

// ownWords is the reason that is all the officer's own.
var ownWords = reason{"own", needsWords}

// reasons lists, for the beginning of a rule's name, what may answer its questions. To
// these comes ownWords. The longest beginning counts.
var reasons = map[string][]reason{
	"support/":    {{"advice", needsNothing}, {"victim", needsWords}, {"public", needsWords}, {"report", needsReport}},
	"rare/":       {{"everyday", needsNothing}, {"victim", needsWords}, {"public", needsWords}, {"report", needsReport}},
	"copy/":       {{"everyday", needsNothing}, {"victim", needsWords}, {"public", needsWords}, {"report", needsReport}},
	"collection/": {{"general", needsNothing}, {"victim", needsWords}, {"public", needsWords}, {"report", needsReport}},
	"setting/":    {{"checked", needsWords}, {"report", needsReport}},
	"link/":       {{"looked", needsWords}},
	"content/":    {{"elsewhere", needsWords}, {"unsaid", needsWords}},
	"hidden/":     {{"spelt", needsNothing}},
	"metadata/":   {{"ordinary", needsNothing}},
	"term/":       {{"another", needsWords}},
	"consent/":    {{"within", needsWords}},
}

// reasonsFor are the reasons that fit the questions of a rule.
func reasonsFor(rule string) []reason {
	longest := ""
	for beginning := range reasons {
		if strings.HasPrefix(rule, beginning) && len(beginning) > len(longest) {
			longest = beginning
		}
	}
	return append(slices.Clone(reasons[longest]), ownWords)
}

// Fields of a question, by the id of its finding.
const (
	replyField = "reply." // the key of a reason; empty: left open
	whyField   = "why."   // words of the officer's own
	whereField = "where." // the report that a reason points at
)

// questioning is the form that answers the guard about one warning.
type questioning struct {
	action
	Questions []questionView
	Gone      []goneView // what was answered on a page whose questions have changed since
	Told      []toldView // what may be said of the reports
}

// questionView is one question of the guard with what may answer it.
type questionView struct {
	findingView
	Sentence
	Field   string // beginning of the ids of its fields
	Reasons []reasonView
	Reports []option
	Reply   string // what was typed, on a form that came back
	Typed   string
	Pointed string
	Faults  map[string]string // by the beginning of a field's name
}

type reasonView struct {
	Key, Label, Words, Ask string
	Needs                  need
}

// goneView is an answer to a question that no longer stands as it was seen.
type goneView struct {
	tocsin.GuardFinding
	Sentence
	Reason string // name of the reason that was chosen
	Typed  string
	Again  bool // the guard will ask it again of the present words
}

// toldView is what may be said of one report.
type toldView struct {
	Report tocsin.ReportID
	Name   string
	Texts  []string
}

// Sentence is a sentence of a warning with the words that a finding is about.
type Sentence struct {
	Language string
	Parts    []passage
}

// questions makes the form that answers the guard, if there is one, in place of the
// general form of the command.
func (n *warningView) questions(a *asking, back *returned, record []casefile.Event) {
	kind := casefile.AnswerFinding{}.Kind()
	if back != nil && (back.kind != kind || back.target != string(n.ID)) {
		back = nil
	}
	q := &questioning{}
	at := slices.IndexFunc(n.Actions, func(x action) bool { return x.Kind == kind })
	switch {
	case at >= 0:
		q.action = n.Actions[at]
		n.Actions = slices.Delete(slices.Clone(n.Actions), at, at+1)
	case back != nil: // there is nothing to answer any more; what was typed is still shown
		err := *back.err
		if len(n.Warning.Asked()) == 0 {
			err.What, err.Do, err.Core = a.v.say.t("question.moved"), a.v.say.t("question.moved.none"), false
		}
		q.action = action{ID: "do-" + kind + "-" + string(n.ID), Kind: kind, Target: string(n.ID), Error: &err}
	default:
		return
	}
	n.Asking = q
	if at >= 0 && q.Link == "" {
		q.Told = a.told(n.Warning)
		for i := range n.Levels {
			for j := range n.Levels[i].Findings {
				if f := &n.Levels[i].Findings[j]; n.open(f.ID) {
					f.Asked = true
					q.Questions = append(q.Questions, a.question(n.Warning, *f, q, back))
				}
			}
		}
	}
	if back != nil {
		q.gone(a, n, back.typed, record)
	}
}

// open reports whether a question waits for an answer.
func (n *warningView) open(finding string) bool {
	return finding != "" && slices.ContainsFunc(n.Warning.Asked(), func(f tocsin.GuardFinding) bool { return f.ID == finding })
}

func (a *asking) question(w casefile.Warning, f findingView, q *questioning, back *returned) questionView {
	out := questionView{findingView: f, Sentence: sentenceOf(w.Draft.Texts, f.GuardFinding), Field: q.ID + "-" + f.ID, Faults: map[string]string{}}
	for _, t := range q.Told {
		out.Reports = append(out.Reports, option{string(t.Report), t.Name})
	}
	for _, r := range reasonsFor(f.Rule) {
		if r.needs == needsReport && len(out.Reports) == 0 {
			continue // nothing of any report may be said
		}
		out.Reasons = append(out.Reasons, a.reasonView(r))
	}
	if back == nil {
		return out
	}
	out.Reply, out.Typed, out.Pointed = back.typed.Get(replyField+f.ID), back.typed.Get(whyField+f.ID), back.typed.Get(whereField+f.ID)
	for _, name := range []string{replyField, whyField, whereField} {
		out.Faults[strings.TrimSuffix(name, ".")] = back.faults[name+f.ID]
	}
	return out
}

func (a *asking) reasonView(r reason) reasonView {
	key, say := "reason."+r.key, a.v.say
	out := reasonView{Key: r.key, Label: say.t(key), Needs: r.needs}
	if r.needs != needsNothing {
		out.Ask = say.t(key + ".ask")
	}
	switch {
	case r.needs == needsReport:
		out.Words = say.t(key+".words", "…")
	case r != ownWords:
		out.Words = say.t(key + ".words")
	}
	return out
}

// told is what may be said of each report to the readers of a warning. Where the guard
// cannot be asked, nothing is offered to point at.
func (a *asking) told(w casefile.Warning) []toldView {
	all, err := a.c.cfg.Engine.Releasable(a.v.by, a.s.ID, w.ID)
	if err != nil {
		return nil
	}
	return a.c.byReport(all)
}

func (c *Console) byReport(all []release.Releasable) []toldView {
	var out []toldView
	for _, r := range all {
		i := slices.IndexFunc(out, func(t toldView) bool { return t.Report == r.Report })
		if i < 0 {
			i = len(out)
			out = append(out, toldView{Report: r.Report, Name: c.reportName(r.Report)})
		}
		out[i].Texts = append(out[i].Texts, r.Text)
	}
	return out
}

// reportName is a report's id with its subject.
func (c *Console) reportName(id tocsin.ReportID) string {
	if full, err := c.cfg.Engine.Report(id); err == nil && full.Subject != "" {
		return string(id) + " (" + full.Subject + ")"
	}
	return string(id)
}

// gone gathers what was typed about questions that are not open.
func (q *questioning) gone(a *asking, n *warningView, typed url.Values, record []casefile.Event) {
	for _, id := range idsIn(typed) {
		if n.open(id) || typed.Get(replyField+id) == "" && strings.TrimSpace(typed.Get(whyField+id)) == "" {
			continue
		}
		f, texts, ok := onceAsked(record, n.ID, id)
		if !ok {
			continue // an id that the guard never gave: not from our form
		}
		n.answered(&f)
		g := goneView{GuardFinding: f, Sentence: sentenceOf(texts, f), Typed: typed.Get(whyField + id)}
		if r := typed.Get(replyField + id); r != "" {
			g.Reason = a.v.say.label("reason", r)
		}
		g.Again = f.AnsweredBy == "" && slices.ContainsFunc(n.Levels, func(l guardLevel) bool {
			return l.Level == tocsin.GuardAsk && slices.ContainsFunc(l.Findings, func(o findingView) bool { return o.ID == id })
		})
		q.Gone = append(q.Gone, g)
	}
}

// idsIn lists the findings that a form speaks of, sorted.
func idsIn(typed url.Values) []string {
	var out []string
	for name := range typed {
		for _, beginning := range []string{replyField, whyField} {
			if id, ok := strings.CutPrefix(name, beginning); ok && id != "" && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	slices.Sort(out)
	return out
}

// onceAsked finds a question in the record, with the texts that it was asked about.
func onceAsked(record []casefile.Event, w tocsin.WarningID, finding string) (f tocsin.GuardFinding, texts []tocsin.Text, ok bool) {
	var now []tocsin.Text
	for _, e := range record {
		switch e := e.(type) {
		case casefile.WarningDrafted:
			if e.Draft.Warning == w {
				now = e.Draft.Texts
			}
		case casefile.ReleaseRefused:
			if i := slices.IndexFunc(e.Findings, func(f tocsin.GuardFinding) bool { return f.ID == finding }); e.Warning == w && i >= 0 {
				f, texts, ok = e.Findings[i], now, true
			}
		}
	}
	return f, texts, ok
}

// giveAnswers gives all answers of a form in one command.
func giveAnswers(c *Console, v *visit, p *posted, o engine.Options) (engine.Result, error) {
	command := casefile.AnswerFinding{Warning: p.warning()}
	w, _ := p.s.Warning(command.Warning)
	ids := idsIn(p.Values)
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(orderIn(w, a), orderIn(w, b)) })
	for _, id := range ids {
		if p.word(replyField+id) != "" {
			command.Answers = append(command.Answers, casefile.Reply{Finding: id, Words: p.answer(v, w, id)})
		}
	}
	if len(command.Answers) == 0 && len(ids) > 0 {
		p.faults[replyField+ids[0]] = v.say.t("question.none")
	}
	if len(p.faults) > 0 {
		return engine.Result{}, nil
	}
	return c.cfg.Engine.Do(v.ctx(), v.by, p.s.ID, command, o)
}

// orderIn is the place of a question among those asked about w; one that is not among
// them comes last.
func orderIn(w casefile.Warning, finding string) int {
	i := slices.IndexFunc(w.Refused, func(f tocsin.GuardFinding) bool { return f.ID == finding })
	if i < 0 {
		return len(w.Refused)
	}
	return i
}

// answer is the sentence for the record by which a person answers one question.
func (p *posted) answer(v *visit, w casefile.Warning, id string) string {
	key := p.word(replyField + id)
	fit := reasonsFor("")
	if i := orderIn(w, id); i < len(w.Refused) {
		fit = reasonsFor(w.Refused[i].Rule)
	} else { // the core says that it is not asked; which reasons fitted is of no matter
		for _, more := range reasons {
			fit = append(fit, more...)
		}
	}
	i := slices.IndexFunc(fit, func(r reason) bool { return r.key == key })
	if i < 0 {
		p.faults[replyField+id] = p.say.t("fault.choose")
		return ""
	}
	words := ""
	switch r := fit[i]; {
	case r == ownWords:
		return p.must(whyField + id)
	case r.needs == needsReport:
		words = p.say.t("reason."+key+".words", p.pointedAt(v, w, id))
	case r.needs == needsWords:
		p.must(whyField + id)
		fallthrough
	default:
		words = p.say.t("reason." + key + ".words")
	}
	return strings.TrimSpace(words + " " + p.text(whyField+id))
}

// pointedAt names the report that an answer points at. Only one of which something may
// be said carries words that go out.
func (p *posted) pointedAt(v *visit, w casefile.Warning, id string) string {
	chosen := tocsin.ReportID(p.word(whereField + id))
	all, err := p.c.cfg.Engine.Releasable(v.by, p.s.ID, w.ID)
	if err != nil || !slices.ContainsFunc(all, func(r release.Releasable) bool { return r.Report == chosen }) {
		p.faults[whereField+id] = p.say.t("question.where")
	}
	return p.c.reportName(chosen)
}

// sentenceOf cuts the sentence that a finding is about out of its text. A finding about
// no place has none.
func sentenceOf(texts []tocsin.Text, f tocsin.GuardFinding) Sentence {
	part, start, end, ok := placeOf(f.Where)
	lang, which, _ := strings.Cut(part, " ")
	i := slices.IndexFunc(texts, func(t tocsin.Text) bool { return t.Language == lang })
	if !ok || i < 0 {
		return Sentence{}
	}
	text := texts[i].Body
	if which == "subject" {
		text = texts[i].Subject
	}
	m := fitting(text, []marked{{start, end, mark{Kind: string(tocsin.GuardAsk)}}})
	if len(m) == 0 {
		return Sentence{}
	}
	from, to := sentenceAround(text, start, end)
	m[0].start, m[0].end = start-from, end-from
	return Sentence{lang, cut(text[from:to], m)}
}

// sentenceAround widens a stretch of a text to the sentence, or the sentences, that it
// lies in. A line end ends a sentence too.
func sentenceAround(text string, start, end int) (from, to int) {
	for i, r := range text[:start] {
		next := i + utf8.RuneLen(r)
		if r == '\n' || stops(r) && next < len(text) && text[next] == ' ' {
			from = next
		}
	}
	for from < start && unicode.IsSpace(rune(text[from])) {
		from++
	}
	to = end
	if last, _ := utf8.DecodeLastRuneInString(text[:end]); !stops(last) {
		to = len(text)
		for i, r := range text[end:] {
			if r == '\n' {
				to = end + i
				break
			}
			if next := end + i + utf8.RuneLen(r); stops(r) && (next == len(text) || unicode.IsSpace(rune(text[next]))) {
				to = next
				break
			}
		}
	}
	return from, to
}

func stops(r rune) bool { return strings.ContainsRune(".!?…。؟।", r) }
