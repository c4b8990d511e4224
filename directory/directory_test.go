package directory_test

import (
	"errors"
	"testing"

	"tocsin"
	"tocsin/directory"
)

func entry(id tocsin.RecipientID, kind tocsin.WarningKind, via ...string) directory.Set {
	return directory.Set{Recipient: tocsin.Recipient{ID: id, Name: string(id), Kind: kind, Languages: []string{"en"},
		Ladder: []tocsin.Rung{{Channel: "smtp", Address: "a@b.example", Via: []tocsin.Party{{Name: "courier", Groups: via}}}}}}
}

func TestALaterEntryReplacesAnEarlierOne(t *testing.T) {
	var b directory.Book
	b.Apply(entry("police", tocsin.ProtectorWarning))
	b.Apply(entry("police", tocsin.GovernmentWarning))
	r, err := b.Find("police")
	if err != nil || r.Kind != tocsin.GovernmentWarning || len(b.All()) != 1 {
		t.Fatalf("got %v, %v, %d entries", r.Kind, err, len(b.All()))
	}
}

func TestSomebodyWhoIsNotEnteredIsSaidToBeMissing(t *testing.T) {
	var b directory.Book
	if _, err := b.Find("nobody"); !errors.Is(err, tocsin.NotFound) {
		t.Fatalf("got %v", err)
	}
}

func TestARouteThroughTheThreatActorIsNotOffered(t *testing.T) {
	var b directory.Book
	b.Apply(entry("clean", tocsin.GovernmentWarning))
	b.Apply(entry("tainted", tocsin.GovernmentWarning, "unit-8"))
	b.Apply(entry("other", tocsin.PublicWarning))
	got := b.Safe(tocsin.GovernmentWarning, []string{"unit-8"})
	if len(got) != 1 || got[0].ID != "clean" {
		t.Fatalf("got %v", got)
	}
}
