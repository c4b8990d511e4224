package scenario_test

import (
	"bytes"
	"context"
	"testing"

	"tocsin/internal/scenario"
	"tocsin/ledger/memory"
	"tocsin/scenarios"
)

func TestEveryScenarioComesOutAsItIsWritten(t *testing.T) {
	names, err := scenario.Names(scenarios.FS())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := scenario.Load(scenarios.FS(), name)
			if err != nil {
				t.Fatal(err)
			}
			var story bytes.Buffer
			r, world, err := scenario.Stage(context.Background(), s, memory.Open(), &story)
			if err != nil {
				t.Fatal(err)
			}
			defer world.Close()
			if err := r.Run(context.Background(), s); err != nil {
				t.Fatalf("%v\n\nthe story so far:\n%s", err, story.String())
			}
		})
	}
}
