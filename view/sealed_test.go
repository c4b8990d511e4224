package view_test

import (
	"slices"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/view"
)

func TestAReaderSeesNoTraceOfACaseThatIsSealedFromThem(t *testing.T) {
	x := view.New()
	for _, id := range []tocsin.ReportID{"r1", "r2", "r3", "r4"} {
		x.Reports[id] = &view.Report{Report: tocsin.Report{ID: id}}
		x.Order = append(x.Order, id)
	}
	x.Reports["r1"].Cases = []tocsin.CaseID{"hidden"}
	x.Reports["r2"].Cases = []tocsin.CaseID{"hidden", "open"}
	x.Reports["r3"].RepeatOf = "r1"
	x.Cases["hidden"] = casefile.State{ID: "hidden", Owner: "ana", Sealed: &casefile.Seal{People: []tocsin.ActorID{"rolf"}}}
	x.Cases["open"] = casefile.State{ID: "open", Owner: "ana"}
	x.CaseOrder = []tocsin.CaseID{"hidden", "open"}
	bea, rolf := tocsin.Actor{ID: "bea", Roles: []tocsin.Role{tocsin.Analyst}}, tocsin.Actor{ID: "rolf"}
	if x.As(rolf) != x {
		t.Error("somebody who knows is given less")
	}
	seen := x.As(bea)
	if !slices.Equal(seen.CaseOrder, []tocsin.CaseID{"open"}) || len(seen.Cases) != 1 || !slices.Equal(seen.Order, []tocsin.ReportID{"r2", "r3", "r4"}) {
		t.Errorf("seen: %v, %v", seen.CaseOrder, seen.Order)
	}
	if r := seen.Reports["r2"]; !slices.Equal(r.Cases, []tocsin.CaseID{"open"}) || seen.Reports["r3"].RepeatOf != "" {
		t.Errorf("traces are left: %+v, %+v", r, seen.Reports["r3"])
	}
	if len(x.Reports["r2"].Cases) != 2 || x.Reports["r3"].RepeatOf != "r1" || len(x.Cases) != 2 {
		t.Error("the index itself was changed")
	}
	hides := x.Hides(bea)
	for stream, want := range map[string]bool{"case/hidden": true, "case/open": false, "report/r1": true, "report/r2": false, "look/r1": true, "directory": false} {
		if hides(stream) != want {
			t.Errorf("%s is hidden: %v", stream, hides(stream))
		}
	}
}
