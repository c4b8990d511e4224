package main

import (
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin"
	"tocsin/packs"
)

// changedPack copies icd-191 into a folder with replacements in its files, old text
// then new, and returns the folder.
func changedPack(t *testing.T, changes [][2]string) string {
	t.Helper()
	root := t.TempDir()
	sub, err := fs.Sub(packs.FS(), "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "icd-191")
	if err := os.CopyFS(dir, sub); err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		found := false
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(b), c[0]) {
				return err
			}
			found = true
			if err := os.Chmod(path, 0o600); err != nil { // embedded files are read-only
				return err
			}
			return os.WriteFile(path, []byte(strings.ReplaceAll(string(b), c[0], c[1])), 0o600)
		})
		if err != nil || !found {
			t.Fatalf("%q is not in the pack: %v", c[0], err)
		}
	}
	return dir
}

// five are findings on icd-191, in the pack's order.
func five(victim string, values ...string) []string {
	args := []string{"record-findings", "victim=" + victim}
	for i, e := range []string{"credible", "specific", "impending", "harm", "directed"}[:len(values)] {
		at := "findings." + string(rune('0'+i)) + "."
		args = append(args, at+"element="+e, at+"value="+values[i], at+"reason=because of "+e)
	}
	return args
}

// floor is a record with one case on two victims.
type floor struct {
	desk
	ida, anna, sen desk
	id, report     string
}

// The record of a floor is made once and copied for each test.
var (
	floorOnce sync.Once
	floorMade floor
)

func newFloor(t *testing.T) floor {
	t.Helper()
	floorOnce.Do(func() { floorMade = makeFloor(t, filepath.Join(buildDir, "floor")) })
	if floorMade.id == "" {
		t.Fatal("the record that every test begins with could not be made")
	}
	f := floorMade
	data := filepath.Join(t.TempDir(), "record")
	if err := os.CopyFS(data, os.DirFS(floorMade.data)); err != nil {
		t.Fatal(err)
	}
	for _, d := range []*desk{&f.desk, &f.ida, &f.anna, &f.sen} {
		d.t, d.data = t, data
	}
	return f
}

func makeFloor(t *testing.T, data string) floor {
	t.Helper()
	d := desk{t: t, data: data}
	f := floor{desk: d, ida: d.as("ida", "intake_officer"), anna: d.as("anna", "analyst"), sen: d.as("sen", "senior_officer")}
	f.report = f.ida.must("He will stab the guard at the clinic.", "report", "add", "-", "--origin", "passer-by")
	f.id = f.ida.must("", "case", "open", "--title", "Clinic guard", f.report)
	f.do("state-threat", "threat.harm=killing")
	f.do("add-victim", "victim.id=v1", "victim.name=The guard", "victim.kind=person", "victim.identity=class_only")
	f.do("add-victim", "victim.id=v2", "victim.name=The patients", "victim.kind=class", "victim.identity=class_only")
	return f
}

func (f floor) do(args ...string) {
	f.t.Helper()
	f.anna.must("", append([]string{"case", "do", f.id}, args...)...)
}

func (f floor) explain(args ...string) string {
	f.t.Helper()
	return strings.Join(strings.Fields(f.anna.must("", append([]string{"policy", "explain", f.id}, args...)...)), " ")
}

func wants(t *testing.T, got string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
}

func TestACaseIsExplainedBeforeAndAfterItIsDetermined(t *testing.T) {
	f := newFloor(t)
	wants(t, f.explain("--victim", "v1"), "NOT RECORDED YET", "1. Credible (now not answered yet)", "If it is not met: no warning is owed under this policy.",
		"By itself it changes nothing; with the other open answers it decides in 1 of 81 ways.", "How did the person who reported it come to know it",
		"Determination: due", "If it is missed: A warning is owed.", "record findings v1")
	args := five("v1", "met", "met", "met", "met", "doubtful")
	args = append(args, "findings.0.evidence.0.report="+f.report, "findings.0.evidence.0.start=0", "findings.0.evidence.0.end=12", "findings.0.evidence.0.quote=He will stab")
	f.do(args...)
	text := f.explain()
	wants(t, text, "The obligation is OWED.", "DOUBTFUL", "Rule in-doubt:", "[TO BE CONFIRMED] ICD 191, doubt rule",
		"MET Credible, anna, ", "because of credible", "“He will stab” ("+f.report+")",
		"1. Directed at somebody (now in doubt)", "If it is met: a warning is owed.", "Credible, found met: were it not met: no warning is owed",
		"Rule all-met does not apply: directed is doubtful, and the rule needs met.", "First delivery: due", "affirmed by nobody yet",
		"v2 The patients", "THE CASE AS A WHOLE WAITS FOR")
	if only := f.explain("--victim", "v1"); strings.Contains(only, "The patients The obligation") || strings.Contains(only, "v2 The patients") {
		t.Errorf("another victim is shown:\n%s", only)
	}
	if got := f.anna.run("", "policy", "explain", f.id, "--victim", "v9", "--data", f.data); got.code != 1 || !strings.Contains(got.err, `no victim "v9"`) {
		t.Errorf("%+v", got)
	}
}

func TestTheExplanationAsJSONIsStable(t *testing.T) {
	f := newFloor(t)
	f.do(five("v1", "met", "met", "not_met", "met", "met")...)
	var x explainedCase
	out := f.anna.must("", "policy", "explain", f.id, "--json")
	d := json.NewDecoder(strings.NewReader(out))
	d.DisallowUnknownFields()
	if err := d.Decode(&x); err != nil {
		t.Fatal(err)
	}
	v1, v2 := x.Victims[0], x.Victims[1]
	if v1.Recorded == nil || v1.Recorded.Rule != "not-impending" || v1.Recorded.Basis != "to be confirmed" || v1.Now == nil || v1.Now.Rule != "not-impending" || len(v1.Findings) != 5 || v1.Stale {
		t.Errorf("v1: %+v", v1)
	}
	if v2.Recorded != nil || v2.Now == nil || v2.Now.Result != tocsin.ResultDoubtful || len(v2.AskNext) != 5 || len(v2.Findings) != 5 || v2.Findings[0].Value != tocsin.Unknown {
		t.Errorf("v2: %+v", v2)
	}
	if v1.Clock == nil || v1.Clock.Name == "" || v1.Clock.Rule == "" || x.Next == nil || x.Pack != x.Loaded {
		t.Errorf("%+v, %+v", v1.Clock, x.Next)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(out), &raw); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"case", "title", "version", "pack", "loaded", "victims", "next"} {
		if raw[name] == nil {
			t.Errorf("there is no member %s", name)
		}
	}
}

func TestWhoMaySignARefusalIsNotShownFindingsByAnExplanation(t *testing.T) {
	f := newFloor(t)
	f.do(five("v1", "met", "met", "met", "met", "met")...)
	got := f.sen.run("", "policy", "explain", f.id, "--data", f.data)
	if got.code != 1 || got.out != "" || !strings.Contains(got.err, "second signer") || !strings.Contains(got.err, "--grades") {
		t.Errorf("%+v", got)
	}
	wants(t, f.sen.must("", "policy", "explain", f.id, "--grades"), "because of credible")
	wants(t, f.anna.must("", "case", "timeline", f.id), "sen has seen the findings")
}

func TestAChangedPackIsAskedAboutEveryStoredCase(t *testing.T) {
	f := newFloor(t)
	f.do(five("v1", "met", "met", "not_met", "met", "met")...)
	f.do(five("v2", "met", "met", "met", "met", "met")...)
	// Silence where the pack gave an advisory: the change that must not go unseen.
	silent := changedPack(t, [][2]string{{"result: doubtful\n    route: advisory", "result: not_owed\n    route: none"}})
	var got struct {
		Differences []json.RawMessage
		Cases       replay
	}
	ask := func(a, b string) replay {
		t.Helper()
		out := f.anna.must("", "policy", "diff", a, b, "--cases", "--json")
		got.Cases = replay{}
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		return got.Cases
	}
	r := ask("icd-191", silent)
	if r.Cases != 1 || r.Compared != 1 || r.Victims != 2 || r.Same != 1 || len(r.Differences) != 1 || len(got.Differences) == 0 {
		t.Fatalf("%+v", r)
	}
	d := r.Differences[0]
	if string(d.Case) != f.id || d.Victim != "v1" || d.Recorded.Route != "advisory" || d.Now.Result != tocsin.ResultNotOwed || d.Now.Rule != "not-impending" || d.Because == "" || d.Before != nil || d.towards() >= 0 {
		t.Errorf("%+v", d)
	}
	wants(t, strings.Join(strings.Fields(f.anna.must("", "policy", "diff", "icd-191", silent, "--cases")), " "), "STORED CASES: 1 of 1 compared, 2 victims",
		"1 times doubtful by way of advisory (rule not-impending) became not owed by way of none (rule not-impending)", "TOWARDS SILENCE: case "+f.id,
		"recorded: doubtful by way of advisory (rule not-impending)", "now: not owed by way of none (rule not-impending)", "1 answered differently, 1 the same")
	if r := ask("icd-191", "icd-191"); r.Victims != 2 || r.Same != 2 || len(r.Differences) != 0 {
		t.Errorf("a pack differs from itself: %+v", r)
	}
}

func TestAnElementThatTheOtherPackLacksIsSaidAndNotGuessed(t *testing.T) {
	f := newFloor(t)
	f.do(five("v1", "not_met", "met", "met", "met", "met")...)
	out := strings.Join(strings.Fields(f.anna.must("", "policy", "diff", "icd-191", "uk-threat-to-life", "--cases")), " ")
	_, cases, _ := strings.Cut(out, "STORED CASES")
	wants(t, cases, "towards warning: case "+f.id, "recorded: not owed by way of none (rule not-credible)", "now: doubtful by way of victim (rule not-answered)",
		"uk-threat-to-life does not ask for credible, so that finding (not met) is left out.", "uk-threat-to-life asks for real, which nobody has answered; it counts as unknown.",
		"not compared, 1: Nothing has been determined on this victim.")
}

func TestWhatCannotBeComparedIsCounted(t *testing.T) {
	f := newFloor(t)
	f.do(five("v1", "met", "met", "met", "met", "met")...)
	wants(t, f.anna.must("", "policy", "diff", "psni", "rcmp", "--cases"), "STORED CASES: 0 of 1 compared", "not compared, 1: It is run under icd-191, not under psni.")
	wants(t, f.sen.must("", "policy", "diff", "icd-191", "icd-191", "--cases"), "STORED CASES: 0 of 1 compared", "You may still be asked to be its second signer")
}

// An upgrade may load another pack than the one a case was opened under. Then only
// what was recorded is told.
func TestUnderAnotherPackOnlyWhatWasRecordedIsTold(t *testing.T) {
	f := newFloor(t)
	f.do(five("v1", "met", "met", "met", "met", "doubtful")...)
	asJSON := true
	p := &program{env: func(name string) string {
		if name == "TOCSIN_TOKEN" {
			return f.anna.token
		}
		return ""
	}}
	c, err := p.connect(t.Context(), remote{&f.data, &asJSON})
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	whole, err := c.explain(t.Context(), f.id, "v1", false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	answer := c.do
	c.do = func(r *http.Request) (*http.Response, error) {
		resp, err := answer(r)
		if strings.HasPrefix(r.URL.Path, "/v1/packs/") {
			b, _ := io.ReadAll(resp.Body)
			resp.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(b), string(whole.Pack.Digest), "sha256:"+strings.Repeat("0", 64))))
		}
		return resp, err
	}
	x, err := c.explain(t.Context(), f.id, "v1", false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	v := x.Victims[0]
	if x.Pack == x.Loaded || v.Now != nil || len(v.AskNext) != 0 || v.Recorded == nil || len(v.Findings) != 5 || v.Findings[0].Reason == "" {
		t.Errorf("%+v", v)
	}
	var text strings.Builder
	x.print(&text)
	wants(t, strings.Join(strings.Fields(text.String()), " "), "the pack that is loaded now is not the one under which this case was opened", "Rule in-doubt:", "DOUBTFUL directed, anna")
}
