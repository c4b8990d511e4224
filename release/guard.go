package release

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/marking"
)

// MaxWindow is the farthest into the future that a warning's words may claim to
// be valid. Longer is a typing error in a date, or a warning that nobody will
// review.
const MaxWindow = 366 * 24 * time.Hour

// Consent is where the originator of a controlled report stands. Anything but
// ConsentGranted, also a word not listed here, is no consent.
type Consent string

// The states of consent.
const (
	ConsentNone    Consent = "none"
	ConsentAsked   Consent = "asked"
	ConsentGranted Consent = "granted"
	ConsentRefused Consent = "refused"
)

// Source is one report that contributed to the warning, as far as the guard has
// to know it.
type Source struct {
	Report     tocsin.ReportID
	Marking    string // banner as written; empty is unmarked
	Portions   []tocsin.Portion
	Text       string
	Originator string
	Controlled bool
	Consent    Consent
	Limits     string // what the originator agreed to, where not everything

	Origin    string    // who really knew; counted by Exposure, and never said
	Conveyor  string    // who passed it on; never said
	Collected Collected // never said
	Tearline  string    // words of the report already judged releasable
}

// Question is everything that the guard looks at. It is complete: Check reads no
// clock and asks nobody.
type Question struct {
	Draft    tocsin.Draft
	Approval *tocsin.Approval

	Approver      tocsin.Actor  // the person named in Approval
	ApproverRoles []tocsin.Role // who may approve, the exigent path already taken into account
	Releaser      tocsin.Actor
	ReleaserRoles []tocsin.Role

	Exigent      bool                 // coordination is skipped; nothing else is
	Home         string               // country of the organisation, ISO alpha-2; the nationality of its own recipients
	Contributing []Source             // the reports behind the warning
	ActorGroups  []string             // the threat actor, its affiliates and whoever it controls
	Content      []tocsin.ContentItem // what the pack wants a warning to say
	Channels     []tocsin.ChannelRule // by which ways the pack lets it go

	Protected []Term   // the terms of the case
	Lexicon   *Scanner // the terms of the organisation, prepared once; may be nil

	Setting  *Setting  // what the case says; nil is not told, and then it is not checked against
	Strict   bool      // the case stands by itself: a report without a marking is the most restrictive
	Answers  []Answer  // to asks of an earlier check
	Prepared *Prepared // from Prepare, to save time; used if it fits, made anew if not

	Validity tocsin.Duration // how long the clearance may be used
	Now      time.Time
}

// guard is one run of Check.
type guard struct {
	q         Question
	mark      marking.Marking // of the draft; zero if it cannot be read
	digest    tocsin.Digest
	digested  bool // the draft could be digested at all
	consented bool // every controlled report has its originator's consent, and there is one
	findings  []tocsin.GuardFinding
	blocked   bool
}

// Check makes every check of the guard and answers with all findings, in the
// order of the checks and of the places in the draft, so that an officer sees
// everything at once. If any of them blocks, the Cleared is the zero one. If none
// does, and every ask has an answer, the findings are cautions, and the clearance
// records them. Stops says whether a list of findings lets a draft through.
//
// A finding never prints a protected term, or why it is protected: it names its
// kind and the bytes of the draft where it stands.
//
// The clearance ends when its validity or the warning's window does.
func Check(q Question) (Cleared, []tocsin.GuardFinding) {
	g := newGuard(q)
	for _, check := range []func(){
		g.checkDraft, g.checkHygiene, g.checkMarking, g.checkAudience, g.checkMarksInText, g.checkQuotes,
		g.checkTerms, g.checkWords, g.checkContent, g.checkRecipients, g.checkChannels, g.checkRoute, g.checkWindow, g.checkConsent, g.checkLimits,
		g.checkApproval, g.checkReleaser,
	} {
		check()
	}
	if g.blocked || !g.answered() {
		return Cleared{}, g.findings
	}
	return Cleared{draft: cloneDraft(q.Draft), clearance: g.clearance()}, g.findings
}

func newGuard(q Question) *guard {
	g := &guard{q: q, mark: marking.Read(q.Draft.Marking), consented: consentGiven(q.Contributing)}
	g.digest, g.digested = digestOf(q.Draft)
	return g
}

func (g *guard) clearance() tocsin.Clearance {
	d := g.q.Draft
	expires := g.q.Now.Add(g.q.Validity.D())
	if d.Window.Latest.Before(expires) {
		expires = d.Window.Latest
	}
	return tocsin.Clearance{
		Warning: d.Warning, Version: d.Version, Digest: g.digest, Pack: d.Pack,
		At: tocsin.Instant(g.q.Now), Expires: tocsin.Instant(expires),
		Released: g.q.Releaser.ID, Exigent: g.q.Exigent, Cautions: append([]tocsin.GuardFinding(nil), g.findings...),
	}
}

func (g *guard) block(check, where, what, do string) {
	g.blocked = true
	g.findings = append(g.findings, tocsin.GuardFinding{Check: check, Blocks: true, Level: tocsin.GuardBlock, What: what, Do: do, Where: where, Rule: check, ID: findingID(check, where+what)})
}

func (g *guard) caution(check, where, what, do string) {
	g.findings = append(g.findings, tocsin.GuardFinding{Check: check, Level: tocsin.GuardNote, What: what, Do: do, Where: where, Rule: check, ID: findingID(check, where+what)})
}

// checkWords examines each text of the draft, subject and body together, and adds
// what the checks before it have not said.
func (g *guard) checkWords() {
	p := g.q.Prepared
	if !p.Fits(g.q) {
		p = Prepare(g.q)
	}
	for _, t := range g.q.Draft.Texts {
		text := t.Subject + "\n\n" + t.Body
		for _, f := range p.Examine(Passage{Language: t.Language, Text: text}).Findings {
			f.Where = placeOf(t, f.Start, f.End)
			if !g.said(f) {
				g.blocked = g.blocked || f.Blocks
				g.findings = append(g.findings, f)
			}
		}
	}
}

// placeOf names a place of the joined text of a subject and a body.
func placeOf(t tocsin.Text, start, end int) string {
	body := len(t.Subject) + 2
	switch {
	case start == end:
		return t.Language
	case end <= len(t.Subject):
		return fmt.Sprintf("%s subject %d-%d", t.Language, start, end)
	}
	return fmt.Sprintf("%s body %d-%d", t.Language, max(0, start-body), max(0, end-body))
}

// said reports whether an earlier check has a finding of the same kind at the same
// place, or is the one that answers for such findings.
func (g *guard) said(f tocsin.GuardFinding) bool {
	if strings.HasPrefix(f.Rule, "hidden/") && f.Blocks || f.Rule == "metadata/mark" && f.Level == tocsin.GuardAsk {
		return true
	}
	return slices.ContainsFunc(g.findings, func(o tocsin.GuardFinding) bool {
		return o.Check == f.Check && o.Where == f.Where && (o.Blocks || !f.Blocks)
	})
}

// answered writes the answers onto the asks, and reports whether each has one.
func (g *guard) answered() bool {
	all := true
	for i := range g.findings {
		f := &g.findings[i]
		if f.Level != tocsin.GuardAsk {
			continue
		}
		for _, a := range g.q.Answers {
			if a.Finding == f.ID && tocsin.ValidID(string(a.By)) && strings.TrimSpace(a.Words) != "" {
				f.AnsweredBy, f.Answer = a.By, a.Words
			}
		}
		all = all && f.AnsweredBy != ""
	}
	return all
}

// Stops reports whether one of the findings prevents a clearance: it blocks, or
// asks and has no answer.
func Stops(findings []tocsin.GuardFinding) bool {
	return slices.ContainsFunc(findings, func(f tocsin.GuardFinding) bool {
		return f.Blocks || f.Level == tocsin.GuardAsk && f.AnsweredBy == ""
	})
}

// digestOf is Draft.Digest for a draft from anywhere: that one panics where a
// time cannot be written as text (a year of five digits).
func digestOf(d tocsin.Draft) (tocsin.Digest, bool) {
	for _, t := range []time.Time{d.Window.Earliest, d.Window.Latest} {
		if _, err := t.MarshalText(); err != nil {
			return "", false
		}
	}
	return d.Digest(), true
}

// Reopen turns the record of a clearance back into something that can be sent,
// for the draft that it cleared. It is an error of kind Refused if the draft is
// not that draft to the byte, or the clearance has ended at now. Whether the
// warning has been withdrawn meanwhile is for the case to know.
func Reopen(c tocsin.Clearance, d tocsin.Draft, now time.Time) (Cleared, error) {
	digest, ok := digestOf(d)
	switch {
	case !c.Digest.Valid() || c.Released == "":
		return Cleared{}, tocsin.Fault(tocsin.Refused, "not_cleared", "The warning has not been cleared by the guard.", "Release it first.")
	case c.Warning != d.Warning || c.Version != d.Version || c.Pack != d.Pack:
		return Cleared{}, tocsin.Faultf(tocsin.Refused, "clearance_foreign", "Release this version of this warning.",
			"The clearance is for warning %s, version %d; this is warning %s, version %d.", c.Warning, c.Version, d.Warning, d.Version)
	case !ok || digest != c.Digest:
		return Cleared{}, tocsin.Faultf(tocsin.Refused, "clearance_other_words", "Have the new words approved and release them.",
			"Warning %s has other words, recipients or validity than those that were cleared.", d.Warning)
	case !now.Before(c.Expires):
		return Cleared{}, expired(c)
	}
	return Cleared{draft: cloneDraft(d), clearance: cloneClearance(c)}, nil
}

func expired(c tocsin.Clearance) error {
	return tocsin.Faultf(tocsin.Refused, "clearance_expired", "Release the warning again.", "The clearance ended at %s.", c.Expires.Format(time.RFC3339))
}

// field is one piece of a draft with its name for a finding.
type field struct {
	name string
	lang string // of the words; empty if they are of no language
	text string
	line bool // must stay on one line
	kept bool // stays in the record: may hold what a warning must not
}

func (f field) where(start, end int) string { return fmt.Sprintf("%s %d-%d", f.name, start, end) }

// texts are the words that a recipient reads.
func texts(d tocsin.Draft) []field {
	var fs []field
	for _, t := range d.Texts {
		fs = append(fs, field{name: t.Language + " subject", lang: t.Language, text: t.Subject, line: true},
			field{name: t.Language + " body", lang: t.Language, text: t.Body})
	}
	return fs
}

// spoken are the texts and everything else that travels with them or that they
// were made from.
func (g *guard) spoken() []field {
	d := g.q.Draft
	fs := append(texts(d), field{name: "reference", text: d.Reference, line: true}, field{name: "marking", text: d.Marking, line: true},
		field{name: "warning id", text: string(d.Warning), line: true}, field{name: "referred warning", text: string(d.Refers), line: true})
	for _, r := range d.Recipients {
		fs = append(fs, field{name: "verification of " + string(r.ID), text: r.Verify})
	}
	return append(fs, factFields(d)...)
}

func factFields(d tocsin.Draft) []field {
	var fs []field
	for _, f := range d.Facts {
		for _, lang := range sortedKeys(f.Values) {
			fs = append(fs, field{name: "fact " + f.Item + " " + lang, lang: lang, text: f.Values[lang]})
		}
	}
	return fs
}

// everything is every string under the digest, and the authors.
func everything(d tocsin.Draft) []field {
	fs := texts(d)
	line := func(name string, values ...string) {
		for _, v := range values {
			fs = append(fs, field{name: name, text: v, line: true})
		}
	}
	line("language", languages(d)...)
	line("reference", d.Reference)
	line("marking", d.Marking)
	line("id", string(d.Warning), string(d.Case), string(d.Refers), string(d.Kind), string(d.Message))
	line("pack", d.Pack.Name, d.Pack.Version, string(d.Pack.Digest))
	for _, v := range d.Victims {
		line("victim", string(v))
	}
	for _, a := range d.Authors {
		line("author", string(a))
	}
	for i, r := range d.Recipients {
		name := fmt.Sprintf("recipient %d", i+1)
		line(name, string(r.ID), r.Name, string(r.Kind), r.Jurisdiction, r.Relation, r.Clearance)
		line(name, r.Languages...)
		line(name, r.Groups...)
		for _, rung := range r.Ladder {
			line(name, rung.Channel, rung.Address, rung.Addressee)
			for _, p := range rung.Via {
				line(name, append([]string{p.Name}, p.Groups...)...)
			}
		}
		fs = append(fs, field{name: name, text: r.Verify})
	}
	for _, gap := range d.Gaps {
		line("gap", gap.Item)
		fs = append(fs, field{name: "gap " + gap.Item, text: gap.Reason})
	}
	for _, f := range d.Facts {
		line("fact", f.Item)
		line("fact", sortedKeys(f.Values)...)
		for _, e := range f.Evidence {
			line("evidence", string(e.Report))
			fs = append(fs, field{name: "evidence", text: e.Quote, kept: true})
		}
	}
	return append(fs, factFields(d)...)
}
