package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWordsAreFoundFromTheCommandLine(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	ines, rosa := d.as("ines", "intake_officer"), d.as("rosa", "reporter")
	report := ines.must("Frau Müller waits at the old mill.", "report", "add", "-")
	got := ines.run("", "search", "muller", `"old mill"`, "--data", d.data)
	if got.code != 0 || !strings.Contains(got.out, report) || !strings.Contains(got.out, "[Müller]") || !strings.Contains(got.out, "[old mill]") || !strings.Contains(got.err, "report: 1") {
		t.Errorf("%+v", got)
	}
	var page struct {
		Items []struct{ Kind, Report string }
	}
	if err := json.Unmarshal([]byte(ines.must("", "search", "--json", "--kind", "report", "mill")), &page); err != nil || len(page.Items) != 1 || page.Items[0].Report != report {
		t.Errorf("%v %+v", err, page)
	}
	if got := rosa.run("", "search", "mill", "--data", d.data); got.code != 0 || got.out != "" || !strings.Contains(got.err, "nothing that you may see") {
		t.Errorf("a reporter finds what somebody else handed in: %+v", got)
	}
	if got := ines.run("", "search", "...", "--data", d.data); got.code != 1 || !strings.Contains(got.err, "no word in the search") || !strings.Contains(got.err, "hint:") {
		t.Errorf("%+v", got)
	}
	if got := ines.run("", "search", "--data", d.data); got.code != 2 {
		t.Errorf("%+v", got)
	}
}
