package casefile_test

import (
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

func report(id tocsin.ReportID) casefile.Report { return casefile.Report{ID: id, Origin: "kestrel"} }

func TestACaseBeginsWithAReportATitleAndAnOfficer(t *testing.T) {
	terms := pack(t).Terms()
	whole := casefile.OpenCase{Case: "c1", Title: "Ceremony", Terms: terms, Reports: []casefile.Report{report("r1"), report("r2")}}
	without := func(f func(*casefile.OpenCase)) casefile.OpenCase { c := whole; f(&c); return c }
	for _, c := range []struct {
		name string
		by   tocsin.Actor
		cmd  casefile.Command
		kind tocsin.Kind
		code string
	}{
		{"with a report twice", ana, without(func(c *casefile.OpenCase) { c.Reports = append(c.Reports, c.Reports[0]) }), tocsin.Invalid, "report_twice"},
		{"with a report that is none", ana, without(func(c *casefile.OpenCase) { c.Reports = []casefile.Report{{}} }), tocsin.Invalid, "report_twice"},
		{"without a report", ana, without(func(c *casefile.OpenCase) { c.Reports = nil }), tocsin.Invalid, "no_report"},
		{"without a title", ana, without(func(c *casefile.OpenCase) { c.Title = "" }), tocsin.Invalid, "title_missing"},
		{"without an id", ana, without(func(c *casefile.OpenCase) { c.Case = "C 1" }), tocsin.Invalid, "case_id"},
		{"by a reporter", rae, whole, tocsin.Forbidden, "no_power"},
		{"by an inspector", ines, whole, tocsin.Forbidden, "no_power"},
		{"by the machine", machine, whole, tocsin.Forbidden, "not_a_person"},
		{"by a partner's system", ours, whole, tocsin.Forbidden, "not_a_person"},
		{"by somebody without a role", tocsin.Actor{ID: "new"}, whole, tocsin.Forbidden, "not_a_person"},
		{"anything else first", ana, casefile.Review{Note: "n"}, tocsin.NotFound, "case"},
		{"a target first", ana, casefile.RecordLocator{Victim: "v1", Locator: "l"}, tocsin.NotFound, "case"},
		{"a tick first", machine, casefile.Tick{}, tocsin.NotFound, "case"},
	} {
		t.Run(c.name, func(t *testing.T) { floor(t).refused(c.by, c.cmd, c.kind, c.code) })
	}
	for _, by := range []tocsin.Actor{ivo, ana, dina, sara} {
		w := floor(t)
		want(t, w.do(by, whole), "case_opened", "report_attached", "report_attached")
		is(t, "the opener owns it", w.s.Owner, by.ID)
		w.refused(by, whole, tocsin.NotFound, "case")
	}
}

func TestAClockThatIsBehindIsToldAndNothingIsLost(t *testing.T) {
	w := begin(t)
	w.wait(-time.Second)
	e := w.refused(ana, casefile.Review{Note: "n"}, tocsin.Refused, "clock_behind")
	if e.Kept == "" {
		t.Error("it does not say that nothing was lost")
	}
	w.refused(machine, casefile.Tick{}, tocsin.Refused, "clock_behind")
	w.wait(time.Second)
	w.do(ana, casefile.Review{Note: "the very moment of the last event is late enough"})
	for name, at := range map[string]time.Time{"no time": {}, "finer than microseconds": w.now.Add(time.Nanosecond), "another zone": w.now.Add(time.Hour).In(time.FixedZone("x", 3600))} {
		_, err := casefile.Decide(w.s, casefile.Meta{At: at, By: ana}, casefile.Review{Note: "n"})
		if err == nil {
			t.Errorf("%s was accepted", name)
			continue
		}
		is(t, name, humane(t, err).Code, "time")
	}
}

func TestAReportDatedInTheFutureOrNotAtAllBuysNoTime(t *testing.T) {
	early, late := casefiletest.Start.Add(-time.Hour), casefiletest.Start.Add(time.Hour)
	for _, c := range []struct {
		name           string
		known, entered time.Time
		from           time.Time
	}{
		{"known an hour before it was entered", early, casefiletest.Start, early},
		{"no time stated", time.Time{}, time.Time{}, casefiletest.Start},
		{"said to be known after it was entered", late, early, early},
		{"entered by a clock that is ahead", late, late, casefiletest.Start},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := beginWith(t, pack(t).Terms(), casefile.Report{ID: "r1", FirstKnown: c.known, Entered: c.entered})
			if !w.s.FirstKnown.Equal(c.from) {
				t.Errorf("clocks run from %v, not %v", w.s.FirstKnown, c.from)
			}
		})
	}
}

func TestAnEarlierReportMovesTheClocksOfThoseKnownFromTheStart(t *testing.T) {
	w := begin(t)
	w.victim("v1")
	w.wait(2 * time.Hour)
	w.do(ana, casefile.AddVictim{Victim: tocsin.Victim{ID: "v2", Kind: tocsin.Person, Name: "A visitor", Identity: tocsin.Named}, KnownSince: w.now})
	before := w.clock(tocsin.ClockDetermination, "v1").Due
	w.do(rae, casefile.AttachReport{Report: casefile.Report{ID: "r0", FirstKnown: casefiletest.Start.Add(-time.Hour)}})
	if got := w.clock(tocsin.ClockDetermination, "v1").Due; !got.Equal(before.Add(-time.Hour)) {
		t.Errorf("somebody knew an hour earlier and the clock ends at %v, was %v", got, before)
	}
	if got := w.v("v2").KnownSince; !got.Equal(w.now) {
		t.Errorf("v2 came up only now, and its clock counts from %v", got)
	}
	w.refused(rae, casefile.AttachReport{Report: report("r0")}, tocsin.Refused, "already_attached")
}

func TestAnAttackInThePastIsAskedAbout(t *testing.T) {
	w := begin(t)
	past := threat(time.Time{})
	past.Window.Latest = w.now.Add(-time.Minute)
	e := w.refused(ana, casefile.StateThreat{Threat: past}, tocsin.Invalid, "attack_in_the_past")
	if e.Kept == "" {
		t.Error("it does not say that the threat stays as it was")
	}
	w.do(ana, casefile.StateThreat{Threat: past, Past: true})
	is(t, "attack", w.s.Attack(), past.Window.Latest)

	begun := threat(w.now.Add(-time.Hour))
	begun.Window.Latest = w.now.Add(time.Hour)
	w.do(ana, casefile.StateThreat{Threat: begun}) // its window has begun and not ended
}

func TestAThreatThatCannotBeIsRefused(t *testing.T) {
	w := begin(t)
	at := w.now.Add(time.Hour)
	for _, c := range []struct {
		name string
		set  func(*tocsin.Threat)
		code string
	}{
		{"the window ends before it begins", func(h *tocsin.Threat) { h.Window = tocsin.Window{Earliest: at, Latest: at.Add(-time.Minute)} }, "window_reversed"},
		{"a year that no calendar writes", func(h *tocsin.Threat) { h.Window.Latest = at.AddDate(9000, 0, 0) }, "window_year"},
		{"a harm of no list", func(h *tocsin.Threat) { h.Harm = "rudeness" }, "harm"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := threat(time.Time{})
			c.set(&h)
			w.refused(ana, casefile.StateThreat{Threat: h}, tocsin.Invalid, c.code)
		})
	}
	w.refused(rolf, casefile.StateThreat{Threat: threat(time.Time{})}, tocsin.Forbidden, "no_power")
}

func TestAnotherHarmMakesThePolicyLookAgain(t *testing.T) {
	w := owed(t, "v1")
	w.victim("v2")
	h := threat(time.Time{})
	h.Harm = tocsin.PropertyDamage
	w.do(ana, casefile.StateThreat{Threat: h})
	is(t, "determined and now stale", w.v("v1").Stale, true)
	is(t, "never determined", w.v("v2").Stale, false)
	if !w.step("determine", "v1") {
		t.Error("the machine does not owe a new determination")
	}
	w.determine("v1")
	is(t, "the policy now says", w.v("v1").Determination.Result, tocsin.ResultNotOwed)
	w.disposition("v1", casefile.ObligationOwed) // and that lowers nothing
}

func TestAVictimHasAnIdANameAKindAndATime(t *testing.T) {
	w := begin(t)
	w.victim("v1")
	good := tocsin.Victim{ID: "v2", Kind: tocsin.Person, Name: "Family at 12 Mill Lane", Identity: tocsin.AddressOnly}
	with := func(f func(*tocsin.Victim)) tocsin.Victim { v := good; f(&v); return v }
	for _, c := range []struct {
		name  string
		v     tocsin.Victim
		since time.Time
		kind  tocsin.Kind
		code  string
	}{
		{"no name", with(func(v *tocsin.Victim) { v.Name = "" }), time.Time{}, tocsin.Invalid, "victim_without_name"},
		{"no id", with(func(v *tocsin.Victim) { v.ID = "" }), time.Time{}, tocsin.Invalid, "victim_id"},
		{"an id like a delivery's", with(func(v *tocsin.Victim) { v.ID = "0123456789abcdef0123456789abcdef" }), time.Time{}, tocsin.Invalid, "victim_id"},
		{"no kind", with(func(v *tocsin.Victim) { v.Kind = "crowd" }), time.Time{}, tocsin.Invalid, "victim_kind"},
		{"no identity", with(func(v *tocsin.Victim) { v.Identity = "" }), time.Time{}, tocsin.Invalid, "victim_identity"},
		{"twice", with(func(v *tocsin.Victim) { v.ID = "v1" }), time.Time{}, tocsin.Refused, "victim_exists"},
		{"known before anybody knew", good, casefiletest.Start.Add(-time.Second), tocsin.Invalid, "known_since"},
		{"known from tomorrow on", good, casefiletest.Start.Add(24 * time.Hour), tocsin.Invalid, "known_since"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.refused(ana, casefile.AddVictim{Victim: c.v, KnownSince: c.since}, c.kind, c.code)
		})
	}
	w.refused(rex, casefile.AddVictim{Victim: good}, tocsin.Forbidden, "no_power")
	w.do(ana, casefile.AddVictim{Victim: good})
	w.disposition("v2", casefile.ObligationOpen)
}

func TestACaseInWhichNobodyIsNamedAsksWhoIsMeant(t *testing.T) {
	w := begin(t)
	is(t, "first", casefile.Owed(w.s).Kind, "add_victim")
	is(t, "clock", w.clock(tocsin.ClockDetermination, "").Due, casefiletest.Start.Add(4*time.Hour))
	got := w.pass(4 * time.Hour)
	want(t, got, "clock_missed") // raised, and there is nobody yet whose obligation could fall
	w.refused(ana, casefile.DraftWarning{Draft: w.draft(ana, about("v1"), casefiletest.Desk())}, tocsin.Refused, "no_victim")
	w.refused(dina, casefile.CloseCase{Reason: "no victim"}, tocsin.Refused, "not_closable")
	w.victim("v1")
	is(t, "a clock for nobody", w.runs(tocsin.ClockDetermination, ""), false)
	if !w.clock(tocsin.ClockDetermination, "v1").Overdue(w.now) {
		t.Error("naming the victim late bought time")
	}
}

func TestCoverTermsAreAddedOnce(t *testing.T) {
	w := begin(t)
	got := w.do(ana, casefile.ProtectTerms{Words: []string{"KESTREL", "", "KESTREL", "OWL"}})
	is(t, "new terms", len(one[casefile.TermsProtected](t, got).Terms), 2)
	w.refused(ana, casefile.ProtectTerms{Words: []string{"OWL", ""}}, tocsin.Invalid, "no_terms")
	w.do(ana, casefile.ProtectTerms{Words: []string{"OWL", "HERON"}})
	is(t, "protected", len(w.s.Protected), 3)
}

func TestALocatorSaysWhereAndForWhom(t *testing.T) {
	w := begin(t)
	w.victim("v1")
	w.refused(ana, casefile.RecordLocator{Victim: "v1"}, tocsin.Invalid, "locator_missing")
	w.refused(ana, casefile.RecordLocator{Victim: "v9", Locator: "+98 34"}, tocsin.NotFound, "target")
	w.do(ana, casefile.RecordLocator{Victim: "v1", Locator: "+98 34"})
	is(t, "locators", len(w.v("v1").Locators), 1)
}

func TestAClosedCaseIsReopened(t *testing.T) {
	for _, c := range []struct {
		name  string
		cmd   func(w *watch) (tocsin.Actor, casefile.Command)
		kinds []string
	}{
		{"by a new report", func(*watch) (tocsin.Actor, casefile.Command) { return rae, casefile.AttachReport{Report: report("r2")} },
			[]string{"report_attached", "case_reopened", "became_owed", "waiver_ended"}},
		{"by a new victim", func(*watch) (tocsin.Actor, casefile.Command) {
			return ana, casefile.AddVictim{Victim: tocsin.Victim{ID: "v3", Kind: tocsin.Person, Name: "A visitor", Identity: tocsin.Named}}
		}, []string{"case_reopened", "victim_added"}},
		{"by a new finding", func(w *watch) (tocsin.Actor, casefile.Command) {
			return ana, casefile.RecordFindings{Victim: "v2", Findings: findings(w.t, yes, yes, yes, yes, maybe)}
		}, []string{"findings_recorded", "case_reopened", "waiver_ended"}},
		{"by the end of a waiver", func(w *watch) (tocsin.Actor, casefile.Command) {
			w.wait(72 * time.Hour)
			return machine, casefile.Tick{}
		}, []string{"clock_missed", "case_reopened", "waiver_ended"}},
		{"by a reviewer", func(*watch) (tocsin.Actor, casefile.Command) { return rex, casefile.ReopenCase{Reason: "second look"} },
			[]string{"case_reopened"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := closed(t)
			by, cmd := c.cmd(w)
			want(t, w.do(by, cmd), c.kinds...)
			is(t, "closed", w.s.Closed, false)
			is(t, "reviewed as a new case", w.clock(tocsin.ClockReview, "").Due, w.now.Add(24*time.Hour))
		})
	}
}

func TestWhatDoesNotReopenAClosedCase(t *testing.T) {
	w := closed(t)
	is(t, "owed", casefile.Owed(w.s).Kind, "nothing")
	w.do(rae, casefile.AttachReport{Report: casefile.Report{ID: "r2", RepeatOf: "r1"}})
	w.do(ana, casefile.RecordLocator{Victim: "v2", Locator: "+98 34"}) // ground c does not rest on there being none
	w.do(rex, casefile.SeeGrade{})
	want(t, w.pass(71*time.Hour))
	is(t, "closed", w.s.Closed, true)
	w.refused(dina, casefile.Review{Note: "n"}, tocsin.Refused, "case_closed")
	w.refused(dina, casefile.CloseCase{Reason: "r"}, tocsin.Refused, "case_closed")
	w.refused(rex, casefile.ReopenCase{}, tocsin.Invalid, "reason_missing")
	w.refused(del, casefile.ReopenCase{Reason: "r"}, tocsin.Forbidden, "no_power")
	begin(t).refused(rex, casefile.ReopenCase{Reason: "r"}, tocsin.Refused, "not_closed")
}

// closed is a closed case of two victims: v1 handed over, v2 waived on ground c.
func closed(t *testing.T) *watch {
	t.Helper()
	w := owed(t, "v1", "v2")
	w.do(selma, casefile.AffirmDetermination{Victim: "v1"})
	w.do(selma, casefile.AffirmDetermination{Victim: "v2"})
	w.handedOver("v1")
	w.waive("v2", "c")
	want(t, w.do(dina, casefile.CloseCase{Reason: "all is done"}), "case_closed")
	return w
}
