package view

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Piece is a stretch of a comparison of two texts.
type Piece struct {
	Text string
	How  PieceKind
}

// PieceKind says in which of two texts a piece stands.
type PieceKind string

// The kinds of pieces.
const (
	Same    PieceKind = "same"
	Added   PieceKind = "added"
	Removed PieceKind = "removed"
)

// compared bounds the words of each side that are compared one by one. Two texts
// that differ over more than this are shown one after the other.
const compared = 1500

// Words compares two texts word by word. The pieces that are not Added, joined,
// are before; those that are not Removed are after.
func Words(before, after string) []Piece {
	a, b := tokens(before), tokens(after)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out pieces
	out.add(Same, a[:head])
	out.middle(a[head:len(a)-tail], b[head:len(b)-tail])
	out.add(Same, a[len(a)-tail:])
	return out.settled()
}

// settled joins changes that only one word parts, and puts what was removed
// before what was added: a sentence that was written anew reads as one.
func (p pieces) settled() []Piece {
	var out pieces
	removed, added := "", ""
	flush := func() {
		for _, c := range []Piece{{removed, Removed}, {added, Added}} {
			if c.Text != "" {
				out = append(out, c)
			}
		}
		removed, added = "", ""
	}
	for i, c := range p {
		switch {
		case c.How == Removed:
			removed += c.Text
		case c.How == Added:
			added += c.Text
		case i > 0 && i+1 < len(p) && len(strings.Fields(c.Text)) <= 1:
			removed, added = removed+c.Text, added+c.Text
		default:
			flush()
			out = append(out, c)
		}
	}
	flush()
	return out
}

type pieces []Piece

func (p *pieces) add(how PieceKind, words []string) {
	for _, w := range words {
		if n := len(*p); n > 0 && (*p)[n-1].How == how {
			(*p)[n-1].Text += w
		} else {
			*p = append(*p, Piece{w, how})
		}
	}
}

// middle walks the longest common run of words.
func (p *pieces) middle(a, b []string) {
	if len(a) > compared || len(b) > compared {
		p.add(Removed, a)
		p.add(Added, b)
		return
	}
	width := len(b) + 1
	long := make([]uint16, (len(a)+1)*width) // of a[i:] and b[j:]
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				long[i*width+j] = long[(i+1)*width+j+1] + 1
			} else {
				long[i*width+j] = max(long[(i+1)*width+j], long[i*width+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			p.add(Same, a[i:i+1])
			i, j = i+1, j+1
		case long[(i+1)*width+j] >= long[i*width+j+1]:
			p.add(Removed, a[i:i+1])
			i++
		default:
			p.add(Added, b[j:j+1])
			j++
		}
	}
	p.add(Removed, a[i:])
	p.add(Added, b[j:])
}

// tokens cuts a text into words with the space after them, so that joining them
// gives the text again.
func tokens(s string) []string {
	var out []string
	start, space := 0, false
	for at, r := range s {
		is := unicode.IsSpace(r) && r != utf8.RuneError
		if space && !is {
			out = append(out, s[start:at])
			start = at
		}
		space = is
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return slices.Clip(out)
}
