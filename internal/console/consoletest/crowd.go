package consoletest

import (
	"fmt"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/intake"
)

// Crowd opens n cases with four intended victims each: four open duties a case.
func (h *House) Crowd(n int) []tocsin.CaseID {
	h.T.Helper()
	var ids []tocsin.CaseID
	for i := range n {
		id := h.Case(fmt.Sprintf("Case %d", i), "icd-191", fmt.Sprintf("They mean to kill number %d before the week is over.", i), fmt.Sprintf("Number %d", i), time.Duration(i%300+1)*time.Hour)
		for n := 2; n <= 4; n++ {
			h.Do("anna", id, casefile.AddVictim{Victim: tocsin.Victim{ID: tocsin.VictimID(fmt.Sprintf("v%d", n)), Kind: tocsin.Person, Name: fmt.Sprintf("Relative %d of %d", n, i), Identity: tocsin.Named}})
		}
		ids = append(ids, id)
	}
	return ids
}

// Large opens a case with 200 reports, 12 victims and a draft.
func (h *House) Large() tocsin.CaseID {
	h.T.Helper()
	id := h.Case("A market", "icd-191", "They mean to attack the market on Friday at noon with two cars.", "The market", 40*time.Hour)
	for i := range 199 {
		rep := h.Report("ingrid", fmt.Sprintf("Report number %d. %s", i, strings.Repeat(fmt.Sprintf("A traveller saw the men near stall %d and heard them speak of the day. ", i), 12)),
			intake.Declared{Origin: fmt.Sprintf("caller-%d", i)})
		h.Attach("anna", id, rep)
	}
	for n := 2; n <= 12; n++ {
		v := tocsin.VictimID(fmt.Sprintf("v%d", n))
		h.Do("anna", id, casefile.AddVictim{Victim: tocsin.Victim{ID: v, Kind: tocsin.Person, Name: fmt.Sprintf("Trader %d", n), Identity: tocsin.Named}})
		h.Do("anna", id, casefile.RecordFindings{Victim: v, Findings: h.Findings(id, tocsin.Met)})
	}
	h.Draft("daniel", id)
	return id
}
