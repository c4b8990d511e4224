package view_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/console/consoletest"
	"tocsin/view"
)

func states(h *consoletest.House) []casefile.State {
	var out []casefile.State
	h.Engine.Read(func(x *view.Index) {
		for _, id := range x.CaseOrder {
			out = append(out, x.Cases[id])
		}
	})
	return out
}

func boardOf(h *consoletest.House, b *view.Board) []view.Strip {
	var out []view.Strip
	h.Engine.Read(func(x *view.Index) {
		for _, s := range b.Strips(x) {
			out = append(out, *s)
		}
	})
	return out
}

func TestEveryOpenDutyStandsOnTheFloorTheLeastTimeFirst(t *testing.T) {
	h := consoletest.Open(t, true)
	h.Fill()
	var board view.Board
	for range 40 { // through a day and a half, while clocks run out and messages go
		open := map[string]bool{}
		for _, s := range states(h) {
			for _, v := range s.Victims {
				if !s.Closed && !v.Disposition.Ended() {
					open[string(s.ID)+"/"+string(v.ID)] = true
				}
			}
		}
		if len(open) < 4 {
			t.Fatalf("only %d duties are open", len(open))
		}
		floor := view.Floor(states(h))
		if kept := boardOf(h, &board); !reflect.DeepEqual(kept, floor) {
			t.Fatalf("the board that is kept up to date has %d strips, the floor %d, or others", len(kept), len(floor))
		}
		for i, n := range floor {
			for _, v := range n.Victims {
				delete(open, string(n.Case)+"/"+string(v.ID))
			}
			if i > 0 && !n.Due.IsZero() && (floor[i-1].Due.IsZero() || n.Due.Before(floor[i-1].Due)) {
				t.Fatalf("%s %s stands below what has more time", n.Case, n.Step.Kind)
			}
			if len(n.Waits) == 0 && !n.Step.Machine {
				t.Errorf("nobody may do %s of %s", n.Step.Kind, n.Case)
			}
		}
		if len(open) > 0 {
			t.Fatalf("not on the floor: %v", open)
		}
		h.Clock.Pass(53 * time.Minute)
		if err := h.Engine.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAClosedCaseOwesNothingOnTheFloor(t *testing.T) {
	h := consoletest.Open(t, true)
	if floor := view.Floor(states(h)); len(floor) != 0 {
		t.Errorf("%+v", floor)
	}
}

func TestATallyCountsEveryVictimAndDeliveryOnce(t *testing.T) {
	h := consoletest.Open(t, true)
	h.Fill()
	all := states(h)
	tally := view.TallyOf(all, h.Clock.Now())
	var victims, deliveries, warnings int
	for _, s := range all {
		victims += len(s.Victims)
		deliveries += len(s.Deliveries)
		for _, w := range s.Warnings {
			if w.Clearance != nil {
				warnings++
			}
		}
	}
	for name, c := range map[string]struct {
		want int
		in   []view.Count
	}{"victims": {victims, tally.Victims}, "deliveries": {deliveries, tally.Deliveries}, "warnings": {warnings, tally.Warnings}} {
		sum := 0
		for _, n := range c.in {
			sum += n.N
		}
		if sum != c.want || sum == 0 {
			t.Errorf("%s: %d of %d", name, sum, c.want)
		}
	}
	if tally.Cases != len(all) || tally.Open != len(all)-1 || tally.Disputes != 1 || tally.Unanswered != 1 {
		t.Errorf("%+v", tally)
	}
	if got := view.Median([]time.Duration{1, 5, 9}); got != 5 {
		t.Errorf("the middle of 1, 5, 9 is %d", got)
	}
}

func TestGradesAreTakenOutOfACopy(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	s, err := h.Engine.Case(cases["found"])
	if err != nil {
		t.Fatal(err)
	}
	signer, owner := tocsin.Actor{ID: "rita", Roles: []tocsin.Role{tocsin.Reviewer}}, tocsin.Actor{ID: "rudi", Roles: []tocsin.Role{tocsin.Deliverer}}
	if !view.Blind(s, signer) || view.Blind(s, owner) {
		t.Fatal("who may sign second is not who is kept blind")
	}
	without := view.WithoutGrades(s)
	if v := without.Victims[0]; v.Findings != nil || v.Determination != nil {
		t.Errorf("grades are left: %+v", v)
	}
	if v := s.Victims[0]; v.Findings == nil || v.Determination == nil {
		t.Error("they are gone from the case as well")
	}
	s.SeenGrade = append(slices.Clip(s.SeenGrade), "rita")
	if view.Blind(s, signer) {
		t.Error("who has looked is still kept blind")
	}
}
