package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
)

// packed is DEFLATE over sections, each a length and its bytes, as geo unpacks it.
func packed(sections [][]byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	for _, s := range sections {
		if _, err := w.Write(append(binary.AppendUvarint(nil, uint64(len(s))), s...)); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// planes writes numbers of width bytes, the first byte of each, then the second
// and so on.
func planes(width int, numbers []uint32) []byte {
	out := make([]byte, width*len(numbers))
	for i, n := range numbers {
		for p := range width {
			out[p*len(numbers)+i] = byte(n >> (8 * p))
		}
	}
	return out
}
