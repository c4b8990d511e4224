package auth

import (
	"context"
	"crypto/rand"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/ledger"
)

// SessionPolicy is how long somebody stays signed in. A field of zero takes its
// default.
type SessionPolicy struct {
	Idle time.Duration // without a request, until it locks; default 15 minutes
	Life time.Duration // in all, however often it is unlocked; default 12 hours, at most 7 days
}

const (
	maxLife     = 7 * 24 * time.Hour
	maxSessions = 20               // of one person; the oldest ends
	maxPlaces   = 16               // networks remembered of one person
	renewGrace  = 10 * time.Second // in which requests that were under way still find a renewed session
)

func (p SessionPolicy) filled() SessionPolicy {
	if p.Idle <= 0 {
		p.Idle = 15 * time.Minute
	}
	if p.Life <= 0 || p.Life > maxLife {
		p.Life = 12 * time.Hour
	}
	return p
}

// Method is a way in which somebody has shown who they are.
type Method string

// The methods.
const (
	ByPassword Method = "password"
	ByTOTP     Method = "totp"
	ByRecovery Method = "recovery_code"
	ByPasskey  Method = "passkey"
	ByOIDC     Method = "oidc"
	BySetUp    Method = "set_up"
)

// Why a session is locked.
const (
	LockIdle    = "idle"    // nothing was asked for too long
	LockNetwork = "network" // it was used from another network
	LockAgent   = "agent"   // it was used by another kind of program
)

// Place is the coarse fingerprint of where a session is used. It is coarse on
// purpose: a browser that updates itself, or an address that changes within the
// building, is the same place.
type Place struct {
	Network string `json:"network"` // the first 24 bits of an IPv4 address, 48 of an IPv6 one
	Agent   string `json:"agent"`   // family of the browser and of the system
}

// PlaceOf makes the fingerprint of an address and a User-Agent header.
func PlaceOf(address netip.Addr, agent string) Place {
	return Place{Network(address), Family(agent)}
}

// Network is the network of an address, such as 192.0.2.0/24 or 2001:db8:1::/48.
// An address that is none gives "unknown".
func Network(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	bits := 24
	if a.Is6() {
		bits = 48
	}
	p, err := a.Prefix(bits)
	if err != nil || !a.IsValid() {
		return "unknown"
	}
	return p.String()
}

// families are looked for in this order, because most browsers name others.
var families = [][2]string{{"edg", "edge"}, {"opr/", "opera"}, {"firefox", "firefox"}, {"fxios", "firefox"}, {"chrome", "chrome"},
	{"crios", "chrome"}, {"chromium", "chrome"}, {"safari", "safari"}, {"curl", "curl"}}

var systems = [][2]string{{"android", "android"}, {"iphone", "ios"}, {"ipad", "ios"}, {"windows", "windows"}, {"mac os", "mac"}, {"macintosh", "mac"}, {"cros", "chromeos"}, {"linux", "linux"}}

// Family is the family of a User-Agent header, such as "firefox linux".
func Family(agent string) string {
	agent = strings.ToLower(agent[:min(len(agent), 512)])
	pick := func(of [][2]string) string {
		for _, f := range of {
			if strings.Contains(agent, f[0]) {
				return f[1]
			}
		}
		return "other"
	}
	return pick(families) + " " + pick(systems)
}

// Session is one person signed in at one place.
type Session struct {
	Ref           string         `json:"ref" doc:"Names the session; it is not its secret"`
	User          tocsin.ActorID `json:"user"`
	Began         time.Time      `json:"began"`
	Ends          time.Time      `json:"ends" doc:"At the latest"`
	Authenticated time.Time      `json:"authenticated" doc:"When the person last showed who they are"`
	Seen          time.Time      `json:"seen"`
	Methods       []Method       `json:"methods"`
	Place         Place          `json:"place"`
	Locked        string         `json:"locked,omitempty" doc:"Why it needs the person again: idle, network or agent"`
	Restricted    bool           `json:"restricted,omitempty" doc:"Good only for setting up a second way to sign in"`

	// Actor is who acts, with the roles they have now. A session that is locked or
	// restricted has none.
	Actor tocsin.Actor `json:"-"`
	// Renew says that the person's rights have changed since the session's secret
	// was given out: give a new one with RenewSession.
	Renew bool `json:"-"`

	hash   tocsin.Digest
	rights int       // of the account when the secret was given out
	until  time.Time // a secret that was replaced is good until then
	now    time.Time // when the session was asked for
}

// Fresh reports whether the person has shown who they are within the last d.
// Releasing words, approving a waiver and expunging ask for that.
func (s Session) Fresh(d time.Duration) bool {
	return s.Locked == "" && !s.Authenticated.IsZero() && !s.now.Before(s.Authenticated) && s.now.Sub(s.Authenticated) <= d
}

// MustBeFresh is nil if s is fresh, and else an error that says to sign in again.
func (s Session) MustBeFresh(d time.Duration) error {
	if s.Fresh(d) {
		return nil
	}
	return tocsin.Faultf(tocsin.Forbidden, "reauthenticate", "Show again who you are, then repeat it.", "This needs somebody who has shown within %s who they are.", d)
}

// The stream of a session is that of the day on which it began, so that whoever
// opens the record reads the last few days of sessions and not all there ever were.
const sessionsPrefix = "sessions/"

func sessionStream(began time.Time) string { return sessionsPrefix + began.UTC().Format("2006-01-02") }

// The records of a session. Secrets are kept as their SHA-256.
type (
	sessionBegun struct {
		Session       tocsin.Digest  `json:"session"`
		User          tocsin.ActorID `json:"user"`
		Methods       []Method       `json:"methods"`
		Authenticated time.Time      `json:"authenticated"`
		Ends          time.Time      `json:"ends"`
		Place         Place          `json:"place"`
		Restricted    bool           `json:"restricted,omitempty"`
		Rights        int            `json:"rights"`
	}
	sessionRenewed struct { // another secret for the same session
		Session    tocsin.Digest `json:"session"`
		Next       tocsin.Digest `json:"next"`
		Restricted bool          `json:"restricted,omitempty"`
		Rights     int           `json:"rights"`
	}
	sessionUnlocked struct { // the person has shown again who they are
		Session       tocsin.Digest `json:"session"`
		Next          tocsin.Digest `json:"next"`
		Methods       []Method      `json:"methods"`
		Authenticated time.Time     `json:"authenticated"`
		Place         Place         `json:"place"`
		Restricted    bool          `json:"restricted,omitempty"`
		Rights        int           `json:"rights"`
	}
	sessionLocked struct {
		Session tocsin.Digest `json:"session"`
		Why     string        `json:"why"`
		Place   Place         `json:"place"` // where it was used
	}
	sessionEnded struct {
		Session tocsin.Digest  `json:"session"`
		User    tocsin.ActorID `json:"user"`
		Why     string         `json:"why"`
	}
	sessionsSeen struct {
		Seen map[tocsin.Digest]time.Time `json:"seen"`
	}
)

func (f *fold) applySession(r ledger.Record) error {
	switch r.Kind {
	case "session_begun":
		return with(r, func(e sessionBegun) {
			f.sessions[e.Session] = Session{Ref: ref(e.Session), User: e.User, Began: r.EntryTime, Ends: e.Ends, Authenticated: e.Authenticated, Seen: r.EntryTime,
				Methods: e.Methods, Place: e.Place, Restricted: e.Restricted, hash: e.Session, rights: e.Rights}
			f.remember(e.User, e.Place)
		})
	case "session_renewed":
		return with(r, func(e sessionRenewed) {
			s, ok := f.sessions[e.Session]
			if !ok {
				return
			}
			old := s
			old.until = r.EntryTime.Add(renewGrace)
			f.sessions[e.Session] = old
			s.hash, s.Ref, s.Restricted, s.rights, s.Seen = e.Next, ref(e.Next), e.Restricted, e.Rights, r.EntryTime
			f.sessions[e.Next] = s
		})
	case "session_unlocked":
		return with(r, func(e sessionUnlocked) {
			s, ok := f.sessions[e.Session]
			if !ok {
				return
			}
			delete(f.sessions, e.Session)
			s.hash, s.Ref, s.Restricted, s.rights, s.Seen = e.Next, ref(e.Next), e.Restricted, e.Rights, r.EntryTime
			s.Methods, s.Authenticated, s.Place, s.Locked = e.Methods, e.Authenticated, e.Place, ""
			f.sessions[e.Next] = s
			f.remember(s.User, e.Place)
		})
	case "session_locked":
		return with(r, func(e sessionLocked) {
			if s, ok := f.sessions[e.Session]; ok {
				s.Locked = e.Why
				f.sessions[e.Session] = s
			}
		})
	case "session_ended":
		return with(r, func(e sessionEnded) { delete(f.sessions, e.Session) })
	case "sessions_seen":
		return with(r, func(e sessionsSeen) {
			for hash, at := range e.Seen {
				if s, ok := f.sessions[hash]; ok && at.After(s.Seen) {
					s.Seen = at
					f.sessions[hash] = s
				}
			}
		})
	}
	return newer(r.Kind)
}

func ref(d tocsin.Digest) string { return strings.TrimPrefix(string(d), "sha256:")[:16] }

// remember keeps the networks from which somebody has signed in, newest last.
func (f *fold) remember(user tocsin.ActorID, p Place) {
	at := slices.DeleteFunc(slices.Clone(f.places[user]), func(n string) bool { return n == p.Network })
	at = append(at, p.Network)
	f.places[user] = at[max(len(at)-maxPlaces, 0):]
}

// KnownAt reports whether user has signed in from that network within the last
// days. Whoever guesses from elsewhere cannot slow down somebody who is at home.
func (u *Users) KnownAt(user tocsin.ActorID, network string) bool {
	return slices.Contains(u.now.Load().places[user], network)
}

// Entry is somebody who has shown who they are.
type Entry struct {
	User          tocsin.ActorID
	Methods       []Method
	Authenticated time.Time // when they showed it; zero: now
	Unstamped     bool      // when they showed it is not known: the session is never fresh
	Place         Place
	Restricted    bool
	Once          []string // names of what may be used only once, such as a challenge

	// What was used up by showing it: a passkey's new count.
	Passkey   []byte
	SignCount uint32
	Recovery  tocsin.Digest // the recovery code, from RecoveryCode

	// Current is the secret of a session of the same person, which is unlocked or
	// confirmed and not begun anew; it ends when it would have ended.
	Current string
}

// usedBefore is the answer to a ceremony that is played again.
func usedBefore() error {
	return tocsin.Fault(tocsin.Forbidden, "used_before", "This has been used already.", "Begin again; a code or a challenge is good once.")
}

// Enter signs somebody in and returns the secret of their session, which is kept
// nowhere. What Once names is claimed in the same transaction: of two requests
// that show the same one-time code, in whichever processes, one is refused.
func (u *Users) Enter(ctx context.Context, e Entry) (secret string, s Session, err error) {
	secret, hash := newSecret(sessionPrefix)
	err = u.commit(ctx, e.User, func(f *fold, at time.Time) ([]change, error) {
		if err := f.active(e.User); err != nil {
			return nil, err
		}
		stamp := tocsin.Instant(e.Authenticated)
		if stamp.IsZero() && !e.Unstamped || stamp.After(at) {
			stamp = at
		}
		var out []change
		if len(e.Passkey) > 0 {
			out = append(out, change{Stream, "passkey_used", passkeyUsed{e.User, e.Passkey, e.SignCount}, nil})
		}
		if e.Recovery != "" {
			if !slices.Contains(f.accounts[e.User].recovery, e.Recovery) {
				return nil, usedBefore()
			}
			out = append(out, change{Stream, "recovery_used", recoveryUsed{e.User, e.Recovery}, nil})
		}
		old, ok := f.alive(e.Current, at)
		if ok && old.until.IsZero() && old.User == e.User {
			return append(out, change{sessionStream(old.Began), "session_unlocked",
				sessionUnlocked{old.hash, hash, e.Methods, stamp, e.Place, e.Restricted, f.accounts[e.User].rights}, once(e.Once)}), nil
		}
		if ok && old.User != e.User {
			out = append(out, change{sessionStream(old.Began), "session_ended", sessionEnded{old.hash, old.User, "somebody else signed in here"}, nil})
		}
		out = append(out, f.crowd(e.User, at)...)
		return append(out, change{sessionStream(at), "session_begun",
			sessionBegun{hash, e.User, e.Methods, stamp, at.Add(u.policy.Life), e.Place, e.Restricted, f.accounts[e.User].rights}, once(e.Once)}), nil
	})
	if err != nil {
		return "", Session{}, err
	}
	return u.begun(secret)
}

// begun is the session that was just written.
func (u *Users) begun(secret string) (string, Session, error) {
	s, ok := u.look(secret)
	if !ok {
		return "", Session{}, unread(nil)
	}
	return secret, s, nil
}

func once(names []string) []string {
	var keys []string
	for _, n := range names {
		keys = append(keys, "once/"+n)
	}
	return keys
}

// crowd ends the oldest session of somebody who has too many.
func (f *fold) crowd(user tocsin.ActorID, at time.Time) []change {
	all := f.sessionsOf(user, at)
	var out []change
	for i := 0; i <= len(all)-maxSessions; i++ {
		out = append(out, change{sessionStream(all[i].Began), "session_ended", sessionEnded{all[i].hash, user, "too many"}, nil})
	}
	return out
}

// alive finds a session that has not ended.
func (f *fold) alive(secret string, at time.Time) (Session, bool) {
	if !formed(secret, sessionPrefix) {
		return Session{}, false
	}
	s, ok := f.sessions[tocsin.DigestOf([]byte(secret))]
	if !ok || !at.Before(s.Ends) || !s.until.IsZero() && !at.Before(s.until) {
		return Session{}, false
	}
	a, known := f.accounts[s.User]
	return s, known && !a.Disabled
}

func (f *fold) sessionsOf(user tocsin.ActorID, at time.Time) []Session {
	var out []Session
	for _, s := range f.sessions {
		if s.User == user && at.Before(s.Ends) && s.until.IsZero() {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Session) int {
		if c := a.Began.Compare(b.Began); c != 0 {
			return c
		}
		return strings.Compare(a.Ref, b.Ref)
	})
	return out
}

// Resume finds the session of a request by its secret. A session that was idle
// too long, or that is used from another place, comes back locked: it keeps its
// name, has no roles, and goes on when the same person enters with it as Current.
// The error is of kind Forbidden and code "session" for every secret that is
// good for nothing, whatever the reason.
func (u *Users) Resume(ctx context.Context, secret string, at Place) (Session, error) {
	return u.resume(ctx, secret, at, true)
}

// Glance is Resume for a request that the program makes by itself, such as an
// open page that asks what is new: it does not count as a use. Otherwise no
// session whose page is open would ever be idle.
func (u *Users) Glance(ctx context.Context, secret string, at Place) (Session, error) {
	return u.resume(ctx, secret, at, false)
}

func (u *Users) resume(ctx context.Context, secret string, at Place, used bool) (Session, error) {
	if !formed(secret, sessionPrefix) {
		return Session{}, noSession()
	}
	cause := u.follow(ctx, lookEvery, false)
	s, ok := u.look(secret)
	if !ok {
		if err := u.follow(ctx, lookUnknown, true); err != nil {
			cause = err
		}
		if s, ok = u.look(secret); !ok && cause != nil {
			return Session{}, unread(cause)
		}
	}
	if !ok {
		return Session{}, noSession()
	}
	if why := elsewhere(s.Place, at); s.Locked == "" && why != "" {
		return u.lock(ctx, s, why, at), nil
	}
	if s.Locked == "" && used {
		u.touch(s.hash, s.now)
		s.Seen = s.now
	}
	return s, nil
}

func elsewhere(was, is Place) string {
	switch {
	case was.Network != is.Network:
		return LockNetwork
	case was.Agent != is.Agent:
		return LockAgent
	}
	return ""
}

// lock locks a session, for good until its person comes back. If that cannot be
// recorded it is locked for this request all the same.
func (u *Users) lock(ctx context.Context, s Session, why string, at Place) Session {
	_ = u.commit(ctx, s.User, func(f *fold, _ time.Time) ([]change, error) {
		if now, ok := f.sessions[s.hash]; !ok || now.Locked != "" {
			return nil, nil
		}
		return []change{{sessionStream(s.Began), "session_locked", sessionLocked{s.hash, why, at}, nil}}, nil
	})
	s.Locked, s.Actor = why, tocsin.Actor{}
	return s
}

func noSession() error {
	return tocsin.Fault(tocsin.Forbidden, "session", "Nobody is signed in here, or no longer.", "Sign in.")
}

// look finds a session as it stands at this moment.
func (u *Users) look(secret string) (Session, bool) {
	f, now := u.now.Load(), tocsin.Instant(u.clock.Now())
	s, ok := f.alive(secret, now)
	if !ok {
		return Session{}, false
	}
	return u.dressed(f, s, now), true
}

// dressed adds to a recorded session what follows from the moment.
func (u *Users) dressed(f *fold, s Session, now time.Time) Session {
	s.now = now
	if seen := u.seenAt(s.hash); seen.After(s.Seen) {
		s.Seen = seen
	}
	if s.Locked == "" && now.Sub(s.Seen) > u.policy.Idle {
		s.Locked = LockIdle
	}
	a := f.accounts[s.User]
	s.Renew = s.until.IsZero() && s.Locked == "" && a.rights != s.rights
	if s.Locked == "" {
		s.Actor = f.actor(s.User, now)
		if s.Restricted {
			s.Actor.Roles = nil
		}
	}
	return s
}

// RenewSession gives a session another secret, as when its person's rights have
// changed. Requests that are under way with the old one still find it for ten
// seconds. enrolled lifts the restriction of a session whose person has now set
// up a second way to sign in.
func (u *Users) RenewSession(ctx context.Context, secret string, enrolled bool) (next string, s Session, err error) {
	next, hash := newSecret(sessionPrefix)
	now, ok := u.look(secret)
	if !ok || now.Locked != "" {
		return "", Session{}, noSession()
	}
	err = u.commit(ctx, now.User, func(f *fold, at time.Time) ([]change, error) {
		old, ok := f.alive(secret, at)
		if !ok || !old.until.IsZero() || old.Locked != "" {
			return nil, noSession()
		}
		return []change{{sessionStream(old.Began), "session_renewed", sessionRenewed{old.hash, hash, old.Restricted && !enrolled, f.accounts[old.User].rights}, nil}}, nil
	})
	if err != nil {
		return "", Session{}, err
	}
	return u.begun(next)
}

// Sessions lists who is signed in: one person's sessions, or all for "".
func (u *Users) Sessions(user tocsin.ActorID) []Session {
	f, now := u.now.Load(), tocsin.Instant(u.clock.Now())
	var out []Session
	for id := range f.accounts {
		if user != "" && id != user || f.accounts[id].Disabled {
			continue
		}
		for _, s := range f.sessionsOf(id, now) {
			out = append(out, u.dressed(f, s, now))
		}
	}
	slices.SortFunc(out, func(a, b Session) int {
		if c := strings.Compare(string(a.User), string(b.User)); c != 0 {
			return c
		}
		return a.Began.Compare(b.Began)
	})
	return out
}

// SignOut ends the session of a secret. One that is unknown has ended already.
func (u *Users) SignOut(ctx context.Context, secret string) error {
	s, ok := u.look(secret)
	if !ok {
		return nil
	}
	return u.EndSession(ctx, s.User, s.Ref, "signed out")
}

// EndSession ends the session named by ref. why is kept with it.
func (u *Users) EndSession(ctx context.Context, by tocsin.ActorID, ref, why string) error {
	return u.endWhere(ctx, by, why, func(s Session) bool { return s.Ref == ref })
}

// EndSessions ends all sessions of a person. It is no error if there are none.
func (u *Users) EndSessions(ctx context.Context, by, user tocsin.ActorID, why string) error {
	err := u.endWhere(ctx, by, why, func(s Session) bool { return s.User == user })
	if tocsin.KindOf(err) == tocsin.NotFound {
		return nil
	}
	return err
}

func (u *Users) endWhere(ctx context.Context, by tocsin.ActorID, why string, fits func(Session) bool) error {
	if !readable(why) {
		return tocsin.Fault(tocsin.Invalid, "why", "The reason is missing or too long.", "Say on one line why the session ends.")
	}
	return u.commit(ctx, by, func(f *fold, at time.Time) ([]change, error) {
		var out []change
		for _, s := range f.sessions {
			if fits(s) && at.Before(s.Ends) {
				out = append(out, change{sessionStream(s.Began), "session_ended", sessionEnded{s.hash, s.User, why}, nil})
			}
		}
		if len(out) == 0 {
			return nil, tocsin.Fault(tocsin.NotFound, "session", "There is no such session.", "Look at the list of sessions.")
		}
		slices.SortFunc(out, func(a, b change) int { return strings.Compare(a.stream, b.stream) })
		return out, nil
	})
}

const sessionPrefix = "tocsin-session_"

// newSecret makes 32 random bytes with a prefix, and their digest.
func newSecret(prefix string) (secret string, hash tocsin.Digest) {
	var b [tokenBytes]byte
	rand.Read(b[:]) //nolint:errcheck // documented never to return an error
	secret = prefix + b64.EncodeToString(b[:])
	return secret, tocsin.DigestOf([]byte(secret))
}
