package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/intake"
	"tocsin/ledger"
	"tocsin/ledger/memory"
	"tocsin/view"
)

func (h *house) receive(by tocsin.Actor, s engine.Submission, key string) engine.Receipt {
	h.t.Helper()
	return must(h.Receive(h.t.Context(), by, s, engine.Options{Idempotency: key}))(h.t)
}

func (h *house) reports() (n int) {
	h.Read(func(x *view.Index) { n = len(x.Order) })
	return n
}

func TestAReportHandedInAgainUnderItsKeyIsAnsweredAsTheFirstTime(t *testing.T) {
	h := open(t)
	first := h.receive(gate, submission(rumour), "k1")
	for name, f := range map[string]func(){"at once": func() {}, "after a restart": h.restart, "by another process": func() { h.Engine = h.second("w2") }} {
		f()
		if again := h.receive(gate, submission(rumour), "k1"); !reflect.DeepEqual(again, first) {
			t.Errorf("%s: %+v, at first %+v", name, again, first)
		}
	}
	if n := h.reports(); n != 1 {
		t.Errorf("%d reports", n)
	}
	// The key is the person's own: somebody else's report is a report.
	other := h.receive(dan, submission("Something else happened at the bridge.\n"), "k1")
	if other.Report.ID == first.Report.ID || h.reports() != 2 {
		t.Errorf("another person's key hides their report: %+v", other.Report)
	}
	h.proved()
}

func TestAReportThatComesAgainIsRecognised(t *testing.T) {
	serial := submission(rumour)
	serial.Declared.SourceKey = "serial-1"
	elsewhere := submission(rumour)
	elsewhere.Declared = intake.Declared{SourceKey: "serial-2", Origin: "caller-7", Conveyor: "another station"}
	changed := submission(rumour + "They have been seen at the bridge.\n")
	changed.Declared.SourceKey = "serial-1"
	h := open(t)
	first := h.receive(gate, serial, "").Report
	again := h.receive(dan, serial, "k1")
	if !again.Reposted || again.Report.ID != first.ID || again.Report.Reposts != 1 {
		t.Errorf("the same serial with the same content: %+v", again)
	}
	if repeat := h.receive(dan, serial, "k1"); !reflect.DeepEqual(repeat, again) {
		t.Errorf("the re-post, handed in again under its key: %+v, at first %+v", repeat, again)
	}
	passed := h.receive(gate, elsewhere, "")
	if passed.Reposted || passed.Report.ID == first.ID || passed.Report.RepeatOf != first.ID || passed.Report.Conveyor != "another station" {
		t.Errorf("the same content by another way: %+v", passed)
	}
	corrected := h.receive(gate, changed, "")
	if corrected.Reposted || corrected.Report.RepeatOf != "" || corrected.Report.ID == first.ID {
		t.Errorf("the same serial with other content: %+v", corrected)
	}
	if n := h.reports(); n != 3 {
		t.Errorf("%d reports", n)
	}
	h.proved()
}

func TestSeveralReportsOfOneThreatAreJoinedAndNoneIsLost(t *testing.T) {
	h := open(t)
	var reports []tocsin.ReportID
	for i := range 5 {
		reports = append(reports, h.receive(gate, submission(fmt.Sprintf("%d. %s", i, rumour)), "").Report.ID)
	}
	id := must(h.Open(t.Context(), dan, "The market", "", reports[:2], engine.Options{}))(t).State.ID
	for _, r := range reports[2:] {
		must(h.Attach(t.Context(), anna, id, r, engine.Options{}))(t)
	}
	_, err := h.Attach(t.Context(), anna, id, reports[0], engine.Options{})
	if tocsin.KindOf(err) != tocsin.Refused {
		t.Errorf("a report that is there already: %v", err)
	}
	_, err = h.Attach(t.Context(), anna, id, "no-such", engine.Options{})
	if tocsin.KindOf(err) != tocsin.NotFound {
		t.Errorf("a report that there is not: %v", err)
	}
	s := h.state(id)
	for i, r := range reports {
		if s.Reports[i].ID != r {
			t.Errorf("report %d of the case is %s, not %s", i, s.Reports[i].ID, r)
		}
		if rep := must(h.Report(r))(t); len(rep.Cases) != 1 || rep.Cases[0] != id {
			t.Errorf("report %s is shown in cases %v", r, rep.Cases)
		}
	}
	h.proved()
}

// broken are bytes that no reader of intake takes.
var broken = engine.Submission{Media: "application/json", Bytes: []byte("{\"text\": \"cut o\x00ff")}

func TestWhatCannotBeReadIsKeptWholeAndSaysWhere(t *testing.T) {
	h := open(t)
	try := func() (engine.Receipt, *tocsin.Error) {
		t.Helper()
		rec, err := h.Receive(t.Context(), gate, broken, engine.Options{Idempotency: "k1"})
		var told *tocsin.Error
		if !errors.As(err, &told) || rec.Held == "" || !strings.Contains(told.Kept, rec.Held) || told.Do == "" {
			t.Fatalf("the answer is %+v, %v", rec, err)
		}
		return rec, told
	}
	rec, told := try()
	h.restart()
	again, toldAgain := try()
	if again.Held != rec.Held || !reflect.DeepEqual(toldAgain, told) {
		t.Errorf("handed in again: %s, %+v; at first %s, %+v", again.Held, toldAgain, rec.Held, told)
	}
	h.Read(func(x *view.Index) {
		if len(x.Quarantine) != 1 || len(x.Order) != 0 || x.Quarantine[0].By != "gate" || x.Quarantine[0].Reason != told.What {
			t.Errorf("in quarantine are %+v", x.Quarantine)
		}
		if b, err := h.store.Blob(t.Context(), x.Quarantine[0].Raw); err != nil || !bytes.Equal(b, broken.Bytes) {
			t.Errorf("kept are %q, %v", b, err)
		}
	})
	h.proved()
}

func TestAnAppendThatFailsLosesNoReportAndCountsNoneTwice(t *testing.T) {
	serial := submission(rumour)
	serial.Declared.SourceKey = "serial-1"
	for _, fault := range []memory.Fault{memory.NotWritten, memory.Written} {
		for name, sub := range map[string]engine.Submission{"a report": submission(rumour), "a report with a serial": serial, "a re-post": serial, "what cannot be read": broken} {
			for _, key := range []string{"", "k1"} {
				t.Run(fmt.Sprint(name, fault, key), func(t *testing.T) {
					h := open(t)
					if name == "a re-post" {
						h.receive(dan, sub, "")
					}
					left := 1
					h.store.(*memory.Store).FailAppend(func(int) memory.Fault {
						if left--; left == 0 {
							return fault
						}
						return memory.None
					})
					rec, err := h.Receive(t.Context(), gate, sub, engine.Options{Idempotency: key})
					unwritten := tocsin.KindOf(err) == tocsin.Unavailable
					if unwritten != (fault == memory.NotWritten) {
						t.Errorf("the first answer is %+v, %v", rec, err)
					}
					if unwritten || key != "" {
						rec, _ = h.Receive(t.Context(), gate, sub, engine.Options{Idempotency: key})
					}
					h.Read(func(x *view.Index) {
						if len(x.Order)+len(x.Quarantine) != 1 || (name == "a re-post") != (rec.Report.Reposts == 1) {
							t.Errorf("there are reports %v, quarantined %v; answered was %+v", x.Order, x.Quarantine, rec)
						}
					})
					h.proved()
				})
			}
		}
	}
}

func TestAPersonWithoutPowerHandsInNothing(t *testing.T) {
	h := open(t)
	for _, r := range []tocsin.Role{tocsin.Inspector, tocsin.Administrator, tocsin.Machine} {
		_, err := h.Receive(t.Context(), tocsin.Actor{ID: "x", Roles: []tocsin.Role{r}}, submission(rumour), engine.Options{})
		if tocsin.KindOf(err) != tocsin.Forbidden {
			t.Errorf("%s: %v", r, err)
		}
	}
	if n := h.reports(); n != 0 {
		t.Errorf("%d reports", n)
	}
}

func TestTheSameReportFromManyAtOnceIsOneReportAndItsRepeats(t *testing.T) {
	h := open(t)
	engines := []*engine.Engine{h.Engine, h.second("w2")}
	const callers = 20
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			if _, err := engines[i%2].Receive(t.Context(), gate, submission(rumour), engine.Options{Idempotency: fmt.Sprint(i / 4)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	must(0, h.Follow(t.Context()))(t)
	firsts := 0
	h.Read(func(x *view.Index) {
		for _, r := range x.Reports {
			if r.RepeatOf == "" {
				firsts++
			}
		}
	})
	if firsts != 1 || h.reports() != callers/4 {
		t.Errorf("%d first reports of %d; want 1 of %d, one for each key", firsts, h.reports(), callers/4)
	}
	h.proved()
}

func TestAReportLargerThanTheRecordTakesIsRefusedWithAReason(t *testing.T) {
	h := open(t)
	_, err := h.Receive(t.Context(), gate, engine.Submission{Bytes: make([]byte, ledger.MaxBlob+1)}, engine.Options{})
	var told *tocsin.Error
	if !errors.As(err, &told) || told.Kind != tocsin.TooLarge || told.Do == "" {
		t.Errorf("%v", err)
	}
	if n := h.reports(); n != 0 {
		t.Errorf("%d reports", n)
	}
}

// FuzzReceive: whatever the bytes, they become a report or lie in quarantine, and
// in both cases what is kept is what came.
func FuzzReceive(f *testing.F) {
	for _, seed := range []string{"", rumour, "From: a@b.example\r\nSubject: x\r\n\r\nbody\r\n", `{"text":"hello"}`, `{"text":`, "\xff\xfe\x00\x00", "<html><p>hi",
		"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\none\r\n--x--\r\n", strings.Repeat("[", 5000), "\x00", "(S) one\n(U) two\n", "=?utf-8?q?=00?="} {
		for _, media := range []string{"", "text/plain; charset=utf-8", "message/rfc822", "application/json", "text/html", "application/x-unknown"} {
			f.Add([]byte(seed), media)
		}
	}
	h := open(f)
	f.Fuzz(func(t *testing.T, b []byte, media string) {
		h.t, h.store = t, memory.Open()
		h.Engine = h.second("w1")
		rec, err := h.Receive(t.Context(), gate, engine.Submission{Media: media, Bytes: b}, engine.Options{})
		var told *tocsin.Error
		var raw tocsin.Digest
		h.Read(func(x *view.Index) {
			switch {
			case len(x.Order)+len(x.Quarantine) != 1:
				t.Fatalf("%d reports and %d quarantined items, %v", len(x.Order), len(x.Quarantine), err)
			case len(x.Order) == 1:
				if raw = x.Reports[x.Order[0]].Raw; err != nil || rec.Report.ID != x.Order[0] {
					t.Fatalf("a report was kept, and the answer is %+v, %v", rec, err)
				}
			default:
				if raw = x.Quarantine[0].Raw; !errors.As(err, &told) || rec.Held != x.Quarantine[0].ID || told.Kept == "" || told.Do == "" {
					t.Fatalf("an item is in quarantine, and the answer is %+v, %v", rec, err)
				}
			}
		})
		if kept, err := h.store.Blob(t.Context(), raw); err != nil || !bytes.Equal(kept, b) {
			t.Fatalf("kept are %q, %v", kept, err)
		}
		h.proved()
	})
}

func TestAKeyIsTheNameOfOneRequest(t *testing.T) {
	h := open(t)
	ctx, key := t.Context(), engine.Options{Idempotency: "k1"}
	id := h.owed(rumour)
	review := casefile.Review{Note: "read"}
	first := must(h.Do(ctx, dan, id, review, key))(t)
	for name, f := range map[string]func(){"at once": func() {}, "after a restart": h.restart} {
		f()
		again := must(h.Do(ctx, dan, id, review, key))(t)
		if !again.Replayed || !reflect.DeepEqual(again.Events, first.Events) || again.State.Version != first.State.Version {
			t.Errorf("%s: the answer is %+v", name, again)
		}
	}
	if other := must(h.Do(ctx, sofi, id, review, key))(t); other.Replayed {
		t.Error("another person's key answers for this one's command")
	}
	if n := h.state(id).Reviews; n != 2 {
		t.Errorf("%d reviews", n)
	}
	var told *tocsin.Error
	if _, err := h.Receive(ctx, dan, submission(rumour), key); !errors.As(err, &told) || told.Code != "key_reused" {
		t.Errorf("a report under the key of a command: %v", err)
	}
	h.receive(gate, submission("another\n"), "k2")
	if _, err := h.Do(ctx, gate, id, review, engine.Options{Idempotency: "k2"}); !errors.As(err, &told) || told.Code != "key_reused" {
		t.Errorf("a command under the key of a report: %v", err)
	}
	h.proved()
}

func TestOpeningTwiceUnderOneKeyOpensOneCase(t *testing.T) {
	h := open(t)
	rep := h.receive(gate, submission(rumour), "").Report.ID
	key := engine.Options{Idempotency: "open-1"}
	engines := []*engine.Engine{h.Engine, h.second("w2")}
	var wg sync.WaitGroup
	ids := make([]tocsin.CaseID, 10)
	for i := range ids {
		wg.Go(func() {
			res, err := engines[i%2].Open(context.Background(), dan, "The market", "", []tocsin.ReportID{rep}, key)
			if err != nil {
				t.Error(err)
			}
			ids[i] = res.State.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] || id == "" {
			t.Errorf("the answers name %v", ids)
			break
		}
	}
	must(0, h.Follow(t.Context()))(t)
	if all := order(h); len(all) != 1 {
		t.Errorf("there are cases %v", all)
	}
	h.proved()
}
