package packs_test

import (
	"strings"
	"testing"

	"tocsin/compose"
	"tocsin/packs"
	"tocsin/policy"
)

func TestEveryBuiltInPackLoadsAndPassesItsOwnTests(t *testing.T) {
	if len(packs.Names()) == 0 {
		t.Fatal("no pack is built in")
	}
	for _, name := range packs.Names() {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Load(packs.FS(), name)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Tests()) == 0 {
				t.Fatal("the pack has no tests")
			}
			if err := policy.RunTests(p); err != nil {
				t.Error(err)
			}
			texts, err := compose.Load(packs.FS(), name)
			if err != nil {
				t.Fatal(err)
			}
			if p.Ref() != texts.Ref() {
				t.Errorf("policy names the pack %v and compose %v", p.Ref(), texts.Ref())
			}
			t.Logf("%s %s: %d combinations, %d tests, languages %s", name, p.Ref().Digest, p.Combinations(), len(p.Tests()), strings.Join(p.Languages(), " "))
		})
	}
}
