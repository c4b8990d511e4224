package tocsin

import (
	"fmt"
	"strings"
	"time"
)

// Instant brings t to the form in which Tocsin keeps time: UTC, whole
// microseconds, no monotonic reading. Call it where a time becomes a value.
func Instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// Duration is a time.Duration that reads and prints as text ("90m", "4h",
// "28d") in packs, records and the API.
type Duration time.Duration

// D returns the duration as a time.Duration.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String writes the duration as UnmarshalText reads it.
func (d Duration) String() string {
	t := time.Duration(d)
	if t != 0 && t%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", t/(24*time.Hour))
	}
	s := t.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. It accepts what
// time.ParseDuration accepts, and whole days as "28d". Negative values are errors.
func (d *Duration) UnmarshalText(b []byte) error {
	s := string(b)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n int
		if _, err := fmt.Sscanf(days, "%d", &n); err != nil || fmt.Sprint(n) != days || n < 0 || n > 36500 {
			return fmt.Errorf("duration %q: write whole days as 28d", s)
		}
		*d = Duration(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	t, err := time.ParseDuration(s)
	if err != nil || t < 0 {
		return fmt.Errorf("duration %q: write it as 15m, 4h or 28d", s)
	}
	*d = Duration(t)
	return nil
}

// Window is a span of time in which something is expected or valid. A zero end
// is unknown, not unlimited.
type Window struct {
	Earliest time.Time `json:"earliest,omitzero"`
	Latest   time.Time `json:"latest,omitzero"`
}

// Known reports whether either end is known.
func (w Window) Known() bool { return !w.Earliest.IsZero() || !w.Latest.IsZero() }

// Start is the earliest moment the window admits: Earliest, or Latest where
// only that is known. It is the zero time for an unknown window.
func (w Window) Start() time.Time {
	if !w.Earliest.IsZero() {
		return w.Earliest
	}
	return w.Latest
}

// Validate refuses a window that ends before it begins, or in a year that no
// calendar format can write.
func (w Window) Validate() error {
	for _, t := range []time.Time{w.Earliest, w.Latest} {
		if !t.IsZero() && (t.Year() < 1900 || t.Year() > 9999) {
			return Faultf(Invalid, "window_year", "Check the year.", "The window lies in the year %d.", t.Year())
		}
	}
	if !w.Earliest.IsZero() && !w.Latest.IsZero() && w.Latest.Before(w.Earliest) {
		return Faultf(Invalid, "window_reversed", "Give the earliest moment first.",
			"The window ends (%s) before it begins (%s).", w.Latest.Format(time.RFC3339), w.Earliest.Format(time.RFC3339)).At("earliest", "latest")
	}
	return nil
}
