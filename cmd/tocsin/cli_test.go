package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// said is what one run of the program did.
type said struct {
	code     int
	out, err string
}

// desk is somebody at a terminal: a data directory and a token.
type desk struct {
	t     *testing.T
	data  string
	token string
}

func (d desk) run(stdin string, args ...string) said {
	d.t.Helper()
	var out, errs bytes.Buffer
	p := &program{in: strings.NewReader(stdin), out: &out, err: &errs, env: func(k string) string {
		if k == "TOCSIN_TOKEN" {
			return d.token
		}
		return ""
	}}
	code := p.run(context.Background(), args)
	return said{code, out.String(), errs.String()}
}

// must runs a command on the desk's record that has to succeed.
func (d desk) must(stdin string, args ...string) string {
	d.t.Helper()
	got := d.run(stdin, append(args, "--data", d.data)...)
	if got.code != 0 {
		d.t.Fatalf("tocsin %s: exit %d\n%s", strings.Join(args, " "), got.code, got.err)
	}
	return strings.TrimSpace(got.out)
}

func (d desk) as(user string, roles ...string) desk {
	d.t.Helper()
	args := []string{"user", "add", user}
	for _, r := range roles {
		args = append(args, "--role", r)
	}
	d.token = d.must("", args...)
	return d
}

func TestTheCommandLineSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	anna := d.as("anna", "analyst")
	for name, c := range map[string]struct {
		who  desk
		args []string
		code int
		err  []string
	}{
		"nothing said":               {d, nil, 2, []string{"usage:"}},
		"help":                       {d, []string{"help"}, 0, []string{"usage:", "case show"}},
		"no such command":            {d, []string{"case", "shut"}, 2, []string{"there is no command", "case show"}},
		"a wrong flag":               {d, []string{"record", "verify", "--fast"}, 2, []string{"error: tocsin record verify", "usage:"}},
		"too few arguments":          {d, []string{"report", "show"}, 2, []string{"it takes 1 arguments, not 0"}},
		"no token":                   {desk{t: t, data: d.data}, []string{"case", "list", "--data", d.data}, 1, []string{"error:", "hint:", "TOCSIN_TOKEN"}},
		"a token of nobody":          {desk{t: t, data: d.data, token: "tocsin_x"}, []string{"case", "list", "--data", d.data}, 1, []string{"error:", "hint:"}},
		"no record there":            {d, []string{"record", "verify", "--data", filepath.Join(d.data, "elsewhere")}, 1, []string{"There is no record", "hint:"}},
		"a role that does not exist": {d, []string{"user", "add", "bob", "--role", "king", "--data", d.data}, 1, []string{"error:", "hint:"}},
		"no role at all":             {d, []string{"user", "add", "bob", "--data", d.data}, 1, []string{"error:", "hint:"}},
		"no such file":               {anna, []string{"report", "add", "missing.eml", "--data", d.data}, 1, []string{"cannot be read", "hint:"}},
		"no such case":               {anna, []string{"case", "show", "case-x", "--data", d.data}, 1, []string{"error:", "hint:"}},
		"half a field":               {anna, []string{"case", "do", "case-x", "review", "note", "--data", d.data}, 1, []string{"field=value"}},
		"no such scenario":           {d, []string{"demo", "atlantis"}, 1, []string{"kerman"}},
		"no such pack":               {d, []string{"policy", "show", "atlantis"}, 1, []string{"error:"}},
	} {
		got := c.who.run("", c.args...)
		if got.code != c.code {
			t.Errorf("%s: exit %d, not %d\n%s", name, got.code, c.code, got.err)
		}
		if got.out != "" {
			t.Errorf("%s: talk on standard output: %q", name, got.out)
		}
		for _, want := range c.err {
			if !strings.Contains(got.err, want) {
				t.Errorf("%s: it does not say %q:\n%s", name, want, got.err)
			}
		}
	}
}

func TestAnUnreadableReportIsKeptAndCanBeLookedAt(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	ida := d.as("ida", "intake_officer")
	got := ida.run("{\"text\": ", "report", "add", "-", "--type", "application/json", "--data", d.data)
	if got.code != 1 || !strings.Contains(got.err, "kept:") || !strings.Contains(got.err, "quarantine") {
		t.Fatalf("exit %d\n%s", got.code, got.err)
	}
	var page struct {
		Items []struct{ ID, Reason string }
	}
	if err := json.Unmarshal([]byte(ida.must("", "quarantine", "list", "--json")), &page); err != nil || len(page.Items) != 1 {
		t.Fatalf("%v, %d items", err, len(page.Items))
	}
	if raw := ida.run("", "quarantine", "show", page.Items[0].ID, "--raw", "--data", d.data); raw.out != "{\"text\": " {
		t.Errorf("the bytes came back as %q", raw.out)
	}
}

func TestAReportGoesThroughFromTheCommandLine(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	ida, anna, rui := d.as("ida", "intake_officer"), d.as("anna", "analyst"), d.as("rui", "release_officer")
	report := ida.must("He will stab the guard at the clinic tonight.", "report", "add", "-", "--origin", "passer-by", "--grading", "B2", "--occurred", "2026-01-02T03:04:05Z")
	if again := ida.must("He will stab the guard at the clinic tonight.", "report", "list"); !strings.Contains(again, report) || !strings.Contains(again, "passer-by") {
		t.Errorf("the report is not listed: %s", again)
	}
	id := ida.must("", "case", "open", "--title", "Clinic guard", report)
	anna.must("", "case", "do", id, "add-victim", "victim.id=v1", "victim.name=The guard", "victim.kind=person", "victim.identity=class_only")
	ida.must(`{"id":"clinic","name":"Clinic","kind":"protector","languages":["en"],"ladder":[{"channel":"in_person","address":"door","addressee":"head","level":1}]}`, "recipient", "set", "-")
	if list := anna.must("", "recipient", "list"); !strings.Contains(list, "clinic") || !strings.Contains(list, "in_person") {
		t.Errorf("the directory is shown as %q", list)
	}
	draft := `{"kind":"protector","victims":["v1"],"recipients":["clinic"],"marking":"UNCLASSIFIED","valid_for":"2d","facts":[
		{"item":"harm","values":{"en":"A man may stab your guard."},"releasable":true},
		{"item":"do_now","values":{"en":"Bring the guard inside."},"releasable":true},
		{"item":"contact","values":{"en":"555 0100, at any hour."},"releasable":true},
		{"item":"authorities","values":{"en":"Police are on the way."},"releasable":true}],
		"gaps":[{"item":"when","reason":"not said"},{"item":"where","reason":"not said"}]}`
	anna.must(draft, "warning", "draft", id, "-")
	words := rui.must("", "warning", "show", id, "w1")
	if !strings.Contains(words, "A man may stab your guard.") {
		t.Errorf("the words are not shown:\n%s", words)
	}
	_, rest, _ := strings.Cut(words, "digest ")
	digest := strings.Fields(rest)[0]
	if got := rui.run("", "warning", "approve", id, "w1", "sha256:"+strings.Repeat("0", 64), "--data", d.data); got.code != 1 || !strings.Contains(got.err, "hint:") {
		t.Errorf("other words were approved: %+v", got)
	}
	rui.must("", "warning", "approve", id, "w1", digest)
	rui.must("", "warning", "guard", id, "w1")
	if got := rui.must("", "warning", "release", id, "w1"); !strings.Contains(got, "released") {
		t.Errorf("release says %q", got)
	}
	for _, want := range []string{"warning w1 released by rui", "to be sent: w1 to clinic"} {
		if got := anna.must("", "case", "timeline", id); !strings.Contains(got, want) {
			t.Errorf("the timeline does not say %q:\n%s", want, got)
		}
	}
	if got := anna.must("", "case", "show", id); !strings.Contains(got, "The guard") || !strings.Contains(got, "released") {
		t.Errorf("the case is shown as\n%s", got)
	}
	if got := anna.must("", "case", "list"); !strings.Contains(got, "Clinic guard") {
		t.Errorf("the case is listed as\n%s", got)
	}
	var proof struct {
		Events   int
		Verified bool
	}
	if err := json.Unmarshal([]byte(d.must("", "record", "verify", "--json")), &proof); err != nil || !proof.Verified || proof.Events < 10 {
		t.Errorf("%v, %+v", err, proof)
	}
	if cp := d.must("", "record", "checkpoint"); !strings.HasPrefix(cp, "tocsin\n") {
		t.Errorf("the checkpoint is %q", cp)
	}
}

func TestQuestionsOfTheGuardAreAnsweredInOneCallFromTheCommandLine(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	ida, anna, rui := d.as("ida", "intake_officer"), d.as("anna", "analyst"), d.as("rui", "release_officer")
	id := ida.must("", "case", "open", "--title", "Clinic guard", ida.must("He will stab the guard at the clinic tonight.", "report", "add", "-", "--origin", "passer-by"))
	anna.must("", "case", "do", id, "add-victim", "victim.id=v1", "victim.name=The guard", "victim.kind=person", "victim.identity=class_only")
	ida.must(`{"id":"clinic","name":"Clinic","kind":"protector","languages":["en"],"ladder":[{"channel":"in_person","address":"door","addressee":"head","level":1}]}`, "recipient", "set", "-")
	fact := func(item string) string {
		return `{"item":"` + item + `","values":{"en":"See the words."},"releasable":true}`
	}
	anna.must(`{"kind":"protector","victims":["v1"],"recipients":["clinic"],"marking":"UNCLASSIFIED","valid_for":"2d","facts":[`+fact("harm")+","+fact("do_now")+","+fact("contact")+","+fact("authorities")+`],
		"gaps":[{"item":"when","reason":"not said"},{"item":"where","reason":"not said"}],
		"texts":[{"language":"en","subject":"Danger to your guard","body":"A man may stab the guard. Bring the guard inside.\nA picture is attached. The way there is at https://clinic.example/way.\nCall 555 0100 at any hour; the police are on the way."}]}`, "warning", "draft", id, "-")
	_, rest, _ := strings.Cut(rui.must("", "warning", "show", id, "w1"), "digest ")
	rui.must("", "warning", "approve", id, "w1", strings.Fields(rest)[0])
	said := rui.must("", "warning", "release", id, "w1")
	questions := regexp.MustCompile(`question (\S+)`).FindAllStringSubmatch(said, -1)
	if len(questions) < 2 || !strings.Contains(said, "tocsin warning answer") {
		t.Fatalf("release says\n%s", said)
	}
	if got := rui.run("", "warning", "answer", id, "w1", questions[0][1], "--data", d.data); got.code != 1 || !strings.Contains(got.err, "hint:") {
		t.Errorf("an answer without words: %+v", got)
	}
	args := []string{"warning", "answer", id, "w1"}
	if got := rui.run("", append(args, questions[0][1]+"=I have opened it.", "gone=advice", "--data", d.data)...); got.code != 1 || !strings.Contains(got.err, "None of the answers was recorded") {
		t.Errorf("an answer to what is not asked: %+v", got)
	}
	for _, q := range questions {
		args = append(args, q[1]+"=I have opened it = it gives nothing away.")
	}
	if got := rui.must("", args...); strings.Count(got, "I have opened it = it gives nothing away.") != len(questions) {
		t.Errorf("%d answers are told as %q", len(questions), got)
	}
	if got := rui.must("", "warning", "release", id, "w1"); !strings.Contains(got, "released; the server") {
		t.Errorf("release says %q", got)
	}
}

func TestARecordThatWasTamperedWithEndsInThree(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	d.as("ida", "intake_officer")
	d.must("", "record", "checkpoint")
	file := filepath.Join(d.data, "tocsin.db")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.LastIndex(b, []byte("intake_officer"))
	if i < 0 {
		t.Fatal("the record does not hold what was written")
	}
	copy(b[i:], "senior_officer")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := d.run("", "record", "verify", "--data", d.data); got.code != 3 {
		t.Errorf("exit %d\n%s%s", got.code, got.out, got.err)
	}
}

func TestFieldsBecomeTheJSONThatTheInterfaceTakes(t *testing.T) {
	got, err := pairs([]string{"victim.id=v1", "signed=true", "findings.0.element=harm", "findings.0.value=met", "findings.1.element=specific", `list=["a","b"]`, "n=3", "text=3 o'clock"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"findings":[{"element":"harm","value":"met"},{"element":"specific"}],"list":["a","b"],"n":3,"signed":true,"text":"3 o'clock","victim":{"id":"v1"}}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

func TestAConfigurationIsReadStrictly(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	secret := write("secret", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n")
	c, err := readConfig(write("good.yaml", "listen: 127.0.0.1:1\nsmtp: {host: 127.0.0.1, port: 2525, security: none-on-loopback, from: watch@example.org}\nwebhooks:\n  a: {url: \"https://a.example/in\", secret_file: "+secret+"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := c.channels(nil)
	if err != nil || strings.Join(set.Names(), " ") != "in_person smtp webhook" {
		t.Errorf("%v, %v", set.Names(), err)
	}
	for name, text := range map[string]string{"an unknown key": "listn: x\n", "a wrong type": "smtp: yes\n"} {
		if _, err := readConfig(write("bad.yaml", text)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if _, err := (config{Webhooks: map[string]hookConfig{"a": {URL: "http://far.example/"}}}).channels(nil); err == nil {
		t.Error("a webhook without TLS and without a secret was set up")
	}
}

func TestAReaderFlagsAReportFromTheCommandLineAndSeesWhatBecameOfIt(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	ida, rita := d.as("ida", "intake_officer"), d.as("rita", "reviewer")
	id := ida.must("They will burn the mill.", "report", "add", "-")
	for range 2 {
		if got := rita.must("", "report", "flag", id, "--why", "The miller can be found by anybody.", "--key", "k1"); !strings.Contains(got, "nobody has taken it up") {
			t.Error(got)
		}
	}
	ida.must("", "case", "open", "--title", "Mill", id)
	if got := rita.must("", "report", "flags"); strings.Count(got, id) != 1 || !strings.Contains(got, "taken up in a case") {
		t.Error(got)
	}
	if got := rita.run("", "report", "flag", id, "--why", "", "--data", d.data); got.code != 1 || !strings.Contains(got.err, "hint:") {
		t.Errorf("a flag without words: %d %s", got.code, got.err)
	}
}

func TestTheOwnerOfASealedCaseSeesFromTheCommandLineWhoReadIt(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	dora, anna := d.as("dora", "duty_officer"), d.as("anna", "analyst")
	id := dora.must("", "case", "open", "--title", "Mill", dora.must("They will burn the mill.", "report", "add", "-"))
	dora.must("", "case", "do", id, "seal-case", `people=["anna"]`, "reason=the source is one of ours")
	anna.must("", "case", "show", id)
	if got := dora.must("", "oversight", "sealed-reads"); !strings.Contains(got, id) || !strings.Contains(got, "anna") {
		t.Error(got)
	}
	if got := anna.must("", "oversight", "sealed-reads"); strings.Contains(got, id) {
		t.Error(got)
	}
}

func TestACommandExplainsItselfWhenAsked(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	got := d.run("", "record", "verify", "--help")
	if got.code != 0 || got.err != "" || !strings.HasPrefix(got.out, "usage: tocsin record verify") || !strings.Contains(got.out, "--data") {
		t.Errorf("%d\n%s%s", got.code, got.out, got.err)
	}
}
