package casefile_test

import (
	"slices"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
)

// A refusal that is about a part of a command names it, as the command's JSON does,
// so that a form can mark the field that asks for it.
func TestARefusalNamesThePartsOfTheCommandThatItIsAbout(t *testing.T) {
	w := owed(t, "v1")
	waive := func(f func(*casefile.ProposeWaiver)) casefile.Command {
		c := waiver(w.s, "v1", "c")
		f(&c)
		return c
	}
	for _, c := range []struct {
		by   tocsin.Actor
		cmd  casefile.Command
		code string
		want []string
	}{
		{ana, casefile.RecordFindings{Victim: "v1", Findings: []tocsin.Finding{{Element: "credible", Value: yes}}}, "reason_missing", []string{"findings.credible.reason"}},
		{ana, casefile.RecordFindings{Victim: "v1", Findings: []tocsin.Finding{{Element: "credible", Value: "perhaps"}}}, "finding_value", []string{"findings.credible.value"}},
		{ana, casefile.StateThreat{Threat: tocsin.Threat{Window: tocsin.Window{Earliest: w.now.Add(time.Hour), Latest: w.now}}}, "window_reversed", []string{"threat.window.earliest", "threat.window.latest"}},
		{ana, casefile.AddVictim{Victim: tocsin.Victim{ID: "v2", Kind: tocsin.Person}}, "victim_without_name", []string{"victim.name"}},
		{ana, waive(func(c *casefile.ProposeWaiver) { c.Evidence["others_near"] = " " }), "evidence_missing", []string{"evidence.others_near"}},
		{ana, waive(func(c *casefile.ProposeWaiver) { c.Evidence["this_person"] = "no" }), "ground_defeated", []string{"evidence.this_person"}},
		{ana, waive(func(c *casefile.ProposeWaiver) { c.Reason = "" }), "reason_missing", []string{"reason"}},
		{ana, casefile.RaiseDispute{About: "the van"}, "dispute_incomplete", []string{"position"}},
		{dina, casefile.RecordOutcome{Outcome: casefile.Outcome{What: "averted", At: w.now.Add(time.Hour)}}, "outcome_in_the_future", []string{"outcome.at"}},
		{dina, casefile.Review{}, "reason_missing", []string{"note"}},
	} {
		if e := w.refused(c.by, c.cmd, errorKind(t, w, c.by, c.cmd), c.code); !slices.Equal(e.Fields, c.want) {
			t.Errorf("%s, %s: it is about %q, not %q", c.cmd.Kind(), c.code, e.Fields, c.want)
		}
	}
	below := notOwed(t)
	below.do(ana, refuse("v1"))
	half := sign(t, "v1", true, no, yes, yes, yes, yes)
	half.Grade = half.Grade[:4]
	if e := below.refused(sara, half, tocsin.Invalid, "grade_incomplete"); !slices.Equal(e.Fields, []string{"grade." + below.s.Elements()[4] + ".value"}) {
		t.Errorf("the second grade lacks %q", e.Fields)
	}
}

// errorKind is the kind under which a command is refused: this test is about parts.
func errorKind(t *testing.T, w *watch, by tocsin.Actor, c casefile.Command) tocsin.Kind {
	t.Helper()
	_, err := casefile.Decide(w.s, w.meta(by), c)
	return tocsin.KindOf(err)
}
