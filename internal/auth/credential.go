package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base32"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/internal/auth/password"
	"tocsin/ledger"
)

// Passkey is one of a person's authenticators. Its key is public: the secret
// never leaves the authenticator.
type Passkey struct {
	ID             []byte    `json:"id"`
	PublicKey      []byte    `json:"public_key"` // COSE, as the authenticator gave it
	Name           string    `json:"name"`
	Added          time.Time `json:"added"`
	Used           time.Time `json:"used,omitzero"`
	SignCount      uint32    `json:"sign_count,omitempty"`
	AAGUID         []byte    `json:"aaguid,omitempty"`
	Transports     []string  `json:"transports,omitempty"`
	BackupEligible bool      `json:"backup_eligible,omitempty"`
	BackedUp       bool      `json:"backed_up,omitempty"`
}

// Subject is an identity at another provider (OpenID Connect Core, section 2:
// issuer and subject together never change and are never given twice).
type Subject struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
}

// The records of how people sign in. Sealed means under the Key, bound to the
// account.
type (
	passwordSet struct {
		ID     tocsin.ActorID `json:"id"`
		Sealed string         `json:"sealed"`
		Anew   bool           `json:"anew,omitempty"` // the same password, hashed with other costs
	}
	passwordRemoved struct {
		ID tocsin.ActorID `json:"id"`
	}
	passkeyAdded struct {
		User    tocsin.ActorID `json:"user"`
		Handle  []byte         `json:"handle"`
		Passkey Passkey        `json:"passkey"`
	}
	passkeyUsed struct {
		User      tocsin.ActorID `json:"user"`
		Passkey   []byte         `json:"passkey"`
		SignCount uint32         `json:"sign_count"`
	}
	passkeyRemoved struct {
		User    tocsin.ActorID `json:"user"`
		Passkey []byte         `json:"passkey"`
	}
	passkeySuspected struct { // its count went back: there may be a copy of it
		User      tocsin.ActorID `json:"user"`
		Passkey   []byte         `json:"passkey"`
		SignCount uint32         `json:"sign_count"`
	}
	totpSet struct {
		ID     tocsin.ActorID `json:"id"`
		Sealed string         `json:"sealed"`
	}
	totpRemoved struct {
		ID tocsin.ActorID `json:"id"`
	}
	recoverySet struct {
		ID     tocsin.ActorID  `json:"id"`
		Hashes []tocsin.Digest `json:"hashes"`
	}
	recoveryUsed struct {
		ID   tocsin.ActorID `json:"id"`
		Hash tocsin.Digest  `json:"hash"`
	}
	subjectLinked struct {
		ID tocsin.ActorID `json:"id"`
		Subject
	}
	subjectUnlinked struct {
		ID tocsin.ActorID `json:"id"`
		Subject
	}
)

func (f *fold) applyCredential(r ledger.Record) (known bool, err error) {
	switch r.Kind {
	case "password_set":
		err = with(r, func(e passwordSet) {
			f.change(e.ID, func(a *account) {
				if a.password = e.Sealed; !e.Anew {
					a.link = link{} // whatever link there was has done its work, or is overtaken
				}
			})
		})
	case "link_made":
		err = with(r, func(e linkMade) { f.change(e.ID, func(a *account) { a.link = link{e.Hash, e.Until} }) })
	case "password_removed":
		err = with(r, func(e passwordRemoved) { f.change(e.ID, func(a *account) { a.password = "" }) })
	case "passkey_added":
		err = with(r, func(e passkeyAdded) {
			e.Passkey.Added = r.EntryTime
			f.change(e.User, func(a *account) { a.handle, a.passkeys = e.Handle, append(slices.Clip(a.passkeys), e.Passkey) })
		})
	case "passkey_used":
		err = with(r, func(e passkeyUsed) {
			f.change(e.User, func(a *account) {
				a.passkeys = slices.Clone(a.passkeys)
				for i := range a.passkeys {
					if string(a.passkeys[i].ID) == string(e.Passkey) {
						a.passkeys[i].SignCount, a.passkeys[i].Used = e.SignCount, r.EntryTime
					}
				}
			})
		})
	case "passkey_removed":
		err = with(r, func(e passkeyRemoved) {
			f.change(e.User, func(a *account) {
				a.passkeys = slices.DeleteFunc(slices.Clone(a.passkeys), func(p Passkey) bool { return string(p.ID) == string(e.Passkey) })
			})
		})
	case "passkey_suspected":
	case "totp_set":
		err = with(r, func(e totpSet) { f.change(e.ID, func(a *account) { a.totp = e.Sealed }) })
	case "totp_removed":
		err = with(r, func(e totpRemoved) { f.change(e.ID, func(a *account) { a.totp = "" }) })
	case "recovery_set":
		err = with(r, func(e recoverySet) { f.change(e.ID, func(a *account) { a.recovery = e.Hashes }) })
	case "recovery_used":
		err = with(r, func(e recoveryUsed) {
			f.change(e.ID, func(a *account) {
				a.recovery = slices.DeleteFunc(slices.Clone(a.recovery), func(d tocsin.Digest) bool { return d == e.Hash })
			})
		})
	case "subject_linked":
		err = with(r, func(e subjectLinked) {
			f.change(e.ID, func(a *account) { a.subjects = append(slices.Clip(a.subjects), e.Subject) })
		})
	case "subject_unlinked":
		err = with(r, func(e subjectUnlinked) {
			f.change(e.ID, func(a *account) {
				a.subjects = slices.DeleteFunc(slices.Clone(a.subjects), func(s Subject) bool { return s == e.Subject })
			})
		})
	default:
		return false, nil
	}
	return true, err
}

// Purposes of what is sealed in the record.
const (
	sealPassword = "password"
	sealTOTP     = "totp"
)

func noKey() error {
	return tocsin.Fault(tocsin.Unavailable, "no_accounts_key", "Passwords and one-time codes are switched off: there is no key to keep them under.", "Start the program with its key file, or sign in with a passkey.")
}

func otherKey(cause error) error {
	f := tocsin.Fault(tocsin.Unavailable, "accounts_key_other", "What is kept for this account was sealed under another key.", "Restore the key file that belongs to this record, or have an administrator set a new password.")
	f.Cause = cause
	return f
}

// SetPassword gives a user a password and ends all their sessions but the one
// with the secret keep. The error says what is wrong with a password that is
// refused.
func (u *Users) SetPassword(ctx context.Context, by, id tocsin.ActorID, plain, keep string) error {
	sealed, err := u.newPassword(ctx, id, plain)
	if err != nil {
		return err
	}
	return u.commit(ctx, by, func(f *fold, at time.Time) ([]change, error) {
		if err := f.active(id); err != nil {
			return nil, err
		}
		return append(only("password_set", passwordSet{ID: id, Sealed: sealed}), f.endOthers(id, keep, "password changed", at)...), nil
	})
}

// guessed is what whoever guesses a person's password begins with: their names,
// those of the organisation, and the words of this program.
func (u *Users) guessed(id tocsin.ActorID, name string) []string {
	out := append([]string{string(id), name, "tocsin", "warning", "watch"}, u.words...)
	for _, r := range tocsin.Roles() {
		out = append(out, strings.ReplaceAll(string(r), "_", " "))
	}
	return out
}

// newPassword hashes and seals a password that id may have.
func (u *Users) newPassword(ctx context.Context, id tocsin.ActorID, plain string) (sealed string, err error) {
	if u.key == nil {
		return "", noKey()
	}
	if err := u.signsIn(id); err != nil {
		return "", err
	}
	if err := password.Check(plain, u.guessed(id, u.now.Load().accounts[id].Name)...); err != nil {
		return "", err
	}
	return u.hashed(ctx, id, plain)
}

// signsIn refuses whoever is not there, is disabled, or is no person.
func (u *Users) signsIn(id tocsin.ActorID) error {
	f := u.now.Load()
	if err := f.active(id); err != nil {
		return err
	}
	if slices.Contains(f.accounts[id].Roles, tocsin.RecipientRole) {
		return tocsin.Fault(tocsin.Refused, "recipient_signs_in_by_token", "A recipient's system has a token and does not sign in.", "Give it a token.")
	}
	return nil
}

// SetUp makes the first administrator, with a password. It is refused if there is
// one already: of two that set up at the same moment one wins.
func (u *Users) SetUp(ctx context.Context, user User, plain string) error {
	if u.key == nil {
		return noKey()
	}
	if err := user.Validate(); err != nil {
		return err
	}
	if err := password.Check(plain, u.guessed(user.ID, user.Name)...); err != nil {
		return err
	}
	sealed, err := u.hashed(ctx, user.ID, plain)
	if err != nil {
		return err
	}
	return u.commit(ctx, Local, func(f *fold, _ time.Time) ([]change, error) {
		if f.administered() {
			return nil, tocsin.Fault(tocsin.Refused, "set_up_already", "There is an administrator already.", "Ask them for an account.")
		}
		if _, ok := f.accounts[user.ID]; ok {
			return nil, tocsin.Faultf(tocsin.Invalid, "user_exists", "Use another id.", "There is already a user %s. An id is never given twice, so that the record stays plain.", user.ID)
		}
		return append(only("user_added", userAdded{User: user}), only("password_set", passwordSet{ID: user.ID, Sealed: sealed})...), nil
	})
}

func (f *fold) endOthers(id tocsin.ActorID, keep, why string, at time.Time) []change {
	kept, _ := f.alive(keep, at)
	var out []change
	for _, s := range f.sessionsOf(id, at) {
		if s.hash != kept.hash {
			out = append(out, change{sessionStream(s.Began), "session_ended", sessionEnded{s.hash, id, why}, nil})
		}
	}
	return out
}

func (u *Users) hashed(ctx context.Context, id tocsin.ActorID, plain string) (sealed string, err error) {
	salt := make([]byte, password.SaltSize)
	rand.Read(salt) //nolint:errcheck // documented never to return an error
	hash, err := u.hasher.Hash(ctx, plain, salt)
	if err != nil {
		return "", err
	}
	return u.key.Seal(sealPassword, string(id), []byte(hash)), nil
}

// RemovePassword takes a user's password away, as when they use passkeys alone.
func (u *Users) RemovePassword(ctx context.Context, by, id tocsin.ActorID) error {
	return u.onActive(ctx, by, id, "password_removed", passwordRemoved{id})
}

// CheckPassword reports whether plain is the password of the user id. It is the
// same work for a user who has none, is disabled or does not exist: one hash,
// and then no. A hash that was made with other costs is replaced.
func (u *Users) CheckPassword(ctx context.Context, id tocsin.ActorID, plain string) (bool, error) {
	if u.key == nil {
		return false, noKey()
	}
	a := u.now.Load().accounts[id]
	hash := ""
	if a.password != "" && !a.Disabled {
		b, err := u.key.Open(sealPassword, string(id), a.password)
		if err != nil {
			return false, otherKey(err)
		}
		hash = string(b)
	}
	ok, stale, err := u.hasher.Verify(ctx, plain, hash)
	if err == nil && ok && stale {
		// That it could not be replaced is no reason not to let its owner in.
		_ = u.rehash(ctx, id, plain, a.password)
	}
	return ok, err
}

func (u *Users) rehash(ctx context.Context, id tocsin.ActorID, plain, old string) error {
	sealed, err := u.hashed(ctx, id, plain)
	if err != nil {
		return err
	}
	return u.commit(ctx, id, func(f *fold, _ time.Time) ([]change, error) {
		if a := f.accounts[id]; a.Disabled || a.password != old {
			return nil, nil // changed meanwhile
		}
		return only("password_set", passwordSet{id, sealed, true}), nil
	})
}

// Bounds of what one person has.
const (
	maxPasskeys = 20
	maxSubjects = 10
)

// AddPasskey keeps a new authenticator of a user. handle is the opaque name by
// which authenticators know the account; see Handle.
func (u *Users) AddPasskey(ctx context.Context, by, id tocsin.ActorID, handle []byte, p Passkey) error {
	if !readable(p.Name) {
		return tocsin.Fault(tocsin.Invalid, "passkey_name", "The passkey has no usable name.", "Name it on one line, such as: key on my ring.")
	}
	return u.commit(ctx, by, func(f *fold, _ time.Time) ([]change, error) {
		if err := f.active(id); err != nil {
			return nil, err
		}
		a := f.accounts[id]
		if len(a.passkeys) >= maxPasskeys {
			return nil, tocsin.Faultf(tocsin.Refused, "passkeys_full", "Remove one that is not used.", "There are %d passkeys already.", maxPasskeys)
		}
		if _, _, ok := f.passkey(p.ID); ok {
			return nil, tocsin.Fault(tocsin.Refused, "passkey_known", "This passkey is already registered.", "Use it to sign in, or register another.")
		}
		if len(a.handle) > 0 && string(a.handle) != string(handle) {
			return nil, tocsin.Fault(tocsin.Conflict, "passkey_handle", "Another passkey was registered at the same moment.", "Register this one again.")
		}
		return only("passkey_added", passkeyAdded{id, handle, p}), nil
	})
}

// RemovePasskey ends one authenticator of a user.
func (u *Users) RemovePasskey(ctx context.Context, by, id tocsin.ActorID, passkey []byte) error {
	return u.commit(ctx, by, func(f *fold, _ time.Time) ([]change, error) {
		if owner, _, ok := f.passkey(passkey); !ok || owner != id {
			return nil, tocsin.Fault(tocsin.NotFound, "passkey", "There is no such passkey.", "Look at the list of passkeys.")
		}
		return only("passkey_removed", passkeyRemoved{id, passkey}), nil
	})
}

// SuspectPasskey records that an authenticator's count went back, which means
// that there may be a copy of it. Nobody is let in by it.
func (u *Users) SuspectPasskey(ctx context.Context, id tocsin.ActorID, passkey []byte, count uint32) error {
	return u.onActive(ctx, id, id, "passkey_suspected", passkeySuspected{id, passkey, count})
}

// Passkeys lists the authenticators of a user.
func (u *Users) Passkeys(id tocsin.ActorID) []Passkey {
	return slices.Clone(u.now.Load().accounts[id].passkeys)
}

// Handle is the opaque name by which authenticators know a user, made at random
// if there is none yet. It tells nothing about the person.
func (u *Users) Handle(id tocsin.ActorID) []byte {
	if h := u.now.Load().accounts[id].handle; len(h) > 0 {
		return slices.Clone(h)
	}
	h := make([]byte, 32)
	rand.Read(h) //nolint:errcheck // documented never to return an error
	return h
}

// ByHandle finds the user whom authenticators know by handle; ok is false if
// there is none or it is disabled.
func (u *Users) ByHandle(handle []byte) (id tocsin.ActorID, ok bool) {
	for id, a := range u.now.Load().accounts {
		if len(a.handle) > 0 && string(a.handle) == string(handle) {
			return id, !a.Disabled
		}
	}
	return "", false
}

func (f *fold) passkey(id []byte) (tocsin.ActorID, Passkey, bool) {
	for owner, a := range f.accounts {
		for _, p := range a.passkeys {
			if string(p.ID) == string(id) {
				return owner, p, true
			}
		}
	}
	return "", Passkey{}, false
}

// SetTOTP keeps the seed of a user's one-time codes, after they have shown a code
// of it. step is the time step of that code, which is thereby used up.
func (u *Users) SetTOTP(ctx context.Context, by, id tocsin.ActorID, seed []byte, step string) error {
	if u.key == nil {
		return noKey()
	}
	return u.commit(ctx, by, func(f *fold, _ time.Time) ([]change, error) {
		if err := f.active(id); err != nil {
			return nil, err
		}
		return []change{{Stream, "totp_set", totpSet{id, u.key.Seal(sealTOTP, string(id), seed)}, once([]string{step})}}, nil
	})
}

// RemoveTOTP ends a user's one-time codes, as when the telephone is lost.
func (u *Users) RemoveTOTP(ctx context.Context, by, id tocsin.ActorID) error {
	return u.onActive(ctx, by, id, "totp_removed", totpRemoved{id})
}

// TOTPSeed is the seed of a user's one-time codes; ok is false if there is none.
func (u *Users) TOTPSeed(id tocsin.ActorID) (seed []byte, ok bool, err error) {
	a := u.now.Load().accounts[id]
	if a.totp == "" || a.Disabled {
		return nil, false, nil
	}
	if u.key == nil {
		return nil, false, noKey()
	}
	if seed, err = u.key.Open(sealTOTP, string(id), a.totp); err != nil {
		return nil, false, otherKey(err)
	}
	return seed, true, nil
}

const (
	recoveryCodes   = 10
	recoverySize    = 26 // characters of base 32: 128 bits
	recoverySizeWas = 20 // of the codes that were made with 100 bits, which stay good until they are replaced
)

var recoveryText = base32.NewEncoding("abcdefghjkmnpqrstvwxyz0123456789").WithPadding(base32.NoPadding)

// NewRecoveryCodes makes ten codes, each good once in place of a one-time code,
// and ends those there were. They are shown this once. A code is 128 random bits,
// so its SHA-256 can stand in the record: there is nothing to guess.
func (u *Users) NewRecoveryCodes(ctx context.Context, by, id tocsin.ActorID) ([]string, error) {
	var codes []string
	var hashes []tocsin.Digest
	for range recoveryCodes {
		var b [16]byte
		rand.Read(b[:]) //nolint:errcheck // documented never to return an error
		code := recoveryText.EncodeToString(b[:])
		codes = append(codes, code[:5]+"-"+code[5:10]+"-"+code[10:15]+"-"+code[15:20]+"-"+code[20:])
		hashes = append(hashes, recoveryHash(id, code))
	}
	if err := u.onActive(ctx, by, id, "recovery_set", recoverySet{id, hashes}); err != nil {
		return nil, err
	}
	return codes, nil
}

func recoveryHash(id tocsin.ActorID, code string) tocsin.Digest {
	return tocsin.DigestOf([]byte("tocsin recovery " + string(id) + " " + code))
}

// ParseRecoveryCode reads a recovery code as people type it: any case, with
// dashes and spaces or without, of this length or of the one there was before.
func ParseRecoveryCode(typed string) (code string, ok bool) {
	if len(typed) > 64 {
		return "", false
	}
	code = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(typed))
	if len(code) != recoverySize && len(code) != recoverySizeWas {
		return "", false
	}
	for _, c := range code {
		if !strings.ContainsRune("abcdefghjkmnpqrstvwxyz0123456789", c) {
			return "", false
		}
	}
	return code, true
}

// RecoveryCode finds the unused recovery code of a user that typed is. Enter
// with it uses it up.
func (u *Users) RecoveryCode(id tocsin.ActorID, typed string) (hash tocsin.Digest, ok bool) {
	code, ok := ParseRecoveryCode(typed)
	if !ok {
		return "", false
	}
	hash = recoveryHash(id, code)
	a := u.now.Load().accounts[id]
	return hash, !a.Disabled && slices.Contains(a.recovery, hash)
}

// LinkSubject lets whoever a provider knows as subject sign in as the user id.
func (u *Users) LinkSubject(ctx context.Context, by, id tocsin.ActorID, s Subject) error {
	if s.Issuer == "" || s.Subject == "" || len(s.Issuer) > 1000 || len(s.Subject) > 255 || containsControl(s.Issuer+s.Subject) {
		return tocsin.Fault(tocsin.Invalid, "subject", "The identity at the provider is not usable.", "Give the issuer's address and the subject as the provider states them.")
	}
	return u.commit(ctx, by, func(f *fold, _ time.Time) ([]change, error) {
		if err := f.active(id); err != nil {
			return nil, err
		}
		if owner, ok := f.subject(s); ok {
			return nil, tocsin.Faultf(tocsin.Refused, "subject_linked", "Unlink it there first.", "This identity is already linked, to %s.", owner)
		}
		if len(f.accounts[id].subjects) >= maxSubjects {
			return nil, tocsin.Faultf(tocsin.Refused, "subjects_full", "Unlink one first.", "There are %d identities already.", maxSubjects)
		}
		return only("subject_linked", subjectLinked{id, s}), nil
	})
}

// UnlinkSubject ends such a link.
func (u *Users) UnlinkSubject(ctx context.Context, by, id tocsin.ActorID, s Subject) error {
	return u.commit(ctx, by, func(f *fold, _ time.Time) ([]change, error) {
		if owner, ok := f.subject(s); !ok || owner != id {
			return nil, tocsin.Fault(tocsin.NotFound, "subject", "This identity is not linked to that user.", "Look at the account.")
		}
		return only("subject_unlinked", subjectUnlinked{id, s}), nil
	})
}

// BySubject finds the user to whom an identity is linked; ok is false if there is
// none or it is disabled.
func (u *Users) BySubject(s Subject) (id tocsin.ActorID, ok bool) {
	f := u.now.Load()
	id, ok = f.subject(s)
	return id, ok && !f.accounts[id].Disabled
}

// Subjects lists the identities linked to a user.
func (u *Users) Subjects(id tocsin.ActorID) []Subject {
	return slices.Clone(u.now.Load().accounts[id].subjects)
}

func (f *fold) subject(s Subject) (tocsin.ActorID, bool) {
	for id, a := range f.accounts {
		if slices.Contains(a.subjects, s) {
			return id, true
		}
	}
	return "", false
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
