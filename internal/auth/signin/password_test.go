package signin_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/signin"
)

func TestANameThatNobodyHasGetsTheAnswerAndCostsTheWorkOfOneThatIsKnown(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	h.with("keyless", tocsin.Analyst, "")
	h.with("gone", tocsin.Analyst, phrase)
	if err := h.users.Disable(t.Context(), auth.Local, "gone"); err != nil {
		t.Fatal(err)
	}
	answer := ""
	for _, name := range []string{"anna", "nobody", "keyless", "gone", "", "no such\x00name", strings.Repeat("x", 1000), "-"} {
		before, records := h.hasher.Runs(), h.size()
		_, err := h.Password(t.Context(), office, name, "not the password")
		wantCode(t, err, tocsin.Forbidden, "sign_in")
		if answer == "" {
			answer = err.Error()
		}
		if err.Error() != answer || h.hasher.Runs()-before != 1 || h.size() != records {
			t.Errorf("%.20q: %v, %d hashes, %d records", name, err, h.hasher.Runs()-before, h.size()-records)
		}
	}
	// And both are slowed down after as many attempts, without any more work.
	for _, name := range []string{"anna", "nobody"} {
		for n := 1; ; n++ {
			before := h.hasher.Runs()
			_, err := h.Password(t.Context(), from("203.0.113.9"), name, "not the password")
			if tocsin.KindOf(err) == tocsin.Unavailable {
				wantCode(t, err, tocsin.Unavailable, "slow_down")
				if n != 6 || h.hasher.Runs() != before {
					t.Errorf("%s is slowed down at attempt %d, after %d hashes", name, n, h.hasher.Runs()-before)
				}
				break
			}
			if n > 10 {
				t.Fatalf("%s is never slowed down", name)
			}
		}
	}
}

func (h *house) size() int64 {
	n, err := h.store.Log().Size(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func TestTheOwnerGetsIn(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	for _, name := range []string{"anna", " Anna ", "ANNA"} {
		step, err := h.Password(t.Context(), office, name, phrase)
		if err != nil || step.Session.User != "anna" || !step.Session.Actor.Has(tocsin.Analyst) || step.Session.Restricted {
			t.Fatalf("%q: %+v %v", name, step, err)
		}
	}
}

func TestTenThousandGuessesLetNobodyInAndKeepNobodyOut(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	h.with("bert", tocsin.DutyOfficer, phrase)
	key := h.registered("bert") // has a passkey
	h.in(office, "anna")        // was at her desk this morning
	h.clock.Pass(time.Hour)
	random := rand.New(rand.NewPCG(1, 2))
	hashes, records := h.hasher.Runs(), h.size()
	tried, slowed := 0, 0
	for n := range 10_000 {
		h.clock.Pass(time.Duration(random.IntN(200)) * time.Millisecond)
		name := []string{"anna", "bert", "nobody", fmt.Sprintf("made.up.%d", n)}[random.IntN(4)]
		step, err := h.Password(t.Context(), stranger(random.IntN(500)), name, fmt.Sprintf("guess number %d", n))
		switch {
		case err == nil || step.Secret != "" || step.Pending != "":
			t.Fatalf("guess %d let somebody in", n)
		case tocsin.KindOf(err) == tocsin.Unavailable:
			slowed++
		default:
			tried++
		}
	}
	// 17 minutes: of the three thousand guesses at each account that is there, no
	// more than those that the growing wait lets through.
	if done := h.hasher.Runs() - hashes; int64(tried) != done || slowed < 7000 {
		t.Errorf("%d guesses were tried with %d hashes, and %d slowed down", tried, done, slowed)
	}
	if accounts, strangers, addresses := h.Remembered(); accounts > 8 || strangers > 5000 || addresses > 500 {
		t.Errorf("%d accounts, %d names, %d addresses are remembered", accounts, strangers, addresses)
	}
	if err := h.users.Note(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := h.size() - records; n != 2 {
		t.Errorf("the guesses made %d records, want one for each account that was guessed at", n)
	}
	// Anna is at her desk, and never notices.
	h.in(office, "anna")
	// Bert is on the road. His password has to wait, his passkey opens at once.
	_, err := h.Password(t.Context(), from("203.0.113.77"), "bert", phrase)
	wantCode(t, err, tocsin.Unavailable, "slow_down")
	if step, err := h.login(from("203.0.113.77"), key); err != nil || step.Session.User != "bert" {
		t.Fatalf("%+v %v", step, err)
	}
	// And once it is quiet, so does his password.
	h.clock.Pass(15*time.Minute + time.Second)
	h.in(from("203.0.113.77"), "bert")
}

func TestAPasswordIsConfirmedUnderTheSameLimits(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	v := office
	v.Session = h.in(office, "anna").Secret
	if err := h.Confirm(t.Context(), v, "anna", phrase); err != nil {
		t.Fatal(err)
	}
	var err error
	for range 7 {
		err = h.Confirm(t.Context(), v, "anna", "not the one it is")
	}
	var wait signin.Wait
	if !errors.As(err, &wait) || time.Duration(wait) <= 0 {
		t.Errorf("seven wrong attempts: %v", err)
	}
}

func TestOneAddressCannotTryManyNames(t *testing.T) {
	h := opened(t)
	slowed := 0
	for n := range 200 {
		if _, err := h.Password(t.Context(), from("203.0.113.9"), fmt.Sprintf("name.%d", n), "one common guess"); tocsin.KindOf(err) == tocsin.Unavailable {
			slowed++
		}
	}
	if slowed != 200-31 {
		t.Errorf("%d of 200 were slowed down", slowed)
	}
	for n := range 200 { // an IPv6 customer has as many addresses as they like
		v := from(fmt.Sprintf("2001:db8:1:2::%x", n+1))
		if _, err := h.Password(t.Context(), v, fmt.Sprintf("other.%d", n), "one common guess"); tocsin.KindOf(err) == tocsin.Unavailable {
			slowed++
		}
	}
	if slowed != 2*(200-31) {
		t.Errorf("%d of 400 were slowed down", slowed)
	}
}

func TestGuessesAtTheSameMomentCountEach(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	var wg sync.WaitGroup
	before := h.hasher.Runs()
	for n := range 100 {
		wg.Go(func() { _, _ = h.Password(context.Background(), stranger(n), "anna", "guess") })
	}
	wg.Wait()
	if n := h.hasher.Runs() - before; n != 6 {
		t.Errorf("%d of 100 guesses were tried", n)
	}
}

// secondary gives somebody one-time codes and returns the secret of their app.
func (h *house) secondary(id string) (secret string) {
	h.t.Helper()
	step := h.in(office, id)
	v := office
	v.Session = step.Secret
	uri, pending, err := h.BeginTOTP(step.Session)
	if err != nil {
		h.t.Fatal(err)
	}
	u, err := url.Parse(uri)
	if err != nil {
		h.t.Fatal(err)
	}
	secret = u.Query().Get("secret")
	if _, err := h.FinishTOTP(h.t.Context(), v, step.Session, pending, "000000"); err == nil {
		h.t.Fatal("a wrong code finishes it")
	}
	done, err := h.FinishTOTP(h.t.Context(), v, step.Session, pending, h.code(secret))
	if err != nil || done.Secret == "" || done.Secret == step.Secret {
		h.t.Fatalf("%+v %v", done, err)
	}
	return secret
}

func (h *house) code(secret string) string {
	h.t.Helper()
	c, err := totp.GenerateCode(secret, h.clock.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func TestACodeIsAskedForAndGoodOnce(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	secret := h.secondary("anna")
	step, err := h.Password(t.Context(), office, "anna", phrase)
	if err != nil || step.Secret != "" || len(step.Needs) != 1 || step.Needs[0] != auth.ByTOTP {
		t.Fatalf("%+v %v", step, err)
	}
	_, err = h.Second(t.Context(), office, step.Pending, h.code(secret)) // the one that set it up
	wantCode(t, err, tocsin.Forbidden, "used_before")
	h.clock.Pass(30 * time.Second)
	code := h.code(secret)
	done, err := h.Second(t.Context(), office, step.Pending, code[:3]+" "+code[3:])
	if err != nil || done.Session.User != "anna" || len(done.Session.Methods) != 2 {
		t.Fatalf("%+v %v", done, err)
	}
	_, err = h.Second(t.Context(), office, step.Pending, code)
	wantCode(t, err, tocsin.Forbidden, "used_before")
	h.clock.Pass(30 * time.Second)
	for _, bad := range []string{"", "12345", "1234567", "abcdef", "０００００００", code + "\x00"} {
		_, err = h.Second(t.Context(), from("192.0.2.8"), step.Pending, bad)
		if tocsin.KindOf(err) == tocsin.Unavailable {
			break
		}
		wantCode(t, err, tocsin.Forbidden, "code")
	}
}

func TestACodeOfAClockThatIsOffByAStepFits(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	secret := h.secondary("anna")
	h.clock.Pass(10 * time.Minute)
	for _, c := range []struct {
		off  time.Duration
		fits bool
	}{{-60 * time.Second, false}, {60 * time.Second, false}, {-30 * time.Second, true}, {30 * time.Second, true}} {
		step, err := h.Password(t.Context(), office, "anna", phrase)
		if err != nil {
			t.Fatal(err)
		}
		code, err := totp.GenerateCode(secret, h.clock.Now().Add(c.off))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Second(t.Context(), office, step.Pending, code); (err == nil) != c.fits {
			t.Errorf("%s off: %v", c.off, err)
		}
		h.clock.Pass(10 * time.Minute)
	}
}

func TestKnowingThePasswordIsNoLicenceToGuessCodes(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	h.secondary("anna")
	h.clock.Pass(time.Hour)
	tried := 0
	for n := range 1000 {
		v := stranger(n)
		step, err := h.Password(t.Context(), v, "anna", phrase)
		if err != nil {
			continue
		}
		if _, err := h.Second(t.Context(), v, step.Pending, fmt.Sprintf("%06d", n)); tocsin.KindOf(err) == tocsin.Forbidden {
			tried++
		}
	}
	if tried > 3 {
		t.Errorf("%d codes were tried at one moment", tried)
	}
}

func TestARecoveryCodeStandsInForALostTelephone(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	h.secondary("anna")
	codes, err := h.users.NewRecoveryCodes(t.Context(), "anna", "anna")
	if err != nil {
		t.Fatal(err)
	}
	for _, fits := range []bool{true, false} {
		step, err := h.Password(t.Context(), office, "anna", phrase)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Second(t.Context(), office, step.Pending, codes[0]); (err == nil) != fits {
			t.Errorf("want %v: %v", fits, err)
		}
	}
}

func TestASecondHalfBelongsToItsFirst(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	secret := h.secondary("anna")
	h.clock.Pass(time.Minute)
	step, err := h.Password(t.Context(), office, "anna", phrase)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Second(t.Context(), from("203.0.113.1"), step.Pending, h.code(secret))
	wantCode(t, err, tocsin.Forbidden, "ceremony")
	for _, bad := range []string{"", "v1.", step.Pending[:len(step.Pending)-2], step.Pending + step.Pending, h.key.Seal("carried login", "", []byte(`{}`)), strings.Repeat("A", 10_000)} {
		_, err = h.Second(t.Context(), office, bad, h.code(secret))
		wantCode(t, err, tocsin.Forbidden, "ceremony")
	}
	h.clock.Pass(5*time.Minute + time.Second)
	_, err = h.Second(t.Context(), office, step.Pending, h.code(secret))
	wantCode(t, err, tocsin.Forbidden, "ceremony")
}

func TestWhereASecondWayIsRequiredAPasswordAloneLetsNobodyWork(t *testing.T) {
	h := opened(t, func(c *signin.Config) { c.RequireSecond = true })
	h.with("anna", tocsin.Analyst, phrase)
	step := h.in(office, "anna")
	if !step.Session.Restricted || len(step.Session.Actor.Roles) != 0 {
		t.Fatalf("%+v", step.Session)
	}
	v := office
	v.Session = step.Secret
	uri, pending, err := h.BeginTOTP(step.Session)
	if err != nil {
		t.Fatal(err)
	}
	_, _, seed, err := signin.ParseTOTPURI(uri)
	if err != nil || len(seed) != 20 {
		t.Fatalf("%q: %v", uri, err)
	}
	u, _ := url.Parse(uri)
	done, err := h.FinishTOTP(t.Context(), v, step.Session, pending, h.code(u.Query().Get("secret")))
	if err != nil || done.Session.Restricted || !done.Session.Actor.Has(tocsin.Analyst) {
		t.Fatalf("%+v %v", done, err)
	}
	// Whoever has a passkey and shows only a password does not even get that far:
	// with a restricted session they could set up a second way of their own.
	h.with("bert", tocsin.Analyst, phrase)
	h.registered("bert")
	_, err = h.Password(t.Context(), office, "bert", phrase)
	wantCode(t, err, tocsin.Forbidden, "second_needed")
}

func TestEnrollingNeedsAFreshSession(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	v := office
	v.Session = h.in(office, "anna").Secret
	h.clock.Pass(11 * time.Minute)
	s, err := h.users.Resume(t.Context(), v.Session, auth.PlaceOf(v.Address, v.Agent))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.BeginTOTP(s)
	wantCode(t, err, tocsin.Forbidden, "reauthenticate")
	_, _, err = h.BeginPasskey(s)
	wantCode(t, err, tocsin.Forbidden, "reauthenticate")
	again, err := h.Password(t.Context(), v, "anna", phrase)
	if err != nil || !again.Session.Began.Equal(s.Began) {
		t.Fatalf("%+v %v", again, err)
	}
	if _, _, err := h.BeginTOTP(again.Session); err != nil {
		t.Error(err)
	}
}

func FuzzParseTOTPURI(f *testing.F) {
	for _, s := range []string{"otpauth://totp/Tocsin:anna?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Tocsin&algorithm=SHA1&digits=6&period=30", "otpauth://totp/anna?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
		"otpauth://hotp/x?secret=AA", "otpauth://totp/A%20B:c%3Ad?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=A%20B", "", "otpauth://totp/?", "otpauth://totp/a:b?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		issuer, account, seed, err := signin.ParseTOTPURI(uri)
		if err != nil {
			return
		}
		if len(seed) < 16 || account == "" {
			t.Fatalf("%q gives %q %q %d bytes", uri, issuer, account, len(seed))
		}
		if issuer == "" || strings.Contains(issuer, ":") {
			return
		}
		again, who, same, err := signin.ParseTOTPURI(signin.TOTPURI(issuer, account, seed))
		if err != nil || again != issuer || who != account || string(same) != string(seed) {
			t.Errorf("%q: %q %q is printed and read as %q %q, %v", uri, issuer, account, again, who, err)
		}
	})
}
