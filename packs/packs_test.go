package packs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/compose"
	"tocsin/packs"
	"tocsin/policy"
)

var shipped = []string{"clery", "dsa-18", "emergency-disclosure", "icd-191", "ngo-security", "no-double-standard",
	"platform-emergency", "psni", "rcmp", "tarasoff-california", "uk-threat-to-life"}

func load(t testing.TB, name string) *policy.Pack {
	t.Helper()
	p, err := policy.Load(packs.FS(), name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// each runs f on every built-in pack.
func each(t *testing.T, f func(t *testing.T, p *policy.Pack)) {
	for _, name := range packs.Names() {
		t.Run(name, func(t *testing.T) { f(t, load(t, name)) })
	}
}

func TestTheBuiltInPacksAreTheseAndSetsOfTextsAreNone(t *testing.T) {
	if !slices.Equal(packs.Names(), shipped) {
		t.Errorf("built in are %q, and should be %q", packs.Names(), shipped)
	}
}

func TestEveryBuiltInPackLoadsAndPassesItsOwnTests(t *testing.T) {
	each(t, func(t *testing.T, p *policy.Pack) {
		if len(p.Tests()) < 8 {
			t.Errorf("the pack has %d tests; eight are the least", len(p.Tests()))
		}
		if err := policy.RunTests(p); err != nil {
			t.Error(err)
		}
		texts, err := compose.Load(packs.FS(), p.Ref().Name)
		if err != nil {
			t.Fatal(err)
		}
		if p.Ref() != texts.Ref() {
			t.Errorf("policy names the pack %v and compose %v", p.Ref(), texts.Ref())
		}
		if !slices.Equal(p.Languages(), texts.Languages()) || !slices.Contains(p.Languages(), "en") || !slices.Contains(p.Languages(), "fa") {
			t.Errorf("languages %q and %q", p.Languages(), texts.Languages())
		}
		t.Logf("%s: %d combinations, %d tests, languages %s", p.Ref().Digest, p.Combinations(), len(p.Tests()), strings.Join(p.Languages(), " "))
	})
}

// outcomes determines every combination of answers with one recorded harm, by
// number in base 4: digit i is the answer on element i.
func outcomes(p *policy.Pack, harm tocsin.Harm) []tocsin.Determination {
	elements := p.Elements()
	out := make([]tocsin.Determination, p.Combinations())
	for n := range out {
		var findings []tocsin.Finding
		for i, rest := 0, n; i < len(elements); i, rest = i+1, rest/4 {
			findings = append(findings, tocsin.Finding{Element: elements[i].ID, Value: tocsin.FindingValues()[rest%4]})
		}
		out[n] = p.Determine("v1", harm, findings)
	}
	return out
}

var nearness = map[tocsin.DeterminationResult]int{tocsin.ResultNotOwed: 0, tocsin.ResultDoubtful: 1, tocsin.ResultOwed: 2}

// In every combination of answers and recorded harms of every pack there is an
// answer that can be followed, and an answer that supports the threat more, or
// the want of one in place of a no, never leads away from warning.
func TestMoreSupportForAThreatNeverLeadsAwayFromWarning(t *testing.T) {
	support := map[int]int{2: 0, 3: 1, 1: 1, 0: 2} // not met, unknown and doubtful, met
	each(t, func(t *testing.T, p *policy.Pack) {
		seen := 0
		for _, harm := range append([]tocsin.Harm{""}, tocsin.Harms()...) {
			all := outcomes(p, harm)
			for n, d := range all {
				seen++
				if d.Rule == "" || len(d.Failed) > 0 || d.Result != tocsin.ResultNotOwed && (d.Route == policy.RouteNone || d.Route == policy.RouteOtherPack) {
					t.Fatalf("harm %q, combination %d: %+v", harm, n, d)
				}
				for place := 1; place < len(all); place *= 4 {
					for to := range 4 {
						from := n / place % 4
						other := all[n+(to-from)*place]
						if support[to] > support[from] && nearness[other.Result] < nearness[d.Result] {
							t.Fatalf("harm %q: %v is %s, and with more support on one element %v is %s", harm, d.Rests, d.Result, other.Rests, other.Result)
						}
					}
				}
			}
		}
		if seen != 8*p.Combinations() {
			t.Errorf("%d combinations were seen of %d", seen, 8*p.Combinations())
		}
	})
}

func TestNoPackIsSilentOnAnythingUnlessAnAnswerSaysNo(t *testing.T) {
	each(t, func(t *testing.T, p *policy.Pack) {
		for _, harm := range append([]tocsin.Harm{""}, p.Terms().Harms...) {
			for n, d := range outcomes(p, harm) {
				no := slices.ContainsFunc(d.Rests, func(f tocsin.Finding) bool { return f.Value == tocsin.NotMet })
				if d.Result == tocsin.ResultNotOwed && !no {
					t.Fatalf("harm %q, combination %d: %s without an answer of no", harm, n, d.Rule)
				}
			}
		}
	})
}

func TestEverythingThatALawyerMustJudgeSaysOnWhatItRests(t *testing.T) {
	each(t, func(t *testing.T, p *policy.Pack) {
		seen := 0
		rests := func(what, clause, basis string) {
			seen++
			if strings.TrimSpace(clause) == "" || basis != policy.Sourced && basis != policy.ToBeConfirmed {
				t.Errorf("%s: clause %q, basis %q", what, clause, basis)
			}
			if basis == policy.Sourced && strings.HasPrefix(clause, "This pack's choice") {
				t.Errorf("%s is the pack's own choice and called sourced", what)
			}
			if basis == policy.Sourced && strings.Contains(strings.ReplaceAll(strings.ReplaceAll(clause, "number to be confirmed", ""), "letter "+strings.TrimPrefix(what, "ground ")+" to be confirmed", ""), "to be confirmed") {
				t.Errorf("%s is called sourced, and its clause says %q", what, clause)
			}
			if basis == policy.Sourced && strings.Contains(clause, "remembered") {
				t.Errorf("%s is remembered and called sourced", what)
			}
		}
		terms := p.Terms()
		rests("in_force", p.LawInForce().Clause, p.LawInForce().Basis)
		for _, e := range p.Elements() {
			rests("element "+e.ID, e.Clause, e.Basis)
		}
		for _, r := range p.Rules() {
			rests("rule "+r.ID, r.Clause, r.Basis)
		}
		rests("doubt", p.DoubtRule().Clause, p.DoubtRule().Basis)
		for _, g := range terms.Grounds {
			rests("ground "+g.ID, g.Clause, g.Basis)
		}
		if none, ok := p.NoGrounds(); ok {
			rests("no_grounds", none.Clause, none.Basis)
		}
		for _, m := range p.MustTell() {
			rests("must_tell "+m.ID, m.Clause, m.Basis)
		}
		for _, c := range p.ChannelRules() {
			rests("channels "+c.ID, c.Clause, c.Basis)
		}
		if scale, ok := p.Grades(); ok {
			rests("grades", scale.Clause, scale.Basis)
		}
		for _, name := range tocsin.ClockNames() {
			rests("clock "+string(name), terms.Clocks[name].Clause, terms.Clocks[name].Basis)
			if terms.Clocks[name].Basis == policy.Sourced {
				t.Errorf("clock %s is called sourced; only 72 hours, 30 days and 7 days after a disclosure, and two business days of a log, are from law seen", name)
			}
		}
		for _, d := range terms.Duties {
			rests("duty "+d.ID, d.Clause, d.Basis)
			if d.Basis == policy.Sourced && strings.Contains(d.Clause, "this pack's choice") {
				t.Errorf("duty %s is called sourced, and its time is the pack's own choice", d.ID)
			}
		}
		for _, c := range terms.Coordination {
			rests("coordination "+c.ID, c.Clause, c.Basis)
		}
		for _, r := range p.RecordItems() {
			rests("record "+r.ID, r.Clause, r.Basis)
		}
		rests("review_plan", p.ReviewPlan().Clause, p.ReviewPlan().Basis)
		if seen < 40 {
			t.Errorf("only %d parts were looked at", seen)
		}
	})
}

func TestEveryGroundAsksForEvidenceAndEndsByItself(t *testing.T) {
	each(t, func(t *testing.T, p *policy.Pack) {
		terms := p.Terms()
		if _, none := p.NoGrounds(); none != (len(terms.Grounds) == 0) || terms.Grounds == nil {
			t.Errorf("%d grounds, and no_grounds is %v", len(terms.Grounds), none)
		}
		for _, g := range terms.Grounds {
			if len(g.Evidence) < 3 || len(g.Excludes) == 0 || !g.Alternatives || len(g.Retest) == 0 || g.Validity.D() > 72*time.Hour {
				t.Errorf("ground %s lacks something: %+v", g.ID, g)
			}
			for _, e := range g.Evidence {
				if !strings.HasSuffix(e.Question, "?") && !strings.Contains(e.Question, "? ") {
					t.Errorf("ground %s, %s asks nothing: %q", g.ID, e.ID, e.Question)
				}
				if want, defeats := g.Excludes[e.ID]; defeats && (want != "yes" && want != "no" || !strings.HasSuffix(e.Question, "Answer yes or no.")) {
					t.Errorf("ground %s is defeated by %q to %q", g.ID, want, e.Question)
				}
			}
		}
		if roles := terms.Powers[tocsin.MayApproveWaiver]; !slices.Equal(roles, []tocsin.Role{tocsin.SeniorOfficer}) {
			t.Errorf("waivers are approved by %v", roles)
		}
		for _, e := range p.Elements() {
			if len(e.Questions) == 0 || len(e.Traps) == 0 {
				t.Errorf("element %s has %d questions and %d traps", e.ID, len(e.Questions), len(e.Traps))
			}
		}
	})
}

// The guard would stop the pack's own words, so no fixed sentence may hold one
// that betrays how something is known.
func TestNoFixedSentenceBetraysHowSomethingIsKnown(t *testing.T) {
	each(t, func(t *testing.T, p *policy.Pack) {
		texts, err := compose.Load(packs.FS(), p.Ref().Name)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, l := range p.Languages() {
			words = append(words, p.CollectionWords(l)...)
		}
		for _, kind := range tocsin.WarningKinds() {
			for _, message := range []tocsin.MessageType{tocsin.Alert, tocsin.Update, tocsin.Cancel, tocsin.AllClear} {
				for _, text := range written(t, texts, kind, message).Texts {
					all := strings.ToLower(text.Subject + " " + text.Body)
					single := strings.FieldsFunc(all, func(r rune) bool { return strings.ContainsRune(" .,:;\n،؛", r) })
					for _, w := range words {
						if slices.Contains(single, w) || strings.Contains(w, " ") && strings.Contains(all, w) {
							t.Errorf("%s %s in %s says %q", kind, message, text.Language, w)
						}
					}
				}
			}
		}
	})
}

// written is a draft in every language that says nothing but the pack's own words.
func written(t *testing.T, texts *compose.Texts, kind tocsin.WarningKind, message tocsin.MessageType) tocsin.Draft {
	t.Helper()
	to := tocsin.ProtectorWarning
	if kind == tocsin.DisruptionNotice {
		to = kind
	}
	r := compose.Request{Warning: "w2", Version: 1, Case: "c1", Kind: kind, Message: message, Marking: "TLP:AMBER", Reference: "W-2", First: "W-1",
		Victims: []tocsin.Victim{{ID: "v1", Kind: tocsin.Person, Name: "A", Identity: tocsin.Named}}, Languages: texts.Languages(), Authors: []tocsin.ActorID{"anna"},
		Window:     tocsin.Window{Latest: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)},
		Recipients: []tocsin.Recipient{{ID: "r1", Name: "R", Kind: to, Languages: texts.Languages(), Ladder: []tocsin.Rung{{Channel: "smtp", Address: "a@b.example"}}}}}
	if message != tocsin.Alert {
		r.Refers = "w1"
	}
	for _, item := range texts.Says(kind, message) {
		r.Gaps = append(r.Gaps, tocsin.Gap{Item: item.ID, Reason: "nothing can be said"})
	}
	d, err := texts.Compose(r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWhatTrulyDiffersIsSaidInThePacksOwnWords(t *testing.T) {
	for _, c := range []struct {
		pack, kind string
		message    tocsin.MessageType
		says       string
	}{
		{"icd-191", "government", tocsin.Alert, "from one government to another"},
		{"icd-191", "victim", tocsin.Alert, "somebody may be planning to harm you"},
		{"uk-threat-to-life", "victim", tocsin.Alert, "The police hold information that your life may be in danger, and have a duty to tell you"},
		{"uk-threat-to-life", "victim", tocsin.Alert, "does not allow you to break the law"},
		{"uk-threat-to-life", "disruption", tocsin.Alert, "a notice to you from the police"},
		{"psni", "victim", tocsin.AllClear, "of which the police warned you"},
		{"rcmp", "victim", tocsin.Alert, "The police hold information"},
		{"tarasoff-california", "victim", tocsin.Alert, "The police are being told as well"},
		{"tarasoff-california", "government", tocsin.Alert, "to a law enforcement agency"},
		{"platform-emergency", "government", tocsin.Alert, "believe in good faith"},
		{"platform-emergency", "victim", tocsin.Alert, "sign in to your own account"},
		{"dsa-18", "government", tocsin.Alert, "under Article 18 of the Digital Services Act"},
		{"no-double-standard", "public", tocsin.Alert, "you are told the same or similar"},
		{"clery", "public", tocsin.AllClear, "This is an all-clear"},
		{"ngo-security", "victim", tocsin.Alert, "nothing for or against any party"},
		{"ngo-security", "victim", tocsin.Update, "takes the place of our warning"},
		{"emergency-disclosure", "protector", tocsin.Alert, "asked to sign that you were told"},
	} {
		texts, err := compose.Load(packs.FS(), c.pack)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := written(t, texts, tocsin.WarningKind(c.kind), c.message).Text(tocsin.Recipient{Languages: []string{"en"}})
		if !strings.Contains(text.Body, c.says) {
			t.Errorf("%s: the %s %s does not say %q:\n%s", c.pack, c.kind, c.message, c.says, text.Body)
		}
	}
}

func TestInThePoliceOfTheUnitedKingdomCriminalityIsNoGround(t *testing.T) {
	for _, name := range []string{"uk-threat-to-life", "psni"} {
		grounds := load(t, name).Terms().Grounds
		if len(grounds) != 1 || grounds[0].ID != "warning_raises_risk" || grounds[0].Excludes["whose_risk"] != "no" {
			t.Errorf("%s: %+v", name, grounds)
		}
	}
}

func TestWhereTheLawKnowsNoExceptionThereIsNoGround(t *testing.T) {
	for _, name := range []string{"rcmp", "tarasoff-california", "dsa-18", "emergency-disclosure"} {
		if why, none := load(t, name).NoGrounds(); !none || why.Because == "" {
			t.Errorf("%s has grounds", name)
		}
	}
	if g := load(t, "clery").Terms().Grounds; len(g) != 1 || g[0].ID != "containment" || g[0].Basis != policy.Sourced {
		t.Errorf("clery: %+v", g)
	}
}

func TestTheVictimAndThePoliceMustBothBeTold(t *testing.T) {
	var entries []string
	for _, m := range load(t, "tarasoff-california").Terms().MustTell {
		entries = append(entries, fmt.Sprint(m.ID, m.Kinds, m.Routes))
	}
	want := []string{"victims[victim protector advisory] [victim]", "law_enforcement[government] []"}
	if !slices.Equal(entries, want) {
		t.Errorf("%q must be told, not %q", entries, want)
	}
	if m := load(t, "emergency-disclosure").Terms().MustTell; len(m) != 1 {
		t.Errorf("telling the originator is no warning, and %v wait for one", m)
	}
}

func TestTheTimesThatAreFromLaw(t *testing.T) {
	for _, c := range []struct{ pack, duty, soft, hard string }{
		{"emergency-disclosure", "originator_notice", "3d", "30d"},
		{"emergency-disclosure", "agreement", "3d", "30d"},
		{"icd-191", "originator_notice", "3d", "30d"},
		{"clery", "public_log", "2d", "0s"},
	} {
		i := slices.IndexFunc(load(t, c.pack).Terms().Duties, func(d tocsin.AfterDuty) bool { return d.ID == c.duty })
		if i < 0 {
			t.Errorf("%s has no duty %s", c.pack, c.duty)
			continue
		}
		d := load(t, c.pack).Terms().Duties[i]
		if got := fmt.Sprint(d.Soft, " ", d.Hard, " ", d.Basis); got != c.soft+" "+c.hard+" "+policy.Sourced {
			t.Errorf("%s, %s: %s", c.pack, c.duty, got)
		}
	}
	if d := load(t, "emergency-disclosure").Terms().Duties[0]; d.When != "" {
		t.Errorf("the originator is told only when %s", d.When)
	}
}

func TestALawIsInForceBetweenItsDays(t *testing.T) {
	at := func(s string) time.Time {
		moment, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for _, c := range []struct {
		pack, at string
		want     bool
	}{
		{"dsa-18", "2024-02-16T23:59:59Z", false},
		{"dsa-18", "2024-02-17T00:00:00Z", true},
		{"dsa-18", "2024-02-17T00:30:00+01:00", false}, // still the sixteenth in universal time
		{"icd-191", "2015-07-20T12:00:00Z", false},
		{"icd-191", "2026-01-01T00:00:00Z", true},
		{"rcmp", "1900-01-01T00:00:00Z", true}, // the day is not known, which keeps no pack out
	} {
		if got := load(t, c.pack).InForce(at(c.at)); got != c.want {
			t.Errorf("%s at %s: %v", c.pack, c.at, got)
		}
	}
}

// An agency warned of baggage without a flight (T-06) and a threat that is serious
// and not near (T-12) end in no silence under any pack that has such a test.
func TestNotSpecificAndNotNearLeadToAWarningAllTheSame(t *testing.T) {
	for _, c := range []struct{ pack, element, route string }{
		{"icd-191", "specific", policy.RouteGeneral}, {"icd-191", "impending", policy.RouteAdvisory},
		{"uk-threat-to-life", "immediate", policy.RouteAdvisory}, {"uk-threat-to-life", "identified", policy.RouteGeneral},
		{"psni", "immediate", policy.RouteAdvisory}, {"rcmp", "clear", policy.RouteGeneral}, {"rcmp", "imminent", policy.RouteAdvisory},
		{"tarasoff-california", "identifiable", policy.RouteGeneral}, {"platform-emergency", "without_delay", policy.RouteAdvisory},
		{"platform-emergency", "verified", policy.RouteVictim}, {"ngo-security", "near", policy.RouteAdvisory},
		{"emergency-disclosure", "imminent", policy.RouteAdvisory}, {"emergency-disclosure", "authorised", policy.RouteVictim},
	} {
		p := load(t, c.pack)
		var findings []tocsin.Finding
		for _, e := range p.Elements() {
			v := tocsin.Met
			if e.ID == c.element {
				v = tocsin.NotMet
			}
			findings = append(findings, tocsin.Finding{Element: e.ID, Value: v})
		}
		if d := p.Determine("v1", tocsin.Killing, findings); d.Result != tocsin.ResultDoubtful || d.Route != c.route {
			t.Errorf("%s, %s answered with no: %s by way of %s (%s)", c.pack, c.element, d.Result, d.Route, d.Rule)
		}
	}
}
