package console

import (
	"fmt"
	"strings"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/view"
)

func asked() warningView {
	body := "از خانه بروید، منبع ما می\u200cگوید."
	at := strings.Index(body, "منبع")
	w := casefile.Warning{ID: "w1", Draft: tocsin.Draft{Texts: []tocsin.Text{{Language: "fa", Subject: "هشدار", Body: body}}}}
	w.Refused = []tocsin.GuardFinding{
		{Check: "rare", Level: tocsin.GuardAsk, ID: "q1", What: "Only one report says so.", Where: "fa body 0-4"},
		{Check: "rare", Level: tocsin.GuardAsk, ID: "q2", What: "So does this."},
		{Check: "term", Blocks: true, What: "A protected term.", Where: fmt.Sprintf("fa body %d-%d", at, at+len("منبع"))},
		{Check: "route", What: "A note."},
		{Check: "term", Where: "fa body 5-9000"}, {Check: "term", Where: "fa body 1-3"},
	}
	w.Answers = []casefile.FindingAnswer{{Finding: "q2", By: "sofia", Words: "It was in the papers."}}
	return warningView{Warning: w}
}

func TestTheGuardsFindingsStandByLevelAndAtTheirWords(t *testing.T) {
	n := asked()
	n.levels(n.Refused)
	if len(n.Levels) != 3 || n.Levels[0].Level != tocsin.GuardBlock || n.Levels[1].Level != tocsin.GuardAsk || len(n.Levels[2].Findings) != 3 || !n.Stops || !n.Asks {
		t.Fatalf("%+v", n.Levels)
	}
	if f := n.Levels[1].Findings[1]; f.AnsweredBy != "sofia" || f.Answer != "It was in the papers." {
		t.Errorf("the answer is not shown: %+v", f)
	}
	var whole strings.Builder
	marks := 0
	for _, p := range n.Texts[0].Body {
		whole.WriteString(p.Text)
		marks += len(p.First)
	}
	if whole.String() != n.Draft.Texts[0].Body || marks != 2 {
		t.Errorf("%d words are marked in %q", marks, whole.String())
	}
}

func TestEachOpenQuestionHasAFormOfItsOwn(t *testing.T) {
	c := &Console{}
	a := &asking{c: c, v: &visit{say: wordsIn("en")}}
	n := asked()
	n.levels(n.Refused)
	n.Actions = []action{{Kind: "answer_finding", Target: "w1", ID: "do-answer_finding-w1"}, {Kind: "approve_warning"}}
	n.forms(a, &returned{kind: "answer_finding", target: "w1", typed: map[string][]string{"finding": {"q1"}, "may_go": {"TYPED"}}, err: &formError{What: "no"}})
	q := n.questions()
	if len(q) != 1 || len(n.Actions) != 1 || q[0].ID != "do-answer_finding-w1" || !q[0].Open || q[0].Error == nil {
		t.Fatalf("%+v, %+v", q, n.Actions)
	}
	if f := q[0].Sets[0].Fields; f[0].Value != "q1" || f[1].Value != "TYPED" {
		t.Errorf("the form asks %+v", f)
	}
}

func TestWhatDidNotChangeIsShortenedAndWhatDidIsNot(t *testing.T) {
	long := strings.Repeat("word ", 400)
	got := around([]view.Piece{{Text: long, How: view.Same}, {Text: long, How: view.Added}, {Text: long, How: view.Same}, {Text: "gone", How: view.Removed}, {Text: long, How: view.Same}})
	if got[1].Text != long || got[3].Text != "gone" {
		t.Error("a change was shortened")
	}
	for i, most := range map[int]int{0: near + 3, 2: 2*near + 3, 4: near + 3} {
		if n := len([]rune(got[i].Text)); n > most || !strings.Contains(got[i].Text, "…") {
			t.Errorf("piece %d has %d letters", i, n)
		}
	}
}
