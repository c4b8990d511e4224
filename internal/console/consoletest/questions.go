package consoletest

import (
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/intake"
)

// Words of the warning that Questions writes. The guard asks four
// things about them: of two sentences what carries them, of one who told, and what is
// attached.
const (
	Doubted = "Marek Zielinski is in danger of being killed before he gives evidence on Thursday.\n\n" +
		"Keep him away from the windows and from the car that he drives every day.\n" +
		"A witness was shot at the same court in the winter of last year.\n" +
		"He may travel by boat or by road, whichever is quicker.\n" +
		"His brother told the evening paper that men had watched the house since spring.\n" +
		"His picture is attached.\n\n" +
		"Call the watch at any hour, on extension 1, and tell us what you decide."
	DoubtedTearline = "A witness who is to give evidence on Thursday may be killed before he can."
)

// Questions makes a case about whose warning the guard has asked, at a try of rui's to
// release it: it is approved by sofia, written by daniel, and rests on a restricted
// report of which a tearline may be told.
func (h *House) Questions() (tocsin.CaseID, tocsin.WarningID) {
	h.T.Helper()
	rep := h.Report("ingrid", "Orchid heard the cousin say on the quay that Marek Zielinski will not live to see the court. The rifle came by boat at night and lies wrapped in sailcloth. The skipper drinks with the harbour pilot, who wants money.",
		intake.Declared{Origin: "orchid", Subject: "Witness in the harbour trial", Marking: "SECRET"})
	res, err := h.Engine.Open(h.T.Context(), h.Person("daniel"), "Witness in the harbour trial", "icd-191", []tocsin.ReportID{rep}, engine.Options{})
	if err != nil {
		h.T.Fatal(err)
	}
	id := res.State.ID
	h.Do("anna", id, casefile.StateThreat{Threat: tocsin.Threat{Harm: tocsin.Killing, Target: tocsin.Claim{Text: "Marek Zielinski"}, Window: tocsin.Window{Earliest: h.Clock.Now().Add(20 * time.Hour), Latest: h.Clock.Now().Add(60 * time.Hour)}}})
	h.Do("anna", id, casefile.AddVictim{Victim: tocsin.Victim{ID: "v1", Kind: tocsin.Person, Name: "Marek Zielinski", Identity: tocsin.Named, Jurisdiction: "GB"}})
	h.Do("anna", id, casefile.RecordFindings{Victim: "v1", Findings: h.Findings(id, tocsin.Met)})
	s := h.Do("anna", id, casefile.WriteTearline{Report: rep, Words: DoubtedTearline})
	h.Do("lena", id, casefile.ClearTearline{Report: rep, Digest: s.Tearlines[0].Digest})
	w := h.Reword(id, "", Doubted)
	h.Asks(id, w)
	return id, w
}

// Reword writes a warning to the town in words of daniel's own, or a new version of one.
func (h *House) Reword(id tocsin.CaseID, w tocsin.WarningID, body string) tocsin.WarningID {
	h.T.Helper()
	if _, err := h.Engine.SetRecipient(h.T.Context(), h.Person("daniel"), Town); err != nil {
		h.T.Fatal(err)
	}
	var facts []tocsin.Fact
	for _, item := range []string{"harm", "when", "where", "do_now", "contact", "authorities"} {
		facts = append(facts, tocsin.Fact{Item: item, Values: map[string]string{"en": "See the words."}, Releasable: true})
	}
	res, err := h.Engine.Draft(h.T.Context(), h.Person("daniel"), id, engine.DraftRequest{Warning: w, Kind: tocsin.ProtectorWarning, Victims: []tocsin.VictimID{"v1"}, Recipients: []tocsin.RecipientID{"town"},
		Marking: "UNCLASSIFIED", ValidFor: "48h", Facts: facts, Texts: []tocsin.Text{{Language: "en", Subject: "Danger to a witness", Body: body}}}, engine.Options{})
	if err != nil {
		h.T.Fatal(err)
	}
	return res.State.Warnings[len(res.State.Warnings)-1].ID
}

// Asks has sofia approve the newest version of a warning and rui try to release it, and
// returns what the guard asks then.
func (h *House) Asks(id tocsin.CaseID, w tocsin.WarningID) []tocsin.GuardFinding {
	h.T.Helper()
	s, err := h.Engine.Case(id)
	if err != nil {
		h.T.Fatal(err)
	}
	warning, _ := s.Warning(w)
	h.Do("sofia", id, casefile.ApproveWarning{Warning: w, Digest: warning.Digest})
	if s = h.Do("rui", id, casefile.ReleaseWarning{Warning: w}); len(s.Warnings) == 0 {
		h.T.Fatal("the case has lost its warning")
	}
	warning, _ = s.Warning(w)
	return warning.Asked()
}

// Out has the newest version of a warning approved, answers what the guard asks, and
// releases it.
func (h *House) Out(id tocsin.CaseID, w tocsin.WarningID) casefile.State {
	h.T.Helper()
	asked := h.Asks(id, w)
	for _, f := range asked {
		h.Do("rui", id, casefile.AnswerFinding{Warning: w, Finding: f.ID, Words: "It was weighed, and may be said."})
	}
	if len(asked) > 0 {
		h.Do("rui", id, casefile.ReleaseWarning{Warning: w})
	}
	s, err := h.Engine.Case(id)
	if err != nil {
		h.T.Fatal(err)
	}
	if out, _ := s.Warning(w); out.Clearance == nil {
		h.T.Fatalf("warning %s is not out: the guard refused it for %+v", w, out.Refused)
	}
	return s
}
