package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tocsin"
)

// json reads one JSON object of known keys, strictly (RFC 8259 with the advice
// of RFC 7493: unique names, valid UTF-8, no lone surrogates).
func (p *parser) json(b []byte) (content, error) {
	if rest, ok := bytes.CutPrefix(b, []byte("\uFEFF")); ok {
		p.note("A byte order mark before the JSON was skipped.")
		b = rest
	}
	r := &jsonReader{parser: p, src: b, dec: json.NewDecoder(bytes.NewReader(b))}
	r.dec.UseNumber()
	if err := r.wellFormed(); err != nil {
		return content{}, err
	}
	text, says, err := r.members()
	if err != nil {
		return content{}, err
	}
	if strings.IndexByte(text, 0) >= 0 {
		return content{}, tocsin.Fault(tocsin.Invalid, "json_text", `The value of "text" has NUL characters.`, "Send text only.")
	}
	if err := p.check(says, "JSON "); err != nil {
		return content{}, err
	}
	text = p.clean(text, "text")
	return content{format: FormatJSON, text: text, core: text, says: says}, nil
}

// jsonReader walks the tokens of src and knows where it is.
type jsonReader struct {
	*parser
	src []byte
	dec *json.Decoder
}

// at gives the place of a byte offset in lines and columns (both from 1;
// columns count bytes).
func (r *jsonReader) at(off int) string {
	off = max(0, min(off, len(r.src)))
	before := r.src[:off]
	return fmt.Sprintf("line %d, column %d", 1+bytes.Count(before, []byte("\n")), off-bytes.LastIndexByte(before, '\n'))
}

func (r *jsonReader) fault(code, do string, off int, format string, args ...any) error {
	return tocsin.Faultf(tocsin.Invalid, code, do, "%s (%s).", fmt.Sprintf(format, args...), r.at(off))
}

// wellFormed checks all that does not depend on the keys, before any value is
// looked at.
func (r *jsonReader) wellFormed() error {
	if !utf8.Valid(r.src) {
		bad := 0
		for {
			c, n := utf8.DecodeRune(r.src[bad:])
			if c == utf8.RuneError && n == 1 {
				break
			}
			bad += n
		}
		return r.fault("json_encoding", "Send JSON as UTF-8.", bad, "The JSON is not valid UTF-8")
	}
	if off := tooDeep(r.src, r.lim.JSONDepth); off >= 0 {
		return tocsin.Faultf(tocsin.TooLarge, "json_depth", "Send a flat object; only \"grading\" holds another.",
			"The JSON is nested deeper than %d (%s).", r.lim.JSONDepth, r.at(off))
	}
	var v json.RawMessage
	err := json.Unmarshal(r.src, &v)
	if err == nil {
		return nil
	}
	first := json.NewDecoder(bytes.NewReader(r.src))
	if first.Decode(&v) == nil {
		end := int(first.InputOffset())
		end += len(r.src[end:]) - len(bytes.TrimLeft(r.src[end:], " \t\r\n"))
		return r.fault("json_trailing", "Send one object at a time.", end, "Something follows the JSON object")
	}
	var syn *json.SyntaxError
	if errors.As(err, &syn) {
		// Offset counts the offending byte, except at the end of the input.
		return r.fault("json_syntax", "Correct the JSON, or send the words as text/plain.", int(syn.Offset)-1, "The JSON cannot be read: %s", syn)
	}
	return r.fault("json_syntax", "Correct the JSON, or send the words as text/plain.", 0, "The JSON cannot be read")
}

// tooDeep returns the offset at which brackets nest deeper than limit, or -1.
// It runs before the parser so that depth is reported as depth.
func tooDeep(b []byte, limit int) int {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > limit {
				return i
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return -1
}

// setter takes the value of one key; off is where it begins.
type setter func(key string, v json.Token, off int) error

func (r *jsonReader) members() (text string, says Declared, err error) {
	keys := map[string]setter{
		"text":       r.str(&text, 0),
		"occurred":   r.time(&says.Occurred),
		"controlled": r.boolean(&says.Controlled),
		"grading":    r.grading(&says.Grading),
	}
	for _, f := range says.fields() {
		keys[f.name] = r.str(f.text, r.lim.Field)
	}
	tok, off, err := r.token()
	if err != nil {
		return "", says, err
	}
	if tok != json.Delim('{') {
		return "", says, r.fault("json_type", `Send an object such as {"text": "..."}.`, off, "The JSON is %s, not an object", kindOf(tok))
	}
	seen, err := r.object("", keys)
	if err == nil && !seen["text"] {
		err = r.fault("json_missing_key", `Put the words of the report under "text".`, off, `The key "text" is missing`)
	}
	return text, says, err
}

// object reads the members of an object whose "{" has been read. prefix names
// it in errors: "" or "grading.".
func (r *jsonReader) object(prefix string, keys map[string]setter) (map[string]bool, error) {
	seen := map[string]bool{}
	for r.dec.More() {
		tok, off, err := r.token()
		if err != nil {
			return nil, err
		}
		key, _ := tok.(string) // within an object the next token is a name
		set, known := keys[key]
		switch {
		case !known:
			return nil, r.fault("json_unknown_key", "Known keys are "+strings.Join(sortedKeys(keys), ", ")+".", off, "The key %q is not known", clip(prefix+key))
		case seen[key]:
			return nil, r.fault("json_duplicate_key", "Give each key once.", off, "The key %q is there twice", prefix+key)
		}
		seen[key] = true
		val, off, err := r.token()
		if err != nil {
			return nil, err
		}
		if err := set(prefix+key, val, off); err != nil {
			return nil, err
		}
	}
	_, _, err := r.token() // the closing brace
	return seen, err
}

// token reads one token and says where it begins. The input is known to be
// well-formed, so an error here is not the sender's doing alone; it is reported
// all the same.
func (r *jsonReader) token() (json.Token, int, error) {
	from := int(r.dec.InputOffset())
	tok, err := r.dec.Token()
	raw := r.src[from:int(r.dec.InputOffset())]
	off := from + len(raw) - len(bytes.TrimLeft(raw, " \t\r\n,:"))
	if err != nil {
		return nil, off, r.fault("json_syntax", "Correct the JSON, or send the words as text/plain.", off, "The JSON cannot be read: %s", err)
	}
	if s, ok := tok.(string); ok && loneSurrogate(raw, s) {
		return nil, off, r.fault("json_encoding", "Write characters outside the basic plane as UTF-8 or as a pair of \\u escapes.", off,
			"A string holds half of a surrogate pair")
	}
	return tok, off, nil
}

// loneSurrogate reports whether reading raw replaced an unpaired surrogate
// escape: then s has more U+FFFD than raw says in either way of writing it.
func loneSurrogate(raw []byte, s string) bool {
	got := strings.Count(s, "\uFFFD")
	if got == 0 {
		return false
	}
	said := bytes.Count(raw, []byte("\uFFFD"))
	for i := 0; i+1 < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		if raw[i+1] == 'u' && i+6 <= len(raw) && strings.EqualFold(string(raw[i+2:i+6]), "fffd") {
			said++
		}
		i++
	}
	return got > said
}

// str takes a string; limit > 0 makes it a field of one line.
func (r *jsonReader) str(to *string, limit int) setter {
	return func(key string, v json.Token, off int) error {
		s, ok := v.(string)
		if !ok {
			return r.wrongType(key, "a string", v, off)
		}
		if limit > 0 {
			if len(s) > limit {
				return tocsin.Faultf(tocsin.TooLarge, "field_too_large", "Shorten it, and put the words into \"text\".",
					"The value of %q has %d bytes; at most %d are read (%s).", key, len(s), limit, r.at(off))
			}
			clean := line(s)
			if clean != strings.TrimSpace(s) {
				r.note("The value of %q was brought to one line that can be shown.", key)
			}
			s = clean
		}
		*to = s
		return nil
	}
}

func (r *jsonReader) boolean(to *bool) setter {
	return func(key string, v json.Token, off int) (err error) {
		var ok bool
		if *to, ok = v.(bool); !ok {
			err = r.wrongType(key, "true or false", v, off)
		}
		return err
	}
}

func (r *jsonReader) time(to *time.Time) setter {
	return func(key string, v json.Token, off int) error {
		s, ok := v.(string)
		if !ok {
			return r.wrongType(key, "a string with an RFC 3339 time", v, off)
		}
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil || t.IsZero() {
			return r.fault("json_time", "Write it like 2024-01-03T09:10:00Z, with a zone.", off, "The value of %q, %q, is not an RFC 3339 time", key, clip(s))
		}
		*to = tocsin.Instant(t)
		return nil
	}
}

func (r *jsonReader) grading(to *tocsin.Grading) setter {
	return func(key string, v json.Token, off int) error {
		if v != json.Delim('{') {
			return r.wrongType(key, "an object", v, off)
		}
		_, err := r.object(key+".", map[string]setter{
			"scheme": r.str(&to.Scheme, r.lim.Field), "source": r.str(&to.Source, r.lim.Field), "information": r.str(&to.Information, r.lim.Field),
		})
		return err
	}
}

func (r *jsonReader) wrongType(key, want string, v json.Token, off int) error {
	return r.fault("json_type", "Correct the value, or leave the key out.", off, "The value of %q is %s; it must be %s", key, kindOf(v), want)
}

func kindOf(v json.Token) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case json.Delim:
		if v == '[' {
			return "an array"
		}
	}
	return "an object"
}

func sortedKeys(m map[string]setter) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
