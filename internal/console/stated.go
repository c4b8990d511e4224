package console

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"tocsin"
	"tocsin/casefile"
	"tocsin/marking"
)

// stated is what a case says already on an item of a warning and somebody has said to
// be releasable: a fact that was judged so for a warning whose words were approved, or
// what is stated of the threat in words that stand in a cleared tearline. Everything
// else is left for the author to write: words of a report must not slip into a warning
// because a form was filled in beforehand.
func (a *asking) stated(item, lang string) (value, hint string) {
	for _, w := range slices.Backward(a.s.Warnings) {
		if w.Approval == nil && w.Clearance == nil || !open(w.Draft.Marking) {
			continue
		}
		for _, f := range w.Draft.Facts {
			if f.Item == item && f.Releasable && f.Values[lang] != "" {
				return f.Values[lang], a.v.say.t("stated.warning", string(w.ID))
			}
		}
	}
	claim := map[string]tocsin.Claim{"where": a.s.Threat.Place, "affected": a.s.Threat.Target, "actor": a.s.Threat.Actor}[item]
	if t, ok := a.torn(claim.Text, lang); ok {
		return claim.Text, a.v.say.t("stated.tearline", string(t.Report))
	}
	return "", ""
}

// open reports whether a marking holds words back from nobody. One that cannot be
// read does.
func open(text string) bool {
	return marking.Dominates(marking.Read("UNCLASSIFIED"), marking.Read(text))
}

// torn finds a cleared tearline in a language that has these words.
func (a *asking) torn(words, lang string) (casefile.Tearline, bool) {
	claim, words := words, strings.ToLower(strings.TrimSpace(words))
	for _, t := range a.s.Tearlines {
		if words == "" || t.ClearedBy == "" || !strings.Contains(strings.ToLower(t.Words), words) {
			continue
		}
		if r, err := a.c.cfg.Engine.Report(t.Report); err == nil && written(claim, r.Language) == lang {
			return t, true
		}
	}
	return casefile.Tearline{}, false
}

// written is the language of words that were taken from a report: the report's own if
// they stand in its script, and English if they do not, as where somebody has put what
// a Persian report says into English.
func written(words, report string) string {
	tag, err := language.Parse(cmp.Or(report, "en"))
	if err != nil {
		return "en"
	}
	script, _ := tag.Script()
	table, ok := unicode.Scripts[scriptNames[script.String()]]
	if !ok {
		return report
	}
	own, letters := 0, 0
	for _, r := range words {
		if unicode.IsLetter(r) {
			letters++
			if unicode.Is(table, r) {
				own++
			}
		}
	}
	if 2*own < letters {
		return "en"
	}
	return cmp.Or(report, "en")
}

// scriptNames are the scripts (ISO 15924) by the names that package unicode gives them.
var scriptNames = map[string]string{"Latn": "Latin", "Arab": "Arabic", "Cyrl": "Cyrillic", "Hebr": "Hebrew", "Grek": "Greek", "Deva": "Devanagari", "Beng": "Bengali",
	"Ethi": "Ethiopic", "Thai": "Thai", "Hang": "Hangul", "Armn": "Armenian", "Geor": "Georgian", "Mymr": "Myanmar", "Khmr": "Khmer", "Taml": "Tamil"}

// factField asks for the words on one item in one language. It is not required of the
// browser: a reason why it is left out, or words of the author's own, do as well.
func (a *asking) factField(item tocsin.ContentItem, lang string) field {
	f := field{Type: "area", Name: "fact." + item.ID + "." + lang, Lang: lang, Wanted: item.Required}
	f.Label, f.Core = a.v.say.asked(item.Title)
	f.Value, f.Hint = a.stated(item.ID, lang)
	if item.ID == "verify" && f.Value == "" {
		f.Hint = a.checks()
	}
	return f
}

// checks is how the directory says that each recipient finds out whether a message is
// ours, for whoever writes it.
func (a *asking) checks() string {
	var out []string
	for _, r := range a.book {
		if r.Verify != "" && len(out) < 5 {
			out = append(out, r.Name+": "+r.Verify)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return a.v.say.t("stated.directory", strings.Join(out, " · "))
}
