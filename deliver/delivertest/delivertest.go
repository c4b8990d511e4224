// Package delivertest is the suite that every deliver.Channel passes.
//
// A channel's test gives Run a Harness, which starts a receiver with a given
// Behaviour and says what arrived there. The suite sends real messages to it
// and holds the channel to the contract: the exact words, the key, the class of
// every failure, the end of a context, many at once, and no words or
// credentials in what an officer is told.
package delivertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin"
	"tocsin/deliver"
	"tocsin/release"
)

// Behaviour is how a receiver treats what it gets.
type Behaviour string

// The behaviours. "Reached" and "Continue" are fields of Far.
const (
	Accept        Behaviour = "accepts"
	AcceptAndDrop Behaviour = "accepts, then drops the connection without an answer" // the first time; from then on Accept
	RefuseForEver Behaviour = "refuses for ever"
	RefuseForNow  Behaviour = "refuses for now" // the first time, asking for a wait of 300 s; from then on Accept
	RefuseEchoing Behaviour = "refuses, repeating subject, body and credentials"
	HangBefore    Behaviour = "hangs before it could have the message"  // signals Reached
	HangAfter     Behaviour = "hangs after it has the message"          // keeps it, then signals Reached
	ResetBefore   Behaviour = "resets before it could have the message" // the first time; from then on Accept
	ResetMidway   Behaviour = "resets while the message comes in"       // keeps nothing; the first time; from then on Accept
	Slow          Behaviour = "is slow"                                 // signals Reached, waits for Continue, then Accept
	Absent        Behaviour = "is not there"                            // nothing listens
)

// Behaviours lists every behaviour.
func Behaviours() []Behaviour {
	return []Behaviour{Accept, AcceptAndDrop, RefuseForEver, RefuseForNow, RefuseEchoing, HangBefore, HangAfter, ResetBefore, ResetMidway, Slow, Absent}
}

// Setup is what a Harness is asked to start.
type Setup struct {
	Behaviour Behaviour
	// Patience is the time that the channel is to wait where the receiver hangs.
	// Where it does not hang the channel gets ample time, so that a busy machine
	// does not fail the suite.
	Patience time.Duration
}

// Far is a receiver, and the channel that leads to it. The harness ends both
// with the test.
type Far struct {
	Channel  deliver.Channel
	Address  string           // for the rung
	Arrived  func() []Arrival // what the receiver kept, in order
	Reached  <-chan struct{}  // one value for each message at which it hangs or waits
	Continue func()           // lets a Slow receiver go on, once and for all
}

// Arrival is one message as the receiver has it after decoding.
type Arrival struct {
	Key     tocsin.DeliveryKey
	Subject string
	Body    string
	Payload []byte // as it came: the same for a repeat, to the byte
}

// Harness connects the suite with one channel.
type Harness struct {
	Name    string   // of the channel
	State   string   // of a receipt when the receiver accepts
	Secrets []string // that may appear in no error
	// Remote reports whether a receiver exists. Without one (a task for a person)
	// Start is called with Accept only, and Arrived, Reached and Continue are nil.
	Remote bool
	Start  func(tb testing.TB, s Setup) Far
	// Limit ends a test whose channel does not end; 30 s if 0. A channel that
	// passes never waits for it.
	Limit time.Duration
}

// Run holds the channel to the contract.
func Run(t *testing.T, h Harness) {
	if h.Limit == 0 {
		h.Limit = 30 * time.Second
	}
	t.Run("what the guard did not clear is refused", h.refusesUncleared)
	t.Run("a message for another channel is refused", h.refusesForeign)
	t.Run("the receipt is for the cleared words", h.receipts)
	t.Run("a call that is already off sends nothing", h.calledOffBefore)
	t.Run("many at once", h.manyAtOnce)
	if !h.Remote {
		return
	}
	t.Run("the words arrive to the byte", h.wordsArrive)
	t.Run("a repeat is recognised", h.repeats)
	for _, c := range failures() {
		t.Run("a receiver that "+string(c.behaviour), func(t *testing.T) { h.fails(t, c) })
	}
	t.Run("a slow receiver is waited for", h.waits)
	for _, b := range []Behaviour{HangBefore, HangAfter} {
		t.Run("calling off while the receiver "+string(b), func(t *testing.T) { h.calledOffDuring(t, b) })
	}
}

func (h Harness) start(t *testing.T, b Behaviour) Far {
	t.Helper()
	f := h.Start(t, Setup{Behaviour: b, Patience: h.Limit})
	if got := f.Channel.Name(); got != h.Name {
		t.Fatalf("the channel calls itself %q, want %q", got, h.Name)
	}
	return f
}

func (h Harness) message(t *testing.T, f Far, l Letter) release.Message {
	t.Helper()
	l.Channel, l.Address = h.Name, f.Address
	return Message(t, l)
}

func (h Harness) refusesUncleared(t *testing.T) {
	f := h.start(t, Accept)
	_, err := f.Channel.Send(t.Context(), release.Message{})
	h.wantFailure(t, err, deliver.Permanent)
	if !errors.Is(err, tocsin.Refused) {
		t.Errorf("error %v is not of kind refused", err)
	}
	h.wantArrivals(t, f, 0)
}

func (h Harness) refusesForeign(t *testing.T) {
	f := h.start(t, Accept)
	_, err := f.Channel.Send(t.Context(), Message(t, Letter{Channel: h.Name + "-other", Address: f.Address}))
	h.wantFailure(t, err, deliver.Permanent)
	h.wantArrivals(t, f, 0)
}

func (h Harness) receipts(t *testing.T) {
	f := h.start(t, Accept)
	m := h.message(t, f, Letter{})
	r, err := f.Channel.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	h.wantReceipt(t, r, m)
}

func (h Harness) calledOffBefore(t *testing.T) {
	f := h.start(t, Accept)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.Channel.Send(ctx, h.message(t, f, Letter{}))
	h.wantFailure(t, err, deliver.Temporary)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v does not say that the context ended", err)
	}
	h.wantArrivals(t, f, 0)
}

func (h Harness) manyAtOnce(t *testing.T) {
	const many = 40
	f := h.start(t, Accept)
	texts := Texts()
	want := map[tocsin.DeliveryKey]tocsin.Text{}
	var wg sync.WaitGroup
	for i := range many {
		l := Letter{Key: tocsin.DeliveryKey(fmt.Sprintf("w-1.v1.r-%d.0", i)), Text: texts[i%len(texts)].Text}
		want[l.Key] = l.Text
		m := h.message(t, f, l)
		wg.Go(func() {
			r, err := f.Channel.Send(t.Context(), m)
			if err != nil {
				t.Errorf("%s: %v", m.Key(), err)
				return
			}
			h.wantReceipt(t, r, m)
		})
	}
	wg.Wait()
	if !h.Remote {
		return
	}
	for _, a := range h.wantArrivals(t, f, many) {
		if w := want[a.Key]; w.Subject != a.Subject || w.Body != a.Body {
			t.Errorf("under key %s arrived %q, %q; sent was %q, %q", a.Key, a.Subject, a.Body, w.Subject, w.Body)
		}
		delete(want, a.Key)
	}
	if len(want) > 0 {
		t.Errorf("%d messages did not arrive under their own keys", len(want))
	}
}

func (h Harness) wordsArrive(t *testing.T) {
	f := h.start(t, Accept)
	texts := Texts()
	for i, x := range texts {
		t.Run(x.Name, func(t *testing.T) {
			m := h.message(t, f, Letter{Key: tocsin.DeliveryKey(fmt.Sprintf("w-%d", i)), Text: x.Text})
			r, err := f.Channel.Send(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			h.wantReceipt(t, r, m)
			arrived := f.Arrived()
			a := arrived[len(arrived)-1]
			if a.Key != m.Key() || a.Subject != x.Text.Subject || a.Body != x.Text.Body {
				t.Errorf("arrived %q: %q, %q\nsent    %q: %q, %q", a.Key, a.Subject, a.Body, m.Key(), x.Text.Subject, x.Text.Body)
			}
		})
	}
	h.wantArrivals(t, f, len(texts))
}

func (h Harness) repeats(t *testing.T) {
	f := h.start(t, Accept)
	m := h.message(t, f, Letter{})
	for range 2 {
		if _, err := f.Channel.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	h.wantSame(t, h.wantArrivals(t, f, 2), m)
}

// failure is what the contract says about one behaviour.
type failure struct {
	behaviour Behaviour
	classes   []deliver.Class // more than one where the channel cannot always know; the record must then agree with the receiver
	arrivals  int             // after the first attempt
	again     bool            // the second attempt is taken
	wait      time.Duration   // RetryAfter
}

func failures() []failure {
	return []failure{
		{behaviour: AcceptAndDrop, classes: []deliver.Class{deliver.Uncertain}, arrivals: 1, again: true},
		{behaviour: RefuseForEver, classes: []deliver.Class{deliver.Permanent}},
		{behaviour: RefuseForNow, classes: []deliver.Class{deliver.Temporary}, again: true, wait: 300 * time.Second},
		{behaviour: RefuseEchoing, classes: []deliver.Class{deliver.Permanent}},
		{behaviour: HangBefore, classes: []deliver.Class{deliver.Temporary}},
		{behaviour: HangAfter, classes: []deliver.Class{deliver.Uncertain}, arrivals: 1},
		{behaviour: ResetBefore, classes: []deliver.Class{deliver.Temporary}, again: true},
		{behaviour: ResetMidway, classes: []deliver.Class{deliver.Temporary, deliver.Uncertain}, again: true},
		{behaviour: Absent, classes: []deliver.Class{deliver.Temporary}},
	}
}

func (h Harness) fails(t *testing.T, c failure) {
	patience := 150 * time.Millisecond
	if c.behaviour == HangAfter {
		patience = 500 * time.Millisecond // the message must get there within it
	}
	f := h.Start(t, Setup{Behaviour: c.behaviour, Patience: patience})
	m := h.message(t, f, Letter{})
	r, err := f.Channel.Send(t.Context(), m)
	if r != (tocsin.Receipt{}) {
		t.Errorf("a failed attempt has the receipt %+v", r)
	}
	got := h.wantFailure(t, err, c.classes...)
	if got.RetryAfter != c.wait {
		t.Errorf("retry after %v, want %v", got.RetryAfter, c.wait)
	}
	if c.behaviour == HangAfter {
		h.reached(t, f) // on a busy machine the channel can lose patience before the receiver has looked
	}
	h.wantArrivals(t, f, c.arrivals)
	if !c.again {
		return
	}
	if _, err := f.Channel.Send(t.Context(), m); err != nil {
		t.Fatalf("the second attempt: %v", err)
	}
	h.wantSame(t, h.wantArrivals(t, f, c.arrivals+1), m)
}

func (h Harness) waits(t *testing.T) {
	f := h.start(t, Slow)
	m := h.message(t, f, Letter{})
	end := h.send(t.Context(), f, m)
	h.reached(t, f)
	select {
	case o := <-end:
		t.Fatalf("the attempt ended before the receiver answered: %+v, %v", o.receipt, o.err)
	default:
	}
	f.Continue()
	o := h.ended(t, end)
	if o.err != nil {
		t.Fatal(o.err)
	}
	h.wantReceipt(t, o.receipt, m)
	h.wantArrivals(t, f, 1)
}

func (h Harness) calledOffDuring(t *testing.T, b Behaviour) {
	f := h.start(t, b)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	end := h.send(ctx, f, h.message(t, f, Letter{}))
	h.reached(t, f)
	cancel()
	o := h.ended(t, end)
	class := deliver.Temporary
	if b == HangAfter {
		class = deliver.Uncertain
	}
	h.wantFailure(t, o.err, class)
	if !errors.Is(o.err, context.Canceled) {
		t.Errorf("error %v does not say that the context ended", o.err)
	}
}

type outcome struct {
	receipt tocsin.Receipt
	err     error
}

func (h Harness) send(ctx context.Context, f Far, m release.Message) <-chan outcome {
	end := make(chan outcome, 1)
	go func() {
		r, err := f.Channel.Send(ctx, m)
		end <- outcome{r, err}
	}()
	return end
}

func (h Harness) reached(t *testing.T, f Far) {
	t.Helper()
	select {
	case <-f.Reached:
	case <-time.After(h.Limit):
		t.Fatal("the receiver was not reached")
	}
}

// ended waits for an attempt. The limit is below the channel's own, so a
// channel that sits out its time instead of ending with the context fails.
func (h Harness) ended(t *testing.T, end <-chan outcome) outcome {
	t.Helper()
	select {
	case o := <-end:
		return o
	case <-time.After(h.Limit / 2):
		t.Fatal("the attempt did not end")
		panic("unreachable")
	}
}

func (h Harness) wantReceipt(t *testing.T, r tocsin.Receipt, m release.Message) {
	t.Helper()
	if r.State != h.State || r.Channel != h.Name || r.Body != m.Body() {
		t.Errorf("receipt %+v, want state %s, channel %s, body %s", r, h.State, h.Name, m.Body())
	}
	if r.At.IsZero() || r.At != tocsin.Instant(r.At) {
		t.Errorf("the receipt's time %v is not an instant as Tocsin keeps them", r.At)
	}
	h.wantDiscreet(t, r.Detail+" "+r.Remote)
}

func (h Harness) wantFailure(t *testing.T, err error, classes ...deliver.Class) *deliver.Failure {
	t.Helper()
	f, ok := err.(*deliver.Failure)
	if !ok || f == nil {
		t.Fatalf("error %T %v is not a *deliver.Failure", err, err)
	}
	found := false
	for _, c := range classes {
		found = found || f.Class == c
	}
	if !found {
		t.Errorf("class %s, want %v (%s)", f.Class, classes, f.Detail)
	}
	if strings.TrimSpace(f.Detail) == "" {
		t.Error("the failure has no detail for the officer")
	}
	for e := error(f); e != nil; e = errors.Unwrap(e) {
		h.wantDiscreet(t, e.Error())
	}
	return f
}

// wantDiscreet holds what is shown and logged against the words of the message
// and the credentials. Short words would be found by chance.
func (h Harness) wantDiscreet(t *testing.T, said string) {
	t.Helper()
	for _, s := range h.Secrets {
		if strings.Contains(said, s) {
			t.Errorf("%q holds a credential", said)
		}
	}
	for _, w := range strings.FieldsFunc(Words.Subject+" "+Words.Body, func(r rune) bool { return strings.ContainsRune(" .,;\n", r) }) {
		if len(w) > 3 && strings.Contains(strings.ToLower(said), strings.ToLower(w)) {
			t.Errorf("%q holds %q, a word of the warning", said, w)
		}
	}
}

func (h Harness) wantArrivals(t *testing.T, f Far, n int) []Arrival {
	t.Helper()
	if f.Arrived == nil {
		return nil
	}
	got := f.Arrived()
	if len(got) != n {
		t.Errorf("%d messages arrived, want %d", len(got), n)
	}
	return got
}

func (h Harness) wantSame(t *testing.T, all []Arrival, m release.Message) {
	t.Helper()
	for _, a := range all {
		if a.Key != m.Key() || string(a.Payload) != string(all[0].Payload) {
			t.Errorf("a repeat arrived under %q as\n%s\nand the first under %q as\n%s", a.Key, a.Payload, all[0].Key, all[0].Payload)
		}
	}
}
