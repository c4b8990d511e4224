package auth_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/ledger/memory"
)

type clock struct{ at time.Time }

func (c clock) Now() time.Time { return c.at }

var noon = clock{time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)}

func open(t testing.TB, store *memory.Store) *auth.Users {
	t.Helper()
	u, err := auth.Open(t.Context(), store, noon)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func add(t testing.TB, u *auth.Users, user auth.User) string {
	t.Helper()
	token, err := u.Add(t.Context(), auth.Local, user)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func wantCode(t testing.TB, err error, kind tocsin.Kind, code string) {
	t.Helper()
	var told *tocsin.Error
	if !errors.As(err, &told) || told.Kind != kind || told.Code != code {
		t.Fatalf("got %v, want %s %s", err, kind, code)
	}
	if told.What == "" || told.Do == "" {
		t.Errorf("%s does not say what happened and what to do: %+v", code, told)
	}
}

var haddad = auth.User{ID: "n.haddad", Name: "Noor Haddad", Roles: []tocsin.Role{tocsin.DutyOfficer}, Handles: []string{"ORCHID"}}

func TestATokenShowsWhoItsHolderIs(t *testing.T) {
	u := open(t, memory.Open())
	token := add(t, u, haddad)
	if !strings.HasPrefix(token, "tocsin_") || len(token) != len("tocsin_")+43 {
		t.Fatalf("the token %q has another form than promised", token)
	}
	a, err := u.Authenticate(token)
	if err != nil || a.ID != haddad.ID || !a.Has(tocsin.DutyOfficer) || !a.Handler("ORCHID") || a.Name != haddad.Name {
		t.Fatalf("got %+v, %v", a, err)
	}
	if found, ok := u.Find(haddad.ID); !ok || found.ID != haddad.ID {
		t.Errorf("Find does not know %s", haddad.ID)
	}
	if _, ok := u.Find("nobody"); ok {
		t.Error("Find knows nobody")
	}
}

func TestTwoTokensAreNeverAlike(t *testing.T) {
	u := open(t, memory.Open())
	a := add(t, u, haddad)
	b := add(t, u, auth.User{ID: "second", Name: "Second", Roles: []tocsin.Role{tocsin.Analyst}})
	if a == b {
		t.Fatal("two users have one token")
	}
}

func TestTheRecordHoldsNoToken(t *testing.T) {
	store := memory.Open()
	u := open(t, store)
	tokens := []string{add(t, u, haddad)}
	rotated, err := u.Rotate(t.Context(), "admin", haddad.ID)
	if err != nil {
		t.Fatal(err)
	}
	tokens = append(tokens, rotated)
	records := 0
	for r, err := range store.Since(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		records++
		for name, value := range r.Fields {
			for _, token := range tokens {
				if strings.Contains(string(value), token) || strings.Contains(string(value), strings.TrimPrefix(token, "tocsin_")) {
					t.Errorf("field %s of %s holds a token", name, r.Kind)
				}
			}
		}
	}
	if records != 2 {
		t.Fatalf("%d records, want 2", records)
	}
}

func TestEveryBadTokenGetsTheSameAnswer(t *testing.T) {
	u := open(t, memory.Open())
	token := add(t, u, haddad)
	gone := add(t, u, auth.User{ID: "gone", Name: "Gone", Roles: []tocsin.Role{tocsin.Analyst}})
	if err := u.Disable(t.Context(), "admin", "gone"); err != nil {
		t.Fatal(err)
	}
	flip := []byte(token)
	flip[len(flip)-2] ^= 1
	for name, bad := range map[string]string{
		"empty": "", "prefix only": "tocsin_", "one bit off": string(flip), "upper case": strings.ToUpper(token), "with a space": token + " ",
		"without prefix": strings.TrimPrefix(token, "tocsin_"), "long": strings.Repeat("tocsin_", 100_000), "disabled": gone,
		"padded": token + "=", "not text": "tocsin_\x00\xff",
	} {
		t.Run(name, func(t *testing.T) {
			a, err := u.Authenticate(bad)
			wantCode(t, err, tocsin.Forbidden, "token")
			if a.ID != "" || len(a.Roles) != 0 {
				t.Errorf("a refused token still names %+v", a)
			}
			if bad != "" && strings.Contains(err.Error(), bad) {
				t.Error("the answer repeats the token")
			}
		})
	}
}

func TestARotatedTokenEndsAtOnce(t *testing.T) {
	u := open(t, memory.Open())
	old := add(t, u, haddad)
	fresh, err := u.Rotate(t.Context(), "admin", haddad.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = u.Authenticate(old)
	wantCode(t, err, tocsin.Forbidden, "token")
	if a, err := u.Authenticate(fresh); err != nil || a.ID != haddad.ID {
		t.Fatalf("the new token: %+v, %v", a, err)
	}
	_, err = u.Rotate(t.Context(), "admin", "nobody")
	wantCode(t, err, tocsin.NotFound, "user")
}

func TestADisabledUserStaysInTheRecordAndOutOfTheHouse(t *testing.T) {
	u := open(t, memory.Open())
	token := add(t, u, haddad)
	if err := u.Disable(t.Context(), "admin", haddad.ID); err != nil {
		t.Fatal(err)
	}
	_, err := u.Authenticate(token)
	wantCode(t, err, tocsin.Forbidden, "token")
	if _, ok := u.Find(haddad.ID); ok {
		t.Error("Find offers a disabled user")
	}
	all := u.List()
	if len(all) != 1 || !all[0].Disabled || !all[0].Added.Equal(noon.at) {
		t.Errorf("List: %+v", all)
	}
	wantCode(t, u.Disable(t.Context(), "admin", haddad.ID), tocsin.Refused, "user_disabled")
	_, err = u.Rotate(t.Context(), "admin", haddad.ID)
	wantCode(t, err, tocsin.Refused, "user_disabled")
	_, err = u.Add(t.Context(), "admin", haddad)
	wantCode(t, err, tocsin.Refused, "user_exists")
	wantCode(t, u.Disable(t.Context(), "admin", "nobody"), tocsin.NotFound, "user")
}

func TestUsersAreFoldedAgainAfterARestart(t *testing.T) {
	store := memory.Open()
	u := open(t, store)
	token := add(t, u, haddad)
	add(t, u, auth.User{ID: "b", Name: "B", Roles: []tocsin.Role{tocsin.RecipientRole}, Recipient: "embassy"})
	again := open(t, store)
	a, err := again.Authenticate(token)
	if err != nil || a.ID != haddad.ID {
		t.Fatalf("%+v, %v", a, err)
	}
	if got := again.List(); !slices.EqualFunc(got, u.List(), func(x, y auth.Account) bool {
		return x.ID == y.ID && x.Added.Equal(y.Added) && x.Recipient == y.Recipient
	}) {
		t.Errorf("after the restart: %+v, before: %+v", got, u.List())
	}
}

func TestAnotherProcessIsHeardWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.Open()
		here, there := open(t, store), open(t, store)
		time.Sleep(time.Second)
		token := add(t, there, haddad)
		time.Sleep(time.Second)
		if _, err := here.Authenticate(token); err != nil {
			t.Fatalf("a user added by another process: %v", err)
		}
		if err := there.Disable(t.Context(), "admin", haddad.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		_, err := here.Authenticate(token)
		wantCode(t, err, tocsin.Forbidden, "token")
	})
}

func TestTwoProcessesCannotAddOneIDTwice(t *testing.T) {
	store := memory.Open()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var won, refused int
	for range 8 {
		u := open(t, store)
		wg.Go(func() {
			_, err := u.Add(t.Context(), auth.Local, haddad)
			mu.Lock()
			defer mu.Unlock()
			switch tocsin.KindOf(err) {
			case "":
				won++
			case tocsin.Refused:
				refused++
			}
		})
	}
	wg.Wait()
	if won != 1 || refused != 7 {
		t.Fatalf("%d added and %d refused, want 1 and 7", won, refused)
	}
}

func TestABrokenWriteSaysSoAndLosesNoToken(t *testing.T) {
	t.Run("not written", func(t *testing.T) {
		store := memory.Open()
		u := open(t, store)
		store.FailAppend(func(int) memory.Fault { return memory.NotWritten })
		_, err := u.Add(t.Context(), auth.Local, haddad)
		wantCode(t, err, tocsin.Unavailable, "not_written")
		if len(u.List()) != 0 {
			t.Error("a user that was not written is listed")
		}
		store.FailAppend(nil)
		add(t, u, haddad)
	})
	t.Run("written and reported as failed", func(t *testing.T) {
		store := memory.Open()
		u := open(t, store)
		store.FailAppend(func(int) memory.Fault { return memory.Written })
		token, err := u.Add(t.Context(), auth.Local, haddad)
		if err != nil {
			t.Fatalf("the user is in the record, so its token must be given out: %v", err)
		}
		if _, err := u.Authenticate(token); err != nil {
			t.Error(err)
		}
		if _, err := u.Rotate(t.Context(), auth.Local, haddad.ID); err != nil {
			t.Error(err)
		}
		if err := u.Disable(t.Context(), auth.Local, haddad.ID); err != nil {
			t.Error(err)
		}
	})
}

func TestAStoreThatCannotBeReadLocksNobodyOutWhoIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.Open()
		u := open(t, store)
		token := add(t, u, haddad)
		store.Close()
		time.Sleep(time.Minute)
		if _, err := u.Authenticate(token); err != nil {
			t.Errorf("known a moment ago: %v", err)
		}
		_, err := u.Authenticate("tocsin_" + strings.Repeat("A", 43))
		if tocsin.KindOf(err) != tocsin.Unavailable {
			t.Errorf("whether an unknown token is valid cannot be said now: %v", err)
		}
	})
}

func TestWhoCannotBeAUser(t *testing.T) {
	with := func(change func(*auth.User)) auth.User {
		u := haddad
		change(&u)
		return u
	}
	roles := func(r ...tocsin.Role) func(*auth.User) { return func(u *auth.User) { u.Roles = r } }
	for _, c := range []struct {
		code string
		user auth.User
	}{
		{"user_id", with(func(u *auth.User) { u.ID = "" })},
		{"user_id", with(func(u *auth.User) { u.ID = "N Haddad" })},
		{"user_id_reserved", with(func(u *auth.User) { u.ID = "tocsin" })},
		{"user_id_reserved", with(func(u *auth.User) { u.ID = auth.Local })},
		{"user_name", with(func(u *auth.User) { u.Name = "" })},
		{"user_name", with(func(u *auth.User) { u.Name = "two\nlines" })},
		{"user_name", with(func(u *auth.User) { u.Name = strings.Repeat("é", 201) })},
		{"user_name", with(func(u *auth.User) { u.Name = "\u202eright to left" })},
		{"user_handles", with(func(u *auth.User) { u.Handles = []string{""} })},
		{"no_role", with(roles())},
		{"role_unknown", with(roles("chief"))},
		{"role_machine", with(roles(tocsin.Machine))},
		{"role_machine", with(roles(tocsin.DutyOfficer, tocsin.Machine))},
		{"role_twice", with(roles(tocsin.Analyst, tocsin.Analyst))},
		{"role_alone", with(roles(tocsin.Administrator, tocsin.DutyOfficer))},
		{"role_alone", with(roles(tocsin.Analyst, tocsin.Administrator))},
		{"role_alone", with(roles(tocsin.Inspector, tocsin.Analyst))},
		{"role_alone", with(roles(tocsin.RecipientRole, tocsin.Deliverer))},
		{"recipient_missing", with(roles(tocsin.RecipientRole))},
		{"recipient_without_role", with(func(u *auth.User) { u.Recipient = "embassy" })},
	} {
		t.Run(c.code, func(t *testing.T) {
			wantCode(t, c.user.Validate(), tocsin.Invalid, c.code)
			u := open(t, memory.Open())
			_, err := u.Add(t.Context(), auth.Local, c.user)
			wantCode(t, err, tocsin.Invalid, c.code)
		})
	}
}

func TestWhoMaySeeCasesNeverAdministers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := haddad
		u.Roles = rapid.SliceOfN(rapid.SampledFrom(append(tocsin.Roles(), tocsin.Machine, "")), 0, 4).Draw(t, "roles")
		u.Recipient = tocsin.RecipientID(rapid.SampledFrom([]string{"", "embassy"}).Draw(t, "recipient"))
		if u.Validate() != nil {
			return
		}
		a := u.Actor()
		for _, r := range []tocsin.Role{tocsin.Administrator, tocsin.Inspector, tocsin.RecipientRole} {
			if a.Has(r) && len(a.Roles) != 1 {
				t.Fatalf("%v are one person's", a.Roles)
			}
		}
		if a.Has(tocsin.Machine) || len(a.Roles) == 0 || a.Has(tocsin.RecipientRole) != (a.Recipient != "") {
			t.Fatalf("%+v is accepted", u)
		}
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	u := open(b, memory.Open())
	token := add(b, u, haddad)
	for b.Loop() {
		if _, err := u.Authenticate(token); err != nil {
			b.Fatal(err)
		}
	}
}
