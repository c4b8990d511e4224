package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tocsin"
	"tocsin/ledger"
)

// Stream is the ledger stream that users are folded from.
const Stream = "users"

// Kinds of its records.
const (
	userAdded     = "user_added"
	tokenReplaced = "token_replaced"
	userDisabled  = "user_disabled"
)

type added struct {
	User
	TokenHash tocsin.Digest `json:"token_hash"`
}

type replaced struct {
	ID        tocsin.ActorID `json:"id"`
	TokenHash tocsin.Digest  `json:"token_hash"`
}

type disabled struct {
	ID tocsin.ActorID `json:"id"`
}

// fold is the users as one prefix of the stream has them. It is never changed
// once it is published.
type fold struct {
	version  int // records of the stream that are in it
	accounts map[tocsin.ActorID]Account
	hashes   map[tocsin.ActorID]tocsin.Digest
	holders  map[tocsin.Digest]tocsin.ActorID // of the tokens in force
}

// Clock tells the time of what is recorded.
type Clock interface{ Now() time.Time }

// Users is who there is. It is safe for concurrent use.
type Users struct {
	store ledger.Store
	clock Clock
	now   atomic.Pointer[fold]

	mu     sync.Mutex   // held while reading and writing the ledger
	opened time.Time    // with its monotonic reading: a clock that is set back must not stop the looking
	looked atomic.Int64 // nanoseconds from opened to the last read
}

// How often the ledger is read for what other processes wrote: at most, and at
// most for tokens that nobody here knows. The second is what noise can cost.
const (
	lookEvery   = 900 * time.Millisecond
	lookUnknown = 250 * time.Millisecond
)

// Open folds the users that store has.
func Open(ctx context.Context, store ledger.Store, clock Clock) (*Users, error) {
	u := &Users{store: store, clock: clock, opened: time.Now()}
	u.now.Store(&fold{accounts: map[tocsin.ActorID]Account{}, hashes: map[tocsin.ActorID]tocsin.Digest{}, holders: map[tocsin.Digest]tocsin.ActorID{}})
	return u, u.read(ctx)
}

// read folds what the stream has beyond what is folded. The caller holds mu.
func (u *Users) read(ctx context.Context) error {
	old := u.now.Load()
	next := *old
	for r, err := range u.store.Load(ctx, Stream) {
		if err != nil {
			return fmt.Errorf("auth: read users: %w", err)
		}
		if r.Seq <= next.version {
			continue
		}
		if next.version == old.version {
			next.accounts, next.hashes, next.holders = maps.Clone(old.accounts), maps.Clone(old.hashes), maps.Clone(old.holders)
		}
		if err := next.apply(r); err != nil {
			return fmt.Errorf("auth: users, record %d: %w", r.Seq, err)
		}
		next.version = r.Seq
	}
	if next.version != old.version {
		u.now.Store(&next)
	}
	u.looked.Store(int64(time.Since(u.opened)))
	return nil
}

func (f *fold) apply(r ledger.Record) error {
	data, err := json.Marshal(r.Fields)
	if err != nil {
		return err
	}
	switch r.Kind {
	case userAdded:
		var e added
		if err := json.Unmarshal(data, &e); err != nil {
			return err
		}
		f.accounts[e.ID] = Account{User: e.User, Added: r.EntryTime}
		f.give(e.ID, e.TokenHash)
	case tokenReplaced:
		var e replaced
		if err := json.Unmarshal(data, &e); err != nil {
			return err
		}
		f.give(e.ID, e.TokenHash)
	case userDisabled:
		var e disabled
		if err := json.Unmarshal(data, &e); err != nil {
			return err
		}
		a := f.accounts[e.ID]
		a.Disabled = true
		f.accounts[e.ID] = a
		delete(f.holders, f.hashes[e.ID])
		delete(f.hashes, e.ID)
	default:
		return fmt.Errorf("unknown kind %q: was this record written by a newer version?", r.Kind)
	}
	return nil
}

func (f *fold) give(id tocsin.ActorID, hash tocsin.Digest) {
	delete(f.holders, f.hashes[id])
	f.hashes[id], f.holders[hash] = hash, id
}

// follow brings the fold up to date if the last look is older than interval.
// Without wait it leaves that to whoever is at it already.
func (u *Users) follow(ctx context.Context, interval time.Duration, wait bool) error {
	behind := func() bool { return int64(time.Since(u.opened))-u.looked.Load() >= int64(interval) }
	if !behind() {
		return nil
	}
	if wait {
		u.mu.Lock()
	} else if !u.mu.TryLock() {
		return nil
	}
	defer u.mu.Unlock()
	if !behind() {
		return nil // somebody else has looked meanwhile
	}
	return u.read(ctx)
}

// Authenticate says who holds token. The error is of kind Forbidden and code
// "token" for every reason alike: malformed, unknown, replaced, disabled.
//
// A token is found by its digest in a map, so how long it takes says nothing
// about how much of a guess was right.
func (u *Users) Authenticate(token string) (tocsin.Actor, error) {
	if !formed(token) {
		return tocsin.Actor{}, badToken()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	hash := tocsin.DigestOf([]byte(token))
	// A ledger that cannot be read now does not lock out those who were known a
	// moment ago: what they do next will meet the same ledger.
	cause := u.follow(ctx, lookEvery, false)
	if a, ok := u.now.Load().holder(hash); ok {
		return a, nil
	}
	if err := u.follow(ctx, lookUnknown, true); err != nil {
		cause = err
	}
	if a, ok := u.now.Load().holder(hash); ok {
		return a, nil
	}
	if cause != nil {
		return tocsin.Actor{}, unread(cause)
	}
	return tocsin.Actor{}, badToken()
}

func (f *fold) holder(hash tocsin.Digest) (tocsin.Actor, bool) {
	id, ok := f.holders[hash]
	return f.accounts[id].Actor(), ok
}

func badToken() error {
	return tocsin.Fault(tocsin.Forbidden, "token", "The token is not valid.", "Send a token that is in force, or have an administrator make a new one.")
}

func unread(cause error) error {
	f := tocsin.Fault(tocsin.Unavailable, "users_unreadable", "The list of users cannot be read just now.", "Try again.")
	f.Cause = cause
	return f
}

// Find returns the user with the given id as an actor; ok is false if there is
// none, or it is disabled.
func (u *Users) Find(id tocsin.ActorID) (tocsin.Actor, bool) {
	a, ok := u.now.Load().accounts[id]
	return a.Actor(), ok && !a.Disabled
}

// List lists all accounts by id, those disabled included.
func (u *Users) List() []Account {
	return slices.SortedFunc(maps.Values(u.now.Load().accounts), func(a, b Account) int { return cmp.Compare(a.ID, b.ID) })
}

// Add enters a user and returns its token, which cannot be had again. by is who
// adds it; whether they may is the caller's to check.
func (u *Users) Add(ctx context.Context, by tocsin.ActorID, user User) (token string, err error) {
	if err := user.Validate(); err != nil {
		return "", err
	}
	token, hash := newToken()
	err = u.write(ctx, by, userAdded, added{user, hash}, func(f *fold) bool { return f.holders[hash] == user.ID }, func(f *fold) error {
		if _, ok := f.accounts[user.ID]; ok {
			return tocsin.Faultf(tocsin.Refused, "user_exists", "Use another id, or rotate that user's token.", "There is already a user %s. An id is never given twice, so that the record stays plain.", user.ID)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// Rotate gives a user a new token; the old one ends at once.
func (u *Users) Rotate(ctx context.Context, by, id tocsin.ActorID) (token string, err error) {
	token, hash := newToken()
	err = u.write(ctx, by, tokenReplaced, replaced{id, hash},
		func(f *fold) bool { return f.holders[hash] == id },
		func(f *fold) error { return f.active(id) })
	if err != nil {
		return "", err
	}
	return token, nil
}

// Disable ends a user's token for good. The user stays in the record.
func (u *Users) Disable(ctx context.Context, by, id tocsin.ActorID) error {
	return u.write(ctx, by, userDisabled, disabled{id},
		func(f *fold) bool { return f.accounts[id].Disabled },
		func(f *fold) error { return f.active(id) })
}

func (f *fold) active(id tocsin.ActorID) error {
	switch a, ok := f.accounts[id]; {
	case !ok:
		return tocsin.Fault(tocsin.NotFound, "user", "There is no such user.", "Look at the list of users.")
	case a.Disabled:
		return tocsin.Faultf(tocsin.Refused, "user_disabled", "Add a new user under another id.", "The user %s is disabled, which is for good.", id)
	}
	return nil
}

// tries bounds how often a write is begun again because somebody else got in.
const tries = 20

// write appends one record after check has found nothing against it. done says
// whether the record took effect: it is asked when an append ends in an error
// that leaves that open.
func (u *Users) write(ctx context.Context, by tocsin.ActorID, kind string, data any, done func(*fold) bool, check func(*fold) error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	at := tocsin.Instant(u.clock.Now())
	r, err := ledger.NewRecord(ledger.Record{Kind: kind, EventTime: at, EntryTime: at, Actor: by, Command: "user-" + strings.ToLower(rand.Text())}, data, rand.Reader)
	if err != nil {
		return fmt.Errorf("auth: %s: %w", kind, err)
	}
	for range tries {
		if err := u.read(ctx); err != nil {
			return unread(err)
		}
		f := u.now.Load()
		if err := check(f); err != nil {
			return err
		}
		_, cause := u.store.Append(ctx, ledger.Batch{Stream: Stream, After: f.version, Records: []ledger.Record{r}})
		if errors.Is(cause, ledger.ErrConflict) {
			continue
		}
		if err := u.read(ctx); err == nil && done(u.now.Load()) {
			return nil
		}
		if cause != nil {
			return unwritten(cause)
		}
		return nil // written, and read when the ledger can be read again
	}
	return unwritten(ledger.ErrConflict)
}

func unwritten(cause error) error {
	f := tocsin.Fault(tocsin.Unavailable, "not_written", "The record could not be written.", "Look whether the user has changed, and try again if not.")
	f.Cause = cause
	return f
}
