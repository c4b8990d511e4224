package casefile_test

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
	"tocsin/packs"
	"tocsin/policy"
)

// The people of the watch floor in these tests.
var (
	ivo     = officer("ivo", tocsin.IntakeOfficer)
	ana     = officer("ana", tocsin.Analyst)
	bea     = officer("bea", tocsin.Analyst)
	dina    = officer("dina", tocsin.DutyOfficer)
	dov     = officer("dov", tocsin.DutyOfficer)
	sara    = officer("sara", tocsin.SeniorOfficer)
	selma   = officer("selma", tocsin.SeniorOfficer)
	lia     = officer("lia", tocsin.OriginatorLiaison)
	rolf    = officer("rolf", tocsin.ReleaseOfficer)
	del     = officer("del", tocsin.Deliverer)
	rex     = officer("rex", tocsin.Reviewer)
	ines    = officer("ines", tocsin.Inspector)
	adam    = officer("adam", tocsin.Administrator)
	rae     = officer("rae", tocsin.Reporter)
	machine = officer("tocsin", tocsin.Machine)
	ours    = tocsin.Actor{ID: "desk-system", Roles: []tocsin.Role{tocsin.RecipientRole}, Recipient: "desk"}
	theirs  = tocsin.Actor{ID: "other-system", Roles: []tocsin.Role{tocsin.RecipientRole}, Recipient: "elsewhere"}
)

func everybody() []tocsin.Actor {
	return []tocsin.Actor{ivo, ana, bea, dina, dov, sara, selma, lia, rolf, del, rex, ines, adam, rae, machine, ours, theirs}
}

func officer(id tocsin.ActorID, r tocsin.Role) tocsin.Actor {
	return tocsin.Actor{ID: id, Roles: []tocsin.Role{r}}
}

// values of findings, short enough for a table.
const (
	yes   = tocsin.Met
	maybe = tocsin.Doubtful
	no    = tocsin.NotMet
	blank = tocsin.Unknown
)

var icd191 = sync.OnceValues(func() (*policy.Pack, error) { return policy.Load(packs.FS(), "icd-191") })

func pack(t *testing.T) *policy.Pack {
	t.Helper()
	p, err := icd191()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// watch is one case in the hands of a test: it keeps the clock, gives commands,
// and holds every state that it passes through against what must always be true.
type watch struct {
	t   *testing.T
	s   casefile.State
	now time.Time
}

// floor is a watch on which no case has been opened yet.
func floor(t *testing.T) *watch { return &watch{t: t, now: casefiletest.Start} }

// begin opens the case that most tests work with: one report, a killing by ISIS-K
// at a time that nobody knows, owned by the analyst ana.
func begin(t *testing.T) *watch {
	t.Helper()
	return beginWith(t, pack(t).Terms(), casefile.Report{ID: "r1", Origin: "kestrel", FirstKnown: casefiletest.Start, Entered: casefiletest.Start})
}

func beginWith(t *testing.T, terms tocsin.Terms, reports ...casefile.Report) *watch {
	t.Helper()
	w := floor(t)
	w.do(ana, casefile.OpenCase{Case: "c1", Title: "Ceremony in Kerman", Terms: terms, Reports: reports})
	w.do(ana, casefile.StateThreat{Threat: threat(time.Time{})})
	return w
}

// controlled opens a case on a report that its originator controls.
func controlled(t *testing.T) *watch {
	t.Helper()
	return beginWith(t, pack(t).Terms(), casefile.Report{ID: "r1", Origin: "kestrel", Originator: "Partner service", Controlled: true, FirstKnown: casefiletest.Start})
}

func threat(attack time.Time) tocsin.Threat {
	return tocsin.Threat{Actor: tocsin.Claim{Text: "ISIS-K"}, ActorGroups: []string{"ISIS-K", "front-company"}, Harm: tocsin.Killing,
		Place: tocsin.Claim{Text: "Kerman"}, Window: tocsin.Window{Earliest: attack}}
}

// owed opens the case and brings each victim to "a warning is owed".
func owed(t *testing.T, victims ...tocsin.VictimID) *watch {
	t.Helper()
	w := begin(t)
	w.owes(victims...)
	return w
}

func (w *watch) owes(victims ...tocsin.VictimID) {
	w.t.Helper()
	for _, v := range victims {
		w.victim(v)
		w.grade(v, yes, yes, yes, yes, yes)
		w.disposition(v, casefile.ObligationOwed)
	}
}

// notOwed opens the case with one victim on whom the policy says "not owed".
func notOwed(t *testing.T) *watch {
	t.Helper()
	w := begin(t)
	w.victim("v1")
	w.grade("v1", no, yes, yes, yes, yes)
	return w
}

func (w *watch) meta(by tocsin.Actor) casefile.Meta { return casefile.Meta{At: w.now, By: by} }

// do gives a command that must be accepted.
func (w *watch) do(by tocsin.Actor, c casefile.Command) []casefile.Event {
	w.t.Helper()
	got, err := casefile.Decide(w.s, w.meta(by), c)
	if err != nil {
		w.t.Fatalf("%s by %s: %v", c.Kind(), by.ID, err)
	}
	for _, e := range got {
		if !e.Stamp().At.Equal(w.now) || e.Stamp().By != by.ID {
			w.t.Fatalf("%s is stamped %v by %s", e.Kind(), e.Stamp().At, e.Stamp().By)
		}
		w.s = casefile.Apply(w.s, reread(w.t, e))
	}
	w.sound()
	return got
}

// reread writes e and reads it again, as a ledger does.
func reread(t *testing.T, e casefile.Event) casefile.Event {
	t.Helper()
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	back, err := casefile.DecodeEvent(e.Kind(), b)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// refused gives a command that must be refused with this code, in a way that
// somebody at three in the morning can use.
func (w *watch) refused(by tocsin.Actor, c casefile.Command, kind tocsin.Kind, code string) *tocsin.Error {
	w.t.Helper()
	before := w.s.Version
	events, err := casefile.Decide(w.s, w.meta(by), c)
	if err == nil {
		w.t.Fatalf("%s by %s was accepted: %v", c.Kind(), by.ID, kinds(events))
	}
	e := humane(w.t, err)
	if e.Code != code || e.Kind != kind {
		w.t.Fatalf("%s by %s was refused as %s %q (%s), not as %s %q", c.Kind(), by.ID, e.Kind, e.Code, e.What, kind, code)
	}
	if len(events) > 0 || w.s.Version != before {
		w.t.Fatalf("%s was refused and still something happened", c.Kind())
	}
	return e
}

// humane demands of a refusal that it says what happened and what to do.
func humane(t *testing.T, err error) *tocsin.Error {
	t.Helper()
	var e *tocsin.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is not meant for a person", err)
	}
	if e.Code == "" || e.What == "" || e.Do == "" || tocsin.KindOf(err) != e.Kind {
		t.Fatalf("a refusal lacks its code, what happened or what to do: %+v", *e)
	}
	return e
}

// sound holds a state against what must be true of every state.
func (w *watch) sound() {
	w.t.Helper()
	if w.s.Owner == "" {
		w.t.Fatal("nobody owns the case")
	}
	if w.s.Closed {
		return
	}
	if len(casefile.Outstanding(w.s)) == 0 || casefile.Owed(w.s).Kind == "nothing" {
		w.t.Fatal("an open case owes nothing")
	}
	for _, st := range casefile.Outstanding(w.s) {
		if st.Kind == "" || st.Why == "" || st.Machine != (st.Power == "") {
			w.t.Fatalf("a step says too little: %+v", st)
		}
	}
	clocks := casefile.Clocks(w.s)
	for _, v := range w.s.Victims {
		if !v.Disposition.Ended() && !slices.ContainsFunc(clocks, func(c casefile.Clock) bool { return w.speaksFor(c, v) }) {
			w.t.Fatalf("no clock runs for %s, which is %s", v.ID, v.Disposition)
		}
	}
	if _, ok := casefile.NextDue(w.s); !ok {
		w.t.Fatal("an open case has nothing due")
	}
}

func (w *watch) speaksFor(c casefile.Clock, v casefile.Victim) bool {
	if c.Target == string(v.ID) {
		return true
	}
	d, ok := w.s.Delivery(tocsin.DeliveryKey(c.Target))
	if !ok {
		return false
	}
	warning, _ := w.s.Warning(d.Warning)
	return slices.Contains(warning.Draft.Victims, v.ID)
}

// wait lets time pass; pass lets the machine notice it too.
func (w *watch) wait(d time.Duration) { w.now = w.now.Add(d) }

func (w *watch) pass(d time.Duration) []casefile.Event {
	w.t.Helper()
	w.wait(d)
	return w.do(machine, casefile.Tick{})
}

func (w *watch) victim(id tocsin.VictimID) {
	w.t.Helper()
	w.do(ana, casefile.AddVictim{Victim: tocsin.Victim{ID: id, Kind: tocsin.Class, Name: "Attendees " + string(id), Identity: tocsin.ClassOnly}})
}

// grade records a finding on every element and asks the policy.
func (w *watch) grade(v tocsin.VictimID, values ...tocsin.FindingValue) []casefile.Event {
	w.t.Helper()
	w.do(ana, casefile.RecordFindings{Victim: v, Findings: findings(w.t, values...)})
	return w.determine(v)
}

func (w *watch) determine(v tocsin.VictimID) []casefile.Event {
	w.t.Helper()
	return w.do(machine, casefile.Determine{Determination: w.policy(v)})
}

func (w *watch) policy(v tocsin.VictimID) tocsin.Determination {
	return pack(w.t).Determine(v, w.s.Threat.Harm, w.v(v).Findings)
}

func findings(t *testing.T, values ...tocsin.FindingValue) []tocsin.Finding {
	t.Helper()
	elements := pack(t).Terms().Elements
	if len(values) != len(elements) {
		t.Fatalf("%d findings for %d elements", len(values), len(elements))
	}
	var out []tocsin.Finding
	for i, v := range values {
		f := tocsin.Finding{Element: elements[i], Value: v}
		if v != tocsin.Unknown {
			f.Reason = "seen in the report"
		}
		out = append(out, f)
	}
	return out
}

func (w *watch) v(id tocsin.VictimID) casefile.Victim {
	w.t.Helper()
	v, ok := w.s.Victim(id)
	if !ok {
		w.t.Fatalf("no victim %s", id)
	}
	return v
}

func (w *watch) disposition(id tocsin.VictimID, want casefile.Disposition) {
	w.t.Helper()
	if got := w.v(id).Disposition; got != want {
		w.t.Fatalf("the obligation towards %s is %s, not %s", id, got, want)
	}
}

// draft makes the words of the next new warning for victims and recipients.
func (w *watch) draft(by tocsin.Actor, victims []tocsin.VictimID, to ...tocsin.Recipient) tocsin.Draft {
	return tocsin.Draft{Warning: w.s.NextWarning(), Version: 1, Case: w.s.ID, Kind: tocsin.GovernmentWarning, Message: tocsin.Alert, Victims: victims,
		Window: tocsin.Window{Earliest: w.now, Latest: w.now.Add(48 * time.Hour)}, Pack: w.s.Terms.Pack, Authors: []tocsin.ActorID{by.ID},
		Reference: "T-1", Recipients: to,
		Texts: []tocsin.Text{{Language: "en", Subject: "A warning", Body: "An attack on the ceremony is planned."}, {Language: "fa", Subject: "هشدار", Body: "حمله"}}}
}

func about(v ...tocsin.VictimID) []tocsin.VictimID { return v }

// drafted records a draft by ana and returns its id.
func (w *watch) drafted(victims []tocsin.VictimID, to ...tocsin.Recipient) tocsin.WarningID {
	w.t.Helper()
	d := w.draft(ana, victims, to...)
	w.do(ana, casefile.DraftWarning{Draft: d})
	return d.Warning
}

// follow drafts, approves and releases a message that refers to an earlier one.
func (w *watch) follow(m tocsin.MessageType, first tocsin.WarningID, victims []tocsin.VictimID, to ...tocsin.Recipient) tocsin.WarningID {
	w.t.Helper()
	d := w.draft(ana, victims, to...)
	d.Message, d.Refers = m, first
	w.do(ana, casefile.DraftWarning{Draft: d})
	w.release(d.Warning)
	return d.Warning
}

func (w *watch) approve(by tocsin.Actor, id tocsin.WarningID) {
	w.t.Helper()
	w.do(by, casefile.ApproveWarning{Warning: id, Digest: w.warning(id).Digest})
}

// release has rolf approve and dina release.
func (w *watch) release(id tocsin.WarningID) []casefile.Event {
	w.t.Helper()
	w.approve(rolf, id)
	return w.do(dina, casefile.ReleaseWarning{Warning: id, Clearance: w.clearance(dina, id)})
}

// out drafts, approves and releases a warning.
func (w *watch) out(victims []tocsin.VictimID, to ...tocsin.Recipient) tocsin.WarningID {
	w.t.Helper()
	id := w.drafted(victims, to...)
	w.release(id)
	return id
}

// clearance is the guard's yes to the newest version.
func (w *watch) clearance(by tocsin.Actor, id tocsin.WarningID) *tocsin.Clearance {
	x := w.warning(id)
	return &tocsin.Clearance{Warning: id, Version: x.Draft.Version, Digest: x.Digest, Pack: w.s.Terms.Pack, At: w.now,
		Expires: w.now.Add(w.s.Terms.Clocks[tocsin.ClockClearanceValid].After.D()), Released: by.ID, Exigent: w.s.Exigent != nil}
}

func (w *watch) warning(id tocsin.WarningID) casefile.Warning {
	w.t.Helper()
	x, ok := w.s.Warning(id)
	if !ok {
		w.t.Fatalf("no warning %s", id)
	}
	return x
}

// key is the delivery of a warning to a recipient over a rung.
func (w *watch) key(id tocsin.WarningID, to tocsin.RecipientID, rung int) tocsin.DeliveryKey {
	return casefile.Key(w.s.ID, id, w.warning(id).Draft.Version, to, rung)
}

func (w *watch) delivery(k tocsin.DeliveryKey) casefile.Delivery {
	w.t.Helper()
	d, ok := w.s.Delivery(k)
	if !ok {
		w.t.Fatalf("no delivery %s", k)
	}
	return d
}

func (w *watch) state(k tocsin.DeliveryKey, want casefile.DeliveryState) {
	w.t.Helper()
	if got := w.delivery(k).State; got != want {
		w.t.Fatalf("delivery over %s is %s, not %s", w.delivery(k).Channel, got, want)
	}
}

const lease = 2 * time.Minute

func (w *watch) starting(keys ...tocsin.DeliveryKey) casefile.StartDeliveries {
	return casefile.StartDeliveries{Keys: keys, Worker: "worker-1", Lease: w.now.Add(lease)}
}

func (w *watch) start(k tocsin.DeliveryKey) {
	w.t.Helper()
	w.do(machine, w.starting(k))
}

// receipt starts a delivery and records that the channel took it.
func (w *watch) receipt(k tocsin.DeliveryKey, state casefile.DeliveryState) []casefile.Event {
	w.t.Helper()
	w.start(k)
	return w.do(machine, casefile.RecordAttempt{Key: k, Attempt: w.delivery(k).Attempt, Receipt: taken(state)})
}

func taken(state casefile.DeliveryState) *tocsin.Receipt {
	return &tocsin.Receipt{State: string(state), Detail: "250 taken"}
}

// fails records that the running attempt failed.
func (w *watch) fails(k tocsin.DeliveryKey, class string, retry time.Duration) []casefile.Event {
	w.t.Helper()
	return w.do(machine, casefile.RecordAttempt{Key: k, Attempt: w.delivery(k).Attempt, Class: class, Detail: "451 later", Retry: tocsin.Duration(retry)})
}

// waive has ana propose a waiver on a ground, and sara approve it.
func (w *watch) waive(v tocsin.VictimID, ground string) {
	w.t.Helper()
	w.do(ana, waiver(w.s, v, ground))
	w.do(sara, casefile.DecideWaiver{Victim: v, Approve: true, Reason: "the ground fits"})
	w.disposition(v, casefile.ObligationWaived)
}

// waiver is a complete proposal on a ground of the pack.
func waiver(s casefile.State, v tocsin.VictimID, ground string) casefile.ProposeWaiver {
	g, _ := s.Terms.Ground(ground)
	evidence := map[string]string{}
	for _, q := range g.Evidence {
		evidence[q.ID] = "yes"
		if g.Excludes[q.ID] == "yes" {
			evidence[q.ID] = "no"
		}
	}
	return casefile.ProposeWaiver{Victim: v, Ground: ground, Evidence: evidence, Alternatives: "A vaguer text was tried and would still name the source.", Reason: "The ground fits."}
}

func (w *watch) handedOver(v tocsin.VictimID) {
	w.t.Helper()
	w.do(dina, casefile.OfferHandover{Victim: v, To: "Police of the place", Reason: "They protect the site."})
	w.do(dina, casefile.AnswerHandover{Victim: v, Accepted: true, Person: "Insp. Ng", Reference: "P-7"})
}

func (w *watch) outcome(what string) {
	w.t.Helper()
	w.do(dina, casefile.RecordOutcome{Outcome: casefile.Outcome{What: what, At: w.now, Note: "as seen"}})
}

// clock finds a running clock.
func (w *watch) clock(name tocsin.ClockName, target string) casefile.Clock {
	w.t.Helper()
	for _, c := range casefile.Clocks(w.s) {
		if c.Name == name && c.Target == target {
			return c
		}
	}
	w.t.Fatalf("no clock %s runs for %q", name, target)
	return casefile.Clock{}
}

func (w *watch) runs(name tocsin.ClockName, target string) bool {
	return slices.ContainsFunc(casefile.Clocks(w.s), func(c casefile.Clock) bool { return c.Name == name && c.Target == target })
}

func (w *watch) step(kind, target string) bool {
	return slices.ContainsFunc(casefile.Outstanding(w.s), func(st casefile.Step) bool { return st.Kind == kind && st.Target == target })
}

func kinds(events []casefile.Event) []string {
	out := []string{}
	for _, e := range events {
		out = append(out, e.Kind())
	}
	return out
}

func want(t *testing.T, got []casefile.Event, kind ...string) {
	t.Helper()
	if !slices.Equal(kinds(got), kind) {
		t.Fatalf("what followed was %v, not %v", kinds(got), kind)
	}
}

func has(events []casefile.Event, kind string) bool { return slices.Contains(kinds(events), kind) }

// one returns the only event of a kind.
func one[E casefile.Event](t *testing.T, events []casefile.Event) E {
	t.Helper()
	var found []E
	for _, e := range events {
		if x, ok := e.(E); ok {
			found = append(found, x)
		}
	}
	if len(found) != 1 {
		var zero E
		t.Fatalf("%d events of kind %s among %v", len(found), zero.Kind(), kinds(events))
	}
	return found[0]
}

func is[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, not %v", what, got, want)
	}
}
