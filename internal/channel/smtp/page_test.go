package smtp_test

import (
	"strings"
	"testing"

	"tocsin"
	"tocsin/deliver/delivertest"
	"tocsin/internal/channel/smtp"
	"tocsin/paging"
	"tocsin/paging/pagingtest"
)

func TestMailPagesAsTheContractSays(t *testing.T) {
	for _, sec := range []smtp.Security{smtp.StartTLS, smtp.NoneOnLoop} {
		t.Run(string(sec), func(t *testing.T) {
			pagingtest.Run(t, pagingtest.Harness{Name: "smtp", State: "sent", Remote: true, Start: start(sec)})
		})
	}
}

func TestAPageByMailSaysThatNoPersonWroteItAndTellsNothingOfACase(t *testing.T) {
	far := start(smtp.NoneOnLoop)(t, delivertest.Setup{Behaviour: delivertest.Accept})
	ch := far.Channel.(*smtp.Channel)
	if _, err := ch.Page(t.Context(), paging.Rung{Channel: "smtp", Address: "pager@example.org", Name: "Somebody"}, pagingtest.Notice(t, paging.Unread, paging.Supervisor, 0)); err != nil {
		t.Fatal(err)
	}
	a := far.Arrived()[0]
	mail := string(a.Payload) + a.Subject + a.Body
	if !strings.Contains(mail, "Auto-Submitted: auto-generated") || !strings.Contains(mail, "https://tocsin.example.org/pages/page-0123456789abcdef") || !strings.Contains(mail, "12 minutes") {
		t.Errorf("%s", mail)
	}
	for _, secret := range []string{"SECRET", "Somebody"} {
		if strings.Contains(mail, secret) {
			t.Errorf("it tells of %s: %s", secret, mail)
		}
	}
	if _, err := ch.Page(t.Context(), paging.Rung{Channel: "smtp", Address: "nobody"}, pagingtest.Notice(t, paging.Unread, paging.Supervisor, 0)); tocsin.KindOf(err) != tocsin.Invalid {
		t.Errorf("to an address that is none: %v", err)
	}
}
