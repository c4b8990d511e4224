package prove_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"tocsin"
	"tocsin/packs"
	"tocsin/policy"
	"tocsin/policy/prove"
)

// A search makes much that is soon gone; collecting it less often halves the time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// TestEveryBuiltInPackIsProvedAndOnTheList is the proof that the server relies on: it
// starts on a built-in pack because its digest is on the list.
func TestEveryBuiltInPackIsProvedAndOnTheList(t *testing.T) {
	var list []struct {
		Name, Version string
		Digest        tocsin.Digest
	}
	if err := json.Unmarshal(packs.Proved(), &list); err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, one := range list {
		listed = append(listed, one.Name)
	}
	if !slices.Equal(listed, packs.Names()) {
		t.Fatalf("listed are %v, and there are %v; write the list with: tocsin policy prove --all --write", listed, packs.Names())
	}
	for i, name := range packs.Names() {
		t.Run(name, func(t *testing.T) {
			pack, err := policy.Load(packs.FS(), name)
			if err != nil {
				t.Fatal(err)
			}
			if list[i].Digest != pack.Ref().Digest || list[i].Version != pack.Ref().Version {
				t.Errorf("listed is %s, and the pack is %s; prove it and write the list with: tocsin policy prove --all --write", list[i].Digest, pack.Ref().Digest)
			}
			if raceEnabled || testing.Short() {
				return // the rest is one long search, ten times as long under the race detector
			}
			r, err := prove.Pack(packs.FS(), name, prove.Options{})
			if err != nil {
				t.Fatal(err)
			}
			whole(t, r, pack)
			fmt.Fprintf(os.Stdout, "proved %-24s %7d combinations, %6d states, %7d transitions, team %v\n", r.Name, r.Combinations, r.Counted.States, r.Counted.Transitions, r.Team)
		})
	}
}

// whole holds that a proof has gone through what it says.
func whole(t *testing.T, r prove.Result, pack *policy.Pack) {
	t.Helper()
	for _, v := range r.Violations {
		t.Errorf("%s, %s:%d: %s\n%s\n%s%s", v.Sort, v.File, v.Line, v.What, strings.Join(v.Path, "\n"), v.Test, v.Scenario)
	}
	n := pack.Combinations()
	c := r.Counted
	if !r.Proved || r.Digest != pack.Ref().Digest || c.Findings != n+8*n || c.Pairs < 8*n || c.Words < 1000 || c.Silences < 500 || c.States < 5000 || c.Transitions < 50_000 || r.Combinations != c.All() {
		t.Errorf("proved: %t, %s, gone through: %+v", r.Proved, r.Digest, c)
	}
	if grounds := len(pack.Terms().Grounds); c.Waivers < 1000+5000*grounds {
		t.Errorf("%d ways to a waiver on %d grounds", c.Waivers, grounds)
	}
	if len(r.Team) < 2 || len(r.Plans) < 10+len(pack.Rules()) || len(r.Clocks) < 14 {
		t.Errorf("team %v, %d plans, clocks %v", r.Team, len(r.Plans), r.Clocks)
	}
	for _, p := range r.Plans {
		if !p.Whole || p.States == 0 || p.Bounds == "" {
			t.Errorf("plan %+v", p)
		}
	}
}

func TestThePlansOfThePacksOwnRulesHold(t *testing.T) {
	var said []string
	r, err := prove.PackWithin(packs.FS(), "icd-191", prove.Options{Say: func(line string) { said = append(said, line) }}, func(plan string) bool { return strings.HasPrefix(plan, "the rule ") })
	if err != nil {
		t.Fatal(err)
	}
	if !r.Proved || len(r.Plans) != 8 || len(said) < 12 {
		t.Errorf("%+v, and said %q", r, said)
	}
	again, err := prove.PackWithin(packs.FS(), "icd-191", prove.Options{Workers: 1}, func(plan string) bool { return strings.HasPrefix(plan, "the rule ") })
	if err != nil || fmt.Sprint(again) != fmt.Sprint(r) {
		t.Errorf("the same pack is proved otherwise the second time: %v\n%+v\n%+v", err, again, r)
	}
}

// A pack that gives each task to one role of its own needs many people, and is proved
// all the same; so is one in which the same role writes and approves among others.
func TestAPackOfManyNarrowRolesIsProved(t *testing.T) {
	if raceEnabled || testing.Short() {
		t.Skip("the explorer is run without the race detector")
	}
	narrow := map[string]string{"own": "duty_officer", "sign_refusal": "reviewer", "settle": "reviewer", "assess": "analyst", "propose_refusal": "analyst", "draft": "release_officer, deliverer",
		"approve_wording": "release_officer", "approve_exigent": "release_officer", "release": "intake_officer", "receive": "reporter", "ask_consent": "originator_liaison"}
	files := fstest.MapFS{}
	for path, text := range copyOf(t, "dsa-18") {
		if path == "dsa-18/pack.yaml" {
			for power, roles := range narrow {
				text = regexp.MustCompile(`(?m)^  `+power+`: \[.*\]$`).ReplaceAllString(text, "  "+power+": ["+roles+"]")
			}
		}
		files[path] = &fstest.MapFile{Data: []byte(text)}
	}
	r, err := prove.Pack(files, "dsa-18", prove.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Violations {
		t.Errorf("%s, line %d: %s", v.Sort, v.Line, v.What)
	}
	if len(r.Team) < 6 {
		t.Errorf("the team is %v", r.Team)
	}
}

func TestWhatIsNoPackIsNotProved(t *testing.T) {
	for _, name := range []string{"no-such-pack", "../icd-191", ""} {
		if _, err := prove.Pack(packs.FS(), name, prove.Options{}); err == nil {
			t.Errorf("%q was proved", name)
		}
	}
}

// copyOf is a built-in pack and its texts as files that a test may change.
func copyOf(t *testing.T, name string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, folder := range []string{name, "texts-common", "texts-platform", "texts-police"} {
		err := fs.WalkDir(packs.FS(), folder, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(packs.FS(), p)
			out[p] = string(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
