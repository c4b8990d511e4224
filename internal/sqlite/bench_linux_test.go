package sqlite_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tocsin"
	"tocsin/internal/sqlite"
	"tocsin/ledger"
)

// A usual event: about 600 bytes of data in eight fields.
type delivered struct {
	Delivery  string `json:"delivery"`
	Recipient string `json:"recipient"`
	Channel   string `json:"channel"`
	Rung      int    `json:"rung"`
	Words     string `json:"words"`
	Language  string `json:"language"`
	Digest    string `json:"digest"`
	Receipt   string `json:"receipt"`
}

func benchEvent(b *testing.B, n int) ledger.Record {
	now := time.Date(2024, 1, 3, 11, 20, 0, n%1e6*1000, time.UTC)
	r, err := ledger.NewRecord(ledger.Record{Kind: "delivery_sent", EventTime: now, EntryTime: now, Actor: "machine",
		Command: fmt.Sprintf("01hkc%021d", n), Pack: tocsin.DigestOf([]byte("pack"))}, delivered{
		Delivery: fmt.Sprintf("w1-r%d-0", n), Recipient: fmt.Sprintf("recipient-%d", n), Channel: "smtp", Rung: 1,
		Words:    "A ceremony you are expected at is the target of a planned attack with explosives. Do not attend. " + fmt.Sprintf("%0300d", n),
		Language: "en", Digest: string(tocsin.DigestOf([]byte("words"))), Receipt: "250 2.0.0 Ok: queued as 4XyZ"}, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// flushRate is how often a second this disk takes one more page and confirms it:
// the limit of anything durable that does not share its flushes.
func flushRate(b *testing.B, dir string) float64 {
	f, err := os.Create(filepath.Join(dir, "flush"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	const n = 1000
	var rates []float64
	for range 5 {
		start := time.Now()
		for range n {
			if _, err := f.Write(page); err != nil {
				b.Fatal(err)
			}
			if err := syscall.Fdatasync(int(f.Fd())); err != nil {
				b.Fatal(err)
			}
		}
		rates = append(rates, n/time.Since(start).Seconds())
	}
	slices.Sort(rates)
	return rates[len(rates)/2]
}

func report(b *testing.B, rate, limit float64, of string) {
	b.ReportMetric(rate, "events/s")
	b.ReportMetric(limit, of+"/s")
	b.ReportMetric(rate/limit, "ratio-to-"+of)
}

// appendAll appends the records, each to a stream of its own, from so many
// goroutines, and returns the rate and the median and 99th percentile of the wait.
func appendAll(b *testing.B, records []ledger.Record, writers int, appendOne func(n int, r ledger.Record) error) (rate float64, p50, p99 time.Duration) {
	waits := make([]time.Duration, len(records))
	var next atomic.Int64
	var group sync.WaitGroup
	start := time.Now()
	for range writers {
		group.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(records); n = int(next.Add(1)) - 1 {
				began := time.Now()
				if err := appendOne(n, records[n]); err != nil {
					b.Error(err)
				}
				waits[n] = time.Since(began)
			}
		})
	}
	group.Wait()
	rate = float64(len(records)) / time.Since(start).Seconds()
	slices.Sort(waits)
	return rate, waits[len(waits)/2], waits[len(waits)*99/100]
}

func appendTo(db *sqlite.DB) func(int, ledger.Record) error {
	return func(n int, r ledger.Record) error {
		_, err := db.Append(context.Background(), ledger.Batch{Stream: fmt.Sprintf("case/%d", n), Records: []ledger.Record{r}})
		return err
	}
}

func BenchmarkDurableEvent(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			dir := b.TempDir()
			records := make([]ledger.Record, b.N)
			for i := range records {
				records[i] = benchEvent(b, i)
			}
			limit := flushRate(b, dir)
			db := open(b, filepath.Join(dir, "record.db"))
			defer db.Close()
			b.ResetTimer()
			rate, p50, p99 := appendAll(b, records, writers, appendTo(db))
			b.StopTimer()
			report(b, rate, limit, "fdatasync")
			b.ReportMetric(float64(p50.Microseconds()), "p50-µs")
			b.ReportMetric(float64(p99.Microseconds()), "p99-µs")
		})
	}
}

// What the log costs: the same group commit of rows of the same size, without
// hashing, checks and proofs.
func BenchmarkDurableEventAgainstPlainSQLite(b *testing.B) {
	dir := b.TempDir()
	records := make([]ledger.Record, b.N)
	for i := range records {
		records[i] = benchEvent(b, i)
	}
	plain := openPlain(b, filepath.Join(dir, "plain.db"))
	limit, _, _ := appendAll(b, records, 64, plain.append)
	plain.close()
	db := open(b, filepath.Join(dir, "record.db"))
	defer db.Close()
	b.ResetTimer()
	rate, _, _ := appendAll(b, records, 64, appendTo(db))
	b.StopTimer()
	report(b, rate, limit, "plain-insert")
}

// plainSQLite is group commit and nothing else.
type plainSQLite struct {
	queue chan plainRow
	done  chan struct{}
	pool  *sql.DB
}

type plainRow struct {
	n      int
	answer chan error
}

func openPlain(b *testing.B, path string) *plainSQLite {
	pool, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-16384)")
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	conn, err := pool.Conn(ctx)
	if err != nil {
		b.Fatal(err)
	}
	prepare := func(text string) *sql.Stmt {
		s, err := conn.PrepareContext(ctx, text)
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	if _, err := conn.ExecContext(ctx, "CREATE TABLE event (position INTEGER PRIMARY KEY, stream TEXT, seq INTEGER, content BLOB, UNIQUE (stream, seq)) STRICT"); err != nil {
		b.Fatal(err)
	}
	begin, insert, commit := prepare("BEGIN IMMEDIATE"), prepare("INSERT INTO event (stream, seq, content) VALUES (?, 1, ?)"), prepare("COMMIT")
	p := &plainSQLite{queue: make(chan plainRow, 256), done: make(chan struct{}), pool: pool}
	content := make([]byte, rowSize(b))
	go func() {
		defer close(p.done)
		for first := range p.queue {
			group := []plainRow{first}
			for more := true; more && len(group) < 256; {
				select {
				case row, ok := <-p.queue:
					if more = ok; ok {
						group = append(group, row)
					}
				default:
					more = false
				}
			}
			_, err := begin.ExecContext(ctx)
			for _, row := range group {
				if err == nil {
					_, err = insert.ExecContext(ctx, fmt.Sprintf("case/%d", row.n), content)
				}
			}
			if err == nil {
				_, err = commit.ExecContext(ctx)
			}
			for _, row := range group {
				row.answer <- err
			}
		}
		conn.Close()
	}()
	return p
}

func (p *plainSQLite) append(n int, _ ledger.Record) error {
	row := plainRow{n, make(chan error, 1)}
	p.queue <- row
	return <-row.answer
}

func (p *plainSQLite) close() {
	close(p.queue)
	<-p.done
	p.pool.Close()
}

// rowSize is what one benchmark event takes in the record, as measured in a file
// of them, less the columns that the plain table has too.
func rowSize(b *testing.B) int {
	dir := b.TempDir()
	path := filepath.Join(dir, "sample.db")
	db := open(b, path)
	const n = 200
	for i := range n {
		if err := appendTo(db)(i, benchEvent(b, i)); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	var size int
	if err := pool.QueryRow(`SELECT sum(length(kind)+16+length(actor)+length(command)+length(pack)+length(hashes)+length(leaf)+length(data))/count(*) FROM record`).Scan(&size); err != nil {
		b.Fatal(err)
	}
	return size
}

func BenchmarkDueWorkDrained(b *testing.B) {
	db := open(b, filepath.Join(b.TempDir(), "record.db"))
	defer db.Close()
	ctx, now := b.Context(), time.Date(2024, 1, 3, 0, 0, 0, 0, time.UTC)
	due := make([]ledger.Due, b.N)
	for i := range due {
		due[i] = ledger.Due{ID: fmt.Sprintf("send/%09d", i), Kind: "send", Case: "c", At: now}
	}
	if _, err := db.Append(ctx, ledger.Batch{Stream: "case/c", Due: due}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	var group sync.WaitGroup
	for w := range 4 {
		group.Go(func() {
			for {
				got, err := db.Work().Claim(ctx, fmt.Sprint("w", w), now, now.Add(time.Minute), 64)
				if err != nil || len(got) == 0 {
					return
				}
				var settled []string
				for _, d := range got {
					settled = append(settled, d.ID)
				}
				if _, err := db.Append(ctx, ledger.Batch{Stream: "case/settled", Settled: settled}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	group.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

func BenchmarkLoad(b *testing.B) {
	db := open(b, filepath.Join(b.TempDir(), "record.db"))
	defer db.Close()
	var records []ledger.Record
	for i := range 50 {
		records = append(records, benchEvent(b, i))
	}
	if _, err := db.Append(b.Context(), ledger.Batch{Stream: "case/c", Records: records}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		for _, err := range db.Load(b.Context(), "case/c") {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N*50)/b.Elapsed().Seconds(), "records/s")
}
