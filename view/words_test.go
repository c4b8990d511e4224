package view_test

import (
	"strings"
	"testing"

	"tocsin/view"
)

func sides(all []view.Piece) (before, after string) {
	for _, p := range all {
		if p.How != view.Added {
			before += p.Text
		}
		if p.How != view.Removed {
			after += p.Text
		}
	}
	return before, after
}

func TestAComparisonShowsTheWordsThatChanged(t *testing.T) {
	got := view.Words("Leave the house by six. Call us.", "Leave the house by seven. Call us at once.")
	var out []string
	for _, p := range got {
		out = append(out, string(p.How)+":"+strings.TrimSpace(p.Text))
	}
	want := "same:Leave the house by|removed:six. Call us.|added:seven. Call us at once."
	if s := strings.Join(out, "|"); s != want {
		t.Errorf("got %s", s)
	}
}

func FuzzAComparisonLosesNothing(f *testing.F) {
	f.Add("a b c", "a c d")
	f.Add("", "new")
	f.Add("old\n\nlines", "")
	f.Add("به خانه بروید", "از خانه بروید")
	f.Add("\xff broken", "broken \xff")
	f.Add(strings.Repeat("x ", 2000), strings.Repeat("y ", 2000))
	f.Fuzz(func(t *testing.T, before, after string) {
		a, b := sides(view.Words(before, after))
		if a != before || b != after {
			t.Fatalf("%q and %q came back as %q and %q", before, after, a, b)
		}
	})
}
