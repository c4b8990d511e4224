package webhook_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"tocsin/internal/channel/webhook"
)

// BenchmarkReleaseToAnswered measures one signed message against a bare
// net/http POST of the same bytes to the same server over a kept connection,
// turn by turn. ratio is bare time over our time: 1 is the limit.
func BenchmarkReleaseToAnswered(b *testing.B) {
	for _, secure := range []bool{false, true} {
		name := map[bool]string{false: "http", true: "https"}[secure]
		b.Run(name, func(b *testing.B) {
			var last []byte
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				last, _ = io.ReadAll(q.Body)
				io.WriteString(w, `{"reference":"ticket-1"}`)
			}))
			if secure {
				s.StartTLS()
			} else {
				s.Start()
			}
			b.Cleanup(s.Close)
			client := s.Client()
			e := webhook.Endpoint{URL: s.URL}
			if secure {
				e.RootCAs = client.Transport.(*http.Transport).TLSClientConfig.RootCAs
			}
			ch, m := channel(b, e), message(b)
			if _, err := ch.Send(b.Context(), m); err != nil {
				b.Fatal(err)
			}
			body := bytes.Clone(last)
			var bare time.Duration
			var ours []time.Duration
			for b.Loop() {
				start := time.Now()
				barePost(b, client, s.URL, body)
				middle := time.Now()
				if _, err := ch.Send(b.Context(), m); err != nil {
					b.Fatal(err)
				}
				bare += middle.Sub(start)
				ours = append(ours, time.Since(middle))
			}
			report(b, bare, ours)
		})
	}
}

func barePost(b *testing.B, c *http.Client, url string, body []byte) {
	resp, err := c.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

func report(b *testing.B, bare time.Duration, ours []time.Duration) {
	var sum time.Duration
	for _, d := range ours {
		sum += d
	}
	slices.Sort(ours)
	b.ReportMetric(float64(bare)/float64(sum), "ratio")
	b.ReportMetric(float64(bare.Microseconds())/float64(len(ours)), "bare-µs")
	b.ReportMetric(float64(sum.Microseconds())/float64(len(ours)), "ours-µs")
	b.ReportMetric(float64(ours[len(ours)*99/100].Microseconds()), "p99-µs")
}
