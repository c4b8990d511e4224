package console

import (
	"net/url"
	"strings"
)

// fieldAt is the field of a form that asks for a part of a command. The core names
// parts as the command's JSON does; names are the exceptions of one form. What was
// typed says under which ground a question of a waiver was asked.
func fieldAt(at string, names map[string]string, typed url.Values) string {
	if name, ok := names[at]; ok {
		return name
	}
	part, rest, _ := strings.Cut(at, ".")
	switch part {
	case "findings", "grade": // findings.ELEMENT.reason; an element may have dots in its name
		i := max(strings.LastIndex(rest, "."), 0)
		return strings.TrimPrefix(rest[i:], ".") + "." + rest[:i]
	case "facts":
		return "fact." + rest
	case "gaps":
		return "gap." + rest
	case "records":
		return "record." + rest
	case "ladder": // ladder.2, or ladder.2.address
		if n, ok := strings.CutSuffix(rest, ".address"); ok {
			return "rung_address." + n
		}
		return "rung_channel." + rest
	case "recipients", "victims": // whatever is the matter with one of them
		return part
	case "evidence":
		return "evidence." + typed.Get("ground") + "." + rest
	case "further": // further.PACK.evidence.QUESTION
		return furtherField(rest, typed)
	}
	return at
}

// furtherField is the field of a claim under a further pack.
func furtherField(rest string, typed url.Values) string {
	for _, part := range []string{"ground", "alternatives"} {
		if pack, ok := strings.CutSuffix(rest, "."+part); ok {
			return part + "." + pack
		}
	}
	if pack, question, ok := strings.Cut(rest, ".evidence."); ok {
		return "evidence." + pack + "." + typed.Get("ground."+pack) + "." + question
	}
	return rest
}
