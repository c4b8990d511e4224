package console_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tocsin"
	"tocsin/internal/console/consoletest"
)

// marks are the names of the fields that a page marks as wrong.
func marks(page string) []string {
	var out []string
	for _, tag := range regexp.MustCompile(`<(?:input|select|textarea)[^>]*aria-invalid="true"[^>]*>`).FindAllString(page, -1) {
		if m := regexp.MustCompile(`name="([^"]*)"`).FindStringSubmatch(tag); m != nil {
			out = append(out, html.UnescapeString(m[1]))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// listed are the fields to which the message of a refusal leads.
func listed(page string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`<li><a href="#([^"]*)" data-field="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if m[1] != m[2] || !strings.Contains(page, `id="`+m[1]+`"`) {
			out = append(out, "nowhere: "+m[1])
		}
		out = append(out, m[1])
	}
	return out
}

func TestARefusalMarksTheFieldsThatItIsAbout(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	if _, err := h.Engine.SetRecipient(t.Context(), h.Person("daniel"), persian); err != nil {
		t.Fatal(err)
	}
	found, fresh := string(cases["found"]), string(cases["fresh"])
	warning := func(more url.Values) url.Values {
		out := url.Values{"kind": {"protector"}, "message": {"alert"}, "victims": {"v1"}, "recipients": {"town"}, "marking": {"UNCLASSIFIED"}, "valid_for": {"36h"}, "releasable": {"yes"}}
		for _, item := range []string{"harm", "when", "where", "do_now", "contact", "authorities"} {
			out.Set("fact."+item+".en", "Words on it.")
		}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	sent, _ := h.Engine.Case(cases["sent"])
	key := string(sent.Deliveries[0].Key)
	for name, c := range map[string]struct {
		who, path, kind, target string
		form                    url.Values
		want                    []string
		says                    string
	}{
		"a finding without a reason": {"anna", fresh, "record_findings", "v1", url.Values{"value.directed": {"met"}, "value.credible": {"met"}, "reason.credible": {"Two origins."}}, []string{"reason.directed"}, "Directed at somebody"},
		"a reason without a finding": {"anna", fresh, "record_findings", "v1", url.Values{"reason.credible": {"Two origins."}}, []string{"value.credible"}, "Choose a finding"},
		"a fact that is missing in Persian": {"daniel", found, "draft_warning", "", warning(url.Values{"recipients": {"town", "provincial-guard"}, "fact.harm.fa": {"خطر"}, "fact.when.fa": {"فردا"}, "fact.where.fa": {"خانه"},
			"fact.do_now.fa": {"بروید"}, "fact.authorities.fa": {"ما"}}), []string{"fact.contact.fa"}, "Whom to call at any hour"},
		"a warning about nobody":                   {"daniel", found, "draft_warning", "", warning(url.Values{"victims": nil}), []string{"victims"}, "About whom"},
		"a warning to nobody":                      {"daniel", found, "draft_warning", "", warning(url.Values{"recipients": nil}), []string{"recipients"}, "To whom"},
		"a time that cannot be read":               {"daniel", found, "draft_warning", "", warning(url.Values{"valid_for": {"soon"}}), []string{"valid_for"}, "Valid for"},
		"an update that refers to nothing":         {"daniel", found, "draft_warning", "", warning(url.Values{"message": {"update"}}), []string{"refers"}, "About the released warning"},
		"an answer by nobody":                      {"paul", "/deliveries/" + key, "acknowledge", key, url.Values{"answer": {"received"}}, []string{"person"}, "Nobody is named as having answered"},
		"a victim of no kind":                      {"anna", fresh, "add_victim", "", url.Values{"name": {"The clerk"}}, []string{"identity", "victim_kind"}, "How well they are known"},
		"a victim known before anything was":       {"anna", fresh, "add_victim", "", url.Values{"name": {"The clerk"}, "victim_kind": {"person"}, "identity": {"named"}, "known_since": {"1999-01-01T00:00"}}, []string{"known_since"}, "Meant since"},
		"words that stand in no report":            {"anna", fresh, "state_threat", "", url.Values{"means": {"Poison"}, "quote.means": {"with poison"}}, []string{"quote.means"}, "Means: words of the reports that support this"},
		"a window that ends before it begins":      {"anna", fresh, "state_threat", "", url.Values{"earliest": {"2024-02-03T00:00"}, "latest": {"2024-02-01T00:00"}}, []string{"earliest", "latest"}, "Not before"},
		"an attack that has passed":                {"anna", fresh, "state_threat", "", url.Values{"latest": {"2023-02-01T00:00"}}, []string{"latest"}, "Not after"},
		"an outcome that has not happened yet":     {"daniel", fresh, "record_outcome", "", url.Values{"what": {"averted"}, "at": {"2031-01-01T00:00"}, "note": {"n"}}, []string{"at"}, "When"},
		"a transfer to whoever has it":             {"daniel", fresh, "propose_transfer", "", url.Values{"to": {"daniel"}}, []string{"to"}, "To whom"},
		"a seal of nobody's id":                    {"sofia", fresh, "seal_case", "", url.Values{"people": {"Not An Id"}, "reason": {"r"}}, []string{"people"}, "Who knows of it"},
		"a way to nowhere":                         {"anna", found, "record_locator", "v1", url.Values{"locator": {" "}}, []string{"locator"}, "Address, number"},
		"a window that would end before it stands": {"rui", string(cases["sent"]), "extend_window", string(sent.Warnings[0].ID), url.Values{"until": {"2024-01-01T00:00"}, "reason": {"r"}}, []string{"until"}, "Until"},
	} {
		path := "/cases/" + c.path
		if strings.HasPrefix(c.path, "/") {
			path = c.path
		}
		b := signedIn(t, h, c.who)
		post := path + "/do/" + c.kind
		form := formOf(t, b.get(path).Body.String(), post, c.target)
		for k, v := range c.form {
			form[k] = v
		}
		r := b.post(post, form)
		page := r.Body.String()
		if r.Code != http.StatusUnprocessableEntity && r.Code != http.StatusConflict {
			t.Errorf("%s: %d", name, r.Code)
			continue
		}
		if got := marks(page); !slices.Equal(got, c.want) {
			t.Errorf("%s: the page marks %q, not %q", name, got, c.want)
		}
		if to := listed(page); len(to) != len(c.want) || strings.HasPrefix(to[0], "nowhere") {
			t.Errorf("%s: the message leads to %q", name, to)
		}
		if told := between(page, `<div class="formerror`, `</div>`); !strings.Contains(html.UnescapeString(told), c.says) {
			t.Errorf("%s: the message is %s", name, told)
		}
		if !strings.Contains(page, " data-refused>") {
			t.Errorf("%s: the browser is not told that the form was refused, and would drop the draft", name)
		}
	}
}

func between(page, from, to string) string {
	_, rest, _ := strings.Cut(page, from)
	text, _, _ := strings.Cut(rest, to)
	return text
}

var persian = tocsin.Recipient{ID: "provincial-guard", Name: "Provincial guard", Kind: tocsin.ProtectorWarning, Jurisdiction: "AF", Relation: "neutral", Languages: []string{"fa"},
	Ladder: []tocsin.Rung{{Channel: "smtp", Address: "desk@guard.example", Addressee: "desk", Level: 1}}}

func TestASectionThatHoldsWordsOrAnErrorIsOpen(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	if _, err := h.Engine.SetRecipient(t.Context(), h.Person("daniel"), persian); err != nil {
		t.Fatal(err)
	}
	path := "/cases/" + string(cases["found"])
	b := signedIn(t, h, "daniel")
	fresh := b.get(path).Body.String()
	if strings.Contains(between(fresh, `id="do-draft_warning-"`, "</form>"), `<details class="set" open>`) {
		t.Fatal("a fresh form has its rarer sections open")
	}
	form := formOf(t, fresh, path+"/do/draft_warning", "")
	form["kind"], form["victims"] = []string{"protector"}, []string{"v1"}
	form.Set("fact.where.fa", "در خانه")
	form.Set("gap.authorities", "They have not answered yet.")
	page := b.post(path+"/do/draft_warning", form).Body.String()
	act := between(page, `id="do-draft_warning-"`, "</form>")
	for _, name := range []string{"fact.where.fa", "gap.authorities"} {
		at := strings.Index(act, `name="`+name+`"`)
		if at < 0 {
			t.Fatalf("%s is not asked", name)
		}
		if strings.LastIndex(act[:at], "<details") > strings.LastIndex(act[:at], "</details") {
			t.Errorf("%s was typed and is folded away", name)
		}
	}
	if at := strings.Index(act, `name="body.en"`); strings.LastIndex(act[:at], "<details") < strings.LastIndex(act[:at], "</details") {
		t.Error("a section without words is open too")
	}
}

func TestAReportThatIsRefusedMarksItsFieldsAndKeepsItsDraft(t *testing.T) {
	h := consoletest.Open(t, false)
	b := signedIn(t, h, "ingrid")
	r := b.post("/intake", url.Values{"key": {"k"}, "text": {"A caller says so."}, "language": {"no such language!"}})
	page := r.Body.String()
	if r.Code != http.StatusUnprocessableEntity || !slices.Equal(marks(page), []string{"language"}) || !slices.Equal(listed(page), []string{"language"}) {
		t.Errorf("%d, %q, %q", r.Code, marks(page), listed(page))
	}
	if !strings.Contains(page, " data-refused>") || !strings.Contains(page, "A caller says so.") {
		t.Error("the draft would be dropped")
	}
	if b.cookies["tocsin_draft"] != "" {
		t.Error("the next page would be told that the report is in")
	}
}

func TestVictimsArePresetToNothingAndNobodyToChooseFromLeadsToTheDirectory(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Case("A threat to the ferry", "icd-191", "The caller says that the ferryman is to be shot before the verdict on Thursday.", "The ferryman", 0)
	page := signedIn(t, h, "anna").get("/cases/" + string(id)).Body.String()
	form := between(page, `id="do-add_victim-"`, "</form>")
	for _, name := range []string{"victim_kind", "identity"} {
		list := between(form, `name="`+name+`"`, "</select>")
		if !strings.Contains(list, " required") || strings.Contains(list, " selected") {
			t.Errorf("%s: %s", name, list)
		}
	}
	if !strings.Contains(form, `<a href="/directory">Enter them in the directory</a>`) {
		t.Error("whoever has nobody to choose from is not told where they are entered")
	}
}
