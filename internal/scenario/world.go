package scenario

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/mail"
	"os"
	"strings"
	"sync"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"tocsin"
	"tocsin/deliver"
	"tocsin/internal/channel/inperson"
	"tocsin/internal/channel/smtp"
	"tocsin/internal/channel/webhook"
)

// Loopback is a World of real servers on this machine: one SMTP server and one
// HTTP server, to which the real channels send.
type Loopback struct {
	mu      sync.Mutex
	how     map[string]string          // "channel address" -> behaviour
	seen    map[string]map[string]bool // channel -> keys that arrived
	tries   map[string]int             // "channel address" -> attempts
	secret  string
	clock   *Clock
	mail    *gosmtp.Server
	mailAt  net.Listener
	hooks   *http.Server
	hooksAt net.Listener
	release chan struct{} // closed when the world ends: lets go of what hangs
	memory  *os.File      // where it is written down what came, if it is to be remembered
}

// Remember keeps what comes in the file at path, and recalls what came before: the
// far side does not forget because the sender was killed.
func (l *Loopback) Remember(path string) error {
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(string(b)) {
		what, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		channel, key, _ := strings.Cut(rest, " ")
		switch {
		case !strings.HasSuffix(line, "\n"): // cut short when it was killed
		case what == "try":
			l.tries[rest]++
		case what == "got" && l.seen[channel] != nil:
			l.seen[channel][key] = true
		}
	}
	l.memory, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	return err
}

// remember must be called with mu held.
func (l *Loopback) remember(what, text string) {
	if l.memory != nil {
		_, _ = fmt.Fprintf(l.memory, "%s %s\n", what, text) // the far side's own affair
	}
}

// NewLoopback starts the servers. hooks are the names of webhook endpoints that
// the script uses; those that end in "-intermediary" only pass things on.
func NewLoopback(clock *Clock) (*Loopback, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	l := &Loopback{how: map[string]string{}, seen: map[string]map[string]bool{"smtp": {}, "webhook": {}, "in_person": {}}, tries: map[string]int{},
		secret: "whsec_" + base64.StdEncoding.EncodeToString(key), clock: clock, release: make(chan struct{})}
	var err error
	if l.mailAt, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	if l.hooksAt, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	l.mail = gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return &mailSession{world: l}, nil }))
	l.mail.Domain, l.mail.ErrorLog = "receiver.example", quiet{}
	l.hooks = &http.Server{Handler: http.HandlerFunc(l.hook), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = l.mail.Serve(l.mailAt) }()   // ends with Close
	go func() { _ = l.hooks.Serve(l.hooksAt) }() // ends with Close
	return l, nil
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// Channels are the real channels, set up to reach this world.
func (l *Loopback) Channels(endpoints []string) (deliver.Set, error) {
	addr := l.mailAt.Addr().(*net.TCPAddr)
	post, err := smtp.New(smtp.Config{Host: "127.0.0.1", Port: addr.Port, Security: smtp.NoneOnLoop, From: "watch@tocsin.example", Now: l.clock.Now,
		Timeouts: smtp.Timeouts{Connect: 2 * time.Second, Command: 500 * time.Millisecond, Accept: 500 * time.Millisecond}})
	if err != nil {
		return nil, err
	}
	c := webhook.Config{Endpoints: map[string]webhook.Endpoint{}, Now: l.clock.Now}
	for _, name := range endpoints {
		c.Endpoints[name] = webhook.Endpoint{URL: "http://" + l.hooksAt.Addr().String() + "/" + name, Secret: l.secret, Timeout: 500 * time.Millisecond,
			AllowPrivate: true, Intermediary: strings.HasSuffix(name, "-intermediary")}
	}
	hook, err := webhook.New(c)
	if err != nil {
		return nil, err
	}
	return deliver.NewSet(post, hook, inperson.New(l.clock.Now))
}

// Close stops the servers.
func (l *Loopback) Close() {
	close(l.release)
	_ = l.mail.Close()
	_ = l.hooks.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.memory != nil {
		_ = l.memory.Close()
		l.memory = nil
	}
}

// Behave implements World.
func (l *Loopback) Behave(channel, address, how string) error {
	switch how {
	case "accepts", "refuses", "greylists", "hangs", "drops the answer":
	default:
		return fmt.Errorf("a receiver accepts, refuses, greylists, hangs, or drops the answer; not %q", how)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.how[channel+" "+address] = how
	return nil
}

// Received implements World.
func (l *Loopback) Received(channel string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.seen[channel])
}

// take notes an attempt and says how the receiver behaves this time.
func (l *Loopback) take(channel, address string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := channel + " " + address
	l.tries[at]++
	l.remember("try", at)
	how := l.how[at]
	if how == "greylists" && l.tries[at] > 1 {
		how = "accepts"
	}
	return how
}

func (l *Loopback) arrived(channel, key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[channel][key] = true
	l.remember("got", channel+" "+key)
}

func (l *Loopback) hook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err == nil {
		err = webhook.Verify(l.secret, r.Header, body, l.clock.Now(), time.Hour)
	}
	if err != nil {
		http.Error(w, "the signature does not hold", http.StatusUnauthorized)
		return
	}
	switch l.take("webhook", strings.TrimPrefix(r.URL.Path, "/")) {
	case "refuses":
		http.Error(w, "gone", http.StatusGone)
		return
	case "greylists":
		http.Error(w, "later", http.StatusServiceUnavailable)
		return
	case "hangs":
		<-l.release
		return
	case "drops the answer":
		l.arrived("webhook", r.Header.Get("webhook-id"))
		panic(http.ErrAbortHandler)
	}
	var p struct {
		Key tocsin.DeliveryKey `json:"key"`
	}
	if err := json.Unmarshal(body, &p); err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	l.arrived("webhook", string(p.Key))
	w.WriteHeader(http.StatusNoContent)
}

// mailSession is one dialogue with the receiving mail server.
type mailSession struct {
	world *Loopback
	to    string
}

func (s *mailSession) Reset()                                 { s.to = "" }
func (s *mailSession) Logout() error                          { return nil }
func (s *mailSession) Mail(string, *gosmtp.MailOptions) error { return nil }
func (s *mailSession) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err
	}
	key, ok := smtp.KeyOf(m.Header.Get("Message-ID"))
	if !ok {
		return errors.New("the message carries no key")
	}
	switch s.world.take("smtp", s.to) {
	case "refuses":
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	case "greylists":
		return &gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 7, 1}, Message: "greylisted, try again later"}
	case "hangs":
		<-s.world.release
		return errors.New("closing")
	case "drops the answer":
		s.world.arrived("smtp", string(key))
		<-s.world.release
		return errors.New("closing")
	}
	s.world.arrived("smtp", string(key))
	return nil
}
