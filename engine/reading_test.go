package engine_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/ledger/memory"
	"tocsin/view"
)

var (
	rita = tocsin.Actor{ID: "rita", Name: "Rita", Roles: []tocsin.Role{tocsin.Reviewer}}
	ivan = tocsin.Actor{ID: "ivan", Name: "Ivan", Roles: []tocsin.Role{tocsin.Inspector}}
)

// report hands one in.
func (h *house) report(text string) tocsin.ReportID {
	h.t.Helper()
	return must(h.Receive(h.t.Context(), gate, submission(text), engine.Options{}))(h.t).Report.ID
}

func (h *house) looks(e *engine.Engine, id tocsin.ReportID) (all []view.Look, read time.Time) {
	h.t.Helper()
	if err := e.Follow(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	e.Read(func(x *view.Index) { all, read = slices.Clone(x.Looks[id]), x.ReadByWatch(id) })
	return all, read
}

func TestALookIsRecordedOnceForEachPersonAndReport(t *testing.T) {
	h := open(t)
	first, second := h.report("They will burn the mill."), h.report("They will burn the barn.")
	other := h.second("w2")
	var wg sync.WaitGroup
	for i := range 12 {
		e := []*engine.Engine{h.Engine, other}[i%2]
		wg.Go(func() {
			if err := e.Look(t.Context(), []tocsin.Actor{anna, rita, gate}[i%3], first, second, first); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, id := range []tocsin.ReportID{first, second} {
		all, _ := h.looks(h.Engine, id)
		who := []tocsin.ActorID{}
		for _, l := range all {
			who = append(who, l.By)
		}
		if slices.Sort(who); !slices.Equal(who, []tocsin.ActorID{"anna", "rita"}) {
			t.Errorf("%s was looked at by %v; want anna and rita, once each, and not the reporter", id, who)
		}
	}
	h.proved()
}

func TestOnlyALookOfTheWatchIsAReading(t *testing.T) {
	h := open(t)
	id := h.report("They will burn the mill.")
	if err := h.Look(t.Context(), rita, id); err != nil {
		t.Fatal(err)
	}
	if all, read := h.looks(h.Engine, id); len(all) != 1 || !read.IsZero() {
		t.Errorf("a reviewer's look: %v, read %s", all, read)
	}
	h.hand.pass(time.Minute)
	joined := rita
	joined.Roles = []tocsin.Role{tocsin.IntakeOfficer}
	for range 2 {
		if err := h.Look(t.Context(), joined, id); err != nil {
			t.Fatal(err)
		}
	}
	if all, read := h.looks(h.Engine, id); len(all) != 1 || !all[0].At.Equal(begin) || !read.Equal(begin.Add(time.Minute)) {
		t.Errorf("she has joined the watch and looked again: %v, read %s", all, read)
	}
	h.restart()
	if all, read := h.looks(h.Engine, id); len(all) != 1 || read.IsZero() {
		t.Errorf("after a restart: %v, read %s", all, read)
	}
}

func TestAFlagIsSetOnceAndStaysUntilTheReportIsInACase(t *testing.T) {
	h := open(t)
	id, other := h.report("They will burn the mill."), h.report("They will burn the barn.")
	const why = "The miller can be found by anybody."
	o := engine.Options{Idempotency: "k1"}
	f, already, err := h.Flag(t.Context(), rita, id, "  "+why+"\n", o)
	if err != nil || already || f.Why != why || f.By != "rita" || !f.At.Equal(begin) {
		t.Fatalf("%+v %v %v", f, already, err)
	}
	h.hand.pass(time.Minute)
	for name, o := range map[string]engine.Options{"the same key": o, "no key": {}, "another key": {Idempotency: "k2"}} {
		if again, already, err := h.Flag(t.Context(), rita, id, why, o); err != nil || !already || again != f {
			t.Errorf("%s: %+v %v %v", name, again, already, err)
		}
	}
	if _, _, err := h.Flag(t.Context(), rita, other, why, o); !errors.Is(err, tocsin.Conflict) {
		t.Errorf("a key that stands for another flag: %v", err)
	}
	for name, c := range map[string]struct {
		by   tocsin.Actor
		id   tocsin.ReportID
		why  string
		kind tocsin.Kind
	}{
		"a reporter":            {gate, id, why, tocsin.Forbidden},
		"an inspector":          {ivan, id, why, tocsin.Forbidden},
		"no words":              {rita, id, " \n", tocsin.Invalid},
		"too many words":        {rita, id, string(make([]byte, engine.MaxWhy+1)), tocsin.Invalid},
		"a report that was not": {rita, "report-never", why, tocsin.NotFound},
	} {
		if _, _, err := h.Flag(t.Context(), c.by, c.id, c.why, engine.Options{}); tocsin.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(h.Open(t.Context(), dan, "Mill", "", []tocsin.ReportID{id}, engine.Options{}))(t)
	if _, _, err := h.Flag(t.Context(), rita, id, "something else", engine.Options{}); !errors.Is(err, tocsin.Refused) {
		t.Errorf("a flag on a report in a case: %v", err)
	}
	if again, already, err := h.Flag(t.Context(), rita, id, why, o); err != nil || !already || again != f {
		t.Errorf("the first flag, asked again: %+v %v %v", again, already, err)
	}
	h.proved()
}

func (h *house) reads(id tocsin.CaseID, by tocsin.Actor) (all []view.Read) {
	h.t.Helper()
	s := h.state(id)
	h.Read(func(x *view.Index) { all = x.Reads(s, by) })
	return all
}

func TestAReadOfASealedCaseIsOneEntryForEachPersonThingAndHour(t *testing.T) {
	h := open(t)
	id := h.owed(rumour)
	if err := h.ReadSealed(t.Context(), anna, h.state(id), view.ReadCase); err != nil {
		t.Fatal(err)
	}
	if got := h.reads(id, dan); len(got) != 0 {
		t.Fatalf("a case that is not sealed: %v", got)
	}
	h.do(dan, id, casefile.SealCase{People: []tocsin.ActorID{"anna"}, Reason: "the source is one of ours"})
	read := func(by tocsin.Actor, what string) {
		t.Helper()
		for range 3 {
			if err := h.ReadSealed(t.Context(), by, h.state(id), what); err != nil {
				t.Fatal(err)
			}
		}
	}
	read(anna, view.ReadCase)
	read(anna, view.ReadTimeline)
	read(dan, view.ReadCase)
	h.hand.pass(59 * time.Minute)
	read(anna, view.ReadCase)
	h.hand.pass(time.Minute)
	read(anna, view.ReadCase)
	read(tocsin.Actor{ID: "town.system", Roles: []tocsin.Role{tocsin.RecipientRole}, Recipient: "town"}, view.ReadDelivery)
	want := []view.Read{{By: "anna", At: begin, What: "case"}, {By: "anna", At: begin, What: "timeline"}, {By: "dan", At: begin, What: "case"}, {By: "anna", At: begin.Add(time.Hour), What: "case"}}
	for _, by := range []tocsin.Actor{dan, ivan} { // its owner, and an inspector
		if got := h.reads(id, by); !slices.Equal(got, want) {
			t.Errorf("shown to %s: %v, want %v", by.ID, got, want)
		}
	}
	for _, by := range []tocsin.Actor{anna, rita, sofi} { // sofi is senior, and the case is sealed from her
		if got := h.reads(id, by); got != nil {
			t.Errorf("shown to %s: %v", by.ID, got)
		}
	}
	h.do(dan, id, casefile.SealCase{People: []tocsin.ActorID{"anna", "sofi"}, Reason: "and the senior officer"})
	if got := h.reads(id, sofi); !slices.Equal(got, want) {
		t.Errorf("shown to the senior officer who knows of it: %v", got)
	}
	h.proved()
}

func TestAReadOfASealedCaseThatCannotBeRecordedIsRefusedAndALookIsNot(t *testing.T) {
	store := memory.Open()
	h := open(t, func(h *house) { h.store = store })
	id := h.owed(rumour)
	h.do(dan, id, casefile.SealCase{People: []tocsin.ActorID{"anna"}, Reason: "the source is one of ours"})
	store.FailAppend(func(int) memory.Fault { return memory.NotWritten })
	err := h.ReadSealed(t.Context(), anna, h.state(id), view.ReadCase)
	var told *tocsin.Error
	if !errors.As(err, &told) || told.Code != "read_not_recorded" || told.Kind != tocsin.Unavailable || told.Do == "" {
		t.Errorf("%v", err)
	}
	if err := h.ReadReport(t.Context(), anna, h.state(id).Reports[0].ID); !errors.Is(err, tocsin.Unavailable) {
		t.Errorf("its report: %v", err)
	}
	store.FailAppend(func(int) memory.Fault { return memory.Written })
	if err := h.ReadSealed(t.Context(), anna, h.state(id), view.ReadCase); err != nil {
		t.Errorf("written, though it was said that it was not: %v", err)
	}
}
