package release_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/release"
)

// manyReports is a question with n reports of about 2 KB, every second one
// restricted, and the given lexicon.
func manyReports(n int, lex *release.Scanner) release.Question {
	q := question()
	q.Lexicon = lex
	q.Setting = &release.Setting{Place: "the old market", Window: q.Draft.Window}
	for i := range n {
		mark := []string{"SECRET//NOFORN", "UNCLASSIFIED"}[i%2]
		q.Contributing = append(q.Contributing, release.Source{Report: tocsin.ReportID(fmt.Sprintf("r-%d", i)), Marking: mark, Origin: fmt.Sprintf("origin %d", i),
			Text: strings.Repeat(fmt.Sprintf("Report %d says that courier %d met somebody else near the kiosk at %d:%02d. ", i, i*7, i%24, i%60), 27)})
	}
	return q
}

// BenchmarkPreparedGuard checks a 2 KB warning against 200 reports and 100,000
// terms, the case prepared. Its limit, measured in the same run, is the plain scan
// of the same text for the same terms.
func BenchmarkPreparedGuard(b *testing.B) {
	lex := release.NewScanner(lexicon(100_000))
	q := manyReports(200, lex)
	body := strings.Repeat(sentence, 2048/len(sentence)+1)[:2048]
	q.Draft.Texts = []tocsin.Text{{Language: "en", Subject: "Warning", Body: body}}
	q.Prepared = release.Prepare(q)
	release.Check(q) // the tables of the lexicon are built at the first use
	b.ReportAllocs()
	for b.Loop() {
		release.Check(q)
	}
	ours := b.Elapsed() / time.Duration(b.N)
	const rounds = 20
	start := time.Now()
	for range rounds {
		lex.Scan(body)
	}
	limit := time.Since(start) / rounds
	b.ReportMetric(float64(ours)/float64(time.Millisecond), "ms/op")
	b.ReportMetric(float64(ours)/float64(limit), "times-limit")
}

func BenchmarkPrepare(b *testing.B) {
	q := manyReports(200, nil)
	for b.Loop() {
		release.Prepare(q)
	}
}

// BenchmarkLongText examines 1 MB beside the plain scan for the same 100,000 terms.
func BenchmarkLongText(b *testing.B) {
	lex := release.NewScanner(lexicon(100_000))
	p := release.Prepare(manyReports(200, lex))
	text := strings.Repeat(sentence, 1<<20/len(sentence))
	p.Examine(release.Passage{Text: "warm"})
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		p.Examine(release.Passage{Language: "en", Text: text})
	}
	ours := b.Elapsed() / time.Duration(b.N)
	start := time.Now()
	lex.Scan(text)
	b.ReportMetric(float64(ours)/float64(time.Since(start)), "times-limit")
}
