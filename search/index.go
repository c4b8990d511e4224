package search

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"slices"
	"strings"
)

// Slot names a text in an index. Slots are given in order and never again.
type Slot uint32

// Index holds texts by their words. What is removed leaves nothing of itself: no
// word that only it had, and no place of one that others have, so that no query can
// tell, by its answer or by the work that it makes, that it was ever there.
//
// Each text has a stretch of positions, one for each word, and the places of a word
// are a list of positions. One list thus says both which texts hold the word and
// what stands beside it. It is not safe for concurrent use; its owner locks. The
// zero Index is empty and ready to use.
type Index struct {
	terms  map[string]*term
	sorted [][]*term // the same in order, in runs, for beginnings of words
	blocks []Slot    // the text that each block of positions belongs to
	texts  []stretch
}

// A text begins at a block of positions, so that a position leads to its text in
// one step.
const (
	blockBits = 6
	blockSize = 1 << blockBits
)

// stretch are the positions of a text; it is empty for one that was removed.
type stretch struct{ from, to uint32 }

type term struct {
	word string
	runs []run
}

// run is a part of the places of a word: the first, and the steps to the others. A
// place is taken out by making its run anew, so runs are short.
type run struct {
	first, last uint32
	steps       []byte // unsigned varints
}

const (
	runBytes  = 2048
	sortedRun = 512
)

// Add takes a text in and names it.
func (x *Index) Add(fields ...string) Slot {
	if x.terms == nil {
		x.terms = map[string]*term{}
	}
	slot := Slot(len(x.texts))
	from := uint32(len(x.blocks)) << blockBits
	at := from
	for _, f := range fields {
		eachWord(f, func(word []byte, _, _ int) {
			t := x.terms[string(word)]
			if t == nil {
				t = x.enter(string(word))
			}
			t.add(at)
			at++
		})
		at++ // words in a row are of one field
	}
	for len(x.blocks)<<blockBits < int(at) {
		x.blocks = append(x.blocks, slot)
	}
	x.texts = append(x.texts, stretch{from, at})
	return slot
}

// Remove takes out a text. It must be given the fields that were added.
func (x *Index) Remove(slot Slot, fields ...string) {
	s := x.texts[slot]
	x.texts[slot] = stretch{}
	for _, f := range fields {
		eachWord(f, func(word []byte, _, _ int) {
			t := x.terms[string(word)]
			if t == nil {
				return // the word stands there more than once
			}
			if t.cut(s); len(t.runs) == 0 {
				x.leave(t)
			}
		})
	}
}

// Len is how many texts there are.
func (x *Index) Len() int {
	n := 0
	for _, s := range x.texts {
		if s.to > s.from {
			n++
		}
	}
	return n
}

// Words lists the words that there are, in order.
func (x *Index) Words() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, r := range x.sorted {
			for _, t := range r {
				if !yield(t.word) {
					return
				}
			}
		}
	}
}

func byWord(t *term, word string) int { return strings.Compare(t.word, word) }

// place finds where a word stands in the order, or would.
func (x *Index) place(word string) (run, at int) {
	run, _ = slices.BinarySearchFunc(x.sorted, word, func(r []*term, w string) int { return strings.Compare(r[len(r)-1].word, w) })
	if run == len(x.sorted) {
		return run, 0
	}
	at, _ = slices.BinarySearchFunc(x.sorted[run], word, byWord)
	return run, at
}

// enter makes a new word.
func (x *Index) enter(word string) *term {
	t := &term{word: word}
	x.terms[word] = t
	i, at := x.place(word)
	switch {
	case len(x.sorted) == 0:
		x.sorted = [][]*term{{t}}
		return t
	case i == len(x.sorted): // behind all others
		i, at = i-1, len(x.sorted[i-1])
	}
	r := slices.Insert(x.sorted[i], at, t)
	x.sorted[i] = r
	if len(r) > sortedRun {
		half := len(r) / 2
		x.sorted[i] = slices.Clone(r[:half])
		x.sorted = slices.Insert(x.sorted, i+1, slices.Clone(r[half:]))
	}
	return t
}

// leave forgets a word that stands nowhere any more.
func (x *Index) leave(t *term) {
	delete(x.terms, t.word)
	i, at := x.place(t.word)
	if x.sorted[i] = slices.Delete(x.sorted[i], at, at+1); len(x.sorted[i]) == 0 {
		x.sorted = slices.Delete(x.sorted, i, i+1)
	}
}

// add enters a place behind all others.
func (t *term) add(at uint32) {
	if n := len(t.runs); n > 0 && len(t.runs[n-1].steps) < runBytes {
		r := &t.runs[n-1]
		r.steps = binary.AppendUvarint(r.steps, uint64(at-r.last))
		r.last = at
		return
	}
	t.runs = append(t.runs, run{first: at, last: at})
}

// cut takes out the places within s.
func (t *term) cut(s stretch) {
	for i := 0; i < len(t.runs); i++ {
		r := t.runs[i]
		if r.last < s.from || r.first >= s.to {
			continue
		}
		var left term
		for at := range r.places {
			if at < s.from || at >= s.to {
				left.add(at)
			}
		}
		t.runs = slices.Replace(t.runs, i, i+1, left.runs...)
		i += len(left.runs) - 1
	}
}

// places lists a run's places in order.
func (r run) places(yield func(uint32) bool) {
	at := r.first
	if !yield(at) {
		return
	}
	for b := r.steps; len(b) > 0; {
		step, n := uint32(b[0]), 1
		if step >= 0x80 {
			step, n = long(b)
		}
		at, b = at+step, b[n:]
		if !yield(at) {
			return
		}
	}
}

// Set are texts of an index.
type Set []uint64

// Has reports whether a text is in the set.
func (s Set) Has(t Slot) bool { return s[t>>6]>>(t&63)&1 == 1 }

func (s Set) put(t Slot) { s[t>>6] |= 1 << (t & 63) }

// Backward lists the texts, the newest first.
func (s Set) Backward(yield func(Slot) bool) {
	for i := len(s) - 1; i >= 0; i-- {
		for w := s[i]; w != 0; {
			b := bits.Len64(w) - 1
			if !yield(Slot(i<<6 + b)) {
				return
			}
			w &^= 1 << b
		}
	}
}

// Find lists the texts that hold every part of a query.
func (x *Index) Find(q Query) Set {
	all := x.none()
	for i, p := range q.parts {
		one := x.none()
		if len(p.words) == 1 {
			for _, t := range x.fitting(p.words[0], p.open) {
				x.mark(one, t)
			}
		} else {
			for _, at := range x.inARow(p) {
				one.put(x.blocks[at>>blockBits])
			}
		}
		for j := range all {
			if i == 0 {
				all[j] = one[j]
			} else {
				all[j] &= one[j]
			}
		}
	}
	return all
}

func (x *Index) none() Set { return make(Set, (len(x.texts)+63)/64) }

// mark puts the texts that hold a word into a set.
func (x *Index) mark(s Set, t *term) {
	last := ^uint32(0)
	for _, r := range t.runs {
		at := r.first
		for b := r.steps; ; {
			if block := at >> blockBits; block != last {
				s.put(x.blocks[block])
				last = block
			}
			if len(b) == 0 {
				break
			}
			step, n := uint32(b[0]), 1
			if step >= 0x80 {
				step, n = long(b)
			}
			at, b = at+step, b[n:]
		}
	}
}

// long reads a step of several bytes.
func long(b []byte) (uint32, int) {
	step, n := binary.Uvarint(b)
	return uint32(step), n
}

// fitting lists the words that are word, or with open those that begin with it.
func (x *Index) fitting(word string, open bool) []*term {
	if !open {
		if t := x.terms[word]; t != nil {
			return []*term{t}
		}
		return nil
	}
	var out []*term
	for i, at := x.place(word); i < len(x.sorted); i, at = i+1, 0 {
		for _, t := range x.sorted[i][at:] {
			if !strings.HasPrefix(t.word, word) {
				return out
			}
			out = append(out, t)
		}
	}
	return out
}

// inARow lists where the words of a part stand one behind the other: the place of
// the first.
func (x *Index) inARow(p part) []uint32 {
	var begun []uint32
	for i, w := range p.words {
		var here []uint32
		for _, t := range x.fitting(w, p.open && i == len(p.words)-1) {
			for _, r := range t.runs {
				here = slices.AppendSeq(here, r.places)
			}
		}
		if i == len(p.words)-1 && p.open {
			slices.Sort(here)
		}
		if i == 0 {
			begun = here
		} else {
			begun = behind(begun, here, uint32(i))
		}
	}
	return begun
}

// behind keeps those of begun that have one of here n places behind them.
func behind(begun, here []uint32, n uint32) []uint32 {
	out := begun[:0]
	j := 0
	for _, at := range begun {
		for j < len(here) && here[j] < at+n {
			j++
		}
		if j < len(here) && here[j] == at+n {
			out = append(out, at)
		}
	}
	return out
}
