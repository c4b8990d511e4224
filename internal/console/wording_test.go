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

func TestASentenceIsQuotedWithTheWordsThatAreAskedAbout(t *testing.T) {
	body := "Leave at once. They know the house, and the ferry at noon!\nDo not call.\nاز خانه بروید؟ خطر است."
	texts := []tocsin.Text{{Language: "en", Subject: "Danger", Body: body}}
	for words, want := range map[string]string{"the ferry": "They know the house, and the ferry at noon!", "Leave at once.": "Leave at once.", "Do not": "Do not call.", "خانه": "از خانه بروید؟",
		"the ferry at noon!\nDo": "They know the house, and the ferry at noon!\nDo not call."} {
		at := strings.Index(body, words)
		s := sentenceOf(texts, tocsin.GuardFinding{Where: fmt.Sprintf("en body %d-%d", at, at+len(words))})
		var all, found string
		for _, p := range s.Parts {
			if all += p.Text; len(p.Marks) > 0 {
				found += p.Text
			}
		}
		if all != want || found != words || s.Language != "en" {
			t.Errorf("%q is quoted as %q with %q marked", words, all, found)
		}
	}
	for _, where := range []string{"report-1", "en body 5-90000", "de body 0-4", "en", ""} {
		if s := sentenceOf(texts, tocsin.GuardFinding{Where: where}); len(s.Parts) != 0 {
			t.Errorf("%q is quoted as %+v", where, s)
		}
	}
}

func TestEveryReasonFitsWhatIsAsked(t *testing.T) {
	for rule, want := range map[string]string{"support/doubt": "advice victim public report own", "link/attachment": "looked own", "consent/limits": "within own", "something/new": "own", "": "own"} {
		var got []string
		for _, r := range reasonsFor(rule) {
			got = append(got, r.key)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s may be answered by %v", rule, got)
		}
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

func TestWordsOfAReportAreOfTheLanguageThatTheyAreWrittenIn(t *testing.T) {
	for _, c := range []struct{ words, report, want string }{
		{"Kerman", "fa", "en"}, {"کرمان", "fa", "fa"}, {"Kerman", "de", "de"}, {"Kerman", "", "en"}, {"کرمان (Kerman)", "fa", "en"},
		{"در کرمان، خیابان فلسطین (Felestin)", "fa", "fa"}, {"Керчь", "ru", "ru"}, {"", "fa", "fa"}, {"Kerman", "not a tag", "en"},
	} {
		if got := written(c.words, c.report); got != c.want {
			t.Errorf("%q of a report in %q is taken for %q", c.words, c.report, got)
		}
	}
}
