package intake

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// byteOrderMarks in the order in which they must be tried: that of UTF-32LE
// begins with that of UTF-16LE.
var byteOrderMarks = []struct {
	mark []byte
	enc  encoding.Encoding
}{
	{[]byte("\xEF\xBB\xBF"), unicode.UTF8},
	{[]byte("\xFF\xFE\x00\x00"), utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
	{[]byte("\x00\x00\xFE\xFF"), utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
	{[]byte("\xFF\xFE"), unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	{[]byte("\xFE\xFF"), unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
}

// decode turns bytes into valid UTF-8, whatever they are. label is the declared
// charset or ""; where names the place for notes. A byte order mark is stronger
// than a label, as in the WHATWG encoding standard.
func (p *parser) decode(b []byte, label, where string) string {
	for _, m := range byteOrderMarks {
		if rest, ok := bytes.CutPrefix(b, m.mark); ok {
			if m.enc == unicode.UTF8 {
				return p.guess(rest, where)
			}
			return p.decodeWith(rest, m.enc, "its byte order mark", where)
		}
	}
	label = strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'`))
	switch label {
	case "", "utf-8", "utf8", "unknown-8bit", "x-unknown", "default":
		return p.guess(b, where)
	case "us-ascii", "ascii":
		if multibyte(b) {
			p.note("%s: says charset %s but is UTF-8, and is read as that.", where, label)
		}
		return p.guess(b, where)
	}
	enc, latin := charset(label)
	if enc == nil {
		p.note("%s: the charset %q is not known.", where, clip(line(label)))
		return p.guess(b, where)
	}
	if latin && multibyte(b) {
		p.note("%s: says charset %s but is UTF-8, and is read as that.", where, label)
		return string(b)
	}
	return p.decodeWith(b, enc, "charset "+label, where)
}

func (p *parser) decodeWith(b []byte, enc encoding.Encoding, name, where string) string {
	out, err := enc.NewDecoder().Bytes(b)
	s := strings.ToValidUTF8(string(out), "\uFFFD")
	switch bad := strings.Count(s, "\uFFFD"); {
	case err == nil && bad == 0:
		return s
	case multibyte(b):
		p.note("%s: does not agree with %s but is UTF-8, and is read as that.", where, name)
		return string(b)
	case err != nil:
		p.note("%s: does not agree with %s.", where, name)
		return p.guess(b, where)
	default:
		p.note("%s: %s could not be read with %s and stand as \uFFFD.", where, plural(bad, "place"), name)
		return s
	}
}

// guess reads bytes without a usable label: as UTF-8 if they are, also where a
// few bytes of an otherwise good UTF-8 text are damaged, else as windows-1252,
// which gives every byte a character and so loses nothing.
func (p *parser) guess(b []byte, where string) string {
	if utf8.Valid(b) {
		return string(b)
	}
	good, bad := 0, 0
	for rest := b; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		rest = rest[n:]
	}
	if good >= 4*bad {
		p.note("%s: %s of damaged UTF-8 stand as \uFFFD.", where, plural(bad, "byte"))
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	p.note("%s: not UTF-8, and no usable charset is named; read as windows-1252.", where)
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}

// charset finds an encoding by label: WHATWG names first, since mail says
// iso-8859-1 and means windows-1252, then IANA's. latin tells charsets in which
// any byte is valid, so that a wrong label cannot show itself.
func charset(label string) (enc encoding.Encoding, latin bool) {
	enc, err := htmlindex.Get(label)
	if err != nil || enc == encoding.Replacement {
		// WHATWG maps a few old charsets to "replace everything" for browsers'
		// sake. Here that would lose the text.
		if enc, err = ianaindex.MIME.Encoding(label); err != nil || enc == nil {
			return nil, false
		}
	}
	return enc, enc == charmap.Windows1252 || enc == charmap.ISO8859_1 || enc == charmap.ISO8859_15
}

// multibyte reports whether b is valid UTF-8 with at least one character
// outside ASCII, which text in another charset hardly ever is by accident.
func multibyte(b []byte) bool {
	return utf8.Valid(b) && bytes.ContainsFunc(b, func(r rune) bool { return r >= utf8.RuneSelf })
}

// metaCharset finds the charset that an HTML page names in its first bytes.
func metaCharset(b []byte) string {
	head := bytes.ToLower(b[:min(len(b), 2048)])
	for {
		i := bytes.Index(head, []byte("charset="))
		if i < 0 {
			return ""
		}
		head = head[i+len("charset="):]
		name := bytes.TrimLeft(head, `"' `)
		end := bytes.IndexFunc(name, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
		})
		if end > 0 {
			return string(name[:end])
		}
	}
}
