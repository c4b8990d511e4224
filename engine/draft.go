package engine

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"

	"tocsin"
	"tocsin/casefile"
	"tocsin/compose"
	"tocsin/release"
	"tocsin/view"
)

// DraftRequest asks for the words of a warning.
type DraftRequest struct {
	Pack       string               `json:"pack,omitempty" doc:"Which of the case's packs it is written under: its texts, its approvers; the first if absent"`
	Warning    tocsin.WarningID     `json:"warning,omitempty" doc:"Write a new version of this unreleased warning; empty for a new one"`
	Kind       tocsin.WarningKind   `json:"kind" enum:"victim,protector,government,facility,public,disruption,advisory"`
	Message    tocsin.MessageType   `json:"message,omitempty" enum:"alert,update,cancel,all_clear" doc:"alert if absent"`
	Refers     tocsin.WarningID     `json:"refers,omitempty" doc:"The released warning that an update, cancel or all-clear is about"`
	Victims    []tocsin.VictimID    `json:"victims" doc:"The intended victims it covers"`
	Recipients []tocsin.RecipientID `json:"recipients" doc:"Entries of the directory"`
	Marking    string               `json:"marking" doc:"Marking of the words, such as UNCLASSIFIED or TLP:AMBER"`
	Window     tocsin.Window        `json:"window,omitzero" doc:"How long the words are valid"`
	ValidFor   string               `json:"valid_for,omitempty" doc:"Instead of a window: how long from now, such as 36h or 3d"`
	Facts      []tocsin.Fact        `json:"facts"`
	Gaps       []tocsin.Gap         `json:"gaps,omitempty" doc:"A stated reason for each required item that is left out"`
	Texts      []tocsin.Text        `json:"texts,omitempty" doc:"Your own words in place of the composed ones, by language"`
}

// Draft composes a warning from the pack's texts and the releasable facts, or
// takes the words given, and records it. It is not released by that.
func (e *Engine) Draft(ctx context.Context, by tocsin.Actor, id tocsin.CaseID, r DraftRequest, o Options) (Result, error) {
	s, err := e.Case(id)
	if err != nil {
		return Result{}, err
	}
	p, err := e.writtenUnder(s, r.Pack)
	if err != nil {
		return Result{}, err
	}
	req, err := e.composition(s, by, p, r)
	if err != nil {
		return Result{}, err
	}
	d, err := p.texts.Compose(req)
	if err != nil {
		return Result{}, err
	}
	for _, t := range r.Texts {
		i := slices.IndexFunc(d.Texts, func(x tocsin.Text) bool { return x.Language == t.Language })
		if i < 0 {
			d.Texts = append(d.Texts, t)
		} else {
			d.Texts[i] = t
		}
	}
	return e.Do(ctx, by, id, casefile.DraftWarning{Draft: d}, o)
}

// Again is the request that would write a warning as its newest version stands, which
// is where whoever writes the next begins. Words that the pack's texts and the facts do
// not make are the author's own, and are given as such.
func (e *Engine) Again(by tocsin.Actor, id tocsin.CaseID, w tocsin.WarningID) (DraftRequest, error) {
	s, err := e.Case(id)
	if err != nil {
		return DraftRequest{}, err
	}
	warning, ok := s.Warning(w)
	if !ok {
		return DraftRequest{}, noWarning(w)
	}
	d := warning.Draft
	r := DraftRequest{Pack: d.Pack.Name, Warning: w, Kind: d.Kind, Message: d.Message, Refers: d.Refers, Victims: d.Victims,
		Marking: d.Marking, Window: d.Window, Facts: d.Facts, Gaps: d.Gaps}
	for _, rc := range d.Recipients {
		r.Recipients = append(r.Recipients, rc.ID)
	}
	made := e.madeOf(s, by, r)
	for _, t := range d.Texts {
		if !slices.Contains(made, t) {
			r.Texts = append(r.Texts, t)
		}
	}
	return r, nil
}

// madeOf is what the pack's texts make of a request today: nothing, if the pack or a
// recipient has gone since.
func (e *Engine) madeOf(s casefile.State, by tocsin.Actor, r DraftRequest) []tocsin.Text {
	p, err := e.writtenUnder(s, r.Pack)
	if err != nil {
		return nil
	}
	req, err := e.composition(s, by, p, r)
	if err != nil {
		return nil
	}
	d, err := p.texts.Compose(req)
	if err != nil {
		return nil
	}
	return d.Texts
}

// Content lists what a message about a case can say under its packs, whatever the kind
// of warning, each item once. A pack that is loaded in another edition than the case
// stands under lists all of its items.
func (e *Engine) Content(s casefile.State, m tocsin.MessageType) []tocsin.ContentItem {
	var out []tocsin.ContentItem
	add := func(items []tocsin.ContentItem) {
		for _, item := range items {
			if i := slices.IndexFunc(out, func(o tocsin.ContentItem) bool { return o.ID == item.ID }); i < 0 {
				out = append(out, item)
			} else {
				out[i].Required = out[i].Required || item.Required
			}
		}
	}
	for _, t := range s.Packs() {
		p, ok := e.edition(t.Pack)
		if !ok {
			add(t.Content)
			continue
		}
		for _, k := range tocsin.WarningKinds() {
			add(p.texts.Says(k, m))
		}
	}
	return out
}

func noWarning(w tocsin.WarningID) error {
	return tocsin.Faultf(tocsin.NotFound, "warning", "Look at the case as it is now.", "This case has no warning %q.", w)
}

// writtenUnder finds the pack under which a warning is to be written, in the
// edition that the case stands under.
func (e *Engine) writtenUnder(s casefile.State, name string) (loaded, error) {
	if name == "" {
		name = s.Terms.Pack.Name
	}
	t, ok := s.Pack(name)
	if !ok {
		return loaded{}, tocsin.Faultf(tocsin.NotFound, "pack", "Use one of the case's packs, or let this one join.", "The case does not stand under %q.", name).At("pack")
	}
	p, ok := e.edition(t.Pack)
	if !ok {
		return loaded{}, tocsin.Faultf(tocsin.Refused, "other_edition", "Have a senior officer adopt the edition that is loaded (adopt_terms), then draft.",
			"The case stands under %s %s (%s), which is not loaded in this edition.", t.Pack.Name, t.Pack.Version, t.Pack.Digest).Keeping("The case and its drafts stay as they are, and its clocks run on.")
	}
	return p, nil
}

func (e *Engine) composition(s casefile.State, by tocsin.Actor, p loaded, r DraftRequest) (compose.Request, error) {
	if r.Message == "" {
		r.Message = tocsin.Alert
	}
	req := compose.Request{Case: s.ID, Kind: r.Kind, Message: r.Message, Refers: r.Refers, Marking: r.Marking, Facts: r.Facts, Gaps: r.Gaps,
		Pack: p.policy.Ref(), Authors: []tocsin.ActorID{by.ID},
		Window: tocsin.Window{Earliest: tocsin.Instant(r.Window.Earliest), Latest: tocsin.Instant(r.Window.Latest)}}
	if r.ValidFor != "" {
		var d tocsin.Duration
		if err := d.UnmarshalText([]byte(r.ValidFor)); err != nil {
			return req, tocsin.Faultf(tocsin.Invalid, "valid_for", "Write it as 36h or 3d.", "%q is not a length of time.", r.ValidFor).At("valid_for")
		}
		now := e.now()
		req.Window = tocsin.Window{Earliest: now, Latest: now.Add(d.D())}
	}
	req.Warning, req.Version = s.NextWarning(), 1
	if w, ok := s.Warning(r.Warning); ok {
		req.Warning, req.Version = w.ID, w.Draft.Version+1
		for _, a := range w.Authors {
			if a != by.ID {
				req.Authors = append(req.Authors, a)
			}
		}
	} else if r.Warning != "" {
		return req, tocsin.Faultf(tocsin.NotFound, "warning", "Leave it empty for a new warning.", "This case has no warning %q.", r.Warning).At("warning")
	}
	req.Reference = Reference(s.ID, req.Warning)
	if r.Refers != "" {
		req.First = Reference(s.ID, r.Refers)
	}
	for _, v := range r.Victims {
		victim, ok := s.Victim(v)
		if !ok {
			return req, tocsin.Faultf(tocsin.NotFound, "victim", "Add the victim first.", "This case has no victim %q.", v).At("victims")
		}
		req.Victims = append(req.Victims, victim.Victim)
		for _, u := range s.Under(victim) {
			if u.Standing.Determination != nil && u.Terms.Pack == p.policy.Ref() {
				req.Determinations = append(req.Determinations, *u.Standing.Determination)
			}
		}
	}
	for _, id := range r.Recipients {
		e.mu.RLock()
		rc, err := e.index.Book.Find(id)
		e.mu.RUnlock()
		if err != nil {
			return req, err
		}
		req.Recipients = append(req.Recipients, rc)
		if l := rc.Languages; len(l) > 0 && !slices.Contains(req.Languages, l[0]) {
			req.Languages = append(req.Languages, l[0])
		}
	}
	if readable(req, p.texts.Languages()) {
		req.Languages = append(req.Languages, readingLanguage)
	}
	return req, nil
}

// readingLanguage is what those read who decide about a warning: packs, and what the
// program says, are written in it.
const readingLanguage = "en"

// readable reports whether a warning that nobody gets in the reading language can be
// written in it as well: a copy for those who approve, release and deliver it, and may
// not read the language of those whom it warns.
func readable(r compose.Request, languages []string) bool {
	return len(r.Facts) > 0 && !slices.Contains(r.Languages, readingLanguage) && slices.Contains(languages, readingLanguage) &&
		!slices.ContainsFunc(r.Facts, func(f tocsin.Fact) bool { return strings.TrimSpace(f.Values[readingLanguage]) == "" })
}

// sayable leaves out what is mistaken over a bad line: I, O, 0, 1.
var sayable = base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding)

// Reference is what a recipient quotes when calling back: short, sayable over a
// bad line, and telling nothing about the case.
func Reference(c tocsin.CaseID, w tocsin.WarningID) string {
	sum := sha256.Sum256([]byte("reference\x00" + string(c) + "\x00" + string(w)))
	s := sayable.EncodeToString(sum[:5])
	return "W-" + s[:4] + "-" + s[4:]
}

// Release asks the guard about the newest version of a warning and records its
// answer: the release, or the refusal with every finding.
func (e *Engine) Release(ctx context.Context, by tocsin.Actor, id tocsin.CaseID, w tocsin.WarningID, o Options) (Result, error) {
	return e.Do(ctx, by, id, casefile.ReleaseWarning{Warning: w}, o)
}

// guarded puts the guard's answer into a release. A warning that the case does not
// have, or that this person may not release now, is left to the case to refuse.
func (e *Engine) guarded(s casefile.State, by tocsin.Actor, c casefile.ReleaseWarning) (casefile.Command, error) {
	c.Clearance, c.Findings = nil, nil
	warning, ok := s.Warning(c.Warning)
	if !ok || !slices.Contains(casefile.Allowed(s, by), casefile.Action{Kind: c.Kind(), Target: string(c.Warning)}) {
		return c, nil
	}
	q, err := e.question(s, warning, by)
	if err != nil {
		return c, err
	}
	cleared, findings := release.Check(q)
	if release.Stops(findings) {
		c.Findings = findings
		return c, nil
	}
	clearance := cleared.Clearance()
	c.Clearance = &clearance
	return c, nil
}

// Preview asks the guard without releasing anything.
func (e *Engine) Preview(by tocsin.Actor, id tocsin.CaseID, w tocsin.WarningID) ([]tocsin.GuardFinding, error) {
	_, q, err := e.asked(by, id, w)
	if err != nil {
		return nil, err
	}
	_, findings := release.Check(q)
	return findings, nil
}

// asked is what the guard would be asked about a warning now.
func (e *Engine) asked(by tocsin.Actor, id tocsin.CaseID, w tocsin.WarningID) (casefile.Warning, release.Question, error) {
	s, err := e.Case(id)
	if err != nil {
		return casefile.Warning{}, release.Question{}, err
	}
	warning, ok := s.Warning(w)
	if !ok {
		return casefile.Warning{}, release.Question{}, noWarning(w)
	}
	q, err := e.question(s, warning, by)
	return warning, q, err
}

// Examined is one text of a draft as the guard reads it.
type Examined struct {
	Language string             `json:"language"`
	Trace    []release.Traced   `json:"trace" nullable:"false"`    // sentence by sentence, what supports it
	Exposure []release.Exposure `json:"exposure" nullable:"false"` // fact by fact, who knows it
}

// Look is all that the guard has to say about a draft.
type Look struct {
	Findings []tocsin.GuardFinding
	Texts    []Examined
}

// Examine is Preview, and shows what supports each
// sentence and who could have told each fact.
func (e *Engine) Examine(by tocsin.Actor, id tocsin.CaseID, w tocsin.WarningID) (Look, error) {
	warning, q, err := e.asked(by, id, w)
	if err != nil {
		return Look{}, err
	}
	var out Look
	_, out.Findings = release.Check(q)
	for _, t := range warning.Draft.Texts {
		x := q.Prepared.Examine(release.Passage{Language: t.Language, Text: t.Subject + "\n\n" + t.Body})
		out.Texts = append(out.Texts, Examined{t.Language, append([]release.Traced{}, x.Trace...), append([]release.Exposure{}, x.Exposure...)})
	}
	return out, nil
}

// Releasable lists what of the case's reports may be said to the readers of a warning.
// Whoever shows it has made sure that its reader may see the case.
func (e *Engine) Releasable(by tocsin.Actor, id tocsin.CaseID, w tocsin.WarningID) ([]release.Releasable, error) {
	_, q, err := e.asked(by, id, w)
	if err != nil {
		return nil, err
	}
	return q.Prepared.Releasable(), nil
}

// Versions lists the versions of a warning, each with what has changed since the
// last that was approved.
func (e *Engine) Versions(ctx context.Context, id tocsin.CaseID, w tocsin.WarningID) ([]view.Version, error) {
	var events []casefile.Event
	for r, err := range e.cfg.Store.Load(ctx, view.CasePrefix+string(id)) {
		if err != nil {
			return nil, err
		}
		ev, err := view.Event(r)
		if err != nil {
			return nil, err
		}
		events = append(events, ev)
	}
	all := view.Versions(events, w)
	if len(all) == 0 {
		return nil, noWarning(w)
	}
	return all, nil
}

// question gathers everything that the guard looks at.
func (e *Engine) question(s casefile.State, w casefile.Warning, by tocsin.Actor) (release.Question, error) {
	p, err := e.writtenUnder(s, w.Draft.Pack.Name)
	if err != nil {
		return release.Question{}, err
	}
	terms, _ := s.Pack(w.Draft.Pack.Name)
	q := release.Question{Draft: w.Draft, Approval: w.Approval, Releaser: by, ReleaserRoles: terms.Powers[tocsin.MayRelease],
		ApproverRoles: terms.Powers[tocsin.MayApproveWording], Exigent: s.Exigent != nil, Home: terms.Home, ActorGroups: s.Threat.ActorGroups,
		Content: terms.Content, Channels: terms.Channels, Setting: setting(s, p.texts.Standing(w.Draft.Kind, w.Draft.Message)), Lexicon: p.lexicon, Validity: terms.Clocks[tocsin.ClockClearanceValid].After, Now: e.now()}
	if q.Exigent {
		q.ApproverRoles = append(slices.Clone(q.ApproverRoles), terms.Powers[tocsin.MayApproveExigent]...)
	}
	if w.Approval != nil {
		if q.Approver, err = e.approver(w.Approval.By); err != nil {
			return release.Question{}, err
		}
	}
	for _, a := range w.Answers {
		q.Answers = append(q.Answers, release.Answer{Finding: a.Finding, By: a.By, Words: a.Words})
	}
	for _, rr := range s.Reports {
		rep, err := e.Report(rr.ID)
		if err != nil {
			return release.Question{}, err
		}
		q.Contributing = append(q.Contributing, source(s, rep.Report))
		q.Protected = append(q.Protected, sourceTerms(rep.Report)...)
	}
	for _, term := range s.Protected {
		q.Protected = append(q.Protected, release.Term{Text: term, Kind: "cover", Why: "protected for this case"})
	}
	q.Prepared = e.prepared(s, w.ID, q)
	return q, nil
}

// source is a report as the guard sees it: what its originator agreed to, and what
// of it has been written down as releasable and cleared.
func source(s casefile.State, r tocsin.Report) release.Source {
	src := release.Source{Report: r.ID, Marking: r.Marking, Portions: r.Portions, Text: r.Text, Originator: r.Originator, Controlled: r.Controlled,
		Origin: r.Origin, Conveyor: r.Conveyor, Consent: consentOn(s, r.ID)}
	for _, c := range s.Consents {
		if c.Report != r.ID || !c.Granted || c.Answered.IsZero() {
			continue
		}
		src.Limits = c.Limits
		if len(c.Portions) > 0 {
			src.Portions = agreed(r.Portions, c.Portions)
		}
	}
	for _, t := range s.Tearlines {
		if t.Report == r.ID && t.ClearedBy != "" {
			src.Tearline = t.Words
		}
	}
	return src
}

// agreed keeps the markings of those portions that an originator has agreed to.
func agreed(portions []tocsin.Portion, to []int) []tocsin.Portion {
	out := slices.Clone(portions)
	for i := range out {
		if !slices.Contains(to, i) {
			out[i].Marking = release.Withheld
		}
	}
	return out
}

// setting is what the case says, and a warning may repeat, beside what every warning
// of its kind says.
func setting(s casefile.State, standing []string) *release.Setting {
	t := s.Threat
	out := &release.Setting{Sayable: standing, Actor: t.Actor.Text, Place: t.Place.Text, Window: t.Window, Means: t.Means.Text}
	for _, v := range s.Victims {
		out.Victims = append(out.Victims, release.Protected{Name: v.Name, Place: v.Place})
	}
	return out
}

// prepared makes a case ready for the guard, and keeps that for as long as the reports,
// the terms and the audience stay as they are: most of what happens in a case changes
// none of them.
func (e *Engine) prepared(s casefile.State, w tocsin.WarningID, q release.Question) *release.Prepared {
	key := readied{s.ID, w}
	if p, ok := e.readied.Get(key); ok && p.Fits(q) {
		return p
	}
	p := release.Prepare(q)
	e.readied.Add(key, p)
	return p
}

// approver finds out who gave an approval. The guard holds the person against
// the pack again, because the roles may have been taken away since.
func (e *Engine) approver(id tocsin.ActorID) (tocsin.Actor, error) {
	if e.cfg.People == nil {
		return tocsin.Actor{}, tocsin.Fault(tocsin.Unavailable, "no_people", "This installation knows no people.", "This is a fault of the program: report it.")
	}
	a, ok := e.cfg.People(id)
	if !ok {
		return tocsin.Actor{}, tocsin.Faultf(tocsin.Refused, "approver_unknown", "Have somebody else approve the warning.", "%s, who approved the warning, has no account any more.", id)
	}
	return a, nil
}

func consentOn(s casefile.State, id tocsin.ReportID) release.Consent {
	for _, c := range s.Consents {
		switch {
		case c.Report != id:
		case c.Answered.IsZero():
			return release.ConsentAsked
		case c.Granted:
			return release.ConsentGranted
		default:
			return release.ConsentRefused
		}
	}
	return release.ConsentNone
}

// sourceTerms are the names that would tell a reader where a report came from.
func sourceTerms(r tocsin.Report) []release.Term {
	var terms []release.Term
	for kind, text := range map[string]string{"origin": r.Origin, "conveyor": r.Conveyor, "originator": r.Originator} {
		if text != "" {
			terms = append(terms, release.Term{Text: text, Kind: kind, Why: "named in report " + string(r.ID)})
		}
	}
	slices.SortFunc(terms, func(a, b release.Term) int { return strings.Compare(a.Kind, b.Kind) })
	return terms
}
