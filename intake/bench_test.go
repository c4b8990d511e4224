package intake_test

import (
	"crypto/sha256"
	"os"
	"strings"
	"testing"
	"time"
)

// BenchmarkParse gives the time of a whole Parse as a multiple of hashing the
// same bytes once, which is the least that keeping them whole costs.
func BenchmarkParse(b *testing.B) {
	forwarded, err := os.ReadFile("testdata/forwarded.eml")
	if err != nil {
		b.Fatal(err)
	}
	for name, in := range map[string][]byte{
		"email":   forwarded,
		"text64k": []byte(strings.Repeat("Two men will place a bomb at the gate on Friday.\n\n", 1300)),
		"html64k": []byte(mail("text/html", strings.Repeat("<p>Two men will place a <b>bomb</b> at the gate.</p>\n", 1200))),
	} {
		b.Run(name, func(b *testing.B) {
			start := time.Now()
			for range b.N {
				sha256.Sum256(in)
			}
			limit := time.Since(start)
			b.ResetTimer()
			for range b.N {
				mustParse(b, in)
			}
			b.ReportMetric(float64(b.Elapsed())/float64(limit), "x-sha256")
		})
	}
}
