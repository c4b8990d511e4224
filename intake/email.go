package intake

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"tocsin"
)

// piece is a stretch of a message's text.
type piece struct {
	text    string
	wrapper bool // added by forwarding; not part of what a re-post has in common
}

// rawText is a text part that has not been decoded yet.
type rawText struct {
	kind, charset, where string
	data                 []byte
}

// body is what was found in one MIME part and the parts within it.
type body struct {
	pieces []piece
	spare  []rawText // what a mail reader would not show as text; used if there is no other
	files  []tocsin.Attachment
}

func (b *body) add(more body) {
	b.pieces = append(b.pieces, more.pieces...)
	b.spare = append(b.spare, more.spare...)
	b.files = append(b.files, more.files...)
}

// joined returns the text, and the text without what wrapping added.
func joined(pieces []piece) (text, core string) {
	var all, own []string
	for _, p := range pieces {
		t := strings.Trim(p.text, "\n")
		if blank(t) {
			continue
		}
		all = append(all, t)
		if !p.wrapper {
			own = append(own, t)
		}
	}
	return strings.Join(all, "\n\n"), strings.Join(own, "\n\n")
}

// email reads an RFC 5322 message.
func (p *parser) email(b []byte) (content, error) {
	if b = trimStart(b); bytes.IndexByte(b, '\n') < 0 && bytes.IndexByte(b, '\r') >= 0 {
		p.note("Lines end in a bare carriage return.")
		b = bytes.ReplaceAll(b, []byte("\r"), []byte("\n"))
	}
	h, rest, err := p.header(b)
	if err != nil {
		return content{}, err
	}
	if len(h) == 0 {
		p.note("The message has no headers; all of it is read as text.")
	}
	says, err := p.says(h)
	if err != nil {
		return content{}, err
	}
	found, err := p.part(h, rest, "", 0)
	if err != nil {
		return content{}, err
	}
	text, core := joined(found.pieces)
	if text == "" {
		if text, core, err = p.spareText(found.spare); err != nil {
			return content{}, err
		}
	}
	return content{format: FormatEmail, text: text, core: core, says: says, files: found.files}, nil
}

// spareText reads what would not be shown as text, for a message without any.
func (p *parser) spareText(spare []rawText) (text, core string, err error) {
	var pieces []piece
	for _, s := range spare {
		t, err := p.leaf(s)
		if err != nil {
			return "", "", err
		}
		pieces = append(pieces, piece{text: t})
	}
	if text, core = joined(pieces); text != "" {
		p.note("The message shows no text; the text stands outside its MIME parts or in an attachment.")
	}
	return text, core, nil
}

// header splits off a header block and notes what is wrong with it.
func (p *parser) header(b []byte) (header, []byte, error) {
	h, stray, body, size := splitHeader(b, p.lim.Header)
	if size > p.lim.Header {
		return nil, nil, tocsin.Faultf(tocsin.TooLarge, "header_too_large", "Send the words of the message as text/plain.",
			"A header of the message has at least %d bytes; at most %d are read.", size, p.lim.Header)
	}
	for _, s := range stray {
		p.note("A line within the headers is none: %q.", clip(line(p.decode([]byte(s), "", "header"))))
	}
	return h, body, nil
}

// says collects what the message says about itself.
func (p *parser) says(h header) (Declared, error) {
	d := Declared{
		SourceKey: p.messageID(h),
		Subject:   p.words(p.first(h, "Subject"), "Subject"),
		Conveyor:  p.words(p.first(h, "From"), "From"),
		Language:  p.words(p.first(h, "Content-Language"), "Content-Language"),
	}
	for _, f := range d.fields() {
		if len(*f.text) > p.lim.Field {
			return d, p.fieldTooLarge(f.name+" of the message", len(*f.text))
		}
	}
	if d.Conveyor != "" && p.beside.Conveyor == "" {
		p.note("Who passed it on is taken from the From header, which anybody can write.")
	}
	if _, err := language.Parse(d.Language); d.Language != "" && err != nil {
		p.note("The Content-Language %q is not a language tag.", clip(d.Language))
		d.Language = ""
	}
	d.Occurred = p.occurred(p.first(h, "Date"))
	return d, nil
}

// messageID makes the source key. Two different ones give none: a forged second
// one must not make this message pass for a re-post of another.
func (p *parser) messageID(h header) string {
	ids := h.all("Message-ID")
	if len(ids) == 0 {
		return ""
	}
	key := strings.TrimSpace(ids[0])
	for _, id := range ids[1:] {
		if strings.TrimSpace(id) != key {
			p.note("The message has several different Message-IDs; none is used as its source key: %q.", clip(line(strings.Join(ids, " "))))
			return ""
		}
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(key, "<"), ">")
	if bare == "" || len(key) > min(998, p.lim.Field-len("mid:")) || strings.ContainsFunc(bare, func(r rune) bool { return r <= ' ' || r >= 127 || r == '<' || r == '>' }) {
		p.note("The Message-ID %q is not usable as a source key.", clip(line(key)))
		return ""
	}
	return "mid:<" + bare + ">"
}

// occurred takes the Date header for the time at which the sender knew at the
// latest, if it can be true.
func (p *parser) occurred(date string) time.Time {
	if strings.TrimSpace(date) == "" {
		return time.Time{}
	}
	t, ok := mailDate(date)
	switch {
	case !ok:
		p.note("The Date header %q cannot be read and is not used.", clip(line(date)))
	case t.Before(earliestPlausible):
		p.note("The Date header says %s, before 1990, and is not used.", t.Format(time.RFC3339))
	case t.After(p.entered):
		p.note("The Date header says %s, after the report was entered, and is not used.", t.Format(time.RFC3339))
	default:
		if p.beside.Occurred.IsZero() {
			p.note("When it was known is taken from the Date header.")
		}
		return t
	}
	return time.Time{}
}

// part reads the body of a message or MIME part by its media type. def is the
// type where none is declared (RFC 2046: text/plain, in a digest message/rfc822).
func (p *parser) part(h header, raw []byte, def string, depth int) (body, error) {
	if p.parts++; p.parts > p.lim.Parts {
		return body{}, tocsin.Faultf(tocsin.TooLarge, "mime_parts", "Send the words of the message as text/plain.",
			"The message has more than %d parts.", p.lim.Parts)
	}
	if depth > p.lim.Depth {
		return body{}, tocsin.Faultf(tocsin.TooLarge, "mime_depth", "Send the innermost message by itself.",
			"The parts of the message are nested deeper than %d.", p.lim.Depth)
	}
	kind, params := parameters(p.first(h, "Content-Type"))
	if !strings.Contains(kind, "/") {
		if kind != "" {
			p.note("The Content-Type %q cannot be read; the part is read as text.", clip(line(kind)))
		}
		kind = def
	}
	disposition, dparams := parameters(p.first(h, "Content-Disposition"))
	encoding := p.first(h, "Content-Transfer-Encoding")
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		// RFC 2045 forbids encoding a multipart; where it is done all the same
		// the boundaries are visible only in one of the two readings.
		if boundary := params["boundary"]; !bytes.Contains(raw, []byte("--"+boundary)) || boundary == "" {
			raw = p.undo(encoding, raw, "message")
		}
		return p.multipart(kind, params["boundary"], raw, depth)
	case kind == "message/rfc822" || kind == "message/global":
		return p.forwarded(p.undo(encoding, raw, "forwarded message"), depth)
	}
	where := "part " + strconv.Itoa(p.parts)
	data := p.undo(encoding, raw, where)
	t := rawText{kind: kind, charset: params["charset"], where: where, data: data}
	if t.isText() && disposition != "attachment" {
		text, err := p.leaf(t)
		return body{pieces: []piece{{text: text}}}, err
	}
	return p.attachment(t, p.fileName(dparams, params))
}

// isText reports whether a part can be read as text. One that says so and is
// binary all the same cannot.
func (t rawText) isText() bool {
	if t.kind != "" && t.kind != "text/plain" && t.kind != "text/html" {
		return false
	}
	if magic(t.data) != "" {
		return false
	}
	wide := strings.HasPrefix(strings.ToLower(t.charset), "utf-") || strings.HasPrefix(strings.ToLower(t.charset), "ucs-")
	for _, m := range byteOrderMarks {
		wide = wide || bytes.HasPrefix(t.data, m.mark)
	}
	return wide || bytes.Count(t.data, []byte{0})*20 <= len(t.data)
}

// leaf turns one text part into text.
func (p *parser) leaf(t rawText) (string, error) {
	if t.charset == "" && t.kind == "text/html" {
		t.charset = metaCharset(t.data)
	}
	text := p.decode(t.data, t.charset, t.where)
	if t.kind == "text/html" {
		text = textOfHTML(text)
		p.note("%s: the words were taken out of HTML.", t.where)
	}
	text = p.clean(text, t.where)
	if p.text += len(text); p.text > 4*p.lim.TextBytes {
		// A message may give its text in several forms of which one is used, so
		// the exact limit is applied to the outcome; this one bounds the work.
		return "", p.textTooLarge(p.text)
	}
	return text, nil
}

// attachment lists a part that is not the message's text.
func (p *parser) attachment(t rawText, name string) (body, error) {
	if p.files++; p.files > p.lim.Attachments {
		return body{}, tocsin.Faultf(tocsin.TooLarge, "mime_attachments", "Send fewer at a time.",
			"The message has more than %d attachments.", p.lim.Attachments)
	}
	if name == "" {
		name = "unnamed " + t.where
	}
	found := body{files: []tocsin.Attachment{{Name: name, Media: clip(line(t.kind)), Size: len(t.data), SHA: tocsin.DigestOf(t.data)}}}
	if t.isText() {
		found.spare = []rawText{t}
	}
	return found, nil
}

// forwarded reads a message within a message. Its From, Date and Subject become
// lines of the text, so that evidence can point at them.
func (p *parser) forwarded(raw []byte, depth int) (body, error) {
	h, rest, err := p.header(trimStart(raw))
	if err != nil {
		return body{}, err
	}
	var lines []string
	for _, name := range []string{"From", "Date", "Subject"} {
		if v := p.words(p.first(h, name), name); v != "" {
			lines = append(lines, name+": "+v)
		}
	}
	var found body
	if len(lines) > 0 {
		found.pieces = []piece{{text: strings.Join(lines, "\n"), wrapper: true}}
		p.note("The message forwards another; the date of that one is not taken for the time of knowledge. State it if it is.")
	}
	inner, err := p.part(h, rest, "", depth+1)
	found.add(inner)
	return found, err
}
