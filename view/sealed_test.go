package view_test

import (
	"slices"
	"strings"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/ledger"
	"tocsin/search"
	"tocsin/view"
)

// recorded folds records in the order in which they are given.
type recorded struct {
	t *testing.T
	x *view.Index
}

func (f recorded) add(stream, kind string, by tocsin.ActorID, data any) {
	f.t.Helper()
	r := record(f.t, stream, f.x.Version(stream)+1, kind, data)
	r.Actor = by
	f.fold(r)
}

func (f recorded) fold(r ledger.Record) {
	f.t.Helper()
	if err := f.x.Fold(r); err != nil {
		f.t.Fatal(err)
	}
	f.x.Position++
}

func (f recorded) report(id tocsin.ReportID, by tocsin.ActorID, text string, repeats tocsin.ReportID) {
	f.t.Helper()
	f.add(view.ReportPrefix+string(id), view.ReportReceived, by, view.Received{Report: tocsin.Report{ID: id, Text: text, Entered: at}, RepeatOf: repeats})
}

func (f recorded) event(id tocsin.CaseID, e casefile.Event) {
	f.t.Helper()
	f.add(view.CasePrefix+string(id), e.Kind(), "ida", e)
}

func (f recorded) find(words string, who view.Seeker) []string {
	f.t.Helper()
	q, err := search.Parse(words)
	if err != nil {
		f.t.Fatal(err)
	}
	hits, next, err := f.x.Find(q, who).Page("", "", 50)
	if err != nil || next != "" {
		f.t.Fatal(next, err)
	}
	var out []string
	for _, h := range hits {
		out = append(out, strings.TrimRight(string(h.Kind)+" "+string(h.Case)+string(h.Report)+string(h.Recipient), " "))
	}
	slices.Sort(out)
	return out
}

func head() casefile.Head { return casefile.Head{At: at, By: "ida"} }

func sealTo(people ...tocsin.ActorID) casefile.CaseSealed {
	return casefile.CaseSealed{Head: head(), People: people, Reason: "the source"}
}

func TestAReaderSeesNoTraceOfACaseThatIsSealedFromThem(t *testing.T) {
	f := recorded{t, view.New()}
	x := f.x
	for _, id := range []tocsin.ReportID{"r1", "r2", "r3", "r4"} {
		f.report(id, "ida", "Words.", map[tocsin.ReportID]tocsin.ReportID{"r3": "r1"}[id])
	}
	f.event("hidden", opened("hidden"))
	f.event("open", opened("open"))
	f.event("hidden", joined("r1"))
	f.event("hidden", joined("r2"))
	f.event("open", joined("r2"))
	f.event("hidden", sealTo("rolf"))
	f.add("look/r1", view.Looked, "ida", view.Look{By: "ida", At: at})
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

// A search answers whoever may not know of a sealed case out of an index in which no
// word of it stands, so that neither an answer nor the work behind it can tell; and
// whoever may know of it finds it as before.
func TestNoWordOfASealedCaseIsLeftInWhatOthersSearch(t *testing.T) {
	f := recorded{t, view.New()}
	f.report("r1", "ida", "The gardener is watched by two men.", "")
	f.report("r2", "ida", "The gardener has a dog.", "")
	f.report("r3", "gate", "The gardener waits.", "")
	plain := slices.Collect(f.x.Searched())
	f.report("r4", "ida", "Oleander is to die at the pergola.", "")
	f.report("r5", "gate", "The pergola has a second gate, says Quentin.", "")
	f.event("hidden", opened("hidden"))
	f.event("hidden", joined("r4"))
	f.event("hidden", casefile.VictimAdded{Head: head(), Victim: tocsin.Victim{ID: "v1", Kind: tocsin.Person, Name: "Oleander Zorn", Place: "Nursery Lane", Identity: tocsin.Named}, KnownSince: at})
	bea := view.Seeker{By: tocsin.Actor{ID: "bea", Roles: []tocsin.Role{tocsin.Analyst}}, Whole: true}
	rolf := view.Seeker{By: tocsin.Actor{ID: "rolf", Roles: []tocsin.Role{tocsin.Analyst}}, Whole: true}
	gate := view.Seeker{By: tocsin.Actor{ID: "gate", Roles: []tocsin.Role{tocsin.Reporter}}}
	admin := view.Seeker{By: tocsin.Actor{ID: "adam", Roles: []tocsin.Role{tocsin.Administrator}}}
	if got := f.find("oleander", bea); !slices.Equal(got, []string{"case hidden", "report r4"}) {
		t.Fatalf("before the seal: %v", got)
	}
	f.event("hidden", sealTo("rolf"))
	f.event("hidden", joined("r5")) // a report joins a case that is sealed
	if left := slices.Collect(f.x.Searched()); !slices.Equal(left, plain) {
		t.Errorf("the index holds %q, and %q before there was the case", left, plain)
	}
	for words, want := range map[string][]string{"oleander": {"case hidden", "report r4"}, "pergola": {"report r4", "report r5"}, "nursery": {"case hidden"}, "gardener": {"report r1", "report r2", "report r3"}} {
		got := f.find(words, rolf)
		if !slices.Equal(got, want) {
			t.Errorf("%s for somebody who knows: %v", words, got)
		}
		if got := f.find(words, bea); words != "gardener" && len(got) > 0 {
			t.Errorf("%s for somebody who does not: %v", words, got)
		}
		if got := f.find(words, admin); len(got) > 0 {
			t.Errorf("%s for an administrator: %v", words, got)
		}
	}
	if got := f.find("pergola", gate); !slices.Equal(got, []string{"report r5"}) {
		t.Errorf("a reporter, of what they handed in: %v", got)
	}
	f.event("open", opened("open"))
	f.event("open", joined("r5"))
	if got := f.find("quentin", bea); !slices.Equal(got, []string{"report r5"}) {
		t.Errorf("a report that stands in another case too: %v", got)
	}
	f.event("hidden", casefile.CaseUnsealed{Head: head(), Reason: "over"})
	if got := f.find("oleander", bea); !slices.Equal(got, []string{"case hidden", "report r4"}) {
		t.Errorf("after the seal: %v", got)
	}
}
