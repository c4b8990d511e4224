package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tocsin"
	"tocsin/ledger"
)

// Breaking the glass: somebody takes a role that they do not have, for a limited
// time and with a reason, because nobody who has it can be reached. It is never
// refused for want of paperwork, for a life may hang on it; it is recorded at
// once, seen by everybody who may see accounts, and owes a review by somebody
// else. It gives roles and nothing more: the separation of duties in package
// casefile holds for whoever broke the glass as for everybody.

// Bounds of a grant.
const (
	MaxGlass     = 12 * time.Hour // longest time a role can be taken for
	ReviewWithin = 72 * time.Hour // from the end of the grant to its review
	minReason    = 10             // characters
	maxReason    = 2000           // characters
)

// Grant is one breaking of the glass.
type Grant struct {
	ID     string         `json:"id"`
	User   tocsin.ActorID `json:"user"`
	Role   tocsin.Role    `json:"role"`
	Reason string         `json:"reason"`
	From   time.Time      `json:"from"`
	Until  time.Time      `json:"until"` // when it ended or will end
	Review *GlassReview   `json:"review,omitempty"`
}

// ReviewDue is when the review of g is due at the latest.
func (g Grant) ReviewDue() time.Time { return g.Until.Add(ReviewWithin) }

// GlassReview is what somebody else found about a grant.
type GlassReview struct {
	By        tocsin.ActorID `json:"by"`
	At        time.Time      `json:"at"`
	Justified bool           `json:"justified"`
	Note      string         `json:"note"`
}

type (
	glassBroken struct {
		ID     string         `json:"id"`
		User   tocsin.ActorID `json:"user"`
		Role   tocsin.Role    `json:"role"`
		Reason string         `json:"reason"`
		Until  time.Time      `json:"until"`
	}
	glassEnded struct {
		ID string `json:"id"`
	}
	glassReviewed struct {
		ID        string `json:"id"`
		Justified bool   `json:"justified"`
		Note      string `json:"note"`
	}
)

func (f *fold) applyGlass(r ledger.Record) error {
	switch r.Kind {
	case "glass_broken":
		return with(r, func(e glassBroken) {
			f.grants[e.ID] = Grant{ID: e.ID, User: e.User, Role: e.Role, Reason: e.Reason, From: r.EntryTime, Until: e.Until}
			f.change(e.User, func(a *account) { a.rights++ })
		})
	case "glass_ended":
		return with(r, func(e glassEnded) {
			if g, ok := f.grants[e.ID]; ok && r.EntryTime.Before(g.Until) {
				g.Until = r.EntryTime
				f.grants[e.ID] = g
				f.change(g.User, func(a *account) { a.rights++ })
			}
		})
	case "glass_reviewed":
		return with(r, func(e glassReviewed) {
			if g, ok := f.grants[e.ID]; ok {
				g.Review = &GlassReview{r.Actor, r.EntryTime, e.Justified, e.Note}
				f.grants[e.ID] = g
			}
		})
	}
	return newer(r.Kind)
}

// glass is the grant that a user has at a moment.
func (f *fold) glass(id tocsin.ActorID, at time.Time) (Grant, bool) {
	for _, g := range f.grants {
		if g.User == id && !at.Before(g.From) && at.Before(g.Until) {
			return g, true
		}
	}
	return Grant{}, false
}

func said(reason string) bool {
	n := utf8.RuneCountInString(reason)
	return n >= minReason && n <= maxReason && utf8.ValidString(reason) && !containsControl(strings.NewReplacer("\n", " ", "\t", " ").Replace(reason))
}

// BreakGlass gives a person a role until at most MaxGlass from now, because they
// say so. The caller has made sure that it is they, freshly.
func (u *Users) BreakGlass(ctx context.Context, id tocsin.ActorID, role tocsin.Role, last time.Duration, reason string) (Grant, error) {
	switch {
	case last < time.Minute || last > MaxGlass:
		return Grant{}, tocsin.Faultf(tocsin.Invalid, "glass_time", "Give a time of at most 12 hours, such as 2h.", "A role cannot be taken for %s.", last)
	case !said(reason):
		return Grant{}, tocsin.Fault(tocsin.Invalid, "glass_reason", "The reason is missing, too short or too long.", "Say why the role is needed now and who could not be reached.")
	}
	g := Grant{ID: "glass-" + strings.ToLower(rand.Text()[:12]), User: id, Role: role, Reason: reason}
	err := u.commit(ctx, id, func(f *fold, at time.Time) ([]change, error) {
		if err := f.active(id); err != nil {
			return nil, err
		}
		if err := f.mayBreak(id, role, at); err != nil {
			return nil, err
		}
		g.From, g.Until = at, at.Add(last)
		return only("glass_broken", glassBroken{g.ID, id, role, reason, g.Until}), nil
	})
	if err != nil {
		return Grant{}, err
	}
	return g, nil
}

// mayBreak refuses what the roles themselves refuse to stand together: nobody who
// administers gets to see a case in this way, and no inspector gets to act.
func (f *fold) mayBreak(id tocsin.ActorID, role tocsin.Role, at time.Time) error {
	a := f.accounts[id]
	if slices.Contains(a.Roles, role) {
		return tocsin.Faultf(tocsin.Refused, "role_held", "Go on: nothing needs to be taken.", "You already have the role %s.", role)
	}
	if g, ok := f.glass(id, at); ok {
		return tocsin.Faultf(tocsin.Refused, "glass_broken_already", "End that first.", "You have taken the role %s until %s.", g.Role, g.Until.Format(time.RFC3339))
	}
	both := a.User
	both.Roles = append(slices.Clone(a.Roles), role)
	return both.Validate()
}

// EndGlass ends a grant before its time. Anybody may end their own; for another's
// the caller checks that by administers.
func (u *Users) EndGlass(ctx context.Context, by tocsin.ActorID, grant string) error {
	return u.commit(ctx, by, func(f *fold, at time.Time) ([]change, error) {
		g, ok := f.grants[grant]
		switch {
		case !ok:
			return nil, noGrant()
		case !at.Before(g.Until):
			return nil, tocsin.Fault(tocsin.Refused, "glass_over", "It has ended already.", "Nothing needs to be done but the review.")
		}
		return only("glass_ended", glassEnded{grant}), nil
	})
}

func noGrant() error {
	return tocsin.Fault(tocsin.NotFound, "glass", "There is no such breaking of the glass.", "Look at the list.")
}

// glassReviewers may review a grant, by a role they hold by themselves.
var glassReviewers = []tocsin.Role{tocsin.Reviewer, tocsin.SeniorOfficer}

// ReviewGlass records what somebody else found about a grant: a reviewer or senior
// officer, who is not the one who broke the glass and does not have the role by
// breaking it, or whoever works on the record itself (Local).
func (u *Users) ReviewGlass(ctx context.Context, by tocsin.ActorID, grant string, justified bool, note string) error {
	if !said(note) {
		return tocsin.Fault(tocsin.Invalid, "glass_note", "The finding is missing, too short or too long.", "Say what was done under the role and whether it was needed.")
	}
	return u.commit(ctx, by, func(f *fold, at time.Time) ([]change, error) {
		g, ok := f.grants[grant]
		switch {
		case !ok:
			return nil, noGrant()
		case by == g.User:
			return nil, tocsin.Fault(tocsin.Forbidden, "glass_own", "Nobody reviews their own breaking of the glass.", "Ask a reviewer or a senior officer.")
		case by != Local && !f.accounts[by].Actor().Has(glassReviewers...):
			return nil, tocsin.Fault(tocsin.Forbidden, "glass_reviewer", "Your role does not review this.", "Ask a reviewer or a senior officer.")
		case at.Before(g.Until):
			return nil, tocsin.Fault(tocsin.Refused, "glass_lasts", "It has not ended yet.", "End it, or review it afterwards.")
		case g.Review != nil:
			return nil, tocsin.Fault(tocsin.Refused, "glass_reviewed", "It has been reviewed already.", "Look at what was found.")
		}
		return only("glass_reviewed", glassReviewed{grant, justified, note}), nil
	})
}

// Grants lists every breaking of the glass, the oldest first.
func (u *Users) Grants() []Grant {
	var out []Grant
	for _, g := range u.now.Load().grants {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Grant) int { return cmp.Or(a.From.Compare(b.From), strings.Compare(a.ID, b.ID)) })
	return out
}

// ReviewsOwed lists the grants that have ended and that nobody has reviewed, the
// one due first at the front.
func (u *Users) ReviewsOwed() []Grant {
	now := tocsin.Instant(u.clock.Now())
	out := slices.DeleteFunc(u.Grants(), func(g Grant) bool { return g.Review != nil || now.Before(g.Until) })
	slices.SortStableFunc(out, func(a, b Grant) int { return a.ReviewDue().Compare(b.ReviewDue()) })
	return out
}

// ReviewsOwedBy lists those of ReviewsOwed that the person may review: not their
// own, and by a role that they hold by themselves.
func (u *Users) ReviewsOwedBy(id tocsin.ActorID) []Grant {
	a, ok := u.now.Load().accounts[id]
	if !ok || a.Disabled || !a.Actor().Has(glassReviewers...) {
		return nil
	}
	return slices.DeleteFunc(u.ReviewsOwed(), func(g Grant) bool { return g.User == id })
}
