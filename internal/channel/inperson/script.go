package inperson

import (
	"fmt"
	"strings"
	"time"

	"tocsin"
	"tocsin/deliver"
	"tocsin/release"
)

// Script is what a deliverer holds in hand: whom to tell, where, how to come to them
// safely, the exact words, and what to bring back. It holds nothing else of the case
// beyond what goes out.
type Script struct {
	Key       tocsin.DeliveryKey
	Exercise  bool          // nothing of it is real
	Care      []tocsin.Care // for the deliverer alone, and first of all
	Type      tocsin.MessageType
	Kind      tocsin.WarningKind
	Person    string // the recipient's name in the directory
	Addressee string // who is reached at this rung, if other than the person
	Place     string
	Words     tocsin.Text // given exactly so
	RightLeft bool        // the words read from right to left
	Marking   string
	Reference string        // the recipient quotes it when calling back
	Verify    string        // how the recipient checks that the deliverer is ours; may be empty
	Window    tocsin.Window // validity of the words
	Record    []Question
}

// Question is one item of the record that the deliverer brings back.
type Question struct {
	Field string // the JSON name of the field of tocsin.Service that holds the answer
	Ask   string
}

// questions follows the form of delivery records that police forces use for
// threat-to-life warnings: place, time, who was there, words, reaction, refusal to sign.
func questions() []Question {
	return []Question{
		{"person", "Who was told? Name, and how you made sure that it was them."},
		{"place", "Where?"},
		{"at", "When, to the minute and with the time zone?"},
		{"words", "Which words were given, if not exactly these? Write down every departure."},
		{"present", "Who else was present, with names and roles?"},
		{"interpreter", "Who interpreted, if anybody?"},
		{"signed", "Did they sign that they were told?"},
		{"refused_sign", "Did they refuse to sign? A refusal is recorded; the warning has been given all the same."},
		{"answer", "How did they answer: received, understood, acting on it, refused, or that they will answer later? Silence is no answer."},
		{"response", "What did they answer, ask, or say that they would do, in their words?"},
	}
}

// ScriptFor makes the script for a task under a clearance, as of the moment of the
// clearance, when it held: the task outlives it.
func ScriptFor(c tocsin.Clearance, d tocsin.Draft, task tocsin.DeliveryKey, r tocsin.RecipientID, rung int, care []tocsin.Care) (Script, error) {
	cleared, err := release.Reopen(c, d, c.At)
	if err != nil {
		return Script{}, err
	}
	m, err := cleared.Message(task, r, rung, c.At)
	if err != nil {
		return Script{}, err
	}
	s, err := ScriptOf(m)
	s.Care = care
	return s, err
}

// ScriptOf makes the script for m, without care. It refuses what no channel may send; the
// error is a *deliver.Failure.
func ScriptOf(m release.Message) (Script, error) {
	if err := deliver.Admit(m, Name); err != nil {
		return Script{}, err
	}
	r, g := m.Recipient(), m.Rung()
	return Script{
		Key: m.Key(), Type: m.Type(), Kind: m.Kind(),
		Person: r.Name, Addressee: g.Addressee, Place: g.Address,
		Words: m.Text(), RightLeft: tocsin.RightToLeft(m.Text().Language),
		Marking: m.Marking(), Reference: m.Reference(), Verify: r.Verify, Window: m.Window(),
		Record: questions(),
	}, nil
}

const drill = "EXERCISE EXERCISE EXERCISE. Nothing in this is real. Give it to nobody outside the exercise.\n"

const rule = "----------------------------------------------------------------"

// String is the script as plain text, to print or read from a screen. The
// words stand between two rules, unchanged and on lines of their own.
func (s Script) String() string {
	var b strings.Builder
	line := func(label, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-11s %s\n", label+":", value)
		}
	}
	if s.Exercise {
		b.WriteString(drill + "\n")
	}
	b.WriteString(s.title() + "\n\n")
	if len(s.Care) > 0 {
		b.WriteString("TAKE CARE. This is for you alone: hand over the words below, never this sheet.\n")
		for _, c := range s.Care {
			b.WriteString("   " + c.Name + ": " + c.Words + "\n")
		}
		b.WriteString("\n")
	}
	line("Marking", s.Marking)
	line("Person", s.Person)
	line("Ask for", s.Addressee)
	line("Place", s.Place)
	line("Language", s.language())
	line("Valid", validity(s.Window))
	line("Reference", s.Reference)
	line("Proof of us", s.Verify)
	line("Task", string(s.Key))
	b.WriteString("\n1. Make sure that you are speaking to the right person and that nobody overhears who should not.\n" +
		"   If you cannot reach them, record the attempt at once; somebody else is then tried.\n" +
		"2. Give exactly these words, read out or handed over. Add nothing about where they come from.\n\n")
	fmt.Fprintf(&b, "%s\n%s\n\n%s\n%s\n\n", rule, s.Words.Subject, s.Words.Body, rule)
	b.WriteString("3. Write down, before you leave:\n")
	for _, q := range s.Record {
		b.WriteString("   [ ] " + q.Ask + "\n")
	}
	if s.Exercise {
		b.WriteString("\n" + drill)
	}
	return b.String()
}

func (s Script) title() string {
	what := map[tocsin.MessageType]string{
		tocsin.Alert: "WARNING", tocsin.Update: "UPDATE OF A WARNING", tocsin.Cancel: "WITHDRAWAL OF A WARNING", tocsin.AllClear: "ALL-CLEAR",
	}[s.Type]
	if what == "" {
		what = "MESSAGE"
	}
	if s.Kind == tocsin.DisruptionNotice {
		what += " TO THE SUSPECT"
	}
	return what + ", TO BE GIVEN IN PERSON"
}

func (s Script) language() string {
	if s.RightLeft {
		return s.Words.Language + " (reads from right to left)"
	}
	return s.Words.Language
}

func validity(w tocsin.Window) string {
	at := func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }
	switch {
	case !w.Known():
		return ""
	case w.Latest.IsZero():
		return "from " + at(w.Earliest) + ", end not known"
	case w.Earliest.IsZero():
		return "until " + at(w.Latest)
	}
	return "from " + at(w.Earliest) + " to " + at(w.Latest)
}
