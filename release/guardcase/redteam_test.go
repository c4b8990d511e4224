package guardcase_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/release"
	"tocsin/release/guardcase"
)

// The red-team corpus: texts that leak, by technique, and honest warnings for the
// same cases, both written by people who did not see the guard's code. Of the leaks
// at least 99 in a hundred must be caught, and of the honest texts at most 3 in a
// hundred stopped. A leak is caught if the guard blocks, or asks about the words
// that leak; an honest text is stopped if the guard blocks. The weights of the guard's
// doubt were fitted on these cases.
const (
	redteam     = "../testdata/redteam"
	mustCatch   = 0.99
	mayStop     = 0.03
	fewestCases = 51
	fewestTexts = 850  // of each sort
	mayQuestion = 0.50 // of texts half of which were written to be hard; see docs/guard.md
)

// truth is what leaks in one text.
type truth struct {
	Technique string `json:"technique"`
	Words     string `json:"words"` // empty for a defect of the whole text
	Why       string `json:"why"`
}

// tally counts one technique.
type tally struct{ texts, caught, asked int }

func (c tally) rate() float64 { return float64(c.caught) / float64(max(c.texts, 1)) }

// corpus is the files of one case.
type corpus struct {
	dir   string
	c     guardcase.Case
	truth map[string]truth
}

func cases(t *testing.T, dir string, fewest int) []corpus {
	t.Helper()
	files, err := filepath.Glob(dir + "/*/case.json")
	if err != nil || len(files) < fewest {
		t.Fatalf("%d cases were found in %s, fewer than %d (%v)", len(files), dir, fewest, err)
	}
	var all []corpus
	for _, f := range files {
		c, err := guardcase.Read(bytesOf(t, f))
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		k := corpus{dir: filepath.Dir(f), c: c}
		if err := json.Unmarshal(bytesOf(t, k.dir+"/leaks/truth.json"), &k.truth); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		all = append(all, k)
	}
	return all
}

func bytesOf(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func texts(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no texts %s (%v)", pattern, err)
	}
	return files
}

func (k corpus) examine(p *release.Prepared, text string) []tocsin.GuardFinding {
	q := k.c.Question(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	q.Prepared = p
	return release.Words(q, release.Passage{Language: k.c.Language, Text: text}).Findings
}

func (k corpus) prepared() *release.Prepared {
	q := k.c.Question(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	q.Strict = true
	return release.Prepare(q)
}

// catches reports whether the findings stop the text for what leaks in it: any
// block, or a question about a place that touches the leaking words.
func catches(findings []tocsin.GuardFinding, text string, tr truth) bool {
	at := strings.Index(text, tr.Words)
	for _, f := range findings {
		if f.Blocks {
			return true
		}
		about := f.Start == f.End || tr.Words == "" || at < 0 || (f.Start < at+len(tr.Words) && at < f.End)
		if f.Level == tocsin.GuardAsk && about {
			return true
		}
	}
	return false
}

func TestTheRedTeamIsCaught(t *testing.T) {
	all := leaksCaught(t, cases(t, redteam, fewestCases))
	if all.texts < fewestTexts || all.rate() < mustCatch {
		t.Errorf("%d of %d leaks are caught; at least %.0f %% of at least %d must be", all.caught, all.texts, 100*mustCatch, fewestTexts)
	}
}

// leaksCaught counts the leaks of some cases that the guard catches, and tells them by
// technique.
func leaksCaught(t *testing.T, of []corpus) *tally {
	t.Helper()
	by := map[string]*tally{}
	all := &tally{}
	for _, k := range of {
		p := k.prepared()
		for _, f := range texts(t, k.dir+"/leaks/*.txt") {
			name := filepath.Base(f)
			tr, ok := k.truth[name]
			if !ok {
				t.Errorf("%s has no truth", f)
				continue
			}
			text := string(bytesOf(t, f))
			if !strings.Contains(text, tr.Words) {
				t.Errorf("%s does not hold %q", f, tr.Words)
			}
			c := by[tr.Technique]
			if c == nil {
				c = &tally{}
				by[tr.Technique] = c
			}
			c.texts, all.texts = c.texts+1, all.texts+1
			found := k.examine(p, text)
			switch {
			case catches(found, text, tr):
				c.caught, all.caught = c.caught+1, all.caught+1
				if release.Verdict(found) == string(tocsin.GuardAsk) {
					c.asked++
				}
			default:
				t.Logf("missed %s: %q (%s)", f, tr.Words, tr.Why)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		c := by[name]
		line := fmt.Sprintf("%-24s %3d of %3d caught (%3.0f %%), %d of them by a question", name, c.caught, c.texts, 100*c.rate(), c.asked)
		t.Log(line)
	}
	fmt.Printf("red team: %d of %d leaks caught (%.1f %%)\n", all.caught, all.texts, 100*all.rate())
	return all
}

func TestHonestWarningsPass(t *testing.T) {
	all, stopped, asked := honest(t, cases(t, redteam, fewestCases))
	if all < fewestTexts || share(stopped, all) > mayStop {
		t.Errorf("%d of %d honest warnings are stopped; at most %.0f %% of at least %d may be", stopped, all, 100*mayStop, fewestTexts)
	}
	if share(asked, all) > mayQuestion {
		t.Errorf("%d of %d honest warnings are asked about: questions that are always asked are not read", asked, all)
	}
}

func share(n, of int) float64 { return float64(n) / float64(max(of, 1)) }

// honest counts the honest texts of some cases that the guard stops or asks about.
func honest(t *testing.T, of []corpus) (all, stopped, asked int) {
	t.Helper()
	rules := map[string]int{}
	for _, k := range of {
		p := k.prepared()
		for _, f := range texts(t, k.dir+"/honest/*.txt") {
			all++
			text := string(bytesOf(t, f))
			found := k.examine(p, text)
			switch release.Verdict(found) {
			case string(tocsin.GuardBlock):
				stopped++
			case string(tocsin.GuardAsk):
				asked++
			default:
				continue
			}
			for _, x := range found {
				if x.Level != tocsin.GuardNote {
					rules[string(x.Level)+" "+x.Rule]++
					t.Logf("%s %s: %s: %q", x.Level, f, x.Rule, text[x.Start:x.End])
				}
			}
		}
	}
	for _, r := range slices.Sorted(maps.Keys(rules)) {
		t.Logf("%-40s %d", r, rules[r])
	}
	fmt.Printf("honest warnings: %d of %d stopped (%.1f %%), %d asked about (%.1f %%)\n", stopped, all, 100*share(stopped, all), asked, 100*share(asked, all))
	return all, stopped, asked
}

// The cases in unseen were written by people who had not seen the guard, and measured once;
// no text of them has been read, and no weight, threshold or rule chosen with their rates in
// sight. The floors are where it stands: with the same cases they only go up. The cases are
// moved to redteam and replaced by new ones before anybody reads their misses.
const (
	unseen       = "../testdata/unseen"
	unseenCatch  = 0.94
	unseenStop   = 0.03
	fewestUnseen = 7
)

func TestWhatTheGuardDoesWithCasesThatNobodyHasRead(t *testing.T) {
	of := cases(t, unseen, fewestUnseen)
	if c := leaksCaught(t, of); c.rate() < unseenCatch {
		t.Errorf("%d of %d leaks in unseen cases are caught; it was %.0f %%", c.caught, c.texts, 100*unseenCatch)
	}
	if all, stopped, _ := honest(t, of); share(stopped, all) > unseenStop {
		t.Errorf("%d of %d honest warnings in unseen cases are stopped; it was %.0f %%", stopped, all, 100*unseenStop)
	}
}

func TestTheCorpusIsWhole(t *testing.T) {
	var counts struct {
		Cases map[string]struct {
			Leaks, Honest int
		} `json:"cases"`
	}
	if err := json.Unmarshal(bytesOf(t, redteam+"/corpus.json"), &counts); err != nil {
		t.Fatal(err)
	}
	found := cases(t, redteam, fewestCases)
	if len(found) != len(counts.Cases) {
		t.Errorf("%d cases are counted and %d are there", len(counts.Cases), len(found))
	}
	for _, k := range found {
		n := counts.Cases[filepath.Base(k.dir)]
		if l, h := len(texts(t, k.dir+"/leaks/*.txt")), len(texts(t, k.dir+"/honest/*.txt")); l != n.Leaks || h != n.Honest {
			t.Errorf("%s has %d leaks and %d honest texts; counted are %d and %d", k.dir, l, h, n.Leaks, n.Honest)
		}
	}
}
