package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tocsin"
	"tocsin/compose"
	"tocsin/packs"
	"tocsin/policy"
)

// packDir is a folder with one pack, made from dsa-18 and changed.
func packDir(t *testing.T, name string, changes ...string) string {
	t.Helper()
	dir := t.TempDir()
	err := fs.WalkDir(packs.FS(), "dsa-18", func(p string, d fs.DirEntry, err error) error {
		to := filepath.Join(dir, name, strings.TrimPrefix(p, "dsa-18"))
		if err != nil || d.IsDir() {
			return errors.Join(err, os.MkdirAll(to, 0o755))
		}
		b, err := fs.ReadFile(packs.FS(), p)
		if err != nil {
			return err
		}
		text := string(b)
		if d.Name() == "pack.yaml" {
			for i := 0; i < len(changes); i += 2 {
				if !strings.Contains(text, changes[i]) {
					t.Fatalf("the pack does not hold %q", changes[i])
				}
				text = strings.Replace(text, changes[i], changes[i+1], 1)
			}
			text = strings.Replace(text, "name: dsa-18\n", "name: "+name+"\n", 1)
		}
		return os.WriteFile(to, []byte(text), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// shaky is dsa-18 without the word on which of two rules goes first.
func shaky(t *testing.T) string {
	return packDir(t, "shaky", "    before: [not-aware]\n", "")
}

// proofs are what policy prove --json prints, read as somebody else's program would.
type proofs []struct {
	Name, Digest string
	Proved       bool
	Combinations int
	MS           int `json:"ms"`
	Counted      struct{ Findings, States, Transitions int }
	Violations   []struct {
		Sort, What, File, Test, Scenario string
		Line                             int
	}
}

func TestAPackThatIsNotProvedIsToldWithAnExampleThatPlays(t *testing.T) {
	d, dir, save := desk{t: t, data: t.TempDir()}, shaky(t), t.TempDir()
	got := d.run("", "policy", "prove", "shaky", "--packs", dir, "--save", save, "--json")
	var all proofs
	if err := json.Unmarshal([]byte(got.out), &all); err != nil || got.code != 1 || !strings.Contains(got.err, "hint:") {
		t.Fatalf("exit %d, %v\n%s\n%s", got.code, err, got.out, got.err)
	}
	if len(all) != 1 || all[0].Name != "shaky" || all[0].Proved || len(all[0].Violations) == 0 || all[0].Counted.Findings == 0 || all[0].Combinations < all[0].Counted.Findings {
		t.Fatalf("%+v", all)
	}
	v := all[0].Violations[0]
	if v.Sort != "overlap" || v.File != "pack.yaml" || v.Line == 0 || v.Test == "" || v.Scenario == "" {
		t.Fatalf("%+v", v)
	}
	file := filepath.Join(save, "shaky-overlap-1.txt")
	if played := d.run("", "demo", file, "--packs", dir); played.code != 1 || !strings.Contains(played.err, "expected v1 to be owed") || !strings.Contains(played.err, "shaky-overlap-1.txt:") {
		t.Errorf("the example plays to exit %d\n%s\n%s", played.code, played.out, played.err)
	}
	said := d.run("", "policy", "prove", "shaky", "--packs", dir)
	for _, want := range []string{"NOT PROVED", "VIOLATED (overlap)  shaky/pack.yaml:", "before: [not-aware]", "as a pack test", "tocsin demo FILE.txt --packs " + dir, "expect v1 is owed"} {
		if !strings.Contains(said.out, want) {
			t.Errorf("it does not say %q:\n%s", want, said.out)
		}
	}
}

func TestAScenarioIsPlayedFromAFile(t *testing.T) {
	d := desk{t: t}
	text, err := os.ReadFile("../../scenarios/dink.txt")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "my-own.txt")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	got := d.run("", "demo", file, "--json")
	if got.code != 0 || !strings.Contains(got.out, `"scenario":"my-own"`) {
		t.Errorf("exit %d\n%s\n%s", got.code, got.out, got.err)
	}
	if got := d.run("", "demo", "no-such.txt"); got.code != 1 || !strings.Contains(got.err, "no-such") {
		t.Errorf("exit %d\n%s", got.code, got.err)
	}
}

func TestPolicyProveSaysHowItIsUsed(t *testing.T) {
	d := desk{t: t}
	for _, args := range [][]string{{}, {"icd-191", "--all"}, {"icd-191", "--write"}, {"--all", "--write", "--packs", "x"}} {
		if got := d.run("", append([]string{"policy", "prove"}, args...)...); got.code != 2 || !strings.Contains(got.err, "usage:") {
			t.Errorf("%q: exit %d\n%s", args, got.code, got.err)
		}
	}
	for _, args := range [][]string{{"atlantis"}, {"icd-191", "--packs", filepath.Join(t.TempDir(), "none")}, {"icd-191", "--packs", t.TempDir()}} {
		if got := d.run("", append([]string{"policy", "prove"}, args...)...); got.code != 1 || !strings.Contains(got.err, "hint:") {
			t.Errorf("%q: exit %d\n%s", args, got.code, got.err)
		}
	}
}

func TestTheServerDoesNotStartOnAPackThatIsNotProved(t *testing.T) {
	bin, err := buildTocsin()
	if err != nil {
		t.Fatal(err)
	}
	dir, data := shaky(t), filepath.Join(t.TempDir(), "record")
	out, err := exec.Command(bin, "serve", "--data", data, "--listen", "127.0.0.1:0", "--packs", dir).CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != 1 {
		t.Fatalf("it ended with %v\n%s", err, out)
	}
	for _, want := range []string{"The pack shaky is not proved", "overlap", "shaky/pack.yaml:", "tocsin policy prove shaky --packs " + dir} {
		if !strings.Contains(string(out), want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a record was begun: %v", err)
	}
}

// The server proves a pack of the directory at its start, and what is changed there
// while it runs is not picked up, neither whole nor half.
func TestAPackThatIsChangedWhileTheServerRunsIsNotPickedUpHalf(t *testing.T) {
	dir := packDir(t, "ours", "version: 1.0.0", "version: 1.0.1")
	d := desk{t: t, data: filepath.Join(t.TempDir(), "record")}.as("anna", "analyst")
	s := start(t, d.data, "--packs", dir)
	type pack struct {
		Ref tocsin.PackRef `json:"ref"`
	}
	var before, after pack
	s.must(d.token, "GET", "/v1/packs/ours", nil, &before)
	changed := filepath.Join(dir, "ours", "pack.yaml")
	if err := errors.Join(os.WriteFile(changed, []byte("name: ours\n"), 0o644), os.RemoveAll(filepath.Join(dir, "ours", "texts"))); err != nil {
		t.Fatal(err)
	}
	s.must(d.token, "GET", "/v1/packs/ours", nil, &after)
	if before.Ref.Name != "ours" || !before.Ref.Digest.Valid() || before != after {
		t.Errorf("before the change it is %+v, after it %+v", before, after)
	}
	if err := s.end(syscall.SIGTERM); err != nil {
		t.Errorf("%v\n%s", err, s.said)
	}
	if !strings.Contains(s.said.String(), "The pack ours of "+dir+" is proved before it is used.") || !strings.Contains(s.said.String(), "ours: rules, ") {
		t.Errorf("it says\n%s", s.said)
	}
}

// policy and compose read a pack one after the other. Whatever changes in between,
// both read what was there when the set was read.
func TestASetOfPacksIsReadOnce(t *testing.T) {
	dir := packDir(t, "ours")
	set, err := readPacks(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.names) != len(packs.Names())+1 || len(set.own) != 1 {
		t.Errorf("there are %v, of its own %v", set.names, set.own)
	}
	pack, err := policy.Load(set.fs, "ours")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ours", "pack.yaml"), []byte("name: other\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	texts, err := compose.Load(set.fs, "ours")
	if err != nil || texts.Ref() != pack.Ref() {
		t.Errorf("the rules are of %v, the words of %v, %v", pack.Ref(), texts.Ref(), err)
	}
	if _, err := policy.Load(set.fs, "icd-191"); err != nil {
		t.Errorf("a built-in pack is gone: %v", err)
	}
}

func TestEveryBuiltInPackMayBeServed(t *testing.T) {
	set, err := readPacks("")
	if err != nil {
		t.Fatal(err)
	}
	p := &program{}
	if err := p.onlyProved(set); err != nil {
		t.Error(err)
	}
	set.fs = over{os.DirFS(packDir(t, "dsa-18", "version: 1.0.0", "version: 1.0.9")), packs.FS()}
	if err := p.onlyProved(set); !errors.Is(err, tocsin.Refused) || !strings.Contains(err.Error(), "dsa-18") {
		t.Errorf("a built-in pack with another digest: %v", err)
	}
}
