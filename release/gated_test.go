package release

import (
	"os"
	"path/filepath"
	"testing"
)

// The gate in front of a pattern must let through whatever the pattern would find.
func TestAPatternBehindItsGateFindsWhatItFindsAlone(t *testing.T) {
	files, err := filepath.Glob("testdata/redteam/*/leaks/*.txt")
	if err != nil || len(files) < 900 {
		t.Fatalf("the corpus has %d texts: %v", len(files), err)
	}
	gates := []*gated{leftoverGate, linkGate, metaGate, clueGate}
	found := 0
	for i := 0; i < len(files); i += 3 {
		b, err := os.ReadFile(files[i])
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		for _, g := range gates {
			through := map[int]bool{}
			g.each(text, loweredASCII(text), func(re, _, _ int) { through[re] = true })
			for n, re := range g.res {
				at := re.FindStringIndex(text)
				if at != nil && at[1]-at[0] <= reachOf && !through[n] {
					t.Errorf("%s: %q is not let through to %s", files[i], text[at[0]:at[1]], re)
				}
				if at != nil {
					found++
				}
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d matches in the corpus: the test says nothing", found)
	}
}
