package intake_test

import (
	"bytes"
	"encoding/base64"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"tocsin"
	"tocsin/intake"
)

func noted(r tocsin.Report, words string) bool {
	return strings.Contains(strings.Join(r.Notes, "\n"), words)
}

// Broken mail: the words arrive, and a note says what was wrong.
func TestBrokenMailLosesNoText(t *testing.T) {
	alt := "multipart/alternative; boundary=xx"
	for _, c := range []struct{ name, mail, text, note string }{
		{"line ends are bare carriage returns", "From: a@b.example\rSubject: s\r\rHe comes at nine.\rBe gone.", "He comes at nine.\nBe gone.", "bare carriage return"},
		{"line ends are line feeds", strings.ReplaceAll(mail("text/plain", "He comes at nine."), "\r\n", "\n"), "He comes at nine.", ""},
		{"no empty line before the text", "From: a@b.example\r\nSubject: s\r\nHe comes at nine.\r\nBe gone.", "He comes at nine.\nBe gone.", ""},
		{"no headers at all", "He comes at nine.\r\nBe gone.", "He comes at nine.\nBe gone.", "no headers"},
		{"declared boundary is not the one used", mail("multipart/mixed; boundary=nope", "--real\r\nContent-Type: text/plain\r\n\r\nHe comes at nine.\r\n--real--"), "He comes at nine.", "boundary"},
		{"no boundary anywhere", mail("multipart/mixed; boundary=nope", "He comes at nine."), "He comes at nine.", "no parts"},
		{"final boundary missing", mail("multipart/mixed; boundary=xx", "--xx\r\n\r\nHe comes at nine.\r\n--xx\r\n\r\nBe gone."), "He comes at nine.\n\nBe gone.", "cut off"},
		{"text only before the parts", mail("multipart/mixed; boundary=xx", "He comes at nine.\r\n--xx\r\nContent-Type: image/png\r\n\r\nx\r\n--xx--"), "He comes at nine.", "outside"},
		{"text only after the parts", mail("multipart/mixed; boundary=xx", "--xx\r\n\r\n\r\n--xx--\r\nHe comes at nine.\r\n"), "He comes at nine.", "outside"},
		{"text only in an attachment", mail("multipart/mixed; boundary=xx", "--xx\r\nContent-Disposition: attachment; filename=long-sms.txt\r\n\r\nHe comes at nine.\r\n--xx--"), "He comes at nine.", "attachment"},
		{"content type that is none", mail("text", "He comes at nine."), "He comes at nine.", "Content-Type"},
		{"says base64 and is not", mail("text/plain\r\nContent-Transfer-Encoding: base64", "Attention,\r\nhe comes at nine."), "Attention,\nhe comes at nine.", "says base64"},
		{"damaged base64", mail("text/plain\r\nContent-Transfer-Encoding: base64", "SGUgY29t!XMgYXQgbmluZSBvJ2Nsb2NrIG9u\r\nIEZyaWRheS4="), "", "cannot be base64"},
		{"two base64 texts in a row", mail("text/plain\r\nContent-Transfer-Encoding: base64", "SGUgY29tZXM=\r\nIGF0IG5pbmUu"), "He comes at nine.", ""},
		{"damaged quoted-printable", mail("text/plain\r\nContent-Transfer-Encoding: quoted-printable", "2+2=4 and he=20com=\r\nes at 100=ZZ.  \r\nBe gone."), "2+2=4 and he comes at 100=ZZ.\nBe gone.", "quoted-printable"},
		{"charset quoted twice", mail(`text/plain; charset="'windows-1252'"`, "Caf\xe9"), "Café", ""},
		{"unknown charset, good UTF-8", mail("text/plain; charset=x-foo", "Café"), "Café", "not known"},
		{"says Latin-1 and is UTF-8", mail("text/plain; charset=iso-8859-1", "سه\u200cشنبه"), "سه\u200cشنبه", "is UTF-8"},
		{"says UTF-8 and is not", mail("text/plain; charset=utf-8", "Caf\xe9 noir"), "Café noir", "windows-1252"},
		{"UTF-8 with a damaged byte", mail("text/plain; charset=utf-8", "در مراسم\xff بمب"), "در مراسم\uFFFD بمب", "damaged"},
		{"says Shift JIS and is UTF-8", mail("text/plain; charset=shift_jis", "爆弾が駅にある。"), "爆弾が駅にある。", "is UTF-8"},
		{"plain form only points to the HTML", mail(alt, "--xx\r\n\r\nThis mail needs HTML.\r\n--xx\r\nContent-Type: text/html\r\n\r\n<p>He comes at nine to the house by the river and he brings the gun that he bought in March from the neighbour.</p>\r\n--xx--"),
			"This mail needs HTML.\n\nHe comes at nine to the house by the river and he brings the gun that he bought in March from the neighbour.", "differ much"},
		{"plain form is empty", mail(alt, "--xx\r\n\r\n \r\n--xx\r\nContent-Type: text/html\r\n\r\n<p>He comes<br>at nine.\r\n--xx--"), "He comes\nat nine.", "out of HTML"},
		{"both forms say the same", mail(alt, "--xx\r\n\r\nHe comes at nine.\r\n--xx\r\nContent-Type: text/html\r\n\r\n<p>He comes at nine.</p>\r\n--xx--"), "He comes at nine.", ""},
		{"HTML names its own charset", mail("text/html", "<meta charset=\"windows-1251\"><p>\xC2\xE7\xF0\xFB\xE2</p>"), "Взрыв", ""},
		{"HTML left open", mail("text/html", "<p>He comes <b at nine"), "He comes <b at nine", ""},
		{"HTML comment left open", mail("text/html", "<p>He comes <!-- at nine"), "He comes <!-- at nine", ""},
		{"HTML script left open", mail("text/html", "<script>He comes at nine"), "He comes at nine", ""},
		{"words only in a picture's text", mail("text/html", `<img src=x alt="He comes at nine.">`), "He comes at nine.", ""},
		{"only a subject", "From: a@b.example\r\nSubject: He comes at nine.\r\n\r\n", "He comes at nine.", "subject stands"},
		{"multipart encoded against the rules", mail("multipart/mixed; boundary=xx\r\nContent-Transfer-Encoding: base64", base64.StdEncoding.EncodeToString([]byte("--xx\r\n\r\nHe comes at nine.\r\n--xx--"))), "He comes at nine.", ""},
		{"forwarded message encoded against the rules", mail("message/rfc822\r\nContent-Transfer-Encoding: base64", base64.StdEncoding.EncodeToString([]byte("X-A: b\r\n\r\nHe comes at nine."))), "He comes at nine.", ""},
		{"digest", mail("multipart/digest; boundary=xx", "--xx\r\n\r\nSubject: one\r\n\r\nHe comes at nine.\r\n--xx--"), "Subject: one\n\nHe comes at nine.", ""},
		{"boundary that begins like another", mail("multipart/mixed; boundary=xx", "--xx\r\nContent-Type: multipart/mixed; boundary=xxy\r\n\r\n--xxy\r\n\r\nHe comes\r\n--xxy--\r\n--xx\r\n\r\nat nine.\r\n--xx--"), "He comes\n\nat nine.", ""},
		{"stored in an mbox", "From operator Wed Dec 27\r\n" + mail("text/plain", "He comes at nine."), "He comes at nine.", ""},
		{"NUL in the text", mail("text/plain", "He comes\x00 at nine o'clock, they say."), "He comes at nine o'clock, they say.", "control character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, "message/rfc822", c.mail)
			if r.Format != intake.FormatEmail || c.text != "" && r.Text != c.text {
				t.Errorf("format %s, text %q, want %q", r.Format, r.Text, c.text)
			}
			if c.note != "" && !noted(r, c.note) {
				t.Errorf("no note of %q in %q", c.note, r.Notes)
			}
		})
	}
}

// The sender's headers are data for a list, a log or another mail; none of them
// may act there.
func TestAttackStringsInHeadersBecomeHarmlessText(t *testing.T) {
	for _, c := range []struct{ name, headers, subject, conveyor string }{
		{"header smuggled through an encoded word", "Subject: =?utf-8?Q?hello=0D=0ABcc:_all@b.example?=\r\nFrom: x@b.example", "hello Bcc: all@b.example", "x@b.example"},
		{"header smuggled through a bare carriage return", "Subject: hello\rBcc: all@b.example\r\nFrom: x@b.example", "hello Bcc: all@b.example", "x@b.example"},
		{"terminal escape", "Subject: \x1b[2J\x1b]0;owned\x07done\r\nFrom: x@b.example", "[2J]0;owneddone", "x@b.example"},
		{"direction override", "Subject: s\r\nFrom: =?utf-8?B?4oCucmVnYW5hbQ==?= <x@b.example>", "s", "reganam <x@b.example>"},
		{"script", "Subject: <script>alert(1)</script>\r\nFrom: x@b.example", "<script>alert(1)</script>", "x@b.example"},
		{"broken encoded word", "Subject: =?utf-8?B?####?= =?utf-8?X?a?= =?utf-8?Q?open\r\nFrom: x@b.example", "=?utf-8?X?a?= =?utf-8?Q?open", "x@b.example"},
		{"folding", "Subject: one\r\n  two\r\n\tthree\r\nFrom: x@b.example", "one two three", "x@b.example"},
		{"raw bytes in another charset", "Subject: Caf\xe9\r\nFrom: x@b.example", "Café", "x@b.example"},
		{"second encoded word", "Subject: =?utf-8?Q?a?= =?utf-8?Q?b?= c =?iso-8859-1?Q?=E9?=\r\nFrom: x@b.example", "ab c é", "x@b.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, "message/rfc822", c.headers+"\r\n\r\nwords")
			if r.Subject != c.subject || r.Conveyor != c.conveyor {
				t.Errorf("subject %q, conveyor %q", r.Subject, r.Conveyor)
			}
		})
	}
}

func TestMessageIDBecomesTheSourceKey(t *testing.T) {
	for _, c := range []struct{ name, headers, key, note string }{
		{"one", "Message-ID: <a.1@b.example>\r\n", "mid:<a.1@b.example>", ""},
		{"twice the same", "Message-ID: <a@b.example>\r\nMessage-Id:  <a@b.example>\r\n", "mid:<a@b.example>", ""},
		{"two different ones", "Message-ID: <a@b.example>\r\nMessage-ID: <z@b.example>\r\n", "", "several different Message-IDs"},
		{"without brackets", "Message-ID: a@b.example\r\n", "mid:<a@b.example>", ""},
		{"folded", "Message-ID:\r\n <a@b.example>\r\n", "mid:<a@b.example>", ""},
		{"empty", "Message-ID: <>\r\n", "", "not usable"},
		{"with control characters", "Message-ID: <a\x01@b.example>\r\n", "", "not usable"},
		{"longer than any", "Message-ID: <" + strings.Repeat("a", 2000) + ">\r\n", "", "not usable"},
		{"none", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, "message/rfc822", "Subject: s\r\n"+c.headers+"\r\nwords")
			if r.SourceKey != c.key || c.note != "" && !noted(r, c.note) {
				t.Errorf("key %q, notes %q", r.SourceKey, r.Notes)
			}
		})
	}
}

func TestDateHeaderIsUsedOnlyIfItCanBeTrue(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v.UTC()
	}
	for _, c := range []struct {
		name, date string
		want       time.Time
	}{
		{"as the standard has it", "Wed, 27 Dec 2023 12:40:00 +0330", at("2023-12-27T09:10:00Z")},
		{"with a comment", "Wed, 27 Dec 2023 10:00:00 +0100 (CET)", at("2023-12-27T09:00:00Z")},
		{"without weekday and seconds", "7 Dec 2023 10:00 GMT", at("2023-12-07T10:00:00Z")},
		{"obsolete zone", "Wed, 27 Dec 2023 05:00:00 EST", at("2023-12-27T10:00:00Z")},
		{"two-digit year", "27 Dec 23 10:00:00 +0000", at("2023-12-27T10:00:00Z")},
		{"RFC 3339, against the standard", "2023-12-27T10:00:00Z", at("2023-12-27T10:00:00Z")},
		{"at the moment of entry", "Wed, 27 Dec 2023 12:00:00 +0000", entered},
		{"after entry", "Wed, 27 Dec 2023 12:00:01 +0000", time.Time{}},
		{"far future", "Wed, 27 Dec 2399 12:00:00 +0000", time.Time{}},
		{"unset clock", "Thu, 01 Jan 1970 00:00:00 +0000", time.Time{}},
		{"no zone", "Wed, 27 Dec 2023 10:00:00", time.Time{}},
		{"unknown zone", "Wed, 27 Dec 2023 10:00:00 XYZ", time.Time{}},
		{"nonsense", "yesterday", time.Time{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, "message/rfc822", "Subject: s\r\nDate: "+c.date+"\r\n\r\nwords")
			if !r.Occurred.Equal(c.want) {
				t.Errorf("occurred %v, want %v", r.Occurred, c.want)
			}
			if !noted(r, "Date header") {
				t.Errorf("no note: %q", r.Notes)
			}
		})
	}
}

func TestAttachmentsAreListedWithSafeNames(t *testing.T) {
	for _, c := range []struct{ name, headers, want string }{
		{"path upwards", `Content-Disposition: attachment; filename="../../etc/passwd"`, "passwd"},
		{"Windows path", `Content-Disposition: attachment; filename="C:\Users\x\plan.doc"`, "plan.doc"},
		{"only dots", `Content-Disposition: attachment; filename=".."`, "unnamed part 2"},
		{"none", "Content-Disposition: attachment", "unnamed part 2"},
		{"name of the type", "Content-Type: image/png; name=map.png", "map.png"},
		{"encoded word", "Content-Disposition: attachment; filename=\"=?utf-8?B?2YbZgti02Yc=?=.pdf\"", "نقشه.pdf"},
		{"RFC 2231 in one piece", "Content-Disposition: attachment; filename*=utf-8'fa'%D9%86%D9%82%D8%B4%D9%87.pdf", "نقشه.pdf"},
		{"RFC 2231 in another charset", "Content-Disposition: attachment; filename*=iso-8859-1'de'Gru%DF.pdf", "Gruß.pdf"},
		{"RFC 2231 continued", "Content-Disposition: attachment; filename*0=a; filename*1=\"b c\"; filename*2*=%2Epdf", "ab c.pdf"},
		{"RFC 2231 preferred", "Content-Disposition: attachment; filename=x.pdf; filename*=utf-8''y.pdf", "y.pdf"},
		{"unquoted with spaces", "Content-Disposition: attachment; filename=our plan.pdf; size=3", "our plan.pdf"},
		{"quote not closed", "Content-Disposition: attachment; filename=\"our plan.pdf", "our plan.pdf"},
		{"escaped quote", `Content-Disposition: attachment; filename="the \"plan\".pdf"`, `the "plan".pdf`},
		{"control characters and overrides", "Content-Disposition: attachment; filename*=utf-8''a%0D%0Ab%E2%80%AEfdp.exe", "a bfdp.exe"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := c.headers
			if !strings.Contains(h, "Content-Type") {
				h += "\r\nContent-Type: application/octet-stream"
			}
			r := read(t, "", mail("multipart/mixed; boundary=xx", "--xx\r\n"+h+"\r\n\r\nabc\r\n--xx\r\n\r\nwords\r\n--xx--"))
			if len(r.Attachments) != 1 {
				t.Fatalf("%d attachments", len(r.Attachments))
			}
			if a := r.Attachments[0]; a.Name != c.want || a.Size != 3 || a.SHA != tocsin.DigestOf([]byte("abc")) {
				t.Errorf("%+v, want name %q", a, c.want)
			}
			if r.Text != "words" {
				t.Errorf("text %q", r.Text)
			}
		})
	}
}

func TestAMessageOfAttachmentsOnlyIsAReport(t *testing.T) {
	r := read(t, "message/rfc822", "From: a@b.example\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\n\x30\x80")
	if r.Text != "" || len(r.Attachments) != 1 || !noted(r, "attachments") {
		t.Errorf("text %q, attachments %v, notes %q", r.Text, r.Attachments, r.Notes)
	}
	other := read(t, "message/rfc822", "From: a@b.example\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\n\x30\x81")
	if r.Content == other.Content {
		t.Error("two different attachments without text pass for one content")
	}
}

func TestABinaryTextPartIsAnAttachment(t *testing.T) {
	r := read(t, "", mail("multipart/mixed; boundary=xx", "--xx\r\nContent-Type: text/plain\r\n\r\na\x00b\x00c\x00d\x00\r\n--xx\r\n\r\nwords\r\n--xx--"))
	if r.Text != "words" || len(r.Attachments) != 1 {
		t.Errorf("text %q, attachments %v", r.Text, r.Attachments)
	}
}

// Text in each charset that mail uses comes out the same.
func TestDeclaredCharsetsAreRead(t *testing.T) {
	n := 0
	for _, c := range []struct {
		label, text string
		enc         encoding.Encoding
	}{
		{"windows-1256", "بمب در بازار", charmap.Windows1256},
		{"iso-8859-6", "قنبلة", charmap.ISO8859_6},
		{"windows-1251", "бомба на вокзале", charmap.Windows1251},
		{"KOI8-R", "бомба на вокзале", charmap.KOI8R},
		{"iso-8859-15", "100 €", charmap.ISO8859_15},
		{"iso-8859-8-i", "פצצה", charmap.ISO8859_8I},
		{"ISO-2022-JP", "駅に爆弾", japanese.ISO2022JP},
		{"shift_jis", "駅に爆弾がある", japanese.ShiftJIS},
		{"gb18030", "车站有炸弹", simplifiedchinese.GB18030},
		{"hz-gb-2312", "车站有炸弹", simplifiedchinese.HZGB2312},
		{"utf-16le", "bomb in the market", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"utf-16be", "بمب در بازار", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	} {
		n++
		raw, err := c.enc.NewEncoder().String(c.text)
		if err != nil {
			t.Fatalf("%s: %v", c.label, err)
		}
		if r := read(t, "text/plain; charset="+c.label, raw); r.Text != c.text || len(r.Notes) > 0 {
			t.Errorf("plain %s: %q, notes %q", c.label, r.Text, r.Notes)
		}
		m := mail("text/plain; charset="+c.label+"\r\nContent-Transfer-Encoding: base64", base64.StdEncoding.EncodeToString([]byte(raw)))
		m = "Subject: =?" + c.label + "?B?" + base64.StdEncoding.EncodeToString([]byte(raw)) + "?=\r\n" + strings.Replace(m, "Subject: test\r\n", "", 1)
		if r := read(t, "", m); r.Text != c.text || r.Subject != c.text {
			t.Errorf("mail %s: %q, subject %q", c.label, r.Text, r.Subject)
		}
	}
	if n < 10 {
		t.Fatal("charsets missing")
	}
}

// Mail written by the standard library comes back as it was put in, whatever
// the words, names and subject are.
func TestWellFormedMailIsReadExactly(t *testing.T) {
	words := rapid.StringMatching(`[A-Za-zآ-ی=?_."<>&é漢]{1,12}( [A-Za-zآ-ی=?_."<>&é漢]{1,12}){0,20}`)
	rapid.Check(t, func(t *rapid.T) {
		subject, text, name := words.Draw(t, "subject"), words.Draw(t, "text"), rapid.StringMatching(`[a-zéی ]{1,40}\.pdf`).Draw(t, "name")
		file := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "file")
		raw := written(t, subject, text, name, file)
		r, err := intake.Parse(input("message/rfc822", raw), intake.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		if r.Text != strings.TrimSpace(text) || r.Subject != strings.Join(strings.Fields(subject), " ") {
			t.Fatalf("text %q, subject %q from\n%s", r.Text, r.Subject, raw)
		}
		a := r.Attachments[0]
		if a.Name != strings.Join(strings.Fields(name), " ") || a.SHA != tocsin.DigestOf(file) || a.Size != len(file) {
			t.Fatalf("attachment %+v from\n%s", a, raw)
		}
	})
}

// written composes a message with the standard library.
func written(t *rapid.T, subject, text, name string, file []byte) []byte {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part := func(h textproto.MIMEHeader) (out interface{ Write([]byte) (int, error) }) {
		out, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	qp := quotedprintable.NewWriter(part(textproto.MIMEHeader{"Content-Type": {"text/plain; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"}}))
	if _, err := qp.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := qp.Close(); err != nil {
		t.Fatal(err)
	}
	out := part(textproto.MIMEHeader{"Content-Type": {"application/pdf"}, "Content-Transfer-Encoding": {"base64"},
		"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": name})}})
	if _, err := out.Write([]byte(base64.StdEncoding.EncodeToString(file))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	enc := rapid.SampledFrom([]mime.WordEncoder{mime.QEncoding, mime.BEncoding}).Draw(t, "encoder")
	return []byte("MIME-Version: 1.0\r\nSubject: " + encodedAlways(enc, subject) + "\r\nContent-Type: " +
		mime.FormatMediaType("multipart/mixed", map[string]string{"boundary": w.Boundary()}) + "\r\n\r\n" + body.String())
}

// encodedAlways encodes also what needs none: a subject that looks like an
// encoded word would otherwise be taken for one.
func encodedAlways(enc mime.WordEncoder, s string) string {
	if e := enc.Encode("utf-8", s); e != s {
		return e
	}
	return "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
}
