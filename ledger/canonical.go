package ledger

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// canonical writes a JSON value without spaces and with its strings escaped in
// one way only (RFC 8785 section 3.2.2.2). Numbers and the order of keys stay as
// they are. Digests are taken over this form, so that a field which has been
// through another JSON writer, which may escape "<" as "\u003c", still has the
// digest it was recorded with.
func canonical(value json.RawMessage) (json.RawMessage, error) {
	if !json.Valid(value) {
		return nil, errors.New("not JSON")
	}
	if !utf8.Valid(value) {
		return nil, errors.New("not UTF-8")
	}
	out := make([]byte, 0, len(value))
	for i := 0; i < len(value); {
		switch c := value[i]; c {
		case ' ', '\t', '\n', '\r':
			i++
		case '"':
			end, escaped := stringEnd(value, i)
			if !escaped {
				out = append(out, value[i:end]...)
			} else {
				var s string
				if err := json.Unmarshal(value[i:end], &s); err != nil {
					return nil, err
				}
				out = appendString(out, s)
			}
			i = end
		default:
			out = append(out, c)
			i++
		}
	}
	return out, nil
}

// stringEnd returns the index after the string literal that starts at i of valid
// JSON, and whether it holds an escape.
func stringEnd(value []byte, i int) (end int, escaped bool) {
	for i++; value[i] != '"'; i++ {
		if value[i] == '\\' {
			escaped = true
			i++
		}
	}
	return i + 1, escaped
}

// appendString appends s, which is valid UTF-8, as a JSON string: only the quote,
// the backslash and control characters are escaped.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\t':
			b = append(b, '\\', 't')
		case '\n':
			b = append(b, '\\', 'n')
		case '\f':
			b = append(b, '\\', 'f')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
