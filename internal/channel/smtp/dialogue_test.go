package smtp_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"tocsin"
	"tocsin/deliver"
	"tocsin/deliver/delivertest"
	"tocsin/internal/channel/smtp"
)

// scripted is a server of a few lines that says what it is told to, which a
// proper server would not. say is asked once per line received, and once with
// "" for the greeting; what it returns is sent as it is. Returning "close" ends
// the connection, "silence" says nothing.
func scripted(t *testing.T, say func(conn int, line string) string) (smtp.Config, func() []string) {
	t.Helper()
	l := delivertest.Listen(t)
	var mu sync.Mutex
	var heard []string
	go func() {
		for n := 1; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			go converse(c, func(line string) string {
				mu.Lock()
				defer mu.Unlock()
				if line != "" {
					heard = append(heard, fmt.Sprintf("%d %s", n, line))
				}
				return say(n, line)
			})
		}
	}()
	c := smtp.Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: smtp.NoneOnLoop, From: "watch@example.org", Timeouts: patient}
	return c, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), heard...)
	}
}

func converse(c net.Conn, say func(string) string) {
	defer c.Close()
	br, inData, line := bufio.NewReader(c), false, ""
	for {
		if !inData || line == "." {
			inData = false
			switch answer := say(line); answer {
			case "close":
				return
			case "silence":
			default:
				fmt.Fprintf(c, "%s\r\n", answer)
				inData = strings.HasPrefix(answer, "354")
			}
		}
		raw, err := br.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(raw, "\r\n")
	}
}

// polite accepts everything.
func polite(line string) string {
	switch verb, _, _ := strings.Cut(line, " "); verb {
	case "":
		return "220 mail.test"
	case "DATA":
		return "354 go on"
	}
	return "250 fine"
}

func letter(t testing.TB, l delivertest.Letter) delivertest.Letter {
	l.Channel = "smtp"
	if l.Address == "" {
		l.Address = "desk@example.net"
	}
	return l
}

func send(t *testing.T, ch *smtp.Channel) error {
	t.Helper()
	_, err := ch.Send(t.Context(), delivertest.Message(t, letter(t, delivertest.Letter{})))
	return err
}

func wantClass(t *testing.T, err error, want deliver.Class, inDetail string) *deliver.Failure {
	t.Helper()
	var f *deliver.Failure
	if !errors.As(err, &f) {
		t.Fatalf("error %v is not a failure", err)
	}
	if f.Class != want || !strings.Contains(f.Detail, inDetail) {
		t.Fatalf("got %v (retry after %v), want %s with %q", f, f.RetryAfter, want, inDetail)
	}
	return f
}

func TestWhatAnAnswerAtEachStepMeans(t *testing.T) {
	for _, step := range []struct{ verb, name string }{
		{"", "connecting"}, {"EHLO", "EHLO"}, {"MAIL", "MAIL FROM"}, {"RCPT", "RCPT TO"}, {"DATA", "DATA"}, {".", "the message"},
	} {
		uncertainAfterDot := deliver.Temporary
		if step.verb == "." {
			uncertainAfterDot = deliver.Uncertain
		}
		for _, c := range []struct {
			answer string
			class  deliver.Class
			detail string
		}{
			{"421 4.3.2 closing down", deliver.Temporary, "421 4.3.2"},
			{"450 busy", deliver.Temporary, "450"},
			{"451 4.7.1 come back", deliver.Temporary, "451 4.7.1"},
			{"550 5.7.1 never", deliver.Permanent, "550 5.7.1"},
			{"550 4.7.1 codes that disagree", deliver.Permanent, "(550)"},
			{"close", uncertainAfterDot, ""},
			{"SSH-2.0-OpenSSH_9.2", uncertainAfterDot, "not an answer of a mail server"},
			{"999 no such class", uncertainAfterDot, "not an answer of a mail server"},
			{"250-one\r\n251 two", uncertainAfterDot, "not an answer of a mail server"},
			{strings.Repeat("250-more\r\n", 1000) + "250 end", uncertainAfterDot, "not an answer of a mail server"},
			{"250 " + strings.Repeat("x", 5000), uncertainAfterDot, "not an answer of a mail server"},
		} {
			t.Run(step.name+" answered "+c.answer[:min(len(c.answer), 30)], func(t *testing.T) {
				cfg, _ := scripted(t, func(_ int, line string) string {
					if verb, _, _ := strings.Cut(line, " "); verb == step.verb {
						return c.answer
					}
					return polite(line)
				})
				f := wantClass(t, send(t, channel(t, cfg)), c.class, c.detail)
				if f.Class != deliver.Uncertain && !strings.Contains(f.Detail, step.name) {
					t.Errorf("%q does not name the step %s", f.Detail, step.name)
				}
			})
		}
	}
}

func TestAServerOutOfStepIsNotBelieved(t *testing.T) {
	for verb, answer := range map[string]string{"MAIL": "354 go on", "DATA": "250 fine"} {
		cfg, heard := scripted(t, func(_ int, line string) string {
			if strings.HasPrefix(line, verb) {
				return answer
			}
			return polite(line)
		})
		wantClass(t, send(t, channel(t, cfg)), deliver.Temporary, "not an answer of a mail server")
		for _, line := range heard() {
			if strings.HasPrefix(line, "1 Subject") {
				t.Errorf("after %s answered %s the mail was sent", verb, answer)
			}
		}
	}
}

func TestEncryptionIsNeverGivenUp(t *testing.T) {
	noOffer, heard := scripted(t, func(_ int, line string) string { return polite(line) })
	noOffer.Security = smtp.StartTLS
	wantClass(t, send(t, channel(t, noOffer)), deliver.Temporary, "does not offer encryption")

	injected, heardToo := scripted(t, func(_ int, line string) string {
		switch {
		case strings.HasPrefix(line, "EHLO"):
			return "250-mail.test\r\n250 STARTTLS"
		case line == "STARTTLS":
			return "220 ready\r\n250 and you are in"
		}
		return polite(line)
	})
	injected.Security = smtp.StartTLS
	wantClass(t, send(t, channel(t, injected)), deliver.Temporary, "")

	for _, line := range append(heard(), heardToo()...) {
		if strings.Contains(line, "MAIL") || strings.Contains(line, "AUTH") {
			t.Errorf("in plain text went %q", line)
		}
	}
}

func TestACertificateThatIsNotTrustedGetsNothing(t *testing.T) {
	for _, sec := range []smtp.Security{smtp.StartTLS, smtp.TLS} {
		p := serve(t, delivertest.Accept, sec, nil)
		c := p.config(sec)
		c.RootCAs = nil
		wantClass(t, send(t, channel(t, c)), deliver.Temporary, "certificate")

		c = p.config(sec)
		c.Host = "localhost" // not in the certificate
		wantClass(t, send(t, channel(t, c)), deliver.Temporary, "certificate")
		if n := len(p.all()); n != 0 {
			t.Errorf("%d mails arrived", n)
		}
	}
}

func TestAnOldProtocolIsRefused(t *testing.T) {
	p := serve(t, delivertest.Accept, smtp.TLS, func(s *gosmtp.Server) { s.TLSConfig.MaxVersion = tls.VersionTLS11 })
	wantClass(t, send(t, channel(t, p.config(smtp.TLS))), deliver.Temporary, "TLS")
}

func TestAWrongPasswordIsSaidWithoutThePassword(t *testing.T) {
	p := serve(t, delivertest.Accept, smtp.StartTLS, nil)
	c := p.config(smtp.StartTLS)
	c.Username, c.Password = "somebody-else", "a-secret-phrase"
	f := wantClass(t, send(t, channel(t, c)), deliver.Permanent, "AUTH (535 5.7.8)")
	if strings.Contains(f.Detail, c.Username) || strings.Contains(f.Detail, c.Password) {
		t.Errorf("%q holds a credential", f.Detail)
	}
}

// tlsScripted is scripted over TLS from the first byte.
func tlsScripted(t *testing.T, say func(line string) string) smtp.Config {
	t.Helper()
	cert, roots := certificate(t)
	inner := delivertest.Listen(t)
	l := tls.NewListener(inner, &tls.Config{Certificates: []tls.Certificate{cert}})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			go converse(c, say)
		}
	}()
	return smtp.Config{Host: "127.0.0.1", Port: inner.Addr().(*net.TCPAddr).Port, Security: smtp.TLS, RootCAs: roots,
		From: "watch@example.org", Username: user, Password: password, Timeouts: patient}
}

func TestAuthLoginWherePlainIsNotOffered(t *testing.T) {
	answers := map[string]string{
		"AUTH LOGIN":                   "334 VXNlcm5hbWU6",
		"d2F0Y2gtbG9naW4=":             "334 UGFzc3dvcmQ6",
		"aHVudGVyMiBhbmQgdGhlbiBzb21l": "235 2.7.0 welcome",
	}
	var mu sync.Mutex
	used := 0
	cfg := tlsScripted(t, func(line string) string {
		if strings.HasPrefix(line, "EHLO") {
			return "250-mail.test\r\n250 AUTH LOGIN CRAM-MD5"
		}
		if a, ok := answers[line]; ok {
			mu.Lock()
			defer mu.Unlock()
			used++
			return a
		}
		return polite(line)
	})
	if err := send(t, channel(t, cfg)); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if used != 3 {
		t.Errorf("%d of 3 steps of AUTH LOGIN were taken", used)
	}
}

func TestAServerWithoutAKnownMechanism(t *testing.T) {
	cfg := tlsScripted(t, func(line string) string {
		if strings.HasPrefix(line, "EHLO") {
			return "250-mail.test\r\n250 AUTH CRAM-MD5"
		}
		return polite(line)
	})
	wantClass(t, send(t, channel(t, cfg)), deliver.Permanent, "neither AUTH PLAIN nor AUTH LOGIN")
}

func TestExtensionsAreUsedWhereOffered(t *testing.T) {
	p := serve(t, delivertest.Accept, smtp.NoneOnLoop, func(s *gosmtp.Server) { s.EnableDSN, s.EnableSMTPUTF8 = true, true })
	ch := channel(t, p.config(smtp.NoneOnLoop))
	m := delivertest.Message(t, letter(t, delivertest.Letter{Key: "w-1+2=3", Address: "دفتر@example.net"}))
	if _, err := ch.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	o := p.mails[0]
	if o.Return != gosmtp.DSNReturnHeaders || o.EnvelopeID != "w-1+2=3" {
		t.Errorf("asked for return %q with id %q, want headers only and the key", o.Return, o.EnvelopeID)
	}
	if !o.UTF8 || o.Body != gosmtp.Body8BitMIME {
		t.Errorf("UTF8 %v, body %q for an address in Persian", o.UTF8, o.Body)
	}
	if want := int64(len(p.all()[0].Payload)); o.Size != want {
		t.Errorf("announced %d bytes, sent %d", o.Size, want)
	}
}

func TestWhatTheServerCannotTakeIsNotTried(t *testing.T) {
	p := serve(t, delivertest.Accept, smtp.NoneOnLoop, func(s *gosmtp.Server) { s.MaxMessageBytes = 300 })
	ch := channel(t, p.config(smtp.NoneOnLoop))
	wantClass(t, send(t, ch), deliver.Permanent, "at most 300")

	_, err := ch.Send(t.Context(), delivertest.Message(t, letter(t, delivertest.Letter{Address: "دفتر@example.net"})))
	wantClass(t, err, deliver.Permanent, "SMTPUTF8")
	if len(p.mails) != 0 {
		t.Errorf("%d MAIL commands were given", len(p.mails))
	}
}

func TestAnAddressCannotAddCommandsOrHeaders(t *testing.T) {
	p := serve(t, delivertest.Accept, smtp.NoneOnLoop, nil)
	ch := channel(t, p.config(smtp.NoneOnLoop))
	bad := []string{
		"", "desk", "@example.net", "desk@", "desk@example.net>\r\nRCPT TO:<other@example.net", "desk@example.net\r\nBcc: other@example.net",
		"a@example.net, b@example.net", "Desk <desk@example.net>", `"a b"@example.net`, "a b@example.net", "a@b@c@", "<a@example.net>",
		"a..b@example.net", ".a@example.net", "a@example..net", "a@-example.net", "a@exa_mple.net", "a@[127.0.0.1", "a@[::1]", "a@[300.0.0.1]",
		"a\x00@example.net", "a@example.net\x7f", "a\u202e@example.net", "a\u200b@example.net", "a@example.net ", strings.Repeat("a", 65) + "@example.net",
		"a@" + strings.Repeat("a.", 130) + "net", "a,b@example.net", "a;b@example.net", "a:b@example.net", `a\b@example.net`,
	}
	for _, address := range bad {
		l := delivertest.Letter{Channel: "smtp", Address: address}
		_, err := ch.Send(t.Context(), delivertest.Message(t, l))
		f := wantClass(t, err, deliver.Permanent, "is not a mailbox")
		if tocsin.KindOf(f) != tocsin.Invalid || strings.ContainsAny(f.Detail, "\r\n\x00") {
			t.Errorf("%q: %q of kind %q", address, f.Detail, tocsin.KindOf(f))
		}
	}
	if p.count() != 0 {
		t.Errorf("the server was called %d times", p.count())
	}
	for _, address := range []string{"desk@example.net", "a.b+c@mail.example.net", "o'hara@example.net", "desk@[192.0.2.1]", "desk@[IPv6:2001:db8::1]", "desk@localhost"} {
		if _, err := ch.Send(t.Context(), delivertest.Message(t, letter(t, delivertest.Letter{Address: address}))); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestTimeRunsOutAtEachStep(t *testing.T) {
	for verb, class := range map[string]deliver.Class{"": deliver.Temporary, "EHLO": deliver.Temporary, "MAIL": deliver.Temporary,
		"RCPT": deliver.Temporary, "DATA": deliver.Temporary, ".": deliver.Uncertain} {
		t.Run("at "+verb, func(t *testing.T) {
			cfg, _ := scripted(t, func(_ int, line string) string {
				if v, _, _ := strings.Cut(line, " "); v == verb {
					return "silence"
				}
				return polite(line)
			})
			cfg.Timeouts.Accept = 100 * time.Millisecond
			if verb != "." {
				cfg.Timeouts.Command = 100 * time.Millisecond
			}
			_, err := channel(t, cfg).Send(t.Context(), delivertest.Message(t, letter(t, delivertest.Letter{})))
			wantClass(t, err, class, "no answer came in time")
		})
	}
}

// breaking is a connection that takes so many bytes and then fails.
type breaking struct {
	net.Conn
	takes  int
	answer string // what is read once everything was taken
}

func (b breaking) Write(p []byte) (int, error) {
	if b.takes >= len(p) && b.answer != "write fails late" {
		return len(p), nil
	}
	return min(b.takes, len(p)), syscall.EPIPE
}

func (b breaking) Read(p []byte) (int, error) {
	if b.answer == "" {
		return 0, syscall.ECONNRESET
	}
	return copy(p, b.answer), nil
}

func (breaking) SetDeadline(time.Time) error { return nil }

// The commit point is the final dot: while part of the mail is still to be
// written the mail is certainly not handed over.
func TestTheFinalDotIsTheCommitPoint(t *testing.T) {
	const mail = "Subject: x\r\n\r\nwords\r\n.\r\n"
	for _, c := range []struct {
		takes  int
		answer string
		want   deliver.Class
	}{
		{0, "", deliver.Temporary},
		{len(mail) / 2, "", deliver.Temporary},
		{len(mail) - 1, "", deliver.Temporary},
		{len(mail), "write fails late", deliver.Uncertain},
		{len(mail), "", deliver.Uncertain},
		{len(mail), "nonsense\r\n", deliver.Uncertain},
		{len(mail), "354 more?\r\n", deliver.Uncertain},
		{len(mail), "451 later\r\n", deliver.Temporary},
		{len(mail), "554 never\r\n", deliver.Permanent},
		{len(mail), "250 taken\r\n", ""},
	} {
		if got := smtp.Content(t.Context(), breaking{takes: c.takes, answer: c.answer}, mail); got != c.want {
			t.Errorf("%d of %d bytes written, answer %q: %q, want %q", c.takes, len(mail), c.answer, got, c.want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got := smtp.Content(ended, breaking{takes: len(mail), answer: "250 taken\r\n"}, mail); got != deliver.Temporary {
		t.Errorf("called off before the content: %q", got)
	}
}
