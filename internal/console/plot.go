package console

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/view"
)

// lanes are the rows of a case's timeline, by the events that stand in them.
var lanes = []struct {
	key   string
	kinds []string
}{
	{"lane.known", []string{"case_opened", "report_attached"}},
	{"lane.decided", []string{"threat_stated", "victim_added", "victim_corrected", "findings_recorded", "determined", "determination_affirmed", "waiver_approved", "refusal_signed", "became_owed", "fell_to_owed", "exigent_invoked"}},
	{"lane.words", []string{"warning_drafted", "warning_approved", "release_refused", "warning_released"}},
	{"lane.out", []string{"delivery_started", "delivery_handed", "delivery_confirmed", "delivery_escalated", "service_recorded", "acknowledged"}},
	{"lane.missed", []string{"clock_missed"}},
}

const (
	plotWidth  = 960
	plotLeft   = 132
	laneHeight = 24
	plotTop    = 30
)

// timeline draws a case from first knowledge on: a row for each kind of event, the
// stated attack, and how much of the time between the two was used before the
// first warning left and before somebody acknowledged one. What it shows stands
// as text in the list of events below it.
func timeline(say words, s casefile.State, lines []line, now time.Time) template.HTML {
	if s.FirstKnown.IsZero() || len(lines) == 0 {
		return ""
	}
	from, to := s.FirstKnown, lines[len(lines)-1].At
	if !s.Closed && now.After(to) && now.Sub(from) < 4*to.Sub(from)+time.Hour {
		to = now
	}
	if a := s.Attack(); a.After(to) && a.Sub(from) < 30*24*time.Hour {
		to = a
	}
	if to.Sub(from) < time.Minute {
		to = from.Add(time.Minute)
	}
	x := func(t time.Time) float64 {
		share := float64(t.Sub(from)) / float64(to.Sub(from))
		return plotLeft + min(max(share, 0), 1)*(plotWidth-plotLeft-16)
	}
	height := plotTop + len(lanes)*laneHeight + 48
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="plot" viewBox="0 0 %d %d" role="img" aria-labelledby="plot-title plot-desc"><title id="plot-title">%s</title><desc id="plot-desc">%s</desc>`,
		plotWidth, height, esc(say.t("plot.title")), esc(used(say, s)))
	for i, l := range lanes {
		y := plotTop + i*laneHeight
		fmt.Fprintf(&b, `<text class="lane" x="%d" y="%d">%s</text><line class="rule" x1="%d" x2="%d" y1="%d" y2="%d"/>`, 0, y+4, esc(say.t(l.key)), plotLeft, plotWidth-16, y, y)
		for _, e := range lines {
			if contains(l.kinds, e.Kind) && !e.At.Before(from) {
				fmt.Fprintf(&b, `<circle class="dot %s" cx="%.1f" cy="%d" r="4.5"><title>%s %s</title></circle>`, esc(e.Kind), x(e.At), y, esc(say.stamp(e.At)), esc(say.toldPlain(e.Said)))
			}
		}
	}
	bottom := plotTop + len(lanes)*laneHeight
	upright := func(class string, t time.Time, label string, up bool) {
		if t.IsZero() || t.Before(from) {
			return
		}
		y, anchor := bottom+6, "middle"
		switch {
		case up:
			y = 12
		case class == "acked":
			y = bottom + 22 // the two may stand close together
		}
		switch at := x(t); {
		case at > plotWidth-90:
			anchor = "end"
		case at < plotLeft+60:
			anchor = "start"
		}
		fmt.Fprintf(&b, `<line class="%s" x1="%.1f" x2="%.1f" y1="18" y2="%d"/><text class="%s" x="%.1f" y="%d" text-anchor="%s">%s</text>`, class, x(t), x(t), bottom-6, class, x(t), y, anchor, esc(label))
	}
	upright("attack", s.Attack(), say.t("plot.attack", say.stamp(s.Attack())), true)
	left, acked := firstOut(s)
	upright("warned", left, say.t("plot.warned"), false)
	upright("acked", acked, say.t("plot.acked"), false)
	fmt.Fprintf(&b, `<text class="axis" x="%d" y="%d">%s</text><text class="axis" x="%d" y="%d" text-anchor="end">%s</text></svg>`,
		plotLeft, height-6, esc(say.stamp(from)), plotWidth-16, height-6, esc(say.stamp(to)))
	return template.HTML(b.String()) //nolint:gosec // every value in it is escaped above
}

// firstOut is when the first warning left, and when the first was acknowledged.
func firstOut(s casefile.State) (left, acked time.Time) {
	for _, d := range s.Deliveries {
		if !d.FirstTry.IsZero() && (left.IsZero() || d.FirstTry.Before(left)) {
			left = d.FirstTry
		}
		if d.Answer.Acknowledges() && (acked.IsZero() || d.Answered.Before(acked)) {
			acked = d.Answered
		}
	}
	return left, acked
}

// used says how much of the time from first knowledge to the stated attack had
// passed when the first warning left, and when one was acknowledged.
func used(say words, s casefile.State) string {
	attack := s.Attack()
	if attack.IsZero() || !attack.After(s.FirstKnown) {
		return say.t("plot.no_attack")
	}
	left, acked := firstOut(s)
	if left.IsZero() {
		return say.t("plot.none_left")
	}
	out := say.t("plot.used", percent(left, s.FirstKnown, attack))
	if !acked.IsZero() {
		return out + " " + say.t("plot.used_acked", percent(acked, s.FirstKnown, attack))
	}
	return out + " " + say.t("plot.not_acked")
}

func percent(t, from, to time.Time) int {
	return int(100 * t.Sub(from) / to.Sub(from))
}

// bars draws counts.
func bars(say words, title, prefix string, counts []view.Count) template.HTML {
	most := 1
	for _, c := range counts {
		most = max(most, c.N)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="bars" viewBox="0 0 420 %d" role="img" aria-label="%s">`, len(counts)*26+2, esc(title))
	for i, c := range counts {
		y := i * 26
		fmt.Fprintf(&b, `<text class="lane" x="0" y="%d">%s</text><rect class="bar" x="170" y="%d" width="%.1f" height="14"/><text class="n" x="%.1f" y="%d">%d</text>`,
			y+17, esc(say.label(prefix, c.Name)), y+6, 200*float64(c.N)/float64(most), 176+200*float64(c.N)/float64(most), y+17, c.N)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // every value in it is escaped above
}

func esc(s string) string { return template.HTMLEscapeString(s) }

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// stamp writes a time as a watch reads it: day, month, hour, Zulu.
func (w words) stamp(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case w.lang() == "de":
		return tocsin.Instant(t).Format("02.01. 15:04Z")
	}
	return tocsin.Instant(t).Format("2 Jan 15:04Z")
}
