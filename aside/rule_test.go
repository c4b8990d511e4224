package aside_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/aside"
)

var (
	begin = time.Date(2026, time.March, 4, 5, 0, 0, 0, time.UTC)

	ines = tocsin.Actor{ID: "ines", Roles: []tocsin.Role{tocsin.IntakeOfficer}}
	anna = tocsin.Actor{ID: "anna", Roles: []tocsin.Role{tocsin.Analyst}}
	dan  = tocsin.Actor{ID: "dan", Roles: []tocsin.Role{tocsin.DutyOfficer}}
	sofi = tocsin.Actor{ID: "sofi", Roles: []tocsin.Role{tocsin.SeniorOfficer}}
	rita = tocsin.Actor{ID: "rita", Roles: []tocsin.Role{tocsin.Reviewer}}
	lena = tocsin.Actor{ID: "lena", Roles: []tocsin.Role{tocsin.OriginatorLiaison}}
	ivan = tocsin.Actor{ID: "ivan", Roles: []tocsin.Role{tocsin.Inspector}}
	gate = tocsin.Actor{ID: "gate", Roles: []tocsin.Role{tocsin.Reporter}}
	bot  = tocsin.Actor{ID: "tocsin", Roles: []tocsin.Role{tocsin.Machine}}
)

// desk is one report in a test, with everything around it.
type desk struct {
	t      *testing.T
	s      aside.State
	now    time.Time
	n      int
	flags  int
	inCase bool
	unread bool
}

func newDesk(t *testing.T) *desk { return &desk{t: t, now: begin} }

func (d *desk) facts(by tocsin.Actor) aside.Facts {
	return aside.Facts{Now: d.now, Report: "r1", Name: "p" + string(rune('1'+d.n)), Read: !d.unread, InCase: d.inCase, Flags: d.flags,
		Of: aside.Original{Known: true}, KeepWatch: by.Has(tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer)}
}

func (d *desk) try(by tocsin.Actor, c aside.Command, change ...func(*aside.Facts)) error {
	d.t.Helper()
	f := d.facts(by)
	for _, ch := range change {
		ch(&f)
	}
	e, err := aside.Decide(d.s, by, f, c)
	if err != nil {
		var told *tocsin.Error
		if e != nil || !errors.As(err, &told) || told.What == "" || told.Do == "" || told.Kept == "" || told.Code == "" {
			d.t.Fatalf("an error that does not say what happened, what was kept and what to do: %v, with %v", err, e)
		}
		return err
	}
	d.n++
	d.tell(e)
	return nil
}

func (d *desk) tell(e aside.Event) {
	d.s = aside.Apply(d.s, e, aside.Around{Flags: d.flags, InCase: d.inCase})
}

func (d *desk) do(by tocsin.Actor, c aside.Command) {
	d.t.Helper()
	if err := d.try(by, c); err != nil {
		d.t.Fatalf("%s: %v", by.ID, err)
	}
}

func (d *desk) flag(by tocsin.Actor) {
	d.flags++
	d.tell(aside.Flagged{Why: "the miller can be found", By: by.ID, At: d.now})
}

func (d *desk) opened(by tocsin.Actor) {
	d.inCase = true
	d.tell(aside.InCase{By: by.ID, At: d.now})
}

func (d *desk) stage() aside.Stage { return d.s.Stage(d.now) }

func (d *desk) want(s aside.Stage) {
	d.t.Helper()
	if got := d.stage(); got != s {
		d.t.Fatalf("the report is %q, want %q", got, s)
	}
}

func (d *desk) refused(by tocsin.Actor, c aside.Command, code string) {
	d.t.Helper()
	before := d.s
	var told *tocsin.Error
	if err := d.try(by, c); !errors.As(err, &told) || told.Code != code {
		d.t.Errorf("%s: %v, want %s", by.ID, err, code)
	}
	if len(before.Rounds) != len(d.s.Rounds) {
		d.t.Error("a refusal has changed something")
	}
}

var spam = aside.Propose{Ground: aside.NoThreat, Why: "an advertisement for shoes"}

func confirm(d *desk, answers ...aside.Answer) aside.Confirm {
	r, _ := d.s.Current()
	return aside.Confirm{Proposal: r.Proposal, Why: "read it; shoes", Flags: answers}
}

func TestTwoPeopleSetAReportAsideAndAnybodyTakesItUpAgain(t *testing.T) {
	d := newDesk(t)
	d.want(aside.InInbox)
	d.do(ines, spam)
	d.want(aside.Waiting)
	d.now = d.now.Add(time.Minute)
	d.do(sofi, confirm(d))
	d.want(aside.Aside)
	d.now = d.now.Add(40 * 24 * time.Hour)
	d.want(aside.Aside)
	d.refused(ines, spam, "set_aside_already")
	d.do(lena, aside.TakeUp{Why: "  the shop is a front  "})
	d.want(aside.Back)
	st := d.s.Standing(d.now)
	if st.By != "ines" || st.Confirmed.By != "sofi" || st.Ended.By != "lena" || st.Ended.Why != "the shop is a front" || st.Ended.How != aside.ByWord {
		t.Errorf("who did what: %+v", st)
	}
	d.refused(lena, aside.TakeUp{Why: "once more"}, "not_set_aside")
	d.do(anna, spam)
	d.want(aside.Waiting)
	if st := d.s.Standing(d.now); len(st.Earlier) != 1 || st.Earlier[0].Ended.By != "lena" {
		t.Errorf("what was is forgotten: %+v", st)
	}
}

func TestNobodySetsAReportAsideAlone(t *testing.T) {
	d := newDesk(t)
	both := tocsin.Actor{ID: "bo", Roles: []tocsin.Role{tocsin.IntakeOfficer, tocsin.SeniorOfficer, tocsin.Reviewer}}
	d.do(both, spam)
	d.refused(both, confirm(d), "confirms_own")
	d.want(aside.Waiting)
	// A record that says otherwise has no effect.
	r, _ := d.s.Current()
	d.tell(aside.Confirmed{Proposal: r.Proposal, Why: "mine", By: both.ID, At: d.now})
	d.want(aside.Waiting)
	if d.s.Late != 1 {
		t.Error("it is not counted")
	}
}

func TestWhoMaySetAsideConfirmAndTakeUp(t *testing.T) {
	all := []tocsin.Actor{ines, anna, dan, sofi, rita, lena, ivan, gate, bot}
	may := func(kind string, flags int) string {
		var out []string
		for _, a := range all {
			d := newDesk(t)
			if kind != aside.ProposeKind {
				d.do(tocsin.Actor{ID: "other", Roles: []tocsin.Role{tocsin.IntakeOfficer}}, spam)
			}
			d.flags = flags
			if aside.Explain(d.s, a, d.facts(a), kind) == nil {
				out = append(out, string(a.ID))
			}
		}
		return strings.Join(out, " ")
	}
	for kind, want := range map[string]string{aside.ProposeKind: "ines anna dan sofi", aside.ConfirmKind: "sofi rita", aside.TakeUpKind: "ines anna dan sofi rita lena"} {
		if got := may(kind, 0); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
	}
	if got := may(aside.ConfirmKind, 1); got != "sofi" {
		t.Errorf("a flagged one is confirmed by %s, want the senior officer alone", got)
	}
	senior := tocsin.Actor{ID: "ivan", Roles: []tocsin.Role{tocsin.SeniorOfficer, tocsin.Inspector}}
	d := newDesk(t)
	d.refused(senior, spam, "inspector_changes_nothing")
}

func TestAProposalChangesNothingUntilItIsConfirmed(t *testing.T) {
	d := newDesk(t)
	d.do(ines, spam)
	d.now = d.now.Add(365 * 24 * time.Hour)
	d.want(aside.Waiting)
	if back, _, n := d.s.CameBack(d.now); !back.IsZero() || n != 0 {
		t.Error("it never was away, and is said to have come back")
	}
	d.do(dan, aside.TakeUp{Why: "it names my street"})
	d.want(aside.Back)
	if back, _, _ := d.s.CameBack(d.now); !back.IsZero() {
		t.Error("a proposal that was stopped counts as a report that came back")
	}
}

func TestWhatIsConfirmedIsWhatWasSeen(t *testing.T) {
	d := newDesk(t)
	d.do(ines, spam)
	seen := confirm(d)
	d.do(anna, aside.Propose{Ground: aside.Past, Why: "it was last year"})
	d.refused(sofi, seen, "proposal_moved_on")
	d.want(aside.Waiting)
	d.do(sofi, confirm(d))
	d.want(aside.Aside)
	if r, _ := d.s.Current(); r.Ground != aside.Past {
		t.Errorf("it is set aside as %s", r.Ground)
	}
	d.refused(sofi, confirm(d), "nothing_proposed")
}

func TestAFlaggedReportIsSetAsideOnlyByASeniorOfficerWhoAnswersEveryFlag(t *testing.T) {
	d := newDesk(t)
	d.flag(lena)
	d.do(ines, spam)
	d.flag(dan)
	d.want(aside.Waiting)
	one, two := aside.Answer{Flag: 1, Why: "the miller has been asked"}, aside.Answer{Flag: 2, Why: "the street is another"}
	d.refused(rita, confirm(d, one, two), "flagged")
	d.refused(sofi, confirm(d), "flag_unanswered")
	d.refused(sofi, confirm(d, one), "flag_unanswered")
	d.refused(sofi, confirm(d, one, aside.Answer{Flag: 2, Why: " "}), "why")
	d.refused(sofi, confirm(d, one, one), "flag")
	d.refused(sofi, confirm(d, one, two, aside.Answer{Flag: 3, Why: "none"}), "flag")
	d.want(aside.Waiting)
	d.do(sofi, confirm(d, two, one))
	d.want(aside.Aside)
	if r, _ := d.s.Current(); len(r.Confirmed.Flags) != 2 {
		t.Errorf("the answers are lost: %+v", r.Confirmed)
	}
}

func TestAFlagThatGetsInFirstIsNotSilenced(t *testing.T) {
	d := newDesk(t)
	d.do(ines, spam)
	e, err := aside.Decide(d.s, sofi, d.facts(sofi), confirm(d))
	if err != nil {
		t.Fatal(err)
	}
	d.flag(lena) // while she pressed the button
	d.tell(e)
	d.want(aside.Waiting)
	d.do(sofi, confirm(d, aside.Answer{Flag: 1, Why: "the miller has been asked"}))
	d.want(aside.Aside)
	d.flag(rita)
	d.want(aside.Back)
	if st := d.s.Standing(d.now); st.Ended.How != aside.ByFlag || st.Ended.By != "rita" {
		t.Errorf("%+v", st.Ended)
	}
}

func TestAReportInACaseIsNeverAside(t *testing.T) {
	for name, set := range map[string]func(d *desk){
		"before":    func(*desk) {},
		"proposed":  func(d *desk) { d.do(ines, spam) },
		"set aside": func(d *desk) { d.do(ines, spam); d.do(sofi, confirm(d)) },
	} {
		d := newDesk(t)
		set(d)
		late := confirm(d)
		d.opened(dan)
		d.want(aside.InInbox)
		d.refused(ines, spam, "in_a_case")
		d.refused(sofi, late, "nothing_proposed")
		d.refused(dan, aside.TakeUp{Why: "no"}, "not_set_aside")
		d.tell(aside.Proposed{Proposal: "late", By: "ines", At: d.now, Ground: aside.NoThreat})
		d.tell(aside.Confirmed{Proposal: late.Proposal, By: "sofi", At: d.now, Why: "late"})
		d.tell(aside.Confirmed{Proposal: "late", By: "sofi", At: d.now, Why: "late"})
		if d.stage(); d.s.Stands(d.now) || d.stage() != aside.InInbox {
			t.Errorf("%s: in a case, and %q", name, d.stage())
		}
	}
}

func TestAReportThatNobodyCanActOnComesBackOnItsDay(t *testing.T) {
	d := newDesk(t)
	vague := aside.Propose{Ground: aside.NothingToActOn, Why: "somebody, somewhere"}
	for _, at := range []time.Time{begin, begin.Add(-time.Hour), begin.Add(aside.RetestAtMost + time.Second)} {
		wrong := vague
		wrong.Retest = at
		d.refused(ines, wrong, "retest")
	}
	d.do(ines, vague)
	d.do(sofi, confirm(d))
	r, _ := d.s.Current()
	if !r.Retest.Equal(begin.Add(aside.RetestAfter)) {
		t.Errorf("it comes back on %s", r.Retest)
	}
	d.now = r.Retest.Add(-time.Second)
	d.want(aside.Aside)
	d.now = r.Retest
	d.want(aside.Retested)
	if back, watch, n := d.s.CameBack(d.now); !back.Equal(r.Retest) || watch || n != 1 {
		t.Errorf("it came back %s %v %d", back, watch, n)
	}
	d.do(anna, vague)
	d.want(aside.Waiting)
	d.do(rita, confirm(d))
	d.want(aside.Aside)
	d.now = d.now.Add(aside.RetestAfter)
	if _, _, n := d.s.CameBack(d.now); n != 2 {
		t.Errorf("it came back %d times, want 2", n)
	}
	late := newDesk(t)
	late.do(ines, vague)
	late.now = late.now.Add(aside.RetestAfter)
	late.refused(sofi, confirm(late), "retest_past")
}

func TestADuplicateNamesAReportThatSomebodyStillReads(t *testing.T) {
	d := newDesk(t)
	of := func(o aside.Original) func(*aside.Facts) { return func(f *aside.Facts) { f.Of = o } }
	copied := aside.Propose{Ground: aside.Duplicate, Of: "r0", Why: "word for word"}
	for name, c := range map[string]struct {
		c    aside.Propose
		of   aside.Original
		code string
	}{
		"none named":        {aside.Propose{Ground: aside.Duplicate, Why: "x"}, aside.Original{Known: true}, "of"},
		"of nothing":        {copied, aside.Original{}, "of"},
		"of itself":         {aside.Propose{Ground: aside.Duplicate, Of: "r1", Why: "x"}, aside.Original{Known: true}, "of_itself"},
		"of its own copy":   {copied, aside.Original{Known: true, Loops: true}, "of_itself"},
		"of a sealed one":   {copied, aside.Original{Known: true, Sealed: true}, "of_sealed"},
		"another ground":    {aside.Propose{Ground: aside.Past, Of: "r0", Why: "x"}, aside.Original{Known: true}, "of"},
		"no such ground":    {aside.Propose{Ground: "dull", Why: "x"}, aside.Original{}, "ground"},
		"no ground":         {aside.Propose{Why: "x"}, aside.Original{}, "ground"},
		"no words":          {aside.Propose{Ground: aside.Past, Why: " \n"}, aside.Original{}, "why"},
		"too many words":    {aside.Propose{Ground: aside.Past, Why: strings.Repeat("x", aside.MaxWords+1)}, aside.Original{}, "why"},
		"a day that is not": {aside.Propose{Ground: aside.Past, Why: "x", Retest: begin.Add(time.Hour)}, aside.Original{}, "retest"},
	} {
		var told *tocsin.Error
		if err := d.try(ines, c.c, of(c.of)); !errors.As(err, &told) || told.Code != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	d.do(ines, copied)
	d.do(sofi, confirm(d))
	if d.s.CopyOf() != "r0" {
		t.Errorf("it is a copy of %q", d.s.CopyOf())
	}
	// Two that were confirmed in the same moment as copies of each other: one of them waits.
	e := newDesk(t)
	e.do(ines, copied)
	r, _ := e.s.Current()
	e.s = aside.Apply(e.s, aside.Confirmed{Proposal: r.Proposal, By: "sofi", At: e.now, Why: "x"}, aside.Around{Loops: true})
	e.want(aside.Waiting)
}

func TestATwinOfAReportInACaseIsADuplicateOrNothing(t *testing.T) {
	d := newDesk(t)
	twin := func(f *aside.Facts) { f.Twin = "r0" }
	var told *tocsin.Error
	if err := d.try(ines, spam, twin); !errors.As(err, &told) || told.Code != "twin_in_a_case" {
		t.Errorf("%v", err)
	}
	if err := d.try(ines, aside.Propose{Ground: aside.Duplicate, Of: "r0", Why: "word for word"}, twin); err != nil {
		t.Error(err)
	}
}

func TestWhoHasNotReadItOrHandlesItsSourceDoesNotDecide(t *testing.T) {
	d := newDesk(t)
	d.unread = true
	d.refused(ines, spam, "not_read")
	d.unread = false
	d.do(ines, spam)
	var told *tocsin.Error
	if err := d.try(sofi, confirm(d), func(f *aside.Facts) { f.Handles = true }); !errors.As(err, &told) || told.Code != "handler_of_source" {
		t.Errorf("%v", err)
	}
	d.unread = true
	d.refused(sofi, confirm(d), "not_read")
	d.do(lena, aside.TakeUp{Why: "I have not read it, and I am not sure"}) // doubt needs no reading
}

func TestWhoeverTookItUpFromTheWatchHasReadIt(t *testing.T) {
	for _, by := range []tocsin.Actor{anna, rita} {
		d := newDesk(t)
		d.do(ines, spam)
		d.do(sofi, confirm(d))
		d.now = d.now.Add(time.Hour)
		d.do(by, aside.TakeUp{Why: "no"})
		if back, watch, n := d.s.CameBack(d.now); !back.Equal(d.now) || watch != (by.ID == "anna") || n != 1 {
			t.Errorf("%s: %s %v %d", by.ID, back, watch, n)
		}
	}
}

func TestWhatIsHiddenLeavesNoRound(t *testing.T) {
	d := newDesk(t)
	d.do(ines, aside.Propose{Ground: aside.Duplicate, Of: "r0", Why: "word for word"})
	d.do(lena, aside.TakeUp{Why: "not quite"})
	d.do(ines, spam)
	seen := d.s.Without(func(r tocsin.ReportID) bool { return r == "r0" })
	if len(seen.Rounds) != 1 || seen.Rounds[0].Ground != aside.NoThreat || len(d.s.Rounds) != 2 {
		t.Errorf("%+v", seen)
	}
}

func TestAStateThatWasReadDoesNotChange(t *testing.T) {
	d := newDesk(t)
	d.do(ines, spam)
	held := d.s
	d.do(sofi, confirm(d))
	d.do(lena, aside.TakeUp{Why: "no"})
	if r, ok := held.Current(); !ok || r.Stood() {
		t.Errorf("what a reader holds has changed: %+v", held)
	}
}

func TestEveryGroundAndKindIsListed(t *testing.T) {
	if g := aside.Grounds(); len(g) != 5 || len(slices.Compact(slices.Sorted(slices.Values(g)))) != 5 {
		t.Errorf("%v", g)
	}
	if _, _, err := aside.Decode("aside_forgotten", nil); err == nil {
		t.Error("a kind that nobody knows is read")
	}
}
