package console

import (
	"regexp"
	"strings"
	"time"

	"tocsin"
)

// Times are typed as text and not through the browser's own field, which shows
// them in the manner of the machine's country, with AM and PM where everything
// else on the page is 24 hours in UTC.

const timeForm = "2006-01-02 15:04"

// momentForms are the ways in which people write a time. None of them leaves open
// which number is the day: what stands first is a year, or a day before a month
// with a dot or a name.
var momentForms = []string{timeForm, "2006-01-02 15:04:05", "2006-01-02 1504", "2.1.2006 15:04", "2.1.2006 1504", "2 Jan 2006 15:04", "2 Jan 2006 1504", "2 January 2006 15:04", "021504 Jan 06"}

var between = regexp.MustCompile(`[\s,]+|(\d)T(\d)`)

// readMoment reads a time that a person typed. What names no offset is in UTC.
func readMoment(text string) (time.Time, bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return tocsin.Instant(t), true
	}
	text = between.ReplaceAllString(text, "$1 $2")
	if day, rest, ok := strings.Cut(text, "Z "); ok { // a date-time group: 031405Z JAN 26
		text = day + " " + rest
	}
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(text, "UTC"), "Z"))
	for _, form := range momentForms {
		if t, err := time.Parse(form, text); err == nil {
			return tocsin.Instant(t), true
		}
	}
	return time.Time{}, false
}

// moment reads a time of a form; the empty field is the zero time.
func (p *posted) moment(name string) time.Time {
	v := p.word(name)
	if v == "" {
		return time.Time{}
	}
	t, ok := readMoment(v)
	if !ok {
		p.faults[name] = p.say.t("fault.time")
	}
	return t
}
