package smtp

import (
	"context"
	"errors"
	"fmt"

	"tocsin"
	"tocsin/deliver"
	"tocsin/release"
)

// Name is the rung's channel that this package serves.
const Name = "smtp"

// Channel is the e-mail channel. It is safe for concurrent use.
type Channel struct {
	config Config
	pool   *pool
}

var _ deliver.Channel = (*Channel)(nil)

// New checks c and makes a channel of it. It does not connect. Errors are
// *tocsin.Error of kind Invalid.
func New(c Config) (*Channel, error) {
	c, err := c.validate()
	if err != nil {
		return nil, err
	}
	return &Channel{config: c, pool: newPool(c)}, nil
}

// Name is "smtp".
func (c *Channel) Name() string { return Name }

// Close ends idle connections and refuses new ones. Messages under way finish.
func (c *Channel) Close() { c.pool.close() }

// Send submits m to the mail server and returns a receipt of state "sent" once
// the server has taken it. See the package comment for what failures mean.
func (c *Channel) Send(ctx context.Context, m release.Message) (tocsin.Receipt, error) {
	if err := deliver.Admit(m, Name); err != nil {
		return tocsin.Receipt{}, err
	}
	e, err := compose(c.config, m)
	if err != nil {
		return tocsin.Receipt{}, err
	}
	r, err := c.submit(ctx, e)
	if err != nil {
		return tocsin.Receipt{}, failure(err, c.config.Host, m, c.secrets())
	}
	return tocsin.Receipt{
		State:   "sent",
		At:      tocsin.Instant(c.config.Now()),
		Remote:  deliver.Quote(r.text(), m, c.secrets()...), // holds the server's queue id, in no standard form
		Detail:  fmt.Sprintf("accepted by the mail server %s (%s)", c.config.Host, r.status()),
		Body:    e.words,
		Channel: Name,
	}, nil
}

// submit sends e over an idle connection or a new one. An idle connection may
// have died in a way that only using it shows; that costs a second try on a new
// one, as long as none of the mail was sent.
func (c *Channel) submit(ctx context.Context, e envelope) (reply, error) {
	if err := c.pool.enter(ctx); err != nil {
		return reply{}, err
	}
	defer c.pool.leave()
	if s := c.pool.reuse(); s != nil {
		r, err := c.over(ctx, s, e)
		var st *stopped
		if !errors.As(err, &st) || !st.unused() || ctx.Err() != nil {
			return r, err
		}
	}
	s, err := c.pool.fresh(ctx)
	if err != nil {
		return reply{}, err
	}
	return c.over(ctx, s, e)
}

// over sends e over s and then keeps or closes s.
func (c *Channel) over(ctx context.Context, s *session, e envelope) (reply, error) {
	detach := s.abortWith(ctx)
	r, err := s.transmit(ctx, e)
	var st *stopped
	answered := err == nil || errors.As(err, &st) && st.err == nil && st.reply.code != 421
	good := answered && (err == nil || s.reset(ctx))
	if detach() && good {
		c.pool.keep(s)
	} else {
		s.raw.Close()
	}
	return r, err
}

// secrets are what must not appear in anything shown: also as they go over the wire.
func (c *Channel) secrets() []string {
	if c.config.Username == "" {
		return nil
	}
	return []string{plainResponse(c.config), encode(c.config.Password), encode(c.config.Username), c.config.Password, c.config.Username}
}
