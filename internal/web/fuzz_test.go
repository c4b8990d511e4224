package web_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"tocsin/internal/web"
)

func FuzzIfMatch(f *testing.F) {
	for _, s := range []string{"", "*", "7", `"7"`, `W/"7"`, `""7""`, "07", "-1", "0", `"`, "99999999999999999999", "7, 8", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := web.Version(s)
		switch {
		case err != nil:
			if n != 0 {
				t.Errorf("%q is refused and is version %d", s, n)
			}
		case n == 0:
			if s != "" && s != "*" {
				t.Errorf("%q is taken for any version", s)
			}
		case s != strconv.Itoa(n) && s != web.ETag(n):
			t.Errorf("%q is taken for version %d", s, n)
		}
	})
}

func FuzzCursor(f *testing.F) {
	for _, s := range []string{"", "before-0", "before-5", "before-6", "before-", "before--1", "before-05", "x"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 0 {
			return
		}
		at, err := web.Start(s, n)
		if at < 0 || at > n || (err != nil && at != 0) || (s == "" && (err != nil || at != n)) {
			t.Errorf("cursor %q in a list of %d begins at %d, %v", s, n, at, err)
		}
	})
}

func FuzzPathOfAFieldError(f *testing.F) {
	for _, s := range []string{"body.victim.name", "body.findings[3].value", "query.limit", "header.If-Match", "body", "", "body.the agent's name", "body." + strings.Repeat("a", 500), "x.y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := web.PlainPath(s)
		if got == s {
			return
		}
		where, _, _ := strings.Cut(s, ".")
		if rest := strings.TrimPrefix(s, where+"."); len(rest) > 30 && strings.Contains(got, rest) {
			t.Errorf("%q comes out as %q", s, got)
		}
	})
}

// FuzzBody sends anything at all as a command. Whatever it is, the answer is the
// command's or a whole problem, never a fault, and an answer that refuses never
// repeats a word that no description knows.
func FuzzBody(f *testing.F) {
	h := open(f, setup{})
	id := h.opened()
	for _, s := range []string{
		`{"threat":{"harm":"killing","target":{"text":"NEEDLE"}}}`, `{"threat":{"harm":"NEEDLE"}}`, `{"threat":{"window":{"latest":"NEEDLE"}}}`,
		`{"threat":{"actor_groups":["NEEDLE",7]}}`, `{"NEEDLE":1}`, `{"threat":NEEDLE`, `[]`, `null`, `"NEEDLE"`, `{"threat":null,"past":"NEEDLE"}`,
		"{\"threat\":{\"target\":{\"text\":\"NEEDLE\xff\"}}}", `{"threat":{"target":{"evidence":[{"report":"NEEDLE","start":-1e400}]}}}`,
		`{"threat":{"window":{"earliest":"2026-03-06T06:00:00Z","latest":"2026-03-05T06:00:00Z"}}}`, `{"threat":{"window":{"latest":"9999-12-31T23:59:59.9999999999Z"}}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		rec := httptest.NewRecorder()
		req := httptest.NewRequest("POST", "/v1/cases/"+string(id)+"/state-threat", strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+h.tokens["anna"])
		req.Header.Set("Content-Type", "application/json")
		h.api.ServeHTTP(rec, req)
		r := reply{t, rec.Code, rec.Header(), rec.Body.Bytes()}
		if !utf8.Valid(r.body) {
			t.Errorf("the answer is not UTF-8: %q", r.body)
		}
		if r.status == http.StatusOK {
			into[web.Answer](r)
			return
		}
		p := r.wantAnyProblem()
		if p.Status >= 500 {
			t.Errorf("%q is answered with %s", body, r.body)
		}
		if strings.Contains(string(r.body), "NEEDLE") {
			t.Errorf("the answer repeats what was sent: %s", r.body)
		}
	})
}
