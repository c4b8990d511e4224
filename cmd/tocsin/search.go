package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"tocsin/view"
)

// search asks for words over everything that the caller may see. They travel in the
// body: addresses end in logs.
func (p *program) search(ctx context.Context, args []string) error {
	f := p.flags("search")
	r := p.remoteFlags(f)
	kind := f.String("kind", "", "only what is of this kind: case, warning, report, delivery or recipient")
	limit := f.Int("limit", 50, "how many at most, up to 200")
	cursor := f.String("cursor", "", "go on behind the page before: its next")
	words, err := p.parse(f, args, -1)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return p.wrong(f, "it takes the words to search for")
	}
	ask := map[string]any{"q": strings.Join(words, " "), "limit": *limit, "cursor": *cursor}
	if *kind != "" {
		ask["kind"] = *kind
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	return p.with(ctx, r, func(c *client) error {
		b, err := c.call(ctx, http.MethodPost, "/v1/search", "application/json", body)
		if err != nil {
			return err
		}
		return p.answer(r, b, p.printHits)
	})
}

// printHits prints a line for each hit, and below it where the words stand.
func (p *program) printHits(w io.Writer, b []byte) error {
	var page struct {
		Items  []view.Hit
		Next   string
		Counts map[view.HitKind]int
	}
	if err := json.Unmarshal(b, &page); err != nil {
		return err
	}
	for _, h := range page.Items {
		id := cmp.Or(string(h.Report), string(h.Delivery), string(h.Recipient), string(h.Case))
		if h.Warning != "" {
			id += " " + string(h.Warning)
		}
		title := h.Title
		if h.SetAside {
			title += "  [set aside]"
		}
		fmt.Fprintf(w, "%-9s %-34s %s\n", h.Kind, id, title)
		for _, passage := range h.Passages {
			var said strings.Builder
			for _, piece := range passage.Pieces {
				if piece.Found {
					said.WriteString("[" + piece.Text + "]")
				} else {
					said.WriteString(piece.Text)
				}
			}
			fmt.Fprintf(w, "          %s: %s\n", passage.Field, strings.Join(strings.Fields(said.String()), " "))
		}
	}
	for _, k := range view.HitKinds() {
		if n := page.Counts[k]; n > 0 {
			fmt.Fprintf(p.err, "%s: %d  ", k, n)
		}
	}
	if len(page.Items) > 0 {
		fmt.Fprintln(p.err)
	} else {
		fmt.Fprintln(p.err, "nothing that you may see has these words")
	}
	if page.Next != "" {
		fmt.Fprintf(p.err, "more: --cursor %s\n", page.Next)
	}
	return nil
}
