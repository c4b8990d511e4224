package casefile_test

import (
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

func TestADraftIsRefusedThatCouldNotBeSent(t *testing.T) {
	w := owed(t, "v1")
	deep := casefiletest.Desk()
	deep.Ladder[1].Via = []tocsin.Party{{Name: "a cousin"}, {Name: "Front Company", Groups: []string{" Front-Company "}}}
	actor := casefiletest.Desk()
	actor.Name, actor.Groups = "The cell's lawyer", []string{"isis-k"}
	bare := casefiletest.Desk()
	bare.Ladder = nil
	lost := casefiletest.Guard()
	lost.Ladder[0].Address = ""
	nameless := casefiletest.Guard()
	nameless.Name = ""
	for _, c := range []struct {
		name string
		set  func(*tocsin.Draft)
		kind tocsin.Kind
		code string
	}{
		{"of no kind", func(d *tocsin.Draft) { d.Kind = "rumour" }, tocsin.Invalid, "warning_kind"},
		{"of no type", func(d *tocsin.Draft) { d.Message = "hint" }, tocsin.Invalid, "message_type"},
		{"of another case", func(d *tocsin.Draft) { d.Case = "c2" }, tocsin.Refused, "other_case"},
		{"under another pack", func(d *tocsin.Draft) { d.Pack.Version = "9" }, tocsin.Refused, "other_case"},
		{"that names another author", func(d *tocsin.Draft) { d.Authors = []tocsin.ActorID{bea.ID} }, tocsin.Invalid, "author_missing"},
		{"that names nobody as author", func(d *tocsin.Draft) { d.Authors = nil }, tocsin.Invalid, "author_missing"},
		{"without words", func(d *tocsin.Draft) { d.Texts = nil }, tocsin.Invalid, "no_text"},
		{"to nobody", func(d *tocsin.Draft) { d.Recipients = nil }, tocsin.Invalid, "no_recipient"},
		{"about nobody", func(d *tocsin.Draft) { d.Victims = nil }, tocsin.Invalid, "no_victim"},
		{"about somebody who is not in the case", func(d *tocsin.Draft) { d.Victims = about("v1", "v9") }, tocsin.NotFound, "victim"},
		{"with a ladder without rungs", func(d *tocsin.Draft) { d.Recipients = []tocsin.Recipient{bare} }, tocsin.Invalid, "ladder_without_rungs"},
		{"with a rung that leads nowhere", func(d *tocsin.Draft) { d.Recipients = []tocsin.Recipient{lost} }, tocsin.Invalid, "rung_incomplete"},
		{"to somebody without a name", func(d *tocsin.Draft) { d.Recipients = []tocsin.Recipient{nameless} }, tocsin.Invalid, "recipient_name"},
		{"twice to one recipient", func(d *tocsin.Draft) { d.Recipients = append(d.Recipients, d.Recipients[0]) }, tocsin.Invalid, "recipient_twice"},
		{"to the threat actor", func(d *tocsin.Draft) { d.Recipients = []tocsin.Recipient{actor} }, tocsin.Refused, "route_through_actor"},
		{"by way of somebody the actor controls", func(d *tocsin.Draft) { d.Recipients = append(d.Recipients, deep) }, tocsin.Refused, "route_through_actor"},
		{"that refers to a warning though it is the first", func(d *tocsin.Draft) { d.Refers = "w9" }, tocsin.Invalid, "alert_refers"},
		{"that updates nothing", func(d *tocsin.Draft) { d.Message, d.Refers = tocsin.Update, "w9" }, tocsin.Refused, "nothing_to_follow"},
		{"that cancels nothing", func(d *tocsin.Draft) { d.Message = tocsin.Cancel }, tocsin.Refused, "nothing_to_follow"},
		{"with a number out of turn", func(d *tocsin.Draft) { d.Warning = "w7" }, tocsin.Conflict, "draft_version"},
		{"that begins at version two", func(d *tocsin.Draft) { d.Version = 2 }, tocsin.Conflict, "draft_version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := w.draft(ana, about("v1"), casefiletest.Guard())
			c.set(&d)
			w.refused(ana, casefile.DraftWarning{Draft: d}, c.kind, c.code)
		})
	}
	w.refused(rex, casefile.DraftWarning{Draft: w.draft(rex, about("v1"), casefiletest.Desk())}, tocsin.Forbidden, "no_power")
	w.refused(machine, casefile.DraftWarning{Draft: w.draft(machine, about("v1"), casefiletest.Desk())}, tocsin.Forbidden, "not_a_machine")
}

func TestANoticeToTheSuspectIsTheOneMessageThatGoesThere(t *testing.T) {
	w := owed(t, "v1")
	suspect := casefiletest.Guard()
	suspect.Groups = []string{"ISIS-K"}
	d := w.draft(ana, about("v1"), suspect)
	d.Kind = tocsin.DisruptionNotice
	w.do(ana, casefile.DraftWarning{Draft: d})
	w.release(d.Warning)
	k := w.key(d.Warning, "guard", 0)
	w.receipt(k, casefile.Delivered)
	w.do(rolf, casefile.Acknowledge{Key: k, Answer: tocsin.AckUnderstood, Person: "the suspect"})
	w.disposition("v1", casefile.ObligationOwed) // it discharges no duty to a victim
	is(t, "the victim's first delivery is still owed", w.runs(tocsin.ClockFirstDelivery, "v1"), true)
	w.refused(dina, casefile.Discharge{Victim: "v1", Reason: "r"}, tocsin.Refused, "not_delivered")

	u := w.draft(ana, about("v1"), casefiletest.Desk())
	u.Message, u.Refers = tocsin.Update, d.Warning
	w.refused(ana, casefile.DraftWarning{Draft: u}, tocsin.Refused, "kind_changed")
}

func TestAVersionFollowsTheNewestAndARestartedApproval(t *testing.T) {
	w := owed(t, "v1")
	id := w.drafted(about("v1"), casefiletest.Desk())
	next := func(by tocsin.Actor, version int, body string) casefile.DraftWarning {
		d := w.warning(id).Draft
		d.Version, d.Authors = version, []tocsin.ActorID{by.ID}
		d.Texts = []tocsin.Text{{Language: "en", Subject: "s", Body: body}}
		return casefile.DraftWarning{Draft: d}
	}
	w.refused(ana, next(ana, 1, "again"), tocsin.Conflict, "draft_version")
	w.refused(ana, next(ana, 3, "too far"), tocsin.Conflict, "draft_version")
	old := w.warning(id).Digest
	w.approve(rolf, id)
	w.refused(rolf, casefile.ApproveWarning{Warning: id, Digest: old}, tocsin.Refused, "already_approved")
	w.do(bea, next(bea, 2, "clearer"))
	is(t, "the approval fell with the version", w.warning(id).Approval == nil, true)
	w.refused(dina, casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(dina, id)}, tocsin.Refused, "not_approved")
	w.release(id)
	w.refused(bea, next(bea, 3, "too late"), tocsin.Refused, "already_released")
}

func TestAnApprovalIsForExactlyTheWordsThatWereRead(t *testing.T) {
	w := owed(t, "v1")
	id := w.drafted(about("v1"), casefiletest.Desk())
	read := w.warning(id).Digest
	d := w.warning(id).Draft
	d.Version, d.Recipients = 2, []tocsin.Recipient{casefiletest.Guard()}
	w.do(ana, casefile.DraftWarning{Draft: d})
	e := w.refused(rolf, casefile.ApproveWarning{Warning: id, Digest: read}, tocsin.Conflict, "text_changed")
	if e.Kept == "" {
		t.Error("it does not say that nothing was approved")
	}
	w.refused(rolf, casefile.ApproveWarning{Warning: id}, tocsin.Conflict, "text_changed")
	w.approve(rolf, id)
	is(t, "approved", w.warning(id).Approval.Digest, w.warning(id).Digest)
}

func TestNobodyApprovesWhatTheyWroteInAnyVersion(t *testing.T) {
	w := owed(t, "v1")
	d := w.draft(rolf, about("v1"), casefiletest.Desk())
	w.do(rolf, casefile.DraftWarning{Draft: d})
	w.refused(rolf, casefile.ApproveWarning{Warning: d.Warning, Digest: d.Digest()}, tocsin.Forbidden, "approver_is_author")
	d.Version, d.Authors = 2, []tocsin.ActorID{sara.ID} // the second version forgets who wrote the first
	w.do(sara, casefile.DraftWarning{Draft: d})
	for _, by := range []tocsin.Actor{rolf, sara} {
		w.refused(by, casefile.ApproveWarning{Warning: d.Warning, Digest: d.Digest()}, tocsin.Forbidden, "approver_is_author")
	}
	for _, by := range []tocsin.Actor{ana, dina, rex, del, ines, adam} {
		w.refused(by, casefile.ApproveWarning{Warning: d.Warning, Digest: d.Digest()}, tocsin.Forbidden, "no_power")
	}
	w.refused(machine, casefile.ApproveWarning{Warning: d.Warning, Digest: d.Digest()}, tocsin.Forbidden, "not_a_machine")
	w.do(selma, casefile.ApproveWarning{Warning: d.Warning, Digest: d.Digest(), Note: "clear enough"})
}

func TestADraftThatWasSentBackMustBeWrittenAgain(t *testing.T) {
	w := owed(t, "v1")
	id := w.drafted(about("v1"), casefiletest.Desk())
	w.refused(rolf, casefile.ReturnWarning{Warning: id}, tocsin.Invalid, "reason_missing")
	w.refused(rolf, casefile.ReturnWarning{Warning: "w9", Reason: "r"}, tocsin.NotFound, "target")
	w.approve(selma, id)
	w.do(rolf, casefile.ReturnWarning{Warning: id, Reason: "it names the source"}) // even after it was approved
	is(t, "the author is asked", w.step("draft_warning", string(id)), true)
	w.refused(selma, casefile.ApproveWarning{Warning: id, Digest: w.warning(id).Digest}, tocsin.Refused, "draft_returned")
	w.refused(rolf, casefile.ReturnWarning{Warning: id, Reason: "again"}, tocsin.Refused, "draft_returned")
	w.refused(dina, casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(dina, id)}, tocsin.Refused, "draft_returned")
	d := w.warning(id).Draft
	d.Version, d.Texts[0].Body = 2, "An attack is planned."
	w.do(ana, casefile.DraftWarning{Draft: d})
	w.release(id)
	w.refused(rolf, casefile.ReturnWarning{Warning: id, Reason: "too late"}, tocsin.Refused, "already_released")
	w.refused(rolf, casefile.ApproveWarning{Warning: id, Digest: d.Digest()}, tocsin.Refused, "already_released")
	w.refused(dina, casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(dina, id)}, tocsin.Refused, "already_released")
}

func TestAReleaseIsHeldAgainstTheClearance(t *testing.T) {
	w := owed(t, "v1")
	id := w.drafted(about("v1"), casefiletest.Desk())
	w.refused(dina, casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(dina, id)}, tocsin.Refused, "not_approved")
	w.approve(rolf, id)
	for _, c := range []struct {
		name string
		set  func(*tocsin.Clearance)
		kind tocsin.Kind
		code string
	}{
		{"for other words", func(c *tocsin.Clearance) { c.Digest = tocsin.DigestOf([]byte("other")) }, tocsin.Conflict, "clearance_for_other_text"},
		{"for another warning", func(c *tocsin.Clearance) { c.Warning = "w2" }, tocsin.Conflict, "clearance_for_other_text"},
		{"for another version", func(c *tocsin.Clearance) { c.Version = 2 }, tocsin.Conflict, "clearance_for_other_text"},
		{"under another pack", func(c *tocsin.Clearance) { c.Pack.Digest = "" }, tocsin.Conflict, "clearance_for_other_text"},
		{"for another person", func(c *tocsin.Clearance) { c.Released = sara.ID }, tocsin.Refused, "clearance_for_other_person"},
		{"that has ended", func(c *tocsin.Clearance) { c.Expires = w.now }, tocsin.Refused, "clearance_expired"},
		{"that carries a finding which blocks", func(c *tocsin.Clearance) { c.Cautions = []tocsin.GuardFinding{{Check: "term", Blocks: true}} }, tocsin.Refused, "clearance_blocked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			clearance := w.clearance(dina, id)
			c.set(clearance)
			w.refused(dina, casefile.ReleaseWarning{Warning: id, Clearance: clearance}, c.kind, c.code)
		})
	}
	w.refused(dina, casefile.ReleaseWarning{Warning: id}, tocsin.Refused, "no_clearance")
	w.refused(ana, casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(ana, id)}, tocsin.Forbidden, "no_power")
	w.refused(machine, casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(machine, id)}, tocsin.Forbidden, "not_a_machine")
	ok := w.clearance(dina, id)
	ok.Cautions = []tocsin.GuardFinding{{Check: "content", What: "no place is given"}}
	w.do(dina, casefile.ReleaseWarning{Warning: id, Clearance: ok})
	is(t, "released by", w.warning(id).Clearance.Released, dina.ID)
}

func TestTheGuardsNoIsAFactAndNotAnError(t *testing.T) {
	w := owed(t, "v1")
	id := w.drafted(about("v1"), casefiletest.Desk())
	w.approve(rolf, id)
	found := []tocsin.GuardFinding{{Check: "term", Blocks: true, What: "KESTREL stands in the text", Do: "take it out"}}
	want(t, w.do(dina, casefile.ReleaseWarning{Warning: id, Findings: found}), "release_refused")
	is(t, "kept", len(w.warning(id).Refused), 1)
	is(t, "nothing has left", len(w.s.Deliveries), 0)
	is(t, "still owed", w.step("release_warning", string(id)), true)
	w.do(dina, casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(dina, id)})
	is(t, "forgotten once it is out", len(w.warning(id).Refused), 0)
}

func TestAReleaseIsHeldAgainstTheThreatAsItIsNow(t *testing.T) {
	w := owed(t, "v1")
	far := casefiletest.Desk()
	far.Groups = []string{"Ministry"}
	id := w.drafted(about("v1"), far)
	w.approve(rolf, id)
	h := threat(time.Time{})
	h.ActorGroups = append(h.ActorGroups, "ministry")
	w.do(ana, casefile.StateThreat{Threat: h})
	w.refused(dina, casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(dina, id)}, tocsin.Refused, "route_through_actor")
}

func TestAnUpdateIsHeldAgainstTheWarningAsItIsNow(t *testing.T) {
	w := owed(t, "v1")
	first := w.out(about("v1"), casefiletest.Desk())
	w.receipt(w.key(first, "desk", 0), casefile.Sent)
	u := w.draft(ana, about("v1"), casefiletest.Desk())
	u.Message, u.Refers = tocsin.Update, first
	w.do(ana, casefile.DraftWarning{Draft: u})
	w.approve(rolf, u.Warning)
	w.follow(tocsin.AllClear, first, about("v1"), casefiletest.Desk())
	w.refused(dina, casefile.ReleaseWarning{Warning: u.Warning, Clearance: w.clearance(dina, u.Warning)}, tocsin.Refused, "nothing_to_follow")
}

func TestAnUpdateOrAnEndGoesToEveryChannelThatWasUsed(t *testing.T) {
	w := owed(t, "v1")
	first := w.out(about("v1"), casefiletest.Desk(), casefiletest.Guard())
	w.receipt(w.key(first, "desk", 0), casefile.Sent)
	w.receipt(w.key(first, "guard", 0), casefile.Sent)
	w.pass(4 * time.Hour) // silence: the desk's second rung
	w.receipt(w.key(first, "desk", 1), casefile.Assigned)
	short := casefiletest.Desk()
	short.Ladder = short.Ladder[:1]
	other := casefiletest.Desk()
	other.Ladder[0].Channel = "webhook"
	for name, to := range map[string][]tocsin.Recipient{
		"leaves out a recipient": {casefiletest.Desk()},
		"leaves out a rung":      {short, casefiletest.Guard()},
		"leaves out a channel":   {other, casefiletest.Guard()},
	} {
		for _, m := range []tocsin.MessageType{tocsin.Update, tocsin.Cancel, tocsin.AllClear} {
			d := w.draft(ana, about("v1"), to...)
			d.Message, d.Refers = m, first
			t.Run(name+" of an "+string(m), func(t *testing.T) {
				w.refused(ana, casefile.DraftWarning{Draft: d}, tocsin.Refused, "channel_left_out")
			})
		}
	}
	corrected := casefiletest.Desk()
	corrected.Ladder[0].Address = "night-desk@ministry.example"
	id := w.follow(tocsin.AllClear, first, about("v1"), corrected, casefiletest.Guard())
	planned := 0
	for _, d := range w.s.Deliveries {
		if d.Warning == id {
			planned++
		}
	}
	is(t, "planned", planned, 3)
}

func TestAChannelThatFailedForGoodIsNotOneThatWasUsed(t *testing.T) {
	w := owed(t, "v1")
	first := w.out(about("v1"), casefiletest.Desk(), casefiletest.Guard())
	w.start(w.key(first, "guard", 0))
	w.fails(w.key(first, "guard", 0), "permanent", 0)
	w.receipt(w.key(first, "desk", 0), casefile.Sent)
	id := w.follow(tocsin.AllClear, first, about("v1"), casefiletest.Desk())
	is(t, "told", w.delivery(w.key(id, "desk", 0)).State, casefile.Planned)
}
