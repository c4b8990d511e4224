package signin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/internal/auth"
)

// wrong is the one answer for a wrong password, an unknown name, a disabled
// account and one without a password.
func wrong() error {
	return tocsin.Fault(tocsin.Forbidden, "sign_in", "Name and password do not fit.", "Try again, or use a passkey.")
}

// Wait is how long the next attempt has to wait: the cause of an error of code
// "slow_down", for a page that says it in its own words.
type Wait time.Duration

// Error names the time.
func (w Wait) Error() string { return time.Duration(w).String() }

func slowDown(wait time.Duration) error {
	wait = wait.Round(time.Second) + time.Second
	f := tocsin.Faultf(tocsin.Unavailable, "slow_down", "Wait, or use a passkey: that works at once.",
		"There have been too many wrong attempts; the next is possible in %s.", wait)
	f.Cause = Wait(wait)
	return f
}

// Confirm reports, as an error, whether plain is the password of somebody who is
// signed in already, as before they change it. Attempts are counted as those of
// Password are.
func (g *Gate) Confirm(ctx context.Context, v Visitor, id tocsin.ActorID, plain string) (err error) {
	defer func() { g.failed(v, auth.ByPassword, id, err) }()
	forgive, err := g.charge(id, v)
	if err != nil {
		return err
	}
	ok, err := g.cfg.Users.CheckPassword(ctx, id, plain)
	if err != nil {
		return err
	}
	if !ok {
		return wrong()
	}
	forgive()
	return nil
}

// accountKey is the name under which attempts on an account are counted. From a
// network where its person has been signed in lately they are counted apart, so
// that strangers who guess slow down strangers.
func (g *Gate) accountKey(name tocsin.ActorID, v Visitor) (key string, home bool) {
	if network := v.place().Network; g.cfg.Users.KnownAt(name, network) {
		return "home " + string(name) + " " + network, true
	}
	return "name " + string(name[:min(len(name), 64)]), false
}

// charge counts an attempt before it is made and says if it has to wait. The
// address is not counted where the person is at home: a whole watch floor may
// share one, and one of them, or a guest, must not shut out the others.
func (g *Gate) charge(name tocsin.ActorID, v Visitor) (forgive func(), err error) {
	now := g.now()
	key, home := g.accountKey(name, v)
	names := g.strangers
	if _, known := g.cfg.Users.Account(name); known {
		names = g.accounts // names that nobody has must not push this out of memory
	}
	if wait := names.Take(now, key); wait > 0 {
		g.cfg.Users.Held(name, now)
		return nil, slowDown(wait)
	}
	if home {
		return func() { names.Clear(key) }, nil
	}
	address := v.AddressKey()
	if wait := g.addresses.Take(now, address); wait > 0 {
		names.Forgive(key) // it was not tried
		return nil, slowDown(wait)
	}
	return func() { names.Clear(key); g.addresses.Forgive(address) }, nil
}

// pendingSecond is somebody who has shown a password and owes a second way.
type pendingSecond struct {
	User    tocsin.ActorID `json:"user"`
	Methods []auth.Method  `json:"methods"`
	Network string         `json:"network"`
}

const purposeSecond = "second"

// Password signs somebody in by name and password. If the account has one-time
// codes, the Step asks for one: call Second. An account without a second way gets
// a session, restricted if the Gate requires one.
//
// The answer, and the work, is the same for a name that nobody has. Errors: kind
// Forbidden and code "sign_in"; kind Unavailable and code "slow_down".
func (g *Gate) Password(ctx context.Context, v Visitor, name, plain string) (step Step, err error) {
	id := tocsin.ActorID(strings.ToLower(strings.TrimSpace(name)))
	defer func() { g.failed(v, auth.ByPassword, id, err) }()
	if !tocsin.ValidID(string(id)) {
		id = "" // nobody's; it is counted and compared all the same
	}
	forgive, err := g.charge(id, v)
	if err != nil {
		return Step{}, err
	}
	ok, err := g.cfg.Users.CheckPassword(ctx, id, plain)
	if err != nil {
		return Step{}, err
	}
	if !ok {
		return Step{}, wrong()
	}
	a, _ := g.cfg.Users.Account(id)
	if a.SignIn.TOTP || a.SignIn.Recovery > 0 {
		// The charge stands until the second way is shown: knowing the password is no
		// licence to guess codes.
		return g.askSecond(id, v, []auth.Method{auth.ByPassword}, a.SignIn)
	}
	forgive()
	if g.cfg.RequireSecond && a.SignIn.Second() {
		return Step{}, passkeyNeeded()
	}
	return g.enter(ctx, v, auth.Entry{User: id, Methods: []auth.Method{auth.ByPassword}, Restricted: g.cfg.RequireSecond})
}

// passkeyNeeded refuses somebody who has a second way and showed only a first.
// Not even a restricted session: with that they could set up another second way.
func passkeyNeeded() error {
	return tocsin.Fault(tocsin.Forbidden, "second_needed", "A password alone is not enough for this account.", "Use the passkey that is registered for it, or your organisation's sign-in.")
}

func (g *Gate) askSecond(id tocsin.ActorID, v Visitor, shown []auth.Method, has auth.SignIn) (Step, error) {
	pending, err := carry(g, purposeSecond, pendingSecond{id, shown, v.place().Network})
	if err != nil {
		return Step{}, err
	}
	s := Step{Pending: pending}
	if has.TOTP {
		s.Needs = append(s.Needs, auth.ByTOTP)
	}
	if has.Recovery > 0 {
		s.Needs = append(s.Needs, auth.ByRecovery)
	}
	return s, nil
}

// Second finishes a sign-in with a one-time code or a recovery code. A code that
// was used is refused, in whichever process it was used.
func (g *Gate) Second(ctx context.Context, v Visitor, pending, typed string) (step Step, err error) {
	p, err := uncarry[pendingSecond](g, purposeSecond, pending)
	defer func() { g.failed(v, auth.ByTOTP, p.User, err) }()
	if err != nil {
		return Step{}, err
	}
	if p.Network != v.place().Network {
		return Step{}, tocsin.Fault(tocsin.Forbidden, "ceremony", "The sign-in was begun from another network.", "Begin again.")
	}
	forgive, err := g.charge(p.User, v)
	if err != nil {
		return Step{}, err
	}
	e := auth.Entry{User: p.User, Methods: p.Methods}
	if hash, ok := g.cfg.Users.RecoveryCode(p.User, typed); ok {
		e.Methods, e.Recovery = append(slices.Clip(e.Methods), auth.ByRecovery), hash
		e.Once = []string{"recovery/" + string(hash)}
	} else {
		code, err := g.checkTOTP(p.User, typed)
		if err != nil {
			return Step{}, err
		}
		e.Methods, e.Once = append(slices.Clip(e.Methods), auth.ByTOTP), []string{code}
	}
	s, err := g.enter(ctx, v, e)
	if err != nil {
		return Step{}, err
	}
	forgive()
	return s, nil
}

func wrongCode() error {
	return tocsin.Fault(tocsin.Forbidden, "code", "The code does not fit.", "Type the code that the app shows now, or a recovery code that was not used.")
}

func (g *Gate) checkTOTP(id tocsin.ActorID, typed string) (step string, err error) {
	seed, ok, err := g.cfg.Users.TOTPSeed(id)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", wrongCode()
	}
	at, ok := matchCode(seed, typed, g.now())
	if !ok {
		return "", wrongCode()
	}
	return onceCode(id, at), nil
}

// onceCode names one time step of one person's codes.
func onceCode(id tocsin.ActorID, step uint64) string { return fmt.Sprintf("totp/%s/%d", id, step) }
