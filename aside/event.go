package aside

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tocsin"
)

// Prefix names the streams in which a report is set aside, and taken up again. They
// are apart from the report's own stream, because what people make of a report is
// no part of what came in.
const Prefix = "aside/"

// Kinds of their records.
const (
	ProposedKind  = "aside_proposed"
	ConfirmedKind = "aside_confirmed"
	TakenUpKind   = "report_taken_up"
)

// Event is a fact about setting a report aside: Proposed, Confirmed or TakenUp,
// which are recorded here, or Flagged or InCase, which other records say.
type Event interface{ happened() }

type (
	// Proposed is that somebody wants a report set aside. It changes nothing else.
	Proposed struct {
		Proposal string          `json:"proposal"`
		Ground   Ground          `json:"ground"`
		Of       tocsin.ReportID `json:"of,omitempty"`
		Why      string          `json:"why"`
		Retest   time.Time       `json:"retest,omitzero"`
		By       tocsin.ActorID  `json:"by"`
		At       time.Time       `json:"at"`
	}
	// Confirmed is that somebody else agrees, and answers each flag.
	Confirmed struct {
		Proposal string         `json:"proposal"`
		Why      string         `json:"why"`
		Flags    []Answer       `json:"flags,omitempty"`
		By       tocsin.ActorID `json:"by"`
		At       time.Time      `json:"at"`
	}
	// TakenUp is that somebody does not agree, before or after.
	TakenUp struct {
		Proposal string         `json:"proposal"`
		Why      string         `json:"why"`
		Watch    bool           `json:"watch,omitempty"` // they kept the watch
		By       tocsin.ActorID `json:"by"`
		At       time.Time      `json:"at"`
	}
	// Flagged is that somebody sees a possible duty to warn in the report.
	Flagged struct {
		Why string
		By  tocsin.ActorID
		At  time.Time
	}
	// InCase is that the report has gone into a case.
	InCase struct {
		By tocsin.ActorID
		At time.Time
	}
)

func (Proposed) happened()  {}
func (Confirmed) happened() {}
func (TakenUp) happened()   {}
func (Flagged) happened()   {}
func (InCase) happened()    {}

// Kind is the kind of the record that holds e; "" for a fact that other records hold.
func Kind(e Event) string {
	switch e.(type) {
	case Proposed:
		return ProposedKind
	case Confirmed:
		return ConfirmedKind
	case TakenUp:
		return TakenUpKind
	}
	return ""
}

// Decode reads the event of a record, and says who it says did it. A kind that it
// does not know is an error.
func Decode(kind string, data []byte) (e Event, by tocsin.ActorID, err error) {
	switch kind {
	case ProposedKind:
		var p Proposed
		err = json.Unmarshal(data, &p)
		return p, p.By, err
	case ConfirmedKind:
		var c Confirmed
		err = json.Unmarshal(data, &c)
		return c, c.By, err
	case TakenUpKind:
		var t TakenUp
		err = json.Unmarshal(data, &t)
		return t, t.By, err
	}
	return nil, "", fmt.Errorf("aside: unknown kind %q", kind)
}

// Around is what Apply has to know of the report as it stood when an event was
// recorded.
type Around struct {
	Flags  int  // how many there were
	InCase bool // it stood in a case
	Loops  bool // the report that the proposal names is itself set aside as a copy of this one
}

// Apply returns s after an event. It is total: what has come too late has no effect.
func Apply(s State, e Event, around Around) State {
	s.Rounds = slices.Clone(s.Rounds)
	switch e := e.(type) {
	case Proposed:
		s.end(Ending{How: ByProposal, By: e.By, At: e.At})
		if !around.InCase {
			s.Rounds = append(s.Rounds, Round{Proposal: e.Proposal, By: e.By, At: e.At, Ground: e.Ground, Of: e.Of, Why: e.Why, Retest: e.Retest})
		}
	case Confirmed:
		r, ok := s.Current()
		if !ok || !holds(r, e, around) {
			s.Late++
			return s
		}
		s.Rounds[len(s.Rounds)-1].Confirmed = &Confirmation{By: e.By, At: e.At, Why: e.Why, Flags: slices.Clone(e.Flags)}
	case TakenUp:
		if r, ok := s.Current(); ok && r.Proposal == e.Proposal {
			s.end(Ending{How: ByWord, By: e.By, At: e.At, Why: e.Why, Watch: e.Watch})
		}
	case Flagged:
		// A flag on a mere proposal waits for the second person, who has to answer it.
		if r, ok := s.Current(); ok && r.Stood() {
			s.end(Ending{How: ByFlag, By: e.By, At: e.At, Why: e.Why})
		}
	case InCase:
		s.end(Ending{How: ByCase, By: e.By, At: e.At})
	}
	return s
}

// end must be called on a State whose rounds are its own.
func (s State) end(e Ending) {
	if r, ok := s.Current(); ok {
		r.Ended = &e
		s.Rounds[len(s.Rounds)-1] = r
	}
}

// holds reports whether a confirmation takes effect: of the proposal that stands, by
// somebody else, with an answer to every flag, and of a report that is in no case.
func holds(r Round, c Confirmed, around Around) bool {
	return r.Proposal == c.Proposal && !r.Stood() && r.By != c.By && !around.InCase && !around.Loops && unanswered(around.Flags, c.Flags) == 0
}

// unanswered is the first flag of n that has no answer, or 0.
func unanswered(n int, answers []Answer) int {
	for flag := 1; flag <= n; flag++ {
		if !slices.ContainsFunc(answers, func(a Answer) bool { return a.Flag == flag && a.Why != "" }) {
			return flag
		}
	}
	return 0
}
