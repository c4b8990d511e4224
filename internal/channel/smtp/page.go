package smtp

import (
	"context"
	"fmt"

	"tocsin"
	"tocsin/paging"
	"tocsin/release"
)

var _ paging.Pager = (*Channel)(nil)

// Page submits a notice to one of the organisation's own people. The receipt's
// state is "sent".
func (c *Channel) Page(ctx context.Context, to paging.Rung, n paging.Notice) (tocsin.Receipt, error) {
	e, err := c.config.write(letter{key: n.Key(), to: to.Address, date: n.At(), reference: string(n.Page()), kind: "page." + string(n.Cause()), text: n.Text(), automatic: true})
	if err != nil {
		return tocsin.Receipt{}, err
	}
	r, err := c.submit(ctx, e)
	if err != nil {
		return tocsin.Receipt{}, failure(err, c.config.Host, release.Message{}, c.secrets())
	}
	return tocsin.Receipt{State: "sent", At: tocsin.Instant(c.config.Now()), Detail: fmt.Sprintf("accepted by the mail server %s (%s)", c.config.Host, r.status()), Body: e.words, Channel: Name}, nil
}
