package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/intake"
	"tocsin/internal/console/consoletest"
)

// seek types words into the box and follows to the results.
func (b *browser) seek(words string) (address, page string) {
	b.t.Helper()
	r := b.post("/search", url.Values{"q": {words}})
	if r.Code != http.StatusSeeOther {
		b.t.Fatalf("%q: %d %s", words, r.Code, r.Body)
	}
	address = r.Header().Get("Location")
	got := b.get(address)
	if got.Code != http.StatusOK {
		b.t.Fatalf("%s: %d %s", address, got.Code, got.Body)
	}
	return address, got.Body.String()
}

var hitLink = regexp.MustCompile(`<li><a href="([^"]+)">`)

func hitsOn(page string) []string {
	var out []string
	for _, m := range hitLink.FindAllStringSubmatch(page[strings.Index(page, `id="search-hint"`):], -1) {
		out = append(out, m[1])
	}
	return out
}

func TestAWatchOfficerFindsByTheWordsOfACaller(t *testing.T) {
	h := consoletest.Open(t, true)
	cases := h.Fill()
	b := signedIn(t, h, "daniel")
	for words, want := range map[string][]string{
		"DIALLO magistr":      {"/cases/" + string(cases["fresh"])},
		"zielinski":           {"/cases/" + string(cases["drafted"])},
		"midwife harbour":     {"/reports/"},
		"duty desk":           {"/deliveries/", "/directory/town"},
		"کرمان":               {"/cases/kerman#warning-"},
		`"safe place"`:        {"#warning-w1"},
		"councillor children": {"/reports/"},
		"desk@town.example":   {"/directory/town"},
	} {
		address, page := b.seek(words)
		if unsealed, _ := url.QueryUnescape(address); strings.Contains(strings.ToLower(unsealed), strings.ToLower(words)) {
			t.Errorf("the words stand in the address %s", address)
		}
		if title := page[:strings.Index(page, "</title>")]; strings.Contains(strings.ToLower(title), strings.ToLower(words)) {
			t.Errorf("the words stand in the title, and so in the history")
		}
		got := strings.Join(hitsOn(page), "\n")
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %s", words, got)
			}
		}
		if !strings.Contains(page, `<mark class="found">`) {
			t.Errorf("%s: nothing is marked", words)
		}
		for _, link := range hitsOn(page) {
			path, _, _ := strings.Cut(link, "#")
			if r := b.get(path); r.Code != http.StatusOK {
				t.Errorf("%s leads to %s: %d", words, link, r.Code)
			}
		}
	}
	if log := strings.ToLower(h.Log.String()); strings.Contains(log, "diallo") || strings.Contains(log, "midwife") {
		t.Errorf("words stand in the log: %s", log)
	}
}

func TestResultsAreThereAgainAfterGoingBack(t *testing.T) {
	h := consoletest.Open(t, false)
	for range 70 {
		h.Report("ingrid", "A grey van before the house.", intake.Declared{})
		h.Clock.Pass(time.Second)
	}
	b := signedIn(t, h, "anna")
	address, page := b.seek("grey van")
	if again := b.get(address).Body.String(); len(hitsOn(again)) != len(hitsOn(page)) || len(hitsOn(page)) != 6 {
		t.Fatalf("%d hits, and %d after loading it anew", len(hitsOn(page)), len(hitsOn(again)))
	}
	seen := map[string]bool{}
	next := address + "&kind=report"
	for range 5 {
		page := b.get(next).Body.String()
		for _, link := range hitsOn(page) {
			if seen[link] {
				t.Errorf("%s comes twice", link)
			}
			seen[link] = true
		}
		m := regexp.MustCompile(`<a href="([^"]+)" rel="next">`).FindStringSubmatch(page)
		if m == nil {
			break
		}
		next = strings.ReplaceAll(m[1], "&amp;", "&")
	}
	if len(seen) != 70 {
		t.Errorf("%d of 70 are shown, page by page", len(seen))
	}
	if r := signedIn(t, h, "daniel").get(address); r.Code != http.StatusGone || strings.Contains(r.Body.String(), "grey van") {
		t.Errorf("somebody else's search opens for them: %d", r.Code)
	}
	if r := b.get("/search?for=" + strings.Repeat("A", 60)); r.Code != http.StatusGone {
		t.Errorf("a search that nobody made: %d", r.Code)
	}
	if r := b.get(address + "&kind=report&after=x"); r.Code != http.StatusUnprocessableEntity {
		t.Errorf("a page that is none: %d", r.Code)
	}
}

func TestASearchThatCannotBeMadeSaysWhy(t *testing.T) {
	h := consoletest.Open(t, false)
	b := signedIn(t, h, "anna")
	for words, said := range map[string]string{"": "no word in the search", " ... !": "no word in the search", "mill\x00": "control characters", strings.Repeat("oleander ", 120_000): "longer than 400", strings.Repeat("o ", 13): "12 words"} {
		r := b.post("/search", url.Values{"q": {words}})
		if r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body.String(), said) || r.Body.Len() > 40_000 {
			t.Errorf("%.10q: %d, %d bytes", words, r.Code, r.Body.Len())
		}
	}
	b.cookies["tocsin_lang"] = "de"
	if r := b.post("/search", url.Values{"q": {"?"}}); !strings.Contains(r.Body.String(), "steht kein Wort") {
		t.Error("not in German")
	}
	if strings.Contains(h.Log.String(), "oleander") {
		t.Error("the words stand in the log")
	}
}

func TestEachPersonFindsWhatTheyMaySeeAndNoMore(t *testing.T) {
	h := consoletest.Open(t, false)
	h.Fill()
	for who, finds := range map[string]map[string]bool{
		"gate":   {"councillor": true, "midwife": false, "diallo": false, "duty desk": false},
		"paul":   {"duty desk": true, "safe place": true, "councillor": false, "synagogue": false},
		"ivan":   {"councillor": true, "midwife": true, "diallo": true, "duty desk": true},
		"ingrid": {"councillor": true, "midwife": true, "diallo": true},
	} {
		b := signedIn(t, h, who)
		for words, want := range finds {
			if _, page := b.seek(words); (len(hitsOn(page)) > 0) != want {
				t.Errorf("%s searches for %s and finds %v", who, words, hitsOn(page))
			} else {
				for _, link := range hitsOn(page) {
					if r := b.get(link); r.Code != http.StatusOK {
						t.Errorf("%s is led to %s: %d", who, link, r.Code)
					}
				}
			}
		}
	}
	for _, who := range []string{"adam", "state.system"} {
		b := signedIn(t, h, who)
		if r := b.post("/search", url.Values{"q": {"diallo"}}); r.Code != http.StatusForbidden {
			t.Errorf("%s searches: %d", who, r.Code)
		}
		if page := b.get("/policies").Body.String(); strings.Contains(page, `action="/search"`) {
			t.Errorf("%s is offered a box", who)
		}
	}
}

// What somebody finds who does not know of a sealed case is what they found before
// there was one.
func TestASearchDoesNotTellOfASealedCase(t *testing.T) {
	h := consoletest.Open(t, false)
	h.Fill()
	queries := []string{"oleander", "ole", "pergola", "watch", "a", "house", "gardener pergola", `"oleander zorn"`, "judge"}
	outside := []string{"rui", "anna", "paul", "gate"}
	ask := func() map[string]string {
		out := map[string]string{}
		for _, who := range outside {
			b := signedIn(t, h, who)
			for _, q := range queries {
				address, page := b.seek(q)
				page = page[strings.Index(page, `<main`):]
				page = strings.ReplaceAll(page, strings.TrimPrefix(address, "/search?for="), "SEALED")
				out[who+" "+q] = regexp.MustCompile(`for=[A-Za-z0-9_-]+`).ReplaceAllString(page, "for=SEALED")
			}
		}
		return out
	}
	before := ask()
	id := h.Case("Oleander at the pergola", "icd-191", "Somebody means to kill Oleander Zorn at the pergola of the house on watch.", "Oleander Zorn", 5*time.Hour)
	h.Do("daniel", id, casefile.SealCase{People: []tocsin.ActorID{"sofia"}, Reason: "the source is one of ours"})
	after := ask()
	for asked, was := range before {
		if after[asked] != was {
			t.Errorf("%s: the page has changed", asked)
		}
	}
	if len(before) != len(outside)*len(queries) {
		t.Fatal(len(before))
	}
	if _, page := signedIn(t, h, "sofia").seek("oleander"); len(hitsOn(page)) != 2 {
		t.Errorf("somebody who knows finds %v", hitsOn(page))
	}
}
