package main

import (
	"fmt"
	"strings"
	"time"

	"tocsin"
	"tocsin/policy"
)

// The words in which a pack is told to somebody who has never seen one. Each map
// covers a closed list of package tocsin or policy; a test holds it to that.

var answerWords = map[tocsin.FindingValue]string{
	tocsin.Met: "met", tocsin.Doubtful: "in doubt", tocsin.NotMet: "not met", tocsin.Unknown: "not answered yet",
}

var resultWords = map[tocsin.DeterminationResult]string{
	tocsin.ResultOwed:     "A warning is owed.",
	tocsin.ResultDoubtful: "In doubt, which falls towards warning: a warning is due.",
	tocsin.ResultNotOwed:  "No warning is owed under this policy.",
}

var routeWords = map[string]string{
	policy.RouteVictim:    "It goes to the intended victim, or to those responsible for protecting the victim.",
	policy.RouteAdvisory:  "It takes the form of an advisory to those who protect the victim, and the case gets a dated review.",
	policy.RouteGeneral:   "It is a general warning: for a place, a class of people, or the public.",
	policy.RouteOtherPack: "Another policy that covers this must be looked for.",
	policy.RouteNone:      "Nothing is sent.",
}

var harmWords = map[tocsin.Harm]string{
	tocsin.Killing: "killing", tocsin.SeriousBodilyInjury: "serious bodily injury", tocsin.Kidnapping: "kidnapping",
	tocsin.UnlawfulDetention: "unlawful detention", tocsin.ForcedReturn: "forced return", tocsin.PhysicalAttack: "physical attack",
	tocsin.PropertyDamage: "damage to property",
}

var powerWords = map[tocsin.Power]string{
	tocsin.MayReceive:        "Take in reports and open cases",
	tocsin.MayAssess:         "Record the threat, the victims and the findings",
	tocsin.MayOwn:            "Own a case, and accept one from somebody else",
	tocsin.MayAffirm:         "Affirm what the policy made of the findings",
	tocsin.MayProposeWaiver:  "Propose not to warn one victim (a waiver)",
	tocsin.MayApproveWaiver:  "Approve a waiver",
	tocsin.MayProposeRefusal: "Propose that no duty is owed (a refusal)",
	tocsin.MaySignRefusal:    "Sign a refusal as the second signer",
	tocsin.MayAskConsent:     "Ask the originator for consent and record the answer",
	tocsin.MayDispute:        "Raise a dispute",
	tocsin.MaySettle:         "Settle a dispute",
	tocsin.MayInvokeExigent:  "Open the exigent path, when there is too little time",
	tocsin.MayDraft:          "Write a warning",
	tocsin.MayApproveWording: "Approve the words of a warning",
	tocsin.MayApproveExigent: "Approve the words on the exigent path",
	tocsin.MayRelease:        "Release a warning through the guard",
	tocsin.MayDeliver:        "Give a warning in person, and record what a recipient did",
	tocsin.MayReview:         "Review a case",
	tocsin.MayDecideParity:   "Decide whether others must be told what some were told",
	tocsin.MayClose:          "Record the outcome, and close a case",
}

var partyWords = map[policy.Party]string{
	policy.PartyVictim: "the intended victim", policy.PartyGuardian: "the victim's guardian", policy.PartyProtector: "whoever is responsible for protecting the victim",
	policy.PartyPolice: "the police", policy.PartyGovernment: "a government or one of its bodies", policy.PartyAuthority: "the competent authority",
	policy.PartyFacility: "those who run the place", policy.PartySegment: "the part of the community that is in danger", policy.PartyCommunity: "the whole community",
	policy.PartyPublic: "the public", policy.PartyOriginator: "the originator of the information",
}

var kindWords = map[tocsin.WarningKind]string{
	tocsin.VictimWarning: "warning to a victim", tocsin.ProtectorWarning: "warning to a protector", tocsin.GovernmentWarning: "warning to a government",
	tocsin.FacilityWarning: "warning to a facility", tocsin.PublicWarning: "public warning", tocsin.DisruptionNotice: "notice to the suspect", tocsin.Advisory: "advisory",
}

var channelWords = map[policy.Channel]string{
	"in_person": "in person", "smtp": "e-mail", "webhook": "a connected system (webhook)", "phone": "telephone", "letter": "letter", "sms": "text message",
	"platform_notice": "a notice on the platform", "public_alert": "a public alert",
}

var whereWords = map[string]string{
	"home": "The victim is in the organisation's own country", "abroad": "The victim is abroad",
	"foreign_government": "A foreign government is told", "controlled": "The information is under its originator's control",
}

var retestWords = map[string]string{
	"new_report": "a new report joins the case", "new_finding": "a finding on the victim changes", "new_locator": "a new way to reach the victim is known",
}

// clockStory is what starts a clock, what stops it, and what happens if nothing does.
type clockStory struct{ title, from, until, missed string }

var clockStories = map[tocsin.ClockName]clockStory{
	tocsin.ClockDetermination:  {"Determination", "first knowledge of the threat to the victim", "the policy has answered on findings, or a refusal is proposed", "a warning is owed"},
	tocsin.ClockAffirmation:    {"Affirmation", "the determination", "it is affirmed", "it is raised; the warning goes on meanwhile"},
	tocsin.ClockWaiver:         {"Decision on a waiver", "the proposal", "it is approved or denied", "the proposal lapses"},
	tocsin.ClockRefusal:        {"Second signer of a refusal", "the proposal", "a second person signs or overturns it", "a warning is owed"},
	tocsin.ClockConsent:        {"Consent of the originator", "the question", "it is answered", "it is raised, and the exigent path opens"},
	tocsin.ClockFirstDelivery:  {"First delivery", "the moment a warning is owed", "a first attempt to deliver is made", "it is raised, and the exigent path opens"},
	tocsin.ClockAcknowledge:    {"Acknowledgement", "the hand-over of the warning", "somebody acknowledges it", "the next channel and a higher addressee are tried"},
	tocsin.ClockTransfer:       {"Transfer of a case", "the proposal", "the new owner accepts", "it is raised; the old owner stays the owner"},
	tocsin.ClockReview:         {"Review", "the last review", "the next review is done", "it is raised"},
	tocsin.ClockParity:         {"Parity between audiences", "one audience was told", "it is decided whether the others are told", "it is raised"},
	tocsin.ClockWindow:         {"End of a warning", "the end of the time in which the warning holds", "it is extended, changed or withdrawn", "it is raised; at the end it is extended"},
	tocsin.ClockDispute:        {"Dispute", "it was raised", "it is settled", "it is raised to the next level"},
	tocsin.ClockRepeat:         {"Reminder", "a clock was missed, and after each reminder", "the thing is done", "it is raised again"},
	tocsin.ClockClearanceValid: {"Clearance", "the release through the guard", "the words have left", "what has not left is stopped"},
}

// timeAllowed says how long a clock runs, in one sentence for a reader.
func timeAllowed(name tocsin.ClockName, r tocsin.ClockRule, imminent tocsin.Duration) string {
	from := clockStories[name].from
	switch name {
	case tocsin.ClockWindow:
		return fmt.Sprintf("%s before %s.", long(r.After), from)
	case tocsin.ClockRepeat:
		return fmt.Sprintf("Every %s for as long as nobody has done it.", long(r.After))
	}
	says := fmt.Sprintf("%s after %s", long(r.After), from)
	if len(r.Then) > 0 {
		var rest []string
		for _, d := range r.Then {
			rest = append(rest, long(d))
		}
		says += fmt.Sprintf("; then after %s, and so on at the last of these", strings.Join(rest, ", "))
	}
	if r.Serious > 0 {
		says += fmt.Sprintf("; %s if the time of the attack is unknown or more than %s off", long(r.Serious), long(imminent))
	}
	if r.Percent > 0 {
		says += fmt.Sprintf("; sooner if the attack is near: %s of the time left", portion(r.Percent))
		if r.Floor > 0 {
			says += fmt.Sprintf(", but never less than %s", long(r.Floor))
		}
	}
	return says + "."
}

func portion(percent int) string {
	switch percent {
	case 50:
		return "half"
	case 25:
		return "a quarter"
	case 20:
		return "a fifth"
	case 10:
		return "a tenth"
	case 75:
		return "three quarters"
	}
	return fmt.Sprintf("%d percent", percent)
}

// long writes a duration in whole units of the biggest kind that measures it:
// "1 hour", "90 minutes", "3 days".
func long(d tocsin.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d.D() / unit.size; n > 0 && d.D()%unit.size == 0 {
			if n == 1 && unit.name == "day" {
				return "24 hours" // a day of the calendar is something else
			}
			return counted(int(n), unit.name)
		}
	}
	if d == 0 {
		return "no time"
	}
	return d.String()
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// listed joins words as a sentence does: "a, b and c".
func listed(words []string, and string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + and + " " + words[len(words)-1]
}

func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = "“" + w + "”"
	}
	return out
}

// inWords looks up each of a list. A word that the map lacks is shown as it is
// written in the pack.
func inWords[K ~string](words map[K]string, list []K) []string {
	var out []string
	for _, k := range list {
		if w, ok := words[k]; ok {
			out = append(out, w)
		} else {
			out = append(out, plain(string(k)))
		}
	}
	return out
}

// plain is a code without its underscores.
func plain(code string) string { return strings.ReplaceAll(code, "_", " ") }

// sentence begins with a capital and ends with a stop.
func sentence(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return ""
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.ContainsAny(s[len(s)-1:], ".?!") {
		s += "."
	}
	return s
}

// conditionWords says when a rule fits.
func conditionWords(c policy.Condition, elements []policy.Element) string {
	var parts []string
	for _, e := range elements {
		if own, named := c.Elements[e.ID]; named {
			parts = append(parts, fmt.Sprintf("the test “%s” is %s", e.Title, listed(inWords(answerWords, own), "or")))
		}
	}
	if len(c.Others) > 0 {
		parts = append(parts, fmt.Sprintf("every other test is %s", listed(inWords(answerWords, c.Others), "or")))
	}
	if len(c.All) > 0 {
		parts = append(parts, fmt.Sprintf("every test is %s", listed(inWords(answerWords, c.All), "or")))
	}
	if len(c.Any) > 0 {
		parts = append(parts, fmt.Sprintf("at least one test is %s", listed(inWords(answerWords, c.Any), "or")))
	}
	if len(c.None) > 0 {
		parts = append(parts, fmt.Sprintf("no test is answered with %s", listed(quoted(inWords(answerWords, c.None)), "or")))
	}
	return strings.Join(parts, ", and ")
}
