package delivertest

import (
	"net"
	"sync/atomic"
	"testing"
)

// Listen listens on a free port of this machine until the test ends.
func Listen(tb testing.TB) net.Listener {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	return l
}

// Unused is an address of this machine where nothing listens.
func Unused(tb testing.TB) *net.TCPAddr {
	tb.Helper()
	l := Listen(tb)
	l.Close()
	return l.Addr().(*net.TCPAddr)
}

// ResetFirst is l, except that its first connection is reset at once.
func ResetFirst(l net.Listener) net.Listener { return &resetFirst{Listener: l} }

type resetFirst struct {
	net.Listener
	done atomic.Bool
}

func (l *resetFirst) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil || l.done.Swap(true) {
		return c, err
	}
	Reset(c)
	return l.Listener.Accept()
}

// Reset closes a TCP connection so that the other side gets a reset, not an
// orderly end.
func Reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		t.SetLinger(0)
	}
	c.Close()
}
