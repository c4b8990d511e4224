package view

import (
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/search"
)

// Strip is one line of the watch floor: a duty that still asks for something,
// with the one thing to do next. Victims whose next step is the same step of the
// same case share a strip; a strip without victims is about the case itself.
type Strip struct {
	Case    tocsin.CaseID
	Title   string
	Owner   tocsin.ActorID
	Pack    string
	Victims []VictimLine
	Step    casefile.Step
	Due     time.Time // of Step, else of the earliest clock that runs for the same; zero if none runs
	Anchor  time.Time // when that clock began; zero if it is not known
	Clock   tocsin.ClockName
	Count   int           // how often that clock has been raised
	Waits   []tocsin.Role // who may do Step
	More    []Owed        // what else is outstanding for the same, people's work only, the most urgent first
	Attack  time.Time
	Exigent bool

	words, places search.Folded // what filters look in
}

// Owed is a step with those who may do it.
type Owed struct {
	casefile.Step
	Waits []tocsin.Role
}

// by reports whether somebody is among those who may do the step.
func (o Owed) by(who tocsin.Actor) bool {
	return !o.Machine && who.Has(o.Waits...) && !who.Has(tocsin.Inspector)
}

// Overdue reports whether the strip's clock has run out at now.
func (s Strip) Overdue(now time.Time) bool { return !s.Due.IsZero() && !s.Due.After(now) }

// Floor lists what the open cases still owe, what runs out first at the top and
// what has no clock at the end. A step of the program's own stands there only
// where nobody else has one for the same victim.
func Floor(states []casefile.State) []Strip {
	var out []Strip
	for _, s := range states {
		out = append(out, Strips(s)...)
	}
	slices.SortStableFunc(out, func(a, b Strip) int { return first(&a, &b) })
	return out
}

// Strips makes the strips of one case.
func Strips(s casefile.State) []Strip {
	of, machine := map[tocsin.VictimID][]casefile.Step{}, map[tocsin.VictimID][]casefile.Step{}
	for _, st := range casefile.Outstanding(s) {
		for _, v := range Concerned(s, st) {
			if st.Machine {
				machine[v] = append(machine[v], st)
			} else {
				of[v] = append(of[v], st)
			}
		}
	}
	var out []Strip
	for _, v := range s.Victims {
		steps := of[v.ID]
		if len(steps) == 0 && !v.Disposition.Ended() {
			steps = machine[v.ID] // a duty does not leave the floor while its warning is on the way
		}
		out = addStrip(out, s, steps, VictimLine{v.ID, v.Name, v.Disposition, v.How})
	}
	out = addStrip(out, s, of[""], VictimLine{})
	for i := range out {
		out[i].fold(s)
	}
	return out
}

func addStrip(out []Strip, s casefile.State, steps []casefile.Step, v VictimLine) []Strip {
	if len(steps) == 0 {
		return out
	}
	first := slices.MinFunc(steps, urgency)
	if v.ID == "" && first.Due.IsZero() && len(out) > 0 {
		return out // a case with strips of its own needs none for what has no clock
	}
	for i := range out {
		if o := &out[i]; o.Step.Kind == first.Kind && o.Step.Target == first.Target && len(o.Victims) > 0 {
			o.Victims = append(o.Victims, v)
			return out
		}
	}
	n := Strip{Case: s.ID, Title: s.Title, Owner: s.Owner, Pack: s.Terms.Pack.Name, Step: first, Due: first.Due, Waits: s.Terms.Powers[first.Power],
		Attack: s.Attack(), Exigent: s.Exigent != nil}
	if v.ID != "" {
		n.Victims = []VictimLine{v}
	}
	for _, st := range steps {
		if st.Kind != first.Kind || st.Target != first.Target {
			n.More = append(n.More, Owed{st, s.Terms.Powers[st.Power]})
		}
	}
	slices.SortStableFunc(n.More, func(a, b Owed) int { return urgency(a.Step, b.Step) })
	n.clock(casefile.Clocks(s))
	return append(out, n)
}

// clock finds the clock behind the strip's due time.
func (n *Strip) clock(all []casefile.Clock) {
	for _, c := range all {
		if c.Due.Equal(n.Due) && (c.Target == n.Step.Target || n.Clock == "") {
			n.Clock, n.Anchor, n.Count = c.Name, c.Anchor, c.Count
			if c.Target == n.Step.Target {
				return
			}
		}
	}
}

// Concerned lists the victims that a step is about; the empty id is the case.
func Concerned(s casefile.State, st casefile.Step) []tocsin.VictimID {
	if _, ok := s.Victim(tocsin.VictimID(st.Target)); ok {
		return []tocsin.VictimID{tocsin.VictimID(st.Target)}
	}
	warning := tocsin.WarningID(st.Target)
	if d, ok := s.Delivery(tocsin.DeliveryKey(st.Target)); ok {
		warning = d.Warning
	}
	if w, ok := s.Warning(warning); ok && len(w.Draft.Victims) > 0 {
		return w.Draft.Victims
	}
	for _, p := range s.Parities {
		if p.ID == st.Target {
			return []tocsin.VictimID{p.Victim}
		}
	}
	if st.Kind == (casefile.ClearTearline{}).Kind() {
		return unended(s)
	}
	return []tocsin.VictimID{""}
}

// unended lists the victims whose duty goes on; the empty id if there is none. What may
// be told of a report is wanted for their warnings.
func unended(s casefile.State) []tocsin.VictimID {
	var out []tocsin.VictimID
	for _, v := range s.Victims {
		if !v.Disposition.Ended() {
			out = append(out, v.ID)
		}
	}
	if len(out) == 0 {
		return []tocsin.VictimID{""}
	}
	return out
}

// urgency orders steps by due time, those without one last.
func urgency(a, b casefile.Step) int {
	if a.Due.IsZero() != b.Due.IsZero() {
		if a.Due.IsZero() {
			return 1
		}
		return -1
	}
	return a.Due.Compare(b.Due)
}
