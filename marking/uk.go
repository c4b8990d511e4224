package marking

import (
	"slices"
	"strings"
)

// uk is a marking of the UK Government Security Classifications; level 0 is none.
type uk struct {
	level ukLevel
	notes []string // COMMERCIAL, LOCSEN, PERSONAL: how to handle it; sorted
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

var ukNotes = []string{"COMMERCIAL", "LOCSEN", "PERSONAL"}

var ukSeparators = strings.NewReplacer("//", " ", " - ", " ", ",", " ", ":", " ")

func parseUK(s string) (uk, error) {
	var u uk
	rest := strings.TrimPrefix(s, "UK ")
	for _, h := range ukHeads {
		after, ok := strings.CutPrefix(rest, h.text)
		if ok && (after == "" || strings.ContainsRune(" -/,:", rune(after[0]))) {
			u.level, rest = h.level, after
			break
		}
	}
	if u.level == 0 {
		return uk{}, unreadable("Use OFFICIAL, OFFICIAL-SENSITIVE, UK SECRET or UK TOP SECRET.", "%q does not begin with a UK classification.", s)
	}
	words := strings.Fields(ukSeparators.Replace(rest + " "))
	for len(words) > 0 {
		switch {
		case len(words) >= 3 && words[1] == "EYES" && words[2] == "ONLY":
			if err := u.addEyes(words[0]); err != nil {
				return uk{}, err
			}
			words = words[3:]
		case slices.Contains(ukNotes, words[0]):
			u.notes = union(u.notes, words[:1])
			words = words[1:]
		default:
			return uk{}, unreadable("After the classification write COMMERCIAL, LOCSEN, PERSONAL or a caveat such as UK EYES ONLY.", "%q is not a UK handling instruction.", words[0])
		}
	}
	return u, nil
}

func (u *uk) addEyes(list string) error {
	if u.eyes != nil {
		return unreadable("Write one eyes-only caveat with all countries, such as UK/US EYES ONLY.", "there are two eyes-only caveats.")
	}
	if list == "FIVE" {
		list = "FVEY"
	}
	eyes, err := countryList(strings.Split(list, "/"))
	if err != nil {
		return err
	}
	if !slices.Contains(eyes, "GBR") {
		return unreadable("Name UK in the caveat, such as UK/US EYES ONLY.", "the eyes-only caveat leaves out the UK.")
	}
	u.eyes = eyes
	return nil
}

func (u uk) print() string {
	parts := append([]string{ukNames[u.level]}, u.notes...)
	if u.eyes != nil {
		short := make([]string, len(u.eyes))
		for i, c := range u.eyes {
			short[i] = c
			if c == "GBR" || c == "USA" {
				short[i] = strings.NewReplacer("GBR", "UK", "USA", "US").Replace(c)
			}
		}
		parts = append(parts, strings.Join(short, "/")+" EYES ONLY")
	}
	return strings.Join(parts, " ")
}

func (u uk) dominates(b uk) bool {
	if b.level == 0 {
		return true
	}
	return u.level >= b.level && subset(b.notes, u.notes) && (b.eyes == nil || u.eyes != nil && subset(u.eyes, b.eyes))
}

func (u uk) combine(b uk) uk {
	c := uk{level: max(u.level, b.level), notes: union(u.notes, b.notes)}
	switch {
	case u.eyes == nil:
		c.eyes = slices.Clone(b.eyes)
	case b.eyes == nil:
		c.eyes = slices.Clone(u.eyes)
	default:
		c.eyes = intersection(u.eyes, b.eyes)
	}
	return c
}
