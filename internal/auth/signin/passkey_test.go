package signin_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/signin"
)

var party = virtualwebauthn.RelyingParty{ID: "tocsin.example.org", Name: "Tocsin", Origin: "https://tocsin.example.org"}

// authenticator is a software one with a single key.
type authenticator struct {
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
}

func (h *house) register(v signin.Visitor, s auth.Session, a *authenticator, rp virtualwebauthn.RelyingParty) (signin.Step, error) {
	h.t.Helper()
	options, pending, err := h.BeginPasskey(s)
	if err != nil {
		h.t.Fatal(err)
	}
	b, err := json.Marshal(options)
	if err != nil {
		h.t.Fatal(err)
	}
	read, err := virtualwebauthn.ParseAttestationOptions(string(b))
	if err != nil {
		h.t.Fatal(err)
	}
	a.Options.UserHandle = []byte(read.UserID)
	answer := virtualwebauthn.CreateAttestationResponse(rp, a.Authenticator, a.key, *read)
	return h.FinishPasskey(h.t.Context(), v, s, pending, "the key on my ring", strings.NewReader(answer))
}

// newAuthenticator makes one. Of the keys that the library makes, one in 128 has a
// coordinate that begins with a zero byte, which the library leaves out; a real
// authenticator does not (RFC 9053, 7.1.1), so such a key is not used.
func newAuthenticator(o virtualwebauthn.AuthenticatorOptions) *authenticator {
	const whole = 77 // bytes of a COSE key with two coordinates of 32
	for {
		if key := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(key.Key.AttestationData()) == whole {
			return &authenticator{virtualwebauthn.NewAuthenticatorWithOptions(o), key}
		}
	}
}

// registered gives somebody a passkey.
func (h *house) registered(id string) *authenticator {
	h.t.Helper()
	a := newAuthenticator(virtualwebauthn.AuthenticatorOptions{})
	secret, s, err := h.users.Enter(h.t.Context(), auth.Entry{User: tocsin.ActorID(id), Methods: []auth.Method{auth.BySetUp}, Place: auth.PlaceOf(office.Address, office.Agent)})
	if err != nil {
		h.t.Fatal(err)
	}
	v := office
	v.Session = secret
	if _, err := h.register(v, s, a, party); err != nil {
		h.t.Fatal(err)
	}
	if err := h.users.EndSessions(h.t.Context(), auth.Local, tocsin.ActorID(id), "enrolled"); err != nil {
		h.t.Fatal(err)
	}
	return a
}

// asked begins a login and has the authenticator answer it.
func (h *house) asked(a *authenticator, rp virtualwebauthn.RelyingParty) (pending, answer string) {
	h.t.Helper()
	options, pending, err := h.BeginLogin()
	if err != nil {
		h.t.Fatal(err)
	}
	b, err := json.Marshal(options)
	if err != nil {
		h.t.Fatal(err)
	}
	read, err := virtualwebauthn.ParseAssertionOptions(string(b))
	if err != nil {
		h.t.Fatal(err)
	}
	a.key.Counter++
	return pending, virtualwebauthn.CreateAssertionResponse(rp, a.Authenticator, a.key, *read)
}

func (h *house) login(v signin.Visitor, a *authenticator) (signin.Step, error) {
	h.t.Helper()
	pending, answer := h.asked(a, party)
	return h.FinishLogin(h.t.Context(), v, pending, strings.NewReader(answer))
}

func TestPasskeysAreRegisteredAndLetTheirOwnerIn(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, "")
	h.with("bert", tocsin.DutyOfficer, "")
	first, second, berts := h.registered("anna"), h.registered("anna"), h.registered("bert")
	if n := len(h.users.Passkeys("anna")); n != 2 {
		t.Fatalf("%d passkeys", n)
	}
	for a, who := range map[*authenticator]tocsin.ActorID{first: "anna", second: "anna", berts: "bert"} {
		for range 2 {
			step, err := h.login(office, a)
			if err != nil || step.Session.User != who || step.Session.Methods[0] != auth.ByPasskey || !step.Session.Fresh(time.Minute) {
				t.Fatalf("%+v %v", step, err)
			}
		}
	}
	k := h.users.Passkeys("anna")[0]
	if k.SignCount != 2 || k.Used.IsZero() || k.Name != "the key on my ring" {
		t.Errorf("%+v", k)
	}
	if err := h.users.RemovePasskey(t.Context(), "anna", "anna", k.ID); err != nil {
		t.Fatal(err)
	}
	_, err := h.login(office, first)
	wantCode(t, err, tocsin.Forbidden, "passkey")
	if _, err := h.login(office, second); err != nil {
		t.Error(err)
	}
	if err := h.users.Disable(t.Context(), "adam", "bert"); err != nil {
		t.Fatal(err)
	}
	_, err = h.login(office, berts)
	wantCode(t, err, tocsin.Forbidden, "passkey")
}

func TestAPasskeyThatDoesNotVerifyItsPersonIsRefused(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	step := h.in(office, "anna")
	v := office
	v.Session = step.Secret
	for name, o := range map[string]virtualwebauthn.AuthenticatorOptions{"not verified": {UserNotVerified: true}, "not present": {UserNotPresent: true}} {
		_, err := h.register(v, step.Session, newAuthenticator(o), party)
		if err == nil {
			t.Errorf("%s: it is registered", name)
			continue
		}
		wantCode(t, err, tocsin.Forbidden, "passkey")
	}
	a := h.registered("anna")
	a.Options.UserNotVerified = true
	_, err := h.login(office, a)
	wantCode(t, err, tocsin.Forbidden, "passkey")
	a.Options.UserNotVerified = false
	if _, err := h.login(office, a); err != nil {
		t.Error(err)
	}
}

func TestAPageThatPretendsToBeUsGetsNowhere(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	a := h.registered("anna")
	for name, rp := range map[string]virtualwebauthn.RelyingParty{
		"another origin":    {ID: party.ID, Origin: "https://tocsin.example.net"},
		"another scheme":    {ID: party.ID, Origin: "http://tocsin.example.org"},
		"another party":     {ID: "tocsin.example.net", Origin: party.Origin},
		"a page underneath": {ID: party.ID, Origin: "https://evil.tocsin.example.org"},
	} {
		pending, answer := h.asked(a, rp)
		_, err := h.FinishLogin(t.Context(), office, pending, strings.NewReader(answer))
		if err == nil {
			t.Errorf("%s lets somebody in", name)
		}
	}
}

func TestAnAnswerIsGoodForItsOwnChallengeOnce(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	a := h.registered("anna")
	pending, answer := h.asked(a, party)
	other, _, err := func() (string, string, error) { p, s := h.asked(a, party); return p, s, nil }()
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.FinishLogin(t.Context(), office, other, strings.NewReader(answer))
	wantCode(t, err, tocsin.Forbidden, "passkey")
	if _, err := h.FinishLogin(t.Context(), office, pending, strings.NewReader(answer)); err != nil {
		t.Fatal(err)
	}
	_, err = h.FinishLogin(t.Context(), office, pending, strings.NewReader(answer))
	if err == nil {
		t.Error("an answer that was heard lets somebody in again")
	}
	pending, answer = h.asked(a, party)
	h.clock.Pass(5*time.Minute + time.Second)
	_, err = h.FinishLogin(t.Context(), office, pending, strings.NewReader(answer))
	wantCode(t, err, tocsin.Forbidden, "ceremony")
}

func TestAChallengeWithoutACountIsGoodOnceToo(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	a := h.registered("anna")
	pending, answer := h.asked(&authenticator{a.Authenticator, func() virtualwebauthn.Credential { k := a.key; k.Counter = 1<<32 - 1; return k }()}, party) // wraps to 0, as synced passkeys always show
	if _, err := h.FinishLogin(t.Context(), office, pending, strings.NewReader(answer)); err != nil {
		t.Fatal(err)
	}
	_, err := h.FinishLogin(t.Context(), office, pending, strings.NewReader(answer))
	wantCode(t, err, tocsin.Forbidden, "used_before")
}

func TestACopiedPasskeyIsRefusedAndRecorded(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	a := h.registered("anna")
	copied := &authenticator{a.Authenticator, a.key}
	for range 3 {
		if _, err := h.login(office, a); err != nil {
			t.Fatal(err)
		}
	}
	_, err := h.login(office, copied)
	wantCode(t, err, tocsin.Forbidden, "passkey_copied")
	all, err := h.users.History(t.Context())
	if err != nil || all[len(all)-1].Kind != "passkey_suspected" {
		t.Errorf("%+v %v", all[len(all)-1], err)
	}
}

func TestAPasskeyUnlocks(t *testing.T) {
	h := opened(t)
	h.with("anna", tocsin.Analyst, phrase)
	a := h.registered("anna")
	v := office
	first := h.in(office, "anna")
	v.Session = first.Secret
	h.clock.Pass(time.Hour)
	step, err := h.login(v, a)
	if err != nil || !step.Session.Began.Equal(first.Session.Began) || step.Session.Locked != "" || step.Secret == first.Secret {
		t.Fatalf("%+v %v", step, err)
	}
}

func FuzzFinishLogin(f *testing.F) {
	h := opened(f)
	h.with("anna", tocsin.Analyst, phrase)
	a := h.registered("anna")
	pending, answer := h.asked(a, party)
	other, _ := h.asked(a, party)
	f.Add(other, answer)
	f.Add("", "")
	f.Add(other, `{"id":"","rawId":"","type":"public-key","response":{}}`)
	f.Add(pending, `null`)
	f.Fuzz(func(t *testing.T, pending, answer string) {
		if step, err := h.FinishLogin(t.Context(), office, pending, strings.NewReader(answer)); err == nil {
			t.Errorf("%q %q lets in %+v", pending, answer, step)
		}
	})
}
