// Package search finds words in texts, as people type them: in any case, with or
// without accents, in any of the forms of an Arabic or Persian letter, by their
// beginnings.
//
// An Index holds many texts and answers which of them hold a query; Query.In asks
// one text, and gives the same answer. The package knows words and places and
// nothing of what the texts are, or of who may see them.
package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin"
)

// Limits of what is searched for. A word of one letter asks for a good part of the
// index, so their number is bounded and not only their length.
const (
	MaxQuery = 400 // bytes
	MaxParts = 12  // words, and words in a row
)

// Query is what somebody searches for: every part of it must stand in a text. The
// zero Query is in every text.
type Query struct{ parts []part }

// part is one word or several in a row. Of an open one the last word may go on.
type part struct {
	words []string
	open  bool
}

// quotes are the signs that people and their keyboards put around words in a row.
const quotes = "\"“”„‟«»❝❞＂"

// Parse reads what somebody typed. Words between quotes stand in a row, and whole;
// so do the parts of what is written as one, such as a number with dashes, but that
// its end may be missing.
func Parse(typed string) (Query, error) {
	switch {
	case len(typed) > MaxQuery:
		return Query{}, tocsin.Faultf(tocsin.Invalid, "search_too_long", "Search for a few words of it.", "A search takes %d bytes, and this is longer.", MaxQuery)
	case !utf8.ValidString(typed) || strings.ContainsFunc(typed, unprintable):
		return Query{}, tocsin.Fault(tocsin.Invalid, "search_unreadable", "There are control characters in the search, or it is not UTF-8.", "Type the words anew.")
	}
	var q Query
	inside := false
	for _, stretch := range strings.Split(quoteMarks.Replace(typed), `"`) {
		if inside {
			q.add(stretch, false)
		} else {
			for _, chunk := range strings.Fields(stretch) {
				q.add(chunk, true)
			}
		}
		inside = !inside
	}
	switch {
	case len(q.parts) == 0:
		return Query{}, tocsin.Fault(tocsin.Invalid, "search_no_words", "There is no word in the search.", "Type at least one letter or figure.")
	case len(q.parts) > MaxParts:
		return Query{}, tocsin.Faultf(tocsin.Invalid, "search_too_many", "Leave the more common ones out, or put words that stand in a row between quotes.", "A search takes %d words, and these are more.", MaxParts)
	}
	return q, nil
}

var quoteMarks = func() *strings.Replacer {
	var pairs []string
	for _, r := range quotes {
		pairs = append(pairs, string(r), `"`)
	}
	return strings.NewReplacer(pairs...)
}()

func unprintable(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }

func (q *Query) add(text string, open bool) {
	p := part{open: open}
	eachWord(text, func(word []byte, _, _ int) { p.words = append(p.words, string(word)) })
	if len(p.words) > 0 {
		q.parts = append(q.parts, p)
	}
}

// Empty reports whether the query asks for nothing.
func (q Query) Empty() bool { return len(q.parts) == 0 }

// In reports whether a folded text holds every part of the query.
func (q Query) In(f Folded) bool {
	for _, p := range q.parts {
		if !strings.Contains(string(f), p.folded()) {
			return false
		}
	}
	return true
}

func (p part) folded() string {
	s := " " + strings.Join(p.words, " ")
	if !p.open {
		s += " "
	}
	return s
}

// Piece is a stretch of a text, with whether it is what was searched for.
type Piece struct {
	Text  string `json:"text"`
	Found bool   `json:"found,omitempty"`
}

// Pieces cuts a text where the query is found in it. Joined, they are the text.
func (q Query) Pieces(text string) []Piece {
	var out []Piece
	at := 0
	for _, s := range q.spans(text) {
		if s.at > at {
			out = append(out, Piece{Text: text[at:s.at]})
		}
		out = append(out, Piece{text[s.at:s.end], true})
		at = s.end
	}
	if at < len(text) {
		out = append(out, Piece{Text: text[at:]})
	}
	return out
}

// Passage is the first stretch of about width bytes of a text in which something
// is found, cut between words; nil if nothing is.
func (q Query) Passage(text string, width int) []Piece {
	spans := q.spans(text)
	if len(spans) == 0 {
		return nil
	}
	from := max(spans[0].at-width/3, 0)
	to := min(max(from+width, spans[0].end), len(text))
	var out []Piece
	if from > 0 {
		from = cutAfter(text, from, spans[0].at)
		out = append(out, Piece{Text: "… "})
	}
	end := Piece{}
	if to < len(text) {
		to = cutBefore(text, spans[0].end, to)
		end.Text = " …"
	}
	out = append(out, q.Pieces(text[from:to])...)
	if end.Text != "" {
		out = append(out, end)
	}
	return out
}

const blank = " \t\n\r"

// cutAfter finds where a passage may begin between two bytes: behind a blank, else
// at any character.
func cutAfter(text string, from, to int) int {
	if sp := strings.IndexAny(text[from:to], blank); sp >= 0 {
		return from + sp + 1
	}
	for from < to && !utf8.RuneStart(text[from]) {
		from++
	}
	return from
}

// cutBefore finds where a passage may end between two bytes.
func cutBefore(text string, from, to int) int {
	if sp := strings.LastIndexAny(text[from:to], blank); sp >= 0 {
		return from + sp
	}
	for to > from && !utf8.RuneStart(text[to]) {
		to--
	}
	return to
}

// span is a stretch of a text, in bytes.
type span struct{ at, end int }

// spans lists where parts of the query stand in a text, in order and without
// overlaps.
func (q Query) spans(text string) []span {
	var words []string
	var places []span
	eachWord(text, func(word []byte, at, end int) {
		words, places = append(words, string(word)), append(places, span{at, end})
	})
	var out []span
	for i := 0; i < len(words); {
		n := q.longest(words[i:])
		if n == 0 {
			i++
			continue
		}
		out = append(out, span{places[i].at, places[i+n-1].end})
		i += n
	}
	return out
}

// longest is how many words at the beginning of words the longest part covers
// that stands there.
func (q Query) longest(words []string) int {
	n := 0
	for _, p := range q.parts {
		if len(p.words) > n && p.begins(words) {
			n = len(p.words)
		}
	}
	return n
}

func (p part) begins(words []string) bool {
	if len(words) < len(p.words) {
		return false
	}
	for i, w := range p.words {
		open := p.open && i == len(p.words)-1
		if words[i] != w && !(open && strings.HasPrefix(words[i], w)) {
			return false
		}
	}
	return true
}
