package view

import (
	"slices"
	"time"

	"tocsin/casefile"
)

// StepTimes is how long cases took from first knowledge to one step.
type StepTimes struct {
	Step    string          // one of the Step constants
	Took    []time.Duration // of each case that has come so far, shortest first
	Percent []int           // of the time from first knowledge to the stated attack, of the cases where that is known; least first
	Waiting int             // cases that are open and have not come so far
}

// The steps whose times oversight asks for.
const (
	StepDetermined   = "determined"   // the first determination that stands for any victim
	StepReleased     = "released"     // the first warning
	StepDelivered    = "delivered"    // the first warning was with a recipient
	StepAcknowledged = "acknowledged" // the first acknowledgement
)

// Times measures the steps of cases, each by the first time it was reached, in
// the order in which they are reached.
func Times(states []casefile.State) []StepTimes {
	out := []StepTimes{{Step: StepDetermined}, {Step: StepReleased}, {Step: StepDelivered}, {Step: StepAcknowledged}}
	for _, s := range states {
		at := reached(s)
		for i := range out {
			out[i].add(s, at[i])
		}
	}
	for i := range out {
		slices.Sort(out[i].Took)
		slices.Sort(out[i].Percent)
	}
	return out
}

func (t *StepTimes) add(s casefile.State, at time.Time) {
	if at.IsZero() || s.FirstKnown.IsZero() {
		if !s.Closed {
			t.Waiting++
		}
		return
	}
	t.Took = append(t.Took, at.Sub(s.FirstKnown))
	if attack := s.Attack(); attack.After(s.FirstKnown) {
		t.Percent = append(t.Percent, int(100*at.Sub(s.FirstKnown)/attack.Sub(s.FirstKnown)))
	}
}

// reached is when a case first came to each step, zero where it has not.
func reached(s casefile.State) (at [4]time.Time) {
	for _, v := range s.Victims {
		for _, u := range s.Under(v) {
			if u.Standing.Determination != nil {
				at[0] = earlier(at[0], u.Standing.DeterminedAt)
			}
		}
	}
	for _, w := range s.Warnings {
		at[1] = earlier(at[1], w.Released)
	}
	for _, d := range s.Deliveries {
		at[2] = earlier(at[2], d.Delivered)
		if d.Answer.Acknowledges() {
			at[2] = earlier(at[2], d.Answered) // who answers has it
			at[3] = earlier(at[3], d.Answered)
		}
	}
	return at
}

// Quantile is the value below which a share of sorted values lies, the zero value
// of none.
func Quantile[T any](sorted []T, share float64) T {
	if len(sorted) == 0 {
		var none T
		return none
	}
	return sorted[min(max(int(share*float64(len(sorted)-1)+0.5), 0), len(sorted)-1)]
}
