package deliver

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin/release"
)

const (
	quoteInput  = 4096 // bytes of a far side's text that are looked at
	quoteOutput = 200  // runes of it that are shown
	masked      = "…"
	longestWord = 24 // runes; anything longer is encoded text, which could hold the words
)

// Quote makes what a far side said fit to be shown to an officer and recorded.
//
// Receivers echo: a filter names the phrase that it disliked, a proxy repeats
// the request. So every word of three letters or more, and every number, that
// also stands in m's subject or body is replaced by "…", and so is everything
// too long to be a word, and each of the secrets. Control and bidirectional
// formatting characters are dropped and the result is at most 200 characters.
// What is lost by this is legibility, never a status code, which the caller
// writes itself.
func Quote(said string, m release.Message, secrets ...string) string {
	for _, s := range secrets {
		if s != "" {
			said = strings.ReplaceAll(said, s, masked)
		}
	}
	if len(said) > quoteInput {
		said = said[:quoteInput]
	}
	said = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(said, " "), unshowable), " ")
	t := m.Text()
	said = maskWords(said, words(t.Subject+"\n"+t.Body))
	return cutRunes(said, quoteOutput)
}

// unshowable holds white space too, so that what is left is on one line with
// single spaces. Cf is the class of the bidirectional controls.
func unshowable(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

func maskWords(said string, secret map[string]bool) string {
	var b strings.Builder
	rest := said
	for rest != "" {
		if gap := strings.IndexFunc(rest, inWord); gap != 0 {
			if gap < 0 {
				gap = len(rest)
			}
			b.WriteString(rest[:gap])
			rest = rest[gap:]
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return !inWord(r) })
		if end < 0 {
			end = len(rest)
		}
		word := rest[:end]
		if secret[strings.ToLower(word)] || utf8.RuneCountInString(word) > longestWord {
			word = masked
		}
		b.WriteString(word)
		rest = rest[end:]
	}
	return b.String()
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// words are those of text that would tell something if repeated: one and two
// letters ("a", "to") tell nothing, and masking them makes a quote unreadable.
// Format characters are taken out first, as they are from what is compared.
func words(text string) map[string]bool {
	set := map[string]bool{}
	clean := strings.FieldsFunc(text, unshowable)
	for _, field := range clean {
		for _, w := range strings.FieldsFunc(field, func(r rune) bool { return !inWord(r) }) {
			if utf8.RuneCountInString(w) > 2 || strings.IndexFunc(w, unicode.IsDigit) >= 0 {
				set[strings.ToLower(w)] = true
			}
		}
	}
	return set
}

func cutRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + masked
		}
		n--
	}
	return s
}
