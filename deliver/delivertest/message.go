package delivertest

import (
	"testing"
	"time"

	"tocsin"
	"tocsin/release"
)

// Moment is when the messages of this package were cleared.
var Moment = time.Date(2026, time.March, 4, 5, 6, 7, 890000000, time.UTC)

// Letter says what a test message is. Zero fields take a sensible value.
type Letter struct {
	Channel string // the rung's channel; required
	Address string // the rung's address; required
	Key     tocsin.DeliveryKey
	Text    tocsin.Text
	Type    tocsin.MessageType
	Kind    tocsin.WarningKind
	Window  tocsin.Window
}

// Words is the text of a Letter that gives none. Its words are not those of any
// error detail, so that a detail which holds one of them has leaked it.
var Words = tocsin.Text{
	Language: "en",
	Subject:  "Gunmen at Qasr bazaar",
	Body:     "Gunmen intend an assault upon the Qasr bazaar, Friday midday.\nVacate via eastern gate; avoid Hormoz boulevard.\n\nTelephone 5550177.\n",
}

// Message makes a message the only way there is: from a draft and its
// clearance, through the guard.
func Message(tb testing.TB, l Letter) release.Message {
	tb.Helper()
	if l.Key == "" {
		l.Key = "w-1.v1.r-1.0"
	}
	if l.Text == (tocsin.Text{}) {
		l.Text = Words
	}
	if l.Type == "" {
		l.Type = tocsin.Alert
	}
	if l.Kind == "" {
		l.Kind = tocsin.GovernmentWarning
	}
	if !l.Window.Known() {
		l.Window = tocsin.Window{Earliest: Moment, Latest: Moment.Add(72 * time.Hour)}
	}
	d := tocsin.Draft{
		Warning: "w-1", Version: 1, Case: "case-1", Kind: l.Kind, Message: l.Type,
		Victims: []tocsin.VictimID{"v-1"}, Marking: "UNCLASSIFIED", Reference: "TW-2026-0007",
		Window: l.Window,
		Texts:  []tocsin.Text{l.Text},
		Recipients: []tocsin.Recipient{{
			ID: "r-1", Name: "Ministry of Roads, watch", Kind: l.Kind, Languages: []string{l.Text.Language},
			Ladder: []tocsin.Rung{{Channel: l.Channel, Address: l.Address, Addressee: "duty desk", Level: 1}},
			Verify: "Call the number in the joint list and quote the reference.",
		}},
		Pack: tocsin.PackRef{Name: "icd-191"}, Authors: []tocsin.ActorID{"analyst-1"},
	}
	cleared, err := release.Reopen(tocsin.Clearance{
		Warning: d.Warning, Version: d.Version, Digest: d.Digest(), Pack: d.Pack,
		At: Moment, Expires: Moment.Add(24 * time.Hour), Released: "release-officer-1",
	}, d, Moment.Add(time.Minute))
	if err != nil {
		tb.Fatalf("the guard does not reopen the test's own clearance: %v", err)
	}
	m, err := cleared.Message(l.Key, "r-1", 0, Moment.Add(time.Minute))
	if err != nil {
		tb.Fatalf("the guard makes no message: %v", err)
	}
	return m
}
