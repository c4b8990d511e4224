package scenario_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"testing"

	"tocsin/internal/scenario"
	"tocsin/ledger"
	"tocsin/ledger/memory"
	"tocsin/scenarios"
	"tocsin/view"
)

// part is a run of a scenario on a store, with a far side that remembers.
func part(t *testing.T, s scenario.Script, store ledger.Store, memory string) (*scenario.Runner, error) {
	t.Helper()
	r, world, err := scenario.Stage(context.Background(), s, store, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	if err := world.Remember(memory); err != nil {
		t.Fatal(err)
	}
	return r, r.Run(context.Background(), s)
}

// ends is what a story comes to.
func ends(r *scenario.Runner) (out []string) {
	r.Engine.Read(func(x *view.Index) {
		out = append(out, fmt.Sprint(len(x.Order), " reports"))
		for _, id := range x.CaseOrder {
			s := x.Cases[id]
			out = append(out, fmt.Sprintf("%s closed %v, owner %s", id, s.Closed, s.Owner))
			for _, v := range s.Victims {
				out = append(out, fmt.Sprintf("%s %s %s", v.ID, v.Disposition, v.How))
			}
			for _, d := range s.Deliveries {
				out = append(out, fmt.Sprintf("%s %s %s %s", d.Key, d.Warning, d.Recipient, d.State))
			}
		}
	})
	return out
}

func TestAStoryCutOffAnywhereGoesOnAndEndsTheSame(t *testing.T) {
	names, err := scenario.Names(scenarios.FS())
	if err != nil {
		t.Fatal(err)
	}
	cuts := 8
	if testing.Short() {
		cuts = 2
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := scenario.Load(scenarios.FS(), name)
			if err != nil {
				t.Fatal(err)
			}
			whole, appends := memory.Open(), 0
			whole.FailAppend(func(n int) memory.Fault { appends = n; return memory.None })
			r, err := part(t, s, whole, filepath.Join(t.TempDir(), "whole"))
			if err != nil {
				t.Fatal(err)
			}
			want := ends(r)
			for i := range cuts {
				last := 1 + appends*i/cuts
				store, far := memory.Open(), filepath.Join(t.TempDir(), "far")
				store.FailAppend(func(n int) memory.Fault {
					if n > last {
						return memory.NotWritten
					}
					return memory.None
				})
				if _, err := part(t, s, store, far); err == nil {
					t.Fatalf("with only %d of %d appends it comes to its end", last, appends)
				}
				store.FailAppend(nil)
				r, err := part(t, s, store, far)
				if err != nil {
					t.Errorf("cut off after append %d of %d: %v", last, appends, err)
					continue
				}
				if got := ends(r); !reflect.DeepEqual(got, want) {
					t.Errorf("cut off after append %d of %d it ends with\n%v, not\n%v", last, appends, got, want)
				}
			}
		})
	}
}

func TestAStoryThatIsOverIsToldAgainWithoutHappeningAgain(t *testing.T) {
	s, err := scenario.Load(scenarios.FS(), "exigent")
	if err != nil {
		t.Fatal(err)
	}
	store, far := memory.Open(), filepath.Join(t.TempDir(), "far")
	if _, err := part(t, s, store, far); err != nil {
		t.Fatal(err)
	}
	size, err := store.Log().Size(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part(t, s, store, far); err != nil {
		t.Error(err)
	}
	if again, err := store.Log().Size(t.Context()); err != nil || again != size {
		t.Errorf("the record had %d events and has %d, %v", size, again, err)
	}
}

func TestAScriptThatIsWrongSaysWhichLine(t *testing.T) {
	const overdue = "at 2024-01-01 09:00\nperson anna is analyst\nanna reports r1\n    text: x\nanna opens c with r1\n    title: t\n" +
		"anna names victim v1\n    name: n\n    kind: person\n    identity: named\nafter 5h\n"
	for text, want := range map[string]string{
		"at 2024-01-01 09:00\nexpect nothing at all of this":                         "x.txt:2: no verb fits",
		"at 2024-01-01 09:00\nanna reports r1\n    text: hello":                      "nobody called \"anna\"",
		"at 2024-01-01 09:00\nat 2023-01-01 09:00":                                   "goes back",
		"person anna is queen":                                                       "is not a role",
		"at yesterday noon":                                                          "write the time as",
		"person anna is analyst\nrefused not_closable: anna reports r1\n    text: x": "should have been refused",
		"at 2024-01-01 09:00":                                                        "expects nothing proves nothing",
		overdue + "expect no exception determination v1":                             "not to list determination of v1",
		overdue + "expect exception determination v2":                                "to list determination of v2",
	} {
		s, err := scenario.Parse("x", text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = part(t, s, memory.Open(), filepath.Join(t.TempDir(), "far"))
		if err == nil || !bytes.Contains([]byte(err.Error()), []byte(want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{"\tat x", "    text: of no step", "at 2024-01-01 09:00\n    no colon here", "refused nothing", `person "anna is analyst`} {
		if _, err := scenario.Parse("x", text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}
