package compose_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/compose"
	"tocsin/packs"
	"tocsin/policy"
)

func load(t testing.TB) *compose.Texts {
	t.Helper()
	texts, err := compose.Load(packs.FS(), "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// persian are words in Persian for each content item, so that the Persian bodies
// of the tests hold what they would hold in life.
var persian = map[string]string{
	"changed": "تاریخ حمله جلو افتاده است", "harm": "انفجار بمب در میان جمعیت", "likelihood": "بسیار جدی و محتمل",
	"when": "بین ظهر و غروب", "where": "در راه آرامستان", "affected": "همهٔ شرکت\u200cکنندگان مراسم", "actor": "گروهی تندرو",
	"confidence": "از مکان مطمئنیم و از ساعت نه", "do_now": "به محل مراسم نروید", "do_not": "خبر را در شبکه\u200cها پخش نکنید",
	"verify": "با دفتر شهرداری تماس بگیرید", "contact": "تلفن ۱۲۳۴۵", "authorities": "پلیس راه را می\u200cبندد ولی همراهتان نمی\u200cآید",
	"next_contact": "فردا صبح",
}

var english = map[string]string{
	"changed": "The attack is now expected earlier.", "harm": "A bomb in the crowd.", "likelihood": "Very serious and likely.",
	"when": "Between noon and dusk.", "where": "On the road to the cemetery.", "affected": "Everybody who attends.", "actor": "An extremist group.",
	"confidence": "We are sure of the place and not of the hour.", "do_now": "Stay away from the ceremony.", "do_not": "Do not post this.",
	"verify": "Call the town hall.", "contact": "Telephone 12345.", "authorities": "The police will close the road and will not escort you.",
	"next_contact": "Tomorrow morning.",
}

var noon = time.Date(2024, 1, 2, 12, 30, 0, 0, time.UTC)

// request is a complete request of one kind at one moment of its life.
func request(t testing.TB, texts *compose.Texts, kind tocsin.WarningKind, message tocsin.MessageType) compose.Request {
	t.Helper()
	r := compose.Request{
		Warning: "w2", Version: 1, Case: "c1", Kind: kind, Message: message,
		Victims: []tocsin.Victim{{ID: "v1", Kind: tocsin.Class, Name: "attendees", Identity: tocsin.ClassOnly}},
		Marking: "UNCLASSIFIED", Reference: "TW-24-17", Window: tocsin.Window{Earliest: noon, Latest: noon.Add(28 * time.Hour)},
		Recipients: []tocsin.Recipient{{ID: "r1", Name: "Duty desk", Kind: kind, Languages: []string{"fa", "en"}, Ladder: []tocsin.Rung{{Channel: "smtp", Address: "desk@example.org"}}}},
		Languages:  []string{"en", "fa"}, Authors: []tocsin.ActorID{"a.author"},
	}
	if message != tocsin.Alert {
		r.Refers, r.First = "w1", "TW-24-16"
	}
	for _, item := range texts.Says(kind, message) {
		r.Facts = append(r.Facts, fact(item.ID))
	}
	return r
}

func fact(item string) tocsin.Fact {
	return tocsin.Fact{Item: item, Releasable: true, Values: map[string]string{"en": english[item], "fa": persian[item]}}
}

func without(r compose.Request, items ...string) compose.Request {
	r.Facts = slices.DeleteFunc(slices.Clone(r.Facts), func(f tocsin.Fact) bool { return slices.Contains(items, f.Item) })
	return r
}

var messages = []tocsin.MessageType{tocsin.Alert, tocsin.Update, tocsin.Cancel, tocsin.AllClear}

func everyForm(t *testing.T, f func(t *testing.T, kind tocsin.WarningKind, message tocsin.MessageType)) {
	t.Helper()
	n := 0
	for _, k := range tocsin.WarningKinds() {
		for _, m := range messages {
			n++
			t.Run(fmt.Sprintf("%s %s", k, m), func(t *testing.T) { f(t, k, m) })
		}
	}
	if n != 28 {
		t.Fatalf("went through %d forms", n)
	}
}

func TestEveryFactStandsOnceAndInOrderInEveryLanguage(t *testing.T) {
	texts := load(t)
	everyForm(t, func(t *testing.T, kind tocsin.WarningKind, message tocsin.MessageType) {
		r := request(t, texts, kind, message)
		d, err := texts.Compose(r)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Texts) != 2 {
			t.Fatalf("%d texts", len(d.Texts))
		}
		for _, text := range d.Texts {
			at := -1
			for _, f := range d.Facts {
				words := f.Values[text.Language]
				if n := strings.Count(text.Body, words); n != 1 {
					t.Errorf("%s: %q stands %d times", text.Language, words, n)
				}
				if i := strings.Index(text.Body, words); i < at {
					t.Errorf("%s: %s stands before what the pack puts first", text.Language, f.Item)
				} else {
					at = i
				}
			}
			checkWords(t, r, text)
		}
	})
}

// checkWords holds for every finished text: nothing open, the reference there,
// the earlier message named, the marking last, and nothing of a fact in the
// subject, which is shown on locked screens.
func checkWords(t *testing.T, r compose.Request, text tocsin.Text) {
	t.Helper()
	all := text.Subject + "\n" + text.Body
	for _, bad := range []string{"{", "}", "<no value>", "%!", "  ", "\n\n\n", "—", "–"} {
		if strings.Contains(all, bad) {
			t.Errorf("%s holds %q:\n%s", text.Language, bad, all)
		}
	}
	if !strings.Contains(text.Subject, r.Reference) || !strings.Contains(text.Body, r.Reference) {
		t.Errorf("%s does not say the reference", text.Language)
	}
	if r.Message != tocsin.Alert && !strings.Contains(text.Body, r.First) {
		t.Errorf("%s does not name the message that it is about", text.Language)
	}
	lines := strings.Split(strings.TrimSpace(text.Body), "\n")
	if !strings.Contains(lines[len(lines)-1], r.Marking) {
		t.Errorf("%s: the last line is %q", text.Language, lines[len(lines)-1])
	}
	for _, f := range r.Facts {
		if w := f.Values[text.Language]; w != "" && strings.Contains(text.Subject, w) {
			t.Errorf("%s: the subject tells %s", text.Language, f.Item)
		}
	}
}

// The scope of an isolate, so that a test can take foreign values out.
func outsideIsolates(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case r == '\u2068':
			depth++
		case r == '\u2069':
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestPersianIsPersianThroughout(t *testing.T) {
	texts := load(t)
	everyForm(t, func(t *testing.T, kind tocsin.WarningKind, message tocsin.MessageType) {
		r := request(t, texts, kind, message)
		r.Languages = []string{"fa"}
		d, err := texts.Compose(r)
		if err != nil {
			t.Fatal(err)
		}
		all := d.Texts[0].Subject + "\n" + d.Texts[0].Body
		for _, c := range outsideIsolates(all) {
			switch {
			case unicode.Is(unicode.Latin, c), c >= '0' && c <= '9', strings.ContainsRune("?,;", c):
				t.Fatalf("%q stands in the Persian text outside a foreign value:\n%s", c, all)
			case c == 'ك' || c == 'ي' || c == 'ى' || c >= '٠' && c <= '٩':
				t.Fatalf("the Arabic letter %q stands where Persian has its own:\n%s", c, all)
			}
		}
		for _, line := range strings.Split(all, "\n") {
			if strings.Count(line, "\u2068") != strings.Count(line, "\u2069") {
				t.Errorf("an isolate is left open in %q", line)
			}
		}
	})
}

func TestTimesAreInUTCAndSaySo(t *testing.T) {
	texts := load(t)
	r := request(t, texts, tocsin.VictimWarning, tocsin.Alert)
	r.Window.Latest = time.Date(2024, 1, 3, 20, 5, 59, 999, time.FixedZone("", 3*3600+1800))
	d, err := texts.Compose(r)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{
		{"2 January 2024, 12:30 UTC", "3 January 2024, 16:35 UTC"},
		{"۲ ژانویهٔ ۲۰۲۴ میلادی برابر با ۱۲ دی ۱۴۰۲، ساعت ۱۲:۳۰ به وقت جهانی", "۳ ژانویهٔ ۲۰۲۴ میلادی برابر با ۱۳ دی ۱۴۰۲، ساعت ۱۶:۳۵ به وقت جهانی"},
	} {
		for _, w := range want {
			if !strings.Contains(d.Texts[i].Body, w) {
				t.Errorf("%s does not say %q:\n%s", d.Texts[i].Language, w, d.Texts[i].Body)
			}
		}
	}
	r.Window.Earliest = time.Time{}
	d, err = texts.Compose(r)
	if err != nil || strings.Contains(d.Texts[0].Body, "January 2024, 12:30") || !strings.Contains(d.Texts[0].Body, "until 3 January 2024, 16:35 UTC") {
		t.Errorf("without a beginning: %v\n%s", err, d.Texts[0].Body)
	}
}

// Dates that were checked against published calendars: beginnings of years,
// leap days, and the day of the attack in Kerman.
func TestDatesInTheCalendarOfTheReader(t *testing.T) {
	texts := load(t)
	for date, want := range map[string]string{
		"2024-01-03": "۱۳ دی ۱۴۰۲", "2024-03-19": "۲۹ اسفند ۱۴۰۲", "2024-03-20": "۱ فروردین ۱۴۰۳", "2025-03-20": "۳۰ اسفند ۱۴۰۳",
		"2025-03-21": "۱ فروردین ۱۴۰۴", "2021-03-20": "۳۰ اسفند ۱۳۹۹", "2021-03-21": "۱ فروردین ۱۴۰۰", "2017-03-21": "۱ فروردین ۱۳۹۶",
		"1979-02-11": "۲۲ بهمن ۱۳۵۷", "2029-03-20": "۱ فروردین ۱۴۰۸", "2030-03-21": "۱ فروردین ۱۴۰۹", "2024-09-21": "۳۱ شهریور ۱۴۰۳", "2024-09-22": "۱ مهر ۱۴۰۳",
	} {
		day, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		r := request(t, texts, tocsin.VictimWarning, tocsin.Alert)
		r.Window = tocsin.Window{Latest: day.Add(23*time.Hour + 59*time.Minute)}
		d, err := texts.Compose(r)
		if err != nil {
			t.Fatal(err)
		}
		if body := d.Texts[1].Body; !strings.Contains(body, "برابر با "+want+"،") {
			t.Errorf("%s should be %s:\n%s", date, want, body)
		}
	}
}

func TestMissingContentIsToldAllAtOnce(t *testing.T) {
	texts := load(t)
	r := without(request(t, texts, tocsin.VictimWarning, tocsin.Alert), "harm", "when", "authorities", "actor", "likelihood")
	for i, f := range r.Facts {
		if f.Item == "contact" {
			r.Facts[i] = tocsin.Fact{Item: "contact", Releasable: true, Values: map[string]string{"en": "Telephone 12345.", "fa": "  "}}
		}
		if f.Item == "affected" {
			r.Facts[i] = tocsin.Fact{Item: "affected", Releasable: true, Values: map[string]string{"fa": "همه"}}
		}
	}
	_, err := texts.Compose(r)
	if !errors.Is(err, tocsin.Invalid) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"harm (What harm) in en, fa", "when (When) in en, fa", "authorities (", "contact (Whom to call at any hour) in fa", "affected (Who is affected) in en;", "state a gap with its reason"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %q", err, want)
		}
	}
	for _, fine := range []string{"where (", "actor", "likelihood", "do_now"} {
		if strings.Contains(err.Error(), fine) {
			t.Errorf("%v\ncomplains of %q", err, fine)
		}
	}
}

func TestAStatedGapIsSaidHonestlyAndItsReasonIsNotPrinted(t *testing.T) {
	texts := load(t)
	everyForm(t, func(t *testing.T, kind tocsin.WarningKind, message tocsin.MessageType) {
		whole, err := texts.Compose(request(t, texts, kind, message))
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range texts.Says(kind, message) {
			r := without(request(t, texts, kind, message), item.ID)
			r.Gaps = []tocsin.Gap{{Item: item.ID, Reason: "the partner withheld it"}}
			d, err := texts.Compose(r)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(d.Gaps, r.Gaps[0]) {
				t.Errorf("the draft does not record the gap: %v", d.Gaps)
			}
			for i, text := range d.Texts {
				if strings.Contains(text.Body, "partner") {
					t.Errorf("the reason is printed:\n%s", text.Body)
				}
				if n, all := strings.Count(text.Body, "\n\n"), strings.Count(whole.Texts[i].Body, "\n\n"); n != all {
					t.Errorf("%s: nothing is said in place of %s:\n%s", text.Language, item.ID, text.Body)
				}
				checkWords(t, r, text)
			}
		}
	})
	r := without(request(t, texts, tocsin.VictimWarning, tocsin.Alert), "when")
	r.Gaps = []tocsin.Gap{{Item: "when", Reason: "not reported"}}
	d, err := texts.Compose(r)
	if err != nil || !strings.Contains(d.Texts[0].Body, "\n\nWe cannot say when it may happen.\n\n") || !strings.Contains(d.Texts[1].Body, "\n\nنمی\u200cتوانیم بگوییم چه زمانی ممکن است اتفاق بیفتد.\n\n") {
		t.Errorf("%v\n%v", err, d.Texts)
	}
}

func TestANoticeToTheSuspectTellsNeitherPlaceNorTime(t *testing.T) {
	texts := load(t)
	r := request(t, texts, tocsin.DisruptionNotice, tocsin.Alert)
	d, err := texts.Compose(r)
	if err != nil {
		t.Fatal(err)
	}
	var items []string
	for _, g := range d.Gaps {
		items = append(items, g.Item)
	}
	if !slices.Equal(items, []string{"when", "where"}) {
		t.Errorf("gaps %v", d.Gaps)
	}
	for _, item := range []string{"when", "where", "affected", "actor", "confidence"} {
		r := request(t, texts, tocsin.DisruptionNotice, tocsin.Alert)
		r.Facts = append(r.Facts, fact(item))
		if _, err := texts.Compose(r); !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), "does not say "+item) {
			t.Errorf("%s: %v", item, err)
		}
	}
}

func TestSeveralFactsOnOneItemBecomeAList(t *testing.T) {
	texts := load(t)
	r := request(t, texts, tocsin.VictimWarning, tocsin.Alert)
	r.Facts = append(r.Facts, tocsin.Fact{Item: "do_now", Releasable: true, Values: map[string]string{"en": "Tell your family.", "fa": "به خانواده بگویید"}})
	d, err := texts.Compose(r)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(d.Texts[0].Body, "\n- "+english["do_now"]+"\n- Tell your family.\n\n") {
		t.Errorf("no list:\n%s", d.Texts[0].Body)
	}
	if !strings.Contains(d.Texts[1].Body, "\n\u200f- \u2068به خانواده بگویید\u2069\n") {
		t.Errorf("no list from the right:\n%s", d.Texts[1].Body)
	}
}

func TestADoubtfulThreatIsSaidToBeDoubtful(t *testing.T) {
	texts := load(t)
	for _, with := range []bool{true, false} {
		r := request(t, texts, tocsin.VictimWarning, tocsin.Alert)
		if !with {
			r = without(r, "confidence")
		}
		r.Determinations = []tocsin.Determination{{Victim: "v1", Result: tocsin.ResultOwed}}
		plain, err := texts.Compose(r)
		if err != nil {
			t.Fatal(err)
		}
		r.Determinations[0].Result = tocsin.ResultDoubtful
		doubt, err := texts.Compose(r)
		if err != nil {
			t.Fatal(err)
		}
		for i, says := range []string{"It is not certain that this threat is real", "مطمئن نیستیم که این تهدید واقعی باشد"} {
			if strings.Contains(plain.Texts[i].Body, says) || strings.Count(doubt.Texts[i].Body, says) != 1 {
				t.Errorf("owed:\n%s\ndoubtful:\n%s", plain.Texts[i].Body, doubt.Texts[i].Body)
			}
		}
	}
}

func TestWhatIsWrongWithARequestIsRefusedWithAReason(t *testing.T) {
	texts := load(t)
	recipient := func(r *compose.Request) *tocsin.Recipient { return &r.Recipients[0] }
	for _, c := range []struct {
		name   string
		spoil  func(*compose.Request)
		kind   tocsin.Kind
		code   string
		detail string
	}{
		{"a fact that nobody judged", func(r *compose.Request) { r.Facts[0].Releasable = false }, tocsin.Refused, "fact_not_releasable", "harm"},
		{"a recipient who reads none of the languages", func(r *compose.Request) { recipient(r).Languages = []string{"ar"} }, tocsin.Invalid, "recipient_language", "Duty desk reads ar"},
		{"a ladder without rungs", func(r *compose.Request) { recipient(r).Ladder = nil }, tocsin.Invalid, "ladder_without_rungs", ""},
		{"no recipient", func(r *compose.Request) { r.Recipients = nil }, tocsin.Invalid, "recipients_missing", ""},
		{"a recipient twice", func(r *compose.Request) { r.Recipients = append(r.Recipients, r.Recipients[0]) }, tocsin.Invalid, "recipient_twice", ""},
		{"the suspect among the protectors", func(r *compose.Request) { recipient(r).Kind = tocsin.DisruptionNotice }, tocsin.Invalid, "recipient_suspect", ""},
		{"a window that ends before it begins", func(r *compose.Request) { r.Window.Latest = noon.Add(-time.Hour) }, tocsin.Invalid, "window_reversed", ""},
		{"a window without end", func(r *compose.Request) { r.Window.Latest = time.Time{} }, tocsin.Invalid, "window_without_end", ""},
		{"no language", func(r *compose.Request) { r.Languages = nil }, tocsin.Invalid, "language_missing", "en, fa"},
		{"a language that the pack has not", func(r *compose.Request) { r.Languages = []string{"en", "de"} }, tocsin.Invalid, "language_unknown", `"de"`},
		{"a language twice", func(r *compose.Request) { r.Languages = []string{"en", "en"} }, tocsin.Invalid, "language_twice", `"en"`},
		{"a language of the directory that the pack has not", func(r *compose.Request) {
			r.Recipients[0].Languages = []string{"Persian"}
			r.Languages = []string{"Persian"}
		}, tocsin.Invalid, "language_unknown", "the directory has"},
		{"no victim", func(r *compose.Request) { r.Victims = nil }, tocsin.Invalid, "victims_missing", ""},
		{"a victim without a name", func(r *compose.Request) { r.Victims[0].Name = "" }, tocsin.Invalid, "victim_without_name", ""},
		{"a victim twice", func(r *compose.Request) { r.Victims = append(r.Victims, r.Victims[0]) }, tocsin.Invalid, "victim_twice", ""},
		{"a determination on somebody else", func(r *compose.Request) { r.Determinations = []tocsin.Determination{{Victim: "v9"}} }, tocsin.Invalid, "determination_victim", ""},
		{"no author", func(r *compose.Request) { r.Authors = nil }, tocsin.Invalid, "author_missing", ""},
		{"no marking", func(r *compose.Request) { r.Marking = " " }, tocsin.Invalid, "line_unusable", "marking"},
		{"no reference", func(r *compose.Request) { r.Reference, r.First = "", "x" }, tocsin.Invalid, "line_unusable", "reference"},
		{"a reference of two lines", func(r *compose.Request) { r.Reference = "A\r\nBcc: x@example.org" }, tocsin.Invalid, "line_unusable", "U+000D"},
		{"no id", func(r *compose.Request) { r.Warning = "" }, tocsin.Invalid, "warning_id", ""},
		{"no version", func(r *compose.Request) { r.Version = 0 }, tocsin.Invalid, "warning_version", ""},
		{"a kind that is not", func(r *compose.Request) { r.Kind = "rumour" }, tocsin.Invalid, "warning_kind", ""},
		{"a message that is not", func(r *compose.Request) { r.Message = "ping" }, tocsin.Invalid, "message_type", ""},
		{"an alert about an earlier one", func(r *compose.Request) { r.Refers = "w1" }, tocsin.Invalid, "alert_refers", ""},
		{"an update of nothing", func(r *compose.Request) { r.Message = tocsin.Update }, tocsin.Invalid, "refers_missing", ""},
		{"an update of itself", func(r *compose.Request) { r.Message, r.Refers = tocsin.Update, "w2" }, tocsin.Invalid, "refers_missing", ""},
		{"an update that does not say what changed", func(r *compose.Request) { r.Message, r.Refers = tocsin.Update, "w1" }, tocsin.Invalid, "content_missing", "changed (What has changed since the first message) in en, fa"},
		{"an item that the pack has not", func(r *compose.Request) { r.Facts[0].Item = "rumour" }, tocsin.Invalid, "fact_item", ""},
		{"a fact of two lines", func(r *compose.Request) { r.Facts[0].Values["en"] = "A bomb.\n\nHandling: PUBLIC" }, tocsin.Invalid, "fact_words", "U+000A"},
		{"a fact that turns the words round", func(r *compose.Request) { r.Facts[0].Values["fa"] = "بمب\u202egnihton" }, tocsin.Invalid, "fact_words", "U+202E"},
		{"a fact with hidden characters", func(r *compose.Request) { r.Facts[0].Values["en"] = "inter\u200bcepted" }, tocsin.Invalid, "fact_words", "U+200B"},
		{"a fact without end", func(r *compose.Request) { r.Facts[0].Values["en"] = strings.Repeat("x", 3000) }, tocsin.Invalid, "fact_words", ""},
		{"a fact that is no text", func(r *compose.Request) { r.Facts[0].Values["en"] = "bomb \xff" }, tocsin.Invalid, "fact_words", ""},
		{"a fact twice", func(r *compose.Request) { r.Facts = append(r.Facts, r.Facts[0]) }, tocsin.Invalid, "fact_twice", ""},
		{"a gap beside a fact", func(r *compose.Request) { r.Gaps = []tocsin.Gap{{Item: "harm", Reason: "x"}} }, tocsin.Invalid, "gap_and_fact", ""},
		{"a gap without a reason", func(r *compose.Request) {
			*r = without(*r, "when")
			r.Gaps = []tocsin.Gap{{Item: "when", Reason: " "}}
		}, tocsin.Invalid, "gap_reason", ""},
		{"a gap twice", func(r *compose.Request) {
			*r = without(*r, "when")
			r.Gaps = []tocsin.Gap{{Item: "when", Reason: "x"}, {Item: "when", Reason: "y"}}
		}, tocsin.Invalid, "gap_twice", ""},
		{"a gap in what the pack has not", func(r *compose.Request) { r.Gaps = []tocsin.Gap{{Item: "rumour", Reason: "x"}} }, tocsin.Invalid, "gap_item", ""},
		{"another pack", func(r *compose.Request) {
			r.Pack = tocsin.PackRef{Name: "icd-191", Version: "0.9.0", Digest: tocsin.DigestOf(nil)}
		}, tocsin.Conflict, "pack_changed", "0.9.0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(t, texts, tocsin.ProtectorWarning, tocsin.Alert)
			c.spoil(&r)
			d, err := texts.Compose(r)
			var told *tocsin.Error
			if !errors.As(err, &told) || told.Kind != c.kind || told.Code != c.code || told.Do == "" || !strings.Contains(told.Error(), c.detail) {
				t.Errorf("got %#v (%v), want %s %s", err, err, c.kind, c.code)
			}
			if !reflect.DeepEqual(d, tocsin.Draft{}) {
				t.Errorf("a draft was made all the same: %+v", d)
			}
		})
	}
}

func TestADraftSaysWhatItWasMadeFrom(t *testing.T) {
	texts := load(t)
	r := request(t, texts, tocsin.VictimWarning, tocsin.Update)
	r.Facts[0], r.Facts[3] = r.Facts[3], r.Facts[0]
	r.Authors = []tocsin.ActorID{"b", "a", "b"}
	r.Recipients = append([]tocsin.Recipient{{ID: "r9", Name: "Last", Kind: tocsin.VictimWarning, Languages: []string{"en"}, Ladder: r.Recipients[0].Ladder}}, r.Recipients...)
	d, err := texts.Compose(r)
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Load(packs.FS(), "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	if d.Pack != p.Ref() || d.Refers != "w1" || d.Version != 1 || d.Case != "c1" || d.Marking != r.Marking || d.Reference != r.Reference || d.Window != r.Window {
		t.Errorf("draft %+v", d)
	}
	if !slices.Equal(d.Authors, []tocsin.ActorID{"a", "b"}) || d.Recipients[0].ID != "r1" || d.Facts[0].Item != "changed" || len(d.Facts) != len(r.Facts) {
		t.Errorf("authors %v, first recipient %s, first fact %s", d.Authors, d.Recipients[0].ID, d.Facts[0].Item)
	}
	if r.Recipients[0].ID != "r9" || r.Facts[0].Item != "when" {
		t.Error("the request was changed")
	}
	if text, ok := d.Text(r.Recipients[1]); !ok || text.Language != "fa" {
		t.Errorf("the recipient who prefers Persian gets %s", text.Language)
	}
}

func TestWithoutAFirstReferenceTheReferenceStands(t *testing.T) {
	texts := load(t)
	r := request(t, texts, tocsin.VictimWarning, tocsin.AllClear)
	r.First = ""
	d, err := texts.Compose(r)
	if err != nil || !strings.Contains(d.Texts[0].Body, "under the reference TW-24-17 has passed") {
		t.Errorf("%v\n%v", err, d.Texts)
	}
}

// Equal requests give equal digests, and any change of a fact, a gap, a
// recipient or a time gives another.
func TestTheDigestFollowsTheFacts(t *testing.T) {
	texts := load(t)
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom(tocsin.WarningKinds()).Draw(rt, "kind")
		message := rapid.SampledFrom(messages).Draw(rt, "message")
		r := request(t, texts, kind, message)
		word := rapid.StringMatching(`[a-zA-Z0-9 ,.{}%<>&"'\x{0627}-\x{063A}\x{200c}]{1,40}x`)
		for i := range r.Facts {
			r.Facts[i].Values = map[string]string{"en": word.Draw(rt, "en"), "fa": word.Draw(rt, "fa")}
		}
		first, err := texts.Compose(r)
		if err != nil {
			rt.Fatal(err)
		}
		again, err := texts.Compose(r)
		if err != nil || again.Digest() != first.Digest() || !reflect.DeepEqual(first, again) {
			rt.Fatalf("the same request gave another draft: %v", err)
		}
		for _, text := range first.Texts {
			for _, f := range r.Facts {
				if !strings.Contains(text.Body, strings.TrimSpace(f.Values[text.Language])) {
					rt.Fatalf("%q is not in\n%s", f.Values[text.Language], text.Body)
				}
			}
		}
		at := rapid.IntRange(0, len(r.Facts)-1).Draw(rt, "which")
		language := rapid.SampledFrom([]string{"en", "fa"}).Draw(rt, "language")
		values := map[string]string{"en": r.Facts[at].Values["en"], "fa": r.Facts[at].Values["fa"]}
		values[language] += "y"
		r.Facts[at].Values = values
		changed, err := texts.Compose(r)
		if err != nil {
			rt.Fatal(err)
		}
		if changed.Digest() == first.Digest() || reflect.DeepEqual(changed.Texts, first.Texts) {
			rt.Fatal("a fact was changed and the draft is the same")
		}
	})
}

func TestThePackDoesNotBetrayItsOwnCollectionWords(t *testing.T) {
	texts := load(t)
	p, err := policy.Load(packs.FS(), "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	everyForm(t, func(t *testing.T, kind tocsin.WarningKind, message tocsin.MessageType) {
		d, err := texts.Compose(request(t, texts, kind, message))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range d.Texts {
			for _, w := range p.CollectionWords(text.Language) {
				if strings.Contains(strings.ToLower(text.Subject+text.Body), strings.ToLower(w)) {
					t.Errorf("%s uses %q", text.Language, w)
				}
			}
		}
	})
}

func BenchmarkComposeInTwoLanguages(b *testing.B) {
	texts := load(b)
	r := request(b, texts, tocsin.VictimWarning, tocsin.Alert)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := texts.Compose(r); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTheStandingWordsAreThoseThatEveryWarningSays(t *testing.T) {
	texts, err := compose.Load(packs.FS(), "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	standing := strings.Join(texts.Standing(tocsin.VictimWarning, tocsin.Alert), "\n")
	for _, words := range []string{"on a number that you found yourself", "Whom to call"} {
		if !strings.Contains(standing, words) {
			t.Errorf("the standing words lack %q:\n%s", words, standing)
		}
	}
	if strings.Contains(standing, "{") {
		t.Error("a place for a value is taken for words")
	}
}

func TestWhatIsMissingIsNamedByItemAndLanguage(t *testing.T) {
	texts := load(t)
	r := without(request(t, texts, tocsin.VictimWarning, tocsin.Alert), "when")
	for i := range r.Facts {
		if r.Facts[i].Item == "where" {
			delete(r.Facts[i].Values, "fa")
		}
	}
	_, err := texts.Compose(r)
	var told *tocsin.Error
	if !errors.As(err, &told) || !slices.Equal(told.Fields, []string{"facts.when.en", "facts.when.fa", "facts.where.fa"}) {
		t.Errorf("%v is about %+v", err, told)
	}
}
