package aside

import (
	"slices"
	"strings"
	"time"

	"tocsin"
)

// Who may do what. They are the roles that packs give the same things to in a case:
// whoever takes reports up proposes; the second signer of a refusal confirms; where
// a flag says that there may be a duty to warn, as with a waiver, a senior officer
// alone.
var (
	proposers  = []tocsin.Role{tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer}
	confirmers = []tocsin.Role{tocsin.SeniorOfficer, tocsin.Reviewer}
	readers    = []tocsin.Role{tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer, tocsin.OriginatorLiaison, tocsin.ReleaseOfficer, tocsin.Reviewer}
)

// Command is what somebody wants: Propose, Confirm or TakeUp.
type Command interface {
	kind() string
	decide(s State, by tocsin.Actor, f Facts) (Event, error)
}

type (
	// Propose asks for a report to be set aside.
	Propose struct {
		Ground Ground
		Of     tocsin.ReportID // for Duplicate
		Why    string
		Retest time.Time // for NothingToActOn; zero is after RetestAfter
	}
	// Confirm agrees to a proposal, by its name, so that it is the one that was seen.
	Confirm struct {
		Proposal string
		Why      string
		Flags    []Answer
	}
	// TakeUp puts a report back among those that wait, or stops a proposal.
	TakeUp struct{ Why string }
)

// Kinds of commands, as Explain takes them.
const (
	ProposeKind = "propose"
	ConfirmKind = "confirm"
	TakeUpKind  = "take_up"
)

func (Propose) kind() string { return ProposeKind }
func (Confirm) kind() string { return ConfirmKind }
func (TakeUp) kind() string  { return TakeUpKind }

// Facts are what a decision has to know that other records say.
type Facts struct {
	Now       time.Time
	Report    tocsin.ReportID
	Name      string          // of the proposal, if the command makes one
	Read      bool            // whoever asks has looked at the report; of the watch, since it last came back
	Handles   bool            // they handle its origin or its conveyor
	InCase    bool            // it is in a case that they may know of
	Twin      tocsin.ReportID // a report with the same content that is in a case that they may know of
	Flags     int
	Of        Original
	KeepWatch bool // they take reports up; see TakenUp.Watch
}

// Original is what is known of the report that Propose.Of names.
type Original struct {
	Known  bool // there is such a report, and they may know of it
	Sealed bool // it stands in sealed cases alone
	Loops  bool // it is itself set aside as a copy of this one
}

// Decide answers a command about one report with the event to record. Errors are
// *tocsin.Error: Forbidden where another person might, Refused where the report
// does not allow it now, Conflict where it has moved on, Invalid where the command
// itself is wrong. An error means that nothing happens.
func Decide(s State, by tocsin.Actor, f Facts, c Command) (Event, error) {
	if err := Explain(s, by, f, c.kind()); err != nil {
		return nil, err
	}
	return c.decide(s, by, f)
}

// Explain says why by may not give a command of a kind now, or nil if there is one
// that Decide accepts.
func Explain(s State, by tocsin.Actor, f Facts, kind string) error {
	switch kind {
	case ProposeKind:
		return mayPropose(s, by, f)
	case ConfirmKind:
		return mayConfirm(s, by, f)
	case TakeUpKind:
		return mayTakeUp(s, by, f)
	}
	return fault(tocsin.Invalid, "unknown_command", "There is no such command.", "Propose, confirm, or take up.")
}

// kept is what every refusal keeps.
const kept = "Nothing was recorded, and the report stays where it is; whoever is called because of it is called on."

func fault(kind tocsin.Kind, code, what, do string) *tocsin.Error {
	return tocsin.Fault(kind, code, what, do).Keeping(kept)
}

// named asks for a person of the organisation who holds one of the roles and
// changes things.
func named(by tocsin.Actor, roles []tocsin.Role, do string) error {
	switch {
	case !by.Human():
		return fault(tocsin.Forbidden, "not_a_person", "A person must do this.", "The program sets no report aside.")
	case by.Has(tocsin.Inspector):
		return fault(tocsin.Forbidden, "inspector_changes_nothing", "An inspector reads all and changes nothing.", "Tell a senior officer.")
	case !by.Has(roles...):
		return fault(tocsin.Forbidden, "no_power", "Your role does not allow this.", do)
	}
	return nil
}

func mayPropose(s State, by tocsin.Actor, f Facts) error {
	if err := named(by, proposers, "Ask an intake, duty or senior officer or an analyst, or flag what you see."); err != nil {
		return err
	}
	switch {
	case f.InCase:
		return fault(tocsin.Refused, "in_a_case", "The report is in a case, and a report in a case is not set aside.", "End the obligations of the case there, each with its own ground.")
	case s.Stands(f.Now):
		return fault(tocsin.Refused, "set_aside_already", "The report is set aside already.", "Take it up again first, if the ground is another.")
	case !f.Read:
		return fault(tocsin.Refused, "not_read", "You have not read the report.", "Read it whole, then say why it can be set aside.")
	}
	return nil
}

func mayConfirm(s State, by tocsin.Actor, f Facts) error {
	r, ok := s.Current()
	if f.InCase || !ok || r.Stood() {
		return fault(tocsin.Refused, "nothing_proposed", "Nothing waits to be confirmed: nobody proposes to set this report aside.", "Look at the report as it is now.")
	}
	if err := named(by, confirmers, "Ask a senior officer or a reviewer."); err != nil {
		return err
	}
	switch {
	case r.By == by.ID:
		return fault(tocsin.Forbidden, "confirms_own", "You proposed this yourself.", "A senior officer or a reviewer who is not you must confirm it.")
	case f.Flags > 0 && !by.Has(tocsin.SeniorOfficer):
		return fault(tocsin.Forbidden, "flagged", "Somebody sees a possible duty to warn in this report.", "A senior officer must answer the flag.")
	case f.Handles:
		return fault(tocsin.Forbidden, "handler_of_source", "You handle the source of this report.", "Somebody who does not must confirm it.")
	case !f.Read:
		return fault(tocsin.Refused, "not_read", "You have not read the report.", "Read it whole, then decide.")
	case !r.Retest.IsZero() && !f.Now.Before(r.Retest):
		return fault(tocsin.Refused, "retest_past", "The day on which the report was to come back has come.", "Propose it anew, with a day to come, or open a case.")
	}
	return nil
}

func mayTakeUp(s State, by tocsin.Actor, f Facts) error {
	if _, ok := s.Current(); f.InCase || !ok {
		return fault(tocsin.Refused, "not_set_aside", "The report is not set aside, and nobody proposes it: it waits with the others.", "Open a case with it, or flag it.")
	}
	return named(by, readers, "Tell anybody of the watch.")
}

// words checks a reason.
func words(what, text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > MaxWords {
		return "", tocsin.Faultf(tocsin.Invalid, "why", "Say it in a sentence or two.", "%s needs words why, of at most %d bytes.", what, MaxWords).Keeping(kept)
	}
	return text, nil
}

func (c Propose) decide(_ State, by tocsin.Actor, f Facts) (Event, error) {
	why, err := words("Setting a report aside", c.Why)
	switch {
	case !slices.Contains(Grounds(), c.Ground):
		return nil, fault(tocsin.Invalid, "ground", "That is not a ground on which a report is set aside.", "Use not_a_threat, duplicate, test_or_exercise, already_over or nothing_to_act_on.")
	case err != nil:
		return nil, err
	case f.Twin != "" && c.Ground != Duplicate:
		return nil, tocsin.Faultf(tocsin.Refused, "twin_in_a_case", "Attach this one to that case, or set it aside as a duplicate of it.",
			"A report with the same content, %s, is in a case.", f.Twin).Keeping(kept)
	}
	if err := c.original(f); err != nil {
		return nil, err
	}
	retest, err := c.retest(f.Now)
	if err != nil {
		return nil, err
	}
	return Proposed{Proposal: f.Name, Ground: c.Ground, Of: c.Of, Why: why, Retest: retest, By: by.ID, At: f.Now}, nil
}

// original checks the report that a duplicate repeats. Two reports must not be set
// aside as copies of each other, or nobody would read either.
func (c Propose) original(f Facts) error {
	switch {
	case c.Ground != Duplicate && c.Of != "":
		return fault(tocsin.Invalid, "of", "Only a duplicate is one of another report.", "Leave the other report out, or give duplicate as the ground.")
	case c.Ground != Duplicate:
		return nil
	case c.Of == "" || !f.Of.Known:
		return fault(tocsin.Invalid, "of", "A duplicate names the report that it repeats, and there is none of that name that you may see.", "Name the report that is held already.")
	case c.Of == f.Report, f.Of.Loops:
		return fault(tocsin.Refused, "of_itself", "The report that you name is itself set aside as a copy of this one.", "Take one of the two up again.")
	case f.Of.Sealed:
		return fault(tocsin.Refused, "of_sealed", "The report that you name is sealed, and who reads this one would learn of it.", "Attach this report to the same case.")
	}
	return nil
}

// retest is when a report comes back that nobody could act on.
func (c Propose) retest(now time.Time) (time.Time, error) {
	switch at := tocsin.Instant(c.Retest); {
	case c.Ground != NothingToActOn && !at.IsZero():
		return at, fault(tocsin.Invalid, "retest", "Only a report that nobody can act on comes back on a day.", "Leave the day out.")
	case c.Ground != NothingToActOn:
		return time.Time{}, nil
	case at.IsZero():
		return now.Add(RetestAfter), nil
	case !at.After(now) || at.After(now.Add(RetestAtMost)):
		return at, tocsin.Faultf(tocsin.Invalid, "retest", "Name a moment in between, or none.", "A report that nobody can act on comes back between now and %s.",
			now.Add(RetestAtMost).Format(time.RFC3339)).Keeping(kept)
	default:
		return at, nil
	}
}

func (c Confirm) decide(s State, by tocsin.Actor, f Facts) (Event, error) {
	why, err := words("A confirmation", c.Why)
	if err != nil {
		return nil, err
	}
	if r, _ := s.Current(); r.Proposal != c.Proposal {
		return nil, fault(tocsin.Conflict, "proposal_moved_on", "Another proposal stands than the one that you name.", "Look at the report again.")
	}
	answers, err := answered(c.Flags, f.Flags)
	if err != nil {
		return nil, err
	}
	return Confirmed{Proposal: c.Proposal, Why: why, Flags: answers, By: by.ID, At: f.Now}, nil
}

// answered asks for one answer to every flag and to nothing else.
func answered(given []Answer, flags int) ([]Answer, error) {
	var out []Answer
	for _, a := range given {
		why, err := words("An answer to a flag", a.Why)
		if err != nil {
			return nil, err
		}
		if a.Flag < 1 || a.Flag > flags || slices.ContainsFunc(out, func(o Answer) bool { return o.Flag == a.Flag }) {
			return nil, tocsin.Faultf(tocsin.Invalid, "flag", "Answer each flag once, by its number.", "There is no flag %d that waits for an answer.", a.Flag).Keeping(kept)
		}
		out = append(out, Answer{a.Flag, why})
	}
	if n := unanswered(flags, out); n > 0 {
		return nil, tocsin.Faultf(tocsin.Refused, "flag_unanswered", "Say of each flag why no duty to warn lies in the report, or open a case.",
			"Somebody sees a possible duty to warn in this report, and flag %d has no answer.", n).Keeping(kept)
	}
	return out, nil
}

func (c TakeUp) decide(s State, by tocsin.Actor, f Facts) (Event, error) {
	why, err := words("Taking a report up again", c.Why)
	if err != nil {
		return nil, err
	}
	r, _ := s.Current()
	return TakenUp{Proposal: r.Proposal, Why: why, Watch: f.KeepWatch, By: by.ID, At: f.Now}, nil
}
