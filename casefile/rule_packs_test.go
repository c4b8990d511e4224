package casefile_test

import (
	"slices"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

// platform is a second pack: two elements, one of them with a name that the first
// pack uses too, and its own officers for waivers.
func platform() tocsin.Terms {
	t := casefiletest.Terms()
	t.Pack.Name = "platform"
	return t
}

func (w *watch) join(terms tocsin.Terms) []casefile.Event {
	w.t.Helper()
	return w.do(ana, casefile.JoinPack{Pack: terms.Pack.Name, Reason: "The victim is abroad; the law there applies too.", Terms: terms})
}

// finds records findings on both elements of the second pack.
func (w *watch) finds(v tocsin.VictimID, credible, harm tocsin.FindingValue) {
	w.t.Helper()
	w.do(ana, casefile.RecordFindings{Victim: v, Findings: []tocsin.Finding{
		{Element: "platform/credible", Value: credible, Reason: "seen in the report"}, {Element: "platform/harm", Value: harm, Reason: "seen in the report"}}})
}

// says records the second pack's answer, as its policy would give it.
func (w *watch) says(v tocsin.VictimID, r tocsin.DeterminationResult, route string) []casefile.Event {
	w.t.Helper()
	u := w.s.Under(w.v(v))[1]
	d := tocsin.Determination{Victim: v, Pack: u.Terms.Pack, Result: r, Route: route, Rule: "exercise"}
	for _, e := range u.Terms.Elements {
		rests := tocsin.Finding{Element: e, Value: blank}
		for _, f := range u.Found(w.v(v).Findings) {
			if f.Element == e {
				rests = f
			}
		}
		d.Rests = append(d.Rests, rests)
	}
	return w.do(machine, casefile.Determine{Determination: d})
}

func TestADutyIsOwedAsSoonAsOneOfSeveralPacksSaysSo(t *testing.T) {
	w := notOwed(t)
	w.disposition("v1", casefile.ObligationOpen)
	w.join(platform())
	w.refused(ana, refuse("v1"), tocsin.Refused, "not_below_threshold")
	w.finds("v1", yes, yes)
	w.says("v1", tocsin.ResultOwed, tocsin.RouteVictim)
	w.disposition("v1", casefile.ObligationOwed)
	is(t, "what the first pack says", w.v("v1").Determination.Result, tocsin.ResultNotOwed)
}

func TestFindingsUnderOnePackAreNotTakenForThoseOfAnother(t *testing.T) {
	w := begin(t)
	w.victim("v1")
	w.join(platform())
	w.do(ana, casefile.RecordFindings{Victim: "v1", Findings: findings(t, yes, yes, yes, yes, yes)})
	under := w.s.Under(w.v("v1"))
	is(t, "findings that the second pack is asked about", len(under[1].Found(w.v("v1").Findings)), 0)
	is(t, "the second pack is asked", w.s.Asks(w.v("v1"), under[1]), false)
	is(t, "the first pack is asked", w.s.Asks(w.v("v1"), under[0]), true)
	w.refused(ana, casefile.RecordFindings{Victim: "v1", Findings: []tocsin.Finding{{Element: "platform/impending", Value: yes, Reason: "r"}}}, tocsin.Invalid, "element")
}

func TestTheStrictestClockGoverns(t *testing.T) {
	w := owed(t, "v1")
	before := w.clock(tocsin.ClockFirstDelivery, "v1").Due
	quick := platform()
	rule := quick.Clocks[tocsin.ClockFirstDelivery]
	rule.After = tocsin.Duration(7 * time.Minute)
	quick.Clocks[tocsin.ClockFirstDelivery] = rule
	slow := quick.Clocks[tocsin.ClockReview]
	slow.After = tocsin.Duration(9000 * time.Hour)
	quick.Clocks[tocsin.ClockReview] = slow
	review := w.clock(tocsin.ClockReview, "").Due
	w.join(quick)
	is(t, "the first delivery is due", w.clock(tocsin.ClockFirstDelivery, "v1").Due, w.v("v1").Since.Add(7*time.Minute))
	if !w.clock(tocsin.ClockFirstDelivery, "v1").Due.Before(before) {
		t.Error("the second pack is no stricter here: the test shows nothing")
	}
	is(t, "the review is due", w.clock(tocsin.ClockReview, "").Due, review)
}

func TestAWaiverNeedsAGroundUnderEveryPack(t *testing.T) {
	w := owed(t, "v1")
	w.join(platform())
	only := waiver(w.s, "v1", "c")
	w.refused(ana, only, tocsin.Invalid, "claim_missing")
	other := waiver(casefile.State{Terms: platform()}, "v1", "f")
	both := only
	both.Further = []casefile.Claim{{Pack: "platform", Ground: "f", Evidence: other.Evidence}}
	for _, bad := range []struct {
		claim casefile.Claim
		code  string
	}{
		{casefile.Claim{Pack: "unheard-of", Ground: "f"}, "claim_pack"},
		{casefile.Claim{Pack: "icd-191", Ground: "c"}, "claim_pack"},
		{casefile.Claim{Pack: "platform", Ground: "z"}, "ground"},
		{casefile.Claim{Pack: "platform", Ground: "f"}, "evidence_missing"},
	} {
		c := only
		c.Further = []casefile.Claim{bad.claim}
		w.refused(ana, c, tocsin.Invalid, bad.code)
	}
	w.do(ana, both)
	is(t, "it ends with the shorter of the two grounds", w.v("v1").Waiver.Expires, w.now.Add(24*time.Hour))
	w.do(sara, casefile.DecideWaiver{Victim: "v1", Approve: true, Reason: "both grounds fit"})
	w.disposition("v1", casefile.ObligationWaived)
}

func TestAWaiverWithoutAGroundUnderAPackThatOwedNothingEndsWhenThatPackOwes(t *testing.T) {
	terms := pack(t).Terms()
	terms.Grounds = slices.Clone(terms.Grounds)
	for i := range terms.Grounds {
		terms.Grounds[i].Retest = nil // so that new findings alone end no waiver
	}
	w := beginWith(t, terms, report("r1"))
	w.owes("v1")
	w.join(platform())
	w.finds("v1", no, no)
	w.says("v1", tocsin.ResultNotOwed, tocsin.RouteNone)
	w.waive("v1", "c")
	w.finds("v1", yes, yes)
	w.disposition("v1", casefile.ObligationWaived)
	want(t, w.says("v1", tocsin.ResultOwed, tocsin.RouteVictim), "determined", "waiver_ended")
	w.disposition("v1", casefile.ObligationOwed)
}

func TestSilenceTakesTheRoleUnderEveryPackAndAWarningUnderAny(t *testing.T) {
	w := owed(t, "v1")
	narrow := platform()
	narrow.Powers[tocsin.MayApproveWaiver] = []tocsin.Role{tocsin.Reviewer}
	narrow.Powers[tocsin.MayInvokeExigent] = []tocsin.Role{tocsin.IntakeOfficer}
	w.join(narrow)
	both := waiver(w.s, "v1", "c")
	other := waiver(casefile.State{Terms: narrow}, "v1", "f")
	both.Further = []casefile.Claim{{Pack: "platform", Ground: "f", Evidence: other.Evidence}}
	w.do(ana, both)
	approve := casefile.DecideWaiver{Victim: "v1", Approve: true, Reason: "fits"}
	w.refused(sara, approve, tocsin.Forbidden, "no_power") // under the first pack only
	w.refused(rex, approve, tocsin.Forbidden, "no_power")  // under the second only
	w.do(tocsin.Actor{ID: "rhea", Roles: []tocsin.Role{tocsin.SeniorOfficer, tocsin.Reviewer}}, approve)
	w.disposition("v1", casefile.ObligationWaived)
	w.do(ivo, casefile.InvokeExigent{Reason: "minutes are left"}) // allowed by the second pack alone
}

func TestARefusalNeedsEveryPackBelowItsThresholdAndAGradeOnEveryElement(t *testing.T) {
	w := notOwed(t)
	w.join(platform())
	w.finds("v1", no, yes)
	w.says("v1", tocsin.ResultNotOwed, tocsin.RouteNone)
	w.do(ana, refuse("v1"))
	half := sign(t, "v1", true, no, yes, yes, yes, yes)
	w.refused(rex, half, tocsin.Invalid, "grade_incomplete")
	whole := half
	whole.Grade = append(slices.Clone(half.Grade), tocsin.Finding{Element: "platform/credible", Value: no, Reason: "r"}, tocsin.Finding{Element: "platform/harm", Value: yes, Reason: "r"})
	owes := tocsin.Determination{Victim: "v1", Pack: platform().Pack, Result: tocsin.ResultOwed, Rests: []tocsin.Finding{{Element: "credible", Value: no}, {Element: "harm", Value: yes}}}
	against := whole
	against.Determinations = []tocsin.Determination{owes}
	w.refused(rex, against, tocsin.Invalid, "grade_contradicts")
	w.do(rex, whole)
	w.disposition("v1", casefile.ObligationNotOwed)
}

func TestAPackThatJoinsReopensWhatWasDecidedWithoutIt(t *testing.T) {
	w := owed(t, "v1", "v2", "v3")
	w.waive("v1", "c")
	w.handedOver("v2")
	w.join(platform())
	for _, v := range about("v1", "v2", "v3") {
		w.disposition(v, casefile.ObligationOwed)
	}
	w.refused(ana, casefile.JoinPack{Pack: "platform", Reason: "again", Terms: platform()}, tocsin.Refused, "pack_joined")
	w.refused(ana, casefile.JoinPack{Pack: "platform", Terms: platform()}, tocsin.Invalid, "reason_missing")
}

func TestANewEditionOfAPackIsTakenUpByASeniorOfficer(t *testing.T) {
	w := owed(t, "v1", "v2")
	w.waive("v2", "c")
	id := w.drafted(about("v1"), casefiletest.Desk())
	w.approve(rolf, id)
	next := pack(t).Terms()
	next.Pack.Version, next.Pack.Digest = "2.0.0", tocsin.DigestOf([]byte("the new edition"))
	adopt := casefile.AdoptTerms{Pack: next.Pack.Name, Reason: "The directive was reissued.", Terms: next}
	w.refused(ana, adopt, tocsin.Forbidden, "no_power")
	same := adopt
	same.Terms = pack(t).Terms()
	w.refused(sara, same, tocsin.Refused, "terms_current")
	foreign := adopt
	foreign.Terms = platform()
	w.refused(sara, foreign, tocsin.Invalid, "other_pack")

	w.do(sara, adopt)
	is(t, "the case runs under", w.s.Terms.Pack, next.Pack)
	w.disposition("v1", casefile.ObligationOwed)
	w.disposition("v2", casefile.ObligationOwed)
	w.refused(dina, casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(dina, id)}, tocsin.Refused, "draft_returned")
	for _, v := range w.s.Victims {
		is(t, "the policy must be asked again about "+string(v.ID), w.s.NeedsDetermination(v), true)
	}
	w.refused(machine, casefile.Determine{Determination: w.policy("v1")}, tocsin.Refused, "other_pack") // of the old edition
}

func TestVictimAndPoliceMustBothHearBeforeTheDutyIsDischarged(t *testing.T) {
	terms := pack(t).Terms()
	terms.MustTell = []tocsin.MustTell{
		{ID: "victim", Kinds: []tocsin.WarningKind{tocsin.VictimWarning}, Routes: []string{tocsin.RouteVictim}, Because: "The victim is told.", Clause: "43.92"},
		{ID: "police", Kinds: []tocsin.WarningKind{tocsin.GovernmentWarning}, Because: "And the police.", Clause: "43.92"},
		{ID: "place", Kinds: []tocsin.WarningKind{tocsin.PublicWarning}, Routes: []string{tocsin.RouteGeneral}, Because: "Elsewhere."},
	}
	w := beginWith(t, terms, report("r1"))
	w.owes("v1")
	told := func(kind tocsin.WarningKind, to tocsin.Recipient) {
		d := w.draft(ana, about("v1"), to)
		d.Kind = kind
		w.do(ana, casefile.DraftWarning{Draft: d})
		w.release(d.Warning)
		k := w.key(d.Warning, to.ID, 0)
		w.receipt(k, casefile.Delivered)
		w.do(del, casefile.Acknowledge{Key: k, Answer: tocsin.AckReceived, Person: "who answered"})
	}
	told(tocsin.VictimWarning, casefiletest.Guard())
	w.disposition("v1", casefile.ObligationOwed)
	if !w.step("draft_warning", "v1") || !w.runs(tocsin.ClockFirstDelivery, "v1") {
		t.Error("nobody is asked to warn the police")
	}
	e := w.refused(dina, casefile.Discharge{Victim: "v1", Reason: "the victim knows"}, tocsin.Refused, "must_tell")
	if e.Do == "" {
		t.Error("the refusal does not say what to do")
	}
	told(tocsin.GovernmentWarning, casefiletest.Desk())
	w.disposition("v1", casefile.ObligationDischarged)
}

func TestWordsAreApprovedByThoseOfThePackTheyAreWrittenUnder(t *testing.T) {
	w := owed(t, "v1")
	second := platform()
	second.Powers[tocsin.MayApproveWording] = []tocsin.Role{tocsin.Reviewer}
	w.join(second)
	d := w.draft(ana, about("v1"), casefiletest.Desk())
	d.Pack = second.Pack
	w.do(ana, casefile.DraftWarning{Draft: d})
	approve := casefile.ApproveWarning{Warning: d.Warning, Digest: w.warning(d.Warning).Digest}
	w.refused(rolf, approve, tocsin.Forbidden, "no_power")
	w.do(rex, approve)
	c := w.clearance(dina, d.Warning)
	w.refused(dina, casefile.ReleaseWarning{Warning: d.Warning, Clearance: c}, tocsin.Conflict, "clearance_for_other_text") // under the first pack
	c.Pack = second.Pack
	w.do(dina, casefile.ReleaseWarning{Warning: d.Warning, Clearance: c})
}

func TestAnExigentReleaseOwesThePostponedDutiesOfEveryPack(t *testing.T) {
	w := controlled(t)
	w.owes("v1")
	w.join(platform())
	w.do(dina, casefile.InvokeExigent{Reason: "minutes are left"})
	w.out(about("v1"), casefiletest.Desk())
	for _, id := range []string{"full_record-w1", "platform-full_record-w1"} {
		if !slices.ContainsFunc(w.s.Duties, func(d casefile.Duty) bool { return d.ID == id }) {
			t.Errorf("no duty %s among %v", id, w.s.Duties)
		}
	}
}

func TestAPackThatDoesNotCoverTheVictimAsksForAnother(t *testing.T) {
	w := begin(t)
	w.victim("v1")
	w.do(ana, casefile.RecordFindings{Victim: "v1", Findings: findings(t, yes, yes, yes, yes, yes)})
	d := w.policy("v1")
	d.Result, d.Route = tocsin.ResultNotOwed, tocsin.RouteOtherPack
	w.do(machine, casefile.Determine{Determination: d})
	if !w.step("join_pack", "") {
		t.Error("nobody is asked to look for the other pack")
	}
	w.join(platform())
	if w.step("join_pack", "") {
		t.Error("it is still asked for")
	}
}

// T-12, carried on: what was serious becomes imminent while an advisory stands and
// has been acknowledged. The advisory told nobody of that.
func TestAnAcknowledgedAdvisoryDoesNotHideThatTheDangerHasBecomeGraver(t *testing.T) {
	w := begin(t)
	w.victim("v1")
	route := func(r string, value tocsin.FindingValue) {
		w.do(ana, casefile.RecordFindings{Victim: "v1", Findings: findings(t, yes, yes, value, yes, yes)})
		d := w.policy("v1")
		d.Result, d.Route = tocsin.ResultOwed, r
		w.do(machine, casefile.Determine{Determination: d})
	}
	route(tocsin.RouteAdvisory, no)
	id := w.out(about("v1"), casefiletest.Guard())
	k := w.key(id, "guard", 0)
	w.receipt(k, casefile.Delivered)
	w.do(del, casefile.Acknowledge{Key: k, Answer: tocsin.AckReceived, Person: "control room"})
	w.disposition("v1", casefile.ObligationDischarged)
	route(tocsin.RouteGeneral, maybe) // no graver than an advisory
	w.disposition("v1", casefile.ObligationDischarged)
	route(tocsin.RouteVictim, yes)
	w.disposition("v1", casefile.ObligationOwed)
	if !w.step("draft_warning", "v1") || !w.runs(tocsin.ClockFirstDelivery, "v1") {
		t.Error("nobody is asked to warn of the graver danger")
	}
	w.do(del, casefile.Acknowledge{Key: k, Answer: tocsin.AckActing, Person: "control room"})
	w.disposition("v1", casefile.ObligationOwed) // an answer to the advisory is none to this
	w.refused(dina, casefile.Discharge{Victim: "v1", Reason: "they know"}, tocsin.Refused, "not_delivered")
	next := w.out(about("v1"), casefiletest.Guard())
	k = w.key(next, "guard", 0)
	w.receipt(k, casefile.Delivered)
	w.do(del, casefile.Acknowledge{Key: k, Answer: tocsin.AckReceived, Person: "control room"})
	w.disposition("v1", casefile.ObligationDischarged)
}
