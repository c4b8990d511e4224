package loopback_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/deliver/delivertest"
	"tocsin/internal/channel/loopback"
	"tocsin/paging"
	"tocsin/paging/pagingtest"
)

func clock() time.Time { return delivertest.Moment.Add(time.Hour) }

func TestChannelKeepsTheContract(t *testing.T) {
	delivertest.Run(t, delivertest.Harness{Name: "smtp", State: "sent",
		Start: func(testing.TB, delivertest.Setup) delivertest.Far {
			return delivertest.Far{Channel: loopback.New("smtp", clock), Address: "desk@town.example"}
		}})
}

func TestTheReceiptSaysThatItIsAnExercise(t *testing.T) {
	m := delivertest.Message(t, delivertest.Letter{Channel: "smtp", Address: "desk@town.example"})
	r, err := loopback.New("smtp", clock).Send(t.Context(), m)
	if err != nil || !strings.Contains(r.Detail, "EXERCISE") || r.Body != m.Body() {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAPageOfAnExerciseDoesNotLeave(t *testing.T) {
	pagingtest.Run(t, pagingtest.Harness{Name: "smtp", State: "sent",
		Start: func(testing.TB, delivertest.Setup) delivertest.Far {
			return delivertest.Far{Channel: loopback.New("smtp", clock), Address: "desk@town.example"}
		}})
	n := pagingtest.Notice(t, paging.Unread, paging.Supervisor, 0)
	if r, err := loopback.New("smtp", clock).Page(t.Context(), paging.Rung{Channel: "smtp", Address: "pager@example.org"}, n); err != nil || !strings.Contains(r.Detail, "EXERCISE") {
		t.Errorf("%+v, %v", r, err)
	}
}
