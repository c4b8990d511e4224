package marking

import (
	"fmt"
	"slices"
	"strings"
)

// uk is a marking of the UK Government Security Classifications; level 0 is none.
type uk struct {
	level ukLevel
	strap uint8    // 1 to 3; 0 is none
	words []string // code words; sorted
	notes []string // handling instructions and descriptors; sorted
	eyes  []string // countries of an eyes-only caveat, sorted, GBR among them; nil is no caveat
}

type ukLevel uint8

const (
	ukOfficial ukLevel = iota + 1
	ukSensitive
	ukSecret
	ukTopSecret
)

var ukNames = [...]string{"", "OFFICIAL", "OFFICIAL-SENSITIVE", "UK SECRET", "UK TOP SECRET"}

// ukHeads are the ways a level is written, a longer one before its own prefix.
var ukHeads = []struct {
	text  string
	level ukLevel
}{
	{"OFFICIAL-SENSITIVE", ukSensitive}, {"OFFICIAL - SENSITIVE", ukSensitive}, {"OFFICIAL SENSITIVE", ukSensitive},
	{"OFFICIAL", ukOfficial}, {"TOP SECRET", ukTopSecret}, {"SECRET", ukSecret},
}

// ukNotes are the descriptors, which say what a text is about, and the handling
// instructions, which say who may not have it.
var ukNotes = []struct {
	name   string
	inside bool // it stays in the organisation unless the originator agrees
	named  bool // it goes to those on the list only
}{
	{name: "COMMERCIAL"}, {name: "LEGAL"}, {name: "LEGAL PROFESSIONAL PRIVILEGE"}, {name: "LOCSEN"}, {name: "MARKET SENSITIVE"},
	{name: "PERSONAL"}, {name: "PERSONAL DATA"},
	{name: "EMBARGOED", inside: true}, {name: "HMG USE ONLY", inside: true}, {name: "ORGANISATIONAL USE ONLY", inside: true},
	{name: "RECIPIENTS ONLY", named: true},
}

// ukHead reports whether s begins or ends as only a UK marking does. An
// eyes-only list that begins with USA behind a double slash is a U.S. one.
func ukHead(s string) bool {
	if strings.HasPrefix(s, "UK ") || strings.HasPrefix(s, "OFFICIAL") || strings.HasPrefix(s, "TOP SECRET STRAP") || strings.HasPrefix(s, "SECRET STRAP") {
		return true
	}
	eyes, ok := strings.CutSuffix(strings.TrimSuffix(s, "]"), " EYES ONLY")
	return ok && !strings.Contains(eyes, "//USA/")
}

// ukSeparators are replaced by as many spaces, so that places stay right. A
// single slash stands in lists only.
var ukSeparators = strings.NewReplacer("//", "  ", " - ", "   ")

func (p *parser) uk(t token) uk {
	var u uk
	rest, _ := t.after("UK ")
	for _, h := range ukHeads {
		after, ok := rest.after(h.text)
		if ok && (len(rest.text) == len(h.text) || strings.IndexByte(" -/,:[", rest.text[len(h.text)]) >= 0) {
			u.level, rest = h.level, after
			break
		}
	}
	if u.level == 0 {
		p.fault(t, "Use OFFICIAL, OFFICIAL-SENSITIVE, UK SECRET or UK TOP SECRET.", "%.40q does not begin with a UK classification.", t.text)
		return u
	}
	rest.text = ukSeparators.Replace(" " + rest.text + " ")[1:]
	words := rest.words(",:[]")
	for len(words) > 0 {
		words = words[u.caveat(p, words):]
	}
	u.words = sorted(u.words)
	return u
}

// caveat reads what the first words say and returns how many it used.
func (u *uk) caveat(p *parser, words []token) int {
	w := words[0]
	if strings.HasPrefix(w.text, "STRAP") {
		return u.addStrap(p, words)
	}
	if len(words) >= 3 && words[1].text == "EYES" && words[2].text == "ONLY" {
		u.addEyes(p, w)
		return 3
	}
	if note, n := ukNote(words); n > 0 {
		u.notes = union(u.notes, []string{note})
		return n
	}
	switch {
	case slices.Contains([]string{"SECRET", "TOP", "OFFICIAL", "SENSITIVE", "OFFICIAL-SENSITIVE"}, w.text):
		p.fault(w, "Write one classification; the highest one if several texts are put together.", "%s is a second classification.", w.text)
		switch w.text {
		case "SECRET":
			u.level = max(u.level, ukSecret)
		case "TOP":
			u.level = ukTopSecret
		}
	case u.level >= ukSecret && ukCodeWord(w.text):
		u.words = append(u.words, w.text)
	default:
		p.fault(w, "After the classification write a descriptor or handling instruction such as COMMERCIAL, LOCSEN, PERSONAL or HMG USE ONLY, a caveat such as UK EYES ONLY, and with SECRET and TOP SECRET STRAP and code words.", "%.40q is not a UK handling instruction.", w.text)
	}
	return 1
}

// ukNote finds the longest handling instruction that the words begin with.
func ukNote(words []token) (string, int) {
	for n := min(3, len(words)); n > 0; n-- {
		name := words[0].text
		for _, w := range words[1:n] {
			name += " " + w.text
		}
		switch name {
		case "RECIPIENT ONLY":
			name = "RECIPIENTS ONLY"
		case "ORGANISATION USE ONLY":
			name = "ORGANISATIONAL USE ONLY"
		}
		for _, note := range ukNotes {
			if note.name == name {
				return name, n
			}
		}
	}
	return "", 0
}

// ukCodeWord reports whether s can be a code word: letters, and not a word that
// stands for something else in this or another system.
func ukCodeWord(s string) bool {
	if !codeWord(s, 5, 16) || strings.ContainsAny(s, "0123456789") || controlNames[s] != 0 {
		return false
	}
	return !slices.Contains([]string{"CONFIDENTIAL", "UNCLASSIFIED", "RESTRICTED", "PROTECT", "COSMIC", "RELIDO", "DISPLAY", "RELEASABLE", "STRICT", "AMBER", "GREEN", "CLEAR", "WHITE", "CAVEAT"}, s)
}

func (u *uk) addStrap(p *parser, words []token) int {
	used := 1
	number := words[0].text[len("STRAP"):]
	if number == "" && len(words) > 1 {
		number, used = words[1].text, 2
	}
	switch {
	case len(number) != 1 || number[0] < '1' || number[0] > '3':
		p.fault(words[0], "Write STRAP 1, STRAP 2 or STRAP 3.", "STRAP has no level from 1 to 3.")
		return 1
	case u.level < ukSecret:
		p.fault(words[0], "Use it with UK SECRET or UK TOP SECRET.", "STRAP does not stand with OFFICIAL.")
	case u.strap != 0:
		p.fault(words[0], "Write STRAP once.", "there are two STRAP levels.")
	}
	u.strap = max(u.strap, number[0]-'0')
	return used
}

func (u *uk) addEyes(p *parser, list token) {
	if list.text == "FIVE" {
		list.text = "FVEY"
	}
	var codes []token
	for code := range list.split("/") {
		codes = append(codes, code)
	}
	eyes := p.countries(list, codes)
	switch {
	case eyes == nil: // has been told
		return
	case u.eyes != nil:
		p.fault(list, "Write one eyes-only caveat with all countries, such as UK/US EYES ONLY.", "there are two eyes-only caveats.")
		eyes = union([]string{"GBR"}, intersection(u.eyes, eyes))
	case !slices.Contains(eyes, "GBR"):
		p.fault(list, "Name UK in the caveat, such as UK/US EYES ONLY.", "the eyes-only caveat leaves out the UK.")
		return
	}
	u.eyes = eyes
}

var ukShort = strings.NewReplacer("GBR", "UK", "USA", "US")

func (u uk) print() string {
	parts := []string{ukNames[u.level]}
	if u.strap != 0 {
		parts = append(parts, fmt.Sprintf("STRAP %d", u.strap))
	}
	parts = append(append(parts, u.words...), u.notes...)
	if u.eyes != nil {
		short := make([]string, len(u.eyes))
		for i, c := range u.eyes {
			short[i] = ukShort.Replace(c)
		}
		parts = append(parts, strings.Join(short, "/")+" EYES ONLY")
	}
	return strings.Join(parts, " ")
}

func (u uk) dominates(b uk) bool {
	if b.level == 0 {
		return true
	}
	return u.level >= b.level && u.strap >= b.strap && subset(b.words, u.words) && subset(b.notes, u.notes) &&
		(b.eyes == nil || u.eyes != nil && subset(u.eyes, b.eyes))
}

func (u uk) join(b uk) uk {
	c := uk{level: max(u.level, b.level), strap: max(u.strap, b.strap), words: union(u.words, b.words), notes: union(u.notes, b.notes)}
	switch {
	case u.eyes == nil:
		c.eyes = b.eyes
	case b.eyes == nil:
		c.eyes = u.eyes
	default:
		c.eyes = intersection(u.eyes, b.eyes) // never empty: GBR is in both
	}
	return c
}
