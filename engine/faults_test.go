package engine_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/deliver"
	"tocsin/engine"
	"tocsin/ledger/memory"
	"tocsin/release"
)

// story is one case from report to acknowledgement, as a list of steps. Each step
// of a person has a key of its own and is repeated under it until it is answered,
// as a person would who was told that the record could not be written.
type story struct {
	*house
	report  tocsin.ReportID
	id      tocsin.CaseID
	warning tocsin.WarningID
}

type scene struct {
	name string
	play func(*story, context.Context, engine.Options) error
}

// keep takes what a step brought from its answer, as a client does.
func (s *story) keep(res engine.Result, err error) error {
	if err == nil {
		s.id = res.State.ID
	}
	return err
}

func scenes() []scene {
	do := func(name string, by tocsin.Actor, command func(*story) casefile.Command) scene {
		return scene{name, func(s *story, ctx context.Context, o engine.Options) error {
			return s.keep(s.Do(ctx, by, s.id, command(s), o))
		}}
	}
	settle := scene{"settle", func(s *story, ctx context.Context, _ engine.Options) error { return s.Settle(ctx) }}
	return []scene{
		{"consul is entered", func(s *story, ctx context.Context, _ engine.Options) error {
			_, err := s.SetRecipient(ctx, dan, consul)
			return err
		}},
		{"mayor is entered", func(s *story, ctx context.Context, _ engine.Options) error {
			_, err := s.SetRecipient(ctx, dan, mayor)
			return err
		}},
		{"report", func(s *story, ctx context.Context, o engine.Options) error {
			rec, err := s.Receive(ctx, gate, submission(rumour), o)
			s.report = rec.Report.ID
			return err
		}},
		{"open", func(s *story, ctx context.Context, o engine.Options) error {
			return s.keep(s.Open(ctx, dan, "The market", "", []tocsin.ReportID{s.report}, o))
		}},
		do("threat", anna, func(*story) casefile.Command { return threat }),
		do("victim", anna, func(*story) casefile.Command { return crowd }),
		do("findings", anna, func(*story) casefile.Command { return findings("v1") }),
		settle,
		do("affirm", sofi, func(*story) casefile.Command { return casefile.AffirmDetermination{Victim: "v1"} }),
		{"draft", func(s *story, ctx context.Context, o engine.Options) error {
			res, err := s.Draft(ctx, anna, s.id, wording("consul", "mayor"), o)
			if err == nil {
				s.warning = res.State.Warnings[0].ID
			}
			return err
		}},
		do("approve", rui, func(s *story) casefile.Command {
			w, _ := s.state(s.id).Warning(s.warning)
			return casefile.ApproveWarning{Warning: s.warning, Digest: w.Digest}
		}),
		{"release", func(s *story, ctx context.Context, o engine.Options) error {
			return s.keep(s.Release(ctx, rui, s.id, s.warning, o))
		}},
		settle,
		// The consul's hook asks for patience; the mayor's post is refused for good, and
		// the next rung takes over.
		{"later", func(s *story, ctx context.Context, _ engine.Options) error {
			s.hand.pass(2 * lease) // past every lease, and past the back-off
			return s.Settle(ctx)
		}},
		do("consul answers", paul, func(s *story) casefile.Command { return s.answer("consul", tocsin.AckActing) }),
		do("mayor answers", paul, func(s *story) casefile.Command { return s.answer("mayor", tocsin.AckUnderstood) }),
		settle,
	}
}

func (s *story) answer(r tocsin.RecipientID, a tocsin.AckKind) casefile.Command {
	c := casefile.Acknowledge{Answer: a, Person: "whoever was on duty"}
	for _, d := range s.state(s.id).Deliveries {
		if d.Recipient == r {
			c.Key = d.Key // the last rung that was tried
		}
	}
	return c
}

// begin opens the house of the story: one receiver puts off, one refuses.
func beginStory(t *testing.T) *story {
	s := &story{house: open(t)}
	s.hook.does = func(_ context.Context, m release.Message, try int) (tocsin.Receipt, error) {
		if m.Recipient().ID == "consul" && try == 1 {
			return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Temporary, Detail: "later"}
		}
		return taken(m), nil
	}
	s.post.does = func(context.Context, release.Message, int) (tocsin.Receipt, error) {
		return tocsin.Receipt{}, &deliver.Failure{Class: deliver.Permanent, Detail: "no such mailbox"}
	}
	return s
}

// outcome is what must be the same however often something broke.
func (s *story) outcome() []string {
	st := s.state(s.id)
	out := deliveries(st)
	slices.Sort(out)
	for _, v := range st.Victims {
		out = append(out, fmt.Sprintf("%s %s %s", v.ID, v.Disposition, v.How))
	}
	for _, w := range st.Warnings {
		out = append(out, fmt.Sprintf("%s version %d", w.ID, w.Draft.Version))
	}
	return append(out, fmt.Sprintf("%d reports", len(st.Reports)))
}

// breakAt is one entry of the fault table.
type breakAt struct {
	append int
	fault  memory.Fault
	crash  bool // nothing is written any more until the process is started again
}

func (b breakAt) String() string {
	how := map[memory.Fault]string{memory.NotWritten: "not written", memory.Written: "written but reported failed"}[b.fault]
	if b.crash {
		how += ", then a crash"
	}
	return fmt.Sprintf("append %d %s", b.append, how)
}

// play plays the story with one fault and returns how often the store was asked
// to append, and whether the fault came to pass.
func play(t *testing.T, s *story, b breakAt) (appends int, fired bool) {
	s.store.(*memory.Store).FailAppend(func(n int) memory.Fault {
		appends = n
		switch {
		case n == b.append:
			fired = true
			return b.fault
		case fired && b.crash:
			return memory.NotWritten
		}
		return memory.None
	})
	crashed := func() bool { return b.crash && fired }
	for i, sc := range scenes() {
		o := engine.Options{Idempotency: fmt.Sprintf("step-%d", i)}
		err := sc.play(s, t.Context(), o)
		if crashed() {
			b.crash = false
			s.store.(*memory.Store).FailAppend(nil)
			s.restart()
			s.hand.pass(lease) // whatever the dead process held
			if err := s.Settle(t.Context()); err != nil {
				t.Fatalf("%s: settling after the restart: %v", sc.name, err)
			}
			err = sc.play(s, t.Context(), o) // nobody was answered
		} else if err != nil {
			err = sc.play(s, t.Context(), o)
		}
		if err != nil {
			t.Fatalf("%s, given again: %v", sc.name, err)
		}
	}
	return appends, fired
}

func TestEveryWriteMayFailAndTheStoryEndsTheSame(t *testing.T) {
	whole := beginStory(t)
	appends, _ := play(t, whole, breakAt{append: -1})
	want := whole.outcome()
	whole.proved()
	if !slices.Contains(want, "v1 discharged acknowledged") || !slices.Contains(want, "w1/mayor/2 acknowledged") || appends < 20 {
		t.Fatalf("the undisturbed story, of %d appends, ends with %v", appends, want)
	}
	table, repeats, by := 0, 0, 1
	if testing.Short() {
		by = 3
	}
	for n := 1; n <= appends; n += by {
		for _, fault := range []memory.Fault{memory.NotWritten, memory.Written} {
			for _, crash := range []bool{false, true} {
				b := breakAt{n, fault, crash}
				s := beginStory(t)
				if _, fired := play(t, s, b); !fired {
					t.Errorf("%s: it never came to that", b)
				}
				if got := s.outcome(); !slices.Equal(got, want) {
					t.Errorf("%s: it ends with\n%v, want\n%v", b, got, want)
				}
				s.proved()
				repeats += s.recognisable(b.String(), crash)
				table++
			}
		}
	}
	if repeats == 0 {
		t.Error("no entry of the table sent a message twice; then nothing shows that a repeat is recorded")
	}
	t.Logf("%d entries over %d appends; %d messages were sent again, each under its own key and on the record", table, appends, repeats)
}

// recognisable demands that every message went out under one key, that each time
// it was handed over had been announced on the record, and, unless the process
// died, that nothing went out more often than in the undisturbed story. It returns
// how many messages were handed over again after they had been taken.
func (s *story) recognisable(when string, crashed bool) (repeats int) {
	started := map[tocsin.DeliveryKey]int{}
	uncertain := map[tocsin.DeliveryKey]int{}
	for _, e := range s.events(s.id) {
		switch e := e.(type) {
		case casefile.DeliveryStarted:
			started[e.Key]++
		case casefile.DeliveryFailed:
			if e.Class == string(deliver.Uncertain) {
				uncertain[e.Key]++
			}
		}
	}
	keys := map[string]tocsin.DeliveryKey{}
	handed := map[tocsin.DeliveryKey]int{}
	for _, x := range append(s.hook.sends(), s.post.sends()...) {
		to := fmt.Sprint(x.recipient, " at ", x.address)
		if k, ok := keys[to]; ok && k != x.key {
			s.t.Errorf("%s: %s got the same warning under two keys", when, to)
		}
		keys[to] = x.key
		handed[x.key]++
	}
	for k, n := range handed {
		if n > started[k] {
			s.t.Errorf("%s: message %s was handed over %d times and announced %d times", when, k, n, started[k])
		}
		if n > started[k]-uncertain[k] {
			repeats += n - (started[k] - uncertain[k])
			if !crashed {
				s.t.Errorf("%s: message %s was handed over again though nobody died", when, k)
			}
		}
	}
	return repeats
}
