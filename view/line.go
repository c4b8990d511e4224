package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tocsin"
	"tocsin/casefile"
)

// Sentence is what the program says of a case: fixed words with names in them. A page in
// another language has the fixed words in that language, and finds them by Form.
type Sentence struct {
	Form  string // in English, with %s for each name
	Names []Name
}

// Name is what stands in a sentence: somebody's name or words, a term of the program's
// own, a sentence that the core has recorded, or a list of further sentences.
type Name struct {
	Text  string     // as an English sentence has it
	Code  string     // for one of the program's terms: its code, "" for a name or a person's words
	Of    string     // and what list of terms it is of: harm, clock, channel
	Core  bool       // the core's words, which the record holds in English
	Maybe bool       // the core's words, or those of a person in its place
	Parts []Sentence // in place of Text
}

// String is the sentence in English.
func (s Sentence) String() string {
	names := make([]any, len(s.Names))
	for i, n := range s.Names {
		names[i] = n.String()
	}
	return fmt.Sprintf(s.Form, names...)
}

// String is the name as an English sentence has it.
func (n Name) String() string {
	if len(n.Parts) == 0 {
		return n.Text
	}
	parts := make([]string, len(n.Parts))
	for i, p := range n.Parts {
		parts[i] = p.String()
	}
	return strings.Join(parts, ", ")
}

// say makes a sentence. A name may be a string of any type, a number, or a Name.
func say(form string, names ...any) Sentence {
	s := Sentence{Form: form}
	for _, n := range names {
		name, ok := n.(Name)
		if !ok {
			name = Name{Text: fmt.Sprint(n)}
		}
		s.Names = append(s.Names, name)
	}
	return s
}

// term is one of the program's own terms, said as its code is.
func term[T ~string](of string, code T) Name {
	return Name{Text: string(code), Code: string(code), Of: of}
}

// plainly is a term said without the underscores of its code.
func plainly[T ~string](of string, code T) Name {
	return Name{Text: words(string(code)), Code: string(code), Of: of}
}

// core is a sentence that the core has recorded.
func core(text string) Name { return Name{Text: text, Core: true} }

// maybe is a sentence that the core has recorded, or that somebody wrote.
func maybe(text string) Name { return Name{Text: text, Maybe: true} }

func list(parts ...Sentence) Name { return Name{Parts: parts} }

// Line says what an event is in one plain line of English, for a timeline. It names
// people by id and quotes no report.
func Line(s casefile.State, e casefile.Event) string { return Told(s, e).String() }

// Told says what an event is, so that it can be said in another language as well.
func Told(s casefile.State, e casefile.Event) Sentence {
	for _, told := range []Sentence{ofCase(e), ofObligation(e), ofWarning(e), ofDelivery(s, e)} {
		if told.Form != "" {
			return told
		}
	}
	return Sentence{Form: "%s", Names: []Name{term("event", e.Kind())}}
}

func ofCase(e casefile.Event) Sentence {
	switch e := e.(type) {
	case casefile.CaseOpened:
		return say("case opened under %s; owner %s", e.Terms.Pack.Name, e.Owner)
	case casefile.CaseSealed:
		return say("sealed to %s people by %s: %s", len(e.People), e.By, e.Reason)
	case casefile.CaseUnsealed:
		return say("seal opened by %s: %s", e.By, e.Reason)
	case casefile.TermsAdopted:
		return say("under the terms of %s %s: %s", e.Terms.Pack.Name, e.Terms.Pack.Version, e.Reason)
	case casefile.ReportAttached:
		if e.Report.RepeatOf != "" {
			return say("report %s joined, repeating %s", e.Report.ID, e.Report.RepeatOf)
		}
		return say("report %s joined", e.Report.ID)
	case casefile.ThreatStated:
		return say("threat stated: %s", threatOf(e.Threat))
	case casefile.TermsProtected:
		return say("%s terms protected", len(e.Terms))
	case casefile.GradeSeen:
		return say("%s has seen the findings and cannot be second signer", e.By)
	case casefile.TransferProposed:
		return say("transfer proposed to %s", e.To)
	case casefile.TransferAccepted:
		return say("transfer accepted; owner is now %s", e.By)
	case casefile.TransferDeclined:
		return say("transfer declined: %s", e.Reason)
	case casefile.Reviewed:
		return say("case reviewed")
	case casefile.OutcomeRecorded:
		return say("outcome: %s", term("outcome", e.Outcome.What))
	case casefile.CaseClosed:
		if n := len(e.Unfollowed); n > 0 {
			return say("case closed with %s messages still on the way: %s", n, e.OnTheWay)
		}
		return say("case closed")
	case casefile.CaseReopened:
		return say("case reopened: %s", maybe(e.Why))
	}
	return ofOffice(e)
}

func ofOffice(e casefile.Event) Sentence {
	switch e := e.(type) {
	case casefile.ConsentAsked:
		return say("consent asked of %s for %s", e.Of, e.Report)
	case casefile.ConsentAnswered:
		if e.Granted {
			return say("consent for %s granted by %s", e.Report, e.Person)
		}
		return say("consent for %s refused by %s", e.Report, e.Person)
	case casefile.DisputeRaised:
		return say("dispute %s raised: %s", e.Dispute, e.About)
	case casefile.DisputeSettled:
		return say("dispute %s settled: %s", e.Dispute, e.Settlement)
	case casefile.ExigentInvoked:
		return say("exigent path opened by %s: %s", e.By, e.Reason)
	case casefile.DutyCreated:
		return say("after-duty: %s", e.Duty.Title)
	case casefile.DutyDone:
		return say("after-duty %s done", e.Duty)
	}
	return Sentence{}
}

func ofObligation(e casefile.Event) Sentence {
	switch e := e.(type) {
	case casefile.VictimAdded:
		return say("intended victim %s: %s", e.Victim.ID, e.Victim.Name)
	case casefile.VictimCorrected:
		return say("intended victim %s corrected to %s: %s", e.Victim.ID, e.Victim.Name, e.Reason)
	case casefile.FindingsRecorded:
		var parts []Sentence
		for _, f := range e.Findings {
			parts = append(parts, say("%s %s", term("element", f.Element), term("finding", f.Value)))
		}
		return say("findings on %s: %s", e.Victim, list(parts...))
	case casefile.Determined:
		d := e.Determination
		return say("determination for %s: %s (rule %s, %s)", d.Victim, term("result", d.Result), d.Rule, d.Clause)
	case casefile.DeterminationAffirmed:
		return say("determination for %s affirmed", e.Victim)
	case casefile.FellToOwed:
		return say("a warning is now owed to %s: %s", e.Victim, core(e.Why))
	case casefile.BecameOwed:
		return say("a warning is now owed to %s: %s", e.Victim, core(e.Why))
	case casefile.LocatorRecorded:
		return say("a new way to reach %s is known", e.Victim)
	case casefile.HandoverOffered:
		return say("obligation towards %s offered to %s", e.Victim, e.To)
	case casefile.HandoverAccepted:
		return say("obligation towards %s accepted by %s", e.Victim, e.Person)
	case casefile.HandoverDeclined:
		return say("hand-over for %s declined", e.Victim)
	case casefile.DischargeRecorded:
		return say("obligation towards %s discharged: %s", e.Victim, core(e.How))
	case casefile.ParityOpened:
		return say("parity: %s was told of nothing; must they be?", e.Victim)
	case casefile.ParityDecided:
		return say("parity %s decided: %s", e.Parity, term("parity", e.Decision))
	}
	return ofNoWarning(e)
}

func ofNoWarning(e casefile.Event) Sentence {
	switch e := e.(type) {
	case casefile.WaiverProposed:
		return say("waiver proposed for %s on ground %s", e.Victim, e.Waiver.Ground)
	case casefile.WaiverApproved:
		return say("waiver for %s approved by %s", e.Victim, e.By)
	case casefile.WaiverDenied:
		if e.Lapsed {
			return say("waiver for %s lapsed: %s", e.Victim, core(e.Reason))
		}
		return say("waiver for %s denied: %s", e.Victim, e.Reason)
	case casefile.WaiverEnded:
		return say("waiver for %s ended, a warning is owed: %s", e.Victim, core(e.Why))
	case casefile.RefusalProposed:
		return say("refusal proposed for %s (%s)", e.Victim, term("refusal", e.Ground))
	case casefile.RefusalSigned:
		return say("refusal for %s signed by a second officer, %s", e.Victim, e.By)
	case casefile.RefusalOverturned:
		return say("refusal for %s overturned by %s: a warning is owed", e.Victim, e.By)
	case casefile.RefusalEnded:
		return say("refusal for %s ended, a warning is owed: %s", e.Victim, core(e.Why))
	}
	return Sentence{}
}

func ofWarning(e casefile.Event) Sentence {
	switch e := e.(type) {
	case casefile.WarningDrafted:
		return say("warning %s version %s drafted (%s, %s)", e.Draft.Warning, e.Draft.Version, term("kind", e.Draft.Kind), term("message", e.Draft.Message))
	case casefile.WarningApproved:
		return say("warning %s approved by %s for exactly these words", e.Warning, e.By)
	case casefile.WarningReturned:
		return say("warning %s sent back: %s", e.Warning, maybe(e.Reason))
	case casefile.FindingAnswered:
		return say("%s answers what the guard asked about %s: %s", e.By, e.Warning, e.Words)
	case casefile.TearlineWritten:
		return say("tearline of report %s written", e.Report)
	case casefile.TearlineCleared:
		return say("tearline of report %s cleared by %s", e.Report, e.By)
	case casefile.ReleaseRefused:
		if why := what(e.Findings, func(f tocsin.GuardFinding) bool { return f.Blocks }); why != "" {
			return say("THE GUARD REFUSES %s: %s", e.Warning, core(why))
		}
		return say("THE GUARD ASKS about %s: %s", e.Warning, core(what(e.Findings, func(f tocsin.GuardFinding) bool { return f.Level == tocsin.GuardAsk })))
	case casefile.WarningReleased:
		return say("warning %s released by %s", e.Clearance.Warning, e.Clearance.Released)
	case casefile.WindowExtended:
		until := e.Until.Format("2 Jan 15:04Z")
		if e.Default {
			return say("warning %s extended to %s because nobody decided", e.Warning, until)
		}
		return say("warning %s extended to %s", e.Warning, until)
	case casefile.WarningEnded:
		return say("warning %s ended by %s", e.Warning, e.Ended)
	case casefile.DeliveryPlanned:
		return say("to be sent: %s", route(e.Warning, e.Recipient, e.Addressee, e.Channel))
	}
	return Sentence{}
}

// route says which words go to whom, and how.
func route(w tocsin.WarningID, r tocsin.RecipientID, addressee, channel string) Name {
	return list(say("%s to %s, %s over %s", w, r, addressee, term("channel", channel)))
}

func ofDelivery(s casefile.State, e casefile.Event) Sentence {
	to := func(k tocsin.DeliveryKey) Name {
		d, _ := s.Delivery(k)
		return route(d.Warning, d.Recipient, d.Addressee, d.Channel)
	}
	switch e := e.(type) {
	case casefile.ClockMissed:
		return missed(s, e, to)
	case casefile.DeliveryStarted:
		return say("sending %s (attempt %s)", to(e.Key), e.Attempt)
	case casefile.DeliveryHanded:
		return say("%s: %s", loud(term("state", e.Receipt.State)), to(e.Key))
	case casefile.DeliveryFailed:
		return say("%s failure, %s: %s", term("failure", e.Class), to(e.Key), maybe(e.Detail))
	case casefile.DeliveryConfirmed:
		return say("DELIVERED: %s (%s)", to(e.Key), e.How)
	case casefile.ServiceRecorded:
		return served(e.Service)
	case casefile.Acknowledged:
		switch {
		case e.Person == "" && e.Words == "":
			return say("the recipient answers %s: %s", term("answer", e.Answer), to(e.Key))
		case e.Person == "":
			return say("the recipient answers %s: %s: “%s”", term("answer", e.Answer), to(e.Key), e.Words)
		case e.Words == "":
			return say("%s answers %s: %s", e.Person, term("answer", e.Answer), to(e.Key))
		}
		return say("%s answers %s: %s: “%s”", e.Person, term("answer", e.Answer), to(e.Key), e.Words)
	case casefile.DeliveryEscalated:
		if e.Exhausted {
			return say("%s: %s; there is no further rung", core(e.Why), to(e.Key))
		}
		return say("%s: %s; the next rung follows", core(e.Why), to(e.Key))
	case casefile.DeliveryStopped:
		return say("not sent any more: %s (%s)", to(e.Key), maybe(e.Why))
	}
	return Sentence{}
}

// served tells a service. What was answered is told where the answer is.
func served(sv tocsin.Service) Sentence {
	words := sv.Response
	if sv.Answer != "" {
		words = ""
	}
	switch {
	case sv.RefusedSign && words == "":
		return say("told in person: %s, %s; refused to sign", sv.Person, sv.Place)
	case sv.RefusedSign:
		return say("told in person: %s, %s; refused to sign: “%s”", sv.Person, sv.Place, words)
	case words == "":
		return say("told in person: %s, %s", sv.Person, sv.Place)
	}
	return say("told in person: %s, %s: “%s”", sv.Person, sv.Place, words)
}

func missed(s casefile.State, e casefile.ClockMissed, to func(tocsin.DeliveryKey) Name) Sentence {
	clock := plainly("clock", e.Clock)
	_, sent := s.Delivery(tocsin.DeliveryKey(e.Target))
	switch {
	case sent && e.Raised == "":
		return say("CLOCK MISSED: %s for %s, raised to the owner", clock, to(tocsin.DeliveryKey(e.Target)))
	case sent:
		return say("CLOCK MISSED: %s for %s, raised to the %s", clock, to(tocsin.DeliveryKey(e.Target)), plainly("role", e.Raised))
	case e.Target == "" && e.Raised == "":
		return say("CLOCK MISSED: %s, raised to the owner", clock)
	case e.Target == "":
		return say("CLOCK MISSED: %s, raised to the %s", clock, plainly("role", e.Raised))
	case e.Raised == "":
		return say("CLOCK MISSED: %s %s, raised to the owner", clock, e.Target)
	}
	return say("CLOCK MISSED: %s %s, raised to the %s", clock, e.Target, plainly("role", e.Raised))
}

// loud is a term in capitals.
func loud(n Name) Name {
	n.Text = strings.ToUpper(n.Text)
	return n
}

func words(code string) string { return strings.ReplaceAll(code, "_", " ") }

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

// threatOf says what is known of a threat.
func threatOf(t tocsin.Threat) Name {
	var parts []Sentence
	if t.Harm != "" {
		parts = append(parts, say("%s", term("harm", t.Harm)))
	}
	for _, text := range []string{t.Target.Text, t.Place.Text} {
		if text != "" {
			parts = append(parts, say("%s", text))
		}
	}
	for _, w := range t.Whereabouts {
		if w.None {
			parts = append(parts, say("%s is none of the places of that name", strconv.Quote(w.Words)))
		} else {
			parts = append(parts, say("%s is %s", strconv.Quote(w.Words), strings.Join(nonEmpty(w.Name, w.Region, w.Country), ", ")))
		}
	}
	return list(parts...)
}

func nonEmpty(parts ...string) []string {
	return slices.DeleteFunc(parts, func(p string) bool { return p == "" })
}
