package signin_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/internal/auth/password"
	"tocsin/internal/auth/signin"
	"tocsin/internal/clocktest"
	"tocsin/ledger/memory"
)

const phrase = "a quiet red bicycle in June"

// house is an installation with a door.
type house struct {
	t      testing.TB
	store  *memory.Store
	clock  *clocktest.Clock
	key    *auth.Key
	hasher *password.Hasher
	users  *auth.Users
	*signin.Gate
}

func opened(t testing.TB, change ...func(*signin.Config)) *house {
	t.Helper()
	h := &house{t: t, store: memory.Open(), clock: clocktest.At(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)), key: auth.NewKey()}
	var err error
	if h.hasher, err = password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 2); err != nil {
		t.Fatal(err)
	}
	if h.users, err = auth.Open(t.Context(), h.store, h.clock, auth.WithKey(h.key), auth.WithHasher(h.hasher)); err != nil {
		t.Fatal(err)
	}
	cfg := signin.Config{Users: h.users, Key: h.key, Clock: h.clock, Origin: "https://tocsin.example.org"}
	for _, c := range change {
		c(&cfg)
	}
	if h.Gate, err = signin.New(cfg); err != nil {
		t.Fatal(err)
	}
	return h
}

// with adds somebody, with a password if one is given.
func (h *house) with(id string, role tocsin.Role, plain string) {
	h.t.Helper()
	if err := h.users.Enrol(h.t.Context(), auth.Local, auth.User{ID: tocsin.ActorID(id), Name: id + " Person", Roles: []tocsin.Role{role}}); err != nil {
		h.t.Fatal(err)
	}
	if plain != "" {
		if err := h.users.SetPassword(h.t.Context(), auth.Local, tocsin.ActorID(id), plain, ""); err != nil {
			h.t.Fatal(err)
		}
	}
}

func from(address string) signin.Visitor {
	return signin.Visitor{Address: netip.MustParseAddr(address), Agent: "Mozilla/5.0 (X11; Linux) Firefox/140.0"}
}

// stranger is the nth address of a great many.
func stranger(n int) signin.Visitor {
	return from(fmt.Sprintf("198.%d.%d.%d", 18+n>>16&1, n>>8&255, n&255))
}

var office = from("192.0.2.7")

// in signs somebody in by password, where that is all it takes.
func (h *house) in(v signin.Visitor, id string) signin.Step {
	h.t.Helper()
	step, err := h.Password(h.t.Context(), v, id, phrase)
	if err != nil || step.Secret == "" {
		h.t.Fatalf("%s: %+v %v", id, step, err)
	}
	return step
}

func wantCode(t testing.TB, err error, kind tocsin.Kind, code string) {
	t.Helper()
	var told *tocsin.Error
	if errors.As(err, &told); told == nil || told.Kind != kind || told.Code != code || told.What == "" || told.Do == "" {
		t.Fatalf("got %v, want %s %s", err, kind, code)
	}
}
