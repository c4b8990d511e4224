package intake

import (
	"bytes"
	"strings"
)

// multipart reads a part that consists of parts (RFC 2046 section 5.1).
func (p *parser) multipart(kind, boundary string, raw []byte, depth int) (body, error) {
	split := splitParts(raw, boundary, p.lim.Parts)
	if len(split.parts) == 0 {
		if guessed := guessBoundary(raw); guessed != "" {
			p.note("The boundary between the parts is missing or wrong; %q is used.", clip(line(guessed)))
			split = splitParts(raw, guessed, p.lim.Parts)
		}
	}
	if len(split.parts) == 0 {
		p.note("A multipart message has no parts that can be found; all of it is read as text.")
		text, err := p.leaf(rawText{where: "message", data: raw})
		return body{pieces: []piece{{text: text}}}, err
	}
	if !split.closed {
		p.note("The end of the last part is missing; the message may have been cut off on its way.")
	}
	def := ""
	if kind == "multipart/digest" {
		def = "message/rfc822"
	}
	children := make([]body, 0, len(split.parts))
	for _, b := range split.parts {
		h, rest, err := p.header(b)
		if err != nil {
			return body{}, err
		}
		child, err := p.part(h, rest, def, depth+1)
		if err != nil {
			return body{}, err
		}
		children = append(children, child)
	}
	var found body
	if kind == "multipart/alternative" {
		found = p.alternative(children)
	} else {
		for _, c := range children {
			found.add(c)
		}
	}
	found.spare = append(found.spare, p.outside(split)...)
	return found, nil
}

// outside returns the text before the first and after the last part. Mail
// readers do not show it, and old ones were told there that they are old.
func (p *parser) outside(s splitting) []rawText {
	var out []rawText
	for _, b := range [][]byte{s.preamble, s.epilogue} {
		if len(bytes.TrimSpace(b)) == 0 || boilerplate(b) {
			continue
		}
		p.note("%s stand outside the MIME parts of the message, where mail readers do not show them: %q.",
			plural(len(b), "byte"), clip(line(string(b[:min(len(b), 2*clipBytes)]))))
		out = append(out, rawText{where: "text outside the parts", data: b})
	}
	return out
}

func boilerplate(b []byte) bool {
	s := strings.ToLower(string(b[:min(len(b), 200)]))
	return len(b) < 400 && strings.Contains(s, "multi") && strings.Contains(s, "mime")
}

// alternative picks among several forms of one text: the first that has words,
// as a rule the plain one. Where another form says much more, it is given too:
// many plain forms only say that the HTML is to be looked at.
func (p *parser) alternative(forms []body) body {
	var found body
	var used int // words in the form picked
	for _, f := range forms {
		found.spare = append(found.spare, f.spare...)
		found.files = append(found.files, f.files...)
		text, _ := joined(f.pieces)
		switch n := len(strings.Fields(text)); {
		case n == 0:
		case used == 0:
			found.pieces, used = f.pieces, n
		case n > 3*used+10:
			p.note("The message gives its text in forms that differ much in length; both are kept.")
			found.pieces = append(found.pieces, f.pieces...)
			used += n
		}
	}
	return found
}

// splitting is a multipart body taken apart.
type splitting struct {
	parts              [][]byte
	preamble, epilogue []byte
	closed             bool // the final boundary was there
}

// splitParts cuts raw at the lines that are the boundary. It stops looking
// after one part more than limit, which is then refused for its number.
func splitParts(raw []byte, boundary string, limit int) splitting {
	var s splitting
	if boundary == "" {
		return s
	}
	delim := []byte("--" + boundary)
	start, at := -1, 0 // of the part being read; start < 0: still in the preamble
	for at < len(raw) && len(s.parts) <= limit {
		l, _ := cutLine(raw[at:])
		final, ok := boundaryLine(l, delim)
		if !ok {
			at += len(l)
			continue
		}
		if start < 0 {
			s.preamble = raw[:at]
		} else {
			s.parts = append(s.parts, trimLineEnd(raw[start:at]))
		}
		at += len(l)
		start = at
		if final {
			s.closed, s.epilogue = true, raw[at:]
			return s
		}
	}
	if start >= 0 && start < len(raw) && len(s.parts) <= limit {
		s.parts = append(s.parts, raw[start:])
	}
	return s
}

// boundaryLine reports whether l is the delimiter, and whether the final one.
func boundaryLine(l, delim []byte) (final, ok bool) {
	rest, ok := bytes.CutPrefix(l, delim)
	if !ok {
		return false, false
	}
	rest, final = bytes.CutPrefix(rest, []byte("--"))
	return final, len(bytes.TrimSpace(rest)) == 0
}

// trimLineEnd removes the line end that belongs to the boundary after it.
func trimLineEnd(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}

// guessBoundary finds the first line that begins with "--" and is followed by
// a Content- header, and returns what stands after the dashes.
func guessBoundary(raw []byte) string {
	for b := raw; len(b) > 0; {
		l, rest := cutLine(b)
		if name, ok := bytes.CutPrefix(bytes.TrimSpace(l), []byte("--")); ok && len(name) > 0 && len(name) <= 200 {
			next, _ := cutLine(rest)
			if strings.HasPrefix(strings.ToLower(fieldName(next)), "content-") {
				return string(name)
			}
		}
		b = rest
	}
	return ""
}
