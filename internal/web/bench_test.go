package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tocsin/internal/sqlite"
)

// The rates below are of requests over loopback with authentication, intake and
// the record; only TLS is off. The limit is a bare net/http handler that reads
// the same body and answers, asked in the same way in the same run.

// client sends the same request over n connections that stay open.
type client struct {
	http *http.Client
	n    int
}

func newClient(n int) client {
	return client{&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n, MaxConnsPerHost: n}}, n}
}

// rate sends count reports and returns how many were taken in a second, with the
// median and the 99th percentile of the time each took.
func (c client) rate(b *testing.B, url, token string, count int) (rate float64, p50, p99 time.Duration) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	took := make([]time.Duration, count)
	begun := time.Now()
	for range c.n {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= count {
					return
				}
				at := time.Now()
				if err := c.post(url, token, serial.Add(1)); err != nil {
					b.Error(err)
					return
				}
				took[i] = time.Since(at)
			}
		})
	}
	wg.Wait()
	rate = float64(count) / time.Since(begun).Seconds()
	slices.Sort(took)
	return rate, took[count/2], took[count*99/100]
}

var serial atomic.Int64

func (c client) post(url, token string, n int64) error {
	body := fmt.Sprintf("Report %d. Two men speak of an attack on the market on Friday; they have looked at the gates and the car park. %s", n, strings.Repeat("More of the same conversation. ", 20))
	req, err := http.NewRequest("POST", url+"/v1/reports?origin=ORCHID&conveyor=desk", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "text/plain")
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusCreated {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return nil
}

func durable(b *testing.B) *house {
	b.Helper()
	db, err := sqlite.Open(filepath.Join(b.TempDir(), "record.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return open(b, setup{store: db, real: true})
}

// BenchmarkReportAccepted measures reports that are on the disk when they are
// answered, as a share of what net/http answers without doing anything.
func BenchmarkReportAccepted(b *testing.B) {
	for _, connections := range []int{8, 64} {
		b.Run(fmt.Sprintf("%d connections", connections), func(b *testing.B) {
			h := durable(b)
			bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, err := io.Copy(io.Discard, r.Body); err == nil {
					w.Header().Set("Content-Type", "application/json")
					w.WriteHeader(http.StatusCreated)
					_, _ = w.Write([]byte(`{}`))
				}
			}))
			defer bare.Close()
			c := newClient(connections)
			defer c.http.CloseIdleConnections()
			var ratios, rates, limits, p50s, p99s []float64
			const count = 2000
			for b.Loop() {
				limit, _, _ := c.rate(b, bare.URL, "", count)
				rate, p50, p99 := c.rate(b, h.server.URL, h.tokens["rosa"], count)
				ratios, rates, limits = append(ratios, rate/limit), append(rates, rate), append(limits, limit)
				p50s, p99s = append(p50s, p50.Seconds()*1e3), append(p99s, p99.Seconds()*1e3)
			}
			report(b, "ratio", ratios)
			report(b, "reports/s", rates)
			report(b, "bare/s", limits)
			report(b, "p50-ms", p50s)
			report(b, "p99-ms", p99s)
			b.ReportMetric(slices.Max(ratios)-slices.Min(ratios), "ratio-spread")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// report reports the median.
func report(b *testing.B, unit string, values []float64) {
	slices.Sort(values)
	b.ReportMetric(values[len(values)/2], unit)
}

// BenchmarkReportSeen measures from handing a report in to its event on an
// officer's stream, against the hand-over of a value between two goroutines.
func BenchmarkReportSeen(b *testing.B) {
	h := durable(b)
	s := h.follow("dora", "")
	c := newClient(1)
	defer c.http.CloseIdleConnections()
	seen := make(chan time.Time)
	go func() {
		for {
			e, err := s.next()
			if err != nil {
				return
			}
			if e.kind == "report_received" {
				seen <- time.Now()
			}
		}
	}()
	here := make(chan time.Time)
	there := make(chan time.Time)
	go func() {
		for range here {
			there <- time.Now()
		}
	}()
	defer close(here)
	var took, fromAnswer, over []float64
	for b.Loop() {
		at := time.Now()
		if err := c.post(h.server.URL, h.tokens["rosa"], serial.Add(1)); err != nil {
			b.Fatal(err)
		}
		answered := time.Now()
		shown := <-seen
		took, fromAnswer = append(took, shown.Sub(at).Seconds()*1e3), append(fromAnswer, max(shown.Sub(answered), 0).Seconds()*1e3)
		at = time.Now()
		here <- at
		over = append(over, (<-there).Sub(at).Seconds()*1e3)
	}
	report(b, "p50-ms", took)
	b.ReportMetric(took[len(took)*99/100], "p99-ms")
	report(b, "after-answer-p50-ms", fromAnswer)
	b.ReportMetric(fromAnswer[len(fromAnswer)*99/100], "after-answer-p99-ms")
	report(b, "bare-hand-over-p50-ms", over)
	b.ReportMetric(0, "ns/op")
}
