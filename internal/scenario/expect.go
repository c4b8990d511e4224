package scenario

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/provenance"
	"tocsin/view"
)

func (r *Runner) expectVictim(_ context.Context, a args) error {
	v, ok := r.state().Victim(tocsin.VictimID(a.words[0]))
	if !ok || string(v.Disposition) != a.words[1] {
		return fmt.Errorf("expected %s to be %s; it is %q (%s)", a.words[0], a.words[1], v.Disposition, v.How)
	}
	return nil
}

func (r *Runner) expectHow(_ context.Context, a args) error {
	v, _ := r.state().Victim(tocsin.VictimID(a.words[0]))
	if v.How != a.words[1] {
		return fmt.Errorf("expected %s to have ended by %q; it is %q", a.words[0], a.words[1], v.How)
	}
	return nil
}

// expectUnder holds what one pack of the case says about a victim.
func (r *Runner) expectUnder(_ context.Context, a args) error {
	s := r.state()
	v, _ := s.Victim(tocsin.VictimID(a.words[0]))
	for _, u := range s.Under(v) {
		if u.Terms.Pack.Name != a.words[1] {
			continue
		}
		d := u.Standing.Determination
		if d == nil || string(d.Result) != a.words[2] || d.Route != a.words[3] {
			return fmt.Errorf("expected %s to say %s, %s about %s; it says %+v", a.words[1], a.words[2], a.words[3], a.words[0], d)
		}
		return nil
	}
	return fmt.Errorf("the case does not stand under %s", a.words[1])
}

func (r *Runner) expectException(_ context.Context, a args) error {
	if all, listed := r.exception(a); !listed {
		return fmt.Errorf("expected the exception report to list %s of %s; it lists %+v", a.words[0], a.words[1], all)
	}
	return nil
}

// expectNoException holds that a step is not held against the case: a report that
// listed everything would prove nothing.
func (r *Runner) expectNoException(_ context.Context, a args) error {
	if all, listed := r.exception(a); listed {
		return fmt.Errorf("expected the exception report not to list %s of %s; it lists %+v", a.words[0], a.words[1], all)
	}
	return nil
}

func (r *Runner) exception(a args) (all []casefile.Exception, listed bool) {
	all = casefile.Exceptions(r.state())
	return all, slices.ContainsFunc(all, func(x casefile.Exception) bool { return x.Step == a.words[0] && x.Target == a.words[1] })
}

// expectClock holds a clock to the minute, as the language writes moments: after
// a kill the machine may take up its work a second later, and its clocks with it.
func (r *Runner) expectClock(_ context.Context, a args) error {
	want, err := moment(a.words[2], a.words[3])
	if err != nil {
		return err
	}
	var running []string
	for _, c := range casefile.Clocks(r.state()) {
		if string(c.Name) == a.words[0] && c.Target == a.words[1] {
			if !c.Due.Truncate(time.Minute).Equal(want) {
				return fmt.Errorf("expected clock %s of %s to run out at %s; it does at %s", c.Name, c.Target, want, c.Due)
			}
			return nil
		}
		running = append(running, string(c.Name)+" "+c.Target)
	}
	return fmt.Errorf("expected clock %s of %s to run; running are %v", a.words[0], a.words[1], running)
}

func (r *Runner) expectOwed(_ context.Context, a args) error {
	var owed []string
	for _, st := range casefile.Outstanding(r.state()) {
		if st.Kind == a.words[0] {
			return nil
		}
		owed = append(owed, st.Kind)
	}
	return fmt.Errorf("expected %s to be owed; owed are %v", a.words[0], owed)
}

// events lists the kinds in the case's stream, or in all streams for a name that
// starts with a report's or quarantine's kind.
func (r *Runner) events(ctx context.Context) ([]string, error) {
	var kinds []string
	for rec, err := range r.Engine.Store().Since(ctx, 0) {
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, rec.Kind)
	}
	return kinds, nil
}

func (r *Runner) expectEvent(ctx context.Context, a args) error {
	kinds, err := r.events(ctx)
	if err == nil && !slices.Contains(kinds, a.words[0]) {
		err = fmt.Errorf("expected an event %s; there is none", a.words[0])
	}
	return err
}

func (r *Runner) expectNoEvent(ctx context.Context, a args) error {
	if !slices.Contains(casefile.Kinds(), a.words[0]) {
		return fmt.Errorf("%q is not a kind of event", a.words[0])
	}
	kinds, err := r.events(ctx)
	if err == nil && slices.Contains(kinds, a.words[0]) {
		err = fmt.Errorf("expected no event %s; there is one", a.words[0])
	}
	return err
}

// expectMissed takes a target as the clock has it, or a delivery as
// WARNING/RECIPIENT/RUNG.
func (r *Runner) expectMissed(_ context.Context, a args) error {
	target := a.words[1]
	if p := strings.Split(target, "/"); len(p) == 3 {
		w, _ := r.state().Warning(tocsin.WarningID(p[0]))
		rung, err := strconv.Atoi(p[2])
		if err != nil {
			return err
		}
		target = string(casefile.Key(r.caseID, w.ID, w.Draft.Version, tocsin.RecipientID(p[1]), rung-1))
	}
	for _, m := range r.state().Missed {
		if string(m.Clock) == a.words[0] && m.Target == target {
			return nil
		}
	}
	return fmt.Errorf("expected clock %s of %s to have been missed", a.words[0], a.words[1])
}

func (r *Runner) expectOrigins(_ context.Context, a args) error {
	want, err := strconv.Atoi(a.words[0])
	if err != nil {
		return err
	}
	if got := Origins(r.Engine, r.state()); got.Independent != want {
		return fmt.Errorf("expected %d origins; there are %d: %v", want, got.Independent, got.Origins)
	}
	return nil
}

// Reader gives reports by id.
type Reader interface {
	Report(tocsin.ReportID) (view.Report, error)
}

// Origins traces the reports of a case to their origins.
func Origins(reader Reader, s casefile.State) provenance.Picture {
	var reports []tocsin.Report
	for _, rr := range s.Reports {
		if rep, err := reader.Report(rr.ID); err == nil {
			reports = append(reports, rep.Report)
		}
	}
	return provenance.Trace(reports)
}

func (r *Runner) expectDelivery(_ context.Context, a args) error {
	d, err := r.delivery(a.words[0], a.words[1], a.words[2])
	if err != nil {
		return err
	}
	if string(d.State) != a.words[3] {
		return fmt.Errorf("expected the delivery to be %s; it is %s (%s)", a.words[3], d.State, d.Detail)
	}
	return nil
}

func (r *Runner) expectReceived(_ context.Context, a args) error {
	want, err := strconv.Atoi(a.words[0])
	if err != nil {
		return err
	}
	if got := r.World.Received(a.words[1]); got != want {
		return fmt.Errorf("expected %d messages to have arrived over %s; %d have", want, a.words[1], got)
	}
	return nil
}

func (r *Runner) expectGuard(_ context.Context, a args) error {
	w, _ := r.state().Warning(tocsin.WarningID(a.words[1]))
	var found []string
	for _, f := range w.Refused {
		if f.Check == a.words[0] && f.Blocks {
			return nil
		}
		found = append(found, f.Check+": "+f.What)
	}
	return fmt.Errorf("expected the guard to stop %s for its %s; it said: %s", a.words[1], a.words[0], strings.Join(found, "; "))
}

// expectAsked holds that the guard waits for an answer to a question of this rule,
// or of this check.
func (r *Runner) expectAsked(_ context.Context, a args) error {
	w, _ := r.state().Warning(tocsin.WarningID(a.words[1]))
	var asked []string
	for _, f := range w.Asked() {
		if f.Rule == a.words[0] || f.Check == a.words[0] {
			return nil
		}
		asked = append(asked, f.Rule)
	}
	return fmt.Errorf("expected the guard to ask by %s about %s; it asks by %v", a.words[0], a.words[1], asked)
}

// expectChange holds that a version of a warning differs in one part, such as
// marking or "en body", from the last version before it that was approved.
func (r *Runner) expectChange(ctx context.Context, a args) error {
	number, err := strconv.Atoi(a.words[0])
	if err != nil {
		return err
	}
	all, err := r.Engine.Versions(ctx, r.caseID, tocsin.WarningID(a.words[1]))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(v view.Version) bool { return v.Number == number })
	if i < 0 {
		return fmt.Errorf("%s has %d versions, and none is %d", a.words[1], len(all), number)
	}
	var changed []string
	for _, c := range all[i].Changes {
		if c.Part == a.words[2] {
			return nil
		}
		changed = append(changed, c.Part)
	}
	return fmt.Errorf("expected version %d of %s to change %q; it changes %q", number, a.words[1], a.words[2], changed)
}

func (r *Runner) expectMay(_ context.Context, a args) error {
	return r.allowed(a, true)
}

// expectMayNot holds that somebody is not offered what others are; that the command
// is one at all is held against the list of commands.
func (r *Runner) expectMayNot(_ context.Context, a args) error {
	return r.allowed(a, false)
}

// allowed reads the list from which a console offers what can be done now. A
// command on no target in particular is written with the target "case".
func (r *Runner) allowed(a args, want bool) error {
	who, err := r.who(a.words[0])
	if err != nil {
		return err
	}
	action := casefile.Action{Kind: a.words[1], Target: a.words[2]}
	if action.Target == "case" {
		action.Target = ""
	}
	if !slices.Contains(casefile.CommandKinds(), action.Kind) {
		return fmt.Errorf("%q is not a command", action.Kind)
	}
	s := r.state()
	s.Now = r.reached
	if offered := casefile.Allowed(s, who); slices.Contains(offered, action) != want {
		return fmt.Errorf("expected that %s may %s %s: %t; offered are %v", who.ID, a.words[1], a.words[2], want, offered)
	}
	return nil
}

func (r *Runner) expectOwner(_ context.Context, a args) error {
	if s := r.state(); string(s.Owner) != a.words[0] {
		return fmt.Errorf("expected the owner to be %s; it is %s", a.words[0], s.Owner)
	}
	return nil
}

func (r *Runner) expectCase(_ context.Context, a args) error {
	closed := r.state().Closed
	switch {
	case a.words[0] != "open" && a.words[0] != "closed":
		return fmt.Errorf("a case is open or closed")
	case closed != (a.words[0] == "closed"):
		return fmt.Errorf("expected the case to be %s; obstacles to closing: %v", a.words[0], casefile.Obstacles(r.state()))
	}
	return nil
}

func (r *Runner) expectDuty(_ context.Context, a args) error {
	want, err := moment(a.words[1], a.words[2])
	if err != nil {
		return err
	}
	for _, d := range r.state().Duties {
		if d.ID == a.words[0] {
			if !d.Soft.Equal(want) {
				return fmt.Errorf("expected duty %s to be due %s; it is due %s", d.ID, want, d.Soft)
			}
			return nil
		}
	}
	return fmt.Errorf("expected a duty %s; there are %v", a.words[0], r.state().Duties)
}
