package smtp_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tocsin"
	"tocsin/deliver"
	"tocsin/deliver/delivertest"
	"tocsin/internal/channel/smtp"
)

func TestConnectionsAreUsedAgain(t *testing.T) {
	for _, sec := range []smtp.Security{smtp.StartTLS, smtp.TLS, smtp.NoneOnLoop} {
		p := serve(t, delivertest.Accept, sec, nil)
		ch := channel(t, p.config(sec))
		for range 5 {
			if err := send(t, ch); err != nil {
				t.Fatal(err)
			}
		}
		// EHLO after STARTTLS makes a second session of the same connection.
		want := 1
		if sec == smtp.StartTLS {
			want = 2
		}
		if n := p.count(); n != want {
			t.Errorf("%s: %d sessions for 5 mails, want %d", sec, n, want)
		}
	}
}

func TestAConnectionIsNotUsedForEver(t *testing.T) {
	p := serve(t, delivertest.Accept, smtp.NoneOnLoop, nil)
	c := p.config(smtp.NoneOnLoop)
	c.MaxUses = 2
	ch := channel(t, c)
	for range 5 {
		if err := send(t, ch); err != nil {
			t.Fatal(err)
		}
	}
	if n := p.count(); n != 3 {
		t.Errorf("%d connections for 5 mails at 2 each, want 3", n)
	}
}

func TestARefusedRecipientDoesNotCostTheConnection(t *testing.T) {
	cfg, heard := scripted(t, func(_ int, line string) string {
		if strings.HasPrefix(line, "RCPT TO:<gone@") {
			return "550 5.1.1 unknown"
		}
		return polite(line)
	})
	ch := channel(t, cfg)
	_, err := ch.Send(t.Context(), delivertest.Message(t, letter(t, delivertest.Letter{Address: "gone@example.net"})))
	wantClass(t, err, deliver.Permanent, "RCPT TO (550 5.1.1)")
	if err := send(t, ch); err != nil {
		t.Fatal(err)
	}
	lines := heard()
	if !slices.Contains(lines, "1 RSET") || !slices.Contains(lines, "1 RCPT TO:<desk@example.net>") {
		t.Errorf("the server heard %q", lines)
	}
}

// secondMail is a server whose first connection serves one mail and then
// answers MAIL with answer.
func secondMail(t *testing.T, answer string) (smtp.Config, func() []string) {
	mails := 0
	return scripted(t, func(conn int, line string) string {
		if conn == 1 && strings.HasPrefix(line, "MAIL") {
			if mails++; mails > 1 {
				return answer
			}
		}
		return polite(line)
	})
}

func TestAConnectionThatDiedIdleCostsOneNewOne(t *testing.T) {
	for name, answer := range map[string]string{"is closed": "close", "is told to close": "421 4.3.2 idle too long", "says nothing": "silence", "says nonsense": "what?"} {
		t.Run(name, func(t *testing.T) {
			cfg, heard := secondMail(t, answer)
			if answer == "silence" {
				cfg.Timeouts.Command = 500 * time.Millisecond
			}
			ch := channel(t, cfg)
			for range 2 {
				if err := send(t, ch); err != nil {
					t.Fatal(err)
				}
			}
			if dots := count(heard(), "."); dots != 2 {
				t.Errorf("the server heard %d mails, want 2: %q", dots, heard())
			}
		})
	}
}

func count(lines []string, said string) int {
	n := 0
	for _, l := range lines {
		if _, what, _ := strings.Cut(l, " "); what == said {
			n++
		}
	}
	return n
}

func TestANewConnectionThatFailsIsNotTriedAgain(t *testing.T) {
	for _, answer := range []string{"close", "421 4.3.2 not today"} {
		conns := atomic.Int32{}
		cfg, _ := scripted(t, func(conn int, line string) string {
			conns.Store(int32(conn))
			if strings.HasPrefix(line, "MAIL") {
				return answer
			}
			return polite(line)
		})
		wantClass(t, send(t, channel(t, cfg)), deliver.Temporary, "")
		if conns.Load() != 1 {
			t.Errorf("after %q the server was called %d times", answer, conns.Load())
		}
	}
}

func TestAfterTheContentNothingIsTriedAgain(t *testing.T) {
	dots := 0
	cfg, heard := scripted(t, func(_ int, line string) string {
		if line == "." {
			if dots++; dots > 1 {
				return "close"
			}
		}
		return polite(line)
	})
	ch := channel(t, cfg)
	if err := send(t, ch); err != nil {
		t.Fatal(err)
	}
	wantClass(t, send(t, ch), deliver.Uncertain, "may have been taken")
	if n := count(heard(), "."); n != 2 {
		t.Errorf("%d mails were sent in two attempts", n)
	}
}

func TestAnIdleConnectionIsGivenUpWithAGoodBye(t *testing.T) {
	left := make(chan struct{}, 1)
	cfg, _ := scripted(t, func(_ int, line string) string {
		if line == "QUIT" {
			left <- struct{}{}
			return "close"
		}
		return polite(line)
	})
	cfg.Timeouts.Idle = 20 * time.Millisecond
	ch := channel(t, cfg)
	if err := send(t, ch); err != nil {
		t.Fatal(err)
	}
	<-left // the test's own limit ends it if nobody says good-bye
	if err := send(t, ch); err != nil {
		t.Fatal(err)
	}
}

func TestNoMoreDialoguesAtOnceThanAllowed(t *testing.T) {
	const limit, mails = 3, 12
	var mu sync.Mutex
	under, most := 0, 0
	cfg, _ := scripted(t, func(_ int, line string) string {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case strings.HasPrefix(line, "MAIL"):
			under++
			most = max(most, under)
		case line == ".":
			under--
		}
		return polite(line)
	})
	cfg.MaxConns = limit
	ch := channel(t, cfg)
	var wg sync.WaitGroup
	for i := range mails {
		m := delivertest.Message(t, letter(t, delivertest.Letter{Key: tocsin.DeliveryKey(fmt.Sprint("k", i))}))
		wg.Go(func() {
			if _, err := ch.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	if most > limit || most == 0 {
		t.Errorf("%d dialogues at once, limit %d", most, limit)
	}
}

func TestAfterCloseNothingIsSent(t *testing.T) {
	p := serve(t, delivertest.Accept, smtp.NoneOnLoop, nil)
	ch := channel(t, p.config(smtp.NoneOnLoop))
	if err := send(t, ch); err != nil {
		t.Fatal(err)
	}
	ch.Close()
	wantClass(t, send(t, ch), deliver.Temporary, "shut down")
	if n := len(p.all()); n != 1 {
		t.Errorf("%d mails arrived, want 1", n)
	}
}
