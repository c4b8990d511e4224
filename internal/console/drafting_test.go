package console_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

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

// begun is the form of a message about the first warning of a case, as it begins.
func begun(t *testing.T, h *consoletest.House, id tocsin.CaseID, message string) (*browser, url.Values) {
	t.Helper()
	path, b := "/cases/"+string(id), signedIn(t, h, "daniel")
	begin := path + "?do=draft_warning&target=" + string(stateOf(h, id).Warnings[0].ID) + "&message=" + message
	return b, filledForm(t, b.get(begin).Body.String(), path+"/do/draft_warning")
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
	_, f := begun(t, h, h.Fill()["drafted"], "")
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
	b, f := begun(t, h, id, "update")
	page := b.get("/cases/" + string(id)).Body.String()
	for _, m := range []string{"update", "cancel", "all_clear"} {
		if !strings.Contains(page, `href="?do=draft_warning&amp;target=w1&amp;message=`+m+`#do-draft_warning-"`) {
			t.Errorf("a live warning offers no %s", m)
		}
	}
	if f.Get("new_version_of") != "" || f.Get("refers") != "w1" || f.Get("message") != "update" || !slices.Equal(f["recipients"], []string{"town"}) || !slices.Equal(f["victims"], []string{"v1"}) || f.Get("marking") == "" || f.Get("fact.harm.en") == "" {
		t.Errorf("an update begins with %v", f)
	}
}

// The end of a danger does not repeat what was to be done while there was one; whom to
// call is as it was, and may be said again in the same words.
func TestTheAllClearIsWrittenOfWhatItSays(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Fill()["sent"]
	b, f := begun(t, h, id, "all_clear")
	path := "/cases/" + string(id)
	if f.Get("message") != "all_clear" || f.Get("fact.do_now.en") != "" || f.Get("fact.contact.en") != "The watch, at any hour, on extension 1." || f.Has("fact.harm.en") {
		t.Fatalf("the all-clear begins with %v", f)
	}
	f.Set("releasable", "yes")
	r := b.post(path+"/do/draft_warning", f)
	if page := r.Body.String(); r.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "About w1: all-clear") || !strings.Contains(page, `<input type="hidden" name="message" value="all_clear">`) || strings.Contains(page, `name="fact.harm.en"`) {
		t.Fatalf("without what it must say: %d", r.Code)
	}
	f.Set("fact.changed.en", "Those who meant to do it are in custody.")
	f.Set("fact.do_now.en", "You may go home.")
	f.Set("fact.authorities.en", "The police will look in once more.")
	if r := b.post(path+"/do/draft_warning", f); r.Code != http.StatusSeeOther {
		t.Fatalf("it is answered with %d: %s", r.Code, r.Body)
	}
	s := stateOf(h, id)
	w := s.Warnings[len(s.Warnings)-1]
	if w.Draft.Message != tocsin.AllClear || w.Draft.Refers != s.Warnings[0].ID || !strings.Contains(w.Draft.Texts[0].Body, "on extension 1") {
		t.Errorf("the all-clear is %+v", w.Draft)
	}
	if s = h.Out(id, w.ID); s.Warnings[0].EndedBy != w.ID {
		t.Errorf("the warning is ended by %q", s.Warnings[0].EndedBy)
	}
}

// A warning that was extended is followed by an update of it, not by one more alert.
func TestWhoIsToTellOfAnExtensionWritesAnUpdate(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Fill()["sent"]
	h.Do("rui", id, casefile.ExtendWindow{Warning: "w1", Until: stateOf(h, id).Warnings[0].Until.Add(24 * time.Hour), Reason: "They were not caught."})
	b := signedIn(t, h, "daniel")
	link := `/cases/` + string(id) + `?do=draft_warning&amp;target=w1#`
	if page := b.get("/").Body.String(); !strings.Contains(page, link) {
		t.Error("the floor does not lead to the update")
	}
	page := b.get("/cases/" + string(id)).Body.String()
	if next := between(page, `<section class="next"`, "</section>"); !strings.Contains(next, `?do=draft_warning&amp;target=w1#`) || !strings.Contains(next, ">Write an update</a>") {
		t.Errorf("the case leads to %s", next)
	}
	if f := filledForm(t, b.get("/cases/"+string(id)+"?do=draft_warning&target=w1").Body.String(), "/cases/"+string(id)+"/do/draft_warning"); f.Get("message") != "update" || f.Get("refers") != "w1" {
		t.Errorf("the form begins with %v", f)
	}
}
