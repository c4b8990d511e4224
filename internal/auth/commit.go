package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"tocsin"
	"tocsin/ledger"
)

// change is one record that is to be written.
type change struct {
	stream string
	kind   string
	data   any
	keys   []string // claimed for ever: who comes second is refused
}

func only(kind string, data any) []change { return []change{{Stream, kind, data, nil}} }

// tries bounds how often a write is begun again because somebody else got in.
const tries = 20

// commit writes what plan makes of the accounts as they are, in one transaction.
// plan is asked again if another process got in between; no changes is no
// error. The clock is read once.
//
// An append can end in an error that leaves it open whether it was written. Then
// the record is read, and the command's id tells.
func (u *Users) commit(ctx context.Context, by tocsin.ActorID, plan func(*fold, time.Time) ([]change, error)) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	at := tocsin.Instant(u.clock.Now())
	u.writing = "user-" + strings.ToLower(rand.Text())
	defer func() { u.writing = "" }()
	for range tries {
		if err := u.read(ctx); err != nil {
			return unread(err)
		}
		f := u.now.Load()
		changes, err := plan(f, at)
		if err != nil || len(changes) == 0 {
			return err
		}
		batches, err := u.batches(f, at, by, changes)
		if err != nil {
			return err
		}
		_, cause := u.store.Append(ctx, batches...)
		if errors.Is(cause, ledger.ErrConflict) {
			continue
		}
		if err := u.read(context.WithoutCancel(ctx)); err == nil && u.landed() {
			return nil
		}
		var held *ledger.HeldError
		switch {
		case errors.As(cause, &held):
			return usedBefore()
		case cause != nil:
			return unwritten(cause)
		}
		return nil // written, and read when the ledger can be read again
	}
	return unwritten(ledger.ErrConflict)
}

// landed reports whether the command being written was found in the record, and
// forgets it. The caller holds mu.
func (u *Users) landed() bool {
	f := u.now.Load()
	if !f.landed {
		return false
	}
	c := *f
	c.landed = false
	u.now.Store(&c)
	return true
}

// batches makes one batch for each stream.
func (u *Users) batches(f *fold, at time.Time, by tocsin.ActorID, changes []change) ([]ledger.Batch, error) {
	var out []ledger.Batch
	for _, c := range changes {
		r, err := ledger.NewRecord(ledger.Record{Kind: c.kind, EventTime: at, EntryTime: at, Actor: by, Command: u.writing}, c.data, rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("auth: %s: %w", c.kind, err)
		}
		i := slices.IndexFunc(out, func(b ledger.Batch) bool { return b.Stream == c.stream })
		if i < 0 {
			i = len(out)
			out = append(out, ledger.Batch{Stream: c.stream, After: f.versions[c.stream]})
		}
		b := &out[i]
		b.Records, b.Keys = append(b.Records, r), append(b.Keys, c.keys...)
	}
	return out, nil
}

func unwritten(cause error) error {
	f := tocsin.Fault(tocsin.Unavailable, "not_written", "The record could not be written.", "Look whether the user has changed, and try again if not.")
	f.Cause = cause
	return f
}

// uses is when tokens and sessions were last used, in this process. It is
// written into the record by Note, coarsely: not every request is an event.
type uses struct {
	mu   sync.Mutex
	at   map[tocsin.Digest]time.Time
	held map[tocsin.ActorID]time.Time
}

func (u *Users) touch(hash tocsin.Digest, at time.Time) {
	u.use.mu.Lock()
	defer u.use.mu.Unlock()
	if u.use.at == nil {
		u.use.at = map[tocsin.Digest]time.Time{}
	}
	if at.After(u.use.at[hash]) {
		u.use.at[hash] = at
	}
}

func (u *Users) seenAt(hash tocsin.Digest) time.Time {
	u.use.mu.Lock()
	defer u.use.mu.Unlock()
	return u.use.at[hash]
}

// Held notes that sign-ins to an account by password are being slowed down, for
// the record of administration. It is written by Note, at most once an hour for
// each account, so that whoever guesses cannot fill the record.
func (u *Users) Held(id tocsin.ActorID, at time.Time) {
	a, ok := u.now.Load().accounts[id]
	if !ok || at.Sub(a.SignIn.HeldAt) < time.Hour {
		return
	}
	u.use.mu.Lock()
	defer u.use.mu.Unlock()
	if u.use.held == nil {
		u.use.held = map[tocsin.ActorID]time.Time{}
	}
	u.use.held[id] = tocsin.Instant(at)
}

// noteTokens is how far the recorded last use of a token may lag behind.
const noteTokens = 24 * time.Hour

// Note writes into the record when tokens and sessions were last used, where that
// differs enough from what stands there to matter, and which accounts were held.
// A server calls it every minute or so, and when it stops. What was not noted
// before a crash is lost: then a session may lock too early, never too late.
func (u *Users) Note(ctx context.Context) error {
	u.use.mu.Lock()
	at, held := maps.Clone(u.use.at), u.use.held
	u.use.held = nil
	u.use.mu.Unlock()
	gone := map[tocsin.Digest]bool{}
	err := u.commit(ctx, machineID, func(f *fold, now time.Time) ([]change, error) {
		used, seen := map[tocsin.Digest]time.Time{}, map[string]map[tocsin.Digest]time.Time{}
		for hash, when := range at {
			if t, ok := f.tokens[hash]; ok {
				if when.Sub(t.Used) >= noteTokens {
					used[hash] = when
				}
				continue
			}
			s, ok := f.sessions[hash]
			if !ok {
				gone[hash] = true
				continue
			}
			if when.Sub(s.Seen) >= u.policy.Idle/2 && s.Locked == "" {
				stream := sessionStream(s.Began)
				if seen[stream] == nil {
					seen[stream] = map[tocsin.Digest]time.Time{}
				}
				seen[stream][hash] = when
			}
		}
		return noted(used, seen, held), nil
	})
	u.use.mu.Lock()
	defer u.use.mu.Unlock()
	for hash := range gone {
		delete(u.use.at, hash)
	}
	return err
}

func noted(used map[tocsin.Digest]time.Time, seen map[string]map[tocsin.Digest]time.Time, held map[tocsin.ActorID]time.Time) []change {
	var out []change
	if len(used) > 0 {
		out = append(out, only("tokens_used", tokensUsed{used})...)
	}
	for _, id := range sortedKeys(held) {
		out = append(out, only("sign_in_held", signInHeld{id, held[id]})...)
	}
	for _, stream := range sortedKeys(seen) {
		out = append(out, change{stream, "sessions_seen", sessionsSeen{seen[stream]}, nil})
	}
	return out
}
