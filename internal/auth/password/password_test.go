package password_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/internal/auth/password"
)

// cheap are costs for tests: the work is counted, not felt.
var cheap = password.Params{Memory: 64, Time: 1, Threads: 1}

var salt = bytes.Repeat([]byte{7}, password.SaltSize)

func hasher(t testing.TB, p password.Params) *password.Hasher {
	t.Helper()
	h, err := password.NewHasher(p, 2)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestWhatMayBeAPassword(t *testing.T) {
	for plain, code := range map[string]string{
		"a quiet red bicycle in June": "",
		"пять слов на чужом языке":    "",
		"ninechars":                          "password_short",
		"":                                   "password_short",
		"eleven char":                        "password_short",
		strings.Repeat("ö", 12) + "abcdefgh": "",
		strings.Repeat("x y", 100):           "password_long",
		strings.Repeat("\u00e9a", 3000):      "password_long",
		"1234567890123":                      "password_common",
		"password1234":                       "password_common",
		"PASSWORDpassword":                   "password_common",
		"!!!Password2026!":                   "password_common",
		"aaaaaaaaaaaaaaaa":                   "password_common",
		"ababababababab":                     "password_common",
		"abcdefghijklmnop":                   "password_common",
		"zyxwvutsrqpo":                       "password_common",
		"qwertyuiopasdfghjkl":                "password_common",
		"Noor Haddad 1984":                   "password_common",
		"n.haddad2026":                       "password_common",
		"noorhaddad!!!":                      "password_common",
		"Haddad-Noor-84":                     "password_common",
		"NorthWatch2026!":                    "password_common",
		"tocsin.northwatch":                  "password_common",
		"Tocsin-Monkey-77":                   "password_common",
		"WarningWarning1":                    "password_common",
		"the tocsin rang at noon":            "",
		"northern lights over Oslo":          "",
		"correct\x00horse battery":           "password_characters",
		"monkeydragon":                       "password_common",
		"not text \xff\xfe at all":           "password_characters",
	} {
		err := password.Check(plain, "n.haddad", "Noor Haddad", "warning.northwatch.example/record", "tocsin")
		if code == "" {
			if err != nil {
				t.Errorf("%q: %v", plain, err)
			}
			continue
		}
		var told *tocsin.Error
		if !errors.As(err, &told) || told.Kind != tocsin.Invalid || told.Code != code || told.Do == "" {
			t.Errorf("%q: %v, want %s", plain, err, code)
			continue
		}
		if len(plain) > 4 && strings.Contains(err.Error(), plain) {
			t.Errorf("the answer repeats the password %q", plain)
		}
	}
}

func TestEveryPasswordOnTheListIsRefused(t *testing.T) {
	n, long := 0, 0
	for p := range strings.Lines(password.Common) {
		n++
		if len([]rune(strings.TrimSpace(p))) >= password.MinLength {
			long++
		}
		if password.Check(strings.TrimSpace(p)) == nil || password.Check(strings.ToUpper(strings.TrimSpace(p))) == nil {
			t.Errorf("%q may become a password", p)
		}
	}
	if n < 1500 || long < 3000 {
		t.Fatalf("only %d passwords are on the list, %d of them as long as ours must be", n, long)
	}
}

func TestAHashKnowsItsPasswordAndNoOther(t *testing.T) {
	h := hasher(t, cheap)
	hash, err := h.Hash(t.Context(), "a quiet red bicycle", salt)
	if err != nil {
		t.Fatal(err)
	}
	for plain, want := range map[string]bool{"a quiet red bicycle": true, "a quiet red bicycl": false, "A quiet red bicycle": false, "": false, "a quiet red bicycle ": false, "\x00": false} {
		if ok, stale, err := h.Verify(t.Context(), plain, hash); err != nil || ok != want || stale {
			t.Errorf("%q: %v %v %v, want %v", plain, ok, stale, err, want)
		}
	}
}

func TestTheSameCharactersFromAnotherKeyboardFit(t *testing.T) {
	h := hasher(t, cheap)
	hash, err := h.Hash(t.Context(), "caf\u00e9 am Morgen", salt)
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := h.Verify(t.Context(), "cafe\u0301 am Morgen", hash); !ok || err != nil {
		t.Errorf("decomposed: %v %v", ok, err)
	}
}

func TestTheFormIsTheReferenceImplementations(t *testing.T) {
	// The form and the order of its parts are those of the reference implementation.
	h := hasher(t, cheap)
	hash, err := h.Hash(t.Context(), "password", []byte("somesaltsomesalt"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$") {
		t.Errorf("the form is %s", hash)
	}
}

func TestNobodyCostsWhatSomebodyDoes(t *testing.T) {
	h := hasher(t, cheap)
	hash, err := h.Hash(t.Context(), "a quiet red bicycle", salt)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ plain, hash string }{{"wrong", hash}, {"wrong", ""}, {"", ""}, {"\x00", ""}, {"\x00", hash}, {strings.Repeat("x", 5000), hash}, {"a quiet red bicycle", hash}} {
		before := h.Runs()
		if _, _, err := h.Verify(t.Context(), c.plain, c.hash); err != nil {
			t.Fatal(err)
		}
		if n := h.Runs() - before; n != 1 {
			t.Errorf("%.20q against %.20q ran %d hashes, want 1", c.plain, c.hash, n)
		}
	}
	// The decoy is no back door: what it was made of opens nothing.
	if ok, _, _ := h.Verify(t.Context(), "-", ""); ok {
		t.Error("nobody has a password")
	}
}

func TestAHashOfOtherCostsIsGoodAndStale(t *testing.T) {
	old, now := hasher(t, cheap), hasher(t, password.Params{Memory: 128, Time: 2, Threads: 1})
	hash, err := old.Hash(t.Context(), "a quiet red bicycle", salt)
	if err != nil {
		t.Fatal(err)
	}
	if ok, stale, err := now.Verify(t.Context(), "a quiet red bicycle", hash); !ok || !stale || err != nil {
		t.Errorf("%v %v %v", ok, stale, err)
	}
	if _, stale, _ := now.Verify(t.Context(), "wrong", hash); stale {
		t.Error("a wrong password is told that the hash is stale")
	}
}

func TestWaitingForATurnEndsWithTheContext(t *testing.T) {
	h := hasher(t, cheap)
	release := h.Occupy()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := h.Verify(ctx, "x", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCostsOutOfBoundsAreRefused(t *testing.T) {
	for _, p := range []password.Params{{}, {Memory: 7, Time: 1, Threads: 1}, {Memory: 1 << 30, Time: 1, Threads: 1}, {Memory: 64, Time: 0, Threads: 1}, {Memory: 64, Time: 1000, Threads: 1}} {
		if _, err := password.NewHasher(p, 1); tocsin.KindOf(err) != tocsin.Invalid {
			t.Errorf("%+v: %v", p, err)
		}
	}
	if _, err := password.NewHasher(password.Recommended, 1); err != nil {
		t.Error(err)
	}
}

func TestParseAndPrintAreInverse(t *testing.T) {
	h := hasher(t, cheap)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.StringMatching(`[a-z ]{1,40}`).Draw(t, "password")
		s := rapid.SliceOfN(rapid.Byte(), password.SaltSize, password.SaltSize).Draw(t, "salt")
		hash, err := h.Hash(context.Background(), "x"+plain, s)
		if err != nil {
			t.Fatal(err)
		}
		p, gotSalt, key, err := password.Parse(hash)
		if err != nil || p != cheap || !bytes.Equal(gotSalt, s) || len(key) != 32 {
			t.Fatalf("%v %v %v %v", p, gotSalt, key, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=4294967295,t=3,p=4$c29tZXNhbHQ$AAAA")
	f.Add("$argon2i$v=19$m=64,t=1,p=1$$")
	f.Add("$2a$10$abcdefghijklmnopqrstuv")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		p, salt, key, err := password.Parse(s)
		if err != nil {
			if salt != nil || key != nil || p != (password.Params{}) {
				t.Error("a refused hash gives parts")
			}
			return
		}
		if password.Format(p, salt, key) != s {
			t.Errorf("%q is read and printed otherwise", s)
		}
	})
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"a quiet red bicycle", "", "\x00", "ａｂｃ", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", "\u202e"} {
		f.Add(s)
	}
	h := hasher(f, cheap)
	f.Fuzz(func(t *testing.T, s string) {
		if password.Check(s, "someone") != nil {
			return
		}
		hash, err := h.Hash(t.Context(), s, salt)
		if err != nil {
			t.Fatalf("%q may be a password and cannot be hashed: %v", s, err)
		}
		if ok, _, err := h.Verify(t.Context(), s, hash); !ok || err != nil {
			t.Fatalf("%q does not fit its own hash", s)
		}
	})
}
