package marking

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin"
)

// Place is where in a marking something stands that cannot be read. It is the
// cause of every such error of Parse and ParsePortion; get it with PlaceOf.
type Place struct {
	Offset    int // of its first byte in what was given to Parse
	Length    int // bytes; 0 where something is missing
	Character int // the same place counted in characters, the first being 1
}

// Error says the place in words.
func (p Place) Error() string { return fmt.Sprintf("at character %d", p.Character) }

// PlaceOf returns where in the marking err was found, if it says so.
func PlaceOf(err error) (Place, bool) {
	var p Place
	ok := errors.As(err, &p)
	return p, ok
}

func newPlace(s string, from, to int) Place {
	return Place{Offset: from, Length: to - from, Character: utf8.RuneCountInString(s[:from]) + 1}
}

// refusal is an error of kind Invalid that names the place. what goes on after
// the words "at character 9, ".
func refusal(at Place, do, what string) *tocsin.Error {
	e := tocsin.Faultf(tocsin.Invalid, "marking_unreadable", do, "The marking cannot be read: %s, %s", at.Error(), what)
	e.Cause = at
	return e
}

// shownMost is the most that is kept of a mark that cannot be read, in bytes.
const shownMost = 200

// written is a marking as somebody wrote it, on one line and fit to be printed
// again: what cannot be seen, or turns the direction of writing, stands as an
// escape. What is cut off is replaced by a sign that no marking has, so that the
// rest can never be read as a lower one.
func written(s string) string {
	var b strings.Builder
	for i, r := range s {
		if b.Len() > shownMost {
			return strings.Join(strings.Fields(b.String()), " ") + " [...]"
		}
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.IsGraphic(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
