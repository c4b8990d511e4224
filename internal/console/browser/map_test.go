package browser_test

import (
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"tocsin"
	"tocsin/casefile"
)

// atlas opens a case whose places lie far apart, with names that are many places,
// and some that are none.
func atlas(s *screen) string {
	s.t.Helper()
	id := s.h.Case("Two markets", "icd-191", "They mean to shoot at the market in Springfield on Saturday.", "Traders at the market", 30*time.Hour)
	state, err := s.h.Engine.Case(id)
	if err != nil {
		s.t.Fatal(err)
	}
	threat := state.Threat
	threat.Place = tocsin.Claim{Text: "Springfield, the market and the roads to it"}
	s.h.Do("anna", id, casefile.StateThreat{Threat: threat})
	desk := tocsin.Recipient{ID: "us-desk", Name: "Federal duty desk", Kind: tocsin.GovernmentWarning, Jurisdiction: "US", Relation: "ally", Languages: []string{"en"},
		Ladder: []tocsin.Rung{{Channel: "smtp", Address: "desk@us.example"}}}
	if _, err := s.h.Engine.SetRecipient(s.t.Context(), s.h.Person("daniel"), desk); err != nil {
		s.t.Fatal(err)
	}
	for _, v := range []tocsin.Victim{
		{ID: "v2", Name: "The buyer", Place: "Toronto", Jurisdiction: "CA", Protectors: []tocsin.RecipientID{"us-desk"}},
		{ID: "v3", Name: "Her brother", Place: "Havana", Jurisdiction: "CU"},
		{ID: "v4", Name: "The printer", Place: "the back room"},
		{ID: "v5", Name: "The driver", Place: "39.79N 89.65W", Jurisdiction: "US"},
	} {
		v.Kind, v.Identity = tocsin.Person, tocsin.Named
		s.h.Do("anna", id, casefile.AddVictim{Victim: v})
	}
	return "/cases/" + string(id)
}

// A map is worth having at three in the morning on a telephone, by day and by
// night, and to somebody who hears the page.
func TestTheMapIsReadableEverywhere(t *testing.T) {
	s := open(t, true, empty)
	source, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	many := atlas(s)
	s.signIn("anna")
	s.run(emulation.SetScriptExecutionDisabled(true))
	s.visit(many + "?do=state_threat")
	s.run(emulation.SetScriptExecutionDisabled(false))
	if n := s.text(`String(document.querySelectorAll("svg.sheet").length)`); n != "2" {
		t.Errorf("%s sheets are drawn without scripts", n)
	}
	for _, theme := range []string{"light", "dark"} {
		s.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}))
		for name, path := range map[string]string{"story": "/cases/kerman", "many": many} {
			s.visit(path)
			s.axe("map "+name+" "+theme, string(source))
			s.part("#map", "map-"+name+"-"+theme)
		}
	}
	s.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true))
	s.visit(many)
	s.part("#map", "map-many-phone")
	if wide := s.text(`String(document.documentElement.scrollWidth > innerWidth + 1)`); wide == "true" {
		t.Error("the map is wider than a phone")
	}
	if len(s.said) > 0 {
		t.Errorf("the pages complain: %q", s.said)
	}
}

// part keeps a picture of a part of the page.
func (s *screen) part(selector, name string) {
	s.t.Helper()
	var b []byte
	s.run(chromedp.Screenshot(selector, &b, chromedp.ByQuery))
	if err := os.WriteFile(s.shots+"/"+name+".png", b, 0o600); err != nil {
		s.t.Fatal(err)
	}
}
