package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"tocsin"
	"tocsin/release"
	"tocsin/release/guardcase"
)

// errAsk and errBlock are verdicts of the guard and not failures: the program says
// nothing about them and exits with 1 and 2. Whatever kept the guard from judging
// exits with 3, so that no failure is taken for a verdict.
var (
	errAsk      = errors.New("the guard asks")
	errBlock    = errors.New("the guard blocks")
	errUnjudged = errors.New("the guard could not judge")
)

// maxGuardText is the longest text that is read, in bytes.
const maxGuardText = 4 << 20

// guardAnswer is what guard check prints as JSON.
type guardAnswer struct {
	Verdict  string             `json:"verdict"` // "block", "ask" or "pass"
	Findings []guardFinding     `json:"findings"`
	Trace    []release.Traced   `json:"trace"`
	Exposure []release.Exposure `json:"exposure"`
}

// guardFinding is a finding as it is told outside the system.
type guardFinding struct {
	Rule   string            `json:"rule"`
	Level  tocsin.GuardLevel `json:"level"`
	Start  int               `json:"start"` // bytes of the file; 0 and 0 if it is about no place
	End    int               `json:"end"`
	What   string            `json:"what"`
	Why    string            `json:"why"`
	Remedy string            `json:"remedy"`
	ID     string            `json:"id"`
}

func (p *program) guardCheck(ctx context.Context, args []string) error {
	f := p.flags("guard check")
	caseFile := f.String("case", "", "the case, as docs/guard.md describes it")
	textFile := f.String("text", "", "the words, UTF-8; a first line before an empty line is the subject")
	asJSON := f.Bool("json", false, "print JSON")
	if _, err := p.parse(f, args, 0); err != nil {
		return err
	}
	if *caseFile == "" || *textFile == "" {
		return p.wrong(f, "guard check wants --case and --text")
	}
	var answer guardAnswer
	judged := make(chan error, 1)
	go func() {
		var err error
		answer, err = judge(*caseFile, *textFile, time.Now())
		judged <- err
	}()
	select {
	case <-ctx.Done(): // the guard itself knows no context; the program ends with it
		return fmt.Errorf("%w: %w", errUnjudged, ctx.Err())
	case err := <-judged:
		if err != nil {
			return fmt.Errorf("%w: %w", errUnjudged, err)
		}
	}
	if err := p.printGuard(answer, *asJSON); err != nil {
		return fmt.Errorf("%w: %w", errUnjudged, err)
	}
	return map[string]error{"ask": errAsk, "block": errBlock}[answer.Verdict]
}

func judge(caseFile, textFile string, now time.Time) (guardAnswer, error) {
	raw, err := readBounded(caseFile, guardcase.MaxSize)
	if err != nil {
		return guardAnswer{}, err
	}
	c, err := guardcase.Read(raw)
	if err != nil {
		return guardAnswer{}, err
	}
	text, err := readBounded(textFile, maxGuardText)
	if err != nil {
		return guardAnswer{}, err
	}
	found := release.Words(c.Question(now), release.Passage{Language: c.Language, Text: string(text)})
	answer := guardAnswer{Verdict: release.Verdict(found.Findings), Findings: []guardFinding{}, Trace: found.Trace, Exposure: found.Exposure}
	for _, g := range found.Findings {
		answer.Findings = append(answer.Findings, guardFinding{g.Rule, g.Level, g.Start, g.End, g.What, g.Why, g.Do, g.ID})
	}
	return answer, nil
}

// readBounded reads a file of at most limit bytes.
func readBounded(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = tocsin.Faultf(tocsin.Invalid, "file_too_large", "Give a smaller file.", "%s has more than %d bytes.", name, limit)
	}
	return b, err
}

func (p *program) printGuard(a guardAnswer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(p.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(a)
	}
	fmt.Fprintf(p.out, "verdict: %s\n", a.Verdict)
	for _, g := range a.Findings {
		at := ""
		if g.Start < g.End {
			at = fmt.Sprintf(" at %d-%d", g.Start, g.End)
		}
		fmt.Fprintf(p.out, "\n%s %s%s\n  %s\n", g.Level, g.Rule, at, g.What)
		for _, more := range []string{g.Why, g.Remedy} {
			if more != "" {
				fmt.Fprintf(p.out, "  %s\n", more)
			}
		}
	}
	return nil
}
