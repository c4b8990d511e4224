package console_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/casefile"
	"tocsin/internal/console/consoletest"
)

// measured asks for a page again and again and reports the bytes that go out and
// the times by which 99 of 100 answers have begun and are whole. between happens before each.
func measured(b *testing.B, h *consoletest.House, who, path string, between func(i int)) {
	b.Helper()
	form := url.Values{"name": {who}, "token": {h.Tokens[who]}}
	in := httptest.NewRequest("POST", "/sign-in", strings.NewReader(form.Encode()))
	in.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.Console.ServeHTTP(w, in)
	cookies := w.Result().Cookies()
	var took, first []time.Duration
	size := 0
	ask := func() {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := &clocked{ResponseRecorder: httptest.NewRecorder()}
		begun := time.Now()
		if h.Console.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
		took, first, size = append(took, time.Since(begun)), append(first, w.at.Sub(begun)), w.Body.Len()
	}
	ask()
	b.ReportMetric(float64(took[0].Milliseconds()), "first-ms") // of this process
	took, first = nil, nil
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		between(i)
		b.StartTimer()
		ask()
	}
	slices.Sort(took)
	slices.Sort(first)
	b.ReportMetric(float64(first[len(first)*99/100].Microseconds())/1000, "first-byte-p99-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(size)/1024, "KB-packed")
}

// clocked knows when the first byte of an answer went out.
type clocked struct {
	*httptest.ResponseRecorder
	at time.Time
}

func (c *clocked) Write(b []byte) (int, error) {
	if c.at.IsZero() {
		c.at = time.Now()
	}
	return c.ResponseRecorder.Write(b)
}

// BenchmarkFloor makes the watch floor with 10,000 open duties on it, while the
// record moves before every second page.
func BenchmarkFloor(b *testing.B) {
	h := consoletest.Open(b, false)
	ids := h.Crowd(2500)
	measured(b, h, "daniel", "/", func(i int) {
		if i%2 == 1 {
			h.Do("anna", ids[i%len(ids)], casefile.RaiseDispute{About: "the place", Position: fmt.Sprint(i)})
		}
	})
}

// BenchmarkCase makes the page of a case with 200 reports, 12 victims and a draft.
func BenchmarkCase(b *testing.B) {
	h := consoletest.Open(b, false)
	id := h.Large()
	measured(b, h, "daniel", "/cases/"+string(id), func(int) {})
}
