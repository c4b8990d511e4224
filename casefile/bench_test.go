package casefile_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
)

// midsize is a case as it stands on a busy night: ten reports, four victims of
// whom one is waived and one is not determined, a warning that is out over two
// ladders, and a draft of a second.
type midsize struct {
	b   *testing.B
	s   casefile.State
	now time.Time
}

func (c *midsize) do(by tocsin.Actor, cmd casefile.Command) {
	c.b.Helper()
	c.now = c.now.Add(time.Second)
	events, err := casefile.Decide(c.s, casefile.Meta{At: c.now, By: by}, cmd)
	if err != nil {
		c.b.Fatalf("%s: %v", cmd.Kind(), err)
	}
	for _, e := range events {
		c.s = casefile.Apply(c.s, e)
	}
}

func role(r tocsin.Role) tocsin.Actor {
	return tocsin.Actor{ID: tocsin.ActorID(r), Roles: []tocsin.Role{r}}
}

func busyNight(b *testing.B) *midsize {
	c := &midsize{b: b, now: casefiletest.Start}
	analyst, senior, machine := role(tocsin.Analyst), role(tocsin.SeniorOfficer), role(tocsin.Machine)
	terms := casefiletest.Terms()
	var reports []casefile.Report
	for i := range 10 {
		reports = append(reports, casefile.Report{ID: tocsin.ReportID(fmt.Sprintf("r%d", i)), Origin: fmt.Sprintf("origin-%d", i), FirstKnown: c.now, Entered: c.now})
	}
	c.do(analyst, casefile.OpenCase{Case: "case", Title: "Busy night", Terms: terms, Reports: reports})
	c.do(analyst, casefile.StateThreat{Threat: tocsin.Threat{Harm: tocsin.Killing, Place: tocsin.Claim{Text: "Kerman"}, ActorGroups: []string{"actor"}}})
	for i := range 4 {
		v := tocsin.VictimID(fmt.Sprintf("v%d", i))
		c.do(analyst, casefile.AddVictim{Victim: tocsin.Victim{ID: v, Kind: tocsin.Class, Name: "Class " + string(v), Identity: tocsin.ClassOnly}})
		if i == 3 {
			break
		}
		found := benchFindings(terms)
		c.do(analyst, casefile.RecordFindings{Victim: v, Findings: found})
		c.do(machine, casefile.Determine{Determination: tocsin.Determination{Victim: v, Pack: terms.Pack, Result: tocsin.ResultOwed, Rests: found}})
	}
	c.do(analyst, c.waiver("v2"))
	c.do(senior, casefile.DecideWaiver{Victim: "v2", Approve: true, Reason: "it fits"})
	c.draft("v0", "v1")
	c.do(role(tocsin.ReleaseOfficer), casefile.ApproveWarning{Warning: "w1", Digest: c.s.Warnings[0].Digest})
	c.do(senior, casefile.ReleaseWarning{Warning: "w1", Clearance: c.clearance("w1", senior)})
	c.do(machine, casefile.StartDeliveries{Keys: []tocsin.DeliveryKey{c.s.Deliveries[0].Key}, Worker: "w", Lease: c.now.Add(time.Hour)})
	c.do(machine, casefile.RecordAttempt{Key: c.s.Deliveries[0].Key, Attempt: 1, Receipt: &tocsin.Receipt{State: "sent"}})
	c.draft("v0", "v1", "v3")
	return c
}

func benchFindings(t tocsin.Terms) []tocsin.Finding {
	var out []tocsin.Finding
	for _, e := range t.Elements {
		out = append(out, tocsin.Finding{Element: e, Value: tocsin.Met, Reason: "seen"})
	}
	return out
}

func (c *midsize) waiver(v tocsin.VictimID) casefile.ProposeWaiver {
	return casefile.ProposeWaiver{Victim: v, Ground: "c", Evidence: map[string]string{"basis": "known", "this_person": "yes"}, Alternatives: "tried", Reason: "it fits"}
}

func (c *midsize) next(victims ...tocsin.VictimID) tocsin.Draft {
	return tocsin.Draft{Warning: c.s.NextWarning(), Version: 1, Case: c.s.ID, Kind: tocsin.GovernmentWarning, Message: tocsin.Alert, Victims: victims,
		Window: tocsin.Window{Latest: c.now.Add(48 * time.Hour)}, Texts: []tocsin.Text{{Language: "en", Subject: "Warning", Body: "An attack is planned."}},
		Recipients: []tocsin.Recipient{casefiletest.Desk(), casefiletest.Guard()}, Pack: c.s.Terms.Pack, Authors: []tocsin.ActorID{"analyst"}}
}

func (c *midsize) draft(victims ...tocsin.VictimID) {
	c.do(role(tocsin.Analyst), casefile.DraftWarning{Draft: c.next(victims...)})
}

func (c *midsize) clearance(id tocsin.WarningID, by tocsin.Actor) *tocsin.Clearance {
	w, _ := c.s.Warning(id)
	return &tocsin.Clearance{Warning: id, Version: w.Draft.Version, Digest: w.Digest, Pack: c.s.Terms.Pack, At: c.now, Expires: c.now.Add(24 * time.Hour), Released: by.ID}
}

var (
	keptState  casefile.State
	keptEvents []casefile.Event
)

// BenchmarkCommand gives one command after another to the same mid-size case, from
// the decision to the state that follows. Its limit is copying the state's struct
// and nothing else, measured in the same run.
func BenchmarkCommand(b *testing.B) {
	c := busyNight(b)
	key, machine := c.s.Deliveries[0].Key, role(tocsin.Machine)
	late := c.now.Add(5 * time.Hour)
	for _, x := range []struct {
		by  tocsin.Actor
		at  time.Time
		cmd casefile.Command
	}{
		{role(tocsin.Analyst), c.now, casefile.AttachReport{Report: casefile.Report{ID: "new", FirstKnown: c.now, Entered: c.now}}},
		{role(tocsin.Analyst), c.now, casefile.RecordFindings{Victim: "v3", Findings: benchFindings(c.s.Terms)}},
		{role(tocsin.SeniorOfficer), c.now, casefile.AffirmDetermination{Victim: "v0"}},
		{role(tocsin.Analyst), c.now, c.waiver("v1")},
		{role(tocsin.Analyst), c.now, casefile.DraftWarning{Draft: c.next("v0")}},
		{role(tocsin.ReleaseOfficer), c.now, casefile.ApproveWarning{Warning: "w2", Digest: c.s.Warnings[1].Digest}},
		{machine, c.now, casefile.StartDeliveries{Keys: []tocsin.DeliveryKey{c.s.Deliveries[1].Key}, Worker: "w", Lease: late}},
		{role(tocsin.Deliverer), c.now, casefile.Acknowledge{Key: key, Answer: tocsin.AckReceived, Person: "Duty desk"}},
		{role(tocsin.Reviewer), c.now, casefile.Review{Note: "looked at"}},
		{machine, late, casefile.Tick{}},
	} {
		b.Run(x.cmd.Kind(), func(b *testing.B) {
			m := casefile.Meta{At: x.at, By: x.by}
			b.ReportAllocs()
			for b.Loop() {
				events, err := casefile.Decide(c.s, m, x.cmd)
				if err != nil {
					b.Fatal(err)
				}
				s := c.s
				for _, e := range events {
					s = casefile.Apply(s, e)
				}
				keptState, keptEvents = s, events
			}
			against(b, func() { keptState = c.s })
		})
	}
}

// BenchmarkAsk asks of the same case what an engine and a screen ask all the time.
func BenchmarkAsk(b *testing.B) {
	c := busyNight(b)
	for _, x := range []struct {
		name string
		ask  func()
	}{
		{"owed", func() { casefile.Owed(c.s) }},
		{"clocks", func() { casefile.Clocks(c.s) }},
		{"next_due", func() { casefile.NextDue(c.s) }},
		{"allowed", func() { casefile.Allowed(c.s, role(tocsin.SeniorOfficer)) }},
	} {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x.ask()
			}
			against(b, func() { keptState = c.s })
		})
	}
}

// against reports how many times the limit an operation took.
func against(b *testing.B, limit func()) {
	b.Helper()
	took := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	const n = 20_000
	least := math.Inf(1)
	for range 5 { // the best of five: the limit must not look slow because somebody else was busy
		from := time.Now()
		for range n {
			limit()
		}
		least = min(least, float64(time.Since(from).Nanoseconds())/n)
	}
	b.ReportMetric(least, "limit-ns")
	b.ReportMetric(took/least, "x-limit")
}
