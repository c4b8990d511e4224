package release

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin/spelling"
)

// A document is a text cut into folded words and sentences, once, for every check
// that compares words. Cutting is linear in the text, and the folded words are
// slices of one string.
//
// Limits: sentences are found by punctuation, line ends and capitals, not by
// grammar; scripts that put no space between words give words of one character.

// token is one folded word.
type token struct {
	at, end int32  // bytes of the text
	word    string // folded
	stem    string // English stem and canonical synonym; a number in digits
	sent    int32  // the sentence it stands in
	flags   tokenFlag
}

type tokenFlag uint8

const (
	capital    tokenFlag = 1 << iota // begins with a capital letter
	shouted                          // two capitals or more, and no small letter
	numeral                          // digits only
	mixed                            // letters and digits
	opens                            // first word of its sentence
	foreign                          // letters of a script other than Latin
	twoScripts                       // Latin and look-alike letters in one word
)

func (t token) is(f tokenFlag) bool { return t.flags&f != 0 }

// sentence is a stretch of words: tokens first to last-1, bytes at to end.
type sentence struct{ first, last, at, end int }

type document struct {
	text    string
	toks    []token
	sents   []sentence
	english uint8 // 0 not asked, 1 no, 2 yes
	capital int   // words that begin with a capital letter
}

// words is the text of tokens i to j-1.
func (d *document) words(i, j int) string { return d.text[d.toks[i].at:d.toks[j-1].end] }

// gap is what stands between token i and the next.
func (d *document) gap(i int) string {
	if i < 0 || i+1 >= len(d.toks) {
		return "\n\n"
	}
	return d.text[d.toks[i].end:d.toks[i+1].at]
}

// read cuts a text into a document.
func read(text string) *document {
	d := &document{text: text}
	d.cut()
	d.split()
	for i := range d.toks {
		d.toks[i].stem = stemOf(d.toks[i].word)
		d.capital += b2i(d.toks[i].is(capital))
	}
	return d
}

// small reports whether a word is written small where its text uses capitals, so that
// it is a common noun rather than a name. Scripts without capitals have no such words.
func (d *document) small(t token) bool {
	return d.capital*25 >= len(d.toks) && d.capital > 0 && d.lowercase(t)
}

// lowercase reports whether a word begins with a small letter.
func (d *document) lowercase(t token) bool {
	r, _ := utf8.DecodeRuneInString(d.text[t.at:])
	return unicode.IsLower(r)
}

// cut fills the tokens.
func (d *document) cut() {
	c := cutter{d: d, arena: make([]byte, 0, len(d.text)+16), starts: make([]int, 0, len(d.text)/5+1)}
	d.toks = make([]token, 0, len(d.text)/5+1)
	var buf [8]rune
	for i := 0; i < len(d.text); {
		if b := d.text[i]; b < utf8.RuneSelf {
			if f := spelling.ASCII[b]; f != 0 {
				c.add(rune(f), rune(b), i, i+1)
			} else if !spelling.ASCIIVanishes(b) {
				c.shut()
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(d.text[i:])
		runes, class := spelling.Fold(r, size, buf[:0])
		if class == spelling.Separates || class == spelling.Stands {
			c.shut()
		}
		for _, f := range runes {
			c.add(f, r, i, i+size)
		}
		if class == spelling.Stands {
			c.shut()
		}
		i += size
	}
	c.shut()
	c.name()
}

// cutter is the state of one cut. The arena holds the folded words; they become slices
// of it when it has stopped growing.
type cutter struct {
	d      *document
	arena  []byte
	starts []int // where each word begins in the arena
	open   bool  // a word has begun
	word   token // which is this
	seen   letters
}

// letters is what a word was seen to be made of.
type letters struct {
	latin, digits, others, small bool
	capitals                     int
}

// add puts the folded rune of src, which stands at at to end, to the word that is open.
func (c *cutter) add(r, src rune, at, end int) {
	if !c.open {
		c.begin(src, at)
	}
	c.word.end = int32(end)
	switch {
	case r >= '0' && r <= '9':
		c.seen.digits = true
	case r < utf8.RuneSelf:
		c.seen.latin, c.seen.others = true, true
	default:
		c.seen.others = true
		if unicode.In(r, unicode.Cyrillic, unicode.Greek) || !unicode.Is(unicode.Latin, r) {
			c.word.flags |= foreign
		}
	}
	if unicode.IsUpper(src) {
		c.seen.capitals++
	} else if unicode.IsLower(src) {
		c.seen.small = true
	}
	c.arena = utf8.AppendRune(c.arena, r)
}

func (c *cutter) begin(src rune, at int) {
	c.word = token{at: int32(at)}
	if unicode.IsUpper(src) {
		c.word.flags |= capital
	}
	c.starts = append(c.starts, len(c.arena))
	c.open, c.seen = true, letters{}
}

// shut ends the word that is open, if one is.
func (c *cutter) shut() {
	if !c.open {
		return
	}
	c.open = false
	switch {
	case c.seen.digits && c.seen.others:
		c.word.flags |= mixed
	case c.seen.digits:
		c.word.flags |= numeral
	}
	if c.seen.capitals >= 2 && !c.seen.small {
		c.word.flags |= shouted
	}
	if c.seen.latin && c.word.is(foreign) {
		c.word.flags |= twoScripts
		start := c.starts[len(c.starts)-1]
		c.arena = append(c.arena[:start], latinised(string(c.arena[start:]))...)
	}
	c.d.toks = append(c.d.toks, c.word)
}

// name gives each token its folded word.
func (c *cutter) name() {
	all := string(c.arena)
	for i := range c.d.toks {
		end := len(all)
		if i+1 < len(c.starts) {
			end = c.starts[i+1]
		}
		c.d.toks[i].word = all[c.starts[i]:end]
	}
}

// latinised maps the look-alike letters of a word to the Latin letters that they
// look like.
func latinised(word string) string {
	return strings.Map(func(r rune) rune {
		if l, ok := latinLook[r]; ok {
			return l
		}
		return r
	}, word)
}

var latinLook = func() map[rune]rune {
	m := make(map[rune]rune)
	for _, group := range lookAlikeGroups {
		head, _ := utf8.DecodeRuneInString(group)
		for _, r := range group {
			if _, taken := m[r]; !taken && r >= utf8.RuneSelf {
				m[r] = head
			}
		}
	}
	return m
}()

// split finds the sentences.
func (d *document) split() {
	first := 0
	for i := range d.toks {
		d.toks[i].sent = int32(len(d.sents))
		if i == first {
			d.toks[i].flags |= opens
		}
		if i+1 == len(d.toks) || d.endsSentence(i) {
			d.sents = append(d.sents, sentence{first, i + 1, int(d.toks[first].at), int(d.toks[i].end)})
			first = i + 1
		}
	}
}

var abbreviations = map[string]bool{"mr": true, "mrs": true, "ms": true, "dr": true, "st": true, "no": true, "approx": true, "ca": true, "vs": true, "prof": true, "gen": true, "col": true, "sgt": true, "lt": true}

// endsSentence reports whether the sentence of token i ends behind it.
func (d *document) endsSentence(i int) bool {
	gap, next := d.gap(i), d.toks[i+1]
	switch {
	case strings.ContainsAny(gap, "!?؟。！？।"):
		return true
	case strings.Count(gap, "\n") > 1:
		return true
	case strings.Contains(gap, "\n") && (next.is(capital) || strings.ContainsAny(gap, "-*•")):
		return true
	case strings.Contains(gap, ". ") || strings.Contains(gap, ".\n") || strings.Contains(gap, ".\"") || strings.Contains(gap, ".)"):
		return !(abbreviations[d.toks[i].word] || len(d.toks[i].word) == 1 && !d.toks[i].is(numeral)) && (next.is(capital|foreign|numeral) || strings.Contains(gap, "\n"))
	}
	return false
}
