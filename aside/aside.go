package aside

import (
	"slices"
	"time"

	"tocsin"
)

// Ground is why a report is set aside. The list is closed.
type Ground string

// The grounds.
const (
	NoThreat       Ground = "not_a_threat"      // advertising, a misdirected letter, nothing about harm to a person
	Duplicate      Ground = "duplicate"         // a copy of a report that is held already
	Exercise       Ground = "test_or_exercise"  // a test of the line, an exercise
	Past           Ground = "already_over"      // about something past, with nothing to come
	NothingToActOn Ground = "nothing_to_act_on" // names nobody and no place; never final, see Proposed.Retest
)

// Grounds lists every ground, in the order in which people are asked.
func Grounds() []Ground { return []Ground{NoThreat, Duplicate, Exercise, Past, NothingToActOn} }

// Times of a setting aside.
const (
	ConfirmWithin = time.Hour           // from a proposal to the second person, before it is late
	RetestAfter   = 7 * 24 * time.Hour  // when a report that nobody could act on comes back, unless another day is named
	RetestAtMost  = 31 * 24 * time.Hour // the last day that can be named
)

// MaxWords is how many bytes a reason, an answer or a word may have.
const MaxWords = 2000

// Stage is where a report stands that somebody has wanted to set aside.
type Stage string

// The stages. A report in any but Aside waits to be taken up like every other.
const (
	InInbox  Stage = ""         // nobody wants to set it aside
	Waiting  Stage = "proposed" // one person does; it stands where it stood
	Aside    Stage = "set_aside"
	Retested Stage = "retest_due" // it was, until a day that has come
	Back     Stage = "taken_up"   // it was, or was proposed, and is again among those that wait
)

// Answer is what the second person says to one flag.
type Answer struct {
	Flag int    `json:"flag"` // from 1, in the order in which they were set
	Why  string `json:"why"`
}

// Confirmation is the second person's word.
type Confirmation struct {
	By    tocsin.ActorID `json:"by"`
	At    time.Time      `json:"at"`
	Why   string         `json:"why"`
	Flags []Answer       `json:"flags,omitempty"`
}

// How a round ended.
const (
	ByWord     = "word"     // somebody took the report up again
	ByFlag     = "flag"     // somebody flagged it
	ByCase     = "case"     // it went into a case
	ByProposal = "proposal" // somebody proposed it anew
)

// Ending is how a round ended, by whom, and in which words if there were any.
type Ending struct {
	How   string         `json:"how"`
	By    tocsin.ActorID `json:"by"`
	At    time.Time      `json:"at"`
	Why   string         `json:"why,omitempty"`
	Watch bool           `json:"-"` // by kept the watch, and so has read the report
}

// Round is one attempt to set a report aside, from the proposal to its end.
type Round struct {
	Proposal  string          `json:"proposal"` // its name, which a confirmation gives
	By        tocsin.ActorID  `json:"by"`
	At        time.Time       `json:"at"`
	Ground    Ground          `json:"ground"`
	Of        tocsin.ReportID `json:"of,omitempty"` // the report that this one is a duplicate of
	Why       string          `json:"why"`
	Retest    time.Time       `json:"retest,omitzero"` // when it comes back by itself
	Confirmed *Confirmation   `json:"confirmed,omitempty"`
	Ended     *Ending         `json:"ended,omitempty"`
}

// Stood reports whether the report was set aside in this round.
func (r Round) Stood() bool { return r.Confirmed != nil }

// State is everything that has been said about setting one report aside. It is a
// value: what is given to a reader does not change.
type State struct {
	Rounds []Round // the oldest first
	Late   int     // confirmations that came too late to hold
}

func (s State) last() (Round, bool) {
	if len(s.Rounds) == 0 {
		return Round{}, false
	}
	return s.Rounds[len(s.Rounds)-1], true
}

// Current is the round that has not ended; the zero Round if there is none.
func (s State) Current() (Round, bool) {
	if r, ok := s.last(); ok && r.Ended == nil {
		return r, true
	}
	return Round{}, false
}

// Stage says where the report stands at a moment.
func (s State) Stage(at time.Time) Stage {
	r, ok := s.last()
	switch {
	case !ok, r.Ended != nil && r.Ended.How == ByCase:
		return InInbox
	case r.Ended != nil:
		return Back
	case !r.Stood():
		return Waiting
	case !r.Retest.IsZero() && !at.Before(r.Retest):
		return Retested
	}
	return Aside
}

// Stands reports whether the report is set aside at a moment.
func (s State) Stands(at time.Time) bool { return s.Stage(at) == Aside }

// CopyOf is the report that this one is set aside as a duplicate of, or "".
func (s State) CopyOf() tocsin.ReportID {
	if r, ok := s.Current(); ok && r.Stood() {
		return r.Of
	}
	return ""
}

// CameBack is the last moment up to at at which the report came back among those
// that wait, after it had been set aside; zero if it never did. Whoever looked
// before has not looked since. watch says that whoever took it up keeps the watch.
// times is how often it has come back.
func (s State) CameBack(at time.Time) (last time.Time, watch bool, times int) {
	for _, r := range s.Rounds {
		if !r.Stood() {
			continue
		}
		back, by := time.Time{}, false
		if !r.Retest.IsZero() && !at.Before(r.Retest) && (r.Ended == nil || !r.Ended.At.Before(r.Retest)) {
			back = r.Retest
		}
		if r.Ended != nil && r.Ended.How != ByProposal && back.IsZero() {
			back, by = r.Ended.At, r.Ended.Watch
		}
		if !back.IsZero() {
			last, watch, times = back, by, times+1
		}
	}
	return last, watch, times
}

// Without is s without the rounds that name a report for which hidden is true:
// whoever may not know of that report is not told that this one repeats it.
func (s State) Without(hidden func(tocsin.ReportID) bool) State {
	if !slices.ContainsFunc(s.Rounds, func(r Round) bool { return r.Of != "" && hidden(r.Of) }) {
		return s
	}
	s.Rounds = slices.DeleteFunc(slices.Clone(s.Rounds), func(r Round) bool { return r.Of != "" && hidden(r.Of) })
	return s
}

// Standing is a State as it is shown: where the report stands, and the round that
// says why, with those before it.
type Standing struct {
	Stage   Stage   `json:"stage"`
	Round           // the newest
	Earlier []Round `json:"earlier,omitempty"` // the newest first
}

// Standing is how s is shown at a moment; nil if nobody ever wanted to set the
// report aside.
func (s State) Standing(at time.Time) *Standing {
	r, ok := s.last()
	if !ok {
		return nil
	}
	earlier := slices.Clone(s.Rounds[:len(s.Rounds)-1])
	slices.Reverse(earlier)
	return &Standing{Stage: s.Stage(at), Round: r, Earlier: earlier}
}
