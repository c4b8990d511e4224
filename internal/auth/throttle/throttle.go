// Package throttle slows down whoever guesses. A Table counts failures by key
// and says how long the next attempt must wait; the wait doubles with every
// failure up to a limit, and failures are forgotten with time.
//
// Start with NewTable and Take. An attempt is charged before it is made, so that
// a thousand at the same moment are a thousand failures and not one; Forgive
// takes the charge of a success back.
//
// A table's memory is bounded: beyond its size it forgets the key whose charge
// is oldest. The package has no clock: times come in as values.
package throttle

import (
	"container/list"
	"sync"
	"time"
)

// Rule says how failures become waits.
type Rule struct {
	Free   int           // failures without a wait
	First  time.Duration // the wait after the first failure beyond them; it doubles with each
	Most   time.Duration // the longest wait
	Forget time.Duration // one failure is forgotten for each of these that passes
	Keys   int           // keys remembered at most
}

// wait is how long the attempt after n failures has to wait from the last one.
func (r Rule) wait(n int) time.Duration {
	over := n - r.Free
	if over <= 0 {
		return 0
	}
	d := r.First
	for ; over > 1 && d < r.Most; over-- {
		d *= 2
	}
	return min(d, r.Most)
}

// Table counts failures by key. It is safe for concurrent use.
type Table struct {
	rule Rule

	mu    sync.Mutex
	known map[string]*list.Element
	order *list.List // of *entry, the least recently charged first
}

type entry struct {
	key      string
	failures int
	last     time.Time // of the last charge: waits are counted from it
	faded    time.Time // up to when failures have been forgotten; never before last
}

// NewTable makes an empty table.
func NewTable(r Rule) *Table {
	r.Keys = max(r.Keys, 1)
	return &Table{rule: r, known: map[string]*list.Element{}, order: list.New()}
}

// Len is the number of keys that are remembered.
func (t *Table) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.known)
}

// fade forgets what has become old, one failure at a time.
func (t *Table) fade(e *entry, now time.Time) {
	if t.rule.Forget <= 0 {
		return
	}
	n := int(now.Sub(e.faded) / t.rule.Forget)
	if n <= 0 {
		return
	}
	e.failures = max(e.failures-n, 0)
	e.faded = e.faded.Add(time.Duration(n) * t.rule.Forget)
}

// Wait is how long an attempt under key has to wait at now; 0 if it need not.
func (t *Table) Wait(now time.Time, key string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.waiting(now, key)
}

func (t *Table) waiting(now time.Time, key string) time.Duration {
	el, ok := t.known[key]
	if !ok {
		return 0
	}
	e := el.Value.(*entry)
	t.fade(e, now)
	return max(e.last.Add(t.rule.wait(e.failures)).Sub(now), 0)
}

// Take charges an attempt under key, if it need not wait, and returns how long
// it has to. An attempt that has to wait is not charged: somebody who hammers
// does not thereby make the wait longer for whoever the key belongs to.
func (t *Table) Take(now time.Time, key string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if left := t.waiting(now, key); left > 0 {
		return left
	}
	el, ok := t.known[key]
	if !ok {
		el = t.order.PushBack(&entry{key: key})
		t.known[key] = el
		t.bound()
	}
	e := el.Value.(*entry)
	e.failures++
	e.last, e.faded = now, now
	t.order.MoveToBack(el)
	return 0
}

func (t *Table) bound() {
	for len(t.known) > t.rule.Keys {
		oldest := t.order.Front()
		delete(t.known, oldest.Value.(*entry).key)
		t.order.Remove(oldest)
	}
}

// Forgive takes one charge back, of an attempt that was no failure.
func (t *Table) Forgive(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	el, ok := t.known[key]
	if !ok {
		return
	}
	if e := el.Value.(*entry); e.failures > 1 {
		e.failures--
		return
	}
	t.remove(el)
}

// Clear forgets all failures under key.
func (t *Table) Clear(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if el, ok := t.known[key]; ok {
		t.remove(el)
	}
}

func (t *Table) remove(el *list.Element) {
	delete(t.known, el.Value.(*entry).key)
	t.order.Remove(el)
}
