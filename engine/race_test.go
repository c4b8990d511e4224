package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/ledger"
)

func TestFiftyPeopleFindingAtOnceLoseNothing(t *testing.T) {
	h := open(t)
	id := h.owed(rumour)
	const people, victims = 50, 5
	for v := range victims {
		h.do(anna, id, casefile.AddVictim{Victim: tocsin.Victim{ID: tocsin.VictimID(fmt.Sprint("x", v)), Name: "Some of them", Kind: "group", Identity: "class_only"}})
	}
	elements := h.state(id).Terms.Elements
	engines := []*engine.Engine{h.Engine, h.second("w2")}
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			c := casefile.RecordFindings{Victim: tocsin.VictimID(fmt.Sprint("x", i%victims)), Findings: []tocsin.Finding{
				{Element: elements[i/victims%len(elements)], Value: tocsin.Met, Reason: fmt.Sprint("seen by ", i)}}}
			if _, err := engines[i%2].Do(context.Background(), anna, id, c, engine.Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	must(0, h.Follow(t.Context()))(t)
	seen := map[string]bool{}
	for _, e := range of[casefile.FindingsRecorded](h.events(id)) {
		seen[e.Findings[0].Reason] = true
	}
	for i := range people {
		if !seen[fmt.Sprint("seen by ", i)] {
			t.Errorf("what %d found is lost", i)
		}
	}
	h.settle()
	s := h.state(id)
	for v := range victims {
		x, _ := s.Victim(tocsin.VictimID(fmt.Sprint("x", v)))
		if len(x.Findings) != len(elements) || x.Determination == nil || x.Stale || x.Disposition != casefile.ObligationOwed {
			t.Errorf("%s has %d findings, determination %v, stale %v, is %s", x.ID, len(x.Findings), x.Determination != nil, x.Stale, x.Disposition)
		}
	}
	h.proved()
}

func TestOfTwoCommandsThatExcludeEachOtherOneIsToldWhy(t *testing.T) {
	for round := range 10 {
		h := open(t)
		id := h.owed(rumour)
		h.do(dan, id, casefile.ProposeTransfer{To: "sofi"})
		engines := []*engine.Engine{h.Engine, h.second("w2")}
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, give := range []struct {
			by tocsin.Actor
			c  casefile.Command
		}{{sofi, casefile.AnswerTransfer{Accept: true}}, {dan, casefile.AnswerTransfer{Reason: "a mistake"}}} {
			wg.Go(func() {
				_, errs[i] = engines[(i+round)%2].Do(context.Background(), give.by, id, give.c, engine.Options{})
			})
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("the answers are %v", errs)
		}
		for _, err := range errs {
			if err != nil && tocsin.KindOf(err) != tocsin.Refused {
				t.Errorf("whoever came second is told %v", err)
			}
		}
		must(0, h.Follow(t.Context()))(t)
		if s := h.state(id); s.Transfer != nil || (s.Owner == "sofi") != (errs[0] == nil) {
			t.Errorf("the owner is %s", s.Owner)
		}
		h.proved()
	}
}

func TestOfTwoCommandsThatBothStandBothAreRecorded(t *testing.T) {
	h := open(t)
	id := h.owed(rumour)
	other := h.second("w2")
	h.settle()
	before := h.state(id).Version
	// The other process decides on what it saw, and is overtaken before it writes.
	w := &watched{Store: h.store}
	w.before = func([]ledger.Batch) {
		w.before = nil
		must(other.Do(t.Context(), dan, id, casefile.Review{Note: "first"}, engine.Options{}))(t)
	}
	plain := h.store
	h.store = w
	h.restart()
	h.store = plain
	res := h.do(sofi, id, casefile.Review{Note: "second"})
	if res.State.Reviews != 2 || res.State.Version != before+2 {
		t.Errorf("the answer says %d reviews at version %d", res.State.Reviews, res.State.Version)
	}
	_, err := h.Do(t.Context(), dan, id, casefile.Review{Note: "third"}, engine.Options{IfMatch: before})
	if tocsin.KindOf(err) != tocsin.Conflict {
		t.Errorf("a command on a version that has passed: %v", err)
	}
	h.proved()
}

func TestASecondSignerIsHeldToTheirOwnGrade(t *testing.T) {
	h := open(t)
	id := h.owed(rumour)
	h.do(anna, id, casefile.AddVictim{Victim: tocsin.Victim{ID: "v2", Name: "Stallholders", Kind: "group", Identity: "class_only"}})
	below := findings("v2")
	below.Findings[0].Value = tocsin.NotMet
	h.do(anna, id, below)
	h.do(dan, id, casefile.ProposeRefusal{Victim: "v2", Ground: casefile.RefuseBelow, Reason: "the caller has named a market that does not exist"})
	grade := findings("v2").Findings
	grade[1].Value = tocsin.NotMet // not specific: that changes the form of a warning and never whether there is one
	_, err := h.Do(t.Context(), sofi, id, casefile.SignRefusal{Victim: "v2", Agree: true, Reason: "agreed", Grade: grade}, engine.Options{})
	if tocsin.KindOf(err) != tocsin.Invalid {
		t.Errorf("a signature that the signer's own grade contradicts: %v", err)
	}
	grade[0].Value = tocsin.NotMet
	h.do(sofi, id, casefile.SignRefusal{Victim: "v2", Agree: true, Reason: "agreed", Grade: grade})
	if v, _ := h.state(id).Victim("v2"); v.Disposition != casefile.ObligationNotOwed {
		t.Errorf("v2 is %s", v.Disposition)
	}
	h.proved()
}
