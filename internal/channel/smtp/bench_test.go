package smtp_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"tocsin/deliver/delivertest"
	"tocsin/internal/channel/smtp"
)

// rawDialogue is the limit: the four exchanges of one mail in lock-step, with
// ready-made bytes on one open connection, by a client that checks only the
// first digit.
type rawDialogue struct {
	c  net.Conn
	br *bufio.Reader
}

func openRaw(b *testing.B, p post, sec smtp.Security) *rawDialogue {
	c, err := net.Dial("tcp", p.addr.String())
	if err != nil {
		b.Fatal(err)
	}
	d := &rawDialogue{c, bufio.NewReader(c)}
	d.read(b, '2')
	d.say(b, "EHLO example.org\r\n", '2')
	if sec == smtp.StartTLS {
		d.say(b, "STARTTLS\r\n", '2')
		d.c = tls.Client(c, &tls.Config{RootCAs: p.roots, ServerName: "127.0.0.1"})
		d.br = bufio.NewReader(d.c)
		d.say(b, "EHLO example.org\r\n", '2')
	}
	b.Cleanup(func() { d.c.Close() })
	return d
}

func (d *rawDialogue) say(b *testing.B, line string, want byte) {
	if _, err := d.c.Write([]byte(line)); err != nil {
		b.Fatal(err)
	}
	d.read(b, want)
}

func (d *rawDialogue) read(b *testing.B, want byte) {
	for {
		line, err := d.br.ReadSlice('\n')
		if err != nil || line[0] != want {
			b.Fatalf("%q, %v", line, err)
		}
		if line[3] == ' ' {
			return
		}
	}
}

func (d *rawDialogue) mail(b *testing.B, data string) {
	d.say(b, "MAIL FROM:<watch@example.org>\r\n", '2')
	d.say(b, "RCPT TO:<desk@example.net>\r\n", '2')
	d.say(b, "DATA\r\n", '3')
	d.say(b, data, '2')
}

// BenchmarkReleaseToAccepted measures one message, composed and sent, against
// the raw dialogue with the same server, turn by turn. AUTH is off, because it is
// done once a connection. ratio is raw time over our time: 1 is the limit.
func BenchmarkReleaseToAccepted(b *testing.B) {
	for _, sec := range []smtp.Security{smtp.NoneOnLoop, smtp.StartTLS} {
		b.Run(string(sec), func(b *testing.B) {
			p := serve(b, delivertest.Accept, sec, nil)
			cfg := p.config(sec)
			cfg.MaxUses = 1 << 30
			ch := channel(b, cfg)
			m := delivertest.Message(b, letter(b, delivertest.Letter{}))
			data, err := smtp.Compose(cfg, m)
			if err != nil {
				b.Fatal(err)
			}
			raw := openRaw(b, p, sec)
			var limit time.Duration
			var ours []time.Duration
			for b.Loop() {
				start := time.Now()
				raw.mail(b, string(data))
				middle := time.Now()
				if _, err := ch.Send(b.Context(), m); err != nil {
					b.Fatal(err)
				}
				limit += middle.Sub(start)
				ours = append(ours, time.Since(middle))
			}
			report(b, limit, ours)
		})
	}
}

func report(b *testing.B, limit time.Duration, ours []time.Duration) {
	var sum time.Duration
	for _, d := range ours {
		sum += d
	}
	slices.Sort(ours)
	b.ReportMetric(float64(limit)/float64(sum), "ratio")
	b.ReportMetric(float64(limit.Microseconds())/float64(len(ours)), "raw-µs")
	b.ReportMetric(float64(sum.Microseconds())/float64(len(ours)), "ours-µs")
	b.ReportMetric(float64(ours[len(ours)*99/100].Microseconds()), "p99-µs")
}

func BenchmarkCompose(b *testing.B) {
	m := delivertest.Message(b, letter(b, delivertest.Letter{}))
	for b.Loop() {
		if _, err := smtp.Compose(plain, m); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleMessageID() {
	id := smtp.MessageID("w-7.v2.r-3.0", "example.org")
	key, ok := smtp.KeyOf(id)
	fmt.Println(id, key, ok)
	// Output: <w-7.v2.r-3.0@example.org> w-7.v2.r-3.0 true
}
