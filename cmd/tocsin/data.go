package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"tocsin"
	"tocsin/aside"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/internal/auth"
	"tocsin/internal/web"
	"tocsin/ledger/memory"
	"tocsin/packs"
	"tocsin/view"
)

func (p *program) reportAdd(ctx context.Context, args []string) error {
	f := p.flags("report add")
	r := p.remoteFlags(f)
	fields := map[string]*string{}
	for name, about := range map[string]string{"origin": "who really knew", "conveyor": "who passed it on", "marking": "protective marking", "originator": "service that owns it",
		"occurred": "when it was first known (RFC 3339)", "source-key": "the sender's own key", "subject": "subject", "language": "language (BCP 47)",
		"grading": "source and information, such as B2"} {
		fields[name] = f.String(name, "", about)
	}
	controlled := f.Bool("controlled", false, "under originator control")
	media := f.String("type", "", "media type; the bytes speak if absent")
	rest, err := p.parse(f, args, 1)
	if err != nil {
		return err
	}
	body, err := p.input(rest[0])
	if err != nil {
		return err
	}
	q := url.Values{}
	for name, v := range fields {
		if *v != "" && name != "grading" {
			q.Set(strings.ReplaceAll(name, "-", "_"), *v)
		}
	}
	if g := *fields["grading"]; len(g) == 2 {
		q.Set("grading_scheme", "admiralty")
		q.Set("grading_source", g[:1])
		q.Set("grading_information", g[1:])
	}
	if *controlled {
		q.Set("controlled", "true")
	}
	return p.with(ctx, r, func(c *client) error {
		b, err := c.call(ctx, http.MethodPost, "/v1/reports?"+q.Encode(), cmp.Or(*media, "application/octet-stream"), body)
		if err != nil {
			return err
		}
		return p.answer(r, b, func(w io.Writer, b []byte) error {
			var got web.Received
			err := json.Unmarshal(b, &got)
			for _, note := range got.Notes { // such as that the marking cannot be read, and what may have been meant
				fmt.Fprintln(p.err, "note:", note)
			}
			fmt.Fprintln(w, got.ID)
			return err
		})
	})
}

// items reads a page of a listing: {"items": [...]}.
func items[T any](b []byte) ([]T, error) {
	var page struct {
		Items []T `json:"items"`
	}
	err := json.Unmarshal(b, &page)
	return page.Items, err
}

func (p *program) listing(ctx context.Context, name, at string, args []string, text func(io.Writer, []byte) error) error {
	f := p.flags(name)
	r := p.remoteFlags(f)
	if _, err := p.parse(f, args, 0); err != nil {
		return err
	}
	return p.show(ctx, r, at, text)
}

func (p *program) reportList(ctx context.Context, args []string) error {
	f := p.flags("report list")
	r := p.remoteFlags(f)
	state := f.String("state", "", "only those that are waiting, proposed (to be set aside), set_aside or in_case")
	if _, err := p.parse(f, args, 0); err != nil {
		return err
	}
	q := url.Values{}
	if *state != "" {
		q.Set("state", *state)
	}
	return p.show(ctx, r, "/v1/reports?"+q.Encode(), printReports)
}

func printReports(w io.Writer, b []byte) error {
	all, err := items[view.Report](b)
	for _, rep := range all {
		stands := ""
		if s := rep.SetAside; s != nil && (s.Stage == aside.Waiting || s.Stage == aside.Aside) {
			stands = "  [" + strings.ReplaceAll(string(s.Stage), "_", " ") + ": " + strings.ReplaceAll(string(s.Ground), "_", " ") + "]"
		}
		fmt.Fprintf(w, "%-34s %s  %-8s %-16s %s%s\n", rep.ID, rep.Entered.Format(time.DateTime), rep.Format, cmp.Or(rep.Origin, "origin unknown"), cmp.Or(rep.Subject, firstWords(rep.Text)), stands)
	}
	return err
}

func firstWords(s string) string {
	words := strings.Fields(s)
	return strings.Join(words[:min(len(words), 10)], " ")
}

func (p *program) quarantineList(ctx context.Context, args []string) error {
	return p.listing(ctx, "quarantine list", "/v1/quarantine", args, func(w io.Writer, b []byte) error {
		all, err := items[tocsin.Quarantined](b)
		for _, q := range all {
			fmt.Fprintf(w, "%-34s %s  %d bytes  %s\n", q.ID, q.Entered.Format(time.DateTime), q.Size, q.Reason)
		}
		return err
	})
}

func (p *program) reportShow(ctx context.Context, args []string) error {
	return p.itemShow(ctx, "report show", "reports", args)
}

func (p *program) quarantineShow(ctx context.Context, args []string) error {
	return p.itemShow(ctx, "quarantine show", "quarantine", args)
}

func (p *program) itemShow(ctx context.Context, name, collection string, args []string) error {
	f := p.flags(name)
	r := p.remoteFlags(f)
	raw := f.Bool("raw", false, "write the bytes as they were received")
	rest, err := p.parse(f, args, 1)
	if err != nil {
		return err
	}
	if !*raw {
		return p.show(ctx, r, path(collection, rest[0]), nil)
	}
	return p.with(ctx, r, func(c *client) error {
		b, err := c.call(ctx, http.MethodGet, path(collection, rest[0], "raw"), "", nil)
		if err == nil {
			_, err = p.out.Write(b)
		}
		return err
	})
}

func (p *program) reportFlag(ctx context.Context, args []string) error {
	f := p.flags("report flag")
	r := p.remoteFlags(f)
	why := f.String("why", "", "what makes you think that somebody must be warned")
	key := f.String("key", "", "makes it repeatable: the same flag under the same key is set once")
	rest, err := p.parse(f, args, 1)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{"why": *why})
	if err != nil {
		return err
	}
	return p.with(ctx, r, func(c *client) error {
		c.key = *key
		b, err := c.call(ctx, http.MethodPost, path("reports", rest[0], "flags"), "application/json", body)
		if err != nil {
			return err
		}
		return p.answer(r, b, func(w io.Writer, b []byte) error {
			var got web.Flagged
			err := json.Unmarshal(b, &got)
			printFlag(w, got)
			return err
		})
	})
}

func (p *program) reportFlags(ctx context.Context, args []string) error {
	return p.listing(ctx, "report flags", "/v1/flags", args, func(w io.Writer, b []byte) error {
		all, err := items[web.Flagged](b)
		for _, f := range all {
			printFlag(w, f)
		}
		return err
	})
}

func printFlag(w io.Writer, f web.Flagged) {
	state := "nobody has taken it up"
	switch {
	case f.Taken:
		state = "taken up in a case"
	case f.Aside:
		state = "set aside"
	}
	fmt.Fprintf(w, "%-34s %s  %-22s  %s\n", f.Report, f.At.Format(time.DateTime), state, f.Why)
}

func (p *program) caseOpen(ctx context.Context, args []string) error {
	f := p.flags("case open")
	r := p.remoteFlags(f)
	title, pack := f.String("title", "", "title of the case"), f.String("pack", "", "policy pack; the server's default if absent")
	reports, err := p.parse(f, args, -1)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"title": *title, "pack": *pack, "reports": reports})
	if err != nil {
		return err
	}
	return p.post(ctx, r, "/v1/cases", body, func(w io.Writer, b []byte) error {
		var got struct {
			Case string `json:"case"`
		}
		err := json.Unmarshal(b, &got)
		fmt.Fprintln(w, got.Case)
		return err
	})
}

func (p *program) post(ctx context.Context, r remote, at string, body []byte, text func(io.Writer, []byte) error) error {
	return p.with(ctx, r, func(c *client) error {
		b, err := c.call(ctx, http.MethodPost, at, "application/json", body)
		if err != nil {
			return err
		}
		return p.answer(r, b, text)
	})
}

func (p *program) caseList(ctx context.Context, args []string) error {
	return p.listing(ctx, "case list", "/v1/cases", args, func(w io.Writer, b []byte) error {
		all, err := items[view.Summary](b)
		for _, s := range all {
			state := "open"
			if s.Closed {
				state = "closed"
			}
			fmt.Fprintf(w, "%-32s %-6s %-40s owner %-10s overdue %d\n", s.ID, state, s.Title, s.Owner, s.Overdue)
			if s.Next != nil {
				fmt.Fprintf(w, "    next: %s %s%s\n", strings.ReplaceAll(s.Next.Kind, "_", " "), s.Next.Target, due(s.Next.Due))
			}
		}
		return err
	})
}

func due(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", due " + t.Format("2 Jan 15:04Z")
}

// shownCase is what GET /v1/cases/{id} answers, as far as it is printed.
type shownCase struct {
	Case        casefile.State    `json:"state"`
	Clocks      []casefile.Clock  `json:"clocks"`
	Outstanding []casefile.Step   `json:"outstanding"`
	Allowed     []casefile.Action `json:"allowed"`
	Editions    []tocsin.PackRef  `json:"editions"`
}

func (p *program) caseShow(ctx context.Context, args []string) error {
	f := p.flags("case show")
	r := p.remoteFlags(f)
	grades := f.Bool("grades", false, "show findings even if you could then no longer be a second signer")
	rest, err := p.parse(f, args, 1)
	if err != nil {
		return err
	}
	at := path("cases", rest[0])
	if *grades {
		at += "?grades=show"
	}
	return p.show(ctx, r, at, func(w io.Writer, b []byte) error {
		var s shownCase
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		s.print(w)
		return nil
	})
}

func (s shownCase) print(w io.Writer) {
	c := s.Case
	state := "open"
	if c.Closed {
		state = "closed"
	}
	var under []string
	for _, t := range c.Packs() {
		under = append(under, t.Pack.Name+" "+t.Pack.Version)
	}
	fmt.Fprintf(w, "%s  %s\n%s, version %d, owner %s, under %s\nfirst known %s\n", c.ID, c.Title, state, c.Version, c.Owner, strings.Join(under, " and "), c.FirstKnown.Format(time.RFC3339))
	for _, e := range s.Editions {
		fmt.Fprintf(w, "ANOTHER EDITION of %s is loaded (%s): nothing can be determined or drafted under it before a senior officer takes it up (case do %s adopt-terms pack=%s reason=...)\n", e.Name, e.Version, c.ID, e.Name)
	}
	fmt.Fprintln(w, "\nreports")
	for _, r := range c.Reports {
		fmt.Fprintf(w, "  %s  %s %s\n", r.ID, cmp.Or(r.Origin, "origin unknown"), r.Marking)
	}
	fmt.Fprintln(w, "\nobligations")
	for _, v := range c.Victims {
		fmt.Fprintf(w, "  %-8s %-12s %s %s\n", v.ID, v.Disposition, v.Name, parenthesis(v.How))
		for _, u := range c.Under(v) {
			if d := u.Standing.Determination; d != nil {
				fmt.Fprintf(w, "           %s: %s by rule %s (%s)\n", d.Pack.Name, d.Result, d.Rule, d.Clause)
			}
		}
	}
	fmt.Fprintln(w, "\nwarnings")
	for _, x := range c.Warnings {
		stage := "drafted"
		switch {
		case x.EndedBy != "":
			stage = "ended by " + string(x.EndedBy)
		case x.Clearance != nil:
			stage = "released"
		case x.Approval != nil:
			stage = "approved"
		}
		fmt.Fprintf(w, "  %-8s %-10s %-9s version %d, %s\n", x.ID, x.Draft.Kind, x.Draft.Message, x.Draft.Version, stage)
	}
	for _, d := range c.Deliveries {
		fmt.Fprintf(w, "  %s  %-8s %-10s %-30s %s\n", d.Key, d.Warning, d.Channel, d.Addressee, d.State)
	}
	fmt.Fprintln(w, "\nowed")
	for _, st := range s.Outstanding {
		fmt.Fprintf(w, "  %-22s %-12s%s  %s\n", strings.ReplaceAll(st.Kind, "_", " "), st.Target, due(st.Due), st.Why)
	}
	fmt.Fprintln(w, "\nyou may")
	for _, a := range s.Allowed {
		fmt.Fprintf(w, "  %-22s %s\n", strings.ReplaceAll(a.Kind, "_", "-"), a.Target)
	}
}

func parenthesis(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

func (p *program) caseTimeline(ctx context.Context, args []string) error {
	f := p.flags("case timeline")
	r := p.remoteFlags(f)
	rest, err := p.parse(f, args, 1)
	if err != nil {
		return err
	}
	return p.show(ctx, r, path("cases", rest[0], "events")+"?limit=1000", func(w io.Writer, b []byte) error {
		type line struct {
			Seq  int             `json:"seq"`
			Kind string          `json:"kind"`
			At   time.Time       `json:"at"`
			By   string          `json:"by"`
			Data json.RawMessage `json:"data"`
			Hide bool            `json:"hidden"`
		}
		all, err := items[line](b)
		var s casefile.State
		for _, l := range all {
			said := strings.ReplaceAll(l.Kind, "_", " ")
			if e, err := casefile.DecodeEvent(l.Kind, l.Data); err == nil && !l.Hide {
				s = casefile.Apply(s, e)
				said = view.Line(s, e)
			}
			fmt.Fprintf(w, "%4d  %s  %-12s %s\n", l.Seq, l.At.Format("02 Jan 15:04:05"), l.By, said)
		}
		return err
	})
}

func (p *program) caseDo(ctx context.Context, args []string) error {
	f := p.flags("case do")
	r := p.remoteFlags(f)
	names := f.Bool("list", false, "list the commands")
	rest, err := p.parse(f, args, -1)
	if err != nil {
		return err
	}
	if *names {
		for _, k := range casefile.CommandKinds() {
			fmt.Fprintln(p.out, strings.ReplaceAll(k, "_", "-"))
		}
		return nil
	}
	if len(rest) < 2 {
		return p.wrong(f, "it takes a case and a command")
	}
	var body []byte
	if len(rest) == 3 && strings.HasPrefix(rest[2], "@") {
		body, err = p.input(rest[2][1:])
	} else {
		var m map[string]any
		if m, err = pairs(rest[2:]); err == nil {
			body, err = json.Marshal(m)
		}
	}
	if err != nil {
		return err
	}
	return p.post(ctx, r, path("cases", rest[0], strings.ReplaceAll(rest[1], "_", "-")), body, p.written)
}

// written prints what a write led to: one line for each event.
func (p *program) written(w io.Writer, b []byte) error {
	var got struct {
		Version int `json:"version"`
		Events  []struct {
			Kind string          `json:"kind"`
			Data json.RawMessage `json:"data"`
		} `json:"events"`
	}
	if err := json.Unmarshal(b, &got); err != nil {
		return err
	}
	for _, e := range got.Events {
		said := strings.ReplaceAll(e.Kind, "_", " ")
		if ev, err := casefile.DecodeEvent(e.Kind, e.Data); err == nil {
			said = view.Line(casefile.State{}, ev)
		}
		fmt.Fprintln(w, said)
	}
	return nil
}

func (p *program) warningDraft(ctx context.Context, args []string) error {
	f := p.flags("warning draft")
	r := p.remoteFlags(f)
	rest, err := p.parse(f, args, 2)
	if err != nil {
		return err
	}
	body, err := p.input(rest[1])
	if err != nil {
		return err
	}
	return p.post(ctx, r, path("cases", rest[0], "warnings"), body, p.written)
}

func (p *program) warningShow(ctx context.Context, args []string) error {
	f := p.flags("warning show")
	r := p.remoteFlags(f)
	rest, err := p.parse(f, args, 2)
	if err != nil {
		return err
	}
	return p.show(ctx, r, path("cases", rest[0], "warnings", rest[1], "versions"), printVersions)
}

// printVersions prints the newest version whole, and what has changed in it.
func printVersions(w io.Writer, b []byte) error {
	var page struct {
		Items []view.Version `json:"items"`
	}
	if err := json.Unmarshal(b, &page); err != nil || len(page.Items) == 0 {
		return err
	}
	v := page.Items[len(page.Items)-1]
	d := v.Draft
	fmt.Fprintf(w, "warning %s version %d by %s, %s, reference %s\ndigest  %s\n", d.Warning, d.Version, v.By, d.Marking, d.Reference, v.Digest)
	for _, t := range d.Texts {
		fmt.Fprintf(w, "\n[%s] %s\n\n%s\n", t.Language, t.Subject, t.Body)
	}
	if v.Against > 0 {
		fmt.Fprintf(w, "\nchanged since version %d\n", v.Against)
	}
	for _, c := range v.Changes {
		fmt.Fprintf(w, "%s\n%s", c.Part, c.Diff)
	}
	return nil
}

func (p *program) warningApprove(ctx context.Context, args []string) error {
	f := p.flags("warning approve")
	r := p.remoteFlags(f)
	note := f.String("note", "", "what was checked")
	rest, err := p.parse(f, args, 3)
	if err != nil {
		return err
	}
	body, err := json.Marshal(casefile.ApproveWarning{Warning: tocsin.WarningID(rest[1]), Digest: tocsin.Digest(rest[2]), Note: *note})
	if err != nil {
		return err
	}
	return p.post(ctx, r, path("cases", rest[0], "approve-warning"), body, p.written)
}

func (p *program) deliveryList(ctx context.Context, args []string) error {
	return p.listing(ctx, "delivery list", "/v1/deliveries", args, func(w io.Writer, b []byte) error {
		type delivery struct {
			Key, Case, Warning, Recipient, Addressee, Channel, Address, State, Waits, Script string
			Due                                                                              time.Time
		}
		all, err := items[delivery](b)
		for _, d := range all {
			fmt.Fprintf(w, "%s  case %s, %s to %s: %s over %s, %s, waits for %s%s\n", d.Key, d.Case, d.Warning, d.Recipient, d.Addressee, d.Channel, d.State, strings.ReplaceAll(d.Waits, "_", " "), due(d.Due))
			if d.Script != "" {
				fmt.Fprintf(w, "\n%s\n", d.Script)
			}
		}
		return err
	})
}

func (p *program) warningGuard(ctx context.Context, args []string) error {
	f := p.flags("warning guard")
	r := p.remoteFlags(f)
	rest, err := p.parse(f, args, 2)
	if err != nil {
		return err
	}
	return p.show(ctx, r, path("cases", rest[0], "warnings", rest[1], "guard"), printFindings)
}

// printExposure shows what the question about the source turns on: facts that few
// know.
func printExposure(w io.Writer, texts []engine.Examined, asked bool) {
	for _, t := range texts {
		for _, x := range t.Exposure {
			if n := len(x.Origins) + x.Unknown; n > 0 && !x.Releasable {
				fmt.Fprintf(w, "fact   %s %d-%d (%s): %d origins know it\n", t.Language, x.Start, x.End, x.Kind, n)
			}
		}
	}
	if asked {
		fmt.Fprintln(w, "Whoever releases it says with --reverse-test: if the threat actor reads this, how many people could have been the source?")
	}
}

func printFindings(w io.Writer, b []byte) error {
	var got struct {
		Released *bool                 `json:"released"`
		Findings []tocsin.GuardFinding `json:"findings"`
		Texts    []engine.Examined     `json:"texts"`
		Reverse  bool                  `json:"reverse_test"`
	}
	if err := json.Unmarshal(b, &got); err != nil {
		return err
	}
	var open []string
	weights := map[tocsin.GuardLevel]string{tocsin.GuardBlock: "STOPS", tocsin.GuardAsk: "ASKS", tocsin.GuardNote: "notes"}
	for _, g := range got.Findings {
		fmt.Fprintf(w, "%-6s %-10s %s %s %s %s\n", weights[g.Level], g.Check, g.What, g.Why, g.Do, parenthesis(g.Where))
		switch {
		case g.AnsweredBy != "":
			fmt.Fprintf(w, "       answered by %s: %s\n", g.AnsweredBy, g.Answer)
		case g.Level == tocsin.GuardAsk:
			open = append(open, g.ID)
			fmt.Fprintf(w, "       question %s\n", g.ID)
		}
	}
	if len(open) > 0 {
		fmt.Fprintf(w, "Once release was tried, somebody who wrote none of the words answers: tocsin warning answer CASE WARNING %s=\"WHY IT MAY GO OUT\"\n", strings.Join(open, "=\"...\" "))
	}
	printExposure(w, got.Texts, got.Reverse)
	switch {
	case got.Released != nil && *got.Released:
		fmt.Fprintln(w, "released; the server sends it now")
	case got.Released != nil:
		fmt.Fprintln(w, "NOT released: the guard refuses")
	case len(got.Findings) == 0:
		fmt.Fprintln(w, "the guard finds nothing")
	}
	return nil
}

// warningAnswer answers questions of the guard, each in words of its own.
func (p *program) warningAnswer(ctx context.Context, args []string) error {
	f := p.flags("warning answer")
	r := p.remoteFlags(f)
	rest, err := p.parse(f, args, -1)
	if err != nil {
		return err
	}
	if len(rest) < 3 {
		return p.wrong(f, "it takes a case, a warning, and an answer for each question")
	}
	c := casefile.AnswerFinding{Warning: tocsin.WarningID(rest[1])}
	for _, a := range rest[2:] {
		id, words, ok := strings.Cut(a, "=")
		if !ok {
			return tocsin.Faultf(tocsin.Invalid, "pair", "Write QUESTION=WORDS, with the id that warning guard or warning release prints.", "%q is not a question with an answer.", a).Keeping("Nothing was recorded.")
		}
		c.Answers = append(c.Answers, casefile.Reply{Finding: id, Words: words})
	}
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return p.post(ctx, r, path("cases", rest[0], "answer-finding"), body, p.written)
}

func (p *program) warningRelease(ctx context.Context, args []string) error {
	f := p.flags("warning release")
	r := p.remoteFlags(f)
	reverse := f.String("reverse-test", "", "if the threat actor reads it: how many people could have been the source, as you judge")
	rest, err := p.parse(f, args, 2)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{"reverse_test": *reverse})
	if err != nil {
		return err
	}
	if err := p.post(ctx, r, path("cases", rest[0], "warnings", rest[1], "release"), body, printFindings); err != nil {
		return err
	}
	if p.env("TOCSIN_URL") == "" {
		fmt.Fprintln(p.err, "Messages are sent, and clocks raised, by tocsin serve. If it is not running on this record, start it now.")
	}
	return nil
}

func (p *program) recipientSet(ctx context.Context, args []string) error {
	f := p.flags("recipient set")
	r := p.remoteFlags(f)
	rest, err := p.parse(f, args, 1)
	if err != nil {
		return err
	}
	body, err := p.input(rest[0])
	if err != nil {
		return err
	}
	var rc tocsin.Recipient
	if err := json.Unmarshal(body, &rc); err != nil {
		return tocsin.Faultf(tocsin.Invalid, "recipient_json", "See the README for an example.", "The recipient is not valid JSON: %v.", err)
	}
	return p.with(ctx, r, func(c *client) error {
		_, err := c.call(ctx, http.MethodPut, path("recipients", string(rc.ID)), "application/json", body)
		return err
	})
}

func (p *program) recipientList(ctx context.Context, args []string) error {
	return p.listing(ctx, "recipient list", "/v1/recipients", args, func(w io.Writer, b []byte) error {
		all, err := items[tocsin.Recipient](b)
		for _, rc := range all {
			fmt.Fprintf(w, "%-20s %-11s %s\n", rc.ID, rc.Kind, rc.Name)
			for i, g := range rc.Ladder {
				fmt.Fprintf(w, "    %d. %-10s %-30s %s\n", i+1, g.Channel, g.Address, g.Addressee)
			}
		}
		return err
	})
}

func (p *program) openAPI(ctx context.Context, args []string) error {
	f := p.flags("openapi")
	if _, err := p.parse(f, args, 0); err != nil {
		return err
	}
	store := memory.Open()
	users, err := auth.Open(ctx, store, engine.SystemClock{})
	if err != nil {
		return err
	}
	e, err := engine.New(ctx, engine.Config{Store: store, Packs: packs.FS(), Default: defaultPack, Clock: engine.SystemClock{}, IDs: ids{}}, packs.Names()...)
	if err != nil {
		return err
	}
	w := httptest.NewRecorder()
	web.New(web.Config{Engine: e, Users: users, Store: store, Packs: packs.Names(), Version: version}).ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/openapi.json", nil))
	_, err = p.out.Write(w.Body.Bytes())
	return err
}
