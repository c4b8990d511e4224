// Package casefiletest has the terms, people and recipients that tests of the case
// machine share. They are made up, with the shape of a real pack: two elements,
// two waiver grounds of which one protects a source, every power given to the
// roles that the built-in packs give it to, and every clock set.
package casefiletest

import (
	"time"

	"tocsin"
)

// Start is when every test case begins.
var Start = time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC)

// Terms is a small pack's terms. Each call gives a fresh value.
func Terms() tocsin.Terms {
	return tocsin.Terms{
		Pack:     tocsin.PackRef{Name: "exercise", Version: "1.0.0", Digest: tocsin.DigestOf([]byte("exercise"))},
		Title:    "Exercise pack",
		Home:     "US",
		Elements: []string{"credible", "harm"},
		Harms:    []tocsin.Harm{tocsin.Killing, tocsin.Kidnapping},
		Grounds:  grounds(),
		Powers:   powers(),
		Clocks:   clocks(),
		Imminent: hours(24),
		Exigent:  hours(6),
		Duties: []tocsin.AfterDuty{
			{ID: "originator_notice", Title: "Tell the originator", Soft: hours(72), Hard: hours(720), When: "controlled", Clause: "32 CFR 2001.52", Basis: "sourced"},
			{ID: "full_record", Title: "Write the full record", Soft: hours(72), Clause: "exercise", Basis: "to be confirmed"},
		},
		Records:     []string{"determination"},
		MaxAttempts: 3,
		Backoff:     tocsin.Duration(time.Minute),
		Extension:   hours(24),
	}
}

func hours(n int) tocsin.Duration { return tocsin.Duration(time.Duration(n) * time.Hour) }

func minutes(n int) tocsin.Duration { return tocsin.Duration(time.Duration(n) * time.Minute) }

func grounds() []tocsin.Ground {
	return []tocsin.Ground{
		{ID: "c", Title: "A terrorist", Clause: "exercise c", Basis: "to be confirmed",
			Evidence: []tocsin.EvidenceItem{{ID: "basis", Question: "What is the basis for the belief?"}, {ID: "this_person", Question: "Is it about this very person?"}},
			Excludes: map[string]string{"this_person": "no"}, Alternatives: true, Validity: hours(72), Retest: []string{"new_report", "new_finding"}},
		{ID: "d", Title: "Sources would be endangered", Clause: "exercise d", Basis: "to be confirmed",
			Evidence: []tocsin.EvidenceItem{{ID: "endangered", Question: "What would be endangered?"}}, Alternatives: true, Validity: hours(48),
			ProtectsSource: true, Retest: []string{"new_report", "new_finding", "new_locator"}},
		{ID: "f", Title: "No reasonable way to warn", Clause: "exercise f", Basis: "to be confirmed",
			Evidence: []tocsin.EvidenceItem{{ID: "attempts", Question: "Which ways were tried?"}}, Validity: hours(24), Retest: []string{"new_locator"}},
	}
}

func powers() map[tocsin.Power][]tocsin.Role {
	const (
		in, an, du, se = tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer
		li, re, de, rv = tocsin.OriginatorLiaison, tocsin.ReleaseOfficer, tocsin.Deliverer, tocsin.Reviewer
	)
	return map[tocsin.Power][]tocsin.Role{
		tocsin.MayReceive:        {tocsin.Reporter, in, an, du, se},
		tocsin.MayAssess:         {in, an, du, se},
		tocsin.MayOwn:            {in, an, du, se},
		tocsin.MayAffirm:         {se},
		tocsin.MayProposeWaiver:  {an, du, se},
		tocsin.MayApproveWaiver:  {se},
		tocsin.MayProposeRefusal: {an, du, se},
		tocsin.MaySignRefusal:    {se, rv},
		tocsin.MayAskConsent:     {li, an, du, se},
		tocsin.MayDispute:        {in, an, du, se, li, re, rv},
		tocsin.MaySettle:         {se},
		tocsin.MayInvokeExigent:  {du, se},
		tocsin.MayDraft:          {an, du, se, re},
		tocsin.MayApproveWording: {re, se},
		tocsin.MayApproveExigent: {in, an, du, se, re},
		tocsin.MayRelease:        {re, du, se},
		tocsin.MayDeliver:        {de, du, re, se},
		tocsin.MayReview:         {rv, an, du, se},
		tocsin.MayDecideParity:   {du, se, re},
		tocsin.MayClose:          {du, se},
	}
}

func clocks() map[tocsin.ClockName]tocsin.ClockRule {
	return map[tocsin.ClockName]tocsin.ClockRule{
		tocsin.ClockDetermination:  {After: hours(4), Percent: 25, Floor: minutes(10)},
		tocsin.ClockAffirmation:    {After: hours(2), Percent: 10, Floor: minutes(10)},
		tocsin.ClockWaiver:         {After: hours(2), Percent: 10, Floor: minutes(10)},
		tocsin.ClockRefusal:        {After: hours(2), Percent: 10, Floor: minutes(10)},
		tocsin.ClockConsent:        {After: hours(1), Percent: 10, Floor: minutes(10)},
		tocsin.ClockFirstDelivery:  {After: hours(1), Percent: 10, Floor: minutes(5)},
		tocsin.ClockAcknowledge:    {After: minutes(30), Percent: 10, Floor: minutes(5), Serious: hours(4)},
		tocsin.ClockTransfer:       {After: minutes(30), Percent: 10, Floor: minutes(5)},
		tocsin.ClockReview:         {After: hours(24), Then: []tocsin.Duration{hours(72), hours(168), hours(672)}},
		tocsin.ClockParity:         {After: hours(4), Percent: 25, Floor: minutes(10)},
		tocsin.ClockWindow:         {After: hours(2)},
		tocsin.ClockDispute:        {After: hours(4), Percent: 10, Floor: minutes(10)},
		tocsin.ClockRepeat:         {After: minutes(30)},
		tocsin.ClockClearanceValid: {After: hours(24)},
	}
}

// Desk is a recipient with a ladder of two rungs: mail to the desk, then a visit to
// somebody more senior.
func Desk() tocsin.Recipient {
	return tocsin.Recipient{ID: "desk", Name: "Duty desk of the ministry", Kind: tocsin.GovernmentWarning, Jurisdiction: "IR", Relation: "adversary_no_relations",
		Languages: []string{"fa", "en"}, Ladder: []tocsin.Rung{
			{Channel: "smtp", Address: "desk@ministry.example", Addressee: "duty desk", Level: 1},
			{Channel: "in_person", Address: "embassy, side door", Addressee: "the minister's office", Level: 2},
		}}
}

// Guard is a second recipient, with one rung.
func Guard() tocsin.Recipient {
	return tocsin.Recipient{ID: "guard", Name: "Security of the site", Kind: tocsin.ProtectorWarning, Languages: []string{"en"},
		Ladder: []tocsin.Rung{{Channel: "webhook", Address: "site", Addressee: "control room", Level: 1}}}
}
