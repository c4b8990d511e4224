package smtp

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// session is one connection to the server after EHLO, TLS and AUTH. One
// goroutine at a time uses it; commands go in lock-step, one at a time.
type session struct {
	raw    net.Conn // carries the deadlines
	conn   net.Conn // raw, or TLS over it
	br     *bufio.Reader
	ext    map[string]string // EHLO keyword, in capitals -> its parameters
	limits Timeouts
	uses   int
	woken  chan error // while idle: how the watch over it ended
}

var past = time.Unix(1, 0)

// open connects, and leaves a session that is ready for MAIL. Its errors are *stopped.
func open(ctx context.Context, c Config) (*session, error) {
	// Only the time to get a connection counts here; each command of the
	// greeting has its own limit.
	dialCtx, cancel := context.WithTimeout(ctx, c.Timeouts.Connect)
	defer cancel()
	raw, err := new(net.Dialer).DialContext(dialCtx, "tcp", net.JoinHostPort(c.Host, strconv.Itoa(c.Port)))
	if err != nil {
		return nil, &stopped{at: "connecting", err: cause(ctx, err)}
	}
	s := &session{raw: raw, conn: raw, limits: c.Timeouts}
	s.br = bufio.NewReaderSize(s.conn, maxReplyLine)
	detach := s.abortWith(ctx)
	err = s.greet(ctx, c)
	if !detach() && err == nil {
		err = &stopped{at: "connecting", err: ctx.Err()}
	}
	if err != nil {
		raw.Close()
		return nil, err
	}
	return s, nil
}

// abortWith makes the end of ctx end what s waits for. The function it returns
// reports false if that has happened; s is then useless.
func (s *session) abortWith(ctx context.Context) func() bool {
	return context.AfterFunc(ctx, func() { s.raw.SetDeadline(past) })
}

func (s *session) greet(ctx context.Context, c Config) error {
	if c.Security == NoneOnLoop && !fromHere(s.raw.RemoteAddr()) {
		return &stopped{never: fmt.Sprintf("%s is not this machine, and a warning does not leave it in plain text", c.Host)}
	}
	if c.Security == TLS {
		if err := s.encrypt(ctx, c); err != nil {
			return err
		}
	}
	if _, err := s.expect(ctx, "connecting", 2, ""); err != nil {
		return err
	}
	if err := s.hello(ctx, c); err != nil {
		return err
	}
	if c.Security == StartTLS {
		if err := s.startTLS(ctx, c); err != nil {
			return err
		}
	}
	if c.Username == "" {
		return nil
	}
	return s.authenticate(ctx, c)
}

func (s *session) hello(ctx context.Context, c Config) error {
	r, err := s.expect(ctx, "EHLO", 2, "EHLO "+c.Domain)
	if err != nil {
		return err
	}
	s.ext = map[string]string{}
	for _, line := range r.lines[1:] {
		word, params, _ := strings.Cut(line, " ")
		s.ext[strings.ToUpper(word)] = params
	}
	return nil
}

func (s *session) startTLS(ctx context.Context, c Config) error {
	if _, ok := s.ext["STARTTLS"]; !ok {
		// Not a refusal of the mail: somebody in between may have taken the offer out.
		return &stopped{at: "STARTTLS", err: errors.New("the server does not offer encryption, and without it nothing is sent")}
	}
	if _, err := s.expect(ctx, "STARTTLS", 2, "STARTTLS"); err != nil {
		return err
	}
	// What came before the handshake is not protected and would be taken for
	// answers inside it (CVE-2011-0411).
	if s.br.Buffered() > 0 {
		return &stopped{at: "STARTTLS", err: errReply}
	}
	if err := s.encrypt(ctx, c); err != nil {
		return err
	}
	return s.hello(ctx, c) // RFC 3207 section 4.2: what was offered before is void
}

func (s *session) encrypt(ctx context.Context, c Config) error {
	if err := s.arm(ctx, s.limits.Connect); err != nil {
		return &stopped{at: "TLS", err: err}
	}
	t := tls.Client(s.raw, c.tls())
	if err := t.HandshakeContext(ctx); err != nil {
		return &stopped{at: "TLS", err: cause(ctx, err)}
	}
	s.conn = t
	s.br = bufio.NewReaderSize(t, maxReplyLine)
	return nil
}

// authenticate is called over TLS only; Config.validate sees to that.
func (s *session) authenticate(ctx context.Context, c Config) error {
	offered := strings.Fields(strings.ToUpper(s.ext["AUTH"]))
	switch {
	case slices.Contains(offered, "PLAIN"):
		_, err := s.expect(ctx, "AUTH", 2, "AUTH PLAIN "+plainResponse(c))
		return err
	case slices.Contains(offered, "LOGIN"):
		for i, line := range []string{"AUTH LOGIN", encode(c.Username), encode(c.Password)} {
			want := 3
			if i == 2 {
				want = 2
			}
			if _, err := s.expect(ctx, "AUTH", want, line); err != nil {
				return err
			}
		}
		return nil
	}
	return &stopped{never: "the mail server offers neither AUTH PLAIN nor AUTH LOGIN; correct the configuration"}
}

func plainResponse(c Config) string { return encode("\x00" + c.Username + "\x00" + c.Password) }

func encode(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// transmit carries one mail to acceptance and returns the server's last reply.
func (s *session) transmit(ctx context.Context, e envelope) (reply, error) {
	if why := s.unable(e); why != "" {
		return reply{}, &stopped{never: why}
	}
	if _, err := s.expect(ctx, "MAIL FROM", 2, "MAIL FROM:<"+e.from+">"+s.mailParameters(e)); err != nil {
		return reply{}, err
	}
	if _, err := s.expect(ctx, "RCPT TO", 2, "RCPT TO:<"+e.to+">"); err != nil {
		return reply{}, err
	}
	if _, err := s.expect(ctx, "DATA", 3, "DATA"); err != nil {
		return reply{}, err
	}
	return s.content(ctx, e.data)
}

// content sends header, body and final dot and waits for the verdict. The
// commit point is the write: if it took everything, the server may have the mail
// whatever happens afterwards; if it did not, the final dot was not sent and a
// server drops the rest (RFC 5321 section 4.1.1.4).
func (s *session) content(ctx context.Context, data []byte) (reply, error) {
	const at = "the message"
	if err := s.arm(ctx, s.limits.Accept); err != nil {
		return reply{}, &stopped{at: at, err: err}
	}
	if n, err := s.conn.Write(data); err != nil {
		return reply{}, &stopped{at: at, err: cause(ctx, err), dotted: n == len(data)}
	}
	r, err := readReply(s.br)
	if err != nil {
		return reply{}, &stopped{at: at, err: cause(ctx, err), dotted: true}
	}
	if r.code/100 != 2 {
		st := &stopped{at: at, reply: r, dotted: true}
		if r.code/100 == 3 {
			st.err = errReply
		}
		return reply{}, st
	}
	return r, nil
}

// unable says why this server can never take e, or "".
func (s *session) unable(e envelope) string {
	if _, ok := s.ext["SMTPUTF8"]; e.utf8 && !ok {
		return fmt.Sprintf("the mail server cannot carry addresses beyond ASCII (SMTPUTF8), which %s needs; use another rung", e.to)
	}
	if limit, err := strconv.ParseInt(s.ext["SIZE"], 10, 64); err == nil && limit > 0 && int64(e.size) > limit {
		return fmt.Sprintf("the mail is %d bytes and the mail server takes at most %d; shorten the text or use another rung", e.size, limit)
	}
	return ""
}

// mailParameters are the extensions used, where offered. BODY=8BITMIME goes
// with SMTPUTF8 only, whose headers are not ASCII; all else here is 7-bit. With
// DSN the key is the envelope id, so that a bounce names the delivery, and a
// bounce returns the headers without the words.
func (s *session) mailParameters(e envelope) string {
	var b strings.Builder
	if _, ok := s.ext["SIZE"]; ok {
		fmt.Fprintf(&b, " SIZE=%d", e.size)
	}
	if e.utf8 {
		b.WriteString(" BODY=8BITMIME SMTPUTF8")
	}
	if _, ok := s.ext["DSN"]; ok {
		b.WriteString(" RET=HDRS")
		if id := xtext(string(e.key)); len(id) <= 100 { // RFC 3461 section 4.4
			b.WriteString(" ENVID=" + id)
		}
	}
	return b.String()
}

// xtext is RFC 3461 section 4.
func xtext(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || c == '+' || c == '=' {
			fmt.Fprintf(&b, "+%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// expect sends a command, unless it is empty, and reads the reply, which must
// be of the wanted class. at names the step to an officer and never holds more
// than the command's verb.
func (s *session) expect(ctx context.Context, at string, class int, command string) (reply, error) {
	if err := s.arm(ctx, s.limits.Command); err != nil {
		return reply{}, &stopped{at: at, err: err}
	}
	if command != "" {
		if _, err := s.conn.Write(append([]byte(command), '\r', '\n')); err != nil {
			return reply{}, &stopped{at: at, err: cause(ctx, err)}
		}
	}
	r, err := readReply(s.br)
	if err != nil {
		return reply{}, &stopped{at: at, err: cause(ctx, err)}
	}
	if r.code/100 != class {
		st := &stopped{at: at, reply: r}
		if r.code/100 < 4 {
			st.err = errReply // 2 for 3 or 3 for 2: the two sides are out of step
		}
		return r, st
	}
	return r, nil
}

// arm limits the next exchange to d. The check comes after the deadline is set:
// if ctx ends in between, abortWith's deadline is the later one and stands.
func (s *session) arm(ctx context.Context, d time.Duration) error {
	if err := s.raw.SetDeadline(time.Now().Add(d)); err != nil {
		return err
	}
	return ctx.Err()
}

// cause prefers ctx's word for an error that its end brought about.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func fromHere(a net.Addr) bool {
	p, err := netip.ParseAddrPort(a.String())
	return err == nil && p.Addr().Unmap().IsLoopback()
}
