package console

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"tocsin"
)

// words are the strings of the catalogue in one language.
type words struct {
	tag language.Tag
	p   *message.Printer
}

var (
	tags     = []language.Tag{language.English, language.German}
	matching = language.NewMatcher(tags)
	printing = printers()
	keyed    = keys()
	unfilled = whole()
)

// entry is one string in every language. Two forms parted by a double bar are for
// one and for any other number, the first argument.
type entry struct{ key, en, de string }

func printers() map[language.Tag]*message.Printer {
	b := catalog.NewBuilder(catalog.Fallback(language.English))
	for _, e := range catalogue {
		for i, text := range []string{e.en, e.de} {
			var err error
			if one, other, ok := strings.Cut(text, "||"); ok {
				err = b.Set(tags[i], e.key, plural.Selectf(1, "%d", plural.One, one, plural.Other, other))
			} else {
				err = b.SetString(tags[i], e.key, text)
			}
			if err != nil {
				panic(fmt.Sprintf("console: the string %s: %v", e.key, err))
			}
		}
	}
	out := map[language.Tag]*message.Printer{}
	for _, t := range tags {
		out[t] = message.NewPrinter(t, message.Catalog(b))
	}
	return out
}

// whole are the strings that take no arguments: most of a page, and to be had
// without a printer.
func whole() map[language.Tag]map[string]string {
	out := map[language.Tag]map[string]string{}
	for i, tag := range tags {
		out[tag] = map[string]string{}
		for _, e := range catalogue {
			if text := []string{e.en, e.de}[i]; !strings.ContainsAny(text, "%") && !strings.Contains(text, "||") {
				out[tag][e.key] = text
			}
		}
	}
	return out
}

func keys() map[string]bool {
	m := map[string]bool{}
	for _, e := range catalogue {
		m[e.key] = true
	}
	return m
}

// wordsFor chooses the language of a request: as the person set it, else as the
// browser asks for it.
func (c *Console) wordsFor(r *http.Request) words {
	_, i := language.MatchStrings(matching, c.jar().read(r, langCookie), r.Header.Get("Accept-Language"))
	return words{tags[i], printing[tags[i]]}
}

func wordsIn(lang string) words {
	_, i := language.MatchStrings(matching, lang)
	return words{tags[i], printing[tags[i]]}
}

func (w words) lang() string        { return w.tag.String() }
func (w words) has(key string) bool { return keyed[key] }

// t is a string of the catalogue, filled in.
func (w words) t(key string, args ...any) string {
	if len(args) == 0 {
		if text, ok := unfilled[w.tag][key]; ok {
			return text
		}
	}
	for i, a := range args {
		if s, ok := a.(fmt.Stringer); ok {
			args[i] = s.String()
		}
	}
	return w.p.Sprintf(key, args...)
}

// label is the name of a value of a closed list, such as a disposition. A value
// that a newer program may have written is shown as it is.
func (w words) label(prefix, value string) string {
	if key := prefix + "." + value; keyed[key] {
		return w.t(key)
	}
	return strings.ReplaceAll(value, "_", " ")
}

func (w words) roles(roles []tocsin.Role) string {
	var out []string
	for _, r := range roles {
		out = append(out, w.label("role", string(r)))
	}
	return strings.Join(out, ", ")
}

// lasted says how long something took.
func (w words) lasted(d time.Duration) string {
	if d < time.Second {
		return w.t("lasted.less")
	}
	return w.t("lasted.seconds", int(d/time.Second))
}

// language names a language in this one.
func (w words) language(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	if n := display.Languages(w.tag).Name(t); n != "" {
		return n
	}
	return tag
}

// languageOptions are the languages that the console speaks, each by its own name.
func languageOptions() []option {
	var out []option
	for _, t := range tags {
		out = append(out, option{t.String(), display.Self.Name(t)})
	}
	return out
}
