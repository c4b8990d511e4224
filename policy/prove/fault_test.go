package prove_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/explore"
	"tocsin/internal/scenario"
	"tocsin/ledger/memory"
	"tocsin/packs"
	"tocsin/policy"
	"tocsin/policy/prove"
)

type edit struct{ file, old, now string }

// edited is icd-191 with edits. A file of texts is the set's.
func edited(t *testing.T, edits ...edit) fstest.MapFS {
	t.Helper()
	files := copyOf(t, "icd-191")
	for _, e := range edits {
		path := "icd-191/" + e.file
		if _, own := files[path]; !own {
			path = "texts-common/" + e.file
		}
		if strings.Count(files[path], e.old) == 0 {
			t.Fatalf("%s does not hold %q", path, e.old)
		}
		files[path] = strings.Replace(files[path], e.old, e.now, 1)
	}
	out := fstest.MapFS{}
	for path, text := range files {
		out[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// lineOf is the line of text in a file of the edited pack.
func lineOf(t *testing.T, files fstest.MapFS, path, text string) int {
	t.Helper()
	before, _, ok := strings.Cut(string(files[path].Data), text)
	if !ok {
		t.Fatalf("%s does not hold %q", path, text)
	}
	return strings.Count(before, "\n") + 1
}

// A rule for which more support leads to less warning, and the test that a pack needs
// for it.
const (
	backwards = `  - id: backwards
    clause: exercise
    basis: to be confirmed
    because: A fault.
    when: {elements: {credible: [met], directed: [doubtful]}, others: [met]}
    result: not_owed
    route: none
    before: [in-doubt]

  - id: not-impending`
	backwardsTest = `
  - name: backwards
    harm: killing
    findings: {credible: met, specific: met, impending: met, harm: met, directed: doubtful}
    result: not_owed
    rule: backwards
    route: none
`
)

type packFault struct {
	name  string
	edits []edit
	sort  string
	at    edit // file and, in old, text on the line that is named; "" is not checked
	says  string
	test  string // part of the example as a pack test
	play  string // part of how the scenario stops under the faulty pack; "" if there is none; "end" if it plays to its end
}

var packFaults = []packFault{
	{"a rule that others take everything of", []edit{{"pack.yaml", "when: {elements: {specific: [not_met]}}", "when: {elements: {specific: [not_met], harm: [not_met], credible: [met, not_met]}, others: [met, not_met]}"}}, prove.Shadowed,
		edit{"pack.yaml", "- id: not-specific", ""}, "the rule harm-outside-list stands before it and takes all", "rule: not-specific", ""},
	{"a rule that several others take everything of", []edit{{"pack.yaml", "when: {elements: {specific: [not_met]}}", "when: {elements: {credible: [met, not_met], harm: [met, not_met]}, others: [met], any: [not_met]}"}}, prove.DeadRule,
		edit{"pack.yaml", "- id: not-specific", ""}, "earlier rules take each of the 3 combinations", "rule: not-specific", ""},
	{"a rule that fits nothing", []edit{{"pack.yaml", "when: {elements: {specific: [not_met]}}", "when: {elements: {specific: [not_met]}, none: [not_met]}"}}, prove.DeadRule,
		edit{"pack.yaml", "- id: not-specific", ""}, "it fits no combination", "", ""},
	{"combinations without a rule", []edit{{"pack.yaml", "when: {any: [doubtful], none: [not_met, unknown]}", "when: {any: [doubtful], all: [doubtful]}"}}, prove.NoRule,
		edit{"pack.yaml", "- id: harm-outside-list", ""}, "no rule fits when", "findings: {credible: doubtful, specific: met", ""},
	{"an overlap without precedence", []edit{{"pack.yaml", "    before: [not-impending, not-specific, not-directed]\n", ""}}, prove.Overlap,
		edit{"pack.yaml", "- id: harm-outside-list", ""}, "the rules harm-outside-list (not_owed) and not-", "rule: harm-outside-list", "expected v1 to be owed"},
	{"more support, less warning", []edit{{"pack.yaml", "  - id: not-impending", backwards}, {"tests/table.yaml", "tests:\n", "tests:" + backwardsTest}}, prove.NotMonotone,
		edit{"pack.yaml", "- id: backwards", ""}, "by the rule backwards", "rule: backwards", "expected v1 to be owed"},
	{"a missing text", []edit{{"texts/fa/victim.yaml", "cancel:", "cancelled:"}}, prove.NotLoaded, edit{"../texts-common/texts/fa/victim.yaml", "cancelled:", ""}, "there is no key", "", ""},
	{"a waiver that one rank proposes and approves", []edit{{"pack.yaml", "propose_waiver: [analyst, duty_officer, senior_officer]", "propose_waiver: [senior_officer]"}}, prove.NoTeam,
		edit{"pack.yaml", "approve_waiver:", ""}, "both lie with senior_officer", "", "end"},
	{"a power that nobody holds", []edit{{"pack.yaml", "  affirm: [senior_officer]\n", ""}}, prove.NotLoaded, edit{"pack.yaml", "powers:", ""}, `nobody holds the power "affirm"`, "", ""},
	{"a power of the machine", []edit{{"pack.yaml", "  affirm: [senior_officer]", "  affirm: [machine]"}}, prove.NotLoaded, edit{"pack.yaml", "affirm: [machine]", ""}, `"machine" is not one of the words`, "", ""},
	{"a clock of no length", []edit{{"pack.yaml", "transfer: {after: 30m", "transfer: {after: 0s"}}, prove.NotLoaded, edit{"pack.yaml", "transfer: {after", ""}, "a time of nothing", "", ""},
	{"a ground that nobody could prove", []edit{{"pack.yaml", "    validity: 72h\n", "    validity: 0s\n"}}, prove.NotLoaded, edit{"pack.yaml", "validity: 0s", ""}, "a time of nothing", "", ""},
}

func TestAFaultInAPackIsFoundWithItsPlaceAndAnExample(t *testing.T) {
	for _, f := range packFaults {
		t.Run(f.name, func(t *testing.T) {
			files := edited(t, f.edits...)
			r, err := prove.Pack(files, "icd-191", prove.Options{})
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(r.Violations, func(v prove.Violation) bool { return v.Sort == f.sort && strings.Contains(v.What, f.says) })
			if r.Proved || i < 0 {
				t.Fatalf("proved: %t; what was found: %+v", r.Proved, r.Violations)
			}
			v := r.Violations[i]
			fmt.Fprintf(os.Stdout, "planted: %s\n  found: %s, %s:%d: %s\n", f.name, v.Sort, v.File, v.Line, v.What)
			path := "icd-191/" + f.at.file
			if beside, ok := strings.CutPrefix(f.at.file, "../"); ok {
				path = beside
			}
			if want := lineOf(t, files, path, f.at.old); v.File != f.at.file || v.Line != want {
				t.Errorf("told at %s:%d, and it is at %s:%d", v.File, v.Line, f.at.file, want)
			}
			if !strings.Contains(v.Test, f.test) || (f.test == "") != (v.Test == "") {
				t.Errorf("the example as a pack test:\n%s", v.Test)
			}
			if (f.play == "") != (v.Scenario == "") {
				t.Fatalf("the example as a scenario:\n%s", v.Scenario)
			}
			if f.play != "" {
				stops(t, v.Scenario, files, f.play)
			}
		})
	}
}

// stops plays an example under the faulty pack and under the one that ships.
func stops(t *testing.T, text string, faulty fstest.MapFS, how string) {
	t.Helper()
	err := play(t, text, faulty)
	if how == "end" {
		if err != nil {
			t.Errorf("the example does not play: %v\n%s", err, text)
		}
		return
	}
	var step *scenario.StepError
	if !errors.As(err, &step) || !strings.Contains(err.Error(), how) {
		t.Errorf("under the faulty pack the example comes to %v, want %q\n%s", err, how, text)
	}
}

func play(t *testing.T, text string, fsys fstest.MapFS) error {
	t.Helper()
	s, err := scenario.Parse("counterexample", text)
	if err != nil {
		t.Fatalf("the example cannot be read: %v\n%s", err, text)
	}
	var story bytes.Buffer
	r, world, err := scenario.StageWith(context.Background(), s, fsys, memory.Open(), &story)
	if err != nil {
		t.Fatalf("the example cannot be staged: %v\n%s", err, text)
	}
	defer world.Close()
	return r.Run(context.Background(), s)
}

// The example of a rule that turns more support into less warning is a test that the
// faulty pack passes and a scenario that the corrected one plays to its end.
func TestTheExampleOfAPackFaultIsGoneWhenThePackIsCorrected(t *testing.T) {
	f := packFaults[slices.IndexFunc(packFaults, func(f packFault) bool { return f.sort == prove.NotMonotone })]
	files := edited(t, f.edits...)
	r, err := prove.Pack(files, "icd-191", prove.Options{})
	if err != nil || r.Proved {
		t.Fatalf("%+v, %v", r, err)
	}
	v := r.Violations[0]
	files["icd-191/tests/example.yaml"] = &fstest.MapFile{Data: []byte(v.Test)}
	pack, err := policy.Load(files, "icd-191")
	if err != nil {
		t.Fatalf("the example is no pack test: %v\n%s", err, v.Test)
	}
	if err := policy.RunTests(pack); err != nil && strings.Contains(err.Error(), "example.yaml") {
		t.Errorf("the faulty pack does not pass its own example: %v", err)
	}
	sound := edited(t)
	if err := play(t, v.Scenario, sound); err != nil {
		t.Errorf("under the corrected pack: %v\n%s", err, v.Scenario)
	}
}

// asFault reports whether err is a refusal with the code.
func asFault(err error, code string) bool {
	var told *tocsin.Error
	return errors.As(err, &told) && told.Code == code
}

// without is a Decide that overlooks one refusal, as if the rule were not written.
func without(code string, then func(m casefile.Meta, c casefile.Command) []casefile.Event) explore.Machine {
	return explore.Machine{Decide: func(s casefile.State, m casefile.Meta, c casefile.Command) ([]casefile.Event, error) {
		events, err := casefile.Decide(s, m, c)
		if asFault(err, code) {
			if made := then(m, c); made != nil {
				return made, nil
			}
		}
		return events, err
	}}
}

func approved(m casefile.Meta, c casefile.Command) []casefile.Event {
	if d, ok := c.(casefile.DecideWaiver); ok && d.Approve {
		return []casefile.Event{casefile.WaiverApproved{Head: casefile.Head{At: m.At, By: m.By.ID}, Victim: d.Victim, Reason: d.Reason}}
	}
	return nil
}

func applying(f func(s casefile.State, e casefile.Event, next casefile.State) casefile.State) explore.Machine {
	return explore.Machine{Apply: func(s casefile.State, e casefile.Event) casefile.State { return f(s, e, casefile.Apply(s, e)) }}
}

var machineFaults = []struct {
	name    string
	machine explore.Machine
	sort    string
	says    string
	last    string // part of the last step; "" is not checked
	plan    string // the one of the plans that finds it; "" for what is found before
}{
	{"a proposer who approves", without("approver_is_proposer", approved), prove.Unentitled, "the proposer", "decide_waiver", ""},
	{"a handler who approves", without("handler_of_source", approved), prove.Unentitled, "a handler of the source", "decide_waiver", ""},
	{"anybody approves", without("no_power", approved), prove.Unentitled, "may approve the waiver: true", "decide_waiver", ""},
	{"one who signs twice", without("signer_is_proposer", func(m casefile.Meta, c casefile.Command) []casefile.Event {
		if r, ok := c.(casefile.SignRefusal); ok {
			return []casefile.Event{casefile.RefusalSigned{Head: casefile.Head{At: m.At, By: m.By.ID}, Victim: r.Victim, Reason: r.Reason, Grade: r.Grade}}
		}
		return nil
	}), prove.Unentitled, "one person alone", "sign_refusal", ""},
	{"a waiver that also silences the other victim", applying(func(_ casefile.State, e casefile.Event, next casefile.State) casefile.State {
		if w, ok := e.(casefile.WaiverApproved); ok {
			one, _ := next.Victim(w.Victim)
			next.Victims = slices.Clone(next.Victims)
			for i := range next.Victims {
				next.Victims[i].Disposition, next.Victims[i].Waiver = one.Disposition, one.Waiver
			}
		}
		return next
	}), prove.Silence, "is waived", "approves the waiver", "two victims, every ground"},
	{"another victim who takes the first one's warning", applying(func(s casefile.State, e casefile.Event, next casefile.State) casefile.State {
		if _, ok := e.(casefile.VictimAdded); ok && len(s.Victims) > 0 {
			next.Victims = slices.Clone(next.Victims)
			next.Victims[0].Disposition = casefile.ObligationOpen
		}
		return next
	}), prove.Silence, "naming another victim makes the duty towards v1, which was owed, open", "names a victim", "two victims, every ground"},
	{"a determination of owed that is left open", applying(func(s casefile.State, e casefile.Event, next casefile.State) casefile.State {
		if d, ok := e.(casefile.Determined); ok && d.Determination.Result == tocsin.ResultDoubtful {
			next.Victims = slices.Clone(next.Victims)
			next.Victims[0].Disposition = casefile.ObligationOpen
		}
		return next
	}), prove.Silence, "the policy answers doubtful, and the duty towards v1 is not owed", "records the policy's answer, doubtful", "two victims, findings and a ground"},
	{"a tick that forgets to raise again", explore.Machine{Decide: func(s casefile.State, m casefile.Meta, c casefile.Command) ([]casefile.Event, error) {
		events, err := casefile.Decide(s, m, c)
		for i, e := range events {
			if e, ok := e.(casefile.ClockMissed); ok && e.Clock == tocsin.ClockTransfer {
				e.Next = e.At.AddDate(100, 0, 0)
				events[i] = e
			}
		}
		return events, err
	}}, prove.DeadClock, "the clock transfer of", "the clock runs out: transfer", "transfers, disputes, consent"},
	{"a dispute that puts the clock off", applying(func(_ casefile.State, e casefile.Event, next casefile.State) casefile.State {
		if _, ok := e.(casefile.DisputeRaised); ok {
			next.Victims = slices.Clone(next.Victims)
			for i := range next.Victims {
				next.Victims[i].KnownSince = next.Victims[i].KnownSince.Add(24 * time.Hour)
			}
		}
		return next
	}), prove.DeadClock, "puts off the clock determination", "raises a dispute", "transfers, disputes, consent"},
	{"an author who approves", without("approver_is_author", func(m casefile.Meta, c casefile.Command) []casefile.Event {
		if a, ok := c.(casefile.ApproveWarning); ok {
			return []casefile.Event{casefile.WarningApproved{Head: casefile.Head{At: m.At, By: m.By.ID}, Warning: a.Warning, Version: 1, Digest: a.Digest}}
		}
		return nil
	}), prove.Silence, "who wrote some of it, approves", "approves the wording of w1", "writers and approvers"},
	{"a hand-over that nobody in particular takes", without("person_missing", func(m casefile.Meta, c casefile.Command) []casefile.Event {
		if h, ok := c.(casefile.AnswerHandover); ok {
			return []casefile.Event{casefile.HandoverAccepted{Head: casefile.Head{At: m.At, By: m.By.ID}, Victim: h.Victim}}
		}
		return nil
	}), prove.Silence, "without a named person there who takes it", "nobody in particular takes over", "hand-overs, reports, closing"},
	{"a machine that releases by itself", explore.Machine{Decide: func(s casefile.State, m casefile.Meta, c casefile.Command) ([]casefile.Event, error) {
		if _, ok := c.(casefile.ReleaseWarning); ok && m.By.Has(tocsin.Machine) {
			m.By.Roles = []tocsin.Role{tocsin.ReleaseOfficer}
		}
		return casefile.Decide(s, m, c)
	}}, prove.Silence, "the machine recorded", "releases w1", "writers and approvers"},
	{"a close with a duty open", explore.Machine{Decide: func(s casefile.State, m casefile.Meta, c casefile.Command) ([]casefile.Event, error) {
		if c, ok := c.(casefile.CloseCase); ok && !s.Closed && len(s.Victims) > 0 && s.May(m.By, tocsin.MayClose) {
			return []casefile.Event{casefile.CaseClosed{Head: casefile.Head{At: m.At, By: m.By.ID}, Reason: c.Reason}}, nil
		}
		return casefile.Decide(s, m, c)
	}}, prove.Silence, "the case is closed while the duty towards v1 is open", "closes the case", "hand-overs, reports, closing"},
	{"a promise to answer that counts as an answer", explore.Machine{Apply: func(s casefile.State, e casefile.Event) casefile.State {
		if a, ok := e.(casefile.Acknowledged); ok && a.Answer == tocsin.WillAnswerLater {
			a.Answer = tocsin.AckReceived
			e = a
		}
		return casefile.Apply(s, e)
	}}, prove.Silence, "appear as acknowledged", "will_answer_later", "ladder and answers"},
	{"a following message that leaves a channel out", explore.Machine{Decide: func(s casefile.State, m casefile.Meta, c casefile.Command) ([]casefile.Event, error) {
		events, err := casefile.Decide(s, m, c)
		if r, ok := c.(casefile.ReleaseWarning); ok && r.Warning == "w2" {
			events = slices.DeleteFunc(events, func(e casefile.Event) bool { return e.Kind() == "delivery_planned" })
		}
		return events, err
	}}, prove.Silence, "where the warning went", "releases w2", "a message that follows"},
	{"a route through the threat actor", explore.Machine{Decide: func(s casefile.State, m casefile.Meta, c casefile.Command) ([]casefile.Event, error) {
		s.Threat.ActorGroups = nil
		return casefile.Decide(s, m, c)
	}}, prove.Silence, "through Front Company", "", "a recipient turns out to be the actor's"},
}

// Each fault is found by one of the plans that every pack is proved with, and its example plays to its end on the engine as it ships, which is sound.
func TestAFaultInTheCaseMachineIsFoundUnderAPack(t *testing.T) {
	for _, f := range machineFaults {
		t.Run(f.name, func(t *testing.T) {
			if f.plan != "" && (raceEnabled || testing.Short()) {
				t.Skip("the explorer is run without the race detector")
			}
			r, err := prove.PackWithin(packs.FS(), "icd-191", prove.Options{Machine: f.machine}, func(plan string) bool { return plan == f.plan })
			if err != nil {
				t.Fatal(err)
			}
			if r.Proved || len(r.Violations) == 0 {
				t.Fatal("it was not found")
			}
			v := r.Violations[0]
			fmt.Fprintf(os.Stdout, "planted: %s\n  found: %s, line %d: %s\n    %s\n", f.name, v.Sort, v.Line, v.What, strings.Join(v.Path, "\n    "))
			if v.Sort != f.sort || !strings.Contains(v.What, f.says) || len(v.Path) == 0 || !strings.Contains(v.Path[len(v.Path)-1], f.last) {
				t.Errorf("found as %s: %s\n%s", v.Sort, v.What, strings.Join(v.Path, "\n"))
			}
			if v.Scenario == "" {
				t.Fatal("there is no scenario of it")
			}
			if err := play(t, v.Scenario, edited(t)); err != nil {
				t.Errorf("on the engine as it ships: %v\n%s", err, v.Scenario)
			}
		})
	}
}
