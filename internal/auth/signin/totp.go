package signin

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"tocsin"
	"tocsin/internal/auth"
)

// One-time codes as every app makes them (RFC 6238): SHA-1, six digits, thirty
// seconds; one step to either side is accepted for a clock that is off.
const (
	totpPeriod = 30
	totpSkew   = 1
	totpDigits = otp.DigitsSix
	seedSize   = 20
)

var seedText = base32.StdEncoding.WithPadding(base32.NoPadding)

// matchCode finds the time step whose code typed is. All steps are tried, so the
// time that it takes says nothing.
func matchCode(seed []byte, typed string, now time.Time) (step uint64, ok bool) {
	code := strings.ReplaceAll(strings.TrimSpace(typed), " ", "")
	if len(code) != totpDigits.Length() || strings.Trim(code, "0123456789") != "" || now.Unix() < totpPeriod {
		return 0, false
	}
	current := uint64(now.Unix()) / totpPeriod
	for at := current - totpSkew; at <= current+totpSkew; at++ {
		fits, err := hotp.ValidateCustom(code, at, seedText.EncodeToString(seed), hotp.ValidateOpts{Digits: totpDigits, Algorithm: otp.AlgorithmSHA1})
		if err == nil && fits && !ok {
			step, ok = at, true
		}
	}
	return step, ok
}

// pendingSeed is a seed that nobody has shown a code of yet.
type pendingSeed struct {
	User tocsin.ActorID `json:"user"`
	Seed []byte         `json:"seed"`
}

const purposeSeed = "seed"

// enrolWithin is how freshly somebody must have shown who they are to change how
// they sign in.
const enrolWithin = 10 * time.Minute

// BeginTOTP makes a seed for the person of a fresh session. uri is the otpauth
// address for an app, by which a page can draw a QR code and show the secret;
// pending goes to FinishTOTP.
func (g *Gate) BeginTOTP(s auth.Session) (uri, pending string, err error) {
	if err := s.MustBeFresh(enrolWithin); err != nil {
		return "", "", err
	}
	seed := make([]byte, seedSize)
	rand.Read(seed) //nolint:errcheck // documented never to return an error
	if pending, err = carry(g, purposeSeed, pendingSeed{s.User, seed}); err != nil {
		return "", "", err
	}
	return totpURI(g.cfg.Name, string(s.User), seed), pending, nil
}

// TOTPAgain is the address of a seed that was begun and not yet confirmed, for a
// page that is shown again after a code that did not fit.
func (g *Gate) TOTPAgain(s auth.Session, pending string) (uri string, err error) {
	p, err := uncarry[pendingSeed](g, purposeSeed, pending)
	if err != nil {
		return "", err
	}
	if p.User != s.User {
		return "", tocsin.Fault(tocsin.Forbidden, "ceremony", "This was begun by somebody else.", "Begin again.")
	}
	return totpURI(g.cfg.Name, string(s.User), p.Seed), nil
}

// FinishTOTP keeps the seed once its person has shown a code of it, and lifts the
// restriction of their session, which gets a new secret.
func (g *Gate) FinishTOTP(ctx context.Context, v Visitor, s auth.Session, pending, typed string) (Step, error) {
	if err := s.MustBeFresh(enrolWithin); err != nil {
		return Step{}, err
	}
	p, err := uncarry[pendingSeed](g, purposeSeed, pending)
	if err != nil {
		return Step{}, err
	}
	if p.User != s.User {
		return Step{}, tocsin.Fault(tocsin.Forbidden, "ceremony", "This was begun by somebody else.", "Begin again.")
	}
	at, ok := matchCode(p.Seed, typed, g.now())
	if !ok {
		return Step{}, wrongCode()
	}
	if err := g.cfg.Users.SetTOTP(ctx, s.User, s.User, p.Seed, onceCode(s.User, at)); err != nil {
		return Step{}, err
	}
	return g.enrolled(ctx, v)
}

func (g *Gate) enrolled(ctx context.Context, v Visitor) (Step, error) {
	secret, s, err := g.cfg.Users.RenewSession(ctx, v.Session, true)
	return Step{Session: s, Secret: secret}, err
}

// totpURI is the address that apps read (the Key URI Format).
func totpURI(issuer, account string, seed []byte) string {
	q := url.Values{"secret": {seedText.EncodeToString(seed)}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {totpDigits.String()}, "period": {strconv.Itoa(totpPeriod)}}
	// Apps read a plus sign as one, not as a space.
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(account) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// ParseTOTPURI reads an otpauth address, such as one that is moved from another
// system. Only what this program itself makes is accepted: other algorithms,
// digits and periods are refused and not quietly changed.
func ParseTOTPURI(uri string) (issuer, account string, seed []byte, err error) {
	bad := tocsin.Fault(tocsin.Invalid, "otpauth", "This is not an address of one-time codes that can be used.", "Use SHA1, six digits, thirty seconds, and a secret of 16 to 64 bytes.")
	u, err := url.Parse(uri)
	if err != nil || len(uri) > 2048 || u.Scheme != "otpauth" || u.Host != "totp" || u.Fragment != "" || u.User != nil {
		return "", "", nil, bad
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", "", nil, bad
	}
	for name, want := range map[string][]string{"algorithm": {"", "SHA1"}, "digits": {"", "6"}, "period": {"", "30"}} {
		if len(q[name]) > 1 || !slices.Contains(want, q.Get(name)) {
			return "", "", nil, bad
		}
	}
	seed, err = seedText.DecodeString(strings.ToUpper(strings.TrimRight(q.Get("secret"), "=")))
	if err != nil || len(q["secret"]) != 1 || len(seed) < 16 || len(seed) > 64 {
		return "", "", nil, bad
	}
	label := strings.TrimPrefix(u.Path, "/")
	before, after, ok := strings.Cut(label, ":")
	if !ok {
		before, after = q.Get("issuer"), label
	}
	account = strings.TrimSpace(after)
	if account == "" || q.Get("issuer") != "" && q.Get("issuer") != before {
		return "", "", nil, bad
	}
	return before, account, seed, nil
}
