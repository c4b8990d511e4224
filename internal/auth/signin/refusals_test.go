package signin_test

import (
	"bytes"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/internal/auth/refusals"
	"tocsin/internal/auth/signin"
)

func TestAFailedSignInIsWrittenAndAThousandAreAFewLines(t *testing.T) {
	var b bytes.Buffer
	log := refusals.New(slog.New(slog.NewTextHandler(&b, nil)))
	h := opened(t, func(c *signin.Config) {
		c.Refusals = log
		c.Providers = []signin.Provider{{ID: "house", Issuer: "http://127.0.0.1:1", ClientID: "tocsin"}}
	})
	h.with("anna", tocsin.Analyst, phrase)
	h.secondary("anna")
	const typed = "hunter2 in the wrong field"
	for n := range 1000 {
		_, _ = h.Password(t.Context(), stranger(n), "anna", typed)
		h.clock.Pass(time.Second)
	}
	for _, name := range []string{typed, "hunter2.typed.as.name"} {
		_, _ = h.Password(t.Context(), office, name, typed)
	}
	h.clock.Pass(2 * time.Hour)
	step, err := h.Password(t.Context(), office, "anna", phrase)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = h.Second(t.Context(), office, step.Pending, "123456")
	_, _ = h.FinishLogin(t.Context(), office, "nothing", strings.NewReader("{}"))
	_, _ = h.FinishOIDC(t.Context(), office, "house", "nothing", url.Values{"code": {"secret-code"}, "state": {"x"}})
	_, _ = h.SetUp(t.Context(), office, "secret-link", "mallory", "Mallory", typed)
	log.Close(h.clock.Now())
	all := b.String()
	for _, want := range []string{
		"what=sign_in user=anna address=198.18.0.0 method=password code=sign_in times=1",
		"what=sign_in user=anna address=198.18.", "method=password code=slow_down",
		"what=sign_in address=192.0.2.7 method=password code=sign_in", // an unknown name is not repeated
		"user=anna address=192.0.2.7 method=totp code=code",
		"address=192.0.2.7 method=passkey code=ceremony",
		"address=192.0.2.7 method=oidc code=ceremony",
		"address=192.0.2.7 method=set_up code=set_up",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	if n := strings.Count(all, "\n"); n > 12 {
		t.Errorf("a thousand guesses are %d lines", n)
	}
	for _, secret := range []string{"hunter2", phrase, "123456", "secret-code", "secret-link", "mallory", "Mallory"} {
		if strings.Contains(all, secret) {
			t.Errorf("the log repeats %q", secret)
		}
	}
	if t.Failed() {
		t.Log(all)
	}
}
