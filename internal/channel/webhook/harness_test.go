package webhook_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin"
	"tocsin/deliver/delivertest"
	"tocsin/internal/channel/webhook"
)

var (
	secret   = whsec("the secret of the endpoint, 32 b")
	previous = whsec("the secret that it had before...")
	now      = time.Date(2026, time.March, 4, 6, 0, 0, 123456789, time.UTC)
)

func whsec(key string) string { return "whsec_" + base64.StdEncoding.EncodeToString([]byte(key)) }

func clock() time.Time { return now }

// receiver is a recipient's system with a behaviour.
type receiver struct {
	t         testing.TB
	behaviour delivertest.Behaviour
	reached   chan struct{}
	goOn      chan struct{}
	gone      chan struct{}

	mu      sync.Mutex
	tried   bool
	arrived []delivertest.Arrival
}

func (r *receiver) first() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.tried
	r.tried = true
	return !was
}

func (r *receiver) keep(a delivertest.Arrival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrived = append(r.arrived, a)
}

func (r *receiver) all() []delivertest.Arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]delivertest.Arrival(nil), r.arrived...)
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if r.behaviour == delivertest.ResetMidway && r.first() {
		r.drop(w)
		return
	}
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return // the sender gave up
	}
	if err := webhook.Verify(secret, q.Header, body, now, time.Minute); err != nil {
		r.t.Errorf("the receiver does not believe the request: %v", err)
	}
	var p webhook.Payload
	if err := json.Unmarshal(body, &p); err != nil {
		r.t.Errorf("the receiver cannot read %q: %v", body, err)
	}
	id := q.Header.Get("webhook-id")
	if id != q.Header.Get("Idempotency-Key") || id != string(p.Key) || q.Header.Get("Content-Type") != "application/json" || q.Method != http.MethodPost {
		r.t.Errorf("%s with header %v and key %q", q.Method, q.Header, p.Key)
	}
	r.judge(w, delivertest.Arrival{Key: tocsin.DeliveryKey(id), Subject: p.Subject, Body: p.Body, Payload: body}, q)
}

func (r *receiver) judge(w http.ResponseWriter, a delivertest.Arrival, q *http.Request) {
	switch r.behaviour {
	case delivertest.RefuseForEver:
		http.Error(w, "not for us", http.StatusForbidden)
		return
	case delivertest.RefuseForNow:
		if r.first() {
			w.Header().Set("Retry-After", "300")
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
	case delivertest.RefuseEchoing:
		http.Error(w, strings.Join([]string{"found", a.Subject, a.Body, secret, strings.TrimPrefix(secret, "whsec_"), string(a.Payload)}, " "), http.StatusBadRequest)
		return
	case delivertest.AcceptAndDrop:
		r.keep(a)
		if r.first() {
			r.drop(w)
		}
		return
	case delivertest.HangAfter:
		r.keep(a)
		r.reached <- struct{}{}
		<-r.gone
		return
	case delivertest.Slow:
		r.reached <- struct{}{}
		select {
		case <-r.goOn:
		case <-r.gone:
		}
	}
	r.keep(a)
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, `{"reference":"ticket-1"}`)
}

func (r *receiver) drop(w http.ResponseWriter) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		r.t.Error(err)
		return
	}
	c.Close()
}

// silent takes connections and says nothing on them, not even a TLS handshake.
type silent struct {
	net.Listener
	r *receiver
}

func (l silent) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.r.reached <- struct{}{}
	<-l.r.gone
	return c, nil
}

// serve starts h over TLS on this machine.
func serve(tb testing.TB, h http.Handler, wrap func(net.Listener) net.Listener) (url string, roots *x509.CertPool) {
	tb.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if wrap != nil {
		s.Listener = wrap(s.Listener)
	}
	s.StartTLS()
	tb.Cleanup(s.Close)
	roots = x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s.URL, roots
}

func channel(tb testing.TB, e webhook.Endpoint) *webhook.Channel {
	tb.Helper()
	if e.Secret == "" {
		e.Secret = secret
	}
	if e.Timeout == 0 {
		e.Timeout = time.Minute
	}
	ch, err := webhook.New(webhook.Config{Endpoints: map[string]webhook.Endpoint{"ministry": e}, Now: clock})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(ch.Close)
	return ch
}

func start(tb testing.TB, s delivertest.Setup) delivertest.Far {
	r := &receiver{t: tb, behaviour: s.Behaviour, reached: make(chan struct{}, 100), goOn: make(chan struct{}), gone: make(chan struct{})}
	var wrap func(net.Listener) net.Listener
	var e webhook.Endpoint
	switch s.Behaviour {
	case delivertest.ResetBefore:
		wrap = delivertest.ResetFirst
	case delivertest.HangBefore:
		wrap = func(l net.Listener) net.Listener { return silent{l, r} }
		e.Timeout = s.Patience
	case delivertest.HangAfter:
		e.Timeout = s.Patience
	}
	e.URL, e.RootCAs = serve(tb, r, wrap)
	tb.Cleanup(func() { close(r.gone) }) // before the server closes, which waits for its handlers
	if s.Behaviour == delivertest.Absent {
		e.URL = "https://" + delivertest.Unused(tb).String()
	}
	e.PreviousSecrets = []string{previous}
	return delivertest.Far{Channel: channel(tb, e), Address: "ministry", Arrived: r.all, Reached: r.reached, Continue: func() { close(r.goOn) }}
}

func TestChannelKeepsTheContract(t *testing.T) {
	delivertest.Run(t, delivertest.Harness{Name: "webhook", State: "delivered", Secrets: []string{secret, strings.TrimPrefix(secret, "whsec_"), previous}, Remote: true, Start: start})
}
