package explore_test

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/casefile/casefiletest"
	"tocsin/casefile/explore"
)

var goDeep = flag.Bool("deep", false, "explore the larger plans too; takes some minutes")

func plan(name string, b explore.Bounds, to ...tocsin.Recipient) explore.Plan {
	t := casefiletest.Terms()
	return explore.Plan{Name: name, Terms: t, Cast: explore.DefaultCast(t, to), Recipients: to, Bounds: b}
}

// packs puts a plan under a second pack that may join at any moment.
func packs(name string, b explore.Bounds, to ...tocsin.Recipient) explore.Plan {
	p := plan(name, b, to...)
	second := casefiletest.Terms()
	second.Pack.Name = "platform"
	p.Further = []tocsin.Terms{second}
	return p
}

// bothToTell is a plan whose pack wants the victim and the police to hear.
func bothToTell(name string, b explore.Bounds, to ...tocsin.Recipient) explore.Plan {
	p := plan(name, b, to...)
	p.Bounds.Kinds = []tocsin.WarningKind{tocsin.GovernmentWarning}
	p.Terms.MustTell = []tocsin.MustTell{
		{ID: "victim", Kinds: []tocsin.WarningKind{tocsin.VictimWarning}, Because: "The victim hears."},
		{ID: "police", Kinds: []tocsin.WarningKind{tocsin.GovernmentWarning}, Because: "The police hear."},
	}
	return p
}

func oneRung() tocsin.Recipient {
	r := casefiletest.Desk()
	r.Ladder = r.Ladder[:1]
	return r
}

// plans are the bounded cases that are explored in every run. Each goes deep into
// one part of a case's life; together they give every command.
func plans() []explore.Plan {
	return []explore.Plan{
		plan("decisions", explore.Bounds{Victims: 2, Assess: true, Grounds: []string{"c"}, Refusals: true}),
		plan("grounds", explore.Bounds{Victims: 1, Assess: true, Grounds: []string{"c", "d"}, Refusals: true, Handovers: true, Reports: true, Findings: true, Outcome: true, Closing: true}),
		plan("office", explore.Bounds{Victims: 2, Grounds: []string{"c"}, Transfers: true, Disputes: true, Consent: true, Closing: true, Outcome: true}),
		plan("wording", explore.Bounds{Victims: 1, Alerts: 1, Versions: 2, Writers: true, Attempts: 1, Consent: true, Exigent: true, Disputes: true}, oneRung()),
		plan("exigent", explore.Bounds{Victims: 1, Alerts: 1, Versions: 1, Attempts: 1, Consent: true, Exigent: true, Far: true, Closing: true, Outcome: true}, oneRung()),
		plan("parity", explore.Bounds{Victims: 2, Grounds: []string{"c"}, Alerts: 1, Versions: 1, Attempts: 1, Partial: true, Reports: true}, oneRung()),
		plan("ladder", explore.Bounds{Victims: 1, Alerts: 1, Versions: 1, Attempts: 2, Outcome: true, Manual: true}, casefiletest.Desk()),
		plan("following", explore.Bounds{Victims: 1, Alerts: 1, Following: 1, Versions: 1, Attempts: 1, Reports: true, Outcome: true, Closing: true}, oneRung()),
		plan("two recipients", explore.Bounds{Victims: 1, Alerts: 1, Following: 1, Versions: 1, Attempts: 1, Narrow: true, Messages: []tocsin.MessageType{tocsin.AllClear}, Silent: true}, oneRung(), casefiletest.Guard()),
		plan("guard", explore.Bounds{Victims: 1, Alerts: 1, Versions: 2, Attempts: 1, Guard: true, Writers: true, Silent: true}, oneRung()),
		plan("sealed", explore.Bounds{Victims: 1, Grounds: []string{"c"}, Seals: true, Transfers: true, Handovers: true, Closing: true}),
		plan("graver", explore.Bounds{Victims: 1, Assess: true, Findings: true, Routes: true, Alerts: 1, Versions: 1, Attempts: 1}, oneRung()),
		packs("two packs", explore.Bounds{Victims: 1, Assess: true, Grounds: []string{"c"}, Refusals: true, Handovers: true}),
		packs("editions", explore.Bounds{Victims: 1, Grounds: []string{"c"}, Alerts: 1, Versions: 2, Editions: true}, oneRung()),
		bothToTell("both to tell", explore.Bounds{Victims: 1, Alerts: 2, Versions: 1, Attempts: 1, Silent: true, Manual: true}, oneRung()),
		plan("turncoat", explore.Bounds{Victims: 1, Alerts: 1, Versions: 1, Attempts: 1, Turncoat: true}, turncoat(), casefiletest.Guard()),
	}
}

// deep are further ones that take minutes; see -deep.
func deep() []explore.Plan {
	return []explore.Plan{
		plan("decisions and hand-overs", explore.Bounds{Victims: 2, Assess: true, Grounds: []string{"c"}, Refusals: true, Handovers: true, Reports: true}),
		plan("following by hand", explore.Bounds{Victims: 1, Alerts: 1, Following: 1, Versions: 1, Attempts: 2, Reports: true, Outcome: true, Closing: true, Manual: true}, oneRung()),
		plan("two recipients who answer", explore.Bounds{Victims: 1, Alerts: 1, Following: 1, Versions: 1, Attempts: 1, Narrow: true, Messages: []tocsin.MessageType{tocsin.AllClear}}, oneRung(), casefiletest.Guard()),
		plan("two channels followed", explore.Bounds{Victims: 1, Alerts: 1, Following: 1, Versions: 1, Attempts: 1, Silent: true}, casefiletest.Desk()),
		plan("turncoat and outcome", explore.Bounds{Victims: 1, Alerts: 1, Versions: 1, Attempts: 1, Turncoat: true, Outcome: true}, turncoat(), casefiletest.Guard()),
		plan("turncoat followed", explore.Bounds{Victims: 1, Alerts: 1, Following: 1, Versions: 1, Attempts: 1, Turncoat: true, Silent: true, Messages: []tocsin.MessageType{tocsin.Update}}, turncoatOneRung(), casefiletest.Guard()),
		packs("editions and exigent", explore.Bounds{Victims: 1, Grounds: []string{"c"}, Alerts: 1, Versions: 2, Attempts: 1, Editions: true, Exigent: true, Closing: true, Outcome: true}, oneRung()),
		bothToTell("both to tell, who answer", explore.Bounds{Victims: 1, Alerts: 2, Versions: 1, Attempts: 1, Outcome: true}, oneRung()),
		plan("two alerts", explore.Bounds{Victims: 2, Alerts: 2, Versions: 1, Attempts: 1, Partial: true}, oneRung()),
	}
}

// turncoat has a ladder whose second rung runs through somebody who may turn out to
// belong to the threat actor; turncoatOneRung has no other.
func turncoat() tocsin.Recipient {
	r := casefiletest.Desk()
	r.Ladder[1].Via = front()
	return r
}

func turncoatOneRung() tocsin.Recipient {
	r := oneRung()
	r.Ladder[0].Via = front()
	return r
}

func front() []tocsin.Party {
	return []tocsin.Party{{Name: "Front Company", Groups: []string{"actor-front"}}}
}

// quick are smaller cases, for the race detector and -short. They too are visited
// whole.
func quick() []explore.Plan {
	return []explore.Plan{
		plan("quick: two victims", explore.Bounds{Victims: 2, Assess: true, Grounds: []string{"c"}}),
		packs("quick: two packs", explore.Bounds{Victims: 1, Assess: true, Grounds: []string{"c"}, Editions: true}),
		bothToTell("quick: both to tell", explore.Bounds{Victims: 1, Alerts: 2, Versions: 1, Attempts: 1, Silent: true}, oneRung()),
		plan("quick: refusal", explore.Bounds{Victims: 1, Assess: true, Grounds: []string{"d"}, Refusals: true, Handovers: true, Reports: true, Outcome: true, Closing: true}),
		plan("quick: office", explore.Bounds{Victims: 1, Transfers: true, Disputes: true, Consent: true, Closing: true}),
		plan("quick: wording", explore.Bounds{Victims: 1, Alerts: 1, Versions: 1, Writers: true, Attempts: 1, Consent: true, Exigent: true}, oneRung()),
		plan("quick: parity", explore.Bounds{Victims: 2, Alerts: 1, Versions: 1, Attempts: 1, Partial: true}, oneRung()),
		plan("quick: ladder", explore.Bounds{Victims: 1, Alerts: 1, Versions: 1, Attempts: 1, Manual: true}, casefiletest.Desk()),
		plan("quick: following", explore.Bounds{Victims: 1, Alerts: 1, Following: 1, Versions: 1, Attempts: 1}, oneRung()),
	}
}

// few is enough of the states of a plan to see that a fault is not found where
// none is.
const few = 1500

func TestSilenceIsImpossible(t *testing.T) {
	if testing.Short() || raceEnabled {
		fmt.Fprintln(os.Stdout, "the smaller cases only: -short or the race detector is on")
		explored(t, quick())
		return
	}
	if *goDeep {
		explored(t, deep())
	}
	commands, events := explored(t, plans())
	if commands == nil {
		return // -run left some out
	}
	machine := []string{"determine", "start_deliveries", "record_attempt", "tick"}
	same(t, "command", append(casefile.CommandKinds(), machine...), commands)
	same(t, "event", casefile.Kinds(), events)
}

// explored runs the plans one after the other, prints what was visited, and answers
// with the commands and events that were seen, or nil if not all plans were run.
func explored(t *testing.T, all []explore.Plan) (commands, events map[string]int) {
	if len(all) == 0 {
		t.Fatal("nothing is explored")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	commands, events = map[string]int{}, map[string]int{}
	ran, states, transitions := 0, 0, 0
	for _, p := range all {
		t.Run(p.Name, func(t *testing.T) {
			ran++
			r := explore.Run(p, explore.Machine{})
			report(t, r)
			switch {
			case r.Violation != nil:
				t.Fatal(r.Violation)
			case r.Coarse != "":
				t.Fatal(r.Coarse)
			case !r.Whole:
				t.Fatal("not every state was visited")
			case r.Transitions > 50_000 && r.Rechecked == 0:
				t.Error("the abstraction was not checked")
			}
			for k, n := range r.Commands {
				commands[k] += n
			}
			for k, n := range r.Events {
				events[k] += n
			}
			states, transitions = states+r.States, transitions+r.Transitions
		})
	}
	fmt.Fprintf(os.Stdout, "explored in all: %d plans, %d states, %d transitions\n", len(all), states, transitions)
	if ran < len(all) {
		return nil, nil
	}
	return commands, events
}

// report prints a result, to the log of the test and to the terminal.
func report(t *testing.T, r explore.Result) {
	line := fmt.Sprintf("explored %-20s %7d states, %8d transitions, %8d commands refused, depth %2d, whole: %v, abstraction rechecked in %d",
		r.Plan+":", r.States, r.Transitions, r.Refused, r.Depth, r.Whole, r.Rechecked)
	t.Log(line)
	fmt.Fprintln(os.Stdout, line)
}

// same holds that everything there is was also seen: a proof about commands that
// were never given proves nothing.
func same(t *testing.T, what string, all []string, seen map[string]int) {
	for _, k := range all {
		if seen[k] == 0 {
			t.Errorf("%s %s never happened in any plan", what, k)
		}
	}
	for k := range seen {
		if !slices.Contains(all, k) {
			t.Errorf("%s %s is not in the list", what, k)
		}
	}
}
