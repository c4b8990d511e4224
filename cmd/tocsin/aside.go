package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin"
	"tocsin/aside"
	"tocsin/internal/web"
	"tocsin/view"
)

// reportSetAside proposes to set a report aside.
func (p *program) reportSetAside(ctx context.Context, args []string) error {
	f := p.flags("report set-aside")
	ground := f.String("ground", "", "not_a_threat, duplicate, test_or_exercise, already_over or nothing_to_act_on")
	of := f.String("of", "", "for a duplicate: the report that is held already")
	retest := f.String("retest", "", "for nothing_to_act_on: the day on which it comes back, as 2026-01-31 (default: in a week)")
	return p.turnAside(ctx, f, args, 1, []string{"set-aside"}, func(_ []string, why string) (any, error) {
		if !slices.Contains(aside.Grounds(), aside.Ground(*ground)) {
			return nil, p.wrong(f, fmt.Sprintf("%q is not a ground on which a report is set aside", *ground))
		}
		b := web.AsideBody{Ground: aside.Ground(*ground), Why: why, Of: tocsin.ReportID(*of)}
		if *retest != "" {
			day, err := time.Parse(time.DateOnly, *retest)
			if err != nil {
				return nil, p.wrong(f, fmt.Sprintf("%q is not a day; write it as 2026-01-31", *retest))
			}
			b.Retest = day
		}
		return b, nil
	})
}

// reportConfirm confirms, as a second person, a proposal that was seen.
func (p *program) reportConfirm(ctx context.Context, args []string) error {
	f := p.flags("report confirm")
	var answers list
	f.Var(&answers, "answer", "N=WHY: answers flag N, if somebody sees a possible duty to warn")
	return p.turnAside(ctx, f, args, 2, []string{"set-aside", "confirm"}, func(rest []string, why string) (any, error) {
		b := web.ConfirmBody{Proposal: rest[1], Why: why, Flags: []aside.Answer{}}
		for _, a := range answers {
			n, words, ok := strings.Cut(a, "=")
			flagged, err := strconv.Atoi(n)
			if !ok || err != nil {
				return nil, p.wrong(f, fmt.Sprintf("%q is no answer; write it as 1=WHY", a))
			}
			b.Flags = append(b.Flags, aside.Answer{Flag: flagged, Why: words})
		}
		return b, nil
	})
}

// reportTakeUp puts a report back among those that wait.
func (p *program) reportTakeUp(ctx context.Context, args []string) error {
	return p.turnAside(ctx, p.flags("report take-up"), args, 1, []string{"take-up"}, func(_ []string, why string) (any, error) {
		return web.TakeUpBody{Why: why}, nil
	})
}

// turnAside sends one command about setting a report aside. want is how many
// arguments it takes, the first of them the report.
func (p *program) turnAside(ctx context.Context, f *flag.FlagSet, args []string, want int, at []string, body func(rest []string, why string) (any, error)) error {
	r := p.remoteFlags(f)
	why := f.String("why", "", "why, in your own words")
	key := f.String("key", "", "makes it repeatable: the same request under the same key is done once")
	rest, err := p.parse(f, args, want)
	if err != nil {
		return err
	}
	content, err := body(rest, *why)
	if err != nil {
		return err
	}
	b, err := json.Marshal(content)
	if err != nil {
		return err
	}
	return p.with(ctx, r, func(c *client) error {
		c.key = *key
		b, err := c.call(ctx, http.MethodPost, path(append([]string{"reports", rest[0]}, at...)...), "application/json", b)
		if err != nil {
			return err
		}
		return p.answer(r, b, printAside)
	})
}

// reportAside shows how a report stands that somebody wanted to set aside.
func (p *program) reportAside(ctx context.Context, args []string) error {
	f := p.flags("report aside")
	r := p.remoteFlags(f)
	rest, err := p.parse(f, args, 1)
	if err != nil {
		return err
	}
	return p.show(ctx, r, path("reports", rest[0], "set-aside"), printAside)
}

func printAside(w io.Writer, b []byte) error {
	var got web.AsideView
	if err := json.Unmarshal(b, &got); err != nil {
		return err
	}
	s := got.SetAside
	if s == nil {
		fmt.Fprintf(w, "%s  waits to be taken up; nobody wants to set it aside\n", got.Report)
	} else {
		fmt.Fprintf(w, "%s  %s\n", got.Report, stageWords(s.Stage))
		printRound(w, s.Round)
		for _, r := range s.Earlier {
			fmt.Fprintln(w, "before that")
			printRound(w, r)
		}
	}
	for i, fl := range got.Flags {
		fmt.Fprintf(w, "flag %d    %s  by %s: %s\n", i+1, fl.At.Format("2006-01-02 15:04"), fl.By, fl.Why)
	}
	for _, a := range got.Actions {
		if a.Allowed {
			fmt.Fprintf(w, "you may   %s\n", strings.ReplaceAll(a.Do, "_", " "))
		}
	}
	return nil
}

func stageWords(s aside.Stage) string {
	switch s {
	case aside.Waiting:
		return "PROPOSED to be set aside; until somebody else confirms, it waits as before"
	case aside.Aside:
		return "set aside"
	case aside.Retested:
		return "was set aside until a day that has come; it waits to be taken up"
	case aside.Back:
		return "taken up again; it waits to be taken up"
	}
	return "in a case"
}

func printRound(w io.Writer, r aside.Round) {
	of := ""
	if r.Of != "" {
		of = " of " + string(r.Of)
	}
	fmt.Fprintf(w, "proposal  %s\n  proposed   %s  by %s  %s%s: %s\n", r.Proposal, r.At.Format("2006-01-02 15:04"), r.By, strings.ReplaceAll(string(r.Ground), "_", " "), of, r.Why)
	if !r.Retest.IsZero() {
		fmt.Fprintf(w, "  comes back %s\n", r.Retest.Format("2006-01-02 15:04"))
	}
	if c := r.Confirmed; c != nil {
		fmt.Fprintf(w, "  confirmed  %s  by %s: %s\n", c.At.Format("2006-01-02 15:04"), c.By, c.Why)
		for _, a := range c.Flags {
			fmt.Fprintf(w, "    flag %d: %s\n", a.Flag, a.Why)
		}
	}
	if e := r.Ended; e != nil {
		how := map[string]string{aside.ByWord: "taken up", aside.ByFlag: "flagged", aside.ByCase: "in a case", aside.ByProposal: "proposed anew"}[e.How]
		words := ""
		if e.Why != "" {
			words = ": " + e.Why
		}
		fmt.Fprintf(w, "  %-10s %s  by %s%s\n", how, e.At.Format("2006-01-02 15:04"), e.By, words)
	}
}

func (p *program) oversightSetAside(ctx context.Context, args []string) error {
	return p.oversight(ctx, "set-aside", args, printAsideReview)
}

func printAsideReview(w io.Writer, b []byte) error {
	var r struct {
		From time.Time `json:"from"`
		view.AsideReview
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return err
	}
	fmt.Fprintf(w, "reports set aside now: %d\n\nsince %s                  proposed  confirmed  taken up again\n", r.Standing, r.From.Format(time.DateOnly))
	for _, c := range append(r.Grounds, r.People...) {
		fmt.Fprintf(w, "  %-32s %8d %10d %15d\n", strings.ReplaceAll(c.Name, "_", " "), c.Proposed, c.Confirmed, c.TakenUp)
	}
	for _, l := range []struct {
		title string
		lines []view.AsideLine
	}{{"PROPOSED, NEVER CONFIRMED", r.Waiting}, {"COME BACK ON ITS DAY, NOT LOOKED AFTER", r.Back}, {"taken up again", r.TakenUp}, {"set aside", r.Aside}} {
		fmt.Fprintf(w, "\n%s: %d\n", l.title, len(l.lines))
		for _, line := range l.lines {
			fmt.Fprintf(w, "%s  %s\n", line.Report, line.Opening)
			printRound(w, line.Round)
		}
	}
	return nil
}
