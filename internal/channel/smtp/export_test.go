package smtp

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"tocsin/deliver"
	"tocsin/release"
)

// Content sends data, which ends with the final dot, over c and returns what
// the outcome says about it, or "" if it was taken.
func Content(ctx context.Context, c net.Conn, data string) deliver.Class {
	s := &session{raw: c, conn: c, br: bufio.NewReaderSize(c, maxReplyLine), limits: Timeouts{}.withDefaults()}
	_, err := s.content(ctx, []byte(data))
	var st *stopped
	if errors.As(err, &st) {
		return st.class()
	}
	return ""
}

// ReadReply reads one reply, as a session does.
func ReadReply(r io.Reader) (code int, enhanced, text string, err error) {
	p, err := readReply(bufio.NewReaderSize(r, maxReplyLine))
	return p.code, p.enhanced, p.text(), err
}

// RetryAfter reads the wait out of a reply's text.
func RetryAfter(code int, text string) (wait time.Duration, greylisted bool) {
	r := reply{code: code, lines: strings.Split(text, "\n")}
	return r.retryAfter(), r.greylisted()
}

// ValidMailbox is the check on an address.
func ValidMailbox(s string) bool { return validMailbox(s) }

// Compose is the mail as it goes over the wire.
func Compose(c Config, m release.Message) ([]byte, error) {
	c, err := c.validate()
	if err != nil {
		return nil, err
	}
	e, err := compose(c, m)
	return e.data, err
}
