package deliver_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/deliver"
	"tocsin/deliver/delivertest"
	"tocsin/release"
)

// fixed is a channel that always ends the same way.
type fixed struct {
	name    string
	receipt tocsin.Receipt
	err     error
}

func (f fixed) Name() string { return f.name }

func (f fixed) Send(context.Context, release.Message) (tocsin.Receipt, error) {
	return f.receipt, f.err
}

func message(t testing.TB) release.Message {
	return delivertest.Message(t, delivertest.Letter{Channel: "webhook", Address: "ministry"})
}

func TestAnErrorThatNobodyClassifiedIsUncertain(t *testing.T) {
	cause := errors.New("something broke")
	f := deliver.AsFailure(cause)
	if f.Class != deliver.Uncertain || !errors.Is(f, cause) {
		t.Errorf("%+v", f)
	}
	known := &deliver.Failure{Class: deliver.Permanent, Detail: "no"}
	if got := deliver.AsFailure(errors.Join(errors.New("step"), known)); got != known {
		t.Errorf("%+v, want the failure inside", got)
	}
}

func TestWhatNoChannelSends(t *testing.T) {
	letter := func(l delivertest.Letter) release.Message {
		l.Channel, l.Address = "webhook", "ministry"
		return delivertest.Message(t, l)
	}
	for name, c := range map[string]struct {
		m    release.Message
		code string
	}{
		"what the guard did not clear":     {release.Message{}, "not_cleared"},
		"a message for another channel":    {delivertest.Message(t, delivertest.Letter{Channel: "smtp", Address: "a@b"}), "wrong_channel"},
		"a key with a line break":          {letter(delivertest.Letter{Key: "a\r\nBcc: b"}), "delivery_key"},
		"a key with a space":               {letter(delivertest.Letter{Key: "a b"}), "delivery_key"},
		"a key beyond ASCII":               {letter(delivertest.Letter{Key: "ک"}), "delivery_key"},
		"a key that is too long":           {letter(delivertest.Letter{Key: tocsin.DeliveryKey(strings.Repeat("k", deliver.MaxKey+1))}), "delivery_key"},
		"nothing is wrong with the others": {letter(delivertest.Letter{Key: tocsin.DeliveryKey(strings.Repeat("k", deliver.MaxKey))}), ""},
	} {
		err := deliver.Admit(c.m, "webhook")
		var f *deliver.Failure
		var e *tocsin.Error
		switch {
		case c.code == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.code == "":
		case !errors.As(err, &f) || f.Class != deliver.Permanent || !errors.As(err, &e) || e.Code != c.code || e.Do == "" || !strings.Contains(f.Detail, "Nothing was sent"):
			t.Errorf("%s: %v, want code %s", name, err, c.code)
		}
	}
}

func TestAMissingChannelSaysWhatToConfigure(t *testing.T) {
	s, err := deliver.NewSet(fixed{name: "smtp"}, fixed{name: "in_person"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Channel("webhook")
	if tocsin.KindOf(err) != tocsin.Invalid || !strings.Contains(err.Error(), "Configured are in_person, smtp.") {
		t.Errorf("%v", err)
	}
	if _, err = (deliver.Set{}).Channel("smtp"); err == nil || !strings.Contains(err.Error(), "No channel is configured.") {
		t.Errorf("%v", err)
	}
	if c, err := s.Channel("smtp"); err != nil || c.Name() != "smtp" {
		t.Errorf("%v, %v", c, err)
	}
	if _, err := deliver.NewSet(fixed{name: "smtp"}, fixed{name: "smtp"}); tocsin.KindOf(err) != tocsin.Invalid {
		t.Errorf("two channels of one name: %v", err)
	}
	_, err = s.Send(t.Context(), message(t))
	var f *deliver.Failure
	if !errors.As(err, &f) || f.Class != deliver.Permanent || !strings.Contains(f.Detail, "webhook") {
		t.Errorf("%v", err)
	}
	if _, err = s.Send(t.Context(), release.Message{}); !errors.Is(err, tocsin.Refused) {
		t.Errorf("what the guard did not clear: %v", err)
	}
}

func TestAReceiptIsComparedWithWhatWasCleared(t *testing.T) {
	m := message(t)
	good := tocsin.Receipt{State: "delivered", Body: m.Body(), Channel: "webhook"}
	other := good
	other.Body = tocsin.DigestOf([]byte("other words"))
	odd := good
	odd.State = "acknowledged" // only a recipient can say that
	for name, c := range map[string]struct {
		channel fixed
		class   deliver.Class
	}{
		"the cleared words":      {fixed{"webhook", good, nil}, ""},
		"other words":            {fixed{"webhook", other, nil}, deliver.Uncertain},
		"a state of its own":     {fixed{"webhook", odd, nil}, deliver.Uncertain},
		"an empty receipt":       {fixed{"webhook", tocsin.Receipt{}, nil}, deliver.Uncertain},
		"an unclassified error":  {fixed{"webhook", tocsin.Receipt{}, errors.New("?")}, deliver.Uncertain},
		"a classified error":     {fixed{"webhook", tocsin.Receipt{}, &deliver.Failure{Class: deliver.Temporary}}, deliver.Temporary},
		"a receipt and an error": {fixed{"webhook", good, &deliver.Failure{Class: deliver.Permanent}}, deliver.Permanent},
	} {
		s, _ := deliver.NewSet(c.channel)
		r, err := s.Send(t.Context(), m)
		var f *deliver.Failure
		switch {
		case c.class == "" && (err != nil || r != good):
			t.Errorf("%s: %+v, %v", name, r, err)
		case c.class != "" && (!errors.As(err, &f) || f.Class != c.class || r != tocsin.Receipt{}):
			t.Errorf("%s: %+v, %v; want %s", name, r, err, c.class)
		}
	}
}

func TestWhatTheFarSideSaysIsQuotedWithoutTheWords(t *testing.T) {
	m := message(t) // "Gunmen intend an assault upon the Qasr bazaar, Friday midday. ... Telephone 5550177."
	for said, want := range map[string]string{
		"":                                 "",
		"mailbox full":                     "mailbox full",
		"spam: 'GUNMEN at qasr'":           "spam: '… at …'",
		"call 5550177 or 5550178":          "call … or 5550178",
		"two\r\nlines\tand\u202e control":  "two lines and control",
		"bad \xff bytes":                   "bad bytes",
		"token hunter2 leaked":             "token … leaked",
		"base64 R3VubWVuIGludGVuZCBhbiBhc": "base64 …",
		strings.Repeat("ab ", 200):         strings.Repeat("ab ", 66) + "ab…",
	} {
		if got := deliver.Quote(said, m, "hunter2", ""); got != want {
			t.Errorf("%q is quoted as %q, want %q", said, got, want)
		}
	}
}

func TestNoWordOfTheWarningIsEverQuoted(t *testing.T) {
	gaps := rapid.SampledFrom([]string{" ", ", ", "\n", "\u200c", "-", "'", "\u00a0"})
	word := rapid.StringMatching(`[a-z]{3,12}|[ابپتجچدرزسشغفقکگلمنوهی]{3,8}|[0-9]{1,8}`)
	rapid.Check(t, func(rt *rapid.T) {
		secret := rapid.SliceOfN(word, 1, 6).Draw(rt, "words of the warning")
		var body, said strings.Builder
		for _, w := range secret {
			body.WriteString(w + gaps.Draw(rt, "gap"))
			said.WriteString(strings.ToUpper(w) + gaps.Draw(rt, "gap said") + word.Draw(rt, "other") + " ")
		}
		m := delivertest.Message(t, delivertest.Letter{Channel: "webhook", Address: "x", Text: tocsin.Text{Language: "en", Body: body.String()}})
		got := deliver.Quote(said.String(), m)
		for _, w := range secret {
			for _, q := range strings.FieldsFunc(strings.ToLower(got), func(r rune) bool { return strings.ContainsRune(" ,-'…", r) }) {
				if q == w {
					rt.Fatalf("%q quotes %q", got, w)
				}
			}
		}
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 201 || strings.ContainsAny(got, "\r\n\u200c") {
			rt.Fatalf("%q is not fit to be shown", got)
		}
	})
}

func TestAQuoteIsReadyBeforeAnOfficerLosesPatience(t *testing.T) {
	long := delivertest.Message(t, delivertest.Letter{Channel: "webhook", Address: "x", Text: tocsin.Text{Language: "en", Body: strings.Repeat("word and other ", 100000)}})
	done := make(chan string, 1)
	go func() { done <- deliver.Quote(strings.Repeat("w ", 1<<20), long, "s") }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("quoting does not end")
	}
}
