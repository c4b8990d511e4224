package policy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tocsin"
	"tocsin/packs"
	"tocsin/policy"
)

// copyOf returns the built-in pack and the texts that it takes from as files that
// a test may change.
func copyOf(t testing.TB) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	var err error
	for _, folder := range []string{"icd-191", "texts-common"} {
		err = errors.Join(err, fs.WalkDir(packs.FS(), folder, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(packs.FS(), p)
			out[p] = &fstest.MapFile{Data: b}
			return err
		}))
	}
	if err != nil || len(out) == 0 {
		t.Fatalf("copied %d files: %v", len(out), err)
	}
	return out
}

// edited is the built-in pack with the first occurrence of old replaced.
func edited(t testing.TB, file, old, now string) fstest.MapFS {
	t.Helper()
	out := copyOf(t)
	path := "icd-191/" + file
	if out[path] == nil {
		path = "texts-common/" + file
	}
	f := out[path]
	if f == nil || !strings.Contains(string(f.Data), old) {
		t.Fatalf("%s does not hold %q", file, old)
	}
	out[path] = &fstest.MapFile{Data: []byte(strings.Replace(string(f.Data), old, now, 1))}
	return out
}

// lineOf is the line of the first occurrence of text in a file of the pack.
func lineOf(t testing.TB, fs fstest.MapFS, file, text string) int {
	t.Helper()
	before, _, ok := strings.Cut(string(fs["icd-191/"+file].Data), text)
	if !ok {
		t.Fatalf("%s does not hold %q", file, text)
	}
	return strings.Count(before, "\n") + 1
}

func TestAPackWithAMistakeIsRefusedWithFileAndLineAndWhatToWrite(t *testing.T) {
	const pack = "pack.yaml"
	for _, c := range []struct {
		name, file, old, now string
		at                   string // text on the line that must be named, after the edit; "" is not checked
		says                 string
	}{
		{"unknown key", pack, "home: US", "home: US\nhouse: US", "house:", `there is no key "house"`},
		{"key twice", pack, "home: US", "home: US\nhome: US", "", "already defined"},
		{"missing key", pack, "version: 1.0.0\n", "", "", "lacks the key version; write version: and its value"},
		{"missing key inside", pack, "    route: other_pack\n", "", "id: harm-outside-list", "rules[0] lacks the key route"},
		{"empty text", pack, "title: Credible\n", "title: \"\"\n", `title: ""`, "elements[0].title is empty"},
		{"nothing after the colon", pack, "title: Credible\n", "title:\n", "title:\n", "elements[0].title is empty"},
		{"empty list", pack, "affirm: [senior_officer]", "affirm: []", "affirm: []", "powers.affirm is not a list with at least one entry"},
		{"a number where words belong", pack, "title: Credible\n", "title: 12\n", "title: 12", "put it in quotes"},
		{"a harm that is not of the closed list", pack, "listed: [killing,", "listed: [arson, killing,", "listed: [arson", `"arson" is not one of the words`},
		{"a role that is not", pack, "affirm: [senior_officer]", "affirm: [general]", "affirm: [general]", `"general" is not one of the words`},
		{"a power that is not", pack, "  affirm: [senior_officer]", "  affirm: [senior_officer]\n  pardon: [senior_officer]", "pardon:", `"pardon" is not one of the words`},
		{"a power of an administrator", pack, "affirm: [senior_officer]", "affirm: [administrator]", "affirm: [administrator]", "administrators see no cases"},
		{"a power that nobody holds", pack, "  affirm: [senior_officer]\n", "", "powers:", `nobody holds the power "affirm"`},
		{"a clock that is not set", pack, "  transfer: {after", "  transport: {after", "transport:", "is not one of the words"},
		{"a clock without a basis", pack, `clause: "A dispute goes to the next level; length is this pack's choice", basis: to be confirmed}`, `clause: x}`, "dispute: {after", "clocks.dispute lacks the key basis"},
		{"a basis of its own", pack, "\n    basis: sourced", "\n    basis: certain", "basis: certain", `"certain" is not a basis`},
		{"a time that is not", pack, "imminent: 24h", "imminent: soon", "imminent: soon", "write it as 15m, 4h or 28d"},
		{"no time at all", pack, "backoff: 1m", "backoff: 0s", "backoff: 0s", "a time of nothing"},
		{"more time when imminent", pack, "serious: 4h", "serious: 4m", "serious: 4m", "more time would be allowed for an imminent attack"},
		{"a floor above the time", pack, "determination: {after: 4h, percent: 25, floor: 10m", "determination: {after: 4h, percent: 25, floor: 10h", "determination:", "the floor 10h is longer"},
		{"a share above a hundred", pack, "percent: 25", "percent: 250", "percent: 250", "250 percent"},
		{"a floor under no share", pack, "transfer: {after: 30m, percent: 10, floor: 5m", "transfer: {after: 30m, floor: 5m", "transfer: {after", "the floor 5m bounds a share of the time left, and no share is given"},
		{"following intervals of what is no review", pack, "transfer: {after: 30m", "transfer: {after: 30m, then: [1h]", "transfer: {after", "only reviews have following intervals"},
		{"a following interval of nothing", pack, "then: [3d, 7d, 28d]", "then: [3d, 0s, 28d]", "review: {after", "a time of nothing"},
		{"a following interval that goes back", pack, "then: [3d, 7d, 28d]", "then: [3d, -7d, 28d]", "review: {after", `duration "-7d"`},
		{"a share of what does not depend on the attack", pack, "window: {after: 2h", "window: {after: 2h, percent: 10", "window: {after", "does not depend on the time of the attack"},
		{"a clock raised again every second", pack, "repeat: {after: 30m", "repeat: {after: 1s", "repeat: {after", "cannot be raised again every 1s"},
		{"an extension that is due at once", pack, "extension: 24h", "extension: 2h", "extension: 2h", "it would be raised again at once, for ever"},
		{"a power of the machine", pack, "affirm: [senior_officer]", "affirm: [machine]", "affirm: [machine]", `"machine" is not one of the words`},
		{"a power of a recipient", pack, "affirm: [senior_officer]", "affirm: [recipient]", "affirm: [recipient]", "recipients are not staff"},
		{"going before a rule that is not", pack, "before: [not-impending, not-specific, not-directed]", "before: [not-impeding]", "before: [not-impeding]", `"not-impeding" is not a rule`},
		{"going before a rule that stands before", pack, "    route: victim\n", "    route: victim\n    before: [not-credible]\n", "before: [not-credible]", "rule all-met is to go before not-credible, which stands before it"},
		{"going before a rule that fits nothing of it", pack, "    route: victim\n", "    route: victim\n    before: [in-doubt]\n", "before: [in-doubt]", "no combination fits both all-met and in-doubt"},
		{"going before a rule twice", pack, "before: [not-impending, not-specific, not-directed]", "before: [not-impending, not-impending]", "before: [not-impending, not-impending]", "stands twice"},
		{"one line with another ending", pack, "home: US\n", "home: US\r\n", "home: US", "the line ends in a carriage return"},
		{"a merge of tables", pack, "affirm: [senior_officer]", "<<: {affirm: [senior_officer]}", "<<:", "is not one of the words"},
		{"a bomb of aliases in a part that is read", pack, "traps:\n", "traps: &a [&b [&c [x, x], *c, *c], *b, *b]\n    ignored:\n", "traps: &a", "is not a list"},
		{"texts taken from the pack itself", pack, "texts: {from: [texts-common]}", "texts: {from: [icd-191]}", "texts: {from", "is a pack and not a set of texts"},
		{"texts taken from the folder above", pack, "texts: {from: [texts-common]}", "texts: {from: [..]}", "texts: {from", "cannot be read"},
		{"exigent beyond imminent", pack, "exigent: 6h", "exigent: 60h", "exigent: 60h", "longer than what counts as imminent"},
		{"a hard limit before the soft", pack, "hard: 30d", "hard: 1h", "hard: 1h", "comes before the due time"},
		{"a value that is not", pack, "when: {elements: {harm: [not_met]}}", "when: {elements: {harm: [nope]}}", "harm: [nope]", `"nope" is not one of the words`},
		{"an element that is not", pack, "when: {elements: {harm: [not_met]}}", "when: {elements: {arm: [not_met]}}", "arm: [not_met]", `"arm" is not an element`},
		{"a rule without a condition", pack, "when: {all: [met]}", "when: {}", "when: {}", "rules[2].when is not a table with at least one key"},
		{"a route that is not", pack, "route: advisory", "route: postcard", "route: postcard", `"postcard" cannot stand here`},
		{"owed and yet nothing to send", pack, "result: owed\n    route: victim", "result: owed\n    route: none", "", "that would be silence"},
		{"a result that is not", pack, "result: owed", "result: perhaps", "result: perhaps", `"perhaps" is not one of the words`},
		{"combinations without a rule", pack, "when: {any: [doubtful], none: [not_met, unknown]}", "when: {any: [doubtful], all: [doubtful]}", "rules:", "no rule fits when credible is doubtful, specific is met"},
		{"a rule that can never decide", pack, "when: {elements: {specific: [not_met]}}", "when: {elements: {impending: [not_met]}}", "- id: not-specific", "the rule not-specific can never decide"},
		{"a condition that nothing fits", pack, "when: {elements: {specific: [not_met]}}", "when: {elements: {specific: [not_met]}, none: [not_met]}", "- id: not-specific", "the rule not-specific can never decide"},
		{"one id twice", pack, "- id: not-specific", "- id: all-met", "", `the id "all-met" stands twice`},
		{"an id that cannot be", pack, "- id: not-specific", "- id: Not specific", "Not specific", "cannot be an id"},
		{"an exclusion of a question that is not asked", pack, "excludes: {same_threat:", "excludes: {other_threat:", "other_threat:", `"other_threat" is not an evidence item of ground a`},
		{"a ground without evidence", pack, "    evidence:\n      - {id: who_knows", "    evidenced:\n      - {id: who_knows", "evidenced:", "evidence"},
		{"a retest that is not", pack, "retest: [new_report, new_finding]", "retest: [new_moon]", "new_moon", `"new_moon" cannot stand here`},
		{"another folder's name", pack, "name: icd-191", "name: icd-192", "name: icd-192", "its folder is"},
		{"an anchor and an alias", pack, "affirm: [senior_officer]", "affirm: &x [senior_officer]", "affirm: &x", "powers.affirm is not a list"},
		{"words in a language without texts", pack, "max_attempts: 4", "collection_words:\n  xx:\n    - شنود\nmax_attempts: 4", "xx:", `there are collection words in "xx" and no texts`},
		{"a test of a rule that is not", "tests/kerman.yaml", "rule: in-doubt", "rule: in-time", "- name: the visitors", `"in-time" is not a rule`},
		{"a test of an element that is not", "tests/kerman.yaml", "credible: met", "creditable: met", "- name: the civilians", `"creditable" is not an element`},
		{"a rule without a test", "tests/table.yaml", "rule: not-credible", "rule: not-specific", "", "no test is decided by the rule not-credible"},
		{"two tests of one name", "tests/table.yaml", "name: one answer is missing", "name: nobody has answered anything", "", "stands twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := edited(t, c.file, c.old, c.now)
			_, err := policy.Load(files, "icd-191")
			if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want %q", err, c.says)
			}
			if c.at == "" {
				return
			}
			where := fmt.Sprintf("icd-191/%s:%d: ", c.file, lineOf(t, files, c.file, c.at))
			if !strings.Contains(err.Error(), where) {
				t.Errorf("got %v, want the place %q", err, where)
			}
		})
	}
}

func TestFilesThatAreNoPackFilesAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, file, data, says string
	}{
		{"an empty file", "tests/more.yaml", "", "the file is empty"},
		{"only a comment", "tests/more.yaml", "# nothing\n", "the file is empty"},
		{"two documents", "tests/more.yaml", "tests:\n  - name: x\n---\ntests: []\n", "a second document begins here"},
		{"carriage returns", "tests/more.yaml", "tests:\r\n  - name: x\r\n", "icd-191/tests/more.yaml:1: the line ends in a carriage return"},
		{"a byte order mark", "tests/more.yaml", "\ufefftests:\n", "byte order mark"},
		{"bytes that are no text", "tests/more.yaml", "tests:\n  - name: \xff\n", "icd-191/tests/more.yaml:2: the line is not UTF-8"},
		{"a tab for indentation", "tests/more.yaml", "tests:\n\t- name: x\n", "icd-191/tests/more.yaml:2:"},
		{"brackets without end", "tests/more.yaml", "tests: " + strings.Repeat("[", 100) + "\n", "brackets"},
		{"a line without end", "tests/more.yaml", "tests: " + strings.Repeat("x", 5000) + "\n", "break it"},
		{"a list where a table belongs", "tests/more.yaml", "- a\n- b\n", "the file is not a table"},
		{"a bomb of aliases", "tests/more.yaml", "a: &a [x, x]\nb: &b [*a, *a]\ntests: *b\n", "there is no key"},
		{"a stray file", "notes.txt", "hello", "this file is no part of a pack"},
		{"an editor's copy", "tests/kerman.yaml~", "tests: []", "this file is no part of a pack"},
		{"ten megabytes", "tests/more.yaml", strings.Repeat("# x\n", 10<<20/4), "a pack's file may have"},
		{"texts in no language", "texts/Farsi/words.yaml", "x: y\n", "is not named after a language"},
		{"texts without collection words", "texts/de/words.yaml", "x: y\n", `there are texts in "de" and no collection words`},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := copyOf(t)
			files["icd-191/"+c.file] = &fstest.MapFile{Data: []byte(c.data)}
			_, err := policy.Load(files, "icd-191")
			if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

// Sets hold texts and nothing else, so a set that would take from another, which
// could go round in a circle, is no set.
func TestASetOfTextsCannotTakeFromAnother(t *testing.T) {
	files := copyOf(t)
	files["texts-common/pack.yaml"] = &fstest.MapFile{Data: []byte("texts: {from: [icd-191]}\n")}
	if _, err := policy.Load(files, "icd-191"); !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), "icd-191/pack.yaml:") || !strings.Contains(err.Error(), "is a pack and not a set of texts") {
		t.Errorf("got %v", err)
	}
}

// What is refused for its size is refused by its size, and never read.
func TestAHugeFileIsRefusedUnread(t *testing.T) {
	files := copyOf(t)
	files["icd-191/pack.yaml"] = &fstest.MapFile{Data: bytes.Repeat([]byte("a: b # ten megabytes of it\n"), 10<<20/27)}
	_, err := policy.Load(files, "icd-191")
	if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), "icd-191/pack.yaml has 10485") {
		t.Errorf("got %v", err)
	}
}

func TestAPackThatRequiresNothingOfAWarningIsRefused(t *testing.T) {
	files := copyOf(t)
	f := files["icd-191/pack.yaml"]
	f.Data = []byte(strings.ReplaceAll(string(f.Data), "required: true", "required: false"))
	if _, err := policy.Load(files, "icd-191"); !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), "no content item is required") {
		t.Errorf("got %v", err)
	}
}

func TestAPackWithoutTestsOrWithoutTextsDoesNotLoad(t *testing.T) {
	for folder, says := range map[string]string{"icd-191/tests/": "the pack has no tests", "/texts/": "the pack has no texts"} {
		files := copyOf(t)
		if folder == "/texts/" {
			files = edited(t, "pack.yaml", "texts: {from: [texts-common]}\n", "")
		}
		for p := range files {
			if strings.Contains(p, folder) {
				delete(files, p)
			}
		}
		if _, err := policy.Load(files, "icd-191"); !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("without %s: %v", folder, err)
		}
	}
	if _, err := policy.Load(copyOf(t), "icd-192"); !errors.Is(err, tocsin.NotFound) {
		t.Errorf("a pack that is not there: %v", err)
	}
	for _, name := range []string{"", "../icd-191", "icd-191/tests", "."} {
		if _, err := policy.Load(copyOf(t), name); err == nil {
			t.Errorf("the name %q was accepted", name)
		}
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	files := edited(t, "pack.yaml", "version: 1.0.0\n", "")
	f := files["icd-191/pack.yaml"]
	f.Data = []byte(strings.Replace(string(f.Data), "listed: [killing,", "listed: [arson,", 1))
	_, err := policy.Load(files, "icd-191")
	if err == nil || !strings.Contains(err.Error(), "version") || !strings.Contains(err.Error(), "arson") {
		t.Errorf("got %v", err)
	}
}

func TestAnyChangedByteGivesThePackAnotherDigest(t *testing.T) {
	plain := load(t).Ref()
	if !plain.Digest.Valid() || plain.Name != "icd-191" || plain.Version == "" {
		t.Fatalf("the pack is called %v", plain)
	}
	for _, c := range [][3]string{
		{"pack.yaml", "# HOW TO READ THIS.", "# HOW TO READ IT."},
		{"texts/en/victim.yaml", "Please read all of it now.", "Please read it now."},
		{"tests/kerman.yaml", "made up", "invented"},
	} {
		p, err := policy.Load(edited(t, c[0], c[1], c[2]), "icd-191")
		if err != nil {
			t.Fatal(err)
		}
		if p.Ref().Digest == plain.Digest {
			t.Errorf("%s was changed and the digest is the same", c[0])
		}
	}
}

func TestTheTermsOfICD191(t *testing.T) {
	p := load(t)
	terms := p.Terms()
	if got := strings.Join(terms.Elements, " "); got != "credible specific impending harm directed" {
		t.Errorf("elements: %s", got)
	}
	ids := ""
	for _, g := range terms.Grounds {
		ids += g.ID
		if len(g.Evidence) < 3 || len(g.Excludes) == 0 || !g.Alternatives || g.Validity.D() > 72*time.Hour || len(g.Retest) == 0 {
			t.Errorf("ground %s lacks something: %+v", g.ID, g)
		}
		if want := g.ID == "d" || g.ID == "e"; g.ProtectsSource != want {
			t.Errorf("ground %s protects a source: %v", g.ID, g.ProtectsSource)
		}
	}
	if ids != "abcdef" {
		t.Errorf("grounds: %s", ids)
	}
	if b, _ := terms.Ground("b"); b.Excludes["civilian_role"] != "yes" {
		t.Error("a civilian role does not defeat ground b")
	}
	if f, _ := terms.Ground("f"); f.Validity.String() != "1d" || f.Retest[0] != "new_locator" {
		t.Error("ground f is not looked at again each day and on each new locator")
	}
	if got := terms.Powers[tocsin.MayApproveWaiver]; len(got) != 1 || got[0] != tocsin.SeniorOfficer {
		t.Errorf("waivers are approved by %v", got)
	}
	noon := time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		clock  tocsin.ClockName
		attack time.Duration // from noon; 0 is unknown
		want   time.Duration
	}{
		{tocsin.ClockDetermination, 0, 4 * time.Hour},
		{tocsin.ClockDetermination, 8 * time.Hour, 2 * time.Hour},
		{tocsin.ClockFirstDelivery, 100 * time.Hour, time.Hour},
		{tocsin.ClockFirstDelivery, 3 * time.Hour, 18 * time.Minute},
		{tocsin.ClockAcknowledge, 0, 4 * time.Hour},
		{tocsin.ClockAcknowledge, 20 * time.Hour, 30 * time.Minute},
		{tocsin.ClockReview, 0, 24 * time.Hour},
	} {
		attack := time.Time{}
		if c.attack > 0 {
			attack = noon.Add(c.attack)
		}
		if got := terms.Due(c.clock, noon, attack).Sub(noon); got != c.want {
			t.Errorf("%s with the attack in %s: %s, want %s", c.clock, c.attack, got, c.want)
		}
	}
	for _, d := range terms.Duties {
		if d.ID == "originator_notice" && (d.Soft.String() != "3d" || d.Hard.String() != "30d" || d.When != "controlled" || d.Basis != policy.Sourced) {
			t.Errorf("originator notice: %+v", d)
		}
	}
	required := ""
	for _, c := range terms.Content {
		if c.Required {
			required += c.ID + " "
		}
	}
	if required != "harm when where do_now contact authorities " {
		t.Errorf("required of every warning: %s", required)
	}
}

// What only memory vouches for must never be printed as confirmed. The list is
// what the domain notes tag as seen in a source.
func TestOnlyWhatWasSeenInASourceIsCalledSourced(t *testing.T) {
	p := load(t)
	var sourced []string
	note := func(id, basis string) {
		if basis == policy.Sourced {
			sourced = append(sourced, id)
		}
	}
	for _, e := range p.Elements() {
		note("element "+e.ID, e.Basis)
	}
	for _, r := range p.Rules() {
		note("rule "+r.ID, r.Basis)
	}
	note("doubt", p.DoubtRule().Basis)
	for _, g := range p.Terms().Grounds {
		note("ground "+g.ID, g.Basis)
	}
	for _, name := range tocsin.ClockNames() {
		note("clock "+string(name), p.Terms().Clocks[name].Basis)
	}
	for _, d := range p.Terms().Duties {
		note("duty "+d.ID, d.Basis)
	}
	for _, c := range p.Terms().Coordination {
		note("coordination "+c.ID, c.Basis)
	}
	want := "element credible, element specific, element impending, element harm, element directed, rule harm-outside-list, rule all-met, ground c, ground d, duty originator_notice"
	if got := strings.Join(sourced, ", "); got != want {
		t.Errorf("called sourced:\n%s\nwant:\n%s", got, want)
	}
}

func TestWhatThePackGivesAnOfficer(t *testing.T) {
	p := load(t)
	for _, e := range p.Elements() {
		if len(e.Questions) < 3 || len(e.Traps) < 2 || e.Meaning == "" || e.Title == "" {
			t.Errorf("element %s: %+v", e.ID, e)
		}
	}
	if len(p.CollectionWords("en")) == 0 || len(p.CollectionWords("fa")) == 0 || p.CollectionWords("xx") != nil {
		t.Error("collection words")
	}
	if p.Combinations() != 1024 {
		t.Errorf("%d combinations", p.Combinations())
	}
}

// FuzzLoadPack cuts a piece out of the shipped pack and puts another in its
// place: whatever comes of it is refused with a place in a file, or is a pack
// that answers everything.
func FuzzLoadPack(f *testing.F) {
	base := copyOf(f)
	shipped := string(base["icd-191/pack.yaml"].Data)
	for _, seed := range []struct {
		at, cut uint16
		put     string
	}{{0, 0, ""}, {0, 65535, ""}, {0, 65535, "name: icd-191\n"}, {3000, 10, "&a [*a]"}, {5000, 0, "\n---\n"}, {9000, 40, "? x\n: y\n"}, {12000, 1, "{["}, {7000, 3, "\""}} {
		f.Add(seed.at, seed.cut, seed.put)
	}
	f.Fuzz(func(t *testing.T, at, cut uint16, put string) {
		from := min(int(at), len(shipped))
		pack := shipped[:from] + put + shipped[min(from+int(cut), len(shipped)):]
		files := fstest.MapFS{}
		for p, file := range base {
			files[p] = file
		}
		files["icd-191/pack.yaml"] = &fstest.MapFile{Data: []byte(pack)}
		p, err := policy.Load(files, "icd-191")
		if err != nil {
			if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), "icd-191/") {
				t.Fatalf("an error without a place: %v", err)
			}
			return
		}
		d := p.Determine("v1", "", nil)
		if d.Rule == "" || len(d.Rests) != len(p.Elements()) || d.Result != tocsin.ResultNotOwed && d.Route == policy.RouteNone {
			t.Fatalf("loaded, and answers %+v", d)
		}
	})
}
