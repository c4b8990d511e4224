package view_test

import (
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/view"
)

func TestTimesRunFromFirstKnowledgeToTheFirstOfEachStep(t *testing.T) {
	known := time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC)
	after := func(d time.Duration) time.Time { return known.Add(d) }
	acted := casefile.State{FirstKnown: known, Threat: tocsin.Threat{Window: tocsin.Window{Earliest: after(10 * time.Hour)}},
		Victims:    []casefile.Victim{{Standing: casefile.Standing{Determination: &tocsin.Determination{}, DeterminedAt: after(time.Hour)}}},
		Warnings:   []casefile.Warning{{Released: after(3 * time.Hour)}, {Released: after(2 * time.Hour)}},
		Deliveries: []casefile.Delivery{{Answer: tocsin.AckReceived, Answered: after(5 * time.Hour)}}}
	idle := casefile.State{FirstKnown: known}
	shut := casefile.State{FirstKnown: known, Closed: true}
	want := map[string]time.Duration{view.StepDetermined: time.Hour, view.StepReleased: 2 * time.Hour, view.StepDelivered: 5 * time.Hour, view.StepAcknowledged: 5 * time.Hour}
	got := view.Times([]casefile.State{acted, idle, shut})
	if len(got) != len(want) {
		t.Fatalf("%d steps", len(got))
	}
	for _, s := range got {
		if len(s.Took) != 1 || s.Took[0] != want[s.Step] || s.Waiting != 1 {
			t.Errorf("%s: %v, %d waiting", s.Step, s.Took, s.Waiting)
		}
		if p := int(10 * want[s.Step] / time.Hour); len(s.Percent) != 1 || s.Percent[0] != p {
			t.Errorf("%s: %v percent, not %d", s.Step, s.Percent, p)
		}
	}
}

func TestAQuantileOfNothingIsNothing(t *testing.T) {
	if view.Quantile([]int{}, 0.5) != 0 || view.Quantile([]int{7}, 0.9) != 7 || view.Quantile([]int{1, 2, 3}, 0.5) != 2 || view.Quantile([]int{1, 2, 3}, 1) != 3 {
		t.Error("wrong")
	}
}
