package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/search"
)

func parse(t testing.TB, s string) search.Query {
	t.Helper()
	q, err := search.Parse(s)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return q
}

func TestWordsAreFoundHoweverTheyAreTyped(t *testing.T) {
	for _, c := range []struct{ text, query string }{
		{"The harbour master in São Paulo", "SAO harb"},
		{"MÜLLER, Straße 7", "muller strasse"},
		{"Müller", "Mu\u0308ller"},
		{"نامهٔ علي كريمي", "علی کریمی"},
		{"الأمير", "الامیر"},
		{"گزارش ۱۲ دی", "12"},
		{"Семён видел Ёлку", "семен елку"},
		{"Киї́в", "киів"},
		{"co\u00adoperate", "cooperate"},
		{"The car is AB-123-CD.", "ab-123"},
		{"The car is AB-123-CD.", "123"},
		{"they meet at the old mill on Friday", `"old mill" friday`},
		{"they meet at the old mill on Friday", `„at the old mill“`},
		{"write to desk@post.example", "desk@post.ex"},
		{"東京の駅", "東京"},
		{"ﬁre at ten", "fire"},
	} {
		if !parse(t, c.query).In(search.Fold(c.text)) {
			t.Errorf("%q is not found in %q", c.query, c.text)
		}
	}
	for _, c := range []struct{ text, query string }{
		{"the harbour master", "arbour"},           // a middle is not a beginning
		{"the old stone mill", `"old mill"`},       // not in a row
		{"the old mills", `"old mill"`},            // between quotes a word is whole
		{"the harbour", "harbour master"},          // every word
		{"AB-12-CD", "ab-123"},                     // figures are words
		{"сat", "cat"},                             // a Cyrillic letter is another letter
		{"Mill at ten. The old", `"the old mill"`}, // the order counts
	} {
		if parse(t, c.query).In(search.Fold(c.text)) {
			t.Errorf("%q is found in %q", c.query, c.text)
		}
	}
	if parse(t, `"old mill"`).In(search.Fold("the old", "mill")) {
		t.Error("words in a row are found across two fields")
	}
}

func TestWhatCannotBeSearchedForIsSaid(t *testing.T) {
	for query, code := range map[string]string{"": "search_no_words", " .,;:!? -- \"\" … ": "search_no_words", "mill\x00": "search_unreadable", "\x1b[31mmill": "search_unreadable",
		"\xff\xfe": "search_unreadable", strings.Repeat("mill ", 200_000): "search_too_long", strings.Repeat("a ", 13): "search_too_many"} {
		_, err := search.Parse(query)
		if e, ok := err.(*tocsin.Error); !ok || e.Code != code || e.What == "" || e.Do == "" || len(e.What) > 200 { //nolint:errorlint // nothing wraps it
			t.Errorf("%.20q: %v, want %s", query, err, code)
		}
	}
	if !parse(t, " the\tmill\nagain\u3000").In(search.Fold("The mill, again.")) {
		t.Error("blanks of any kind part words")
	}
	if !parse(t, `"old mill`).In(search.Fold("the old mill")) {
		t.Error("a quote that does not end goes to the end")
	}
}

func TestWhatIsFoundIsMarkedInTheWordsAsTheyStand(t *testing.T) {
	q := parse(t, `muller "old mill"`)
	got := ""
	for _, p := range q.Pieces("Herr Müllers sees the OLD  Mill, the mill.") {
		if p.Found {
			got += "[" + p.Text + "]"
		} else {
			got += p.Text
		}
	}
	if got != "Herr [Müllers] sees the [OLD  Mill], the mill." {
		t.Error(got)
	}
	long := strings.Repeat("lorem ipsum ", 50) + "the Müller house" + strings.Repeat(" dolor sit", 50)
	p := q.Passage(long, 120)
	if text := joined(p); !strings.HasPrefix(text, "… ") || !strings.HasSuffix(text, " …") || !strings.Contains(text, "the Müller house") || len(text) > 160 {
		t.Errorf("%q", text)
	}
	if q.Passage("nothing of it", 120) != nil {
		t.Error("a passage without what is searched for")
	}
}

func joined(pieces []search.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

// The index and the plain reading of every text give the same answer, whatever is
// added and removed; and what is removed leaves no word behind.
func TestTheIndexFindsWhatReadingEveryTextFinds(t *testing.T) {
	words := []string{"mill", "mills", "old", "Old", "müller", "Muller", "مرد", "на", "a", "ab", "abc", "12", "123", "東", "京"}
	field := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 90).Draw(t, "words"), rapid.SampledFrom([]string{" ", ", ", "-"}).Draw(t, "between"))
	})
	rapid.Check(t, func(t *rapid.T) {
		var x search.Index
		texts := map[search.Slot][]string{}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if len(texts) > 0 && rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
				slot := rapid.SampledFrom(slots(texts)).Draw(t, "slot")
				x.Remove(slot, texts[slot]...)
				delete(texts, slot)
				continue
			}
			fields := rapid.SliceOfN(field, 0, 3).Draw(t, "fields")
			texts[x.Add(fields...)] = fields
		}
		typed := strings.Join(rapid.SliceOfN(rapid.SampledFrom(append(words, `"old mill"`, `"a"`, "a-ab", "m", `"12 123 mill"`)), 1, 3).Draw(t, "query"), " ")
		q, err := search.Parse(typed)
		if err != nil {
			t.Fatal(err)
		}
		found := x.Find(q)
		for slot, fields := range texts {
			if found.Has(slot) != q.In(search.Fold(fields...)) {
				t.Fatalf("%s: the index says %v of %q", typed, found.Has(slot), fields)
			}
		}
		n := 0
		for slot := range found.Backward {
			if _, ok := texts[slot]; !ok {
				t.Fatalf("%s: a text is found that was removed", typed)
			}
			n++
		}
		for _, slot := range slots(texts) {
			x.Remove(slot, texts[slot]...)
		}
		if left := slices.Collect(x.Words()); len(left) > 0 || x.Len() > 0 {
			t.Fatalf("%q is left of texts that were removed", left)
		}
	})
}

func slots(m map[search.Slot][]string) []search.Slot {
	var out []search.Slot
	for s := range m {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"mill", `"old mill" x`, "ab-12", "\x00", "…", "مرد «آسیاب»", "\"", "a\u0301"} {
		f.Add(s, "the old mill by the sea")
	}
	f.Fuzz(func(t *testing.T, typed, text string) {
		q, err := search.Parse(typed)
		if err != nil {
			return
		}
		if got := joined(q.Pieces(text)); got != text {
			t.Fatalf("the pieces of %q are %q", text, got)
		}
		in := q.In(search.Fold(text))
		var x search.Index
		if slot := x.Add(text); x.Find(q).Has(slot) != in {
			t.Fatalf("%q in %q: read %v, indexed %v", typed, text, in, !in)
		}
		if in && q.Passage(text, 80) == nil {
			t.Fatalf("%q is in %q, and nothing of it is marked", typed, text)
		}
	})
}

func ExampleQuery_Pieces() {
	q, _ := search.Parse("muller")
	for _, p := range q.Pieces("Mr Müller came.") {
		fmt.Printf("%q %v\n", p.Text, p.Found)
	}
	// Output:
	// "Mr " false
	// "Müller" true
	// " came." false
}
