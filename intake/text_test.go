package intake_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/intake"
)

func TestMediaIsFoundOutWhereItIsNotDeclared(t *testing.T) {
	for _, c := range []struct{ name, text, format string }{
		{"JSON", "\r\n {\"text\":\"x\"}", intake.FormatJSON},
		{"e-mail", mail("text/plain", "x"), intake.FormatEmail},
		{"e-mail after a byte order mark", "\uFEFF" + mail("text/plain", "x"), intake.FormatEmail},
		{"text that begins with a brace", "{urgent} he comes at nine", intake.FormatText},
		{"memo with typed headers", "From: Ops\nTo: Watch\nSubject: threat\nDate: 3 Jan\n\nHe comes at nine.", intake.FormatText},
		{"text with colons", "Note: he comes\nPlace: at home\n\nBe gone.", intake.FormatText},
		{"words", "He comes at nine.", intake.FormatText},
	} {
		for _, media := range []string{"", "application/octet-stream"} {
			if r := read(t, media, c.text); r.Format != c.format {
				t.Errorf("%s (%q): %s", c.name, media, r.Format)
			}
		}
	}
	if r := read(t, "text/plain", `{"text":"x"}`); r.Format != intake.FormatText || r.Text != `{"text":"x"}` {
		t.Errorf("declared text was read as %s", r.Format)
	}
	if r := read(t, "Text/HTML; charset=utf-8", "<p>He comes</p><p>at nine"); r.Text != "He comes\n\nat nine" || r.Format != intake.FormatText {
		t.Errorf("page: %q", r.Text)
	}
}

func TestPlainTextInUnexpectedBytes(t *testing.T) {
	for _, c := range []struct{ name, media, bytes, text, note string }{
		{"UTF-8 with byte order mark", "text/plain", "\uFEFFCafé", "Café", ""},
		{"UTF-16LE with byte order mark", "text/plain", "\xff\xfeh\x00i\x00", "hi", ""},
		{"UTF-16BE with byte order mark", "", "\xfe\xff\x00h\x00i", "hi", ""},
		{"UTF-32LE with byte order mark", "", "\xff\xfe\x00\x00h\x00\x00\x00i\x00\x00\x00", "hi", ""},
		{"byte order mark against the label", "text/plain; charset=utf-8", "\xff\xfeh\x00i\x00", "hi", ""},
		{"half a UTF-16 unit at the end", "", "\xff\xfeh\x00i\x00!", "hi\uFFFD", "byte order mark"},
		{"not UTF-8, undeclared", "text/plain", "Caf\xe9 \x93noir\x94", "Café “noir”", "windows-1252"},
		{"every byte of windows-1252 that is no control", "text/plain", "\x80\xff", "€ÿ", "windows-1252"},
		{"Windows line ends", "text/plain", "a\r\nb\rc\x85", "a\nb\nc…", "windows-1252"},
		{"form feeds", "text/plain", "a\fb\vc", "a\nb\nc", ""},
		{"a stray control character", "text/plain", "he comes\x07 at nine in the evening", "he comes at nine in the evening", "control character"},
		{"joiners that Persian needs", "text/plain", "می\u200cگذارند", "می\u200cگذارند", ""},
		{"direction override", "text/plain", "a \u202Etxt.exe", "a \u202Etxt.exe", "direction"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, c.media, c.bytes)
			if r.Text != c.text || c.note != "" && !noted(r, c.note) || c.note == "" && len(r.Notes) > 0 {
				t.Errorf("text %q, notes %q; want %q, %q", r.Text, r.Notes, c.text, c.note)
			}
		})
	}
}

func TestWhatIsNoReportIsRefusedWithAReason(t *testing.T) {
	for _, c := range []struct{ name, media, bytes, code, says string }{
		{"nothing", "", "", "input_empty", "no text"},
		{"white space", "text/plain", " \r\n\t\u00a0\u200b\ufeff", "input_empty", "no text"},
		{"e-mail of white space", "message/rfc822", "From: a@b.example\r\n\r\n \r\n", "input_empty", "no text"},
		{"page without words", "text/html", "<html><script>x</script></html>", "input_empty", "no text"},
		{"NUL", "text/plain", "abc\x00def", "input_binary", "after 3 bytes"},
		{"NUL, media not declared", "", "abc\x00def", "input_binary", "NUL"},
		{"PDF", "", "%PDF-1.7\n...", "input_binary", "PDF"},
		{"PDF called text", "text/plain", "%PDF-1.7\n...", "input_binary", "PDF"},
		{"office document", "", "PK\x03\x04\x14\x00", "input_binary", "office"},
		{"control characters", "", strings.Repeat("\x01\x02ab", 50), "input_binary", "control"},
		{"picture", "image/png", "\x89PNG", "media_unsupported", "image/png"},
		{"form data", "application/x-www-form-urlencoded", "a=b", "media_unsupported", "x-www-form"},
		{"media type with control characters", "x/y\r\nSet-Cookie: a", "a", "media_unsupported", "set-cookie"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if e := refused(t, input(c.media, []byte(c.bytes)), intake.DefaultLimits()); e.Code != c.code || !strings.Contains(e.Error(), c.says) {
				t.Errorf("%s: %s", e.Code, e)
			}
		})
	}
}

func TestTheSubmittersWordStandsOverTheBytes(t *testing.T) {
	in := input("", []byte(`{"text":"x","subject":"theirs","source_key":"k1","origin":"O1","language":"fa","marking":"SECRET","controlled":true,"occurred":"2023-12-27T09:00:00Z",
		"grading":{"scheme":"admiralty","source":"B","information":"2"}}`))
	in.Declared = intake.Declared{Subject: " ours ", Originator: "Service P", Occurred: time.Date(2023, 12, 27, 8, 0, 0, 0, time.FixedZone("", 3600)),
		Grading: tocsin.Grading{Scheme: "3x5x2", Source: "1", Information: "A"}}
	r, err := intake.Parse(in, intake.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if r.Subject != "ours" || r.SourceKey != "k1" || r.Origin != "O1" || r.Language != "fa" || r.Marking != "SECRET" || r.Originator != "Service P" ||
		!r.Controlled || r.Grading.Scheme != "3x5x2" || !r.Occurred.Equal(time.Date(2023, 12, 27, 7, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", r)
	}
	for _, n := range []string{`subject was declared beside the bytes; in the bytes it is "theirs"`, "2023-12-27T09:00:00Z", "admiralty B2"} {
		if !noted(r, n) {
			t.Errorf("no note of %q in %q", n, r.Notes)
		}
	}
	in.Bytes, in.Declared = []byte(mail("text/plain", "x")), intake.Declared{Conveyor: "Partner P", Controlled: true}
	if r, err = intake.Parse(in, intake.DefaultLimits()); err != nil || r.Conveyor != "Partner P" || !r.Controlled || noted(r, "From header") {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestDeclaredValuesAreChecked(t *testing.T) {
	for _, c := range []struct {
		name string
		d    intake.Declared
		code string
	}{
		{"language", intake.Declared{Language: "not a tag!"}, "language"},
		{"grading", intake.Declared{Grading: tocsin.Grading{Scheme: "admiralty", Source: "G"}}, "grading"},
		{"grading empty but for its scheme", intake.Declared{Grading: tocsin.Grading{Scheme: "admiralty"}}, "grading"},
		{"time before anybody had computers on this", intake.Declared{Occurred: time.Unix(0, 0)}, "occurred"},
		{"long origin", intake.Declared{Origin: strings.Repeat("x", 5000)}, "field_too_large"},
	} {
		in := input("text/plain", []byte("x"))
		in.Declared = c.d
		if e := refused(t, in, intake.DefaultLimits()); e.Code != c.code {
			t.Errorf("%s: %s", c.name, e.Code)
		}
	}
	in := input("text/plain", []byte("x"))
	in.Declared = intake.Declared{Origin: "O1\r\nX-Evil: 1", Subject: "a\xff\x1b[2J"}
	r, err := intake.Parse(in, intake.DefaultLimits())
	if err != nil || r.Origin != "O1 X-Evil: 1" || r.Subject != "a\uFFFD[2J" || !noted(r, "declared origin") {
		t.Errorf("%v, origin %q, subject %q, notes %q", err, r.Origin, r.Subject, r.Notes)
	}
}

// One text in many wrappings has one content digest, so that a re-post is seen.
func TestARePostInAnotherWrappingHasTheSameContent(t *testing.T) {
	const words = "Two men will place a bomb at the café on Friday."
	want := read(t, "text/plain", words).Content
	n := 0
	for name, c := range map[string]struct{ media, text string }{
		"JSON":                       {"", `{"text":"` + words + `","subject":"other"}`},
		"e-mail":                     {"", mail("text/plain; charset=utf-8", words+"\r\n")},
		"quoted reply":               {"text/plain", "> Two men will place a\n> bomb at the café on Friday."},
		"quoted twice":               {"text/plain", ">> Two men will place a bomb\n>> at the café on Friday."},
		"HTML":                       {"text/html", "<div><b>Two men</b> will place a bomb at the caf&eacute; on Friday.</div>"},
		"another charset":            {"text/plain; charset=iso-8859-1", strings.ReplaceAll(words, "é", "\xe9")},
		"capitals":                   {"text/plain", strings.ToUpper(words)},
		"decomposed letters":         {"text/plain", strings.ReplaceAll(words, "é", "e\u0301")},
		"full-width letters":         {"text/plain", strings.Replace(words, "Two", "Ｔｗｏ", 1)},
		"zero-width spaces":          {"text/plain", strings.ReplaceAll(words, "bomb", "b\u200bo\u00admb\ufeff")},
		"forwarded as an attachment": {"", mail("message/rfc822", "Subject: s\r\n\r\n"+words)},
	} {
		n++
		if got := read(t, c.media, c.text).Content; got != want {
			t.Errorf("%s has another content", name)
		}
	}
	if n < 11 {
		t.Fatal("wrappings missing")
	}
	for _, other := range []string{words + " Kind regards, A. Clerk", strings.Replace(words, "Friday", "Monday", 1)} {
		if read(t, "text/plain", other).Content == want {
			t.Errorf("%q passes for the same", other)
		}
	}
	attached := func(file string) tocsin.Digest {
		return read(t, "", mail("multipart/mixed; boundary=xx", "--xx\r\n\r\nsee attached\r\n--xx\r\nContent-Type: image/png\r\n\r\n"+file+"\r\n--xx--")).Content
	}
	if one, again, other := attached("a"), attached("a"), attached("b"); one != again || one == other {
		t.Error("attachments are not part of the content")
	}
}

func TestABannerInTheFirstLineIsTakenAsTheMarking(t *testing.T) {
	for first, want := range map[string]string{
		"SECRET//NOFORN": "SECRET//NOFORN", "TLP:AMBER+STRICT": "TLP:AMBER+STRICT", "OFFICIAL-SENSITIVE": "OFFICIAL-SENSITIVE",
		"UK SECRET": "UK SECRET", "//NATO SECRET": "//NATO SECRET", "S/NF": "S/NF", "S": "", "Dear colleague": "", "THREAT": "",
	} {
		r := read(t, "text/plain", "\n "+first+"\n\nwords")
		if r.Marking != want || noted(r, "first line") != (want != "") {
			t.Errorf("%q: marking %q, notes %q", first, r.Marking, r.Notes)
		}
	}
}

func TestSameBytesGiveTheSameReport(t *testing.T) {
	// Several parameters and notes, which a map would bring into random order.
	b := []byte(mail(`multipart/mixed; boundary=xx; a*0=1; a*1=2; b*0=3; b*1=4`, "--xx\r\nContent-Disposition: attachment; filename*0=a; name*0=c; filename*1=b; filename=z\r\n\r\nx\r\n--xx--"))
	first := facts(t, mustParse(t, b))
	for range 50 {
		if !bytes.Equal(facts(t, mustParse(t, b)), first) {
			t.Fatal("the same bytes gave another report")
		}
	}
}

func mustParse(t testing.TB, b []byte) tocsin.Report {
	t.Helper()
	r, err := intake.Parse(input("", b), intake.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return r
}
