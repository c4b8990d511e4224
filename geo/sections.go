package geo

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
)

// The embedded files are DEFLATE over sections, each a length and its bytes.
// Numbers stand in planes, the first byte of every number, then the second and so
// on: so they pack half as large, and can be read at any index without unpacking.

// unpack reads the sections of an embedded file. Bytes that cmd/geodata did not
// make are an error.
func unpack(packed []byte) ([][]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), 1<<28))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	var out [][]byte
	for len(raw) > 0 {
		n, k := binary.Uvarint(raw)
		if k <= 0 || n > uint64(len(raw)-k) {
			return nil, fmt.Errorf("unpack: section %d is longer than what there is", len(out))
		}
		out, raw = append(out, raw[k:k+int(n)]), raw[k+int(n):]
	}
	return out, nil
}

// planes are numbers of a fixed width.
type planes struct {
	b     []byte
	width int
}

func (p planes) len() int { return len(p.b) / p.width }

func (p planes) at(i int) uint32 {
	n, out := p.len(), uint32(0)
	for w := range p.width {
		out |= uint32(p.b[w*n+i]) << (8 * w)
	}
	return out
}

// rows are lines of text that can be reached by number.
type rows struct {
	text []byte
	ends []uint32
}

func rowsOf(text []byte) rows {
	r := rows{text: text, ends: make([]uint32, 0, bytes.Count(text, []byte{'\n'}))}
	for i, c := range text {
		if c == '\n' {
			r.ends = append(r.ends, uint32(i))
		}
	}
	return r
}

func (r rows) len() int { return len(r.ends) }

func (r rows) at(i int) string {
	start := uint32(0)
	if i > 0 {
		start = r.ends[i-1] + 1
	}
	return string(r.text[start:r.ends[i]])
}
