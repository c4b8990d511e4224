package ledger_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/ledger"
)

// salts gives the bytes 0, 1, 2 and so on, so that the leaves in these tests can be
// worked out by hand.
func salts() io.Reader {
	all := make([]byte, 1<<16)
	for i := range all {
		all[i] = byte(i)
	}
	return bytes.NewReader(all)
}

var envelope = ledger.Record{
	Stream: "case/c1", Seq: 3, Kind: "waiver_proposed",
	EventTime: time.Date(2024, 1, 3, 14, 50, 0, 999, time.FixedZone("Tehran", 12600)),
	EntryTime: time.Date(2024, 1, 3, 11, 21, 7, 250999, time.UTC),
	Actor:     "u7", Command: "01hk", Pack: "sha256:0000000000000000000000000000000000000000000000000000000000000000",
}

type waiver struct {
	Victim  string   `json:"victim"`
	Ground  string   `json:"ground"`
	Tried   []string `json:"tried"`
	Comment string   `json:"comment,omitempty"`
	hidden  int
}

func proposed(t testing.TB) ledger.Record {
	t.Helper()
	r, err := ledger.NewRecord(envelope, waiver{Victim: "v1", Ground: "c", Tried: []string{"<phone>", "مستقیم"}, hidden: 1}, salts())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func leafOf(t testing.TB, r ledger.Record) []byte {
	t.Helper()
	leaf, err := r.LeafBytes()
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

// The form of a leaf is for ever: this text is never edited. The digests were
// computed by another program, from salts 00…0f, 10…1f and 20…2f.
const golden = `{"v":1,"stream":"case/c1","seq":3,"kind":"waiver_proposed",` +
	`"event_time":"2024-01-03T11:20:00.000000Z","entry_time":"2024-01-03T11:21:07.000250Z",` +
	`"actor":"u7","command":"01hk","pack":"sha256:0000000000000000000000000000000000000000000000000000000000000000",` +
	`"_sd_alg":"sha-256","_sd":[` +
	`"NfsztmastX8cvGa68NDbS0oEUv0_FJGqMhVQndL1pN0",` +
	`"x7k_9zighIJw38Gi7KB8JW_lhLmOsOr_IcbDXgn-eLM",` +
	`"ylIQwWSKhM_w3DFZBvy-MUtlpjKvSHeC_KcAsUGiZE8"` +
	`]}`

func TestTheLeafIsWhatItWasWhenItWasFirstWritten(t *testing.T) {
	if got := string(leafOf(t, proposed(t))); got != golden {
		t.Errorf("the leaf is\n%s\nand was\n%s", got, golden)
	}
}

func TestARecordWithoutFieldsIsLegal(t *testing.T) {
	for name, data := range map[string]any{"empty struct": struct{}{}, "nil": nil, "nil pointer": (*waiver)(nil), "empty map": map[string]int{}} {
		r, err := ledger.NewRecord(envelope, data, salts())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		leaf := leafOf(t, r)
		if !bytes.HasSuffix(leaf, []byte(`"_sd":[]}`)) || len(r.Disclosures()) != 0 {
			t.Errorf("%s: %s", name, leaf)
		}
		if n, err := ledger.CheckLeaf(leaf, r); n != 0 || err != nil {
			t.Errorf("%s: %d undisclosed, %v", name, n, err)
		}
	}
}

// The example of RFC 9901 section 4.2.3, so that our digests are those of
// everybody else's SD-JWT code.
func TestDigestOfTheRFCsExample(t *testing.T) {
	const disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
	if got := ledger.DisclosureDigest(disclosure); got != "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0" {
		t.Errorf("digest is %s", got)
	}
}

func TestADisclosureIsSaltNameAndValue(t *testing.T) {
	r := proposed(t)
	got := r.Disclosures()
	if len(got) != 3 {
		t.Fatalf("%d disclosures", len(got))
	}
	want := []string{
		fmt.Sprintf(`["%s","ground","c"]`, r.Salts["ground"]),
		fmt.Sprintf(`["%s","tried",["<phone>","مستقیم"]]`, r.Salts["tried"]),
		fmt.Sprintf(`["%s","victim","v1"]`, r.Salts["victim"]),
	}
	for i, d := range got {
		text, err := base64.RawURLEncoding.DecodeString(d)
		if err != nil || string(text) != want[i] {
			t.Errorf("disclosure %d is %s, %v", i, text, err)
		}
		if !bytes.Contains(leafOf(t, r), []byte(`"`+ledger.DisclosureDigest(d)+`"`)) {
			t.Errorf("disclosure %d is not in the leaf", i)
		}
	}
	if r.Disclose("nothing").Disclosures() == nil {
		t.Error("a record that discloses nothing is taken for a broken one")
	}
	r.Salts["victim"] = "short"
	if r.Disclosures() != nil {
		t.Error("a field with a broken salt is disclosed")
	}
}

func TestARedactedRecordStillChecks(t *testing.T) {
	r := proposed(t)
	leaf := leafOf(t, r)
	for _, c := range []struct {
		shown  []string
		hidden int
	}{
		{[]string{"victim", "ground", "tried"}, 0}, {[]string{"ground"}, 2}, {[]string{"tried", "victim"}, 1}, {nil, 3}, {[]string{"no such field"}, 3},
	} {
		redacted := r.Disclose(c.shown...)
		if n, err := ledger.CheckLeaf(leaf, redacted); n != c.hidden || err != nil {
			t.Errorf("showing %v: %d undisclosed, %v", c.shown, n, err)
		}
		opened, n, err := ledger.OpenLeaf(leaf, redacted.Disclosures())
		if n != c.hidden || err != nil || !maps.Equal(opened.Salts, redacted.Salts) || fmt.Sprint(opened.Fields) != fmt.Sprint(redacted.Fields) {
			t.Errorf("opening with %v: %+v, %d undisclosed, %v", c.shown, opened, n, err)
		}
		if opened.Stream != "case/c1" || opened.Seq != 3 || !opened.EventTime.Equal(tocsin.Instant(envelope.EventTime)) {
			t.Errorf("opening with %v: envelope is %+v", c.shown, opened)
		}
	}
	if len(r.Fields) != 3 {
		t.Error("redacting changed the record itself")
	}
}

func TestAForgedRecordDoesNotCheck(t *testing.T) {
	leaf := leafOf(t, proposed(t))
	for name, forge := range map[string]func(*ledger.Record){
		"value":             func(r *ledger.Record) { r.Fields["ground"] = json.RawMessage(`"d"`) },
		"value of one type": func(r *ledger.Record) { r.Fields["tried"] = json.RawMessage(`[]`) },
		"salt":              func(r *ledger.Record) { r.Salts["ground"] = r.Salts["victim"] },
		"added field":       func(r *ledger.Record) { r.Fields["x"], r.Salts["x"] = json.RawMessage(`1`), r.Salts["victim"] },
		"renamed field": func(r *ledger.Record) {
			r.Fields["Ground"], r.Salts["Ground"] = r.Fields["ground"], r.Salts["ground"]
			delete(r.Fields, "ground")
			delete(r.Salts, "ground")
		},
		"salt without field": func(r *ledger.Record) { delete(r.Fields, "ground") },
		"field without salt": func(r *ledger.Record) { delete(r.Salts, "ground") },
		"stream":             func(r *ledger.Record) { r.Stream = "case/c2" },
		"sequence number":    func(r *ledger.Record) { r.Seq++ },
		"kind":               func(r *ledger.Record) { r.Kind = "waiver_approved" },
		"event time":         func(r *ledger.Record) { r.EventTime = r.EventTime.Add(-time.Microsecond) },
		"entry time":         func(r *ledger.Record) { r.EntryTime = r.EntryTime.Add(time.Microsecond) },
		"actor":              func(r *ledger.Record) { r.Actor = "u8" },
		"command":            func(r *ledger.Record) { r.Command = "" },
		"pack":               func(r *ledger.Record) { r.Pack = "" },
	} {
		r := proposed(t)
		forge(&r)
		if _, err := ledger.CheckLeaf(leaf, r); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestForeignDisclosuresDoNotOpenALeaf(t *testing.T) {
	r := proposed(t)
	leaf, own := leafOf(t, r), r.Disclosures()
	other, err := ledger.NewRecord(envelope, waiver{Victim: "v2"}, salts())
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string][]string{
		"of another record": other.Disclosures(),
		"twice":             {own[0], own[0]},
		"with padding":      {own[0] + "="},
		"cut":               {own[0][:len(own[0])-4]},
		"empty":             {""},
	} {
		if _, _, err := ledger.OpenLeaf(leaf, d); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestDigestsThatAreNoDisclosureAreRefused(t *testing.T) {
	// A leaf may vouch for bytes that are no disclosure of ours at all.
	for _, text := range []string{`{}`, `["x","n",1]`, `["AAAAAAAAAAAAAAAAAAAAAA","n"]`, `["AAAAAAAAAAAAAAAAAAAAAA",1,2]`, `[1,"n",2]`,
		`["AAAAAAAAAAAAAAAAAAAAAA","n",1,2]`, `["AAAAAAAAAAAAAAAAAAAAAA", "n", 1]`, `["AAAAAAAAAAAAAAAAAAAAAA","_sd",1]`, `nonsense`} {
		d := base64.RawURLEncoding.EncodeToString([]byte(text))
		leaf := strings.Replace(string(leafOf(t, ledger.Record{Stream: "s", Seq: 1, Kind: "k"})), `"_sd":[]`, `"_sd":["`+ledger.DisclosureDigest(d)+`"]`, 1)
		if _, _, err := ledger.ParseLeaf([]byte(leaf)); err != nil {
			t.Fatalf("%s: the leaf itself: %v", text, err)
		}
		if _, _, err := ledger.OpenLeaf([]byte(leaf), []string{d}); err == nil {
			t.Errorf("%s: accepted", text)
		}
	}
}

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

func TestDataThatNoLeafCouldVouchForIsRefused(t *testing.T) {
	for name, data := range map[string]any{
		"a list":                         []int{1},
		"a word":                         "x",
		"a field twice":                  rawJSON(`{"a":1,"a":2}`),
		"names that differ in case only": rawJSON(`{"victim":1,"Victim":2}`),
		"names that fold together":       map[string]int{"k": 1, "\u212a": 2},
		"a reserved name":                rawJSON(`{"_sd":[]}`),
		"another reserved name":          rawJSON(`{"...":""}`),
		"an empty name":                  rawJSON(`{"":1}`),
		"an endless name":                map[string]int{strings.Repeat("x", 129): 1},
		"what JSON cannot hold":          func() {},
		"not UTF-8":                      rawJSON("{\"a\":\"\xff\"}"),
	} {
		if _, err := ledger.NewRecord(envelope, data, salts()); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := ledger.NewRecord(envelope, waiver{}, strings.NewReader("too few random bytes")); err == nil {
		t.Error("a record was made without enough randomness")
	}
	many := map[string]int{}
	for i := range 2000 {
		many[fmt.Sprint("f", i)] = i
	}
	r, err := ledger.NewRecord(envelope, many, salts())
	if err == nil {
		_, err = r.LeafBytes()
	}
	if !errors.Is(err, tocsin.TooLarge) {
		t.Errorf("a leaf beyond what an entry bundle can hold: %v", err)
	}
}

func TestALeafIsReadInOneFormOnly(t *testing.T) {
	good := string(leafOf(t, proposed(t)))
	for name, bad := range map[string]string{
		"space":              strings.Replace(good, `"seq":3`, `"seq": 3`, 1),
		"other order":        strings.Replace(good, `{"v":1,"stream":"case/c1",`, `{"stream":"case/c1","v":1,`, 1),
		"unknown key":        strings.Replace(good, `"seq":3`, `"seq":3,"x":1`, 1),
		"key twice":          strings.Replace(good, `"seq":3`, `"seq":3,"seq":3`, 1),
		"key in other case":  strings.Replace(good, `"seq"`, `"Seq"`, 1),
		"escaped letter":     strings.Replace(good, `"case/c1"`, `"\u0063ase/c1"`, 1),
		"newer version":      strings.Replace(good, `"v":1`, `"v":2`, 1),
		"other digests":      strings.Replace(good, `sha-256`, `sha-512`, 1),
		"time zone":          strings.Replace(good, `11:20:00.000000Z`, `12:20:00.000000+01:00`, 1),
		"fewer decimals":     strings.Replace(good, `11:20:00.000000Z`, `11:20:00Z`, 1),
		"unsorted digests":   strings.Replace(good, `"_sd":["`, `"_sd":["zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz8","`, 1),
		"not a digest":       strings.Replace(good, `"_sd":["`, `"_sd":["AAAA","`, 1),
		"no digests":         good[:strings.Index(good, `,"_sd":`)] + "}",
		"trailing newline":   good + "\n",
		"cut":                good[:len(good)-1],
		"nothing":            "",
		"negative number":    strings.Replace(good, `"seq":3`, `"seq":-3`, 1),
		"no stream":          strings.Replace(good, `"case/c1"`, `""`, 1),
		"not UTF-8":          strings.Replace(good, `"case/c1"`, "\"case/\xff\"", 1),
		"larger than a leaf": strings.Replace(good, `"case/c1"`, `"`+strings.Repeat("x", ledger.MaxLeaf)+`"`, 1),
	} {
		if bad == good {
			t.Fatalf("%s: the case changes nothing", name)
		}
		if _, _, err := ledger.ParseLeaf([]byte(bad)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A record goes through other programs as JSON; their taste in escapes must not
// change what it says or what its digests are.
func TestARecordSurvivesAnotherJSONWriter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, err := ledger.NewRecord(envelope, map[string]any{
			"a": rapid.String().Draw(t, "a"), "b": rapid.SliceOf(rapid.String()).Draw(t, "b"),
			"c": rapid.MapOf(rapid.String(), rapid.Float64Range(-1e9, 1e9)).Draw(t, "c"), "<d>": "<&>\u2028\u2029\x00\"\\",
		}, salts())
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := r.LeafBytes()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(r, "", "\t") // escapes <, > and & and adds spaces
		if err != nil {
			t.Fatal(err)
		}
		var back ledger.Record
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if n, err := ledger.CheckLeaf(leaf, back); n != 0 || err != nil {
			t.Fatalf("%d undisclosed, %v\n%s", n, err, text)
		}
		if again, err := back.LeafBytes(); err != nil || !bytes.Equal(again, leaf) {
			t.Fatalf("another leaf: %s, %v", again, err)
		}
		if !slices.Equal(back.Disclosures(), r.Disclosures()) {
			t.Fatal("other disclosures")
		}
	})
}

func TestDataIsKeptByteForByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.MapOfN(rapid.StringMatching(`[a-z"\\ü,\[\]]{1,8}`), rapid.Custom(func(t *rapid.T) any {
			return []any{rapid.String().Draw(t, "s"), map[string]any{rapid.String().Draw(t, "k"): rapid.Int().Draw(t, "i")}, nil, true}
		}), 0, 6).Draw(t, "data")
		r, err := ledger.NewRecord(envelope, data, salts())
		if err != nil {
			t.Skip(err) // names that differ in case only
		}
		fields, salts, err := ledger.DecodeData(ledger.EncodeData(r))
		if err != nil || fmt.Sprintf("%q", fields) != fmt.Sprintf("%q", r.Fields) || !maps.Equal(salts, r.Salts) {
			t.Fatalf("%q came back as %q, %v", r.Fields, fields, err)
		}
	})
}

// Whatever is read as a leaf writes itself again, byte for byte.
func FuzzParseLeaf(f *testing.F) {
	f.Add(leafOf(f, proposed(f)))
	f.Add(leafOf(f, ledger.Record{Stream: "s", Kind: "k"}))
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, leaf []byte) {
		r, digests, err := ledger.ParseLeaf(leaf)
		if err != nil {
			return
		}
		if n, err := ledger.CheckLeaf(leaf, r); n != len(digests) || err != nil {
			t.Fatalf("%d of %d undisclosed, %v", n, len(digests), err)
		}
		if len(digests) > 0 {
			return
		}
		if again, err := r.LeafBytes(); err != nil || !bytes.Equal(again, leaf) {
			t.Fatalf("read\n%s\nwrote\n%s, %v", leaf, again, err)
		}
	})
}

// The cutter of kept data agrees with encoding/json: it accepts nothing that is
// not an array of triples, and cuts at the same places.
func FuzzDecodeData(f *testing.F) {
	f.Add(ledger.EncodeData(proposed(f)))
	for _, s := range []string{`[]`, `[["s","n",1]]`, `[["s","n",{"a":[1,"]"]}],["s","m",null]]`, `[[]]`, `[["a","b"]]`, `{}`, `[["a","b",1,2]]`, `[1]`, `["\"","[",","]`, "[[\"\x85\",\"0\",\"\"]]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fields, salts, err := ledger.DecodeData(data)
		if err != nil {
			return
		}
		var triples [][]json.RawMessage
		if err := json.Unmarshal(data, &triples); err != nil {
			t.Fatalf("accepted %q: %v", data, err)
		}
		if len(triples) != len(fields) || len(salts) != len(fields) {
			t.Fatalf("%d fields of %q", len(fields), data)
		}
		for _, triple := range triples {
			var salt, name string
			if len(triple) != 3 || json.Unmarshal(triple[0], &salt) != nil || json.Unmarshal(triple[1], &name) != nil {
				t.Fatalf("accepted %q", data)
			}
			var want, got any
			if json.Unmarshal(triple[2], &want) != nil || json.Unmarshal(fields[name], &got) != nil || fmt.Sprint(want) != fmt.Sprint(got) || salts[name] != salt {
				t.Fatalf("%q: field %q is %s with salt %q", data, name, fields[name], salts[name])
			}
		}
	})
}
