package casefile

import (
	"slices"
	"time"

	"tocsin"
)

// Ahead is what comes next in a case, as one person sees it.
type Ahead struct {
	Mine *Step  // the first that they can do themselves now; nil if there is none
	Also []Step // what else presses that they can do, the most urgent first
	Wait *Step  // the first that everybody waits for from somebody else, or from the program
}

// Next chooses, among what presses, the most urgent step of by's own and the most
// urgent of others. What belongs to the long run, such as a review that falls due in
// a month, comes only where nothing presses: it must not stand in the place of an
// answer that is awaited tonight.
func Next(s State, by tocsin.Actor) Ahead {
	may := Allowed(s, by)
	all := Outstanding(s)
	soon := soonest(all)
	var mine, wait, later, others, running []Step
	for _, st := range all {
		own := slices.ContainsFunc(may, func(a Action) bool { return a.Kind == st.Kind && (a.Target == st.Target || a.Target == "") })
		switch now := presses(st, soon, s.Now); {
		case st.Machine:
			running = append(running, st)
		case own && now:
			mine = append(mine, st)
		case now:
			wait = append(wait, st)
		case own:
			later = append(later, st)
		default:
			others = append(others, st)
		}
	}
	slices.SortStableFunc(mine, byUrgency)
	switch {
	case len(mine) > 0:
		return Ahead{Mine: &mine[0], Also: mine[1:], Wait: first(wait)}
	case len(wait) > 0:
		return Ahead{Wait: first(wait)}
	case len(running) > 0:
		return Ahead{Wait: first(running)}
	}
	return Ahead{Mine: ending(s, later), Wait: ending(s, others)}
}

// ending is the first of the long run's steps. Where no warning stands any more, what
// came of it is recorded and the case closed before it is looked at once more: else
// nobody would be led there. Somebody whose warning was waived may be attacked yet, and
// is looked at again until it is known what came of it.
func ending(s State, steps []Step) *Step {
	waived := s.Outcome == nil && slices.ContainsFunc(s.Victims, func(v Victim) bool { return v.Disposition == ObligationWaived })
	if !waived && !slices.ContainsFunc(s.Warnings, Warning.Live) {
		for _, kind := range []string{CloseCase{}.Kind(), RecordOutcome{}.Kind()} {
			if i := slices.IndexFunc(steps, func(st Step) bool { return st.Kind == kind }); i >= 0 {
				return &steps[i]
			}
		}
	}
	return first(steps)
}

// first is the most urgent of steps, or nil.
func first(steps []Step) *Step {
	if len(steps) == 0 {
		return nil
	}
	st := slices.MinFunc(steps, byUrgency)
	return &st
}

// longRun are the steps that an open case owes in any case, each in its time.
var longRun = []string{Review{}.Kind(), RecordOutcome{}.Kind(), CloseCase{}.Kind(), ExtendWindow{}.Kind()}

// LongRun reports whether a step is one that an open case owes in any case, in its time.
func LongRun(kind string) bool { return slices.Contains(longRun, kind) }

// soonest is when the first step that is not of the long run is due; zero if none has
// a clock.
func soonest(all []Step) time.Time {
	var at time.Time
	for _, st := range all {
		if !st.Machine && !st.Due.IsZero() && !slices.Contains(longRun, st.Kind) && (at.IsZero() || st.Due.Before(at)) {
			at = st.Due
		}
	}
	return at
}

// presses reports whether a step is to be done before the long run: it is none of
// that, or its clock has run out or does so first.
func presses(st Step, soon, now time.Time) bool {
	if !slices.Contains(longRun, st.Kind) {
		return true
	}
	return !st.Due.IsZero() && (!st.Due.After(now) || st.Due.Before(soon))
}
