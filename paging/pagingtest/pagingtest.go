// Package pagingtest is the suite that every paging.Pager passes. It uses the
// receivers of deliver/delivertest, because a channel that carries warnings is
// usually the one that pages.
package pagingtest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"tocsin"
	"tocsin/deliver"
	"tocsin/deliver/delivertest"
	"tocsin/paging"
	"tocsin/release"
)

// Harness connects the suite with one pager: the harness of the same channel.
type Harness = delivertest.Harness

// Notice makes one of each cause and ladder's kind, the nth of a page.
func Notice(tb testing.TB, cause paging.Cause, to paging.Ladder, n int) paging.Notice {
	tb.Helper()
	at := delivertest.Moment
	p := paging.Page{ID: "page-0123456789abcdef", Opened: paging.Opened{Cause: cause, Report: "report-SECRET", Case: "case-SECRET", To: to, Since: at.Add(-12 * time.Minute)}}
	plan := paging.Plan{Origin: "https://tocsin.example.org", Next: time.Minute, Ladders: map[paging.Ladder][]paging.Rung{to: {{Channel: "x", Address: "y", Name: "Somebody"}}}}
	for range n {
		s, _ := p.Next(plan, at)
		p.Sends = append(p.Sends, s)
	}
	s, _ := p.Next(plan, at)
	out, err := p.Notice(s)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// Run holds the pager to the contract.
func Run(t *testing.T, h Harness) {
	t.Run("the notice arrives to the byte, and a repeat is the same", func(t *testing.T) { arrives(t, h) })
	if !h.Remote {
		return
	}
	for b, class := range map[delivertest.Behaviour]deliver.Class{delivertest.Absent: deliver.Temporary, delivertest.RefuseForEver: deliver.Permanent,
		delivertest.RefuseForNow: deliver.Temporary, delivertest.AcceptAndDrop: deliver.Uncertain} {
		t.Run("a receiver that "+string(b), func(t *testing.T) { fails(t, h, b, class) })
	}
}

func pager(t *testing.T, h Harness, b delivertest.Behaviour) (paging.Pager, delivertest.Far) {
	t.Helper()
	f := h.Start(t, delivertest.Setup{Behaviour: b, Patience: time.Minute})
	p, ok := f.Channel.(paging.Pager)
	if !ok || p.Name() != h.Name {
		t.Fatalf("%s pages nobody", h.Name)
	}
	return p, f
}

func arrives(t *testing.T, h Harness) {
	p, f := pager(t, h, delivertest.Accept)
	all := []paging.Notice{Notice(t, paging.Unread, paging.Supervisor, 0), Notice(t, paging.Raised, paging.Duty, 1), Notice(t, paging.Raised, paging.Senior, 2)}
	for _, n := range all {
		for range 2 {
			r, err := p.Page(t.Context(), paging.Rung{Channel: h.Name, Address: f.Address}, n)
			if err != nil || r.State != h.State || r.Channel != h.Name || r.Body != release.BodyDigest(n.Text()) {
				t.Fatalf("%+v, %v", r, err)
			}
		}
	}
	if !h.Remote {
		return
	}
	got := f.Arrived()
	if len(got) != 2*len(all) {
		t.Fatalf("%d notices arrived", len(got))
	}
	for i, a := range got {
		want := all[i/2]
		if a.Key != want.Key() || a.Subject != want.Text().Subject || a.Body != want.Text().Body {
			t.Errorf("%+v arrived, want %+v", a, want)
		}
		if !slices.Equal(a.Payload, got[i/2*2].Payload) {
			t.Errorf("a repeat is another: %q, %q", a.Payload, got[i/2*2].Payload)
		}
	}
}

func fails(t *testing.T, h Harness, b delivertest.Behaviour, class deliver.Class) {
	p, f := pager(t, h, b)
	to := paging.Rung{Channel: h.Name, Address: f.Address}
	n := Notice(t, paging.Unread, paging.Supervisor, 0)
	_, err := p.Page(t.Context(), to, n)
	var failure *deliver.Failure
	if !errors.As(err, &failure) || failure.Class != class || failure.Detail == "" {
		t.Fatalf("%v, want %s", err, class)
	}
	if class == deliver.Permanent || b == delivertest.Absent {
		return
	}
	if r, err := p.Page(t.Context(), to, n); err != nil || r.State != h.State {
		t.Errorf("tried again: %+v %v", r, err)
	}
	for _, a := range f.Arrived() {
		if a.Key != tocsin.DeliveryKey(n.Key()) {
			t.Errorf("it came under the key %s", a.Key)
		}
	}
}
