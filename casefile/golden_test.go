package casefile_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tocsin/casefile"
)

// The goldens are events as they were first written. They are never edited: a
// record of ten years ago must still be read. A new kind brings a new file.

func goldens(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/events/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens found (%v)", err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(f), ".json")] = b
	}
	return out
}

func TestEveryKindOfEventHasAGoldenAndEveryGoldenAKind(t *testing.T) {
	have := map[string]bool{}
	for name := range goldens(t) {
		kind, _, ok := strings.Cut(name, ".")
		if !ok {
			t.Errorf("golden %s is not named <kind>.<n>", name)
		}
		have[kind] = true
	}
	for _, k := range casefile.Kinds() {
		if !have[k] {
			t.Errorf("event kind %s has no golden", k)
		}
		delete(have, k)
	}
	for k := range have {
		t.Errorf("golden %s belongs to no kind of event: kinds are never removed", k)
	}
}

func TestAnEventWrittenLongAgoIsReadAsItWasWritten(t *testing.T) {
	for name, b := range goldens(t) {
		kind, _, _ := strings.Cut(name, ".")
		e, err := casefile.DecodeEvent(kind, b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if e.Kind() != kind || e.Stamp().At.IsZero() || e.Stamp().By == "" {
			t.Errorf("%s: read as %s, at %v, by %q", name, e.Kind(), e.Stamp().At, e.Stamp().By)
		}
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := canonical(t, again), canonical(t, b); !bytes.Equal(got, want) {
			t.Errorf("%s: written again it is\n%s\nnot\n%s", name, got, want)
		}
	}
}

func TestWhatIsNotUnderstoodIsRefused(t *testing.T) {
	if _, err := casefile.DecodeEvent("case_dissolved", []byte(`{}`)); err == nil {
		t.Error("an unknown kind was read")
	}
	for name, b := range goldens(t) {
		kind, _, _ := strings.Cut(name, ".")
		var m map[string]any
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		m["from_the_future"] = true
		more, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := casefile.DecodeEvent(kind, more); err == nil {
			t.Errorf("%s: a field that nobody knows was passed over", name)
		}
	}
}

func TestNoEventChangesTheStateThatItIsAppliedTo(t *testing.T) {
	for name, b := range goldens(t) {
		kind, _, _ := strings.Cut(name, ".")
		e, err := casefile.DecodeEvent(kind, b)
		if err != nil {
			t.Fatal(err)
		}
		before := casefile.State{Version: 7}
		if kind != "waiver_approved" && kind != "refusal_signed" && kind != "handover_accepted" {
			after := casefile.Apply(before, e)
			if after.Version != 8 || !after.Now.Equal(e.Stamp().At) {
				t.Errorf("%s: version %d at %v", name, after.Version, after.Now)
			}
		}
		if before.Version != 7 || len(before.Victims) != 0 || before.Owner != "" {
			t.Errorf("%s: the old state was written to", name)
		}
	}
}

func canonical(t *testing.T, b []byte) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return out
}
