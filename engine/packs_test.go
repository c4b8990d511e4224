package engine_test

import (
	"context"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/ledger/memory"
	"tocsin/packs"
)

// A pack is mended while a case is open. Nothing is determined or drafted under
// words that nobody adopted; once a senior officer has, the case goes on under
// them, and the draft from before must be written again.
func TestAnOpenCaseGoesOnUnderANewEditionOnceASeniorOfficerHasTakenItUp(t *testing.T) {
	h := open(t)
	id := h.owed(rumour, tocsin.Recipient{ID: "desk", Name: "Market police", Kind: tocsin.GovernmentWarning, Languages: []string{"en"},
		Ladder: []tocsin.Rung{{Channel: "smtp", Address: "desk@police.example", Addressee: "desk", Level: 1}}})
	old := h.state(id).Terms.Pack
	w := h.approved(id, wording("desk"))
	h.packs = withPacks(otherPack(t))
	h.restart()
	if _, err := h.Release(t.Context(), rui, id, w, engine.Options{}); tocsin.KindOf(err) != tocsin.Refused {
		t.Fatalf("words of the old edition were released: %v", err)
	}
	other := h.Editions(h.state(id))
	if len(other) != 1 || other[0].Name != old.Name || other[0] == old {
		t.Fatalf("nobody is told that another edition is loaded: %v", other)
	}
	adopt := casefile.AdoptTerms{Pack: old.Name, Reason: "The pack was mended."}
	if _, err := h.Do(t.Context(), anna, id, adopt, engine.Options{}); tocsin.KindOf(err) != tocsin.Forbidden {
		t.Fatalf("an analyst took up a new edition: %v", err)
	}
	h.do(sofi, id, adopt)
	s := h.state(id)
	v, _ := s.Victim("v1")
	if s.Terms.Pack != other[0] || v.Determination == nil || v.Determination.Pack != other[0] || v.Stale {
		t.Errorf("the case does not go on under the new edition: %v, %+v", s.Terms.Pack, v.Determination)
	}
	if x, _ := s.Warning(w); x.Returned == "" {
		t.Error("the draft of the old edition still waits for release")
	}
	if len(h.Editions(s)) != 0 {
		t.Error("another edition is still said to be loaded")
	}
	h.release(id, h.approved(id, wording("desk")))
	h.settle()
	h.proved()
}

func TestAFurtherPackAnswersForItselfAndASignerIsHeldToBoth(t *testing.T) {
	e, err := engine.New(context.Background(), engine.Config{Store: memory.Open(), Packs: packs.FS(), Default: "icd-191", Clock: clockAt(begin), IDs: &numbers{}}, "icd-191", "rcmp")
	if err != nil {
		t.Fatal(err)
	}
	h := open(t, func(h *house) { h.packs = e })
	id := h.owed(rumour)
	h.do(anna, id, casefile.JoinPack{Pack: "rcmp", Reason: "The victims are in Canada."})
	second, _ := e.Pack("rcmp")
	found := casefile.RecordFindings{Victim: "v1"}
	for _, el := range second.Elements() {
		found.Findings = append(found.Findings, tocsin.Finding{Element: "rcmp/" + el.ID, Value: tocsin.NotMet, Reason: "nothing points there"})
	}
	h.do(anna, id, found)
	v, _ := h.state(id).Victim("v1")
	if len(v.Further) != 1 || v.Further[0].Determination == nil || v.Further[0].Determination.Pack != second.Ref() {
		t.Fatalf("the second pack was not asked: %+v", v.Further)
	}
	if v.Further[0].Determination.Result != tocsin.ResultNotOwed || v.Determination.Result == tocsin.ResultNotOwed || v.Disposition != casefile.ObligationOwed {
		t.Errorf("one says %s, the other %s, and the duty is %s", v.Determination.Result, v.Further[0].Determination.Result, v.Disposition)
	}
	if _, err := h.Do(t.Context(), anna, id, casefile.JoinPack{Pack: "unheard-of", Reason: "r"}, engine.Options{}); tocsin.KindOf(err) != tocsin.NotFound {
		t.Errorf("a pack that is not loaded joined: %v", err)
	}
	h.proved()
}
