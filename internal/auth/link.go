package auth

import (
	"context"
	"time"

	"tocsin"
)

// LinkLife is how long a link to set a password is good for.
const LinkLife = 72 * time.Hour

const linkPrefix = "tocsin-link_"

// link is the one link by which a person may set their password now.
type link struct {
	hash  tocsin.Digest
	until time.Time
}

// linkMade is the record of such a link. Only the digest of its secret is kept.
type linkMade struct {
	ID    tocsin.ActorID `json:"id"`
	Hash  tocsin.Digest  `json:"hash"`
	Until time.Time      `json:"until"`
}

// MakeLink makes the secret of a link by which a person sets their password, once
// and within LinkLife, and ends the one there was. It cannot be had again. It lets
// nobody in by itself: a second way that the person has set up is still asked for.
func (u *Users) MakeLink(ctx context.Context, by, id tocsin.ActorID) (secret string, until time.Time, err error) {
	if u.key == nil {
		return "", time.Time{}, noKey()
	}
	secret, hash := newSecret(linkPrefix)
	err = u.commit(ctx, by, func(_ *fold, at time.Time) ([]change, error) {
		if err := u.signsIn(id); err != nil {
			return nil, err
		}
		until = at.Add(LinkLife)
		return only("link_made", linkMade{id, hash, until}), nil
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return secret, until, nil
}

// LinkOf finds whose link a secret is; ok is false if it is not good, or no longer.
func (u *Users) LinkOf(secret string) (a Account, ok bool) {
	f, now := u.now.Load(), tocsin.Instant(u.clock.Now())
	id, ok := f.linked(secret, now)
	return f.shown(id, now), ok
}

func (f *fold) linked(secret string, at time.Time) (tocsin.ActorID, bool) {
	if !formed(secret, linkPrefix) {
		return "", false
	}
	hash := tocsin.DigestOf([]byte(secret))
	for id, a := range f.accounts {
		if a.link.hash == hash && at.Before(a.link.until) && !a.Disabled {
			return id, true
		}
	}
	return "", false
}

// SetPasswordByLink sets the password of the person whose link it is, and ends
// their sessions. The link is used up by that and by nothing else: a password
// that is refused can be tried again.
func (u *Users) SetPasswordByLink(ctx context.Context, secret, plain string) (tocsin.ActorID, error) {
	bad := tocsin.Fault(tocsin.NotFound, "link", "This link is not good, or no longer.", "Ask an administrator for a new one.")
	if err := u.Follow(ctx); err != nil {
		return "", unread(err)
	}
	a, ok := u.LinkOf(secret)
	if !ok {
		return "", bad
	}
	sealed, err := u.newPassword(ctx, a.ID, plain)
	if err != nil {
		return "", err
	}
	return a.ID, u.commit(ctx, a.ID, func(f *fold, at time.Time) ([]change, error) {
		if id, ok := f.linked(secret, at); !ok || id != a.ID {
			return nil, bad
		}
		return append(only("password_set", passwordSet{ID: a.ID, Sealed: sealed}), f.endOthers(a.ID, "", "password set by link", at)...), nil
	})
}
