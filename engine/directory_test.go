package engine_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/directory"
	"tocsin/engine"
	"tocsin/intake"
	"tocsin/ledger"
	"tocsin/view"
)

func TestWhoeverEntersACountryAndALanguageByNameKeepsTheirCodes(t *testing.T) {
	h := open(t)
	r := mayor
	r.Jurisdiction, r.Languages = "IRAN", []string{"Persian", "English", "fa"}
	taken, err := h.SetRecipient(t.Context(), dan, r)
	if err != nil || taken.Jurisdiction != "IR" || !slices.Equal(taken.Languages, []string{"fa", "en"}) {
		t.Fatalf("got %q %v, %v", taken.Jurisdiction, taken.Languages, err)
	}
	h.Read(func(x *view.Index) {
		if got, _ := x.Book.Find("mayor"); got.Jurisdiction != "IR" {
			t.Errorf("the directory has %q", got.Jurisdiction)
		}
	})
	r.Jurisdiction = "Irann"
	refusedWith(t, failure(h.SetRecipient(t.Context(), dan, r)), "country", "Iran (IR)", "The directory stays as it was.")
	r.Jurisdiction, r.Languages = "IR", []string{"Persan"}
	refusedWith(t, failure(h.SetRecipient(t.Context(), dan, r)), "language", "Persian (fa)", "The directory stays as it was.")
}

func failure[T any](_ T, err error) error { return err }

func refusedWith(t *testing.T, err error, code string, says ...string) {
	t.Helper()
	var told *tocsin.Error
	if !errors.As(err, &told) || told.Code != code {
		t.Fatalf("got %v, not %s", err, code)
	}
	for _, s := range says {
		if !strings.Contains(told.Error()+told.Do+told.Kept, s) {
			t.Errorf("%q is not in: %s %s %s", s, told.What, told.Kept, told.Do)
		}
	}
}

func TestAVictimsCountryIsNamedOrCorrectedByNameAndKeptAsItsCode(t *testing.T) {
	h := open(t)
	id := h.owed(rumour)
	named := crowd
	named.Victim.ID, named.Victim.Jurisdiction = "v2", "Irann"
	_, err := h.Do(t.Context(), anna, id, named, engine.Options{})
	refusedWith(t, err, "country", "Iran (IR)", "The case stays as it was.")
	named.Victim.Jurisdiction = "iran"
	if v, _ := h.do(anna, id, named).State.Victim("v2"); v.Jurisdiction != "IR" {
		t.Errorf("got %q", v.Jurisdiction)
	}
	right := casefile.CorrectVictim{Victim: named.Victim, Reason: "it is across the border"}
	right.Victim.Jurisdiction = "Irak"
	h.do(anna, id, right) // in German
	if v, _ := h.state(id).Victim("v2"); v.Jurisdiction != "IQ" || v.Corrections[0].Was.Jurisdiction != "IR" {
		t.Errorf("got %q after %+v", v.Jurisdiction, v.Corrections)
	}
}

func TestAfterACorrectionThePolicyIsAskedAgainAtOnce(t *testing.T) {
	h := open(t)
	id := h.owed(rumour)
	before, _ := h.do(sofi, id, casefile.AffirmDetermination{Victim: "v1"}).State.Victim("v1")
	right := casefile.CorrectVictim{Victim: before.Victim, Reason: "the market is in the other town"}
	right.Victim.Place = "Kasr"
	h.hand.pass(time.Minute)
	h.do(anna, id, right)
	after, _ := h.state(id).Victim("v1")
	if after.Stale || !after.DeterminedAt.After(before.DeterminedAt) || after.Affirmed != "" || after.Disposition != before.Disposition {
		t.Errorf("stale %v, determined %v after %v, affirmed by %q, %s", after.Stale, after.DeterminedAt, before.DeterminedAt, after.Affirmed, after.Disposition)
	}
}

// An entry from before codes were asked for stays readable; a draft says that the
// directory is where to correct it.
func TestADraftToAnOldEntrySaysWhereItsLanguageIsCorrected(t *testing.T) {
	h := open(t)
	id := h.owed(rumour)
	old := mayor
	old.Languages = []string{"Persian"}
	rec, err := ledger.NewRecord(ledger.Record{Kind: directory.Kind, EventTime: begin, EntryTime: begin, Actor: dan.ID, Command: "command-of-old"}, directory.Set{Recipient: old}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Append(t.Context(), ledger.Batch{Stream: directory.Stream, Records: []ledger.Record{rec}}); err != nil {
		t.Fatal(err)
	}
	if err := h.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = h.Draft(t.Context(), anna, id, wording("mayor"), engine.Options{})
	refusedWith(t, err, "language_unknown", "Persian", "directory", "Town hall (mayor)", "en, fa")
}

func TestAReportsLanguageGivenByNameIsKeptAsItsCode(t *testing.T) {
	h := open(t)
	for given, want := range map[string]string{"Persian": "fa", "EN": "en", "": ""} {
		sub := submission("A report in " + given)
		sub.Declared = intake.Declared{Language: given}
		if rep := must(h.Receive(t.Context(), gate, sub, engine.Options{}))(t).Report; rep.Language != want {
			t.Errorf("%q: got %q", given, rep.Language)
		}
	}
}
