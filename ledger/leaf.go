package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tocsin"
)

// The form of a leaf. A leaf is one JSON object without spaces, its keys in
// this order, its strings escaped as in RFC 8785 section 3.2.2.2, its times UTC
// with six decimals:
//
//	{"v":1,"stream":"case/c1","seq":3,"kind":"waiver_proposed",
//	 "event_time":"2024-01-03T11:20:00.000000Z","entry_time":"2024-01-03T11:21:07.000250Z",
//	 "actor":"u7","command":"01hk","pack":"sha256:…","_sd_alg":"sha-256","_sd":["…","…"]}
//
// _sd holds, sorted, the digest of the disclosure of each data field, as RFC
// 9901 section 4.2 defines both, so that a field can be shown or withheld
// without touching the leaf. The position is not in the leaf: it is the leaf's
// index in the log.
const (
	leafVersion = 1
	sdAlgorithm = "sha-256"
	leafTime    = "2006-01-02T15:04:05.000000Z"
	saltSize    = 16 // bytes: 128 bits, the least that RFC 9901 section 9.3 recommends
)

// Limits on one record. A leaf has to fit an entry bundle, whose entries carry a
// 16-bit length (C2SP tlog-tiles); about 1,300 fields fit.
const (
	MaxLeaf = 1<<16 - 1 // bytes of a leaf
	MaxData = 16 << 20  // bytes of all field values of a record together
	maxName = 128       // bytes of a field name
)

var b64 = base64.RawURLEncoding.Strict()

// NewRecord makes a record of envelope (whose Fields and Salts are replaced) and
// data. data is a struct, or anything else that marshals to a JSON object or to
// null; each top-level field becomes one entry of Fields. salts is read 16 bytes
// for each field, in order of field name; callers pass crypto/rand's Reader.
//
// A record without fields is legal. The stream, the sequence number and the leaf
// are left to the store.
func NewRecord(envelope Record, data any, salts io.Reader) (Record, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(data); err != nil {
		return Record{}, fmt.Errorf("ledger: marshal %s: %w", envelope.Kind, err)
	}
	fields, err := splitFields(text.Bytes())
	if err != nil {
		return Record{}, fmt.Errorf("ledger: data of %s: %w", envelope.Kind, err)
	}
	r := envelope
	r.EventTime, r.EntryTime = tocsin.Instant(r.EventTime), tocsin.Instant(r.EntryTime)
	r.Fields = fields
	r.Salts = make(map[string]string, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var salt [saltSize]byte
		if _, err := io.ReadFull(salts, salt[:]); err != nil {
			return Record{}, fmt.Errorf("ledger: read salt: %w", err)
		}
		r.Salts[name] = b64.EncodeToString(salt[:])
	}
	if _, err := r.fields(); err != nil {
		return Record{}, err
	}
	return r, nil
}

// splitFields cuts a JSON object into its top-level fields, each in canonical
// form. It reads token by token because a map would hide a repeated name.
func splitFields(object []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	first, err := dec.Token()
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	if first == nil {
		return fields, nil
	}
	if first != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		key := name.(string) // a JSON object's keys are strings; the decoder has checked
		if _, twice := fields[key]; twice {
			return nil, fmt.Errorf("field %q appears twice", key)
		}
		if fields[key], err = canonical(value); err != nil {
			return nil, fmt.Errorf("field %q: %w", key, err)
		}
	}
	return fields, nil
}

// field is a data field on its way into a leaf; value is canonical.
type field struct {
	name, salt string
	value      json.RawMessage
}

// fields returns r's fields in order of name. It refuses what no leaf can vouch
// for: a field without a salt, a salt without a field, a name that could be
// mistaken for another.
func (r Record) fields() ([]field, error) {
	if len(r.Salts) != len(r.Fields) {
		return nil, fmt.Errorf("ledger: %d fields but %d salts", len(r.Fields), len(r.Salts))
	}
	folded := make(map[string]string, len(r.Fields))
	out := make([]field, 0, len(r.Fields))
	size := 0
	for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
		if err := checkName(name, folded); err != nil {
			return nil, err
		}
		salt := r.Salts[name]
		if !validSalt(salt) {
			return nil, fmt.Errorf("ledger: field %q has no salt of %d bytes", name, saltSize)
		}
		if size += len(r.Fields[name]); size > MaxData { // before anything is done with it
			return nil, tocsin.Faultf(tocsin.TooLarge, "event_too_large", "Keep large content as an attachment, not in the event.",
				"An event of kind %s is larger than %d MiB.", r.Kind, MaxData>>20)
		}
		value, err := canonical(r.Fields[name])
		if err != nil {
			return nil, fmt.Errorf("ledger: field %q: %w", name, err)
		}
		out = append(out, field{name, salt, value})
	}
	return out, nil
}

// appendDisclosure appends the JSON text of a disclosure (RFC 9901 section 4.2.1).
func (f field) appendDisclosure(b []byte) []byte {
	b = append(b, `["`...)
	b = append(b, f.salt...)
	b = append(b, `",`...)
	b = appendString(b, f.name)
	b = append(b, ',')
	b = append(b, f.value...)
	return append(b, ']')
}

// digests returns the digests of the fields' disclosures, sorted.
func digests(fields []field) []string {
	sd := make([]string, len(fields))
	var text, encoded []byte
	for i, f := range fields {
		text = f.appendDisclosure(text[:0])
		encoded = b64.AppendEncode(encoded[:0], text)
		sum := sha256.Sum256(encoded)
		sd[i] = b64.EncodeToString(sum[:])
	}
	slices.Sort(sd)
	return sd
}

// sealed returns r with its times and field values in the form that is kept, and
// with its leaf computed. It shares no memory with r.
func (r Record) sealed() (Record, error) {
	fields, err := r.fields()
	if err != nil {
		return Record{}, err
	}
	r.EventTime, r.EntryTime = tocsin.Instant(r.EventTime), tocsin.Instant(r.EntryTime)
	r.Fields = make(map[string]json.RawMessage, len(fields))
	r.Salts = make(map[string]string, len(fields))
	for _, f := range fields {
		r.Fields[f.name], r.Salts[f.name] = f.value, f.salt
	}
	if r.Leaf, err = r.leafWith(digests(fields)); err != nil {
		return Record{}, err
	}
	return r, nil
}

// LeafBytes returns the leaf of a whole record: the envelope and the digests of
// all fields. For a record of which fields were withheld it would be another
// leaf; the true one is then r.Leaf as the store returned it, and CheckLeaf says
// whether the two belong together.
func (r Record) LeafBytes() ([]byte, error) {
	fields, err := r.fields()
	if err != nil {
		return nil, err
	}
	return r.leafWith(digests(fields))
}

// leafWith writes the leaf of r's envelope over the digests sd, which are sorted.
func (r Record) leafWith(sd []string) ([]byte, error) {
	if err := r.checkEnvelope(); err != nil {
		return nil, err
	}
	b := make([]byte, 0, 320+46*len(sd))
	b = append(b, `{"v":1,"stream":`...)
	b = appendString(b, r.Stream)
	b = append(b, `,"seq":`...)
	b = strconv.AppendInt(b, int64(r.Seq), 10)
	b = append(b, `,"kind":`...)
	b = appendString(b, r.Kind)
	b = append(b, `,"event_time":"`...)
	b = tocsin.Instant(r.EventTime).AppendFormat(b, leafTime)
	b = append(b, `","entry_time":"`...)
	b = tocsin.Instant(r.EntryTime).AppendFormat(b, leafTime)
	b = append(b, `","actor":`...)
	b = appendString(b, string(r.Actor))
	b = append(b, `,"command":`...)
	b = appendString(b, r.Command)
	b = append(b, `,"pack":`...)
	b = appendString(b, string(r.Pack))
	b = append(b, `,"_sd_alg":"`+sdAlgorithm+`","_sd":[`...)
	for i, digest := range sd {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, digest...)
		b = append(b, '"')
	}
	b = append(b, "]}"...)
	if len(b) > MaxLeaf {
		return nil, tocsin.Faultf(tocsin.TooLarge, "leaf_too_large", "Split the event into several.",
			"An event of kind %s with %d fields does not fit a leaf of the record.", r.Kind, len(sd))
	}
	return b, nil
}

// checkEnvelope refuses what a leaf could not hold without loss: a leaf must
// read back to exactly the envelope it was made from.
func (r Record) checkEnvelope() error {
	for _, part := range []struct {
		name, value string
		max         int
		must        bool
	}{
		{"stream", r.Stream, 256, true},
		{"kind", r.Kind, 64, true},
		{"actor", string(r.Actor), 256, false},
		{"command", r.Command, 256, false},
		{"pack", string(r.Pack), 256, false},
	} {
		if part.must && part.value == "" {
			return fmt.Errorf("ledger: record without a %s", part.name)
		}
		if len(part.value) > part.max || !utf8.ValidString(part.value) {
			return fmt.Errorf("ledger: %s is longer than %d bytes or not UTF-8", part.name, part.max)
		}
	}
	if r.Seq < 0 {
		return fmt.Errorf("ledger: sequence number %d", r.Seq)
	}
	for _, t := range []time.Time{r.EventTime, r.EntryTime} {
		if y := t.UTC().Year(); y < 1 || y > 9999 {
			return fmt.Errorf("ledger: year %d does not fit the record", y)
		}
	}
	return nil
}

// Disclosures returns the RFC 9901 disclosure of each field that r has, in order
// of field name. Handed out beside the leaf, a disclosure proves its field;
// those kept back stay hidden, even to somebody who guesses the value, because
// the salt is part of what is hashed.
//
// It returns nil for a record whose fields and salts do not fit each other,
// which no store returns.
func (r Record) Disclosures() []string {
	fields, err := r.fields()
	if err != nil {
		return nil
	}
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = b64.EncodeToString(f.appendDisclosure(nil))
	}
	return out
}

// checkName refuses names that RFC 9901 reserves and names that a JSON reader
// which ignores case, as encoding/json does, would take for each other.
func checkName(name string, folded map[string]string) error {
	switch {
	case name == "" || len(name) > maxName || !utf8.ValidString(name):
		return fmt.Errorf("ledger: field name %q is empty, too long or not UTF-8", name)
	case name == "_sd" || name == "_sd_alg" || name == "...":
		return fmt.Errorf("ledger: field name %q is reserved", name)
	}
	fold := strings.ToLower(strings.ToUpper(name)) // both ways, so that the Kelvin sign and the long s fold too
	if other, taken := folded[fold]; taken {
		return fmt.Errorf("ledger: field names %q and %q differ in case only", other, name)
	}
	folded[fold] = name
	return nil
}

func validSalt(s string) bool {
	b, err := b64.DecodeString(s)
	return err == nil && len(b) == saltSize
}

// DisclosureDigest is the digest that stands for a disclosure in a leaf: the
// SHA-256 of the disclosure as it is handed out, in base64url (RFC 9901 section
// 4.2.3).
func DisclosureDigest(disclosure string) string {
	sum := sha256.Sum256([]byte(disclosure))
	return b64.EncodeToString(sum[:])
}

// Disclose returns r with only the named fields and their salts: what is handed
// out of a redacted record. Without names nothing but the envelope is left, as
// in a record whose content was expunged. The leaf stays, so CheckLeaf still
// accepts it.
func (r Record) Disclose(names ...string) Record {
	fields, salts := map[string]json.RawMessage{}, map[string]string{}
	for _, name := range names {
		if value, ok := r.Fields[name]; ok {
			fields[name], salts[name] = value, r.Salts[name]
		}
	}
	r.Fields, r.Salts = fields, salts
	return r
}

// ParseLeaf reads a leaf: the envelope as a record without fields, and the
// digests of its fields. It accepts exactly the bytes that LeafBytes writes.
func ParseLeaf(leaf []byte) (envelope Record, digests []string, err error) {
	if len(leaf) > MaxLeaf {
		return Record{}, nil, fmt.Errorf("ledger: leaf of %d bytes", len(leaf))
	}
	var l struct {
		V         int            `json:"v"`
		Stream    string         `json:"stream"`
		Seq       int            `json:"seq"`
		Kind      string         `json:"kind"`
		EventTime time.Time      `json:"event_time"`
		EntryTime time.Time      `json:"entry_time"`
		Actor     tocsin.ActorID `json:"actor"`
		Command   string         `json:"command"`
		Pack      tocsin.Digest  `json:"pack"`
		Alg       string         `json:"_sd_alg"`
		SD        []string       `json:"_sd"`
	}
	if err := json.Unmarshal(leaf, &l); err != nil {
		return Record{}, nil, fmt.Errorf("ledger: leaf: %w", err)
	}
	if l.V != leafVersion || l.Alg != sdAlgorithm {
		return Record{}, nil, fmt.Errorf("ledger: leaf of version %d with digests %q; this program reads version %d with %s",
			l.V, l.Alg, leafVersion, sdAlgorithm)
	}
	for i, d := range l.SD {
		if b, err := b64.DecodeString(d); err != nil || len(b) != sha256.Size {
			return Record{}, nil, fmt.Errorf("ledger: leaf: %q is not a digest", d)
		}
		if i > 0 && l.SD[i-1] >= d {
			return Record{}, nil, errors.New("ledger: leaf: digests are not sorted")
		}
	}
	envelope = Record{Stream: l.Stream, Seq: l.Seq, Kind: l.Kind, EventTime: l.EventTime.UTC(), EntryTime: l.EntryTime.UTC(),
		Actor: l.Actor, Command: l.Command, Pack: l.Pack}
	// Write it again and compare: of all the ways to say the same in JSON only
	// one is a leaf, or two readers could differ on what a hash stands for.
	again, err := envelope.leafWith(l.SD)
	if err != nil {
		return Record{}, nil, err
	}
	if !bytes.Equal(again, leaf) {
		return Record{}, nil, errors.New("ledger: leaf is not in canonical form")
	}
	return envelope, l.SD, nil
}

// CheckLeaf reports whether r is what leaf was made of: the envelope is the same
// and every field that r has is among the leaf's digests. Fields may be missing,
// because they were redacted or expunged; undisclosed is how many. A record that
// shows nothing but its envelope is therefore true, with all fields undisclosed.
func CheckLeaf(leaf []byte, r Record) (undisclosed int, err error) {
	_, recorded, err := ParseLeaf(leaf)
	if err != nil {
		return 0, err
	}
	want, err := r.leafWith(recorded)
	if err != nil {
		return 0, err
	}
	if !bytes.Equal(want, leaf) {
		return 0, fmt.Errorf("ledger: the envelope of %s/%d is not the one recorded", r.Stream, r.Seq)
	}
	shown, err := r.fields()
	if err != nil {
		return 0, err
	}
	for _, f := range shown {
		if _, found := slices.BinarySearch(recorded, digests([]field{f})[0]); !found {
			return 0, fmt.Errorf("ledger: field %q of %s/%d is not the one recorded", f.name, r.Stream, r.Seq)
		}
	}
	return len(recorded) - len(shown), nil
}

// OpenLeaf puts a record together from its leaf and the disclosures that came
// with it, each of which must be one of the leaf's digests, and reports how many
// are missing. It is the reader's side of Disclosures.
func OpenLeaf(leaf []byte, disclosures []string) (r Record, undisclosed int, err error) {
	r, recorded, err := ParseLeaf(leaf)
	if err != nil {
		return Record{}, 0, err
	}
	r.Leaf = bytes.Clone(leaf)
	r.Fields, r.Salts = map[string]json.RawMessage{}, map[string]string{}
	for _, d := range disclosures {
		if _, found := slices.BinarySearch(recorded, DisclosureDigest(d)); !found {
			return Record{}, 0, fmt.Errorf("ledger: a disclosure does not belong to %s/%d", r.Stream, r.Seq)
		}
		salt, name, value, err := parseDisclosure(d)
		if err != nil {
			return Record{}, 0, err
		}
		if _, twice := r.Fields[name]; twice {
			return Record{}, 0, fmt.Errorf("ledger: field %q is disclosed twice", name)
		}
		r.Salts[name], r.Fields[name] = salt, value
	}
	undisclosed, err = CheckLeaf(leaf, r)
	if err != nil {
		return Record{}, 0, err
	}
	return r, undisclosed, nil
}

func parseDisclosure(d string) (salt, name string, value json.RawMessage, err error) {
	text, err := b64.DecodeString(d)
	if err != nil {
		return "", "", nil, fmt.Errorf("ledger: disclosure: %w", err)
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil || len(parts) != 3 {
		return "", "", nil, errors.New("ledger: disclosure is not an array of salt, name and value")
	}
	if json.Unmarshal(parts[0], &salt) != nil || json.Unmarshal(parts[1], &name) != nil {
		return "", "", nil, errors.New("ledger: salt or name of a disclosure is not a string")
	}
	return salt, name, parts[2], nil
}
