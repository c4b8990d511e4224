package intake

import (
	"html"
	"strings"
)

// breaks says how many line ends a tag asks for around it. Tags that are not
// listed are part of a line.
var breaks = map[string]int{"p": 2, "h1": 2, "h2": 2, "h3": 2, "h4": 2, "h5": 2, "h6": 2, "blockquote": 2, "table": 2, "ul": 2, "ol": 2,
	"pre": 2, "div": 1, "tr": 1, "li": 1, "hr": 1, "section": 1, "article": 1, "header": 1, "footer": 1, "title": 2, "body": 1,
	"address": 1, "dt": 1, "dd": 1, "form": 1, "center": 1, "head": 1, "option": 1}

// textOfHTML gives the words of an HTML page as plain text, one paragraph per
// block. It is total and takes time linear in the size of the page. It does not
// drop what a browser would: where a tag, comment or script is left open, the
// rest is text.
func textOfHTML(s string) string {
	w := &htmlWriter{}
	r := &htmlReader{src: s}
	for !r.done() {
		text, tag, attrs := r.next()
		w.text(text)
		w.tag(tag, attrs)
	}
	return strings.TrimSpace(w.out.String())
}

// htmlReader cuts a page into text and tags.
type htmlReader struct {
	src      string
	at       int
	plainTo  int             // before this offset a tag ends at the first ">", quoted or not
	noCloser map[string]bool // "-->" or "</script" known not to come any more
}

func (r *htmlReader) done() bool { return r.at >= len(r.src) }

// next returns the text up to the next tag, and that tag's name in lower case
// ("/p" for an end tag, "" for none) with its attributes as written.
func (r *htmlReader) next() (text, tag, attrs string) {
	from := r.at
	for {
		i := strings.IndexByte(r.src[r.at:], '<')
		if i < 0 {
			r.at = len(r.src)
			return r.src[from:], "", ""
		}
		start := r.at + i
		end := r.markupEnd(start)
		if end < 0 { // a "<" that opens nothing
			r.at = start + 1
			continue
		}
		r.at = end
		tag, attrs = tagName(r.src[start:end])
		if hidden(tag) {
			r.skipTo("</" + tag)
		}
		return r.src[from:start], tag, attrs
	}
}

func hidden(tag string) bool { return tag == "script" || tag == "style" }

// markupEnd returns the offset after the tag, comment or declaration that
// begins at start, or -1 if none does.
func (r *htmlReader) markupEnd(start int) int {
	rest := r.src[start:]
	if strings.HasPrefix(rest, "<!--") && !r.noCloser["-->"] {
		if i := strings.Index(rest[4:], "-->"); i >= 0 {
			return start + 4 + i + 3
		}
		r.never("-->")
	}
	if len(rest) < 2 || !letter(rest[1]) && rest[1] != '!' && rest[1] != '?' && (rest[1] != '/' || len(rest) < 3 || !letter(rest[2])) {
		return -1
	}
	return r.tagEnd(start)
}

// tagEnd finds the ">" that ends a tag, passing over quoted attribute values.
// If there is none that way, the quotes are unbalanced: then the first ">"
// counts for all tags up to where the search got, which keeps the whole linear.
func (r *htmlReader) tagEnd(start int) int {
	i := start
	if start >= r.plainTo {
		for i < len(r.src) && r.src[i] != '>' {
			if c := r.src[i]; c == '"' || c == '\'' {
				n := strings.IndexByte(r.src[i+1:], c)
				if n < 0 {
					i = len(r.src)
					break
				}
				i += n + 1
			}
			i++
		}
		if i < len(r.src) {
			return i + 1
		}
		r.plainTo = len(r.src)
	}
	if r.noCloser[">"] {
		return -1
	}
	if n := strings.IndexByte(r.src[start:], '>'); n >= 0 {
		return start + n + 1
	}
	r.never(">")
	return -1
}

// skipTo moves to the next occurrence of closer in any case, if there is one.
func (r *htmlReader) skipTo(closer string) {
	if r.noCloser[closer] {
		return
	}
	for i := r.at; ; i++ {
		n := strings.IndexByte(r.src[i:], '<')
		if n < 0 {
			break
		}
		i += n
		if len(r.src)-i >= len(closer) && strings.EqualFold(r.src[i:i+len(closer)], closer) {
			r.at = i
			return
		}
	}
	r.never(closer)
}

func (r *htmlReader) never(closer string) {
	if r.noCloser == nil {
		r.noCloser = map[string]bool{}
	}
	r.noCloser[closer] = true
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func tagName(markup string) (name, attrs string) {
	inner := strings.TrimSuffix(markup[1:], ">")
	end := strings.IndexFunc(inner, func(r rune) bool { return r <= ' ' || r == '/' })
	if strings.HasPrefix(inner, "/") {
		if end = strings.IndexFunc(inner[1:], func(r rune) bool { return r <= ' ' || r == '/' }); end >= 0 {
			end++
		}
	}
	if end < 0 {
		return strings.ToLower(inner), ""
	}
	return strings.ToLower(inner[:end]), inner[end:]
}

// htmlWriter lays out text with white space collapsed, except within <pre>.
type htmlWriter struct {
	out     strings.Builder
	pending int  // line ends owed before the next word
	space   bool // a space is owed before the next word
	pre     int
}

func (w *htmlWriter) text(s string) {
	if s == "" {
		return
	}
	s = strings.ReplaceAll(html.UnescapeString(s), "\u00A0", " ")
	if w.pre > 0 {
		w.settle()
		w.out.WriteString(s)
		return
	}
	if leadingSpace(s) {
		w.space = true
	}
	for _, word := range strings.Fields(s) {
		w.settle()
		w.out.WriteString(word)
		w.space = true
	}
	w.space = leadingSpace(s[len(s)-1:])
}

func leadingSpace(s string) bool { return strings.TrimLeft(s[:1], " \t\r\n\f") == "" }

// settle writes the white space owed.
func (w *htmlWriter) settle() {
	if w.out.Len() > 0 {
		if w.pending > 0 {
			w.out.WriteString("\n\n"[:w.pending])
		} else if w.space {
			w.out.WriteByte(' ')
		}
	}
	w.pending, w.space = 0, false
}

func (w *htmlWriter) tag(name, attrs string) {
	plain := strings.TrimPrefix(name, "/")
	switch {
	case plain == "br" && name == plain:
		w.pending = min(w.pending+1, 2)
	case breaks[plain] > 0:
		w.pending = max(w.pending, breaks[plain])
	case plain == "td" || plain == "th":
		w.space = true
	}
	switch name {
	case "li":
		w.text("- ")
	case "pre":
		w.pre++
	case "/pre":
		w.pre = max(0, w.pre-1)
	case "img", "area":
		w.text(" " + altText(attrs) + " ")
	}
}

// altText returns the alt attribute, which stands for an image's words.
func altText(attrs string) string {
	i := strings.Index(strings.ToLower(attrs), "alt=")
	if i < 0 || len(strings.ToLower(attrs)) != len(attrs) {
		return ""
	}
	val := attrs[i+len("alt="):]
	if val != "" && (val[0] == '"' || val[0] == '\'') {
		val, _, _ = strings.Cut(val[1:], val[:1])
		return val
	}
	val, _, _ = strings.Cut(val, " ")
	return val
}
