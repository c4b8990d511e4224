package intake

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin"
)

// plain reads plain text. Here, unlike within an e-mail, there is nothing but
// the bytes to go by, so anything that looks binary is refused.
func (p *parser) plain(b []byte, charset string) (content, error) {
	text, err := p.wholeText(b, charset)
	if err != nil {
		return content{}, err
	}
	text = p.clean(text, "text")
	return content{format: FormatText, text: text, core: text}, nil
}

// html reads a page on its own, as a web form or a saved mail gives it.
func (p *parser) html(b []byte, charset string) (content, error) {
	if charset == "" {
		charset = metaCharset(b)
	}
	source, err := p.wholeText(b, charset)
	if err != nil {
		return content{}, err
	}
	text := p.clean(textOfHTML(source), "text")
	p.note("The text was taken out of an HTML page.")
	return content{format: FormatText, text: text, core: text}, nil
}

// wholeText decodes an input that is one text, and refuses what is not text.
func (p *parser) wholeText(b []byte, charset string) (string, error) {
	if kind := magic(b); kind != "" {
		return "", notText("It begins like " + kind + ".")
	}
	text := p.decode(b, charset, "text")
	switch nul := strings.IndexByte(text, 0); {
	case nul >= 0:
		return "", notText("It has NUL characters, the first after " + plural(nul, "byte") + ".")
	case mostlyControls(text):
		return "", notText("It is full of control characters.")
	}
	return text, nil
}

func notText(why string) error {
	return tocsin.Fault(tocsin.Invalid, "input_binary", "The input is not text. "+why,
		"Send a document as an attachment to an e-mail, or its words as text; name the charset if it is text in an unusual one, such as text/plain; charset=utf-16le.")
}

// magic names the kind of file that b begins like, or returns "".
func magic(b []byte) string {
	for _, m := range []struct{ head, name string }{
		{"%PDF-", "a PDF document"}, {"PK\x03\x04", "a ZIP archive or an office document"}, {"\x89PNG", "a PNG image"},
		{"\xFF\xD8\xFF", "a JPEG image"}, {"GIF8", "a GIF image"}, {"\x1F\x8B", "a gzip archive"},
		{"\xD0\xCF\x11\xE0", "an old office document or an Outlook message"}, {"\x7FELF", "a program"},
		{"{\\rtf", "a rich text document"},
	} {
		if bytes.HasPrefix(b, []byte(m.head)) {
			return m.name
		}
	}
	return ""
}

// mostlyControls reports whether more than one character in twenty is a control
// character that no text contains.
func mostlyControls(s string) bool {
	n, all := 0, 0
	for _, r := range s {
		all++
		if unicode.IsControl(r) && !unicode.IsSpace(r) && r != '\b' && r != 0x1B {
			n++
		}
	}
	return n*20 > all
}

// clean brings text to stored form: valid UTF-8, "\n" line ends, tabs, and no
// other control characters, since those would act on a terminal or hide words.
// Direction marks and joiners stay: Persian and Arabic need them.
func (p *parser) clean(s, where string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.TrimPrefix(s, "\uFEFF")
	s = lineEnds.Replace(s)
	removed := 0
	out := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			removed++
			return -1
		}
		return r
	}, s)
	if removed > 0 {
		p.note("%s: %s taken out.", where, plural(removed, "control character"))
	}
	return out
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\f", "\n", "\v", "\n")

// line brings a field to stored form: one line of valid UTF-8, white space
// collapsed, without control characters and direction overrides, so that it
// can be shown in a list, a log or a mail header without acting there.
func line(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r), r == '\uFEFF', r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// blank reports whether s shows nothing: white space, zero-width and control
// characters only.
func blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.IsControl(r) && !invisible(r)
	})
}

const clipBytes = 160

// clip shortens s for a note or an error; the whole of it is in the raw bytes.
func clip(s string) string {
	if len(s) <= clipBytes {
		return s
	}
	n := clipBytes
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// plural writes a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
