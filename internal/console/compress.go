package console

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"net/http"
	"strings"
	"sync"
)

// worthPacking is the size below which a page goes out as it is.
const worthPacking = 1400

// packers are kept, because each holds most of a megabyte.
var packers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, 4) // a page in a few milliseconds; 9 takes three times as long for a twentieth less
	if err != nil {
		panic("console: " + err.Error()) // only an unknown level gives one
	}
	return w
}}

// takesPacked reports whether whoever asks reads gzip.
func takesPacked(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.ReplaceAll(weight, " ", "") != "q=0"
		}
	}
	return false
}

// packed compresses a page. The length of what goes out says something of what a
// page holds beside what somebody made it repeat; so every page gets a padding of
// random length in a part of the format that browsers skip.
func packed(page []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(page) / 5)
	w := packers.Get().(*gzip.Writer)
	defer packers.Put(w)
	w.Reset(&b)
	var n [1]byte
	_, _ = rand.Read(n[:]) // never fails
	w.Comment = strings.Repeat(".", int(n[0]))
	_, _ = w.Write(page) // into memory
	_ = w.Close()
	return b.Bytes()
}
