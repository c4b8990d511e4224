package release_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/release"
)

// asked is a question with one ask: a vehicle that only a restricted report holds.
func asked(body string) release.Question {
	q := question(func(d *tocsin.Draft) { d.Texts[0].Body = body })
	q.Contributing[0].Text = "Two men will come in a red taxi, as Jasmine said at the depot."
	return q
}

const askBody = "An attack on the gathering is planned. Look out for a red taxi. Keep away."

func asks(fs []tocsin.GuardFinding) []tocsin.GuardFinding {
	var out []tocsin.GuardFinding
	for _, f := range fs {
		if f.Level == tocsin.GuardAsk {
			out = append(out, f)
		}
	}
	return out
}

func TestAnAskPreventsClearanceUntilANamedPersonAnswers(t *testing.T) {
	q := asked(askBody)
	c, fs := release.Check(q)
	if c.Clearance().Digest != "" || !release.Stops(fs) || blocks(fs) != nil || len(asks(fs)) == 0 {
		t.Fatalf("cleared without an answer, or blocked: %+v", fs)
	}
	for _, bad := range []release.Answer{{By: "dov", Words: "yes"}, {Finding: "x", By: "dov", Words: "yes"}, {By: "", Words: "yes"}, {By: "dov", Words: " "}} {
		if bad.Finding == "" {
			bad.Finding = asks(fs)[0].ID
		}
		if bad.By == "dov" && bad.Words == "yes" && bad.Finding != "x" {
			continue // that one is good
		}
		q.Answers = []release.Answer{bad}
		if c, _ := release.Check(q); c.Clearance().Digest != "" {
			t.Errorf("cleared by %+v", bad)
		}
	}
	q.Answers = nil
	for _, f := range asks(fs) {
		q.Answers = append(q.Answers, release.Answer{Finding: f.ID, By: "dov", Words: "Every taxi there is red."})
	}
	c, fs = mustClear(t, q)
	for _, f := range asks(c.Clearance().Cautions) {
		if f.AnsweredBy != "dov" || f.Answer == "" {
			t.Errorf("the clearance does not say who answered: %+v", f)
		}
	}
	if release.Stops(fs) {
		t.Error("answered asks stop")
	}
}

func TestAFindingKeepsItsNameWhenOtherWordsChange(t *testing.T) {
	_, before := release.Check(asked(askBody))
	_, after := release.Check(asked("Good morning. " + askBody + " Thank you."))
	_, other := release.Check(asked(strings.Replace(askBody, "a red taxi", "the red, old taxi", 1)))
	id := func(fs []tocsin.GuardFinding) string {
		for _, f := range fs {
			if f.Rule == "rare/vehicle" {
				return f.ID
			}
		}
		t.Fatalf("no finding about the vehicle: %+v", fs)
		return ""
	}
	if id(before) != id(after) {
		t.Error("an edit elsewhere renamed the finding, so its answer is lost")
	}
	if id(before) == id(other) {
		t.Error("other words bear the same name, so the answer covers what nobody saw")
	}
}

func TestTraceAndExposureSayWhoCouldHaveTold(t *testing.T) {
	q := question()
	q.Strict = true
	q.Setting = &release.Setting{Place: "the old market", Window: q.Draft.Window}
	q.Contributing = []release.Source{
		{Report: "a", Marking: "SECRET", Origin: "cook", Text: "The men keep 17 rifles in the bakery on Quince Lane."},
		{Report: "b", Marking: "SECRET", Origin: "driver", Text: "Somebody saw the bakery on Quince Lane."},
		{Report: "c", Marking: "SECRET", Text: "There are 17 rifles."},
		{Report: "d", Marking: "UNCLASSIFIED", Origin: "press", Text: "An attack on the old market is planned."},
	}
	text := "An attack on the old market is planned. They have 17 rifles in the bakery on Quince Lane."
	out := release.Words(q, release.Passage{Language: "en", Text: text})
	if len(out.Trace) != 2 || out.Trace[0].Supports == nil || out.Trace[0].Supports[0].Report != "d" || !out.Trace[1].OnlyRestricted() || out.Trace[1].Restricted[0].Report != "a" {
		t.Fatalf("trace: %+v", out.Trace)
	}
	for _, x := range out.Exposure {
		switch words := text[x.Start:x.End]; words {
		case "17":
			if strings.Join(x.Origins, " ") != "cook" || x.Unknown != 1 || x.Releasable || len(x.Reports) != 2 {
				t.Errorf("17: %+v", x)
			}
		case "Quince":
			if strings.Join(x.Origins, " ") != "cook driver" || x.Unknown != 0 {
				t.Errorf("Quince: %+v", x)
			}
		}
	}
	if release.Verdict(out.Findings) != "block" {
		t.Errorf("a sentence that only restricted reports support went through: %+v", out.Findings)
	}
}

// No finding says the term that it is about.
func TestNoFindingSaysATerm(t *testing.T) {
	q := question()
	q.Strict, q.Setting = true, &release.Setting{}
	for _, text := range []string{"Nighthawk", "n i g h t h a w k", "Nihgthawk", "avtugunjx Avtugunjx", "Найтхок", "kwahthgin", "Nighthawks fly", "TmlnaHRoYXdr"} {
		for _, f := range release.Words(q, release.Passage{Text: text}).Findings {
			if strings.Contains(strings.ToLower(f.What+f.Why+f.Do+f.Where+f.Rule+f.ID), "nighthawk") {
				t.Errorf("%q: %+v", text, f)
			}
		}
	}
}

func TestAPreparedCaseIsUsedOnlyForItself(t *testing.T) {
	q := asked("A plain text.")
	q.Prepared = release.Prepare(q)
	_, with := release.Check(q)
	q.Contributing[0].Text = "Something else: the plain text is secret, a quiet kiosk by the harbour."
	q.Draft.Texts[0].Body = "Look at the quiet kiosk by the harbour, the plain one."
	_, stale := release.Check(q)
	q.Prepared = nil
	_, fresh := release.Check(q)
	if len(stale) != len(fresh) || len(with) == len(fresh) {
		t.Errorf("the stale preparation was used: %d findings, %d without it", len(stale), len(fresh))
	}
}

// One text of 1 MB against 10,000 portions must end; the time of each step is
// linear in it.
func TestALongTextAgainstManyPortionsEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	q := question()
	q.Strict, q.Setting = true, &release.Setting{Window: tocsin.Window{Earliest: now, Latest: now.Add(time.Hour)}}
	var b strings.Builder
	for i := range 10_000 {
		start := b.Len()
		b.WriteString("The same courier met the same man near the kiosk. ")
		q.Contributing[0].Portions = append(q.Contributing[0].Portions, tocsin.Portion{Start: start, End: b.Len(), Marking: []string{"(S)", "(U)"}[i%2]})
	}
	q.Contributing[0].Text = b.String()
	q.Prepared = release.Prepare(q)
	out := release.Words(q, release.Passage{Text: strings.Repeat("courier kiosk man met the same ", 1<<20/31)})
	if len(out.Trace) == 0 {
		t.Error("nothing was traced")
	}
	// Texts made to keep a search for ends and beginnings busy: quadratic work on
	// one of them would outlast the test's own time limit.
	for _, piece := range []string{"\u200b", "\u2066", "a", "1", ".-", "%41", "<", "\\\\", "a.b@"} {
		if fs := release.Words(q, release.Passage{Text: strings.Repeat(piece, 600_000/len(piece))}).Findings; release.Verdict(fs) == "pass" {
			t.Errorf("%q again and again passes as a warning", piece)
		}
	}
}

// What an answer can point at is what the readers may have, and nothing else.
func TestAnAnswerCanPointAtWhatMayBeSaidOnly(t *testing.T) {
	q := question()
	s := &q.Contributing[0]
	at := strings.Index(s.Text, "(U)")
	s.Portions = []tocsin.Portion{{Marking: "(S//NF)", Start: 0, End: at}, {Marking: "(U)", Start: at, End: len(s.Text)}}
	s.Origin, s.Conveyor = "Jasmine", "a partner"
	q.Contributing = append(q.Contributing, release.Source{Report: "rep-2", Marking: "SECRET//NOFORN", Text: "The bomb is in the cellar.", Tearline: "There may be a bomb."})
	got := release.Prepare(q).Releasable()
	want := []release.Releasable{{"rep-1", 2, "The market is held every Friday from eight in the morning until noon by the river."}, {"rep-2", 0, "There may be a bomb."}}
	if !slices.Equal(got, want) {
		t.Errorf("it can point at %+v", got)
	}
}
