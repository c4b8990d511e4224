package release_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/release"
)

var now = time.Date(2031, 3, 1, 9, 0, 0, 0, time.UTC)

// draft is a warning as it should be.
func draft() tocsin.Draft {
	return tocsin.Draft{
		Warning: "w1", Version: 2, Case: "case-1", Kind: tocsin.GovernmentWarning, Message: tocsin.Alert,
		Victims: []tocsin.VictimID{"v1"}, Marking: "UNCLASSIFIED",
		Window:    tocsin.Window{Earliest: now, Latest: now.Add(72 * time.Hour)},
		Reference: "DTW-2031-0007",
		Texts: []tocsin.Text{
			{Language: "en", Subject: "Warning of an attack", Body: "We believe that an attack on the gathering at the old market is planned between Friday and Sunday.\nKeep away. Call +00 555 0100.\n"},
			{Language: "fa", Subject: "هشدار حمله", Body: "ما باور داریم که حمله\u200cای به گردهمایی در بازار قدیمی برنامه\u200cریزی شده است.\nدور بمانید.\n"},
		},
		Recipients: []tocsin.Recipient{{
			ID: "r1", Name: "Ministry of the Interior", Kind: tocsin.GovernmentWarning, Jurisdiction: "IR", Relation: "adversary_no_relations",
			Languages: []string{"fa", "en"}, Verify: "Call the number that you already have.",
			Ladder: []tocsin.Rung{
				{Channel: "smtp", Address: "desk@interior.example", Addressee: "duty desk", Level: 1, Via: []tocsin.Party{{Name: "protecting power", Groups: []string{"swiss"}}}},
				{Channel: "in_person", Address: "the embassy", Addressee: "minister's office", Level: 2},
			},
		}},
		Facts: []tocsin.Fact{
			{Item: "harm", Values: map[string]string{"en": "an attack", "fa": "حمله"}, Releasable: true, Evidence: []tocsin.Span{{Report: "rep-1", End: 4, Quote: "bomb"}}},
			{Item: "where", Values: map[string]string{"en": "the old market", "fa": "بازار قدیمی"}, Releasable: true},
		},
		Gaps:    []tocsin.Gap{{Item: "actor", Reason: "would point to the source"}},
		Pack:    tocsin.PackRef{Name: "icd-191", Version: "1", Digest: tocsin.DigestOf([]byte("pack"))},
		Authors: []tocsin.ActorID{"ada", "ben"},
	}
}

// question is a question that the guard answers with a Cleared and no findings.
// change edits the draft before it is approved.
func question(change ...func(*tocsin.Draft)) release.Question {
	d := draft()
	for _, f := range change {
		f(&d)
	}
	return release.Question{
		Draft:         d,
		Approval:      &tocsin.Approval{By: "cleo", At: now.Add(-time.Minute), Digest: d.Digest()},
		Approver:      tocsin.Actor{ID: "cleo", Name: "Cleo Marsh", Roles: []tocsin.Role{tocsin.SeniorOfficer}},
		ApproverRoles: []tocsin.Role{tocsin.SeniorOfficer, tocsin.ReleaseOfficer},
		Releaser:      tocsin.Actor{ID: "dov", Name: "Dov Ilan", Roles: []tocsin.Role{tocsin.ReleaseOfficer}},
		ReleaserRoles: []tocsin.Role{tocsin.ReleaseOfficer},
		Home:          "US",
		Contributing: []release.Source{{
			Report: "rep-1", Marking: "SECRET//NOFORN", Consent: release.ConsentNone,
			Text: "(S//NF) A member of the cell said on the telephone that two men will carry the bomb in a red taxi to the market.\n(U) The market is held every Friday from eight in the morning until noon by the river.",
		}},
		ActorGroups: []string{"Red Banner Column"},
		Content:     []tocsin.ContentItem{{ID: "harm", Title: "what harm", Required: true}, {ID: "where", Title: "where", Required: true}, {ID: "actor", Title: "who", Required: true}, {ID: "rest", Title: "the rest"}},
		Protected:   []release.Term{{Text: "Nighthawk", Kind: "cover", Why: "runs the taxi firm"}, {Text: "علی کریمی", Kind: "handler", Why: "met him twice"}},
		Validity:    tocsin.Duration(6 * time.Hour),
		Now:         now,
	}
}

func blocks(fs []tocsin.GuardFinding) []tocsin.GuardFinding {
	var bs []tocsin.GuardFinding
	for _, f := range fs {
		if f.Blocks {
			bs = append(bs, f)
		}
	}
	return bs
}

// mustClear checks that q is cleared, and returns the cautions.
func mustClear(t *testing.T, q release.Question) (release.Cleared, []tocsin.GuardFinding) {
	t.Helper()
	c, fs := release.Check(q)
	if b := blocks(fs); b != nil {
		t.Fatalf("blocked: %+v", b)
	}
	if c.Clearance().Digest != q.Draft.Digest() {
		t.Fatal("the clearance is not for the draft's bytes")
	}
	if !slices.Equal(c.Clearance().Cautions, fs) {
		t.Fatalf("cautions %+v are not those of the clearance %+v", fs, c.Clearance().Cautions)
	}
	return c, fs
}

// mustBlock checks that q is blocked by one check only, with a finding that says
// the given words, and that nothing sendable came out.
func mustBlock(t *testing.T, q release.Question, check, words string) tocsin.GuardFinding {
	t.Helper()
	c, fs := release.Check(q)
	if !reflect.DeepEqual(c, release.Cleared{}) {
		t.Fatal("a blocked draft was cleared")
	}
	bs := blocks(fs)
	for _, b := range bs {
		if b.Check != check {
			t.Errorf("also blocked by %s: %s (%s)", b.Check, b.What, b.Where)
		}
		if b.What == "" || b.Do == "" {
			t.Errorf("a finding without what or do: %+v", b)
		}
	}
	for _, b := range bs {
		if strings.Contains(b.What, words) {
			return b
		}
	}
	t.Fatalf("no finding of check %s says %q: %+v", check, words, bs)
	return tocsin.GuardFinding{}
}

func caution(t *testing.T, fs []tocsin.GuardFinding, check, words string) {
	t.Helper()
	if !slices.ContainsFunc(fs, func(f tocsin.GuardFinding) bool {
		return f.Check == check && !f.Blocks && strings.Contains(f.What, words)
	}) {
		t.Errorf("no caution of check %s says %q: %+v", check, words, fs)
	}
}

func TestAnOrdinaryWarningPassesWithoutRemark(t *testing.T) {
	c, fs := mustClear(t, question())
	if fs != nil {
		t.Errorf("findings: %+v", fs)
	}
	got := c.Clearance()
	want := tocsin.Clearance{Warning: "w1", Version: 2, Digest: draft().Digest(), Pack: draft().Pack, At: now, Expires: now.Add(6 * time.Hour), Released: "dov"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("clearance %+v, want %+v", got, want)
	}
	m, err := c.Message("k1", "r1", 1, now)
	if err != nil || !m.Valid() || m.Text() != draft().Texts[1] || m.Rung().Address != "the embassy" {
		t.Errorf("message %+v, %v", m, err)
	}
}

func TestAClearanceEndsWithTheWindow(t *testing.T) {
	c, _ := mustClear(t, question(func(d *tocsin.Draft) { d.Window.Latest = now.Add(time.Hour) }))
	if got := c.Clearance().Expires; !got.Equal(now.Add(time.Hour)) {
		t.Errorf("expires %s", got)
	}
}

// T-18: a report under originator control, and no consent.
func TestNoConsentNoReleaseExceptByTheExigentPath(t *testing.T) {
	for _, consent := range []release.Consent{"", release.ConsentNone, release.ConsentAsked, release.ConsentRefused, "perhaps"} {
		for _, s := range []release.Source{
			{Report: "rep-9", Originator: "service B", Controlled: true, Consent: consent},
			{Report: "rep-9", Originator: "service B", Marking: "SECRET//ORCON", Consent: consent},
			{Report: "rep-9", Originator: "service B", Marking: "no idea", Controlled: true, Consent: consent},
		} {
			q := question()
			q.Contributing = append(q.Contributing, s)
			mustBlock(t, q, "consent", "service B")
			q.Exigent = true
			c, fs := mustClear(t, q)
			caution(t, fs, "consent", "service B")
			if !c.Clearance().Exigent {
				t.Error("the clearance does not say that it was exigent")
			}
		}
	}
	q := question()
	q.Contributing = append(q.Contributing, release.Source{Report: "rep-9", Controlled: true, Consent: release.ConsentGranted})
	mustClear(t, q)
}

func TestAnUnreadableMarkingOfAReportIsRemarkedUpon(t *testing.T) {
	q := question()
	q.Contributing = append(q.Contributing, release.Source{Report: "rep-9", Marking: "VERY HUSH"})
	_, fs := mustClear(t, q)
	caution(t, fs, "consent", "rep-9")
}

// T-21: what a warning must say, or why not.
func TestAVagueWarningIsStopped(t *testing.T) {
	for name, change := range map[string]func(*tocsin.Draft){
		"fact missing":       func(d *tocsin.Draft) { d.Facts = d.Facts[:1] },
		"fact without words": func(d *tocsin.Draft) { d.Facts[1].Values = map[string]string{"en": " "} },
		"gap without reason": func(d *tocsin.Draft) {
			d.Facts = d.Facts[:1]
			d.Gaps = append(d.Gaps, tocsin.Gap{Item: "where", Reason: " "})
		},
	} {
		t.Run(name, func(t *testing.T) { mustBlock(t, question(change), "content", "where") })
	}
	mustClear(t, question(func(d *tocsin.Draft) {
		d.Facts = d.Facts[:1]
		d.Gaps = append(d.Gaps, tocsin.Gap{Item: "where", Reason: "not known"})
	}))
	mustClear(t, question(func(d *tocsin.Draft) { d.Facts, d.Message, d.Refers = nil, tocsin.AllClear, "w0" }))
	_, fs := mustClear(t, question(func(d *tocsin.Draft) { delete(d.Facts[1].Values, "fa") }))
	caution(t, fs, "content", "fa")
	mustBlock(t, question(func(d *tocsin.Draft) { d.Facts[0].Releasable = false }), "content", "releasable")
}

func TestApprovalIsForTheseBytesByAnotherPerson(t *testing.T) {
	for _, c := range []struct {
		name, words string
		change      func(*release.Question)
	}{
		{"none", "Nobody has approved", func(q *release.Question) { q.Approval = nil }},
		{"words changed since", "changed since", func(q *release.Question) { q.Draft.Texts[0].Body += "!" }},
		{"recipient changed since", "changed since", func(q *release.Question) { q.Draft.Recipients[0].Ladder[0].Address = "other@interior.example" }},
		{"window changed since", "changed since", func(q *release.Question) { q.Draft.Window.Latest = now.Add(time.Hour) }},
		{"of an earlier version", "changed since", func(q *release.Question) { q.Draft.Version++ }},
		{"without a digest", "changed since", func(q *release.Question) { q.Approval.Digest = "" }},
		{"by the author", "wrote some of it", func(q *release.Question) { q.Draft.Authors = []tocsin.ActorID{"cleo"} }},
		{"by the author of an earlier version", "wrote some of it", func(q *release.Question) { q.Draft.Authors = []tocsin.ActorID{"ada", "cleo", "ben"} }},
		{"of a draft without authors", "names no author", func(q *release.Question) { q.Draft.Authors = nil }},
		{"by somebody without the role", "may not approve", func(q *release.Question) { q.Approver.Roles = []tocsin.Role{tocsin.Analyst} }},
		{"where the pack lets nobody", "may not approve", func(q *release.Question) { q.ApproverRoles = nil }},
		{"by the machine", "No machine", func(q *release.Question) {
			q.Approver.Roles = append(q.Approver.Roles, tocsin.Machine)
		}},
		{"by a partner's system", "No machine", func(q *release.Question) {
			q.Approver.Roles = append(q.Approver.Roles, tocsin.RecipientRole)
		}},
		{"under another name", "not the one", func(q *release.Question) { q.Approval.By = "eve" }},
		{"from the future", "not come", func(q *release.Question) { q.Approval.At = now.Add(time.Second) }},
		{"without a time", "no time", func(q *release.Question) { q.Approval.At = time.Time{} }},
		{"released by the machine", "No machine releases", func(q *release.Question) {
			q.Releaser = tocsin.Actor{ID: "clock", Roles: []tocsin.Role{tocsin.Machine}}
		}},
		{"released by nobody", "No machine releases", func(q *release.Question) { q.Releaser = tocsin.Actor{} }},
		{"released without the role", "may not release", func(q *release.Question) { q.Releaser.Roles = []tocsin.Role{tocsin.DutyOfficer} }},
		{"released where the pack lets nobody", "may not release", func(q *release.Question) { q.ReleaserRoles = nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := question()
			c.change(&q)
			mustBlock(t, q, "approval", c.words)
			q.Exigent = true // skips coordination, never this
			mustBlock(t, q, "approval", c.words)
		})
	}
}

func TestNoRouteRunsThroughTheThreatActor(t *testing.T) {
	for name, change := range map[string]func(*tocsin.Draft){
		"the recipient belongs to it": func(d *tocsin.Draft) { d.Recipients[0].Groups = []string{"Red Banner Column"} },
		"in other letters":            func(d *tocsin.Draft) { d.Recipients[0].Groups = []string{" red-banner COLUMN"} },
		"the recipient is it":         func(d *tocsin.Draft) { d.Recipients[0].Name = "Red Banner Column" },
		"somebody between":            func(d *tocsin.Draft) { d.Recipients[0].Ladder[0].Via[0].Groups = []string{"Red Banner Column"} },
		"somebody between is it":      func(d *tocsin.Draft) { d.Recipients[0].Ladder[0].Via[0].Name = "Red Banner Column" },
		"somebody without a name between": func(d *tocsin.Draft) {
			d.Recipients[0].Ladder[1].Via = []tocsin.Party{{Groups: []string{"Red Banner Column"}}}
		},
	} {
		t.Run(name, func(t *testing.T) { mustBlock(t, question(change), "route", "threat actor") })
	}
	suspect := func(d *tocsin.Draft) {
		d.Kind, d.Recipients[0].Kind = tocsin.DisruptionNotice, tocsin.DisruptionNotice
		d.Recipients[0].Groups = []string{"Red Banner Column"}
	}
	mustClear(t, question(suspect))
	mustBlock(t, question(suspect, func(d *tocsin.Draft) { d.Recipients[0].Ladder[0].Via[0].Groups = []string{"Red Banner Column"} }), "route", "threat actor")
	q := question()
	q.ActorGroups = nil
	_, fs := mustClear(t, q)
	caution(t, fs, "route", "Nobody has said")
}

func TestEveryRecipientCanBeReachedAndCanRead(t *testing.T) {
	for _, c := range []struct {
		name, words string
		change      func(*tocsin.Draft)
	}{
		{"nobody", "goes to nobody", func(d *tocsin.Draft) { d.Recipients = nil }},
		{"ladder without rungs", "ladder without rungs", func(d *tocsin.Draft) { d.Recipients[0].Ladder = nil }},
		{"rung without address", "no address", func(d *tocsin.Draft) { d.Recipients[0].Ladder[0].Address = "" }},
		{"no name", "no name", func(d *tocsin.Draft) { d.Recipients[0].Name = "" }},
		{"named twice", "named twice", func(d *tocsin.Draft) { d.Recipients = append(d.Recipients, d.Recipients[0]) }},
		{"no text they read", "no text in a language", func(d *tocsin.Draft) { d.Recipients[0].Languages = []string{"sw"} }},
		{"no language", "no language", func(d *tocsin.Draft) { d.Recipients[0].Languages = nil }},
		{"a suspect gets the victim's warning", "disruption notice", func(d *tocsin.Draft) { d.Recipients[0].Kind = tocsin.DisruptionNotice }},
		{"a victim gets the suspect's notice", "disruption notice", func(d *tocsin.Draft) { d.Kind = tocsin.DisruptionNotice }},
	} {
		t.Run(c.name, func(t *testing.T) { mustBlock(t, question(c.change), "recipient", c.words) })
	}
	_, fs := mustClear(t, question(func(d *tocsin.Draft) { d.Recipients[0].Languages = []string{"ar", "en"} }))
	caution(t, fs, "recipient", "not in ar")
	_, fs = mustClear(t, question(func(d *tocsin.Draft) { d.Recipients[0].Kind = tocsin.FacilityWarning }))
	caution(t, fs, "recipient", "facility")
}

func TestTheWindowIsNowAndEnds(t *testing.T) {
	for _, c := range []struct {
		name, words string
		change      func(*tocsin.Draft)
	}{
		{"over", "ended at", func(d *tocsin.Draft) { d.Window = tocsin.Window{Latest: now} }},
		{"reversed", "before it begins", func(d *tocsin.Draft) { d.Window.Earliest = d.Window.Latest.Add(time.Second) }},
		{"without end", "until when", func(d *tocsin.Draft) { d.Window.Latest = time.Time{} }},
		{"too far", "more than a year", func(d *tocsin.Draft) { d.Window.Latest = now.Add(release.MaxWindow + time.Second) }},
	} {
		t.Run(c.name, func(t *testing.T) { mustBlock(t, question(c.change), "window", c.words) })
	}
	for _, c := range []struct {
		name   string
		change func(*release.Question)
	}{
		{"no time", func(q *release.Question) { q.Now = time.Time{}; q.Approval.At = time.Time{} }},
		{"no validity", func(q *release.Question) { q.Validity = 0 }},
		{"a year of five digits", func(q *release.Question) { q.Draft.Window.Latest = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"an hour that no clock has", func(q *release.Question) {
			q.Draft.Window.Latest = q.Draft.Window.Latest.In(time.FixedZone("", 30*3600))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := question()
			c.change(&q)
			got, fs := release.Check(q)
			if !reflect.DeepEqual(got, release.Cleared{}) || !slices.ContainsFunc(fs, func(f tocsin.GuardFinding) bool { return f.Check == "window" && f.Blocks }) {
				t.Errorf("not blocked by the window: %+v", fs)
			}
		})
	}
}

func TestADraftSaysWhatItIs(t *testing.T) {
	for name, change := range map[string]func(*tocsin.Draft){
		"no version":         func(d *tocsin.Draft) { d.Version = 0 },
		"bad id":             func(d *tocsin.Draft) { d.Warning = "W 1" },
		"no kind":            func(d *tocsin.Draft) { d.Kind = "memo" },
		"no type":            func(d *tocsin.Draft) { d.Message = "" },
		"update of nothing":  func(d *tocsin.Draft) { d.Message = tocsin.Update },
		"about nobody":       func(d *tocsin.Draft) { d.Victims = nil },
		"under no pack":      func(d *tocsin.Draft) { d.Pack = tocsin.PackRef{} },
		"without reference":  func(d *tocsin.Draft) { d.Reference = " " },
		"all-clear of a lie": func(d *tocsin.Draft) { d.Message = tocsin.AllClear },
	} {
		t.Run(name, func(t *testing.T) { mustBlock(t, question(change), "digest", "") })
	}
}

func TestOnlyThoseMayHaveItWhoMayHaveTheMarking(t *testing.T) {
	mark := func(m string) func(*tocsin.Draft) { return func(d *tocsin.Draft) { d.Marking = m } }
	rec := func(clearance, country, relation string) func(*tocsin.Draft) {
		return func(d *tocsin.Draft) {
			r := &d.Recipients[0]
			r.Clearance, r.Jurisdiction, r.Relation = clearance, country, relation
		}
	}
	mustBlock(t, question(mark("")), "marking", "no marking")
	mustBlock(t, question(mark("HUSH")), "marking", "cannot be read")
	mustBlock(t, question(mark("SECRET//NOFORN")), "marking", "may not have it")
	mustBlock(t, question(mark("SECRET//REL TO USA, GBR"), rec("SECRET", "DE", "ally")), "marking", "DEU")
	mustBlock(t, question(mark("SECRET//REL TO USA, GBR"), rec("", "GB", "ally")), "marking", "clearance")
	mustBlock(t, question(mark("TLP:AMBER"), rec("TLP:GREEN", "GB", "ally")), "marking", "TLP:AMBER")
	mustClear(t, question(mark("SECRET//REL TO USA, GBR"), rec("SECRET", "GB", "ally")))
	mustClear(t, question(mark("SECRET//NOFORN"), rec("SECRET", "IQ", "own"))) // an own station abroad
	mustBlock(t, question(mark("CUI"), rec("COSMIC", "US", "ally")), "marking", "may not have it")
	_, fs := mustClear(t, question(rec("COSMIC", "US", "ally")))
	caution(t, fs, "marking", "taken for none")

	q := question(mark("SECRET//ORCON/REL TO USA, GBR"), rec("SECRET", "GB", "ally"))
	mustBlock(t, q, "marking", "ORCON")
	q.Contributing[0].Controlled, q.Contributing[0].Consent = true, release.ConsentGranted
	mustClear(t, q)
	q.Contributing = append(q.Contributing, release.Source{Report: "rep-2", Controlled: true, Consent: release.ConsentAsked})
	q.Exigent = true
	mustClear(t, q)
}

func TestWordsOfAHigherReportAreNotCopied(t *testing.T) {
	say := func(s string) func(*tocsin.Draft) { return func(d *tocsin.Draft) { d.Texts[0].Body = s } }
	portions := func(q release.Question) release.Question {
		s := &q.Contributing[0]
		cut := strings.Index(s.Text, "\n")
		s.Portions = []tocsin.Portion{{Start: 0, End: cut, Marking: "(S//NF)"}, {Start: cut + 1, End: len(s.Text), Marking: "(U)"}}
		return q
	}
	f := mustBlock(t, question(say("It seems: two MEN will carry,\nthe bomb - in a réd taxi.")), "marking", "SECRET//NOFORN")
	if f.Where != "en body 10-55" {
		t.Errorf("where: %s", f.Where)
	}
	mustClear(t, question(say("Somebody may bring a bomb to the market.")))                                                             // its own words
	mustBlock(t, question(say("Two men will carry the bomb, in the car.")), "marking", "words in a row")                                // seven words
	mustBlock(t, question(say("The market is held every Friday from eight in the morning.")), "marking", "SECRET//NOFORN")              // banner
	mustClear(t, portions(question(say("The market is held every Friday from eight in the morning."))))                                 // portion (U)
	mustBlock(t, portions(question(say("... in a red taxi to the market. (U) The market is held."))), "marking", "SECRET//NOFORN")      // across both
	mustBlock(t, question(func(d *tocsin.Draft) { d.Texts[0].Subject = "Two men will carry the bomb in a red taxi" }), "marking", "SE") // subject
	mustBlock(t, question(func(d *tocsin.Draft) { d.Facts[0].Values["en"] = "two men will carry the bomb in a red taxi" }), "marking", "SE")

	q := question(say("It may be that two men will carry the bomb in a red taxi."))
	q.Contributing[0].Marking = "VERY HUSH"
	mustBlock(t, q, "marking", "cannot be read")
	q.Contributing[0].Marking = ""
	_, fs := mustClear(t, q)
	caution(t, fs, "marking", "no marking")
	q.Contributing[0].Portions = []tocsin.Portion{{Start: 0, End: 60}, {Start: 60, End: len(q.Contributing[0].Text), Marking: "(junk)"}}
	mustBlock(t, q, "marking", "cannot be read")
	q.Contributing[0].Portions = []tocsin.Portion{{Start: 0, End: 60, Marking: "(S)"}, {Start: 60, End: len(q.Contributing[0].Text)}}
	mustBlock(t, q, "marking", "SECRET")
	q.Contributing[0].Portions, q.Contributing[0].Marking = nil, "UNCLASSIFIED"
	mustClear(t, q)
	q = question(say("It may be that two men will carry the bomb in a red taxi."), func(d *tocsin.Draft) {
		d.Marking, d.Recipients[0].Clearance, d.Recipients[0].Relation = "SECRET//NOFORN", "SECRET", "own"
	})
	mustClear(t, q)
}

func TestCopiesAreFoundAsByComparingTheWholeText(t *testing.T) {
	copies := 0
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"a", "b", "c", "d", "خبر", "夜", "A", "b-", "c\n"})
		text := func(name string) string {
			return strings.Join(rapid.SliceOfN(word, 0, 30).Draw(t, name), rapid.SampledFrom([]string{" ", ", "}).Draw(t, "sep"))
		}
		body, report := text("body"), text("report")
		if rapid.Bool().Draw(t, "copy") && len(report) > 0 {
			i := rapid.IntRange(0, len(report)).Draw(t, "from")
			body += " " + strings.ToValidUTF8(report[i:], "") + " " + text("tail")
		}
		q := question(func(d *tocsin.Draft) { d.Texts[0].Body = body + "." })
		q.Protected, q.Contributing[0].Text = nil, report
		_, fs := release.Check(q)
		got := slices.ContainsFunc(fs, func(f tocsin.GuardFinding) bool {
			return f.Check == "marking" && f.Blocks && strings.Contains(f.What, "copied")
		})
		words := strings.SplitAfter(strings.TrimSuffix(release.FoldedWords(body), "/"), "/")
		want := false
		for i := 0; i+release.QuoteWords <= len(words); i++ {
			run := strings.TrimSuffix(strings.Join(words[i:i+release.QuoteWords], ""), "/") + "/"
			want = want || strings.Contains("/"+release.FoldedWords(report), "/"+run)
		}
		if want {
			copies++
		}
		if got != want {
			t.Fatalf("body %q, report %q: copied %v, want %v", body, report, got, want)
		}
	})
	if copies == 0 {
		t.Fatal("nothing was ever copied")
	}
}

func TestMarksLeftInTheWordsAreFound(t *testing.T) {
	say := func(s string) func(*tocsin.Draft) { return func(d *tocsin.Draft) { d.Texts[0].Body = s } }
	for _, s := range []string{"(S//NF) Stay away.", "Stay away (S//NF).", "Stay away (S//BANANA).", "(TS) Stay away.", "SECRET//NOFORN\nStay away.", "Stay away.\n  TOP SECRET  \n", "TLP:RED\nStay away.", "UK SECRET\nStay away."} {
		mustBlock(t, question(say(s)), "marking", "left in the words")
	}
	for _, s := range []string{"UNCLASSIFIED\nStay away.", "(U) Stay away.", "STAY AWAY\n(NOW) Go home (ASAP).", "STAY\nTLP:CLEAR\n"} {
		mustClear(t, question(say(s)))
	}
	_, fs := mustClear(t, question(say("Do not\n(C) open the door.")))
	caution(t, fs, "marking", "portion mark")
}

func TestProtectedTermsAreStoppedWhereverTheyStand(t *testing.T) {
	const hidden = "N\u0456ghthаwk" // Cyrillic і and а
	for where, change := range map[string]func(*tocsin.Draft){
		"en subject 0-11":         func(d *tocsin.Draft) { d.Texts[0].Subject = hidden },
		"en body 12-23":           func(d *tocsin.Draft) { d.Texts[0].Body = "Reported by " + hidden },
		"en body 0-10":            func(d *tocsin.Draft) { d.Texts[0].Body = "Night-hawks fly." },
		"en body 4-14":            func(d *tocsin.Draft) { d.Texts[0].Body = "The night\nhawk." },
		"en body 0-17":            func(d *tocsin.Draft) { d.Texts[0].Body = "n.i.g.h.t.h.a.w.k" },
		"fa subject 0-9":          func(d *tocsin.Draft) { d.Texts[1].Subject = "Nighthawk" },
		"fa body 0-19":            func(d *tocsin.Draft) { d.Texts[1].Body = "عليّ كريمي" },
		"fa body 0-17":            func(d *tocsin.Draft) { d.Texts[1].Body = "علی\nکریمی" + " گفت" },
		"reference 4-13":          func(d *tocsin.Draft) { d.Reference = "DTW-Nighthawk" },
		"warning id 0-9":          func(d *tocsin.Draft) { d.Warning = "nighthawk-1" },
		"referred warning 0-9":    func(d *tocsin.Draft) { d.Message, d.Refers = tocsin.Update, "nighthawk" },
		"verification of r1 8-18": func(d *tocsin.Draft) { d.Recipients[0].Verify = "Ask for Night Hawk." },
		"fact where en 0-10":      func(d *tocsin.Draft) { d.Facts[1].Values["en"] = "night\nhawk" },
		"fact where fa 5-14":      func(d *tocsin.Draft) { d.Facts[1].Values["fa"] = "در Nighthawks" },
		"fact harm en 0-9":        func(d *tocsin.Draft) { d.Facts[0].Values["en"] = "N1GHTHAWK" },
	} {
		f := mustBlock(t, question(change), "term", "protected term")
		if f.Where != where {
			t.Errorf("found at %q, want %q", f.Where, where)
		}
		if said := f.What + f.Do; strings.Contains(said, "taxi firm") || strings.Contains(said, "met him") || strings.Contains(strings.ToLower(said), "nighthawk") || strings.Contains(said, "کریمی") {
			t.Errorf("the finding gives the term or its reason away: %s", said)
		}
	}
	// A joiner inside a Latin word is caught twice: as a term, and as hidden.
	_, fs := release.Check(question(func(d *tocsin.Draft) { d.Texts[0].Body = "Night\u200dhawk" }))
	var checks []string
	for _, f := range blocks(fs) {
		checks = append(checks, f.Check)
	}
	if !slices.Equal(checks, []string{"content", "term"}) {
		t.Errorf("blocked by %v", checks)
	}
}

func TestTheLexiconOfTheOrganisationCountsToo(t *testing.T) {
	q := question()
	q.Lexicon = release.NewScanner([]release.Term{{Text: "old market", Kind: "collection"}, {Text: "--", Kind: "cover"}})
	f := mustBlock(t, q, "term", "collection")
	if !strings.HasPrefix(f.Where, "en body ") {
		t.Errorf("where: %s", f.Where)
	}
	_, fs := release.Check(q)
	caution(t, fs, "term", "cannot be looked for")
}

func TestNothingInvisibleOrUnfinishedGoesOut(t *testing.T) {
	body := func(s string) func(*tocsin.Draft) { return func(d *tocsin.Draft) { d.Texts[0].Body = s } }
	for _, c := range []struct {
		s, where string
	}{
		{"Dear {{.Name}}", "en body 5-7"},
		{"Stay away from <no value>.", "en body 15-25"},
		{"TODO: place", "en body 0-4"},
		{"Call TBD.", "en body 5-8"},
		{"at %!s(MISSING)", "en body 3-7"},
		{"at [insert place]", "en body 3-10"},
		{"Lorem Ipsum", "en body 0-11"},
		{"bro\xffken", "en body 3-4"},
		{"lost \ufffd", "en body 5-8"},
		{"a\u200bb", "en body 1-4"},
		{"a\u200db", "en body 1-4"},
		{"a\u00adb", "en body 1-3"},
		{"\ufeffa", "en body 0-3"},
		{"a\x1bb", "en body 1-2"},
		{"a\rb", "en body 1-2"},
		{"a\u0085b", "en body 1-3"},
		{"a\u2028b", "en body 1-4"},
		{"\u202eab", "en body 0-3"},
		{"\u202aab\u202c", "en body 0-3"},
		{"a\u2066b", "en body 1-4"},
		{"a\u2066b\nc\u2069", "en body 1-4"},
		{"a\u2069", "en body 1-4"},
		{"a\ufe01", "en body 1-4"},
		{"a\U000e0041", "en body 1-5"},
		{"a\ue000", "en body 1-4"},
		{"a\u3164", "en body 1-4"},
	} {
		if f := mustBlock(t, question(body(c.s)), "content", ""); f.Where != c.where {
			t.Errorf("%q: at %q, want %q", c.s, f.Where, c.where)
		}
	}
	for name, change := range map[string]func(*tocsin.Draft){
		"a subject of two lines":    func(d *tocsin.Draft) { d.Texts[0].Subject = "Warning\nkeep away from it" },
		"an address of two lines":   func(d *tocsin.Draft) { d.Recipients[0].Ladder[0].Address = "a@b.example\r\nRCPT TO:<x@y.example>" },
		"a reference with a tab":    func(d *tocsin.Draft) { d.Reference = "DTW\t7" },
		"a body of spaces":          func(d *tocsin.Draft) { d.Texts[0].Body = " \n" },
		"no subject":                func(d *tocsin.Draft) { d.Texts[1].Subject = "" },
		"two texts in one language": func(d *tocsin.Draft) { d.Texts = append(d.Texts, d.Texts[0]) },
		"a text in no language":     func(d *tocsin.Draft) { d.Texts = append(d.Texts, tocsin.Text{Subject: "a", Body: "b"}) },
		"reference left open":       func(d *tocsin.Draft) { d.Reference = "{{ref}}" },
	} {
		t.Run(name, func(t *testing.T) { mustBlock(t, question(change), "content", "") })
	}
	for _, s := range []string{
		"100%! Sure.", "two\r\nlines", "tab\there", "می\u200cخواهم", "حملهٔ\u200cها", "\u2067فارسی\u2069 and\n\u2066a\u2069", "\u200fفارسی", "a\u00a0b", "क्\u200dष", "€ 5 – “ok” 🚨",
	} {
		mustClear(t, question(body(s)))
	}
	mustClear(t, question(func(d *tocsin.Draft) {
		d.Texts = append(d.Texts, tocsin.Text{Language: "es-MX", Subject: "PELIGRO", Body: "TODO EL MERCADO"})
		for i := range d.Facts {
			d.Facts[i].Values["es-MX"] = "x"
		}
	}))
	mustClear(t, question(func(d *tocsin.Draft) { d.Facts[0].Evidence[0].Quote = "as\u200b it\x00 came" }))
}

func TestAnOfficerSeesEverythingAtOnceInTheSameOrder(t *testing.T) {
	q := question(func(d *tocsin.Draft) {
		d.Marking, d.Window.Latest, d.Message = "SECRET", now.Add(-time.Hour), tocsin.Update
		d.Texts[0].Body = "{{x}} Nighthawk: two men will carry the bomb in a red taxi"
		d.Recipients[0].Ladder, d.Facts = nil, nil
		d.Recipients[0].Groups = []string{"Red Banner Column"}
	})
	q.Approval, q.Releaser = nil, tocsin.Actor{}
	q.Contributing = append(q.Contributing, release.Source{Report: "rep-2", Controlled: true})
	_, first := release.Check(q)
	var checks []string
	for _, f := range first {
		if f.Blocks && !slices.Contains(checks, f.Check) {
			checks = append(checks, f.Check)
		}
	}
	want := []string{"digest", "content", "marking", "term", "recipient", "route", "window", "consent", "approval"}
	if !slices.Equal(checks, want) {
		t.Errorf("blocked by %v, want %v", checks, want)
	}
	for range 20 {
		if _, again := release.Check(q); !reflect.DeepEqual(first, again) {
			t.Fatal("the findings are not the same each time")
		}
	}
	if _, fs := release.Check(release.Question{}); blocks(fs) == nil {
		t.Error("an empty question was cleared")
	}
}

func TestAClearanceIsReopenedForItsOwnDraftOnly(t *testing.T) {
	cleared, _ := mustClear(t, question())
	c, d := cleared.Clearance(), draft()
	again, err := release.Reopen(c, d, now.Add(5*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, func() release.Cleared { q := question(); x, _ := release.Check(q); return x }()) {
		t.Error("reopened is not what was cleared")
	}
	for name, change := range map[string]struct {
		code string
		edit func(*tocsin.Clearance, *tocsin.Draft, *time.Time)
	}{
		"zero clearance":  {"not_cleared", func(c *tocsin.Clearance, _ *tocsin.Draft, _ *time.Time) { *c = tocsin.Clearance{} }},
		"no digest":       {"not_cleared", func(c *tocsin.Clearance, _ *tocsin.Draft, _ *time.Time) { c.Digest = "sha256:" }},
		"no releaser":     {"not_cleared", func(c *tocsin.Clearance, _ *tocsin.Draft, _ *time.Time) { c.Released = "" }},
		"other warning":   {"clearance_foreign", func(c *tocsin.Clearance, _ *tocsin.Draft, _ *time.Time) { c.Warning = "w2" }},
		"other version":   {"clearance_foreign", func(_ *tocsin.Clearance, d *tocsin.Draft, _ *time.Time) { d.Version = 3 }},
		"other pack":      {"clearance_foreign", func(_ *tocsin.Clearance, d *tocsin.Draft, _ *time.Time) { d.Pack.Version = "2" }},
		"other words":     {"clearance_other_words", func(_ *tocsin.Clearance, d *tocsin.Draft, _ *time.Time) { d.Texts[0].Body += " " }},
		"other rung":      {"clearance_other_words", func(_ *tocsin.Clearance, d *tocsin.Draft, _ *time.Time) { d.Recipients[0].Ladder[0].Level = 3 }},
		"a date too far":  {"clearance_other_words", func(_ *tocsin.Clearance, d *tocsin.Draft, _ *time.Time) { d.Window.Latest = now.AddDate(9000, 0, 0) }},
		"expired":         {"clearance_expired", func(c *tocsin.Clearance, _ *tocsin.Draft, at *time.Time) { *at = c.Expires }},
		"without its end": {"clearance_expired", func(c *tocsin.Clearance, _ *tocsin.Draft, _ *time.Time) { c.Expires = time.Time{} }},
	} {
		t.Run(name, func(t *testing.T) {
			c, d, at := cleared.Clearance(), draft(), now
			change.edit(&c, &d, &at)
			got, err := release.Reopen(c, d, at)
			var e *tocsin.Error
			if !errors.As(err, &e) || e.Code != change.code || tocsin.KindOf(err) != tocsin.Refused || e.Do == "" {
				t.Errorf("error %v, want %s", err, change.code)
			}
			if !reflect.DeepEqual(got, release.Cleared{}) {
				t.Error("something came out all the same")
			}
		})
	}
}

func TestOnlyWhatWasClearedBecomesAMessage(t *testing.T) {
	cleared, _ := mustClear(t, question())
	for name, c := range map[string]struct {
		code string
		make func() (release.Message, error)
	}{
		"zero":            {"not_cleared", func() (release.Message, error) { return release.Cleared{}.Message("k", "r1", 0, now) }},
		"expired":         {"clearance_expired", func() (release.Message, error) { return cleared.Message("k", "r1", 0, now.Add(6*time.Hour)) }},
		"other recipient": {"recipient_not_cleared", func() (release.Message, error) { return cleared.Message("k", "r2", 0, now) }},
		"rung beyond":     {"recipient_not_cleared", func() (release.Message, error) { return cleared.Message("k", "r1", 2, now) }},
		"rung before":     {"recipient_not_cleared", func() (release.Message, error) { return cleared.Message("k", "r1", -1, now) }},
		"no key":          {"delivery_without_key", func() (release.Message, error) { return cleared.Message("", "r1", 0, now) }},
	} {
		m, err := c.make()
		var e *tocsin.Error
		if !errors.As(err, &e) || e.Code != c.code || tocsin.KindOf(err) != tocsin.Refused {
			t.Errorf("%s: error %v, want %s", name, err, c.code)
		}
		if m.Valid() {
			t.Errorf("%s: a message came out", name)
		}
	}
	if (release.Message{}).Valid() {
		t.Error("the zero message is valid")
	}
	m, err := cleared.Message("k", "r1", 0, now)
	if err != nil {
		t.Fatal(err)
	}
	d := draft()
	if m.Key() != "k" || m.Body() != release.BodyDigest(d.Texts[1]) || m.Marking() != d.Marking || m.Reference() != d.Reference ||
		m.Type() != d.Message || m.Kind() != d.Kind || m.Window() != d.Window || !m.Cleared().Equal(now) || m.Recipient().ID != "r1" {
		t.Errorf("the message is not the draft: %+v", m)
	}
}

// Nobody who still holds the draft, or a message, can change what was cleared.
func TestWhatWasClearedDoesNotChangeAfterwards(t *testing.T) {
	q := question()
	q.Contributing = append(q.Contributing, release.Source{Report: "rep-9", Marking: "VERY HUSH"}) // for a caution
	cleared, fs := mustClear(t, q)
	want := fmt.Sprintf("%+v", cleared)
	scribble(reflect.ValueOf(&q.Draft).Elem())
	fs[0].What = "scribbled"
	c := cleared.Clearance()
	scribble(reflect.ValueOf(&c).Elem())
	d := draft()
	m, err := cleared.Message("k", "r1", 0, now)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r, g := m.Recipient(), m.Rung()
		if r.Ladder[0].Address != d.Recipients[0].Ladder[0].Address || g.Via[0].Groups[0] != "swiss" || r.Ladder[0].Via[0].Groups[0] != "swiss" {
			t.Fatal("the message changed")
		}
		scribble(reflect.ValueOf(&r).Elem())
		scribble(reflect.ValueOf(&g).Elem())
	}
	if got := fmt.Sprintf("%+v", cleared); got != want {
		t.Errorf("cleared changed:\n%s\n%s", want, got)
	}
	reopened, err := release.Reopen(cleared.Clearance(), d, now)
	if err != nil {
		t.Fatal(err)
	}
	scribble(reflect.ValueOf(&d).Elem())
	if got := fmt.Sprintf("%+v", reopened); got != want {
		t.Errorf("reopened changed:\n%s\n%s", want, got)
	}
}

// scribble overwrites every string that can be reached through v.
func scribble(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("scribbled")
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				scribble(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			scribble(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			v.SetMapIndex(k, reflect.ValueOf("scribbled"))
		}
	}
}

// place is one string of a draft: get reads it, set writes it.
type place struct {
	path string
	get  func() string
	set  func(string)
}

// places are the strings of a draft, every one of them, found by reflection so that a field
// added later is tried too.
func places(v reflect.Value, path string) []place {
	var ps []place
	switch v.Kind() {
	case reflect.String:
		ps = append(ps, place{path, v.String, v.SetString})
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				ps = append(ps, places(v.Field(i), path+"."+f.Name)...)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			ps = append(ps, places(v.Index(i), fmt.Sprintf("%s[%d]", path, i))...)
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			key := k.String()
			ps = append(ps, place{path + "[" + key + "]", func() string { return v.MapIndex(reflect.ValueOf(key)).String() },
				func(s string) { v.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(s)) }})
			ps = append(ps, place{path + " key " + key, func() string { return key }, func(s string) {
				old := v.MapIndex(reflect.ValueOf(key))
				v.SetMapIndex(reflect.ValueOf(key), reflect.Value{})
				v.SetMapIndex(reflect.ValueOf(s), old)
			}})
		}
	}
	return ps
}

func TestAnyByteChangedAfterApprovalStopsIt(t *testing.T) {
	n := len(places(reflect.ValueOf(func() *tocsin.Draft { d := draft(); return &d }()).Elem(), ""))
	if n < 50 {
		t.Fatalf("only %d strings in the draft", n)
	}
	rapid.Check(t, func(t *rapid.T) {
		q := question()
		cleared, fs := release.Check(q)
		if blocks(fs) != nil {
			t.Fatalf("blocked from the start: %+v", fs)
		}
		all := places(reflect.ValueOf(&q.Draft).Elem(), "")
		p := all[rapid.IntRange(0, len(all)-1).Draw(t, "place")]
		if strings.HasPrefix(p.path, ".Authors") {
			t.Skip("who wrote it is not what is sent; the approver is compared instead")
		}
		b := []byte(p.get())
		if len(b) == 0 {
			b = []byte{0}
		}
		b[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		p.set(string(b))
		if got, _ := release.Check(q); !reflect.DeepEqual(got, release.Cleared{}) {
			t.Fatalf("cleared with %s changed to %q", p.path, b)
		}
		if got, err := release.Reopen(cleared.Clearance(), q.Draft, now); err == nil || !reflect.DeepEqual(got, release.Cleared{}) {
			t.Fatalf("reopened with %s changed to %q", p.path, b)
		}
	})
}

// A digest is taken of JSON, which writes every byte that is not text in one and
// the same way. That is why not one string may hold such a byte.
func TestEveryStringOfADraftMustBeText(t *testing.T) {
	d := draft()
	n := len(places(reflect.ValueOf(&d).Elem(), ""))
	for i := range n {
		var path string
		q := question(func(d *tocsin.Draft) {
			p := places(reflect.ValueOf(d).Elem(), "")[i]
			path = p.path
			p.set("x\xff")
		})
		_, fs := release.Check(q)
		if !slices.ContainsFunc(fs, func(f tocsin.GuardFinding) bool { return f.Blocks && strings.Contains(f.What, "not text") }) {
			t.Errorf("%s may hold bytes that are not text", path)
		}
	}
}

func TestAnApproverIsNeverAnAuthorNorWithoutTheRole(t *testing.T) {
	clears := 0
	rapid.Check(t, func(t *rapid.T) {
		people := []tocsin.ActorID{"ada", "ben", "cleo", "dov"}
		q := question()
		q.Draft.Authors = rapid.SliceOfN(rapid.SampledFrom(people), 0, 4).Draw(t, "authors")
		who := rapid.SampledFrom(people).Draw(t, "approver")
		role := rapid.SampledFrom(tocsin.Roles()).Draw(t, "role")
		q.Approval.By, q.Approver = who, tocsin.Actor{ID: who, Roles: []tocsin.Role{role}}
		q.Exigent = rapid.Bool().Draw(t, "exigent")
		_, fs := release.Check(q)
		ok := len(q.Draft.Authors) > 0 && !slices.Contains(q.Draft.Authors, who) && (role == tocsin.SeniorOfficer || role == tocsin.ReleaseOfficer)
		if ok {
			clears++
		}
		if got := blocks(fs) == nil; got != ok {
			t.Fatalf("authors %v, approver %s as %s: cleared %v, want %v", q.Draft.Authors, who, role, got, ok)
		}
	})
	if clears == 0 {
		t.Fatal("nothing was ever cleared")
	}
}

// BenchmarkGuard checks a 2 KB warning against 200 reports and 100,000 terms.
// Its limit, measured in the same run, is the term scan of the body alone.
func BenchmarkGuard(b *testing.B) {
	lex := release.NewScanner(lexicon(100_000))
	body := strings.Repeat(sentence, 2048/len(sentence)+1)[:2048]
	q := question(func(d *tocsin.Draft) { d.Texts[0].Body = body })
	q.Lexicon = lex
	for i := range 200 {
		q.Contributing = append(q.Contributing, release.Source{Report: tocsin.ReportID(fmt.Sprintf("r-%d", i)), Marking: "SECRET//NOFORN",
			Text: strings.Repeat(fmt.Sprintf("Report %d says that somebody met somebody else near the station. ", i), 30)})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, fs := release.Check(q); blocks(fs) != nil {
			b.Fatalf("blocked: %+v", fs[0])
		}
	}
	ours := b.Elapsed() / time.Duration(b.N)
	const rounds = 20
	start := time.Now()
	for range rounds {
		lex.Scan(body)
	}
	limit := time.Since(start) / rounds
	b.ReportMetric(float64(ours)/float64(time.Millisecond), "ms/op")
	b.ReportMetric(float64(limit), "limit-ns/op")
	b.ReportMetric(float64(ours)/float64(limit), "times-limit")
}

func FuzzCheck(f *testing.F) {
	for _, s := range [][3]string{
		{"Stay away.\n", "UNCLASSIFIED", "nothing"},
		{"two men will carry the bomb in a red taxi to the market", "SECRET", "two men will carry the bomb in a red taxi to the market"},
		{"(S//NF) {{x}} Night\u200dhawk", "TLP:RED", "\xff"},
		{"(\n(C)\nSECRET\n//", "", ""},
	} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, body, mark, report string) {
		q := question(func(d *tocsin.Draft) { d.Texts[0].Body, d.Marking = body, mark })
		q.Contributing[0].Text = report
		q.Contributing[0].Portions = []tocsin.Portion{{Start: -1, End: len(report) / 2, Marking: mark}, {Start: 3, End: 1}}
		c, fs := release.Check(q)
		if _, again := release.Check(q); !reflect.DeepEqual(fs, again) {
			t.Fatal("the findings are not the same each time")
		}
		if blocks(fs) != nil {
			if !reflect.DeepEqual(c, release.Cleared{}) {
				t.Fatal("blocked and cleared")
			}
			return
		}
		if !utf8.ValidString(body) || release.NewScanner(q.Protected).Scan(body) != nil || strings.Contains(body, "{{") {
			t.Fatalf("cleared: %q", body)
		}
		m, err := release.Reopen(c.Clearance(), question(func(d *tocsin.Draft) { d.Texts[0].Body, d.Marking = body, mark }).Draft, now)
		if err != nil || !reflect.DeepEqual(m, c) {
			t.Fatalf("not reopened as it was cleared: %v", err)
		}
	})
}

// A warning may say its own marking in full, and no more than its own.
func TestAWarningMaySayItsOwnMarking(t *testing.T) {
	own := "SECRET//REL TO USA, FRA"
	for text, stops := range map[string]bool{
		"Handling: SECRET//REL TO USA, FRA.":       false,
		"Handling: SECRET//REL TO USA, FRA\nLeave": false,
		"Handling: SECRET//REL TO USA.":            true,
		"Handling: SECRET//NOFORN.":                true,
		"Handling: TOP SECRET//REL TO USA, FRA.":   true,
		"Handling: SECRET//SI//REL TO USA, FRA":    true,
	} {
		q := release.Question{Draft: tocsin.Draft{Marking: own, Recipients: []tocsin.Recipient{{ID: "r", Jurisdiction: "FR", Relation: "ally", Clearance: "SECRET"}}}}
		found := release.Prepare(q).Examine(release.Passage{Language: "en", Text: text}).Findings
		if got := slices.ContainsFunc(found, func(f tocsin.GuardFinding) bool { return f.Check == "marking" && f.Blocks }); got != stops {
			t.Errorf("%q: stopped is %v: %v", text, got, found)
		}
	}
}

// Without its originator's consent a controlled report lends no words, whatever its
// portions are marked; on the exigent path it does.
func TestAReportWithoutConsentLendsNothing(t *testing.T) {
	text := "The harbour pilot wants to sink the ferry beside the northern mole at low water."
	for _, c := range []struct {
		consent release.Consent
		exigent bool
		kept    bool
	}{{release.ConsentNone, false, true}, {release.ConsentAsked, false, true}, {release.ConsentRefused, false, true}, {release.ConsentGranted, false, false}, {release.ConsentNone, true, false}} {
		q := release.Question{Draft: tocsin.Draft{Marking: "UNCLASSIFIED", Recipients: []tocsin.Recipient{{ID: "r", Relation: "own"}}}, Home: "US", Exigent: c.exigent, Setting: &release.Setting{},
			Contributing: []release.Source{{Report: "r1", Marking: "UNCLASSIFIED", Text: text, Controlled: true, Consent: c.consent}}}
		if got := release.Stops(release.Prepare(q).Examine(release.Passage{Language: "en", Text: text}).Findings); got != c.kept {
			t.Errorf("consent %q, exigent %v: stopped is %v", c.consent, c.exigent, got)
		}
	}
}

// A source's name in Latin letters has the consonants of everyday Persian words; only the
// name itself is taken for it.
func TestAnEverydayPersianWordIsNotTakenForAName(t *testing.T) {
	for body, want := range map[string]bool{
		"این مردان امروز در این مورد به شهر می\u200cآیند. لطفا از خانه بیرون نروید و با پلیس تماس بگیرید.": false,
		"آقای مرادی امروز گفت که به شهر می\u200cآیند. لطفا از خانه بیرون نروید و با پلیس تماس بگیرید.":     true,
	} {
		q := question(func(d *tocsin.Draft) {
			d.Texts = []tocsin.Text{{Language: "en", Subject: d.Texts[0].Subject, Body: d.Texts[0].Body}, {Language: "fa", Subject: "هشدار", Body: body}}
		})
		q.Protected = append(q.Protected, release.Term{Text: "Moradi", Kind: "source", Why: "told us"})
		_, found := release.Check(q)
		is := slices.ContainsFunc(found, func(f tocsin.GuardFinding) bool {
			return strings.HasPrefix(f.Where, "fa body") && strings.HasPrefix(f.Rule, "term/")
		})
		if is != want {
			t.Errorf("%s: %+v", body, found)
		}
	}
}
