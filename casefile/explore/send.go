package explore

import (
	"cmp"
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
)

// The moves of a warning: drafts, approvals, releases, deliveries, answers.

func (g *gen) drafts() {
	b := g.w.Bounds
	first, following := 0, 0
	for _, w := range g.s.Warnings {
		if w.Draft.Message == tocsin.Alert {
			first++
		} else {
			following++
		}
		if w.Clearance == nil && w.Draft.Version < b.Versions {
			d := w.Draft
			d.Version++
			if t, ok := g.s.Pack(d.Pack.Name); ok {
				d.Pack = t.Pack
			}
			g.author(d, "rewrites "+string(w.ID))
		}
		if w.Clearance == nil && g.full {
			g.author(w.Draft, "drafts the same version again of "+string(w.ID))
		}
	}
	if first < b.Alerts {
		for _, about := range g.audiences() {
			d := g.draft(tocsin.Alert, "", about, g.w.Recipients)
			g.author(d, "drafts a warning about "+names(about))
			for _, k := range b.Kinds {
				d.Kind = k
				g.author(d, "drafts a warning of kind "+string(k)+" about "+names(about))
			}
			for _, t := range g.s.Further {
				d.Pack = t.Pack
				g.author(d, "drafts under "+t.Pack.Name+" a warning about "+names(about))
			}
		}
	}
	if b.Alerts == 0 && !g.full {
		return
	}
	for _, w := range g.s.Warnings {
		if w.Draft.Message != tocsin.Alert || following >= b.Following {
			continue
		}
		kinds := b.Messages
		if len(kinds) == 0 || g.full {
			kinds = []tocsin.MessageType{tocsin.Update, tocsin.Cancel, tocsin.AllClear}
		}
		for _, m := range kinds {
			g.author(g.draft(m, w.ID, w.Draft.Victims, g.w.Recipients), "drafts "+string(m)+" to "+string(w.ID))
			if g.full || b.Narrow {
				g.author(g.draft(m, w.ID, w.Draft.Victims, g.w.Recipients[:1]), "drafts for some recipients only "+string(m)+" to "+string(w.ID))
			}
			if clean := g.clean(); len(clean) > 0 && len(clean) < len(g.w.Recipients) {
				g.author(g.draft(m, w.ID, w.Draft.Victims, clean), "drafts without the actor's people "+string(m)+" to "+string(w.ID))
			}
		}
	}
}

// clean lists the recipients that do not belong to the threat actor.
func (g *gen) clean() []tocsin.Recipient {
	var out []tocsin.Recipient
	for _, r := range g.w.Recipients {
		if r.RouteTouches(g.s.Threat.ActorGroups) == "" {
			out = append(out, r)
		}
	}
	return out
}

// audiences lists whom a first warning may be about: everybody, and, under
// Bounds.Partial, each victim alone.
func (g *gen) audiences() [][]tocsin.VictimID {
	var all []tocsin.VictimID
	var out [][]tocsin.VictimID
	for _, v := range g.s.Victims {
		all = append(all, v.ID)
		if g.w.Bounds.Partial && len(g.s.Victims) > 1 {
			out = append(out, []tocsin.VictimID{v.ID})
		}
	}
	if len(all) > 0 {
		out = append(out, all)
	}
	return out
}

func names(ids []tocsin.VictimID) string {
	s := ""
	for i, v := range ids {
		if i > 0 {
			s += " and "
		}
		s += string(v)
	}
	return s
}

func (g *gen) draft(m tocsin.MessageType, refers tocsin.WarningID, about []tocsin.VictimID, to []tocsin.Recipient) tocsin.Draft {
	return tocsin.Draft{Warning: g.s.NextWarning(), Version: 1, Case: g.s.ID, Kind: tocsin.VictimWarning, Message: m, Refers: refers,
		Victims: about, Window: tocsin.Window{Latest: far}, Texts: []tocsin.Text{{Language: "en", Subject: "exercise", Body: "exercise"}},
		Recipients: to, Pack: g.s.Terms.Pack}
}

// author gives a draft to one of each class of writers: who wrote it decides who
// may approve it.
func (g *gen) author(d tocsin.Draft, words string) {
	writers := g.w.classes(tocsin.MayDraft, g.w.wording)
	if !g.w.Bounds.Writers {
		writers = writers[:min(1, len(writers))]
	}
	if g.full {
		writers = g.w.all
	}
	for _, a := range writers {
		mine := d
		mine.Authors = append(slices.Clone(d.Authors), g.w.Cast[a].ID)
		g.out = append(g.out, move{actor: a, at: g.s.Now, command: casefile.DraftWarning{Draft: mine}, words: words})
	}
}

func (g *gen) wording(w casefile.Warning) {
	t := string(w.ID)
	if w.Clearance != nil && !g.full {
		return
	}
	var may []int
	for _, a := range g.w.all {
		if g.w.wording&(1<<a) != 0 {
			may = append(may, a)
		}
	}
	if !g.w.Bounds.Writers {
		may = may[len(may)-1:] // not the one writer
	}
	g.by(may, t, "approves the wording of", casefile.ApproveWarning{Warning: w.ID, Digest: w.Digest})
	g.one(tocsin.MayApproveWording, t, "sends back", casefile.ReturnWarning{Warning: w.ID, Reason: "exercise"})
	if g.full {
		g.wrong(t, "approves other words of", casefile.ApproveWarning{Warning: w.ID, Digest: tocsin.DigestOf(nil)})
	}
}

func (g *gen) release(w casefile.Warning) {
	t := string(w.ID)
	if w.Live() {
		g.one(tocsin.MayRelease, t, "extends the window of", casefile.ExtendWindow{Warning: w.ID, Until: w.Until.AddDate(1, 0, 0), Reason: "exercise"})
	}
	if w.Clearance != nil && !g.full {
		return
	}
	who := g.w.holders[tocsin.MayRelease]
	if g.full {
		who = g.w.all
	} else if len(who) > 1 {
		who = who[:1]
	}
	for _, a := range who {
		c := tocsin.Clearance{Warning: w.ID, Version: w.Draft.Version, Digest: w.Digest, Pack: w.Draft.Pack, At: g.s.Now, Expires: far,
			Released: g.w.Cast[a].ID, Exigent: g.s.Exigent != nil}
		g.clearance(a, w, "releases", c)
		if g.full {
			other, over := c, c
			other.Digest, over.Expires = tocsin.DigestOf(nil), g.s.Now
			g.clearance(a, w, "releases with a clearance for other words", other)
			g.clearance(a, w, "releases with a clearance that has ended", over)
		}
	}
	if g.w.Bounds.Guard || g.full {
		g.asked(w)
	}
	g.one(tocsin.MayRelease, t, "is stopped by the guard in releasing", casefile.ReleaseWarning{Warning: w.ID,
		Findings: []tocsin.GuardFinding{{Check: "term", Blocks: true, What: "exercise"}}})
}

// questions are what the guard asks under Bounds.Guard.
var questions = []string{"question", "another"}

// asking are the guard's questions, with whoever has answered them.
func asking(w casefile.Warning) []tocsin.GuardFinding {
	var out []tocsin.GuardFinding
	for _, q := range questions {
		f := tocsin.GuardFinding{Check: "rare", Level: tocsin.GuardAsk, ID: q, What: "exercise"}
		for _, a := range w.Answers {
			if a.Finding == q {
				f.AnsweredBy = a.By
			}
		}
		out = append(out, f)
	}
	return out
}

// asked lets the guard ask, people answer one question or all that are open, and a
// release rest on the answers.
func (g *gen) asked(w casefile.Warning) {
	t := string(w.ID)
	releasers := g.w.holders[tocsin.MayRelease]
	all := asking(w)
	g.one(tocsin.MayRelease, t, "is asked by the guard in releasing", casefile.ReleaseWarning{Warning: w.ID, Findings: all})
	var open []casefile.Reply
	for _, f := range all {
		if f.AnsweredBy == "" {
			open = append(open, casefile.Reply{Finding: f.ID, Words: "exercise"})
		}
	}
	if len(open) == 0 {
		open = []casefile.Reply{{Finding: questions[0], Words: "exercise"}} // which is refused
	}
	g.by(releasers, t, "answers one question of the guard", casefile.AnswerFinding{Warning: w.ID, Finding: open[0].Finding, Words: open[0].Words})
	if len(open) > 1 || g.full {
		g.by(releasers, t, "answers all questions of the guard in one act", casefile.AnswerFinding{Warning: w.ID, Answers: open})
	}
	who := g.w.Cast[releasers[0]]
	for i := range all {
		all[i].AnsweredBy = cmp.Or(all[i].AnsweredBy, who.ID) // a release that rests on an answer nobody gave is refused
	}
	c := tocsin.Clearance{Warning: w.ID, Version: w.Draft.Version, Digest: w.Digest, Pack: w.Draft.Pack, At: g.s.Now, Expires: far, Released: who.ID,
		Exigent: g.s.Exigent != nil, Cautions: all}
	g.clearance(releasers[0], w, "releases, with the guard's questions answered,", c)
}

func (g *gen) tearlines() {
	if !g.w.Bounds.Guard {
		return
	}
	for _, r := range g.s.Reports[:1] {
		t := string(r.ID)
		g.by(g.w.classes(tocsin.MayDraft, g.w.clearers), t, "writes the tearline of", casefile.WriteTearline{Report: r.ID, Words: "exercise"})
		g.by(g.w.holders[tocsin.MayAskConsent], t, "clears the tearline of", casefile.ClearTearline{Report: r.ID, Digest: tocsin.DigestOf([]byte("exercise"))})
	}
}

func (g *gen) clearance(actor int, w casefile.Warning, words string, c tocsin.Clearance) {
	g.out = append(g.out, move{actor: actor, at: g.s.Now, target: string(w.ID), words: words,
		command: casefile.ReleaseWarning{Warning: w.ID, Clearance: &c, ReverseTest: "exercise"}})
}

func (g *gen) sending(d casefile.Delivery) {
	when := d.NotBefore
	if d.State == casefile.Started {
		when = d.Lease
	}
	if when.Before(g.s.Now) {
		when = g.s.Now
	}
	open := d.State == casefile.Planned || d.State == casefile.Uncertain || d.State == casefile.Started
	if open || g.full {
		g.machine(when, "", "starts to send to "+d.Addressee, casefile.StartDeliveries{Keys: []tocsin.DeliveryKey{d.Key}, Worker: "worker", Lease: when.Add(time.Minute)})
	}
	if d.FirstTry.IsZero() && !g.full {
		return
	}
	state := string(casefile.Sent)
	if d.Channel == "in_person" {
		state = string(casefile.Assigned)
	}
	try := casefile.RecordAttempt{Key: d.Key, Attempt: d.Attempt}
	took, failed := try, try
	took.Receipt = &tocsin.Receipt{State: state, At: g.s.Now, Channel: d.Channel}
	g.machine(g.s.Now, "", "records a receipt ("+state+") from "+d.Addressee, took)
	for _, class := range []string{"temporary", "permanent", "uncertain"} {
		if d.State == casefile.Started || g.full {
			failed.Class = class
			g.machine(g.s.Now, "", "records a failure ("+class+") at "+d.Addressee, failed)
		}
	}
	if g.full {
		took.Receipt = &tocsin.Receipt{State: string(casefile.Delivered), At: g.s.Now, Channel: d.Channel}
		g.machine(g.s.Now, "", "records a receipt (delivered) from "+d.Addressee, took)
	}
}

// discharge ends, or tries to end, an obligation without an acknowledgement.
func (g *gen) discharge(v casefile.Victim) {
	if len(g.s.Deliveries) > 0 || g.full {
		g.one(tocsin.MayClose, string(v.ID), "discharges, delivered and unacknowledged, the duty towards", casefile.Discharge{Victim: v.ID, Reason: "exercise"})
	}
}

func (g *gen) answers(d casefile.Delivery) {
	if d.FirstTry.IsZero() && !g.full {
		return
	}
	if g.w.Bounds.Silent && !g.full {
		return
	}
	t := string(d.Key)
	system := slices.IndexFunc(g.w.Cast, func(a tocsin.Actor) bool { return a.Recipient == d.Recipient })
	for _, k := range []tocsin.AckKind{tocsin.AckReceived, tocsin.AckActing, tocsin.AckRefused, tocsin.WillAnswerLater} {
		g.by([]int{system}, t, "answers ("+string(k)+") for "+d.Addressee+" to", casefile.Acknowledge{Key: d.Key, Answer: k, Person: "Duty Desk"})
	}
	if !g.w.Bounds.Manual && !g.full {
		return
	}
	g.one(tocsin.MayDeliver, t, "records how it is known that it arrived:", casefile.ConfirmDelivery{Key: d.Key, How: "exercise"})
	sv := tocsin.Service{Person: "exercise", Place: "exercise", At: g.s.Now}
	signed, refused := sv, sv
	signed.Signed, refused.RefusedSign = true, true
	g.one(tocsin.MayDeliver, t, "serves in person, signed:", casefile.RecordService{Key: d.Key, Service: signed})
	g.one(tocsin.MayDeliver, t, "serves in person, refused to sign:", casefile.RecordService{Key: d.Key, Service: refused})
	g.one(tocsin.MayDeliver, t, "finds nobody:", casefile.RecordNotFound{Key: d.Key, Reason: "exercise"})
	g.one(tocsin.MayDeliver, t, "finds nobody and gives up:", casefile.RecordNotFound{Key: d.Key, Reason: "exercise", Final: true})
	g.one(tocsin.MayDeliver, t, "records an answer by telephone to", casefile.Acknowledge{Key: d.Key, Answer: tocsin.AckUnderstood, Person: "Duty Desk"})
}
