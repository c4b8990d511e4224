package release

import (
	"strings"
	"sync"
	"unicode/utf8"

	"tocsin/release/gloss"
)

// Texts in other languages are compared with English reports by gloss: each common
// word of a dozen languages is taken for the English words that it most often means.
//
// Limits: a gloss has no grammar and knows one or two meanings of a word; idioms and
// rarer words are unknown, and an unknown word counts as one that nothing supports.

// glossary is one language's list, folded.
type glossary struct {
	lang   string
	whole  map[string][]string // English words
	prefix map[string][]string
	long   int // bytes of the longest prefix
}

// glossaries are made when first asked for: most cases are in one language.
var glossaries = func() map[string]func() *glossary {
	m := map[string]func() *glossary{}
	for _, lang := range gloss.Languages() {
		m[lang] = sync.OnceValue(func() *glossary { return newGlossary(lang) })
	}
	return m
}()

func newGlossary(lang string) *glossary {
	g := &glossary{lang: lang, whole: map[string][]string{}, prefix: map[string][]string{}}
	gloss.Each(lang, func(word string, open bool, means []string) {
		w := foldWord(word)
		if !open {
			g.whole[w] = means
			return
		}
		g.prefix[w] = means
		g.long = max(g.long, len(w))
	})
	return g
}

// means is what a folded word means in English; nil is not known.
func (g *glossary) means(w string) []string {
	if m := g.entry(w); m != nil {
		return m
	}
	for _, p := range clitics {
		if rest, ok := strings.CutPrefix(w, p); ok && utf8.RuneCountInString(rest) >= 3 {
			if m := g.entry(rest); m != nil {
				return m
			}
		}
	}
	return nil
}

func (g *glossary) entry(w string) []string {
	if m := g.whole[w]; m != nil {
		return m
	}
	for n := min(len(w), g.long); n > 0; n-- {
		if m := g.prefix[w[:n]]; m != nil {
			return m
		}
	}
	return nil
}

// glossaryOf is the list for a document that is not English: its language's, or that
// which knows most of its words. It is nil if none knows a third of them.
func glossaryOf(d *document, language string) *glossary {
	if len(d.toks) == 0 || englishText(d) {
		return nil
	}
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	if g := glossaries[base]; g != nil && g().share(d) >= knownShare {
		return g()
	}
	var best *glossary
	most := knownShare
	for _, lang := range gloss.Languages() {
		if s := glossaries[lang]().share(d); s > most {
			best, most = glossaries[lang](), s
		}
	}
	return best
}

const (
	knownShare = 0.34 // of the words of a text, for a list to be its language's
	sampled    = 120  // words looked at to tell the language
)

// share is how many of the first words of a document the list knows.
func (g *glossary) share(d *document) float64 {
	known, words := 0, 0
	for _, t := range d.toks[:min(sampled, len(d.toks))] {
		if t.is(numeral) {
			continue
		}
		words++
		known += b2i(g.means(t.word) != nil)
	}
	return float64(known) / float64(max(words, 1))
}
