package pace_test

import (
	"fmt"
	"testing"
	"time"

	"tocsin/internal/auth/pace"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

var small = pace.Limits{Person: pace.Rate{PerSecond: 2, Burst: 10}, Address: pace.Rate{PerSecond: 1, Burst: 3}}

func TestSoManyAtOnceAndThenSoManyASecond(t *testing.T) {
	l := pace.New(small)
	served := func(from, until time.Duration) (n int) {
		for at := from; at < until; at += 10 * time.Millisecond {
			if l.Person(noon.Add(at), "anna", false) == 0 {
				n++
			}
		}
		return n
	}
	if n := served(0, 10*time.Millisecond) + served(10*time.Millisecond, 200*time.Millisecond); n != 10 {
		t.Errorf("%d at once, want 10", n)
	}
	if n := served(200*time.Millisecond, 10_200*time.Millisecond); n < 19 || n > 21 {
		t.Errorf("%d in ten seconds more, want 20", n)
	}
	// Quiet for a while, the allowance is whole, and no more than whole.
	if n := served(time.Hour, time.Hour+100*time.Millisecond); n != 10 {
		t.Errorf("%d after an hour, want 10", n)
	}
}

func TestTheWaitThatIsToldIsEnough(t *testing.T) {
	l := pace.New(small)
	for range 10 {
		l.Person(noon, "anna", true)
	}
	wait := l.Person(noon, "anna", true)
	if wait != 500*time.Millisecond {
		t.Fatalf("wait %v, want 500ms", wait)
	}
	if again := l.Person(noon.Add(wait-time.Millisecond), "anna", true); again == 0 {
		t.Error("sooner than told")
	}
	if again := l.Person(noon.Add(wait), "anna", true); again != 0 {
		t.Errorf("then %v more", again)
	}
}

func TestReadingDoesNotUseUpActingNorOnePersonAnother(t *testing.T) {
	l := pace.New(small)
	for range 1000 {
		l.Person(noon, "anna", false)
		l.Stranger(noon, "198.51.100.7")
	}
	for what, wait := range map[string]time.Duration{"anna acts": l.Person(noon, "anna", true), "bert reads": l.Person(noon, "bert", false), "elsewhere": l.Stranger(noon, "198.51.100.8")} {
		if wait != 0 {
			t.Errorf("%s waits %v", what, wait)
		}
	}
	if l.Person(noon, "anna", false) == 0 || l.Stranger(noon, "198.51.100.7") == 0 {
		t.Error("whoever floods is not held")
	}
}

func TestWithoutLimitsOfItsOwnAServerHasGenerousOnes(t *testing.T) {
	l := pace.New(pace.Limits{})
	for n := range 2000 {
		if l.Person(noon, "gateway", true) != 0 {
			t.Fatalf("held after %d", n)
		}
	}
	if l.Person(noon, "gateway", true) == 0 {
		t.Error("there is no limit")
	}
	var none *pace.Limiter
	if none.Person(noon, "anna", true) != 0 || none.Stranger(noon, "x") != 0 {
		t.Error("no limiter limits")
	}
}

func TestAFloodFromEverywhereTakesSoMuchMemoryAndNoMore(t *testing.T) {
	l := pace.New(small)
	for n := range 200_000 {
		l.Stranger(noon, fmt.Sprintf("2001:db8:%x:%x::/64", n>>16, n&0xffff))
	}
	if _, _, strangers := l.Remembered(); strangers != 50_000 {
		t.Errorf("%d addresses are remembered", strangers)
	}
}
