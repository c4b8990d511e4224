package engine_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin"
	"tocsin/aside"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/intake"
	"tocsin/ledger/memory"
	"tocsin/search"
	"tocsin/view"
)

var lena = tocsin.Actor{ID: "lena", Name: "Lena", Roles: []tocsin.Role{tocsin.OriginatorLiaison}}

var shoes = aside.Propose{Ground: aside.NoThreat, Why: "an advertisement for shoes"}

// read lets people look at a report.
func (h *house) read(id tocsin.ReportID, by ...tocsin.Actor) {
	h.t.Helper()
	for _, a := range by {
		if err := h.Look(h.t.Context(), a, id); err != nil {
			h.t.Fatal(err)
		}
	}
}

// aside gives a command about setting a report aside.
func (h *house) aside(by tocsin.Actor, id tocsin.ReportID, c aside.Command) *aside.Standing {
	h.t.Helper()
	st, _, err := h.Aside(h.t.Context(), by, id, c, engine.Options{})
	if err != nil {
		h.t.Fatalf("%s: %v", by.ID, err)
	}
	return st
}

// laid sets a report aside, by anna and sofi.
func (h *house) laid(id tocsin.ReportID, p aside.Propose) *aside.Standing {
	h.t.Helper()
	h.read(id, anna, sofi)
	st := h.aside(anna, id, p)
	return h.aside(sofi, id, aside.Confirm{Proposal: st.Proposal, Why: "read it, and so it is"})
}

func (h *house) inbox(e *engine.Engine) (ids []tocsin.ReportID) {
	h.t.Helper()
	if err := e.Follow(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	e.Read(func(x *view.Index) {
		for _, r := range x.Unassessed(e.Now()) {
			ids = append(ids, r.ID)
		}
	})
	return ids
}

func (h *house) found(by tocsin.Actor, words string) bool {
	h.t.Helper()
	q, err := search.Parse(words)
	if err != nil {
		h.t.Fatal(err)
	}
	n := 0
	h.Read(func(x *view.Index) { n = x.Find(q, view.Seeker{By: by, Whole: true}).Counts()[view.ReportHit] })
	return n > 0
}

func code(err error) string {
	var told *tocsin.Error
	if errors.As(err, &told) {
		return told.Code
	}
	return ""
}

func TestAReportLeavesTheInboxByTwoPeopleAndComesBackByOne(t *testing.T) {
	h := open(t)
	first, second, third := h.report("They will burn the mill."), h.report("Shoes, half the price."), h.report("They will burn the barn.")
	h.read(second, anna, sofi)
	st := h.aside(anna, second, shoes)
	if got := h.inbox(h.Engine); !slices.Equal(got, []tocsin.ReportID{first, second, third}) || st.Stage != aside.Waiting {
		t.Errorf("proposed, and the inbox holds %v (%s)", got, st.Stage)
	}
	h.aside(sofi, second, aside.Confirm{Proposal: st.Proposal, Why: "shoes"})
	if got := h.inbox(h.Engine); !slices.Equal(got, []tocsin.ReportID{first, third}) || !h.found(rita, "shoes") {
		t.Errorf("set aside: the inbox holds %v, found %v", got, h.found(rita, "shoes"))
	}
	h.restart()
	if got := h.inbox(h.Engine); len(got) != 2 {
		t.Errorf("after a restart the inbox holds %v", got)
	}
	if st := h.aside(lena, second, aside.TakeUp{Why: "the shop is a front"}); st.Stage != aside.Back || st.Confirmed.By != "sofi" {
		t.Errorf("%+v", st)
	}
	if got := h.inbox(h.Engine); !slices.Equal(got, []tocsin.ReportID{first, second, third}) {
		t.Errorf("taken up, and the inbox holds %v", got)
	}
	h.laid(second, shoes)
	must(h.Open(t.Context(), dan, "Shoes", "", []tocsin.ReportID{second}, engine.Options{}))(t) // without a word first
	if st := must(h.AsideOf(rita, second))(t); st.Stage != aside.InInbox || st.Ended.How != aside.ByCase || st.Ended.By != "dan" || len(st.Earlier) != 1 {
		t.Errorf("in a case: %+v", st)
	}
	h.proved()
}

func TestAReportIsNotSetAsideByAnybodyWhoMayNot(t *testing.T) {
	h := open(t)
	id := h.report("Shoes, half the price.")
	_, _, err := h.Aside(t.Context(), anna, id, shoes, engine.Options{})
	if code(err) != "not_read" {
		t.Errorf("unread: %v", err)
	}
	h.read(id, anna, dan, sofi, rita)
	for by, want := range map[*tocsin.Actor]string{&gate: "no_power", &ivan: "inspector_changes_nothing", &rita: "no_power", &paul: "no_power"} {
		if _, _, err := h.Aside(t.Context(), *by, id, shoes, engine.Options{}); code(err) != want {
			t.Errorf("%s: %v, want %s", by.ID, err, want)
		}
	}
	st := h.aside(sofi, id, shoes)
	yes := aside.Confirm{Proposal: st.Proposal, Why: "shoes"}
	for by, want := range map[*tocsin.Actor]string{&sofi: "confirms_own", &dan: "no_power", &anna: "no_power", &gate: "no_power", &ivan: "inspector_changes_nothing"} {
		if _, _, err := h.Aside(t.Context(), *by, id, yes, engine.Options{}); code(err) != want {
			t.Errorf("%s confirms: %v, want %s", by.ID, err, want)
		}
	}
	handler := rita
	handler.Handles = []string{" Human-7 "}
	theirs := must(h.Receive(t.Context(), gate, engine.Submission{Bytes: []byte("Hats."), Declared: intakeFrom("human-7")}, engine.Options{}))(t).Report.ID
	h.read(theirs, anna, handler)
	st = h.aside(anna, theirs, shoes)
	if _, _, err := h.Aside(t.Context(), handler, theirs, aside.Confirm{Proposal: st.Proposal, Why: "hats"}, engine.Options{}); code(err) != "handler_of_source" {
		t.Errorf("the handler of its source: %v", err)
	}
	for _, kind := range []string{aside.ProposeKind, aside.ConfirmKind, aside.TakeUpKind} {
		if err := h.MayAside(rita, "report-never", kind); !errors.Is(err, tocsin.NotFound) {
			t.Errorf("%s about none: %v", kind, err)
		}
	}
	if _, _, err := h.Aside(t.Context(), rita, "report-never", shoes, engine.Options{}); !errors.Is(err, tocsin.NotFound) {
		t.Errorf("about none: %v", err)
	}
	h.proved()
}

func TestTheSameRequestAboutSettingAsideIsDoneOnce(t *testing.T) {
	h := open(t)
	id, other := h.report("Shoes, half the price."), h.report("Hats.")
	h.read(id, anna, sofi)
	h.read(other, anna)
	o := engine.Options{Idempotency: "k1"}
	first, already, err := h.Aside(t.Context(), anna, id, shoes, o)
	if err != nil || already {
		t.Fatal(already, err)
	}
	second := h.second("w2")
	var wg sync.WaitGroup
	for i := range 8 {
		e := []*engine.Engine{h.Engine, second}[i%2]
		wg.Go(func() {
			if st, already, err := e.Aside(t.Context(), anna, id, shoes, o); err != nil || !already || st.Proposal != first.Proposal {
				t.Errorf("again: %+v %v %v", st, already, err)
			}
		})
	}
	wg.Wait()
	if _, _, err := h.Aside(t.Context(), anna, other, shoes, o); code(err) != "key_reused" {
		t.Errorf("the key for another report: %v", err)
	}
	h.proved()
}

func TestSettingAsideSurvivesAWriteThatDoesNotSay(t *testing.T) {
	for name, fault := range map[string]memory.Fault{"not written": memory.NotWritten, "written": memory.Written} {
		store := memory.Open()
		h := open(t, func(h *house) { h.store = store })
		id := h.report("Shoes, half the price.")
		h.read(id, anna)
		tries := 0
		store.FailAppend(func(int) memory.Fault {
			if tries++; tries == 1 {
				return fault
			}
			return memory.Fault(0)
		})
		o := engine.Options{Idempotency: "k1"}
		_, _, err := h.Aside(t.Context(), anna, id, shoes, o)
		if (name == "written") != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := h.Aside(t.Context(), anna, id, shoes, o); err != nil {
			t.Errorf("%s, again: %v", name, err)
		}
		if st := must(h.AsideOf(anna, id))(t); len(st.Earlier) != 0 || st.Stage != aside.Waiting {
			t.Errorf("%s: %+v", name, st)
		}
		h.proved()
	}
}

func TestAFlagOrACaseThatAnotherProcessRecordedFirstIsNotSilenced(t *testing.T) {
	for name, first := range map[string]func(*engine.Engine, tocsin.ReportID) error{
		"flag": func(e *engine.Engine, id tocsin.ReportID) error {
			_, _, err := e.Flag(t.Context(), lena, id, "the shop is a front", engine.Options{})
			return err
		},
		"case": func(e *engine.Engine, id tocsin.ReportID) error {
			_, err := e.Open(t.Context(), dan, "Shoes", "", []tocsin.ReportID{id}, engine.Options{})
			return err
		},
	} {
		h := open(t)
		id := h.report("Shoes, half the price.")
		h.read(id, anna, sofi)
		st := h.aside(anna, id, shoes)
		other := h.second("w2") // it has seen the proposal and nothing after it
		if err := first(h.Engine, id); err != nil {
			t.Fatal(err)
		}
		if _, _, err := other.Aside(t.Context(), sofi, id, aside.Confirm{Proposal: st.Proposal, Why: "shoes"}, engine.Options{}); code(err) != "came_too_late" {
			t.Errorf("%s: %v", name, err)
		}
		for _, e := range []*engine.Engine{h.Engine, other} {
			if st := must(e.AsideOf(rita, id))(t); st.Stage == aside.Aside || st.Confirmed != nil {
				t.Errorf("%s: it was silenced: %+v", name, st)
			}
		}
		if err := h.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.proved()
	}
}

func TestAFlagOnAReportThatIsSetAsideTakesItUp(t *testing.T) {
	h := open(t)
	id := h.report("Shoes, half the price.")
	h.laid(id, shoes)
	if _, _, err := h.Flag(t.Context(), rita, id, "the shop is a front", engine.Options{}); err != nil {
		t.Fatal(err)
	}
	if st := must(h.AsideOf(rita, id))(t); st.Stage != aside.Back || st.Ended.How != aside.ByFlag || len(h.inbox(h.Engine)) != 1 {
		t.Errorf("%+v", st)
	}
	h.read(id, anna, sofi)
	st := h.aside(anna, id, shoes)
	if _, _, err := h.Aside(t.Context(), sofi, id, aside.Confirm{Proposal: st.Proposal, Why: "shoes"}, engine.Options{}); code(err) != "flag_unanswered" {
		t.Errorf("without an answer: %v", err)
	}
	h.aside(sofi, id, aside.Confirm{Proposal: st.Proposal, Why: "shoes", Flags: []aside.Answer{{Flag: 1, Why: "the shop has been looked at"}}})
	if len(h.inbox(h.Engine)) != 0 {
		t.Error("it is in the inbox")
	}
	if _, already, err := h.Flag(t.Context(), rita, id, "the shop is a front", engine.Options{}); err != nil || already || len(h.inbox(h.Engine)) != 1 {
		t.Errorf("she says the same again, after it was answered: %v %v", already, err)
	}
	if _, already, err := h.Flag(t.Context(), rita, id, "the shop is a front", engine.Options{}); err != nil || !already {
		t.Errorf("and once more: %v %v", already, err)
	}
	h.proved()
}

// Whoever is called because nobody reads a report is called again when it comes back
// and nobody of the watch reads it then.
func TestAReportThatComesBackIsUnreadUntilTheWatchHasReadItAgain(t *testing.T) {
	for name, back := range map[string]func(h *house, id tocsin.ReportID){
		"taken up by a reviewer": func(h *house, id tocsin.ReportID) { h.aside(rita, id, aside.TakeUp{Why: "not so sure"}) },
		"flagged": func(h *house, id tocsin.ReportID) {
			must2(h.Flag(h.t.Context(), rita, id, "a front", engine.Options{}))(h.t)
		},
		"its day": nil,
	} {
		b := &bell{}
		h := onDuty(t, b)
		id := h.report("Somebody, somewhere.")
		ground := shoes
		if back == nil {
			ground = aside.Propose{Ground: aside.NothingToActOn, Why: "no name and no place", Retest: begin.Add(48 * time.Hour)}
		}
		h.laid(id, ground)
		h.after(48*time.Hour - time.Second)
		if got := b.heard(); len(got) != 0 {
			t.Fatalf("%s: while it is set aside %v", name, got)
		}
		h.after(time.Second)
		if back != nil {
			back(h, id)
		}
		h.after(10*time.Minute - time.Second)
		if got := b.heard(); len(got) != 0 {
			t.Fatalf("%s: before its time %v", name, got)
		}
		h.after(time.Second)
		if got := whom(b.heard()); got != "super" {
			t.Errorf("%s: it came back, nobody reads it, and %q is called", name, got)
		}
		h.restart()
		h.after(5 * time.Minute)
		if got := whom(b.heard()); got != "deputy" {
			t.Errorf("%s: then %q is called", name, got)
		}
		h.read(id, anna)
		h.read(id, anna)
		h.after(24 * time.Hour)
		if got := b.heard(); len(got) != 0 {
			t.Errorf("%s: after it was read again %v", name, got)
		}
		if all, _ := h.looks(h.Engine, id); len(all) != 2 || all[0].Again.IsZero() {
			t.Errorf("%s: the looks are %+v", name, all)
		}
		h.proved()
	}
}

func TestWhoTakesItUpFromTheWatchIsNotCalledAboutIt(t *testing.T) {
	b := &bell{}
	h := onDuty(t, b)
	id := h.report("Shoes, half the price.")
	h.laid(id, shoes)
	h.after(time.Hour)
	h.aside(dan, id, aside.TakeUp{Why: "I will ask the shop"})
	h.after(time.Hour)
	if got := b.heard(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestAProposalEndsNoCall(t *testing.T) {
	b := &bell{}
	h := onDuty(t, b)
	id := h.report("Shoes, half the price.")
	h.laid(id, shoes)
	h.after(time.Hour)
	h.aside(rita, id, aside.TakeUp{Why: "not so sure"})
	h.after(10 * time.Minute)
	if got := whom(b.heard()); got != "super" {
		t.Fatalf("%q is called", got)
	}
	h.read(id, rita)
	if _, _, err := h.Aside(t.Context(), anna, id, shoes, engine.Options{}); code(err) != "not_read" {
		t.Fatalf("anna has not read it since it came back: %v", err)
	}
	h.after(5 * time.Minute)
	if got := whom(b.heard()); got != "deputy" {
		t.Errorf("then %q is called", got)
	}
}

func TestCopiesOfASealedReportAreSealedWithIt(t *testing.T) {
	h := open(t)
	id := h.owed(rumour)
	of := h.state(id).Reports[0].ID
	copied, proposed := h.report(rumour+" (copy)"), h.report(rumour+" (another copy)")
	h.laid(copied, aside.Propose{Ground: aside.Duplicate, Of: of, Why: "word for word"})
	h.read(proposed, anna)
	h.aside(anna, proposed, aside.Propose{Ground: aside.Duplicate, Of: of, Why: "word for word"})
	h.do(dan, id, casefile.SealCase{People: []tocsin.ActorID{"sofi"}, Reason: "the source is one of ours"})
	if _, err := h.ReportAs(rita, copied); !errors.Is(err, tocsin.NotFound) {
		t.Errorf("its copy is there for somebody who does not know of it: %v", err)
	}
	if h.found(rita, "copy") && !h.found(sofi, "copy") {
		t.Error("the search tells them apart the wrong way round")
	}
	words := strings.Fields(rumour)[0] + " copy"
	h.Read(func(x *view.Index) {
		q, _ := search.Parse(words)
		in, out := x.Find(q, view.Seeker{By: sofi, Whole: true}).Counts()[view.ReportHit], x.Find(q, view.Seeker{By: rita, Whole: true}).Counts()[view.ReportHit]
		if in != 2 || out != 1 {
			t.Errorf("sofi finds %d copies and rita %d, want 2 and 1", in, out)
		}
	})
	if st := must(h.AsideOf(rita, proposed))(t); st != nil {
		t.Errorf("she is told that another copy repeats something: %+v", st)
	}
	if st := must(h.AsideOf(sofi, proposed))(t); st == nil || st.Of != of {
		t.Errorf("and whoever knows of it is not: %+v", st)
	}
	if got := h.inbox(h.Engine); !slices.Equal(got, []tocsin.ReportID{proposed}) {
		t.Errorf("the inbox holds %v: a seal must hide nothing that waits", got)
	}
	if _, _, err := h.Aside(t.Context(), rita, proposed, aside.TakeUp{Why: "x"}, engine.Options{}); code(err) != "not_set_aside" {
		t.Errorf("her word about it: %v", err)
	}
	h.read(proposed, anna)
	if st := h.aside(anna, proposed, shoes); len(st.Earlier) != 0 { // she does not know of the case: to her there is no proposal
		t.Errorf("%+v", st)
	}
	if _, _, err := h.Aside(t.Context(), dan, h.report("third"), aside.Propose{Ground: aside.Duplicate, Of: of, Why: "x"}, engine.Options{}); code(err) != "not_read" {
		t.Error(err)
	}
	third := h.report("a third copy")
	h.read(third, dan, anna)
	for by, want := range map[*tocsin.Actor]string{&dan: "of_sealed", &anna: "of"} {
		if _, _, err := h.Aside(t.Context(), *by, third, aside.Propose{Ground: aside.Duplicate, Of: of, Why: "x"}, engine.Options{}); code(err) != want {
			t.Errorf("%s names the sealed one: %v, want %s", by.ID, err, want)
		}
	}
	if err := h.ReadReport(t.Context(), sofi, copied); err != nil {
		t.Fatal(err)
	}
	if got := h.reads(id, dan); len(got) != 1 || got[0].By != "sofi" {
		t.Errorf("to read a copy is a read of the sealed case: %v", got)
	}
	h.proved()
}

func TestWhatIsHiddenAboutSettingAsideIsNotInTheStreamEither(t *testing.T) {
	h := open(t)
	id := h.owed(rumour)
	of := h.state(id).Reports[0].ID
	copied := h.report(rumour + " (copy)")
	h.laid(copied, aside.Propose{Ground: aside.Duplicate, Of: of, Why: "word for word"})
	length := func(by tocsin.Actor) (n int64) {
		h.Read(func(x *view.Index) { n = x.Length(by) })
		return n
	}
	h.do(dan, id, casefile.SealCase{People: []tocsin.ActorID{"sofi"}, Reason: "the source is one of ours"})
	before, inside := length(rita), length(sofi)
	h.Read(func(x *view.Index) {
		hides := x.Hides(rita)
		for _, stream := range []string{aside.Prefix, view.ReportPrefix, view.LookPrefix, view.FlagPrefix} {
			if !hides(stream + string(copied)) {
				t.Errorf("%s%s is shown", stream, copied)
			}
		}
		if x.Hides(sofi)(aside.Prefix + string(copied)) {
			t.Error("and it is hidden from whoever knows")
		}
	})
	if inside <= before {
		t.Error("the lengths do not differ: the test shows nothing")
	}
	h.aside(sofi, copied, aside.TakeUp{Why: "not quite the same"})
	if _, err := h.ReportAs(rita, copied); err != nil {
		t.Errorf("taken up, it waits, and no seal hides what waits: %v", err)
	}
	if st := must(h.AsideOf(rita, copied))(t); st != nil {
		t.Errorf("but what it was said to repeat is not told: %+v", st)
	}
	h.proved()
}

func TestTwoReportsAreNotCopiesOfEachOther(t *testing.T) {
	h := open(t)
	a, b, c := h.report("The mill, they say."), h.report("The mill, it is said."), h.report("The mill.")
	h.laid(a, aside.Propose{Ground: aside.Duplicate, Of: b, Why: "the same"})
	h.laid(b, aside.Propose{Ground: aside.Duplicate, Of: c, Why: "the same"})
	h.read(c, anna)
	if _, _, err := h.Aside(t.Context(), anna, c, aside.Propose{Ground: aside.Duplicate, Of: a, Why: "the same"}, engine.Options{}); code(err) != "of_itself" {
		t.Errorf("%v", err)
	}
	if got := h.inbox(h.Engine); !slices.Equal(got, []tocsin.ReportID{c}) {
		t.Errorf("somebody must read one of them; the inbox holds %v", got)
	}
	h.Read(func(x *view.Index) {
		if got := x.Copies(c); !slices.Equal(got, []tocsin.ReportID{b}) {
			t.Errorf("the copies of it are %v", got)
		}
	})
}

func TestALaterReportIsToldOfOneThatWasSetAside(t *testing.T) {
	h := open(t)
	from := func(text, origin string) tocsin.ReportID {
		return must(h.Receive(t.Context(), gate, engine.Submission{Bytes: []byte(text), Declared: intakeFrom(origin)}, engine.Options{}))(t).Report.ID
	}
	old, same, other := from("He will do it.", "human-7"), from("Now he has a knife.", " Human-7"), from("Hats.", "human-8")
	twin := h.report("He will do it.")
	h.laid(old, shoes)
	kin := func(id tocsin.ReportID) (k []view.Kin) {
		h.ReadAs(rita, func(x *view.Index) { k = x.Akin(id, h.Now()) })
		return k
	}
	if got := kin(same); len(got) != 1 || got[0] != (view.Kin{Report: old}) {
		t.Errorf("the same origin: %v", got)
	}
	if got := kin(twin); len(got) != 1 || got[0] != (view.Kin{Report: old, Content: true}) {
		t.Errorf("the same words: %v", got)
	}
	if got := append(kin(other), kin(old)...); len(got) != 0 {
		t.Errorf("nothing in common: %v", got)
	}
	must(h.Open(t.Context(), dan, "Knife", "", []tocsin.ReportID{same}, engine.Options{}))(t)
	h.aside(rita, old, aside.TakeUp{Why: "there is a knife now"})
	if got := kin(twin); len(got) != 0 {
		t.Errorf("taken up: %v", got)
	}
}

func intakeFrom(origin string) intake.Declared { return intake.Declared{Origin: origin} }

func must2[T, U any](v T, _ U, err error) func(testing.TB) T { return must(v, err) }
