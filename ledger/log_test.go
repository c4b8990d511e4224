package ledger_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"tocsin"
	"tocsin/ledger"
	"tocsin/ledger/memory"
)

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(h)) {
			return nil, fmt.Errorf("no hash %d", x)
		}
		out[i] = h[x]
	}
	return out, nil
}

// The edge computes what the library computes from everything.
func TestTheEdgeAgreesWithTheWholeLog(t *testing.T) {
	var edge ledger.Frontier
	var stored hashes
	for n := range int64(300) {
		if _, ok := edge.Last(); ok != (n > 0) || edge.Size() != n {
			t.Fatalf("at %d: size %d", n, edge.Size())
		}
		root, err := tlog.TreeHash(n, stored)
		if err != nil || edge.Root() != root {
			t.Fatalf("at %d: root %s, want %s, %v", n, edge.Root(), root, err)
		}
		again, err := ledger.ReadFrontier(n, stored)
		if err != nil || again.Root() != root {
			t.Fatalf("at %d: the edge read back has root %s, %v", n, again.Root(), err)
		}
		leaf := fmt.Appendf(nil, "leaf %d", n)
		want, err := tlog.StoredHashes(n, leaf, stored)
		got := edge.Add(leaf)
		if err != nil || !slices.Equal(got, want) || !slices.Equal(again.Add(leaf), want) {
			t.Fatalf("at %d: hashes %v, want %v, %v", n, got, want, err)
		}
		for slot := range got {
			if position, s := ledger.HashHome(int64(len(stored) + slot)); position != n || s != slot {
				t.Fatalf("hash %d is said to be of record %d, slot %d", len(stored)+slot, position, s)
			}
		}
		stored = append(stored, got...)
		if last, _ := edge.Last(); last != stored[len(stored)-1] {
			t.Fatalf("at %d: last is %s", n, last)
		}
	}
	if _, err := ledger.ReadFrontier(300, stored[:100]); err == nil {
		t.Error("an edge was read from a log that lacks it")
	}
}

func TestTilePathsAreThoseOfTheSpecification(t *testing.T) {
	for path, tile := range map[string]tlog.Tile{
		"tile/0/000":                  {H: 8, L: 0, N: 0, W: 256},
		"tile/1/x001/x234/067.p/9":    {H: 8, L: 1, N: 1234067, W: 9},
		"tile/entries/x001/x234/067":  {H: 8, L: -1, N: 1234067, W: 256},
		"tile/entries/000.p/255":      {H: 8, L: -1, N: 0, W: 255},
		"tile/7/999":                  {H: 8, L: 7, N: 999, W: 256},
		"tile/0/x001/000":             {H: 8, L: 0, N: 1000, W: 256},
		"tile/63/000.p/1":             {H: 8, L: 63, N: 0, W: 1},
		"tile/entries/x123/456.p/1":   {H: 8, L: -1, N: 123456, W: 1},
		"tile/0/x999/x999/x999/999":   {H: 8, L: 0, N: 999999999999, W: 256},
		"tile/entries/x999/999.p/17":  {H: 8, L: -1, N: 999999, W: 17},
		"tile/2/x001/x234/067.p/255":  {H: 8, L: 2, N: 1234067, W: 255},
		"tile/entries/x001/x000/000":  {H: 8, L: -1, N: 1000000, W: 256},
		"tile/entries/x001/000.p/128": {H: 8, L: -1, N: 1000, W: 128},
		"tile/3/000.p/2":              {H: 8, L: 3, N: 0, W: 2},
		"tile/4/x010/x020/030.p/40":   {H: 8, L: 4, N: 10020030, W: 40},
	} {
		if got := ledger.TilePath(tile); got != path {
			t.Errorf("path of %v is %s, want %s", tile, got, path)
		}
		if got, err := ledger.ParseTilePath(path); got != tile || err != nil {
			t.Errorf("%s reads as %v, %v", path, got, err)
		}
	}
	for _, path := range []string{"", "tile", "tile/0", "tile/0/0", "tile/00/000", "tile/-1/000", "tile/data/000", "tile/8/0/000", "0/000", "tile/0/000.p/0",
		"tile/0/000.p/256", "tile/0/000.p/07", "tile/0/x000/000", "tile/0/000/", "tile/0/1000", "tile/entries/", "tile/entries/0/000", "/tile/0/000", "tile/0/../000"} {
		if tile, err := ledger.ParseTilePath(path); !errors.Is(err, tocsin.NotFound) {
			t.Errorf("%q reads as %v, %v", path, tile, err)
		}
	}
}

func FuzzParseTilePath(f *testing.F) {
	f.Add("tile/1/x001/x234/067.p/9")
	f.Add("tile/entries/x001/x234/067")
	f.Fuzz(func(t *testing.T, path string) {
		if tile, err := ledger.ParseTilePath(path); err == nil && ledger.TilePath(tile) != path {
			t.Errorf("%q reads as %v, which is %q", path, tile, ledger.TilePath(tile))
		}
	})
}

func TestAnEntryBundleIsTheLeavesWithTheirLengths(t *testing.T) {
	s := memory.Open()
	for i := range 3 {
		r := proposed(t)
		r.Command = strings.Repeat("c", 100*i)
		if _, err := s.Append(t.Context(), ledger.Batch{Stream: "case/a", After: i, Records: []ledger.Record{r}}); err != nil {
			t.Fatal(err)
		}
	}
	bundle, err := ledger.EntryBundle(t.Context(), s, tlog.Tile{H: 8, L: -1, N: 0, W: 3})
	if err != nil {
		t.Fatal(err)
	}
	for r := range s.Since(t.Context(), 0) {
		n := int(binary.BigEndian.Uint16(bundle))
		if !bytes.Equal(bundle[2:2+n], r.Leaf) {
			t.Errorf("entry %d is %s", r.Position, bundle[2:2+n])
		}
		bundle = bundle[2+n:]
	}
	if len(bundle) != 0 {
		t.Errorf("%d bytes are left over", len(bundle))
	}
	for _, tile := range []tlog.Tile{{H: 8, L: -1, N: 0, W: 4}, {H: 8, L: -1, N: 1, W: 1}, {H: 8, L: 0, N: 0, W: 1}, {H: 8, L: -1, N: -1, W: 1}, {H: 8, L: -1, W: 0},
		{H: 8, L: -1, W: 257}, {H: 4, L: -1, W: 1}, {H: 8, L: -1, N: 1 << 60, W: 1}} {
		if _, err := ledger.EntryBundle(t.Context(), s, tile); !errors.Is(err, tocsin.NotFound) {
			t.Errorf("%v: %v", tile, err)
		}
	}
	for _, tile := range []tlog.Tile{{H: 8, L: -1, W: 1}, {H: 7, W: 1}, {H: 8, L: 8, W: 1}, {H: 8, N: 1 << 60, W: 1}, {H: 8, N: -1, W: 1}, {H: 8, W: 0}, {H: 8, W: 257}} {
		if _, err := ledger.Tile(t.Context(), s.Log(), tile); !errors.Is(err, tocsin.NotFound) {
			t.Errorf("%v: %v", tile, err)
		}
	}
}

func keys(t testing.TB, name string, seed byte) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := ledger.NewKey(name, rand.NewChaCha8([32]byte{seed}))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

const origin = "warning.example.org/record"

func TestACheckpointIsSignedAndOpened(t *testing.T) {
	signer, verifier := keys(t, origin, 1)
	root := tlog.RecordHash([]byte("leaf"))
	signed, err := ledger.SignCheckpoint(origin, 42, root, signer)
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%s\n42\n%s\n\n— %s ", origin, root, origin); !strings.HasPrefix(string(signed), want) {
		t.Errorf("checkpoint is\n%s", signed)
	}
	got, err := ledger.OpenCheckpoint(signed, verifier)
	if err != nil || got.Origin != origin || got.Size != 42 || got.Root != root || got.Extension != nil {
		t.Errorf("opened: %+v, %v", got, err)
	}
	if claimed, err := ledger.ReadUnverified(signed); err != nil || claimed.Root != root || claimed.Size != 42 {
		t.Errorf("read: %+v, %v", claimed, err)
	}

	t.Run("with a witness's signature added", func(t *testing.T) {
		witness, witnessKey := keys(t, "witness.example.net", 2)
		n, err := note.Open(signed, note.VerifierList(verifier))
		if err != nil {
			t.Fatal(err)
		}
		cosigned, err := note.Sign(n, witness)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []note.Verifier{verifier, witnessKey} {
			if c, err := ledger.OpenCheckpoint(cosigned, v); err != nil || c.Root != root {
				t.Errorf("%s: %+v, %v", v.Name(), c, err)
			}
		}
	})
	t.Run("forged", func(t *testing.T) {
		_, stranger := keys(t, origin, 3)
		if _, err := ledger.OpenCheckpoint(signed, stranger); err == nil {
			t.Error("another key of the same name verified it")
		}
		for i := range signed {
			forged := bytes.Clone(signed)
			forged[i] ^= 1
			if c, err := ledger.OpenCheckpoint(forged, verifier); err == nil {
				t.Fatalf("accepted with byte %d changed: %+v", i, c)
			}
		}
	})
}

func TestCheckpointsThatSayNothingClear(t *testing.T) {
	signer, verifier := keys(t, origin, 1)
	const root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	for name, body := range map[string]string{
		"no size":             origin + "\n" + root + "\n",
		"no origin":           "\n5\n" + root + "\n",
		"leading zero":        origin + "\n05\n" + root + "\n",
		"plus sign":           origin + "\n+5\n" + root + "\n",
		"negative":            origin + "\n-5\n" + root + "\n",
		"beyond 63 bits":      origin + "\n9223372036854775808\n" + root + "\n",
		"short root":          origin + "\n5\n47DEQpj8HBSa\n",
		"root without pad":    origin + "\n5\n" + strings.TrimSuffix(root, "=") + "\n",
		"root, loosely coded": origin + "\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
		"blank extension":     origin + "\n5\n" + root + "\n\nmore\n",
		"one line":            origin + "\n",
	} {
		signed, err := note.Sign(&note.Note{Text: body}, signer)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := ledger.OpenCheckpoint(signed, verifier); err == nil {
			t.Errorf("%s: accepted as %+v", name, c)
		}
	}
	signed, err := note.Sign(&note.Note{Text: origin + "\n5\n" + root + "\nfuture line\nanother\n"}, signer)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := ledger.OpenCheckpoint(signed, verifier); err != nil || !slices.Equal(c.Extension, []string{"future line", "another"}) {
		t.Errorf("extension lines: %+v, %v", c, err)
	}
	for _, bad := range []string{"", "two\nlines", "a\x00b", "broken \xff"} {
		if _, err := ledger.SignCheckpoint(bad, 1, tlog.Hash{}, signer); err == nil {
			t.Errorf("origin %q was signed", bad)
		}
	}
	if _, err := ledger.SignCheckpoint(origin, -1, tlog.Hash{}, signer); err == nil {
		t.Error("a negative size was signed")
	}
	if _, err := ledger.ReadUnverified([]byte("no signature")); err == nil {
		t.Error("a note without signatures was read")
	}
}

func FuzzOpenCheckpoint(f *testing.F) {
	signer, verifier := keys(f, origin, 1)
	f.Add(origin+"\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", int64(5))
	f.Add("a\n0\n\n", int64(0))
	f.Fuzz(func(t *testing.T, body string, size int64) {
		signed, err := note.Sign(&note.Note{Text: body}, signer)
		if err != nil {
			return
		}
		c, err := ledger.OpenCheckpoint(signed, verifier)
		if err != nil || c.Extension != nil {
			return
		}
		again, err := ledger.SignCheckpoint(c.Origin, c.Size, c.Root, signer)
		if err != nil || !bytes.Equal(again, signed) {
			t.Errorf("read\n%q\nwrote\n%q, %v", signed, again, err)
		}
	})
}

func TestNamesThatCannotNameAKey(t *testing.T) {
	for _, name := range []string{"", "two words", "a+b", "a\tb", "no\u00a0break", "line\n"} {
		if skey, _, err := ledger.NewKey(name, rand.NewChaCha8([32]byte{})); err == nil {
			t.Errorf("%q names the key %s", name, skey)
		}
	}
	if _, _, err := ledger.NewKey(origin, strings.NewReader("")); err == nil {
		t.Error("a key was made without randomness")
	}
}

// Inclusion of any record in any size of a log holds for that record only.
func TestInclusionHoldsForOneRecordOnly(t *testing.T) {
	s := memory.Open()
	var leaves [][]byte
	for i := range 50 {
		r := proposed(t)
		r.Command = fmt.Sprint(i)
		if _, err := s.Append(t.Context(), ledger.Batch{Stream: "case/a", After: i, Records: []ledger.Record{r}}); err != nil {
			t.Fatal(err)
		}
	}
	for r := range s.Since(t.Context(), 0) {
		leaves = append(leaves, r.Leaf)
	}
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.Int64Range(1, 50).Draw(rt, "size")
		position := rapid.Int64Range(0, size-1).Draw(rt, "position")
		other := rapid.Int64Range(0, 49).Draw(rt, "other")
		root, err := ledger.Root(t.Context(), s.Log(), size)
		if err != nil {
			rt.Fatal(err)
		}
		p, err := ledger.ProveInclusion(t.Context(), s.Log(), position, size)
		if err != nil {
			rt.Fatal(err)
		}
		if err := tlog.CheckRecord(p, size, root, position, tlog.RecordHash(leaves[other])); (err == nil) != (other == position) {
			rt.Fatalf("the proof for %d says of %d: %v", position, other, err)
		}
	})
}
