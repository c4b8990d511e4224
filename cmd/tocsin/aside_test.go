package main

import (
	"regexp"
	"strings"
	"testing"
)

var proposal = regexp.MustCompile(`(?m)^proposal  (\S+)$`)

func TestAReportIsSetAsideFromTheCommandLineByTwoPeopleAndTakenUpByOne(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	ida, sofi, rita, lena, ivan := d.as("ida", "intake_officer"), d.as("sofi", "senior_officer"), d.as("rita", "reviewer"), d.as("lena", "originator_liaison"), d.as("ivan", "inspector")
	id := ida.must("Shoes, half the price.", "report", "add", "-")
	lena.must("", "report", "flag", id, "--why", "The shop is a front.")
	set := []string{"report", "set-aside", id, "--ground", "not_a_threat", "--why", "an advertisement"}
	if got := ida.run("", append(set, "--data", d.data)...); got.code != 1 || !strings.Contains(got.err, "You have not read the report.") || !strings.Contains(got.err, "kept:") || !strings.Contains(got.err, "hint:") {
		t.Errorf("unread: %d %s", got.code, got.err)
	}
	for _, who := range []desk{ida, sofi, rita} {
		who.must("", "report", "show", id)
	}
	if got := ida.run("", "report", "set-aside", id, "--ground", "spam", "--why", "x", "--data", d.data); got.code != 2 || !strings.Contains(got.err, `"spam" is not a ground`) || !strings.Contains(got.err, "test_or_exercise") {
		t.Errorf("no ground: %d %s", got.code, got.err)
	}
	said := ida.must("", append(set, "--key", "k1")...)
	m := proposal.FindStringSubmatch(said)
	if m == nil || !strings.Contains(said, "PROPOSED") || !strings.Contains(said, "flag 1") {
		t.Fatal(said)
	}
	if again := ida.must("", append(set, "--key", "k1")...); proposal.FindStringSubmatch(again)[1] != m[1] {
		t.Errorf("the same request is done twice: %s", again)
	}
	if got := sofi.must("", "report", "list", "--state", "proposed"); !strings.Contains(got, id) || !strings.Contains(got, "[proposed: not a threat]") {
		t.Error(got)
	}
	confirm := []string{"report", "confirm", id, m[1], "--why", "read it"}
	for who, want := range map[*desk]string{&ida: "Your role does not allow this.", &rita: "possible duty to warn", &sofi: "flag 1 has no answer", &ivan: "changes nothing"} {
		if got := who.run("", append(confirm, "--data", d.data)...); got.code != 1 || !strings.Contains(got.err, want) {
			t.Errorf("%d %s, want %s", got.code, got.err, want)
		}
	}
	for _, wrong := range []string{"the shop", "one=the shop"} {
		if got := sofi.run("", append(confirm, "--answer", wrong, "--data", d.data)...); got.code != 2 {
			t.Errorf("%s: %d %s", wrong, got.code, got.err)
		}
	}
	if got := sofi.must("", append(confirm, "--answer", "1=The shop was visited; it sells shoes.")...); !strings.Contains(got, "set aside") || !strings.Contains(got, "confirmed") || !strings.Contains(got, "it sells shoes") {
		t.Error(got)
	}
	if got := ida.must("", "report", "list", "--state", "waiting"); got != "" {
		t.Errorf("what waits: %s", got)
	}
	if got := ida.must("", "search", "shoes"); !strings.Contains(got, "[set aside]") {
		t.Error(got)
	}
	if got := lena.must("", "report", "flags"); !strings.Contains(got, "set aside") {
		t.Error(got)
	}
	if got := lena.must("", "report", "take-up", id, "--why", "They sell more than shoes."); !strings.Contains(got, "taken up again") {
		t.Error(got)
	}
	if got := ivan.must("", "report", "aside", id); !strings.Contains(got, "They sell more than shoes.") {
		t.Error(got)
	}
	got := ivan.must("", "oversight", "set-aside")
	for _, want := range []string{"reports set aside now: 0", "not a threat                            1          1               1", "taken up again: 1", "PROPOSED, NEVER CONFIRMED: 0"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
	if got := ida.must("", "record", "verify"); !strings.Contains(got, "verified") {
		t.Error(got)
	}
}

func TestAReportThatNobodyCanActOnIsSetAsideUntilADay(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	ida := d.as("ida", "intake_officer")
	id, other := ida.must("Somebody, somewhere.", "report", "add", "-"), ida.must("Somebody, elsewhere.", "report", "add", "-")
	ida.must("", "report", "show", id)
	ida.must("", "report", "show", other)
	set := []string{"report", "set-aside", id, "--ground", "nothing_to_act_on", "--why", "no name and no place"}
	for retest, code := range map[string]int{"soon": 2, "2020-01-01": 1, "2999-01-01": 1} {
		if got := ida.run("", append(set, "--retest", retest, "--data", d.data)...); got.code != code {
			t.Errorf("%s: %d %s", retest, got.code, got.err)
		}
	}
	if got := ida.must("", set...); !strings.Contains(got, "comes back") {
		t.Error(got)
	}
	if got := ida.must("", "report", "set-aside", other, "--ground", "duplicate", "--of", id, "--why", "the same voice"); !strings.Contains(got, "duplicate of "+id) {
		t.Error(got)
	}
}
