package webhook_test

import (
	"encoding/json"
	"strings"
	"testing"

	"tocsin"
	"tocsin/deliver/delivertest"
	"tocsin/internal/channel/webhook"
	"tocsin/paging"
	"tocsin/paging/pagingtest"
)

func TestAWebhookPagesAsTheContractSays(t *testing.T) {
	pagingtest.Run(t, pagingtest.Harness{Name: "webhook", State: "delivered", Remote: true, Start: start})
}

func TestAPageByWebhookIsOfATypeOfItsOwnAndTellsNothingOfACase(t *testing.T) {
	far := start(t, delivertest.Setup{Behaviour: delivertest.Accept})
	ch := far.Channel.(*webhook.Channel)
	n := pagingtest.Notice(t, paging.Raised, paging.Senior, 0)
	if _, err := ch.Page(t.Context(), paging.Rung{Channel: "webhook", Address: far.Address, Name: "Somebody"}, n); err != nil {
		t.Fatal(err)
	}
	body := string(far.Arrived()[0].Payload)
	var p webhook.PagePayload
	if err := json.Unmarshal([]byte(body), &p); err != nil || p.Type != "page.raised" || p.To != paging.Senior || p.Page != n.Page() || p.Link != n.Link() || p.Waited != 12 {
		t.Errorf("%v %+v", err, p)
	}
	for _, secret := range []string{"SECRET", "Somebody"} {
		if strings.Contains(body, secret) {
			t.Errorf("it tells of %s: %s", secret, body)
		}
	}
	if _, err := ch.Page(t.Context(), paging.Rung{Channel: "webhook", Address: "elsewhere"}, n); tocsin.KindOf(err) != tocsin.Invalid {
		t.Errorf("to an endpoint that is none: %v", err)
	}
}
