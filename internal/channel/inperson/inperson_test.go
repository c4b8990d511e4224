package inperson_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/deliver/delivertest"
	"tocsin/internal/channel/inperson"
	"tocsin/release"
)

func clock() time.Time { return delivertest.Moment.Add(time.Hour) }

func message(t testing.TB, l delivertest.Letter) release.Message {
	l.Channel, l.Address = "in_person", "Qasr bazaar, gate 2"
	return delivertest.Message(t, l)
}

func TestChannelKeepsTheContract(t *testing.T) {
	delivertest.Run(t, delivertest.Harness{Name: "in_person", State: "assigned",
		Start: func(testing.TB, delivertest.Setup) delivertest.Far {
			return delivertest.Far{Channel: inperson.New(clock), Address: "ministry, room 2"}
		}})
}

func TestSendingMakesATaskUnderTheKey(t *testing.T) {
	m := message(t, delivertest.Letter{Key: "w-1.v1.r-1.0"})
	c := inperson.New(clock)
	first, err := c.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	want := tocsin.Receipt{State: "assigned", At: tocsin.Instant(clock()), Remote: "w-1.v1.r-1.0",
		Detail: "service in person at Qasr bazaar, gate 2 is a task for the deliverers", Body: m.Body(), Channel: "in_person"}
	if first != want {
		t.Errorf("receipt %+v, want %+v", first, want)
	}
	if again, err := c.Send(t.Context(), m); err != nil || again != first {
		t.Errorf("a repeat gives %+v, %v", again, err)
	}
	if r, err := inperson.New(nil).Send(t.Context(), m); err != nil || time.Since(r.At) > time.Minute {
		t.Errorf("without a clock of its own: %+v, %v", r, err)
	}
}

func TestTheScriptHoldsTheExactWords(t *testing.T) {
	for _, x := range delivertest.Texts() {
		s, err := inperson.ScriptOf(message(t, delivertest.Letter{Text: x.Text}))
		if err != nil {
			t.Fatalf("%s: %v", x.Name, err)
		}
		if s.Words != x.Text || !strings.Contains(s.String(), "\n"+x.Text.Subject+"\n\n"+x.Text.Body+"\n") {
			t.Errorf("%s: the script is\n%s", x.Name, s)
		}
	}
}

func TestTheScriptTellsTheDelivererWhatToDo(t *testing.T) {
	m := message(t, delivertest.Letter{Text: tocsin.Text{Language: "fa", Subject: "هشدار", Body: "بروید."}, Type: tocsin.Update, Kind: tocsin.VictimWarning})
	s, err := inperson.ScriptOf(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"UPDATE OF A WARNING, TO BE GIVEN IN PERSON",
		"Marking:    UNCLASSIFIED",
		"Person:     Ministry of Roads, watch",
		"Ask for:    duty desk",
		"Place:      Qasr bazaar, gate 2",
		"Language:   fa (reads from right to left)",
		"Valid:      from 4 March 2026, 05:06 UTC to 7 March 2026, 05:06 UTC",
		"Reference:  TW-2026-0007",
		"Proof of us: Call the number in the joint list and quote the reference.",
		"refuse to sign",
	} {
		if !strings.Contains(s.String(), want) {
			t.Errorf("the script lacks %q:\n%s", want, s)
		}
	}
}

func TestAnEndThatIsNotKnownIsSaid(t *testing.T) {
	for want, w := range map[string]tocsin.Window{
		"Valid:      from 4 March 2026, 05:06 UTC, end not known\n": {Earliest: delivertest.Moment},
		"Valid:      until 4 March 2026, 05:06 UTC\n":               {Latest: delivertest.Moment},
	} {
		s, err := inperson.ScriptOf(message(t, delivertest.Letter{Window: w}))
		if err != nil || !strings.Contains(s.String(), want) {
			t.Errorf("%v: the script lacks %q:\n%s", err, want, s)
		}
	}
}

func TestTitlesSayWhatKindOfMessageItIs(t *testing.T) {
	for typ, want := range map[tocsin.MessageType]string{tocsin.Alert: "WARNING,", tocsin.Update: "UPDATE", tocsin.Cancel: "WITHDRAWAL", tocsin.AllClear: "ALL-CLEAR", "other": "MESSAGE"} {
		s, err := inperson.ScriptOf(message(t, delivertest.Letter{Type: typ}))
		if err != nil || !strings.HasPrefix(s.String(), want) {
			t.Errorf("%s: %v\n%s", typ, err, s)
		}
	}
	s, err := inperson.ScriptOf(message(t, delivertest.Letter{Kind: tocsin.DisruptionNotice}))
	if err != nil || !strings.HasPrefix(s.String(), "WARNING TO THE SUSPECT,") {
		t.Errorf("%v\n%s", err, s)
	}
}

// Every field of the record of a service has its question, and no question
// asks for something that cannot be recorded.
func TestEveryFieldOfTheRecordIsAskedFor(t *testing.T) {
	s, err := inperson.ScriptOf(message(t, delivertest.Letter{}))
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, q := range s.Record {
		if q.Ask == "" || asked[q.Field] {
			t.Errorf("question %+v is empty or asked twice", q)
		}
		asked[q.Field] = true
	}
	record := reflect.TypeFor[tocsin.Service]()
	for i := range record.NumField() {
		name, _, _ := strings.Cut(record.Field(i).Tag.Get("json"), ",")
		if !asked[name] {
			t.Errorf("nobody asks for %s", name)
		}
		delete(asked, name)
	}
	if len(asked) > 0 {
		t.Errorf("no field records %v", asked)
	}
}

func TestWhichLanguagesReadFromRightToLeft(t *testing.T) {
	for tag, want := range map[string]bool{"fa": true, "fa-AF": true, "ar": true, "he-IL": true, "ur": true, "en": false, "en-IR": false,
		"az": false, "az-Arab": true, "az-Arab-IR": true, "ku": false, "ku-Arab": true, "ar-Latn": false, "uz-Cyrl": false, "tg": false, "FA": true} {
		s, err := inperson.ScriptOf(message(t, delivertest.Letter{Text: tocsin.Text{Language: tag, Subject: "s", Body: "b"}}))
		if err != nil || s.RightLeft != want {
			t.Errorf("%s: %v, %v; want %v", tag, s.RightLeft, err, want)
		}
	}
}

// How to come to somebody safely is the first thing on the sheet, and said to be for the
// deliverer alone; an exercise says so above and below.
func TestTheScriptBeginsWithTheCareToTake(t *testing.T) {
	s, err := inperson.ScriptOf(message(t, delivertest.Letter{}))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(s.String(), "TAKE CARE") || strings.Contains(s.String(), "EXERCISE") {
		t.Errorf("without either:\n%s", s)
	}
	s.Care, s.Exercise = []tocsin.Care{{Victim: "v1", Name: "Reza Ahmadi", Words: "His brother answers the telephone."}}, true
	text := s.String()
	care, place := strings.Index(text, "   Reza Ahmadi: His brother answers the telephone.\n"), strings.Index(text, "Place:")
	if care < 0 || care > place || !strings.Contains(text[:care], "for you alone") || strings.Count(text, "EXERCISE EXERCISE EXERCISE. ") != 2 {
		t.Errorf("the script is\n%s", text)
	}
}
