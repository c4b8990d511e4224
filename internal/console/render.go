package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"tocsin"
	"tocsin/directory"
	"tocsin/internal/auth"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Page is what every page has.
type Page struct {
	Title   string
	Lang    string
	Theme   string // "", "light" or "dark"; "" follows the device
	Here    string // the place that is marked in the navigation
	Path    string // of this page, to come back to
	Places  []place
	User    tocsin.Actor
	SignOut string
	Now     time.Time
	Done    string // what the page before did
	Cleared string // draft that is not needed any more
	Live    bool   // the page wants to know when something happens
	Watch   int    // version of the case that it shows
	Badge   int    // number that stands in the title
	Bare    bool   // without navigation
	Tone    string // of Done, if it is no good news: "alarm" for a refusal of the guard, "asks" for its questions
	Begun   bool   // the head has gone out already
	Officer bool   // this person sees cases
	Seeks   bool   // there is something that this person may search
	Sought  string // what was searched for

	Exercise bool        // nothing here is real
	Plain    bool        // pages travel without TLS
	Owed     int         // reviews of broken glass that this person may do
	Glass    *auth.Grant // the role that this person has taken for a while
	Account  bool        // there is an account behind the session, with a page of its own
}

// tones are of notes that say no good news.
var tones = map[string]string{"guard_refused": "alarm", "guard_asks": "asks", "question.left": "asks", "threat_begun": "alarm"}

// head makes what every page has; title is a key of the catalogue, or empty for a
// page that sets its own.
func (c *Console) head(v *visit, title string) Page {
	p := Page{Lang: v.say.lang(), Theme: c.jar().read(v.r, themeCookie), Here: v.r.URL.Path, Path: v.r.URL.RequestURI(), User: v.by, Begun: v.begun != nil, SignOut: c.cfg.Sessions.SignOut(), Now: v.now}
	if title != "" {
		p.Title = v.say.t(title)
	}
	if p.Theme != "light" && p.Theme != "dark" {
		p.Theme = ""
	}
	if v.r.Method != http.MethodGet {
		p.Path = "/"
	}
	c.standing(v, &p)
	if v.by.ID != "" {
		p.Places, p.Seeks, p.Officer = placesOf(v.by), v.by.Has(searchRoles...), v.by.Has(caseRoles...)
		if v.r.Method == http.MethodGet {
			if n := c.told(v, flashCookie); v.say.has(n) {
				p.Done, p.Tone = v.say.t(n), tones[n]
			}
			p.Cleared = c.told(v, draftCookie)
		}
	}
	return p
}

// SignedIn reports whether somebody is.
func (p Page) SignedIn() bool { return p.User.ID != "" }

// lookLife is how long a browser keeps how somebody wants to see the pages.
const lookLife = 400 * 24 * time.Hour

// preferences keeps how somebody wants to see the pages. It needs no account.
func (c *Console) preferences(w http.ResponseWriter, r *http.Request) {
	v := c.visit(w, r)
	if c.strangerHurries(v) {
		return
	}
	if err := c.parsed(v); err != nil {
		c.fail(v, err)
		return
	}
	for form, name := range map[string]string{"theme": themeCookie, "lang": langCookie} {
		value := r.PostForm.Get(form)
		if value == "" || len(value) > 8 {
			continue
		}
		c.jar().put(w, r, name, value, lookLife, http.SameSiteLaxMode)
	}
	http.Redirect(w, r, local(r.PostForm.Get("next")), http.StatusSeeOther)
}

// pages are buffers that pages are made in.
var pages = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render fills a template whole before any byte of it goes out, so that a page that
// cannot be made is an error and not half a page; its head may have gone (begin).
func (c *Console) render(v *visit, status int, name string, data any) {
	b := pages.Get().(*bytes.Buffer)
	defer pages.Put(b)
	b.Reset()
	if err := c.templates[v.say.lang()].ExecuteTemplate(b, name, data); err != nil {
		c.cfg.Log.Error("a page could not be made", "page", name, "error", err)
		if v.begun != nil {
			panic(http.ErrAbortHandler) // a page that breaks off must not look whole
		}
		http.Error(v.w, v.say.t("error.fault")+" "+v.say.t("error.fault.do"), http.StatusInternalServerError)
		return
	}
	if v.begun != nil {
		v.begun.end(b.Bytes())
		return
	}
	out := b.Bytes()
	pack := len(out) > worthPacking && takesPacked(v.r)
	if c.pageHead(v, pack); pack {
		out = packed(out)
	}
	v.w.WriteHeader(status)
	_, _ = v.w.Write(out) // a client that has gone needs no answer
}

// pageHead says what kind of answer a page is.
func (c *Console) pageHead(v *visit, pack bool) {
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Add("Vary", "Accept-Encoding")
	if pack {
		v.w.Header().Set("Content-Encoding", "gzip")
	}
}

// loadTemplates parses the templates once for each language.
func (c *Console) loadTemplates() map[string]*template.Template {
	out := map[string]*template.Template{}
	for _, tag := range tags {
		say := wordsIn(tag.String())
		out[say.lang()] = template.Must(template.New("console").Funcs(c.saying(say)).ParseFS(templateFiles, "templates/*.html"))
	}
	return out
}

// saying are the functions of the templates in one language.
func (c *Console) saying(say words) template.FuncMap {
	return template.FuncMap{
		"t": say.t,
		"awaited": func(kind string, waits bool) string {
			if waits && say.has("await."+kind) {
				return say.t("await." + kind)
			}
			return say.label("act", kind)
		},
		"label":    func(prefix string, v any) string { return say.label(prefix, fmt.Sprint(v)) },
		"asset":    func(name string) string { return c.static.paths[name] },
		"when":     func(t time.Time) template.HTML { return timeTag(t, say.stamp(t), "") },
		"day":      dayTag,
		"left":     func(due time.Time) template.HTML { return c.counter(due, "left") },
		"age":      func(since time.Time) template.HTML { return c.counter(since, "age") },
		"took":     span,
		"dur":      func(d tocsin.Duration) string { return d.String() },
		"name":     func(id tocsin.ActorID) string { return c.named(say, id) },
		"roles":    say.roles,
		"language": say.language,
		"rtl":      tocsin.RightToLeft,
		"lines":    func(s string) []string { return strings.Split(s, "\n") },
		"lang":     say.language,
		"astray":   func(r tocsin.Recipient) string { return strings.Join(directory.Astray(r), ", ") },
		"langs":    languageOptions,
		"dict":     dict,
		"hit":      func(m map[string]bool, k string) bool { return m[k] },
		"at":       func(m map[string]string, k string) string { return m[k] },
		"core":     say.core,
		"told":     say.told,
		"how":      say.how,
		"grade":    say.grade,
		"lasted":   say.lasted,
		"example":  func(t time.Time) string { return t.UTC().Format(timeForm) },
		"add":      func(a, b int) int { return a + b },
	}
}

func dict(pairs ...any) (map[string]any, error) {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		k, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: key %v is not a string", pairs[i])
		}
		m[k] = pairs[i+1]
	}
	return m, nil
}

// named is a person's name, or their id where nobody knows it.
func (c *Console) named(say words, id tocsin.ActorID) string {
	if id == machineID {
		return say.t("machine")
	}
	if c.cfg.People != nil {
		if a, ok := c.cfg.People(id); ok && a.Name != "" {
			return a.Name
		}
	}
	return string(id)
}

func timeTag(t time.Time, text, class string) template.HTML {
	if t.IsZero() {
		return ""
	}
	if class != "" {
		class = ` class="` + class + `"`
	}
	return template.HTML(`<time` + class + ` datetime="` + t.UTC().Format(time.RFC3339) + `">` + esc(text) + `</time>`) //nolint:gosec // made of a time and a constant class
}

// dayTag is a moment with its day.
func dayTag(t time.Time) template.HTML { return timeTag(t, t.UTC().Format("2006-01-02 15:04Z"), "") }

// counter is a time that runs: left counts down to it, age up from it. The script
// moves it on; without it, it is right as of when the page was made.
func (c *Console) counter(t time.Time, how string) template.HTML {
	if t.IsZero() {
		return ""
	}
	d := t.Sub(c.cfg.Engine.Now())
	if how == "age" {
		d = -d
	}
	class := "count " + how
	if how == "left" && d <= 0 {
		class += " late"
	}
	return timeTag(t, span(d), class)
}

// span writes a length of time as digits that stay in place: 1:04:09, and days
// where there are two or more. A minus stands before what is past.
func span(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "−", -d
	}
	s := int64(d / time.Second)
	if s >= 48*3600 {
		return fmt.Sprintf("%s%dd %02dh", sign, s/86400, s%86400/3600)
	}
	return fmt.Sprintf("%s%d:%02d:%02d", sign, s/3600, s%3600/60, s%60)
}
