package directory

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"tocsin"
	"tocsin/geo"
	"tocsin/spelling"
)

// offered bounds how many candidates an error names.
const offered = 3

// Country is the code of the country that somebody wrote, by code or by name in
// English or German. A part of a country (US-CA, ISO 3166-2) keeps its part; of
// that only the form is checked. The empty text is nobody's country and stays.
//
// Error: Invalid ("country") for what is neither; it names the nearest countries.
func Country(written string) (string, error) {
	w := strings.TrimSpace(written)
	if w == "" {
		return "", nil
	}
	if code := geo.CountryCode(w); code != "" {
		return code, nil
	}
	if head, part, ok := strings.Cut(strings.ToUpper(w), "-"); ok && geo.CountryCode(head) == head && subdivision(part) {
		return head + "-" + part, nil
	}
	do := "Use a code such as IR, or a country's name in English or German."
	if near := CountriesLike(w); len(near) > 0 {
		do = "Did you mean " + or(near) + "? " + do
	}
	return "", tocsin.Faultf(tocsin.Invalid, "country", do, "%.40q is neither a country's code nor its name.", w)
}

// subdivision reports whether s has the form of the part of an ISO 3166-2 code.
func subdivision(s string) bool {
	return 1 <= len(s) && len(s) <= 3 && !strings.ContainsFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
}

// CountriesLike names the countries nearest to what somebody wrote, each with its
// code, in English: "Iran (IR)".
func CountriesLike(written string) []string {
	var out []string
	for _, code := range geo.CountriesLike(written, offered) {
		out = append(out, fmt.Sprintf("%s (%s)", geo.CountryName(language.English, code), code))
	}
	return out
}

// Language is the BCP 47 code, in canonical form, of the language that somebody
// wrote: as a code, or by its name in English, in German or in itself.
//
// Error: Invalid ("language") for what is neither; it names the nearest languages.
func Language(written string) (string, error) {
	w := strings.TrimSpace(written)
	if code := languageNamed()[geo.Fold(w)]; code != "" {
		return code, nil
	}
	reading := language.Default
	if base, _, _ := strings.Cut(w, "-"); len(base) == 3 {
		reading = language.All // texts are kept under the two letters of fa, not under pes
	}
	if tag, err := reading.Parse(w); err == nil && named(tag) {
		return tag.String(), nil
	}
	do := "Use a code such as fa, or a language's name in English or German."
	if near := LanguagesLike(w); len(near) > 0 {
		do = "Did you mean " + or(near) + "? " + do
	}
	return "", tocsin.Faultf(tocsin.Invalid, "language", do, "%.40q is neither a language's code nor its name.", w)
}

// named reports whether tag is of a language that has a name: a word may have the
// form of a code and be none.
func named(tag language.Tag) bool {
	base, sure := tag.Base()
	return sure != language.No && tag != language.Und && display.English.Languages().Name(language.Make(base.String())) != ""
}

// LanguagesLike names the languages nearest to what somebody wrote, each with its
// code, in English: "Persian (fa)".
func LanguagesLike(written string) []string {
	var out []string
	all := languageNamed()
	for _, name := range spelling.Nearest(geo.Fold(written), languageNames(), 4*offered) {
		code := all[name]
		said := fmt.Sprintf("%s (%s)", LanguageName(code), code)
		if len(out) < offered && !slices.Contains(out, said) {
			out = append(out, said)
		}
	}
	return out
}

// LanguageName is the English name of a language, or its code if it has none.
func LanguageName(code string) string {
	if tag, err := language.Parse(code); err == nil {
		if n := display.English.Languages().Name(tag); n != "" {
			return n
		}
	}
	return code
}

// shortNames are names that people write and dictionaries leave out.
var shortNames = map[string]string{"farsi": "fa", "parsi": "fa", "dari": "fa-AF", "kurmanji": "ku", "sorani": "ckb", "mandarin": "zh", "castilian": "es",
	"pushto": "ps", "pashtu": "ps", "flemish": "nl-BE", "bangla": "bn", "myanmar": "my", "simplified chinese": "zh-Hans", "traditional chinese": "zh-Hant"}

// languageNamed are the codes of languages by their folded names.
var languageNamed = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	german, english := display.German.Languages(), display.English.Languages()
	for _, code := range codes() {
		tag, err := language.All.Parse(code) // Iranian Persian (pes) is Persian (fa)
		if err != nil || tag.String() != code || english.Name(tag) == "" {
			continue // no language, or another spelling of one
		}
		for _, name := range []string{display.Self.Name(tag), german.Name(tag), english.Name(tag)} {
			if key := geo.Fold(name); key != "" {
				out[key] = code
			}
		}
	}
	for name, code := range shortNames {
		out[name] = code
	}
	return out
})

// codes are all words of two and three letters: whatever can name a language.
func codes() []string {
	var out []string
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			out = append(out, string([]rune{a, b}))
			for c := 'a'; c <= 'z'; c++ {
				out = append(out, string([]rune{a, b, c}))
			}
		}
	}
	return slices.DeleteFunc(out, func(code string) bool { return slices.Contains([]string{"und", "mul", "mis", "zxx"}, code) })
}

var languageNames = sync.OnceValue(func() []string {
	var out []string
	for name := range languageNamed() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
})

// or joins candidates as a question does.
func or(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

// Admitted is r as the directory takes it in: its jurisdiction and languages as
// codes, each language once.
//
// Errors are of kind Invalid: what tocsin.Recipient.Validate refuses, and what is
// neither the code nor the name of a country or a language.
func Admitted(r tocsin.Recipient) (tocsin.Recipient, error) {
	var err error
	if r.Jurisdiction, err = Country(r.Jurisdiction); err != nil {
		return r, err
	}
	var languages []string
	for _, l := range r.Languages {
		code, err := Language(l)
		if err != nil {
			return r, err
		}
		if !slices.Contains(languages, code) {
			languages = append(languages, code)
		}
	}
	r.Languages = languages
	return r, r.Validate()
}

// Astray lists what an entry holds where a code should stand: one made before
// codes were asked for. Its jurisdiction matches no place, and its language no text.
func Astray(r tocsin.Recipient) []string {
	var out []string
	if code, err := Country(r.Jurisdiction); err != nil || code != r.Jurisdiction {
		out = append(out, r.Jurisdiction)
	}
	for _, l := range r.Languages {
		if code, err := Language(l); err != nil || code != l {
			out = append(out, l)
		}
	}
	return out
}
