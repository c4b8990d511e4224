package casefile_test

import (
	"strings"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

// asked brings a warning by ana to where the guard has asked two things about it.
func asked(t *testing.T) (*watch, tocsin.WarningID) {
	t.Helper()
	w := owed(t, "v1")
	id := w.drafted(about("v1"), casefiletest.Guard())
	w.approve(rolf, id)
	w.do(dina, casefile.ReleaseWarning{Warning: id, Findings: []tocsin.GuardFinding{
		{Check: "rare", Level: tocsin.GuardAsk, ID: "f1", What: "one origin knows the hour"},
		{Check: "link", Level: tocsin.GuardAsk, ID: "f2", What: "there is a link"},
		{Check: "content", Level: tocsin.GuardNote, ID: "f3", What: "it is long"}}})
	return w, id
}

func TestWhatTheGuardAsksIsAnsweredByANamedPersonWhoDidNotWriteTheWords(t *testing.T) {
	w, id := asked(t)
	answer := casefile.AnswerFinding{Warning: id, Finding: "f1", Words: "The hour is in the public programme."}
	w.refused(ana, answer, tocsin.Forbidden, "no_power")
	both := tocsin.Actor{ID: "ana", Roles: []tocsin.Role{tocsin.ReleaseOfficer}}
	w.refused(both, answer, tocsin.Forbidden, "answers_own")
	w.refused(machine, answer, tocsin.Forbidden, "not_a_machine")
	silent := answer
	silent.Words = " "
	w.refused(rolf, silent, tocsin.Invalid, "reason_missing")
	other := answer
	other.Finding = "f3" // a note, no question
	w.refused(rolf, other, tocsin.Invalid, "finding")
	w.do(rolf, answer)
	w.refused(rolf, answer, tocsin.Invalid, "finding") // it is answered
	if !w.step("answer_finding", string(id)) {
		t.Error("the second question is forgotten")
	}
	answer.Finding = "f2"
	w.do(rolf, answer)
	w.refused(rolf, answer, tocsin.Refused, "nothing_asked")
	if !w.step("release_warning", string(id)) {
		t.Error("nobody is asked to release it now")
	}
}

func TestSeveralQuestionsAreAnsweredInOneActEachInWordsOfItsOwn(t *testing.T) {
	w, id := asked(t)
	both := casefile.AnswerFinding{Warning: id, Answers: []casefile.Reply{{"f1", "The hour is in the public programme."}, {"f2", "I have opened the link: it is the town's own page."}}}
	events := w.do(rolf, both)
	is(t, "events", len(events), 2)
	for i, want := range both.Answers {
		got, ok := events[i].(casefile.FindingAnswered)
		if !ok || got.By != rolf.ID || got.Warning != id || got.Version != 1 || got.Finding != want.Finding || got.Words != want.Words {
			t.Errorf("the record of %s says %+v", want.Finding, events[i])
		}
	}
	is(t, "answers", len(w.warning(id).Answers), 2)
	if !w.step("release_warning", string(id)) {
		t.Error("nobody is asked to release it now")
	}
}

func TestOneAnswerAndSeveralMayComeTogether(t *testing.T) {
	w, id := asked(t)
	events := w.do(rolf, casefile.AnswerFinding{Warning: id, Finding: "f2", Words: "b", Answers: []casefile.Reply{{"f1", "a"}}})
	is(t, "the first", events[0].(casefile.FindingAnswered).Finding, "f2")
	is(t, "the second", events[1].(casefile.FindingAnswered).Finding, "f1")
}

func TestOfSeveralAnswersAllAreRecordedOrNone(t *testing.T) {
	w, id := asked(t)
	of := func(all ...casefile.Reply) casefile.AnswerFinding {
		return casefile.AnswerFinding{Warning: id, Answers: all}
	}
	w.refused(rolf, of(), tocsin.Invalid, "no_answer")
	w.refused(rolf, of(casefile.Reply{"f1", "a"}, casefile.Reply{"f2", " \n"}), tocsin.Invalid, "reason_missing")
	w.refused(rolf, of(casefile.Reply{"f1", "a"}, casefile.Reply{"f1", "b"}), tocsin.Invalid, "answered_twice")
	w.refused(rolf, of(casefile.Reply{"f1", "a"}, casefile.Reply{"gone", "b"}), tocsin.Invalid, "finding")
	w.refused(ana, of(casefile.Reply{"f1", "a"}), tocsin.Forbidden, "no_power")
	is(t, "answers after these", len(w.warning(id).Answers), 0)
	w.do(rolf, of(casefile.Reply{"f1", "a"}))
	w.refused(rolf, of(casefile.Reply{"f2", "b"}, casefile.Reply{"f1", "a"}), tocsin.Invalid, "finding") // f1 is answered
	is(t, "answers", len(w.warning(id).Answers), 1)
}

func TestWhatNoLongerStandsIsNamedAndAnAnswerHoldsForItsWords(t *testing.T) {
	w, id := asked(t)
	w.do(rolf, casefile.AnswerFinding{Warning: id, Finding: "f1", Words: "a"})
	next := w.draft(ana, about("v1"), casefiletest.Guard())
	next.Warning, next.Version = id, 2
	w.do(ana, casefile.DraftWarning{Draft: next})
	w.refused(rolf, casefile.AnswerFinding{Warning: id, Answers: []casefile.Reply{{"f2", "b"}}}, tocsin.Refused, "nothing_asked") // nobody has tried to release these words
	w.approve(rolf, id)
	w.do(dina, casefile.ReleaseWarning{Warning: id, Findings: []tocsin.GuardFinding{
		{Check: "rare", Level: tocsin.GuardAsk, ID: "f1", What: "one origin knows the hour"}, {Check: "link", Level: tocsin.GuardAsk, ID: "f4", What: "there is another link"}}})
	_, err := casefile.Decide(w.s, casefile.Meta{At: w.now, By: rolf, Command: "question"}, casefile.AnswerFinding{Warning: id, Answers: []casefile.Reply{{"f2", "b"}, {"f3", "c"}, {"f4", "d"}}})
	if err == nil || !strings.Contains(err.Error(), `"f2", "f3"`) || strings.Contains(err.Error(), "f4") {
		t.Errorf("it is not said which questions no longer stand: %v", err)
	}
	w.do(rolf, casefile.AnswerFinding{Warning: id, Answers: []casefile.Reply{{"f4", "d"}}})
	if !w.step("release_warning", string(id)) {
		t.Error("the answer of the version before is asked for again")
	}
}

func TestAReleaseRestsOnAnswersThatTheCaseHas(t *testing.T) {
	w, id := asked(t)
	c := w.clearance(dina, id)
	c.Cautions = []tocsin.GuardFinding{{Check: "rare", Level: tocsin.GuardAsk, ID: "f1", What: "one origin knows the hour", AnsweredBy: "rolf", Answer: "a"}}
	w.refused(dina, casefile.ReleaseWarning{Warning: id, Clearance: c}, tocsin.Refused, "finding_unanswered")
	w.do(rolf, casefile.AnswerFinding{Warning: id, Finding: "f1", Words: "a"})
	c.Cautions[0].AnsweredBy = "dina"
	w.refused(dina, casefile.ReleaseWarning{Warning: id, Clearance: c}, tocsin.Refused, "finding_unanswered") // another person answered
	c.Cautions[0].AnsweredBy = "rolf"
	w.do(dina, casefile.ReleaseWarning{Warning: id, Clearance: c})
}

func TestATearlineIsClearedBySomebodyElseForExactlyItsWords(t *testing.T) {
	w := owed(t, "v1")
	w.refused(dina, casefile.ClearTearline{Report: "r1"}, tocsin.Refused, "no_tearline")
	w.refused(ana, casefile.WriteTearline{Report: "r1"}, tocsin.Invalid, "reason_missing")
	w.do(ana, casefile.WriteTearline{Report: "r1", Words: "An attack is planned."})
	read := tocsin.DigestOf([]byte("An attack is planned."))
	w.refused(ana, casefile.ClearTearline{Report: "r1", Digest: read}, tocsin.Forbidden, "clears_own")
	w.do(ana, casefile.WriteTearline{Report: "r1", Words: "An attack is planned for Wednesday."})
	w.refused(lia, casefile.ClearTearline{Report: "r1", Digest: read}, tocsin.Conflict, "other_words")
	w.do(lia, casefile.ClearTearline{Report: "r1", Digest: tocsin.DigestOf([]byte("An attack is planned for Wednesday."))})
	is(t, "cleared by", w.s.Tearlines[0].ClearedBy, lia.ID)
	w.do(ana, casefile.WriteTearline{Report: "r1", Words: "An attack by bomb is planned for Wednesday."})
	is(t, "new words are cleared by", w.s.Tearlines[0].ClearedBy, "")
}

func TestConsentIsAskedForSomePortionsOnly(t *testing.T) {
	w := controlled(t)
	w.refused(lia, casefile.AskConsent{Report: "r1", Portions: []int{-1}, Question: "q"}, tocsin.Invalid, "portion")
	w.do(lia, casefile.AskConsent{Report: "r1", Portions: []int{0, 2}, Question: "May these two be told to the protecting power?"})
	is(t, "portions asked about", len(w.s.Consents[0].Portions), 2)
}

func TestWhoeverReleasesWhatRestsOnAControlledReportSaysHowManyCouldHaveBeenTheSource(t *testing.T) {
	w := controlled(t)
	w.owes("v1")
	w.do(lia, casefile.AskConsent{Report: "r1", Question: "May it be told?"})
	w.do(lia, casefile.AnswerConsent{Report: "r1", Granted: true, Person: "duty head"})
	id := w.drafted(about("v1"), casefiletest.Guard())
	w.approve(rolf, id)
	bare := casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(dina, id)}
	w.refused(dina, bare, tocsin.Invalid, "reverse_test")
	whole := bare
	whole.ReverseTest = "About two hundred were at the meeting."
	w.do(dina, whole)
	is(t, "on record", w.warning(id).ReverseTest, whole.ReverseTest)
	end := w.draft(ana, about("v1"), casefiletest.Guard())
	end.Message, end.Refers = tocsin.AllClear, id
	w.do(ana, casefile.DraftWarning{Draft: end})
	w.release(end.Warning) // the end of a warning tells nothing
}
