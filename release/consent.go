package release

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tocsin"
	"tocsin/marking"
)

// controlled reports whether s needs its originator's consent: it was entered
// so, or its marking says so.
func controlled(s Source) bool {
	if s.Controlled {
		return true
	}
	m := marking.Read(s.Marking)
	return m.Known() && m.OriginatorControlled()
}

// consentGiven reports whether there are controlled sources and all have consent.
func consentGiven(sources []Source) bool {
	any := false
	for _, s := range sources {
		if controlled(s) {
			any = true
			if s.Consent != ConsentGranted {
				return false
			}
		}
	}
	return any
}

// checkConsent refuses what an originator controls and has not let go (T-18). On
// the exigent path it is recorded instead, and the case owes the originator a
// notice.
//
// A report whose marking cannot be read is only remarked upon here, because
// nobody could be asked and the warning would be held for good; its words are
// still guarded as the most restrictive.
func (g *guard) checkConsent() {
	for _, s := range g.q.Contributing {
		owner := cmp.Or(s.Originator, "its originator")
		switch {
		case s.Marking != "" && !marking.Read(s.Marking).Known() && !s.Controlled:
			g.caution("consent", string(s.Report), fmt.Sprintf("The marking of report %s cannot be read, so it may be under originator control.", s.Report), "Ask whoever sent it what the marking means.")
		case !controlled(s) || s.Consent == ConsentGranted:
		case g.q.Exigent:
			g.caution("consent", string(s.Report), fmt.Sprintf("Report %s is controlled by %s, which %s. It goes out by the exigent path.", s.Report, owner, answered(s.Consent)), "Tell the originator what was disclosed, to whom, how and why, as soon as possible.")
		default:
			g.block("consent", string(s.Report), fmt.Sprintf("Report %s is controlled by %s, which %s.", s.Report, owner, answered(s.Consent)), "Ask for consent, write the warning without this report, or take the exigent path if time is too short.")
		}
	}
}

func answered(c Consent) string {
	switch c {
	case ConsentAsked:
		return "was asked and has not answered"
	case ConsentRefused:
		return "has refused"
	}
	return "has not been asked"
}

// checkApproval asks whether somebody entitled to it, who wrote none of it, has
// approved exactly these bytes.
func (g *guard) checkApproval() {
	a, who := g.q.Approval, g.q.Approver
	if len(g.q.Draft.Authors) == 0 {
		g.block("approval", "", "The draft names no author, so nobody can be told apart from one.", "Draft it again.")
	}
	if a == nil {
		g.block("approval", "", "Nobody has approved these words.", "Ask somebody who may approve and wrote none of it.")
		return
	}
	if !g.digested || a.Digest != g.digest {
		g.block("approval", "", "The words, the recipients or the validity have changed since they were approved.", "Have this version approved.")
	}
	if a.At.IsZero() || a.At.After(g.q.Now) {
		g.block("approval", "", "The approval bears no time, or one that has not come.", "Have this version approved again, and check the clock.")
	}
	if a.By != who.ID || !tocsin.ValidID(string(a.By)) {
		g.block("approval", "", "The person who approved is not the one whose rights were looked up.", "This is a fault of the program: report it.")
	}
	if !who.Human() {
		g.block("approval", "", "No machine and no partner's system approves a warning.", "Ask a person of the organisation.")
	}
	if slices.Contains(g.q.Draft.Authors, a.By) || slices.Contains(g.q.Draft.Authors, who.ID) {
		g.block("approval", "", fmt.Sprintf("%s wrote some of it, in this version or an earlier one.", cmp.Or(who.Name, string(a.By))), "Ask somebody who wrote none of it.")
	}
	if !who.Has(g.q.ApproverRoles...) {
		g.block("approval", "", fmt.Sprintf("%s may not approve wording.", cmp.Or(who.Name, string(a.By))), mayDo(g.q.ApproverRoles))
	}
}

// checkReleaser asks for a named person with the right to release.
func (g *guard) checkReleaser() {
	who := g.q.Releaser
	switch {
	case !who.Human() || !tocsin.ValidID(string(who.ID)):
		g.block("approval", "", "No machine releases a warning.", "A named person must release it.")
	case !who.Has(g.q.ReleaserRoles...):
		g.block("approval", "", fmt.Sprintf("%s may not release warnings.", cmp.Or(who.Name, string(who.ID))), mayDo(g.q.ReleaserRoles))
	}
}

func mayDo(roles []tocsin.Role) string {
	if len(roles) == 0 {
		return "The policy pack gives this right to nobody: correct the pack."
	}
	var names []string
	for _, r := range roles {
		names = append(names, strings.ReplaceAll(string(r), "_", " "))
	}
	return "Ask one who may: " + strings.Join(names, ", ") + "."
}
