package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"tocsin/casefile"
	"tocsin/view"
)

func (p *program) oversightExceptions(ctx context.Context, args []string) error {
	return p.oversight(ctx, "exceptions", args, printExceptions)
}

func (p *program) oversightSealedReads(ctx context.Context, args []string) error {
	return p.oversight(ctx, "sealed-reads", args, printSealedReads)
}

// oversight asks one of the oversight queries about a time.
func (p *program) oversight(ctx context.Context, query string, args []string, text func(io.Writer, []byte) error) error {
	f := p.flags("oversight " + query)
	r := p.remoteFlags(f)
	from := f.String("from", "", "first day, as 2026-01-31 (default: a week ago)")
	until := f.String("until", "", "last day")
	if _, err := p.parse(f, args, 0); err != nil {
		return err
	}
	q := url.Values{}
	for key, day := range map[string]string{"from": *from, "until": *until} {
		if day == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return p.wrong(f, fmt.Sprintf("%q is not a day; write it as 2026-01-31", day))
		}
		if key == "until" {
			t = t.AddDate(0, 0, 1)
		}
		q.Set(key, t.Format(time.RFC3339))
	}
	return p.show(ctx, r, path("oversight", query)+"?"+q.Encode(), text)
}

func printSealedReads(w io.Writer, b []byte) error {
	var report struct {
		From  time.Time        `json:"from"`
		Items []view.CaseReads `json:"items"`
	}
	if err := json.Unmarshal(b, &report); err != nil {
		return err
	}
	fmt.Fprintf(w, "reads of sealed cases since %s: %d cases\n", report.From.Format(time.DateOnly), len(report.Items))
	for _, c := range report.Items {
		fmt.Fprintf(w, "\n%s  %s  (owner %s)\n", c.Case, c.Title, c.Owner)
		for _, r := range c.Reads {
			fmt.Fprintf(w, "  %s  %-10s %s\n", r.At.Format("2006-01-02 15:04"), r.What, r.By)
		}
	}
	return nil
}

func printExceptions(w io.Writer, b []byte) error {
	var report struct {
		From  time.Time `json:"from"`
		Cases int       `json:"cases"`
		Items []struct {
			Case       string               `json:"case"`
			Title      string               `json:"title"`
			Owner      string               `json:"owner"`
			Closed     bool                 `json:"closed"`
			Exceptions []casefile.Exception `json:"exceptions"`
		} `json:"items"`
	}
	if err := json.Unmarshal(b, &report); err != nil {
		return err
	}
	fmt.Fprintf(w, "exceptions since %s: %d of %d cases\n", report.From.Format(time.DateOnly), len(report.Items), report.Cases)
	for _, c := range report.Items {
		state := "open"
		if c.Closed {
			state = "closed"
		}
		fmt.Fprintf(w, "\n%s  %s  (%s, owner %s)\n", c.Case, c.Title, state, c.Owner)
		for _, x := range c.Exceptions {
			still := ""
			if x.Open {
				still = "  STILL OPEN"
			}
			fmt.Fprintf(w, "  %s  %-8s %-22s %s%s\n", x.At.Format("2006-01-02 15:04"), x.Kind, strings.ReplaceAll(x.Step, "_", " ")+" "+x.Target, x.What, still)
		}
	}
	return nil
}
