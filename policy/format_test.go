package policy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"tocsin"
	"tocsin/packs"
	"tocsin/policy"
)

func TestAMistakeInAnyOfTheRegimesOwnKeysIsToldWithItsPlace(t *testing.T) {
	const (
		law   = "in_force:\n  from: 2015-07-21\n"
		tell  = "any_of: [victim, guardian, protector, government, facility, community, segment, public]"
		texts = "texts: {from: [texts-common]}"
		tail  = "max_attempts: 4\n"
	)
	channel := func(rest string) string {
		return tail + "channels:\n  - {id: a, kinds: [victim], because: x, clause: x, basis: to be confirmed, " + rest + "}\n"
	}
	grades := func(scale string) string {
		return tail + "grades: {title: x, guides: x, clause: x, basis: to be confirmed, scale: [" + scale + "]}\n"
	}
	const high, low = "{id: high, title: x, meaning: x, does: x}", "{id: low, title: x, meaning: x, does: x}"
	for _, c := range []struct{ name, old, now, at, says string }{
		{"no word on the law in force", "in_force:\n", "enforced:\n", "enforced:", `there is no key "enforced"`},
		{"a day that is not", law, "in_force:\n  from: 2015-02-30\n", "from: 2015-02-30", "is not a day; write it as 2015-07-21"},
		{"a day in words", law, "in_force:\n  from: July 2015\n", "from: July", "is not a day"},
		{"a law that ends before it begins", law, law + "  until: 2014-01-01\n", "until: 2014", "the law ends on 2014-01-01, before it begins on 2015-07-21"},
		{"no day, and yet sourced", law, "in_force:\n", "", "no day is given, and yet the basis is"},
		{"a law without a clause", "  clause: ICD 191, signed 21 July 2015\n", "", "  from: 2015", "in_force lacks the key clause"},
		{"a law of a basis of its own", "July 2015\n  basis: sourced", "July 2015\n  basis: sure", "basis: sure", `"sure" is not a basis`},

		{"texts of a set that is not there", texts, "texts: {from: [texts-rare]}", "texts-rare", `there is no set of texts "texts-rare" beside the pack`},
		{"texts of a pack", texts, "texts: {from: [icd-191]}", "from: [icd-191]", `"icd-191" is a pack and not a set of texts`},
		{"texts of one set twice", texts, "texts: {from: [texts-common, texts-common]}", "texts-common, texts", "stands twice"},
		{"texts of nothing", texts, "texts: {from: []}", "from: []", "texts.from is not a list with at least one entry"},
		{"texts from a path", texts, "texts: {from: [../secret]}", "../secret", "cannot be read"},
		{"texts with a key of its own", texts, "texts: {of: [texts-common]}", "texts: {of", `there is no key "of"`},

		{"nobody to tell", "must_tell:\n", "may_tell:\n", "may_tell:", `there is no key "may_tell"`},
		{"a party that is not", tell, "any_of: [victim, neighbour]", "neighbour", `"neighbour" is not one of the words`},
		{"a party twice", tell, "any_of: [victim, victim]", "any_of: [victim, victim]", `"victim" stands twice`},
		{"none of nobody", tell, "any_of: []", "any_of: []", "must_tell[0].any_of is not a list"},
		{"the originator in place of the victim", tell, "any_of: [victim, originator]", "originator]", "cannot stand in place of one"},
		{"a route that is not", tell, tell + "\n    routes: [pigeon]", "routes: [pigeon]", `"pigeon" cannot stand here`},
		{"telling somebody on the way to silence", tell, tell + "\n    routes: [none]", "routes: [none]", `"none" cannot stand here`},
		{"telling somebody without a reason", "    because: The duty runs to the intended victim, or to those responsible for protecting the victim, as appropriate. A government and those who run a place are responsible for protecting; words to all who are at a place reach the victims among them.\n", "", "- id: victim_or_protector", "must_tell[0] lacks the key because"},

		{"a channel that is not", tail, channel("require: [telepathy]"), "telepathy", `"telepathy" is not one of the words`},
		{"a kind that is not", tail, strings.Replace(channel("require: [in_person]"), "kinds: [victim]", "kinds: [rumour]", 1), "rumour", `"rumour" is not one of the words`},
		{"a rule on no channel", tail, channel("allow: [smtp]")[:len(channel("allow: [smtp]"))-len(", allow: [smtp]}\n")] + "}\n", "{id: a, kinds", "says nothing on any channel"},
		{"a channel required and forbidden", tail, channel("require: [in_person], forbid: [in_person]"), "forbid: [in_person]", "all of them are forbidden or not allowed"},
		{"a channel required and not allowed", tail, channel("require: [in_person], allow: [smtp]"), "allow: [smtp]", "all of them are forbidden or not allowed"},
		{"no channel left", tail, channel("allow: [smtp], forbid: [smtp]"), "{id: a, kinds", "that would be silence"},

		{"a scale of one grade", tail, grades(high), "scale: [", "a scale with one grade"},
		{"a grade twice", tail, grades(high + ", " + high), "scale: [", `the id "high" stands twice`},
		{"a grade that asks for nothing", tail, grades(high + ", {id: low, title: x, meaning: x}"), "scale: [", "grades.scale[1] lacks the key does"},
		{"a scale without a name", tail, strings.Replace(grades(high+", "+low), "title: x, guides", "guides", 1), "grades:", "grades lacks the key title"},
		{"a rule that speaks of a grade", "when: {all: [met]}", "when: {grade: [high]}", "grade: [high]", `there is no key "grade"`},

		{"neither grounds nor why there are none", "grounds:\n  - id: a\n", "grounded:\n  - id: a\n", "grounded:", `there is no key "grounded"`},
		{"grounds, and none", tail, tail + "no_grounds: {because: x, clause: x, basis: sourced}\n", "no_grounds:", "the pack has grounds and says that there are none"},
		{"no grounds, without a basis", tail, tail + "no_grounds: {because: x, clause: x}\n", "no_grounds:", "no_grounds lacks the key basis"},

		{"an item of the record without a clause", `the item is this pack's choice", basis: to be confirmed}`, `x"}`, "- {id: determination,", "records[0] lacks the key basis"},
		{"a record of words alone", "  - {id: determination, title", "  - determination\n  - {id: determined, title", "- determination\n", "records[0] is not a table"},
		{"no review plan", "review_plan:\n", "reviews:\n", "reviews:", `there is no key "reviews"`},
		{"a review that asks nothing", "  asks:\n    - Is the threat still there, and what has changed?\n", "  asks: []\n  ask:\n", "asks: []", "review_plan.asks is not a list"},
		{"a form that was not filled in", "title: Credible\n", "title: \"FILL IN: the word of your law\"\n", "FILL IN", "elements[0].title was not filled in"},
		{"a day that was not filled in", law, "in_force:\n  from: \"FILL IN: the day\"\n", "FILL IN", "in_force.from was not filled in"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := edited(t, "pack.yaml", c.old, c.now)
			_, err := policy.Load(files, "icd-191")
			if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want %q", err, c.says)
			}
			if where := fmt.Sprintf("icd-191/pack.yaml:%d: ", lineOf(t, files, "pack.yaml", c.at)); c.at != "" && !strings.Contains(err.Error(), where) {
				t.Errorf("got %v, want the place %q", err, where)
			}
		})
	}
}

func TestAPackWithoutGroundsSaysWhy(t *testing.T) {
	files := copyOf(t)
	f := files["icd-191/pack.yaml"]
	head, rest, _ := strings.Cut(string(f.Data), "\ngrounds:\n")
	_, rest, _ = strings.Cut(rest, "\n# ----")
	f.Data = []byte(head + "\n# ----" + rest)
	_, err := policy.Load(files, "icd-191")
	if err == nil || !strings.Contains(err.Error(), "the pack has no grounds and does not say why") {
		t.Errorf("got %v", err)
	}
	f.Data = []byte(head + "\nno_grounds: {because: The law knows none., clause: x, basis: sourced}\n# ----" + rest)
	p, err := policy.Load(files, "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	if why, none := p.NoGrounds(); !none || why.Because != "The law knows none." || len(p.Terms().Grounds) != 0 {
		t.Errorf("%+v, %v, %d grounds", why, none, len(p.Terms().Grounds))
	}
}

func TestASetOfTextsHoldsTextsAndNothingElse(t *testing.T) {
	for file, says := range map[string]string{
		"texts-common/notes.yaml":       "texts-common/notes.yaml:1: this file is no part of a set of texts",
		"texts-common/tests/table.yaml": "texts-common/tests/table.yaml:1: this file is no part of a set of texts",
		"texts-common/texts/en/a.txt":   "texts-common/texts/en/a.txt:1: this file is no part of a set of texts",
		"texts-common/pack.yaml":        `"texts-common" is a pack and not a set of texts`,
	} {
		files := copyOf(t)
		files[file] = &fstest.MapFile{Data: []byte("tests:\n  - x\n")}
		if _, err := policy.Load(files, "icd-191"); !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// A word is stopped if either the set or the pack names it, in a file or in
// pack.yaml.
func TestCollectionWordsOfThePackAndItsSetsAddUp(t *testing.T) {
	files := edited(t, "pack.yaml", "max_attempts: 4\n", "max_attempts: 4\ncollection_words: {en: [dead drop]}\n")
	files["icd-191/texts/en/collection_words.yaml"] = &fstest.MapFile{Data: []byte("words: [cut-out]\n")}
	p, err := policy.Load(files, "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	all := " " + strings.Join(p.CollectionWords("en"), " ; ") + " "
	for _, w := range []string{" dead drop ", " cut-out ", " wiretap "} {
		if !strings.Contains(all, w) {
			t.Errorf("%q is not stopped", w)
		}
	}
	files["icd-191/texts/en/collection_words.yaml"] = &fstest.MapFile{Data: []byte("word: cut-out\n")}
	if _, err := policy.Load(files, "icd-191"); err == nil || !strings.Contains(err.Error(), "icd-191/texts/en/collection_words.yaml:1:") {
		t.Errorf("got %v", err)
	}
}

func TestTheKeysOfARegimeAreReadWhole(t *testing.T) {
	p, err := policy.Load(packs.FS(), "uk-threat-to-life")
	if err != nil {
		t.Fatal(err)
	}
	scale, ok := p.Grades()
	if !ok || len(scale.Scale) != 3 || scale.Scale[0].Title != "HIGH" || scale.Scale[2].Does == "" {
		t.Errorf("grades: %+v", scale)
	}
	rules := p.ChannelRules()
	if len(rules) != 2 || rules[0].Require[0] != "in_person" || rules[1].Forbid[0] != "sms" || rules[1].Kinds[0] != tocsin.DisruptionNotice {
		t.Errorf("channels: %+v", rules)
	}
	if plan := p.ReviewPlan(); len(plan.Triggers) < 3 || len(plan.Asks) < 3 {
		t.Errorf("review plan: %+v", plan)
	}
	if items := p.RecordItems(); len(items) != len(p.Terms().Records) || items[0].ID != p.Terms().Records[0] || items[0].Title == "" {
		t.Errorf("records: %+v", items)
	}
	if law := p.LawInForce(); law.From.String() != "1998-10-28" || !law.Until.IsZero() || law.Until.String() != "" {
		t.Errorf("in force: %+v", law)
	}
	if _, ok := load(t).Grades(); ok {
		t.Error("icd-191 has grades, and says nothing of them")
	}
	for _, party := range policy.Parties() {
		if (party.Kind() == "") != (party == policy.PartyOriginator) {
			t.Errorf("%s is told by %q", party, party.Kind())
		}
	}
}
