package engine_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"tocsin"
	"tocsin/casefile"
	"tocsin/deliver"
	"tocsin/engine"
	"tocsin/internal/channel/smtp"
	"tocsin/internal/sqlite"
	"tocsin/release"
)

// disk is a file on the disk that the record is on: the limit of anything that is
// durable before the answer.
type disk struct {
	f    *os.File
	page [4096]byte
}

func (d *disk) flush(b *testing.B) {
	if _, err := d.f.Write(d.page[:]); err != nil {
		b.Fatal(err)
	}
	if err := syscall.Fdatasync(int(d.f.Fd())); err != nil {
		b.Fatal(err)
	}
}

// onDisk is a house with a record in a file, by the wall clock.
func onDisk(b *testing.B, change ...func(*house)) (*house, *disk) {
	b.Helper()
	dir := b.TempDir()
	db, err := sqlite.Open(filepath.Join(dir, "record.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	f, err := os.Create(filepath.Join(dir, "flush"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	h := open(b, append([]func(*house){func(h *house) { h.store, h.clock = db, bubble{time.Now()} }}, change...)...)
	return h, &disk{f: f}
}

// spread is the waits of one path, and of its limit, taken by turns.
type spread struct{ ours, limit []time.Duration }

func (s *spread) add(limit, ours time.Duration) {
	s.limit, s.ours = append(s.limit, limit), append(s.ours, ours)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func (s *spread) report(b *testing.B, limit string) {
	ms := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
	b.ReportMetric(ms(median(s.ours)), "p50-ms")
	b.ReportMetric(ms(s.ours[len(s.ours)*99/100]), "p99-ms")
	b.ReportMetric(ms(median(s.limit)), limit+"-p50-ms")
	b.ReportMetric(float64(median(s.limit))/float64(median(s.ours)), "ratio")
}

// BenchmarkDo is one command on one case, decided, written and on the disk, and
// folded, against one flush of a page. ratio is flush over command.
func BenchmarkDo(b *testing.B) {
	h, d := onDisk(b)
	id := h.owed(rumour)
	var s spread
	for b.Loop() {
		start := time.Now()
		d.flush(b)
		middle := time.Now()
		if _, err := h.Do(b.Context(), dan, id, casefile.Review{Note: "read, nothing new"}, engine.Options{}); err != nil {
			b.Fatal(err)
		}
		s.add(middle.Sub(start), time.Since(middle))
	}
	s.report(b, "flush")
}

// BenchmarkDoMany is commands on 64 cases at once: with group commit there may be
// more of them than flushes. ratio is commands over flushes a second.
func BenchmarkDoMany(b *testing.B) {
	const writers, each = 64, 50
	h, d := onDisk(b)
	var cases []tocsin.CaseID
	for range writers {
		cases = append(cases, h.owed(rumour))
	}
	var ratios, rates []float64
	for b.Loop() {
		const flushes = 1000
		start := time.Now()
		for range flushes {
			d.flush(b)
		}
		limit := flushes / time.Since(start).Seconds()
		start = time.Now()
		var wg sync.WaitGroup
		for _, id := range cases {
			wg.Go(func() {
				for range each {
					if _, err := h.Do(b.Context(), dan, id, casefile.Review{Note: "read, nothing new"}, engine.Options{}); err != nil {
						b.Error(err)
					}
				}
			})
		}
		wg.Wait()
		rate := writers * each / time.Since(start).Seconds()
		ratios, rates = append(ratios, rate/limit), append(rates, rate)
	}
	slices.Sort(ratios)
	slices.Sort(rates)
	b.ReportMetric(rates[len(rates)/2], "commands/s")
	b.ReportMetric(ratios[len(ratios)/2], "ratio-to-flush")
}

// running starts the house's worker until the benchmark ends.
func (h *house) running(b *testing.B) {
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	b.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
}

// BenchmarkCommitToStart is from the answer to a release, which is on the disk by
// then, to the moment at which the channel is asked to send: the worker has woken,
// claimed the work and written down that it begins, which is two transactions. The
// limit is two flushes and a hand-over between goroutines.
func BenchmarkCommitToStart(b *testing.B) {
	asked := make(chan time.Time, 1)
	h, d := onDisk(b, func(h *house) {
		h.hook.does = func(_ context.Context, m release.Message, _ int) (tocsin.Receipt, error) {
			asked <- time.Now()
			return taken(m), nil
		}
	})
	h.running(b)
	var s spread
	for b.Loop() {
		b.StopTimer()
		id := h.owed(rumour, consul)
		w := h.approved(id, wording("consul"))
		start := time.Now()
		d.flush(b)
		d.flush(b)
		over := make(chan time.Time)
		go func() { over <- time.Now() }()
		limit := (<-over).Sub(start)
		b.StartTimer()
		h.release(id, w)
		committed := time.Now()
		s.add(limit, max((<-asked).Sub(committed), 0))
	}
	s.report(b, "limit")
}

// mailbox is a mail server on this machine that takes everything.
type mailbox struct {
	addr  *net.TCPAddr
	taken chan time.Time
}

type mailSession struct{ taken chan time.Time }

func (*mailSession) Reset()                                     {}
func (*mailSession) Logout() error                              { return nil }
func (*mailSession) Mail(string, *gosmtp.MailOptions) error     { return nil }
func (*mailSession) Rcpt(_ string, _ *gosmtp.RcptOptions) error { return nil }
func (s *mailSession) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	s.taken <- time.Now()
	return err
}

func listen(b *testing.B) mailbox {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	m := mailbox{l.Addr().(*net.TCPAddr), make(chan time.Time, 10_000)}
	srv := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return &mailSession{m.taken}, nil }))
	srv.Domain = "receiver.example"
	go func() { _ = srv.Serve(l) }() // ends with Close
	b.Cleanup(func() { srv.Close() })
	return m
}

// dialogue is the limit: the exchanges of one mail in lock-step, with ready-made
// bytes, on one open connection.
type dialogue struct {
	c net.Conn
	r *bufio.Reader
}

func (m mailbox) dial(b *testing.B) *dialogue {
	c, err := net.Dial("tcp", m.addr.String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	d := &dialogue{c, bufio.NewReader(c)}
	d.read(b)
	d.say(b, "EHLO sender.example\r\n")
	return d
}

func (d *dialogue) say(b *testing.B, line string) {
	if _, err := io.WriteString(d.c, line); err != nil {
		b.Fatal(err)
	}
	d.read(b)
}

func (d *dialogue) read(b *testing.B) {
	for {
		line, err := d.r.ReadString('\n')
		if err != nil || line[0] > '3' {
			b.Fatal(line, err)
		}
		if line[3] == ' ' {
			return
		}
	}
}

func (d *dialogue) mail(b *testing.B, text string) {
	d.say(b, "MAIL FROM:<watch@sender.example>\r\n")
	d.say(b, "RCPT TO:<desk@receiver.example>\r\n")
	d.say(b, "DATA\r\n")
	d.say(b, text)
}

func posting(b *testing.B, m mailbox, conns int) func(*house) {
	return func(h *house) {
		post, err := smtp.New(smtp.Config{Host: "127.0.0.1", Port: m.addr.Port, Security: smtp.NoneOnLoop, From: "watch@sender.example", MaxConns: conns, MaxUses: 1 << 30})
		if err != nil {
			b.Fatal(err)
		}
		h.cfg.Channels = deliver.Set{"smtp": post}
	}
}

var mail = "Subject: x\r\n\r\n" + strings.Repeat("Sixty-two bytes of a warning that is about to go out by mail.\r\n", 16) + ".\r\n"

// BenchmarkReleaseToAccepted is from a person's release, through guard, record,
// worker and channel, to the mail server's having the words, against the raw
// dialogue with the same server. ratio is raw over ours.
func BenchmarkReleaseToAccepted(b *testing.B) {
	m := listen(b)
	h, _ := onDisk(b, posting(b, m, 8))
	h.running(b)
	raw := m.dial(b)
	var s spread
	for b.Loop() {
		b.StopTimer()
		id := h.owed(rumour, mayor)
		w := h.approved(id, wording("mayor"))
		start := time.Now()
		raw.mail(b, mail)
		limit := (<-m.taken).Sub(start)
		b.StartTimer()
		start = time.Now()
		h.release(id, w)
		s.add(limit, (<-m.taken).Sub(start))
	}
	s.report(b, "raw")
}

// BenchmarkReleaseToManyAccepted is one warning to many recipients: how many a
// second the mail server has, with an intent and an outcome on the record for
// each, against raw mails a second on one connection.
func BenchmarkReleaseToManyAccepted(b *testing.B) {
	for _, many := range []int{100, 1000} {
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			m := listen(b)
			h, _ := onDisk(b, posting(b, m, 8))
			h.running(b)
			raw := m.dial(b)
			var to []tocsin.Recipient
			for i := range many {
				r := mayor
				r.ID = tocsin.RecipientID(fmt.Sprintf("town-%04d", i))
				to = append(to, r)
			}
			var ratios, rates []float64
			for b.Loop() {
				b.StopTimer()
				id := h.owed(rumour, to...)
				w := h.approved(id, wording(ids(to)...))
				start := time.Now()
				for range 200 {
					raw.mail(b, mail)
					<-m.taken
				}
				limit := 200 / time.Since(start).Seconds()
				b.StartTimer()
				start = time.Now()
				h.release(id, w)
				for range many {
					<-m.taken
				}
				rate := float64(many) / time.Since(start).Seconds()
				ratios, rates = append(ratios, rate/limit), append(rates, rate)
			}
			slices.Sort(ratios)
			slices.Sort(rates)
			b.ReportMetric(rates[len(rates)/2], "messages/s")
			b.ReportMetric(ratios[len(ratios)/2], "ratio-to-raw")
		})
	}
}
