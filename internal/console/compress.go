package console

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"io"
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
	w := packer(&b)
	defer packers.Put(w)
	_, _ = w.Write(page) // into memory
	_ = w.Close()
	return b.Bytes()
}

// packer compresses a page into to, with its padding.
func packer(to io.Writer) *gzip.Writer {
	w := packers.Get().(*gzip.Writer)
	w.Reset(to)
	var n [1]byte
	_, _ = rand.Read(n[:]) // never fails
	w.Comment = strings.Repeat(".", int(n[0]))
	return w
}

// begun is a page whose head has gone out: what every page has above its content, and
// nothing of the content.
type begun struct {
	to  io.Writer
	zip *gzip.Writer // nil: it goes out as it is
}

// begin sends the head of a page while the rest is still being made, so that the browser
// fetches what it needs meanwhile. Nothing may be left by then that could refuse the
// page; what fails all the same is said below the head. Parts of pages are asked for
// whole, because what is missing from an answer would be taken off the screen.
func (c *Console) begin(v *visit, p *Page) {
	if v.r.Method != http.MethodGet || v.r.Header.Get("HX-Request") != "" {
		return
	}
	b := pages.Get().(*bytes.Buffer)
	defer pages.Put(b)
	b.Reset()
	if err := c.templates[v.say.lang()].ExecuteTemplate(b, "top", *p); err != nil {
		return // the whole page will say so
	}
	out := &begun{to: v.w}
	c.pageHead(v, takesPacked(v.r))
	if takesPacked(v.r) {
		out.zip = packer(v.w)
		out.to = out.zip
	}
	v.w.WriteHeader(http.StatusOK)
	_, _ = out.to.Write(b.Bytes()) // a client that has gone needs no answer
	if out.zip != nil {
		_ = out.zip.Flush()
	}
	_ = http.NewResponseController(v.w).Flush() // a writer that cannot sends it with the rest
	v.begun, p.Begun = out, true
}

// end sends the rest.
func (b *begun) end(rest []byte) {
	_, _ = b.to.Write(rest)
	if b.zip != nil {
		_ = b.zip.Close()
		packers.Put(b.zip)
	}
}
