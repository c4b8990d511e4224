package verify_test

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/directory"
	"tocsin/ledger"
	"tocsin/ledger/memory"
	"tocsin/verify"
	"tocsin/view"
)

func setTo(r tocsin.Recipient) directory.Set { return directory.Set{Recipient: r} }

// forger writes events to a case's stream as somebody would who has got hold of
// the store and knows its form, but not what the case allows.
type forger struct {
	t     *testing.T
	store ledger.Store
	s     casefile.State
	head  casefile.Head
}

func forge(t *testing.T, name string) *forger {
	store := memory.Open()
	f := &forger{t: t, store: store}
	told(t, store, name).Read(func(x *view.Index) { f.s = x.Cases[x.CaseOrder[0]] })
	f.head = casefile.Head{At: f.s.Now.Add(time.Second), By: "mallory"}
	return f
}

func (f *forger) by(who tocsin.ActorID) casefile.Head { return casefile.Head{At: f.head.At, By: who} }

func (f *forger) write(events ...casefile.Event) {
	f.t.Helper()
	for _, e := range events {
		f.writeAs(ledger.Record{Kind: e.Kind(), EventTime: e.Stamp().At, EntryTime: e.Stamp().At, Actor: e.Stamp().By, Command: "forged", Pack: f.s.Terms.Pack.Digest}, e)
	}
}

func (f *forger) writeAs(envelope ledger.Record, e casefile.Event) {
	f.t.Helper()
	rec, err := ledger.NewRecord(envelope, e, rand.Reader)
	if err == nil {
		_, err = f.store.Append(f.t.Context(), ledger.Batch{Stream: view.CasePrefix + string(f.s.ID), After: f.s.Version, Records: []ledger.Record{rec}})
	}
	if err != nil {
		f.t.Fatal(err)
	}
	f.s = casefile.Apply(f.s, e)
}

func (f *forger) delivery() casefile.Delivery { return f.s.Deliveries[0] }

// waiver is one that a person proposed as the pack asks.
func (f *forger) waiver() casefile.WaiverProposed {
	g := f.s.Terms.Grounds[0]
	w := casefile.Waiver{Ground: g.ID, Evidence: map[string]string{}, Alternatives: "none would do", Reason: "so it is", Proposer: "anna", Proposed: f.head.At, Expires: f.head.At.Add(time.Hour)}
	for _, q := range g.Evidence {
		w.Evidence[q.ID] = "yes"
	}
	return casefile.WaiverProposed{Head: f.by("anna"), Victim: f.s.Victims[0].ID, Waiver: w}
}

func TestEventsThatNoHonestProgramCanHaveWrittenAreFound(t *testing.T) {
	for _, c := range []struct {
		name  string
		write func(*forger)
		fault string // "" if it must be accepted
	}{
		{"nothing", func(*forger) {}, ""},
		{"a waiver as it should be", func(f *forger) {
			p := f.waiver()
			f.write(p, casefile.WaiverApproved{Head: f.by("sofi"), Victim: p.Victim, Reason: "agreed"})
		}, "work: "}, // all but the clock that ends it, which a forger does not think of
		{"a waiver approved by its proposer", func(f *forger) {
			p := f.waiver()
			f.write(p, casefile.WaiverApproved{Head: f.by("anna"), Victim: p.Victim, Reason: "agreed"})
		}, "approved by whoever proposed it"},
		{"a waiver that nobody proposed", func(f *forger) {
			f.write(casefile.WaiverApproved{Head: f.head, Victim: f.s.Victims[0].ID, Reason: "agreed"})
		}, "no waiver was proposed"},
		{"a waiver without evidence", func(f *forger) {
			p := f.waiver()
			clear(p.Waiver.Evidence)
			f.write(p, casefile.WaiverApproved{Head: f.by("sofi"), Victim: p.Victim})
		}, "leaves a question of its ground unanswered"},
		{"a waiver for ever", func(f *forger) {
			p := f.waiver()
			p.Waiver.Expires = f.head.At.AddDate(50, 0, 0)
			f.write(p, casefile.WaiverApproved{Head: f.by("sofi"), Victim: p.Victim})
		}, "stands for longer"},
		{"a waiver on no ground", func(f *forger) {
			p := f.waiver()
			p.Waiver.Ground = "because"
			f.write(p, casefile.WaiverApproved{Head: f.by("sofi"), Victim: p.Victim})
		}, "rests on no ground"},
		{"a waiver by the machine", func(f *forger) {
			p := f.waiver()
			f.write(p, casefile.WaiverApproved{Head: f.by("tocsin"), Victim: p.Victim})
		}, "the machine did what only a person may do"},
		{"a refusal signed by whoever graded", func(f *forger) {
			v := f.s.Victims[0]
			f.write(casefile.RefusalProposed{Head: f.by("dan"), Victim: v.ID, Ground: casefile.RefuseBelow, Reason: "no"},
				casefile.RefusalSigned{Head: f.by(v.Graders[0]), Victim: v.ID, Reason: "no"})
		}, "had seen the first grade"},
		{"a refusal that nobody proposed", func(f *forger) {
			f.write(casefile.RefusalSigned{Head: f.head, Victim: f.s.Victims[0].ID, Reason: "no"})
		}, "no refusal was proposed"},
		{"a refusal without a reason", func(f *forger) {
			f.write(casefile.RefusalProposed{Head: f.by("dan"), Victim: f.s.Victims[0].ID, Ground: casefile.RefuseBelow},
				casefile.RefusalSigned{Head: f.head, Victim: f.s.Victims[0].ID})
		}, "gives no reason"},
		{"a hand-over that nobody took", func(f *forger) {
			f.write(casefile.HandoverOffered{Head: f.head, Victim: f.s.Victims[0].ID, To: "others"}, casefile.HandoverAccepted{Head: f.head, Victim: f.s.Victims[0].ID})
		}, "nobody took over"},
		{"a transfer that nobody offered", func(f *forger) { f.write(casefile.TransferAccepted{Head: f.head}) }, "nobody offered the case"},
		{"a discharge by a warning that never left", func(f *forger) {
			f.write(casefile.DischargeRecorded{Head: f.head, Victim: f.s.Victims[0].ID, Warning: "w9", How: casefile.HowAcknowledged})
		}, "no warning that covers"},
		{"an approval of other words", func(f *forger) {
			f.write(casefile.WarningApproved{Head: f.head, Warning: "w1", Version: 1, Digest: tocsin.DigestOf([]byte("x"))})
		}, "other words than those of w1 were approved"},
		{"an approval by an author", func(f *forger) {
			w, _ := f.s.Warning("w1")
			f.write(casefile.WarningApproved{Head: f.by(w.Authors[0]), Warning: "w1", Version: w.Draft.Version, Digest: w.Draft.Digest()})
		}, "approved by one of its authors"},
		{"words changed after their release", func(f *forger) {
			w, _ := f.s.Warning("w1")
			d := w.Draft
			d.Texts = []tocsin.Text{{Language: "en", Subject: "x", Body: "y"}}
			f.write(casefile.WarningDrafted{Head: f.head, Draft: d, Digest: d.Digest()})
		}, "released with other words"},
		{"a release without an approval", func(f *forger) {
			w, _ := f.s.Warning("w1")
			d := w.Draft
			d.Warning, d.Version = "w9", 1
			f.write(casefile.WarningDrafted{Head: f.head, Draft: d, Digest: d.Digest()},
				casefile.WarningReleased{Head: f.head, Clearance: tocsin.Clearance{Warning: "w9", Version: 1, Digest: d.Digest(), At: f.head.At, Expires: f.head.At.Add(time.Hour), Released: "mallory"}})
		}, "released with other words than were approved"},
		{"a release in another's name", func(f *forger) {
			w, _ := f.s.Warning("w1")
			f.write(casefile.WarningReleased{Head: f.head, Clearance: *w.Clearance})
		}, "released by somebody else"},
		{"a message to somebody who was not cleared", func(f *forger) {
			f.write(casefile.DeliveryPlanned{Head: f.head, Key: "k", Warning: "w1", Recipient: "mallory", Channel: "smtp"})
		}, "planned that was not cleared"},
		{"a message under another key", func(f *forger) {
			d := f.delivery()
			f.write(casefile.DeliveryPlanned{Head: f.head, Key: "k", Warning: d.Warning, Recipient: d.Recipient, Rung: d.Rung, Channel: d.Channel})
		}, "a key that is not its own"},
		{"a message sent again after it was taken", func(f *forger) {
			d := f.delivery()
			f.write(casefile.DeliveryStarted{Head: f.by("tocsin"), Key: d.Key, Attempt: d.Attempt + 1, Worker: "w", Lease: f.head.At.Add(time.Hour)})
		}, "was sent although it was"},
		{"a message sent by a person past the machine", func(f *forger) {
			f.write(casefile.DeliveryStarted{Head: f.head, Key: f.delivery().Key})
		}, "a person is recorded as having done what only the machine does"},
		{"a receipt for an attempt that never was", func(f *forger) {
			f.write(casefile.DeliveryHanded{Head: f.by("tocsin"), Key: f.delivery().Key, Attempt: 99})
		}, "an attempt that was never started"},
		{"a receipt for other words", func(f *forger) {
			f.write(casefile.DeliveryHanded{Head: f.by("tocsin"), Key: f.delivery().Key, Attempt: 1, Receipt: tocsin.Receipt{State: "sent", Body: tocsin.DigestOf(nil)}})
		}, "for other words than were cleared"},
		{"an answer to a message that never was", func(f *forger) {
			f.write(casefile.Acknowledged{Head: f.head, Key: "none", Answer: tocsin.AckActing})
		}, "answered before anybody tried"},
		{"a case closed with a duty open", func(f *forger) {
			f.write(casefile.DutyCreated{Head: f.head, Duty: casefile.Duty{ID: "d"}}, casefile.CaseClosed{Head: f.head, Reason: "enough"})
		}, "was closed although"},
		{"a case opened a second time", func(f *forger) {
			f.write(casefile.CaseOpened{Head: f.head, Case: f.s.ID, Title: "x", Terms: f.s.Terms, Owner: "mallory"})
		}, "a case is opened by its first record"},
		{"an event before its time", func(f *forger) {
			f.write(casefile.Reviewed{Head: casefile.Head{At: f.s.Now.Add(-time.Hour), By: "mallory"}})
		}, "older than what it follows"},
		{"an envelope with another name", func(f *forger) {
			e := casefile.Reviewed{Head: f.head}
			f.writeAs(ledger.Record{Kind: e.Kind(), EventTime: f.head.At, EntryTime: f.head.At, Actor: "anna", Command: "c", Pack: f.s.Terms.Pack.Digest}, e)
		}, "another person or time"},
		{"another pack", func(f *forger) {
			e := casefile.Reviewed{Head: f.head}
			f.writeAs(ledger.Record{Kind: e.Kind(), EventTime: f.head.At, EntryTime: f.head.At, Actor: "mallory", Command: "c", Pack: tocsin.DigestOf(nil)}, e)
		}, "another pack than the case"},
		{"an event of no known kind", func(f *forger) {
			e := casefile.Reviewed{Head: f.head}
			f.writeAs(ledger.Record{Kind: "silenced", EventTime: f.head.At, EntryTime: f.head.At, Actor: "mallory", Command: "c", Pack: f.s.Terms.Pack.Digest}, e)
		}, "unknown event kind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := forge(t, "exigent")
			c.write(f)
			r, err := verify.Ledger(t.Context(), f.store, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			found := slices.ContainsFunc(r.Faults, func(s string) bool { return strings.Contains(s, c.fault) })
			if r.Verified != (c.fault == "") || (c.fault != "" && !found) {
				t.Errorf("it verifies: %v, with the faults %q; want one that says %q", r.Verified, r.Faults, c.fault)
			}
			if c.name == "a waiver as it should be" && slices.ContainsFunc(r.Faults, func(s string) bool { return !strings.HasPrefix(s, "work: ") }) {
				t.Errorf("a waiver as it should be is a fault: %q", r.Faults)
			}
		})
	}
}
