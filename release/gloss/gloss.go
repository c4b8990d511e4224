// Package gloss holds, for each language that a warning may be written in, the
// English words that its common words most often mean. It holds data and nothing
// else.
//
// A list is no dictionary and does not translate: it lets the guard see that a
// "panadería" is a bakery and that "nos lo dijo" tells who told, so that a text is
// compared with reports in another language. A word that a list lacks is unknown,
// and an unknown word counts as one that nothing supports.
//
// The lists were written for Tocsin; no dictionary was copied. Each line is a word in
// small letters, a tab, and one to three English words. A star at the end of the word
// stands for any ending; the longest word that fits is taken.
package gloss

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.tsv
var lists embed.FS

// Languages are the languages of which there is a list, as BCP 47 base tags in
// alphabetical order.
func Languages() []string {
	names, _ := fs.Glob(lists, "*.tsv") // the pattern is right, so there is no error
	for i, n := range names {
		names[i] = strings.TrimSuffix(n, ".tsv")
	}
	return names
}

// Each calls yield with every line of a language's list: the word as it is spelt,
// whether any ending may follow, and what it means. It does nothing for a language
// without a list.
func Each(language string, yield func(word string, open bool, means []string)) {
	b, err := lists.ReadFile(language + ".tsv")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(b)) {
		word, means, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || strings.HasPrefix(word, "#") {
			continue
		}
		word, open := strings.CutSuffix(word, "*")
		yield(word, open, strings.Fields(means))
	}
}
