package auth_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/password"
	"tocsin/internal/clocktest"
	"tocsin/ledger/memory"
)

// office is one record with accounts that can hold secrets, and a clock.
type office struct {
	t     testing.TB
	store *memory.Store
	clock *clocktest.Clock
	key   *auth.Key
	*auth.Users
}

func opened(t testing.TB) *office {
	t.Helper()
	o := &office{t: t, store: memory.Open(), clock: clocktest.At(noon.at), key: auth.NewKey()}
	o.restart()
	for _, u := range []auth.User{haddad, {ID: "anna", Name: "Anna Analyst", Roles: []tocsin.Role{tocsin.Analyst}}, {ID: "rita", Name: "Rita Reviewer", Roles: []tocsin.Role{tocsin.Reviewer}},
		{ID: "adam", Name: "Adam Administrator", Roles: []tocsin.Role{tocsin.Administrator}}} {
		if err := o.Enrol(t.Context(), auth.Local, u); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// restart opens the record anew, as another process would.
func (o *office) restart() {
	o.t.Helper()
	h, err := password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 2)
	if err != nil {
		o.t.Fatal(err)
	}
	if o.Users, err = auth.Open(o.t.Context(), o.store, o.clock, auth.WithKey(o.key), auth.WithHasher(h)); err != nil {
		o.t.Fatal(err)
	}
}

var desk = auth.Place{Network: "192.0.2.0/24", Agent: "firefox linux"}

func (o *office) signIn(id tocsin.ActorID) (string, auth.Session) {
	o.t.Helper()
	secret, s, err := o.Enter(o.t.Context(), auth.Entry{User: id, Methods: []auth.Method{auth.ByPasskey}, Place: desk})
	if err != nil {
		o.t.Fatal(err)
	}
	return secret, s
}

func (o *office) resume(secret string, at auth.Place) auth.Session {
	o.t.Helper()
	s, err := o.Resume(o.t.Context(), secret, at)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

func TestASessionKnowsItsPersonAndKeepsNoSecret(t *testing.T) {
	o := opened(t)
	secret, s := o.signIn("n.haddad")
	if s.User != "n.haddad" || !s.Actor.Has(tocsin.DutyOfficer) || !s.Fresh(time.Minute) || s.Ends != noon.at.Add(12*time.Hour) {
		t.Fatalf("%+v", s)
	}
	if got := o.resume(secret, desk); got.Ref != s.Ref || got.Locked != "" {
		t.Errorf("%+v", got)
	}
	for r, err := range o.store.Since(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(r)
		if strings.Contains(string(b), secret) || strings.Contains(string(b), strings.TrimPrefix(secret, "tocsin-session_")) {
			t.Errorf("%s holds the secret", r.Kind)
		}
	}
	for _, bad := range []string{"", "tocsin-session_", secret + "A", secret[:len(secret)-1], strings.ToUpper(secret), strings.Replace(secret, "tocsin-session_", "tocsin_", 1)} {
		_, err := o.Resume(t.Context(), bad, desk)
		wantCode(t, err, tocsin.Forbidden, "session")
	}
}

func TestAnIdleSessionLocksAndItsPersonUnlocksIt(t *testing.T) {
	o := opened(t)
	secret, first := o.signIn("n.haddad")
	for range 10 { // somebody who works stays in
		o.clock.Pass(14 * time.Minute)
		if s := o.resume(secret, desk); s.Locked != "" {
			t.Fatalf("locked while in use: %+v", s)
		}
	}
	o.clock.Pass(15*time.Minute + time.Microsecond)
	s := o.resume(secret, desk)
	if s.Locked != auth.LockIdle || len(s.Actor.Roles) != 0 || s.Fresh(24*time.Hour) || s.Ref != first.Ref {
		t.Fatalf("after a quarter of an hour: %+v", s)
	}
	if s := o.resume(secret, desk); s.Locked != auth.LockIdle {
		t.Error("asking has unlocked it")
	}
	next, s, err := o.Enter(t.Context(), auth.Entry{User: "n.haddad", Methods: []auth.Method{auth.ByPasskey}, Place: desk, Current: secret})
	if err != nil || s.Locked != "" || !s.Began.Equal(first.Began) || !s.Ends.Equal(first.Ends) || !s.Fresh(time.Minute) {
		t.Fatalf("unlocked: %+v %v", s, err)
	}
	if next == secret {
		t.Error("the secret is not rotated")
	}
	_, err = o.Resume(t.Context(), secret, desk)
	wantCode(t, err, tocsin.Forbidden, "session")
}

func TestASessionEndsHoweverMuchItIsUsed(t *testing.T) {
	o := opened(t)
	secret, _ := o.signIn("n.haddad")
	for range 71 {
		o.clock.Pass(10 * time.Minute)
		o.resume(secret, desk)
	}
	next, _, err := o.Enter(t.Context(), auth.Entry{User: "n.haddad", Methods: []auth.Method{auth.ByPasskey}, Place: desk, Current: secret})
	if err != nil {
		t.Fatal(err)
	}
	o.clock.Pass(10 * time.Minute)
	_, err = o.Resume(t.Context(), next, desk)
	wantCode(t, err, tocsin.Forbidden, "session")
	if len(o.Sessions("")) != 0 {
		t.Error("it is listed")
	}
}

func TestASessionFromAnotherPlaceIsLockedAndNotKilled(t *testing.T) {
	for why, elsewhere := range map[string]auth.Place{auth.LockNetwork: {Network: "198.51.100.0/24", Agent: desk.Agent}, auth.LockAgent: {Network: desk.Network, Agent: "curl other"}} {
		o := opened(t)
		secret, first := o.signIn("n.haddad")
		if s := o.resume(secret, elsewhere); s.Locked != why || len(s.Actor.Roles) != 0 {
			t.Fatalf("from %v: %+v", elsewhere, s)
		}
		// It stays locked where it came from too, also for another process.
		o.restart()
		if s := o.resume(secret, desk); s.Locked != why || s.Ref != first.Ref {
			t.Errorf("back at the desk: %+v", s)
		}
		if _, s, err := o.Enter(t.Context(), auth.Entry{User: "n.haddad", Methods: []auth.Method{auth.ByPassword}, Place: elsewhere, Current: secret}); err != nil || s.Locked != "" || s.Place != elsewhere {
			t.Errorf("unlocked: %+v %v", s, err)
		}
	}
}

func TestNobodyUnlocksAnothersSession(t *testing.T) {
	o := opened(t)
	secret, first := o.signIn("n.haddad")
	next, s, err := o.Enter(t.Context(), auth.Entry{User: "anna", Methods: []auth.Method{auth.ByPasskey}, Place: desk, Current: secret})
	if err != nil || s.User != "anna" || !s.Actor.Has(tocsin.Analyst) || s.Actor.Has(tocsin.DutyOfficer) || s.Ref == first.Ref {
		t.Fatalf("%+v %v", s, err)
	}
	if _, err := o.Resume(t.Context(), secret, desk); tocsin.KindOf(err) != tocsin.Forbidden {
		t.Error("the session of whoever sat there before goes on under a secret that the browser has lost")
	}
	if got := o.resume(next, desk); got.User != "anna" {
		t.Errorf("%+v", got)
	}
}

func TestOtherRightsCountAtOnceAndGiveAnotherSecret(t *testing.T) {
	o := opened(t)
	secret, _ := o.signIn("n.haddad")
	if err := o.SetRoles(t.Context(), "adam", "n.haddad", []tocsin.Role{tocsin.Analyst}, nil, "", "moved to analysis"); err != nil {
		t.Fatal(err)
	}
	s := o.resume(secret, desk)
	if !s.Renew || s.Actor.Has(tocsin.DutyOfficer) || !s.Actor.Has(tocsin.Analyst) {
		t.Fatalf("%+v", s)
	}
	next, s, err := o.RenewSession(t.Context(), secret, false)
	if err != nil || next == secret || s.Renew {
		t.Fatalf("%+v %v", s, err)
	}
	if s := o.resume(secret, desk); s.Renew {
		t.Error("a request under way with the old secret would renew it again")
	}
	if _, _, err := o.RenewSession(t.Context(), secret, false); tocsin.KindOf(err) != tocsin.Forbidden {
		t.Errorf("the old secret is renewed a second time: %v", err)
	}
	o.clock.Pass(11 * time.Second)
	_, err = o.Resume(t.Context(), secret, desk)
	wantCode(t, err, tocsin.Forbidden, "session")
	o.resume(next, desk)
}

func TestEndingSessions(t *testing.T) {
	o := opened(t)
	var secrets []string
	for range 3 {
		secret, _ := o.signIn("n.haddad")
		secrets = append(secrets, secret)
	}
	other, _ := o.signIn("anna")
	all := o.Sessions("n.haddad")
	if len(all) != 3 || len(o.Sessions("")) != 4 {
		t.Fatalf("%d sessions listed", len(all))
	}
	if err := o.EndSession(t.Context(), "adam", all[0].Ref, "lost telephone"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, o.EndSession(t.Context(), "adam", all[0].Ref, "again"), tocsin.NotFound, "session")
	wantCode(t, o.EndSession(t.Context(), "adam", all[1].Ref, ""), tocsin.Invalid, "why")
	if err := o.EndSessions(t.Context(), "adam", "n.haddad", "left the house"); err != nil {
		t.Fatal(err)
	}
	if err := o.EndSessions(t.Context(), "adam", "n.haddad", "left the house"); err != nil {
		t.Errorf("ending none: %v", err)
	}
	for _, s := range secrets {
		if _, err := o.Resume(t.Context(), s, desk); err == nil {
			t.Error("an ended session goes on")
		}
	}
	o.resume(other, desk)
	if err := o.SignOut(t.Context(), other); err != nil || len(o.Sessions("")) != 0 {
		t.Errorf("%v, %d left", err, len(o.Sessions("")))
	}
	if err := o.SignOut(t.Context(), other); err != nil {
		t.Errorf("signing out twice: %v", err)
	}
	late, _ := o.signIn("anna")
	if err := o.Disable(t.Context(), "adam", "anna"); err != nil {
		t.Fatal(err)
	}
	_, err := o.Resume(t.Context(), late, desk)
	wantCode(t, err, tocsin.Forbidden, "session")
}

func TestOnePersonHasSoManySessionsAndNoMore(t *testing.T) {
	o := opened(t)
	var secrets []string
	for range 25 {
		secret, _ := o.signIn("n.haddad")
		secrets = append(secrets, secret)
		o.clock.Pass(time.Second)
	}
	if n := len(o.Sessions("n.haddad")); n != 20 {
		t.Errorf("%d sessions", n)
	}
	if _, err := o.Resume(t.Context(), secrets[0], desk); err == nil {
		t.Error("the oldest goes on")
	}
	o.resume(secrets[24], desk)
}

func TestWhatMayBeUsedOnceIsUsedOnceInWhicheverProcess(t *testing.T) {
	o := opened(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	won, refused := 0, 0
	for range 8 {
		there, err := auth.Open(t.Context(), o.store, o.clock, auth.WithKey(o.key))
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			_, _, err := there.Enter(context.Background(), auth.Entry{User: "n.haddad", Methods: []auth.Method{auth.ByTOTP}, Place: desk, Once: []string{"totp/n.haddad/1"}})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if tocsin.KindOf(err) == tocsin.Forbidden {
				refused++
			} else {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 || refused != 7 {
		t.Errorf("%d got in and %d were refused, want 1 and 7", won, refused)
	}
}

func TestSessionsOutliveARestart(t *testing.T) {
	o := opened(t)
	secret, _ := o.signIn("n.haddad")
	o.clock.Pass(10 * time.Minute)
	o.resume(secret, desk)
	if err := o.Note(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.restart()
	o.clock.Pass(10 * time.Minute)
	if s := o.resume(secret, desk); s.Locked != "" {
		t.Errorf("what was noted is lost: %+v", s)
	}
	// What was not noted before a crash makes it lock too early, never too late.
	o.clock.Pass(10 * time.Minute)
	o.resume(secret, desk)
	o.restart()
	if s := o.resume(secret, desk); s.Locked != auth.LockIdle {
		t.Errorf("after a crash: %+v", s)
	}
	// Over midnight too.
	o.clock.Pass(11 * time.Hour)
	if s := o.resume(secret, desk); s.Locked == "" {
		t.Errorf("%+v", s)
	}
	o.restart()
	o.resume(secret, desk)
}

func TestNotingUseIsNoEventForEveryRequest(t *testing.T) {
	o := opened(t)
	secret, _ := o.signIn("n.haddad")
	token, _, err := o.MakeToken(t.Context(), "adam", auth.TokenRequest{User: "anna", Scopes: []auth.Scope{auth.ScopeRead}, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	size := func() int64 {
		n, err := o.store.Log().Size(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := size()
	for range 50 {
		o.clock.Pass(time.Minute)
		o.resume(secret, desk)
		if _, err := o.Identify(token); err != nil {
			t.Fatal(err)
		}
		if err := o.Note(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := size() - before; n < 3 || n > 8 {
		t.Errorf("%d records for 50 minutes of one session and one token", n)
	}
	if all := o.Tokens("anna"); len(all) != 1 || all[0].Used.IsZero() {
		t.Errorf("the use of a token is not noted: %+v", all)
	}
}

func TestABrokenWriteLetsNobodyInUnrecorded(t *testing.T) {
	o := opened(t)
	o.store.FailAppend(func(int) memory.Fault { return memory.NotWritten })
	if _, _, err := o.Enter(t.Context(), auth.Entry{User: "anna", Methods: []auth.Method{auth.ByPasskey}, Place: desk}); tocsin.KindOf(err) != tocsin.Unavailable {
		t.Errorf("got %v", err)
	}
	o.store.FailAppend(func(int) memory.Fault { return memory.Written })
	secret, _, err := o.Enter(t.Context(), auth.Entry{User: "anna", Methods: []auth.Method{auth.ByPasskey}, Place: desk, Once: []string{"x"}})
	if err != nil {
		t.Fatalf("it is in the record: %v", err)
	}
	o.store.FailAppend(nil)
	o.resume(secret, desk)
	if len(o.Sessions("anna")) != 1 {
		t.Errorf("%d sessions", len(o.Sessions("anna")))
	}
}

func TestFoldingAtOnceAndStepByStepIsTheSame(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		o := opened(outer)
		live := map[string]auth.Place{}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			o.clock.Pass(time.Duration(rapid.IntRange(1, 40).Draw(t, "minutes")) * time.Minute)
			id := tocsin.ActorID(rapid.SampledFrom([]string{"n.haddad", "anna"}).Draw(t, "who"))
			place := auth.Place{Network: rapid.SampledFrom([]string{"192.0.2.0/24", "198.51.100.0/24"}).Draw(t, "network"), Agent: "firefox linux"}
			current := ""
			for s := range live {
				current = max(current, s)
			}
			switch rapid.SampledFrom([]string{"enter", "unlock", "resume", "end", "roles", "note"}).Draw(t, "what") {
			case "enter":
				if s, _, err := o.Enter(context.Background(), auth.Entry{User: id, Methods: []auth.Method{auth.ByPassword}, Place: place}); err == nil {
					live[s] = place
				}
			case "unlock":
				if s, _, err := o.Enter(context.Background(), auth.Entry{User: id, Methods: []auth.Method{auth.ByPasskey}, Place: place, Current: current}); err == nil {
					live[s] = place
				}
			case "resume":
				_, _ = o.Resume(context.Background(), current, place)
			case "end":
				_ = o.SignOut(context.Background(), current)
			case "roles":
				_ = o.SetRoles(context.Background(), "adam", id, []tocsin.Role{tocsin.Analyst, tocsin.DutyOfficer}, nil, "", "both are needed")
			case "note":
				if err := o.Note(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := o.Note(context.Background()); err != nil {
			t.Fatal(err)
		}
		before, again := o.Sessions(""), func() []auth.Session { o.restart(); return o.Sessions("") }()
		if !slices.EqualFunc(before, again, func(a, b auth.Session) bool {
			return a.Ref == b.Ref && a.User == b.User && a.Authenticated.Equal(b.Authenticated) && a.Place == b.Place && a.Ends.Equal(b.Ends) && (a.Locked == b.Locked || b.Locked == auth.LockIdle)
		}) {
			t.Fatalf("step by step: %+v\nat once: %+v", before, again)
		}
		for secret := range live { // whatever happened, nobody has a role through a locked session
			if s, err := o.Resume(context.Background(), secret, desk); err == nil && s.Locked != "" && len(s.Actor.Roles) != 0 {
				t.Fatalf("%+v", s)
			}
		}
	})
}

func TestPlacesAreCoarse(t *testing.T) {
	for _, c := range []struct{ address, network string }{
		{"192.0.2.7", "192.0.2.0/24"}, {"::ffff:192.0.2.200", "192.0.2.0/24"}, {"2001:db8:1:2::3", "2001:db8:1::/48"}, {"fe80::1%eth0", "fe80::/48"}, {"127.0.0.1", "127.0.0.0/24"}, {"", "unknown"},
	} {
		a, _ := netip.ParseAddr(c.address)
		if got := auth.Network(a); got != c.network {
			t.Errorf("%s is in %s, want %s", c.address, got, c.network)
		}
	}
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                              "firefox linux",
		"Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0":                                              "firefox linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36":         "chrome windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138 Safari/537.36 Edg/138.0": "edge windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1":        "safari ios",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/138.0 Mobile Safari/537.36":                                "chrome android",
		"": "other other", "curl/8.5": "curl other", strings.Repeat("x", 1<<20): "other other",
	} {
		if got := auth.Family(agent); got != want {
			t.Errorf("%.60s: %s, want %s", agent, got, want)
		}
	}
}

func FuzzResume(f *testing.F) {
	o := opened(f)
	secret, _ := o.signIn("n.haddad")
	for _, s := range []string{secret, "", "tocsin-session_", "tocsin-session_\x00", secret + secret, strings.Repeat("A", 58)} {
		f.Add(s, "Mozilla/5.0 Firefox/1 Linux")
	}
	f.Fuzz(func(t *testing.T, s, agent string) {
		if strings.Count(auth.Family(agent), " ") != 1 {
			t.Errorf("%q has the family %q", agent, auth.Family(agent))
		}
		if got, err := o.Resume(context.Background(), s, desk); (err == nil) != (s == secret) {
			t.Errorf("%q: %+v %v", s, got, err)
		}
	})
}

func FuzzIdentify(f *testing.F) {
	u := open(f, memory.Open())
	token := add(f, u, haddad)
	for _, s := range []string{token, "", "tocsin_", token + "=", token + "\n", fmt.Sprint(strings.Repeat("A", 50))} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := u.Identify(s); (err == nil) != (s == token) || err == nil && p.Actor.ID != haddad.ID {
			t.Errorf("%q: %+v %v", s, p, err)
		}
	})
}
