// Package refusals writes into the operator's log whom the doors have refused:
// sign-ins that failed, tokens that are not good, roles that are wanting, forms
// that another site has sent, requests beyond the limits.
//
// Start with New, and call Log.Add wherever something is refused. The first of
// its kind is written at once. Those that follow are counted and written as one
// line every ten minutes, by Flush, which a server calls every minute and when it
// stops. So whoever guesses ten thousand times fills a few lines and not the
// disk, and an operator sees both that it began and how much it was.
//
// A line never holds what was typed: no password, no code, no token, no name that
// nobody here has (people type their password where their name belongs), and no
// id of a case or report, of which a sealed one must not be known to exist.
package refusals

import (
	"cmp"
	"log/slog"
	"slices"
	"sync"
	"time"

	"tocsin"
)

// What was refused.
type What string

// The kinds of refusals. docs/log.md says what each means to an operator.
const (
	SignIn  What = "sign_in" // somebody did not show who they are
	Token   What = "token"   // a request to the interface, with a token that is not good or with none
	Role    What = "role"    // somebody who is known asked for what they have no right to
	Forged  What = "forged"  // a form that another site sent, or that does not say where it comes from
	TooFast What = "too_fast"
)

// Refusal is one thing that was refused. What is empty is left out of the line.
type Refusal struct {
	What    What
	User    tocsin.ActorID // whose account it is about; only of accounts that there are
	Address string         // where it came from
	Method  string         // how somebody tried to sign in
	Route   string         // the pattern of the path, without what was filled in
	Code    string         // the error's
}

// key is by whom repetitions are told apart. An account is one key from wherever
// it is tried, so that a thousand addresses do not make a thousand lines.
func (r Refusal) key() Refusal {
	if r.User != "" {
		r.Address = ""
	}
	return r
}

// Bounds of what is told apart, and how often one of them is written. Refusals of
// people who are known are counted apart from those of strangers, whose many
// addresses must not drown them.
const (
	every   = 10 * time.Minute
	maxKeys = 500
)

type count struct {
	last  Refusal   // with its address
	since time.Time // the first that is counted
	wrote time.Time
	n     int
}

// Log writes refusals. It is safe for concurrent use. A nil Log writes nothing.
type Log struct {
	log *slog.Logger

	mu        sync.Mutex
	people    map[Refusal]*count
	strangers map[Refusal]*count
}

// New makes a Log that writes to log.
func New(log *slog.Logger) *Log {
	return &Log{log: log, people: map[Refusal]*count{}, strangers: map[Refusal]*count{}}
}

// Add notes a refusal of now.
func (l *Log) Add(now time.Time, r Refusal) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.strangers
	if r.User != "" {
		known = l.people
	}
	c, ok := known[r.key()]
	if !ok && len(known) >= maxKeys {
		r = Refusal{What: r.What, Code: "many"} // from more sides than are told apart
		c, ok = known[r]
	}
	if !ok {
		known[r.key()] = &count{wrote: now}
		l.write(r, 1, now)
		return
	}
	if c.n == 0 {
		c.since = now
	}
	c.n++
	c.last = r
}

// Flush writes what has been counted for ten minutes, and forgets what has been
// quiet for as long.
func (l *Log) Flush(now time.Time) { l.flush(now, every) }

// Close writes everything that is counted.
func (l *Log) Close(now time.Time) { l.flush(now, 0) }

func (l *Log) flush(now time.Time, after time.Duration) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var due []*count
	for _, known := range []map[Refusal]*count{l.people, l.strangers} {
		for key, c := range known {
			switch {
			case now.Sub(c.wrote) < after:
			case c.n == 0:
				delete(known, key)
			default:
				due = append(due, c)
			}
		}
	}
	slices.SortFunc(due, func(a, b *count) int { return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.last.User, b.last.User)) })
	for _, c := range due {
		l.write(c.last, c.n, c.since)
		c.n, c.wrote = 0, now
	}
}

func (l *Log) write(r Refusal, n int, since time.Time) {
	attrs := []any{"what", string(r.What)}
	for _, a := range []struct{ name, value string }{{"user", string(r.User)}, {"address", r.Address}, {"method", r.Method}, {"route", r.Route}, {"code", r.Code}} {
		if a.value != "" {
			attrs = append(attrs, a.name, a.value)
		}
	}
	l.log.Warn("refused", append(attrs, "times", n, "since", since.UTC().Format(time.RFC3339))...)
}
