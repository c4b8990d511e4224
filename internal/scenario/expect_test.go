package scenario_test

import (
	"path/filepath"
	"strings"
	"testing"

	"tocsin/internal/scenario"
	"tocsin/ledger/memory"
)

// drafted is a case of one controlled report with two versions of a warning, which
// the guard has answered with a question and a stop.
const drafted = `at 2026-01-05 09:00
person anna is analyst
person daniel is duty_officer
person sofia is senior_officer
recipient home
    name: The tenant
    kind: victim
    languages: en
    rung: in_person door to "the tenant" level 1
anna reports r1
    origin: source-9
    controlled: Service K
    marking: SECRET
    text: |
        (S) The tenant of 4 Sand Lane will be shot on Friday.
        (S) They come in a blue Transit van.
anna opens sand-lane with r1
    title: t
anna states the threat
    groups: they
    harm: killing
anna names victim v1
    name: The tenant
    kind: person
    identity: named
anna drafts w1
    kind: victim
    covers: v1
    to: home
    marking: UNCLASSIFIED
    valid: 2026-01-10 00:00
    fact harm en: You may be shot.
    fact when en: On Friday.
    fact where en: At 4 Sand Lane.
    fact do_now en: Leave now.
    fact contact en: The police, at any hour.
    fact authorities en: Officers will come.
    text en: |
        Warning
        You may be shot at 4 Sand Lane on Friday. They come in a blue Transit van. Leave now and call the police.
sofia approves w1
sofia releases w1
`

func TestExpectationsHoldAndFail(t *testing.T) {
	const again = `anna drafts w1
    kind: victim
    covers: v1
    to: home
    marking: OFFICIAL
    valid: 2026-01-10 00:00
    fact harm en: You may be shot.
    fact when en: On Friday.
    fact where en: At 4 Sand Lane.
    fact do_now en: Leave now.
    fact contact en: The police, at any hour.
    fact authorities en: Officers will come.
`
	for _, c := range []struct{ step, fails string }{
		{"expect guard asks rare/vehicle about w1", ""},
		{"expect guard asks rare about w1", ""},
		{"expect guard asks collection about w1", "to ask by collection about w1; it asks by ["},
		{"expect sofia may ask_consent r1", ""},
		{"expect sofia may invoke_exigent case", ""},
		{"expect anna may not invoke_exigent case", ""},
		{"expect anna may not release_warning w1", ""},
		{"expect anna may release_warning w1", "expected that anna may release_warning w1: true"},
		{"expect daniel may not release_warning w1", "expected that daniel may release_warning w1: false"},
		{"expect daniel may not release_everything w1", "is not a command"},
		{"expect nobody may release_warning w1", "nobody called"},
		{again + "expect version 2 of w1 changes marking", ""},
		{again + `expect version 2 of w1 changes "en body"`, ""},
		{again + "expect version 2 of w1 changes recipients", "to change \"recipients\"; it changes"},
		{again + "expect version 3 of w1 changes marking", "has 2 versions"},
		{"expect version 1 of w1 changes marking", "to change \"marking\"; it changes []"},
		{"anna asks consent for r1\n    question: The second portion.\n    portions: 2\nexpect owed answer_consent", ""},
		{"anna asks consent for r1\n    question: q\n    portions: 0\nexpect owed answer_consent", "numbers from 1"},
		{"anna asks consent for r1\n    question: q\n    portion: 2\nexpect owed answer_consent", "there is no field"},
	} {
		s, err := scenario.Parse("x", drafted+c.step)
		if err != nil {
			t.Fatal(err)
		}
		_, err = part(t, s, memory.Open(), filepath.Join(t.TempDir(), "far"))
		switch last := lastLine(c.step); {
		case c.fails == "" && err != nil:
			t.Errorf("%s: %v", last, err)
		case c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)):
			t.Errorf("%s: %v, want %q", last, err, c.fails)
		}
	}
}

func lastLine(text string) string { return text[strings.LastIndex(text, "\n")+1:] }
