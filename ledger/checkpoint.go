package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tocsin"
)

// Checkpoint is a statement of how far a log goes: C2SP tlog-checkpoint.
type Checkpoint struct {
	Origin    string    // names the log for ever; by custom the name of its key
	Size      int64     // leaves
	Root      tlog.Hash // of the tree of that size
	Extension []string  // further lines, which this program keeps but does not read
}

// NewKey makes an Ed25519 key pair for checkpoints: skey is secret, vkey is given
// to everybody who is to verify. name is a log's origin without spaces or plus
// signs, such as "warning.example.org/record". Both are in the form that
// note.NewSigner and note.NewVerifier read.
func NewKey(name string, random io.Reader) (skey, vkey string, err error) {
	if strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c == '+' || c == 0x7f }) || name == "" {
		return "", "", tocsin.Faultf(tocsin.Invalid, "key_name", "Use a name like a web address, without spaces or plus signs.",
			"%q cannot name a key.", name)
	}
	skey, vkey, err = note.GenerateKey(random, name)
	if err != nil {
		return "", "", fmt.Errorf("ledger: make a key: %w", err)
	}
	if _, err := note.NewVerifier(vkey); err != nil { // catches names with other Unicode spaces
		return "", "", fmt.Errorf("ledger: make a key: %w", err)
	}
	return skey, vkey, nil
}

// SignCheckpoint signs the statement that the log named origin has size leaves
// under root. The result is a C2SP signed note; a witness adds its signature to
// the same bytes.
func SignCheckpoint(origin string, size int64, root tlog.Hash, signer note.Signer) ([]byte, error) {
	if !validLine(origin) || size < 0 {
		return nil, fmt.Errorf("ledger: checkpoint of origin %q, size %d", origin, size)
	}
	body := fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)
	signed, err := note.Sign(&note.Note{Text: body}, signer)
	if err != nil {
		return nil, fmt.Errorf("ledger: sign checkpoint: %w", err)
	}
	return signed, nil
}

// OpenCheckpoint reads a signed checkpoint and requires a good signature by
// verifier; signatures by others are ignored. Only the signature is proof: the
// caller still compares Origin with the log it means.
func OpenCheckpoint(signed []byte, verifier note.Verifier) (Checkpoint, error) {
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("ledger: open checkpoint: %w", err)
	}
	return parseCheckpoint(n.Text)
}

// ReadUnverified reads a signed checkpoint without looking at its signatures. It
// tells what a note claims, for comparison with a log that one holds anyway, and
// proves nothing: use OpenCheckpoint for a checkpoint from elsewhere.
func ReadUnverified(signed []byte) (Checkpoint, error) {
	body, _, ok := strings.Cut(string(signed), "\n\n")
	if !ok {
		return Checkpoint{}, errors.New("ledger: checkpoint without signatures")
	}
	return parseCheckpoint(body + "\n")
}

func parseCheckpoint(body string) (Checkpoint, error) {
	lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
	if len(lines) < 3 || !strings.HasSuffix(body, "\n") {
		return Checkpoint{}, fmt.Errorf("ledger: checkpoint has %d lines, not at least 3", len(lines))
	}
	for _, line := range lines {
		if !validLine(line) {
			return Checkpoint{}, fmt.Errorf("ledger: checkpoint line %q", line)
		}
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("ledger: checkpoint size %q", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, fmt.Errorf("ledger: checkpoint root %q", lines[2])
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: tlog.Hash(root)}
	if len(lines) > 3 {
		c.Extension = lines[3:]
	}
	return c, nil
}

// validLine refuses what would end or blur a line of a note.
func validLine(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return c < 0x20 || c == '\uFFFD' })
}
