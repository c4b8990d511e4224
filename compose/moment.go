package compose

import (
	"fmt"
	"strings"
	"time"
)

var momentFields = []string{"day", "month", "year", "hour", "minute", "solar_day", "solar_month", "solar_year"}

// when writes a moment in the language, in UTC and to the minute.
func (l *language) when(t time.Time) string {
	t = t.UTC()
	values := map[string]string{
		"day": l.number(t.Day(), 1), "month": l.months[t.Month()-1], "year": l.number(t.Year(), 1),
		"hour": l.number(t.Hour(), 2), "minute": l.number(t.Minute(), 2),
	}
	if len(l.solar) > 0 {
		year, month, day := solarHijri(t)
		values["solar_day"], values["solar_month"], values["solar_year"] = l.number(day, 1), l.solar[month-1], l.number(year, 1)
	}
	return l.moment.fill(values)
}

// number writes n in the language's digits, with at least width of them.
func (l *language) number(n, width int) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return l.digits[r-'0']
		}
		return r
	}, fmt.Sprintf("%0*d", width, n))
}

// solarHijri returns the date of t's UTC day in the Solar Hijri calendar of Iran
// and Afghanistan. It uses the cycle of 33 years, which agrees with the observed
// calendar from 1925 to beyond 2080.
func solarHijri(t time.Time) (year, month, day int) {
	// 20 March 2008 began the year 1387, the first of a cycle.
	const cycleYears, cycleDays = 33, 33*365 + 8
	start := time.Date(2008, time.March, 20, 0, 0, 0, 0, time.UTC)
	days := int(t.UTC().Truncate(24*time.Hour).Sub(start) / (24 * time.Hour))
	cycles := days / cycleDays
	if days%cycleDays < 0 {
		cycles--
	}
	days -= cycles * cycleDays
	year = 1387 + cycles*cycleYears
	for length := solarYearDays(year); days >= length; length = solarYearDays(year) {
		days -= length
		year++
	}
	// Six months of 31 days, then months of 30; the last has 29 in a common year.
	if days < 6*31 {
		return year, 1 + days/31, 1 + days%31
	}
	days -= 6 * 31
	return year, 7 + days/30, 1 + days%30
}

func solarYearDays(year int) int {
	switch year % 33 {
	case 1, 5, 9, 13, 17, 22, 26, 30:
		return 366
	}
	return 365
}
