package scenario

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/directory"
	"tocsin/engine"
	"tocsin/ledger"
	"tocsin/view"
)

// Clock is the scenario's own time. It moves only when the story says so.
type Clock struct {
	mu sync.Mutex
	t  time.Time
}

// Now implements engine.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// To moves the clock forward to t; it never moves back.
func (c *Clock) To(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.t) {
		c.t = t
	}
}

// IDs names things after the words of the script, so that a scenario that was
// killed and is run again gives everything the name it had.
type IDs struct {
	mu sync.Mutex
	n  int
}

// New implements engine.IDs. basis ends in the word of the script.
func (i *IDs) New(kind, basis string) string {
	if basis != "" {
		name := basis[strings.LastIndex(basis, "/")+1:]
		if kind != "command" && tocsin.ValidID(name) {
			return name
		}
		return kind + "-" + string(tocsin.DigestOf([]byte(basis)))[7:23]
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.n++
	return fmt.Sprintf("%s-%d-%d", kind, time.Now().UnixNano(), i.n)
}

// World is the far side: what receives the warnings.
type World interface {
	// Behave sets how the receiver at an address takes what it is sent: "accepts",
	// "refuses", "greylists", "hangs", "drops the answer".
	Behave(channel, address, how string) error
	// Received is how many messages have arrived over a channel, repeats by key left out.
	Received(channel string) int
}

// Runner runs one script.
type Runner struct {
	Engine *engine.Engine
	Clock  *Clock
	World  World
	Out    io.Writer // the story, line by line; io.Discard for none

	script   Script
	step     Step
	people   map[tocsin.ActorID]tocsin.Actor
	packName string
	caseID   tocsin.CaseID
	reached  time.Time // where the story has got to
	told     int64     // next record to tell
	states   map[string]casefile.State
}

// StepError says which line of the script failed.
type StepError struct {
	Script string
	Line   int
	Err    error
}

// Error names the script, the line and what went wrong.
func (e *StepError) Error() string { return fmt.Sprintf("%s.txt:%d: %v", e.Script, e.Line, e.Err) }

// Unwrap gives the cause.
func (e *StepError) Unwrap() error { return e.Err }

// Person looks up somebody of the cast, for the guard.
func (r *Runner) Person(id tocsin.ActorID) (tocsin.Actor, bool) {
	a, ok := r.people[id]
	return a, ok
}

// Run plays the script. A run that was killed can be run again: what it had got to
// stands in the ledger, and is passed over with everything that was expected on
// the way there.
func (r *Runner) Run(ctx context.Context, s Script) error {
	r.script, r.people, r.states = s, map[tocsin.ActorID]tocsin.Actor{}, map[string]casefile.State{}
	r.tell("%s\n", s.Title)
	done, err := r.resume(ctx, s)
	if err != nil {
		return err
	}
	expectations := 0
	for i, st := range s.Steps {
		if st.Words[0] == "expect" || st.Refused != "" {
			expectations++
		}
		if i < done {
			continue
		}
		r.step = st
		if err := r.play(ctx, st); err != nil {
			return &StepError{s.Name, st.Line, err}
		}
		if err := r.narrate(ctx); err != nil {
			return err
		}
	}
	if expectations == 0 {
		return fmt.Errorf("%s.txt: a scenario that expects nothing proves nothing", s.Name)
	}
	return nil
}

// freeWork ends the leases of the run that was killed. Nobody else works on a
// scenario's record, and in the story's own time a lease would end too late for
// what the story expects.
func (r *Runner) freeWork(ctx context.Context) error {
	work := r.Engine.Store().Work()
	pending, err := work.Pending(ctx)
	if err != nil {
		return err
	}
	for _, d := range pending {
		if err := work.Release(ctx, worker, d.At, d.ID); err != nil {
			return err
		}
	}
	return nil
}

// resume takes up where an earlier run was killed, and returns how many steps it
// had played. Time goes on from its last record, through the ends of the leases
// that it held: what it had begun is then finished.
func (r *Runner) resume(ctx context.Context, s Script) (done int, err error) {
	var last time.Time
	for rec, err := range r.Engine.Store().Since(ctx, 0) {
		if err != nil {
			return 0, err
		}
		if rec.EntryTime.After(last) {
			last = rec.EntryTime
		}
	}
	r.Clock.To(last)
	if err := r.freeWork(ctx); err != nil {
		return 0, err
	}
	for i, st := range s.Steps {
		r.step = st
		answered, err := r.answered(ctx)
		if err != nil {
			return 0, err
		}
		if answered {
			done = i + 1
		}
	}
	for _, st := range s.Steps[:done] {
		r.step = st
		if err := r.again(ctx, st); err != nil {
			return 0, &StepError{s.Name, st.Line, err}
		}
	}
	if done == 0 {
		return 0, nil
	}
	for {
		at, ok, err := r.Engine.NextDue(ctx)
		if err != nil || !ok || at.After(last.Add(leaseTime)) {
			return done, err
		}
		r.Clock.To(at)
		if err := r.Engine.Settle(ctx); err != nil {
			return done, err
		}
	}
}

// answered reports whether the present step is a command that the ledger holds.
func (r *Runner) answered(ctx context.Context) (bool, error) {
	words := r.step.Words
	by := tocsin.Actor{ID: tocsin.ActorID(words[0])}
	for _, o := range []engine.Options{r.options(), r.named(words[min(2, len(words)-1)])} {
		if held, err := r.Engine.Answered(ctx, by, o); held || err != nil {
			return held, err
		}
	}
	return false, nil
}

// again plays of a step that was played before what the ledger does not hold: who
// is who, how the far side behaves, and where the story has got to.
func (r *Runner) again(ctx context.Context, st Step) error {
	if words, ok := match("WHO opens CASE with ...", st.Words); ok && st.Refused == "" {
		r.caseID = tocsin.CaseID(words[1])
		return nil
	}
	for _, v := range verbs {
		words, ok := match(v.pattern, st.Words)
		if !ok {
			continue
		}
		switch st.Words[0] {
		case "at":
			var err error
			r.reached, err = moment(words[0], words[1])
			return err
		case "after":
			var d tocsin.Duration
			err := d.UnmarshalText([]byte(words[0]))
			r.reached = r.reached.Add(d.D())
			return err
		case "pack", "person", "receiver":
			return v.run(r, ctx, args{words, st.Fields})
		}
		return nil
	}
	return fmt.Errorf("no verb fits %q", strings.Join(st.Words, " "))
}

func (r *Runner) play(ctx context.Context, st Step) error {
	for _, v := range verbs {
		words, ok := match(v.pattern, st.Words)
		if !ok {
			continue
		}
		err := v.run(r, ctx, args{words, st.Fields})
		if err == nil && st.Refused == "" {
			return r.Engine.Settle(ctx)
		}
		return refusedAs(err, st.Refused)
	}
	return fmt.Errorf("no verb fits %q", strings.Join(st.Words, " "))
}

func refusedAs(err error, code string) error {
	var told *tocsin.Error
	switch {
	case code == "":
		return err
	case err == nil:
		return fmt.Errorf("this should have been refused (%s) and was not", code)
	case !errors.As(err, &told) || told.Code != code:
		return fmt.Errorf("this should have been refused as %s, but: %w", code, err)
	case told.What == "" || told.Do == "":
		return fmt.Errorf("the refusal %s does not say what happened and what to do", code)
	}
	return nil
}

// advance moves time to t, stopping at everything that falls due on the way.
func (r *Runner) advance(ctx context.Context, t time.Time) error {
	if t.Before(r.reached) {
		return fmt.Errorf("the story goes back from %s to %s", r.reached.Format(time.DateTime), t.Format(time.DateTime))
	}
	r.reached = t
	return r.until(ctx, t)
}

func (r *Runner) until(ctx context.Context, t time.Time) error {
	for {
		at, ok, err := r.Engine.NextDue(ctx)
		if err != nil {
			return err
		}
		if !ok || at.After(t) {
			break
		}
		r.Clock.To(at)
		if err := r.Engine.Settle(ctx); err != nil {
			return err
		}
		if err := r.narrate(ctx); err != nil {
			return err
		}
	}
	r.Clock.To(t)
	return r.Engine.Settle(ctx)
}

func (r *Runner) who(name string) (tocsin.Actor, error) {
	a, ok := r.people[tocsin.ActorID(name)]
	if !ok {
		return a, fmt.Errorf("nobody called %q is in this story; write: person %s is ROLE", name, name)
	}
	return a, nil
}

func (r *Runner) director() tocsin.Actor {
	return tocsin.Actor{ID: "director", Name: "Director", Roles: []tocsin.Role{tocsin.DutyOfficer}}
}

// options give each step its own key: the scenario and the line.
func (r *Runner) options() engine.Options {
	return engine.Options{Idempotency: fmt.Sprintf("%s/line-%d", r.script.Name, r.step.Line)}
}

// named gives a step a key that ends in the name that the script gives.
func (r *Runner) named(name string) engine.Options {
	return engine.Options{Idempotency: fmt.Sprintf("%s/line-%d/%s", r.script.Name, r.step.Line, name)}
}

func (r *Runner) state() casefile.State {
	s, err := r.Engine.Case(r.caseID)
	if err != nil {
		return casefile.State{}
	}
	return s
}

func (r *Runner) delivery(warning, recipient, channel string) (casefile.Delivery, error) {
	var found casefile.Delivery
	for _, d := range r.state().Deliveries {
		if string(d.Warning) == warning && string(d.Recipient) == recipient && (d.Channel == channel || d.Channel+"-"+fmt.Sprint(d.Rung+1) == channel) {
			found = d
		}
	}
	if found.Key == "" {
		return found, fmt.Errorf("there is no delivery of %s to %s over %s", warning, recipient, channel)
	}
	return found, nil
}

func (r *Runner) tell(format string, a ...any) { fmt.Fprintf(r.Out, format, a...) }

// narrate tells what has been recorded since it was last asked.
func (r *Runner) narrate(ctx context.Context) error {
	for rec, err := range r.Engine.Store().Since(ctx, r.told) {
		if err != nil {
			return err
		}
		r.told = rec.Position + 1
		r.tell("%s  %-10s %s\n", rec.EntryTime.Format("02 Jan 15:04"), rec.Actor, r.line(rec))
	}
	return nil
}

func (r *Runner) line(rec ledger.Record) string {
	switch rec.Kind {
	case view.ReportReceived:
		rep, _ := r.Engine.Report(tocsin.ReportID(strings.TrimPrefix(rec.Stream, view.ReportPrefix)))
		return fmt.Sprintf("report %s received: %s", rep.ID, shorten(rep.Text, 90))
	case view.ReportReposted:
		return "the same report came again"
	}
	if rec.Kind == directory.Kind {
		var s directory.Set
		if err := json.Unmarshal(rec.Fields["recipient"], &s.Recipient); err == nil {
			return fmt.Sprintf("directory: %s, %d rungs", s.Recipient.Name, len(s.Recipient.Ladder))
		}
	}
	if !strings.HasPrefix(rec.Stream, view.CasePrefix) {
		return strings.ReplaceAll(rec.Kind, "_", " ")
	}
	e, err := view.Event(rec)
	if err != nil {
		return rec.Kind
	}
	s := casefile.Apply(r.states[rec.Stream], e)
	r.states[rec.Stream] = s
	return view.Line(s, e)
}

func shorten(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + " ..."
	}
	return s
}
