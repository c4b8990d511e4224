package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/web"
	"tocsin/view"
)

func (h *house) search(as, words string, more ...string) reply {
	h.t.Helper()
	q := url.Values{"q": {words}}
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return h.send(as, "GET", "/v1/search?"+q.Encode(), nil)
}

// hits names what somebody finds: its kind, and the case, report or recipient.
func (h *house) hits(as, words string) []string {
	h.t.Helper()
	var out []string
	for _, x := range into[web.SearchPage](h.search(as, words).want(http.StatusOK)).Items {
		out = append(out, strings.TrimSpace(string(x.Kind)+" "+string(x.Report)+string(x.Warning)+string(x.Recipient)))
	}
	slices.Sort(out)
	return out
}

func TestAWatchOfficerFindsWordsWhereverTheyStand(t *testing.T) {
	h := open(t, setup{})
	id := h.released()
	h.report("ines", "Müller aus der Straße 7 wird bedroht; sein Wagen ist AB-123.")
	for words, want := range map[string][]string{
		"bomb":               {"report report-1"},
		"canary-title":       {"case"},
		"PEOPLE at the mark": {"case", "warning w1"},
		"weekly market":      {"warning w1"},
		"desk@town.example":  {"delivery", "recipient town"},
		"town mayor":         {"recipient town"},
		"muller strasse":     {"report report-2"},
		`"friday market"`:    {"case", "report report-1"},
		`"market friday"`:    nil,
		"ab-12":              {"report report-2"},
		"orchid":             {"report report-1", "report report-2"},
		string(id):           {"case"},
		"finding":            nil, // what somebody found is a grade, and is not searched
	} {
		if got := h.hits("dora", words); !slices.Equal(got, want) {
			t.Errorf("%s: %v", words, got)
		}
	}
	page := into[web.SearchPage](h.search("dora", "friday market", "kind", "report").want(http.StatusOK))
	if len(page.Items) != 1 || page.Counts[view.CaseHit] != 1 || page.Counts[view.ReportHit] != 1 || page.Items[0].Marking != "UNCLASSIFIED" {
		t.Fatalf("%+v", page)
	}
	found := 0
	for _, p := range page.Items[0].Passages[0].Pieces {
		if p.Found && (p.Text == "Friday" || p.Text == "market") {
			found++
		}
	}
	if found != 2 {
		t.Errorf("the words are not marked: %+v", page.Items[0].Passages)
	}
	post := h.send("dora", "POST", "/v1/search", map[string]any{"q": "friday market", "kind": "report"}).want(http.StatusOK)
	if get := h.search("dora", "friday market", "kind", "report"); string(post.body) != string(get.body) {
		t.Errorf("with the words in the body it answers %s", post.body)
	}
}

func TestEachPersonFindsWhatIsTheirs(t *testing.T) {
	h := open(t, setup{})
	h.released()
	mine := h.report("rosa", "The friday market is watched.")
	for who, want := range map[string][]string{"rosa": {"report " + string(mine.ID)}, "remo": nil, "dele": {"delivery"}, "other.system": nil} {
		if got := h.hits(who, "friday market"); !slices.Equal(got, want) {
			t.Errorf("%s finds %v", who, got)
		}
	}
	for who, want := range map[string][]string{"dele": {"delivery"}, "town.system": {"delivery"}, "other.system": nil, "rosa": nil} {
		if got := h.hits(who, "close the market"); !slices.Equal(got, want) {
			t.Errorf("%s finds %v of what goes out", who, got)
		}
	}
	h.search("adam", "market").wantProblem(http.StatusForbidden, "no_access")
	h.search("", "market").wantProblem(http.StatusUnauthorized, "no_token")
}

func TestASearchIsReadPageByPage(t *testing.T) {
	h := open(t, setup{})
	for range 7 {
		h.report("ines", "A grey van, again.")
		h.clock.Pass(1e9)
	}
	var got []tocsin.ReportID
	cursor := ""
	for range 10 {
		page := into[web.SearchPage](h.search("anna", "grey", "limit", "3", "cursor", cursor).want(http.StatusOK))
		for _, x := range page.Items {
			got = append(got, x.Report)
		}
		if page.Counts[view.ReportHit] < 7 {
			t.Fatalf("%+v", page.Counts)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
		h.report("ines", "A grey van that comes in meanwhile.")
		h.clock.Pass(1e9)
	}
	want := []tocsin.ReportID{"report-7", "report-6", "report-5", "report-4", "report-3", "report-2", "report-1"}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	h.search("anna", "grey", "cursor", "before-3").wantProblem(http.StatusUnprocessableEntity, "cursor")
}

func TestASearchThatCannotBeMadeIsAnsweredAndIsNotLogged(t *testing.T) {
	h := open(t, setup{})
	for code, words := range map[string]string{"search_no_words": " ..; -- ", "search_unreadable": "oleander\x00", "search_too_long": strings.Repeat("oleander ", 60),
		"search_too_many": strings.Repeat("o ", 13)} {
		p := h.search("anna", words).wantProblem(http.StatusUnprocessableEntity, code)
		if strings.Contains(p.Detail+p.Do, "oleander") {
			t.Errorf("%s repeats the words", code)
		}
	}
	h.send("anna", "POST", "/v1/search", map[string]any{"q": strings.Repeat("oleander ", 100_000)}).wantProblem(http.StatusUnprocessableEntity, "search_too_long")
	h.send("anna", "POST", "/v1/search", map[string]any{"q": strings.Repeat("oleander ", 200_000)}).wantProblem(http.StatusRequestEntityTooLarge, "body_too_large")
	h.send("anna", "GET", "/v1/search", nil).wantProblem(http.StatusUnprocessableEntity, "request_form")
	h.search("anna", "oleander").want(http.StatusOK)
	if strings.Contains(h.log.String(), "oleander") {
		t.Errorf("the words stand in the log: %s", h.log)
	}
}

// What somebody finds who does not know of a sealed case is, byte for byte, what they
// found before there was one: hits, counts, pages and refusals.
func TestASearchTellsNothingOfASealedCase(t *testing.T) {
	h := open(t, setup{})
	h.released()
	outside := []string{"anna", "rolf", "rita", "remo", "dele", "ines"}
	ask := func() map[string]string {
		out := map[string]string{}
		for _, who := range outside {
			for _, words := range []string{"friday", "market", "oleander", "ole", "pergola", `"oleander zorn"`, "w1", "close", "town", "desk", "s"} {
				for _, limit := range []string{"1", "50"} {
					r := h.search(who, words, "limit", limit)
					out[who+" "+words+" "+limit] = r.header.Get("Content-Length") + string(r.body)
					if next := into[web.SearchPage](r).Next; next != "" {
						out[who+" "+words+" next"] = string(h.search(who, words, "limit", limit, "cursor", next).body)
					}
				}
			}
		}
		return out
	}
	before := ask()
	rep := h.report("dora", "Oleander Zorn is to be shot at the pergola beside the market on Friday.")
	id := into[web.Answer](h.send("dora", "POST", "/v1/cases", map[string]any{"title": "Oleander", "reports": []any{rep.ID}}).want(http.StatusCreated)).Case
	h.command("dora", id, "add-victim", map[string]any{"victim": map[string]any{"id": "v1", "kind": "person", "name": "Oleander Zorn", "identity": "named", "place": "Town, pergola"}})
	if got := h.hits("anna", "oleander"); len(got) != 2 {
		t.Fatalf("before the seal: %v", got)
	}
	h.command("dora", id, "seal-case", casefile.SealCase{People: []tocsin.ActorID{"dora"}, Reason: "the source is one of ours"})
	after := ask()
	for asked, was := range before {
		if after[asked] != was {
			t.Errorf("%s: %s, and before there was the case %s", asked, after[asked], was)
		}
	}
	if len(before) < 100 || len(after) != len(before) {
		t.Errorf("only %d answers were compared, with %d", len(before), len(after))
	}
	if got := h.hits("dora", "oleander"); !slices.Equal(got, []string{"case", "report report-2"}) {
		t.Errorf("somebody who knows finds %v", got)
	}
	if got := h.hits("ivan", "pergola"); len(got) != 2 {
		t.Errorf("an inspector finds %v", got)
	}
}
