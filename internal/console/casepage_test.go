package console_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/intake"
	"tocsin/internal/console"
	"tocsin/internal/console/consoletest"
	"tocsin/ledger"
)

func TestACaseShowsEveryPolicyThatItStandsUnder(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	b := signedIn(t, h, "anna")
	page := b.get("/cases/" + string(cases["both"])).Body.String()
	for _, want := range []string{`href="/policies/icd-191"`, `href="/policies/uk-threat-to-life"`, "One source, not tested yet.", `name="value.uk-threat-to-life/`,
		"may be attacked on his way home", "Cleared by Lena Novak", "<ins><span class=\"vh\">added </span>On Friday, after the late shift.\n",
		"<del><span class=\"vh\">removed </span>Within the next two days.\n", "What has changed since version 1", "2 versions"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if found := b.get("/cases/" + string(cases["found"])).Body.String(); !strings.Contains(found, "Still to be told:") {
		t.Error("nobody is said to be still untold")
	}
	if n := strings.Count(page, `class="findings"`); n != 2 {
		t.Errorf("%d tables of findings", n)
	}
	blind := signedIn(t, h, "rita").get("/cases/" + string(cases["both"])).Body.String()
	if strings.Contains(blind, "One source, not tested yet.") || strings.Contains(blind, `class="determination`) {
		t.Error("a second signer is shown what a further policy makes of the first grade")
	}
}

func TestAWaiverNeedsAGroundUnderEachPolicy(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	b := signedIn(t, h, "anna")
	path := "/cases/" + string(cases["both"])
	form := formOf(t, b.get(path).Body.String(), path+"/do/propose_waiver", "v1")
	s, _ := h.Engine.Case(cases["both"])
	formWith(form, "ground", "f", "reason", "Nobody can be reached.", "alternatives", "Neighbours and the paper.", "expires", h.Clock.Now().Add(20*time.Hour).Format("2006-01-02T15:04"),
		"ground.uk-threat-to-life", "warning_raises_risk", "alternatives.uk-threat-to-life", "A quiet watch on his street.")
	for _, claim := range []struct{ pack, prefix, ground string }{{"icd-191", "", "f"}, {"uk-threat-to-life", "uk-threat-to-life.", "warning_raises_risk"}} {
		terms, _ := s.Pack(claim.pack)
		g, _ := terms.Ground(claim.ground)
		for _, e := range g.Evidence {
			answer := "Answer to " + e.ID + " of " + claim.pack
			if bad, turns := g.Excludes[e.ID]; turns {
				if answer = "yes"; bad == "yes" {
					answer = "no"
				}
			}
			form.Set("evidence."+claim.prefix+g.ID+"."+e.ID, answer)
		}
	}
	if r := b.post(path+"/do/propose_waiver", form); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	page := b.get(path).Body.String()
	for _, want := range []string{"Answer to attempts of icd-191", "Answer to safer_way of uk-threat-to-life", "A quiet watch on his street."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
}

func TestClosingAsksWhereTheRecordHoldsWhatThePoliciesWant(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	id := cases["fresh"]
	s, _ := h.Engine.Case(id)
	if len(s.Terms.Records) == 0 {
		t.Fatal("the policy wants nothing on record")
	}
	h.Do("anna", id, casefile.RecordFindings{Victim: "v1", Findings: h.Findings(id, tocsin.NotMet)})
	h.Do("anna", id, casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseBelow, Reason: "It was a rehearsal for a play."})
	h.Do("sofia", id, casefile.SignRefusal{Victim: "v1", Agree: true, Reason: "The theatre confirms it.", Grade: h.Findings(id, tocsin.NotMet)})
	h.Do("sofia", id, casefile.RecordOutcome{Outcome: casefile.Outcome{What: "did_not_occur", Note: "A play."}})
	b := signedIn(t, h, "sofia")
	path := "/cases/" + string(id)
	form := formOf(t, b.get(path).Body.String(), path+"/do/close_case", "")
	form.Set("reason", "Nothing is owed.")
	form.Set("record."+s.Terms.Records[0], "in report one")
	if r := b.post(path+"/do/close_case", form); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	if s, _ = h.Engine.Case(id); s.OnRecord[s.Terms.Records[0]] != "in report one" || !s.Closed {
		t.Errorf("the case keeps %v", s.OnRecord)
	}
}

func TestATearlineIsWrittenAndClearedBesideItsReport(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	path := "/cases/" + string(cases["fresh"])
	s, _ := h.Engine.Case(cases["fresh"])
	report := string(s.Reports[0].ID)
	b := signedIn(t, h, "anna")
	form := formOf(t, b.get(path).Body.String(), path+"/do/write_tearline", report)
	form.Set("tearline", "A judge may be attacked before Thursday.")
	if r := b.post(path+"/do/write_tearline", form); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	other := signedIn(t, h, "lena")
	if r := other.post(path+"/do/clear_tearline", formOf(t, other.get(path).Body.String(), path+"/do/clear_tearline", report)); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	page := b.get(path).Body.String()
	if !regexp.MustCompile(`(?s)class="tear">.*A judge may be attacked before Thursday\..*Cleared by Lena Novak`).MatchString(page) {
		t.Error("the tearline does not stand beside its report")
	}
}

func TestACaseWithManyReportsDrawsTheirWordsOnDemand(t *testing.T) {
	h := consoletest.Open(t, false)
	id := h.Case("Many", "icd-191", "They mean to kill the ferryman on Sunday.", "The ferryman", 40*time.Hour)
	b := signedIn(t, h, "anna")
	for i := range 30 {
		h.Attach("anna", id, h.Report("ingrid", "Another caller, number "+strings.Repeat("x", i+1)+".", intakeDeclared(i)))
	}
	page := b.get("/cases/" + string(id)).Body.String()
	if n := strings.Count(page, `class="card report"`); n < 10 || n > 12 || !strings.Contains(page, "the ferryman on Sunday") {
		t.Errorf("%d reports are drawn whole, or not the one that evidence points into", n)
	}
	if all := b.get("/cases/" + string(id) + "?reports=all").Body.String(); strings.Count(all, `class="card report"`) != 31 {
		t.Error("not all are drawn when they are asked for")
	}
}

func intakeDeclared(i int) intake.Declared {
	return intake.Declared{Origin: "caller-" + strconv.Itoa(i)}
}

func TestNoFieldBearsTheNameOfWhatAFormCarriesBeside(t *testing.T) {
	h := consoletest.Open(t, false)
	cases := h.Fill()
	forms := 0
	for _, who := range []string{"anna", "daniel", "sofia", "lena", "rui"} {
		b := signedIn(t, h, who)
		for _, id := range cases {
			for _, form := range regexp.MustCompile(`(?s)<form method="post" action="/cases/[^"]*/do/([a-z_]+)".*?</form>`).FindAllStringSubmatch(b.get("/cases/"+string(id)).Body.String(), -1) {
				forms++
				for _, name := range []string{"key", "version", "target", "draft"} {
					if n := strings.Count(form[0], ` name="`+name+`"`); n != 1 {
						t.Errorf("the form of %s has %d fields named %s, so that what is typed is lost", form[1], n, name)
					}
				}
			}
		}
	}
	if forms < 100 {
		t.Errorf("only %d forms", forms)
	}
}

// torn is a store whose streams cannot be read.
type torn struct{ ledger.Store }

func (torn) Load(context.Context, string) iter.Seq2[ledger.Record, error] {
	return func(yield func(ledger.Record, error) bool) { yield(ledger.Record{}, errors.New("the disk is gone")) }
}

// The head of a large page goes out before the rest is made. What fails then is said
// below it, in words; and where only a part of the page was asked for, which would be
// taken off the screen, the answer is the failure and nothing of a page.
func TestAPageWhoseHeadHasGoneOutSaysWhatFailed(t *testing.T) {
	h := consoletest.Open(t, false, func(c *console.Config) { c.Store = torn{c.Store} })
	path := "/cases/" + string(h.Case("Threat to a magistrate", "icd-191", "Judge Diallo is to be shot.", "Judge Diallo", 60*time.Hour))
	b := signedIn(t, h, "anna")
	r := b.get(path)
	page := r.Body.String()
	if r.Code != http.StatusOK || !r.Flushed || strings.Count(page, "<!doctype html>") != 1 || strings.Count(page, "<main") != 1 || !strings.Contains(page, `class="narrow problem"`) || !strings.HasSuffix(strings.TrimSpace(page), "</html>") {
		t.Errorf("%d, flushed %v: %s", r.Code, r.Flushed, page)
	}
	b.header = map[string]string{"HX-Request": "true"}
	if r := b.get(path); r.Code != http.StatusInternalServerError || r.Flushed {
		t.Errorf("a part of a page that cannot be made is answered with %d", r.Code)
	}
	b.header = map[string]string{"Accept-Encoding": "gzip"}
	z, err := gzip.NewReader(b.get(path).Body)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := io.ReadAll(z); err != nil || string(all) != page {
		t.Errorf("packed, the page is another, or broken off: %v", err)
	}
}
