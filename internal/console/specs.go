package console

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/view"
)

// specs is the table of forms: one for every command that people give.
var specs = []spec{
	{kind: "record_findings", about: "victim", quotes: true, sets: findingFields(true),
		blank: func(t string) casefile.Command { return casefile.RecordFindings{Victim: tocsin.VictimID(t)} },
		read: func(p *posted) casefile.Command {
			f := p.findings()
			if len(f) == 0 && len(p.faults) == 0 {
				p.faults["value."+first(p.s.Elements())] = p.say.t("fault.no_finding")
			}
			return casefile.RecordFindings{Victim: p.victim(), Findings: f}
		}},
	{kind: "affirm_determination", about: "victim", grave: true, sets: affirmFields,
		blank: func(t string) casefile.Command { return casefile.AffirmDetermination{Victim: tocsin.VictimID(t)} },
		read:  readAffirmation},
	{kind: "record_locator", about: "victim", sets: fields(func(a *asking) []field { return []field{a.text("locator").required()} }),
		blank: func(t string) casefile.Command { return casefile.RecordLocator{Victim: tocsin.VictimID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.RecordLocator{Victim: p.victim(), Locator: p.must("locator")}
		}},
	{kind: "correct_victim", about: "victim", sets: correctFields, read: readCorrection,
		blank: func(t string) casefile.Command {
			return casefile.CorrectVictim{Victim: tocsin.Victim{ID: tocsin.VictimID(t)}}
		}},
	{kind: "propose_waiver", about: "victim", sets: waiverFields,
		blank: func(t string) casefile.Command { return casefile.ProposeWaiver{Victim: tocsin.VictimID(t)} }, read: readWaiver},
	{kind: "decide_waiver", about: "victim", grave: true,
		sets:  fields(func(a *asking) []field { return []field{a.choice("approve"), a.area("reason").required()} }),
		blank: func(t string) casefile.Command { return casefile.DecideWaiver{Victim: tocsin.VictimID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.DecideWaiver{Victim: p.victim(), Approve: p.yes("approve"), Reason: p.must("reason")}
		}},
	{kind: "propose_refusal", about: "victim", grave: true,
		sets: fields(func(a *asking) []field {
			return []field{pick(a, "ground", "refusal", []string{casefile.RefuseBelow, casefile.RefuseOvertaken}, ""), a.area("reason").required()}
		}),
		blank: func(t string) casefile.Command {
			return casefile.ProposeRefusal{Victim: tocsin.VictimID(t), Ground: casefile.RefuseBelow}
		},
		read: func(p *posted) casefile.Command {
			return casefile.ProposeRefusal{Victim: p.victim(), Ground: p.word("ground"), Reason: p.must("reason")}
		}},
	{kind: "sign_refusal", about: "victim", quotes: true, grave: true,
		sets: func(a *asking) []fieldset {
			return append(one(a.choice("agree"), a.area("reason").required()), findingFields(false)(a)...)
		},
		blank: func(t string) casefile.Command { return casefile.SignRefusal{Victim: tocsin.VictimID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.SignRefusal{Victim: p.victim(), Agree: p.yes("agree"), Reason: p.must("reason"), Grade: p.findings()}
		}},
	{kind: "offer_handover", about: "victim", names: map[string]string{"to": "organisation"},
		sets: fields(func(a *asking) []field {
			return []field{a.text("organisation").required(), a.area("reason").required()}
		}),
		blank: func(t string) casefile.Command { return casefile.OfferHandover{Victim: tocsin.VictimID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.OfferHandover{Victim: p.victim(), To: p.must("organisation"), Reason: p.must("reason")}
		}},
	{kind: "answer_handover", about: "victim",
		sets: fields(func(a *asking) []field {
			return []field{a.choice("accepted"), a.text("person").required(), a.text("reference"), a.area("reason")}
		}),
		blank: func(t string) casefile.Command { return casefile.AnswerHandover{Victim: tocsin.VictimID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.AnswerHandover{Victim: p.victim(), Accepted: p.yes("accepted"), Person: p.must("person"), Reference: p.word("reference"), Reason: p.text("reason")}
		}},
	{kind: "discharge", about: "victim", grave: true, sets: just("reason"),
		blank: func(t string) casefile.Command { return casefile.Discharge{Victim: tocsin.VictimID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.Discharge{Victim: p.victim(), Reason: p.must("reason")}
		}},

	{kind: "ask_consent", about: "report", sets: just("question"),
		blank: func(t string) casefile.Command { return casefile.AskConsent{Report: tocsin.ReportID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.AskConsent{Report: p.report(), Question: p.must("question")}
		}},
	{kind: "answer_consent", about: "report",
		sets: fields(func(a *asking) []field {
			return []field{a.choice("granted"), a.text("person").required(), a.area("limits")}
		}),
		blank: func(t string) casefile.Command { return casefile.AnswerConsent{Report: tocsin.ReportID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.AnswerConsent{Report: p.report(), Granted: p.yes("granted"), Person: p.must("person"), Limits: p.text("limits")}
		}},

	{kind: "write_tearline", about: "report", names: map[string]string{"words": "tearline"}, sets: writeTearlineFields,
		blank: func(t string) casefile.Command { return casefile.WriteTearline{Report: tocsin.ReportID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.WriteTearline{Report: p.report(), Words: p.must("tearline")}
		}},
	{kind: "clear_tearline", about: "report", grave: true, sets: tearlineFields,
		blank: func(t string) casefile.Command { return casefile.ClearTearline{Report: tocsin.ReportID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.ClearTearline{Report: p.report(), Digest: tocsin.Digest(p.word("digest"))}
		}},

	{kind: "approve_warning", about: "warning", grave: true, sets: approvalFields,
		blank: func(t string) casefile.Command { return casefile.ApproveWarning{Warning: tocsin.WarningID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.ApproveWarning{Warning: p.warning(), Digest: tocsin.Digest(p.word("digest")), Note: p.text("note")}
		}},
	{kind: "return_warning", about: "warning", sets: just("reason"),
		blank: func(t string) casefile.Command { return casefile.ReturnWarning{Warning: tocsin.WarningID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.ReturnWarning{Warning: p.warning(), Reason: p.must("reason")}
		}},
	{kind: "release_warning", about: "warning", grave: true, sets: releaseFields,
		blank: func(t string) casefile.Command { return casefile.ReleaseWarning{Warning: tocsin.WarningID(t)} },
		give: func(c *Console, v *visit, p *posted, o engine.Options) (engine.Result, error) {
			return c.cfg.Engine.Do(v.ctx(), v.by, p.s.ID, casefile.ReleaseWarning{Warning: p.warning(), ReverseTest: p.text("reverse_test")}, o)
		}},
	{kind: "answer_finding", about: "warning", grave: true, sets: nothing, // its questions are a form of their own: answers.go
		blank: func(t string) casefile.Command { return casefile.AnswerFinding{Warning: tocsin.WarningID(t)} }, give: giveAnswers},
	{kind: "extend_window", about: "warning",
		sets: fields(func(a *asking) []field {
			w, _ := a.s.Warning(tocsin.WarningID(a.target))
			return []field{a.when("until", w.Until.Add(a.s.Terms.Extension.D())).required(), a.area("reason").required()}
		}),
		blank: func(t string) casefile.Command { return casefile.ExtendWindow{Warning: tocsin.WarningID(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.ExtendWindow{Warning: p.warning(), Until: p.moment("until"), Reason: p.must("reason")}
		}},

	{kind: "acknowledge", about: "delivery",
		sets: fields(func(a *asking) []field {
			return []field{pick(a, "answer", "answer", tocsin.AckKinds(), "").required(), a.text("person"), a.area("words")}
		}),
		blank: func(t string) casefile.Command { return casefile.Acknowledge{Key: tocsin.DeliveryKey(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.Acknowledge{Key: p.delivery(), Answer: tocsin.AckKind(p.must("answer")), Person: p.word("person"), Words: p.text("words")}
		}},
	{kind: "confirm_delivery", about: "delivery", sets: just("how"),
		blank: func(t string) casefile.Command { return casefile.ConfirmDelivery{Key: tocsin.DeliveryKey(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.ConfirmDelivery{Key: p.delivery(), How: p.must("how")}
		}},
	{kind: "record_service", about: "delivery", names: map[string]string{"service.person": "told", "service.place": "place", "service.at": "at", "service.signed": "signed", "service.refused_sign": "refused_sign", "service.answer": "how_answered"}, sets: serviceFields,
		blank: func(t string) casefile.Command { return casefile.RecordService{Key: tocsin.DeliveryKey(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.RecordService{Key: p.delivery(), Service: tocsin.Service{Person: p.must("told"), Place: p.must("place"), At: p.moment("at"), Words: p.text("words_given"),
				Present: p.lines("present"), Interpreter: p.word("interpreter"), Signed: p.has("signed"), RefusedSign: p.has("refused_sign"), Response: p.text("response"), Answer: p.answered()}}
		}},
	{kind: "record_not_found", about: "delivery",
		sets:  fields(func(a *asking) []field { return []field{a.area("reason").required(), a.check("final", false)} }),
		blank: func(t string) casefile.Command { return casefile.RecordNotFound{Key: tocsin.DeliveryKey(t)} },
		read: func(p *posted) casefile.Command {
			return casefile.RecordNotFound{Key: p.delivery(), Reason: p.must("reason"), Final: p.has("final")}
		}},

	{kind: "do_duty", about: "duty", sets: just("note"),
		blank: func(t string) casefile.Command { return casefile.DoDuty{Duty: t} },
		read:  func(p *posted) casefile.Command { return casefile.DoDuty{Duty: p.target, Note: p.must("note")} }},
	{kind: "decide_parity", about: "parity",
		sets: fields(func(a *asking) []field {
			return []field{pick(a, "decision", "parity", []string{"warn", "not_exposed", "already_warned", "withheld"}, "").required(), a.area("reason").required()}
		}),
		blank: func(t string) casefile.Command { return casefile.DecideParity{Parity: t} },
		read: func(p *posted) casefile.Command {
			return casefile.DecideParity{Parity: p.target, Decision: p.must("decision"), Reason: p.must("reason")}
		}},
	{kind: "settle_dispute", about: "dispute", sets: just("settlement"),
		blank: func(t string) casefile.Command { return casefile.SettleDispute{Dispute: t} },
		read: func(p *posted) casefile.Command {
			return casefile.SettleDispute{Dispute: p.target, Settlement: p.must("settlement")}
		}},

	{kind: "adopt_terms", about: "pack", grave: true, sets: just("reason"),
		blank: func(t string) casefile.Command { return casefile.AdoptTerms{Pack: t} },
		read: func(p *posted) casefile.Command {
			return casefile.AdoptTerms{Pack: p.target, Reason: p.must("reason")}
		}},
	{kind: "join_pack", sets: packFields, blank: func(string) casefile.Command { return casefile.JoinPack{} },
		read: func(p *posted) casefile.Command {
			return casefile.JoinPack{Pack: p.must("pack"), Reason: p.must("reason")}
		}},
	{kind: "draft_warning", names: map[string]string{"warning": "new_version_of", "pack": "under"}, sets: draftFields, blank: func(string) casefile.Command { return casefile.DraftWarning{} }, give: giveDraft},
	{kind: "state_threat", quotes: true, names: map[string]string{"threat.harm": "harm", "threat.window.earliest": "earliest", "threat.window.latest": "latest"}, sets: threatFields, blank: func(string) casefile.Command { return casefile.StateThreat{} }, read: readThreat},
	{kind: "add_victim", names: map[string]string{"victim.name": "name", "victim.kind": "victim_kind", "victim.identity": "identity"}, sets: victimFields, blank: func(string) casefile.Command { return casefile.AddVictim{} }, read: readVictim},
	{kind: "attach_report", sets: attachFields, blank: func(string) casefile.Command { return casefile.AttachReport{} },
		give: func(c *Console, v *visit, p *posted, o engine.Options) (engine.Result, error) {
			return c.cfg.Engine.Attach(v.ctx(), v.by, p.s.ID, tocsin.ReportID(p.must("report")), o)
		}},
	{kind: "protect_terms", sets: just("terms"), blank: func(string) casefile.Command { return casefile.ProtectTerms{} },
		read: func(p *posted) casefile.Command {
			p.must("terms")
			return casefile.ProtectTerms{Words: p.lines("terms")}
		}},
	{kind: "invoke_exigent", grave: true, sets: just("reason"), blank: func(string) casefile.Command { return casefile.InvokeExigent{} },
		read: func(p *posted) casefile.Command { return casefile.InvokeExigent{Reason: p.must("reason")} }},
	{kind: "propose_transfer", sets: transferFields, blank: func(string) casefile.Command { return casefile.ProposeTransfer{} },
		read: func(p *posted) casefile.Command {
			return casefile.ProposeTransfer{To: tocsin.ActorID(p.must("to")), Reason: p.text("reason")}
		}},
	{kind: "answer_transfer", sets: fields(func(a *asking) []field { return []field{a.choice("accept"), a.area("reason")} }),
		blank: func(string) casefile.Command { return casefile.AnswerTransfer{} },
		read: func(p *posted) casefile.Command {
			return casefile.AnswerTransfer{Accept: p.yes("accept"), Reason: p.text("reason")}
		}},
	{kind: "raise_dispute", sets: fields(func(a *asking) []field { return []field{a.text("about").required(), a.area("position").required()} }),
		blank: func(string) casefile.Command { return casefile.RaiseDispute{} },
		read: func(p *posted) casefile.Command {
			return casefile.RaiseDispute{About: p.must("about"), Position: p.must("position")}
		}},
	{kind: "see_grade", sets: nothing, blank: func(string) casefile.Command { return casefile.SeeGrade{} },
		read: func(*posted) casefile.Command { return casefile.SeeGrade{} }},
	{kind: "review", sets: just("note"), blank: func(string) casefile.Command { return casefile.Review{} },
		read: func(p *posted) casefile.Command { return casefile.Review{Note: p.must("note")} }},
	{kind: "record_outcome", names: map[string]string{"outcome.what": "what", "outcome.at": "at"}, sets: outcomeFields, blank: func(string) casefile.Command { return casefile.RecordOutcome{} },
		read: func(p *posted) casefile.Command {
			return casefile.RecordOutcome{Outcome: casefile.Outcome{What: p.must("what"), At: p.moment("at"), Response: p.word("recipient_response"), Note: p.must("note")}}
		}},
	{kind: "seal_case", grave: true, sets: sealFields, blank: func(string) casefile.Command { return casefile.SealCase{} },
		read: func(p *posted) casefile.Command {
			c := casefile.SealCase{Reason: p.must("reason")}
			p.must("people")
			for _, id := range p.lines("people") {
				c.People = append(c.People, tocsin.ActorID(id))
			}
			return c
		}},
	{kind: "unseal_case", grave: true, sets: just("reason"), blank: func(string) casefile.Command { return casefile.UnsealCase{} },
		read: func(p *posted) casefile.Command { return casefile.UnsealCase{Reason: p.must("reason")} }},
	{kind: "close_case", sets: recordFields, blank: func(string) casefile.Command { return casefile.CloseCase{} }, read: readClose},
	{kind: "reopen_case", sets: just("reason"), blank: func(string) casefile.Command { return casefile.ReopenCase{} },
		read: func(p *posted) casefile.Command { return casefile.ReopenCase{Reason: p.must("reason")} }},
}

func (p *posted) has(name string) bool { return p.Get(name) == "yes" }

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// findingFields asks for a value, a reason and the words behind it, for each
// element of the pack. filled shows what was found so far.
func findingFields(filled bool) func(*asking) []fieldset {
	return func(a *asking) []fieldset {
		v, _ := a.shown.Victim(tocsin.VictimID(a.target))
		var out []fieldset
		for _, id := range a.s.Elements() {
			set := fieldset{Legend: id, Core: true}
			if e, pack, ok := a.element(id); ok {
				set.Legend, set.Core = a.v.say.asked(e.Title)
				if set.Note, set.CoreNote = e.Meaning, true; len(a.s.Further) > 0 {
					set.Legend = pack + ": " + set.Legend
				}
			}
			now := tocsin.Finding{}
			if i := slices.IndexFunc(v.Findings, func(f tocsin.Finding) bool { return f.Element == id }); i >= 0 && filled {
				now = v.Findings[i]
			}
			value := pick(a, "value", "finding", tocsin.FindingValues(), now.Value)
			reason, quote := a.area("reason"), a.area("quote")
			value.Name, reason.Name, quote.Name = "value."+id, "reason."+id, "quote."+id
			reason.Value, quote.Value = now.Reason, quotes(now.Evidence)
			set.Fields = []field{value, reason, quote}
			out = append(out, set)
		}
		return out
	}
}

func quotes(spans []tocsin.Span) string {
	var out []string
	for _, s := range spans {
		out = append(out, s.Quote)
	}
	return strings.Join(out, "\n")
}

func waiverFields(a *asking) []fieldset {
	f := a.field("select", "ground").required()
	for _, g := range a.s.Terms.Grounds {
		f.Options = append(f.Options, option{g.ID, g.ID + ": " + g.Title})
	}
	f.Theirs = true
	out := one(f, a.area("reason").required(), a.area("alternatives"), a.when("expires", time.Time{}))
	out = append(out, a.evidenceFields("", a.s.Terms)...)
	for _, t := range a.s.Further {
		ground := a.field("select", "ground")
		ground.Name, ground.Theirs = "ground."+t.Pack.Name, true
		for _, g := range t.Grounds {
			ground.Options = append(ground.Options, option{g.ID, g.ID + ": " + g.Title})
		}
		alternatives := a.area("alternatives")
		alternatives.Name = "alternatives." + t.Pack.Name
		out = append(out, fieldset{Legend: t.Title, Core: true, Fields: []field{ground, alternatives}})
		out = append(out, a.evidenceFields(t.Pack.Name+".", t)...)
	}
	return out
}

// evidenceFields asks the questions of each ground of one pack. What a ground
// turns on is answered by yes or no and by nothing else.
func (a *asking) evidenceFields(prefix string, t tocsin.Terms) []fieldset {
	var out []fieldset
	for _, g := range t.Grounds {
		set := fieldset{Legend: g.ID + ": " + g.Title, Note: g.Clause, Core: true, Folded: true}
		for _, e := range g.Evidence {
			f := field{Type: "area", Name: "evidence." + prefix + g.ID + "." + e.ID, Label: e.Question, Core: true}
			if _, turns := g.Excludes[e.ID]; turns {
				f.Type, f.Options = "select", []option{{"yes", a.v.say.t("yes")}, {"no", a.v.say.t("no")}}
			}
			set.Fields = append(set.Fields, f)
		}
		out = append(out, set)
	}
	return out
}

func readWaiver(p *posted) casefile.Command {
	c := casefile.ProposeWaiver{Victim: p.victim(), Ground: p.must("ground"), Reason: p.must("reason"), Alternatives: p.text("alternatives"),
		Expires: p.moment("expires")}
	c.Evidence = p.evidence("", p.s.Terms, c.Ground)
	for _, t := range p.s.Further {
		if ground := p.word("ground." + t.Pack.Name); ground != "" {
			c.Further = append(c.Further, casefile.Claim{Pack: t.Pack.Name, Ground: ground, Evidence: p.evidence(t.Pack.Name+".", t, ground), Alternatives: p.text("alternatives." + t.Pack.Name)})
		}
	}
	return c
}

// evidence reads the answers to one ground's questions.
func (p *posted) evidence(prefix string, t tocsin.Terms, ground string) map[string]string {
	out := map[string]string{}
	g, _ := t.Ground(ground)
	for _, e := range g.Evidence {
		out[e.ID] = p.must("evidence." + prefix + g.ID + "." + e.ID)
	}
	return out
}

// releaseFields asks about the source where a report of the case is controlled.
func releaseFields(a *asking) []fieldset {
	if w, _ := a.s.Warning(tocsin.WarningID(a.target)); a.s.NeedsReverseTest(w) {
		return one(a.area("reverse_test").required())
	}
	return nothing(a)
}

// sealFields shows who knows of the case, if it is sealed.
func sealFields(a *asking) []fieldset {
	var known []string
	if a.s.Sealed != nil {
		for _, id := range a.s.Sealed.People {
			known = append(known, string(id))
		}
	}
	return one(a.area("people").holding(strings.Join(known, "\n")).required(), a.area("reason").required())
}

func writeTearlineFields(a *asking) []fieldset {
	f := a.area("tearline").required()
	for _, t := range a.s.Tearlines {
		if string(t.Report) == a.target {
			f.Value = t.Words
		}
	}
	return one(f)
}

func tearlineFields(a *asking) []fieldset {
	for _, t := range a.s.Tearlines {
		if string(t.Report) == a.target {
			return one(field{Type: "hidden", Name: "digest", Value: string(t.Digest)})
		}
	}
	return nothing(a)
}

// packFields offers the packs that the case does not stand under yet.
func packFields(a *asking) []fieldset {
	f := a.field("select", "pack").required()
	for _, name := range a.c.cfg.Packs {
		if _, has := a.s.Pack(name); !has {
			f.Options = append(f.Options, option{name, name})
		}
	}
	return one(f, a.area("reason").required())
}

func approvalFields(a *asking) []fieldset {
	w, _ := a.s.Warning(tocsin.WarningID(a.target))
	return one(a.area("note"), field{Type: "hidden", Name: "digest", Value: string(w.Digest)})
}

func serviceFields(a *asking) []fieldset {
	return one(a.text("told").required(), a.text("place").required(), a.when("at", a.v.now).required(), a.area("words_given"), a.area("present"),
		a.text("interpreter"), a.check("signed", false), a.check("refused_sign", false),
		pick(a, "how_answered", "answer", append(tocsin.AckKinds(), noAnswer), "").required(), a.area("response"))
}

// noAnswer is chosen where somebody who was told gave no answer, which is not left to
// be guessed from an empty field.
const noAnswer tocsin.AckKind = "none"

// answered reads how somebody answered who was told in person.
func (p *posted) answered() tocsin.AckKind {
	if k := tocsin.AckKind(p.must("how_answered")); k != noAnswer {
		return k
	}
	return ""
}

func threatFields(a *asking) []fieldset {
	t := a.s.Threat
	claim := func(name string, c tocsin.Claim) []field {
		q := a.area("quote").holding(quotes(c.Evidence))
		q.Name, q.Label = "quote."+name, a.v.say.t("field.quote.of", a.v.say.t("field."+name))
		return []field{a.text(name).holding(c.Text), q}
	}
	harms := a.s.Terms.Harms
	if len(harms) == 0 {
		harms = tocsin.Harms()
	}
	set := fieldset{Fields: []field{pick(a, "harm", "harm", harms, t.Harm)}}
	for _, c := range []struct {
		name  string
		claim tocsin.Claim
	}{{"threat_target", t.Target}, {"threat_place", t.Place}, {"actor", t.Actor}, {"means", t.Means}} {
		set.Fields = append(set.Fields, claim(c.name, c.claim)...)
	}
	set.Fields = append(set.Fields, a.area("actor_groups").holding(strings.Join(t.ActorGroups, "\n")), a.when("earliest", t.Window.Earliest),
		a.when("latest", t.Window.Latest), a.check("past", false))
	return append([]fieldset{set}, placeFields(a)...)
}

func readThreat(p *posted) casefile.Command {
	claim := func(name string) tocsin.Claim {
		return tocsin.Claim{Text: p.text(name), Evidence: p.spans("quote." + name)}
	}
	next := tocsin.Threat{Actor: claim("actor"), ActorGroups: p.lines("actor_groups"), Harm: tocsin.Harm(p.word("harm")),
		Target: claim("threat_target"), Place: claim("threat_place"), Means: claim("means"), Window: tocsin.Window{Earliest: p.moment("earliest"), Latest: p.moment("latest")}}
	next.Whereabouts = p.whereabouts(next)
	return casefile.StateThreat{Past: p.has("past"), Threat: next}
}

func victimFields(a *asking) []fieldset {
	protectors := a.field("checks", "protectors")
	protectors.Elsewhere = "/directory"
	for _, r := range a.book {
		protectors.Options = append(protectors.Options, option{string(r.ID), r.Name})
	}
	// Nothing is chosen beforehand: a class taken for a named person is warned wrongly.
	return one(a.text("name").required(), pick(a, "victim_kind", "victim", tocsin.VictimKinds(), "").required(),
		pick(a, "identity", "identity", identities, "").required(),
		a.text("victim_place"), a.country("jurisdiction", ""), a.area("safety"), protectors, a.when("known_since", time.Time{}))
}

// correctFields asks for the details of a victim as they are right, beginning with
// what is said now.
func correctFields(a *asking) []fieldset {
	v, _ := a.s.Victim(tocsin.VictimID(a.target))
	protectors := a.field("checks", "protectors")
	protectors.Chosen = map[string]bool{}
	for _, r := range a.book {
		protectors.Options = append(protectors.Options, option{string(r.ID), r.Name})
	}
	for _, id := range v.Protectors {
		protectors.Chosen[string(id)] = true
		if !slices.ContainsFunc(a.book, func(r tocsin.Recipient) bool { return r.ID == id }) {
			protectors.Options = append(protectors.Options, option{string(id), string(id)})
		}
	}
	return one(a.area("correction").required(), a.text("name").required().holding(v.Name), pick(a, "victim_kind", "victim", tocsin.VictimKinds(), v.Kind),
		pick(a, "identity", "identity", identities, v.Identity), a.text("victim_place").holding(v.Place), a.country("jurisdiction", v.Jurisdiction),
		a.area("safety").holding(v.Safety), protectors)
}

var identities = []tocsin.IdentityState{tocsin.Named, tocsin.AddressOnly, tocsin.ClassOnly, tocsin.Unidentified}

// described reads what a form says of a victim.
func (p *posted) described(id tocsin.VictimID) tocsin.Victim {
	v := tocsin.Victim{ID: id, Name: p.must("name"), Kind: tocsin.VictimKind(p.must("victim_kind")), Identity: tocsin.IdentityState(p.must("identity")),
		Place: p.word("victim_place"), Jurisdiction: p.country("jurisdiction"), Safety: p.text("safety")}
	for _, r := range p.Values["protectors"] {
		v.Protectors = append(v.Protectors, tocsin.RecipientID(r))
	}
	return v
}

func readCorrection(p *posted) casefile.Command {
	return casefile.CorrectVictim{Victim: p.described(p.victim()), Reason: p.must("correction")}
}

func readVictim(p *posted) casefile.Command {
	v := p.described("")
	for n := len(p.s.Victims) + 1; ; n++ {
		v.ID = tocsin.VictimID(fmt.Sprintf("v%d", n))
		if _, taken := p.s.Victim(v.ID); !taken {
			break
		}
	}
	return casefile.AddVictim{Victim: v, KnownSince: p.moment("known_since")}
}

// offered bounds how many reports a form offers; an older one is joined from its
// own page.
const offered = 100

func attachFields(a *asking) []fieldset {
	f := a.field("select", "report").required()
	a.c.cfg.Engine.ReadAs(a.v.by, func(x *view.Index) {
		for i := len(x.Order) - 1; i >= 0 && len(f.Options) < offered; i-- {
			r := x.Reports[x.Order[i]]
			if !slices.Contains(r.Cases, a.s.ID) {
				f.Options = append(f.Options, option{string(r.ID), string(r.ID) + ": " + opening(r.Report, 60)})
			}
		}
	})
	return one(f)
}

func transferFields(a *asking) []fieldset {
	to := a.text("to").required()
	if u := a.c.cfg.Users; u != nil {
		to.Type = "select"
		for _, acc := range u.List() {
			if !acc.Disabled && acc.ID != a.s.Owner && a.s.May(acc.Actor(), tocsin.MayOwn) {
				to.Options = append(to.Options, option{string(acc.ID), acc.Name})
			}
		}
	}
	return one(to, a.area("reason"))
}

func outcomeFields(a *asking) []fieldset {
	return one(pick(a, "what", "outcome", []string{"occurred", "averted", "did_not_occur", "unrelated"}, "").required(), a.when("at", time.Time{}),
		pick(a, "recipient_response", "response", []string{"acted", "ignored", "published", "accused", "attacked_elsewhere", "arrested_innocents", "none"}, ""),
		a.area("note").required())
}

// do gives the command that a form stands for.
func (sp spec) do(ctx context.Context, c *Console, v *visit, p *posted, o engine.Options) (engine.Result, error) {
	if sp.give != nil {
		return sp.give(c, v, p, o)
	}
	command := sp.read(p)
	if len(p.faults) > 0 {
		return engine.Result{}, nil
	}
	return c.cfg.Engine.Do(ctx, v.by, p.s.ID, command, o)
}
