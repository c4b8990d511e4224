package intake

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
	"tocsin"
)

// Input is one submission as it reached the system.
type Input struct {
	Media    string // declared media type with parameters; "" or application/octet-stream means: find out
	Bytes    []byte
	Entered  time.Time // when it reached this system
	ID       tocsin.ReportID
	Declared Declared
}

// Declared is what the submitter says beside the bytes: HTTP headers, flags, a
// form. Where it is empty, what the bytes say of themselves is used; where both
// speak and differ, Declared stands and the other is kept as a note. Controlled
// holds if either says so.
type Declared struct {
	SourceKey, Subject, Language, Origin, Conveyor, Marking, Originator string

	Controlled bool
	Occurred   time.Time
	Grading    tocsin.Grading
}

// Limits bounds what is read. A field of zero or less takes its default.
type Limits struct {
	Bytes       int // of the whole input
	Depth       int // MIME parts within parts
	JSONDepth   int // JSON values within values
	Parts       int // MIME parts of one message, at all depths
	Attachments int // listed in one report
	TextBytes   int // of the text after decoding
	Header      int // bytes of one header block
	Field       int // bytes of one field that is not the text: subject, origin, source key
}

// DefaultLimits are the limits used where a configuration says nothing.
func DefaultLimits() Limits {
	return Limits{Bytes: 25 << 20, Depth: 10, JSONDepth: 32, Parts: 200, Attachments: 100,
		TextBytes: 1 << 20, Header: 128 << 10, Field: 4 << 10}
}

func (l Limits) filled() Limits {
	d := DefaultLimits()
	for _, f := range []struct {
		have *int
		def  int
	}{{&l.Bytes, d.Bytes}, {&l.Depth, d.Depth}, {&l.JSONDepth, d.JSONDepth}, {&l.Parts, d.Parts},
		{&l.Attachments, d.Attachments}, {&l.TextBytes, d.TextBytes}, {&l.Header, d.Header}, {&l.Field, d.Field}} {
		if *f.have <= 0 {
			*f.have = f.def
		}
	}
	return l
}

// The values of tocsin.Report.Format.
const (
	FormatText  = "text" // also HTML, which is turned into text
	FormatEmail = "email"
	FormatJSON  = "json"
)

// content is what one format's reader found in the bytes.
type content struct {
	format string
	text   string
	core   string // the text without lines that only the wrapping adds; what a re-post has in common
	says   Declared
	files  []tocsin.Attachment
}

// Parse reads one submission. An error is a *tocsin.Error of kind Invalid or
// TooLarge with Kept left empty: the caller keeps the bytes and says where.
func Parse(in Input, lim Limits) (tocsin.Report, error) {
	p := &parser{lim: lim.filled(), entered: tocsin.Instant(in.Entered)}
	if len(in.Bytes) > p.lim.Bytes {
		return tocsin.Report{}, tocsin.Faultf(tocsin.TooLarge, "input_too_large",
			"Send the text alone, or have the limit raised.",
			"The input has %d bytes; at most %d are read.", len(in.Bytes), p.lim.Bytes)
	}
	declared, err := p.declared(in.Declared)
	if err != nil {
		return tocsin.Report{}, err
	}
	p.beside = declared
	got, err := p.read(in.Media, in.Bytes)
	if err != nil {
		return tocsin.Report{}, err
	}
	return p.report(in, p.merge(declared, got.says), got)
}

// parser holds what accumulates over one input.
type parser struct {
	lim     Limits
	entered time.Time
	beside  Declared // what the submitter says beside the bytes
	notes   []string
	parts   int // MIME parts so far
	files   int // attachments so far
	text    int // bytes of text so far
}

const maxNotes = 60

// note records an assumption once. The notes are bounded because a hostile
// message can cause one per byte; the raw bytes are kept anyway.
func (p *parser) note(format string, args ...any) {
	n := fmt.Sprintf(format, args...)
	switch {
	case slices.Contains(p.notes, n):
	case len(p.notes) < maxNotes:
		p.notes = append(p.notes, n)
	case len(p.notes) == maxNotes:
		p.notes = append(p.notes, "Further notes are left out; look at the raw bytes.")
	}
}

func (p *parser) read(media string, b []byte) (content, error) {
	kind, params := parameters(line(media))
	switch {
	case kind == "" || kind == "application/octet-stream":
		return p.readDetected(b, params["charset"])
	case kind == "application/json" || kind == "text/json":
		return p.json(b)
	case kind == "message/rfc822" || kind == "message/global":
		return p.email(b)
	case kind == "text/html" || kind == "application/xhtml+xml":
		return p.html(b, params["charset"])
	case strings.HasPrefix(kind, "text/"):
		return p.plain(b, params["charset"])
	}
	return content{}, tocsin.Faultf(tocsin.Invalid, "media_unsupported",
		"Send text/plain, text/html, message/rfc822 or application/json; a document goes as an attachment to an e-mail.",
		"Input of media type %q cannot be read as a report.", clip(kind))
}

func (p *parser) readDetected(b []byte, charset string) (content, error) {
	switch {
	case looksLikeJSON(b):
		return p.json(b)
	case looksLikeEmail(b):
		return p.email(b)
	}
	return p.plain(b, charset)
}

// looksLikeJSON reports whether b begins like a JSON object. A text that merely
// begins with a brace does not.
func looksLikeJSON(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{"))
	if !ok {
		return false
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return bytes.HasPrefix(rest, []byte(`"`)) || bytes.HasPrefix(rest, []byte("}"))
}

// report puts together what was found. Text of nothing but white space falls
// back to the subject, because a mail gateway's "subject only" message is still
// a report.
func (p *parser) report(in Input, says Declared, got content) (tocsin.Report, error) {
	text, core := strings.TrimSpace(got.text), got.core
	if blank(text) {
		text = ""
		if !blank(says.Subject) {
			text, core = says.Subject, says.Subject
			p.note("There is no text; the subject stands as the text.")
		}
	}
	switch {
	case len(text) > p.lim.TextBytes:
		return tocsin.Report{}, p.textTooLarge(len(text))
	case text == "" && len(got.files) == 0:
		return tocsin.Report{}, tocsin.Fault(tocsin.Invalid, "input_empty",
			"The input holds no text and no attachment.", "Send the words of the report.").At("text")
	case text == "":
		p.note("There is no text; everything is in the attachments.")
	}
	if strings.ContainsAny(text, "\u202D\u202E") {
		p.note("The text overrides the direction of writing; what is shown may be in another order than what is stored.")
	}
	if says.Marking == "" {
		if says.Marking = banner(text); says.Marking != "" {
			p.note("The marking is taken from the first line of the text.")
		}
	}
	return tocsin.Report{
		ID: in.ID, Format: got.format, Raw: tocsin.DigestOf(in.Bytes), Size: len(in.Bytes),
		Content: contentDigest(core, got.files), SourceKey: says.SourceKey, Subject: says.Subject,
		Text: text, Language: says.Language, Portions: Portions(text),
		Occurred: says.Occurred, Entered: p.entered,
		Origin: says.Origin, Conveyor: says.Conveyor, Grading: says.Grading,
		Marking: says.Marking, Originator: says.Originator, Controlled: says.Controlled,
		Attachments: got.files, Notes: p.notes,
	}, nil
}

func (p *parser) textTooLarge(n int) error {
	return tocsin.Faultf(tocsin.TooLarge, "text_too_large",
		"Send it in several reports, or the long document as an attachment with the words that matter as text.",
		"The text has at least %d bytes; at most %d are read.", n, p.lim.TextBytes)
}

// contentDigest names what a report says. Attachments count: two messages that
// say "see attached" of different documents are not re-posts of each other.
func contentDigest(core string, files []tocsin.Attachment) tocsin.Digest {
	said := Normal(core)
	if said == "" && !blank(core) {
		said = core // text of nothing but quotation marks still differs from no text
	}
	if len(files) == 0 {
		return tocsin.DigestOf([]byte(said))
	}
	sums := make([]string, 0, len(files)+1)
	for _, f := range files {
		sums = append(sums, string(f.SHA))
	}
	slices.Sort(sums)
	return tocsin.DigestOf([]byte(said + "\n" + strings.Join(slices.Compact(sums), "\n")))
}

// declared checks what the submitter says and brings it to stored form.
func (p *parser) declared(d Declared) (Declared, error) {
	for _, f := range d.fields() {
		clean := line(*f.text)
		if len(clean) > p.lim.Field {
			return d, p.fieldTooLarge(f.name, len(clean))
		}
		if clean != strings.TrimSpace(*f.text) {
			p.note("Characters that cannot be shown were taken out of the declared %s.", f.name)
		}
		*f.text = clean
	}
	d.Occurred = tocsin.Instant(d.Occurred)
	return d, p.check(d, "declared ")
}

// check refuses stated values that later stages could only misread. where says
// who stated them, such as "declared ".
func (p *parser) check(d Declared, where string) error {
	if d.Language != "" {
		if _, err := language.Parse(d.Language); err != nil {
			return tocsin.Faultf(tocsin.Invalid, "language", "Use a BCP 47 tag such as en, fa or zh-Hant, or leave it out.",
				"The %slanguage %q is not a language tag.", where, clip(d.Language)).At("language")
		}
	}
	if !d.Occurred.IsZero() && d.Occurred.Before(earliestPlausible) {
		return tocsin.Faultf(tocsin.Invalid, "occurred", "Give the time as RFC 3339, such as 2024-01-03T09:10:00Z, or leave it out.",
			"The %soccurred time %s is before 1990 and would make every deadline already missed.", where, d.Occurred.Format(time.RFC3339)).At("occurred")
	}
	if d.Occurred.After(p.entered) && !p.entered.IsZero() {
		p.note("The stated time (%s) is after the report was entered; clocks run from its entry.", d.Occurred.Format(time.RFC3339))
	}
	return checkGrading(d.Grading, where)
}

// earliestPlausible bounds stated times from below: an unset clock says 1970
// or 1980, and a wrong first-known time moves every deadline.
var earliestPlausible = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// gradingValues are the letters and digits of each scheme (domain notes 4.1).
var gradingValues = map[string]struct{ source, information string }{
	"admiralty": {"ABCDEF", "123456"},
	"3x5x2":     {"123", "ABCDE"},
}

func checkGrading(g tocsin.Grading, where string) error {
	if g == (tocsin.Grading{}) {
		return nil
	}
	v, ok := gradingValues[g.Scheme]
	oneOf := func(s, allowed string) bool {
		return s == "" || len(s) == 1 && strings.Contains(allowed, s)
	}
	if ok && oneOf(g.Source, v.source) && oneOf(g.Information, v.information) && g.Source+g.Information != "" {
		return nil
	}
	return tocsin.Faultf(tocsin.Invalid, "grading",
		"Use scheme admiralty with source A-F and information 1-6, or 3x5x2 with source 1-3 and information A-E.",
		"The %sgrading %s cannot be read.", where,
		fmt.Sprintf("(scheme %q, source %q, information %q)", clip(g.Scheme), clip(g.Source), clip(g.Information))).At("grading")
}

func (p *parser) fieldTooLarge(name string, n int) error {
	return tocsin.Faultf(tocsin.TooLarge, "field_too_large", "Shorten it, and put the words into the text.",
		"The %s has %d bytes; at most %d are read.", name, n, p.lim.Field)
}

// merge lets the submitter's word stand over that of the bytes, and keeps the
// latter as a note where they differ.
func (p *parser) merge(declared, says Declared) Declared {
	theirs := says.fields()
	for i, f := range declared.fields() {
		if said := *theirs[i].text; *f.text == "" {
			*f.text = said
		} else if said != "" && said != *f.text {
			p.note("The %s was declared beside the bytes; in the bytes it is %q.", f.name, clip(said))
		}
	}
	switch {
	case declared.Occurred.IsZero():
		declared.Occurred = says.Occurred
	case !says.Occurred.IsZero() && !says.Occurred.Equal(declared.Occurred):
		p.note("The time was declared beside the bytes; in the bytes it is %s.", says.Occurred.Format(time.RFC3339))
	}
	switch {
	case declared.Grading == (tocsin.Grading{}):
		declared.Grading = says.Grading
	case says.Grading != (tocsin.Grading{}) && says.Grading != declared.Grading:
		p.note("The grading was declared beside the bytes; in the bytes it is %s %s%s.",
			says.Grading.Scheme, says.Grading.Source, says.Grading.Information)
	}
	declared.Controlled = declared.Controlled || says.Controlled
	return declared
}

// namedText is one text field of Declared under the name that people see.
type namedText struct {
	name string
	text *string
}

func (d *Declared) fields() []namedText {
	return []namedText{{"source_key", &d.SourceKey}, {"subject", &d.Subject}, {"language", &d.Language}, {"origin", &d.Origin},
		{"conveyor", &d.Conveyor}, {"marking", &d.Marking}, {"originator", &d.Originator}}
}
