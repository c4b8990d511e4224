package release

import (
	"cmp"
	"fmt"
	"slices"

	"tocsin"
)

// Words asks the guard about one text as a warning of a case, from outside the
// system: everything of Check that can be said without a draft that somebody wrote,
// approved and releases. The findings about the text stand first.
//
// A report under originator control without consent blocks a text that plainly rests
// on it or has nothing else, is asked about where the text may, and is noted otherwise. On the exigent path it is recorded.
func Words(q Question, t Passage) Examined {
	q.Strict = true
	p := q.Prepared
	if !p.Fits(q) {
		p = Prepare(q)
	}
	out := p.Examine(t)
	g := newGuard(q)
	for _, check := range []func(){g.checkMarking, g.checkAudience, g.checkRoute} {
		check()
	}
	for _, r := range q.Draft.Recipients {
		g.checkRecipientKind(r)
	}
	g.consentFor(out.Trace)
	out.Findings = append(out.Findings, g.findings...)
	return out
}

// Verdict is the heaviest level among findings: block, ask, or "pass".
func Verdict(findings []tocsin.GuardFinding) string {
	verdict := "pass"
	for _, f := range findings {
		switch {
		case f.Blocks:
			return string(tocsin.GuardBlock)
		case f.Level == tocsin.GuardAsk && f.AnsweredBy == "":
			verdict = string(tocsin.GuardAsk)
		}
	}
	return verdict
}

// consentFor is checkConsent for a text whose reports are all of the case's, of
// which it may use some.
func (g *guard) consentFor(trace []Traced) {
	free := false
	for _, s := range g.q.Contributing {
		free = free || !controlled(s) || s.Consent == ConsentGranted
	}
	for _, s := range g.q.Contributing {
		if !controlled(s) || s.Consent == ConsentGranted {
			continue
		}
		owner := cmp.Or(string(s.Consent), "none")
		what := fmt.Sprintf("Report %s is under originator control, and consent is %s.", s.Report, owner)
		switch do := "Ask for consent, write the warning without this report, or take the exigent path if time is too short."; {
		case g.q.Exigent:
			g.caution("consent", string(s.Report), what+" It goes out by the exigent path.", "Tell the originator what was disclosed, to whom, how and why, as soon as possible.")
		case !free || restsOn(trace, s.Report):
			g.block("consent", string(s.Report), what, do)
		case leansOn(trace, s.Report):
			g.findings = append(g.findings, tocsin.GuardFinding{Check: "consent", Level: tocsin.GuardAsk, Rule: "consent", Where: string(s.Report), ID: findingID("consent", string(s.Report)),
				What: what + " A sentence may rest on it.", Do: "Say what the sentence rests on instead. " + do})
		default:
			g.findings = append(g.findings, tocsin.GuardFinding{Check: "consent", Level: tocsin.GuardNote, Rule: "consent", Where: string(s.Report), ID: findingID("consent", string(s.Report)),
				What: what + " The text does not seem to rest on it.", Do: "Make sure that the warning stands without it, or ask for consent."})
		}
	}
}

// restsOn reports whether a sentence plainly has nothing to stand on but a report.
func restsOn(trace []Traced, id tocsin.ReportID) bool {
	return slices.ContainsFunc(trace, func(t Traced) bool { return t.rests() && t.Restricted[0].Report == id })
}

// leansOn reports whether a sentence may have nothing to stand on but a report.
func leansOn(trace []Traced, id tocsin.ReportID) bool {
	return slices.ContainsFunc(trace, func(t Traced) bool { return t.leans() && t.Restricted[0].Report == id })
}
