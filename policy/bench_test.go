package policy_test

import (
	"testing"
	"time"

	"tocsin"
)

var sink bool

// handWritten is the limit: the same question as a boolean that a programmer
// would write for this one pack, without reason, rule or record.
func handWritten(given []tocsin.Finding) time.Duration {
	const rounds = 200_000
	start := time.Now()
	for range rounds {
		all, denied := true, false
		for _, f := range given {
			all = all && f.Value == tocsin.Met
			denied = denied || f.Value == tocsin.NotMet && (f.Element == "credible" || f.Element == "harm")
		}
		sink = all || !denied
	}
	return time.Since(start) / rounds
}

func BenchmarkDetermine(b *testing.B) {
	p := load(b)
	given := findings(yes, dbt, unk, yes, yes)
	b.ReportAllocs()
	for b.Loop() {
		p.Determine("v1", tocsin.Killing, given)
	}
	own := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(own/handWritten(given).Seconds(), "x-hand-written")
}
