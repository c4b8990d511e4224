package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/internal/console/consoletest"
)

// parwaiz is warned at his door, in Persian; who would read his telephone is known.
var parwaiz = tocsin.Recipient{ID: "parwaiz", Name: "Parwaiz Karimi", Kind: tocsin.VictimWarning, Jurisdiction: "GB", Relation: "own", Languages: []string{"fa", "en"},
	Ladder: []tocsin.Rung{{Channel: "in_person", Address: "12 Mill Lane, second floor", Addressee: "himself", Level: 1}}}

// atTheDoor is a case whose warning waits to be given in person in Persian.
func atTheDoor(t *testing.T) (*consoletest.House, tocsin.CaseID, string) {
	t.Helper()
	h := consoletest.Open(t, false)
	id := h.Case("Man at Mill Lane", "icd-191", "The cousin said that Parwaiz Karimi is to be shot when he opens his shop tomorrow.", "Parwaiz Karimi", 20*time.Hour)
	s := stateOf(h, id)
	v := s.Victims[0].Victim
	v.Safety = "Do not telephone: his brother answers, and he is the one."
	h.Do("anna", id, casefile.CorrectVictim{Victim: v, Reason: "The caller said so."})
	h.Do("anna", id, casefile.RecordFindings{Victim: "v1", Findings: h.Findings(id, tocsin.Met)})
	if _, err := h.Engine.SetRecipient(t.Context(), h.Person("daniel"), parwaiz); err != nil {
		t.Fatal(err)
	}
	fact := func(item, en, fa string) tocsin.Fact {
		return tocsin.Fact{Item: item, Values: map[string]string{"en": en, "fa": fa}, Releasable: true}
	}
	res, err := h.Engine.Draft(t.Context(), h.Person("daniel"), id, engine.DraftRequest{Kind: tocsin.VictimWarning, Victims: []tocsin.VictimID{"v1"}, Recipients: []tocsin.RecipientID{"parwaiz"},
		Marking: "UNCLASSIFIED", ValidFor: "48h", Facts: []tocsin.Fact{fact("harm", "An attempt to kill you.", "تلاش برای کشتن شما."), fact("when", "Within the next two days.", "در دو روز آینده."),
			fact("where", "At your work.", "در محل کار شما."), fact("do_now", "Stay away from it.", "به آنجا نروید."), fact("contact", "The watch, at any hour, on extension 1.", "نگهبانی، در هر ساعت، داخلی ۱."),
			fact("authorities", "We will pass on whatever else we learn.", "هرچه بیشتر بدانیم خبر می\u200cدهیم.")}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h.Out(id, res.State.Warnings[0].ID)
	h.Settle()
	if s = stateOf(h, id); len(s.Deliveries) != 1 || s.Deliveries[0].State != casefile.Assigned {
		t.Fatalf("the warning does not wait to be given in person: %+v", s.Deliveries)
	}
	return h, id, "/deliveries/" + string(s.Deliveries[0].Key)
}

func TestADelivererIsToldHowToComeToTheVictimSafely(t *testing.T) {
	h, id, path := atTheDoor(t)
	for lang, want := range map[string]struct{ title, question string }{
		"en": {"Take care", "How did they answer: received"}, "de": {"Vorsicht beim Kontakt", "Wie haben sie geantwortet: erhalten"}} {
		b := signedIn(t, h, "paul")
		b.cookies["tocsin_lang"] = lang
		page := b.get(path).Body.String()
		care, words := strings.Index(page, "Do not telephone: his brother answers"), strings.Index(page, `class="take"`)
		if care < 0 || words < 0 || care > words || !strings.Contains(page, want.title) {
			t.Errorf("%s: the care to take does not stand above the words", lang)
		}
		for _, s := range []string{`<div class="letter" lang="fa" dir="rtl">`, `<div class="letter" lang="en">`, "An attempt to kill you.", want.question} {
			if !strings.Contains(page, s) {
				t.Errorf("%s: the sheet to take along lacks %s", lang, s)
			}
		}
	}
	if page := signedIn(t, h, "rui").get("/cases/" + string(id)).Body.String(); !strings.Contains(page, "It goes to nobody") {
		t.Error("the copy for reading is not told from what goes out")
	}
}

// To have been told is not to have acknowledged, and the form asks which it was.
func TestWhoWasToldInPersonIsAskedHowTheyAnswered(t *testing.T) {
	h, id, path := atTheDoor(t)
	key := strings.TrimPrefix(path, "/deliveries/")
	b := signedIn(t, h, "paul")
	form := formOf(t, b.get(path).Body.String(), path+"/do/record_service", key)
	formWith(form, "told", "Parwaiz Karimi", "place", "at his door", "at", h.Clock.Now().Format("2006-01-02T15:04Z"))
	if r := b.post(path+"/do/record_service", form); r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body.String(), "How they answered") {
		t.Fatalf("without an answer: %d", r.Code)
	}
	form.Set("signed", "yes")
	form.Set("how_answered", "refused")
	if r := b.post(path+"/do/record_service", form); r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body.String(), "cannot have signed for the warning and refused it") {
		t.Fatalf("signed and refused: %d", r.Code)
	}
	form.Del("signed")
	formWith(form, "how_answered", "understood", "response", "He will sleep at his sister's in Elm Street.")
	if r := b.post(path+"/do/record_service", form); r.Code != http.StatusSeeOther {
		t.Fatalf("understood: %d\n%s", r.Code, r.Body)
	}
	s := stateOf(h, id)
	d := s.Deliveries[0]
	if d.State != casefile.AckedState || d.Answer != tocsin.AckUnderstood || d.AnswerBy != "Parwaiz Karimi" || d.Said != "He will sleep at his sister's in Elm Street." || s.Victims[0].Disposition != casefile.ObligationDischarged {
		t.Errorf("%+v, %s", d, s.Victims[0].Disposition)
	}
	anna := signedIn(t, h, "anna")
	for _, p := range []string{path, "/deliveries", "/cases/" + string(id)} {
		if page := anna.get(p).Body.String(); !strings.Contains(page, "He will sleep at his sister&#39;s in Elm Street.") {
			t.Errorf("%s does not show what he answered", p)
		}
	}
	if r := anna.post("/search", map[string][]string{"q": {"sister Elm"}}); !strings.Contains(anna.get(r.Header().Get("Location")).Body.String(), key) {
		t.Error("his words are not found")
	}
}

func TestWhoAnsweredNothingIsOnlyTold(t *testing.T) {
	h, id, path := atTheDoor(t)
	b := signedIn(t, h, "paul")
	form := formOf(t, b.get(path).Body.String(), path+"/do/record_service", strings.TrimPrefix(path, "/deliveries/"))
	formWith(form, "told", "Parwaiz Karimi", "place", "at his door", "at", h.Clock.Now().Format("2006-01-02T15:04Z"), "how_answered", "none")
	if r := b.post(path+"/do/record_service", form); r.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", r.Code, r.Body)
	}
	s := stateOf(h, id)
	if d := s.Deliveries[0]; d.State != casefile.Delivered || d.Answer != "" || s.Victims[0].Disposition == casefile.ObligationDischarged {
		t.Errorf("%+v, %s", d, s.Victims[0].Disposition)
	}
}

func TestEverybodyBeginsWhereTheirWorkIs(t *testing.T) {
	h := consoletest.Open(t, false)
	for who, want := range map[string]string{"paul": "/deliveries", "gate": "/intake", "anna": ""} {
		r := signedIn(t, h, who).get("/")
		if r.Header().Get("Location") != want {
			t.Errorf("%s is led to %q", who, r.Header().Get("Location"))
		}
		page := signedIn(t, h, who).get("/intake").Body.String()
		if strings.Contains(page, `href="/wall"`) != (want == "") {
			t.Errorf("the foot of the page offers %s what is not theirs, or not what is", who)
		}
	}
}

// What the record of the case holds itself need not be typed by whoever closes it.
func TestClosingIsFilledInFromTheRecord(t *testing.T) {
	h, id, path := atTheDoor(t)
	key := tocsin.DeliveryKey(strings.TrimPrefix(path, "/deliveries/"))
	h.Do("paul", id, casefile.RecordService{Key: key, Service: tocsin.Service{Person: "Parwaiz Karimi", Place: "his door", At: h.Clock.Now(), Signed: true}})
	b, f := begun(t, h, id, "all_clear")
	for item, words := range map[string][2]string{"changed": {"The men are in custody.", "آن مردان در بازداشت\u200cاند."}, "do_now": {"You may go home.", "می\u200cتوانید به خانه بروید."},
		"authorities": {"The police look in once more.", "پلیس یک بار دیگر سر می\u200cزند."}} {
		f.Set("fact."+item+".en", words[0])
		f.Set("fact."+item+".fa", words[1])
	}
	f.Set("releasable", "yes")
	if r := b.post("/cases/"+string(id)+"/do/draft_warning", f); r.Code != http.StatusSeeOther {
		t.Fatalf("the all-clear is answered with %d", r.Code)
	}
	h.Out(id, "w2")
	h.Settle()
	s := stateOf(h, id)
	h.Do("paul", id, casefile.RecordService{Key: s.Deliveries[len(s.Deliveries)-1].Key, Service: tocsin.Service{Person: "Parwaiz Karimi", Place: "his sister's", At: h.Clock.Now(), Answer: tocsin.AckUnderstood}})
	h.Do("daniel", id, casefile.RecordOutcome{Outcome: casefile.Outcome{What: "averted", At: h.Clock.Now(), Note: "They are in custody."}})
	page := b.get("/cases/" + string(id)).Body.String()
	if next := between(page, `<section class="next"`, "</section>"); !strings.Contains(next, "?do=close_case") {
		t.Errorf("nobody is led to closing: %s", next)
	}
	form := filledForm(t, page, "/cases/"+string(id)+"/do/close_case")
	for item, want := range map[string]string{"determination": "In the record of this case: ", "acknowledgement_or_silence": "In the record of this case: ", "waiver_or_refusal_with_reason": "None in this case", "outcome": "In the record of this case: 1 entry"} {
		if got := form.Get("record." + item); !strings.HasPrefix(got, want) {
			t.Errorf("of %s the form says %q", item, got)
		}
	}
}
