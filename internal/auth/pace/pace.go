// Package pace bounds how many requests somebody makes: so many at once, and then
// so many a second. It is for programs that have gone wild and for floods, not
// for people: a limit is set where no hand comes near it.
//
// Start with New; a server asks a Limiter before it does what a request is about.
// What somebody reads and what they change are counted apart, so that a page that
// asks for itself without end cannot keep its person from acting.
//
// Memory is bounded: beyond its size a Limiter forgets who asked longest ago,
// which is forgiving them. The package has no clock: times come in as values.
package pace

import (
	"container/list"
	"sync"
	"time"
)

// Rate is how often something may happen.
type Rate struct {
	PerSecond int // in the long run
	Burst     int // at once
}

// Limits are the rates of a server. A field of zero takes its default.
type Limits struct {
	Person  Rate // of one account, whether by browser or by token, for reading and for changing each; default 100 a second, 2,000 at once
	Address Rate // of one address from which nobody is signed in; default 20 a second, 400 at once
}

func (r Rate) or(d Rate) Rate {
	if r.PerSecond <= 0 {
		r.PerSecond = d.PerSecond
	}
	if r.Burst <= 0 {
		r.Burst = d.Burst
	}
	return r
}

// Keys that are remembered at most.
const (
	maxPeople    = 20_000
	maxAddresses = 50_000
)

// Limiter counts requests. It is safe for concurrent use. A nil Limiter limits
// nothing.
type Limiter struct{ reading, changing, strangers *table }

// New makes a Limiter.
func New(l Limits) *Limiter {
	person := l.Person.or(Rate{PerSecond: 100, Burst: 2000})
	address := l.Address.or(Rate{PerSecond: 20, Burst: 400})
	return &Limiter{newTable(person, maxPeople), newTable(person, maxPeople), newTable(address, maxAddresses)}
}

// Person counts a request of somebody who is known, and returns how long they have
// to wait before the next that is not one too many; 0 if this one is not.
func (l *Limiter) Person(now time.Time, id string, changes bool) time.Duration {
	switch {
	case l == nil:
		return 0
	case changes:
		return l.changing.take(now, id)
	}
	return l.reading.take(now, id)
}

// Stranger counts a request from an address from which nobody is known.
func (l *Limiter) Stranger(now time.Time, address string) time.Duration {
	if l == nil {
		return 0
	}
	return l.strangers.take(now, address)
}

// table has for each key the time at which its allowance would be whole again
// (the generic cell rate algorithm: one number stands for a bucket of tokens).
type table struct {
	each, ahead time.Duration // between two requests; and how far whole may lie ahead
	keys        int

	mu    sync.Mutex
	known map[string]*list.Element
	order *list.List // of *allowance, who asked longest ago first
}

type allowance struct {
	key   string
	whole time.Time
}

func newTable(r Rate, keys int) *table {
	each := time.Second / time.Duration(r.PerSecond)
	return &table{each: each, ahead: each * time.Duration(r.Burst), keys: keys, known: map[string]*list.Element{}, order: list.New()}
}

func (t *table) take(now time.Time, key string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	el, ok := t.known[key]
	if !ok {
		el = t.order.PushBack(&allowance{key: key, whole: now})
		t.known[key] = el
		if len(t.known) > t.keys {
			oldest := t.order.Front()
			delete(t.known, oldest.Value.(*allowance).key)
			t.order.Remove(oldest)
		}
	}
	t.order.MoveToBack(el)
	a := el.Value.(*allowance)
	if a.whole.Before(now) {
		a.whole = now
	}
	if wait := a.whole.Add(t.each).Sub(now) - t.ahead; wait > 0 {
		return wait // not counted: whoever hammers does not thereby wait longer
	}
	a.whole = a.whole.Add(t.each)
	return 0
}
