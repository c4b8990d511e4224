package release

import (
	"fmt"
	"slices"
	"strings"

	"tocsin"
)

// checkChannels holds the ladders of a warning's recipients against what its pack
// says of channels. A way that the pack forbids is never used. One that it wants
// used is asked for of every recipient; on the exigent path, where there may be no
// time for it, its absence is recorded instead.
func (g *guard) checkChannels() {
	for _, rule := range g.q.Channels {
		if !slices.Contains(rule.Kinds, g.q.Draft.Kind) {
			continue
		}
		for _, r := range g.q.Draft.Recipients {
			g.checkLadder(rule, r)
		}
	}
}

func (g *guard) checkLadder(rule tocsin.ChannelRule, r tocsin.Recipient) {
	wanted := len(rule.Require) == 0
	for _, rung := range r.Ladder {
		c := tocsin.Channel(rung.Channel)
		wanted = wanted || slices.Contains(rule.Require, c)
		if slices.Contains(rule.Forbid, c) || len(rule.Allow) > 0 && !slices.Contains(rule.Allow, c) {
			g.block("channel", string(r.ID), fmt.Sprintf("%s would be reached over %s, which %s allows for no warning of this kind. %s", r.Name, rung.Channel, rule.Clause, rule.Because),
				"Take that rung off the ladder, or choose another recipient.")
		}
	}
	switch what, do := fmt.Sprintf("%s would not be reached %s, as %s wants. %s", r.Name, channelNames(rule.Require), rule.Clause, rule.Because), "Add such a rung to the recipient's ladder."; {
	case wanted:
	case g.q.Exigent:
		g.caution("channel", string(r.ID), what, do)
	default:
		g.block("channel", string(r.ID), what, do+" If minutes count, the exigent path goes without.")
	}
}

func channelNames(cs []tocsin.Channel) string {
	var names []string
	for _, c := range cs {
		if c == "in_person" {
			names = append(names, "in person")
			continue
		}
		names = append(names, "over "+strings.ReplaceAll(string(c), "_", " "))
	}
	return strings.Join(names, " or ")
}

// checkLimits asks whether the words keep to what an originator agreed to, where it
// did not agree to everything. No program can judge that.
func (g *guard) checkLimits() {
	if g.q.Draft.Message.Ends() {
		return // the end of a warning tells nothing of what was reported
	}
	for _, s := range g.q.Contributing {
		if s.Consent == ConsentGranted && strings.TrimSpace(s.Limits) != "" {
			g.findings = append(g.findings, tocsin.GuardFinding{Check: "consent", Level: tocsin.GuardAsk, Rule: "consent/limits", Where: string(s.Report), ID: findingID("consent/limits", string(s.Report)+s.Limits),
				What: fmt.Sprintf("The originator of report %s agreed within limits: %s.", s.Report, strings.TrimRight(strings.TrimSpace(s.Limits), ".")), Why: "What goes beyond them breaks the agreement, and the next report may not come.",
				Do: "Hold words and recipients against the limits, and answer whether they keep to them."})
		}
	}
}
