package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"tocsin"
	"tocsin/casefile"
	"tocsin/policy"
	"tocsin/view"
)

// replay is what another pack would say on every stored case. Its JSON is an
// interface: a field keeps its meaning.
type replay struct {
	From        tocsin.PackRef `json:"from"`
	To          tocsin.PackRef `json:"to"`
	Cases       int            `json:"cases"`        // stored
	Compared    int            `json:"compared"`     // cases of which at least one victim was compared
	Victims     int            `json:"victims"`      // compared
	Same        int            `json:"same"`         // of those: the same result and form of warning
	OtherRule   int            `json:"other_rule"`   // of the same: by another rule
	Differences []otherAnswer  `json:"differences"`  // away from warning first
	NotCompared []notCompared  `json:"not_compared"` // each with the reason
}

// otherAnswer is one victim on whom the other pack answers differently.
type otherAnswer struct {
	Case        tocsin.CaseID        `json:"case"`
	Title       string               `json:"title"`
	Closed      bool                 `json:"closed"`
	Victim      tocsin.VictimID      `json:"victim"`
	Name        string               `json:"name"`
	Disposition casefile.Disposition `json:"disposition"`
	Recorded    policy.Outcome       `json:"recorded"`
	Before      *policy.Outcome      `json:"before,omitempty"` // what the first pack says now, where that is not what was recorded
	Now         policy.Outcome       `json:"now"`              // what the second pack says now
	Because     string               `json:"because"`
	Clause      string               `json:"clause"`
	Basis       string               `json:"basis"`
	Notes       []string             `json:"notes"` // elements that only one of the packs has, and other reasons for care
}

// notCompared is a case, or one victim of it, that could not be compared.
type notCompared struct {
	Case   tocsin.CaseID   `json:"case"`
	Victim tocsin.VictimID `json:"victim,omitempty"`
	Why    string          `json:"why"`
}

// towards is how far the answer moves towards warning; below nought it moves
// towards silence.
func (o otherAnswer) towards() int {
	order := []tocsin.DeterminationResult{tocsin.ResultNotOwed, tocsin.ResultDoubtful, tocsin.ResultOwed}
	return slices.Index(order, o.Now.Result) - slices.Index(order, o.Recorded.Result)
}

// progressEvery is after how many cases it is said how far the replay has come.
const progressEvery = 500

// replayCases asks pack b about every victim of every case that was opened under a
// pack of a's name. A finding is never guessed: what b asks for and nobody
// answered is unknown, and a finding that b does not ask for is left out and said.
func (c *client) replayCases(ctx context.Context, a, b *policy.Pack, progress io.Writer) (replay, error) {
	r := replay{From: a.Ref(), To: b.Ref(), Differences: []otherAnswer{}, NotCompared: []notCompared{}}
	ids, err := c.caseIDs(ctx)
	if err != nil {
		return r, err
	}
	r.Cases = len(ids)
	for i, id := range ids {
		got, err := c.readCase(ctx, string(id), false)
		if err != nil {
			return r, err
		}
		r.add(got, a, b)
		if done := i + 1; done%progressEvery == 0 && done < len(ids) {
			fmt.Fprintf(progress, "%d of %d cases, %d differences so far\n", done, len(ids), len(r.Differences))
		}
	}
	slices.SortStableFunc(r.Differences, func(x, y otherAnswer) int { return cmp.Compare(x.towards(), y.towards()) })
	return r, nil
}

// caseIDs lists every case that the asker may see, page by page.
func (c *client) caseIDs(ctx context.Context) ([]tocsin.CaseID, error) {
	var ids []tocsin.CaseID
	q := url.Values{"state": {"all"}, "limit": {strconv.Itoa(200)}}
	for {
		b, err := c.call(ctx, http.MethodGet, "/v1/cases?"+q.Encode(), "", nil)
		if err != nil {
			return nil, err
		}
		var page struct {
			Items []view.Summary `json:"items"`
			Next  string         `json:"next"`
		}
		if err := json.Unmarshal(b, &page); err != nil {
			return nil, err
		}
		for _, s := range page.Items {
			ids = append(ids, s.ID)
		}
		if page.Next == "" {
			return ids, nil
		}
		q.Set("cursor", page.Next)
	}
}

func (r *replay) add(got wholeCase, a, b *policy.Pack) {
	s := got.State
	skip := func(v tocsin.VictimID, why string) { r.NotCompared = append(r.NotCompared, notCompared{s.ID, v, why}) }
	switch {
	case s.Terms.Pack.Name != a.Ref().Name:
		skip("", fmt.Sprintf("It is run under %s, not under %s.", s.Terms.Pack.Name, a.Ref().Name))
		return
	case got.GradesHidden:
		skip("", "You may still be asked to be its second signer, so its findings are not shown to you.")
		return
	}
	before := r.Victims
	for _, v := range s.Victims {
		if v.Determination == nil {
			skip(v.ID, "Nothing has been determined on this victim.")
			continue
		}
		r.compare(s, v, a, b)
	}
	if r.Victims > before {
		r.Compared++
	}
}

func (r *replay) compare(s casefile.State, v casefile.Victim, a, b *policy.Pack) {
	r.Victims++
	recorded := outcomeOf(*v.Determination)
	was, _ := askOnly(a, v.ID, s.Threat.Harm, v.Findings)
	now, notes := askOnly(b, v.ID, s.Threat.Harm, v.Findings)
	after := outcomeOf(now)
	if recorded.Result == after.Result && recorded.Route == after.Route {
		r.Same++
		if recorded.Rule != after.Rule {
			r.OtherRule++
		}
		return
	}
	o := otherAnswer{Case: s.ID, Title: s.Title, Closed: s.Closed, Victim: v.ID, Name: v.Name, Disposition: v.Disposition,
		Recorded: recorded, Now: after, Because: now.Because, Clause: now.Clause, Basis: now.Basis, Notes: []string{}}
	if before := outcomeOf(was); before != recorded {
		o.Before = &before
		o.Notes = append(o.Notes, fmt.Sprintf("%s itself now says %s, so the difference is not, or not only, between the packs: findings, the recorded harm or the pack have changed since.", a.Ref().Name, before))
	}
	o.Notes = append(o.Notes, notes...)
	r.Differences = append(r.Differences, o)
}

func outcomeOf(d tocsin.Determination) policy.Outcome {
	return policy.Outcome{Rule: d.Rule, Result: d.Result, Route: d.Route}
}

// askOnly puts to a pack the findings on the elements that it has, and notes what
// that leaves out and what it leaves open.
func askOnly(p *policy.Pack, v tocsin.VictimID, harm tocsin.Harm, findings []tocsin.Finding) (tocsin.Determination, []string) {
	var known []tocsin.Finding
	var notes []string
	for _, f := range findings {
		if slices.ContainsFunc(p.Elements(), func(e policy.Element) bool { return e.ID == f.Element }) {
			known = append(known, f)
		} else {
			notes = append(notes, fmt.Sprintf("%s does not ask for %s, so that finding (%s) is left out.", p.Ref().Name, f.Element, answerWords[f.Value]))
		}
	}
	for _, e := range p.Elements() {
		if !slices.ContainsFunc(findings, func(f tocsin.Finding) bool { return f.Element == e.ID }) {
			notes = append(notes, fmt.Sprintf("%s asks for %s, which nobody has answered; it counts as unknown.", p.Ref().Name, e.ID))
		}
	}
	return p.Determine(v, harm, known), notes
}

func (r replay) print(w io.Writer) {
	fmt.Fprintf(w, "STORED CASES: %d of %d compared, %s\n", r.Compared, r.Cases, counted(r.Victims, "victim"))
	r.printChanges(w)
	for _, d := range r.Differences {
		d.print(w)
	}
	fmt.Fprintf(w, "\n%d answered differently, %d the same", len(r.Differences), r.Same)
	if r.OtherRule > 0 {
		fmt.Fprintf(w, " (%d of them by another rule)", r.OtherRule)
	}
	fmt.Fprintln(w)
	r.printLeftOut(w)
}

// printChanges counts the differences by what became what, so that a thousand of
// them can be taken in at a glance. They stand in the order of Differences.
func (r replay) printChanges(w io.Writer) {
	var order [][2]policy.Outcome
	times := map[[2]policy.Outcome]int{}
	for _, d := range r.Differences {
		change := [2]policy.Outcome{d.Recorded, d.Now}
		if times[change]++; times[change] == 1 {
			order = append(order, change)
		}
	}
	for _, c := range order {
		wrap(w, "  ", fmt.Sprintf("%d times %s became %s", times[c], c[0], c[1]))
	}
}

func (o otherAnswer) print(w io.Writer) {
	way := "another form of warning"
	switch t := o.towards(); {
	case t < 0:
		way = "TOWARDS SILENCE"
	case t > 0:
		way = "towards warning"
	}
	state := string(o.Disposition)
	if o.Closed {
		state += ", case closed"
	}
	fmt.Fprintf(w, "\n%s: case %s, %s, victim %s, %s (%s)\n", way, o.Case, o.Title, o.Victim, o.Name, plain(state))
	wrap(w, "  ", "recorded: "+o.Recorded.String())
	wrap(w, "  ", "now:      "+o.Now.String())
	wrap(w, "  ", "why:      "+o.Because)
	wrap(w, "            ", on(o.Clause, o.Basis).String())
	for _, n := range o.Notes {
		wrap(w, "  note: ", n)
	}
}

// printLeftOut says what was not compared, each reason once with how many.
func (r replay) printLeftOut(w io.Writer) {
	var order []string
	times := map[string]int{}
	for _, n := range r.NotCompared {
		if times[n.Why]++; times[n.Why] == 1 {
			order = append(order, n.Why)
		}
	}
	for _, why := range order {
		fmt.Fprintf(w, "not compared, %d: %s\n", times[why], why)
	}
}
