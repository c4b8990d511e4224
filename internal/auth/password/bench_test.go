package password_test

import (
	"testing"

	"tocsin/internal/auth/password"
)

// BenchmarkVerify is what one sign-in costs with the recommended parameters.
func BenchmarkVerify(b *testing.B) {
	h := hasher(b, password.Recommended)
	for b.Loop() {
		if _, _, err := h.Verify(b.Context(), "a quiet red bicycle", ""); err != nil {
			b.Fatal(err)
		}
	}
}
