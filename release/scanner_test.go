package release_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"tocsin/release"
)

func scannerOf(terms ...string) *release.Scanner {
	ts := make([]release.Term, len(terms))
	for i, t := range terms {
		ts[i] = release.Term{Text: t, Kind: "cover"}
	}
	return release.NewScanner(ts)
}

// found returns the words of text that s finds, as they stand there.
func found(s *release.Scanner, text string) []string {
	var words []string
	for _, h := range s.Scan(text) {
		words = append(words, text[h.Start:h.End])
	}
	return words
}

func TestProtectedTermsAreFoundHoweverTheyAreWritten(t *testing.T) {
	for _, c := range []struct{ how, term, text, want string }{
		{"plainly", "Nighthawk", "ask Nighthawk now", "Nighthawk"},
		{"in capitals", "Nighthawk", "ask NIGHTHAWK now", "NIGHTHAWK"},
		{"at the ends", "Nighthawk", "nighthawk", "nighthawk"},
		{"with accents", "Nighthawk", "níghthäwk", "níghthäwk"},
		{"with combining accents", "Nighthawk", "ni\u0301ghthawk\u0308.", "ni\u0301ghthawk"},
		{"without its accents", "Éloïse Müller", "eloise muller", "eloise muller"},
		{"with a letter that does not decompose", "Łukasz Sørensen", "lukasz sorensen", "lukasz sorensen"},
		{"in full width", "Nighthawk", "Ｎｉｇｈｔｈａｗｋ", "Ｎｉｇｈｔｈａｗｋ"},
		{"in mathematical letters", "Nighthawk", "𝐍𝐢𝐠𝐡𝐭𝐡𝐚𝐰𝐤", "𝐍𝐢𝐠𝐡𝐭𝐡𝐚𝐰𝐤"},
		{"in boxed letters", "hawk", "🅷🅐🅦🅚", "🅷🅐🅦🅚"},
		{"with a zero-width joiner", "Nighthawk", "Night\u200dhawk", "Night\u200dhawk"},
		{"with a zero-width space", "Nighthawk", "N\u200bighthaw\u2060k", "N\u200bighthaw\u2060k"},
		{"with a soft hyphen", "Nighthawk", "Night\u00adhawk", "Night\u00adhawk"},
		{"with bidi controls", "Nighthawk", "\u202eNight\u202chawk", "Night\u202chawk"},
		{"with tag characters", "Nighthawk", "Night\U000e0041hawk", "Night\U000e0041hawk"},
		{"with a variation selector", "Nighthawk", "Night\ufe0fhawk", "Night\ufe0fhawk"},
		{"with a broken byte", "Nighthawk", "Night\xffhawk", "Night\xffhawk"},
		{"with a control character", "Nighthawk", "Night\x00hawk", "Night\x00hawk"},
		{"hyphenated at a line's end", "Nighthawk", "Night-\n  hawk", "Night-\n  hawk"},
		{"apart", "Nighthawk", "Night hawk", "Night hawk"},
		{"together", "Night Hawk", "nighthawk", "nighthawk"},
		{"over a line break", "Night Hawk", "the Night\r\nHawk", "Night\r\nHawk"},
		{"with other white space", "Night Hawk", "Night\u00a0\u2003Hawk", "Night\u00a0\u2003Hawk"},
		{"with an underscore", "Night Hawk", "op_night_hawk_2", "night_hawk"},
		{"spelt out", "Nighthawk", "N.i.g.h.t.h.a.w.k", "N.i.g.h.t.h.a.w.k"},
		{"spelt out though short", "NSA", "the N.S.A. said", "N.S.A"},
		{"as an acronym with dots", "N.S.A.", "the NSA said", "NSA"},
		{"in a compound", "Nighthawk", "OperationNighthawk7", "Nighthawk"},
		{"in Cyrillic disguise", "Nighthawk", "Νighthаwk", "Νighthаwk"},
		{"all in Cyrillic", "cover", "соvеr", "соvеr"},
		{"in Latin disguise", "Москва", "Mocква", "Mocква"},
		{"in digits for letters", "Nighthawk", "N1ghth4wk", "N1ghth4wk"},
		{"with the other reading of 1", "Halley", "Ha1ley", "Ha1ley"},
		{"with letters for digits", "C130 crew", "CI3O crew", "CI3O crew"},
		{"in signs for letters", "Nathan", "N@th@n", "N@th@n"},
		{"in stars", "Nathan", "N*th*n", "N*th*n"},
		{"capital I for l", "Halley", "HaIIey", "HaIIey"},
		{"small l for I", "MI6 cell", "Ml6 cell", "Ml6 cell"},
		{"in the plural", "Nighthawk", "the nighthawks", "nighthawk"},
		{"in the genitive", "Nighthawk", "Nighthawk's", "Nighthawk"},
		{"as a verb", "intercept", "was intercepted", "intercept"},
		{"as a verb in -e", "wiretape", "wiretaped", "wiretape"},
		{"in a mail address", "police desk", "police@desk.example", "police@desk"},
		{"in sharp s", "Strasse", "straße", "straße"},
		{"in Arabic yeh and kaf", "علی کریمی", "علي كريمي", "علي كريمي"},
		{"with Arabic vowel signs", "محمد", "مُحَمَّد", "مُحَمَّد"},
		{"with tatweel", "محمد", "محـــمد", "محـــمد"},
		{"with hamza forms", "اسماعیل", "إسماعيل", "إسماعيل"},
		{"with alef madda", "اسمان", "آسمان", "آسمان"},
		{"with alef wasla", "احمد", "ٱحمد", "ٱحمد"},
		{"with teh marbuta", "فاطمه", "فاطمة", "فاطمة"},
		{"in presentation forms", "سلام", "ﺳﻼﻡ", "ﺳﻼﻡ"},
		{"without the joiner", "خانه\u200cدار", "خانهدار", "خانهدار"},
		{"with a space for the joiner", "خانه\u200cدار", "خانه دار", "خانه دار"},
		{"in a Persian plural", "خبرچین", "خبرچین\u200cها", "خبرچین"},
		{"behind an article", "مرصد", "والمرصد", "مرصد"},
		{"in Persian digits", "unit 8200", "unit ۸۲۰۰", "unit ۸۲۰۰"},
		{"in Arabic digits", "۸۲۰۰ واحد", "٨٢٠٠ واحد", "٨٢٠٠ واحد"},
		{"in Adlam digits", "unit 8200", "unit 𞥘𞥒𞥐𞥐", "unit 𞥘𞥒𞥐𞥐"},
		{"within Chinese", "夜鹰", "我们的夜鹰说", "夜鹰"},
		{"in decomposed Hangul", "김철수", "\u1100\u1175\u11b7철수", "\u1100\u1175\u11b7철수"},
		{"in Devanagari", "किरण", "यह किरण है", "किरण"},
	} {
		if got := found(scannerOf(c.term), c.text); !slices.Contains(got, c.want) {
			t.Errorf("%s: %q in %q: found %q, want %q", c.how, c.term, c.text, got, c.want)
		}
	}
}

func TestOrdinaryWordsAreLetThrough(t *testing.T) {
	for _, c := range []struct{ term, text string }{
		{"Nighthawk", "The night was long. A hawk flew."},
		{"hawk", "the tomahawk and the hawker"},
		{"Ali", "all of it"},
		{"Ali", "a lily"},
		{"Theo", "the other"},
		{"Tam", "be there at 7am"},
		{"Sth", "on the 5th"},
		{"isis", "1515 people"},
		{"Donald", "outside McDonald's"},
		{"Arthur", "MacArthur Street"},
		{"Karim", "Karimi"},
		{"کریم", "کریمی"},
		{"SI", "is it so"},
		{"sin", "since"},
		{"bomb squad", "a bomb on the squadron"},
		{"Iran desk", "Iran. The desk"},
		{"", "anything"},
		{"!!!", "stop!!!"},
		{"किरण", "करण"},
	} {
		if got := found(scannerOf(c.term), c.text); got != nil {
			t.Errorf("%q found as %q in %q", c.term, got, c.text)
		}
	}
}

func TestEveryTermAtAPlaceIsNamedInOrder(t *testing.T) {
	s := scannerOf("Night Hawk", "Night", "Nighthawk", "hawk", "Night")
	var got []string
	const text = "a Night Hawk"
	for _, h := range s.Scan(text) {
		got = append(got, fmt.Sprintf("%s %d-%d", h.Term.Text, h.Start, h.End))
	}
	want := []string{"Night 2-7", "Night 2-7", "Night Hawk 2-12", "Nighthawk 2-12", "hawk 8-12"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestTermsThatCannotBeLookedForAreNotForgotten(t *testing.T) {
	s := scannerOf("Nighthawk", "--", "", "\u200b")
	if got := s.Unscannable(); len(got) != 3 || got[0].Text != "--" {
		t.Errorf("unscannable: %v", got)
	}
	if got := scannerOf().Scan("anything"); got != nil {
		t.Errorf("no terms, but found %v", got)
	}
}

func TestTheScannerKeepsItsOwnTerms(t *testing.T) {
	terms := []release.Term{{Text: "Nighthawk", Kind: "cover"}}
	s := release.NewScanner(terms)
	terms[0] = release.Term{Text: "other"}
	if got := s.Scan("nighthawk"); len(got) != 1 || got[0].Term.Text != "Nighthawk" {
		t.Errorf("found %v", got)
	}
}

// confusable draws short words over an alphabet made to collide: look-alikes,
// digits for letters, joiners, breaks.
func confusable() *rapid.Generator[string] {
	pieces := []string{"a", "A", "а", "á", "b", "i", "I", "l", "1", "0", "o", "О", "s", "$", "5", "@", "e", "d", "ed", " ", " ", "-", "\n", "\u200d",
		"ی", "ي", "ک", "و", "ال", "ها", "۱", "夜", "\xff", "!"}
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "pieces"), "")
	})
}

func TestTheTreeFindsWhatTryingEveryTermFinds(t *testing.T) {
	hits := 0
	rapid.Check(t, func(t *rapid.T) {
		terms := rapid.SliceOfN(confusable(), 0, 20).Draw(t, "terms")
		s := scannerOf(terms...)
		text := strings.Join(rapid.SliceOfN(rapid.OneOf(confusable(), rapid.SampledFrom(append(terms, ""))), 0, 10).Draw(t, "text"), rapid.SampledFrom([]string{" ", "", "."}).Draw(t, "between"))
		fast, slow := s.Scan(text), s.ScanSlowly(text)
		hits += len(slow)
		if !reflect.DeepEqual(fast, slow) {
			t.Fatalf("terms %q in %q:\nfast %v\nslow %v", terms, text, fast, slow)
		}
	})
	if hits == 0 {
		t.Fatal("no text held a term")
	}
}

// disguise writes a term in one of the ways that must not matter, rune by rune.
func disguise(t *rapid.T, term string) string {
	same := map[rune][]string{'a': {"A", "à", "а", "ａ"}, 'e': {"E", "ê", "е"}, 'o': {"O", "ö", "ο"}, 'i': {"I", "í", "і"},
		'k': {"K", "к"}, 's': {"S", "ѕ"}, ' ': {"\n", "  ", "-", "\u00a0", ". "}}
	var b strings.Builder
	for _, r := range term {
		w := string(r)
		if others := same[r]; others != nil && rapid.Bool().Draw(t, "swap") {
			w = rapid.SampledFrom(others).Draw(t, "other")
		}
		b.WriteString(w + rapid.SampledFrom([]string{"", "", "", "\u200b", "\u200d", "\u00ad", "\u0301"}).Draw(t, "between"))
	}
	return b.String()
}

func TestADisguisedTermIsStillFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := rapid.SliceOfN(rapid.StringMatching(`[a-z]{5,9}( [aeiouks]{4,8})?`), 1, 30).Draw(t, "terms")
		secret := rapid.SampledFrom(terms).Draw(t, "secret")
		before, after := rapid.StringMatching(`([a-z]{1,8} ){0,5}`).Draw(t, "before"), rapid.StringMatching(`( [a-z]{1,8}){0,5}`).Draw(t, "after")
		hidden := disguise(t, secret)
		text := before + hidden + after
		if !slices.ContainsFunc(scannerOf(terms...).Scan(text), func(h release.Hit) bool {
			return h.Term.Text == secret && h.Start == len(before)
		}) {
			t.Fatalf("%q not found in %q", secret, text)
		}
	})
}

func FuzzScan(f *testing.F) {
	for _, s := range [][2]string{{"Nighthawk", "N1ght-\nhawk's"}, {"علی کریمی", "عليّ كريمي"}, {"N.S.A.", "NSA"}, {"a b c d e", "abcde"}, {"$$", "a$$b"}, {"Ⅷ½", "viii12"}, {"\xff", "\xff"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, term, text string) {
		s := scannerOf(term, term+" "+text, text)
		fast := s.Scan(text)
		for _, h := range fast {
			if h.Start < 0 || h.Start >= h.End || h.End > len(text) {
				t.Fatalf("%q in %q: hit %d-%d", term, text, h.Start, h.End)
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[h.Start:h.End]) {
				t.Fatalf("%q in %q: hit %d-%d cuts a character", term, text, h.Start, h.End)
			}
		}
		if slow := s.ScanSlowly(text); !reflect.DeepEqual(fast, slow) {
			t.Fatalf("%q in %q:\nfast %v\nslow %v", term, text, fast, slow)
		}
		if len(release.Folded(text)) > 0 && len(fast) == 0 {
			t.Fatalf("%q does not find itself", text)
		}
		if a, b := release.WordCount(text), strings.Count(release.FoldedWords(text), "/"); a != b && a > 0 {
			t.Fatalf("%q has %d words for copies and %d for terms", text, a, b)
		}
	})
}

// lexicon makes n distinct terms of one to three made-up words.
func lexicon(n int) []release.Term {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		b := make([]byte, 0, 10)
		for range 2 + r.IntN(3) {
			b = append(b, "bcdfghjklmnprstvz"[r.IntN(17)], "aeiou"[r.IntN(5)])
		}
		return string(append(b, "nrstk"[r.IntN(5)]))
	}
	seen := make(map[string]bool)
	terms := make([]release.Term, 0, n)
	for len(terms) < n {
		t := word()
		for range r.IntN(3) {
			t += " " + word()
		}
		if !seen[t] {
			seen[t] = true
			terms = append(terms, release.Term{Text: t, Kind: "cover"})
		}
	}
	return terms
}

const sentence = "We have reason to believe that an attack is planned on the gathering at the old market between Friday and Sunday. Stay away and call us at once. "

// BenchmarkScan takes 100,000 terms over 2 KB of text. Its limit is what anybody
// would write first, strings.Contains for each term, measured in the same run.
func BenchmarkScan(b *testing.B) {
	terms := lexicon(100_000)
	text := strings.Repeat(sentence, 2048/len(sentence)+1)[:2048]
	s := release.NewScanner(terms)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if s.Scan(text) != nil {
			b.Fatal("found a made-up word")
		}
	}
	ours := b.Elapsed() / time.Duration(b.N)
	const rounds = 3
	start := time.Now()
	for range rounds {
		for _, t := range terms {
			if strings.Contains(text, t.Text) {
				b.Fatal("found a made-up word")
			}
		}
	}
	limit := time.Since(start) / rounds
	b.ReportMetric(float64(limit), "limit-ns/op")
	b.ReportMetric(float64(limit)/float64(ours), "times-limit")
}
