package console_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/console/consoletest"
)

// filledForm is what a form sends if nobody touches it.
func filledForm(t *testing.T, page, action string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	out := url.Values{}
	for n := range doc.Descendants() {
		if n.Data == "form" && attribute(n, "action") == action {
			for m := range n.Descendants() {
				take(m, out)
			}
			return out
		}
	}
	t.Fatalf("there is no form for %s", action)
	return nil
}

func take(n *html.Node, out url.Values) {
	name := attribute(n, "name")
	switch {
	case name == "" || n.Type != html.ElementNode:
	case n.Data == "textarea" && n.FirstChild != nil:
		out.Add(name, n.FirstChild.Data)
	case n.Data == "select":
		for o := range n.Descendants() {
			if o.Data == "option" && slices.ContainsFunc(o.Attr, func(a html.Attribute) bool { return a.Key == "selected" }) {
				out.Add(name, attribute(o, "value"))
			}
		}
	case n.Data == "input":
		ticked := slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "checked" })
		if kind := attribute(n, "type"); ticked || kind != "checkbox" && kind != "radio" {
			out.Add(name, attribute(n, "value"))
		}
	}
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func stateOf(h *consoletest.House, id tocsin.CaseID) casefile.State {
	h.T.Helper()
	s, err := h.Engine.Case(id)
	if err != nil {
		h.T.Fatal(err)
	}
	return s
}

func TestANewVersionBeginsAtTheWordsOfTheLast(t *testing.T) {
	h := consoletest.Open(t, false)
	id, w := h.Questions()
	path := "/cases/" + string(id)
	b := signedIn(t, h, "daniel")
	page := b.get(path).Body.String()
	begin := path + "?do=draft_warning&target=" + string(w)
	if !strings.Contains(page, `href="?do=draft_warning&amp;target=`+string(w)+`#do-draft_warning-"`) {
		t.Fatal("the warning offers no new version")
	}
	f := filledForm(t, b.get(begin).Body.String(), path+"/do/draft_warning")
	if f.Get("new_version_of") != string(w) || f.Get("kind") != "protector" || f.Get("valid_for") != "2d" || f.Get("fact.harm.en") != "See the words." || f.Get("body.en") != consoletest.Doubted {
		t.Errorf("the form begins with %v", f)
	}
	if f.Has("releasable") {
		t.Error("nobody has judged the new version, and the form says that somebody has")
	}
	before, _ := stateOf(h, id).Warning(w)
	f.Set("releasable", "yes")
	if r := b.post(path+"/do/draft_warning", f); r.Code != http.StatusSeeOther {
		t.Fatalf("the new version is answered with %d: %s", r.Code, r.Body)
	}
	after, _ := stateOf(h, id).Warning(w)
	if after.Draft.Version != before.Draft.Version+1 || !slices.Equal(after.Draft.Texts, before.Draft.Texts) || len(after.Draft.Recipients) != 1 || after.Draft.Recipients[0].ID != "town" || after.Approval != nil {
		t.Errorf("the new version is %+v", after.Draft)
	}

	fresh := filledForm(t, b.get(path).Body.String(), path+"/do/draft_warning")
	if fresh.Get("new_version_of") != "" || fresh.Get("body.en") != "" || fresh.Get("valid_for") != "36h" || len(fresh["recipients"]) != 0 {
		t.Errorf("a new warning begins with %v", fresh)
	}
}

func TestComposedWordsAreNotTakenForTheAuthorsOwn(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Fill()["drafted"]
	w := stateOf(h, id).Warnings[0].ID
	path := "/cases/" + string(id)
	f := filledForm(t, signedIn(t, h, "daniel").get(path+"?do=draft_warning&target="+string(w)).Body.String(), path+"/do/draft_warning")
	if f.Get("fact.harm.en") == "" || f.Get("body.en") != "" {
		t.Errorf("of a composed warning the form holds the facts %q and the words %q", f.Get("fact.harm.en"), f.Get("body.en"))
	}
}

func TestNextTurnsFromWordsThatTheGuardWouldStop(t *testing.T) {
	h := consoletest.Open(t, false)
	id, w := h.Questions()
	h.Reword(id, w, consoletest.Doubted+"\n\nOrchid heard it on the quay.")
	path := "/cases/" + string(id)
	next := func(who string) string {
		t.Helper()
		return between(signedIn(t, h, who).get(path).Body.String(), `<section class="next"`, "</section>")
	}
	if says := next("sofia"); !strings.Contains(says, "The guard would stop these words.") || !strings.Contains(says, "?do=return_warning&amp;target="+string(w)) {
		t.Errorf("whoever may approve is told %s", says)
	}
	if says := next("daniel"); !strings.Contains(says, "The guard would stop these words.") || !strings.Contains(says, "?do=draft_warning&amp;target="+string(w)+"#") {
		t.Errorf("whoever wrote it is told %s", says)
	}
	warning, _ := stateOf(h, id).Warning(w)
	h.Do("sofia", id, casefile.ApproveWarning{Warning: w, Digest: warning.Digest})
	if says := next("rui"); !strings.Contains(says, "The guard would stop these words.") || strings.Contains(says, "do=release_warning") {
		t.Errorf("after an approval whoever may release is told %s", says)
	}
	h.Do("sofia", id, casefile.ReturnWarning{Warning: w, Reason: "It names the source."})
	if says := next("daniel"); !strings.Contains(says, "It names the source.") || !strings.Contains(says, "?do=draft_warning&amp;target="+string(w)+"#") {
		t.Errorf("whoever wrote what was sent back is told %s", says)
	}
}

func TestWhatFollowsAWarningBeginsAtItsEnvelope(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Fill()["sent"]
	w := stateOf(h, id).Warnings[0].ID
	path := "/cases/" + string(id)
	b := signedIn(t, h, "daniel")
	if page := b.get(path).Body.String(); !strings.Contains(page, "Write an update, a withdrawal or the all-clear") {
		t.Fatal("a live warning offers nothing that follows it")
	}
	f := filledForm(t, b.get(path+"?do=draft_warning&target="+string(w)).Body.String(), path+"/do/draft_warning")
	if f.Get("new_version_of") != "" || f.Get("refers") != string(w) || f.Get("message") != "update" || !slices.Equal(f["recipients"], []string{"town"}) || !slices.Equal(f["victims"], []string{"v1"}) || f.Get("marking") == "" {
		t.Errorf("what follows begins with %v", f)
	}
}
