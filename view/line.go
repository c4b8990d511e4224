package view

import (
	"fmt"
	"slices"
	"strings"

	"tocsin"
	"tocsin/casefile"
)

// Line says what an event is in one plain line, for a timeline. It names people
// by id and quotes no report.
func Line(s casefile.State, e casefile.Event) string {
	if l := caseLine(e); l != "" {
		return l
	}
	if l := obligationLine(e); l != "" {
		return l
	}
	return warningLine(s, e)
}

func caseLine(e casefile.Event) string {
	switch e := e.(type) {
	case casefile.CaseOpened:
		return fmt.Sprintf("case opened under %s; owner %s", e.Terms.Pack.Name, e.Owner)
	case casefile.CaseSealed:
		return fmt.Sprintf("sealed to %d people by %s: %s", len(e.People), e.By, e.Reason)
	case casefile.CaseUnsealed:
		return fmt.Sprintf("seal opened by %s: %s", e.By, e.Reason)
	case casefile.TermsAdopted:
		return fmt.Sprintf("under the terms of %s %s: %s", e.Terms.Pack.Name, e.Terms.Pack.Version, e.Reason)
	case casefile.ReportAttached:
		repeat := ""
		if e.Report.RepeatOf != "" {
			repeat = ", repeating " + string(e.Report.RepeatOf)
		}
		return fmt.Sprintf("report %s joined%s", e.Report.ID, repeat)
	case casefile.ThreatStated:
		return "threat stated: " + strings.Join(append(nonEmpty(string(e.Threat.Harm), e.Threat.Target.Text, e.Threat.Place.Text), whereabouts(e.Threat)...), ", ")
	case casefile.TermsProtected:
		return fmt.Sprintf("%d terms protected", len(e.Terms))
	case casefile.GradeSeen:
		return string(e.By) + " has seen the findings and cannot be second signer"
	case casefile.TransferProposed:
		return "transfer proposed to " + string(e.To)
	case casefile.TransferAccepted:
		return "transfer accepted; owner is now " + string(e.By)
	case casefile.TransferDeclined:
		return "transfer declined: " + e.Reason
	case casefile.ConsentAsked:
		return fmt.Sprintf("consent asked of %s for %s", e.Of, e.Report)
	case casefile.ConsentAnswered:
		return fmt.Sprintf("consent for %s %s by %s", e.Report, either(e.Granted, "granted", "refused"), e.Person)
	case casefile.DisputeRaised:
		return "dispute " + e.Dispute + " raised: " + e.About
	case casefile.DisputeSettled:
		return "dispute " + e.Dispute + " settled: " + e.Settlement
	case casefile.ExigentInvoked:
		return "exigent path opened by " + string(e.By) + ": " + e.Reason
	case casefile.DutyCreated:
		return "after-duty: " + e.Duty.Title
	case casefile.DutyDone:
		return "after-duty " + e.Duty + " done"
	case casefile.Reviewed:
		return "case reviewed"
	case casefile.OutcomeRecorded:
		return "outcome: " + e.Outcome.What
	case casefile.CaseClosed:
		if n := len(e.Unfollowed); n > 0 {
			return fmt.Sprintf("case closed with %d messages still on the way: %s", n, e.OnTheWay)
		}
		return "case closed"
	case casefile.CaseReopened:
		return "case reopened: " + e.Why
	}
	return ""
}

func obligationLine(e casefile.Event) string {
	switch e := e.(type) {
	case casefile.VictimAdded:
		return fmt.Sprintf("intended victim %s: %s", e.Victim.ID, e.Victim.Name)
	case casefile.VictimCorrected:
		return fmt.Sprintf("intended victim %s corrected to %s: %s", e.Victim.ID, e.Victim.Name, e.Reason)
	case casefile.FindingsRecorded:
		var parts []string
		for _, f := range e.Findings {
			parts = append(parts, fmt.Sprintf("%s %s", f.Element, f.Value))
		}
		return fmt.Sprintf("findings on %s: %s", e.Victim, strings.Join(parts, ", "))
	case casefile.Determined:
		d := e.Determination
		return fmt.Sprintf("determination for %s: %s (rule %s, %s)", d.Victim, d.Result, d.Rule, d.Clause)
	case casefile.DeterminationAffirmed:
		return "determination for " + string(e.Victim) + " affirmed"
	case casefile.FellToOwed:
		return fmt.Sprintf("a warning is now owed to %s: %s", e.Victim, e.Why)
	case casefile.BecameOwed:
		return fmt.Sprintf("a warning is now owed to %s: %s", e.Victim, e.Why)
	case casefile.LocatorRecorded:
		return "a new way to reach " + string(e.Victim) + " is known"
	case casefile.WaiverProposed:
		return fmt.Sprintf("waiver proposed for %s on ground %s", e.Victim, e.Waiver.Ground)
	case casefile.WaiverApproved:
		return "waiver for " + string(e.Victim) + " approved by " + string(e.By)
	case casefile.WaiverDenied:
		return fmt.Sprintf("waiver for %s %s: %s", e.Victim, either(e.Lapsed, "lapsed", "denied"), e.Reason)
	case casefile.WaiverEnded:
		return fmt.Sprintf("waiver for %s ended, a warning is owed: %s", e.Victim, e.Why)
	case casefile.RefusalProposed:
		return fmt.Sprintf("refusal proposed for %s (%s)", e.Victim, e.Ground)
	case casefile.RefusalSigned:
		return "refusal for " + string(e.Victim) + " signed by a second officer, " + string(e.By)
	case casefile.RefusalOverturned:
		return "refusal for " + string(e.Victim) + " overturned by " + string(e.By) + ": a warning is owed"
	case casefile.RefusalEnded:
		return fmt.Sprintf("refusal for %s ended, a warning is owed: %s", e.Victim, e.Why)
	case casefile.HandoverOffered:
		return fmt.Sprintf("obligation towards %s offered to %s", e.Victim, e.To)
	case casefile.HandoverAccepted:
		return fmt.Sprintf("obligation towards %s accepted by %s", e.Victim, e.Person)
	case casefile.HandoverDeclined:
		return fmt.Sprintf("hand-over for %s declined", e.Victim)
	case casefile.DischargeRecorded:
		return fmt.Sprintf("obligation towards %s discharged: %s", e.Victim, e.How)
	case casefile.ParityOpened:
		return fmt.Sprintf("parity: %s was told of nothing; must they be?", e.Victim)
	case casefile.ParityDecided:
		return fmt.Sprintf("parity %s decided: %s", e.Parity, e.Decision)
	}
	return ""
}

func warningLine(s casefile.State, e casefile.Event) string {
	switch e := e.(type) {
	case casefile.WarningDrafted:
		return fmt.Sprintf("warning %s version %d drafted (%s, %s)", e.Draft.Warning, e.Draft.Version, e.Draft.Kind, e.Draft.Message)
	case casefile.WarningApproved:
		return fmt.Sprintf("warning %s approved by %s for exactly these words", e.Warning, e.By)
	case casefile.WarningReturned:
		return fmt.Sprintf("warning %s sent back: %s", e.Warning, e.Reason)
	case casefile.FindingAnswered:
		return fmt.Sprintf("%s answers what the guard asked about %s: %s", e.By, e.Warning, e.Words)
	case casefile.TearlineWritten:
		return "tearline of report " + string(e.Report) + " written"
	case casefile.TearlineCleared:
		return "tearline of report " + string(e.Report) + " cleared by " + string(e.By)
	case casefile.ReleaseRefused:
		if why := what(e.Findings, func(f tocsin.GuardFinding) bool { return f.Blocks }); why != "" {
			return fmt.Sprintf("THE GUARD REFUSES %s: %s", e.Warning, why)
		}
		return fmt.Sprintf("THE GUARD ASKS about %s: %s", e.Warning, what(e.Findings, func(f tocsin.GuardFinding) bool { return f.Level == tocsin.GuardAsk }))
	case casefile.WarningReleased:
		return fmt.Sprintf("warning %s released by %s", e.Clearance.Warning, e.Clearance.Released)
	case casefile.WindowExtended:
		return fmt.Sprintf("warning %s extended to %s%s", e.Warning, e.Until.Format("2 Jan 15:04Z"), either(e.Default, " because nobody decided", ""))
	case casefile.WarningEnded:
		return fmt.Sprintf("warning %s ended by %s", e.Warning, e.Ended)
	case casefile.DeliveryPlanned:
		return fmt.Sprintf("to be sent: %s to %s, %s over %s", e.Warning, e.Recipient, e.Addressee, e.Channel)
	}
	return deliveryLine(s, e)
}

func deliveryLine(s casefile.State, e casefile.Event) string {
	to := func(k tocsin.DeliveryKey) string {
		d, _ := s.Delivery(k)
		return fmt.Sprintf("%s to %s, %s over %s", d.Warning, d.Recipient, d.Addressee, d.Channel)
	}
	switch e := e.(type) {
	case casefile.ClockMissed:
		target := e.Target
		if _, ok := s.Delivery(tocsin.DeliveryKey(e.Target)); ok {
			target = "for " + to(tocsin.DeliveryKey(e.Target))
		}
		return fmt.Sprintf("CLOCK MISSED: %s, raised to %s", strings.TrimSpace(words(string(e.Clock))+" "+target), either(e.Raised == "", "the owner", "the "+words(string(e.Raised))))
	case casefile.DeliveryStarted:
		return fmt.Sprintf("sending %s (attempt %d)", to(e.Key), e.Attempt)
	case casefile.DeliveryHanded:
		return fmt.Sprintf("%s: %s", strings.ToUpper(e.Receipt.State), to(e.Key))
	case casefile.DeliveryFailed:
		return fmt.Sprintf("%s failure, %s: %s", e.Class, to(e.Key), e.Detail)
	case casefile.DeliveryConfirmed:
		return fmt.Sprintf("DELIVERED: %s (%s)", to(e.Key), e.How)
	case casefile.ServiceRecorded:
		return fmt.Sprintf("told in person: %s, %s%s", e.Service.Person, e.Service.Place, either(e.Service.RefusedSign, "; refused to sign", ""))
	case casefile.Acknowledged:
		return fmt.Sprintf("%s answers %s: %s", either(e.Person == "", "the recipient", e.Person), e.Answer, to(e.Key))
	case casefile.DeliveryEscalated:
		return fmt.Sprintf("%s: %s; %s", e.Why, to(e.Key), either(e.Exhausted, "there is no further rung", "the next rung follows"))
	case casefile.DeliveryStopped:
		return fmt.Sprintf("not sent any more: %s (%s)", to(e.Key), e.Why)
	}
	return e.Kind()
}

func words(code string) string { return strings.ReplaceAll(code, "_", " ") }

func either(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

func nonEmpty(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// what joins what findings say, each once, however many places it was found in.
func what(findings []tocsin.GuardFinding, of func(tocsin.GuardFinding) bool) string {
	var why []string
	for _, f := range findings {
		if of(f) && !slices.Contains(why, f.What) {
			why = append(why, f.What)
		}
	}
	return strings.Join(why, " ")
}

// whereabouts says where places are said to lie.
func whereabouts(t tocsin.Threat) []string {
	var out []string
	for _, w := range t.Whereabouts {
		if w.None {
			out = append(out, fmt.Sprintf("%q is none of the places of that name", w.Words))
		} else {
			out = append(out, fmt.Sprintf("%q is %s", w.Words, strings.Join(nonEmpty(w.Name, w.Region, w.Country), ", ")))
		}
	}
	return out
}
