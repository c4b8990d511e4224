package engine_test

import (
	"testing"

	"tocsin"
	"tocsin/casefile"
)

func TestAReportBecomesAnAcknowledgedWarning(t *testing.T) {
	h := open(t)
	id := h.warned(consul)
	wantDeliveries(t, h.state(id), "w1/consul/1 planned")
	h.settle()
	wantDeliveries(t, h.state(id), "w1/consul/1 sent")
	h.do(paul, id, casefile.Acknowledge{Key: h.state(id).Deliveries[0].Key, Answer: tocsin.AckActing, Person: "duty consul"})
	s := h.state(id)
	wantDeliveries(t, s, "w1/consul/1 acting")
	if v, _ := s.Victim("v1"); v.Disposition != casefile.ObligationDischarged {
		t.Errorf("the obligation is %s", v.Disposition)
	}
	if got := h.hook.sends(); len(got) != 1 {
		t.Errorf("%d messages were sent", len(got))
	}
	h.proved()
}
