package console_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tocsin/internal/console/consoletest"
)

// BenchmarkFloor makes the watch floor with 300 open cases on it.
func BenchmarkFloor(b *testing.B) {
	h := consoletest.Open(b, false)
	for i := range 300 {
		h.Case(fmt.Sprintf("Case %d", i), "icd-191", fmt.Sprintf("They mean to kill number %d before the week is over.", i), fmt.Sprintf("Number %d", i), time.Duration(i+1)*time.Hour)
	}
	form := url.Values{"name": {"daniel"}, "token": {h.Tokens["daniel"]}}
	in := httptest.NewRequest("POST", "/sign-in", strings.NewReader(form.Encode()))
	in.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.Console.ServeHTTP(w, in)
	cookies := w.Result().Cookies()
	for b.Loop() {
		r := httptest.NewRequest("GET", "/", nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		if h.Console.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
