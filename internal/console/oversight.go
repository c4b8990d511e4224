package console

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/view"
)

type oversightPage struct {
	Page
	T           view.Tally
	Victims     template.HTML
	Warnings    template.HTML
	Deliveries  template.HTML
	Missed      template.HTML
	Unread      unreadBox
	From, Until string // as typed
	Fault       string
	Within      int // cases that became known in the time asked for
	Times       []timesView
	Plot        template.HTML
	Shares      template.HTML
	Cases       []caseExceptions
	More        int // cases with exceptions that are not drawn
	Exceptions  int
	Skipped     []view.Count
	Overran     []view.Count
	Reads       []view.CaseReads // of sealed cases, as far as they are the viewer's to see
	Ignored     view.AsideReview
}

// timesView are the times to one step in words, because a plot is not enough.
type timesView struct {
	view.StepTimes
	Median, Most time.Duration
	MidShare     int
}

type caseExceptions struct {
	ID    tocsin.CaseID
	Title string
	Owner tocsin.ActorID
	All   []casefile.Exception
}

// week is how far back oversight looks unless asked otherwise.
const week = 7 * 24 * time.Hour

// drawnExceptions bounds the cases whose exceptions are listed.
const drawnExceptions = 100

func (c *Console) oversight(v *visit) error {
	p := oversightPage{Page: c.head(v, "nav.oversight"), Unread: c.unread(v, 0)}
	from, until := p.period(v)
	all := c.states(v, func(casefile.State) bool { return true })
	p.T = view.TallyOf(all, v.now)
	p.Victims = bars(v.say, v.say.t("oversight.victims"), "disposition", p.T.Victims)
	p.Warnings = bars(v.say, v.say.t("oversight.warnings"), "kind", p.T.Warnings)
	p.Deliveries = bars(v.say, v.say.t("oversight.deliveries"), "state", p.T.Deliveries)
	p.exceptions(all, from, until)
	p.Missed = bars(v.say, v.say.t("oversight.missed"), "clock", p.Overran)
	var within []casefile.State
	for _, s := range all {
		if !s.FirstKnown.Before(from) && s.FirstKnown.Before(until) {
			within = append(within, s)
		}
	}
	p.Within = len(within)
	times := view.Times(within)
	for _, t := range times {
		p.Times = append(p.Times, timesView{t, view.Quantile(t.Took, 0.5), view.Quantile(t.Took, 1), view.Quantile(t.Percent, 0.5)})
	}
	p.Plot, p.Shares = timesPlot(v.say, times), sharesPlot(v.say, times)
	c.cfg.Engine.Read(func(x *view.Index) { p.Reads = x.ReadsWithin(v.by, from, until) })
	c.cfg.Engine.ReadAs(v.by, func(x *view.Index) { p.Ignored = x.AsideReview(from, until, v.now) })
	p.Live = true
	c.render(v, http.StatusOK, "oversight", p)
	return nil
}

// period reads the time that is asked for: the week before now unless said.
func (p *oversightPage) period(v *visit) (from, until time.Time) {
	q := &posted{Values: url.Values{}, say: v.say, faults: map[string]string{}}
	for _, name := range []string{"from", "until"} {
		q.Values.Set(name, v.r.URL.Query().Get(name))
	}
	from, until = q.moment("from"), q.moment("until")
	p.Fault = cmp.Or(q.faults["from"], q.faults["until"])
	if from.IsZero() {
		from = v.now.Add(-week)
	}
	if until.IsZero() {
		until = v.now.Add(time.Second)
	} else {
		p.Until = until.Format(timeForm)
	}
	p.From = from.Format(timeForm)
	return from, until
}

// exceptions gathers what cases skipped or overran in the time asked for, and what
// is open from before it.
func (p *oversightPage) exceptions(all []casefile.State, from, until time.Time) {
	skipped, overran := map[string]int{}, map[string]int{}
	for _, s := range all {
		n := caseExceptions{s.ID, s.Title, s.Owner, nil}
		for _, x := range casefile.Exceptions(s) {
			if (!x.Open && x.At.Before(from)) || !x.At.Before(until) {
				continue
			}
			n.All = append(n.All, x)
			if x.Kind == casefile.Overran {
				overran[x.Step]++
			} else {
				skipped[x.Step]++
			}
		}
		p.Exceptions += len(n.All)
		if len(n.All) > 0 {
			p.Cases = append(p.Cases, n)
		}
	}
	slices.SortStableFunc(p.Cases, func(a, b caseExceptions) int { return cmp.Compare(openOf(b), openOf(a)) })
	if p.More = len(p.Cases) - drawnExceptions; p.More > 0 {
		p.Cases = p.Cases[:drawnExceptions]
	}
	p.Skipped, p.Overran = view.Most(skipped), view.Most(overran)
}

// openOf counts what is still outstanding.
func openOf(c caseExceptions) int {
	n := 0
	for _, x := range c.All {
		if x.Open {
			n++
		}
	}
	return n
}

const (
	timesWidth = 720
	timesLeft  = 150
	timesRow   = 34
	singly     = 40 // up to so many cases are drawn one by one
)

// timesPlot draws, for each step, when cases came to it, over time in powers:
// a minute and a day must both be seen.
func timesPlot(say words, all []view.StepTimes) template.HTML {
	ticks := []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, week, 30 * 24 * time.Hour}
	low, high := math.Log(float64(30*time.Second)), math.Log(float64(40*24*time.Hour))
	x := func(d time.Duration) float64 {
		at := (math.Log(float64(max(d, 30*time.Second))) - low) / (high - low)
		return timesLeft + min(at, 1)*(timesWidth-timesLeft-12)
	}
	rows := make([][]float64, len(all))
	for i, s := range all {
		for _, d := range s.Took {
			rows[i] = append(rows[i], x(d))
		}
	}
	var marks []axisMark
	for _, t := range ticks {
		marks = append(marks, axisMark{x(t), tocsin.Duration(t).String()})
	}
	return rowsPlot(say, say.t("oversight.times"), all, rows, marks)
}

// sharesPlot draws, for each step, how much of the time to the stated attack was
// used. What came after the attack stands at the edge.
func sharesPlot(say words, all []view.StepTimes) template.HTML {
	x := func(percent int) float64 {
		return timesLeft + float64(min(max(percent, 0), 110))/110*(timesWidth-timesLeft-12)
	}
	rows := make([][]float64, len(all))
	for i, s := range all {
		for _, n := range s.Percent {
			rows[i] = append(rows[i], x(n))
		}
	}
	var marks []axisMark
	for _, n := range []int{0, 25, 50, 75, 100} {
		marks = append(marks, axisMark{x(n), fmt.Sprintf("%d %%", n)})
	}
	return rowsPlot(say, say.t("oversight.shares"), all, rows, marks)
}

type axisMark struct {
	at   float64
	text string
}

// rowsPlot draws one row for each step: every case as a dot if they are few, else
// from the least to the most, with the middle half as a bar; and the middle one.
func rowsPlot(say words, title string, all []view.StepTimes, rows [][]float64, marks []axisMark) template.HTML {
	var b strings.Builder
	height := len(all)*timesRow + 34
	fmt.Fprintf(&b, `<svg class="times" viewBox="0 0 %d %d" role="img" aria-label="%s">`, timesWidth, height, esc(title))
	for _, m := range marks {
		fmt.Fprintf(&b, `<line class="rule" x1="%.1f" x2="%.1f" y1="6" y2="%d"/><text class="axis" x="%.1f" y="%d" text-anchor="middle">%s</text>`, m.at, m.at, height-24, m.at, height-6, esc(m.text))
	}
	for i, s := range all {
		y := i*timesRow + 24
		fmt.Fprintf(&b, `<text class="lane" x="0" y="%d">%s</text>`, y+4, esc(say.label("step", s.Step)))
		at := rows[i]
		if len(at) == 0 {
			continue
		}
		fmt.Fprintf(&b, `<line class="range" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, at[0], at[len(at)-1], y, y)
		if len(at) <= singly {
			for _, x := range at {
				fmt.Fprintf(&b, `<circle class="dot" cx="%.1f" cy="%d" r="4"/>`, x, y)
			}
		} else {
			q1, q3 := view.Quantile(at, 0.25), view.Quantile(at, 0.75)
			fmt.Fprintf(&b, `<rect class="half" x="%.1f" y="%d" width="%.1f" height="12"/>`, q1, y-6, max(q3-q1, 2))
		}
		mid := view.Quantile(at, 0.5)
		fmt.Fprintf(&b, `<line class="mid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, mid, mid, y-10, y+10)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // every value in it is a number or escaped above
}
