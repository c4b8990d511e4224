package ledger

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin"
)

// TileHeight is the height of every tile: 256 hashes wide (C2SP tlog-tiles).
const TileHeight = 8

// Root returns the root hash of the log's first size records.
func Root(ctx context.Context, log Log, size int64) (tlog.Hash, error) {
	if err := within(ctx, log, size); err != nil {
		return tlog.Hash{}, err
	}
	h, err := tlog.TreeHash(size, log)
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("ledger: root at size %d: %w", size, err)
	}
	return h, nil
}

// ProveInclusion proves that the record at position is in the log of that size.
// tlog.CheckRecord checks the proof against the size's root.
func ProveInclusion(ctx context.Context, log Log, position, size int64) (tlog.RecordProof, error) {
	if err := within(ctx, log, size); err != nil {
		return nil, err
	}
	if position < 0 || position >= size {
		return nil, tocsin.Faultf(tocsin.NotFound, "no_such_position", "Name a position below the size.",
			"The record of size %d has no position %d.", size, position)
	}
	p, err := tlog.ProveRecord(size, position, log)
	if err != nil {
		return nil, fmt.Errorf("ledger: prove inclusion: %w", err)
	}
	return p, nil
}

// ProveConsistency proves that the log of size begins with the log of size old,
// which is at least 1: nothing was changed or taken out between the two.
// tlog.CheckTree checks the proof against both roots.
func ProveConsistency(ctx context.Context, log Log, old, size int64) (tlog.TreeProof, error) {
	if err := within(ctx, log, size); err != nil {
		return nil, err
	}
	if old < 1 || old > size {
		return nil, tocsin.Faultf(tocsin.Invalid, "sizes_reversed", "Name the older size first, at least 1.",
			"Nothing can be proved between the sizes %d and %d.", old, size)
	}
	p, err := tlog.ProveTree(size, old, log)
	if err != nil {
		return nil, fmt.Errorf("ledger: prove consistency: %w", err)
	}
	return p, nil
}

func within(ctx context.Context, log Log, size int64) error {
	have, err := log.Size(ctx)
	if err != nil {
		return fmt.Errorf("ledger: size of the log: %w", err)
	}
	if size < 0 || size > have {
		return tocsin.Faultf(tocsin.NotFound, "no_such_size", "Name a size that the record has reached.",
			"The record holds %d entries, not %d.", have, size)
	}
	return nil
}

// Tile returns the hashes of tile t, 32 bytes each, as C2SP tlog-tiles serves
// them. A tile that the log has not reached yet is NotFound. For the entries
// (t.L = -1) see EntryBundle.
func Tile(ctx context.Context, log Log, t tlog.Tile) ([]byte, error) {
	size, err := log.Size(ctx)
	if err != nil {
		return nil, fmt.Errorf("ledger: size of the log: %w", err)
	}
	// Deeper than 7 levels of tiles no int64 size reaches.
	if t.H != TileHeight || t.L < 0 || t.L > 7 || t.N < 0 || t.W < 1 || t.W > 1<<TileHeight ||
		t.N > size>>TileHeight || t.N<<TileHeight+int64(t.W) > size>>(TileHeight*t.L) {
		return nil, noTile(t)
	}
	data, err := tlog.ReadTileData(t, log)
	if err != nil {
		return nil, fmt.Errorf("ledger: read tile %s: %w", t.Path(), err)
	}
	return data, nil
}

func noTile(t tlog.Tile) error {
	return tocsin.Faultf(tocsin.NotFound, "no_such_tile", "Read the checkpoint to see how far the record goes.",
		"The record has no tile at level %d, number %d, of width %d.", t.L, t.N, t.W)
}

// EntryBundle returns the leaves of tile t of level -1, each after its length as
// two bytes, big-endian, as C2SP tlog-tiles serves them under tile/entries/. It
// discloses no data field: leaves hold only digests of them.
func EntryBundle(ctx context.Context, s Store, t tlog.Tile) ([]byte, error) {
	if t.H != TileHeight || t.L != -1 || t.N < 0 || t.N > 1<<54 || t.W < 1 || t.W > 1<<TileHeight {
		return nil, noTile(t)
	}
	var bundle []byte
	n := 0
	for r, err := range s.Since(ctx, t.N<<TileHeight) {
		if err != nil {
			return nil, fmt.Errorf("ledger: read entries: %w", err)
		}
		bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(r.Leaf))) // at most MaxLeaf
		bundle = append(bundle, r.Leaf...)
		if n++; n == t.W {
			return bundle, nil
		}
	}
	return nil, noTile(t)
}

// TilePath is where C2SP tlog-tiles serves t: "tile/<level>/<number>", or
// "tile/entries/<number>" for level -1, with ".p/<width>" for a partial tile.
func TilePath(t tlog.Tile) string {
	rest := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", t.H))
	if number, entries := strings.CutPrefix(rest, "data/"); entries {
		return "tile/entries/" + number
	}
	return "tile/" + rest
}

// ParseTilePath is the inverse of TilePath, with TileHeight as the height.
func ParseTilePath(path string) (tlog.Tile, error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	if number, entries := strings.CutPrefix(rest, "entries/"); entries {
		rest = "data/" + number
	} else if strings.HasPrefix(rest, "data/") {
		ok = false
	}
	t, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", TileHeight, rest))
	if !ok || err != nil {
		return tlog.Tile{}, tocsin.Faultf(tocsin.NotFound, "no_such_tile", "Ask for tile/<level>/<number> or tile/entries/<number>.",
			"%q is not the path of a tile.", path)
	}
	return t, nil
}

// HashHome says which record wrote the stored hash of a tlog index, and as which
// of its hashes (see Frontier.Add). A store that keeps each record's hashes
// beside the record finds every hash of the log with it.
func HashHome(index int64) (position int64, slot int) {
	level, n := tlog.SplitStoredHashIndex(index)
	return (n+1)<<level - 1, level
}

// Frontier is the right edge of a log: all that is needed to add to it. The zero
// value is the edge of the empty log. It is a value: a copy is a saved state.
type Frontier struct {
	size int64
	edge [63]tlog.Hash // edge[i] is the root of the complete subtree of 2^i leaves, if bit i of size is set
}

// ReadFrontier reads the edge of the log of that size.
func ReadFrontier(size int64, r tlog.HashReader) (Frontier, error) {
	f := Frontier{size: size}
	var levels []int
	var indexes []int64
	for level := 62; level >= 0; level-- {
		if size>>level&1 == 1 {
			levels = append(levels, level)
			indexes = append(indexes, tlog.StoredHashIndex(level, size>>level-1))
		}
	}
	hashes, err := r.ReadHashes(indexes)
	if err != nil {
		return Frontier{}, fmt.Errorf("ledger: read the edge of the log: %w", err)
	}
	if len(hashes) != len(indexes) {
		return Frontier{}, fmt.Errorf("ledger: read the edge of the log: %d hashes for %d", len(hashes), len(indexes))
	}
	for i, level := range levels {
		f.edge[level] = hashes[i]
	}
	return f, nil
}

// Size is the number of leaves.
func (f *Frontier) Size() int64 { return f.size }

// Last is the hash of the last subtree completed, which changes with every leaf;
// ok is false for the empty log.
func (f *Frontier) Last() (h tlog.Hash, ok bool) {
	if f.size == 0 {
		return tlog.Hash{}, false
	}
	return f.edge[bits.TrailingZeros64(uint64(f.size))], true
}

// Add adds a leaf and returns the hashes to be stored with it: first its own, then
// that of each subtree it completes, smallest first. They are what
// tlog.StoredHashes returns for it, computed without reading anything back.
func (f *Frontier) Add(leaf []byte) []tlog.Hash {
	h := tlog.RecordHash(leaf)
	hashes := []tlog.Hash{h}
	level := 0
	for ; f.size>>level&1 == 1; level++ {
		h = tlog.NodeHash(f.edge[level], h)
		hashes = append(hashes, h)
	}
	f.edge[level] = h
	f.size++
	return hashes
}

// Root is the root hash of the log.
func (f *Frontier) Root() tlog.Hash {
	h, ok := f.Last()
	if !ok {
		h, _ = tlog.TreeHash(0, nil) // the hash of nothing; reads nothing, cannot fail
		return h
	}
	for level := bits.TrailingZeros64(uint64(f.size)) + 1; f.size>>level != 0; level++ {
		if f.size>>level&1 == 1 {
			h = tlog.NodeHash(f.edge[level], h)
		}
	}
	return h
}
