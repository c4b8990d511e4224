package intake

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// undo takes the content transfer encoding off a part's body (RFC 2045
// section 6). It keeps what it cannot decode as it stands.
func (p *parser) undo(encoding string, body []byte, where string) []byte {
	encoding, _, _ = strings.Cut(encoding, ";") // some senders add parameters
	switch name := strings.ToLower(strings.Trim(strings.TrimSpace(encoding), `"`)); name {
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit":
		return body
	case "quoted-printable":
		out, bad := quotedPrintable(body)
		if bad > 0 {
			p.note("%s: %s that are not proper quoted-printable stand as sent.", where, plural(bad, "place"))
		}
		return out
	case "base64":
		out, fault := fromBase64(body)
		if fault != "" {
			p.note("%s: %s", where, fault)
		}
		return out
	default:
		p.note("%s: the transfer encoding %q is not known; it stands as sent.", where, clip(line(name)))
		return body
	}
}

// quotedPrintable decodes b and counts the "=" that introduce nothing.
func quotedPrintable(b []byte) (out []byte, bad int) {
	out = make([]byte, 0, len(b))
	for len(b) > 0 {
		var l []byte
		l, b = cutLine(b)
		text := bytes.TrimRight(l, "\r\n")
		end := l[len(text):]
		text = bytes.TrimRight(text, " \t") // white space there was added on the way (RFC 2045 6.7 rule 3)
		if t, soft := bytes.CutSuffix(text, []byte("=")); soft {
			text, end = t, nil
		}
		for i := 0; i < len(text); i++ {
			if text[i] != '=' {
				out = append(out, text[i])
				continue
			}
			if i+2 < len(text) && hex(text[i+1]) >= 0 && hex(text[i+2]) >= 0 {
				out = append(out, byte(hex(text[i+1])<<4|hex(text[i+2])))
				i += 2
				continue
			}
			out = append(out, '=')
			bad++
		}
		out = append(out, end...)
	}
	return out, bad
}

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// unpercent undoes %XX (RFC 2231); anything else stands.
func unpercent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && hex(s[i+1]) >= 0 && hex(s[i+2]) >= 0 {
			out = append(out, byte(hex(s[i+1])<<4|hex(s[i+2])))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}

// fromBase64 decodes b. Text that is labelled base64 but plainly is not stands
// as sent, and so does text that a list server appended. fault is the note this
// deserves, or "".
func fromBase64(b []byte) (out []byte, fault string) {
	head, tail := base64Lines(b)
	switch {
	case len(bytes.TrimSpace(tail)) == 0 || mostlyBase64(b):
		out, junk := lenient(b)
		if junk > 0 {
			fault = plural(junk, "character") + " that cannot be base64 left out; the rest was decoded."
		}
		return out, fault
	case len(head) < 24 && !bytes.HasSuffix(head, []byte("=")):
		return b, "says base64 and is not; it stands as sent."
	}
	out, _ = lenient(head)
	return append(append(out, "\n\n"...), tail...), "plain text follows the base64 text; both are kept."
}

// base64Lines cuts b after its last leading line that has only characters of
// the alphabet.
func base64Lines(b []byte) (head, tail []byte) {
	for at := 0; at < len(b); {
		l, _ := cutLine(b[at:])
		if bytes.ContainsFunc(bytes.TrimSpace(l), func(r rune) bool { return r > 'z' || !base64Char(byte(r)) && r != '=' }) {
			return bytes.TrimSpace(b[:at]), b[at:]
		}
		at += len(l)
	}
	return bytes.TrimSpace(b), nil
}

// mostlyBase64 reports whether at most one character in twenty, line ends
// aside, is outside the alphabet. English has a space in every six.
func mostlyBase64(b []byte) bool {
	bad, all := 0, 0
	for l := range bytes.Lines(b) {
		for _, c := range bytes.TrimSpace(l) {
			all++
			if !base64Char(c) && c != '=' {
				bad++
			}
		}
	}
	return bad*20 <= all
}

func base64Char(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// lenient decodes every base64 character of b, skipping others, and drops the
// last one where a single one is left over. Padding within b, as of several
// texts in a row, starts afresh.
func lenient(b []byte) (out []byte, junk int) {
	out = make([]byte, 0, base64.StdEncoding.DecodedLen(len(b)))
	chars := make([]byte, 0, len(b))
	flush := func() {
		if len(chars)%4 == 1 {
			chars = chars[:len(chars)-1]
			junk++
		}
		// It cannot fail: only characters of the alphabet are left.
		out, _ = base64.RawStdEncoding.AppendDecode(out, chars)
		chars = chars[:0]
	}
	for _, c := range b {
		switch {
		case base64Char(c):
			chars = append(chars, c)
		case c == '=':
			flush()
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			junk++
		}
	}
	flush()
	return out, junk
}

// words decodes an unstructured header value (RFC 2047) into one clean line.
// Adjacent encoded words of one charset are joined before they are decoded,
// because common mailers cut characters in two between them.
func (p *parser) words(s, where string) string {
	var out strings.Builder
	var held []byte // decoded bytes awaiting more of the same charset
	var label string
	flush := func() {
		if held != nil {
			out.WriteString(p.decode(held, label, where))
			held = nil
		}
	}
	for s != "" {
		before, word, after, ok := nextWord(s)
		if !ok {
			break
		}
		if held == nil || strings.Trim(before, " \t\r\n") != "" {
			flush()
			out.WriteString(p.decode([]byte(before), "", where))
		}
		if held != nil && !strings.EqualFold(label, word.charset) {
			flush()
		}
		held, label = append(held, word.text...), word.charset
		if held == nil {
			held = []byte{}
		}
		s = after
	}
	flush()
	out.WriteString(p.decode([]byte(s), "", where))
	return line(out.String())
}

type encodedWord struct {
	charset string
	text    []byte // bytes in that charset
}

// nextWord finds the first encoded word "=?charset?B|Q?text?=" in s.
func nextWord(s string) (before string, w encodedWord, after string, ok bool) {
	for from := 0; ; {
		i := strings.Index(s[from:], "=?")
		if i < 0 {
			return "", w, "", false
		}
		i += from
		from = i + 2
		cs, rest, ok := strings.Cut(s[from:], "?")
		if !ok {
			return "", w, "", false
		}
		if len(cs) == 0 || len(cs) > 60 || strings.ContainsAny(cs, " \t\r\n=") || len(rest) < 2 || rest[1] != '?' {
			continue
		}
		text, after, ok := strings.Cut(rest[2:], "?=")
		if !ok {
			return "", w, "", false
		}
		var raw []byte
		switch rest[0] {
		case 'B', 'b':
			raw, _ = lenient([]byte(text))
		case 'Q', 'q':
			raw, _ = quotedPrintable([]byte(strings.ReplaceAll(text, "_", "=20")))
		default:
			continue
		}
		cs, _, _ = strings.Cut(cs, "*") // RFC 2231 adds a language
		return s[:i], encodedWord{cs, raw}, after, true
	}
}
