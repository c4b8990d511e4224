package console_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/internal/console/consoletest"
)

// twoMarkets is a case whose places are many, one, and none.
func twoMarkets(t *testing.T, h *consoletest.House) tocsin.CaseID {
	t.Helper()
	id := h.Case("Two markets", "icd-191", "They mean to shoot at the market in Springfield on Saturday.", "Traders at the market", 30*time.Hour)
	s, err := h.Engine.Case(id)
	if err != nil {
		t.Fatal(err)
	}
	threat := s.Threat
	threat.Place = tocsin.Claim{Text: "Springfield, the market"}
	h.Do("anna", id, casefile.StateThreat{Threat: threat})
	for _, v := range []tocsin.Victim{{ID: "v2", Name: "The buyer", Place: "Kerman", Jurisdiction: "IR"}, {ID: "v3", Name: "The printer", Place: "the back room"}} {
		v.Kind, v.Identity = tocsin.Person, tocsin.Named
		h.Do("anna", id, casefile.AddVictim{Victim: v})
	}
	return id
}

// section is the map of a case page.
func section(t *testing.T, b *browser, id tocsin.CaseID) string {
	t.Helper()
	m := regexp.MustCompile(`(?s)<section class="map".*?</section>`).FindString(b.get("/cases/" + string(id)).Body.String())
	if m == "" {
		t.Fatal("the page has no map")
	}
	return m
}

// A map that shows some victims and not others misleads, unless it says whom it
// leaves out (ADR 0018).
func TestTheMapNamesEverybodyWhomItDoesNotShow(t *testing.T) {
	h := consoletest.Open(t, false)
	id := twoMarkets(t, h)
	m := section(t, signedIn(t, h, "anna"), id)
	for _, want := range []string{"1 of the case&#39;s 4 places is on the map. For one of them the position is assumed.", "Not on the map: 3 places", "No place of this name lies where the case says; 24 lie elsewhere.",
		"Springfield, Illinois, United States", "Traders at the market</a> <span class=\"note\">No place is recorded.", "The gazetteer knows no such place.",
		"Kerman, Iran", "assumed: the case names the country", `class="land of"`, "The directory has nobody with jurisdiction in Iran."} {
		if !strings.Contains(m, want) {
			t.Errorf("the map lacks %q", want)
		}
	}
	s, _ := h.Engine.Case(id)
	absent, _, _ := strings.Cut(m, `<div class="sheets">`)
	shown := m[strings.Index(m, `<ol class="spots">`):]
	for _, v := range s.Victims {
		if strings.Contains(absent, v.Name) == strings.Contains(shown[:strings.Index(shown, "</ol>")], v.Name) {
			t.Errorf("%s is not in exactly one of what is shown and what is not", v.Name)
		}
	}
	german := signedIn(t, h, "anna")
	german.header["Accept-Language"] = "de"
	if m := section(t, german, id); !strings.Contains(m, "Nicht auf der Karte: 3 Orte") || !strings.Contains(m, "Kerman, Iran") || !strings.Contains(m, "Vereinigte Staaten") {
		t.Errorf("the German map is\n%s", m)
	}
}

func TestSomebodyWhoMayStateTheThreatSaysWhichPlaceIsMeant(t *testing.T) {
	h := consoletest.Open(t, false)
	id := twoMarkets(t, h)
	path := "/cases/" + string(id)
	b := signedIn(t, h, "anna")
	page := b.get(path + "?do=state_threat").Body.String()
	name := regexp.MustCompile(`name="(lies\.[0-9a-z]+)"`).FindStringSubmatch(page)
	if name == nil || !strings.Contains(page, "which “Springfield” is meant") && !strings.Contains(page, "Which “Springfield” is meant?") {
		t.Fatal("the page does not ask which Springfield is meant")
	}
	give := func(choice string) string {
		t.Helper()
		form := formOf(t, b.get(path).Body.String(), path+"/do/state_threat", "")
		formWith(form, name[1], choice, "threat_place", "Springfield, the market", "harm", "killing", "threat_target", "Traders at the market")
		b.post(path+"/do/state_threat", form)
		return section(t, b, id)
	}
	if m := give("39.802,-89.644"); !strings.Contains(m, "chosen by Anna Lind") || !strings.Contains(m, "Not on the map: 2 places") {
		t.Errorf("what was chosen is not shown:\n%s", m)
	}
	s, _ := h.Engine.Case(id)
	if len(s.Threat.Whereabouts) != 1 || s.Threat.Whereabouts[0].Region != "Illinois" || s.Threat.Whereabouts[0].By != "anna" {
		t.Errorf("recorded is %+v", s.Threat.Whereabouts)
	}
	if m := give("none"); !strings.Contains(m, "None of the places of this name, according to Anna Lind.") {
		t.Errorf("that none is meant is not shown:\n%s", m)
	}
	if m := give(""); !strings.Contains(m, "lie elsewhere.") {
		t.Errorf("it is not open again:\n%s", m)
	}
	version := func() int { s, _ := h.Engine.Case(id); return s.Version }
	before := version()
	give("1.000,1.000")
	if version() != before {
		t.Error("a place that was never offered was recorded")
	}
	if m := section(t, signedIn(t, h, "rui"), id); strings.Contains(m, "Say where the places lie") {
		t.Error("it is offered to somebody who may not")
	}
}

func TestTheOverviewShowsTheCountryOfThePlaceBeforeAnybodyHasJurisdiction(t *testing.T) {
	h := consoletest.Open(t, false)
	rep := h.Report("ingrid", "They will come to the market of Lyon.", intakeDeclared(1))
	res, err := h.Engine.Open(t.Context(), h.Person("daniel"), "Lyon", "icd-191", []tocsin.ReportID{rep}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h.Do("anna", res.State.ID, casefile.StateThreat{Threat: tocsin.Threat{Harm: tocsin.Killing, Place: tocsin.Claim{Text: "Lyon, France"}}})
	m := section(t, signedIn(t, h, "anna"), res.State.ID)
	for _, want := range []string{`class="land here"`, `<text class="country here"`, ">France</text>", "The one place of the case is on the map."} {
		if !strings.Contains(m, want) {
			t.Errorf("the map lacks %q", want)
		}
	}
}

func TestThereIsNoStyleAndNoScriptInTheMap(t *testing.T) {
	h := consoletest.Open(t, true)
	m := section(t, signedIn(t, h, "daniel"), "kerman")
	if regexp.MustCompile(`\sstyle=|<script|<style|\son[a-z]+=|NaN|Inf|ZgotmplZ`).MatchString(m) {
		t.Errorf("the map holds what the policy forbids, or a broken number")
	}
	for _, want := range []string{`role="img"`, `<title id="overview-title">Overview</title>`, "Around Kerman, Iran", "All 4 places of the case are on the map.", "km</text>",
		"Government of the threatened country", "not to be used: the route runs through"} {
		if !strings.Contains(m, want) {
			t.Errorf("the map lacks %q", want)
		}
	}
	if len(m) > 60_000 {
		t.Errorf("the map is %d bytes: a telephone on a bad line waits for it", len(m))
	}
}

// Words that a report smuggles into a place stay words.
func TestAPlaceIsDrawnAsWords(t *testing.T) {
	h := consoletest.Open(t, false)
	id := twoMarkets(t, h)
	h.Do("anna", id, casefile.AddVictim{Victim: tocsin.Victim{ID: "v4", Kind: tocsin.Person, Identity: tocsin.Named, Name: `<b onclick="x">Eve`, Place: `"><svg/onload=x> 30.25N 57.1E`}})
	if m := section(t, signedIn(t, h, "anna"), id); strings.Contains(m, "<b on") || strings.Contains(m, "<svg/") || strings.Contains(m, "<i>") {
		t.Errorf("the page holds it as it came:\n%s", m)
	}
}
