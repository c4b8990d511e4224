package auth_test

import (
	"testing"
	"time"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/password"
	"tocsin/internal/clocktest"
	"tocsin/ledger/memory"
)

func TestALinkSetsOnePasswordOnceInWhicheverProcess(t *testing.T) {
	store, clock, key := memory.Open(), clocktest.At(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)), auth.NewKey()
	open := func() *auth.Users {
		hasher, err := password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 1)
		if err != nil {
			t.Fatal(err)
		}
		u, err := auth.Open(t.Context(), store, clock, auth.WithKey(key), auth.WithHasher(hasher))
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	here, there := open(), open()
	for _, u := range []auth.User{{ID: "anna", Name: "Anna Lind", Roles: []tocsin.Role{tocsin.Analyst}}, {ID: "embassy", Name: "The embassy", Roles: []tocsin.Role{tocsin.RecipientRole}, Recipient: "embassy"}} {
		if err := here.Enrol(t.Context(), auth.Local, u); err != nil {
			t.Fatal(err)
		}
	}
	if here.SignsIn() {
		t.Error("somebody is said to sign in, and nobody has a way to")
	}
	for id, kind := range map[tocsin.ActorID]tocsin.Kind{"embassy": tocsin.Refused, "nobody": tocsin.NotFound} {
		if _, _, err := here.MakeLink(t.Context(), auth.Local, id); tocsin.KindOf(err) != kind {
			t.Errorf("%s: %v", id, err)
		}
	}
	first, until, err := here.MakeLink(t.Context(), auth.Local, "anna")
	if err != nil || !until.Equal(clock.Now().Add(auth.LinkLife)) {
		t.Fatal(until, err)
	}
	second, _, err := here.MakeLink(t.Context(), auth.Local, "anna")
	if err != nil {
		t.Fatal(err)
	}
	const plain = "a quiet red bicycle in June"
	for name, secret := range map[string]string{"the older": first, "none": "", "a session's": "tocsin-session_" + second[len("tocsin-link_"):], "half": second[:30]} {
		if _, err := there.SetPasswordByLink(t.Context(), secret, plain); tocsin.KindOf(err) != tocsin.NotFound {
			t.Errorf("%s link: %v", name, err)
		}
	}
	if _, err := there.SetPasswordByLink(t.Context(), second, "short"); tocsin.KindOf(err) != tocsin.Invalid {
		t.Errorf("%v", err)
	}
	if id, err := there.SetPasswordByLink(t.Context(), second, plain); err != nil || id != "anna" {
		t.Fatal(id, err)
	}
	if _, err := here.SetPasswordByLink(t.Context(), second, "seven green kettles at noon"); tocsin.KindOf(err) != tocsin.NotFound {
		t.Errorf("the link is good in another process: %v", err)
	}
	if ok, err := here.CheckPassword(t.Context(), "anna", plain); err != nil || !ok || !here.SignsIn() {
		t.Errorf("%v %v", ok, err)
	}
	third, _, err := here.MakeLink(t.Context(), auth.Local, "anna")
	if err != nil {
		t.Fatal(err)
	}
	if err := here.Disable(t.Context(), auth.Local, "anna"); err != nil {
		t.Fatal(err)
	}
	if _, ok := here.LinkOf(third); ok {
		t.Error("the link of an account that has ended is good")
	}
}

func TestAGlanceIsNoUse(t *testing.T) {
	clock := clocktest.At(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	u, err := auth.Open(t.Context(), memory.Open(), clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Enrol(t.Context(), auth.Local, auth.User{ID: "anna", Name: "Anna Lind", Roles: []tocsin.Role{tocsin.Analyst}}); err != nil {
		t.Fatal(err)
	}
	at := auth.Place{Network: "192.0.2.0/24", Agent: "firefox linux"}
	secret, _, err := u.Enter(t.Context(), auth.Entry{User: "anna", Methods: []auth.Method{auth.ByPasskey}, Place: at})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		clock.Pass(7 * time.Minute)
		s, err := u.Glance(t.Context(), secret, at)
		if err != nil {
			t.Fatal(err)
		}
		if idle := clock.Now().Sub(s.Began) > 15*time.Minute; (s.Locked == auth.LockIdle) != idle {
			t.Errorf("after %s it is locked: %q", clock.Now().Sub(s.Began), s.Locked)
		}
	}
}
