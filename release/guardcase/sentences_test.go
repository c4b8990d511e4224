package guardcase_test

import (
	"path/filepath"
	"strings"
	"testing"

	"tocsin"
	"tocsin/release"
)

// What leaks is caught wherever it stands: each sentence of the list is added to an
// honest warning that the guard passes, and must then be found, or not, in its place.
func TestASentenceIsJudgedInsideAnHonestWarning(t *testing.T) {
	leaks, honest := 0, 0
	byName := map[string]corpus{}
	for _, k := range cases(t, redteam, fewestCases) {
		byName[filepath.Base(k.dir)] = k
	}
	prepared := map[string]*release.Prepared{}
	for line := range strings.Lines(string(bytesOf(t, "testdata/sentences.txt"))) {
		f := strings.SplitN(strings.TrimSpace(line), "|", 3)
		if strings.HasPrefix(line, "#") || len(f) < 3 {
			continue
		}
		k, ok := byName[f[0]]
		if !ok {
			t.Fatalf("no case %s", f[0])
		}
		p := prepared[f[0]]
		if p == nil {
			p = k.prepared()
			prepared[f[0]] = p
		}
		base := k.passing(t, p, f[2])
		found := ""
		for _, x := range k.examine(p, base+"\n"+f[2]+"\n") {
			if x.Level != tocsin.GuardNote && x.Start < x.End && x.End > len(base)+1 {
				found = x.Rule
			}
		}
		switch f[1] {
		case "leaks":
			leaks++
			if found == "" {
				t.Errorf("%s: %q is not found", f[0], f[2])
			}
		case "honest":
			honest++
			if found != "" {
				t.Errorf("%s: %q is stopped or asked about (%s)", f[0], f[2], found)
			}
		case "questioned": // honest, and asked about: whoever mends that moves the line
			honest++
			if found != "support/doubt" {
				t.Errorf("%s: %q is no longer asked about but %q", f[0], f[2], found)
			}
		default:
			t.Errorf("a line is neither leaks nor honest: %s", line)
		}
	}
	if leaks < 30 || honest < 20 {
		t.Errorf("%d leaks and %d honest sentences were read", leaks, honest)
	}
}

// passing is an honest warning of the case that the guard does not stop, in English or, for a
// sentence with other letters, in the case's own language.
func (k corpus) passing(t *testing.T, p *release.Prepared, sentence string) string {
	t.Helper()
	english := strings.IndexFunc(sentence, func(r rune) bool { return r > 0x7f && r != '’' }) < 0
	for _, f := range texts(t, k.dir+"/honest/*.txt") {
		text := string(bytesOf(t, f))
		plain := strings.Count(text, " the ")+strings.Count(text, " you ") > 5
		if plain == english && len(text) > 250 && release.Verdict(k.examine(p, text)) != string(tocsin.GuardBlock) {
			return text
		}
	}
	t.Fatalf("%s has no honest text that is not stopped", k.dir)
	return ""
}
