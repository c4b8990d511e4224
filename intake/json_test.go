package intake_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/intake"
)

// JSON is strict: whoever sends it is a program that can be corrected, and the
// error says which key and where.
func TestJSONFaultsNameKeyAndPlace(t *testing.T) {
	for _, c := range []struct{ name, json, code, says string }{
		{"unknown key", `{"text":"x","sauce":"y"}`, "json_unknown_key", `"sauce" is not known (line 1, column 13)`},
		{"key in other case", `{"Text":"x"}`, "json_unknown_key", `"Text"`},
		{"duplicate key", "{\"text\":\"x\",\n \"text\":\"y\"}", "json_duplicate_key", `"text" is there twice (line 2, column 2)`},
		{"duplicate key in another spelling", `{"text":"x","t\u0065xt":"y"}`, "json_duplicate_key", `"text"`},
		{"unknown key in grading", `{"text":"x","grading":{"source":"A","sauce":""}}`, "json_unknown_key", `"grading.sauce"`},
		{"duplicate key in grading", `{"text":"x","grading":{"source":"A","source":"B"}}`, "json_duplicate_key", `"grading.source"`},
		{"number for text", `{"text":17}`, "json_type", `"text" is a number; it must be a string (line 1, column 9)`},
		{"null for text", `{"text":null}`, "json_type", "null"},
		{"array for text", `{"text":["x"]}`, "json_type", "an array"},
		{"object for text", `{"text":{"a":"x"}}`, "json_type", "an object"},
		{"string for controlled", `{"text":"x","controlled":"true"}`, "json_type", `"controlled" is a string; it must be true or false`},
		{"string for grading", `{"text":"x","grading":"B2"}`, "json_type", `"grading" is a string; it must be an object`},
		{"number for occurred", `{"text":"x","occurred":1704274980}`, "json_type", "RFC 3339"},
		{"occurred without zone", `{"text":"x","occurred":"2024-01-03T09:10:00"}`, "json_time", "RFC 3339"},
		{"occurred on 30 February", `{"text":"x","occurred":"2023-02-30T09:10:00Z"}`, "json_time", "RFC 3339"},
		{"occurred by an unset clock", `{"text":"x","occurred":"1970-01-01T00:00:00Z"}`, "occurred", "before 1990"},
		{"language that is none", `{"text":"x","language":"farsi language"}`, "language", "farsi language"},
		{"grading of an unknown scheme", `{"text":"x","grading":{"scheme":"5x5x5","source":"A","information":"1"}}`, "grading", "5x5x5"},
		{"grading value of the other scheme", `{"text":"x","grading":{"scheme":"3x5x2","source":"A","information":"1"}}`, "grading", "3x5x2"},
		{"grading without scheme", `{"text":"x","grading":{"source":"A"}}`, "grading", "admiralty"},
		{"text missing", `{"subject":"x"}`, "json_missing_key", `"text" is missing`},
		{"empty object", `{}`, "json_missing_key", `"text"`},
		{"something after the object", "{\"text\":\"x\"}\n{\"text\":\"y\"}", "json_trailing", "line 2, column 1"},
		{"cut off", `{"text":"x`, "json_syntax", "line 1"},
		{"trailing comma", `{"text":"x",}`, "json_syntax", "line 1, column 13"},
		{"comment", "{\n// hi\n\"text\":\"x\"}", "json_syntax", "line 2, column 1"},
		{"single quotes", `{'text':'x'}`, "json_syntax", "line 1, column 2"},
		{"line break in a string", "{\"text\":\"x\ny\"}", "json_syntax", "line 1"},
		{"bytes that are not UTF-8", "{\"text\":\"Caf\xe9\"}", "json_encoding", "line 1, column 13"},
		{"half a surrogate pair", `{"text":"x \ud83d"}`, "json_encoding", "surrogate"},
		{"surrogates in wrong order", `{"text":"\ude00\ud83d"}`, "json_encoding", "surrogate"},
		{"NUL", `{"text":"a\u0000b"}`, "json_text", "NUL"},
		{"array", `[{"text":"x"}]`, "json_type", "an array, not an object"},
		{"string", `"x"`, "json_type", "a string, not an object"},
		{"nothing", ``, "json_syntax", "line 1"},
		{"text of white space", `{"text":" \n\t\u200b"}`, "input_empty", "no text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := refused(t, input("application/json", []byte(c.json)), intake.DefaultLimits())
			if e.Code != c.code || !strings.Contains(e.Error(), c.says) {
				t.Errorf("%s: %s\nwant %s: %s", e.Code, e, c.code, c.says)
			}
		})
	}
}

func TestJSONIsReadExactly(t *testing.T) {
	r := read(t, "application/json; charset=utf-8", "\uFEFF {\"text\": \"a\\r\\nb \\ud83d\\ude00 \\ufffd \uFFFD\\u0007\", \"subject\": \" two\\nlines \", \"controlled\": false}\n")
	if r.Text != "a\nb 😀 \uFFFD \uFFFD" || r.Subject != "two lines" || r.Format != intake.FormatJSON {
		t.Errorf("text %q, subject %q", r.Text, r.Subject)
	}
	for _, n := range []string{"byte order mark", "control character", `"subject"`} {
		if !noted(r, n) {
			t.Errorf("no note of %s: %q", n, r.Notes)
		}
	}
	r = read(t, "", `{"text":"x","occurred":"2024-01-03T12:40:00.1234567+03:30"}`)
	if want := time.Date(2024, 1, 3, 9, 10, 0, 123456000, time.UTC); !r.Occurred.Equal(want) || !noted(r, "after the report was entered") {
		t.Errorf("occurred %v, notes %q", r.Occurred, r.Notes)
	}
	if r.FirstKnown() != entered {
		t.Errorf("a time after entry moved the clock to %v", r.FirstKnown())
	}
}

// What our reader accepts, the standard library accepts with the same values;
// what the standard library refuses, ours refuses.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"text":"x"}`, `{"text":"a\u0000"}`, `{"text":"\ud800"}`, `{"text":"x","text":"y"}`, `{"text":"x","a":[[[[]]]]}`, `[]`, `{`, "",
		`{"text":"x","grading":{"scheme":"admiralty","source":"B","information":"2"},"controlled":true,"occurred":"2024-01-03T09:10:00Z"}`,
		"{\"text\":\"\xff\"}", "\uFEFF{\"text\":\"x\",\"origin\":\"\\ufffd\uFFFD\"}", `{"text":"\\ud800 \\\ud800"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := intake.Parse(input("application/json", b), intake.DefaultLimits())
		if err != nil {
			usable(t, err)
			return
		}
		whole(t, b, r)
		var v struct {
			Text, Subject, Source_key, Language, Origin, Conveyor, Marking, Originator string

			Controlled bool
			Occurred   time.Time
			Grading    tocsin.Grading
		}
		dec := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(b), "\uFEFF")))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&v); err != nil || dec.More() {
			t.Fatalf("accepted %q, which encoding/json refuses: %v", b, err)
		}
		if v.Controlled != r.Controlled || v.Grading != r.Grading || !tocsin.Instant(v.Occurred).Equal(r.Occurred) {
			t.Fatalf("%q read as %+v", b, r)
		}
		for _, p := range [][2]string{{v.Text, r.Text}, {v.Subject, r.Subject}, {v.Origin, r.Origin}, {v.Source_key, r.SourceKey}, {v.Language, r.Language},
			{v.Conveyor, r.Conveyor}, {v.Originator, r.Originator}} {
			if plainly(p[0]) != plainly(p[1]) && strings.TrimSpace(v.Text) != "" && !strings.ContainsAny(p[0], "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\uFEFF") {
				t.Fatalf("%q: %q read as %q", b, p[0], p[1])
			}
		}
	})
}

// plainly is s without white space and control characters, which intake may
// change.
func plainly(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7F && r <= 0xA0 || strings.ContainsRune("\u1680\u2028\u2029\u202F\u205F\u3000", r) || r >= 0x2000 && r <= 0x200A
	}), "")
}
