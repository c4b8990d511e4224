package search_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/search"
)

// written are n reports of about a hundred words: words as common as in a language,
// and a name, a number plate and a telephone number of its own in each.
func written(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 4, 40_000)
	syllables := []string{"ka", "lo", "mi", "ter", "bran", "sul", "den", "ro", "vas", "ni", "hel", "or", "tak", "ze", "pri", "un"}
	word := func(i uint64) string {
		s := ""
		for i = i*7 + 3; i > 0; i /= 16 {
			s += syllables[i%16]
		}
		return s
	}
	out := make([]string, n)
	for i := range out {
		var b strings.Builder
		fmt.Fprintf(&b, "%s%d called. ", word(uint64(r.IntN(200_000))), i%1000)
		for range 60 + r.IntN(80) {
			b.WriteString(word(zipf.Uint64()))
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "Plate %c%c-%04d, telephone 0%d.", 'A'+i%26, 'A'+i/26%26, r.IntN(10_000), r.IntN(1_000_000_000))
		out[i] = b.String()
	}
	return out
}

// BenchmarkSearch asks an index of 100,000 reports for words of every kind: rare and
// common ones, beginnings of one letter, several, and in a row. The limit is to look
// through the same texts, folded beforehand, for the same words.
func BenchmarkSearch(b *testing.B) {
	texts := written(100_000)
	folded, size := make([]search.Folded, len(texts)), 0
	for i, t := range texts {
		folded[i] = search.Fold(t)
		size += len(t)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var x search.Index
	begun := time.Now()
	for _, t := range texts {
		x.Add(t)
	}
	added := time.Since(begun)
	runtime.GC()
	runtime.ReadMemStats(&after)
	r := rand.New(rand.NewPCG(3, 4))
	queries := make([]search.Query, 200)
	for i := range queries {
		words := strings.Fields(texts[r.IntN(len(texts))])
		at := 3 + r.IntN(len(words)-8)
		queries[i] = parse(b, []string{words[at], words[at][:1], words[0], words[at] + " " + words[at+2], `"` + strings.Join(words[at:at+2], " ") + `"`, words[at][:2] + " " + words[at+1][:3]}[i%6])
	}
	var took, scan []time.Duration
	hits := 0
	for i := 0; b.Loop(); i++ {
		q := queries[i%len(queries)]
		begun := time.Now()
		found := x.Find(q)
		took = append(took, time.Since(begun))
		for range found.Backward {
			hits++
		}
	}
	for _, q := range queries[:30] {
		begun := time.Now()
		for _, f := range folded {
			if q.In(f) {
				hits++
			}
		}
		scan = append(scan, time.Since(begun))
	}
	slices.Sort(took)
	slices.Sort(scan)
	runtime.KeepAlive(&x)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(scan[len(scan)/2].Microseconds())/1000, "scan-p50-ms")
	b.ReportMetric(float64(scan[len(scan)/2])/float64(took[len(took)/2]), "x-scan-p50")
	b.ReportMetric(float64(scan[len(scan)-1])/float64(took[len(took)*99/100]), "x-scan-p99")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(texts)), "B/report")
	b.ReportMetric(float64(size)/float64(len(texts)), "text-B/report")
	b.ReportMetric(float64(added.Microseconds())/float64(len(texts)), "µs/add")
}
