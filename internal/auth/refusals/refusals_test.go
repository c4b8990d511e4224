package refusals_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tocsin/internal/auth/refusals"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func opened() (*refusals.Log, *bytes.Buffer) {
	b := &bytes.Buffer{}
	return refusals.New(slog.New(slog.NewTextHandler(b, nil))), b
}

func lines(b *bytes.Buffer) []string {
	defer b.Reset()
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")[:strings.Count(b.String(), "\n")]
}

func TestTheFirstRefusalIsWrittenAtOnceAndTheRestAreCounted(t *testing.T) {
	l, b := opened()
	guess := refusals.Refusal{What: refusals.SignIn, User: "anna", Method: "password", Code: "sign_in"}
	for i := range 10_000 {
		guess.Address = fmt.Sprintf("198.51.100.%d", i%200)
		l.Add(noon.Add(time.Duration(i)*time.Millisecond), guess)
	}
	got := lines(b)
	if len(got) != 1 || !strings.Contains(got[0], "level=WARN msg=refused what=sign_in user=anna address=198.51.100.0 method=password code=sign_in times=1 since=2026-03-04T12:00:00Z") {
		t.Fatalf("ten thousand guesses are %d lines: %q", len(got), got)
	}
	l.Flush(noon.Add(9 * time.Minute))
	if got := lines(b); len(got) != 0 {
		t.Errorf("written before its time: %q", got)
	}
	l.Flush(noon.Add(11 * time.Minute))
	if got := lines(b); len(got) != 1 || !strings.Contains(got[0], "times=9999") {
		t.Errorf("what was counted: %q", got)
	}
	// Quiet for as long, it is forgotten, and the next is a first one.
	l.Flush(noon.Add(22 * time.Minute))
	l.Add(noon.Add(23*time.Minute), guess)
	if got := lines(b); len(got) != 1 || !strings.Contains(got[0], "times=1 ") {
		t.Errorf("%q", got)
	}
}

func TestWhatIsCountedIsNotLostWhenTheServerStops(t *testing.T) {
	l, b := opened()
	for range 3 {
		l.Add(noon, refusals.Refusal{What: refusals.Token, Address: "198.51.100.7", Code: "token"})
	}
	b.Reset()
	l.Close(noon.Add(time.Second))
	if got := lines(b); len(got) != 1 || !strings.Contains(got[0], "times=2") {
		t.Errorf("%q", got)
	}
}

func TestRefusalsFromEverywhereAreWrittenAsMany(t *testing.T) {
	l, b := opened()
	for i := range 50_000 {
		l.Add(noon, refusals.Refusal{What: refusals.Token, Address: fmt.Sprintf("2001:db8:%x::/64", i), Code: "token"})
	}
	l.Add(noon, refusals.Refusal{What: refusals.Forged, Address: "198.51.100.7"})
	l.Add(noon, refusals.Refusal{What: refusals.Role, User: "anna", Route: "GET /access", Code: "no_access"})
	first := lines(b)
	l.Flush(noon.Add(10 * time.Minute))
	rest := lines(b)
	if len(first) > 510 || len(rest) > 510 {
		t.Fatalf("%d and %d lines", len(first), len(rest))
	}
	if !strings.Contains(strings.Join(rest, "\n"), "what=token code=many times=49499") {
		t.Errorf("the rest is not counted: %q", rest[len(rest)-1])
	}
	if !strings.Contains(strings.Join(first, "\n"), "what=forged code=many times=1") {
		t.Error("another kind is drowned by the first")
	}
	if !strings.Contains(strings.Join(first, "\n"), "what=role user=anna") {
		t.Error("somebody who is known is drowned by strangers")
	}
}

func TestNobodyNeedsALog(t *testing.T) {
	var l *refusals.Log
	l.Add(noon, refusals.Refusal{What: refusals.Token})
	l.Flush(noon)
	l.Close(noon)
}
