package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/deliver"
	"tocsin/ledger"
	"tocsin/paging"
	"tocsin/view"
)

// pageKind is the kind of a page's due work. There is one item for each page whose
// notices go on; its id is the page's stream.
const pageKind = "page"

// onCall watches for what nobody reads. It holds nothing but how far it has looked:
// a restart looks again from the beginning, and finds the pages that there are.
type onCall struct {
	mu       sync.Mutex
	reports  int                      // of Index.Order
	returned int                      // of Index.Returned
	raises   int                      // of Index.Raises
	unread   []tocsin.ReportID        // that may still be unread, the one that waits longest first
	raised   map[view.Raise]time.Time // that may still need a page, by case and role: when the last was
}

// openPages begins the pages that are due now. It is asked whenever the record
// moves and at least once a second, and not by due work, so that a page does not
// rest on whoever took a report in having known that somebody is on call.
func (e *Engine) openPages(ctx context.Context) error {
	if e.cfg.OnCall == nil {
		return nil
	}
	e.watch.mu.Lock()
	defer e.watch.mu.Unlock()
	var wanted []paging.Opened
	now := e.now()
	e.Read(func(x *view.Index) {
		if o, ok := e.watch.unreadPage(x, *e.cfg.OnCall, now); ok {
			wanted = append(wanted, o)
		}
		wanted = append(wanted, e.watch.raisedPages(x, now)...)
	})
	var errs []error
	for _, o := range wanted {
		errs = append(errs, e.openPage(ctx, o))
	}
	return errors.Join(errs...)
}

// unreadPage is the page that the report asks for that has been unread for longest,
// if it has waited for too long. There is one at a time, and its first notice keeps
// the distance of a rung from the last about another report: a flood must not drown
// the supervisor.
func (w *onCall) unreadPage(x *view.Index, plan paging.Plan, now time.Time) (paging.Opened, bool) {
	w.gather(x, now)
	if len(w.unread) == 0 {
		return paging.Opened{}, false
	}
	o := unreadOf(w.unread[0], now)
	o.Since = x.WaitsSince(o.Report, now)
	if now.Sub(o.Since) < plan.Unread {
		return o, false
	}
	if last, ok := x.UnreadPage(); ok {
		again := last.Report == o.Report && !last.Since.Before(o.Since) // there was one about this waiting
		if last.Live() && x.Answered(last.Opened) == "" || again {
			return o, false
		}
		free := last.First // which it kept itself, if it was answered before anything went out
		if n := len(last.Sends); n > 0 {
			free = last.Sends[n-1].First.Add(plan.Next)
		}
		if free.After(now) {
			o.First = free
		}
	}
	return o, true
}

func unreadOf(id tocsin.ReportID, now time.Time) paging.Opened {
	return paging.Opened{Cause: paging.Unread, Report: id, To: paging.Supervisor, At: now, First: now}
}

// gather takes in the reports that have come in, and those that have come back after
// they had been set aside, and leaves out what is answered at the front.
func (w *onCall) gather(x *view.Index, now time.Time) {
	w.unread = append(w.unread, x.Order[w.reports:]...)
	w.reports = len(x.Order)
	back := x.Returned(w.returned)
	w.returned += len(back)
	for _, id := range append(back, x.RetestsDue(now)...) {
		if x.Answered(unreadOf(id, now)) == "" && !slices.Contains(w.unread, id) {
			at, _ := slices.BinarySearchFunc(w.unread, x.WaitsSince(id, now), func(o tocsin.ReportID, since time.Time) int { return x.WaitsSince(o, now).Compare(since) })
			w.unread = slices.Insert(w.unread, at, id)
		}
	}
	for len(w.unread) > 0 && x.Answered(unreadOf(w.unread[0], now)) != "" {
		w.unread = w.unread[1:]
	}
}

// raisedPages are those that raised clocks ask for: one at a time for each case and
// role. One that was acknowledged stays quiet until a clock is raised again.
func (w *onCall) raisedPages(x *view.Index, now time.Time) []paging.Opened {
	if w.raised == nil {
		w.raised = map[view.Raise]time.Time{}
	}
	fresh := x.Raises(w.raises)
	w.raises += len(fresh)
	for _, r := range fresh {
		w.raised[view.Raise{Case: r.Case, Role: r.Role}] = r.At
	}
	var out []paging.Opened
	for r, at := range w.raised {
		o := paging.Opened{Cause: paging.Raised, Case: r.Case, To: paging.Ladder(r.Role), Since: at, First: now, At: now}
		before := x.PagesAbout(o)
		quiet := true
		if n := len(before); n > 0 {
			last := before[n-1]
			quiet = !last.Live() && last.Quiet().Before(at)
		}
		if !quiet || x.Answered(o) != "" {
			delete(w.raised, r)
			continue
		}
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b paging.Opened) int { return a.Since.Compare(b.Since) })
	return out
}

// openPage begins a page. Two processes that both see that it is due begin one.
func (e *Engine) openPage(ctx context.Context, o paging.Opened) error {
	key := ""
	e.Read(func(x *view.Index) {
		key = fmt.Sprintf("page/%s/%s%s/%s/%d", o.Cause, o.Report, o.Case, o.To, len(x.PagesAbout(o)))
	})
	stream := paging.Prefix + e.cfg.IDs.New("page", "")
	r, err := e.pageRecord(paging.OpenedKind, o, e.machine(), o.At)
	if err != nil {
		return err
	}
	err = e.append(ctx, ledger.Batch{Stream: stream, Records: []ledger.Record{r}, Keys: []string{key}, Due: []ledger.Due{{ID: stream, Kind: pageKind, Case: stream, At: o.First}}})
	var held *ledger.HeldError
	if errors.As(err, &held) {
		return e.Follow(ctx)
	}
	return err
}

func (e *Engine) pageRecord(kind string, data any, by tocsin.Actor, at time.Time) (ledger.Record, error) {
	return e.record(kind, data, casefile.Meta{At: at, By: by, Command: e.cfg.IDs.New("command", "")}, "")
}

// page returns a page with the version of its stream.
func (e *Engine) page(id paging.ID) (p paging.Page, version int, ok bool, why string) {
	e.Read(func(x *view.Index) {
		p, ok = x.Page(id)
		version, why = x.Version(paging.Prefix+string(id)), x.Answered(p.Opened)
	})
	return p, version, ok, why
}

// workPage does what is due about a page: it ends it, sends the next notice, or
// waits. Intent is recorded before the notice leaves, and the outcome after; what
// gets in first, such as an acknowledgement, makes the intent conflict, and nothing
// is sent.
func (e *Engine) workPage(ctx context.Context, it ledger.Due) error {
	id, _ := cutPrefix(it.ID, paging.Prefix)
	for range tries {
		p, version, ok, why := e.page(paging.ID(id))
		now := e.now()
		if e.cfg.OnCall == nil {
			why = "not_configured"
		}
		b := ledger.Batch{Stream: it.ID, After: version}
		var send paging.Send
		var err error
		switch {
		case !ok, !p.Live():
			b.Settled = []string{it.ID}
		case why != "":
			b.Settled = []string{it.ID}
			err = e.add(&b, paging.EndedKind, paging.Ended{Why: why, At: now}, now)
		default:
			var at time.Time
			if send, at = p.Next(*e.cfg.OnCall, now); at.After(now) {
				return e.cfg.Store.Work().Release(ctx, e.cfg.Worker, at, it.ID)
			}
			err = e.intend(&b, p, &send, now)
		}
		if err == nil {
			err = e.append(ctx, b)
		}
		switch {
		case errors.Is(err, ledger.ErrConflict):
			if err := e.Follow(ctx); err != nil {
				return err
			}
			continue
		case err != nil || send.Key == "":
			return err
		}
		return e.callOut(ctx, p, send)
	}
	return fmt.Errorf("page %s: it is being changed too often", id)
}

func (e *Engine) add(b *ledger.Batch, kind string, data any, at time.Time) error {
	r, err := e.pageRecord(kind, data, e.machine(), at)
	b.Records = append(b.Records, r)
	return err
}

// intend adds the intent to send a notice, due again when its lease ends. A start
// before it whose outcome nobody recorded is given up as uncertain.
func (e *Engine) intend(b *ledger.Batch, p paging.Page, send *paging.Send, now time.Time) error {
	if n := len(p.Sends); n > 0 && p.Sends[n-1].State == paging.Sending {
		last := p.Sends[n-1]
		if err := e.add(b, paging.FailedKind, paging.Failed{Key: last.Key, Attempt: last.Attempt, Class: deliver.Uncertain, Detail: "its sender never said what happened", At: now}, now); err != nil {
			return err
		}
	}
	send.Lease = now.Add(e.cfg.Lease)
	b.Due = []ledger.Due{{ID: b.Stream, Kind: pageKind, Case: b.Stream, At: send.Lease}}
	return e.add(b, paging.StartedKind, paging.Started{Send: *send, Worker: e.cfg.Worker, At: now}, now)
}

// again is how long after a notice that did not go it is tried again, if the far
// side asks for nothing else.
const again = time.Minute

// callOut hands a notice over and records what came of it.
func (e *Engine) callOut(ctx context.Context, p paging.Page, send paging.Send) error {
	receipt, err := e.notify(ctx, p, send)
	now := e.now()
	kind, outcome := paging.HandedKind, any(paging.Handed{Key: send.Key, Attempt: send.Attempt, Receipt: receipt})
	if err != nil {
		f := deliver.AsFailure(err)
		kind, outcome = paging.FailedKind, paging.Failed{Key: send.Key, Attempt: send.Attempt, Class: f.Class, Detail: f.Detail, Retry: now.Add(max(f.RetryAfter, again)), At: now}
	}
	ctx = context.WithoutCancel(ctx)
	for range tries {
		p, version, _, _ := e.page(p.ID)
		b := ledger.Batch{Stream: paging.Prefix + string(p.ID), After: version}
		if err = e.add(&b, kind, outcome, now); err != nil {
			return err
		}
		if p.Live() {
			_, at := p.Apply(outcome).Next(*e.cfg.OnCall, now)
			b.Due = []ledger.Due{{ID: b.Stream, Kind: pageKind, Case: b.Stream, At: at}}
		}
		if err = e.append(ctx, b); !errors.Is(err, ledger.ErrConflict) {
			return err // if it could not be recorded, it is repeated under the same key when its lease ends
		}
		if err := e.Follow(ctx); err != nil {
			return err
		}
	}
	return err
}

func (e *Engine) notify(ctx context.Context, p paging.Page, send paging.Send) (r tocsin.Receipt, err error) {
	n, err := p.Notice(send)
	if err != nil {
		return r, &deliver.Failure{Class: deliver.Permanent, Detail: err.Error(), Cause: err}
	}
	ctx, cancel := context.WithTimeout(ctx, e.cfg.Lease*3/4) // before anybody else starts
	defer cancel()
	defer func() {
		if broke := recover(); broke != nil {
			e.cfg.Log.Error("a channel broke", "channel", send.Rung.Channel, "panic", fmt.Sprintf("%T", broke))
			err = &deliver.Failure{Class: deliver.Uncertain, Detail: "the channel " + send.Rung.Channel + " broke while it was sending; have the administrator look at it"}
		}
	}()
	r, err = e.cfg.Pagers.Page(ctx, send.Rung, n)
	r.At = e.now()
	return r, err
}

// AcknowledgePage records that by has taken on what they or those on call with them
// were paged about. Its notices stop until a clock of the case is raised again. A
// page about an unread report is not acknowledged: reading the report ends it.
func (e *Engine) AcknowledgePage(ctx context.Context, by tocsin.Actor, id paging.ID) (paging.Page, error) {
	for range tries {
		p, err := e.PageAs(by, id)
		if err != nil || !p.Live() {
			return p, err
		}
		if err := mayAcknowledge(by, p); err != nil {
			return p, err
		}
		_, version, _, _ := e.page(id)
		now := e.now()
		r, err := e.pageRecord(paging.AcknowledgedKind, paging.Acknowledged{By: by.ID, At: now}, by, now)
		if err != nil {
			return p, err
		}
		stream := paging.Prefix + string(id)
		err = e.append(ctx, ledger.Batch{Stream: stream, After: version, Records: []ledger.Record{r}, Settled: []string{stream}})
		switch {
		case err == nil:
			return e.PageAs(by, id)
		case !errors.Is(err, ledger.ErrConflict):
			return p, unavailable(err)
		}
		if err := e.Follow(ctx); err != nil {
			return p, err
		}
	}
	return paging.Page{}, tocsin.Fault(tocsin.Unavailable, "busy", "The page is being changed too often just now.", "Try again.").Keeping("Nothing was recorded.")
}

// MayAcknowledge reports whether by could acknowledge a page as it stands.
func MayAcknowledge(by tocsin.Actor, p paging.Page) bool {
	return p.Live() && mayAcknowledge(by, p) == nil
}

func mayAcknowledge(by tocsin.Actor, p paging.Page) error {
	const kept = "Nothing was recorded; the page goes on."
	switch {
	case p.Cause == paging.Unread:
		return tocsin.Fault(tocsin.Refused, "read_it", "A page about an unread report is not acknowledged.", "Read the report: that ends the page.").Keeping(kept)
	case by.Has(tocsin.Inspector), !by.Has(tocsin.SeniorOfficer) && (p.To != paging.Duty || !by.Has(tocsin.DutyOfficer)):
		return tocsin.Fault(tocsin.Forbidden, "not_paged", "The clock was raised to others than you.", "Call them.").Keeping(kept)
	}
	return nil
}

// PageAs returns a page that by may know of. The error for one about a case that is
// sealed from them is that for one that never was.
func (e *Engine) PageAs(by tocsin.Actor, id paging.ID) (paging.Page, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	p, ok := e.index.Page(id)
	if !ok || e.index.Hides(by)(paging.Prefix+string(id)) {
		return paging.Page{}, tocsin.Faultf(tocsin.NotFound, "page", "Look at the list of pages.", "There is no page %q that you may see.", id)
	}
	return p, nil
}
