package smtp

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"tocsin"
	"tocsin/deliver"
	"tocsin/release"
)

// envelope is one mail ready for the wire.
type envelope struct {
	from, to string
	key      tocsin.DeliveryKey
	data     []byte // header and body with CRLF line ends, dots stuffed, final dot included
	size     int    // bytes before dot stuffing, for SIZE (RFC 1870)
	utf8     bool   // an address needs SMTPUTF8 (RFC 6531)
	words    tocsin.Digest
}

// compose makes the mail for m. The result depends on m and c alone, so a
// repeat is identical.
//
// The MIME is written here and not by a mail library because the words must
// survive to the byte: the library that was tried (go-mail) folds a long subject at
// white space and so loses double spaces, drops leading ones, and sends a
// subject that looks like an encoded-word unencoded, for the reader to decode.
//
// A warning has no Auto-Submitted header: a named person released this (RFC 3834
// section 5 keeps the header for what no person started), ticket systems drop
// what carries it, and it would suppress the out-of-office answer, which tells
// the watch that nobody is reading.
func compose(c Config, m release.Message) (envelope, error) {
	e, err := c.write(letter{key: m.Key(), to: m.Rung().Address, date: m.Cleared(), reference: m.Reference(), kind: string(m.Type()), text: m.Text()})
	if err != nil {
		return envelope{}, err
	}
	if e.words != m.Body() {
		return envelope{}, notTheWords()
	}
	return e, nil
}

// letter is what a mail is made of.
type letter struct {
	key             tocsin.DeliveryKey
	to              string
	date            time.Time
	reference, kind string
	text            tocsin.Text
	automatic       bool // no person started it (RFC 3834)
}

func (c Config) write(l letter) (envelope, error) {
	if !validMailbox(l.to) {
		return envelope{}, deliver.Refusal(tocsin.Faultf(tocsin.Invalid, "mail_address", "Correct the rung in the directory to one mailbox, such as desk@example.org.",
			"Nothing was sent: %q is not a mailbox.", l.to))
	}
	if !languageTag(l.text.Language) {
		return envelope{}, deliver.Refusal(tocsin.Faultf(tocsin.Invalid, "mail_language", "Give the text a language tag such as en or fa-AF.",
			"Nothing was sent: %q is not a language tag.", l.text.Language))
	}
	var b bytes.Buffer
	b.Grow(1024 + len(l.text.Body)*3/2)
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	header("Date", l.date.UTC().Format(time.RFC1123Z))
	header("From", c.sender())
	header("To", l.to)
	header("Message-ID", MessageID(l.key, c.Domain))
	header("Subject", unstructured(l.text.Subject))
	header("X-Tocsin-Reference", unstructured(l.reference))
	header("X-Tocsin-Type", unstructured(l.kind))
	if l.automatic {
		header("Auto-Submitted", "auto-generated")
	}
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Language", l.text.Language)
	header("Content-Transfer-Encoding", "base64")
	b.WriteString("\r\n")
	writeBase64(&b, l.text.Body)

	words, err := wordsOf(b.Bytes())
	if err != nil {
		return envelope{}, notTheWords()
	}
	return envelope{from: c.From, to: l.to, key: l.key, data: dotted(b.Bytes()), size: b.Len(),
		utf8: !isASCII(c.From) || !isASCII(l.to), words: words}, nil
}

func notTheWords() error {
	return deliver.Refusal(tocsin.Fault(tocsin.Invalid, "mail_words", "Nothing was sent: the composed mail does not say exactly what was cleared.",
		"Give the text another subject, without unusual characters, and release the new version."))
}

// writeBase64 encodes body as it is. RFC 2046 section 4.1.1 would have its line
// feeds turned into CR LF first; that would change the bytes that were cleared,
// and mail programs show either.
func writeBase64(b *bytes.Buffer, body string) {
	const perLine = 57 // gives 76 characters, RFC 2045 section 6.8
	for len(body) > 0 {
		n := min(perLine, len(body))
		b.Write(base64.StdEncoding.AppendEncode(b.AvailableBuffer(), []byte(body[:n])))
		b.WriteString("\r\n")
		body = body[n:]
	}
}

// unstructured writes a header value so that it reads back as it was: as it is
// where nothing on the way could change it, otherwise as encoded-words (RFC 2047).
func unstructured(s string) string {
	if safeHeader(s) {
		return s
	}
	const perWord = 30                   // bytes; keeps every line, with the longest header name here, under 76
	s = strings.ToValidUTF8(s, "\uFFFD") // a reference is not checked for it before
	var words []string
	for len(s) > 0 {
		n := min(perWord, len(s))
		for n < len(s) && !utf8.RuneStart(s[n]) { // a word holds whole characters
			n--
		}
		words = append(words, "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, "\r\n ")
}

func safeHeader(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(s) <= 50 && strings.TrimSpace(s) == s && !strings.Contains(s, "  ") && !strings.Contains(s, "=?")
}

func languageTag(s string) bool {
	return s != "" && len(s) <= 35 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// dotted stuffs dots (RFC 5321 section 4.5.2) and adds the final one. data ends
// with CRLF.
func dotted(data []byte) []byte {
	out := bytes.ReplaceAll(data, []byte("\r\n."), []byte("\r\n.."))
	if bytes.HasPrefix(out, []byte(".")) {
		out = append([]byte("."), out...)
	}
	return append(out, ".\r\n"...)
}

// wordsOf reads the words back out of a composed mail, with the standard
// library's reader rather than with the code that wrote them, and digests them.
func wordsOf(data []byte) (tocsin.Digest, error) {
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	if err != nil {
		return "", err
	}
	return release.BodyDigest(tocsin.Text{Language: m.Header.Get("Content-Language"), Subject: subject, Body: string(body)}), nil
}

// MessageID is the Message-ID for a key: "<key@domain>". Characters that may not
// stand there (RFC 5322 section 3.6.4) are written as "=" and two hex digits.
func MessageID(key tocsin.DeliveryKey, domain string) string {
	var b strings.Builder
	b.WriteByte('<')
	for i, c := range []byte(key) {
		edge := c == '.' && (i == 0 || i == len(key)-1 || key[i-1] == '.')
		if c != '=' && (c == '.' && !edge || c < utf8.RuneSelf && atext(rune(c))) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String() + "@" + domain + ">"
}

// KeyOf is the reverse of MessageID, for receivers and for reading bounces. It
// reports false for a Message-ID that MessageID could not have made.
func KeyOf(messageID string) (tocsin.DeliveryKey, bool) {
	inner, ok := strings.CutPrefix(strings.TrimSpace(messageID), "<")
	inner, ok2 := strings.CutSuffix(inner, ">")
	at := strings.LastIndexByte(inner, '@')
	if !ok || !ok2 || at < 1 {
		return "", false
	}
	var b strings.Builder
	for s := inner[:at]; s != ""; {
		if s[0] != '=' {
			b.WriteByte(s[0])
			s = s[1:]
			continue
		}
		var c byte
		if len(s) < 3 {
			return "", false
		}
		if _, err := fmt.Sscanf(s[1:3], "%02X", &c); err != nil {
			return "", false
		}
		b.WriteByte(c)
		s = s[3:]
	}
	key := tocsin.DeliveryKey(b.String())
	return key, MessageID(key, inner[at+1:]) == "<"+inner+">"
}
