// Package password keeps passwords: what may be one, and the Argon2id hash by
// which it is recognised again (RFC 9106).
//
// Start with Check for a new password, Hasher.Hash to keep it and Hasher.Verify
// to compare. Parameters stand with every hash, so that they can be raised: a
// hash made with others is still good, and Verify says that it should be made
// anew.
//
// The package refuses to ask for capitals, digits or signs (NIST SP 800-63B,
// 3.1.1.2): length, and a list of what everybody tries first, do more. It keeps
// nothing and reads no randomness: salts come in as values.
package password

import (
	"cmp"
	"context"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"

	"tocsin"
)

// Bounds of a password, in characters, and of its text in bytes.
const (
	MinLength = 12
	maxLength = 256
	maxBytes  = 4 * maxLength
)

// Params are the costs of one hash.
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// Recommended is the second choice of RFC 9106, section 4: 64 MiB, 3 passes.
var Recommended = Params{Memory: 64 << 10, Time: 3, Threads: 4}

// Bounds of the parameters of a hash that is read: what is kept is our own, but
// a damaged one must not ask for the machine's whole memory.
const (
	maxMemory  = 1 << 20 // KiB
	maxTime    = 64
	maxThreads = 64
	saltSize   = 16
	keySize    = 32
)

// SaltSize is how many random bytes Hash takes.
const SaltSize = saltSize

// Hasher hashes with a bound on how many hashes run at once, because each takes
// tens of megabytes. It is safe for concurrent use.
type Hasher struct {
	params Params
	slots  chan struct{}
	runs   atomic.Int64
	decoy  string
}

// NewHasher makes a Hasher with the given costs that runs at most atOnce hashes
// at the same time.
func NewHasher(p Params, atOnce int) (*Hasher, error) {
	if !p.sound() {
		return nil, tocsin.Faultf(tocsin.Invalid, "argon2_params", "Use those that are recommended.", "The costs %+v are out of bounds.", p)
	}
	h := &Hasher{params: p, slots: make(chan struct{}, max(atOnce, 1))}
	// A hash that no password has, with the costs of a new one: comparing with it
	// is the same work as comparing with somebody's.
	h.decoy = format(p, make([]byte, saltSize), make([]byte, keySize))
	return h, nil
}

func (p Params) sound() bool {
	return p.Time >= 1 && p.Time <= maxTime && p.Threads >= 1 && p.Threads <= maxThreads && p.Memory >= 8*uint32(p.Threads) && p.Memory <= maxMemory
}

// Runs is how many hashes have been computed. Tests compare it: an unknown name
// must cost what a known one does.
func (h *Hasher) Runs() int64 { return h.runs.Load() }

// Hash is the text to keep for a password: the PHC string form, with costs and
// salt. salt is SaltSize random bytes.
func (h *Hasher) Hash(ctx context.Context, plain string, salt []byte) (string, error) {
	if len(salt) != saltSize {
		return "", fmt.Errorf("password: a salt of %d bytes, want %d", len(salt), saltSize)
	}
	prepared, err := prepare(plain)
	if err != nil {
		return "", err
	}
	key, err := h.run(ctx, prepared, salt, h.params, keySize)
	if err != nil {
		return "", err
	}
	return format(h.params, salt, key), nil
}

// Verify reports whether plain is the password that hash was made of. The empty
// hash stands for somebody who has none, or who does not exist: it costs as much
// and never fits. stale says that the hash was made with other costs than those
// of today and should be replaced.
//
// An error means that the question was not answered: the hash cannot be read, or
// ctx ended while waiting for a turn.
func (h *Hasher) Verify(ctx context.Context, plain, hash string) (ok, stale bool, err error) {
	nobody := hash == ""
	if nobody {
		hash = h.decoy
	}
	p, salt, want, err := Parse(hash)
	if err != nil {
		return false, false, err
	}
	prepared, unusable := prepare(plain)
	if unusable != nil { // it cannot be anybody's; the work is done all the same
		prepared, nobody = []byte("-"), true
	}
	key, err := h.run(ctx, prepared, salt, p, uint32(len(want)))
	if err != nil {
		return false, false, err
	}
	same := subtle.ConstantTimeCompare(key, want) == 1 && !nobody
	return same, same && p != h.params, nil
}

func (h *Hasher) run(ctx context.Context, plain, salt []byte, p Params, size uint32) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.slots }()
	h.runs.Add(1)
	return argon2.IDKey(plain, salt, p.Time, p.Memory, p.Threads, size), nil
}

// prepare brings a password to the one form that is hashed: RFC 8265's
// OpaqueString, so that the same characters typed on another keyboard fit.
func prepare(plain string) ([]byte, error) {
	if len(plain) > maxBytes {
		return nil, errTooLong
	}
	s, err := precis.OpaqueString.String(plain)
	if err != nil || !utf8.ValidString(plain) {
		return nil, tocsin.Fault(tocsin.Invalid, "password_characters", "The password holds characters that cannot be typed reliably.", "Leave out control characters and unassigned signs.")
	}
	return []byte(s), nil
}

var errTooLong = tocsin.Fault(tocsin.Invalid, "password_long", "The password is too long.", fmt.Sprintf("Use at most %d characters.", maxLength))

var b64 = base64.RawStdEncoding.Strict()

// format is the PHC string form of the reference implementation's
// argon2_encode: $argon2id$v=19$m=65536,t=3,p=4$salt$hash.
func format(p Params, salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Time, p.Threads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// Parse reads a hash as Hash writes it, and nothing else: parse and print are
// inverse.
func Parse(hash string) (p Params, salt, key []byte, err error) {
	bad := errors.New("password: not an Argon2id hash as this program writes them")
	parts := strings.Split(hash, "$")
	if len(hash) > 512 || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return p, nil, nil, bad
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads); n != 3 || err != nil || !p.sound() {
		return Params{}, nil, nil, bad
	}
	salt, err1 := b64.DecodeString(parts[4])
	key, err2 := b64.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) != saltSize || len(key) != keySize || format(p, salt, key) != hash {
		return Params{}, nil, nil, bad
	}
	return p, salt, key, nil
}

// common holds, one a line and in small letters, the most used passwords that
// have leaked: the 1,500 most frequent of 5 to 11 characters, of which longer ones
// are made, and the 3,500 most frequent of 12 or more. SOURCES.md has their origin.
//
//go:embed common.txt
var common string

var commonest = func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(common) {
		m[strings.TrimSpace(line)] = true
	}
	return m
}()

// Check says why plain may not become a password, as a *tocsin.Error of kind
// Invalid. about is what others know of the person and of where they work: their
// id and name, the names of the organisation and of its machines. Each of its
// words counts by itself.
func Check(plain string, about ...string) error {
	switch n := utf8.RuneCountInString(plain); {
	case n < MinLength:
		return tocsin.Faultf(tocsin.Invalid, "password_short", "Four or five words that nobody would expect together are long enough and can be remembered.",
			"The password has %d characters; it needs %d or more.", n, MinLength)
	case n > maxLength:
		return errTooLong
	}
	if _, err := prepare(plain); err != nil {
		return err
	}
	if guessable(strings.ToLower(plain), about) {
		return tocsin.Fault(tocsin.Invalid, "password_common", "The password is among the first that anybody would try.", "Take other words; length alone does not help a password that is on everybody's list.")
	}
	return nil
}

// guessable reports whether a password in small letters is on the list, or is
// something on it, or words of about, made longer by repeating it, by another one
// of them, or by digits and signs around it.
func guessable(p string, about []string) bool {
	if commonest[p] || distinct(p) < 5 || run(p) {
		return true
	}
	core := period(strings.TrimFunc(p, func(r rune) bool { return !unicode.IsLetter(r) }))
	if commonest[core] || commonest[period(p)] || twoOf(core) {
		return true
	}
	left := without(letters(p), about)
	return left != letters(p) && (utf8.RuneCountInString(left) < fewLetters || commonest[left])
}

// fewLetters are too few to make a password of words that others know one that
// they do not.
const fewLetters = 4

// without takes the words of about out of a row of letters, the longest first, so
// that a word within another leaves nothing of it behind.
func without(s string, about []string) string {
	var words []string
	for _, text := range about {
		for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
			if utf8.RuneCountInString(w) >= 3 {
				words = append(words, w)
			}
		}
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, w := range words {
		s = strings.ReplaceAll(s, w, "")
	}
	return s
}

// twoOf reports whether s is two passwords of the list, one behind the other.
func twoOf(s string) bool {
	for i := range s {
		if commonest[s[:i]] && commonest[s[i:]] {
			return true
		}
	}
	return false
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// run reports whether every character follows the one before it in Unicode, up
// or down: abcdefghijkl, 987654321.
func run(s string) bool {
	r := []rune(s)
	up, down := true, true
	for i := 1; i < len(r); i++ {
		up = up && r[i] == r[i-1]+1
		down = down && r[i] == r[i-1]-1
	}
	return up || down
}

// period is the shortest text that s is a repetition of, s itself if there is none.
func period(s string) string {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return s[:n]
		}
	}
	return s
}
