package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tocsin"
	"tocsin/engine"
	"tocsin/internal/auth"
	"tocsin/internal/auth/pace"
	"tocsin/internal/sqlite"
)

const phrase = "a quiet red bicycle in June"

func fromJSON[T any](t *testing.T, s string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return v
}

func TestAPasswordIsReadAndNeverAnArgument(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	d.as("anna", "analyst")
	if out := d.must(phrase+"\nmore\n", "user", "password", "set", "anna"); !strings.Contains(out, "anna has a new password") {
		t.Errorf("%s", out)
	}
	a := fromJSON[auth.Account](t, d.must(phrase+"\r\n", "user", "password", "set", "anna", "--json"))
	if !a.SignIn.Password || a.ID != "anna" {
		t.Errorf("%+v", a)
	}
	for name, c := range map[string]struct {
		in   string
		args []string
		code int
		err  string
	}{
		"as an argument": {"", []string{"anna", phrase}, 2, "takes 1 arguments"}, "short": {"short", []string{"anna"}, 1, "needs 12"}, "common": {"password12345", []string{"anna"}, 1, "first that anybody would try"},
		"of nobody": {phrase, []string{"bert"}, 1, "no such user"}, "none": {"", []string{"anna"}, 1, "needs 12"},
	} {
		got := d.run(c.in, append([]string{"user", "password", "set", "--data", d.data}, c.args...)...)
		if got.code != c.code || !strings.Contains(got.err, c.err) || c.in != "" && strings.Contains(got.err+got.out, c.in) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, file := range []string{"tocsin.db", "tocsin.db-wal"} {
		if b, err := os.ReadFile(filepath.Join(d.data, file)); err == nil && (strings.Contains(string(b), phrase) || strings.Contains(string(b), "argon2")) {
			t.Errorf("%s holds the password or its hash in the clear", file)
		}
	}
	info, err := os.Stat(filepath.Join(d.data, "accounts.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v %v", info, err)
	}
}

func TestATokenIsGoodForItsScopesUntilItIsRevoked(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	d.as("anna", "analyst")
	made := fromJSON[struct{ ID, Token string }](t, d.must("", "user", "token", "add", "anna", "--scope", "read", "--expires", "30d", "--name", "a screen", "--json"))
	reader := desk{t, d.data, made.Token}
	reader.must("", "case", "list")
	file := filepath.Join(t.TempDir(), "r.txt")
	if err := os.WriteFile(file, []byte("They will do it on Friday."), 0o600); err != nil {
		t.Fatal(err)
	}
	got := reader.run("", "report", "add", file, "--data", d.data)
	if got.code != 1 || !strings.Contains(got.err, "this needs report") {
		t.Errorf("a report with a token to read: %+v", got)
	}
	tokens := fromJSON[[]auth.Token](t, d.must("", "user", "tokens", "--user", "anna", "--json"))
	if len(tokens) != 2 || tokens[0].ID != "main" || tokens[1].ID != made.ID || time.Until(tokens[1].Expires) > 31*24*time.Hour {
		t.Errorf("%+v", tokens)
	}
	if out := d.must("", "user", "tokens"); strings.Contains(out, made.Token) || !strings.Contains(out, "a screen") {
		t.Errorf("%s", out)
	}
	d.must("", "user", "token", "revoke", "anna", made.ID)
	if got := reader.run("", "case", "list", "--data", d.data); got.code != 1 || !strings.Contains(got.err, "not valid") {
		t.Errorf("a revoked token: %+v", got)
	}
	for want, args := range map[string][]string{"no scope": {"--expires", "1d"}, "is not a time": {"--scope", "read", "--expires", "soon"}, "cannot live": {"--scope", "read", "--expires", "400d"}, "is not one": {"--scope", "everything"}} {
		if got := d.run("", append([]string{"user", "token", "add", "anna", "--data", d.data}, args...)...); got.code != 1 || !strings.Contains(got.err, want) {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

func TestRolesPowersSessionsAndHistory(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	d.as("anna", "analyst")
	a := fromJSON[auth.Account](t, d.must("", "user", "roles", "anna", "--role", "duty_officer", "--role", "analyst", "--why", "she stands in", "--json"))
	if len(a.Roles) != 2 {
		t.Errorf("%+v", a)
	}
	rights := fromJSON[[]auth.Right](t, d.must("", "user", "powers", "--json"))
	byPower := map[tocsin.Power]auth.Right{}
	for _, r := range rights {
		byPower[r.Power] = r
	}
	if len(rights) != len(tocsin.Powers()) || len(byPower[tocsin.MayInvokeExigent].People) != 1 || len(byPower[tocsin.MayRelease].Roles) == 0 {
		t.Errorf("%+v", rights)
	}
	if out := d.must("", "user", "powers"); !strings.Contains(out, "NOBODY") {
		t.Error("a power that nobody has is not pointed out")
	}
	i := d.opened()
	secret, s, err := i.users.Enter(t.Context(), auth.Entry{User: "anna", Methods: []auth.Method{auth.ByPassword}, Place: auth.Place{Network: "192.0.2.0/24", Agent: "firefox linux"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.users.BreakGlass(t.Context(), "anna", tocsin.ReleaseOfficer, time.Hour, "Nobody who may release can be reached."); err != nil {
		t.Fatal(err)
	}
	if all := fromJSON[[]auth.Session](t, d.must("", "user", "sessions", "--json")); len(all) != 1 || all[0].Ref != s.Ref || strings.Contains(d.must("", "user", "sessions", "--json"), secret) {
		t.Errorf("%+v", all)
	}
	if out := d.must("", "user", "session", "end", s.Ref, "--why", "lost laptop", "--json"); !strings.Contains(out, `"ended":1`) {
		t.Errorf("%s", out)
	}
	if got := d.run("", "user", "session", "end", "--data", d.data); got.code != 1 || !strings.Contains(got.err, "--user") {
		t.Errorf("%+v", got)
	}
	grants := fromJSON[[]auth.Grant](t, d.must("", "user", "break-glass", "list", "--json"))
	if len(grants) != 1 || grants[0].Role != tocsin.ReleaseOfficer {
		t.Fatalf("%+v", grants)
	}
	if got := d.run("", "user", "break-glass", "review", grants[0].ID, "--data", d.data, "--note", "It was needed that night.", "--justified"); got.code != 1 || !strings.Contains(got.err, "not ended") {
		t.Errorf("%+v", got)
	}
	if err := i.users.EndGlass(t.Context(), "anna", grants[0].ID); err != nil {
		t.Fatal(err)
	}
	if out := d.must("", "user", "break-glass", "list", "--owed"); !strings.Contains(out, grants[0].ID) {
		t.Errorf("%s", out)
	}
	d.must("", "user", "break-glass", "review", grants[0].ID, "--note", "It was needed that night.", "--justified")
	if out := d.must("", "user", "break-glass", "list", "--owed", "--json"); out != "[]" {
		t.Errorf("%s", out)
	}
	history := fromJSON[[]auth.Event](t, d.must("", "user", "history", "--json"))
	var kinds []string
	for _, e := range history {
		kinds = append(kinds, e.Kind)
	}
	if got := strings.Join(kinds, " "); got != "user_added user_roles_set glass_broken glass_ended glass_reviewed" {
		t.Errorf("%s", got)
	}
	d.must("", "record", "verify") // what accounts write is part of what is proved
}

// opened is the record of the desk, held open beside its commands.
func (d desk) opened() *installation {
	d.t.Helper()
	p := &program{env: func(string) string { return "" }}
	i, err := p.local(d.t.Context(), "", d.data, false)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		if err := i.Close(); err != nil {
			d.t.Error(err)
		}
	})
	return i
}

func TestNoPasswordIsMadeOfTheOrganisationsOwnWords(t *testing.T) {
	set, err := readPacks("")
	if err != nil {
		t.Fatal(err)
	}
	cfg := config{Name: "warning.northwatch.example/record", Data: t.TempDir(), Pack: defaultPack, Access: accessConfig{Origin: "https://bell.harbour.example"},
		SMTP: &smtpConfig{Host: "localhost", Port: 2525, Security: "none-on-loopback", From: "lookout@lighthouse.example", Name: "Coastal Office"}}
	i, err := install(t.Context(), cfg, set, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	if err := i.users.Enrol(t.Context(), auth.Local, auth.User{ID: "anna", Name: "Anna Lind", Roles: []tocsin.Role{tocsin.Analyst}}); err != nil {
		t.Fatal(err)
	}
	for _, plain := range []string{"Northwatch2026", "harbour-bell-1", "Lighthouse!2026", "Coastal Office", "lookout@lighthouse", "Tocsin-Tocsin-1", "DutyOfficer2026", "Anna-Northwatch-7"} {
		var told *tocsin.Error
		if err := i.users.SetPassword(t.Context(), auth.Local, "anna", plain, ""); !errors.As(err, &told) || told.Code != "password_common" {
			t.Errorf("%q: %v", plain, err)
		}
	}
	if err := i.users.SetPassword(t.Context(), auth.Local, "anna", "a lighthouse keeper sings at noon", ""); err != nil {
		t.Errorf("a word of the organisation within others: %v", err)
	}
}

func TestLimitsOfRequestsAreTheConfigurationsOrRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	read := func(text string) (pace.Limits, error) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := readConfig(file)
		if err != nil {
			t.Fatal(err)
		}
		return c.Limits.rates()
	}
	got, err := read("limits: {person_per_second: 7, person_burst: 70, address_per_second: 3, address_burst: 30}\n")
	if want := (pace.Limits{Person: pace.Rate{PerSecond: 7, Burst: 70}, Address: pace.Rate{PerSecond: 3, Burst: 30}}); err != nil || got != want {
		t.Errorf("%+v %v", got, err)
	}
	for _, bad := range []string{"limits: {person_per_second: -1}\n", "limits: {address_burst: 2000000000}\n"} {
		var told *tocsin.Error
		if _, err := read(bad); !errors.As(err, &told) || told.Kind != tocsin.Invalid || told.Do == "" {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestTheKeyOfAccountsIsMadeOnceAndWhole(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	keys := make([]string, 16)
	for n := range keys {
		wg.Go(func() {
			k, err := accountsKey(dir)
			if err != nil {
				t.Error(err)
				return
			}
			keys[n] = k.Text()
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k == "" || k != keys[0] {
			t.Fatal("two processes use two keys")
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".accounts-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := os.WriteFile(accountsKeyFile(dir), []byte("half a k"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := accountsKey(dir); tocsin.KindOf(err) != tocsin.Invalid {
		t.Errorf("a damaged key: %v", err)
	}
}

func TestServePrintsALinkUntilThereIsAnAdministrator(t *testing.T) {
	data := t.TempDir()
	link := func() string {
		s := start(t, data)
		if err := s.end(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(s.said.String()) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "http://localhost:") && strings.Contains(line, "/set-up/") {
				return line[strings.Index(line, "/set-up/"):]
			}
		}
		return ""
	}
	first, second := link(), link()
	if first == "" || second == "" || first == second {
		t.Errorf("the links are %q and %q", first, second)
	}
	d := desk{t: t, data: data}
	d.as("ada", "administrator")
	if l := link(); l != "" {
		t.Errorf("there is an administrator, and a link %q", l)
	}
}

func TestTheDoorStandsBeforeTheAPI(t *testing.T) {
	d := desk{t: t, data: t.TempDir()}
	d.as("anna", "analyst")
	i := d.opened()
	i.cfg.Access.Origin = "https://tocsin.example.org"
	if err := i.openGate(); err != nil {
		t.Fatal(err)
	}
	front := i.faces()
	if _, ok := any(front).(interface{ Drain() }); !ok {
		t.Error("a server that shuts down would wait for event streams")
	}
	for path, want := range map[string]int{"/v1/health": http.StatusOK, "/v1/cases": http.StatusUnauthorized, "/set-up/x": http.StatusNotFound} {
		w := httptest.NewRecorder()
		front.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if got := w.Header().Values("Strict-Transport-Security"); len(got) != 1 || got[0] != "max-age=31536000; includeSubDomains" {
			t.Errorf("%s does not tell browsers to come over TLS alone: %q", path, got)
		}
	}
	w := httptest.NewRecorder()
	front.ServeHTTP(w, httptest.NewRequest("POST", "/sign-in/passkey/begin", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"challenge"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAccountsOnAFileOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	key := auth.NewKey()
	open := func() (*sqlite.DB, *auth.Users) {
		db, err := sqlite.Open(filepath.Join(dir, "tocsin.db"))
		if err != nil {
			t.Fatal(err)
		}
		u, err := auth.Open(t.Context(), db, engine.SystemClock{}, auth.WithKey(key))
		if err != nil {
			t.Fatal(err)
		}
		return db, u
	}
	place := auth.Place{Network: "192.0.2.0/24", Agent: "firefox linux"}
	db, u := open()
	token, err := u.Add(t.Context(), auth.Local, auth.User{ID: "anna", Name: "Anna", Roles: []tocsin.Role{tocsin.Analyst}})
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := u.Enter(t.Context(), auth.Entry{User: "anna", Methods: []auth.Method{auth.ByTOTP}, Place: place, Once: []string{"totp/anna/1"}})
	if err != nil {
		t.Fatal(err)
	}
	// Another process on the same file ends it, and refuses the code again.
	db2, other := open()
	if _, _, err := other.Enter(t.Context(), auth.Entry{User: "anna", Methods: []auth.Method{auth.ByTOTP}, Place: place, Once: []string{"totp/anna/1"}}); tocsin.KindOf(err) != tocsin.Forbidden {
		t.Errorf("a code is good in two processes: %v", err)
	}
	if s, err := other.Resume(t.Context(), secret, place); err != nil || s.User != "anna" {
		t.Errorf("%+v %v", s, err)
	}
	if err := other.EndSessions(t.Context(), auth.Local, "anna", "over"); err != nil {
		t.Fatal(err)
	}
	if err := u.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Resume(t.Context(), secret, place); err == nil {
		t.Error("a session that another process ended goes on")
	}
	for _, c := range []*sqlite.DB{db, db2} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	db, u = open()
	defer db.Close()
	if a, err := u.Authenticate(token); err != nil || a.ID != "anna" {
		t.Errorf("%+v %v", a, err)
	}
}
