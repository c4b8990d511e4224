package intake

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"tocsin"
)

// field is one header field as sent, neither unfolded nor decoded.
type field struct {
	name  string // "" for a line that is no header
	value []byte // a stretch of the message, with its line ends
}

type header []field

// all returns the values of every field of that name, in order.
func (h header) all(name string) []string {
	var out []string
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			out = append(out, string(f.value))
		}
	}
	return out
}

// first returns the first value. Where a sender gives several different ones
// the rest are kept as notes, since either may be the forged one.
func (p *parser) first(h header, name string) string {
	vals := h.all(name)
	if len(vals) == 0 {
		return ""
	}
	for _, v := range vals[1:] {
		if strings.TrimSpace(v) != strings.TrimSpace(vals[0]) {
			p.note("The header %s is there more than once; the first is used, another says %q.", name, clip(p.words(v, name)))
		}
	}
	return vals[0]
}

// knownHeaders are names by which a header block is recognised. proof marks
// those that a memo typed by a person does not have.
var knownHeaders = map[string]bool{"from": false, "to": false, "subject": false, "cc": false, "reply-to": false, "sender": false,
	"date": true, "message-id": true, "received": true, "mime-version": true, "content-type": true, "return-path": true,
	"delivered-to": true, "content-transfer-encoding": true, "content-disposition": true, "dkim-signature": true, "in-reply-to": true,
	"references": true, "x-mailer": true}

// looksLikeEmail reports whether b begins with RFC 5322 headers: at least two
// known ones, of which one is not found in a typed memo ("From: ... To: ...").
func looksLikeEmail(b []byte) bool {
	h, _, _, _ := splitHeader(trimStart(b), DefaultLimits().Header)
	known, proof := 0, false
	for _, f := range h {
		p, ok := knownHeaders[strings.ToLower(f.name)]
		if !ok {
			continue
		}
		known++
		if strings.EqualFold(f.name, "date") {
			_, p = mailDate(string(f.value))
		}
		proof = proof || p
	}
	return known >= 2 && proof
}

// trimStart removes what mail stores put before a message: empty lines, a byte
// order mark and an mbox "From " line.
func trimStart(b []byte) []byte {
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\uFEFF")), "\r\n")
	if bytes.HasPrefix(b, []byte("From ")) {
		if l, rest := cutLine(b); fieldName(l) == "" {
			return rest
		}
	}
	return b
}

// cutLine splits b after its first line feed.
func cutLine(b []byte) (line, rest []byte) {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i+1], b[i+1:]
	}
	return b, nil
}

// splitHeader splits a message or part into header fields and body. stray are
// lines that are no header but stand before others that are; a line after
// which no known header follows begins the body, as when the empty line between
// is missing, so that its words are not lost. A header of more than limit bytes
// is returned as far as it was read, with size above limit.
func splitHeader(b []byte, limit int) (h header, stray []string, body []byte, size int) {
	lastKnown := lastKnownHeader(b, limit)
	start := 0 // of the last field's value, which runs to the end of its last line
	for at := 0; at < len(b); {
		l, _ := cutLine(b[at:])
		text := bytes.TrimRight(l, "\r\n")
		name := fieldName(l)
		switch {
		case len(text) == 0:
			return h, stray, b[at+len(l):], at
		case at > limit:
			return h, stray, b[at:], at
		case (text[0] == ' ' || text[0] == '\t') && len(h) > 0:
			h[len(h)-1].value = b[start : at+len(text)]
		case name != "":
			start = at + bytes.IndexByte(text, ':') + 1
			h = append(h, field{name, b[start : at+len(text)]})
		case at > lastKnown:
			return h, stray, b[at:], at
		default:
			stray = append(stray, string(text))
			start = at // so that its continuation lines do not run back over it
			h = append(h, field{"", nil})
		}
		at += len(l)
	}
	return h, stray, nil, len(b)
}

// lastKnownHeader returns the offset of the last known header before the first
// empty line and the limit, or -1.
func lastKnownHeader(b []byte, limit int) int {
	last := -1
	for at := 0; at < len(b) && at <= limit; {
		l, _ := cutLine(b[at:])
		if len(bytes.TrimRight(l, "\r\n")) == 0 {
			break
		}
		if _, ok := knownHeaders[strings.ToLower(fieldName(l))]; ok {
			last = at
		}
		at += len(l)
	}
	return last
}

// fieldName returns the name of the header field that begins on l, or "".
func fieldName(l []byte) string {
	i := bytes.IndexByte(l, ':')
	if i <= 0 {
		return ""
	}
	name := strings.TrimRight(string(l[:i]), " \t")
	for _, c := range []byte(name) {
		if c <= ' ' || c >= 127 {
			return ""
		}
	}
	return name
}

// parameters reads "type/subtype; key=value" as Content-Type and
// Content-Disposition have it, with RFC 2231 continuations and charsets. It
// never fails: what cannot be read is left out. The type is in lower case.
func parameters(s string) (kind string, params map[string]string) {
	kind, rest, _ := strings.Cut(s, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	params = map[string]string{}
	raw := map[string]string{}
	for rest != "" {
		var key, val string
		key, val, rest = nextParameter(rest)
		if _, dup := raw[key]; key != "" && !dup {
			raw[key] = val
		}
	}
	for key, val := range raw {
		if !strings.Contains(key, "*") {
			params[key] = val
		}
	}
	seen := map[string]bool{}
	for key := range raw {
		if base, _, ok := strings.Cut(key, "*"); ok && base != "" && !seen[base] {
			seen[base] = true
			if v := extended(raw, base); v != "" {
				params[base] = v
			}
		}
	}
	return kind, params
}

// nextParameter reads one key=value up to ";". A quoted value may hold ";" and
// backslash escapes; one without its closing quote runs to the next ";".
func nextParameter(s string) (key, val, rest string) {
	key, after, ok := strings.Cut(s, "=")
	if semi := strings.IndexByte(s, ';'); !ok || semi >= 0 && semi < len(key) {
		_, rest, _ = strings.Cut(s, ";")
		return "", "", rest
	}
	key = strings.ToLower(strings.TrimSpace(key))
	after = strings.TrimLeft(after, " \t\r\n")
	if strings.HasPrefix(after, `"`) {
		if v, end := quoted(after[1:]); end >= 0 {
			_, rest, _ = strings.Cut(after[1+end:], ";")
			return key, v, rest
		}
		after = after[1:]
	}
	val, rest, _ = strings.Cut(after, ";")
	return key, strings.TrimSpace(val), rest
}

// quoted reads the inside of a quoted string and returns the offset after its
// closing quote, or -1. A backslash escapes only a quote or a backslash: old
// software sends paths with bare ones.
func quoted(s string) (string, int) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), i + 1
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", -1
}

// extended joins base*, or base*0, base*1*, ... (RFC 2231). Percent escapes are
// undone in pieces marked with a final "*"; the charset stands before the first.
func extended(raw map[string]string, base string) string {
	var joined []byte
	var label string
	piece := func(v string, encoded, first bool) {
		if !encoded {
			joined = append(joined, v...)
			return
		}
		if first {
			if c, after, ok := strings.Cut(v, "'"); ok {
				if _, after, ok := strings.Cut(after, "'"); ok {
					label, v = c, after
				}
			}
		}
		joined = append(joined, unpercent(v)...)
	}
	if v, ok := raw[base+"*"]; ok {
		piece(v, true, true)
	} else {
		for i := range len(raw) {
			n := base + "*" + strconv.Itoa(i)
			if v, ok := raw[n+"*"]; ok {
				piece(v, true, i == 0)
			} else if v, ok := raw[n]; ok {
				piece(v, false, i == 0)
			} else {
				break
			}
		}
	}
	return (&parser{}).decode(joined, label, "parameter")
}

// fileName returns the name under which a part is listed: the last element of
// whatever path the sender gave, cleaned, never usable as a path.
func (p *parser) fileName(disposition, contentType map[string]string) string {
	name := disposition["filename"]
	if name == "" {
		name = contentType["name"]
	}
	name = p.words(name, "attachment name")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if name == "." || name == ".." {
		return ""
	}
	return clip(name)
}

// zones are the obsolete zone names of RFC 5322 section 4.3; others say nothing reliable.
var zones = map[string]string{"UT": "+0000", "UTC": "+0000", "GMT": "+0000", "Z": "+0000",
	"EDT": "-0400", "EST": "-0500", "CDT": "-0500", "CST": "-0600", "MDT": "-0600", "MST": "-0700", "PDT": "-0700", "PST": "-0800"}

// mailDate reads a Date header (RFC 5322 section 3.3 and the obsolete forms).
func mailDate(s string) (time.Time, bool) {
	if len(s) > 200 {
		return time.Time{}, false
	}
	s, _, _ = strings.Cut(s, "(") // a comment, at the end wherever software writes one
	if day, rest, ok := strings.Cut(s, ","); ok && len(strings.TrimSpace(day)) <= 9 {
		s = rest
	}
	words := strings.Fields(s)
	if len(words) == 0 {
		return time.Time{}, false
	}
	if z, ok := zones[strings.ToUpper(words[len(words)-1])]; ok {
		words[len(words)-1] = z
	}
	s = strings.Join(words, " ")
	for _, layout := range []string{"2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04 -0700", "2 Jan 06 15:04:05 -0700",
		"2 Jan 06 15:04 -0700", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return tocsin.Instant(t), true
		}
	}
	return time.Time{}, false
}
