package smtp_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"tocsin/deliver/delivertest"
	"tocsin/internal/channel/smtp"
)

const (
	user     = "watch-login"
	password = "hunter2 and then some"
)

// certificate is one for 127.0.0.1 that only its own pool trusts.
func certificate(tb testing.TB) (tls.Certificate, *x509.CertPool) {
	tb.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return s.TLS.Certificates[0], pool
}

// receiver is a mail server with a behaviour.
type receiver struct {
	behaviour delivertest.Behaviour
	reached   chan struct{}
	goOn      chan struct{}
	gone      chan struct{} // closed when the test ends, so that nothing hangs longer

	mu       sync.Mutex
	tried    bool
	arrived  []delivertest.Arrival
	mails    []gosmtp.MailOptions
	sessions int
}

func newReceiver(tb testing.TB, b delivertest.Behaviour) *receiver {
	r := &receiver{behaviour: b, reached: make(chan struct{}, 100), goOn: make(chan struct{}), gone: make(chan struct{})}
	tb.Cleanup(func() { close(r.gone) })
	return r
}

func (r *receiver) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions++
	return &visit{r: r, conn: c.Conn()}, nil
}

// first reports whether this is the first message that came.
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

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions
}

func (r *receiver) hang() {
	r.reached <- struct{}{}
	<-r.gone
}

// visit is one connection to a receiver.
type visit struct {
	r    *receiver
	conn net.Conn
}

func (v *visit) AuthMechanisms() []string { return []string{sasl.Plain} }

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, u, p string) error {
		if u != user || p != password {
			return gosmtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (v *visit) Reset()        {}
func (v *visit) Logout() error { return nil }

func (v *visit) Mail(_ string, o *gosmtp.MailOptions) error {
	v.r.mu.Lock()
	defer v.r.mu.Unlock()
	v.r.mails = append(v.r.mails, *o)
	return nil
}

func (v *visit) Rcpt(string, *gosmtp.RcptOptions) error {
	switch v.r.behaviour {
	case delivertest.RefuseForEver:
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox"}
	case delivertest.RefuseForNow:
		if v.r.first() {
			return &gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, try again in 300 seconds"}
		}
	case delivertest.HangBefore:
		v.r.hang()
	}
	return nil
}

func (v *visit) Data(r io.Reader) error {
	if v.r.behaviour == delivertest.ResetMidway && v.r.first() {
		io.ReadFull(r, make([]byte, 10))
		v.drop()
		return errors.New("reset")
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	a, err := decode(raw)
	if err != nil {
		return &gosmtp.SMTPError{Code: 554, Message: "cannot be read: " + err.Error()}
	}
	return v.judge(a)
}

func (v *visit) judge(a delivertest.Arrival) error {
	switch v.r.behaviour {
	case delivertest.RefuseEchoing:
		said := strings.Join([]string{"found", a.Subject, a.Body, "from", user, password}, " ")
		return &gosmtp.SMTPError{Code: 554, EnhancedCode: gosmtp.EnhancedCode{5, 7, 1}, Message: strings.ReplaceAll(said, "\n", " ")}
	case delivertest.AcceptAndDrop:
		v.r.keep(a)
		if v.r.first() {
			v.drop()
		}
		return nil
	case delivertest.HangAfter:
		v.r.keep(a)
		v.r.hang()
		return nil
	case delivertest.Slow:
		v.r.reached <- struct{}{}
		select {
		case <-v.r.goOn:
		case <-v.r.gone:
		}
	}
	v.r.keep(a)
	return nil
}

// drop resets the connection below TLS.
func (v *visit) drop() {
	if t, ok := v.conn.(*tls.Conn); ok {
		delivertest.Reset(t.NetConn())
		return
	}
	delivertest.Reset(v.conn)
}

// decode reads a mail with a library that is not the channel's.
func decode(raw []byte) (delivertest.Arrival, error) {
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		return delivertest.Arrival{}, err
	}
	subject, err := r.Header.Subject()
	if err != nil {
		return delivertest.Arrival{}, err
	}
	part, err := r.NextPart()
	if err != nil {
		return delivertest.Arrival{}, err
	}
	body, err := io.ReadAll(part.Body)
	if err != nil {
		return delivertest.Arrival{}, err
	}
	key, ok := smtp.KeyOf(r.Header.Get("Message-Id"))
	if !ok {
		return delivertest.Arrival{}, errors.New("the Message-ID does not carry a key")
	}
	return delivertest.Arrival{Key: key, Subject: subject, Body: string(body), Payload: raw}, nil
}

// post is a running mail server.
type post struct {
	*receiver
	addr  *net.TCPAddr
	roots *x509.CertPool
}

// serve starts a mail server; change may alter it before.
func serve(tb testing.TB, b delivertest.Behaviour, sec smtp.Security, change func(*gosmtp.Server)) post {
	tb.Helper()
	r := newReceiver(tb, b)
	cert, roots := certificate(tb)
	s := gosmtp.NewServer(r)
	s.Domain = "mail.test"
	s.ErrorLog = quiet{}
	if sec != smtp.NoneOnLoop {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	if change != nil {
		change(s)
	}
	l := delivertest.Listen(tb)
	p := post{receiver: r, addr: l.Addr().(*net.TCPAddr), roots: roots}
	if b == delivertest.ResetBefore {
		l = delivertest.ResetFirst(l)
	}
	if sec == smtp.TLS {
		l = tls.NewListener(l, s.TLSConfig)
	}
	go s.Serve(l)
	tb.Cleanup(func() { s.Close() })
	return p
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// config leads to p without AUTH.
func (p post) config(sec smtp.Security) smtp.Config {
	return smtp.Config{Host: "127.0.0.1", Port: p.addr.Port, Security: sec, RootCAs: p.roots,
		From: "watch@example.org", Name: "Example Watch", Timeouts: patient}
}

var patient = smtp.Timeouts{Connect: time.Minute, Command: time.Minute, Accept: time.Minute, Idle: time.Minute}

func channel(tb testing.TB, c smtp.Config) *smtp.Channel {
	tb.Helper()
	ch, err := smtp.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(ch.Close)
	return ch
}

// start is the suite's way in.
func start(sec smtp.Security) func(testing.TB, delivertest.Setup) delivertest.Far {
	return func(tb testing.TB, s delivertest.Setup) delivertest.Far {
		p := serve(tb, s.Behaviour, sec, nil)
		if s.Behaviour == delivertest.Absent {
			p.addr = delivertest.Unused(tb)
		}
		c := p.config(sec)
		if sec != smtp.NoneOnLoop {
			c.Username, c.Password = user, password
		}
		switch s.Behaviour {
		case delivertest.HangBefore:
			c.Timeouts.Command = s.Patience
		case delivertest.HangAfter:
			c.Timeouts.Accept = s.Patience
		}
		return delivertest.Far{Channel: channel(tb, c), Address: "desk@example.net", Arrived: p.all,
			Reached: p.reached, Continue: func() { close(p.goOn) }}
	}
}

func TestChannelKeepsTheContract(t *testing.T) {
	for _, sec := range []smtp.Security{smtp.StartTLS, smtp.TLS, smtp.NoneOnLoop} {
		t.Run(string(sec), func(t *testing.T) {
			h := delivertest.Harness{Name: "smtp", State: "sent", Remote: true, Start: start(sec)}
			if sec != smtp.NoneOnLoop {
				h.Secrets = []string{user, password}
			}
			delivertest.Run(t, h)
		})
	}
}
