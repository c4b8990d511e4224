package tocsin_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin"
)

func TestADurationReadsAsItWasPrinted(t *testing.T) {
	for in, want := range map[time.Duration]string{0: "0s", 30 * time.Second: "30s", 90 * time.Second: "1m30s", 10 * time.Minute: "10m", time.Hour: "1h",
		90 * time.Minute: "1h30m", time.Hour + time.Second: "1h0m1s", 72 * time.Hour: "3d", 28 * 24 * time.Hour: "28d", 100 * time.Millisecond: "100ms"} {
		if got := tocsin.Duration(in).String(); got != want {
			t.Errorf("%v is printed as %q, not %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := tocsin.Duration(rapid.Int64Range(0, int64(36500*24*time.Hour)).Draw(t, "d"))
		if rapid.Bool().Draw(t, "whole seconds") {
			d -= d % tocsin.Duration(time.Second)
		}
		var back tocsin.Duration
		if err := back.UnmarshalText([]byte(d.String())); err != nil || back != d {
			t.Fatalf("%d is printed as %q and read as %d (%v)", d, d, back, err)
		}
	})
}

func TestADurationThatNobodyMeantIsRefused(t *testing.T) {
	for _, s := range []string{"", "3", "-1h", "-3d", "3.5d", "99999d", "1 d", "d", "4 hours"} {
		var d tocsin.Duration
		if err := d.UnmarshalText([]byte(s)); err == nil {
			t.Errorf("%q was read as %v", s, d)
		}
	}
}

func TestAClockRunsFromFirstKnowledgeAndTowardsTheAttack(t *testing.T) {
	known := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	h := func(d time.Duration) tocsin.Duration { return tocsin.Duration(d) }
	day := h(24 * time.Hour)
	for name, c := range map[string]struct {
		rule   tocsin.ClockRule
		attack time.Time
		want   time.Duration
	}{
		"no attack time: the plain length":         {tocsin.ClockRule{After: h(4 * time.Hour), Percent: 25}, time.Time{}, 4 * time.Hour},
		"attack far off: the plain length":         {tocsin.ClockRule{After: h(4 * time.Hour), Percent: 25}, known.Add(72 * time.Hour), 4 * time.Hour},
		"attack near: a quarter of what is left":   {tocsin.ClockRule{After: h(4 * time.Hour), Percent: 25}, known.Add(4 * time.Hour), time.Hour},
		"attack very near: not below the floor":    {tocsin.ClockRule{After: h(4 * time.Hour), Percent: 25, Floor: h(10 * time.Minute)}, known.Add(20 * time.Minute), 10 * time.Minute},
		"attack over before it was known: at once": {tocsin.ClockRule{After: h(4 * time.Hour), Percent: 25}, known.Add(-time.Hour), 0},
		"serious, not imminent: the longer length": {tocsin.ClockRule{After: h(30 * time.Minute), Serious: h(4 * time.Hour)}, known.Add(100 * time.Hour), 4 * time.Hour},
		"imminent: the shorter length":             {tocsin.ClockRule{After: h(30 * time.Minute), Serious: h(4 * time.Hour)}, known.Add(5 * time.Hour), 30 * time.Minute},
		"time of attack unknown counts as serious": {tocsin.ClockRule{After: h(30 * time.Minute), Serious: h(4 * time.Hour)}, time.Time{}, 4 * time.Hour},
	} {
		if got := c.rule.Due(known, c.attack, day).Sub(known); got != c.want {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}

func TestAnyChangeOfADraftChangesItsDigestAndItsAuthorsDoNot(t *testing.T) {
	d := tocsin.Draft{Warning: "w1", Version: 1, Case: "c", Kind: tocsin.VictimWarning, Message: tocsin.Alert, Victims: []tocsin.VictimID{"v1"}, Marking: "UNCLASSIFIED",
		Texts:      []tocsin.Text{{Language: "en", Subject: "s", Body: "b"}},
		Recipients: []tocsin.Recipient{{ID: "r", Name: "R", Ladder: []tocsin.Rung{{Channel: "smtp", Address: "a@b.example"}}}}}
	was := d.Digest()
	if !was.Valid() {
		t.Fatalf("%q is not a digest", was)
	}
	d.Authors = []tocsin.ActorID{"anna"}
	if d.Digest() != was {
		t.Error("who wrote it changed what it is")
	}
	for name, change := range map[string]func(*tocsin.Draft){
		"a letter": func(d *tocsin.Draft) { d.Texts = []tocsin.Text{{Language: "en", Subject: "s", Body: "B"}} },
		"an address": func(d *tocsin.Draft) {
			d.Recipients = []tocsin.Recipient{{ID: "r", Name: "R", Ladder: []tocsin.Rung{{Channel: "smtp", Address: "x@b.example"}}}}
		},
		"the window":  func(d *tocsin.Draft) { d.Window.Latest = time.Unix(1, 0).UTC() },
		"the marking": func(d *tocsin.Draft) { d.Marking = "CUI" },
		"the victims": func(d *tocsin.Draft) { d.Victims = []tocsin.VictimID{"v1", "v2"} },
		"the version": func(d *tocsin.Draft) { d.Version = 2 },
	} {
		other := d
		change(&other)
		if other.Digest() == was {
			t.Errorf("changing %s did not change the digest", name)
		}
	}
}

func TestNoRouteRunsThroughTheThreatActorHoweverItIsSpelt(t *testing.T) {
	r := tocsin.Recipient{ID: "r", Ladder: []tocsin.Rung{{Channel: "smtp", Address: "a", Via: []tocsin.Party{{Groups: []string{" Unit-8 "}}}}}}
	if r.RouteTouches([]string{"unit-8"}) == "" {
		t.Error("a party without a name, spelt with spaces and capitals, was passed over")
	}
	if got := r.RouteTouches([]string{"unit-9", ""}); got != "" {
		t.Errorf("a clean route was refused for %q", got)
	}
	own := tocsin.Recipient{ID: "r2", Groups: []string{"x"}}
	if got := own.RouteTouches([]string{"X"}); got != "r2" {
		t.Errorf("got %q", got)
	}
}

func TestAHandlerIsAHandlerHoweverTheSourceIsSpelt(t *testing.T) {
	a := tocsin.Actor{ID: "hector", Handles: []string{"Kestrel ", ""}}
	for origin, want := range map[string]bool{"kestrel": true, "KESTREL": true, " Kestrel": true, "merlin": false, "": false} {
		if a.Handler(origin) != want {
			t.Errorf("handler of %q: %v", origin, !want)
		}
	}
}

func TestAnErrorSaysWhatItIsToMachinesAndToPeople(t *testing.T) {
	err := error(tocsin.Faultf(tocsin.Refused, "code", "Do this.", "It was %s.", "so").Keeping("All was kept."))
	if !errors.Is(err, tocsin.Refused) || tocsin.KindOf(err) != tocsin.Refused || tocsin.KindOf(errors.New("x")) != "" {
		t.Error("the kind is lost")
	}
	if got := err.Error(); got != "It was so. All was kept. Do this." {
		t.Errorf("got %q", got)
	}
}

func TestTimesAreKeptAsBothDatabasesKeepThem(t *testing.T) {
	at := time.Date(2026, 3, 2, 3, 0, 0, 123456789, time.FixedZone("x", 3600))
	got := tocsin.Instant(at)
	if got.Location() != time.UTC || got.Nanosecond() != 123456000 || !tocsin.Instant(time.Time{}).IsZero() {
		t.Errorf("got %v", got)
	}
	b, _ := json.Marshal(got)
	var back time.Time
	if err := json.Unmarshal(b, &back); err != nil || back != got {
		t.Errorf("%v came back as %v (%v)", got, back, err)
	}
}

func TestAReportIsKnownFromTheMomentAnybodyKnew(t *testing.T) {
	entered := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct{ occurred, want time.Time }{
		"not stated":        {time.Time{}, entered},
		"earlier":           {entered.Add(-6 * time.Hour), entered.Add(-6 * time.Hour)},
		"a sender's future": {entered.Add(time.Hour), entered},
	} {
		if got := (tocsin.Report{Entered: entered, Occurred: c.occurred}).FirstKnown(); !got.Equal(c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAVictimOrRecipientThatCannotBeUsedIsRefusedWithWhatToDo(t *testing.T) {
	victim := tocsin.Victim{ID: "v1", Kind: tocsin.Person, Name: "Mara", Identity: tocsin.Named}
	recipient := tocsin.Recipient{ID: "r", Name: "R", Kind: tocsin.VictimWarning, Languages: []string{"en"}, Ladder: []tocsin.Rung{{Channel: "smtp", Address: "a@b.example"}}}
	if err := errors.Join(victim.Validate(), recipient.Validate()); err != nil {
		t.Fatal(err)
	}
	check := func(name, code string, err error) {
		var told *tocsin.Error
		if !errors.As(err, &told) || told.Code != code || told.Do == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	v := victim
	v.Name = ""
	check("no name", "victim_without_name", v.Validate())
	v = victim
	v.Kind = "horse"
	check("kind", "victim_kind", v.Validate())
	v = victim
	v.Identity = "known"
	check("identity", "victim_identity", v.Validate())
	v = victim
	v.ID = "V 1"
	check("id", "victim_id", v.Validate())
	r := recipient
	r.Ladder = nil
	check("no rungs", "ladder_without_rungs", r.Validate())
	r = recipient
	r.Ladder = []tocsin.Rung{{Channel: "smtp"}}
	check("half a rung", "rung_incomplete", r.Validate())
	r = recipient
	r.Languages = nil
	check("no language", "recipient_language", r.Validate())
	w := tocsin.Window{Earliest: time.Unix(10, 0), Latest: time.Unix(5, 0)}
	check("window", "window_reversed", w.Validate())
	check("year", "window_year", tocsin.Window{Latest: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)}.Validate())
}

func TestAnErrorSaysWhichPartOfTheInputItIsAbout(t *testing.T) {
	plain := tocsin.Fault(tocsin.Invalid, "code", "It is so.", "Do this.")
	about := plain.At("name", "kind")
	if len(plain.Fields) != 0 || len(about.Fields) != 2 {
		t.Errorf("%q, %q", plain.Fields, about.Fields)
	}
	var told *tocsin.Error
	if err := tocsin.Within("victim", fmt.Errorf("step: %w", about)); !errors.As(err, &told) || told.Fields[0] != "victim.name" || told.Fields[1] != "victim.kind" || about.Fields[0] != "name" {
		t.Errorf("within a victim it is about %q", told.Fields)
	}
	for _, err := range []error{nil, plain, errors.New("another")} {
		if got := tocsin.Within("victim", err); got != err { //nolint:errorlint // it must be the very same
			t.Errorf("%v became %v", err, got)
		}
	}
}
