package spelling_test

import (
	"slices"
	"testing"

	"tocsin/spelling"
)

func TestAWordIsAsFarFromAnotherAsTheKeystrokesBetweenThem(t *testing.T) {
	for _, c := range []struct {
		a, b string
		far  int
	}{{"", "", 0}, {"", "ab", 2}, {"secrt", "secret", 1}, {"secert", "secret", 1}, {"iran", "iraq", 1}, {"persian", "german", 3}, {"فارسی", "فارسي", 1}} {
		if got := spelling.Distance(c.a, c.b); got != c.far || spelling.Distance(c.b, c.a) != c.far {
			t.Errorf("from %q to %q: got %d, want %d", c.a, c.b, got, c.far)
		}
	}
}

func TestOnlyWhatMayHaveBeenMeantIsOffered(t *testing.T) {
	words := []string{"iran", "iraq", "ireland", "israel", "united kingdom", "united states"}
	for written, want := range map[string][]string{"irann": {"iran"}, "irak": {"iran", "iraq"}, "united": {"united kingdom", "united states"}, "zzzzz": nil, "": nil, "i": nil} {
		if got := spelling.Nearest(written, words, 3); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", written, got, want)
		}
	}
	if got := spelling.Nearest("united", words, 1); len(got) != 1 {
		t.Errorf("more than asked for: %v", got)
	}
}
