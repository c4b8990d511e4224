package release

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/release/gloss"
)

func doubted(p *Prepared, lang, text string) []string {
	var out []string
	for _, f := range p.Examine(Passage{Language: lang, Text: text}).Findings {
		if f.Rule == "support/doubt" && f.Level == tocsin.GuardAsk {
			out = append(out, text[f.Start:f.End])
		}
	}
	return out
}

// What tells of others in words that nothing releasable holds is asked about, though it
// shares no word with what it retells; what tells the reader what to do is not.
func TestAStatementThatNothingCarriesIsAskedAboutAndAdviceIsNot(t *testing.T) {
	p := meetingCase()
	const warning = "A group plans to attack the ferry at Norholm on Friday."
	for _, s := range []string{
		"Somebody who once sailed with their skipper has been talking over a glass.",
		"They have hidden what they need beneath the planks of an old rowing boat.",
		"He keeps his savings in the cellar of an aunt who mends nets for a living.",
	} {
		if got := doubted(p, "en", warning+" "+s); !slices.ContainsFunc(got, func(g string) bool { return strings.Contains(s, g) }) {
			t.Errorf("%q is not asked about; asked was %q", s, got)
		}
	}
	for _, s := range []string{
		"Please stay away from the ferry until Monday.",
		"Call the police if you see anything.",
		"Do not tell strangers where you live, and lock your door.",
		"We cannot tell you how we know this.",
	} {
		if got := doubted(p, "en", warning+" "+s); len(got) > 0 {
			t.Errorf("%q: asked about %q", s, got)
		}
	}
}

// A text in another language is compared by what its words mean.
func TestATextInAnotherLanguageIsComparedByWhatItsWordsMean(t *testing.T) {
	p := meetingCase()
	d := read("Por favor, no suban al barco el viernes; llamen a la policía si ven algo.")
	e := &examiner{p: p, lang: "es", gloss: glossaryOf(d, "es"), d: d, figured: make([]string, len(d.toks))}
	meant := map[string]sense{}
	for i, s := range e.senses() {
		meant[d.toks[i].word] = s
	}
	if s := meant["policia"]; !slices.Contains(s.stems, "polic") || !s.common {
		t.Errorf("policía is %+v", s)
	}
	if s := meant["no"]; !s.stop {
		t.Errorf("no is %+v", s)
	}
	if glossaryOf(read("Please do not go to the ferry on Friday, and tell the police of it."), "es") != nil {
		t.Error("an English text in a Spanish case is read as Spanish")
	}
	if g := glossaryOf(read("Не садитесь на паром в пятницу, позвоните в полицию, если что-то увидите."), "es"); g == nil || g.means("полицию") == nil {
		t.Error("a Russian text in a Spanish case is not known as Russian")
	}
}

func TestEveryGlossIsOneWordWithMeanings(t *testing.T) {
	langs := gloss.Languages()
	if len(langs) < 12 {
		t.Fatalf("there are lists for %v", langs)
	}
	for _, lang := range langs {
		n, seen := 0, map[string]bool{}
		gloss.Each(lang, func(word string, open bool, means []string) {
			n++
			key := word
			if open {
				key += "*"
			}
			if word == "" || strings.ContainsAny(word, " \t*") || word != strings.ToLower(word) && lang != "tr" {
				t.Errorf("%s: %q is no word", lang, word)
			}
			if open && len([]rune(word)) < 3 {
				t.Errorf("%s: %q* begins too many words", lang, word)
			}
			if len(means) == 0 || len(means) > 4 || seen[key] {
				t.Errorf("%s: %q means %v, or stands twice", lang, key, means)
			}
			seen[key] = true
		})
		if n < 2000 {
			t.Errorf("%s has %d words", lang, n)
		}
	}
}

// A doubt is a finite number and covers exactly one sentence, whatever the text; it only
// ever asks.
func TestADoubtIsOfOneSentenceAndOnlyAsks(t *testing.T) {
	p := meetingCase()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 200, 400).Draw(t, "text")
		for _, w := range p.Weigh(Passage{Language: rapid.SampledFrom([]string{"", "en", "es", "fa", "xx"}).Draw(t, "language"), Text: text}) {
			if math.IsNaN(w.Doubt) || math.IsInf(w.Doubt, 0) || w.Start < 0 || w.End > len(text) || w.Start > w.End {
				t.Fatalf("%q: %+v", text, w)
			}
		}
		for _, f := range p.Examine(Passage{Text: text}).Findings {
			if f.Rule == "support/doubt" && (f.Blocks || f.Level == tocsin.GuardBlock) {
				t.Fatalf("%q: a doubt blocks", text)
			}
		}
	})
}
