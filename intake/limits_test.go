package intake_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"tocsin"
	"tocsin/intake"
)

// mail puts standard headers before a Content-Type and a body.
func mail(contentType, body string) string {
	return "From: desk@agency.example\r\nSubject: test\r\nDate: Wed, 27 Dec 2023 10:00:00 +0000\r\nMessage-ID: <m@agency.example>\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: " + contentType + "\r\n\r\n" + body
}

// nested wraps a text in n multiparts.
func nested(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
	}
	fmt.Fprintf(&b, "--b%d\r\nContent-Type: text/plain\r\n\r\ninnermost words\r\n", n)
	for i := n; i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\r\n", i)
	}
	return mail("multipart/mixed; boundary=b0", b.String())
}

func manyParts(n int, header string) string {
	return mail("multipart/mixed; boundary=xx", strings.Repeat("--xx\r\n"+header+"\r\n\r\nword\r\n", n)+"--xx--\r\n")
}

func forwardedOften(n int) string {
	return strings.Repeat("From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n", n) + "Subject: s\r\n\r\nwords"
}

// What is over a limit is refused as a whole, so that a person looks at all of
// it; it is never cut short.
func TestWhatIsOverALimitIsRefusedWhole(t *testing.T) {
	small := intake.Limits{TextBytes: 1000}
	for _, c := range []struct {
		name, media string
		bytes       []byte
		lim         intake.Limits
		code        string
		kind        tocsin.Kind
	}{
		{"100 MB body", "message/rfc822", bytes.Repeat([]byte("bomb "), 20<<20), intake.Limits{}, "input_too_large", tocsin.TooLarge},
		{"100 MB body, media not declared", "", bytes.Repeat([]byte{'x'}, 100<<20), intake.Limits{}, "input_too_large", tocsin.TooLarge},
		{"25 MB of plain text", "text/plain", bytes.Repeat([]byte("word\n"), 5<<20-1), intake.Limits{}, "text_too_large", tocsin.TooLarge},
		{"plain text a byte too long", "text/plain", bytes.Repeat([]byte{'x'}, 1001), small, "text_too_large", tocsin.TooLarge},
		{"e-mail text a byte too long", "", []byte(mail("text/plain", strings.Repeat("x", 1001))), small, "text_too_large", tocsin.TooLarge},
		{"JSON text a byte too long", "", []byte(`{"text":"` + strings.Repeat("x", 1001) + `"}`), small, "text_too_large", tocsin.TooLarge},
		{"parts nested too deep", "", []byte(nested(11)), intake.Limits{}, "mime_depth", tocsin.TooLarge},
		{"messages forwarded too often", "", []byte(forwardedOften(5000)), intake.Limits{}, "mime_depth", tocsin.TooLarge},
		{"10,000 parts", "", []byte(manyParts(10_000, "Content-Type: text/plain")), intake.Limits{}, "mime_parts", tocsin.TooLarge},
		{"too many attachments", "", []byte(manyParts(150, "Content-Type: image/png")), intake.Limits{}, "mime_attachments", tocsin.TooLarge},
		{"header too long", "message/rfc822", []byte("Subject: x\r\n" + strings.Repeat("X-A: b\r\n", 20_000) + "\r\nbody"), intake.Limits{}, "header_too_large", tocsin.TooLarge},
		{"one header line too long", "message/rfc822", []byte("Subject: " + strings.Repeat("x", 200<<10) + "\r\n\r\nbody"), intake.Limits{}, "header_too_large", tocsin.TooLarge},
		{"header of a part too long", "", []byte(mail("multipart/mixed; boundary=b", "--b\r\n"+strings.Repeat("X-A: b\r\n", 20_000)+"\r\nbody\r\n--b--")), intake.Limits{}, "header_too_large", tocsin.TooLarge},
		{"subject too long", "message/rfc822", []byte("Subject: " + strings.Repeat("x", 5000) + "\r\n\r\nbody"), intake.Limits{}, "field_too_large", tocsin.TooLarge},
		{"JSON nested too deep", "", []byte(`{"text":` + strings.Repeat("[", 100_000)), intake.Limits{}, "json_depth", tocsin.TooLarge},
		{"JSON origin too long", "", []byte(`{"text":"x","origin":"` + strings.Repeat("x", 5000) + `"}`), intake.Limits{}, "field_too_large", tocsin.TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := refused(t, input(c.media, c.bytes), c.lim)
			if e.Code != c.code || e.Kind != c.kind {
				t.Errorf("got %s (%s): %s; want %s", e.Code, e.Kind, e, c.code)
			}
		})
	}
}

func TestWhatIsJustWithinALimitIsRead(t *testing.T) {
	lim := intake.Limits{TextBytes: 1000}
	for name, in := range map[string]string{
		"plain text": strings.Repeat("x", 1000),
		"e-mail":     mail("text/plain", strings.Repeat("x", 1000)),
		"JSON":       `{"text":"` + strings.Repeat("x", 1000) + `"}`,
	} {
		r, err := intake.Parse(input("", []byte(in)), lim)
		if err != nil || len(r.Text) != 1000 {
			t.Errorf("%s: %d bytes, %v", name, len(r.Text), err)
		}
	}
	if r := read(t, "", nested(9)); r.Text != "innermost words" {
		t.Errorf("nested text %q", r.Text)
	}
	if r := read(t, "", manyParts(190, "Content-Type: text/plain")); strings.Count(r.Text, "word") != 190 {
		t.Errorf("%d of 190 parts", strings.Count(r.Text, "word"))
	}
}

// A message can carry far more than its text: the limit on text does not count
// attached text files.
func TestAttachedTextFilesDoNotCountAsText(t *testing.T) {
	part := "--xx\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\n" + strings.Repeat("log line\r\n", 50_000)
	r := read(t, "", mail("multipart/mixed; boundary=xx", "--xx\r\n\r\nHe is armed.\r\n"+strings.Repeat(part, 12)+"--xx--"))
	if r.Text != "He is armed." || len(r.Attachments) != 12 {
		t.Errorf("text %q, %d attachments", r.Text, len(r.Attachments))
	}
}

// Inputs made to take long: each must be done in time linear in its size. They
// are run without a clock; a quadratic reader makes the test hang.
func TestHostileShapesEnd(t *testing.T) {
	const n = 200_000
	for name, in := range map[string]struct{ media, body string }{
		"unclosed tags":               {"text/html", strings.Repeat("<a '", n)},
		"unclosed comments":           {"text/html", strings.Repeat("<!--", n)},
		"scripts without end":         {"text/html", strings.Repeat("<script>", n)},
		"quotes across tags":          {"text/html", strings.Repeat(`<a '<b "`, n) + ">"},
		"folded lines":                {"", "From: a\nDate: Wed, 27 Dec 2023 10:00:00 +0000\nX: y\n" + strings.Repeat(" a\n", n)},
		"stray lines":                 {"message/rfc822", strings.Repeat("x\n", 60_000) + "Subject: s\n\nwords"},
		"encoded words begun":         {"message/rfc822", "Subject: " + strings.Repeat("=?", 60_000) + "\n\nwords"},
		"continuations":               {"message/rfc822", "Content-Type: text/plain" + numbered(9000) + "\n\nwords"},
		"boundary lines":              {"message/rfc822", "Content-Type: multipart/mixed\n\n" + strings.Repeat("--\n", n)},
		"open parentheses":            {"text/plain", strings.Repeat("(S\n", n)},
		"base64 padding":              {"message/rfc822", "Content-Transfer-Encoding: base64\n\n" + strings.Repeat("eA==\n", n)},
		"characters that grow (NFKC)": {"text/plain", strings.Repeat("\uFDFA", 100_000)},
		"combining marks":             {"text/plain", "a" + strings.Repeat("\u0315\u0300", 100_000)},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := intake.Parse(input(in.media, []byte(in.body)), intake.DefaultLimits())
			if err != nil {
				usable(t, err)
				return
			}
			whole(t, []byte(in.body), r)
		})
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ";a*%d=b", i)
	}
	return b.String()
}
