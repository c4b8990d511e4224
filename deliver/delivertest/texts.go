package delivertest

import (
	"strings"

	"tocsin"
)

// Sample is a text that something on the way might change.
type Sample struct {
	Name string
	Text tocsin.Text
}

// Texts are samples for which a channel must be exact.
func Texts() []Sample {
	en := func(name, subject, body string) Sample {
		return Sample{name, tocsin.Text{Language: "en", Subject: subject, Body: body}}
	}
	return []Sample{
		{"plain English", Words},
		{"Persian, right to left, with a half-space", tocsin.Text{Language: "fa", Subject: "هشدار: خطر حمله در بازار قصر",
			Body: "مهاجمان می\u200cخواهند ظهر جمعه به بازار قصر حمله کنند.\nاز درِ شرقی بیرون بروید. تلفن ۵۵۵۰۱۷۷\n"}},
		{"both directions on one line", tocsin.Text{Language: "fa-AF", Subject: "Qasr بازار (Friday)", Body: "درِ شرقی (eastern gate) 12:00 تا 14:00 \u200fTW-7\u200e.\n"}},
		{"beyond the basic plane", tocsin.Text{Language: "en", Subject: strings.Repeat("\U0001F6A8 ", 30), Body: strings.Repeat("\U0001F6A8", 100)}},
		en("lines that end a mail", "dots", "one\n.\n..\n.two\n\r\n.\r\nthree\n"),
		en("lines that begin a mail", "from", "From the east\n>From\nSubject: another\n\nBcc: somebody\n"),
		en("line ends of every kind", "ends", "lf\ncrlf\r\ncr\rlfcr\n\rend"),
		en("white space that counts", "  two  spaces\tand a tab ", "  indented\n\ttab  \ntrailing   \n\n\n"),
		en("a very long line", strings.Repeat("subject ", 40), strings.Repeat("no end in sight ", 1000)),
		en("an encoded-word as a subject", "=?utf-8?Q?something_else?=", "=?utf-8?B?c29tZXRoaW5nIGVsc2U=?=\n=C3=A9 &amp; %41 \\u0041"),
		en("a subject that would be a header", "one\r\nBcc: somebody@example.org\r\n\r\ntwo", "body"),
		en("no words at all", "", ""),
		en("markup and quotes", `<b>"it's" & that</b>`, `</script> {"key":"other"} \n "`),
		en("unusual characters", "nul \x00 and del \x7f", "\x00\x01\x1b[31m \u2028 \u2029 \ufeff \u00a0 \ufffd"),
	}
}
