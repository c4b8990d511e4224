package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"

	"tocsin"
)

// Key is the secret of an installation under which password hashes and TOTP
// seeds are sealed before they go into the record, and what a browser carries
// between the two halves of a sign-in. It is kept beside the record and not in
// it: who has a copy of the record alone has nothing to guess passwords against.
//
// All processes on one record need the same Key. If it is lost, passwords and
// one-time codes have to be set anew; passkeys, tokens and linked subjects stay.
type Key struct{ root [keyBytes]byte }

const (
	keyBytes  = 32
	keyPrefix = "tocsin-accounts-key-1:"
	sealedV1  = "v1."
)

// NewKey makes a key at random.
func NewKey() *Key {
	k := &Key{}
	rand.Read(k.root[:]) //nolint:errcheck // documented never to return an error
	return k
}

// Text is the key as it is kept in its file.
func (k *Key) Text() string { return keyPrefix + b64.EncodeToString(k.root[:]) }

// ParseKey reads what Text wrote; space around it is passed over.
func ParseKey(text string) (*Key, error) {
	enc, ok := strings.CutPrefix(strings.TrimSpace(text), keyPrefix)
	b, err := decoded(enc)
	if !ok || err != nil || len(b) != keyBytes {
		return nil, tocsin.Fault(tocsin.Invalid, "accounts_key", "The file does not hold a key for accounts.",
			"Restore it from the backup. If it is lost, move the file away: a new key is made, and everybody sets a new password; passkeys and tokens stay good.")
	}
	k := &Key{}
	copy(k.root[:], b)
	return k, nil
}

// Seal encrypts plain for one purpose and subject: what is sealed for one opens
// for no other, so a sealed password that is copied to another account is
// worthless there. The result is safe in URLs and cookies.
func (k *Key) Seal(purpose, subject string, plain []byte) string {
	return sealedV1 + b64.EncodeToString(k.cipher(purpose).Seal(nil, nil, plain, []byte(subject)))
}

// Open is the inverse of Seal. It says nothing about why something does not open.
func (k *Key) Open(purpose, subject, sealed string) ([]byte, error) {
	enc, ok := strings.CutPrefix(sealed, sealedV1)
	b, err := decoded(enc)
	if !ok || err != nil {
		return nil, errSealed
	}
	plain, err := k.cipher(purpose).Open(nil, nil, b, []byte(subject))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// decoded reads base64 in its one form: the library passes over ends of lines.
func decoded(enc string) ([]byte, error) {
	if strings.ContainsAny(enc, "\r\n") {
		return nil, errSealed
	}
	return b64.DecodeString(enc)
}

var errSealed = fmt.Errorf("auth: this does not open under the accounts key")

// cipher is AES-256-GCM under a key of its own for each purpose.
func (k *Key) cipher(purpose string) cipher.AEAD {
	key, err := hkdf.Key(sha256.New, k.root[:], nil, "tocsin accounts: "+purpose, keyBytes)
	if err != nil {
		panic(fmt.Sprintf("auth: HKDF gives 32 bytes of SHA-256: %v", err))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(fmt.Sprintf("auth: 32 bytes are an AES key: %v", err))
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(fmt.Sprintf("auth: AES has blocks of 16 bytes: %v", err))
	}
	return aead
}
