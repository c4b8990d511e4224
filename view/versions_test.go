package view_test

import (
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/view"
)

func TestAnApproverSeesWhatHasChangedSinceTheLastApproval(t *testing.T) {
	at := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	h := casefile.Head{At: at, By: "ana"}
	draft := func(version int, body string, to ...string) casefile.WarningDrafted {
		d := tocsin.Draft{Warning: "w1", Version: version, Marking: "UNCLASSIFIED", Texts: []tocsin.Text{{Language: "en", Subject: "Warning", Body: body}},
			Window: tocsin.Window{Latest: at.Add(time.Hour)}}
		for _, r := range to {
			d.Recipients = append(d.Recipients, tocsin.Recipient{ID: tocsin.RecipientID(r), Name: r})
		}
		return casefile.WarningDrafted{Head: h, Draft: d, Digest: d.Digest()}
	}
	events := []casefile.Event{
		draft(1, "Stay away.\nCall us.", "desk"),
		casefile.WarningApproved{Head: casefile.Head{At: at, By: "rolf"}, Warning: "w1", Version: 1},
		draft(2, "Stay away from the square.\nCall us.", "desk"),
		casefile.WarningReturned{Head: h, Warning: "w1", Version: 2, Reason: "which square?"},
		draft(3, "Stay away from the main square.\nCall us.", "desk", "guard"),
		casefile.WarningDrafted{Head: h, Draft: tocsin.Draft{Warning: "w2", Version: 1}},
		casefile.WarningReleased{Head: h, Clearance: tocsin.Clearance{Warning: "w1", Version: 3}},
	}
	all := view.Versions(events, "w1")
	if len(all) != 3 || all[0].Against != 0 || all[0].Approved != "rolf" || all[1].Returned != "which square?" || all[2].Released.IsZero() {
		t.Fatalf("the versions are %+v", all)
	}
	third := all[2]
	if third.Against != 1 {
		t.Errorf("compared with version %d, not with the approved one", third.Against)
	}
	var parts []string
	for _, c := range third.Changes {
		parts = append(parts, c.Part)
	}
	if got := strings.Join(parts, ", "); got != "en body, recipients" {
		t.Errorf("changed: %s", got)
	}
	diff := third.Changes[0].Diff
	if !strings.Contains(diff, "-Stay away.") || !strings.Contains(diff, "+Stay away from the main square.") || strings.Contains(diff, "-Call us.") || strings.HasPrefix(diff, "---") {
		t.Errorf("the difference is\n%s", diff)
	}
	if len(view.Versions(events, "w9")) != 0 {
		t.Error("a warning that is not there has versions")
	}
}
