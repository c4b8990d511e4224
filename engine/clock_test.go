package engine_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/casefile"
	"tocsin/deliver"
	"tocsin/engine"
	"tocsin/ledger/memory"
	"tocsin/packs"
	"tocsin/release"
)

func TestAClockThatGoesBackIsRefusedAndLosesNothing(t *testing.T) {
	h := open(t)
	id := h.warned(consul)
	before := h.state(id)
	h.hand.pass(-time.Hour)
	_, err := h.Do(t.Context(), dan, id, casefile.Review{Note: "read"}, engine.Options{})
	var told *tocsin.Error
	if !errors.As(err, &told) || told.Code != "clock_behind" || told.Kept == "" || told.Do == "" {
		t.Errorf("a command with a clock that is behind: %v", err)
	}
	if err := h.Settle(t.Context()); err != nil {
		t.Errorf("with nothing due yet by this clock, settling: %v", err)
	}
	if len(h.hook.sends()) != 0 || h.state(id).Version != before.Version {
		t.Error("something was sent or recorded with a clock that is behind")
	}
	h.proved()
	h.hand.set(begin)
	h.settle()
	wantDeliveries(t, h.state(id), "w1/consul/1 sent")
	h.proved()
}

func TestAnOutcomeThatCannotBeRecordedIsFoundOutUnderTheSameKey(t *testing.T) {
	h := open(t)
	h.hook.does = func(_ context.Context, m release.Message, try int) (tocsin.Receipt, error) {
		if try == 1 {
			h.hand.pass(-time.Hour) // somebody sets the clock while the message is on its way
		}
		return taken(m), nil
	}
	id := h.warned(consul)
	err := h.Settle(t.Context())
	if tocsin.KindOf(err) != tocsin.Refused {
		t.Errorf("settling: %v", err)
	}
	wantDeliveries(t, h.state(id), "w1/consul/1 started")
	h.proved()
	h.hand.set(begin.Add(lease))
	h.settle()
	wantDeliveries(t, h.state(id), "w1/consul/1 sent")
	if s := h.hook.sends(); len(s) != 2 || s[0].key != s[1].key {
		t.Errorf("sent were %v", s)
	}
	h.proved()
}

func TestClocksThatRanOutWhileNobodyWorkedAreRaisedInTheirOrder(t *testing.T) {
	h := open(t)
	id := h.owed(rumour)
	h.do(anna, id, casefile.AddVictim{Victim: tocsin.Victim{ID: "v2", Name: "Stallholders", Kind: "group", Identity: "class_only"}})
	h.do(dan, id, casefile.ProposeTransfer{To: "sofi"})
	h.do(anna, id, casefile.RaiseDispute{About: "the day", Position: "Thursday"})
	running := casefile.Clocks(h.state(id))
	h.restart()
	h.hand.pass(20 * 24 * time.Hour)
	h.settle()
	missed := of[casefile.ClockMissed](h.events(id))
	if len(missed) < len(running) || len(running) < 5 {
		t.Fatalf("%d clocks ran and %d are raised", len(running), len(missed))
	}
	for i, c := range running {
		if m := missed[i]; m.Clock != c.Name || m.Target != c.Target || !m.Due.Equal(c.Due) || m.Count != 1 {
			t.Errorf("number %d to be raised is %s of %q, due %s; want %s of %q, due %s", i+1, m.Clock, m.Target, m.Due, c.Name, c.Target, c.Due)
		}
	}
	if v, _ := h.state(id).Victim("v2"); v.Disposition != casefile.ObligationOwed {
		t.Errorf("what nobody determined in time is %s", v.Disposition)
	}
	h.proved()
	at, ok, err := h.NextDue(t.Context())
	if err != nil || !ok || !at.After(h.Now()) {
		t.Errorf("next is due %s (%v), %v; want something after %s", at, ok, err, h.Now())
	}
}

// otherPack is the built-in pack in another edition: its digest differs.
func otherPack(t *testing.T) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(packs.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(packs.FS(), path)
		if strings.HasSuffix(path, "pack.yaml") {
			b = append(b, "\n# another edition\n"...)
		}
		out[path] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestACaseWhosePackIsNotLoadedKeepsItsClocksAndSomebodyIsTold(t *testing.T) {
	h := open(t)
	id := h.owed(rumour)
	h.do(anna, id, casefile.AddVictim{Victim: tocsin.Victim{ID: "v2", Name: "Stallholders", Kind: "group", Identity: "class_only"}})
	h.packs = withPacks(otherPack(t))
	h.restart()
	h.do(anna, id, findings("v2"))
	if v, _ := h.state(id).Victim("v2"); v.Determination != nil {
		t.Fatal("a pack that is not the case's determined it")
	}
	if !strings.Contains(h.log.String(), "pack of a case is not loaded") || !strings.Contains(h.log.String(), string(id)) {
		t.Errorf("nobody is told; the log is %q", h.log)
	}
	h.proved()
	steps := 0
	for v, _ := h.state(id).Victim("v2"); v.Disposition == casefile.ObligationOpen; v, _ = h.state(id).Victim("v2") {
		h.hand.pass(10 * time.Minute)
		h.settle()
		h.proved()
		if steps++; steps > 1000 {
			t.Fatal("its clocks have stopped")
		}
	}
	if m := of[casefile.FellToOwed](h.events(id)); len(m) != 1 || m[0].Victim != "v2" || m[0].Clock != tocsin.ClockDetermination {
		t.Errorf("it is owed because of %v", m)
	}
	if _, err := h.Draft(t.Context(), anna, id, wording(), engine.Options{}); err == nil {
		t.Error("words of another edition of the pack pass for the case's")
	}
	// With the right pack again, what was left is done by itself.
	h.packs = builtIn()
	h.restart()
	h.hand.pass(lease)
	h.settle()
	if v, _ := h.state(id).Victim("v2"); v.Determination == nil {
		t.Error("the determination is not made up for")
	}
	h.proved()
}

// TestWhateverIsOwedIsQueuedAndWhateverIsShownIsRecorded plays anything that
// anybody might do, in any order, and demands again and again that the record,
// the queue and the index agree.
func TestWhateverIsOwedIsQueuedAndWhateverIsShownIsRecorded(t *testing.T) {
	h := open(t)
	steps, runs := 0, 0
	var engines []*engine.Engine
	rapid.Check(t, func(rt *rapid.T) {
		if runs++; runs > 30 {
			return // these are long ones; rapid's usual hundred would take a minute
		}
		h.store = memory.Open()
		engines = []*engine.Engine{h.second("w1"), h.second("w2")}
		h.Engine = engines[0]
		h.hook.does = func(_ context.Context, m release.Message, _ int) (tocsin.Receipt, error) {
			switch rapid.IntRange(0, 3).Draw(rt, "the far side") {
			case 0:
				return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Temporary, Detail: "later"}
			case 1:
				return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Uncertain, Detail: "silence"}
			case 2:
				return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Permanent, Detail: "never"}
			}
			return taken(m), nil
		}
		h.hand.set(begin)
		id := h.warned(consul)
		rt.Repeat(map[string]func(*rapid.T){
			"time passes": func(rt *rapid.T) {
				h.hand.pass(rapid.SampledFrom([]time.Duration{time.Second, lease, time.Hour, 5 * time.Hour, 4 * 24 * time.Hour}).Draw(rt, "time"))
			},
			"somebody works": func(rt *rapid.T) {
				if err := rapid.SampledFrom(engines).Draw(rt, "process").Settle(t.Context()); err != nil {
					rt.Fatal(err)
				}
			},
			"somebody acts": func(rt *rapid.T) { act(rt, t.Context(), rapid.SampledFrom(engines).Draw(rt, "process"), id) },
			"": func(rt *rapid.T) {
				if steps++; steps%10 != 0 {
					return // a proof costs more than what it proves here
				}
				if err := h.Follow(t.Context()); err != nil {
					rt.Fatal(err)
				}
				h.proved()
				if t.Failed() {
					rt.FailNow()
				}
			},
		})
	})
}

// act gives one of the commands that the case allows. A refusal is an answer.
func act(rt *rapid.T, ctx context.Context, e *engine.Engine, id tocsin.CaseID) {
	s, err := e.Case(id)
	if err != nil {
		return // this process has not heard of it yet
	}
	commands := []struct {
		by tocsin.Actor
		c  casefile.Command
	}{
		{anna, findings("v1")}, {sofi, casefile.AffirmDetermination{Victim: "v1"}}, {dan, casefile.Review{Note: "read"}},
		{anna, casefile.AddVictim{Victim: tocsin.Victim{ID: "v2", Name: "Stallholders", Kind: "group", Identity: "class_only"}}}, {anna, findings("v2")},
		{dan, casefile.ProposeTransfer{To: "sofi"}}, {sofi, casefile.AnswerTransfer{Accept: true}}, {anna, casefile.RaiseDispute{About: "a", Position: "b"}},
		{rui, casefile.ExtendWindow{Warning: "w1", Until: s.Now.Add(200 * time.Hour), Reason: "still so"}}, {dan, casefile.Discharge{Victim: "v1", Reason: "told"}},
		{sofi, casefile.RecordOutcome{Outcome: casefile.Outcome{What: "averted", Note: "arrests"}}}, {anna, casefile.StateThreat{Threat: tocsin.Threat{Harm: "kidnapping"}}},
	}
	for _, d := range s.Deliveries {
		commands = append(commands, struct {
			by tocsin.Actor
			c  casefile.Command
		}{paul, casefile.Acknowledge{Key: d.Key, Answer: rapid.SampledFrom([]tocsin.AckKind{tocsin.AckActing, tocsin.AckRefused, tocsin.WillAnswerLater}).Draw(rt, "answer"), Person: "desk"}})
	}
	x := rapid.SampledFrom(commands).Draw(rt, "command")
	if _, err := e.Do(ctx, x.by, id, x.c, engine.Options{}); err != nil && tocsin.KindOf(err) == "" {
		rt.Fatalf("%s: %v", x.c.Kind(), err)
	}
}
