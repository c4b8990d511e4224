package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const guardCaseFile = `{"format":"tocsin-guard-case/1","home":"US","now":"2026-03-01T03:00:00Z",
"threat":{"place":"Larkhill","window":{"earliest":"2026-03-02T00:00:00Z","latest":"2026-03-03T00:00:00Z"}},"victims":[{"id":"v1","name":"Ann Hale"}],
"reports":[{"id":"r1","marking":"SECRET","origin":"the night porter","portions":[{"marking":"S","text":"They come in a green van."},{"marking":"U","text":"An attack on Ann Hale at Larkhill is planned."}]}],
"protected":[{"text":"GOLDEN TULIP","kind":"codename"}],
"audience":{"name":"Ann Hale","kind":"victim","country":"US","relation":"public"},"warning":{"kind":"victim","marking":"UNCLASSIFIED","language":"en","content":["what","where"]}}`

func TestTheGuardIsAskedFromOutside(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("case.json", guardCaseFile)
	for _, c := range []struct {
		name, caseFile, text, verdict string
		code                          int
	}{
		{"honest", good, "Warning\n\nAn attack on you at Larkhill is planned. Leave the house.\n", "pass", 0},
		{"doubtful", good, "Warning\n\nAn attack on you at Larkhill is planned. Look out for a green van.\n", "ask", 1},
		{"leaking", good, "Warning\n\nAn attack on you at Larkhill is planned, says Golden Tulip.\n", "block", 2},
		{"no case", file("bad.json", "{"), "text", "", 3},
	} {
		var out, errs bytes.Buffer
		p := &program{in: strings.NewReader(""), out: &out, err: &errs, env: func(string) string { return "" }}
		text := file("text.txt", c.text)
		if code := p.run(t.Context(), []string{"guard", "check", "--case", c.caseFile, "--text", text, "--json"}); code != c.code {
			t.Errorf("%s: exit %d, want %d: %s%s", c.name, code, c.code, out.String(), errs.String())
		}
		if c.verdict == "" {
			if errs.Len() == 0 || out.Len() > 0 {
				t.Errorf("%s: nothing said of it", c.name)
			}
			continue
		}
		var a guardAnswer
		if err := json.Unmarshal(out.Bytes(), &a); err != nil || a.Verdict != c.verdict {
			t.Errorf("%s: %v, verdict %q", c.name, err, a.Verdict)
		}
		for _, f := range a.Findings {
			if f.Rule == "term/exact" && !strings.EqualFold(c.text[f.Start:f.End], "golden tulip") {
				t.Errorf("%s: the finding is at %q", c.name, c.text[f.Start:f.End])
			}
			if strings.Contains(strings.ToLower(f.What+f.Why+f.Remedy), "tulip") {
				t.Errorf("%s: the finding says the term: %+v", c.name, f)
			}
		}
	}
	p := &program{in: strings.NewReader(""), out: &bytes.Buffer{}, err: &bytes.Buffer{}, env: func(string) string { return "" }}
	if code := p.run(t.Context(), []string{"guard", "check", "--case", good}); code != 2 {
		t.Errorf("without a text: exit %d", code)
	}
	if code := p.run(t.Context(), []string{"guard", "check", "--case", good, "--text", filepath.Join(dir, "none")}); code != 3 {
		t.Errorf("without the file: exit %d", code)
	}
}
