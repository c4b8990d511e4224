package auth

import (
	"encoding/base64"
	"strings"

	"tocsin"
)

// prefix makes a token recognisable, to a person and to a scanner for leaked
// secrets.
const prefix = "tocsin_"

const tokenBytes = 32

var b64 = base64.RawURLEncoding.Strict()

// newToken makes a token and its digest.
func newToken() (token string, hash tocsin.Digest) { return newSecret(prefix) }

// formed reports whether s could be a secret with that prefix. What could not is
// refused before anything is looked up, so that noise costs nothing.
func formed(s, prefix string) bool {
	enc, ok := strings.CutPrefix(s, prefix)
	if !ok || len(enc) != b64.EncodedLen(tokenBytes) {
		return false
	}
	_, err := b64.DecodeString(enc)
	return err == nil
}
