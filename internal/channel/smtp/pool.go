package smtp

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"
)

var errClosed = errors.New("the mail channel has been shut down")

// pool keeps connections between messages. At most MaxConns dialogues run at
// once; as many connections wait idle at most, each watched, so that one which
// the server closes is gone before anybody picks it up.
type pool struct {
	config Config
	turns  chan struct{} // one token per dialogue under way

	mu     sync.Mutex
	idle   []*session // most recently used last
	closed bool
}

func newPool(c Config) *pool {
	return &pool{config: c, turns: make(chan struct{}, c.MaxConns)}
}

// enter waits for a turn. Every enter that returns nil is followed by one leave.
func (p *pool) enter(ctx context.Context) error {
	select {
	case p.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &stopped{at: "waiting for a free connection", err: ctx.Err()}
	}
}

func (p *pool) leave() { <-p.turns }

// reuse returns an idle connection that is still good, or nil.
func (p *pool) reuse() *session {
	for {
		s := p.pop()
		if s == nil || s.wake() {
			return s
		}
		s.raw.Close()
	}
}

func (p *pool) pop() *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	s := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	return s
}

// fresh opens a new connection.
func (p *pool) fresh(ctx context.Context) (*session, error) {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return nil, errClosed
	}
	return open(ctx, p.config)
}

// keep takes back a connection on which everything was answered.
func (p *pool) keep(s *session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.uses++
	if p.closed || s.uses >= p.config.MaxUses {
		go s.quit()
		return
	}
	s.rest()
	p.idle = append(p.idle, s)
	go p.watch(s)
}

// rest gives an unused connection until the idle limit. It comes before the
// watch starts, so that wake's deadline is always the later one.
func (s *session) rest() {
	s.woken = make(chan error, 1)
	s.raw.SetDeadline(time.Now().Add(s.limits.Idle))
}

// watch waits on an idle connection: for the server's good-bye, the idle limit,
// or wake. Whoever takes s off the idle list owns it.
func (p *pool) watch(s *session) {
	_, err := s.br.Peek(1)
	if p.drop(s) {
		s.quit()
		return
	}
	s.woken <- err
}

// drop takes s off the idle list and reports whether it was on it.
func (p *pool) drop(s *session) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, x := range p.idle {
		if x == s {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return true
		}
	}
	return false
}

// wake ends the watch over a connection taken off the idle list and reports
// whether it is good: nothing came while it was idle, neither an end nor words.
func (s *session) wake() bool {
	s.raw.SetDeadline(past)
	return errors.Is(<-s.woken, os.ErrDeadlineExceeded)
}

// reset clears a refused mail off the connection, which may then be kept.
func (s *session) reset(ctx context.Context) bool {
	_, err := s.expect(ctx, "RSET", 2, "RSET")
	return err == nil
}

// quit says good-bye and closes without waiting for the answer.
func (s *session) quit() {
	s.raw.SetDeadline(time.Now().Add(time.Second))
	s.conn.Write([]byte("QUIT\r\n"))
	s.conn.Close()
}

// close ends the idle connections; those in use end when they are brought back.
func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, s := range idle {
		s.wake()
		s.quit()
	}
}
