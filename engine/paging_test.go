package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/deliver"
	"tocsin/engine"
	"tocsin/ledger/memory"
	"tocsin/paging"
	"tocsin/view"
)

const origin = "https://tocsin.example.org"

// call is one notice that came to somebody on call.
type call struct {
	to   string
	n    paging.Notice
	text string
}

// bell is a pager that does what a script says and remembers what it was given.
type bell struct {
	does func(ctx context.Context, to paging.Rung, try int) (tocsin.Receipt, error)

	mu  sync.Mutex
	all []call
}

func (b *bell) Name() string { return "webhook" }

func (b *bell) Page(ctx context.Context, to paging.Rung, n paging.Notice) (tocsin.Receipt, error) {
	b.mu.Lock()
	b.all = append(b.all, call{to.Address, n, n.Text().Subject + "\n" + n.Text().Body})
	try := 0
	for _, c := range b.all {
		if c.n.Key() == n.Key() {
			try++
		}
	}
	b.mu.Unlock()
	if b.does != nil {
		return b.does(ctx, to, try)
	}
	return tocsin.Receipt{State: "delivered"}, nil
}

// heard lists whom was called since it was last asked.
func (b *bell) heard() []call {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.all
	b.all = nil
	return all
}

func whom(calls []call) string {
	var out []string
	for _, c := range calls {
		out = append(out, c.to)
	}
	return strings.Join(out, " ")
}

// onDuty is a house with people on call.
func onDuty(t *testing.T, b *bell, change ...func(*house)) *house {
	rungs := func(names ...string) (out []paging.Rung) {
		for _, n := range names {
			out = append(out, paging.Rung{Channel: "webhook", Address: n, Name: strings.ToUpper(n)})
		}
		return out
	}
	return open(t, append(change, func(h *house) {
		h.cfg.Pagers = paging.Set{"webhook": b}
		h.cfg.OnCall = &paging.Plan{Origin: origin, Unread: 10 * time.Minute, Next: 5 * time.Minute,
			Ladders: map[paging.Ladder][]paging.Rung{paging.Supervisor: rungs("super", "deputy"), paging.Duty: rungs("duty"), paging.Senior: rungs("senior")}}
	})...)
}

// after moves the clock and lets what is due happen.
func (h *house) after(d time.Duration) {
	h.t.Helper()
	h.hand.pass(d)
	h.settle()
}

func (h *house) pages(by tocsin.Actor) (all []paging.Page) {
	h.Read(func(x *view.Index) { all = x.Pages(by) })
	return all
}

func TestAReportThatNobodyReadsPagesTheSupervisorUntilTheWatchHasReadIt(t *testing.T) {
	b := &bell{}
	h := onDuty(t, b)
	id := h.report("They will burn the mill. The miller is called Haddad.")
	h.after(10*time.Minute - time.Second)
	if got := b.heard(); len(got) != 0 {
		t.Fatalf("before its time: %v", got)
	}
	h.after(time.Second)
	first := b.heard()
	if whom(first) != "super" {
		t.Fatalf("at ten minutes: %v", first)
	}
	if text := first[0].text; !strings.Contains(text, "unread for 10 minutes") || !strings.Contains(text, origin+"/pages/"+string(first[0].n.Page())) ||
		strings.Contains(text, string(id)) || strings.Contains(text, "mill") || strings.Contains(text, "Haddad") {
		t.Errorf("it says %q", text)
	}
	for _, by := range []tocsin.Actor{gate, rita} { // who handed it in, and a reviewer
		if err := h.Look(t.Context(), by, id); err != nil {
			t.Fatal(err)
		}
	}
	var rest []string
	for range 8 {
		h.after(5 * time.Minute)
		rest = append(rest, "["+whom(b.heard())+"]")
	}
	// The second round takes twice as long as the first.
	if got := strings.Join(rest, ""); got != "[deputy][super][][deputy][][super][][]" {
		t.Errorf("every five minutes it goes on to %s", got)
	}
	if err := h.Look(t.Context(), anna, id); err != nil {
		t.Fatal(err)
	}
	h.after(24 * time.Hour)
	if got := b.heard(); len(got) != 0 {
		t.Errorf("after it was read: %v", got)
	}
	if all := h.pages(rita); len(all) != 1 || all[0].Live() || all[0].Over.Why != "read" || all[0].Sends[0].State != paging.Delivered {
		t.Errorf("on record is %+v", all)
	}
	h.proved()
}

func TestAReportInACaseIsNotPagedAndAFloodIsOnePageAtATime(t *testing.T) {
	b := &bell{}
	h := onDuty(t, b)
	var ids []tocsin.ReportID
	for i := range 20 {
		ids = append(ids, h.report(fmt.Sprintf("Hoax number %d.", i)))
	}
	must(h.Open(t.Context(), dan, "Hoaxes", "", ids[:1], engine.Options{}))(t)
	h.after(10 * time.Minute)
	if got := whom(b.heard()); got != "super" {
		t.Fatalf("twenty reports call %q", got)
	}
	for _, id := range ids[1:5] { // each that is read lets the next come up, never faster than a rung
		if err := h.Look(t.Context(), anna, id); err != nil {
			t.Fatal(err)
		}
		h.after(time.Minute)
	}
	if got := whom(b.heard()); got != "" {
		t.Errorf("within five minutes it calls again: %q", got)
	}
	h.after(time.Minute)
	if got := whom(b.heard()); got != "super" {
		t.Errorf("after five minutes it calls %q", got)
	}
	h.proved()
}

func TestARaisedClockPagesItsRoleUntilSomebodyTakesItOn(t *testing.T) {
	b := &bell{}
	h := onDuty(t, b)
	id := h.owed(rumour)
	var first []call
	for len(first) == 0 && h.hand.Now().Before(begin.Add(48*time.Hour)) {
		h.after(5 * time.Minute)
		first = slices.DeleteFunc(b.heard(), func(c call) bool { return c.n.Cause() != paging.Raised })
	}
	if whom(first) != "duty" || strings.Contains(first[0].text, string(id)) || strings.Contains(first[0].text, "market") || !strings.Contains(first[0].text, "raised to the duty officer") {
		t.Fatalf("%+v", first)
	}
	page := first[0].n.Page()
	for name, c := range map[string]struct {
		by   tocsin.Actor
		kind tocsin.Kind
	}{"an analyst": {anna, tocsin.Forbidden}, "an inspector": {ivan, tocsin.Forbidden}} {
		if _, err := h.AcknowledgePage(t.Context(), c.by, page); tocsin.KindOf(err) != c.kind {
			t.Errorf("%s takes it on: %v", name, err)
		}
	}
	if _, err := h.AcknowledgePage(t.Context(), dan, "page-never"); !errors.Is(err, tocsin.NotFound) {
		t.Errorf("a page that never was: %v", err)
	}
	for range 2 {
		if p, err := h.AcknowledgePage(t.Context(), dan, page); err != nil || p.Acked.By != "dan" {
			t.Fatalf("%+v %v", p, err)
		}
	}
	raised := false
	for range 200 { // it stays quiet until the clock is raised again, by then to the senior officer too
		h.after(time.Minute)
		for _, c := range b.heard() {
			raised = raised || c.to == "senior"
			if c.n.Page() == page {
				t.Fatalf("the page that was taken on calls again")
			}
		}
	}
	if !raised {
		t.Error("nobody more senior was called")
	}
	h.proved()
}

func TestAPageSurvivesACrashBetweenIntentAndOutcome(t *testing.T) {
	store := memory.Open()
	b := &bell{}
	h := onDuty(t, b, func(h *house) { h.store = store })
	h.report("They will burn the mill.")
	crash, die := context.WithCancel(t.Context())
	b.does = func(context.Context, paging.Rung, int) (tocsin.Receipt, error) {
		store.FailAppend(func(int) memory.Fault { return memory.NotWritten }) // the outcome is lost with the process
		die()
		return tocsin.Receipt{State: "delivered"}, nil
	}
	h.hand.pass(10 * time.Minute)
	if err := h.Settle(crash); err == nil {
		t.Fatal("it says that all is well")
	}
	store.FailAppend(nil)
	before := b.heard()
	b.does = nil
	h.restart()
	h.after(lease - time.Second)
	if got := b.heard(); len(got) != 0 {
		t.Fatalf("while the lease holds: %v", got)
	}
	h.after(time.Second)
	again := b.heard()
	if len(before) != 1 || len(again) != 1 || before[0] != again[0] {
		t.Fatalf("it repeats %+v as %+v", before, again)
	}
	s := h.pages(anna)[0].Sends
	if len(s) != 1 || s[0].Attempt != 2 || s[0].State != paging.Delivered {
		t.Errorf("on record is %+v", s)
	}
	h.proved()
}

func TestWhatCannotBeSentIsTriedAgainUnderItsKeyAndThenGoesOn(t *testing.T) {
	b := &bell{does: func(_ context.Context, to paging.Rung, try int) (tocsin.Receipt, error) {
		switch {
		case to.Address == "super":
			return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Temporary, Detail: "busy"}
		case try == 1:
			return tocsin.Receipt{}, errors.New("nobody classified this")
		}
		return tocsin.Receipt{State: "sent"}, nil
	}}
	h := onDuty(t, b)
	h.report("They will burn the mill.")
	h.after(10 * time.Minute)
	for range 7 {
		h.after(time.Minute)
	}
	keys := map[tocsin.DeliveryKey]map[string]int{}
	for _, c := range b.heard() {
		if keys[c.n.Key()] == nil {
			keys[c.n.Key()] = map[string]int{}
		}
		keys[c.n.Key()][c.to+c.text]++
	}
	if len(keys) != 2 {
		t.Errorf("%d keys: %v", len(keys), keys)
	}
	for k, what := range keys {
		if len(what) != 1 {
			t.Errorf("under the key %s go different words, or to different people: %v", k, what)
		}
	}
	s := h.pages(anna)[0].Sends
	if len(s) != 2 || s[0].State != paging.NotSent || s[0].Attempt != 5 || s[1].State != paging.Sent || s[1].Attempt != 2 {
		t.Errorf("on record is %+v", s)
	}
}

func TestAnAddressThatIsNoneIsPassedOverAtOnce(t *testing.T) {
	b := &bell{does: func(_ context.Context, to paging.Rung, _ int) (tocsin.Receipt, error) {
		if to.Address == "super" {
			return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Permanent, Detail: "no such endpoint"}
		}
		return tocsin.Receipt{State: "sent"}, nil
	}}
	h := onDuty(t, b)
	h.report("They will burn the mill.")
	h.after(10 * time.Minute)
	if got := whom(b.heard()); got != "super deputy" {
		t.Errorf("it calls %q", got)
	}
}

func TestTwoProcessesBeginOnePageAndSendEachNoticeOnce(t *testing.T) {
	b := &bell{}
	h := onDuty(t, b)
	other := h.second("w2")
	h.report("They will burn the mill.")
	h.hand.pass(10 * time.Minute)
	var wg sync.WaitGroup
	for _, e := range []*engine.Engine{h.Engine, other, h.Engine, other} {
		wg.Go(func() {
			if err := e.Follow(t.Context()); err != nil {
				t.Error(err)
			}
			if err := e.Settle(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := whom(b.heard()); got != "super" {
		t.Errorf("it calls %q", got)
	}
	if err := h.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(h.pages(anna)); n != 1 {
		t.Errorf("%d pages", n)
	}
}

func TestAPageAboutASealedCaseIsNoneToOthers(t *testing.T) {
	b := &bell{}
	h := onDuty(t, b)
	id := h.owed(rumour)
	h.do(dan, id, casefile.SealCase{People: []tocsin.ActorID{"anna"}, Reason: "the source is one of ours"})
	length := func() (n int64) {
		h.Read(func(x *view.Index) { n = x.Length(rita) })
		return n
	}
	before := length()
	for len(h.pages(anna)) == 0 && h.hand.Now().Before(begin.Add(48*time.Hour)) {
		h.after(5 * time.Minute)
	}
	all := h.pages(anna)
	if len(all) == 0 || len(h.pages(rita)) != 0 || length() != before {
		t.Fatalf("those who know see %d pages; others %d, and %d records more", len(all), len(h.pages(rita)), length()-before)
	}
	_, real := h.AcknowledgePage(t.Context(), rita, all[0].ID)
	_, never := h.AcknowledgePage(t.Context(), rita, "page-never")
	if !errors.Is(real, tocsin.NotFound) || strings.ReplaceAll(real.Error(), string(all[0].ID), "page-never") != never.Error() {
		t.Errorf("%v; %v", real, never)
	}
}

func TestWithoutAnybodyOnCallNobodyIsPagedAndWhatWasBegunEnds(t *testing.T) {
	b := &bell{}
	h := onDuty(t, b)
	h.report("They will burn the mill.")
	h.after(10 * time.Minute)
	b.heard()
	h.cfg.OnCall = nil
	h.restart()
	h.report("They will burn the barn.")
	h.after(24 * time.Hour)
	if got := b.heard(); len(got) != 0 {
		t.Errorf("it calls %v", got)
	}
	if all := h.pages(anna); len(all) != 1 || all[0].Over.Why != "not_configured" {
		t.Errorf("on record is %+v", all)
	}
	h.proved()
}
