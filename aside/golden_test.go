package aside_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tocsin/aside"
)

// Every shape of event that was ever written is read for ever, and nothing of it is
// lost. The files are never edited: a new shape is a new file.
func TestEveryShapeEverWrittenIsRead(t *testing.T) {
	files, err := filepath.Glob("testdata/events/*.json")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	kinds := map[string]bool{}
	for _, file := range files {
		kind, _, _ := strings.Cut(filepath.Base(file), ".")
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		e, by, err := aside.Decode(kind, b)
		if err != nil || by == "" || aside.Kind(e) != kind {
			t.Errorf("%s: %v by %q, %v", file, e, by, err)
			continue
		}
		kinds[kind] = true
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var was, is any
		if json.Unmarshal(b, &was) != nil || json.Unmarshal(again, &is) != nil || !reflect.DeepEqual(was, is) {
			t.Errorf("%s is written back as %s", file, again)
		}
	}
	for _, kind := range []string{aside.ProposedKind, aside.ConfirmedKind, aside.TakenUpKind} {
		if !kinds[kind] {
			t.Errorf("there is no file for %s", kind)
		}
	}
}
