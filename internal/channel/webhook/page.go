package webhook

import (
	"context"
	"encoding/json"
	"time"

	"tocsin"
	"tocsin/deliver"
	"tocsin/paging"
	"tocsin/release"
)

var _ paging.Pager = (*Channel)(nil)

// PagePayload is the body of the request by which one of the organisation's own
// people is paged. It holds nothing of a case; a repeat has the same bytes.
type PagePayload struct {
	Type      string             `json:"type"`      // "page.unread" or "page.raised"
	Timestamp time.Time          `json:"timestamp"` // when it was first tried
	Key       tocsin.DeliveryKey `json:"key"`       // as in webhook-id
	Page      paging.ID          `json:"page"`      // the same for every notice of one page
	To        paging.Ladder      `json:"to"`        // on call as
	Waited    int                `json:"waited"`    // minutes
	Subject   string             `json:"subject"`
	Body      string             `json:"body"`
	Link      string             `json:"link"`
}

// Page posts a notice to the endpoint that its rung names. The receipt's state is
// "delivered", or "sent" at an intermediary.
func (c *Channel) Page(ctx context.Context, to paging.Rung, n paging.Notice) (tocsin.Receipt, error) {
	r, ok := c.endpoints[to.Address]
	if !ok {
		return tocsin.Receipt{}, deliver.Refusal(tocsin.Faultf(tocsin.Invalid, "webhook_unknown", "Configure the endpoint, or correct the address under paging.",
			"Nothing was sent: no webhook endpoint is named %q.", to.Address))
	}
	t := n.Text()
	body, err := json.Marshal(PagePayload{Type: "page." + string(n.Cause()), Timestamp: n.At().UTC(), Key: n.Key(), Page: n.Page(), To: n.To(), Waited: n.Waited(), Subject: t.Subject, Body: t.Body, Link: n.Link()})
	if err != nil {
		return tocsin.Receipt{}, err
	}
	return c.post(ctx, r, parcel{to.Address, n.Key(), body, release.BodyDigest(t), release.Message{}})
}
