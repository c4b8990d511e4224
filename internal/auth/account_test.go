package auth_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/password"
	"tocsin/ledger"
	"tocsin/ledger/memory"
)

const phrase = "a quiet red bicycle in June"

func (o *office) setPassword(id tocsin.ActorID, plain string) {
	o.t.Helper()
	if err := o.SetPassword(o.t.Context(), "adam", id, plain, ""); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) fits(id tocsin.ActorID, plain string) bool {
	o.t.Helper()
	ok, err := o.CheckPassword(o.t.Context(), id, plain)
	if err != nil {
		o.t.Fatal(err)
	}
	return ok
}

// everything is the whole record as text.
func (o *office) everything() string {
	var all strings.Builder
	for r, err := range o.store.Since(o.t.Context(), 0) {
		if err != nil {
			o.t.Fatal(err)
		}
		b, err := json.Marshal(r)
		if err != nil {
			o.t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

func TestAPasswordIsKeptSealedAndFitsItsOwnerAlone(t *testing.T) {
	o := opened(t)
	o.setPassword("n.haddad", phrase)
	for range 2 {
		if !o.fits("n.haddad", phrase) || o.fits("n.haddad", phrase+" ") || o.fits("anna", phrase) || o.fits("nobody", phrase) || o.fits("", phrase) {
			t.Fatal("the password does not tell its owner from others")
		}
		o.restart()
	}
	seed := bytes.Repeat([]byte("SEED"), 5)
	if err := o.SetTOTP(t.Context(), "n.haddad", "n.haddad", seed, "totp/1"); err != nil {
		t.Fatal(err)
	}
	all := o.everything()
	for _, secret := range []string{phrase, "argon2", "SEEDSEED", "U0VFRFNFRU", "KNCUKRCTIVCU"} {
		if strings.Contains(all, secret) {
			t.Errorf("the record holds %q", secret)
		}
	}
	if err := o.Disable(t.Context(), "adam", "n.haddad"); err != nil {
		t.Fatal(err)
	}
	if o.fits("n.haddad", phrase) {
		t.Error("a disabled user has a password")
	}
}

func TestASealedSecretOpensForItsAccountAndKeyAlone(t *testing.T) {
	k := auth.NewKey()
	sealed := k.Seal("password", "anna", []byte("x"))
	if b, err := k.Open("password", "anna", sealed); err != nil || string(b) != "x" {
		t.Fatalf("%q %v", b, err)
	}
	if k.Seal("password", "anna", []byte("x")) == sealed {
		t.Error("sealing twice gives the same")
	}
	flipped := []byte(sealed)
	flipped[len(flipped)/2] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"another account": func() ([]byte, error) { return k.Open("password", "bert", sealed) },
		"another purpose": func() ([]byte, error) { return k.Open("totp", "anna", sealed) },
		"another key":     func() ([]byte, error) { return auth.NewKey().Open("password", "anna", sealed) },
		"a flipped bit":   func() ([]byte, error) { return k.Open("password", "anna", string(flipped)) },
		"cut":             func() ([]byte, error) { return k.Open("password", "anna", sealed[:10]) },
		"nothing":         func() ([]byte, error) { return k.Open("password", "anna", "") },
	} {
		if b, err := open(); err == nil || b != nil {
			t.Errorf("%s opens it", name)
		}
	}
	again, err := auth.ParseKey(k.Text() + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Open("password", "anna", sealed); err != nil {
		t.Error("a key that was written and read is another")
	}
}

func TestWithoutTheKeyOrWithAnotherItIsSaid(t *testing.T) {
	o := opened(t)
	o.setPassword("n.haddad", phrase)
	without := open(t, o.store)
	_, err := without.CheckPassword(t.Context(), "n.haddad", phrase)
	wantCode(t, err, tocsin.Unavailable, "no_accounts_key")
	wantCode(t, without.SetPassword(t.Context(), "adam", "n.haddad", phrase, ""), tocsin.Unavailable, "no_accounts_key")
	o.key = auth.NewKey()
	o.restart()
	_, err = o.CheckPassword(t.Context(), "n.haddad", phrase)
	wantCode(t, err, tocsin.Unavailable, "accounts_key_other")
	o.setPassword("n.haddad", phrase+" again") // the way out that the message names
	if !o.fits("n.haddad", phrase+" again") {
		t.Error("a new password under the new key does not fit")
	}
}

func TestAStaleHashIsReplacedWhenItsOwnerComes(t *testing.T) {
	o := opened(t)
	o.setPassword("n.haddad", phrase)
	dearer, err := password.NewHasher(password.Params{Memory: 128, Time: 2, Threads: 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if o.Users, err = auth.Open(t.Context(), o.store, o.clock, auth.WithKey(o.key), auth.WithHasher(dearer)); err != nil {
		t.Fatal(err)
	}
	before := strings.Count(o.everything(), `"password_set"`)
	o.fits("n.haddad", "wrong")
	if strings.Count(o.everything(), `"password_set"`) != before {
		t.Error("a wrong password replaced the hash")
	}
	for range 3 {
		if !o.fits("n.haddad", phrase) {
			t.Fatal("the owner is refused")
		}
	}
	if n := strings.Count(o.everything(), `"password_set"`) - before; n != 1 {
		t.Errorf("the hash was replaced %d times, want once", n)
	}
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	o := opened(t)
	mine, _ := o.signIn("n.haddad")
	stolen, _ := o.signIn("n.haddad")
	if err := o.SetPassword(t.Context(), "n.haddad", "n.haddad", phrase, mine); err != nil {
		t.Fatal(err)
	}
	o.resume(mine, desk)
	_, err := o.Resume(t.Context(), stolen, desk)
	wantCode(t, err, tocsin.Forbidden, "session")
	wantCode(t, o.SetPassword(t.Context(), "adam", "n.haddad", "password12345", ""), tocsin.Invalid, "password_common")
	wantCode(t, o.SetPassword(t.Context(), "adam", "nobody", phrase, ""), tocsin.NotFound, "user")
}

func TestTokensHaveScopesAndEnd(t *testing.T) {
	o := opened(t)
	secret, made, err := o.MakeToken(t.Context(), "adam", auth.TokenRequest{User: "anna", Name: "the feed", Scopes: []auth.Scope{auth.ScopeReport, auth.ScopeRead}, Life: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.Identify(secret)
	if err != nil || p.Actor.ID != "anna" || p.Token.ID != made.ID || p.Token.Name != "the feed" {
		t.Fatalf("%+v %v", p, err)
	}
	for _, s := range auth.Scopes() {
		err := p.Admits(s)
		if want := s == auth.ScopeReport || s == auth.ScopeRead; (err == nil) != want {
			t.Errorf("%s: %v", s, err)
		}
		if err != nil {
			wantCode(t, err, tocsin.Forbidden, "scope")
		}
	}
	o.clock.Pass(24*time.Hour - time.Second)
	if _, err := o.Identify(secret); err != nil {
		t.Errorf("before it expires: %v", err)
	}
	o.clock.Pass(time.Second)
	_, err = o.Identify(secret)
	wantCode(t, err, tocsin.Forbidden, "token")

	second, made, err := o.MakeToken(t.Context(), "adam", auth.TokenRequest{User: "anna", Scopes: []auth.Scope{auth.ScopeAdmin}, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	main, err := o.Rotate(t.Context(), "adam", "anna")
	if err != nil {
		t.Fatal(err)
	}
	if err := o.RevokeToken(t.Context(), "adam", "anna", made.ID); err != nil {
		t.Fatal(err)
	}
	_, err = o.Identify(second)
	wantCode(t, err, tocsin.Forbidden, "token")
	wantCode(t, o.RevokeToken(t.Context(), "adam", "anna", made.ID), tocsin.NotFound, "no_such_token")
	wantCode(t, o.RevokeToken(t.Context(), "adam", "n.haddad", "main"), tocsin.NotFound, "no_such_token")
	p, err = o.Identify(main)
	if err != nil {
		t.Fatalf("the main token ended with another: %v", err)
	}
	for _, s := range auth.Scopes() {
		if p.Admits(s) != nil {
			t.Errorf("the main token is not good for %s", s)
		}
	}
	for code, r := range map[string]auth.TokenRequest{
		"scope_missing": {User: "anna", Life: time.Hour}, "scope_unknown": {User: "anna", Scopes: []auth.Scope{"all"}, Life: time.Hour},
		"token_life": {User: "anna", Scopes: auth.Scopes(), Life: 400 * 24 * time.Hour}, "token_name": {User: "anna", Scopes: auth.Scopes(), Life: time.Hour, Name: "a\nb"},
	} {
		_, _, err := o.MakeToken(t.Context(), "adam", r)
		wantCode(t, err, tocsin.Invalid, code)
	}
}

func TestRecoveryCodesAreGoodOnce(t *testing.T) {
	o := opened(t)
	codes, err := o.NewRecoveryCodes(t.Context(), "n.haddad", "n.haddad")
	if err != nil || len(codes) != 10 {
		t.Fatalf("%d codes, %v", len(codes), err)
	}
	all := o.everything()
	for _, c := range codes {
		if strings.Contains(all, c) || strings.Contains(all, strings.ReplaceAll(c, "-", "")) {
			t.Error("the record holds a recovery code")
		}
	}
	hash, ok := o.RecoveryCode("n.haddad", strings.ToUpper(strings.ReplaceAll(codes[3], "-", " ")))
	if !ok {
		t.Fatal("a code typed in capitals and with spaces is not known")
	}
	if _, ok := o.RecoveryCode("anna", codes[3]); ok {
		t.Error("a code fits another person")
	}
	e := auth.Entry{User: "n.haddad", Methods: []auth.Method{auth.ByRecovery}, Recovery: hash, Place: desk}
	if _, _, err := o.Enter(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	_, _, err = o.Enter(t.Context(), e)
	wantCode(t, err, tocsin.Forbidden, "used_before")
	if a, _ := o.Account("n.haddad"); a.SignIn.Recovery != 9 {
		t.Errorf("%d codes are left", a.SignIn.Recovery)
	}
	if _, err := o.NewRecoveryCodes(t.Context(), "n.haddad", "n.haddad"); err != nil {
		t.Fatal(err)
	}
	if _, ok := o.RecoveryCode("n.haddad", codes[0]); ok {
		t.Error("a code of the old set is good")
	}
}

func TestARecoveryCodeIs128BitsAndOneOfTheShorterOnesStaysGood(t *testing.T) {
	o := opened(t)
	codes, err := o.NewRecoveryCodes(t.Context(), "n.haddad", "n.haddad")
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`^([a-z0-9]{5}-){4}[a-z0-9]{6}$`) // 26 characters of base 32
	for _, c := range codes {
		if !form.MatchString(c) {
			t.Errorf("a code of another form: %d characters", len(c))
		}
	}
	// As the record has those that were made with 100 bits.
	const older = "abcdefghjkmnpqrstvwx"
	last := 0
	for r, err := range o.store.Load(t.Context(), auth.Stream) {
		if err != nil {
			t.Fatal(err)
		}
		last = r.Seq
	}
	hashes, err := json.Marshal([]tocsin.Digest{tocsin.DigestOf([]byte("tocsin recovery anna " + older))})
	if err != nil {
		t.Fatal(err)
	}
	salt := base64.RawURLEncoding.EncodeToString(make([]byte, 16))
	rec := ledger.Record{Kind: "recovery_set", Actor: "anna", Command: "before", EventTime: noon.at, EntryTime: noon.at,
		Fields: map[string]json.RawMessage{"id": []byte(`"anna"`), "hashes": hashes}, Salts: map[string]string{"id": salt, "hashes": salt}}
	if _, err := o.store.Append(t.Context(), ledger.Batch{Stream: auth.Stream, After: last, Records: []ledger.Record{rec}}); err != nil {
		t.Fatal(err)
	}
	o.restart()
	hash, ok := o.RecoveryCode("anna", "ABCDE-FGHJK-MNPQR-STVWX")
	if !ok {
		t.Fatal("a code that was given out before is not known")
	}
	e := auth.Entry{User: "anna", Methods: []auth.Method{auth.ByRecovery}, Recovery: hash, Place: desk}
	if _, _, err := o.Enter(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	_, _, err = o.Enter(t.Context(), e)
	wantCode(t, err, tocsin.Forbidden, "used_before")
	for _, length := range []int{0, 19, 21, 25, 27} {
		if _, ok := auth.ParseRecoveryCode(strings.Repeat("a", length)); ok {
			t.Errorf("%d characters are taken for a code", length)
		}
	}
}

func FuzzParseRecoveryCode(f *testing.F) {
	for _, s := range []string{"abcde-fghjk-mnpqr-stvwx", "abcde-fghjk-mnpqr-stvwx-yz0123", "ABCDE FGHJK MNPQR STVWX", "", "-----", "\xff", "ilou0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, ok := auth.ParseRecoveryCode(s)
		if !ok {
			return
		}
		if again, ok := auth.ParseRecoveryCode(code); !ok || again != code || len(code) != 20 && len(code) != 26 {
			t.Errorf("%q is read as %q and that as %q", s, code, again)
		}
	})
}

func FuzzParseKey(f *testing.F) {
	f.Add(auth.NewKey().Text())
	f.Add("")
	f.Add("tocsin-accounts-key-1:AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		k, err := auth.ParseKey(s)
		if err == nil && k.Text() != strings.TrimSpace(s) {
			t.Errorf("%q is read and written as %q", s, k.Text())
		}
	})
}

func FuzzOpenSealed(f *testing.F) {
	k := auth.NewKey()
	mine := k.Seal("p", "s", []byte("x"))
	for _, s := range []string{mine, "", "v1.", mine[:9] + "\n" + mine[9:], "v1.AAAA", "v2." + mine} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if b, err := k.Open("p", "s", s); (err == nil) != (s == mine) {
			t.Errorf("%q opens to %q", s, b)
		}
	})
}

func TestASubjectBelongsToOneAccount(t *testing.T) {
	o := opened(t)
	s := auth.Subject{Issuer: "https://id.example", Subject: "77"}
	if err := o.LinkSubject(t.Context(), "adam", "anna", s); err != nil {
		t.Fatal(err)
	}
	wantCode(t, o.LinkSubject(t.Context(), "adam", "n.haddad", s), tocsin.Refused, "subject_linked")
	if id, ok := o.BySubject(s); !ok || id != "anna" {
		t.Errorf("%s %v", id, ok)
	}
	if _, ok := o.BySubject(auth.Subject{Issuer: "https://id.example/", Subject: "77"}); ok {
		t.Error("another issuer with the same subject gets in")
	}
	wantCode(t, o.UnlinkSubject(t.Context(), "adam", "n.haddad", s), tocsin.NotFound, "subject")
	if err := o.UnlinkSubject(t.Context(), "adam", "anna", s); err != nil {
		t.Fatal(err)
	}
	if _, ok := o.BySubject(s); ok {
		t.Error("an unlinked subject gets in")
	}
	wantCode(t, o.LinkSubject(t.Context(), "adam", "anna", auth.Subject{}), tocsin.Invalid, "subject")
}

func TestBreakingTheGlass(t *testing.T) {
	o := opened(t)
	secret, _ := o.signIn("anna")
	const reason = "The duty officer cannot be reached and the attack is in two hours."
	g, err := o.BreakGlass(t.Context(), "anna", tocsin.DutyOfficer, 2*time.Hour, reason)
	if err != nil {
		t.Fatal(err)
	}
	if s := o.resume(secret, desk); !s.Actor.Has(tocsin.DutyOfficer) || !s.Renew {
		t.Errorf("the session does not have the role, or keeps its secret: %+v", s)
	}
	if a, _ := o.Find("anna"); !a.Has(tocsin.DutyOfficer, tocsin.Analyst) {
		t.Errorf("%+v", a)
	}
	if a, _ := o.Account("anna"); a.Glass == nil || slices.Contains(a.Roles, tocsin.DutyOfficer) {
		t.Errorf("the list does not tell a taken role from a given one: %+v", a)
	}
	_, err = o.BreakGlass(t.Context(), "anna", tocsin.ReleaseOfficer, time.Hour, reason)
	wantCode(t, err, tocsin.Refused, "glass_broken_already")
	wantCode(t, o.ReviewGlass(t.Context(), "rita", g.ID, true, "She warned in time."), tocsin.Refused, "glass_lasts")
	o.clock.Pass(2 * time.Hour)
	if a, _ := o.Find("anna"); a.Has(tocsin.DutyOfficer) {
		t.Error("the role outlives its time")
	}
	if owed := o.ReviewsOwed(); len(owed) != 1 || owed[0].ID != g.ID || !owed[0].ReviewDue().Equal(noon.at.Add(74*time.Hour)) {
		t.Errorf("owed: %+v", owed)
	}
	wantCode(t, o.ReviewGlass(t.Context(), "anna", g.ID, true, "I was right to do it."), tocsin.Forbidden, "glass_own")
	wantCode(t, o.ReviewGlass(t.Context(), "n.haddad", g.ID, true, "She was right to do it."), tocsin.Forbidden, "glass_reviewer")
	if _, err := o.BreakGlass(t.Context(), "n.haddad", tocsin.Reviewer, time.Hour, "I want to review this grant myself."); err != nil {
		t.Fatal(err)
	}
	wantCode(t, o.ReviewGlass(t.Context(), "n.haddad", g.ID, true, "She was right to do it."), tocsin.Forbidden, "glass_reviewer")
	wantCode(t, o.ReviewGlass(t.Context(), "rita", g.ID, true, "ok"), tocsin.Invalid, "glass_note")
	if err := o.ReviewGlass(t.Context(), "rita", g.ID, true, "She warned in time; nobody else was there."); err != nil {
		t.Fatal(err)
	}
	wantCode(t, o.ReviewGlass(t.Context(), "rita", g.ID, false, "On second thoughts it was wrong."), tocsin.Refused, "glass_reviewed")
	o.restart()
	all := o.Grants()
	if len(all) != 2 || all[0].Review == nil || all[0].Review.By != "rita" || len(o.ReviewsOwed()) != 0 {
		t.Errorf("%+v", all)
	}
	if err := o.EndGlass(t.Context(), "n.haddad", all[1].ID); err != nil || len(o.ReviewsOwed()) != 1 {
		t.Errorf("ended early: %v, %d owed", err, len(o.ReviewsOwed()))
	}
	wantCode(t, o.EndGlass(t.Context(), "n.haddad", all[1].ID), tocsin.Refused, "glass_over")
	wantCode(t, o.EndGlass(t.Context(), "n.haddad", "none"), tocsin.NotFound, "glass")
}

func TestTheGlassThatCannotBeBroken(t *testing.T) {
	o := opened(t)
	const reason = "There is nobody else here tonight."
	for _, c := range []struct {
		code string
		who  tocsin.ActorID
		role tocsin.Role
		last time.Duration
		why  string
	}{
		{"role_alone", "adam", tocsin.DutyOfficer, time.Hour, reason}, // no administrator sees a case in this way
		{"role_alone", "anna", tocsin.Administrator, time.Hour, reason},
		{"role_alone", "anna", tocsin.Inspector, time.Hour, reason},
		{"role_machine", "anna", tocsin.Machine, time.Hour, reason},
		{"role_unknown", "anna", "chief", time.Hour, reason},
		{"role_held", "anna", tocsin.Analyst, time.Hour, reason},
		{"glass_time", "anna", tocsin.DutyOfficer, 13 * time.Hour, reason},
		{"glass_time", "anna", tocsin.DutyOfficer, 0, reason},
		{"glass_reason", "anna", tocsin.DutyOfficer, time.Hour, "because"},
		{"user", "nobody", tocsin.DutyOfficer, time.Hour, reason},
	} {
		_, err := o.BreakGlass(t.Context(), c.who, c.role, c.last, c.why)
		if kind := tocsin.KindOf(err); kind == "" {
			t.Errorf("%s as %s: %v", c.who, c.role, err)
			continue
		}
		wantCode(t, err, tocsin.KindOf(err), c.code)
	}
	if len(o.Grants()) != 0 {
		t.Error("a refused breaking is kept as one")
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	o := opened(t)
	terms := tocsin.Terms{Powers: map[tocsin.Power][]tocsin.Role{tocsin.MayAssess: {tocsin.Analyst, tocsin.DutyOfficer}, tocsin.MayRelease: {tocsin.ReleaseOfficer}, tocsin.MayInvokeExigent: {tocsin.DutyOfficer}}}
	if _, err := o.BreakGlass(t.Context(), "anna", tocsin.ReleaseOfficer, time.Hour, "The release officer is ill tonight."); err != nil {
		t.Fatal(err)
	}
	got := map[tocsin.Power]auth.Right{}
	rights := o.WhoMay(terms)
	for i, r := range rights {
		if r.Power != tocsin.Powers()[i] || r.People == nil {
			t.Fatalf("%+v", r)
		}
		got[r.Power] = r
	}
	if len(rights) != len(tocsin.Powers()) || !slices.Equal(got[tocsin.MayAssess].People, []tocsin.ActorID{"anna", "n.haddad"}) || got[tocsin.MayAssess].Glass != nil ||
		!slices.Equal(got[tocsin.MayRelease].Glass, []tocsin.ActorID{"anna"}) || len(got[tocsin.MayClose].People) != 0 {
		t.Errorf("%+v", got)
	}
	if p := auth.PowersOf(terms, tocsin.DutyOfficer); !slices.Equal(p, []tocsin.Power{tocsin.MayAssess, tocsin.MayInvokeExigent}) {
		t.Errorf("%v", p)
	}
}

func TestEveryChangeOfAccountsIsInTheHistoryWithoutSecrets(t *testing.T) {
	o := opened(t)
	o.setPassword("anna", phrase)
	_, _, err := o.MakeToken(t.Context(), "adam", auth.TokenRequest{User: "anna", Scopes: []auth.Scope{auth.ScopeRead}, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		o.SetRoles(t.Context(), "adam", "anna", []tocsin.Role{tocsin.Reviewer}, nil, "", "she reviews from now on"),
		o.SetTOTP(t.Context(), "anna", "anna", bytes.Repeat([]byte{1}, 20), "totp/x"), o.RemoveTOTP(t.Context(), "adam", "anna"),
		o.AddPasskey(t.Context(), "anna", "anna", o.Handle("anna"), auth.Passkey{ID: []byte{1}, PublicKey: []byte{2}, Name: "key"}), o.RemovePasskey(t.Context(), "anna", "anna", []byte{1}),
		o.RemovePassword(t.Context(), "adam", "anna"), o.Disable(t.Context(), "adam", "anna"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	o.Held("n.haddad", o.clock.Now())
	o.Held("n.haddad", o.clock.Now())
	o.Held("nobody", o.clock.Now())
	if err := o.Note(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := o.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, e := range all[4:] {
		kinds = append(kinds, e.Kind)
		b, _ := json.Marshal(e)
		if e.By == "" || strings.Contains(string(b), "v1.") || strings.Contains(string(b), "sha256:") {
			t.Errorf("%s", b)
		}
	}
	want := []string{"password_set", "token_made", "user_roles_set", "totp_set", "totp_removed", "passkey_added", "passkey_removed", "password_removed", "user_disabled", "sign_in_held"}
	if !slices.Equal(kinds, want) {
		t.Errorf("%v, want %v", kinds, want)
	}
	wantCode(t, o.SetRoles(t.Context(), "adam", "n.haddad", []tocsin.Role{tocsin.Analyst}, nil, "", ""), tocsin.Invalid, "why")
}

func TestTheFirstAdministratorIsMadeOnce(t *testing.T) {
	store := memory.Open()
	u, err := auth.Open(t.Context(), store, noon, auth.WithKey(auth.NewKey()))
	if err != nil {
		t.Fatal(err)
	}
	first := auth.User{ID: "ada", Name: "Ada", Roles: []tocsin.Role{tocsin.Administrator}}
	if u.Administered() {
		t.Error("an empty record is administered")
	}
	wantCode(t, u.SetUp(t.Context(), first, "short"), tocsin.Invalid, "password_short")
	if err := u.SetUp(t.Context(), first, phrase); err != nil || !u.Administered() {
		t.Fatal(err)
	}
	first.ID = "eve"
	wantCode(t, u.SetUp(t.Context(), first, phrase), tocsin.Refused, "set_up_already")
}

// What the first form of this program wrote is still read, and its tokens are
// good for everything that their holders may do.
func TestRecordsOfBeforeKeepTheirTokens(t *testing.T) {
	store := memory.Open()
	const token = "tocsin_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	const next = "tocsin_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
	write := func(seq int, kind, data string) {
		r, err := ledger.NewRecord(ledger.Record{Kind: kind, EventTime: noon.at, EntryTime: noon.at, Actor: auth.Local, Command: "user-x"}, json.RawMessage(data), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Append(t.Context(), ledger.Batch{Stream: "users", After: seq - 1, Records: []ledger.Record{r}}); err != nil {
			t.Fatal(err)
		}
	}
	write(1, "user_added", `{"id":"anna","name":"Anna","roles":["analyst"],"handles":["ORCHID"],"token_hash":"`+string(tocsin.DigestOf([]byte(token)))+`"}`)
	u := open(t, store)
	p, err := u.Identify(token)
	if err != nil || p.Actor.ID != "anna" || !p.Actor.Handler("ORCHID") {
		t.Fatalf("%+v %v", p, err)
	}
	for _, s := range auth.Scopes() {
		if err := p.Admits(s); err != nil {
			t.Error(err)
		}
	}
	write(2, "token_replaced", `{"id":"anna","token_hash":"`+string(tocsin.DigestOf([]byte(next)))+`"}`)
	if err := u.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = u.Identify(token)
	wantCode(t, err, tocsin.Forbidden, "token")
	if _, err := u.Identify(next); err != nil {
		t.Error(err)
	}
	write(3, "user_disabled", `{"id":"anna"}`)
	again := open(t, store)
	_, err = again.Identify(next)
	wantCode(t, err, tocsin.Forbidden, "token")
}
