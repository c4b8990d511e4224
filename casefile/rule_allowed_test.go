package casefile_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

// rich is one case in each of the situations that differ for somebody on the floor.
func rich(t *testing.T) map[string]*watch {
	t.Helper()
	out := map[string]*watch{"opened": begin(t), "closed": closed(t)}
	add := func(name string, w *watch, f func(w *watch)) { t.Helper(); f(w); out[name] = w }
	add("a victim named", begin(t), func(w *watch) { w.victim("v1") })
	add("findings not determined", begin(t), func(w *watch) {
		w.victim("v1")
		w.do(ana, casefile.RecordFindings{Victim: "v1", Findings: findings(t, yes, yes, yes, yes, yes)})
	})
	add("owed and open", owed(t, "v1"), func(w *watch) { w.victim("v2") })
	add("waiver proposed", owed(t, "v1", "v2"), func(w *watch) { w.do(sara, waiver(w.s, "v1", "d")) })
	add("waived", owed(t, "v1", "v2"), func(w *watch) { w.waive("v1", "c") })
	add("not owed", notOwed(t), func(*watch) {})
	add("refusal proposed", notOwed(t), func(w *watch) { w.do(sara, refuse("v1")); w.do(rex, casefile.SeeGrade{}) })
	add("refused", notOwed(t), func(w *watch) {
		w.do(ana, refuse("v1"))
		w.do(rex, sign(t, "v1", true, no, yes, yes, yes, yes))
	})
	add("refused by the outcome", owed(t, "v1"), func(w *watch) {
		w.outcome("unrelated")
		w.do(ana, casefile.ProposeRefusal{Victim: "v1", Ground: casefile.RefuseOvertaken, Reason: "another man"})
	})
	add("office work", controlled(t), func(w *watch) {
		w.owes("v1")
		w.do(lia, casefile.AskConsent{Report: "r1", Question: "q"})
		w.do(ana, casefile.ProposeTransfer{To: dina.ID})
		w.do(sara, casefile.RaiseDispute{About: "a", Position: "p"})
		w.do(dina, casefile.OfferHandover{Victim: "v1", To: "Police", Reason: "r"})
	})
	add("consent refused", controlled(t), func(w *watch) {
		w.owes("v1")
		w.do(lia, casefile.AskConsent{Report: "r1", Question: "q"})
		w.do(lia, casefile.AnswerConsent{Report: "r1", Person: "p"})
	})
	add("attack far off", owed(t, "v1"), func(w *watch) { w.do(ana, casefile.StateThreat{Threat: threat(w.now.Add(240 * time.Hour))}) })
	add("drafted", owed(t, "v1", "v2"), func(w *watch) { w.drafted(about("v1"), casefiletest.Desk()) })
	add("drafted on the exigent path", owed(t, "v1"), func(w *watch) {
		w.do(dina, casefile.InvokeExigent{Reason: "r"})
		w.drafted(about("v1"), casefiletest.Desk())
	})
	add("approved", owed(t, "v1"), func(w *watch) { w.approve(rolf, w.drafted(about("v1"), casefiletest.Desk())) })
	add("returned", owed(t, "v1"), func(w *watch) {
		w.do(rolf, casefile.ReturnWarning{Warning: w.drafted(about("v1"), casefiletest.Desk()), Reason: "r"})
	})
	add("released, with a parity question", owed(t, "v1", "v2"), func(w *watch) { w.out(about("v1"), casefiletest.Desk(), casefiletest.Guard()) })
	add("exigent, with duties", controlled(t), func(w *watch) {
		w.owes("v1")
		w.do(dina, casefile.InvokeExigent{Reason: "r"})
		w.start(w.key(w.out(about("v1"), casefiletest.Desk()), "desk", 0))
		w.do(lia, casefile.DoDuty{Duty: "full_record-w1", Note: "n"})
	})
	add("sealed", owed(t, "v1"), func(w *watch) {
		w.do(sara, casefile.SealCase{People: []tocsin.ActorID{"ana", "rolf"}, Reason: "the source is one of ours"})
	})
	add("asked by the guard", owed(t, "v1"), func(w *watch) {
		w.do(ana, casefile.WriteTearline{Report: "r1", Words: "may be told"})
		id := w.drafted(about("v1"), casefiletest.Guard())
		w.approve(rolf, id)
		w.do(dina, casefile.ReleaseWarning{Warning: id, Findings: []tocsin.GuardFinding{{Check: "rare", Level: tocsin.GuardAsk, ID: "f1", What: "only one origin knows this"}}})
	})
	add("sent", owed(t, "v1"), func(w *watch) {
		w.receipt(w.key(w.out(about("v1"), casefiletest.Desk()), "desk", 0), casefile.Sent)
	})
	given, _ := task(t)
	add("assigned", given, func(*watch) {})
	add("acknowledged", owed(t, "v1"), func(w *watch) {
		id := w.out(about("v1"), casefiletest.Desk())
		w.receipt(w.key(id, "desk", 0), casefile.Sent)
		w.do(ours, casefile.Acknowledge{Key: w.key(id, "desk", 0), Answer: tocsin.AckActing})
	})
	add("delivered, ladder spent", owed(t, "v1"), func(w *watch) {
		w.receipt(w.key(w.out(about("v1"), casefiletest.Guard()), "guard", 0), casefile.Delivered)
		w.pass(4 * time.Hour)
	})
	add("all-clear that reached nobody", owed(t, "v1"), func(w *watch) {
		first := w.out(about("v1"), casefiletest.Guard())
		w.receipt(w.key(first, "guard", 0), casefile.Delivered)
		k := w.key(w.follow(tocsin.AllClear, first, about("v1"), casefiletest.Guard()), "guard", 0)
		w.start(k)
		w.fails(k, "permanent", 0)
	})
	return out
}

// Invariant of the console: what Allowed offers, Decide accepts, and what it does
// not offer, Decide refuses to this person, for every command and every target.
func TestTheConsoleOffersExactlyWhatTheCoreAccepts(t *testing.T) {
	offered := map[string]bool{}
	states := rich(t)
	states["not opened"] = floor(t)
	for _, name := range slices.Sorted(maps.Keys(states)) {
		t.Run(name, func(t *testing.T) {
			w := states[name]
			w.t = t
			w.s.Now = w.now
			for _, a := range append(everybody(), strangers()...) {
				allowed := casefile.Allowed(w.s, a)
				for _, x := range allowed {
					offered[x.Kind] = true
				}
				for _, kind := range append(casefile.CommandKinds(), "determine", "tick") {
					for _, target := range targets(w.s, kind) {
						w.compare(a, casefile.Action{Kind: kind, Target: target}, allowed)
					}
				}
			}
		})
	}
	for _, kind := range casefile.CommandKinds() {
		if !offered[kind] {
			t.Errorf("no situation here offers %s to anybody: the comparison is empty for it", kind)
		}
	}
}

// compare gives the commands that fit an action, and demands that at least one is
// accepted if it was offered, and none if it was not.
func (w *watch) compare(a tocsin.Actor, x casefile.Action, allowed []casefile.Action) {
	w.t.Helper()
	tries := commands(w, a, x)
	if len(tries) == 0 {
		w.t.Fatalf("no command is known here for %s", x.Kind)
	}
	accepted := false
	var refusal error
	for _, c := range tries {
		if c.Kind() != x.Kind {
			w.t.Fatalf("%s was tried for %s", c.Kind(), x.Kind)
		}
		if _, err := casefile.Decide(w.s, w.meta(a), c); err == nil {
			accepted = true
		} else {
			humane(w.t, err)
			refusal = err
		}
	}
	if accepted != slices.Contains(allowed, x) {
		w.t.Errorf("%s: %s %q is offered %v and accepted %v (%v)", a.ID, x.Kind, x.Target, !accepted, accepted, refusal)
	}
}

// targets lists every target that a command of this kind could have, and one that
// does not exist.
func targets(s casefile.State, kind string) []string {
	out := []string{"nowhere"}
	switch kind {
	case "correct_victim", "record_findings", "record_locator", "determine", "affirm_determination", "propose_waiver", "decide_waiver", "propose_refusal",
		"sign_refusal", "offer_handover", "answer_handover", "discharge":
		for _, v := range s.Victims {
			out = append(out, string(v.ID))
		}
	case "adopt_terms":
		out = append(out, s.Terms.Pack.Name)
	case "ask_consent", "answer_consent", "write_tearline", "clear_tearline":
		for _, r := range s.Reports {
			out = append(out, string(r.ID))
		}
	case "approve_warning", "return_warning", "release_warning", "extend_window", "answer_finding":
		for _, x := range s.Warnings {
			out = append(out, string(x.ID))
		}
	case "confirm_delivery", "record_service", "record_not_found", "acknowledge":
		for _, d := range s.Deliveries {
			out = append(out, string(d.Key))
		}
	case "settle_dispute":
		for _, d := range s.Disputes {
			out = append(out, d.ID)
		}
	case "do_duty":
		for _, d := range s.Duties {
			out = append(out, d.ID)
		}
	case "decide_parity":
		for _, p := range s.Parities {
			out = append(out, p.ID)
		}
	default:
		return []string{""}
	}
	return out
}

// commands are well-formed commands for an action, so that only the case's rules
// can stand against them.
func commands(w *watch, a tocsin.Actor, x casefile.Action) []casefile.Command {
	v, id, key := tocsin.VictimID(x.Target), tocsin.WarningID(x.Target), tocsin.DeliveryKey(x.Target)
	switch x.Kind {
	case "open_case":
		return []casefile.Command{casefile.OpenCase{Case: "c1", Title: "t", Terms: pack(w.t).Terms(), Reports: []casefile.Report{{ID: "r1"}}}}
	case "join_pack":
		return []casefile.Command{casefile.JoinPack{Pack: "exercise", Reason: "r", Terms: casefiletest.Terms()}}
	case "adopt_terms":
		terms := pack(w.t).Terms()
		terms.Pack.Version, terms.Pack.Name = "next", x.Target
		return []casefile.Command{casefile.AdoptTerms{Pack: x.Target, Reason: "r", Terms: terms}}
	case "attach_report":
		return []casefile.Command{casefile.AttachReport{Report: report("r-new")}}
	case "state_threat":
		return []casefile.Command{casefile.StateThreat{Threat: threat(w.now.Add(time.Hour))}}
	case "protect_terms":
		return []casefile.Command{casefile.ProtectTerms{Words: []string{"NEW TERM"}}}
	case "add_victim":
		return []casefile.Command{casefile.AddVictim{Victim: tocsin.Victim{ID: "v-new", Kind: tocsin.Person, Name: "n", Identity: tocsin.Named}}}
	case "correct_victim":
		return []casefile.Command{casefile.CorrectVictim{Victim: tocsin.Victim{ID: v, Kind: tocsin.Person, Name: "somebody else's name", Identity: tocsin.Named}, Reason: "r"}}
	case "record_findings":
		return []casefile.Command{casefile.RecordFindings{Victim: v, Findings: []tocsin.Finding{{Element: "harm", Value: yes, Reason: "r"}}}}
	case "record_locator":
		return []casefile.Command{casefile.RecordLocator{Victim: v, Locator: "l"}}
	case "see_grade":
		return []casefile.Command{casefile.SeeGrade{}}
	case "determine":
		d := tocsin.Determination{Victim: v}
		if _, ok := w.s.Victim(v); ok {
			d = w.policy(v)
		}
		return []casefile.Command{casefile.Determine{Determination: d}}
	case "affirm_determination":
		return []casefile.Command{casefile.AffirmDetermination{Victim: v}}
	case "propose_waiver":
		return []casefile.Command{waiver(w.s, v, "c")}
	case "decide_waiver":
		return []casefile.Command{casefile.DecideWaiver{Victim: v, Approve: true, Reason: "r"}, casefile.DecideWaiver{Victim: v, Reason: "r"}}
	case "propose_refusal":
		return []casefile.Command{refuse(v), casefile.ProposeRefusal{Victim: v, Ground: casefile.RefuseOvertaken, Reason: "r"}}
	case "sign_refusal":
		return []casefile.Command{sign(w.t, v, true, no, yes, yes, yes, yes), sign(w.t, v, false, yes, yes, yes, yes, yes)}
	case "offer_handover":
		return []casefile.Command{casefile.OfferHandover{Victim: v, To: "Police", Reason: "r"}}
	case "answer_handover":
		return []casefile.Command{casefile.AnswerHandover{Victim: v, Accepted: true, Person: "p"}, casefile.AnswerHandover{Victim: v, Reason: "r"}}
	case "propose_transfer":
		return []casefile.Command{casefile.ProposeTransfer{To: "somebody-else"}}
	case "answer_transfer":
		return []casefile.Command{casefile.AnswerTransfer{Accept: true}, casefile.AnswerTransfer{Reason: "r"}}
	case "ask_consent":
		return []casefile.Command{casefile.AskConsent{Report: tocsin.ReportID(x.Target), Question: "q"}}
	case "answer_consent":
		return []casefile.Command{casefile.AnswerConsent{Report: tocsin.ReportID(x.Target), Granted: true, Person: "p"}}
	}
	return laterCommands(w, a, x, v, id, key)
}

func laterCommands(w *watch, a tocsin.Actor, x casefile.Action, v tocsin.VictimID, id tocsin.WarningID, key tocsin.DeliveryKey) []casefile.Command {
	switch x.Kind {
	case "raise_dispute":
		return []casefile.Command{casefile.RaiseDispute{About: "a", Position: "p"}}
	case "settle_dispute":
		return []casefile.Command{casefile.SettleDispute{Dispute: x.Target, Settlement: "s"}}
	case "invoke_exigent":
		return []casefile.Command{casefile.InvokeExigent{Reason: "r"}}
	case "draft_warning":
		d := w.draft(a, about("v1"), casefiletest.Guard())
		return []casefile.Command{casefile.DraftWarning{Draft: d}}
	case "approve_warning":
		x, _ := w.s.Warning(id)
		return []casefile.Command{casefile.ApproveWarning{Warning: id, Digest: x.Digest}}
	case "return_warning":
		return []casefile.Command{casefile.ReturnWarning{Warning: id, Reason: "r"}}
	case "release_warning":
		return []casefile.Command{casefile.ReleaseWarning{Warning: id, Findings: []tocsin.GuardFinding{{Check: "term", Blocks: true}}}}
	case "answer_finding":
		return []casefile.Command{casefile.AnswerFinding{Warning: id, Finding: "f1", Words: "w"}, casefile.AnswerFinding{Warning: id, Answers: []casefile.Reply{{"f1", "w"}}}}
	case "write_tearline":
		return []casefile.Command{casefile.WriteTearline{Report: tocsin.ReportID(x.Target), Words: "w"}}
	case "clear_tearline":
		return []casefile.Command{casefile.ClearTearline{Report: tocsin.ReportID(x.Target), Digest: tocsin.DigestOf([]byte("may be told"))}}
	case "extend_window":
		return []casefile.Command{casefile.ExtendWindow{Warning: id, Until: w.now.Add(1000 * time.Hour), Reason: "r"}}
	case "confirm_delivery":
		return []casefile.Command{casefile.ConfirmDelivery{Key: key, How: "h"}}
	case "record_service":
		return []casefile.Command{casefile.RecordService{Key: key, Service: tocsin.Service{Person: "p", Place: "p", At: w.now}}}
	case "record_not_found":
		return []casefile.Command{casefile.RecordNotFound{Key: key, Reason: "r"}}
	case "acknowledge":
		return []casefile.Command{casefile.Acknowledge{Key: key, Answer: tocsin.AckReceived, Person: "p"}}
	case "discharge":
		return []casefile.Command{casefile.Discharge{Victim: v, Reason: "r"}}
	case "do_duty":
		return []casefile.Command{casefile.DoDuty{Duty: x.Target, Note: "n"}}
	case "decide_parity":
		return []casefile.Command{casefile.DecideParity{Parity: x.Target, Decision: "withheld", Reason: "r"}}
	case "review":
		return []casefile.Command{casefile.Review{Note: "n"}}
	case "record_outcome":
		return []casefile.Command{casefile.RecordOutcome{Outcome: casefile.Outcome{What: "averted", At: w.now}}}
	case "seal_case":
		return []casefile.Command{casefile.SealCase{People: []tocsin.ActorID{"ana"}, Reason: "r"}}
	case "unseal_case":
		return []casefile.Command{casefile.UnsealCase{Reason: "r"}}
	case "close_case":
		return []casefile.Command{casefile.CloseCase{Reason: "r", OnTheWay: "known"}}
	case "reopen_case":
		return []casefile.Command{casefile.ReopenCase{Reason: "r"}}
	case "tick":
		return []casefile.Command{casefile.Tick{}}
	}
	return nil
}
