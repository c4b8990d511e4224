package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"tocsin"
	"tocsin/deliver"
	"tocsin/release"
)

// Name is the rung's channel that this package serves.
const Name = "webhook"

// maxAnswer bounds how much of an answer is read, in bytes.
const maxAnswer = 16 << 10

// Channel is the webhook channel. It is safe for concurrent use.
type Channel struct {
	endpoints map[string]receiver
	now       func() time.Time
}

type receiver struct {
	target
	transport *http.Transport
}

var _ deliver.Channel = (*Channel)(nil)

// New checks c and makes a channel of it. It does not connect. Errors are
// *tocsin.Error of kind Invalid.
func New(c Config) (*Channel, error) {
	ch := &Channel{endpoints: map[string]receiver{}, now: c.Now}
	if ch.now == nil {
		ch.now = time.Now
	}
	for _, name := range slices.Sorted(maps.Keys(c.Endpoints)) {
		t, err := resolve(name, c.Endpoints[name])
		if err != nil {
			return nil, err
		}
		ch.endpoints[name] = receiver{target: t, transport: t.transport()}
	}
	return ch, nil
}

// Name is "webhook".
func (c *Channel) Name() string { return Name }

// Close ends idle connections. Messages under way finish.
func (c *Channel) Close() {
	for _, r := range c.endpoints {
		r.transport.CloseIdleConnections()
	}
}

// Send posts m to the endpoint that its rung names. The receipt's state is
// "delivered", or "sent" at an intermediary.
func (c *Channel) Send(ctx context.Context, m release.Message) (tocsin.Receipt, error) {
	if err := deliver.Admit(m, Name); err != nil {
		return tocsin.Receipt{}, err
	}
	r, ok := c.endpoints[m.Rung().Address]
	if !ok {
		return tocsin.Receipt{}, deliver.Refusal(tocsin.Faultf(tocsin.Invalid, "webhook_unknown", "Configure the endpoint, or correct the rung in the directory.",
			"Nothing was sent: no webhook endpoint is named %q.", m.Rung().Address))
	}
	body, words, err := encode(m)
	if err != nil || words != m.Body() {
		return tocsin.Receipt{}, deliver.Refusal(tocsin.Fault(tocsin.Invalid, "webhook_words", "Nothing was sent: the words cannot be written as JSON without a change.", "Write the text again and release the new version."))
	}
	return c.post(ctx, r, parcel{m.Rung().Address, m.Key(), body, words, m})
}

// parcel is one body on its way to one endpoint.
type parcel struct {
	name  string // of the endpoint
	key   tocsin.DeliveryKey
	body  []byte
	words tocsin.Digest   // of the words in body
	m     release.Message // whose words must not be quoted; the zero Message for a page
}

func (c *Channel) post(ctx context.Context, r receiver, p parcel) (tocsin.Receipt, error) {
	limited, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	var writing begun
	resp, err := r.transport.RoundTrip(r.request(writing.watch(limited), p, c.now()))
	if err != nil {
		return tocsin.Receipt{}, noAnswer(ctx, p.name, err, writing.Load())
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // the status has been given; what follows it is a courtesy
	if resp.StatusCode/100 != 2 {
		return tocsin.Receipt{}, r.refusal(resp, answer, p, c.now())
	}
	return r.receipt(resp, answer, p, c.now()), nil
}

// request is built by hand and goes to the transport, not to a http.Client:
// there are no redirects or cookies, and without GetBody the transport cannot
// repeat a request whose body it has begun to read. The plain bytes.Reader lets
// it write header and body in one go.
func (r receiver) request(ctx context.Context, p parcel, now time.Time) *http.Request {
	h := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Tocsin"}}
	sign(h, r.keys, string(p.key), now, p.body)
	req := &http.Request{Method: http.MethodPost, URL: r.url, Host: r.url.Host, Header: h,
		Body: io.NopCloser(bytes.NewReader(p.body)), ContentLength: int64(len(p.body))}
	return req.WithContext(ctx)
}

// begun follows whether writing the request may have begun: a connection, with
// TLS where there is any, has been handed to it. The transport looks for
// another connection only if nothing was written to the one before.
type begun struct{ atomic.Bool }

func (b *begun) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { b.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { b.Store(true) },
	})
}

// noAnswer classifies an exchange that ended without a status. From the moment
// that writing may have begun the receiver may have the message.
func noAnswer(ctx context.Context, name string, err error, writing bool) *deliver.Failure {
	f := &deliver.Failure{Class: deliver.Temporary, Cause: err}
	var no *barred
	what := "the connection failed: " + err.Error()
	switch {
	case ctx.Err() != nil:
		f.Cause = ctx.Err()
		what = "the attempt was called off or ran out of time"
	case errors.Is(err, context.DeadlineExceeded):
		what = "no answer came in time"
	case errors.As(err, &no):
		f.Class, what = deliver.Permanent, no.why
	}
	f.Detail = fmt.Sprintf("nothing was sent to webhook %q: %s", name, what)
	if writing {
		f.Class = deliver.Uncertain
		f.Detail = fmt.Sprintf("the request to webhook %q was on its way, and then %s; it may have been taken. A repeat carries the same webhook-id", name, what)
	}
	return f
}

// class is what a status other than 2xx says about the message.
//
// 502 and 504 come from a gateway that has no answer of the receiver's, which
// may have taken the message. 409 answers an idempotency key that another
// attempt is holding, so that one may have.
func class(status int) deliver.Class {
	switch {
	case status == http.StatusBadGateway, status == http.StatusGatewayTimeout, status == http.StatusConflict:
		return deliver.Uncertain
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status/100 == 5:
		return deliver.Temporary
	}
	return deliver.Permanent
}

func (r receiver) refusal(resp *http.Response, answer []byte, p parcel, now time.Time) *deliver.Failure {
	f := &deliver.Failure{Class: class(resp.StatusCode)}
	status := fmt.Sprintf("HTTP %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	name := p.name
	switch {
	case resp.StatusCode/100 == 3:
		f.Detail = fmt.Sprintf("webhook %q answered %s; a redirect is not followed, because the words go to the configured address only. Correct the endpoint's URL", name, status)
		return f
	case f.Class == deliver.Uncertain:
		f.Detail = fmt.Sprintf("webhook %q answered %s, which leaves open whether the message was taken", name, status)
	case f.Class == deliver.Temporary:
		f.Detail = fmt.Sprintf("webhook %q put the message off with %s", name, status)
	case resp.StatusCode == http.StatusGone:
		f.Detail = fmt.Sprintf("webhook %q is no longer in use (%s); take it out of the directory", name, status)
	default:
		f.Detail = fmt.Sprintf("webhook %q refused the message with %s", name, status)
	}
	if said := deliver.Quote(string(answer), p.m, r.secrets()...); said != "" {
		f.Detail += fmt.Sprintf(", saying %q", said)
	}
	if f.Class != deliver.Permanent {
		f.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), now)
	}
	return f
}

func (r receiver) secrets() []string {
	return append([]string{r.Secret, strings.TrimPrefix(r.Secret, secretPrefix)}, r.PreviousSecrets...)
}

func (r receiver) receipt(resp *http.Response, answer []byte, p parcel, now time.Time) tocsin.Receipt {
	rc := tocsin.Receipt{State: "delivered", At: tocsin.Instant(now), Body: p.words, Channel: Name,
		Detail: fmt.Sprintf("webhook %q answered HTTP %d", p.name, resp.StatusCode)}
	if r.Intermediary {
		rc.State = "sent"
	}
	var a struct {
		Reference string `json:"reference"`
	}
	if json.Unmarshal(answer, &a) == nil {
		rc.Remote = deliver.Quote(a.Reference, p.m, r.secrets()...)
	}
	return rc
}

const longestWait = 24 * time.Hour

// retryAfter reads the header in both its forms, seconds and a date (RFC 9110
// section 10.2.3). It is at most a day, and 0 for what cannot be read or is past.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if n, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(n, uint64(longestWait/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, min(at.Sub(now), longestWait))
}
