package intake_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"tocsin"
	"tocsin/intake"
)

var update = flag.Bool("update", false, "rewrite testdata/*.want from what Parse gives; read the difference before keeping it")

// entered is when every test report reached the system.
var entered = time.Date(2023, 12, 27, 12, 0, 0, 0, time.UTC)

func input(media string, b []byte) intake.Input {
	return intake.Input{Media: media, Bytes: b, Entered: entered, ID: "r1"}
}

// read parses without limits of its own and fails the test on an error.
func read(t *testing.T, media, text string) tocsin.Report {
	t.Helper()
	r, err := intake.Parse(input(media, []byte(text)), intake.DefaultLimits())
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	whole(t, []byte(text), r)
	return r
}

// refused parses and returns the error, which must be one that a person can use.
func refused(t *testing.T, in intake.Input, lim intake.Limits) *tocsin.Error {
	t.Helper()
	r, err := intake.Parse(in, lim)
	if err == nil {
		t.Fatalf("accepted as %s with text %.80q", r.Format, r.Text)
	}
	return usable(t, err)
}

func usable(t testing.TB, err error) *tocsin.Error {
	t.Helper()
	e, ok := err.(*tocsin.Error)
	switch {
	case !ok:
		t.Fatalf("error is a %T: %v", err, err)
	case e.Kind != tocsin.Invalid && e.Kind != tocsin.TooLarge:
		t.Fatalf("kind %q", e.Kind)
	case e.Code == "" || e.What == "" || e.Do == "" || e.Kept != "":
		t.Fatalf("incomplete error %+v", e)
	case !utf8.ValidString(e.Error()) || strings.ContainsFunc(e.Error(), unicode.IsControl):
		t.Fatalf("error cannot be shown: %q", e.Error())
	case len(e.Error()) > 2000:
		t.Fatalf("error of %d bytes", len(e.Error()))
	}
	return e
}

// whole checks what holds for every report.
func whole(t testing.TB, raw []byte, r tocsin.Report) {
	t.Helper()
	if r.Raw != tocsin.DigestOf(raw) || r.Size != len(raw) {
		t.Errorf("raw bytes not named: %s, %d", r.Raw, r.Size)
	}
	if !r.Content.Valid() || !utf8.ValidString(r.Text) {
		t.Errorf("content %q, text valid %v", r.Content, utf8.ValidString(r.Text))
	}
	if i := strings.IndexFunc(r.Text, func(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' }); i >= 0 {
		t.Errorf("control character %q in text", r.Text[i:i+1])
	}
	for _, f := range append([]string{r.SourceKey, r.Subject, r.Language, r.Origin, r.Conveyor, r.Marking, r.Originator}, r.Notes...) {
		if !utf8.ValidString(f) || strings.ContainsFunc(f, unicode.IsControl) {
			t.Errorf("field cannot be shown: %q", f)
		}
	}
	for _, a := range r.Attachments {
		if a.Name == "" || strings.ContainsAny(a.Name, "/\\\n\r\x00") || !a.SHA.Valid() || a.Size < 0 {
			t.Errorf("attachment %+v", a)
		}
	}
	if !utf8.ValidString(r.Text) {
		return
	}
	covered(t, r.Text, r.Portions)
}

// covered checks the promise of Portions.
func covered(t testing.TB, text string, portions []tocsin.Portion) {
	t.Helper()
	at := 0
	for _, p := range portions {
		if p.Start < at || p.End <= p.Start || p.End > len(text) {
			t.Fatalf("portion %+v after %d in %d bytes", p, at, len(text))
		}
		if strings.TrimSpace(text[at:p.Start]) != "" {
			t.Fatalf("%q is in no portion", text[at:p.Start])
		}
		body := text[p.Start:p.End]
		if body != strings.TrimSpace(body) || utf8.ValidString(text) && !utf8.ValidString(body) {
			t.Fatalf("portion %q is not trimmed or cuts a character", body)
		}
		if p.Marking != "" && !strings.Contains(body, "("+p.Marking+")") {
			t.Fatalf("marking %q is not in %q", p.Marking, body)
		}
		at = p.End
	}
	if strings.TrimSpace(text[at:]) != "" {
		t.Fatalf("%q is in no portion", text[at:])
	}
}

// Every sample is read without being told what it is, and gives the facts kept
// beside it.
func TestSamplesGiveTheirFacts(t *testing.T) {
	names, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range names {
		if filepath.Ext(name) == ".want" {
			continue
		}
		n++
		t.Run(filepath.Base(name), func(t *testing.T) {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			r, err := intake.Parse(input("", raw), intake.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			whole(t, raw, r)
			got := facts(t, r)
			if *update {
				if err := os.WriteFile(name+".want", got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name + ".want")
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	if n < 12 {
		t.Fatalf("found only %d samples", n)
	}
}

// facts writes a report so that a person can read it beside its sample.
func facts(t *testing.T, r tocsin.Report) []byte {
	t.Helper()
	var portions []string
	for _, p := range r.Portions {
		portions = append(portions, strings.TrimSpace("("+p.Marking+") "+r.Text[p.Start:p.End]))
	}
	shown := struct {
		tocsin.Report
		Portions []string `json:"portions"`
	}{r, portions}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(shown); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mustJSON(t testing.TB, r tocsin.Report) []byte {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
