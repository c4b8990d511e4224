package engine_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/deliver"
	"tocsin/engine"
	"tocsin/ledger"
	"tocsin/release"
)

// codename is a protected term of the case; words that hold it must reach nobody.
const codename = "GOLDEN TULIP"

// leaky opens a case with the term protected and a warning, approved, whose words
// hold it.
func leaky(h *house) (tocsin.CaseID, tocsin.WarningID) {
	h.t.Helper()
	desk := tocsin.Recipient{ID: "desk", Name: "Desk", Kind: tocsin.PublicWarning, Languages: []string{"en"}}
	for i, channel := range []string{"smtp", "webhook", "in_person"} {
		desk.Ladder = append(desk.Ladder, tocsin.Rung{Channel: channel, Address: "desk", Addressee: "desk", Level: i + 1})
	}
	id := h.owed(rumour, desk)
	h.do(anna, id, casefile.ProtectTerms{Words: []string{codename}})
	r := wording("desk")
	r.Texts = []tocsin.Text{{Language: "en", Subject: "Warning", Body: "An attack is possible. " + codename + " says so. Stay away. Call the duty desk."}}
	return id, h.approved(id, r)
}

// Nothing gets around the guard: whatever somebody hands to the engine, words that
// hold a protected term leave over no channel.
func TestNoWayIntoTheEngineLeadsAroundTheGuard(t *testing.T) {
	forged := func(h *house, id tocsin.CaseID, w tocsin.WarningID) *tocsin.Clearance {
		x, _ := h.state(id).Warning(w)
		return &tocsin.Clearance{Warning: w, Version: x.Draft.Version, Digest: x.Digest, Pack: x.Draft.Pack, At: h.Now(), Expires: h.Now().Add(time.Hour), Released: rui.ID}
	}
	ways := map[string]func(h *house, id tocsin.CaseID, w tocsin.WarningID){
		"asking for release": func(h *house, id tocsin.CaseID, w tocsin.WarningID) {
			_, _ = h.Release(t.Context(), rui, id, w, engine.Options{})
		},
		"bringing a clearance along": func(h *house, id tocsin.CaseID, w tocsin.WarningID) {
			_, _ = h.Do(t.Context(), rui, id, casefile.ReleaseWarning{Warning: w, Clearance: forged(h, id, w)}, engine.Options{})
		},
		"releasing as the machine": func(h *house, id tocsin.CaseID, w tocsin.WarningID) {
			machine := tocsin.Actor{ID: "tocsin", Roles: []tocsin.Role{tocsin.Machine, tocsin.ReleaseOfficer}}
			_, _ = h.Do(t.Context(), machine, id, casefile.ReleaseWarning{Warning: w, Clearance: forged(h, id, w)}, engine.Options{})
		},
		"the exigent path": func(h *house, id tocsin.CaseID, w tocsin.WarningID) {
			_, _ = h.Do(t.Context(), dan, id, casefile.InvokeExigent{Reason: "minutes are left"}, engine.Options{})
			_, _ = h.Release(t.Context(), rui, id, w, engine.Options{})
		},
		"starting deliveries that nobody planned": func(h *house, id tocsin.CaseID, w tocsin.WarningID) {
			x, _ := h.state(id).Warning(w)
			for rung := range 3 {
				k := casefile.Key(id, w, x.Draft.Version, "desk", rung)
				_, _ = h.Do(t.Context(), tocsin.Actor{ID: "tocsin", Roles: []tocsin.Role{tocsin.Machine}}, id,
					casefile.StartDeliveries{Keys: []tocsin.DeliveryKey{k}, Worker: "w1", Lease: h.Now().Add(time.Minute)}, engine.Options{})
			}
		},
		"due work that nothing caused": func(h *house, id tocsin.CaseID, w tocsin.WarningID) {
			x, _ := h.state(id).Warning(w)
			for rung := range 3 {
				k := casefile.Key(id, w, x.Draft.Version, "desk", rung)
				rec := must(ledger.NewRecord(ledger.Record{Kind: "note", EventTime: h.Now(), EntryTime: h.Now(), Actor: "tocsin", Command: "c"}, map[string]string{}, rand.Reader))(t)
				_, _ = h.store.Append(t.Context(), ledger.Batch{Stream: "elsewhere", After: rung, Records: []ledger.Record{rec},
					Due: []ledger.Due{{ID: "send/" + string(k), Kind: "send", Case: string(id), At: h.Now()}}})
			}
		},
		"an update to words that went out clean": func(h *house, id tocsin.CaseID, _ tocsin.WarningID) {
			h.release(id, h.approved(id, wording("desk")))
			h.settle()
			r := wording("desk")
			s := h.state(id)
			r.Facts = append(r.Facts, tocsin.Fact{Item: "changed", Values: map[string]string{"en": "The place."}, Releasable: true})
			r.Message, r.Refers = tocsin.Update, s.Warnings[len(s.Warnings)-1].ID
			r.Texts = []tocsin.Text{{Language: "en", Subject: "Update", Body: "As " + codename + " said, stay away. Call the duty desk."}}
			_, _ = h.Release(t.Context(), rui, id, h.approved(id, r), engine.Options{})
		},
		"other words after the approval": func(h *house, id tocsin.CaseID, _ tocsin.WarningID) {
			clean := h.approved(id, wording("desk"))
			r := wording("desk")
			r.Warning = clean
			r.Texts = []tocsin.Text{{Language: "en", Subject: "Warning", Body: codename + ". Stay away."}}
			_, _ = h.Draft(t.Context(), anna, id, r, engine.Options{})
			_, _ = h.Release(t.Context(), rui, id, clean, engine.Options{})
		},
	}
	for name, try := range ways {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var leaked []string
			look := func(_ context.Context, m release.Message, _ int) (tocsin.Receipt, error) {
				mu.Lock()
				defer mu.Unlock()
				if text := m.Text(); strings.Contains(text.Subject+text.Body, codename) {
					leaked = append(leaked, m.Rung().Channel)
				}
				return taken(m), nil
			}
			hand := &line{name: "in_person", does: look}
			h := open(t, func(h *house) {
				h.post.does, h.hook.does = look, look
				set, err := deliver.NewSet(h.post, h.hook, hand)
				if err != nil {
					t.Fatal(err)
				}
				h.cfg.Channels = set
			})
			h.t = t
			id, w := leaky(h)
			try(h, id, w)
			for range 4 {
				h.hand.pass(2 * time.Hour) // every rung has had its time
				h.settle()
				h.restart()
			}
			if len(leaked) > 0 {
				t.Errorf("the codename left over %v", leaked)
			}
			if strings.Contains(name, "went out clean") && len(h.post.sends()) == 0 {
				t.Error("not even the clean words left: the test shows nothing")
			}
			if x, _ := h.state(id).Warning(w); x.Clearance != nil {
				t.Error("the leaking warning counts as released")
			}
		})
	}
	if len(ways) < 8 {
		t.Fatal("ways are missing")
	}
}
