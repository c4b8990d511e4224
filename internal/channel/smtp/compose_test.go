package smtp_test

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/deliver"
	"tocsin/deliver/delivertest"
	"tocsin/internal/channel/smtp"
)

var plain = smtp.Config{Host: "127.0.0.1", Port: 25, Security: smtp.NoneOnLoop, From: "watch@example.org", Name: "Wächter, \"Duty\" desk"}

func TestAnyWordsSurviveAndARepeatIsTheSameMail(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := tocsin.Text{Language: "fa", Subject: rapid.String().Draw(rt, "subject"), Body: rapid.String().Draw(rt, "body")}
		m := delivertest.Message(t, letter(t, delivertest.Letter{Text: text}))
		data, err := smtp.Compose(plain, m)
		if err != nil {
			rt.Fatal(err)
		}
		again, _ := smtp.Compose(plain, m)
		if !bytes.Equal(data, again) {
			rt.Fatal("two compositions differ")
		}
		wantFit(rt, data)
		a, err := decode(bytes.TrimSuffix(data, []byte(".\r\n")))
		if err != nil {
			rt.Fatal(err)
		}
		if a.Subject != text.Subject || a.Body != text.Body {
			rt.Fatalf("read back %q %q", a.Subject, a.Body)
		}
	})
}

// wantFit holds a mail to what every relay takes: ASCII, lines of at most 76
// characters and CRLF, no line that begins with a dot but the last.
func wantFit(t rapid.TB, data []byte) {
	lines := strings.Split(string(data), "\r\n")
	if n := len(lines); n < 2 || lines[n-2] != "." || lines[n-1] != "" {
		t.Fatalf("the mail does not end with a dot: %q", data)
	}
	for i, line := range lines {
		if len(line) > 76 || strings.ContainsAny(line, "\r\n\x00") || strings.IndexFunc(line, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			t.Fatalf("line %d is not fit to travel: %q", i+1, line)
		}
		if strings.HasPrefix(line, ".") && i < len(lines)-2 {
			t.Fatalf("line %d ends the mail early", i+1)
		}
	}
}

func TestTheHeaderSaysWhatIsClearedAndNoMore(t *testing.T) {
	m := delivertest.Message(t, letter(t, delivertest.Letter{Key: "w-1.v1.r-1.0", Type: tocsin.Update}))
	data, err := smtp.Compose(plain, m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"Date":                      "Wed, 04 Mar 2026 05:06:07 +0000",
		"From":                      `=?utf-8?b?V8OkY2h0ZXIsICJEdXR5IiBkZXNr?= <watch@example.org>`,
		"To":                        "desk@example.net",
		"Message-Id":                "<w-1.v1.r-1.0@example.org>",
		"Subject":                   delivertest.Words.Subject,
		"X-Tocsin-Reference":        "TW-2026-0007",
		"X-Tocsin-Type":             "update",
		"Mime-Version":              "1.0",
		"Content-Type":              "text/plain; charset=utf-8",
		"Content-Language":          "en",
		"Content-Transfer-Encoding": "base64",
	}
	for k, v := range want {
		if g := got.Header.Get(k); g != v {
			t.Errorf("%s: %q, want %q", k, g, v)
		}
	}
	if len(got.Header) != len(want) {
		t.Errorf("the header has other fields: %v", got.Header)
	}
	if strings.Contains(string(data), m.Recipient().Name) {
		t.Error("the directory's name for the recipient is in the mail")
	}
}

func TestALanguageThatIsNoTagIsRefused(t *testing.T) {
	for _, l := range []string{"en\r\nBcc: x@example.org", "en us", "انگلیسی", strings.Repeat("a", 36)} {
		m := delivertest.Message(t, letter(t, delivertest.Letter{Text: tocsin.Text{Language: l, Subject: "s", Body: "b"}}))
		_, err := smtp.Compose(plain, m)
		wantClass(t, err, deliver.Permanent, "language tag")
	}
}

func FuzzMessageIDCarriesTheKey(f *testing.F) {
	for _, s := range []string{"w-1.v1.r-1.0", "..", ".a.", "a..b", "case/1:2@x", "=41", "a=", "<>", "آ", "\x00", "a b"} {
		f.Add(s, "<"+s+"@example.org>")
	}
	f.Fuzz(func(t *testing.T, key, id string) {
		if key != "" {
			made := smtp.MessageID(tocsin.DeliveryKey(key), "example.org")
			if back, ok := smtp.KeyOf(made); !ok || string(back) != key {
				t.Fatalf("%q -> %q -> %q, %v", key, made, back, ok)
			}
			if _, err := mail.ParseAddress(made); err != nil {
				t.Fatalf("%q is not a msg-id: %v", made, err)
			}
		}
		if k, ok := smtp.KeyOf(id); ok {
			id = strings.TrimSpace(id)
			domain := strings.TrimSuffix(id[strings.LastIndexByte(id, '@')+1:], ">")
			if smtp.MessageID(k, domain) != id {
				t.Fatalf("%q was read as %q, which is written otherwise", id, k)
			}
		}
	})
}

func FuzzMailboxIsOneMailbox(f *testing.F) {
	for _, s := range []string{"desk@example.net", "a.b+c@x", "a@[127.0.0.1]", "a@[IPv6:::1]", "دفتر@مثال.ایران", "a b@c", `"a"@b`, "a@b>\r\nDATA", "a@b,c@d", "a\xff@b", "a@b\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !smtp.ValidMailbox(s) {
			return
		}
		if strings.ContainsAny(s, " \t\r\n<>(),;:\\\"\x00") && !strings.HasSuffix(s, "]") {
			t.Fatalf("%q was let through", s)
		}
		if strings.HasSuffix(s, "]") && strings.Contains(s, "@[IPv6:") {
			return // the oracle below does not know this form of RFC 5321
		}
		// The oracle is the standard library's parser of header fields.
		a, err := mail.ParseAddress(s)
		if err != nil || a.Address != s || a.Name != "" {
			t.Fatalf("%q is read as %+v, %v", s, a, err)
		}
	})
}
