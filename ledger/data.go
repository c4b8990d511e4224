package ledger

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"unicode/utf8"
)

// EncodeData is the form in which a store keeps the fields and salts of a record
// that Prepare returned: a JSON array of disclosures, each [salt, name, value], in
// order of name, without spaces. Values are kept byte for byte, because they are
// what was hashed.
func EncodeData(r Record) []byte {
	size := 2
	for name, value := range r.Fields {
		size += len(name) + len(value) + 32
	}
	b := append(make([]byte, 0, size), '[')
	for i, name := range slices.Sorted(maps.Keys(r.Fields)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = field{name, r.Salts[name], r.Fields[name]}.appendDisclosure(b)
	}
	return append(b, ']')
}

var errData = errors.New("ledger: data is not an array of salt, name and value")

// DecodeData is the inverse of EncodeData. The values share memory with data. It
// does not check them against a leaf; see CheckLeaf.
//
// Records are read far more often than anything else is done, so this cuts the
// text up itself, which takes a third of the time that unmarshalling it would.
func DecodeData(data []byte) (fields map[string]json.RawMessage, salts map[string]string, err error) {
	if !json.Valid(data) || !utf8.Valid(data) || data[0] != '[' || data[len(data)-1] != ']' {
		return nil, nil, errData
	}
	fields, salts = map[string]json.RawMessage{}, map[string]string{}
	for rest := data[1 : len(data)-1]; len(rest) > 0; {
		end := valueEnd(rest)
		salt, name, value, err := cutDisclosure(rest[:end])
		if err != nil {
			return nil, nil, err
		}
		if _, twice := fields[name]; twice {
			return nil, nil, errData
		}
		fields[name], salts[name] = value, salt
		if rest = rest[end:]; len(rest) > 0 {
			rest = rest[1:] // the comma
		}
	}
	return fields, salts, nil
}

// cutDisclosure takes [salt,name,value] apart. The text is valid JSON.
func cutDisclosure(text []byte) (salt, name string, value json.RawMessage, err error) {
	if len(text) < 2 || text[0] != '[' {
		return "", "", nil, errData
	}
	var parts [3][]byte
	rest := text[1 : len(text)-1]
	for i := range parts {
		end := valueEnd(rest)
		if end == 0 || (i == 2) != (end == len(rest)) {
			return "", "", nil, errData
		}
		parts[i] = rest[:end]
		rest = rest[min(end+1, len(rest)):]
	}
	if salt, err = unquote(parts[0]); err == nil {
		name, err = unquote(parts[1])
	}
	return salt, name, parts[2], err
}

func unquote(text []byte) (s string, err error) {
	if len(text) < 2 || text[0] != '"' {
		return "", errData
	}
	if end, escaped := stringEnd(text, 0); end == len(text) && !escaped {
		return string(text[1 : end-1]), nil
	}
	return s, json.Unmarshal(text, &s)
}

// valueEnd returns the length of the value at the start of text: up to the first
// comma outside brackets and strings, or all of it. The text comes from valid
// JSON without spaces.
func valueEnd(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			end, _ := stringEnd(text, i)
			i = end - 1
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(text)
}
