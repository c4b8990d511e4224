package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tocsin"
	"tocsin/internal/auth/password"
	"tocsin/ledger"
)

// Stream is the ledger stream that accounts are folded from: the record of
// administration. Sessions have streams of their own; see Session.
const Stream = "users"

// The records of accounts and tokens. A kind never changes its meaning.
type (
	userAdded struct {
		User
		TokenHash tocsin.Digest `json:"token_hash,omitempty"` // absent: without a token
	}
	tokenReplaced struct {
		ID        tocsin.ActorID `json:"id"`
		TokenHash tocsin.Digest  `json:"token_hash"`
	}
	userDisabled struct {
		ID tocsin.ActorID `json:"id"`
	}
	rolesSet struct {
		ID        tocsin.ActorID     `json:"id"`
		Roles     []tocsin.Role      `json:"roles"`
		Handles   []string           `json:"handles,omitempty"`
		Recipient tocsin.RecipientID `json:"recipient,omitempty"`
		Why       string             `json:"why"`
	}
	tokenMade struct {
		Token
		TokenHash tocsin.Digest `json:"token_hash"`
	}
	tokenRevoked struct {
		User  tocsin.ActorID `json:"user"`
		Token string         `json:"token"`
	}
	tokensUsed struct {
		Used map[tocsin.Digest]time.Time `json:"used"`
	}
	signInHeld struct {
		ID tocsin.ActorID `json:"id"`
		At time.Time      `json:"at"`
	}
)

// mainToken is the id of the one token that Add makes and Rotate replaces.
const mainToken = "main"

// account is all that is known of one user.
type account struct {
	Account
	rights   int // counts what changed the person's rights
	password string
	link     link
	totp     string
	recovery []tocsin.Digest
	handle   []byte // by which an authenticator knows the account
	passkeys []Passkey
	subjects []Subject
}

// fold is the accounts as one prefix of the record has them. It is never changed
// once it is published.
type fold struct {
	next     int64          // position of the first record that is not in it
	versions map[string]int // records that are in it, of each stream that counts
	accounts map[tocsin.ActorID]account
	tokens   map[tocsin.Digest]Token // in force, or expired
	sessions map[tocsin.Digest]Session
	places   map[tocsin.ActorID][]string
	grants   map[string]Grant
	landed   bool // the command that is being written is in it
}

func (f *fold) clone() *fold {
	c := *f
	c.versions, c.accounts, c.tokens = maps.Clone(f.versions), maps.Clone(f.accounts), maps.Clone(f.tokens)
	c.sessions, c.places, c.grants = maps.Clone(f.sessions), maps.Clone(f.places), maps.Clone(f.grants)
	return &c
}

// Clock tells the time of what is recorded.
type Clock interface{ Now() time.Time }

// Users is who there is. It is safe for concurrent use.
type Users struct {
	store  ledger.Store
	clock  Clock
	key    *Key
	hasher *password.Hasher
	policy SessionPolicy
	words  []string // that no password may be made of, beside a person's own
	now    atomic.Pointer[fold]

	mu      sync.Mutex   // held while reading and writing the ledger
	writing string       // id of the command that is being written
	opened  time.Time    // with its monotonic reading: a clock that is set back must not stop the looking
	looked  atomic.Int64 // nanoseconds from opened to the last read

	use uses
}

// How often the ledger is read for what other processes wrote: at most, and at
// most for tokens that nobody here knows. The second is what noise can cost.
const (
	lookEvery   = 900 * time.Millisecond
	lookUnknown = 250 * time.Millisecond
)

// Option changes how accounts are opened.
type Option func(*Users)

// WithKey gives the key under which secrets are sealed. Without it there are
// tokens and passkeys, and no passwords or one-time codes.
func WithKey(k *Key) Option { return func(u *Users) { u.key = k } }

// WithHasher gives the hasher of passwords; by default one with the recommended
// costs that runs two at a time.
func WithHasher(h *password.Hasher) Option { return func(u *Users) { u.hasher = h } }

// WithWords gives names of the organisation, of its machines and its domain: no
// password may be made of their words.
func WithWords(texts ...string) Option {
	return func(u *Users) { u.words = append(u.words, texts...) }
}

// WithSessions sets how long people stay signed in.
func WithSessions(p SessionPolicy) Option { return func(u *Users) { u.policy = p.filled() } }

// Open folds the accounts that store has.
func Open(ctx context.Context, store ledger.Store, clock Clock, opts ...Option) (*Users, error) {
	u := &Users{store: store, clock: clock, opened: time.Now(), policy: SessionPolicy{}.filled()}
	for _, opt := range opts {
		opt(u)
	}
	if u.hasher == nil {
		var err error
		if u.hasher, err = password.NewHasher(password.Recommended, 2); err != nil {
			return nil, err
		}
	}
	size, err := store.Log().Size(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth: size of the record: %w", err)
	}
	f := &fold{next: size, versions: map[string]int{}, accounts: map[tocsin.ActorID]account{}, tokens: map[tocsin.Digest]Token{},
		sessions: map[tocsin.Digest]Session{}, places: map[tocsin.ActorID][]string{}, grants: map[string]Grant{}}
	streams := []string{Stream}
	for day := clock.Now().Add(-maxLife); !day.After(clock.Now().Add(24 * time.Hour)); day = day.Add(24 * time.Hour) {
		streams = append(streams, sessionStream(day))
	}
	for _, stream := range streams {
		for r, err := range store.Load(ctx, stream) {
			if err != nil {
				return nil, fmt.Errorf("auth: read %s: %w", stream, err)
			}
			if err := f.apply(r); err != nil {
				return nil, err
			}
		}
	}
	u.now.Store(f)
	u.looked.Store(int64(time.Since(u.opened)))
	return u, nil
}

// read folds what the record has beyond what is folded. What was read before an
// error counts. The caller holds mu.
func (u *Users) read(ctx context.Context) error {
	next, changed := u.now.Load(), false
	var fault error
	for r, err := range u.store.Since(ctx, next.next) {
		if err != nil {
			fault = fmt.Errorf("auth: read accounts: %w", err)
			break
		}
		if !changed {
			changed, next = true, next.clone()
		}
		if r.Stream == Stream || strings.HasPrefix(r.Stream, sessionsPrefix) {
			if err := next.apply(r); err != nil {
				fault = err
				break
			}
			next.landed = next.landed || u.writing != "" && r.Command == u.writing
		}
		next.next = r.Position + 1
	}
	if changed {
		u.now.Store(next)
	}
	if fault == nil {
		u.looked.Store(int64(time.Since(u.opened)))
	}
	return fault
}

// apply folds one record, once.
func (f *fold) apply(r ledger.Record) error {
	if r.Seq <= f.versions[r.Stream] {
		return nil
	}
	var err error
	if r.Stream == Stream {
		err = f.applyUser(r)
	} else {
		f.forget(r.EntryTime)
		err = f.applySession(r)
	}
	if err != nil {
		return fmt.Errorf("auth: %s, record %d: %w", r.Stream, r.Seq, err)
	}
	f.versions[r.Stream] = r.Seq
	return nil
}

// forget drops the sessions that have ended by now, and the days they were of.
func (f *fold) forget(now time.Time) {
	for hash, s := range f.sessions {
		if s.Ends.Before(now) || !s.until.IsZero() && s.until.Before(now) {
			delete(f.sessions, hash)
		}
	}
}

func (f *fold) applyUser(r ledger.Record) error {
	switch r.Kind {
	case "user_added":
		return with(r, func(e userAdded) {
			f.accounts[e.ID] = account{Account: Account{User: e.User, Added: r.EntryTime}}
			f.give(e.ID, e.TokenHash, r.EntryTime)
		})
	case "token_replaced":
		return with(r, func(e tokenReplaced) { f.give(e.ID, e.TokenHash, r.EntryTime) })
	case "user_disabled":
		return with(r, func(e userDisabled) {
			f.change(e.ID, func(a *account) { a.Disabled = true })
			maps.DeleteFunc(f.tokens, func(_ tocsin.Digest, t Token) bool { return t.User == e.ID })
			maps.DeleteFunc(f.sessions, func(_ tocsin.Digest, s Session) bool { return s.User == e.ID })
		})
	case "user_roles_set":
		return with(r, func(e rolesSet) {
			f.change(e.ID, func(a *account) {
				a.Roles, a.Handles, a.Recipient, a.rights = e.Roles, e.Handles, e.Recipient, a.rights+1
			})
		})
	case "token_made":
		return with(r, func(e tokenMade) { f.tokens[e.TokenHash] = e.Token })
	case "token_revoked":
		return with(r, func(e tokenRevoked) {
			maps.DeleteFunc(f.tokens, func(_ tocsin.Digest, t Token) bool { return t.User == e.User && t.ID == e.Token })
		})
	case "tokens_used":
		return with(r, func(e tokensUsed) {
			for hash, at := range e.Used {
				if t, ok := f.tokens[hash]; ok && at.After(t.Used) {
					t.Used = at
					f.tokens[hash] = t
				}
			}
		})
	case "sign_in_held":
		return with(r, func(e signInHeld) { f.change(e.ID, func(a *account) { a.SignIn.HeldAt = e.At }) })
	}
	if known, err := f.applyCredential(r); known {
		return err
	}
	return f.applyGlass(r)
}

// with reads the data of a record and hands it on.
func with[T any](r ledger.Record, apply func(T)) error {
	data, err := json.Marshal(r.Fields)
	if err != nil {
		return err
	}
	var e T
	if err := json.Unmarshal(data, &e); err != nil {
		return err
	}
	apply(e)
	return nil
}

func newer(kind string) error {
	return fmt.Errorf("unknown kind %q: was this record written by a newer version?", kind)
}

func (f *fold) change(id tocsin.ActorID, how func(*account)) {
	if a, ok := f.accounts[id]; ok {
		how(&a)
		f.accounts[id] = a
	}
}

// give makes hash the user's main token.
func (f *fold) give(id tocsin.ActorID, hash tocsin.Digest, at time.Time) {
	maps.DeleteFunc(f.tokens, func(_ tocsin.Digest, t Token) bool { return t.User == id && t.ID == mainToken })
	if hash != "" {
		f.tokens[hash] = Token{ID: mainToken, User: id, Made: at}
	}
}

// actor is a user with the roles they have at a moment.
func (f *fold) actor(id tocsin.ActorID, at time.Time) tocsin.Actor {
	a := f.accounts[id]
	out := a.Actor()
	if g, ok := f.glass(id, at); ok && !slices.Contains(out.Roles, g.Role) {
		out.Roles = append(out.Roles, g.Role)
	}
	return out
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

// Follow reads what other processes wrote, without waiting for the next look.
func (u *Users) Follow(ctx context.Context) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.read(ctx)
}

// Authenticate says who holds token. The error is of kind Forbidden and code
// "token" for every reason alike: malformed, unknown, replaced, expired, disabled.
func (u *Users) Authenticate(token string) (tocsin.Actor, error) {
	p, err := u.Identify(token)
	return p.Actor, err
}

// Identify is Authenticate, with what the token is good for.
//
// A token is found by its digest in a map, so how long it takes says nothing
// about how much of a guess was right.
func (u *Users) Identify(token string) (Principal, error) {
	if !formed(token, prefix) {
		return Principal{}, badToken()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	hash := tocsin.DigestOf([]byte(token))
	// A ledger that cannot be read now does not lock out those who were known a
	// moment ago: what they do next will meet the same ledger.
	cause := u.follow(ctx, lookEvery, false)
	if p, ok := u.holder(hash); ok {
		return p, nil
	}
	if err := u.follow(ctx, lookUnknown, true); err != nil {
		cause = err
	}
	if p, ok := u.holder(hash); ok {
		return p, nil
	}
	if cause != nil {
		return Principal{}, unread(cause)
	}
	return Principal{}, badToken()
}

func (u *Users) holder(hash tocsin.Digest) (Principal, bool) {
	f, now := u.now.Load(), tocsin.Instant(u.clock.Now())
	t, ok := f.tokens[hash]
	if !ok || !t.Expires.IsZero() && !now.Before(t.Expires) {
		return Principal{}, false
	}
	u.touch(hash, now)
	return Principal{f.actor(t.User, now), t}, true
}

func badToken() error {
	return tocsin.Fault(tocsin.Forbidden, "token", "The token is not valid.", "Send a token that is in force, or have an administrator make a new one.")
}

func unread(cause error) error {
	f := tocsin.Fault(tocsin.Unavailable, "users_unreadable", "The list of users cannot be read just now.", "Try again.")
	f.Cause = cause
	return f
}

// Find returns the user with the given id as an actor, with the roles of this
// moment; ok is false if there is none, or it is disabled.
func (u *Users) Find(id tocsin.ActorID) (tocsin.Actor, bool) {
	f := u.now.Load()
	a, ok := f.accounts[id]
	return f.actor(id, tocsin.Instant(u.clock.Now())), ok && !a.Disabled
}

// Account returns one account; ok is false if there is none.
func (u *Users) Account(id tocsin.ActorID) (Account, bool) {
	f := u.now.Load()
	_, ok := f.accounts[id]
	return f.shown(id, tocsin.Instant(u.clock.Now())), ok
}

// List lists all accounts by id, those disabled included.
func (u *Users) List() []Account {
	f, now := u.now.Load(), tocsin.Instant(u.clock.Now())
	out := make([]Account, 0, len(f.accounts))
	for id := range f.accounts {
		out = append(out, f.shown(id, now))
	}
	slices.SortFunc(out, func(a, b Account) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// shown is an account as others may see it: without secrets, sealed or not.
func (f *fold) shown(id tocsin.ActorID, at time.Time) Account {
	a := f.accounts[id]
	out := a.Account
	out.Roles, out.Handles = slices.Clone(a.Roles), slices.Clone(a.Handles)
	out.SignIn = SignIn{a.password != "", a.totp != "", len(a.passkeys), len(a.recovery), len(a.subjects), a.SignIn.HeldAt}
	if g, ok := f.glass(id, at); ok {
		out.Glass = &g
	}
	return out
}

// Administered reports whether there is anybody who can administer accounts.
func (u *Users) Administered() bool { return u.now.Load().administered() }

func (f *fold) administered() bool {
	for _, a := range f.accounts {
		if !a.Disabled && slices.Contains(a.Roles, tocsin.Administrator) {
			return true
		}
	}
	return false
}

// SignsIn reports whether anybody can sign in by themselves, with a password, a
// passkey or an identity elsewhere: whether the door is in use.
func (u *Users) SignsIn() bool {
	for _, a := range u.now.Load().accounts {
		if !a.Disabled && (a.password != "" || len(a.passkeys) > 0 || len(a.subjects) > 0) {
			return true
		}
	}
	return false
}

// Add enters a user and returns its token, which cannot be had again. by is who
// adds it; whether they may is the caller's to check.
func (u *Users) Add(ctx context.Context, by tocsin.ActorID, user User) (token string, err error) {
	token, hash := newToken()
	if err := u.enter(ctx, by, userAdded{user, hash}); err != nil {
		return "", err
	}
	return token, nil
}

// Enrol enters a user without a token: one who signs in.
func (u *Users) Enrol(ctx context.Context, by tocsin.ActorID, user User) error {
	return u.enter(ctx, by, userAdded{User: user})
}

func (u *Users) enter(ctx context.Context, by tocsin.ActorID, e userAdded) error {
	if err := e.User.Validate(); err != nil {
		return err
	}
	return u.commit(ctx, by, func(f *fold, _ time.Time) ([]change, error) {
		if _, ok := f.accounts[e.ID]; ok {
			return nil, tocsin.Faultf(tocsin.Refused, "user_exists", "Use another id, or rotate that user's token.", "There is already a user %s. An id is never given twice, so that the record stays plain.", e.ID)
		}
		return only("user_added", e), nil
	})
}

// Rotate gives a user a new main token; the old one ends at once. Tokens with
// scopes are not touched.
func (u *Users) Rotate(ctx context.Context, by, id tocsin.ActorID) (token string, err error) {
	token, hash := newToken()
	if err := u.onActive(ctx, by, id, "token_replaced", tokenReplaced{id, hash}); err != nil {
		return "", err
	}
	return token, nil
}

// Disable ends a user's access for good: tokens and sessions end at once. The
// user stays in the record.
func (u *Users) Disable(ctx context.Context, by, id tocsin.ActorID) error {
	return u.onActive(ctx, by, id, "user_disabled", userDisabled{id})
}

// SetRoles gives a user other roles, with the origins they handle and the
// recipient they act for. It counts from the next request on, in sessions too.
func (u *Users) SetRoles(ctx context.Context, by, id tocsin.ActorID, roles []tocsin.Role, handles []string, recipient tocsin.RecipientID, why string) error {
	if !readable(why) {
		return tocsin.Fault(tocsin.Invalid, "why", "The reason is missing or too long.", "Say on one line why the roles change.")
	}
	if err := (User{ID: id, Name: string(id), Roles: roles, Handles: handles, Recipient: recipient}).Validate(); err != nil {
		return err
	}
	return u.onActive(ctx, by, id, "user_roles_set", rolesSet{id, roles, handles, recipient, why})
}

// MakeToken makes a token with scopes for a user. It cannot be had again.
func (u *Users) MakeToken(ctx context.Context, by tocsin.ActorID, r TokenRequest) (secret string, t Token, err error) {
	if err := r.validate(); err != nil {
		return "", Token{}, err
	}
	secret, hash := newToken()
	t = Token{ID: "t-" + strings.ToLower(rand.Text()[:12]), User: r.User, Name: r.Name, Scopes: slices.Clone(r.Scopes)}
	err = u.commit(ctx, by, func(f *fold, at time.Time) ([]change, error) {
		if err := f.active(r.User); err != nil {
			return nil, err
		}
		t.Made, t.Expires = at, at.Add(r.Life)
		return only("token_made", tokenMade{t, hash}), nil
	})
	if err != nil {
		return "", Token{}, err
	}
	return secret, t, nil
}

// RevokeToken ends one token of a user; the main one is called "main".
func (u *Users) RevokeToken(ctx context.Context, by, id tocsin.ActorID, token string) error {
	return u.commit(ctx, by, func(f *fold, _ time.Time) ([]change, error) {
		for _, t := range f.tokens {
			if t.User == id && t.ID == token {
				return only("token_revoked", tokenRevoked{id, token}), nil
			}
		}
		return nil, tocsin.Fault(tocsin.NotFound, "no_such_token", "There is no such token in force.", "Look at the list of tokens.")
	})
}

// Tokens lists the tokens that have not been revoked, of one user or of all for "".
func (u *Users) Tokens(user tocsin.ActorID) []Token {
	var out []Token
	for hash, t := range u.now.Load().tokens {
		if user == "" || t.User == user {
			if at := u.seenAt(hash); at.After(t.Used) {
				t.Used = at
			}
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b Token) int {
		return cmp.Or(cmp.Compare(a.User, b.User), a.Made.Compare(b.Made), cmp.Compare(a.ID, b.ID))
	})
	return out
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

// onActive writes one record about a user who is there and not disabled.
func (u *Users) onActive(ctx context.Context, by, id tocsin.ActorID, kind string, data any) error {
	return u.commit(ctx, by, func(f *fold, _ time.Time) ([]change, error) {
		if err := f.active(id); err != nil {
			return nil, err
		}
		return only(kind, data), nil
	})
}
