package view

import (
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/search"
)

// Filter narrows the floor to what somebody wants to look at. Every part that is
// set must fit; the zero Filter lets everything through.
type Filter struct {
	Text   string         `json:"text,omitempty"` // words of the strip, as they are searched for
	Whose  Whose          `json:"whose,omitempty"`
	Owner  tocsin.ActorID `json:"owner,omitempty"`
	Pack   string         `json:"pack,omitempty"`
	Role   tocsin.Role    `json:"role,omitempty"`   // that must act next
	Step   string         `json:"step,omitempty"`   // kind of what is owed next
	Within string         `json:"within,omitempty"` // overdue, or a length of time such as 4h
	Place  string         `json:"place,omitempty"`  // words of a victim's place or jurisdiction
}

// Whose says who has to do with a strip.
type Whose string

// Whose strips there are.
const (
	Mine    Whose = "mine"    // what the viewer may do
	Own     Whose = "own"     // of cases that the viewer owns
	Unowned Whose = "unowned" // of cases whose owner has no account in force: nobody would notice
)

// Overdue is the Within of what has run out.
const Overdue = "overdue"

// Withins lists the lengths of time that are offered.
func Withins() []string { return []string{Overdue, "15m", "1h", "4h", "12h", "1d", "3d"} }

// Valid says what of f cannot be used. A filter that cannot be used must not be
// applied: it would hide what nobody meant to hide.
func (f Filter) Valid() error {
	_, err := f.Sieve(tocsin.Actor{}, time.Time{}, nil)
	return err
}

// Sieve makes the test that lets strips through for one viewer at a time. staffed
// reports whether an owner has an account in force.
func (f Filter) Sieve(by tocsin.Actor, now time.Time, staffed func(tocsin.ActorID) bool) (func(*Strip) bool, error) {
	text, err := asked(f.Text)
	if err != nil {
		return nil, err
	}
	place, err := asked(f.Place)
	if err != nil {
		return nil, err
	}
	var until time.Time
	if f.Within != "" && f.Within != Overdue {
		var d tocsin.Duration
		if err := d.UnmarshalText([]byte(f.Within)); err != nil {
			return nil, tocsin.Fault(tocsin.Invalid, "filter_within", "The length of time in the filter cannot be read.", "Write it as 15m, 4h or 1d.")
		}
		until = now.Add(d.D())
	} else {
		until = now
	}
	if f.Whose != "" && f.Whose != Mine && f.Whose != Own && f.Whose != Unowned {
		return nil, tocsin.Fault(tocsin.Invalid, "filter_whose", "The filter asks for strips of nobody known.", "Choose mine, own or unowned.")
	}
	return func(s *Strip) bool {
		switch {
		case f.Owner != "" && s.Owner != f.Owner, f.Pack != "" && s.Pack != f.Pack, f.Step != "" && !s.any(func(o Owed) bool { return o.Kind == f.Step }),
			f.Role != "" && !s.any(func(o Owed) bool { return !o.Machine && slices.Contains(o.Waits, f.Role) }),
			f.Whose == Mine && !s.DoneBy(by), f.Whose == Own && s.Owner != by.ID, f.Whose == Unowned && staffed(s.Owner),
			f.Within != "" && (s.Due.IsZero() || s.Due.After(until)):
			return false
		}
		return text.In(s.words) && place.In(s.places)
	}, nil
}

func asked(typed string) (search.Query, error) {
	if strings.TrimSpace(typed) == "" {
		return search.Query{}, nil
	}
	return search.Parse(typed)
}

// DoneBy reports whether by is among those who may do something of what is outstanding.
func (s *Strip) DoneBy(by tocsin.Actor) bool {
	return s.any(func(o Owed) bool { return o.by(by) })
}

// For is what is outstanding as by sees it: in front the most urgent step that they may
// do, if there is one, then everything else; mine says whether there is one.
func (s *Strip) For(by tocsin.Actor) (first Owed, more []Owed, mine bool) {
	first, more = Owed{s.Step, s.Waits}, s.More
	if first.by(by) {
		return first, more, true
	}
	i := slices.IndexFunc(more, func(o Owed) bool { return o.by(by) && !casefile.LongRun(o.Kind) })
	if i < 0 {
		return first, more, false
	}
	return more[i], slices.Concat([]Owed{first}, more[:i], more[i+1:]), true
}

func (s *Strip) any(f func(Owed) bool) bool {
	return f(Owed{s.Step, s.Waits}) || slices.ContainsFunc(s.More, f)
}

// Names joins the names of the strip's victims.
func (s *Strip) Names() string {
	var names []string
	for _, l := range s.Victims {
		names = append(names, l.Name)
	}
	return strings.Join(names, "; ")
}

// fold makes what a filter's words are looked for in.
func (s *Strip) fold(of casefile.State) {
	s.words = search.Fold(s.Title, string(s.Case), s.Names(), s.Step.Why, string(s.Owner))
	var places []string
	for _, l := range s.Victims {
		if v, ok := of.Victim(l.ID); ok {
			places = append(places, v.Place, v.Jurisdiction)
		}
	}
	s.places = search.Fold(places...)
}

// Graded reports whether what is outstanding tells a grade.
func (s *Strip) Graded() bool {
	return s.any(func(o Owed) bool { return o.Kind == (casefile.ProposeRefusal{}).Kind() })
}

// WithoutGrades is the strip, of a case that stands at of, for somebody who is not
// to see grades.
func (s *Strip) WithoutGrades(of casefile.State) *Strip {
	if !s.Graded() {
		return s
	}
	told := *s
	told.Step = StepsWithoutGrades([]casefile.Step{s.Step})[0]
	told.Waits = of.Terms.Powers[told.Step.Power]
	told.More = nil
	for _, o := range s.More {
		st := StepsWithoutGrades([]casefile.Step{o.Step})[0]
		told.More = append(told.More, Owed{st, of.Terms.Powers[st.Power]})
	}
	told.fold(of)
	return &told
}
